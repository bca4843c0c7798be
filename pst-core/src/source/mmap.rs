//! A file mapped into memory: the one file of the crate with unsafe code.

#![allow(unsafe_code)]

use std::fs::File;
use std::io;

use memmap2::Mmap;

use crate::source::Source;
use crate::{Error, Result};

/// A local file mapped read-only.
///
/// **If another program cuts the file short while it is mapped, reading the lost pages ends this process with SIGBUS**
/// (on Windows the system refuses to cut a mapped file). If another program writes to it, wrong values or errors come out.
/// Where files may change under a reader, use [`Mapping::Never`](crate::Mapping::Never).
#[derive(Debug)]
pub struct MappedFile {
    map: Mmap,
}

impl MappedFile {
    /// Maps `file` whole. No byte is read yet.
    ///
    /// # Errors
    /// `Io` if the system refuses, as it does for an empty file, a pipe or some network file systems.
    pub fn new(file: &File) -> Result<Self> {
        // SAFETY: the map is private to this struct and read-only, and it is only ever handed out as `&[u8]` bounded by
        // this struct's life. What Rust cannot rule out is another process changing or cutting the file; that contract is
        // stated on this type and on `Pst::open`. No value read from the map is trusted: each is checked when used, and
        // none is used to index without a bounds check, so a byte that changes between two reads is harmless.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self { map })
    }
}

impl Source for MappedFile {
    fn len(&self) -> u64 {
        u64::try_from(self.map.len()).unwrap_or(u64::MAX)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(&self.map)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|offset| crate::bytes::slice(&self.map, offset, buffer.len()))
            .ok_or_else(|| Error::io(io::ErrorKind::UnexpectedEof.into()).at(offset))?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}
