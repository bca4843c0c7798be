//! HEADER and ROOT.

use pst_core::ErrorKind::{Checksum, Corrupt, NotPst, Unsupported};
use pst_core::ndb::Format;
use pst_core::{OpenOptions, Pst};

use crate::{FORMATS, TABLE, expect, good, node, read_block, read_everything, within_deadline};

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(*bytes[at..].first_chunk().unwrap())
}

#[test]
fn magic() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.bytes_mut()[0] = b'?';
        expect(editor.into_bytes(), read_everything, NotPst, "not a PST file: it does not start with !BDN");
    }
}

#[test]
fn client() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_header(|header| header[8] = b'X');
        let second = editor.bytes_mut()[9];
        let text = format!("unsupported HEADER at 0x8: wMagicClient is 0x{second:02x}58, expected SM, SO or AB");
        expect(editor.into_bytes(), read_everything, Unsupported, text);
    }
}

#[test]
fn version() {
    for format in FORMATS {
        for version in [0u16, 13, 16, 19, 38, 0xFFFF] {
            let mut editor = good(format);
            editor.edit_header(|header| header[10..12].copy_from_slice(&version.to_le_bytes()));
            let text = format!("unsupported HEADER at 0xa: wVer is {version}, expected 14, 15, 20 to 36");
            expect(editor.into_bytes(), read_everything, Unsupported, text);
        }
    }
}

#[test]
fn crypt_method() {
    for (format, at) in [(Format::ANSI, 461), (Format::UNICODE, 513), (Format::UNICODE_4K, 513)] {
        let mut editor = good(format);
        editor.edit_header(|header| header[at] = 3);
        let text = format!(
            "unsupported HEADER at {at:#x}: bCryptMethod is 0x03, expected 0 (none), 1 (permute) or 2 (cyclic)"
        );
        expect(editor.into_bytes(), read_everything, Unsupported, text);
    }
}

#[test]
fn partial_crc() {
    for format in FORMATS {
        let mut editor = good(format);
        let bytes = editor.bytes_mut();
        let right = word(bytes, 4);
        bytes[4] ^= 1;
        let text = format!("damaged HEADER at 0x4: dwCRCPartial is {:#010x}, expected {right:#010x}", right ^ 1);
        expect(editor.clone().into_bytes(), read_everything, Checksum, text);
        // Whoever wants to can look at it all the same.
        let file = editor.into_bytes();
        let pst = OpenOptions::new().check_crc(false).from_bytes(file).unwrap();
        read_everything(&pst).unwrap();
    }
}

#[test]
fn full_crc() {
    for format in [Format::UNICODE, Format::UNICODE_4K] {
        let mut editor = good(format);
        let bytes = editor.bytes_mut();
        let right = word(bytes, 524);
        bytes[527] ^= 0x80;
        let wrong = right ^ 0x8000_0000;
        let text = format!("damaged HEADER at 0x20c: dwCRCFull is {wrong:#010x}, expected {right:#010x}");
        expect(editor.into_bytes(), read_everything, Checksum, text);
    }
}

#[test]
fn cut_short() {
    for format in FORMATS {
        let file = good(format).into_bytes();
        let size = format.header_size();
        for (length, need) in [(4, 564), (9, 564), (11, 564), (12, size), (300, size), (size - 1, size)] {
            let text = format!("corrupt HEADER at 0x0: length is {length} bytes, expected at least {need}");
            expect(&file[..length], read_everything, Corrupt, text);
        }
    }
}

#[test]
fn root_of_the_node_tree_is_not_aligned() {
    for format in FORMATS {
        let mut editor = good(format);
        let place = editor.header().root.node_tree.offset + 64;
        editor.with_header(|header| header.root.node_tree.offset = place);
        let text = format!(
            "corrupt BTPAGE at {place:#x}: ib is {place:#x}, expected a multiple of {} (node 0x200044)",
            format.page_size()
        );
        let location = expect(editor.into_bytes(), |pst| node(pst, TABLE).map(drop), Corrupt, text);
        assert_eq!((location.offset, location.node, location.field), (Some(place), Some(TABLE), Some("ib")));
    }
}

#[test]
fn root_of_the_node_tree_is_beyond_the_end() {
    for format in FORMATS {
        let mut editor = good(format);
        let end = editor.bytes_mut().len() as u64;
        let place = end.next_multiple_of(format.page_size() as u64);
        editor.with_header(|header| header.root.node_tree.offset = place);
        let text = format!(
            "corrupt BTPAGE at {place:#x}: end is {:#x}, expected at most {end:#x}, the end of the file (node 0x200044)",
            place + format.page_size() as u64
        );
        expect(editor.into_bytes(), |pst| node(pst, TABLE).map(drop), Corrupt, text);
    }
}

#[test]
fn root_of_the_node_tree_is_at_the_end_of_the_world() {
    for format in [Format::UNICODE, Format::UNICODE_4K] {
        let mut editor = good(format);
        let end = editor.bytes_mut().len();
        let place = (u64::MAX / 4096) * 4096;
        editor.with_header(|header| header.root.node_tree.offset = place);
        let actual = if format == Format::UNICODE { format!("{:#x}", place + 512) } else { "beyond 2^64".to_owned() };
        let text =
            format!("corrupt BTPAGE at {place:#x}: end is {actual}, expected at most {end:#x}, the end of the file");
        expect(editor.into_bytes(), |pst| pst.nodes().next().unwrap().map(drop), Corrupt, text);
    }
}

#[test]
fn root_of_the_block_tree_is_not_aligned() {
    for format in FORMATS {
        let mut editor = good(format);
        let block = editor.node(crate::BLOCK).data;
        let place = editor.header().root.block_tree.offset + 1;
        editor.with_header(|header| header.root.block_tree.offset = place);
        let text = format!(
            "corrupt BTPAGE at {place:#x}: ib is {place:#x}, expected a multiple of {} (block {block}, node 0x2000a4)",
            format.page_size()
        );
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

#[test]
fn root_of_the_block_tree_is_beyond_the_end() {
    for format in FORMATS {
        let mut editor = good(format);
        let block = editor.node(crate::BLOCK).data;
        let place = editor.bytes_mut().len() as u64 & !0xFFF;
        let place = if format == Format::UNICODE_4K { place } else { place + 0x1000 };
        let end = editor.bytes_mut().len();
        editor.with_header(|header| header.root.block_tree.offset = place);
        let text = format!(
            "corrupt BTPAGE at {place:#x}: end is {:#x}, expected at most {end:#x}, the end of the file \
             (block {block}, node 0x2000a4)",
            place + format.page_size() as u64
        );
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

/// Each root in place of the other.
#[test]
fn roots_are_exchanged() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| {
            std::mem::swap(&mut header.root.node_tree, &mut header.root.block_tree);
        });
        let place = editor.header().root.node_tree.offset + format.page_data_size() as u64;
        let text = format!("corrupt PAGETRAILER at {place:#x}: ptype is 0x80, expected 0x81 (BTPAGE) (node 0x200044)");
        expect(editor.into_bytes(), |pst| node(pst, TABLE).map(drop), Corrupt, text);
    }
}

/// What a reader does not need may be wrong.
#[test]
fn counters_and_sizes_are_not_needed() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.with_header(|header| {
            header.root.file_size = 1;
            header.root.last_amap = 3;
            header.root.amap_free = u64::MAX >> 32;
            header.root.amap_valid = 0;
            header.next_block = 0;
            header.next_page = 0;
            header.node_counters = [0; 32];
        });
        let file = editor.into_bytes();
        within_deadline(move || read_everything(&Pst::from_bytes(file).unwrap())).unwrap();
    }
}
