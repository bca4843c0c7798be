//! What the store had given up, or has no node for.

use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Nid, NidType, NodeEntry, PageRef, Record, encode_leaf};
use pst_core::recover::{Confidence, NodeSource, RecoverOptions};
use pst_core::testkit::edit::{Editor, FoundPage, PageField};

use crate::{FORMATS, mails, recover, store, truth, try_recover};

/// The node entries of a leaf.
fn entries(editor: &Editor, page: FoundPage) -> Vec<NodeEntry> {
    let bytes = editor.page(page.at);
    (0..page.count).map(|at| NodeEntry::decode(&bytes[at * page.entry_size..], editor.format()).unwrap()).collect()
}

fn leaves(editor: &Editor) -> Vec<FoundPage> {
    editor.pages(PageType::NodeTree).into_iter().filter(|page| page.level == 0).collect()
}

#[test]
fn a_deleted_message_comes_back_only_on_request() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let mut editor = Editor::new(bytes);
        let is_mail = |entry: &NodeEntry| truth.contains_key(&entry.nid);
        let page =
            leaves(&editor).into_iter().find(|page| entries(&editor, *page).last().is_some_and(is_mail)).unwrap();
        let deleted = entries(&editor, page).last().unwrap().nid;
        // The entry stays where it is, behind those in use, as programs leave it.
        editor.set_page_field(page.at, PageField::Count, u16::try_from(page.count - 1).unwrap());
        let bytes = editor.into_bytes();
        assert!(recover(&bytes).pst.node(deleted).unwrap().is_none());

        let recovery = try_recover(&bytes, &RecoverOptions::new().deleted(true)).unwrap();
        assert_eq!(recovery.report.nodes.deleted, 1);
        assert_eq!(recovery.source_of(deleted), (NodeSource::Deleted, Confidence::Medium));
        let folder = recovery.pst.folder(recovery.pst.message(deleted).unwrap().folder_id()).unwrap();
        assert_eq!(folder.name().unwrap(), "Recovered deleted items");
        let listed: Vec<Nid> = folder.messages().unwrap().map(|message| message.unwrap().id()).collect();
        assert_eq!(listed, [deleted]);
        let mail = crate::read("", &recovery.pst.message(deleted).unwrap()).unwrap();
        let original = truth[&deleted].as_ref().unwrap();
        assert!(mail.body == original.body && mail.attachments == original.attachments);
    }
}

/// The last state of a leaf supersedes an older one, although the page that named it is lost.
#[test]
fn old_pages_bring_no_deleted_message_back() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let mut editor = Editor::new(bytes);
        let inner = |page: &FoundPage| {
            entries(&editor, *page).iter().skip(1).rev().skip(1).any(|entry| truth.contains_key(&entry.nid))
        };
        let old = leaves(&editor).into_iter().find(inner).unwrap();
        let mut kept = entries(&editor, old);
        let at = (1..kept.len() - 1).find(|at| truth.contains_key(&kept[*at].nid)).unwrap();
        let deleted = kept.remove(at).nid;
        let (parent, index) = editor
            .pages(PageType::NodeTree)
            .into_iter()
            .filter(|page| page.level == 1)
            .find_map(|page| (0..page.count).find(|at| editor.branch(page, *at).child == old.at).map(|at| (page, at)))
            .unwrap();
        let size = format.page_size();
        let end = editor.bytes_mut().len().next_multiple_of(size);
        editor.bytes_mut().resize(end, 0);
        let new = PageRef { id: editor.header().next_page + 7, offset: end as u64 };
        let page = encode_leaf(&kept, format, new);
        editor.bytes_mut().extend_from_slice(&page);
        let mut branch = editor.branch(parent, index);
        branch.child = new;
        editor.set_branch(parent, index, branch);
        let at = usize::try_from(parent.at.offset).unwrap();
        editor.bytes_mut()[at..at + size].fill(0);
        let bytes = editor.into_bytes();

        let recovery = recover(&bytes);
        assert!(recovery.pst.node(deleted).unwrap().is_none(), "{format}");
        let found = mails(&recovery.pst);
        assert_eq!(found.len(), truth.len() - 1);
        assert!(found.iter().all(|(nid, mail)| truth[nid] == *mail));
        assert_eq!(recovery.report.lost_items.iter().map(|item| item.nid).collect::<Vec<_>>(), [deleted]);
        let recovery = try_recover(&bytes, &RecoverOptions::new().deleted(true)).unwrap();
        assert_eq!(recovery.source_of(deleted).0, NodeSource::Deleted);
        assert_eq!(mails(&recovery.pst).len(), truth.len());
    }
}

/// Messages whose nodes are lost for good come back from their blocks, to the folders that list them.
#[test]
fn messages_without_nodes_come_back_from_their_blocks() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let editor = Editor::new(bytes.clone());
        for page in leaves(&editor) {
            let gone = entries(&editor, page);
            let lost: Vec<Nid> = gone.iter().map(|entry| entry.nid).filter(|nid| truth.contains_key(nid)).collect();
            // Rows of settings say neither subject nor size, so nothing tells which one a piece was.
            let settings = gone.iter().filter(|entry| entry.nid.kind() == NidType::ASSOCIATED_MESSAGE).count();
            if lost.is_empty() {
                continue;
            }
            let mut damaged = bytes.clone();
            let at = usize::try_from(page.at.offset).unwrap();
            damaged[at..at + format.page_size()].fill(0);
            let recovery = try_recover(&damaged, &RecoverOptions::new().fragments(true)).unwrap();
            let mut found = mails(&recovery.pst);
            found.retain(|_, mail| !mail.as_ref().is_some_and(|mail| mail.subject.is_empty()));
            assert!(found == truth, "{format} {lost:?}");
            assert_eq!(recovery.report.lost_item_count, settings as u64);
            assert_eq!(recovery.report.nodes.fragments, (lost.len() + settings) as u64);
            for nid in &lost {
                assert_eq!(recovery.source_of(*nid), (NodeSource::Fragment, Confidence::Medium));
            }
        }
    }
}

/// Without a node and without a row they come back as what they are: pieces.
#[test]
fn messages_that_nothing_lists_are_fragments() {
    let format = FORMATS[1];
    let bytes = store(format, CryptMethod::Permute);
    let truth = truth(&bytes);
    let mut damaged = bytes.clone();
    for page in Editor::new(bytes).pages(PageType::NodeTree) {
        let at = usize::try_from(page.at.offset).unwrap();
        damaged[at..at + 512].fill(0);
    }
    let recovery = try_recover(&damaged, &RecoverOptions::new().fragments(true)).unwrap();
    let mut found: Vec<_> = mails(&recovery.pst).into_values().map(|mail| mail.unwrap()).collect();
    assert!(found.iter().all(|mail| mail.path.ends_with("/Recovered fragments")));
    // The settings of a folder have no subject; whether they were associated only the node told.
    found.retain(|mail| !mail.subject.is_empty());
    let mut expected: Vec<_> = truth.into_values().flatten().collect();
    for list in [&mut found, &mut expected] {
        list.sort_by(|a, b| a.subject.cmp(&b.subject));
        list.iter_mut().for_each(|mail| mail.path.clear());
    }
    assert!(found == expected);
    let items = recovery.items().map(Result::unwrap);
    assert!(items.into_iter().all(|item| item.provenance.confidence == Confidence::Low));
}
