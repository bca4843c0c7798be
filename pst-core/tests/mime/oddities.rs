//! Files that break the rules, and how they are read.

use pst_core::mime::{FindingKind, Mail};

use crate::kinds;

const HEAD: &str = "From: a@b.example\r\nDate: Wed, 17 May 2000 19:35:05 -0400\r\n";

/// The types of all parts, with the part that each is in.
fn shape(mail: &Mail<'_>) -> Vec<(String, Option<usize>)> {
    mail.parts().map(|part| (part.content_type().essence(), part.parent().map(|parent| parent.index()))).collect()
}

fn shape_of(parts: &[(&str, Option<usize>)]) -> Vec<(String, Option<usize>)> {
    parts.iter().map(|part| (part.0.to_owned(), part.1)).collect()
}

#[test]
fn line_ends() {
    let with = |end: &str| ["From: a@b.example", "Date: Wed, 17 May 2000 19:35:05 -0400", "", "body", ""].join(end);
    for (end, finding) in
        [("\r\n", None), ("\n", Some(FindingKind::LineFeeds)), ("\r", Some(FindingKind::CarriageReturns))]
    {
        let bytes = with(end);
        let mail = Mail::parse(bytes.as_bytes());
        assert_eq!(kinds(&mail), finding.into_iter().collect::<Vec<_>>());
        assert_eq!(mail.root().text(), format!("body{end}"));
        assert_eq!(mail.date().unwrap().unix_seconds, 958_606_505);
    }
    let mixed = with("\r\n") + "more\n";
    assert_eq!(kinds(&Mail::parse(mixed.as_bytes())), [FindingKind::MixedLineEnds]);
    assert_eq!(Mail::parse(mixed.as_bytes()).findings()[0].detail, "4 CRLF, 1 LF, 0 CR");
}

#[test]
fn what_stands_before_the_headers_is_stepped_over() {
    let table: [(&[u8], &[FindingKind]); 5] = [
        (b"\xEF\xBB\xBF", &[FindingKind::ByteOrderMark]),
        (b"\r\n\r\n", &[FindingKind::LeadingBlankLines]),
        (b"From a@b.example Wed May 17 19:35:05 2000\r\n", &[FindingKind::EnvelopeLine]),
        (b">From a@b.example Wed May 17 19:35:05 2000\r\n", &[FindingKind::EnvelopeLine]),
        (b"\r\nFrom x Wed May 17 19:35:05 2000\r\n", &[FindingKind::LeadingBlankLines, FindingKind::EnvelopeLine]),
    ];
    for (before, findings) in table {
        let bytes = [before, HEAD.as_bytes(), b"\r\nbody"].concat();
        let mail = Mail::parse(&bytes);
        assert_eq!(kinds(&mail), findings);
        assert_eq!(mail.root().range(), before.len()..bytes.len());
        assert_eq!(mail.from()[0].address.as_deref(), Some("a@b.example"));
        assert_eq!(mail.root().body(), b"body");
    }
    let mail = Mail::parse(b"From a@b.example Wed May 17 19:35:05 2000\r\nSubject: x\r\n\r\n");
    assert_eq!(mail.envelope_line(), Some(&b"From a@b.example Wed May 17 19:35:05 2000"[..]));
}

#[test]
fn utf_16_files_are_turned_into_utf_8() {
    let text = format!("\u{FEFF}{HEAD}Content-Type: text/plain; charset=iso-8859-1\r\nSubject: Grüße\r\n\r\nÄ€\r\n");
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    // Without a mark the pattern of ASCII tells.
    for bytes in [&little[..], &big, &little[2..], &big[2..]] {
        let mail = Mail::parse(bytes);
        assert_eq!(kinds(&mail), [FindingKind::Utf16, FindingKind::EightBitHeader]);
        assert_eq!(mail.subject().as_deref(), Some("Grüße"));
        // Whoever made the file decoded the charset first.
        assert_eq!(mail.root().text(), "Ä€\r\n");
    }
}

#[test]
fn apple_mail_wraps_a_message() {
    let message = format!("{HEAD}\r\nbody\r\n");
    let list = "<?xml version=\"1.0\"?>\n<plist/>\n";
    let file = |count: usize| format!("{count}      \n{message}{list}");
    let bytes = file(message.len());
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), [FindingKind::AppleMail]);
    assert_eq!(mail.findings()[0].detail, "");
    assert_eq!(mail.root().body(), b"body\r\n");
    assert_eq!(mail.property_list(), Some(list.as_bytes()));
    // A wrong count: the list is looked for.
    for count in [0, message.len() - 1, message.len() + 3, 99_999] {
        let bytes = file(count);
        let mail = Mail::parse(bytes.as_bytes());
        assert_eq!(mail.root().body(), b"body\r\n", "{count}");
        assert_eq!(mail.property_list(), Some(list.as_bytes()));
        assert_eq!(mail.findings()[0].detail, format!("{count} bytes declared, {} found", message.len()));
    }
}

#[test]
fn what_is_no_message_is_a_body() {
    for bytes in [&b""[..], b"\r\n", b"just text", b"\r\njust text\r\n", b"1234\r\n5678\r\n", b"\0\0\0"] {
        let mail = Mail::parse(bytes);
        assert_eq!(mail.headers().count(), 0, "{bytes:?}");
        assert!(bytes.ends_with(mail.root().body()));
        assert_eq!(mail.subject(), None);
        assert_eq!(mail.date(), None);
    }
    assert_eq!(kinds(&Mail::parse(b"just text")), [FindingKind::NoHeaders]);
    assert_eq!(Mail::parse(b"just text").root().text(), "just text");
}

#[test]
fn headers_without_an_empty_line_behind_them() {
    let bytes = format!("{HEAD}Subject: x\r\nDear all,\r\nthe text\r\n");
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), [FindingKind::NoSeparator]);
    assert_eq!(mail.root().body(), b"Dear all,\r\nthe text\r\n");
    // Between two headers a line is only a bad line.
    let bytes = format!("{HEAD}what is this\r\nSubject: x\r\n\r\ntext");
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), [FindingKind::MalformedHeader]);
    assert_eq!(mail.subject().as_deref(), Some("x"));
    assert_eq!(mail.root().body(), b"text");
}

#[test]
fn missing_and_repeated_headers_are_told() {
    let mail = Mail::parse(b"Subject: a\r\nsubject: b\r\nReceived: 1\r\nReceived: 2\r\n\r\n");
    let told: Vec<(FindingKind, &str)> = mail.findings().iter().map(|one| (one.kind, one.detail.as_str())).collect();
    assert_eq!(
        told,
        [
            (FindingKind::RepeatedHeader, "subject"),
            (FindingKind::MissingHeader, "Date"),
            (FindingKind::MissingHeader, "From"),
        ]
    );
    assert_eq!(mail.subject().as_deref(), Some("a"));
    assert_eq!(mail.headers().filter(|header| header.is("RECEIVED")).count(), 2);
}

#[test]
fn headers_know_their_exact_bytes() {
    let bytes = format!("{HEAD}Subject: one\r\n\ttwo\r\nX-Empty:\r\n\r\n");
    let mail = Mail::parse(bytes.as_bytes());
    let subject = mail.header("subject").unwrap();
    assert_eq!(subject.raw, b" one\r\n\ttwo");
    assert_eq!(&bytes.as_bytes()[subject.range()], b"Subject: one\r\n\ttwo\r\n");
    assert_eq!(subject.text(), "one\ttwo");
    assert_eq!(mail.header("X-Empty").unwrap().raw, b"");
    let whole: Vec<u8> = mail.headers().flat_map(|header| mail.bytes()[header.range()].to_vec()).collect();
    assert_eq!(whole, mail.root().raw_headers());
}

#[test]
fn eight_bit_headers_are_read_in_the_charset_of_the_body() {
    let cyrillic = b"Subject: \xCF\xF0\xE8\xE2\xE5\xF2\r\nFrom: \xCF <a@b.example>\r\n";
    let with = |rest: &str| [cyrillic, HEAD.as_bytes(), rest.as_bytes()].concat();
    let bytes = with("Content-Type: text/plain; charset=windows-1251\r\n\r\n");
    let mail = Mail::parse(&bytes);
    assert_eq!(mail.subject().as_deref(), Some("Привет"));
    assert_eq!(mail.from()[0].name.as_deref(), Some("П"));
    assert_eq!(kinds(&mail)[..2], [FindingKind::EightBitHeader, FindingKind::EightBitHeader]);
    assert_eq!(Mail::parse(&with("\r\n")).subject().as_deref(), Some("Ïðèâåò"));
    let utf8 = "Subject: Привет\r\nContent-Type: text/plain; charset=windows-1251\r\n\r\n";
    assert_eq!(Mail::parse(utf8.as_bytes()).subject().as_deref(), Some("Привет"));
}

#[test]
fn nul_bytes_stay() {
    let bytes = [HEAD.as_bytes(), b"Subject: a\0b\r\n\r\nx\0y"].concat();
    let mail = Mail::parse(&bytes);
    assert_eq!(kinds(&mail), [FindingKind::Nul]);
    assert_eq!(mail.subject().as_deref(), Some("a\0b"));
    assert_eq!(mail.root().body(), b"x\0y");
}

#[test]
fn parts_know_their_exact_bytes() {
    let bytes = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\n\r\ntext\r\n\r\n--b  \r\n\
         Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=\r\n--b--\r\nepilogue\r\n"
    );
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), []);
    let root = mail.root();
    assert_eq!(root.preamble(), b"preamble");
    assert_eq!(root.epilogue(), b"epilogue\r\n");
    let parts: Vec<_> = root.children().collect();
    // The line end before a boundary belongs to the boundary.
    assert_eq!(parts[0].body(), b"text\r\n");
    assert_eq!(parts[0].raw_headers(), b"");
    assert_eq!(
        parts[1].raw(),
        b"Content-Type: application/x\r\nContent-Transfer-Encoding: base64\r\n\r\naGk=" as &[u8]
    );
    assert_eq!(&*parts[1].decoded(), b"hi");
    assert!(parts[1].is_attachment() && !parts[0].is_attachment());
}

#[test]
fn boundaries_that_begin_alike_are_different() {
    let bytes = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=ab\r\n\r\n--ab\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n\
         --a\r\n\r\none\r\n--a--\r\n--ab\r\n\r\ntwo\r\n--ab--\r\n"
    );
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), []);
    assert_eq!(
        shape(&mail),
        shape_of(&[
            ("multipart/mixed", None),
            ("multipart/mixed", Some(0)),
            ("text/plain", Some(1)),
            ("text/plain", Some(0))
        ])
    );
}

#[test]
fn a_part_without_its_end_ends_with_what_is_around_it() {
    let bytes = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\
         Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n\r\none\r\n--out\r\n\r\ntwo\r\n"
    );
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), [FindingKind::NoEndBoundary, FindingKind::NoEndBoundary]);
    let bodies: Vec<&[u8]> = mail.parts().skip(2).map(|part| part.body()).collect();
    assert_eq!(bodies, [&b"one"[..], b"two\r\n"]);
}

#[test]
fn a_multipart_that_is_none_is_one_piece() {
    for (parameter, finding) in [
        ("", FindingKind::NoBoundary),
        ("; boundary=\"\"", FindingKind::NoBoundary),
        ("; boundary=x", FindingKind::NoParts),
    ] {
        let bytes = format!("{HEAD}Content-Type: multipart/mixed{parameter}\r\n\r\n--b\r\n\r\ntext\r\n--b--\r\n");
        let mail = Mail::parse(bytes.as_bytes());
        assert_eq!(kinds(&mail), [finding]);
        assert!(!mail.root().is_multipart());
        assert_eq!(mail.root().text(), "--b\r\n\r\ntext\r\n--b--\r\n");
    }
}

#[test]
fn a_boundary_ends_headers_too() {
    let bytes = format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n--b\r\nContent-Type: text/html\r\n--b\r\n\
         no header\r\n--b--\r\n"
    );
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), [FindingKind::NoSeparator]);
    let found: Vec<(String, &[u8])> =
        mail.parts().skip(1).map(|part| (part.content_type().essence(), part.body())).collect();
    assert_eq!(
        found,
        [("text/plain".to_owned(), &b""[..]), ("text/html".to_owned(), b""), ("text/plain".to_owned(), b"no header")]
    );
}

#[test]
fn messages_in_messages_are_given_back_byte_for_byte() {
    let inner = "Subject: inner\r\nContent-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nx\r\n--i--\r\n";
    let bytes = format!(
        "{HEAD}Content-Type: multipart/digest; boundary=b\r\n\r\n--b\r\n\r\n{inner}\r\n--b\r\n\
         Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogY29kZWQNCg0K\r\n--b--\r\n"
    );
    let mail = Mail::parse(bytes.as_bytes());
    assert_eq!(kinds(&mail), []);
    let parts: Vec<_> = mail.root().children().collect();
    assert!(parts[0].is_message(), "what is in a digest is a message unless it says otherwise");
    let message = parts[0].message().unwrap();
    assert_eq!(message.bytes(), inner.as_bytes());
    assert_eq!((message.depth(), message.subject().as_deref()), (1, Some("inner")));
    assert_eq!(message.parts().count(), 2);
    assert_eq!(parts[1].message().unwrap().subject().as_deref(), Some("coded"));
}

#[test]
fn types_that_are_none_are_text() {
    for value in ["text", "", "gr\u{FC}n", ";charset=utf-8", "/"] {
        let bytes = format!("{HEAD}Content-Type: {value}\r\n\r\nx");
        let mail = Mail::parse(bytes.as_bytes());
        assert!(kinds(&mail).contains(&FindingKind::InvalidContentType), "{value}");
        assert_eq!(mail.root().content_type().essence(), "text/plain");
        assert!(!mail.root().type_is_stated());
    }
}

#[test]
fn damage_of_encodings_and_charsets_is_told_with_the_text() {
    let read = |headers: &str, body: &[u8]| {
        let bytes = [HEAD.as_bytes(), headers.as_bytes(), b"\r\n", body].concat();
        let mail = Mail::parse(&bytes);
        let text = mail.root().read_text();
        let kinds: Vec<FindingKind> = text.findings.iter().map(|one| one.kind).collect();
        (text.text.into_owned(), text.code_page.number(), kinds)
    };
    let plain = |charset: &str| format!("Content-Type: text/plain; charset={charset}\r\n");
    assert_eq!(read(&plain("koi8-r"), b"\xF0"), ("П".to_owned(), 20866, vec![]));
    assert_eq!(read(&plain("x-what"), "ü".as_bytes()), ("ü".to_owned(), 65001, vec![FindingKind::UnknownCharset]));
    assert_eq!(read("", b"\xFC"), ("ü".to_owned(), 1252, vec![FindingKind::OtherCharset]));
    let coded = plain("utf-8") + "Content-Transfer-Encoding: base64\r\n";
    assert_eq!(read(&coded, b"YWJj!ZA=="), ("abcd".to_owned(), 65001, vec![FindingKind::TransferDamage]));
    let html = "Content-Type: text/html\r\n";
    assert_eq!(read(html, b"<meta charset=iso-8859-2>\xB1"), ("<meta charset=iso-8859-2>ą".to_owned(), 28592, vec![]));
    let odd = "Content-Transfer-Encoding: x-odd\r\n";
    assert_eq!(read(odd, b"x").0, "x");
}
