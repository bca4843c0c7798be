//! What is no PST at all, and files cut short.

use pst_core::ErrorKind::{InvalidInput, Io, NotPst};
use pst_core::messaging::inspect;
use pst_core::ndb::Format;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};
use pst_core::{ErrorKind, Mapping, OpenOptions, Pst};

use crate::{FORMATS, good, read_everything, within_deadline};

/// Writes `bytes` to a file and opens it every way.
#[track_caller]
fn check_file(bytes: &[u8], kind: ErrorKind, text: &str) {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    for mapping in [Mapping::Auto, Mapping::Never] {
        let error = OpenOptions::new().mapping(mapping).open(file.path()).unwrap_err();
        assert_eq!(error.to_string(), text);
        assert_eq!(error.kind(), kind);
    }
    let error = Pst::from_bytes(bytes.to_vec()).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (kind, text));
}

#[test]
fn an_empty_file() {
    check_file(b"", NotPst, "not a PST file: it is empty");
}

#[test]
fn a_zip() {
    check_file(b"PK\x03\x04\x14\0\0\0\x08\0", NotPst, "not a PST file: it is a ZIP archive; unpack it first");
}

/// A PST inside a ZIP that stores it uncompressed has the magic, but not at its start.
#[test]
fn a_pst_in_a_zip() {
    let mut zip = b"PK\x03\x04\x0A\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.pst".to_vec();
    zip.extend(good(Format::UNICODE).into_bytes());
    check_file(&zip, NotPst, "not a PST file: it is a ZIP archive; unpack it first");
}

#[test]
fn a_text() {
    check_file(b"Dear diary,\r\ntoday nothing happened.\r\n", NotPst, "not a PST file: it is text");
}

#[test]
fn other_files() {
    for (bytes, text) in [
        (&b"\x1F\x8B\x08\0"[..], "it is a gzip file; unpack it first"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "it is an OLE compound file, such as a single Outlook message (.msg)"),
        (b"From ann@example.com Sat Jan  1 00:00:00 2000\n", "it is an mbox mail folder"),
        // A letter may begin so.
        (b"From the start,\n", "it is text"),
        (b"Received: from here\n", "it is a single mail (.eml)"),
        (&[0; 4096], "it begins with nothing but zeros, as a file does whose header was lost"),
        (b"!BDM\0\0", "it does not start with !BDN"),
        (b"!", "it is text"),
    ] {
        check_file(bytes, NotPst, &format!("not a PST file: {text}"));
    }
}

#[test]
fn a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let error = Pst::open(directory.path()).unwrap_err();
    assert_eq!(error.kind(), InvalidInput);
    assert_eq!(error.to_string(), "invalid path: it is a directory, not a file");
}

#[test]
fn a_file_that_does_not_exist() {
    let directory = tempfile::tempdir().unwrap();
    let error = Pst::open(directory.path().join("absent.pst")).unwrap_err();
    assert_eq!(error.kind(), Io);
    assert_eq!(error.as_io().unwrap().kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().starts_with("cannot read: "), "{error}");
}

/// Cut in the middle of everything: the header still opens, and what is gone is an error with its place.
#[test]
fn cut_short() {
    for format in FORMATS {
        let whole = good(format);
        let node_tree = whole.header().root.node_tree.offset;
        let file = whole.into_bytes();
        let last = usize::try_from(node_tree).unwrap() + format.page_size();
        for length in [0x2000, 0x4000, 0x4400, 0x5000, last - 1] {
            let cut = file[..length].to_vec();
            let missing = (file.len() - length) as u64;
            let (stated, error) = within_deadline(move || {
                let pst = Pst::from_bytes(cut).unwrap();
                (pst.missing_bytes(), read_everything(&pst).unwrap_err())
            });
            assert_eq!(stated, missing);
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert_eq!(
                error.to_string(),
                format!(
                    "corrupt BTPAGE at {node_tree:#x}: end is {:#x}, expected at most {length:#x}, the end of the file",
                    node_tree + format.page_size() as u64
                )
            );
        }
        // What lies behind the last page is free.
        let cut = file[..file.len() - 1].to_vec();
        within_deadline(move || read_everything(&Pst::from_bytes(cut).unwrap())).unwrap();
    }
}

/// At every length a file either opens or says why not, and whatever is read of it ends.
#[test]
fn cut_at_many_lengths() {
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note")
            .subject("RE: cut")
            .to("Ann", "ann@example.com")
            .body(&"text ".repeat(3000))
            .rtf("{\\rtf1 text}")
            .attach(AttachmentBuilder::by_value("data", vec![7; 40_000]))
            .attach(AttachmentBuilder::embedded("inner", MessageBuilder::new("IPM.Note").body("inner")));
        let mailbox = Mailbox::new("Cut").folder(FolderBuilder::new("Inbox").message(message));
        let file = mailbox.write(StoreBuilder::new(format).entries_per_page(4)).finish_vec();
        let used = file.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        let step = used / 150 + 1;
        within_deadline(move || {
            for length in (0..used).step_by(step) {
                let Ok(pst) = Pst::from_bytes(file[..length].to_vec()) else {
                    assert!(length < format.header_size());
                    continue;
                };
                let nodes = pst.nodes().filter(Result::is_err).count();
                let blocks = pst.blocks().filter(Result::is_err).count();
                assert!(nodes + blocks > 0, "cut at {length}");
                let Ok(root) = pst.root_folder() else { continue };
                for folder in root.descendants().filter_map(Result::ok) {
                    let Ok(messages) = folder.messages() else { continue };
                    messages.filter_map(Result::ok).for_each(|message| drop(inspect(&message)));
                }
            }
        });
    }
}

/// A byte changed anywhere is noticed or does not matter; nothing panics or hangs.
#[test]
fn one_byte_anywhere() {
    for format in FORMATS {
        let file = good(format).into_bytes();
        let used = file.iter().rposition(|byte| *byte != 0).unwrap() + 1;
        let mut noticed = 0;
        for at in (0..used).step_by(used / 400 + 1) {
            let mut bad = file.clone();
            bad[at] ^= 0x55;
            let result = within_deadline(move || Pst::from_bytes(bad).and_then(|pst| read_everything(&pst)));
            noticed += usize::from(result.is_err());
        }
        assert!(noticed > 0);
    }
}
