//! Who a mail is from and to: properties and the recipient table (MS-OXCMAIL 2.1.3.1).

use super::item::Item;
use super::losses::Losses;
use super::mailbox::{self, Fit, Mailbox};
use crate::address::{self, AddressFacts, AddressLookup, AddressRole, Resolved};
use crate::convert::LossKind;
use crate::ltp::property_name;
use crate::messaging::{Message, RecipientKind};

/// PidTagReplyRecipientEntries and PidTagReplyRecipientNames.
const REPLY_ENTRIES: u16 = 0x004F;
const REPLY_NAMES: u16 = 0x0050;

/// People that answers go to. The smallest entry takes a hundred times its eight bytes.
const MOST_REPLY_TO: usize = 10_000;

/// Somebody of a message; `None` if its properties tell nothing.
pub(super) fn of_role(
    message: &Message,
    role: AddressRole,
    lookup: &dyn AddressLookup,
    losses: &mut Losses,
) -> Option<Resolved> {
    match address::of_role(message, role, lookup) {
        Ok(person) => {
            let person = person?;
            tell_unreadable(&person, losses);
            (person.name.is_some() || person.stored.is_some() || person.smtp.is_some()).then_some(person)
        }
        Err(error) => {
            losses.add(LossKind::Unreadable, error.to_string());
            None
        }
    }
}

fn tell_unreadable(person: &Resolved, losses: &mut Losses) {
    for id in &person.unreadable {
        losses.add(LossKind::Unreadable, format!("property {id:#06x} {}", property_name(*id).unwrap_or_default()));
    }
}

/// Puts people into mailboxes, and tells of each whose address is no SMTP address.
pub(super) fn mailboxes(people: &[Resolved], domain: &str, field: &str, losses: &mut Losses) -> Vec<Mailbox> {
    let mut out = Vec::with_capacity(people.len());
    for person in people {
        let Some((mailbox, fit)) = mailbox::mailbox(person, domain) else {
            losses.add(LossKind::NoPlace, format!("{field}: neither a name nor an address"));
            continue;
        };
        if fit != Fit::Smtp {
            let kind = person.stored.as_ref().map_or("no address", |stored| stored.kind.name());
            let text = format!("{field}: {kind} became {}", mailbox.address);
            losses.add(if fit == Fit::TooLong { LossKind::TooLarge } else { LossKind::Changed }, text);
        }
        out.push(mailbox);
    }
    out
}

/// The recipients by the field they belong in.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    pub(super) to: Vec<Resolved>,
    pub(super) cc: Vec<Resolved>,
    pub(super) bcc: Vec<Resolved>,
}

impl Recipients {
    pub(super) fn read(message: &Message, lookup: &dyn AddressLookup, losses: &mut Losses) -> Self {
        let mut recipients = Self::default();
        for recipient in message.recipients() {
            let recipient = match recipient {
                Ok(recipient) => recipient,
                Err(error) => {
                    losses.add(LossKind::Unreadable, format!("recipients: {error}"));
                    continue;
                }
            };
            let list = match recipient.kind() {
                RecipientKind::To => &mut recipients.to,
                RecipientKind::Cc => &mut recipients.cc,
                RecipientKind::Bcc => &mut recipients.bcc,
                // The sender once more.
                RecipientKind::Originator => continue,
                RecipientKind::Other(number) => {
                    losses.add(LossKind::Changed, format!("a recipient of kind {number} stands in To"));
                    &mut recipients.to
                }
            };
            let person = address::of_recipient(&recipient, lookup);
            tell_unreadable(&person, losses);
            list.push(person);
        }
        recipients
    }

    pub(super) fn into_all(self) -> Vec<Resolved> {
        let mut all = self.to;
        all.extend(self.cc);
        all.extend(self.bcc);
        all
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Resolved> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

/// Whom answers are to go to: a list of entry ids (MS-OXCDATA 2.3.3), and their names beside it.
pub(super) fn reply_to(item: &Item<'_>, lookup: &dyn AddressLookup, losses: &mut Losses) -> Vec<Resolved> {
    let Some(list) = item.bytes(REPLY_ENTRIES, losses) else { return Vec::new() };
    let names = item.text(REPLY_NAMES, losses).unwrap_or_default();
    let mut names = names.split(';').map(str::trim);
    let mut people = Vec::new();
    // Number of entries, bytes of all, then each with its length, at multiples of four.
    let mut rest = list.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_at_checked(4) {
        if people.len() >= MOST_REPLY_TO {
            losses.add(LossKind::TooLarge, format!("more than {MOST_REPLY_TO} addresses in Reply-To"));
            break;
        }
        let length = length.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(entry) = after.get(..length).filter(|entry| !entry.is_empty()) else { break };
        let facts = AddressFacts {
            name: names.next().filter(|name| !name.is_empty()),
            entry_id: Some(entry),
            code_page: Some(item.properties.code_page().page),
            ..AddressFacts::default()
        };
        people.push(address::resolve(&facts, lookup));
        rest = length.checked_next_multiple_of(4).and_then(|length| after.get(length..)).unwrap_or_default();
    }
    people
}
