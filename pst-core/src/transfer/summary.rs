//! What happened: events as it does, and numbers that add up.

use crate::ndb::Nid;
use crate::{Error, ErrorKind, FileTime, Result};

/// Why an item was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SkipReason {
    /// Its folder was not asked for.
    Folder,
    /// Its class was not asked for.
    Class,
    /// Its date was not asked for, or it has none.
    Date,
    /// Associated items were not asked for.
    Associated,
    /// An associated item of this kind came from another source already.
    AssociatedAgain,
    /// The same item was written already.
    Duplicate,
    /// Another folder lists it as well. It is one item, written or skipped once, and this is a second listing of it.
    ListedAgain,
    /// Nothing of it could be read.
    Unreadable,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Folder,
        Self::Class,
        Self::Date,
        Self::Associated,
        Self::AssociatedAgain,
        Self::Duplicate,
        Self::ListedAgain,
        Self::Unreadable,
    ];

    /// The reason as one lower-case word with hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Class => "class",
            Self::Date => "date",
            Self::Associated => "associated",
            Self::AssociatedAgain => "associated-again",
            Self::Duplicate => "duplicate",
            Self::ListedAgain => "listed-again",
            Self::Unreadable => "unreadable",
        }
    }
}

/// How many items were skipped for which reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skipped([u64; SkipReason::ALL.len()]);

impl Skipped {
    /// The number for one reason.
    pub fn of(&self, reason: SkipReason) -> u64 {
        self.iter().find(|(known, _)| *known == reason).map_or(0, |(_, number)| number)
    }

    /// The number for all reasons.
    pub fn total(&self) -> u64 {
        self.0.iter().copied().fold(0, u64::saturating_add)
    }

    /// All reasons with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (SkipReason, u64)> + '_ {
        SkipReason::ALL.into_iter().zip(self.0)
    }

    pub(super) fn add(&mut self, reason: SkipReason) {
        let place = SkipReason::ALL.iter().zip(&mut self.0).find(|(known, _)| **known == reason);
        if let Some((_, number)) = place {
            *number = number.saturating_add(1);
        }
    }
}

/// What a transfer amounts to. **`read = written() + skipped.total()`**, for every source, every part and in all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Items met in the sources, associated ones included, and further listings of them in folders.
    pub read: u64,
    /// Messages written.
    pub messages: u64,
    /// Associated messages written.
    pub associated: u64,
    /// Of those written, items of which parts are left out.
    pub damaged: u64,
    /// Items not written, by reason.
    pub skipped: Skipped,
    /// Folders in the new files, those every store has included.
    pub folders: u64,
    /// Folders of which properties could not be read, and that could be written all the same. A copy with its ids counts
    /// the store itself, too.
    pub damaged_folders: u64,
    /// Search folders that were not taken along: they list items of a store by ids that mean nothing in another.
    pub search_folders_left: u64,
    /// Places of the source, such as pages of a B-tree, that could not be read. What they held is not known, so no items
    /// are counted for them.
    pub unreadable_places: u64,
}

impl Summary {
    /// Items written.
    pub fn written(&self) -> u64 {
        self.messages.saturating_add(self.associated)
    }

    /// Whether every item met was written or skipped. It always is.
    pub fn adds_up(&self) -> bool {
        self.read == self.written().saturating_add(self.skipped.total()) && self.damaged <= self.written()
    }

    /// Whether something of the sources is lost: not what was left out on request.
    pub fn has_losses(&self) -> bool {
        let lost =
            [self.damaged, self.damaged_folders, self.unreadable_places, self.skipped.of(SkipReason::Unreadable)];
        lost.iter().any(|number| *number > 0)
    }

    pub(super) fn wrote(&mut self, associated: bool, damaged: bool) {
        let counter = if associated { &mut self.associated } else { &mut self.messages };
        *counter = counter.saturating_add(1);
        self.damaged = self.damaged.saturating_add(u64::from(damaged));
    }

    /// Adds the numbers of another source or part.
    pub fn add(&mut self, other: &Self) {
        for (sum, number) in [
            (&mut self.read, other.read),
            (&mut self.messages, other.messages),
            (&mut self.associated, other.associated),
            (&mut self.damaged, other.damaged),
            (&mut self.folders, other.folders),
            (&mut self.damaged_folders, other.damaged_folders),
            (&mut self.search_folders_left, other.search_folders_left),
            (&mut self.unreadable_places, other.unreadable_places),
        ] {
            *sum = sum.saturating_add(number);
        }
        for (sum, number) in self.skipped.0.iter_mut().zip(other.skipped.0) {
            *sum = sum.saturating_add(number);
        }
    }
}

/// Something that happened. Whoever is told says whether to go on: `false` ends the work with
/// [`Cancelled`](crate::ErrorKind::Cancelled), and no new file is left.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An item was written.
    Written {
        /// Its node in the source.
        node: Nid,
        /// Path of its folder in the source, from the root.
        folder: &'a str,
        /// Its node in the new file.
        new_node: Nid,
        /// Bytes of it in the source, as it says itself; 0 if it does not.
        bytes: u64,
        /// What could not be read or written and is therefore not in the new file. Empty for a sound item.
        left_out: &'a [Error],
    },
    /// An item was not written.
    Skipped {
        /// Its node in the source.
        node: Nid,
        /// Path of its folder in the source, from the root.
        folder: &'a str,
        /// Why.
        reason: SkipReason,
        /// What failed, for [`SkipReason::Unreadable`].
        error: Option<&'a Error>,
    },
    /// A folder is in the new file.
    Folder {
        /// Its node in the source.
        node: Nid,
    },
    /// Parts of a folder's own properties could not be read or written; or, of a copy with its ids, of the store's.
    DamagedFolder {
        /// Its node in the source; [`MESSAGE_STORE`](Nid::MESSAGE_STORE) for the store.
        node: Nid,
        /// Its path in the source, from the root.
        folder: &'a str,
        /// What could not be read.
        left_out: &'a [Error],
    },
    /// A place of the source could not be read, and it is not known what it held.
    Unreadable {
        /// What failed.
        error: &'a Error,
    },
    /// How many folders of a source fit a pattern of the filter: none is worth a word to whoever wrote it.
    FolderPattern {
        /// The pattern, as it was given to [`Filter::folder`](crate::transfer::Filter::folder).
        pattern: &'a str,
        /// Folders of this source that fit.
        folders: u64,
    },
    /// A search folder was not taken along, as it lists items by ids that mean nothing in another store.
    SearchFolder {
        /// Its node in the source.
        node: Nid,
        /// Its path in the source, from the root.
        folder: &'a str,
    },
    /// An item was looked at on a first pass that writes nothing yet.
    Planned {
        /// Its node in the source.
        node: Nid,
        /// Its date, where the plan asks for it.
        date: Option<FileTime>,
    },
}

/// Whoever is told of events.
pub(super) type Observe<'a> = dyn FnMut(Event<'_>) -> bool + 'a;

pub(super) fn go_on(answer: bool) -> Result<()> {
    if answer { Ok(()) } else { Err(Error::text(ErrorKind::Cancelled, "transfer", "it was cancelled")) }
}
