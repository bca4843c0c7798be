//! Random numbers that are the same for the same seed and file, in whatever order files come.

use sha2::{Digest, Sha256};

/// A generator (splitmix64, Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The numbers of a seed for one thing, such as the path of a file.
    pub(crate) fn of(seed: u64, about: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(about).finalize();
        let start: Vec<u8> = digest.iter().copied().take(8).collect();
        Self(start.iter().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()).saturating_mul(u128::from(bound)) >> 64;
        u64::try_from(wide).unwrap_or(0)
    }

    /// A number from 0 to 1, without 1.
    pub(crate) fn share(&mut self) -> f64 {
        // 53 bits are what the type holds.
        #[allow(clippy::cast_precision_loss)]
        let bits = (self.next() >> 11) as f64;
        bits / 9_007_199_254_740_992.0
    }
}

/// Picks a number of things out of a known total while they pass, each set equally likely (Knuth, TAOCP 3.4.2 S).
#[derive(Clone, Debug)]
pub(crate) struct Picker {
    wanted: u64,
    left: u64,
}

impl Picker {
    pub(crate) fn new(wanted: u64, total: u64) -> Self {
        Self { wanted: wanted.min(total), left: total }
    }

    /// Whether the next one is picked.
    pub(crate) fn next(&mut self, random: &mut Random) -> bool {
        let is_picked = self.wanted > 0 && (self.wanted >= self.left || random.below(self.left) < self.wanted);
        self.left = self.left.saturating_sub(1);
        self.wanted = self.wanted.saturating_sub(u64::from(is_picked));
        is_picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picks_as_many_as_wanted_and_any_of_them() {
        let mut met = [0_u32; 20];
        for seed in 0..2000 {
            let mut random = Random::of(seed, b"x");
            let mut picker = Picker::new(5, 20);
            let picked: Vec<usize> = (0..20).filter(|_| picker.next(&mut random)).collect();
            assert_eq!(picked.len(), 5);
            picked.iter().for_each(|at| met[*at] += 1);
        }
        // 500 each, give or take five standard deviations of 19.4.
        assert!(met.iter().all(|count| (400..600).contains(count)), "{met:?}");
        let mut random = Random::of(1, b"x");
        let mut picker = Picker::new(30, 20);
        assert_eq!((0..20).filter(|_| picker.next(&mut random)).count(), 20);
    }

    #[test]
    fn the_same_for_the_same_seed_alone() {
        let first = |seed, about: &[u8]| Random::of(seed, about).next();
        assert_eq!(first(7, b"a"), first(7, b"a"));
        assert_ne!(first(7, b"a"), first(8, b"a"));
        assert_ne!(first(7, b"a"), first(7, b"b"));
        let mut random = Random::of(7, b"a");
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.share()) && random.below(3) < 3));
        assert_eq!(random.below(0), 0);
    }
}
