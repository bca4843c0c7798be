//! Mail that wants to cost something.

use std::io::Read;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use pst_core::mime::{FindingKind, Mail};

use crate::kinds;

/// Asks a mail for everything, and the messages in it.
pub(crate) fn everything(mail: &Mail<'_>) {
    for header in mail.headers() {
        let _ = (header.text(), header.mailboxes(), header.date());
    }
    let _ = (mail.message_id(), mail.references(), mail.date());
    for part in mail.parts() {
        assert!(part.range().start <= part.body_range().start && part.body_range().end <= mail.bytes().len());
        let _ = (part.file_name(), part.content_id(), part.content_location(), part.is_attachment());
        let content = part.content();
        let mut streamed = Vec::new();
        let mut reader = part.reader();
        reader.read_to_end(&mut streamed).unwrap();
        if !part.is_multipart() {
            assert_eq!(streamed, &*content.bytes);
            let _ = part.read_text();
        }
        if let Some(message) = part.message() {
            everything(&message);
        }
    }
}

#[test]
fn multiparts_in_multiparts_end() {
    let mut bytes = Vec::new();
    for level in 0..500 {
        bytes.extend(format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n").bytes());
    }
    bytes.extend(b"\r\nthe text");
    let mail = Mail::parse(&bytes);
    assert!(kinds(&mail).contains(&FindingKind::TooDeep));
    assert_eq!(mail.parts().count(), 65);
    let last = mail.parts().last().unwrap();
    assert!(last.body().ends_with(b"the text"), "what lies deeper is in the last part");
}

#[test]
fn messages_in_messages_end() {
    let bytes = "Content-Type: message/rfc822\r\n\r\n".repeat(200) + "Subject: the last\r\n\r\n";
    let mut deepest = 0;
    fn walk(mail: &Mail<'_>, deepest: &mut usize) {
        *deepest = mail.depth();
        if let Some(inner) = mail.root().message() {
            walk(&inner, deepest);
        } else {
            assert!(mail.is_deepest() && mail.root().is_message());
        }
    }
    walk(&Mail::parse(bytes.as_bytes()), &mut deepest);
    assert_eq!(deepest, 64);
}

/// Each level used to hold a copy of the innermost message.
#[test]
fn copies_of_messages_in_messages_end() {
    let encoded = "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n";
    let plain = "Content-Type: message/rfc822\r\n\r\n";
    let last = "Subject: the last\r\n\r\n";
    fn walk(mail: &Mail<'_>, seen: &mut Vec<(usize, bool)>) {
        seen.push((mail.depth(), mail.root().is_message()));
        if let Some(inner) = mail.root().message() {
            walk(&inner, seen);
        }
    }
    // What is not encoded is no copy.
    for (bytes, depth) in [(encoded.repeat(10) + last, 4), (encoded.repeat(4) + &plain.repeat(10) + last, 14)] {
        let mut seen = Vec::new();
        walk(&Mail::parse(bytes.as_bytes()), &mut seen);
        assert_eq!(seen.last(), Some(&(depth, depth == 4)));
    }
}

#[test]
fn long_types_and_address_lists_are_cut_and_told() {
    let bytes = format!("Content-Type: text/html; a=b; {}\r\n\r\nHi", "c=;".repeat(400_000));
    let mail = Mail::parse(bytes.as_bytes());
    assert!(kinds(&mail).contains(&FindingKind::TooManyParameters));
    let kind = mail.root().content_type();
    assert!(kind.is("text", "html") && kind.parameter("a") == Some("b") && kind.parameters.len() == 2);
    assert_eq!(mail.root().text(), "Hi");
    // Together they are one list.
    let bytes = format!("To: {}\r\n", "a@b,".repeat(30_000)).repeat(5) + "Cc: c@d\r\n\r\n";
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!((mail.to().len(), mail.cc().len()), (100_000, 1));
    let told: Vec<_> = mail.findings().iter().filter(|one| one.kind == FindingKind::TooManyAddresses).collect();
    assert_eq!(told.iter().map(|one| (one.offset, one.detail.as_str())).collect::<Vec<_>>(), [(3 * 120_006, "To")]);
}

#[test]
fn parts_and_headers_are_counted() {
    let bytes = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\n".repeat(30_000));
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(mail.parts().count(), 10_000);
    assert!(kinds(&mail).contains(&FindingKind::TooManyParts));
    assert!(mail.root().epilogue().len() > 100_000, "the rest is epilogue");
    let mail_bytes = "a:\n".repeat(150_000);
    let mail = Mail::parse(mail_bytes.as_bytes());
    assert!(kinds(&mail).contains(&FindingKind::TooManyHeaders));
    assert_eq!(mail.root().raw_headers().len(), mail_bytes.len(), "all of them are still in the bytes");
}

#[test]
fn nothing_takes_more_than_linear_time() {
    const SIZE: usize = 1 << 20;
    let fill = |pattern: &str| pattern.repeat(SIZE / pattern.len());
    let table = [
        format!("Subject: {}\r\n\r\n", fill("=?utf-8?q?a?= ")),
        format!("Subject: {}\r\n\r\n", fill("=?a?q? ")),
        format!("To: {}\r\n\r\n", fill("(\"<,")),
        format!("To: {}\r\n\r\n", fill("((((")),
        format!("To: {}\r\n\r\n", fill("a:")),
        format!("Date: {}\r\n\r\n", fill("(1 ")),
        format!("References: {}\r\n\r\n", fill("<")),
        format!("Content-Type: text/plain{}\r\n\r\n", fill("; a*1=b")),
        format!("Content-Type: text/plain; {}\r\n\r\n", fill("(a")),
        format!("Content-Type: text/plain; a=\"{}\r\n\r\n", fill("\\")),
        format!("Content-Transfer-Encoding: quoted-printable\r\n\r\n{}", fill("=")),
        format!("Content-Transfer-Encoding: quoted-printable\r\n\r\n{}", fill("long")),
        format!("Content-Transfer-Encoding: base64\r\n\r\n{}", fill("=!")),
        format!("Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 a\n{}", fill("M")),
        format!("a: b\r\n{}", fill(" \r\n")),
        format!("a: b\r\n{}", fill("x\r\n")),
        format!("Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n{}", "-".repeat(70), fill("-")),
        fill("\r"),
        fill("\n"),
        format!("9999999\nA: b\n{}", fill("\n<?xm")),
    ];
    for (index, bytes) in table.iter().enumerate() {
        let start = Instant::now();
        everything(&Mail::parse(bytes.as_bytes()));
        let took = start.elapsed();
        assert!(took < Duration::from_secs(10), "input {index} took {took:?}");
    }
}

/// Pieces that mail is made of.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "Content-Type: multipart/mixed; boundary=a\r\n",
        "Content-Type: message/rfc822\r\n",
        "Content-Type: text/html; charset=utf-7\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Disposition: attachment; filename*0*=utf-8''%E2",
        "Subject: =?utf-8?q?",
        "Content-Type: multipart/report; boundary=a\r\n",
        "Content-Type: message/delivery-status\r\n\r\nAction: failed\r\nFinal-Recipient: rfc822; x\r\nStatus: 5.1.1\r\n",
        "Content-Type: multipart/signed; boundary=a\r\n",
        "Content-Type: application/pkcs7-mime\r\n",
        "Content-Type: text/calendar; method=REQUEST\r\n",
        "\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTART:20260101T000000Z\r\n",
        "Keywords: a,b\r\n",
        "Content-Disposition: attachment\r\n",
        "To: \"a\\\" <b@c>, d: e;",
        "\r\n--a\r\n",
        "\r\n--a--\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        " ",
        "?=",
        "=\r\n",
        "From x Mon Jan  1 00:00:00 2000\n",
        "123\n",
    ];
    prop_oneof![
        4 => proptest::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => proptest::collection::vec(any::<u8>(), 0..12),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Converted, written, verified without a finding, and read.
    #[test]
    fn any_mail_makes_a_sound_item(pieces in proptest::collection::vec(piece(), 0..40)) {
        let bytes = pieces.concat();
        let item = crate::items::item(&bytes);
        prop_assert!(item.message.class().unwrap().is_some());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_a_mail(pieces in proptest::collection::vec(piece(), 0..40)) {
        let bytes = pieces.concat();
        everything(&Mail::parse(&bytes));
    }

    #[test]
    fn parts_do_not_overlap_and_lie_in_their_parents(pieces in proptest::collection::vec(piece(), 0..40)) {
        let bytes = pieces.concat();
        let mail = Mail::parse(&bytes);
        let mut last_end_of = vec![0; mail.parts().count()];
        for part in mail.parts() {
            if let Some(parent) = part.parent() {
                prop_assert!(part.range().start >= parent.body_range().start);
                prop_assert!(part.range().end <= parent.body_range().end);
                prop_assert!(part.range().start >= last_end_of[parent.index()]);
                last_end_of[parent.index()] = part.range().end;
            }
        }
    }
}
