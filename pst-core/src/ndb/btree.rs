//! BTPAGE and its entries: the node and the block B-tree (MS-PST 2.2.2.7.7).
//!
//! ```text
//! | entries, cbEnt bytes each | cEnt cEntMax cbEnt cLevel | trailer |
//! ```
//!
//! Both trees are walked on the pages themselves; nothing is indexed at open. A search reads one page per level. A walk
//! yields a `Result` per record: a bad page is one error and the walk goes on behind it.

use std::fmt;
use std::marker::PhantomData;

use crate::ndb::database::Database;
use crate::ndb::header::{put, put_number};
use crate::ndb::page::{self, PageType};
use crate::ndb::{Bid, Format, Layout, Nid, PageRef};
use crate::source::Bytes;
use crate::{Error, Result, bytes};

const STRUCTURE: &str = "BTPAGE";

/// Errors after which a walk ends: pages that all lead to the same ones would go on almost without end.
const MAX_ERRORS: u32 = 100_000;

/// The most levels above the leaves (MS-PST 2.2.2.7.7.1).
const MAX_LEVEL: u8 = 8;

/// A record at the leaves of a B-tree.
pub trait Record: Copy + fmt::Debug {
    /// The type of the pages of its tree.
    const KIND: PageType;

    /// Bytes of an encoded record.
    fn size(format: Format) -> usize;

    /// Reads a record from the start of `data`.
    fn decode(data: &[u8], format: Format) -> Option<Self>;

    /// Appends the record, `size` bytes.
    fn encode(&self, format: Format, out: &mut Vec<u8>);

    /// The key, as it is compared.
    fn key(&self) -> u64;
}

/// NBTENTRY (MS-PST 2.2.2.7.7.4): a node of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeEntry {
    /// The node's id.
    pub nid: Nid,
    /// Its data; `NONE` means empty, not missing.
    pub data: Bid,
    /// Its subnode tree, or `NONE`.
    pub subnodes: Bid,
    /// The folder of a message or folder. **Not a tree edge for other types**: tables have 0, queues an offset.
    pub parent: Nid,
}

impl Record for NodeEntry {
    const KIND: PageType = PageType::NodeTree;

    fn size(format: Format) -> usize {
        format.node_entry_size()
    }

    #[inline]
    fn decode(data: &[u8], format: Format) -> Option<Self> {
        let size = format.id_size();
        let id = |at| if size == 4 { bytes::u32(data, at).map(u64::from) } else { bytes::u64(data, at) };
        Some(Self {
            // The upper half of the 8-byte id is not part of it.
            nid: Nid::new(bytes::u32(data, 0)?),
            data: Bid::new(id(size)?),
            subnodes: Bid::new(id(size.checked_mul(2)?)?),
            parent: Nid::new(bytes::u32(data, size.checked_mul(3)?)?),
        })
    }

    fn encode(&self, format: Format, out: &mut Vec<u8>) {
        let size = format.id_size();
        let start = out.len();
        out.resize(start.saturating_add(Self::size(format)), 0);
        let Some(place) = out.get_mut(start..) else { return };
        put_number(place, 0, u64::from(self.nid.raw()), size);
        put_number(place, size, self.data.raw(), size);
        put_number(place, size.saturating_mul(2), self.subnodes.raw(), size);
        put(place, size.saturating_mul(3), &self.parent.raw().to_le_bytes());
    }

    #[inline]
    fn key(&self) -> u64 {
        u64::from(self.nid.raw())
    }
}

/// BBTENTRY (MS-PST 2.2.2.7.7.3): where a block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockEntry {
    /// The block's id.
    pub bid: Bid,
    /// Byte offset in the file.
    pub offset: u64,
    /// Bytes of data as stored.
    pub stored_size: u16,
    /// Bytes of data after inflation; another number than `stored_size` only in compressed blocks of 4K files.
    pub size: u16,
    /// References to the block, plus one.
    pub references: u16,
}

impl Record for BlockEntry {
    const KIND: PageType = PageType::BlockTree;

    fn size(format: Format) -> usize {
        format.block_entry_size()
    }

    #[inline]
    fn decode(data: &[u8], format: Format) -> Option<Self> {
        let (bid, offset, at) = match format.layout() {
            Layout::Ansi => (u64::from(bytes::u32(data, 0)?), u64::from(bytes::u32(data, 4)?), 8),
            Layout::Unicode | Layout::Unicode4k => (bytes::u64(data, 0)?, bytes::u64(data, 8)?, 16),
        };
        let stored_size = bytes::u16(data, at)?;
        let second = bytes::u16(data, at.checked_add(2)?)?;
        let (size, references) = match format.layout() {
            Layout::Ansi | Layout::Unicode => (stored_size, second),
            // The reference count moves up by two bytes to make room for the inflated size.
            Layout::Unicode4k => (second, bytes::u16(data, 20)?),
        };
        Some(Self { bid: Bid::new(bid), offset, stored_size, size, references })
    }

    fn encode(&self, format: Format, out: &mut Vec<u8>) {
        let size = format.id_size();
        let start = out.len();
        out.resize(start.saturating_add(Self::size(format)), 0);
        let Some(place) = out.get_mut(start..) else { return };
        put_number(place, 0, self.bid.raw(), size);
        put_number(place, size, self.offset, size);
        let at = size.saturating_mul(2);
        put(place, at, &self.stored_size.to_le_bytes());
        match format.layout() {
            Layout::Ansi | Layout::Unicode => put(place, at.saturating_add(2), &self.references.to_le_bytes()),
            Layout::Unicode4k => {
                put(place, 18, &self.size.to_le_bytes());
                put(place, 20, &self.references.to_le_bytes());
            }
        }
    }

    #[inline]
    fn key(&self) -> u64 {
        self.bid.key()
    }
}

/// BTENTRY (MS-PST 2.2.2.7.7.2): a child page and the first key below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BranchEntry {
    /// The least key below the child.
    pub key: u64,
    /// The child page.
    pub child: PageRef,
}

impl BranchEntry {
    #[inline]
    pub(crate) fn decode(data: &[u8], format: Format) -> Option<Self> {
        let size = format.id_size();
        let id = |at| if size == 4 { bytes::u32(data, at).map(u64::from) } else { bytes::u64(data, at) };
        let child = PageRef { id: id(size)?, offset: id(size.checked_mul(2)?)? };
        Some(Self { key: id(0)?, child })
    }

    fn encode(&self, format: Format, out: &mut Vec<u8>) {
        let size = format.id_size();
        for number in [self.key, self.child.id, self.child.offset] {
            out.extend_from_slice(number.to_le_bytes().get(..size).unwrap_or_default());
        }
    }
}

/// Encodes a leaf page with its trailer. Entries beyond the page's room are an error of the caller and left out.
pub fn encode_leaf<R: Record>(records: &[R], format: Format, at: PageRef) -> Vec<u8> {
    let size = R::size(format);
    let mut entries = Vec::new();
    records.iter().for_each(|record| record.encode(format, &mut entries));
    encode_page::<R>(entries, size, 0, format, at)
}

/// Encodes a page of branches at `level` (1 and up) with its trailer.
pub fn encode_branch<R: Record>(branches: &[BranchEntry], level: u8, format: Format, at: PageRef) -> Vec<u8> {
    let mut entries = Vec::new();
    branches.iter().for_each(|branch| branch.encode(format, &mut entries));
    encode_page::<R>(entries, format.branch_entry_size(), level, format, at)
}

fn encode_page<R: Record>(mut page: Vec<u8>, stride: usize, level: u8, format: Format, at: PageRef) -> Vec<u8> {
    let room = format.page_entries_size();
    page.truncate(room);
    let count = page.len().checked_div(stride).unwrap_or(0);
    let most = room.checked_div(stride).unwrap_or(0);
    page.resize(format.page_size(), 0);
    let byte = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    let word = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
    match format.layout() {
        Layout::Ansi | Layout::Unicode => put(&mut page, room, &[byte(count), byte(most), byte(stride), level]),
        Layout::Unicode4k => {
            put(&mut page, room, &word(count));
            put(&mut page, room.saturating_add(2), &word(most));
            put(&mut page, room.saturating_add(4), &[byte(stride), level]);
        }
    }
    page::seal(&mut page, format, R::KIND, at.id, at.offset);
    page
}

/// A checked B-tree page.
struct TreePage<'a> {
    data: Bytes<'a>,
    offset: u64,
    count: usize,
    stride: usize,
    level: u8,
}

impl<'a> TreePage<'a> {
    /// Reads and checks a page. `level` is what the parent says it must be; the root may have any up to the limit.
    fn open<R: Record>(database: &'a Database, at: PageRef, level: Option<u8>) -> Result<Self> {
        let format = database.format();
        let data = database.page(R::KIND, at)?;
        let room = format.page_entries_size();
        let place = |field: usize| at.offset.saturating_add(u64::try_from(room.saturating_add(field)).unwrap_or(0));
        let short = || Error::truncated(STRUCTURE, data.len(), format.page_size()).at(at.offset);
        let (count, stride, found, level_field) = match format.layout() {
            Layout::Ansi | Layout::Unicode => {
                let [count, _, stride, level] = bytes::array(&data, room).ok_or_else(short)?;
                (usize::from(count), usize::from(stride), level, 3)
            }
            Layout::Unicode4k => {
                let count = bytes::u16(&data, room).ok_or_else(short)?;
                let [stride, level] = bytes::array(&data, room.saturating_add(4)).ok_or_else(short)?;
                (usize::from(count), usize::from(stride), level, 5)
            }
        };
        match level {
            Some(level) if level != found => {
                return Err(Error::corrupt(STRUCTURE, "cLevel", found, level).at(place(level_field)));
            }
            None if found > MAX_LEVEL => {
                let expected = format_args!("at most {MAX_LEVEL}");
                return Err(Error::corrupt(STRUCTURE, "cLevel", found, expected).at(place(level_field)));
            }
            _ => {}
        }
        let record = if found == 0 { R::size(format) } else { format.branch_entry_size() };
        if stride < record {
            let at = place(if format.layout() == Layout::Unicode4k { 4 } else { 2 });
            return Err(Error::corrupt(STRUCTURE, "cbEnt", stride, format_args!("at least {record}")).at(at));
        }
        // A page may be exactly full.
        let most = room.checked_div(stride).unwrap_or(0);
        if count > most {
            return Err(Error::corrupt(STRUCTURE, "cEnt", count, format_args!("at most {most}")).at(place(0)));
        }
        Ok(Self { data, offset: at.offset, count, stride, level: found })
    }

    #[inline]
    fn entry(&self, index: usize) -> Option<&[u8]> {
        bytes::slice(&self.data, index.checked_mul(self.stride)?, self.stride)
    }

    /// The key of an entry; reserved bit and upper half of ids are dropped as the record type wants it.
    #[inline]
    fn key<R: Record>(&self, index: usize, format: Format) -> Option<u64> {
        let entry = self.entry(index)?;
        let key = if format.is_ansi() { bytes::u32(entry, 0).map(u64::from)? } else { bytes::u64(entry, 0)? };
        Some(match R::KIND {
            PageType::BlockTree => key & !1,
            _ => key & 0xFFFF_FFFF,
        })
    }

    /// The number of entries whose key is at most `key`.
    #[inline]
    fn upper_bound<R: Record>(&self, key: u64, format: Format) -> usize {
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            match self.key::<R>(middle, format) {
                Some(found) if found <= key => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        low
    }
}

/// Finds the record with `key` below `root`.
///
/// # Errors
/// Those of the pages on the way.
pub(crate) fn find<R: Record>(database: &Database, root: PageRef, key: u64) -> Result<Option<R>> {
    let format = database.format();
    let mut page = TreePage::open::<R>(database, root, None)?;
    loop {
        let Some(index) = page.upper_bound::<R>(key, format).checked_sub(1) else { return Ok(None) };
        let Some(entry) = page.entry(index) else { return Ok(None) };
        let Some(below) = page.level.checked_sub(1) else {
            return Ok(R::decode(entry, format).filter(|record| record.key() == key));
        };
        let Some(branch) = BranchEntry::decode(entry, format) else { return Ok(None) };
        page = TreePage::open::<R>(database, branch.child, Some(below))?;
    }
}

/// All records of a tree in key order; one error per bad page, and the walk goes on.
pub struct Records<'a, R> {
    database: &'a Database,
    /// Pages from the root down, each with the index of its next entry.
    path: Vec<(TreePage<'a>, usize)>,
    /// The root, until it is read.
    root: Option<PageRef>,
    /// Pages that may still be read: no tree has more pages than the file.
    budget: u64,
    /// Errors that may still be met before the walk ends.
    patience: u32,
    /// The greatest key so far.
    last: Option<u64>,
    /// The page was said to be out of order; one error for each is enough.
    disorder_told: bool,
    record: PhantomData<R>,
}

impl<'a, R: Record> Records<'a, R> {
    pub(crate) fn new(database: &'a Database, root: PageRef) -> Self {
        let page_size = u64::try_from(database.format().page_size()).unwrap_or(1);
        // At least one, so that a file without room for a page fails at the page.
        let budget = database.len().checked_div(page_size).unwrap_or(0).max(1);
        Self {
            database,
            path: Vec::new(),
            root: Some(root),
            budget,
            patience: MAX_ERRORS,
            last: None,
            disorder_told: false,
            record: PhantomData,
        }
    }

    /// Skips to the first record with at least this key. Bad pages on the way are met again by the walk.
    pub(crate) fn starting_at(mut self, key: u64) -> Self {
        let format = self.database.format();
        let Some(root) = self.root else { return self };
        let mut next = Some((root, None));
        while let Some((at, level)) = next.take() {
            let Ok(page) = TreePage::open::<R>(self.database, at, level) else { break };
            self.root = None;
            if page.level == 0 {
                let mut index = page.upper_bound::<R>(key, format);
                // An equal key is part of the walk.
                if index.checked_sub(1).and_then(|before| page.key::<R>(before, format)) == Some(key) {
                    index = index.saturating_sub(1);
                }
                self.path.push((page, index));
            } else {
                let index = page.upper_bound::<R>(key, format).saturating_sub(1);
                let below = page.level.checked_sub(1);
                next = page.entry(index).and_then(|entry| BranchEntry::decode(entry, format)).map(|b| (b.child, below));
                // If the child cannot be read, the walk begins with it and reports it.
                let readable = next.is_some_and(|(at, level)| TreePage::open::<R>(self.database, at, level).is_ok());
                self.path.push((page, if readable { index.saturating_add(1) } else { index }));
                if !readable {
                    break;
                }
            }
        }
        self
    }

    fn descend(&mut self, at: PageRef, level: Option<u8>) -> Result<()> {
        let Some(budget) = self.budget.checked_sub(1) else {
            self.path.clear();
            let most = self.database.len().checked_div(u64::try_from(self.database.format().page_size()).unwrap_or(1));
            let expected = format!("at most {}, one for each page of the file", most.unwrap_or(0));
            return Err(Error::corrupt(STRUCTURE, "number of pages in the tree", "larger", expected).at(at.offset));
        };
        self.budget = budget;
        let page = TreePage::open::<R>(self.database, at, level)?;
        let (count, place) = (page.count, page.offset);
        self.disorder_told = false;
        // The page is walked all the same: what it holds may be held nowhere else.
        self.path.push((page, 0));
        if count == 0 && level.is_some() {
            return Err(Error::corrupt(STRUCTURE, "cEnt", 0, "at least 1").at(place));
        }
        Ok(())
    }

    /// Passes an error on, or ends the walk if there were too many.
    fn fail(&mut self, error: Error) -> Option<Result<R>> {
        match self.patience.checked_sub(1) {
            Some(patience) => self.patience = patience,
            None => self.path.clear(),
        }
        Some(Err(error))
    }
}

impl<R: Record> Iterator for Records<'_, R> {
    type Item = Result<R>;

    fn next(&mut self) -> Option<Self::Item> {
        let format = self.database.format();
        if let Some(root) = self.root.take()
            && let Err(error) = self.descend(root, None)
        {
            return self.fail(error);
        }
        loop {
            let (page, next) = self.path.last_mut()?;
            if *next >= page.count {
                self.path.pop();
                continue;
            }
            let index = *next;
            *next = next.saturating_add(1);
            let place = page.offset;
            let Some(entry) = page.entry(index) else { continue };
            match page.level.checked_sub(1) {
                None => match R::decode(entry, format) {
                    Some(record) => {
                        let key = record.key();
                        // Searches do not find what is out of order; the record is given after the error all the same.
                        if let Some(last) = self.last.filter(|last| key <= *last)
                            && !self.disorder_told
                        {
                            self.disorder_told = true;
                            *next = index;
                            let expected = format!("more than {last:#x}, which came before");
                            let error = Error::corrupt(STRUCTURE, "key", format!("{key:#x}"), expected);
                            return self.fail(error.at(place));
                        }
                        self.last = self.last.max(Some(key));
                        return Some(Ok(record));
                    }
                    None => {
                        let error = Error::truncated(STRUCTURE, entry.len(), R::size(format)).at(place);
                        return self.fail(error);
                    }
                },
                Some(below) => {
                    let child = BranchEntry::decode(entry, format).map(|branch| branch.child);
                    let child = child.ok_or_else(|| Error::truncated(STRUCTURE, 0, format.branch_entry_size()));
                    if let Err(error) = child.and_then(|child| self.descend(child, Some(below))) {
                        return self.fail(error);
                    }
                }
            }
        }
    }
}

impl<R> fmt::Debug for Records<'_, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("depth", &self.path.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

    #[test]
    fn records_round_trip_in_every_layout() {
        for format in FORMATS {
            let node = NodeEntry {
                nid: Nid::new(0x8022),
                data: Bid::new(0x14),
                subnodes: Bid::new(0x1A),
                parent: Nid::new(0x122),
            };
            let mut stored = Vec::new();
            node.encode(format, &mut stored);
            assert_eq!(stored.len(), NodeEntry::size(format));
            assert_eq!(NodeEntry::decode(&stored, format), Some(node));
            assert_eq!(NodeEntry::decode(&stored[..12], format), None);

            let size = if format == Format::UNICODE_4K { 900 } else { 300 };
            let block = BlockEntry { bid: Bid::new(0x14), offset: 0x4800, stored_size: 300, size, references: 2 };
            let mut stored = Vec::new();
            block.encode(format, &mut stored);
            assert_eq!(stored.len(), BlockEntry::size(format));
            assert_eq!(BlockEntry::decode(&stored, format), Some(block));

            let branch = BranchEntry { key: 0x14, child: PageRef { id: 7, offset: 0x4A00 } };
            let mut stored = Vec::new();
            branch.encode(format, &mut stored);
            assert_eq!(stored.len(), format.branch_entry_size());
            assert_eq!(BranchEntry::decode(&stored, format), Some(branch));
        }
    }

    #[test]
    fn the_upper_half_of_a_node_id_and_padding_are_ignored() {
        let node = NodeEntry { nid: Nid::new(0x21), data: Bid::new(4), subnodes: Bid::NONE, parent: Nid::new(0) };
        let mut stored = Vec::new();
        node.encode(Format::UNICODE, &mut stored);
        stored[7] = 0xAA;
        stored[28..].fill(2);
        assert_eq!(NodeEntry::decode(&stored, Format::UNICODE), Some(node));
    }
}
