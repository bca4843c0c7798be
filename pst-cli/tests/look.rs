//! `pst info`, `ls` and `show`: what a person sees.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{BELOW_LOST, FIRST, LOST, Room, lost_folders, mail, noise, pst, sample};
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder, nids};
use serde_json::json;

#[test]
fn info_tells_what_a_file_is() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let run = pst(["info", path.to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let file = &run.json()["files"][0];
    assert_eq!((&file["client"], &file["version"], &file["store_name"]), (&json!("pst"), &json!(23), &json!("Sample")));
    assert_eq!((&file["items"], &file["items_counted"], &file["dates_from"]), (&json!(3), &json!(true), &json!(3)));
    assert_eq!((&file["password_set"], &file["missing_bytes"]), (&json!(false), &json!(0)));
    assert!(file["earliest"].as_str().unwrap().starts_with("2020-"), "{file}");
    let text = pst(["info", path.to_str().unwrap()]).text();
    assert!(text.contains("Sample") && text.contains("Unicode") && text.contains("permute"), "{text}");
}

#[test]
fn info_says_that_a_password_protects_nothing() {
    let room = Room::new();
    let path = room.store("locked.pst", sample().prop(Prop::i32(0x67FF, 0x1234_5678)));
    let text = pst(["info", path.to_str().unwrap()]).text();
    assert!(text.contains("set; it protects nothing"), "{text}");
}

#[test]
fn info_goes_on_after_a_bad_file() {
    let room = Room::new();
    let bad = room.file("bad.pst", "not a store");
    let good = room.store("good.pst", sample());
    let run = pst(["info", bad.to_str().unwrap(), good.to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(1));
    let report = run.json();
    assert_eq!((&report["files"][0]["error"]["kind"], &report["files"][1]["items"]), (&json!("not-pst"), &json!(3)));
    assert!(run.stderr.contains("bad.pst: not a PST"), "{}", run.stderr);
    assert_eq!(pst(["info", bad.to_str().unwrap()]).code, Some(3));
}

#[test]
fn info_of_an_ansi_file_names_the_code_page() {
    let room = Room::new();
    let bytes = sample().write(StoreBuilder::new(Format::ANSI)).finish_vec();
    let path = room.file("old.pst", bytes);
    let file = &pst(["info", path.to_str().unwrap(), "--json"]).json()["files"][0];
    assert_eq!((&file["layout"], file["code_page"].is_u64()), (&json!("ansi"), true));
    let text = pst(["info", path.to_str().unwrap(), "--code-page", "1251"]).text();
    assert!(text.contains("1251, named by: caller"), "{text}");
}

#[test]
fn ls_draws_the_tree() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let run = pst(["ls", path.to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let text = run.text();
    let inbox = text.lines().find(|line| line.ends_with("── Inbox")).unwrap_or_else(|| panic!("{text}"));
    let cells: Vec<_> = inbox.split_whitespace().take(3).collect();
    assert_eq!((cells[0], cells[2]), ("2", "1"), "{inbox}");
    assert!(text.contains("── A/B\n") && text.contains("── Found (search folder)\n"), "{text}");
    let folders = pst(["ls", path.to_str().unwrap(), "--json"]).json()["folders"].clone();
    let folders = folders.as_array().unwrap();
    let child = folders.iter().find(|folder| folder["name"] == "A/B").unwrap();
    assert!(child["path"].as_str().unwrap().ends_with("/Inbox/A%2FB"), "{child}");
}

#[test]
fn ls_finds_folders_by_path_and_id() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let file = path.to_str().unwrap();
    let folders = pst(["ls", file, "--json"]).json()["folders"].clone();
    let inbox = folders.as_array().unwrap().iter().find(|folder| folder["name"] == "Inbox").unwrap().clone();
    for folder in ["Inbox", "inbox", inbox["path"].as_str().unwrap(), inbox["node"].as_str().unwrap()] {
        let run = pst(["ls", file, folder, "--json"]);
        assert_eq!(run.code, Some(0), "{folder}: {}", run.stderr);
        let report = run.json();
        assert_eq!(report["folder"]["node"], inbox["node"], "{folder}");
        let subjects: Vec<_> = report["messages"].as_array().unwrap().iter().map(|line| &line["subject"]).collect();
        assert_eq!(subjects, [&json!("RE: Rich"), &json!("Plain")], "{folder}");
    }
    assert_eq!(pst(["ls", file, "Inbox", "--all", "--json"]).json()["messages"].as_array().unwrap().len(), 3);
    assert_eq!(pst(["ls", file, "Inbox/A%2FB", "--json"]).json()["messages"].as_array().unwrap().len(), 1);
    assert_eq!(pst(["ls", file, "/Found", "--json"]).json()["messages"][0]["node"], FIRST);
    let run = pst(["ls", file, "Nowhere"]);
    assert_eq!((run.code, run.stdout.len()), (Some(1), 0));
    assert!(run.stderr.contains("there is no folder Nowhere"), "{}", run.stderr);
}

#[test]
fn show_reads_like_a_mail() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let run = pst(["show", path.to_str().unwrap(), FIRST]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let text = run.text();
    for expected in [
        "From:     Ann <ann@example.com>\n",
        "To:       Bob <bob@example.com>\n",
        "Cc:       Cid <cid@example.com>\n",
        "Bcc:      Dan <dan@example.com>\n",
        "Subject:  RE: Rich\n",
        "UTC (delivered)\n",
        "1  noise.bin",
        "48.8 KiB",
        "application/x-noise",
        "message \"Inner\"; show it with --embedded 2",
        "link to https://example.com/cloud.docx",
        "\n\nHello\n",
    ] {
        assert!(text.contains(expected), "{expected:?} in {text}");
    }
    let page = pst(["show", path.to_str().unwrap(), FIRST, "--json"]).json();
    assert_eq!(
        (&page["subject"], &page["body_text"], &page["attachments"][0]["size"]),
        (&json!("RE: Rich"), &json!("Hello"), &json!(50_000))
    );
}

#[test]
fn show_gives_attachments_and_embedded_messages() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let show = |args: &[&str]| pst(["show", path.to_str().unwrap(), FIRST].iter().chain(args));
    let run = show(&["--attachment", "1"]);
    assert_eq!(run.code, Some(0));
    assert!(run.stdout == noise(50_000), "{} bytes", run.stdout.len());
    let run = show(&["--embedded", "2"]);
    assert!(run.text().contains("Subject:  Inner\n") && run.text().contains("deep.txt"), "{}", run.text());
    assert_eq!(show(&["--embedded", "2", "--attachment", "1"]).stdout, b"deep");
    for (args, sentence) in [
        (["--attachment", "2"], "attachment 2 is a message; show it with --embedded 2"),
        (["--attachment", "3"], "attachment 3 is only a link, to https://example.com/cloud.docx"),
        (["--attachment", "4"], "the message has no attachment 4"),
        (["--embedded", "1"], "attachment 1 is not a message"),
    ] {
        let run = show(&args);
        assert_eq!((run.code, run.stdout.len()), (Some(1), 0), "{args:?}");
        assert!(run.stderr.contains(sentence), "{}", run.stderr);
    }
    assert_eq!(show(&["--headers"]).text(), "Received: from here\r\n");
}

#[test]
fn show_lists_every_property() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let file = path.to_str().unwrap();
    let text = pst(["show", file, FIRST, "--props"]).text();
    assert!(text.contains("0x0037001f  PtypString             PidTagSubject = "), "{text}");
    assert!(text.contains("\nrecipient 3\n") && text.contains("PidTagEmailAddress = \"dan@example.com\""), "{text}");
    let report = pst(["show", file, FIRST, "--props", "--json"]).json();
    let properties = report["sections"][0]["properties"].as_array().unwrap();
    let class = properties.iter().find(|property| property["name"] == "PidTagMessageClass").unwrap();
    assert_eq!((&class["tag"], &class["value"]), (&json!("0x001a001f"), &json!("\"IPM.Note\"")));
    let run = pst(["show", file, "0x21", "--props"]);
    assert!(run.text().contains("PidTagDisplayName = \"Sample\""), "{}", run.text());
    let run = pst(["show", file, FIRST, "--attachment", "1", "--props"]);
    assert!(run.text().contains("… (50,000 bytes)"), "{}", run.text());
    assert_eq!(pst(["show", file, "0x122"]).code, Some(2));
}

#[test]
fn show_falls_back_to_html_and_rtf() {
    let room = Room::new();
    let html = MessageBuilder::new("IPM.Note").subject("h").html("<p>Dear &lt;you&gt;,<br>bye</p>");
    let rtf = MessageBuilder::new("IPM.Note").subject("r").rtf(r"{\rtf1 hello}");
    let path =
        room.store("bodies.pst", Mailbox::new("x").folder(FolderBuilder::new("Inbox").message(html).message(rtf)));
    let file = path.to_str().unwrap();
    let text = pst(["show", file, FIRST]).text();
    assert!(text.contains("[The body is HTML") && text.ends_with("Dear <you>,\nbye\n"), "{text}");
    assert_eq!(pst(["show", file, FIRST, "--html"]).text(), "<p>Dear &lt;you&gt;,<br>bye</p>");
    let second = "0x200044";
    assert!(pst(["show", file, second]).text().contains("[The body is RTF of 13 bytes. See it with --rtf.]"));
    assert_eq!(pst(["show", file, second, "--rtf"]).text(), r"{\rtf1 hello}");
}

/// A mail that would clear the screen, set the window's title and forge a line.
#[test]
fn nothing_in_a_mail_reaches_the_terminal_as_a_command() {
    let room = Room::new();
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\r\nFrom: boss\u{202e}";
    let message = mail(evil, 2020).sender(evil, "x@example.com").body(evil).headers(evil);
    let path = room.store("evil.pst", Mailbox::new(evil).folder(FolderBuilder::new(evil).message(message)));
    let file = path.to_str().unwrap();
    let folders = pst(["ls", file, "--json"]).json()["folders"].clone();
    let folder = folders.as_array().unwrap().iter().find(|folder| folder["name"] == evil).unwrap()["node"].clone();
    let hostile = |text: &str| {
        text.contains(['\u{7}', '\u{9b}', '\u{202e}']) || text.contains("\u{1b}]") || text.contains("[2J\u{9b}")
    };
    for args in [
        vec!["show", file, FIRST],
        vec!["show", file, FIRST, "--props"],
        vec!["show", file, FIRST, "--headers"],
        vec!["ls", file],
        vec!["ls", file, folder.as_str().unwrap()],
        vec!["info", file],
        vec!["scan", file],
    ] {
        // As on a terminal, where there are colours.
        let run = pst(args.iter().chain(&["--color", "always"]));
        assert!(!hostile(&run.text()) && !hostile(&run.stderr), "{args:?}: {:?}", run.text());
        // In a pipe only the body and the headers are as they came.
        let run = pst(&args);
        let text = run.text();
        let head = text.split("\n\n").next().unwrap();
        assert!(args.contains(&"--headers") || !hostile(head), "{args:?}: {head:?}");
    }
    assert!(pst(["show", file, FIRST]).text().contains("\u{1b}]0;owned"));
}

#[test]
fn a_message_with_damage_shows_what_is_left() {
    let room = Room::new();
    let mut editor = Editor::new(sample().write(StoreBuilder::new(Format::UNICODE)).finish_vec());
    let entry = editor.node(Nid::new(0x20_0024));
    let at = editor.block_entry(entry.subnodes).offset;
    editor.bytes_mut()[usize::try_from(at).unwrap()] ^= 0xFF;
    let path = room.file("broken.pst", editor.into_bytes());
    let run = pst(["show", path.to_str().unwrap(), FIRST]);
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("Subject:  RE: Rich\n"), "{}", run.text());
    assert!(run.stderr.starts_with("pst: ") && run.stderr.contains("0x200024"), "{}", run.stderr);
}

#[test]
fn ls_shows_folders_that_no_table_lists() {
    let room = Room::new();
    let path = room.file("lost.pst", lost_folders(&[(LOST, nids::DELETED_ITEMS), (BELOW_LOST, LOST)]));
    let run = pst(["ls", path.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    assert!(run.stderr.contains("2 folders are in the file but in no hierarchy table"), "{}", run.stderr);
    let text = run.text();
    let end: Vec<_> = text.lines().rev().take(2).collect();
    assert!(end[1].ends_with("/Top of Personal Folders/Deleted Items/Lost (not listed)"), "{text}");
    assert!(end[0].ends_with("└── Lost (not listed)") && end[0].contains(&BELOW_LOST.to_string()), "{text}");
    let report = pst(["ls", path.to_str().unwrap(), "--json"]).json();
    let unlisted: Vec<_> =
        report["folders"].as_array().unwrap().iter().filter(|folder| folder["listed"] == json!(false)).collect();
    assert_eq!(unlisted.len(), 2, "{report}");
    assert_eq!(unlisted[0]["parent"], nids::DELETED_ITEMS.to_string());
    assert_eq!(unlisted[1]["path"], "/Top of Personal Folders/Deleted Items/Lost/Lost");

    // In a circle, and in a folder that does not exist.
    let lone = Nid::new(0x9_0062);
    let circle = [(LOST, BELOW_LOST), (BELOW_LOST, LOST), (lone, Nid::new(0xA_0022))];
    let path = room.file("circle.pst", lost_folders(&circle));
    let report = pst(["ls", path.to_str().unwrap(), "--json"]).json();
    let nodes: Vec<_> = report["folders"].as_array().unwrap().iter().map(|folder| folder["node"].clone()).collect();
    for nid in [LOST, BELOW_LOST, lone] {
        assert_eq!(nodes.iter().filter(|node| **node == json!(nid.to_string())).count(), 1, "{nodes:?}");
    }
    let alone = report["folders"].as_array().unwrap().iter().find(|folder| folder["node"] == lone.to_string()).unwrap();
    assert_eq!(alone["path"], "/0xa0022/Lost");
}

#[test]
fn ls_is_quick_with_very_many_unlisted_folders() {
    let room = Room::new();
    let folders: Vec<_> = (0..100_000).map(|number| (Nid::new(LOST.raw() + number * 0x20), LOST)).collect();
    let path = room.file("many.pst", lost_folders(&folders));
    let start = std::time::Instant::now();
    let report = pst(["ls", path.to_str().unwrap(), "--json"]).json();
    let lost = report["folders"].as_array().unwrap().iter().filter(|folder| folder["name"] == "Lost").count();
    assert_eq!(lost, 100_000);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
