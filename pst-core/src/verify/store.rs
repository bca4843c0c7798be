//! N1, N2 and F9: the nodes every store has, the template tables, and the folders the store names.

use crate::ltp::{PropertyTag, PropertyType, TableContext, id};
use crate::messaging::EntryId;
use crate::ndb::{Nid, NidType};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

/// Nodes of MS-PST 2.7.1, and those scanpst asks for.
const REQUIRED: [(u32, &str); 19] = [
    (0x21, "message store"),
    (0x61, "named property map"),
    (0x122, "root folder"),
    (0x12D, "hierarchy table of the root folder"),
    (0x12E, "contents table of the root folder"),
    (0x12F, "associated contents table of the root folder"),
    (0x1E1, "search management queue"),
    (0x201, "search activity list"),
    (0x60D, "hierarchy table template"),
    (0x60E, "contents table template"),
    (0x60F, "associated contents table template"),
    (0x610, "search contents table template"),
    (0x62B, "receive folder table"),
    (0x64C, "outgoing queue table"),
    (0x671, "attachment table template"),
    (0x692, "recipient table template"),
    (0x6B6, "replication template"),
    (0x6D7, "replication template"),
    (0x6F8, "replication template"),
];

/// Columns of the template tables, row id and row version left out: those of the specification that Outlook has had in
/// all versions.
const TEMPLATES: [(u32, &[u32]); 8] = [
    (
        0x60D,
        &[
            0x0E30_0102,
            0x0E33_0014,
            0x0E34_0102,
            0x0E38_0003,
            0x3001_001F,
            0x3602_0003,
            0x3603_0003,
            0x360A_000B,
            0x3613_001F,
            0x6635_0003,
            0x6636_0003,
        ],
    ),
    (
        0x60E,
        &[
            0x0017_0003,
            0x001A_001F,
            0x0036_0003,
            0x0037_001F,
            0x0039_0040,
            0x0042_001F,
            0x0057_000B,
            0x0058_000B,
            0x0070_001F,
            0x0071_0102,
            0x0E03_001F,
            0x0E04_001F,
            0x0E06_0040,
            0x0E07_0003,
            0x0E08_0003,
            0x0E17_0003,
            0x0E30_0102,
            0x0E33_0014,
            0x0E34_0102,
            0x0E38_0003,
            0x0E3C_0102,
            0x0E3D_0102,
            0x1097_0003,
            0x3008_0040,
            0x65C6_0003,
        ],
    ),
    (
        0x60F,
        &[
            0x001A_001F,
            0x0E07_0003,
            0x0E17_0003,
            0x3001_001F,
            0x6800_001F,
            0x6803_000B,
            0x6805_1003,
            0x682F_001F,
            0x7003_0003,
            0x7004_0102,
            0x7005_0102,
            0x7006_001F,
            0x7007_0003,
        ],
    ),
    (
        0x610,
        &[
            0x0017_0003,
            0x001A_001F,
            0x0036_0003,
            0x0037_001F,
            0x0042_001F,
            0x0057_000B,
            0x0058_000B,
            0x0E03_001F,
            0x0E04_001F,
            0x0E05_001F,
            0x0E06_0040,
            0x0E07_0003,
            0x0E08_0003,
            0x0E17_0003,
            0x0E2A_000B,
            0x3008_0040,
            0x67F1_0003,
        ],
    ),
    (0x62B, &[0x001A_001F, 0x6605_0003]),
    (0x64C, &[0x0039_0040, 0x0E10_0003, 0x0E14_0003]),
    (0x671, &[0x0E20_0003, 0x3704_001F, 0x3705_0003, 0x370B_0003]),
    (
        0x692,
        &[
            0x0C15_0003,
            0x0E0F_000B,
            0x0FF9_0102,
            0x0FFE_0003,
            0x0FFF_0102,
            0x3001_001F,
            0x3002_001F,
            0x3003_001F,
            0x300B_0102,
            0x3900_0003,
            0x39FF_001F,
            0x3A40_000B,
        ],
    ),
];

/// The search activity list.
const ACTIVITY_LIST: Nid = Nid::new(0x201);

impl Check<'_> {
    pub(super) fn check_store(&mut self) {
        for (nid, name) in REQUIRED {
            let nid = Nid::new(nid);
            if self.node_exists(nid) {
                continue;
            }
            let severity = if nid == Nid::MESSAGE_STORE || nid == Nid::ROOT_FOLDER {
                self.unless_ost(Severity::Loss)
            } else {
                self.unless_old(Severity::Degraded)
            };
            let note = Note::new(Rule::N1, severity, "a node that every store has is missing").node(nid);
            self.found(note.values("absent", name));
        }
        self.check_activity_list();
        for (nid, columns) in TEMPLATES {
            self.check_template(Nid::new(nid), columns);
        }
        if let Ok(Some(node)) = self.pst.node(Nid::NAME_TO_ID_MAP) {
            self.check_names(&node);
        }
        self.check_store_folders();
    }

    /// Search folders of the store stand in the search activity list.
    fn check_activity_list(&mut self) {
        let Ok(Some(node)) = self.pst.node(ACTIVITY_LIST) else { return };
        let Ok(data) = node.data() else { return };
        let Ok(list) = data.bytes() else { return };
        let listed: Vec<u32> = list.chunks_exact(4).filter_map(|nid| crate::bytes::u32(nid, 0)).collect();
        let severity = self.unless_ost(Severity::Degraded);
        for nid in listed {
            if nid != 0 && !self.node_exists(Nid::new(nid)) {
                let note = Note::new(Rule::N1, severity, "the search activity list names a folder that does not exist");
                self.found(note.node(ACTIVITY_LIST).values(Nid::new(nid), "a search folder"));
            }
        }
    }

    fn check_template(&mut self, nid: Nid, columns: &[u32]) {
        let Ok(Some(node)) = self.pst.node(nid) else { return };
        // What is wrong with the table itself is told when its node is checked.
        let Ok(table) = TableContext::open(&node) else { return };
        for tag in columns {
            let tag = PropertyTag::new(*tag);
            let kind = match tag.kind() {
                PropertyType::STRING if self.format.is_ansi() => PropertyType::STRING8,
                kind => kind,
            };
            let found = table.column(tag.id()).map(|column| column.tag.kind());
            if found != Some(kind) {
                let expected = format!("column {}", PropertyTag::from_parts(tag.id(), kind));
                let actual = found.map_or_else(|| "absent".to_owned(), |found| format!("type {found}"));
                let severity = if found.is_none() { self.unless_old(Severity::Degraded) } else { Severity::Degraded };
                let note = Note::new(Rule::N2, self.unless_ost(severity), "a template table lacks a column").node(nid);
                self.found(note.field("TCINFO", "rgTCOLDESC").values(actual, expected));
            }
        }
    }

    /// F9: what the store must have, and the folders its entry ids name.
    fn check_store_folders(&mut self) {
        let Ok(Some(node)) = self.pst.node(Nid::MESSAGE_STORE) else { return };
        let Some(checked) = self.check_properties(&node) else { return };
        let store = &checked.context;
        let severity = self.unless_ost(Severity::Degraded);
        let needed = [
            id::RECORD_KEY,
            id::DISPLAY_NAME,
            id::IPM_SUBTREE_ENTRY_ID,
            id::IPM_WASTEBASKET_ENTRY_ID,
            id::FINDER_ENTRY_ID,
        ];
        let text = "the store lacks a property it must have";
        self.check_required(Rule::F9, severity, text, Nid::MESSAGE_STORE, store, &needed);
        let key = |property: u16| {
            let stored = store.binary(property).ok().flatten()?;
            crate::bytes::array::<16>(&stored, 0)
        };
        let keys = [key(id::RECORD_KEY), key(id::MAPPING_SIGNATURE)];
        // Common views, and folders for views and personal views, are named only if there are any.
        let folders = [
            id::IPM_SUBTREE_ENTRY_ID,
            0x35E2,
            id::IPM_WASTEBASKET_ENTRY_ID,
            0x35E4,
            0x35E5,
            0x35E6,
            id::FINDER_ENTRY_ID,
        ];
        for property in folders {
            let Ok(Some(stored)) = store.binary(property) else { continue };
            let name = crate::ltp::property_name(property).unwrap_or("entry id");
            let entry = EntryId::decode(&stored);
            let is_folder = |nid: Nid| matches!(nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER);
            let problem = match entry {
                None => Some(format!("{} bytes", stored.len())),
                Some(entry) if !keys.contains(&Some(entry.store.to_bytes())) => Some("another store".to_owned()),
                Some(entry) if !is_folder(entry.nid) || !self.node_exists(entry.nid) => {
                    Some(format!("node {}, which is no folder", entry.nid))
                }
                Some(_) => None,
            };
            if let Some(problem) = problem {
                let severity = self.unless_ost(Severity::Loss);
                let note = Note::new(Rule::F9, severity, "the store names a folder that does not exist");
                let note = note.node(Nid::MESSAGE_STORE).field("EntryID", "nid");
                self.found(note.values(format_args!("{name}: {problem}"), "a folder of this store"));
            }
        }
    }
}
