//! A store as it is written: folders, messages, and the nodes every store has (MS-PST 2.4, 2.7).

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::ltp::{HeapBuilder, PropertyTag, PropertyType, encode_bth, id};
use crate::messaging::{PropertyName, PropertySet};
use crate::ndb::{Client, CryptMethod, Format, Layout, Nid, NidType};
use crate::text::CodePage;
use crate::write::database::{Database, Tree};
use crate::write::message::{ItemContext, MessageDraft, WrittenMessage, write_message};
use crate::write::names::Names;
use crate::write::properties::{Content, Data, Object, Properties, TextCoding, Value, write_object};
use crate::write::spool::Sorter;
use crate::write::table::{TableWriter, tags, write_table};
use crate::write::target::FileTarget;
use crate::write::{Target, columns};
use crate::{Error, ErrorKind, FileTime, Guid, Result};

/// How a file is written.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    format: Format,
    crypt: CryptMethod,
    code_page: CodePage,
    overwrite: bool,
    share_data: bool,
    name: String,
    record_key: Option<[u8; 16]>,
    now: Option<FileTime>,
    max_size: Option<u64>,
}

/// The largest ANSI file (MS-PST has no number; Outlook refuses above it).
const LARGEST_ANSI: u64 = 2_075_149_312;

impl Default for WriteOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl WriteOptions {
    /// A Unicode PST (wVer 23), permuted, as Outlook makes them.
    pub fn new() -> Self {
        Self {
            format: Format::UNICODE,
            crypt: CryptMethod::Permute,
            code_page: CodePage::WINDOWS_1252,
            overwrite: false,
            share_data: false,
            name: "Personal Folders".to_owned(),
            record_key: None,
            now: None,
            max_size: None,
        }
    }

    /// How data blocks are encoded: permute, cyclic or not at all.
    #[must_use]
    pub fn crypt(mut self, crypt: CryptMethod) -> Self {
        self.crypt = crypt;
        self
    }

    /// Writes an ANSI PST (wVer 14), which ends below 2 GB, with text in this code page. What the code page or the size
    /// has no room for is an error.
    #[must_use]
    pub fn ansi(mut self, code_page: CodePage) -> Self {
        self.format = Format::ANSI;
        self.code_page = code_page;
        self
    }

    /// Replaces a file of the same name when the new one is complete.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Stores equal values of up to 16 MiB, such as one attachment of many messages, once, with reference counts.
    #[must_use]
    pub fn share_data(mut self, share: bool) -> Self {
        self.share_data = share;
        self
    }

    /// The name of the store, as mail programs show it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The record key, which every entry id carries; random unless set.
    #[must_use]
    pub fn record_key(mut self, key: [u8; 16]) -> Self {
        self.record_key = Some(key);
        self
    }

    /// The time that stands in items without one; the time of writing unless set.
    #[must_use]
    pub fn now(mut self, now: FileTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Fails with `Limit` before the file becomes longer than this.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    fn limit(&self) -> u64 {
        let most = if self.format.is_ansi() { LARGEST_ANSI } else { i64::MAX.unsigned_abs() };
        self.max_size.unwrap_or(u64::MAX).min(most)
    }
}

/// A folder of a [`PstWriter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId(Nid);

impl FolderId {
    /// The folder's node id in the new file.
    pub fn nid(self) -> Nid {
        self.0
    }
}

/// The node ids of the folders every store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandardFolders {
    /// The top of what a person sees.
    pub ipm_subtree: Nid,
    /// Deleted items, below the IPM subtree.
    pub deleted_items: Nid,
    /// The parent of search folders.
    pub finder: Nid,
    /// Views that all folders share; older stores have none.
    pub common_views: Option<Nid>,
}

impl StandardFolders {
    const COMMON_VIEWS: Nid = Nid::new(0x8082);
    /// As Outlook numbers them.
    pub const OUTLOOK: Self = Self {
        ipm_subtree: Nid::new(0x8022),
        finder: Nid::new(0x8042),
        deleted_items: Nid::new(0x8062),
        common_views: Some(Self::COMMON_VIEWS),
    };
}

/// PidTagCommonViewsEntryId.
pub(super) const COMMON_VIEWS_ENTRY_ID: u16 = 0x35E6;
/// Bytes of an ordinary row of a contents table with what is in its cells, generously.
const ROW: u64 = 500;
const SPAM_SEARCH_FOLDER: Nid = Nid::new(0x2223);
const NO_NODE: Nid = Nid::new(0);

#[derive(Debug)]
struct FolderState {
    parent: Nid,
    properties: Properties,
    messages: u64,
    unread: u64,
    associated: u64,
    results: u64,
}

/// Values in the file that may be shared, by a hash nobody can aim at.
#[derive(Debug)]
struct Shared {
    keys: [RandomState; 2],
    known: std::collections::HashMap<(u64, u64, usize), Tree>,
}

impl Shared {
    /// Longer values are written as they come and not shared.
    const MOST: usize = 16 << 20;

    fn key(&self, bytes: &[u8]) -> (u64, u64, usize) {
        let [one, two] = &self.keys;
        let hash = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write(bytes);
            hasher.finish()
        };
        (hash(one), hash(two), bytes.len())
    }
}

/// Writes a PST file front to back.
///
/// Errors of the medium end the file: whatever is called after one fails as well, and nothing is left of it.
#[derive(Debug)]
pub struct PstWriter<T: Target = FileTarget> {
    database: Database<T>,
    context: ItemContext,
    names: Names,
    standard: StandardFolders,
    store: Properties,
    folders: BTreeMap<Nid, FolderState>,
    /// Rows of contents tables, by table and row id.
    rows: Sorter,
    /// What rows take beyond [`ROW`] each.
    long_rows: u64,
    shared: Option<Shared>,
    client: Client,
    /// Something was left half done.
    failed: bool,
}

impl PstWriter<FileTarget> {
    /// Begins a file, which gets its name when it is finished.
    ///
    /// # Errors
    /// `Io` if the directory cannot be written to or the file exists and is not to be overwritten.
    pub fn create(path: impl AsRef<Path>, options: WriteOptions) -> Result<Self> {
        let target = FileTarget::create(path, options.overwrite).map_err(Error::io)?;
        Self::with_target(target, options)
    }
}

impl PstWriter<Vec<u8>> {
    /// Begins a file in memory.
    ///
    /// # Errors
    /// Those of [`with_target`](PstWriter::with_target).
    pub fn in_memory(options: WriteOptions) -> Result<Self> {
        Self::with_target(Vec::new(), options)
    }
}

impl<T: Target> PstWriter<T> {
    /// Begins a file in any target, with the folders every store has.
    ///
    /// # Errors
    /// `Unsupported` for a layout that is not written.
    pub fn with_target(target: T, options: WriteOptions) -> Result<Self> {
        let mut writer = Self::bare(target, options)?;
        let standard = writer.standard;
        writer
            .store
            .integer32(id::VALID_FOLDER_MASK, 0xC9)
            .integer32(0x0E38, 0)
            .boolean(0x6633, true)
            .integer32(0x66FA, 0x000E_0011)
            .integer32(id::PST_PASSWORD, 0);
        writer.add_folder(Nid::ROOT_FOLDER, Nid::ROOT_FOLDER, named(""));
        for (nid, parent, name) in [
            (standard.ipm_subtree, Nid::ROOT_FOLDER, "Top of Personal Folders"),
            (standard.finder, Nid::ROOT_FOLDER, "Search Root"),
            (standard.deleted_items, standard.ipm_subtree, "Deleted Items"),
            (StandardFolders::COMMON_VIEWS, Nid::ROOT_FOLDER, "IPM_COMMON_VIEWS"),
            (SPAM_SEARCH_FOLDER, Nid::ROOT_FOLDER, "SPAM Search Folder 2"),
        ] {
            writer.add_folder(nid, parent, named(name));
        }
        Ok(writer)
    }

    /// A writer without folders.
    pub(super) fn bare(target: T, options: WriteOptions) -> Result<Self> {
        if options.format.layout() == Layout::Unicode4k || !matches!(options.crypt.to_byte(), 0..=2) {
            let text = "only Unicode and ANSI files with no, permute or cyclic encoding are written";
            return Err(Error::text(ErrorKind::Unsupported, "file", text));
        }
        let limit = options.limit();
        let scratch = target.scratch_dir().map(Path::to_path_buf);
        let record_key = options.record_key.unwrap_or_else(random_key);
        let mut store = Properties::new();
        store.text(id::DISPLAY_NAME, options.name);
        let mut database = Database::new(target, options.format, options.crypt, limit);
        // Folders that are fixed come first, so that others do not take their ids.
        database.reserve(StandardFolders::COMMON_VIEWS);
        Ok(Self {
            database,
            context: ItemContext {
                text: TextCoding { format: options.format, code_page: options.code_page },
                now: options.now.unwrap_or_else(now),
                record_key,
            },
            names: Names::default(),
            standard: StandardFolders::OUTLOOK,
            store,
            folders: BTreeMap::new(),
            rows: Sorter::new(scratch),
            long_rows: 0,
            shared: options
                .share_data
                .then(|| Shared { keys: [RandomState::new(), RandomState::new()], known: Default::default() }),
            client: Client::Pst,
            failed: false,
        })
    }

    /// The root of all folders, which people do not see.
    pub fn root(&self) -> FolderId {
        FolderId(Nid::ROOT_FOLDER)
    }

    /// The top of what a person sees.
    pub fn ipm_subtree(&self) -> FolderId {
        FolderId(self.standard.ipm_subtree)
    }

    /// Deleted items.
    pub fn deleted_items(&self) -> FolderId {
        FolderId(self.standard.deleted_items)
    }

    /// The parent of search folders.
    pub fn finder(&self) -> FolderId {
        FolderId(self.standard.finder)
    }

    /// Views that all folders share; older stores have none.
    pub fn common_views(&self) -> Option<FolderId> {
        self.standard.common_views.map(FolderId)
    }

    /// Folders so far, those every store has and search folders included.
    pub fn folder_count(&self) -> u64 {
        self.folders.len() as u64
    }

    /// The properties of the message store, to set more of them.
    pub fn store(&mut self) -> &mut Properties {
        &mut self.store
    }

    /// The property id of a name; the same name always has the same.
    ///
    /// # Errors
    /// `Limit` beyond 32,767 names.
    pub fn named_property(&mut self, set: PropertySet, name: PropertyName) -> Result<u16> {
        self.names.id(set, name)
    }

    pub(super) fn keep_name(&mut self, id: u16, set: PropertySet, name: PropertyName) {
        self.names.keep(id, set, name);
    }

    pub(super) fn format(&self) -> Format {
        self.database.format()
    }

    /// The code page of an ANSI file.
    pub(crate) fn ansi_code_page(&self) -> Option<CodePage> {
        self.format().is_ansi().then_some(self.context.text.code_page)
    }

    pub(super) fn reserve(&mut self, nid: Nid) {
        self.database.reserve(nid);
    }

    pub(super) fn new_nid(&mut self, kind: NidType) -> Result<Nid> {
        self.database.new_nid(kind)
    }

    pub(super) fn standard(&self) -> StandardFolders {
        self.standard
    }

    pub(super) fn set_standard(&mut self, standard: StandardFolders) {
        self.standard = standard;
    }

    /// The handle of a folder, which must have been added.
    pub(super) fn folder_id(&self, nid: Nid) -> FolderId {
        FolderId(nid)
    }

    /// True if the file cannot be continued: the medium failed, or the file may not become larger.
    pub fn is_broken(&self) -> bool {
        self.failed || self.database.is_broken()
    }

    pub(super) fn has_folder(&self, nid: Nid) -> bool {
        self.folders.contains_key(&nid)
    }

    /// The entry id of a node of this store (MS-PST 2.4.3.2).
    pub fn entry_id(&self, nid: Nid) -> [u8; 24] {
        let mut out = [0; 24];
        let parts = [&[0; 4][..], &self.context.record_key, &nid.raw().to_le_bytes()];
        out.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        out
    }

    /// Adds a folder of mail. Names need not be unique.
    ///
    /// # Errors
    /// `NotFound` for a parent of another file; `Limit` beyond 2^27 folders.
    pub fn folder(&mut self, parent: FolderId, name: &str) -> Result<FolderId> {
        self.folder_of_class(parent, name, "IPF.Note")
    }

    /// Adds a folder with a container class, such as `IPF.Appointment`, `IPF.Contact` or `IPF.Task`.
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn folder_of_class(&mut self, parent: FolderId, name: &str, class: &str) -> Result<FolderId> {
        let mut properties = named(name);
        properties.text(id::CONTAINER_CLASS, class);
        self.folder_with(parent, None, properties)
    }

    /// Adds a folder with these properties, and its node id if it is to have a certain one that is free.
    pub(super) fn folder_with(
        &mut self,
        parent: FolderId,
        nid: Option<Nid>,
        properties: Properties,
    ) -> Result<FolderId> {
        self.check(parent)?;
        let nid = match nid.filter(|nid| !self.folders.contains_key(nid)) {
            Some(nid) => nid,
            None => self.database.new_nid(NidType::NORMAL_FOLDER)?,
        };
        self.add_folder(nid, parent.0, properties);
        Ok(FolderId(nid))
    }

    pub(super) fn add_folder(&mut self, nid: Nid, parent: Nid, properties: Properties) -> FolderId {
        self.database.reserve(nid);
        let state = FolderState { parent, properties, messages: 0, unread: 0, associated: 0, results: 0 };
        self.folders.insert(nid, state);
        FolderId(nid)
    }

    fn check(&self, folder: FolderId) -> Result<()> {
        if self.is_broken() {
            let text = "an earlier write failed, so that the file cannot be continued";
            return Err(Error::text(ErrorKind::InvalidInput, "file", text));
        }
        if self.folders.contains_key(&folder.0) {
            return Ok(());
        }
        Err(Error::not_found("folder", "it is no folder of this file").in_node(folder.0))
    }

    /// The properties of a folder, to set more of them. Counters are set at the end.
    ///
    /// # Errors
    /// `NotFound` for a folder of another file.
    pub fn folder_properties(&mut self, folder: FolderId) -> Result<&mut Properties> {
        self.check(folder)?;
        let missing = || Error::not_found("folder", "it is no folder of this file").in_node(folder.0);
        self.folders.get_mut(&folder.0).map(|state| &mut state.properties).ok_or_else(missing)
    }

    /// Reads a value to its end, into memory if it is small and into the file if it is not.
    ///
    /// # Errors
    /// Those of the reader, after which nothing of the value stays in the file; `Limit` beyond 4 GiB; `Io` of the medium.
    pub fn data(&mut self, mut reader: impl Read) -> Result<Data> {
        let most = if self.shared.is_some() { Shared::MOST } else { HeapBuilder::MAX_ITEM };
        let mut start = Vec::new();
        let limit = (most as u64).saturating_add(1);
        (&mut reader).take(limit).read_to_end(&mut start).map_err(Error::from)?;
        if start.len() > most {
            let tree = self.database.data_from(&mut start.as_slice().chain(reader))?;
            return Ok(Data(Content::Tree(tree)));
        }
        let Some(shared) = self.shared.as_mut().filter(|_| start.len() > HeapBuilder::MAX_ITEM) else {
            return Ok(Data::from(start));
        };
        let key = shared.key(&start);
        if let Some(tree) = shared.known.get(&key).filter(|tree| !self.database.is_worn(**tree)) {
            return Ok(Data(Content::Tree(*tree)));
        }
        let tree = self.database.data(&start)?;
        shared.known.insert(key, tree);
        Ok(Data(Content::Tree(tree)))
    }

    /// Adds a message to a folder and returns its node id.
    ///
    /// # Errors
    /// `NotFound` for a folder of another file, `InvalidInput` for text that an ANSI file cannot hold, `Limit` for too many
    /// attachments: the next message may follow. `Io`, and `Limit` for a file that becomes too large: it
    /// [cannot be continued](Self::is_broken).
    pub fn message(&mut self, folder: FolderId, message: MessageDraft) -> Result<Nid> {
        self.item(folder, message, NidType::NORMAL_MESSAGE)
    }

    /// Adds an associated (hidden) message to a folder, such as a view or a rule, and returns its node id.
    ///
    /// # Errors
    /// As [`message`](Self::message).
    pub fn associated_message(&mut self, folder: FolderId, message: MessageDraft) -> Result<Nid> {
        self.item(folder, message, NidType::ASSOCIATED_MESSAGE)
    }

    fn item(&mut self, folder: FolderId, message: MessageDraft, kind: NidType) -> Result<Nid> {
        self.check(folder)?;
        let nid = match message.nid {
            Some(nid) => nid,
            None => self.database.new_nid(kind)?,
        };
        message.check(&self.context.text, nid)?;
        // What is half written when something fails cannot be taken back.
        self.failed = true;
        let WrittenMessage { object, properties } = write_message(&mut self.database, &self.context, message, nid)?;
        self.database.node(nid, object.data, object.subnodes, folder.0)?;
        let is_message = kind == NidType::NORMAL_MESSAGE;
        let (table, columns) = if is_message {
            (NidType::CONTENTS_TABLE, columns::CONTENTS)
        } else {
            (NidType::ASSOCIATED_CONTENTS_TABLE, columns::ASSOCIATED)
        };
        self.row(folder.0.with_kind(table), nid, &properties, columns)?;
        if let Some(state) = self.folders.get_mut(&folder.0) {
            if is_message {
                state.messages = state.messages.saturating_add(1);
                state.unread = state.unread.saturating_add(u64::from(MessageDraft::is_unread(&properties)));
            } else {
                state.associated = state.associated.saturating_add(1);
            }
        }
        self.failed = false;
        Ok(nid)
    }

    /// Adds a row to the results of a search folder.
    pub(super) fn result(&mut self, folder: FolderId, message: Nid, row: &Properties) -> Result<()> {
        self.check(folder)?;
        self.row(folder.0.with_kind(NidType::SEARCH_CONTENTS_TABLE), message, row, columns::SEARCH_CONTENTS)?;
        if let Some(state) = self.folders.get_mut(&folder.0) {
            state.results = state.results.saturating_add(1);
        }
        Ok(())
    }

    fn row(&mut self, table: Nid, row: Nid, properties: &Properties, columns: &[u32]) -> Result<()> {
        let mut record = Vec::new();
        for (tag, value) in properties.iter() {
            // Text of an ANSI file that was copied is PtypString8 already.
            let column = match tag.kind() {
                PropertyType::STRING8 if self.format().is_ansi() => {
                    PropertyTag::from_parts(tag.id(), PropertyType::STRING)
                }
                _ => *tag,
            };
            if columns.contains(&column.raw()) {
                encode_cell(&mut record, *tag, value);
            }
        }
        // Text doubles in UTF-16.
        let taken = (record.len() as u64).saturating_mul(2);
        self.long_rows = self.long_rows.saturating_add(taken.saturating_sub(ROW));
        self.rows.push((u64::from(table.raw()) << 32) | u64::from(row.raw()), &record)
    }

    /// Adds a node as it is.
    pub(super) fn raw_node(&mut self, nid: Nid, properties: &Properties, parent: Nid) -> Result<()> {
        let object = write_object(&mut self.database, &self.context.text, properties, Vec::new(), None)?;
        self.database.node(nid, object.data, object.subnodes, parent)
    }

    /// Bytes the file would have if it were finished now, by a generous guess: B-trees and tables still to come are in it.
    pub fn estimated_size(&self) -> u64 {
        /// Of a message: its entry in the node B-tree beside its row.
        const MESSAGE: u64 = 100;
        const FOLDER: u64 = 4096;
        const REST: u64 = 256 << 10;
        let messages = self.folders.values().fold(0u64, |sum, state| {
            sum.saturating_add(state.messages).saturating_add(state.associated).saturating_add(state.results)
        });
        let folders = self.folders.len() as u64;
        self.database
            .position()
            .saturating_add(messages.saturating_mul(MESSAGE.saturating_add(ROW)))
            .saturating_add(self.long_rows)
            .saturating_add(folders.saturating_mul(FOLDER))
            .saturating_add(REST)
    }

    /// Writes everything that waits, and makes the file permanent.
    ///
    /// # Errors
    /// `Io` of the medium, `Limit` if the file or the table of one folder becomes too large. There is no file then.
    pub fn finish(mut self) -> Result<T::Output> {
        self.check(FolderId(Nid::ROOT_FOLDER))?;
        let empty = self.fixed_nodes()?;
        self.tables(empty)?;
        self.names()?;
        self.store_node()?;
        self.database.finish(self.client)
    }

    fn node(&mut self, nid: u32, object: Object) -> Result<()> {
        self.database.node(Nid::new(nid), object.data, object.subnodes, NO_NODE)
    }

    /// The nodes that are the same in every store, and the empty tables of a folder.
    fn fixed_nodes(&mut self) -> Result<EmptyTables> {
        let text = self.context.text;
        for nid in [0x1E1, 0x261, 0xE41, 0xEC1, 0xF21] {
            self.database.node(Nid::new(nid), Tree::NONE, Tree::NONE, NO_NODE)?;
        }
        for (nid, columns) in [
            (0x60D, columns::HIERARCHY),
            (0x60E, columns::CONTENTS),
            (0x60F, columns::ASSOCIATED),
            (0x610, columns::SEARCH_CONTENTS),
            (0x64C, columns::OUTGOING_QUEUE),
            (0x671, columns::ATTACHMENTS),
            (0x692, columns::RECIPIENTS),
            (0x6B6, columns::REPLICATION),
            (0x6D7, columns::REPLICATION_ITEMS),
            (0x6F8, columns::REPLICATION_TIMES),
        ] {
            let table = write_table(&mut self.database, text, tags(columns), [])?;
            self.node(nid, table)?;
        }
        let mut receive = Properties::new();
        receive.text(id::MESSAGE_CLASS, "").integer32(0x6605, Nid::ROOT_FOLDER.raw().cast_signed());
        let table = write_table(&mut self.database, text, tags(columns::RECEIVE_FOLDER), [(1, &receive)])?;
        self.node(0x62B, table)?;
        // An id map without entries.
        const ID_MAP: u8 = 0x9C;
        let mut heap = HeapBuilder::new(text.format);
        let index = encode_bth(&mut heap, 16, 4, &[], HeapBuilder::MAX_ITEM);
        let data = self.database.data_from_blocks(heap.finish(ID_MAP, index))?;
        self.node(0xC01, Object { data, subnodes: Tree::NONE })?;
        // The search activity list names the search folders that are kept up to date.
        let active = if self.folders.contains_key(&SPAM_SEARCH_FOLDER) {
            self.database.data(&SPAM_SEARCH_FOLDER.raw().to_le_bytes())?
        } else {
            Tree::NONE
        };
        self.database.node(Nid::new(0x201), active, Tree::NONE, NO_NODE)?;
        Ok(EmptyTables::default())
    }

    /// The tables and properties of all folders.
    fn tables(&mut self, mut empty: EmptyTables) -> Result<()> {
        let scratch = Sorter::new(None);
        let mut rows = std::mem::replace(&mut self.rows, scratch).finish()?;
        let mut next = rows.next()?.map(|(key, record)| (key, record.to_vec()));
        // Table by table: the nodes of tables ascend as their rows do.
        while let Some((key, _)) = &next {
            let table_nid = Nid::new(u32::try_from(key >> 32).unwrap_or(0));
            let wanted = table_columns(table_nid.kind());
            let count = self.count(table_nid);
            let mut table = TableWriter::new(tags(wanted), self.context.text, table_nid).for_rows(count);
            while let Some((key, record)) = next.take() {
                let of = Nid::new(u32::try_from(key >> 32).unwrap_or(0));
                if of != table_nid {
                    next = Some((key, record));
                    break;
                }
                let row = Nid::new(u32::try_from(key & 0xFFFF_FFFF).unwrap_or(0));
                table.row(&mut self.database, row.raw(), &decode_cells(&record))?;
                next = rows.next()?.map(|(key, record)| (key, record.to_vec()));
            }
            let object = table.finish(&mut self.database)?;
            self.database.node(table_nid, object.data, object.subnodes, NO_NODE)?;
        }

        let mut children: BTreeMap<Nid, Vec<Nid>> = BTreeMap::new();
        for (nid, state) in &self.folders {
            if *nid != state.parent {
                children.entry(state.parent).or_default().push(*nid);
            }
        }
        let nids: Vec<Nid> = self.folders.keys().copied().collect();
        for nid in &nids {
            self.counters(*nid, children.get(nid).map_or(0, Vec::len));
        }
        for nid in nids {
            let Some(state) = self.folders.get(&nid) else { continue };
            let parent = state.parent;
            let (messages, associated, results) = (state.messages, state.associated, state.results);
            if nid.kind() == NidType::SEARCH_FOLDER {
                if results == 0 {
                    let table = empty.get(&mut self.database, self.context.text, NidType::SEARCH_CONTENTS_TABLE)?;
                    self.node(nid.with_kind(NidType::SEARCH_CONTENTS_TABLE).raw(), table)?;
                }
                self.search_nodes(nid)?;
            } else {
                for (kind, rows) in
                    [(NidType::CONTENTS_TABLE, messages), (NidType::ASSOCIATED_CONTENTS_TABLE, associated)]
                {
                    if rows == 0 {
                        let table = empty.get(&mut self.database, self.context.text, kind)?;
                        self.node(nid.with_kind(kind).raw(), table)?;
                    }
                }
                let table = match children.get(&nid) {
                    None => empty.get(&mut self.database, self.context.text, NidType::HIERARCHY_TABLE)?,
                    Some(children) => {
                        let mut table = TableWriter::new(tags(columns::HIERARCHY), self.context.text, nid);
                        for child in children {
                            if let Some(child_state) = self.folders.get(child) {
                                table.row(&mut self.database, child.raw(), &child_state.properties)?;
                            }
                        }
                        table.finish(&mut self.database)?
                    }
                };
                self.node(nid.with_kind(NidType::HIERARCHY_TABLE).raw(), table)?;
            }
            let Some(state) = self.folders.get(&nid) else { continue };
            let object = write_object(&mut self.database, &self.context.text, &state.properties, Vec::new(), None)?;
            self.database.node(nid, object.data, object.subnodes, parent)?;
        }
        Ok(())
    }

    fn count(&self, table: Nid) -> u64 {
        let of = |kind| self.folders.get(&table.with_kind(kind));
        match table.kind() {
            NidType::CONTENTS_TABLE => of(NidType::NORMAL_FOLDER).map_or(0, |state| state.messages),
            NidType::ASSOCIATED_CONTENTS_TABLE => of(NidType::NORMAL_FOLDER).map_or(0, |state| state.associated),
            _ => of(NidType::SEARCH_FOLDER).map_or(0, |state| state.results),
        }
    }

    /// Sets what counts a folder's rows.
    fn counters(&mut self, nid: Nid, subfolders: usize) {
        let Some(state) = self.folders.get_mut(&nid) else { return };
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let items = if nid.kind() == NidType::SEARCH_FOLDER { state.results } else { state.messages };
        let keeps_unread = nid.kind() == NidType::SEARCH_FOLDER && state.properties.contains(id::CONTENT_UNREAD_COUNT);
        state.properties.integer32(id::CONTENT_COUNT, number(items)).boolean(id::SUBFOLDERS, subfolders > 0);
        if !keeps_unread {
            state.properties.integer32(id::CONTENT_UNREAD_COUNT, number(state.unread));
        }
        if state.associated > 0 || state.properties.contains(id::ASSOCIATED_CONTENT_COUNT) {
            state.properties.integer32(id::ASSOCIATED_CONTENT_COUNT, number(state.associated));
        }
    }

    /// The nodes beside a search folder: an empty queue and its criteria.
    fn search_nodes(&mut self, nid: Nid) -> Result<()> {
        self.database.node(nid.with_kind(NidType::SEARCH_UPDATE_QUEUE), Tree::NONE, Tree::NONE, NO_NODE)?;
        let mut criteria = Properties::new();
        criteria.integer32(0x660B, 0);
        self.raw_node(nid.with_kind(NidType::SEARCH_CRITERIA_OBJECT), &criteria, NO_NODE)
    }

    fn names(&mut self) -> Result<()> {
        // libpff refuses a file without a name, or without one of a set in the stream of GUIDs; Outlook always has some.
        if !self.names.has_guids() {
            const CURRENT_VERSION_NAME: u32 = 0x8554;
            self.names.id(PropertySet::Guid(Guid::PSETID_COMMON), PropertyName::Number(CURRENT_VERSION_NAME))?;
        }
        let mut properties = Properties::new();
        for (id, bytes) in self.names.encode() {
            let kind = if id == 1 { PropertyType::INTEGER32 } else { PropertyType::BINARY };
            properties.stored(PropertyTag::from_parts(id, kind), bytes);
        }
        self.raw_node(Nid::NAME_TO_ID_MAP, &properties, NO_NODE)
    }

    fn store_node(&mut self) -> Result<()> {
        let standard = self.standard;
        let folders = [
            (id::IPM_SUBTREE_ENTRY_ID, Some(standard.ipm_subtree)),
            (id::IPM_WASTEBASKET_ENTRY_ID, Some(standard.deleted_items)),
            (COMMON_VIEWS_ENTRY_ID, standard.common_views),
            (id::FINDER_ENTRY_ID, Some(standard.finder)),
        ];
        let mut store = std::mem::take(&mut self.store);
        if let Some(page) = self.ansi_code_page() {
            store.integer32(id::STORE_CODE_PAGE, i32::from(page.number()));
        }
        store.or(id::RECORD_KEY, |store| {
            store.binary(id::RECORD_KEY, self.context.record_key);
        });
        for (id, nid) in folders {
            let Some(nid) = nid else { continue };
            let entry_id = self.entry_id(nid);
            store.or(id, |store| {
                store.binary(id, entry_id);
            });
        }
        self.raw_node(Nid::MESSAGE_STORE, &store, NO_NODE)
    }
}

fn table_columns(kind: NidType) -> &'static [u32] {
    match kind {
        NidType::HIERARCHY_TABLE => columns::HIERARCHY,
        NidType::CONTENTS_TABLE => columns::CONTENTS,
        NidType::ASSOCIATED_CONTENTS_TABLE => columns::ASSOCIATED,
        _ => columns::SEARCH_CONTENTS,
    }
}

/// Empty tables, which the folders that have one share.
#[derive(Debug, Default)]
struct EmptyTables(std::collections::HashMap<NidType, Object>);

impl EmptyTables {
    fn get<T: Target>(&mut self, database: &mut Database<T>, text: TextCoding, kind: NidType) -> Result<Object> {
        if let Some(table) = self.0.get(&kind).filter(|table| !database.is_worn(table.data)) {
            return Ok(*table);
        }
        let table = write_table(database, text, tags(table_columns(kind)), [])?;
        self.0.insert(kind, table);
        Ok(table)
    }
}

fn named(name: &str) -> Properties {
    let mut properties = Properties::new();
    properties.text(id::DISPLAY_NAME, name);
    properties
}

/// How a cell stands in the scratch file: tag, kind of value, length, bytes.
const TEXT: u8 = 0;
const BYTES: u8 = 1;
const TREE: u8 = 2;

fn encode_cell(out: &mut Vec<u8>, tag: PropertyTag, value: &Value) {
    let (kind, bytes) = match value {
        Value::Text(text) => (TEXT, text.as_bytes().to_vec()),
        Value::Stored(Content::Bytes(bytes)) => (BYTES, bytes.to_vec()),
        Value::Stored(Content::Tree(tree)) => (TREE, [tree.bid.raw().to_le_bytes(), tree.size.to_le_bytes()].concat()),
        // No column holds an object.
        Value::Object { .. } => return,
    };
    out.extend_from_slice(&tag.raw().to_le_bytes());
    out.push(kind);
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&bytes);
}

fn decode_cells(mut record: &[u8]) -> Properties {
    let mut row = Properties::new();
    while let Some((head, rest)) = record.split_first_chunk::<9>() {
        let [a, b, c, d, kind, e, f, g, h] = *head;
        let tag = PropertyTag::new(u32::from_le_bytes([a, b, c, d]));
        let length = usize::try_from(u32::from_le_bytes([e, f, g, h])).unwrap_or(usize::MAX);
        let (bytes, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        record = rest;
        match kind {
            TEXT => row.text(tag.id(), String::from_utf8_lossy(bytes)),
            TREE => {
                let number = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
                let bid = crate::ndb::Bid::new(number(bytes.first_chunk()));
                row.data(tag, Data(Content::Tree(Tree { bid, size: number(bytes.last_chunk()) })))
            }
            _ => row.stored(tag, bytes),
        };
    }
    row
}

fn random_key() -> [u8; 16] {
    let mut key = [0; 16];
    for half in key.chunks_mut(8) {
        // Each state has keys of its own.
        half.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
    }
    key
}

fn now() -> FileTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).ok().and_then(FileTime::from_unix_seconds).unwrap_or(FileTime::new(0))
}
