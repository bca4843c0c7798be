//! Files made to keep a reader busy.

use pst_core::ndb::{Bid, Format, Nid, NidType, SubnodeEntry};
use pst_core::testkit::{AttachmentBuilder, Mailbox, MessageBuilder, Props, StoreBuilder};
use pst_core::verify::{Rule, Severity};

use crate::{FORMATS, check, first};

/// Blocks of subnodes that all name the same next block: few blocks, and more subnodes than anyone could visit.
fn shared(format: Format) -> Vec<u8> {
    let mut store = Mailbox::new("Shared").write(StoreBuilder::new(format));
    let data = store.block(&[1; 8]);
    let mut below = Bid::NONE;
    for _ in 0..6 {
        let entries = (0..200).map(|number| SubnodeEntry {
            nid: Nid::from_parts(NidType::LTP, 0x1000 + number),
            data,
            subnodes: below,
        });
        below = store.subnodes(entries.collect());
    }
    let (data, _) = Props::new().write(&mut store, Vec::new());
    let nid = store.new_nid(NidType::NORMAL_MESSAGE);
    store.node(nid, data, below, Nid::new(0x8022));
    store.finish_vec()
}

#[test]
fn i2_shared_subnodes() {
    for format in FORMATS {
        let report = check(shared(format));
        assert!(!report.is_complete);
        assert_eq!(first(&report, Rule::I2).severity, Severity::Loss);
        assert_eq!(report.count(Rule::I2), 1);
    }
}

/// As deep as readers go, and deeper.
#[test]
fn deep_embedding() {
    for format in FORMATS {
        let message = (0..100).fold(MessageBuilder::new("IPM.Note"), |inner, _| {
            MessageBuilder::new("IPM.Note").attach(AttachmentBuilder::embedded("inner", inner))
        });
        let folder = pst_core::testkit::FolderBuilder::new("Inbox").message(message);
        let report = check(Mailbox::new("Deep").folder(folder).write(StoreBuilder::new(format)).finish_vec());
        assert_eq!((first(&report, Rule::I2).severity, report.is_complete), (Severity::Degraded, false));
        assert_eq!(report.worst(), Some(Severity::Degraded));
    }
}
