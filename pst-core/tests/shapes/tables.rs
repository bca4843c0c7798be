//! Tables: row matrices of many blocks, dead rows, absent cells, other orders than usual.

use pst_core::ltp::{Bth, EncodedValue, Heap, HeapBuilder, Hid, PropertyTag, TableBuilder, TableContext, Value};
use pst_core::ndb::{Bid, Format, Nid, NidType, SubnodeEntry};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{Prop, Props, StoreBuilder, Table, write_table};
use pst_core::{FileTime, Pst};

use crate::{FORMATS, NO_NODE, NODE, open, pattern, table};

const NUMBER: PropertyTag = PropertyTag::new(0x4000_0003);
const TEXT: PropertyTag = PropertyTag::new(0x3001_001F);
const TIME: PropertyTag = PropertyTag::new(0x3008_0040);
const FLAG: PropertyTag = PropertyTag::new(0x360A_000B);
const SMALL: PropertyTag = PropertyTag::new(0x4001_0002);
const GUID: PropertyTag = PropertyTag::new(0x4002_0048);

fn with_table(mut store: StoreBuilder, table: TableBuilder) -> Pst {
    let (data, subnodes) = write_table(&mut store, table, Vec::new());
    store.node(NODE, data, subnodes, NO_NODE);
    open(store.finish_vec())
}

/// The level of the index over the rows.
fn index_levels(file: Vec<u8>, table: &TableContext) -> u8 {
    let editor = Editor::new(file);
    let (index, _) = editor.table_parts(editor.node(NODE).data);
    let heap = Heap::open(table.node()).unwrap();
    Bth::open(&heap, index).unwrap().levels()
}

/// Rows of 126 bytes and more: 64 in a block of the 512-byte layouts, and what is left of the block is dead.
#[test]
fn row_matrix_of_many_blocks() {
    for format in FORMATS {
        let mut rows = Table::new(Table::CONTENTS);
        let time = |number: u32| FileTime::new(133_000_000_000_000_000 + u64::from(number));
        for number in 0..3000u32 {
            rows.row(
                number * 32 + 4,
                Props::from_iter([
                    Prop::text(0x001A, format!("IPM.Note.{}", number % 7)),
                    Prop::text(0x0037, format!("subject {number}")),
                    Prop::i32(0x0E08, number.cast_signed()),
                    Prop::time(0x0E06, time(number)),
                    Prop::boolean(0x0057, number.is_multiple_of(3)),
                ]),
            );
        }
        let mut store = StoreBuilder::new(format);
        let (data, subnodes) = rows.write(&mut store);
        store.node(NODE, data, subnodes, NO_NODE);
        let file = store.finish_vec();
        let editor = Editor::new(file.clone());
        let (_, matrix) = editor.table_parts(data);
        let matrix = editor.subnode(NODE, &[Nid::new(matrix)]);
        let pst = open(file.clone());
        let table = table(&pst, NODE);
        let rows_per_block = format.max_block_data() / 126;
        assert_eq!(editor.leaves(matrix.data).len(), 3000usize.div_ceil(rows_per_block));
        assert_eq!(index_levels(file, &table), 1);
        assert_eq!(table.len().unwrap(), 3000);
        let mut listed = 0;
        for (number, row) in (0..).zip(table.rows()) {
            let row = row.unwrap();
            assert_eq!(row.id(), number * 32 + 4);
            assert_eq!(row.string(0x001A).unwrap(), Some(format!("IPM.Note.{}", number % 7)));
            assert_eq!(row.string(0x0037).unwrap(), Some(format!("subject {number}")));
            assert_eq!(row.integer(0x0E08), Some(i64::from(number)));
            assert_eq!(row.time(0x0E06), Some(time(number)));
            assert_eq!(row.integer(0x0057), Some(i64::from(number.is_multiple_of(3))));
            assert!(row.get(0x0036).is_none());
            listed += 1;
        }
        assert_eq!(listed, 3000);
        for number in [0, 63, 64, 65, 1500, 2999] {
            let row = table.row(number * 32 + 4).unwrap().expect("the row");
            assert_eq!(row.string(0x0037).unwrap(), Some(format!("subject {number}")));
        }
        assert!(table.row(5).unwrap().is_none());
    }
}

#[test]
fn row_index_with_levels() {
    for format in FORMATS {
        for (leaf_size, levels) in [(3580, 1), (80, 2), (16, 8)] {
            let count = if leaf_size == 16 { 400 } else { 1000 };
            let mut rows = TableBuilder::new(format, &[NUMBER]).leaf_size(leaf_size);
            for number in 0..count {
                rows.push(number * 5, &[(NUMBER, EncodedValue::Inline(number * 2))]);
            }
            let mut store = StoreBuilder::new(format);
            let (data, subnodes) = write_table(&mut store, rows, Vec::new());
            store.node(NODE, data, subnodes, NO_NODE);
            let file = store.finish_vec();
            let pst = open(file.clone());
            let table = table(&pst, NODE);
            assert_eq!(index_levels(file, &table), levels, "{format}, leaves of {leaf_size}");
            let read: Vec<_> =
                table.rows().map(|row| row.unwrap()).map(|row| (row.id(), row.integer(0x4000))).collect();
            let expected: Vec<_> = (0..count).map(|number| (number * 5, Some(i64::from(number * 2)))).collect();
            assert_eq!(read, expected);
            for number in (0..count).step_by(17) {
                assert_eq!(table.row(number * 5).unwrap().unwrap().integer(0x4000), Some(i64::from(number * 2)));
                assert!(table.row(number * 5 + 1).unwrap().is_none());
            }
        }
    }
}

/// Some ANSI tables count their rows with 4 bytes instead of 2.
#[test]
fn ansi_row_numbers_of_both_sizes() {
    for size in [2, 4] {
        let mut rows = TableBuilder::new(Format::ANSI, &[NUMBER]).row_number_size(size);
        (0..1000).for_each(|number| rows.push(number, &[(NUMBER, EncodedValue::Inline(number))]));
        let pst = with_table(StoreBuilder::new(Format::ANSI), rows);
        let read: Vec<_> = table(&pst, NODE).rows().map(|row| row.unwrap().integer(0x4000)).collect();
        assert_eq!(read, (0..1000).map(Some).collect::<Vec<_>>());
    }
}

/// The row index alone says which rows there are.
#[test]
fn dead_rows_are_not_listed() {
    for format in FORMATS {
        let mut rows = TableBuilder::new(format, &[NUMBER]);
        for number in 0..200 {
            let cells = [(NUMBER, EncodedValue::Inline(number))];
            if number % 3 == 1 { rows.push_dead(number, &cells) } else { rows.push(number, &cells) }
        }
        let pst = with_table(StoreBuilder::new(format), rows);
        let table = table(&pst, NODE);
        let read: Vec<_> = table.rows().map(|row| row.unwrap().integer(0x4000).unwrap()).collect();
        assert_eq!(read, (0..200).filter(|number| number % 3 != 1).collect::<Vec<_>>());
        assert_eq!(table.len().unwrap(), 133);
        assert!(table.row(1).unwrap().is_none());
    }
}

#[test]
fn rows_in_the_heap() {
    for format in FORMATS {
        let mut rows = Table::new(&[0x4000_0003]);
        (0..20).for_each(|number| rows.row(number, Props::new().with(Prop::i32(0x4000, number.cast_signed()))));
        let mut store = StoreBuilder::new(format);
        let (data, subnodes) = rows.write(&mut store);
        assert_eq!(subnodes, Bid::NONE);
        store.node(NODE, data, subnodes, NO_NODE);
        let pst = open(store.finish_vec());
        let read: Vec<_> = table(&pst, NODE).rows().map(|row| row.unwrap().integer(0x4000).unwrap()).collect();
        assert_eq!(read, (0..20).collect::<Vec<_>>());
    }
}

#[test]
fn no_rows() {
    for format in FORMATS {
        let pst = with_table(StoreBuilder::new(format), TableBuilder::new(format, &[NUMBER, TEXT]));
        let table = table(&pst, NODE);
        assert!(table.is_empty());
        assert_eq!(table.len().unwrap(), 0);
        assert_eq!(table.rows().count(), 0);
        assert!(table.row(0).unwrap().is_none());
        let ids: Vec<u16> = table.columns().iter().map(|column| column.tag.id()).collect();
        assert_eq!(ids, [0x3001, 0x4000, 0x67F2, 0x67F3]);
    }
}

/// Cells of every width, present, absent and empty.
#[test]
fn absent_and_empty_cells() {
    for format in FORMATS {
        let tags = [NUMBER, TEXT, TIME, FLAG, SMALL, GUID];
        let mut rows = TableBuilder::new(format, &tags);
        let all = [
            (NUMBER, EncodedValue::Inline(7)),
            (TEXT, EncodedValue::Item("text".encode_utf16().flat_map(u16::to_le_bytes).collect())),
            (TIME, EncodedValue::Item(99u64.to_le_bytes().to_vec())),
            (FLAG, EncodedValue::Inline(1)),
            (SMALL, EncodedValue::Inline(0xFFFF)),
            (GUID, EncodedValue::Item(vec![5; 16])),
        ];
        rows.push(1, &all);
        for (id, cell) in (2..).zip(&all) {
            rows.push(id, std::slice::from_ref(cell));
        }
        rows.push(8, &[(TEXT, EncodedValue::Item(Vec::new())), (GUID, EncodedValue::Item(Vec::new()))]);
        let pst = with_table(StoreBuilder::new(format), rows);
        let table = table(&pst, NODE);
        let row = |id| table.row(id).unwrap().expect("the row");
        assert_eq!(row(1).cells().count(), 8);
        assert_eq!(row(1).integer(0x4000), Some(7));
        assert_eq!(row(1).string(0x3001).unwrap().as_deref(), Some("text"));
        assert_eq!(row(1).time(0x3008), Some(FileTime::new(99)));
        assert_eq!(row(1).integer(0x360A), Some(1));
        assert_eq!(row(1).integer(0x4001), Some(-1));
        assert_eq!(row(1).value(0x4002).unwrap().unwrap().encode().unwrap(), [5; 16]);
        for (id, tag) in (2..).zip(tags) {
            let ids: Vec<u16> = row(id).cells().map(|cell| cell.tag().id()).collect();
            let mut expected = vec![tag.id(), 0x67F2, 0x67F3];
            expected.sort_unstable();
            assert_eq!(ids, expected);
        }
        assert_eq!(row(8).string(0x3001).unwrap().as_deref(), Some(""));
        assert_eq!(row(8).value(0x4002).unwrap(), Some(Value::Null));
        assert!(row(8).get(0x7777).is_none());
    }
}

/// An absent cell keeps the bytes of whoever had the place before.
#[test]
fn stale_bytes_in_absent_cells() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let mut rows = Table::new(&[0x4000_0003, 0x3001_001F]);
        rows.row(1, Props::new().with(Prop::i32(0x4000, 5)).with(Prop::text(0x3001, "text")));
        let (data, subnodes) = rows.write(&mut store);
        store.node(NODE, data, subnodes, NO_NODE);
        let mut editor = Editor::new(store.finish_vec());
        let (_, matrix) = editor.table_parts(data);
        // Four cells of four bytes, then the existence bits of which the last two are cleared.
        editor.edit_item(data, Hid::new(matrix), |row| {
            assert_eq!(row.len(), 17);
            row[8..16].fill(0xEE);
            assert_eq!(row[16], 0xF0);
            row[16] = 0xC0;
        });
        let pst = open(editor.into_bytes());
        let table = table(&pst, NODE);
        let row = table.rows().next().unwrap().unwrap();
        assert_eq!(row.id(), 1);
        assert!(row.get(0x4000).is_none() && row.get(0x3001).is_none());
        assert_eq!(row.string(0x3001).unwrap(), None);
    }
}

/// Some writers leave columns and row indices unsorted.
#[test]
fn unsorted_table() {
    for format in FORMATS {
        let mut rows = TableBuilder::new(format, &[NUMBER, TIME, FLAG]).leaf_size(40);
        for number in (0..500).rev() {
            rows.push(number * 3, &[(NUMBER, EncodedValue::Inline(number)), (FLAG, EncodedValue::Inline(number & 1))]);
        }
        let mut store = StoreBuilder::new(format);
        let (data, subnodes) = write_table(&mut store, rows, Vec::new());
        store.node(NODE, data, subnodes, NO_NODE);
        let mut editor = Editor::new(store.finish_vec());
        let root = editor.heap_root(data);
        editor.edit_item(data, root, |info| {
            let columns = &mut info[22..];
            assert_eq!(columns.len(), 5 * 8);
            let reversed: Vec<u8> = columns.chunks(8).rev().flatten().copied().collect();
            columns.copy_from_slice(&reversed);
        });
        let pst = open(editor.into_bytes());
        let table = table(&pst, NODE);
        assert_eq!(table.rows().filter(Result::is_ok).count(), 500);
        for number in 0..500 {
            let row = table.row(number * 3).unwrap().expect("the row");
            assert_eq!(row.integer(0x4000), Some(i64::from(number)));
            assert_eq!(row.integer(0x360A), Some(i64::from(number & 1)));
        }
        assert!(table.row(1).unwrap().is_none());
    }
}

/// A cell too long for the heap is a subnode of the table.
#[test]
fn cells_in_subnodes() {
    for format in FORMATS {
        let mut rows = Table::new(&[0x4003_0102, 0x3001_001F]);
        let long: String = "länger ".repeat(3000);
        rows.row(1, Props::new().with(Prop::binary(0x4003, pattern(20_000))).with(Prop::text(0x3001, long.as_str())));
        rows.row(2, Props::new().with(Prop::binary(0x4003, pattern(3580))));
        rows.row(3, Props::new().with(Prop::binary(0x4003, pattern(3581))));
        let mut store = StoreBuilder::new(format);
        let (data, subnodes) = rows.write(&mut store);
        store.node(NODE, data, subnodes, NO_NODE);
        let pst = open(store.finish_vec());
        let table = table(&pst, NODE);
        for (id, size) in [(1, 20_000), (2, 3580), (3, 3581)] {
            let cell = table.row(id).unwrap().unwrap().get(0x4003).unwrap();
            assert!(*cell.stored().unwrap() == *pattern(size));
        }
        assert_eq!(table.row(1).unwrap().unwrap().string(0x3001).unwrap(), Some(long));
        assert_eq!(table.node().subnodes().count(), 3);
    }
}

/// In 4K contents tables the cells of two columns are items of heaps of their own, subnodes 0x541 and 0x521.
#[test]
fn column_heaps_of_4k_tables() {
    let format = Format::UNICODE_4K;
    let name = PropertyTag::new(0x0042_001F);
    let conversation = PropertyTag::new(0x3013_0102);
    let mut store = StoreBuilder::new(format);
    let (mut names, mut conversations) = (HeapBuilder::new(format), HeapBuilder::new(format));
    let mut rows = TableBuilder::new(format, &[name, conversation, TEXT]);
    let utf16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for number in 0..50u32 {
        let sender = names.push(utf16(format!("sender {number}")));
        let id = conversations.push(number.to_le_bytes().repeat(4));
        rows.push(
            number * 32 + 4,
            &[
                (name, EncodedValue::Inline(sender.raw())),
                (conversation, EncodedValue::Inline(id.raw())),
                (TEXT, EncodedValue::Item(utf16(format!("text {number}")))),
            ],
        );
    }
    let mut subnodes = Vec::new();
    for (nid, heap) in [(0x541, names), (0x521, conversations)] {
        let data = store.data_from_blocks(heap.finish(0xA5, Hid::NONE));
        subnodes.push(SubnodeEntry { nid: Nid::new(nid), data, subnodes: Bid::NONE });
    }
    let (data, subnodes) = write_table(&mut store, rows, subnodes);
    store.node(NODE, data, subnodes, NO_NODE);
    let pst = open(store.finish_vec());
    let table = table(&pst, NODE);
    for (number, row) in (0u32..).zip(table.rows()) {
        let row = row.unwrap();
        assert_eq!(row.string(0x0042).unwrap(), Some(format!("sender {number}")));
        assert_eq!(row.value(0x3013).unwrap().unwrap().encode().unwrap(), number.to_le_bytes().repeat(4));
        assert_eq!(row.string(0x3001).unwrap(), Some(format!("text {number}")));
    }
    assert_eq!(table.len().unwrap(), 50);
}

#[test]
fn multiple_values_in_cells() {
    for format in FORMATS {
        let mut rows = Table::new(&[0x6805_1003]);
        let parts: Vec<Vec<u8>> = (1..=3u32).map(|number| number.to_le_bytes().to_vec()).collect();
        let kind = pst_core::ltp::PropertyType::MULTIPLE_INTEGER32;
        rows.row(1, Props::new().with(Prop::multiple(0x6805, kind, &parts)));
        let mut store = StoreBuilder::new(format);
        let (data, subnodes) = rows.write(&mut store);
        store.node(NODE, data, subnodes, NO_NODE);
        let pst = open(store.finish_vec());
        let value = table(&pst, NODE).row(1).unwrap().unwrap().value(0x6805).unwrap().unwrap().encode();
        assert_eq!(value, Some(parts.concat()));
    }
}

/// A row matrix whose blocks are not full: a row's block is found by its number, whatever a block holds.
#[test]
fn rows_per_block_do_not_depend_on_block_sizes() {
    for format in FORMATS {
        let mut rows = TableBuilder::new(format, &[NUMBER]);
        let per_block = u32::try_from(format.max_block_data() / rows.row_size()).unwrap();
        for number in 0..per_block * 2 + 3 {
            rows.push(number, &[(NUMBER, EncodedValue::Inline(number))]);
        }
        let mut store = StoreBuilder::new(format);
        let nid = store.new_nid(NidType::LTP);
        let row_size = rows.row_size();
        let (heap, mut matrix) = rows.finish(Some(nid));
        for block in &mut matrix {
            block.truncate(block.len() / row_size * row_size);
        }
        let data = store.data_from_blocks(heap);
        let rows = store.data_from_blocks(matrix);
        let subnodes = store.subnodes(vec![SubnodeEntry { nid, data: rows, subnodes: Bid::NONE }]);
        store.node(NODE, data, subnodes, NO_NODE);
        let pst = open(store.finish_vec());
        let read: Vec<_> = table(&pst, NODE).rows().map(|row| row.unwrap().integer(0x4000).unwrap()).collect();
        assert_eq!(read, (0..i64::from(per_block) * 2 + 3).collect::<Vec<_>>());
    }
}
