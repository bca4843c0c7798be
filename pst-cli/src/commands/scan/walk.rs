//! One file of a scan: its work in pieces, and the accounting when all pieces are done.
//!
//! ```text
//! node B-tree -> folders -> tables: rows listed ---+
//!             -> messages, in chunks -> read       +--> every node listed once, every row with a node?
//! ```

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use pst_core::ltp::{Row, TableContext, id};
use pst_core::messaging::{Folder, Inspection, Message, inspect, inspect_folder, inspect_store};
use pst_core::ndb::{Client, Nid, NidType, NodeEntry};
use pst_core::{FileTime, Pst, Result};

use super::progress::Progress;
use super::stats::{Caps, Item, Large, Problem, Stats};
use crate::dates;

/// A piece of work on a file.
pub(super) enum Work {
    /// The tables of a folder.
    Folder(NodeEntry),
    /// Items to read.
    Items(Vec<NodeEntry>),
}

/// Items in one piece: enough that handing it over costs nothing, few enough that all threads end together.
const CHUNK: usize = 64;

/// Ids in the rows of tables: 4 bytes per item and folder, the one thing that grows with a file.
#[derive(Default)]
struct Listed {
    /// Of contents tables and associated contents tables.
    items: Vec<u32>,
    /// Of hierarchy tables.
    folders: Vec<u32>,
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

    fn subfolders(&self, folder: &Folder, listed: &mut Vec<u32>, stats: &mut Stats) {
        let problem = |error| Problem::error(&error, Some(folder.id()), Some(folder.id()));
        let table = match folder.hierarchy_table() {
            Ok(Some(table)) => table,
            Ok(None) => return,
            Err(error) => return stats.problem(problem(error)),
        };
        for row in table.rows() {
            match row {
                Ok(row) => listed.push(row.id()),
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
            stats.large(Large { bytes, node: row.nid(), folder: folder.id(), subject });
        }
    }

    /// Reads an item to its last byte.
    fn item(&self, entry: NodeEntry, stats: &mut Stats) {
        let associated = entry.nid.kind() == NidType::ASSOCIATED_MESSAGE;
        let (node, folder) = (entry.nid, entry.parent);
        let message = match self.pst.message_from_entry(entry) {
            Ok(message) => message,
            Err(error) => {
                stats.seen.add(associated);
                stats.failed = stats.failed.saturating_add(1);
                return stats.problem(Problem::error(&error, Some(node), Some(folder)));
            }
        };
        let inspection = inspect(&message);
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
        self.problems(&inspection, node, Some(folder), stats);
        // What of this cannot be read stands among the errors already.
        let stored_size =
            message.size().ok().flatten().and_then(|size| u64::try_from(size).ok()).filter(|size| *size > 0);
        let bytes = stored_size.unwrap_or(inspection.bytes);
        stats.item(Item { associated, class: message.class().ok().flatten(), date: date_of(&message), bytes });
        if bytes >= stats.large_from() {
            let subject = message.subject().ok().flatten().unwrap_or_default();
            stats.large(Large { bytes, node, folder, subject });
        }
    }

    fn problems(&self, inspection: &Inspection, node: Nid, folder: Option<Nid>, stats: &mut Stats) {
        for error in &inspection.errors {
            stats.problem(Problem::error(error, Some(node), folder));
        }
        // An inspection keeps only the first of its errors, but all count.
        let unkept = inspection.error_count.saturating_sub(u64::try_from(inspection.errors.len()).unwrap_or(0));
        stats.problem_count = stats.problem_count.saturating_add(unkept);
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

/// Compares the nodes, which come in the order of their ids, with the ids in rows.
fn account(pst: &Pst, listed: &mut Listed, stats: &mut Stats) {
    listed.items.sort_unstable();
    let mut before = None;
    for nid in listed.items.iter().copied() {
        if before == Some(nid) {
            stats.listed_twice = stats.listed_twice.saturating_add(1);
            stats.problem(Problem::finding("listed-twice", Nid::new(nid), None, "listed twice by folders"));
        }
        before = Some(nid);
    }
    listed.folders.sort_unstable();
    let mut items = Rows::new(&mut listed.items, |nid, stats: &mut Stats| {
        stats.missing = stats.missing.saturating_add(1);
        let text = format!("missing item: a folder lists {nid}, which has no node");
        stats.problem(Problem::finding("missing", nid, None, text));
    });
    let mut folders = Rows::new(&mut listed.folders, |nid, stats: &mut Stats| {
        stats.missing_folders = stats.missing_folders.saturating_add(1);
        let text = format!("missing folder: a folder lists {nid}, which is no node of a folder");
        stats.problem(Problem::finding("missing-folder", nid, None, text));
    });
    let root = pst.root_folder().ok().map(|root| root.id());
    // Unreadable pages are among the problems since the first walk.
    for entry in pst.nodes().filter_map(Result::ok) {
        let nid = entry.nid;
        match nid.kind() {
            NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE if !items.have(nid, stats) => {
                stats.orphans = stats.orphans.saturating_add(1);
                let text = format!("orphan: no folder lists {nid}");
                stats.problem(Problem::finding("orphan", nid, Some(entry.parent), text));
            }
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER if !folders.have(nid, stats) && Some(nid) != root => {
                stats.unlisted_folders = stats.unlisted_folders.saturating_add(1);
                let text = format!("unlisted folder: no folder lists {nid} among its subfolders");
                stats.problem(Problem::finding("unlisted-folder", nid, Some(entry.parent), text));
            }
            _ => {}
        }
    }
    items.finish(stats);
    folders.finish(stats);
}

/// The ids in rows, compared with nodes in the order of their ids.
struct Rows<'a, F> {
    ids: std::iter::Peekable<std::slice::Iter<'a, u32>>,
    /// Told of each id that has no node.
    missing: F,
}

impl<'a, F: FnMut(Nid, &mut Stats)> Rows<'a, F> {
    /// Takes sorted ids.
    fn new(ids: &'a mut Vec<u32>, missing: F) -> Self {
        ids.dedup();
        Self { ids: ids.iter().peekable(), missing }
    }

    /// True if a row has this id. All ids before it are done with.
    fn have(&mut self, nid: Nid, stats: &mut Stats) -> bool {
        while let Some(row) = self.ids.next_if(|row| **row < nid.raw()) {
            (self.missing)(Nid::new(*row), stats);
        }
        self.ids.next_if(|row| **row == nid.raw()).is_some()
    }

    /// No node follows.
    fn finish(mut self, stats: &mut Stats) {
        for row in self.ids {
            (self.missing)(Nid::new(*row), stats);
        }
    }
}

fn date_of(message: &Message) -> Option<FileTime> {
    let date = |date: Result<Option<FileTime>>| date.ok().flatten();
    let best = dates::best(date(message.delivery_time()), date(message.submit_time()), date(message.creation_time()));
    best.map(|(date, _)| date)
}
