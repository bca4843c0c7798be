//! The people that items name, and those of them whose SMTP address nobody knows.

use std::collections::{BTreeMap, HashMap};

use pst_core::address::{AddressLookup, Known, LearnedMap, Resolved, key};
use pst_core::item::Item;
use serde::Serialize;

/// Addresses without SMTP form that are told apart, and addresses that are learned of each kind.
const ROOM: usize = 100_000;
/// Bytes of an address or name that are kept.
const LONGEST: usize = 512;

/// Somebody without SMTP address.
#[derive(Clone, Debug)]
struct Unknown {
    kind: &'static str,
    address_type: String,
    /// The address, or the name where there is none.
    value: String,
    count: u64,
}

/// The people of some items.
#[derive(Clone, Debug)]
pub(super) struct People {
    /// How often somebody is named: senders and recipients.
    named: u64,
    /// How often an SMTP address was found, by where.
    found: BTreeMap<&'static str, u64>,
    unknown: HashMap<String, Unknown>,
    /// How often somebody is named who found no room.
    unkept: u64,
    learned: LearnedMap,
}

impl Default for People {
    fn default() -> Self {
        Self {
            named: 0,
            found: BTreeMap::new(),
            unknown: HashMap::new(),
            unkept: 0,
            learned: LearnedMap::with_room(ROOM),
        }
    }
}

impl People {
    /// Counts the people of an item. `number` is the item's own. What cannot be read of them is told elsewhere.
    pub(super) fn add(&mut self, number: u64, item: Item<'_>) {
        let sender = item.sender().ok().flatten();
        let representing = item.representing().ok().flatten().filter(|other| Some(other) != sender.as_ref());
        for one in [sender, representing].into_iter().flatten() {
            self.person(number, one);
        }
        for recipient in item.recipients().filter_map(Result::ok).filter(|recipient| !recipient.is_nobody()) {
            self.person(number, recipient.who);
        }
    }

    fn person(&mut self, number: u64, who: Resolved) {
        self.named = self.named.saturating_add(1);
        self.learned.observe(number, &who);
        if let Some(smtp) = &who.smtp {
            let count = self.found.entry(smtp.source.name()).or_default();
            *count = count.saturating_add(1);
            return;
        }
        let kind = who.unresolved.map_or("name-only", |unresolved| unresolved.name());
        let (address_type, mut value) = match who.stored {
            Some(stored) => stored
                .lookup_keys()
                .into_iter()
                .next()
                .unwrap_or_else(|| (stored.address_type.unwrap_or_default(), stored.value)),
            None => (String::new(), who.name.unwrap_or_default()),
        };
        value.truncate(value.floor_char_boundary(LONGEST));
        let entry = key(&address_type, &value);
        self.unknown(entry, Unknown { kind, address_type, value, count: 1 });
    }

    fn unknown(&mut self, key: String, new: Unknown) {
        let has_room = self.unknown.len() < ROOM;
        match self.unknown.get_mut(&key) {
            Some(known) => {
                known.count = known.count.saturating_add(new.count);
                // Spellings differ; which one is shown must not depend on threads.
                if new.value < known.value {
                    known.value = new.value;
                }
            }
            None if has_room => {
                self.unknown.insert(key, new);
            }
            None => self.unkept = self.unkept.saturating_add(new.count),
        }
    }

    /// Adds the people of other items.
    pub(super) fn merge(&mut self, other: Self) {
        self.named = self.named.saturating_add(other.named);
        self.unkept = self.unkept.saturating_add(other.unkept);
        for (source, number) in other.found {
            let count = self.found.entry(source).or_default();
            *count = count.saturating_add(number);
        }
        for (key, unknown) in other.unknown {
            self.unknown(key, unknown);
        }
        self.learned.merge(&other.learned);
    }

    /// What is to be told, with the most frequent of the unknown. Those that other items tell of are known by now.
    pub(super) fn report(&self, most: usize) -> PeopleReport {
        let mut found = self.found.clone();
        let mut kinds: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut unknown = Vec::new();
        for one in self.unknown.values() {
            let (counts, kind) = match self.learned.find(&one.address_type, &one.value) {
                Known::Address { source, .. } => (&mut found, source.name()),
                Known::Ambiguous => (&mut kinds, "ambiguous"),
                Known::Nothing => (&mut kinds, one.kind),
            };
            let count = counts.entry(kind).or_default();
            *count = count.saturating_add(one.count);
            if !matches!(self.learned.find(&one.address_type, &one.value), Known::Address { .. }) {
                unknown.push(UnknownReport { kind, address: one.value.clone(), count: one.count });
            }
        }
        let unresolved = kinds.values().fold(self.unkept, |sum, count| sum.saturating_add(*count));
        let addresses = unknown.len();
        unknown.sort_by(|a, b| (b.count, &a.address).cmp(&(a.count, &b.address)));
        unknown.truncate(most);
        let counts = |counts: BTreeMap<&'static str, u64>| {
            counts.into_iter().map(|(name, count)| NamedCount { name, count }).collect()
        };
        PeopleReport {
            named: self.named,
            resolved: counts(found),
            unresolved,
            unresolved_addresses: addresses,
            unresolved_kinds: counts(kinds),
            most_unresolved: unknown,
        }
    }
}

/// A name and how often it occurs.
#[derive(Clone, Debug, Serialize)]
pub(super) struct NamedCount {
    pub(super) name: &'static str,
    pub(super) count: u64,
}

/// The people, as the report tells of them.
#[derive(Clone, Debug, Serialize)]
pub(super) struct PeopleReport {
    /// How often somebody is named, as sender or recipient.
    pub(super) named: u64,
    /// How often an SMTP address was found, by where: `smtp-property`, `address`, `learned`.
    pub(super) resolved: Vec<NamedCount>,
    /// How often none was found: `named - resolved`.
    pub(super) unresolved: u64,
    /// The addresses and names of those, each once.
    pub(super) unresolved_addresses: usize,
    /// How often, by kind: `ex`, `name-only`.
    pub(super) unresolved_kinds: Vec<NamedCount>,
    /// The most frequent.
    pub(super) most_unresolved: Vec<UnknownReport>,
}

/// Somebody without SMTP address.
#[derive(Clone, Debug, Serialize)]
pub(super) struct UnknownReport {
    kind: &'static str,
    /// The address as it stands, or the name where there is none.
    pub(super) address: String,
    pub(super) count: u64,
}

#[cfg(test)]
mod tests {
    use pst_core::mime::Mail;

    use super::*;

    fn people(mails: &[&str], first: u64) -> People {
        let mut people = People::default();
        for (number, text) in (first..).zip(mails) {
            let mail = Mail::parse(text.as_bytes());
            people.add(number, Item::of_mail(&mail));
        }
        people
    }

    #[test]
    fn who_is_unknown() {
        let mail = "From: Ann <ann@x.example>\nTo: Bob, Bob </O=ORG/CN=BOB>\nCc: undisclosed-recipients:;\n\n";
        let (one, two) = (people(&[mail, "From: Bob </o=org/cn=bob>\n\n"], 0), people(&[mail], 2));
        for (mut first, second) in [(one.clone(), two.clone()), (two, one)] {
            first.merge(second);
            let report = first.report(1);
            assert_eq!((report.named, report.unresolved, report.unresolved_addresses), (7, 5, 2));
            let kinds: Vec<_> = report.unresolved_kinds.iter().map(|kind| (kind.name, kind.count)).collect();
            assert_eq!(kinds, [("ex", 3), ("name-only", 2)]);
            assert_eq!((report.resolved[0].name, report.resolved[0].count), ("address", 2));
            let most: Vec<_> = report.most_unresolved.iter().map(|one| (one.address.as_str(), one.count)).collect();
            assert_eq!(most, [("/O=ORG/CN=BOB", 3)]);
        }
    }
}
