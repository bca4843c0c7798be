//! Blocks, nodes, B-trees, maps and header of a file, written front to back into a sink.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Seek, SeekFrom, Write};

use crate::ltp::HeapBuilder;
use crate::ndb::page::{self, PageType};
use crate::ndb::{
    Bid, BlockEntry, BranchEntry, Client, CryptMethod, Format, Header, InternalBlock, Layout, Nid, NidType, NodeEntry,
    PageRef, Record, Root, SubnodeEntry, SubnodeIndexEntry, encode_block, encode_branch, encode_leaf, maps,
};
use crate::text::CodePage;

/// Writes a file structure by structure, and at the end both B-trees, the maps and the header.
///
/// Options come first; each call after them appends to the file. Reference counts, counters and maps come out right.
///
/// # Panics
/// All methods that write panic if the sink fails.
#[derive(Debug)]
pub struct StoreBuilder<W = Cursor<Vec<u8>>> {
    sink: W,
    /// Where the sink stands.
    sink_at: u64,
    format: Format,
    crypt: CryptMethod,
    claim: Option<CryptMethod>,
    client: Client,
    compress: bool,
    code_page: CodePage,
    entries_per_page: usize,
    children_per_block: usize,
    subnodes_per_block: usize,
    leaf_size: usize,
    item_limit: usize,
    /// The first byte not in use behind all others.
    next: u64,
    end: u64,
    next_block: u64,
    next_page: u64,
    first_block: u64,
    blocks: Vec<BlockEntry>,
    nodes: Vec<NodeEntry>,
    /// Bytes of data below an internal block.
    sizes: HashMap<u64, u64>,
    counters: [u32; 32],
    /// The version of the next row.
    next_version: u32,
    /// Bits of each section that has any beside its maps.
    bits: BTreeMap<u64, Vec<u8>>,
}

impl StoreBuilder {
    /// A file in memory: permuted, as Outlook makes them, unless it is a 4K one.
    pub fn new(format: Format) -> Self {
        Self::with_sink(format, Cursor::new(Vec::new()))
    }

    /// Finishes the file and returns its bytes.
    pub fn finish_vec(self) -> Vec<u8> {
        self.finish().into_inner()
    }
}

impl<W: Write + Seek> StoreBuilder<W> {
    /// A file in any sink, which must be empty.
    pub fn with_sink(format: Format, sink: W) -> Self {
        let is_4k = format.layout() == Layout::Unicode4k;
        let mut counters = [0x400; 32];
        counters[usize::from(NidType::SEARCH_FOLDER.number())] = 0x4000;
        counters[usize::from(NidType::NORMAL_MESSAGE.number())] = 0x1_0000;
        counters[usize::from(NidType::ASSOCIATED_MESSAGE.number())] = 0x8000;
        Self {
            sink,
            sink_at: 0,
            format,
            crypt: if is_4k { CryptMethod::None } else { CryptMethod::Permute },
            claim: None,
            client: if is_4k { Client::Ost } else { Client::Pst },
            compress: false,
            code_page: CodePage::WINDOWS_1252,
            entries_per_page: usize::MAX,
            children_per_block: format.max_data_tree_children(),
            subnodes_per_block: usize::MAX,
            leaf_size: HeapBuilder::MAX_ITEM,
            item_limit: HeapBuilder::MAX_ITEM,
            next: format.first_amap(),
            end: 0,
            next_block: 4,
            next_page: 1,
            first_block: 4,
            blocks: Vec::new(),
            nodes: Vec::new(),
            sizes: HashMap::new(),
            counters,
            next_version: 1,
            bits: BTreeMap::new(),
        }
    }

    /// How data blocks are encoded.
    #[must_use]
    pub fn crypt(mut self, crypt: CryptMethod) -> Self {
        self.crypt = crypt;
        self
    }

    /// Has the header state another coding than the one in use, as files of ExMerge origin do.
    #[must_use]
    pub fn claim(mut self, crypt: CryptMethod) -> Self {
        self.claim = Some(crypt);
        self
    }

    /// PST, OST or PAB.
    #[must_use]
    pub fn client(mut self, client: Client) -> Self {
        self.client = client;
        self
    }

    /// Compresses blocks where it saves a sector; 4K only.
    #[must_use]
    pub fn compress(mut self, compress: bool) -> Self {
        self.compress = compress;
        self
    }

    /// The code page in which [`Prop::text`](super::Prop::text) is stored in an ANSI file; windows-1252 unless set.
    #[must_use]
    pub fn code_page(mut self, page: CodePage) -> Self {
        self.code_page = page;
        self
    }

    /// Begins the data at this offset or after it, so that everything lies behind a hole.
    #[must_use]
    pub fn start(mut self, offset: u64) -> Self {
        self.next = self.next.max(offset);
        self
    }

    /// Begins the block ids at this number, a multiple of four.
    #[must_use]
    pub fn first_block(mut self, id: u64) -> Self {
        assert!(id > 0 && id.is_multiple_of(4) && self.blocks.is_empty());
        (self.first_block, self.next_block) = (id, id);
        self
    }

    /// Bounds the entries of a B-tree page, which makes more levels.
    #[must_use]
    pub fn entries_per_page(mut self, entries: usize) -> Self {
        self.entries_per_page = entries.max(2);
        self
    }

    /// Bounds the children of an XBLOCK, which needs an XXBLOCK sooner. An XXBLOCK has room for all it can have.
    #[must_use]
    pub fn children_per_block(mut self, children: usize) -> Self {
        self.children_per_block = children.clamp(1, self.format.max_data_tree_children());
        self
    }

    /// Bounds the entries of an SLBLOCK, which needs an SIBLOCK sooner.
    #[must_use]
    pub fn subnodes_per_block(mut self, entries: usize) -> Self {
        self.subnodes_per_block = entries.max(1);
        self
    }

    /// Bounds the items of a BTree-on-Heap, which makes more levels.
    #[must_use]
    pub fn leaf_size(mut self, size: usize) -> Self {
        self.leaf_size = size;
        self
    }

    /// Bounds the values kept in a heap; longer ones become subnodes.
    #[must_use]
    pub fn item_limit(mut self, size: usize) -> Self {
        self.item_limit = size;
        self
    }

    /// The layout of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    pub(super) fn string_code_page(&self) -> CodePage {
        self.code_page
    }

    pub(super) fn bth_leaf_size(&self) -> usize {
        self.leaf_size
    }

    pub(super) fn largest_item(&self) -> usize {
        self.item_limit
    }

    /// Encodes the data blocks that follow another way than those before.
    pub fn set_crypt(&mut self, crypt: CryptMethod) {
        self.crypt = crypt;
    }

    /// Bytes of the file so far.
    pub fn position(&self) -> u64 {
        self.end
    }

    /// Entries of all blocks written so far, in id order.
    pub fn block_entries(&self) -> &[BlockEntry] {
        &self.blocks
    }

    /// Takes as many versions for the rows of a table and returns the first.
    pub(super) fn take_versions(&mut self, rows: usize) -> u32 {
        let first = self.next_version;
        self.next_version += u32::try_from(rows).unwrap();
        first
    }

    /// Takes the next node id of a type.
    pub fn new_nid(&mut self, kind: NidType) -> Nid {
        let counter = &mut self.counters[usize::from(kind.number())];
        *counter += 1;
        Nid::from_parts(kind, *counter)
    }

    /// Sees to it that [`new_nid`](Self::new_nid) does not give out this id or one below it.
    pub fn reserve(&mut self, nid: Nid) {
        let counter = &mut self.counters[usize::from(nid.kind().number())];
        *counter = nid.index().max(*counter);
    }

    fn write(&mut self, offset: u64, bytes: &[u8]) {
        if self.sink_at != offset {
            self.sink.seek(SeekFrom::Start(offset)).expect("the sink can seek");
        }
        self.sink.write_all(bytes).expect("the sink takes bytes");
        self.sink_at = offset + bytes.len() as u64;
        self.end = self.end.max(self.sink_at);
    }

    /// The map pages at the start of a section (MS-PST 1.3.2), in order.
    fn map_pages(&self, section: u64) -> Vec<PageType> {
        let mut pages = vec![PageType::AllocationMap];
        if self.format.layout() != Layout::Unicode4k {
            if section.is_multiple_of(8) {
                pages.push(PageType::PageMap);
            }
            if section >= 128 && (section - 128).is_multiple_of(496) {
                pages.push(PageType::FreeMap);
            }
            // An ANSI file ends before there would be one.
            if !self.format.is_ansi() && section >= 8192 && (section - 8192).is_multiple_of(31_744) {
                pages.push(PageType::FreePageMap);
            }
        }
        pages
    }

    /// Takes room for `size` bytes that crosses no map page.
    fn allocate(&mut self, size: usize, align: u64) -> u64 {
        let (first, step) = (self.format.first_amap(), self.format.amap_step());
        let size = size as u64;
        let mut at = self.next;
        let section = loop {
            let section = (at - first) / step;
            let start = first + section * step;
            let maps = (self.map_pages(section).len() * self.format.page_size()) as u64;
            at = at.max(start + maps).next_multiple_of(align);
            if at + size <= start + step {
                break section;
            }
            at = start + step;
        };
        self.mark(section, at, size);
        self.next = at + size;
        at
    }

    fn mark(&mut self, section: u64, at: u64, size: u64) {
        let unit = self.format.block_align();
        let start = self.format.first_amap() + section * self.format.amap_step();
        let bits = self.bits.entry(section).or_insert_with(|| vec![0; self.format.amap_bits_size()]);
        for bit in (at - start) / unit..(at - start + size).div_ceil(unit) {
            bits[usize::try_from(bit >> 3).unwrap()] |= 0x80 >> (bit & 7);
        }
    }

    fn write_block(&mut self, plain: &[u8], internal: bool) -> Bid {
        assert!(!plain.is_empty() && plain.len() <= self.format.max_block_data(), "a block of {} bytes", plain.len());
        let bid = Bid::new(self.next_block | if internal { 2 } else { 0 });
        self.next_block += 4;
        // The place is part of the trailer, and the size after compression part of the place.
        let (format, crypt, compress) = (self.format, self.crypt, self.compress);
        let size = if compress {
            encode_block(plain, bid, 0, format, crypt, compress).0.len()
        } else {
            format.block_size_on_disk(plain.len())
        };
        let offset = self.allocate(size, format.block_align());
        let (disk, entry) = encode_block(plain, bid, offset, format, crypt, compress);
        self.write(offset, &disk);
        self.blocks.push(BlockEntry { references: 1, ..entry });
        bid
    }

    fn block_index(&self, bid: Bid) -> usize {
        usize::try_from((bid.raw() - self.first_block) / 4).unwrap()
    }

    fn refer_to(&mut self, bid: Bid) {
        if !bid.is_none() {
            let index = self.block_index(bid);
            if let Some(entry) = self.blocks.get_mut(index) {
                entry.references = entry.references.checked_add(1).expect("fewer than 65,535 references to a block");
            }
        }
    }

    /// References to a block so far, plus one.
    pub fn references(&self, bid: Bid) -> u16 {
        self.blocks[self.block_index(bid)].references
    }

    /// Bytes of data in or below a block, without those that hold it together: what message sizes are made of.
    pub fn size_below(&self, bid: Bid) -> u64 {
        match bid {
            _ if bid.is_none() => 0,
            _ if bid.is_internal() => self.sizes.get(&bid.key()).copied().unwrap_or(0),
            _ => u64::from(self.blocks[self.block_index(bid)].size),
        }
    }

    /// Writes one data block.
    pub fn block(&mut self, plain: &[u8]) -> Bid {
        self.write_block(plain, false)
    }

    /// Writes an internal block as it is given, right or wrong. No references are counted.
    pub fn internal_block(&mut self, content: &InternalBlock) -> Bid {
        let plain = content.encode(self.format);
        self.write_block(&plain, true)
    }

    /// Writes the bytes of an internal block as they are given, right or wrong. No references are counted.
    pub fn raw_internal_block(&mut self, plain: &[u8]) -> Bid {
        self.write_block(plain, true)
    }

    /// Writes data of any length: nothing, one block, or an XBLOCK or XXBLOCK over full blocks.
    pub fn data(&mut self, plain: &[u8]) -> Bid {
        let leaves = plain.chunks(self.format.max_block_data()).map(|chunk| self.block(chunk)).collect();
        self.data_tree(leaves)
    }

    /// Writes data whose division into blocks matters, as that of heaps and row matrices does.
    pub fn data_from_blocks(&mut self, blocks: impl IntoIterator<Item = Vec<u8>>) -> Bid {
        let leaves = blocks.into_iter().map(|block| self.block(&block)).collect();
        self.data_tree(leaves)
    }

    /// Joins data blocks: none, the only one, an XBLOCK, or an XXBLOCK over XBLOCKs.
    pub fn data_tree(&mut self, leaves: Vec<Bid>) -> Bid {
        match leaves.as_slice() {
            [] => return Bid::NONE,
            [one] => return *one,
            _ => {}
        }
        let mut blocks: Vec<Bid> = Vec::new();
        for children in leaves.chunks(self.children_per_block) {
            blocks.push(self.join(children, 1));
        }
        match blocks.as_slice() {
            [one] => *one,
            _ => {
                assert!(blocks.len() <= self.format.max_data_tree_children(), "{} XBLOCKs", blocks.len());
                self.join(&blocks, 2)
            }
        }
    }

    fn join(&mut self, children: &[Bid], level: u8) -> Bid {
        children.iter().for_each(|child| self.refer_to(*child));
        let size: u64 = children.iter().map(|child| self.size_below(*child)).sum();
        let total = u32::try_from(size).unwrap_or(u32::MAX);
        let bid = self.internal_block(&InternalBlock::DataTree { level, total, children: children.to_vec() });
        self.sizes.insert(bid.key(), size);
        bid
    }

    /// Writes subnodes, sorted by id: nothing, an SLBLOCK, or an SIBLOCK over SLBLOCKs.
    pub fn subnodes(&mut self, mut entries: Vec<SubnodeEntry>) -> Bid {
        entries.sort_by_key(|entry| entry.nid);
        let format = self.format;
        let room = format.max_block_data() - format.subnode_header_size();
        let most = (room / format.subnode_entry_size()).min(self.subnodes_per_block);
        let mut index = Vec::new();
        let mut all = 0;
        for entries in entries.chunks(most) {
            let mut size = 0;
            for entry in entries {
                self.refer_to(entry.data);
                self.refer_to(entry.subnodes);
                size += self.size_below(entry.data) + self.size_below(entry.subnodes);
                self.reserve(entry.nid);
            }
            let block = self.internal_block(&InternalBlock::Subnodes(entries.to_vec()));
            self.sizes.insert(block.key(), size);
            all += size;
            index.push(SubnodeIndexEntry { nid: entries[0].nid, block });
        }
        match index.as_slice() {
            [] => Bid::NONE,
            [one] => one.block,
            _ => {
                assert!(index.len() <= room / format.subnode_index_entry_size(), "{} SLBLOCKs", index.len());
                index.iter().for_each(|entry| self.refer_to(entry.block));
                let block = self.internal_block(&InternalBlock::SubnodeIndex(index));
                self.sizes.insert(block.key(), all);
                block
            }
        }
    }

    /// Adds a node.
    pub fn node(&mut self, nid: Nid, data: Bid, subnodes: Bid, parent: Nid) {
        self.refer_to(data);
        self.refer_to(subnodes);
        // Fixed nodes lie below the start of their counter.
        self.reserve(nid);
        self.nodes.push(NodeEntry { nid, data, subnodes, parent });
    }

    /// Writes a B-tree and returns its root.
    fn tree<R: Record>(&mut self, records: &[R]) -> PageRef {
        let format = self.format;
        let room = format.page_entries_size();
        let most = (room / R::size(format)).min(self.entries_per_page);
        let mut level: Vec<BranchEntry> = Vec::new();
        let leaves: Vec<&[R]> = if records.is_empty() { vec![&[]] } else { records.chunks(most).collect() };
        for leaf in leaves {
            let child = self.new_page();
            self.write(child.offset, &encode_leaf(leaf, format, child));
            level.push(BranchEntry { key: leaf.first().map_or(0, Record::key), child });
        }
        let most = (room / format.branch_entry_size()).min(self.entries_per_page);
        let mut height = 0;
        while level.len() > 1 {
            height += 1;
            let mut above = Vec::new();
            for branches in level.chunks(most) {
                let child = self.new_page();
                self.write(child.offset, &encode_branch::<R>(branches, height, format, child));
                above.push(BranchEntry { key: branches[0].key, child });
            }
            level = above;
        }
        level[0].child
    }

    fn new_page(&mut self) -> PageRef {
        let size = self.format.page_size();
        let offset = self.allocate(size, size as u64);
        let id = self.next_page;
        self.next_page += 1;
        PageRef { id, offset }
    }

    /// Writes both B-trees, the maps and the header, and returns the sink.
    ///
    /// The file ends with a whole section. The density list stays zero, which means "none".
    pub fn finish(mut self) -> W {
        self.write_state();
        self.sink.flush().expect("the sink can flush");
        self.sink
    }

    /// Ends a state of the store and begins the next one in the same file, as a program does that writes on: what follows
    /// stands behind it under new ids. Nothing of the old state belongs to the new one, and its room is free, but its bytes
    /// stay. Returns its header, which leads to a whole store as long as it stands.
    pub fn supersede(&mut self) -> Vec<u8> {
        let header = self.write_state();
        self.bits.clear();
        self.sizes.clear();
        self.first_block = self.next_block;
        header
    }

    fn write_state(&mut self) -> Vec<u8> {
        let format = self.format;
        let mut nodes = std::mem::take(&mut self.nodes);
        nodes.sort_by_key(|entry| entry.nid);
        assert!(nodes.windows(2).all(|pair| pair[0].nid != pair[1].nid), "two nodes have one id");
        let node_tree = self.tree(&nodes);
        let blocks = std::mem::take(&mut self.blocks);
        let block_tree = self.tree(&blocks);

        let (first, step, unit) = (format.first_amap(), format.amap_step(), format.block_align());
        let sections = (self.next - first).div_ceil(step);
        let mut free = 0;
        for section in 0..sections {
            let start = first + section * step;
            let pages = self.map_pages(section);
            let size = (pages.len() * format.page_size()) as u64;
            self.mark(section, start, size);
            let bits = self.bits.remove(&section).unwrap_or_default();
            free += bits.iter().map(|byte| u64::from(byte.count_zeros())).sum::<u64>() * unit;
            for (kind, offset) in pages.into_iter().zip((start..).step_by(format.page_size())) {
                let page = if kind == PageType::AllocationMap {
                    maps::encode(&bits, format, offset)
                } else {
                    let mut page = vec![0xFF; format.page_data_size()];
                    page.resize(format.page_size(), 0);
                    page::seal(&mut page, format, kind, offset, offset);
                    page
                };
                self.write(offset, &page);
            }
        }
        let file_size = first + sections * step;
        if self.end < file_size {
            self.write(file_size - 1, &[0]);
        }
        let header = Header {
            format,
            client: self.client,
            client_version: if self.client == Client::Ost { 12 } else { 19 },
            platform: [1, 1],
            next_block: self.next_block,
            next_page: self.next_page,
            unique: self.next_version.max(1 << 20),
            node_counters: self.counters,
            root: Root {
                file_size,
                last_amap: first + (sections - 1) * step,
                amap_free: free,
                pmap_free: 0,
                node_tree,
                block_tree,
                amap_valid: 2,
            },
            crypt: self.claim.unwrap_or(self.crypt),
        };
        let header = header.encode();
        self.write(0, &header);
        header
    }
}
