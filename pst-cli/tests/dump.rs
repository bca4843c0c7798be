//! `pst dump`: what it does with files that are made to keep it busy.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{FIRST, Room, mail, noise, pst};
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, StoreBuilder};

/// A store whose first message has so many attachments of a megabyte, all of the same bytes; another message follows.
fn shared_attachments(count: usize) -> Vec<u8> {
    let name = |number: usize| format!("{number}.bin");
    let first = AttachmentBuilder::by_value(&name(0), noise(1_000_000));
    let others = (1..count).map(|number| AttachmentBuilder::by_value(&name(number), "x"));
    let message = std::iter::once(first).chain(others).fold(mail("Shared", 2020), |mail, next| mail.attach(next));
    let inbox = FolderBuilder::new("Inbox").message(message).message(mail("Next", 2021));
    let bytes = Mailbox::new("x").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let mut editor = Editor::new(bytes);
    let block = editor.node(Nid::new(0x20_0024)).subnodes;
    // SLENTRY: node, data and subnodes, 8 bytes each, behind 8 bytes of the block's own.
    editor.edit_block(block, |block| {
        let is_attachment = |entry: &[u8]| entry[0] & 0x1F == NidType::ATTACHMENT.number();
        let entries = &mut block[8..];
        let first = entries.chunks_exact(24).find(|entry| is_attachment(entry)).unwrap()[8..].to_vec();
        for entry in entries.chunks_exact_mut(24).filter(|entry| is_attachment(entry)) {
            entry[8..].copy_from_slice(&first);
        }
    });
    editor.into_bytes()
}

#[test]
fn bytes_named_over_and_over_end_the_item_and_not_the_dump() {
    let room = Room::new();
    let few = room.file("few.pst", shared_attachments(20));
    let run = pst(["dump", few.to_str().unwrap()]);
    let report = run.json();
    assert_eq!(report["integrity"]["raw_anomalies"].as_array().unwrap().len(), 0, "{}", report["integrity"]);
    assert_eq!((run.code, &report["counts"]["attachment_bytes"]), (Some(0), &serde_json::json!(20_000_000)));

    let many = room.file("many.pst", shared_attachments(150));
    let run = pst(["dump", many.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    let report = run.json();
    let lines = report["integrity"]["raw_anomalies"].as_array().unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let start = format!("message {FIRST}, whose rest is left out: limit reached in item: bytes to hash is ");
    assert!(lines[0].as_str().unwrap().starts_with(&start), "{lines:?}");
    // What was read before stands, and so does the next message.
    let message = &report["messages"][0];
    let attachments = message["attachments"].as_array().unwrap();
    assert!(attachments.len() > 60 && attachments.len() < 150, "{}", attachments.len());
    assert!(attachments[0]["data_sha256"].is_string() && attachments.last().unwrap()["data_sha256"].is_null());
    assert_eq!((&message["subject"], &report["messages"][1]["subject"]), (&"Shared".into(), &"Next".into()));
    assert!(report["messages"][1]["props_digest"].as_str().unwrap().len() == 64);
}

/// A row that leads nowhere and a file cut short used to go without a word.
#[test]
fn what_is_not_there_is_an_anomaly() {
    let room = Room::new();
    let inbox = FolderBuilder::new("Inbox").message(mail("One", 2020)).message(mail("Two", 2021));
    let bytes = Mailbox::new("x").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let anomalies = |bytes: Vec<u8>| {
        let run = pst(["dump", room.file("x.pst", bytes).to_str().unwrap()]);
        let lines = run.json()["integrity"]["raw_anomalies"].as_array().unwrap().clone();
        (run.code, lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(anomalies(bytes.clone()), (Some(0), vec![]));

    let mut editor = Editor::new(bytes.clone());
    // The node is one that nobody lists from now on.
    editor.edit_node(Nid::new(0x20_0044), |node| node.nid = Nid::new(0x20_0056));
    let (code, lines) = anomalies(editor.into_bytes());
    assert_eq!(code, Some(1));
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].ends_with("missing row: what it lists has no node (node 0x200044)"), "{lines:?}");

    let mut short = bytes;
    short.truncate(short.len() - 4096);
    let text = "file: corrupt file: 4096 bytes of what its header says are missing";
    assert_eq!(anomalies(short), (Some(1), vec![text.to_owned()]));
}
