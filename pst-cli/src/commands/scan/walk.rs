//! One file of a scan: its work in pieces, and the accounting when all pieces are done.
//!
//! ```text
//! node B-tree -> folders -> tables: rows listed ---+
//!             -> messages, in chunks -> read       +--> every node listed once, every row with a node?
//! ```

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pst_core::item::Item as View;
use pst_core::journal::JournalReader;
use pst_core::ltp::{Row, TableContext, id};
use pst_core::messaging::{Folder, Inspection, Message, inspect, inspect_folder, inspect_store};
use pst_core::ndb::{Client, Nid, NidType, NodeEntry};
use pst_core::{Error, FileTime, Pst, Result};

use super::stats::{At, Caps, Item, Large, Problem, Stats};
use crate::dates;
use crate::progress::Progress;

/// A piece of work on a file.
pub(super) enum Work {
    /// The tables of a folder.
    Folder(NodeEntry),
    /// Items to read.
    Items(Vec<NodeEntry>),
}

/// Items in one piece: enough that handing it over costs nothing, few enough that all threads end together.
const CHUNK: usize = 64;

/// Ids in the rows of tables: 4 bytes per item, 8 per folder, the one thing that grows with a file.
#[derive(Default)]
struct Listed {
    /// Of contents tables and associated contents tables.
    items: Vec<u32>,
    /// Of hierarchy tables, each with the folder that lists it.
    folders: Vec<(u32, Nid)>,
}

/// A file that is being scanned. Shared by the workers; whoever lets go of it last does the accounting.
pub(super) struct FileScan {
    /// Its place among all files.
    pub(super) index: usize,
    pub(super) path: PathBuf,
    pub(super) pst: Pst,
    quick: bool,
    caps: Caps,
    stats: Mutex<Stats>,
    listed: Mutex<Listed>,
    /// Bytes of the progress bar already given.
    advanced: AtomicU64,
}

impl FileScan {
    pub(super) fn new(index: usize, path: PathBuf, pst: Pst, quick: bool, caps: Caps) -> Self {
        Self {
            index,
            path,
            pst,
            quick,
            caps,
            stats: Mutex::new(Stats::new(caps)),
            listed: Mutex::default(),
            advanced: AtomicU64::new(0),
        }
    }

    /// Walks the node B-tree once and gives out the work in it, until `give` refuses.
    pub(super) fn pieces(&self, mut give: impl FnMut(Work) -> bool) {
        let mut stats = Stats::new(self.caps);
        self.rest(&mut stats);
        let mut chunk = Vec::new();
        for entry in self.pst.nodes() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    stats.problem(Problem::error(&error, None, None));
                    continue;
                }
            };
            let work = match entry.nid.kind() {
                NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => Some(Work::Folder(entry)),
                NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE if !self.quick => {
                    chunk.push(entry);
                    (chunk.len() == CHUNK).then(|| Work::Items(std::mem::take(&mut chunk)))
                }
                _ => None,
            };
            if work.is_some_and(|work| !give(work)) {
                return;
            }
        }
        if !chunk.is_empty() {
            give(Work::Items(chunk));
        }
        self.merge(stats);
    }

    fn merge(&self, part: Stats) {
        if let Ok(mut stats) = self.stats.lock() {
            stats.merge(part);
        }
    }

    /// Does a piece of the work.
    pub(super) fn work(&self, work: Work, progress: &Progress) {
        let mut stats = Stats::new(self.caps);
        match work {
            Work::Folder(entry) => self.folder(entry, &mut stats),
            Work::Items(entries) => {
                for entry in entries {
                    self.item(entry, &mut stats);
                }
            }
        }
        self.advance(progress, stats.bytes_read, stats.seen.sum());
        self.merge(stats);
    }

    /// Moves the bar by what was read, and never beyond the file.
    fn advance(&self, progress: &Progress, bytes: u64, items: u64) {
        let before = self.advanced.fetch_add(bytes, Ordering::Relaxed);
        let left = self.pst.file_size().saturating_sub(before);
        progress.advance(bytes.min(left), items);
    }

    fn folder(&self, entry: NodeEntry, stats: &mut Stats) {
        let nid = entry.nid;
        let is_search = nid.kind() == NidType::SEARCH_FOLDER;
        let count = if is_search { &mut stats.search_folders } else { &mut stats.folders };
        *count = count.saturating_add(1);
        let folder = match self.pst.folder(nid) {
            Ok(folder) => folder,
            Err(error) => return stats.problem(Problem::error(&error, Some(nid), Some(nid))),
        };
        if !self.quick {
            self.problems(&inspect_folder(&folder), nid, Some(nid), stats);
        }
        if is_search {
            // It lists items of other folders.
            return;
        }
        let mut listed = Listed::default();
        self.subfolders(&folder, &mut listed.folders, stats);
        self.rows(&folder, folder.contents_table(), false, &mut listed.items, stats);
        self.rows(&folder, folder.associated_table(), true, &mut listed.items, stats);
        if let Ok(mut all) = self.listed.lock() {
            all.items.append(&mut listed.items);
            all.folders.append(&mut listed.folders);
        }
    }

    fn subfolders(&self, folder: &Folder, listed: &mut Vec<(u32, Nid)>, stats: &mut Stats) {
        let problem = |error| Problem::error(&error, Some(folder.id()), Some(folder.id()));
        let table = match folder.hierarchy_table() {
            Ok(Some(table)) => table,
            Ok(None) => return,
            Err(error) => return stats.problem(problem(error)),
        };
        for row in table.rows() {
            match row {
                Ok(row) => listed.push((row.id(), folder.id())),
                Err(error) => stats.problem(problem(error)),
            }
        }
    }

    fn rows(
        &self,
        folder: &Folder,
        table: Result<Option<TableContext>>,
        associated: bool,
        listed: &mut Vec<u32>,
        stats: &mut Stats,
    ) {
        let problem = |error| Problem::error(&error, Some(folder.id()), Some(folder.id()));
        let table = match table {
            Ok(Some(table)) => table,
            Ok(None) => return,
            Err(error) => return stats.problem(problem(error)),
        };
        for row in table.rows() {
            stats.rows = stats.rows.saturating_add(1);
            match row {
                Ok(row) => {
                    listed.push(row.id());
                    if self.quick {
                        self.listed_item(folder, &row, associated, stats);
                    }
                }
                Err(error) => {
                    if self.quick {
                        stats.seen.add(associated);
                        stats.failed = stats.failed.saturating_add(1);
                    }
                    stats.problem(problem(error));
                }
            }
        }
    }

    /// Counts an item by its row alone.
    fn listed_item(&self, folder: &Folder, row: &Row<'_>, associated: bool, stats: &mut Stats) {
        let class = row.string(id::MESSAGE_CLASS).unwrap_or_else(|error| {
            stats.problem(Problem::error(&error, Some(row.nid()), Some(folder.id())));
            None
        });
        let time = |property| row.time(property);
        let date = dates::best(time(id::MESSAGE_DELIVERY_TIME), time(id::CLIENT_SUBMIT_TIME), time(id::CREATION_TIME));
        let date = date.map(|(date, _)| date);
        let bytes = row.integer(id::MESSAGE_SIZE).and_then(|size| u64::try_from(size).ok()).unwrap_or(0);
        stats.read = stats.read.saturating_add(1);
        stats.item(Item { associated, class, date, bytes });
        if bytes >= stats.large_from() {
            let subject = row.text(id::SUBJECT).ok().flatten();
            let subject = subject.map(|stored| pst_core::messaging::Subject::parse(&stored).text).unwrap_or_default();
            let at = At::Node { node: row.nid(), folder: folder.id() };
            stats.large(Large { bytes, at, subject });
        }
    }

    /// Reads an item to its last byte.
    fn item(&self, entry: NodeEntry, stats: &mut Stats) {
        let associated = entry.nid.kind() == NidType::ASSOCIATED_MESSAGE;
        let (node, folder) = (entry.nid, entry.parent);
        let item = match self.pst.message_from_entry(entry) {
            Ok(item) => item,
            Err(error) => {
                stats.seen.add(associated);
                stats.failed = stats.failed.saturating_add(1);
                return stats.problem(Problem::error(&error, Some(node), Some(folder)));
            }
        };
        let number = u64::try_from(self.index).unwrap_or(0) << 32 | u64::from(node.raw());
        let large = |(bytes, subject)| Large { bytes, at: At::Node { node, folder }, subject };
        let problem = |error: &Error| Problem::error(error, Some(node), Some(folder));
        message(&item, Some(&self.pst), number, stats, &large, &problem);
    }

    fn problems(&self, inspection: &Inspection, node: Nid, folder: Option<Nid>, stats: &mut Stats) {
        problems(inspection, stats, &|error| Problem::error(error, Some(node), folder));
    }

    /// What no folder and no item holds: the store's properties, the names of properties, the root of the folders.
    fn rest(&self, stats: &mut Stats) {
        match self.pst.store() {
            Ok(_) if self.quick => {}
            Ok(store) => self.problems(&inspect_store(&store), Nid::MESSAGE_STORE, None, stats),
            Err(error) => stats.problem(Problem::error(&error, Some(Nid::MESSAGE_STORE), None)),
        }
        match self.pst.named_properties() {
            Ok(names) => {
                for error in names.errors() {
                    stats.problem(Problem::error(error, Some(Nid::NAME_TO_ID_MAP), None));
                }
            }
            Err(error) => stats.problem(Problem::error(&error, Some(Nid::NAME_TO_ID_MAP), None)),
        }
        // An address book has no folders of mail.
        if self.pst.client() != Client::Pab
            && let Err(error) = self.pst.root_folder()
        {
            stats.problem(Problem::error(&error, None, None));
        }
    }

    /// The accounting, after all pieces: every item is listed by one folder, every folder but the root by another, and
    /// every row has its item or folder.
    pub(super) fn finish(self, progress: &Progress, cancelled: &AtomicBool) -> (usize, PathBuf, Pst, Stats) {
        let mut stats = self.stats.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut listed = self.listed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !cancelled.load(Ordering::Relaxed) {
            account(&self.pst, &mut listed, &mut stats);
        }
        stats.trim();
        let left = self.pst.file_size().saturating_sub(self.advanced.into_inner());
        progress.advance(left, 0);
        (self.index, self.path, self.pst, stats)
    }
}

/// Counts what could not be read.
fn problems(inspection: &Inspection, stats: &mut Stats, problem: &dyn Fn(&Error) -> Problem) {
    for error in &inspection.errors {
        stats.problem(problem(error));
    }
    // An inspection keeps only the first of its errors, but all count.
    let unkept = inspection.error_count.saturating_sub(u64::try_from(inspection.errors.len()).unwrap_or(0));
    stats.problem_count = stats.problem_count.saturating_add(unkept);
}

/// Reads a message to its last byte and counts it. `number` is its own among all that are scanned.
pub(super) fn message(
    message: &Message,
    store: Option<&Pst>,
    number: u64,
    stats: &mut Stats,
    large: &dyn Fn((u64, String)) -> Large,
    problem: &dyn Fn(&Error) -> Problem,
) {
    let inspection = inspect(message);
    let sums = [
        (&mut stats.bytes_read, inspection.bytes),
        (&mut stats.properties, inspection.properties),
        (&mut stats.recipients, inspection.recipients),
        (&mut stats.attachments, inspection.attachments),
        (&mut stats.embedded_messages, inspection.embedded_messages),
    ];
    for (sum, number) in sums {
        *sum = sum.saturating_add(number);
    }
    let outcome = if inspection.errors.is_empty() { &mut stats.read } else { &mut stats.failed };
    *outcome = outcome.saturating_add(1);
    problems(&inspection, stats, problem);
    // What of the following cannot be read stands among the errors already.
    if !message.is_associated() {
        let names = store.and_then(|store| store.named_properties().ok());
        let reader = names.as_deref().map_or(JournalReader::new(), |names| JournalReader::new().names(names));
        if let Ok(journal) = reader.read(message) {
            stats.journal.add(&journal);
        }
        stats.people.add(number, View::of_message(message));
    }
    let stored_size = message.size().ok().flatten().and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
    let bytes = stored_size.unwrap_or(inspection.bytes);
    let (associated, class) = (message.is_associated(), message.class().ok().flatten());
    stats.item(Item { associated, class, date: date_of(message), bytes });
    if bytes >= stats.large_from() {
        let subject = message.subject().ok().flatten().unwrap_or_default();
        stats.large(large((bytes, subject)));
    }
}

/// Compares the nodes, which come in the order of their ids, with the ids in rows.
fn account(pst: &Pst, listed: &mut Listed, stats: &mut Stats) {
    let root = pst.root_folder().ok().map(|root| root.id());
    let mut items = Rows::new(std::mem::take(&mut listed.items).into_iter().map(|nid| (nid, ())).collect());
    let mut folders = Rows::new(std::mem::take(&mut listed.folders));
    let mut tree = Vec::new();
    // Unreadable pages are among the problems since the first walk.
    for entry in pst.nodes().filter_map(Result::ok) {
        let nid = entry.nid;
        match nid.kind() {
            NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE => {
                match items.of(nid, |row| missing_item(row, stats)) {
                    [] => {
                        stats.orphans = stats.orphans.saturating_add(1);
                        let text = format!("orphan: no folder lists {nid}");
                        stats.problem(Problem::finding("orphan", nid, Some(entry.parent), text));
                    }
                    [_, again @ ..] => again.iter().for_each(|_| listed_twice(nid, stats)),
                }
            }
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => {
                tree.push((nid, entry.parent));
                match folders.of(nid, |row| missing_folder(row, stats)) {
                    [] if Some(nid) == root => {}
                    [] => {
                        stats.unlisted_folders = stats.unlisted_folders.saturating_add(1);
                        let text = format!("unlisted folder: no folder lists {nid} among its subfolders");
                        stats.problem(Problem::finding("unlisted-folder", nid, Some(entry.parent), text));
                    }
                    listers => {
                        for (_, lister) in listers.iter().filter(|(_, lister)| *lister != entry.parent) {
                            let parent = entry.parent;
                            let text =
                                format!("misplaced folder: {lister} lists {nid}, whose node says it is in {parent}");
                            stats.misplaced_folder(nid, parent, text);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    items.finish(|row| missing_item(row, stats));
    folders.finish(|row| missing_folder(row, stats));
    for (nid, parent) in in_circles(&tree) {
        let text = format!("misplaced folder: {nid} stands below itself, there is no way up to the root");
        stats.misplaced_folder(nid, parent, text);
    }
}

fn listed_twice(nid: Nid, stats: &mut Stats) {
    stats.listed_twice = stats.listed_twice.saturating_add(1);
    stats.problem(Problem::finding("listed-twice", nid, None, "listed twice by folders"));
}

/// `first` is false for each further row with the id.
fn missing_item((nid, first): (Nid, bool), stats: &mut Stats) {
    if !first {
        return listed_twice(nid, stats);
    }
    stats.missing = stats.missing.saturating_add(1);
    let text = format!("missing item: a folder lists {nid}, which has no node");
    stats.problem(Problem::finding("missing", nid, None, text));
}

fn missing_folder((nid, first): (Nid, bool), stats: &mut Stats) {
    if first {
        stats.missing_folders = stats.missing_folders.saturating_add(1);
        let text = format!("missing folder: a folder lists {nid}, which is no node of a folder");
        stats.problem(Problem::finding("missing-folder", nid, None, text));
    }
}

/// The folders, given with their parents in the order of their ids, from which the way up never ends.
fn in_circles(tree: &[(Nid, Nid)]) -> Vec<(Nid, Nid)> {
    #[derive(Clone, Copy, PartialEq)]
    enum State {
        Unknown,
        OnTheWay,
        Ends,
        Circle,
    }
    let mut states = vec![State::Unknown; tree.len()];
    let mut way = Vec::new();
    for start in 0..tree.len() {
        let mut next = Some(start);
        let mut end = State::Ends;
        while let Some(at) = next {
            match states.get_mut(at) {
                Some(state @ State::Unknown) => {
                    *state = State::OnTheWay;
                    way.push(at);
                }
                Some(State::OnTheWay | State::Circle) => {
                    end = State::Circle;
                    break;
                }
                Some(State::Ends) | None => break,
            }
            // The root is its own parent. A parent that is not there is told by whoever opens the folder.
            next = tree
                .get(at)
                .filter(|(nid, parent)| nid != parent)
                .and_then(|(_, parent)| tree.binary_search_by_key(parent, |(nid, _)| *nid).ok());
        }
        for at in way.drain(..) {
            if let Some(state) = states.get_mut(at) {
                *state = end;
            }
        }
    }
    tree.iter().zip(states).filter(|(_, state)| *state == State::Circle).map(|(folder, _)| *folder).collect()
}

/// The ids in rows, compared with nodes in the order of their ids.
struct Rows<T> {
    ids: Vec<(u32, T)>,
    next: usize,
}

impl<T: Ord> Rows<T> {
    fn new(mut ids: Vec<(u32, T)>) -> Self {
        ids.sort_unstable();
        Self { ids, next: 0 }
    }

    /// The rows with the next id if it is below `limit`.
    fn next_below(&mut self, limit: u64) -> &[(u32, T)] {
        let rest = self.ids.get(self.next..).unwrap_or_default();
        let Some((id, _)) = rest.first().filter(|(id, _)| u64::from(*id) < limit) else { return &[] };
        let count = rest.iter().take_while(|(other, _)| other == id).count();
        self.next = self.next.saturating_add(count);
        rest.get(..count).unwrap_or_default()
    }

    /// The rows with this id. Rows before it have no node: each is given to `missing`, with true for the first of an id.
    fn of(&mut self, nid: Nid, missing: impl FnMut((Nid, bool))) -> &[(u32, T)] {
        self.skip_below(u64::from(nid.raw()), missing);
        self.next_below(u64::from(nid.raw()).saturating_add(1))
    }

    /// No node follows.
    fn finish(mut self, missing: impl FnMut((Nid, bool))) {
        self.skip_below(u64::MAX, missing);
    }

    fn skip_below(&mut self, limit: u64, mut missing: impl FnMut((Nid, bool))) {
        loop {
            let rows = self.next_below(limit);
            if rows.is_empty() {
                return;
            }
            for (index, (id, _)) in rows.iter().enumerate() {
                missing((Nid::new(*id), index == 0));
            }
        }
    }
}

fn date_of(message: &Message) -> Option<FileTime> {
    let date = |date: Result<Option<FileTime>>| date.ok().flatten();
    let best = dates::best(date(message.delivery_time()), date(message.submit_time()), date(message.creation_time()));
    best.map(|(date, _)| date)
}
