//! Addresses nobody knows: estimated, listed, answered.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_precision_loss
)]

use std::collections::HashSet;

use proptest::prelude::*;
use pst_core::item::Item;
use pst_core::ltp::id;
use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, Props, StoreBuilder};
use pst_core::{FileTime, Pst};
use pst_migrate::addresses::{
    AddressMap, Answer, Collected, Collector, CsvReader, Estimate, Estimator, FilledList, IssueKind, MapError,
    write_list, write_row,
};

fn date(year: i64) -> FileTime {
    FileTime::from_unix_seconds((year - 1970) * 31_556_952 + 86_400 * 40).unwrap()
}

/// A recipient with any type of address.
fn other(name: &str, address_type: &str, address: &str) -> Props {
    Props::new()
        .with(Prop::i32(id::RECIPIENT_TYPE, 1))
        .with(Prop::text(id::DISPLAY_NAME, name))
        .with(Prop::text(id::ADDRESS_TYPE, address_type))
        .with(Prop::text(id::EMAIL_ADDRESS, address))
}

fn mail(year: i64) -> MessageBuilder {
    MessageBuilder::new("IPM.Note").sender("Ann", "ann@example.com").dates(date(year), date(year))
}

fn store(messages: impl IntoIterator<Item = MessageBuilder>) -> Pst {
    let mailbox = Mailbox::new("x").folder(FolderBuilder::new("Inbox").messages(messages));
    Pst::from_bytes(mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec()).unwrap()
}

fn each(pst: &Pst, mut look: impl FnMut(Item<'_>, String)) {
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry.unwrap()).unwrap();
        look(Item::of_message(&message), format!("x.pst#{}", message.id()));
    }
}

fn collect(pst: &Pst, map: &AddressMap) -> Collected {
    let mut collector = Collector::new(map);
    each(pst, |item, place| collector.add(item, &place));
    let collected = collector.finish();
    assert!(collected.adds_up(), "{collected:?}");
    collected
}

fn estimate(pst: &Pst, wanted: u64, seed: u64) -> Estimate {
    let map = AddressMap::new();
    let mut estimator = Estimator::new(wanted, seed, &map);
    each(pst, |item, _| estimator.add(item));
    estimator.finish()
}

const BOB: &str = "/O=ACME/OU=SITE/CN=RECIPIENTS/CN=BOB";

/// Bob by his old name three times, Cid by X.400, Dan by nothing but a name, Eve with both names in two mails and one in a
/// third.
fn people() -> Pst {
    let eve = "/o=Acme/ou=Site/cn=Recipients/cn=Eve";
    let both = || other("Eve", "EX", eve).with(Prop::text(id::SMTP_ADDRESS, "eve@example.com"));
    store([
        mail(2004).recipient_props(other("Bob", "EX", BOB)).to("Zoe", "zoe@example.com"),
        mail(2001).recipient_props(other("Bob", "EX", &BOB.to_lowercase())),
        mail(2003).recipient_props(other("Bob Stone", "EX", BOB)).recipient_props(other("Dan", "", "")),
        mail(2002).recipient_props(other("Cid", "X400", "c=US;a= ;p=Acme;o=Site;s=Cid")),
        mail(2005).recipient_props(both()),
        mail(2006).recipient_props(both()),
        mail(2007).recipient_props(other("Eve", "EX", eve)),
    ])
}

fn csv(collected: &Collected) -> String {
    let mut out = Vec::new();
    write_list(collected, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn each_address_once_with_what_helps() {
    let collected = collect(&people(), &AddressMap::new());
    assert_eq!((collected.items, collected.occurrences), (7, 7 + 9));
    assert_eq!((collected.resolved, collected.learned, collected.unresolved), (7 + 1 + 2, 1, 5));
    let lines: Vec<String> = csv(&collected).lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "key,type,address,display_names,count,first_date,last_date,role_counts,example,smtp,action,comment",
            "ex:/o=acme/ou=site/cn=recipients/cn=bob,EX,/O=ACME/OU=SITE/CN=RECIPIENTS/CN=BOB,Bob; Bob Stone,3,2001-02-09,2004-02-10,to=3,x.pst#0x200024,,,",
            "name:dan,NAME,Dan,Dan,1,2003-02-10,2003-02-10,to=1,x.pst#0x200064,,,",
            "x400:c=us;a= ;p=acme;o=site;s=cid,X400,c=US;a= ;p=Acme;o=Site;s=Cid,Cid,1,2002-02-09,2002-02-09,to=1,x.pst#0x200084,,,",
        ]
        .map(str::to_owned)
    );
}

#[test]
fn formulas_are_none_in_a_table_program() {
    let pst = store([
        mail(2000).recipient_props(other("=cmd|' /C calc'!A0", "EX", BOB)),
        mail(2000).recipient_props(other("\"A, B\"\r\nx", "MOBILE", "+1 555 0100")),
    ]);
    let text = csv(&collect(&pst, &AddressMap::new()));
    assert!(text.contains(",'=cmd|' /C calc'!A0,"), "{text}");
    assert!(text.contains("mobile:+1 555 0100,MOBILE,'+1 555 0100,\"\"\"A, B\"\"  x\",1,"), "{text}");
    let keys = FilledList::keys(text.as_bytes()).unwrap();
    assert_eq!(keys, HashSet::from([format!("ex:{}", BOB.to_lowercase()), "mobile:+1 555 0100".to_owned()]));
}

#[test]
fn a_list_goes_out_and_comes_back_and_can_be_taken_back() {
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("map.json");
    let pst = people();
    let given = csv(&collect(&pst, &AddressMap::new()));
    let known = FilledList::keys(given.as_bytes()).unwrap();
    let filled: String = given
        .lines()
        .map(|line| match line {
            _ if line.starts_with("ex:") => line.replacen(",,,", ",bob@example.com,,he left", 1),
            _ if line.starts_with("name:") => line.replacen(",,,", ",,Ignore,", 1),
            _ => line.to_owned(),
        } + "\n")
        .collect();
    let list = FilledList::read(filled.as_bytes(), Some(&known)).unwrap();
    assert_eq!((list.rows, list.unanswered, list.issues.as_slice()), (3, 1, &[][..]));
    let mut map = AddressMap::load(&path).unwrap();
    map.apply("filled.csv", &list).unwrap();
    map.save(&path).unwrap();
    let mut map = AddressMap::load(&path).unwrap();
    assert_eq!(map.lists().collect::<Vec<_>>(), ["filled.csv"]);
    let left = collect(&pst, &map);
    assert_eq!((left.unresolved, left.resolved), (1, 10 + 4));
    assert_eq!(left.entries[0].address_type, "X400");
    // A later list covers an earlier one until it is taken back.
    let key = format!("ex:{}", BOB.to_lowercase());
    let later = format!("key,smtp\n{key},robert@example.com\n");
    map.apply("later.csv", &FilledList::read(later.as_bytes(), None).unwrap()).unwrap();
    assert_eq!(map.answer(&key), Some(Answer::Smtp("robert@example.com".to_owned())));
    assert_eq!(map.undo().as_deref(), Some("later.csv"));
    assert_eq!(map.answer(&key), Some(Answer::Smtp("bob@example.com".to_owned())));
    assert_eq!(map.answer("name:dan"), Some(Answer::Ignore));
    assert_eq!(map.undo().as_deref(), Some("filled.csv"));
    assert_eq!((map.undo(), collect(&pst, &map)), (None, collect(&pst, &AddressMap::new())));
}

#[test]
fn what_is_wrong_with_a_list() {
    let known = HashSet::from(["ex:/cn=a".to_owned(), "ex:/cn=b".to_owned(), "ex:/cn=c".to_owned()]);
    let table: [(&str, &[(u64, IssueKind)]); 13] = [
        ("key,smtp,action\nex:/cn=a,a@x.example,\n", &[]),
        ("key,smtp,action\nEX:/CN=A,a@x.example,\n", &[]),
        ("key,smtp,action\nex:/cn=z,a@x.example,\n", &[(2, IssueKind::UnknownKey)]),
        ("key,smtp\nex:/cn=a,a@x.example\nex:/cn=a,b@x.example\n", &[(3, IssueKind::DuplicateKey)]),
        ("key,smtp\nex:/cn=a,a@x\n", &[(2, IssueKind::InvalidSmtp)]),
        ("key,smtp\nex:/cn=a,Ann <a@x.example>\n", &[(2, IssueKind::InvalidSmtp)]),
        ("key,smtp\nex:/cn=a,IMCEAEX-_CN=A@x.example\n", &[(2, IssueKind::InvalidSmtp)]),
        ("key,smtp,action\nex:/cn=a,a@x.example,ignore\n", &[(2, IssueKind::BothFilled)]),
        ("key,smtp,action\nex:/cn=a,,drop\n", &[(2, IssueKind::UnknownAction)]),
        ("key,smtp\nex:/cn=a,A@x.example\nex:/cn=b,a@X.example\n", &[(3, IssueKind::SharedSmtp)]),
        ("key,address\nex:/cn=a,a@x.example\n", &[(1, IssueKind::Malformed)]),
        ("key,smtp\n\"ex:/cn=a,a@x.example\n", &[(2, IssueKind::Malformed)]),
        ("", &[(1, IssueKind::Malformed)]),
    ];
    for (text, issues) in table {
        let list = FilledList::read(text.as_bytes(), Some(&known)).unwrap();
        let found: Vec<_> = list.issues.iter().map(|issue| (issue.line, issue.kind)).collect();
        assert_eq!(found, issues, "{text}");
        let is_applied = AddressMap::new().apply("x", &list).is_ok();
        assert_eq!(is_applied, issues.iter().all(|(_, kind)| kind.is_warning()), "{text}");
    }
    let unsound = FilledList::read(&b"key,smtp\nex:/cn=a,a@x\n"[..], None).unwrap();
    assert!(matches!(AddressMap::new().apply("x", &unsound), Err(MapError::Unsound)));
}

#[test]
fn lines_with_bars() {
    let text = "/o=A/cn=R/cn=X|x@x.example|X, Mr|/o=B/cn=R/cn=X\r\n\r\n/o=A/cn=Y|y@x.example|Y|\n|z@x.example|Z|\n";
    let list = FilledList::read(text.as_bytes(), None).unwrap();
    let answers: Vec<_> = list.answers.keys().map(String::as_str).collect();
    assert_eq!(answers, ["ex:/o=a/cn=r/cn=x", "ex:/o=a/cn=y", "ex:/o=b/cn=r/cn=x"]);
    assert_eq!(list.answers["ex:/o=b/cn=r/cn=x"], Answer::Smtp("x@x.example".to_owned()));
    let issues: Vec<_> = list.issues.iter().map(|issue| (issue.line, issue.kind)).collect();
    // The same person under two names is no surprise, and told all the same.
    assert_eq!(issues, [(1, IssueKind::SharedSmtp), (4, IssueKind::Malformed)]);
}

#[test]
fn maps_that_are_none() {
    let room = tempfile::tempdir().unwrap();
    for text in ["", "[]", "{\"format\":2,\"batches\":[]}", "{\"format\":1,\"batches\":[{\"list\":1}]}"] {
        let path = room.path().join("map");
        std::fs::write(&path, text).unwrap();
        assert!(matches!(AddressMap::load(&path), Err(MapError::Malformed(_))), "{text}");
    }
    assert!(AddressMap::load(room.path()).is_err());
}

#[test]
fn everything_looked_at_is_no_estimate() {
    let found = estimate(&people(), 100, 1);
    assert_eq!((found.items, found.sampled, found.occurrences, found.unresolved), (7, 7, 16, 5));
    assert_eq!((found.unresolved_distinct, found.touched, found.strangers), (3, 4, 0));
    assert_eq!(
        found.by_kind.iter().map(|(kind, count)| (*kind, *count)).collect::<Vec<_>>(),
        [("ex", 3), ("name-only", 1), ("x400", 1)]
    );
    assert_eq!((found.touched_share.low, found.touched_share.high), (4.0 / 7.0, 4.0 / 7.0));
    assert_eq!(estimate(&store([]), 10, 1).touched_share.high, 1.0);
}

/// Of 600 mails every fourth has a stranger. The interval of a sample of 100 has the truth in it in about 95 of 100 cases;
/// that of 100 samples at least 85 times, but for one chance in many thousands.
#[test]
fn intervals_have_the_truth_in_them() {
    let pst = store((0..600).map(|number| match number % 4 {
        0 => mail(2000).recipient_props(other("Bob", "EX", BOB)),
        _ => mail(2000).to("Zoe", "zoe@example.com"),
    }));
    let (mut touched, mut occurrences, mut shares) = (0, 0, HashSet::new());
    for seed in 0..100 {
        let found = estimate(&pst, 100, seed);
        assert_eq!((found.items, found.sampled), (600, 100));
        let has =
            |interval: pst_migrate::addresses::Interval, truth: f64| interval.low <= truth && truth <= interval.high;
        touched += u32::from(has(found.touched_share, 0.25));
        occurrences += u32::from(has(found.occurrence_share, 0.125));
        shares.insert(found.touched);
        if seed < 3 {
            assert_eq!(found, estimate(&pst, 100, seed), "the same seed gives the same");
        }
    }
    assert!(touched >= 85 && occurrences >= 85, "{touched} {occurrences}");
    assert!(shares.len() > 5);
}

proptest! {
    #[test]
    fn rows_come_back(rows in prop::collection::vec(prop::collection::vec("[a-z\",\r\n' ]{0,8}", 1..5), 0..6)) {
        let mut text = Vec::new();
        rows.iter().for_each(|row| write_row(&mut text, row).unwrap());
        let back: Vec<Vec<String>> = CsvReader::new(&text[..]).map(|row| row.unwrap().1).collect();
        // A row of one empty field is an empty line, and is a row all the same.
        prop_assert_eq!(back, rows);
    }

    #[test]
    fn any_bytes_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let rows = CsvReader::new(&bytes[..]).count();
        prop_assert!(rows <= bytes.len() + 1);
        let _ = FilledList::read(&bytes[..], None);
        let _ = FilledList::keys(&bytes[..]);
    }
}
