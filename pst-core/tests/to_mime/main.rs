//! Messages become mails: each rule with the mail it gives.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod attachments;
mod bodies;
mod corpus;
mod headers;
mod hostile;
mod items;
mod people;
mod reports;
mod sealed;

use pst_core::convert::LossKind;
use pst_core::convert::to_mime::{Converted, Options, write_mail};
use pst_core::ndb::{CryptMethod, Nid};
use pst_core::write::{MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Pst};

/// 2020-09-13 12:26:40 UTC.
fn date() -> FileTime {
    FileTime::from_unix_seconds(1_600_000_000).unwrap()
}

/// The bytes of a store with one message in it, not encoded.
fn store_bytes(build: impl FnOnce(&mut PstWriter<Vec<u8>>) -> MessageDraft) -> (Vec<u8>, Nid) {
    let options = WriteOptions::new().record_key(*b"0123456789abcdef").now(date()).crypt(CryptMethod::None);
    let mut out = PstWriter::in_memory(options).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let draft = build(&mut out);
    let nid = out.message(folder, draft).unwrap();
    (out.finish().unwrap(), nid)
}

fn store(build: impl FnOnce(&mut PstWriter<Vec<u8>>) -> MessageDraft) -> (Pst, Nid) {
    let (bytes, nid) = store_bytes(build);
    (Pst::from_bytes(bytes).unwrap(), nid)
}

/// A mail, and what it lacks.
struct Mail {
    text: String,
    converted: Converted,
}

impl Mail {
    /// The fields before the body, without that of the boundary.
    fn fields(&self) -> &str {
        let end = self.text.find("MIME-Version: 1.0\r\n").unwrap();
        &self.text[..end]
    }

    /// From MIME-Version on, with the boundaries as `B1`, `B2` and so on, without the dates that the writer of the store
    /// gives attachments, and with LF.
    fn body(&self) -> String {
        const DATES: &str = ";\r\n creation-date=\"Sun, 13 Sep 2020 12:26:40 +0000\";\r\n \
                             modification-date=\"Sun, 13 Sep 2020 12:26:40 +0000\"";
        let start = self.text.find("MIME-Version: 1.0\r\n").unwrap();
        let mut body = self.text[start..].replace(DATES, "");
        while let Some(at) = body.find("boundary=\"=_") {
            let boundary = body[at + 10..at + 37].to_owned();
            let number = u32::from_str_radix(&boundary[19..], 16).unwrap();
            body = body
                .replace(&format!("\"{boundary}\""), &format!("B{number}"))
                .replace(&boundary, &format!("B{number}"));
        }
        body.replace("\r\n", "\n")
    }

    fn losses(&self) -> Vec<String> {
        self.converted.losses.iter().map(ToString::to_string).collect()
    }

    fn lost(&self, kind: LossKind) -> Vec<String> {
        let of_kind = self.converted.losses.iter().filter(|loss| loss.kind == kind);
        of_kind.map(|loss| loss.detail.clone()).collect()
    }
}

/// Converts a message of a store.
fn convert_stored(pst: &Pst, nid: Nid, options: &Options) -> Mail {
    let names = pst.named_properties().unwrap();
    let message = pst.message(nid).unwrap();
    let mut out = Vec::new();
    let converted = write_mail(&message, &names, &mut out, options).unwrap();
    assert_eq!(out.len() as u64, converted.size);
    // The same every time.
    let mut again = Vec::new();
    write_mail(&message, &names, &mut again, options).unwrap();
    assert!(out == again);
    Mail { text: String::from_utf8(out).unwrap(), converted }
}

fn convert_with(options: &Options, build: impl FnOnce(&mut PstWriter<Vec<u8>>) -> MessageDraft) -> Mail {
    let (pst, nid) = store(build);
    convert_stored(&pst, nid, options)
}

fn convert(draft: MessageDraft) -> Mail {
    convert_with(&Options::default(), |_| draft)
}

/// A mail from Ann to Bob.
fn letter() -> MessageDraft {
    let mut draft = MessageDraft::new("IPM.Note");
    draft
        .subject("Plan")
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .message_id("<1@example.com>")
        .dates(date(), date())
        .created(date(), date())
        .read(false);
    draft
}
