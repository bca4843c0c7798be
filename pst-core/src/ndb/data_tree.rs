//! The data of a node: one block, or a tree of blocks (MS-PST 2.2.2.8.3.2).
//!
//! ```text
//! external block                         up to 8,176 bytes
//! XBLOCK -> external blocks              up to 1,021 blocks
//! XXBLOCK -> XBLOCKs -> external blocks
//! ```
//!
//! Opening reads the internal blocks only. A data block is read and decoded when it is first asked for, and kept as far
//! as [`Limits::cache_bytes`](crate::Limits::cache_bytes) allows. For large values [`DataStream`] passes block by block.

use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, OnceLock};

use crate::ndb::database::{Database, Loaded};
use crate::ndb::{Bid, BlockEntry, CryptMethod, InternalBlock, Layout, Nid};
use crate::source::Bytes;
use crate::{Error, ErrorKind, Result};

const STRUCTURE: &str = "data tree";

/// The data of a node or subnode, block by block.
pub struct DataTree {
    database: Arc<Database>,
    crypt: CryptMethod,
    leaves: Leaves,
    cache: Cache,
    size: u64,
    /// The top-level node the data is of, named in errors.
    node: Option<Nid>,
    /// Where each block begins, if not all but the last are full.
    starts: Option<Box<[u64]>>,
}

enum Leaves {
    None,
    One(BlockEntry),
    Many(Box<[Bid]>),
}

/// Data blocks that were read.
enum Cache {
    One(OnceLock<Leaf>),
    /// Every block has a place: they are read once and lent.
    All(Box<[OnceLock<Leaf>]>),
    /// Each place holds the last block that fell on it; what is lent shares the buffer.
    Some(Mutex<SharedBlocks>),
}

/// Blocks by index; the place of one is its index modulo the number of places.
type SharedBlocks = Box<[Option<(usize, Arc<Vec<u8>>)>]>;

enum Leaf {
    InFile { offset: u64, size: usize },
    Decoded(Vec<u8>),
}

impl DataTree {
    pub(crate) fn open(database: &Arc<Database>, bid: Bid, crypt: CryptMethod) -> Result<Self> {
        let mut tree = Self {
            database: Arc::clone(database),
            crypt,
            leaves: Leaves::None,
            cache: Cache::One(OnceLock::new()),
            size: 0,
            node: None,
            starts: None,
        };
        if bid.is_none() {
            return Ok(tree);
        }
        let entry = database.block_entry(bid)?;
        if !bid.is_internal() {
            tree.size = u64::from(entry.size);
            tree.leaves = Leaves::One(entry);
            return Ok(tree);
        }
        let (total, leaves) = tree.collect(&entry)?;
        tree.measure(u64::from(total), &leaves).map_err(|error| error.in_block(bid))?;
        let block = u64::try_from(database.format().max_block_data()).unwrap_or(u64::MAX);
        let room = database.limits().cache_bytes.checked_div(block).unwrap_or(0);
        let room = usize::try_from(room).unwrap_or(usize::MAX).max(1);
        tree.cache = if leaves.len() <= room {
            Cache::All(leaves.iter().map(|_| OnceLock::new()).collect())
        } else {
            Cache::Some(Mutex::new(vec![None; room].into()))
        };
        tree.leaves = Leaves::Many(leaves.into());
        Ok(tree)
    }

    /// Has errors of the data blocks name this top-level node.
    pub(crate) fn of_node(mut self, node: Nid) -> Self {
        self.node = Some(node);
        self
    }

    fn place(&self, error: Error) -> Error {
        match self.node {
            Some(node) => error.in_node(node),
            None => error,
        }
    }

    /// The data blocks below an internal block, and the total it states.
    fn collect(&self, entry: &BlockEntry) -> Result<(u32, Vec<Bid>)> {
        let database = &self.database;
        let wrong = |structure, level: u8, expected: &str, entry: &BlockEntry| {
            Error::corrupt(structure, "cLevel", level, expected).at(entry.offset).in_block(entry.bid)
        };
        let InternalBlock::DataTree { level, total, children } = database.internal_block(entry)? else {
            return Err(Error::corrupt("XBLOCK", "btype", "2 (subnodes)", "1").at(entry.offset).in_block(entry.bid));
        };
        // Each block takes at least its alignment in the file, so no tree has more blocks than that.
        let most = database.len().checked_div(database.format().block_align()).unwrap_or(0);
        let too_many = |count: usize, block: Bid| {
            let align = database.format().block_align();
            let expected = format_args!("at most {most}, one for each {align} bytes of the file");
            Err(Error::corrupt(STRUCTURE, "number of blocks", count, expected).in_block(block))
        };
        let exceeds = |count: usize| u64::try_from(count).is_ok_and(|count| count > most);
        let mut leaves = Vec::new();
        if level == 1 {
            leaves = children;
            if exceeds(leaves.len()) {
                return too_many(leaves.len(), entry.bid);
            }
        } else {
            for child in children {
                let entry = database.block_entry(child)?;
                match database.internal_block(&entry)? {
                    InternalBlock::DataTree { level: 1, children, .. } => leaves.extend(children),
                    InternalBlock::DataTree { level, .. } => return Err(wrong("XBLOCK", level, "1", &entry)),
                    _ => return Err(wrong("XBLOCK", 0, "1", &entry)),
                }
                if exceeds(leaves.len()) {
                    return too_many(leaves.len(), child);
                }
            }
        }
        match leaves.iter().find(|leaf| leaf.is_internal()) {
            Some(leaf) => {
                Err(Error::corrupt("XBLOCK", "rgbid", leaf, "a data block").at(entry.offset).in_block(entry.bid))
            }
            None => Ok((total, leaves)),
        }
    }

    /// Settles the size: from the count if all blocks but the last are full, else block by block.
    ///
    /// No block is larger than full, so the stated total can only equal the largest possible one if all are full. Where
    /// it does not, the sum of the blocks decides, not the stated total.
    fn measure(&mut self, stated: u64, leaves: &[Bid]) -> Result<()> {
        let Some((last, others)) = leaves.split_last() else { return Ok(()) };
        let full = u64::try_from(self.database.format().max_block_data()).unwrap_or(u64::MAX);
        let count = u64::try_from(others.len()).unwrap_or(u64::MAX);
        let last_size = self.database.block_entry(*last).map(|entry| u64::from(entry.size));
        if let Ok(last_size) = last_size
            && count.saturating_mul(full).saturating_add(last_size) == stated
        {
            self.size = stated;
        } else {
            let sizes: Vec<Option<u64>> = leaves
                .iter()
                .map(|leaf| self.database.block_entry(*leaf).ok().map(|entry| u64::from(entry.size)))
                .collect();
            let known = sizes.iter().flatten().fold(0u64, |sum, size| sum.saturating_add(*size));
            // A lost block keeps its place, so that a reader meets it and its error: of the size the total leaves for it
            // if it is the only one, else of a full block.
            let only_one = sizes.iter().filter(|size| size.is_none()).count() == 1;
            let rest = stated.checked_sub(known).filter(|rest| only_one && (1..=full).contains(rest));
            let mut starts = Vec::with_capacity(leaves.len());
            let mut size = 0u64;
            for length in sizes {
                starts.push(size);
                size = size.saturating_add(length.or(rest).unwrap_or(full));
            }
            self.size = size;
            self.starts = Some(starts.into());
        }
        if self.size <= self.database.len() {
            return Ok(());
        }
        // Blocks of a tree are distinct, so only compressed ones can hold more than the file.
        if self.database.format().layout() != Layout::Unicode4k {
            let expected = format_args!("at most {}, the size of the file", self.database.len());
            return Err(Error::corrupt(STRUCTURE, "size", self.size, expected));
        }
        let mut distinct = leaves.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        if distinct.len() != leaves.len() {
            let twice = leaves.len().saturating_sub(distinct.len());
            return Err(Error::corrupt(STRUCTURE, "blocks named twice", twice, "none in a value larger than the file"));
        }
        Ok(())
    }

    /// Bytes of data in all blocks.
    pub fn len(&self) -> u64 {
        self.size
    }

    /// True if there is no data.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    /// The number of data blocks.
    pub fn block_count(&self) -> usize {
        match &self.leaves {
            Leaves::None => 0,
            Leaves::One(_) => 1,
            Leaves::Many(leaves) => leaves.len(),
        }
    }

    /// The id of a data block.
    pub fn block_id(&self, index: usize) -> Option<Bid> {
        match &self.leaves {
            Leaves::None => None,
            Leaves::One(entry) => (index == 0).then_some(entry.bid),
            Leaves::Many(leaves) => leaves.get(index).copied(),
        }
    }

    fn entry(&self, index: usize) -> Result<BlockEntry> {
        match &self.leaves {
            Leaves::One(entry) if index == 0 => Ok(*entry),
            Leaves::Many(leaves) if index < leaves.len() => {
                leaves.get(index).map_or(Ok(Bid::NONE), |bid| Ok(*bid)).and_then(|bid| self.database.block_entry(bid))
            }
            _ => Err(Error::not_found(STRUCTURE, format!("it has no block {index}, only {}", self.block_count()))),
        }
    }

    /// The file offset of a data block, for error messages.
    pub(crate) fn offset_of(&self, index: usize) -> Option<u64> {
        self.entry(index).ok().map(|entry| entry.offset)
    }

    /// How external blocks of this tree are decoded.
    pub(crate) fn crypt(&self) -> CryptMethod {
        self.crypt
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The plain data of one block.
    ///
    /// # Errors
    /// Those of the block; `NotFound` beyond the last.
    pub fn block(&self, index: usize) -> Result<Bytes<'_>> {
        self.find_block(index).map_err(|error| self.place(error))
    }

    fn find_block(&self, index: usize) -> Result<Bytes<'_>> {
        let slot = match &self.cache {
            Cache::One(slot) if index == 0 => Some(slot),
            Cache::One(_) => None,
            Cache::All(slots) => slots.get(index),
            Cache::Some(table) => return self.shared(table, index),
        };
        let leaf = match slot {
            None => {
                return Err(self.entry(index).err().unwrap_or_else(|| Error::not_found(STRUCTURE, "no such block")));
            }
            Some(slot) => match slot.get() {
                Some(leaf) => leaf,
                None => {
                    let leaf = self.read(index)?;
                    slot.get_or_init(|| leaf)
                }
            },
        };
        Ok(match leaf {
            Leaf::InFile { offset, size } => Bytes::lent(self.database.lend(*offset, *size).unwrap_or_default()),
            Leaf::Decoded(data) => Bytes::lent(data),
        })
    }

    fn read(&self, index: usize) -> Result<Leaf> {
        let entry = self.entry(index)?;
        let mut buffer = Vec::new();
        Ok(match self.database.load(&entry, self.crypt, &mut buffer)? {
            Loaded::Lent(data) => Leaf::InFile { offset: entry.offset, size: data.len() },
            Loaded::Buffered => Leaf::Decoded(buffer),
        })
    }

    fn shared(&self, table: &Mutex<SharedBlocks>, index: usize) -> Result<Bytes<'_>> {
        if let Ok(table) = table.lock()
            && let Some(place) = index.checked_rem(table.len())
            && let Some(Some((known, data))) = table.get(place)
            && *known == index
        {
            return Ok(Bytes::shared(Arc::clone(data)));
        }
        let data = match self.read(index)? {
            Leaf::InFile { offset, size } => {
                return Ok(Bytes::lent(self.database.lend(offset, size).unwrap_or_default()));
            }
            Leaf::Decoded(data) => Arc::new(data),
        };
        if let Ok(mut table) = table.lock()
            && let Some(place) = index.checked_rem(table.len())
            && let Some(place) = table.get_mut(place)
        {
            *place = Some((index, Arc::clone(&data)));
        }
        Ok(Bytes::shared(data))
    }

    /// All data in one piece: lent if it is one block, else copied together.
    ///
    /// # Errors
    /// `Limit` above [`Limits::value_bytes`](crate::Limits::value_bytes); those of the blocks.
    pub fn bytes(&self) -> Result<Bytes<'_>> {
        match self.block_count() {
            0 => Ok(Bytes::empty()),
            1 => self.block(0),
            _ => self.read_all().map(Bytes::owned),
        }
    }

    /// Reads all data into one buffer; blocks are not kept.
    pub(crate) fn read_all(&self) -> Result<Vec<u8>> {
        self.concat().map_err(|error| self.place(error))
    }

    fn concat(&self) -> Result<Vec<u8>> {
        let limit = self.database.limits().value_bytes;
        if self.size > limit {
            return Err(Error::limit("value", "size", self.size, limit));
        }
        let mut all = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        let mut buffer = Vec::new();
        for index in 0..self.block_count() {
            match self.database.load(&self.entry(index)?, self.crypt, &mut buffer)? {
                Loaded::Lent(data) => all.extend_from_slice(data),
                Loaded::Buffered => all.extend_from_slice(&buffer),
            }
        }
        if u64::try_from(all.len()).is_ok_and(|read| read != self.size) {
            return Err(Error::corrupt(
                STRUCTURE,
                "lcbTotal",
                self.size,
                format_args!("{}, the sum of its blocks", all.len()),
            ));
        }
        Ok(all)
    }

    /// The block that holds the byte at `position`, and where that block begins.
    fn find(&self, position: u64) -> Option<(usize, u64)> {
        if position >= self.size {
            return None;
        }
        if let Some(starts) = &self.starts {
            let index = starts.partition_point(|start| *start <= position).checked_sub(1)?;
            return starts.get(index).map(|start| (index, *start));
        }
        let full = u64::try_from(self.database.format().max_block_data()).ok()?;
        let index = position.checked_div(full)?;
        Some((usize::try_from(index).ok()?, index.checked_mul(full)?))
    }

    /// A reader over the data that holds one block at a time.
    pub fn into_stream(self) -> DataStream {
        DataStream { source: StreamSource::Tree(Box::new(self)), position: 0, buffer: Vec::new(), current: None }
    }
}

impl fmt::Debug for DataTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataTree").field("len", &self.size).field("blocks", &self.block_count()).finish_non_exhaustive()
    }
}

/// A value as `Read + Seek`, holding one block of it at a time.
///
/// Errors of the library travel inside [`io::Error`]; its `get_ref` gives them back.
pub struct DataStream {
    source: StreamSource,
    position: u64,
    /// The block around the position, if it had to be decoded.
    buffer: Vec<u8>,
    /// The block that was read and checked last.
    current: Option<(usize, Place)>,
}

/// Where a stream's current block is.
#[derive(Clone, Copy)]
enum Place {
    InFile { offset: u64, size: usize },
    InBuffer,
}

enum StreamSource {
    Tree(Box<DataTree>),
    Memory(Vec<u8>),
}

impl DataStream {
    /// A stream over bytes in memory.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { source: StreamSource::Memory(bytes), position: 0, buffer: Vec::new(), current: None }
    }

    /// Bytes of the whole value.
    pub fn len(&self) -> u64 {
        match &self.source {
            StreamSource::Tree(tree) => tree.len(),
            StreamSource::Memory(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }
    }

    /// True if the value is empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The next bytes up to the end of their block; empty at the end of the value. Lent from the file where it has them.
    ///
    /// # Errors
    /// Those of the block.
    pub fn next_chunk(&mut self) -> Result<&[u8]> {
        let chunk = Self::chunk(&self.source, self.position, &mut self.buffer, &mut self.current)?;
        self.position = self.position.saturating_add(u64::try_from(chunk.len()).unwrap_or(0));
        Ok(chunk)
    }

    fn chunk<'a>(
        source: &'a StreamSource,
        position: u64,
        buffer: &'a mut Vec<u8>,
        current: &mut Option<(usize, Place)>,
    ) -> Result<&'a [u8]> {
        let tree = match source {
            StreamSource::Memory(bytes) => {
                let position = usize::try_from(position).unwrap_or(usize::MAX);
                return Ok(bytes.get(position..).unwrap_or_default());
            }
            StreamSource::Tree(tree) => tree,
        };
        let Some((index, start)) = tree.find(position) else { return Ok(&[]) };
        let place = match current {
            Some((known, place)) if *known == index => *place,
            _ => {
                *current = None;
                let entry = tree.entry(index).map_err(|error| tree.place(error))?;
                let loaded = tree.database.load(&entry, tree.crypt, buffer).map_err(|error| tree.place(error))?;
                let place = match loaded {
                    Loaded::Lent(data) => Place::InFile { offset: entry.offset, size: data.len() },
                    Loaded::Buffered => Place::InBuffer,
                };
                current.insert((index, place)).1
            }
        };
        let data: &[u8] = match place {
            Place::InFile { offset, size } => tree.database.lend(offset, size).unwrap_or_default(),
            Place::InBuffer => buffer,
        };
        let skip = usize::try_from(position.saturating_sub(start)).unwrap_or(usize::MAX);
        match data.get(skip..) {
            Some(rest) if !rest.is_empty() => Ok(rest),
            _ => {
                let text = format!("block {index} of the value is shorter than the others say");
                let error = Error::text(ErrorKind::Corrupt, STRUCTURE, text);
                Err(tree.place(error.in_block(tree.block_id(index).unwrap_or(Bid::NONE))))
            }
        }
    }
}

impl Read for DataStream {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        let chunk = Self::chunk(&self.source, self.position, &mut self.buffer, &mut self.current)?;
        let count = chunk.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), chunk.get(..count)) {
            to.copy_from_slice(from);
        }
        self.position = self.position.saturating_add(u64::try_from(count).unwrap_or(0));
        Ok(count)
    }
}

impl Seek for DataStream {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl fmt::Debug for DataStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataStream").field("len", &self.len()).field("position", &self.position).finish_non_exhaustive()
    }
}
