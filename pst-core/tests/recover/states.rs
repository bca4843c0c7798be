//! Pieces in the wrong place, and files that hold more than one state of their store.

use pst_core::Pst;
use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Format, Nid, NidType};
use pst_core::recover::{Confidence, HeaderState, RecoverOptions};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, StoreBuilder, lines};

use crate::{FORMATS, mail, mails, recover, store, try_recover};

fn nid(number: u32) -> Nid {
    Nid::from_parts(NidType::NORMAL_MESSAGE, 0x1_0000 + number)
}

/// A store in its second state, and the header of its first.
fn two_states(format: Format) -> (Vec<u8>, Vec<u8>) {
    let of = |messages: &[(u32, &str, usize)]| {
        let folder = FolderBuilder::new("Inbox").nid(Nid::from_parts(NidType::NORMAL_FOLDER, 0x500));
        let mails = messages.iter().map(|(number, subject, size)| mail(subject, *size).nid(nid(*number)));
        Mailbox::new("Sample").folder(folder.messages(mails))
    };
    let mut builder = of(&[(1, "first", 1), (2, "deleted", 2), (3, "draft", 3)]).write(StoreBuilder::new(format));
    let older = builder.supersede();
    (of(&[(1, "first", 1), (3, "final", 9), (4, "new", 4)]).write(builder).finish_vec(), older)
}

fn subjects(pst: &Pst) -> Vec<String> {
    mails(pst).into_values().map(|mail| mail.map_or_else(|| "?".to_owned(), |mail| mail.subject)).collect()
}

#[test]
fn both_states_are_whole() {
    for format in FORMATS {
        let (mut bytes, older) = two_states(format);
        assert_eq!(subjects(&Pst::from_bytes(bytes.clone()).unwrap()), ["first", "final", "new"]);
        bytes[..older.len()].copy_from_slice(&older);
        assert_eq!(subjects(&Pst::from_bytes(bytes).unwrap()), ["first", "deleted", "draft"]);
    }
}

#[test]
fn the_newer_state_wins_over_the_header() {
    for format in FORMATS {
        let (bytes, older) = two_states(format);
        let expected = lines(&Pst::from_bytes(bytes.clone()).unwrap());
        let mut damaged = bytes;
        damaged[..older.len()].copy_from_slice(&older);
        let recovery = recover(&damaged);
        assert_eq!(recovery.report.header, HeaderState::Older, "{format}");
        assert!(lines(&recovery.pst) == expected, "{format}");
        assert!(recovery.items().all(|item| item.unwrap().provenance.confidence == Confidence::High));
    }
}

/// Old pages have the ids of a lost leaf, but the block tree says that their blocks were given up.
#[test]
fn what_was_changed_or_deleted_does_not_come_back_for_a_lost_page() {
    for format in FORMATS {
        let (bytes, _) = two_states(format);
        for page in Editor::new(bytes.clone()).pages(PageType::NodeTree).into_iter().filter(|page| page.level == 0) {
            let mut damaged = bytes.clone();
            let at = usize::try_from(page.at.offset).unwrap();
            damaged[at..at + format.page_size()].fill(0);
            let mut found = subjects(&recover(&damaged).pst);
            found.sort();
            assert_eq!(found, ["final", "first", "new"], "{format} {page:?}");
        }
    }
}

/// Of a file that is cut before its last trees, the older state comes back and says that it may be older.
#[test]
fn an_older_state_says_that_it_may_be() {
    for format in FORMATS {
        let (bytes, _) = two_states(format);
        let first = Editor::new(bytes.clone()).pages(PageType::NodeTree).iter().map(|page| page.at.offset).min();
        let recovery = recover(&bytes[..usize::try_from(first.unwrap()).unwrap()]);
        for item in recovery.items().map(Result::unwrap) {
            assert!(item.provenance.confidence < Confidence::High, "{format} {item:?}");
        }
        let found = subjects(&recovery.pst);
        for subject in ["first", "final", "new", "deleted", "draft"] {
            assert!(found.iter().any(|one| one == subject), "{format}: {subject} is not among {found:?}");
        }
    }
}

#[test]
fn pages_that_changed_places_cost_nothing() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let expected = lines(&Pst::from_bytes(bytes.clone()).unwrap());
        for kind in [PageType::NodeTree, PageType::BlockTree] {
            let pages = Editor::new(bytes.clone()).pages(kind);
            // The root and a leaf; two leaves.
            for (one, two) in [(0, pages.len() - 1), (pages.len() - 2, pages.len() - 3)] {
                let mut damaged = bytes.clone();
                let (one, two) = (pages[one].at.offset as usize, pages[two].at.offset as usize);
                for at in 0..format.page_size() {
                    damaged.swap(one + at, two + at);
                }
                let recovery = recover(&damaged);
                assert!(lines(&recovery.pst) == expected, "{format} {kind:?} {one:#x} {two:#x}");
                assert_eq!(recovery.report.moved_pages, 2, "{format} {kind:?}");
            }
        }
    }
}

#[test]
fn blocks_that_stand_elsewhere_are_read_there() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let pst = Pst::from_bytes(bytes.clone()).unwrap();
        let unit = 512;
        let whole = |offset: u64, size: u16| {
            offset.is_multiple_of(unit) && format.block_size_on_disk(usize::from(size)) as u64 <= unit
        };
        let entry = pst.blocks().map(Result::unwrap).find(|entry| whole(entry.offset, entry.stored_size)).unwrap();
        let mut damaged = bytes;
        let at = usize::try_from(entry.offset).unwrap();
        let free = damaged.chunks(512).rposition(|sector| sector.len() == 512 && sector.iter().all(|byte| *byte == 0));
        damaged.copy_within(at..at + 512, free.unwrap() * 512);
        damaged[at..at + 512].fill(0);
        let recovery = try_recover(&damaged, &RecoverOptions::new().always_scan(true)).unwrap();
        assert!(recovery.report.blocks.moved >= 1 && recovery.report.is_changed, "{format} {entry:?}");
        assert_eq!(*recovery.pst.block(entry.bid).unwrap(), *pst.block(entry.bid).unwrap(), "{format} {entry:?}");
    }
}
