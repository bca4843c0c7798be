//! Sound stores are damaged in one way each, and what comes back is compared with what was in them.

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
mod corpus;
mod cuts;
mod folders;
mod given_up;
mod header;
mod pages;
mod states;

use std::collections::BTreeMap;
use std::io::Read;
use std::ops::ControlFlow;

use pst_core::messaging::{Message, inspect};
use pst_core::ndb::{CryptMethod, Format, Nid};
use pst_core::recover::{RecoverOptions, Recovery, recover_source};
use pst_core::source::MemorySource;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_core::{Pst, Result};

const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

/// A store with folders in folders, and pages of few entries, so that its trees have four levels.
fn store(format: Format, crypt: CryptMethod) -> Vec<u8> {
    let mut inbox = FolderBuilder::new("Inbox");
    for number in 0..12 {
        inbox = inbox.message(mail(&format!("Mail {number}"), number));
    }
    let mut deep = FolderBuilder::new("2024");
    for number in 12..18 {
        deep = deep.message(mail(&format!("Mail {number}"), number));
    }
    let projects = FolderBuilder::new("Projects").folder(deep).associated(MessageBuilder::new("IPM.Configuration.X"));
    let mailbox = Mailbox::new("Sample").folder(inbox).folder(projects).deleted(mail("Deleted", 20));
    mailbox.write(StoreBuilder::new(format).crypt(crypt).entries_per_page(5)).finish_vec()
}

/// Bodies of different sizes, some with an attachment of several blocks.
fn mail(subject: &str, number: usize) -> MessageBuilder {
    let body = format!("Body of {subject}. ").repeat(1 + number * 40);
    let mail = MessageBuilder::new("IPM.Note").subject(subject).sender("Ann", "ann@example.com").body(&body);
    let mail = mail.to(&format!("Bob {number}"), "bob@example.com");
    if number % 4 != 3 {
        return mail;
    }
    let bytes: Vec<u8> = (0..20_000 + number).map(|at| ((at * (number + 7)) >> 3) as u8).collect();
    mail.attach(AttachmentBuilder::by_value("data.bin", bytes))
}

fn try_recover(bytes: &[u8], options: &RecoverOptions) -> Result<Recovery> {
    let source = Box::new(MemorySource::new(bytes.to_vec()));
    recover_source(source, options, &mut |_| ControlFlow::Continue(()))
}

fn recover(bytes: &[u8]) -> Recovery {
    try_recover(bytes, &RecoverOptions::new()).unwrap()
}

/// What a person would miss of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mail {
    path: String,
    subject: String,
    body: String,
    recipients: Vec<String>,
    attachments: Vec<(String, Vec<u8>)>,
}

fn read(path: &str, message: &Message) -> Result<Mail> {
    let mut attachments = Vec::new();
    for attachment in message.attachments() {
        let attachment = attachment?;
        let mut bytes = Vec::new();
        attachment.stream()?.unwrap().read_to_end(&mut bytes).map_err(pst_core::Error::io)?;
        attachments.push((attachment.file_name()?.unwrap_or_default(), bytes));
    }
    Ok(Mail {
        path: path.to_owned(),
        subject: message.subject()?.unwrap_or_default(),
        body: message.body_text()?.map(|text| text.to_string_lossy()).unwrap_or_default(),
        recipients: message.recipients().map(|one| Ok(one?.name.unwrap_or_default())).collect::<Result<_>>()?,
        attachments,
    })
}

/// The messages of a store as its folders list them; `None` for one of which something cannot be read.
fn mails(pst: &Pst) -> BTreeMap<Nid, Option<Mail>> {
    let mut mails = BTreeMap::new();
    let mut paths: BTreeMap<Nid, String> = BTreeMap::new();
    for folder in pst.root_folder().unwrap().descendants() {
        let folder = folder.unwrap();
        let above = folder.parent_id().and_then(|nid| paths.get(&nid).cloned()).unwrap_or_default();
        let path = format!("{above}/{}", folder.name().unwrap_or_default());
        paths.insert(folder.id(), path.clone());
        for message in folder.messages().unwrap() {
            let message = message.unwrap();
            let is_whole = inspect(&message).errors.is_empty();
            let mail = read(&path, &message).ok();
            assert_eq!(is_whole, mail.is_some(), "{}", message.id());
            assert!(mails.insert(message.id(), mail).is_none(), "{} is listed twice", message.id());
        }
    }
    mails
}

/// The mails of a sound file.
fn truth(bytes: &[u8]) -> BTreeMap<Nid, Option<Mail>> {
    let mails = mails(&Pst::from_bytes(bytes.to_vec()).unwrap());
    assert!(mails.len() >= 19 && mails.values().all(Option::is_some));
    mails
}
