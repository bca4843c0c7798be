//! Reports with a known truth.
//!
//! The samples are not part of the project. The variable `PST_CORPUS` names a directory whose subdirectory `journal` has
//! them, each with a `.truth.json`; without it this test looks at nothing and passes.

use std::path::PathBuf;

use pst_core::address::{AddressKind, Imcea};
use pst_core::journal::{Journal, JournalRecipient, Original, Party, Place, RedirectionKind, Report, of_mail};
use pst_core::mime::Mail;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Name, truth, bytes.
fn samples() -> Vec<(String, Value, Vec<u8>)> {
    let Some(directory) = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("journal")) else {
        return Vec::new();
    };
    let mut samples = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let Some(stem) = name.strip_suffix(".truth.json") else { continue };
        let truth = serde_json::from_str(&std::fs::read_to_string(&path).expect("a truth file")).expect("JSON");
        let bytes = std::fs::read(path.with_file_name(format!("{stem}.eml"))).expect("a sample");
        samples.push((stem.to_owned(), truth, bytes));
    }
    assert!(!samples.is_empty(), "the corpus has no journal reports");
    samples
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a party is sent mail under.
fn address(party: &Party) -> &str {
    party.address.as_deref().or(party.name.as_deref()).expect("an address or name")
}

fn recipient(recipient: &JournalRecipient) -> Value {
    let via = |kind| recipient.via.iter().find(|via| via.kind == kind).map(|via| address(&via.from));
    json!({
        "type": recipient.role.name(),
        "address": address(&recipient.party),
        "name": recipient.party.name,
        "expanded_from": via(RedirectionKind::Expanded),
        "forwarded_from": via(RedirectionKind::Forwarded),
    })
}

fn original(original: &Original, file: &[u8]) -> Value {
    let Place::Range { range, part } = &original.place else { panic!("the original is not in the file") };
    let bytes = &file[range.clone()];
    let mail = Mail::parse(bytes);
    assert!(matches!(original.inner, Journal::Ordinary), "{:?}", original.inner);
    json!({
        "part": Mail::parse(file).root().children().position(|child| child.index() == *part),
        "size": bytes.len(),
        "sha256": sha256(bytes),
        "message_id": original.message_id.as_ref().map(|id| format!("<{id}>")),
        "subject": original.subject,
        "n_attachments": mail.parts().filter(|part| part.is_attachment()).count(),
    })
}

/// A report in the form of the truth.
fn record(report: &Report, file: &[u8]) -> Value {
    let envelope = report.envelope.as_ref().expect("an envelope");
    let mut warnings: Vec<&str> = Vec::new();
    for warning in report.warnings.iter().chain(&envelope.warnings) {
        if !warnings.contains(&warning.kind.text()) {
            warnings.push(warning.kind.text());
        }
    }
    json!({
        "is_journal": true,
        "format": envelope.format.name(),
        "marker": report.marker.expect("a marker").name(),
        "sender": envelope.sender.as_ref().map(address),
        "on_behalf_of": envelope.on_behalf_of.as_ref().map(address),
        "subject": envelope.subject,
        "message_id": envelope.message_id,
        "recipients": envelope.recipients.iter().map(recipient).collect::<Vec<_>>(),
        "originals": report.originals.iter().map(|one| original(one, file)).collect::<Vec<_>>(),
        "warnings": warnings,
    })
}

#[test]
fn every_field_agrees_with_the_truth() {
    for (name, truth, bytes) in samples() {
        assert_eq!(truth["file"]["sha256"], sha256(&bytes), "{name}: the sample is another file");
        match of_mail(&Mail::parse(&bytes)) {
            Journal::Report(report) => {
                let record = record(&report, &bytes);
                for (field, value) in record.as_object().unwrap() {
                    assert_eq!(&truth[field], value, "{name}: {field}");
                }
                if let Some(sender) = truth["sender_name"].as_str() {
                    let envelope = report.envelope.as_ref().unwrap();
                    assert_eq!(envelope.sender.as_ref().unwrap().name.as_deref(), Some(sender), "{name}");
                }
                for (encoded, decoded) in truth["imceaex_decoded"].as_object().into_iter().flatten() {
                    assert_eq!(AddressKind::of(None, encoded), AddressKind::Imcea);
                    assert_eq!(Imcea::decode(encoded).unwrap().value, decoded.as_str().unwrap());
                }
            }
            Journal::Ordinary => assert_eq!(truth["is_journal"], false, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}
