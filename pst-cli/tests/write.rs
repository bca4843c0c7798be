//! `pst merge`, `split`, `compact` and `convert`: what they write, what they tell, how they end.

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
use std::path::{Path, PathBuf};

use common::{Room, Run, mail, noise, pst, sample};
use pst_core::Pst;
use pst_core::ltp::id;
use pst_core::ndb::{CryptMethod, Format, Nid};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_core::verify::{Verdict, VerifyOptions, verify};
use serde_json::Value;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn with_id(name: &str, year: i16) -> MessageBuilder {
    mail(name, year).message_id(&format!("<{name}@example.com>"))
}

/// A store with items of three years, two folders, an associated item and a contact.
fn store() -> Mailbox {
    let inbox = FolderBuilder::new("Inbox")
        .messages([with_id("a", 2019), with_id("b", 2020)])
        .associated(MessageBuilder::new("IPM.Configuration.Rss").subject("Settings"))
        .folder(FolderBuilder::new("Projects").message(with_id("c", 2021)));
    let contacts = FolderBuilder::new("Contacts").message(MessageBuilder::new("IPM.Contact").subject("card"));
    Mailbox::new("Store").folder(inbox).folder(contacts)
}

/// Opens a new file, and finds nothing wrong with it.
#[track_caller]
fn open(path: &Path) -> Pst {
    let pst = Pst::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let report = verify(&pst, &VerifyOptions::new());
    assert_eq!(report.verdict(), Verdict::Sound, "{}: {:#?}", path.display(), report.findings);
    pst
}

/// Subjects of all items, and how often.
fn subjects(pst: &Pst) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry.unwrap()).unwrap();
        *found.entry(message.subject().unwrap().unwrap_or_default()).or_insert(0) += 1;
    }
    found
}

fn names(pst: &Pst) -> Vec<String> {
    subjects(pst).into_keys().collect()
}

/// The numbers of a report add up: of each source, of each file and of all.
#[track_caller]
fn report(run: &Run) -> Value {
    let report = run.json();
    assert_eq!(report["schema"], "pst-transfer/1");
    let mut summaries = vec![&report["summary"]];
    for list in ["sources", "files"] {
        summaries.extend(report[list].as_array().unwrap().iter().filter_map(|entry| entry.get("summary")));
    }
    for summary in &summaries {
        let number = |name: &str| summary[name].as_u64().unwrap();
        assert_eq!(number("read"), number("written") + number("skipped_total"), "{summary}");
        assert_eq!(number("written"), number("messages") + number("associated"));
        let reasons = summary["skipped"].as_object().unwrap().values().map(|reason| reason.as_u64().unwrap());
        assert_eq!(reasons.sum::<u64>(), number("skipped_total"));
    }
    let files = report["files"].as_array().unwrap().iter().map(|file| file["summary"]["written"].as_u64().unwrap());
    assert_eq!(files.sum::<u64>(), report["summary"]["written"].as_u64().unwrap());
    let findings = report["findings"].as_array().unwrap();
    let skipped = findings.iter().filter(|finding| finding["what"] == "skipped").count() as u64;
    assert_eq!(skipped, report["summary"]["skipped_total"].as_u64().unwrap(), "every skipped item is named");
    let damaged = findings.iter().filter(|finding| finding["what"] == "damaged").count() as u64;
    assert_eq!(damaged, report["summary"]["damaged"].as_u64().unwrap());
    report
}

/// What is in a directory, hidden files and all.
fn listing(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn merge() {
    let room = Room::new();
    let one = room.store("one.pst", store());
    let two = room.store("two.pst", sample());
    let out = room.path().join("out.pst");
    let run = pst(["merge", text(&out), text(&one), text(&two)]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(run.text().contains("8 items") && run.text().contains("items read"), "{}", run.text());
    let merged = open(&out);
    assert_eq!(merged.store().unwrap().name().unwrap().as_deref(), Some("out"));
    assert_eq!(names(&merged), ["Card", "Plain", "RE: Rich", "Settings", "a", "b", "c", "card"]);
    assert_eq!(listing(room.path()), ["one.pst", "out.pst", "two.pst"]);

    let out = room.path().join("folders.pst");
    let run = pst(["merge", text(&out), text(&one), text(&two), "--subfolders", "--json"]);
    let report = report(&run);
    assert_eq!((run.code, &report["command"]), (Some(0), &Value::from("merge")));
    assert_eq!(pst(["ls", text(&out), "two/Inbox/A%2FB"]).code, Some(0));
}

#[test]
fn merge_without_duplicates() {
    let room = Room::new();
    let one = room.store("one.pst", store());
    let two = room.store("two.pst", store());
    for by in ["message-id", "content"] {
        let out = room.path().join(format!("{by}.pst"));
        let run = pst(["merge", text(&out), text(&one), text(&two), "--drop-duplicates", by, "--json"]);
        let report = report(&run);
        let duplicates = if by == "content" { 4 } else { 3 };
        assert_eq!(report["summary"]["skipped"]["duplicate"], duplicates, "{by}");
        assert_eq!(report["summary"]["skipped"]["associated-again"], 1);
        assert_eq!(run.code, Some(0));
        let again = pst(["merge", text(&out), text(&one), text(&two), "--drop-duplicates", by, "--force"]);
        assert!(
            again.text().contains("\nDuplicates\n") && again.text().contains("two.pst: 0x200024"),
            "{}",
            again.text()
        );
        open(&out);
    }
}

#[test]
fn a_bad_source_does_not_stop_the_others() {
    let room = Room::new();
    let one = room.store("one.pst", store());
    let bad = room.file("bad.pst", "!BDN and nothing more");
    let out = room.path().join("out.pst");
    let run = pst(["merge", text(&out), text(&bad), text(&one), "--json"]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.starts_with(&format!("pst: {}: ", bad.display())), "{}", run.stderr);
    let report = report(&run);
    assert!(report["sources"][0]["error"]["message"].is_string());
    assert_eq!(report["sources"][1]["summary"]["written"], 5);
    assert_eq!(names(&open(&out)).len(), 5);

    let out = room.path().join("none.pst");
    let run = pst(["merge", text(&out), text(&bad), "/no/such/file.pst"]);
    assert_eq!((run.code, run.stderr.lines().count()), (Some(3), 3), "{}", run.stderr);
    assert_eq!(listing(room.path()), ["bad.pst", "one.pst", "out.pst"]);
}

#[test]
fn what_is_there_is_not_replaced() {
    let room = Room::new();
    let source = room.store("one.pst", store());
    let out = room.file("out.pst", "precious");
    let dir = room.path().join("parts");
    fs::create_dir(&dir).unwrap();
    let part = room.file("parts/one-2020.pst", "precious");
    let (source, out_path, directory) = (text(&source), text(&out), text(&dir));
    let commands = [
        vec!["merge", out_path, source],
        vec!["compact", source, out_path],
        vec!["convert", source, out_path],
        vec!["split", source, "-o", directory, "--by", "year"],
    ];
    for args in &commands {
        let run = pst(args);
        assert_eq!((run.code, run.stdout.len()), (Some(3), 0), "{args:?}");
        assert_eq!(run.stderr.lines().count(), 1, "{}", run.stderr);
        assert_eq!((fs::read(&out).unwrap(), fs::read(&part).unwrap()), (b"precious".to_vec(), b"precious".to_vec()));
        assert_eq!(
            (listing(room.path()), listing(&dir)),
            (["one.pst", "out.pst", "parts"].map(str::to_owned).to_vec(), vec!["one-2020.pst".to_owned()])
        );
    }
    for args in &commands {
        let run = pst(args.iter().chain(&["--force"]));
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{args:?}");
        open(&out);
    }
    open(&part);
}

#[test]
fn a_file_is_compacted_in_place() {
    let room = Room::new();
    let path = room.store("one.pst", store());
    assert_eq!(pst(["compact", text(&path), text(&path)]).code, Some(3));
    let before = fs::read(&path).unwrap();
    let run = pst(["compact", text(&path), text(&path), "--force"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert!(fs::read(&path).unwrap() != before);
    assert_eq!(names(&open(&path)).len(), 5);
    // A merge would replace what it reads.
    let run = pst(["merge", text(&path), text(&path), "--force"]);
    assert_eq!(run.code, Some(2));
    assert_eq!(names(&open(&path)).len(), 5);
}

#[test]
fn compact_keeps_layout_and_encoding() {
    let room = Room::new();
    for (format, crypt) in [
        (Format::UNICODE, CryptMethod::None),
        (Format::UNICODE, CryptMethod::Cyclic),
        (Format::ANSI, CryptMethod::Permute),
    ] {
        let bytes = store().write(StoreBuilder::new(format).crypt(crypt)).finish_vec();
        let path = room.file("in.pst", bytes);
        let out = room.path().join("out.pst");
        let run = pst(["compact", text(&path), text(&out), "--force"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let copy = open(&out);
        assert_eq!((copy.format().is_ansi(), copy.header().crypt), (format.is_ansi(), crypt));
        assert_eq!(subjects(&copy), subjects(&Pst::open(&path).unwrap()));
        for entry in copy.message_entries() {
            let entry = entry.unwrap();
            assert_eq!(Pst::open(&path).unwrap().message(entry.nid).unwrap().folder_id(), entry.parent);
        }
    }
}

#[test]
fn convert() {
    let room = Room::new();
    let ansi = room.file("ansi.pst", store().write(StoreBuilder::new(Format::ANSI)).finish_vec());
    let ost = room.file("mail.ost", store().write(StoreBuilder::new(Format::UNICODE_4K)).finish_vec());
    let out = room.path().join("out.pst");
    for source in [&ansi, &ost] {
        let run = pst(["convert", text(source), text(&out), "--force", "--crypt", "cyclic", "--json"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        report(&run);
        let copy = open(&out);
        assert_eq!((copy.format().version(), copy.header().crypt), (23, CryptMethod::Cyclic));
        assert_eq!(subjects(&copy), subjects(&Pst::open(source).unwrap()));
    }
    let foreign = FolderBuilder::new("Inbox").messages([mail("日本", 2020), mail("Grüße", 2020)]);
    let source = room.store("foreign.pst", Mailbox::new("x").folder(foreign));
    let run = pst(["convert", text(&source), text(&out), "--force", "--ansi", "1252", "--bad-item-limit", "50"]);
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("Losses\n") && run.text().contains("cp1252 lacks"), "{}", run.text());
    assert_eq!(names(&open(&out)), ["??", "Grüße"]);
    let run = pst(["convert", text(&source), text(&out), "--force", "--ansi", "932", "--bad-item-limit", "50"]);
    assert_eq!(names(&open(&out)), ["Gr??e", "日本"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(pst(["convert", text(&source), text(&out), "--ansi", "1"]).code, Some(2));
}

#[test]
fn shared_data_is_stored_once() {
    let room = Room::new();
    let attached = |name| mail(name, 2020).attach(AttachmentBuilder::by_value("x", noise(300_000)));
    let source = room
        .store("in.pst", Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(["1", "2", "3"].map(attached))));
    let (one, two) = (room.path().join("one.pst"), room.path().join("two.pst"));
    assert_eq!(pst(["convert", text(&source), text(&one)]).code, Some(0));
    assert_eq!(pst(["convert", text(&source), text(&two), "--share"]).code, Some(0));
    let size = |path: &PathBuf| path.metadata().unwrap().len();
    assert!(size(&two) + 500_000 < size(&one));
    assert_eq!(subjects(&open(&two)), subjects(&open(&one)));
}

#[test]
fn filters() {
    let room = Room::new();
    let source = room.store("one.pst", store());
    let out = room.path().join("out.pst");
    for (args, expected, reason, number) in [
        (vec!["--folder", "Inbox"], vec!["Settings", "a", "b"], "folder", 2),
        (vec!["--folder", "inbox/**", "--folder", "Cont*"], vec!["Settings", "a", "b", "c", "card"], "folder", 0),
        (vec!["--class", "IPM.Note*"], vec!["a", "b", "c"], "class", 2),
        (vec!["--since", "2020", "--until", "2020-12"], vec!["b"], "date", 2),
        (vec!["--until", "2019-12-31", "--class", "IPM.Note"], vec!["a"], "date", 2),
        (vec!["--without-associated"], vec!["a", "b", "c", "card"], "associated", 1),
    ] {
        for command in [["compact", text(&source), text(&out)], ["merge", text(&out), text(&source)]] {
            let run = pst(command.iter().chain(&args).chain(&["--force", "--json"]));
            assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
            let report = report(&run);
            let mut found = names(&open(&out));
            // The testkit gives what has no date the date of its own making.
            if args[0] == "--since" || args[0] == "--until" {
                found.retain(|name| name != "card" && name != "Settings");
            } else {
                assert_eq!(report["summary"]["skipped"][reason], number, "{args:?}");
            }
            assert_eq!(found, expected, "{command:?} {args:?}");
        }
    }
    for args in [["--since", "yesterday"], ["--until", "2020-13"]] {
        assert_eq!(pst(["compact", text(&source), text(&out)].iter().chain(&args)).code, Some(2));
    }
}

/// A pattern that no folder fits is most likely a slip: it is named, though nothing failed.
#[test]
fn patterns_without_folders() {
    let room = Room::new();
    let one = room.store("one.pst", store());
    let two = room.store("two.pst", sample());
    let (out, parts) = (room.path().join("out.pst"), room.path().join("parts"));
    let warning = |pattern: &str| format!("pst: warning: no folder fits --folder {pattern}\n");
    for args in [
        vec!["merge", text(&out), text(&one), text(&two)],
        vec!["compact", text(&one), text(&out)],
        vec!["convert", text(&one), text(&out)],
        vec!["split", text(&one), "-o", text(&parts), "--by", "year"],
    ] {
        let chosen = ["--folder", "Inbocks", "--folder", "Inbox", "--folder", "/Inbox", "--force"];
        let run = pst(args.iter().chain(&chosen));
        assert_eq!(run.code, Some(0), "{args:?}");
        assert_eq!(run.stderr, warning("Inbocks") + &warning("/Inbox"), "{args:?}");
        let report = report(&pst(args.iter().chain(&chosen).chain(&["--json"])));
        let findings = report["findings"].as_array().unwrap().clone();
        let patterns: Vec<_> = findings
            .iter()
            .filter(|finding| finding["what"] == "no-folder")
            .map(|finding| &finding["folder"])
            .collect();
        assert_eq!(patterns, ["Inbocks", "/Inbox"]);
    }
    // One source that has such a folder is enough.
    let run = pst(["merge", text(&out), text(&one), text(&two), "--folder", "Inbox/A%2FB", "--force"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    assert_eq!(names(&open(&out)), ["Card"]);
}

#[test]
fn second_listings_and_search_folders_are_told() {
    let room = Room::new();
    let first = Nid::new(0x20_0024);
    let inbox = FolderBuilder::new("Inbox").message(with_id("a", 2020));
    let again = FolderBuilder::new("Again").listing(first);
    let mailbox =
        Mailbox::new("x").folder(inbox).folder(again).root_folder(FolderBuilder::search("Found", vec![first]));
    let source = room.store("in.pst", mailbox);
    let (out, parts) = (room.path().join("out.pst"), room.path().join("parts"));
    for (args, left) in [
        (vec!["merge", text(&out), text(&source)], 1),
        (vec!["compact", text(&source), text(&out)], 0),
        (vec!["split", text(&source), "-o", text(&parts), "--by", "year"], 1),
    ] {
        let run = pst(args.iter().chain(&["--force", "--json"]));
        assert_eq!(run.code, Some(0), "{args:?}: {}", run.stderr);
        let report = report(&run);
        let summary = &report["summary"];
        assert_eq!((&summary["read"], &summary["written"]), (&Value::from(2), &Value::from(1)));
        assert_eq!((&summary["skipped"]["listed-again"], &summary["search_folders_left"]), (&1.into(), &left.into()));
        let findings = report["findings"].as_array().unwrap();
        let again = findings.iter().find(|finding| finding["reason"] == "listed-again").unwrap();
        assert_eq!((&again["node"], &again["folder"]), (&"0x200024".into(), &"/Top of Personal Folders/Again".into()));
        let found = findings.iter().find(|finding| finding["what"] == "search-folder");
        assert_eq!(found.map(|finding| &finding["reason"]), (left > 0).then_some(&"lists-by-ids".into()));
        let report = pst(args.iter().chain(&["--force"])).text();
        assert!(report.contains("listed again by another folder"), "{report}");
        assert_eq!(report.contains("they list items by ids, which change"), left > 0, "{report}");
    }
}

#[test]
fn split_by_year_and_folder() {
    let room = Room::new();
    let source = room.store("mail.pst", store());
    let parts = room.path().join("a/b");
    let run = pst(["split", text(&source), "-o", text(&parts), "--by", "year", "--class", "IPM.Note", "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let report = report(&run);
    assert_eq!(report["files"][1]["label"], "2020");
    assert_eq!(listing(&parts), ["mail-2019.pst", "mail-2020.pst", "mail-2021.pst"]);
    for (name, subject) in [("mail-2019.pst", "a"), ("mail-2020.pst", "b"), ("mail-2021.pst", "c")] {
        assert_eq!(names(&open(&parts.join(name))), [subject]);
    }
    let parts = room.path().join("folders");
    assert_eq!(pst(["split", text(&source), "-o", text(&parts), "--by", "folder"]).code, Some(0));
    assert_eq!(listing(&parts), ["mail-Contacts.pst", "mail-Inbox.pst"]);
    assert_eq!(names(&open(&parts.join("mail-Inbox.pst"))), ["Settings", "a", "b", "c"]);
    let parts = room.path().join("each");
    assert_eq!(pst(["split", text(&source), "-o", text(&parts), "--by", "each-folder"]).code, Some(0));
    assert_eq!(listing(&parts), ["mail-Contacts.pst", "mail-Inbox.pst", "mail-Projects.pst"]);
    for args in [vec![], vec!["--max-size", "1MB"], vec!["--max-size", "much"], vec!["--by", "moon"]] {
        let run = pst(["split", text(&source), "-o", text(&parts)].iter().chain(&args));
        assert_eq!(run.code, Some(2), "{args:?}");
    }
}

#[test]
fn split_by_size() {
    let room = Room::new();
    let messages = (0..80).map(|number| {
        with_id(&format!("m{number:02}"), 2020)
            .attach(AttachmentBuilder::by_value("x", noise(number * 3_001 % 200_000)))
    });
    let huge = with_id("huge", 2020).attach(AttachmentBuilder::by_value("x", noise(4_000_000)));
    let inbox = FolderBuilder::new("Inbox").messages(messages).message(huge);
    let source = room.store("mail.pst", Mailbox::new("x").folder(inbox));
    let parts = room.path().join("parts");
    let run = pst(["split", text(&source), "-o", text(&parts), "--max-size", "3MiB", "--json"]);
    // The large item is in a file that is larger than asked for.
    assert_eq!(run.code, Some(1));
    let report = report(&run);
    let mut all = BTreeMap::new();
    for file in report["files"].as_array().unwrap() {
        let path = Path::new(file["file"].as_str().unwrap());
        let size = path.metadata().unwrap().len();
        assert_eq!(file["bytes"], size);
        let part = subjects(&open(path));
        assert_eq!(size > 3 << 20, part.contains_key("huge"));
        assert_eq!(file["oversize"].as_bool(), Some(part.contains_key("huge")));
        for (subject, number) in part {
            *all.entry(subject).or_insert(0) += number;
        }
    }
    assert_eq!(all, subjects(&Pst::open(&source).unwrap()));
    assert!(listing(&parts).len() > 3);
    assert_eq!(listing(&parts)[0], "mail-001.pst");
}

/// The first item is unreadable, and of the second an attachment is.
fn damaged() -> Vec<u8> {
    let inbox = FolderBuilder::new("Inbox").messages([
        with_id("lost", 2019),
        with_id("cut", 2020).attach(AttachmentBuilder::by_value("x.bin", noise(20_000))),
        with_id("whole", 2021),
    ]);
    let bytes = Mailbox::new("x").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let pst = Pst::from_bytes(bytes.clone()).unwrap();
    let attachment = pst.message(Nid::new(0x20_0044)).unwrap().attachments().next().unwrap().unwrap();
    let data = attachment.node().subnodes().map(Result::unwrap).find(|node| node.data().unwrap().len() == 20_000);
    let block = data.unwrap().data().unwrap().block_id(1).unwrap();
    let mut editor = Editor::new(bytes);
    for block in [editor.node(Nid::new(0x20_0024)).data, block] {
        let offset = usize::try_from(editor.block_entry(block).offset).unwrap();
        editor.bytes_mut()[offset + 20] ^= 1;
    }
    editor.into_bytes()
}

#[test]
fn losses_are_named() {
    let room = Room::new();
    let source = room.file("in.pst", damaged());
    let out = room.path().join("out.pst");
    let parts = room.path().join("parts");
    for args in [
        vec!["compact", text(&source), text(&out)],
        vec!["convert", text(&source), text(&out)],
        vec!["merge", text(&out), text(&source)],
        vec!["split", text(&source), "-o", text(&parts), "--max-size", "1GiB"],
    ] {
        // The first one stops it, unless the limit is higher, and nothing is left.
        let before = listing(room.path());
        for (limit, bad) in [(None, "bad item 1"), (Some("1"), "bad item 2")] {
            let limit: Vec<&str> = limit.into_iter().flat_map(|limit| ["--bad-item-limit", limit]).collect();
            let run = pst(args.iter().chain(&["--force", "--json"]).chain(&limit));
            assert_eq!(run.code, Some(4), "{args:?}: {}", run.stderr);
            assert!(run.stderr.contains("nothing was written") && run.stderr.contains(bad), "{}", run.stderr);
            assert!(run.stderr.contains("in /Top of Personal Folders/Inbox"), "{}", run.stderr);
            let report = run.json();
            assert_eq!(report["bad_items"]["stopped"], true, "{report}");
            assert!(report["findings"].as_array().unwrap().iter().any(|finding| finding["node"] == "0x200024"));
            assert_eq!(listing(room.path()), before);
        }
        for limit in ["51", "unlimited"] {
            let run = pst(args.iter().chain(&["--bad-item-limit", limit]));
            assert_eq!(run.code, Some(2), "{args:?}: {}", run.stderr);
            assert!(run.stderr.contains("--accept-large-data-loss"), "{}", run.stderr);
        }
        let args: Vec<&str> = args.into_iter().chain(["--bad-item-limit", "2"]).collect();
        let run = pst(args.iter().chain(&["--force", "--json"]));
        assert_eq!(run.code, Some(1), "{args:?}: {}", run.stderr);
        let report = report(&run);
        assert_eq!(report["bad_items"], serde_json::json!({"limit": 2, "found": 2, "stopped": false}));
        let findings = report["findings"].as_array().unwrap();
        let of = |what: &str| findings.iter().find(|finding| finding["what"] == what).unwrap();
        assert_eq!(of("skipped")["node"], "0x200024");
        assert_eq!(of("skipped")["reason"], "unreadable");
        assert_eq!(of("damaged")["node"], "0x200044");
        assert_eq!(of("damaged")["folder"], "/Top of Personal Folders/Inbox");
        assert_eq!(of("damaged")["errors"][0]["kind"], "checksum");
        let run = pst(args.iter().chain(&["--force"]));
        let text = run.text();
        assert!(text.contains("with losses") && text.contains("unreadable"), "{text}");
        assert!(text.contains("0x200024 in /Top of Personal Folders/Inbox: skipped, unreadable; damaged"), "{text}");
        let few = pst(args.iter().chain(&["--force", "--errors", "1"])).text();
        assert!(few.contains("and 1 more"), "{few}");
    }
    assert_eq!(names(&open(&out)), ["cut", "whole"]);
    let all =
        ["compact", text(&source), text(&out), "--force", "--bad-item-limit", "unlimited", "--accept-large-data-loss"];
    assert_eq!(pst(all).code, Some(1));
    let cut = open(&out).message(Nid::new(0x20_0044)).unwrap();
    assert_eq!(cut.string(id::INTERNET_MESSAGE_ID).unwrap().as_deref(), Some("<cut@example.com>"));
}

#[test]
fn where_nothing_can_be_written() {
    let room = Room::new();
    let source = room.store("one.pst", store());
    let nowhere = room.path().join("no/such/out.pst");
    let below_a_file = source.join("parts");
    for args in [
        vec!["merge", text(&nowhere), text(&source)],
        vec!["compact", text(&source), text(&nowhere)],
        vec!["convert", text(&source), text(&nowhere)],
        vec!["split", text(&source), "-o", text(&below_a_file), "--by", "year"],
        vec!["compact", "/no/such/file.pst", text(&nowhere)],
    ] {
        let run = pst(&args);
        assert_eq!((run.code, run.stderr.lines().count()), (Some(3), 1), "{args:?}: {}", run.stderr);
    }
}

/// The lines of the README run as they are printed.
#[test]
fn the_lines_of_the_readme() {
    let room = Room::new();
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::create_dir_all(room.path().join("examples/data")).unwrap();
    fs::create_dir_all(room.path().join("target")).unwrap();
    let sample = "examples/data/sample.pst";
    fs::copy(top.join(sample), room.path().join(sample)).unwrap();
    let readme = fs::read_to_string(top.join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Write new files").unwrap();
    let lines: Vec<_> =
        section.split("```").nth(1).unwrap().lines().filter_map(|line| line.strip_prefix("pst ")).collect();
    assert_eq!(lines.len(), 4);
    for line in lines {
        let args = line.split(' ').map(|word| word.trim_matches('\''));
        let run = common::command().args(args).current_dir(room.path()).output().unwrap();
        assert!(run.status.success() && run.stderr.is_empty(), "{line}: {run:?}");
    }
    assert_eq!(listing(&room.path().join("target")), ["all.pst", "compact.pst", "cyclic.pst", "years"]);
}

/// Ctrl-C leaves nothing behind.
#[cfg(unix)]
#[test]
fn stopped_by_a_signal() {
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let room = Room::new();
    let body = "text ".repeat(2_000);
    let messages = (0..4_000).map(|number| with_id(&format!("m{number}"), 2020).body(&body));
    let source = room.store("mail.pst", Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(messages)));
    for (args, dir) in [
        (vec!["merge", "merged/out.pst", "mail.pst"], "merged"),
        (vec!["convert", "mail.pst", "converted/out.pst"], "converted"),
        (vec!["split", "mail.pst", "-o", "split", "--max-size", "5MiB"], "split"),
    ] {
        let dir = room.path().join(dir);
        fs::create_dir(&dir).unwrap();
        let mut child = common::command()
            .args(&args)
            .current_dir(room.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let start = Instant::now();
        // It is at work when its file is there.
        while listing(&dir).is_empty() && start.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(20));
        let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        let status = child.wait().unwrap();
        let mut stderr = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut stderr).unwrap();
        assert_eq!(status.code(), Some(3), "{args:?}: {stderr}");
        assert!(stderr.contains("stopped; nothing was written"), "{stderr}");
        assert!(!dir.exists() || listing(&dir).is_empty(), "{:?}", listing(&dir));
    }
    drop(source);
}
