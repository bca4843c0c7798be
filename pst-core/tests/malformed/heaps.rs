//! HNHDR, HNPAGEMAP, HID, BTHHEADER, property contexts and their values.

use pst_core::ErrorKind::{self, Corrupt, NotFound, WrongType};
use pst_core::ltp::{
    Bth, EncodedValue, Heap, HeapBuilder, Hid, PropertyContext, PropertyTag, PropertyType, encode_properties,
};
use pst_core::ndb::{Bid, Format, Nid};
use pst_core::testkit::StoreBuilder;
use pst_core::testkit::edit::Editor;
use pst_core::{Pst, Result};

use crate::{CONTEXT, FORMATS, NO_NODE, expect, good, node, read_context, subnode_id, within_deadline};

/// The good file, the data of its property context and that block's place.
fn context(format: Format) -> (Editor, Bid, u64) {
    let editor = good(format);
    let data = editor.node(CONTEXT).data;
    let offset = editor.block_entry(data).offset;
    (editor, data, offset)
}

/// Overwrites bytes of the first heap block; `text` has `{}` for the block's place.
#[track_caller]
fn check_block(change: impl Fn(&mut [u8]), kind: ErrorKind, text: &str) {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        editor.edit_block(data, |block| change(block));
        let text = text.replace("{}", &format!("{offset:#x}")) + &format!(" (block {data}, node 0x200024)");
        expect(editor.into_bytes(), read_context, kind, text);
    }
}

#[test]
fn heap_signature() {
    check_block(|block| block[2] = 0xED, Corrupt, "corrupt HNHDR at {}: bSig is 0xed, expected 0xec");
}

#[test]
fn heap_client() {
    let text = "wrong type of HNHDR at {}: bClientSig is 0x7c, expected 0xbc";
    check_block(|block| block[3] = 0x7C, WrongType, text);
}

#[test]
fn page_map_in_the_header() {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let length = editor.block(data).len();
        for wrong in [0, 2, 11] {
            editor.edit_block(data, |block| block[..2].copy_from_slice(&[wrong, 0]));
            let text = format!(
                "corrupt heap block at {offset:#x}: ibHnpm is {wrong}, expected 12 to {length} \
                 (block {data}, node 0x200024)"
            );
            expect(editor.clone().into_bytes(), read_context, Corrupt, text);
        }
    }
}

#[test]
fn page_map_outside() {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let length = u16::try_from(editor.block(data).len()).unwrap();
        for wrong in [length, u16::MAX] {
            editor.edit_block(data, |block| block[..2].copy_from_slice(&wrong.to_le_bytes()));
            let text = format!(
                "corrupt heap block at {offset:#x}: ibHnpm is {wrong}, expected 12 to {length} \
                 (block {data}, node 0x200024)"
            );
            expect(editor.clone().into_bytes(), read_context, Corrupt, text);
        }
    }
}

#[test]
fn page_map_cut_short() {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let last = u16::try_from(editor.block(data).len() - 1).unwrap();
        editor.edit_block(data, |block| block[..2].copy_from_slice(&last.to_le_bytes()));
        let text = format!(
            "corrupt HNPAGEMAP at {offset:#x}: length is 1 bytes, expected at least 4 (block {data}, node 0x200024)"
        );
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

/// Where the page map of the first block is, and the number of its items.
fn page_map(editor: &Editor, data: Bid) -> (usize, usize) {
    let block = editor.block(data);
    let word = |at: usize| usize::from(u16::from_le_bytes(*block[at..].first_chunk().unwrap()));
    (word(0), word(word(0)))
}

#[test]
fn no_items() {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let (map, _) = page_map(&editor, data);
        let root = editor.heap_root(data);
        editor.edit_block(data, |block| block[map..map + 2].fill(0));
        let index = root.raw() >> 5;
        let text = format!(
            "corrupt HID at {offset:#x}: hidIndex is {index} in {root}, expected 1 to 0 (block {data}, node 0x200024)"
        );
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

/// A count beyond the block alone does no harm; an item beyond the block cannot be read.
#[test]
fn more_items_than_the_block_has() {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let (map, count) = page_map(&editor, data);
        editor.edit_block(data, |block| block[map..map + 2].fill(0xFF));
        let most = if format == Format::UNICODE_4K { 16_383 } else { 2047 };
        let wrong = Hid::from_parts(most, 0, format);
        editor.edit_block(data, |block| block[4..8].copy_from_slice(&wrong.raw().to_le_bytes()));
        let (length, at) = (editor.block(data).len(), map + 2 + 2 * usize::try_from(most).unwrap());
        assert!(count < 20 && at > length);
        let text = format!(
            "corrupt HNPAGEMAP at {offset:#x}: length is {} bytes, expected at least {at} \
             (block {data}, node 0x200024)",
            length - map
        );
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

/// Sets both ends of the root item and expects them to be refused.
fn check_range(from: impl Fn(usize) -> usize, to: impl Fn(usize) -> usize) {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let (map, count) = page_map(&editor, data);
        assert_eq!(editor.heap_root(data).raw() >> 5, u32::try_from(count).unwrap());
        let (from, to) = (from(map), to(map));
        let at = map + 2 + 2 * count;
        editor.edit_block(data, |block| {
            block[at..at + 2].copy_from_slice(&u16::try_from(from).unwrap().to_le_bytes());
            block[at + 2..at + 4].copy_from_slice(&u16::try_from(to).unwrap().to_le_bytes());
        });
        let text = format!(
            "corrupt HNPAGEMAP at {offset:#x}: rgibAlloc is {from}..{to}, expected an ascending range inside 12..{map} \
             (block {data}, node 0x200024)"
        );
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

#[test]
fn item_ends_before_it_begins() {
    check_range(|map| map - 2, |map| map - 4);
}

#[test]
fn item_begins_in_the_header() {
    check_range(|_| 4, |_| 12);
}

#[test]
fn item_ends_behind_the_page_map() {
    check_range(|map| map - 8, |map| map + 1);
}

/// Sets `hidUserRoot`.
#[track_caller]
fn check_root(root: impl Fn(Format, usize) -> u32, text: impl Fn(u32, usize) -> String) {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let (_, count) = page_map(&editor, data);
        let root = root(format, count);
        editor.edit_block(data, |block| block[4..8].copy_from_slice(&root.to_le_bytes()));
        let text = text(root, count).replace("{}", &format!("{offset:#x}"));
        let file = editor.into_bytes();
        let error = within_deadline(move || read_context(&Pst::from_bytes(file).unwrap()).unwrap_err());
        assert_eq!(error.to_string(), format!("{text} (block {data}, node {CONTEXT})"));
        assert_eq!(error.kind(), Corrupt);
    }
}

#[test]
fn hid_type() {
    check_root(|_, _| 0x21, |_, _| "corrupt HID at {}: hidType is 1, expected 0".to_owned());
}

#[test]
fn hid_index_zero() {
    // Block 1 does not exist either, so block 0 with index 0 is all there is; that is HID 0, an empty item.
    check_root(|_, _| 0, |_, _| "corrupt BTHHEADER at {}: length is 0 bytes, expected at least 8".to_owned());
}

#[test]
fn hid_index_too_large() {
    check_root(
        |format, count| Hid::from_parts(u32::try_from(count).unwrap() + 1, 0, format).raw(),
        |root, count| format!("corrupt HID at {{}}: hidIndex is {} in {root:#x}, expected 1 to {count}", count + 1),
    );
}

#[test]
fn hid_block_too_large() {
    for format in FORMATS {
        let (mut editor, data, _) = context(format);
        let wrong = Hid::from_parts(1, 1, format);
        editor.edit_block(data, |block| block[4..8].copy_from_slice(&wrong.raw().to_le_bytes()));
        let text = format!("corrupt HID: hidBlockIndex is 1 in {wrong}, expected less than 1 (node 0x200024)");
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

#[track_caller]
fn check_bth(change: impl Fn(&mut [u8]), text: &str) {
    for format in FORMATS {
        let (mut editor, data, offset) = context(format);
        let root = editor.heap_root(data);
        editor.edit_item(data, root, |header| change(header));
        let text = text.replace("{}", &format!("{offset:#x}")) + &format!(" (block {data}, node 0x200024)");
        expect(editor.into_bytes(), read_context, Corrupt, text);
    }
}

#[test]
fn bth_type() {
    check_bth(|header| header[0] = 0xB4, "corrupt BTHHEADER at {}: bType is 180, expected 181 (0xb5)");
}

#[test]
fn bth_key_size() {
    for size in [0, 1, 3, 5, 32] {
        let text = format!("corrupt BTHHEADER at {{}}: cbKey is {size}, expected 2, 4, 8 or 16");
        check_bth(|header| header[1] = size, &text);
    }
    check_bth(|header| header[1] = 4, "corrupt BTHHEADER at {}: cbKey/cbEnt is 4/6, expected 2/6");
}

#[test]
fn bth_entry_size() {
    for size in [0, 33, 255] {
        let text = format!("corrupt BTHHEADER at {{}}: cbEnt is {size}, expected 1 to 32");
        check_bth(|header| header[2] = size, &text);
    }
    check_bth(|header| header[2] = 4, "corrupt BTHHEADER at {}: cbKey/cbEnt is 2/4, expected 2/6");
}

#[test]
fn bth_levels() {
    for levels in [9, 255] {
        let text = format!("corrupt BTHHEADER at {{}}: bIdxLevels is {levels}, expected at most 8");
        check_bth(|header| header[3] = levels, &text);
    }
}

/// An index whose end is no whole record: that is an error, and the records before it lead on.
#[test]
fn bth_index_of_odd_length() {
    for format in FORMATS {
        let mut heap = HeapBuilder::new(format);
        let leaf = heap.push(vec![0x01, 0x30, 3, 0, 7, 0, 0, 0]);
        let mut index = vec![0x01, 0x30];
        index.extend_from_slice(&leaf.raw().to_le_bytes());
        index.extend_from_slice(&[0x02, 0x30]);
        let index = heap.push(index);
        let mut header = vec![0xB5, 2, 6, 1];
        header.extend_from_slice(&index.raw().to_le_bytes());
        let root = heap.push(header);
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(heap.finish(Heap::PROPERTIES, root));
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let offset = store.block_entries()[0].offset;
        let pst = Pst::from_bytes(store.finish_vec()).unwrap();
        let context = PropertyContext::open(&node(&pst, CONTEXT).unwrap()).unwrap();
        assert_eq!(context.integer(0x3001).unwrap(), Some(7));
        let (found, errors): (Vec<_>, Vec<_>) = context.iter().partition(Result::is_ok);
        let errors: Vec<_> = errors.into_iter().map(|error| error.unwrap_err().to_string()).collect();
        let text = format!(
            "corrupt BTH index at {offset:#x}: length is 2, expected a multiple of 6 (block {data}, node 0x200024)"
        );
        assert_eq!((found.len(), errors), (1, vec![text]));
    }
}

/// An index whose records all lead to itself, at the deepest level there may be.
#[test]
fn bth_index_below_itself() {
    for format in FORMATS {
        let mut heap = HeapBuilder::new(format);
        let index = Hid::new(0x20);
        let mut record = vec![0, 0];
        record.extend_from_slice(&index.raw().to_le_bytes());
        assert_eq!(heap.push(record.repeat(500)), index);
        let mut header = vec![0xB5, 2, 6, 8];
        header.extend_from_slice(&index.raw().to_le_bytes());
        let root = heap.push(header);
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(heap.finish(Heap::PROPERTIES, root));
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let offset = store.block_entries()[0].offset;
        let file = store.finish_vec();
        let (found, errors) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let context = PropertyContext::open(&node(&pst, CONTEXT).unwrap()).unwrap();
            assert_eq!(context.get(0x3001).unwrap_err().kind(), Corrupt);
            let (found, errors): (Vec<_>, Vec<_>) = context.iter().partition(Result::is_ok);
            (found.len(), errors.into_iter().map(|error| error.unwrap_err().to_string()).collect::<Vec<_>>())
        });
        assert!(found < 3100);
        let [error] = errors.as_slice() else { panic!("{errors:?}") };
        let text = "its index leads to more records than the heap has room for";
        assert_eq!(*error, format!("corrupt BTH at {offset:#x}: {text} (block 0x4, node 0x200024)"));
    }
}

/// A leaf whose end is no whole record: the records before it count.
#[test]
fn bth_leaf_of_odd_length() {
    for format in FORMATS {
        let mut heap = HeapBuilder::new(format);
        let mut leaf = vec![0x01, 0x30, 3, 0, 7, 0, 0, 0];
        leaf.extend_from_slice(&[0x02, 0x30, 3]);
        let leaf = heap.push(leaf);
        let mut header = vec![0xB5, 2, 6, 0];
        header.extend_from_slice(&leaf.raw().to_le_bytes());
        let root = heap.push(header);
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(heap.finish(Heap::PROPERTIES, root));
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let pst = Pst::from_bytes(store.finish_vec()).unwrap();
        let context = PropertyContext::open(&node(&pst, CONTEXT).unwrap()).unwrap();
        assert_eq!(context.integer(0x3001).unwrap(), Some(7));
        assert_eq!(context.integer(0x3002).unwrap(), None);
        assert_eq!(context.iter().count(), 1);
        let heap = Heap::open(&node(&pst, CONTEXT).unwrap()).unwrap();
        assert_eq!(Bth::open(&heap, heap.root()).unwrap().levels(), 0);
    }
}

#[test]
fn heap_of_a_node_without_data() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_node(CONTEXT, |node| node.data = Bid::NONE);
        let text = "missing heap: the node has no data (node 0x200024)";
        expect(editor.into_bytes(), read_context, NotFound, text);
    }
}

#[test]
fn heap_in_a_block_too_short_for_one() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let data = store.block(&[0, 0, 0xEC]);
        let offset = store.block_entries()[0].offset;
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let text = format!(
            "corrupt HNHDR at {offset:#x}: length is 3 bytes, expected at least 12 (block {data}, node 0x200024)"
        );
        expect(store.finish_vec(), read_context, Corrupt, text);
    }
}

/// A context with one property, which must fail in exactly this way while the context itself is fine.
#[track_caller]
fn check_value(kind: PropertyType, value: EncodedValue, error: ErrorKind, text: &str) {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let good = (PropertyTag::new(0x3000_0003), EncodedValue::Inline(1));
        let values = [good, (PropertyTag::from_parts(0x4000, kind), value.clone())];
        let blocks = encode_properties(HeapBuilder::new(format), &values, HeapBuilder::MAX_ITEM);
        let data = store.data_from_blocks(blocks);
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let offset = store.block_entries()[0].offset;
        let text = text.replace("{}", &format!("{offset:#x}"));
        let file = store.finish_vec();
        let read = |pst: &Pst| {
            let context = PropertyContext::open(&node(pst, CONTEXT)?)?;
            assert_eq!(context.integer(0x3000)?, Some(1));
            context.value(0x4000).map(drop)
        };
        expect(file, read, error, text);
    }
}

#[test]
fn value_in_a_subnode_that_is_missing() {
    let text = "missing subnode: the value should be in subnode 0x1001f, which does not exist (node 0x200024)";
    check_value(PropertyType::BINARY, EncodedValue::Subnode(subnode_id(0)), NotFound, text);
}

#[test]
fn object_in_a_subnode_that_is_missing() {
    for format in FORMATS {
        let (editor, _, _) = context(format);
        let read = |pst: &Pst| {
            let context = PropertyContext::open(&node(pst, CONTEXT)?)?;
            context.get(0x4007)?.expect("the object").object().map(drop)
        };
        let text = "missing subnode: the value should be in subnode 0x10c7f, which does not exist (node 0x200024)";
        assert_eq!(subnode_id(99), Nid::new(0x1_0C7F));
        expect(editor.into_bytes(), read, NotFound, text);
    }
}

#[test]
fn object_of_too_few_bytes() {
    let text = "corrupt PtypObject: length is 7 bytes, expected at least 8 (node 0x200024)";
    check_value(PropertyType::OBJECT, EncodedValue::Item(vec![1; 7]), Corrupt, text);
}

#[test]
fn fixed_values_of_wrong_length() {
    for (kind, name, length, size) in [
        (PropertyType::INTEGER64, "PtypInteger64", 7, 8),
        (PropertyType::FLOATING64, "PtypFloating64", 4, 8),
        (PropertyType::CURRENCY, "PtypCurrency", 9, 8),
        (PropertyType::TIME, "PtypTime", 1, 8),
        (PropertyType::GUID, "PtypGuid", 15, 16),
        (PropertyType::GUID, "PtypGuid", 17, 16),
    ] {
        let text = format!("corrupt property: length is {length} bytes of {name}, expected {size} (node 0x200024)");
        check_value(kind, EncodedValue::Item(vec![1; length]), Corrupt, &text);
    }
}

#[test]
fn value_in_an_item_that_is_missing() {
    let text = "corrupt HID at {}: hidIndex is 7 in 0xe0, expected 1 to 2 (block 0x4, node 0x200024)";
    check_value(PropertyType::BINARY, EncodedValue::Inline(7 << 5), Corrupt, text);
}

#[test]
fn multiple_fixed_values_of_odd_length() {
    let text = "corrupt multi-valued property: length is 13, expected a multiple of 4 (node 0x200024)";
    check_value(PropertyType::MULTIPLE_INTEGER32, EncodedValue::Item(vec![1; 13]), Corrupt, text);
}

#[track_caller]
fn check_multiple(words: &[u32], text: &str) {
    let item: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    for kind in [PropertyType::MULTIPLE_BINARY, PropertyType::MULTIPLE_STRING, PropertyType::MULTIPLE_STRING8] {
        check_value(kind, EncodedValue::Item(item.clone()), Corrupt, text);
    }
}

#[test]
fn multiple_values_without_a_count() {
    let text = "corrupt multi-valued property: length is 3 bytes, expected at least 4 (node 0x200024)";
    check_value(PropertyType::MULTIPLE_BINARY, EncodedValue::Item(vec![1; 3]), Corrupt, text);
}

#[test]
fn more_multiple_values_than_the_value_has_room_for() {
    let text = "corrupt multi-valued property: ulCount is 3, expected at most 2 (node 0x200024)";
    check_multiple(&[3, 12, 12], text);
    let text = "corrupt multi-valued property: ulCount is 4294967295, expected at most 2 (node 0x200024)";
    check_multiple(&[u32::MAX, 12, 12], text);
}

#[test]
fn multiple_values_that_descend() {
    let text = "corrupt multi-valued property: rgulDataOffsets is (16, 14) for value 0, expected ascending, at most 16 \
                (node 0x200024)";
    check_multiple(&[2, 16, 14, 0], text);
}

#[test]
fn multiple_values_outside() {
    let text = "corrupt multi-valued property: rgulDataOffsets is (17, 16) for value 1, expected ascending, at most 16 \
                (node 0x200024)";
    check_multiple(&[2, 12, 17, 0], text.replace("(17, 16) for value 1", "(12, 17) for value 0").as_str());
    let text = "corrupt multi-valued property: rgulDataOffsets is (4294967295, 12) for value 0, expected ascending, \
                at most 12 (node 0x200024)";
    check_multiple(&[1, u32::MAX, 0], text);
}

/// The second block of a heap, which ends before its header does.
#[test]
fn heap_block_of_one_byte() {
    for format in FORMATS {
        let mut heap = HeapBuilder::new(format);
        while heap.push(vec![1; 3000]).raw() >> (5 + format.hid_index_bits()) == 0 {}
        let mut blocks = heap.finish(Heap::PROPERTIES, Hid::from_parts(1, 1, format));
        assert_eq!(blocks.len(), 2);
        blocks[1].truncate(1);
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(blocks);
        let second = store.block_entries()[1];
        store.node(CONTEXT, data, Bid::NONE, NO_NODE);
        let text = format!(
            "corrupt heap block at {:#x}: length is 1 bytes, expected at least 2 (block {}, node 0x200024)",
            second.offset, second.bid
        );
        expect(store.finish_vec(), read_context, Corrupt, text);
    }
}

#[test]
fn value_in_the_heap_is_no_object() {
    for format in FORMATS {
        let read = |pst: &Pst| {
            let context = PropertyContext::open(&node(pst, CONTEXT)?)?;
            context.get(0x4002)?.expect("the value").object().map(drop)
        };
        let text = "wrong type of property: the value is not a subnode (node 0x200024)";
        expect(good(format).into_bytes(), read, WrongType, text);
    }
}
