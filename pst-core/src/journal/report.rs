//! Journal reports, taken apart.
//!
//! ```text
//! Undeliverable            a report on a report, which nobody wanted
//!   └─ Report              the envelope ...
//!        └─ Original       ... and the mail it is about, which may be a report again
//! ```

use std::ops::Range;

use crate::journal::{Envelope, Marker, Score, Warning, WarningKind};
use crate::messaging::{Attachment, Message};

/// Reports in reports that are looked at; real ones have three.
pub const DEPTH: u32 = 8;

/// What a mail turned out to be.
#[derive(Debug, Default)]
pub enum Journal {
    /// No report.
    #[default]
    Ordinary,
    /// It may be a report, and is an ordinary mail unless somebody says otherwise.
    Suspect(Box<Report>),
    /// A journal report.
    Report(Box<Report>),
    /// A report on a journal report that could not be delivered. It is mail of its own and holds others.
    Undeliverable(Box<Undeliverable>),
    /// It lies deeper than [`DEPTH`] reports, and was not looked at.
    TooDeep,
}

/// A non-delivery report with journal reports in it.
#[derive(Debug)]
pub struct Undeliverable {
    /// The reports. None is [`Ordinary`](Journal::Ordinary).
    pub reports: Vec<Original>,
}

/// A journal report.
#[derive(Debug)]
pub struct Report {
    /// The header that says so, if any.
    pub marker: Option<Marker>,
    /// How sure it is.
    pub score: Score,
    /// The envelope; `None` if there is no text to read it from.
    pub envelope: Option<Envelope>,
    /// The messages attached, in order.
    pub originals: Vec<Original>,
    /// What is odd about the report; what is odd about the envelope is told there.
    pub warnings: Vec<Warning>,
}

/// A message attached to a report. **It is not touched**: what is here says where it is.
#[derive(Debug)]
pub struct Original {
    /// Where it is.
    pub place: Place,
    /// Its Message-ID, without brackets.
    pub message_id: Option<String>,
    /// Its subject.
    pub subject: Option<String>,
    /// True for the readable copy of a protected message beside it.
    pub is_clear_copy: bool,
    /// What it is itself: a report again, or an ordinary mail.
    pub inner: Journal,
}

/// Where an attached message is.
#[derive(Debug)]
pub enum Place {
    /// In [`Mail::bytes`](crate::mime::Mail::bytes) of the outermost mail: these bytes, exactly.
    Range {
        /// The bytes.
        range: Range<usize>,
        /// The index of the part in its mail.
        part: usize,
    },
    /// In a part that has a transfer encoding, which a message should not have; the bytes behind it.
    Decoded {
        /// The bytes.
        bytes: Vec<u8>,
        /// The index of the part in its mail.
        part: usize,
    },
    /// A message embedded in a message of a store.
    Message(Box<Message>),
    /// A file attached to a message of a store: an EML whose bytes are the original.
    File(Attachment),
}

impl Journal {
    /// True for a journal report and one that could not be delivered.
    pub fn is_report(&self) -> bool {
        matches!(self, Self::Report(_) | Self::Undeliverable(_))
    }

    /// The mails at the bottom: those attached to reports that are no reports themselves, each with the report it is
    /// attached to. Those of suspects are not among them.
    pub fn originals(&self) -> Vec<(&Report, &Original)> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    fn collect<'a>(&'a self, found: &mut Vec<(&'a Report, &'a Original)>) {
        match self {
            Self::Report(report) => {
                for original in &report.originals {
                    match &original.inner {
                        Self::Ordinary | Self::Suspect(_) | Self::TooDeep => found.push((report, original)),
                        inner => inner.collect(found),
                    }
                }
            }
            Self::Undeliverable(outer) => outer.reports.iter().for_each(|report| report.inner.collect(found)),
            Self::Ordinary | Self::Suspect(_) | Self::TooDeep => {}
        }
    }

    /// The stable name, in small letters: `journal-report`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Suspect(_) => "journal-suspect",
            Self::Report(_) => "journal-report",
            Self::Undeliverable(_) => "journal-ndr",
            Self::TooDeep => "too-deep",
        }
    }
}

impl Undeliverable {
    /// What a non-delivery report is, by the messages attached to it.
    pub(super) fn of(attached: impl Iterator<Item = Original>) -> Journal {
        let (mut reports, mut too_deep) = (Vec::new(), false);
        for original in attached {
            too_deep |= matches!(original.inner, Journal::TooDeep);
            if original.inner.is_report() {
                reports.push(original);
            }
        }
        match (reports.is_empty(), too_deep) {
            (false, _) => Journal::Undeliverable(Box::new(Self { reports })),
            (true, true) => Journal::TooDeep,
            (true, false) => Journal::Ordinary,
        }
    }
}

impl Report {
    /// Adds what is odd about originals and envelope as a whole.
    pub(super) fn check(&mut self) {
        let mut warn = |kind| self.warnings.push(Warning { kind, line: 0 });
        match self.originals.len() {
            0 => warn(WarningKind::NoOriginal),
            1 => {}
            2 if self.originals.iter().any(|original| original.is_clear_copy) => {}
            _ => warn(WarningKind::SeveralOriginals),
        }
        let id = self.envelope.as_ref().and_then(|envelope| envelope.message_id.as_deref());
        if let Some(id) = id.and_then(crate::journal::bare_message_id) {
            let mut known = self.originals.iter().filter_map(|original| original.message_id.as_deref()).peekable();
            if known.peek().is_some() && !known.any(|known| known == id) {
                warn(WarningKind::OtherMessageId);
            }
        }
        if self.originals.iter().any(|original| matches!(original.inner, Journal::TooDeep)) {
            warn(WarningKind::TooDeep);
        }
    }
}

/// Marks the readable copy: of two messages with one Message-ID, the one that is not protected beside one that is.
pub(super) fn mark_clear_copy(originals: &mut [Original], protected: &[bool]) {
    if let ([one, two], [first, second]) = (originals, protected) {
        one.is_clear_copy = !first && *second;
        two.is_clear_copy = *first && !second;
    }
}
