//! L7, L8 and H12: tables and the versions of their rows.

use crate::bytes;
use crate::ltp::{Heap, Hid, PropertyContext, PropertyType, Row, TableContext, id};
use crate::ndb::{Nid, Node};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

/// Row versions that were met. Those below a bound are kept one bit each, 16 MiB at most.
#[derive(Default)]
pub(super) struct Versions {
    seen: Vec<u64>,
    largest: Option<(u32, Nid)>,
}

impl Versions {
    /// Versions from here on are not told apart.
    const BOUND: u32 = 1 << 27;

    /// Notes a version; false if another row has it.
    fn add(&mut self, version: u32, node: Nid) -> bool {
        if self.largest.is_none_or(|(largest, _)| version > largest) {
            self.largest = Some((version, node));
        }
        // Zero is no version.
        if version >= Self::BOUND || version == 0 {
            return true;
        }
        let Ok(word) = usize::try_from(version >> 6) else { return true };
        if word >= self.seen.len() {
            self.seen.resize(word.saturating_add(1), 0);
        }
        let bit = 1u64 << (version & 63);
        let Some(word) = self.seen.get_mut(word) else { return true };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    pub(super) fn largest(&self) -> Option<(u32, Nid)> {
        self.largest
    }
}

impl Check<'_> {
    /// Checks the table of a node and every row in it; `each` sees the rows that can be read.
    pub(super) fn check_table(
        &mut self,
        node: &Node,
        each: &mut dyn FnMut(&mut Check<'_>, &Row<'_>),
    ) -> Option<TableContext> {
        let heap = self.check_heap(node, Some(Heap::TABLE))?;
        let top = node.top_id();
        let table = match TableContext::open(node) {
            Ok(table) => table,
            Err(error) => {
                self.reader_error(Rule::L7, Severity::Loss, "a table cannot be read", &error, top);
                return None;
            }
        };
        if self.is_4k() {
            self.check_column_heaps(node);
        }
        self.check_columns(&heap, &table);
        let matrix = self.check_row_index(&heap, node);
        let mut count = 0u64;
        let mut duplicates = 0u64;
        for row in table.rows() {
            if !self.pay(64) {
                return None;
            }
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    // Bad items of the row index are told already.
                    if !matches!(error.location().structure, Some("HID" | "HNPAGEMAP" | "BTH index" | "BTHHEADER")) {
                        self.reader_error(Rule::L7, Severity::Loss, "a row of a table cannot be read", &error, top);
                    }
                    continue;
                }
            };
            count = count.saturating_add(1);
            self.sink.report.totals.rows = self.sink.report.totals.rows.saturating_add(1);
            self.check_cells(&heap, &table, &row);
            if let Some(version) =
                row.integer(id::LTP_ROW_VERSION).and_then(|version| u32::try_from(version & 0xFFFF_FFFF).ok())
                && !self.versions.add(version, top)
            {
                duplicates = duplicates.saturating_add(1);
            }
            each(self, &row);
        }
        if duplicates > 0 {
            let note = Note::new(Rule::L8, Severity::Cosmetic, "rows have versions that other rows have too");
            let note = note.node(top).field("row", "dwRowVer");
            self.found(note.values(format_args!("{duplicates} rows"), "a version of its own for every row"));
        }
        if let Some(rows) = matrix.filter(|rows| *rows > count) {
            let note = Note::new(Rule::L7, Severity::Cosmetic, "a table keeps rows that its index does not name");
            let note = note.node(top).field("TCINFO", "hnidRows");
            self.found(note.values(format_args!("{rows} rows"), format_args!("{count}, those of the row index")));
        }
        Some(table)
    }

    /// Two columns of 4K tables keep their cells in heaps of their own.
    fn check_column_heaps(&mut self, node: &Node) {
        for nid in [0x521, 0x541] {
            if let Ok(Some(subnode)) = node.subnode(Nid::new(nid)) {
                self.check_heap(&subnode, Some(0xA5));
            }
        }
    }

    fn check_columns(&mut self, heap: &Heap, table: &TableContext) {
        let top = heap.node().top_id();
        let Ok(info) = heap.item(heap.root()) else { return };
        let note = |severity, text: &str| Note::new(Rule::L7, severity, text).node(top);
        let mut bits: Vec<u8> = table.columns().iter().map(|column| column.bit).collect();
        bits.sort_unstable();
        if bits.iter().zip(bits.iter().skip(1)).any(|(low, high)| low == high) {
            let note = note(Severity::Loss, "two columns of a table share an existence bit").field("TCOLDESC", "iBit");
            self.found(note.values("the same bit twice", "a bit for each column"));
        }
        let mut cells: Vec<(usize, usize)> = table
            .columns()
            .iter()
            .map(|column| {
                (usize::from(column.offset), usize::from(column.offset).saturating_add(usize::from(column.size)))
            })
            .collect();
        cells.sort_unstable();
        if cells.iter().zip(cells.iter().skip(1)).any(|(low, high)| high.0 < low.1) {
            let note = note(Severity::Loss, "two columns of a table share bytes").field("TCOLDESC", "ibData");
            self.found(note.values("cells that overlap", "cells apart from each other"));
        }
        let stored = info.get(22..).unwrap_or_default().chunks_exact(8);
        let count = usize::from(bytes::u8(&info, 1).unwrap_or(0));
        let tags: Vec<u32> = stored.take(count).filter_map(|column| bytes::u32(column, 0)).collect();
        if tags.iter().zip(tags.iter().skip(1)).any(|(low, high)| low >= high) {
            let note = note(Severity::Cosmetic, "the columns of a table are not sorted").field("TCINFO", "rgTCOLDESC");
            self.found(note.values("tags out of order", "ascending tags"));
        }
        let end = |index: usize| bytes::u16(&info, index.saturating_mul(2).saturating_add(2)).map_or(0, usize::from);
        let ends = [end(0), end(1), end(2), end(3)];
        let [four, two, one, row] = ends;
        let groups = table.columns().iter().find(|column| {
            let (from, to) = match column.size {
                1 => (two, one),
                2 => (four, two),
                _ => (0, four),
            };
            let start = usize::from(column.offset);
            start < from || start.saturating_add(usize::from(column.size)) > to
        });
        if let Some(column) = groups {
            let note =
                note(Severity::Degraded, "a column of a table is not among those of its width").field("TCINFO", "rgib");
            self.found(
                note.values(
                    format_args!("{} at {}", column.tag, column.offset),
                    format_args!("as rgib says: {ends:?}"),
                ),
            );
        }
        if row.saturating_sub(one) != count.div_ceil(8) {
            let note = note(
                Severity::Degraded,
                "a row of a table has another number of existence bytes than its columns need",
            );
            let note = note.field("TCINFO", "rgib");
            self.found(note.values(row.saturating_sub(one), count.div_ceil(8)));
        }
        for (index, (property, offset)) in [(id::LTP_ROW_ID, 0), (id::LTP_ROW_VERSION, 4)].into_iter().enumerate() {
            let right = |column: &&crate::ltp::Column| {
                (column.offset, column.size, usize::from(column.bit)) == (offset, 4, index)
            };
            if table.column(property).filter(right).is_none() {
                let text = "the first columns of a table are not row id and row version";
                let note = note(Severity::Degraded, text).field("TCOLDESC", "tag");
                let expected = format!("{property:#06x} at {offset} with bit {index}");
                self.found(note.values("no such column there", expected));
            }
        }
    }

    /// Checks the row index; returns the number of rows the matrix has room for.
    fn check_row_index(&mut self, heap: &Heap, node: &Node) -> Option<u64> {
        let info = heap.item(heap.root()).ok()?;
        let (index, rows) = (Hid::new(bytes::u32(&info, 10)?), bytes::u32(&info, 14)?);
        let row_size = usize::from(bytes::u16(&info, 8)?);
        let most = u64::try_from(row_size).ok()?;
        let matrix = match rows {
            0 => 0,
            hnid if hnid & 0x1F == 0 => u64::try_from(heap.item(Hid::new(hnid)).ok()?.len()).ok()?.checked_div(most)?,
            hnid => {
                let tree = heap.node().subnode(Nid::new(hnid)).ok()??.data().ok()?;
                let block = u64::try_from(self.format.max_block_data()).ok()?;
                let in_block = block.checked_div(most)?;
                // The slack at the end of each full block holds no row.
                let (full, rest) = (tree.len().checked_div(block)?, tree.len().checked_rem(block)?);
                full.saturating_mul(in_block).saturating_add(rest.checked_div(most)?.min(in_block))
            }
        };
        let mut used = vec![0u8; usize::try_from(matrix >> 3).ok()?.saturating_add(1)];
        let mut twice = None;
        let sizes: &[(u8, u8)] = &[(4, 2), (4, 4)];
        self.check_bth(heap, index, sizes, "TCROWID", &mut |_, record| {
            let number = if record.len() == 6 { bytes::u16(record, 4).map(u32::from) } else { bytes::u32(record, 4) };
            let Some(number) = number.filter(|number| u64::from(*number) < matrix) else { return };
            if let Some(byte) = usize::try_from(number >> 3).ok().and_then(|at| used.get_mut(at)) {
                let bit = 1u8 << (number & 7);
                if *byte & bit != 0 {
                    twice = twice.or(Some(number));
                }
                *byte |= bit;
            }
        });
        if let Some(number) = twice {
            let note = Note::new(Rule::L7, Severity::Loss, "two rows of a table are the same row of its matrix");
            let note = note.node(node.top_id()).field("TCROWID", "dwRowIndex");
            self.found(note.values(format_args!("row {number} twice"), "each row once"));
        }
        Some(matrix)
    }

    /// Cells that are kept elsewhere must be there and fit their type.
    fn check_cells(&mut self, heap: &Heap, table: &TableContext, row: &Row<'_>) {
        let top = table.node().top_id();
        for cell in row.cells() {
            let kind = cell.tag().kind();
            if kind.fixed_size().is_some_and(|size| size <= 8) && !kind.is_multiple() {
                continue;
            }
            match cell.stored() {
                Ok(stored) => {
                    if !self.pay_for(stored.len()) {
                        return;
                    }
                    self.check_shape(heap, cell.tag(), &stored, Rule::L7);
                }
                Err(error) => {
                    let text = "the value of a cell is missing";
                    self.reader_error(Rule::L7, Severity::Loss, text, &error, top);
                }
            }
        }
    }

    /// Says where a row differs from the properties of its object: in a cell it has, or lacks.
    pub(super) fn compare_row(
        &mut self,
        (rule, severity): (Rule, Severity),
        node: Nid,
        row: &Row<'_>,
        columns: &TableContext,
        object: &PropertyContext,
        skip: &dyn Fn(u16) -> bool,
    ) {
        // Row id and version belong to the row alone, and the parent of a search result.
        const OWN: [u16; 3] = [id::LTP_ROW_ID, id::LTP_ROW_VERSION, id::LTP_PARENT_NID];
        for column in columns.columns() {
            let property = column.tag.id();
            if OWN.contains(&property) || skip(property) {
                continue;
            }
            let Ok(own) = object.get(property) else { continue };
            let cell = row.get(property);
            let (actual, expected) = match (&cell, &own) {
                (None, None) => continue,
                // A property of another type than the column has no place in the row.
                (None, Some(own)) if own.tag().kind() != column.tag.kind() => continue,
                (Some(_), None) => ("a cell".to_owned(), "none, as the object has no such property".to_owned()),
                (None, Some(_)) => ("no cell".to_owned(), "the property of the object".to_owned()),
                (Some(cell), Some(own)) => {
                    // Long values are compared by the start that a row keeps of them.
                    if own.is_in_subnode() && own.stored_len().is_ok_and(|length| length > 65_536) {
                        continue;
                    }
                    let (Ok(left), Ok(right)) = (cell.stored(), own.stored()) else { continue };
                    if !self.pay_for(left.len().saturating_add(right.len())) {
                        return;
                    }
                    if same(cell.tag().kind(), &left, &right) && cell.tag().kind() == own.tag().kind() {
                        continue;
                    }
                    (shown(&left), format!("{} of type {}", shown(&right), own.tag().kind()))
                }
            };
            let note = Note::new(rule, severity, "a row differs from the object it describes");
            let note = note.node(node).field("row", "");
            self.found(note.values(format_args!("{} in row {}: {actual}", column.tag, row.nid()), expected));
        }
    }
}

/// True if two values are the same; only the low byte of a Boolean counts.
fn same(kind: PropertyType, left: &[u8], right: &[u8]) -> bool {
    match kind {
        PropertyType::BOOLEAN => left.first().map(|byte| *byte != 0) == right.first().map(|byte| *byte != 0),
        _ => left == right,
    }
}

/// The first bytes of a value, for a finding.
fn shown(bytes: &[u8]) -> String {
    let start: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    match bytes.len() {
        0 => "an empty value".to_owned(),
        1..=16 => start,
        length => format!("{start}... ({length} bytes)"),
    }
}
