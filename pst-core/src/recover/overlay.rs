//! A damaged file with what was made anew shown behind its end, and a header over its own. The file itself is not touched
//! and not copied.

use std::fs::File;
use std::io::{self, Write};
use std::sync::Arc;

use crate::source::{FileSource, MemorySource, Source};
use crate::{Error, Result};

/// Bytes kept in memory before they go to an unnamed temporary file.
const IN_MEMORY: usize = 32 << 20;

/// A source that several files in the making share.
#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<dyn Source>);

impl Source for Shared {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn as_slice(&self) -> Option<&[u8]> {
        self.0.as_slice()
    }

    fn lend(&self, offset: u64, length: usize) -> Option<&[u8]> {
        self.0.lend(offset, length)
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        self.0.read_exact_at(offset, buffer)
    }
}

/// Bytes that belong at one place and stand at another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patch {
    pub(super) at: u64,
    pub(super) from: u64,
    pub(super) length: u64,
}

/// A file with some ranges shown at another place as well.
pub(super) struct Patched {
    base: Shared,
    /// By place; none overlaps another.
    patches: Vec<Patch>,
}

impl Patched {
    /// Shows patches over a file. One that overlaps another, or leads beyond the file, is left out.
    pub(super) fn over(base: Shared, patches: &[Patch]) -> Shared {
        let mut sorted = patches.to_vec();
        sorted.sort_by_key(|patch| patch.at);
        let mut end = 0;
        sorted.retain(|patch| {
            let inside = |start: u64| start.checked_add(patch.length).is_some_and(|end| end <= base.len());
            let fits = patch.at >= end && inside(patch.at) && inside(patch.from);
            if fits {
                end = patch.at.saturating_add(patch.length);
            }
            fits
        });
        Shared(Arc::new(Self { base, patches: sorted }))
    }

    /// Where a byte is read, and how many from there on are read in one piece.
    fn place(&self, at: u64) -> (u64, u64) {
        let next = self.patches.partition_point(|patch| patch.at <= at);
        if let Some(patch) = next.checked_sub(1).and_then(|index| self.patches.get(index)) {
            let into = at.saturating_sub(patch.at);
            if into < patch.length {
                return (patch.from.saturating_add(into), patch.length.saturating_sub(into));
            }
        }
        let end = self.patches.get(next).map_or(u64::MAX, |patch| patch.at);
        (at, end.saturating_sub(at))
    }
}

impl Source for Patched {
    fn len(&self) -> u64 {
        self.base.len()
    }

    fn lend(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let (from, most) = self.place(offset);
        if size(length) <= most { self.base.lend(from, length) } else { None }
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let (mut at, mut rest) = (offset, buffer);
        while !rest.is_empty() {
            let (from, most) = self.place(at);
            let length = usize::try_from(most).unwrap_or(usize::MAX).min(rest.len());
            let Some((part, behind)) = rest.split_at_mut_checked(length) else { break };
            self.base.read_exact_at(from, part)?;
            at = at.saturating_add(size(length));
            rest = behind;
        }
        Ok(())
    }
}

/// `head` over the start of `base`, and `tail` behind it.
pub(super) struct Overlay {
    base: Shared,
    head: Vec<u8>,
    tail: Tail,
}

impl Overlay {
    pub(super) fn new(base: Shared, head: Vec<u8>, tail: Tail) -> Self {
        Self { base, head, tail }
    }
}

impl Source for Overlay {
    fn len(&self) -> u64 {
        self.tail.start.saturating_add(self.tail.source.len())
    }

    fn lend(&self, offset: u64, length: usize) -> Option<&[u8]> {
        let end = offset.checked_add(size(length))?;
        if offset < size(self.head.len()) {
            crate::bytes::slice(&self.head, usize::try_from(offset).ok()?, length)
        } else if end <= self.base.len() {
            self.base.lend(offset, length)
        } else {
            self.tail.source.lend(offset.checked_sub(self.tail.start)?, length)
        }
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> Result<()> {
        let (mut at, mut rest) = (offset, buffer);
        if at.checked_add(size(rest.len())).is_none_or(|end| end > self.len()) {
            return Err(Error::io(io::ErrorKind::UnexpectedEof.into()).at(offset));
        }
        while !rest.is_empty() {
            let (head, base, tail) = (size(self.head.len()), self.base.len(), self.tail.start);
            // Up to where the part that `at` lies in ends.
            let end = if at < head {
                head
            } else if at < base {
                base
            } else if at < tail {
                tail
            } else {
                u64::MAX
            };
            let length = usize::try_from(end.saturating_sub(at)).unwrap_or(usize::MAX).min(rest.len());
            let Some((part, behind)) = rest.split_at_mut_checked(length) else { break };
            if at < head {
                let from = usize::try_from(at).unwrap_or(usize::MAX);
                part.copy_from_slice(crate::bytes::slice(&self.head, from, length).unwrap_or_default());
            } else if at < base {
                self.base.read_exact_at(at, part)?;
            } else if at < tail {
                // Between the end of a file that is cut and the next page boundary.
                part.fill(0);
            } else {
                self.tail.source.read_exact_at(at.saturating_sub(tail), part)?;
            }
            at = at.saturating_add(size(length));
            rest = behind;
        }
        Ok(())
    }
}

fn size(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// What stands behind the end of the file.
pub(super) struct Tail {
    start: u64,
    source: Box<dyn Source>,
}

/// Collects what is to stand behind the end of the file.
pub(super) struct TailWriter {
    start: u64,
    written: u64,
    buffer: Vec<u8>,
    file: Option<File>,
    /// The greatest offset the format can express.
    most: u64,
}

impl TailWriter {
    /// `start` is where the file ends, rounded up to a page.
    pub(super) fn new(start: u64, most: u64) -> Self {
        Self { start, written: 0, buffer: Vec::new(), file: None, most }
    }

    /// Where the next bytes go.
    pub(super) fn position(&self) -> u64 {
        self.start.saturating_add(self.written)
    }

    /// Fills up to a multiple of `align`.
    pub(super) fn align(&mut self, align: u64) -> Result<()> {
        let over = self.position().checked_rem(align).unwrap_or(0);
        match usize::try_from(align.saturating_sub(over)) {
            Ok(missing) if over != 0 => self.append(&vec![0; missing]),
            _ => Ok(()),
        }
    }

    pub(super) fn append(&mut self, bytes: &[u8]) -> Result<()> {
        self.written = self.written.saturating_add(size(bytes.len()));
        if self.position() > self.most {
            return Err(Error::limit("file", "size with what was rebuilt", self.position(), self.most));
        }
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= IN_MEMORY {
            self.flush().map_err(Error::io)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(tempfile::tempfile()?),
        };
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Tail> {
        if self.file.is_some() {
            self.flush().map_err(Error::io)?;
        }
        let source: Box<dyn Source> = match self.file {
            Some(file) => Box::new(FileSource::new(file)?),
            None => Box::new(MemorySource::new(self.buffer)),
        };
        Ok(Tail { start: self.start, source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_range_reads_as_the_parts_put_together() {
        let base: Vec<u8> = (0..100).collect();
        let mut tail = TailWriter::new(112, u64::MAX);
        tail.append(&[200; 10]).unwrap();
        tail.align(64).unwrap();
        let mut whole = vec![255; 8];
        whole.extend_from_slice(&base[8..]);
        whole.resize(112, 0);
        whole.extend_from_slice(&[200; 10]);
        whole.resize(128, 0);
        let base = Shared(Arc::new(MemorySource::new(base)));
        let overlay = Overlay::new(base, vec![255; 8], tail.finish().unwrap());
        assert_eq!(overlay.len(), 128);
        for start in 0..=128usize {
            for end in start..=128 {
                let mut buffer = vec![1; end - start];
                overlay.read_exact_at(start as u64, &mut buffer).unwrap();
                assert_eq!(buffer, whole[start..end]);
                if let Some(lent) = overlay.lend(start as u64, end - start) {
                    assert_eq!(lent, &whole[start..end]);
                }
            }
            assert!(overlay.read_exact_at(start as u64, &mut vec![0; 129 - start]).is_err());
        }
        assert!(overlay.lend(20, 30).is_some() && overlay.lend(112, 16).is_some() && overlay.lend(0, 8).is_some());
    }
}
