//! All samples become items, and nothing of them is lost.
//!
//! As in `corpus`, the samples are those that `PST_CORPUS` names; without it these tests look at nothing and pass.

use std::path::PathBuf;

use pst_core::convert::LossKind;
use pst_core::ltp::id;
use pst_core::messaging::{AttachmentContent, Message, RecipientKind};
use pst_core::mime::{Mail, Mbox, Part};
use serde_json::{Value, json};

use crate::corpus::{explained, samples, words};
use crate::items::{Item, data, item};

/// Mail samples of every kind: name, truth or null, bytes.
fn mails() -> Vec<(String, Value, Vec<u8>)> {
    let mut mails = Vec::new();
    for (name, truth, bytes) in samples() {
        if name.ends_with(".mbox") {
            for (number, message) in Mbox::new(&bytes).messages().enumerate() {
                mails.push((format!("{name} #{number}"), Value::Null, message.message().into_owned()));
            }
        } else {
            mails.push((name, truth, bytes));
        }
    }
    let journal = std::env::var_os("PST_CORPUS").map(|corpus| PathBuf::from(corpus).join("journal"));
    for entry in journal.into_iter().flat_map(|path| std::fs::read_dir(path).expect("a directory")) {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            mails.push((name, Value::Null, std::fs::read(&path).expect("a sample")));
        }
    }
    mails
}

fn people(item: &Item, kind: RecipientKind) -> Value {
    let found: Vec<Value> = item
        .people(kind)
        .into_iter()
        // The name of somebody without one is the address.
        .map(|(name, address)| json!([if name == address { String::new() } else { words(&name) }, address]))
        .collect();
    if found.is_empty() { Value::Null } else { Value::Array(found) }
}

fn from(item: &Item) -> Value {
    let from = item.message.sent_representing().unwrap();
    let (name, address) = (from.name.unwrap_or_default(), from.address.unwrap_or_default());
    if name.is_empty() && address.is_empty() {
        return Value::Null;
    }
    json!([[if name == address { String::new() } else { words(&name) }, address]])
}

#[test]
fn properties_agree_with_the_truth() {
    let mut wrong = Vec::new();
    let mut fields = 0;
    for (name, truth, bytes) in mails() {
        let item = item(&bytes);
        let text = |value: Option<String>| value.map_or(Value::Null, Value::String);
        let date = item.message.submit_time().unwrap().map(|time| format!("{}Z", &time.to_rfc3339()[..19]));
        let message_id = item.text(id::INTERNET_MESSAGE_ID).map(|id| id.trim_matches(['<', '>']).to_owned());
        let found = [
            ("subject", text(item.message.subject().unwrap().map(|subject| words(&subject)))),
            ("from", from(&item)),
            ("to", people(&item, RecipientKind::To)),
            ("cc", people(&item, RecipientKind::Cc)),
            ("message_id", text(message_id)),
            ("date_utc", text(date)),
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
}

/// What an item holds, messages in it included.
#[derive(Default)]
struct Held {
    texts: Vec<String>,
    bytes: Vec<Vec<u8>>,
    subjects: Vec<String>,
}

impl Held {
    fn add(&mut self, message: &Message) {
        self.subjects.push(message.subject().unwrap().unwrap_or_default());
        self.texts.extend(message.body_text().unwrap().map(|text| text.to_string_lossy()));
        self.bytes.extend(message.body_html().unwrap().map(|html| html.bytes.to_vec()));
        for attachment in message.attachments().map(Result::unwrap) {
            match attachment.content().unwrap() {
                AttachmentContent::Message(inner) => self.add(&inner),
                AttachmentContent::Bytes(_) => self.bytes.push(data(&attachment)),
                _ => self.bytes.push(Vec::new()),
            }
        }
    }

    fn has(&self, part: &Part<'_>) -> bool {
        let bytes = part.decoded();
        if self.bytes.iter().any(|held| *held == *bytes) {
            return true;
        }
        let text = part.text().replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
        self.texts.iter().any(|held| held.replace("\r\n", "\n") == text)
            || self.bytes.iter().any(|held| String::from_utf8_lossy(held) == part.text())
    }
}

/// Every part of a mail, and of the mails in it, is somewhere in its item.
#[track_caller]
fn assert_kept(name: &str, mail: &Mail<'_>, held: &Held) {
    for part in mail.parts().filter(|part| !part.is_multipart()) {
        match part.message().filter(|inner| inner.headers().next().is_some()) {
            Some(inner) => {
                let subject = inner.subject().unwrap_or_default().replace('\0', "");
                assert!(held.subjects.contains(&subject), "{name}: {part:?}");
                assert_kept(name, &inner, held);
            }
            None => assert!(held.has(&part), "{name}: {part:?}"),
        }
    }
}

#[test]
fn no_part_is_lost() {
    for (name, _, bytes) in mails() {
        let mail = Mail::parse(&bytes);
        let item = item(&bytes);
        let mut held = Held::default();
        held.add(&item.message);
        assert_kept(&name, &mail, &held);
        let headers = item.text(id::TRANSPORT_MESSAGE_HEADERS).unwrap_or_default();
        for header in mail.headers() {
            assert!(headers.contains(header.name), "{name}: {}", header.name);
        }
        for loss in &item.losses {
            assert!([LossKind::NoPlace, LossKind::Changed].contains(&loss.kind), "{name}: {loss}");
        }
    }
}
