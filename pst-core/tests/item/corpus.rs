//! Real stores and mails: every question has an answer or an error, and those that truth knows are right.
//!
//! The samples are not part of the project. The variable `PST_CORPUS` names a directory with the subdirectories `eml` and
//! `pst`; without it these tests look at nothing and pass.

use std::fs;
use std::path::PathBuf;

use pst_core::Pst;
use pst_core::item::{FolderPaths, Item};
use pst_core::mime::Mail;
use serde_json::Value;

fn corpus(part: &str) -> Option<PathBuf> {
    std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join(part))
}

/// Asks everything; returns how many answers were errors.
fn ask(item: Item<'_>, depth: u32) -> usize {
    let mut errors = [
        item.class().is_err(),
        item.subject().is_err(),
        item.sent().is_err(),
        item.received().is_err(),
        item.created().is_err(),
        item.message_id().is_err(),
        item.sender().is_err(),
        item.representing().is_err(),
        item.reply_to().is_err(),
        item.size().is_err(),
        item.raw_headers().is_err(),
        item.plain_text().is_err(),
        item.html().is_err(),
        item.is_rtf_only().is_err(),
    ]
    .into_iter()
    .filter(|error| *error)
    .count();
    for recipient in item.recipients() {
        match recipient {
            // One of both is always there.
            Ok(one) => assert!(one.who.smtp.is_some() != one.who.unresolved.is_some(), "{one:?}"),
            Err(_) => errors += 1,
        }
    }
    for attachment in item.attachments() {
        let Ok(attachment) = attachment else {
            errors += 1;
            continue;
        };
        let asked = [attachment.name().is_err(), attachment.mime_type().is_err(), attachment.is_inline().is_err()];
        errors += asked.into_iter().filter(|error| *error).count();
        if let Ok(Some(mut reader)) = attachment.reader() {
            let size = std::io::copy(&mut reader, &mut std::io::sink()).ok();
            assert_eq!(size, attachment.size().unwrap());
        }
        match attachment.message() {
            Ok(Some(message)) if depth < 8 => errors += ask(message.item(), depth + 1),
            Ok(_) => {}
            Err(_) => errors += 1,
        }
    }
    errors
}

#[test]
fn mails_answer_everything() {
    let Some(directory) = corpus("eml") else { return };
    let truth: Value = serde_json::from_str(&fs::read_to_string(directory.join("eml.truth.json")).unwrap()).unwrap();
    let mut compared = 0;
    for (name, truth) in truth["files"].as_object().unwrap() {
        let bytes = fs::read(directory.join(name)).unwrap();
        let mail = Mail::parse(&bytes);
        let item = Item::of_mail(&mail);
        assert_eq!(ask(item, 0), 0, "{name}");
        if let Some(id) = truth["message_id"].as_str().filter(|id| !id.is_empty() && !name.ends_with(".mbox")) {
            assert_eq!(item.message_id().unwrap().as_deref(), Some(id.trim().trim_matches(['<', '>'])), "{name}");
            compared += 1;
        }
    }
    println!("{compared} message ids compared");
}

#[test]
fn stores_answer_everything() {
    let Some(directory) = corpus("pst") else { return };
    let (mut items, mut errors) = (0, 0);
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let Ok(pst) = Pst::open(&path) else { continue };
        let mut paths = FolderPaths::new(&pst);
        for entry in pst.message_entries() {
            let Ok(message) = entry.and_then(|entry| pst.message_from_entry(entry)) else { continue };
            let folder = paths.of(message.folder_id());
            errors += ask(Item::of_message(&message).in_folder(&folder), 0);
            items += 1;
        }
    }
    println!("{items} items, {errors} errors");
    assert!(items > 0);
}
