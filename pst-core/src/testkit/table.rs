//! Tables made of rows of properties.

use std::io::{Seek, Write};

use crate::ltp::{HeapBuilder, PropertyTag, PropertyType, TableBuilder};
use crate::ndb::{Bid, NidType, SubnodeEntry};
use crate::testkit::{Props, StoreBuilder};

/// A table to be written.
///
/// Columns that are not here are those of [`write::columns`](crate::write::columns). What is here has more of them, as files of
/// other versions of Outlook do.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Vec<PropertyTag>,
    rows: Vec<(u32, Props)>,
}

impl Table {
    /// Columns of a contents table (template 0x60E).
    pub const CONTENTS: &[u32] = &[
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
        0x3013_0102,
        0x65C6_0003,
    ];
    /// Columns of an attachment table (template 0x671).
    pub const ATTACHMENTS: &[u32] = &[0x0E20_0003, 0x3704_001F, 0x3705_0003, 0x370B_0003, 0x3714_0003];
    /// Columns of a recipient table (template 0x692, and what Outlook adds to it in messages).
    pub const RECIPIENTS: &[u32] = &[
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
        0x39FE_001F,
        0x39FF_001F,
        0x3A20_001F,
        0x3A40_000B,
        0x5FFD_0003,
    ];

    /// An empty table with these columns. Row id and row version need not be named.
    pub fn new(columns: &[u32]) -> Self {
        Self { columns: columns.iter().map(|tag| PropertyTag::new(*tag)).collect(), rows: Vec::new() }
    }

    /// Adds a column.
    pub fn column(&mut self, tag: PropertyTag) {
        self.columns.push(tag);
    }

    /// Adds a row. Properties without a column are left out.
    pub fn row(&mut self, id: u32, props: Props) {
        self.rows.push((id, props));
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Writes the table, rows in the order of their ids; returns data and subnodes.
    pub fn write<W: Write + Seek>(mut self, store: &mut StoreBuilder<W>) -> (Bid, Bid) {
        let format = store.format();
        let tags: Vec<PropertyTag> = self.columns.iter().map(|tag| preferred(*tag, format.is_ansi())).collect();
        // More rows than two bytes can count need four, as ANSI files with large tables have them.
        let number_size = if self.rows.len() > 0xFFFF { 4 } else { format.row_number_size() };
        let first_version = store.take_versions(self.rows.len());
        let mut table = TableBuilder::new(format, &tags)
            .leaf_size(store.bth_leaf_size())
            .row_number_size(number_size)
            .first_version(first_version);
        self.rows.sort_by_key(|(id, _)| *id);
        let mut subnodes = Vec::new();
        for (id, props) in &self.rows {
            let mut cells = Vec::new();
            for prop in props {
                // A property of another type than the column has no place in the row.
                if tags.contains(&prop.tag(store)) {
                    cells.push((prop.tag(store), prop.place(store, true, &mut subnodes)));
                }
            }
            table.push(*id, &cells);
        }
        finish(store, table, self.rows.len(), subnodes)
    }
}

/// The tag with the kind of string the layout prefers.
fn preferred(tag: PropertyTag, is_ansi: bool) -> PropertyTag {
    match tag.kind() {
        PropertyType::STRING if is_ansi => PropertyTag::from_parts(tag.id(), PropertyType::STRING8),
        PropertyType::MULTIPLE_STRING if is_ansi => PropertyTag::from_parts(tag.id(), PropertyType::MULTIPLE_STRING8),
        _ => tag,
    }
}

/// Writes a table built by hand, its rows in a subnode beside `subnodes`; returns data and subnodes.
pub fn write_table<W: Write + Seek>(
    store: &mut StoreBuilder<W>,
    table: TableBuilder,
    subnodes: Vec<SubnodeEntry>,
) -> (Bid, Bid) {
    finish(store, table, usize::MAX, subnodes)
}

fn finish<W: Write + Seek>(
    store: &mut StoreBuilder<W>,
    table: TableBuilder,
    rows: usize,
    mut subnodes: Vec<SubnodeEntry>,
) -> (Bid, Bid) {
    let most = HeapBuilder::MAX_ITEM.min(store.largest_item());
    let in_heap = rows.checked_mul(table.row_size()).is_some_and(|size| size <= most);
    let nid = (!in_heap).then(|| store.new_nid(NidType::LTP));
    let (heap, matrix) = table.finish(nid);
    let data = store.data_from_blocks(heap);
    if let Some(nid) = nid
        && !matrix.is_empty()
    {
        let rows = store.data_from_blocks(matrix);
        subnodes.push(SubnodeEntry { nid, data: rows, subnodes: Bid::NONE });
    }
    (data, store.subnodes(subnodes))
}
