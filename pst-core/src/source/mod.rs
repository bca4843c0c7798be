//! Where the bytes come from.
//!
//! A [`Source`] is a slice when it has one (a mapped file, a buffer) and positional reads when it has not. All unsafe code
//! of the crate is in `mmap.rs`, which makes the slice of a mapped file.

mod file;
mod memory;
#[cfg(feature = "mmap")]
mod mmap;

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

pub use file::FileSource;
pub use memory::MemorySource;
#[cfg(feature = "mmap")]
pub use mmap::MappedFile;

use crate::Result;

/// Random access to the bytes of a PST.
///
/// Implement it to read from somewhere of your own; [`Pst::from_source`](crate::Pst::from_source) takes it. The bytes must
/// not change while they are read: if they do, results are wrong or errors, never undefined.
pub trait Source: Send + Sync {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True if there are no bytes at all.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All bytes at once, if they are in memory anyway. Blocks are then lent instead of read.
    fn as_slice(&self) -> Option<&[u8]> {
        None
    }

    /// `length` bytes at `offset`, if they are in memory anyway. Sources that are put together of several parts lend what
    /// lies in one of them.
    fn lend(&self, offset: u64, length: usize) -> Option<&[u8]> {
        crate::bytes::slice(self.as_slice()?, usize::try_from(offset).ok()?, length)
    }

    /// Fills `buffer` from `offset`.
    ///
    /// # Errors
    /// `Io` if it cannot be filled whole.
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()>;
}

/// Bytes of a value: lent from the file or an open handle, or shared with a cache.
///
/// Derefs to `&[u8]`.
#[derive(Clone)]
pub struct Bytes<'a>(Repr<'a>);

#[derive(Clone)]
enum Repr<'a> {
    Lent(&'a [u8]),
    Shared { buffer: Arc<Vec<u8>>, range: Range<usize> },
}

impl<'a> Bytes<'a> {
    /// Bytes that live elsewhere.
    #[inline]
    pub(crate) const fn lent(bytes: &'a [u8]) -> Self {
        Self(Repr::Lent(bytes))
    }

    /// Bytes of their own.
    pub(crate) fn owned(bytes: Vec<u8>) -> Self {
        Self::shared(Arc::new(bytes))
    }

    /// Bytes kept alive together with whoever else holds the buffer.
    pub(crate) fn shared(buffer: Arc<Vec<u8>>) -> Self {
        let range = 0..buffer.len();
        Self(Repr::Shared { buffer, range })
    }

    /// No bytes.
    pub(crate) const fn empty() -> Self {
        Self::lent(&[])
    }

    /// A part of these bytes without a copy; `None` if it is not inside.
    pub(crate) fn part(&self, part: Range<usize>) -> Option<Self> {
        match &self.0 {
            Repr::Lent(bytes) => bytes.get(part).map(Self::lent),
            Repr::Shared { buffer, range } => {
                let start = range.start.checked_add(part.start)?;
                let end = range.start.checked_add(part.end)?;
                (start <= end && end <= range.end)
                    .then(|| Self(Repr::Shared { buffer: Arc::clone(buffer), range: start..end }))
            }
        }
    }

    /// The bytes, lent as long as their handle lives if they are not shared with a cache.
    pub fn as_lent(&self) -> Option<&'a [u8]> {
        match self.0 {
            Repr::Lent(bytes) => Some(bytes),
            Repr::Shared { .. } => None,
        }
    }
}

impl Deref for Bytes<'_> {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Lent(bytes) => bytes,
            Repr::Shared { buffer, range } => buffer.get(range.clone()).unwrap_or_default(),
        }
    }
}

impl AsRef<[u8]> for Bytes<'_> {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl fmt::Debug for Bytes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bytes({} bytes)", self.len())
    }
}

impl PartialEq for Bytes<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Bytes<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_inside() {
        for bytes in [Bytes::lent(b"abcdef"), Bytes::owned(b"abcdef".to_vec())] {
            let part = bytes.part(1..5).unwrap();
            assert_eq!(&*part, b"bcde");
            assert_eq!(&*part.part(1..3).unwrap(), b"cd");
            assert_eq!(part.part(1..5), None);
            assert_eq!(bytes.part(6..7), None);
        }
    }
}
