//! Pages of the file that were met: a bit each, where there are any.

use std::collections::BTreeMap;

/// Numbers of pages.
#[derive(Clone, Debug, Default)]
pub(super) struct PageSet {
    /// 4,096 pages each.
    chunks: BTreeMap<u64, Box<[u64; 64]>>,
    count: u64,
}

impl PageSet {
    /// Adds a page; false if it is there already.
    pub(super) fn insert(&mut self, page: u64) -> bool {
        let chunk = self.chunks.entry(page >> 12).or_insert_with(|| Box::new([0; 64]));
        let bit = 1u64 << (page & 63);
        let Some(word) = usize::try_from(page >> 6 & 63).ok().and_then(|word| chunk.get_mut(word)) else {
            return false;
        };
        let is_new = *word & bit == 0;
        *word |= bit;
        self.count = self.count.saturating_add(u64::from(is_new));
        is_new
    }

    /// Pages in it.
    pub(super) fn len(&self) -> u64 {
        self.count
    }

    /// All pages in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = u64> {
        self.chunks.iter().flat_map(|(chunk, words)| {
            (0u64..).zip(words.iter()).flat_map(move |(number, word)| {
                let first = (chunk << 12) | (number << 6);
                let mut left = *word;
                std::iter::from_fn(move || {
                    let bit = (left != 0).then(|| left.trailing_zeros())?;
                    left &= left.wrapping_sub(1);
                    Some(first | u64::from(bit))
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_come_once_and_in_order() {
        let mut set = PageSet::default();
        let pages = [5, 4096, 0, 63, 64, u64::MAX >> 9, 4095, 1 << 40];
        assert!(pages.iter().all(|page| set.insert(*page)));
        assert!(!pages.iter().any(|page| set.insert(*page)));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 5, 63, 64, 4095, 4096, 1 << 40, u64::MAX >> 9]);
        assert_eq!(set.len(), 8);
    }
}
