//! What is read where not everything is.

use std::collections::BTreeMap;

use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, StoreBuilder};
use pst_migrate::delivery::DeliveryCheck;
use pst_migrate::profile::Profile;

use crate::tree::{Room, check, mail, report, store};

/// The profile of the archive, with other numbers.
fn sampling(lines: &str) -> DeliveryCheck {
    let text = format!("format = 1\nname = \"x\"\nextends = \"mimecast-2016\"\n[sampling]\n{lines}\n");
    DeliveryCheck::new(Profile::parse("x", &text).unwrap())
}

/// Twelve folders, the first with 89 mails, the others with one each.
fn many_folders() -> Vec<u8> {
    let first = FolderBuilder::new("0").messages((0..89).map(|number| mail(&number.to_string())));
    let others = (1..12).map(|number| FolderBuilder::new(&number.to_string()).message(mail("only")));
    Mailbox::new("x").folder(first).folders(others).write(StoreBuilder::new(Format::UNICODE)).finish_vec()
}

#[test]
fn as_many_items_as_asked_for_and_the_same_for_the_same_seed() {
    let room = Room::new();
    let path = "Acme_ing1234/Pst/NotPerUser_SJF/a.pst";
    room.file(path, many_folders());
    let read = |check_: &DeliveryCheck| check(check_, room.path()).file(path).content.as_ref().unwrap().read;
    for seed in 0..20 {
        // Ten folders have one each for sure, and others may be picked twice.
        let twenty = read(&sampling("stores-share = 1.0").seed(seed));
        assert!((11..=20).contains(&twenty), "{seed}: {twenty}");
        assert_eq!(twenty, read(&sampling("stores-share = 1.0").seed(seed)));
        assert_eq!(read(&sampling("stores-share = 1.0\nitems-min = 1000").seed(seed)), 100);
        assert_eq!(read(&sampling("stores-share = 0.0").seed(seed)), 0);
        let half = read(&sampling("stores-share = 1.0\nitems-share = 0.5\nfolders = 0").seed(seed));
        assert_eq!(half, 50);
    }
    let whole = check(&sampling("").full(true), room.path());
    let content = whole.file(path).content.clone().unwrap();
    assert_eq!((content.read, content.looked_at, content.whole), (100, 100, true));
    assert_eq!((whole.account.read_whole, whole.account.items_read), (1, 100));
}

/// Each store is chosen by itself: what else is delivered does not matter.
#[test]
fn stores_are_chosen_by_their_share_and_alone() {
    let room = Room::new();
    let bytes = store([mail("one")]);
    (0..200).for_each(|number| drop(room.file(&format!("Acme_ing1234/Pst/NotPerUser_SJF/{number}.pst"), &bytes)));
    let chosen = |seed| -> BTreeMap<String, bool> {
        let told = check(&sampling("stores-share = 0.3").seed(seed), room.path());
        let files = told.files.iter();
        files.map(|file| (file.path.display().to_string(), file.content.as_ref().unwrap().read > 0)).collect()
    };
    let first = chosen(1);
    let count = first.values().filter(|is_chosen| **is_chosen).count();
    // 60, give or take four standard deviations of 6.5.
    assert!((34..=86).contains(&count), "{count}");
    assert_ne!(first, chosen(2));
    (0..100).for_each(|number| {
        std::fs::remove_file(room.path().join(format!("Acme_ing1234/Pst/NotPerUser_SJF/{number}.pst"))).unwrap();
    });
    let fewer = chosen(1);
    assert!(fewer.iter().all(|(path, is_chosen)| first[path] == *is_chosen));
}

#[test]
fn reports_up_to_the_share_that_is_told() {
    for (reports, mails, purpose, is_good) in [
        (1, 19, "NotPerUser_SJF", true),
        (2, 18, "NotPerUser_SJF", false),
        (19, 1, "NotPerUser_EJF", true),
        (18, 2, "NotPerUser_EJF", false),
        (0, 3, "NotPerUser_SJF", true),
        (3, 0, "NoUser_EJF", true),
    ] {
        let room = Room::new();
        let path = format!("Acme_ing1234/Pst/{purpose}/a.pst");
        let items = (0..reports).map(|number| report(&number.to_string()));
        room.file(&path, store(items.chain((0..mails).map(|number| mail(&format!("m{number}"))))));
        let told = check(&sampling(""), room.path());
        let file = told.file(&path);
        let content = file.content.as_ref().unwrap();
        assert_eq!((content.reports, content.looked_at), (reports, reports + mails));
        assert_eq!(
            file.findings.iter().all(|finding| finding.code() != "FORMAT_MISMATCH"),
            is_good,
            "{path} {reports}"
        );
    }
}

/// A store near 2 GB is read whole, whatever the share.
#[test]
fn the_window_is_read_whole() {
    let room = Room::new();
    let bytes = many_folders();
    for (size, items) in [(2_104_533_974, 0), (2_104_533_975, 100), (2_147_483_648, 100), (2_147_483_649, 0)] {
        room.sparse("Acme_ing1234/Pst/NotPerUser_SJF/a.pst", &bytes, size);
        let told = check(&sampling("stores-share = 0.0\nstores-certain = \"9999 TB\""), room.path());
        let content = told.files[0].content.clone().unwrap();
        assert_eq!((content.read, content.whole), (items, items > 0), "{size}");
    }
}
