//! All blocks in the order of the file, without a list of all blocks.
//!
//! Each time the next blocks are looked for on the leaves of the block B-tree that lead to that part of the file. Ids are given
//! out as files grow, so these are few.

use crate::ndb::{BlockEntry, Database};
use crate::verify::index::TreeIndex;

/// Blocks held at a time.
const BATCH: usize = 1 << 17;

/// A block, its number and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) number: usize,
    pub(super) entry: BlockEntry,
}

impl Placed {
    fn key(&self) -> (u64, usize) {
        (self.entry.offset, self.number)
    }
}

/// Goes through the blocks by their offsets.
#[derive(Default)]
pub(super) struct FileOrder {
    /// Sorted from behind.
    batch: Vec<Placed>,
    /// The block that was given out last.
    last: Option<(u64, usize)>,
    is_done: bool,
}

impl FileOrder {
    /// The next block, if it begins before `end`.
    pub(super) fn next_before(
        &mut self,
        end: u64,
        blocks: &TreeIndex<BlockEntry>,
        database: &Database,
    ) -> Option<Placed> {
        if self.batch.is_empty() && !self.is_done {
            self.fill(blocks, database);
        }
        let next = self.batch.pop_if(|next| next.entry.offset < end)?;
        self.last = Some(next.key());
        Some(next)
    }

    /// The least [`BATCH`] blocks behind the last one.
    fn fill(&mut self, blocks: &TreeIndex<BlockEntry>, database: &Database) {
        let low = self.last.map_or(0, |(offset, _)| offset);
        // What is behind it has no place in the batch.
        let mut bound = (u64::MAX, usize::MAX);
        for leaf in 0..blocks.leaves() {
            if !blocks.reaches(leaf, low, bound.0) {
                continue;
            }
            let leaf = blocks.leaf(database, leaf);
            let found = leaf.iter().map(|(number, entry)| Placed { number, entry });
            let last = self.last;
            self.batch.extend(found.filter(|found| last.is_none_or(|last| found.key() > last) && found.key() < bound));
            if self.batch.len() >= BATCH.saturating_mul(2) {
                self.batch.select_nth_unstable_by_key(BATCH, Placed::key);
                bound = self.batch.get(BATCH).map_or(bound, Placed::key);
                self.batch.truncate(BATCH);
            }
        }
        if self.batch.len() > BATCH {
            self.batch.select_nth_unstable_by_key(BATCH, Placed::key);
            self.batch.truncate(BATCH);
        } else if bound.0 == u64::MAX && bound.1 == usize::MAX {
            self.is_done = true;
        }
        self.batch.sort_unstable_by_key(|placed| std::cmp::Reverse(placed.key()));
    }
}
