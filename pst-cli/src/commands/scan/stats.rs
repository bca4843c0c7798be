//! What a scan counts. Every number can be added up, so that each worker counts for itself and the sums are merged.

use std::collections::BTreeMap;

use pst_core::journal::Journal;
use pst_core::messaging::kind::classify;
use pst_core::ndb::Nid;
use pst_core::{Error, FileTime, Location};

use super::people::People;

/// Messages, and the associated messages in which programs keep settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct Count {
    /// Messages.
    pub(super) items: u64,
    /// Associated messages.
    pub(super) associated: u64,
}

impl Count {
    pub(super) fn add(&mut self, associated: bool) {
        let place = if associated { &mut self.associated } else { &mut self.items };
        *place = place.saturating_add(1);
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.items = self.items.saturating_add(other.items);
        self.associated = self.associated.saturating_add(other.associated);
    }

    pub(super) fn sum(self) -> u64 {
        self.items.saturating_add(self.associated)
    }
}

/// What is known of one item that was read.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) associated: bool,
    pub(super) class: Option<String>,
    pub(super) date: Option<FileTime>,
    pub(super) bytes: u64,
}

/// One of the largest items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Large {
    pub(super) bytes: u64,
    pub(super) at: At,
    pub(super) subject: String,
}

/// Where an item is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum At {
    /// In the store of the report.
    Node { node: Nid, folder: Nid },
    /// Anywhere else.
    Mail { place: String, folder: String },
}

/// Journal reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(super) struct JournalCounts {
    /// Reports.
    pub(super) reports: u64,
    /// Items that may be reports, and count as ordinary mail.
    pub(super) suspects: u64,
    /// Reports of reports that could not be delivered.
    pub(super) undeliverable: u64,
    /// The mails at the bottom of reports and undeliverable ones.
    pub(super) originals: u64,
}

impl JournalCounts {
    pub(super) fn add(&mut self, journal: &Journal) {
        let count = match journal {
            Journal::Report(_) => &mut self.reports,
            Journal::Suspect(_) => &mut self.suspects,
            Journal::Undeliverable(_) => &mut self.undeliverable,
            Journal::Ordinary | Journal::TooDeep => return,
        };
        *count = count.saturating_add(1);
        self.originals = self.originals.saturating_add(u64::try_from(journal.originals().len()).unwrap_or(0));
    }

    fn merge(&mut self, other: Self) {
        self.reports = self.reports.saturating_add(other.reports);
        self.suspects = self.suspects.saturating_add(other.suspects);
        self.undeliverable = self.undeliverable.saturating_add(other.undeliverable);
        self.originals = self.originals.saturating_add(other.originals);
    }

    /// True if there is anything to tell.
    pub(super) fn any(self) -> bool {
        self != Self::default()
    }
}

/// Something that could not be read, or that is not as it should be.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    /// The item, folder or table it is about; `None` for the file.
    pub(super) node: Option<Nid>,
    pub(super) folder: Option<Nid>,
    pub(super) kind: &'static str,
    pub(super) location: Location,
    /// Of what is in no store, where it is.
    pub(super) place: Option<String>,
    pub(super) message: String,
}

impl Problem {
    pub(super) fn error(error: &Error, node: Option<Nid>, folder: Option<Nid>) -> Self {
        let node = node.or(error.location().node);
        let (kind, location) = (error.kind().as_str(), *error.location());
        Self { node, folder, kind, location, place: None, message: error.to_string() }
    }

    /// A finding of the accounting, which no error stands for.
    pub(super) fn finding(kind: &'static str, node: Nid, folder: Option<Nid>, message: impl Into<String>) -> Self {
        let location = Location { node: Some(node), ..Location::default() };
        Self { node: Some(node), folder, kind, location, place: None, message: message.into() }
    }

    /// Something about mail that is in no store.
    pub(super) fn of_mail(kind: &'static str, place: String, message: impl Into<String>) -> Self {
        let (location, place) = (Location::default(), Some(place));
        Self { node: None, folder: None, kind, location, place, message: message.into() }
    }

    fn order(&self) -> (Option<Nid>, Option<u64>, Option<&str>, &str) {
        (self.node, self.location.offset, self.place.as_deref(), &self.message)
    }
}

/// How much of what could grow with a file is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caps {
    /// Largest items.
    pub(super) largest: usize,
    /// Problems.
    pub(super) problems: usize,
}

impl Caps {
    /// Message classes told apart; a sound file has dozens.
    const CLASSES: usize = 10_000;
    /// Bytes of a class that are kept.
    const CLASS_BYTES: usize = 256;
    const OTHER: &'static str = "(others)";
    const NO_CLASS: &'static str = "(none)";
}

/// The counts of one file, or of a part of it.
#[derive(Clone, Debug)]
pub(super) struct Stats {
    caps: Caps,
    addresses: usize,
    pub(super) folders: u64,
    pub(super) search_folders: u64,
    /// Items met: `read + failed`.
    pub(super) seen: Count,
    pub(super) read: u64,
    pub(super) failed: u64,
    /// Rows of the folders' tables.
    pub(super) rows: u64,
    pub(super) orphans: u64,
    pub(super) missing: u64,
    pub(super) listed_twice: u64,
    /// Folders that no hierarchy table lists, the root aside.
    pub(super) unlisted_folders: u64,
    /// Rows of hierarchy tables without a folder.
    pub(super) missing_folders: u64,
    /// Folders listed by another folder than the one they say they are in, or below themselves.
    pub(super) misplaced_folders: u64,
    pub(super) bytes_read: u64,
    pub(super) item_bytes: u64,
    pub(super) properties: u64,
    pub(super) recipients: u64,
    pub(super) attachments: u64,
    pub(super) embedded_messages: u64,
    pub(super) classes: BTreeMap<String, Count>,
    pub(super) kinds: BTreeMap<&'static str, Count>,
    pub(super) journal: JournalCounts,
    pub(super) people: People,
    pub(super) years: BTreeMap<i16, Count>,
    pub(super) undated: Count,
    /// Largest first.
    pub(super) largest: Vec<Large>,
    pub(super) problem_count: u64,
    /// The first ones in the order of their nodes; which they are must not depend on threads.
    pub(super) problems: Vec<Problem>,
}

impl Stats {
    pub(super) fn new(caps: Caps) -> Self {
        Self {
            caps,
            addresses: caps.largest,
            folders: 0,
            search_folders: 0,
            seen: Count::default(),
            read: 0,
            failed: 0,
            rows: 0,
            orphans: 0,
            missing: 0,
            listed_twice: 0,
            unlisted_folders: 0,
            missing_folders: 0,
            misplaced_folders: 0,
            bytes_read: 0,
            item_bytes: 0,
            properties: 0,
            recipients: 0,
            attachments: 0,
            embedded_messages: 0,
            classes: BTreeMap::new(),
            kinds: BTreeMap::new(),
            journal: JournalCounts::default(),
            people: People::default(),
            years: BTreeMap::new(),
            undated: Count::default(),
            largest: Vec::new(),
            problem_count: 0,
            problems: Vec::new(),
        }
    }

    /// The same, naming so many of the addresses that nobody knows. By itself it names as many as largest items.
    pub(super) fn naming(mut self, addresses: usize) -> Self {
        self.addresses = addresses;
        self
    }

    /// How many of the addresses that nobody knows are to be named.
    pub(super) fn addresses_named(&self) -> usize {
        self.addresses
    }

    /// Counts an item that was met, by class, kind, year and size.
    pub(super) fn item(&mut self, item: Item) {
        self.seen.add(item.associated);
        self.item_bytes = self.item_bytes.saturating_add(item.bytes);
        match item.date.and_then(FileTime::year) {
            Some(year) => self.years.entry(year).or_default().add(item.associated),
            None => self.undated.add(item.associated),
        }
        self.kinds.entry(classify(item.class.as_deref()).kind.name()).or_default().add(item.associated);
        let mut class = item.class.filter(|class| !class.is_empty()).unwrap_or_else(|| Caps::NO_CLASS.to_owned());
        class.truncate(class.floor_char_boundary(Caps::CLASS_BYTES));
        self.class(class).add(item.associated);
    }

    fn class(&mut self, class: String) -> &mut Count {
        let full = self.classes.len() >= Caps::CLASSES && !self.classes.contains_key(&class);
        self.classes.entry(if full { Caps::OTHER.to_owned() } else { class }).or_default()
    }

    /// The size an item must have to be among the largest.
    pub(super) fn large_from(&self) -> u64 {
        if self.largest.len() < self.caps.largest { 0 } else { self.largest.last().map_or(u64::MAX, |last| last.bytes) }
    }

    /// Keeps an item if it is among the largest; of equal ones those with the lower ids.
    pub(super) fn large(&mut self, large: Large) {
        let key = |large: &Large| (std::cmp::Reverse(large.bytes), large.at.clone());
        let new = key(&large);
        let at = self.largest.partition_point(|other| key(other) < new);
        if at < self.caps.largest {
            self.largest.insert(at, large);
            self.largest.truncate(self.caps.largest);
        }
    }

    /// Counts a problem and keeps it if there is room.
    pub(super) fn problem(&mut self, problem: Problem) {
        self.problem_count = self.problem_count.saturating_add(1);
        self.problems.push(problem);
        // Sorting each time would be quadratic in a file where nothing can be read.
        if self.problems.len() >= self.caps.problems.saturating_mul(2).saturating_add(64) {
            self.trim();
        }
    }

    /// Counts a folder that is not where it says it is.
    pub(super) fn misplaced_folder(&mut self, nid: Nid, parent: Nid, text: String) {
        self.misplaced_folders = self.misplaced_folders.saturating_add(1);
        self.problem(Problem::finding("misplaced-folder", nid, Some(parent), text));
    }

    /// Sorts the problems and lets go of those beyond the cap.
    pub(super) fn trim(&mut self) {
        self.problems.sort_by(|a, b| a.order().cmp(&b.order()));
        self.problems.truncate(self.caps.problems);
    }

    /// Adds the counts of another part.
    pub(super) fn merge(&mut self, other: Self) {
        let numbers: [(&mut u64, u64); 17] = [
            (&mut self.folders, other.folders),
            (&mut self.search_folders, other.search_folders),
            (&mut self.read, other.read),
            (&mut self.failed, other.failed),
            (&mut self.rows, other.rows),
            (&mut self.orphans, other.orphans),
            (&mut self.missing, other.missing),
            (&mut self.listed_twice, other.listed_twice),
            (&mut self.unlisted_folders, other.unlisted_folders),
            (&mut self.missing_folders, other.missing_folders),
            (&mut self.misplaced_folders, other.misplaced_folders),
            (&mut self.bytes_read, other.bytes_read),
            (&mut self.item_bytes, other.item_bytes),
            (&mut self.properties, other.properties),
            (&mut self.recipients, other.recipients),
            (&mut self.attachments, other.attachments),
            (&mut self.embedded_messages, other.embedded_messages),
        ];
        for (sum, number) in numbers {
            *sum = sum.saturating_add(number);
        }
        self.seen.merge(other.seen);
        self.undated.merge(other.undated);
        for (class, count) in other.classes {
            self.class(class).merge(count);
        }
        for (kind, count) in other.kinds {
            self.kinds.entry(kind).or_default().merge(count);
        }
        self.journal.merge(other.journal);
        self.people.merge(other.people);
        for (year, count) in other.years {
            self.years.entry(year).or_default().merge(count);
        }
        for large in other.largest {
            self.large(large);
        }
        let unkept = other.problem_count.saturating_sub(u64::try_from(other.problems.len()).unwrap_or(0));
        self.problem_count = self.problem_count.saturating_add(unkept);
        for problem in other.problems {
            self.problem(problem);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAPS: Caps = Caps { largest: 2, problems: 3 };

    fn part(numbers: std::ops::Range<u32>) -> Stats {
        let mut stats = Stats::new(CAPS);
        for number in numbers {
            let bytes = u64::from(number % 5);
            let class = Some(format!("IPM.{}", number % 3));
            stats.item(Item { associated: number % 2 == 0, class, date: None, bytes });
            let at = At::Node { node: Nid::new(number), folder: Nid::new(2) };
            stats.large(Large { bytes, at, subject: String::new() });
            stats.problem(Problem::finding("orphan", Nid::new(number), None, "x"));
        }
        stats
    }

    #[test]
    fn parts_merged_in_any_order_are_the_whole() {
        let whole = part(0..600);
        for order in [[0, 1, 2], [2, 0, 1], [1, 2, 0]] {
            let mut merged = Stats::new(CAPS);
            order.into_iter().for_each(|third| merged.merge(part(third * 200..(third + 1) * 200)));
            merged.trim();
            assert_eq!(merged.classes, whole.classes);
            assert_eq!(merged.largest, whole.largest);
            assert_eq!((merged.seen, merged.problem_count), (whole.seen, 600));
            let nodes: Vec<_> = merged.problems.iter().filter_map(|problem| problem.node).collect();
            assert_eq!(nodes, [0, 1, 2].map(Nid::new));
        }
        let node = |number| At::Node { node: Nid::new(number), folder: Nid::new(2) };
        assert_eq!(whole.largest.iter().map(|large| large.at.clone()).collect::<Vec<_>>(), [4, 9].map(node));
    }
}
