//! Brings back what can be brought back of a damaged PST or OST.
//!
//! ```no_run
//! use pst_core::recover::{RecoverOptions, recover};
//!
//! let recovery = recover("damaged.pst", &RecoverOptions::new(), &mut |_| std::ops::ControlFlow::Continue(()))?;
//! println!("{} nodes found again", recovery.report.nodes.rebuilt);
//! for folder in recovery.pst.root_folder()?.descendants() {
//!     println!("{}", folder?.name()?);
//! }
//! # Ok::<(), pst_core::Error>(())
//! ```
//!
//! The file is only read. The result is an open store like any other: what had to be made anew (pages of B-trees, a header,
//! tables of folders) is shown behind the end of the file and over its start, and nothing is copied. Everything that works
//! on a [`Pst`] works on it, [`transfer`](crate::transfer) to a sound file above all.
//!
//! ```text
//! header       as it stands, unless the file has a newer state; else layout and
//!              coding from what proves itself                                         scan, roots
//! sectors      shown at the place their signatures name, if they stand elsewhere      rehome
//! B-trees      what hangs from the roots; the rest from pages found, newest first     trees, rebuild
//! blocks       by the tree; else by their trailers                                    scan, rebuild
//! folders      nodes every store has; folders that are lost, items without a folder   structure
//! tables       those that cannot be read or do not list what is there, made anew      table
//! messages     put together from their blocks where nodes are lost                    fragments
//! on request   messages that were deleted
//! ```
//!
//! A sound file comes out as it is, at the cost of reading its B-trees, its allocation maps and the tables of its folders.
//!
//! # What to believe
//!
//! Nothing is taken that does not prove itself: a page by type, signature and CRC, a block by its length, signature and CRC.
//! What cannot be known that way is the last state: an old page may be all that is left of a range of keys. An entry of it is
//! taken unless the block B-tree has given up its blocks; if it still has them, the entry is that of the last state.
//! [`Recovery::items`] tells for each item where its node was found, how sure that is, and what of it is missing.
//!
//! # Memory
//!
//! 40 bytes per page of the B-trees while they are rebuilt, a record for each folder, and scratch files for the rest.

mod additions;
mod build;
mod claims;
mod fragments;
mod header;
mod overlay;
mod page;
mod rebuild;
mod rehome;
mod report;
mod roots;
mod scan;
mod structure;
mod table;
mod trees;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

pub use report::{
    BlockCounts, Confidence, FolderCounts, HeaderState, LostItem, NodeCounts, NodeSource, Provenance, Report,
    TreeCounts,
};

use crate::messaging::inspect;
use crate::ndb::{BlockEntry, Database, Header, Nid, NodeEntry};
use crate::recover::additions::Additions;
use crate::recover::header::{Found, find};
use crate::recover::overlay::{Overlay, Shared, TailWriter};
use crate::recover::rebuild::state_of;
use crate::recover::report::cancelled;
use crate::recover::structure::{Extra, Fragments, Wanted};
use crate::recover::trees::{Origin, State, origin_of, reach};
use crate::source::Source;
use crate::{OpenOptions, Pst, Result};

/// What to look for.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RecoverOptions {
    /// How the result is opened.
    pub open: OpenOptions,
    /// The whole file is searched for pages and blocks even if nothing of the B-trees is missing, so that damaged blocks
    /// are replaced by others of the same id. Costs one pass over the file.
    pub always_scan: bool,
    /// Messages that were deleted and whose pages and blocks are not used again yet come back too, into a folder
    /// *Recovered deleted items*. Costs one pass over the file.
    pub deleted: bool,
    /// All messages whose node is nowhere are put together from blocks that nothing names, deleted ones among them. Where a
    /// folder still lists such a message it comes back there, else into a folder *Recovered fragments*. Without this it is
    /// done where pages of the node B-tree are lost, and for messages that the block B-tree has not given up. Costs one pass
    /// over the file.
    pub fragments: bool,
}

impl RecoverOptions {
    /// The defaults: what the store had, and nothing it had given up.
    pub fn new() -> Self {
        Self::default()
    }

    /// How the result is opened; its limits and code page hold for all that is read.
    #[must_use]
    pub fn open(mut self, open: OpenOptions) -> Self {
        self.open = open;
        self
    }

    /// Whether the whole file is searched even if nothing of the B-trees is missing (default false).
    #[must_use]
    pub fn always_scan(mut self, always: bool) -> Self {
        self.always_scan = always;
        self
    }

    /// Whether deleted messages come back too (default false).
    #[must_use]
    pub fn deleted(mut self, deleted: bool) -> Self {
        self.deleted = deleted;
        self
    }

    /// Whether messages are put together from blocks that nothing names (default false).
    #[must_use]
    pub fn fragments(mut self, fragments: bool) -> Self {
        self.fragments = fragments;
        self
    }
}

/// What a recovery is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Phase {
    /// Looking for a layout in a file without a header.
    Layout,
    /// Looking for pages and blocks.
    Scan,
    /// Looking through folders.
    Folders,
}

/// How far a recovery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What it does.
    pub phase: Phase,
    /// Bytes, or folders, done.
    pub done: u64,
    /// Bytes of the file. How many folders there are is not known before.
    pub total: u64,
}

/// Told how far a recovery is; `Break` ends it with an error of kind `Cancelled`.
pub type OnProgress<'a> = dyn FnMut(Progress) -> ControlFlow<()> + 'a;

/// A store that was brought back.
#[derive(Debug)]
#[non_exhaustive]
pub struct Recovery {
    /// The store.
    pub pst: Pst,
    /// What was found, and how.
    pub report: Report,
    /// Where nodes that were found again come from.
    origins: Vec<Origin>,
    /// Messages that were deleted, or put together; of the latter whether a folder lists them.
    extra: Extra,
    /// The file as it was found.
    found: Database,
}

/// An item of a recovered store.
#[derive(Debug)]
#[non_exhaustive]
pub struct RecoveredItem {
    /// Its node.
    pub entry: NodeEntry,
    /// Where it was found, and what of it is missing.
    pub provenance: Provenance,
}

impl Recovery {
    /// Every message of the store with where it was found and what of it is missing. **Each is read to its last byte.**
    pub fn items(&self) -> impl Iterator<Item = Result<RecoveredItem>> + '_ {
        self.pst.message_entries().map(|entry| {
            let entry = entry?;
            let missing = inspect(&self.pst.message_from_entry(entry)?).errors;
            let (node, confidence) = self.source_of(entry.nid);
            Ok(RecoveredItem { entry, provenance: Provenance { node, confidence, missing } })
        })
    }

    /// How a node was found, and how sure that is. Costs a search in memory.
    pub fn source_of(&self, nid: Nid) -> (NodeSource, Confidence) {
        if self.extra.deleted.contains(&nid) {
            return (NodeSource::Deleted, Confidence::Medium);
        }
        if let Some(is_listed) = self.extra.fragments.get(&nid) {
            return (NodeSource::Fragment, if *is_listed { Confidence::Medium } else { Confidence::Low });
        }
        match origin_of(&self.origins, u64::from(nid.raw())) {
            None => (NodeSource::Tree, Confidence::High),
            Some(origin) => {
                let node = self.pst.node(nid).ok().flatten();
                let is_last = node.is_some_and(|node| state_of(&self.found, node.entry()) == State::Last);
                let confidence = if is_last { Confidence::High } else { Confidence::Medium };
                (NodeSource::LeafPage(origin.page), confidence)
            }
        }
    }
}

/// Brings back what can be brought back of a file.
///
/// # Errors
/// `Io` if the file, or a scratch file, cannot be read or written; `InvalidInput` for a directory; `NotPst` if neither a
/// header nor any page or block is found; `Unsupported` for a sound header of a kind that cannot be read; `Cancelled` if
/// `on_progress` says so.
pub fn recover(path: impl AsRef<Path>, options: &RecoverOptions, on_progress: &mut OnProgress<'_>) -> Result<Recovery> {
    recover_source(options.open.open_source(path)?, options, on_progress)
}

fn open(source: &Shared, header: &Header) -> Database {
    Database::new(Box::new(source.clone()), header.clone(), crate::Limits::default(), true)
}

/// Brings back what can be brought back of bytes from anywhere.
///
/// # Errors
/// As [`recover`].
pub fn recover_source(
    source: Box<dyn Source>,
    options: &RecoverOptions,
    on_progress: &mut OnProgress<'_>,
) -> Result<Recovery> {
    let mut source = Shared(Arc::from(source));
    let total = source.len();
    let mut tell = |phase, done| match on_progress(Progress { phase, done, total }) {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(cancelled()),
    };
    let Found { mut header, state, error } = find(&source, &mut |done| tell(Phase::Layout, done))?;
    let mut report = Report::new(header.format, header.crypt, total);
    report.header = state;
    error.into_iter().for_each(|error| report.note(error));
    if state == HeaderState::Sound {
        report.missing_bytes = header.root.file_size.saturating_sub(total);
    }
    let mut database = open(&source, &header);
    let mut greatest_block = 0u64;
    // A torn header may name the wrong coding: only blocks can tell.
    let mut is_damaged = state != HeaderState::Sound || report.missing_bytes > 0;
    let mut is_rootless = state == HeaderState::Lost;
    if state != HeaderState::Lost {
        let nodes = reach::<NodeEntry>(&database, header.root.node_tree, &mut |_| Ok(()))?;
        let blocks = reach::<BlockEntry>(&database, header.root.block_tree, &mut |entry: BlockEntry| {
            greatest_block = entry.bid.key().max(greatest_block);
            Ok(())
        })?;
        is_damaged |= nodes.bad_pages > 0 || blocks.bad_pages > 0;
        is_rootless = nodes.pages == 0 || blocks.pages == 0;
        report.node_tree.note(&nodes, &[]);
        report.block_tree.note(&blocks, &[]);
        report.nodes.total = nodes.records;
        report.nodes.trusted = nodes.records;
        report.blocks.trusted = blocks.records;
        nodes.errors.into_iter().chain(blocks.errors).for_each(|error| report.note(error));
    }
    let page = u64::try_from(header.format.page_size()).unwrap_or(512);
    let start = total.checked_next_multiple_of(page).unwrap_or(total);
    let most = if header.format.is_ansi() { u64::from(u32::MAX) } else { u64::MAX };
    let (mut origins, mut uncovered) = (Vec::new(), Vec::new());
    let mut trees = None;
    let mut former = None;
    let wants_more = options.deleted || options.fragments;
    if is_damaged || wants_more || options.always_scan || roots::is_doubtful(&database) {
        let mut scan = scan::scan(&source, header.format, &mut |done| tell(Phase::Scan, done))?;
        report.is_scanned = true;
        if state != HeaderState::Sound
            && let Some(crypt) = scan.votes.winner()
        {
            header.crypt = crypt;
            report.crypt = crypt;
        }
        let moved = rehome::rehome(&mut source, &header, &mut scan)?;
        report.moved_pages = moved.pages;
        database = open(&source, &header);
        let is_older = scan.greatest_page >= header.next_page;
        if (is_rootless || is_older)
            && let Some(newest) = roots::newest(&database, &scan, &|header| open(&source, header))?
            && newest.root != header.root
            // What is older than a sound header is not the last state.
            && (state != HeaderState::Sound || newest.root.node_tree.id >= header.root.node_tree.id)
            && (state != HeaderState::Sound || newest.root.block_tree.id >= header.root.block_tree.id)
        {
            if state == HeaderState::Sound && is_older {
                report.header = HeaderState::Older;
            }
            is_damaged = true;
            header = newest;
            database = open(&source, &header);
        }
        report.nodes = NodeCounts::default();
        report.blocks = BlockCounts { moved: moved.blocks, ..BlockCounts::default() };
        let rebuilt = rebuild::rebuild(&database, scan, TailWriter::new(start, most), options.deleted, &mut report)?;
        (origins, uncovered) = (rebuilt.origins, rebuilt.uncovered);
        former = rebuilt.former;
        // Where the scan found nothing that the trees did not say, they stay.
        if is_damaged || wants_more || report.blocks.replaced > 0 {
            header = rebuilt.header;
            trees = Some(rebuilt.tail.finish()?);
        }
    }
    let has_trees = trees.is_some();
    let mut pst = match trees {
        Some(tail) => options.open.from_source(Box::new(Overlay::new(source.clone(), header.encode(), tail)))?,
        None => options.open.from_source(Box::new(source.clone()))?,
    };
    if !has_trees {
        header.next_block = header.next_block.max(greatest_block.saturating_add(4));
    }
    let mut additions = Additions::new(TailWriter::new(start, most), &header);
    let fragments = match options.fragments {
        true => Fragments::All,
        false if uncovered.is_empty() => Fragments::No,
        false => Fragments::Lost(uncovered),
    };
    let wanted = Wanted { damaged: &database, is_damaged, former, fragments };
    let extra = structure::mend(&pst, wanted, &mut additions, &mut report, &mut |done| tell(Phase::Folders, done))?;
    let has_moved = report.moved_pages > 0 || report.blocks.moved > 0;
    report.is_changed = has_trees || has_moved || !additions.is_empty();
    if !additions.is_empty() {
        let (tail, header) = additions.finish(&pst)?;
        pst = options.open.from_source(Box::new(Overlay::new(source, header.encode(), tail)))?;
    }
    Ok(Recovery { pst, report, origins, extra, found: database })
}
