//! One store into one file, ids kept.

use crate::messaging::Message;
use crate::ndb::{Nid, NidType};
use crate::policy::BadItemLimit;
use crate::transfer::listed::tell_listed_again;
use crate::transfer::summary::{Observe, go_on};
use crate::transfer::tree::{Tree, page_errors};
use crate::transfer::watch::Watch;
use crate::transfer::{Event, Filter, SkipReason, Summary};
use crate::write::{StoreCopy, Target, WriteOptions};
use crate::{Error, Pst, Result};

/// How a store is copied.
#[derive(Clone, Debug)]
pub struct CopyOptions {
    filter: Filter,
    bad_items: BadItemLimit,
}

impl Default for CopyOptions {
    fn default() -> Self {
        Self { filter: Filter::default(), bad_items: BadItemLimit::UNLIMITED }
    }
}

impl CopyOptions {
    /// Everything goes along, and bad items are told.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which items go along.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// After how many bad items to stop.
    #[must_use]
    pub fn bad_item_limit(mut self, limit: BadItemLimit) -> Self {
        self.bad_items = limit;
        self
    }
}

/// As [`copy_store`], with a limit of bad items.
///
/// # Errors
/// As [`copy_store`], and `Limit` beyond the limit of bad items.
pub fn copy_store_with<T: Target>(
    source: &Pst,
    target: T,
    write: WriteOptions,
    options: &CopyOptions,
    observe: &mut Observe<'_>,
) -> Result<(T::Output, Summary)> {
    let mut watch = Watch::new(options.bad_items);
    let done = copy_store(source, target, write, &options.filter, &mut |event| watch.see(event, observe));
    done.map_err(|error| watch.error(error))
}

/// Copies what a filter lets through into a new file. Node ids, record key and names of properties stay, so that entry ids
/// do too.
///
/// If folders are chosen, those that fit and those above them are made; else all, search folders with the results that
/// went along included. Items whose folder is lost go into a folder of their own below the top.
///
/// # Errors
/// Those of the new file; `Cancelled` if `observe` says so.
pub fn copy_store<T: Target>(
    source: &Pst,
    target: T,
    options: WriteOptions,
    filter: &Filter,
    observe: &mut Observe<'_>,
) -> Result<(T::Output, Summary)> {
    let tree = Tree::new(source, filter);
    let mut summary = Summary::default();
    let mut job = StoreCopy::begin(source, target, options)?;
    let wanted = tree.wanted(filter);
    tree.tell_patterns(observe)?;
    if !job.left_out().is_empty() {
        summary.damaged_folders = summary.damaged_folders.saturating_add(1);
        let left_out = job.left_out();
        go_on(observe(Event::DamagedFolder { node: Nid::MESSAGE_STORE, folder: "/", left_out }))?;
    }
    job.folders(&|nid| wanted.as_ref().is_none_or(|wanted| wanted.contains(&nid)), &mut |node, left_out| {
        summary.folders = summary.folders.saturating_add(1);
        if left_out.is_empty() {
            return go_on(observe(Event::Folder { node }));
        }
        summary.damaged_folders = summary.damaged_folders.saturating_add(1);
        go_on(observe(Event::DamagedFolder { node, folder: &tree.path(node), left_out }))
    })?;
    for error in page_errors(source) {
        summary.unreadable_places = summary.unreadable_places.saturating_add(1);
        go_on(observe(Event::Unreadable { error: &error }))?;
    }
    for entry in source.message_entries().filter_map(Result::ok) {
        let node = entry.nid;
        let associated = node.kind() == NidType::ASSOCIATED_MESSAGE;
        let folder = tree.path(entry.parent);
        let message = source.message_from_entry(entry);
        summary.read = summary.read.saturating_add(1);
        let outcome = match refused(filter, &tree, &message, entry.parent, associated) {
            Ok(Some(reason)) => Err((reason, None)),
            Err(error) => Err((SkipReason::Unreadable, Some(error))),
            Ok(None) => match job.item(entry) {
                Ok(copied) => Ok(copied),
                Err(error) if job.out.is_broken() => return Err(error),
                Err(error) => Err((SkipReason::Unreadable, Some(error))),
            },
        };
        let event = match &outcome {
            Ok(copied) => {
                summary.wrote(associated, !copied.left_out.is_empty());
                let bytes = message.as_ref().map_or(0, size_of);
                Event::Written { node, folder: &folder, new_node: copied.nid, bytes, left_out: &copied.left_out }
            }
            Err((reason, error)) => {
                summary.skipped.add(*reason);
                Event::Skipped { node, folder: &folder, reason: *reason, error: error.as_ref() }
            }
        };
        go_on(observe(event))?;
    }
    tell_listed_again(source, &tree, &mut summary, observe)?;
    Ok((job.finish()?, summary))
}

/// Why an item is not wanted.
pub(super) fn refused(
    filter: &Filter,
    tree: &Tree,
    message: &Result<Message>,
    folder: Nid,
    associated: bool,
) -> Result<Option<SkipReason>> {
    match (filter.refuses(tree.admits(folder), associated), message) {
        (Some(reason), _) => Ok(Some(reason)),
        (None, Ok(message)) => filter.refuses_message(message),
        // Whoever copies it meets the error again.
        (None, Err(_)) => Ok(None),
    }
}

/// What an item says of its size.
pub(super) fn size_of(message: &Message) -> u64 {
    message.size().ok().flatten().and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
}

/// An error as it is told of an item.
pub(super) fn unreadable(error: Error) -> (SkipReason, Option<Error>) {
    (SkipReason::Unreadable, Some(error))
}
