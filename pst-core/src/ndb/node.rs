//! Nodes and their subnodes (MS-PST 2.2.1.1, 2.2.2.8.3.3).

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::ndb::database::Database;
use crate::ndb::{Bid, CryptMethod, DataTree, InternalBlock, Nid, NodeEntry, SubnodeEntry, SubnodeIndexEntry};
use crate::source::Bytes;
use crate::{Error, Result};

/// A node of the file or a subnode of one: data and, below it, subnodes.
///
/// Cheap to clone; keeps the file open.
#[derive(Clone)]
pub struct Node {
    database: Arc<Database>,
    entry: NodeEntry,
    /// The top-level node this one is in, named in errors.
    top: Nid,
    depth: u32,
    crypt: CryptMethod,
    /// The block all subnodes hang from, once it was read.
    subnode_root: OnceLock<Arc<SubnodeBlock>>,
}

impl Node {
    pub(crate) fn new(database: &Arc<Database>, entry: NodeEntry) -> Self {
        let crypt = database.header().crypt;
        Self { database: Arc::clone(database), entry, top: entry.nid, depth: 0, crypt, subnode_root: OnceLock::new() }
    }

    /// The same node with its data blocks decoded another way than the header says.
    pub(crate) fn with_crypt(mut self, crypt: CryptMethod) -> Self {
        self.crypt = crypt;
        self
    }

    /// The node's id; a subnode's id means something only inside its owner.
    pub fn id(&self) -> Nid {
        self.entry.nid
    }

    /// The id of the top-level node this one is or belongs to.
    pub fn top_id(&self) -> Nid {
        self.top
    }

    /// `nidParent`: the folder of a message or folder. See [`NodeEntry::parent`] for what it is elsewhere.
    pub fn parent_id(&self) -> Nid {
        self.entry.parent
    }

    /// The entry in the node B-tree, or for a subnode one made from its SLENTRY.
    pub fn entry(&self) -> &NodeEntry {
        &self.entry
    }

    /// How many owners a subnode has above it: 0 for a top-level node.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The node's data.
    ///
    /// # Errors
    /// Those of the blocks that hold the tree together.
    pub fn data(&self) -> Result<DataTree> {
        let tree =
            DataTree::open(&self.database, self.entry.data, self.crypt).map_err(|error| error.in_node(self.top))?;
        Ok(tree.of_node(self.top))
    }

    /// The subnode with this id, if there is one.
    ///
    /// # Errors
    /// Those of the subnode blocks; `Limit` beyond [`Limits::subnode_depth`](crate::Limits::subnode_depth).
    pub fn subnode(&self, nid: Nid) -> Result<Option<Node>> {
        self.find_subnode(nid).map_err(|error| error.in_node(self.top))?.map(|entry| self.child(entry)).transpose()
    }

    /// The whole data of a subnode, if there is one: lent if the file has it in one plain block.
    pub(crate) fn subnode_bytes(&self, nid: Nid) -> Result<Option<Bytes<'_>>> {
        let read = || {
            let Some(entry) = self.find_subnode(nid)? else { return Ok(None) };
            if entry.data.is_none() {
                return Ok(Some(Bytes::empty()));
            }
            if entry.data.is_internal() {
                let tree = DataTree::open(&self.database, entry.data, self.crypt)?;
                return tree.read_all().map(Bytes::owned).map(Some);
            }
            let block = self.database.block_entry(entry.data)?;
            self.database.block(&block, self.crypt).map(Some)
        };
        read().map_err(|error: Error| error.in_node(self.top))
    }

    fn find_subnode(&self, nid: Nid) -> Result<Option<SubnodeEntry>> {
        if self.entry.subnodes.is_none() {
            return Ok(None);
        }
        let index = match &**self.subnode_root()? {
            SubnodeBlock::Entries(entries) => return Ok(search(entries, nid)),
            SubnodeBlock::Index(index) => index,
        };
        if !index.is_sorted_by_key(|entry| entry.nid) {
            let error = Error::corrupt("SIBLOCK", "rgentries", "out of order", "ascending");
            return Err(error.in_block(self.entry.subnodes));
        }
        // The last block that begins at or before the id.
        let block = index.partition_point(|entry| entry.nid <= nid).checked_sub(1).and_then(|at| index.get(at));
        match block.map(|entry| self.subnode_block(entry.block)).transpose()? {
            None => Ok(None),
            Some(SubnodeBlock::Entries(entries)) => Ok(search(&entries, nid)),
            Some(SubnodeBlock::Index(_)) => Err(nested_index()),
        }
    }

    /// The block all subnodes hang from, read once.
    fn subnode_root(&self) -> Result<&Arc<SubnodeBlock>> {
        if let Some(root) = self.subnode_root.get() {
            return Ok(root);
        }
        let root = Arc::new(self.subnode_block(self.entry.subnodes)?);
        Ok(self.subnode_root.get_or_init(|| root))
    }

    fn subnode_block(&self, bid: Bid) -> Result<SubnodeBlock> {
        let entry = self.database.block_entry(bid)?;
        if !bid.is_internal() {
            let error = Error::corrupt("SLBLOCK", "bid", bid, "an internal block");
            return Err(error.at(entry.offset).in_block(bid));
        }
        match self.database.internal_block(&entry)? {
            InternalBlock::Subnodes(entries) => Ok(SubnodeBlock::Entries(entries)),
            InternalBlock::SubnodeIndex(index) => Ok(SubnodeBlock::Index(index)),
            InternalBlock::DataTree { .. } => {
                Err(Error::corrupt("SLBLOCK", "btype", "1 (data)", "2").at(entry.offset).in_block(bid))
            }
        }
    }

    fn child(&self, entry: SubnodeEntry) -> Result<Node> {
        let depth = self.depth.saturating_add(1);
        let limit = self.database.limits().subnode_depth;
        if depth > limit {
            return Err(Error::limit("subnode", "depth", depth, u64::from(limit)).in_node(self.top));
        }
        let SubnodeEntry { nid, data, subnodes } = entry;
        let entry = NodeEntry { nid, data, subnodes, parent: self.entry.nid };
        let database = Arc::clone(&self.database);
        Ok(Node { database, entry, top: self.top, depth, crypt: self.crypt, subnode_root: OnceLock::new() })
    }

    /// All subnodes in the order of the file; one error per bad block, and the walk goes on.
    pub fn subnodes(&self) -> Subnodes<'_> {
        Subnodes {
            node: self,
            root: (!self.entry.subnodes.is_none()).then_some(self.entry.subnodes),
            blocks: Vec::new().into_iter(),
            entries: Vec::new().into_iter(),
        }
    }
}

enum SubnodeBlock {
    Entries(Vec<SubnodeEntry>),
    Index(Vec<SubnodeIndexEntry>),
}

/// The entry with this id: by halving if the entries ascend, else one by one.
fn search(entries: &[SubnodeEntry], nid: Nid) -> Option<SubnodeEntry> {
    let at = entries.partition_point(|entry| entry.nid < nid);
    let found = entries.get(at).filter(|entry| entry.nid == nid);
    found.or_else(|| entries.iter().find(|entry| entry.nid == nid)).copied()
}

fn nested_index() -> Error {
    Error::corrupt("SIBLOCK", "cLevel", "2 levels", "1")
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("entry", &self.entry).field("top", &self.top).finish_non_exhaustive()
    }
}

/// Iterator over the subnodes of a [`Node`].
#[derive(Debug)]
pub struct Subnodes<'a> {
    node: &'a Node,
    root: Option<Bid>,
    blocks: std::vec::IntoIter<SubnodeIndexEntry>,
    entries: std::vec::IntoIter<SubnodeEntry>,
}

impl Iterator for Subnodes<'_> {
    type Item = Result<Node>;

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.node;
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(node.child(entry));
            }
            let block = match self.root.take() {
                Some(_) => match node.subnode_root().map(|root| &**root) {
                    Ok(SubnodeBlock::Index(index)) => {
                        self.blocks = index.clone().into_iter();
                        continue;
                    }
                    Ok(SubnodeBlock::Entries(entries)) => Ok(SubnodeBlock::Entries(entries.clone())),
                    Err(error) => Err(error),
                },
                None => node.subnode_block(self.blocks.next()?.block),
            };
            match block {
                Ok(SubnodeBlock::Entries(entries)) => self.entries = entries.into_iter(),
                Ok(SubnodeBlock::Index(_)) => {
                    return Some(Err(nested_index().in_node(node.top)));
                }
                Err(error) => return Some(Err(error.in_node(node.top))),
            }
        }
    }
}
