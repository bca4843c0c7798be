//! What is wrong with a profile, and where.

use std::fmt;

/// Why a profile is not taken: the file, the line, the key, and what was expected there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileError {
    /// The file, or the name of a shipped profile.
    pub file: String,
    /// The line, from 1; `None` if it is about no line, as a file that cannot be read.
    pub line: Option<usize>,
    /// The key, with its tables: `sizes.max`. Empty if it is about none.
    pub key: String,
    /// What is wrong, and what was expected.
    pub message: String,
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        f.write_str(": ")?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for ProfileError {}

/// A text with its name, so that places in it can be told.
#[derive(Clone, Copy)]
pub(super) struct Text<'t> {
    pub(super) file: &'t str,
    pub(super) text: &'t str,
}

impl Text<'_> {
    /// An error about a key, at a place in bytes.
    pub(super) fn error(&self, at: Option<usize>, key: &str, message: impl Into<String>) -> ProfileError {
        let line = at.map(|at| {
            let before = self.text.as_bytes().get(..at.min(self.text.len())).unwrap_or_default();
            before.iter().filter(|byte| **byte == b'\n').count().saturating_add(1)
        });
        ProfileError { file: self.file.to_owned(), line, key: key.to_owned(), message: message.into() }
    }
}
