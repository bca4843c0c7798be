//! Every address without SMTP form, once, with what helps a person to tell who it is.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pst_core::FileTime;
use pst_core::address::{AddressLookup, Known, LearnedMap};
use pst_core::item::Item;

use crate::addresses::{AddressMap, people};

/// Display names that are kept of an address.
const MOST_NAMES: usize = 3;
/// Characters of a name or place that are kept.
const LONGEST: usize = 200;

/// An address without SMTP form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// By which it is known: type and address in small letters, such as `ex:/o=acme/cn=ann`.
    pub key: String,
    /// The type: `EX`, `X400`, `NAME`.
    pub address_type: String,
    /// The address as it was met first.
    pub address: String,
    /// Display names it came with, a few.
    pub names: BTreeSet<String>,
    /// How often it comes.
    pub count: u64,
    /// When it comes first.
    pub first: Option<FileTime>,
    /// And last.
    pub last: Option<FileTime>,
    /// How often in which role.
    pub roles: BTreeMap<&'static str, u64>,
    /// A place where it is met: the first in the order of the input.
    pub example: String,
}

/// Collects addresses.
pub struct Collector<'l> {
    map: &'l AddressMap,
    room: usize,
    entries: HashMap<String, Entry>,
    learned: LearnedMap,
    collected: Collected,
}

/// What was collected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// The addresses, those that come most often first.
    pub entries: Vec<Entry>,
    /// Items looked at.
    pub items: u64,
    /// Addresses met, each as often as it comes.
    pub occurrences: u64,
    /// Occurrences that had an SMTP address, or an answer in the map.
    pub resolved: u64,
    /// Occurrences that other items resolve.
    pub learned: u64,
    /// Occurrences of the entries.
    pub unresolved: u64,
    /// Occurrences of nobody: without address and name.
    pub empty: u64,
    /// Occurrences of addresses for which there was no room.
    pub refused: u64,
    /// Recipients and senders that could not be read.
    pub unreadable: u64,
}

impl Collected {
    /// Checks that every occurrence is resolved, learned, listed, empty or refused.
    pub fn adds_up(&self) -> bool {
        let parts = [self.resolved, self.learned, self.unresolved, self.empty, self.refused];
        parts.into_iter().fold(0_u64, u64::saturating_add) == self.occurrences
    }
}

impl<'l> Collector<'l> {
    /// With room for a million different addresses. `map` knows addresses already.
    pub fn new(map: &'l AddressMap) -> Self {
        Self::with_room(1_000_000, map)
    }

    /// With room for this many.
    pub fn with_room(room: usize, map: &'l AddressMap) -> Self {
        let (learned, collected) = (LearnedMap::with_room(room), Collected::default());
        Self { map, room, entries: HashMap::new(), learned, collected }
    }

    /// Looks at an item. `place` is where it is, for a person.
    pub fn add(&mut self, item: Item<'_>, place: &dyn std::fmt::Display) {
        let add = |count: &mut u64, more: u64| *count = count.saturating_add(more);
        add(&mut self.collected.items, 1);
        let (people, unreadable) = people::of_item(item, self.map);
        add(&mut self.collected.unreadable, unreadable);
        let mut date = None;
        for person in people {
            add(&mut self.collected.occurrences, 1);
            self.learned.observe(self.collected.items, &person.who);
            if person.who.smtp.is_some() || self.map.answer_for(&person.who).is_some() {
                add(&mut self.collected.resolved, 1);
                continue;
            }
            let Some((key, address_type, address)) = people::key_of(&person.who) else {
                add(&mut self.collected.empty, 1);
                continue;
            };
            if self.entries.len() >= self.room && !self.entries.contains_key(&key) {
                add(&mut self.collected.refused, 1);
                continue;
            }
            // Asked once, and of few items.
            let date = *date.get_or_insert_with(|| {
                let of = |date: pst_core::Result<Option<pst_core::item::ItemDate>>| date.ok().flatten();
                of(item.sent()).or_else(|| of(item.received())).map(|date| date.time)
            });
            let entry = self.entries.entry(key).or_insert_with_key(|key| Entry {
                key: key.clone(),
                address_type,
                address,
                example: cut(place.to_string()),
                ..Entry::default()
            });
            add(&mut entry.count, 1);
            add(entry.roles.entry(person.role).or_default(), 1);
            entry.first = [entry.first, date].into_iter().flatten().min();
            entry.last = [entry.last, date].into_iter().flatten().max();
            if let Some(name) = person.who.name {
                entry.names.insert(cut(name));
                // Those that sort first, so that the order of items does not matter.
                if entry.names.len() > MOST_NAMES {
                    entry.names.pop_last();
                }
            }
        }
    }

    /// What was collected. What other items resolve is left out.
    pub fn finish(self) -> Collected {
        let Self { entries, learned, mut collected, .. } = self;
        for entry in entries.into_values() {
            let is_known = matches!(learned.find(&entry.address_type, &entry.address), Known::Address { .. });
            let count = if is_known { &mut collected.learned } else { &mut collected.unresolved };
            *count = count.saturating_add(entry.count);
            if !is_known {
                collected.entries.push(entry);
            }
        }
        collected.entries.sort_unstable_by(|one, two| two.count.cmp(&one.count).then_with(|| one.key.cmp(&two.key)));
        collected
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(LONGEST));
    text
}
