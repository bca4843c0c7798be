//! F1 to F4: folders and their tables, and the walk over all nodes.

use crate::ltp::{PropertyContext, Row, TableContext, id};
use crate::ndb::{Nid, NidType, Node, NodeEntry};
use crate::verify::report::{Note, Phase};
use crate::verify::{Check, ItemRef, Rule, Severity, mark};

/// PidTagMessageStatus: in the row, not in the message.
const MESSAGE_STATUS: u16 = 0x0E17;

/// PidTagPstHiddenCount and PidTagPstHiddenUnread.
const HIDDEN_COUNT: u16 = 0x6635;
const HIDDEN_UNREAD: u16 = 0x6636;

/// Cells of contents tables that are no copy of a property of the message.
fn is_own_cell(property: u16) -> bool {
    // Name of the folder, status, replication records, and the conversation id.
    matches!(property, 0x0E05 | 0x0E17 | 0x0E30 | 0x0E31 | 0x0E33 | 0x0E34 | 0x0E37 | 0x0E38 | 0x0E3C | 0x0E3D | 0x3013)
}

impl Check<'_> {
    /// Everything above the blocks.
    pub(super) fn check_contents(&mut self) {
        self.check_store();
        let total = u64::try_from(self.nodes.len()).unwrap_or(u64::MAX);
        let mut done = 0u64;
        self.each_node(&mut |check, _, entry| {
            check.sink.progress(Phase::Contents, done, total);
            done = done.saturating_add(1);
            if !check.sink.stopped() && check.work > 0 {
                check.check_node(entry);
            }
        });
        self.sink.progress(Phase::Contents, total, total);
        self.check_listed();
    }

    fn check_node(&mut self, entry: NodeEntry) {
        let node = self.pst.node_from_entry(entry);
        match entry.nid.kind() {
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => self.check_folder(&node),
            NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE => {
                self.check_message(&node);
            }
            NidType::HIERARCHY_TABLE
            | NidType::CONTENTS_TABLE
            | NidType::ASSOCIATED_CONTENTS_TABLE
            | NidType::RECEIVE_FOLDER_TABLE
            | NidType::OUTGOING_QUEUE_TABLE
            | NidType::ATTACHMENT_TABLE
            | NidType::RECIPIENT_TABLE => {
                self.check_table(&node, &mut |_, _| {});
            }
            NidType::SEARCH_CRITERIA_OBJECT => {
                self.check_properties(&node);
            }
            NidType::SEARCH_CONTENTS_TABLE => self.check_search_table(&node),
            // The map of names and the store were looked at first.
            _ if entry.nid == Nid::MESSAGE_STORE || entry.nid == Nid::NAME_TO_ID_MAP => {}
            _ => self.check_other_node(&node),
        }
    }

    /// Search results of older programs are a table of a kind that nobody documented.
    fn check_search_table(&mut self, node: &Node) {
        if self.client_of(node) == Some(0xAC) {
            self.check_heap(node, None);
        } else {
            self.check_table(node, &mut |_, _| {});
        }
    }

    /// bClientSig of a node, if its data begins as a heap does.
    fn client_of(&self, node: &Node) -> Option<u8> {
        let tree = node.data().ok()?;
        let block = tree.block(0).ok()?;
        let map = usize::from(crate::bytes::u16(&block, 0)?);
        match block.get(..4)? {
            [_, _, 0xEC, client] if (12..block.len()).contains(&map) => Some(*client),
            _ => None,
        }
    }

    /// Nodes of other types are looked at as far as they are heaps.
    fn check_other_node(&mut self, node: &Node) {
        match self.client_of(node) {
            Some(crate::ltp::Heap::TABLE) => {
                self.check_table(node, &mut |_, _| {});
            }
            Some(crate::ltp::Heap::PROPERTIES) => {
                self.check_properties(node);
            }
            Some(_) => {
                self.check_heap(node, None);
            }
            None => {}
        }
    }

    /// A table of a folder; `None` if it is absent or empty or was found to be unreadable.
    pub(super) fn folder_table(&mut self, folder: Nid, kind: NidType) -> Option<(bool, Option<TableContext>)> {
        let node = self.pst.node(folder.with_kind(kind)).ok()??;
        if node.entry().data.is_none() {
            return Some((true, None));
        }
        match TableContext::open(&node) {
            Ok(table) => Some((true, Some(table))),
            Err(_) => Some((false, None)),
        }
    }

    fn check_folder(&mut self, node: &Node) {
        let nid = node.id();
        let totals = &mut self.sink.report.totals;
        totals.folders = totals.folders.saturating_add(1);
        let is_search = nid.kind() == NidType::SEARCH_FOLDER;
        let severity = self.unless_ost(Severity::Degraded);
        let checked = self.check_properties(node);
        if node.entry().data.is_none() {
            let note = Note::new(Rule::F1, severity, "a folder has no properties").node(nid);
            self.found(note.values("no data", "a property context"));
        }
        let properties = checked.map(|checked| checked.context);
        if let Some(properties) = &properties {
            let needed = [id::DISPLAY_NAME, id::CONTENT_COUNT, id::CONTENT_UNREAD_COUNT, id::SUBFOLDERS];
            self.check_required(Rule::F1, severity, "a folder lacks a property it must have", nid, properties, &needed);
        }
        let kinds: &[NidType] = if is_search {
            &[NidType::SEARCH_CONTENTS_TABLE, NidType::SEARCH_UPDATE_QUEUE, NidType::SEARCH_CRITERIA_OBJECT]
        } else {
            &[NidType::HIERARCHY_TABLE, NidType::CONTENTS_TABLE, NidType::ASSOCIATED_CONTENTS_TABLE]
        };
        for kind in kinds {
            if !self.node_exists(nid.with_kind(*kind)) {
                // Search folders of Outlook 2003 have results only.
                let severity = if is_search { self.unless_old(severity) } else { severity };
                let note = Note::new(Rule::F1, severity, "a folder lacks a table or a part of its search").node(nid);
                self.found(note.values(format_args!("no {kind}"), format_args!("node {}", nid.with_kind(*kind))));
            }
        }
        if is_search {
            self.check_search_folder(nid, properties.as_ref());
        } else {
            self.check_normal_folder(nid, properties.as_ref());
        }
    }

    fn check_normal_folder(&mut self, nid: Nid, properties: Option<&PropertyContext>) {
        let index = self.find_node(nid).map(|(number, _)| number);
        let mut subfolders = None;
        if let Some((true, table)) = self.folder_table(nid, NidType::HIERARCHY_TABLE) {
            let count = table.map_or(0, |table| self.check_children(nid, &table, NidType::HIERARCHY_TABLE).0);
            subfolders = Some(count);
            index.into_iter().for_each(|index| self.mark(index, mark::HIERARCHY_READ));
        }
        let mut contents = None;
        if let Some((true, table)) = self.folder_table(nid, NidType::CONTENTS_TABLE) {
            contents = Some(table.map_or((0, 0), |table| self.check_children(nid, &table, NidType::CONTENTS_TABLE)));
            index.into_iter().for_each(|index| self.mark(index, mark::CONTENTS_READ));
        }
        let mut hidden = None;
        if let Some((true, table)) = self.folder_table(nid, NidType::ASSOCIATED_CONTENTS_TABLE) {
            let kind = NidType::ASSOCIATED_CONTENTS_TABLE;
            hidden = Some(table.map_or((0, 0), |table| self.check_children(nid, &table, kind)));
            index.into_iter().for_each(|index| self.mark(index, mark::ASSOCIATED_READ));
        }
        let Some(properties) = properties else { return };
        if let Some((count, unread)) = contents {
            self.check_counter(nid, properties, id::CONTENT_COUNT, count);
            self.check_counter(nid, properties, id::CONTENT_UNREAD_COUNT, unread);
        }
        let stored = |property: u16| properties.integer(property).ok().flatten();
        for (part, whole) in [(HIDDEN_COUNT, id::CONTENT_COUNT), (HIDDEN_UNREAD, id::CONTENT_UNREAD_COUNT)] {
            // Hidden items are counted among the others.
            if let (Some(hidden), Some(all)) = (stored(part), stored(whole))
                && !(0..=all).contains(&hidden)
            {
                let severity = self.unless_ost(Severity::Degraded);
                let note = Note::new(Rule::F2, severity, "a folder counts more hidden items than items").node(nid);
                self.found(
                    note.field("folder", "").values(format_args!("{part:#06x} {hidden}"), format_args!("0 to {all}")),
                );
            }
        }
        if let Some((count, _)) = hidden {
            self.check_counter(nid, properties, id::ASSOCIATED_CONTENT_COUNT, count);
        }
        if let Some(count) = subfolders {
            self.check_counter(nid, properties, id::SUBFOLDERS, u64::from(count > 0));
        }
    }

    fn check_search_folder(&mut self, nid: Nid, properties: Option<&PropertyContext>) {
        let Some((true, table)) = self.folder_table(nid, NidType::SEARCH_CONTENTS_TABLE) else { return };
        let mut count = 0u64;
        for row in table.iter().flat_map(TableContext::rows).filter_map(Result::ok) {
            count = count.saturating_add(1);
            let parent = row.integer(id::LTP_PARENT_NID).and_then(|parent| u32::try_from(parent & 0xFFFF_FFFF).ok());
            let found = self.find_node(row.nid()).map(|(_, node)| node.parent);
            if found.is_none() || parent.is_some_and(|parent| found.is_some_and(|found| found.raw() != parent)) {
                let severity = self.unless_ost(Severity::Degraded);
                let note = Note::new(Rule::F3, severity, "a search folder lists a message that is not there").node(nid);
                let actual = format!("{} in {:#x}", row.nid(), parent.unwrap_or(0));
                self.found(note.field("search contents table", "").values(actual, "a message of that folder"));
            } else if let Some(table) = &table {
                self.check_child_row(&row, table, false);
            }
        }
        if let Some(properties) = properties
            && table.is_some()
        {
            self.check_counter(nid, properties, id::CONTENT_COUNT, count);
        }
    }

    /// Checks the rows of a folder's table against the nodes they name; returns the numbers of rows and of unread ones.
    fn check_children(&mut self, folder: Nid, table: &TableContext, kind: NidType) -> (u64, u64) {
        let is_hierarchy = kind == NidType::HIERARCHY_TABLE;
        let (mut count, mut unread) = (0u64, 0u64);
        for row in table.rows().filter_map(Result::ok) {
            if !self.pay(64) {
                break;
            }
            count = count.saturating_add(1);
            if row.integer(id::MESSAGE_FLAGS).is_some_and(|flags| flags & 1 == 0) {
                unread = unread.saturating_add(1);
            }
            let child = row.nid();
            let right_kind = matches!(
                (kind, child.kind()),
                (NidType::HIERARCHY_TABLE, NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER)
                    | (NidType::CONTENTS_TABLE, NidType::NORMAL_MESSAGE)
                    | (NidType::ASSOCIATED_CONTENTS_TABLE, NidType::ASSOCIATED_MESSAGE)
            );
            let found = self.find_node(child);
            let problem = match found.map(|(_, node)| node.parent) {
                _ if !right_kind => Some(format!("a {}", child.kind())),
                None => Some("a node that does not exist".to_owned()),
                Some(parent) if parent != folder => Some(format!("a node in folder {parent}")),
                Some(_) if child == folder => Some("the folder itself".to_owned()),
                Some(_) => None,
            };
            if let Some(problem) = problem {
                let severity = self.unless_ost(Severity::Loss);
                let note = Note::new(Rule::F3, severity, "a folder lists what is not in it").node(folder);
                let expected = if is_hierarchy { "a folder in this one" } else { "a message in this folder" };
                let note = note.field("row", "dwRowID").values(format_args!("{child}, {problem}"), expected);
                // Of what is gone the row is all there is.
                let is_gone = right_kind && found.is_none();
                self.found(if is_gone { note.item(ItemRef::of_row(child, &row)) } else { note });
                continue;
            }
            found.into_iter().for_each(|(number, _)| self.mark(number, mark::LISTED));
            self.check_child_row(&row, table, is_hierarchy);
        }
        (count, unread)
    }

    fn check_child_row(&mut self, row: &Row<'_>, table: &TableContext, is_hierarchy: bool) {
        // Unreadable objects are told where they are checked themselves.
        let Ok(Some(node)) = self.pst.node(row.nid()) else { return };
        let Ok(object) = PropertyContext::open(&node) else { return };
        let severity = self.unless_ost(Severity::Degraded);
        let rule = if is_hierarchy { Rule::F1 } else { Rule::F4 };
        self.compare_row((rule, severity), row.nid(), row, table, &object, &is_own_cell);
        if !is_hierarchy
            && row.get(MESSAGE_STATUS).is_none()
            && let Ok(None) = object.get(MESSAGE_STATUS)
        {
            let note = Note::new(Rule::F5, severity, "a message has no status, in its row or itself").node(row.nid());
            self.found(note.field("row", "").values("absent", "PidTagMessageStatus (0x0e17)"));
        }
    }

    fn check_counter(&mut self, nid: Nid, properties: &PropertyContext, property: u16, counted: u64) {
        let Ok(Some(stored)) = properties.integer(property) else { return };
        if u64::try_from(stored) != Ok(counted) {
            // Outlook does not keep this one.
            let is_kept = property != id::ASSOCIATED_CONTENT_COUNT;
            let severity = if is_kept { self.unless_ost(Severity::Degraded) } else { Severity::Cosmetic };
            let note = Note::new(Rule::F2, severity, "a counter of a folder is wrong").node(nid).field("folder", "");
            let name = crate::ltp::property_name(property).unwrap_or("counter");
            self.found(note.values(format_args!("{name} {stored}"), counted));
        }
    }

    /// Says which of some properties an object lacks.
    pub(super) fn check_required(
        &mut self,
        rule: Rule,
        severity: Severity,
        text: &str,
        nid: Nid,
        properties: &PropertyContext,
        needed: &[u16],
    ) {
        for property in needed {
            if let Ok(None) = properties.get(*property) {
                let name = crate::ltp::property_name(*property).unwrap_or("property");
                let note = Note::new(rule, severity, text).node(nid).field("PC", "");
                self.found(note.values("absent", format_args!("{name} ({property:#06x})")));
            }
        }
    }

    /// F3, the other way round: messages and folders that no table lists.
    fn check_listed(&mut self) {
        self.each_node(&mut |check, number, node| {
            if check.marks(number) & mark::LISTED != 0 || check.sink.stopped() || check.work == 0 {
                return;
            }
            let needed = match node.nid.kind() {
                NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER if node.nid != Nid::ROOT_FOLDER => mark::HIERARCHY_READ,
                NidType::NORMAL_MESSAGE => mark::CONTENTS_READ,
                NidType::ASSOCIATED_MESSAGE => mark::ASSOCIATED_READ,
                _ => return,
            };
            // Without a readable table, or without the folder, the reason was told.
            if node.parent == node.nid
                || check.find_node(node.parent).is_none_or(|(parent, _)| check.marks(parent) & needed == 0)
            {
                return;
            }
            let severity = check.unless_ost(Severity::Loss);
            let note = Note::new(Rule::F3, severity, "no table lists a folder or message").node(node.nid);
            let note = note.field("NBTENTRY", "nidParent");
            check.found(note.values("not listed", format_args!("a row in the table of folder {}", node.parent)));
        });
    }
}
