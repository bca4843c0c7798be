//! TCINFO, TCOLDESC, the row index and the row matrix.

use pst_core::ErrorKind::{Corrupt, NotFound, WrongType};
use pst_core::ltp::{EncodedValue, Hid, TableBuilder, TableContext};
use pst_core::ndb::{Bid, Format, Nid};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{StoreBuilder, write_table};
use pst_core::{ErrorKind, Pst};

use crate::{FORMATS, NO_NODE, NUMBER, TABLE, expect, expect_good, good, node, read_table, within_deadline};

fn table(format: Format) -> (Editor, Bid, u64) {
    let editor = good(format);
    let data = editor.node(TABLE).data;
    let offset = editor.block_entry(data).offset;
    (editor, data, offset)
}

/// Overwrites bytes of TCINFO; `text` has `{}` for the block's place.
#[track_caller]
fn check_info(change: impl Fn(&mut [u8]), kind: ErrorKind, text: &str) {
    for format in FORMATS {
        let (mut editor, data, offset) = table(format);
        let root = editor.heap_root(data);
        editor.edit_item(data, root, |info| change(info));
        let text = text.replace("{}", &format!("{offset:#x}")) + &format!(" (block {data}, node 0x200044)");
        expect(editor.into_bytes(), read_table, kind, text);
    }
}

#[test]
fn heap_of_another_client() {
    for format in FORMATS {
        let (mut editor, data, offset) = table(format);
        editor.edit_block(data, |block| block[3] = 0xBC);
        let text = format!(
            "wrong type of HNHDR at {offset:#x}: bClientSig is 0xbc, expected 0x7c (block {data}, node 0x200044)"
        );
        expect(editor.into_bytes(), read_table, WrongType, text);
    }
}

#[test]
fn table_type() {
    check_info(|info| info[0] = 0x7D, Corrupt, "corrupt TCINFO at {}: bType is 0x7d, expected 0x7c");
}

#[test]
fn table_info_cut_short() {
    for format in FORMATS {
        let (mut editor, data, offset) = table(format);
        // The row index header is an item of 8 bytes; its first byte is made that of a table.
        let (index, _) = editor.table_parts(data);
        editor.edit_item(data, index, |header| header[0] = 0x7C);
        editor.edit_block(data, |block| block[4..8].copy_from_slice(&index.raw().to_le_bytes()));
        let text = format!(
            "corrupt TCINFO at {offset:#x}: length is 8 bytes, expected at least 22 (block {data}, node 0x200044)"
        );
        expect(editor.into_bytes(), read_table, Corrupt, text);
    }
}

/// Sets one of the four ends of the groups of columns; those of the good table are 16, 16, 16, 17.
#[test]
fn column_groups_descend() {
    for (index, wrong, all) in [
        (0, 17u16, "17, 16, 16, 17"),
        (1, 15, "16, 15, 16, 17"),
        (2, 18, "16, 16, 18, 17"),
        (3, 15, "16, 16, 16, 15"),
        (3, 0, "16, 16, 16, 0"),
    ] {
        let at = 2 + 2 * index;
        let text = format!("corrupt TCINFO at {{}}: rgib is {all}, expected ascending");
        check_info(|info| info[at..at + 2].copy_from_slice(&wrong.to_le_bytes()), Corrupt, &text);
    }
}

#[test]
fn rows_of_no_bytes() {
    check_info(|info| info[2..10].fill(0), Corrupt, "corrupt TCINFO at {}: rgib is 0, 0, 0, 0, expected ascending");
}

#[test]
fn rows_larger_than_a_block() {
    for format in [Format::ANSI, Format::UNICODE] {
        let (mut editor, data, offset) = table(format);
        let root = editor.heap_root(data);
        let wrong = u16::try_from(format.max_block_data() + 1).unwrap();
        editor.edit_item(data, root, |info| info[8..10].copy_from_slice(&wrong.to_le_bytes()));
        let text = format!(
            "corrupt TCINFO at {offset:#x}: rgib[TCI_bm] is {wrong}, expected at most {} (block {data}, node 0x200044)",
            format.max_block_data()
        );
        expect(editor.into_bytes(), read_table, Corrupt, text);
    }
}

#[test]
fn more_columns_than_described() {
    check_info(|info| info[1] = 5, Corrupt, "corrupt TCOLDESC at {}: length is 54 bytes, expected at least 62");
    check_info(|info| info[1] = 255, Corrupt, "corrupt TCOLDESC at {}: length is 54 bytes, expected at least 62");
}

#[test]
fn column_outside_the_row() {
    let text = "corrupt TCOLDESC at {}: ibData + cbData is 17, expected at most 16 (column 0x3001001f)";
    check_info(|info| info[22 + 4] = 13, Corrupt, text);
    let text = "corrupt TCOLDESC at {}: ibData + cbData is 65539, expected at most 16 (column 0x3001001f)";
    check_info(|info| info[22 + 4..22 + 6].fill(0xFF), Corrupt, text);
}

#[test]
fn existence_bit_outside_the_row() {
    let text = "corrupt TCOLDESC at {}: iBit is 8, expected less than 8 (column 0x3001001f)";
    check_info(|info| info[22 + 7] = 8, Corrupt, text);
}

#[test]
fn column_narrower_than_its_type() {
    let text = "corrupt TCOLDESC at {}: cbData is 3, expected at least 4 (column 0x3001001f)";
    check_info(|info| info[22 + 6] = 3, Corrupt, text);
    // A time takes eight bytes in a row.
    let text = "corrupt TCOLDESC at {}: cbData is 4, expected at least 8 (column 0x30010040)";
    check_info(|info| info[22] = 0x40, Corrupt, text);
}

#[test]
fn row_index_of_other_sizes() {
    for format in FORMATS {
        for (key, size) in [(2, 4), (8, 4), (4, 3), (4, 8)] {
            let (mut editor, data, offset) = table(format);
            let (index, _) = editor.table_parts(data);
            editor.edit_item(data, index, |header| header[1..3].copy_from_slice(&[key, size]));
            let text = format!(
                "corrupt row index at {offset:#x}: cbKey/cbEnt is {key}/{size}, expected 4/2 or 4/4 \
                 (block {data}, node 0x200044)"
            );
            expect(editor.into_bytes(), read_table, Corrupt, text);
        }
    }
}

#[test]
fn row_index_is_no_item() {
    let text = "corrupt HID at {}: hidType is 31, expected 0";
    check_info(|info| info[10] |= 0x1F, Corrupt, text);
}

/// Counts good rows and gathers the errors of the others.
fn rows(file: Vec<u8>) -> (usize, Vec<String>) {
    within_deadline(move || {
        let pst = Pst::from_bytes(file).unwrap();
        let table = TableContext::open(&node(&pst, TABLE).unwrap()).unwrap();
        let mut errors = Vec::new();
        let good = table.rows().filter_map(|row| row.map_err(|error| errors.push(error.to_string())).ok()).count();
        (good, errors)
    })
}

#[test]
fn row_number_outside_the_matrix() {
    for format in FORMATS {
        for wrong in [100u32, 0xFFFF] {
            let (mut editor, data, _) = table(format);
            let (index, _) = editor.table_parts(data);
            let (item, range) = editor.bth_record(data, index, 15);
            let size = range.len() - 4;
            editor.edit_item(data, item, |bytes| {
                bytes[range][4..].copy_from_slice(&wrong.to_le_bytes()[..size]);
            });
            let (good, errors) = rows(editor.into_bytes());
            assert_eq!(good, 99);
            let text = format!(
                "corrupt TCROWID: row 15 should be number {wrong} of the row matrix, which has no such place \
                 (node 0x200044)"
            );
            assert_eq!(errors, [text]);
        }
    }
}

#[test]
fn row_with_another_id() {
    for format in FORMATS {
        let (mut editor, data, _) = table(format);
        let (index, _) = editor.table_parts(data);
        let (item, range) = editor.bth_record(data, index, 15);
        editor.edit_item(data, item, |bytes| bytes[range][4] = 7);
        let (good, errors) = rows(editor.into_bytes());
        assert_eq!(good, 99);
        assert_eq!(errors, ["corrupt row: dwRowID is 17, expected 15 (node 0x200044)"]);
    }
}

#[test]
fn row_matrix_is_missing() {
    for format in FORMATS {
        let (mut editor, data, offset) = table(format);
        let root = editor.heap_root(data);
        editor.edit_item(data, root, |info| info[14..18].copy_from_slice(&0x7_FFFFu32.to_le_bytes()));
        let text = format!(
            "missing row matrix at {offset:#x}: the rows should be in subnode 0x7ffff, which does not exist \
             (block {data}, node 0x200044)"
        );
        expect(editor.into_bytes(), read_table, NotFound, text);
    }
}

#[test]
fn row_matrix_of_no_rows() {
    for format in FORMATS {
        let (mut editor, data, _) = table(format);
        let root = editor.heap_root(data);
        editor.edit_item(data, root, |info| info[14..18].fill(0));
        let (good, errors) = rows(editor.into_bytes());
        assert_eq!((good, errors.len()), (0, 100));
        assert_eq!(
            errors[3],
            "corrupt TCROWID: row 13 should be number 3 of the row matrix, which has no such place (node 0x200044)"
        );
    }
}

#[test]
fn row_matrix_in_an_item_that_is_missing() {
    for format in FORMATS {
        let (mut editor, data, offset) = table(format);
        let root = editor.heap_root(data);
        let wrong = Hid::from_parts(1500, 0, format);
        let count = editor.item_count(data);
        editor.edit_item(data, root, |info| info[14..18].copy_from_slice(&wrong.raw().to_le_bytes()));
        let (good, errors) = rows(editor.into_bytes());
        assert_eq!((good, errors.len()), (0, 100));
        let expected = format!(
            "corrupt HID at {offset:#x}: hidIndex is 1500 in {wrong}, expected 1 to {count} (block {data}, node 0x200044)"
        );
        assert!(errors.iter().all(|error| *error == expected), "{}", errors[0]);
    }
}

#[test]
fn row_matrix_without_its_last_block() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let mut rows_built = TableBuilder::new(format, &[NUMBER]);
        let per_block = u32::try_from(format.max_block_data() / rows_built.row_size()).unwrap();
        for number in 0..per_block + 10 {
            rows_built.push(number, &[(NUMBER, EncodedValue::Inline(number))]);
        }
        let (data, subnodes) = write_table(&mut store, rows_built, Vec::new());
        store.node(TABLE, data, subnodes, NO_NODE);
        let mut editor = Editor::new(store.finish_vec());
        let (_, matrix) = editor.table_parts(data);
        let matrix = editor.subnode(TABLE, &[Nid::new(matrix)]);
        let size = format.id_size();
        editor.edit_block(matrix.data, |block| {
            block[8 + size..8 + 2 * size].copy_from_slice(&0x7FF0u64.to_le_bytes()[..size])
        });
        let (good, errors) = rows(editor.into_bytes());
        assert_eq!((good, errors.len()), (usize::try_from(per_block).unwrap(), 10));
        let text = "missing block: it has no entry in the block B-tree (block 0x7ff0, node 0x200044)";
        assert!(errors.iter().all(|error| error == text), "{}", errors[0]);
    }
}

#[test]
fn cell_in_a_subnode_that_is_missing() {
    for format in FORMATS {
        let (mut editor, data, _) = table(format);
        let (_, matrix) = editor.table_parts(data);
        let matrix = editor.subnode(TABLE, &[Nid::new(matrix)]);
        // The text is the last of four cells.
        editor.edit_block(matrix.data, |rows| rows[12..16].copy_from_slice(&0x7_FFFFu32.to_le_bytes()));
        let text = "missing subnode: the value should be in subnode 0x7ffff, which does not exist (node 0x200044)";
        expect(editor.clone().into_bytes(), read_table, NotFound, text);
        // The other cells of the row are there.
        expect_good(editor.into_bytes(), |pst| {
            let table = TableContext::open(&node(pst, TABLE)?)?;
            let row = table.row(10)?.expect("the row");
            assert_eq!(row.integer(0x4000), Some(0));
            assert_eq!(table.rows().filter(Result::is_ok).count(), 100);
            Ok(())
        });
    }
}
