//! Nodes and tables of folders are lost.

use pst_core::Pst;
use pst_core::ltp::id;
use pst_core::ndb::{CryptMethod, Nid, NidType};
use pst_core::testkit::edit::Editor;

use crate::{FORMATS, mails, recover, store, truth};

/// The folder of the first mail.
fn inbox(bytes: &[u8]) -> Nid {
    let pst = Pst::from_bytes(bytes.to_vec()).unwrap();
    let mut folders = pst.root_folder().unwrap().descendants().map(Result::unwrap);
    folders.find(|folder| folder.name().unwrap() == "Inbox").unwrap().id()
}

#[test]
fn a_damaged_table_is_made_anew_from_its_messages() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let inbox = inbox(&bytes);
        for kind in [NidType::CONTENTS_TABLE, NidType::HIERARCHY_TABLE, NidType::ASSOCIATED_CONTENTS_TABLE] {
            // The tables of the folder and those of the one above it.
            for folder in [inbox, Nid::new(0x8022), Nid::ROOT_FOLDER] {
                let mut editor = Editor::new(bytes.clone());
                let data = editor.node(folder.with_kind(kind)).data;
                let entry = editor.block_entry(editor.leaves(data)[0]);
                let at = usize::try_from(entry.offset).unwrap();
                editor.bytes_mut()[at + 2] ^= 0x80;
                let recovery = recover(&editor.into_bytes());
                assert!(mails(&recovery.pst) == truth, "{format} {kind} of {folder}");
                let report = &recovery.report;
                // Empty tables may share one block.
                assert!(report.folders.tables >= 1 && report.is_changed && !report.is_scanned, "{report:?}");
                assert_eq!(report.lost_item_count, 0);
                let pst = &recovery.pst;
                let table = pst.folder(inbox).unwrap().contents_table().unwrap().unwrap();
                for row in table.rows().map(Result::unwrap) {
                    let message = pst.message(row.nid()).unwrap();
                    assert_eq!(row.string(id::SUBJECT).unwrap(), message.string(id::SUBJECT).unwrap());
                    assert_eq!(row.integer(id::MESSAGE_SIZE), message.size().unwrap());
                }
            }
        }
    }
}

#[test]
fn an_orphan_comes_into_the_recovered_folder() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let orphan = *truth.keys().next().unwrap();
        let mut editor = Editor::new(bytes);
        editor.edit_node(orphan, |node| node.parent = Nid::new(0));
        let recovery = recover(&editor.into_bytes());
        assert_eq!(recovery.report.folders.orphans, 1);
        let mut expected = truth;
        let mail = expected.get_mut(&orphan).unwrap().as_mut().unwrap();
        let (top, _) = mail.path.rsplit_once('/').unwrap();
        mail.path = format!("{top}/Recovered");
        assert!(mails(&recovery.pst) == expected, "{format}");
    }
}

#[test]
fn folders_in_a_circle_come_into_the_recovered_folder() {
    let bytes = store(FORMATS[1], CryptMethod::Permute);
    let truth = truth(&bytes);
    let deep = {
        let pst = Pst::from_bytes(bytes.clone()).unwrap();
        let mut folders = pst.root_folder().unwrap().descendants().map(Result::unwrap);
        folders.find(|folder| folder.name().unwrap() == "2024").unwrap()
    };
    let (low, high) = (deep.id(), deep.parent_id().unwrap());
    let mut editor = Editor::new(bytes);
    editor.edit_node(high, |node| node.parent = low);
    let recovery = recover(&editor.into_bytes());
    assert_eq!(recovery.report.folders.attached, 1);
    let found = mails(&recovery.pst);
    assert_eq!(found.len(), truth.len());
    for (nid, mail) in truth {
        let (mail, other) = (mail.unwrap(), found[&nid].clone().unwrap());
        assert_eq!(mail.subject, other.subject);
        assert_eq!(mail.path.rsplit('/').next(), other.path.rsplit('/').next());
        assert_eq!(other.path.contains("/Recovered/"), mail.path.contains("/Projects"), "{}", other.path);
    }
}

#[test]
fn a_store_without_its_own_node() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let mut editor = Editor::new(bytes);
        let data = editor.node(Nid::MESSAGE_STORE).data;
        let at = usize::try_from(editor.block_entry(data).offset).unwrap();
        editor.bytes_mut()[at] ^= 1;
        let recovery = recover(&editor.into_bytes());
        assert!(mails(&recovery.pst) == truth, "{format}");
        assert_eq!(recovery.report.nodes.made, 1);
        assert_eq!(recovery.pst.ipm_subtree().unwrap().unwrap().id(), Nid::new(0x8022));
    }
}
