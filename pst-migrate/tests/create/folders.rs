//! Directories, maildirs, mboxes and archives become folders, and some of them the inbox and the like.

use pst_core::item::FolderPath;
use pst_core::messaging::SpecialFolder as S;
use pst_migrate::create::CreateOptions;

use crate::make_zip::{Entry, zip};
use crate::{Room, mail, make, make_with, mbox};

#[test]
fn directories_are_folders_and_differ_by_more_than_case() {
    let room = Room::new();
    room.file("a.eml", mail("1"));
    room.file("Work/b.eml", mail("2"));
    room.file("Work/2020/c.eml", mail("3"));
    room.file("work/d.eml", mail("4"));
    let made = make(&room);
    assert_eq!(made.items(), ["Mail: 1", "Work/2020: 3", "Work: 2", "Work: 4"]);
    let folder = made.pst.folder(made.message("3").folder_id()).unwrap();
    assert_eq!(folder.container_class().unwrap().as_deref(), Some("IPF.Note"));
    assert_eq!(folder.content_count().unwrap(), Some(1));
}

#[test]
fn mboxes_are_folders_and_known_names_are_special() {
    let room = Room::new();
    room.file("Inbox", mbox(&["in", "in"]));
    room.file("Sent.mbox", mbox(&["out"]));
    room.file("Trash", mbox(&["gone"]));
    room.file("Inbox.sbd/Work", mbox(&["work"]));
    room.file("Private/Drafts", mbox(&["no draft"]));
    room.file("Apple.mbox/mbox", mbox(&["apple"]));
    let made = make(&room);
    assert_eq!(
        made.items(),
        [
            "Apple: apple",
            "Deleted Items: gone",
            "Inbox/Work: work",
            "Inbox: in",
            "Inbox: in",
            "Private/Drafts: no draft",
            "Sent: out"
        ]
    );
    assert_eq!(made.special(S::Inbox).as_deref(), Some("Inbox"));
    assert_eq!(made.special(S::SentItems).as_deref(), Some("Sent"));
    assert_eq!(made.special(S::DeletedItems).as_deref(), Some("Deleted Items"));
    assert_eq!(made.special(S::Drafts), None, "it is not at the top");
}

#[test]
fn a_directory_that_only_has_such_a_name_is_an_ordinary_one() {
    let room = Room::new();
    room.file("Inbox/a.eml", mail("1"));
    room.file("Trash/b.eml", mail("2"));
    let made = make(&room);
    assert_eq!(made.items(), ["Inbox: 1", "Trash: 2"]);
    assert_eq!(made.special(S::Inbox), None);
}

#[test]
fn a_maildir_is_the_inbox_and_folders_beside_it() {
    let room = Room::new();
    for folder in ["", ".Work.2020/", ".Sent/", ".Entw&APw-rfe/"] {
        for directory in ["cur", "new", "tmp"] {
            room.directory(&format!("{folder}{directory}"));
        }
    }
    room.file("cur/1.1.h:2,S", mail("in"));
    room.file(".Work.2020/new/2.2.h", mail("work"));
    room.file(".Sent/cur/3.3.h:2,S", mail("out"));
    room.file(".Entw&APw-rfe/cur/4.4.h:2,D", mail("draft"));
    let made = make(&room);
    assert_eq!(made.items(), ["Entwürfe: draft", "Inbox: in", "Sent: out", "Work/2020: work"]);
    assert_eq!(made.special(S::Inbox).as_deref(), Some("Inbox"));
    assert_eq!(made.special(S::SentItems).as_deref(), Some("Sent"));
    assert_eq!(made.special(S::Drafts), None, "a name in one language says nothing");
}

#[test]
fn archives_are_directories_and_may_hold_a_maildir() {
    let room = Room::new();
    let archive = zip([
        Entry::deflated("a/b/1.eml", mail("1")),
        Entry::new("Takeout/Mail/Inbox.mbox", mbox(&["2"])),
        Entry::new(".Work/cur/1204680122.27c.host:2,FS", mail("3")),
        Entry::new(".Work/new/1204680123.27d.host", mail("4")),
    ]);
    room.file("all.zip", archive);
    let made = make(&room);
    assert_eq!(made.items(), ["Inbox: 2", "Work: 3", "Work: 4", "a/b: 1"]);
    assert_eq!(made.message("3").integer(0x0E07).unwrap(), Some(1), "read");
    assert_eq!(made.message("3").integer(0x1090).unwrap(), Some(2), "flagged");
    assert_eq!(made.message("4").integer(0x0E07).unwrap(), Some(0), "not read");
}

#[test]
fn all_below_a_folder_of_ones_own() {
    let room = Room::new();
    room.file("Inbox", mbox(&["1"]));
    room.file("a.eml", mail("2"));
    let made = make_with([room.path()], CreateOptions::new().folder(FolderPath::new(["Old", "2020"])));
    assert_eq!(made.items(), ["Old/2020/Inbox: 1", "Old/2020/Mail: 2"]);
    assert_eq!(made.special(S::Inbox), None);
}

#[test]
fn too_many_folders_and_too_deep_ones_are_told() {
    let room = Room::new();
    room.file("a/1.eml", mail("1"));
    room.file("b/2.eml", mail("2"));
    room.file("b/c/3.eml", mail("3"));
    let made = make_with([room.path()], CreateOptions::new().most_folders(2));
    assert_eq!(made.items(), ["a: 1", "b: 2", "b: 3"]);
    assert_eq!(made.told, ["3.eml: nearest-folder: there are too many folders; it is in the nearest that is there"]);
    assert_eq!((made.summary.changed, made.summary.damaged), (1, 0));

    let room = Room::new();
    room.file("deep.zip", zip([Entry::new(format!("{}1.eml", "d/".repeat(150)), mail("deep"))]));
    let made = make(&room);
    assert_eq!(made.items(), [format!("{}: deep", vec!["d"; 100].join("/"))]);
}
