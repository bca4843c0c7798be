//! The sample that the README runs on: what is in it, as the command tells it.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::pst;
use pst_core::Pst;
use pst_core::verify::{VerifyOptions, verify};
use serde_json::{Value, json};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("examples/data/sample.pst")
}

/// The sample as `pst dump` has it, its items by subject.
struct Dump {
    all: Value,
    items: BTreeMap<String, Value>,
}

impl Dump {
    fn new() -> Self {
        let run = pst(["dump", sample().to_str().unwrap()]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let all = run.json();
        let mut items = BTreeMap::new();
        for list in ["messages", "associated"] {
            for item in all[list].as_array().unwrap() {
                items.insert(item["subject"].as_str().unwrap_or_default().to_owned(), item.clone());
            }
        }
        Self { all, items }
    }

    #[track_caller]
    fn item(&self, subject: &str) -> &Value {
        self.items.get(subject).unwrap_or_else(|| panic!("{subject} in {:?}", self.items.keys()))
    }
}

fn show(item: &Value, args: &[&str]) -> String {
    let path = sample();
    let node = item["nid"].as_str().unwrap();
    let run = pst(["show", path.to_str().unwrap(), node].iter().chain(args));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{node} {args:?}");
    String::from_utf8_lossy(&run.stdout).into_owned()
}

#[test]
fn it_is_small_and_without_fault() {
    let path = sample();
    assert!(path.metadata().unwrap().len() < 300 << 10);
    let report = verify(&Pst::open(&path).unwrap(), &VerifyOptions::new());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let run = pst(["scan", path.to_str().unwrap(), "--json"]);
    let file = &run.json()["files"][0];
    assert_eq!(
        (run.code, &file["items"], &file["associated"], &file["failed"], &file["errors_total"]),
        (Some(0), &json!(24), &json!(1), &json!(0), &json!(0))
    );
}

#[test]
fn the_folders() {
    let dump = Dump::new();
    let folders: Vec<_> = dump.all["folders"].as_array().unwrap().iter().map(|folder| &folder["path"]).collect();
    for path in [
        "/Search Root/Unread",
        "/Top of Personal Folders/Deleted Items",
        "/Top of Personal Folders/Sent Items",
        "/Top of Personal Folders/Drafts",
        "/Top of Personal Folders/Projects/Meetings",
        "/Top of Personal Folders/Projects/Old %2F 2023",
        "/Top of Personal Folders/Calendar",
        "/Top of Personal Folders/Contacts",
        "/Top of Personal Folders/Tasks",
    ] {
        assert!(folders.contains(&&json!(path)), "{path} in {folders:?}");
    }
    let found = pst(["ls", sample().to_str().unwrap(), "/Search Root/Unread", "--json"]).json();
    let found: Vec<_> = found["messages"].as_array().unwrap().iter().map(|line| line["subject"].clone()).collect();
    assert_eq!(found, ["Отчёт за март", "שלום ירושלים"]);
}

#[test]
fn text_of_many_scripts_and_code_pages() {
    let dump = Dump::new();
    for (subject, text) in [
        ("Grüße aus Köln", "Schöne Grüße – bis Montag.\nJürgen"),
        ("見積書の件", "お世話になっております。見積書を添付いたします。"),
        ("Отчёт за март", "Добрый день! Отчёт готов."),
        ("שלום ירושלים", "שלום, נתראה ביום שני."),
        ("Ansi text", "naïve café"),
        ("Greek text", "Καλημέρα από την Αθήνα."),
    ] {
        let shown = show(dump.item(subject), &[]).replace('\r', "");
        assert!(shown.trim_end().ends_with(text), "{subject}: {shown}");
    }
    // ISO-2022-JP is 7-bit, KOI8-R is not UTF-8.
    let japanese = show(dump.item("見積書の件"), &["--html"]);
    assert!(japanese.contains("charset=iso-2022-jp") && japanese.contains("\u{1b}$B"), "{japanese:?}");
    let path = sample();
    let node = dump.item("Отчёт за март")["nid"].as_str().unwrap();
    let russian = pst(["show", path.to_str().unwrap(), node, "--html"]).stdout;
    let day: &[u8] = b"\xE4\xCF\xC2\xD2\xD9\xCA";
    assert!(russian.windows(day.len()).any(|part| part == day));
    let rtf = show(dump.item("Formatted"), &["--rtf"]);
    assert!(rtf.contains("\\b bold\\b0"), "{rtf}");
    let headers = show(dump.item("RE: Welcome"), &["--headers"]);
    assert!(headers.contains("In-Reply-To: <0.sample@example.com>\r\n"), "{headers}");
}

#[test]
fn attachments_of_every_kind() {
    let dump = Dump::new();
    let photo =
        pst(["show", sample().to_str().unwrap(), dump.item("Photo")["nid"].as_str().unwrap(), "--attachment", "1"]);
    assert!(photo.stdout.starts_with(b"\x89PNG\r\n\x1a\n") && photo.stdout.ends_with(b"IEND\xAE\x42\x60\x82"));
    assert!(show(dump.item("Photo"), &["--html"]).contains("cid:photo"));
    let figures = show(dump.item("Figures 📈"), &["--attachment", "1"]);
    assert_eq!((figures.lines().count(), figures.lines().last()), (701, Some("700;900;50")));
    let plan = show(dump.item("FW: Floor plan"), &["--embedded", "1"]);
    assert!(plan.contains("Subject:  Floor plan\n") && plan.contains("plan.txt"), "{plan}");
    let share = show(dump.item("On the share"), &[]);
    assert!(share.contains("link to \\\\server\\share\\budget.xlsx"), "{share}");
    assert!(share.contains("link to https://files.example.com/plan.docx"), "{share}");
}

#[test]
fn what_is_no_mail() {
    let dump = Dump::new();
    let classes: BTreeMap<_, _> =
        dump.items.iter().map(|(subject, item)| (subject.as_str(), item["message_class"].as_str().unwrap())).collect();
    for (subject, class) in [
        ("Planning", "IPM.Schedule.Meeting.Request"),
        ("Team meeting", "IPM.Appointment"),
        ("Dentist", "IPM.Appointment"),
        ("Kim Castle", "IPM.Contact"),
        ("Send the contract", "IPM.Task"),
        ("Read: Welcome", "REPORT.IPM.Note.IPNRN"),
        ("Archived mail", "IPM.Note.EnterpriseVault.Shortcut"),
        ("hidden settings", "IPM.Configuration.Calendar"),
    ] {
        assert_eq!(classes[subject], class, "{subject}");
    }
    let team = show(dump.item("Team meeting"), &["--props", "--full"]);
    // Weekly on Mondays, ten times, one left out: 2024-04-01 is day 154,588 since 1601.
    let recurrence = [
        "04300430 0b20 0100 0000 c0210000 01000000 00000000 02000000 22200000 0a000000 00000000 01000000",
        "80b5440d 00000000",
    ];
    let recurrence = recurrence.concat().replace(' ', "");
    assert!(team.contains(&recurrence), "{recurrence} in {team}");
    let has = |shown: &str, name: &str, value: &str| {
        assert!(shown.lines().any(|line| line.contains(name) && line.ends_with(value)), "{name} in {shown}");
    };
    has(&team, "PidLidLocation ", "= \"Room 3\"");
    has(&team, "PidLidAppointmentStartWhole ", "= 2024-03-04T09:00:00.0000000Z");
    has(&team, "PidLidTimeZoneDescription ", "Vienna\"");
    let contact = show(dump.item("Kim Castle"), &["--props"]);
    has(&contact, "PidLidEmail1EmailAddress ", "= \"kim.castle@example.com\"");
}

/// Only the envelope of a journal report names the blind copies.
#[test]
fn the_journal_report() {
    let dump = Dump::new();
    let report = dump.item("Budget");
    assert!(show(report, &[]).contains("Bcc: kim.castle@example.com"));
    assert!(show(report, &["--headers"]).starts_with("X-MS-Journal-Report:\r\n"));
    let original = show(report, &["--embedded", "1"]);
    assert!(original.contains("Cc:       Lee Dale <lee.dale@example.net>\n"), "{original}");
    assert!(!original.contains("kim.castle"), "{original}");
    let sent = show(dump.item("Our offer"), &[]);
    assert!(sent.contains("Bcc:      Kim Castle <kim.castle@example.com>\n"), "{sent}");
}
