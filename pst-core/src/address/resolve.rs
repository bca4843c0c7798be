//! The SMTP address of somebody in a store: a ladder of places to look, best first.
//!
//! A store keeps people as name, address type and address, and the type is often not SMTP. What else it knows of them is
//! spread over properties that some writers set and others do not. The first rung that holds gives the address, and
//! [`AddressSource`] says which it was.

use std::fmt;

use crate::address::{AddressKind, AddressList, AddressLookup, Imcea, Known, Mailbox, SmtpAddress, smtp};
use crate::messaging::{AddressBookEntryId, OneOffEntryId};
use crate::text::CodePage;

/// What a store says of somebody.
#[derive(Clone, Debug, Default)]
pub struct AddressFacts<'a> {
    /// The display name. **A name, even where it looks like an address.**
    pub name: Option<&'a str>,
    /// PidTagAddressType or its like.
    pub address_type: Option<&'a str>,
    /// PidTagEmailAddress or its like.
    pub address: Option<&'a str>,
    /// PidTagSmtpAddress or its like.
    pub smtp: Option<&'a str>,
    /// PidTagEntryId or its like.
    pub entry_id: Option<&'a [u8]>,
    /// PidTagAddressBookProxyAddresses: `SMTP:` before the main address, `smtp:` before others.
    pub proxy_addresses: &'a [String],
    /// What the header of the mail says of the same person. The caller knows that it is the same.
    pub header: Option<&'a Mailbox>,
    /// PidTagSearchKey or its like: type, colon and address in upper case, with a NUL.
    pub search_key: Option<&'a [u8]>,
    /// Reads strings that are not in Unicode; windows-1252 if absent.
    pub code_page: Option<CodePage>,
}

/// The rung that gave an address. The order is that of the ladder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AddressSource {
    /// PidTagSmtpAddress, PidTagSenderSmtpAddress and their like.
    SmtpProperty,
    /// The address itself.
    Address,
    /// A one-off entry id.
    EntryId,
    /// An SMTP address inside one of another system: an encapsulated one, or a Notes address that leads to the Internet.
    Encapsulated,
    /// The main proxy address.
    ProxyAddress,
    /// The transport headers.
    TransportHeaders,
    /// The search key. **In upper case**, as the key is.
    SearchKey,
    /// Other items that have both addresses.
    Learned,
    /// A directory or a list of the caller.
    Directory,
}

/// Why there is no SMTP address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unresolved {
    /// There is a name and no address.
    NameOnly,
    /// The address should be SMTP, and is no valid one.
    NotValid,
    /// More than one address is known for it, and none for sure.
    Ambiguous,
    /// The address is of this other kind, and nothing knows its SMTP form.
    Kind(AddressKind),
}

/// An address as a store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredAddress {
    /// What it is, by type and form.
    pub kind: AddressKind,
    /// The type as stored.
    pub address_type: Option<String>,
    /// The address as stored, without NUL and blanks at its ends.
    pub value: String,
}

/// An SMTP address, and how it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundAddress {
    /// A valid SMTP address.
    pub address: String,
    /// The rung it stood on.
    pub source: AddressSource,
}

/// Somebody, with the SMTP address or why there is none: one of `smtp` and `unresolved` is always there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The display name; `None` if absent or empty.
    pub name: Option<String>,
    /// The address as it stands; of one that stands nowhere but in the entry id, that.
    pub stored: Option<StoredAddress>,
    /// The SMTP address.
    pub smtp: Option<FoundAddress>,
    /// Why there is none.
    pub unresolved: Option<Unresolved>,
    /// Properties that could not be read, by id; what they hold was not looked at.
    pub unreadable: Vec<u16>,
}

/// Climbs the ladder.
pub fn resolve<L: AddressLookup + ?Sized>(facts: &AddressFacts<'_>, lookup: &L) -> Resolved {
    let page = facts.code_page.unwrap_or(CodePage::WINDOWS_1252);
    let one_off = facts.entry_id.and_then(|id| OneOffEntryId::decode(id, page));
    let stored = stored(facts, one_off.as_ref());
    let name = facts.name.map(trim).filter(|name| !name.is_empty());
    let name =
        name.map(str::to_owned).or_else(|| one_off.as_ref().map(|id| id.name.clone()).filter(|name| !name.is_empty()));
    let found = own_rungs(facts, stored.as_ref(), one_off.as_ref());
    let (smtp, unresolved) = match found {
        Some(found) => (Some(found), None),
        None => match ask(stored.as_ref(), lookup) {
            Known::Address { smtp, source } => (Some(FoundAddress { address: smtp, source }), None),
            Known::Ambiguous => (None, Some(Unresolved::Ambiguous)),
            Known::Nothing => (None, Some(stored.as_ref().map_or(Unresolved::NameOnly, reason))),
        },
    };
    Resolved { name, stored, smtp, unresolved, unreadable: Vec::new() }
}

/// The rungs inside the item itself.
fn own_rungs(
    facts: &AddressFacts<'_>,
    stored: Option<&StoredAddress>,
    one_off: Option<&OneOffEntryId>,
) -> Option<FoundAddress> {
    let found = |source: AddressSource| move |address: String| FoundAddress { address, source };
    let of_stored = || stored.filter(|stored| stored.kind == AddressKind::Smtp).and_then(|stored| valid(&stored.value));
    let of_one_off = || {
        let id = one_off?;
        (AddressKind::of(Some(&id.address_type), &id.address) == AddressKind::Smtp).then(|| valid(&id.address))?
    };
    let of_inside = || {
        let stored = stored?;
        let imcea = Imcea::decode(smtp::clean(&stored.value));
        match &imcea {
            Some(imcea) if imcea.address_type == "SMTP" => valid(&imcea.value),
            Some(imcea) if imcea.address_type == "NOTES" => beyond_notes(&imcea.value),
            None if stored.kind == AddressKind::Notes => beyond_notes(&stored.value),
            _ => None,
        }
    };
    let of_proxies = || {
        let main = facts.proxy_addresses.iter().find_map(|proxy| proxy.trim_start().strip_prefix("SMTP:"))?;
        valid(main)
    };
    let of_search_key = || {
        let key = facts.search_key?;
        let text = std::str::from_utf8(key).ok()?;
        let (kind, address) = text.trim_end_matches('\0').split_once(':')?;
        kind.eq_ignore_ascii_case("SMTP").then(|| valid(address))?
    };
    facts
        .smtp
        .and_then(valid)
        .map(found(AddressSource::SmtpProperty))
        .or_else(|| of_stored().map(found(AddressSource::Address)))
        .or_else(|| of_one_off().map(found(AddressSource::EntryId)))
        .or_else(|| of_inside().map(found(AddressSource::Encapsulated)))
        .or_else(|| of_proxies().map(found(AddressSource::ProxyAddress)))
        .or_else(|| {
            let address = facts.header?.address.as_deref().and_then(valid)?;
            Some(found(AddressSource::TransportHeaders)(address))
        })
        .or_else(|| of_search_key().map(found(AddressSource::SearchKey)))
}

/// The address, if it is a valid SMTP address of somebody. **An encapsulated one is valid and leads to a gateway.**
fn valid(text: &str) -> Option<String> {
    let text = smtp::clean(text);
    (SmtpAddress::parse(text).is_ok() && AddressKind::of(None, text) == AddressKind::Smtp).then(|| text.to_owned())
}

/// The address to which a Notes address leads through its gateway: `joe@x.example@DOMAIN`, `"Joe" <joe@x.example>@DOMAIN`.
/// A Notes domain has no dot.
fn beyond_notes(value: &str) -> Option<String> {
    let (inside, domain) = value.trim().rsplit_once('@')?;
    if domain.contains('.') || !inside.contains('@') {
        return None;
    }
    let list = AddressList::parse(inside);
    let mut people = list.mailboxes();
    let address = valid(people.next()?.address.as_deref()?)?;
    people.next().is_none().then_some(address)
}

fn trim(text: &str) -> &str {
    text.trim_matches(|character: char| character == '\0' || character.is_whitespace())
}

/// The address as it stands, else that of the entry id.
fn stored(facts: &AddressFacts<'_>, one_off: Option<&OneOffEntryId>) -> Option<StoredAddress> {
    let make = |address_type: Option<&str>, value: &str| {
        let address_type = address_type.map(trim).filter(|kind| !kind.is_empty());
        let kind = AddressKind::of(address_type, value);
        StoredAddress { kind, address_type: address_type.map(str::to_owned), value: trim(value).to_owned() }
    };
    let own = facts.address.map(trim).filter(|address| !address.is_empty());
    if let Some(address) = own {
        return Some(make(facts.address_type, address));
    }
    if let Some(id) = one_off.filter(|id| !id.address.is_empty()) {
        return Some(make(Some(&id.address_type), &id.address));
    }
    let entry = AddressBookEntryId::decode(facts.entry_id?)?;
    (!entry.distinguished_name.is_empty()).then(|| make(Some("EX"), &entry.distinguished_name))
}

fn ask<L: AddressLookup + ?Sized>(stored: Option<&StoredAddress>, lookup: &L) -> Known {
    let mut known = Known::Nothing;
    for (address_type, address) in stored.map(StoredAddress::lookup_keys).unwrap_or_default() {
        match lookup.find(&address_type, &address) {
            Known::Address { smtp, source } => match valid(&smtp) {
                Some(smtp) => return Known::Address { smtp, source },
                None => continue,
            },
            Known::Ambiguous => known = Known::Ambiguous,
            Known::Nothing => {}
        }
    }
    known
}

fn reason(stored: &StoredAddress) -> Unresolved {
    match stored.kind {
        AddressKind::Smtp => Unresolved::NotValid,
        AddressKind::Name => Unresolved::NameOnly,
        kind => Unresolved::Kind(kind),
    }
}

impl StoredAddress {
    /// The type and address by which others may know it: **an encapsulated address goes by what is in it**.
    pub fn lookup_keys(&self) -> Vec<(String, String)> {
        let own = |kind: &str| (kind.to_owned(), self.value.clone());
        match self.kind {
            AddressKind::Imcea => {
                let inside = Imcea::decode(smtp::clean(&self.value));
                inside.map(|imcea| (imcea.address_type, imcea.value)).into_iter().collect()
            }
            AddressKind::Smtp | AddressKind::Name => Vec::new(),
            AddressKind::Ex => vec![own("EX")],
            AddressKind::X400 => vec![own("X400")],
            AddressKind::Notes => vec![own("NOTES")],
            AddressKind::GroupWise => vec![own("GWISE")],
            AddressKind::Mobile => vec![own("MOBILE")],
            AddressKind::Fax => vec![own("FAX")],
            AddressKind::PersonalList | AddressKind::Other => {
                self.address_type.as_deref().map(own).into_iter().collect()
            }
        }
    }

    /// The address in a form that mail may carry: an encapsulated address of that gateway (MS-OXCMAIL 2.1.3.1.8), from which
    /// the address can be read again. One that is encapsulated already stays as it is.
    pub fn encapsulated(&self, domain: &str) -> String {
        if self.kind == AddressKind::Imcea {
            return smtp::clean(&self.value).to_owned();
        }
        let (address_type, value) = self.lookup_keys().into_iter().next().unwrap_or_else(|| {
            let kind = self.address_type.as_deref().filter(|_| self.kind != AddressKind::Smtp);
            (kind.unwrap_or("INVALID").to_owned(), self.value.clone())
        });
        Imcea { address_type, value, domain: domain.to_owned() }.encode()
    }
}

impl AddressSource {
    /// The stable name, in small letters: `smtp-property`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SmtpProperty => "smtp-property",
            Self::Address => "address",
            Self::EntryId => "entry-id",
            Self::Encapsulated => "encapsulated",
            Self::ProxyAddress => "proxy-address",
            Self::TransportHeaders => "transport-headers",
            Self::SearchKey => "search-key",
            Self::Learned => "learned",
            Self::Directory => "directory",
        }
    }
}

impl fmt::Display for AddressSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Unresolved {
    /// The stable name, in small letters: `name-only`, or that of the kind.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NameOnly => "name-only",
            Self::NotValid => "not-valid",
            Self::Ambiguous => "ambiguous",
            Self::Kind(kind) => kind.name(),
        }
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
