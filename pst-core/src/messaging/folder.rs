//! Folders and their tables (MS-PST 2.4.4).
//!
//! A folder is four nodes with one index: its properties (type 2), subfolders (0x0D), messages (0x0E) and associated
//! messages (0x0F). A search folder (type 3) has a table of results (0x10) instead.
//!
//! **Tables are caches and may be missing**: a missing table is `None`, and the messages of a folder are those whose
//! node names it as parent, whether or not a table lists them.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::ltp::{PropertyContext, TableContext, id};
use crate::messaging::Message;
use crate::ndb::{Nid, NidType, Node};
use crate::{Error, ErrorKind, Pst, Result};

/// What a folder is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum FolderKind {
    /// It holds messages and folders.
    Normal,
    /// It lists messages of other folders. **Do not export it as if it held them.**
    Search,
}

/// A folder. Cheap to clone; keeps the file open.
#[derive(Clone)]
pub struct Folder {
    pst: Pst,
    node: Node,
    properties: Arc<OnceLock<PropertyContext>>,
}

impl Folder {
    pub(crate) fn check_id(nid: Nid) -> Result<()> {
        if matches!(nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER) {
            return Ok(());
        }
        Err(Error::field(ErrorKind::WrongType, "node", "type", nid.kind(), "a folder or search folder").in_node(nid))
    }

    pub(crate) fn open(pst: &Pst, node: Node) -> Result<Self> {
        Self::check_id(node.id())?;
        Ok(Self { pst: pst.clone(), node, properties: Arc::default() })
    }

    /// The node of the folder.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// The node of the folder's search contents table, whatever is in it.
    pub(crate) fn search_table_node(&self) -> Result<Option<Node>> {
        self.pst.node(self.id().with_kind(NidType::SEARCH_CONTENTS_TABLE))
    }

    /// The folder's node id.
    pub fn id(&self) -> Nid {
        self.node.id()
    }

    /// The folder it is in; `None` for the root, which is its own parent.
    pub fn parent_id(&self) -> Option<Nid> {
        let parent = self.node.parent_id();
        (parent != self.id() && parent.raw() != 0).then_some(parent)
    }

    /// Normal or search folder, by the node id.
    pub fn kind(&self) -> FolderKind {
        if self.id().kind() == NidType::SEARCH_FOLDER { FolderKind::Search } else { FolderKind::Normal }
    }

    /// All properties of the folder. Opened once.
    ///
    /// # Errors
    /// Those of the node.
    pub fn properties(&self) -> Result<&PropertyContext> {
        if let Some(properties) = self.properties.get() {
            return Ok(properties);
        }
        let properties = PropertyContext::open(&self.node)?;
        Ok(self.properties.get_or_init(|| properties))
    }

    /// PidTagDisplayName; empty for the root. Names may contain any character and need not be unique among siblings.
    ///
    /// # Errors
    /// Those of the property.
    pub fn name(&self) -> Result<String> {
        Ok(self.properties()?.string(id::DISPLAY_NAME)?.unwrap_or_default())
    }

    /// PidTagContainerClass, such as `IPF.Note`.
    ///
    /// # Errors
    /// Those of the property.
    pub fn container_class(&self) -> Result<Option<String>> {
        self.properties()?.string(id::CONTAINER_CLASS)
    }

    /// PidTagComment.
    ///
    /// # Errors
    /// Those of the property.
    pub fn comment(&self) -> Result<Option<String>> {
        self.properties()?.string(id::COMMENT)
    }

    /// PidTagContentCount as stored. A counter that writers keep, not a count; the table has the truth.
    ///
    /// # Errors
    /// Those of the property.
    pub fn content_count(&self) -> Result<Option<i64>> {
        self.properties()?.integer(id::CONTENT_COUNT)
    }

    /// PidTagContentUnreadCount as stored.
    ///
    /// # Errors
    /// Those of the property.
    pub fn unread_count(&self) -> Result<Option<i64>> {
        self.properties()?.integer(id::CONTENT_UNREAD_COUNT)
    }

    fn table(&self, kind: NidType) -> Result<Option<TableContext>> {
        match self.pst.node(self.id().with_kind(kind))? {
            // A table node without data is an empty table.
            Some(node) if node.entry().data.is_none() => Ok(None),
            Some(node) => TableContext::open(&node).map(Some),
            None => Ok(None),
        }
    }

    /// The table of subfolders; `None` if the folder has none.
    ///
    /// # Errors
    /// Those of the table.
    pub fn hierarchy_table(&self) -> Result<Option<TableContext>> {
        self.table(NidType::HIERARCHY_TABLE)
    }

    /// The table of messages, enough to list a folder without opening one of them; `None` if the folder has none.
    ///
    /// # Errors
    /// Those of the table.
    pub fn contents_table(&self) -> Result<Option<TableContext>> {
        self.table(NidType::CONTENTS_TABLE)
    }

    /// The table of associated (hidden) messages; `None` if the folder has none.
    ///
    /// # Errors
    /// Those of the table.
    pub fn associated_table(&self) -> Result<Option<TableContext>> {
        self.table(NidType::ASSOCIATED_CONTENTS_TABLE)
    }

    /// The results of a search folder; `None` if the folder has none.
    ///
    /// # Errors
    /// Those of the table; `WrongType` with bClientSig 0xAC for a kind of table that nobody documented.
    pub fn search_table(&self) -> Result<Option<TableContext>> {
        self.table(NidType::SEARCH_CONTENTS_TABLE)
    }

    /// The subfolders the folder's table lists.
    ///
    /// # Errors
    /// Those of the table. The iterator gives an error for each unreadable row and goes on.
    pub fn subfolders(&self) -> Result<Subfolders> {
        Ok(Subfolders { pst: self.pst.clone(), ids: Ids::new(self.hierarchy_table()?) })
    }

    /// This folder and all below it, parents first.
    pub fn descendants(&self) -> Descendants {
        Descendants { start: Some(self.clone()), open: Vec::new(), visited: HashSet::new() }
    }

    /// The messages the folder's table lists. For a list of subjects and dates,
    /// [`contents_table`](Self::contents_table) is cheaper; for huge folders too, as this keeps all ids (4 bytes each).
    ///
    /// # Errors
    /// Those of the table. The iterator gives an error for each unreadable row and goes on.
    pub fn messages(&self) -> Result<Messages> {
        Ok(Messages { pst: self.pst.clone(), ids: Ids::new(self.contents_table()?) })
    }

    /// The associated messages the folder's table lists.
    ///
    /// # Errors
    /// Those of the table. The iterator gives an error for each unreadable row and goes on.
    pub fn associated_messages(&self) -> Result<Messages> {
        Ok(Messages { pst: self.pst.clone(), ids: Ids::new(self.associated_table()?) })
    }
}

/// Errors kept of one table; one with more is beyond help.
const MAX_ERRORS: usize = 100;

/// The row ids of a table, four bytes each, and behind them the errors of unreadable rows.
#[derive(Debug)]
struct Ids {
    ids: std::vec::IntoIter<Nid>,
    errors: std::vec::IntoIter<Error>,
}

impl Ids {
    fn new(table: Option<TableContext>) -> Self {
        let (mut ids, mut errors) = (Vec::new(), Vec::new());
        for row in table.iter().flatten() {
            match row {
                Ok(row) => ids.push(row.nid()),
                Err(error) if errors.len() < MAX_ERRORS => errors.push(error),
                Err(_) => {}
            }
        }
        Self { ids: ids.into_iter(), errors: errors.into_iter() }
    }

    fn next(&mut self) -> Option<Result<Nid>> {
        self.ids.next().map(Ok).or_else(|| self.errors.next().map(Err))
    }
}

impl fmt::Debug for Folder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Folder").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// Iterator over the subfolders of a [`Folder`].
#[derive(Debug)]
pub struct Subfolders {
    pst: Pst,
    ids: Ids,
}

impl Iterator for Subfolders {
    type Item = Result<Folder>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.ids.next()?.and_then(|nid| self.pst.folder(nid)))
    }
}

/// Iterator over the messages of a [`Folder`].
#[derive(Debug)]
pub struct Messages {
    pst: Pst,
    ids: Ids,
}

impl Iterator for Messages {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.ids.next()?.and_then(|nid| self.pst.message(nid)))
    }
}

/// Iterator over a folder and all below it. A folder that stands below itself is an error and not entered again.
#[derive(Debug)]
pub struct Descendants {
    start: Option<Folder>,
    /// The rest of the subfolders of each folder on the way down.
    open: Vec<Subfolders>,
    visited: HashSet<Nid>,
}

impl Descendants {
    fn enter(&mut self, folder: Folder) -> Result<Folder> {
        if !self.visited.insert(folder.id()) {
            let text = "the folder is listed twice, or below itself";
            return Err(Error::text(ErrorKind::Corrupt, "hierarchy table", text).in_node(folder.id()));
        }
        let depth = self.open.len();
        let limit = u64::from(folder.pst.limits().folder_depth);
        if u64::try_from(depth).is_ok_and(|depth| depth >= limit) {
            return Err(Error::limit("folder", "depth", depth, limit).in_node(folder.id()));
        }
        // A folder whose subfolders cannot be read is itself there; the error follows it.
        self.open.push(folder.subfolders().unwrap_or_else(|error| Subfolders {
            pst: folder.pst.clone(),
            ids: Ids { ids: Vec::new().into_iter(), errors: vec![error].into_iter() },
        }));
        Ok(folder)
    }
}

impl Iterator for Descendants {
    type Item = Result<Folder>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(start) = self.start.take() {
            return Some(self.enter(start));
        }
        loop {
            match self.open.last_mut()?.next() {
                Some(next) => return Some(next.and_then(|folder| self.enter(folder))),
                None => self.open.pop(),
            };
        }
    }
}
