//! Takes files and directories apart into items.
//!
//! ```text
//! directory -- file -- PST, OST, PAB ------------ messages
//!    |           |     mail (.eml, .emlx) ------- itself
//!    |           |     mbox --------------------- mails
//!    |           +-    ZIP archive -- entry ----- any of these again
//!    +------- maildir: cur, new ----------------- mails
//! ```
//!
//! What a file is, its content says and not its name. **Everything seen ends in one of three ways**: as an item, as
//! [skipped](Skipped) for a reason with a stable code, or as [failed](Failed) with the place and the error. Files come in
//! the order of their names, items in the order of their file, so that every run tells the same story.
//!
//! Memory does not grow with the number of items. One item's bytes are lent from the mapped file where it can be; what
//! must be unpacked first is held in memory up to [`InputLimits::memory_bytes`] and in a temporary file beyond. Nothing
//! is ever written beside the input, and no name from an archive becomes the name of a file.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//!
//! use pst_migrate::input::{Input, Seen};
//!
//! let summary = Input::new().read(["/archive"], &mut |seen| {
//!     match seen {
//!         Seen::Item(found) => println!("{}: {:?}", found.place, found.item().subject()),
//!         Seen::Skipped(skipped) => println!("{}: skipped, {}", skipped.place, skipped.reason),
//!         Seen::Failed(failed) => println!("{}: {}", failed.place, failed.error),
//!     }
//!     ControlFlow::Continue(())
//! });
//! println!("{} items of {} things seen", summary.items, summary.seen());
//! ```

mod archive;
mod content;
mod directory;
mod entry_name;
mod limits;
mod maildir;
mod mbox;
mod place;
mod reader;
mod seen;
mod walk;

use std::ops::ControlFlow;
use std::path::Path;

pub(crate) use directory::Names;
pub use limits::InputLimits;
pub use maildir::MaildirFlags;
pub(crate) use maildir::folders as maildir_folders;
pub use place::{Place, Within};
pub use seen::{Failed, Found, Seen, SkipReason, Skipped, Summary};
pub use walk::Form;

use pst_core::OpenOptions;
use pst_core::source::Source;

/// Reads items from files and directories.
#[derive(Clone, Debug, Default)]
pub struct Input {
    open: OpenOptions,
    limits: InputLimits,
}

impl Input {
    /// With defaults that suit almost everyone.
    pub fn new() -> Self {
        Self::default()
    }

    /// How files are opened: mapped or not, and how stores are read.
    #[must_use]
    pub fn open_options(mut self, open: OpenOptions) -> Self {
        self.open = open;
        self
    }

    /// Bounds against hostile and absurd input.
    #[must_use]
    pub fn limits(mut self, limits: InputLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads all below some paths, one after the other, and shows `visit` everything that was met, until it breaks.
    ///
    /// A path that is given is followed if it is a link; links met below it are skipped, so that nothing is read twice and
    /// no circle is walked.
    pub fn read<P: AsRef<Path>>(
        &self,
        paths: impl IntoIterator<Item = P>,
        visit: &mut dyn FnMut(Seen<'_>) -> ControlFlow<()>,
    ) -> Summary {
        let mut walker = walk::Walker::new(&self.open, &self.limits, visit);
        for path in paths {
            if walker.path(path.as_ref()).is_break() {
                break;
            }
        }
        walker.finish()
    }

    /// Reads a file that is not on disk, or not yet: `name` stands for it in places, and its ending helps where the content
    /// does not say what it is.
    pub fn read_source(
        &self,
        name: impl AsRef<Path>,
        source: Box<dyn Source>,
        visit: &mut dyn FnMut(Seen<'_>) -> ControlFlow<()>,
    ) -> Summary {
        let mut walker = walk::Walker::new(&self.open, &self.limits, visit);
        // The walker knows that it was stopped.
        let _ = walker.source(name.as_ref(), source);
        walker.finish()
    }
}
