//! A file that is written by a thread of its own, so that making the next bytes does not wait for the last ones.

use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

use tempfile::NamedTempFile;

/// Writes that may wait. Each is a megabyte or two.
const WAITING: usize = 8;

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

    /// Writes bytes at an offset, some time, and returns a buffer for others.
    pub(super) fn write(&mut self, offset: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self.jobs.as_ref().map(|jobs| jobs.send((offset, bytes))) {
            Some(Ok(())) => Ok(self.spare.try_recv().unwrap_or_default()),
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

fn work(mut file: NamedTempFile, jobs: &Receiver<Job>, give_back: &Sender<Vec<u8>>) -> io::Result<NamedTempFile> {
    let mut at = 0;
    for (offset, bytes) in jobs {
        if at != offset {
            file.seek(SeekFrom::Start(offset))?;
        }
        file.write_all(&bytes)?;
        at = offset.saturating_add(bytes.len() as u64);
        // At the end nobody wants it back.
        let _ = give_back.send(bytes);
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_are_done_in_order() {
        let mut file = BackgroundFile::new(NamedTempFile::new().unwrap()).unwrap();
        for number in 0..500u64 {
            file.write(number * 100, vec![number as u8; 100]).unwrap();
        }
        file.write(250, vec![0xAA; 10]).unwrap();
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
        let failed = (0..100).find_map(|at| file.write(at, b"x".to_vec()).err());
        let error = failed.or_else(|| file.finish().err()).unwrap();
        // The cause, not only that there was one.
        assert!(error.to_string().contains("(os error "), "{error}");
        assert!(!name.exists());
    }
}
