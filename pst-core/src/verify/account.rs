//! Two counts of the items of a store, and what each of them became.
//!
//! One count goes from the root folder down, by the tables a program shows to a person. The other goes through the node
//! B-tree and asks no table. In a sound file they agree; where they do not, the account says by which items and why.

use crate::ltp::TableContext;
use crate::ndb::{Nid, NidType};
use crate::verify::{Check, Rule, mark};

/// Why an item that can be read is not met by whoever walks through the folders.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum SkipReason {
    /// Its folder can be reached, and no table lists it.
    NotListed,
    /// The table that would list it cannot be read, or not wholly, or is not there.
    TableUnreadable,
    /// Its folder is there, and no way leads to it from the root: an orphan, or one of a circle.
    FolderUnreachable,
    /// The folder it names does not exist.
    FolderMissing,
}

impl SkipReason {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::NotListed, Self::TableUnreadable, Self::FolderUnreachable, Self::FolderMissing];

    /// The reason as one lower-case word with hyphens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotListed => "not-listed",
            Self::TableUnreadable => "table-unreadable",
            Self::FolderUnreachable => "folder-unreachable",
            Self::FolderMissing => "folder-missing",
        }
    }
}

/// The items of a store, counted twice.
///
/// **`by_nodes = delivered + skipped() + failed`**: every node of a message ends as one of these. And
/// `by_folders = listed + listed_again + without_node + no_item`: so does every row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Account {
    /// Rows of the contents tables, of associated items too, of all folders that can be reached from the root. Results of
    /// searches are not among them.
    pub by_folders: u64,
    /// Top-level nodes of messages and associated messages.
    pub by_nodes: u64,
    /// Nodes that a row lists and of which everything can be read.
    pub delivered: u64,
    /// Nodes of which something cannot be read; [`Hits`](crate::verify::Hits) name them with the place.
    pub failed: u64,
    /// Nodes that no row lists, by [reason](SkipReason).
    skipped: [u64; SkipReason::ALL.len()],
    /// Rows that are the first to list a node, those of nodes that failed among them.
    pub listed: u64,
    /// Further rows for a node that is listed already.
    pub listed_again: u64,
    /// Rows whose node does not exist: the item is lost.
    pub without_node: u64,
    /// Rows that name something else than a message.
    pub no_item: u64,
    /// Nodes that no row lists, those that failed among them.
    pub not_listed: u64,
    /// Folders that can be reached from the root, the root and search folders among them.
    pub folders_reached: u64,
    /// Top-level nodes of folders and search folders.
    pub folder_nodes: u64,
    /// Tables of these folders that cannot be read, or not wholly.
    pub unreadable_tables: u64,
}

impl Account {
    /// Nodes that were skipped for a reason.
    pub fn skipped_for(&self, reason: SkipReason) -> u64 {
        self.skips().find(|(known, _)| *known == reason).map_or(0, |(_, count)| count)
    }

    /// All reasons with their numbers.
    pub fn skips(&self) -> impl Iterator<Item = (SkipReason, u64)> + '_ {
        SkipReason::ALL.into_iter().zip(self.skipped)
    }

    /// Nodes that were skipped.
    pub fn skipped(&self) -> u64 {
        self.skipped.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// True if both counts are the same, item by item.
    pub fn agrees(&self) -> bool {
        self.by_folders == self.by_nodes && self.listed == self.by_folders
    }

    /// True if every difference between the counts is told: what folders list beside nodes, and nodes beside what they list.
    pub fn is_explained(&self) -> bool {
        let rows = [self.listed, self.listed_again, self.without_node, self.no_item];
        let nodes = [self.delivered, self.failed, self.skipped()];
        let sum = |numbers: &[u64]| numbers.iter().fold(0u64, |sum, number| sum.saturating_add(*number));
        sum(&rows) == self.by_folders
            && sum(&nodes) == self.by_nodes
            && self.listed.saturating_add(self.not_listed) == self.by_nodes
    }

    fn skip(&mut self, reason: SkipReason) {
        if let Some((_, count)) = SkipReason::ALL.iter().zip(&mut self.skipped).find(|(known, _)| **known == reason) {
            *count = count.saturating_add(1);
        }
    }
}

/// Whether a loss by this rule means that data of the item cannot be read. The others are losses to come, or of its place.
pub(super) const fn loses_data(rule: Rule) -> bool {
    !matches!(rule, Rule::B9 | Rule::B12 | Rule::F3 | Rule::F9 | Rule::F10 | Rule::M2 | Rule::P6)
}

impl Check<'_> {
    /// From the root down. A folder is gone into once, however many list it.
    pub(super) fn count_by_folders(&mut self, account: &mut Account) {
        // Only tables that share blocks have more rows than the file has room for.
        let mut left = self.database.len() / 4;
        let mut open = Vec::new();
        self.reach(Nid::ROOT_FOLDER, &mut open);
        while let Some((number, folder)) = open.pop() {
            account.folders_reached = account.folders_reached.saturating_add(1);
            if folder.kind() == NidType::SEARCH_FOLDER {
                continue;
            }
            let tables = [
                (NidType::HIERARCHY_TABLE, mark::HIERARCHY_BAD),
                (NidType::CONTENTS_TABLE, mark::CONTENTS_BAD),
                (NidType::ASSOCIATED_CONTENTS_TABLE, mark::ASSOCIATED_BAD),
            ];
            for (kind, bad) in tables {
                if self.sink.stopped() {
                    return;
                }
                let table = self.folder_table(folder, kind);
                let (places, errors) = table
                    .as_ref()
                    .and_then(|(_, table)| table.as_ref())
                    .map(TableContext::row_places)
                    .unwrap_or_default();
                if !errors.is_empty() || table.is_none_or(|(is_readable, _)| !is_readable) {
                    account.unreadable_tables = account.unreadable_tables.saturating_add(1);
                    self.mark(number, bad);
                }
                let Some(rest) = left.checked_sub(u64::try_from(places.len()).unwrap_or(u64::MAX)) else { return };
                left = rest;
                for row in places {
                    let child = Nid::new(row.id);
                    match kind {
                        NidType::HIERARCHY_TABLE => self.reach(child, &mut open),
                        _ => self.count_row(child, kind, account),
                    }
                }
            }
        }
    }

    fn reach(&mut self, folder: Nid, open: &mut Vec<(usize, Nid)>) {
        if !matches!(folder.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER) {
            return;
        }
        if let Some((number, _)) = self.find_node(folder)
            && self.marks(number) & mark::REACHED == 0
        {
            self.mark(number, mark::REACHED);
            open.push((number, folder));
        }
    }

    fn count_row(&mut self, item: Nid, table: NidType, account: &mut Account) {
        account.by_folders = account.by_folders.saturating_add(1);
        let right =
            if table == NidType::CONTENTS_TABLE { NidType::NORMAL_MESSAGE } else { NidType::ASSOCIATED_MESSAGE };
        let counter = match self.find_node(item) {
            _ if item.kind() != right => &mut account.no_item,
            None => &mut account.without_node,
            Some((number, _)) if self.marks(number) & mark::ROW != 0 => &mut account.listed_again,
            Some((number, _)) => {
                self.mark(number, mark::ROW);
                &mut account.listed
            }
        };
        *counter = counter.saturating_add(1);
    }

    /// By the nodes, once it is known which of them are damaged.
    pub(super) fn count_by_nodes(&mut self, account: &mut Account) {
        self.each_node(&mut |check, number, node| {
            let bad = match node.nid.kind() {
                NidType::NORMAL_MESSAGE => mark::CONTENTS_BAD,
                NidType::ASSOCIATED_MESSAGE => mark::ASSOCIATED_BAD,
                NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => {
                    account.folder_nodes = account.folder_nodes.saturating_add(1);
                    return;
                }
                _ => return,
            };
            account.by_nodes = account.by_nodes.saturating_add(1);
            let marks = check.marks(number);
            let is_listed = marks & mark::ROW != 0;
            account.not_listed = account.not_listed.saturating_add(u64::from(!is_listed));
            if marks & mark::FAILED != 0 {
                account.failed = account.failed.saturating_add(1);
            } else if is_listed {
                account.delivered = account.delivered.saturating_add(1);
            } else {
                let folder = check.find_node(node.parent).map(|(folder, _)| check.marks(folder));
                account.skip(match folder {
                    None => SkipReason::FolderMissing,
                    Some(folder) if folder & mark::REACHED == 0 => SkipReason::FolderUnreachable,
                    Some(folder) if folder & bad != 0 => SkipReason::TableUnreadable,
                    Some(_) => SkipReason::NotListed,
                });
            }
        });
    }
}
