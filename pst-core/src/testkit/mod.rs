//! Builds whole stores from the encoders: for tests, benches, seeds of the fuzzers and samples. **Not the writer.**
//!
//! ```text
//! Mailbox -> FolderBuilder, MessageBuilder, AttachmentBuilder      a store as Outlook would leave it
//! Props, Table, NameMap                                            property contexts and tables
//! StoreBuilder                                                     blocks, nodes, B-trees, maps, header
//! edit::Editor                                                     one field of a good file overwritten
//! random_store                                                     a store of any shape, made by the writer
//! lines, differences                                               everything in a store as text, and two stores compared
//! ```
//!
//! The same calls give the same bytes. Everything here panics where a writer would return an error: it sees only what a
//! test gives it, and it keeps what a writer would not (the trees and the maps of the whole file) in memory. Blocks go
//! to the sink as they come, so a file may be much larger than memory.
//!
//! ```
//! use pst_core::ndb::Format;
//! use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
//!
//! let message = MessageBuilder::new("IPM.Note").subject("RE: Hello").to("Ann", "ann@example.com").body("Hi");
//! let mailbox = Mailbox::new("Sample").folder(FolderBuilder::new("Inbox").message(message));
//! let file = mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec();
//! assert_eq!(file.len() % 512, 0);
//! ```

// No byte of a file comes in here: every number is the test's own, and a slip should stop the test on the spot.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::string_slice
)]

pub mod edit;
mod folder;
mod lines;
mod mailbox;
mod message;
mod names;
mod props;
mod random;
mod store;
mod table;

pub use folder::FolderBuilder;
pub use lines::{Lines, differences, lines, may_differ_in_a_copy};
pub use mailbox::Mailbox;
pub use message::{AttachmentBuilder, MessageBuilder};
pub use names::{NameId, NameMap};
pub use props::{Prop, PropData, Props};
pub use random::{Scale, random_store};
pub use store::StoreBuilder;
pub use table::{Table, write_table};

/// Nodes that every store has (MS-PST 2.4.1, 2.7.1).
pub mod nids {
    use crate::ndb::Nid;

    /// Top of personal folders: the root of the mail a person sees.
    pub const IPM_SUBTREE: Nid = Nid::new(0x8022);
    /// The root of search folders.
    pub const SEARCH_ROOT: Nid = Nid::new(0x8042);
    /// Deleted items.
    pub const DELETED_ITEMS: Nid = Nid::new(0x8062);
    /// Common views.
    pub const COMMON_VIEWS: Nid = Nid::new(0x8082);
    /// The search folder Outlook makes in every file.
    pub const SPAM_SEARCH_FOLDER: Nid = Nid::new(0x2223);
}
