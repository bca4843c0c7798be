//! Attachments of every method (MS-OXCMAIL 2.1.3.4).

use std::io::{Cursor, Write};

use pst_core::FileTime;
use pst_core::convert::LossKind;
use pst_core::convert::to_mime::Options;
use pst_core::ltp::id;
use pst_core::write::{AttachmentDraft, MessageDraft, Properties};

use crate::{convert, convert_with, date, letter};

/// The part of the only attachment below a plain body.
fn part(attachment: AttachmentDraft) -> (String, Vec<String>) {
    let mut draft = letter();
    draft.body("Hi.").attach(attachment);
    let mail = convert(draft);
    let body = mail.body();
    let start = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B1\n\n--B1\n\
                 Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\nHi.\n--B1\n";
    let part = body.strip_prefix(start).unwrap_or_else(|| panic!("{body}"));
    (part.strip_suffix("\n--B1--\n").unwrap().to_owned(), mail.losses())
}

#[test]
fn a_file_with_all_that_is_known_of_it() {
    let mut file = AttachmentDraft::file("Füße.txt", *b"hello").mime("text/plain");
    file.properties()
        .time(id::CREATION_TIME, date())
        .time(id::LAST_MODIFICATION_TIME, FileTime::from_unix_seconds(1_600_000_001).unwrap())
        .text(0x371B, "koi8-r")
        .text(id::ATTACH_CONTENT_LOCATION, "http://example.com/f");
    assert_eq!(
        part(file),
        (
            "Content-Type: text/plain; charset=koi8-r; name=F__e.txt\n\
             Content-Disposition: attachment; filename*=utf-8''F%C3%BC%C3%9Fe.txt; size=5;\n \
             creation-date=\"Sun, 13 Sep 2020 12:26:40 +0000\";\n \
             modification-date=\"Sun, 13 Sep 2020 12:26:41 +0000\"\n\
             Content-Location: http://example.com/f\n\
             Content-Transfer-Encoding: base64\n\
             \n\
             aGVsbG8="
                .to_owned(),
            Vec::new()
        )
    );
}

/// What Content-Type says of a file.
fn kind(name: &str, mime: Option<&str>, bytes: &[u8]) -> (String, Vec<String>) {
    let mut file = AttachmentDraft::file(name, bytes);
    if let Some(mime) = mime {
        file = file.mime(mime);
    }
    let (part, losses) = part(file);
    (part.lines().next().unwrap().split(';').next().unwrap().replace("Content-Type: ", ""), losses)
}

#[test]
fn the_type_is_the_stored_one_or_told_by_name_or_content() {
    assert_eq!(kind("a.bin", Some("Image/PNG"), b"x").0, "image/png");
    assert_eq!(kind("a.PDF", None, b"x").0, "application/pdf");
    assert_eq!(kind("noname", None, b"\x89PNG\r\n\x1A\n").0, "image/png");
    assert_eq!(kind("noname", None, b"x").0, "application/octet-stream");
    let (kind, losses) = kind("a.eml", Some("message/rfc822"), b"From: x\r\n\r\n");
    assert_eq!(kind, "application/octet-stream");
    assert!(losses[0].ends_with("the content type message/rfc822 became application/octet-stream"), "{losses:?}");
}

#[test]
fn names_of_every_kind() {
    let head = |name: &str| {
        let (part, _) = part(AttachmentDraft::file(name, *b"x"));
        part.split("\n\n").next().unwrap().to_owned()
    };
    assert!(head("a \"b\"; c.txt").contains("filename=\"a \\\"b\\\"; c.txt\"; size=1"));
    assert!(head("..\\..\\x.exe").contains("filename=\"..\\\\..\\\\x.exe\""));
    let long = format!("{}.docx", "é".repeat(100));
    let head = head(&long);
    assert!(
        head.contains("\n filename*0*=utf-8''%C3%A9%C3%A9")
            && head.contains("\n filename*12*=%C3%A9%C3%A9%C3%A9%C3%A9.docx")
    );
    assert!(head.contains(&format!("name={}.docx\n", "_".repeat(50))));
    let (part, losses) = part(AttachmentDraft::file("a\r\nX-Bad: 1.txt", *b"x"));
    assert!(!part.contains("\nX-Bad") && part.contains("a X-Bad: 1.txt"));
    assert_eq!(losses.len(), 1);
}

#[test]
fn an_attachment_without_anything() {
    let (part, losses) = part(AttachmentDraft::from_properties(Properties::new()));
    assert_eq!(
        part,
        "Content-Type: application/octet-stream\nContent-Disposition: attachment; size=0\n\
         Content-Transfer-Encoding: base64\n\n"
    );
    assert_eq!(losses, [""; 0]);
}

#[test]
fn images_the_html_shows_stand_beside_it() {
    let mut draft = letter();
    let mut hidden = AttachmentDraft::file("hidden.png", *b"h").mime("image/png").inline("hidden@x");
    hidden.properties().integer32(id::ATTACH_FLAGS, 0).boolean(id::ATTACHMENT_HIDDEN, true);
    let mut placed = AttachmentDraft::file("placed.gif", *b"p").mime("image/gif");
    placed.properties().text(id::ATTACH_CONTENT_LOCATION, "placed.gif");
    let mut unused = AttachmentDraft::file("unused.png", *b"u").mime("image/png");
    unused.properties().text(id::ATTACH_CONTENT_ID, "unused@x");
    let mut shown = AttachmentDraft::file("shown.png", *b"s").mime("image/png");
    shown.properties().text(id::ATTACH_CONTENT_ID, "<Shown@x>");
    draft
        .body("Hi.")
        .html("<img src=\"cid:shown%40x\"><img src=placed.gif>")
        .attach(unused)
        .attach(shown)
        .attach(placed)
        .attach(hidden);
    let body = convert(draft).body();
    let structure: Vec<&str> = body
        .lines()
        .filter(|line| {
            ["Content-Type", "Content-Disposition", "Content-ID", "Content-Location", "--"]
                .iter()
                .any(|start| line.starts_with(start))
        })
        .collect();
    assert_eq!(
        structure,
        [
            "Content-Type: multipart/mixed; boundary=B1",
            "--B1",
            "Content-Type: multipart/related; type=\"multipart/alternative\";",
            "--B2",
            "Content-Type: multipart/alternative; boundary=B3",
            "--B3",
            "Content-Type: text/plain; charset=us-ascii",
            "--B3",
            "Content-Type: text/html; charset=us-ascii",
            "--B3--",
            "--B2",
            "Content-Type: image/png; name=shown.png",
            "Content-Disposition: inline; filename=shown.png; size=1",
            "Content-ID: <Shown@x>",
            "--B2",
            "Content-Type: image/gif; name=placed.gif",
            "Content-Disposition: inline; filename=placed.gif; size=1",
            "Content-Location: placed.gif",
            "--B2",
            "Content-Type: image/png; name=hidden.png",
            "Content-Disposition: inline; filename=hidden.png; size=1",
            "Content-ID: <hidden@x>",
            "--B2--",
            "--B1",
            "Content-Type: image/png; name=unused.png",
            "Content-Disposition: attachment; filename=unused.png; size=1",
            "Content-ID: <unused@x>",
            "--B1--",
        ]
    );
}

#[test]
fn a_message_in_the_message() {
    let mut inner = letter();
    inner.subject("Inner").body("In.").attach(AttachmentDraft::file("a.txt", *b"x"));
    let (part, losses) = part(AttachmentDraft::message("Inner", inner));
    assert_eq!(
        part,
        "Content-Type: message/rfc822; name=Inner.eml\n\
         Content-Disposition: attachment; filename=Inner.eml\n\
         \n\
         Date: Sun, 13 Sep 2020 12:26:40 +0000\n\
         From: Ann <ann@example.com>\n\
         To: Bob <bob@example.com>\n\
         Subject: Inner\n\
         Message-ID: <1@example.com>\n\
         Thread-Topic: Inner\n\
         MIME-Version: 1.0\n\
         Content-Type: multipart/mixed; boundary=B2\n\
         \n\
         --B2\n\
         Content-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         In.\n\
         --B2\n\
         Content-Type: text/plain; name=a.txt\n\
         Content-Disposition: attachment; filename=a.txt; size=1\n\
         Content-Transfer-Encoding: base64\n\
         \n\
         eA==\n\
         --B2--\n"
    );
    assert_eq!(losses, [""; 0]);
}

fn nested(depth: u32) -> MessageDraft {
    let mut draft = letter();
    draft.subject(&format!("level {depth}")).body("Hi.");
    if depth > 0 {
        draft.attach(AttachmentDraft::message("inner", nested(depth - 1)));
    }
    draft
}

#[test]
fn messages_nest_up_to_the_limit_and_the_rest_is_told() {
    let mail = convert_with(&Options::default(), |_| nested(20));
    assert_eq!((mail.converted.embedded, mail.losses().len()), (20, 0));
    assert!(mail.text.contains("Subject: level 0\r\n"));
    let mut options = Options::default();
    options.depth = 2;
    let mail = convert_with(&options, |_| nested(4));
    assert_eq!(mail.converted.embedded, 2);
    assert!(mail.text.contains("Subject: level 2\r\n") && !mail.text.contains("level 1"));
    let losses = mail.lost(LossKind::TooDeep);
    assert_eq!(losses.len(), 1);
    assert!(losses[0].ends_with("a message inside 3 others"), "{losses:?}");
    assert_eq!(losses[0].matches("attachment 0x").count(), 3);
}

#[test]
fn a_reference_becomes_a_text_with_the_place() {
    let (part, losses) = part(AttachmentDraft::reference("plan.xls", "\\\\server\\share\\plän.xls"));
    assert_eq!(
        part,
        "Content-Type: text/plain; name=plan.xls.txt\n\
         Content-Disposition: attachment; filename=plan.xls.txt\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         \\\\server\\share\\pl=C3=A4n.xls\n"
    );
    assert!(losses[0].ends_with("the file is elsewhere; a text with its place stands for it"));
}

#[test]
fn an_ole_object_and_what_is_in_it() {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("CONTENTS").unwrap().write_all(b"%PDF-1.4 x").unwrap();
    file.flush().unwrap();
    let object = file.into_inner().into_inner();
    let size = object.len();
    let (part, losses) = part(AttachmentDraft::ole("Picture", object));
    assert!(part.starts_with(&format!(
        "Content-Type: application/octet-stream; name=Picture.ole\n\
         Content-Disposition: attachment; filename=Picture.ole; size={size}\n\
         Content-Transfer-Encoding: base64\n\n0M8R4KGxGuE"
    )));
    let (_, second) = part.split_once("\n--B1\n").unwrap();
    assert_eq!(
        second,
        "Content-Type: application/pdf; name=Picture.pdf\n\
         Content-Disposition: attachment; filename=Picture.pdf; size=10\n\
         Content-Transfer-Encoding: base64\n\nJVBERi0xLjQgeA=="
    );
    assert_eq!(losses, [""; 0]);
    let (bare, _) = self::part(AttachmentDraft::ole("Object", *b"no compound file"));
    assert_eq!(bare.matches("Content-Type").count(), 1);
}

#[test]
fn properties_without_a_place_are_told() {
    let mut file = AttachmentDraft::file("a.txt", *b"x");
    file.properties().binary(0x3709, *b"icon").integer32(0x7FFD, 0).integer32(0x0E21, 3);
    let (_, losses) = part(file);
    assert_eq!(losses.len(), 1);
    assert!(
        losses[0].starts_with("no-place: 0x37090102: attachment 0x") && losses[0].ends_with(": PidTagAttachRendering")
    );
}
