//! Binary properties that hold a structure of their own, read field by field.
//!
//! Writers differ and old versions wrote less, so **a fault in such a value is a [`BlobFinding`] beside what could be read,
//! never an error**. Nothing is allocated from a count in the bytes alone.

use std::fmt;

use crate::bytes;

/// What is odd about a binary property.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobFinding {
    /// The bytes end inside a field.
    Truncated {
        /// The field, by its name in the specification.
        field: &'static str,
        /// Where it begins.
        at: usize,
    },
    /// A field has a value that the specification does not allow there.
    Unexpected {
        /// The field, by its name in the specification.
        field: &'static str,
        /// What it holds.
        actual: u64,
        /// What it should hold.
        expected: &'static str,
    },
    /// Text with units that are no characters, replaced by U+FFFD.
    Characters {
        /// The field, by its name in the specification.
        field: &'static str,
    },
    /// Bytes after the end of the structure.
    Trailing {
        /// How many.
        bytes: usize,
    },
}

impl fmt::Display for BlobFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { field, at } => write!(f, "the bytes end in {field}, which begins at {at}"),
            Self::Unexpected { field, actual, expected } => write!(f, "{field} is {actual:#x}, expected {expected}"),
            Self::Characters { field } => write!(f, "{field} has units that are no characters"),
            Self::Trailing { bytes } => write!(f, "{bytes} bytes after the end"),
        }
    }
}

/// A decoded structure and what was odd about its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<T> {
    /// The structure; `None` if the bytes end or break off before it means anything.
    pub value: Option<T>,
    /// What was odd, in the order of the bytes; empty for a sound value.
    pub findings: Vec<BlobFinding>,
}

/// A place in a binary property, and what was noticed on the way to it.
#[derive(Debug)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
    pub(crate) findings: Vec<BlobFinding>,
}

impl<'a> Fields<'a> {
    /// Findings kept; a value with more has nothing new to say.
    const MAX_FINDINGS: usize = 64;

    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, findings: Vec::new() }
    }

    pub(crate) fn note(&mut self, finding: BlobFinding) {
        if self.findings.len() < Self::MAX_FINDINGS {
            self.findings.push(finding);
        }
    }

    pub(crate) fn unexpected(&mut self, field: &'static str, actual: impl Into<u64>, expected: &'static str) {
        self.note(BlobFinding::Unexpected { field, actual: actual.into(), expected });
    }

    pub(crate) fn take(&mut self, field: &'static str, length: usize) -> Option<&'a [u8]> {
        let taken = bytes::slice(self.bytes, self.at, length);
        match taken {
            Some(_) => self.at = self.at.saturating_add(length),
            None => self.note(BlobFinding::Truncated { field, at: self.at }),
        }
        taken
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Option<[u8; N]> {
        self.take(field, N)?.first_chunk::<N>().copied()
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Option<u8> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Option<u16> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Option<u32> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(crate) fn i32(&mut self, field: &'static str) -> Option<i32> {
        self.array(field).map(i32::from_le_bytes)
    }

    /// A 32-bit number, noted if it is not the expected one.
    pub(crate) fn u32_of(&mut self, field: &'static str, expected: u32, text: &'static str) -> Option<u32> {
        let actual = self.u32(field)?;
        if actual != expected {
            self.unexpected(field, actual, text);
        }
        Some(actual)
    }

    /// As many bytes as a 32-bit size before them says.
    pub(crate) fn sized(&mut self, field: &'static str) -> Option<&'a [u8]> {
        let size = self.u32(field)?;
        self.take(field, usize::try_from(size).ok()?)
    }

    /// UTF-16LE of a number of units.
    pub(crate) fn utf16(&mut self, field: &'static str, units: u16) -> Option<String> {
        let stored = self.take(field, usize::from(units).saturating_mul(2))?;
        Some(crate::text::utf16::decode(stored).unwrap_or_else(|| {
            self.note(BlobFinding::Characters { field });
            crate::text::utf16::decode_lossy(stored)
        }))
    }

    /// Bytes not yet read.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// Notes what is left and gives the findings away with the value.
    pub(crate) fn finish<T>(mut self, value: Option<T>) -> Decoded<T> {
        if value.is_some() && self.left() > 0 && !self.is_truncated() {
            self.note(BlobFinding::Trailing { bytes: self.left() });
        }
        Decoded { value, findings: self.findings }
    }

    fn is_truncated(&self) -> bool {
        matches!(self.findings.last(), Some(BlobFinding::Truncated { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_a_finding_with_its_place() {
        let mut fields = Fields::new(&[1, 0, 2, 0, 0, 0, 7]);
        assert_eq!(fields.u16("A"), Some(1));
        assert_eq!(fields.u32_of("B", 3, "3"), Some(2));
        assert_eq!(fields.u16("C"), None);
        assert_eq!(
            fields.findings,
            [
                BlobFinding::Unexpected { field: "B", actual: 2, expected: "3" },
                BlobFinding::Truncated { field: "C", at: 6 }
            ]
        );
        assert_eq!(fields.u8("D"), Some(7));
        assert_eq!(Fields::new(&[0xFF, 0xFF, 0xFF, 0x7F]).sized("E"), None);
    }

    #[test]
    fn what_is_left_is_counted_once() {
        let fields = Fields::new(&[1, 2, 3]);
        assert_eq!(fields.finish(Some(())).findings, [BlobFinding::Trailing { bytes: 3 }]);
        assert_eq!(Fields::new(&[1]).finish::<()>(None).findings, []);
    }
}
