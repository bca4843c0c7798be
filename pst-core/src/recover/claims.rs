//! Which keys of a B-tree are accounted for.

use std::collections::BTreeMap;

/// A range of keys, both ends included.
pub(super) type Keys = (u64, u64);

/// Disjoint ranges of keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Claims(BTreeMap<u64, u64>);

impl Claims {
    /// Every key but those of the given ranges.
    pub(super) fn all_but(lost: &[Keys]) -> Self {
        let mut missing = Self::default();
        for (low, high) in lost {
            missing.claim(*low, *high);
        }
        let free = missing.free(0, u64::MAX);
        Self(free.into_iter().collect())
    }

    /// The parts of a range that nobody has claimed, in order.
    pub(super) fn free(&self, low: u64, high: u64) -> Vec<Keys> {
        let mut free = Vec::new();
        let mut at = low;
        if low > high {
            return free;
        }
        let before = self.0.range(..=low).next_back().map(|(start, end)| (*start, *end));
        let within = self.0.range(low..=high).map(|(start, end)| (*start, *end));
        for (start, end) in before.into_iter().chain(within) {
            if start > at {
                free.push((at, start.saturating_sub(1)));
            }
            if end >= at {
                match end.checked_add(1) {
                    Some(next) => at = next,
                    None => return free,
                }
            }
        }
        if at <= high {
            free.push((at, high));
        }
        free
    }

    /// Claims a range, and says which parts of it were free.
    pub(super) fn claim(&mut self, low: u64, high: u64) -> Vec<Keys> {
        let free = self.free(low, high);
        if free.is_empty() {
            return free;
        }
        let (mut start, mut end) = (low, high);
        if let Some((before, its_end)) = self.0.range(..=low).next_back().map(|(start, end)| (*start, *end))
            && its_end.saturating_add(1) >= low
        {
            (start, end) = (before, end.max(its_end));
        }
        let inside: Vec<Keys> = self.0.range(start..=high).map(|(start, end)| (*start, *end)).collect();
        for (key, its_end) in inside {
            end = end.max(its_end);
            self.0.remove(&key);
        }
        self.0.insert(start, end);
        free
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn claims_are_a_set_of_keys(ranges in proptest::collection::vec((0u64..40, 0u64..12), 0..20), low in 0u64..40, length in 0u64..40) {
            let mut claims = Claims::default();
            let mut set = std::collections::BTreeSet::new();
            for (start, length) in ranges {
                let free: Vec<u64> = claims.claim(start, start + length).into_iter().flat_map(|(low, high)| low..=high).collect();
                let expected: Vec<u64> = (start..=start + length).filter(|key| set.insert(*key)).collect();
                prop_assert_eq!(free, expected);
            }
            let free: Vec<u64> = claims.free(low, low + length).into_iter().flat_map(|(low, high)| low..=high).collect();
            let expected: Vec<u64> = (low..=low + length).filter(|key| !set.contains(key)).collect();
            prop_assert_eq!(free, expected);
        }
    }

    #[test]
    fn the_ends_of_all_keys() {
        let claims = Claims::all_but(&[(5, 9), (u64::MAX, u64::MAX)]);
        assert_eq!(claims.free(0, u64::MAX), [(5, 9), (u64::MAX, u64::MAX)]);
        assert_eq!(Claims::all_but(&[]).free(0, u64::MAX), []);
        assert_eq!(Claims::all_but(&[(0, u64::MAX)]).free(0, u64::MAX), [(0, u64::MAX)]);
    }
}
