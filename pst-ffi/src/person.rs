//! People: senders, recipients, names in a list of addresses.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::address::{AddressList, ListEntry, Mailbox, Resolved, SmtpAddress};
use pst_core::item::ItemRecipient;
use pst_core::journal::{JournalRecipient, JournalRole, Party, RedirectionKind};

use crate::error::{Error, Failure};
use crate::guard::{give, give_next, guard, put, put_some, wait};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::message;
use crate::pointer;
use crate::status::Status;
use crate::view::Str;

/// What somebody is to an item or in a journal report.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonRole {
    /// None: a member of a list of addresses.
    None = 0,
    /// A To recipient.
    To = 1,
    /// A Cc recipient.
    Cc = 2,
    /// A blind recipient.
    Bcc = 3,
    /// Somebody answers are to go to.
    ReplyTo = 4,
    /// The sender, among the recipients of some meeting messages.
    Originator = 5,
    /// The sender.
    Sender = 6,
    /// Whom the sender sent it for.
    Representing = 7,
    /// A recipient of whom a journal report cannot tell the role.
    Recipient = 8,
    /// A recipient in a journal report of a format without roles.
    Unspecified = 9,
    /// The owner of the mailbox a journal report names.
    Mailbox = 10,
    /// A recipient of another type.
    Other = 99,
}

/// Somebody, with the SMTP address or why there is none.
pub struct Person {
    role: PersonRole,
    name: Option<String>,
    address_type: Option<String>,
    address: Option<String>,
    smtp: Option<String>,
    source: Option<&'static str>,
    unresolved: Option<&'static str>,
    group: Option<String>,
    expanded_from: Option<String>,
    forwarded_from: Option<String>,
    lent: Lent,
}

impl Person {
    fn new(role: PersonRole) -> Self {
        Self {
            role,
            name: None,
            address_type: None,
            address: None,
            smtp: None,
            source: None,
            unresolved: None,
            group: None,
            expanded_from: None,
            forwarded_from: None,
            lent: Lent::default(),
        }
    }

    /// Somebody of an item.
    pub(crate) fn resolved(role: PersonRole, who: Resolved, group: Option<String>) -> Self {
        let (address_type, address) =
            who.stored.map_or((None, None), |stored| (stored.address_type, Some(stored.value)));
        let source = who.smtp.as_ref().map(|found| found.source.name());
        let smtp = who.smtp.map(|found| found.address);
        let unresolved = who.unresolved.map(|reason| reason.name());
        Self { name: who.name, address_type, address, smtp, source, unresolved, group, ..Self::new(role) }
    }

    /// A recipient of an item.
    pub(crate) fn recipient(one: ItemRecipient) -> Self {
        Self::resolved(message::role(one.role), one.who, one.group)
    }

    /// Somebody in a journal report.
    pub(crate) fn party(role: PersonRole, party: &Party) -> Self {
        let smtp = party.smtp().map(str::to_owned);
        Self { name: party.name.clone(), address: party.address.clone(), smtp, ..Self::new(role) }
    }

    /// A recipient in a journal report.
    pub(crate) fn journal(one: &JournalRecipient) -> Self {
        let role = match one.role {
            JournalRole::To => PersonRole::To,
            JournalRole::Cc => PersonRole::Cc,
            JournalRole::Bcc => PersonRole::Bcc,
            JournalRole::Recipient => PersonRole::Recipient,
            JournalRole::Unspecified => PersonRole::Unspecified,
        };
        let via = |kind| {
            let from = one.via.iter().find(|via| via.kind == kind).map(|via| &via.from)?;
            from.address.clone().or_else(|| from.name.clone())
        };
        Self {
            expanded_from: via(RedirectionKind::Expanded),
            forwarded_from: via(RedirectionKind::Forwarded),
            ..Self::party(role, &one.party)
        }
    }

    fn listed(mailbox: Mailbox, group: Option<&str>) -> Self {
        let smtp = mailbox.address.clone().filter(|address| SmtpAddress::parse(address).is_ok());
        let group = group.map(str::to_owned);
        Self { name: mailbox.name, address: mailbox.address, smtp, group, ..Self::new(PersonRole::None) }
    }
}

type Walk = Box<dyn Iterator<Item = Result<Person, Failure>> + Send>;

/// A walk over people.
pub struct PersonIter(Mutex<Walk>);

impl PersonIter {
    pub(crate) fn new(walk: impl Iterator<Item = Result<Person, Failure>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(walk)))
    }
}

/// The next person, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
///
/// The person is the caller's, to be freed with `pst_person_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_iter_next(
    people: *mut PersonIter,
    person: Option<&mut MaybeUninit<*mut Person>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let people = get(people)?;
        give_next(person, || wait(&people.0).next())
    })
}

/// Frees a walk over people, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_iter_free(people: *mut PersonIter) {
    handle::free(people);
}

/// What the person is to the item.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_role(
    person: *const Person,
    role: Option<&mut MaybeUninit<PersonRole>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(role, || Ok(get(person)?.role)))
}

/// The display name. **A name, even where it looks like an address.**
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_name(
    person: *const Person,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 0, name, error, |person| person.name.clone())
}

/// The type of the address as it stands, such as `SMTP` or `EX`.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_address_type(
    person: *const Person,
    kind: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 1, kind, error, |person| person.address_type.clone())
}

/// The address as it stands, of whatever type.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_address(
    person: *const Person,
    address: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 2, address, error, |person| person.address.clone())
}

/// The SMTP address, found wherever the item has one; absent if it has none.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_smtp(
    person: *const Person,
    smtp: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 3, smtp, error, |person| person.smtp.clone())
}

/// Where the SMTP address was found, in one word with hyphens, such as `entry-id`.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_smtp_source(
    person: *const Person,
    source: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 4, source, error, |person| person.source.map(str::to_owned))
}

/// Why there is no SMTP address, in one word with hyphens; absent if there is one, and where nobody tried.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_unresolved(
    person: *const Person,
    reason: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 5, reason, error, |person| person.unresolved.map(str::to_owned))
}

/// The group a header names the person in. A group without members gives one entry with nothing else.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_group(
    person: *const Person,
    group: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 6, group, error, |person| person.group.clone())
}

/// In a journal report, the list the person got the mail as a member of.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_expanded_from(
    person: *const Person,
    list: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 7, list, error, |person| person.expanded_from.clone())
}

/// In a journal report, the recipient in whose place the person got the mail.
///
/// The text lives as long as the person.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_forwarded_from(
    person: *const Person,
    from: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(person, 8, from, error, |person| person.forwarded_from.clone())
}

fn text(
    person: *const Person,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(&Person) -> Option<String>,
) -> Status {
    guard(error, || {
        let person = get(person)?;
        put_some(out, || person.lent.text(key, || Ok(make(&person).filter(|text| !text.is_empty()))))
    })
}

/// Frees a person. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_person_free(person: *mut Person) {
    handle::free(person);
}

/// Reads a list of addresses as a To header has it (RFC 5322 3.4), groups included; what makes no sense is left out.
///
/// The iterator is the caller's, to be freed with `pst_person_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_address_list(
    list: *const c_char,
    people: Option<&mut MaybeUninit<*mut PersonIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(people, || {
            let list = AddressList::parse(pointer::text(list)?);
            let people = list.entries.into_iter().flat_map(|entry| match entry {
                ListEntry::Mailbox(mailbox) => vec![Person::listed(mailbox, None)],
                ListEntry::Group { name, members } => {
                    members.into_iter().map(|member| Person::listed(member, Some(&name))).collect()
                }
            });
            Ok(PersonIter::new(people.map(Ok)))
        })
    })
}

/// Whether a text is an SMTP address and nothing else.
#[unsafe(no_mangle)]
pub extern "C" fn pst_address_is_smtp(
    address: *const c_char,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(SmtpAddress::parse(pointer::text(address)?).is_ok())))
}
