//! What went wrong, where, and what was expected.
//!
//! One type, [`Error`], for the whole library. [`Error::kind`] is a short list to act on, [`Error::location`] says where
//! in the file, and the text is one sentence with the expected and the actual value. The decoder that notices a fault
//! names structure, field and offset; every caller above adds the block or node it knows and leaves the rest alone.

use std::borrow::Cow;
use std::fmt;
use std::io;

use crate::ndb::{Bid, Nid};

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an [`Error`].
///
/// New kinds may be added, so matches need a last arm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ErrorKind {
    /// The operating system failed to open or read the file.
    Io,
    /// The file is not a PST, OST or PAB at all.
    NotPst,
    /// A PST of a kind that this library cannot read; the text carries the number that is not known.
    Unsupported,
    /// A structure contradicts the format.
    Corrupt,
    /// Stored bytes do not match their CRC.
    Checksum,
    /// Reading on would pass one of the [`Limits`](crate::Limits).
    Limit,
    /// A node, block, subnode or property that was asked for is not in the file.
    NotFound,
    /// A node or value is of another type than the call needs.
    WrongType,
    /// An argument of the caller makes no sense.
    InvalidInput,
    /// The caller asked to stop.
    Cancelled,
}

impl ErrorKind {
    /// The kind as one lower-case word with hyphens, the same in every language binding.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Io => "io",
            Self::NotPst => "not-pst",
            Self::Unsupported => "unsupported",
            Self::Corrupt => "corrupt",
            Self::Checksum => "checksum",
            Self::Limit => "limit",
            Self::NotFound => "not-found",
            Self::WrongType => "wrong-type",
            Self::InvalidInput => "invalid-input",
            Self::Cancelled => "cancelled",
        }
    }

    const fn adjective(self) -> &'static str {
        match self {
            Self::Io => "cannot read",
            Self::NotPst => "not a PST",
            Self::Unsupported => "unsupported",
            Self::Corrupt => "corrupt",
            Self::Checksum => "damaged",
            Self::Limit => "limit reached in",
            Self::NotFound => "missing",
            Self::WrongType => "wrong type of",
            Self::InvalidInput => "invalid",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in the file an [`Error`] was met, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Location {
    /// Byte offset in the file.
    pub offset: Option<u64>,
    /// The block that was being read (MS-PST 2.2.2.2).
    pub block: Option<Bid>,
    /// The node that was being read (MS-PST 2.2.2.1).
    pub node: Option<Nid>,
    /// The structure, named as in MS-PST.
    pub structure: Option<&'static str>,
    /// The field of that structure, named as in MS-PST.
    pub field: Option<&'static str>,
}

/// An error of this library: a kind to act on, a place, and a sentence.
///
/// One pointer wide, so results stay small.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    location: Location,
    problem: Problem,
}

#[derive(Debug, thiserror::Error)]
enum Problem {
    #[error("{0}")]
    Io(#[source] io::Error),
    #[error("{0}")]
    Text(Cow<'static, str>),
    #[error("{actual}, expected {expected}")]
    Mismatch { actual: String, expected: String },
}

impl Error {
    fn new(kind: ErrorKind, structure: Option<&'static str>, problem: Problem) -> Self {
        let location = Location { structure, ..Location::default() };
        Self(Box::new(Inner { kind, location, problem }))
    }

    /// An error with a sentence of its own.
    #[cold]
    pub fn text(kind: ErrorKind, structure: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::new(kind, Some(structure), Problem::Text(text.into()))
    }

    /// A field that has another value than it must.
    #[cold]
    pub fn field(
        kind: ErrorKind,
        structure: &'static str,
        field: &'static str,
        actual: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        let problem = Problem::Mismatch { actual: actual.to_string(), expected: expected.to_string() };
        let mut error = Self::new(kind, Some(structure), problem);
        error.0.location.field = Some(field);
        error
    }

    /// A field that contradicts the format.
    #[cold]
    pub fn corrupt(
        structure: &'static str,
        field: &'static str,
        actual: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self::field(ErrorKind::Corrupt, structure, field, actual, expected)
    }

    /// A structure that ends before it is complete.
    #[cold]
    pub fn truncated(structure: &'static str, have: usize, need: usize) -> Self {
        Self::corrupt(structure, "length", format_args!("{have} bytes"), format_args!("at least {need}"))
    }

    /// Something that is not in the file.
    #[cold]
    pub fn not_found(structure: &'static str, text: impl Into<Cow<'static, str>>) -> Self {
        Self::text(ErrorKind::NotFound, structure, text)
    }

    /// A limit of [`Limits`](crate::Limits) that would be passed.
    #[cold]
    pub fn limit(structure: &'static str, field: &'static str, actual: impl fmt::Display, limit: u64) -> Self {
        Self::field(ErrorKind::Limit, structure, field, actual, format_args!("at most {limit}"))
    }

    /// An error of the operating system.
    #[cold]
    pub fn io(error: io::Error) -> Self {
        Self::new(ErrorKind::Io, None, Problem::Io(error))
    }

    /// Adds the file offset, unless a deeper layer already gave one.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.0.location.offset.get_or_insert(offset);
        self
    }

    /// Adds the block, unless a deeper layer already gave one.
    #[must_use]
    pub fn in_block(mut self, block: Bid) -> Self {
        self.0.location.block.get_or_insert(block);
        self
    }

    /// Adds the node, unless a deeper layer already gave one.
    #[must_use]
    pub fn in_node(mut self, node: Nid) -> Self {
        self.0.location.node.get_or_insert(node);
        self
    }

    /// What a caller can do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Where in the file it was met, as far as known.
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// The error of the operating system, for [`ErrorKind::Io`].
    pub fn as_io(&self) -> Option<&io::Error> {
        match &self.0.problem {
            Problem::Io(error) => Some(error),
            Problem::Text(_) | Problem::Mismatch { .. } => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, location, problem } = &*self.0;
        f.write_str(kind.adjective())?;
        if let Some(structure) = location.structure {
            write!(f, " {structure}")?;
        }
        if let Some(offset) = location.offset {
            write!(f, " at {offset:#x}")?;
        }
        f.write_str(": ")?;
        if let Some(field) = location.field {
            write!(f, "{field} is ")?;
        }
        write!(f, "{problem}")?;
        match (location.block, location.node) {
            (Some(block), Some(node)) => write!(f, " (block {block}, node {node})"),
            (Some(block), None) => write!(f, " (block {block})"),
            (None, Some(node)) => write!(f, " (node {node})"),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({:?}: {self})", self.0.kind)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.problem {
            Problem::Io(error) => Some(error),
            Problem::Text(_) | Problem::Mismatch { .. } => None,
        }
    }
}

impl From<io::Error> for Error {
    /// An error of this library that travelled through a stream comes out as it was.
    fn from(error: io::Error) -> Self {
        error.downcast::<Self>().unwrap_or_else(Self::io)
    }
}

impl From<Error> for io::Error {
    /// For streams: the library's error travels inside an [`io::Error`] and comes out of its `get_ref`, or whole when
    /// it is turned back.
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Io => error.as_io().map_or(io::ErrorKind::Other, io::Error::kind),
            ErrorKind::NotFound => io::ErrorKind::NotFound,
            ErrorKind::Unsupported => io::ErrorKind::Unsupported,
            ErrorKind::InvalidInput => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sentence_says_where_what_and_what_was_expected() {
        let error = Error::corrupt("BTPAGE", "cEnt", 21, "at most 20").at(0x4400).in_node(Nid::new(0x2223));
        assert_eq!(error.to_string(), "corrupt BTPAGE at 0x4400: cEnt is 21, expected at most 20 (node 0x2223)");
        assert_eq!(error.kind(), ErrorKind::Corrupt);
    }

    #[test]
    fn the_deepest_place_wins() {
        let error = Error::truncated("HNHDR", 3, 12).at(1).at(2).in_block(Bid::new(4)).in_block(Bid::new(8));
        assert_eq!(error.location().offset, Some(1));
        assert_eq!(error.location().block, Some(Bid::new(4)));
    }

    #[test]
    fn survives_a_stream() {
        let error = Error::field(ErrorKind::Checksum, "BLOCKTRAILER", "dwCRC", 1, 2).at(7);
        let text = error.to_string();
        let through = io::Error::from(error);
        assert_eq!(through.kind(), io::ErrorKind::InvalidData);
        let back = Error::from(through);
        assert_eq!((back.kind(), back.to_string()), (ErrorKind::Checksum, text));
        let cancelled = io::Error::from(Error::text(ErrorKind::Cancelled, "scan", "stopped"));
        assert_ne!(cancelled.kind(), io::ErrorKind::Interrupted, "std would try again without end");
    }

    #[test]
    fn is_one_pointer_wide() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
    }
}
