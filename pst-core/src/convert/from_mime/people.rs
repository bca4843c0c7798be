//! Senders and recipients (MS-OXCMAIL 2.2.1, 2.2.2).

use std::borrow::Cow;

use super::Conversion;
use crate::address::Imcea;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::mime::{Mail, Mailbox};
use crate::write::{MessageDraft, Properties, Target, entry_id, typed_recipient_row, typed_search_key};

/// Recipients of one mail that become rows; the headers name the rest.
const MOST_RECIPIENTS: usize = 100_000;

/// The properties of somebody a message names.
pub(super) struct Party {
    pub(super) name: u16,
    pub(super) address_type: u16,
    pub(super) address: u16,
    pub(super) entry_id: u16,
    pub(super) search_key: u16,
    pub(super) smtp_address: u16,
}

/// PidTagSender... (MS-OXCMAIL 2.6.4).
const SENDER: Party = Party {
    name: id::SENDER_NAME,
    address_type: id::SENDER_ADDRESS_TYPE,
    address: id::SENDER_EMAIL_ADDRESS,
    entry_id: 0x0C19,
    search_key: 0x0C1D,
    smtp_address: id::SENDER_SMTP_ADDRESS,
};

/// PidTagSentRepresenting... (2.6.5).
const REPRESENTED: Party = Party {
    name: id::SENT_REPRESENTING_NAME,
    address_type: id::SENT_REPRESENTING_ADDRESS_TYPE,
    address: id::SENT_REPRESENTING_EMAIL_ADDRESS,
    entry_id: 0x0041,
    search_key: 0x003B,
    smtp_address: id::SENT_REPRESENTING_SMTP_ADDRESS,
};

/// PidTagReceivedBy... (2.6.2).
const RECEIVED_BY: Party = Party {
    name: 0x0040,
    address_type: 0x0075,
    address: 0x0076,
    entry_id: 0x003F,
    search_key: 0x0051,
    smtp_address: 0x5D07,
};

/// PidTagReceivedRepresenting... (2.6.3).
const RECEIVED_REPRESENTING: Party = Party {
    name: 0x0044,
    address_type: 0x0077,
    address: 0x0078,
    entry_id: 0x0043,
    search_key: 0x0052,
    smtp_address: 0x5D08,
};

/// PidTagReadReceipt... (2.6.1).
const READ_RECEIPT: Party = Party {
    name: 0x402B,
    address_type: 0x4029,
    address: 0x402A,
    entry_id: 0x0046,
    search_key: 0x0053,
    smtp_address: 0x5D05,
};

/// PidTagOriginalSentRepresenting..., in reports; an SMTP address of its own is not kept.
pub(super) const ORIGINAL: Party = Party {
    name: 0x005D,
    address_type: 0x0068,
    address: 0x0069,
    entry_id: 0x005E,
    search_key: 0x005F,
    smtp_address: 0,
};

/// PidTagReplyRecipientEntries and PidTagReplyRecipientNames.
const REPLY_ENTRIES: u16 = 0x004F;
const REPLY_NAMES: u16 = 0x0050;

/// Somebody with a name, which is the address where there is none.
struct Person<'a> {
    name: Cow<'a, str>,
    address_type: Cow<'a, str>,
    address: Cow<'a, str>,
}

impl<'a> Person<'a> {
    /// **An address of another system in the clothes of SMTP is that address** (MS-OXCMAIL 2.2.3.1.2).
    fn of(mailbox: &'a Mailbox) -> Self {
        let address = mailbox.address.as_deref().unwrap_or_default();
        // INVALID is what a gateway could not make sense of.
        let imcea = Imcea::decode(address).filter(|imcea| imcea.address_type != "INVALID" && !imcea.value.is_empty());
        let (address_type, address) = match imcea {
            Some(imcea) => (Cow::Owned(imcea.address_type), Cow::Owned(imcea.value.replace('\0', ""))),
            None => (Cow::Borrowed("SMTP"), Cow::Borrowed(address)),
        };
        let name = mailbox.name.as_deref().map_or_else(|| address.clone(), Cow::Borrowed);
        Self { name, address_type, address }
    }

    fn entry_id(&self) -> Vec<u8> {
        entry_id(&self.name, &self.address_type, &self.address)
    }
}

/// Members and mailboxes; not what only names an empty group.
fn real(mailboxes: Vec<Mailbox>) -> Vec<Mailbox> {
    mailboxes.into_iter().filter(|one| one.name.is_some() || one.address.is_some()).collect()
}

impl Party {
    pub(super) fn set(&self, properties: &mut Properties, mailbox: &Mailbox) {
        let person = Person::of(mailbox);
        properties.text(self.name, &*person.name);
        if mailbox.address.is_none() {
            return;
        }
        properties
            .text(self.address_type, &*person.address_type)
            .text(self.address, &*person.address)
            .binary(self.entry_id, person.entry_id())
            .binary(self.search_key, typed_search_key(&person.address_type, &person.address));
        if self.smtp_address != 0 && person.address_type == "SMTP" {
            properties.text(self.smtp_address, &*person.address);
        }
    }
}

impl<T: Target> Conversion<'_, T> {
    /// The mailboxes of all headers of this name, cleaned.
    fn people(&mut self, mail: &Mail<'_>, header: &str) -> Vec<Mailbox> {
        let mut found = real(mail.mailboxes(header));
        for text in found.iter_mut().flat_map(|one| [&mut one.name, &mut one.address]).flatten() {
            *text = self.clean(text, header);
        }
        if found.is_empty() {
            let said = mail.headers().filter(|one| one.is(header)).any(|one| !one.raw.trim_ascii().is_empty());
            let is_group = mail.mailboxes(header).iter().any(|one| one.group.is_some());
            if said && !is_group {
                self.lose(LossKind::NoPlace, format!("{header}: no address can be read"));
            }
        }
        found
    }

    /// From and Sender (2.2.1): who wrote, and who sent it for them.
    pub(super) fn senders(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let from = self.people(mail, "From");
        let sender = self.people(mail, "Sender");
        for (header, people) in [("From", &from), ("Sender", &sender)] {
            if people.len() > 1 {
                let detail =
                    format!("{header}: {} more than the first are in the headers only", people.len().saturating_sub(1));
                self.lose(LossKind::NoPlace, detail);
            }
        }
        let (from, sender) = (from.first(), sender.first());
        if let Some(represented) = from.or(sender) {
            REPRESENTED.set(draft.properties(), represented);
        }
        if let Some(sender) = sender.or(from) {
            SENDER.set(draft.properties(), sender);
        }
    }

    /// To, Cc and Bcc as rows (2.2.2).
    pub(super) fn recipients(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let kinds = [("To", 1, id::DISPLAY_TO), ("Cc", 2, id::DISPLAY_CC), ("Bcc", 3, id::DISPLAY_BCC)];
        let mut room = MOST_RECIPIENTS;
        for (header, kind, list) in kinds {
            let people = self.people(mail, header);
            if people.len() > room {
                let left = people.len().saturating_sub(room);
                self.lose(LossKind::TooLarge, format!("{header}: {left} recipients are in the headers only"));
            }
            let names: Vec<Cow<'_, str>> = people.iter().take(room).map(|one| Person::of(one).name).collect();
            if !names.is_empty() {
                draft.properties().text(list, names.join("; "));
            }
            for one in people.iter().take(room) {
                let Person { name, address_type, address } = Person::of(one);
                draft.recipient_row(typed_recipient_row(kind, &name, &address_type, &address));
            }
            room = room.saturating_sub(people.len());
        }
    }

    /// Reply-To: a list of entry ids (MS-OXCDATA 2.3.3) and one of names.
    pub(super) fn reply_to(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let people: Vec<Mailbox> = self
            .people(mail, "Reply-To")
            .into_iter()
            .filter(|one| one.address.is_some())
            .take(MOST_RECIPIENTS)
            .collect();
        if people.is_empty() {
            return;
        }
        let mut entries = Vec::new();
        for person in people.iter().map(Person::of) {
            let entry = person.entry_id();
            entries.extend_from_slice(&u32::try_from(entry.len()).unwrap_or(0).to_le_bytes());
            entries.extend_from_slice(&entry);
            // Each begins at a multiple of four.
            entries.resize(entries.len().next_multiple_of(4), 0);
        }
        let mut list = u32::try_from(people.len()).unwrap_or(0).to_le_bytes().to_vec();
        list.extend_from_slice(&u32::try_from(entries.len()).unwrap_or(0).to_le_bytes());
        list.extend_from_slice(&entries);
        let names: Vec<Cow<'_, str>> = people.iter().map(|one| Person::of(one).name).collect();
        draft.properties().binary(REPLY_ENTRIES, list).text(REPLY_NAMES, names.join("; "));
    }

    /// Disposition-Notification-To and Return-Receipt-To: who wants to know.
    pub(super) fn receipts(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        /// PidTagReadReceiptRequested.
        const READ_REQUESTED: u16 = 0x0029;
        /// PidTagNonReceiptNotificationRequested.
        const NOT_READ_REQUESTED: u16 = 0x0C06;
        /// PidTagOriginatorDeliveryReportRequested.
        const DELIVERY_REQUESTED: u16 = 0x0023;
        if mail.header("Disposition-Notification-To").is_some() {
            let people = self.people(mail, "Disposition-Notification-To");
            draft.properties().boolean(READ_REQUESTED, true).boolean(NOT_READ_REQUESTED, true);
            if let Some(first) = people.first() {
                READ_RECEIPT.set(draft.properties(), first);
            }
        }
        if mail.header("Return-Receipt-To").is_some() {
            draft.properties().boolean(DELIVERY_REQUESTED, true);
        }
    }

    /// Whom a report is for; its rows are those it tells of.
    pub(super) fn receiver(&mut self, mail: &Mail<'_>, draft: &mut MessageDraft) {
        let people = self.people(mail, "To");
        if let Some(first) = people.first() {
            RECEIVED_BY.set(draft.properties(), first);
            RECEIVED_REPRESENTING.set(draft.properties(), first);
        }
        let others: usize = people.len().saturating_sub(1);
        if others > 0 {
            self.lose(LossKind::NoPlace, format!("To: {others} more than the first are in the headers only"));
        }
    }
}
