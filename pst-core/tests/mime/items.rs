//! Mail that becomes items, written, read back and checked.

use std::io::Read;

use pst_core::convert::{Loss, LossKind, from_mime};
use pst_core::ltp::{Value, id};
use pst_core::messaging::{
    Attachment, AttachmentContent, AttachmentMethod, Message, PropertyName, PropertySet, RecipientKind,
};
use pst_core::mime::Mail;
use pst_core::verify::{VerifyOptions, verify};
use pst_core::write::{PstWriter, WriteOptions};
use pst_core::{FileTime, Guid, Pst};

/// An item made of a mail, in a store of its own.
pub(crate) struct Item {
    pub(crate) pst: Pst,
    pub(crate) message: Message,
    pub(crate) losses: Vec<Loss>,
}

/// Converts, writes, verifies, reads.
#[track_caller]
pub(crate) fn item(bytes: &[u8]) -> Item {
    let options = WriteOptions::new().record_key(*b"0123456789abcdef").now(FileTime::from_unix_seconds(0).unwrap());
    let mut out = PstWriter::in_memory(options).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mail = Mail::parse(bytes);
    let converted = from_mime::convert(&mail, &mut out).unwrap();
    let nid = out.message(inbox, converted.message).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let report = verify(&pst, &VerifyOptions::new());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let message = pst.message(nid).unwrap();
    Item { pst, message, losses: converted.losses }
}

impl Item {
    pub(crate) fn text(&self, property: u16) -> Option<String> {
        self.message.string(property).unwrap()
    }

    pub(crate) fn number(&self, property: u16) -> Option<i64> {
        self.message.integer(property).unwrap()
    }

    pub(crate) fn bytes(&self, property: u16) -> Option<Vec<u8>> {
        let properties = self.message.properties().unwrap();
        properties.get(property).unwrap().map(|value| value.stored().unwrap().to_vec())
    }

    /// The id of a named property.
    pub(crate) fn named(&self, set: Guid, name: u32) -> u16 {
        let names = self.pst.named_properties().unwrap();
        names.id_of(PropertySet::from_guid(set), &PropertyName::Number(name)).expect("a named property")
    }

    pub(crate) fn body(&self) -> Option<String> {
        self.message.body_text().unwrap().map(|text| text.to_string_lossy())
    }

    pub(crate) fn attachments(&self) -> Vec<Attachment> {
        self.message.attachments().map(Result::unwrap).collect()
    }

    /// Name and address of the recipients of a kind.
    pub(crate) fn people(&self, kind: RecipientKind) -> Vec<(String, String)> {
        let all = self.message.recipients().map(Result::unwrap).filter(|one| one.kind() == kind);
        all.map(|one| (one.name.unwrap_or_default(), one.address.unwrap_or_default())).collect()
    }

    pub(crate) fn told(&self) -> Vec<(LossKind, &str)> {
        self.losses.iter().map(|loss| (loss.kind, loss.detail.as_str())).collect()
    }
}

pub(crate) fn data(attachment: &Attachment) -> Vec<u8> {
    let mut bytes = Vec::new();
    attachment.stream().unwrap().expect("data").read_to_end(&mut bytes).unwrap();
    bytes
}

const HEAD: &str = "From: Ann <ann@a.example>\r\nDate: Wed, 17 May 2000 19:35:05 -0400\r\n";

#[test]
fn headers_become_properties() {
    let headers = format!(
        "Received: from x by y; Wed, 17 May 2000 23:40:00 +0000\r\nReceived: from w by x; Wed, 17 May 2000 23:36:00 +0000\r\n\
         {HEAD}To: Bob <bob@b.example>, carl@c.example\r\nCc: \"Doe, Jane\" <jane@d.example>\r\nBcc: eve@e.example\r\n\
         Sender: Secretary <sec@a.example>\r\nReply-To: Team <team@a.example>, x@y.example\r\n\
         Subject: =?utf-8?q?AW:_F=C3=BC=C3=9Fe?=\r\nMessage-ID: <1@a.example>\r\nIn-Reply-To: <0@b.example>\r\n\
         References: <00@b.example>\r\n <0@b.example>\r\nImportance: High\r\nPriority: urgent\r\nSensitivity: Private\r\n\
         Keywords: red, =?utf-8?q?gr=C3=BCn?=\r\nThread-Topic: the topic\r\n\
         Thread-Index: AQHZAAAAAAAAAAAAAAAAAAAAAAAAAA==\r\nDisposition-Notification-To: Ann <ann@a.example>\r\n\
         Return-Receipt-To: ann@a.example\r\nX-Auto-Response-Suppress: OOF, DR\r\nX-Message-Flag: Follow up\r\n\
         List-Unsubscribe: <mailto:u@a.example>\r\nExpiry-Date: Thu, 18 May 2000 19:35:05 -0400\r\n"
    );
    let item = item(format!("{headers}\r\nHello\nthere\r\n").as_bytes());
    assert_eq!(item.told(), []);
    let time = |seconds| FileTime::from_unix_seconds(seconds);
    assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Note"));
    let subject = item.message.subject_parts().unwrap().unwrap();
    assert_eq!((subject.prefix.as_deref(), subject.text.as_str()), (Some("AW: "), "AW: Füße"));
    assert_eq!(item.text(id::TRANSPORT_MESSAGE_HEADERS), Some(headers));
    assert_eq!(item.message.submit_time().unwrap(), time(958_606_505));
    assert_eq!(item.message.delivery_time().unwrap(), time(958_606_800), "the top Received");
    assert_eq!(item.text(id::INTERNET_MESSAGE_ID).as_deref(), Some("<1@a.example>"));
    assert_eq!(item.text(id::IN_REPLY_TO_ID).as_deref(), Some("<0@b.example>"));
    assert_eq!(item.text(id::INTERNET_REFERENCES).as_deref(), Some("<00@b.example> <0@b.example>"));
    let sender = item.message.sender().unwrap();
    assert_eq!((sender.name.as_deref(), sender.smtp.as_deref()), (Some("Secretary"), Some("sec@a.example")));
    let from = item.message.sent_representing().unwrap();
    assert_eq!((from.name.as_deref(), from.address.as_deref()), (Some("Ann"), Some("ann@a.example")));
    assert_eq!(from.address_type.as_deref(), Some("SMTP"));
    assert_eq!(item.bytes(0x003B).as_deref(), Some(&b"SMTP:ANN@A.EXAMPLE\0"[..]));
    let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
    assert_eq!(
        item.people(RecipientKind::To),
        [pair("Bob", "bob@b.example"), pair("carl@c.example", "carl@c.example")]
    );
    assert_eq!(item.people(RecipientKind::Cc), [pair("Doe, Jane", "jane@d.example")]);
    assert_eq!(item.people(RecipientKind::Bcc), [pair("eve@e.example", "eve@e.example")]);
    assert_eq!(item.text(id::DISPLAY_TO).as_deref(), Some("Bob; carl@c.example"));
    // Importance, priority, sensitivity; receipts for delivery and reading.
    assert_eq!([0x0017, 0x0026, 0x0036].map(|property| item.number(property)), [Some(2), Some(1), Some(2)]);
    assert_eq!(item.bytes(0x0023), Some(vec![1]));
    assert_eq!(item.bytes(0x0029), Some(vec![1]));
    assert_eq!(item.text(0x5D05).as_deref(), Some("ann@a.example"));
    assert_eq!(item.number(0x3FDF), Some(0x11));
    assert_eq!(item.text(0x1045).as_deref(), Some("<mailto:u@a.example>"));
    assert_eq!(item.message.time(0x0015).unwrap(), time(958_692_905));
    assert_eq!(item.text(id::CONVERSATION_TOPIC).as_deref(), Some("the topic"));
    assert_eq!(item.bytes(0x0071).map(|index| index.len()), Some(22));
    let flag = item.named(Guid::PSETID_COMMON, 0x8530);
    assert_eq!(item.text(flag).as_deref(), Some("Follow up"));
    let names = item.pst.named_properties().unwrap();
    let keywords = names.id_of(PropertySet::PublicStrings, &PropertyName::String("Keywords".into())).unwrap();
    let properties = item.message.properties().unwrap();
    let Some(Value::Multiple(words)) = properties.value(keywords).unwrap() else { panic!() };
    let words: Vec<String> = words.iter().map(|word| word.as_text().unwrap().to_string_lossy()).collect();
    assert_eq!(words, ["red", "grün"]);
    // Two entries in a flat list: count, bytes, then each with its size, filled up to four bytes.
    let entries = item.bytes(0x004F).unwrap();
    assert_eq!(entries[..4], [2, 0, 0, 0]);
    assert_eq!(u32::from_le_bytes(entries[4..8].try_into().unwrap()) as usize, entries.len() - 8);
    assert_eq!(item.text(0x0050).as_deref(), Some("Team; x@y.example"));
    assert_eq!(item.body().as_deref(), Some("Hello\r\nthere\r\n"));
    assert_eq!((item.number(id::NATIVE_BODY), item.number(id::INTERNET_CODEPAGE)), (Some(1), Some(20127)));
}

#[test]
fn what_is_missing_stays_missing() {
    let item = item(b"X-Nothing: here\r\n\r\nHi");
    assert_eq!(item.message.submit_time().unwrap(), None);
    assert_eq!(item.message.delivery_time().unwrap(), None);
    assert_eq!(item.message.subject().unwrap(), None);
    assert_eq!(item.message.sender().unwrap().name, None);
    assert_eq!(item.message.recipients().count(), 0);
    assert_eq!(item.text(id::INTERNET_MESSAGE_ID), None);
    assert_eq!(item.number(0x0017), None);
    assert_eq!(item.told(), []);
}

#[test]
fn what_has_no_place_is_told() {
    let text = "From a@b Mon Jan  3 00:00:00 2000\r\nFrom: a@a.example, b@a.example\r\nTo: (nobody)\r\nDate: soon\r\n\
                Thread-Index: xx\r\nSubject: a\0b\r\nX-8: \u{FF}\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nhello\r\n\
                --b\r\nContent-Language: de\r\nContent-Type: text/plain; name=body.txt\r\n\r\nx\r\n--b\r\n\
                Content-Type: application/x; name=\"C:\\a.bin\"\r\nContent-Transfer-Encoding: base64\r\n\r\naGk*=\r\n--b--\r\nbye\r\n";
    let mut bytes = text.as_bytes().to_vec();
    // The header is Latin-1, not UTF-8.
    let at = bytes.windows(2).position(|pair| pair == "\u{FF}".as_bytes()).unwrap();
    bytes.splice(at..at + 2, [0xFC]);
    let item = item(&bytes);
    assert_eq!(
        item.told(),
        [
            (LossKind::NoPlace, "the `From ` line of the mbox"),
            (LossKind::Changed, "headers with bytes above 0x7F are kept as the text they were read as"),
            (LossKind::Changed, "headers: NULs taken away"),
            (LossKind::Changed, "Subject: NULs taken away"),
            (LossKind::NoPlace, "Date: no date can be read"),
            (LossKind::NoPlace, "Thread-Index: not one"),
            (LossKind::NoPlace, "From: 1 more than the first are in the headers only"),
            (LossKind::NoPlace, "part 1 (text/plain): headers Content-Language"),
            (LossKind::NoPlace, "part 1 (text/plain): the body has the name \"body.txt\""),
            (LossKind::Changed, "part 2 (application/x): the name \"C:\\\\a.bin\" became \"a.bin\""),
            (LossKind::Changed, "part 2 (application/x): transfer-damage: 1 passed over"),
            (LossKind::NoPlace, "part 0 (multipart/mixed): 5 bytes before the first part"),
            (LossKind::NoPlace, "part 0 (multipart/mixed): 5 bytes behind the last part"),
        ]
    );
    assert_eq!(item.message.subject().unwrap().as_deref(), Some("ab"));
    assert!(item.text(id::TRANSPORT_MESSAGE_HEADERS).unwrap().contains("X-8: ü\r\n"));
    assert_eq!(item.people(RecipientKind::To), [("nobody".to_owned(), String::new())]);
    assert_eq!(data(&item.attachments()[0]), b"hi");
}

#[test]
fn html_keeps_its_bytes_and_its_code_page() {
    let with = |charset: &str, body: &[u8]| {
        let head = format!("{HEAD}Content-Type: text/html; charset={charset}\r\n\r\n");
        [head.as_bytes(), body].concat()
    };
    let table: [(&str, &[u8], i64); 5] = [
        ("utf-8", "<p>ü".as_bytes(), 65001),
        ("koi8-r", b"<p>\xF0", 20866),
        ("iso-8859-1", b"<p>\xFC", 28591),
        // A euro sign there is none in ISO-8859-1: what programs mean is windows-1252.
        ("iso-8859-1", b"<p>\x80", 1252),
        ("us-ascii", b"<p>", 20127),
    ];
    for (charset, body, page) in table {
        let item = item(&with(charset, body));
        assert_eq!(item.told(), []);
        assert_eq!((item.bytes(id::HTML).as_deref(), item.number(id::INTERNET_CODEPAGE)), (Some(body), Some(page)));
        assert_eq!((item.number(id::NATIVE_BODY), item.body()), (Some(3), None));
    }
    // What cannot stay becomes UTF-8.
    let item = item(&with("utf-7", b"<p>+APw-"));
    assert_eq!(
        (item.bytes(id::HTML).as_deref(), item.number(id::INTERNET_CODEPAGE)),
        (Some("<p>ü".as_bytes()), Some(65001))
    );
    assert_eq!(item.told(), [(LossKind::Changed, "part 0 (text/html): cp65000 became UTF-8")]);
}

#[test]
fn a_utf_16_file_has_its_html_in_utf_8() {
    let text = format!("\u{FEFF}{HEAD}Content-Type: text/html; charset=iso-8859-1\r\n\r\n<p>ü€");
    let item = item(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    assert_eq!(item.bytes(id::HTML).as_deref(), Some("<p>ü€".as_bytes()));
    assert_eq!(item.number(id::INTERNET_CODEPAGE), Some(65001));
}

#[test]
fn large_bodies_are_whole() {
    let line = "Grüße und noch etwas\r\n";
    let long = line.repeat(50_000);
    let text = format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\nContent-Type: text/plain; charset=utf-8; \
         format=flowed\r\n\r\n{long}\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{long}\r\n--a--\r\n"
    );
    let item = item(text.as_bytes());
    assert!(item.body().unwrap() == long);
    assert!(item.bytes(id::HTML).unwrap() == long.as_bytes());
    assert_eq!(item.told(), [(LossKind::NoPlace, "part 1 (text/plain): parameters format")]);
}

#[test]
fn more_recipients_than_are_read_are_told() {
    let people = (0..100_000).map(|number| format!("person{number}@example.test")).collect::<Vec<_>>().join(",\r\n ");
    let item = item(format!("{HEAD}To: {people}\r\n\r\nHi").as_bytes());
    let found = item.people(RecipientKind::To);
    assert!((70_000..100_000).contains(&found.len()), "{}", found.len());
    assert_eq!(found.last().map(|last| last.1.ends_with("@example.test")), Some(true));
    assert_eq!(item.told(), [(LossKind::TooLarge, "too-many-addresses at 0x42: To")]);
    assert!(item.text(id::TRANSPORT_MESSAGE_HEADERS).unwrap().contains("person99999@example.test"));
}

#[test]
fn both_bodies_and_a_picture_in_one() {
    let text = format!(
        "{HEAD}Content-Type: multipart/related; boundary=r\r\n\r\n--r\r\nContent-Type: multipart/alternative; boundary=a\r\n\
         \r\n--a\r\n\r\nplain\r\n--a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<img src=\"cid:p%40x\">\r\n--a--\r\n--r\r\n\
         Content-Type: image/png; name=p.png\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n\
         Content-Disposition: inline; filename*=utf-8''b%C3%A4r.png;\r\n creation-date=\"Wed, 17 May 2000 19:35:05 -0400\"\r\n\
         \r\naGk=\r\n--r\r\nContent-Type: image/gif\r\nContent-ID: <unused@x>\r\nContent-Location: http://x/\r\n y.gif\r\n\r\nx\r\n--r--\r\n"
    );
    let item = item(text.as_bytes());
    assert_eq!(item.told(), []);
    assert_eq!(item.body().as_deref(), Some("plain"));
    assert_eq!(item.bytes(id::HTML).as_deref(), Some(&b"<img src=\"cid:p%40x\">"[..]));
    let attachments = item.attachments();
    let text = |at: usize, property| attachments[at].string(property).unwrap();
    assert_eq!(text(0, id::ATTACH_LONG_FILENAME).as_deref(), Some("bär.png"));
    assert_eq!(text(0, id::ATTACH_EXTENSION).as_deref(), Some(".png"));
    assert_eq!(text(0, id::ATTACH_MIME_TAG).as_deref(), Some("image/png"));
    assert_eq!(text(0, id::ATTACH_CONTENT_ID).as_deref(), Some("p@x"));
    // Shown by the body, so hidden in the list.
    assert_eq!(attachments[0].integer(id::ATTACH_FLAGS).unwrap(), Some(4));
    let properties = attachments[0].properties().unwrap();
    assert_eq!(properties.integer(id::ATTACHMENT_HIDDEN).unwrap(), Some(1));
    assert_eq!(properties.time(id::CREATION_TIME).unwrap(), FileTime::from_unix_seconds(958_606_505));
    // Not shown, so it stays in the list.
    assert_eq!(text(1, id::ATTACH_CONTENT_ID).as_deref(), Some("unused@x"));
    assert_eq!(text(1, id::ATTACH_CONTENT_LOCATION).as_deref(), Some("http://x/y.gif"));
    assert_eq!(attachments[1].integer(id::ATTACH_FLAGS).unwrap(), None);
    assert_eq!(text(1, id::ATTACH_LONG_FILENAME).as_deref(), Some("ATT00002.gif"));
}

#[test]
fn large_attachments_are_streamed() {
    let large: Vec<u8> = (0..3_000_000u32).map(|number| (number % 251) as u8).collect();
    let mut text = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/x\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n"
    );
    text += &encode_base64(&large);
    text += "\r\n--b--\r\n";
    let item = item(text.as_bytes());
    assert!(data(&item.attachments()[0]) == large);
}

/// Base64 in lines of 76.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for (index, group) in bytes.chunks(3).enumerate() {
        if index > 0 && index % 19 == 0 {
            text += "\r\n";
        }
        let at = |place: usize| u32::from(group.get(place).copied().unwrap_or(0));
        let word = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place)) as usize & 63];
            text.push(if place > group.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[test]
fn messages_in_messages_are_messages() {
    let inner = format!("{HEAD}Subject: deep\r\nContent-Type: application/x; name=d.bin\r\n\r\ndeep data");
    let middle = format!(
        "{HEAD}Subject: middle\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nmiddle text\r\n--m\r\n\
         Content-Type: message/rfc822\r\n\r\n{inner}\r\n--m--\r\n"
    );
    let outer = format!(
        "{HEAD}Subject: outer\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nouter text\r\n--o\r\n\
         Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=m.eml\r\n\r\n{middle}\r\n--o\r\n\
         Content-Type: message/rfc822\r\n\r\nno message at all\r\n--o--\r\n"
    );
    let item = item(outer.as_bytes());
    assert_eq!(item.told(), [(LossKind::Changed, "part 3 (message/rfc822): no message; it is kept as a file")]);
    let attachments = item.attachments();
    assert_eq!(attachments[0].method().unwrap(), Some(AttachmentMethod::EmbeddedMessage));
    assert_eq!(attachments[0].string(id::DISPLAY_NAME).unwrap().as_deref(), Some("middle"));
    let AttachmentContent::Message(middle) = attachments[0].content().unwrap() else { panic!() };
    assert_eq!(middle.subject().unwrap().as_deref(), Some("middle"));
    assert_eq!(middle.body_text().unwrap().unwrap().to_string_lossy(), "middle text");
    let deep = middle.attachments().next().unwrap().unwrap().message().unwrap().unwrap();
    assert_eq!(deep.subject().unwrap().as_deref(), Some("deep"));
    assert_eq!(data(&deep.attachments().next().unwrap().unwrap()), b"deep data");
    assert_eq!(data(&attachments[1]), b"no message at all");
    assert_eq!(attachments[1].file_name().unwrap().as_deref(), Some("ATT00002.eml"));
}

#[test]
fn messages_too_deep_are_files() {
    let mut text = format!("{HEAD}Subject: the last\r\n\r\nx");
    for _ in 0..40 {
        text = format!("{HEAD}Content-Type: message/rfc822\r\n\r\n{text}");
    }
    let item = item(text.as_bytes());
    assert_eq!(item.losses.len(), 1);
    assert_eq!(item.losses[0].kind, LossKind::TooDeep);
    let mut message = item.message.clone();
    let mut depth = 0;
    let file = loop {
        let attachment = message.attachments().next().unwrap().unwrap();
        match attachment.content().unwrap() {
            AttachmentContent::Message(inner) => message = *inner,
            _ => break attachment,
        }
        depth += 1;
    };
    assert_eq!(depth, 28);
    assert!(data(&file).ends_with(b"Subject: the last\r\n\r\nx"), "nothing of what is too deep is lost");
}

#[test]
fn a_clear_signed_mail_is_one_entity_byte_for_byte() {
    let entity = "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n\tmicalg=sha-256; boundary=s\r\n\
                  \r\npreamble\r\n--s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nsigned text \t\r\n--s\r\n\
                  Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--s--\r\nepilogue";
    let text = format!("{HEAD}Subject: sealed\r\nMIME-Version: 1.0\r\n{entity}");
    let item = item(text.as_bytes());
    assert_eq!(item.told(), []);
    assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Note.SMIME.MultipartSigned"));
    assert_eq!((item.body().as_deref(), item.number(id::NATIVE_BODY)), (Some("signed text \t"), Some(4)));
    let attachments = item.attachments();
    assert_eq!(attachments.len(), 1);
    assert_eq!(String::from_utf8(data(&attachments[0])).unwrap(), entity);
    assert_eq!(attachments[0].string(id::ATTACH_MIME_TAG).unwrap().as_deref(), Some("multipart/signed"));
    assert_eq!(attachments[0].file_name().unwrap().as_deref(), Some("SMIME.p7m"));
    // With LF it is the same, byte for byte.
    let unix = text.replace("\r\n", "\n");
    assert_eq!(data(&self::item(unix.as_bytes()).attachments()[0]), entity.replace("\r\n", "\n").as_bytes());
}

#[test]
fn an_opaque_mail_is_its_cms_object() {
    let cms: Vec<u8> = (0..=255).collect();
    let kind = "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m";
    let text =
        format!("{HEAD}Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", encode_base64(&cms));
    let item = item(text.as_bytes());
    assert_eq!(item.told(), []);
    assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Note.SMIME"));
    assert_eq!(item.body(), None);
    assert_eq!(data(&item.attachments()[0]), cms);
    let names = item.pst.named_properties().unwrap();
    let set = PropertySet::from_guid(Guid::PS_INTERNET_HEADERS);
    let property = names.id_of(set, &PropertyName::String("Content-Type".into())).unwrap();
    assert_eq!(item.text(property).as_deref(), Some(kind));
    // Certificates alone are a file.
    let text = text.replace("enveloped-data", "certs-only");
    assert_eq!(self::item(text.as_bytes()).message.class().unwrap().as_deref(), Some("IPM.Note"));
}

#[test]
fn a_signed_part_inside_is_taken_apart_and_told() {
    let text = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/signed; boundary=s\r\n\r\n\
         --s\r\n\r\nsigned\r\n--s\r\nContent-Type: application/pgp-signature\r\n\r\nsig\r\n--s--\r\n--m\r\n\r\nfooter\r\n--m--\r\n"
    );
    let item = item(text.as_bytes());
    assert_eq!(item.body().as_deref(), Some("signed"));
    let names: Vec<_> = item.attachments().iter().map(|one| one.file_name().unwrap().unwrap()).collect();
    assert_eq!(names, ["ATT00001.asc", "ATT00002.txt"]);
    assert_eq!(
        item.told(),
        [(LossKind::Changed, "part 1 (multipart/signed): a signed part is taken apart; its signature no longer holds")]
    );
}

#[test]
fn read_flags_of_mailboxes() {
    let flags = |header: &str| {
        let item = item(format!("{HEAD}{header}\r\n\r\n").as_bytes());
        item.number(id::MESSAGE_FLAGS).unwrap()
    };
    assert_eq!(flags("X: y"), 1);
    assert_eq!(flags("Status: RO"), 1);
    assert_eq!(flags("Status: O"), 0);
    assert_eq!(flags("X-Mozilla-Status: 0001"), 1);
    assert_eq!(flags("X-Mozilla-Status: 0000"), 0);
    assert_eq!(flags("X-Unsent: 1"), 9);
}
