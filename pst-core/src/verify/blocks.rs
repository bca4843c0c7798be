//! B1 to B14 and P6: blocks in the order of the file, the trees they form, and who refers to them.

use std::collections::HashMap;

use crate::bytes;
use crate::ndb::checksum::{crc, signature};
use crate::ndb::{Bid, BlockEntry, CryptMethod, InternalBlock, Nid, NidType};
use crate::verify::header::Geometry;
use crate::verify::report::{Note, Phase};
use crate::verify::{Check, Rule, Severity};

const ENTRY: &str = "BBTENTRY";
const TRAILER: &str = "BLOCKTRAILER";

/// A block: 24 bytes.
#[derive(Clone, Copy, Debug)]
struct Known {
    bid: Bid,
    offset: u64,
    stored: u16,
    size: u16,
    references: u16,
    counted: u16,
}

/// What an internal block turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Data,
    XBlock,
    XxBlock,
    Subnodes,
    SubnodeIndex,
    /// It cannot be decoded.
    Broken,
}

/// Bits of [`Blocks::flags`]: the kind, and whether the block can be read.
const READABLE: u8 = 0x80;

/// All blocks of the file.
#[derive(Default)]
pub(super) struct Blocks {
    /// By id.
    known: Vec<Known>,
    flags: Vec<u8>,
    /// Bytes of data below each XBLOCK and XXBLOCK, and what it states.
    totals: HashMap<u32, (u64, u64)>,
    largest: Option<Bid>,
    pub(super) largest_page_id: u64,
}

impl Blocks {
    pub(super) fn add(&mut self, entry: BlockEntry) {
        let BlockEntry { bid, offset, stored_size, size, references } = entry;
        self.known.push(Known { bid, offset, stored: stored_size, size, references, counted: 0 });
        self.largest = self.largest.max(Some(bid));
    }

    pub(super) fn sort(&mut self) {
        self.known.sort_by_key(|block| block.bid);
        self.flags = vec![0; self.known.len()];
    }

    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    pub(super) fn largest(&self) -> Option<Bid> {
        self.largest
    }

    pub(super) fn index(&self, bid: Bid) -> Option<usize> {
        self.known.binary_search_by_key(&bid, |block| block.bid).ok()
    }

    fn kind(&self, index: usize) -> Kind {
        match self.flags.get(index).map_or(0, |flags| flags & 7) {
            0 => Kind::Data,
            1 => Kind::XBlock,
            2 => Kind::XxBlock,
            3 => Kind::Subnodes,
            4 => Kind::SubnodeIndex,
            _ => Kind::Broken,
        }
    }

    fn set(&mut self, index: usize, kind: Kind) {
        let number = match kind {
            Kind::Data => 0,
            Kind::XBlock => 1,
            Kind::XxBlock => 2,
            Kind::Subnodes => 3,
            Kind::SubnodeIndex => 4,
            Kind::Broken => 5,
        };
        if let Some(flags) = self.flags.get_mut(index) {
            *flags = number | READABLE;
        }
    }

    fn is_readable(&self, index: usize) -> bool {
        self.flags.get(index).is_some_and(|flags| flags & READABLE != 0)
    }

    /// Places and sizes on disk in the order of the file. 4 bytes a block while it lives.
    pub(super) fn in_file_order(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..u32::try_from(self.known.len()).unwrap_or(u32::MAX)).collect();
        order.sort_unstable_by_key(|index| self.get(*index).map(|block| block.offset));
        order
    }

    fn get(&self, index: u32) -> Option<&Known> {
        self.known.get(usize::try_from(index).ok()?)
    }

    /// Offset and stored size of a block.
    pub(super) fn place(&self, index: u32) -> Option<(u64, u16)> {
        self.get(index).map(|block| (block.offset, block.stored))
    }

    /// Bytes of data in or below a block, without those that hold it together.
    pub(super) fn data_size(&self, bid: Bid) -> u64 {
        let Some(index) = self.index(bid) else { return 0 };
        if !bid.is_internal() {
            return self.known.get(index).map_or(0, |block| u64::from(block.size));
        }
        u32::try_from(index).ok().and_then(|index| self.totals.get(&index)).map_or(0, |(sum, _)| *sum)
    }
}

/// Who names a block, for the text of a finding.
#[derive(Clone, Copy)]
struct Namer {
    structure: &'static str,
    field: &'static str,
    offset: Option<u64>,
    node: Option<Nid>,
}

impl Namer {
    fn place(self, note: Note) -> Note {
        let note = note.field(self.structure, self.field);
        let note = match self.offset {
            Some(offset) => note.at(offset),
            None => note,
        };
        match self.node {
            Some(node) => note.node(node),
            None => note,
        }
    }
}

impl Check<'_> {
    pub(super) fn check_blocks(&mut self) {
        let order = self.blocks.in_file_order();
        let mut pages = self.pages.clone().into_iter().peekable();
        let page_size = u64::try_from(self.format.page_size()).unwrap_or(1);
        // What reaches furthest so far: its end, and its place.
        let mut before: (u64, u64) = (0, 0);
        let end = self.end();
        for index in order {
            if self.sink.stopped() {
                return;
            }
            let Some(block) = self.blocks.get(index).copied() else { continue };
            self.sink.progress(Phase::Blocks, block.offset.min(end), end);
            while let Some(page) = pages.next_if(|page| *page <= block.offset) {
                self.check_overlap(&mut before, page, page_size, None);
            }
            if let Some(size) = self.check_block_place(&block) {
                self.check_overlap(&mut before, block.offset, size, Some(block.bid));
                if let Ok(index) = usize::try_from(index) {
                    self.check_block(index, &block, size);
                }
            }
        }
        for page in pages {
            self.check_overlap(&mut before, page, page_size, None);
        }
        self.check_trees();
        self.check_references();
    }

    fn check_overlap(&mut self, before: &mut (u64, u64), offset: u64, size: u64, block: Option<Bid>) {
        if offset < before.0 {
            let mut note =
                Note::new(Rule::P6, Severity::Loss, "two structures share bytes of the file").at(offset).values(
                    format_args!("begins at {offset:#x}"),
                    format_args!("at or behind {:#x}, the end of what begins at {:#x}", before.0, before.1),
                );
            if let Some(bid) = block {
                note = note.block(bid);
            }
            self.found(note);
        }
        let end = offset.saturating_add(size);
        if end > before.0 {
            *before = (end, offset);
        }
    }

    /// Checks size and place of a block; its size on disk if it can be read.
    fn check_block_place(&mut self, block: &Known) -> Option<u64> {
        let note = |rule, text| Note::new(rule, Severity::Loss, text).at(block.offset).block(block.bid);
        let most = self.format.max_block_data();
        let stored = usize::from(block.stored);
        if stored == 0 || stored > most {
            let text = "a block has an impossible size";
            self.found(note(Rule::B3, text).field(ENTRY, "cb").values(stored, format_args!("1 to {most}")));
            return None;
        }
        if block.size < block.stored || usize::from(block.size) > most {
            let expected = format_args!("{stored} to {most}");
            let note = note(Rule::B3, "a block has an impossible inflated size").field(ENTRY, "cb inflated");
            self.found(note.values(block.size, expected));
            return None;
        }
        let geometry = Geometry::new(self.format);
        let size = u64::try_from(self.format.block_size_on_disk(stored)).unwrap_or(u64::MAX);
        let text = "a block lies where none can be";
        let wrong = if block.offset.checked_rem(geometry.unit) != Some(0) {
            Some(format!("a multiple of {}", geometry.unit))
        } else if block.offset.checked_add(size).is_none_or(|end| end > self.database.len()) {
            Some(format!("an end at most {:#x}, the end of the file", self.database.len()))
        } else if block.offset < geometry.first {
            Some(format!("at least {:#x}", geometry.first))
        } else if geometry.in_maps(block.offset, size) {
            Some("outside of map pages".to_owned())
        } else {
            None
        };
        if let Some(expected) = wrong {
            let end = block.offset.saturating_add(size);
            let actual = format!("{:#x} to {end:#x}", block.offset);
            self.found(note(Rule::B1, text).field(ENTRY, "ib").values(actual, expected));
            // A block that lies badly, but in the file, can still be read.
            return (end <= self.database.len() && block.offset >= geometry.first).then_some(size);
        }
        Some(size)
    }

    /// Checks trailer, signature and CRC; decodes what holds other blocks.
    fn check_block(&mut self, index: usize, block: &Known, size: u64) {
        let Ok(size) = usize::try_from(size) else { return };
        let Some(disk) = self.raw(block.offset, size) else { return };
        let totals = &mut self.sink.report.totals;
        totals.block_bytes = totals.block_bytes.saturating_add(u64::from(block.stored));
        let trailer_at = size.saturating_sub(self.format.block_trailer_size());
        let place = |at: usize| block.offset.saturating_add(u64::try_from(trailer_at.saturating_add(at)).unwrap_or(0));
        let data = disk.get(..usize::from(block.stored)).unwrap_or_default();
        let trailer = disk.get(trailer_at..).unwrap_or_default();
        let (ansi, is_4k) = (self.format.is_ansi(), self.is_4k());
        let (id_at, crc_at) = if ansi { (4, 8) } else { (8, 4) };
        let word = |at| bytes::u16(trailer, at).unwrap_or(0);
        let id = if ansi { bytes::u32(trailer, id_at).map(u64::from) } else { bytes::u64(trailer, id_at) }.unwrap_or(0);
        let computed = crc(data);
        let stored_crc = bytes::u32(trailer, crc_at).unwrap_or(0);
        // The reserved bit of the trailer's own id counts; another block's id does not.
        let right = signature(block.offset, if Bid::new(id) == block.bid { id } else { block.bid.raw() });
        let mut sound = true;
        let inflated = (is_4k && word(18) != block.size)
            .then(|| (Rule::B2, "inflated size", 18, word(18).to_string(), block.size.to_string()));
        let wrong = [
            (word(0) != block.stored).then(|| (Rule::B2, "cb", 0, word(0).to_string(), block.stored.to_string())),
            (Bid::new(id) != block.bid)
                .then(|| (Rule::B2, "bid", id_at, format!("{id:#x}"), format!("{:#x}", block.bid.raw()))),
            (word(2) != right).then(|| (Rule::B4, "wSig", 2, format!("{:#06x}", word(2)), format!("{right:#06x}"))),
            (stored_crc != computed)
                .then(|| (Rule::B4, "dwCRC", crc_at, format!("{stored_crc:#010x}"), format!("{computed:#010x}"))),
            inflated,
        ];
        for (rule, field, at, actual, expected) in wrong.into_iter().flatten() {
            sound = false;
            let text = match rule {
                Rule::B2 => "the trailer of a block contradicts its entry",
                _ => "a block is damaged or not the one its entry means",
            };
            let note = Note::new(rule, Severity::Loss, text).field(TRAILER, field).at(place(at)).block(block.bid);
            self.found(note.values(actual, expected));
        }
        let is_compressed = block.stored != block.size;
        if sound && is_compressed {
            let entry = self.entry(block);
            if let Err(error) = self.database.block(&entry, CryptMethod::None) {
                let text = "a compressed block does not inflate to its size";
                let note = Note::new(Rule::B14, Severity::Loss, text).error(&error).at(block.offset).block(block.bid);
                self.found(note);
                sound = false;
            }
        }
        if !block.bid.is_internal() {
            if sound {
                self.blocks.set(index, Kind::Data);
            }
            return;
        }
        // A wrong trailer leaves the block readable to us: what it names is in use.
        let kind = match self.internal(block) {
            Ok(InternalBlock::DataTree { level: 1, .. }) => Kind::XBlock,
            Ok(InternalBlock::DataTree { .. }) => Kind::XxBlock,
            Ok(InternalBlock::Subnodes(_)) => Kind::Subnodes,
            Ok(InternalBlock::SubnodeIndex(_)) => Kind::SubnodeIndex,
            Err(error) => {
                if sound {
                    let text = "a block that should hold others cannot be read as one";
                    let note = Note::new(Rule::B5, Severity::Loss, text).error(&error);
                    self.found(note.at(block.offset).block(block.bid));
                }
                self.lost_blocks = true;
                Kind::Broken
            }
        };
        self.blocks.set(index, kind);
    }

    fn entry(&self, block: &Known) -> BlockEntry {
        BlockEntry {
            bid: block.bid,
            offset: block.offset,
            stored_size: block.stored,
            size: block.size,
            references: block.references,
        }
    }

    /// An internal block as it is, whatever its trailer says.
    fn internal(&self, block: &Known) -> crate::Result<InternalBlock> {
        let data = if block.stored == block.size {
            self.database.raw(block.offset, usize::from(block.stored))?
        } else {
            self.database.block(&self.entry(block), CryptMethod::None)?
        };
        InternalBlock::decode(&data, self.format)
    }

    /// Second look at all internal blocks: what they name, and in which order.
    fn check_trees(&mut self) {
        // XXBLOCKs need the totals of XBLOCKs, which may have larger ids.
        for pass in [Kind::XBlock, Kind::XxBlock] {
            for index in 0..self.blocks.len() {
                let kind = self.blocks.kind(index);
                let wanted = if pass == Kind::XBlock { kind != Kind::XxBlock } else { kind == Kind::XxBlock };
                let Some(block) = self.blocks.known.get(index).copied().filter(|block| block.bid.is_internal()) else {
                    continue;
                };
                if !wanted || kind == Kind::Broken || !self.blocks.is_readable(index) {
                    continue;
                }
                if self.sink.stopped() {
                    return;
                }
                let Ok(content) = self.internal(&block) else { continue };
                match content {
                    InternalBlock::DataTree { level, total, children } => {
                        self.check_data_tree(index, &block, level, total, &children);
                    }
                    InternalBlock::Subnodes(entries) => {
                        let offset = Some(block.offset);
                        let ids: Vec<Nid> = entries.iter().map(|entry| entry.nid).collect();
                        self.check_ascending(&block, "SLBLOCK", &ids);
                        for entry in entries {
                            let namer = |field| Namer { structure: "SLENTRY", field, offset, node: Some(entry.nid) };
                            self.use_nid(entry.nid);
                            self.refer(entry.data, namer("bidData"), &[Kind::Data, Kind::XBlock, Kind::XxBlock]);
                            self.refer(entry.subnodes, namer("bidSub"), &[Kind::Subnodes, Kind::SubnodeIndex]);
                        }
                    }
                    InternalBlock::SubnodeIndex(entries) => {
                        let ids: Vec<Nid> = entries.iter().map(|entry| entry.nid).collect();
                        self.check_ascending(&block, "SIBLOCK", &ids);
                        for entry in entries {
                            let namer = Namer {
                                structure: "SIENTRY",
                                field: "bid",
                                offset: Some(block.offset),
                                node: Some(entry.nid),
                            };
                            let child = self.refer(entry.block, namer, &[Kind::Subnodes]);
                            self.check_first_subnode(&block, entry.nid, child);
                        }
                    }
                }
            }
        }
    }

    fn check_ascending(&mut self, block: &Known, structure: &'static str, ids: &[Nid]) {
        if let Some((low, high)) = ids.iter().zip(ids.iter().skip(1)).find(|(low, high)| low >= high) {
            self.found(
                Note::new(Rule::B7, Severity::Loss, "subnode ids do not ascend, so that some are not found")
                    .field(structure, "rgentries")
                    .at(block.offset)
                    .block(block.bid)
                    .values(format_args!("{high} behind {low}"), "ascending ids"),
            );
        }
        if ids.is_empty() {
            self.found(
                Note::new(Rule::B7, Severity::Degraded, "a block of subnodes is empty")
                    .field(structure, "cEnt")
                    .at(block.offset)
                    .block(block.bid)
                    .values(0, "at least 1"),
            );
        }
    }

    /// The key of a SIENTRY is the first id of its SLBLOCK.
    fn check_first_subnode(&mut self, block: &Known, key: Nid, child: Option<usize>) {
        let Some(child) = child.filter(|index| self.blocks.kind(*index) == Kind::Subnodes) else { return };
        let Some(child) = self.blocks.known.get(child).copied() else { return };
        if !self.pay(u64::from(child.size)) {
            return;
        }
        let Ok(InternalBlock::Subnodes(entries)) = self.internal(&child) else { return };
        if let Some(first) = entries.first().map(|entry| entry.nid).filter(|first| *first != key) {
            self.found(
                Note::new(Rule::B7, Severity::Loss, "a SIENTRY names another id than its block begins with")
                    .field("SIENTRY", "nid")
                    .at(block.offset)
                    .block(block.bid)
                    .values(key, first),
            );
        }
    }

    fn check_data_tree(&mut self, index: usize, block: &Known, level: u8, stated: u32, children: &[Bid]) {
        let structure = if level == 1 { "XBLOCK" } else { "XXBLOCK" };
        let full = u64::try_from(self.format.max_block_data()).unwrap_or(u64::MAX);
        let most = self.format.max_data_tree_children();
        if children.is_empty() || children.len() > most {
            self.found(
                Note::new(Rule::B5, Severity::Degraded, "a block of a data tree has an impossible number of children")
                    .field(structure, "cEnt")
                    .at(block.offset)
                    .block(block.bid)
                    .values(children.len(), format_args!("1 to {most}")),
            );
        }
        let namer = Namer { structure, field: "rgbid", offset: Some(block.offset), node: None };
        let wanted: &[Kind] = if level == 1 { &[Kind::Data] } else { &[Kind::XBlock] };
        let (mut sum, mut whole, mut not_full) = (0u64, true, None);
        let last = children.len().saturating_sub(1);
        for (number, child) in children.iter().enumerate() {
            let found = self.refer(*child, namer, wanted);
            let Some(found) = found else {
                whole = false;
                continue;
            };
            if !wanted.contains(&self.blocks.kind(found)) || child.is_internal() != (level != 1) {
                whole = false;
                continue;
            }
            let size = self.blocks.data_size(*child);
            sum = sum.saturating_add(size);
            if number != last && size.checked_rem(full) != Some(0) && not_full.is_none() {
                not_full = Some((number, *child, size));
            }
        }
        if let Ok(index) = u32::try_from(index) {
            self.blocks.totals.insert(index, (sum, u64::from(stated)));
        }
        // The field has 32 bits and cannot state more.
        if whole && u64::from(stated) != sum & 0xFFFF_FFFF {
            self.found(
                Note::new(Rule::B6, Severity::Loss, "a data tree is not as long as it says")
                    .field(structure, "lcbTotal")
                    .at(block.offset)
                    .block(block.bid)
                    .values(stated, format_args!("{sum}, the sum of its blocks")),
            );
        }
        if let Some((number, child, size)) = not_full {
            let what = if level == 1 { "block" } else { "XBLOCK" };
            self.found(
                Note::new(Rule::B11, Severity::Degraded, "a block in the middle of a data tree is not full")
                    .field(structure, "rgbid")
                    .at(block.offset)
                    .block(child)
                    .values(
                        format_args!("{size} bytes in {what} {number} of {}", children.len()),
                        format_args!("{full} in all but the last"),
                    ),
            );
        }
    }

    /// Counts a reference; the place of the block it leads to.
    fn refer(&mut self, bid: Bid, namer: Namer, wanted: &[Kind]) -> Option<usize> {
        if bid.is_none() {
            return None;
        }
        if let Some(offset) = namer.offset {
            // Outlook itself was seen to leave it in XBLOCKs.
            let severity = if namer.field == "rgbid" { Severity::Cosmetic } else { Severity::Degraded };
            self.check_reserved_bit(bid, offset, severity);
        }
        let Some(index) = self.blocks.index(bid) else {
            let text = "a block that is named does not exist";
            let note = namer.place(Note::new(Rule::B8, Severity::Loss, text).block(bid));
            self.found(note.values(bid, "a block of the block B-tree"));
            return None;
        };
        if let Some(block) = self.blocks.known.get_mut(index) {
            block.counted = block.counted.saturating_add(1);
        }
        let kind = self.blocks.kind(index);
        if kind != Kind::Broken && (self.blocks.is_readable(index) || !bid.is_internal()) && !wanted.contains(&kind) {
            let rule = if namer.field == "rgbid" { Rule::B6 } else { Rule::B5 };
            let text = "a block of another kind is named";
            let note = namer.place(Note::new(rule, Severity::Loss, text).block(bid));
            let wanted: Vec<String> = wanted.iter().map(|kind| format!("{kind:?}")).collect();
            self.found(note.values(format_args!("{kind:?}"), wanted.join(" or ")));
        }
        Some(index)
    }

    /// B8, B9, B10 and B12: what the nodes name, and the counts of all blocks.
    fn check_references(&mut self) {
        self.each_node(&mut |check, entry| {
            let namer = |field| Namer {
                structure: "NBTENTRY",
                field,
                // The reserved bit was looked at when the page was.
                offset: None,
                node: Some(entry.nid),
            };
            check.refer(entry.data, namer("bidData"), &[Kind::Data, Kind::XBlock, Kind::XxBlock]);
            check.refer(entry.subnodes, namer("bidSub"), &[Kind::Subnodes, Kind::SubnodeIndex]);
            check.check_parent(entry.nid, entry.parent);
        });
        // Owners that cannot be read may well own.
        let lost = self.lost_nodes || self.lost_blocks;
        for index in 0..self.blocks.len() {
            let Some(block) = self.blocks.known.get(index).copied() else { continue };
            let expected = u32::from(block.counted).saturating_add(1);
            let stated = u32::from(block.references);
            if stated == expected || (block.counted == u16::MAX && block.references == u16::MAX) {
                continue;
            }
            let (severity, text) = match stated.cmp(&expected) {
                std::cmp::Ordering::Less => (
                    Severity::Loss,
                    "a block has more owners than it knows of: the next deletion destroys it for the others",
                ),
                _ => (Severity::Degraded, "a block counts owners it does not have and is never given back"),
            };
            if block.counted == 0 || (lost && stated > expected) {
                continue;
            }
            let severity = self.unless_ost(severity);
            self.found(
                Note::new(Rule::B9, severity, text)
                    .field(ENTRY, "cRef")
                    .at(block.offset)
                    .block(block.bid)
                    .values(stated, format_args!("{expected}: {} references and one", block.counted)),
            );
        }
        for index in 0..if lost { 0 } else { self.blocks.len() } {
            let Some(block) = self.blocks.known.get(index).copied().filter(|block| block.counted == 0) else {
                continue;
            };
            // A count of 1 marks a block that will be given back; Outlook leaves some.
            let severity = if block.references == 1 { Severity::Cosmetic } else { self.unless_ost(Severity::Degraded) };
            self.found(
                Note::new(Rule::B10, severity, "nothing refers to a block")
                    .field(ENTRY, "cRef")
                    .at(block.offset)
                    .block(block.bid)
                    .values(format_args!("no reference, cRef {}", block.references), "at least one reference"),
            );
        }
    }

    fn check_parent(&mut self, nid: Nid, parent: Nid) {
        let is_folder = |nid: Nid| matches!(nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER);
        let problem = match nid.kind() {
            _ if nid == Nid::ROOT_FOLDER && parent == nid => None,
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER | NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE => {
                if !is_folder(parent) {
                    Some((Severity::Loss, "an id that is no folder's"))
                } else if parent == nid {
                    Some((Severity::Loss, "the folder itself"))
                } else if !self.node_exists(parent) {
                    Some((Severity::Loss, "a folder that does not exist"))
                } else {
                    None
                }
            }
            NidType::HIERARCHY_TABLE
            | NidType::CONTENTS_TABLE
            | NidType::ASSOCIATED_CONTENTS_TABLE
            | NidType::SEARCH_CONTENTS_TABLE
                if parent.raw() != 0 =>
            {
                Some((Severity::Cosmetic, "a table with a parent"))
            }
            _ => None,
        };
        if let Some((severity, problem)) = problem {
            let expected = if severity == Severity::Cosmetic { "0" } else { "the folder it is in" };
            self.found(
                Note::new(Rule::B12, severity, "the parent of a node is wrong")
                    .field("NBTENTRY", "nidParent")
                    .node(nid)
                    .values(format_args!("{parent}, {problem}"), expected),
            );
        }
    }
}
