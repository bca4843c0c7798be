//! Damage and size: a part is lost, told, and the rest of the mail is there.

use std::io::{self, Write};

use pst_core::convert::LossKind;
use pst_core::convert::to_mime::{Options, write_mail};
use pst_core::write::AttachmentDraft;
use pst_core::{ErrorKind, Pst};

use crate::{Mail, convert_stored, letter, store, store_bytes};

/// The mail of a message in which one byte of an attachment was changed behind the back of its CRC.
fn with_damage(at: usize) -> Mail {
    let mark = b"here it is damaged";
    let mut data = vec![7u8; 40_000];
    data[at..at + mark.len()].copy_from_slice(mark);
    let (mut bytes, nid) = store_bytes(|out| {
        let data = out.data(data.as_slice()).unwrap();
        let mut draft = letter();
        draft
            .body("Hi.")
            .attach(AttachmentDraft::file("a.bin", data))
            .attach(AttachmentDraft::file("b.txt", *b"whole"));
        draft
    });
    let place = bytes.windows(mark.len()).position(|window| window == mark).unwrap();
    bytes[place] ^= 0xFF;
    convert_stored(&Pst::from_bytes(bytes).unwrap(), nid, &Options::default())
}

#[test]
fn an_attachment_that_breaks_off_is_told_with_its_place() {
    for (at, read) in [(30_000, 24_528), (10, 0)] {
        let mail = with_damage(at);
        let losses = mail.lost(LossKind::Unreadable);
        assert_eq!(losses.len(), 1, "{:?}", mail.losses());
        assert!(losses[0].starts_with("attachment 0x8025: the part ends early: "), "{losses:?}");
        assert!(losses[0].ends_with(&format!("(after {read} bytes)")), "{losses:?}");
        // What could be read is there, and what follows.
        assert!(mail.text.contains("filename=a.bin") && mail.text.contains("d2hvbGU="));
        assert!(mail.text.len() > read && mail.text.ends_with("--\r\n"));
    }
}

#[test]
fn a_mail_beyond_the_limit_is_refused() {
    let (pst, nid) = store(|_| {
        let mut draft = letter();
        draft.body("Hi.").attach(AttachmentDraft::file("a.bin", vec![7; 100_000]));
        draft
    });
    let (names, message) = (pst.named_properties().unwrap(), pst.message(nid).unwrap());
    let mut options = Options::default();
    options.size_limit = 100_000;
    let mut out = Vec::new();
    let error = write_mail(&message, &names, &mut out, &options).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert!(out.len() <= 100_000);
}

#[test]
fn a_full_disk_is_an_error_and_no_loss() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (pst, nid) = store(|_| {
        let mut draft = letter();
        let rtf = format!("{{\\rtf1\\ansi {}}}", "word ".repeat(20_000));
        draft.rtf(rtf.as_bytes()).attach(AttachmentDraft::file("a.bin", vec![7; 300_000]));
        draft
    });
    let (names, message) = (pst.named_properties().unwrap(), pst.message(nid).unwrap());
    // The disk is full in the bodies, in the attachment, at the very end.
    for room in [0, 70_000, 150_000, 400_000, 700_000] {
        let written = write_mail(&message, &names, Full(room), &Options::default());
        match written {
            Err(error) => assert_eq!(error.as_io().map(io::Error::kind), Some(io::ErrorKind::StorageFull), "{error}"),
            Ok(converted) => assert!(converted.size <= room as u64),
        }
    }
}
