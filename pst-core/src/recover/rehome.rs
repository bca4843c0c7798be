//! Pieces that stand where they do not belong: sectors that changed places.
//!
//! A signature ties a page or block to its place and id. One whose CRC is right and whose signature is that of **another**
//! place, namely of the place at which a B-tree page names it, was moved as it is. It is shown at its place again, so that
//! everything else reads it like any other.

use std::collections::BTreeMap;

use crate::ndb::checksum::signature;
use crate::ndb::page::PageType;
use crate::ndb::{BlockEntry, Database, Header, NodeEntry, PageRef, Record};
use crate::recover::overlay::{Patch, Patched, Shared};
use crate::recover::page::TreePage;
use crate::recover::scan::{Moved, MovedPiece, Scan};
use crate::recover::trees::reach;
use crate::{Limits, Result};

/// Levels of a tree that may be found one after the other.
const MOST_ROUNDS: usize = 10;

/// How many pages and blocks were shown at their places.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Rehomed {
    pub(super) pages: u64,
    pub(super) blocks: u64,
}

/// Shows moved pieces at their places: `source` and `scan` have them there afterwards.
///
/// # Errors
/// Those of scratch files.
pub(super) fn rehome(source: &mut Shared, header: &Header, scan: &mut Scan) -> Result<Rehomed> {
    let mut done = Rehomed::default();
    if scan.moved.is_empty() {
        return Ok(done);
    }
    let mut by_id: BTreeMap<u64, Vec<Moved>> = BTreeMap::new();
    for moved in std::mem::take(&mut scan.moved) {
        by_id.entry(moved.id).or_default().push(moved);
    }
    let base = source.clone();
    let mut patches: Vec<Patch> = Vec::new();
    let open = |source: &Shared| Database::new(Box::new(source.clone()), header.clone(), Limits::default(), true);
    for _ in 0..MOST_ROUNDS {
        let database = open(source);
        let mut new = missing::<NodeEntry>(&database, header.root.node_tree, scan, &by_id);
        new.extend(missing::<BlockEntry>(&database, header.root.block_tree, scan, &by_id));
        if new.is_empty() {
            break;
        }
        for (kind, patch, mut page) in new {
            page.offset = patch.at;
            let pages = if kind == PageType::NodeTree { &mut scan.node_pages } else { &mut scan.block_pages };
            pages.push(page);
            patches.push(patch);
            done.pages = done.pages.saturating_add(1);
        }
        scan.node_pages.sort_by_key(|page| page.offset);
        scan.block_pages.sort_by_key(|page| page.offset);
        *source = Patched::over(base.clone(), &patches);
    }
    let database = open(source);
    let mut blocks = Vec::new();
    reach::<BlockEntry>(&database, header.root.block_tree, &mut |entry: BlockEntry| {
        let places = by_id.get(&entry.bid.raw()).into_iter().flatten();
        let fits = |moved: &&Moved| {
            matches!(moved.piece, MovedPiece::Block(block) if block.stored_size == entry.stored_size
                && block.size == entry.size)
                && moved.signature == signature(entry.offset, moved.id)
        };
        if let Some(Moved { piece: MovedPiece::Block(block), .. }) = places.clone().find(fits)
            && database.block(&entry, crate::ndb::CryptMethod::None).is_err()
        {
            let size = database.format().block_size_on_disk(usize::from(entry.stored_size));
            let length = u64::try_from(size).unwrap_or(0);
            patches.push(Patch { at: entry.offset, from: block.offset, length });
            blocks.push(crate::recover::scan::FoundBlock { offset: entry.offset, ..*block });
        }
        Ok(())
    })?;
    drop(database);
    done.blocks = u64::try_from(blocks.len()).unwrap_or(u64::MAX);
    for block in blocks {
        scan.add(&block)?;
    }
    if done.pages > 0 || done.blocks > 0 {
        *source = Patched::over(base, &patches);
    }
    Ok(done)
}

/// Pages of a tree that something names, that cannot be read there, and that stand elsewhere.
fn missing<R: Record>(
    database: &Database,
    root: PageRef,
    scan: &Scan,
    by_id: &BTreeMap<u64, Vec<Moved>>,
) -> Vec<(PageType, Patch, crate::recover::scan::FoundPage)> {
    let size = u64::try_from(database.format().page_size()).unwrap_or(512);
    let mut found: BTreeMap<u64, _> = BTreeMap::new();
    let mut look = |at: PageRef| {
        let Some(places) = by_id.get(&at.id) else { return };
        let fits = |moved: &&Moved| {
            matches!(moved.piece, MovedPiece::Page(kind, _) if kind == R::KIND)
                && moved.signature == signature(at.offset, at.id)
        };
        if let Some(Moved { piece: MovedPiece::Page(kind, page), .. }) = places.iter().find(fits)
            && at.offset.checked_rem(size) == Some(0)
            && TreePage::open::<R>(database, at).is_err()
        {
            let patch = Patch { at: at.offset, from: page.offset, length: size };
            found.entry(at.offset).or_insert((*kind, patch, *page));
        }
    };
    look(root);
    let pages = if R::KIND == PageType::NodeTree { &scan.node_pages } else { &scan.block_pages };
    for page in pages.iter().filter(|page| page.level > 0) {
        if let Ok(open) = TreePage::open::<R>(database, PageRef { id: page.id, offset: page.offset }) {
            open.children::<R>().into_iter().for_each(|(entry, _)| look(entry.child));
        }
    }
    found.into_values().collect()
}
