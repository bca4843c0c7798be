//! A [`Source`] as a stream: lent where it is in memory, in large pieces where it is not.

use std::io::{self, Read, Seek, SeekFrom};

use pst_core::source::Source;

/// Reads a source from any place on.
#[derive(Clone)]
pub(super) struct SourceReader<'s> {
    source: &'s dyn Source,
    position: u64,
    /// The piece that was read last, of a source that is not in memory.
    window: Vec<u8>,
    window_start: u64,
}

impl<'s> SourceReader<'s> {
    /// Bytes read at once.
    const WINDOW: u64 = 64 << 10;

    pub(super) fn new(source: &'s dyn Source) -> Self {
        Self { source, position: 0, window: Vec::new(), window_start: 0 }
    }

    /// The bytes from the position on, as many as are at hand; none at the end.
    fn fill(&mut self) -> pst_core::Result<&[u8]> {
        if let Some(all) = self.source.as_slice() {
            return Ok(usize::try_from(self.position).ok().and_then(|at| all.get(at..)).unwrap_or_default());
        }
        let inside = self.position.checked_sub(self.window_start).and_then(|skip| usize::try_from(skip).ok());
        let skip = match inside.filter(|skip| *skip < self.window.len()) {
            Some(skip) => skip,
            None => {
                let left = self.source.len().saturating_sub(self.position).min(Self::WINDOW);
                self.window.clear();
                if left == 0 {
                    // Beyond the end, where reading nothing may be an error too.
                    return Ok(&[]);
                }
                self.window.resize(usize::try_from(left).unwrap_or(0), 0);
                self.window_start = self.position;
                if let Err(error) = self.source.read_exact_at(self.position, &mut self.window) {
                    self.window.clear();
                    return Err(error);
                }
                0
            }
        };
        Ok(self.window.get(skip..).unwrap_or_default())
    }

    /// Passes over bytes.
    fn consume(&mut self, count: usize) {
        self.position = self.position.saturating_add(u64::try_from(count).unwrap_or(0));
    }
}

impl Read for SourceReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill()?;
        let count = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..count), ready.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl Seek for SourceReader<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(from) => self.source.len().checked_add_signed(from),
            SeekFrom::Current(from) => self.position.checked_add_signed(from),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}
