//! Exports in every format: what comes out, that everything is accounted for, and that a run that was stopped goes on.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod choices;
mod docs;
mod formats;
mod names;
mod refusals;
mod resume;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::FileTime;
use pst_core::ndb::{Format as Layout, Nid};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_migrate::export::{Done, Export, Format};
use serde_json::Value;
use tempfile::TempDir;

pub(crate) const FORMATS: [Format; 4] = [Format::Eml, Format::Mbox, Format::Maildir, Format::Json];

/// A directory, gone when the test is.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }
}

pub(crate) fn date(day: i64) -> FileTime {
    FileTime::from_unix_seconds(1_561_991_520 + day * 86_400).unwrap()
}

pub(crate) fn message(subject: &str, day: i64) -> MessageBuilder {
    MessageBuilder::new("IPM.Note")
        .subject(subject)
        .sender("Ann", "ann@x.example")
        .to("Bob", "bob@x.example")
        .body("Hello\r\n\r\nFrom now on")
        .dates(date(day), date(day))
}

/// A store with an item of every kind, names that collide, an item that cannot be read and one that is for programs.
pub(crate) fn store() -> Vec<u8> {
    let inner = message("Inner", 3).attach(AttachmentBuilder::by_value("deep.txt", "deep"));
    let rich = message("Rich", 2)
        .bcc("Dan", "dan@y.example")
        .html("<p>Hello</p>")
        .attach(AttachmentBuilder::by_value("report.bin", vec![7; 9000]))
        .attach(AttachmentBuilder::by_value("copy.bin", vec![7; 9000]))
        .attach(AttachmentBuilder::embedded("Inner", inner));
    let inbox = FolderBuilder::new("Inbox")
        .message(message("Plan", 0).flags(0))
        .message(message("PLAN", 0))
        .message(message("a/b: \u{202E}c?", 1))
        .message(message("Broken", 1).nid(BROKEN))
        .message(rich)
        .folder(FolderBuilder::new("A/B").message(message("One", 4)))
        .folder(FolderBuilder::new("A_B").message(message("Two", 5).flags(9)))
        .associated(MessageBuilder::new("IPM.Configuration.Rss").subject("Settings"));
    let others = FolderBuilder::new("Others")
        .message(MessageBuilder::new("IPM.Contact").subject("Jane Doe").created(date(6), date(6)))
        .message(MessageBuilder::new("IPM.Appointment").subject("Lunch").created(date(7), date(7)))
        .message(MessageBuilder::new("IPM.Task").subject("Shop").created(date(8), date(8)))
        .message(MessageBuilder::new("IPM.StickyNote").subject("Note").body("Remember").created(date(9), date(9)));
    let mailbox = Mailbox::new("Sample").folder(inbox).folder(others);
    let bytes = mailbox.write(StoreBuilder::new(Layout::UNICODE)).finish_vec();
    let mut editor = Editor::new(bytes);
    let data = editor.node(BROKEN).data;
    // The CRC, in the block trailer (MS-PST 2.2.2.8.1).
    editor.edit_trailer(data, |trailer| trailer[4] ^= 0xFF);
    editor.into_bytes()
}

/// The message that cannot be read.
pub(crate) const BROKEN: Nid = Nid::new(0x40_0004);
/// What is met in the store: exported, associated, broken.
pub(crate) const EXPORTED: u64 = 10;
pub(crate) const MET: u64 = 12;

/// A mail of which nothing is odd.
pub(crate) fn mail(subject: &str) -> Vec<u8> {
    format!(
        "Received: from a by b; Mon, 1 Jul 2019 16:32:00 +0200\r\nFrom: Ann <ann@x.example>\r\nTo: bob@x.example\r\n\
         Subject: {subject}\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
    )
    .into_bytes()
}

pub(crate) fn run<P: AsRef<Path>>(export: &Export, sources: &[P]) -> Done {
    export.run(sources, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// All files below a directory with their bytes, by their paths with `/`.
pub(crate) fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn names(directory: &Path) -> Vec<String> {
    tree(directory).into_keys().collect()
}

/// The lines of the index, the first one and the summary left out.
pub(crate) fn lines(directory: &Path) -> Vec<Value> {
    let text = fs::read_to_string(directory.join("index.jsonl")).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["schema"], "pst-export/1");
    lines.into_iter().skip(1).filter(|line| line.get("outcome").is_some()).collect()
}
