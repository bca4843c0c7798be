//! The newest whole state of a store, where the header leads to none or to an older one.
//!
//! A root is a page that no other names. The newest page of a tree is part of its newest state, so the tree that hangs from
//! a root must have it. Any leaf alone is a whole tree as well; what tells a root is that both trees fit each other: every
//! block a node names has an entry, and hardly an entry is named by nothing.

use std::collections::BTreeSet;

use crate::Result;
use crate::ndb::{BlockEntry, Database, Header, NodeEntry, PageRef, Record};
use crate::recover::fragments::{Marks, mark_below};
use crate::recover::page::TreePage;
use crate::recover::scan::{FoundPage, Scan};
use crate::recover::trees::reach;

/// Roots that are tried for each tree.
const MOST_TRIED: usize = 4;

/// Pages from which the newest page hangs and that nothing names, newest first.
fn candidates<R: Record>(database: &Database, pages: &[FoundPage]) -> Vec<PageRef> {
    let mut named: BTreeSet<u64> = BTreeSet::new();
    for page in pages.iter().filter(|page| page.level > 0) {
        let at = PageRef { id: page.id, offset: page.offset };
        if let Ok(open) = TreePage::open::<R>(database, at) {
            named.extend(open.children::<R>().into_iter().map(|(entry, _)| entry.child.offset));
        }
    }
    let mut free: Vec<&FoundPage> = pages.iter().filter(|page| !named.contains(&page.offset)).collect();
    free.sort_by_key(|page| std::cmp::Reverse((page.id, page.level)));
    free.into_iter().take(MOST_TRIED).map(|page| PageRef { id: page.id, offset: page.offset }).collect()
}

/// Whether all pages below a root can be read, and the newest one is among them.
fn is_whole<R: Record>(database: &Database, pages: &[FoundPage], root: PageRef) -> Result<bool> {
    let newest = pages.iter().map(|page| page.id).max().unwrap_or(0);
    let mut has_newest = root.id == newest;
    let reached = reach::<R>(database, root, &mut |_| Ok(()))?;
    if reached.bad_pages > 0 || reached.records == 0 {
        return Ok(false);
    }
    let mut open = vec![root];
    // As many pages as were just read.
    for _ in 0..reached.pages {
        let Some(at) = open.pop().filter(|_| !has_newest) else { break };
        let Ok(page) = TreePage::open::<R>(database, at) else { break };
        if page.shape.level > 0 {
            for (entry, _) in page.children::<R>() {
                has_newest |= entry.child.id == newest;
                open.push(entry.child);
            }
        }
    }
    Ok(has_newest)
}

/// Whether nodes and blocks are those of one state.
fn fit(database: &Database) -> Result<bool> {
    let root = database.header().root;
    let (mut count, mut greatest) = (0u64, 0u64);
    reach::<BlockEntry>(database, root.block_tree, &mut |entry: BlockEntry| {
        count = count.saturating_add(1);
        greatest = greatest.max(entry.bid.key());
        Ok(())
    })?;
    let Some(mut marks) = Marks::new(greatest) else { return Ok(false) };
    let (mut fits, mut used) = (true, 0u64);
    reach::<NodeEntry>(database, root.node_tree, &mut |entry: NodeEntry| {
        for bid in [entry.data, entry.subnodes].into_iter().filter(|bid| !bid.is_none()) {
            fits = fits && database.block_entry(bid).is_ok();
        }
        if fits {
            used = used.saturating_add(mark_below(database, &mut marks, [entry.data, entry.subnodes]));
        }
        Ok(())
    })?;
    // Real stores have a few blocks that nothing names.
    let spare = count.checked_div(10).unwrap_or(0).saturating_add(8);
    Ok(fits && used.saturating_add(spare) >= count)
}

/// The header with the roots of the newest whole state the scan found.
///
/// # Errors
/// None but those of reading.
pub(super) fn newest(database: &Database, scan: &Scan, open: &dyn Fn(&Header) -> Database) -> Result<Option<Header>> {
    let header = database.header();
    for node_tree in candidates::<NodeEntry>(database, &scan.node_pages) {
        if !is_whole::<NodeEntry>(database, &scan.node_pages, node_tree)? {
            continue;
        }
        for block_tree in candidates::<BlockEntry>(database, &scan.block_pages) {
            if !is_whole::<BlockEntry>(database, &scan.block_pages, block_tree)? {
                continue;
            }
            let mut newest = header.clone();
            newest.root.node_tree = node_tree;
            newest.root.block_tree = block_tree;
            if fit(&open(&newest))? {
                newest.next_page = newest.next_page.max(scan.greatest_page.saturating_add(1));
                return Ok(Some(newest));
            }
        }
    }
    Ok(None)
}

/// Whether the header may be that of an older state: the maps it speaks of are others, or the file has grown.
pub(super) fn is_doubtful(database: &Database) -> bool {
    let root = database.header().root;
    if root.file_size != database.len() || !(1..=2).contains(&root.amap_valid) {
        return true;
    }
    let free = crate::ndb::maps::AllocationMaps::new(database)
        .filter_map(Result::ok)
        .fold(0u64, |sum, map| sum.saturating_add(map.free_bytes()));
    free != root.amap_free
}
