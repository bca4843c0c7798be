//! One store into several.

use std::collections::BTreeMap;

use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox};
use pst_core::transfer::{Filter, PartSummary, SplitBy, SplitOptions, Summary, split};
use pst_core::write::{StagedTarget, WriteOptions};
use pst_core::{ErrorKind, Pst};

use crate::{Told, check, folders, items, keys, mail, open, sample, write};

/// What was said of a part, and the part.
type Parts = Vec<(PartSummary<Vec<u8>>, Pst)>;

fn parts(source: &Pst, options: &SplitOptions) -> (Parts, Summary, Told) {
    let mut told = Told::default();
    let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
    let (parts, summary) = split(source, options, &mut open_part, &mut |event| told.observe(&event)).unwrap();
    told.agree(&summary, &[source]);
    let parts: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let pst = open(part.output.clone());
            check(&pst);
            assert!(part.summary.adds_up());
            assert_eq!(pst.message_entries().count() as u64, part.summary.written());
            assert_eq!(pst.folder_entries().count() as u64, part.summary.folders);
            (part, pst)
        })
        .collect();
    assert_eq!(parts.iter().map(|(part, _)| part.summary.written()).sum::<u64>(), summary.written());
    for (number, (part, _)) in parts.iter().enumerate() {
        assert_eq!(part.part.number as usize, number + 1);
    }
    (parts, summary, told)
}

/// All parts together.
fn union(parts: &[(PartSummary<Vec<u8>>, Pst)]) -> BTreeMap<String, u32> {
    let mut all = BTreeMap::new();
    for (_, pst) in parts {
        for (item, number) in items(pst) {
            *all.entry(item).or_insert(0) += number;
        }
    }
    all
}

fn labels(parts: &[(PartSummary<Vec<u8>>, Pst)]) -> Vec<(&str, u32)> {
    parts.iter().map(|(part, _)| (part.part.label.as_str(), part.part.piece)).collect()
}

/// What the source holds, its lost item where parts have it.
fn expected(source: &Pst) -> BTreeMap<String, u32> {
    let (bytes, _) =
        pst_core::transfer::copy_store(source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |_| true).unwrap();
    items(&open(bytes))
}

#[test]
fn by_size() {
    let noise = |size: usize| (0..size).map(|at| (at * 7 % 251) as u8).collect::<Vec<_>>();
    let folder = |name: &str, count: usize| {
        FolderBuilder::new(name).messages((0..count).map(|number| {
            let many = (0..number % 40).fold(mail(&format!("{name} {number}"), 2020), |mail, recipient| {
                mail.cc(&format!("Recipient number {recipient}"), &format!("{recipient}@example.com"))
            });
            many.body(&"text ".repeat(number * 37 % 4000))
                .attach(AttachmentBuilder::by_value("x.bin", noise(number * 7919 % 150_000)))
        }))
    };
    let mailbox = sample().folder(folder("First", 60)).folder(folder("Second", 60)).folder(
        FolderBuilder::new("Huge")
            .message(mail("huge", 2020).attach(AttachmentBuilder::by_value("h", noise(3_000_000)))),
    );
    let source = write(mailbox);
    let limit = 2 << 20;
    let (parts, summary, _) = parts(&source, &SplitOptions::new(SplitBy::Size).max_size(limit));
    assert_eq!(union(&parts), expected(&source));
    assert!(summary.skipped.total() == 0 && parts.len() > 4, "{}", parts.len());
    for (part, pst) in &parts {
        let huge = items(pst).contains_key("Top/Huge/huge");
        assert_eq!(part.is_oversize, huge);
        assert_eq!(part.output.len() as u64 > limit, huge, "{}: {}", part.part.number, part.output.len());
        assert!(!huge || part.summary.written() == 1);
    }
    // Parts are not much smaller than they may be.
    let full = parts.iter().filter(|(part, _)| part.output.len() as u64 > limit / 3).count();
    assert!(full * 3 >= parts.len() * 2, "{:?}", parts.iter().map(|(part, _)| part.output.len()).collect::<Vec<_>>());
    // Folders without items are not forgotten.
    assert!(parts.iter().any(|(_, pst)| folders(pst).contains(&"Top/Empty".to_owned())));
}

#[test]
fn by_size_without_need() {
    let source = write(sample());
    let (one, ..) = parts(&source, &SplitOptions::new(SplitBy::Size));
    assert_eq!((one.len(), union(&one)), (1, expected(&source)));
    let empty = write(Mailbox::new("x").folder(FolderBuilder::new("Nothing")));
    let (one, ..) = parts(&empty, &SplitOptions::new(SplitBy::Size));
    assert_eq!(one.len(), 1);
    assert!(folders(&one[0].1).contains(&"Top/Nothing".to_owned()));
}

#[test]
fn by_year() {
    let source = write(sample());
    let (parts, ..) = parts(&source, &SplitOptions::new(SplitBy::Year).filter(Filter::new().without_associated(true)));
    let years = ["2016", "2017", "2018", "2019", "2020", "2021"];
    assert_eq!(labels(&parts), years.map(|year| (year, 1)));
    assert_eq!(keys(&items(&parts[4].1)), ["Top/Inbox/b", "Top/Inbox/c"]);
    let mut all = expected(&source);
    all.remove("Top/Inbox/*view");
    assert_eq!(union(&parts), all);
}

#[test]
fn by_folder() {
    let source = write(sample());
    let (top, ..) = parts(&source, &SplitOptions::new(SplitBy::TopFolder));
    assert_eq!(union(&top), expected(&source));
    assert_eq!(labels(&top), [("Deleted Items", 1), ("Inbox", 1), ("Contacts", 1), ("Items without a folder", 1)]);
    assert_eq!(items(&top[1].1).len(), 6);
    let (each, ..) = parts(&source, &SplitOptions::new(SplitBy::Folder));
    assert_eq!(union(&each), expected(&source));
    let names: Vec<_> = labels(&each).into_iter().map(|(label, _)| label).collect();
    assert_eq!(names, ["Deleted Items", "Inbox", "Below", "A%2FB", "Contacts", "Items without a folder"]);
    assert_eq!(keys(&items(&each[3].1)), ["Top/Inbox/A/B/e"]);
}

#[test]
fn filters_and_sizes_together() {
    let source = write(sample());
    let filter = Filter::new().class("IPM.Note").folder("Inbox/**");
    let (parts, _, told) = parts(&source, &SplitOptions::new(SplitBy::Year).filter(filter).max_size(2 << 20));
    assert_eq!(labels(&parts), [("2019", 1), ("2020", 1), ("2021", 1)]);
    assert_eq!(told.reasons(), [("class", 1), ("folder", 3)].into());
}

/// Parts that are complete wait for the others.
#[test]
fn all_files_or_none() {
    let source = write(sample());
    let dir = std::env::temp_dir().join(format!("pst-split-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let options = SplitOptions::new(SplitBy::Folder);
    let run = |most: u32| {
        let mut left = most;
        let mut open = |part: &pst_core::transfer::Part| {
            let target = StagedTarget::create(dir.join(format!("{}.pst", part.number)), false);
            Ok((target.map_err(pst_core::Error::io)?, WriteOptions::new()))
        };
        split(&source, &options, &mut open, &mut |event| {
            left -= u32::from(matches!(event, pst_core::transfer::Event::Written { .. }));
            left > 0
        })
    };
    let count = || std::fs::read_dir(&dir).unwrap().count();
    assert_eq!(run(8).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(count(), 0);
    let (parts, _) = run(1000).unwrap();
    let paths: Vec<_> = parts.into_iter().map(|part| part.output.publish().unwrap()).collect();
    assert_eq!((paths.len(), count()), (6, 6));
    // What is there is not replaced, and stays.
    assert_eq!(run(1000).unwrap_err().kind(), ErrorKind::Io);
    assert_eq!(count(), 6);
    std::fs::remove_dir_all(&dir).unwrap();
}
