//! Targets that fail: the old file stays, or there is none.

use std::io;
use std::path::{Path, PathBuf};

use pst_core::write::{AttachmentDraft, FileTarget, MessageDraft, PstWriter, Target};
use pst_core::{ErrorKind, Pst, Result};

use crate::options;

/// A file that fails, or stops for ever, at a certain write.
struct Failing {
    file: FileTarget,
    left: usize,
}

impl Target for Failing {
    type Output = PathBuf;

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.left = self.left.checked_sub(1).ok_or(io::ErrorKind::StorageFull)?;
        self.file.write_at(offset, bytes)
    }

    fn commit(self) -> io::Result<PathBuf> {
        if self.left == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.file.commit()
    }

    fn scratch_dir(&self) -> Option<&Path> {
        self.file.scratch_dir()
    }
}

fn write(target: Failing) -> Result<PathBuf> {
    let mut out = PstWriter::with_target(target, options())?;
    let inbox = out.folder(out.ipm_subtree(), "Inbox")?;
    for number in 0..20 {
        let data = out.data([number; 400_000].as_slice())?;
        let mut mail = MessageDraft::new("IPM.Note");
        mail.subject("mail").attach(AttachmentDraft::file("data", data));
        out.message(inbox, mail)?;
    }
    out.finish()
}

fn files(directory: &Path) -> Vec<String> {
    std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn failing_at_every_write() {
    for old in [false, true] {
        let mut writes = 0;
        loop {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("out.pst");
            if old {
                std::fs::write(&path, "the old file").unwrap();
            }
            let file = FileTarget::create(&path, true).unwrap();
            match write(Failing { file, left: writes }) {
                Ok(written) => {
                    assert_eq!(written, path);
                    assert_eq!(Pst::open(&path).unwrap().message_entries().count(), 20);
                    assert_eq!(files(directory.path()), ["out.pst"]);
                    break;
                }
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::Io, "{error}");
                    assert_eq!(error.as_io().unwrap().kind(), io::ErrorKind::StorageFull);
                    // Nothing else is left either.
                    let expected: &[&str] = if old { &["out.pst"] } else { &[] };
                    assert_eq!(files(directory.path()), expected, "at write {writes}");
                    if old {
                        assert_eq!(std::fs::read(&path).unwrap(), b"the old file");
                    }
                }
            }
            writes += 1;
        }
        // Several sections, the header, and the moment before the name is given.
        assert!(writes > 6, "{writes}");
    }
}

/// As if the machine had lost its power: nobody cleans up.
#[test]
fn stopping_at_every_write() {
    struct Stops(Failing);
    impl Target for Stops {
        type Output = PathBuf;

        fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
            if self.0.left == 0 {
                std::panic::panic_any(Stopped);
            }
            self.0.write_at(offset, bytes)
        }

        fn commit(self) -> io::Result<PathBuf> {
            self.0.commit()
        }
    }
    struct Stopped;

    for writes in 0..7 {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out.pst");
        std::fs::write(&path, "the old file").unwrap();
        let (kept, writing) = (path.clone(), path.clone());
        let result = std::panic::catch_unwind(move || {
            let file = FileTarget::create(&writing, true).unwrap();
            let mut out = PstWriter::with_target(Stops(Failing { file, left: writes }), options()).unwrap();
            let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
            for number in 0..20 {
                let data = out.data([number; 400_000].as_slice()).unwrap();
                let mut mail = MessageDraft::new("IPM.Note");
                mail.attach(AttachmentDraft::file("data", data));
                out.message(inbox, mail).unwrap();
                assert_eq!(std::fs::read(&kept).unwrap(), b"the old file");
            }
            out.finish().map(drop)
        });
        if result.is_ok() {
            assert!(writes > 5);
            break;
        }
        assert_eq!(std::fs::read(&path).unwrap(), b"the old file", "at write {writes}");
    }
}

#[test]
fn a_file_that_is_there_stays() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out.pst");
    std::fs::write(&path, "mine").unwrap();
    let error = PstWriter::create(&path, options()).unwrap_err();
    assert_eq!(error.as_io().unwrap().kind(), io::ErrorKind::AlreadyExists);
    let error = PstWriter::create(directory.path(), options().overwrite(true)).unwrap_err();
    assert_eq!(error.as_io().unwrap().kind(), io::ErrorKind::IsADirectory);
    // One that appears while the other is written is not replaced either.
    let path = directory.path().join("late.pst");
    let out = PstWriter::create(&path, options()).unwrap();
    std::fs::write(&path, "mine").unwrap();
    let error = out.finish().unwrap_err();
    assert_eq!(error.as_io().unwrap().kind(), io::ErrorKind::AlreadyExists);
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
    assert_eq!(files(directory.path()).len(), 2);
}
