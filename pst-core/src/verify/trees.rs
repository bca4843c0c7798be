//! B5 to B13: the trees that blocks form, and who refers to them.

use crate::bytes;
use crate::ndb::{Bid, BlockEntry, InternalBlock, Nid, NidType};
use crate::verify::blocks::Kind;
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

const ENTRY: &str = "BBTENTRY";

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
    /// Second look at all internal blocks: what they name, and in which order.
    pub(super) fn check_trees(&mut self) {
        // XXBLOCKs need the totals of XBLOCKs, which may have larger ids.
        for is_second in [false, true] {
            self.each_block(&mut |check, number, block| {
                let kind = check.blocks.kind(number);
                if block.bid.is_internal()
                    && is_second == (kind == Kind::XxBlock)
                    && kind != Kind::Broken
                    && check.blocks.is_readable(number)
                {
                    check.check_tree(number, block);
                }
            });
        }
    }

    /// Every block in the order of the ids, until the caller wants no more findings.
    fn each_block(&mut self, visit: &mut dyn FnMut(&mut Self, usize, &BlockEntry)) {
        for leaf in 0..self.blocks.index.leaves() {
            let leaf = self.blocks.index.leaf(self.database, leaf);
            for (number, block) in leaf.iter() {
                if self.sink.stopped() {
                    return;
                }
                visit(self, number, &block);
            }
        }
    }

    fn check_tree(&mut self, number: usize, block: &BlockEntry) {
        let Ok(content) = self.internal(block) else { return };
        let offset = Some(block.offset);
        match content {
            InternalBlock::DataTree { level, total, children } => {
                self.check_data_tree(number, block, level, total, &children);
            }
            InternalBlock::Subnodes(entries) => {
                let ids: Vec<Nid> = entries.iter().map(|entry| entry.nid).collect();
                self.check_ascending(block, "SLBLOCK", &ids);
                for entry in entries {
                    let namer = |field| Namer { structure: "SLENTRY", field, offset, node: Some(entry.nid) };
                    self.use_nid(entry.nid);
                    self.refer(entry.data, namer("bidData"), &[Kind::Data, Kind::XBlock, Kind::XxBlock]);
                    self.refer(entry.subnodes, namer("bidSub"), &[Kind::Subnodes, Kind::SubnodeIndex]);
                }
            }
            InternalBlock::SubnodeIndex(entries) => {
                let ids: Vec<Nid> = entries.iter().map(|entry| entry.nid).collect();
                self.check_ascending(block, "SIBLOCK", &ids);
                for entry in entries {
                    let namer = Namer { structure: "SIENTRY", field: "bid", offset, node: Some(entry.nid) };
                    if let Some((child, found)) = self.refer(entry.block, namer, &[Kind::Subnodes])
                        && self.blocks.kind(child) == Kind::Subnodes
                    {
                        self.check_first_subnode(block, entry.nid, &found);
                    }
                }
            }
        }
    }

    fn check_ascending(&mut self, block: &BlockEntry, structure: &'static str, ids: &[Nid]) {
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
    fn check_first_subnode(&mut self, block: &BlockEntry, key: Nid, child: &BlockEntry) {
        if !self.pay(u64::from(child.size)) {
            return;
        }
        let Ok(InternalBlock::Subnodes(entries)) = self.internal(child) else { return };
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

    fn check_data_tree(&mut self, tree: usize, block: &BlockEntry, level: u8, stated: u32, children: &[Bid]) {
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
            let right = |kind| wanted.contains(&kind) && child.is_internal() == (level != 1);
            let Some((found, entry)) = found.filter(|(found, _)| right(self.blocks.kind(*found))) else {
                whole = false;
                continue;
            };
            let size = self.size_below(found, &entry);
            sum = sum.saturating_add(size);
            if number != last && size.checked_rem(full) != Some(0) && not_full.is_none() {
                not_full = Some((number, *child, size));
            }
        }
        if sum != u64::from(stated) {
            self.blocks.set_sum(tree, sum);
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

    /// Bytes of data in or below a block, without those that hold it together.
    pub(super) fn data_size(&self, bid: Bid) -> u64 {
        let found = self.blocks.index.find(self.database, bid.key());
        found.map_or(0, |(number, entry)| self.size_below(number, &entry))
    }

    fn size_below(&self, number: usize, block: &BlockEntry) -> u64 {
        if !block.bid.is_internal() {
            return u64::from(block.size);
        }
        if let Some(sum) = self.blocks.sum(number) {
            return sum;
        }
        if !matches!(self.blocks.kind(number), Kind::XBlock | Kind::XxBlock) {
            return 0;
        }
        if block.stored_size == block.size {
            let head = self.database.raw(block.offset, 8).ok();
            return head.and_then(|head| bytes::u32(&head, 4)).map_or(0, u64::from);
        }
        match self.internal(block) {
            Ok(InternalBlock::DataTree { total, .. }) => u64::from(total),
            _ => 0,
        }
    }

    /// Counts a reference; the block it leads to, and its number.
    fn refer(&mut self, bid: Bid, namer: Namer, wanted: &[Kind]) -> Option<(usize, BlockEntry)> {
        if bid.is_none() {
            return None;
        }
        if let Some(offset) = namer.offset {
            // Outlook itself was seen to leave it in XBLOCKs.
            let severity = if namer.field == "rgbid" { Severity::Cosmetic } else { Severity::Degraded };
            self.check_reserved_bit(bid, offset, severity);
        }
        let Some((number, entry)) = self.blocks.index.find(self.database, bid.key()) else {
            let text = "a block that is named does not exist";
            let note = namer.place(Note::new(Rule::B8, Severity::Loss, text).block(bid));
            self.found(note.values(bid, "a block of the block B-tree"));
            return None;
        };
        self.blocks.count(number);
        let kind = self.blocks.kind(number);
        if kind != Kind::Broken && (self.blocks.is_readable(number) || !bid.is_internal()) && !wanted.contains(&kind) {
            let rule = if namer.field == "rgbid" { Rule::B6 } else { Rule::B5 };
            let text = "a block of another kind is named";
            let note = namer.place(Note::new(rule, Severity::Loss, text).block(bid));
            let wanted: Vec<String> = wanted.iter().map(|kind| format!("{kind:?}")).collect();
            self.found(note.values(format_args!("{kind:?}"), wanted.join(" or ")));
        }
        Some((number, entry))
    }

    /// B8, B9, B10 and B12: what the nodes name, and the counts of all blocks.
    pub(super) fn check_references(&mut self) {
        self.each_node(&mut |check, _, entry| {
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
        self.each_block(&mut |check, number, block| check.check_count(number, block));
        // Owners that cannot be read may well own.
        if !self.lost_nodes && !self.lost_blocks {
            self.each_block(&mut |check, number, block| check.check_owned(number, block));
        }
    }

    /// B9: what a block counts.
    fn check_count(&mut self, number: usize, block: &BlockEntry) {
        let counted = self.blocks.counted(number);
        let (stated, expected) = (u32::from(block.references), counted.saturating_add(1));
        let is_full = counted >= u32::from(u16::MAX) && block.references == u16::MAX;
        let is_lost = (self.lost_nodes || self.lost_blocks) && stated > expected;
        if stated == expected || is_full || counted == 0 || is_lost {
            return;
        }
        let (severity, text) = match stated.cmp(&expected) {
            std::cmp::Ordering::Less => (
                Severity::Loss,
                "a block has more owners than it knows of: the next deletion destroys it for the others",
            ),
            _ => (Severity::Degraded, "a block counts owners it does not have and is never given back"),
        };
        let severity = self.unless_ost(severity);
        self.found(
            Note::new(Rule::B9, severity, text)
                .field(ENTRY, "cRef")
                .at(block.offset)
                .block(block.bid)
                .values(stated, format_args!("{expected}: {counted} references and one")),
        );
    }

    /// B10: that a block has an owner.
    fn check_owned(&mut self, number: usize, block: &BlockEntry) {
        if self.blocks.counted(number) > 0 {
            return;
        }
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
