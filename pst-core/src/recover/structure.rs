//! What a store needs above its nodes: a root, folders for all items, and tables that list what is there.
//!
//! Items belong to the folder their node names. A folder that is named but not there is made anew, under the name its
//! parent's table has for it or its id; what names no folder goes into a folder of its own, *Recovered*.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::ltp::{EncodedValue, PropertyTag, PropertyType, TableContext, id};
use crate::messaging::Subject;
use crate::ndb::{Database, Nid, NidType, NodeEntry};
use crate::recover::additions::Additions;
use crate::recover::claims::Keys;
use crate::recover::fragments::{self, LostRow};
use crate::recover::rebuild::{is_freed, node_of};
use crate::recover::report::{LostItem, Report};
use crate::recover::table;
use crate::recover::trees::covers;
use crate::write::spool::{Sorted, Sorter};
use crate::{Error, ErrorKind, Pst, Result};

/// The folder for what has no other.
const RECOVERED: &str = "Recovered";
/// The folder for messages that were deleted.
const DELETED: &str = "Recovered deleted items";
/// The folder for messages that were put together and that no folder lists.
const FRAGMENTS: &str = "Recovered fragments";
/// Ids of a new store (MS-PST 2.7.1), used if the store does not say.
const IPM_SUBTREE: Nid = Nid::new(0x8022);
/// Lost rows that are looked at for one table.
const MOST_LOST: usize = 100_000;

/// What is to be looked for.
pub(super) struct Wanted<'a> {
    /// The file as it was found.
    pub(super) damaged: &'a Database,
    pub(super) is_damaged: bool,
    /// Nodes that messages have or had, if deleted ones are to come back.
    pub(super) former: Option<Sorter>,
    pub(super) fragments: Fragments,
}

/// Which messages are put together from blocks.
pub(super) enum Fragments {
    No,
    /// Those whose node may have been among these ids, as far as the block tree tells.
    Lost(Vec<Keys>),
    /// Deleted ones as well.
    All,
}

/// Messages beside those whose nodes are in the trees.
#[derive(Debug, Default)]
pub(super) struct Extra {
    pub(super) deleted: BTreeSet<Nid>,
    /// With whether a folder lists it.
    pub(super) fragments: BTreeMap<Nid, bool>,
}

/// The folders of the store, and what is to become of them.
struct Structure<'a> {
    pst: &'a Pst,
    additions: &'a mut Additions,
    report: &'a mut Report,
    /// The parent of each folder, as it is to be.
    folders: BTreeMap<Nid, Nid>,
    /// Names of folders that are made anew.
    made: BTreeMap<Nid, String>,
    recovered: Option<Nid>,
    root: Nid,
    top: Nid,
    is_damaged: bool,
}

/// Looks through folders and tables of an open store, and adds what is missing.
///
/// # Errors
/// Those of scratch files, and that of `progress`.
pub(super) fn mend(
    pst: &Pst,
    wanted: Wanted<'_>,
    additions: &mut Additions,
    report: &mut Report,
    progress: &mut dyn FnMut(u64) -> Result<()>,
) -> Result<Extra> {
    let Wanted { is_damaged, former, fragments, damaged } = wanted;
    let mut folders = BTreeMap::new();
    let mut wanted: BTreeSet<Nid> = BTreeSet::new();
    for entry in pst.nodes().filter_map(Result::ok) {
        additions.reserve(entry.nid);
        match entry.nid.kind() {
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => {
                folders.insert(entry.nid, entry.parent);
                wanted.insert(entry.parent);
            }
            NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE => {
                wanted.insert(entry.parent);
            }
            _ => {}
        }
    }
    let own_parent = || folders.iter().find(|(nid, parent)| nid == parent).map(|(nid, _)| *nid);
    let usual = Some(Nid::ROOT_FOLDER).filter(|nid| folders.contains_key(nid) || wanted.contains(nid));
    let root = usual.or_else(own_parent).unwrap_or(Nid::ROOT_FOLDER);
    let mut structure = Structure {
        pst,
        additions,
        report,
        folders,
        made: BTreeMap::new(),
        recovered: None,
        root,
        top: root,
        is_damaged,
    };
    structure.root_and_top()?;
    structure.lost_folders(&wanted)?;
    structure.hang()?;
    let mut items = structure.items()?;
    let mut extra = Extra::default();
    if let Some(former) = former {
        structure.deleted(former, &mut items, &mut extra)?;
    }
    if !matches!(fragments, Fragments::No) {
        structure.fragments(&fragments, damaged, &mut items, &mut extra)?;
    }
    let mut items = Items { sorted: items.finish()?, next: None };
    items.advance()?;
    structure.tables(items, progress)?;
    structure.make_folders()?;
    structure.report.folders.total = u64::try_from(structure.folders.len()).unwrap_or(u64::MAX);
    Ok(extra)
}

impl Structure<'_> {
    /// The root folder, the store's own properties and the top of the folders a person sees.
    fn root_and_top(&mut self) -> Result<()> {
        if !self.folders.contains_key(&self.root) {
            self.make(self.root, self.root, String::new());
        }
        match self.pst.store().and_then(|store| store.ipm_subtree()) {
            Ok(top) => self.top = top.filter(|top| self.is_normal(*top)).unwrap_or(self.root),
            Err(error) => {
                self.report.note(error);
                let known = Some(IPM_SUBTREE).filter(|nid| self.folders.get(nid) == Some(&self.root));
                let below = self.folders.iter().filter(|(nid, parent)| **parent == self.root && self.is_normal(**nid));
                self.top = known.or_else(|| below.map(|(nid, _)| *nid).next()).unwrap_or(self.root);
                self.make_store()?;
            }
        }
        Ok(())
    }

    fn is_normal(&self, nid: Nid) -> bool {
        nid.kind() == NidType::NORMAL_FOLDER && nid != self.root && self.folders.contains_key(&nid)
    }

    /// Properties of the store as far as others depend on them (MS-PST 2.4.3). Its old record key is lost, so entry ids
    /// inside of values name another store now.
    fn make_store(&mut self) -> Result<()> {
        let key = *b"recovered store.";
        let mut entry = vec![0; 4];
        entry.extend_from_slice(&key);
        entry.extend_from_slice(&self.top.raw().to_le_bytes());
        let text = if self.additions.format().is_ansi() { PropertyType::STRING8 } else { PropertyType::STRING };
        let tag = PropertyTag::from_parts;
        let properties = [
            (tag(id::RECORD_KEY, PropertyType::BINARY), EncodedValue::Item(key.to_vec())),
            (tag(id::DISPLAY_NAME, text), EncodedValue::Item(table::encode_text(RECOVERED, text))),
            (tag(id::VALID_FOLDER_MASK, PropertyType::INTEGER32), EncodedValue::Inline(1)),
            (tag(id::IPM_SUBTREE_ENTRY_ID, PropertyType::BINARY), EncodedValue::Item(entry)),
        ];
        self.additions.object(Nid::MESSAGE_STORE, Nid::new(0), &properties)?;
        self.report.nodes.made = self.report.nodes.made.saturating_add(1);
        Ok(())
    }

    fn make(&mut self, nid: Nid, parent: Nid, name: String) {
        self.folders.insert(nid, parent);
        self.made.insert(nid, name);
        self.additions.reserve(nid);
        self.report.folders.made = self.report.folders.made.saturating_add(1);
    }

    /// The folder for what has no other, made when it is needed.
    fn recovered(&mut self) -> Result<Nid> {
        if let Some(nid) = self.recovered {
            return Ok(nid);
        }
        let nid = self.additions.new_nid(NidType::NORMAL_FOLDER)?;
        self.make(nid, self.top, RECOVERED.to_owned());
        self.recovered = Some(nid);
        Ok(nid)
    }

    /// Folders that something names and that are not there: with the name and place that a table of their parent knows.
    fn lost_folders(&mut self, wanted: &BTreeSet<Nid>) -> Result<()> {
        let mut known: BTreeMap<Nid, (Nid, String)> = BTreeMap::new();
        let parents: Vec<Nid> = self.folders.keys().copied().collect();
        let missing: Vec<Nid> = wanted
            .iter()
            .copied()
            .filter(|nid| nid.kind() == NidType::NORMAL_FOLDER && !self.folders.contains_key(nid))
            .collect();
        if !self.is_damaged && missing.is_empty() {
            return Ok(());
        }
        // A lost folder may have lost folders below it, whose tables are still there.
        for parent in parents.into_iter().chain(missing.iter().copied()) {
            let Ok(Some(table)) = self.old_table(parent.with_kind(NidType::HIERARCHY_TABLE)) else { continue };
            for row in table.rows().filter_map(Result::ok).take(MOST_LOST) {
                let nid = row.nid();
                if nid.kind() == NidType::NORMAL_FOLDER && !self.folders.contains_key(&nid) {
                    let name = row.string(id::DISPLAY_NAME).ok().flatten().unwrap_or_default();
                    known.entry(nid).or_insert((parent, name));
                }
            }
        }
        for nid in &missing {
            let (parent, name) = match known.remove(nid) {
                Some((parent, name)) if !name.is_empty() => (parent, name),
                Some((parent, _)) => (parent, format!("{RECOVERED} folder {nid}")),
                None => (self.recovered()?, format!("{RECOVERED} folder {nid}")),
            };
            self.make(*nid, parent, name);
        }
        // Those that nothing names but a table: empty, or all in them is lost.
        for (nid, (parent, name)) in known {
            self.make(nid, parent, if name.is_empty() { format!("{RECOVERED} folder {nid}") } else { name });
        }
        Ok(())
    }

    /// Hangs into the recovered folder what does not hang below the root.
    fn hang(&mut self) -> Result<()> {
        let mut hanging: HashSet<Nid> = HashSet::from([self.root]);
        let nids: Vec<Nid> = self.folders.keys().copied().collect();
        for nid in nids {
            let mut way = Vec::new();
            let mut seen = HashSet::new();
            let mut at = nid;
            // The folder below which the way breaks off.
            let broken = loop {
                if hanging.contains(&at) {
                    break None;
                }
                let parent = self.folders.get(&at).copied().filter(|parent| {
                    parent.kind() == NidType::NORMAL_FOLDER && self.folders.contains_key(parent) && seen.insert(at)
                });
                match parent {
                    Some(parent) => {
                        way.push(at);
                        at = parent;
                    }
                    None => break Some(at),
                }
            };
            if let Some(broken) = broken {
                let home = self.recovered()?;
                hanging.insert(home);
                self.folders.insert(broken, home);
                if !self.made.contains_key(&broken) {
                    self.report.folders.attached = self.report.folders.attached.saturating_add(1);
                    if let Ok(Some(node)) = self.pst.node(broken) {
                        self.additions.nodes.insert(broken, NodeEntry { parent: home, ..*node.entry() });
                    }
                }
                hanging.insert(broken);
            }
            hanging.extend(way);
        }
        Ok(())
    }

    /// All items by the folder they are to be in. What names no folder goes to the one whose table lists it, if one does.
    fn items(&mut self) -> Result<Sorter> {
        let mut items = Sorter::new(None);
        let mut orphans: BTreeMap<Nid, NodeEntry> = BTreeMap::new();
        for entry in self.pst.message_entries().filter_map(Result::ok) {
            if entry.parent.kind() == NidType::NORMAL_FOLDER && self.folders.contains_key(&entry.parent) {
                items.push(key(entry.parent, entry.nid), &[])?;
            } else {
                orphans.insert(entry.nid, entry);
            }
        }
        let listed = if orphans.is_empty() { BTreeMap::new() } else { self.listing(&orphans) };
        for (nid, entry) in orphans {
            let count = &mut self.report.folders;
            let parent = match listed.get(&nid) {
                Some(folder) => {
                    count.orphans_listed = count.orphans_listed.saturating_add(1);
                    *folder
                }
                None => {
                    count.orphans = count.orphans.saturating_add(1);
                    self.recovered()?
                }
            };
            self.additions.nodes.insert(nid, NodeEntry { parent, ..entry });
            items.push(key(parent, nid), &[])?;
        }
        Ok(items)
    }

    /// Brings back messages that were deleted and can still be read.
    fn deleted(&mut self, former: Sorter, items: &mut Sorter, extra: &mut Extra) -> Result<()> {
        let mut former = former.finish()?;
        let mut home = None;
        let mut last: Option<NodeEntry> = None;
        loop {
            let next = former.next()?.and_then(|(key, record)| node_of(key, record));
            // The last entry of an id is that of the newest page.
            let ended = last.filter(|last| next.is_none_or(|next| next.nid != last.nid));
            if let Some(entry) = ended
                && self.pst.node(entry.nid).is_ok_and(|node| node.is_none())
                && self.is_readable(entry)
            {
                let parent = self.folder_for(&mut home, DELETED)?;
                self.additions.reserve(entry.nid);
                self.additions.nodes.insert(entry.nid, NodeEntry { parent, ..entry });
                items.push(key(parent, entry.nid), &[])?;
                extra.deleted.insert(entry.nid);
                self.report.nodes.deleted = self.report.nodes.deleted.saturating_add(1);
            }
            if next.is_none() {
                return Ok(());
            }
            last = next;
        }
    }

    /// Puts messages together from blocks that nothing names.
    fn fragments(
        &mut self,
        wanted: &Fragments,
        damaged: &Database,
        items: &mut Sorter,
        extra: &mut Extra,
    ) -> Result<()> {
        let rows = self.lost_rows();
        // An id that a folder still lists must not become that of another message.
        rows.iter().for_each(|row| self.additions.reserve(row.nid));
        let found = match fragments::find(self.pst, &self.additions.nodes, &rows) {
            Ok(found) => found,
            Err(error) => {
                self.report.note(error);
                return Ok(());
            }
        };
        let mut home = None;
        for fragment in found {
            // What a page in its last state does not have was deleted, and so was what lost its block.
            if let Fragments::Lost(ids) = wanted
                && match fragment.row {
                    Some((nid, _)) => !covers(ids, u64::from(nid.raw())),
                    None => is_freed(damaged, fragment.data),
                }
            {
                continue;
            }
            let (nid, parent) = match fragment.row {
                Some((nid, folder)) => (nid, folder),
                None => (self.additions.new_nid(NidType::NORMAL_MESSAGE)?, self.folder_for(&mut home, FRAGMENTS)?),
            };
            self.additions.reserve(nid);
            let entry = NodeEntry { nid, data: fragment.data, subnodes: fragment.subnodes, parent };
            self.additions.nodes.insert(nid, entry);
            items.push(key(parent, nid), &[])?;
            extra.fragments.insert(nid, fragment.row.is_some());
            self.report.nodes.fragments = self.report.nodes.fragments.saturating_add(1);
        }
        Ok(())
    }

    /// The rows of all folders whose message is nowhere.
    fn lost_rows(&self) -> Vec<LostRow> {
        let mut rows = Vec::new();
        for folder in self.folders.keys().filter(|nid| nid.kind() == NidType::NORMAL_FOLDER) {
            for kind in [NidType::CONTENTS_TABLE, NidType::ASSOCIATED_CONTENTS_TABLE] {
                let Ok(Some(table)) = self.old_table(folder.with_kind(kind)) else { continue };
                for row in table.rows().filter_map(Result::ok) {
                    let nid = row.nid();
                    let is_gone = self.pst.node(nid).is_ok_and(|node| node.is_none());
                    if rows.len() < MOST_LOST && is_gone && !self.additions.nodes.contains_key(&nid) {
                        rows.push(LostRow {
                            nid,
                            folder: *folder,
                            subject: row.string(id::SUBJECT).ok().flatten(),
                            size: row.integer(id::MESSAGE_SIZE),
                            modified: row.time(id::LAST_MODIFICATION_TIME),
                        });
                    }
                }
            }
        }
        rows
    }

    /// Whether a node leads to the properties of a message.
    fn is_readable(&self, entry: NodeEntry) -> bool {
        let message = self.pst.message_from_entry(entry);
        message.and_then(|message| message.class()).is_ok_and(|class| class.is_some())
    }

    /// A folder below the top for messages of one kind, made when it is needed.
    fn folder_for(&mut self, known: &mut Option<Nid>, name: &str) -> Result<Nid> {
        if let Some(nid) = *known {
            return Ok(nid);
        }
        let nid = self.additions.new_nid(NidType::NORMAL_FOLDER)?;
        self.make(nid, self.top, name.to_owned());
        *known = Some(nid);
        Ok(nid)
    }

    /// The folder whose table lists each of these items.
    fn listing(&self, items: &BTreeMap<Nid, NodeEntry>) -> BTreeMap<Nid, Nid> {
        let mut found = BTreeMap::new();
        for folder in self.folders.keys().filter(|nid| nid.kind() == NidType::NORMAL_FOLDER) {
            for kind in [NidType::CONTENTS_TABLE, NidType::ASSOCIATED_CONTENTS_TABLE] {
                let Ok(Some(table)) = self.old_table(folder.with_kind(kind)) else { continue };
                for row in table.rows().filter_map(Result::ok).filter(|row| items.contains_key(&row.nid())) {
                    found.entry(row.nid()).or_insert(*folder);
                }
            }
        }
        found
    }

    fn old_table(&self, nid: Nid) -> Result<Option<TableContext>> {
        match self.pst.node(nid)? {
            Some(node) if !node.entry().data.is_none() => TableContext::open(&node).map(Some),
            _ => Ok(None),
        }
    }

    /// Compares each table with what it should list.
    fn tables(&mut self, mut items: Items, progress: &mut dyn FnMut(u64) -> Result<()>) -> Result<()> {
        let mut children: BTreeMap<Nid, Vec<Nid>> = BTreeMap::new();
        for (nid, parent) in self.folders.iter().filter(|(nid, _)| **nid != self.root) {
            children.entry(*parent).or_default().push(*nid);
        }
        let folders: Vec<Nid> = self.folders.keys().copied().collect();
        for (number, folder) in (0..).zip(folders) {
            progress(number)?;
            let (mut messages, mut associated) = (Vec::new(), Vec::new());
            while let Some(nid) = items.take(folder)? {
                if nid.kind() == NidType::NORMAL_MESSAGE { &mut messages } else { &mut associated }.push(nid);
            }
            if folder.kind() != NidType::NORMAL_FOLDER {
                continue;
            }
            let below = children.remove(&folder).unwrap_or_default();
            self.table(folder, NidType::HIERARCHY_TABLE, &below)?;
            self.table(folder, NidType::CONTENTS_TABLE, &messages)?;
            self.table(folder, NidType::ASSOCIATED_CONTENTS_TABLE, &associated)?;
        }
        Ok(())
    }

    /// Makes a table anew if it cannot be read, does not list all it should, or lists what is gone.
    fn table(&mut self, folder: Nid, kind: NidType, expected: &[Nid]) -> Result<()> {
        let nid = folder.with_kind(kind);
        let (old, mut broken) = match self.old_table(nid) {
            Ok(old) => (old, None),
            Err(error) => (None, Some(error)),
        };
        let mut listed = BTreeSet::new();
        let mut gone = Vec::new();
        if let Some(old) = &old {
            for row in old.rows() {
                match row {
                    Ok(row) if expected.binary_search(&row.nid()).is_ok() => {
                        listed.insert(row.nid());
                    }
                    Ok(row) if gone.len() < MOST_LOST => {
                        let subject = row.text(id::SUBJECT).ok().flatten().map(|text| Subject::parse(&text).text);
                        gone.push(LostItem { nid: row.nid(), folder, subject });
                    }
                    Ok(_) => {}
                    Err(error) => {
                        broken.get_or_insert(error);
                    }
                }
            }
        }
        let missing = u64::try_from(expected.len().saturating_sub(listed.len())).unwrap_or(u64::MAX);
        // What is of a kind nobody documented stays, unless something would be lost from sight.
        let is_foreign = broken.as_ref().is_some_and(|error| {
            matches!(error.kind(), ErrorKind::Unsupported | ErrorKind::WrongType | ErrorKind::Limit)
        });
        let is_stale = self.is_damaged && !gone.is_empty();
        if missing == 0 && !is_stale && (broken.is_none() || is_foreign) {
            return Ok(());
        }
        if self.is_damaged {
            for item in gone {
                let is_there = self.folders.contains_key(&item.nid)
                    || self.additions.nodes.contains_key(&item.nid)
                    || self.pst.node(item.nid).is_ok_and(|node| node.is_some());
                if !is_there {
                    self.report.lose(item);
                }
            }
        }
        broken.into_iter().for_each(|error: Error| self.report.note(error));
        self.report.folders.tables = self.report.folders.tables.saturating_add(1);
        self.report.folders.listed_again = self.report.folders.listed_again.saturating_add(missing);
        table::rebuild(self.pst, self.additions, nid, old.as_ref(), expected, &self.made)
    }

    /// The nodes of folders that are made anew.
    fn make_folders(&mut self) -> Result<()> {
        let text = if self.additions.format().is_ansi() { PropertyType::STRING8 } else { PropertyType::STRING };
        let tag = PropertyTag::from_parts;
        let parents: HashSet<Nid> =
            self.folders.iter().filter(|(nid, above)| nid != above).map(|(_, above)| *above).collect();
        for (nid, name) in std::mem::take(&mut self.made) {
            let parent = self.folders.get(&nid).copied().unwrap_or(self.root);
            let properties = [
                (tag(id::DISPLAY_NAME, text), EncodedValue::Item(table::encode_text(&name, text))),
                (tag(id::CONTENT_COUNT, PropertyType::INTEGER32), EncodedValue::Inline(0)),
                (tag(id::CONTENT_UNREAD_COUNT, PropertyType::INTEGER32), EncodedValue::Inline(0)),
                (tag(id::SUBFOLDERS, PropertyType::BOOLEAN), EncodedValue::Inline(u32::from(parents.contains(&nid)))),
            ];
            self.additions.object(nid, parent, &properties)?;
        }
        Ok(())
    }
}

fn key(folder: Nid, item: Nid) -> u64 {
    (u64::from(folder.raw()) << 32) | u64::from(item.raw())
}

/// Items in the order of their folders.
struct Items {
    sorted: Sorted,
    next: Option<u64>,
}

impl Items {
    fn advance(&mut self) -> Result<()> {
        self.next = self.sorted.next()?.map(|(key, _)| key);
        Ok(())
    }

    /// The next item of a folder. Folders must come in order.
    fn take(&mut self, folder: Nid) -> Result<Option<Nid>> {
        let low = u32::try_from(self.next.map_or(0, |next| next & 0xFFFF_FFFF)).unwrap_or(0);
        match self.next {
            Some(next) if next >> 32 == u64::from(folder.raw()) => {
                self.advance()?;
                Ok(Some(Nid::new(low)))
            }
            _ => Ok(None),
        }
    }
}
