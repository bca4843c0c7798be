//! Several stores into one.

use crate::ndb::{Nid, NidType, NodeEntry};
use crate::policy::BadItemLimit;
use crate::transfer::copy::{refused, size_of, unreadable};
use crate::transfer::duplicates::{Seen, SeenAssociated};
use crate::transfer::listed::tell_listed_again;
use crate::transfer::place::{DamagedFolder, Laid, Place, tell_folders};
use crate::transfer::summary::{Observe, go_on};
use crate::transfer::tree::{Role, Tree, page_errors};
use crate::transfer::watch::Watch;
use crate::transfer::{Duplicates, Event, Filter, SkipReason, Summary};
use crate::write::{Copied, Copier, PstWriter, Target, WriteOptions};
use crate::{Error, Pst, Result};

/// How stores are merged.
#[derive(Clone, Debug)]
pub struct MergeOptions {
    filter: Filter,
    duplicates: Option<Duplicates>,
    subfolders: bool,
    bad_items: BadItemLimit,
}

impl Default for MergeOptions {
    fn default() -> Self {
        let (filter, bad_items) = (Filter::default(), BadItemLimit::UNLIMITED);
        Self { filter, duplicates: None, subfolders: false, bad_items }
    }
}

impl MergeOptions {
    /// Everything goes along, and folders with the same path become one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Which items go along. If folders are chosen, folders without such items are not made.
    #[must_use]
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Writes items that are the same once.
    #[must_use]
    pub fn without_duplicates(mut self, by: Duplicates) -> Self {
        self.duplicates = Some(by);
        self
    }

    /// After how many bad items of all sources to stop.
    #[must_use]
    pub fn bad_item_limit(mut self, limit: BadItemLimit) -> Self {
        self.bad_items = limit;
        self
    }

    /// Gives each source a folder of its own, called after it, for all that is below its top.
    #[must_use]
    pub fn subfolders(mut self, subfolders: bool) -> Self {
        self.subfolders = subfolders;
        self
    }
}

/// A merge under way: sources are added one after the other.
///
/// The trees of folders are laid over each other from the top of what a person sees: folders with the same path become
/// one, whatever their case, with the properties of the first. Folders that their store says are the same, such as the
/// inboxes of an English and a French store, [become one](crate::messaging::SpecialFolder) whatever they are called, and what
/// stands beside the top is laid over below the root. Search folders stay behind.
///
/// Of associated items with the same class and subject in one folder, those of the first source that has any are written:
/// two sources have two sets of the same settings. Items of one source never stand in each other's way.
#[derive(Debug)]
pub struct Merge<T: Target> {
    out: PstWriter<T>,
    options: MergeOptions,
    laid: Laid,
    seen: Option<Seen>,
    associated: SeenAssociated,
    sources: usize,
    summary: Summary,
    watch: Watch,
}

/// What one source brings along.
struct Source<'a> {
    pst: &'a Pst,
    tree: Tree,
    copier: Copier,
    place: Place,
    damaged: Vec<DamagedFolder>,
    summary: Summary,
}

impl<T: Target> Merge<T> {
    /// Begins the new file.
    ///
    /// # Errors
    /// Those of [`PstWriter::with_target`].
    pub fn new(target: T, write: WriteOptions, options: MergeOptions) -> Result<Self> {
        let out = PstWriter::with_target(target, write)?;
        let laid = Laid::new(&out);
        let seen = options.duplicates.map(Seen::new);
        let summary = Summary { folders: out.folder_count(), ..Summary::default() };
        let watch = Watch::new(options.bad_items);
        Ok(Self { out, options, laid, seen, associated: SeenAssociated::default(), sources: 0, summary, watch })
    }

    /// Adds a source. `name` is what its folder is called, if each source gets one.
    ///
    /// The summary is that of this source alone; its folders are those that it added.
    ///
    /// # Errors
    /// `Cancelled` if `observe` says so, `Limit` beyond the limit of bad items, and errors of the new file; none can be
    /// continued.
    pub fn add(&mut self, source: &Pst, name: &str, observe: &mut Observe<'_>) -> Result<Summary> {
        let mut watch = self.watch;
        let added = self.add_watched(source, name, &mut |event| watch.see(event, observe));
        self.watch = watch;
        added.map_err(|error| watch.error(error))
    }

    fn add_watched(&mut self, source: &Pst, name: &str, observe: &mut Observe<'_>) -> Result<Summary> {
        self.sources = self.sources.saturating_add(1);
        let folders = self.out.folder_count();
        let inside = if self.options.subfolders {
            let (top, mut called) = (self.out.ipm_subtree(), name.to_owned());
            let mut number = 1u32;
            loop {
                let (folder, is_new) = self.laid.folder(&mut self.out, top, &called)?;
                if is_new {
                    break Some(folder);
                }
                number = number.saturating_add(1);
                called = format!("{name} ({number})");
            }
        } else {
            None
        };
        let mut job = Source {
            pst: source,
            tree: Tree::new(source, &self.options.filter),
            copier: Copier::new(source, &self.out),
            place: Place::new(&self.out, inside),
            damaged: Vec::new(),
            summary: Summary::default(),
        };
        job.tree.tell_patterns(observe)?;
        if inside.is_none() {
            self.laid.call_as(source, &job.tree);
        }
        self.folders(&mut job, observe)?;
        for error in page_errors(source) {
            job.summary.unreadable_places = job.summary.unreadable_places.saturating_add(1);
            go_on(observe(Event::Unreadable { error: &error }))?;
        }
        for entry in source.message_entries().filter_map(Result::ok) {
            self.item(&mut job, entry, observe)?;
        }
        tell_listed_again(source, &job.tree, &mut job.summary, observe)?;
        job.place.finish(&mut self.out, source)?;
        job.summary.folders = self.out.folder_count().saturating_sub(folders);
        self.summary.add(&job.summary);
        Ok(job.summary)
    }

    /// Makes the folders, unless they wait for items that are chosen.
    fn folders(&mut self, job: &mut Source<'_>, observe: &mut Observe<'_>) -> Result<()> {
        for nid in job.tree.walk().to_vec() {
            match job.tree.get(nid) {
                Some(branch) if branch.role == Role::Search => {
                    job.summary.search_folders_left = job.summary.search_folders_left.saturating_add(1);
                    go_on(observe(Event::SearchFolder { node: nid, folder: &job.tree.path(nid) }))?;
                }
                Some(branch) if branch.admitted && !branch.is_search() && !self.options.filter.chooses_folders() => {
                    self.folder(job, nid)?;
                    go_on(observe(Event::Folder { node: nid }))?;
                }
                _ => {}
            }
        }
        tell_folders(&job.tree, &mut job.damaged, &mut job.summary, observe)
    }

    fn folder(&mut self, job: &mut Source<'_>, nid: Nid) -> Result<crate::write::FolderId> {
        let Source { pst, tree, copier, place, damaged, .. } = job;
        place.of(&mut self.out, &mut self.laid, (pst, tree), copier, nid, damaged)
    }

    fn item(&mut self, job: &mut Source<'_>, entry: NodeEntry, observe: &mut Observe<'_>) -> Result<()> {
        let node = entry.nid;
        let associated = node.kind() == NidType::ASSOCIATED_MESSAGE;
        let path = job.tree.path(entry.parent);
        job.summary.read = job.summary.read.saturating_add(1);
        let (outcome, bytes) = self.write(job, entry, associated)?;
        tell_folders(&job.tree, &mut job.damaged, &mut job.summary, observe)?;
        let event = match &outcome {
            Ok(copied) => {
                job.summary.wrote(associated, !copied.left_out.is_empty());
                Event::Written { node, folder: &path, new_node: copied.nid, bytes, left_out: &copied.left_out }
            }
            Err((reason, error)) => {
                job.summary.skipped.add(*reason);
                Event::Skipped { node, folder: &path, reason: *reason, error: error.as_ref() }
            }
        };
        go_on(observe(event))
    }

    /// The inner result says what became of the item, the outer one what became of the new file.
    #[expect(clippy::type_complexity, reason = "both results have their own errors")]
    fn write(
        &mut self,
        job: &mut Source<'_>,
        entry: NodeEntry,
        associated: bool,
    ) -> Result<(Result<Copied, (SkipReason, Option<Error>)>, u64)> {
        let message = job.pst.message_from_entry(entry);
        match refused(&self.options.filter, &job.tree, &message, entry.parent, associated) {
            Ok(None) => {}
            Ok(Some(reason)) => return Ok((Err((reason, None)), 0)),
            Err(error) => return Ok((Err(unreadable(error)), 0)),
        }
        let message = match message.and_then(|message| message.properties().map(drop).map(|()| message)) {
            Ok(message) => message,
            Err(error) => return Ok((Err(unreadable(error)), 0)),
        };
        let key = self.seen.as_ref().and_then(|seen| seen.key(&message));
        if key.is_some_and(|key| self.seen.as_ref().is_some_and(|seen| seen.contains(&key))) {
            return Ok((Err((SkipReason::Duplicate, None)), 0));
        }
        let folder = self.folder(job, entry.parent)?;
        if associated && self.associated.is_again(folder.nid().raw(), &message, self.sources) {
            return Ok((Err((SkipReason::AssociatedAgain, None)), 0));
        }
        match job.copier.message(&mut self.out, folder, &message) {
            Ok(copied) => {
                // Of an item with losses another source may have a whole copy.
                if let (Some(seen), Some(key), true) = (&mut self.seen, key, copied.left_out.is_empty()) {
                    seen.insert(key);
                }
                Ok((Ok(copied), size_of(&message)))
            }
            Err(error) if self.out.is_broken() => Err(error),
            Err(error) => Ok((Err(unreadable(error)), 0)),
        }
    }

    /// What all sources amount to so far.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// Bytes the file would have if it were finished now, by a generous guess.
    pub fn estimated_size(&self) -> u64 {
        self.out.estimated_size()
    }

    /// Ends the new file.
    ///
    /// # Errors
    /// Those of [`PstWriter::finish`].
    pub fn finish(self) -> Result<(T::Output, Summary)> {
        Ok((self.out.finish()?, self.summary))
    }
}
