//! Malformed files by name: each test overwrites one field of a good file and names the error that follows.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod blocks;
mod files;
mod header;
mod heaps;
mod mail;
mod pages;
mod tables;

use std::sync::mpsc;
use std::time::Duration;

use pst_core::ltp::{EncodedValue, PropertyTag, PropertyType, TableBuilder};
use pst_core::ndb::{Bid, CryptMethod, Format, Nid, NidType, SubnodeEntry};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{Prop, Props, StoreBuilder, write_table};
use pst_core::{ErrorKind, FileTime, Guid, Pst, Result};

const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

/// A property context.
const CONTEXT: Nid = Nid::new(0x20_0024);
/// A table whose rows are in a subnode.
const TABLE: Nid = Nid::new(0x20_0044);
/// Seven data blocks below an XXBLOCK with XBLOCKs of three.
const DATA: Nid = Nid::new(0x20_0064);
/// Seven subnodes below an SIBLOCK with SLBLOCKs of three.
const SUBNODES: Nid = Nid::new(0x20_0084);
/// One data block.
const BLOCK: Nid = Nid::new(0x20_00A4);

const NO_NODE: Nid = Nid::new(0);
const NUMBER: PropertyTag = PropertyTag::new(0x4000_0003);
const TEXT: PropertyTag = PropertyTag::new(0x3001_001F);

fn subnode_id(number: u32) -> Nid {
    Nid::from_parts(NidType::LTP, 0x800 + number)
}

/// A good file with one of everything, its B-trees several levels high.
fn good(format: Format) -> Editor {
    let mut store = StoreBuilder::new(format)
        .crypt(CryptMethod::None)
        .entries_per_page(3)
        .children_per_block(3)
        .subnodes_per_block(3);
    let parts = [vec![1, 2], vec![3], vec![4, 5, 6]];
    let numbers: Vec<Vec<u8>> = (1..4u32).map(|number| number.to_le_bytes().to_vec()).collect();
    let props = Props::from_iter([
        Prop::i32(0x4000, 7),
        Prop::unicode(0x4001, "text"),
        Prop::binary(0x4002, vec![9; 40]),
        Prop::time(0x4003, FileTime::new(5)),
        Prop::guid(0x4004, Guid::PS_MAPI),
        Prop::multiple(0x4005, PropertyType::MULTIPLE_BINARY, &parts),
        Prop::multiple(0x4006, PropertyType::MULTIPLE_INTEGER32, &numbers),
        Prop::object(0x4007, subnode_id(99), 1),
        Prop::binary(0x4008, vec![8; 10_000]),
    ]);
    let (data, subnodes) = props.write(&mut store, Vec::new());
    store.node(CONTEXT, data, subnodes, NO_NODE);

    let mut rows = TableBuilder::new(format, &[NUMBER, TEXT]);
    for number in 0..100 {
        let text = format!("row {number}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        rows.push(number + 10, &[(NUMBER, EncodedValue::Inline(number)), (TEXT, EncodedValue::Item(text))]);
    }
    let (data, subnodes) = write_table(&mut store, rows, Vec::new());
    store.node(TABLE, data, subnodes, NO_NODE);

    let data = store.data_from_blocks((0..7u8).map(|number| vec![number; 50]));
    store.node(DATA, data, Bid::NONE, NO_NODE);

    let entries = (0..7).map(|number| SubnodeEntry {
        nid: subnode_id(number),
        data: store.block(&number.to_le_bytes()),
        subnodes: Bid::NONE,
    });
    let entries: Vec<_> = entries.collect();
    let subnodes = store.subnodes(entries);
    store.node(SUBNODES, Bid::NONE, subnodes, NO_NODE);

    let data = store.block(&[0x42; 100]);
    store.node(BLOCK, data, Bid::NONE, NO_NODE);
    let editor = Editor::new(store.finish_vec());
    let pst = Pst::from_bytes(editor.clone().into_bytes()).unwrap();
    read_everything(&pst).unwrap();
    editor
}

/// Every node, block, property, row and subnode of [`good`]; the first error ends it.
fn read_everything(pst: &Pst) -> Result<()> {
    pst.nodes().try_for_each(|node| node.map(drop))?;
    pst.blocks().try_for_each(|block| block.map(drop))?;
    read_context(pst)?;
    read_table(pst)?;
    read_data(pst)?;
    read_subnodes(pst)?;
    read_block(pst)
}

fn node(pst: &Pst, nid: Nid) -> Result<pst_core::ndb::Node> {
    Ok(pst.node(nid)?.expect("the node"))
}

fn read_context(pst: &Pst) -> Result<()> {
    let context = pst_core::ltp::PropertyContext::open(&node(pst, CONTEXT)?)?;
    for property in context.iter() {
        let property = property?;
        property.value()?;
        property.stored_len()?;
    }
    Ok(())
}

fn read_table(pst: &Pst) -> Result<()> {
    let table = pst_core::ltp::TableContext::open(&node(pst, TABLE)?)?;
    for row in table.rows() {
        let row = row?;
        for cell in row.cells() {
            cell.value()?;
        }
    }
    Ok(())
}

fn read_data(pst: &Pst) -> Result<()> {
    let data = node(pst, DATA)?.data()?;
    assert_eq!(data.bytes()?.len(), 350);
    Ok(())
}

fn read_subnodes(pst: &Pst) -> Result<()> {
    let node = node(pst, SUBNODES)?;
    for subnode in node.subnodes() {
        assert_eq!(subnode?.data()?.bytes()?.len(), 4);
    }
    assert!(node.subnode(subnode_id(6))?.is_some());
    Ok(())
}

fn read_block(pst: &Pst) -> Result<()> {
    assert_eq!(node(pst, BLOCK)?.data()?.bytes()?.len(), 100);
    Ok(())
}

/// Runs `work` in a thread of its own and fails if it takes more than five seconds.
fn within_deadline<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(Duration::from_secs(5)) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("no end after five seconds"),
        Err(mpsc::RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => panic!("the thread ended without a result"),
        },
    }
}

/// Opens `file` and reads it with `read`, which must fail in exactly this way.
#[track_caller]
fn expect(
    file: impl Into<Vec<u8>>,
    read: impl FnOnce(&Pst) -> Result<()> + Send + 'static,
    kind: ErrorKind,
    text: impl AsRef<str>,
) -> pst_core::Location {
    let file = file.into();
    let result = within_deadline(move || Pst::from_bytes(file).and_then(|pst| read(&pst)));
    let error = result.expect_err(text.as_ref());
    assert_eq!(error.to_string(), text.as_ref());
    assert_eq!(error.kind(), kind, "{error}");
    *error.location()
}

/// Opens `file` and reads it with `read`, which must not fail.
#[track_caller]
fn expect_good(file: impl Into<Vec<u8>>, read: impl FnOnce(&Pst) -> Result<()> + Send + 'static) {
    let file = file.into();
    within_deadline(move || Pst::from_bytes(file).and_then(|pst| read(&pst))).unwrap();
}
