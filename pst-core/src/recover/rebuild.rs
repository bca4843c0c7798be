//! Both B-trees made anew from what is trusted and what a scan found.
//!
//! Records of nodes are known from pages alone. Blocks prove themselves: an entry that leads to no proven block is replaced
//! by another proven block of the same id, and a proven block that no page names is added under its own. That may be one
//! that was freed; ids are used once, so it can stand for nothing else.

use crate::ndb::{Bid, BlockEntry, Database, Format, Header, Nid, NidType, NodeEntry, PageRef};
use crate::recover::build::TreeBuilder;
use crate::recover::claims::Keys;
use crate::recover::overlay::TailWriter;
use crate::recover::page::TreePage;
use crate::recover::report::{BlockCounts, Report};
use crate::recover::scan::{FoundBlock, FoundPage, Scan};
use crate::recover::trees::{Filled, Origin, State, fill, reach};
use crate::write::spool::Sorter;
use crate::{Error, ErrorKind, Result, bytes};

/// Copies of one block that are looked at; there are never more than a few.
const MOST_COPIES: usize = 64;

/// The rebuilt trees, behind the end of the file.
pub(super) struct Rebuilt {
    pub(super) tail: TailWriter,
    pub(super) header: Header,
    pub(super) origins: Vec<Origin>,
    /// Ids of nodes that no page in its last state speaks for.
    pub(super) uncovered: Vec<Keys>,
    /// Messages on pages that were found, in use or not, by id; those of the newest pages last. Only if asked for.
    pub(super) former: Option<Sorter>,
}

/// The nodes of messages on all leaf pages found, and what stands on them behind the entries in use.
fn former_nodes(database: &Database, pages: &[FoundPage]) -> Result<Sorter> {
    let mut former = Sorter::new(None);
    let mut order: Vec<&FoundPage> = pages.iter().filter(|page| page.level == 0).collect();
    order.sort_by_key(|page| page.id);
    for page in order {
        let at = PageRef { id: page.id, offset: page.offset };
        let Ok(page) = TreePage::open::<NodeEntry>(database, at) else { continue };
        // What is in use is newer than what is not.
        for entry in page.stale::<NodeEntry>().chain(page.records()) {
            let is_message = matches!(entry.nid.kind(), NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE);
            if is_message && !entry.data.is_none() {
                former.push(u64::from(entry.nid.raw()), &node_record(&entry))?;
            }
        }
    }
    Ok(former)
}

/// The bytes of a node entry beside its key.
pub(super) fn node_record(entry: &NodeEntry) -> [u8; 20] {
    let mut record = [0; 20];
    let parts = [
        &entry.data.raw().to_le_bytes()[..],
        &entry.subnodes.raw().to_le_bytes()[..],
        &entry.parent.raw().to_le_bytes()[..],
    ];
    record.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
    record
}

pub(super) fn node_of(key: u64, record: &[u8]) -> Option<NodeEntry> {
    Some(NodeEntry {
        nid: Nid::new(u32::try_from(key).ok()?),
        data: Bid::new(bytes::u64(record, 0)?),
        subnodes: Bid::new(bytes::u64(record, 8)?),
        parent: Nid::new(bytes::u32(record, 16)?),
    })
}

/// The bytes of an entry of the block B-tree; as long as no found block's.
pub(super) fn block_record(entry: &BlockEntry) -> Vec<u8> {
    let mut record = Vec::with_capacity(TREE_RECORD);
    record.extend_from_slice(&entry.bid.raw().to_le_bytes());
    record.extend_from_slice(&entry.offset.to_le_bytes());
    record.extend_from_slice(&entry.stored_size.to_le_bytes());
    record.extend_from_slice(&entry.size.to_le_bytes());
    record.extend_from_slice(&entry.references.to_le_bytes());
    record
}

const TREE_RECORD: usize = 22;

pub(super) fn block_of(record: &[u8]) -> Option<BlockEntry> {
    Some(BlockEntry {
        bid: Bid::new(bytes::u64(record, 0)?),
        offset: bytes::u64(record, 8)?,
        stored_size: bytes::u16(record, 16)?,
        size: bytes::u16(record, 18)?,
        references: bytes::u16(record, 20)?,
    })
}

/// All that is known of one block id.
#[derive(Default)]
struct Known {
    named: Option<BlockEntry>,
    proven: Vec<FoundBlock>,
}

impl Known {
    /// The entry the new tree should have.
    fn settle(
        &self,
        format: Format,
        length: u64,
        counts: &mut BlockCounts,
        ambiguous: &mut Vec<Bid>,
    ) -> Option<BlockEntry> {
        let of = |found: &FoundBlock, references| BlockEntry {
            bid: found.bid,
            offset: found.offset,
            stored_size: found.stored_size,
            size: found.size,
            references,
        };
        let named = self.named;
        if let Some(named) = named
            && let Some(found) = self.proven.iter().find(|found| found.offset == named.offset)
        {
            counts.trusted = counts.trusted.saturating_add(1);
            return Some(of(found, named.references));
        }
        // The last one in the file, if they are different: nothing says which is right.
        if let Some(best) = self.proven.last() {
            if self.proven.iter().any(|other| (other.crc, other.stored_size) != (best.crc, best.stored_size)) {
                counts.ambiguous = counts.ambiguous.saturating_add(1);
                if ambiguous.len() < Report::MAX_KEPT {
                    ambiguous.push(best.bid);
                }
            }
            let count = if named.is_some() { &mut counts.replaced } else { &mut counts.found };
            *count = count.saturating_add(1);
            return Some(of(best, named.map_or(2, |named| named.references)));
        }
        let named = named?;
        let on_disk = u64::try_from(format.block_size_on_disk(usize::from(named.stored_size))).unwrap_or(u64::MAX);
        if named.offset.checked_add(on_disk).is_none_or(|end| end > length) {
            counts.beyond_end = counts.beyond_end.saturating_add(1);
            return None;
        }
        counts.unreadable = counts.unreadable.saturating_add(1);
        // It stays, so that whoever reads it is told what is wrong with it.
        Some(named)
    }
}

/// Makes both trees.
///
/// # Errors
/// Those of the disk that scratch files are on; `Limit` if an ANSI file has no room behind its end.
pub(super) fn rebuild(
    database: &Database,
    scan: Scan,
    mut tail: TailWriter,
    with_former: bool,
    report: &mut Report,
) -> Result<Rebuilt> {
    let format = database.format();
    let former = with_former.then(|| former_nodes(database, &scan.node_pages)).transpose()?;
    let mut header = database.header().clone();
    let mut next_page = next_page(format, header.next_page.max(scan.greatest_page.saturating_add(1)));

    let mut nodes = Sorter::new(None);
    let mut push = |entry: NodeEntry| nodes.push(u64::from(entry.nid.raw()), &node_record(&entry));
    let reached = reach::<NodeEntry>(database, header.root.node_tree, &mut push)?;
    let mut superseded = 0u64;
    let Filled { origins, uncovered } = fill::<NodeEntry>(database, &scan.node_pages, &reached.lost, &mut |entry| {
        let state = state_of(database, &entry);
        if state == State::Gone {
            superseded = superseded.saturating_add(1);
            return Ok(state);
        }
        push(entry).map(|()| state)
    })?;
    report.nodes.superseded = superseded;
    report.node_tree.note(&reached, &scan.node_pages);
    let mut tree = TreeBuilder::new(format, &mut tail, &mut next_page);
    let mut sorted = nodes.finish()?;
    let mut last = None;
    while let Some((key, record)) = sorted.next()? {
        // The trusted one comes first.
        let Some(entry) = node_of(key, record).filter(|entry| last != Some(entry.nid)) else { continue };
        last = Some(entry.nid);
        report.nodes.total = report.nodes.total.saturating_add(1);
        if let Some(counter) = header.node_counters.get_mut(usize::from(entry.nid.kind().number())) {
            *counter = entry.nid.index().max(*counter);
        }
        tree.push(entry)?;
    }
    report.nodes.trusted = reached.records.min(report.nodes.total);
    report.nodes.rebuilt = report.nodes.total.saturating_sub(report.nodes.trusted);
    header.root.node_tree = tree.finish()?;

    let mut blocks = scan.blocks;
    let mut push = |entry: BlockEntry| blocks.push(entry.bid.key(), &block_record(&entry));
    let reached = reach::<BlockEntry>(database, header.root.block_tree, &mut push)?;
    report.block_tree.note(&reached, &scan.block_pages);
    let mut tree = TreeBuilder::new(format, &mut tail, &mut next_page);
    let mut sorted = blocks.finish()?;
    let mut known: Option<(u64, Known)> = None;
    let mut greatest = 0;
    let mut settle = |known: &Known, tree: &mut TreeBuilder<'_, BlockEntry>| match known.settle(
        format,
        database.len(),
        &mut report.blocks,
        &mut report.ambiguous_blocks,
    ) {
        Some(entry) => {
            greatest = entry.bid.key();
            tree.push(entry)
        }
        None => Ok(()),
    };
    while let Some((key, record)) = sorted.next()? {
        if known.as_ref().is_some_and(|(other, _)| *other != key)
            && let Some((_, known)) = known.take()
        {
            settle(&known, &mut tree)?;
        }
        let (_, known) = known.get_or_insert_with(|| (key, Known::default()));
        if record.len() == TREE_RECORD {
            known.named = known.named.or_else(|| block_of(record));
        } else if known.proven.len() < MOST_COPIES {
            known.proven.extend(FoundBlock::from_record(record));
        }
    }
    if let Some((_, known)) = known {
        settle(&known, &mut tree)?;
    }
    header.root.block_tree = tree.finish()?;
    header.next_block = next_block(format, header.next_block, greatest)?;
    header.next_page = next_page;
    finish_header(&mut header, &tail);
    Ok(Rebuilt { tail, header, origins, uncovered, former })
}

/// Whether the block tree, as far as it can be read, has given a block up: the object was written again since, or deleted.
pub(super) fn is_freed(database: &Database, bid: Bid) -> bool {
    !bid.is_none() && database.block_entry(bid).is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

/// What the block tree says of a node on a page that was found again. Blocks are never changed, so a node whose blocks are
/// still in use is as it was last.
pub(super) fn state_of(database: &Database, entry: &NodeEntry) -> State {
    let mut state = State::Last;
    for bid in [entry.data, entry.subnodes].into_iter().filter(|bid| !bid.is_none()) {
        match database.block_entry(bid) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => return State::Gone,
            Err(_) => state = State::Unknown,
        }
    }
    state
}

/// The next page id; ids of hostile files may leave no room for more.
pub(super) fn next_page(format: Format, next: u64) -> u64 {
    let most = if format.is_ansi() { u64::from(u32::MAX) } else { u64::MAX } >> 1;
    if next < most { next.max(1) } else { 1 }
}

/// The id the next block may have.
fn next_block(format: Format, next: u64, greatest: u64) -> Result<u64> {
    let most = if format.is_ansi() { u64::from(u32::MAX) } else { u64::MAX } >> 1;
    let of = |id: u64| id.saturating_add(4) & !3;
    // A torn header may say anything.
    let next = if next < most { next.max(of(greatest)) } else { of(greatest) };
    if next < most { Ok(next.max(4)) } else { Err(Error::limit("block", "id", next, most)) }
}

/// Fields of the header that follow from the new trees. The maps know nothing of what was added.
pub(super) fn finish_header(header: &mut Header, tail: &TailWriter) {
    header.root.file_size = tail.position();
    header.root.amap_valid = 0;
    header.unique = header.unique.wrapping_add(1);
}

/// A page that is nowhere: what a lost root is replaced by until there is a new one.
pub(super) const NO_PAGE: PageRef = PageRef { id: 0, offset: !0xFFF };
