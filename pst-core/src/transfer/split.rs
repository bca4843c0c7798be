//! One store into several.

use std::collections::HashMap;

use crate::messaging::{Message, PropertyName};
use crate::ndb::{Nid, NidType, Node};
use crate::policy::BadItemLimit;
use crate::transfer::copy::{refused, size_of, unreadable};
use crate::transfer::filter::date_of;
use crate::transfer::listed::tell_listed_again;
use crate::transfer::place::{DamagedFolder, Laid, Place, tell_folders};
use crate::transfer::summary::{Observe, go_on};
use crate::transfer::tree::{Role, Tree, page_errors};
use crate::transfer::watch::Watch;
use crate::transfer::{Event, Filter, SkipReason, Summary};
use crate::write::{Copier, PstWriter, Target, WriteOptions};
use crate::{FileTime, Pst, Result};

/// What goes into one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SplitBy {
    /// Everything, up to the size.
    #[default]
    Size,
    /// The items of a year, in UTC, by the date that [`Filter::since`] looks at. Items without one have their own file.
    Year,
    /// A folder just below the top of what a person sees, with all below it.
    TopFolder,
    /// A folder alone.
    Folder,
}

/// How a store is split.
#[derive(Clone, Debug)]
pub struct SplitOptions {
    by: SplitBy,
    max_size: Option<u64>,
    filter: Filter,
    bad_items: BadItemLimit,
}

impl Default for SplitOptions {
    fn default() -> Self {
        let (by, filter, bad_items) = (SplitBy::default(), Filter::default(), BadItemLimit::UNLIMITED);
        Self { by, max_size: None, filter, bad_items }
    }
}

impl SplitOptions {
    /// By what. By size without a [`max_size`](Self::max_size) there is one part.
    pub fn new(by: SplitBy) -> Self {
        Self { by, ..Self::default() }
    }

    /// The most bytes of a file. An item that alone needs more has a file for itself, which is larger.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// After how many bad items to stop.
    #[must_use]
    pub fn bad_item_limit(mut self, limit: BadItemLimit) -> Self {
        self.bad_items = limit;
        self
    }

    /// Which items go along.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }
}

/// A part of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// All parts counted from 1.
    pub number: u32,
    /// The year, `undated`, or the name of the folder as it stands in a path, **which is no safe file name**; nothing for
    /// parts by size.
    pub label: String,
    /// Parts with this label counted from 1; more than one if the size is limited, or folders have the same name.
    pub piece: u32,
}

/// A part that is complete.
#[derive(Debug)]
#[non_exhaustive]
pub struct PartSummary<O> {
    /// Which part it is.
    pub part: Part,
    /// What is in it. Items skipped on request are in no part.
    pub summary: Summary,
    /// It holds one item that may need more than the size allowed.
    pub is_oversize: bool,
    /// What the target gave.
    pub output: O,
}

/// Splits a store. Each part is a store of its own with the folders of its items. Folders without items go along where
/// their part has items, but not by year. Search folders stay behind.
///
/// Items come folder by folder. `open` gives the target of each part when it begins. To have all parts or none, let the
/// targets [wait](crate::write::StagedTarget) and publish them when this returns. The summary is that of all parts and of
/// what is in none.
///
/// # Errors
/// Those of the new files and of `open`; `Cancelled` if `observe` says so; `Limit` beyond the limit of bad items.
pub fn split<T: Target>(
    source: &Pst,
    options: &SplitOptions,
    open: &mut dyn FnMut(&Part) -> Result<(T, WriteOptions)>,
    observe: &mut Observe<'_>,
) -> Result<(Vec<PartSummary<T::Output>>, Summary)> {
    let mut watch = Watch::new(options.bad_items);
    let done = split_watched(source, options, open, &mut |event| watch.see(event, observe));
    done.map_err(|error| watch.error(error))
}

fn split_watched<T: Target>(
    source: &Pst,
    options: &SplitOptions,
    open: &mut dyn FnMut(&Part) -> Result<(T, WriteOptions)>,
    observe: &mut Observe<'_>,
) -> Result<(Vec<PartSummary<T::Output>>, Summary)> {
    let tree = Tree::new(source, &options.filter);
    let mut summary = Summary::default();
    let plan = plan(source, &tree, options, &mut summary, observe)?;
    let names = source.named_properties().map_or(0, |names| {
        let size = |name: &PropertyName| match name {
            PropertyName::String(text) => (text.len() as u64).saturating_mul(2),
            PropertyName::Number(_) => 0,
        };
        names.entries().iter().fold(0u64, |sum, name| sum.saturating_add(64).saturating_add(size(&name.name)))
    });
    let mut job =
        Split { source, tree: &tree, options, open, current: None, parts: Vec::new(), labels: HashMap::new(), names };
    let mut waiting: Vec<Nid> = Vec::new();
    let mut key = None;
    for step in plan {
        if key != Some(step.key) {
            job.end()?;
            waiting.clear();
            key = Some(step.key);
        }
        let nid = Nid::new(step.nid);
        if step.is_folder() {
            match &job.current {
                Some(_) => job.folder(nid, observe)?,
                None => waiting.push(nid),
            }
            continue;
        }
        if job.current.is_none() {
            job.begin(step.key)?;
            for nid in waiting.drain(..) {
                job.folder(nid, observe)?;
            }
        }
        job.item(nid, step.key, observe)?;
    }
    if job.current.is_none() && job.parts.is_empty() && options.by == SplitBy::Size {
        job.begin(0)?;
        for nid in waiting {
            job.folder(nid, observe)?;
        }
    }
    job.end()?;
    for part in &job.parts {
        summary.add(&part.summary);
    }
    Ok((job.parts, summary))
}

/// A folder or an item, in the order of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    /// What has another key is in another part.
    key: u32,
    /// Place of the folder in the tree.
    order: u32,
    nid: u32,
}

impl Step {
    /// Folders stand before their items, whose ids may be smaller.
    const ITEM: u32 = 1 << 31;

    fn is_folder(self) -> bool {
        matches!(Nid::new(self.nid).kind(), NidType::NORMAL_FOLDER)
    }
}

/// Of items without a folder.
const NOWHERE: u32 = u32::MAX;
/// Of items without a date.
const UNDATED: u32 = u32::MAX;

fn plan(
    source: &Pst,
    tree: &Tree,
    options: &SplitOptions,
    summary: &mut Summary,
    observe: &mut Observe<'_>,
) -> Result<Vec<Step>> {
    tree.tell_patterns(observe)?;
    let mut plan = Vec::new();
    let folder_key = |nid: Option<Nid>| match (options.by, nid) {
        (SplitBy::Size | SplitBy::Year, _) => 0,
        (SplitBy::TopFolder, Some(nid)) => order(tree, tree.below_top(nid).or(Some(nid))),
        (SplitBy::Folder, Some(nid)) => order(tree, Some(nid)),
        (_, None) => NOWHERE,
    };
    for nid in tree.walk() {
        let Some(branch) = tree.get(*nid) else { continue };
        if branch.role == Role::Search {
            summary.search_folders_left = summary.search_folders_left.saturating_add(1);
            go_on(observe(Event::SearchFolder { node: *nid, folder: &tree.path(*nid) }))?;
        } else if branch.admitted && !branch.is_search() && options.by != SplitBy::Year {
            plan.push(Step { key: folder_key(Some(*nid)), order: branch.order, nid: nid.raw() });
        }
    }
    for error in page_errors(source) {
        summary.unreadable_places = summary.unreadable_places.saturating_add(1);
        go_on(observe(Event::Unreadable { error: &error }))?;
    }
    for entry in source.message_entries().filter_map(Result::ok) {
        let node = entry.nid;
        let associated = node.kind() == NidType::ASSOCIATED_MESSAGE;
        let message = source.message_from_entry(entry);
        let (reason, error) = match refused(&options.filter, tree, &message, entry.parent, associated) {
            Ok(None) => {
                let date = match (options.by, &message) {
                    (SplitBy::Year, Ok(message)) => date_of(message).ok().flatten(),
                    _ => None,
                };
                let folder = tree.holds(entry.parent);
                let key = match options.by {
                    SplitBy::Year => year(date),
                    _ => folder_key(folder),
                };
                plan.push(Step { key, order: order(tree, folder), nid: node.raw() });
                go_on(observe(Event::Planned { node, date }))?;
                continue;
            }
            Ok(Some(reason)) => (reason, None),
            Err(error) => unreadable(error),
        };
        summary.read = summary.read.saturating_add(1);
        summary.skipped.add(reason);
        go_on(observe(Event::Skipped { node, folder: &tree.path(entry.parent), reason, error: error.as_ref() }))?;
    }
    tell_listed_again(source, tree, summary, observe)?;
    plan.sort_unstable_by_key(|step| (step.key, step.order, if step.is_folder() { 0 } else { Step::ITEM }, step.nid));
    Ok(plan)
}

fn order(tree: &Tree, nid: Option<Nid>) -> u32 {
    nid.and_then(|nid| tree.get(nid)).map_or(NOWHERE, |branch| branch.order)
}

fn year(date: Option<FileTime>) -> u32 {
    date.and_then(FileTime::year).and_then(|year| u32::try_from(year).ok()).unwrap_or(UNDATED)
}

struct Split<'a, T: Target> {
    source: &'a Pst,
    tree: &'a Tree,
    options: &'a SplitOptions,
    open: &'a mut dyn FnMut(&Part) -> Result<(T, WriteOptions)>,
    current: Option<Current<T>>,
    parts: Vec<PartSummary<T::Output>>,
    /// Labels given so far, and how often.
    labels: HashMap<String, u32>,
    /// Bytes that the names of properties take, at most.
    names: u64,
}

/// The part that is being written.
struct Current<T: Target> {
    out: PstWriter<T>,
    copier: Copier,
    laid: Laid,
    place: Place,
    part: Part,
    summary: Summary,
    damaged: Vec<DamagedFolder>,
    is_oversize: bool,
}

impl<T: Target> Split<'_, T> {
    fn begin(&mut self, key: u32) -> Result<()> {
        let label = match self.options.by {
            SplitBy::Size => String::new(),
            SplitBy::Year if key == UNDATED => "undated".to_owned(),
            SplitBy::Year => key.to_string(),
            SplitBy::TopFolder | SplitBy::Folder => {
                let nid = usize::try_from(key).ok().and_then(|key| self.tree.walk().get(key));
                match nid.and_then(|nid| self.tree.name(*nid)) {
                    Some(name) => name.to_owned(),
                    None => "Items without a folder".to_owned(),
                }
            }
        };
        let piece = self.labels.entry(label.to_lowercase()).or_insert(0);
        *piece = piece.saturating_add(1);
        let piece = *piece;
        let number = u32::try_from(self.parts.len()).unwrap_or(u32::MAX).saturating_add(1);
        let part = Part { number, label, piece };
        let (target, write) = (self.open)(&part)?;
        let out = PstWriter::with_target(target, write)?;
        let copier = Copier::new(self.source, &out);
        let (mut laid, place) = (Laid::new(&out), Place::new(&out, None));
        laid.call_as(self.source, self.tree);
        let (summary, damaged) = (Summary::default(), Vec::new());
        self.current = Some(Current { out, copier, laid, place, part, summary, damaged, is_oversize: false });
        Ok(())
    }

    fn end(&mut self) -> Result<()> {
        let Some(mut current) = self.current.take() else { return Ok(()) };
        current.place.finish(&mut current.out, self.source)?;
        let Current { out, part, mut summary, is_oversize, .. } = current;
        summary.folders = out.folder_count();
        let output = out.finish()?;
        self.parts.push(PartSummary { part, summary, is_oversize, output });
        Ok(())
    }

    fn folder(&mut self, nid: Nid, observe: &mut Observe<'_>) -> Result<()> {
        let Some(current) = &mut self.current else { return Ok(()) };
        current.folder(self.source, self.tree, nid, observe)?;
        go_on(observe(Event::Folder { node: nid }))
    }

    fn item(&mut self, node: Nid, key: u32, observe: &mut Observe<'_>) -> Result<()> {
        let message = self.source.message(node);
        let cost = self.options.max_size.map(|limit| {
            let cost = message.as_ref().map_or(0, |message| cost(message.node(), self.source.format().is_ansi()));
            (limit, cost.saturating_add(self.names))
        });
        let mut is_oversize = false;
        if let (Some((limit, cost)), Some(current)) = (cost, &self.current) {
            let fits = |out: &PstWriter<T>| out.estimated_size().saturating_add(cost) <= limit;
            if !fits(&current.out) && current.summary.written() > 0 {
                self.end()?;
                self.begin(key)?;
            }
            is_oversize = self.current.as_ref().is_some_and(|current| !fits(&current.out));
        }
        let Some(current) = &mut self.current else { return Ok(()) };
        current.is_oversize |= is_oversize;
        current.item(self.source, self.tree, (node, message), observe)
    }
}

impl<T: Target> Current<T> {
    fn folder(
        &mut self,
        source: &Pst,
        tree: &Tree,
        nid: Nid,
        observe: &mut Observe<'_>,
    ) -> Result<crate::write::FolderId> {
        let Self { out, copier, laid, place, damaged, .. } = self;
        let folder = place.of(out, laid, (source, tree), copier, nid, damaged)?;
        tell_folders(tree, &mut self.damaged, &mut self.summary, observe)?;
        Ok(folder)
    }

    fn item(
        &mut self,
        source: &Pst,
        tree: &Tree,
        (node, message): (Nid, Result<Message>),
        observe: &mut Observe<'_>,
    ) -> Result<()> {
        self.summary.read = self.summary.read.saturating_add(1);
        let parent = message.as_ref().map_or(Nid::new(0), Message::folder_id);
        let path = tree.path(parent);
        let read = message.and_then(|message| message.properties().map(drop).map(|()| message));
        let mut bytes = 0;
        let outcome = match read {
            Ok(message) => {
                bytes = size_of(&message);
                let folder = self.folder(source, tree, parent, observe)?;
                self.copier.message(&mut self.out, folder, &message)
            }
            Err(error) => Err(error),
        };
        let event = match &outcome {
            Ok(copied) => {
                let associated = node.kind() == NidType::ASSOCIATED_MESSAGE;
                self.summary.wrote(associated, !copied.left_out.is_empty());
                Event::Written { node, folder: &path, new_node: copied.nid, bytes, left_out: &copied.left_out }
            }
            Err(_) if self.out.is_broken() => return outcome.map(drop),
            Err(error) => {
                self.summary.skipped.add(SkipReason::Unreadable);
                Event::Skipped { node, folder: &path, reason: SkipReason::Unreadable, error: Some(error) }
            }
        };
        go_on(observe(event))
    }
}

/// Bytes a node may take in a new file, at most: tables get the columns of a template, text of an ANSI file doubles, and
/// blocks have trailers, room between them, and entries in B-trees.
fn cost(node: &Node, ansi: bool) -> u64 {
    /// Nodes looked at; an item with more is large.
    const MOST: u32 = 1 << 20;
    let mut left = MOST;
    subtree_cost(node, ansi, &mut left)
}

fn subtree_cost(node: &Node, ansi: bool, left: &mut u32) -> u64 {
    const ROOM: u64 = 1024;
    /// What templates add at most doubles small tables.
    const SMALL: u64 = 64 << 10;
    let Some(fewer) = left.checked_sub(1) else { return u64::MAX };
    *left = fewer;
    let stored = if node.entry().data.is_none() { 0 } else { node.data().map_or(0, |data| data.len()) };
    let bytes = if ansi { stored.saturating_mul(2) } else { stored };
    let own = bytes.saturating_add(bytes / 32).saturating_add(bytes.min(SMALL)).saturating_add(ROOM);
    let below = node.subnodes().filter_map(Result::ok);
    below.fold(own, |sum, subnode| sum.saturating_add(subtree_cost(&subnode, ansi, left)))
}
