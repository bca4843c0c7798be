//! No byte that a CRC covers, or that says where it is, can change without a finding.

use std::ops::Range;

use pst_core::Pst;
use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Format, Layout};
use pst_core::source::MemorySource;
use pst_core::testkit::StoreBuilder;
use pst_core::testkit::edit::Editor;
use pst_core::verify::{VerifyOptions, verify_source};

use crate::{FORMATS, mailbox};

/// All bytes that something guards: header, pages with their trailers, blocks with theirs, maps.
fn guarded(editor: &Editor) -> Vec<Range<usize>> {
    let format = editor.format();
    let place = |offset: u64| usize::try_from(offset).unwrap();
    let header = if format.is_ansi() { 0..479 } else { 0..528 };
    let mut ranges = vec![header];
    // What is behind the id in the trailer of a 4K page is unknown.
    let page = format.page_data_size() + 8 + format.id_size();
    for tree in [PageType::NodeTree, PageType::BlockTree] {
        ranges.extend(editor.pages(tree).iter().map(|found| place(found.at.offset)..place(found.at.offset) + page));
    }
    let pst = Pst::from_bytes(editor.clone().into_bytes()).unwrap();
    for map in pst.allocation_maps() {
        let at = place(map.unwrap().offset());
        ranges.push(at..at + page);
        if format.layout() != Layout::Unicode4k {
            ranges.push(at + 512..at + 512 + page);
        }
    }
    for block in pst.blocks() {
        let block = block.unwrap();
        let at = place(block.offset);
        ranges.push(at..at + usize::from(block.stored_size));
        let end = at + format.block_size_on_disk(usize::from(block.stored_size));
        let trailer = end - format.block_trailer_size();
        ranges.push(trailer..trailer + 8 + format.id_size());
    }
    ranges
}

fn is_noticed(file: &[u8]) -> bool {
    let source = Box::new(MemorySource::new(file.to_vec()));
    let report = verify_source(source, &VerifyOptions::new().contents(false).max_findings(1)).unwrap();
    !report.findings.is_empty()
}

fn flip(format: Format, step: usize) {
    let file = mailbox().write(StoreBuilder::new(format).crypt(CryptMethod::Permute).entries_per_page(7)).finish_vec();
    // What follows the last block does not matter here, and copying it takes time.
    let editor = Editor::new(file);
    let ranges = guarded(&editor);
    let mut file = editor.into_bytes();
    assert!(!is_noticed(&file));
    for (number, at) in ranges.into_iter().flatten().step_by(step).enumerate() {
        let bit = 1 << (number % 8);
        file[at] ^= bit;
        assert!(is_noticed(&file), "{format}: bit {bit:#04x} of byte {at:#x}");
        file[at] ^= bit;
    }
}

#[test]
fn every_guarded_byte() {
    for format in FORMATS {
        // A 4K file has 16 MB, of which little is in use.
        flip(format, if format == Format::UNICODE_4K { 1009 } else { 53 });
    }
}

/// Every byte of what is smallest and matters most: the header.
#[test]
fn every_byte_of_the_header() {
    for format in [Format::ANSI, Format::UNICODE] {
        let mut file = mailbox().write(StoreBuilder::new(format)).finish_vec();
        for at in 0..if format.is_ansi() { 479 } else { 528 } {
            file[at] ^= 0x10;
            assert!(is_noticed(&file), "{format}: byte {at}");
            file[at] ^= 0x10;
        }
    }
}
