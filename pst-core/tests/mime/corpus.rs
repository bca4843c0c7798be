//! Real and malformed mail, compared with what other parsers agree on.
//!
//! The samples are not part of the project. The variable `PST_CORPUS` names a directory whose subdirectory `eml` has them, with
//! `eml.truth.json`; without it these tests look at nothing and pass.

use std::path::PathBuf;

use pst_core::mime::{FindingKind, Mail, Mailbox};
use serde_json::Value;

/// The samples: name, truth, bytes.
pub(crate) fn samples() -> Vec<(String, Value, Vec<u8>)> {
    let Some(directory) = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("eml")) else {
        return Vec::new();
    };
    let truth = std::fs::read_to_string(directory.join("eml.truth.json")).expect("a truth file");
    let truth: Value = serde_json::from_str(&truth).expect("JSON");
    let files = truth["files"].as_object().expect("files").clone();
    files
        .into_iter()
        .map(|(name, truth)| {
            let bytes = std::fs::read(directory.join(&name)).expect("a sample");
            (name, truth, bytes)
        })
        .collect()
}

/// Where the truth is what other parsers make of damage, and the bytes say more: file, field, what the bytes say.
const EXPLAINED: [(&str, &str, &str); 2] = [
    // The truth keeps the folded parameter in the type, since the semicolon before it is missing.
    ("mp-malformed-017.eml", "content_type", "multipart/mixed"),
    // A parser that stops at the blank in the first name, `Fro :`, sees no header at all, and text by default.
    ("mp-malformed-019.eml", "content_type", "multipart/alternative"),
];

pub(crate) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What the bytes say where the truth is explained away.
pub(crate) fn explained(name: &str, field: &str) -> Option<Value> {
    let found = EXPLAINED.iter().find(|one| (one.0, one.1) == (name, field))?;
    Some(Value::String(found.2.to_owned()))
}

/// Names and addresses as the truth has them; a group without members is no mailbox there.
fn pairs(mailboxes: &[Mailbox]) -> Value {
    let pair = |one: &Mailbox| {
        serde_json::json!([words(one.name.as_deref().unwrap_or_default()), one.address.as_deref().unwrap_or_default()])
    };
    let found: Vec<Value> =
        mailboxes.iter().filter(|one| one.address.is_some() || one.name.is_some()).map(pair).collect();
    if found.is_empty() { Value::Null } else { Value::Array(found) }
}

fn date(mail: &Mail<'_>) -> Value {
    mail.date().map_or(Value::Null, |date| {
        let text = date.to_file_time().expect("after 1601").to_rfc3339();
        Value::String(format!("{}Z", &text[..19]))
    })
}

#[test]
fn every_field_agrees_with_the_truth() {
    let mut wrong = Vec::new();
    let mut fields = 0;
    for (name, truth, bytes) in samples() {
        if name.ends_with(".mbox") {
            continue;
        }
        let mail = Mail::parse(&bytes);
        let found = [
            ("subject", mail.subject().map_or(Value::Null, |text| Value::String(words(&text)))),
            ("from", pairs(&mail.from())),
            ("to", pairs(&mail.to())),
            ("cc", pairs(&mail.cc())),
            ("message_id", mail.message_id().map_or(Value::Null, Value::String)),
            ("date_utc", date(&mail)),
            ("content_type", Value::String(mail.root().content_type().essence())),
        ];
        for (field, found) in found {
            let Some(expected) = truth.get(field) else { continue };
            fields += 1;
            let expected = explained(&name, field).unwrap_or_else(|| expected.clone());
            if expected != found {
                wrong.push(format!("{name} {field}: expected {expected}, found {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {fields} differ:\n{}", wrong.len(), wrong.join("\n"));
    println!("{fields} fields agree");
}

#[test]
fn line_ends_are_told_as_they_are() {
    for (name, truth, bytes) in samples() {
        if name.ends_with(".mbox") || name.ends_with(".emlx") {
            continue;
        }
        let told = crate::kinds(&Mail::parse(&bytes)).into_iter().find_map(|kind| match kind {
            FindingKind::LineFeeds => Some("lf"),
            FindingKind::CarriageReturns => Some("cr"),
            FindingKind::MixedLineEnds => Some("mixed"),
            _ => None,
        });
        assert_eq!(told.unwrap_or("crlf"), truth["line_ends"], "{name}");
    }
}

#[test]
fn apple_mail_is_taken_apart() {
    for (name, truth, bytes) in samples() {
        let Some(count) = truth.get("emlx_byte_count").and_then(Value::as_u64) else { continue };
        let mail = Mail::parse(&bytes);
        assert_eq!(mail.root().range().len() as u64, count, "{name}");
        assert!(mail.property_list().is_some_and(|list| list.starts_with(b"<?xml")));
        assert_eq!(mail.subject().as_deref(), Some("[jira] Commented: (TIKA-461) RFC822 messages not parsed"));
    }
}

/// What the parts are made of covers every byte: nothing of a message is out of reach.
#[test]
fn every_byte_is_in_a_part_or_between_parts() {
    for (name, _, bytes) in samples() {
        if name.ends_with(".mbox") || name.ends_with(".emlx") {
            continue;
        }
        let mail = Mail::parse(&bytes);
        let root = mail.root().range();
        assert_eq!(root.end, bytes.len(), "{name}");
        for part in mail.parts().filter(|part| part.is_multipart()) {
            let mut at = part.body_range().start + part.preamble().len();
            for child in part.children() {
                let between = &mail.bytes()[at..child.range().start];
                let boundary = part.content_type().parameter("boundary").expect("a boundary");
                let line = String::from_utf8_lossy(between).trim().to_owned();
                assert_eq!(line, format!("--{boundary}"), "{name}");
                at = child.range().end;
            }
        }
    }
}
