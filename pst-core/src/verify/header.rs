//! H1 to H14: the header.

use crate::bytes;
use crate::ndb::checksum::crc;
use crate::ndb::{Format, Layout, PageRef};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

const STRUCTURE: &str = "HEADER";

/// Where a page that is none of the trees' may begin a section: sections and their map pages, from the format alone.
pub(super) struct Geometry {
    pub(super) first: u64,
    pub(super) step: u64,
    pub(super) unit: u64,
    pub(super) page: u64,
    layout: Layout,
}

/// A map page other than the allocation map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MapKind {
    Page,
    Free,
    FreePage,
}

impl Geometry {
    pub(super) fn new(format: Format) -> Self {
        // The numbers are those of the specification, written down again: nothing here may follow a mistake elsewhere.
        let layout = format.layout();
        let (first, step, unit, page) = match layout {
            Layout::Ansi | Layout::Unicode => (0x4400, 253_952, 64, 512),
            Layout::Unicode4k => (0x2_2000, 16_678_912, 512, 4096),
        };
        Self { first, step, unit, page, layout }
    }

    /// The number of the section an offset is in; `None` before the first.
    pub(super) fn section(&self, offset: u64) -> Option<u64> {
        offset.checked_sub(self.first)?.checked_div(self.step)
    }

    /// Offset of the allocation map of a section.
    pub(super) fn start(&self, section: u64) -> u64 {
        self.first.saturating_add(section.saturating_mul(self.step))
    }

    /// The map pages that follow the allocation map of a section, in order.
    pub(super) fn maps(&self, section: u64) -> impl Iterator<Item = MapKind> + use<> {
        let every =
            |first: u64, step: u64| section.checked_sub(first).and_then(|behind| behind.checked_rem(step)) == Some(0);
        let small = self.layout != Layout::Unicode4k;
        let page = (small && every(0, 8)).then_some(MapKind::Page);
        let free = (small && every(128, 496)).then_some(MapKind::Free);
        // Free maps and free page maps never share a section, so both stand right behind the page map.
        let free_page = (self.layout == Layout::Unicode && every(8192, 31_744)).then_some(MapKind::FreePage);
        page.into_iter().chain(free).chain(free_page)
    }

    /// Bytes of the map pages at the start of a section.
    pub(super) fn maps_size(&self, section: u64) -> u64 {
        let others = u64::try_from(self.maps(section).count()).unwrap_or(0);
        others.saturating_add(1).saturating_mul(self.page)
    }

    /// True if any byte of the range belongs to a map page.
    pub(super) fn in_maps(&self, offset: u64, size: u64) -> bool {
        let end = offset.saturating_add(size);
        let Some(section) = self.section(end.saturating_sub(1)) else { return false };
        let start = self.start(section);
        offset < start.saturating_add(self.maps_size(section)) && end > start
    }

    /// Sections that begin before `end`.
    pub(super) fn sections(&self, end: u64) -> u64 {
        end.saturating_sub(self.first).div_ceil(self.step)
    }
}

impl Check<'_> {
    pub(super) fn check_header(&mut self) {
        let format = self.format;
        let Some(data) = self.raw(0, format.header_size()) else { return };
        let unicode = !format.is_ansi();
        let covered = |range: std::ops::Range<usize>| crc(data.get(range).unwrap_or_default());
        let mut sums = vec![(Rule::H3, "dwCRCPartial", 4, covered(8..479))];
        if unicode {
            sums.push((Rule::H4, "dwCRCFull", 524, covered(8..524)));
        }
        for (rule, field, at, computed) in sums {
            let stored = bytes::u32(&data, at).unwrap_or(0);
            if stored != computed {
                self.found(
                    Note::new(rule, Severity::Fatal, "the header was changed without its CRC, or damaged")
                        .field(STRUCTURE, field)
                        .at(u64::try_from(at).unwrap_or(0))
                        .values(format_args!("{stored:#010x}"), format_args!("{computed:#010x}")),
                );
            }
        }
        let (sentinel_at, maps) = if unicode { (512usize, 256..512) } else { (460, 204..460) };
        let sentinel = bytes::u8(&data, sentinel_at).unwrap_or(0);
        if sentinel != 0x80 {
            self.found(
                Note::new(Rule::H5, Severity::Degraded, "the sentinel of the header is wrong")
                    .field(STRUCTURE, "bSentinel")
                    .at(u64::try_from(sentinel_at).unwrap_or(0))
                    .values(format_args!("{sentinel:#04x}"), "0x80"),
            );
        }
        if !self.is_4k()
            && let Some(other) = data.get(maps.clone()).unwrap_or_default().iter().position(|byte| *byte != 0xFF)
        {
            self.is_old = true;
            self.found(
                Note::new(Rule::H13, Severity::Cosmetic, "the old free maps of the header are in use")
                    .field(STRUCTURE, "rgbFM")
                    .at(u64::try_from(maps.start.saturating_add(other)).unwrap_or(0))
                    .values("other bytes", "0xff throughout"),
            );
        }
        self.check_sizes();
        for (tree, field) in [(self.header.root.node_tree, "BREFNBT"), (self.header.root.block_tree, "BREFBBT")] {
            self.check_root(tree, field);
        }
        let valid = self.header.root.amap_valid;
        if !matches!(valid, 1 | 2) {
            self.found(
                Note::new(Rule::H9, Severity::Degraded, "the file was not closed cleanly")
                    .field("ROOT", "fAMapValid")
                    .at(if unicode { 248 } else { 200 })
                    .values(valid, "1 or 2"),
            );
        }
    }

    fn check_sizes(&mut self) {
        let geometry = Geometry::new(self.format);
        let (length, root) = (self.database.len(), &self.header.root);
        let (eof_at, last_at) = if self.format.is_ansi() { (168, 172) } else { (184, 192) };
        let (stated, last_amap) = (root.file_size, root.last_amap);
        if stated != length {
            let (severity, text) = if stated > length {
                (Severity::Loss, "the end of the file is missing")
            } else {
                (Severity::Degraded, "the file is longer than its header says")
            };
            self.found(
                Note::new(Rule::H6, severity, text)
                    .field("ROOT", "ibFileEof")
                    .at(eof_at)
                    .values(format_args!("{stated:#x}"), format_args!("{length:#x}, the length of the file")),
            );
        } else if length < geometry.start(1)
            || length.saturating_sub(geometry.first).checked_rem(geometry.step) != Some(0)
        {
            // Outlook 97 ended files anywhere.
            let severity = if self.format.is_ansi() { Severity::Cosmetic } else { Severity::Degraded };
            let whole = geometry.start(geometry.sections(length).max(1));
            self.found(
                Note::new(Rule::H6, severity, "the file does not end where a section ends")
                    .field("ROOT", "ibFileEof")
                    .at(eof_at)
                    .values(format_args!("{stated:#x}"), format_args!("{whole:#x}")),
            );
        }
        /// What 32 bits with a sign can say: programs of that time count in these.
        const LONGEST: u64 = 0x7FFF_FFFF;
        let longest = length.max(stated);
        if self.format.is_ansi() && longest > LONGEST {
            self.found(
                Note::new(Rule::H14, Severity::Degraded, "an ANSI file has grown past 2 GB")
                    .field("ROOT", "ibFileEof")
                    .at(eof_at)
                    .values(format_args!("{longest:#x}"), format_args!("at most {LONGEST:#x}")),
            );
        }
        let expected = geometry.start(geometry.sections(self.end()).saturating_sub(1));
        if last_amap != expected {
            self.found(
                Note::new(Rule::H7, Severity::Degraded, "the header names another last allocation map")
                    .field("ROOT", "ibAMapLast")
                    .at(last_at)
                    .values(format_args!("{last_amap:#x}"), format_args!("{expected:#x}")),
            );
        }
    }

    fn check_root(&mut self, tree: PageRef, field: &'static str) {
        let geometry = Geometry::new(self.format);
        let PageRef { offset, .. } = tree;
        let problem = if offset.checked_rem(geometry.page) != Some(0) {
            Some("it is not on a page boundary")
        } else if offset.checked_add(geometry.page).is_none_or(|end| end > self.database.len()) {
            Some("it is not in the file")
        } else if offset < geometry.first {
            Some("it is before the first allocation map")
        } else if geometry.in_maps(offset, geometry.page) {
            Some("it is where a map page belongs")
        } else {
            None
        };
        if let Some(problem) = problem {
            self.found(
                Note::new(Rule::H8, Severity::Fatal, "the root of a B-tree cannot be where the header says")
                    .field("ROOT", field)
                    .at(offset)
                    .values(problem, "a page behind the map pages"),
            );
        }
    }

    /// H10, H11 and H12: the counters, once all ids in use are known.
    pub(super) fn check_counters(&mut self) {
        let (unicode, header) = (!self.format.is_ansi(), self.header);
        if let Some(largest) = self.blocks.largest() {
            // Bits 0 and 1 are no part of the count.
            let (used, next) = (largest.raw() & !3, header.next_block & !3);
            if used >= next {
                self.found(
                    Note::new(Rule::H10, Severity::Loss, "the next block will get the id of another one")
                        .field(STRUCTURE, "bidNextB")
                        .at(if unicode { 516 } else { 24 })
                        .block(largest)
                        .values(format_args!("{:#x}", header.next_block), format_args!("above {used:#x}")),
                );
            }
        }
        let largest = self.blocks.largest_page_id;
        if largest >= header.next_page {
            self.found(
                Note::new(Rule::H10, Severity::Loss, "the next page will get the id of another one")
                    .field(STRUCTURE, "bidNextP")
                    .at(if unicode { 32 } else { 28 })
                    .values(format_args!("{:#x}", header.next_page), format_args!("above {largest:#x}")),
            );
        }
        let first = if unicode { 44u64 } else { 36 };
        for ((number, (index, nid)), counter) in (0u64..).zip(self.largest).zip(header.node_counters) {
            let Some(nid) = nid.filter(|_| index > counter) else { continue };
            let severity = self.unless_ost(Severity::Degraded);
            self.found(
                Note::new(Rule::H11, severity, "the next node of this type will get the id of another one")
                    .field(STRUCTURE, "rgnid")
                    .at(first.saturating_add(number.saturating_mul(4)))
                    .node(nid)
                    .values(format_args!("{counter:#x} for {}", nid.kind()), format_args!("at least {index:#x}")),
            );
        }
        let (version, unique) = (self.versions.largest(), header.unique);
        if let Some((version, node)) = version.filter(|(version, _)| *version >= unique) {
            let severity = self.unless_ost(Severity::Degraded);
            self.found(
                Note::new(Rule::H12, severity, "rows are newer than the header")
                    .field(STRUCTURE, "dwUnique")
                    .at(if unicode { 40 } else { 32 })
                    .node(node)
                    .values(format_args!("{unique:#x}"), format_args!("above {version:#x}")),
            );
        }
    }
}
