//! Addresses: what a store or a header calls people, and where to send them mail.
//!
//! | question | answer |
//! |---|---|
//! | Is this an SMTP address? | [`SmtpAddress::parse`] |
//! | What else can it be? | [`AddressKind::of`], [`Imcea`] |
//! | Who is in this header? | [`AddressList::parse`] |
//! | What is the SMTP address of this recipient? | [`of_recipient`], [`of_sender`], [`of_role`] |
//! | And of those who have none in this message? | [`LearnedMap`], [`AddressLookup`] |
//!
//! The parts that read text know nothing of stores; [`of_recipient`] and its like stand on [`messaging`](crate::messaging).

mod imcea;
mod kind;
mod learned;
mod list;
mod resolve;
pub mod smtp;
mod stored;

pub use imcea::Imcea;
pub use kind::{AddressKind, alias_of, key};
pub use learned::{AddressLookup, Known, LearnedMap};
pub use list::{AddressList, ListEntry, ListFault, Mailbox, decode_words};
pub use resolve::{AddressFacts, AddressSource, FoundAddress, Resolved, StoredAddress, Unresolved, resolve};
pub use smtp::{SmtpAddress, SmtpFault};
pub use stored::{AddressRole, of_recipient, of_role, of_sender, of_sent_representing};
