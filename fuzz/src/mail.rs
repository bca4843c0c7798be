//! Bodies that take mail: a message, a mailbox, a message that becomes an item.

use std::io::Read;

use pst_core::convert::from_mime;
use pst_core::mime::{Mail, Mbox, MboxKind};
use pst_core::ndb::CryptMethod;
use pst_core::verify::{VerifyOptions, verify};
use pst_core::write::{PstWriter, WriteOptions};
use pst_core::{FileTime, Pst};

/// Reads everything of a mail and of those in it.
fn everything(mail: &Mail<'_>) {
    for header in mail.headers() {
        let _ = (header.text(), header.mailboxes(), header.date());
        assert!(mail.bytes().get(header.range()).is_some_and(|field| field.len() > header.raw.len()));
    }
    let _ = (mail.subject(), mail.date(), mail.message_id(), mail.references(), mail.in_reply_to());
    for part in mail.parts() {
        let _ = (part.file_name(), part.content_id(), part.content_location(), part.is_attachment());
        if part.is_multipart() {
            continue;
        }
        let mut streamed = Vec::new();
        let read = part.reader().read_to_end(&mut streamed);
        assert!(read.is_ok() && streamed == *part.decoded(), "the stream differs");
        let _ = part.read_text();
        if let Some(message) = part.message() {
            everything(&message);
        }
    }
}

/// Parses a mail and reads all of it.
pub fn mail(data: &[u8]) {
    everything(&Mail::parse(data));
}

/// Takes a mailbox apart, as each kind; ranges ascend and lie in the file.
pub fn mbox(data: &[u8]) {
    let kinds = [MboxKind::Original, MboxKind::Rd, MboxKind::ContentLength, MboxKind::ContentLength2];
    let mbox = Mbox::new(data);
    for kind in kinds {
        let mut last = 0;
        for message in mbox.as_kind(kind).messages() {
            let range = message.range();
            assert!(last <= message.offset() && message.offset() <= range.start, "ranges overlap");
            assert!(range.start <= range.end && range.end <= data.len(), "a range beyond the file");
            last = range.end;
            let _ = (message.envelope_sender(), message.envelope_date(), message.message());
        }
    }
    for message in mbox.messages().take(16) {
        everything(&message.mail());
    }
}

/// Makes an item of a mail and writes it; the file must be sound.
pub fn item(data: &[u8]) {
    let mail = Mail::parse(data);
    // The same input is the same work.
    let options = WriteOptions::new().now(FileTime::new(1)).record_key([7; 16]).crypt(CryptMethod::None);
    let Ok(mut out) = PstWriter::in_memory(options) else { return };
    let Ok(folder) = out.folder(out.ipm_subtree(), "Inbox") else { return };
    let Ok(converted) = from_mime::convert(&mail, &mut out) else { return };
    let written = out.message(folder, converted.message);
    assert!(written.is_ok(), "{written:?}");
    let Some(pst) = out.finish().ok().and_then(|bytes| Pst::from_bytes(bytes).ok()) else { return };
    // Checking the whole store is two thirds of the work; one input of four, and each of its neighbours another.
    if !data.iter().fold(0u8, |sum, byte| sum.wrapping_add(*byte)).is_multiple_of(4) {
        return;
    }
    let report = verify(&pst, &VerifyOptions::new());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
}
