//! Stores made of mail files: where mail goes, what is told of it, and that everything adds up.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod corpus;
mod folders;
#[path = "../input/make_zip.rs"]
#[allow(dead_code, reason = "shared with the tests of input")]
mod make_zip;
mod marks;
mod numbers;
mod stores;

use std::path::{Path, PathBuf};

use pst_core::Pst;
use pst_core::item::FolderPaths;
use pst_core::messaging::{Message, SpecialFolder, SpecialFolders};
use pst_core::verify::{Verdict, VerifyOptions, verify};
use pst_core::write::WriteOptions;
use pst_migrate::create::{Create, CreateOptions, Event, Summary};
use tempfile::TempDir;

/// A mail of which nothing is odd.
pub(crate) fn mail(subject: &str) -> Vec<u8> {
    format!("From: Ann <ann@x.example>\r\nTo: bob@x.example\r\nSubject: {subject}\r\n\r\nHello\r\n").into_bytes()
}

/// An mbox of such mails.
pub(crate) fn mbox(subjects: &[&str]) -> Vec<u8> {
    let mails = subjects.iter().map(|subject| {
        let mail = String::from_utf8(mail(subject)).unwrap().replace('\r', "");
        format!("From ann@x.example Wed May 17 23:35:05 2000\n{mail}\n")
    });
    mails.collect::<String>().into_bytes()
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

    pub(crate) fn directory(&self, name: &str) {
        std::fs::create_dir_all(self.path().join(name)).unwrap();
    }
}

/// A store that was made, and what was told.
pub(crate) struct Made {
    pub(crate) pst: Pst,
    pub(crate) summary: Summary,
    /// `code: detail` of notes, `reason` of what was skipped, `! kind` of what failed; each behind `name: `.
    pub(crate) told: Vec<String>,
}

#[track_caller]
pub(crate) fn make_with<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>, options: CreateOptions) -> Made {
    let mut create = Create::new(Vec::new(), WriteOptions::new(), options).unwrap();
    let mut told = Vec::new();
    let mut of_paths = Summary::default();
    for path in paths {
        let summary = create
            .add(path, &mut |event| {
                let name = |place: &pst_migrate::input::Place| match place.entries.last() {
                    Some(entry) => entry.clone(),
                    None => place.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                };
                match event {
                    Event::Written { place, notes, .. } => {
                        told.extend(notes.iter().map(|note| format!("{}: {note}", name(place))));
                    }
                    Event::Skipped { place, reason, .. } => told.push(format!("{}: {reason}", name(place))),
                    Event::Failed { place, error } => told.push(format!("{}! {}", name(place), error.kind())),
                    _ => panic!("an event that is not known"),
                }
                true
            })
            .unwrap();
        assert!(summary.adds_up(), "{summary:?}");
        of_paths.add(&summary);
    }
    let (bytes, summary) = create.finish().unwrap();
    assert!(summary.adds_up(), "{summary:?}");
    assert_eq!(of_paths.seen, summary.seen);
    let pst = Pst::from_bytes(bytes).unwrap();
    let report = verify(&pst, &VerifyOptions::new());
    assert_eq!(report.verdict(), Verdict::Sound, "{:#?}", report.findings);
    assert_eq!(pst.message_entries().count() as u64, summary.written(), "every item that counts is there");
    Made { pst, summary, told }
}

#[track_caller]
pub(crate) fn make(room: &Room) -> Made {
    make_with([room.path()], CreateOptions::new())
}

impl Made {
    /// `folder: subject` of all items, sorted; folders from the top of what a person sees.
    pub(crate) fn items(&self) -> Vec<String> {
        let mut paths = FolderPaths::new(&self.pst);
        let mut items: Vec<String> = self
            .messages()
            .map(|message| {
                let path = paths.of(message.folder_id());
                let names = path.names().get(1..).unwrap_or_default().join("/");
                format!("{names}: {}", message.subject().unwrap().unwrap_or_default())
            })
            .collect();
        items.sort();
        items
    }

    pub(crate) fn messages(&self) -> impl Iterator<Item = Message> + '_ {
        self.pst.message_entries().map(|entry| self.pst.message_from_entry(entry.unwrap()).unwrap())
    }

    #[track_caller]
    pub(crate) fn message(&self, subject: &str) -> Message {
        self.messages().find(|message| message.subject().unwrap().as_deref() == Some(subject)).expect("the mail")
    }

    /// The name of the folder that is used for this.
    pub(crate) fn special(&self, special: SpecialFolder) -> Option<String> {
        let nid = SpecialFolders::of(&self.pst).get(special)?;
        Some(self.pst.folder(nid).unwrap().name().unwrap())
    }
}
