//! Tables, written row by row (MS-PST 2.3.4).

use std::collections::BTreeMap;

use crate::ltp::{HeapBuilder, PropertyTag, PropertyType, TableBuilder};
use crate::ndb::{Bid, Nid, NidType};
use crate::write::Target;
use crate::write::database::{DataWriter, Database, Subnode, Tree};
use crate::write::properties::{Object, Placed, Properties, TextCoding, place};
use crate::{Error, Result};

/// A column's tag as the layout stores it: text is PtypString8 in ANSI files.
fn stored_tag(tag: PropertyTag, ansi: bool) -> PropertyTag {
    if ansi && tag.kind() == PropertyType::STRING {
        PropertyTag::from_parts(tag.id(), PropertyType::STRING8)
    } else {
        tag
    }
}

/// Writes a table of any number of rows, in memory that does not grow with what is in them.
#[derive(Debug)]
pub(super) struct TableWriter {
    table: TableBuilder,
    tags: Vec<PropertyTag>,
    text: TextCoding,
    /// Blocks of the heap that are written already, by their numbers.
    heap: BTreeMap<usize, (Bid, usize)>,
    /// The rows, once they are too many for the heap.
    matrix: Option<(Nid, DataWriter)>,
    subnodes: Vec<Subnode>,
    /// The table, for errors.
    node: Nid,
}

impl TableWriter {
    /// An empty table with these columns.
    pub(super) fn new(columns: impl IntoIterator<Item = PropertyTag>, text: TextCoding, node: Nid) -> Self {
        let tags: Vec<_> = columns.into_iter().map(|tag| stored_tag(tag, text.format.is_ansi())).collect();
        let table = TableBuilder::new(text.format, &tags);
        Self { table, tags, text, heap: BTreeMap::new(), matrix: None, subnodes: Vec::new(), node }
    }

    /// Makes room for more rows than an ANSI file counts with two bytes, as its large tables do.
    pub(super) fn for_rows(mut self, rows: u64) -> Self {
        if rows > 0xFFFF {
            self.table = self.table.row_number_size(4);
        }
        self
    }

    /// Adds a row. Ids must ascend; properties without a column, or of another type than it, are left out.
    pub(super) fn row<T: Target>(
        &mut self,
        database: &mut Database<T>,
        id: u32,
        properties: &Properties,
    ) -> Result<()> {
        if self.table.heap().is_full() {
            let text = "number of blocks of one table's values; the folder has to be split";
            return Err(Error::limit("heap", text, 65_536, 65_535).in_node(self.node));
        }
        let mut row = self.table.row(id, database.next_version());
        for property in properties.iter() {
            let tag = self.text.tag(property.0, &property.1);
            if !self.tags.contains(&tag) {
                continue;
            }
            match place(database, &self.text, property, 8, &mut self.subnodes)? {
                Placed::Inline(number) => row.number(tag.id(), number),
                Placed::Item(item) => row.item(tag.id(), &item),
                Placed::Subnode(nid) => row.number(tag.id(), u64::from(nid.raw())),
            }
        }
        row.finish();
        for (number, block) in self.table.heap().take_full() {
            self.heap.insert(number, (database.early_block(&block)?, block.len()));
        }
        if self.table.matrix_size() > self.text.format.max_block_data() {
            let (_, matrix) = match &mut self.matrix {
                Some(matrix) => matrix,
                None => self.matrix.insert((database.new_nid(NidType::LTP)?, DataWriter::new(database))),
            };
            for block in self.table.take_matrix() {
                matrix.push(database, &block)?;
            }
        }
        Ok(())
    }

    /// Ends the table.
    pub(super) fn finish<T: Target>(mut self, database: &mut Database<T>) -> Result<Object> {
        if self.matrix.is_none() && self.table.matrix_size() > HeapBuilder::MAX_ITEM {
            self.matrix = Some((database.new_nid(NidType::LTP)?, DataWriter::new(database)));
        }
        let (heap, rows) = self.table.finish_rest(self.matrix.as_ref().map(|(nid, _)| *nid));
        if let Some((nid, mut matrix)) = self.matrix {
            for block in rows {
                matrix.push(database, &block)?;
            }
            let data = matrix.finish(database)?;
            self.subnodes.push(Subnode { nid, data, subnodes: Tree::NONE });
        }
        let mut data = DataWriter::new(database);
        let mut early = self.heap;
        let mut rest = heap.into_iter().peekable();
        for number in 0.. {
            if let Some((bid, size)) = early.remove(&number) {
                data.push_written(database, bid, size)?;
            } else if let Some((_, block)) = rest.next_if(|(own, _)| *own == number) {
                data.push(database, &block)?;
            } else {
                break;
            }
        }
        let data = data.finish(database)?;
        Ok(Object { data, subnodes: database.subnodes(self.subnodes)? })
    }
}

/// Writes a table whose rows are in memory; ids must ascend.
pub(super) fn write_table<'a, T: Target>(
    database: &mut Database<T>,
    text: TextCoding,
    columns: impl IntoIterator<Item = PropertyTag>,
    rows: impl IntoIterator<Item = (u32, &'a Properties)>,
) -> Result<Object> {
    let mut table = TableWriter::new(columns, text, Nid::new(0));
    for (id, properties) in rows {
        table.row(database, id, properties)?;
    }
    table.finish(database)
}

/// Tags from a list of the constants in [`columns`](crate::write::columns).
pub(super) fn tags(columns: &[u32]) -> impl Iterator<Item = PropertyTag> + '_ {
    columns.iter().map(|tag| PropertyTag::new(*tag))
}
