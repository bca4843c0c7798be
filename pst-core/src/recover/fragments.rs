//! Messages whose node is nowhere: blocks that nothing names and that hold the properties of a message.
//!
//! A message is a heap of properties and, beside it, a block of subnodes; only the node ties both together. What remains:
//! both were written one after the other, so their ids are near; values that the properties have in subnodes must be in
//! that block; the recipients there are those the properties name. Where a folder still lists a message that is gone,
//! subject, size and time of the row tell which one it was.

use std::collections::{BTreeMap, BTreeSet};

use crate::ltp::{Heap, PropertyContext, id};
use crate::messaging::{Message, RecipientKind};
use crate::ndb::{Bid, Database, InternalBlock, Nid, NidType, Node, NodeEntry};
use crate::{Error, FileTime, Pst, Result};

/// Block ids beyond this are those of no real file: a bit for each is kept.
const MOST_IDS: u64 = 1 << 31;
/// Blocks between the properties of a message and its subnodes.
const REACH: u64 = 256 * 4;
/// Blocks of subnodes that are tried for one message.
const MOST_TRIED: usize = 32;
/// Messages that are put together.
const MOST: usize = 10_000_000;

/// A bit for each block id.
pub(super) struct Marks(Vec<u64>);

impl Marks {
    /// For ids up to this one; `None` if no real file has it.
    pub(super) fn new(greatest: u64) -> Option<Self> {
        let words = usize::try_from((greatest >> 7).saturating_add(1)).ok()?;
        (greatest <= MOST_IDS).then(|| Self(vec![0; words]))
    }

    fn place(bid: Bid) -> (usize, u64) {
        let bit = bid.key() >> 1;
        (usize::try_from(bit >> 6).unwrap_or(usize::MAX), 1u64.wrapping_shl(u32::try_from(bit & 63).unwrap_or(0)))
    }

    /// Marks an id; true if it was not marked before.
    fn set(&mut self, bid: Bid) -> bool {
        let (word, bit) = Self::place(bid);
        self.0.get_mut(word).is_some_and(|word| {
            let is_new = *word & bit == 0;
            *word |= bit;
            is_new
        })
    }

    fn has(&self, bid: Bid) -> bool {
        let (word, bit) = Self::place(bid);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// The blocks an internal block names.
fn children(database: &Database, bid: Bid) -> Vec<Bid> {
    let content = database.block_entry(bid).and_then(|entry| database.internal_block(&entry));
    match content {
        Ok(InternalBlock::DataTree { children, .. }) => children,
        Ok(InternalBlock::Subnodes(entries)) => {
            entries.into_iter().flat_map(|entry| [entry.data, entry.subnodes]).collect()
        }
        Ok(InternalBlock::SubnodeIndex(entries)) => entries.into_iter().map(|entry| entry.block).collect(),
        Err(_) => Vec::new(),
    }
}

/// Marks blocks and all that hangs from them, and says how many were not marked before.
pub(super) fn mark_below(database: &Database, marks: &mut Marks, blocks: [Bid; 2]) -> u64 {
    let mut open = blocks.to_vec();
    let mut count = 0u64;
    while let Some(bid) = open.pop() {
        // Each block once, whoever names it again.
        if !bid.is_none() && marks.set(bid) {
            count = count.saturating_add(1);
            if bid.is_internal() {
                open.extend(children(database, bid));
            }
        }
    }
    count
}

/// A message that was put together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fragment {
    pub(super) data: Bid,
    pub(super) subnodes: Bid,
    /// The row that lists it: its id and its folder.
    pub(super) row: Option<(Nid, Nid)>,
}

/// A row of a folder whose message is gone.
#[derive(Clone, Debug)]
pub(super) struct LostRow {
    pub(super) nid: Nid,
    pub(super) folder: Nid,
    pub(super) subject: Option<String>,
    pub(super) size: Option<i64>,
    pub(super) modified: Option<FileTime>,
}

/// Puts together what can be. `more` are nodes beside those of the store whose blocks are taken.
///
/// # Errors
/// `Limit` if the ids of blocks leave no room to keep a bit for each.
pub(super) fn find(pst: &Pst, more: &BTreeMap<Nid, NodeEntry>, rows: &[LostRow]) -> Result<Vec<Fragment>> {
    let database = pst.database();
    let greatest = pst.blocks().filter_map(Result::ok).map(|entry| entry.bid.key()).max().unwrap_or(0);
    let (Some(mut named), Some(mut below)) = (Marks::new(greatest), Marks::new(greatest)) else {
        return Err(Error::limit("block", "id", greatest, MOST_IDS));
    };
    for entry in pst.nodes().filter_map(Result::ok).chain(more.values().copied()) {
        mark_below(database, &mut named, [entry.data, entry.subnodes]);
    }
    // Blocks that only blocks without an owner name.
    for entry in pst.blocks().filter_map(Result::ok).filter(|entry| !named.has(entry.bid) && entry.bid.is_internal()) {
        children(database, entry.bid).into_iter().for_each(|bid| {
            below.set(bid);
        });
    }
    let (mut contexts, mut subnodes) = (Vec::new(), BTreeSet::new());
    for entry in pst.blocks().filter_map(Result::ok) {
        if named.has(entry.bid) || below.has(entry.bid) || contexts.len() >= MOST {
            continue;
        }
        let is_subnodes = entry.bid.is_internal()
            && matches!(
                database.internal_block(&entry),
                Ok(InternalBlock::Subnodes(_) | InternalBlock::SubnodeIndex(_))
            );
        if is_subnodes {
            subnodes.insert(entry.bid);
        } else if is_message(pst, entry.bid) {
            contexts.push(entry.bid);
        }
    }
    let rows = Rows::new(rows);
    let mut fragments = Vec::new();
    for data in contexts {
        let own = partner(pst, data, &subnodes).unwrap_or(Bid::NONE);
        subnodes.remove(&own);
        let row = rows.of(&message(pst, data, own));
        fragments.push(Fragment { data, subnodes: own, row });
    }
    // A row that fits two fragments fits none.
    let mut seen: BTreeMap<Nid, u32> = BTreeMap::new();
    for (nid, _) in fragments.iter().filter_map(|fragment| fragment.row) {
        let count = seen.entry(nid).or_default();
        *count = count.saturating_add(1);
    }
    for fragment in &mut fragments {
        fragment.row = fragment.row.filter(|(nid, _)| seen.get(nid) == Some(&1));
    }
    Ok(fragments)
}

fn node(pst: &Pst, data: Bid, subnodes: Bid) -> Node {
    let nid = Nid::from_parts(NidType::NORMAL_MESSAGE, 0);
    Node::new(pst.database(), NodeEntry { nid, data, subnodes, parent: Nid::new(0) })
}

fn message(pst: &Pst, data: Bid, subnodes: Bid) -> Message {
    Message::new(node(pst, data, subnodes))
}

/// Whether data is a heap of properties with a message class.
fn is_message(pst: &Pst, data: Bid) -> bool {
    let node = node(pst, data, Bid::NONE);
    let is_context = Heap::open_as(&node, Heap::PROPERTIES).is_ok();
    is_context
        && PropertyContext::open(&node)
            .and_then(|context| {
                Ok(context.get(id::MESSAGE_CLASS)?.is_some() && context.get(id::ATTACH_METHOD)?.is_none())
            })
            .unwrap_or(false)
}

/// The block of subnodes that belongs to the properties, by what must be in it.
fn partner(pst: &Pst, data: Bid, subnodes: &BTreeSet<Bid>) -> Option<Bid> {
    let (low, high) = (data.key().saturating_sub(REACH), data.key().saturating_add(REACH));
    let mut near: Vec<Bid> = subnodes.range(Bid::new(low)..=Bid::new(high)).copied().collect();
    near.sort_by_key(|bid| bid.key().abs_diff(data.key()));
    near.into_iter().take(MOST_TRIED).find(|bid| fits(pst, data, *bid))
}

fn fits(pst: &Pst, data: Bid, subnodes: Bid) -> bool {
    /// PidTagMessageFlags: the message has attachments.
    const HAS_ATTACHMENTS: i64 = 0x10;
    let message = message(pst, data, subnodes);
    let Ok(context) = message.properties() else { return false };
    let mut needed = context.iter().filter_map(Result::ok).filter(|property| property.is_in_subnode());
    if !needed.all(|property| property.stored_len().is_ok()) {
        return false;
    }
    let has = |nid| message.node().subnode(nid).is_ok_and(|node| node.is_some());
    let flags = context.integer(id::MESSAGE_FLAGS).ok().flatten().unwrap_or(0);
    if (flags & HAS_ATTACHMENTS != 0) != has(Nid::ATTACHMENT_TABLE) {
        return false;
    }
    let shown = context.string(id::DISPLAY_TO).ok().flatten().unwrap_or_default();
    if !has(Nid::RECIPIENT_TABLE) {
        return shown.is_empty();
    }
    let to = message.recipients().filter_map(Result::ok).filter(|one| one.kind() == RecipientKind::To);
    let names: Vec<String> = to.map(|one| one.name.unwrap_or_default()).collect();
    names.join("; ").trim_matches('\0') == shown.trim_matches('\0')
}

/// Rows by subject and size.
struct Rows<'a>(BTreeMap<(&'a str, i64), Vec<&'a LostRow>>);

impl<'a> Rows<'a> {
    fn new(rows: &'a [LostRow]) -> Self {
        let mut by: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in rows {
            if let Some(size) = row.size {
                by.entry((row.subject.as_deref().unwrap_or_default(), size)).or_default().push(row);
            }
        }
        Self(by)
    }

    /// The one row that fits a message.
    fn of(&self, message: &Message) -> Option<(Nid, Nid)> {
        let subject = message.string(id::SUBJECT).ok().flatten().unwrap_or_default();
        let size = message.size().ok().flatten()?;
        let modified = message.time(id::LAST_MODIFICATION_TIME).ok().flatten();
        let fits = |row: &&&LostRow| row.modified.is_none() || modified.is_none() || row.modified == modified;
        let found: Vec<_> = self.0.get(&(subject.as_str(), size))?.iter().filter(fits).take(2).collect();
        match found.as_slice() {
            [one] => Some((one.nid, one.folder)),
            _ => None,
        }
    }
}
