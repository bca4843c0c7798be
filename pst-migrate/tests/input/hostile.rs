//! Archives made to harm or to deceive, each with what exactly becomes of it.

use pst_migrate::input::Input;

use crate::make_zip::{Entry, zip, zip_counting};
use crate::{Room, limited, lines, lines_of, mail};

/// The lines of an archive with these entries, names of the archive taken off.
fn outcome_with(input: &Input, bytes: Vec<u8>) -> Vec<String> {
    let room = Room::new();
    let path = room.file("x", bytes);
    lines_of(input, &room, &path).0.iter().map(|line| line.strip_prefix('x').unwrap().to_owned()).collect()
}

fn outcome(bytes: Vec<u8>) -> Vec<String> {
    outcome_with(&Input::new(), bytes)
}

#[test]
fn names_that_lead_elsewhere() {
    let names =
        ["/etc/a.eml", "../a.eml", "a/../b.eml", "C:/a.eml", "a\\b.eml", "..\\a.eml", "NUL", "aux.eml", "a\0.eml"];
    let reasons = [
        "absolute-path",
        "parent-path",
        "parent-path",
        "drive-path",
        "backslash",
        "backslash",
        "device-name",
        "device-name",
        "control-character",
    ];
    let expected: Vec<String> = names.iter().zip(reasons).map(|(name, reason)| format!("!{name}: {reason}")).collect();
    assert_eq!(outcome(zip(names.map(|name| Entry::new(name, mail("no"))))), expected);
}

#[test]
fn the_second_of_a_name() {
    let entries =
        [Entry::new("a.eml", mail("One")), Entry::new("b.eml", mail("Two")), Entry::new("a.eml", mail("Other"))];
    assert_eq!(outcome(zip(entries)), ["!a.eml [/] One", "!b.eml [/] Two", "!a.eml: duplicate-name"]);
}

#[test]
fn locked_and_unknown_methods() {
    let entries = [
        Entry { flags: 1, ..Entry::new("locked.eml", mail("no")) },
        Entry { flags: 1, method: Some(99), ..Entry::new("aes.eml", mail("no")) },
        Entry { method: Some(12), ..Entry::new("bzip2.eml", mail("no")) },
        Entry { method: Some(9), ..Entry::new("deflate64.eml", mail("no")) },
        Entry::new("open.eml", mail("Open")),
    ];
    assert_eq!(
        outcome(zip(entries)),
        [
            "!locked.eml: encrypted",
            "!aes.eml: encrypted",
            "!bzip2.eml: unsupported-method",
            "!deflate64.eml: unsupported-method",
            "!open.eml [/] Open",
        ]
    );
}

#[test]
fn links_lead_nowhere() {
    let entries = [Entry { mode: 0o120_777, ..Entry::new("link", "/etc/passwd") }, Entry::new("a.eml", mail("A"))];
    assert_eq!(outcome(zip(entries)), ["!link: link", "!a.eml [/] A"]);
}

fn padded(size: usize) -> Vec<u8> {
    let mut bytes = mail("Large");
    bytes.resize(size, b' ');
    bytes
}

#[test]
fn bombs() {
    let large = padded(4 << 20);
    let input = limited(|limits| limits.ratio_from = 1 << 20);
    let bomb = Entry::deflated("bomb.eml", large.clone());
    assert_eq!(
        outcome_with(&input, zip([bomb.clone(), Entry::new("a.eml", mail("A"))])),
        ["!bomb.eml: compression-ratio", "!a.eml [/] A"]
    );
    // What says it is small is found out.
    let liar = Entry { size: Some(100), ..bomb.clone() };
    assert_eq!(outcome_with(&input, zip([liar])), ["!bomb.eml! corrupt"]);
    // What says that its packed form is large runs into what the whole archive may hold.
    let liar = Entry { packed_size: Some(1 << 20), ..bomb.clone() };
    assert_eq!(outcome_with(&input, zip([liar])), ["!bomb.eml: archive-total"]);
    // Below the size from which the ratio counts, all is well.
    assert_eq!(outcome(zip([bomb])), ["!bomb.eml [/] Large"]);
    let input = limited(|limits| limits.entry_bytes = 1 << 20);
    assert_eq!(outcome_with(&input, zip([Entry::new("large.eml", large)])), ["!large.eml: too-large"]);
    let input = limited(|limits| limits.mail_bytes = 1000);
    assert_eq!(outcome_with(&input, zip([Entry::new("a.eml", padded(1001))])), ["!a.eml: too-large"]);
}

#[test]
fn entries_that_share_their_data() {
    // Each is in order by itself; together they are a bomb.
    let mut entries = vec![Entry::deflated("0.eml", padded(60_000))];
    let first = Entry { only_listed: true, offset: Some(0), ..entries[0].clone() };
    entries.extend((1..100).map(|number| Entry { name: format!("{number}.eml").into_bytes(), ..first.clone() }));
    let input = limited(|limits| {
        limits.ratio_from = 1 << 20;
        limits.ratio = 20;
    });
    let found = outcome_with(&input, zip(entries));
    assert_eq!(found.len(), 100);
    let items = found.iter().filter(|line| line.ends_with(" Large")).count();
    assert!((1..30).contains(&items), "{items}");
    assert!(found[items..].iter().all(|line| line.ends_with(": archive-total")), "{:?}", &found[items..]);
}

#[test]
fn archives_in_archives() {
    let mut bytes = zip([Entry::new("deep.eml", mail("Deep"))]);
    for level in ["c", "b", "a"] {
        bytes = zip([Entry::deflated(format!("{level}.zip"), bytes), Entry::new(format!("{level}.eml"), mail(level))]);
    }
    assert_eq!(
        outcome(bytes),
        ["!a.zip!b.zip!c.zip: too-deep", "!a.zip!b.zip!c.eml [/] c", "!a.zip!b.eml [/] b", "!a.eml [/] a",]
    );
}

#[test]
fn damage_costs_its_entry_alone() {
    let entries = |wrong: Entry| zip([Entry::new("a.eml", mail("A")), wrong, Entry::new("c.eml", mail("C"))]);
    let good = Entry::deflated("b.eml", mail("B"));
    for (wrong, kind) in [
        (Entry { crc: Some(1), ..good.clone() }, "checksum"),
        (Entry { deflate: false, method: Some(8), content: vec![0xFF; 100], ..good.clone() }, "corrupt"),
        (Entry { offset: Some(0xFFFF), ..good.clone() }, "corrupt"),
        (Entry { offset: Some(5), ..good.clone() }, "corrupt"),
    ] {
        assert_eq!(
            outcome(entries(wrong)),
            ["!a.eml [/] A".to_owned(), format!("!b.eml! {kind}"), "!c.eml [/] C".into()]
        );
    }
}

#[test]
fn directories_that_lie() {
    let entries = || vec![Entry::new("a.eml", mail("A")), Entry::new("b.eml", mail("B"))];
    assert_eq!(outcome(zip_counting(entries(), 1)), ["!a.eml [/] A", "! corrupt"]);
    assert_eq!(outcome(zip_counting(entries(), 0)), [": empty"]);
    let more = outcome(zip_counting(entries(), 3));
    assert_eq!(more.last().map(String::as_str), Some("! corrupt"));
    // Cut short, it has no directory at all.
    let mut bytes = zip(entries());
    bytes.truncate(bytes.len() - 1);
    assert_eq!(outcome(bytes), ["! corrupt"]);
    assert_eq!(outcome(b"PK\x03\x04 and so on".to_vec()), ["! corrupt"]);
    let input = limited(|limits| limits.archive_entries = 1);
    assert_eq!(outcome_with(&input, zip(entries())), ["!a.eml [/] A", ": too-many-entries"]);
}

#[test]
fn mails_of_a_hostile_mbox() {
    let room = Room::new();
    // A file of nothing but separators, and one line without end.
    let path = room.file("from.mbox", "From a Wed May 17 23:35:05 2000\n\n".repeat(1000));
    let found = lines(&room, &path);
    assert_eq!(found.len(), 1000);
    assert_eq!(found[999], format!("from.mbox@{} [/from] ", 999 * 33));
    let path =
        room.file("line.mbox", format!("From a Wed May 17 23:35:05 2000\nSubject: x\n\n{}", "From ".repeat(100_000)));
    assert_eq!(lines(&room, &path), ["line.mbox@0 [/line] x"]);
    let input = limited(|limits| limits.mail_bytes = 100);
    let path = room.file(
        "large.mbox",
        format!(
            "From a Wed May 17 23:35:05 2000\nSubject: x\n\n{}\n\nFrom a Wed May 17 23:35:05 2000\nSubject: y\n\n",
            "x".repeat(100)
        ),
    );
    assert_eq!(lines_of(&input, &room, &path).0, ["large.mbox@0: too-large", "large.mbox@146 [/large] y"]);
}
