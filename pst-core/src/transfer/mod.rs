//! Copies between stores with a choice of what goes along: whole stores, several into one, one into several.
//!
//! ```no_run
//! use pst_core::Pst;
//! use pst_core::transfer::{Filter, Merge, MergeOptions};
//! use pst_core::write::{FileTarget, WriteOptions};
//!
//! # fn main() -> pst_core::Result<()> {
//! let target = FileTarget::create("all.pst", false).map_err(pst_core::Error::io)?;
//! let filter = Filter::new().folder("Inbox/**").class("IPM.Note*");
//! let mut merge = Merge::new(target, WriteOptions::new(), MergeOptions::new().filter(filter))?;
//! for name in ["2019.pst", "2020.pst"] {
//!     merge.add(&Pst::open(name)?, name, &mut |_| true)?;
//! }
//! let (path, summary) = merge.finish()?;
//! assert_eq!(summary.read, summary.written() + summary.skipped.total());
//! println!("{}: {} items", path.display(), summary.written());
//! # Ok(())
//! # }
//! ```
//!
//! Every item of a source is met once, by its node, whether or not a folder lists it. It is then either written, wholly or
//! with parts left out, or skipped for one [reason](SkipReason); a [`Summary`] counts all of this, and an [`Event`] tells of
//! each. Errors of a source are events; errors of a new file end the work, and nothing is left of that file.
//!
//! **Bad items are events, and the work goes on** unless a [limit](crate::policy::BadItemLimit) is set: whoever is told can
//! stop at any of them. Where nobody looks on, as in a command, a limit is the safer way. Beyond it the work ends with an error
//! that [`is_cause_of`](crate::policy::BadItemLimit::is_cause_of) knows, and no new file is left.
//!
//! ```text
//! copy_store   one store with its ids         Merge   several into one       Split   one into several
//!      |                                        \                              /
//!      |                                         Place  folders of a source in a new file
//!   Filter, Summary, Event                       Tree   folders of a source, their paths and what they are
//!      \________________________________________/
//!                   write: PstWriter, Copier
//! ```
//!
//! Memory holds the folders of a source, 16 bytes per item where duplicates are looked for, and 12 bytes per item while a
//! store is split.

mod copy;
mod duplicates;
mod filter;
mod listed;
mod merge;
mod place;
mod split;
mod summary;
mod tree;
mod watch;

pub use copy::{CopyOptions, copy_store, copy_store_with};
pub use duplicates::Duplicates;
pub use filter::{Filter, Pattern};
pub use merge::{Merge, MergeOptions};
pub use split::{Part, PartSummary, SplitBy, SplitOptions, split};
pub use summary::{Event, SkipReason, Skipped, Summary};
