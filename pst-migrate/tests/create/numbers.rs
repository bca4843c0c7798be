//! Numbers add up, and stopping and failing end the work.

use std::collections::BTreeMap;

use pst_core::ErrorKind;
use pst_core::text::CodePage;
use pst_core::write::WriteOptions;
use pst_migrate::create::{Create, CreateOptions, Event};
use pst_migrate::input::SkipReason;

use crate::make_zip::{Entry, zip};
use crate::{Room, mail, make, mbox};

#[test]
fn everything_seen_is_written_skipped_or_failed() {
    let room = Room::new();
    room.file("1.eml", mail("same"));
    room.file("2.eml", mail("same"));
    room.file("all.mbox", mbox(&["same", "other"]));
    room.file("empty.eml", b"");
    room.file("film.avi", b"RIFF\x01\x02\x03\x04AVI LIST");
    room.file("old.msg", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    room.file("bad.pst", b"!BDN, and no store");
    let mut bad = Entry::new("bad.eml", mail("bad"));
    bad.crc = Some(1);
    room.file("bad.zip", zip([bad, Entry::new("good.eml", mail("good"))]));
    let made = make(&room);
    let summary = &made.summary;
    assert_eq!(made.items(), ["Mail: good", "Mail: same", "Mail: same", "all: other", "all: same"]);
    assert_eq!((summary.seen, summary.mails, summary.skips(), summary.failures()), (10, 5, 3, 2));
    let skipped = [(SkipReason::Empty, 1), (SkipReason::NotMail, 1), (SkipReason::OtherForm, 1)];
    assert_eq!(summary.skipped, BTreeMap::from(skipped));
    assert_eq!(summary.failed.get("checksum"), Some(&1));
    assert_eq!(summary.may_hide_mail(), 1);
    assert!(summary.has_losses());
    assert_eq!((summary.damaged, summary.changed), (0, 0));
    // Mail, all, and the six that every store has.
    assert_eq!(summary.folders, 8);
}

#[test]
fn sound_mail_has_no_losses() {
    let room = Room::new();
    room.file("1.eml", mail("one"));
    room.file("note.txt", "no mail");
    let made = make(&room);
    assert!(!made.summary.has_losses(), "{:?}", made.summary);
    assert_eq!(made.told, ["note.txt: not-mail"]);
}

#[test]
fn what_a_mail_loses_is_told_and_weighed() {
    let room = Room::new();
    room.file(
        "form.eml",
        "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\nbefore\n--b\nX-Part: 1\n\nHi\n--b--\n",
    );
    room.file("lost.eml", "Subject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n\nno TNEF\n");
    let made = make(&room);
    let summary = &made.summary;
    assert_eq!((summary.mails, summary.damaged, summary.changed), (2, 1, 1), "{:?}", made.told);
    assert_eq!(summary.notes.get("no-place"), Some(&2), "{:?}", made.told);
    assert_eq!(summary.notes.get("unreadable"), Some(&1), "{:?}", made.told);
}

#[test]
fn an_item_that_the_file_cannot_hold_fails_alone() {
    let room = Room::new();
    room.file("1.eml", "Subject: =?utf-8?b?5Y+w?=\n\nHi\n");
    room.file("2.eml", mail("plain"));
    let options = WriteOptions::new().ansi(CodePage::WINDOWS_1252);
    let mut create = Create::new(Vec::new(), options, CreateOptions::new()).unwrap();
    let mut failed = Vec::new();
    let summary = create
        .add(room.path(), &mut |event| {
            if let Event::Failed { error, .. } = event {
                failed.push(error.kind());
            }
            true
        })
        .unwrap();
    assert_eq!(failed, [ErrorKind::InvalidInput]);
    assert_eq!((summary.seen, summary.mails, summary.failures()), (2, 1, 1));
    assert!(summary.adds_up());
    create.finish().unwrap();
}

#[test]
fn who_watches_may_stop() {
    let room = Room::new();
    (0..5).for_each(|number| drop(room.file(&format!("{number}.eml"), mail("x"))));
    let place = Room::new();
    let out = place.path().join("out.pst");
    let target = pst_core::write::FileTarget::create(&out, false).unwrap();
    let mut create = Create::new(target, WriteOptions::new(), CreateOptions::new()).unwrap();
    let mut left = 2;
    let stopped = create.add(room.path(), &mut |_| {
        left -= 1;
        left > 0
    });
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!((create.summary().seen, create.summary().mails), (2, 2));
    drop(create);
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing is left of it");
}
