//! Runs the command on stores built for the test.

#![allow(dead_code, reason = "not every test needs everything")]
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use pst_core::FileTime;
use pst_core::ltp::id;
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, Props, StoreBuilder, nids};
use serde_json::Value;
use tempfile::TempDir;

/// The first message of every store built here; the others follow in steps of 0x20.
pub(crate) const FIRST: &str = "0x200024";

/// What the command did.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.stdout.clone()).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error} in {}", self.text()))
    }
}

/// Runs `pst` with nothing in the environment that changes its ways.
pub(crate) fn pst<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Run {
    let output = command().args(args).stdin(Stdio::null()).output().expect("pst runs");
    Run { code: output.status.code(), stdout: output.stdout, stderr: String::from_utf8(output.stderr).expect("UTF-8") }
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pst"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE");
    command
}

/// A directory with stores in it, gone when the test is.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        path
    }

    pub(crate) fn store(&self, name: &str, mailbox: Mailbox) -> PathBuf {
        self.file(name, mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec())
    }
}

pub(crate) fn date(year: i16) -> FileTime {
    let seconds = (i64::from(year) - 1970) * 31_556_952 + 86_400 * 40;
    FileTime::from_unix_seconds(seconds).expect("a date")
}

pub(crate) fn mail(subject: &str, year: i16) -> MessageBuilder {
    MessageBuilder::new("IPM.Note").subject(subject).body("Hello").dates(date(year), date(year))
}

/// Bytes that no text is made of, over several blocks.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 1u32;
    let next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(size).collect()
}

/// Two folders, three messages, an associated one, attachments of all kinds.
pub(crate) fn sample() -> Mailbox {
    let inner =
        mail("Inner", 2001).to("Eve", "eve@example.com").attach(AttachmentBuilder::by_value("deep.txt", "deep"));
    let rich = mail("RE: Rich", 2020)
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .cc("Cid", "cid@example.com")
        .bcc("Dan", "dan@example.com")
        .headers("Received: from here\r\n")
        .attach(AttachmentBuilder::by_value("noise.bin", noise(50_000)).mime("application/x-noise"))
        .attach(AttachmentBuilder::embedded("Inner", inner))
        .attach(AttachmentBuilder::by_reference(7, "cloud.docx", "https://example.com/cloud.docx"));
    let inbox = FolderBuilder::new("Inbox")
        .message(rich)
        .message(mail("Plain", 2021))
        .folder(FolderBuilder::new("A/B").message(MessageBuilder::new("IPM.Contact").subject("Card")))
        .associated(MessageBuilder::new("IPM.Configuration.Rss").subject("Settings"));
    Mailbox::new("Sample").folder(inbox).root_folder(FolderBuilder::search("Found", vec![Nid::new(0x20_0024)]))
}

/// The folder that [`with_lost_folder`] adds.
pub(crate) const LOST: Nid = Nid::new(0x9_0022);
/// A folder that is in no table either, and in the lost one by its node alone.
pub(crate) const BELOW_LOST: Nid = Nid::new(0x9_0042);

/// The sample with a folder in the deleted items that no hierarchy table lists, and a message in it.
pub(crate) fn with_lost_folder() -> Vec<u8> {
    lost_folders(&[(LOST, nids::DELETED_ITEMS)])
}

/// The sample with folders of these ids and parents that no hierarchy table lists, and a message in the first of them.
pub(crate) fn lost_folders(folders: &[(Nid, Nid)]) -> Vec<u8> {
    let mut store =
        sample().orphan(mail("In a lost folder", 2003), folders[0].0).write(StoreBuilder::new(Format::UNICODE));
    for (nid, parent) in folders {
        let (data, subnodes) = Props::new().with(Prop::text(id::DISPLAY_NAME, "Lost")).write(&mut store, Vec::new());
        store.node(*nid, data, subnodes, *parent);
    }
    store.finish_vec()
}
