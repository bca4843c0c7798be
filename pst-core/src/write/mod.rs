//! Writing PST files: new stores, and copies of items that were read. Whole stores are copied by
//! [`transfer`](crate::transfer).
//!
//! ```no_run
//! use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
//!
//! # fn main() -> pst_core::Result<()> {
//! let mut out = PstWriter::create("out.pst", WriteOptions::new())?;
//! let inbox = out.folder(out.ipm_subtree(), "Inbox")?;
//! let report = std::fs::File::open("report.pdf").map_err(pst_core::Error::io)?;
//! let report = out.data(report)?;
//! let mut mail = MessageDraft::new("IPM.Note");
//! mail.subject("RE: Figures").sender("Ann", "ann@example.com").to("Bob", "bob@example.com").body("Here they are.");
//! mail.attach(AttachmentDraft::file("report.pdf", report));
//! out.message(inbox, mail)?;
//! out.finish()?;
//! # Ok(())
//! # }
//! ```
//!
//! A file is written front to back, once: values go to the file as they come, rows of folders wait in a scratch file, and
//! B-trees, maps and header follow at the end. Memory does not grow with the file. The file appears under its name when it
//! is complete and synced, not before.
//!
//! ```text
//! PstWriter      folders, messages, the nodes every store has          messaging
//!   Properties, TableWriter    property contexts, tables                LTP
//!     Database   blocks, data trees, subnodes, nodes, B-trees, header  NDB
//!       Sections map pages and room between them
//!         Target a file under another name, or memory
//! ```

mod background;
pub mod columns;
mod copy;
mod database;
mod message;
mod names;
mod properties;
mod sections;
pub(crate) mod spool;
mod table;
mod target;
mod writer;

pub(crate) use copy::StoreCopy;
pub use copy::{Copied, Copier};
pub use message::{AttachmentDraft, MessageDraft};
pub(crate) use message::{entry_id, recipient_row, typed_recipient_row, typed_search_key};
pub use properties::{Data, Properties};
pub use target::{FileTarget, StagedFile, StagedTarget, Target};
pub use writer::{FolderId, PstWriter, WriteOptions};
