//! Makes one store of mail files, mboxes, maildirs, archives and stores.
//!
//! ```text
//! Input -> item -> mail     from_mime, marks of the maildir, date of the mbox --+
//!            |                                                                  +-> folder of the new store
//!            +---> message  copied as it stands, with its named properties -----+
//! ```
//!
//! What is taken in, [`input`](crate::input) decides. **Everything seen is written, skipped for a reason or failed**, and
//! [`Summary`] adds up. Duplicates are written as often as they are there. Memory does not grow with the number of items:
//! what is kept is a small record for each folder.
//!
//! # Folders
//!
//! Directories, directories of archives, maildirs (`.A.B` is B in A) and mboxes (by their names) become folders, whatever is
//! in them; those that differ in case alone are one. Some programs name directories for themselves: `Work.sbd` beside the
//! mbox `Work` (Thunderbird) and `Work.mbox/mbox` (Apple Mail) are Work, and `Takeout/Mail` (Google) is the top. Mail that
//! stands in no directory goes to the folder *Mail*.
//!
//! A folder becomes the inbox, sent items, drafts, deleted items or junk mail of the store **only if it is an mbox or a
//! maildir at the top that has a name which mail programs give these folders on disk in every language**
//! ([`role_of`]), or a maildir that was itself given, which is the inbox; of two folders for one purpose the first. A
//! directory of that name is an ordinary folder, as is everything below [`CreateOptions::folder`]. Folders of stores are what
//! their store says, as with [`Merge`](pst_core::transfer::Merge).
//!
//! ```no_run
//! use pst_core::write::{FileTarget, WriteOptions};
//! use pst_migrate::create::{Create, CreateOptions};
//!
//! # fn main() -> pst_core::Result<()> {
//! let target = FileTarget::create("all.pst", false).map_err(pst_core::Error::io)?;
//! let mut create = Create::new(target, WriteOptions::new().name("All mail"), CreateOptions::new())?;
//! create.add("/home/ann/Maildir", &mut |event| {
//!     println!("{event:?}");
//!     true
//! })?;
//! let (path, summary) = create.finish()?;
//! println!("{}: {} of {} written", path.display(), summary.written(), summary.seen);
//! # Ok(())
//! # }
//! ```

mod folders;
mod mail;
mod store;
mod summary;
mod way;

use std::ops::ControlFlow;
use std::path::Path;

pub use summary::{Event, Note, Observe, Summary};
pub use way::role_of;

use pst_core::item::{AnyMessage, FolderPath};
use pst_core::source::Source;
use pst_core::write::{PstWriter, Target, WriteOptions};
use pst_core::{Error, ErrorKind, OpenOptions, Result};

use crate::input::{Found, Input, InputLimits, Seen};
use folders::Folders;
use store::OpenStore;
use way::Way;

/// How a store is made.
#[derive(Clone, Debug)]
pub struct CreateOptions {
    folder: FolderPath,
    input: Input,
    most_folders: usize,
}

impl Default for CreateOptions {
    fn default() -> Self {
        Self { folder: FolderPath::default(), input: Input::new(), most_folders: 100_000 }
    }
}

impl CreateOptions {
    /// Everything that is taken in goes below the top.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts all below this folder.
    #[must_use]
    pub fn folder(mut self, folder: FolderPath) -> Self {
        self.folder = folder;
        self
    }

    /// How files are opened: mapped or not, and how stores are read.
    #[must_use]
    pub fn open_options(mut self, open: OpenOptions) -> Self {
        self.input = self.input.open_options(open);
        self
    }

    /// Bounds against hostile and absurd input.
    #[must_use]
    pub fn limits(mut self, limits: InputLimits) -> Self {
        self.input = self.input.limits(limits);
        self
    }

    /// The most folders that are made, 100,000 unless set. Mail of further ones goes to the nearest that is there, which is
    /// told of each.
    #[must_use]
    pub fn most_folders(mut self, folders: usize) -> Self {
        self.most_folders = folders;
        self
    }
}

/// A store in the making: paths are added one after the other.
#[derive(Debug)]
pub struct Create<T: Target> {
    out: PstWriter<T>,
    input: Input,
    folders: Folders,
    store: Option<OpenStore>,
    summary: Summary,
}

impl<T: Target> Create<T> {
    /// Begins the new file.
    ///
    /// # Errors
    /// Those of [`PstWriter::with_target`] and [`PstWriter::folder`].
    pub fn new(target: T, write: WriteOptions, options: CreateOptions) -> Result<Self> {
        let mut out = PstWriter::with_target(target, write)?;
        let folders = Folders::new(&mut out, &options.folder, options.most_folders)?;
        let summary = Summary { folders: out.folder_count(), ..Summary::default() };
        Ok(Self { out, input: options.input, folders, store: None, summary })
    }

    /// Adds all that is in a file or below a directory. The summary is that of this path alone.
    ///
    /// # Errors
    /// `Cancelled` if `observe` says so, and errors of the new file; neither can be continued. What cannot be read is told
    /// to `observe` and counted, and no error.
    pub fn add(&mut self, path: impl AsRef<Path>, observe: &mut Observe<'_>) -> Result<Summary> {
        let input = self.input.clone();
        self.run(observe, |visit| {
            input.read([path], visit);
        })
    }

    /// Adds a file that is not on disk, or not yet. `name` stands for it.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn add_source(
        &mut self,
        name: impl AsRef<Path>,
        source: Box<dyn Source>,
        observe: &mut Observe<'_>,
    ) -> Result<Summary> {
        let input = self.input.clone();
        self.run(observe, |visit| {
            input.read_source(name, source, visit);
        })
    }

    fn run(
        &mut self,
        observe: &mut Observe<'_>,
        read: impl FnOnce(&mut dyn FnMut(Seen<'_>) -> ControlFlow<()>),
    ) -> Result<Summary> {
        let (mut summary, folders, mut ended) = (Summary::default(), self.out.folder_count(), None);
        read(&mut |seen| match self.seen(&seen, &mut summary, observe) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                ended = Some(error);
                ControlFlow::Break(())
            }
        });
        // Another path may lead to another file of the same name.
        self.store = None;
        summary.folders = self.out.folder_count().saturating_sub(folders);
        self.summary.add(&summary);
        ended.map_or(Ok(summary), Err)
    }

    /// Takes in what was met. An error ends the work.
    fn seen(&mut self, seen: &Seen<'_>, summary: &mut Summary, observe: &mut Observe<'_>) -> Result<()> {
        summary.seen = summary.seen.saturating_add(1);
        let go_on = match seen {
            Seen::Item(found) => self.item(found, summary, observe)?,
            Seen::Skipped(skipped) => {
                summary.skip(skipped.reason);
                observe(Event::Skipped { place: skipped.place, reason: skipped.reason, detail: &skipped.detail })
            }
            Seen::Failed(failed) => {
                summary.fail(&failed.error);
                observe(Event::Failed { place: failed.place, error: &failed.error })
            }
        };
        if go_on {
            return Ok(());
        }
        Err(Error::text(ErrorKind::Cancelled, "store", "stopped by the caller"))
    }

    fn item(&mut self, found: &Found<'_>, summary: &mut Summary, observe: &mut Observe<'_>) -> Result<bool> {
        let mut notes = Vec::new();
        let written = match &found.message {
            AnyMessage::Mail(mail) => {
                let way = Way::of(found);
                let place = self.folders.of(&mut self.out, &way)?;
                place.tell(&mut notes);
                mail::write(&mut self.out, place.folder, found, mail, &way, &mut notes).map(|node| (node, place))
            }
            AnyMessage::Message(message) => self.copy(found, message, &mut notes),
        };
        let bytes = found.bytes.map_or_else(
            || found.item().size().ok().flatten().unwrap_or(0),
            |bytes| u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        );
        match written {
            Ok((node, place)) => {
                let is_message = found.bytes.is_none();
                summary.write(is_message, bytes, &notes);
                let folder = self.folders.path(place.folder);
                Ok(observe(Event::Written { place: found.place, folder, node, bytes, notes: &notes }))
            }
            Err(error) if self.out.is_broken() => Err(error),
            Err(error) => {
                summary.fail(&error);
                Ok(observe(Event::Failed { place: found.place, error: &error }))
            }
        }
    }

    /// What all paths amount to so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Bytes the file would have if it were finished now, by a generous guess.
    pub fn estimated_size(&self) -> u64 {
        self.out.estimated_size()
    }

    /// Ends the new file.
    ///
    /// # Errors
    /// Those of [`PstWriter::finish`].
    pub fn finish(self) -> Result<(T::Output, Summary)> {
        Ok((self.out.finish()?, self.summary))
    }
}
