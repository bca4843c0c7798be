//! Writes items as files that other programs read: mails, mboxes, maildirs, JSON.
//!
//! ```text
//! input -- item -- choice -- folders, name, taken ---- where it goes
//!                       +--- output ------------------ piece, mbox, maildir, record: what is written
//!                       +--- index ------------------- what became of it
//! ```
//!
//! **Everything that was met is exported, skipped for a reason or failed**, has a line in the [index](INDEX), and is counted
//! in the [`Summary`]. A run that was stopped, in whatever way, goes on with the same call and repeats nothing: what the
//! index tells of is done, the rest is not. What comes out in the end is the same, byte for byte, as if it had never been
//! stopped. `docs/export.md` has the layout, the schema and the codes.
//!
//! Memory does not grow with mails: what has more than 4 MiB goes to its file while it is read. For each file that was
//! written the hash of its name is kept, 24 to 48 bytes in a table; a run that goes on keeps as much again for each item
//! that is done.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//!
//! use pst_migrate::export::{Choice, Export, Format};
//!
//! # fn main() -> Result<(), pst_migrate::export::ExportError> {
//! let export = Export::new("mails", Format::Eml).choose(Choice::new().folder("Inbox/**"));
//! let done = export.run(&["archive.pst"], &mut |_| ControlFlow::Continue(()))?;
//! println!("{} mails", done.summary.exported);
//! # Ok(())
//! # }
//! ```

mod choice;
mod facts;
mod folders;
mod index;
mod maildir;
mod mbox;
pub mod name;
mod output;
mod piece;
mod record;
mod resume;
mod run;
mod summary;
mod taken;

use std::fmt;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::OpenOptions;
use pst_core::convert::to_mime;
use pst_core::policy::BadItemLimit;

pub use choice::{Choice, NotChosen};
pub use index::{Exported, INDEX, Line, LossRecord, Origin, Outcome, SCHEMA, Written};
pub use summary::Summary;

use crate::input::InputLimits;

/// The form items are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// A file for each mail.
    Eml,
    /// An mbox, of the kind mboxrd, for each folder.
    Mbox,
    /// A maildir for each source, with its folders inside (Maildir++).
    Maildir,
    /// A file of JSON lines for each folder, and one for the bytes of each attachment.
    Json,
}

impl Format {
    /// The stable name, in small letters: `eml`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eml => "eml",
            Self::Mbox => "mbox",
            Self::Maildir => "maildir",
            Self::Json => "json",
        }
    }
}

/// An export to a directory.
#[derive(Clone, Debug)]
pub struct Export {
    directory: PathBuf,
    format: Format,
    choice: Choice,
    open: OpenOptions,
    limits: InputLimits,
    mail: to_mime::Options,
    hashed: bool,
    bad_items: BadItemLimit,
}

/// What happens while an export runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A run goes on that was stopped after so many things.
    GoesOn(u64),
    /// Something that an earlier run had done was met again, and left as it is.
    Known,
    /// Something was met, and is done.
    Line(&'a Line<'a>),
}

/// How an export ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// The account, with what earlier runs did.
    pub summary: Summary,
    /// What earlier runs did of it.
    pub before: u64,
    /// Stores that were opened, those without items among them.
    pub stores: u64,
    /// Patterns for folders that fit no item that was met.
    pub unmatched: Vec<String>,
    /// It was stopped, and can go on.
    pub stopped: bool,
    /// It was stopped because there are more bad items than allowed. With a higher limit it can go on.
    pub beyond_limit: bool,
}

/// Why an export did not come to its end. After all of them it can go on with the same call.
#[derive(Debug)]
#[non_exhaustive]
pub enum ExportError {
    /// The directory has something in it, and no index.
    NotEmpty(PathBuf),
    /// The directory has another export in it; this is what differs.
    Another(PathBuf, String),
    /// There is no source.
    NoSource,
    /// A file that could not be written, as on a full disk, or an index that could not be read.
    Io(PathBuf, io::Error),
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotEmpty(path) => write!(f, "{}: it is not empty, and no export was begun in it", path.display()),
            Self::Another(path, what) => write!(f, "{}: another export was begun in it: {what}", path.display()),
            Self::NoSource => f.write_str("there is nothing to export from"),
            Self::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for ExportError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(_, error) => Some(error),
            Self::NotEmpty(_) | Self::Another(..) | Self::NoSource => None,
        }
    }
}

impl Export {
    /// To a directory that is empty or not there, or that has such an export begun in it.
    pub fn new(directory: impl Into<PathBuf>, format: Format) -> Self {
        Self {
            directory: directory.into(),
            format,
            choice: Choice::new(),
            open: OpenOptions::new(),
            limits: InputLimits::default(),
            mail: to_mime::Options::default(),
            hashed: true,
            bad_items: BadItemLimit::UNLIMITED,
        }
    }

    /// Which items.
    #[must_use]
    pub fn choose(mut self, choice: Choice) -> Self {
        self.choice = choice;
        self
    }

    /// How files are opened.
    #[must_use]
    pub fn open_options(mut self, open: OpenOptions) -> Self {
        self.open = open;
        self
    }

    /// Bounds against hostile input.
    #[must_use]
    pub fn limits(mut self, limits: InputLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How messages become mails.
    #[must_use]
    pub fn mail_options(mut self, mail: to_mime::Options) -> Self {
        self.mail = mail;
        self
    }

    /// Whether the index has the SHA-256 of what was written (default). An attachment in a file of its own is called by its
    /// hash in any case.
    #[must_use]
    pub fn hashes(mut self, hashed: bool) -> Self {
        self.hashed = hashed;
        self
    }

    /// After how many bad items to stop: things that failed and items that are damaged, those of earlier runs of this export
    /// included. Without it there is no limit. It is no part of what is asked for, so that an export can go on with another.
    #[must_use]
    pub fn bad_item_limit(mut self, limit: BadItemLimit) -> Self {
        self.bad_items = limit;
        self
    }

    /// Exports all below some paths, or goes on with that. `observe` is told of everything that is done, and stops the work
    /// by breaking: that is also the place to give up after so many failures. What was told is done, and stays so.
    ///
    /// An item that cannot be read costs itself and stands among the failed. Beyond a [limit](Export::bad_item_limit) the work
    /// stops as if `observe` had broken it, after the item that is too many was told.
    ///
    /// # Errors
    /// An [`ExportError`]; the export can go on once its cause is gone.
    pub fn run<P: AsRef<Path>>(
        &self,
        sources: &[P],
        observe: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    ) -> Result<Done, ExportError> {
        let sources: Vec<&Path> = sources.iter().map(AsRef::as_ref).collect();
        run::run(self, &sources, observe)
    }
}
