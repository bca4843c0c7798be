//! Blocks are damaged, moved, or there twice.

use pst_core::ndb::checksum::signature;
use pst_core::ndb::page::PageType;
use pst_core::ndb::{CryptMethod, Format, encode_block};
use pst_core::recover::RecoverOptions;
use pst_core::testkit::edit::Editor;
use pst_core::testkit::lines;
use pst_core::{
    Pst,
    testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder},
};

use crate::{FORMATS, mails, recover, store, truth, try_recover};

/// Each block in turn loses its last bytes: one item at most differs, and it says so.
#[test]
fn a_lost_block_costs_what_is_in_it() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let truth = truth(&bytes);
        let pst = Pst::from_bytes(bytes.clone()).unwrap();
        let blocks: Vec<_> = pst.blocks().map(Result::unwrap).collect();
        for entry in blocks.iter().step_by(5) {
            let mut damaged = bytes.clone();
            let size = format.block_size_on_disk(usize::from(entry.stored_size));
            let at = usize::try_from(entry.offset).unwrap();
            damaged[at..at + size].fill(0);
            let recovery = recover(&damaged);
            let found = mails(&recovery.pst);
            let mut differing = 0;
            for (nid, mail) in &truth {
                let other = &found[nid];
                // What can be read whole is what it was; only the folder may be another.
                match other {
                    Some(other) => assert!(
                        other.body == mail.as_ref().unwrap().body
                            && other.attachments == mail.as_ref().unwrap().attachments
                    ),
                    None => differing += 1,
                }
            }
            assert!(differing <= 1, "{format} {entry:?}: {differing}");
            assert_eq!(found.len(), truth.len());
        }
    }
}

/// An intact copy of a block elsewhere in the file takes the place of a damaged one.
#[test]
fn another_copy_of_a_block_is_used() {
    for format in FORMATS {
        let bytes = store(format, CryptMethod::Permute);
        let pst = Pst::from_bytes(bytes.clone()).unwrap();
        let expected = lines(&pst);
        let entry = pst.blocks().map(Result::unwrap).filter(|entry| !entry.bid.is_internal()).nth(9).unwrap();
        let plain = pst.block(entry.bid).unwrap().to_vec();
        let mut damaged = bytes;
        let at = usize::try_from(entry.offset).unwrap();
        damaged[at] ^= 1;
        let page = format.page_size();
        damaged.resize(damaged.len().next_multiple_of(page), 0);
        let (copy, _) = encode_block(&plain, entry.bid, damaged.len() as u64, format, CryptMethod::Permute, false);
        damaged.extend_from_slice(&copy);
        let recovery = try_recover(&damaged, &RecoverOptions::new().always_scan(true)).unwrap();
        assert_eq!(recovery.report.blocks.replaced, 1);
        assert_eq!(recovery.report.blocks.ambiguous, 0);
        assert!(lines(&recovery.pst) == expected);
    }
}

/// Two blocks of one id with different bytes are told.
#[test]
fn two_blocks_of_one_id_are_told() {
    let format = Format::UNICODE;
    let bytes = store(format, CryptMethod::None);
    let pst = Pst::from_bytes(bytes.clone()).unwrap();
    let entry = pst.blocks().map(Result::unwrap).filter(|entry| !entry.bid.is_internal()).nth(9).unwrap();
    let mut damaged = bytes;
    let at = usize::try_from(entry.offset).unwrap();
    damaged[at] ^= 1;
    damaged.resize(damaged.len().next_multiple_of(512), 0);
    for text in ["one", "two"] {
        let (copy, _) =
            encode_block(text.as_bytes(), entry.bid, damaged.len() as u64, format, CryptMethod::None, false);
        damaged.extend_from_slice(&copy);
    }
    let recovery = try_recover(&damaged, &RecoverOptions::new().always_scan(true)).unwrap();
    assert_eq!(recovery.report.blocks.ambiguous, 1);
    assert_eq!(recovery.report.ambiguous_blocks, [entry.bid]);
}

/// Nothing in sectors that changed places is taken for something else.
#[test]
fn swapped_sectors_give_no_wrong_bytes() {
    let bytes = store(Format::UNICODE, CryptMethod::Permute);
    let truth = truth(&bytes);
    for sector in (0x4600 / 512..bytes.len() / 512 - 40).step_by(37) {
        let mut damaged = bytes.clone();
        let (one, two) = (sector * 512, (sector + 33) * 512);
        for at in 0..512 {
            damaged.swap(one + at, two + at);
        }
        let recovery = recover(&damaged);
        for (nid, mail) in mails(&recovery.pst) {
            let (Some(mail), Some(Some(original))) = (mail, truth.get(&nid)) else { continue };
            assert_eq!((&mail.subject, &mail.body), (&original.subject, &original.body));
            assert!(mail.attachments == original.attachments);
        }
    }
}

/// A PST in an attachment has pages and blocks of its own, which are no pieces of the file around it.
#[test]
fn a_store_in_an_attachment_stays_data() {
    let inner = store(Format::UNICODE, CryptMethod::None);
    // Its signatures fit where they lie in the outer file, as if somebody had made it for that.
    let make = |inner: &[u8]| {
        let mail = MessageBuilder::new("IPM.Note").subject("outer").body("outer");
        let mail = mail.attach(AttachmentBuilder::by_value("inner.pst", inner));
        let folder = FolderBuilder::new("Inbox").message(mail);
        Mailbox::new("Outer")
            .folder(folder)
            .write(StoreBuilder::new(Format::UNICODE).crypt(CryptMethod::None))
            .finish_vec()
    };
    let first = make(&inner);
    // A block of the inner store that lies whole and aligned in one block of the outer one.
    let pst = Pst::from_bytes(inner.clone()).unwrap();
    let mut forged = inner.clone();
    let mut count = 0;
    for entry in pst.blocks().map(Result::unwrap).collect::<Vec<_>>() {
        let size = Format::UNICODE.block_size_on_disk(usize::from(entry.stored_size));
        let at = usize::try_from(entry.offset).unwrap();
        let disk = &inner[at..at + size];
        let Some(outer_at) = first.windows(size).position(|window| window == disk).filter(|at| at % 64 == 0) else {
            continue;
        };
        let wanted = signature(outer_at as u64, entry.bid.raw());
        forged[at + size - 14..at + size - 12].copy_from_slice(&wanted.to_le_bytes());
        count += 1;
        if count == 5 {
            break;
        }
    }
    assert_eq!(count, 5);
    let outer = make(&forged);
    let expected = lines(&Pst::from_bytes(outer.clone()).unwrap());
    let named = Pst::from_bytes(outer.clone()).unwrap().blocks().count() as u64;
    let root = Editor::new(outer.clone()).root(PageType::BlockTree);
    let mut damaged = outer;
    let at = usize::try_from(root.at.offset).unwrap();
    damaged[at..at + 512].fill(0);
    let recovery = recover(&damaged);
    assert!(lines(&recovery.pst) == expected);
    assert_eq!(recovery.report.blocks.trusted + recovery.report.blocks.found, named);
}
