//! The way through files and directories, and what is done with each.

use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use pst_core::item::{AnyMessage, FolderPath, FolderPaths};
use pst_core::mime::Mail;
use pst_core::sniff::{self, FileKind};
use pst_core::source::Source;
use pst_core::{Error, OpenOptions};

use crate::input::content::Part;
use crate::input::directory::Names;
use crate::input::{
    Failed, Found, InputLimits, MaildirFlags, Place, Seen, SkipReason, Skipped, Summary, Within, maildir,
};

/// Whether to go on.
pub(super) type Flow = ControlFlow<()>;

/// A form that input is taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A PST, OST or PAB.
    Store,
    /// A single mail.
    Mail,
    /// An mbox.
    Mbox,
    /// A ZIP archive.
    Archive,
}

impl Form {
    /// The form of a file by its first bytes, [`sniff::START`] of them or all; its name helps where they say nothing.
    ///
    /// # Errors
    /// Why a file of this kind is not taken in, and which kind that is.
    pub fn of(start: &[u8], name: &str) -> Result<Self, (SkipReason, String)> {
        decide(start, name, false)
    }

    /// The stable name, in small letters: `zip`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Mail => "mail",
            Self::Mbox => "mbox",
            Self::Archive => "zip",
        }
    }
}

/// What the files in a directory are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Files {
    /// What their content says.
    Any,
    /// Mails of a maildir.
    Mails,
    /// Mails that a maildir has not yet.
    Undelivered,
}

pub(super) struct Walker<'w> {
    open: &'w OpenOptions,
    pub(super) limits: &'w InputLimits,
    pub(super) visit: &'w mut dyn FnMut(Seen<'_>) -> Flow,
    pub(super) summary: Summary,
    /// Where the way is.
    pub(super) place: Place,
    /// Bytes that the entries of the open archive file may still have.
    pub(super) unpack_left: u64,
}

impl<'w> Walker<'w> {
    pub(super) fn new(
        open: &'w OpenOptions,
        limits: &'w InputLimits,
        visit: &'w mut dyn FnMut(Seen<'_>) -> Flow,
    ) -> Self {
        let (summary, place) = (Summary::default(), Place::default());
        Self { open, limits, visit, summary, place, unpack_left: 0 }
    }

    pub(super) fn finish(self) -> Summary {
        self.summary
    }

    pub(super) fn show(summary: &mut Summary, visit: &mut dyn FnMut(Seen<'_>) -> Flow, seen: Seen<'_>) -> Flow {
        summary.count(&seen);
        let flow = visit(seen);
        summary.stopped |= flow.is_break();
        flow
    }

    pub(super) fn skip(&mut self, reason: SkipReason, detail: impl Into<String>) -> Flow {
        let seen = Seen::Skipped(Skipped { place: &self.place, reason, detail: detail.into() });
        Self::show(&mut self.summary, self.visit, seen)
    }

    pub(super) fn fail(&mut self, error: impl Into<Error>) -> Flow {
        let seen = Seen::Failed(Failed { place: &self.place, error: error.into() });
        Self::show(&mut self.summary, self.visit, seen)
    }

    /// Shows a mail that is the whole of a file or entry.
    fn mail(&mut self, bytes: &[u8], flags: Option<MaildirFlags>) -> Flow {
        let message = AnyMessage::Mail(Box::new(Mail::parse(bytes)));
        let seen = Seen::Item(Found { bytes: Some(bytes), flags, ..Found::new(&self.place, message) });
        Self::show(&mut self.summary, self.visit, seen)
    }

    /// A path that was given.
    pub(super) fn path(&mut self, path: &Path) -> Flow {
        self.place = Place { file: path.to_owned(), ..Place::default() };
        match fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.directory(path, &FolderPath::default(), Files::Any, 0),
            Ok(metadata) if metadata.is_file() => self.file(path, Files::Any),
            Ok(_) => self.skip(SkipReason::SpecialFile, ""),
            Err(error) => self.fail(error),
        }
    }

    fn directory(&mut self, path: &Path, folder: &FolderPath, files: Files, depth: u32) -> Flow {
        if depth > self.limits.directory_depth {
            return self.skip(SkipReason::TooDeep, format!("more than {} directories", self.limits.directory_depth));
        }
        let names = match Names::open(path) {
            Ok(names) => names,
            Err(error) => return self.fail(error),
        };
        let is_maildir = files == Files::Any && maildir::is_one(path);
        for name in names {
            self.place = Place { file: path.to_owned(), folder: folder.clone(), ..Place::default() };
            let name = match name {
                Ok(name) => name,
                Err(error) => {
                    self.fail(error)?;
                    continue;
                }
            };
            let child = path.join(&name);
            self.place.file.clone_from(&child);
            let metadata = match fs::symlink_metadata(&child) {
                Ok(metadata) => metadata,
                Err(error) => {
                    self.fail(error)?;
                    continue;
                }
            };
            let kind = metadata.file_type();
            if kind.is_dir() {
                let name = name.to_string_lossy();
                let (folder, files) = match &*name {
                    "cur" | "new" if is_maildir => (folder.clone(), Files::Mails),
                    "tmp" if is_maildir => (folder.clone(), Files::Undelivered),
                    name => {
                        let below = maildir::folders(name).filter(|_| is_maildir && maildir::is_one(&child));
                        (
                            below.map_or_else(|| folder.join(name), |below| folder.append(&FolderPath::new(below))),
                            Files::Any,
                        )
                    }
                };
                self.directory(&child, &folder, files, depth.saturating_add(1))?;
            } else if kind.is_file() {
                self.file(&child, files)?;
            } else if kind.is_symlink() {
                self.skip(SkipReason::Link, "")?;
            } else {
                self.skip(SkipReason::SpecialFile, "")?;
            }
        }
        Flow::Continue(())
    }

    fn file(&mut self, path: &Path, files: Files) -> Flow {
        if files == Files::Undelivered {
            return self.skip(SkipReason::Undelivered, "");
        }
        match self.open.open_source(path) {
            Ok(source) => self.opened(path, source, files),
            Err(error) => self.fail(error),
        }
    }

    /// A file that was opened elsewhere.
    pub(super) fn source(&mut self, path: &Path, source: Box<dyn Source>) -> Flow {
        self.place = Place { file: path.to_owned(), ..Place::default() };
        self.opened(path, source, Files::Any)
    }

    fn opened(&mut self, path: &Path, source: Box<dyn Source>, files: Files) -> Flow {
        let start = match Part::of(&*source, 0..source.len().min(sniff::START as u64), self.limits.memory_bytes) {
            Ok(start) => start,
            Err(error) => return self.fail(error),
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_mailbox = files == Files::Mails;
        let form = decide(start.bytes(), &name, is_mailbox);
        drop(start);
        let by_ratio = source.len().saturating_mul(self.limits.ratio).max(self.limits.ratio_from);
        self.unpack_left = by_ratio.min(self.limits.archive_bytes);
        match form {
            Ok(form) => self.form(form, source, &name, is_mailbox.then(|| MaildirFlags::of(&name)), 1),
            Err((reason, detail)) => self.skip(reason, detail),
        }
    }

    /// Reads a file or entry of a form that is known. `depth` counts the archives that it would be in, were it one.
    pub(super) fn form(
        &mut self,
        form: Form,
        source: Box<dyn Source>,
        name: &str,
        flags: Option<MaildirFlags>,
        depth: u32,
    ) -> Flow {
        match form {
            Form::Store => self.store(source),
            Form::Mbox => self.mbox(&*source, name),
            Form::Archive => self.archive(&*source, depth),
            Form::Mail => {
                let size = source.len();
                if size > self.limits.mail_bytes {
                    return self.skip(SkipReason::TooLarge, format!("{size} bytes"));
                }
                match Part::of(&*source, 0..size, self.limits.memory_bytes) {
                    Ok(part) => self.mail(part.bytes(), flags),
                    Err(error) => self.fail(error),
                }
            }
        }
    }

    /// The messages of a store, those that no folder lists among them.
    fn store(&mut self, source: Box<dyn Source>) -> Flow {
        let pst = match self.open.from_source(source) {
            Ok(pst) => pst,
            Err(error) => return self.fail(error),
        };
        self.summary.stores = self.summary.stores.saturating_add(1);
        let mut paths = FolderPaths::new(&pst);
        for entry in pst.message_entries() {
            match entry.and_then(|entry| pst.message_from_entry(entry)) {
                Ok(message) => {
                    self.place.within = Within::Node(message.id());
                    self.place.folder = paths.of(message.folder_id());
                    let message = AnyMessage::Message(message);
                    let seen = Seen::Item(Found { store: Some(&pst), ..Found::new(&self.place, message) });
                    Self::show(&mut self.summary, self.visit, seen)?;
                }
                Err(error) => {
                    self.place.within = error.location().node.map_or(Within::Whole, Within::Node);
                    self.place.folder = FolderPath::default();
                    self.fail(error)?;
                }
            }
        }
        Flow::Continue(())
    }
}

/// The form of a file or entry; one in a maildir is a mail if it can be.
fn decide(start: &[u8], name: &str, is_mailbox: bool) -> Result<Form, (SkipReason, String)> {
    let kind = FileKind::of(start);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let named = |names: &[&str]| names.contains(&extension.as_str());
    let unclear = matches!(kind, FileKind::Text | FileKind::Other);
    match kind {
        FileKind::Mail | FileKind::AppleMail => Ok(Form::Mail),
        // In a maildir it is one mail, with the line a server left there.
        FileKind::Mbox if is_mailbox => Ok(Form::Mail),
        FileKind::Mbox => Ok(Form::Mbox),
        FileKind::Zip => Ok(Form::Archive),
        FileKind::Store => Ok(Form::Store),
        FileKind::Empty | FileKind::EmptyZip => Err((SkipReason::Empty, kind.name().to_owned())),
        _ if unclear && (is_mailbox || named(&["eml", "emlx"])) => Ok(Form::Mail),
        // Opening it says what is wrong with it.
        _ if named(&["pst", "ost", "pab"]) => Ok(Form::Store),
        _ if kind.may_hold_mail() => Err((SkipReason::OtherForm, kind.name().to_owned())),
        _ if unclear && named(&["mbox", "mbx", "msg", "dbx", "olm", "nsf"]) => Err((SkipReason::OtherForm, extension)),
        _ => Err((SkipReason::NotMail, kind.name().to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_goes_before_the_name() {
        let skipped = |reason, detail: &str| Err((reason, detail.to_owned()));
        for (start, name, expected) in [
            (&b"!BDN"[..], "backup.bak", Ok(Form::Store)),
            (b"PK\x03\x04", "mail.pst", Ok(Form::Archive)),
            (b"Received: x\n", "mail.pst", Ok(Form::Mail)),
            (b"lost header", "mail.PST", Ok(Form::Store)),
            (b"no header at all", "a.eml", Ok(Form::Mail)),
            (b"no header at all", "a.txt", skipped(SkipReason::NotMail, "text")),
            (b"\xFF\xFE\xFD\0", "a.eml", Ok(Form::Mail)),
            (b"%PDF-1.4", "a.eml", skipped(SkipReason::NotMail, "pdf")),
            (b"\x1F\x8B", "all.mbox.gz", skipped(SkipReason::OtherForm, "gzip")),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a.msg", skipped(SkipReason::OtherForm, "compound-file")),
            (b"what", "a.nsf", skipped(SkipReason::OtherForm, "nsf")),
            (b"", "a.eml", skipped(SkipReason::Empty, "empty")),
            (b"\0\0\0\0", "a.pst", Ok(Form::Store)),
            (b"\0\0\0\0", "a.eml", skipped(SkipReason::OtherForm, "zeros")),
        ] {
            assert_eq!(decide(start, name, false), expected, "{name}");
        }
        assert_eq!(decide(b"From a Wed May 17 23:35:05 2000\nSubject: x\n", "1:2,S", true), Ok(Form::Mail));
        assert_eq!(decide(b"no header at all", "1:2,S", true), Ok(Form::Mail));
        assert_eq!(decide(b"\x1F\x8B", "1:2,SZ", true), skipped(SkipReason::OtherForm, "gzip"));
    }
}
