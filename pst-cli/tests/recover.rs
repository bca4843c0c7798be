//! `pst recover`: what it writes of damaged files, what it tells, how it ends.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::fs;

use common::{Room, mail, pst};
use pst_core::Pst;
use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, StoreBuilder};
use pst_core::verify::{Verdict, VerifyOptions, verify};

fn store() -> Vec<u8> {
    let inbox = FolderBuilder::new("Inbox").messages((0..20).map(|number| mail(&format!("mail {number}"), 2020)));
    Mailbox::new("Store").folder(inbox).write(StoreBuilder::new(Format::UNICODE).entries_per_page(5)).finish_vec()
}

fn subjects(pst: &Pst) -> Vec<String> {
    let messages = pst.message_entries().map(|entry| pst.message_from_entry(entry.unwrap()).unwrap());
    let mut subjects: Vec<_> = messages.map(|message| message.subject().unwrap().unwrap()).collect();
    subjects.sort();
    subjects
}

#[test]
fn a_file_without_header_and_roots_becomes_a_sound_one() {
    let room = Room::new();
    let mut bytes = store();
    let good = Pst::from_bytes(bytes.clone()).unwrap();
    let expected = subjects(&good);
    for root in [good.header().root.node_tree, good.header().root.block_tree] {
        let at = usize::try_from(root.offset).unwrap();
        bytes[at..at + 512].fill(0);
    }
    bytes[..600].fill(0);
    let damaged = room.file("damaged.pst", &bytes);
    let out = room.path().join("out.pst");
    let (damaged, out) = (damaged.to_str().unwrap(), out.to_str().unwrap());

    let run = pst(["recover", damaged, "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.json()["recovery"]["header"], "lost");
    assert_eq!(fs::metadata(out).ok().map(|file| file.len()), None);

    let run = pst(["recover", damaged, "-o", out, "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = run.json();
    assert_eq!(report["command"], "recover");
    assert_eq!(report["summary"]["written"], 20);
    assert_eq!(report["recovery"]["lost_items"]["count"], 0);
    let recovered = Pst::open(out).unwrap();
    assert_eq!(subjects(&recovered), expected);
    assert_eq!(verify(&recovered, &VerifyOptions::new()).verdict(), Verdict::Sound);
    assert_eq!(fs::read(damaged).unwrap(), bytes);

    assert_eq!(pst(["recover", damaged, "-o", out]).code, Some(3));
    assert_eq!(pst(["recover", damaged, "-o", damaged, "--force"]).code, Some(3));
    assert_eq!(fs::read(damaged).unwrap(), bytes);
}

#[test]
fn a_sound_file_has_nothing_to_recover() {
    let room = Room::new();
    let good = room.file("good.pst", store());
    let run = pst(["recover", good.to_str().unwrap()]);
    assert_eq!(run.code, Some(0));
    assert!(run.text().contains("nothing had to be brought back"), "{}", run.text());
    let text = room.file("text.pst", "text");
    assert_eq!(pst(["recover", text.to_str().unwrap()]).code, Some(3));
}
