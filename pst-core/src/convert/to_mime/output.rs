//! Where the mail goes: counted, bounded, and with failures of its own told apart from those of what is read.

use std::io::{self, Write};

use crate::{Error, Result};

const BUFFER: usize = 64 << 10;
/// Bytes that are handed on as they come: copying them costs more than a call.
const LARGE: usize = 8 << 10;

/// The end of the way: a writer behind a buffer.
///
/// A part is copied from a value that may fail to be read into a file that may fail to be written. Both arrive as one error;
/// [`failure`](Self::failure) says which it was.
pub(super) struct Output<'a> {
    inner: &'a mut dyn Write,
    buffer: Vec<u8>,
    size: u64,
    limit: u64,
    failure: Option<Error>,
}

impl<'a> Output<'a> {
    pub(super) fn new(inner: &'a mut dyn Write, limit: u64) -> Self {
        Self { inner, buffer: Vec::with_capacity(BUFFER), size: 0, limit, failure: None }
    }

    /// Bytes written so far.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Why nothing more can be written; taken out.
    pub(super) fn failure(&mut self) -> Option<Error> {
        self.failure.take()
    }

    /// Writes all of it.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Result<()> {
        match self.write_all(bytes) {
            Ok(()) => Ok(()),
            Err(error) => Err(self.failure().unwrap_or_else(|| Error::io(error))),
        }
    }

    /// Hands on what is in the buffer.
    pub(super) fn finish(&mut self) -> Result<()> {
        self.empty().and_then(|()| self.inner.flush()).map_err(Error::io)
    }

    fn empty(&mut self) -> io::Result<()> {
        let written = self.inner.write_all(&self.buffer);
        self.buffer.clear();
        written
    }

    fn fail(&mut self, failure: Error) -> io::Error {
        self.failure = Some(failure);
        io::Error::other("the mail cannot be written")
    }
}

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the mail cannot be written"));
        }
        let size = self.size.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > self.limit {
            return Err(self.fail(Error::limit("mail", "size", size, self.limit)));
        }
        let is_large = bytes.len() >= LARGE;
        if (is_large || self.buffer.len().saturating_add(bytes.len()) > BUFFER)
            && let Err(error) = self.empty()
        {
            return Err(self.fail(Error::io(error)));
        }
        if is_large {
            if let Err(error) = self.inner.write_all(bytes) {
                return Err(self.fail(Error::io(error)));
            }
        } else {
            self.buffer.extend_from_slice(bytes);
        }
        self.size = size;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn keeps_order_counts_and_stops_at_its_limit() {
        let mut written = Vec::new();
        let mut out = Output::new(&mut written, 200_000);
        let large = vec![b'x'; 150_000];
        out.put(b"head").unwrap();
        out.put(&large).unwrap();
        out.put(b"tail").unwrap();
        assert_eq!(out.size(), 150_008);
        assert_eq!(out.put(&large).unwrap_err().kind(), ErrorKind::Limit);
        out.finish().unwrap();
        assert_eq!(written, [b"head", large.as_slice(), b"tail"].concat());
    }

    #[test]
    fn a_full_disk_is_a_failure_of_the_output() {
        let mut full = Full(100_000);
        let mut out = Output::new(&mut full, u64::MAX);
        let error = (0..).find_map(|_| out.write_all(&[0; 1000]).err()).unwrap();
        assert_eq!(error.to_string(), "the mail cannot be written");
        assert_eq!(out.failure().unwrap().kind(), ErrorKind::Io);
    }
}
