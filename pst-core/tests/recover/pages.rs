//! Pages of both B-trees are lost.

use std::collections::BTreeSet;

use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Nid};
use pst_core::recover::{Confidence, NodeSource};
use pst_core::testkit::edit::{Editor, FoundPage};
use pst_core::testkit::lines;

use crate::{FORMATS, mails, recover, store, truth};

/// The file with a page overwritten.
fn without(bytes: &[u8], page: FoundPage, size: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let at = usize::try_from(page.at.offset).unwrap();
    bytes[at..at + size].fill(0xA5);
    bytes
}

#[test]
fn a_sound_store_comes_out_as_it_is() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let recovery = recover(&bytes);
        let report = &recovery.report;
        assert!(!report.is_changed && !report.is_scanned && report.errors.is_empty(), "{report:?}");
        assert_eq!(recovery.pst.file_size(), bytes.len() as u64);
        assert_eq!(lines(&recovery.pst), lines(&pst_core::Pst::from_bytes(bytes).unwrap()));
    }
}

#[test]
fn a_lost_branch_of_the_node_tree_costs_nothing() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let expected = lines(&pst_core::Pst::from_bytes(bytes.clone()).unwrap());
        let editor = Editor::new(bytes.clone());
        let branches: Vec<_> = editor.pages(PageType::NodeTree).into_iter().filter(|page| page.level > 0).collect();
        assert!(branches.iter().any(|page| page.level > 1), "{format}");
        for page in branches {
            let recovery = recover(&without(&bytes, page, format.page_size()));
            assert!(lines(&recovery.pst) == expected, "{format} {page:?}");
            let report = &recovery.report;
            assert!(report.is_changed && report.nodes.rebuilt > 0 && report.node_tree.lost == 1, "{report:?}");
            assert_eq!(report.block_tree.lost, 0);
            let items: Vec<_> = recovery.items().map(Result::unwrap).collect();
            assert!(items.iter().all(|item| item.provenance.is_whole()));
            // Their blocks are still in use, so they are in their last state.
            let found = items.iter().filter(|item| item.provenance.node != NodeSource::Tree);
            found.for_each(|item| assert_eq!(item.provenance.confidence, Confidence::High));
        }
    }
}

#[test]
fn a_lost_page_of_the_block_tree_costs_nothing() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Cyclic);
        let expected = lines(&pst_core::Pst::from_bytes(bytes.clone()).unwrap());
        for page in Editor::new(bytes.clone()).pages(PageType::BlockTree).into_iter().step_by(3) {
            let recovery = recover(&without(&bytes, page, format.page_size()));
            assert!(lines(&recovery.pst) == expected, "{format} {page:?}");
            let report = &recovery.report;
            assert!(report.blocks.found > 0 && report.blocks.replaced == 0 && report.blocks.unreadable == 0);
            assert_eq!(report.blocks.ambiguous, 0);
        }
    }
}

#[test]
fn both_trees_without_a_branch() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let expected = lines(&pst_core::Pst::from_bytes(bytes.clone()).unwrap());
        let editor = Editor::new(bytes.clone());
        let mut damaged = bytes;
        for kind in [PageType::NodeTree, PageType::BlockTree] {
            for page in editor.pages(kind).into_iter().filter(|page| page.level > 0) {
                damaged = without(&damaged, page, format.page_size());
            }
        }
        assert!(lines(&recover(&damaged).pst) == expected, "{format}");
    }
}

/// Nodes that stand on no other page are lost, and their messages are put together from their blocks; all others stay, listed
/// in their folders.
#[test]
fn a_lost_leaf_of_the_node_tree_costs_no_message() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let editor = Editor::new(bytes.clone());
        let leaves: Vec<_> = editor.pages(PageType::NodeTree).into_iter().filter(|page| page.level == 0).collect();
        for page in leaves {
            let stride = page.entry_size;
            let lost: BTreeSet<Nid> = (0..page.count)
                .map(|index| {
                    Nid::new(u32::from_le_bytes(*editor.page(page.at)[index * stride..].first_chunk().unwrap()))
                })
                .collect();
            let recovery = recover(&without(&bytes, page, format.page_size()));
            let found = mails(&recovery.pst);
            // Of a lost folder the name is known from its parent, but for the ones above all.
            let top_is_lost = lost.contains(&Nid::ROOT_FOLDER) || lost.contains(&Nid::MESSAGE_STORE);
            for (nid, mail) in &truth {
                match found.get(nid) {
                    _ if lost.contains(nid) => {
                        let mail = mail.as_ref().unwrap();
                        let same = |other: &crate::Mail| {
                            (&mail.subject, &mail.body) == (&other.subject, &other.body)
                                && mail.attachments == other.attachments
                                && mail.recipients == other.recipients
                        };
                        assert!(found.values().flatten().any(same), "{format} {lost:?}: {nid}");
                    }
                    Some(Some(other)) => {
                        let mail = mail.as_ref().unwrap();
                        let paths = (mail.path.rsplit('/').next(), other.path.rsplit('/').next());
                        assert!(top_is_lost || paths.0 == paths.1, "{format} {lost:?}: {nid} {paths:?}");
                        let mut other = other.clone();
                        other.path.clone_from(&mail.path);
                        assert!(*mail == other, "{nid}");
                    }
                    other => panic!("{format} {lost:?}: {nid} is {other:?}"),
                }
            }
            for (nid, mail) in &found {
                let is_fragment = mail.as_ref().is_some_and(|mail| mail.path.ends_with("/Recovered fragments"));
                assert!(truth.contains_key(nid) || is_fragment, "{format} {lost:?}: {nid}");
            }
            assert!(recovery.report.lost_items.iter().all(|item| !truth.contains_key(&item.nid)));
        }
    }
}
