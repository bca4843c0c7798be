//! Archives and mboxes to mutate, with mail in them.

// Built from constants; a slip should stop the run.
#![allow(clippy::expect_used)]

use pst_core::ndb::Format;

/// Mail with everything that a view of an item looks at.
const MAIL: &str = "Received: from a by b; Wed, 17 May 2000 19:35:09 -0400\r\nFrom: A <a@x.example>\r\nSender: b@x.example\r\n\
    To: c@x.example, G: d@x.example;\r\nReply-To: e@x.example\r\nSubject: =?utf-8?q?=C3=9C?=\r\nMessage-ID: <1@x.example>\r\n\
    Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\n\
    Hi\r\n--a\r\nContent-Type: text/html\r\n\r\n<p>Hi\r\n--a\r\nContent-Type: text/calendar; method=REPLY\r\n\r\n\
    METHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED:x\r\n--a--\r\n--m\r\nContent-Type: image/png; name=x.png\r\nContent-ID: <i@x>\r\n\
    Content-Disposition: inline\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n--m\r\nContent-Type: message/rfc822\r\n\r\n\
    From: f@x.example\r\nSubject: in\r\n\r\nWithin\r\n--m--\r\n";

fn zip_of(entries: &[(&str, &[u8])], method: zip::CompressionMethod) -> Vec<u8> {
    use std::io::Write;
    let mut out = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(method);
    for (name, content) in entries {
        out.start_file(*name, options).expect("a name");
        out.write_all(content).expect("memory");
    }
    out.finish().expect("an archive").into_inner()
}

/// Seeds of [`crate::archive()`].
pub fn archives() -> Vec<Vec<u8>> {
    use zip::CompressionMethod::{Deflated, Stored};
    let mbox = format!("From a Wed May 17 23:35:05 2000\r\n{MAIL}\r\n");
    let inner = zip_of(&[("deep/a.eml", MAIL.as_bytes()), ("b.mbox", mbox.as_bytes())], Deflated);
    let store = crate::seeds::trimmed(Format::UNICODE);
    vec![
        zip_of(&[("Inbox/a.eml", MAIL.as_bytes()), ("b.txt", b"text"), ("c.mbox", mbox.as_bytes())], Stored),
        zip_of(&[("a.eml", MAIL.as_bytes()), ("inner.zip", &inner), ("empty", b"")], Deflated),
        zip_of(&[("inner.zip", &inner), ("a.eml", MAIL.as_bytes())], Stored),
        zip_of(&[("store.pst", store)], Deflated),
    ]
}

/// Seeds of [`crate::input_mbox()`].
pub fn mboxes() -> Vec<Vec<u8>> {
    let from = "From a Wed May 17 23:35:05 2000\r\n";
    vec![
        MAIL.as_bytes().to_vec(),
        format!("{MAIL}\r\n{from}Subject: b\r\n\r\n>From here\r\n>>From there\r\n\r\nFrom where\r\n\r\n{from}{MAIL}")
            .into_bytes(),
        "A: b\n\n\nFrom x\nReceived: y\n\nFrom a Wed May 17 23:35:05 2000\n\n".repeat(5).into_bytes(),
    ]
}
