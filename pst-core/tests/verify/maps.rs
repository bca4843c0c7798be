//! M1 to M8: allocation maps and the other maps.

use std::io::{Read, Seek, SeekFrom, Write};

use pst_core::ndb::page::{PageType, seal};
use pst_core::ndb::{Format, PageRef};
use pst_core::testkit::StoreBuilder;
use pst_core::testkit::edit::Editor;
use pst_core::verify::Rule::*;
use pst_core::verify::Severity::{Cosmetic, Degraded, Loss};
use pst_core::verify::{VerifyOptions, verify_path};

use crate::{FORMATS, PSTS, at, expect, expect_with, good, mailbox};

fn amap(format: Format) -> PageRef {
    PageRef { id: format.first_amap(), offset: format.first_amap() }
}

/// The first bit of a byte of the map: its place in the page, and the place in the file it stands for.
fn byte_of(format: Format, place: u64) -> usize {
    let bit = (place - format.first_amap()) / format.block_align();
    format.amap_bits_offset() + usize::try_from(bit / 8).unwrap()
}

fn place_of(format: Format, byte: usize) -> u64 {
    format.first_amap() + (byte - format.amap_bits_offset()) as u64 * 8 * format.block_align()
}

#[test]
fn m1_absent() {
    for format in FORMATS {
        let mut editor = good(format);
        let place = usize::try_from(format.first_amap()).unwrap() + format.page_data_size();
        editor.bytes_mut()[place] = 0x83;
        assert_eq!(at(expect(editor, M1, Loss)), format.first_amap());
    }
}

#[test]
fn m1_not_its_own() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_page(amap(format), |page| page[format.amap_bits_offset()] = 0);
        expect_with(editor, M1, Loss, &[M2, M3]);
    }
}

#[test]
fn m2_in_use_and_free() {
    for format in FORMATS {
        // The file ends with free space.
        let last = format.amap_bits_offset() + format.amap_bits_size() - 1;
        let unit = format.block_align();
        let mut editor = good(format);
        editor.edit_page(amap(format), |page| page[last] = 0x80);
        editor.with_header(|header| header.root.amap_free -= unit);
        assert_eq!(at(expect(editor, M2, Degraded)), place_of(format, last));
        // The first block is in use.
        let mut editor = good(format);
        let byte = byte_of(format, editor.root(PageType::NodeTree).at.offset);
        let mut freed = 0;
        editor.edit_page(amap(format), |page| {
            freed = u64::from(page[byte].count_ones());
            page[byte] = 0;
        });
        editor.with_header(|header| header.root.amap_free += freed * unit);
        let location = expect(editor, M2, Loss);
        let from = place_of(format, byte);
        assert!((from..from + 8 * unit).contains(&at(location)));
    }
}

#[test]
fn m3_free_bytes() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| header.root.amap_free += 64);
        assert_eq!(at(expect(editor, M3, Degraded)), if format.is_ansi() { 176 } else { 200 });
    }
    for format in PSTS {
        let mut editor = good(format);
        editor.with_header(|header| header.root.pmap_free += 512);
        assert_eq!(at(expect(editor, M3, Cosmetic)), if format.is_ansi() { 180 } else { 208 });
    }
}

/// Outlook 2003 keeps free pages in the page map: in use in the allocation map, free in the page map.
#[test]
fn m2_pages_held_back() {
    for format in PSTS {
        let mut editor = good(format);
        let length = editor.bytes_mut().len() as u64;
        let page = length - 512;
        let bit = usize::try_from((page - format.first_amap()) / 512).unwrap();
        let byte = byte_of(format, page);
        editor.edit_page(amap(format), |page| page[byte] = 0xFF);
        let pmap = PageRef { id: 0x4600, offset: 0x4600 };
        let first = if format.is_ansi() { 4 } else { 0 };
        editor.edit_page(pmap, |page| page[first + bit / 8] &= !(0x80 >> (bit % 8)));
        editor.with_header(|header| {
            header.root.amap_free -= 512;
            header.root.pmap_free = 512;
        });
        assert_eq!(crate::check(editor.into_bytes()).findings, []);
    }
}

#[test]
fn m4_page_map() {
    for format in PSTS {
        let mut editor = good(format);
        editor.bytes_mut()[0x4600 + format.page_data_size()] = 0;
        assert_eq!(at(expect(editor, M4, Degraded)), 0x4600);
    }
}

#[test]
fn m4_page_in_use() {
    for format in PSTS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree).at.offset;
        let bit = usize::try_from((root - format.first_amap()) / 512).unwrap();
        let first = if format.is_ansi() { 4 } else { 0 };
        let pmap = PageRef { id: 0x4600, offset: 0x4600 };
        editor.edit_page(pmap, |page| page[first + bit / 8] &= !(0x80 >> (bit % 8)));
        editor.with_header(|header| header.root.pmap_free = 512);
        assert_eq!(at(expect(editor, M4, Loss)), root);
    }
}

/// scanpst says that it "should have 255".
#[test]
fn m5_content() {
    const PLACE: u64 = 0x1F0_4800;
    for format in PSTS {
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format).start(PLACE)).finish_vec());
        editor.edit_page(PageRef { id: PLACE, offset: PLACE }, |page| page[100] = 7);
        assert_eq!(at(expect(editor.clone(), M5, Degraded)), PLACE);
        editor.edit_header(|header| header[300] = 7);
        expect(editor, H13, Cosmetic);
    }
}

/// The first free map is in section 128.
#[test]
fn m5_free_map() {
    const PLACE: usize = 0x1F0_4800;
    for format in PSTS {
        let file = mailbox().write(StoreBuilder::new(format).start(PLACE as u64)).finish_vec();
        let mut editor = Editor::new(file);
        editor.bytes_mut()[PLACE + format.page_data_size()] = 0;
        assert_eq!(at(expect(editor, M5, Degraded)), PLACE as u64);
    }
}

/// The first free page map is in section 8192, at +0x400 as there is no free map in it.
#[test]
fn m6_free_page_map() {
    const PLACE: u64 = 0x7C00_4800;
    let file = tempfile::NamedTempFile::new().unwrap();
    let sink = std::io::BufWriter::new(file.reopen().unwrap());
    drop(mailbox().write(StoreBuilder::with_sink(Format::UNICODE, sink).start(PLACE)).finish());
    let mut sink = file.reopen().unwrap();
    let mut ptype = [0];
    sink.seek(SeekFrom::Start(PLACE + 496)).unwrap();
    sink.read_exact(&mut ptype).unwrap();
    assert_eq!(ptype, [0x85]);
    sink.seek(SeekFrom::Start(PLACE + 496)).unwrap();
    sink.write_all(&[0x82]).unwrap();
    let report = verify_path(file.path(), &VerifyOptions::default()).unwrap();
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!((finding.rule, finding.severity, finding.location.offset), (M6, Degraded, Some(PLACE)));
}

#[test]
fn m7_trailers() {
    for format in FORMATS {
        let at_crc = if format.is_ansi() { 8 } else { 4 };
        let at_id = if format.is_ansi() { 4 } else { 8 };
        for field in [1, 2, at_crc, at_id] {
            let mut editor = good(format);
            let place = format.first_amap() + (format.page_data_size() + field) as u64;
            editor.bytes_mut()[usize::try_from(place).unwrap()] ^= 1;
            assert_eq!(at(expect(editor, M7, Degraded)), place);
        }
    }
}

fn with_density_list(format: Format, entries: &[u32]) -> Editor {
    let mut editor = good(format);
    let offset: usize = if format == Format::UNICODE_4K { 0x2_1000 } else { 0x4200 };
    let id = editor.header().next_page;
    let page = &mut editor.bytes_mut()[offset..offset + format.page_size()];
    page[0] = 1;
    page[1] = u8::try_from(entries.len()).unwrap();
    for (index, entry) in entries.iter().enumerate() {
        page[8 + 4 * index..12 + 4 * index].copy_from_slice(&entry.to_le_bytes());
    }
    seal(page, format, PageType::DensityList, id, offset as u64);
    editor
}

#[test]
fn m8_density_list() {
    for format in FORMATS {
        assert_eq!(crate::check(with_density_list(format, &[100 << 20]).into_bytes()).findings, []);
        for entries in [&[5 | 100 << 20][..], &[1 << 20, 2 << 20]] {
            expect(with_density_list(format, entries), M8, Cosmetic);
        }
        // One with a wrong CRC is none.
        let mut editor = with_density_list(format, &[5]);
        let offset: usize = if format == Format::UNICODE_4K { 0x2_1000 } else { 0x4200 };
        editor.bytes_mut()[offset + 100] ^= 1;
        assert_eq!(crate::check(editor.into_bytes()).findings, []);
    }
}
