//! What is known of addresses by the word of somebody: lists that were applied, the last one first to be asked.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use pst_core::address::{AddressLookup, AddressSource, Known, Resolved, key};
use serde::{Deserialize, Serialize};

use crate::addresses::{Answer, FilledList, people};

/// The form of map files that this version writes.
const FORMAT: u32 = 1;
/// Bytes of a map file.
const LARGEST: u64 = 2 << 30;

/// Answers to who somebody is, list by list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressMap {
    batches: Vec<Batch>,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Batch {
    /// The list it came from, as its user calls it.
    list: String,
    smtp: BTreeMap<String, String>,
    ignore: Vec<String>,
    create: Vec<String>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: u32,
    batches: Vec<Batch>,
}

/// Why a map cannot be used.
#[derive(Debug)]
pub enum MapError {
    /// It cannot be read or written.
    Io(io::Error),
    /// It is no map, or one of a later version.
    Malformed(String),
    /// The list that is to be applied has errors.
    Unsound,
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Malformed(text) => write!(f, "it is no address map: {text}"),
            Self::Unsound => f.write_str("the list has errors, and nothing was applied"),
        }
    }
}

impl std::error::Error for MapError {}

impl From<io::Error> for MapError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl AddressMap {
    /// A map that knows nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads a map from its file; an empty one if the file is not there.
    ///
    /// # Errors
    /// If it cannot be read, or is no map.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, MapError> {
        let path = path.as_ref();
        let size = match fs::metadata(path) {
            Ok(metadata) => metadata.len(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::new()),
            Err(error) => return Err(error.into()),
        };
        if size > LARGEST {
            return Err(MapError::Malformed(format!("{size} bytes")));
        }
        let reader = io::BufReader::new(fs::File::open(path)?);
        let file: File = serde_json::from_reader(reader).map_err(|error| MapError::Malformed(error.to_string()))?;
        if file.format != FORMAT {
            return Err(MapError::Malformed(format!("its form is {}, expected {FORMAT}", file.format)));
        }
        Ok(Self { batches: file.batches })
    }

    /// Writes the map: beside its file first, then renamed, so that a sudden end leaves the old or the new one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), MapError> {
        let path = path.as_ref();
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(parent)?;
        let text = File { format: FORMAT, batches: self.batches.clone() };
        let mut writer = io::BufWriter::new(&mut file);
        serde_json::to_writer_pretty(&mut writer, &text).map_err(io::Error::from)?;
        writer.write_all(b"\n")?;
        writer.flush()?;
        drop(writer);
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Applies a list under a name. What earlier lists say of the same addresses is covered, not lost.
    ///
    /// # Errors
    /// `Unsound` if the list has errors.
    pub fn apply(&mut self, name: &str, list: &FilledList) -> Result<(), MapError> {
        if !list.is_sound() {
            return Err(MapError::Unsound);
        }
        let mut batch = Batch { list: name.to_owned(), smtp: BTreeMap::new(), ignore: Vec::new(), create: Vec::new() };
        for (key, answer) in &list.answers {
            match answer {
                Answer::Smtp(smtp) => drop(batch.smtp.insert(key.clone(), smtp.clone())),
                Answer::Ignore => batch.ignore.push(key.clone()),
                Answer::Create => batch.create.push(key.clone()),
            }
        }
        self.batches.push(batch);
        Ok(())
    }

    /// Takes the last list back, and gives its name; `None` if there is none.
    pub fn undo(&mut self) -> Option<String> {
        self.batches.pop().map(|batch| batch.list)
    }

    /// The names of the lists, in the order in which they were applied.
    pub fn lists(&self) -> impl Iterator<Item = &str> {
        self.batches.iter().map(|batch| batch.list.as_str())
    }

    /// What the last list that knows it says of a key.
    pub fn answer(&self, key: &str) -> Option<Answer> {
        let of = |batch: &Batch| {
            let is_in = |keys: &[String]| keys.iter().any(|known| known == key);
            let is_in_sorted = |keys: &[String]| keys.binary_search_by(|known| known.as_str().cmp(key)).is_ok();
            // Files may be edited by hand.
            let is_in = |keys: &[String]| if keys.is_sorted() { is_in_sorted(keys) } else { is_in(keys) };
            let smtp = batch.smtp.get(key).cloned().map(Answer::Smtp);
            smtp.or_else(|| is_in(&batch.ignore).then_some(Answer::Ignore))
                .or_else(|| is_in(&batch.create).then_some(Answer::Create))
        };
        self.batches.iter().rev().find_map(of)
    }
}

impl AddressMap {
    /// What it says of somebody who has no SMTP address; **also of those who are nothing but a name**, which
    /// [`resolve`](pst_core::address::resolve) never looks up.
    pub fn answer_for(&self, who: &Resolved) -> Option<Answer> {
        if self.batches.is_empty() {
            return None;
        }
        people::key_of(who).and_then(|(key, _, _)| self.answer(&key))
    }
}

impl AddressLookup for AddressMap {
    fn find(&self, address_type: &str, address: &str) -> Known {
        match self.answer(&key(address_type, address)) {
            Some(Answer::Smtp(smtp)) => Known::Address { smtp, source: AddressSource::Directory },
            _ => Known::Nothing,
        }
    }
}
