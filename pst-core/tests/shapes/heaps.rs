//! Heaps, BTrees-on-Heap, property contexts and every type of value.

use pst_core::ltp::{
    Bth, EncodedValue, Heap, HeapBuilder, Hid, ObjectRef, PropertyContext, PropertyTag, PropertyType, Value,
    encode_bth, encode_properties,
};
use pst_core::ndb::{Bid, Nid, NidType, SubnodeEntry};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{Prop, Props, StoreBuilder};
use pst_core::{FileTime, Guid};

use crate::{FORMATS, NO_NODE, NODE, open, pattern, properties, with_props};

fn numbers(count: u16) -> Props {
    (0..count).map(|number| Prop::i32(0x4000 + 2 * number, i32::from(number) * 7)).collect()
}

fn check_numbers(context: &PropertyContext, count: u16) {
    for number in 0..count {
        let id = 0x4000 + 2 * number;
        assert_eq!(context.value(id).unwrap(), Some(Value::Integer32(i32::from(number) * 7)), "{id:#x}");
        assert_eq!(context.value(id + 1).unwrap(), None);
    }
    let ids: Vec<u16> = context.iter().map(|property| property.unwrap().tag().id()).collect();
    assert_eq!(ids, (0..count).map(|number| 0x4000 + 2 * number).collect::<Vec<_>>());
}

/// 447 records fill a leaf; one more needs an index above two of them.
#[test]
fn property_context_with_index_levels() {
    for format in FORMATS {
        for (leaf_size, count, levels) in [(3580, 447, 0), (3580, 448, 1), (64, 1000, 3), (16, 500, 8)] {
            let pst = with_props(StoreBuilder::new(format).leaf_size(leaf_size), &numbers(count));
            let context = properties(&pst, NODE);
            let bth = Bth::open(context.heap(), context.heap().root()).unwrap();
            assert_eq!(bth.levels(), levels, "{format}: {count} records in leaves of {leaf_size}");
            check_numbers(&context, count);
        }
    }
}

/// Blocks 8, 136, 264 ... of a heap begin with 66 bytes of header instead of 2.
#[test]
fn heap_of_more_than_136_blocks() {
    for format in FORMATS {
        let item = 3500;
        let per_block = format.max_block_data() / (item + 2);
        let count = 140 * per_block;
        let value = |number: usize| {
            let mut value = vec![u8::try_from(number % 251).unwrap(); item];
            value[..2].copy_from_slice(&u16::try_from(number).unwrap().to_le_bytes());
            value
        };
        let tag = |number: usize| PropertyTag::from_parts(u16::try_from(number).unwrap(), PropertyType::BINARY);
        let values: Vec<_> = (0..count).map(|number| (tag(number), EncodedValue::Item(value(number)))).collect();
        let mut store = StoreBuilder::new(format);
        let blocks = encode_properties(HeapBuilder::new(format), &values, HeapBuilder::MAX_ITEM);
        assert!(blocks.len() > 137, "{}", blocks.len());
        let (last, others) = blocks.split_last().unwrap();
        assert!(others.iter().all(|block| block.len() == format.max_block_data()));
        assert!(last.len() <= format.max_block_data());
        let data = store.data_from_blocks(blocks);
        store.node(NODE, data, Bid::NONE, NO_NODE);
        let pst = open(store.finish_vec());
        let context = properties(&pst, NODE);
        assert!(context.heap().block_count() > 137);
        for number in 0..count {
            let stored = context.binary(u16::try_from(number).unwrap()).unwrap().expect("the property");
            assert!(*stored == *value(number), "value {number}");
        }
        for block in [0, 1, 7, 8, 9, 135, 136, 137] {
            let items = context.heap().items(block).unwrap();
            let fit = items.iter().filter(|found| found.len() == item).count();
            // The long header leaves less room in blocks 8 and 136.
            assert!(fit + 1 >= per_block && fit <= per_block, "{fit} items in block {block}");
        }
    }
}

#[test]
fn the_root_of_a_heap_is_where_it_says() {
    let mut store = StoreBuilder::new(FORMATS[1]);
    let mut heap = HeapBuilder::new(FORMATS[1]);
    for _ in 0..5 {
        heap.push(vec![7; 3000]);
    }
    let root = encode_bth(&mut heap, 2, 6, &[vec![1, 0x30, 3, 0, 9, 0, 0, 0]], HeapBuilder::MAX_ITEM);
    assert_ne!(root, Hid::new(0x20));
    let data = store.data_from_blocks(heap.finish(Heap::PROPERTIES, root));
    store.node(NODE, data, Bid::NONE, NO_NODE);
    let pst = open(store.finish_vec());
    assert_eq!(properties(&pst, NODE).value(0x3001).unwrap(), Some(Value::Integer32(9)));
}

#[test]
fn a_bth_with_keys_of_every_size() {
    for format in FORMATS {
        for key_size in [2u8, 4, 8, 16] {
            let mut heap = HeapBuilder::new(format);
            let record = |number: u16| {
                let mut record = number.to_le_bytes().to_vec();
                record.resize(usize::from(key_size), 0);
                record.extend_from_slice(&[number.to_le_bytes()[0]; 3]);
                record
            };
            let records: Vec<_> = (1..500).map(record).collect();
            let root = encode_bth(&mut heap, key_size, 3, &records, 200);
            let mut store = StoreBuilder::new(format);
            let data = store.data_from_blocks(heap.finish(Heap::BTH, root));
            store.node(NODE, data, Bid::NONE, NO_NODE);
            let pst = open(store.finish_vec());
            let heap = Heap::open(&pst.node(NODE).unwrap().unwrap()).unwrap();
            assert_eq!(heap.client(), Heap::BTH);
            let bth = Bth::open(&heap, heap.root()).unwrap();
            assert_eq!((bth.key_size(), bth.data_size()), (usize::from(key_size), 3));
            let read: Vec<Vec<u8>> = bth
                .records(&heap)
                .map(|record| record.map(|record| [record.key(), &record.data()].concat()).unwrap())
                .collect();
            assert_eq!(read, records);
            if key_size < 16 {
                assert_eq!(&*bth.find(&heap, 300).unwrap().unwrap().data(), [44; 3]);
                assert!(bth.find(&heap, 500).unwrap().is_none());
            }
        }
    }
}

/// Some writers leave contexts unsorted, and entries without a type in them.
#[test]
fn unsorted_property_context() {
    for format in FORMATS {
        let number =
            |id: u16, number| (PropertyTag::from_parts(id, PropertyType::INTEGER32), EncodedValue::Inline(number));
        let untyped = (PropertyTag::from_parts(0x2000, PropertyType::UNSPECIFIED), EncodedValue::Inline(0xFFFF_FFFF));
        let mut values: Vec<_> = (0..300).map(|index: u16| number(0x6000 - index * 13, u32::from(index))).collect();
        values.insert(100, untyped);
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(encode_properties(HeapBuilder::new(format), &values, 100));
        store.node(NODE, data, Bid::NONE, NO_NODE);
        let pst = open(store.finish_vec());
        let context = properties(&pst, NODE);
        for index in 0..300u16 {
            assert_eq!(context.integer(0x6000 - index * 13).unwrap(), Some(i64::from(index)));
        }
        assert_eq!(context.value(0x2000).unwrap(), Some(Value::Null));
        assert_eq!(context.value(0x2001).unwrap(), None);
        assert_eq!(context.iter().count(), 301);
    }
}

#[test]
fn values_of_every_type() {
    let guid = Guid::PSETID_APPOINTMENT;
    let props = Props::from_iter([
        Prop::i16(0x4001, -2),
        Prop::i32(0x4002, -3),
        Prop::i64(0x4003, i64::MIN),
        Prop::f32(0x4004, 1.5),
        Prop::f64(0x4005, -2.25),
        Prop::currency(0x4006, 12_345),
        Prop::floating_time(0x4007, 45_000.5),
        Prop::error(0x4008, 0x8004_010F),
        Prop::boolean(0x4009, true),
        Prop::boolean(0x400A, false),
        Prop::time(0x400B, FileTime::new(u64::MAX)),
        Prop::guid(0x400C, guid),
        Prop::unicode(0x400D, "Grüße 🎈"),
        Prop::string8(0x400E, b"Gr\xFC\xDFe".to_vec()),
        Prop::binary(0x400F, vec![0, 1, 255]),
        Prop::stored(0x4010, PropertyType::SERVER_ID, vec![1, 2]),
        Prop::stored(0x4011, PropertyType::RESTRICTION, vec![3]),
        Prop::stored(0x4012, PropertyType::RULE_ACTION, vec![4]),
        Prop::object(0x4013, Nid::new(0x24), 77),
        Prop::stored(0x4014, PropertyType::new(0x0099), vec![9, 9]),
        Prop::stored(0x4015, PropertyType::NULL, vec![]),
    ]);
    for format in FORMATS {
        let pst = with_props(StoreBuilder::new(format), &props);
        let context = properties(&pst, NODE);
        let value = |id| context.value(id).unwrap().expect("the property");
        assert_eq!(value(0x4001), Value::Integer16(-2));
        assert_eq!(value(0x4002), Value::Integer32(-3));
        assert_eq!(value(0x4003), Value::Integer64(i64::MIN));
        assert_eq!(value(0x4004), Value::Floating32(1.5));
        assert_eq!(value(0x4005), Value::Floating64(-2.25));
        assert_eq!(value(0x4006), Value::Currency(12_345));
        assert_eq!(value(0x4007), Value::FloatingTime(45_000.5));
        assert_eq!(value(0x4008), Value::ErrorCode(0x8004_010F));
        assert_eq!(value(0x4009), Value::Boolean(true));
        assert_eq!(value(0x400A), Value::Boolean(false));
        assert_eq!(value(0x400B), Value::Time(FileTime::new(u64::MAX)));
        assert_eq!(value(0x400C), Value::Guid(guid));
        assert_eq!(value(0x400D).as_text().unwrap().to_string_lossy(), "Grüße 🎈");
        assert_eq!(value(0x400E).as_text().unwrap().to_string_lossy(), "Grüße");
        assert_eq!(&**value(0x400F).as_bytes().unwrap(), [0, 1, 255]);
        for (id, bytes) in [(0x4010, &[1, 2][..]), (0x4011, &[3]), (0x4012, &[4])] {
            assert_eq!(&**value(id).as_bytes().unwrap(), bytes);
        }
        assert_eq!(value(0x4013), Value::Object(ObjectRef { nid: Nid::new(0x24), size: 77 }));
        let Value::Unknown(bytes) = value(0x4014) else { panic!("a type nobody knows") };
        assert_eq!(&*bytes, [9, 9]);
        assert_eq!(value(0x4015), Value::Null);
    }
}

#[test]
fn multiple_values_of_every_type() {
    let parts: [Vec<u8>; 3] = [pattern(16), pattern(33)[17..].to_vec(), vec![0xFF; 16]];
    let text = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let kinds = [
        PropertyType::MULTIPLE_INTEGER16,
        PropertyType::MULTIPLE_INTEGER32,
        PropertyType::MULTIPLE_FLOATING32,
        PropertyType::MULTIPLE_FLOATING64,
        PropertyType::MULTIPLE_CURRENCY,
        PropertyType::MULTIPLE_FLOATING_TIME,
        PropertyType::MULTIPLE_INTEGER64,
        PropertyType::MULTIPLE_TIME,
        PropertyType::MULTIPLE_GUID,
    ];
    let part = |kind: PropertyType, index: usize| parts[index][..kind.fixed_size().unwrap()].to_vec();
    let mut props: Props = (0x4000..)
        .zip(kinds)
        .map(|(id, kind)| Prop::multiple(id, kind, &[part(kind, 0), part(kind, 1), part(kind, 2)]))
        .collect();
    props.set(Prop::multiple(0x4100, PropertyType::MULTIPLE_STRING, &[text("one"), text(""), text("zwei ü")]));
    props.set(Prop::multiple(
        0x4101,
        PropertyType::MULTIPLE_STRING8,
        &[b"one".to_vec(), vec![], b"zwei \xFC".to_vec()],
    ));
    props.set(Prop::multiple(0x4102, PropertyType::MULTIPLE_BINARY, &[vec![], vec![1, 2, 3], vec![0]]));
    // Too long for the heap.
    props.set(Prop::multiple(0x4103, PropertyType::MULTIPLE_BINARY, &[pattern(20_000), pattern(1), pattern(9000)]));
    props.set(Prop::multiple(0x4104, PropertyType::MULTIPLE_STRING, &[]));
    for format in FORMATS {
        let pst = with_props(StoreBuilder::new(format), &props);
        let context = properties(&pst, NODE);
        let values = |id| match context.value(id).unwrap() {
            Some(Value::Multiple(values)) => values,
            other => panic!("{other:?}"),
        };
        for (id, kind) in (0x4000..).zip(kinds) {
            let read: Vec<Vec<u8>> = values(id).iter().map(|value| value.encode().unwrap()).collect();
            assert_eq!(read, [part(kind, 0), part(kind, 1), part(kind, 2)], "{kind}");
        }
        assert_eq!(values(0x4000)[2], Value::Integer16(-1));
        for id in [0x4100, 0x4101] {
            let read: Vec<String> = values(id).iter().map(|value| value.as_text().unwrap().to_string_lossy()).collect();
            assert_eq!(read, ["one", "", "zwei ü"]);
        }
        let read: Vec<Vec<u8>> = values(0x4102).iter().map(|value| value.as_bytes().unwrap().to_vec()).collect();
        assert_eq!(read, [vec![], vec![1, 2, 3], vec![0]]);
        let read: Vec<Vec<u8>> = values(0x4103).iter().map(|value| value.as_bytes().unwrap().to_vec()).collect();
        assert!(read == [pattern(20_000), pattern(1), pattern(9000)]);
        assert!(values(0x4104).is_empty());
    }
}

/// An HNID of 0 and a heap item of length 0 are empty values.
#[test]
fn zero_length_values() {
    for format in FORMATS {
        let kinds = [
            PropertyType::STRING,
            PropertyType::STRING8,
            PropertyType::BINARY,
            PropertyType::OBJECT,
            PropertyType::MULTIPLE_STRING,
            PropertyType::MULTIPLE_INTEGER32,
            PropertyType::TIME,
            PropertyType::GUID,
        ];
        let mut heap = HeapBuilder::new(format);
        let freed = heap.push(Vec::new());
        assert_eq!(freed, Hid::new(0x20));
        let mut values = Vec::new();
        for (id, kind) in (0x4000..).step_by(2).zip(kinds) {
            values.push((PropertyTag::from_parts(id, kind), EncodedValue::Item(Vec::new())));
            values.push((PropertyTag::from_parts(id + 1, kind), EncodedValue::Inline(freed.raw())));
        }
        let mut store = StoreBuilder::new(format);
        let data = store.data_from_blocks(encode_properties(heap, &values, HeapBuilder::MAX_ITEM));
        store.node(NODE, data, Bid::NONE, NO_NODE);
        let pst = open(store.finish_vec());
        let context = properties(&pst, NODE);
        for property in context.iter().map(Result::unwrap) {
            assert!(property.stored().unwrap().is_empty());
            assert_eq!(property.stored_len().unwrap(), 0);
            assert!(property.stream().unwrap().is_empty());
            let value = property.value().unwrap();
            match property.tag().kind() {
                PropertyType::STRING | PropertyType::STRING8 => assert!(value.as_text().unwrap().is_empty()),
                PropertyType::BINARY => assert!(value.as_bytes().unwrap().is_empty()),
                PropertyType::MULTIPLE_STRING | PropertyType::MULTIPLE_INTEGER32 => {
                    assert_eq!(value, Value::Multiple(Vec::new()));
                }
                _ => assert_eq!(value, Value::Null),
            }
        }
        assert_eq!(context.iter().count(), 16);
    }
}

/// A value longer than an item goes to a subnode; where it is does not depend on its length when it is read.
#[test]
fn values_in_subnodes() {
    for format in FORMATS {
        let store = StoreBuilder::new(format).item_limit(10);
        let props: Props = [11, 3580, 3581, 8180, 8181, 65_512, 65_513, 200_000]
            .into_iter()
            .zip(0x4000..)
            .map(|(size, id)| Prop::binary(id, pattern(size)))
            .collect();
        let pst = with_props(store, &props);
        let context = properties(&pst, NODE);
        for (size, id) in [11, 3580, 3581, 8180, 8181, 65_512, 65_513, 200_000].into_iter().zip(0x4000..) {
            let property = context.get(id).unwrap().unwrap();
            assert!(*property.stored().unwrap() == *pattern(size));
            assert_eq!(property.stored_len().unwrap(), size as u64);
            assert_eq!(property.object().unwrap().id().kind(), NidType::LTP);
            let mut streamed = Vec::new();
            std::io::Read::read_to_end(&mut property.stream().unwrap(), &mut streamed).unwrap();
            assert!(streamed == pattern(size));
        }
        assert_eq!(pst.node(NODE).unwrap().unwrap().subnodes().count(), 8);
    }
}

/// Only the low byte of a Boolean counts, and only the low half of an Int16: the rest may be garbage.
#[test]
fn garbage_beside_small_values() {
    let mut store = StoreBuilder::new(FORMATS[1]);
    let (data, subnodes) =
        Props::from_iter([Prop::boolean(0x4000, true), Prop::boolean(0x4001, false), Prop::i16(0x4002, 0)])
            .write(&mut store, Vec::new());
    store.node(NODE, data, subnodes, NO_NODE);
    let mut editor = Editor::new(store.finish_vec());
    editor.set_property(data, 0x4000, 0x006F_0001);
    editor.set_property(data, 0x4001, 0x006F_0100);
    editor.set_property(data, 0x4002, 0xDEAD_FFFE);
    let pst = open(editor.into_bytes());
    let context = properties(&pst, NODE);
    assert_eq!(context.value(0x4000).unwrap(), Some(Value::Boolean(true)));
    assert_eq!(context.value(0x4001).unwrap(), Some(Value::Boolean(false)));
    assert_eq!(context.value(0x4002).unwrap(), Some(Value::Integer16(-2)));
}

/// The clients nobody documented are heaps all the same.
#[test]
fn heaps_of_unknown_clients() {
    for client in [0xA5, 0xAC, 0x6C, 0x8C, 0x9C, 0xCC] {
        let mut heap = HeapBuilder::new(FORMATS[2]);
        let hid = heap.push(b"opaque");
        let mut store = StoreBuilder::new(FORMATS[2]);
        let data = store.data_from_blocks(heap.finish(client, hid));
        let nested = store.subnodes(vec![SubnodeEntry { nid: Nid::new(0x521), data, subnodes: Bid::NONE }]);
        store.node(NODE, data, nested, NO_NODE);
        let pst = open(store.finish_vec());
        let heap = Heap::open(&pst.node(NODE).unwrap().unwrap()).unwrap();
        assert_eq!(heap.client(), client);
        assert_eq!(&*heap.item(heap.root()).unwrap(), b"opaque");
    }
}
