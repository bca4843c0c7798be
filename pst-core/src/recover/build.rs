//! New B-trees behind the end of the file: records come in the order of their keys, and each level keeps one page in memory.

use crate::Result;
use crate::ndb::{BranchEntry, Format, PageRef, Record, encode_branch, encode_leaf};
use crate::recover::overlay::TailWriter;

/// Writes one tree.
pub(super) struct TreeBuilder<'a, R> {
    format: Format,
    tail: &'a mut TailWriter,
    next_page: &'a mut u64,
    leaf: Vec<R>,
    /// Entries of the last page of each level above the leaves.
    levels: Vec<Vec<BranchEntry>>,
}

impl<'a, R: Record> TreeBuilder<'a, R> {
    pub(super) fn new(format: Format, tail: &'a mut TailWriter, next_page: &'a mut u64) -> Self {
        Self { format, tail, next_page, leaf: Vec::new(), levels: Vec::new() }
    }

    pub(super) fn push(&mut self, record: R) -> Result<()> {
        let most = self.format.page_entries_size().checked_div(R::size(self.format)).unwrap_or(1);
        if self.leaf.len() >= most {
            let entry = self.write_leaf()?;
            self.branch(0, entry)?;
        }
        self.leaf.push(record);
        Ok(())
    }

    fn write(&mut self, page: impl FnOnce(PageRef) -> Vec<u8>) -> Result<PageRef> {
        self.tail.align(u64::try_from(self.format.page_size()).unwrap_or(512))?;
        let at = PageRef { id: *self.next_page, offset: self.tail.position() };
        *self.next_page = self.next_page.wrapping_add(1).max(1);
        self.tail.append(&page(at))?;
        Ok(at)
    }

    fn write_leaf(&mut self) -> Result<BranchEntry> {
        let (leaf, format) = (std::mem::take(&mut self.leaf), self.format);
        let child = self.write(|at| encode_leaf(&leaf, format, at))?;
        Ok(BranchEntry { key: leaf.first().map_or(0, Record::key), child })
    }

    fn write_level(&mut self, level: usize) -> Result<BranchEntry> {
        let entries = self.levels.get_mut(level).map(std::mem::take).unwrap_or_default();
        let number = u8::try_from(level.saturating_add(1)).unwrap_or(u8::MAX);
        let format = self.format;
        let child = self.write(|at| encode_branch::<R>(&entries, number, format, at))?;
        Ok(BranchEntry { key: entries.first().map_or(0, |entry| entry.key), child })
    }

    fn branch(&mut self, level: usize, entry: BranchEntry) -> Result<()> {
        let most = self.format.page_entries_size().checked_div(self.format.branch_entry_size()).unwrap_or(2);
        if self.levels.get(level).is_some_and(|entries| entries.len() >= most) {
            let above = self.write_level(level)?;
            self.branch(level.saturating_add(1), above)?;
        }
        if self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        if let Some(entries) = self.levels.get_mut(level) {
            entries.push(entry);
        }
        Ok(())
    }

    /// Ends the tree; even an empty one has a page.
    pub(super) fn finish(mut self) -> Result<PageRef> {
        let mut top = self.write_leaf()?;
        let mut level = 0;
        while level < self.levels.len() {
            self.branch(level, top)?;
            top = self.write_level(level)?;
            level = level.saturating_add(1);
        }
        Ok(top.child)
    }
}
