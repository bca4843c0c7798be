//! Checks a delivery of mail against a profile, before it is shipped or when it arrives.
//!
//! ```text
//! directory -- walk --- file: content, name, place, size ----- verdict -- event
//!                 \                \                                   \
//!                  directory: entries   inside: items read, classes,     account: seen = accepted
//!                                       journal reports, large items     + refused by reason + ignored
//! ```
//!
//! **Every name that is met ends in a verdict**: accepted, refused for a reason with a stable code, or ignored; the
//! [`Account`] adds them up and is compared with what the directories listed. What a file is, its content says. Nothing is
//! followed, nothing is written, nothing is mapped: a delivery may be made by somebody who means harm, and changed by
//! somebody who does not know that it is checked.
//!
//! Which stores are read, and which of their items, is random with a seed: the same seed looks at the same items of the same
//! file, whatever else is in the delivery.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//!
//! use pst_migrate::delivery::{DeliveryCheck, Event};
//! use pst_migrate::profile::Profile;
//!
//! let profile = Profile::load("mimecast-2016")?;
//! let account = DeliveryCheck::new(profile).seed(7).run("/disk", &|| false, &mut |event| {
//!     if let Event::File(file) = event {
//!         println!("{}: {}", file.path.display(), file.decision.name());
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! account.balance()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod content;
mod file;
pub mod fix;
mod layout;
pub mod name;
mod verdict;
mod walk;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::ops::ControlFlow;
use std::path::Path;

pub use content::{Content, MOST_PLACES};
pub use layout::{Format, Placing, Purpose, place};
pub use verdict::{Account, Decision, DirectoryVerdict, Event, FileVerdict, Finding, Imbalance, Rename};

use crate::profile::{Profile, Rule, Severity};
use file::Known;
use walk::{Met, Walk};

/// Checks deliveries.
#[derive(Clone, Debug)]
pub struct DeliveryCheck {
    profile: Profile,
    seed: u64,
    full: bool,
    names_only: bool,
    owners: Option<HashSet<String>>,
    submission: u32,
}

impl DeliveryCheck {
    /// By this profile, with seed 0.
    pub fn new(profile: Profile) -> Self {
        Self { profile, seed: 0, full: false, names_only: false, owners: None, submission: 0 }
    }

    /// Chooses other stores and items.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Reads every item of every file.
    #[must_use]
    pub fn full(mut self, full: bool) -> Self {
        self.full = full;
        self
    }

    /// Looks at names, places, sizes and first bytes alone.
    #[must_use]
    pub fn names_only(mut self, names_only: bool) -> Self {
        self.names_only = names_only;
        self
    }

    /// The addresses that owners may have.
    #[must_use]
    pub fn owners<S: AsRef<str>>(mut self, owners: impl IntoIterator<Item = S>) -> Self {
        self.owners = Some(owners.into_iter().map(|owner| owner.as_ref().trim().to_lowercase()).collect());
        self
    }

    /// How often this data was delivered before: 0 for the first time, 1 for the first cured delivery.
    #[must_use]
    pub fn submission(mut self, number: u32) -> Self {
        self.submission = number;
        self
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Checks a directory. `is_stopped` is asked often, and ends the check when it says so; a file that was not looked at to
    /// its end then has no verdict.
    ///
    /// # Errors
    /// If the directory cannot be listed. Everything below it that cannot be read has a verdict.
    pub fn run(
        &self,
        directory: impl AsRef<Path>,
        is_stopped: &dyn Fn() -> bool,
        visit: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    ) -> io::Result<Account> {
        let directory = directory.as_ref();
        let mut run = Run {
            check: self,
            root: directory,
            above: names_above(directory)?,
            known: Known::default(),
            bases: BTreeMap::new(),
            account: Account::default(),
            is_stopped,
            visit,
        };
        let walk = Walk::new(directory, self.profile.layout.depth)?;
        Ok(match run.walk(walk) {
            ControlFlow::Continue(()) => run.account,
            ControlFlow::Break(()) => Account { stopped: true, ..run.account },
        })
    }

    fn finding(&self, rule: Rule, detail: impl Into<String>) -> Option<Finding> {
        let severity = self.profile.severity(rule);
        (severity != Severity::Off).then(|| Finding { rule, severity, detail: detail.into() })
    }
}

/// The name of a directory and that of the one above it.
fn names_above(directory: &Path) -> io::Result<Vec<String>> {
    let whole = directory.canonicalize()?;
    Ok(whole.ancestors().take(2).filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned())).collect())
}

struct Run<'r> {
    check: &'r DeliveryCheck,
    root: &'r Path,
    above: Vec<String>,
    known: Known,
    /// The spellings of base folders.
    bases: BTreeMap<(Option<Format>, Purpose), BTreeSet<String>>,
    account: Account,
    is_stopped: &'r dyn Fn() -> bool,
    visit: &'r mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
}

impl Run<'_> {
    fn walk(&mut self, walk: Walk) -> ControlFlow<()> {
        // What directories listed, less the directories among it, is what must have a verdict.
        let (mut listed, mut below) = (0_u64, 0_u64);
        for met in walk {
            if (self.is_stopped)() {
                return ControlFlow::Break(());
            }
            let verdict = match met {
                Met::File(path, kind) => self.file(path, kind),
                Met::Unknown(path, error) => self.refused(path, "unknown", Rule::FileUnreadable, &error.to_string()),
                Met::TooDeep(path) => {
                    let detail = format!("more than {} folders", self.check.profile.layout.depth);
                    self.refused(path, "directory", Rule::TreeTooDeep, &detail)
                }
                Met::Directory(path, entries, error) => {
                    listed = listed.saturating_add(entries);
                    below = below.saturating_add(u64::from(!path.as_os_str().is_empty()));
                    let most = self.check.profile.layout.entries;
                    let too_many = (entries > most).then(|| {
                        self.check.finding(Rule::DirectoryEntries, format!("{entries} entries, {most} may be"))
                    });
                    let unreadable = error
                        .map(|error| self.check.finding(Rule::FileUnreadable, format!("it cannot be listed: {error}")));
                    let findings = [too_many, unreadable].into_iter().flatten().flatten().collect();
                    let verdict = DirectoryVerdict { path, entries, findings };
                    self.account.directory(&verdict);
                    (self.visit)(Event::Directory(&verdict))?;
                    continue;
                }
            };
            if (self.is_stopped)() {
                // The file at hand was perhaps not looked at to its end.
                return ControlFlow::Break(());
            }
            self.account.file(&verdict);
            self.account.seen = self.account.seen.saturating_add(1);
            (self.visit)(Event::File(&verdict))?;
        }
        self.account.seen = listed.saturating_sub(below);
        self.delivery()
    }

    /// What is about the whole.
    fn delivery(&mut self) -> ControlFlow<()> {
        let mut findings = Vec::new();
        for ((_, purpose), spellings) in &self.bases {
            if spellings.len() > 1 {
                let names: Vec<_> = spellings.iter().map(String::as_str).collect();
                let detail = format!("{}: {}", purpose.name(), names.join(", "));
                findings.extend(self.check.finding(Rule::NameVariants, detail));
            }
        }
        let submissions = self.check.profile.submissions;
        if !submissions.allows(self.check.submission) {
            let detail = format!("cured delivery {}, {} may be", self.check.submission, submissions.cured);
            findings.extend(self.check.finding(Rule::Submissions, detail));
        }
        self.account.note(&findings);
        findings.iter().try_for_each(|finding| (self.visit)(Event::Delivery(finding)))
    }
}
