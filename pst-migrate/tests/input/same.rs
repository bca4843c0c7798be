//! The same mail as a file, in an mbox, in an archive and in a store answers alike.

use std::io::Read;
use std::ops::ControlFlow;

use pst_core::FileTime;
use pst_core::address::Resolved;
use pst_core::item::{Item, Role};
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use pst_migrate::input::{Input, Seen};

use crate::Room;
use crate::make_zip::{Entry, zip};

const MAIL: &str = "Received: from a by b; Wed, 17 May 2000 19:35:09 -0400\r
Date: Wed, 17 May 2000 19:35:05 -0400\r
From: Ann <ann@x.example>\r
To: Bob <bob@x.example>\r
Cc: =?utf-8?q?J=C3=B6rg?= <joerg@x.example>\r
Subject: Plan\r
Message-ID: <1@x.example>\r
Content-Type: multipart/mixed; boundary=m\r
\r
--m\r
Content-Type: text/plain; charset=utf-8\r
\r
Hello\r
\r
From now on\r
--m\r
Content-Type: application/octet-stream; name=a.bin\r
Content-Transfer-Encoding: base64\r
\r
AAEC\r
--m--\r
";

#[derive(Debug, PartialEq)]
struct Answers {
    class: Option<String>,
    subject: Option<String>,
    message_id: Option<String>,
    sent: Option<(FileTime, Option<i16>)>,
    received: Option<(FileTime, Option<i16>)>,
    sender: Option<(Option<String>, Option<String>)>,
    recipients: Vec<(Role, Option<String>, Option<String>)>,
    text: Option<String>,
    attachments: Vec<(Option<String>, Option<String>, Vec<u8>)>,
}

fn answers(item: Item<'_>) -> Answers {
    let smtp = |who: &Resolved| who.smtp.as_ref().map(|smtp| smtp.address.clone());
    let attachment = |attachment: pst_core::item::ItemAttachment<'_>| {
        let mut bytes = Vec::new();
        attachment.reader().unwrap().unwrap().read_to_end(&mut bytes).unwrap();
        (attachment.name().unwrap(), attachment.mime_type().unwrap(), bytes)
    };
    Answers {
        class: item.class().unwrap().class,
        subject: item.subject().unwrap(),
        message_id: item.message_id().unwrap(),
        sent: item.sent().unwrap().map(|date| (date.time, date.offset_minutes)),
        received: item.received().unwrap().map(|date| (date.time, date.offset_minutes)),
        sender: item.sender().unwrap().map(|who| (who.name.clone(), smtp(&who))),
        recipients: item
            .recipients()
            .map(Result::unwrap)
            .map(|one| (one.role, one.who.name.clone(), smtp(&one.who)))
            .collect(),
        text: item.plain_text().unwrap(),
        attachments: item.attachments().map(Result::unwrap).map(attachment).collect(),
    }
}

fn store() -> Vec<u8> {
    let time = |seconds| FileTime::from_unix_seconds(seconds).unwrap();
    let mut draft = MessageDraft::new("IPM.Note");
    draft
        .subject("Plan")
        .sender("Ann", "ann@x.example")
        .to("Bob", "bob@x.example")
        .cc("Jörg", "joerg@x.example")
        .message_id("<1@x.example>")
        .dates(time(958_606_505), time(958_606_509))
        .headers(MAIL.split_once("\r\n\r\n").unwrap().0)
        .body("Hello\r\n\r\nFrom now on")
        .attach(AttachmentDraft::file("a.bin", [0, 1, 2]).mime("application/octet-stream"));
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    out.message(inbox, draft).unwrap();
    out.finish().unwrap()
}

#[test]
fn in_every_container() {
    let room = Room::new();
    room.file("1.eml", MAIL);
    let quoted = MAIL.replace("\r\nFrom now", "\r\n>From now");
    room.file("2.mbox", format!("From ann@x.example Thu May 18 00:00:00 2000\r\n{quoted}\r\n"));
    room.file("3.zip", zip([Entry::deflated("mail.eml", MAIL)]));
    room.file("4.pst", store());
    room.file("5/cur/1:2,S", MAIL);
    room.file("5/new/2", MAIL);
    let mut found = Vec::new();
    let summary = Input::new().read([room.path()], &mut |seen| {
        if let Seen::Item(item) = seen {
            found.push((item.place.to_string(), answers(item.item()), item.bytes.map(<[u8]>::to_vec)));
        }
        ControlFlow::Continue(())
    });
    assert_eq!((found.len(), summary.seen()), (6, 6));
    let (_, first, _) = &found[0];
    assert_eq!(first.text.as_deref(), Some("Hello\r\n\r\nFrom now on"));
    assert_eq!(first.recipients[1], (Role::Cc, Some("Jörg".into()), Some("joerg@x.example".into())));
    assert_eq!(first.attachments, [(Some("a.bin".into()), Some("application/octet-stream".into()), vec![0, 1, 2])]);
    assert_eq!(first.received.unwrap().1, Some(-240));
    for (place, answers, bytes) in &found {
        assert_eq!(answers, first, "{place}");
        assert!(bytes.as_deref().is_none_or(|bytes| bytes == MAIL.as_bytes()), "{place}");
    }
    assert_eq!(found.iter().filter(|(_, _, bytes)| bytes.is_none()).count(), 1);
}
