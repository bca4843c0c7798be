//! The sections of a file: map pages at their places, and room for blocks and pages between them (MS-PST 2.6.1.1).
//!
//! ```text
//! 0        header        0x4200  density list
//! 0x4400   AMap [PMap] [FMap | FPMap]  blocks and pages, never across ...
//!   + step AMap ...                                                     ... the next AMap
//! ```
//!
//! The writer allocates upward and never reuses room, so that a section is complete when it is full. Complete ones wait
//! until some can be written in one piece that ends where a page of memory does: a cache pays for each page that pieces
//! share, and sections begin in the middle of one.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "offsets are the writer's own and far below 2^63; sizes are those of blocks and pages"
)]

use crate::ndb::page::{self, PageType};
use crate::ndb::{Format, maps};
use crate::write::Target;
use crate::{Error, Result};

/// Bytes that are written in one piece, about.
const PIECE: usize = 1 << 20;

/// A page of memory, where pieces end.
const MEMORY_PAGE: u64 = 4096;

/// Entries of a density list (MS-PST 2.2.2.7.4.2).
const DENSITY_ENTRIES: usize = 119;

/// The map pages at the start of a section (MS-PST 1.3.2.4 to 1.3.2.8), in order.
///
/// FMap and FPMap never meet in one section, so that either of them follows the PMap.
fn map_pages(format: Format, section: u64) -> impl Iterator<Item = PageType> + Clone {
    let page_map = section.is_multiple_of(8);
    let free_map = section >= 128 && (section - 128).is_multiple_of(496);
    // An ANSI file ends before there would be one.
    let free_page_map = !format.is_ansi() && section >= 8192 && (section - 8192).is_multiple_of(31_744);
    [
        (PageType::AllocationMap, true),
        (PageType::PageMap, page_map),
        (PageType::FreeMap, free_map),
        (PageType::FreePageMap, free_page_map),
    ]
    .into_iter()
    .filter_map(|(kind, is_there)| is_there.then_some(kind))
}

/// Room in the sections, and the one that is being filled.
#[derive(Debug)]
pub(super) struct Sections<T> {
    target: T,
    format: Format,
    /// What is not written yet: ends where the section being filled does so far.
    buffer: Vec<u8>,
    /// Where the buffer belongs in the file.
    base: u64,
    /// The section being filled.
    number: u64,
    /// Its allocation map.
    bits: Vec<u8>,
    /// Units in use of each section before it: all of them stand at its start until the B-trees are written.
    filled: Vec<u16>,
    /// Bytes free in the sections written.
    free: u64,
    /// Sections written that have most free units: units and number.
    emptiest: Vec<(u16, u64)>,
    /// The file must not become longer.
    limit: u64,
    /// It would have, or the target failed.
    broken: bool,
}

/// What a finished set of sections amounts to.
pub(super) struct Extent {
    pub(super) file_size: u64,
    pub(super) last_amap: u64,
    pub(super) free: u64,
    /// Sections with free units, emptiest first.
    pub(super) emptiest: Vec<(u16, u64)>,
}

impl<T: Target> Sections<T> {
    pub(super) fn new(target: T, format: Format, limit: u64) -> Self {
        let mut sections = Self {
            target,
            format,
            buffer: Vec::new(),
            base: format.first_amap(),
            number: 0,
            bits: Vec::new(),
            filled: Vec::new(),
            free: 0,
            emptiest: Vec::new(),
            limit,
            broken: false,
        };
        sections.begin(0);
        sections
    }

    fn start(&self, section: u64) -> u64 {
        self.format.first_amap() + section * self.format.amap_step()
    }

    fn begin(&mut self, section: u64) {
        let format = self.format;
        self.number = section;
        self.bits.clear();
        self.bits.resize(format.amap_bits_size(), 0);
        let start = self.buffer.len();
        for kind in map_pages(format, section) {
            let offset = self.position();
            let mut page = vec![0xFF; format.page_data_size()];
            page.resize(format.page_size(), 0);
            // The allocation map is made when the section is full.
            if kind != PageType::AllocationMap {
                page::seal(&mut page, format, kind, offset, offset);
            }
            self.buffer.extend_from_slice(&page);
        }
        self.mark(0, (self.buffer.len() - start) as u64, true);
    }

    fn mark(&mut self, from: u64, size: u64, in_use: bool) {
        let unit = self.format.block_align();
        for bit in from / unit..(from + size).div_ceil(unit) {
            if let Some(byte) = usize::try_from(bit >> 3).ok().and_then(|at| self.bits.get_mut(at)) {
                let mask = 0x80 >> (bit & 7);
                *byte = if in_use { *byte | mask } else { *byte & !mask };
            }
        }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// Bytes a file of what is here now would have, B-trees aside.
    pub(super) fn position(&self) -> u64 {
        self.base + self.buffer.len() as u64
    }

    /// Takes room for a block or page and returns its offset and the buffer, to which the caller appends exactly `size`
    /// bytes.
    pub(super) fn append(&mut self, size: usize, align: u64) -> Result<(u64, &mut Vec<u8>)> {
        // Sections begin on a page, so that what is aligned in the file is aligned in them.
        let mut at = self.position().next_multiple_of(align);
        if at + size as u64 > self.start(self.number + 1) {
            let next = self.number + 1;
            let end = self.start(next + 1);
            if end > self.limit {
                self.broken = true;
                return Err(Error::limit("file", "size", end, self.limit));
            }
            self.complete(PIECE)?;
            self.begin(next);
            at = self.position();
        }
        self.mark(at - self.start(self.number), size as u64, true);
        self.pad(at);
        Ok((at, &mut self.buffer))
    }

    /// Writes zeros up to an offset.
    fn pad(&mut self, offset: u64) {
        self.buffer.resize(usize::try_from(offset - self.base).unwrap_or(usize::MAX), 0);
    }

    /// Replaces a page of a section that is complete, in the buffer or in the file.
    fn replace(&mut self, offset: u64, page: &[u8]) -> Result<()> {
        let at = offset.checked_sub(self.base).and_then(|at| usize::try_from(at).ok());
        match at.map(|at| self.buffer.get_mut(at..at + page.len())) {
            Some(Some(place)) => place.copy_from_slice(page),
            _ => {
                let written = self.target.write_at(offset, page);
                self.broken |= written.is_err();
                written.map_err(Error::io)?;
            }
        }
        Ok(())
    }

    fn free_units(&self) -> u16 {
        let free: u32 = self.bits.iter().map(|byte| byte.count_zeros()).sum();
        u16::try_from(free).unwrap_or(u16::MAX)
    }

    /// Counts the free units of a section that is written.
    fn account(&mut self, section: u64, units: u16) {
        self.free += u64::from(units) * self.format.block_align();
        if units > 0 {
            let at = self.emptiest.partition_point(|(other, _)| *other >= units);
            if at < DENSITY_ENTRIES {
                self.emptiest.insert(at, (units, section));
                self.emptiest.truncate(DENSITY_ENTRIES);
            }
        }
    }

    /// Completes the section being filled, and writes what is complete if it is so many bytes.
    fn complete(&mut self, least: usize) -> Result<()> {
        let used = self.position() - self.start(self.number);
        self.pad(self.start(self.number + 1));
        let start = self.start(self.number);
        let page = maps::encode(&self.bits, self.format, start);
        self.replace(start, &page)?;
        self.filled.push(u16::try_from(used.div_ceil(self.format.block_align())).unwrap_or(u16::MAX));
        self.account(self.number, self.free_units());
        if self.buffer.len() < least {
            return Ok(());
        }
        let rest = self.position() % if least > 0 { MEMORY_PAGE } else { 1 };
        let kept = self.buffer.split_off(self.buffer.len() - usize::try_from(rest).unwrap_or(0));
        let (base, end) = (self.base, self.position());
        let written = self.target.write_buffer(base, std::mem::take(&mut self.buffer));
        self.broken |= written.is_err();
        self.buffer = written.map_err(Error::io)?;
        self.buffer.clear();
        self.buffer.extend_from_slice(&kept);
        self.base = end;
        Ok(())
    }

    /// Frees room again: extents in the order of their offsets, of which none was freed before. Only before the first
    /// page of a B-tree is written.
    pub(super) fn release(&mut self, extents: impl IntoIterator<Item = Result<(u64, u64)>>) -> Result<()> {
        let current = self.number;
        let mut open: Option<(u64, Vec<u8>)> = None;
        for extent in extents {
            let (offset, size) = extent?;
            let section = (offset - self.format.first_amap()) / self.format.amap_step();
            if open.as_ref().is_some_and(|(number, _)| *number != section)
                && let Some((number, bits)) = open.take()
            {
                self.rewrite(number, bits)?;
            }
            let from = offset - self.start(section);
            if section == current {
                self.mark(from, size, false);
            } else {
                let (_, bits) = open.get_or_insert_with(|| (section, self.prefix(section)));
                let mine = std::mem::replace(&mut self.bits, std::mem::take(bits));
                self.mark(from, size, false);
                *bits = std::mem::replace(&mut self.bits, mine);
            }
        }
        match open {
            Some((number, bits)) => self.rewrite(number, bits),
            None => Ok(()),
        }
    }

    /// The allocation map of a section written: everything up to a place is in use.
    fn prefix(&self, section: u64) -> Vec<u8> {
        let units = usize::try_from(section).ok().and_then(|section| self.filled.get(section)).copied().unwrap_or(0);
        let mut bits = vec![0; self.format.amap_bits_size()];
        for unit in 0..usize::from(units) {
            if let Some(byte) = bits.get_mut(unit >> 3) {
                *byte |= 0x80 >> (unit & 7);
            }
        }
        bits
    }

    fn rewrite(&mut self, section: u64, bits: Vec<u8>) -> Result<()> {
        let start = self.start(section);
        let before: u32 = self.prefix(section).iter().map(|byte| byte.count_zeros()).sum();
        let page = maps::encode(&bits, self.format, start);
        self.replace(start, &page)?;
        let after: u32 = bits.iter().map(|byte| byte.count_zeros()).sum();
        self.emptiest.retain(|(_, number)| *number != section);
        self.free -= u64::from(before) * self.format.block_align();
        self.account(section, u16::try_from(after).unwrap_or(u16::MAX));
        Ok(())
    }

    /// Writes the last section.
    pub(super) fn finish(&mut self) -> Result<Extent> {
        self.complete(0)?;
        self.emptiest.sort_by_key(|(units, section)| (std::cmp::Reverse(*units), *section));
        Ok(Extent {
            file_size: self.start(self.number + 1),
            last_amap: self.start(self.number),
            free: self.free,
            emptiest: std::mem::take(&mut self.emptiest),
        })
    }

    /// The target, for what stands before the first section.
    pub(super) fn into_target(self) -> T {
        self.target
    }
}

/// The density list page (MS-PST 2.2.2.7.4.2): which sections have room, emptiest first.
pub(super) fn density_list(emptiest: &[(u16, u64)], id: u64, format: Format, offset: u64) -> Vec<u8> {
    /// DFL_BACKFILL_COMPLETE: all sections are known.
    const COMPLETE: u8 = 1;
    /// Numbers of sections have 20 bits; the last ones of a huge file are simply not in the list.
    const SECTIONS: u64 = 1 << 20;
    let entries: Vec<u32> = emptiest
        .iter()
        .filter(|(_, section)| *section < SECTIONS)
        .take(DENSITY_ENTRIES)
        .map(|(units, section)| u32::try_from(*section).unwrap_or(0) | (u32::from(*units) << 20))
        .collect();
    let mut page = vec![COMPLETE, u8::try_from(entries.len()).unwrap_or(0), 0, 0, 0, 0, 0, 0];
    entries.iter().for_each(|entry| page.extend_from_slice(&entry.to_le_bytes()));
    page.resize(format.page_size(), 0);
    page::seal(&mut page, format, PageType::DensityList, id, offset);
    page
}
