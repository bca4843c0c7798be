//! Table context (MS-PST 2.3.4): rows of properties with the same columns.
//!
//! ```text
//! heap         TCINFO + one TCOLDESC per column; the row index BTH; cells of variable size
//! row index    row id -> row number
//! row matrix   | 4 and 8-byte cells | 2 | 1 | existence bits |  ...  in the heap, or in a subnode
//! ```
//!
//! **The row index alone says which rows exist**: the matrix also keeps deleted rows. A row never crosses a block: each
//! block holds as many whole rows as fit in a full block, whatever its own size. A cell whose existence bit is 0 holds
//! stale bytes.

use std::fmt;

use crate::ltp::bth::{Bth, BthRecords};
use crate::ltp::heap::{Heap, HeapBuilder, Hid, NumberedBlock};
use crate::ltp::property_context::resolve;
use crate::ltp::value::{Text, Value};
use crate::ltp::{BthBuilder, EncodedValue, PropertyTag, PropertyType, code_page, id};
use crate::ndb::{DataTree, Format, Layout, Nid, Node};
use crate::source::Bytes;
use crate::text::CodePageChoice;
use crate::{Error, ErrorKind, FileTime, Result, bytes};

const INFO: &str = "TCINFO";

/// Bytes before the column descriptions of a TCINFO.
const INFO_SIZE: usize = 22;
/// Bytes of a TCOLDESC.
const COLUMN_SIZE: usize = 8;

/// Columns of a 4K contents table whose cells are items of another heap, a subnode of the table: property id and subnode.
/// Nothing in the table says so.
const COLUMN_HEAPS: [(u16, Nid); 2] = [(id::SENT_REPRESENTING_NAME, Nid::new(0x541)), (0x3013, Nid::new(0x521))];
/// bClientSig of those heaps.
const COLUMN_HEAP: u8 = 0xA5;

/// Errors an owned iterator keeps of one row index.
const MAX_ROW_ERRORS: usize = 100;

/// A row by its id and its number in the row matrix: TCROWID (MS-PST 2.3.4.3.1).
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowPlace {
    pub(crate) id: u32,
    number: u32,
}

/// TCOLDESC (MS-PST 2.3.4.2): where the cells of a column are in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Id and type of the property.
    pub tag: PropertyTag,
    /// `ibData`: offset of the cell in the row.
    pub offset: u16,
    /// `cbData`: bytes of the cell.
    pub size: u8,
    /// `iBit`: the existence bit.
    pub bit: u8,
}

impl Column {
    /// True if the cell holds the value itself, not an HNID.
    fn is_inline(&self) -> bool {
        let kind = self.tag.kind();
        !kind.is_multiple() && kind.fixed_size().is_some_and(|size| size <= 8)
    }
}

/// An open table.
pub struct TableContext {
    heap: Heap,
    /// By property id; the first of equal ids counts.
    columns: Vec<Column>,
    row_size: usize,
    existence: usize,
    row_index: Bth,
    matrix: Matrix,
    /// Heaps of columns that do not use the table's own; `None` for one that cannot be opened.
    column_heaps: Vec<(u16, Option<Heap>)>,
    code_page: Option<CodePageChoice>,
}

enum Matrix {
    Empty,
    Item(Hid),
    Subnode { tree: DataTree, rows_per_block: usize },
}

impl TableContext {
    /// Opens the table in a node's data. No row is read.
    ///
    /// # Errors
    /// `NotFound` if the node has no data, `WrongType` if its heap is something else, `Corrupt` if TCINFO contradicts
    /// itself, those of the blocks.
    pub fn open(node: &Node) -> Result<Self> {
        Self::open_inner(node).map_err(|error| error.in_node(node.top_id()))
    }

    fn open_inner(node: &Node) -> Result<Self> {
        let heap = Heap::open_as(node, Heap::TABLE)?;
        let info = heap.item(heap.root())?;
        let corrupt = |error| heap.place(error, 0);
        let short = || corrupt(Error::truncated(INFO, info.len(), INFO_SIZE));
        let [kind, count] = bytes::array(&info, 0).ok_or_else(short)?;
        if kind != Heap::TABLE {
            let (actual, expected) = (format!("{kind:#04x}"), format!("{:#04x}", Heap::TABLE));
            return Err(corrupt(Error::corrupt(INFO, "bType", actual, expected)));
        }
        let end = |index: usize| {
            bytes::u16(&info, index.saturating_mul(2).saturating_add(2)).map(usize::from).ok_or_else(short)
        };
        let (end4, end2, existence, row_size) = (end(0)?, end(1)?, end(2)?, end(3)?);
        if !(end4 <= end2 && end2 <= existence && existence <= row_size && row_size > 0) {
            let actual = format!("{end4}, {end2}, {existence}, {row_size}");
            return Err(corrupt(Error::corrupt(INFO, "rgib", actual, "ascending")));
        }
        let columns = Self::read_columns(&info, usize::from(count), existence, row_size).map_err(corrupt)?;
        let number = |at| bytes::u32(&info, at).ok_or_else(short);
        let row_index = Bth::open(&heap, Hid::new(number(10)?))?;
        if row_index.key_size() != 4 || !matches!(row_index.data_size(), 2 | 4) {
            let actual = format!("{}/{}", row_index.key_size(), row_index.data_size());
            return Err(corrupt(Error::corrupt("row index", "cbKey/cbEnt", actual, "4/2 or 4/4")));
        }
        let matrix = match number(14)? {
            0 => Matrix::Empty,
            hnid if hnid & 0x1F == 0 => Matrix::Item(Hid::new(hnid)),
            hnid => {
                let nid = Nid::new(hnid);
                let text = || format!("the rows should be in subnode {nid}, which does not exist");
                let rows = heap.node().subnode(nid)?.ok_or_else(|| corrupt(Error::not_found("row matrix", text())))?;
                let rows_per_block = heap.format().max_block_data().checked_div(row_size).unwrap_or(0);
                if rows_per_block == 0 {
                    let expected = format_args!("at most {}", heap.format().max_block_data());
                    return Err(corrupt(Error::corrupt(INFO, "rgib[TCI_bm]", row_size, expected)));
                }
                Matrix::Subnode { tree: rows.data()?, rows_per_block }
            }
        };
        let mut column_heaps = Vec::new();
        if heap.format().layout() == Layout::Unicode4k {
            for (id, nid) in COLUMN_HEAPS {
                // A damaged heap costs the cells of its column, not the table.
                match heap.node().subnode(nid) {
                    Ok(Some(node)) => column_heaps.push((id, Heap::open_as(&node, COLUMN_HEAP).ok())),
                    Ok(None) => {}
                    Err(_) => column_heaps.push((id, None)),
                }
            }
        }
        drop(info);
        Ok(Self { heap, columns, row_size, existence, row_index, matrix, column_heaps, code_page: None })
    }

    fn read_columns(info: &[u8], count: usize, existence: usize, row_size: usize) -> Result<Vec<Column>> {
        const STRUCTURE: &str = "TCOLDESC";
        let bits = row_size.saturating_sub(existence).saturating_mul(8);
        let mut columns = Vec::with_capacity(count);
        for index in 0..count {
            let at = index.saturating_mul(COLUMN_SIZE).saturating_add(INFO_SIZE);
            let [a, b, c, d, e, f, size, bit] = bytes::array::<8>(info, at)
                .ok_or_else(|| Error::truncated(STRUCTURE, info.len(), at.saturating_add(COLUMN_SIZE)))?;
            let column = Column {
                tag: PropertyTag::new(u32::from_le_bytes([a, b, c, d])),
                offset: u16::from_le_bytes([e, f]),
                size,
                bit,
            };
            let end = usize::from(column.offset).saturating_add(usize::from(size));
            if end > existence {
                let expected = format_args!("at most {existence} (column {})", column.tag);
                return Err(Error::corrupt(STRUCTURE, "ibData + cbData", end, expected));
            }
            if usize::from(bit) >= bits {
                let expected = format_args!("less than {bits} (column {})", column.tag);
                return Err(Error::corrupt(STRUCTURE, "iBit", bit, expected));
            }
            let kind = column.tag.kind();
            let need = if column.is_inline() { kind.fixed_size().unwrap_or(0) } else { 4 };
            if usize::from(size) < need {
                let expected = format_args!("at least {need} (column {})", column.tag);
                return Err(Error::corrupt(STRUCTURE, "cbData", size, expected));
            }
            columns.push(column);
        }
        // Some writers leave columns unsorted. A stable sort keeps the first of equal ids first.
        columns.sort_by_key(|column| column.tag.id());
        Ok(columns)
    }

    /// Reads String8 cells with the code page of the table's owner.
    pub(crate) fn inheriting(mut self, choice: Option<CodePageChoice>) -> Self {
        self.code_page = choice;
        self
    }

    fn string_code_page(&self) -> CodePageChoice {
        self.code_page.unwrap_or_else(|| code_page::of_store(self.heap.node().database()))
    }

    /// The node the table is in.
    pub fn node(&self) -> &Node {
        self.heap.node()
    }

    /// The columns by property id.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// The column of a property.
    pub fn column(&self, id: u16) -> Option<&Column> {
        let index = self.columns.partition_point(|column| column.tag.id() < id);
        self.columns.get(index).filter(|column| column.tag.id() == id)
    }

    /// The number of rows, counted from the row index without reading a row.
    ///
    /// # Errors
    /// The first error of the row index.
    pub fn len(&self) -> Result<u64> {
        let mut count = 0u64;
        for record in self.row_index.records(&self.heap) {
            record?;
            count = count.saturating_add(1);
        }
        Ok(count)
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.row_index.is_empty()
    }

    /// All rows in the order of their ids; one error per unreadable row, and the walk goes on.
    pub fn rows(&self) -> Rows<'_> {
        Rows { table: self, records: self.row_index.records(&self.heap), block: None }
    }

    /// Ids and places of all rows without reading one: what an owned iterator keeps, 8 bytes a row. At most
    /// [`MAX_ROW_ERRORS`] errors of the row index.
    pub(crate) fn row_places(&self) -> (Vec<RowPlace>, Vec<Error>) {
        let (mut places, mut errors) = (Vec::new(), Vec::new());
        let most = self.matrix_rows();
        for record in self.row_index.records(&self.heap) {
            // An index that leads to itself could name rows almost without end.
            if u64::try_from(places.len()).is_ok_and(|count| count >= most) && record.is_ok() {
                let expected = format_args!("at most {most}, for which the row matrix has room");
                let error = Error::corrupt("row index", "number of rows", "larger", expected);
                errors.push(error.in_node(self.node().top_id()));
                break;
            }
            match record {
                Ok(record) => places.push(RowPlace {
                    id: u32::try_from(record.key_number()).unwrap_or(0),
                    number: u32::try_from(row_number(&record.data())).unwrap_or(u32::MAX),
                }),
                Err(error) if errors.len() < MAX_ROW_ERRORS => errors.push(error),
                Err(_) => {}
            }
        }
        (places, errors)
    }

    /// Rows the matrix has room for, dead ones included.
    fn matrix_rows(&self) -> u64 {
        let bytes = match &self.matrix {
            Matrix::Empty => 0,
            // An unreadable item has no rows, and reading one says why; until then the index decides.
            Matrix::Item(hid) => self.heap.item(*hid).map_or(u64::MAX, |item| u64::try_from(item.len()).unwrap_or(0)),
            Matrix::Subnode { tree, .. } => tree.len(),
        };
        u64::try_from(self.row_size).ok().and_then(|size| bytes.checked_div(size)).unwrap_or(0)
    }

    /// Reads a row whose place is known.
    pub(crate) fn row_at(&self, place: RowPlace) -> Result<Row<'_>> {
        self.read(place.id, usize::try_from(place.number).unwrap_or(usize::MAX), &mut None)
    }

    /// The row with this id, if there is one.
    ///
    /// # Errors
    /// Those of the row index and the row.
    pub fn row(&self, id: u32) -> Result<Option<Row<'_>>> {
        match self.row_index.find(&self.heap, u64::from(id))? {
            Some(record) => self.read(id, row_number(&record.data()), &mut None).map(Some),
            None => Ok(None),
        }
    }

    /// Reads a row; `block` keeps the matrix block of the one before.
    fn read<'a>(&'a self, row_id: u32, number: usize, block: &mut Option<(usize, Bytes<'a>)>) -> Result<Row<'a>> {
        let (index, at) = match &self.matrix {
            Matrix::Empty => (None, usize::MAX),
            Matrix::Item(_) => (Some(0), number.saturating_mul(self.row_size)),
            Matrix::Subnode { rows_per_block, .. } => {
                let first = number.checked_rem(*rows_per_block).unwrap_or(0);
                (number.checked_div(*rows_per_block), first.saturating_mul(self.row_size))
            }
        };
        let outside = || {
            let text = format!("row {row_id} should be number {number} of the row matrix, which has no such place");
            Error::text(ErrorKind::Corrupt, "TCROWID", text).in_node(self.node().top_id())
        };
        let index = index.ok_or_else(outside)?;
        let data = match block {
            Some((known, data)) if *known == index => data,
            _ => {
                let data = match &self.matrix {
                    Matrix::Empty => return Err(outside()),
                    Matrix::Item(hid) => self.heap.item(*hid)?,
                    Matrix::Subnode { tree, .. } if index < tree.block_count() => {
                        tree.block(index).map_err(|error| error.in_node(self.node().top_id()))?
                    }
                    Matrix::Subnode { .. } => return Err(outside()),
                };
                &block.insert((index, data)).1
            }
        };
        let end = at.checked_add(self.row_size).ok_or_else(outside)?;
        let data = data.part(at..end).ok_or_else(outside)?;
        let row = Row { table: self, id: row_id, data };
        // The id stands in the row again, unless a writer left that cell out.
        let stored = self.column(id::LTP_ROW_ID).and_then(|column| row.inline(column));
        match stored.and_then(|cell| bytes::u32(&cell, 0)) {
            Some(stored) if stored != row_id => {
                Err(Error::corrupt("row", "dwRowID", stored, row_id).in_node(self.node().top_id()))
            }
            _ => Ok(row),
        }
    }
}

fn row_number(data: &[u8]) -> usize {
    let number = if data.len() == 2 { bytes::u16(data, 0).map(u32::from) } else { bytes::u32(data, 0) };
    number.and_then(|number| usize::try_from(number).ok()).unwrap_or(usize::MAX)
}

impl fmt::Debug for TableContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TableContext")
            .field("heap", &self.heap)
            .field("columns", &self.columns.len())
            .finish_non_exhaustive()
    }
}

impl<'a> IntoIterator for &'a TableContext {
    type Item = Result<Row<'a>>;
    type IntoIter = Rows<'a>;

    fn into_iter(self) -> Rows<'a> {
        self.rows()
    }
}

/// Iterator over the rows of a [`TableContext`].
pub struct Rows<'a> {
    table: &'a TableContext,
    records: BthRecords<'a>,
    block: Option<(usize, Bytes<'a>)>,
}

impl<'a> Iterator for Rows<'a> {
    type Item = Result<Row<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let row_id = u32::try_from(record.key_number()).unwrap_or(0);
        Some(self.table.read(row_id, row_number(&record.data()), &mut self.block))
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("table", &self.table).finish_non_exhaustive()
    }
}

/// One row of a table. Cells are found, read and decoded when they are asked for.
#[derive(Clone)]
pub struct Row<'a> {
    table: &'a TableContext,
    id: u32,
    data: Bytes<'a>,
}

impl<'a> Row<'a> {
    /// The row id: the node id of a folder, message or attachment; an arbitrary number for a recipient.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The row id as a node id.
    pub fn nid(&self) -> Nid {
        Nid::new(self.id)
    }

    fn exists(&self, column: &Column) -> bool {
        let at = self.table.existence.saturating_add(usize::from(column.bit >> 3));
        bytes::u8(&self.data, at).is_some_and(|bits| bits & (0x80 >> (column.bit & 7)) != 0)
    }

    /// The bytes of an existing cell in the row.
    fn inline(&self, column: &Column) -> Option<Bytes<'a>> {
        let start = usize::from(column.offset);
        self.exists(column).then(|| self.data.part(start..start.saturating_add(usize::from(column.size)))).flatten()
    }

    /// The cell of a property; `None` if the table has no such column or the row no such cell.
    pub fn get(&self, id: u16) -> Option<Cell<'a>> {
        self.cell(self.table.column(id)?)
    }

    /// The cell of a column of this table.
    fn cell(&self, column: &Column) -> Option<Cell<'a>> {
        Some(Cell { table: self.table, column: *column, data: self.inline(column)? })
    }

    /// All existing cells by property id.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'a>> + '_ {
        self.table.columns.iter().filter_map(|column| self.cell(column))
    }

    /// The value of a cell; `None` if absent.
    ///
    /// # Errors
    /// As [`Cell::value`].
    pub fn value(&self, id: u16) -> Result<Option<Value<'a>>> {
        self.get(id).map(|cell| cell.value()).transpose()
    }

    /// A cell of an integer type or Boolean; `None` if absent or of another type.
    pub fn integer(&self, id: u16) -> Option<i64> {
        let cell = self.get(id)?;
        if !cell.column.is_inline() {
            return None;
        }
        cell.value().ok()?.as_integer()
    }

    /// A cell of type PtypTime; `None` if absent or of another type.
    pub fn time(&self, id: u16) -> Option<FileTime> {
        let cell = self.get(id)?;
        (cell.column.tag.kind() == PropertyType::TIME).then(|| bytes::u64(&cell.data, 0).map(FileTime::new)).flatten()
    }

    /// A cell of a text type; `None` if absent or of another type.
    ///
    /// # Errors
    /// As [`Cell::value`].
    pub fn text(&self, id: u16) -> Result<Option<Text<'a>>> {
        let Some(cell) = self.get(id) else { return Ok(None) };
        let code_page = match cell.column.tag.kind() {
            PropertyType::STRING => None,
            PropertyType::STRING8 => Some(self.table.string_code_page()),
            _ => return Ok(None),
        };
        Ok(Some(Text::new(cell.stored()?, code_page)))
    }

    /// A cell of a text type as a string; what has no character becomes U+FFFD.
    ///
    /// # Errors
    /// As [`Cell::value`].
    pub fn string(&self, id: u16) -> Result<Option<String>> {
        Ok(self.text(id)?.map(|text| text.to_string_lossy()))
    }
}

impl fmt::Debug for Row<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Row({:#x})", self.id)
    }
}

/// One existing cell of a [`Row`].
#[derive(Clone)]
pub struct Cell<'a> {
    table: &'a TableContext,
    column: Column,
    data: Bytes<'a>,
}

impl<'a> Cell<'a> {
    /// Id and type.
    pub fn tag(&self) -> PropertyTag {
        self.column.tag
    }

    /// The value's bytes as stored; nothing for an empty value.
    ///
    /// # Errors
    /// `NotFound` if the subnode of the value is missing; those of its blocks.
    pub fn stored(&self) -> Result<Bytes<'a>> {
        let table = self.table;
        if self.column.is_inline() {
            let size = self.column.tag.kind().fixed_size().unwrap_or(0);
            return Ok(self.data.part(0..size).unwrap_or_else(Bytes::empty));
        }
        let hnid = bytes::u32(&self.data, 0).unwrap_or(0);
        let own = table.column_heaps.iter().find(|(id, _)| *id == self.column.tag.id());
        let heap = match own {
            None => Some(&table.heap),
            Some((_, heap)) => heap.as_ref(),
        };
        let heap = heap.ok_or_else(|| {
            let text = format!("the heap of column {} cannot be read", self.column.tag);
            Error::not_found("column heap", text).in_node(table.node().top_id())
        })?;
        resolve(heap, hnid).map_err(|error| error.in_node(table.node().top_id()))
    }

    /// The decoded value.
    ///
    /// # Errors
    /// As [`stored`](Self::stored), and `Corrupt` if the bytes do not fit the type.
    pub fn value(&self) -> Result<Value<'a>> {
        let limit = self.table.node().database().limits().value_bytes;
        Value::decode(self.column.tag.kind(), self.stored()?, limit, &|| self.table.string_code_page())
            .map_err(|error| error.in_node(self.table.node().top_id()))
    }
}

impl fmt::Debug for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cell").field("tag", &self.column.tag).finish_non_exhaustive()
    }
}

/// Builds a table row by row: the encoder beside the decoder above.
///
/// Full blocks of the rows and of the heap can be taken while it grows, so that memory holds little more than a record for
/// each leaf of the row index.
#[derive(Debug)]
pub struct TableBuilder {
    heap: HeapBuilder,
    columns: Vec<Column>,
    ends: [usize; 4],
    matrix: Vec<Vec<u8>>,
    index: BthBuilder,
    rows: usize,
    row_number_size: usize,
    first_version: u32,
}

/// A row being built. Cells of columns the table lacks are left out.
#[derive(Debug)]
pub struct RowBuilder<'a> {
    table: &'a mut TableBuilder,
    /// Where the row begins in the last block of the matrix.
    start: usize,
    id: u32,
}

impl RowBuilder<'_> {
    fn cell(&mut self, id: u16, value: &EncodedValue) {
        match value {
            EncodedValue::Inline(number) => self.number(id, u64::from(*number)),
            EncodedValue::Item(item) => self.item(id, item),
            EncodedValue::Subnode(nid) => self.number(id, u64::from(nid.raw())),
        }
    }

    /// Sets a cell to a number of its own size, or to the id of a subnode that holds its value.
    pub fn number(&mut self, id: u16, number: u64) {
        if let Some(column) = self.table.column(id) {
            self.set(column, number);
        }
    }

    /// Sets a cell to bytes: in the row if they have a place there, else in the heap.
    pub fn item(&mut self, id: u16, item: &[u8]) {
        let Some(column) = self.table.column(id) else { return };
        let stored = if column.is_inline() {
            let mut number = [0; 8];
            number.iter_mut().zip(item).for_each(|(to, from)| *to = *from);
            u64::from_le_bytes(number)
        } else if item.is_empty() {
            0
        } else {
            u64::from(self.table.heap.push(item).raw())
        };
        self.set(column, stored);
    }

    fn set(&mut self, column: Column, number: u64) {
        let [_, _, existence, _] = self.table.ends;
        let row = self.table.matrix.last_mut().and_then(|block| block.get_mut(self.start..));
        let Some(row) = row else { return };
        let (start, size) = (usize::from(column.offset), usize::from(column.size));
        if let Some(cell) = row.get_mut(start..start.saturating_add(size)) {
            cell.iter_mut().zip(number.to_le_bytes()).for_each(|(to, from)| *to = from);
        }
        if let Some(bits) = row.get_mut(existence.saturating_add(usize::from(column.bit >> 3))) {
            *bits |= 0x80 >> (column.bit & 7);
        }
    }

    /// Ends the row: the index leads to it now. A row that is not ended is in the table, as a deleted one.
    pub fn finish(self) {
        let table = self.table;
        let [a, b, c, d] = self.id.to_le_bytes();
        let [e, f, g, h] = u32::try_from(table.rows.saturating_sub(1)).unwrap_or(u32::MAX).to_le_bytes();
        let size = table.row_number_size.saturating_add(4);
        table.index.push(&mut table.heap, [a, b, c, d, e, f, g, h].get(..size).unwrap_or_default());
    }
}

impl TableBuilder {
    /// A table with these columns; the row id and row version columns are added in front if they are missing.
    pub fn new(format: Format, tags: &[PropertyTag]) -> Self {
        let own = [id::LTP_ROW_ID, id::LTP_ROW_VERSION];
        let mut all: Vec<PropertyTag> =
            own.iter().map(|id| PropertyTag::from_parts(*id, PropertyType::INTEGER32)).collect();
        all.extend(tags.iter().filter(|tag| !own.contains(&tag.id())));
        let width = |tag: &PropertyTag| match tag.kind().fixed_size() {
            Some(size) if size <= 8 && !tag.kind().is_multiple() => size,
            _ => 4,
        };
        let mut columns = Vec::new();
        let mut ends = [0; 4];
        let mut at = 0usize;
        for (group, end) in ends.iter_mut().enumerate().take(3) {
            for (bit, tag) in all.iter().enumerate() {
                let size = width(tag);
                let wanted = match group {
                    0 => size >= 4,
                    1 => size == 2,
                    _ => size == 1,
                };
                if wanted {
                    let offset = u16::try_from(at).unwrap_or(u16::MAX);
                    let (size8, bit) = (u8::try_from(size).unwrap_or(4), u8::try_from(bit).unwrap_or(u8::MAX));
                    columns.push(Column { tag: *tag, offset, size: size8, bit });
                    at = at.saturating_add(size);
                }
            }
            *end = at;
        }
        let [_, _, existence, row] = &mut ends;
        *row = existence.saturating_add(all.len().div_ceil(8));
        columns.sort_by_key(|column| column.tag.raw());
        Self {
            heap: HeapBuilder::new(format),
            columns,
            ends,
            matrix: Vec::new(),
            index: Self::row_index(format.row_number_size(), HeapBuilder::MAX_ITEM),
            rows: 0,
            row_number_size: format.row_number_size(),
            first_version: 1,
        }
    }

    /// The version of the first row; those behind it count on. Versions are to be unique in a store.
    #[must_use]
    pub fn first_version(mut self, version: u32) -> Self {
        self.first_version = version;
        self
    }

    fn row_index(number_size: usize, leaf_size: usize) -> BthBuilder {
        BthBuilder::new(4, u8::try_from(number_size).unwrap_or(4), leaf_size)
    }

    /// Uses another size of row numbers than the layout's own: ANSI files are seen with 4.
    #[must_use]
    pub fn row_number_size(mut self, size: usize) -> Self {
        self.row_number_size = size;
        self.index = Self::row_index(size, self.index.leaf_size());
        self
    }

    /// Bounds the items of the row index; small ones make more levels.
    #[must_use]
    pub fn leaf_size(mut self, size: usize) -> Self {
        self.index = Self::row_index(self.row_number_size, size);
        self
    }

    /// The heap for cells of variable size.
    pub fn heap(&mut self) -> &mut HeapBuilder {
        &mut self.heap
    }

    /// Bytes of a row.
    pub fn row_size(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Adds a row. Rows must come in ascending order of id; cells of columns the table lacks are left out.
    pub fn push(&mut self, row_id: u32, cells: &[(PropertyTag, EncodedValue)]) {
        self.push_version(row_id, self.version(), cells);
    }

    /// Adds a row with its version, which should be unique in the store (PidTagLtpRowVer, MS-PST 2.3.4.4.1).
    pub fn push_version(&mut self, row_id: u32, version: u32, cells: &[(PropertyTag, EncodedValue)]) {
        let mut row = self.row(row_id, version);
        cells.iter().for_each(|(tag, value)| row.cell(tag.id(), value));
        row.finish();
    }

    /// Begins a row, as [`push_version`](Self::push_version) adds one.
    pub fn row(&mut self, row_id: u32, version: u32) -> RowBuilder<'_> {
        let (full, size) = (self.heap.format().max_block_data(), self.row_size());
        match self.matrix.last_mut() {
            Some(block) if block.len().saturating_add(size) <= full => {}
            Some(block) => {
                block.resize(full, 0);
                self.matrix.push(Vec::with_capacity(full));
            }
            None => self.matrix.push(Vec::new()),
        }
        let block = self.matrix.last_mut();
        let start = block.as_ref().map_or(0, |block| block.len());
        if let Some(block) = block {
            block.resize(start.saturating_add(size), 0);
        }
        self.rows = self.rows.saturating_add(1);
        let mut row = RowBuilder { table: self, start, id: row_id };
        row.number(id::LTP_ROW_ID, u64::from(row_id));
        row.number(id::LTP_ROW_VERSION, u64::from(version));
        row
    }

    /// Adds a row to the matrix that no index record leads to, as a deleted one.
    pub fn push_dead(&mut self, row_id: u32, cells: &[(PropertyTag, EncodedValue)]) {
        let version = self.version();
        let mut row = self.row(row_id, version);
        cells.iter().for_each(|(tag, value)| row.cell(tag.id(), value));
    }

    /// The version of the next row, unless it comes with one.
    fn version(&self) -> u32 {
        self.first_version.saturating_add(u32::try_from(self.rows).unwrap_or(u32::MAX))
    }

    fn column(&self, id: u16) -> Option<Column> {
        let at = self.columns.partition_point(|column| column.tag.id() < id);
        self.columns.get(at).filter(|column| column.tag.id() == id).copied()
    }

    /// Rows so far.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Bytes of the rows that were not taken.
    pub fn matrix_size(&self) -> usize {
        self.matrix.iter().map(Vec::len).sum()
    }

    /// Takes the full blocks of the row matrix. What is left over when the table ends belongs behind them, in the same
    /// subnode.
    pub fn take_matrix(&mut self) -> Vec<Vec<u8>> {
        let rest = self.matrix.pop();
        let mut full = std::mem::take(&mut self.matrix);
        self.matrix.extend(rest);
        let size = self.heap.format().max_block_data();
        full.iter_mut().for_each(|block| block.resize(size, 0));
        full
    }

    /// The heap's blocks and, if the rows are to go into the subnode `matrix`, the blocks of that subnode.
    ///
    /// Without `matrix` the rows go into the heap, which they must fit.
    pub fn finish(self, matrix: Option<Nid>) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let (heap, rows) = self.finish_rest(matrix);
        (heap.into_iter().map(|(_, block)| block).collect(), rows)
    }

    /// As [`finish`](Self::finish), without the blocks taken before; those of the heap come with their numbers.
    pub fn finish_rest(mut self, matrix: Option<Nid>) -> (Vec<NumberedBlock>, Vec<Vec<u8>>) {
        let row_index = self.index.finish(&mut self.heap);
        let (hnid, blocks) = match matrix {
            _ if self.rows == 0 => (0, Vec::new()),
            Some(nid) => (nid.raw(), self.matrix),
            None => (self.heap.push(self.matrix.concat()).raw(), Vec::new()),
        };
        let mut info = vec![Heap::TABLE, u8::try_from(self.columns.len()).unwrap_or(u8::MAX)];
        for end in self.ends {
            info.extend_from_slice(&u16::try_from(end).unwrap_or(u16::MAX).to_le_bytes());
        }
        info.extend_from_slice(&row_index.raw().to_le_bytes());
        info.extend_from_slice(&hnid.to_le_bytes());
        info.extend_from_slice(&[0; 4]);
        for column in &self.columns {
            info.extend_from_slice(&column.tag.raw().to_le_bytes());
            info.extend_from_slice(&column.offset.to_le_bytes());
            info.extend_from_slice(&[column.size, column.bit]);
        }
        let root = self.heap.push(info);
        (self.heap.finish_rest(Heap::TABLE, root), blocks)
    }
}
