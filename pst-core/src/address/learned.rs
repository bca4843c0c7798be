//! Addresses that are known from elsewhere: from other messages, or from a person.

use std::collections::HashMap;

use crate::address::{AddressSource, Resolved, SmtpAddress, key};

/// Knows the SMTP addresses of others.
///
/// A caller implements it for a directory or a list made by hand; [`LearnedMap`] learns from the messages themselves.
/// `()` knows nothing; a slice of lookups asks one after the other.
pub trait AddressLookup {
    /// The SMTP address for an address of a type, such as `EX`, and who knows it.
    fn find(&self, address_type: &str, address: &str) -> Known;
}

/// What a lookup knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// More than one address, and none of them for sure.
    Ambiguous,
    /// The address.
    Address {
        /// A valid SMTP address.
        smtp: String,
        /// [`Learned`](AddressSource::Learned) or [`Directory`](AddressSource::Directory).
        source: AddressSource,
    },
}

impl AddressLookup for () {
    fn find(&self, _: &str, _: &str) -> Known {
        Known::Nothing
    }
}

impl AddressLookup for [&dyn AddressLookup] {
    fn find(&self, address_type: &str, address: &str) -> Known {
        let mut known = Known::Nothing;
        for lookup in self {
            match lookup.find(address_type, address) {
                found @ Known::Address { .. } => return found,
                Known::Ambiguous => known = Known::Ambiguous,
                Known::Nothing => {}
            }
        }
        known
    }
}

/// Pairs of addresses that were seen together: a distinguished name and the SMTP address beside it.
///
/// **A pair counts when two items agree on it.** An address with two such pairs is ambiguous: people get new addresses. What
/// is known does not depend on the order in which the items came, as long as the map has room.
#[derive(Clone, Debug)]
pub struct LearnedMap {
    known: HashMap<String, Vec<Sighting>>,
    /// Addresses the map has room for.
    room: usize,
    refused: u64,
}

#[derive(Clone, Debug)]
struct Sighting {
    /// In lower case, by which two are the same.
    key: String,
    /// The spelling that sorts first.
    smtp: String,
    /// The item it was seen in, until there is a second.
    item: u64,
    agreed: bool,
}

/// Different SMTP addresses kept for one address; with more, it is as ambiguous as it can be.
const VARIANTS: usize = 8;

impl Default for LearnedMap {
    fn default() -> Self {
        Self::new()
    }
}

impl LearnedMap {
    /// An empty map with room for a million addresses.
    pub fn new() -> Self {
        Self::with_room(1_000_000)
    }

    /// An empty map with room for this many addresses.
    pub fn with_room(room: usize) -> Self {
        Self { known: HashMap::new(), room, refused: 0 }
    }

    /// Notes that an item has these two addresses for one person. `item` is any number that is the item's own: two
    /// sightings in one item are one.
    pub fn learn(&mut self, item: u64, address_type: &str, address: &str, smtp: &str) {
        let Ok(parsed) = SmtpAddress::parse(smtp) else { return };
        if address.trim().is_empty() {
            return;
        }
        let entry = key(address_type, address);
        if self.known.len() >= self.room && !self.known.contains_key(&entry) {
            self.refused = self.refused.saturating_add(1);
            return;
        }
        let smtp_key = parsed.key();
        let sightings = self.known.entry(entry).or_default();
        let has_room = sightings.len() < VARIANTS;
        match sightings.iter_mut().find(|sighting| sighting.key == smtp_key) {
            Some(sighting) => {
                sighting.agreed |= sighting.item != item;
                if *smtp < *sighting.smtp {
                    sighting.smtp = smtp.to_owned();
                }
            }
            None if has_room => {
                sightings.push(Sighting { key: smtp_key, smtp: smtp.to_owned(), item, agreed: false });
            }
            None => self.refused = self.refused.saturating_add(1),
        }
    }

    /// Notes what an item's row said, if it gave both addresses by itself.
    pub fn observe(&mut self, item: u64, row: &Resolved) {
        let (Some(smtp), Some(stored)) = (&row.smtp, &row.stored) else { return };
        if matches!(smtp.source, AddressSource::Learned | AddressSource::Directory) {
            return;
        }
        for (address_type, address) in stored.lookup_keys() {
            self.learn(item, &address_type, &address, &smtp.address);
        }
    }

    /// Takes over what another map saw. The item numbers of both must be of one series.
    pub fn merge(&mut self, other: &Self) {
        for (entry, sightings) in &other.known {
            let Some((address_type, address)) = entry.split_once(':') else { continue };
            for sighting in sightings {
                self.learn(sighting.item, address_type, address, &sighting.smtp);
                if sighting.agreed
                    && let Some(own) = self.known.get_mut(entry)
                    && let Some(own) = own.iter_mut().find(|own| own.key == sighting.key)
                {
                    own.agreed = true;
                }
            }
        }
        self.refused = self.refused.saturating_add(other.refused);
    }

    /// Addresses in the map.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// True without any.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }

    /// Sightings that found no room.
    pub fn refused(&self) -> u64 {
        self.refused
    }
}

impl AddressLookup for LearnedMap {
    fn find(&self, address_type: &str, address: &str) -> Known {
        let Some(sightings) = self.known.get(&key(address_type, address)) else { return Known::Nothing };
        let mut agreed = sightings.iter().filter(|sighting| sighting.agreed);
        match (agreed.next(), agreed.next()) {
            (Some(one), None) => Known::Address { smtp: one.smtp.clone(), source: AddressSource::Learned },
            (Some(_), Some(_)) => Known::Ambiguous,
            (None, _) if sightings.len() > 1 => Known::Ambiguous,
            (None, _) => Known::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const JOE: &str = "/o=ORG/cn=JOE";

    fn learned(smtp: &str) -> Known {
        Known::Address { smtp: smtp.to_owned(), source: AddressSource::Learned }
    }

    #[test]
    fn two_items_must_agree() {
        let mut map = LearnedMap::new();
        map.learn(1, "EX", JOE, "Joe@x.example");
        assert_eq!(map.find("EX", JOE), Known::Nothing);
        map.learn(1, "EX", JOE, "joe@x.example");
        assert_eq!(map.find("EX", JOE), Known::Nothing, "twice in one item is once");
        map.learn(2, "ex", "/O=org/CN=joe", "joe@X.example");
        assert_eq!(map.find("EX", JOE), learned("Joe@x.example"));
        assert_eq!(map.find("EX", "/o=ORG/cn=JIM"), Known::Nothing);
        // One that stands alone does not shake it, a second pair does.
        map.learn(3, "EX", JOE, "jim@x.example");
        assert_eq!(map.find("EX", JOE), learned("Joe@x.example"));
        map.learn(4, "EX", JOE, "jim@x.example");
        assert_eq!(map.find("EX", JOE), Known::Ambiguous);
    }

    #[test]
    fn what_is_no_address_is_not_learned() {
        let mut map = LearnedMap::new();
        map.learn(1, "EX", JOE, "joe");
        map.learn(1, "EX", " ", "joe@x.example");
        assert!(map.is_empty());
    }

    #[test]
    fn a_full_map_says_so() {
        let mut map = LearnedMap::with_room(1);
        map.learn(1, "EX", "/o=a", "a@x.example");
        map.learn(1, "EX", "/o=b", "b@x.example");
        map.learn(2, "EX", "/o=a", "a@x.example");
        assert_eq!((map.len(), map.refused()), (1, 1));
        assert_eq!(map.find("EX", "/o=a"), learned("a@x.example"));
    }

    #[test]
    fn lookups_are_asked_in_order() {
        struct Fixed(Known);
        impl AddressLookup for Fixed {
            fn find(&self, _: &str, _: &str) -> Known {
                self.0.clone()
            }
        }
        let (one, two) = (Fixed(Known::Ambiguous), Fixed(learned("b@x.example")));
        assert_eq!([&one as &dyn AddressLookup, &two][..].find("EX", JOE), learned("b@x.example"));
        assert_eq!([&one as &dyn AddressLookup, &()][..].find("EX", JOE), Known::Ambiguous);
    }

    proptest! {
        #[test]
        fn order_and_partition_do_not_matter(
            mut seen in prop::collection::vec((0u64..4, 0usize..3, 0usize..3), 0..12),
            cut in 0usize..12,
        ) {
            let addresses = ["/o=a", "/O=A", "/o=b"];
            let smtp = ["a@x.example", "A@x.example", "b@x.example"];
            let mut straight = LearnedMap::new();
            seen.iter().for_each(|(item, address, with)| straight.learn(*item, "EX", addresses[*address], smtp[*with]));
            seen.reverse();
            let (mut one, mut two) = (LearnedMap::new(), LearnedMap::new());
            for (at, (item, address, with)) in seen.iter().enumerate() {
                let map = if at < cut { &mut one } else { &mut two };
                map.learn(*item, "EX", addresses[*address], smtp[*with]);
            }
            one.merge(&two);
            for address in addresses {
                prop_assert_eq!(one.find("EX", address), straight.find("EX", address));
            }
        }
    }
}
