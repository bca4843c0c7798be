//! From a message of a store to a mail: MAPI to MIME (MS-OXCMAIL 2.1).
//!
//! ```no_run
//! use pst_core::Pst;
//! use pst_core::convert::to_mime::{Options, write_mail};
//!
//! # fn main() -> pst_core::Result<()> {
//! let pst = Pst::open("archive.pst")?;
//! let names = pst.named_properties()?;
//! let mut mail = Vec::new();
//! for entry in pst.message_entries() {
//!     let message = pst.message_from_entry(entry?)?;
//!     mail.clear();
//!     let converted = write_mail(&message, &names, &mut mail, &Options::default())?;
//!     for loss in &converted.losses {
//!         println!("{}: {loss}", converted.message_id);
//!     }
//! }
//! # Ok(())
//! # }
//! ```
//!
//! ```text
//! fields       the headers the mail came with (transport), completed from properties (headers, people, dates, marks)
//! multipart/mixed
//!   multipart/related
//!     multipart/alternative      text/plain, text/html, text/calendar (text, rich, calendar)
//!     images the HTML shows      (references, attachment)
//!   attachments                  base64, message/rfc822, links, OLE objects (message, ole)
//! ```
//!
//! S/MIME goes out as it is (`sealed`), reports become multipart/report (`report`). `docs/conversion.md` says for every
//! property where it is carried.
//!
//! Where it surprises:
//!
//! - **Nothing depends on a clock or on chance.** The same message gives the same bytes; boundaries and a missing message id
//!   come from what the message is.
//! - **A signature over the original headers and body (DKIM, ARC) does not hold any more**: its fields stay, the bodies are
//!   written anew.
//! - **There may be no Date and no From**: neither is made up. A message id is, and told as such.
//! - What could not be read of a message costs that part, not the mail, and stands among the losses.

mod accounting;
mod attachment;
mod calendar;
mod dates;
mod encode;
mod field;
mod headers;
mod identity;
mod item;
mod losses;
mod mailbox;
mod marks;
mod media_type;
mod message;
mod ole;
mod output;
mod part;
mod people;
mod references;
mod report;
mod rich;
mod sealed;
mod structure;
mod text;
mod transport;

use std::io;

pub use dates::DateSource;

use crate::Result;
use crate::address::{AddressLookup, Resolved};
use crate::convert::Loss;
use crate::messaging::{Message, NamedProperties};

/// How messages become mails.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// What becomes of blind recipients (default: they are kept).
    pub bcc: BccPolicy,
    /// Take over the headers the mail came with (default). Without them, everything is made from properties.
    pub original_headers: bool,
    /// Attach the RTF of a body that is written in RTF as `body.rtf` (default), beside what was made of it.
    pub keep_rtf: bool,
    /// The domain of made-up message ids, and of addresses that are none of SMTP (default `pst.invalid`, which nobody can
    /// own). ASCII letters, digits, dots and hyphens.
    pub domain: String,
    /// Messages inside messages inside messages (default 32). What lies deeper is told as a loss.
    pub depth: u32,
    /// The most bytes of one mail (default 64 GiB). Beyond it the conversion fails: a hostile store of a few kilobytes can
    /// describe a mail of any size.
    pub size_limit: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            bcc: BccPolicy::Keep,
            original_headers: true,
            keep_rtf: true,
            domain: "pst.invalid".to_owned(),
            depth: 32,
            size_limit: 64 << 30,
        }
    }
}

/// What becomes of blind recipients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BccPolicy {
    /// A Bcc field names them, as in the sender's own copy: for archives and mailboxes.
    Keep,
    /// They are left out: for mail that is to be sent again.
    Drop,
}

/// Where the header fields of a mail come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HeaderSource {
    /// From the headers the mail came with; who, when, what and its identity all stood there.
    Original,
    /// From the headers the mail came with, and some of who, when, what and its identity from properties.
    Completed,
    /// From properties alone.
    Synthesised,
}

/// A mail that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Converted {
    /// What the mail does not carry, or carries changed. At most about 10,000; the last then counts the others.
    pub losses: Vec<Loss>,
    /// Where its header fields come from.
    pub headers: HeaderSource,
    /// Where its date comes from.
    pub date: DateSource,
    /// Its Message-ID with angle brackets, as it stands in the header. One that was made up is told among the losses.
    pub message_id: String,
    /// On whose behalf it was sent, else who sent it, as the properties say.
    pub from: Option<Resolved>,
    /// The recipients of the table: those of To, Cc and Bcc.
    pub recipients: Vec<Resolved>,
    /// Bytes written.
    pub size: u64,
    /// Messages inside it, at any depth.
    pub embedded: u32,
}

/// Writes a message as a mail (RFC 5322, MIME), while it reads it: memory does not grow with bodies and attachments.
///
/// `names` are the named properties of the store the message is in.
///
/// # Errors
/// Those of the message's own properties, of `out`, and `Limit` beyond [`Options::size_limit`]. What was written before an
/// error is no complete mail. All else that cannot be read is a loss.
pub fn write_mail<W: io::Write>(
    message: &Message,
    names: &NamedProperties,
    out: W,
    options: &Options,
) -> Result<Converted> {
    write_mail_with(message, names, out, options, &())
}

/// As [`write_mail`], with somebody to ask for SMTP addresses that the message itself does not have.
///
/// # Errors
/// Those of [`write_mail`].
pub fn write_mail_with<W: io::Write>(
    message: &Message,
    names: &NamedProperties,
    mut out: W,
    options: &Options,
    lookup: &dyn AddressLookup,
) -> Result<Converted> {
    message::Conversion::new(&mut out, names, options, lookup)?.run(message)
}
