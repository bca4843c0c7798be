//! Bodies: which there are, in what charset, in what order (MS-OXCMAIL 2.1.3.3).

use pst_core::convert::LossKind;
use pst_core::convert::to_mime::Options;
use pst_core::ltp::{PropertyTag, PropertyType, id};
use pst_core::write::{MessageDraft, PstWriter, WriteOptions};
use pst_core::{Pst, text::CodePage};

use crate::{convert, convert_stored, convert_with, date, letter};

fn body(build: impl FnOnce(&mut MessageDraft) -> &mut MessageDraft) -> String {
    let mut draft = letter();
    build(&mut draft);
    convert(draft).body()
}

/// The head and the text of a mail with one text part.
fn one(kind: &str, text: &str) -> String {
    format!("MIME-Version: 1.0\nContent-Type: text/{kind}\nContent-Transfer-Encoding: quoted-printable\n\n{text}")
}

#[test]
fn plain_text_in_the_smallest_charset() {
    assert_eq!(body(|draft| draft.body("Hi.\r\n")), one("plain; charset=us-ascii", "Hi.\n"));
    assert_eq!(body(|draft| draft.body("Grüße")), one("plain; charset=utf-8", "Gr=C3=BC=C3=9Fe=\n"));
    assert_eq!(body(|draft| draft), one("plain; charset=us-ascii", ""));
}

#[test]
fn html_keeps_its_bytes_where_every_reader_knows_the_charset() {
    let html = |bytes: &[u8], page: u16| {
        let bytes = bytes.to_vec();
        body(move |draft| draft.html_bytes(bytes, CodePage::new(page)))
    };
    assert_eq!(html(b"<meta charset=x><p>\xE4", 28591), one("html; charset=iso-8859-1", "<meta charset=3Dx><p>=E4=\n"));
    assert_eq!(html("<p>ä</p>\r\n".as_bytes(), 65001), one("html; charset=utf-8", "<p>=C3=A4</p>\n"));
    assert_eq!(html(b"<p>", 1252), one("html; charset=us-ascii", "<p>=\n"));
}

#[test]
fn other_charsets_become_utf_8_and_the_meta_tag_with_them() {
    let shift_jis = b"<META content=\"text/html; charset=shift_jis\"><p>\x82\xA0".to_vec();
    assert_eq!(
        body(move |draft| draft.html_bytes(shift_jis, CodePage::new(932))),
        one("html; charset=utf-8", "<META content=3D\"text/html; charset=3Dutf-8\"><p>=E3=81=82=\n")
    );
    let mut draft = letter();
    draft.html_bytes(b"<p>\x81".to_vec(), CodePage::new(932));
    assert_eq!(convert(draft).losses(), ["characters: 0x10130000: some have no character in their code page"]);
}

#[test]
fn plain_and_html_are_alternatives() {
    assert_eq!(
        body(|draft| draft.body("Hi.").html("<p>Hi.</p>")),
        "MIME-Version: 1.0\n\
         Content-Type: multipart/alternative; boundary=B1\n\
         \n\
         --B1\n\
         Content-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         Hi.\n\
         --B1\n\
         Content-Type: text/html; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         <p>Hi.</p>\n\
         --B1--\n"
    );
}

#[test]
fn html_of_nothing_does_not_hide_the_text() {
    assert_eq!(body(|draft| draft.body("Hi.\r\n").html(" \r\n")), one("plain; charset=us-ascii", "Hi.\n"));
}

#[test]
fn html_in_rtf_is_taken_out() {
    let rtf =
        br"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0 Arial;}}{\*\htmltag64 <p>}caf\'e9{\*\htmltag72 </p>}}";
    let mut draft = letter();
    draft.body("café").rtf(rtf);
    let mail = convert(draft);
    assert!(mail.body().contains(
        "\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n<p>caf=C3=A9</p>\n"
    ));
    assert!(!mail.text.contains("body.rtf"));
    assert_eq!(mail.losses(), [""; 0]);
    // Beside HTML it says nothing new.
    let mut draft = letter();
    draft.html("<p>café</p>").rtf(rtf);
    let mail = convert(draft);
    assert_eq!(mail.body(), one("html; charset=utf-8", "<p>caf=C3=A9</p>=\n"));
}

#[test]
fn text_in_rtf_is_taken_out() {
    let rtf = br"{\rtf1\ansi\ansicpg1252\fromtext \fbidis\deff0{\fonttbl{\f0 Arial;}}one\par two}";
    assert_eq!(body(|draft| draft.rtf(rtf)), one("plain; charset=us-ascii", "one\ntwo=\n"));
}

#[test]
fn rtf_at_heart_is_rendered_and_kept() {
    let rtf = br"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}\pard plain {\b bold}\par}";
    let mut draft = letter();
    draft.rtf(rtf);
    let mail = convert(draft);
    let body = mail.body();
    let encoded = encodify_base64(rtf);
    assert!(body.starts_with(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B1\n\n--B1\n\
         Content-Type: multipart/alternative; boundary=B2\n\n--B2\n\
         Content-Type: text/plain; charset=us-ascii\nContent-Transfer-Encoding: quoted-printable\n\nplain bold\n"
    ));
    assert!(body.contains("<b>bold</b>"), "{body}");
    assert!(body.ends_with(&format!(
        "\n--B1\nContent-Type: application/rtf; name=body.rtf\nContent-Disposition: attachment; filename=body.rtf\n\
         Content-Transfer-Encoding: base64\n\n{encoded}\n--B1--\n"
    )));
    assert_eq!(mail.losses(), [""; 0]);
    let mut options = Options::default();
    options.keep_rtf = false;
    let mail = convert_with(&options, |_| {
        let mut draft = letter();
        draft.rtf(rtf);
        draft
    });
    assert!(!mail.text.contains("body.rtf"));
    assert_eq!(mail.losses(), ["no-place: the RTF of the body, as the options say"]);
}

/// Base64 in lines, with LF.
fn encodify_base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (number, three) in bytes.chunks(3).enumerate() {
        if number > 0 && number % 19 == 0 {
            out.push('\n');
        }
        let bits = three.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 0x3F;
            out.push(if digit <= three.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    out
}

#[test]
fn rtf_that_is_older_than_the_text_is_attached_and_not_shown() {
    let mut draft = letter();
    draft.body("new\r\n").rtf(br"{\rtf1\ansi old}");
    draft.properties().boolean(0x0E1F, false);
    let mail = convert(draft);
    assert!(!mail.text.contains("text/html") && mail.text.contains("body.rtf"));
    assert_eq!(mail.losses(), ["changed: 0x10090102: the RTF is older than the plain text; it is attached, not shown"]);
}

#[test]
fn rtf_that_is_none_is_told() {
    let mut draft = letter();
    draft.body("Hi.\r\n");
    draft.properties().binary(id::RTF_COMPRESSED, b"this is no compressed RTF".to_vec());
    let mail = convert(draft);
    assert_eq!(mail.body(), one("plain; charset=us-ascii", "Hi.\n"));
    assert_eq!(mail.lost(LossKind::Unreadable).len(), 1);
    assert!(mail.losses()[0].starts_with("unreadable: 0x10090102: "), "{:?}", mail.losses());
}

#[test]
fn text_of_an_ansi_store_goes_out_in_its_code_page() {
    let options = WriteOptions::new().record_key(*b"0123456789abcdef").now(date()).ansi(CodePage::new(1251));
    let mut out = PstWriter::in_memory(options).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mut draft = letter();
    draft.subject("Да").body("Да");
    draft.properties().integer32(id::MESSAGE_CODEPAGE, 1251);
    let nid = out.message(folder, draft).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let mail = convert_stored(&pst, nid, &Options::default());
    assert_eq!(mail.body(), one("plain; charset=windows-1251", "=C4=E0=\n"));
    assert!(mail.fields().contains("Subject: =?utf-8?B?0JTQsA==?=\r\n"));
}

#[test]
fn the_html_keeps_its_content_id() {
    let mut draft = letter();
    draft.html("<p>");
    draft.properties().text(0x1015, "<body@example.com>").text(0x1014, "http://example.com/a b");
    assert_eq!(
        convert(draft).body(),
        "MIME-Version: 1.0\nContent-Type: text/html; charset=us-ascii\nContent-ID: <body@example.com>\n\
         Content-Location: http://example.com/a b\nContent-Transfer-Encoding: quoted-printable\n\n<p>=\n"
    );
}

#[test]
fn large_bodies_of_every_kind_come_back() {
    let text: String = (0..60_000).map(|number| format!("line {number} ä\r\n")).collect();
    let mut draft = letter();
    draft.body(&text).html(&format!("<pre>{text}</pre>"));
    let mail = convert(draft);
    let parts: Vec<&str> = mail.text.split("quoted-printable\r\n\r\n").skip(1).collect();
    let decode = |part: &str| {
        let part = &part[..part.find("\r\n--=_").unwrap()];
        String::from_utf8(encodify_printable(part)).unwrap()
    };
    assert!(decode(parts[0]) == text);
    assert!(decode(parts[1]) == format!("<pre>{text}</pre>"));
}

/// Decodes quoted-printable.
fn encodify_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.replace("=\r\n", "").into_bytes().into_iter();
    while let Some(byte) = rest.next() {
        if byte == b'=' {
            let hex = [rest.next().unwrap(), rest.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

#[test]
fn html_as_text_of_utf_16_is_recoded() {
    let mut draft = letter();
    let stored = "<meta charset=\"utf-16\"><p>ä".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    draft.properties().stored(PropertyTag::from_parts(id::HTML, PropertyType::STRING), stored);
    assert_eq!(convert(draft).body(), one("html; charset=utf-8", "<meta charset=3D\"utf-8\"><p>=C3=A4=\n"));
}
