//! Records that are collected first and read in order later, in memory while they are few and in a scratch file when
//! they are many.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use crate::write::target::scratch_file;
use crate::{Error, Result};

/// Bytes kept in memory before anything goes to a file.
const IN_MEMORY: usize = 8 << 20;
/// Bytes read ahead of each run that is merged.
const READ_AHEAD: usize = 64 << 10;

/// Bytes in the order they came.
#[derive(Debug)]
pub(super) struct Spool {
    buffer: Vec<u8>,
    file: Option<File>,
    directory: Option<PathBuf>,
}

impl Spool {
    pub(super) fn new(directory: Option<PathBuf>) -> Self {
        Self { buffer: Vec::new(), file: None, directory }
    }

    pub(super) fn push(&mut self, record: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(record);
        if self.buffer.len() >= IN_MEMORY {
            self.flush().map_err(Error::io)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(scratch_file(self.directory.as_deref())?),
        };
        file.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Everything from the start; may be called again when the reader is gone.
    pub(super) fn read(&mut self) -> Result<impl Read + '_> {
        if self.file.is_some() {
            self.flush().map_err(Error::io)?;
        }
        let file = match &mut self.file {
            Some(file) => {
                file.seek(SeekFrom::Start(0)).map_err(Error::io)?;
                Some(BufReader::with_capacity(READ_AHEAD, &*file))
            }
            None => None,
        };
        Ok(Stored { file, memory: &self.buffer })
    }
}

/// What a [`Spool`] holds: in the file, or all in memory.
struct Stored<'a> {
    file: Option<BufReader<&'a File>>,
    memory: &'a [u8],
}

impl Read for Stored<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match &mut self.file {
            Some(file) => file.read(out),
            None => self.memory.read(out),
        }
    }
}

/// Records with a key, given back in the order of their keys; records with one key in the order they came.
#[derive(Debug)]
pub(crate) struct Sorter {
    /// Key and place in the bytes of each record in memory.
    entries: Vec<(u64, Range<u32>)>,
    bytes: Vec<u8>,
    file: Option<File>,
    /// Ends of the sorted runs in the file.
    runs: Vec<u64>,
    directory: Option<PathBuf>,
}

/// What an entry takes beside its bytes.
const ENTRY: usize = size_of::<(u64, Range<u32>)>();

impl Sorter {
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self { entries: Vec::new(), bytes: Vec::new(), file: None, runs: Vec::new(), directory }
    }

    /// Adds a record.
    pub(crate) fn push(&mut self, key: u64, record: &[u8]) -> Result<()> {
        let taken = self.entries.len().saturating_mul(ENTRY).saturating_add(self.bytes.len());
        if taken.saturating_add(record.len()) > IN_MEMORY.saturating_mul(2) && !self.entries.is_empty() {
            self.flush().map_err(Error::io)?;
        }
        let number = |number: usize| {
            u32::try_from(number).map_err(|_| Error::limit("record", "size", number, u64::from(u32::MAX)))
        };
        let start = number(self.bytes.len())?;
        self.bytes.extend_from_slice(record);
        self.entries.push((key, start..number(self.bytes.len())?));
        Ok(())
    }

    fn record(&self, place: &Range<u32>) -> &[u8] {
        let at = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
        self.bytes.get(at(place.start)..at(place.end)).unwrap_or_default()
    }

    /// Writes a sorted run.
    fn flush(&mut self) -> io::Result<()> {
        // Stable, as records with one key stay in order.
        self.entries.sort_by_key(|(key, _)| *key);
        let file = match self.file.take() {
            Some(file) => file,
            None => scratch_file(self.directory.as_deref())?,
        };
        let mut out = io::BufWriter::with_capacity(READ_AHEAD, &file);
        let mut end = self.runs.last().copied().unwrap_or(0);
        for (key, place) in &self.entries {
            let record = self.record(place);
            out.write_all(&key.to_le_bytes())?;
            out.write_all(&place.end.wrapping_sub(place.start).to_le_bytes())?;
            out.write_all(record)?;
            end = end.saturating_add(12).saturating_add(record.len() as u64);
        }
        out.flush()?;
        drop(out);
        self.file = Some(file);
        self.runs.push(end);
        self.entries.clear();
        self.bytes.clear();
        Ok(())
    }

    /// All records in order.
    pub(crate) fn finish(mut self) -> Result<Sorted> {
        if self.file.is_none() {
            self.entries.sort_by_key(|(key, _)| *key);
            return Ok(Sorted::Memory { next: 0, sorter: self });
        }
        self.flush().map_err(Error::io)?;
        let Some(file) = self.file.take() else { return Ok(Sorted::Memory { next: 0, sorter: self }) };
        let mut runs = Vec::new();
        let mut start = 0;
        for end in self.runs {
            runs.push(Run { at: start, end, buffer: Vec::new(), used: 0, record: Vec::new() });
            start = end;
        }
        let mut merge = Merge { file, runs, heads: BinaryHeap::new(), last: None };
        for index in 0..merge.runs.len() {
            merge.advance(index)?;
        }
        Ok(Sorted::File(merge))
    }
}

/// The records of a [`Sorter`] in order.
pub(crate) enum Sorted {
    Memory { next: usize, sorter: Sorter },
    File(Merge),
}

impl Sorted {
    /// The next record: its key and its bytes.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        match self {
            Self::Memory { next, sorter } => {
                let Some((key, place)) = sorter.entries.get(*next) else { return Ok(None) };
                *next = next.saturating_add(1);
                Ok(Some((*key, sorter.record(place))))
            }
            Self::File(merge) => merge.next(),
        }
    }
}

/// Several sorted runs of one file read side by side.
pub(crate) struct Merge {
    file: File,
    runs: Vec<Run>,
    /// Key and run of each record that waits; the least comes first, of equal keys that of the older run.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
    /// The run whose record was given last.
    last: Option<usize>,
}

struct Run {
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    used: usize,
    record: Vec<u8>,
}

impl Run {
    fn take(&mut self, file: &mut File, size: usize, out: &mut Vec<u8>) -> io::Result<()> {
        out.clear();
        while out.len() < size {
            if self.used >= self.buffer.len() {
                let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
                self.buffer.resize(left.min(READ_AHEAD), 0);
                if self.buffer.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                file.seek(SeekFrom::Start(self.at))?;
                file.read_exact(&mut self.buffer)?;
                self.at = self.at.saturating_add(self.buffer.len() as u64);
                self.used = 0;
            }
            let rest = self.buffer.get(self.used..).unwrap_or_default();
            let part = rest.get(..size.saturating_sub(out.len()).min(rest.len())).unwrap_or_default();
            out.extend_from_slice(part);
            self.used = self.used.saturating_add(part.len());
        }
        Ok(())
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.end && self.used >= self.buffer.len()
    }
}

impl Merge {
    fn advance(&mut self, index: usize) -> Result<()> {
        let Some(run) = self.runs.get_mut(index).filter(|run| !run.is_at_end()) else { return Ok(()) };
        let mut record = std::mem::take(&mut run.record);
        run.take(&mut self.file, 12, &mut record).map_err(Error::io)?;
        let key = record.first_chunk().map_or(0, |key| u64::from_le_bytes(*key));
        let size = record.last_chunk().map_or(0, |size| u32::from_le_bytes(*size));
        run.take(&mut self.file, usize::try_from(size).unwrap_or(usize::MAX), &mut record).map_err(Error::io)?;
        run.record = record;
        self.heads.push(Reverse((key, index)));
        Ok(())
    }

    fn next(&mut self) -> Result<Option<(u64, &[u8])>> {
        if let Some(last) = self.last.take() {
            self.advance(last)?;
        }
        let Some(Reverse((key, index))) = self.heads.pop() else { return Ok(None) };
        self.last = Some(index);
        Ok(self.runs.get(index).map(|run| (key, run.record.as_slice())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spool_gives_back_what_it_got() {
        for count in [0, 10, 3_000_000] {
            let mut spool = Spool::new(None);
            for number in 0..count {
                spool.push(&u32::to_le_bytes(number)).unwrap();
            }
            for _ in 0..2 {
                let mut bytes = Vec::new();
                spool.read().unwrap().read_to_end(&mut bytes).unwrap();
                assert!(bytes.chunks_exact(4).map(|four| u32::from_le_bytes(four.try_into().unwrap())).eq(0..count));
            }
        }
    }

    #[test]
    fn a_sorter_sorts_in_memory_and_beyond() {
        for count in [0u64, 1, 1000, 1_500_000] {
            let mut sorter = Sorter::new(None);
            for number in 0..count {
                // Every key twice, far apart.
                let key = (number * 7919) % (count / 2).max(1);
                sorter.push(key, &number.to_le_bytes()).unwrap();
            }
            let mut sorted = sorter.finish().unwrap();
            assert_eq!(matches!(sorted, Sorted::File(_)), count > 1_000_000);
            let mut last = None;
            let mut found = 0;
            while let Some((key, record)) = sorted.next().unwrap() {
                let number = u64::from_le_bytes(record.try_into().unwrap());
                assert_eq!(key, (number * 7919) % (count / 2).max(1));
                assert!(last < Some((key, number)), "{last:?} before {key} {number}");
                last = Some((key, number));
                found += 1;
            }
            assert_eq!(found, count);
        }
    }
}
