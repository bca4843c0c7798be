//! Allocation map pages (MS-PST 2.2.2.7.2): which bytes of the file are in use.
//!
//! One page stands at every [`Format::amap_step`] from [`Format::first_amap`] on; each bit is one
//! [`Format::block_align`], most significant bit first, and the first bits are the page's own. Readers need none of it.

use crate::ndb::page::PageType;
use crate::ndb::{Database, Format, PageRef, page};
use crate::source::Bytes;
use crate::{Error, Result};

/// The allocation map page of one section of the file.
#[derive(Clone, Debug)]
pub struct AllocationMap<'a> {
    data: Bytes<'a>,
    offset: u64,
    format: Format,
}

impl AllocationMap<'_> {
    /// File offset of the page, which is the first byte it accounts for.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn bits(&self) -> &[u8] {
        let start = self.format.amap_bits_offset();
        let size = self.format.amap_bits_size();
        self.data.get(start..).and_then(|bits| bits.get(..size)).unwrap_or_default()
    }

    /// Whether the byte at a file offset is in use; `None` outside this section.
    pub fn is_allocated(&self, offset: u64) -> Option<bool> {
        let bit = offset.checked_sub(self.offset)?.checked_div(self.format.block_align())?;
        let byte = self.bits().get(usize::try_from(bit >> 3).ok()?)?;
        Some(byte & (0x80 >> (bit & 7)) != 0)
    }

    /// Bytes of this section that are not in use.
    pub fn free_bytes(&self) -> u64 {
        let free: u64 = self.bits().iter().map(|byte| u64::from(byte.count_zeros())).sum();
        free.saturating_mul(self.format.block_align())
    }
}

/// Encodes the allocation map page at `offset` from its bits.
pub fn encode(bits: &[u8], format: Format, offset: u64) -> Vec<u8> {
    let mut data = vec![0; format.amap_bits_offset()];
    data.extend(bits.iter().take(format.amap_bits_size()));
    data.resize(format.page_size(), 0);
    page::seal(&mut data, format, PageType::AllocationMap, offset, offset);
    data
}

/// All allocation map pages in file order; one error per bad page, and the walk goes on.
#[derive(Debug)]
pub struct AllocationMaps<'a> {
    database: &'a Database,
    next: u64,
}

impl<'a> AllocationMaps<'a> {
    pub(crate) fn new(database: &'a Database) -> Self {
        Self { database, next: database.format().first_amap() }
    }
}

impl<'a> Iterator for AllocationMaps<'a> {
    type Item = Result<AllocationMap<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let format = self.database.format();
        let offset = self.next;
        if offset >= self.database.len() {
            return None;
        }
        self.next = offset.checked_add(format.amap_step())?;
        let data = self.database.page(PageType::AllocationMap, PageRef { id: offset, offset });
        Some(data.map(|data| AllocationMap { data, offset, format }).map_err(|error: Error| error.at(offset)))
    }
}
