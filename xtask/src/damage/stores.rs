//! The sound stores of a campaign: made from a seed, or read from a corpus.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use pst_core::ndb::{Bid, Client, CryptMethod, Format, Layout, Nid, NidType};
use pst_core::source::MemorySource;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, StoreBuilder};
use pst_core::verify::{VerifyOptions, verify_source};
use pst_core::{Guid, Pst};

use super::content;
use super::extents::{Extents, blocks_of};
use super::random::Random;

/// Bytes that several readers share.
#[derive(Clone, Debug)]
pub(super) struct Shared(pub(super) Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Shared {
    pub(super) fn source(&self) -> Box<MemorySource<Self>> {
        Box::new(MemorySource::new(self.clone()))
    }
}

/// A message as it is in the sound file.
#[derive(Debug)]
pub(super) struct Truth {
    pub(super) digest: u64,
    pub(super) blocks: BTreeSet<Bid>,
    pub(super) folder: Nid,
}

/// A sound store, and all that is to be known of it.
#[derive(Debug)]
pub(super) struct Store {
    pub(super) name: String,
    pub(super) bytes: Arc<Vec<u8>>,
    pub(super) format: Format,
    pub(super) older_header: Option<Vec<u8>>,
    pub(super) extents: Extents,
    pub(super) messages: BTreeMap<Nid, Truth>,
    /// Messages by what they hold.
    pub(super) by_digest: HashMap<u64, Nid>,
    /// What the checker says of the sound file, without contents and with them.
    pub(super) findings: [BTreeSet<String>; 2],
}

impl Store {
    fn new(name: String, bytes: Vec<u8>, older_header: Option<Vec<u8>>) -> Result<Self> {
        let shared = Shared(Arc::new(bytes));
        let pst = Pst::from_source(shared.source())?;
        let extents = Extents::of(&pst, shared.as_ref())?;
        let (mut messages, mut by_digest) = (BTreeMap::new(), HashMap::new());
        for entry in pst.message_entries() {
            let entry = entry?;
            // What cannot be read of a sound file cannot be compared.
            if let Ok(digest) = content::digest(&pst.message_from_entry(entry)?) {
                by_digest.insert(digest, entry.nid);
                let blocks = blocks_of(&pst, &entry)?;
                messages.insert(entry.nid, Truth { digest, blocks, folder: entry.parent });
            }
        }
        let findings = [false, true].map(|contents| {
            let options = VerifyOptions::new().contents(contents);
            let report = verify_source(shared.source(), &options);
            report.map(|report| report.findings.iter().map(ToString::to_string).collect()).unwrap_or_default()
        });
        let format = pst.format();
        let bytes = shared.0;
        Ok(Self { name, bytes, format, older_header, extents, messages, by_digest, findings })
    }

    /// Reads a store of a corpus.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let bytes = std::fs::read(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self::new(name, bytes, None).with_context(|| format!("{} is no sound store", path.display()))
    }

    /// Makes the store of a number.
    pub(super) fn make(seed: u64, number: u64) -> Result<Self> {
        let mut random = Random::of(seed, 1, number);
        let shapes = [
            (Format::UNICODE, CryptMethod::Permute),
            (Format::ANSI, CryptMethod::Permute),
            (Format::UNICODE, CryptMethod::Cyclic),
            (Format::UNICODE, CryptMethod::None),
            (Format::UNICODE, CryptMethod::Permute),
            (Format::ANSI, CryptMethod::None),
            (Format::UNICODE, CryptMethod::Permute),
            (Format::UNICODE_4K, CryptMethod::None),
        ];
        let (format, crypt) = shapes[usize::try_from(number)? % shapes.len()];
        let mut builder = StoreBuilder::new(format).crypt(crypt);
        if format.layout() == Layout::Unicode4k {
            builder = builder.client(Client::Ost).compress(random.one_in(2));
        }
        if random.one_in(3) {
            builder = builder.entries_per_page(4 + random.index(6));
        }
        if random.one_in(3) {
            builder = builder.children_per_block(2 + random.index(3)).subnodes_per_block(2);
        }
        let mut people = People { number: random.next(), random, ansi: format.is_ansi() };
        let count = 8 + people.random.index(18);
        let mut older_header = None;
        if people.random.one_in(2) {
            // An older state with some messages that were changed since, and some that were deleted.
            let mut older = people.clone();
            older.number = older.number.wrapping_add(1);
            builder = older.mailbox(count + 4, Some(&people)).write(builder);
            older_header = Some(builder.supersede());
        }
        let bytes = people.mailbox(count, None).write(builder).finish_vec();
        Self::new(format!("store {number} ({format}, {crypt:?})"), bytes, older_header)
    }
}

/// Makes mail.
#[derive(Clone)]
struct People {
    random: Random,
    number: u64,
    ansi: bool,
}

impl People {
    fn nid(number: usize) -> Nid {
        Nid::from_parts(NidType::NORMAL_MESSAGE, 0x1_0001 + u32::try_from(number).unwrap_or(0))
    }

    fn text(&mut self, size: usize) -> String {
        let words: &[&str] = if self.ansi {
            &["report", "of", "the", "week", "übrigens", "caf\u{e9}", "\r\n", "see", "you", "soon"]
        } else {
            &["report", "of", "the", "week", "日本", "Ωmega", "\r\n", "see", "you", "soon"]
        };
        let mut text = String::new();
        while text.len() < size {
            text.push_str(self.random.choose(words));
            text.push(' ');
        }
        text
    }

    /// The message of a number: always the same for one `self.number`.
    fn message(&self, number: usize, depth: usize) -> MessageBuilder {
        let mut make = self.clone();
        make.random = Random::of(self.number, 2, (number as u64) << 8 | depth as u64);
        let random = &mut make.random;
        // Subjects repeat, as they do in threads.
        let subject = random.choose(&["Status", "RE: Status", "Lunch", "FW: Numbers of the quarter", ""]).to_owned();
        let subject = if random.one_in(2) { subject } else { format!("{subject} {number}") };
        let (to, kind) = (random.index(4), random.index(4));
        let size = random.choose(&[0, 80, 900, 3600, 9000, 30_000]);
        let size = random.index(size + 100);
        let mut message = MessageBuilder::new("IPM.Note").subject(&subject).sender("Ann", "ann@example.com");
        let body = make.text(size);
        message = if kind < 3 { message.body(&body) } else { message };
        message = if kind > 1 { message.html(&format!("<html><body>{body}</body></html>")) } else { message };
        for person in 0..to {
            let other = make.random.index(5);
            message = message.recipient(
                1 + i32::try_from(person % 3).unwrap_or(0),
                &format!("Bob {other}"),
                "bob@example.com",
            );
        }
        let attachments = make.random.choose(&[0, 0, 0, 1, 2]);
        for at in 0..attachments {
            let embedded = depth == 0 && make.random.one_in(4);
            message = message.attach(if embedded {
                AttachmentBuilder::embedded("forwarded", make.message(number * 10 + at, 1))
            } else {
                let size = make.random.choose(&[10, 3000, 9000, 40_000]);
                let size = make.random.index(size) + 1;
                AttachmentBuilder::by_value(&format!("data{at}.bin"), make.random.bytes(size))
            });
        }
        message
    }

    /// A mailbox of so many messages. Most are those of `others`, if given.
    fn mailbox(&self, count: usize, others: Option<&Self>) -> Mailbox {
        let mut folders = [
            FolderBuilder::new("Inbox").class("IPF.Note"),
            FolderBuilder::new("Sent"),
            FolderBuilder::new("2024"),
            FolderBuilder::new("2025"),
        ];
        // libpff opens no store without names of properties.
        let mut names = NameMap::new();
        names.number(Guid::PSETID_COMMON, 0x8501);
        names.text(Guid::PS_PUBLIC_STRINGS, "Keywords");
        let mut mailbox = Mailbox::new("Campaign").names(names);
        for number in 0..count {
            let author = others.filter(|_| number % 4 != 1).unwrap_or(self);
            let message = author.message(number, 0).nid(Self::nid(number));
            match number % 7 {
                5 => mailbox = mailbox.deleted(message),
                at => {
                    let folder = &mut folders[at % 4];
                    *folder = folder.clone().message(message);
                }
            }
        }
        let [inbox, sent, old, new] = folders;
        let new = new.associated(MessageBuilder::new("IPM.Configuration.X").subject("settings"));
        let projects = FolderBuilder::new("Projects").folder(old.folder(new));
        mailbox.folder(inbox).folder(projects).folder(sent)
    }
}

/// The stores below a directory, by size.
pub(super) fn corpus(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(&dir).with_context(|| format!("cannot list {}", dir.display()))? {
            let path = entry?.path();
            let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
            if path.is_dir() {
                open.push(path);
            } else if extension == "pst" || extension == "ost" {
                found.push((std::fs::metadata(&path)?.len(), path));
            }
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}
