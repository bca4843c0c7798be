//! Bytes that have to be made before they can be read: in memory while they are few, in a temporary file beyond.

use std::fs::File;
use std::io::{self, Write};
use std::ops::Range;

use pst_core::source::{MappedFile, MemorySource, Source};
use pst_core::{Error, Result};

/// Takes bytes and gives them back as a source. The temporary file has no name, and is gone with the source.
pub(super) struct Spill {
    memory: Vec<u8>,
    limit: usize,
    file: Option<File>,
}

impl Spill {
    /// Holds up to `limit` bytes in memory.
    pub(super) fn new(limit: u64) -> Self {
        Self { memory: Vec::new(), limit: usize::try_from(limit).unwrap_or(usize::MAX), file: None }
    }

    /// The bytes.
    pub(super) fn finish(mut self) -> Result<Box<dyn Source>> {
        match self.file {
            None => Ok(Box::new(MemorySource::new(self.memory))),
            Some(ref mut file) => {
                file.write_all(&self.memory)?;
                // Nobody else has the file, so that nobody can cut it.
                Ok(Box::new(MappedFile::new(file)?))
            }
        }
    }
}

impl Write for Spill {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.memory.len().saturating_add(bytes.len()) > self.limit {
            let file = match &mut self.file {
                Some(file) => file,
                none => none.insert(tempfile::tempfile()?),
            };
            file.write_all(&self.memory)?;
            self.memory.clear();
            if bytes.len() >= self.limit {
                file.write_all(bytes)?;
                return Ok(bytes.len());
            }
        }
        self.memory.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of a source, lent or copied.
pub(super) enum Part<'s> {
    Lent(&'s [u8]),
    Copied(Box<dyn Source>),
}

impl<'s> Part<'s> {
    /// A part of a source. `limit` is what may be held in memory of a source that is not.
    pub(super) fn of(source: &'s dyn Source, range: Range<u64>, limit: u64) -> Result<Self> {
        if let Some(all) = source.as_slice() {
            let range = usize::try_from(range.start).ok().zip(usize::try_from(range.end).ok());
            let part = range.and_then(|(start, end)| all.get(start..end));
            return part.map(Self::Lent).ok_or_else(|| Error::io(io::ErrorKind::UnexpectedEof.into()));
        }
        let mut spill = Spill::new(limit);
        let mut buffer = vec![0; 64 << 10];
        let mut at = range.start;
        while at < range.end {
            let left = usize::try_from(range.end.saturating_sub(at)).unwrap_or(usize::MAX);
            let room = buffer.len().min(left);
            let piece = buffer.get_mut(..room).unwrap_or_default();
            source.read_exact_at(at, piece)?;
            spill.write_all(piece)?;
            at = at.saturating_add(u64::try_from(room).unwrap_or(0));
        }
        spill.finish().map(Self::Copied)
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Lent(bytes) => bytes,
            // Both kinds of sources that a spill ends as are in memory.
            Self::Copied(source) => source.as_slice().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_memory_goes_to_a_file() {
        for pieces in [&[3usize, 3][..], &[10, 1, 20], &[4, 4, 4, 4], &[11], &[]] {
            let mut spill = Spill::new(10);
            let mut all = Vec::new();
            for (number, size) in pieces.iter().enumerate() {
                let piece = vec![u8::try_from(number).unwrap(); *size];
                spill.write_all(&piece).unwrap();
                all.extend(piece);
            }
            assert_eq!(spill.file.is_some(), all.len() > 10, "{pieces:?}");
            assert!(spill.memory.len() <= 10);
            assert_eq!(spill.finish().unwrap().as_slice(), Some(&all[..]), "{pieces:?}");
        }
    }
}
