//! Damaged files brought back.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ops::ControlFlow;

use pst_core::ndb::Nid;
use pst_core::recover::{self as core, Phase, RecoverOptions};

use crate::error::{Error, Failure};
use crate::event::{self, OnProgress};
use crate::guard::{give, guard, need, put, put_some};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::options::{self, Options};
use crate::pointer;
use crate::status::Status;
use crate::store::Store;
use crate::view::Str;

/// Search the whole file even if nothing of its B-trees is missing, so that damaged blocks are replaced by intact copies.
pub const RECOVER_ALWAYS_SCAN: u32 = 1;
/// Bring back deleted messages too, into a folder *Recovered deleted items*.
pub const RECOVER_DELETED: u32 = 2;
/// Put messages together from data that nothing names.
pub const RECOVER_FRAGMENTS: u32 = 4;

/// What a recovery found. May be used by several threads at once.
pub struct Recovery {
    recovery: core::Recovery,
    lent: Lent,
}

/// Something a recovery counts.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoveryCount {
    /// Items that a folder lists and that are nowhere.
    LostItems = 0,
    /// Nodes in all.
    Nodes = 1,
    /// Nodes found again outside the trees.
    NodesRebuilt = 2,
    /// Deleted messages brought back.
    NodesDeleted = 3,
    /// Messages put together from data that nothing names.
    NodesFragments = 4,
    /// Blocks found again.
    BlocksFound = 5,
    /// Damaged blocks replaced by an intact copy.
    BlocksReplaced = 6,
    /// Blocks that cannot be read.
    BlocksUnreadable = 7,
    /// Blocks beyond the end of the file.
    BlocksBeyondEnd = 8,
    /// Blocks of which there are different ones.
    BlocksAmbiguous = 9,
    /// Folders made anew.
    FoldersMade = 10,
    /// Folders moved to *Recovered*.
    FoldersAttached = 11,
    /// Items moved to *Recovered*.
    Orphans = 12,
    /// Tables made anew.
    Tables = 13,
    /// Bytes missing at the end of the file.
    MissingBytes = 14,
    /// Pages of the trees that are lost.
    PagesLost = 15,
}

/// An item that a folder lists and that is nowhere.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct LostItem {
    /// Its subject, as the folder has it; empty if it has none.
    pub subject: Str,
    /// Its node.
    pub node: u32,
    /// The node of the folder.
    pub folder: u32,
}

/// Brings back what can be brought back of a file, which is only read. `flags` are those of `PST_RECOVER_...`, or 0.
/// `options` and `on_progress` may be NULL.
///
/// The recovery is the caller's, to be freed with `pst_recovery_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recover(
    path: *const c_char,
    options: *const Options,
    flags: u32,
    on_progress: OnProgress,
    user: *mut c_void,
    recovery: Option<&mut MaybeUninit<*mut Recovery>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(recovery, || {
            if flags & !(RECOVER_ALWAYS_SCAN | RECOVER_DELETED | RECOVER_FRAGMENTS) != 0 {
                return Err(Failure::new(Status::InvalidInput, "no such flag"));
            }
            let recover = RecoverOptions::new()
                .open(options::of(options)?)
                .always_scan(flags & RECOVER_ALWAYS_SCAN != 0)
                .deleted(flags & RECOVER_DELETED != 0)
                .fragments(flags & RECOVER_FRAGMENTS != 0);
            let recovery = core::recover(pointer::path(path)?, &recover, &mut |now| {
                let (phase, total) = match now.phase {
                    Phase::Layout => ("layout", now.total),
                    Phase::Scan => ("scan", now.total),
                    // How many there are is not known before.
                    _ => ("folders", 0),
                };
                match event::progress(on_progress, user, phase, now.done, total) {
                    true => ControlFlow::Continue(()),
                    false => ControlFlow::Break(()),
                }
            })?;
            Ok(Recovery { recovery, lent: Lent::default() })
        })
    })
}

/// The store that was brought back, as if its file were sound.
///
/// The store is the caller's, to be freed with `pst_store_free`; it does not need the recovery.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_store(
    recovery: *const Recovery,
    store: Option<&mut MaybeUninit<*mut Store>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(store, || Ok(Store::new(get(recovery)?.recovery.pst.clone()))))
}

/// Whether anything had to be brought back.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_is_changed(
    recovery: *const Recovery,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(get(recovery)?.recovery.report.is_changed)))
}

/// Something that was counted: a `pst_recovered`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_count(
    recovery: *const Recovery,
    what: u32,
    count: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(count, || {
            let recovery = get(recovery)?;
            let report = &recovery.recovery.report;
            Ok(match what {
                0 => report.lost_item_count,
                1 => report.nodes.total,
                2 => report.nodes.rebuilt,
                3 => report.nodes.deleted,
                4 => report.nodes.fragments,
                5 => report.blocks.found,
                6 => report.blocks.replaced,
                7 => report.blocks.unreadable,
                8 => report.blocks.beyond_end,
                9 => report.blocks.ambiguous,
                10 => report.folders.made,
                11 => report.folders.attached,
                12 => report.folders.orphans,
                13 => report.folders.tables,
                14 => report.missing_bytes,
                15 => report.node_tree.lost.saturating_add(report.block_tree.lost),
                _ => return Err(Failure::new(Status::InvalidInput, "nothing of the kind is counted")),
            })
        })
    })
}

/// An item that is lost, by a number from 0; absent beyond the last. 1,000 are kept.
///
/// The text lives as long as the recovery.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_lost_item(
    recovery: *const Recovery,
    index: usize,
    item: Option<&mut MaybeUninit<LostItem>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put_some(item, || {
            let recovery = get(recovery)?;
            let Some(lost) = recovery.recovery.report.lost_items.get(index) else { return Ok(None) };
            let key = u64::try_from(index).unwrap_or(0);
            let subject = recovery.lent.text(key, || Ok(Some(lost.subject.clone().unwrap_or_default())))?;
            Ok(Some(LostItem {
                subject: subject.unwrap_or(Str::NONE),
                node: lost.nid.raw(),
                folder: lost.folder.raw(),
            }))
        })
    })
}

/// How a node was found (`tree`, `leaf-page` and others), and how sure that is (`high`, `medium` or `low`).
///
/// The texts live as long as the recovery.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_source_of(
    recovery: *const Recovery,
    node: u32,
    source: Option<&mut MaybeUninit<Str>>,
    confidence: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let recovery = get(recovery)?;
        let (source, confidence) = (need(source)?, need(confidence)?);
        let (how, sure) = recovery.recovery.source_of(Nid::new(node));
        let key = u64::from(node).saturating_mul(2).saturating_add(1 << 40);
        let how = recovery.lent.text(key, || Ok(Some(how.as_str().to_owned())))?;
        let sure = recovery.lent.text(key.saturating_add(1), || Ok(Some(sure.as_str().to_owned())))?;
        source.write(how.unwrap_or(Str::NONE));
        confidence.write(sure.unwrap_or(Str::NONE));
        Ok(Status::Ok)
    })
}

/// Frees a recovery. The store taken from it stays. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_recovery_free(recovery: *mut Recovery) {
    handle::free(recovery);
}
