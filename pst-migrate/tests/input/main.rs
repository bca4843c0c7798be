//! Input of every kind, sound and hostile, and what becomes of everything in it.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod archives;
mod corpus;
mod docs;
mod files;
mod hostile;
mod maildirs;
mod make_zip;
mod same;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_migrate::input::{Input, InputLimits, Seen, Summary};
use tempfile::TempDir;

/// A mail of which nothing is odd.
pub(crate) fn mail(subject: &str) -> Vec<u8> {
    format!("From: Ann <ann@x.example>\r\nTo: bob@x.example\r\nSubject: {subject}\r\n\r\nHello\r\n").into_bytes()
}

/// A directory, gone when the test is.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

/// What was seen, a line each: `place [folder] subject`, `place: reason`, `place! kind`. Places begin below the room.
pub(crate) fn lines_of(input: &Input, room: &Room, path: &Path) -> (Vec<String>, Summary) {
    let top = format!("{}/", room.path().display());
    let mut lines = Vec::new();
    let summary = input.read([path], &mut |seen| {
        let line = match seen {
            Seen::Item(found) => {
                let subject = found.item().subject().unwrap().unwrap_or_default();
                format!("{} [{}] {subject}", found.place, found.place.folder)
            }
            Seen::Skipped(skipped) => format!("{}: {}", skipped.place, skipped.reason),
            Seen::Failed(failed) => format!("{}! {}", failed.place, failed.error.kind()),
        };
        lines.push(line.strip_prefix(&top).unwrap_or(&line).to_owned());
        ControlFlow::Continue(())
    });
    assert_eq!(summary.seen(), lines.len() as u64, "everything seen is counted: {summary:?}");
    assert!(!summary.stopped);
    (lines, summary)
}

pub(crate) fn lines(room: &Room, path: &Path) -> Vec<String> {
    lines_of(&Input::new(), room, path).0
}

pub(crate) fn limited(change: impl FnOnce(&mut InputLimits)) -> Input {
    let mut limits = InputLimits::default();
    change(&mut limits);
    Input::new().limits(limits)
}
