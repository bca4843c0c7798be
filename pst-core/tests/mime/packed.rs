//! Mail that holds an item in another form: TNEF, addresses of other systems, classes that the structure tells.

#[path = "../tnef/encoder.rs"]
#[allow(dead_code, reason = "shared with the tests of TNEF itself")]
mod encoder;

use std::io::Read;

use encoder::{Stream, fixed, named, padded, utf16, variable};
use encodify::base64;
use pst_core::Guid;
use pst_core::convert::LossKind;
use pst_core::ltp::id;
use pst_core::messaging::{AttachmentContent, Message, PropertyName, PropertySet};
use pst_core::rtf::lzfu;

use crate::items::{Item, item};

fn text(id: u32, value: &str) -> Vec<u8> {
    variable(id << 16 | 0x001F, &[&utf16(value)])
}

fn mail_with(kind: &str, packed: &[u8]) -> Vec<u8> {
    let packed = base64::STANDARD.encode(packed);
    format!(
        "From: Ann <ann@x.example>\r\nTo: bob@x.example\r\nSubject: Outer\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nPlain\r\n\
         --b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}\r\n--b--\r\n"
    )
    .into_bytes()
}

fn files(message: &Message) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for attachment in message.attachments() {
        let attachment = attachment.unwrap();
        let name = attachment.properties().unwrap().string(id::DISPLAY_NAME).unwrap().unwrap_or_default();
        let content = match attachment.content().unwrap() {
            AttachmentContent::Bytes(mut data) => {
                let mut bytes = Vec::new();
                data.read_to_end(&mut bytes).unwrap();
                bytes
            }
            AttachmentContent::Message(inner) => inner.subject().unwrap().unwrap_or_default().into_bytes(),
            other => panic!("{other:?}"),
        };
        found.push((name, content));
    }
    found
}

fn class(item: &Item) -> Option<String> {
    item.message.class().unwrap()
}

#[test]
fn what_is_in_winmail_dat_is_in_the_item() {
    let rtf = b"{\\rtf1\\ansi Hello {\\b World}\\par}";
    let inner = Stream::new(1252).properties(&[
        text(0x001A, "IPM.Note"),
        text(0x0037, "Within"),
        variable(0x1000_001F, &[&utf16("Deep")]),
    ]);
    let location =
        named(0x8001_001F, Guid::PSETID_APPOINTMENT.to_bytes(), Ok(0x8208), &encoder::counted(&[&utf16("Room 1")]));
    let mine =
        named(0x8002_0003, Guid::PS_PUBLIC_STRINGS.to_bytes(), Err("Mine"), &padded(7u32.to_le_bytes().to_vec()));
    let stream = Stream::new(1252)
        .properties(&[
            text(0x001A, "IPM.Schedule.Meeting.Request"),
            text(0x0037, "Inside"),
            fixed(0x0060_0040, &132_223_104_000_000_000u64.to_le_bytes()),
            variable(0x1009_0102, &[&lzfu::compress(rtf)]),
            fixed(0x0E07_0003, &0xFFu32.to_le_bytes()),
            location,
            mine,
        ])
        .attachment(&[(0x0006_800F, b"a,b\n")], &[text(0x3707, "table.csv"), text(0x370E, "text/csv")])
        .attachment(
            &[],
            &[text(0x3001, "Within"), fixed(0x3705_0003, &5u32.to_le_bytes()), encoder::embedded(&inner.0)],
        );
    let made = item(&mail_with("application/ms-tnef; name=\"winmail.dat\"", &stream.0));

    assert_eq!(made.losses, []);
    assert_eq!(class(&made).as_deref(), Some("IPM.Schedule.Meeting.Request"));
    // The mail's own words go first.
    assert_eq!(made.message.subject().unwrap().as_deref(), Some("Outer"));
    assert_eq!(made.body().as_deref(), Some("Plain"));
    assert_eq!(made.message.body_rtf().unwrap().unwrap().bytes, rtf);
    assert_eq!(made.message.time(0x0060).unwrap().unwrap().ticks(), 132_223_104_000_000_000);
    assert_eq!(made.text(made.named(Guid::PSETID_APPOINTMENT, 0x8208)).as_deref(), Some("Room 1"));
    let names = made.pst.named_properties().unwrap();
    let mine = names.id_of(PropertySet::PublicStrings, &PropertyName::String("Mine".into())).unwrap();
    assert_eq!(made.number(mine), Some(7));
    // What the sender's store computed is computed anew: read, with attachments.
    assert_eq!(made.number(id::MESSAGE_FLAGS), Some(0x11));
    assert_eq!(
        files(&made.message),
        [("table.csv".to_owned(), b"a,b\n".to_vec()), ("Within".to_owned(), b"Within".to_vec())]
    );
}

#[test]
fn older_mail_calls_it_a_file_of_bytes() {
    let stream = Stream::new(1252)
        .message(0x0002_800C, b"Old text\0")
        .attachment(&[(0x0006_800F, b"x"), (0x0001_8010, b"old.txt\0")], &[]);
    let made = item(&mail_with("application/octet-stream; name=WINMAIL.DAT", &stream.0));
    assert_eq!(made.body().as_deref(), Some("Plain"), "the mail has a text of its own");
    assert_eq!(files(&made.message), [("old.txt".to_owned(), b"x".to_vec())]);
    assert_eq!(class(&made).as_deref(), Some("IPM.Note"));
}

#[test]
fn what_is_no_tnef_stays_a_file_and_is_told() {
    let made = item(&mail_with("application/ms-tnef; name=winmail.dat", b"no TNEF at all"));
    assert_eq!(files(&made.message), [("winmail.dat".to_owned(), b"no TNEF at all".to_vec())]);
    assert_eq!(class(&made).as_deref(), Some("IPM.Note"));
    let [loss] = made.losses.as_slice() else { panic!("{:?}", made.losses) };
    assert_eq!(loss.kind, LossKind::Unreadable);
    assert!(loss.detail.ends_with("it is kept as a file"), "{loss}");
}

#[test]
fn a_damaged_tnef_gives_what_it_has() {
    let mut stream = Stream::new(1252).attachment(&[(0x0006_800F, b"whole")], &[text(0x3707, "a.txt")]);
    stream.add(1, 0x0006_9003, b"\x05\0\0\0cut");
    let made = item(&mail_with("application/ms-tnef", &stream.0));
    assert_eq!(files(&made.message), [("a.txt".to_owned(), b"whole".to_vec())]);
    let [loss] = made.losses.as_slice() else { panic!("{:?}", made.losses) };
    assert_eq!(loss.kind, LossKind::Changed);
    assert!(loss.detail.starts_with("TNEF: bad-properties"), "{loss}");
}

/// A file has room for 32,767 names, and a mail of 100 kB could take them all from every mail after it.
#[test]
fn a_tnef_brings_along_only_so_many_names() {
    let properties: Vec<Vec<u8>> = (0..2000u32)
        .map(|number| {
            let set = Guid::PSETID_COMMON.to_bytes();
            named(0x8000_0003 | (number + 1) << 16, set, Ok(0x10_0000 + number), &number.to_le_bytes())
        })
        .collect();
    let made = item(&mail_with("application/ms-tnef", &Stream::new(1252).properties(&properties).0));
    assert!(made.pst.named_properties().unwrap().len() < 600);
    let [loss] = made.losses.as_slice() else { panic!("{:?}", made.losses) };
    assert_eq!((loss.kind, loss.detail.as_str()), (LossKind::TooLarge, "TNEF: more than 500 named properties"));
}

#[test]
fn addresses_in_the_clothes_of_smtp_are_what_they_are() {
    let made = item(
        b"From: Joe <IMCEAEX-_O=ORG_OU=SITE_CN=RECIPIENTS_CN=JOE+2EDOE@x.example>\r\n\
          To: IMCEAFAX-555+2D1234@x.example, IMCEAINVALID-who@x.example\r\nSubject: x\r\n\r\nHi\r\n",
    );
    let sender = made.message.sender().unwrap();
    assert_eq!(made.text(id::SENDER_ADDRESS_TYPE).as_deref(), Some("EX"));
    assert_eq!(made.text(id::SENDER_EMAIL_ADDRESS).as_deref(), Some("/O=ORG/OU=SITE/CN=RECIPIENTS/CN=JOE.DOE"));
    assert_eq!(made.text(id::SENDER_SMTP_ADDRESS), None, "the domain is that of a gateway: {sender:?}");
    let entry_id = made.bytes(0x0C19).unwrap();
    assert_eq!(entry_id[4..8], [0xDC, 0xA7, 0x40, 0xC8], "an address book of Exchange");
    assert!(entry_id.ends_with(b"/O=ORG/OU=SITE/CN=RECIPIENTS/CN=JOE.DOE\0"));
    let rows: Vec<_> = made.message.recipients().map(|row| row.unwrap()).collect();
    let of = |at: usize| [&rows[at].address_type, &rows[at].address, &rows[at].smtp].map(Option::as_deref);
    assert_eq!(of(0), [Some("FAX"), Some("555-1234"), None]);
    let invalid = Some("IMCEAINVALID-who@x.example");
    assert_eq!(of(1), [Some("SMTP"), invalid, invalid]);
}

#[test]
fn the_item_has_the_class_that_the_mail_is_said_to_have() {
    let report = |parameter: &str| {
        format!(
            "Content-Type: multipart/report;{parameter} boundary=b\r\n\r\n--b\r\n\r\nIt failed\r\n--b\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\n\
             Final-Recipient: rfc822;a@x.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
        )
    };
    let calendar = |method: &str, attendees: &str| {
        format!(
            "Content-Type: text/calendar; method={method}\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n\
             UID:1\r\nDTSTART:20200101T100000Z\r\n{attendees}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let attendee = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example\r\n";
    for (mail, expected) in [
        ("Content-Class: voice\r\n\r\nHi\r\n".to_owned(), "IPM.Note.Microsoft.Voicemail.UM"),
        ("Content-Class: urn:content-class:custom.Claim\r\n\r\nHi\r\n".to_owned(), "IPM.Note.Custom.Claim"),
        (report(" report-type=delivery-status;"), "REPORT.IPM.Note.NDR"),
        (report(""), "REPORT.IPM.Note.NDR"),
        (calendar("REQUEST", attendee), "IPM.Schedule.Meeting.Request"),
        (calendar("REPLY", attendee), "IPM.Schedule.Meeting.Resp.Pos"),
        // Whose answer it is, is not known.
        (calendar("REPLY", &attendee.repeat(2)), "IPM.Note"),
        (calendar("PUBLISH", attendee), "IPM.Note"),
        (
            "Content-Type: application/pkcs7-mime; smime-type=signed-receipt\r\n\r\nx".to_owned(),
            "IPM.Note.Receipt.SMIME",
        ),
    ] {
        let mail = format!("From: a@x.example\r\nSubject: x\r\n{mail}");
        let parsed = pst_core::mime::Mail::parse(mail.as_bytes());
        let said = pst_core::item::Item::of_mail(&parsed).class().unwrap();
        assert_eq!(said.class.as_deref(), Some(expected), "{mail}");
        assert_eq!(class(&item(mail.as_bytes())).as_deref(), Some(expected), "{mail}");
    }
}

#[test]
fn marks_of_programs_become_properties() {
    let made = item(b"Subject: x\r\nStatus: O\r\nX-Status: AF\r\nX-Keywords: work $Label1\r\n\r\nHi\r\n");
    assert_eq!(made.number(id::MESSAGE_FLAGS), Some(0), "not read");
    assert_eq!(made.number(0x1081), Some(102), "answered");
    assert_eq!(made.number(0x1090), Some(2), "flagged");
    let names = made.pst.named_properties().unwrap();
    let keywords = names.id_of(PropertySet::PublicStrings, &PropertyName::String("Keywords".into())).unwrap();
    assert!(made.bytes(keywords).unwrap().ends_with(b"w\0o\0r\0k\0"));
    let made = item(b"Subject: x\r\nX-Mozilla-Status: 0009\r\n\r\nHi\r\n");
    assert_eq!(made.losses.iter().map(ToString::to_string).collect::<Vec<_>>(), ["no-place: it is marked as deleted"]);
}
