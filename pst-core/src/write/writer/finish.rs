//! The end of a file: the nodes every store has, the tables and properties of folders, names, the store itself.

use std::collections::{BTreeMap, HashMap};

use crate::ltp::{HeapBuilder, PropertyTag, PropertyType, encode_bth, id};
use crate::messaging::{Kept, PropertyName, PropertySet, RECEIVE_FOLDER_ID, RECEIVE_FOLDER_TABLE, SpecialFolder};
use crate::ndb::{Nid, NidType};
use crate::write::Target;
use crate::write::columns;
use crate::write::database::{Database, Tree};
use crate::write::properties::{Object, Properties, TextCoding, write_object};
use crate::write::spool::Sorter;
use crate::write::table::{TableWriter, tags, write_table};
use crate::write::writer::rows::decode_cells;
use crate::write::writer::{NO_NODE, PstWriter, SPAM_SEARCH_FOLDER};
use crate::{Guid, Result};

impl<T: Target> PstWriter<T> {
    fn node(&mut self, nid: u32, object: Object) -> Result<()> {
        self.database.node(Nid::new(nid), object.data, object.subnodes, NO_NODE)
    }

    /// The nodes that are the same in every store, and the empty tables of a folder.
    pub(super) fn fixed_nodes(&mut self) -> Result<EmptyTables> {
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
        let receive = self.receive_folders.iter().map(|(class, nid)| {
            let mut row = Properties::new();
            // A folder that was left out receives nothing.
            let nid = if self.folders.contains_key(nid) { *nid } else { Nid::ROOT_FOLDER };
            row.text(id::MESSAGE_CLASS, class).integer32(RECEIVE_FOLDER_ID, nid.raw().cast_signed());
            row
        });
        let receive: Vec<Properties> = receive.collect();
        let table = write_table(&mut self.database, text, tags(columns::RECEIVE_FOLDER), (1..).zip(&receive))?;
        self.node(RECEIVE_FOLDER_TABLE.raw(), table)?;
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
    pub(super) fn tables(&mut self, mut empty: EmptyTables) -> Result<()> {
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

    pub(super) fn names(&mut self) -> Result<()> {
        // libpff refuses a file without a name, or without one of a set in the stream of GUIDs; Outlook always has some.
        if !self.names.has_guids() && !self.names.is_full() {
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

    pub(super) fn store_node(&mut self) -> Result<()> {
        let standard = self.standard;
        let folders = [
            (SpecialFolder::IpmSubtree, Some(standard.ipm_subtree)),
            (SpecialFolder::DeletedItems, Some(standard.deleted_items)),
            (SpecialFolder::CommonViews, standard.common_views),
            (SpecialFolder::Finder, Some(standard.finder)),
        ];
        let mut store = std::mem::take(&mut self.store);
        if let Some(page) = self.ansi_code_page() {
            store.integer32(id::STORE_CODE_PAGE, i32::from(page.number()));
        }
        store.or(id::RECORD_KEY, |store| {
            store.binary(id::RECORD_KEY, self.context.record_key);
        });
        for (special, nid) in folders {
            let (Kept::Store(id, _), Some(nid)) = (special.kept(), nid) else { continue };
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
pub(super) struct EmptyTables(HashMap<NidType, Object>);

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
