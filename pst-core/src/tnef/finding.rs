//! What is wrong with a TNEF stream that was read all the same.

use std::fmt;

/// The most findings kept of one stream; the last then is [`FindingKind::TooMany`].
const MAX_FINDINGS: usize = 1000;

/// One thing that breaks the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// Where it is: a byte of the outermost stream.
    pub offset: usize,
    /// In words, with what was found and what was expected.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {:#x}: {}", self.kind, self.offset, self.detail)
    }
}

/// Kinds of findings. The names are stable: reports and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum FindingKind {
    /// The checksum of an attribute does not hold. Its data is used.
    Checksum,
    /// An attribute is longer than the rest of the stream. What is there is used, and nothing follows.
    Truncated,
    /// The level of an attribute is neither message nor attachment: what follows is no TNEF.
    Trailing,
    /// An attribute that MS-OXTNEF does not know, or at the wrong level. It is among the attributes as it stands.
    UnknownAttribute,
    /// The data of an attribute is shorter than its structure, or is not what it must be. It is among the attributes
    /// as it stands.
    BadAttribute,
    /// An attribute of an attachment that none has begun. One is begun by it.
    NoAttachment,
    /// A list of properties or recipients ends before it should, or holds one that cannot be read. Those before it
    /// are there, those after it in the same attribute are not.
    BadProperties,
    /// A type with one value has none or several; all are there.
    ValueCount,
    /// An embedded message that is no TNEF, or lies deeper than the limit. It is there as the object it is.
    Embedded,
    /// Properties or values beyond the limit. They are left out.
    TooLarge,
    /// More findings than are kept.
    TooMany,
}

impl FindingKind {
    /// The stable name, in small letters: `bad-attribute`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checksum => "checksum",
            Self::Truncated => "truncated",
            Self::Trailing => "trailing",
            Self::UnknownAttribute => "unknown-attribute",
            Self::BadAttribute => "bad-attribute",
            Self::NoAttachment => "no-attachment",
            Self::BadProperties => "bad-properties",
            Self::ValueCount => "value-count",
            Self::Embedded => "embedded",
            Self::TooLarge => "too-large",
            Self::TooMany => "too-many",
        }
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Findings, not more than are of use.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn add(&mut self, kind: FindingKind, offset: usize, detail: impl FnOnce() -> String) {
        if self.0.len() < MAX_FINDINGS {
            self.0.push(Finding { kind, offset, detail: detail() });
        } else if self.0.len() == MAX_FINDINGS {
            let detail = format!("more than {MAX_FINDINGS} findings");
            self.0.push(Finding { kind: FindingKind::TooMany, offset, detail });
        }
    }

    pub(super) fn into_vec(self) -> Vec<Finding> {
        self.0
    }
}
