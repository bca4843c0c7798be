//! The checker against files that break one rule each, and against good ones.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod blocks;
mod contents;
mod flips;
mod good;
mod header;
mod heaps;
mod hits;
mod hostile;
mod maps;
mod pages;

use std::sync::mpsc;
use std::time::Duration;

use pst_core::ndb::{Format, Nid};
use pst_core::source::MemorySource;
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, StoreBuilder};
use pst_core::verify::{Finding, Report, Rule, Severity, VerifyOptions, verify_source};
use pst_core::{Guid, Location};

const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];
/// Those that are checked in full: 4K files are OSTs, where much is only cosmetic.
const PSTS: [Format; 2] = [Format::ANSI, Format::UNICODE];

const INBOX: Nid = Nid::new(0x80A2);
/// The message in the inbox that has everything.
const MESSAGE: Nid = Nid::new(0x20_0024);
/// A message in the inbox with a body in many blocks.
const LONG: Nid = Nid::new(0x20_0064);
/// An associated message in the inbox.
const HIDDEN: Nid = Nid::new(0x10_0028);
const SEARCH: Nid = Nid::new(0x8_0023);
/// A property whose value needs two levels of data tree.
const LONG_PROPERTY: u16 = 0x4002;

fn mailbox() -> Mailbox {
    mailbox_with(7 * 8180)
}

/// With this many bytes in the long property.
fn mailbox_with(long: usize) -> Mailbox {
    let mut names = NameMap::new();
    let category = names.text(Guid::PS_PUBLIC_STRINGS, "Keywords");
    let reminder = names.number(Guid::PSETID_COMMON, 0x8503);
    names.text(Guid::PSETID_COMMON, "Another name");
    let embedded = MessageBuilder::new("IPM.Note").subject("Inner").body("Inside");
    let message = MessageBuilder::new("IPM.Note")
        .nid(MESSAGE)
        .subject("RE: Outer")
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .cc("Eve", "eve@example.com")
        .body("Hello")
        .prop(Prop::boolean(reminder, true))
        .prop(Prop::text(category, "Red"))
        .prop(Prop::guid(0x4000, Guid::PS_MAPI))
        .prop(Prop::multiple(0x4001, pst_core::ltp::PropertyType::MULTIPLE_BINARY, &[vec![1, 2], vec![3]]))
        .attach(AttachmentBuilder::by_value("data.bin", vec![7; 5000]))
        .attach(AttachmentBuilder::embedded("Inner", embedded));
    let long =
        MessageBuilder::new("IPM.Note").nid(LONG).subject("Long").prop(Prop::binary(LONG_PROPERTY, vec![5; long]));
    let inbox = FolderBuilder::new("Inbox")
        .class("IPF.Note")
        .folder(FolderBuilder::new("Below"))
        .message(message)
        .message(long)
        .message(MessageBuilder::new("IPM.Note").subject("Unread").flags(0))
        .associated(MessageBuilder::new("IPM.Configuration").nid(HIDDEN));
    Mailbox::new("Checked")
        .names(names)
        .folder(inbox)
        .root_folder(FolderBuilder::search("Found", [MESSAGE]).nid(SEARCH))
}

/// A good file with one of everything, its trees several levels high.
fn good(format: Format) -> Editor {
    let store = StoreBuilder::new(format)
        .entries_per_page(7)
        .children_per_block(3)
        .subnodes_per_block(3)
        .leaf_size(60)
        .item_limit(300);
    Editor::new(mailbox_with(7 * format.max_block_data()).write(store).finish_vec())
}

/// Checks a file; one that takes more than ten seconds fails.
fn check(file: impl Into<Vec<u8>>) -> Report {
    let file = file.into();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let source = Box::new(MemorySource::new(file));
        let _ = sender.send(verify_source(source, &VerifyOptions::new().max_findings(100_000)).unwrap());
    });
    receiver.recv_timeout(Duration::from_secs(10)).expect("an end after ten seconds")
}

/// The rules that were broken, each once, with the worst severity.
fn rules(report: &Report) -> Vec<(Rule, Severity)> {
    let mut rules: Vec<(Rule, Severity)> = Vec::new();
    for (rule, severity, _) in report.counts() {
        match rules.iter_mut().find(|(known, _)| *known == rule) {
            Some(known) => known.1 = known.1.max(severity),
            None => rules.push((rule, severity)),
        }
    }
    rules
}

fn first(report: &Report, rule: Rule) -> &Finding {
    report.findings.iter().find(|finding| finding.rule == rule).expect("a finding of the rule")
}

/// Checks a file in which exactly this rule is broken, beside the companions that cannot be avoided; returns the place of
/// its first finding.
#[track_caller]
fn expect_with(editor: Editor, rule: Rule, severity: Severity, companions: &[Rule]) -> Location {
    let report = check(editor.into_bytes());
    let told = || report.findings.iter().take(12).map(|finding| format!("{finding}\n")).collect::<String>();
    let found = rules(&report);
    assert!(found.contains(&(rule, severity)), "{rule} {severity} was not found but\n{}", told());
    for (other, _) in found {
        assert!(other == rule || companions.contains(&other), "{other} was found beside {rule}:\n{}", told());
    }
    for companion in companions {
        assert!(report.count(*companion) > 0, "{companion} was not found beside {rule}:\n{}", told());
    }
    first(&report, rule).location
}

#[track_caller]
fn expect(editor: Editor, rule: Rule, severity: Severity) -> Location {
    expect_with(editor, rule, severity, &[])
}

/// The offset of a place, which the finding must have.
#[track_caller]
fn at(location: Location) -> u64 {
    location.offset.expect("an offset")
}
