//! A PST that is in memory.

use std::io;

use crate::source::Source;
use crate::{Error, Result};

/// A buffer as a [`Source`].
#[derive(Debug)]
pub struct MemorySource<B>(B);

impl<B: AsRef<[u8]> + Send + Sync> MemorySource<B> {
    /// Takes a `Vec<u8>`, an `Arc<[u8]>`, a `&'static [u8]` or anything else that is bytes.
    pub const fn new(buffer: B) -> Self {
        Self(buffer)
    }
}

impl<B: AsRef<[u8]> + Send + Sync> Source for MemorySource<B> {
    fn len(&self) -> u64 {
        u64::try_from(self.0.as_ref().len()).unwrap_or(u64::MAX)
    }

    fn as_slice(&self) -> Option<&[u8]> {
        Some(self.0.as_ref())
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|offset| crate::bytes::slice(self.0.as_ref(), offset, buffer.len()))
            .ok_or_else(|| Error::io(io::ErrorKind::UnexpectedEof.into()).at(offset))?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}
