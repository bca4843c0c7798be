//! TNEF streams, made by a small encoder and read back.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

mod attachments;
mod attributes;
mod encoder;
mod hostile;
mod properties;

use pst_core::tnef::{FindingKind, Options, Tnef};

/// A stream that breaks no rule.
fn parse(stream: &[u8]) -> Tnef<'_> {
    let tnef = Tnef::parse(stream, &Options::default()).expect("TNEF");
    assert_eq!(tnef.findings, []);
    tnef
}

/// Kinds and places of findings.
fn findings(tnef: &Tnef<'_>) -> Vec<(FindingKind, usize)> {
    tnef.findings.iter().map(|finding| (finding.kind, finding.offset)).collect()
}
