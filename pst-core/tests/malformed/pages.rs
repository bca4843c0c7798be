//! PAGETRAILER, BTPAGE and the entries of both B-trees.

use pst_core::ErrorKind::{Checksum, Corrupt, NotFound};
use pst_core::ndb::checksum::crc;
use pst_core::ndb::page::PageType;
use pst_core::ndb::{BranchEntry, Format, Nid, NodeEntry, PageRef, encode_branch, encode_leaf};
use pst_core::testkit::edit::{Editor, PageField};
use pst_core::{Pst, Result};

use crate::{BLOCK, CONTEXT, FORMATS, expect, expect_good, good, node, read_block, within_deadline};

fn first_node(pst: &Pst) -> Result<()> {
    pst.nodes().next().unwrap().map(drop)
}

fn open_context(pst: &Pst) -> Result<()> {
    node(pst, CONTEXT).map(drop)
}

/// Overwrites bytes of the root page's trailer of the node tree without repair.
fn with_trailer(format: Format, field: usize, change: impl Fn(u8) -> u8) -> (Editor, u64, Vec<u8>) {
    let mut editor = good(format);
    let place = editor.header().root.node_tree.offset + format.page_data_size() as u64;
    let at = usize::try_from(place).unwrap() + field;
    let trailer = editor.bytes_mut()[at - field..at - field + format.page_trailer_size()].to_vec();
    editor.bytes_mut()[at] = change(trailer[field]);
    (editor, place + field as u64, trailer)
}

#[test]
fn page_type() {
    for format in FORMATS {
        let (editor, place, _) = with_trailer(format, 0, |_| 0x84);
        let text = format!("corrupt PAGETRAILER at {place:#x}: ptype is 0x84, expected 0x81 (BTPAGE)");
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn page_type_repeated() {
    for format in FORMATS {
        let (editor, place, _) = with_trailer(format, 1, |_| 0);
        let text = format!("corrupt PAGETRAILER at {place:#x}: ptypeRepeat is 0x00, expected 0x81 (BTPAGE)");
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn page_signature() {
    for format in FORMATS {
        let (editor, place, trailer) = with_trailer(format, 2, |byte| byte ^ 0xFF);
        let right = u16::from_le_bytes([trailer[2], trailer[3]]);
        let text = format!("corrupt PAGETRAILER at {place:#x}: wSig is {:#06x}, expected {right:#06x}", right ^ 0xFF);
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn page_id() {
    for format in FORMATS {
        let field = if format.is_ansi() { 4 } else { 8 };
        let (editor, place, trailer) = with_trailer(format, field, |byte| byte ^ 0x80);
        let right = u32::from_le_bytes(*trailer[field..].first_chunk().unwrap());
        let text = format!("corrupt PAGETRAILER at {place:#x}: bid is {:#x}, expected {right:#x}", right ^ 0x80);
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn page_crc() {
    for format in FORMATS {
        let field = if format.is_ansi() { 8 } else { 4 };
        let (editor, place, trailer) = with_trailer(format, field, |byte| byte ^ 1);
        let right = u32::from_le_bytes(*trailer[field..].first_chunk().unwrap());
        let text = format!("damaged PAGETRAILER at {place:#x}: dwCRC is {:#010x}, expected {right:#010x}", right ^ 1);
        expect(editor.into_bytes(), first_node, Checksum, text);
    }
}

#[test]
fn entry_count() {
    for (format, most) in [(Format::ANSI, 41), (Format::UNICODE, 20), (Format::UNICODE_4K, 169)] {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        assert!(root.level > 0);
        let wrong = u16::try_from(most + 1).unwrap();
        let place = editor.set_page_field(root.at, PageField::Count, wrong);
        let text = format!("corrupt BTPAGE at {place:#x}: cEnt is {wrong}, expected at most {most}");
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn entry_count_of_a_leaf() {
    for (format, most) in [(Format::ANSI, 41), (Format::UNICODE, 20), (Format::UNICODE_4K, 169)] {
        let mut editor = good(format);
        let block = editor.node(BLOCK).data;
        let leaf = editor.leaf(PageType::BlockTree);
        let place = editor.set_page_field(leaf.at, PageField::Count, 0xFF);
        let text = format!(
            "corrupt BTPAGE at {place:#x}: cEnt is 255, expected at most {most} (block {block}, node 0x2000a4)"
        );
        expect(editor.into_bytes(), read_block, Corrupt, text);
    }
}

#[test]
fn entry_size() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        let right = u16::try_from(format.branch_entry_size()).unwrap();
        for wrong in [0, 1, right - 1] {
            let place = editor.set_page_field(root.at, PageField::EntrySize, wrong);
            let text = format!("corrupt BTPAGE at {place:#x}: cbEnt is {wrong}, expected at least {right}");
            expect(editor.clone().into_bytes(), first_node, Corrupt, text);
        }
    }
}

/// Larger entries than known are legal: the known part of each counts.
#[test]
fn entries_larger_than_known() {
    for format in FORMATS {
        let mut editor = good(format);
        let leaf = editor.leaf(PageType::BlockTree);
        let size = leaf.entry_size;
        editor.edit_page(leaf.at, |page| {
            for index in (0..leaf.count).rev() {
                page.copy_within(index * size..(index + 1) * size, index * (size + 8));
            }
        });
        editor.set_page_field(leaf.at, PageField::EntrySize, u16::try_from(size + 8).unwrap());
        expect_good(editor.into_bytes(), crate::read_everything);
    }
}

#[test]
fn level_of_a_child() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        let child = editor.branch(root, 0).child;
        let place = editor.set_page_field(child, PageField::Level, u16::from(root.level));
        let text = format!("corrupt BTPAGE at {place:#x}: cLevel is {}, expected {}", root.level, root.level - 1);
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

#[test]
fn level_of_the_root() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        let place = editor.set_page_field(root.at, PageField::Level, 9);
        let text = format!("corrupt BTPAGE at {place:#x}: cLevel is 9, expected at most 8 (node 0x200024)");
        expect(editor.into_bytes(), open_context, Corrupt, text);
    }
}

/// A page that is its own child has a level that its child cannot have.
#[test]
fn a_page_below_itself() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        let (place, _) = editor.page_field(root.at, PageField::Level);
        let branch = editor.branch(root, 0);
        editor.set_branch(root, 0, BranchEntry { child: root.at, ..branch });
        let text = format!("corrupt BTPAGE at {place:#x}: cLevel is {}, expected {}", root.level, root.level - 1);
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

/// Pages at eight levels, all entries of each with the same child below: no cycle, and more than anyone could walk.
#[test]
fn pages_with_many_parents() {
    for format in FORMATS {
        let mut editor = good(format);
        let size = format.page_size();
        let pages = editor.bytes_mut().len() / size;
        // The last pages of the file are free.
        let mut at = PageRef { id: 0x70, offset: ((pages - 1) * size) as u64 };
        let node = editor.node(BLOCK);
        let mut page = encode_leaf(&[node], format, at);
        let most = format.page_entries_size() / format.branch_entry_size();
        for level in 1..=8 {
            editor.bytes_mut()[usize::try_from(at.offset).unwrap()..][..size].copy_from_slice(&page);
            let branch = BranchEntry { key: u64::from(BLOCK.raw()), child: at };
            at = PageRef { id: at.id + 1, offset: at.offset - size as u64 };
            page = encode_branch::<NodeEntry>(&vec![branch; most], level, format, at);
        }
        editor.bytes_mut()[usize::try_from(at.offset).unwrap()..][..size].copy_from_slice(&page);
        editor.with_header(|header| header.root.node_tree = at);
        let file = editor.into_bytes();
        let length = file.len();
        let (good, errors) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            assert!(pst.node(BLOCK).unwrap().is_some());
            let all: Vec<_> = pst.nodes().collect();
            let errors: Vec<_> = all.iter().filter_map(|node| node.as_ref().err()).map(ToString::to_string).collect();
            (all.len() - errors.len(), errors)
        });
        assert!(good < length / size);
        // Each further visit to the one leaf is an error; in the end there can be no more pages.
        let (error, visits) = errors.split_last().unwrap();
        let first_key = format!(": key is {BLOCK}, expected more than {BLOCK}, which came before");
        assert!(visits.iter().all(|error| error.ends_with(&first_key)), "{:?}", visits.first());
        let text = format!(
            "number of pages in the tree is larger, expected at most {}, one for each page of the file",
            length / size
        );
        assert!(error.starts_with("corrupt BTPAGE at ") && error.ends_with(&text), "{error}");
    }
}

#[test]
fn child_is_not_aligned() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::BlockTree);
        let branch = editor.branch(root, 0);
        let place = branch.child.offset + 2;
        editor.set_branch(root, 0, BranchEntry { child: PageRef { offset: place, ..branch.child }, ..branch });
        let text =
            format!("corrupt BTPAGE at {place:#x}: ib is {place:#x}, expected a multiple of {}", format.page_size());
        expect(editor.into_bytes(), |pst| pst.blocks().next().unwrap().map(drop), Corrupt, text);
    }
}

#[test]
fn child_has_another_id() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::NodeTree);
        let branch = editor.branch(root, 0);
        let place = branch.child.offset + format.page_data_size() as u64 + if format.is_ansi() { 4 } else { 8 };
        let wrong = PageRef { id: 0x999, ..branch.child };
        editor.set_branch(root, 0, BranchEntry { child: wrong, ..branch });
        let text = format!("corrupt PAGETRAILER at {place:#x}: bid is {:#x}, expected 0x999", branch.child.id);
        expect(editor.into_bytes(), first_node, Corrupt, text);
    }
}

/// Entries of a leaf out of order or given twice: one error for the page, and all of them.
#[test]
fn keys_out_of_order() {
    for format in FORMATS {
        for twice in [false, true] {
            let mut editor = good(format);
            let pages = editor.pages(PageType::BlockTree);
            let leaf = *pages.iter().find(|page| page.level == 0 && page.count > 1).unwrap();
            let size = leaf.entry_size;
            let key = |editor: &Editor, index: usize| {
                let bytes = &editor.page(leaf.at)[index * size..][..format.id_size().min(4)];
                u64::from(u32::from_le_bytes(bytes.try_into().unwrap())) & !1
            };
            let (first, second) = (key(&editor, 0), key(&editor, 1));
            editor.edit_page(leaf.at, |page| {
                let (one, two) = page[..2 * size].split_at_mut(size);
                if twice { two.copy_from_slice(one) } else { one.swap_with_slice(two) }
            });
            let last = if twice { first } else { second };
            let place = leaf.at.offset;
            let text = format!(
                "corrupt BTPAGE at {place:#x}: key is {first:#x}, expected more than {last:#x}, which came before"
            );
            let number = |file: Vec<u8>| {
                let pst = Pst::from_bytes(file).unwrap();
                let (good, bad): (Vec<_>, Vec<_>) = pst.blocks().partition(Result::is_ok);
                (good.len(), bad.into_iter().map(|error| error.unwrap_err().to_string()).collect::<Vec<_>>())
            };
            let (all, none) = number(good(format).into_bytes());
            assert!(none.is_empty());
            let file = editor.into_bytes();
            assert_eq!(within_deadline(move || number(file)), (all, vec![text]));
        }
    }
}

/// One bad leaf is one error, and the walk goes on behind it.
#[test]
fn a_walk_goes_on_behind_a_bad_page() {
    for format in FORMATS {
        let mut editor = good(format);
        let all = editor.pages(PageType::BlockTree);
        let entries: usize = all.iter().filter(|page| page.level == 0).map(|page| page.count).sum();
        let leaf = *all.iter().filter(|page| page.level == 0).nth(1).unwrap();
        let place = usize::try_from(leaf.at.offset).unwrap();
        editor.bytes_mut()[place + 5] ^= 0x10;
        let file = editor.into_bytes();
        let (good, bad) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let all: Vec<_> = pst.blocks().map(|block| block.map_err(|error| error.kind())).collect();
            let bad: Vec<_> = all.iter().filter_map(|block| block.err()).collect();
            (all.len() - bad.len(), bad)
        });
        assert_eq!((good, bad), (entries - leaf.count, vec![Checksum]));
    }
}

#[test]
fn a_node_that_is_not_there() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_node(BLOCK, |node| node.nid = Nid::new(0x20_00A5));
        expect_good(editor.into_bytes(), |pst| {
            assert!(pst.node(BLOCK)?.is_none());
            Ok(())
        });
    }
}

#[test]
fn a_block_that_is_not_there() {
    for format in FORMATS {
        let mut editor = good(format);
        editor.edit_node(BLOCK, |node| node.data = pst_core::ndb::Bid::new(0x7FF0));
        let text = "missing block: it has no entry in the block B-tree (block 0x7ff0, node 0x2000a4)";
        expect(editor.into_bytes(), read_block, NotFound, text);
    }
}

#[test]
fn block_is_not_aligned() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(BLOCK).data;
        let place = editor.block_entry(bid).offset + 32;
        editor.edit_block_entry(bid, |entry| entry.offset = place);
        let text = format!(
            "corrupt BBTENTRY at {place:#x}: ib is {place:#x}, expected a multiple of {} (block {bid}, node 0x2000a4)",
            format.block_align()
        );
        let location = expect(editor.into_bytes(), crate::read_block, Corrupt, text);
        assert_eq!((location.block, location.structure), (Some(bid), Some("BBTENTRY")));
    }
}

#[test]
fn block_is_beyond_the_end() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(BLOCK).data;
        let length = editor.bytes_mut().len() as u64;
        editor.edit_block_entry(bid, |entry| entry.offset = length);
        let end = length + format.block_size_on_disk(100) as u64;
        let text = format!(
            "corrupt block at {length:#x}: end is {end:#x}, expected at most {length:#x}, the end of the file \
             (block {bid}, node 0x2000a4)"
        );
        expect(editor.into_bytes(), crate::read_block, Corrupt, text);
    }
}

#[test]
fn block_of_no_bytes() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(BLOCK).data;
        let offset = editor.block_entry(bid).offset;
        editor.edit_block_entry(bid, |entry| (entry.stored_size, entry.size) = (0, 0));
        let text = format!(
            "corrupt BBTENTRY at {offset:#x}: cb is 0, expected 1 to {} (block {bid}, node 0x2000a4)",
            format.max_block_data()
        );
        expect(editor.into_bytes(), crate::read_block, Corrupt, text);
    }
}

#[test]
fn block_larger_than_blocks_can_be() {
    for format in FORMATS {
        let mut editor = good(format);
        let bid = editor.node(BLOCK).data;
        let offset = editor.block_entry(bid).offset;
        let size = u16::try_from(format.max_block_data() + 1).unwrap();
        editor.edit_block_entry(bid, |entry| (entry.stored_size, entry.size) = (size, size));
        let text = format!(
            "corrupt BBTENTRY at {offset:#x}: cb is {size}, expected 1 to {} (block {bid}, node 0x2000a4)",
            format.max_block_data()
        );
        expect(editor.into_bytes(), crate::read_block, Corrupt, text);
    }
}

#[test]
fn block_inflates_to_less_than_it_stores() {
    let mut editor = good(Format::UNICODE_4K);
    let bid = editor.node(BLOCK).data;
    let offset = editor.block_entry(bid).offset;
    editor.edit_block_entry(bid, |entry| entry.size = 99);
    let text = format!(
        "corrupt BBTENTRY at {offset:#x}: inflated size is 99, expected 100 to 65512 (block {bid}, node 0x2000a4)"
    );
    expect(editor.into_bytes(), crate::read_block, Corrupt, text);
}

#[test]
fn block_inflates_to_more_than_blocks_can_hold() {
    let mut editor = good(Format::UNICODE_4K);
    let bid = editor.node(BLOCK).data;
    let offset = editor.block_entry(bid).offset;
    editor.edit_block_entry(bid, |entry| entry.size = 65_513);
    let text = format!(
        "corrupt BBTENTRY at {offset:#x}: inflated size is 65513, expected 100 to 65512 (block {bid}, node 0x2000a4)"
    );
    expect(editor.into_bytes(), crate::read_block, Corrupt, text);
}

#[test]
fn allocation_map_page() {
    for format in FORMATS {
        let mut editor = good(format);
        let first = format.first_amap();
        let at = usize::try_from(first).unwrap();
        editor.bytes_mut()[at + 100] ^= 1;
        let file = editor.into_bytes();
        let crc_at = first + format.page_data_size() as u64 + if format.is_ansi() { 8 } else { 4 };
        let stored = u32::from_le_bytes(*file[usize::try_from(crc_at).unwrap()..].first_chunk().unwrap());
        let computed = crc(&file[at..at + format.page_data_size()]);
        let maps = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let maps: Vec<_> =
                pst.allocation_maps().map(|map| map.map(drop).map_err(|error| error.to_string())).collect();
            read_block(&pst).map(|()| maps)
        })
        .unwrap();
        let error = maps[0].clone().unwrap_err();
        assert_eq!(
            error,
            format!("damaged PAGETRAILER at {crc_at:#x}: dwCRC is {stored:#010x}, expected {computed:#010x}")
        );
    }
}
