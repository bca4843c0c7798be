//! `pst journal`: one record for each item, the same wherever the item is.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::path::{Path, PathBuf};

use common::{Room, pst};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder};
use serde_json::{Value, json};

const ENVELOPE: &str = "Sender: ann@x.example\r
Subject: Plan\r
Message-Id: <1@x.example>\r
To: bob@x.example, Expanded: all@x.example\r
Bcc: IMCEAEX-_O=ORG_CN=CID@x.example\r
";

const ORIGINAL: &str = "From: Ann <ann@x.example>\r
To: all@x.example\r
Subject: Plan\r
Message-ID: <1@x.example>\r
\r
Hello\r
";

fn report() -> String {
    format!(
        "From: Microsoft Exchange <MicrosoftExchange@x.example>\r\nTo: journal@x.example\r\nSubject: Plan\r\n\
         X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{ENVELOPE}\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{ORIGINAL}\r\n--b--\r\n"
    )
}

fn records(paths: &[&Path]) -> (Option<i32>, Vec<Value>, String) {
    let run = pst(["journal"].into_iter().map(Path::new).chain(paths.iter().copied()));
    let lines = run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (run.code, lines, run.stderr)
}

/// The record without what depends on where the item is.
fn said(record: &Value) -> Value {
    let mut record = record.clone();
    let fields = record.as_object_mut().unwrap();
    for name in ["place", "file"] {
        assert!(fields.remove(name).is_some(), "{name}");
    }
    record
}

fn store() -> Mailbox {
    let original = MessageBuilder::new("IPM.Note")
        .subject("Plan")
        .sender("Ann", "ann@x.example")
        .message_id("<1@x.example>")
        .body("Hello");
    let message = MessageBuilder::new("IPM.Note")
        .subject("Plan")
        .sender("Microsoft Exchange", "MicrosoftExchange@x.example")
        .headers("X-MS-Journal-Report:\r\n\r\n")
        .body(ENVELOPE)
        .attach(AttachmentBuilder::embedded("Plan", original));
    Mailbox::new("Journal").folder(FolderBuilder::new("Inbox").message(message))
}

#[test]
fn a_report_in_full() {
    let room = Room::new();
    let path = room.file("report.eml", report());
    let (code, records, stderr) = records(&[&path]);
    assert_eq!((code, records.len(), stderr.as_str()), (Some(0), 1, ""));
    let record = &records[0];
    assert_eq!(record["place"], json!({"file": path, "entries": [], "offset": null, "node": null, "folder": []}));
    assert_eq!((&record["file"]["name"], &record["file"]["size"]), (&json!("report.eml"), &json!(report().len())));
    let recipient = |kind: &str, address: &str, expanded: Option<&str>| json!({"type": kind, "address": address, "name": null, "expanded_from": expanded, "forwarded_from": null});
    let sha256 = record["originals"][0]["sha256"].as_str().unwrap();
    assert_eq!(sha256.len(), 64);
    assert_eq!(
        said(record),
        json!({
            "schema": "journal-truth/1",
            "is_journal": true,
            "kind": "journal-report",
            "format": "exchange2007",
            "marker": "X-MS-Journal-Report",
            "sender": "ann@x.example",
            "on_behalf_of": null,
            "subject": "Plan",
            "message_id": "<1@x.example>",
            "recipients": [
                recipient("to", "bob@x.example", Some("all@x.example")),
                recipient("bcc", "IMCEAEX-_O=ORG_CN=CID@x.example", None),
            ],
            "imceaex_decoded": {"IMCEAEX-_O=ORG_CN=CID@x.example": "/O=ORG/CN=CID"},
            "originals": [{
                "part": 1,
                "size": ORIGINAL.len(),
                "sha256": sha256,
                "message_id": "<1@x.example>",
                "subject": "Plan",
                "n_attachments": 0,
            }],
            "warnings": ["recipient-without-smtp"],
        })
    );
}

#[test]
fn the_same_in_every_container() {
    let room = Room::new();
    let from = "From x@x.example Wed May 17 23:35:05 2000\r\n";
    let paths = [
        room.file("a.eml", report()),
        room.file("b.mbox", format!("{from}{}\r\n{from}{ORIGINAL}\r\n", report())),
        room.file("c.zip", zip("in/box.eml", report().as_bytes())),
        room.store("d.pst", store()),
    ];
    let (code, records, stderr) = records(&paths.each_ref().map(PathBuf::as_path));
    assert_eq!((code, records.len(), stderr.as_str()), (Some(0), 5, ""));
    let [eml, first, second, packed, stored] = &records[..] else { panic!() };
    assert_eq!(said(first), said(eml));
    assert_eq!(said(packed), said(eml));
    // The bytes are the same; in a store there are none.
    assert_eq!((&first["file"]["sha256"], &packed["file"]["sha256"]), (&eml["file"]["sha256"], &eml["file"]["sha256"]));
    assert_eq!((&stored["file"]["size"], &stored["file"]["sha256"]), (&Value::Null, &Value::Null));
    let mut expected = said(eml);
    expected["originals"] = said(stored)["originals"].clone();
    assert_eq!(said(stored), expected);
    let original = &stored["originals"][0];
    assert_eq!((&original["subject"], &original["message_id"]), (&json!("Plan"), &json!("<1@x.example>")));
    assert!(original["attachment"].is_string() && original["sha256"].is_null());
    // And the mail that is none.
    assert_eq!((&second["is_journal"], &second["kind"]), (&json!(false), &json!("ordinary")));
    assert_eq!(
        (&second["recipients"], &second["originals"], &second["sender"]),
        (&json!([]), &json!([]), &Value::Null)
    );
    // Places.
    assert_eq!(second["place"]["offset"], from.len() + report().len() + 2);
    assert_eq!((&packed["place"]["entries"], &packed["place"]["folder"]), (&json!(["in/box.eml"]), &json!(["in"])));
    assert_eq!((&packed["file"]["name"], &stored["file"]["name"]), (&json!("box.eml"), &json!("d.pst")));
    assert_eq!(stored["place"]["node"], common::FIRST);
    assert_eq!(stored["place"]["folder"], json!(["Top of Personal Folders", "Inbox"]));
}

#[test]
fn reports_in_reports() {
    let room = Room::new();
    let outer = format!(
        "X-MS-Journal-Report:\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\n{ENVELOPE}\r\n--o\r\n\
         Content-Type: message/rfc822\r\n\r\n{}\r\n--o--\r\n",
        report()
    );
    let bounce = format!(
        "Content-Type: multipart/report; report-type=delivery-status; boundary=n\r\n\r\n--n\r\n\r\nIt failed.\r\n--n\r\n\
         Content-Type: message/delivery-status\r\n\r\nAction: failed\r\n\r\n--n\r\nContent-Type: message/rfc822\r\n\r\n{}\r\n--n--\r\n",
        report()
    );
    let (_, records, _) = records(&[&room.file("a.eml", outer), &room.file("b.eml", bounce)]);
    let [outer, bounce] = &records[..] else { panic!() };
    let inner = &outer["originals"][0];
    assert_eq!((&inner["size"], &inner["report"]["kind"]), (&json!(report().len()), &json!("journal-report")));
    let innermost = &inner["report"]["originals"][0];
    assert_eq!((&innermost["part"], &innermost["size"]), (&json!(1), &json!(ORIGINAL.len())));
    assert_eq!((&bounce["is_journal"], &bounce["kind"]), (&json!(true), &json!("journal-ndr")));
    assert_eq!(
        (&bounce["originals"][0]["part"], &bounce["originals"][0]["report"]["sender"]),
        (&json!(2), &json!("ann@x.example"))
    );
    assert_eq!(bounce["originals"][0]["report"]["originals"][0]["sha256"], innermost["sha256"]);
}

/// Outlook may keep a text as RTF and nothing else.
#[test]
fn an_envelope_in_rtf() {
    let room = Room::new();
    let rtf = format!("{{\\rtf1\\ansi {}}}", ENVELOPE.replace("\r\n", "\\par\r\n"));
    let original = MessageBuilder::new("IPM.Note").subject("Plan").message_id("<1@x.example>").body("Hello");
    let message =
        MessageBuilder::new("IPM.Note").subject("Plan").rtf(&rtf).attach(AttachmentBuilder::embedded("Plan", original));
    let path = room.store("a.pst", Mailbox::new("Journal").folder(FolderBuilder::new("Inbox").message(message)));
    let (code, records, _) = records(&[&path]);
    assert_eq!(
        (code, &records[0]["kind"], &records[0]["sender"]),
        (Some(0), &json!("journal-report"), &json!("ann@x.example"))
    );
    assert_eq!(records[0]["recipients"].as_array().unwrap().len(), 2);
    let scanned = pst(["scan", "--json", path.to_str().unwrap()]).json();
    assert_eq!(scanned["totals"]["journal"]["reports"], 1);
}

#[test]
fn how_it_ends() {
    let room = Room::new();
    let eml = room.file("in/a.eml", ORIGINAL);
    let run = |args: &[&str]| pst(["journal"].iter().chain(args));
    let eml = eml.to_str().unwrap();
    // Ordinary items can be left out.
    let only = run(&["--reports", eml]);
    assert_eq!((only.code, only.text().as_str()), (Some(0), ""));
    let gone = room.path().join("gone").to_str().unwrap().to_owned();
    let missing = run(&[&gone]);
    assert_eq!((missing.code, missing.text().as_str(), missing.stderr.lines().count()), (Some(3), "", 1));
    let both = run(&[eml, &gone]);
    assert_eq!((both.code, both.text().lines().count()), (Some(1), 1));
    // What may hide mail is told, what is none is not.
    room.file("in/b.pdf", "%PDF");
    room.file("in/c.7z", b"7z\xBC\xAF\x27\x1C");
    let some = run(&[room.path().join("in").to_str().unwrap()]);
    assert_eq!((some.code, some.text().lines().count()), (Some(1), 1));
    assert!(
        some.stderr.contains("c.7z: left out: other-form (7z)") && !some.stderr.contains("b.pdf"),
        "{}",
        some.stderr
    );
    std::fs::create_dir(room.path().join("empty")).unwrap();
    let empty = run(&[room.path().join("empty").to_str().unwrap()]);
    assert_eq!((empty.code, empty.stderr.as_str()), (Some(3), "pst: no item was found\n"));
    // A store is there, if nothing else is.
    let store = room.store("empty.pst", Mailbox::new("Nothing"));
    let empty = run(&[store.to_str().unwrap()]);
    assert_eq!((empty.code, empty.stderr.as_str()), (Some(0), "pst: no item was found\n"));
}

/// Compares with the truth in the directory that the variable `PST_CORPUS` names; without it, it looks at nothing.
#[test]
fn every_record_agrees_with_the_truth() {
    let Some(corpus) = std::env::var_os("PST_CORPUS") else { return };
    let (code, records, stderr) = records(&[&Path::new(&corpus).join("journal")]);
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
    assert!(records.len() >= 9);
    for record in &records {
        let path = PathBuf::from(record["place"]["file"].as_str().unwrap()).with_extension("truth.json");
        let truth: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for (field, value) in truth.as_object().unwrap() {
            let expected = match field.as_str() {
                "point" => continue,
                // The truth has them as text.
                "warnings" => json!(
                    value
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|text| match text.as_str().unwrap() {
                            "recipient without SMTP address" => "recipient-without-smtp",
                            other => panic!("{other}"),
                        })
                        .collect::<Vec<_>>()
                ),
                _ => value.clone(),
            };
            assert_eq!(record[field], expected, "{}: {field}", path.display());
        }
    }
}

/// An archive with one entry, stored.
fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap().to_le_bytes();
    let mut crc = !0u32;
    for byte in content {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
        }
    }
    let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0];
    fields.extend((!crc).to_le_bytes());
    fields.extend([length(content), length(content)].concat());
    fields.extend(u16::try_from(name.len()).unwrap().to_le_bytes());
    fields.extend([0, 0]);
    let local = [b"PK\x03\x04", &fields[..], name.as_bytes(), content].concat();
    let directory = [b"PK\x01\x02\x14\x03", &fields[..], &[0; 14], name.as_bytes()].concat();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0", &length(&directory)[..], &length(&local), &[0, 0]].concat();
    [local, directory, end].concat()
}
