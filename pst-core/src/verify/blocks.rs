//! What is kept of every block while a file is checked: a byte.

use std::collections::HashMap;

use crate::ndb::{Bid, BlockEntry, Database};
use crate::verify::index::TreeIndex;

/// What a block turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Data,
    XBlock,
    XxBlock,
    Subnodes,
    SubnodeIndex,
    /// It cannot be decoded.
    Broken,
}

/// The three lowest bits of a state are the kind, this says that the block can be read, and the four highest count references.
const READABLE: u8 = 0x08;
const COUNT_ONE: u8 = 0x10;
/// Fifteen references or more are counted in [`Blocks::many`].
const COUNT_MANY: u8 = 0xF0;

/// All blocks of the file.
#[derive(Default)]
pub(super) struct Blocks {
    pub(super) index: TreeIndex<BlockEntry>,
    states: Vec<u8>,
    /// References of blocks that have many, by number.
    many: HashMap<usize, u32>,
    /// Bytes of data below data trees that state another number, by number.
    sums: HashMap<usize, u64>,
    largest: Option<Bid>,
    pub(super) largest_page_id: u64,
}

impl Blocks {
    pub(super) fn add(&mut self, entry: &BlockEntry, page: u64, stride: usize) {
        self.index.add(entry, page, stride, entry.offset);
        self.largest = self.largest.max(Some(entry.bid));
    }

    pub(super) fn number(&mut self, database: &Database) {
        self.index.number(database);
        self.states = vec![0; self.index.len()];
    }

    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    pub(super) fn largest(&self) -> Option<Bid> {
        self.largest
    }

    fn state(&self, number: usize) -> u8 {
        self.states.get(number).copied().unwrap_or(0)
    }

    pub(super) fn kind(&self, number: usize) -> Kind {
        match self.state(number) & 7 {
            0 => Kind::Data,
            1 => Kind::XBlock,
            2 => Kind::XxBlock,
            3 => Kind::Subnodes,
            4 => Kind::SubnodeIndex,
            _ => Kind::Broken,
        }
    }

    /// Notes what a block is, which can be read.
    pub(super) fn set(&mut self, number: usize, kind: Kind) {
        let bits = match kind {
            Kind::Data => 0,
            Kind::XBlock => 1,
            Kind::XxBlock => 2,
            Kind::Subnodes => 3,
            Kind::SubnodeIndex => 4,
            Kind::Broken => 5,
        };
        if let Some(state) = self.states.get_mut(number) {
            *state = *state & COUNT_MANY | READABLE | bits;
        }
    }

    pub(super) fn is_readable(&self, number: usize) -> bool {
        self.state(number) & READABLE != 0
    }

    /// Counts a reference.
    pub(super) fn count(&mut self, number: usize) {
        let Some(state) = self.states.get_mut(number) else { return };
        if *state & COUNT_MANY == COUNT_MANY {
            let many = self.many.entry(number).or_insert(15);
            *many = many.saturating_add(1);
        } else {
            *state = state.saturating_add(COUNT_ONE);
        }
    }

    /// References that were counted.
    pub(super) fn counted(&self, number: usize) -> u32 {
        let few = u32::from(self.state(number) >> 4);
        self.many.get(&number).copied().unwrap_or(few)
    }

    /// Notes how much is below a data tree that states something else.
    pub(super) fn set_sum(&mut self, number: usize, sum: u64) {
        self.sums.insert(number, sum);
    }

    /// As it was noted.
    pub(super) fn sum(&self, number: usize) -> Option<u64> {
        self.sums.get(&number).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_references_is_counted_beside_the_kind() {
        let mut blocks = Blocks { states: vec![0; 3], ..Blocks::default() };
        for references in 1..=40 {
            blocks.count(1);
            assert_eq!([0, 1, 2].map(|number| blocks.counted(number)), [0, references, 0]);
        }
        blocks.set(1, Kind::SubnodeIndex);
        blocks.set(2, Kind::XxBlock);
        assert_eq!([0, 1, 2].map(|number| blocks.kind(number)), [Kind::Data, Kind::SubnodeIndex, Kind::XxBlock]);
        assert_eq!([0, 1, 2].map(|number| blocks.is_readable(number)), [false, true, true]);
        assert_eq!([0, 1, 2].map(|number| blocks.counted(number)), [0, 40, 0]);
    }
}
