//! Mail, read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod corpus;
mod corpus_items;
mod hostile;
mod items;
mod mbox;
mod oddities;
mod packed;
mod reports;

use pst_core::mime::{FindingKind, Mail};

/// The kinds of all findings, in order.
fn kinds(mail: &Mail<'_>) -> Vec<FindingKind> {
    mail.findings().iter().map(|finding| finding.kind).collect()
}
