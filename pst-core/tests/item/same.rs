//! A mail as EML and the same in a store answer every question alike.

use std::io::Read;

use pst_core::address::Resolved;
use pst_core::item::{AnyMessage, AttachmentKind, FolderPath, FolderPaths, Item, ItemDate, Role};
use pst_core::ltp::id;
use pst_core::messaging::OneOffEntryId;
use pst_core::mime::Mail;
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Pst};

const MAIL: &str = "Received: from a by b; Thu, 18 May 2000 05:05:09 +0530\r
Date: Wed, 17 May 2000 19:35:05 -0400\r
From: Boss <boss@x.example>\r
Sender: Secretary <sec@x.example>\r
To: =?utf-8?q?J=C3=B6rg?= <joerg@x.example>, Ann <ann@x.example>\r
Cc: Cid <cid@x.example>\r
Bcc: Bob <bob@x.example>\r
Reply-To: Desk <desk@x.example>\r
Subject: RE: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r
Message-ID: <1@x.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=m\r
\r
--m\r
Content-Type: multipart/related; boundary=r\r
\r
--r\r
Content-Type: multipart/alternative; boundary=a\r
\r
--a\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
Grüße\r
--a\r
Content-Type: text/html; charset=utf-8\r
Content-Transfer-Encoding: 8bit\r
\r
<p>Grüße<img src=\"cid:pic@x\">\r
--a--\r
--r\r
Content-Type: image/png\r
Content-Disposition: inline; filename=pic.png\r
Content-ID: <pic@x>\r
Content-Transfer-Encoding: base64\r
\r
AAECAwQF\r
--r--\r
--m\r
Content-Type: application/pdf\r
Content-Disposition: attachment; filename*=utf-8''%C3%9Cbersicht.pdf\r
Content-Transfer-Encoding: base64\r
\r
JVBERi0=\r
--m\r
Content-Type: message/rfc822\r
\r
From: Eve <eve@y.example>\r
Subject: Inner\r
\r
Within\r
--m--\r
";

fn drafted() -> MessageDraft {
    let time = |seconds| FileTime::from_unix_seconds(seconds).unwrap();
    let mut inner = MessageDraft::new("IPM.Note");
    inner.subject("Inner").sender("Eve", "eve@y.example").body("Within");
    let mut mail = MessageDraft::new("IPM.Note");
    let headers = MAIL.split_once("\r\n\r\n").unwrap().0;
    mail.subject("RE: Grüße")
        .sender("Secretary", "sec@x.example")
        .represented("Boss", "boss@x.example")
        .to("Jörg", "joerg@x.example")
        .to("Ann", "ann@x.example")
        .cc("Cid", "cid@x.example")
        .bcc("Bob", "bob@x.example")
        .message_id("<1@x.example>")
        .dates(time(958_606_505), time(958_606_509))
        .headers(headers)
        .body("Grüße")
        .html("<p>Grüße<img src=\"cid:pic@x\">")
        .attach(AttachmentDraft::file("pic.png", [0, 1, 2, 3, 4, 5]).mime("image/png").inline("pic@x"))
        .attach(AttachmentDraft::file("Übersicht.pdf", *b"%PDF-").mime("application/pdf"))
        .attach(AttachmentDraft::message("Inner", inner));
    let entry = OneOffEntryId { name: "Desk".into(), address_type: "SMTP".into(), address: "desk@x.example".into() };
    let entry = entry.encode();
    let padding = entry.len().next_multiple_of(4) - entry.len();
    let mut list = 1u32.to_le_bytes().to_vec();
    list.extend(u32::try_from(entry.len() + padding + 4).unwrap().to_le_bytes());
    list.extend(u32::try_from(entry.len()).unwrap().to_le_bytes());
    list.extend(entry);
    list.extend(vec![0; padding]);
    mail.properties().binary(0x004F, list);
    mail
}

fn store(draft: MessageDraft) -> Pst {
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "In/box").unwrap();
    out.message(inbox, draft).unwrap();
    Pst::from_bytes(out.finish().unwrap()).unwrap()
}

fn only(pst: &Pst) -> pst_core::messaging::Message {
    pst.message_from_entry(pst.message_entries().next().unwrap().unwrap()).unwrap()
}

/// Name, type, address as it stands, SMTP address.
type Person = (Option<String>, Option<String>, Option<String>, Option<String>);

fn person(who: &Resolved) -> Person {
    let stored = who.stored.as_ref();
    (
        who.name.clone(),
        stored.and_then(|stored| stored.address_type.clone()),
        stored.map(|stored| stored.value.clone()),
        who.smtp.as_ref().map(|smtp| smtp.address.clone()),
    )
}

/// All that both forms hold.
#[derive(Debug, PartialEq)]
struct Answers {
    class: Option<String>,
    kind: String,
    subject: Option<String>,
    dates: [Option<(i64, Option<i16>)>; 2],
    message_id: Option<String>,
    sender: Option<Person>,
    representing: Option<Person>,
    recipients: Vec<(Role, Person)>,
    reply_to: Vec<Person>,
    headers: Option<String>,
    bodies: [Option<String>; 2],
    rtf_only: bool,
    attachments: Vec<Attached>,
}

#[derive(Debug, PartialEq)]
struct Attached {
    name: Option<String>,
    mime: Option<String>,
    kind: AttachmentKind,
    inline: bool,
    content_id: Option<String>,
    bytes: Option<(Vec<u8>, Option<u64>)>,
    message: Option<Box<Answers>>,
}

fn answers(item: Item<'_>) -> Answers {
    let class = item.class().unwrap();
    let date = |date: Option<ItemDate>| date.map(|date| (date.time.to_unix_seconds(), date.offset_minutes));
    let attachments = item.attachments().map(|attachment| {
        let attachment = attachment.unwrap();
        let message = attachment.message().unwrap();
        let bytes = || {
            let mut bytes = Vec::new();
            attachment.reader().unwrap().unwrap().read_to_end(&mut bytes).unwrap();
            (bytes, attachment.size().unwrap())
        };
        Attached {
            name: attachment.name().unwrap(),
            mime: attachment.mime_type().unwrap(),
            kind: attachment.kind().unwrap(),
            inline: attachment.is_inline().unwrap(),
            content_id: attachment.content_id().unwrap(),
            bytes: message.is_none().then(bytes),
            message: message.as_ref().map(|message| {
                let mut inside = answers(message.item());
                // The one was never sent, and its store kept no headers of it.
                inside.headers = None;
                Box::new(inside)
            }),
        }
    });
    Answers {
        class: class.class.clone(),
        kind: class.classification.kind.to_string(),
        subject: item.subject().unwrap(),
        dates: [date(item.sent().unwrap()), date(item.received().unwrap())],
        message_id: item.message_id().unwrap(),
        sender: item.sender().unwrap().as_ref().map(person),
        representing: item.representing().unwrap().as_ref().map(person),
        recipients: item.recipients().map(|one| one.map(|one| (one.role, person(&one.who))).unwrap()).collect(),
        reply_to: item.reply_to().unwrap().iter().map(|one| person(&one.who)).collect(),
        headers: item
            .raw_headers()
            .unwrap()
            .map(|bytes| String::from_utf8(bytes.into_owned()).unwrap().trim_end().to_owned()),
        bodies: [item.plain_text().unwrap(), item.html().unwrap()],
        rtf_only: item.is_rtf_only().unwrap(),
        attachments: attachments.collect(),
    }
}

#[test]
fn the_same_mail_gives_the_same_answers() {
    let mail = Mail::parse(MAIL.as_bytes());
    let as_mail = answers(Item::of_mail(&mail));
    let pst = store(drafted());
    let message = only(&pst);
    let as_message = answers(Item::of_message(&message));
    assert_eq!(as_mail, as_message);

    // And they are the right ones.
    let smtp = |name: &str, address: &str| -> Person {
        (Some(name.into()), Some("SMTP".into()), Some(address.into()), Some(address.into()))
    };
    assert_eq!((as_mail.class.as_deref(), as_mail.kind.as_str()), (Some("IPM.Note"), "mail"));
    assert_eq!(as_mail.subject.as_deref(), Some("RE: Grüße"));
    assert_eq!(as_mail.dates, [Some((958_606_505, Some(-240))), Some((958_606_509, Some(330)))]);
    assert_eq!(as_mail.message_id.as_deref(), Some("1@x.example"));
    assert_eq!(as_mail.sender, Some(smtp("Secretary", "sec@x.example")));
    assert_eq!(as_mail.representing, Some(smtp("Boss", "boss@x.example")));
    assert_eq!(
        as_mail.recipients,
        [
            (Role::To, smtp("Jörg", "joerg@x.example")),
            (Role::To, smtp("Ann", "ann@x.example")),
            (Role::Cc, smtp("Cid", "cid@x.example")),
            (Role::Bcc, smtp("Bob", "bob@x.example")),
        ]
    );
    assert_eq!(as_mail.reply_to, [smtp("Desk", "desk@x.example")]);
    assert_eq!(as_mail.bodies, [Some("Grüße".into()), Some("<p>Grüße<img src=\"cid:pic@x\">".into())]);
    let [picture, file, message] = &as_mail.attachments[..] else { panic!("{:?}", as_mail.attachments) };
    assert_eq!((picture.name.as_deref(), picture.inline), (Some("pic.png"), true));
    assert_eq!(picture.bytes, Some((vec![0, 1, 2, 3, 4, 5], Some(6))));
    assert_eq!((file.name.as_deref(), file.inline), (Some("Übersicht.pdf"), false));
    assert_eq!(file.bytes, Some((b"%PDF-".to_vec(), Some(5))));
    assert_eq!((message.name.as_deref(), &message.kind), (Some("Inner"), &AttachmentKind::Message));
    let inside = message.message.as_ref().unwrap();
    assert_eq!((inside.subject.as_deref(), inside.bodies[0].as_deref()), (Some("Inner"), Some("Within")));
}

#[test]
fn what_a_store_lacks_its_transport_headers_tell() {
    let mut draft = MessageDraft::new("IPM.Note");
    let headers = MAIL.split_once("\r\n\r\n").unwrap().0;
    draft.headers(&format!("Microsoft Mail Internet Headers Version 2.0\r\n{headers}\r\n\r\n"));
    let pst = store(draft);
    let message = only(&pst);
    let item = Item::of_message(&message);
    assert_eq!(item.message_id().unwrap().as_deref(), Some("1@x.example"));
    let sent = item.sent().unwrap().unwrap();
    assert_eq!((sent.time.to_unix_seconds(), sent.offset_minutes), (958_606_505, Some(-240)));
    assert_eq!(item.received().unwrap().map(|date| date.time.to_unix_seconds()), Some(958_606_509));
    let reply = item.reply_to().unwrap();
    assert_eq!(reply[0].who.smtp.as_ref().unwrap().address, "desk@x.example");
}

#[test]
fn a_zone_is_told_only_if_it_is_of_that_date() {
    let mut draft = MessageDraft::new("IPM.Note");
    let time = FileTime::from_unix_seconds(958_606_506).unwrap();
    draft.headers("Date: Wed, 17 May 2000 19:35:05 -0400\r\n\r\n").dates(time, time);
    let pst = store(draft);
    let message = only(&pst);
    let sent = Item::of_message(&message).sent().unwrap().unwrap();
    assert_eq!((sent.time, sent.offset_minutes), (time, None));
}

#[test]
fn nothing_is_none() {
    let pst = store(MessageDraft::new(""));
    let message = only(&pst);
    let empty = Mail::parse(b"");
    for item in [Item::of_message(&message), Item::of_mail(&empty)] {
        assert_eq!(item.subject().unwrap(), None);
        assert_eq!(item.sent().unwrap(), None);
        assert_eq!(item.received().unwrap(), None);
        assert_eq!(item.message_id().unwrap(), None);
        assert_eq!(item.sender().unwrap(), None);
        assert_eq!(item.representing().unwrap(), None);
        assert_eq!(item.recipients().count(), 0);
        assert!(item.reply_to().unwrap().is_empty());
        assert_eq!(item.raw_headers().unwrap(), None);
        assert_eq!((item.plain_text().unwrap(), item.html().unwrap()), (None, None));
        assert!(!item.is_rtf_only().unwrap());
        assert_eq!(item.attachments().count(), 0);
    }
}

#[test]
fn rtf_alone() {
    let mut draft = MessageDraft::new("IPM.Note");
    draft.rtf(b"{\\rtf1 Hi}");
    let pst = store(draft);
    assert!(Item::of_message(&only(&pst)).is_rtf_only().unwrap());
    let mut draft = MessageDraft::new("IPM.Note");
    draft.rtf(b"{\\rtf1 Hi}").body("H");
    let pst = store(draft);
    assert!(!Item::of_message(&only(&pst)).is_rtf_only().unwrap());
    // A body that is nothing but its NUL is none.
    let mut draft = MessageDraft::new("IPM.Note");
    draft.rtf(b"{\\rtf1 Hi}");
    draft.properties().text(id::BODY, "\0");
    let pst = store(draft);
    assert!(Item::of_message(&only(&pst)).is_rtf_only().unwrap());
}

#[test]
fn folders_by_name() {
    let pst = store(drafted());
    let message = only(&pst);
    let mut paths = FolderPaths::new(&pst);
    let folder = paths.of(message.folder_id());
    assert_eq!(folder, FolderPath::new(["Top of Personal Folders", "In/box"]));
    let item = Item::of_message(&message).in_folder(&folder);
    assert_eq!(item.folder().unwrap().to_string(), "/Top of Personal Folders/In%2Fbox");
    assert_eq!(paths.of(pst.root_folder().unwrap().id()), FolderPath::default());
}

#[test]
fn attached_messages_can_be_kept() {
    let mail = Mail::parse(MAIL.as_bytes());
    let kept: Vec<AnyMessage<'_>> =
        Item::of_mail(&mail).attachments().filter_map(|attachment| attachment.unwrap().message().unwrap()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].item().subject().unwrap().as_deref(), Some("Inner"));
}
