//! Sound archives.

use pst_core::Mapping;
use pst_core::OpenOptions;
use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_migrate::input::{Input, SkipReason};

use crate::make_zip::{Entry, zip};
use crate::{Room, limited, lines, lines_of, mail};

fn mbox(subjects: &[&str]) -> Vec<u8> {
    let from = b"From ann@x.example Wed May 17 23:35:05 2000\r\n".to_vec();
    subjects.iter().flat_map(|subject| [from.clone(), mail(subject), b"\r\n".to_vec()].concat()).collect()
}

fn store() -> Vec<u8> {
    let message = MessageBuilder::new("IPM.Note").subject("In a store");
    Mailbox::new("Store")
        .folder(FolderBuilder::new("Inbox").message(message))
        .write(StoreBuilder::new(Format::UNICODE))
        .finish_vec()
}

#[test]
fn everything_that_mail_comes_in() {
    let room = Room::new();
    let inner = zip([Entry::deflated("Sent/c.eml", mail("Nested")), Entry::new("notes.txt", "no mail")]);
    let path = room.file(
        "all.zip",
        zip([
            Entry::new("Inbox/", ""),
            Entry::deflated("Inbox/b.eml", mail("Second")),
            Entry::new("Inbox/a.eml", mail("First")),
            Entry::deflated("lists/dev.mbox", mbox(&["One", "Two"])),
            Entry::new("inner.zip", inner),
            Entry::deflated("store.pst", store()),
            Entry::new("empty.eml", ""),
            Entry::new("report.pdf", "%PDF-1.4"),
            Entry::new("old.msg", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"),
        ]),
    );
    let size = mail("One").len() + 45 + 2;
    let expected = [
        "all.zip!Inbox/b.eml [/Inbox] Second".to_owned(),
        "all.zip!Inbox/a.eml [/Inbox] First".to_owned(),
        "all.zip!lists/dev.mbox@0 [/lists/dev] One".to_owned(),
        format!("all.zip!lists/dev.mbox@{size} [/lists/dev] Two"),
        "all.zip!inner.zip!Sent/c.eml [/Sent] Nested".to_owned(),
        "all.zip!inner.zip!notes.txt: not-mail".to_owned(),
        "all.zip!store.pst#0x200024 [/Top of Personal Folders/Inbox] In a store".to_owned(),
        "all.zip!empty.eml: empty".to_owned(),
        "all.zip!report.pdf: not-mail".to_owned(),
        "all.zip!old.msg: other-form".to_owned(),
    ];
    let (found, summary) = lines_of(&Input::new(), &room, &path);
    assert_eq!(found, expected);
    assert_eq!((summary.items, summary.failures(), summary.may_hide_mail()), (6, 0, 1));
    assert_eq!(summary.skipped[&SkipReason::NotMail], 2);
    // The same without a map, and with nothing held in memory.
    let unmapped = Input::new().open_options(OpenOptions::new().mapping(Mapping::Never));
    assert_eq!(lines_of(&unmapped, &room, &path).0, expected);
    assert_eq!(lines_of(&limited(|limits| limits.memory_bytes = 0), &room, &path).0, expected);
}

#[test]
fn names_in_two_codings() {
    let room = Room::new();
    let path = room.file(
        "names.zip",
        zip([
            Entry::new(b"Entw\x81rfe/\x80.eml", mail("CP437")),
            Entry { flags: 0x0800, ..Entry::new("Entwürfe/Ü.eml", mail("UTF-8")) },
            Entry::new("台北/日.eml", mail("UTF-8 that does not say so")),
            Entry::new("x.eml", mail("Info-ZIP")).unicode_name("Ärger/ß.eml"),
        ]),
    );
    assert_eq!(
        lines(&room, &path),
        [
            "names.zip!Entwürfe/Ç.eml [/Entwürfe] CP437",
            "names.zip!Entwürfe/Ü.eml [/Entwürfe] UTF-8",
            "names.zip!台北/日.eml [/台北] UTF-8 that does not say so",
            "names.zip!Ärger/ß.eml [/Ärger] Info-ZIP",
        ]
    );
}

#[test]
fn an_archive_behind_something_else() {
    // As programs that unpack themselves are, but for what they begin with.
    let room = Room::new();
    let mut bytes = b"PK00".to_vec();
    bytes.extend(zip([Entry::new("a.eml", mail("Behind"))]));
    let path = room.file("split.zip", bytes);
    assert_eq!(lines(&room, &path), ["split.zip!a.eml [/] Behind"]);
}

#[test]
fn empty_and_documents() {
    let room = Room::new();
    room.file("a-empty.zip", zip([]));
    room.file("b-word.docx", zip([Entry::new("[Content_Types].xml", "<x/>"), Entry::new("a.eml", mail("no"))]));
    let names = lines(&room, room.path());
    assert_eq!(names, ["a-empty.zip: empty", "b-word.docx: not-mail"]);
}
