//! The people of an item, each with what is known of the address.

use pst_core::address::{AddressLookup, Resolved, key};
use pst_core::item::Item;

/// Somebody of an item.
#[derive(Clone, Debug)]
pub(super) struct Person {
    /// `from`, `to` and so on; stable.
    pub(super) role: &'static str,
    pub(super) who: Resolved,
}

/// People of an item that are looked at. More than this is no mail but a list of addresses.
const MOST: usize = 100_000;

/// The sender, whom it was sent for, and the recipients. What cannot be read is counted.
pub(super) fn of_item(item: Item<'_>, lookup: &(dyn AddressLookup + Sync)) -> (Vec<Person>, u64) {
    let item = item.with_lookup(lookup);
    let mut people = Vec::new();
    let mut unreadable = 0_u64;
    let sender = item.sender();
    let representing = item.representing();
    match (sender, representing) {
        (Ok(sender), Ok(representing)) => {
            // Nearly always both are one.
            if representing != sender {
                people.extend(representing.map(|who| Person { role: "from", who }));
                people.extend(sender.map(|who| Person { role: "sender", who }));
            } else {
                people.extend(sender.map(|who| Person { role: "from", who }));
            }
        }
        (sender, representing) => {
            unreadable = 1;
            people
                .extend([sender, representing].into_iter().flatten().flatten().map(|who| Person { role: "from", who }));
        }
    }
    for recipient in item.recipients().take(MOST) {
        match recipient {
            Ok(recipient) if recipient.is_nobody() => {}
            Ok(recipient) => people.push(Person { role: recipient.role.name(), who: recipient.who }),
            Err(_) => unreadable = unreadable.saturating_add(1),
        }
    }
    (people, unreadable)
}

/// Longest key that is kept.
const LONGEST: usize = 2_000;

/// By which two people without SMTP address are the same: type and address in small letters, `name:` and the name without.
pub(super) fn key_of(who: &Resolved) -> Option<(String, String, String)> {
    let stored = who.stored.as_ref().filter(|stored| !stored.value.is_empty());
    let (address_type, address) = match stored {
        Some(stored) => match stored.lookup_keys().into_iter().next() {
            Some(pair) => pair,
            None => (stored.kind.name().to_ascii_uppercase(), stored.value.clone()),
        },
        None => ("NAME".to_owned(), who.name.clone()?),
    };
    let mut address = address.trim().to_owned();
    address.truncate(address.floor_char_boundary(LONGEST));
    (!address.is_empty()).then(|| (key(&address_type, &address), address_type.to_ascii_uppercase(), address))
}
