//! Reads Outlook mail archives: PST, OST and PAB files of every version since Outlook 97.
//!
//! ```no_run
//! use pst_core::Pst;
//!
//! let pst = Pst::open("archive.pst")?;
//! for folder in pst.root_folder()?.descendants() {
//!     let folder = folder?;
//!     println!("{}", folder.name()?);
//!     for message in folder.messages()? {
//!         println!("  {}", message?.subject()?.unwrap_or_default());
//!     }
//! }
//! # Ok::<(), pst_core::Error>(())
//! ```
//!
//! # Altitudes
//!
//! | layer | module | a caller sees |
//! |---|---|---|
//! | messaging (MS-PST 2.4) | [`messaging`] | [`Store`](messaging::Store), [`Folder`](messaging::Folder), [`Message`](messaging::Message), [`Attachment`](messaging::Attachment) |
//! | lists, tables, properties (2.3) | [`ltp`] | [`PropertyContext`](ltp::PropertyContext), [`TableContext`](ltp::TableContext), [`Value`](ltp::Value) |
//! | node database (2.2) | [`ndb`] | [`Node`](ndb::Node), [`DataTree`](ndb::DataTree), [`Header`](ndb::Header), ids |
//! | bytes | [`source`] | a mapped file, a buffer, positional reads, or your own [`Source`](source::Source) |
//!
//! [`verify`] checks a whole file, structure by structure, and tells what Outlook or scanpst would not accept.
//!
//! [`mod@recover`] opens damaged files and brings back what can be brought back.
//!
//! [`mod@write`] makes new files, [`transfer`] copies between stores with a choice of what goes along.
//!
//! Beside them stand [`text`] (code pages, UTF-16), [`rtf`] (compressed RTF, RTF as HTML and text) and [`tnef`]
//! (`winmail.dat`), which know nothing of PSTs.
//!
//! [`mod@mime`] reads mail and mailboxes in files, [`convert`] makes items of mail and mail of items, [`item`] asks both the
//! same questions. [`sniff`] tells what a file is.
//!
//! # What to rely on
//!
//! - Opening reads the header and nothing else. Values are decoded when they are asked for; bodies and attachments of any
//!   size come as streams. Memory does not grow with the file.
//! - Handles are owned, cheap to clone, `Send + Sync`. Views such as [`Value`](ltp::Value) borrow from their handle.
//! - Every page and block is checked (type, id, signature, CRC) before anything in it is used.
//! - Iterators give a `Result` per item; a bad item does not end the walk. [`Error`] says where in the file and what was
//!   expected.
//! - No input makes it panic, loop or allocate beyond [`Limits`].
//!
//! # Features
//!
//! `mmap` (default) maps local files; `dos-codepages` (default) adds the OEM code pages; `simd` (default) decodes faster on
//! processors with AVX2; `serde` makes ids, formats and
//! locations serializable; `testkit` builds whole stores for tests.

pub mod address;
mod bytes;
pub mod convert;
mod error;
mod guid;
pub mod item;
pub mod journal;
mod limits;
pub mod ltp;
pub mod messaging;
pub mod mime;
pub mod ndb;
mod options;
pub mod policy;
mod pst;
pub mod recover;
pub mod rtf;
pub mod sniff;
pub mod source;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod text;
mod time;
pub mod tnef;
pub mod transfer;
pub mod verify;
pub mod write;

pub use error::{Error, ErrorKind, Location, Result};
pub use guid::{Guid, ParseGuidError};
pub use limits::Limits;
pub use options::{Mapping, OpenOptions};
pub use pst::Pst;
pub use time::FileTime;
