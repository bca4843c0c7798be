//! Stores of every shape: the checker, which shares no code with the writer's allocation, finds nothing in them.

use pst_core::testkit::{Scale, random_store};
use pst_core::verify::{VerifyOptions, verify};

use crate::compare::check;
use crate::open;

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
