//! What of a B-tree can be trusted, and what fills the rest.
//!
//! Pages that hang from the root by valid pages are trusted. Ranges of keys that are lost with a page are filled from pages
//! the scan found, **newest page id first**: a page supersedes all older ones in the range of keys it covers, so that old
//! pages bring back no record that a newer one no longer has. A page of branches covers with each child all keys up to the
//! next child; a leaf of its own only those from its first to its last record.

use crate::ndb::{Database, PageRef, Record};
use crate::recover::claims::{Claims, Keys};
use crate::recover::page::TreePage;
use crate::recover::scan::FoundPage;
use crate::{Error, Result};

/// Errors kept of one tree.
const MAX_ERRORS: usize = 100;

/// What a walk from the root found.
#[derive(Debug, Default)]
pub(super) struct Reached {
    /// Pages that hang from the root.
    pub(super) pages: u64,
    /// Records on them.
    pub(super) records: u64,
    /// Keys below pages that cannot be read.
    pub(super) lost: Vec<Keys>,
    /// Why they cannot.
    pub(super) errors: Vec<Error>,
    /// Pages that cannot be read, those whose error was not kept included.
    pub(super) bad_pages: u64,
}

impl Reached {
    fn lose(&mut self, low: u64, high: u64, error: Error) {
        self.bad_pages = self.bad_pages.saturating_add(1);
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
        // Neighbours become one range, so that hostile files make no long list.
        match self.lost.last_mut() {
            Some((_, end)) if *end >= low || end.checked_add(1) == Some(low) => *end = high.max(*end),
            _ => self.lost.push((low, high)),
        }
    }
}

/// Walks a tree from its root and gives every record that hangs from it.
///
/// # Errors
/// Those of `visit`; bad pages are in the result.
pub(super) fn reach<R: Record>(
    database: &Database,
    root: PageRef,
    visit: &mut dyn FnMut(R) -> Result<()>,
) -> Result<Reached> {
    let mut reached = Reached::default();
    let size = u64::try_from(database.format().page_size()).unwrap_or(1);
    // No tree has more pages than the file.
    let mut budget = database.len().checked_div(size).unwrap_or(0).max(1);
    // Range, place and level of pages to come; the next one last.
    let mut open: Vec<(Keys, PageRef, Option<u8>)> = vec![((0, u64::MAX), root, None)];
    while let Some(((low, high), at, level)) = open.pop() {
        let Some(left) = budget.checked_sub(1) else {
            let error =
                Error::corrupt("BTPAGE", "number of pages in the tree", "larger", "one for each page of the file");
            for ((low, high), ..) in open.drain(..).chain([((low, high), at, level)]).rev() {
                reached.lose(low, high, error_copy(&error).at(at.offset));
            }
            break;
        };
        budget = left;
        let page = match TreePage::open::<R>(database, at) {
            Ok(page) => page,
            Err(error) => {
                reached.lose(low, high, error);
                continue;
            }
        };
        if let Some(expected) = level.filter(|level| *level != page.shape.level) {
            reached.lose(low, high, Error::corrupt("BTPAGE", "cLevel", page.shape.level, expected).at(at.offset));
            continue;
        }
        reached.pages = reached.pages.saturating_add(1);
        let Some(below) = page.shape.level.checked_sub(1) else {
            for record in page.records::<R>() {
                reached.records = reached.records.saturating_add(1);
                visit(record)?;
            }
            continue;
        };
        let children = page.children::<R>();
        let mut first = true;
        let mut next = Vec::with_capacity(children.len());
        for (entry, end) in children {
            // Keys before the first child's own belong to it.
            let start = if std::mem::take(&mut first) { low } else { entry.key };
            next.push(((start, end.unwrap_or(high)), entry.child, Some(below)));
        }
        open.extend(next.into_iter().rev());
    }
    Ok(reached)
}

fn error_copy(error: &Error) -> Error {
    Error::text(error.kind(), "BTPAGE", error.to_string())
}

/// Where the records of a range of keys were found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) keys: Keys,
    /// The leaf.
    pub(super) page: PageRef,
}

/// What is known of a record on a page that was found again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It is of the last state.
    Last,
    /// It may be of an older one.
    Unknown,
    /// It is of an older one, and not taken.
    Gone,
}

/// What filled the lost ranges of a tree.
pub(super) struct Filled {
    pub(super) origins: Vec<Origin>,
    /// Keys that no page speaks for of which it is known that it is the last.
    pub(super) uncovered: Vec<Keys>,
}

/// Fills the lost ranges of a tree from pages the scan found, which come in the order of the file. Gives each record, and
/// says where those of each range came from. `take` answers what is known of a record.
///
/// # Errors
/// Those of `take`.
pub(super) fn fill<R: Record>(
    database: &Database,
    pages: &[FoundPage],
    lost: &[Keys],
    take: &mut dyn FnMut(R) -> Result<State>,
) -> Result<Filled> {
    let mut filling = Filling {
        database,
        pages,
        claims: Claims::all_but(lost),
        used: vec![false; pages.len()],
        origins: Vec::new(),
        uncovered: Vec::new(),
        take,
    };
    let mut order: Vec<usize> = (0..pages.len()).collect();
    order.sort_by_key(|index| pages.get(*index).map(|page| std::cmp::Reverse((page.id, page.level, page.offset))));
    for index in order {
        let Some(page) = pages.get(index) else { continue };
        filling.page(index, page.first, None, false)?;
    }
    let Filling { mut origins, mut uncovered, claims, .. } = filling;
    origins.sort_by_key(|origin| origin.keys);
    uncovered.extend(lost.iter().flat_map(|(low, high)| claims.free(*low, *high)));
    uncovered.sort_unstable();
    Ok(Filled { origins, uncovered })
}

struct Filling<'a, R> {
    database: &'a Database,
    pages: &'a [FoundPage],
    claims: Claims,
    /// Pages of branches that were gone through as children already.
    used: Vec<bool>,
    origins: Vec<Origin>,
    uncovered: Vec<Keys>,
    take: &'a mut dyn FnMut(R) -> Result<State>,
}

impl<R: Record> Filling<'_, R> {
    /// Takes from a page, and from what hangs from it, the records that nothing newer covers. Levels fall with each step.
    fn page(&mut self, index: usize, low: u64, high: Option<u64>, is_named: bool) -> Result<()> {
        let Some(found) = self.pages.get(index).copied() else { return Ok(()) };
        let at = PageRef { id: found.id, offset: found.offset };
        if found.level == 0 {
            let free = self.claims.claim(low, high.unwrap_or(found.last));
            return self.leaf(at, &free);
        }
        // Once from above and once for itself; more often would find nothing new, and hostile files could make it endless.
        if is_named && self.used.get_mut(index).is_none_or(|used| std::mem::replace(used, true)) {
            return Ok(());
        }
        if self.claims.free(low, high.unwrap_or(u64::MAX)).is_empty() {
            return Ok(());
        }
        let Ok(page) = TreePage::open::<R>(self.database, at) else { return Ok(()) };
        let mut first = true;
        for (entry, end) in page.children::<R>() {
            let start = if std::mem::take(&mut first) { low } else { entry.key.max(low) };
            let end = match (end, high) {
                (Some(end), Some(high)) => Some(end.min(high)),
                (end, high) => end.or(high),
            };
            let child = self.pages.binary_search_by_key(&entry.child.offset, |page| page.offset).ok();
            let child = child.filter(|child| {
                self.pages
                    .get(*child)
                    .is_some_and(|page| page.id == entry.child.id && Some(page.level) == found.level.checked_sub(1))
            });
            if let Some(child) = child {
                self.page(child, start, end, true)?;
            }
        }
        Ok(())
    }

    fn leaf(&mut self, at: PageRef, free: &[Keys]) -> Result<()> {
        if free.is_empty() {
            return Ok(());
        }
        let Ok(page) = TreePage::open::<R>(self.database, at) else { return Ok(()) };
        let mut is_last = true;
        for record in page.records::<R>() {
            let key = record.key();
            let range = free.partition_point(|(_, high)| *high < key);
            if free.get(range).is_some_and(|(low, _)| *low <= key) {
                is_last &= (self.take)(record)? == State::Last;
            }
        }
        if !is_last {
            self.uncovered.extend_from_slice(free);
        }
        self.origins.extend(free.iter().map(|keys| Origin { keys: *keys, page: at }));
        Ok(())
    }
}

/// The origin of a key, if it is in none of the trusted ranges.
pub(super) fn origin_of(origins: &[Origin], key: u64) -> Option<&Origin> {
    let at = origins.partition_point(|origin| origin.keys.1 < key);
    origins.get(at).filter(|origin| origin.keys.0 <= key)
}

/// Whether a key is in one of these ranges, which ascend.
pub(super) fn covers(ranges: &[Keys], key: u64) -> bool {
    // Ranges may overlap a little, where old pages do.
    let end = ranges.partition_point(|(low, _)| *low <= key);
    ranges.get(..end).unwrap_or_default().iter().rev().take(64).any(|(_, high)| *high >= key)
}
