//! Maildirs.

use std::ops::ControlFlow;

use pst_migrate::input::{Input, MaildirFlags, Seen};

use crate::{Room, lines, mail};

#[test]
fn folders_and_flags() {
    let room = Room::new();
    room.file("joe/cur/1:2,RS", mail("Read"));
    room.file("joe/cur/2", "no header, and a mail all the same");
    room.file("joe/new/3", mail("New"));
    room.file("joe/tmp/4", mail("Coming"));
    room.file("joe/.Sent/cur/5:2,S", mail("Sent"));
    room.file("joe/.Sent/new/.keep", "");
    room.file("joe/.Work.Entw&APw-rfe/cur/6:2,D", mail("Draft"));
    room.file("joe/.Work.Entw&APw-rfe/new/7", mail("Fresh"));
    room.file("joe/.cache/8", mail("In no maildir"));
    room.file("joe/dovecot-uidlist", "3 V1 N2");
    assert_eq!(
        lines(&room, room.path()),
        [
            "joe/.Sent/cur/5:2,S [/joe/Sent] Sent",
            "joe/.Sent/new/.keep: empty",
            "joe/.Work.Entw&APw-rfe/cur/6:2,D [/joe/Work/Entwürfe] Draft",
            "joe/.Work.Entw&APw-rfe/new/7 [/joe/Work/Entwürfe] Fresh",
            "joe/.cache/8 [/joe/.cache] In no maildir",
            "joe/cur/1:2,RS [/joe] Read",
            "joe/cur/2 [/joe] ",
            "joe/dovecot-uidlist: not-mail",
            "joe/new/3 [/joe] New",
            "joe/tmp/4: undelivered",
        ]
    );
    let mut flags = Vec::new();
    Input::new().read([room.path().join("joe/cur"), room.path().join("joe")], &mut |seen| {
        if let Seen::Item(found) = seen
            && found.place.file.ends_with("cur/1:2,RS")
        {
            flags.push(found.flags);
        }
        ControlFlow::Continue(())
    });
    // By itself, `cur` is a directory as any other.
    let known = MaildirFlags { replied: true, seen: true, ..MaildirFlags::default() };
    assert_eq!(flags, [None, Some(known)]);
}
