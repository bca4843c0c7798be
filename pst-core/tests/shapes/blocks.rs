//! Data trees and subnode trees.

use std::io::{Read, Seek, SeekFrom};

use pst_core::ndb::{Bid, Format, InternalBlock, Nid, NidType, SubnodeEntry};
use pst_core::testkit::StoreBuilder;
use pst_core::testkit::edit::Editor;

use crate::{FORMATS, NO_NODE, NODE, open, pattern};

/// Writes one node with this data, checks what holds it together, and reads it every way.
fn check_data(store: StoreBuilder, blocks: Vec<Vec<u8>>, level: u8) {
    let (format, all) = (store.format(), blocks.concat());
    let count = blocks.len();
    let mut store = store;
    let data = store.data_from_blocks(blocks);
    store.node(NODE, data, Bid::NONE, NO_NODE);
    let file = store.finish_vec();
    match level {
        0 => assert!(!data.is_internal()),
        _ => match InternalBlock::decode(&Editor::new(file.clone()).block(data), format).unwrap() {
            InternalBlock::DataTree { level: found, total, .. } => {
                assert_eq!((found, u64::from(total)), (level, all.len() as u64));
            }
            other => panic!("{other:?}"),
        },
    }
    let pst = open(file);
    let node = pst.node(NODE).unwrap().unwrap();
    let tree = node.data().unwrap();
    assert_eq!(tree.len(), all.len() as u64);
    assert_eq!(tree.block_count(), count);
    assert!(*tree.bytes().unwrap() == *all);
    let mut stream = tree.into_stream();
    let mut read = Vec::new();
    stream.read_to_end(&mut read).unwrap();
    assert!(read == all);
    let mut some = [0; 100];
    for at in (0..all.len() - 100).step_by(all.len() / 17) {
        stream.seek(SeekFrom::Start(at as u64)).unwrap();
        stream.read_exact(&mut some).unwrap();
        assert_eq!(some, all[at..at + 100], "at {at}");
    }
    stream.seek(SeekFrom::End(0)).unwrap();
    assert_eq!(stream.read(&mut some).unwrap(), 0);
}

fn full(format: Format, bytes: usize) -> Vec<Vec<u8>> {
    pattern(bytes).chunks(format.max_block_data()).map(<[u8]>::to_vec).collect()
}

#[test]
fn one_block() {
    for format in FORMATS {
        check_data(StoreBuilder::new(format), full(format, format.max_block_data()), 0);
    }
}

#[test]
fn xblock() {
    for format in FORMATS {
        check_data(StoreBuilder::new(format), full(format, format.max_block_data() + 1), 1);
        check_data(StoreBuilder::new(format), full(format, 10 * format.max_block_data()), 1);
    }
}

/// One leaf more than an XBLOCK has room for: 1,022 in Unicode, 2,044 in ANSI.
#[test]
fn xxblock_of_full_blocks() {
    for format in [Format::ANSI, Format::UNICODE] {
        let leaves = format.max_data_tree_children() + 1;
        let store = StoreBuilder::new(format);
        check_data(store, full(format, leaves * format.max_block_data() - 1000), 2);
    }
    let store = StoreBuilder::new(Format::UNICODE_4K).children_per_block(3);
    check_data(store, full(Format::UNICODE_4K, 10 * 65_512 + 5), 2);
}

/// 8,189 leaves in a 4K file, none of them full, so that every place has to be looked up.
#[test]
fn xxblock_of_small_blocks() {
    for format in FORMATS {
        let leaves = format.max_data_tree_children() + 1;
        let blocks = pattern(leaves * 7).chunks(7).map(<[u8]>::to_vec).collect();
        check_data(StoreBuilder::new(format), blocks, 2);
    }
}

#[test]
fn blocks_of_every_size() {
    for format in FORMATS {
        let mut rest = pattern(5000);
        let mut blocks = Vec::new();
        for size in 1..99 {
            blocks.push(rest.split_off(rest.len() - size));
        }
        check_data(StoreBuilder::new(format), blocks, 1);
    }
}

fn check_subnodes(mut store: StoreBuilder, count: u32) {
    let nid = |number| Nid::from_parts(NidType::LTP, 0x400 + 3 * number);
    let entries: Vec<SubnodeEntry> = (0..count)
        .map(|number| SubnodeEntry { nid: nid(number), data: store.block(&number.to_le_bytes()), subnodes: Bid::NONE })
        .collect();
    let format = store.format();
    let subnodes = store.subnodes(entries);
    store.node(NODE, Bid::NONE, subnodes, NO_NODE);
    let file = store.finish_vec();
    let root = InternalBlock::decode(&Editor::new(file.clone()).block(subnodes), format).unwrap();
    assert!(matches!(root, InternalBlock::SubnodeIndex(_)), "{format}");
    let pst = open(file);
    let node = pst.node(NODE).unwrap().unwrap();
    let mut listed = 0;
    for (number, subnode) in (0..).zip(node.subnodes()) {
        let subnode = subnode.unwrap();
        assert_eq!(subnode.id(), nid(number));
        assert_eq!(&*subnode.data().unwrap().bytes().unwrap(), number.to_le_bytes());
        listed += 1;
    }
    assert_eq!(listed, count);
    for number in (0..count).step_by(37).chain([count - 1]) {
        let subnode = node.subnode(nid(number)).unwrap().expect("the subnode");
        assert_eq!(&*subnode.data().unwrap().bytes().unwrap(), number.to_le_bytes());
    }
    for absent in [Nid::new(0), Nid::new(nid(5).raw() + 0x20), Nid::new(u32::MAX)] {
        assert!(node.subnode(absent).unwrap().is_none());
    }
}

/// One subnode more than an SLBLOCK has room for: 340 in Unicode, 681 in ANSI, 2,729 in 4K files.
#[test]
fn siblock() {
    for (format, most) in [(Format::ANSI, 681), (Format::UNICODE, 340), (Format::UNICODE_4K, 2729)] {
        check_subnodes(StoreBuilder::new(format), most + 1);
    }
}

#[test]
fn siblock_over_many_slblocks() {
    for format in FORMATS {
        check_subnodes(StoreBuilder::new(format).subnodes_per_block(7), 1000);
    }
}

#[test]
fn subnodes_in_subnodes() {
    let mut store = StoreBuilder::new(Format::UNICODE);
    let inner = Nid::from_parts(NidType::LTP, 1);
    let mut entry = SubnodeEntry { nid: inner, data: store.block(b"innermost"), subnodes: Bid::NONE };
    for _ in 0..20 {
        entry = SubnodeEntry { nid: inner, data: Bid::NONE, subnodes: store.subnodes(vec![entry]) };
    }
    let subnodes = store.subnodes(vec![entry]);
    store.node(NODE, Bid::NONE, subnodes, NO_NODE);
    let pst = open(store.finish_vec());
    let mut node = pst.node(NODE).unwrap().unwrap();
    for depth in 1..=21 {
        node = node.subnode(inner).unwrap().unwrap();
        assert_eq!((node.depth(), node.top_id()), (depth, NODE));
    }
    assert_eq!(&*node.data().unwrap().bytes().unwrap(), b"innermost");
}

/// Bit 0 of a block id is no part of it.
#[test]
fn the_reserved_bit_of_a_block_id() {
    let mut store = StoreBuilder::new(Format::UNICODE);
    let data = store.block(b"found");
    store.node(NODE, Bid::new(data.raw() | 1), Bid::NONE, NO_NODE);
    let pst = open(store.finish_vec());
    let node = pst.node(NODE).unwrap().unwrap();
    assert_eq!(&*node.data().unwrap().bytes().unwrap(), b"found");
}
