//! B1 to B4, B14 and P6: blocks in the order of the file, each by itself.

use crate::bytes;
use crate::ndb::checksum::{crc, signature};
use crate::ndb::{Bid, BlockEntry, CryptMethod, InternalBlock};
use crate::verify::blocks::Kind;
use crate::verify::file_order::{FileOrder, Placed};
use crate::verify::header::Geometry;
use crate::verify::report::{Note, Phase, RegionKind};
use crate::verify::{Check, Rule, Severity};

const ENTRY: &str = "BBTENTRY";
const TRAILER: &str = "BLOCKTRAILER";

impl Check<'_> {
    pub(super) fn check_blocks(&mut self) {
        let mut order = FileOrder::new();
        let page_size = u64::try_from(self.format.page_size()).unwrap_or(1);
        let met = std::mem::take(&mut self.pages);
        let mut pages = met.iter().map(|page| page.saturating_mul(page_size)).peekable();
        // What reaches furthest so far: its end, and its place.
        let mut before: (u64, u64) = (0, 0);
        let end = self.end();
        let threads = self.threads;
        while let Some((Placed { number, entry: block }, sum)) =
            order.next_with_sum(threads, &self.blocks.index, self.database).filter(|_| !self.sink.stopped())
        {
            self.sink.progress(Phase::Blocks, block.offset.min(end), end);
            while let Some(page) = pages.next_if(|page| *page <= block.offset) {
                self.sink.region(page, page_size, RegionKind::Page);
                self.check_overlap(&mut before, page, page_size, None);
            }
            if let Some(size) = self.check_block_place(&block) {
                self.check_overlap(&mut before, block.offset, size, Some(block.bid));
                self.check_block(number, &block, size, sum);
                let kind = match (self.blocks.is_readable(number), block.bid.is_internal()) {
                    (false, _) => RegionKind::Damaged,
                    (true, true) => RegionKind::Internal,
                    (true, false) => RegionKind::Data,
                };
                self.sink.region(block.offset, size, kind);
            }
        }
        for page in pages {
            self.sink.region(page, page_size, RegionKind::Page);
            self.check_overlap(&mut before, page, page_size, None);
        }
        self.pages = met;
        if !self.sink.stopped() {
            self.check_trees();
            self.check_references();
        }
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
    fn check_block_place(&mut self, block: &BlockEntry) -> Option<u64> {
        let note = |rule, text| Note::new(rule, Severity::Loss, text).at(block.offset).block(block.bid);
        let most = self.format.max_block_data();
        let stored = usize::from(block.stored_size);
        if stored == 0 || stored > most {
            let text = "a block has an impossible size";
            self.found(note(Rule::B3, text).field(ENTRY, "cb").values(stored, format_args!("1 to {most}")));
            return None;
        }
        if block.size < block.stored_size || usize::from(block.size) > most {
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

    /// Checks trailer, signature and CRC, which may be known; decodes what holds other blocks.
    fn check_block(&mut self, number: usize, block: &BlockEntry, size: u64, sum: Option<u32>) {
        let Ok(size) = usize::try_from(size) else { return };
        let Some(disk) = self.raw(block.offset, size) else { return };
        let totals = &mut self.sink.report.totals;
        totals.block_bytes = totals.block_bytes.saturating_add(u64::from(block.stored_size));
        let trailer_at = size.saturating_sub(self.format.block_trailer_size());
        let place = |at: usize| block.offset.saturating_add(u64::try_from(trailer_at.saturating_add(at)).unwrap_or(0));
        let data = disk.get(..usize::from(block.stored_size)).unwrap_or_default();
        let trailer = disk.get(trailer_at..).unwrap_or_default();
        let (ansi, is_4k) = (self.format.is_ansi(), self.is_4k());
        let (id_at, crc_at) = if ansi { (4, 8) } else { (8, 4) };
        let word = |at| bytes::u16(trailer, at).unwrap_or(0);
        let id = if ansi { bytes::u32(trailer, id_at).map(u64::from) } else { bytes::u64(trailer, id_at) }.unwrap_or(0);
        let computed = sum.unwrap_or_else(|| crc(data));
        let stored_crc = bytes::u32(trailer, crc_at).unwrap_or(0);
        // The reserved bit of the trailer's own id counts; another block's id does not.
        let right = signature(block.offset, if Bid::new(id) == block.bid { id } else { block.bid.raw() });
        let mut sound = true;
        let inflated = (is_4k && word(18) != block.size)
            .then(|| (Rule::B2, "inflated size", 18, word(18).to_string(), block.size.to_string()));
        let wrong = [
            (word(0) != block.stored_size)
                .then(|| (Rule::B2, "cb", 0, word(0).to_string(), block.stored_size.to_string())),
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
        let is_compressed = block.stored_size != block.size;
        if sound
            && is_compressed
            && let Err(error) = self.database.block(block, CryptMethod::None)
        {
            let text = "a compressed block does not inflate to its size";
            let note = Note::new(Rule::B14, Severity::Loss, text).error(&error).at(block.offset).block(block.bid);
            self.found(note);
            sound = false;
        }
        if !block.bid.is_internal() {
            if sound {
                self.blocks.set(number, Kind::Data);
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
        self.blocks.set(number, kind);
    }

    /// An internal block as it is, whatever its trailer says.
    pub(super) fn internal(&self, block: &BlockEntry) -> crate::Result<InternalBlock> {
        let data = if block.stored_size == block.size {
            self.database.raw(block.offset, usize::from(block.stored_size))?
        } else {
            self.database.block(block, CryptMethod::None)?
        };
        InternalBlock::decode(&data, self.format)
    }
}
