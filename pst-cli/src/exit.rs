//! How the command ends: exit codes, and the errors that decide them.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use crate::output::{escape_line, stderr_line};

/// What the exit code says. Of several files one that was opened makes it 0 or 1, be the others what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: everything asked for was read.
    Complete,
    /// 1: something could not be read, or something in the file is not as it should be.
    Findings,
    /// 2: the command line makes no sense.
    Usage,
    /// 3: no file could be opened, there was none, or the new one could not be written.
    Unopened,
    /// 4: there were more bad items than --bad-item-limit allows.
    BadItems,
}

/// The exit codes as `--help` and the man page tell them.
pub(crate) const HELP: &str = "\
Exit codes:
  0  everything asked for was read
  1  read, but something could not be read or is not as it should be
  2  the command line makes no sense
  3  no file could be opened, none was found, or none could be written
  4  stopped: more bad items than --bad-item-limit allows";

impl Exit {
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Complete => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Unopened => 3,
            Self::BadItems => 4,
        }
    }

    /// `Findings` if there are any, else `Complete`.
    pub(crate) const fn from_findings(any: bool) -> Self {
        if any { Self::Findings } else { Self::Complete }
    }
}

/// An error that ends the command with a code of its own. Any other error ends it with 1.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    path: Option<PathBuf>,
    text: String,
}

impl Failure {
    /// A file that could not be opened or written: exit code 3.
    pub(crate) fn unopened(path: &Path, error: &dyn fmt::Display) -> Self {
        Self { exit: Exit::Unopened, path: Some(path.to_owned()), text: error.to_string() }
    }

    /// Work that stopped at the limit of bad items: exit code 4.
    pub(crate) fn bad_items(path: &Path, text: impl Into<String>) -> Self {
        Self { exit: Exit::BadItems, path: Some(path.to_owned()), text: text.into() }
    }

    /// Arguments that make no sense, found only after parsing: exit code 2.
    pub(crate) fn usage(text: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, path: None, text: text.into() }
    }

    /// Something in a file that could not be read: exit code 1.
    pub(crate) fn unread(path: &Path, error: &dyn fmt::Display) -> Self {
        Self { exit: Exit::Findings, path: Some(path.to_owned()), text: error.to_string() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", path.display(), self.text),
            None => f.write_str(&self.text),
        }
    }
}

impl std::error::Error for Failure {}

/// Says what went wrong and gives the exit code.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    if is_closed_pipe(error) {
        // The reader has what it wanted, as in `pst ls | head`.
        return Exit::Complete;
    }
    stderr_line(&format!("pst: {}", escape_line(&format!("{error:#}"))));
    error.downcast_ref::<Failure>().map_or(Exit::Findings, |failure| failure.exit)
}

/// True if the reader of our standard output is gone.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let kind = match (cause.downcast_ref::<io::Error>(), cause.downcast_ref::<serde_json::Error>()) {
            (Some(error), _) => Some(error.kind()),
            (_, Some(error)) => error.io_error_kind(),
            _ => None,
        };
        kind == Some(io::ErrorKind::BrokenPipe)
    })
}
