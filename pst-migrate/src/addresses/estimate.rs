//! An estimate from a sample: how many addresses nobody knows.
//!
//! Items are sampled while they pass, each equally likely, although nobody knows how many there are (Vitter's algorithm R). An
//! item that is not taken is not opened.

use std::collections::{BTreeMap, HashSet};

use pst_core::address::{AddressLookup, Known, LearnedMap};
use pst_core::item::Item;

use crate::addresses::{AddressMap, Interval, Ratio, people, wilson};
use crate::random::Random;

/// What is kept of a sampled item.
#[derive(Clone, Debug, Default)]
struct Sampled {
    occurrences: u64,
    /// Keys, types, addresses and kinds of those that are not resolved.
    unresolved: Vec<(String, String, String, &'static str)>,
    unreadable: u64,
}

/// Takes a sample of items.
pub struct Estimator<'l> {
    map: &'l AddressMap,
    wanted: u64,
    random: Random,
    seen: u64,
    sample: Vec<Sampled>,
    learned: LearnedMap,
}

/// What a sample says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Items that passed.
    pub items: u64,
    /// Items of the sample.
    pub sampled: u64,
    /// Addresses in the sample, each as often as it comes.
    pub occurrences: u64,
    /// Those without SMTP address.
    pub unresolved: u64,
    /// Different ones of these.
    pub unresolved_distinct: u64,
    /// They by kind: `ex`, `x400`, `name-only` and the like.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// The share of unresolved among all occurrences.
    pub occurrence_share: Interval,
    /// Sampled items in which somebody is unresolved.
    pub touched: u64,
    /// The share of these.
    pub touched_share: Interval,
    /// Sampled items that name people, none of whom is known.
    pub strangers: u64,
    /// The share of these.
    pub stranger_share: Interval,
    /// Sampled items that have parts which cannot be read.
    pub unreadable: u64,
}

impl<'l> Estimator<'l> {
    /// A sample of so many items at most, chosen by a seed. `map` knows addresses already.
    pub fn new(wanted: u64, seed: u64, map: &'l AddressMap) -> Self {
        Self {
            map,
            wanted,
            random: Random::of(seed, b"addresses"),
            seen: 0,
            sample: Vec::new(),
            learned: LearnedMap::new(),
        }
    }

    /// Passes an item by.
    pub fn add(&mut self, item: Item<'_>) {
        self.seen = self.seen.saturating_add(1);
        let at = if self.seen <= self.wanted { None } else { Some(self.random.below(self.seen)) };
        if at.is_some_and(|at| at >= self.wanted) {
            return;
        }
        let sampled = self.look(item);
        match at.and_then(|at| usize::try_from(at).ok()).and_then(|at| self.sample.get_mut(at)) {
            Some(place) => *place = sampled,
            None => self.sample.push(sampled),
        }
    }

    fn look(&mut self, item: Item<'_>) -> Sampled {
        let (people, unreadable) = people::of_item(item, self.map);
        let mut sampled = Sampled { unreadable, ..Sampled::default() };
        for person in people {
            sampled.occurrences = sampled.occurrences.saturating_add(1);
            self.learned.observe(self.seen, &person.who);
            if let Some(reason) = person.who.unresolved.filter(|_| self.map.answer_for(&person.who).is_none()) {
                let (key, kind, address) = people::key_of(&person.who).unwrap_or_default();
                sampled.unresolved.push((key, kind, address, reason.name()));
            }
        }
        sampled
    }

    /// What the sample says. Addresses that other items of the sample resolve count as resolved.
    pub fn finish(self) -> Estimate {
        let mut estimate = Estimate { items: self.seen, ..Estimate::default() };
        let mut occurrences = Ratio::default();
        let mut distinct: HashSet<&str> = HashSet::new();
        for item in &self.sample {
            let is_known =
                |kind: &str, address: &str| matches!(self.learned.find(kind, address), Known::Address { .. });
            let mut unresolved = 0_u64;
            for (key, kind, address, reason) in &item.unresolved {
                if is_known(kind, address) {
                    continue;
                }
                unresolved = unresolved.saturating_add(1);
                distinct.insert(key);
                let count = estimate.by_kind.entry(reason).or_default();
                *count = count.saturating_add(1);
            }
            let add = |count: &mut u64, is_one: bool| *count = count.saturating_add(u64::from(is_one));
            add(&mut estimate.sampled, true);
            add(&mut estimate.touched, unresolved > 0);
            add(&mut estimate.strangers, unresolved > 0 && item.occurrences == unresolved);
            add(&mut estimate.unreadable, item.unreadable > 0);
            estimate.occurrences = estimate.occurrences.saturating_add(item.occurrences);
            estimate.unresolved = estimate.unresolved.saturating_add(unresolved);
            occurrences.add(item.occurrences, unresolved);
        }
        estimate.unresolved_distinct = u64::try_from(distinct.len()).unwrap_or(u64::MAX);
        estimate.occurrence_share = occurrences.interval();
        #[allow(clippy::cast_precision_loss)]
        let share = |count: u64| wilson(count as f64, estimate.sampled as f64);
        (estimate.touched_share, estimate.stranger_share) = (share(estimate.touched), share(estimate.strangers));
        if estimate.sampled == estimate.items && estimate.items > 0 {
            // Everything was looked at: there is nothing to estimate.
            for interval in [&mut estimate.occurrence_share, &mut estimate.touched_share, &mut estimate.stranger_share]
            {
                (interval.low, interval.high) = (interval.share, interval.share);
            }
        }
        estimate
    }
}
