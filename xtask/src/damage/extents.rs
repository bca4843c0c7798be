//! Which bytes of a sound file are in use and covered by a checksum, and which blocks belong to which message. Found by
//! following the trees of the sound file: recovery has no part in it.

use std::collections::BTreeSet;
use std::ops::Range;

use anyhow::{Context, Result};
use pst_core::Pst;
use pst_core::ndb::{Bid, Format, InternalBlock, Layout, NodeEntry, PageRef};

/// What an extent is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum What {
    Header,
    NodePage,
    BlockPage,
    Map,
    Block(Bid),
}

/// Bytes that a checksum, a signature or a fixed value covers.
#[derive(Clone, Debug)]
pub(super) struct Extent {
    pub(super) bytes: Range<usize>,
    pub(super) what: What,
}

/// All of a file, in the order of the file.
#[derive(Debug)]
pub(super) struct Extents {
    pub(super) all: Vec<Extent>,
    /// Behind the last byte in use.
    pub(super) end: usize,
    /// Both BREFs in the header.
    pub(super) roots: Range<usize>,
}

impl Extents {
    pub(super) fn of(pst: &Pst, file: &[u8]) -> Result<Self> {
        let format = pst.format();
        let mut all = vec![Extent { bytes: 0..if format.is_ansi() { 479 } else { 528 }, what: What::Header }];
        let root = pst.header().root;
        pages(file, format, root.node_tree, What::NodePage, &mut all)?;
        pages(file, format, root.block_tree, What::BlockPage, &mut all)?;
        for entry in pst.blocks() {
            let entry = entry?;
            let (start, stored) = (usize::try_from(entry.offset)?, usize::from(entry.stored_size));
            let trailer = start + format.block_size_on_disk(stored) - format.block_trailer_size();
            let what = What::Block(entry.bid);
            all.push(Extent { bytes: start..start + stored, what });
            // Behind the known fields, a 4K trailer has some that nobody checks.
            all.push(Extent { bytes: trailer..trailer + format.block_trailer_size().min(16), what });
            if format.layout() == Layout::Unicode4k {
                all.push(Extent { bytes: trailer + 18..trailer + 20, what });
            }
        }
        maps(file, format, root.last_amap, &mut all);
        all.sort_by_key(|extent| extent.bytes.start);
        let end = all.last().map_or(0, |extent| extent.bytes.end);
        let roots = if format.is_ansi() { 184..200 } else { 216..248 };
        Ok(Self { all, end, roots })
    }

    /// The extents in which bytes differ. `touched` are the ranges that may.
    pub(super) fn hit(&self, sound: &[u8], damaged: &[u8], touched: &[Range<usize>]) -> BTreeSet<What> {
        let mut hit = BTreeSet::new();
        for range in touched {
            let first = self.all.partition_point(|extent| extent.bytes.end <= range.start);
            for extent in self.all[first..].iter().take_while(|extent| extent.bytes.start < range.end) {
                let common = extent.bytes.start.max(range.start)..extent.bytes.end.min(range.end);
                if sound.get(common.clone()) != damaged.get(common) {
                    hit.insert(extent.what);
                }
            }
        }
        hit
    }
}

fn number(bytes: &[u8], size: usize) -> u64 {
    bytes.iter().take(size).rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The pages of a tree (MS-PST 2.2.2.7.7).
fn pages(file: &[u8], format: Format, root: PageRef, what: What, all: &mut Vec<Extent>) -> Result<()> {
    let mut open = vec![root.offset];
    while let Some(offset) = open.pop() {
        let at = usize::try_from(offset)?;
        let page = file.get(at..at + format.page_size()).context("a page outside of a sound file")?;
        all.push(Extent { bytes: at..at + format.page_data_size() + format.page_trailer_size().min(16), what });
        let fields = &page[format.page_entries_size()..];
        let (count, size, level) = match format.layout() {
            Layout::Unicode4k => (usize::from(fields[0]) | usize::from(fields[1]) << 8, fields[4], fields[5]),
            _ => (usize::from(fields[0]), fields[2], fields[3]),
        };
        if level > 0 {
            let width = format.id_size();
            open.extend(
                page.chunks_exact(usize::from(size)).take(count).map(|entry| number(&entry[2 * width..], width)),
            );
        }
    }
    Ok(())
}

/// The maps at the start of each section (MS-PST 1.3.2).
fn maps(file: &[u8], format: Format, last: u64, all: &mut Vec<Extent>) {
    let (first, step) = (format.first_amap(), format.amap_step());
    for section in 0..=last.saturating_sub(first) / step {
        let mut count = 1;
        if format.layout() != Layout::Unicode4k {
            count += usize::from(section % 8 == 0);
            count += usize::from(section >= 128 && (section - 128) % 496 == 0);
            count += usize::from(!format.is_ansi() && section >= 8192 && (section - 8192) % 31_744 == 0);
        }
        for page in 0..count {
            let at = usize::try_from(first + section * step).unwrap_or(usize::MAX) + page * format.page_size();
            if at < file.len() {
                let size = format.page_data_size() + format.page_trailer_size().min(16);
                all.push(Extent { bytes: at..at + size, what: What::Map });
            }
        }
    }
}

/// All blocks of a node: its data, its subnodes, theirs, and what holds them together.
pub(super) fn blocks_of(pst: &Pst, node: &NodeEntry) -> Result<BTreeSet<Bid>> {
    let mut blocks = BTreeSet::new();
    let mut open = vec![node.data, node.subnodes];
    while let Some(bid) = open.pop() {
        if bid.is_none() || !blocks.insert(bid) || !bid.is_internal() {
            continue;
        }
        match InternalBlock::decode(&pst.block(bid)?, pst.format())? {
            InternalBlock::DataTree { children, .. } => open.extend(children),
            InternalBlock::Subnodes(entries) => {
                open.extend(entries.iter().flat_map(|entry| [entry.data, entry.subnodes]));
            }
            InternalBlock::SubnodeIndex(entries) => open.extend(entries.iter().map(|entry| entry.block)),
        }
    }
    Ok(blocks)
}
