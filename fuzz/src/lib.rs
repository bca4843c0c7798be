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
//! | [`rtf_text()`] | RTF, to be converted |
//! | [`tnef()`] | a TNEF stream |
//! | [`mail()`] | a mail |
//! | [`mbox()`] | a mailbox in one file |
//! | [`item()`] | a mail that becomes an item of a new file |
//! | [`to_mail()`] | a message that becomes a mail |
//! | [`address()`] | an address, a list of them, an entry id |
//! | [`journal()`] | the envelope of a journal report, a whole report |
//! | [`calendar()`] | a recurrence, a time zone, the id of a meeting, a calendar that was kept, or the members of a list |
//! | [`archive()`] | a ZIP archive with mail in it |
//! | [`input_mbox()`] | an mbox taken in, behind its first `From ` line |
//! | [`file()`] | a whole file, whose checksums need not hold |
//! | [`recover()`] | a whole file, from which is brought back what proves itself |
//!
//! libFuzzer drives them from `fuzz_targets`; `tests/seeded.rs` replays mutations of good input in every test run.

mod calendar;
mod input;
pub mod input_seeds;
mod lean;
mod mail;
pub mod mail_seeds;
mod people;
pub mod seeds;
mod to_mail;
mod walk;

use std::io::Read;
use std::ops::ControlFlow;
use std::sync::OnceLock;

use pst_core::ltp::{Bth, Heap, PropertyContext, TableContext};
use pst_core::ndb::page::PageType;
use pst_core::ndb::{Format, Header, InternalBlock, Nid, NodeEntry, PageRef, Record, page};
use pst_core::recover::{RecoverOptions, recover_source};
use pst_core::rtf::{Options, Rendered, lzfu};
use pst_core::source::MemorySource;
use pst_core::testkit::edit::Editor;
use pst_core::tnef::Tnef;
use pst_core::{OpenOptions, Pst};

pub use calendar::calendar;
pub use input::{archive, input_mbox};
pub use mail::{item, mail, mbox};
pub use people::{address, journal};
pub use to_mail::{to_mail, to_mails};

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

/// Converts RTF to HTML and to text, whole and from a source that gives a few bytes at a time; both must say the same.
pub fn rtf_text(data: &[u8]) {
    let options = Options::default();
    for convert in [convert_html, convert_text] {
        let (whole, found) = convert(Box::new(data), &options);
        assert!(found.is_some(), "neither a slice nor a vector fails");
        assert!(std::str::from_utf8(&whole).is_ok(), "the output is no UTF-8");
        // Nothing in RTF is a macro; what costs most is another font for every letter.
        assert!(whole.len() <= data.len().saturating_mul(128).saturating_add(4096), "the output grows without bound");
        let (pieces, found_again) = convert(Box::new(Pieces(data)), &options);
        assert!(whole == pieces && found == found_again, "pieces differ from the whole");
    }
}

fn convert_html(rtf: Box<dyn Read + '_>, options: &Options) -> (Vec<u8>, Option<Rendered>) {
    let mut out = Vec::new();
    let found = pst_core::rtf::to_html(rtf, &mut out, options).ok();
    (out, found)
}

fn convert_text(rtf: Box<dyn Read + '_>, options: &Options) -> (Vec<u8>, Option<Rendered>) {
    let mut out = Vec::new();
    let found = pst_core::rtf::to_text(rtf, &mut out, options).ok();
    (out, found)
}

/// Gives five bytes at a time.
struct Pieces<'a>(&'a [u8]);

impl Read for Pieces<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let room = out.len().min(5);
        self.0.read(out.get_mut(..room).unwrap_or_default())
    }
}

/// Reads a TNEF stream with all messages embedded in it.
pub fn tnef(data: &[u8]) {
    if let Ok(tnef) = Tnef::parse(data, &pst_core::tnef::Options::default()) {
        walk_tnef(&tnef, data);
    }
}

/// Asks for everything, and checks that what is lent lies in the stream.
fn walk_tnef(tnef: &Tnef<'_>, stream: &[u8]) {
    let lists = tnef.recipients.iter().chain([&tnef.properties]);
    for property in lists.chain(tnef.attachments.iter().map(|attachment| &attachment.properties)).flatten() {
        let _ = (property.text(), property.bytes().map(<[u8]>::len), format!("{:?}", property.value));
    }
    for finding in &tnef.findings {
        assert!(finding.offset <= stream.len(), "{finding}");
    }
    for attachment in &tnef.attachments {
        let _ = (attachment.file_name(), attachment.mime_type(), attachment.content_id(), attachment.method());
        if let Some(data) = attachment.data() {
            let (within, data) = (stream.as_ptr_range(), data.as_ptr_range());
            assert!(within.start <= data.start && data.end <= within.end, "data from elsewhere");
        }
        if let Some(inner) = &attachment.embedded {
            walk_tnef(inner, stream);
        }
    }
}

/// Brings back what can be brought back of a file, once as it is usual and once with all that was given up, and reads it.
pub fn recover(data: &[u8]) {
    for everything in [false, true] {
        let options = RecoverOptions::new().deleted(everything).fragments(everything).always_scan(everything);
        let source = Box::new(MemorySource::new(data.to_vec()));
        let Ok(recovery) = recover_source(source, &options, &mut |_| ControlFlow::Continue(())) else { continue };
        for item in recovery.items().flatten() {
            let _ = item.provenance.is_whole();
        }
        walk::everything(&Ok(recovery.pst));
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
