//! `pst create`: what it writes, what it tells, how it ends.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::fs;
use std::path::Path;

use common::{Room, Run, pst, sample};
use pst_core::Pst;
use pst_core::ndb::CryptMethod;
use pst_core::verify::{Verdict, VerifyOptions, verify};
use serde_json::Value;

const MAIL: &str = "From: Ann <ann@x.example>\r\nSubject: Hello\r\nMessage-ID: <1@x.example>\r\n\r\nHi\r\n";
const MBOX: &str = "From ann@x.example Wed May 17 23:35:05 2000\nSubject: one\n\nHi\n\nFrom ann@x.example Wed May 17 23:35:06 2000\nSubject: two\nStatus: O\n\nHi\n\n";

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A directory of mails, an mbox, and what is neither.
fn input(room: &Room) -> String {
    room.file("in/a.eml", MAIL);
    room.file("in/Work/b.eml", MAIL);
    room.file("in/Inbox", MBOX);
    room.file("in/notes.txt", "no mail");
    text(&room.path().join("in")).to_owned()
}

#[track_caller]
fn open(path: &Path) -> Pst {
    let pst = Pst::open(path).unwrap();
    let report = verify(&pst, &VerifyOptions::new());
    assert_eq!(report.verdict(), Verdict::Sound, "{:#?}", report.findings);
    pst
}

/// The numbers of a report add up: of each path and of all.
#[track_caller]
fn report(run: &Run) -> Value {
    let report = run.json();
    assert_eq!(report["schema"], "pst-create/1");
    let mut sums = [0; 4];
    let names = ["seen", "written", "skipped_total", "failed_total"];
    for summary in report["sources"].as_array().unwrap().iter().map(|source| &source["summary"]) {
        for (sum, name) in sums.iter_mut().zip(names) {
            *sum += summary[name].as_u64().unwrap();
        }
    }
    let summary = &report["summary"];
    let all = names.map(|name| summary[name].as_u64().unwrap());
    assert_eq!(sums, all);
    assert_eq!(all[0], all[1] + all[2] + all[3]);
    for (list, total) in [("skipped", all[2]), ("failed", all[3])] {
        assert_eq!(summary[list].as_object().unwrap().values().map(|one| one.as_u64().unwrap()).sum::<u64>(), total);
    }
    report
}

#[test]
fn mail_in_files_becomes_a_store() {
    let room = Room::new();
    let (from, out) = (input(&room), room.path().join("out.pst"));
    let run = pst(["create", text(&out), &from, "--json", "--crypt", "cyclic"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = report(&run);
    assert_eq!(report["summary"]["written"], 4);
    assert_eq!(report["summary"]["skipped"]["not-mail"], 1);
    let found = open(&out);
    assert_eq!(found.header().crypt, CryptMethod::Cyclic);
    let tree = pst(["ls", text(&out)]).text();
    for name in ["Inbox", "Work", "Mail"] {
        assert!(tree.contains(name), "{tree}");
    }
    let run = pst(["scan", text(&out), "--json"]);
    assert_eq!((run.code, run.json()["schema"].is_string()), (Some(0), true), "{}", run.stderr);
}

#[test]
fn people_are_told_the_same_numbers() {
    let room = Room::new();
    let (from, out) = (input(&room), room.path().join("out.pst"));
    let run = pst(["create", text(&out), &from]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let told = run.text();
    for line in ["4 items", "seen", "written", "4 mails, 0 items of stores", "not-mail", "notes.txt: not-mail, text"] {
        assert!(told.contains(line), "{line} in {told}");
    }
}

#[test]
fn losses_end_with_1_and_are_named() {
    let room = Room::new();
    let from = input(&room);
    room.file("in/old.msg", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
    room.file("in/bad.eml", "Subject: x\nContent-Type: application/ms-tnef; name=winmail.dat\n\nno TNEF\n");
    let out = room.path().join("out.pst");
    let run = pst(["create", text(&out), &from, "--json"]);
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    let report = report(&run);
    let findings = report["findings"].as_array().unwrap();
    let of = |name: &str| findings.iter().find(|finding| finding["file"].as_str().unwrap().ends_with(name)).unwrap();
    assert_eq!(of("old.msg")["what"], "skipped");
    assert_eq!(of("old.msg")["reason"], "other-form");
    let notes = &of("bad.eml")["notes"];
    assert_eq!((&of("bad.eml")["what"], &of("bad.eml")["folder"]), (&"notes".into(), &"/Mail".into()));
    assert!(notes.as_array().unwrap().iter().any(|note| note["code"] == "unreadable"), "{notes}");
    assert_eq!(report["summary"]["damaged"], 1);
    open(&out);
}

#[test]
fn all_below_a_folder() {
    let room = Room::new();
    let (from, out) = (input(&room), room.path().join("out.pst"));
    assert_eq!(pst(["create", text(&out), &from, "--folder", "Old/2020"]).code, Some(0));
    let listed = pst(["ls", text(&out), "Old/2020/Inbox"]);
    assert_eq!(listed.code, Some(0), "{}", listed.stderr);
    assert!(listed.text().contains("two"), "{}", listed.text());
}

#[test]
fn stores_are_taken_in_too() {
    let room = Room::new();
    let store = room.store("old.pst", sample());
    let (from, out) = (input(&room), room.path().join("out.pst"));
    let run = pst(["create", text(&out), &from, text(&store), "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = report(&run);
    assert_eq!((&report["summary"]["mails"], &report["summary"]["messages"]), (&4.into(), &4.into()));
    open(&out);
}

#[test]
fn nothing_is_replaced_or_left_half_done() {
    let room = Room::new();
    let (from, out) = (input(&room), room.path().join("out.pst"));
    fs::write(&out, "mine").unwrap();
    let run = pst(["create", text(&out), &from]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("--force"), "{}", run.stderr);
    assert_eq!(fs::read(&out).unwrap(), b"mine");
    // Nothing to write.
    let empty = room.file("empty/notes.txt", "no mail");
    let run = pst(["create", text(&out), text(&empty), "--force", "--json"]);
    assert_eq!(run.code, Some(3));
    assert_eq!(run.json()["file"], Value::Null);
    assert!(run.stderr.contains("there is no mail"), "{}", run.stderr);
    assert_eq!(fs::read(&out).unwrap(), b"mine");
    let names: Vec<_> = fs::read_dir(room.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".partial")), "{names:?}");
    assert_eq!(pst(["create", text(&out), &from, "--force"]).code, Some(0));
    open(&out);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let room = Room::new();
    let from = input(&room);
    let inside = room.path().join("in/out.pst");
    let run = pst(["create", text(&inside), &from]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("which is to be read"), "{}", run.stderr);
    assert!(!inside.exists());
    let run = pst(["create", text(&room.path().join("out.pst")), text(&room.path().join("none"))]);
    assert_eq!(run.code, Some(3), "a path that is not there");
    assert_eq!(pst(["create", "out.pst"]).code, Some(2));
}
