//! Positional reads: for network and FUSE file systems, and wherever a map is not wanted.

use std::fs::File;

use crate::source::Source;
use crate::{Error, Result};

/// A file read with positional reads. Several threads may read at once; no file position is shared.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    length: u64,
}

impl FileSource {
    /// Takes an open file. Its length is fixed from here on; a file that grows later is read up to it.
    ///
    /// # Errors
    /// `Io` if the length cannot be told.
    pub fn new(file: File) -> Result<Self> {
        let length = file.metadata()?.len();
        Ok(Self { file, length })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.length
    }

    #[cfg(unix)]
    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        use std::os::unix::fs::FileExt;
        self.file.read_exact_at(buffer, offset).map_err(|error| Error::io(error).at(offset))
    }

    #[cfg(windows)]
    fn read_exact_at(&self, mut offset: u64, mut buffer: &mut [u8]) -> Result<()> {
        use std::io::ErrorKind;
        use std::os::windows::fs::FileExt;
        while !buffer.is_empty() {
            match self.file.seek_read(buffer, offset) {
                Ok(0) => return Err(Error::io(ErrorKind::UnexpectedEof.into()).at(offset)),
                Ok(count) => {
                    buffer = buffer.get_mut(count..).unwrap_or_default();
                    offset = offset.saturating_add(u64::try_from(count).unwrap_or(0));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::io(error).at(offset)),
            }
        }
        Ok(())
    }
}
