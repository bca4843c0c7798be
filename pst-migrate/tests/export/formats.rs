//! What each format looks like.

use std::fs;
use std::ops::ControlFlow;

use pst_core::mime::Mail;
use pst_migrate::export::{Export, Format};
use pst_migrate::input::{Input, Seen};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::{EXPORTED, FORMATS, MET, Room, lines, mail, names, run, store, tree};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn mails_in_folders() {
    let room = Room::new();
    let source = room.file("Sample.pst", store());
    let out = room.path("out");
    let done = run(&Export::new(&out, Format::Eml), &[&source]);
    assert_eq!(
        names(&out),
        [
            "Sample/Inbox/2019-07-01 1432 PLAN (2).eml",
            "Sample/Inbox/2019-07-01 1432 Plan.eml",
            "Sample/Inbox/2019-07-02 1432 a_b_ c_.eml",
            "Sample/Inbox/2019-07-03 1432 Rich.eml",
            "Sample/Inbox/A_B (2)/2019-07-06 1432 Two.eml",
            "Sample/Inbox/A_B/2019-07-05 1432 One.eml",
            "Sample/Others/2019-07-07 1432 Jane Doe.eml",
            "Sample/Others/2019-07-07 1432 Jane Doe.vcf",
            "Sample/Others/2019-07-08 1432 Lunch.eml",
            "Sample/Others/2019-07-08 1432 Lunch.ics",
            "Sample/Others/2019-07-09 1432 Shop.eml",
            "Sample/Others/2019-07-09 1432 Shop.ics",
            "Sample/Others/2019-07-10 1432 Note.eml",
            "index.jsonl",
        ]
    );
    let summary = &done.summary;
    assert_eq!((summary.seen(), summary.exported), (MET, EXPORTED));
    assert_eq!(summary.skipped.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(), [("associated", 1)]);
    assert_eq!(summary.failed.iter().map(|(code, n)| (code.as_str(), *n)).collect::<Vec<_>>(), [("checksum", 1)]);
    let rich = fs::read(out.join("Sample/Inbox/2019-07-03 1432 Rich.eml")).unwrap();
    let rich = Mail::parse(&rich);
    assert_eq!((rich.subject().as_deref(), rich.bcc().len()), (Some("Rich"), 1));
    let card = fs::read_to_string(out.join("Sample/Others/2019-07-07 1432 Jane Doe.vcf")).unwrap();
    assert!(card.starts_with("BEGIN:VCARD\r\nVERSION:3.0\r\n"), "{card}");
    let entry = fs::read_to_string(out.join("Sample/Others/2019-07-08 1432 Lunch.ics")).unwrap();
    assert!(entry.contains("BEGIN:VEVENT\r\n"), "{entry}");
    let task = fs::read_to_string(out.join("Sample/Others/2019-07-09 1432 Shop.ics")).unwrap();
    assert!(task.contains("BEGIN:VTODO\r\n"), "{task}");
}

#[test]
fn the_index_tells_of_everything_that_was_met() {
    for format in FORMATS {
        let room = Room::new();
        let source = room.file("Sample.pst", store());
        let out = room.path("out");
        let done = run(&Export::new(&out, format), &[&source]);
        let files = tree(&out);
        let lines = lines(&out);
        assert_eq!(lines.len() as u64, MET, "{format:?}");
        let mut bytes = 0;
        for line in &lines {
            let of = |written: &Value| {
                let all = &files[written["file"].as_str().unwrap()];
                let start = written["offset"].as_u64().unwrap_or(0) as usize;
                let piece = &all[start..start + written["bytes"].as_u64().unwrap() as usize];
                assert_eq!(written["sha256"], hex(piece), "{format:?} {line}");
                piece.len() as u64
            };
            match line["outcome"].as_str().unwrap() {
                "exported" => {
                    bytes += of(line);
                    bytes += line["beside"].as_array().into_iter().flatten().map(of).sum::<u64>();
                }
                "skipped" => {
                    assert_eq!((&line["reason"], &line["from"]["node"]), (&"associated".into(), &"0x100028".into()))
                }
                _ => assert_eq!((&line["kind"], &line["from"]["node"]), (&"checksum".into(), &"0x400004".into())),
            }
        }
        assert_eq!(done.summary.bytes, bytes);
        let rich = lines.iter().find(|line| line["subject"] == "Rich").unwrap();
        assert_eq!(rich["class"], "IPM.Note");
        assert_eq!(rich["kind"], "mail");
        assert_eq!(rich["date"], "2019-07-03T14:32:00.0000000Z");
        assert_eq!(rich["sender"], "ann@x.example");
        assert_eq!(rich["recipients"], serde_json::json!(["bob@x.example", "dan@y.example"]));
        assert_eq!(rich["folder"].as_array().unwrap().last().unwrap(), "Inbox");
        // No file but those that the index tells of.
        let mut told: Vec<&str> = lines
            .iter()
            .flat_map(|line| line["beside"].as_array().into_iter().flatten().chain([line]))
            .filter_map(|written| written["file"].as_str())
            .collect();
        told.push("index.jsonl");
        told.sort_unstable();
        told.dedup();
        assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), told, "{format:?}");
    }
}

/// Subjects in order, as the input finds them.
fn subjects(path: &std::path::Path) -> Vec<String> {
    let mut found = Vec::new();
    Input::new().read([path], &mut |seen| {
        if let Seen::Item(item) = seen {
            let folder = item.place.folder.names().join("/");
            found.push(format!("{folder}: {}", item.item().subject().unwrap().unwrap_or_default()));
        }
        ControlFlow::Continue(())
    });
    found.sort();
    found
}

#[test]
fn mboxes_and_maildirs_are_read_again() {
    let room = Room::new();
    let source = room.file("Sample.pst", store());
    let expected = [
        "Sample/Inbox/A_B (2): Two",
        "Sample/Inbox/A_B: One",
        "Sample/Inbox: PLAN",
        "Sample/Inbox: Plan",
        "Sample/Inbox: Rich",
        "Sample/Inbox: a/b: \u{202E}c?",
        "Sample/Others: Jane Doe",
        "Sample/Others: Lunch",
        "Sample/Others: Note",
        "Sample/Others: Shop",
    ];
    let out = room.path("mbox");
    run(&Export::new(&out, Format::Mbox), &[&source]);
    assert_eq!(subjects(&out), expected);
    let inbox = fs::read(out.join("Sample/Inbox.mbox")).unwrap();
    assert!(inbox.starts_with(b"From ann@x.example Mon Jul  1 14:32:00 2019\r\n"));
    let text = String::from_utf8(inbox).unwrap();
    assert_eq!((text.matches("\r\n>From now on").count(), text.matches("\r\nFrom ann@").count()), (5, 3), "{text}");

    let out = room.path("maildir");
    run(&Export::new(&out, Format::Maildir), &[&source]);
    assert_eq!(subjects(&out), expected);
    let flags = |ending: &str| names(&out).iter().filter(|name| name.ends_with(ending)).count();
    assert_eq!((flags(":2,"), flags(":2,S"), flags(":2,DS")), (1, 8, 1));
    assert!(names(&out).iter().all(|name| !name.contains("/tmp/")));
}

#[test]
fn json_has_what_an_analyst_asks() {
    let room = Room::new();
    let source = room.file("Sample.pst", store());
    let out = room.path("out");
    run(&Export::new(&out, Format::Json), &[&source]);
    let inbox = fs::read_to_string(out.join("Sample/Inbox.jsonl")).unwrap();
    let records: Vec<Value> = inbox.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 4);
    let rich = &records[3];
    assert_eq!((&rich["subject"], &rich["class"], &rich["kind"]), (&"Rich".into(), &"IPM.Note".into(), &"mail".into()));
    assert_eq!(rich["text"], "Hello\r\n\r\nFrom now on");
    assert_eq!(rich["html"], "<p>Hello</p>");
    assert_eq!(rich["sent"], "2019-07-03T14:32:00.0000000Z");
    let bcc = &rich["recipients"][1];
    assert_eq!((&bcc["role"], &bcc["name"], &bcc["smtp"]), (&"bcc".into(), &"Dan".into(), &"dan@y.example".into()));
    assert_eq!(bcc["type"], "SMTP");
    let attachments = rich["attachments"].as_array().unwrap();
    let hash = hex(&[7; 9000]);
    for (attachment, name) in attachments.iter().zip(["report.bin", "copy.bin"]) {
        assert_eq!(
            (&attachment["name"], &attachment["size"], &attachment["sha256"]),
            (&name.into(), &9000.into(), &hash.as_str().into())
        );
        assert_eq!(fs::read(out.join(attachment["path"].as_str().unwrap())).unwrap(), [7; 9000]);
    }
    let inner = &attachments[2]["message"];
    assert_eq!((&attachments[2]["holds"], &inner["subject"]), (&"message".into(), &"Inner".into()));
    let deep = &inner["attachments"][0];
    assert_eq!(fs::read(out.join(deep["path"].as_str().unwrap())).unwrap(), b"deep");
    // Equal attachments are one file.
    assert_eq!(names(&out.join("attachments")).len(), 2);
}

#[test]
fn mails_stay_as_they_are() {
    let room = Room::new();
    let odd = b"Subject: no end of line\n\nbare \n>From x\nlast".to_vec();
    room.file("in/a/1.eml", mail("One"));
    room.file("in/a/2.eml", &odd);
    room.file("in/all.mbox", [b"From a Wed May 17 23:35:05 2000\n".to_vec(), mail("Three"), b"\n".to_vec()].concat());
    room.file("in/notes.txt", "just text");
    let out = room.path("out");
    let done = run(&Export::new(&out, Format::Eml), &[room.path("in")]);
    let files = tree(&out);
    assert_eq!(files["in/a/2019-07-01 1432 One.eml"], mail("One"));
    assert_eq!(files["in/a/undated no end of line.eml"], odd);
    assert_eq!(files["in/all/2019-07-01 1432 Three.eml"], mail("Three"));
    assert_eq!((done.summary.seen(), done.summary.exported, done.summary.skips()), (4, 3, 1));
    let line = lines(&out).into_iter().find(|line| line["outcome"] == "skipped").unwrap();
    assert_eq!((&line["reason"], &line["detail"]), (&"not-mail".into(), &"text".into()));

    // And come back out of an mbox, but for the line end that an mbox must add.
    let out = room.path("mbox");
    run(&Export::new(&out, Format::Mbox), &[room.path("in/a")]);
    let mut back = Vec::new();
    Input::new().read([out.join("a.mbox")], &mut |seen| {
        if let Seen::Item(item) = seen {
            back.push(item.bytes.unwrap().to_vec());
        }
        ControlFlow::Continue(())
    });
    let with_end = [&odd[..], b"\r\n"].concat();
    assert_eq!((back.len(), &back[0]), (2, &mail("One")));
    assert!(back[1] == with_end || back[1] == [&odd[..], b"\n"].concat(), "{}", String::from_utf8_lossy(&back[1]));
}

#[test]
fn stores_of_one_name_have_folders_of_their_own() {
    let room = Room::new();
    room.file("in/a.pst", store());
    room.file("in/a.ost", store());
    room.file("in/deep/b.pst", store());
    let other = room.file("other/in/a.pst", store());
    let out = room.path("out");
    let done = run(&Export::new(&out, Format::Eml), &[room.path("in"), other]);
    assert_eq!((done.summary.seen(), done.summary.exported), (MET * 4, EXPORTED * 4));
    let tops: std::collections::BTreeSet<String> =
        names(&out).iter().filter_map(|name| name.split_once("/Inbox/").map(|(top, _)| top.to_owned())).collect();
    assert_eq!(tops.into_iter().collect::<Vec<_>>(), ["a", "in/a", "in/a (2)", "in/deep/b"]);
}

#[test]
fn large_mails_go_through_a_file() {
    use pst_core::ndb::Format as Layout;
    use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, StoreBuilder};
    let room = Room::new();
    let large = crate::message("Large", 0).attach(AttachmentBuilder::by_value("large.bin", vec![b'x'; 9 << 20]));
    let folder = FolderBuilder::new("Inbox").message(large).message(crate::message("Small", 1));
    let bytes = Mailbox::new("Large").folder(folder).write(StoreBuilder::new(Layout::UNICODE)).finish_vec();
    let source = room.file("Large.pst", bytes);
    for format in FORMATS {
        let out = room.path(format.name());
        let done = run(&Export::new(&out, format), &[&source]);
        assert_eq!((done.summary.exported, done.summary.seen()), (2, 2), "{format:?}");
        assert!(names(&out).iter().all(|name| !name.contains("partial")), "{format:?}");
        let files = tree(&out);
        for line in lines(&out) {
            for written in line["beside"].as_array().into_iter().flatten().chain([&line]) {
                let start = written["offset"].as_u64().unwrap_or(0) as usize;
                let piece =
                    &files[written["file"].as_str().unwrap()][start..][..written["bytes"].as_u64().unwrap() as usize];
                assert_eq!(written["sha256"], hex(piece), "{format:?}");
            }
        }
    }
    let subjects = subjects(&room.path("mbox"));
    assert_eq!(subjects, ["Large/Inbox: Large", "Large/Inbox: Small"]);
}
