//! Tables of folders made anew from what they should list (MS-PST 2.4.4.4 to 2.4.4.6).
//!
//! A row comes from the old table if that can still be read there, else from the properties of the item. What is too long
//! for a heap is left out: a table is a cache, and its items have the values.

use std::collections::BTreeMap;

use crate::ltp::{HeapBuilder, PropertyContext, PropertyTag, PropertyType, RowBuilder, TableBuilder, TableContext, id};
use crate::ndb::{Bid, Nid, NidType, Node, NodeEntry, SubnodeEntry};
use crate::recover::additions::Additions;
use crate::write::columns;
use crate::{Pst, Result};

/// A row with nothing to read it from but a name.
pub(super) type Named<'a> = &'a BTreeMap<Nid, String>;

/// Makes the table `nid` anew, listing these nodes, which ascend.
pub(super) fn rebuild(
    pst: &Pst,
    additions: &mut Additions,
    nid: Nid,
    old: Option<&TableContext>,
    rows: &[Nid],
    named: Named<'_>,
) -> Result<()> {
    let format = additions.format();
    let tags = tags(nid.kind(), old, format.is_ansi());
    let mut table = TableBuilder::new(format, &tags);
    if format.is_ansi() && rows.len() > 0xFFFF {
        table = table.row_number_size(4);
    }
    let mut heap: BTreeMap<usize, (Bid, usize)> = BTreeMap::new();
    let mut matrix: Vec<(Bid, usize)> = Vec::new();
    for (number, row_id) in rows.iter().enumerate() {
        if table.heap().is_full() {
            // Beyond this an ordinary reader cannot follow either; the items are there all the same.
            break;
        }
        let version = u32::try_from(number).unwrap_or(u32::MAX).saturating_add(1);
        let mut row = table.row(row_id.raw(), version);
        fill(pst, &additions.nodes, &mut row, &tags, old, *row_id, named);
        row.finish();
        for (number, block) in table.heap().take_full() {
            heap.insert(number, additions.leaf(&block)?);
        }
        if table.matrix_size() > format.max_block_data() {
            for block in table.take_matrix() {
                matrix.push(additions.leaf(&block)?);
            }
        }
    }
    let rows_nid = Nid::from_parts(NidType::LTP, 1);
    let is_outside = !matrix.is_empty() || table.matrix_size() > HeapBuilder::MAX_ITEM;
    let (rest, rows) = table.finish_rest(is_outside.then_some(rows_nid));
    for block in rows {
        matrix.push(additions.leaf(&block)?);
    }
    for (number, block) in rest {
        heap.insert(number, additions.leaf(&block)?);
    }
    let leaves: Vec<_> = heap.into_values().collect();
    let data = additions.data_tree(&leaves)?;
    let subnodes = if is_outside {
        let data = additions.data_tree(&matrix)?;
        additions.subnodes(vec![SubnodeEntry { nid: rows_nid, data, subnodes: Bid::NONE }])?
    } else {
        Bid::NONE
    };
    additions.nodes.insert(nid, NodeEntry { nid, data, subnodes, parent: Nid::new(0) });
    Ok(())
}

/// The columns of the old table, else those of the template.
fn tags(kind: NidType, old: Option<&TableContext>, is_ansi: bool) -> Vec<PropertyTag> {
    if let Some(old) = old {
        let mut tags: Vec<_> = old.columns().iter().map(|column| column.tag).collect();
        tags.dedup_by_key(|tag| tag.id());
        return tags;
    }
    let template = match kind {
        NidType::HIERARCHY_TABLE => columns::HIERARCHY,
        NidType::CONTENTS_TABLE => columns::CONTENTS,
        _ => columns::ASSOCIATED,
    };
    let stored = |tag: PropertyTag| match tag.kind() {
        PropertyType::STRING if is_ansi => PropertyTag::from_parts(tag.id(), PropertyType::STRING8),
        _ => tag,
    };
    template.iter().map(|tag| stored(PropertyTag::new(*tag))).collect()
}

fn fill(
    pst: &Pst,
    added: &BTreeMap<Nid, NodeEntry>,
    row: &mut RowBuilder<'_>,
    tags: &[PropertyTag],
    old: Option<&TableContext>,
    nid: Nid,
    named: Named<'_>,
) {
    let own = [id::LTP_ROW_ID, id::LTP_ROW_VERSION];
    if let Some(Ok(Some(known))) = old.map(|old| old.row(nid.raw())) {
        for cell in known.cells().filter(|cell| !own.contains(&cell.tag().id())) {
            if let Ok(stored) = cell.stored()
                && stored.len() <= HeapBuilder::MAX_ITEM
            {
                row.item(cell.tag().id(), &stored);
            }
        }
        return;
    }
    if let Some(name) = named.get(&nid) {
        let text = tags.iter().find(|tag| tag.id() == id::DISPLAY_NAME).map(|tag| encode_text(name, tag.kind()));
        text.into_iter().for_each(|text| row.item(id::DISPLAY_NAME, &text));
        return;
    }
    let node = match added.get(&nid) {
        Some(entry) => Node::new(pst.database(), *entry),
        None => match pst.node(nid) {
            Ok(Some(node)) => node,
            _ => return,
        },
    };
    let Ok(context) = PropertyContext::open(&node) else { return };
    for tag in tags.iter().filter(|tag| !own.contains(&tag.id())) {
        if let Ok(Some(property)) = context.get(tag.id())
            && property.tag() == *tag
            && property.stored_len().is_ok_and(|length| length <= HeapBuilder::MAX_ITEM as u64)
            && let Ok(stored) = property.stored()
        {
            row.item(tag.id(), &stored);
        }
    }
}

/// Text as it is stored; names made here are ASCII, and others of an ANSI store lose what is not.
pub(super) fn encode_text(text: &str, kind: PropertyType) -> Vec<u8> {
    if kind == PropertyType::STRING8 {
        return text.chars().map(|letter| u8::try_from(letter).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect();
    }
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}
