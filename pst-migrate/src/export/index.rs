//! The index of an export, `index.jsonl`: what was asked for in the first line, then a line for everything that was met.
//!
//! **A line is written after what it tells of.** So the lines that are there are what is done, and a run that was stopped
//! goes on behind them; what a line of the index does not tell of does not count, and is written again.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use pst_core::convert::Loss;
use pst_core::ndb::Nid;
use serde::{Deserialize, Serialize, Serializer};

/// The name of the index in the directory of an export.
pub const INDEX: &str = "index.jsonl";
/// The schema of the index, which its first line names.
pub const SCHEMA: &str = "pst-export/1";

/// Something that was met, and what became of it: a line of the index.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// Where it stands.
    pub from: Origin<'a>,
    /// The names of its folder, as they are.
    pub folder: &'a [String],
    /// What became of it.
    #[serde(flatten)]
    pub outcome: Outcome<'a>,
}

/// Where something stands.
#[derive(Debug, Serialize)]
pub struct Origin<'a> {
    /// The number of the source in the first line, from 0.
    pub source: usize,
    /// The file.
    pub file: &'a str,
    /// The entry of an archive, and those in it.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub entries: &'a [String],
    /// Of a mail in an mbox, the byte where it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Of a message in a store, its node.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_text")]
    pub node: Option<Nid>,
}

fn as_text<S: Serializer>(node: &Option<Nid>, serializer: S) -> Result<S::Ok, S::Error> {
    match node {
        Some(node) => serializer.collect_str(node),
        None => serializer.serialize_none(),
    }
}

/// What became of something.
#[derive(Debug, Serialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum Outcome<'a> {
    /// It was written.
    Exported(Exported<'a>),
    /// It was left out.
    Skipped {
        /// Why: a stable code.
        reason: &'static str,
        /// The case at hand; may be empty.
        #[serde(skip_serializing_if = "str::is_empty")]
        detail: &'a str,
    },
    /// It could not be read.
    Failed {
        /// The kind of the error: a stable code.
        kind: &'static str,
        /// The error.
        message: &'a str,
    },
}

/// An item that was written.
#[derive(Debug, Serialize)]
pub struct Exported<'a> {
    /// What was written, of several files the first.
    #[serde(flatten)]
    pub written: &'a Written,
    /// Files written beside it: a `.vcf`, an `.ics`, attachments.
    #[serde(skip_serializing_if = "<[Written]>::is_empty")]
    pub beside: &'a [Written],
    /// The message class: as stored, or that which a mail would have in a store.
    pub class: Option<&'a str>,
    /// What the class means: a stable code.
    pub kind: &'static str,
    /// The subject.
    pub subject: Option<&'a str>,
    /// When it was delivered, else sent, else made; as RFC 3339 has it, in UTC.
    pub date: Option<&'a str>,
    /// The address of the sender, else the name.
    pub sender: Option<&'a str>,
    /// The addresses of the recipients, else their names.
    pub recipients: &'a [String],
    /// The Message-ID without angle brackets, as written.
    pub message_id: Option<&'a str>,
    /// What was not carried.
    #[serde(skip_serializing_if = "<[LossRecord]>::is_empty")]
    pub losses: &'a [LossRecord],
}

/// A file, or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The file, below the directory of the export, with `/`.
    pub file: String,
    /// Of a piece, where it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<u64>,
    /// Bytes of it.
    pub bytes: u64,
    /// SHA-256 of these bytes, unless it was [not asked for](super::Export::hashes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Something that was not carried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossRecord {
    /// Why: a stable code, the name of a [`LossKind`](pst_core::convert::LossKind).
    pub code: String,
    /// The property, where one is concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub property: Option<String>,
    /// What.
    pub detail: String,
}

impl From<&Loss> for LossRecord {
    fn from(loss: &Loss) -> Self {
        Self {
            code: loss.kind.name().to_owned(),
            property: loss.property.map(|property| format!("{:#010x}", property.raw())),
            detail: loss.detail.clone(),
        }
    }
}

/// A line that was written, as far as going on needs it.
#[derive(Debug, Deserialize)]
pub(super) struct Known {
    pub(super) from: KnownOrigin,
    pub(super) outcome: String,
    #[serde(default)]
    pub(super) file: String,
    pub(super) offset: Option<u64>,
    #[serde(default)]
    pub(super) bytes: u64,
    #[serde(default)]
    pub(super) beside: Vec<Written>,
    #[serde(default)]
    pub(super) kind: String,
    #[serde(default)]
    pub(super) reason: String,
    #[serde(default)]
    pub(super) losses: Vec<LossRecord>,
}

/// As [`Origin`].
#[derive(Debug, Deserialize, Hash)]
pub(super) struct KnownOrigin {
    source: usize,
    file: String,
    #[serde(default)]
    entries: Vec<String>,
    offset: Option<u64>,
    node: Option<String>,
}

impl KnownOrigin {
    /// True if it is a part of a file.
    pub(super) fn is_within(&self) -> bool {
        self.offset.is_some() || self.node.is_some()
    }

    pub(super) fn of(origin: &Origin<'_>) -> Self {
        Self {
            source: origin.source,
            file: origin.file.to_owned(),
            entries: origin.entries.to_vec(),
            offset: origin.offset,
            node: origin.node.map(|node| node.to_string()),
        }
    }
}

/// The index while it grows.
#[derive(Debug)]
pub(super) struct Index {
    file: File,
    waiting: Vec<u8>,
    since: Instant,
}

impl Index {
    /// Bytes that wait before they are written.
    const WAITING: usize = 64 << 10;
    /// How long they wait: what a sudden end costs.
    const WAIT: Duration = Duration::from_secs(1);

    /// Makes a new one with its first line.
    pub(super) fn create(path: &Path, header: &[u8]) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        lock(&file)?;
        let mut index = Self { file, waiting: header.to_vec(), since: Instant::now() };
        index.flush()?;
        Ok(index)
    }

    /// Goes on with one that is there, behind its first `length` bytes.
    pub(super) fn go_on(mut file: File, length: u64) -> io::Result<Self> {
        file.set_len(length)?;
        file.seek(SeekFrom::Start(length))?;
        Ok(Self { file, waiting: Vec::new(), since: Instant::now() })
    }

    /// Adds a line. What it tells of is written, so that it may be written at any time.
    pub(super) fn add(&mut self, line: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer(&mut self.waiting, line)?;
        self.waiting.push(b'\n');
        if self.waiting.len() >= Self::WAITING || self.since.elapsed() >= Self::WAIT {
            self.flush()?;
        }
        Ok(())
    }

    /// Writes what waits.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        self.since = Instant::now();
        Ok(())
    }
}

/// Keeps others from exporting to the same place.
pub(super) fn lock(file: &File) -> io::Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::ResourceBusy, "another export writes to this directory"))
        }
        // Some network file systems have no locks.
        Err(std::fs::TryLockError::Error(_)) => Ok(()),
    }
}
