//! Writes items in the format that was asked for.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pst_core::convert::to_mime::{self, Converted};
use pst_core::convert::{calendar, contact};
use pst_core::item::AnyMessage;
use pst_core::messaging::kind::Kind;
use pst_core::messaging::{Message, NamedProperties};
use pst_core::{Error, Pst};
use sha2::{Digest as _, Sha256};

use super::facts::{self, Facts, People};
use super::folders::{FolderId, Folders};
use super::index::{LossRecord, Origin, Written};
use super::piece::{Digest, Piece, Taken as Pieces, hex};
use super::record::Recorder;
use super::taken::Taken;
use super::{Export, Format, maildir, mbox, name};
use crate::input::Found;

/// Why an item was not written.
pub(super) enum Stop {
    /// It cannot be read: the next one may be.
    Read(Error),
    /// It cannot be written: nor will the next.
    Write(PathBuf, io::Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Read(error)
    }
}

/// What was written of an item.
pub(super) struct Done {
    pub(super) written: Written,
    pub(super) beside: Vec<Written>,
    pub(super) losses: Vec<LossRecord>,
    pub(super) message_id: Option<String>,
    pub(super) people: People,
}

/// What a file is made of.
enum Content<'c> {
    Message(&'c Message, &'c NamedProperties),
    Bytes(&'c [u8]),
}

impl Content<'_> {
    fn pour(&self, out: &mut dyn Write, options: &to_mime::Options) -> pst_core::Result<Option<Converted>> {
        match self {
            Self::Message(message, names) => to_mime::write_mail_with(message, names, out, options, &()).map(Some),
            Self::Bytes(bytes) => out.write_all(bytes).map(|()| None).map_err(Error::io),
        }
    }
}

/// The directory of an export.
pub(super) struct Output {
    directory: PathBuf,
    format: Format,
    options: to_mime::Options,
    hashed: bool,
    pub(super) folders: Folders,
    pub(super) taken: Taken,
    /// Directories of maildirs by folder, below the directory of the export.
    maildirs: HashMap<FolderId, String>,
    maildir_names: Taken,
    pub(super) ends: HashMap<String, u64>,
    /// The file that pieces are added to: its name, itself, and where it ends.
    open: Option<(String, File, u64)>,
    /// The run goes on: files that no line of the index tells of may be there.
    goes_on: bool,
    buffer: Vec<u8>,
}

/// The directory of attachments, in the format that has them in files of their own.
pub(super) const ATTACHMENTS: &str = "attachments";

impl Output {
    pub(super) fn new(export: &Export, goes_on: bool) -> Self {
        Self {
            directory: export.directory.clone(),
            format: export.format,
            options: export.mail.clone(),
            hashed: export.hashed,
            folders: Folders::new(&[super::INDEX, ATTACHMENTS]),
            taken: Taken::default(),
            maildirs: HashMap::new(),
            maildir_names: Taken::default(),
            ends: HashMap::new(),
            open: None,
            goes_on,
            buffer: Vec::new(),
        }
    }

    /// Takes the names of what was written before.
    pub(super) fn note(&mut self, written: &Written) {
        if let Some(offset) = written.offset {
            let end = offset.saturating_add(written.bytes);
            let known = self.ends.entry(written.file.clone()).or_default();
            *known = end.max(*known);
            return;
        }
        if let Some((folder, name)) = written.file.rsplit_once('/') {
            let bare = [":2,", ";2,"].iter().find_map(|mark| name.rsplit_once(mark)).map(|(bare, _)| bare);
            let name = bare.filter(|_| self.format == Format::Maildir).unwrap_or(name);
            self.taken.note(folder, name);
        }
    }

    /// Gives a folder its place; **in the order of the items**, also of those that were written before.
    pub(super) fn arrive(&mut self, folder: FolderId) -> Result<(), Stop> {
        if self.format == Format::Maildir {
            self.maildir(folder)?;
        }
        Ok(())
    }

    /// Writes an item.
    pub(super) fn item(
        &mut self,
        found: &Found<'_>,
        folder: FolderId,
        facts: &Facts,
        origin: &Origin<'_>,
    ) -> Result<Done, Stop> {
        if self.format == Format::Json {
            return self.json(found, folder, facts, origin);
        }
        let mut losses = Vec::new();
        let names = found.store.map(|store| names_of(store, &mut losses));
        let content = match (&found.message, &names) {
            (AnyMessage::Message(message), Some(names)) => Content::Message(message, names),
            (AnyMessage::Message(message), None) => return Err(Stop::Read(no_store(message))),
            (AnyMessage::Mail(mail), _) => Content::Bytes(found.bytes.unwrap_or(mail.bytes())),
        };
        let stem = name::of_item(facts.date, facts.subject.as_deref().unwrap_or_default());
        let (written, converted) = match self.format {
            Format::Mbox => self.in_mbox(found, folder, facts, &content)?,
            Format::Maildir => self.in_maildir(found, folder, facts, origin, &content)?,
            Format::Eml | Format::Json => {
                let path = self.folder(folder)?;
                self.file(&path, &stem, ".eml", &content)?
            }
        };
        losses.extend(converted.iter().flat_map(|mail| &mail.losses).map(LossRecord::from));
        let message_id = match &converted {
            Some(mail) => Some(mail.message_id.trim_matches(['<', '>']).to_owned()),
            None => found.item().message_id().ok().flatten(),
        };
        let stem = match self.format {
            Format::Eml => {
                let name = written.file.rsplit_once('/').map_or(written.file.as_str(), |(_, name)| name);
                name.strip_suffix(".eml").unwrap_or(name).to_owned()
            }
            _ => stem,
        };
        let beside = match &found.message {
            AnyMessage::Message(message) => self.card(message, names.as_deref(), folder, facts, &stem, &mut losses)?,
            AnyMessage::Mail(_) => None,
        };
        let people = converted.as_ref().map_or_else(|| People::of(&found.item()), People::of_mail);
        Ok(Done { written, beside: beside.into_iter().collect(), losses, message_id, people })
    }

    /// A contact as vCard, an entry of a calendar as iCalendar: beside the mail, for programs that read no mail.
    fn card(
        &mut self,
        message: &Message,
        names: Option<&NamedProperties>,
        folder: FolderId,
        facts: &Facts,
        stem: &str,
        losses: &mut Vec<LossRecord>,
    ) -> Result<Option<Written>, Stop> {
        let Some(names) = names else { return Ok(None) };
        let class = facts.class.as_deref().unwrap_or_default();
        let (extension, made) = match facts.kind {
            Kind::Contact | Kind::DistributionList if contact::is_convertible(class) => {
                let card = contact::to_vcard(message, names, contact::Version::V3);
                (".vcf", card.map(|card| (card.text, card.losses)))
            }
            Kind::Appointment | Kind::Task | Kind::Activity if calendar::is_convertible(class) => {
                let calendar = calendar::to_icalendar(message, names, &calendar::Options::default());
                (".ics", calendar.map(|calendar| (calendar.text, calendar.losses)))
            }
            _ => return Ok(None),
        };
        match made {
            Ok((text, lost)) => {
                let records = lost.iter().map(LossRecord::from);
                let told: Vec<_> = records.filter(|loss| !losses.contains(loss)).collect();
                losses.extend(told.into_iter().map(|loss| in_card(extension, loss)));
                let path = self.folder(folder)?;
                self.file(&path, stem, extension, &Content::Bytes(text.as_bytes())).map(|(written, _)| Some(written))
            }
            Err(error) => {
                let loss = LossRecord { code: "unreadable".to_owned(), property: None, detail: error.to_string() };
                losses.push(in_card(extension, loss));
                Ok(None)
            }
        }
    }

    /// The path of a folder, whose directory is there.
    fn folder(&mut self, folder: FolderId) -> Result<String, Stop> {
        let path = self.folders.path(folder).to_owned();
        let made = self.folders.make(folder, &self.directory);
        made.map_err(|error| Stop::Write(self.directory.join(&path), error))?;
        Ok(path)
    }

    /// Writes a file of its own.
    fn file(
        &mut self,
        folder: &str,
        stem: &str,
        extension: &str,
        content: &Content<'_>,
    ) -> Result<(Written, Option<Converted>), Stop> {
        let name = self.taken.free(folder, stem, extension);
        let file = format!("{folder}/{name}");
        let path = self.directory.join(&file);
        let partial = self.directory.join(format!("{file}.partial"));
        let (digest, converted) = self.whole(&path, &partial, content)?;
        self.taken.note(folder, &name);
        Ok((written(file, None, digest), converted))
    }

    /// Writes a whole file: what is small at once under its name, what is large under another first.
    fn whole(
        &mut self,
        path: &Path,
        partial: &Path,
        content: &Content<'_>,
    ) -> Result<(Digest, Option<Converted>), Stop> {
        let goes_on = self.goes_on;
        let mut create_partial = || create(partial, goes_on);
        let mut piece = Piece::new(&mut self.buffer, self.hashed, &mut create_partial);
        let poured = match (content, content.pour(&mut piece, &self.options)) {
            (_, Ok(converted)) => converted,
            (_, Err(error)) => {
                let failure = piece.failure();
                if piece.buffered().is_none() {
                    let _ = fs::remove_file(partial);
                }
                return Err(failure.map_or(Stop::Read(error), |failure| Stop::Write(partial.to_owned(), failure)));
            }
        };
        let unwritten = |error| Stop::Write(path.to_owned(), error);
        match piece.finish().map_err(unwritten)? {
            Pieces::Small(digest) => {
                let mut file = create(path, goes_on).map_err(unwritten)?;
                if let Err(error) = file.write_all(&self.buffer) {
                    let _ = fs::remove_file(path);
                    return Err(unwritten(error));
                }
                Ok((digest, poured))
            }
            Pieces::Large(digest, file) => {
                drop(file);
                fs::rename(partial, path).map_err(unwritten)?;
                Ok((digest, poured))
            }
        }
    }

    /// Opens the file that pieces of this name are added to, cut where the index says that it ends.
    fn appending(&mut self, file: &str) -> io::Result<(&mut File, &mut u64)> {
        if self.open.as_ref().is_none_or(|(name, ..)| name != file) {
            if let Some((name, _, end)) = self.open.take() {
                self.ends.insert(name, end);
            }
            let path = self.directory.join(file);
            let (opened, end) = match self.ends.get(file) {
                Some(end) => {
                    let mut opened = OpenOptions::new().write(true).open(path)?;
                    opened.set_len(*end)?;
                    opened.seek(SeekFrom::Start(*end))?;
                    (opened, *end)
                }
                None => (create(&path, self.goes_on)?, 0),
            };
            self.open = Some((file.to_owned(), opened, end));
        }
        match &mut self.open {
            Some((_, opened, end)) => Ok((opened, end)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    /// Adds a piece to a file; nothing of it stays if it fails.
    fn append<T>(
        &mut self,
        file: String,
        fill: impl FnOnce(&mut Piece<'_>) -> pst_core::Result<T>,
    ) -> Result<(Written, T), Stop> {
        let path = self.directory.join(&file);
        let unwritten = |error| Stop::Write(path.clone(), error);
        let hashed = self.hashed;
        let mut buffer = std::mem::take(&mut self.buffer);
        let (opened, end) = self.appending(&file).map_err(unwritten)?;
        let start = *end;
        let mut same = || opened.try_clone();
        let mut piece = Piece::new(&mut buffer, hashed, &mut same);
        let filled = fill(&mut piece);
        let failure = piece.failure();
        let finished = match filled {
            Ok(filled) => piece.finish().map(|pieces| (filled, pieces)).map_err(unwritten),
            Err(error) => Err(failure.map_or(Stop::Read(error), unwritten)),
        };
        let finished = finished.and_then(|(filled, pieces)| match pieces {
            Pieces::Small(digest) => {
                opened.write_all(&buffer).map(|()| (filled, digest)).map_err(|error| Stop::Write(path.clone(), error))
            }
            Pieces::Large(digest, _) => Ok((filled, digest)),
        });
        let done = match finished {
            Ok((filled, digest)) => {
                *end = start.saturating_add(digest.size);
                Ok((written(file, Some(start), digest), filled))
            }
            Err(stop) => {
                // Where this fails as well, the index says where the file ends.
                let _ = opened.set_len(start).and_then(|()| opened.seek(SeekFrom::Start(start)));
                Err(stop)
            }
        };
        self.buffer = buffer;
        done
    }

    fn in_mbox(
        &mut self,
        found: &Found<'_>,
        folder: FolderId,
        facts: &Facts,
        content: &Content<'_>,
    ) -> Result<(Written, Option<Converted>), Stop> {
        let file = self.file_of_folder(folder, "mbox")?;
        let bare = match content {
            Content::Bytes(bytes) => {
                let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(0);
                bytes.get(..end).is_some_and(|line| !line.ends_with(b"\r"))
            }
            Content::Message(..) => false,
        };
        let line = mbox::separator(facts::sender_smtp(&found.item()).as_deref(), facts.date);
        let options = self.options.clone();
        self.append(file, |piece| {
            let end: &[u8] = if bare { b"\n" } else { b"\r\n" };
            piece.write_all(line.as_bytes()).and_then(|()| piece.write_all(end)).map_err(Error::io)?;
            let mut quoter = mbox::Quoter::new(piece);
            let converted = content.pour(&mut quoter, &options)?;
            quoter.finish().map_err(Error::io)?;
            Ok(converted)
        })
    }

    /// The file that holds all items of a folder, beside the directory of the folder.
    fn file_of_folder(&mut self, folder: FolderId, extension: &str) -> Result<String, Stop> {
        let path = self.folders.path(folder);
        let file = format!("{path}.{extension}");
        let above = self.directory.join(&file);
        let above = above.parent().unwrap_or(&self.directory);
        // Once for each time that the file is opened.
        if self.open.as_ref().is_none_or(|(name, ..)| *name != file) {
            fs::create_dir_all(above).map_err(|error| Stop::Write(above.to_owned(), error))?;
        }
        Ok(file)
    }

    fn in_maildir(
        &mut self,
        found: &Found<'_>,
        folder: FolderId,
        facts: &Facts,
        origin: &Origin<'_>,
        content: &Content<'_>,
    ) -> Result<(Written, Option<Converted>), Stop> {
        let directory = self.maildir(folder)?;
        let place = format!("{} {:?} {:?} {:?}", origin.source, origin.entries, origin.offset, origin.node);
        let file = Path::new(origin.file).file_name().unwrap_or_default();
        let hash = Sha256::new().chain_update(place).chain_update(file.as_encoded_bytes()).finalize();
        let identity = hex(hash.get(..8).unwrap_or_default());
        let current = format!("{directory}/cur");
        let bare = self.taken.free(&current, &maildir::file(facts.date, &identity), "");
        let partial = self.directory.join(format!("{directory}/tmp/{bare}"));
        let file = format!("{current}/{bare}{}", maildir::flags(found));
        let (digest, converted) = self.whole(&self.directory.join(&file), &partial, content)?;
        self.taken.note(&current, &bare);
        Ok((written(file, None, digest), converted))
    }

    /// The maildir of a folder, which is there.
    fn maildir(&mut self, folder: FolderId) -> Result<String, Stop> {
        if let Some(known) = self.maildirs.get(&folder) {
            return Ok(known.clone());
        }
        let top = self.folders.top(folder);
        let above = self.folders.path(top).to_owned();
        let path = if folder == top {
            above
        } else {
            self.maildir(top)?;
            let below = self.folders.path(folder).get(above.len()..).unwrap_or_default();
            let names: Vec<&str> = below.split('/').filter(|name| !name.is_empty()).collect();
            let wanted = maildir::directory(&names);
            let mut name = wanted.clone();
            let mut number = 2u32;
            while self.maildir_names.is_taken(&above, &name) {
                name = format!("{wanted} ({number})");
                number = number.saturating_add(1);
            }
            self.maildir_names.note(&above, &name);
            format!("{above}/{name}")
        };
        for part in ["cur", "new", "tmp"] {
            let part = self.directory.join(&path).join(part);
            fs::create_dir_all(&part).map_err(|error| Stop::Write(part, error))?;
        }
        self.maildirs.insert(folder, path.clone());
        Ok(path)
    }

    fn json(&mut self, found: &Found<'_>, folder: FolderId, facts: &Facts, origin: &Origin<'_>) -> Result<Done, Stop> {
        let directory = self.directory.join(ATTACHMENTS);
        let mut buffer = std::mem::take(&mut self.buffer);
        let mut keep = |reader: &mut dyn io::Read| keep_attachment(&directory, &mut buffer, reader);
        let mut recorder = Recorder::new(&mut keep);
        let record = recorder.record(&found.item(), 0);
        let (mut losses, files) = (recorder.losses, recorder.files);
        self.buffer = buffer;
        let record = record.map_err(|error| Stop::Write(directory, error))?;
        if let AnyMessage::Message(message) = &found.message {
            // A message without properties is none, and no record of nothing but losses.
            message.properties()?;
        }
        let mut beside = files;
        if let (AnyMessage::Message(message), Some(store)) = (&found.message, found.store) {
            let names = names_of(store, &mut losses);
            let stem = name::of_item(facts.date, facts.subject.as_deref().unwrap_or_default());
            beside.extend(self.card(message, Some(&names), folder, facts, &stem, &mut losses)?);
        }
        let file = self.file_of_folder(folder, "jsonl")?;
        #[derive(serde::Serialize)]
        struct JsonLine<'l> {
            from: &'l Origin<'l>,
            folder: &'l [String],
            #[serde(flatten)]
            record: &'l super::record::Record,
            losses: &'l [LossRecord],
        }
        let line = JsonLine { from: origin, folder: found.place.folder.names(), record: &record, losses: &losses };
        let message_id = record.message_id.clone();
        let (written, ()) = self.append(file, |piece| {
            serde_json::to_writer(&mut *piece, &line).map_err(|error| Error::io(error.into()))?;
            piece.write_all(b"\n").map_err(Error::io)
        })?;
        Ok(Done { written, beside, losses, message_id, people: People::of(&found.item()) })
    }
}

/// The named properties of a store; none, and a loss, if they cannot be read.
fn names_of(store: &Pst, losses: &mut Vec<LossRecord>) -> Arc<NamedProperties> {
    store.named_properties().unwrap_or_else(|error| {
        let detail = format!("named properties: {error}");
        losses.push(LossRecord { code: "unreadable".to_owned(), property: None, detail });
        Arc::default()
    })
}

fn no_store(message: &Message) -> Error {
    Error::text(pst_core::ErrorKind::InvalidInput, "message", "its store is not known").in_node(message.id())
}

fn in_card(extension: &str, loss: LossRecord) -> LossRecord {
    LossRecord { detail: format!("{extension}: {}", loss.detail), ..loss }
}

fn written(file: String, offset: Option<u64>, digest: Digest) -> Written {
    Written { file, offset, bytes: digest.size, sha256: digest.hex() }
}

/// Makes a file that is not there. What is there after a run that was stopped, and in no line of the index, goes.
fn create(path: &Path, goes_on: bool) -> io::Result<File> {
    let new = || OpenOptions::new().write(true).create_new(true).open(path);
    match new() {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && goes_on => {
            fs::remove_file(path)?;
            new()
        }
        made => made,
    }
}

/// Writes the bytes of an attachment to a file that is called by their SHA-256, unless it is there.
fn keep_attachment(
    directory: &Path,
    buffer: &mut Vec<u8>,
    reader: &mut dyn io::Read,
) -> io::Result<pst_core::Result<Written>> {
    let partial = directory.join(".partial");
    let mut create_partial = || {
        fs::create_dir_all(directory)?;
        File::create(&partial)
    };
    let mut piece = Piece::new(buffer, true, &mut create_partial);
    if let Err(error) = io::copy(reader, &mut piece) {
        let failure = piece.failure();
        return failure.map_or_else(|| Ok(Err(Error::from(error))), Err);
    }
    let pieces = piece.finish()?;
    let (Pieces::Small(digest) | Pieces::Large(digest, _)) = &pieces;
    let digest = *digest;
    let name = digest.hex().unwrap_or_default();
    let start = name.get(..2).unwrap_or_default();
    let folder = directory.join(start);
    let path = folder.join(&name);
    let is_there = fs::symlink_metadata(&path).is_ok_and(|known| known.is_file() && known.len() == digest.size);
    if !is_there {
        fs::create_dir_all(&folder)?;
        match pieces {
            // One that was cut short by a sudden end is written again.
            Pieces::Small(_) => create(&path, true)?.write_all(buffer)?,
            Pieces::Large(_, file) => {
                drop(file);
                fs::rename(&partial, &path)?;
            }
        }
    } else if matches!(pieces, Pieces::Large(..)) {
        fs::remove_file(&partial)?;
    }
    Ok(Ok(written(format!("{ATTACHMENTS}/{start}/{name}"), None, digest)))
}
