//! What became of a file, and the account of all.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::delivery::content::Content;
use crate::delivery::layout::Purpose;
use crate::profile::{Rule, Severity};

/// A rule that something breaks or touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How much it matters, by the profile.
    pub severity: Severity,
    /// The case at hand.
    pub detail: String,
}

impl Finding {
    /// The stable reason code.
    pub const fn code(&self) -> &'static str {
        self.rule.code()
    }
}

/// What becomes of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Decision {
    /// It is taken, perhaps with warnings.
    Accepted,
    /// It is not taken. The first error says why.
    Refused,
    /// What systems leave everywhere; nobody wants it.
    Ignored,
}

impl Decision {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Ignored => "ignored",
        }
    }
}

/// A better name for a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// The path now, from the delivery's directory.
    pub from: PathBuf,
    /// The path proposed, likewise.
    pub to: PathBuf,
    /// The rule it mends.
    pub rule: Rule,
}

/// What became of a file, or of whatever else that is no directory.
#[derive(Clone, Debug, PartialEq)]
pub struct FileVerdict {
    /// The path from the delivery's directory.
    pub path: PathBuf,
    /// What becomes of it.
    pub decision: Decision,
    /// What it is by its content, or `link` and the like; a stable name.
    pub kind: &'static str,
    /// Bytes; `None` if nobody can tell.
    pub size: Option<u64>,
    /// The owner's address, of a file that is named after one.
    pub owner: Option<String>,
    /// The number in the name.
    pub number: Option<String>,
    /// What its base folder says.
    pub purpose: Option<Purpose>,
    /// The rules it breaks or touches, in their order.
    pub findings: Vec<Finding>,
    /// A better name, if one can be told.
    pub rename: Option<Rename>,
    /// Into how many files of the recommended size it could be split, if it is too large.
    pub split_into: Option<u64>,
    /// What was seen inside, if it was looked into.
    pub content: Option<Box<Content>>,
}

/// What became of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryVerdict {
    /// The path from the delivery's directory; empty for that itself.
    pub path: PathBuf,
    /// Entries, files and directories.
    pub entries: u64,
    /// The rules it breaks or touches.
    pub findings: Vec<Finding>,
}

/// Something that the check tells.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// About a file.
    File(&'a FileVerdict),
    /// About a directory, behind all that is in it.
    Directory(&'a DirectoryVerdict),
    /// About the whole delivery, at the end.
    Delivery(&'a Finding),
}

/// The account of a delivery: everything seen, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Names met that are no directories, counted as they were listed.
    pub seen: u64,
    /// Taken.
    pub accepted: u64,
    /// Not taken, by the code of the first error.
    pub refused: BTreeMap<&'static str, u64>,
    /// Left by systems.
    pub ignored: u64,
    /// Directories, the delivery itself among them.
    pub directories: u64,
    /// Directories with an error of their own, by its code.
    pub directories_refused: BTreeMap<&'static str, u64>,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files by what they are.
    pub kinds: BTreeMap<&'static str, u64>,
    /// Findings by rule and severity, those of directories and of the delivery among them.
    pub findings: BTreeMap<(Rule, Severity), u64>,
    /// Stores that were read to the last item.
    pub read_whole: u64,
    /// Stores of which a sample was read.
    pub read_in_part: u64,
    /// Items read to their end.
    pub items_read: u64,
    /// Items of those that could not be read whole.
    pub items_unreadable: u64,
    /// The visitor ended it before the end.
    pub stopped: bool,
}

/// What does not add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Imbalance {
    /// Things seen.
    pub seen: u64,
    /// Things with a verdict.
    pub accounted: u64,
}

impl fmt::Display for Imbalance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} files were seen and {} have a verdict", self.seen, self.accounted)
    }
}

impl std::error::Error for Imbalance {}

impl Account {
    /// All that was not taken.
    pub fn refused_total(&self) -> u64 {
        self.refused.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The most that any finding matters; `None` without findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.keys().map(|(_, severity)| *severity).max()
    }

    /// Findings of a severity.
    pub fn count(&self, severity: Severity) -> u64 {
        let of = self.findings.iter().filter(|((_, found), _)| *found == severity);
        of.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Checks that everything seen is accepted, refused or ignored.
    ///
    /// # Errors
    /// Both numbers, if they differ.
    pub fn balance(&self) -> Result<(), Imbalance> {
        let accounted = self.accepted.saturating_add(self.refused_total()).saturating_add(self.ignored);
        if accounted == self.seen { Ok(()) } else { Err(Imbalance { seen: self.seen, accounted }) }
    }

    pub(super) fn note(&mut self, findings: &[Finding]) {
        for finding in findings {
            let count = self.findings.entry((finding.rule, finding.severity)).or_default();
            *count = count.saturating_add(1);
        }
    }

    pub(super) fn file(&mut self, verdict: &FileVerdict) {
        let add = |count: &mut u64| *count = count.saturating_add(1);
        match verdict.decision {
            Decision::Accepted => add(&mut self.accepted),
            Decision::Ignored => add(&mut self.ignored),
            Decision::Refused => add(self.refused.entry(first_error(&verdict.findings)).or_default()),
        }
        add(self.kinds.entry(verdict.kind).or_default());
        self.bytes = self.bytes.saturating_add(verdict.size.unwrap_or(0));
        self.note(&verdict.findings);
        if let Some(content) = &verdict.content {
            self.items_read = self.items_read.saturating_add(content.read);
            self.items_unreadable = self.items_unreadable.saturating_add(content.unreadable);
            if content.whole {
                add(&mut self.read_whole);
            } else if content.read > 0 {
                add(&mut self.read_in_part);
            }
        }
    }

    pub(super) fn directory(&mut self, verdict: &DirectoryVerdict) {
        self.directories = self.directories.saturating_add(1);
        if verdict.findings.iter().any(|finding| finding.severity == Severity::Error) {
            let count = self.directories_refused.entry(first_error(&verdict.findings)).or_default();
            *count = count.saturating_add(1);
        }
        self.note(&verdict.findings);
    }
}

fn first_error(findings: &[Finding]) -> &'static str {
    let error = findings.iter().find(|finding| finding.severity == Severity::Error);
    error.map_or("REFUSED", Finding::code)
}
