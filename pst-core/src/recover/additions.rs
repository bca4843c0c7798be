//! Blocks and nodes that a recovered store has beside those of the file.

use std::collections::BTreeMap;

use crate::Result;
use crate::ltp::{EncodedValue, HeapBuilder, PropertyTag, encode_properties};
use crate::ndb::{
    Bid, BlockEntry, CryptMethod, Format, Header, InternalBlock, Nid, NidType, NodeEntry, SubnodeEntry,
    encode_block_into,
};
use crate::recover::build::TreeBuilder;
use crate::recover::overlay::{Tail, TailWriter};
use crate::recover::rebuild::{block_of, block_record, finish_header, next_page, node_of, node_record};
use crate::write::spool::Sorter;
use crate::{Error, Pst};

/// New blocks behind the end of the file, and nodes that are new or changed.
pub(super) struct Additions {
    tail: TailWriter,
    format: Format,
    crypt: CryptMethod,
    next_block: u64,
    counters: [u32; 32],
    blocks: Vec<BlockEntry>,
    pub(super) nodes: BTreeMap<Nid, NodeEntry>,
}

impl Additions {
    /// `tail` begins where that of the trees that `header` names begins: they are made anew at the end.
    pub(super) fn new(tail: TailWriter, header: &Header) -> Self {
        Self {
            tail,
            format: header.format,
            crypt: header.crypt,
            next_block: (header.next_block.saturating_add(3) & !3).max(4),
            counters: header.node_counters,
            blocks: Vec::new(),
            nodes: BTreeMap::new(),
        }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// True if nothing was added.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Sees to it that a new id is greater than this one. A few ids at the very end, which no real store has, would leave no
    /// room for others and are passed over.
    pub(super) fn reserve(&mut self, nid: Nid) {
        const LAST: u32 = (1 << 27) - (1 << 24);
        if nid.index() >= LAST {
            return;
        }
        if let Some(counter) = self.counters.get_mut(usize::from(nid.kind().number())) {
            *counter = nid.index().max(*counter);
        }
    }

    /// A node id that no other node of its type has.
    pub(super) fn new_nid(&mut self, kind: NidType) -> Result<Nid> {
        const MOST: u32 = (1 << 27) - 1;
        let counter = self.counters.get_mut(usize::from(kind.number())).filter(|counter| **counter < MOST);
        let counter =
            counter.ok_or_else(|| Error::limit("node", "number of nodes of one type", "more", u64::from(MOST)))?;
        *counter = counter.saturating_add(1);
        Ok(Nid::from_parts(kind, *counter))
    }

    fn block(&mut self, plain: &[u8], internal: bool) -> Result<Bid> {
        let most = if self.format.is_ansi() { u64::from(u32::MAX) } else { u64::MAX } >> 1;
        if self.next_block >= most {
            return Err(Error::limit("block", "id", self.next_block, most));
        }
        let bid = Bid::new(self.next_block | if internal { 2 } else { 0 });
        self.next_block = self.next_block.saturating_add(4);
        self.tail.align(self.format.block_align())?;
        let mut disk = Vec::new();
        let entry = encode_block_into(plain, bid, self.tail.position(), self.format, self.crypt, &mut disk);
        self.tail.append(&disk)?;
        self.blocks.push(entry);
        Ok(bid)
    }

    /// A data block, and how many bytes are in it.
    pub(super) fn leaf(&mut self, plain: &[u8]) -> Result<(Bid, usize)> {
        Ok((self.block(plain, false)?, plain.len()))
    }

    /// The tree over data blocks (MS-PST 2.2.2.8.3.2).
    pub(super) fn data_tree(&mut self, leaves: &[(Bid, usize)]) -> Result<Bid> {
        let [first, _, ..] = leaves else { return Ok(leaves.first().map_or(Bid::NONE, |(bid, _)| *bid)) };
        let mut level = 1;
        let mut blocks: Vec<(Bid, usize)> = leaves.to_vec();
        let mut top = first.0;
        while blocks.len() > 1 && level <= 2 {
            let mut above = Vec::new();
            for chunk in blocks.chunks(self.format.max_data_tree_children()) {
                let total = chunk.iter().fold(0usize, |total, (_, size)| total.saturating_add(*size));
                let content = InternalBlock::DataTree {
                    level,
                    total: u32::try_from(total).unwrap_or(u32::MAX),
                    children: chunk.iter().map(|(bid, _)| *bid).collect(),
                };
                top = self.block(&content.encode(self.format), true)?;
                above.push((top, total));
            }
            blocks = above;
            level = level.saturating_add(1);
        }
        Ok(top)
    }

    /// The block of a few subnodes.
    pub(super) fn subnodes(&mut self, entries: Vec<SubnodeEntry>) -> Result<Bid> {
        if entries.is_empty() {
            return Ok(Bid::NONE);
        }
        self.block(&InternalBlock::Subnodes(entries).encode(self.format), true)
    }

    /// Adds an object that has these properties, in the order of their ids.
    pub(super) fn object(&mut self, nid: Nid, parent: Nid, properties: &[(PropertyTag, EncodedValue)]) -> Result<()> {
        let heap = encode_properties(HeapBuilder::new(self.format), properties, HeapBuilder::MAX_ITEM);
        let leaves = heap.iter().map(|block| self.leaf(block)).collect::<Result<Vec<_>>>()?;
        let data = self.data_tree(&leaves)?;
        self.reserve(nid);
        self.nodes.insert(nid, NodeEntry { nid, data, subnodes: Bid::NONE, parent });
        Ok(())
    }

    /// Ends the additions: both trees of `pst` with them, and the header that names the new trees.
    pub(super) fn finish(mut self, pst: &Pst) -> Result<(Tail, Header)> {
        let mut header = pst.header().clone();
        let mut nodes = Sorter::new(None);
        for entry in pst.nodes().filter_map(Result::ok).filter(|entry| !self.nodes.contains_key(&entry.nid)) {
            nodes.push(u64::from(entry.nid.raw()), &node_record(&entry))?;
        }
        for entry in self.nodes.values() {
            nodes.push(u64::from(entry.nid.raw()), &node_record(entry))?;
        }
        let mut next = next_page(self.format, header.next_page);
        let mut tree = TreeBuilder::new(self.format, &mut self.tail, &mut next);
        let mut sorted = nodes.finish()?;
        let mut last = None;
        while let Some((key, record)) = sorted.next()? {
            if let Some(entry) = node_of(key, record).filter(|_| last.replace(key) != Some(key)) {
                tree.push(entry)?;
            }
        }
        header.root.node_tree = tree.finish()?;
        let mut blocks = Sorter::new(None);
        for entry in pst.blocks().filter_map(Result::ok).chain(self.blocks) {
            blocks.push(entry.bid.key(), &block_record(&entry))?;
        }
        let mut tree = TreeBuilder::new(self.format, &mut self.tail, &mut next);
        let mut sorted = blocks.finish()?;
        let mut last = None;
        while let Some((key, record)) = sorted.next()? {
            if let Some(entry) = block_of(record).filter(|_| last.replace(key) != Some(key)) {
                tree.push(entry)?;
            }
        }
        header.root.block_tree = tree.finish()?;
        header.next_page = next;
        header.next_block = self.next_block;
        header.node_counters = self.counters;
        finish_header(&mut header, &self.tail);
        Ok((self.tail.finish()?, header))
    }
}
