//! Overwrites one field of a good file.
//!
//! An [`Editor`] finds a structure the way a reader does, lets a closure change its plain bytes, and puts the structure
//! back: encoded again and with a new CRC, so that **only the check of the changed field can notice**. Fields of trailers
//! and CRCs themselves are changed through [`Editor::bytes_mut`] or [`Editor::edit_trailer`], which repair nothing.

use std::ops::Range;

use crate::ltp::Hid;
use crate::ndb::checksum::crc;
use crate::ndb::page::PageType;
use crate::ndb::{
    Bid, BlockEntry, BranchEntry, CryptMethod, Format, Header, InternalBlock, Layout, Nid, NodeEntry, PageRef, Record,
    SubnodeEntry,
};

/// A field behind the entries of a B-tree page (MS-PST 2.2.2.7.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageField {
    /// `cEnt`.
    Count,
    /// `cEntMax`.
    Most,
    /// `cbEnt`.
    EntrySize,
    /// `cLevel`.
    Level,
}

/// A page of a B-tree, as the editor found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundPage {
    /// Place and id.
    pub at: PageRef,
    /// Levels above the leaves.
    pub level: u8,
    /// Entries in use.
    pub count: usize,
    /// Bytes of an entry.
    pub entry_size: usize,
}

/// The bytes of a good file, to be made worse in one place.
#[derive(Clone, Debug)]
pub struct Editor {
    bytes: Vec<u8>,
    format: Format,
    crypt: CryptMethod,
}

impl Editor {
    /// Takes a good file.
    pub fn new(bytes: Vec<u8>) -> Self {
        let header = Header::decode(&bytes, true).expect("a good file");
        Self { bytes, format: header.format, crypt: header.crypt }
    }

    /// The file as it is now.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// All bytes; nothing is repaired.
    pub fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// The layout of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The header as it is now.
    pub fn header(&self) -> Header {
        Header::decode(&self.bytes, false).expect("a header")
    }

    /// Changes the bytes of the header and its CRCs with them.
    pub fn edit_header(&mut self, change: impl FnOnce(&mut [u8])) {
        let header = &mut self.bytes[..self.format.header_size()];
        change(header);
        Header::seal(header, self.format);
    }

    /// Changes fields of the header by encoding it anew.
    pub fn with_header(&mut self, change: impl FnOnce(&mut Header)) {
        let mut header = self.header();
        change(&mut header);
        let bytes = header.encode();
        self.bytes[..bytes.len()].copy_from_slice(&bytes);
    }

    fn range(at: u64, size: usize) -> Range<usize> {
        let at = usize::try_from(at).unwrap();
        at..at + size
    }

    /// The bytes of a page with its trailer.
    pub fn page(&self, at: PageRef) -> &[u8] {
        &self.bytes[Self::range(at.offset, self.format.page_size())]
    }

    /// Changes the bytes of a page and its CRC with them. The rest of the trailer stays as the closure leaves it.
    pub fn edit_page(&mut self, at: PageRef, change: impl FnOnce(&mut [u8])) {
        let (size, trailer) = (self.format.page_data_size(), self.format.trailer());
        let page = &mut self.bytes[Self::range(at.offset, self.format.page_size())];
        change(page);
        let value = crc(&page[..size]).to_le_bytes();
        page[size + trailer.crc..size + trailer.crc + 4].copy_from_slice(&value);
    }

    /// File offset of a field of a B-tree page, and its bytes.
    pub fn page_field(&self, at: PageRef, field: PageField) -> (u64, usize) {
        let is_4k = self.format.layout() == Layout::Unicode4k;
        let (place, size) = match (field, is_4k) {
            (PageField::Count, false) => (0, 1),
            (PageField::Most, false) => (1, 1),
            (PageField::EntrySize, false) => (2, 1),
            (PageField::Level, false) => (3, 1),
            (PageField::Count, true) => (0, 2),
            (PageField::Most, true) => (2, 2),
            (PageField::EntrySize, true) => (4, 1),
            (PageField::Level, true) => (5, 1),
        };
        (at.offset + (self.format.page_entries_size() + place) as u64, size)
    }

    /// Sets a field of a B-tree page and returns its file offset.
    pub fn set_page_field(&mut self, at: PageRef, field: PageField, value: u16) -> u64 {
        let (offset, size) = self.page_field(at, field);
        let place = usize::try_from(offset - at.offset).unwrap();
        self.edit_page(at, |page| page[place..place + size].copy_from_slice(&value.to_le_bytes()[..size]));
        offset
    }

    fn found(&self, at: PageRef) -> FoundPage {
        let read = |field| {
            let (offset, size) = self.page_field(at, field);
            let bytes = &self.bytes[Self::range(offset, size)];
            usize::from(bytes[0]) | bytes.get(1).map_or(0, |high| usize::from(*high) << 8)
        };
        FoundPage {
            at,
            level: u8::try_from(read(PageField::Level)).unwrap(),
            count: read(PageField::Count),
            entry_size: read(PageField::EntrySize),
        }
    }

    /// The root page of the node or block B-tree.
    pub fn root(&self, kind: PageType) -> FoundPage {
        let root = self.header().root;
        self.found(if kind == PageType::NodeTree { root.node_tree } else { root.block_tree })
    }

    /// All pages of the node or block B-tree, each before its children.
    pub fn pages(&self, kind: PageType) -> Vec<FoundPage> {
        let mut found = vec![self.root(kind)];
        let mut next = 0;
        while let Some(page) = found.get(next).copied() {
            next += 1;
            if page.level > 0 {
                found.extend((0..page.count).map(|index| self.found(self.branch(page, index).child)));
            }
        }
        found
    }

    /// A leaf page of the node or block B-tree.
    pub fn leaf(&self, kind: PageType) -> FoundPage {
        *self.pages(kind).last().unwrap()
    }

    /// An entry of a page that is no leaf.
    pub fn branch(&self, page: FoundPage, index: usize) -> BranchEntry {
        let size = self.format.id_size();
        let entry = &self.page(page.at)[index * page.entry_size..];
        let id = |index: usize| number(&entry[index * size..][..size]);
        BranchEntry { key: id(0), child: PageRef { id: id(1), offset: id(2) } }
    }

    /// Sets an entry of a page that is no leaf.
    pub fn set_branch(&mut self, page: FoundPage, index: usize, entry: BranchEntry) {
        let size = self.format.id_size();
        self.edit_page(page.at, |bytes| {
            let place = &mut bytes[index * page.entry_size..];
            for (index, value) in [entry.key, entry.child.id, entry.child.offset].into_iter().enumerate() {
                place[index * size..][..size].copy_from_slice(&value.to_le_bytes()[..size]);
            }
        });
    }

    fn record<R: Record>(&self, key: u64) -> (PageRef, usize, R) {
        let format = self.format;
        for page in self.pages(R::KIND).into_iter().filter(|page| page.level == 0) {
            for index in 0..page.count {
                let place = index * page.entry_size;
                let record = R::decode(&self.page(page.at)[place..], format).unwrap();
                if record.key() == key {
                    return (page.at, place, record);
                }
            }
        }
        panic!("no entry {key:#x} in the {:?}", R::KIND);
    }

    fn set_record<R: Record>(&mut self, key: u64, change: impl FnOnce(&mut R)) {
        let (page, place, mut record) = self.record::<R>(key);
        change(&mut record);
        let mut bytes = Vec::new();
        record.encode(self.format, &mut bytes);
        self.edit_page(page, |page| page[place..place + bytes.len()].copy_from_slice(&bytes));
    }

    /// The entry of a node.
    pub fn node(&self, nid: Nid) -> NodeEntry {
        self.record(u64::from(nid.raw())).2
    }

    /// Changes the entry of a node.
    pub fn edit_node(&mut self, nid: Nid, change: impl FnOnce(&mut NodeEntry)) {
        self.set_record(u64::from(nid.raw()), change);
    }

    /// The entry of a block.
    pub fn block_entry(&self, bid: Bid) -> BlockEntry {
        self.record(bid.key()).2
    }

    /// Changes the entry of a block.
    pub fn edit_block_entry(&mut self, bid: Bid, change: impl FnOnce(&mut BlockEntry)) {
        self.set_record(bid.key(), change);
    }

    /// The plain bytes of a block, which must not be compressed.
    pub fn block(&self, bid: Bid) -> Vec<u8> {
        let entry = self.block_entry(bid);
        assert_eq!(entry.size, entry.stored_size, "a compressed block");
        let mut data = self.bytes[Self::range(entry.offset, usize::from(entry.stored_size))].to_vec();
        if !bid.is_internal() {
            self.crypt.decode_in_place(bid, &mut data);
        }
        data
    }

    /// Changes the plain bytes of a block, which are encoded again, and its CRC with them.
    pub fn edit_block(&mut self, bid: Bid, change: impl FnOnce(&mut [u8])) {
        let mut data = self.block(bid);
        change(&mut data);
        if !bid.is_internal() {
            self.crypt.encode_in_place(bid, &mut data);
        }
        self.edit_stored(bid, |stored| stored.copy_from_slice(&data));
    }

    /// Changes the stored bytes of a block, compressed and encoded as they are, and its CRC with them.
    pub fn edit_stored(&mut self, bid: Bid, change: impl FnOnce(&mut [u8])) {
        let entry = self.block_entry(bid);
        let range = Self::range(entry.offset, usize::from(entry.stored_size));
        change(&mut self.bytes[range.clone()]);
        let value = crc(&self.bytes[range]).to_le_bytes();
        let at = self.format.trailer().crc;
        self.edit_trailer(bid, |trailer| trailer[at..at + 4].copy_from_slice(&value));
    }

    /// File offset of a block's trailer.
    pub fn trailer_offset(&self, bid: Bid) -> u64 {
        let entry = self.block_entry(bid);
        let size = self.format.block_size_on_disk(usize::from(entry.stored_size));
        entry.offset + (size - self.format.block_trailer_size()) as u64
    }

    /// Changes the trailer of a block; nothing is repaired.
    pub fn edit_trailer(&mut self, bid: Bid, change: impl FnOnce(&mut [u8])) {
        let range = Self::range(self.trailer_offset(bid), self.format.block_trailer_size());
        change(&mut self.bytes[range]);
    }

    /// The data blocks in or below a block.
    pub fn leaves(&self, bid: Bid) -> Vec<Bid> {
        if bid.is_none() {
            return Vec::new();
        }
        if !bid.is_internal() {
            return vec![bid];
        }
        match InternalBlock::decode(&self.block(bid), self.format).unwrap() {
            InternalBlock::DataTree { children, .. } => children.iter().flat_map(|child| self.leaves(*child)).collect(),
            other => panic!("{bid} is no data tree but {other:?}"),
        }
    }

    /// The subnodes below a block.
    pub fn subnodes(&self, bid: Bid) -> Vec<SubnodeEntry> {
        if bid.is_none() {
            return Vec::new();
        }
        match InternalBlock::decode(&self.block(bid), self.format).unwrap() {
            InternalBlock::Subnodes(entries) => entries,
            InternalBlock::SubnodeIndex(index) => index.iter().flat_map(|entry| self.subnodes(entry.block)).collect(),
            other @ InternalBlock::DataTree { .. } => panic!("{bid} has no subnodes but is {other:?}"),
        }
    }

    /// A subnode of a node, or of a subnode: `path` leads from the top.
    pub fn subnode(&self, node: Nid, path: &[Nid]) -> SubnodeEntry {
        let NodeEntry { nid, data, subnodes, .. } = self.node(node);
        path.iter().fold(SubnodeEntry { nid, data, subnodes }, |owner, nid| {
            let found = self.subnodes(owner.subnodes).into_iter().find(|entry| entry.nid == *nid);
            found.unwrap_or_else(|| panic!("no subnode {nid}"))
        })
    }

    /// `hidUserRoot` of the heap in this data.
    pub fn heap_root(&self, data: Bid) -> Hid {
        let block = self.block(self.leaves(data)[0]);
        Hid::new(u32::from_le_bytes(*block[4..].first_chunk().unwrap()))
    }

    /// The block a heap item is in, and where.
    pub fn item(&self, data: Bid, hid: Hid) -> (Bid, Range<usize>) {
        let bits = self.format.hid_index_bits();
        let index = usize::try_from((hid.raw() >> 5) & ((1 << bits) - 1)).unwrap();
        let number = usize::try_from(hid.raw() >> (5 + bits)).unwrap();
        let bid = self.leaves(data)[number];
        let block = self.block(bid);
        let word = |at: usize| usize::from(u16::from_le_bytes(*block[at..].first_chunk().unwrap()));
        let map = word(0);
        (bid, word(map + 2 + 2 * index)..word(map + 4 + 2 * index))
    }

    /// The number of items in the heap's block.
    pub fn item_count(&self, data: Bid) -> usize {
        let block = self.block(data);
        let map = usize::from(u16::from_le_bytes([block[0], block[1]]));
        usize::from(u16::from_le_bytes([block[map], block[map + 1]]))
    }

    /// The bytes of a heap item.
    pub fn item_bytes(&self, data: Bid, hid: Hid) -> Vec<u8> {
        let (bid, range) = self.item(data, hid);
        self.block(bid)[range].to_vec()
    }

    /// Changes the bytes of a heap item, and returns the block it is in.
    pub fn edit_item(&mut self, data: Bid, hid: Hid, change: impl FnOnce(&mut [u8])) -> Bid {
        let (bid, range) = self.item(data, hid);
        self.edit_block(bid, |block| change(&mut block[range]));
        bid
    }

    /// The heap item that holds the record of a key in a BTree-on-Heap, and the record's place in it.
    pub fn bth_record(&self, data: Bid, header: Hid, key: u64) -> (Hid, Range<usize>) {
        let fields = self.item_bytes(data, header);
        let (key_size, data_size) = (usize::from(fields[1]), usize::from(fields[2]));
        let mut items = vec![Hid::new(u32::from_le_bytes(*fields[4..].first_chunk().unwrap()))];
        for _ in 0..fields[3] {
            let below = |item: &Hid| {
                let bytes = self.item_bytes(data, *item);
                let hid = |entry: &[u8]| Hid::new(u32::from_le_bytes(*entry[key_size..].first_chunk().unwrap()));
                bytes.chunks_exact(key_size + 4).map(hid).collect::<Vec<_>>()
            };
            items = items.iter().flat_map(below).collect();
        }
        let stride = key_size + data_size;
        for item in items {
            let bytes = self.item_bytes(data, item);
            if let Some(index) = bytes.chunks_exact(stride).position(|record| number(&record[..key_size]) == key) {
                return (item, index * stride..(index + 1) * stride);
            }
        }
        panic!("no record {key:#x}");
    }

    /// The four bytes of a property's value or HNID in a property context.
    pub fn property(&self, data: Bid, id: u16) -> u32 {
        let (item, range) = self.bth_record(data, self.heap_root(data), u64::from(id));
        u32::from_le_bytes(*self.item_bytes(data, item)[range][4..].first_chunk().unwrap())
    }

    /// Sets the four bytes of a property's value or HNID in a property context.
    pub fn set_property(&mut self, data: Bid, id: u16, value: u32) {
        let (item, range) = self.bth_record(data, self.heap_root(data), u64::from(id));
        self.edit_item(data, item, |bytes| bytes[range][4..].copy_from_slice(&value.to_le_bytes()));
    }

    /// The HID of the row index header and the HNID of the row matrix, from the TCINFO of a table.
    pub fn table_parts(&self, data: Bid) -> (Hid, u32) {
        let info = self.item_bytes(data, self.heap_root(data));
        let word = |at: usize| u32::from_le_bytes(*info[at..].first_chunk().unwrap());
        (Hid::new(word(10)), word(14))
    }
}

/// A little-endian number of up to eight bytes.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte))
}
