//! The open file.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::ltp::code_page;
use crate::messaging::{Folder, Message, NamedProperties, Store};
use crate::ndb::maps::AllocationMaps;
use crate::ndb::{Bid, BlockEntry, Client, Database, Format, Header, Nid, NidType, Node, NodeEntry, Records};
use crate::source::{Bytes, Source};
use crate::text::CodePageChoice;
use crate::{Error, ErrorKind, Limits, OpenOptions, Result, sniff};

/// An open PST, OST or PAB file.
///
/// Cheap to clone, `Send + Sync`; all handles made from it keep the file open. Ids ([`Nid`]) can be handed to other
/// threads and opened there.
#[derive(Clone)]
pub struct Pst {
    database: Arc<Database>,
    named: Arc<OnceLock<Arc<NamedProperties>>>,
}

impl Pst {
    /// Opens a file. Only its header is read, whatever the size of the file.
    ///
    /// Local files are mapped into memory. **If another program cuts a mapped file short while it is read, the process
    /// ends with SIGBUS**; if one writes to it, wrong values or errors come out. Where that can happen, open with
    /// [`Mapping::Never`](crate::Mapping::Never).
    ///
    /// # Errors
    /// `Io` if the file cannot be opened or read; `InvalidInput` for a directory; `NotPst` with what it is instead for any
    /// other kind of file; `Unsupported` with the number for an unknown version or coding; `Corrupt` if it ends within
    /// the header; `Checksum` if the header is damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        OpenOptions::new().open(path)
    }

    /// Opens bytes that are in memory.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_bytes(bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Self> {
        OpenOptions::new().from_bytes(bytes)
    }

    /// Opens bytes from anywhere.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn from_source(source: Box<dyn Source>) -> Result<Self> {
        OpenOptions::new().from_source(source)
    }

    pub(crate) fn from_parts(
        source: Box<dyn Source>,
        limits: Limits,
        check_crc: bool,
        check_header: bool,
        code_page: Option<CodePageChoice>,
    ) -> Result<Self> {
        let size = usize::try_from(source.len()).unwrap_or(usize::MAX).min(Header::MAX_SIZE);
        let mut start = vec![0; size];
        source.read_exact_at(0, &mut start)?;
        let header = Header::decode(&start, check_header).map_err(|error| match error.kind() {
            ErrorKind::NotPst => Error::text(ErrorKind::NotPst, "file", sniff::describe(&start)),
            _ => error,
        })?;
        let mut database = Database::new(source, header, limits, check_crc);
        database.code_page_override = code_page;
        Ok(Self { database: Arc::new(database), named: Arc::default() })
    }

    /// The header of the file.
    pub fn header(&self) -> &Header {
        self.database.header()
    }

    pub(crate) fn database(&self) -> &Arc<Database> {
        &self.database
    }

    /// The layout of the file.
    pub fn format(&self) -> Format {
        self.database.format()
    }

    /// Whether it is a PST, OST or PAB, by the header and not by the name.
    pub fn client(&self) -> Client {
        self.header().client
    }

    /// Bytes of the file.
    pub fn file_size(&self) -> u64 {
        self.database.len()
    }

    /// Bytes the file lacks of what its header says; 0 if it is whole. What is there can still be read.
    pub fn missing_bytes(&self) -> u64 {
        self.header().root.file_size.saturating_sub(self.file_size())
    }

    /// The limits the file was opened with.
    pub fn limits(&self) -> &Limits {
        self.database.limits()
    }

    /// The code page of String8 values whose item names none, and where it was found: the store's own, else what its first
    /// messages name, else windows-1252. Looked up once.
    pub fn default_code_page(&self) -> CodePageChoice {
        code_page::of_store(&self.database)
    }

    /// The top-level node with this id, if there is one.
    ///
    /// # Errors
    /// Those of the pages of the node B-tree.
    pub fn node(&self, nid: Nid) -> Result<Option<Node>> {
        Ok(self.database.node_entry(nid)?.map(|entry| Node::new(&self.database, entry)))
    }

    /// A node made from an entry of this file's node B-tree, without looking it up again.
    pub fn node_from_entry(&self, entry: NodeEntry) -> Node {
        Node::new(&self.database, entry)
    }

    fn existing_node(&self, nid: Nid) -> Result<Node> {
        self.node(nid)?.ok_or_else(|| Error::not_found("node", "it has no entry in the node B-tree").in_node(nid))
    }

    /// All top-level nodes in id order; one error per unreadable page, and the walk goes on.
    pub fn nodes(&self) -> Records<'_, NodeEntry> {
        self.database.node_entries()
    }

    /// All top-level nodes whose id is at least `first`.
    pub fn nodes_from(&self, first: Nid) -> Records<'_, NodeEntry> {
        self.database.node_entries().starting_at(u64::from(first.raw()))
    }

    /// All blocks in id order; one error per unreadable page, and the walk goes on.
    pub fn blocks(&self) -> Records<'_, BlockEntry> {
        self.database.block_entries()
    }

    /// The plain data of one block.
    ///
    /// # Errors
    /// `NotFound` without an entry; `Corrupt` or `Checksum` if the block is damaged.
    pub fn block(&self, bid: Bid) -> Result<Bytes<'_>> {
        let entry = self.database.block_entry(bid)?;
        self.database.block(&entry, self.header().crypt)
    }

    /// All allocation map pages in file order; one error per bad page, and the walk goes on.
    pub fn allocation_maps(&self) -> AllocationMaps<'_> {
        AllocationMaps::new(&self.database)
    }

    /// The message store's own properties.
    ///
    /// # Errors
    /// `NotFound` if node 0x21 is missing; those of its blocks. Folders and messages can be read without it.
    pub fn store(&self) -> Result<Store> {
        Store::open(&self.existing_node(Nid::MESSAGE_STORE)?)
    }

    /// The names of the properties from 0x8000 on. Read once; without node 0x61 there are none.
    ///
    /// # Errors
    /// Those of the node.
    pub fn named_properties(&self) -> Result<Arc<NamedProperties>> {
        if let Some(known) = self.named.get() {
            return Ok(Arc::clone(known));
        }
        let names = match self.node(Nid::NAME_TO_ID_MAP)? {
            Some(node) if !node.entry().data.is_none() => NamedProperties::open(&node)?,
            _ => NamedProperties::default(),
        };
        Ok(Arc::clone(self.named.get_or_init(|| Arc::new(names))))
    }

    /// The root folder: node 0x122; else the first folder that is its own parent; else the first whose parent is missing.
    ///
    /// # Errors
    /// `NotFound` if there is none.
    pub fn root_folder(&self) -> Result<Folder> {
        if let Some(node) = self.node(Nid::ROOT_FOLDER)? {
            return Folder::open(self, node);
        }
        let folders = || self.nodes().filter_map(Result::ok).filter(|entry| entry.nid.kind() == NidType::NORMAL_FOLDER);
        let lost = |entry: &NodeEntry| self.database.node_entry(entry.parent).is_ok_and(|parent| parent.is_none());
        let root = folders().find(|entry| entry.parent == entry.nid).or_else(|| folders().find(lost));
        let root = root.ok_or_else(|| {
            Error::not_found("root folder", "neither node 0x122 nor another folder to begin with exists")
        })?;
        Folder::open(self, self.node_from_entry(root))
    }

    /// The top of the folders a person sees, as the store names it; `None` if it names none, as some OSTs do.
    ///
    /// # Errors
    /// `NotFound` if the store or the folder it names is missing.
    pub fn ipm_subtree(&self) -> Result<Option<Folder>> {
        self.store()?.ipm_subtree()?.map(|nid| self.folder(nid)).transpose()
    }

    /// A folder or search folder.
    ///
    /// # Errors
    /// `NotFound` without such a node, `WrongType` if the id is not a folder's.
    pub fn folder(&self, nid: Nid) -> Result<Folder> {
        Folder::check_id(nid)?;
        Folder::open(self, self.existing_node(nid)?)
    }

    /// A message or associated message. Nothing of it is read yet but its entry.
    ///
    /// # Errors
    /// `NotFound` without such a node, `WrongType` if the id is not a message's.
    pub fn message(&self, nid: Nid) -> Result<Message> {
        Message::check_id(nid)?;
        Ok(Message::new(self.existing_node(nid)?))
    }

    /// A message from an entry of this file's node B-tree, without looking it up again.
    ///
    /// # Errors
    /// `WrongType` if the entry is not a message's.
    pub fn message_from_entry(&self, entry: NodeEntry) -> Result<Message> {
        Message::check_id(entry.nid)?;
        Ok(Message::new(self.node_from_entry(entry)))
    }

    /// The entries of all folders and search folders in id order, whether or not a hierarchy table lists them.
    pub fn folder_entries(&self) -> impl Iterator<Item = Result<NodeEntry>> + '_ {
        self.nodes().filter(|entry| match entry {
            Ok(entry) => matches!(entry.nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER),
            Err(_) => true,
        })
    }

    /// The entries of all messages, associated ones included, in id order, whether or not a folder lists them. Split them
    /// among threads as you like; each opens its own with [`message_from_entry`](Self::message_from_entry).
    pub fn message_entries(&self) -> impl Iterator<Item = Result<NodeEntry>> + '_ {
        self.nodes().filter(|entry| match entry {
            Ok(entry) => matches!(entry.nid.kind(), NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE),
            Err(_) => true,
        })
    }
}

impl fmt::Debug for Pst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pst")
            .field("format", &self.format())
            .field("file_size", &self.file_size())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::Attachment;

    /// Handles can be sent, shared and cloned; the compiler says so or this does not build.
    #[test]
    fn handles_cross_threads() {
        fn is_a_handle<T: Send + Sync + Clone + 'static>() -> usize {
            size_of::<T>()
        }
        let sizes = [
            is_a_handle::<Pst>(),
            is_a_handle::<Node>(),
            is_a_handle::<Store>(),
            is_a_handle::<Folder>(),
            is_a_handle::<Message>(),
            is_a_handle::<Attachment>(),
        ];
        // Cheap to clone: a few words, whatever the file.
        assert!(sizes.iter().all(|size| *size <= 96), "{sizes:?}");
    }
}
