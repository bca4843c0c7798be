//! What the writer writes, read back.

#![cfg(feature = "testkit")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    missing_docs
)]

mod compare;
mod copies;
mod generated;
mod stores;
mod targets;

use pst_core::write::WriteOptions;
use pst_core::{FileTime, Pst};

/// Options that make the same file every time.
fn options() -> WriteOptions {
    WriteOptions::new().record_key(*b"0123456789abcdef").now(FileTime::from_unix_seconds(1_000_000_000).unwrap())
}

fn open(bytes: Vec<u8>) -> Pst {
    Pst::from_bytes(bytes).unwrap()
}
