//! Mail as the internet has it: EML files and the messages of an mbox (RFC 5322, RFC 2045 to 2049, 2183, 2231).
//!
//! ```text
//! Mail ── headers ── Header: name, raw value, range, text(), mailboxes(), date()
//!   │
//!   └─ root: Part ── headers, content type, disposition, exact ranges
//!        ├─ Part ── decoded(), text(), reader()
//!        └─ Part ── message(): the Mail in it
//! ```
//!
//! [`Mbox`] takes a file with many messages apart, without copying any.
//!
//! Stands on [`text`](crate::text) for charsets and knows nothing of PSTs. The structure is found by one walk over the
//! lines, since byte ranges have to be exact: **an embedded message is given back byte for byte**. Addresses and dates are
//! parsed by the crate `mail-parser`, base64 is decoded by `encodify`.
//!
//! Nothing is refused. Real mail breaks every rule of the standards; what breaks one is read as its writer most likely
//! meant it, and told as a [`Finding`]. Depth and counts are bounded, and what goes beyond is told as well.

mod charset;
mod disguise;
mod encoded_word;
mod finding;
mod header;
mod limits;
mod lines;
mod mail;
mod mbox;
mod mbox_frame;
mod parameters;
mod parse;
mod part;
mod scan;
mod transfer;

pub use finding::{Finding, FindingKind};
pub use header::Header;
pub use mail::Mail;
pub use mbox::{Mbox, MboxEvidence, MboxKind, MboxMessage, MboxMessages};
pub use parameters::{ContentType, Disposition};
pub use parse::{Date, Mailbox};
pub use part::{Content, Part, PartText};
pub use transfer::{BodyReader, TransferEncoding};
