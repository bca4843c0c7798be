//! Journal reports: mails about mails, which a server makes to keep what was sent to whom.
//!
//! ```text
//! report  ── envelope: who sent it, to whom, through which list     Envelope
//!         └─ the mail itself, untouched                             Original
//! ```
//!
//! A journal mailbox is full of them, and its mails are worth nothing as they stand: the one that was sent is inside, and
//! the recipients it does not show (Bcc, members of lists) are in the envelope. [`of_mail`] finds and opens reports among
//! files, [`of_message`] in stores; [`Envelope`] reads the text alone, [`Merger`] puts together what a server split.
//!
//! Formats: Exchange 2000 and 2003 (a list of recipients), Exchange 2007 to 2019 and Online (MS-XJRNL), Amazon WorkMail and
//! Citadel, which imitate them. Mail journaled without envelope is mail like any other.
//!
//! ```
//! use pst_core::journal::{Envelope, JournalRole};
//!
//! let text = "Sender: joe@x.example\r\nSubject: Tariffs\r\nMessage-Id: <1@x.example>\r\n\
//!     Bcc: ann@x.example, Expanded: board@x.example\r\n";
//! let envelope = Envelope::parse(text);
//! assert_eq!(envelope.recipients[0].role, JournalRole::Bcc);
//! assert_eq!(envelope.recipients[0].party.smtp(), Some("ann@x.example"));
//! ```
//!
//! Stands on [`address`](crate::address), [`mime`](crate::mime) for files, [`messaging`](crate::messaging) for stores.

mod envelope;
mod evidence;
mod lines;
mod mail;
mod merge;
mod message;
mod party;
mod report;
mod warning;

pub use envelope::{
    Envelope, EnvelopeFormat, ExtraField, JournalRecipient, JournalRole, Redirection, RedirectionKind, bare_message_id,
};
pub use evidence::{Evidence, Marker, Score, Verdict};
pub use mail::of_mail;
pub use merge::{Digest, MergeKey, Merged, MergedEnvelope, MergedRecipient, Merger};
pub use message::{JournalReader, RtfToText, of_message};
pub use party::Party;
pub use report::{DEPTH, Journal, Original, Place, Report, Undeliverable};
pub use warning::{Warning, WarningKind};
