//! S/MIME goes out as it came (MS-OXOSMIME 2.1).

use pst_core::convert::LossKind;
use pst_core::write::{AttachmentDraft, MessageDraft};

use crate::{convert, letter};

const ENTITY: &str = "Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\";\r\n\tmicalg=sha-256; \
                      boundary=\"----7A\"\r\nMIME-Version: 1.0\r\n\r\nThis is an S/MIME signed message\r\n\r\n------7A\r\n\
                      Content-Type: text/plain\r\n\r\nTrailing space \nand a bare LF\r\n------7A\r\n\
                      Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n\r\nMIIB\r\n------7A--\r\n";

fn sealed(class: &str, data: &[u8]) -> MessageDraft {
    let mut draft = letter();
    draft.properties().text(pst_core::ltp::id::MESSAGE_CLASS, class);
    draft.body("Cached text").attach(AttachmentDraft::file("smime.p7m", data).mime("multipart/signed"));
    draft
}

#[test]
fn a_clear_signed_entity_is_not_touched() {
    let mail = convert(sealed("IPM.Note.SMIME.MultipartSigned", ENTITY.as_bytes()));
    let (head, body) = ENTITY.split_once("MIME-Version: 1.0\r\n").unwrap();
    let fields = mail.fields();
    assert!(fields.starts_with("Date: ") && fields.contains("From: Ann <ann@example.com>\r\n"));
    assert_eq!(mail.text, format!("{fields}MIME-Version: 1.0\r\n{head}{body}"));
    assert_eq!(mail.losses(), [""; 0]);
}

#[test]
fn inside_another_mail_it_is_not_touched_either() {
    let mut draft = letter();
    draft
        .body("See below")
        .attach(AttachmentDraft::message("signed", sealed("IPM.Note.SMIME.MultipartSigned", ENTITY.as_bytes())));
    let mail = convert(draft);
    let (_, body) = ENTITY.split_once("\r\n\r\n").unwrap();
    assert!(mail.text.contains(&format!("boundary=\"----7A\"\r\n\r\n{body}\r\n--=_")));
    assert_eq!(mail.losses(), [""; 0]);
}

#[test]
fn an_entity_cannot_close_the_mail_around_it() {
    let wrap = |inner: MessageDraft| {
        let mut draft = letter();
        draft.body("See below").attach(AttachmentDraft::message("signed", inner));
        convert(draft)
    };
    // The boundary depends on nothing of the entity but its length, so it can be known beforehand.
    let space = " ".repeat(40);
    let text = wrap(sealed("IPM.Note.SMIME.MultipartSigned", format!("{ENTITY}{space}").as_bytes())).text;
    let at = text.find("--=_").unwrap();
    let forged = format!("{:40}", format!("\r\n{}\r\n", &text[at..at + 29]));
    let mail = wrap(sealed("IPM.Note.SMIME.MultipartSigned", format!("{ENTITY}{forged}").as_bytes()));
    assert_eq!(&mail.text[at..at + 29], &text[at..at + 29], "the forged boundary is the right one");
    assert!(mail.lost(LossKind::Changed)[0].ends_with("has a boundary of this mail in it; it is attached"));
    // Before each part and at the end, and nowhere else.
    assert_eq!(mail.text.matches(&text[at..at + 29]).count(), 3);
}

#[test]
fn an_encrypted_message_is_the_cms_object() {
    let der = [0x30, 0x80, 6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 3, 0xA0, 0x80];
    let mail = convert(sealed("IPM.Note.SMIME", &der));
    assert_eq!(
        mail.body(),
        "MIME-Version: 1.0\n\
         Content-Type: application/pkcs7-mime; smime-type=enveloped-data;\n name=smime.p7m\n\
         Content-Disposition: attachment; filename=smime.p7m\n\
         Content-Transfer-Encoding: base64\n\
         \n\
         MIAGCSqGSIb3DQEHA6CA\n"
    );
    assert_eq!(mail.losses(), [""; 0]);
}

#[test]
fn what_is_not_what_its_class_says_is_converted_as_a_mail() {
    for (class, data) in [("IPM.Note.SMIME.MultipartSigned", b"text".as_slice()), ("IPM.Note.SMIME", b"")] {
        let mail = convert(sealed(class, data));
        assert!(mail.text.contains("Cached text") && mail.text.contains("filename=smime.p7m"), "{class}");
        assert!(mail.lost(LossKind::Changed).iter().any(|loss| loss.starts_with("the class says")), "{class}");
    }
    let mut draft = sealed("IPM.Note.SMIME", b"0\x80");
    draft.attach(AttachmentDraft::file("b.txt", *b"b"));
    let mail = convert(draft);
    assert!(mail.text.contains("filename=smime.p7m") && mail.text.contains("filename=b.txt"));
}
