//! Heap-on-Node: HNHDR, HNPAGEHDR, HNBITMAPHDR, HNPAGEMAP and HID (MS-PST 2.3.1).
//!
//! ```text
//! block 0          | ibHnpm bSig bClientSig hidUserRoot rgbFillLevel[4] | items | page map |
//! block 8 + 128 n  | ibHnpm rgbFillLevel[64]                            | items | page map |
//! other blocks     | ibHnpm                                             | items | page map |
//! page map         | cAlloc cFree rgibAlloc[cAlloc + 1] |
//! ```
//!
//! **The page map is not at the end of a block**: all blocks but the last are padded to their full size, so `ibHnpm`
//! alone says where it is. Items of length 0 are normal: freed ones keep their place.

use std::fmt;

use crate::ndb::{CryptMethod, DataTree, Format, Node};
use crate::source::Bytes;
use crate::{Error, Result, bytes};

const SIGNATURE: u8 = 0xEC;

/// Heap item id (MS-PST 2.3.1.1): a 1-based item index and a block index. Zero means "no item".
///
/// **The split differs**: 11 and 16 bits in ANSI and Unicode files, 14 and 13 in 4K files.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hid(u32);

impl Hid {
    /// No item.
    pub const NONE: Self = Self(0);

    /// From the number in the file.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// From the 1-based index of an item and the index of its block.
    pub const fn from_parts(index: u32, block: u32, format: Format) -> Self {
        Self((index << 5) | block.wrapping_shl(format.hid_index_bits().wrapping_add(5)))
    }

    /// The number in the file.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// True for "no item".
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// The 1-based index of the item in its block.
    fn index(self, format: Format) -> usize {
        let mask = 1u32.wrapping_shl(format.hid_index_bits()).wrapping_sub(1);
        usize::try_from((self.0 >> 5) & mask).unwrap_or(0)
    }

    /// The index of the block.
    fn block(self, format: Format) -> usize {
        usize::try_from(self.0.wrapping_shr(format.hid_index_bits().wrapping_add(5))).unwrap_or(0)
    }
}

impl fmt::Display for Hid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for Hid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hid({:#x})", self.0)
    }
}

/// Bytes of the header of block `index` of a heap.
const fn header_size(index: usize) -> usize {
    match index {
        0 => 12,
        // Fill levels of the next 128 blocks.
        _ if index.wrapping_rem(128) == 8 => 66,
        _ => 2,
    }
}

/// An open heap: items of a node's data, addressed by [`Hid`].
pub struct Heap {
    node: Node,
    tree: DataTree,
    format: Format,
    client: u8,
    root: Hid,
}

impl Heap {
    /// bClientSig of a table context.
    pub const TABLE: u8 = 0x7C;
    /// bClientSig of a property context.
    pub const PROPERTIES: u8 = 0xBC;
    /// bClientSig of a bare BTH.
    pub const BTH: u8 = 0xB5;

    /// Opens the heap in a node's data. Only its first block is read.
    ///
    /// # Errors
    /// `NotFound` if the node has no data, `Corrupt` if the data is no heap, those of the block.
    pub fn open(node: &Node) -> Result<Self> {
        Self::open_inner(node.clone()).map_err(|error| error.in_node(node.top_id()))
    }

    fn open_inner(node: Node) -> Result<Self> {
        const STRUCTURE: &str = "HNHDR";
        let tree = node.data()?;
        if tree.block_count() == 0 {
            return Err(Error::not_found("heap", "the node has no data"));
        }
        let format = tree.database().format();
        let (signature, client, root) = {
            let block = tree.block(0)?;
            let header = bytes::array::<8>(&block, 0)
                .ok_or_else(|| at_block(Error::truncated(STRUCTURE, block.len(), 12), &tree, 0))?;
            let [_, _, signature, client, a, b, c, d] = header;
            (signature, client, u32::from_le_bytes([a, b, c, d]))
        };
        if signature != SIGNATURE {
            // Files of ExMerge origin say "none" while some of their blocks are permuted. Below a permuted heap there
            // may be plain ones again.
            if tree.database().header().crypt == CryptMethod::None
                && let Some(bid) = tree.block_id(0)
            {
                let mut stored = [signature];
                tree.crypt().encode_in_place(bid, &mut stored);
                let [stored] = stored;
                let other = if tree.crypt() == CryptMethod::None { CryptMethod::Permute } else { CryptMethod::None };
                if other.decode_byte(bid, 2, stored) == SIGNATURE {
                    return Self::open_inner(node.with_crypt(other));
                }
            }
            let (actual, expected) = (format!("{signature:#04x}"), format!("{SIGNATURE:#04x}"));
            return Err(at_block(Error::corrupt(STRUCTURE, "bSig", actual, expected), &tree, 0));
        }
        Ok(Self { node, format, client, root: Hid::new(root), tree })
    }

    /// Opens the heap and checks what it is used for.
    pub(crate) fn open_as(node: &Node, client: u8) -> Result<Self> {
        let heap = Self::open(node)?;
        if heap.client == client {
            return Ok(heap);
        }
        let (actual, expected) = (format!("{:#04x}", heap.client), format!("{client:#04x}"));
        Err(heap.place(Error::field(crate::ErrorKind::WrongType, "HNHDR", "bClientSig", actual, expected), 0))
    }

    /// `bClientSig`: what the heap is used for. Known are 0x7C, 0xBC, 0xB5 and some that nobody documented.
    pub fn client(&self) -> u8 {
        self.client
    }

    /// `hidUserRoot`: where the user of the heap begins. **Not always 0x20.**
    pub fn root(&self) -> Hid {
        self.root
    }

    /// The node the heap is in.
    pub fn node(&self) -> &Node {
        &self.node
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Bytes of all blocks: a bound for everything inside.
    pub(crate) fn size(&self) -> u64 {
        self.tree.len()
    }

    /// The number of blocks.
    pub fn block_count(&self) -> usize {
        self.tree.block_count()
    }

    /// Adds the place of a block to an error.
    pub(crate) fn place(&self, error: Error, block: usize) -> Error {
        at_block(error, &self.tree, block).in_node(self.node.top_id())
    }

    /// The bytes of an item; none for [`Hid::NONE`].
    ///
    /// # Errors
    /// `Corrupt` if the id or the page map it leads to is impossible; those of the block.
    pub fn item(&self, hid: Hid) -> Result<Bytes<'_>> {
        if hid.is_none() {
            return Ok(Bytes::empty());
        }
        let block = hid.block(self.format);
        self.find(hid, block).map_err(|error| self.place(error, block))
    }

    fn find(&self, hid: Hid, number: usize) -> Result<Bytes<'_>> {
        if hid.raw() & 0x1F != 0 {
            return Err(Error::corrupt("HID", "hidType", hid.raw() & 0x1F, 0));
        }
        if number >= self.tree.block_count() {
            let expected = format_args!("less than {}", self.tree.block_count());
            return Err(Error::corrupt("HID", "hidBlockIndex", format_args!("{number} in {hid}"), expected));
        }
        let block = self.tree.block(number)?;
        let range = PageMap::open(&block, number)?.range(hid, hid.index(self.format))?;
        block.part(range).ok_or_else(|| Error::truncated("heap block", block.len(), header_size(number)))
    }

    /// All items of a block in order, freed ones as empty.
    ///
    /// # Errors
    /// As [`item`](Self::item).
    pub fn items(&self, number: usize) -> Result<Vec<Bytes<'_>>> {
        let items = || -> Result<Vec<Bytes<'_>>> {
            let block = self.tree.block(number)?;
            let map = PageMap::open(&block, number)?;
            (1..=map.count)
                .map(|index| {
                    let range = map.range(Hid::NONE, index)?;
                    block.part(range).ok_or_else(|| Error::truncated("heap block", block.len(), header_size(number)))
                })
                .collect()
        };
        items().map_err(|error| self.place(error, number))
    }
}

impl fmt::Debug for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Heap")
            .field("node", &self.node.id())
            .field("client", &self.client)
            .field("blocks", &self.tree.block_count())
            .finish_non_exhaustive()
    }
}

fn at_block(error: Error, tree: &DataTree, block: usize) -> Error {
    let error = match tree.offset_of(block) {
        Some(offset) => error.at(offset),
        None => error,
    };
    match tree.block_id(block) {
        Some(bid) => error.in_block(bid),
        None => error,
    }
}

/// HNPAGEMAP of one block (MS-PST 2.3.1.5).
struct PageMap<'a> {
    block: &'a [u8],
    start: usize,
    first: usize,
    count: usize,
}

impl<'a> PageMap<'a> {
    const STRUCTURE: &'static str = "HNPAGEMAP";

    #[inline]
    fn open(block: &'a [u8], number: usize) -> Result<Self> {
        let first = header_size(number);
        let start =
            usize::from(bytes::u16(block, 0).ok_or_else(|| Error::truncated("heap block", block.len(), first))?);
        if start < first || start >= block.len() {
            let expected = format_args!("{first} to {}", block.len());
            return Err(Error::corrupt("heap block", "ibHnpm", start, expected));
        }
        let count = usize::from(
            bytes::u16(block, start)
                .ok_or_else(|| Error::truncated(Self::STRUCTURE, block.len().saturating_sub(start), 4))?,
        );
        Ok(Self { block, start, first, count })
    }

    #[inline]
    fn range(&self, hid: Hid, index: usize) -> Result<std::ops::Range<usize>> {
        if index == 0 || index > self.count {
            let actual = format_args!("{index} in {hid}");
            return Err(Error::corrupt("HID", "hidIndex", actual, format_args!("1 to {}", self.count)));
        }
        let at = self.start.saturating_add(2).saturating_add(index.saturating_mul(2));
        let both = bytes::array::<4>(self.block, at)
            .ok_or_else(|| Error::truncated(Self::STRUCTURE, self.block.len().saturating_sub(self.start), at))?;
        let [a, b, c, d] = both;
        let (from, to) = (usize::from(u16::from_le_bytes([a, b])), usize::from(u16::from_le_bytes([c, d])));
        if from < self.first || to < from || to > self.start {
            let actual = format_args!("{from}..{to}");
            let expected = format_args!("an ascending range inside {}..{}", self.first, self.start);
            return Err(Error::corrupt(Self::STRUCTURE, "rgibAlloc", actual, expected));
        }
        Ok(from..to)
    }
}

/// A block of a heap with its number, for blocks that do not come in order.
pub type NumberedBlock = (usize, Vec<u8>);

/// What the heaps of most items need.
const FIRST_ROOM: usize = 4096;

/// Builds the blocks of a heap: the encoder beside the decoder above.
///
/// Items are packed in the order they come; an item never crosses a block. A block that is full is complete but for the
/// fill levels that a few blocks hold, so that a heap of any size can be written while it grows: see
/// [`take_full`](Self::take_full).
#[derive(Debug)]
pub struct HeapBuilder {
    format: Format,
    /// Header and items of the last block.
    block: Vec<u8>,
    /// Where each of its items begins.
    starts: Vec<u16>,
    /// Its items without bytes.
    empty: u16,
    /// The number of the last block.
    number: usize,
    /// The full blocks before it that were not taken.
    full: Vec<NumberedBlock>,
    /// The fill level of each full block.
    levels: Vec<u8>,
}

impl HeapBuilder {
    /// The largest item a writer may make (MS-PST 2.6.2.1.2). Readers accept more.
    pub const MAX_ITEM: usize = 3580;

    /// An empty heap.
    pub fn new(format: Format) -> Self {
        let mut heap = Self {
            format,
            block: Vec::with_capacity(FIRST_ROOM),
            starts: Vec::new(),
            empty: 0,
            number: 0,
            full: Vec::new(),
            levels: Vec::new(),
        };
        heap.block.resize(header_size(0), 0);
        heap
    }

    /// Bytes the last block takes with one more item of `extra` bytes.
    fn used(&self, extra: usize) -> usize {
        let count = self.starts.len().saturating_add(1);
        self.block
            .len()
            .saturating_add(extra)
            .saturating_add(1)
            .saturating_add(6)
            .saturating_add(count.saturating_mul(2))
    }

    /// True if the heap has as many blocks as an item's id can name; a further item may have no id of its own.
    pub fn is_full(&self) -> bool {
        let most = 1usize.wrapping_shl(u32::BITS.saturating_sub(self.format.hid_index_bits()).saturating_sub(5));
        self.number.saturating_add(1) >= most
    }

    /// Adds an item and returns its id.
    pub fn push(&mut self, item: impl AsRef<[u8]>) -> Hid {
        let item = item.as_ref();
        let most_items = 1usize.wrapping_shl(self.format.hid_index_bits()).saturating_sub(1);
        if self.starts.len() >= most_items || self.used(item.len()) > self.format.max_block_data() {
            self.seal(true);
        }
        self.starts.push(u16::try_from(self.block.len()).unwrap_or(u16::MAX));
        self.block.extend_from_slice(item);
        self.empty = self.empty.saturating_add(u16::from(item.is_empty()));
        let parts = (u32::try_from(self.starts.len()), u32::try_from(self.number));
        let (Ok(index), Ok(block)) = parts else { return Hid::NONE };
        Hid::from_parts(index, block, self.format)
    }

    /// Completes the last block and begins another.
    fn seal(&mut self, padded: bool) {
        let size = self.format.max_block_data();
        // The byte and the two of an item more that `used` counts are the same in every block.
        self.levels.push(fill_level(size, self.used(0)));
        let word = |number: usize| u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes();
        let next = self.number.saturating_add(1);
        let mut block = std::mem::replace(&mut self.block, vec![0; header_size(next)]);
        let starts = std::mem::take(&mut self.starts);
        let end = word(block.len());
        if block.len() & 1 == 1 {
            block.push(0);
        }
        let map = word(block.len());
        if let Some(place) = block.get_mut(..2) {
            place.copy_from_slice(&map);
        }
        block.extend_from_slice(&word(starts.len()));
        block.extend_from_slice(&std::mem::take(&mut self.empty).to_le_bytes());
        starts.iter().for_each(|start| block.extend_from_slice(&start.to_le_bytes()));
        block.extend_from_slice(&end);
        if padded {
            block.resize(size, 0);
        }
        self.full.push((self.number, block));
        self.number = next;
    }

    /// Overwrites bytes of an item that is in no block taken before. False if there are no such bytes.
    pub fn patch(&mut self, item: Hid, at: usize, bytes: &[u8]) -> bool {
        let (number, index) = (item.block(self.format), item.index(self.format));
        let place = if number == self.number {
            let start = index.checked_sub(1).and_then(|index| self.starts.get(index));
            start.map(|start| (usize::from(*start), &mut self.block))
        } else {
            let block = self.full.iter_mut().find(|(full, _)| *full == number);
            block.and_then(|(_, block)| {
                let range = PageMap::open(block, number).ok()?.range(item, index).ok()?;
                Some((range.start, block))
            })
        };
        let Some((start, block)) = place else { return false };
        let from = start.saturating_add(at);
        match block.get_mut(from..from.saturating_add(bytes.len())) {
            Some(place) => {
                place.copy_from_slice(bytes);
                true
            }
            None => false,
        }
    }

    /// Takes the blocks that are full and will not change any more, each with its number. Those that hold fill levels
    /// (MS-PST 2.3.1.2: 0, 8, and every 128 from there) stay to the end.
    pub fn take_full(&mut self) -> Vec<NumberedBlock> {
        let (taken, kept) =
            std::mem::take(&mut self.full).into_iter().partition(|(number, _)| header_size(*number) == 2);
        self.full = kept;
        taken
    }

    /// The data of each block. All but the last are padded to their full size.
    pub fn finish(self, client: u8, root: Hid) -> Vec<Vec<u8>> {
        self.finish_rest(client, root).into_iter().map(|(_, block)| block).collect()
    }

    /// The blocks that [`take_full`](Self::take_full) did not take, each with its number.
    pub fn finish_rest(mut self, client: u8, root: Hid) -> Vec<NumberedBlock> {
        self.seal(false);
        let levels = &self.levels;
        for (number, block) in &mut self.full {
            let number = *number;
            if number == 0 {
                let mut header = vec![SIGNATURE, client];
                header.extend_from_slice(&root.raw().to_le_bytes());
                header.extend(pack_levels(levels.get(..8.min(levels.len())).unwrap_or_default(), 4));
                block.splice(2..12, header);
            } else if header_size(number) == 66 {
                let end = number.saturating_add(128).min(levels.len());
                block.splice(2..66, pack_levels(levels.get(number..end).unwrap_or_default(), 64));
            }
        }
        self.full
    }

    /// Bytes of all blocks as they would be now, those taken included.
    pub fn size(&self) -> usize {
        let full = self.number.saturating_mul(self.format.max_block_data());
        let odd = self.block.len() & 1;
        let map = self.starts.len().saturating_add(1).saturating_mul(2).saturating_add(4);
        full.saturating_add(self.block.len()).saturating_add(odd).saturating_add(map)
    }

    /// The layout the heap is built for.
    pub fn format(&self) -> Format {
        self.format
    }
}

/// The fill level of MS-PST 2.3.1.2: 0 is almost empty, 15 full.
fn fill_level(capacity: usize, used: usize) -> u8 {
    const FREE_AT_LEAST: [usize; 15] = [3584, 2560, 2048, 1792, 1536, 1280, 1024, 768, 512, 256, 128, 64, 32, 16, 8];
    let free = capacity.saturating_sub(used);
    let level = FREE_AT_LEAST.iter().position(|least| free >= *least).unwrap_or(15);
    u8::try_from(level).unwrap_or(15)
}

fn pack_levels(levels: &[u8], size: usize) -> Vec<u8> {
    let mut out: Vec<u8> =
        levels.chunks(2).map(|pair| pair.first().unwrap_or(&0) | (pair.get(1).unwrap_or(&0) << 4)).collect();
    out.resize(size, 0);
    out
}
