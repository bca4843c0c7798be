//! H1 to H13, I1 and I2.

use std::io;

use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Format, Layout};
use pst_core::source::Source;
use pst_core::testkit::StoreBuilder;
use pst_core::verify::Rule::{self, *};
use pst_core::verify::Severity::{Cosmetic, Degraded, Fatal, Loss};
use pst_core::verify::{Verdict, VerifyOptions, verify_path, verify_source};

use crate::{FORMATS, PSTS, at, check, expect, expect_with, first, good, mailbox};

#[test]
fn h1_magic() {
    for format in FORMATS {
        for place in [0, 8] {
            let mut editor = good(format);
            editor.bytes_mut()[place] = b'X';
            let report = check(editor.clone().into_bytes());
            assert_eq!(report.verdict(), Verdict::Unusable);
            expect(editor, H1, Fatal);
        }
    }
}

#[test]
fn h2_version() {
    for version in [13u16, 37, 99] {
        let mut editor = good(Format::UNICODE);
        editor.bytes_mut()[10..12].copy_from_slice(&version.to_le_bytes());
        assert_eq!(at(expect(editor, H2, Fatal)), 10);
    }
}

#[test]
fn h3_partial_crc() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.bytes_mut()[4] ^= 1;
        assert_eq!(at(expect(editor, H3, Fatal)), 4);
    }
}

#[test]
fn h4_full_crc() {
    for format in [Format::UNICODE, Format::UNICODE_4K] {
        let mut editor = good(format);
        editor.bytes_mut()[524] ^= 1;
        assert_eq!(at(expect(editor, H4, Fatal)), 524);
    }
}

#[test]
fn h5_sentinel_and_coding() {
    for format in FORMATS {
        let sentinel = if format.is_ansi() { 460 } else { 512 };
        let mut editor = good(format);
        editor.edit_header(|header| header[sentinel] = 0);
        assert_eq!(at(expect(editor, H5, Degraded)), sentinel as u64);
        let mut editor = good(format);
        editor.edit_header(|header| header[sentinel + 1] = 9);
        assert_eq!(at(expect(editor, H5, Fatal)), sentinel as u64 + 1);
    }
}

#[test]
fn h6_file_size() {
    for format in FORMATS {
        let place = if format.is_ansi() { 168 } else { 184 };
        // Cut short, as by a copy that was not finished.
        let mut editor = good(format);
        editor.with_header(|header| header.root.file_size += 512);
        assert_eq!(at(expect(editor, H6, Loss)), place);
        // Something was appended.
        let mut editor = good(format);
        editor.bytes_mut().extend([0; 4096]);
        assert_eq!(at(expect(editor, H6, Degraded)), place);
        // The last section is not whole.
        let mut editor = good(format);
        let length = editor.bytes_mut().len() - 4096;
        editor.bytes_mut().truncate(length);
        editor.with_header(|header| header.root.file_size = length as u64);
        let place = if format.is_ansi() {
            // Bits behind the end should be set then.
            expect_with(editor, H6, Cosmetic, &[M2])
        } else {
            expect(editor, H6, Degraded)
        };
        assert_eq!(place.field, Some("ibFileEof"));
    }
}

/// Outlook of its time could write past it and not open it again; copies of such files are often cut there.
#[test]
fn h14_past_two_gigabytes() {
    let mut editor = good(Format::ANSI);
    editor.with_header(|header| header.root.file_size = 0x8000_0000);
    let location = expect_with(editor, H14, Degraded, &[H6]);
    assert_eq!((at(location), location.field), (168, Some("ibFileEof")));
    let mut editor = good(Format::ANSI);
    editor.with_header(|header| header.root.file_size = 0x7FFF_FFFF);
    expect(editor, H6, Loss);
    // Other layouts have 64 bits.
    let mut editor = good(Format::UNICODE);
    editor.with_header(|header| header.root.file_size = 0x8000_0000);
    expect(editor, H6, Loss);
}

#[test]
fn h7_last_map() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| header.root.last_amap += 512);
        assert_eq!(at(expect(editor, H7, Degraded)), if format.is_ansi() { 172 } else { 192 });
    }
}

/// A root at an impossible place: nothing else of the tree can be said, but that its nodes are missing.
#[test]
fn h8_roots() {
    for format in FORMATS {
        for place in [1, 1 << 31, format.first_amap(), 0] {
            let mut editor = good(format);
            editor.with_header(|header| header.root.node_tree.offset = place);
            let report = check(editor.into_bytes());
            assert_eq!(first(&report, H8).location.offset, Some(place));
            assert_eq!(report.verdict(), Verdict::Unusable);
            let others: Vec<Rule> = report.counts().map(|(rule, ..)| rule).collect();
            assert!(others.iter().all(|rule| [H8, P1, P2, P3, P4, P5, M2, N1].contains(rule)), "{others:?}");
        }
    }
}

#[test]
fn h9_not_closed() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| header.root.amap_valid = 0);
        assert_eq!(at(expect(editor, H9, Degraded)), if format.is_ansi() { 200 } else { 248 });
    }
}

#[test]
fn h10_next_ids() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| header.next_block -= 4);
        assert_eq!(expect(editor, H10, Loss).field, Some("bidNextB"));
        let mut editor = good(format);
        editor.with_header(|header| header.next_page -= 1);
        assert_eq!(expect(editor, H10, Loss).field, Some("bidNextP"));
    }
}

/// Subnodes take their ids from the same counters.
#[test]
fn h11_node_counters() {
    for format in PSTS {
        for kind in [2, 4, 5, 0x1F] {
            let mut editor = good(format);
            editor.with_header(|header| header.node_counters[kind] -= 1);
            let first = if format.is_ansi() { 36 } else { 44 };
            assert_eq!(at(expect(editor, H11, Degraded)), first + 4 * kind as u64);
        }
    }
    let mut editor = good(Format::UNICODE_4K);
    editor.with_header(|header| header.node_counters[4] -= 1);
    expect(editor, H11, Cosmetic);
}

#[test]
fn h12_row_versions() {
    for format in PSTS {
        let mut editor = good(format);
        editor.with_header(|header| header.unique = 3);
        assert_eq!(at(expect(editor, H12, Degraded)), if format.is_ansi() { 32 } else { 40 });
    }
}

#[test]
fn h13_old_free_maps() {
    for format in FORMATS {
        let place = if format.is_ansi() { 204 } else { 256 } + 7;
        let mut editor = good(format);
        editor.edit_header(|header| header[place] = 0);
        if format.layout() == Layout::Unicode4k {
            assert_eq!(check(editor.into_bytes()).worst(), None);
        } else {
            assert_eq!(at(expect(editor, H13, Cosmetic)), place as u64);
        }
    }
}

/// A file on a disk with one bad sector.
struct BadSector {
    bytes: Vec<u8>,
    bad: u64,
}

impl Source for BadSector {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> pst_core::Result<()> {
        if (offset..offset + buffer.len() as u64).contains(&self.bad) {
            return Err(pst_core::Error::io(io::Error::other("bad sector")));
        }
        let start = usize::try_from(offset).unwrap();
        buffer.copy_from_slice(&self.bytes[start..start + buffer.len()]);
        Ok(())
    }
}

#[test]
fn i1_unreadable() {
    for format in FORMATS {
        let editor = good(format);
        let bad = editor.leaf(PageType::NodeTree).at.offset;
        let source = BadSector { bytes: editor.into_bytes(), bad };
        let report = verify_source(Box::new(source), &VerifyOptions::default()).unwrap();
        assert_eq!(first(&report, I1).location.offset, Some(bad));
        assert_eq!(report.verdict(), Verdict::Damaged);
    }
}

/// A source without a slice is read the same way.
#[test]
fn positional_reads() {
    for format in FORMATS {
        let source = BadSector { bytes: good(format).into_bytes(), bad: u64::MAX };
        let report = verify_source(Box::new(source), &VerifyOptions::default()).unwrap();
        assert_eq!((report.verdict(), report.findings.len()), (Verdict::Sound, 0));
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let bytes = mailbox().write(StoreBuilder::new(Format::UNICODE).crypt(CryptMethod::Cyclic)).finish_vec();
    std::fs::write(file.path(), bytes).unwrap();
    assert_eq!(verify_path(file.path(), &VerifyOptions::default()).unwrap().verdict(), Verdict::Sound);
    assert!(verify_path("/nowhere/at/all.pst", &VerifyOptions::default()).is_err());
}
