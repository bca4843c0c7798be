//! Stores of every shape: the checker, which shares no code with the writer's allocation, finds nothing in them.

use pst_core::testkit::{Scale, random_store};
use pst_core::verify::{VerifyOptions, verify};
use pst_core::write::{MessageDraft, PstWriter};

use crate::compare::check;
use crate::{open, options};

#[track_caller]
fn assert_sound(bytes: Vec<u8>, name: &str) {
    let pst = open(bytes);
    check(&pst);
    let report = verify(&pst, &VerifyOptions::new());
    let counts: Vec<_> = report.counts().map(|(rule, _, count)| format!("{rule}: {count}")).collect();
    assert!(counts.is_empty(), "{name}: {counts:?} {:?}", report.findings.first().map(ToString::to_string));
}

#[test]
fn many_shapes() {
    for seed in 0..60 {
        assert_sound(random_store(seed, Scale::Small, Vec::new()).unwrap(), &format!("seed {seed}"));
    }
}

/// The first free map page stands at 32.5 MB.
#[test]
fn beyond_the_first_free_map() {
    let bytes = random_store(7, Scale::Bytes(34_000_000), Vec::new()).unwrap();
    assert!(bytes.len() > 0x1F0_4800);
    assert_sound(bytes, "34 MB");
}

/// More properties than a leaf of their tree has room for: the size of the message stands in any of them.
#[test]
fn a_thousand_properties() {
    for first in [0x0100, 0x6000] {
        let mut out = PstWriter::in_memory(options()).unwrap();
        let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
        let mut mail = MessageDraft::new("IPM.Note");
        for id in first..first + 1000 {
            mail.properties().binary(id, [7; 20]);
        }
        mail.properties().integer32(0x0E07, 1);
        out.message(folder, mail).unwrap();
        assert_sound(out.finish().unwrap(), &format!("{first:#x}"));
    }
}
