//! A whole store: the nodes every file has (MS-PST 2.7.1, and those Outlook adds), and folders.

use std::collections::HashMap;
use std::io::{Seek, Write};

use crate::ltp::{HeapBuilder, encode_bth, id};
use crate::ndb::{Bid, Nid, NidType};
use crate::testkit::message::Written;
use crate::testkit::{FolderBuilder, MessageBuilder, NameMap, Prop, Props, StoreBuilder, Table, nids};
use crate::write::columns;

/// A block may be named 65,535 times; a shared one is written anew long before.
const MOST_SHARED: u16 = 30_000;

/// A store to be written.
#[derive(Clone, Debug)]
pub struct Mailbox {
    record_key: [u8; 16],
    props: Props,
    names: NameMap,
    /// Below the IPM subtree.
    folders: Vec<FolderBuilder>,
    /// Below the root, beside the IPM subtree.
    root_folders: Vec<FolderBuilder>,
    deleted: FolderBuilder,
    /// Messages without a folder.
    orphans: Vec<(MessageBuilder, Nid)>,
}

impl Mailbox {
    /// An empty store with this display name.
    pub fn new(name: &str) -> Self {
        Self {
            record_key: *b"pst-core testkit",
            props: Props::new().with(Prop::text(id::DISPLAY_NAME, name)),
            names: NameMap::new(),
            folders: Vec::new(),
            root_folders: Vec::new(),
            deleted: FolderBuilder::new("Deleted Items").nid(nids::DELETED_ITEMS),
            orphans: Vec::new(),
        }
    }

    /// The record key, which entry ids carry.
    #[must_use]
    pub fn record_key(mut self, key: [u8; 16]) -> Self {
        self.record_key = key;
        self
    }

    /// Sets any property of the store.
    #[must_use]
    pub fn prop(mut self, prop: Prop) -> Self {
        self.props.set(prop);
        self
    }

    /// The named properties, made before the messages that use them.
    #[must_use]
    pub fn names(mut self, names: NameMap) -> Self {
        self.names = names;
        self
    }

    /// Adds a folder below the top of personal folders.
    #[must_use]
    pub fn folder(mut self, folder: FolderBuilder) -> Self {
        self.folders.push(folder);
        self
    }

    /// Adds folders below the top of personal folders.
    #[must_use]
    pub fn folders(mut self, folders: impl IntoIterator<Item = FolderBuilder>) -> Self {
        self.folders.extend(folders);
        self
    }

    /// Adds a folder below the root, where search folders usually are; it is written last.
    #[must_use]
    pub fn root_folder(mut self, folder: FolderBuilder) -> Self {
        self.root_folders.push(folder);
        self
    }

    /// Adds a message to the deleted items.
    #[must_use]
    pub fn deleted(mut self, message: MessageBuilder) -> Self {
        self.deleted.messages.push(message);
        self
    }

    /// Adds a message that no table lists, with this parent in its node.
    #[must_use]
    pub fn orphan(mut self, message: MessageBuilder, parent: Nid) -> Self {
        self.orphans.push((message, parent));
        self
    }

    /// The entry id of a node of this store (MS-PST 2.4.3.2).
    pub fn entry_id(&self, nid: Nid) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(&self.record_key);
        out.extend_from_slice(&nid.raw().to_le_bytes());
        out
    }

    /// Writes everything but the B-trees, which [`StoreBuilder::finish`] adds; nodes can still be added between.
    pub fn write<W: Write + Seek>(self, mut store: StoreBuilder<W>) -> StoreBuilder<W> {
        let mut props = self.props.clone();
        props.set_default(Prop::binary(id::RECORD_KEY, self.record_key));
        props.set_default(Prop::i32(id::VALID_FOLDER_MASK, 0xC9));
        for (id, nid) in [
            (id::IPM_SUBTREE_ENTRY_ID, nids::IPM_SUBTREE),
            (id::IPM_WASTEBASKET_ENTRY_ID, nids::DELETED_ITEMS),
            (0x35E6, nids::COMMON_VIEWS),
            (id::FINDER_ENTRY_ID, nids::SEARCH_ROOT),
        ] {
            props.set_default(Prop::binary(id, self.entry_id(nid)));
        }
        props.set_default(Prop::i32(0x0E38, 0));
        props.set_default(Prop::boolean(0x6633, true));
        props.set_default(Prop::i32(id::PST_PASSWORD, 0));
        let (data, subnodes) = props.write(&mut store, Vec::new());
        store.node(Nid::MESSAGE_STORE, data, subnodes, Nid::new(0));
        self.names.write(&mut store);
        // Fixed folders come first, so that others do not take their ids.
        store.reserve(nids::COMMON_VIEWS);

        let mut writer = Writer { store, empty: HashMap::new(), messages: HashMap::new() };
        writer.fixed_nodes();
        let mut deleted = self.deleted;
        deleted.nid = Some(nids::DELETED_ITEMS);
        let subtree =
            FolderBuilder::new("Top of Personal Folders").nid(nids::IPM_SUBTREE).folder(deleted).folders(self.folders);
        let root = FolderBuilder::new("")
            .nid(Nid::ROOT_FOLDER)
            .folder(subtree)
            .folder(FolderBuilder::new("Search Root").nid(nids::SEARCH_ROOT))
            .folder(FolderBuilder::search("SPAM Search Folder 2", []).nid(nids::SPAM_SEARCH_FOLDER))
            .folder(FolderBuilder::new("IPM_COMMON_VIEWS").nid(nids::COMMON_VIEWS))
            .folders(self.root_folders);
        writer.folder(root, Nid::ROOT_FOLDER);
        for (message, parent) in self.orphans {
            writer.message(message, NidType::NORMAL_MESSAGE, parent);
        }
        writer.store
    }
}

struct Writer<W> {
    store: StoreBuilder<W>,
    /// Blocks of empty tables, shared by the folders that have one, by the columns' address.
    empty: HashMap<NidType, Bid>,
    /// Messages written so far, and their folders, for the tables of search folders.
    messages: HashMap<Nid, (Nid, Props)>,
}

impl<W: Write + Seek> Writer<W> {
    fn fixed_nodes(&mut self) {
        let none = Nid::new(0);
        let store = &mut self.store;
        for nid in [0x1E1, 0x261, 0xE41, 0xEC1, 0xF21] {
            store.node(Nid::new(nid), Bid::NONE, Bid::NONE, none);
        }
        let activity = store.block(&nids::SPAM_SEARCH_FOLDER.raw().to_le_bytes());
        store.node(Nid::new(0x201), activity, Bid::NONE, none);
        for (nid, columns) in [
            (0x60D, columns::HIERARCHY),
            (0x60E, Table::CONTENTS),
            (0x60F, columns::ASSOCIATED),
            (0x610, columns::SEARCH_CONTENTS),
            (0x64C, columns::OUTGOING_QUEUE),
            (0x671, Table::ATTACHMENTS),
            (0x692, Table::RECIPIENTS),
            (0x6B6, columns::REPLICATION),
            (0x6D7, columns::REPLICATION_ITEMS),
            (0x6F8, columns::REPLICATION_TIMES),
        ] {
            let (data, subnodes) = Table::new(columns).write(store);
            store.node(Nid::new(nid), data, subnodes, none);
            self.empty.insert(Nid::new(nid).kind(), data);
        }
        let mut receive = Table::new(columns::RECEIVE_FOLDER);
        let root = Nid::ROOT_FOLDER.raw().cast_signed();
        receive.row(1, Props::from_iter([Prop::text(id::MESSAGE_CLASS, ""), Prop::i32(0x6605, root)]));
        let (data, subnodes) = receive.write(store);
        store.node(Nid::new(0x62B), data, subnodes, none);
        let mut heap = HeapBuilder::new(store.format());
        let index = encode_bth(&mut heap, 16, 4, &[], HeapBuilder::MAX_ITEM);
        let data = store.data_from_blocks(heap.finish(0x9C, index));
        store.node(Nid::new(0xC01), data, Bid::NONE, none);
    }

    /// Writes a table and its node; an empty one shares its block with others.
    fn table(&mut self, nid: Nid, columns: &'static [u32], table: Table) {
        let kind = nid.kind();
        let (data, subnodes) = if table.is_empty() {
            let shared = self.empty.get(&kind).copied().filter(|bid| self.store.references(*bid) < MOST_SHARED);
            let data = shared.unwrap_or_else(|| Table::new(columns).write(&mut self.store).0);
            self.empty.insert(kind, data);
            (data, Bid::NONE)
        } else {
            table.write(&mut self.store)
        };
        self.store.node(nid, data, subnodes, Nid::new(0));
    }

    /// Writes a message and its node; returns what a row says about it.
    fn message(&mut self, message: MessageBuilder, kind: NidType, parent: Nid) -> (Nid, Props) {
        let nid = message.take_nid(&mut self.store, kind);
        let Written { data, subnodes, props } = message.write(&mut self.store, nid);
        self.store.node(nid, data, subnodes, parent);
        (nid, props)
    }

    /// Writes a folder with everything in it; returns what a row says about it.
    fn folder(&mut self, folder: FolderBuilder, parent: Nid) -> (Nid, Props) {
        let is_search = folder.results.is_some();
        let kind = if is_search { NidType::SEARCH_FOLDER } else { NidType::NORMAL_FOLDER };
        let nid = folder.nid.unwrap_or_else(|| self.store.new_nid(kind));
        let mut props = folder.props;

        let (mut contents, mut unread) = (Table::new(Table::CONTENTS), 0);
        for message in folder.messages {
            let (message, mut row) = self.message(message, NidType::NORMAL_MESSAGE, nid);
            unread += i32::from(!is_read(&row));
            row.set(Prop::i32(0x0E17, 0));
            self.messages.insert(message, (nid, row.clone()));
            contents.row(message.raw(), row);
        }
        for message in folder.listed {
            let (_, row) = self.messages.get(&message).cloned().unwrap_or((Nid::new(0), Props::new()));
            contents.row(message.raw(), row);
        }
        let mut associated = Table::new(columns::ASSOCIATED);
        for message in folder.associated {
            let message = message.prop(Prop::i32(id::MESSAGE_FLAGS, 0x41));
            let (message, row) = self.message(message, NidType::ASSOCIATED_MESSAGE, nid);
            associated.row(message.raw(), row);
        }
        let mut hierarchy = Table::new(columns::HIERARCHY);
        for subfolder in folder.folders {
            let (subfolder, row) = self.folder(subfolder, nid);
            hierarchy.row(subfolder.raw(), row);
        }
        let count = |number: usize| i32::try_from(number).unwrap();
        let found = folder.results.as_ref().map_or(0, Vec::len);
        let hidden = associated.len();
        props.set_default(Prop::i32(id::CONTENT_COUNT, count(contents.len() + found)));
        props.set_default(Prop::i32(id::CONTENT_UNREAD_COUNT, unread));
        props.set_default(Prop::boolean(id::SUBFOLDERS, !hierarchy.is_empty()));
        if hidden > 0 {
            props.set_default(Prop::i32(id::ASSOCIATED_CONTENT_COUNT, count(hidden)));
        }
        if let Some(results) = folder.results {
            let mut table = Table::new(columns::SEARCH_CONTENTS);
            for message in results {
                let (parent, mut row) = self.messages.get(&message).cloned().unwrap_or((Nid::new(0), Props::new()));
                row.set(Prop::i32(id::LTP_PARENT_NID, parent.raw().cast_signed()));
                table.row(message.raw(), row);
            }
            self.table(nid.with_kind(NidType::SEARCH_CONTENTS_TABLE), columns::SEARCH_CONTENTS, table);
            self.store.node(nid.with_kind(NidType::SEARCH_UPDATE_QUEUE), Bid::NONE, Bid::NONE, Nid::new(0));
            let (data, subnodes) = Props::new().with(Prop::i32(0x660B, 0)).write(&mut self.store, Vec::new());
            self.store.node(nid.with_kind(NidType::SEARCH_CRITERIA_OBJECT), data, subnodes, Nid::new(0));
        } else {
            self.table(nid.with_kind(NidType::HIERARCHY_TABLE), columns::HIERARCHY, hierarchy);
            self.table(nid.with_kind(NidType::CONTENTS_TABLE), Table::CONTENTS, contents);
            self.table(nid.with_kind(NidType::ASSOCIATED_CONTENTS_TABLE), columns::ASSOCIATED, associated);
        }
        let (data, subnodes) = props.write(&mut self.store, Vec::new());
        self.store.node(nid, data, subnodes, parent);
        (nid, props)
    }
}

fn is_read(props: &Props) -> bool {
    match props.get(id::MESSAGE_FLAGS).map(Prop::data) {
        Some(crate::testkit::PropData::Stored(flags)) => flags.first().is_some_and(|flags| flags & 1 != 0),
        _ => false,
    }
}
