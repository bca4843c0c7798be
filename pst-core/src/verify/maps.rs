//! M1 to M8: the allocation maps, recomputed, and the other maps.

use crate::bytes;
use crate::ndb::checksum::{crc, signature};
use crate::ndb::page::PageType;
use crate::verify::file_order::{FileOrder, Placed};
use crate::verify::header::{Geometry, MapKind};
use crate::verify::report::{Note, RegionKind};
use crate::verify::{Check, Rule, Severity};

const TRAILER: &str = "PAGETRAILER";

/// The bits of one section: what should be set.
struct Section {
    start: u64,
    unit: u64,
    bits: Vec<u8>,
}

impl Section {
    /// Sets the bits of a range as far as it lies in the section.
    fn mark(&mut self, offset: u64, size: u64) {
        let count = u64::try_from(self.bits.len()).unwrap_or(0).saturating_mul(8);
        let from = offset.saturating_sub(self.start).checked_div(self.unit).unwrap_or(0).min(count);
        let to = offset.saturating_add(size).saturating_sub(self.start).div_ceil(self.unit).min(count);
        for bit in from..to {
            if let Some(byte) = usize::try_from(bit >> 3).ok().and_then(|at| self.bits.get_mut(at)) {
                *byte |= 0x80 >> (bit & 7);
            }
        }
    }
}

/// Runs of bits that are set in `left` and clear in `right`: first bit and count.
fn runs<'b>(left: &'b [u8], right: &'b [u8]) -> impl Iterator<Item = (u64, u64)> + 'b {
    // Nearly always there are none, which is seen many bytes at a time.
    let any = left.iter().zip(right).fold(0, |any, (left, right)| any | left & !right);
    let left = if any == 0 { &[] } else { left };
    let bits = left.iter().zip(right).flat_map(|(left, right)| {
        let only = left & !right;
        (0..8).map(move |bit| only & (0x80 >> bit) != 0)
    });
    let mut bits = (0u64..).zip(bits).peekable();
    std::iter::from_fn(move || {
        let (first, _) = bits.find(|(_, set)| *set)?;
        let mut count = 1u64;
        while bits.next_if(|(_, set)| *set).is_some() {
            count = count.saturating_add(1);
        }
        Some((first, count))
    })
}

impl Check<'_> {
    pub(super) fn check_maps(&mut self) {
        let geometry = Geometry::new(self.format);
        let length = self.end();
        let mut order = FileOrder::new();
        let pages = std::mem::take(&mut self.pages);
        let mut pages_left = pages.iter().map(|page| page.saturating_mul(geometry.page)).peekable();
        let (bits_at, bits_size) =
            if self.is_4k() { (0, 4072usize) } else { (if self.format.is_ansi() { 4 } else { 0 }, 496) };
        let mut free = Some(0u64);
        let mut reserved = 0u64;
        let mut page_map: Vec<u8> = Vec::new();
        for section in 0..geometry.sections(length) {
            if self.sink.stopped() {
                break;
            }
            let start = geometry.start(section);
            let end = geometry.start(section.saturating_add(1));
            let mut wanted = Section { start, unit: geometry.unit, bits: vec![0; bits_size] };
            wanted.mark(start, geometry.maps_size(section));
            self.sink.region(start, geometry.maps_size(section), RegionKind::Map);
            while let Some(page) = pages_left.next_if(|page| *page < end) {
                if page >= geometry.first {
                    wanted.mark(page, geometry.page);
                }
            }
            while let Some(Placed { entry, .. }) = order.next_before(end, &self.blocks.index, self.database) {
                if entry.offset >= start {
                    let size = self.format.block_size_on_disk(usize::from(entry.stored_size));
                    wanted.mark(entry.offset, u64::try_from(size).unwrap_or(0));
                }
            }
            if self.format.is_ansi() && end > length {
                // Outlook 97 ended files anywhere and marked what lies behind the end as in use.
                wanted.mark(length, end.saturating_sub(length));
            }
            for (map, place) in geometry.maps(section).zip((start.saturating_add(geometry.page)..).step_by(512)) {
                let content = self.check_other_map(map, place);
                if map == MapKind::Page {
                    page_map = content;
                } else if !self.is_old && content.iter().any(|byte| *byte != 0xFF) {
                    let (rule, structure) =
                        if map == MapKind::Free { (Rule::M5, "FMAPPAGE") } else { (Rule::M6, "FPMAPPAGE") };
                    let text = "a map that is no longer used is not filled with 0xff";
                    let note = Note::new(rule, Severity::Degraded, text).field(structure, "").at(place);
                    self.found(note.values("other bytes", "0xff throughout"));
                }
            }
            // Pages a page map holds back are in use in the allocation map, and free in itself.
            let eighth = usize::try_from(section & 7).unwrap_or(0).saturating_mul(62);
            let part = page_map.get(eighth..eighth.saturating_add(62)).unwrap_or_default();
            let mut held = Section { start, unit: geometry.unit, bits: vec![0; bits_size] };
            for (bit, place) in (0..part.len().saturating_mul(8)).zip((start..).step_by(512)) {
                let is_free = part.get(bit >> 3).is_some_and(|byte| byte & (0x80 >> (bit & 7)) == 0);
                if is_free {
                    held.mark(place, 512);
                    reserved = reserved.saturating_add(512);
                }
            }
            self.check_held(&wanted, &held);
            let map = self.check_amap(start);
            free = match (map.as_ref(), free) {
                (Some(page), Some(free)) => {
                    let bits = page.get(bits_at..).and_then(|bits| bits.get(..bits_size)).unwrap_or_default();
                    self.compare(&wanted, &held, bits);
                    let clear: u64 = bits.iter().map(|byte| u64::from(byte.count_zeros())).sum();
                    Some(free.saturating_add(clear.saturating_mul(geometry.unit)))
                }
                _ => None,
            };
        }
        drop(pages_left);
        self.pages = pages;
        self.check_free(free, reserved);
        self.check_density_list();
    }

    /// Pages the page map gives away must not be in use.
    fn check_held(&mut self, wanted: &Section, held: &Section) {
        let unused: Vec<u8> = wanted.bits.iter().map(|byte| !byte).collect();
        for (first, count) in runs(&held.bits, &unused) {
            let note = Note::new(Rule::M4, Severity::Loss, "a page in use is free by the page map");
            let note = note.field("PMAPPAGE", "rgbPMapBits");
            let note = note.at(wanted.start.saturating_add(first.saturating_mul(wanted.unit)));
            self.found(note.values(format_args!("{} bytes free", count.saturating_mul(wanted.unit)), "in use"));
        }
    }

    fn check_free(&mut self, free: Option<u64>, reserved: u64) {
        let root = self.header.root;
        let (amap_at, pmap_at) = if self.format.is_ansi() { (176, 180) } else { (200, 208) };
        if let Some(free) = free.filter(|free| *free != root.amap_free) {
            self.found(
                Note::new(Rule::M3, Severity::Degraded, "the header counts other free bytes than the allocation maps")
                    .field("ROOT", "cbAMapFree")
                    .at(amap_at)
                    .values(root.amap_free, free),
            );
        }
        if reserved != root.pmap_free && !self.is_4k() {
            self.found(
                Note::new(Rule::M3, Severity::Cosmetic, "the header counts other free pages than the page maps")
                    .field("ROOT", "cbPMapFree")
                    .at(pmap_at)
                    .values(root.pmap_free, reserved),
            );
        }
    }

    /// Checks the trailer of a map page; false if the page is of another kind.
    fn check_map_trailer(&mut self, page: &[u8], kind: PageType, offset: u64) -> bool {
        let at = self.format.page_data_size();
        let place = |field: usize| offset.saturating_add(u64::try_from(at.saturating_add(field)).unwrap_or(0));
        let (data, trailer) = page.split_at_checked(at).unwrap_or_default();
        let [ptype, repeat] = bytes::array(trailer, 0).unwrap_or_default();
        if ptype != kind.number() {
            return false;
        }
        let ansi = self.format.is_ansi();
        let (id_at, crc_at) = if ansi { (4, 8) } else { (8, 4) };
        let id = if ansi { bytes::u32(trailer, id_at).map(u64::from) } else { bytes::u64(trailer, id_at) }.unwrap_or(0);
        let sig = bytes::u16(trailer, 2).unwrap_or(0);
        let (stored, computed) = (bytes::u32(trailer, crc_at).unwrap_or(0), crc(data));
        let wrong = [
            (repeat != ptype).then(|| ("ptypeRepeat", 1, format!("{repeat:#04x}"), format!("{ptype:#04x}"))),
            (sig != 0).then(|| ("wSig", 2, format!("{sig:#06x}"), "0".to_owned())),
            (id != offset).then(|| ("bid", id_at, format!("{id:#x}"), format!("{offset:#x}, its own place"))),
            (stored != computed).then(|| ("dwCRC", crc_at, format!("{stored:#010x}"), format!("{computed:#010x}"))),
        ];
        for (field, at, actual, expected) in wrong.into_iter().flatten() {
            self.found(
                Note::new(Rule::M7, Severity::Degraded, "the trailer of a map page is wrong")
                    .field(TRAILER, field)
                    .at(place(at))
                    .values(actual, expected),
            );
        }
        true
    }

    /// The allocation map at an offset, if there is one.
    fn check_amap(&mut self, offset: u64) -> Option<Vec<u8>> {
        let size = self.format.page_size();
        let absent = |actual: String| {
            Note::new(Rule::M1, Severity::Loss, "a section has no allocation map")
                .field("AMAPPAGE", "")
                .at(offset)
                .values(actual, "an allocation map page")
        };
        let end = offset.saturating_add(u64::try_from(size).unwrap_or(0));
        if end > self.database.len() {
            self.found(absent("the end of the file".to_owned()));
            return None;
        }
        let page = self.raw(offset, size)?;
        self.sink.report.totals.pages = self.sink.report.totals.pages.saturating_add(1);
        if !self.check_map_trailer(&page, PageType::AllocationMap, offset) {
            let ptype = page.get(self.format.page_data_size()).copied().unwrap_or(0);
            self.found(absent(format!("a page of type {ptype:#04x}")));
            return None;
        }
        let first = if self.format.is_ansi() { 4 } else { 0 };
        let own = page.get(first).copied().unwrap_or(0);
        if own != 0xFF {
            self.found(
                Note::new(Rule::M1, Severity::Loss, "an allocation map does not count itself as in use")
                    .field("AMAPPAGE", "rgbAMapBits")
                    .at(offset.saturating_add(u64::try_from(first).unwrap_or(0)))
                    .values(format_args!("{own:#04x}"), "0xff"),
            );
        }
        Some(page.to_vec())
    }

    /// Checks another map page and returns its content, or none if it is absent.
    fn check_other_map(&mut self, map: MapKind, offset: u64) -> Vec<u8> {
        let (rule, kind, structure) = match map {
            MapKind::Page => (Rule::M4, PageType::PageMap, "PMAPPAGE"),
            MapKind::Free => (Rule::M5, PageType::FreeMap, "FMAPPAGE"),
            MapKind::FreePage => (Rule::M6, PageType::FreePageMap, "FPMAPPAGE"),
        };
        let size = self.format.page_size();
        let is_in_file = offset.checked_add(512).is_some_and(|end| end <= self.database.len());
        let page = if is_in_file { self.raw(offset, size) } else { None };
        if let Some(page) = &page
            && self.check_map_trailer(page, kind, offset)
        {
            self.sink.report.totals.pages = self.sink.report.totals.pages.saturating_add(1);
            let from = if self.format.is_ansi() { 4 } else { 0 };
            return page.get(from..).and_then(|bits| bits.get(..496)).unwrap_or_default().to_vec();
        }
        let actual = match page.and_then(|page| page.get(self.format.page_data_size()).copied()) {
            Some(ptype) => format!("a page of type {ptype:#04x}"),
            None => "the end of the file".to_owned(),
        };
        self.found(
            Note::new(rule, Severity::Degraded, "a map page is not at its place")
                .field(structure, "")
                .at(offset)
                .values(actual, format_args!("a page of type {:#04x}", kind.number())),
        );
        Vec::new()
    }

    fn compare(&mut self, wanted: &Section, held: &Section, actual: &[u8]) {
        let place = |first: u64| wanted.start.saturating_add(first.saturating_mul(wanted.unit));
        let bytes = |count: u64| count.saturating_mul(wanted.unit);
        for (first, count) in runs(&wanted.bits, actual) {
            self.found(
                Note::new(
                    Rule::M2,
                    Severity::Loss,
                    "bytes in use are free by the allocation map: the next write destroys them",
                )
                .field("AMAPPAGE", "rgbAMapBits")
                .at(place(first))
                .values(format_args!("{} bytes free", bytes(count)), "in use"),
            );
        }
        if self.lost_blocks {
            return;
        }
        let known: Vec<u8> = wanted.bits.iter().zip(&held.bits).map(|(wanted, held)| wanted | held).collect();
        for (first, count) in runs(actual, &known) {
            self.found(
                Note::new(Rule::M2, Severity::Degraded, "bytes nothing uses are in use by the allocation map")
                    .field("AMAPPAGE", "rgbAMapBits")
                    .at(place(first))
                    .values(format_args!("{} bytes in use", bytes(count)), "free"),
            );
        }
    }

    /// M8: present only if type, signature and CRC are right; otherwise there is none and nothing is said.
    fn check_density_list(&mut self) {
        let (offset, size) = if self.is_4k() { (0x2_1000u64, 4096usize) } else { (0x4200, 512) };
        let is_in_file = u64::try_from(size).is_ok_and(|size| offset.saturating_add(size) <= self.database.len());
        let Some(page) = is_in_file.then(|| self.raw(offset, size)).flatten() else { return };
        let (data, trailer) = page.split_at_checked(self.format.page_data_size()).unwrap_or_default();
        let ansi = self.format.is_ansi();
        let (id_at, crc_at) = if ansi { (4, 8) } else { (8, 4) };
        let id = if ansi { bytes::u32(trailer, id_at).map(u64::from) } else { bytes::u64(trailer, id_at) }.unwrap_or(0);
        let is_there = trailer.first() == Some(&PageType::DensityList.number())
            && bytes::u32(trailer, crc_at) == Some(crc(data))
            && bytes::u16(trailer, 2) == Some(signature(offset, id));
        if !is_there {
            return;
        }
        // Outlook gives it the next id without taking that one.
        self.blocks.largest_page_id = self.blocks.largest_page_id.max(id.saturating_sub(1));
        let Some(count) = bytes::u8(data, 1).map(usize::from) else { return };
        let most = if ansi { 120 } else { 119 };
        let sections = Geometry::new(self.format).sections(self.end());
        let mut problem = (count > most && !self.is_4k()).then(|| format!("{count} entries of at most {most}"));
        let mut before = u32::MAX;
        for entry in 0..count.min(most) {
            let at = entry.saturating_mul(4).saturating_add(8);
            let Some(entry) = bytes::u32(data, at) else { break };
            let (map, slots) = (entry & 0xF_FFFF, entry >> 20);
            if u64::from(map) >= sections {
                problem = Some(format!("an entry for allocation map {map} of {sections}"));
            } else if slots > before {
                problem = Some("entries that do not begin with the emptiest".to_owned());
            }
            before = slots;
        }
        if let Some(problem) = problem {
            self.found(
                Note::new(Rule::M8, Severity::Cosmetic, "the density list is out of date")
                    .field("DLISTPAGE", "rgDListPageEnt")
                    .at(offset)
                    .values(problem, "entries of maps that exist, the emptiest first"),
            );
        }
    }
}
