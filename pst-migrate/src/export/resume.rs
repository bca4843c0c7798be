//! Where an export begins: in an empty directory, or where an earlier run of the same export ended.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::index::{self, INDEX, Index, Known, KnownOrigin, SCHEMA, Written};
use super::output::Output;
use super::piece::hex;
use super::{Choice, Export, ExportError, Summary};

/// What an export was asked for: the first line of its index.
#[derive(Serialize)]
struct Header<'a> {
    schema: &'static str,
    format: &'static str,
    sources: Vec<SourceRecord>,
    choice: &'a Choice,
    /// A hash of how files are opened, of limits, and of how mails are made.
    settings: String,
}

#[derive(Serialize)]
struct SourceRecord {
    path: String,
    /// Of a file: bytes, and seconds since 1970.
    bytes: Option<u64>,
    modified: Option<u64>,
}

impl SourceRecord {
    fn of(path: &Path) -> Self {
        let whole = path.canonicalize().or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned());
        let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file);
        let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
        let since = modified.and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok());
        Self {
            path: whole.to_string_lossy().into_owned(),
            bytes: metadata.map(|metadata| metadata.len()),
            modified: since.map(|since| since.as_secs()),
        }
    }
}

fn header(export: &Export, sources: &[&Path]) -> io::Result<Vec<u8>> {
    let settings = format!("{:?} {:?} {:?} {}", export.open, export.limits, export.mail, export.hashed);
    let header = Header {
        schema: SCHEMA,
        format: export.format.name(),
        sources: sources.iter().map(|path| SourceRecord::of(path)).collect(),
        choice: &export.choice,
        settings: hex(Sha256::digest(settings).get(..8).unwrap_or_default()),
    };
    let mut line = serde_json::to_vec(&header)?;
    line.push(b'\n');
    Ok(line)
}

/// What earlier runs did: for each place, 16 bytes of keyed hash and how many things were met there.
#[derive(Debug, Default)]
pub(super) struct Earlier {
    states: [RandomState; 2],
    done: HashMap<[u64; 2], Met>,
    pub(super) things: u64,
}

/// Things at one place: mostly one, several errors perhaps.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Met {
    left: u32,
    /// One of them was no item that was left out, so that its folder has a place.
    pub(super) has_place: bool,
}

impl Earlier {
    fn key(&self, origin: &KnownOrigin) -> [u64; 2] {
        self.states.each_ref().map(|state| state.hash_one(origin))
    }

    fn add(&mut self, line: &Known) {
        let key = self.key(&line.from);
        let met = self.done.entry(key).or_default();
        met.left = met.left.saturating_add(1);
        met.has_place |= line.outcome != "skipped";
        self.things = self.things.saturating_add(1);
    }

    /// Whether the next thing at a place is done.
    pub(super) fn take(&mut self, origin: &super::Origin<'_>) -> Option<Met> {
        if self.done.is_empty() {
            return None;
        }
        let key = self.key(&KnownOrigin::of(origin));
        let met = self.done.get_mut(&key)?;
        met.left = met.left.saturating_sub(1);
        let known = *met;
        if known.left == 0 {
            self.done.remove(&key);
        }
        Some(known)
    }
}

/// An export that can begin.
pub(super) struct Ready {
    pub(super) index: Index,
    pub(super) output: Output,
    pub(super) earlier: Earlier,
    pub(super) summary: Summary,
}

/// Looks at the directory, and takes up what is there.
pub(super) fn prepare(export: &Export, sources: &[&Path]) -> Result<Ready, ExportError> {
    let directory = export.directory.as_path();
    let of = |path: &Path| {
        let path = path.to_owned();
        move |error| ExportError::Io(path, error)
    };
    let path = directory.join(INDEX);
    fs::create_dir_all(directory).map_err(of(directory))?;
    let header = header(export, sources).map_err(of(&path))?;
    let output = |goes_on| Output::new(export, goes_on);
    let found = OpenOptions::new().read(true).write(true).open(&path);
    let mut file = match found {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut entries = fs::read_dir(directory).map_err(of(directory))?;
            if entries.next().is_some() {
                return Err(ExportError::NotEmpty(directory.to_owned()));
            }
            let index = Index::create(&path, &header).map_err(of(&path))?;
            let (earlier, summary) = (Earlier::default(), Summary::default());
            return Ok(Ready { index, output: output(false), earlier, summary });
        }
        Err(error) => return Err(of(&path)(error)),
    };
    index::lock(&file).map_err(of(&path))?;
    let mut reader = BufReader::with_capacity(256 << 10, &mut file);
    let mut line = Vec::new();
    let read = read_line(&mut reader, &mut line).map_err(of(&path))?;
    if line != header {
        // The first line may be torn like any other: then nothing was done yet.
        let is_torn = !read && header.starts_with(&line) && only_index(directory).map_err(of(directory))?;
        if !is_torn {
            return Err(ExportError::Another(directory.to_owned(), difference(&line, &header)));
        }
        drop(reader);
        drop(file);
        fs::remove_file(&path).map_err(of(&path))?;
        return prepare(export, sources);
    }
    let mut ready = Taking {
        output: output(true),
        earlier: Earlier::default(),
        summary: Summary::default(),
        sizes: HashMap::new(),
    };
    let mut end = length(&line);
    loop {
        line.clear();
        if !read_line(&mut reader, &mut line).map_err(of(&path))? || !ready.take(&line, directory) {
            break;
        }
        end = end.saturating_add(length(&line));
    }
    let index = Index::go_on(file, end).map_err(of(&path))?;
    let Taking { output, earlier, summary, .. } = ready;
    Ok(Ready { index, output, earlier, summary })
}

fn length(line: &[u8]) -> u64 {
    u64::try_from(line.len()).unwrap_or(u64::MAX)
}

/// Reads a line with its end; false if it has none.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    reader.read_until(b'\n', line)?;
    Ok(line.ends_with(b"\n"))
}

fn only_index(directory: &Path) -> io::Result<bool> {
    Ok(fs::read_dir(directory)?.count() == 1)
}

/// In which fields two first lines differ.
fn difference(found: &[u8], wanted: &[u8]) -> String {
    let (found, wanted): (Option<Value>, Option<Value>) =
        (serde_json::from_slice(found).ok(), serde_json::from_slice(wanted).ok());
    let (Some(Value::Object(found)), Some(Value::Object(wanted))) = (found, wanted) else {
        return format!("{INDEX} is no index of an export");
    };
    let keys: Vec<&str> =
        wanted.iter().filter(|(key, value)| found.get(*key) != Some(value)).map(|(key, _)| key.as_str()).collect();
    let told = |key: &str| {
        let text = |value: Option<&Value>| value.map_or_else(String::new, Value::to_string);
        format!("{key} was {}, and is {}", text(found.get(key)), text(wanted.get(key)))
    };
    keys.into_iter().map(told).collect::<Vec<_>>().join("; ")
}

/// What is taken from the lines of an index.
struct Taking {
    output: Output,
    earlier: Earlier,
    summary: Summary,
    /// Bytes of files that many lines tell of.
    sizes: HashMap<String, u64>,
}

impl Taking {
    /// Takes a line; false if it is none, or if what it tells of is not there. **From there on everything is done again**:
    /// after a power cut the disk may have a later line and not what an earlier one tells of.
    fn take(&mut self, line: &[u8], directory: &Path) -> bool {
        let Ok(known) = serde_json::from_slice::<Known>(line) else { return false };
        if known.outcome == "exported" {
            let written = Written { file: known.file.clone(), offset: known.offset, bytes: known.bytes, sha256: None };
            let files = || std::iter::once(&written).chain(&known.beside);
            if !files().all(|written| self.is_there(written, directory)) {
                return false;
            }
            files().for_each(|written| self.output.note(written));
        }
        self.summary.count_known(&known);
        self.earlier.add(&known);
        true
    }

    fn is_there(&mut self, written: &Written, directory: &Path) -> bool {
        let size = |file: &str| -> Option<u64> {
            let path: PathBuf = directory.join(file);
            fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|metadata| metadata.len())
        };
        let Some(offset) = written.offset else { return size(&written.file) == Some(written.bytes) };
        let known = match self.sizes.get(&written.file) {
            Some(known) => *known,
            None => {
                let known = size(&written.file).unwrap_or(0);
                self.sizes.insert(written.file.clone(), known);
                known
            }
        };
        offset.checked_add(written.bytes).is_some_and(|end| end <= known)
    }
}
