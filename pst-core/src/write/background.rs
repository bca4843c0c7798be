//! A file that is written by a thread of its own, so that making the next bytes does not wait for the last ones.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use tempfile::NamedTempFile;

/// Writes that may wait. Each is a section of the file, a quarter of a megabyte.
const WAITING: usize = 16;

/// Bytes and where they belong.
type Job = (u64, Vec<u8>);

/// Writes in the order it is told. What fails is told by a later write, or at the end.
#[derive(Debug)]
pub(super) struct BackgroundFile {
    /// `None` once nothing more is to be written.
    jobs: Option<SyncSender<Job>>,
    /// Buffers that were written and can be filled again.
    spare: Receiver<Vec<u8>>,
    worker: Option<JoinHandle<io::Result<NamedTempFile>>>,
}

impl BackgroundFile {
    pub(super) fn new(file: NamedTempFile) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(WAITING);
        let (give_back, spare) = channel();
        let worker =
            std::thread::Builder::new().name("pst-write".to_owned()).spawn(move || work(file, &waiting, &give_back))?;
        Ok(Self { jobs: Some(jobs), spare, worker: Some(worker) })
    }

    pub(super) fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut buffer = self.spare.try_recv().unwrap_or_default();
        buffer.clear();
        buffer.extend_from_slice(bytes);
        match self.jobs.as_ref().map(|jobs| jobs.send((offset, buffer))) {
            Some(Ok(())) => Ok(()),
            // The thread ended, and nobody told it to.
            _ => self.join().and(Err(io::Error::other("an earlier write failed"))),
        }
    }

    /// Waits for all writes.
    pub(super) fn finish(mut self) -> io::Result<NamedTempFile> {
        self.join()
    }

    fn join(&mut self) -> io::Result<NamedTempFile> {
        drop(self.jobs.take());
        match self.worker.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            _ => Err(io::Error::other("an earlier write failed")),
        }
    }
}

impl Drop for BackgroundFile {
    /// Waits for the thread, with which the unfinished file goes.
    fn drop(&mut self) {
        drop(self.join());
    }
}

fn work(file: NamedTempFile, jobs: &Receiver<Job>, give_back: &Sender<Vec<u8>>) -> io::Result<NamedTempFile> {
    let mut out = Chunks { file, at: 0, start: 0, pending: Vec::new() };
    for (offset, bytes) in jobs {
        out.push(offset, &bytes)?;
        // At the end nobody wants it back.
        let _ = give_back.send(bytes);
    }
    out.flush(usize::MAX)?;
    Ok(out.file)
}

/// Writes in large pieces that begin where pieces begin: sections do not, and a cache pays for each page they share.
struct Chunks {
    file: NamedTempFile,
    /// Where the file stands.
    at: u64,
    /// Where the pending bytes belong.
    start: u64,
    pending: Vec<u8>,
}

impl Chunks {
    const SIZE: u64 = 1 << 20;

    fn push(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if offset != self.start.saturating_add(self.pending.len() as u64) {
            self.flush(usize::MAX)?;
            self.start = offset;
        }
        self.pending.extend_from_slice(bytes);
        let end = self.start.saturating_add(self.pending.len() as u64);
        let whole = end.saturating_sub(end.checked_rem(Self::SIZE).unwrap_or(0)).saturating_sub(self.start);
        self.flush(usize::try_from(whole).unwrap_or(usize::MAX))
    }

    /// Writes so many of the pending bytes.
    fn flush(&mut self, count: usize) -> io::Result<()> {
        let count = count.min(self.pending.len());
        if count == 0 {
            return Ok(());
        }
        if self.at != self.start {
            self.file.seek(SeekFrom::Start(self.start))?;
        }
        self.file.write_all(self.pending.get(..count).unwrap_or_default())?;
        self.start = self.start.saturating_add(count as u64);
        self.at = self.start;
        self.pending.drain(..count);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_done_in_order() {
        let mut file = BackgroundFile::new(NamedTempFile::new().unwrap()).unwrap();
        for number in 0..500u64 {
            file.write_at(number * 100, &[number as u8; 100]).unwrap();
        }
        file.write_at(250, &[0xAA; 10]).unwrap();
        let written = std::fs::read(file.finish().unwrap().path()).unwrap();
        assert_eq!(written.len(), 50_000);
        assert!(written.iter().enumerate().all(|(at, byte)| match at {
            250..260 => *byte == 0xAA,
            _ => *byte == (at / 100) as u8,
        }));
    }

    #[test]
    fn a_write_that_fails_is_told_and_leaves_nothing() {
        let (writable, path) = NamedTempFile::new().unwrap().into_parts();
        drop(writable);
        let name = path.to_path_buf();
        let only_readable = std::fs::File::open(&path).unwrap();
        let mut file = BackgroundFile::new(NamedTempFile::from_parts(only_readable, path)).unwrap();
        let failed = (0..100).find_map(|at| file.write_at(at, b"x").err());
        let error = failed.or_else(|| file.finish().err()).unwrap();
        // The cause, not only that there was one.
        assert!(error.to_string().contains("(os error "), "{error}");
        assert!(!name.exists());
    }
}
