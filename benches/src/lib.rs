//! The same jobs done by this library and by another reader, and stores to do them on.
//!
//! | job | what is done |
//! |---|---|
//! | open | the file is opened, nothing more |
//! | list | every row of every contents table: subject, sender, delivery time, size |
//! | read | every property of every message, every recipient, every attachment to its last byte |

// The numbers are the benchmark's own, and a failure should stop it.
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing
)]

pub mod ours;
pub mod peer;
pub mod store;

use std::path::PathBuf;

/// The files of the corpus, if there is one: `pst` below the directory that `PST_CORPUS` names, else the one beside the project.
pub fn corpus() -> Vec<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
    let dir = std::env::var_os("PST_CORPUS").map_or_else(|| PathBuf::from(beside), PathBuf::from).join("pst");
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    files.sort();
    files
}
