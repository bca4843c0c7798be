//! Read, answered, flagged, when it came: what stands beside a mail and not in it.

use pst_core::FileTime;

use crate::{Room, mail, make, mbox};

const FLAGS: u16 = 0x0E07;
const VERB: u16 = 0x1081;
const FLAG_STATUS: u16 = 0x1090;

#[test]
fn letters_of_a_maildir() {
    let room = Room::new();
    ["cur", "new", "tmp"].into_iter().for_each(|name| room.directory(name));
    for (name, subject) in [
        ("cur/1.1.h:2,", "unread"),
        ("cur/2.2.h:2,S", "read"),
        ("cur/3.3.h:2,RS", "answered"),
        ("cur/4.4.h:2,PS", "forwarded"),
        ("cur/5.5.h:2,FS", "flagged"),
        ("cur/6.6.h:2,DS", "draft"),
        ("cur/7.7.h:2,ST", "deleted"),
        ("cur/8.8.h:2,Sa", "keyword"),
        ("new/9.9.h", "new"),
    ] {
        room.file(name, mail(subject));
    }
    let made = make(&room);
    let of = |subject: &str, property: u16| made.message(subject).integer(property).unwrap();
    assert_eq!(
        ["unread", "new", "read", "answered", "draft"].map(|subject| of(subject, FLAGS)),
        [0, 0, 1, 1, 9].map(Some)
    );
    assert_eq!(["read", "answered", "forwarded"].map(|subject| of(subject, VERB)), [None, Some(102), Some(104)]);
    assert_eq!(["read", "flagged"].map(|subject| of(subject, FLAG_STATUS)), [None, Some(2)]);
    assert_eq!(
        made.told,
        [
            "7.7.h:2,ST: no-place: it is marked as deleted",
            "8.8.h:2,Sa: no-place: the letters \"a\" of its maildir, whose meaning a server keeps"
        ]
    );
    let folder = made.pst.folder(made.message("read").folder_id()).unwrap();
    assert_eq!((folder.content_count().unwrap(), folder.unread_count().unwrap()), (Some(9), Some(2)));
}

#[test]
fn the_name_of_the_file_goes_before_fields_of_an_older_program() {
    let room = Room::new();
    ["cur", "new", "tmp"].into_iter().for_each(|name| room.directory(name));
    room.file("cur/1.1.h:2,", "Subject: was read\nStatus: RO\n\nHi\n");
    assert_eq!(make(&room).message("was read").integer(FLAGS).unwrap(), Some(0));
}

#[test]
fn the_date_of_an_mbox_is_when_a_mail_came_unless_the_mail_says_it() {
    let room = Room::new();
    let mut all = mbox(&["without"]);
    all.extend(b"From x Wed May 17 23:35:05 2000\nReceived: from a by b; Thu, 18 May 2000 05:05:09 +0530\nSubject: with\n\nHi\n\n");
    room.file("all.mbox", all);
    let made = make(&room);
    let came = |subject: &str| made.message(subject).delivery_time().unwrap();
    assert_eq!(came("without"), FileTime::from_unix_seconds(958_606_505));
    assert_eq!(came("with"), FileTime::from_unix_seconds(958_606_509));
    // A mail that has neither has no such date.
    room.file("one.eml", mail("alone"));
    assert_eq!(make(&room).message("alone").delivery_time().unwrap(), None);
}
