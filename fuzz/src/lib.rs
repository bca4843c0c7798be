//! Fuzz bodies: plain functions that take any bytes and must neither panic, nor loop, nor allocate beyond the limits.
//!
//! | body | bytes are |
//! |---|---|
//! | [`header()`] | the start of a file |
//! | [`page()`] | the root pages of both B-trees of a file that is sound otherwise |
//! | [`block()`] | the data of an internal block |
//! | [`heap()`] | the data of a node: a heap, a BTH, a property context |
//! | [`table()`] | the data of a node: a table |
//! | [`rtf()`] | a compressed RTF body |
//! | [`address()`] | an address, a list of them, an entry id |
//! | [`journal()`] | the envelope of a journal report, a whole report |
//! | [`archive()`] | a ZIP archive with mail in it |
//! | [`mbox()`] | an mbox behind its first `From ` line |
//! | [`file()`] | a whole file, whose checksums need not hold |
//!
//! libFuzzer drives them from `fuzz_targets`; `tests/seeded.rs` replays mutations of good input in every test run.

mod input;
mod lean;
mod people;
pub mod seeds;
mod walk;

use std::io::Read;
use std::sync::OnceLock;

use pst_core::ltp::{Bth, Heap, PropertyContext, TableContext};
use pst_core::ndb::page::PageType;
use pst_core::ndb::{Format, Header, InternalBlock, Nid, NodeEntry, PageRef, Record, page};
use pst_core::rtf::lzfu;
use pst_core::testkit::edit::Editor;
use pst_core::{OpenOptions, Pst};

pub use input::{archive, mbox};
pub use people::{address, journal};

/// The layouts, by the first byte of an input.
const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

/// Takes the first byte as a choice of layout.
fn split(data: &[u8]) -> Option<(Format, &[u8])> {
    let (choice, rest) = data.split_first()?;
    FORMATS.get(usize::from(*choice).checked_rem(FORMATS.len())?).map(|format| (*format, rest))
}

/// Decodes a header, and what was decoded survives encoding.
pub fn header(data: &[u8]) {
    let _ = Header::decode(data, true);
    if let Ok(header) = Header::decode(data, false) {
        let again = Header::decode(&header.encode(), true);
        assert_eq!(again.ok(), Some(header));
    }
}

/// Walks B-trees whose root pages hold the input; the trailer is made right, so that the entries are reached.
pub fn page(data: &[u8]) {
    let Some((format, data)) = split(data) else { return };
    // The whole of a seed, without what only pads its last section.
    let mut editor = Editor::new(seeds::trimmed(format).to_vec());
    for kind in [PageType::NodeTree, PageType::BlockTree] {
        let root = editor.root(kind).at;
        editor.edit_page(root, |page| {
            let room = page.len().min(format.page_data_size());
            page.iter_mut().zip(data).take(room).for_each(|(to, from)| *to = *from);
        });
    }
    walk::everything(&OpenOptions::new().from_bytes(editor.into_bytes()));
    // The page alone, trailer included.
    let _ = page::verify(data, format, PageType::NodeTree, 1, 0x4600, true);
    let _ = NodeEntry::decode(data, format);
    let _ = PageRef::default();
}

/// Decodes an internal block, and what was decoded survives encoding.
pub fn block(data: &[u8]) {
    let Some((format, data)) = split(data) else { return };
    if let Ok(block) = InternalBlock::decode(data, format) {
        let again = InternalBlock::decode(&block.encode(format), format);
        assert_eq!(again.ok(), Some(block));
    }
}

/// A store whose node 0x21 has the input as data, in one block or, if it is longer, several.
fn store_with(format: Format, data: &[u8]) -> Option<Pst> {
    Pst::from_bytes(lean::store(format, Nid::MESSAGE_STORE, data)).ok()
}

/// Opens a node's data as heap, BTH and property context, and reads all of it.
pub fn heap(data: &[u8]) {
    let Some((format, data)) = split(data) else { return };
    let Some(pst) = store_with(format, data) else { return };
    let Ok(Some(node)) = pst.node(Nid::MESSAGE_STORE) else { return };
    if let Ok(heap) = Heap::open(&node) {
        for number in 0..heap.block_count() {
            let _ = heap.items(number);
        }
        if let Ok(bth) = Bth::open(&heap, heap.root()) {
            // A key that an unsorted tree lacks is looked for everywhere; a few look-ups will do.
            for record in bth.records(&heap).flatten().take(64) {
                let _ = bth.find(&heap, record.key_number());
            }
            let _ = bth.find(&heap, 0x0037);
        }
    }
    if let Ok(context) = PropertyContext::open(&node) {
        walk::properties(&context);
    }
}

/// Opens a node's data as a table and reads all of it.
pub fn table(data: &[u8]) {
    let Some((format, data)) = split(data) else { return };
    let Some(pst) = store_with(format, data) else { return };
    let Ok(Some(node)) = pst.node(Nid::MESSAGE_STORE) else { return };
    if let Ok(table) = TableContext::open(&node) {
        walk::table(&table);
    }
}

/// Decompresses an RTF body at once and as a stream; both must say the same.
pub fn rtf(data: &[u8]) {
    const LIMIT: u64 = 1 << 20;
    let at_once = lzfu::decompress(data, LIMIT);
    let mut stream = lzfu::Decompressor::new(data, LIMIT);
    let mut bytes = Vec::new();
    let streamed = stream.read_to_end(&mut bytes);
    match (at_once, streamed) {
        (Ok(at_once), Ok(_)) => assert!(at_once.bytes == bytes, "the stream differs"),
        (Err(_), Err(_)) => {}
        (at_once, streamed) => assert_eq!(at_once.is_ok(), streamed.is_ok(), "only one of both failed"),
    }
}

/// Opens a whole file and reads everything in it. Its CRCs may be wrong, so that mutations reach what lies behind them.
pub fn file(data: &[u8]) {
    walk::everything(&OpenOptions::new().check_crc(false).from_bytes(data.to_vec()));
}

/// A small sound store of each layout, built once.
fn cached(format: Format, build: impl FnOnce() -> Vec<u8>) -> &'static [u8] {
    static STORES: [OnceLock<Vec<u8>>; 3] = [OnceLock::new(), OnceLock::new(), OnceLock::new()];
    let place = FORMATS.iter().position(|known| *known == format).and_then(|at| STORES.get(at));
    place.map_or(&[], |place| place.get_or_init(build))
}
