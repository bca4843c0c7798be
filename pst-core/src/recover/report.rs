//! What was found, and how.

use std::fmt;

use crate::ndb::{Bid, CryptMethod, Format, Nid, PageRef};
use crate::recover::scan::FoundPage;
use crate::recover::trees::Reached;
use crate::{Error, ErrorKind};

/// What is left of the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum HeaderState {
    /// It is as it should be.
    #[default]
    Sound,
    /// Its CRC is wrong, but what it says leads to B-trees.
    Repaired,
    /// It is whole, but of an older state of the store. A newer one is in the file, whole, and was taken.
    Older,
    /// It says nothing that can be used: layout, coding and roots were found from pages and blocks.
    Lost,
}

impl HeaderState {
    /// The state as one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Repaired => "repaired",
            Self::Older => "older",
            Self::Lost => "lost",
        }
    }
}

impl fmt::Display for HeaderState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The pages of one B-tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TreeCounts {
    /// Pages that hang from the root.
    pub trusted: u64,
    /// Pages that should hang from the root and cannot be read.
    pub lost: u64,
    /// Pages of this tree, old ones included, that a scan of the file found. 0 without a scan.
    pub found: u64,
}

impl TreeCounts {
    pub(super) fn note(&mut self, reached: &Reached, found: &[FoundPage]) {
        self.trusted = reached.pages;
        self.lost = reached.bad_pages;
        self.found = u64::try_from(found.len()).unwrap_or(u64::MAX);
    }

    /// True if every page of the tree can be read.
    pub fn is_whole(&self) -> bool {
        self.lost == 0
    }
}

/// Entries of the node B-tree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NodeCounts {
    /// All of them, before deleted messages and fragments.
    pub total: u64,
    /// On pages that hang from the root.
    pub trusted: u64,
    /// On pages that were found again.
    pub rebuilt: u64,
    /// On pages that were found again, but of an older state: their blocks were given up since. Not taken.
    pub superseded: u64,
    /// Messages that were deleted and are still there, in a folder of their own. Only if asked for.
    pub deleted: u64,
    /// Messages without a node, put together from blocks: where a folder still lists them in that folder, else in one of
    /// their own. Only if asked for, or if pages of the node tree are lost.
    pub fragments: u64,
    /// Nodes every store must have and this one had not, or not readable.
    pub made: u64,
}

/// Entries of the block B-tree. All but `trusted` are 0 without a scan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct BlockCounts {
    /// Named by the tree, and proven by their trailers.
    pub trusted: u64,
    /// Named by the tree but damaged, and found intact at another place.
    pub replaced: u64,
    /// Found with all their bytes at a place they do not belong to, and read from there.
    pub moved: u64,
    /// Not named by what is left of the tree, found by their trailers. Some may have been freed.
    pub found: u64,
    /// Damaged, and nowhere else.
    pub unreadable: u64,
    /// Behind the end of the file.
    pub beyond_end: u64,
    /// Of those replaced or found: there are several with one id and different bytes.
    pub ambiguous: u64,
}

/// Folders, their tables and what they should list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct FolderCounts {
    /// All folders of the result.
    pub total: u64,
    /// Folders whose node is lost, made anew with the name their parent's table knows, or one with their id.
    pub made: u64,
    /// Folders that hung nowhere and are in the recovered folder now.
    pub attached: u64,
    /// Items that name no folder, in the one whose table lists them now.
    pub orphans_listed: u64,
    /// Items that name no folder and that no folder lists, in the recovered folder now.
    pub orphans: u64,
    /// Tables of folders made anew.
    pub tables: u64,
    /// Items and folders that a rebuilt table lists and the old one did not.
    pub listed_again: u64,
}

/// An item that a folder lists and that is nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LostItem {
    /// Its node id.
    pub nid: Nid,
    /// The folder that lists it.
    pub folder: Nid,
    /// Its subject, if the row tells.
    pub subject: Option<String>,
}

/// What was found, and how.
#[derive(Debug)]
#[non_exhaustive]
pub struct Report {
    /// The layout.
    pub format: Format,
    /// How data blocks are encoded.
    pub crypt: CryptMethod,
    /// What is left of the header.
    pub header: HeaderState,
    /// Bytes of the file.
    pub file_size: u64,
    /// Bytes the file lacks of what its header says.
    pub missing_bytes: u64,
    /// The file was searched for pages and blocks.
    pub is_scanned: bool,
    /// Something differs from what an ordinary reader of the file would see.
    pub is_changed: bool,
    /// Pages of B-trees found with all their bytes at a place they do not belong to, and read from there.
    pub moved_pages: u64,
    /// Pages of the node B-tree.
    pub node_tree: TreeCounts,
    /// Pages of the block B-tree.
    pub block_tree: TreeCounts,
    /// Nodes.
    pub nodes: NodeCounts,
    /// Blocks.
    pub blocks: BlockCounts,
    /// Ids of which there are several blocks with different bytes; at most [`MAX_KEPT`](Self::MAX_KEPT).
    pub ambiguous_blocks: Vec<Bid>,
    /// Folders.
    pub folders: FolderCounts,
    /// Items that folders list and that are nowhere, all counted.
    pub lost_item_count: u64,
    /// The first [`MAX_KEPT`](Self::MAX_KEPT) of them.
    pub lost_items: Vec<LostItem>,
    /// What was wrong, layer by layer; at most 100 of each tree and of the folders.
    pub errors: Vec<Error>,
}

impl Report {
    /// The most entries kept in one list.
    pub const MAX_KEPT: usize = 1000;

    pub(super) fn new(format: Format, crypt: CryptMethod, file_size: u64) -> Self {
        Self {
            format,
            crypt,
            header: HeaderState::Sound,
            file_size,
            missing_bytes: 0,
            is_scanned: false,
            is_changed: false,
            moved_pages: 0,
            node_tree: TreeCounts::default(),
            block_tree: TreeCounts::default(),
            nodes: NodeCounts::default(),
            blocks: BlockCounts::default(),
            ambiguous_blocks: Vec::new(),
            folders: FolderCounts::default(),
            lost_item_count: 0,
            lost_items: Vec::new(),
            errors: Vec::new(),
        }
    }

    pub(super) fn note(&mut self, error: Error) {
        if self.errors.len() < Self::MAX_KEPT {
            self.errors.push(error);
        }
    }

    pub(super) fn lose(&mut self, item: LostItem) {
        self.lost_item_count = self.lost_item_count.saturating_add(1);
        if self.lost_items.len() < Self::MAX_KEPT {
            self.lost_items.push(item);
        }
    }
}

/// How the node of an item was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NodeSource {
    /// It hangs from the root of the node B-tree.
    Tree,
    /// On a leaf page found by a scan.
    LeafPage(PageRef),
    /// On a page no longer in use, or behind the entries in use of one that is: the item was deleted.
    Deleted,
    /// It has none: properties and subnodes were put together by what they hold.
    Fragment,
}

impl NodeSource {
    /// The source as one word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tree => "tree",
            Self::LeafPage(_) => "leaf-page",
            Self::Deleted => "deleted",
            Self::Fragment => "fragment",
        }
    }
}

/// How sure it is that an item was in the store as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Confidence {
    /// Guessed from what its pieces hold.
    Low,
    /// Each piece is proven; that they were the last state is likely.
    Medium,
    /// Each piece is proven, and so is that they belong together.
    High,
}

impl Confidence {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where an item was found, and why it is believed.
#[derive(Debug)]
#[non_exhaustive]
pub struct Provenance {
    /// How its node was found.
    pub node: NodeSource,
    /// How sure that is.
    pub confidence: Confidence,
    /// What of the item cannot be read; empty if it is whole.
    pub missing: Vec<Error>,
}

impl Provenance {
    /// True if nothing of the item is missing.
    pub fn is_whole(&self) -> bool {
        self.missing.is_empty()
    }
}

pub(super) fn cancelled() -> Error {
    Error::text(ErrorKind::Cancelled, "recovery", "it was cancelled")
}
