//! All blocks in the order of the file, without a list of all blocks.
//!
//! Each time the next blocks are looked for on the leaves of the block B-tree that lead to that part of the file. Ids are given
//! out as files grow, so these are few.

use crate::ndb::checksum::crc;
use crate::ndb::{BlockEntry, Database};
use crate::verify::index::TreeIndex;

/// Blocks held at a time, twice as many while they are looked for.
const BATCH: usize = 1 << 17;

/// Blocks whose CRCs are computed at a time, in parts side by side: some 32 MiB at most times.
const CHUNK: usize = 1 << 12;

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
pub(super) struct FileOrder {
    /// The most blocks held.
    most: usize,
    /// Sorted from behind.
    batch: Vec<Placed>,
    /// The block that was given out last.
    last: Option<(u64, usize)>,
    is_done: bool,
    /// CRCs of the next blocks, from behind.
    sums: Vec<Option<u32>>,
}

impl FileOrder {
    pub(super) fn new() -> Self {
        Self::of(BATCH)
    }

    fn of(most: usize) -> Self {
        Self { most, batch: Vec::new(), last: None, is_done: false, sums: Vec::new() }
    }

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

    /// The next block, and the CRC of its data if more than one thread may compute and it could be read.
    pub(super) fn next_with_sum(
        &mut self,
        threads: usize,
        blocks: &TreeIndex<BlockEntry>,
        database: &Database,
    ) -> Option<(Placed, Option<u32>)> {
        if threads > 1 && self.sums.is_empty() {
            if self.batch.is_empty() && !self.is_done {
                self.fill(blocks, database);
            }
            let chunk = self.batch.get(self.batch.len().saturating_sub(CHUNK)..).unwrap_or_default();
            self.sums = sums(database, chunk, threads);
        }
        let next = self.next_before(u64::MAX, blocks, database)?;
        Some((next, self.sums.pop().flatten()))
    }

    /// The first [`most`](Self::most) blocks behind the last one.
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
            if self.batch.len() >= self.most.saturating_mul(2) {
                self.batch.select_nth_unstable_by_key(self.most, Placed::key);
                bound = self.batch.get(self.most).map_or(bound, Placed::key);
                self.batch.truncate(self.most);
            }
        }
        if self.batch.len() > self.most {
            self.batch.select_nth_unstable_by_key(self.most, Placed::key);
            self.batch.truncate(self.most);
        } else if bound.0 == u64::MAX && bound.1 == usize::MAX {
            self.is_done = true;
        }
        self.batch.sort_unstable_by_key(|placed| std::cmp::Reverse(placed.key()));
    }
}

/// CRCs of blocks, each in the place of its block. Which thread computes one makes no difference to it.
fn sums(database: &Database, blocks: &[Placed], threads: usize) -> Vec<Option<u32>> {
    let mut sums = vec![None; blocks.len()];
    let share = blocks.len().div_ceil(threads.max(1)).max(1);
    let fill = |blocks: &[Placed], sums: &mut [Option<u32>]| {
        for (block, sum) in blocks.iter().zip(sums) {
            let data = database.raw(block.entry.offset, usize::from(block.entry.stored_size));
            *sum = data.ok().map(|data| crc(&data));
        }
    };
    std::thread::scope(|scope| {
        let mut parts = blocks.chunks(share).zip(sums.chunks_mut(share));
        let own = parts.next();
        for (blocks, sums) in parts {
            // Without a thread the sums are missing, and are computed when they are needed.
            let _ = std::thread::Builder::new().spawn_scoped(scope, move || fill(blocks, sums));
        }
        if let Some((blocks, sums)) = own {
            fill(blocks, sums);
        }
    });
    sums
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::Pst;
    use crate::convert::from_mime;
    use crate::mime::Mail;
    use crate::verify::Check;
    use crate::verify::report::Sink;
    use crate::write::{PstWriter, WriteOptions};

    #[test]
    fn blocks_come_in_the_order_of_the_file_whatever_is_held() {
        let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
        let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
        for number in 0..120 {
            let text = format!("Subject: {number}\r\n\r\n{}\r\n", "a line of text\r\n".repeat(number * 20));
            let mail = from_mime::convert(&Mail::parse(text.as_bytes()), &mut out).unwrap();
            out.message(inbox, mail.message).unwrap();
        }
        let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
        let mut ignore = |_: crate::verify::Event<'_>| ControlFlow::Continue(());
        let options = crate::verify::VerifyOptions::new();
        let mut check = Check::new(&pst, Sink::new(&options, &mut ignore));
        check.check_pages();
        let (blocks, database) = (&check.blocks.index, check.database);
        let mut expected: Vec<BlockEntry> = database.block_entries().map(|entry| entry.unwrap()).collect();
        assert!(expected.len() > 200, "{}", expected.len());
        for (number, entry) in expected.iter().enumerate() {
            assert_eq!(blocks.find(database, entry.bid.key()), Some((number, *entry)));
            assert_eq!(blocks.get(database, number), Some(*entry));
        }
        assert_eq!(blocks.find(database, u64::MAX), None);
        assert_eq!(blocks.get(database, expected.len()), None);
        expected.sort_by_key(|entry| entry.offset);
        let end = database.len();
        for most in [1, 2, 7, 100, expected.len(), expected.len() + 1, BATCH] {
            let mut order = FileOrder::of(most);
            let middle = expected[expected.len() / 2].offset;
            let mut found = Vec::new();
            for end in [0, middle, end] {
                while let Some(placed) = order.next_before(end, blocks, database) {
                    assert!(placed.entry.offset < end && order.batch.len() <= most);
                    found.push(placed.entry);
                }
            }
            assert_eq!(found, expected, "{most} held");
            for threads in [1, 2, 3] {
                let mut order = FileOrder::of(most);
                let mut found = Vec::new();
                while let Some((placed, sum)) = order.next_with_sum(threads, blocks, database) {
                    let data = database.raw(placed.entry.offset, usize::from(placed.entry.stored_size)).unwrap();
                    assert_eq!(sum, (threads > 1).then(|| crc(&data)));
                    found.push(placed.entry);
                }
                assert_eq!(found, expected, "{most} held, {threads} threads");
            }
        }
    }
}
