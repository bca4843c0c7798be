//! BTree-on-Heap (MS-PST 2.3.2): sorted records of one size in the items of a heap.
//!
//! ```text
//! BTHHEADER  bType 0xB5, cbKey, cbEnt, bIdxLevels, hidRoot
//! index item | key hid | key hid | ...      bIdxLevels of them above the leaves
//! leaf item  | key data | key data | ...
//! ```
//!
//! **Some writers leave leaves unsorted**, so a key that a binary search misses is looked for in order before it counts
//! as absent.

use std::fmt;
use std::sync::OnceLock;

use crate::ltp::heap::{Heap, HeapBuilder, Hid};
use crate::source::Bytes;
use crate::{Error, Result, bytes};

const HEADER: &str = "BTHHEADER";
const TYPE: u8 = 0xB5;
/// More levels than a heap of any size needs.
const MAX_LEVELS: u8 = 8;

/// The root of a BTree-on-Heap. The heap it lives in is given to each call.
#[derive(Debug)]
pub struct Bth {
    key_size: usize,
    data_size: usize,
    levels: u8,
    root: Hid,
    sorted: OnceLock<bool>,
}

/// One record of a [`Bth`]: key and data.
#[derive(Clone)]
pub struct BthRecord<'a> {
    bytes: Bytes<'a>,
    key_size: usize,
}

impl<'a> BthRecord<'a> {
    /// The key as stored.
    pub fn key(&self) -> &[u8] {
        self.bytes.get(..self.key_size).unwrap_or_default()
    }

    /// The low 64 bits of the key.
    pub fn key_number(&self) -> u64 {
        little_endian(self.key())
    }

    /// The data behind the key.
    pub fn data(&self) -> Bytes<'a> {
        self.bytes.part(self.key_size..self.bytes.len()).unwrap_or_else(Bytes::empty)
    }
}

impl fmt::Debug for BthRecord<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BthRecord({:#x})", self.key_number())
    }
}

#[inline]
fn little_endian(bytes: &[u8]) -> u64 {
    match bytes.len() {
        2 => bytes::u16(bytes, 0).map_or(0, u64::from),
        4 => bytes::u32(bytes, 0).map_or(0, u64::from),
        _ => bytes::u64(bytes, 0).unwrap_or(0),
    }
}

impl Bth {
    /// Reads the BTHHEADER at `header`.
    ///
    /// # Errors
    /// `Corrupt` if type, key size (2, 4, 8, 16), data size (1 to 32) or depth (at most 8) is impossible.
    pub fn open(heap: &Heap, header: Hid) -> Result<Self> {
        let item = heap.item(header)?;
        let wrong = |field, actual: u8, expected: &str| heap.place(Error::corrupt(HEADER, field, actual, expected), 0);
        let fields =
            bytes::array::<8>(&item, 0).ok_or_else(|| heap.place(Error::truncated(HEADER, item.len(), 8), 0))?;
        let [kind, key_size, data_size, levels, a, b, c, d] = fields;
        if kind != TYPE {
            return Err(wrong("bType", kind, "181 (0xb5)"));
        }
        if !matches!(key_size, 2 | 4 | 8 | 16) {
            return Err(wrong("cbKey", key_size, "2, 4, 8 or 16"));
        }
        if !matches!(data_size, 1..=32) {
            return Err(wrong("cbEnt", data_size, "1 to 32"));
        }
        if levels > MAX_LEVELS {
            return Err(wrong("bIdxLevels", levels, "at most 8"));
        }
        Ok(Self {
            key_size: usize::from(key_size),
            data_size: usize::from(data_size),
            levels,
            root: Hid::new(u32::from_le_bytes([a, b, c, d])),
            sorted: OnceLock::new(),
        })
    }

    /// Bytes of a key.
    pub fn key_size(&self) -> usize {
        self.key_size
    }

    /// Bytes of the data behind a key.
    pub fn data_size(&self) -> usize {
        self.data_size
    }

    /// Index levels above the leaves.
    pub fn levels(&self) -> u8 {
        self.levels
    }

    /// True if there is no record.
    pub fn is_empty(&self) -> bool {
        self.root.is_none()
    }

    fn record_size(&self) -> usize {
        self.key_size.saturating_add(self.data_size)
    }

    fn index_size(&self) -> usize {
        self.key_size.saturating_add(4)
    }

    /// The number of records in `item` whose key is at most `key`.
    #[inline]
    fn upper_bound(&self, item: &[u8], stride: usize, key: u64) -> usize {
        let (mut low, mut high) = (0, item.len().checked_div(stride).unwrap_or(0));
        while low < high {
            let middle = low.midpoint(high);
            let at = middle.saturating_mul(stride);
            match bytes::slice(item, at, self.key_size) {
                Some(found) if little_endian(found) <= key => low = middle.saturating_add(1),
                _ => high = middle,
            }
        }
        low
    }

    /// The record with this key, if there is one. Keys of 16 bytes cannot be looked up by number.
    ///
    /// # Errors
    /// Those of the heap items on the way.
    pub fn find<'h>(&self, heap: &'h Heap, key: u64) -> Result<Option<BthRecord<'h>>> {
        if self.root.is_none() || self.key_size > 8 {
            return Ok(None);
        }
        let mut item = heap.item(self.root)?;
        let mut level = self.levels;
        let found = loop {
            let stride = if level == 0 { self.record_size() } else { self.index_size() };
            let Some(index) = self.upper_bound(&item, stride, key).checked_sub(1) else { break None };
            let at = index.saturating_mul(stride);
            if level == 0 {
                let record = item.part(at..at.saturating_add(stride));
                break record
                    .map(|bytes| BthRecord { bytes, key_size: self.key_size })
                    .filter(|r| r.key_number() == key);
            }
            let Some(child) = bytes::u32(&item, at.saturating_add(self.key_size)) else { break None };
            item = heap.item(Hid::new(child))?;
            level = level.saturating_sub(1);
        };
        if found.is_some() || self.is_sorted(heap) {
            return Ok(found);
        }
        for record in self.records(heap) {
            let record = record?;
            if record.key_number() == key {
                return Ok(Some(record));
            }
        }
        Ok(None)
    }

    /// True if all keys ascend.
    fn is_sorted(&self, heap: &Heap) -> bool {
        *self.sorted.get_or_init(|| {
            let mut before = None;
            self.records(heap).filter_map(Result::ok).all(|record| {
                let key = record.key_number();
                before.replace(key).is_none_or(|before| before < key)
            })
        })
    }

    /// All records in stored order; one error per bad item, and the walk goes on.
    pub fn records<'h>(&self, heap: &'h Heap) -> BthRecords<'h> {
        // A heap cannot hold more records than its bytes, whatever its index says.
        let stride = u64::try_from(self.record_size().min(self.index_size())).unwrap_or(1);
        // Keys are distinct besides, so that 2-byte keys end at 65,536.
        let keys = u32::try_from(self.key_size).ok().and_then(|size| 1u64.checked_shl(size.saturating_mul(8)));
        let budget = heap.size().checked_div(stride).unwrap_or(0).min(keys.unwrap_or(u64::MAX));
        BthRecords {
            heap,
            key_size: self.key_size,
            record_size: self.record_size(),
            path: Vec::new(),
            root: (!self.root.is_none()).then_some((self.root, self.levels)),
            budget,
        }
    }
}

/// Iterator over the records of a [`Bth`].
pub struct BthRecords<'h> {
    heap: &'h Heap,
    key_size: usize,
    record_size: usize,
    /// Items from the root down: bytes, level, offset of the next entry.
    path: Vec<(Bytes<'h>, u8, usize)>,
    root: Option<(Hid, u8)>,
    budget: u64,
}

impl<'h> BthRecords<'h> {
    fn descend(&mut self, hid: Hid, level: u8) -> Result<()> {
        let item = self.heap.item(hid)?;
        let stride = if level == 0 { self.record_size } else { self.key_size.saturating_add(4) };
        let spare = item.len().checked_rem(stride).unwrap_or(0);
        self.path.push((item, level, 0));
        if spare != 0 && level != 0 {
            let expected = format_args!("a multiple of {stride}");
            return Err(self.heap.place(Error::corrupt("BTH index", "length", spare, expected), 0));
        }
        Ok(())
    }
}

impl<'h> Iterator for BthRecords<'h> {
    type Item = Result<BthRecord<'h>>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some((hid, level)) = self.root.take()
            && let Err(error) = self.descend(hid, level)
        {
            return Some(Err(error));
        }
        loop {
            let (item, level, at) = self.path.last_mut()?;
            let stride = if *level == 0 { self.record_size } else { self.key_size.saturating_add(4) };
            let end = at.saturating_add(stride);
            // A tail shorter than a record is not a record.
            let Some(bytes) = item.part(*at..end) else {
                self.path.pop();
                continue;
            };
            *at = end;
            let level = *level;
            let Some(budget) = self.budget.checked_sub(1) else {
                self.path.clear();
                let text = "its index leads to more records than the heap has room for";
                return Some(Err(self.heap.place(Error::text(crate::ErrorKind::Corrupt, "BTH", text), 0)));
            };
            self.budget = budget;
            let Some(below) = level.checked_sub(1) else {
                return Some(Ok(BthRecord { bytes, key_size: self.key_size }));
            };
            let child = Hid::new(bytes::u32(&bytes, self.key_size).unwrap_or(0));
            if let Err(error) = self.descend(child, below) {
                return Some(Err(error));
            }
        }
    }
}

impl fmt::Debug for BthRecords<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BthRecords").field("depth", &self.path.len()).finish_non_exhaustive()
    }
}

/// Builds a BTree-on-Heap record by record: the encoder beside the decoder above.
///
/// Leaves go into the heap as soon as they are full, so that memory holds one record per leaf.
#[derive(Debug)]
pub struct BthBuilder {
    key_size: u8,
    data_size: u8,
    leaf_size: usize,
    /// Records of the last leaf.
    leaf: Vec<u8>,
    /// First key and place of each full leaf.
    leaves: Vec<(Vec<u8>, Hid)>,
}

impl BthBuilder {
    /// An empty tree. `leaf_size` bounds the bytes of an item; [`HeapBuilder::MAX_ITEM`] fills items, less makes more
    /// levels.
    pub fn new(key_size: u8, data_size: u8, leaf_size: usize) -> Self {
        Self { key_size, data_size, leaf_size, leaf: Vec::new(), leaves: Vec::new() }
    }

    pub(crate) fn leaf_size(&self) -> usize {
        self.leaf_size
    }

    /// The place of a leaf that is full or was flushed.
    pub(crate) fn leaf(&self, number: usize) -> Option<Hid> {
        self.leaves.get(number).map(|(_, hid)| *hid)
    }

    /// Puts the last leaf into the heap. Nothing is added after it.
    pub(crate) fn flush(&mut self, heap: &mut HeapBuilder) {
        if let Some(key) = self.leaf.get(..usize::from(self.key_size)).map(<[u8]>::to_vec) {
            self.leaves.push((key, heap.push(&self.leaf)));
            self.leaf.clear();
        }
    }

    /// Adds a record, key and data. Keys must ascend.
    pub fn push(&mut self, heap: &mut HeapBuilder, record: &[u8]) {
        let stride = usize::from(self.key_size).saturating_add(usize::from(self.data_size));
        let most = self.leaf_size.checked_div(stride).unwrap_or(1).max(1).saturating_mul(stride);
        if self.leaf.len() >= most {
            self.flush(heap);
        }
        self.leaf.extend_from_slice(record);
    }

    /// Ends the tree and returns the id of its header.
    pub fn finish(mut self, heap: &mut HeapBuilder) -> Hid {
        self.flush(heap);
        let mut levels = 0u8;
        let mut level = self.leaves;
        let per_item = self.leaf_size.checked_div(usize::from(self.key_size).saturating_add(4)).unwrap_or(1).max(2);
        while level.len() > 1 {
            levels = levels.saturating_add(1);
            level = level
                .chunks(per_item)
                .map(|chunk| {
                    let key = chunk.first().map(|(key, _)| key.clone()).unwrap_or_default();
                    let mut item = Vec::new();
                    for (key, hid) in chunk {
                        item.extend_from_slice(key);
                        item.extend_from_slice(&hid.raw().to_le_bytes());
                    }
                    (key, heap.push(item))
                })
                .collect();
        }
        let root = level.first().map_or(Hid::NONE, |(_, hid)| *hid);
        let mut header = vec![TYPE, self.key_size, self.data_size, levels];
        header.extend_from_slice(&root.raw().to_le_bytes());
        heap.push(header)
    }
}

/// Encodes a BTree-on-Heap from its records, key and data, in ascending order, and returns the id of its header.
///
/// `leaf_size` as in [`BthBuilder::new`].
pub fn encode(heap: &mut HeapBuilder, key_size: u8, data_size: u8, records: &[Vec<u8>], leaf_size: usize) -> Hid {
    let mut tree = BthBuilder::new(key_size, data_size, leaf_size);
    records.iter().for_each(|record| tree.push(heap, record));
    tree.finish(heap)
}
