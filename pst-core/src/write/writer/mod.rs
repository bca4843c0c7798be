//! A store as it is written: folders, messages, and the nodes every store has (MS-PST 2.4, 2.7).
//!
//! ```text
//! mod       messages and data, as they come        options   how the file is written
//! folders   folders, kept in memory to the end     rows      rows of folders, kept in a scratch file to the end
//! finish    everything that waits                  shared    values that are stored once
//! ```

mod finish;
mod folders;
mod options;
mod rows;
mod shared;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use crate::ltp::{HeapBuilder, PropertyTag, PropertyType, id};
use crate::messaging::{PropertyName, PropertySet, SpecialFolder};
use crate::ndb::{Client, Format, Layout, Nid, NidType};
use crate::text::CodePage;
use crate::write::database::Database;
use crate::write::message::{ItemContext, MessageDraft, WrittenMessage, write_message};
use crate::write::names::Names;
use crate::write::properties::{Content, Data, Properties, TextCoding, write_object};
use crate::write::spool::Sorter;
use crate::write::target::FileTarget;
use crate::write::{Target, columns};
use crate::{Error, ErrorKind, Result};

pub use folders::FolderId;
pub(super) use folders::StandardFolders;
use folders::{FolderState, named};
pub use options::WriteOptions;
use rows::encode_cell;
use shared::Shared;

/// Bytes of an ordinary row of a contents table with what is in its cells, generously.
const ROW: u64 = 500;
const SPAM_SEARCH_FOLDER: Nid = Nid::new(0x2223);
const NO_NODE: Nid = Nid::new(0);

/// Writes a PST file front to back.
///
/// Errors of the medium end the file: whatever is called after one fails as well, and nothing is left of it.
#[derive(Debug)]
pub struct PstWriter<T: Target = FileTarget> {
    database: Database<T>,
    context: ItemContext,
    names: Names,
    standard: StandardFolders,
    /// What mail programs use folders for, beside the standard ones.
    designated: BTreeMap<SpecialFolder, Nid>,
    /// Where items of a message class arrive.
    receive_folders: Vec<(String, Nid)>,
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
        let record_key = options.record_key.unwrap_or_else(options::random_key);
        let mut store = Properties::new();
        store.text(id::DISPLAY_NAME, options.name);
        let mut database = Database::new(target, options.format, options.crypt, limit);
        // Folders that are fixed come first, so that others do not take their ids.
        database.reserve(StandardFolders::COMMON_VIEWS);
        Ok(Self {
            database,
            context: ItemContext {
                text: TextCoding { format: options.format, code_page: options.code_page },
                now: options.now.unwrap_or_else(options::now),
                record_key,
            },
            names: Names::default(),
            standard: StandardFolders::OUTLOOK,
            designated: BTreeMap::new(),
            receive_folders: vec![(String::new(), Nid::ROOT_FOLDER)],
            store,
            folders: BTreeMap::new(),
            rows: Sorter::new(scratch),
            long_rows: 0,
            shared: options.share_data.then(Shared::new),
            client: Client::Pst,
            failed: false,
        })
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
    /// ```
    /// use pst_core::Guid;
    /// use pst_core::write::{PstWriter, WriteOptions};
    ///
    /// # fn main() -> pst_core::Result<()> {
    /// let mut out = PstWriter::in_memory(WriteOptions::new())?;
    /// let location = out.named_property(Guid::PSETID_APPOINTMENT, 0x8208)?;
    /// let keywords = out.named_property(Guid::PS_PUBLIC_STRINGS, "Keywords")?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// `Limit` beyond 32,767 names.
    pub fn named_property(&mut self, set: impl Into<PropertySet>, name: impl Into<PropertyName>) -> Result<u16> {
        self.names.id(set.into(), name.into())
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
    /// `NotFound` for a folder of another file, `WrongType` for a search folder, `InvalidInput` for text that an ANSI file
    /// cannot hold, `Limit` for too many attachments: the next message may follow. `Io`, and `Limit` for a file that becomes
    /// too large: it [cannot be continued](Self::is_broken).
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

    fn item(&mut self, folder: FolderId, mut message: MessageDraft, kind: NidType) -> Result<Nid> {
        self.check_holder(folder)?;
        let nid = match message.nid {
            Some(nid) => nid,
            None => self.database.new_nid(kind)?,
        };
        message.check(&self.context.text, nid)?;
        message.found_by.iter().try_for_each(|search| self.check_search(*search))?;
        let found_by = std::mem::take(&mut message.found_by);
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
        if !found_by.is_empty() {
            let mut row = properties;
            row.integer32(id::LTP_PARENT_NID, folder.0.raw().cast_signed());
            for search in found_by {
                self.add_result(search, nid, &row)?;
                if let Some(state) = self.folders.get_mut(&search.0) {
                    state.unread = state.unread.saturating_add(u64::from(MessageDraft::is_unread(&row)));
                }
            }
        }
        self.failed = false;
        Ok(nid)
    }

    /// Adds a row to the results of a search folder.
    pub(super) fn result(&mut self, folder: FolderId, message: Nid, row: &Properties) -> Result<()> {
        self.check(folder)?;
        self.add_result(folder, message, row)
    }

    fn add_result(&mut self, folder: FolderId, message: Nid, row: &Properties) -> Result<()> {
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
        self.write_designations();
        let empty = self.fixed_nodes()?;
        self.tables(empty)?;
        self.names()?;
        self.store_node()?;
        self.database.finish(self.client)
    }
}
