//! Nodes and tables of folders are lost.

use pst_core::Pst;
use pst_core::ltp::id;
use pst_core::ndb::{CryptMethod, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, StoreBuilder};

use crate::{FORMATS, mail, mails, recover, store, truth};

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
fn an_orphan_comes_to_the_folder_that_lists_it() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let orphan = *truth.keys().next().unwrap();
        let home = Pst::from_bytes(bytes.clone()).unwrap().message(orphan).unwrap().folder_id();
        let mut editor = Editor::new(bytes);
        editor.edit_node(orphan, |node| node.parent = Nid::new(0));
        let recovery = recover(&editor.into_bytes());
        assert_eq!((recovery.report.folders.orphans_listed, recovery.report.folders.orphans), (1, 0));
        assert!(mails(&recovery.pst) == truth, "{format}");
        assert_eq!(recovery.pst.message(orphan).unwrap().folder_id(), home);
    }
}

#[test]
fn an_orphan_that_nothing_lists_comes_into_the_recovered_folder() {
    for format in FORMATS {
        let inbox = FolderBuilder::new("Inbox").message(mail("listed", 2));
        // One names no folder, one a folder that was lost, one the inbox.
        let mailbox = Mailbox::new("Sample").folder(inbox.nid(Nid::new(0x9002)));
        let mailbox = mailbox.orphan(mail("nowhere", 3), Nid::new(0));
        let mailbox = mailbox.orphan(mail("lost", 4), Nid::new(0x9102));
        let mailbox = mailbox.orphan(mail("forgotten", 5), Nid::new(0x9002));
        let bytes = mailbox.write(StoreBuilder::new(format)).finish_vec();
        let recovery = recover(&bytes);
        let mut found: Vec<_> = mails(&recovery.pst).into_values().map(|mail| mail.unwrap()).collect();
        found.sort_by(|a, b| a.subject.cmp(&b.subject));
        let places: Vec<_> = found
            .iter()
            .map(|mail| {
                (mail.subject.as_str(), mail.path.rsplit_once("Top of Personal Folders").map_or("", |(_, path)| path))
            })
            .collect();
        assert_eq!(
            places,
            [
                ("forgotten", "/Inbox"),
                ("listed", "/Inbox"),
                ("lost", "/Recovered/Recovered folder 0x9102"),
                ("nowhere", "/Recovered"),
            ]
        );
        let report = &recovery.report;
        assert_eq!((report.folders.orphans, report.folders.made), (1, 2));
        assert!(found.iter().all(|mail| mail.body.starts_with(&format!("Body of {}. ", mail.subject))));
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
