//! B1 to B14: blocks, their trees and their owners.

use pst_core::ndb::{Bid, Format, Nid, NidType, SubnodeEntry};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{MessageBuilder, StoreBuilder};
use pst_core::verify::Rule::*;
use pst_core::verify::Severity::{Cosmetic, Degraded, Loss};

use crate::{FORMATS, LONG, MESSAGE, PSTS, at, check, expect, expect_with, first, good, mailbox};

/// The search activity list: one block of four bytes that nothing but the list needs.
const LIST: Nid = Nid::new(0x201);

/// The XXBLOCK over the long property of [`LONG`], and its first XBLOCK.
fn tree(editor: &Editor) -> (Bid, Bid) {
    let subnodes = editor.subnodes(editor.node(LONG).subnodes);
    let top = subnodes.iter().find(|entry| entry.data.is_internal()).unwrap().data;
    let size = editor.format().id_size();
    let mut id = [0; 8];
    id[..size].copy_from_slice(&editor.block(top)[8..8 + size]);
    (top, Bid::new(u64::from_le_bytes(id)))
}

#[test]
fn b1_place() {
    for format in FORMATS {
        let mut editor = good(format);
        let list = editor.node(LIST).data;
        editor.edit_block_entry(list, |entry| entry.offset = 1 << 31);
        let location = expect_with(editor, B1, Loss, &[M2]);
        assert_eq!((location.offset, location.block), (Some(1 << 31), Some(list)));
        let mut editor = good(format);
        editor.edit_block_entry(list, |entry| entry.offset = format.first_amap());
        let location = expect_with(editor, B1, Loss, &[B2, B4, M2]);
        assert_eq!(location.block, Some(list));
        let mut editor = good(format);
        editor.edit_block_entry(list, |entry| entry.offset += 1);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, B1).location.block, Some(list));
    }
}

#[test]
fn b2_trailer() {
    for format in FORMATS {
        let id = if format.is_ansi() { 4 } else { 8 };
        let mut fields = vec![0, id];
        if format == Format::UNICODE_4K {
            fields.push(18);
        }
        for field in fields {
            let mut editor = good(format);
            let list = editor.node(LIST).data;
            editor.edit_trailer(list, |trailer| trailer[field] ^= 8);
            let place = editor.trailer_offset(list) + field as u64;
            let location = expect(editor, B2, Loss);
            assert_eq!((at(location), location.block), (place, Some(list)));
        }
    }
}

#[test]
fn b3_size() {
    for format in FORMATS {
        let mut editor = good(format);
        let list = editor.node(LIST).data;
        editor.edit_block_entry(list, |entry| entry.stored_size = 0);
        assert_eq!(expect(editor, B3, Loss).block, Some(list));
    }
    let mut editor = good(Format::UNICODE_4K);
    let list = editor.node(LIST).data;
    editor.edit_block_entry(list, |entry| entry.size = 1);
    assert_eq!(expect(editor, B3, Loss).field, Some("cb inflated"));
}

#[test]
fn b4_signature_and_crc() {
    for format in FORMATS {
        for field in [2, if format.is_ansi() { 8 } else { 4 }] {
            let mut editor = good(format);
            let list = editor.node(LIST).data;
            editor.edit_trailer(list, |trailer| trailer[field] ^= 1);
            let place = editor.trailer_offset(list) + field as u64;
            assert_eq!(at(expect(editor, B4, Loss)), place);
        }
        let mut editor = good(format);
        let entry = editor.block_entry(editor.node(LIST).data);
        editor.bytes_mut()[usize::try_from(entry.offset).unwrap()] ^= 1;
        assert_eq!(expect(editor, B4, Loss).field, Some("dwCRC"));
    }
}

#[test]
fn b5_internal_blocks() {
    for format in FORMATS {
        let mut editor = good(format);
        let (_, xblock) = tree(&editor);
        editor.edit_block(xblock, |block| block[0] = 7);
        let location = expect(editor, B5, Loss);
        assert_eq!((location.block, location.field), (Some(xblock), Some("btype")));
        // Subnodes where data should be.
        let mut editor = good(format);
        let subnodes = editor.node(MESSAGE).subnodes;
        editor.edit_node(LIST, |entry| entry.data = subnodes);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, B5).location.node, Some(LIST));
    }
}

#[test]
fn b6_total() {
    for format in FORMATS {
        for top in [true, false] {
            let mut editor = good(format);
            let (xxblock, xblock) = tree(&editor);
            let bid = if top { xxblock } else { xblock };
            editor.edit_block(bid, |block| block[4] ^= 1);
            let location = expect(editor, B6, Loss);
            assert_eq!((location.block, location.field), (Some(bid), Some("lcbTotal")));
        }
    }
}

#[test]
fn b6_children() {
    for format in FORMATS {
        let mut editor = good(format);
        let (_, xblock) = tree(&editor);
        let size = format.id_size();
        editor.edit_block(xblock, |block| block[8..8 + size].copy_from_slice(&xblock.raw().to_le_bytes()[..size]));
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, B6).location.field, Some("rgbid"));
    }
}

/// The block of subnodes of [`MESSAGE`] is an SIBLOCK over SLBLOCKs of three.
fn subnode_blocks(editor: &Editor) -> (Bid, Bid) {
    let top = editor.node(MESSAGE).subnodes;
    let (header, size) = (editor.format().subnode_header_size(), editor.format().id_size());
    let mut id = [0; 8];
    id[..size].copy_from_slice(&editor.block(top)[header + size..header + 2 * size]);
    (top, Bid::new(u64::from_le_bytes(id)))
}

#[test]
fn b7_order() {
    for format in FORMATS {
        let mut editor = good(format);
        let (_, slblock) = subnode_blocks(&editor);
        let (header, size) = (format.subnode_header_size(), format.subnode_entry_size());
        editor.edit_block(slblock, |block| block[header + size..header + 3 * size].rotate_left(size));
        let location = expect(editor, B7, Loss);
        assert_eq!((location.block, location.structure), (Some(slblock), Some("SLBLOCK")));
    }
}

#[test]
fn b7_index() {
    for format in FORMATS {
        let mut editor = good(format);
        let (siblock, _) = subnode_blocks(&editor);
        let header = format.subnode_header_size();
        editor.edit_block(siblock, |block| block[header] -= 1);
        let location = expect(editor, B7, Loss);
        assert_eq!((location.block, location.structure), (Some(siblock), Some("SIENTRY")));
    }
}

/// What the node had is now nobody's.
#[test]
fn b8_missing_block() {
    for format in PSTS {
        let mut editor = good(format);
        let none = Bid::new(editor.header().next_block);
        editor.edit_node(LIST, |entry| entry.data = none);
        let location = expect_with(editor, B8, Loss, &[B10]);
        assert_eq!((location.block, location.node), (Some(none), Some(LIST)));
    }
}

#[test]
fn b9_references() {
    for format in PSTS {
        for (change, severity) in [(1, Degraded), (-1, Loss)] {
            let mut editor = good(format);
            let bid = editor.node(MESSAGE).data;
            editor
                .edit_block_entry(bid, |entry| entry.references = entry.references.checked_add_signed(change).unwrap());
            assert_eq!(expect(editor, B9, severity).block, Some(bid));
        }
    }
    let mut editor = good(Format::UNICODE_4K);
    let bid = editor.node(MESSAGE).data;
    editor.edit_block_entry(bid, |entry| entry.references += 1);
    expect(editor, B9, Cosmetic);
}

/// A block with two owners counts both; who owns its owners does not matter.
#[test]
fn b9_shared_trees() {
    for format in PSTS {
        let mut store = mailbox().write(StoreBuilder::new(format));
        let data = store.data(&vec![1; 30_000]);
        let entry = SubnodeEntry { nid: store.new_nid(NidType::LTP), data, subnodes: Bid::NONE };
        let subnodes = store.subnodes(vec![entry]);
        for nid in [0x1001, 0x1021, 0x1041] {
            store.node(Nid::new(nid), data, subnodes, Nid::new(0));
        }
        let editor = Editor::new(store.finish_vec());
        assert_eq!((editor.block_entry(data).references, editor.block_entry(subnodes).references), (5, 4));
        assert_eq!(check(editor.into_bytes()).findings, []);
    }
}

#[test]
fn b10_unused_block() {
    for format in PSTS {
        for (references, severity) in [(2, Degraded), (1, Cosmetic)] {
            let mut editor = good(format);
            let bid = editor.node(LIST).data;
            editor.edit_node(LIST, |entry| entry.data = Bid::NONE);
            editor.edit_block_entry(bid, |entry| entry.references = references);
            assert_eq!(expect(editor, B10, severity).block, Some(bid));
        }
    }
}

#[test]
fn b11_middle_blocks() {
    for format in FORMATS {
        let mut store = mailbox().write(StoreBuilder::new(format));
        let data = store.data_from_blocks([vec![1; 50], vec![2; 60]]);
        store.node(Nid::new(0x1001), data, Bid::NONE, Nid::new(0));
        let location = expect(Editor::new(store.finish_vec()), B11, Degraded);
        assert!(location.block.is_some());
    }
}

#[test]
fn b12_parent() {
    for format in FORMATS {
        let lost = Nid::new(0x20_1004);
        let message = MessageBuilder::new("IPM.Note").nid(lost);
        let file = mailbox().orphan(message, Nid::new(0x9992)).write(StoreBuilder::new(format)).finish_vec();
        assert_eq!(expect(Editor::new(file), B12, Loss).node, Some(lost));
        // A table has no parent.
        let mut editor = good(format);
        let table = Nid::new(0x12D);
        editor.edit_node(table, |entry| entry.parent = Nid::ROOT_FOLDER);
        assert_eq!(expect(editor, B12, Cosmetic).node, Some(table));
    }
}

#[test]
fn b13_reserved_bit() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_node(MESSAGE, |entry| entry.data = Bid::new(entry.data.raw() | 1));
        assert_eq!(expect(editor, B13, Degraded).block.map(Bid::is_internal), Some(false));
        let mut editor = good(format);
        let (_, slblock) = subnode_blocks(&editor);
        let place = format.subnode_header_size() + format.id_size();
        editor.edit_block(slblock, |block| block[place] |= 1);
        expect(editor, B13, Degraded);
        let mut editor = good(format);
        let (_, xblock) = tree(&editor);
        editor.edit_block(xblock, |block| block[8] |= 1);
        expect(editor, B13, Cosmetic);
    }
}

#[test]
fn b14_compression() {
    let store = StoreBuilder::new(Format::UNICODE_4K).compress(true);
    let mut editor = Editor::new(mailbox().write(store).finish_vec());
    let bid = editor.subnode(LONG, &[]).subnodes;
    let leaf = editor
        .subnodes(bid)
        .into_iter()
        .map(|entry| entry.data)
        .find(|bid| editor.block_entry(*bid).stored_size != editor.block_entry(*bid).size)
        .expect("a compressed block");
    editor.edit_stored(leaf, |stored| stored[10] ^= 0xFF);
    assert_eq!(expect(editor, B14, Loss).block, Some(leaf));
}
