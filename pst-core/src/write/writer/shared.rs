//! Equal values that are stored once.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::write::database::Tree;

/// Values in the file that may be shared, by a hash nobody can aim at.
#[derive(Debug)]
pub(super) struct Shared {
    keys: [RandomState; 2],
    pub(super) known: HashMap<(u64, u64, usize), Tree>,
}

impl Shared {
    /// Longer values are written as they come and not shared.
    pub(super) const MOST: usize = 16 << 20;

    pub(super) fn new() -> Self {
        Self { keys: [RandomState::new(), RandomState::new()], known: HashMap::new() }
    }

    pub(super) fn key(&self, bytes: &[u8]) -> (u64, u64, usize) {
        let [one, two] = &self.keys;
        let hash = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            hasher.write(bytes);
            hasher.finish()
        };
        (hash(one), hash(two), bytes.len())
    }
}
