//! Trees of files to be delivered, made for a test.

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::FileTime;
use pst_core::ndb::{CryptMethod, Format};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_migrate::delivery::{Account, DeliveryCheck, DirectoryVerdict, Event, FileVerdict, Finding};
use tempfile::TempDir;

/// The folder that most files of these tests are in.
pub(crate) const PER_USER: &str = "Acme_ing1234/Pst/PerUser";

/// A directory, gone when the test is.
pub(crate) struct Room(TempDir);

impl Room {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// In memory, where the system has such a place: for what takes a disk minutes.
    pub(crate) fn in_memory() -> Self {
        tempfile::tempdir_in("/dev/shm").map_or_else(|_| Self::new(), Self)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// A file that is made longer by a hole.
    pub(crate) fn sparse(&self, name: &str, bytes: impl AsRef<[u8]>, size: u64) {
        let path = self.file(name, bytes);
        fs::OpenOptions::new().write(true).open(path).unwrap().set_len(size).unwrap();
    }
}

fn date() -> FileTime {
    FileTime::from_unix_seconds(1_100_000_000).unwrap()
}

pub(crate) fn mail(subject: &str) -> MessageBuilder {
    MessageBuilder::new("IPM.Note")
        .subject(subject)
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .message_id(&format!("<{subject}@example.com>"))
        .body("Hello")
        .dates(date(), date())
}

/// A journal report of Exchange 2007 about a mail.
pub(crate) fn report(subject: &str) -> MessageBuilder {
    let envelope = format!(
        "Sender: ann@example.com\r\nSubject: {subject}\r\nMessage-Id: <{subject}@example.com>\r\nTo: bob@example.com\r\n"
    );
    MessageBuilder::new("IPM.Note")
        .subject(subject)
        .sender("Microsoft Exchange", "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.com")
        .headers("X-MS-Journal-Report: \r\n")
        .body(&envelope)
        .dates(date(), date())
        .attach(AttachmentBuilder::embedded(subject, mail(subject)))
}

pub(crate) fn store_in(format: Format, messages: impl IntoIterator<Item = MessageBuilder>) -> Vec<u8> {
    let mailbox = Mailbox::new("Delivered").folder(FolderBuilder::new("Inbox").messages(messages));
    mailbox.write(StoreBuilder::new(format).crypt(CryptMethod::None)).finish_vec()
}

pub(crate) fn store(messages: impl IntoIterator<Item = MessageBuilder>) -> Vec<u8> {
    store_in(Format::UNICODE, messages)
}

/// A store with one mail.
pub(crate) fn plain() -> Vec<u8> {
    store([mail("one")])
}

/// A ZIP archive, its entries stored (APPNOTE 4.3).
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    let two = |number: usize| u16::try_from(number).unwrap().to_le_bytes();
    let four = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
    for (name, content) in entries {
        let offset = out.len();
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let mut fixed = Vec::new();
        fixed.extend([20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0x58]);
        fixed.extend(crc.sum().to_le_bytes());
        fixed.extend(four(content.len()));
        fixed.extend(four(content.len()));
        fixed.extend(two(name.len()));
        fixed.extend([0, 0]);
        out.extend(b"PK\x03\x04");
        out.extend(&fixed);
        out.extend(name.as_bytes());
        out.extend(*content);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&fixed);
        directory.extend([0; 10]);
        directory.extend(four(offset));
        directory.extend(name.as_bytes());
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(two(entries.len()));
    out.extend(two(entries.len()));
    out.extend(four(directory.len()));
    out.extend(four(start));
    out.extend([0, 0]);
    out
}

pub(crate) const EML: &[u8] =
    b"From: Ann <ann@example.com>\r\nTo: bob@example.com\r\nSubject: Hi\r\nMessage-ID: <1@example.com>\r\n\r\nHello\r\n";

/// All that a check told.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) files: Vec<FileVerdict>,
    pub(crate) directories: Vec<DirectoryVerdict>,
    pub(crate) delivery: Vec<Finding>,
    pub(crate) account: Account,
}

impl Told {
    #[track_caller]
    pub(crate) fn file(&self, path: &str) -> &FileVerdict {
        let found = self.files.iter().find(|file| file.path.to_string_lossy() == path);
        found.unwrap_or_else(|| panic!("{path} has no verdict: {:#?}", self.files))
    }

    /// `path: decision code code ...`, sorted as they came.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |file: &FileVerdict| {
            let mut line = format!("{}: {}", file.path.display(), file.decision.name());
            for finding in &file.findings {
                line.push_str(&format!(" {}", finding.code()));
            }
            line
        };
        self.files.iter().map(line).collect()
    }
}

#[track_caller]
pub(crate) fn check_stopping(check: &DeliveryCheck, room: &Path, is_stopped: &dyn Fn() -> bool) -> Told {
    let (mut files, mut directories, mut delivery) = (Vec::new(), Vec::new(), Vec::new());
    let account = check.run(room, is_stopped, &mut |event| {
        match event {
            Event::File(file) => files.push(file.clone()),
            Event::Directory(directory) => directories.push(directory.clone()),
            Event::Delivery(finding) => delivery.push(finding.clone()),
        }
        ControlFlow::Continue(())
    });
    let account = account.unwrap();
    account.balance().unwrap();
    assert_eq!(account.seen, u64::try_from(files.len()).unwrap(), "every file has one verdict");
    Told { files, directories, delivery, account }
}

#[track_caller]
pub(crate) fn check(check: &DeliveryCheck, room: &Path) -> Told {
    check_stopping(check, room, &|| false)
}
