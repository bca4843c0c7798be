//! Stores merged, split and copied with a choice, read back.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod copies;
mod damage;
mod left;
mod merges;
mod special;
mod splits;

use std::collections::BTreeMap;

use pst_core::ltp::id;
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_core::transfer::{Event, SkipReason, Summary};
use pst_core::verify::{Verdict, VerifyOptions, verify};
use pst_core::{FileTime, Pst};

fn open(bytes: Vec<u8>) -> Pst {
    Pst::from_bytes(bytes).unwrap()
}

fn write(mailbox: Mailbox) -> Pst {
    open(mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec())
}

/// The first day of March of a year, noon.
fn date(year: i64) -> FileTime {
    let days = (year - 1970) * 365 + (year - 1969) / 4 + 60;
    FileTime::from_unix_seconds(days * 86_400 + 43_200).unwrap()
}

fn mail(name: &str, year: i64) -> MessageBuilder {
    MessageBuilder::new("IPM.Note")
        .subject(name)
        .message_id(&format!("<{name}@example.com>"))
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .body(&format!("Body of {name}"))
        .dates(date(year), date(year))
}

fn setting(name: &str) -> MessageBuilder {
    MessageBuilder::new("IPM.Configuration.Test").subject(name)
}

/// Every item of a file: its folder's path and subject, and how often there is one.
fn items(pst: &Pst) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for entry in pst.message_entries() {
        let entry = entry.unwrap();
        let message = pst.message_from_entry(entry).unwrap();
        let mark = if entry.nid.kind() == NidType::ASSOCIATED_MESSAGE { "*" } else { "" };
        let item = format!("{}/{mark}{}", path(pst, entry.parent), message.subject().unwrap().unwrap_or_default());
        *found.entry(item).or_insert(0) += 1;
    }
    found
}

fn path(pst: &Pst, mut nid: Nid) -> String {
    let mut names = Vec::new();
    while let Some(parent) = pst.folder(nid).unwrap().parent_id() {
        names.push(pst.folder(nid).unwrap().name().unwrap());
        nid = parent;
    }
    names.reverse();
    names.join("/").replace("Top of Personal Folders", "Top")
}

/// All folders by their paths.
fn folders(pst: &Pst) -> Vec<String> {
    let mut found: Vec<_> = pst.folder_entries().map(|entry| path(pst, entry.unwrap().nid)).collect();
    found.sort();
    found
}

/// Finds nothing wrong with a new file, and its items listed by its folders.
#[track_caller]
fn check(pst: &Pst) {
    let report = verify(pst, &VerifyOptions::new());
    assert_eq!(report.verdict(), Verdict::Sound, "{:#?}", report.findings);
    let mut listed = 0;
    for folder in pst.root_folder().unwrap().descendants() {
        let folder = folder.unwrap();
        if folder.id().kind() == NidType::NORMAL_FOLDER {
            listed += folder.messages().unwrap().count() + folder.associated_messages().unwrap().count();
        }
    }
    assert_eq!(listed, pst.message_entries().count());
}

/// What was told of one transfer, so that it can be compared with the summary.
#[derive(Debug, Default)]
struct Told {
    written: Vec<Nid>,
    damaged: Vec<(Nid, String, String)>,
    skipped: Vec<(Nid, String, SkipReason)>,
    unreadable: Vec<String>,
}

impl Told {
    fn observe(&mut self, event: &Event<'_>) -> bool {
        match event {
            Event::Written { node, folder, left_out, .. } => {
                self.written.push(*node);
                if !left_out.is_empty() {
                    let errors: Vec<_> = left_out.iter().map(ToString::to_string).collect();
                    self.damaged.push((*node, (*folder).to_owned(), errors.join("; ")));
                }
            }
            Event::Skipped { node, folder, reason, error } => {
                assert_eq!(error.is_some(), *reason == SkipReason::Unreadable);
                self.skipped.push((*node, (*folder).to_owned(), *reason));
            }
            Event::Unreadable { error } => self.unreadable.push(error.to_string()),
            _ => {}
        }
        true
    }

    /// The summary adds up, says what was told, and names every item of the source once.
    #[track_caller]
    fn agree(&self, summary: &Summary, sources: &[&Pst]) {
        assert!(summary.adds_up(), "{summary:?}");
        assert_eq!(summary.written(), self.written.len() as u64);
        assert_eq!(summary.damaged, self.damaged.len() as u64);
        assert_eq!(summary.skipped.total(), self.skipped.len() as u64);
        for (reason, number) in summary.skipped.iter() {
            assert_eq!(number, self.skipped.iter().filter(|skipped| skipped.2 == reason).count() as u64);
        }
        assert_eq!(summary.unreadable_places, self.unreadable.len() as u64);
        let all: usize = sources.iter().map(|pst| pst.message_entries().filter(Result::is_ok).count()).sum();
        assert_eq!(summary.read, all as u64);
    }

    fn reasons(&self) -> BTreeMap<&'static str, u32> {
        let mut reasons = BTreeMap::new();
        for (_, _, reason) in &self.skipped {
            *reasons.entry(reason.as_str()).or_insert(0) += 1;
        }
        reasons
    }
}

/// A store with items of several folders, years and classes, an item without a folder, and associated ones.
fn sample() -> Mailbox {
    let contact = MessageBuilder::new("IPM.Contact").subject("card").dates(FileTime::NONE, FileTime::NONE);
    let inbox = FolderBuilder::new("Inbox")
        .class("IPF.Note")
        .messages([mail("a", 2019), mail("b", 2020), mail("c", 2020)])
        .associated(setting("view"))
        .folder(FolderBuilder::new("Below").message(mail("d", 2021)))
        .folder(FolderBuilder::new("A/B").message(mail("e", 2021)));
    Mailbox::new("Sample")
        .folder(inbox)
        .folder(FolderBuilder::new("Contacts").class("IPF.Contact").message(contact.created(date(2018), date(2018))))
        .folder(FolderBuilder::new("Empty"))
        .deleted(mail("gone", 2017))
        .orphan(mail("lost", 2016), Nid::new(0xFF_FF02))
        .root_folder(FolderBuilder::search("Found", vec![Nid::new(0x20_0024)]))
}

fn keys(items: &BTreeMap<String, u32>) -> Vec<&str> {
    items.keys().map(String::as_str).collect()
}

fn subject_of(pst: &Pst, nid: Nid) -> String {
    pst.message(nid).unwrap().string(id::SUBJECT).unwrap().unwrap_or_default()
}
