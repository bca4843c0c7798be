//! Which items go along, and what is told of the others.

use pst_migrate::export::{Choice, Export, Format};

use crate::{MET, Room, date, lines, run, store};

fn chosen(choice: Choice) -> (Vec<String>, Vec<(String, u64)>, Vec<String>) {
    let room = Room::new();
    let source = room.file("Sample.pst", store());
    let out = room.path("out");
    let done = run(&Export::new(&out, Format::Eml).choose(choice), &[source]);
    assert_eq!(done.summary.seen(), MET);
    let subjects = lines(&out).iter().filter_map(|line| Some(line["subject"].as_str()?.to_owned())).collect();
    (subjects, done.summary.skipped.into_iter().collect(), done.unmatched)
}

fn counts(counts: &[(&str, u64)]) -> Vec<(String, u64)> {
    counts.iter().map(|(code, count)| ((*code).to_owned(), *count)).collect()
}

#[test]
fn by_folder() {
    let (subjects, skipped, unmatched) = chosen(Choice::new().folder("Inbox/*").folder("Nowhere"));
    assert_eq!(subjects, ["One", "Two"]);
    assert_eq!(skipped, counts(&[("folder", 10)]));
    assert_eq!(unmatched, ["Nowhere"]);
    assert_eq!(chosen(Choice::new().folder("inbox/a%2fb")).0, ["One"]);
}

#[test]
fn by_class() {
    let (subjects, skipped, _) = chosen(Choice::new().class("ipm.task").class("IPM.Cont*"));
    assert_eq!(subjects, ["Jane Doe", "Shop"]);
    assert_eq!(skipped, counts(&[("associated", 1), ("class", 8)]));
    assert_eq!(chosen(Choice::new().class("IPM.Conf*").associated(true)).0, ["Settings"]);
}

#[test]
fn by_date() {
    let (subjects, skipped, _) = chosen(Choice::new().since(date(4)).before(date(6)));
    assert_eq!(subjects, ["One", "Two"]);
    assert_eq!(skipped, counts(&[("associated", 1), ("date", 8)]));
}

#[test]
fn by_people() {
    let (subjects, skipped, _) = chosen(Choice::new().from("*@X.example").to("dan"));
    assert_eq!(subjects, ["Rich"]);
    assert_eq!(skipped, counts(&[("associated", 1), ("from", 4), ("to", 5)]));
    assert!(chosen(Choice::new().from("bob@x.example")).0.is_empty());
}
