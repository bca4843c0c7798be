//! L1 to L8: heaps, trees in them, properties and tables.

use pst_core::ltp::{HeapBuilder, Hid};
use pst_core::ndb::{Bid, CryptMethod, Format, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::verify::Rule::*;
use pst_core::verify::Severity::{Cosmetic, Degraded, Loss};

use crate::{FORMATS, INBOX, LONG, MESSAGE, PSTS, at, check, expect, expect_with, first, good};

/// An associated message that no search folder lists: one heap block.
use crate::HIDDEN;

/// The contents table of the inbox.
const CONTENTS: Nid = INBOX.with_kind(pst_core::ndb::NidType::CONTENTS_TABLE);

fn word(block: &[u8], at: usize) -> usize {
    usize::from(u16::from_le_bytes(*block[at..].first_chunk().unwrap()))
}

#[test]
fn l1_signature() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(HIDDEN).data;
        editor.edit_block(bid, |block| block[2] = 0);
        assert_eq!(expect(editor, L1, Loss).block, Some(bid));
        let mut editor = good(format);
        editor.edit_block(bid, |block| block[3] = 0x7C);
        assert_eq!(expect(editor, L1, Loss).field, Some("bClientSig"));
        let mut editor = good(format);
        let id_map = editor.node(Nid::new(0xC01)).data;
        editor.edit_block(id_map, |block| block[3] = 0x11);
        assert_eq!(expect(editor, L1, Degraded).block, Some(id_map));
    }
}

/// Files of ExMerge origin say "none" while their blocks are permuted.
#[test]
fn l1_other_coding() {
    for format in PSTS {
        let message = MessageBuilder::new("IPM.Note").nid(MESSAGE);
        let mailbox = Mailbox::new("ExMerge").folder(FolderBuilder::new("Inbox").message(message));
        let store = StoreBuilder::new(format).crypt(CryptMethod::Permute).claim(CryptMethod::None);
        let report = check(mailbox.write(store).finish_vec());
        assert!(report.findings.iter().any(|finding| finding.rule == L1 && finding.location.node == Some(MESSAGE)));
    }
}

#[test]
fn l1_page_map() {
    for format in FORMATS {
        let bid = good(format).node(HIDDEN).data;
        for value in [0u16, 4, u16::MAX] {
            let mut editor = good(format);
            editor.edit_block(bid, |block| block[..2].copy_from_slice(&value.to_le_bytes()));
            assert_eq!(expect(editor, L1, Loss).field, Some("ibHnpm"));
        }
        // More items than there is room for.
        let mut editor = good(format);
        editor.edit_block(bid, |block| {
            let map = word(block, 0);
            block[map..map + 2].copy_from_slice(&[0xFF, 0x07]);
        });
        assert_eq!(expect(editor, L1, Loss).block, Some(bid));
        // Items out of order.
        let mut editor = good(format);
        editor.edit_block(bid, |block| {
            let map = word(block, 0);
            block[map + 6..map + 8].copy_from_slice(&[0, 0]);
        });
        assert_eq!(expect(editor, L1, Loss).field, Some("rgibAlloc"));
    }
}

/// A heap with two items of which only the second is used, so that the first may move.
fn with_spare_item(format: Format) -> (Editor, Bid) {
    let mut store = crate::mailbox().write(StoreBuilder::new(format));
    let mut heap = HeapBuilder::new(format);
    heap.push(vec![1; 8]);
    let root = heap.push(vec![2; 8]);
    let data = store.data_from_blocks(heap.finish(0xCC, root));
    store.node(Nid::new(0x1001), data, Bid::NONE, Nid::new(0));
    (Editor::new(store.finish_vec()), data)
}

#[test]
fn l2_header_size() {
    for format in FORMATS {
        let (mut editor, bid) = with_spare_item(format);
        editor.edit_block(bid, |block| {
            let map = word(block, 0);
            block[map + 4] += 2;
        });
        assert_eq!(expect(editor, L2, Degraded).block, Some(bid));
    }
}

#[test]
fn l3_free_count() {
    for format in FORMATS {
        let (mut editor, bid) = with_spare_item(format);
        editor.edit_block(bid, |block| {
            let map = word(block, 0);
            block[map + 2] += 1;
        });
        assert_eq!(expect(editor, L3, Degraded).block, Some(bid));
    }
}

#[test]
fn l4_item_size() {
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note").prop(Prop::binary(0x4000, vec![1; 3581]));
        let mailbox = Mailbox::new("Large items").folder(FolderBuilder::new("Inbox").message(message));
        let editor = Editor::new(mailbox.write(StoreBuilder::new(format).item_limit(4000)).finish_vec());
        if format == Format::UNICODE_4K {
            assert_eq!(check(editor.into_bytes()).findings, []);
        } else {
            assert_eq!(expect(editor, L4, Degraded).node, Some(MESSAGE));
        }
    }
}

/// The header of the tree of properties, and the item that holds the record of a property.
fn record(editor: &Editor, node: Nid, id: u16) -> (Bid, Hid, Hid, std::ops::Range<usize>) {
    let data = editor.node(node).data;
    let header = editor.heap_root(data);
    let (item, range) = editor.bth_record(data, header, u64::from(id));
    (data, header, item, range)
}

#[test]
fn l5_header() {
    for format in FORMATS {
        for (field, value) in [(0, 1), (1, 3), (2, 33), (3, 9)] {
            let mut editor = good(format);
            let (data, header, ..) = record(&editor, HIDDEN, 0x3007);
            editor.edit_item(data, header, |item| item[field] = value);
            let location = expect(editor, L5, Loss);
            assert_eq!((location.node, location.structure), (Some(HIDDEN), Some("BTHHEADER")));
        }
    }
}

#[test]
fn l5_missing_leaf() {
    for format in FORMATS {
        let mut editor = good(format);
        let (data, header, ..) = record(&editor, HIDDEN, 0x3007);
        editor.edit_item(data, header, |item| item[4..8].copy_from_slice(&0xFFE0u32.to_le_bytes()));
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, L5).location.node, Some(HIDDEN));
    }
}

#[test]
fn l5_order() {
    for format in FORMATS {
        let mut editor = good(format);
        let (data, _, item, range) = record(&editor, HIDDEN, 0x3008);
        assert!(range.start >= 8);
        // The record before it, 0x3007, comes behind it now.
        editor.edit_item(data, item, |bytes| bytes[range.start - 8..range.end].rotate_left(8));
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, L5).location.node, Some(HIDDEN));
        assert_eq!(report.worst(), Some(Degraded));
    }
}

/// The second row of a contents table is indexed under the id of the first; returns that id.
pub(crate) fn row_twice(format: Format) -> (Editor, Nid) {
    let mut editor = good(format);
    let table = editor.node(INBOX.with_kind(NidType::CONTENTS_TABLE)).data;
    let (index, _) = editor.table_parts(table);
    let (item, range) = editor.bth_record(table, index, u64::from(LONG.raw()));
    editor.edit_item(table, item, |bytes| bytes[range][..4].copy_from_slice(&MESSAGE.raw().to_le_bytes()));
    (editor, LONG)
}

/// A contents table that lists one message twice, and another one no more.
#[test]
fn l5_row_twice() {
    for format in PSTS {
        let (editor, missing) = row_twice(format);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, L5).location.node, Some(INBOX.with_kind(NidType::CONTENTS_TABLE)));
        assert_eq!(first(&report, L5).severity, Degraded);
        // The row itself says whose it is.
        assert_eq!(first(&report, L7).severity, Loss);
        let listed =
            report.findings.iter().find(|finding| finding.rule == F3 && finding.location.node == Some(missing));
        assert_eq!(listed.map(|finding| finding.actual.as_str()), Some("not listed"));
    }
}

#[test]
fn l5_index() {
    for format in FORMATS {
        let mut editor = good(format);
        let data = editor.node(MESSAGE).data;
        let header = editor.item_bytes(data, editor.heap_root(data));
        assert!(header[3] > 0, "no index level");
        let root = Hid::new(u32::from_le_bytes(*header[4..].first_chunk().unwrap()));
        editor.edit_item(data, root, |index| index[0] -= 1);
        assert_eq!(expect(editor, L5, Degraded).node, Some(MESSAGE));
    }
}

#[test]
fn l6_missing_value() {
    for format in FORMATS {
        for value in [0xFFE0, 0xFFFF_FFFF] {
            let mut editor = good(format);
            let data = editor.node(MESSAGE).data;
            editor.set_property(data, 0x4000, value);
            assert_eq!(expect(editor, L6, Loss).node, Some(MESSAGE));
        }
    }
}

#[test]
fn l6_type() {
    for format in FORMATS {
        for (kind, severity) in [([0x77, 0x77], Degraded), ([0, 0], Cosmetic), ([0x40, 0], Loss), ([0x03, 0x10], Loss)]
        {
            let mut editor = good(format);
            let (data, _, item, range) = record(&editor, MESSAGE, 0x4001);
            editor.edit_item(data, item, |bytes| bytes[range][2..4].copy_from_slice(&kind));
            // The value has 4 + 2 * 4 + 3 bytes.
            assert_eq!(expect(editor, L6, severity).node, Some(MESSAGE));
        }
    }
}

#[test]
fn l6_half_a_character() {
    for format in FORMATS {
        let text = Prop::stored(0x4000, pst_core::ltp::PropertyType::STRING, [65, 0, 66]);
        let message = MessageBuilder::new("IPM.Note").prop(text);
        let mailbox = Mailbox::new("Odd").folder(FolderBuilder::new("Inbox").message(message));
        let editor = Editor::new(mailbox.write(StoreBuilder::new(format)).finish_vec());
        assert_eq!(expect(editor, L6, Degraded).node, Some(MESSAGE));
    }
}

#[test]
fn l6_multiple_value() {
    for format in FORMATS {
        for (place, value) in [(0, 200), (4, 99), (8, 0)] {
            let mut editor = good(format);
            let data = editor.node(MESSAGE).data;
            let hid = Hid::new(editor.property(data, 0x4001));
            editor.edit_item(data, hid, |bytes| bytes[place] = value);
            assert_eq!(expect(editor, L6, Loss).node, Some(MESSAGE));
        }
    }
}

/// The matrix of a table, its rows and the place of the cell of a column.
fn matrix(editor: &Editor, table: Nid) -> (Bid, usize) {
    let data = editor.node(table).data;
    let info = editor.item_bytes(data, editor.heap_root(data));
    let (_, rows) = editor.table_parts(data);
    assert_ne!(rows & 0x1F, 0, "the rows are in the heap");
    let rows = editor.subnodes(editor.node(table).subnodes).into_iter().find(|entry| entry.nid.raw() == rows).unwrap();
    (editor.leaves(rows.data)[0], word(&info, 8))
}

#[test]
fn l7_row_id() {
    for format in PSTS {
        let mut editor = good(format);
        let (rows, _) = matrix(&editor, CONTENTS);
        editor.edit_block(rows, |block| block[3] ^= 0x40);
        // The row counts for nothing: nobody lists the message, and the folder has more than rows.
        assert_eq!(expect_with(editor, L7, Loss, &[F2, F3]).node, Some(CONTENTS));
    }
}

#[test]
fn l7_row_twice() {
    for format in PSTS {
        let mut editor = good(format);
        let data = editor.node(CONTENTS).data;
        let (header, _) = editor.table_parts(data);
        let (item, range) = editor.bth_record(data, header, u64::from(MESSAGE.raw()));
        editor.edit_item(data, item, |bytes| bytes[range.start + 4] = 1);
        let report = check(editor.into_bytes());
        assert!(
            report.findings.iter().any(|finding| finding.rule == L7 && finding.location.field == Some("dwRowIndex"))
        );
        let mut editor = good(format);
        editor.edit_item(data, item, |bytes| bytes[range.start + 4] = 99);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, L7).location.node, Some(CONTENTS));
    }
}

/// The description of a column in the TCINFO.
fn edit_column(editor: &mut Editor, table: Nid, tag: u32, change: impl FnOnce(&mut [u8])) {
    let data = editor.node(table).data;
    let root = editor.heap_root(data);
    let info = editor.item_bytes(data, root);
    let is_column = |column: &[u8]| column[..2] == tag.to_le_bytes()[..2] && column[2..4] == tag.to_le_bytes()[2..];
    let index = info[22..].chunks_exact(8).position(is_column).expect("the column");
    editor.edit_item(data, root, |info| change(&mut info[22 + 8 * index..][..8]));
}

#[test]
fn l7_columns() {
    for format in PSTS {
        let outgoing = Nid::new(0x64C);
        // The bit of the row id.
        let mut editor = good(format);
        edit_column(&mut editor, outgoing, 0x0E10_0003, |column| column[7] = 0);
        assert_eq!(expect(editor, L7, Loss).field, Some("iBit"));
        let mut editor = good(format);
        edit_column(&mut editor, outgoing, 0x0E10_0003, |column| column[4] -= 2);
        assert_eq!(expect(editor, L7, Loss).field, Some("ibData"));
        // Widths and existence bytes that are not those of the columns.
        for place in [2, 8] {
            let mut editor = good(format);
            let data = editor.node(outgoing).data;
            let root = editor.heap_root(data);
            editor.edit_item(data, root, |info| if place == 2 { info[2] -= 1 } else { info[8] += 1 });
            assert_eq!(expect(editor, L7, Degraded).field, Some("rgib"));
        }
        let mut editor = good(format);
        edit_column(&mut editor, outgoing, 0x0E10_0003, |column| column[7] += 20);
        assert_eq!(expect(editor, L7, Loss).node, Some(outgoing));
        let mut editor = good(format);
        edit_column(&mut editor, outgoing, 0x67F3_0003, |column| column[2] = 0xF4);
        assert_eq!(expect(editor, L7, Degraded).field, Some("tag"));
    }
}

#[test]
fn l7_cells() {
    for format in PSTS {
        let mut editor = good(format);
        let (rows, _) = matrix(&editor, CONTENTS);
        let data = editor.node(CONTENTS).data;
        let info = editor.item_bytes(data, editor.heap_root(data));
        let column = info[22..].chunks_exact(8).find(|column| word(column, 2) == 0x001A).unwrap();
        let at = word(column, 4);
        editor.edit_block(rows, |block| block[at..at + 4].copy_from_slice(&0xFFE0u32.to_le_bytes()));
        assert_eq!(expect(editor, L7, Loss).node, Some(CONTENTS));
    }
}

#[test]
fn l8_row_versions() {
    for format in FORMATS {
        let mut editor = good(format);
        let (rows, size) = matrix(&editor, CONTENTS);
        editor.edit_block(rows, |block| block.copy_within(4..8, size + 4));
        assert_eq!(expect(editor, L8, Cosmetic).node, Some(CONTENTS));
    }
}

#[test]
fn l1_place() {
    let mut editor = good(Format::UNICODE);
    let bid = editor.node(HIDDEN).data;
    let place = editor.block_entry(bid).offset;
    editor.edit_block(bid, |block| block[2] = 0);
    assert_eq!(at(expect(editor, L1, Loss)), place);
}
