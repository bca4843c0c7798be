//! BLOCKTRAILER, compressed blocks, XBLOCK, XXBLOCK, SLBLOCK and SIBLOCK.

use pst_core::ErrorKind::{Checksum, Corrupt, Limit, NotFound};
use pst_core::ndb::checksum::crc;
use pst_core::ndb::{Bid, Format, InternalBlock, SubnodeEntry};
use pst_core::testkit::StoreBuilder;
use pst_core::testkit::edit::Editor;
use pst_core::{Error, Limits, OpenOptions, Pst, Result};

use crate::{
    BLOCK, DATA, FORMATS, NO_NODE, SUBNODES, expect, expect_good, good, node, read_block, read_data, read_subnodes,
    subnode_id, within_deadline,
};

/// Overwrites a byte of the trailer of the one-block node.
fn with_trailer(format: Format, field: usize, change: impl Fn(u8) -> u8) -> (Editor, u64, Vec<u8>, Bid) {
    let mut editor = good(format);
    let bid = editor.node(BLOCK).data;
    let place = editor.trailer_offset(bid) + field as u64;
    let mut before = Vec::new();
    editor.edit_trailer(bid, |trailer| {
        before = trailer.to_vec();
        trailer[field] = change(trailer[field]);
    });
    (editor, place, before, bid)
}

#[test]
fn trailer_size() {
    for format in FORMATS {
        let (editor, place, _, bid) = with_trailer(format, 0, |_| 101);
        let text = format!("corrupt BLOCKTRAILER at {place:#x}: cb is 101, expected 100 (block {bid}, node 0x2000a4)");
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

#[test]
fn trailer_signature() {
    for format in FORMATS {
        let (editor, place, trailer, bid) = with_trailer(format, 2, |byte| byte ^ 0x10);
        let right = u16::from_le_bytes([trailer[2], trailer[3]]);
        let text = format!(
            "corrupt BLOCKTRAILER at {place:#x}: wSig is {:#06x}, expected {right:#06x} (block {bid}, node 0x2000a4)",
            right ^ 0x10
        );
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

#[test]
fn trailer_id() {
    for format in FORMATS {
        let field = if format.is_ansi() { 4 } else { 8 };
        let (editor, place, _, bid) = with_trailer(format, field, |byte| byte ^ 0x80);
        let text = format!(
            "corrupt BLOCKTRAILER at {place:#x}: bid is {:#x}, expected {bid} (block {bid}, node 0x2000a4)",
            bid.raw() ^ 0x80
        );
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

#[test]
fn trailer_crc() {
    for format in FORMATS {
        let field = if format.is_ansi() { 8 } else { 4 };
        let (editor, place, trailer, bid) = with_trailer(format, field, |byte| byte ^ 1);
        let right = u32::from_le_bytes(*trailer[field..].first_chunk().unwrap());
        let text = format!(
            "damaged BLOCKTRAILER at {place:#x}: dwCRC is {:#010x}, expected {right:#010x} (block {bid}, node 0x2000a4)",
            right ^ 1
        );
        expect(editor.into_bytes(), read_block, Checksum, text);
    }
}

#[test]
fn one_bit_of_the_data() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(BLOCK).data;
        let at = usize::try_from(editor.block_entry(bid).offset).unwrap();
        editor.bytes_mut()[at + 99] ^= 1;
        let computed = crc(&editor.bytes_mut()[at..at + 100]);
        let place = editor.trailer_offset(bid) + if format.is_ansi() { 8 } else { 4 };
        let file = editor.into_bytes();
        let stored = u32::from_le_bytes(*file[usize::try_from(place).unwrap()..].first_chunk().unwrap());
        let text = format!(
            "damaged BLOCKTRAILER at {place:#x}: dwCRC is {stored:#010x}, expected {computed:#010x} \
             (block {bid}, node 0x2000a4)"
        );
        expect(file.clone(), read_block, Checksum, text);
        // The byte behind the data is padding.
        let mut file = file;
        file[at + 99] ^= 1;
        file[at + 100] ^= 1;
        expect_good(file, read_block);
    }
}

#[test]
fn trailer_inflated_size() {
    let (editor, place, _, bid) = with_trailer(Format::UNICODE_4K, 18, |_| 101);
    let text =
        format!("corrupt BLOCKTRAILER at {place:#x}: inflated size is 101, expected 100 (block {bid}, node 0x2000a4)");
    expect(editor.into_bytes(), read_block, Corrupt, text);
}

/// A 4K file with one compressed block of 5,000 bytes.
fn compressed() -> (Editor, Bid) {
    let mut store = StoreBuilder::new(Format::UNICODE_4K).compress(true);
    let data = store.block(&b"again and ".repeat(500));
    store.node(BLOCK, data, Bid::NONE, NO_NODE);
    let editor = Editor::new(store.finish_vec());
    assert!(editor.block_entry(data).stored_size < 100);
    (editor, data)
}

fn read_compressed(pst: &Pst) -> Result<()> {
    assert_eq!(node(pst, BLOCK)?.data()?.bytes()?.len(), 5000);
    Ok(())
}

#[test]
fn zlib_header() {
    let (mut editor, bid) = compressed();
    let offset = editor.block_entry(bid).offset;
    editor.edit_stored(bid, |stored| stored[0] = 0x79);
    let text = format!(
        "corrupt compressed block at {offset:#x}: zlib: deflate decompression error: incorrect header check \
         (block 0x4, node 0x2000a4)"
    );
    expect(editor.into_bytes(), read_compressed, Corrupt, text);
}

#[test]
fn zlib_checksum() {
    let (mut editor, bid) = compressed();
    let offset = editor.block_entry(bid).offset;
    editor.edit_stored(bid, |stored| *stored.last_mut().unwrap() ^= 1);
    let text = format!(
        "corrupt compressed block at {offset:#x}: zlib: deflate decompression error: incorrect data check \
         (block 0x4, node 0x2000a4)"
    );
    expect(editor.into_bytes(), read_compressed, Corrupt, text);
}

/// Sets the inflated size where it is stored: in the block's entry and in its trailer.
fn set_inflated(editor: &mut Editor, bid: Bid, size: u16) -> u64 {
    editor.edit_block_entry(bid, |entry| entry.size = size);
    editor.edit_trailer(bid, |trailer| trailer[18..20].copy_from_slice(&size.to_le_bytes()));
    editor.block_entry(bid).offset
}

#[test]
fn inflates_to_less_than_stated() {
    let (mut editor, bid) = compressed();
    let offset = set_inflated(&mut editor, bid, 5001);
    let text = format!(
        "corrupt compressed block at {offset:#x}: inflated size is 5000, expected 5001 (block 0x4, node 0x2000a4)"
    );
    expect(editor.into_bytes(), read_compressed, Corrupt, text);
}

#[test]
fn inflates_to_more_than_stated() {
    let (mut editor, bid) = compressed();
    let offset = set_inflated(&mut editor, bid, 4999);
    let text = format!(
        "corrupt compressed block at {offset:#x}: inflated size is another, expected 4999 (block 0x4, node 0x2000a4)"
    );
    expect(editor.into_bytes(), read_compressed, Corrupt, text);
}

/// The XXBLOCK of the data node and its first XBLOCK.
fn data_blocks(editor: &Editor) -> (Bid, Bid) {
    let top = editor.node(DATA).data;
    match InternalBlock::decode(&editor.block(top), editor.format()).unwrap() {
        InternalBlock::DataTree { level: 2, children, .. } => (top, children[0]),
        other => panic!("{other:?}"),
    }
}

#[test]
fn xblock_type() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = data_blocks(&editor);
        let offset = editor.block_entry(top).offset;
        editor.edit_block(top, |block| block[0] = 3);
        let text = format!(
            "corrupt internal block at {offset:#x}: btype is 0x03, expected 1 or 2 (block {top}, node 0x200064)"
        );
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

#[test]
fn xblock_is_an_slblock() {
    for format in FORMATS {
        let mut editor = good(format);
        let slblock = editor.node(SUBNODES).subnodes;
        let offset = editor.block_entry(slblock).offset;
        editor.edit_node(DATA, |node| node.data = slblock);
        let text = format!(
            "corrupt XBLOCK at {offset:#x}: btype is 2 (subnodes), expected 1 (block {slblock}, node 0x200064)"
        );
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

#[test]
fn xblock_level() {
    for format in FORMATS {
        for level in [0, 3] {
            let mut editor = good(format);
            let (top, _) = data_blocks(&editor);
            let offset = editor.block_entry(top).offset;
            editor.edit_block(top, |block| block[1] = level);
            let text = format!(
                "corrupt XBLOCK at {offset:#x}: cLevel is {level}, expected 1 or 2 (block {top}, node 0x200064)"
            );
            expect(editor.into_bytes(), read_data, Corrupt, text);
        }
    }
}

/// An XXBLOCK that says it is an XBLOCK has children that are no data.
#[test]
fn xblock_with_internal_children() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, child) = data_blocks(&editor);
        let offset = editor.block_entry(top).offset;
        editor.edit_block(top, |block| block[1] = 1);
        let text = format!(
            "corrupt XBLOCK at {offset:#x}: rgbid is {child}, expected a data block (block {top}, node 0x200064)"
        );
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

/// An XXBLOCK below an XXBLOCK, and below itself.
#[test]
fn xxblock_with_xxblock_children() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, child) = data_blocks(&editor);
        let offset = editor.block_entry(child).offset;
        editor.edit_block(child, |block| block[1] = 2);
        let text = format!("corrupt XBLOCK at {offset:#x}: cLevel is 2, expected 1 (block {child}, node 0x200064)");
        expect(editor.into_bytes(), read_data, Corrupt, text);

        let mut editor = good(format);
        let offset = editor.block_entry(top).offset;
        let size = format.id_size();
        editor.edit_block(top, |block| block[8..8 + size].copy_from_slice(&top.raw().to_le_bytes()[..size]));
        let text = format!("corrupt XBLOCK at {offset:#x}: cLevel is 2, expected 1 (block {top}, node 0x200064)");
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

#[test]
fn xblock_count() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, child) = data_blocks(&editor);
        for (bid, name) in [(top, "XXBLOCK"), (child, "XBLOCK")] {
            let mut editor = editor.clone();
            let offset = editor.block_entry(bid).offset;
            editor.edit_block(bid, |block| block[2] = 4);
            let text =
                format!("corrupt {name} at {offset:#x}: cEnt is 4, expected at most 3 (block {bid}, node 0x200064)");
            expect(editor.into_bytes(), read_data, Corrupt, text);
        }
        editor.edit_block(top, |block| block[2..4].fill(0xFF));
        let offset = editor.block_entry(top).offset;
        let text =
            format!("corrupt XXBLOCK at {offset:#x}: cEnt is 65535, expected at most 3 (block {top}, node 0x200064)");
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

/// A lost block is an error for every way of reading the value, and the other blocks are still there. A stream used to
/// step over it and end early without a word.
#[test]
fn xblock_child_is_missing() {
    const TEXT: &str = "missing block: it has no entry in the block B-tree (block 0x7ff0, node 0x200064)";
    for format in FORMATS {
        // The tree has seven blocks of 50 bytes, three below each XBLOCK, one below the last.
        for lost in 0..7 {
            let mut editor = good(format);
            let (top, _) = data_blocks(&editor);
            let Ok(InternalBlock::DataTree { children, .. }) = InternalBlock::decode(&editor.block(top), format) else {
                panic!("{top} is no XXBLOCK");
            };
            let xblock = children[lost / 3];
            let size = format.id_size();
            let at = 8 + lost % 3 * size;
            editor.edit_block(xblock, |block| block[at..at + size].copy_from_slice(&0x7FF0u64.to_le_bytes()[..size]));
            let file = editor.into_bytes();
            within_deadline(move || {
                let pst = Pst::from_bytes(file).unwrap();
                let data = node(&pst, DATA).unwrap().data().unwrap();
                assert_eq!(data.len(), 350);
                assert_eq!(data.bytes().unwrap_err().to_string(), TEXT);
                let other = (lost + 1) % 7;
                assert_eq!(&*data.block(other).unwrap(), &[other as u8; 50]);
                let mut stream = data.into_stream();
                for before in 0..lost {
                    assert_eq!(stream.next_chunk().unwrap(), [before as u8; 50]);
                }
                assert_eq!(stream.next_chunk().unwrap_err().to_string(), TEXT);
                let error = std::io::copy(&mut stream, &mut std::io::sink()).unwrap_err();
                assert_eq!(Error::from(error).kind(), NotFound);
            });
        }
    }
}

#[test]
fn xxblock_child_is_missing() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = data_blocks(&editor);
        let size = format.id_size();
        editor.edit_block(top, |block| block[8..8 + size].copy_from_slice(&0x7FF2u64.to_le_bytes()[..size]));
        let text = "missing block: it has no entry in the block B-tree (block 0x7ff2, node 0x200064)";
        expect(editor.into_bytes(), read_data, NotFound, text);
    }
}

/// The sum of the blocks decides, not the stated total.
#[test]
fn xblock_total() {
    for format in FORMATS {
        for total in [0u32, 1, 349, 351, u32::MAX] {
            let mut editor = good(format);
            let (top, _) = data_blocks(&editor);
            editor.edit_block(top, |block| block[4..8].copy_from_slice(&total.to_le_bytes()));
            expect_good(editor.into_bytes(), read_data);
        }
    }
}

/// One full block named a thousand times is larger than the file.
#[test]
fn xblock_with_one_block_many_times() {
    for format in [Format::ANSI, Format::UNICODE] {
        let mut store = StoreBuilder::new(format);
        let leaf = store.block(&vec![7; format.max_block_data()]);
        let children = vec![leaf; format.max_data_tree_children()];
        let top = store.internal_block(&InternalBlock::DataTree { level: 1, total: 0, children });
        store.node(DATA, top, Bid::NONE, NO_NODE);
        let file = store.finish_vec();
        let text = format!(
            "corrupt data tree: size is {}, expected at most {}, the size of the file (block {top}, node 0x200064)",
            format.max_block_data() * format.max_data_tree_children(),
            file.len()
        );
        expect(file, read_data, Corrupt, text);
    }
}

/// One XBLOCK named a thousand times has more blocks than the file has room for.
#[test]
fn xxblock_with_one_xblock_many_times() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let leaf = store.block(&[7]);
        let most = format.max_data_tree_children();
        let below = store.internal_block(&InternalBlock::DataTree { level: 1, total: 0, children: vec![leaf; most] });
        let top = store.internal_block(&InternalBlock::DataTree { level: 2, total: 0, children: vec![below; most] });
        store.node(DATA, top, Bid::NONE, NO_NODE);
        let file = store.finish_vec();
        let room = file.len() as u64 / format.block_align();
        let found = (room / most as u64 + 1) * most as u64;
        let text = format!(
            "corrupt data tree: number of blocks is {found}, expected at most {room}, one for each {} bytes of the file \
             (block {below}, node 0x200064)",
            format.block_align()
        );
        expect(file, read_data, Corrupt, text);
    }
}

/// Compressed blocks may hold more than the file, but only if each is there: one block named again and again used to make
/// a value of half a GiB from a file of a few KB.
#[test]
fn compressed_blocks_named_twice() {
    let mut store = StoreBuilder::new(Format::UNICODE_4K).compress(true);
    let leaf = store.block(&vec![7; 65_512]);
    let top = store.internal_block(&InternalBlock::DataTree { level: 1, total: 0, children: vec![leaf; 8188] });
    store.node(DATA, top, Bid::NONE, NO_NODE);
    let text = format!(
        "corrupt data tree: blocks named twice is 8187, expected none in a value larger than the file (block {top}, node \
         0x200064)"
    );
    expect(store.finish_vec(), |pst| node(pst, DATA)?.data()?.bytes().map(drop), Corrupt, text);
}

/// Reading compressed blocks in one piece ends at the limit; a stream does not.
#[test]
fn compressed_blocks_beyond_the_limit() {
    let mut store = StoreBuilder::new(Format::UNICODE_4K).compress(true);
    let leaves: Vec<Bid> = (0..300u32).map(|number| store.block(&number.to_le_bytes().repeat(16_378))).collect();
    let top = store.data_tree(leaves);
    store.node(DATA, top, Bid::NONE, NO_NODE);
    let file = store.finish_vec();
    assert!(file.len() < 65_512 * 300);
    within_deadline(move || {
        let mut limits = Limits::default();
        limits.value_bytes = 1 << 20;
        let pst = OpenOptions::new().limits(limits).from_bytes(file).unwrap();
        let data = node(&pst, DATA).unwrap().data().unwrap();
        let text =
            format!("limit reached in value: size is {}, expected at most 1048576 (node 0x200064)", 65_512 * 300);
        assert_eq!(data.bytes().unwrap_err().to_string(), text);
        assert_eq!(std::io::copy(&mut data.into_stream(), &mut std::io::sink()).unwrap(), 65_512 * 300);
    });
}

#[test]
fn value_beyond_the_limit() {
    for format in FORMATS {
        let file = good(format).into_bytes();
        let limits = |bytes| {
            let mut limits = Limits::default();
            limits.value_bytes = bytes;
            OpenOptions::new().limits(limits)
        };
        let pst = limits(349).from_bytes(file.clone()).unwrap();
        let error = read_data(&pst).unwrap_err();
        assert_eq!(error.kind(), Limit);
        assert_eq!(error.to_string(), "limit reached in value: size is 350, expected at most 349 (node 0x200064)");
        read_data(&limits(350).from_bytes(file).unwrap()).unwrap();
    }
}

/// The SIBLOCK of the subnode node and its first SLBLOCK.
fn subnode_blocks(editor: &Editor) -> (Bid, Bid) {
    let top = editor.node(SUBNODES).subnodes;
    match InternalBlock::decode(&editor.block(top), editor.format()).unwrap() {
        InternalBlock::SubnodeIndex(index) => (top, index[0].block),
        other => panic!("{other:?}"),
    }
}

#[test]
fn siblock_count() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = subnode_blocks(&editor);
        let offset = editor.block_entry(top).offset;
        editor.edit_block(top, |block| block[2] = 4);
        let text =
            format!("corrupt SIBLOCK at {offset:#x}: cEnt is 4, expected at most 3 (block {top}, node 0x200084)");
        expect(editor.into_bytes(), read_subnodes, Corrupt, text);
    }
}

#[test]
fn slblock_count() {
    for format in FORMATS {
        let mut editor = good(format);
        let (_, child) = subnode_blocks(&editor);
        let offset = editor.block_entry(child).offset;
        editor.edit_block(child, |block| block[2] = 4);
        let text =
            format!("corrupt SLBLOCK at {offset:#x}: cEnt is 4, expected at most 3 (block {child}, node 0x200084)");
        expect(editor.into_bytes(), read_subnodes, Corrupt, text);
    }
}

#[test]
fn slblock_level() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = subnode_blocks(&editor);
        let offset = editor.block_entry(top).offset;
        editor.edit_block(top, |block| block[1] = 2);
        let text = format!("corrupt SLBLOCK at {offset:#x}: cLevel is 2, expected 0 or 1 (block {top}, node 0x200084)");
        expect(editor.into_bytes(), read_subnodes, Corrupt, text);
    }
}

#[test]
fn slblock_is_an_xblock() {
    for format in FORMATS {
        let mut editor = good(format);
        let xblock = editor.node(DATA).data;
        let offset = editor.block_entry(xblock).offset;
        editor.edit_node(SUBNODES, |node| node.subnodes = xblock);
        let text =
            format!("corrupt SLBLOCK at {offset:#x}: btype is 1 (data), expected 2 (block {xblock}, node 0x200084)");
        expect(editor.into_bytes(), read_subnodes, Corrupt, text);
    }
}

#[test]
fn slblock_is_a_data_block() {
    for format in FORMATS {
        let mut editor = good(format);
        let data = editor.node(BLOCK).data;
        let offset = editor.block_entry(data).offset;
        editor.edit_node(SUBNODES, |node| node.subnodes = data);
        let text = format!(
            "corrupt SLBLOCK at {offset:#x}: bid is {data}, expected an internal block (block {data}, node 0x200084)"
        );
        expect(editor.into_bytes(), read_subnodes, Corrupt, text);
    }
}

/// Where a subnode is cannot be told from an SIBLOCK out of order; the walk still gives all of them.
#[test]
fn siblock_out_of_order() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = subnode_blocks(&editor);
        let (first, size) = (format.subnode_header_size(), 2 * format.id_size());
        editor.edit_block(top, |block| {
            let (one, two) = block[first..first + 2 * size].split_at_mut(size);
            one.swap_with_slice(two);
        });
        let file = editor.into_bytes();
        expect_good(file.clone(), |pst| {
            assert_eq!(node(pst, SUBNODES)?.subnodes().filter(Result::is_ok).count(), 7);
            Ok(())
        });
        let text =
            format!("corrupt SIBLOCK: rgentries is out of order, expected ascending (block {top}, node 0x200084)");
        expect(file, read_subnodes, Corrupt, text);
    }
}

/// An SIBLOCK below an SIBLOCK, here itself. The walk goes on with the next block.
#[test]
fn siblock_below_itself() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = subnode_blocks(&editor);
        let (at, size) = (format.subnode_header_size() + format.id_size(), format.id_size());
        editor.edit_block(top, |block| block[at..at + size].copy_from_slice(&top.raw().to_le_bytes()[..size]));
        let file = editor.into_bytes();
        let (found, errors) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let node = node(&pst, SUBNODES).unwrap();
            assert!(node.subnode(subnode_id(6)).unwrap().is_some());
            // It may have been in the block that is not there.
            assert_eq!(node.subnode(subnode_id(0)).unwrap_err().kind(), Corrupt);
            let (found, errors): (Vec<_>, Vec<_>) = node.subnodes().partition(Result::is_ok);
            (found.len(), errors.into_iter().map(|error| error.unwrap_err().to_string()).collect::<Vec<_>>())
        });
        assert_eq!(found, 4);
        assert_eq!(errors, ["corrupt SIBLOCK: cLevel is 2 levels, expected 1 (node 0x200084)"]);
    }
}

#[test]
fn slblock_is_missing() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = subnode_blocks(&editor);
        let (at, size) = (format.subnode_header_size() + format.id_size(), format.id_size());
        editor.edit_block(top, |block| block[at..at + size].copy_from_slice(&0x7FF2u64.to_le_bytes()[..size]));
        let file = editor.into_bytes();
        let (found, errors) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let node = node(&pst, SUBNODES).unwrap();
            let (found, errors): (Vec<_>, Vec<_>) = node.subnodes().partition(Result::is_ok);
            (found.len(), errors.into_iter().map(|error| error.unwrap_err().to_string()).collect::<Vec<_>>())
        });
        assert_eq!(found, 4);
        assert_eq!(errors, ["missing block: it has no entry in the block B-tree (block 0x7ff2, node 0x200084)"]);
    }
}

#[test]
fn subnodes_below_themselves() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let entry = SubnodeEntry { nid: subnode_id(0), data: Bid::NONE, subnodes: Bid::NONE };
        let block = store.subnodes(vec![entry]);
        store.node(SUBNODES, Bid::NONE, block, NO_NODE);
        let mut editor = Editor::new(store.finish_vec());
        let (at, size) = (format.subnode_header_size() + 2 * format.id_size(), format.id_size());
        editor.edit_block(block, |bytes| bytes[at..at + size].copy_from_slice(&block.raw().to_le_bytes()[..size]));
        let descend = |pst: &Pst| {
            let mut node = node(pst, SUBNODES)?;
            loop {
                node = node.subnode(subnode_id(0))?.expect("the subnode");
            }
        };
        let text = "limit reached in subnode: depth is 65, expected at most 64 (node 0x200084)";
        expect(editor.into_bytes(), descend, Limit, text);
    }
}

#[test]
fn node_whose_block_is_internal_and_missing() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_node(SUBNODES, |node| node.subnodes = Bid::new(0x6666));
        let text = "missing block: it has no entry in the block B-tree (block 0x6666, node 0x200084)";
        expect(editor.into_bytes(), read_subnodes, NotFound, text);
    }
}

#[test]
fn internal_block_of_three_bytes() {
    for format in FORMATS {
        for (bytes, name) in [(&[1][..], "internal block"), (&[1, 1, 0], "XBLOCK"), (&[1, 1, 0, 0, 0], "XBLOCK")] {
            let mut store = StoreBuilder::new(format);
            let top = store.raw_internal_block(bytes);
            let offset = store.block_entries()[0].offset;
            store.node(DATA, top, Bid::NONE, NO_NODE);
            let text = format!(
                "corrupt {name} at {offset:#x}: length is {} bytes, expected at least 8 (block {top}, node 0x200064)",
                bytes.len()
            );
            expect(store.finish_vec(), read_data, Corrupt, text);
        }
    }
}

#[test]
fn xxblock_with_an_slblock_child() {
    for format in FORMATS {
        let mut editor = good(format);
        let (top, _) = data_blocks(&editor);
        let (_, slblock) = subnode_blocks(&editor);
        let offset = editor.block_entry(slblock).offset;
        let size = format.id_size();
        editor.edit_block(top, |block| block[8..8 + size].copy_from_slice(&slblock.raw().to_le_bytes()[..size]));
        let text = format!("corrupt XBLOCK at {offset:#x}: cLevel is 0, expected 1 (block {slblock}, node 0x200064)");
        expect(editor.into_bytes(), read_data, Corrupt, text);
    }
}

#[test]
fn block_beyond_the_last() {
    for format in FORMATS {
        for (nid, count) in [(DATA, 7), (BLOCK, 1)] {
            let read = move |pst: &Pst| node(pst, nid)?.data()?.block(count).map(drop);
            let text = format!("missing data tree: it has no block {count}, only {count} (node {nid})");
            expect(good(format).into_bytes(), read, NotFound, text);
        }
    }
}

/// A total that only full blocks could have, over blocks that are not: the stream ends with an error at the gap.
#[test]
fn xblock_total_of_full_blocks_over_others() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format);
        let children = vec![store.block(&[1; 100]), store.block(&[2; 50])];
        let first = children[0];
        let total = u32::try_from(format.max_block_data() + 50).unwrap();
        let top = store.internal_block(&InternalBlock::DataTree { level: 1, total, children });
        store.node(DATA, top, Bid::NONE, NO_NODE);
        let read = |pst: &Pst| {
            let mut stream = node(pst, DATA)?.data()?.into_stream();
            assert_eq!(stream.next_chunk()?, [1; 100]);
            stream.next_chunk().map(drop)
        };
        let text = format!(
            "corrupt data tree: block 0 of the value is shorter than the others say (block {first}, node 0x200064)"
        );
        let bytes = store.finish_vec();
        expect(bytes.clone(), read, Corrupt, text);
        // In one piece it is an error too, not a shorter value.
        let text =
            format!("corrupt data tree: lcbTotal is {total}, expected 150, the sum of its blocks (node 0x200064)");
        expect(bytes, |pst: &Pst| node(pst, DATA)?.data()?.bytes().map(drop), Corrupt, text);
    }
}
