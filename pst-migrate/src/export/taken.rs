//! Which names are taken, as systems compare them that know no case.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use super::name::{COMPONENT_BYTES, cut, folded};

/// Names that were given, each as 64 bits of keyed hash: two names that share one by chance cost a number and nothing else.
#[derive(Debug, Default)]
pub(super) struct Taken {
    state: RandomState,
    /// The name, and the number to try next if it is asked for again.
    names: HashMap<u64, u32>,
}

impl Taken {
    fn key(&self, folder: &str, name: &str) -> u64 {
        self.state.hash_one((folder, folded(name)))
    }

    /// Takes a name that was given before.
    pub(super) fn note(&mut self, folder: &str, name: &str) {
        let key = self.key(folder, name);
        self.names.entry(key).or_insert(2);
    }

    /// Whether something in the folder has this name.
    pub(super) fn is_taken(&self, folder: &str, name: &str) -> bool {
        self.names.contains_key(&self.key(folder, name))
    }

    /// A name that nothing in the folder has, made of a stem and an extension with its dot: `a.eml`, `a (2).eml`. Take it
    /// with [`note`](Self::note) when something was written under it.
    pub(super) fn free(&mut self, folder: &str, stem: &str, extension: &str) -> String {
        let room = COMPONENT_BYTES.saturating_sub(extension.len());
        let plain = format!("{}{extension}", cut(stem, room));
        let first = self.key(folder, &plain);
        let Some(next) = self.names.get(&first).copied() else { return plain };
        let mut number = next;
        loop {
            let mark = format!(" ({number})");
            let name = format!("{}{mark}{extension}", cut(stem, room.saturating_sub(mark.len())));
            if number == u32::MAX || !self.names.contains_key(&self.key(folder, &name)) {
                self.names.insert(first, number);
                return name;
            }
            number = number.saturating_add(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_what_is_taken() {
        let mut taken = Taken::default();
        let mut give = |folder: &str, stem: &str| {
            let name = taken.free(folder, stem, ".eml");
            taken.note(folder, &name);
            name
        };
        assert_eq!(give("A", "Plan"), "Plan.eml");
        assert_eq!(give("A", "PLAN"), "PLAN (2).eml");
        assert_eq!(give("A", "plan (3)"), "plan (3).eml");
        assert_eq!(give("A", "Plan"), "Plan (4).eml");
        assert_eq!(give("B", "Plan"), "Plan.eml");
        let long = "x".repeat(200);
        assert_eq!(give("A", &long).len(), 100);
        assert_eq!(give("A", &long), format!("{} (2).eml", "x".repeat(92)));
    }

    #[test]
    fn a_name_that_was_not_written_is_free_again() {
        let mut taken = Taken::default();
        assert_eq!(taken.free("", "a", ""), "a");
        assert_eq!(taken.free("", "a", ""), "a");
        taken.note("", "a");
        assert_eq!(taken.free("", "a", ""), "a (2)");
        assert_eq!(taken.free("", "a", ""), "a (2)");
    }
}
