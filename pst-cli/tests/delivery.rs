//! `pst delivery` and `pst addresses`: what they tell, how they end, what they change.

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

use common::{Room, Run, mail, pst};
use pst_core::ltp::id;
use pst_core::testkit::{FolderBuilder, Mailbox, Prop, Props};
use serde_json::Value;

const PER_USER: &str = "disk/Acme_ing1234/Pst/PerUser";

fn store(room: &Room, path: &str) {
    room.store(path, Mailbox::new("x").folder(FolderBuilder::new("Inbox").message(mail("one", 2004))));
}

fn disk() -> (Room, String) {
    let room = Room::new();
    store(&room, &format!("{PER_USER}/ann@example.com.pst"));
    let disk = room.path().join("disk").to_str().unwrap().to_owned();
    (room, disk)
}

fn lines(run: &Run) -> Vec<Value> {
    run.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_good_delivery_and_a_bad_one() {
    let (room, disk) = disk();
    let good = pst(["delivery", "check", &disk, "--profile", "mimecast-2016", "--seed", "7"]);
    assert_eq!((good.code, good.stderr.as_str()), (Some(0), ""));
    assert!(good.text().contains("seed 7\n") && good.text().ends_with("acceptable\n"), "{}", good.text());
    store(&room, &format!("{PER_USER}/bob@example.com.pst.pst"));
    room.file(&format!("{PER_USER}/\u{1b}[2J.txt"), "no mail");
    let bad = pst(["delivery", "check", &disk, "--profile", "mimecast-2016"]);
    assert_eq!(bad.code, Some(1));
    for part in [
        "DOUBLE_EXTENSION  it has .pst twice\n",
        "  better: Acme_ing1234/Pst/PerUser/bob@example.com.pst\n",
        "\\u{1b}[2J.txt",
        "3 files in 4 directories",
        "1 accepted, 2 refused, 0 ignored\n  DOUBLE_EXTENSION  1\n  TYPE_NOT_ACCEPTED  1\n",
        "1 file has a better name: see pst delivery fix\nnot acceptable\n",
    ] {
        assert!(bad.text().contains(part), "{part:?} in {}", bad.text());
    }
    assert!(!bad.text().contains('\u{1b}'));
}

#[test]
fn as_json() {
    let (room, disk) = disk();
    store(&room, &format!("{PER_USER}/bob@example.com (2).pst"));
    let run = pst(["delivery", "check", &disk, "--profile", "mimecast-2016", "--json", "--full"]);
    let lines = lines(&run);
    assert_eq!((run.code, lines.len()), (Some(1), 1 + 2 + 4 + 1));
    let first = &lines[0];
    assert_eq!((&first["schema"], &first["what"]), (&"pst-delivery/1".into(), &"run".into()));
    assert_eq!(
        (&first["profile"], &first["extends"][0], &first["full"]),
        (&"mimecast-2016".into(), &"default".into(), &true.into())
    );
    let files: Vec<_> = lines.iter().filter(|line| line["what"] == "file").collect();
    assert_eq!(files[0]["owner"], "ann@example.com");
    assert_eq!((&files[0]["content"]["items"], &files[0]["content"]["whole"]), (&1.into(), &true.into()));
    assert_eq!(files[1]["findings"][0]["code"], "ADDRESS_SYNTAX");
    assert_eq!(files[1]["rename_to"], "Acme_ing1234/Pst/PerUser/bob@example.com.2.pst");
    let account = lines.last().unwrap();
    assert_eq!(account["what"], "account");
    for (field, value) in [("seen", 2), ("accepted", 1), ("refused_total", 1), ("ignored", 0), ("items_read", 2)] {
        assert_eq!(account[field], value, "{field}");
    }
    assert_eq!((&account["balanced"], &account["acceptable"]), (&true.into(), &false.into()));
}

#[test]
fn warnings_count_if_asked_for() {
    let (room, disk) = disk();
    store(&room, &format!("{PER_USER}/jürgen@example.com.pst"));
    let args = ["delivery", "check", &disk, "--profile", "mimecast-2016"];
    assert_eq!(pst(args).code, Some(0));
    assert_eq!(pst(args.into_iter().chain(["--strict"])).code, Some(1));
    let owners = room.file("owners.txt", "# all\n\nANN@example.com\njürgen@example.com\n");
    assert_eq!(pst(args.into_iter().chain(["--owners", text(&owners)])).code, Some(0));
    fs::write(&owners, "ann@example.com\n").unwrap();
    let run = pst(args.into_iter().chain(["--owners", text(&owners)]));
    assert_eq!(run.code, Some(1));
    assert!(run.text().contains("BAD_ADDRESS  jürgen@example.com"), "{}", run.text());
    let third = pst(args.into_iter().chain(["--submission", "3"]));
    assert!(third.code == Some(1) && third.text().contains("SUBMISSION_LIMIT"), "{}", third.text());
}

#[test]
fn what_makes_no_sense() {
    let (room, disk) = disk();
    let profile = room.file("p.toml", "format = 1\nname = \"p\"\nextends = \"default\"\n[sizes]\nmax = \"big\"\n");
    let run = pst(["delivery", "check", &disk, "--profile", text(&profile)]);
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("p.toml:5: sizes.max: expected a number of bytes"), "{}", run.stderr);
    let run = pst(["delivery", "check", &disk, "--profile", "none"]);
    assert!(run.code == Some(2) && run.stderr.contains("default, mimecast-2016, purview"), "{}", run.stderr);
    assert_eq!(pst(["delivery", "check", "/no such directory"]).code, Some(3));
    assert_eq!(pst(["delivery", "fix", &disk, "--apply"]).code, Some(2));
}

#[test]
fn names_are_mended_and_unmended() {
    let (room, disk) = disk();
    let wrong = room.path().join(format!("{PER_USER}/bob@example.com.pst.pst"));
    let right = room.path().join(format!("{PER_USER}/bob@example.com.pst"));
    store(&room, &format!("{PER_USER}/bob@example.com.pst.pst"));
    let list = room.path().join("list.jsonl");
    let dry = pst(["delivery", "fix", &disk]);
    assert_eq!(dry.code, Some(0));
    assert!(dry.text().ends_with("1 file would be renamed; --apply does it\n"), "{}", dry.text());
    assert!(wrong.exists() && !right.exists());
    let run = pst(["delivery", "fix", &disk, "--apply", "--list", text(&list)]);
    assert!(run.code == Some(0) && run.text().ends_with("1 file renamed\n"), "{}", run.text());
    assert!(!wrong.exists() && right.exists());
    assert_eq!(pst(["delivery", "check", &disk, "--profile", "mimecast-2016"]).code, Some(0));
    // A list is never written over.
    store(&room, &format!("{PER_USER}/cid@example.com.pst.pst"));
    assert_eq!(pst(["delivery", "fix", &disk, "--apply", "--list", text(&list)]).code, Some(3));
    let back = pst(["delivery", "fix", &disk, "--undo", text(&list)]);
    assert_eq!((back.code, back.text().as_str()), (Some(0), "1 file renamed back, 0 lines passed over\n"));
    assert!(wrong.exists() && !right.exists());
    store(&room, &format!("{PER_USER}/bob@example.com.pst"));
    let taken = pst(["delivery", "fix", &disk, "--json"]);
    assert_eq!(taken.code, Some(1));
    assert_eq!(lines(&taken)[0]["obstacle"], "taken");
}

fn stranger() -> Mailbox {
    let bob = Props::new()
        .with(Prop::i32(id::RECIPIENT_TYPE, 1))
        .with(Prop::text(id::DISPLAY_NAME, "Bob"))
        .with(Prop::text(id::ADDRESS_TYPE, "EX"))
        .with(Prop::text(id::EMAIL_ADDRESS, "/o=Acme/cn=Bob"));
    let mails = [mail("one", 2004).recipient_props(bob), mail("two", 2005).to("Zoe", "zoe@example.com")];
    Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(mails))
}

#[test]
fn addresses_from_the_first_look_to_the_answer() {
    let room = Room::new();
    let file = room.store("x.pst", stranger());
    let before = fs::read(&file).unwrap();
    let (list, map) = (room.path().join("list.csv"), room.path().join("map.json"));
    let test = pst(["addresses", "test", text(&file), "--json", "--seed", "3"]);
    let report = test.json();
    assert_eq!((test.code, &report["schema"]), (Some(0), &"pst-addresses-test/1".into()));
    assert_eq!((&report["seed"], &report["items"], &report["unresolved"]), (&3.into(), &2.into(), &1.into()));
    assert_eq!(report["items_touched_share"]["share"], 0.5);
    assert!(pst(["addresses", "test", text(&file)]).text().contains("50.0 to 50.0 %"));
    let run = pst(["addresses", "list", text(&file), "-o", text(&list)]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let given = fs::read_to_string(&list).unwrap();
    assert!(given.contains("\r\nex:/o=acme/cn=bob,EX,/o=Acme/cn=Bob,Bob,1,2004-"), "{given}");
    assert_eq!(
        pst(["addresses", "list", text(&file), "-o", text(&list)]).code,
        Some(3),
        "a list is never written over"
    );
    let wrong = room.file("wrong.csv", given.replace(",,,\r\n", ",bob@example,,\r\n"));
    let run = pst(["addresses", "apply", text(&wrong), "--map", text(&map), "--against", text(&list)]);
    assert!(run.code == Some(1) && run.text().contains("line 2: invalid-smtp: bob@example"), "{}", run.text());
    assert!(!map.exists());
    let filled = room.file("filled.csv", given.replace(",,,\r\n", ",bob@example.com,,\r\n"));
    let args = ["addresses", "apply", text(&filled), "--map", text(&map), "--against", text(&list)];
    assert_eq!(pst(args.into_iter().chain(["--dry-run"])).code, Some(0));
    assert!(!map.exists());
    assert_eq!(pst(args).text(), "1 row, 1 answer, 0 without: applied\n");
    let known = || pst(["addresses", "test", text(&file), "--json", "--map", text(&map)]).json()["unresolved"].clone();
    assert_eq!(known(), 0);
    let undone = pst(["addresses", "apply", "--undo", "--map", text(&map)]);
    assert!(undone.code == Some(0) && undone.text().ends_with("filled.csv was taken back\n"), "{}", undone.text());
    assert_eq!(known(), 1);
    assert_eq!(pst(["addresses", "apply", "--undo", "--map", text(&map)]).code, Some(3));
    assert_eq!(fs::read(&file).unwrap(), before, "mail is never changed");
    assert_eq!(pst(["addresses", "test", text(room.path()), "--sample", "0"]).code, Some(2));
}
