//! Items that findings hit, and who they are.
//!
//! While the check runs a node costs three bits and a damaged block an entry of a small map. Whose a block is is asked at the
//! end, in a second walk over the trees of all nodes, and only if there is something to ask; folders and subjects are looked
//! up for the items that are told.

use std::collections::BTreeMap;

use crate::item::FolderPaths;
use crate::ltp::{Row, TableContext, id};
use crate::messaging::Subject;
use crate::ndb::{Bid, InternalBlock, Nid, NidType, NodeEntry};
use crate::verify::account::loses_data;
use crate::verify::{Check, Finding, Rule, Severity, Verdict, mark};
use crate::{Location, Pst};

/// What a node is to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum ItemKind {
    /// A message of whatever class: mail, contact, appointment.
    Message,
    /// An associated message: a view, a rule, settings.
    Associated,
    /// A folder or search folder.
    Folder,
    /// A table of a folder, or a part of its search.
    FolderTable,
    /// The message store.
    Store,
    /// Anything else, such as the map of named properties or a template.
    Other,
}

impl ItemKind {
    /// One lower-case word, with a hyphen perhaps.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Associated => "associated",
            Self::Folder => "folder",
            Self::FolderTable => "folder-table",
            Self::Store => "store",
            Self::Other => "other",
        }
    }

    fn of(nid: Nid) -> Self {
        match nid.kind() {
            NidType::NORMAL_MESSAGE => Self::Message,
            NidType::ASSOCIATED_MESSAGE => Self::Associated,
            NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER => Self::Folder,
            NidType::HIERARCHY_TABLE
            | NidType::CONTENTS_TABLE
            | NidType::ASSOCIATED_CONTENTS_TABLE
            | NidType::SEARCH_CONTENTS_TABLE
            | NidType::SEARCH_UPDATE_QUEUE
            | NidType::SEARCH_CRITERIA_OBJECT => Self::FolderTable,
            _ if nid == Nid::MESSAGE_STORE => Self::Store,
            _ => Self::Other,
        }
    }
}

impl std::fmt::Display for ItemKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A top-level node, as a person knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ItemRef {
    /// The node.
    pub node: Nid,
    /// What it is.
    pub kind: ItemKind,
    /// Path of the folder it is in, or is, from the root; as [`FolderPath`](crate::item::FolderPath) writes it. `None` if it is
    /// not known.
    pub folder: Option<String>,
    /// Subject of a message: its own, else that of its row in the folder.
    pub subject: Option<String>,
}

impl ItemRef {
    /// An item of which only the row in its folder is left.
    pub(super) fn of_row(node: Nid, row: &Row<'_>) -> Self {
        let stored = row.text(id::SUBJECT).ok().flatten();
        let subject = stored.map(|stored| cut(Subject::parse(&stored).text));
        Self { node, kind: ItemKind::of(node), folder: None, subject }
    }
}

impl std::fmt::Display for ItemRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.node)?;
        if let Some(subject) = &self.subject {
            write!(f, " \"{subject}\"")?;
        }
        match &self.folder {
            Some(folder) => write!(f, " in {folder}"),
            None => Ok(()),
        }
    }
}

/// An item with findings above [`Severity::Cosmetic`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HitItem {
    /// The item.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub item: ItemRef,
    /// The worst of its findings.
    pub severity: Severity,
    /// What it comes to.
    pub verdict: Verdict,
    /// The rule of the first finding that is as bad as that.
    pub rule: Rule,
    /// And its place.
    pub location: Location,
}

/// The items that are hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hits {
    /// The worst ones first, up to [`VerifyOptions::max_items`](crate::verify::VerifyOptions::max_items).
    pub items: Vec<HitItem>,
    /// False if blocks are shared so often, or so many are damaged, that not everyone they belong to was found.
    pub is_complete: bool,
    counts: [u64; 4],
}

impl Hits {
    /// Items whose worst finding is of this severity, those not in the list included.
    pub fn count(&self, severity: Severity) -> u64 {
        Severity::ALL.iter().zip(self.counts).find(|(known, _)| **known == severity).map_or(0, |(_, count)| count)
    }

    /// Items above [`Severity::Cosmetic`] that are not in the list.
    pub fn beyond(&self) -> u64 {
        let all = Severity::ALL.iter().skip(1).fold(0u64, |sum, severity| sum.saturating_add(self.count(*severity)));
        all.saturating_sub(u64::try_from(self.items.len()).unwrap_or(u64::MAX))
    }
}

/// A rule that was broken about something, and how badly.
#[derive(Clone, Copy, Debug)]
struct Hit {
    severity: Severity,
    rule: Rule,
    location: Location,
}

/// What is kept of hits while the check runs.
pub(super) struct Hitting {
    most: usize,
    /// By severity, from mild to bad: the first nodes with that as their worst.
    nodes: [BTreeMap<Nid, Hit>; 4],
    /// The first damaged blocks whose owner is not known, with the worst of each.
    blocks: BTreeMap<u64, Hit>,
    /// Items that a folder lists and that are not there.
    lost: Vec<(ItemRef, Nid, Hit)>,
    lost_count: u64,
    is_full: bool,
}

impl Hitting {
    /// Damaged blocks that are kept; of those that cannot be read at all, there is a bit for each anyway.
    const BLOCKS: usize = 1 << 16;

    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            nodes: Default::default(),
            blocks: BTreeMap::new(),
            lost: Vec::new(),
            lost_count: 0,
            is_full: false,
        }
    }

    fn node(&mut self, nid: Nid, hit: Hit) {
        let known = self.nodes.iter().zip(Severity::ALL).find(|(nodes, _)| nodes.contains_key(&nid));
        if known.is_some_and(|(_, severity)| severity >= hit.severity) {
            return;
        }
        for nodes in &mut self.nodes {
            nodes.remove(&nid);
        }
        let place = self.nodes.iter_mut().zip(Severity::ALL).find(|(_, severity)| *severity == hit.severity);
        if let Some((nodes, _)) = place.filter(|(nodes, _)| nodes.len() < self.most) {
            nodes.insert(nid, hit);
        }
    }

    fn block(&mut self, key: u64, hit: Hit) {
        let has_room = self.blocks.len() < Self::BLOCKS;
        match self.blocks.get_mut(&key) {
            Some(known) if known.severity < hit.severity => *known = hit,
            Some(_) => {}
            None if has_room => {
                self.blocks.insert(key, hit);
            }
            None => self.is_full = true,
        }
    }
}

/// Entries of subnode blocks name subnodes, which are no items.
fn names_subnode(location: &Location) -> bool {
    matches!(location.structure, Some("SLENTRY" | "SIENTRY"))
}

/// The top-level node a finding is about, if it says so.
fn node_of(finding: &Finding) -> Option<Nid> {
    finding.location.node.filter(|_| !names_subnode(&finding.location))
}

impl Check<'_> {
    /// Takes note of whom a finding hits.
    pub(super) fn note_hit(&mut self, finding: &Finding) {
        let hit = Hit { severity: finding.severity, rule: finding.rule, location: finding.location };
        if let (Some(item), Some(folder)) = (&finding.item, finding.location.node) {
            if finding.severity > Severity::Cosmetic {
                self.hitting.lost_count = self.hitting.lost_count.saturating_add(1);
                if self.hitting.lost.len() < self.hitting.most {
                    self.hitting.lost.push((item.clone(), folder, hit));
                }
            }
            return;
        }
        match (node_of(finding), finding.location.block) {
            (Some(node), _) => self.hit_node(node, hit),
            (None, Some(block)) => self.hitting.block(block.key(), hit),
            (None, None) => {}
        }
    }

    fn hit_node(&mut self, nid: Nid, hit: Hit) {
        let Some((number, _)) = self.find_node(nid) else { return };
        self.hit_number(number, nid, hit);
    }

    fn hit_number(&mut self, number: usize, nid: Nid, hit: Hit) {
        let worst = Severity::ALL.iter().zip(1u16..).find(|(severity, _)| **severity == hit.severity);
        let level = worst.map_or(0, |(_, level)| level);
        if let Some(marks) = self.marks.get_mut(number) {
            let known = *marks >> mark::SEVERITY;
            *marks = *marks & mark::BELOW_SEVERITY | known.max(level) << mark::SEVERITY;
        }
        if hit.severity >= Severity::Loss && loses_data(hit.rule) {
            self.mark(number, mark::FAILED);
        }
        if hit.severity > Severity::Cosmetic {
            self.hitting.node(nid, hit);
        }
    }

    /// Finds whose the damaged blocks are, and says who the items are that findings hit.
    pub(super) fn find_hits(&mut self) {
        if self.sink.stopped() {
            return;
        }
        let mut report = std::mem::take(&mut self.sink.report.findings);
        let wanted = report.iter().filter(|finding| node_of(finding).is_none());
        let mut owners: BTreeMap<u64, Option<Nid>> =
            wanted.filter_map(|finding| Some((finding.location.block?.key(), None))).collect();
        let mut is_complete = !self.hitting.is_full;
        if !self.hitting.blocks.is_empty() || self.sink.has_broken_blocks() {
            // A sound file has each block once; shared blocks let a hostile one ask for any number.
            let mut left = self.database.len().saturating_mul(4).saturating_add(16 << 20);
            self.each_node(&mut |check, number, entry| {
                for bid in [entry.data, entry.subnodes] {
                    check.blocks_below((number, entry.nid), bid, 0, &mut left, &mut owners);
                }
            });
            is_complete &= left > 0;
        }
        let mut paths = FolderPaths::new(self.pst);
        for finding in &mut report {
            let owner = || finding.location.block.and_then(|block| owners.get(&block.key()).copied().flatten());
            match (&mut finding.item, finding.location.node) {
                (Some(item), Some(folder)) => item.folder = Some(path(&mut paths, folder)),
                _ => {
                    let node = node_of(finding).or_else(owner);
                    finding.item = node.map(|node| self.who(node, &mut paths));
                }
            }
        }
        self.sink.report.findings = report;
        self.sink.report.hits = self.list_hits(is_complete, &mut paths);
    }

    fn list_hits(&mut self, is_complete: bool, paths: &mut FolderPaths<'_>) -> Hits {
        let mut hits = Hits { is_complete, ..Hits::default() };
        for marks in &self.marks {
            let level = usize::from(*marks >> mark::SEVERITY);
            if let Some(count) = level.checked_sub(1).and_then(|level| hits.counts.get_mut(level)) {
                *count = count.saturating_add(1);
            }
        }
        let lost = std::mem::take(&mut self.hitting.lost);
        if let Some((count, _)) =
            hits.counts.iter_mut().zip(Severity::ALL).find(|(_, severity)| *severity == Severity::Loss)
        {
            *count = count.saturating_add(self.hitting.lost_count);
        }
        let nodes = std::mem::take(&mut self.hitting.nodes);
        for (nodes, severity) in nodes.iter().zip(Severity::ALL).rev() {
            if severity == Severity::Loss {
                for (mut item, folder, hit) in lost.iter().cloned() {
                    if hits.items.len() < self.hitting.most {
                        item.folder = Some(path(paths, folder));
                        hits.items.push(hit.item(item));
                    }
                }
            }
            for (nid, hit) in nodes {
                if hits.items.len() >= self.hitting.most {
                    return hits;
                }
                let item = self.who(*nid, paths);
                hits.items.push(hit.item(item));
            }
        }
        hits
    }

    /// Looks for damaged blocks among all below one, which belong to a node.
    fn blocks_below(
        &mut self,
        owner: (usize, Nid),
        bid: Bid,
        depth: u32,
        left: &mut u64,
        owners: &mut BTreeMap<u64, Option<Nid>>,
    ) {
        /// Two levels of a data tree or of subnodes in each of the subnodes that may lie in each other.
        const DEEPEST: u32 = 64;
        if bid.is_none() || depth > DEEPEST {
            return;
        }
        *left = left.saturating_sub(64);
        if *left == 0 {
            return;
        }
        if let Some(known) = owners.get_mut(&bid.key()) {
            known.get_or_insert(owner.1);
        }
        let location = Location { block: Some(bid), ..Location::default() };
        let Some((number, entry)) = self.blocks.index.find(self.database, bid.key()) else {
            let hit = Hit { severity: Severity::Loss, rule: Rule::B8, location };
            return self.hit_number(owner.0, owner.1, hit);
        };
        let location = Location { offset: Some(entry.offset), ..location };
        if let Some(hit) = self.hitting.blocks.get(&bid.key()).copied() {
            self.hit_number(owner.0, owner.1, hit);
        } else if !self.blocks.is_readable(number) {
            self.hit_number(owner.0, owner.1, Hit { severity: Severity::Loss, rule: Rule::B4, location });
        }
        if !bid.is_internal() {
            return;
        }
        *left = left.saturating_sub(u64::from(entry.size));
        let below = depth.saturating_add(1);
        match self.internal(&entry) {
            Ok(InternalBlock::DataTree { children, .. }) => {
                for child in children {
                    self.blocks_below(owner, child, below, left, owners);
                }
            }
            Ok(InternalBlock::Subnodes(entries)) => {
                for entry in entries {
                    self.blocks_below(owner, entry.data, below, left, owners);
                    self.blocks_below(owner, entry.subnodes, below, left, owners);
                }
            }
            Ok(InternalBlock::SubnodeIndex(entries)) => {
                for entry in entries {
                    self.blocks_below(owner, entry.block, below, left, owners);
                }
            }
            Err(_) => {}
        }
    }

    /// A node as a person knows it.
    fn who(&self, node: Nid, paths: &mut FolderPaths<'_>) -> ItemRef {
        let kind = ItemKind::of(node);
        let entry = self.find_node(node).map(|(_, entry)| entry);
        let mut item = ItemRef { node, kind, folder: None, subject: None };
        match kind {
            ItemKind::Message | ItemKind::Associated => {
                if let Some(entry) = entry {
                    item.folder = self.node_exists(entry.parent).then(|| path(paths, entry.parent));
                    item.subject = subject(self.pst, entry);
                }
            }
            ItemKind::Folder => item.folder = entry.map(|_| path(paths, node)),
            ItemKind::FolderTable => {
                let kinds = [NidType::NORMAL_FOLDER, NidType::SEARCH_FOLDER];
                let folder =
                    kinds.map(|kind| node.with_kind(kind)).into_iter().find(|folder| self.node_exists(*folder));
                item.folder = folder.map(|folder| path(paths, folder));
            }
            ItemKind::Store | ItemKind::Other => {}
        }
        item
    }
}

impl Hit {
    fn item(&self, item: ItemRef) -> HitItem {
        let (severity, rule, location) = (self.severity, self.rule, self.location);
        HitItem { item, severity, verdict: Verdict::of(Some(severity)), rule, location }
    }
}

/// Bytes of a path or subject that are told.
const LONGEST: usize = 1024;

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        text.truncate(text.floor_char_boundary(LONGEST));
        text.push('…');
    }
    text
}

fn path(paths: &mut FolderPaths<'_>, folder: Nid) -> String {
    cut(paths.of(folder).to_string())
}

/// The subject of a message: what it says itself, else what its folder says.
fn subject(pst: &Pst, entry: NodeEntry) -> Option<String> {
    let own = pst.message_from_entry(entry).ok().and_then(|message| message.subject().ok().flatten());
    own.or_else(|| {
        let associated = entry.nid.kind() == NidType::ASSOCIATED_MESSAGE;
        let kind = if associated { NidType::ASSOCIATED_CONTENTS_TABLE } else { NidType::CONTENTS_TABLE };
        let node = pst.node(entry.parent.with_kind(kind)).ok().flatten()?;
        let table = TableContext::open(&node).ok()?;
        let row = table.row(entry.nid.raw()).ok().flatten()?;
        ItemRef::of_row(entry.nid, &row).subject
    })
    .map(cut)
}
