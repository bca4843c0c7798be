//! Blocks, data trees, subnodes and nodes, and at the end both B-trees and the header (MS-PST 2.2).
#![allow(
    clippy::arithmetic_side_effects,
    reason = "ids, offsets and counts are the writer's own, and bounded by the size of what it can write"
)]

use std::collections::HashMap;
use std::io::Read;
use std::ops::Range;

use crate::ndb::{
    Bid, BlockEntry, BranchEntry, Client, CryptMethod, Format, Header, InternalBlock, Nid, NidType, NodeEntry, PageRef,
    Record, Root, SubnodeEntry, SubnodeIndexEntry, encode_block_into, encode_branch, encode_leaf,
};
use crate::write::Target;
use crate::write::sections::{Sections, density_list};
use crate::write::spool::{Sorter, Spool};
use crate::{Error, ErrorKind, Result};

/// A block may be named this often; the count has two bytes, and other programs may want to add to it.
const MOST_REFERENCES: u16 = 0x7FFF;

/// Data or subnodes that are in the file: the block they hang from, and the bytes of data below it, which is what sizes
/// of messages are made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Tree {
    pub(super) bid: Bid,
    pub(super) size: u64,
}

impl Tree {
    pub(super) const NONE: Self = Self { bid: Bid::NONE, size: 0 };
}

/// A subnode to be written, with the bytes of data in and below it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subnode {
    pub(super) nid: Nid,
    pub(super) data: Tree,
    pub(super) subnodes: Tree,
}

/// Bytes of an entry of the block spool: offset, size, and whether the block is internal.
const SPOOLED: usize = 12;

/// Writes the node database front to back.
#[derive(Debug)]
pub(super) struct Database<T> {
    sections: Sections<T>,
    format: Format,
    crypt: CryptMethod,
    next_block: u64,
    next_page: u64,
    /// Offset and size of each block, in the order of their ids.
    blocks: Spool,
    nodes: Sorter,
    counters: [u32; 32],
    /// References to blocks beyond the first.
    shared: HashMap<u64, u16>,
    /// Trees that nothing refers to yet: the id of the root's block, and the first id of its blocks.
    loose: HashMap<u64, u64>,
    /// Ids of blocks that nothing will refer to.
    abandoned: Vec<Range<u64>>,
    /// The last row version given.
    version: u32,
}

/// The first block id (MS-PST 2.6.1.2.2 leaves it open; 0 means none).
const FIRST_BLOCK: u64 = 4;

impl<T: Target> Database<T> {
    pub(super) fn new(target: T, format: Format, crypt: CryptMethod, limit: u64) -> Self {
        let scratch = target.scratch_dir().map(std::path::Path::to_path_buf);
        let mut counters = [0x400; 32];
        for (kind, first) in [
            (NidType::SEARCH_FOLDER, 0x4000),
            (NidType::NORMAL_MESSAGE, 0x1_0000),
            (NidType::ASSOCIATED_MESSAGE, 0x8000),
        ] {
            if let Some(counter) = counters.get_mut(usize::from(kind.number())) {
                *counter = first;
            }
        }
        Self {
            sections: Sections::new(target, format, limit),
            format,
            crypt,
            next_block: FIRST_BLOCK,
            next_page: 1,
            blocks: Spool::new(scratch.clone()),
            nodes: Sorter::new(scratch),
            counters,
            shared: HashMap::new(),
            loose: HashMap::new(),
            abandoned: Vec::new(),
            version: 0,
        }
    }

    /// True if something went wrong with the medium, so that the file cannot be continued.
    pub(super) fn is_broken(&self) -> bool {
        self.sections.is_broken()
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Bytes the file would have if it were finished now, without nodes and tables that wait for its end.
    pub(super) fn position(&self) -> u64 {
        // An entry of the block B-tree takes 24 bytes in a page that is full.
        self.sections.position() + self.next_block / 4 * 26
    }

    /// A row version that no other row has.
    pub(super) fn next_version(&mut self) -> u32 {
        self.version = self.version.saturating_add(1);
        self.version
    }

    /// The next node id of a type.
    ///
    /// # Errors
    /// `Limit` if there are no more; there are 2^27.
    pub(super) fn new_nid(&mut self, kind: NidType) -> Result<Nid> {
        const MOST: u32 = (1 << 27) - 1;
        let counter = self.counters.get_mut(usize::from(kind.number()));
        let next = counter.filter(|counter| **counter < MOST).map(|counter| {
            *counter += 1;
            Nid::from_parts(kind, *counter)
        });
        next.ok_or_else(|| Error::limit("node", "number of nodes of one type", "more", u64::from(MOST)))
    }

    /// Sees to it that [`new_nid`](Self::new_nid) gives out neither this id nor one below it.
    pub(super) fn reserve(&mut self, nid: Nid) {
        if let Some(counter) = self.counters.get_mut(usize::from(nid.kind().number())) {
            *counter = nid.index().max(*counter);
        }
    }

    fn write_block(&mut self, plain: &[u8], internal: bool) -> Result<Bid> {
        let bid = Bid::new(self.next_block | if internal { 2 } else { 0 });
        let size = self.format.block_size_on_disk(plain.len());
        let (offset, out) = self.sections.append(size, self.format.block_align())?;
        let entry = encode_block_into(plain, bid, offset, self.format, self.crypt, out);
        self.next_block += 4;
        if self.format.is_ansi() && self.next_block > u64::from(u32::MAX) {
            return Err(Error::limit("block", "number of blocks", self.next_block / 4, u64::from(u32::MAX) / 4));
        }
        let [a, b, c, d, e, f, g, h] = offset.to_le_bytes();
        let [i, j] = entry.size.to_le_bytes();
        self.blocks.push(&[a, b, c, d, e, f, g, h, i, j, u8::from(internal), 0])?;
        Ok(bid)
    }

    /// Notes that something refers to a tree.
    fn attach(&mut self, tree: Tree) -> Result<()> {
        if tree.bid.is_none() || self.loose.remove(&tree.bid.key()).is_some() {
            return Ok(());
        }
        let count = self.shared.entry(tree.bid.key()).or_insert(0);
        if *count >= MOST_REFERENCES {
            return Err(Error::limit("block", "references", *count, u64::from(MOST_REFERENCES)).in_block(tree.bid));
        }
        *count += 1;
        Ok(())
    }

    /// True if a tree cannot be referred to once more.
    pub(super) fn is_worn(&self, tree: Tree) -> bool {
        self.shared.get(&tree.bid.key()).is_some_and(|count| *count >= MOST_REFERENCES)
    }

    /// Gives up the blocks written since `first` was the next id.
    fn abandon(&mut self, first: u64) {
        if first < self.next_block {
            self.loose.retain(|bid, _| *bid < first);
            self.abandoned.push(first..self.next_block);
        }
    }

    /// Writes data of any length.
    pub(super) fn data(&mut self, plain: &[u8]) -> Result<Tree> {
        self.data_from_blocks(plain.chunks(self.format.max_block_data()))
    }

    /// Writes data whose division into blocks matters, as that of heaps does.
    pub(super) fn data_from_blocks(&mut self, blocks: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<Tree> {
        let mut tree = DataWriter::new(self);
        for block in blocks {
            tree.push(self, block.as_ref())?;
        }
        tree.finish(self)
    }

    /// Writes all a reader gives, block by block. If it fails, nothing of it stays.
    pub(super) fn data_from(&mut self, reader: &mut dyn Read) -> Result<Tree> {
        let first = self.next_block;
        let result = self.stream(reader);
        if result.is_err() {
            self.abandon(first);
        }
        result
    }

    fn stream(&mut self, reader: &mut dyn Read) -> Result<Tree> {
        let mut tree = DataWriter::new(self);
        let mut block = vec![0; self.format.max_block_data()];
        loop {
            let length = read_full(reader, &mut block)?;
            if length > 0 {
                tree.push(self, block.get(..length).unwrap_or_default())?;
            }
            if length < block.len() {
                return tree.finish(self);
            }
        }
    }

    /// Writes subnodes: nothing, an SLBLOCK, or an SIBLOCK over SLBLOCKs (MS-PST 2.2.2.8.3.3).
    ///
    /// # Errors
    /// `Limit` beyond what an SIBLOCK has room for, which is 173,400.
    pub(super) fn subnodes(&mut self, mut entries: Vec<Subnode>) -> Result<Tree> {
        let first = self.next_block;
        entries.sort_by_key(|entry| entry.nid);
        if entries.windows(2).any(|pair| pair.first().map(|one| one.nid) == pair.last().map(|two| two.nid)) {
            return Err(Error::text(ErrorKind::InvalidInput, "subnode", "two subnodes have one id"));
        }
        let format = self.format;
        let room = format.max_block_data() - format.subnode_header_size();
        let (leaf, index) = (room / format.subnode_entry_size(), room / format.subnode_index_entry_size());
        if entries.len() > leaf * index {
            return Err(Error::limit("node", "number of subnodes", entries.len(), (leaf * index) as u64));
        }
        let mut blocks = Vec::new();
        let mut all = 0;
        for chunk in entries.chunks(leaf) {
            let mut content = Vec::with_capacity(chunk.len());
            for entry in chunk {
                self.attach(entry.data)?;
                self.attach(entry.subnodes)?;
                self.reserve(entry.nid);
                all += entry.data.size + entry.subnodes.size;
                content.push(SubnodeEntry { nid: entry.nid, data: entry.data.bid, subnodes: entry.subnodes.bid });
            }
            let Some(nid) = content.first().map(|entry| entry.nid) else { continue };
            let block = self.write_block(&InternalBlock::Subnodes(content).encode(format), true)?;
            blocks.push(SubnodeIndexEntry { nid, block });
        }
        let bid = match blocks.as_slice() {
            [] => return Ok(Tree::NONE),
            [one] => one.block,
            _ => self.write_block(&InternalBlock::SubnodeIndex(blocks).encode(format), true)?,
        };
        self.loose.insert(bid.key(), first);
        Ok(Tree { bid, size: all })
    }

    /// Adds a node. Ids must be unique.
    pub(super) fn node(&mut self, nid: Nid, data: Tree, subnodes: Tree, parent: Nid) -> Result<()> {
        self.attach(data)?;
        self.attach(subnodes)?;
        self.reserve(nid);
        let mut record = [0; 20];
        let parts =
            [&data.bid.raw().to_le_bytes()[..], &subnodes.bid.raw().to_le_bytes()[..], &parent.raw().to_le_bytes()[..]];
        record.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        self.nodes.push(u64::from(nid.raw()), &record)
    }

    /// Writes the B-trees, the maps and the header, and makes the file permanent.
    pub(super) fn finish(mut self, client: Client) -> Result<T::Output> {
        self.release()?;
        let node_tree = self.node_tree()?;
        let block_tree = self.block_tree()?;
        let extent = self.sections.finish()?;
        let (format, density_id) = (self.format, self.next_page);
        let header = Header {
            format,
            client,
            client_version: 19,
            platform: [1, 1],
            next_block: self.next_block,
            next_page: self.next_page + 1,
            // Greater than every row version, as each writing of a header makes it greater.
            unique: self.version.saturating_add(1),
            node_counters: self.counters,
            root: Root {
                file_size: extent.file_size,
                last_amap: extent.last_amap,
                amap_free: extent.free,
                pmap_free: 0,
                node_tree,
                block_tree,
                amap_valid: 2,
            },
            crypt: self.crypt,
        };
        let mut start = header.encode();
        let list_at = usize::try_from(format.first_amap()).unwrap_or(0) - format.page_size();
        start.resize(list_at, 0);
        start.extend(density_list(&extent.emptiest, density_id, format, list_at as u64));
        let mut target = self.sections.into_target();
        // The header comes last: without it a file is none.
        target.write_at(0, &start).map_err(Error::io)?;
        target.commit().map_err(Error::io)
    }

    /// Frees the room of blocks that nothing refers to.
    fn release(&mut self) -> Result<()> {
        self.abandoned.extend(self.loose.drain().map(|(root, first)| first..root + 4));
        self.abandoned.sort_by_key(|range| (range.start, range.end));
        // What is abandoned inside something abandoned is abandoned already.
        let mut kept: Vec<Range<u64>> = Vec::new();
        for range in self.abandoned.drain(..) {
            match kept.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => kept.push(range),
            }
        }
        self.abandoned = kept;
        if self.abandoned.is_empty() {
            return Ok(());
        }
        let (format, abandoned) = (self.format, &self.abandoned);
        let mut blocks = SpooledBlocks::new(self.blocks.read()?);
        let extents = std::iter::from_fn(|| {
            loop {
                match blocks.next() {
                    Ok(Some((bid, offset, size))) if is_in(abandoned, bid) => {
                        return Some(Ok((offset, format.block_size_on_disk(usize::from(size)) as u64)));
                    }
                    Ok(Some(_)) => {}
                    Ok(None) => return None,
                    Err(error) => return Some(Err(error)),
                }
            }
        });
        self.sections.release(extents)
    }

    fn block_tree(&mut self) -> Result<PageRef> {
        let (sections, shared, abandoned) = (&mut self.sections, &self.shared, &self.abandoned);
        let mut tree = TreeWriter::new(self.format, sections, &mut self.next_page);
        let mut blocks = SpooledBlocks::new(self.blocks.read()?);
        while let Some((bid, offset, size)) = blocks.next()? {
            if is_in(abandoned, bid) {
                continue;
            }
            // One for the block itself and one for whoever refers to it.
            let references = shared.get(&bid.key()).copied().unwrap_or(0).saturating_add(2);
            tree.push(BlockEntry { bid, offset, stored_size: size, size, references })?;
        }
        tree.finish()
    }

    fn node_tree(&mut self) -> Result<PageRef> {
        let mut nodes = std::mem::replace(&mut self.nodes, Sorter::new(None)).finish()?;
        let mut tree = TreeWriter::new(self.format, &mut self.sections, &mut self.next_page);
        let mut last = None;
        while let Some((key, record)) = nodes.next()? {
            let nid = Nid::new(u32::try_from(key).unwrap_or(0));
            if last == Some(nid) {
                return Err(Error::text(ErrorKind::InvalidInput, "node", "two nodes have one id").in_node(nid));
            }
            last = Some(nid);
            let (data, rest) = record.split_at_checked(8).unwrap_or_default();
            let (subnodes, parent) = rest.split_at_checked(8).unwrap_or_default();
            let bid = |bytes: &[u8]| Bid::new(bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes)));
            tree.push(NodeEntry {
                nid,
                data: bid(data),
                subnodes: bid(subnodes),
                parent: Nid::new(parent.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))),
            })?;
        }
        tree.finish()
    }
}

fn is_in(ranges: &[Range<u64>], bid: Bid) -> bool {
    let at = ranges.partition_point(|range| range.end <= bid.key());
    ranges.get(at).is_some_and(|range| range.contains(&bid.key()))
}

/// Reads until the buffer is full or the reader at its end.
fn read_full(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<usize> {
    let mut length = 0;
    while let Some(rest) = buffer.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(read) => length += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(length)
}

/// The blocks of a spool with their ids.
struct SpooledBlocks<R> {
    spool: R,
    next: u64,
}

impl<R: Read> SpooledBlocks<R> {
    fn new(spool: R) -> Self {
        Self { spool, next: FIRST_BLOCK }
    }

    fn next(&mut self) -> Result<Option<(Bid, u64, u16)>> {
        let mut record = [0; SPOOLED];
        if read_full(&mut self.spool, &mut record)? < SPOOLED {
            return Ok(None);
        }
        let [a, b, c, d, e, f, g, h, i, j, internal, _] = record;
        let bid = Bid::new(self.next | if internal == 0 { 0 } else { 2 });
        self.next += 4;
        Ok(Some((bid, u64::from_le_bytes([a, b, c, d, e, f, g, h]), u16::from_le_bytes([i, j]))))
    }
}

/// Writes data block by block: nothing, one block, an XBLOCK, or an XXBLOCK over XBLOCKs (MS-PST 2.2.2.8.3.2).
#[derive(Debug)]
pub(super) struct DataWriter {
    /// The id before the first block.
    first: u64,
    /// Data blocks without an XBLOCK, and their bytes.
    leaves: Vec<Bid>,
    leaf_bytes: u64,
    /// Full XBLOCKs, and the bytes below them.
    full: Vec<Bid>,
    full_bytes: u64,
    /// The blocks that hold others are written with these children.
    most: usize,
}

impl DataWriter {
    pub(super) fn new<T: Target>(database: &Database<T>) -> Self {
        Self {
            first: database.next_block,
            leaves: Vec::new(),
            leaf_bytes: 0,
            full: Vec::new(),
            full_bytes: 0,
            most: database.format.max_data_tree_children(),
        }
    }

    /// Writes the next block.
    pub(super) fn push<T: Target>(&mut self, database: &mut Database<T>, plain: &[u8]) -> Result<()> {
        let bid = database.write_block(plain, false)?;
        self.push_written(database, bid, plain.len())
    }

    /// Adds a block that is written already.
    pub(super) fn push_written<T: Target>(&mut self, database: &mut Database<T>, bid: Bid, size: usize) -> Result<()> {
        let total = self.full_bytes + self.leaf_bytes + size as u64;
        if total > u64::from(u32::MAX) {
            return Err(Error::limit("value", "size", total, u64::from(u32::MAX)));
        }
        if self.leaves.len() >= self.most {
            self.join(database)?;
        }
        self.leaves.push(bid);
        self.leaf_bytes += size as u64;
        Ok(())
    }

    fn join<T: Target>(&mut self, database: &mut Database<T>) -> Result<()> {
        let children = std::mem::take(&mut self.leaves);
        let total = u32::try_from(self.leaf_bytes).unwrap_or(u32::MAX);
        let content = InternalBlock::DataTree { level: 1, total, children };
        self.full.push(database.write_block(&content.encode(database.format), true)?);
        self.full_bytes += std::mem::take(&mut self.leaf_bytes);
        Ok(())
    }

    /// Ends the data.
    pub(super) fn finish<T: Target>(mut self, database: &mut Database<T>) -> Result<Tree> {
        let size = self.full_bytes + self.leaf_bytes;
        let bid = match (self.full.as_slice(), self.leaves.as_slice()) {
            ([], []) => return Ok(Tree::NONE),
            ([], [one]) => *one,
            _ => {
                self.join(database)?;
                match self.full.as_slice() {
                    [one] => *one,
                    _ => {
                        let total = u32::try_from(size).unwrap_or(u32::MAX);
                        let content = InternalBlock::DataTree { level: 2, total, children: self.full };
                        database.write_block(&content.encode(database.format), true)?
                    }
                }
            }
        };
        database.loose.insert(bid.key(), self.first);
        Ok(Tree { bid, size })
    }
}

impl<T: Target> Database<T> {
    /// Writes a data block that a [`DataWriter`] will be given later, out of order.
    pub(super) fn early_block(&mut self, plain: &[u8]) -> Result<Bid> {
        self.write_block(plain, false)
    }
}

/// Writes a B-tree page by page: records come in the order of their keys, and each level keeps one page in memory.
struct TreeWriter<'a, T, R> {
    format: Format,
    sections: &'a mut Sections<T>,
    next_page: &'a mut u64,
    leaf: Vec<R>,
    /// Entries of the last page of each level above the leaves.
    levels: Vec<Vec<BranchEntry>>,
}

impl<'a, T: Target, R: Record> TreeWriter<'a, T, R> {
    fn new(format: Format, sections: &'a mut Sections<T>, next_page: &'a mut u64) -> Self {
        Self { format, sections, next_page, leaf: Vec::new(), levels: Vec::new() }
    }

    /// Writes a page, which is made for its place.
    fn page(&mut self, make: impl FnOnce(PageRef) -> Vec<u8>) -> Result<PageRef> {
        let size = self.format.page_size();
        let (offset, out) = self.sections.append(size, size as u64)?;
        let place = PageRef { id: *self.next_page, offset };
        *self.next_page += 1;
        out.extend_from_slice(&make(place));
        Ok(place)
    }

    fn push(&mut self, record: R) -> Result<()> {
        if self.leaf.len() >= self.format.page_entries_size() / R::size(self.format) {
            let branch = self.write_leaf()?;
            self.branch(0, branch)?;
        }
        self.leaf.push(record);
        Ok(())
    }

    fn write_leaf(&mut self) -> Result<BranchEntry> {
        let (leaf, format) = (std::mem::take(&mut self.leaf), self.format);
        let child = self.page(|place| encode_leaf(&leaf, format, place))?;
        let key = leaf.first().map_or(0, Record::key);
        Ok(BranchEntry { key, child })
    }

    fn write_branch(&mut self, level: usize) -> Result<BranchEntry> {
        let entries = self.levels.get_mut(level).map(std::mem::take).unwrap_or_default();
        let number = u8::try_from(level + 1).unwrap_or(u8::MAX);
        let format = self.format;
        let child = self.page(|place| encode_branch::<R>(&entries, number, format, place))?;
        Ok(BranchEntry { key: entries.first().map_or(0, |entry| entry.key), child })
    }

    fn branch(&mut self, level: usize, entry: BranchEntry) -> Result<()> {
        let most = self.format.page_entries_size() / self.format.branch_entry_size();
        if self.levels.get(level).is_some_and(|entries| entries.len() >= most) {
            let above = self.write_branch(level)?;
            self.branch(level + 1, above)?;
        }
        if self.levels.len() <= level {
            self.levels.push(Vec::new());
        }
        if let Some(entries) = self.levels.get_mut(level) {
            entries.push(entry);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<PageRef> {
        // Even an empty tree has a page.
        let mut top = self.write_leaf()?;
        for level in 0.. {
            match self.levels.get(level) {
                None => break,
                Some(_) => {
                    self.branch(level, top)?;
                    top = self.write_branch(level)?;
                }
            }
        }
        Ok(top.child)
    }
}
