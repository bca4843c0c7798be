//! The records of a B-tree, found again on its leaf pages. A page costs 32 bytes of memory and a record none, so that files of
//! any size can be checked.

use std::cell::Cell;
use std::cmp::Ordering;
use std::marker::PhantomData;

use crate::ndb::{Database, Record};
use crate::source::Bytes;

/// A leaf page.
#[derive(Clone, Copy, Debug)]
struct Leaf {
    /// The least key on it.
    first: u64,
    offset: u64,
    /// Records on the leaves before it.
    start: u32,
    /// What its records lead to, in [`Reach`] units.
    reach: Reach,
    count: u16,
    stride: u8,
}

/// The part of the file that the records of a leaf lead to.
#[derive(Clone, Copy, Debug)]
struct Reach {
    low: u32,
    high: u32,
}

impl Reach {
    /// An offset in units of a mebibyte.
    fn unit(offset: u64) -> u32 {
        u32::try_from(offset >> 20).unwrap_or(u32::MAX)
    }
}

/// All records of a tree, numbered in the order of their keys.
pub(super) struct TreeIndex<R> {
    leaves: Vec<Leaf>,
    /// Key and number of the records that their leaf does not lead to, as keys are out of order.
    strays: Vec<(u64, u32)>,
    /// The key that was added last.
    last: Option<u64>,
    is_disordered: bool,
    /// The leaf that was looked on last: what is looked for next is mostly near.
    near: Cell<usize>,
    record: PhantomData<R>,
}

impl<R> Default for TreeIndex<R> {
    fn default() -> Self {
        Self {
            leaves: Vec::new(),
            strays: Vec::new(),
            last: None,
            is_disordered: false,
            near: Cell::new(0),
            record: PhantomData,
        }
    }
}

/// The records of a leaf.
pub(super) struct LeafRecords<'a, R> {
    page: Option<Bytes<'a>>,
    leaf: Leaf,
    database: &'a Database,
    record: PhantomData<R>,
}

impl<R: Record> LeafRecords<'_, R> {
    /// The record with a key, where keys ascend.
    fn find(&self, key: u64) -> Option<(usize, R)> {
        let (stride, page) = (usize::from(self.leaf.stride), self.page.as_deref()?);
        let (mut low, mut high) = (0usize, usize::from(self.leaf.count));
        while low < high {
            let middle = low.saturating_add(high) / 2;
            let start = middle.saturating_mul(stride);
            let record = R::decode(page.get(start..start.saturating_add(stride))?, self.database.format())?;
            match record.key().cmp(&key) {
                Ordering::Less => low = middle.saturating_add(1),
                Ordering::Greater => high = middle,
                Ordering::Equal => {
                    return Some((usize::try_from(self.leaf.start).ok()?.saturating_add(middle), record));
                }
            }
        }
        None
    }

    /// Each record with its number.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, R)> {
        let stride = usize::from(self.leaf.stride).max(1);
        let page = self.page.as_deref().unwrap_or_default();
        let start = usize::try_from(self.leaf.start).unwrap_or(usize::MAX);
        let records = page.chunks_exact(stride).take(usize::from(self.leaf.count));
        (start..).zip(records).filter_map(|(number, record)| Some((number, R::decode(record, self.database.format())?)))
    }
}

impl<R: Record> TreeIndex<R> {
    /// Adds a record as the walk over the tree meets it: on the leaf at `page`, `stride` bytes from one to the next, about
    /// something at `place` in the file.
    pub(super) fn add(&mut self, record: &R, page: u64, stride: usize, place: u64) {
        let (key, unit) = (record.key(), Reach::unit(place));
        self.is_disordered |= self.last.is_some_and(|last| key <= last);
        self.last = Some(key);
        match self.leaves.last_mut().filter(|leaf| leaf.offset == page) {
            Some(leaf) => {
                leaf.first = leaf.first.min(key);
                leaf.reach = Reach { low: leaf.reach.low.min(unit), high: leaf.reach.high.max(unit) };
                leaf.count = leaf.count.saturating_add(1);
            }
            None => {
                let (stride, reach) = (u8::try_from(stride).unwrap_or(u8::MAX), Reach { low: unit, high: unit });
                self.leaves.push(Leaf { first: key, offset: page, start: 0, reach, count: 1, stride });
            }
        }
    }

    /// Numbers the records, once all are added.
    pub(super) fn number(&mut self, database: &Database) {
        self.leaves.sort_by_key(|leaf| leaf.first);
        let mut start = 0u32;
        for leaf in &mut self.leaves {
            leaf.start = start;
            start = start.saturating_add(u32::from(leaf.count));
        }
        if self.is_disordered {
            let mut strays = Vec::new();
            for leaf in 0..self.leaves.len() {
                for (number, record) in self.leaf(database, leaf).iter() {
                    let key = record.key();
                    if self.find_on_leaf(database, key).is_none_or(|(found, _)| found != number) {
                        strays.push((key, u32::try_from(number).unwrap_or(u32::MAX)));
                    }
                }
            }
            strays.sort_unstable();
            self.strays = strays;
        }
    }

    /// All records.
    pub(super) fn len(&self) -> usize {
        let count = self.leaves.last().map_or(0, |leaf| leaf.start.saturating_add(u32::from(leaf.count)));
        usize::try_from(count).unwrap_or(usize::MAX)
    }

    /// All leaves.
    pub(super) fn leaves(&self) -> usize {
        self.leaves.len()
    }

    /// The records of a leaf. What cannot be read any more has none; it was told when it was read first.
    pub(super) fn leaf<'a>(&self, database: &'a Database, index: usize) -> LeafRecords<'a, R> {
        let none = Leaf { first: 0, offset: 0, start: 0, reach: Reach { low: 0, high: 0 }, count: 0, stride: 1 };
        let leaf = self.leaves.get(index).copied().unwrap_or(none);
        let page = database.raw(leaf.offset, database.format().page_entries_size()).ok();
        LeafRecords { page, leaf, database, record: PhantomData }
    }

    /// True if a leaf leads to bytes from the unit of `low` to that of `high`.
    pub(super) fn reaches(&self, index: usize, low: u64, high: u64) -> bool {
        let reach = self.leaves.get(index).map(|leaf| leaf.reach);
        reach.is_some_and(|reach| reach.high >= Reach::unit(low) && reach.low <= Reach::unit(high))
    }

    /// The record with a key, and its number.
    pub(super) fn find(&self, database: &Database, key: u64) -> Option<(usize, R)> {
        self.find_on_leaf(database, key).or_else(|| {
            let at = self.strays.partition_point(|(stray, _)| *stray < key);
            let (_, number) = self.strays.get(at).filter(|(stray, _)| *stray == key)?;
            self.get(database, usize::try_from(*number).ok()?)
                .map(|record| (usize::try_from(*number).unwrap_or(0), record))
        })
    }

    /// The record of a number.
    pub(super) fn get(&self, database: &Database, number: usize) -> Option<R> {
        let wanted = u32::try_from(number).ok()?;
        let leaf = self.leaves.partition_point(|leaf| leaf.start <= wanted).checked_sub(1)?;
        self.leaf(database, leaf).iter().find(|(found, _)| *found == number).map(|(_, record)| record)
    }

    fn find_on_leaf(&self, database: &Database, key: u64) -> Option<(usize, R)> {
        // The last leaf that begins at or before the key.
        let is_right = |at: usize| {
            let behind = self.leaves.get(at.saturating_add(1));
            self.leaves.get(at).is_some_and(|leaf| leaf.first <= key) && behind.is_none_or(|leaf| leaf.first > key)
        };
        let near = self.near.get();
        let leaf =
            if is_right(near) { near } else { self.leaves.partition_point(|leaf| leaf.first <= key).checked_sub(1)? };
        self.near.set(leaf);
        let leaf = self.leaf(database, leaf);
        if self.is_disordered { leaf.iter().find(|(_, record)| record.key() == key) } else { leaf.find(key) }
    }
}
