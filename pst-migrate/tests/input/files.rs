//! Files and directories.

use std::ops::ControlFlow;

use pst_core::ErrorKind;
use pst_migrate::input::{Input, Seen};

use crate::{Room, limited, lines, lines_of, mail};

#[test]
fn by_content_and_in_order() {
    let room = Room::new();
    room.file("b/2.eml", mail("Two"));
    room.file("b/1", mail("One"));
    room.file("a.txt", "just text");
    room.file("c.mbox", [b"From a Wed May 17 23:35:05 2000\n".to_vec(), mail("Three")].concat());
    room.file("d.emlx", [b"87\n".to_vec(), mail("Four"), b"<?xml version=\"1.0\"?><plist/>".to_vec()].concat());
    room.file("e.pst", "this is none");
    room.file("empty.eml", "");
    assert_eq!(
        lines(&room, room.path()),
        [
            "a.txt: not-mail",
            "b/1 [/b] One",
            "b/2.eml [/b] Two",
            "c.mbox@0 [/c] Three",
            "d.emlx [/] Four",
            "e.pst! not-pst",
            "empty.eml: empty",
        ]
    );
    // What is given by name is taken the same way.
    assert_eq!(lines(&room, &room.path().join("b/1")), ["b/1 [/] One"]);
    assert_eq!(lines(&room, &room.path().join("gone")), ["gone! io"]);
}

#[test]
fn a_path_that_is_not_there_is_told_with_its_error() {
    let room = Room::new();
    let mut kinds = Vec::new();
    Input::new().read([room.path().join("gone")], &mut |seen| {
        if let Seen::Failed(failed) = seen {
            kinds.push((failed.error.kind(), failed.place.file.clone()));
        }
        ControlFlow::Continue(())
    });
    assert_eq!(kinds, [(ErrorKind::Io, room.path().join("gone"))]);
}

#[test]
fn bytes_are_those_of_the_mail() {
    let room = Room::new();
    let first = b"A: b\n\n>From me\n".to_vec();
    let mbox = [
        b"From a Wed May 17 23:35:05 2000\n".to_vec(),
        first.clone(),
        b"\nFrom b Wed May 17 23:35:05 2000\nA: c\n\n".to_vec(),
    ]
    .concat();
    room.file("1.mbox", mbox);
    room.file("2.eml", mail("Two"));
    let mut bytes = Vec::new();
    Input::new().read([room.path()], &mut |seen| {
        if let Seen::Item(found) = seen {
            bytes.push(found.bytes.unwrap().to_vec());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(bytes, [b"A: b\n\nFrom me\n".to_vec(), b"A: c\n".to_vec(), mail("Two")]);
}

#[test]
fn the_from_line_of_an_mbox_tells_when_a_mail_came() {
    let room = Room::new();
    let path = room.file("1.mbox", [b"From a Wed May 17 23:35:05 2000\n".to_vec(), mail("One")].concat());
    let mut received = None;
    Input::new().read([path], &mut |seen| {
        if let Seen::Item(found) = seen {
            received = found.item().received().unwrap().map(|date| date.time.to_unix_seconds());
        }
        ControlFlow::Continue(())
    });
    assert_eq!(received, Some(958_606_505));
}

#[test]
fn the_visitor_may_end_it() {
    let room = Room::new();
    for name in ["1.eml", "2.eml", "3.eml"] {
        room.file(name, mail(name));
    }
    let mut seen = 0;
    let summary = Input::new().read([room.path()], &mut |_| {
        seen += 1;
        if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    assert_eq!((seen, summary.items, summary.stopped), (2, 2, true));
}

#[cfg(unix)]
#[test]
fn links_and_pipes() {
    use std::os::unix::fs::symlink;
    let room = Room::new();
    let mail = room.file("mail/1.eml", mail("One"));
    symlink(&mail, room.path().join("mail/2.eml")).unwrap();
    symlink(room.path(), room.path().join("mail/loop")).unwrap();
    symlink("nowhere", room.path().join("mail/broken")).unwrap();
    let socket = std::os::unix::net::UnixListener::bind(room.path().join("mail/socket")).unwrap();
    let found = lines(&room, &room.path().join("mail"));
    assert_eq!(
        found,
        ["mail/1.eml [/] One", "mail/2.eml: link", "mail/broken: link", "mail/loop: link", "mail/socket: special-file"]
    );
    drop(socket);
    // One that was given is followed.
    assert_eq!(lines(&room, &room.path().join("mail/2.eml")), ["mail/2.eml [/] One"]);
}

#[test]
fn directories_have_a_depth() {
    let room = Room::new();
    room.file("a/b/c/1.eml", mail("Deep"));
    room.file("a/1.eml", mail("Flat"));
    let input = limited(|limits| limits.directory_depth = 2);
    assert_eq!(lines_of(&input, &room, room.path()).0, ["a/1.eml [/a] Flat", "a/b/c: too-deep"]);
}
