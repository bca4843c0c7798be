//! `pst export`: what it says, how it ends, and that it goes on.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::{Room, mail, pst, sample};
use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};

/// All files below a directory with their bytes.
fn tree(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![directory.to_owned()];
    while let Some(at) = waiting.pop() {
        for entry in fs::read_dir(&at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn the_report_adds_up() {
    let room = Room::new();
    let source = room.store("mail.pst", sample());
    let out = room.path().join("out");
    let args = ["export", text(&source), "-o", text(&out), "--format", "eml"];
    let run = pst(args.into_iter().chain(["--json", "--class", "IPM.Note*"]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let report = run.json();
    assert_eq!((&report["schema"], &report["complete"]), (&"pst-export-report/1".into(), &true.into()));
    let summary = &report["summary"];
    assert_eq!(summary["seen"], 4);
    assert_eq!(summary["exported"], 2);
    assert_eq!(summary["kinds"], serde_json::json!({"mail": 2}));
    assert_eq!(summary["skipped"], serde_json::json!({"associated": 1, "class": 1}));
    assert_eq!(summary["failed"], serde_json::json!({}));
    let files = tree(&out);
    assert_eq!(files.len(), 3, "{:?}", files.keys());
    let bytes: usize = files.iter().filter(|(name, _)| *name != "index.jsonl").map(|(_, bytes)| bytes.len()).sum();
    assert_eq!(summary["bytes"], bytes);

    // For people, and again: nothing is left to do.
    let run = pst(args.into_iter().chain(["--class", "IPM.Note*"]));
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(run.stderr, "pst: going on after 4\n");
    assert!(run.text().contains("exported"), "{}", run.text());
    assert_eq!(tree(&out), files);

    // Another choice is another export.
    let run = pst(args);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("another export was begun in it: choice was"), "{}", run.stderr);
}

#[test]
fn what_is_refused_and_what_fails() {
    let room = Room::new();
    let source = room.store("mail.pst", sample());
    let out = room.path().join("out");
    room.file("out/mine.txt", "mine");
    let run = pst(["export", text(&source), "-o", text(&out), "--format", "mbox"]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("it is not empty"), "{}", run.stderr);
    // What is written would be read.
    let within = room.path().join("new/deep");
    let run = pst(["export", text(room.path()), "-o", text(&within), "--format", "mbox"]);
    assert_eq!((run.code, within.exists()), (Some(2), false), "{}", run.stderr);
    assert_eq!(pst(["export", text(&source), "-o", text(&out)]).code, Some(2));

    let gone = room.path().join("gone.pst");
    let none = room.path().join("none");
    let run = pst(["export", text(&gone), "-o", text(&none), "--format", "json"]);
    assert_eq!(run.code, Some(3), "{}", run.text());
    // With something that can be read it is a finding.
    let some = room.path().join("some");
    let run = pst(["export", text(&gone), text(&source), "-o", text(&some), "--format", "json", "--folder", "Nowhere"]);
    assert_eq!(run.code, Some(1), "{}", run.text());
    assert!(run.stderr.contains("no item is in a folder that fits --folder Nowhere"), "{}", run.stderr);
    assert!(run.text().contains("gone.pst: failed, io"), "{}", run.text());
}

/// At the limit of bad items it stops in order, and goes on with a higher one to the same end.
#[test]
fn stopped_by_bad_items() {
    let room = Room::new();
    let names = ["one", "lost", "two", "gone", "three"];
    let messages = names.map(|name| MessageBuilder::new("IPM.Note").subject(name).body(name));
    let inbox = FolderBuilder::new("Inbox").messages(messages);
    let mut bytes = Mailbox::new("x").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let pst_file = pst_core::Pst::from_bytes(bytes.clone()).unwrap();
    for entry in pst_file.message_entries().map(Result::unwrap).skip(1).step_by(2) {
        let block = pst_file.blocks().map(Result::unwrap).find(|block| block.bid.key() == entry.data.key()).unwrap();
        bytes[usize::try_from(block.offset).unwrap()] ^= 1;
    }
    let source = room.file("bad.pst", bytes);
    for format in ["eml", "mbox", "maildir", "json"] {
        let (whole, out) = (room.path().join(format!("whole-{format}")), room.path().join(format!("out-{format}")));
        let export = |out: &Path, limit: &[&str]| {
            let args = ["export", text(&source), "-o", text(out), "--format", format, "--json"];
            pst(args.iter().chain(limit))
        };
        let run = export(&whole, &["--bad-item-limit", "2"]);
        assert_eq!(run.code, Some(1), "{}", run.stderr);
        assert_eq!(run.json()["bad_items"], serde_json::json!({"limit": 2, "found": 2, "stopped": false}));
        for (limit, found, seen) in [(None, 1, 2), (None, 1, 2), (Some("1"), 2, 4)] {
            let limit: Vec<&str> = limit.into_iter().flat_map(|limit| ["--bad-item-limit", limit]).collect();
            let run = export(&out, &limit);
            assert_eq!(run.code, Some(4), "{format}: {}", run.stderr);
            assert!(run.stderr.contains(&format!("bad item {found}, and --bad-item-limit is")), "{}", run.stderr);
            let report = run.json();
            assert_eq!((&report["summary"]["seen"], &report["bad_items"]["stopped"]), (&seen.into(), &true.into()));
        }
        let run = export(&out, &["--bad-item-limit", "unlimited", "--accept-large-data-loss"]);
        assert_eq!((run.code, &run.json()["complete"]), (Some(1), &true.into()), "{}", run.stderr);
        assert!(tree(&out) == tree(&whole), "{format}");
        assert_eq!(export(&out, &["--bad-item-limit", "51"]).code, Some(2));
    }
}

/// Stopped by Ctrl-C and by force, it goes on, and what comes out is the same as of one run.
#[cfg(unix)]
#[test]
fn stopped_by_signals() {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let room = Room::new();
    let body = "text ".repeat(2_000);
    let messages = (0..3_000).map(|number| mail(&format!("m{number}"), 2020).body(&body));
    let source = room.store("mail.pst", Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(messages)));
    for format in ["eml", "mbox"] {
        let whole = room.path().join(format!("whole {format}"));
        let run = pst(["export", text(&source), "-o", text(&whole), "--format", format]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let out = room.path().join(format!("out {format}"));
        let args = ["export", text(&source), "-o", text(&out), "--format", format];
        for signal in ["-INT", "-KILL", "-INT", "-KILL"] {
            let before = fs::metadata(out.join("index.jsonl")).map_or(0, |index| index.len());
            let mut child = common::command().args(args).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
            let start = Instant::now();
            // It is at work when the index grows, which it does in steps.
            let grows = || fs::metadata(out.join("index.jsonl")).is_ok_and(|index| index.len() > before + 70_000);
            while !grows() && start.elapsed() < Duration::from_secs(20) && child.try_wait().unwrap().is_none() {
                std::thread::sleep(Duration::from_millis(1));
            }
            let killed = std::process::Command::new("kill").args([signal, &child.id().to_string()]).status();
            assert!(killed.is_ok());
            let status = child.wait().unwrap();
            let mut stderr = String::new();
            std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
            // It may have come to its end first.
            match (signal, status.code()) {
                ("-INT", Some(1)) => assert!(stderr.contains("stopped; the same command goes on"), "{stderr}"),
                (_, code) => assert!(code == Some(0) || status.signal() == Some(9), "{status} {stderr}"),
            }
        }
        let run = pst(args);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        assert!(run.stderr.contains("going on after"), "{}", run.stderr);
        let (found, expected) = (tree(&out), tree(&whole));
        assert_eq!(found.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
        assert!(found == expected, "{format}");
    }
}

#[test]
fn a_store_without_items_is_no_failure() {
    let room = Room::new();
    let source = room.store("empty.pst", Mailbox::new("Nothing"));
    let out = room.path().join("out");
    let run = pst(["export", text(&source), "-o", text(&out), "--format", "eml", "--json"]);
    assert_eq!((run.code, &run.json()["summary"]["seen"]), (Some(0), &0.into()), "{}", run.stderr);
    let gone = pst(["export", text(&room.path().join("gone")), "-o", text(&room.path().join("o2")), "--format", "eml"]);
    assert_eq!(gone.code, Some(3), "{}", gone.stderr);
}
