//! ZIP archives, read in place and entry by entry.
//!
//! The directory at the end of the archive is walked, not loaded, so that memory does not grow with it; **an entry is what
//! the directory says**, and local headers are only asked where its data begins. An entry is unpacked only if its first
//! bytes show that it is taken in.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};

use pst_core::item::FolderPath;
use pst_core::source::Source;
use pst_core::{Error, ErrorKind, sniff};
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;
use zip::{CompressionMethod, ZipReadOptions};

use crate::input::SkipReason;
use crate::input::content::Spill;
use crate::input::entry_name::EntryName;
use crate::input::reader::SourceReader;
use crate::input::walk::{Flow, Form, Walker};

const STRUCTURE: &str = "ZIP archive";

/// Why an entry is not taken in.
enum Refusal {
    Skip(SkipReason, String),
    Fail(Error),
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Fail(error.into())
    }
}

/// An entry that was unpacked.
struct Unpacked {
    form: Form,
    source: Box<dyn Source>,
}

impl Walker<'_> {
    /// The entries of an archive, which is in `depth - 1` others.
    pub(super) fn archive(&mut self, source: &dyn Source, depth: u32) -> Flow {
        if depth > self.limits.archive_depth {
            return self.skip(SkipReason::TooDeep, format!("more than {} archives", self.limits.archive_depth));
        }
        let outer = self.place.clone();
        let mut archive = match ZipIterable::try_new(SourceReader::new(source), Config::default()) {
            Ok(archive) => archive,
            Err(error) => return self.fail(archive_error(error)),
        };
        if archive.is_empty() {
            return self.skip(SkipReason::Empty, "zip");
        }
        let entries = match archive.files() {
            Ok(entries) => entries,
            Err(error) => return self.fail(archive_error(error)),
        };
        let mut names = Names::new(self.limits.compared_names);
        let mut body = SourceReader::new(source);
        let mut last = None;
        for (entry, number) in entries.zip(1u64..) {
            self.place.clone_from(&outer);
            if number > self.limits.archive_entries {
                return self.skip(SkipReason::TooManyEntries, format!("more than {}", self.limits.archive_entries));
            }
            match entry {
                Ok(entry) => {
                    last = Some(entry.central_header_start());
                    self.entry(entry, &mut body, &mut names, depth)?;
                }
                // Where the next would be is not known any more.
                Err(error) => return self.fail(archive_error(error)),
            }
        }
        self.place = outer;
        if last.is_some_and(|last| goes_on(source, last)) {
            let text = "its directory goes on behind the entries that it counts";
            return self.fail(Error::text(ErrorKind::Corrupt, STRUCTURE, text));
        }
        Flow::Continue(())
    }

    fn entry(&mut self, entry: ZipFileEntry<'_>, body: &mut SourceReader<'_>, names: &mut Names, depth: u32) -> Flow {
        // UTF-8 if it is, else code page 437 (APPNOTE D.1); not every writer that uses the first says so.
        let name = entry.name().unwrap_or_else(|_| String::from_utf8_lossy(entry.name_raw())).into_owned();
        if entry.is_dir() && entry.size() == 0 && EntryName::check(&name).is_ok() {
            // A place for others, which say so themselves.
            return Flow::Continue(());
        }
        self.place.entries.push(name.clone());
        let checked = match EntryName::check(&name) {
            Ok(checked) => checked,
            Err(reason) => return self.skip(reason, ""),
        };
        self.place.folder = self.place.folder.append(&FolderPath::new(checked.folders));
        if !names.is_new(&name) {
            return self.skip(SkipReason::DuplicateName, "");
        }
        match self.unpack(entry, body, checked.file) {
            Ok(unpacked) => self.form(unpacked.form, unpacked.source, checked.file, None, depth.saturating_add(1)),
            Err(Refusal::Skip(reason, detail)) => self.skip(reason, detail),
            Err(Refusal::Fail(error)) => self.fail(error),
        }
    }

    fn unpack(
        &mut self,
        entry: ZipFileEntry<'_>,
        body: &mut SourceReader<'_>,
        name: &str,
    ) -> Result<Unpacked, Refusal> {
        let skip = |reason, detail: String| Err(Refusal::Skip(reason, detail));
        if entry.is_symlink() {
            return skip(SkipReason::Link, String::new());
        }
        if entry.encrypted() {
            return skip(SkipReason::Encrypted, String::new());
        }
        let method = entry.compression();
        if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
            return skip(SkipReason::UnsupportedMethod, method.to_string());
        }
        let (size, packed) = (entry.size(), entry.compressed_size());
        if size == 0 {
            return skip(SkipReason::Empty, String::new());
        }
        // What the directory says may be wrong; unpacking compares.
        self.check_size(size, packed)?;
        let mut file = entry.with_reader(body, ZipReadOptions::new()).map_err(archive_error)?;
        let mut start = Vec::new();
        file.by_ref().take(sniff::START as u64).read_to_end(&mut start).map_err(content_error)?;
        let mut done = length(&start);
        self.unpack_left = self.unpack_left.saturating_sub(done);
        let form = match Form::of(&start, name) {
            Ok(form) => form,
            Err((reason, detail)) => return skip(reason, detail),
        };
        let mut spill = Spill::new(self.limits.memory_bytes);
        spill.write_all(&start)?;
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = match file.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(content_error(error).into()),
            };
            let piece = buffer.get(..count).unwrap_or_default();
            done = done.saturating_add(length(piece));
            self.check_size(done, packed)?;
            self.unpack_left = self.unpack_left.saturating_sub(length(piece));
            spill.write_all(piece)?;
        }
        Ok(Unpacked { form, source: spill.finish()? })
    }

    /// Refuses an entry that has, or is to have, this many bytes.
    fn check_size(&self, size: u64, packed: u64) -> Result<(), Refusal> {
        let limits = self.limits;
        if size > limits.entry_bytes {
            return Err(Refusal::Skip(SkipReason::TooLarge, format!("{size} bytes")));
        }
        if size > limits.ratio_from && size > packed.saturating_mul(limits.ratio) {
            return Err(Refusal::Skip(SkipReason::Ratio, format!("{size} bytes of {packed}")));
        }
        if self.unpack_left == 0 {
            return Err(Refusal::Skip(SkipReason::ArchiveTotal, String::new()));
        }
        Ok(())
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// The names of an archive that came so far, by a hash that nobody can aim at.
struct Names {
    keys: [RandomState; 2],
    known: HashSet<[u64; 2]>,
    room: usize,
}

impl Names {
    fn new(room: usize) -> Self {
        Self { keys: [RandomState::new(), RandomState::new()], known: HashSet::new(), room }
    }

    fn is_new(&mut self, name: &str) -> bool {
        let hash = self.keys.each_ref().map(|key| key.hash_one(name));
        if self.known.len() >= self.room { !self.known.contains(&hash) } else { self.known.insert(hash) }
    }
}

/// True if behind the directory header at this place another follows (APPNOTE 4.3.12). The count of entries has 16 bits in
/// old archives, and may lie in others.
fn goes_on(source: &dyn Source, last: u64) -> bool {
    const FIXED: usize = 46;
    let mut header = [0; FIXED];
    if source.read_exact_at(last, &mut header).is_err() {
        return false;
    }
    let lengths = [28, 30, 32].map(|at| header.get(at..).and_then(|bytes| bytes.first_chunk()).copied());
    let variable = lengths.into_iter().flatten().map(|bytes| u64::from(u16::from_le_bytes(bytes)));
    let next = variable.fold(last.saturating_add(FIXED as u64), u64::saturating_add);
    let mut magic = [0; 4];
    source.read_exact_at(next, &mut magic).is_ok() && &magic == b"PK\x01\x02"
}

/// An error of the archive's own structures.
fn archive_error(error: ZipError) -> Error {
    match error {
        ZipError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Error::text(ErrorKind::Corrupt, STRUCTURE, "it ends within a header")
        }
        ZipError::Io(error) => Error::from(error),
        ZipError::UnsupportedArchive(text) => Error::text(ErrorKind::Unsupported, STRUCTURE, text),
        other => Error::text(ErrorKind::Corrupt, STRUCTURE, other.to_string()),
    }
}

/// An error of an entry's data.
fn content_error(error: io::Error) -> Error {
    // One of this library, on its way through a stream.
    if error.get_ref().is_some_and(|inner| inner.is::<Error>()) {
        return Error::from(error);
    }
    let kind = match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput if error.to_string().contains("checksum") => {
            ErrorKind::Checksum
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => ErrorKind::Corrupt,
        _ => return Error::io(error),
    };
    Error::text(kind, "ZIP entry", error.to_string())
}
