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
use pst_core::messaging::{Folder, Message, inspect};
use pst_core::ndb::{Nid, NidType, NodeEntry};
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

/// A file that is being scanned. Shared by the workers; whoever lets go of it last does the accounting.
pub(super) struct FileScan {
    /// Its place among all files.
    pub(super) index: usize,
    pub(super) path: PathBuf,
    pub(super) pst: Pst,
    quick: bool,
    caps: Caps,
    stats: Mutex<Stats>,
    /// Ids in the rows of contents tables: 4 bytes per item, the one thing that grows with a file.
    listed: Mutex<Vec<u32>>,
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
        if let Err(error) = self.pst.store() {
            stats.problem(Problem::error(&error, Some(Nid::MESSAGE_STORE), None));
        }
        if let Err(error) = self.pst.named_properties() {
            stats.problem(Problem::error(&error, Some(Nid::NAME_TO_ID_MAP), None));
        }
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
        if !self.quick
            && let Err(error) = folder.name()
        {
            stats.problem(Problem::error(&error, Some(nid), Some(nid)));
        }
        if is_search {
            // It lists items of other folders.
            return;
        }
        self.subfolders(&folder, stats);
        let mut listed = Vec::new();
        self.rows(&folder, folder.contents_table(), false, &mut listed, stats);
        self.rows(&folder, folder.associated_table(), true, &mut listed, stats);
        if let Ok(mut all) = self.listed.lock() {
            all.append(&mut listed);
        }
    }

    fn subfolders(&self, folder: &Folder, stats: &mut Stats) {
        let problem = |error| Problem::error(&error, Some(folder.id()), Some(folder.id()));
        match folder.hierarchy_table() {
            Ok(Some(table)) => table.rows().filter_map(Result::err).for_each(|error| stats.problem(problem(error))),
            Ok(None) => {}
            Err(error) => stats.problem(problem(error)),
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
        for error in &inspection.errors {
            stats.problem(Problem::error(error, Some(node), Some(folder)));
        }
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

    /// The accounting, after all pieces: every item is listed by one folder, and every row has its item.
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
fn account(pst: &Pst, listed: &mut Vec<u32>, stats: &mut Stats) {
    listed.sort_unstable();
    let mut before = None;
    for nid in listed.iter().copied() {
        if before == Some(nid) {
            stats.listed_twice = stats.listed_twice.saturating_add(1);
            stats.problem(Problem::finding("listed-twice", Nid::new(nid), None, "listed twice by folders"));
        }
        before = Some(nid);
    }
    listed.dedup();
    let mut rows = listed.iter().copied().map(Nid::new).peekable();
    let missing = |nid: Nid, stats: &mut Stats| {
        stats.missing = stats.missing.saturating_add(1);
        let text = format!("missing item: a folder lists {nid}, which has no node");
        stats.problem(Problem::finding("missing", nid, None, text));
    };
    // Unreadable pages are among the problems since the first walk.
    for entry in pst.message_entries().filter_map(Result::ok) {
        while let Some(row) = rows.next_if(|row| *row < entry.nid) {
            missing(row, stats);
        }
        if rows.next_if_eq(&entry.nid).is_none() {
            stats.orphans = stats.orphans.saturating_add(1);
            let text = format!("orphan: no folder lists {}", entry.nid);
            stats.problem(Problem::finding("orphan", entry.nid, Some(entry.parent), text));
        }
    }
    for row in rows {
        missing(row, stats);
    }
}

fn date_of(message: &Message) -> Option<FileTime> {
    let date = |date: Result<Option<FileTime>>| date.ok().flatten();
    let best = dates::best(date(message.delivery_time()), date(message.submit_time()), date(message.creation_time()));
    best.map(|(date, _)| date)
}
