//! P1 to P11: pages of both B-trees.

use pst_core::ndb::page::PageType;
use pst_core::ndb::{BranchEntry, Format, Nid, NodeEntry, PageRef, encode_branch, encode_leaf};
use pst_core::testkit::edit::{Editor, FoundPage, PageField};
use pst_core::verify::Rule::*;
use pst_core::verify::Severity::{Degraded, Fatal, Loss};
use pst_core::verify::{Rule, Severity};

use crate::{FORMATS, MESSAGE, at, check, expect, first, good};

const TREES: [PageType; 2] = [PageType::NodeTree, PageType::BlockTree];

/// Changes a byte of the trailer of a leaf, and then of a root, which is worse.
fn with_trailer(rule: Rule, field: fn(Format) -> usize) {
    for format in FORMATS {
        for tree in TREES {
            let roots = [(good(format).leaf(tree), Loss), (good(format).root(tree), Fatal)];
            for (page, severity) in roots {
                let mut editor = good(format);
                let place = page.at.offset + (format.page_data_size() + field(format)) as u64;
                editor.bytes_mut()[usize::try_from(place).unwrap()] ^= 0x20;
                assert_eq!(at(expect(editor, rule, severity)), place);
            }
        }
    }
}

#[test]
fn p1_type() {
    with_trailer(P1, |_| 1);
}

#[test]
fn p2_crc() {
    with_trailer(P2, |format| if format.is_ansi() { 8 } else { 4 });
}

#[test]
fn p3_signature() {
    with_trailer(P3, |_| 2);
}

#[test]
fn p4_id() {
    with_trailer(P4, |format| if format.is_ansi() { 4 } else { 8 });
}

/// A branch of the root that leads to an impossible place.
#[test]
fn p5_place() {
    for format in FORMATS {
        for place in [1 << 31, format.first_amap() + 1, format.first_amap(), 0] {
            let mut editor = good(format);
            let root = editor.root(PageType::NodeTree);
            let branch = editor.branch(root, root.count - 1);
            let child = PageRef { offset: place, ..branch.child };
            editor.set_branch(root, root.count - 1, BranchEntry { child, ..branch });
            let report = check(editor.into_bytes());
            assert_eq!(first(&report, P5).location.offset, Some(place));
            assert_eq!(report.count(P5), 1);
        }
    }
}

/// Two blocks at one place.
#[test]
fn p6_overlap() {
    for format in FORMATS {
        let mut editor = good(format);
        let one = editor.block_entry(editor.node(Nid::new(0x201)).data);
        let other = editor.node(MESSAGE).subnodes;
        editor.edit_block_entry(other, |entry| entry.offset = one.offset);
        let report = check(editor.into_bytes());
        assert_eq!(at(first(&report, P6).location), one.offset);
        let all: Vec<Rule> = report.counts().map(|(rule, ..)| rule).collect();
        assert!(all.contains(&P6) && all.contains(&B2), "{all:?}");
    }
}

#[test]
fn p7_counts() {
    for format in FORMATS {
        let mut editor = good(format);
        let leaf = editor.leaf(PageType::NodeTree);
        let place = editor.set_page_field(leaf.at, PageField::Most, u16::try_from(leaf.count - 1).unwrap());
        assert_eq!(at(expect(editor, P7, Degraded)), place);
        for (field, value) in [(PageField::EntrySize, 4), (PageField::Count, 250)] {
            let mut editor = good(format);
            let leaf = editor.leaf(PageType::NodeTree);
            let place = editor.set_page_field(leaf.at, field, value);
            assert_eq!(at(first(&check(editor.into_bytes()), P7).location), place);
        }
    }
}

#[test]
fn p8_level() {
    for format in FORMATS {
        for tree in TREES {
            let mut editor = good(format);
            let leaf = editor.leaf(tree);
            let place = editor.set_page_field(leaf.at, PageField::Level, 5);
            assert_eq!(at(expect(editor, P8, Loss)), place);
        }
    }
}

/// Pages at eight levels, all entries of each with the same child below: more paths than anyone could walk.
#[test]
fn p8_pages_with_many_parents() {
    for format in FORMATS {
        let mut editor = good(format);
        let size = format.page_size();
        let pages = editor.bytes_mut().len() / size;
        let mut at = PageRef { id: 1, offset: ((pages - 1) * size) as u64 };
        let node = editor.node(MESSAGE);
        let mut page = encode_leaf(&[node], format, at);
        let most = format.page_entries_size() / format.branch_entry_size();
        for level in 1..=8 {
            editor.bytes_mut()[usize::try_from(at.offset).unwrap()..][..size].copy_from_slice(&page);
            let branch = BranchEntry { key: u64::from(MESSAGE.raw()), child: at };
            at = PageRef { id: at.id + 1, offset: at.offset - size as u64 };
            page = encode_branch::<NodeEntry>(&vec![branch; most], level, format, at);
        }
        editor.bytes_mut()[usize::try_from(at.offset).unwrap()..][..size].copy_from_slice(&page);
        editor.with_header(|header| header.root.node_tree = at);
        let report = check(editor.into_bytes());
        assert_eq!(report.count(P8), 8 * (most as u64 - 1));
        assert_eq!(report.count(P9), 8 * (most as u64 - 1));
    }
}

#[test]
fn p8_a_page_below_itself() {
    for format in FORMATS {
        let mut editor = good(format);
        let root = editor.root(PageType::BlockTree);
        let branch = editor.branch(root, 0);
        editor.set_branch(root, 0, BranchEntry { child: root.at, ..branch });
        assert_eq!(at(first(&check(editor.into_bytes()), P8).location), root.at.offset);
    }
}

/// A leaf of the node tree whose entries can change without others noticing, and the index of one in its middle.
fn middle(editor: &Editor) -> (FoundPage, usize) {
    let holds =
        |page: &FoundPage| page.level == 0 && (1..page.count - 1).any(|index| key(editor, page, index) == 0xF21);
    let page = editor.pages(PageType::NodeTree).into_iter().find(holds).expect("a leaf with node 0xF21 in it");
    let index = (1..page.count - 1).find(|index| key(editor, &page, *index) == 0xF21).unwrap();
    (page, index)
}

fn key(editor: &Editor, page: &FoundPage, index: usize) -> u32 {
    u32::from_le_bytes(*editor.page(page.at)[index * page.entry_size..].first_chunk().unwrap())
}

/// Node 0xF21 is empty and nobody needs it.
#[test]
fn p9_order() {
    for format in FORMATS {
        let mut editor = good(format);
        let (page, index) = middle(&editor);
        editor.edit_page(page.at, |bytes| {
            bytes[index * page.entry_size..][..4].copy_from_slice(&0x1000_0001u32.to_le_bytes());
        });
        // A node of the internal type with a large index.
        editor.with_header(|header| header.node_counters[1] = 0x80_0000);
        let place = page.at.offset + (index * page.entry_size) as u64;
        assert_eq!(at(expect(editor, P9, Loss)), place);
    }
}

#[test]
fn p10_parent_key() {
    for format in FORMATS {
        for tree in TREES {
            let mut editor = good(format);
            let pages = editor.pages(tree);
            let page = *pages.iter().find(|page| page.level == 1).unwrap();
            // Another key that still divides the children: 2 below, where no key is.
            let spare = (1..page.count).find(|index| {
                let before = editor.branch(page, index - 1).child;
                let before = pages.iter().find(|page| page.at == before).unwrap();
                let last = u64::from(key(&editor, before, before.count - 1));
                editor.branch(page, *index).key > last + 2
            });
            let index = spare.expect("keys with a gap between");
            let branch = editor.branch(page, index);
            editor.set_branch(page, index, BranchEntry { key: branch.key - 2, ..branch });
            assert_eq!(at(expect(editor, P10, Degraded)), branch.child.offset);
        }
    }
}

#[test]
fn p11_empty_page() {
    for format in FORMATS {
        let mut editor = good(format);
        let leaf = editor.leaf(PageType::NodeTree);
        let place = editor.set_page_field(leaf.at, PageField::Count, 0);
        let report = check(editor.into_bytes());
        assert_eq!(at(first(&report, P11).location), place);
        let all: Vec<(Rule, Severity)> = crate::rules(&report);
        assert!(all.contains(&(P11, Degraded)), "{all:?}");
    }
}
