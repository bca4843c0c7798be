//! Counts folders, items and dates of a file in a time that does not grow with it.
//!
//! Folders and items come from the rows of the hierarchy tables, which carry the counter of each folder; no item is opened.
//! In a store of common size the rows of all contents tables are read for their dates, and their number then counts in
//! place of the counters. In a larger one the dates are those of a sample, taken evenly over the ids of the messages.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::{Duration, Instant};

use pst_core::ltp::{Row, TableContext, id};
use pst_core::ndb::{Nid, NidType};
use pst_core::{Error, FileTime, Pst, Result};

use crate::dates;

/// Items up to which every row is read for its date.
const ALL_ROWS: u64 = 200_000;
/// Folders up to which every contents table is opened.
const ALL_TABLES: usize = 5_000;
/// Where Outlook begins the ids of messages.
const FIRST_MESSAGE: u64 = 0x20_0000;
/// Items looked at in larger stores.
const SAMPLE: u64 = 2_000;
/// What walking the folders may take, and what everything may take.
const FOLDER_TIME: Duration = Duration::from_millis(350);
const TIME: Duration = Duration::from_millis(600);

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Census {
    pub(super) folders: u64,
    pub(super) search_folders: u64,
    /// Messages in folders; associated ones are not among them.
    pub(super) items: u64,
    /// The items were counted row by row, not summed up from the folders' counters.
    pub(super) items_counted: bool,
    /// All folders were visited before the time was up.
    pub(super) complete: bool,
    pub(super) earliest: Option<FileTime>,
    pub(super) latest: Option<FileTime>,
    /// Items whose dates were looked at.
    pub(super) dates_from: u64,
    /// The first thing that could not be read.
    pub(super) error: Option<Error>,
}

impl Census {
    /// Counts.
    pub(super) fn take(pst: &Pst) -> Self {
        Self::within(pst, ALL_ROWS)
    }

    /// Counts, and reads every row if there are at most so many.
    fn within(pst: &Pst, all_rows: u64) -> Self {
        let start = Instant::now();
        let mut census = Self::default();
        let holders = census.walk_folders(pst, || start.elapsed() > FOLDER_TIME);
        if census.items <= all_rows && holders.len() <= ALL_TABLES {
            census.all_rows(pst, &holders, start);
        } else {
            census.sample(pst, start);
        }
        census
    }

    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                self.error.get_or_insert(error);
                None
            }
        }
    }

    /// Breadth first, so that what the time does not allow is the deepest. Returns the folders that may hold messages.
    fn walk_folders(&mut self, pst: &Pst, mut time_is_up: impl FnMut() -> bool) -> Vec<Nid> {
        self.complete = true;
        let mut holders = Vec::new();
        let Some(root) = self.keep(pst.root_folder()) else { return holders };
        self.folders = 1;
        let own = self.keep(root.content_count()).flatten();
        self.items = own.and_then(|count| u64::try_from(count).ok()).unwrap_or(0);
        holders.push(root.id());
        let mut visited = HashSet::from([root.id()]);
        let mut open = VecDeque::from([root.id()]);
        // Folders that say they have none below them come last: most are right, and it saves a look into each.
        let mut doubtful = VecDeque::new();
        while let Some(parent) = open.pop_front().or_else(|| doubtful.pop_front()) {
            let table = self.keep(open_table(pst, parent, NidType::HIERARCHY_TABLE)).flatten();
            for row in table.iter().flatten() {
                let Some(row) = self.keep(row) else { continue };
                if !visited.insert(row.nid()) {
                    continue;
                }
                if row.nid().kind() == NidType::SEARCH_FOLDER {
                    // Its items are in other folders.
                    self.search_folders = self.search_folders.saturating_add(1);
                    continue;
                }
                self.folders = self.folders.saturating_add(1);
                let count = match row.integer(id::CONTENT_COUNT) {
                    Some(count) => u64::try_from(count).unwrap_or(0),
                    None => self.count_rows(pst, row.nid()),
                };
                self.items = self.items.saturating_add(count);
                holders.push(row.nid());
                let queue = if row.integer(id::SUBFOLDERS) == Some(0) { &mut doubtful } else { &mut open };
                queue.push_back(row.nid());
            }
            if time_is_up() {
                // Not even the doubtful ones may be left: what is below them was not counted.
                self.complete = open.is_empty() && doubtful.is_empty();
                break;
            }
        }
        holders
    }

    fn count_rows(&mut self, pst: &Pst, folder: Nid) -> u64 {
        let table = self.keep(open_table(pst, folder, NidType::CONTENTS_TABLE)).flatten();
        table.and_then(|table| self.keep(table.len())).unwrap_or(0)
    }

    fn date(&mut self, row: &Row<'_>) {
        let time = |property| row.time(property);
        let date = dates::best(time(id::MESSAGE_DELIVERY_TIME), time(id::CLIENT_SUBMIT_TIME), time(id::CREATION_TIME));
        self.dates_from = self.dates_from.saturating_add(1);
        let Some((date, _)) = date else { return };
        self.earliest = Some(self.earliest.map_or(date, |earliest| earliest.min(date)));
        self.latest = Some(self.latest.map_or(date, |latest| latest.max(date)));
    }

    fn all_rows(&mut self, pst: &Pst, holders: &[Nid], start: Instant) {
        let mut counted = 0u64;
        for folder in holders {
            let Some(Some(table)) = self.keep(open_table(pst, *folder, NidType::CONTENTS_TABLE)) else { continue };
            for row in table.rows() {
                counted = counted.saturating_add(1);
                if let Some(row) = self.keep(row) {
                    self.date(&row);
                }
                // The counters may have been far too low.
                if counted.is_multiple_of(256) && start.elapsed() > TIME {
                    self.items = self.items.max(counted);
                    return;
                }
            }
        }
        self.items = counted;
        self.items_counted = true;
    }

    /// Looks at the first and the last message and at others at even distances between them.
    fn sample(&mut self, pst: &Pst, start: Instant) {
        // A little before the end, where the last messages are among the nodes that follow.
        let last = u64::from(last_node(pst).saturating_sub(0x400));
        // Outlook begins the ids of messages here, so that a good part of the ids is none of theirs.
        let first = if last > FIRST_MESSAGE { FIRST_MESSAGE } else { 0 };
        let mut tables = Tables::default();
        let mut before = None;
        for step in 0..=SAMPLE {
            if start.elapsed() > TIME {
                return;
            }
            // In an order that covers the whole even if the time is up early: every 7th, then those between.
            let step = step.saturating_mul(7) % (SAMPLE + 1);
            let at = (last.saturating_sub(first)).saturating_mul(step) / SAMPLE;
            let at = Nid::new(u32::try_from(first.saturating_add(at)).unwrap_or(u32::MAX));
            let near = pst.nodes_from(at).take(64).filter_map(Result::ok);
            let mut near = near.filter(|entry| entry.nid.kind() == NidType::NORMAL_MESSAGE);
            let entry = if step == SAMPLE { near.last() } else { near.next() };
            let Some(entry) = entry.filter(|entry| before.replace(entry.nid) != Some(entry.nid)) else { continue };
            let Some(table) = self.keep(tables.of(pst, entry.parent)).flatten() else { continue };
            if let Some(Some(row)) = self.keep(table.row(entry.nid.raw())) {
                self.date(&row);
            }
        }
    }
}

/// A folder's table, without opening the folder.
fn open_table(pst: &Pst, folder: Nid, kind: NidType) -> Result<Option<TableContext>> {
    match pst.node(folder.with_kind(kind))? {
        Some(node) if !node.entry().data.is_none() => TableContext::open(&node).map(Some),
        _ => Ok(None),
    }
}

/// Contents tables that are open; few, for each keeps some blocks.
#[derive(Default)]
struct Tables {
    open: HashMap<Nid, Option<TableContext>>,
}

impl Tables {
    const MOST: usize = 8;

    fn of(&mut self, pst: &Pst, folder: Nid) -> Result<Option<&TableContext>> {
        if !self.open.contains_key(&folder) {
            if self.open.len() >= Self::MOST {
                self.open.clear();
            }
            self.open.insert(folder, open_table(pst, folder, NidType::CONTENTS_TABLE)?);
        }
        Ok(self.open.get(&folder).and_then(Option::as_ref))
    }
}

/// The id of the last node, found by halving: a search in the tree for each of its 32 bits.
fn last_node(pst: &Pst) -> u32 {
    let (mut low, mut high) = (0u32, u32::MAX);
    while low < high {
        let middle = low.midpoint(high).max(low.saturating_add(1));
        if pst.nodes_from(Nid::new(middle)).next().is_some() { low = middle } else { high = middle.saturating_sub(1) }
    }
    low
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use pst_core::ndb::Format;
    use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};

    fn store(folders: u32, each: u32) -> Pst {
        let date = |number: u32| FileTime::from_unix_seconds(1_000_000_000 + i64::from(number) * 3600).unwrap();
        let message = |number| MessageBuilder::new("IPM.Note").dates(date(number), date(number));
        let folder = |at: u32| {
            FolderBuilder::new("x").messages((at * each..(at + 1) * each).map(message)).folder(FolderBuilder::new("y"))
        };
        let mailbox = Mailbox::new("x").folders((0..folders).map(folder));
        Pst::from_bytes(mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec()).unwrap()
    }

    #[test]
    fn a_sample_finds_the_first_and_the_last() {
        let pst = store(12, 100);
        let (all, sample) = (Census::within(&pst, 10_000), Census::within(&pst, 10));
        assert_eq!((all.items, all.items_counted, all.dates_from), (1200, true, 1200));
        assert_eq!((sample.items, sample.items_counted), (1200, false));
        assert_eq!((sample.earliest, sample.latest), (all.earliest, all.latest));
        assert!(all.earliest.is_some() && sample.dates_from > 100, "{}", sample.dates_from);
        assert_eq!((all.folders, all.complete), (sample.folders, sample.complete));
        assert!(all.folders > 24 && all.error.is_none() && sample.error.is_none());
    }

    #[test]
    fn folders_left_when_the_time_is_up_make_it_incomplete() {
        let pst = store(3, 1);
        let mut whole = Census::default();
        let visited = std::cell::Cell::new(0);
        let count = || visited.set(visited.get() + 1);
        whole.walk_folders(&pst, || {
            count();
            false
        });
        assert!(whole.complete);
        let all = visited.get();
        for stop in 1..=all {
            let mut census = Census::default();
            visited.set(0);
            census.walk_folders(&pst, || {
                count();
                visited.get() == stop
            });
            // The last ones say that they have no subfolders, and were to be looked into all the same.
            assert_eq!((census.complete, visited.get()), (stop == all, stop));
        }
    }
}
