//! Mail becomes items: a parsed [`Mail`] becomes a [`MessageDraft`] (MS-OXCMAIL 2.2).
//!
//! ```text
//! message      what kind of item, and the order of work
//!   headers    fields that have a property of their own
//!   marks      read, answered, flagged
//!   people     senders, recipients, those who get answers
//!   structure  which part is the body, which are attachments
//!   body       text and HTML
//!   attachment files and messages in messages
//!   sealed     S/MIME: one attachment that holds all, byte for byte
//!   tnef       winmail.dat: a message of its own, whose properties go into this one
//!   report     what happened to a mail: delivery, reading
//!   meeting    invitations, answers, cancellations; from calendars with their time zones
//! ```
//!
//! The headers are kept whole in PidTagTransportMessageHeaders, so what has no property of its own is not lost. What is in
//! neither place is told as a [`Loss`]. **A date that is missing stays missing**, and nobody is made a sender.
//!
//! Attachments go from the bytes of the mail to the file as streams; only bodies are held in memory.

pub(crate) mod attachment;
mod body;
mod calendar;
pub(crate) mod file_name;
mod headers;
mod marks;
mod meeting;
mod message;
mod people;
mod report;
pub(crate) mod sealed;
pub(crate) mod structure;
pub(crate) mod tnef;
mod zone;

pub use marks::Marks;

use crate::convert::{Loss, LossKind};
use crate::messaging::{PropertyName, PropertySet};
use crate::mime::{Mail, Part};
use crate::write::{MessageDraft, PstWriter, Target};
use crate::{ErrorKind, Result};

/// A mail as an item, not written yet.
#[derive(Debug)]
pub struct Converted {
    /// The item, for [`PstWriter::message`]. The flag that it was read is set; see [`MessageDraft::read`].
    pub message: MessageDraft,
    /// What of the mail is not in the item, or is in it changed.
    pub losses: Vec<Loss>,
}

/// Makes an item of a mail, for the file of `out`; large attachments are written to it at once.
///
/// ```
/// use pst_core::convert::from_mime;
/// use pst_core::mime::Mail;
/// use pst_core::write::{PstWriter, WriteOptions};
///
/// # fn main() -> pst_core::Result<()> {
/// let mut out = PstWriter::in_memory(WriteOptions::new())?;
/// let inbox = out.folder(out.ipm_subtree(), "Inbox")?;
/// let mail = Mail::parse(b"From: Ann <ann@example.com>\r\nSubject: Lunch\r\n\r\nAt noon?\r\n");
/// let converted = from_mime::convert(&mail, &mut out)?;
/// assert_eq!(converted.losses, []);
/// out.message(inbox, converted.message)?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Those of writing: `Io` of the medium, `Limit` for a file that becomes too large or has too many named properties. The
/// mail itself never gives one.
pub fn convert<T: Target>(mail: &Mail<'_>, out: &mut PstWriter<T>) -> Result<Converted> {
    let mut conversion = Conversion { out, losses: Vec::new(), path: String::new(), depth: 0 };
    let message = conversion.message(mail)?;
    Ok(Converted { message, losses: conversion.losses })
}

/// One conversion: where it writes, and what it could not carry.
struct Conversion<'o, T: Target> {
    out: &'o mut PstWriter<T>,
    losses: Vec<Loss>,
    /// Before details of losses: the attachments on the way to the message at hand.
    path: String,
    /// Messages around the one at hand.
    depth: usize,
}

impl<T: Target> Conversion<'_, T> {
    /// A hostile mail can lose something with every part.
    const MOST_LOSSES: usize = 1000;

    fn lose(&mut self, kind: LossKind, detail: impl AsRef<str>) {
        if self.losses.len() < Self::MOST_LOSSES {
            self.losses.push(Loss::new(kind, format!("{}{}", self.path, detail.as_ref())));
        } else if self.losses.len() == Self::MOST_LOSSES {
            self.losses.push(Loss::new(kind, "more than 1000 losses; the rest is not listed"));
        }
    }

    /// As [`lose`](Self::lose), of a part.
    fn lose_of(&mut self, part: &Part<'_>, kind: LossKind, detail: impl AsRef<str>) {
        let text = format!("part {} ({}): {}", part.index(), part.content_type().essence(), detail.as_ref());
        self.lose(kind, text);
    }

    /// The property id of a name; `None`, and a loss, if the file has no room for another name.
    fn named(&mut self, set: PropertySet, name: PropertyName) -> Result<Option<u16>> {
        match self.out.named_property(set, name.clone()) {
            Ok(id) => Ok(Some(id)),
            Err(error) if error.kind() == ErrorKind::Limit && !self.out.is_broken() => {
                self.lose(LossKind::NoPlace, format!("{name}: {error}"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Text as properties can hold it: without NULs, at which readers of properties stop.
    fn clean(&mut self, text: &str, what: &str) -> String {
        if text.contains('\0') {
            self.lose(LossKind::Changed, format!("{what}: NULs taken away"));
            return text.replace('\0', "");
        }
        text.to_owned()
    }
}
