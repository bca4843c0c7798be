//! `pst scan`: what it counts, what it finds, how it ends.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod common;

use common::{Room, mail, pst, sample};
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, StoreBuilder, nids};
use serde_json::{Value, json};

const FIRST: Nid = Nid::new(0x20_0024);

/// Breaks a byte of an item's properties, so that the CRC of their block is wrong; returns where that CRC is.
fn break_item(bytes: Vec<u8>, nid: Nid) -> (Vec<u8>, u64) {
    let mut editor = Editor::new(bytes);
    let block = editor.node(nid).data;
    let offset = usize::try_from(editor.block_entry(block).offset).unwrap();
    let crc = editor.trailer_offset(block) + 4;
    editor.bytes_mut()[offset + 20] ^= 1;
    (editor.into_bytes(), crc)
}

fn many(count: usize) -> Mailbox {
    let messages = (0..count).map(|number| mail(&format!("Mail {number}"), if number % 2 == 0 { 1999 } else { 2010 }));
    Mailbox::new("Many").folder(FolderBuilder::new("Inbox").messages(messages))
}

fn bytes_of(mailbox: Mailbox) -> Vec<u8> {
    mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec()
}

/// The books of a file balance.
fn assert_balanced(counts: &Value) {
    let number = |name: &str| counts[name].as_u64().unwrap_or_else(|| panic!("{name} in {counts}"));
    assert_eq!(number("items") + number("associated"), number("read") + number("failed"));
    if counts["quick"] != json!(true) {
        let items = number("items") + number("associated");
        assert_eq!(number("rows") + number("orphans"), items + number("missing") + number("listed_twice"));
    }
    for list in ["classes", "years"] {
        let undated = if list == "years" { &counts["undated"] } else { &json!({"items": 0, "associated": 0}) };
        for kind in ["items", "associated"] {
            let listed: u64 = counts[list].as_array().unwrap().iter().map(|entry| entry[kind].as_u64().unwrap()).sum();
            assert_eq!(listed + undated[kind].as_u64().unwrap(), number(kind), "{list} {kind}");
        }
    }
}

#[test]
fn everything_is_counted() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let run = pst(["scan", path.to_str().unwrap(), "--json"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let report = run.json();
    let file = &report["files"][0];
    assert_balanced(file);
    assert_eq!(report["schema"], "pst-scan/1");
    assert_eq!(
        (&file["client"], &file["layout"], &file["encoding"]),
        (&json!("pst"), &json!("unicode"), &json!("permute"))
    );
    assert_eq!(file["store_name"], "Sample");
    for (name, number) in [("items", 3), ("associated", 1), ("read", 4), ("failed", 0), ("orphans", 0), ("missing", 0)]
    {
        assert_eq!(file[name], number, "{name}");
    }
    for (name, number) in [("attachments", 4), ("embedded_messages", 1), ("recipients", 4), ("errors_total", 0)] {
        assert_eq!(file[name], number, "{name}");
    }
    let classes = json!([
        {"class": "IPM.Note", "items": 2, "associated": 0},
        {"class": "IPM.Configuration.Rss", "items": 0, "associated": 1},
        {"class": "IPM.Contact", "items": 1, "associated": 0},
    ]);
    assert_eq!(file["classes"], classes);
    assert_eq!(file["largest"][0]["subject"], "RE: Rich");
    assert!(file["bytes_read"].as_u64().unwrap() > 50_000);
    assert!(file["search_folders"].as_u64().unwrap() >= 1);
}

#[test]
fn tables_alone_give_the_same_classes() {
    let room = Room::new();
    let path = room.store("sample.pst", sample());
    let args = ["scan", path.to_str().unwrap(), "--json"];
    let (full, quick) = (pst(args).json(), pst(args.into_iter().chain(["--quick"])).json());
    assert_eq!(quick["quick"], true);
    for name in ["items", "associated", "classes", "rows", "folders"] {
        assert_eq!(quick["files"][0][name], full["files"][0][name], "{name}");
    }
}

#[test]
fn threads_do_not_change_the_report() {
    let room = Room::new();
    let (bytes, _) = break_item(bytes_of(many(500)), FIRST);
    let path = room.file("many.pst", bytes);
    let report = |threads: &str| {
        let run = pst(["scan", path.to_str().unwrap(), "--json", "--threads", threads]);
        assert_eq!(run.code, Some(1));
        run.text()
    };
    let one = report("1");
    assert_balanced(&serde_json::from_str::<Value>(&one).unwrap()["files"][0]);
    for threads in ["2", "8"] {
        assert_eq!(report(threads), one);
    }
}

#[test]
fn an_item_that_cannot_be_read_is_named_with_its_place() {
    let room = Room::new();
    let (bytes, offset) = break_item(bytes_of(many(10)), FIRST);
    let path = room.file("broken.pst", bytes);
    let run = pst(["scan", path.to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(1));
    let file = &run.json()["files"][0];
    assert_balanced(file);
    assert_eq!((&file["read"], &file["failed"], &file["errors_total"]), (&json!(9), &json!(1), &json!(1)));
    let error = &file["errors"][0];
    assert_eq!((&error["kind"], &error["node"]), (&json!("checksum"), &json!(FIRST.to_string())));
    assert_eq!(error["offset"].as_u64(), Some(offset), "{error}");
    assert!(error["block"].is_string() && error["structure"].is_string());
    assert!(error["folder"].as_str().unwrap().ends_with("/Inbox"), "{error}");
    // People are told the same.
    let text = pst(["scan", path.to_str().unwrap()]).text();
    assert!(text.contains(&format!("{offset:#x}")) && text.contains(FIRST.to_string().as_str()), "{text}");
    // And who does not care for checksums gets on.
    let run = pst(["scan", path.to_str().unwrap(), "--ignore-checksums"]);
    assert!(!run.text().contains("dwCRC"), "{}", run.text());
}

#[test]
fn the_books_are_balanced() {
    let room = Room::new();
    let mailbox = many(5).orphan(mail("Lost", 2000), nids::DELETED_ITEMS);
    let path = room.store("orphan.pst", mailbox);
    let run = pst(["scan", path.to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(1));
    let file = &run.json()["files"][0];
    assert_balanced(file);
    assert_eq!((&file["items"], &file["rows"], &file["orphans"]), (&json!(6), &json!(5), &json!(1)));
    assert_eq!(file["errors"][0]["kind"], "orphan");

    // A row whose item got another id: one is missing, another is an orphan.
    let mut editor = Editor::new(bytes_of(many(5)));
    let last = Nid::new(FIRST.raw() + 4 * 0x20);
    editor.edit_node(last, |entry| entry.nid = Nid::new(last.raw() + 0x20));
    let path = room.file("missing.pst", editor.into_bytes());
    let file = &pst(["scan", path.to_str().unwrap(), "--json"]).json()["files"][0];
    assert_balanced(file);
    assert_eq!((&file["missing"], &file["orphans"]), (&json!(1), &json!(1)));
    let missing = file["errors"].as_array().unwrap().iter().find(|error| error["kind"] == "missing").unwrap();
    assert_eq!(missing["node"], last.to_string());
}

#[test]
fn problems_are_all_counted_and_some_described() {
    let room = Room::new();
    let mut bytes = bytes_of(many(20));
    for number in 0..20 {
        bytes = break_item(bytes, Nid::new(FIRST.raw() + number * 0x20)).0;
    }
    let path = room.file("ruin.pst", bytes);
    let file = &pst(["scan", path.to_str().unwrap(), "--json", "--errors", "3"]).json()["files"][0];
    assert_balanced(file);
    assert_eq!((&file["failed"], &file["errors_total"]), (&json!(20), &json!(20)));
    let nodes: Vec<_> =
        file["errors"].as_array().unwrap().iter().map(|error| error["node"].as_str().unwrap()).collect();
    assert_eq!(nodes, ["0x200024", "0x200044", "0x200064"]);
    let text = pst(["scan", path.to_str().unwrap(), "--errors", "3"]).text();
    assert!(text.contains("20 problems, of which the first 3"), "{text}");
}

#[test]
fn a_bad_file_does_not_stop_the_rest() {
    let room = Room::new();
    room.file("a.pst", "PK\x03\x04 and so on");
    room.file("b/empty.ost", "");
    room.store("c/good.bak", many(3));
    room.store("c/D.PST", many(4));
    room.file("notes.txt", "nothing to see");
    let run = pst(["scan", room.path().to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(1));
    let report = run.json();
    let names: Vec<_> = report["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    let ends = ["a.pst", "empty.ost", "D.PST", "good.bak"];
    assert!(names.iter().zip(ends).all(|(name, end)| name.ends_with(end)) && names.len() == 4, "{names:?}");
    assert_eq!(report["files"][0]["error"]["kind"], "not-pst");
    let totals = &report["totals"];
    assert_eq!((&totals["files"], &totals["files_failed"], &totals["items"]), (&json!(2), &json!(2), &json!(7)));
    assert_balanced(totals);
    let lines: Vec<_> = run.stderr.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stderr);
    assert!(lines[0].starts_with("pst: ") && lines[0].contains("a.pst: ") && lines[0].contains("ZIP"), "{}", lines[0]);
    assert!(lines[1].contains("empty"), "{}", lines[1]);
}

#[test]
fn nothing_to_read_is_exit_code_3() {
    let room = Room::new();
    std::fs::create_dir(room.path().join("empty")).unwrap();
    let empty = room.path().join("empty");
    let run = pst(["scan", empty.to_str().unwrap(), "--json"]);
    assert_eq!((run.code, &run.json()["totals"]["files"]), (Some(3), &json!(0)));
    assert!(run.stderr.contains("no PST, OST or PAB file"), "{}", run.stderr);
    let gone = room.path().join("gone.pst");
    let run = pst(["scan", gone.to_str().unwrap()]);
    assert_eq!(run.code, Some(3));
    assert!(run.stderr.contains("gone.pst: cannot read"), "{}", run.stderr);
    assert!(run.stdout.is_empty());
}

#[test]
fn a_file_cut_short_is_a_finding() {
    let room = Room::new();
    let mut bytes = bytes_of(many(3));
    bytes.truncate(bytes.len() - 512);
    let path = room.file("short.pst", bytes);
    let run = pst(["scan", path.to_str().unwrap(), "--json"]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.json()["files"][0]["missing_bytes"], 512);
}

#[test]
fn very_many_files_are_reported_in_order() {
    let room = Room::new();
    let bytes = bytes_of(many(1));
    for number in 0..200 {
        room.file(&format!("{number:03}.pst"), &bytes);
    }
    let report = pst(["scan", room.path().to_str().unwrap(), "--json", "--threads", "8"]).json();
    let files = report["files"].as_array().unwrap();
    assert!(
        files.iter().enumerate().all(|(at, file)| file["file"].as_str().unwrap().ends_with(&format!("{at:03}.pst")))
    );
    assert_eq!((files.len(), &report["totals"]["items"]), (200, &json!(200)));
}

#[test]
fn folders_are_accounted_for_too() {
    let room = Room::new();
    let path = room.file("lost.pst", common::with_lost_folder());
    for args in [vec!["scan", "--json"], vec!["scan", "--json", "--quick"]] {
        let run = pst(args.iter().copied().chain([path.to_str().unwrap()]));
        assert_eq!(run.code, Some(1));
        let file = &run.json()["files"][0];
        assert_eq!((&file["unlisted_folders"], &file["missing_folders"]), (&json!(1), &json!(0)), "{file}");
        let errors = file["errors"].as_array().unwrap();
        let of_folders: Vec<_> = errors.iter().filter(|error| error["kind"] == "unlisted-folder").collect();
        assert_eq!((of_folders.len(), &of_folders[0]["node"]), (1, &json!(common::LOST.to_string())));
    }
    // What is in the folder is read all the same.
    let file = &pst(["scan", path.to_str().unwrap(), "--json"]).json()["files"][0];
    assert_balanced(file);
    assert_eq!((&file["items"], &file["read"]), (&json!(4), &json!(5)));
    let text = pst(["scan", path.to_str().unwrap()]).text();
    assert!(text.contains("1 unlisted folder, 0 missing folders"), "{text}");

    // A row whose folder got another id: one is missing, another is not listed.
    let mut editor = Editor::new(bytes_of(many(1)));
    let last = Nid::new(0x8082);
    editor.edit_node(last, |entry| entry.nid = Nid::new(0x8083));
    let path = room.file("missing.pst", editor.into_bytes());
    let file = &pst(["scan", path.to_str().unwrap(), "--json"]).json()["files"][0];
    assert_eq!((&file["unlisted_folders"], &file["missing_folders"]), (&json!(1), &json!(1)), "{file}");
    let missing = file["errors"].as_array().unwrap().iter().find(|error| error["kind"] == "missing-folder").unwrap();
    assert_eq!(missing["node"], last.to_string());
}

/// Folders in a circle: by their nodes alone, and by their tables as well. Nobody who comes from the root sees them.
#[test]
fn folders_in_a_circle() {
    let room = Room::new();
    let (one, two) = (Nid::new(0x9_0022), Nid::new(0x9_0042));
    let scan = |name: &str, bytes: Vec<u8>| {
        let run = pst(["scan", "--json", room.file(name, bytes).to_str().unwrap()]);
        assert_eq!(run.code, Some(1));
        let file = run.json()["files"][0].clone();
        let errors = file["errors"].as_array().unwrap().clone();
        let texts =
            errors.iter().filter(|error| error["kind"] == "misplaced-folder").map(|error| error["message"].clone());
        let texts: Vec<_> = texts.map(|text| text.as_str().unwrap().to_owned()).collect();
        assert_eq!(file["misplaced_folders"], json!(texts.len()));
        (file["unlisted_folders"].as_u64().unwrap(), texts)
    };
    let circle = |nid| format!("misplaced folder: {nid} stands below itself, there is no way up to the root");

    let bytes = common::lost_folders(&[(one, two), (two, one)]);
    assert_eq!(scan("parents.pst", bytes), (2, vec![circle(one), circle(two)]));

    // The second of two nested folders is made the parent of the first: the tables still lead to both.
    let mailbox = Mailbox::new("Circle").folder(FolderBuilder::new("A").folder(FolderBuilder::new("B")));
    let mut editor = Editor::new(bytes_of(mailbox));
    let pst_file = pst_core::Pst::from_bytes(editor.clone().into_bytes()).unwrap();
    let named = |name: &str| {
        let mut all = pst_file.root_folder().unwrap().descendants().map(Result::unwrap);
        all.find(|folder| folder.name().unwrap() == name).unwrap()
    };
    let (a, b) = (named("A").id(), named("B").id());
    let top = named("A").parent_id().unwrap();
    editor.edit_node(a, |entry| entry.parent = b);
    let listed = format!("misplaced folder: {top} lists {a}, whose node says it is in {b}");
    assert_eq!(scan("tables.pst", editor.into_bytes()), (0, vec![listed, circle(a), circle(b)]));
}

/// A path of the report is made by going up: it ends at a circle, and at names without end.
#[test]
fn paths_of_hostile_folders_end() {
    let room = Room::new();
    let lost: Vec<_> =
        (0..400u32).map(|number| (Nid::new(0x9_0022 + 0x20 * number), Nid::new(0x9_0042 + 0x20 * number))).collect();
    let path = room.file("deep.pst", common::lost_folders(&lost));
    let run = pst(["scan", "--json", path.to_str().unwrap()]);
    let text = run.text();
    assert_eq!(run.code, Some(1));
    // The message in the first of them is named with the folders above it, as many as the limit has.
    assert!(text.len() < 400 * 400 * 6, "{}", text.len());
    let report = run.json();
    let errors = report["files"][0]["errors"].as_array().unwrap();
    let longest = errors.iter().filter_map(|error| error["folder"].as_str()).map(str::len).max().unwrap();
    assert!((5 * 300..=16 << 10).contains(&longest), "{longest}");
}

/// A file that nobody lets us read is reported and the rest goes on.
#[cfg(unix)]
#[test]
fn a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    const NOBODY: u32 = 65_534;

    let room = Room::new();
    let secret = room.file("secret.pst", bytes_of(many(1)));
    let open = room.file("open.pst", bytes_of(many(1)));
    let binary = room.file("pst", std::fs::read(env!("CARGO_BIN_EXE_pst")).unwrap());
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&secret, 0o000);
    mode(&open, 0o644);
    mode(&binary, 0o755);
    mode(room.path(), 0o755);
    let run = |as_nobody: bool| {
        let mut command = std::process::Command::new(&binary);
        command.args(["scan", "--json"]).args([&secret, &open]);
        if as_nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command.output()
    };
    // The administrator may read everything, and has the right to be somebody else; nobody else needs to.
    let output = run(true).or_else(|_| run(false)).unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let files = report["files"].as_array().unwrap();
    assert_eq!(output.status.code(), Some(1), "{report}");
    assert_eq!(files[0]["error"]["message"], "cannot read: Permission denied (os error 13)", "{report}");
    assert_eq!(files[1]["items"], 1);
}

/// Damage where no item is: in the store, in a folder's properties, in the results of a search folder. It used to be
/// passed over.
#[test]
fn damage_outside_items_is_found() {
    let room = Room::new();
    let good = sample().write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let scan = |name: &str, bytes: &[u8]| {
        let run = pst(["scan", "--json", room.file(name, bytes).to_str().unwrap()]);
        let errors = run.json()["files"][0]["errors"].as_array().unwrap().clone();
        (run.code, errors)
    };
    assert_eq!(scan("good.pst", &good), (Some(0), vec![]));
    let editor = Editor::new(good.clone());
    let pst_file = pst_core::Pst::from_bytes(good.clone()).unwrap();
    let search =
        pst_file.folder_entries().map(Result::unwrap).filter(|entry| entry.nid.kind() == NidType::SEARCH_FOLDER);
    let results = search.map(|entry| entry.nid.with_kind(NidType::SEARCH_CONTENTS_TABLE)).max().unwrap();
    for (name, node) in [("store", Nid::MESSAGE_STORE), ("folder", nids::IPM_SUBTREE), ("results", results)] {
        let entry = editor.block_entry(editor.node(node).data);
        let mut bytes = good.clone();
        bytes[usize::try_from(entry.offset).unwrap() + 20] ^= 1;
        let (code, errors) = scan(name, &bytes);
        assert_eq!(code, Some(1), "{name}");
        assert!(
            errors.iter().any(|error| error["kind"] == "checksum" && error["block"] == entry.bid.to_string()),
            "{name}: {errors:?}"
        );
    }
}

const REPORT: &str = "From: Microsoft Exchange <MicrosoftExchange@x.example>\r\nX-MS-Journal-Report:\r\nDate: Wed, 17 May 2000 19:35:05 -0400\r
Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSender: ann@x.example\r\nMessage-Id: <1@x.example>\r\nTo: bob@x.example\r
\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: ann@x.example\r\nMessage-ID: <1@x.example>\r\n\r\nHi\r\n--b--\r\n";

fn eml(subject: &str, to: &str) -> String {
    format!(
        "From: Ann <ann@x.example>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: Wed, 17 May 2006 19:35:05 -0400\r\n\r\nHi\r\n"
    )
}

/// Single mails of a directory, an mbox, an archive, a store: each with its counts, all in the totals.
#[test]
fn mail_that_is_in_no_store() {
    let room = Room::new();
    room.file("a/1.eml", eml("One", "bob@x.example"));
    room.file("a/2", REPORT);
    room.file("a/notes.txt", "no mail");
    let from = "From a Wed May 17 23:35:05 2000\r\n";
    let lost = "\"Cid\" </O=ORG/CN=CID>";
    room.file("b.mbox", format!("{from}{}\r\n{from}{}\r\n", eml("Three", lost), eml("Four", "Cid")));
    room.store("c.pst", sample());
    let run = pst(["scan", "--json", room.path().to_str().unwrap()]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.text());
    let report = run.json();
    let files = report["files"].as_array().unwrap();
    files.iter().for_each(assert_mails_balanced);
    let kinds: Vec<_> =
        files.iter().map(|file| (file["kind"].as_str().unwrap(), file["items"].as_u64().unwrap())).collect();
    assert_eq!(kinds, [("directory", 2), ("mbox", 2), ("store", 3)]);
    let [directory, mbox, store] = &files[..] else { panic!() };
    assert_eq!(directory["kinds"], json!([{"kind": "mail", "items": 2, "associated": 0}]));
    assert_eq!(directory["journal"], json!({"reports": 1, "suspects": 0, "undeliverable": 0, "originals": 1}));
    assert_eq!((&directory["embedded_messages"], &directory["attachments"]), (&json!(1), &json!(1)));
    assert_eq!(
        directory["years"],
        json!([
            {"year": 2000, "items": 1, "associated": 0}, {"year": 2006, "items": 1, "associated": 0}
        ])
    );
    assert_eq!(mbox["file_size"], 2 * from.len() + 4 + eml("Three", lost).len() + eml("Four", "Cid").len());
    assert_eq!(mbox["largest"][0]["subject"], "Three");
    assert!(mbox["largest"][0]["place"].as_str().unwrap().ends_with("b.mbox@0"));
    assert_eq!(
        mbox["people"],
        json!({
            "named": 4,
            "resolved": [{"name": "address", "count": 2}],
            "unresolved": 2,
            "unresolved_addresses": 2,
            "unresolved_kinds": [{"name": "ex", "count": 1}, {"name": "name-only", "count": 1}],
            "most_unresolved": [
                {"kind": "ex", "address": "/O=ORG/CN=CID", "count": 1},
                {"kind": "name-only", "address": "Cid", "count": 1},
            ],
        })
    );
    assert_eq!(store["kinds"][0], json!({"kind": "mail", "items": 2, "associated": 0}));
    assert_eq!((&store["people"]["unresolved"], &store["journal"]["reports"]), (&json!(0), &json!(0)));
    let totals = &report["totals"];
    assert_mails_balanced(totals);
    assert_eq!((&totals["files"], &totals["items"], &totals["journal"]["reports"]), (&json!(3), &json!(7), &json!(1)));
    assert_eq!(totals["people"]["unresolved"], 2);
    // People are told the same.
    let text = pst(["scan", room.path().to_str().unwrap()]).text();
    assert!(text.contains("journal: 1 report with 1 mail, 0 suspects, 0 undeliverable"), "{text}");
    assert!(
        text.contains("people: named 4 times, 2 of them without SMTP address under 2 addresses (1 ex, 1 name-only)"),
        "{text}"
    );
    // Tables alone say nothing of people, and of kinds what the classes say.
    let quick = pst(["scan", "--json", "--quick", room.path().join("c.pst").to_str().unwrap()]).json();
    assert_eq!(quick["files"][0]["kinds"], store["kinds"]);
    assert_eq!((&quick["files"][0]["journal"], &quick["files"][0]["people"]), (&Value::Null, &Value::Null));
}

fn assert_mails_balanced(counts: &Value) {
    let number = |name: &str| counts[name].as_u64().unwrap();
    assert_eq!(number("items") + number("associated"), number("read") + number("failed"));
    let kinds = counts["kinds"].as_array().unwrap().iter();
    assert_eq!(kinds.map(|kind| kind["items"].as_u64().unwrap()).sum::<u64>(), number("items"));
    let people = &counts["people"];
    let resolved = people["resolved"].as_array().unwrap().iter().map(|source| source["count"].as_u64().unwrap());
    assert_eq!(resolved.sum::<u64>() + people["unresolved"].as_u64().unwrap(), people["named"].as_u64().unwrap());
}

/// What one store tells of somebody, another lacks.
#[test]
fn people_are_learned_across_files() {
    let room = Room::new();
    let dn = "/O=ORG/CN=RECIPIENTS/CN=BOB";
    let row = |smtp: bool| {
        let mut row = pst_core::testkit::Props::new();
        let mut set = |id, text: &str| row.set(pst_core::testkit::Prop::text(id, text));
        set(pst_core::ltp::id::DISPLAY_NAME, "Bob");
        set(pst_core::ltp::id::ADDRESS_TYPE, "EX");
        set(pst_core::ltp::id::EMAIL_ADDRESS, dn);
        if smtp {
            set(pst_core::ltp::id::SMTP_ADDRESS, "bob@x.example");
        }
        row
    };
    let store = |name: &str, smtp: &[bool]| {
        let mails = smtp.iter().map(|smtp| mail("x", 2000).sender("Ann", "ann@x.example").recipient_props(row(*smtp)));
        room.store(name, Mailbox::new("Store").folder(FolderBuilder::new("Inbox").messages(mails)))
    };
    store("a.pst", &[false, false]);
    store("b.pst", &[true, true, false]);
    let report = pst(["scan", "--json", room.path().to_str().unwrap()]).json();
    let unresolved = |counts: &Value| counts["people"]["unresolved"].as_u64().unwrap();
    assert_eq!(unresolved(&report["files"][0]), 2);
    assert_eq!(unresolved(&report["files"][1]), 0);
    assert_eq!(unresolved(&report["totals"]), 0);
    let resolved = report["totals"]["people"]["resolved"].as_array().unwrap();
    assert!(resolved.contains(&json!({"name": "learned", "count": 3})), "{resolved:?}");
}

/// Entries that cannot be read, or may hide mail, are problems with their place.
#[test]
fn archives_with_problems() {
    let room = Room::new();
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend([0; 100]);
    let path = room.file("broken.zip", zip);
    let run = pst(["scan", "--json", path.to_str().unwrap()]);
    assert_eq!(run.code, Some(1));
    let file = &run.json()["files"][0];
    assert_eq!((&file["kind"], &file["items"], &file["errors_total"]), (&json!("zip"), &json!(0), &json!(1)));
    let error = &file["errors"][0];
    assert_eq!((&error["kind"], error["place"].as_str()), (&json!("corrupt"), path.to_str()));
    let text = pst(["scan", path.to_str().unwrap()]).text();
    assert!(text.contains("1 problem") && text.contains("broken.zip: corrupt ZIP archive"), "{text}");
    // One that says it is large and is nothing.
    let path = room.file("large.mbox", "From a Wed May 17 23:35:05 2000\r\n");
    let run = pst(["scan", "--json", path.to_str().unwrap()]);
    assert_eq!((run.code, &run.json()["totals"]["items"]), (Some(0), &json!(1)));
}
