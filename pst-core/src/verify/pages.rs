//! P1 to P11: the pages of both B-trees, walked over the bytes of the file.

use crate::bytes;
use crate::ndb::checksum::{crc, signature};
use crate::ndb::page::PageType;
use crate::ndb::{Bid, BlockEntry, Layout, Nid, NodeEntry, PageRef, Record};
use crate::verify::header::Geometry;
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

const TRAILER: &str = "PAGETRAILER";
const PAGE: &str = "BTPAGE";
/// The most levels above the leaves.
const MAX_LEVEL: u8 = 8;

/// A walk over one tree.
struct Walk<'w> {
    kind: PageType,
    record: &'w mut dyn FnMut(&mut Check<'_>, Leafed<'_>),
}

/// A record on a leaf page.
struct Leafed<'p> {
    record: &'p [u8],
    /// Offset of the page.
    page: u64,
    /// Its own offset.
    place: u64,
}

/// What the parent says about a page.
#[derive(Clone, Copy)]
struct Parent {
    /// `None` for a root.
    level: Option<u8>,
    key: u64,
    /// The key of the next entry, which no key of the page may reach.
    end: Option<u64>,
}

/// What is behind the entries of a page.
struct Shape {
    count: usize,
    stride: usize,
    level: u8,
}

impl Check<'_> {
    /// Walks both trees and keeps where what they hold is.
    pub(super) fn check_pages(&mut self) {
        let root = self.header.root;
        let format = self.format;
        self.walk(PageType::BlockTree, root.block_tree, &mut |check, Leafed { record, page, place }| {
            if let Some(entry) = BlockEntry::decode(record, format) {
                check.blocks.add(&entry, page, record.len());
                check.check_reserved_bit(entry.bid, place, Severity::Degraded);
            }
        });
        self.walk(PageType::NodeTree, root.node_tree, &mut |check, Leafed { record, page, place }| {
            if let Some(entry) = NodeEntry::decode(record, format) {
                check.nodes.add(&entry, page, record.len(), 0);
                check.use_nid(entry.nid);
                for bid in [entry.data, entry.subnodes] {
                    check.check_reserved_bit(bid, place, Severity::Degraded);
                }
            }
        });
        self.nodes.number(self.database);
        self.marks = vec![0; self.nodes.len()];
        self.blocks.number(self.database);
        let totals = &mut self.sink.report.totals;
        totals.pages = self.pages.len();
        totals.blocks = u64::try_from(self.blocks.len()).unwrap_or(0);
        totals.nodes = u64::try_from(self.nodes.len()).unwrap_or(0);
    }

    /// All entries of the node B-tree once more, with their numbers.
    pub(super) fn each_node(&mut self, visit: &mut dyn FnMut(&mut Check<'_>, usize, NodeEntry)) {
        for leaf in 0..self.nodes.leaves() {
            let leaf = self.nodes.leaf(self.database, leaf);
            for (number, entry) in leaf.iter() {
                visit(self, number, entry);
            }
        }
    }

    pub(super) fn check_reserved_bit(&mut self, bid: Bid, at: u64, severity: Severity) {
        if bid.raw() & 1 != 0 {
            let actual = format!("{bid}");
            self.found(
                Note::new(Rule::B13, severity, "the reserved bit of a block id is set")
                    .at(at)
                    .block(bid)
                    .values(actual, format_args!("{:#x}", bid.key())),
            );
        }
    }

    fn walk(&mut self, kind: PageType, root: PageRef, record: &mut dyn FnMut(&mut Check<'_>, Leafed<'_>)) {
        self.page(&mut Walk { kind, record }, root, Parent { level: None, key: 0, end: None });
    }

    /// Tells a finding about a page; about the root it is fatal where it would be a loss.
    fn page_note(
        &mut self,
        walk: &Walk<'_>,
        parent: Parent,
        severity: Severity,
        rule: Rule,
        make: impl FnOnce(Note) -> Note,
    ) {
        let is_root = parent.level.is_none();
        let severity = if is_root && severity == Severity::Loss { Severity::Fatal } else { severity };
        let tree = if walk.kind == PageType::NodeTree { "node" } else { "block" };
        let text = match rule {
            Rule::P1 => "a page is of another type",
            Rule::P2 => "the CRC of a page is wrong",
            Rule::P3 => "the signature of a page is wrong",
            Rule::P4 => "a page has another id than its parent names",
            Rule::P5 => "a page cannot be where its parent says",
            Rule::P7 => "counts or sizes of a page do not fit",
            Rule::P8 => "a page has the wrong level or is reached twice",
            Rule::P9 => "keys are out of order",
            Rule::P10 => "the key in the parent is not the first key of the page",
            _ => "a page is empty",
        };
        self.found(make(Note::new(rule, severity, format!("{text} in the {tree} B-tree"))));
    }

    fn page(&mut self, walk: &mut Walk<'_>, at: PageRef, parent: Parent) {
        let size = self.format.page_size();
        let offset = at.offset;
        let wide = u64::try_from(size).unwrap_or(1);
        let is_node = walk.kind == PageType::NodeTree;
        let in_file = offset.checked_add(wide).is_some_and(|end| end <= self.database.len());
        let geometry = Geometry::new(self.format);
        let is_map = geometry.in_maps(offset, wide);
        let problem = if !in_file {
            Some("not wholly in the file")
        } else if offset.checked_rem(wide) != Some(0) {
            Some("not on a page boundary")
        } else if (offset < geometry.first || is_map) && parent.level.is_some() {
            // Of a root H8 says so.
            Some("where no page of a tree can be")
        } else {
            None
        };
        if let Some(actual) = problem {
            self.lose(is_node);
            return self.page_note(walk, parent, Severity::Loss, Rule::P5, |note| {
                note.at(offset).field("BREF", "ib").values(format_args!("{offset:#x}, {actual}"), "a page of the file")
            });
        }
        if !self.pages.insert(offset.checked_div(wide).unwrap_or(0)) {
            self.lose(is_node);
            return self.page_note(walk, parent, Severity::Loss, Rule::P8, |note| {
                note.at(offset).field("BREF", "ib").values(format_args!("{offset:#x} again"), "a page of its own")
            });
        }
        let data = match self.database.raw(offset, size) {
            Ok(data) => data,
            Err(error) => {
                self.lose(is_node);
                return self.unreadable(&error, offset);
            }
        };
        self.blocks.largest_page_id = self.blocks.largest_page_id.max(at.id);
        let shape = self.page_trailer(walk, at, parent, &data).then(|| self.page_shape(walk, at, parent, &data));
        let Some(shape) = shape.flatten() else { return self.lose(is_node) };
        self.page_entries(walk, at, parent, &shape, &data);
    }

    fn lose(&mut self, is_node: bool) {
        if is_node {
            self.lost_nodes = true;
        } else {
            self.lost_blocks = true;
        }
    }

    /// Checks the trailer; false if the page is of another kind.
    fn page_trailer(&mut self, walk: &Walk<'_>, at: PageRef, parent: Parent, page: &[u8]) -> bool {
        let start = self.format.page_data_size();
        let place = |field: usize| at.offset.saturating_add(u64::try_from(start.saturating_add(field)).unwrap_or(0));
        let (data, trailer) = page.split_at_checked(start).unwrap_or_default();
        let [ptype, repeat] = bytes::array(trailer, 0).unwrap_or_default();
        let kind = walk.kind.number();
        for (field, value, offset) in [("ptype", ptype, 0), ("ptypeRepeat", repeat, 1)] {
            if value != kind {
                self.page_note(walk, parent, Severity::Loss, Rule::P1, |note| {
                    let values = (format!("{value:#04x}"), format!("{kind:#04x}"));
                    note.at(place(offset)).field(TRAILER, field).values(values.0, values.1)
                });
            }
        }
        if ptype != kind && repeat != kind {
            return false;
        }
        let ansi = self.format.is_ansi();
        let (id_at, crc_at) = if ansi { (4, 8) } else { (8, 4) };
        let id = if ansi { bytes::u32(trailer, id_at).map(u64::from) } else { bytes::u64(trailer, id_at) }.unwrap_or(0);
        if id != at.id {
            self.page_note(walk, parent, Severity::Loss, Rule::P4, |note| {
                let values = (format!("{id:#x}"), format!("{:#x}", at.id));
                note.at(place(id_at)).field(TRAILER, "bid").values(values.0, values.1)
            });
        }
        let (stored, computed) = (bytes::u16(trailer, 2).unwrap_or(0), signature(at.offset, at.id));
        if stored != computed {
            self.page_note(walk, parent, Severity::Loss, Rule::P3, |note| {
                let values = (format!("{stored:#06x}"), format!("{computed:#06x}"));
                note.at(place(2)).field(TRAILER, "wSig").values(values.0, values.1)
            });
        }
        let (stored, computed) = (bytes::u32(trailer, crc_at).unwrap_or(0), crc(data));
        if stored != computed {
            self.page_note(walk, parent, Severity::Loss, Rule::P2, |note| {
                let values = (format!("{stored:#010x}"), format!("{computed:#010x}"));
                note.at(place(crc_at)).field(TRAILER, "dwCRC").values(values.0, values.1)
            });
        }
        true
    }

    /// Checks counts and level; `None` if the entries cannot be told apart.
    fn page_shape(&mut self, walk: &Walk<'_>, at: PageRef, parent: Parent, page: &[u8]) -> Option<Shape> {
        let room = self.format.page_entries_size();
        let place = |field: usize| at.offset.saturating_add(u64::try_from(room.saturating_add(field)).unwrap_or(0));
        let is_4k = self.format.layout() == Layout::Unicode4k;
        let (count, most, stride, found) = if is_4k {
            let [stride, level] = bytes::array(page, room.checked_add(4)?)?;
            (bytes::u16(page, room)?, bytes::u16(page, room.checked_add(2)?)?, stride, level)
        } else {
            let [count, most, stride, level] = bytes::array(page, room)?;
            (u16::from(count), u16::from(most), stride, level)
        };
        let (most_at, stride_at, level_at) = if is_4k { (2, 4, 5) } else { (1, 2, 3) };
        // A child has the level its parent asks for, whatever it says.
        let level = parent.level.unwrap_or(found).min(MAX_LEVEL);
        if found != level {
            self.page_note(walk, parent, Severity::Loss, Rule::P8, |note| {
                let expected = if parent.level.is_some() { level.to_string() } else { format!("at most {MAX_LEVEL}") };
                note.at(place(level_at)).field(PAGE, "cLevel").values(found, expected)
            });
        }
        let record = match (level, walk.kind) {
            (0, PageType::NodeTree) => self.format.node_entry_size(),
            (0, _) => self.format.block_entry_size(),
            _ => self.format.branch_entry_size(),
        };
        let (count, most, stride) = (usize::from(count), usize::from(most), usize::from(stride));
        if stride < record {
            self.page_note(walk, parent, Severity::Loss, Rule::P7, |note| {
                note.at(place(stride_at)).field(PAGE, "cbEnt").values(stride, format_args!("at least {record}"))
            });
            return None;
        }
        let fits = room.checked_div(stride).unwrap_or(0);
        if count > fits {
            self.page_note(walk, parent, Severity::Loss, Rule::P7, |note| {
                note.at(place(0)).field(PAGE, "cEnt").values(count, format_args!("at most {fits}"))
            });
        } else if most > fits || count > most {
            self.page_note(walk, parent, Severity::Degraded, Rule::P7, |note| {
                note.at(place(most_at)).field(PAGE, "cEntMax").values(most, format_args!("{count} to {fits}"))
            });
        }
        if count == 0 && parent.level.is_some() {
            self.lose(walk.kind == PageType::NodeTree);
            self.page_note(walk, parent, Severity::Degraded, Rule::P11, |note| {
                note.at(place(0)).field(PAGE, "cEnt").values(0, "at least 1")
            });
        }
        Some(Shape { count: count.min(fits), stride, level })
    }

    fn page_entries(&mut self, walk: &mut Walk<'_>, at: PageRef, parent: Parent, shape: &Shape, page: &[u8]) {
        let id_size = self.format.id_size();
        let number = |entry: &[u8], index: usize| {
            let at = index.saturating_mul(id_size);
            if id_size == 4 { bytes::u32(entry, at).map(u64::from) } else { bytes::u64(entry, at) }.unwrap_or(0)
        };
        let is_node = walk.kind == PageType::NodeTree;
        // Reserved bits of a block id are no part of the key, nor is the upper half of a node id.
        let key = |entry: &[u8]| number(entry, 0) & if is_node { 0xFFFF_FFFF } else { !1 };
        let entries = page.chunks_exact(shape.stride).take(shape.count);
        let places = (at.offset..).step_by(shape.stride);
        let mut keys = entries.clone().map(key).skip(1);
        let mut before = None;
        for (index, (entry, place)) in entries.zip(places).enumerate() {
            let (key, next) = (key(entry), keys.next());
            let low = if index == 0 { parent.level.map(|_| parent.key) } else { before };
            let in_order = match (index, low) {
                (0, Some(low)) => key >= low,
                (_, Some(low)) => key > low,
                (_, None) => true,
            } && parent.end.is_none_or(|end| key < end);
            before = Some(key);
            if !in_order {
                self.page_note(walk, parent, Severity::Loss, Rule::P9, |note| {
                    let above = low.map_or_else(|| "any".to_owned(), |low| format!("above {low:#x}"));
                    let below = parent.end.map_or_else(String::new, |end| format!(" and below {end:#x}"));
                    note.at(place).field(PAGE, "rgEntries").values(format_args!("key {key:#x}"), above + &below)
                });
            } else if index == 0 && low.is_some_and(|low| key != low) {
                self.page_note(walk, parent, Severity::Degraded, Rule::P10, |note| {
                    let values = (format!("{key:#x}"), format!("{:#x}, the key in the parent", parent.key));
                    note.at(place).field(PAGE, "rgEntries").values(values.0, values.1)
                });
            }
            match shape.level.checked_sub(1) {
                None => (walk.record)(self, Leafed { record: entry, page: at.offset, place }),
                Some(level) => {
                    let child = PageRef { id: number(entry, 1), offset: number(entry, 2) };
                    let end = next.filter(|next| *next > key).or(parent.end);
                    self.page(walk, child, Parent { level: Some(level), key, end });
                }
            }
            if self.sink.stopped() {
                return;
            }
        }
    }

    /// True if a top-level node exists.
    pub(super) fn node_exists(&self, nid: Nid) -> bool {
        self.find_node(nid).is_some()
    }
}
