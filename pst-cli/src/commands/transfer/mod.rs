//! What `merge`, `split`, `compact`, `convert` and `recover` share: which items go along, the new file, the report.

pub(crate) mod compact;
pub(crate) mod convert;
pub(in crate::commands) mod job;
pub(crate) mod merge;
pub(crate) mod recover;
mod report;
pub(crate) mod split;

pub(crate) use job::{is_stopped, stop_in_order};

use std::io;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pst_core::ErrorKind;
use pst_core::ndb::CryptMethod;
use pst_core::transfer::Filter;
use pst_core::write::WriteOptions;

use crate::dates::Span;
use crate::exit::Failure;

/// Which items go along.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which items")]
pub(crate) struct Choice {
    /// Only items of folders whose path fits: `Inbox` is that folder alone, `Inbox/*` those in it, `Inbox/**` all of
    /// them; from the root with a `/` at the front. May be given several times
    #[arg(long, value_name = "PATTERN")]
    folder: Vec<String>,
    /// Only items of classes that fit, such as `IPM.Note*`. May be given several times
    #[arg(long, value_name = "PATTERN")]
    class: Vec<String>,
    /// Only items from this date on: a year, month, day or time, in UTC, such as 2019 or 2019-07-01
    #[arg(long, value_name = "DATE", value_parser = Span::parse)]
    since: Option<Span>,
    /// Only items up to the end of this date
    #[arg(long, value_name = "DATE", value_parser = Span::parse)]
    until: Option<Span>,
    /// No associated items: views, rules, settings
    #[arg(long)]
    without_associated: bool,
}

impl Choice {
    /// The library's filter for this.
    fn filter(&self) -> Filter {
        let mut filter = Filter::new().without_associated(self.without_associated);
        for pattern in &self.folder {
            filter = filter.folder(pattern);
        }
        for pattern in &self.class {
            filter = filter.class(pattern);
        }
        if let Some(since) = self.since {
            filter = filter.since(since.start);
        }
        if let Some(until) = self.until {
            filter = filter.before(until.end);
        }
        filter
    }
}

/// How the work is told, and what may be replaced.
#[derive(Debug, clap::Args)]
pub(crate) struct Manner {
    /// Replace a file that is there already, once the new one is complete
    #[arg(long)]
    force: bool,
    /// Write one JSON object, `{"schema": "pst-transfer/1", ...}`, with every item that was skipped or has losses
    #[arg(long)]
    json: bool,
    /// How many items of each kind to name in the report
    #[arg(long, value_name = "N", default_value_t = 100)]
    errors: usize,
}

/// How the data of the new file is encoded.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Crypt {
    /// As it is
    None,
    /// As Outlook does, "compressible"
    Permute,
    /// "High"
    Cyclic,
}

impl Crypt {
    const fn method(self) -> CryptMethod {
        match self {
            Self::None => CryptMethod::None,
            Self::Permute => CryptMethod::Permute,
            Self::Cyclic => CryptMethod::Cyclic,
        }
    }
}

/// What the new file is like.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "New file")]
pub(crate) struct Form {
    /// How data is encoded, which hides nothing from anybody
    #[arg(long, value_name = "HOW", default_value = "permute")]
    crypt: Crypt,
    /// Store equal values, such as one attachment of many messages, once
    #[arg(long)]
    share: bool,
}

impl Form {
    pub(in crate::commands) fn options(&self) -> WriteOptions {
        WriteOptions::new().crypt(self.crypt.method()).share_data(self.share)
    }
}

/// Refuses to replace a file without being told to.
pub(in crate::commands) fn check_new(path: &Path, force: bool) -> Result<(), Failure> {
    if !force && path.symlink_metadata().is_ok() {
        return Err(Failure::unopened(path, &"it is there already; --force replaces it"));
    }
    Ok(())
}

/// Whether two paths lead to one file.
pub(in crate::commands) fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// An error of the medium the new file is on.
pub(in crate::commands) fn unwritten(path: &Path) -> impl Fn(io::Error) -> Failure + '_ {
    move |error| Failure::unopened(path, &error)
}

/// An error that ended the work: nothing was written.
pub(in crate::commands) fn ended(path: &Path, error: &pst_core::Error) -> Failure {
    if error.kind() == ErrorKind::Cancelled {
        return Failure::unopened(path, &"stopped; nothing was written");
    }
    Failure::unopened(path, &format!("nothing was written: {error}"))
}

/// The name of a file without its ending, as stores and folders are called after it.
pub(in crate::commands) fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// Bytes of a file that is there.
pub(in crate::commands) fn size(path: &Path) -> u64 {
    path.metadata().map_or(0, |metadata| metadata.len())
}

/// A file of the report.
#[derive(Debug)]
struct Written {
    path: PathBuf,
    bytes: u64,
    label: Option<String>,
    oversize: bool,
    summary: pst_core::transfer::Summary,
}
