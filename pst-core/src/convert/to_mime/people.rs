//! Who a mail is from and to: properties and the recipient table (MS-OXCMAIL 2.1.3.1).

use super::item::Item;
use super::losses::Losses;
use super::mailbox::{Mailbox, Party};
use crate::convert::LossKind;
use crate::ltp::id;
use crate::messaging::{Message, RecipientKind};
use crate::text::utf16;

/// The properties that tell of one person: name, address type, address, SMTP address.
type Ids = [u16; 4];

pub(super) const SENDER: Ids =
    [id::SENDER_NAME, id::SENDER_ADDRESS_TYPE, id::SENDER_EMAIL_ADDRESS, id::SENDER_SMTP_ADDRESS];
pub(super) const REPRESENTED: Ids = [
    id::SENT_REPRESENTING_NAME,
    id::SENT_REPRESENTING_ADDRESS_TYPE,
    id::SENT_REPRESENTING_EMAIL_ADDRESS,
    id::SENT_REPRESENTING_SMTP_ADDRESS,
];
pub(super) const RECEIVED_BY: Ids = [0x0040, 0x0075, 0x0076, 0x5D07];
pub(super) const RECEIVED_REPRESENTING: Ids = [0x0044, 0x0077, 0x0078, 0x5D08];
pub(super) const READ_RECEIPT: Ids = [0x402B, 0x4029, 0x402A, 0x5D05];

/// PidTagReplyRecipientEntries and PidTagReplyRecipientNames.
pub(super) const REPLY_ENTRIES: u16 = 0x004F;
pub(super) const REPLY_NAMES: u16 = 0x0050;

/// The person whom properties tell of; `None` if they tell nothing.
pub(super) fn party(item: &Item<'_>, ids: Ids, losses: &mut Losses) -> Option<Party> {
    let [name, address_type, address, smtp] = ids.map(|id| item.text(id, losses));
    let party = Party { name, address_type, address, smtp };
    (party.name.is_some() || party.address.is_some() || party.smtp.is_some()).then_some(party)
}

/// Puts people into mailboxes, and tells of each whose address is no SMTP address.
pub(super) fn mailboxes(parties: &[Party], domain: &str, what: &str, losses: &mut Losses) -> Vec<Mailbox> {
    let mut out = Vec::with_capacity(parties.len());
    for party in parties {
        match party.mailbox(domain) {
            Some((mailbox, false)) => out.push(mailbox),
            Some((mailbox, true)) => {
                let kind = party.address_type.as_deref().unwrap_or("no");
                losses.add(LossKind::Changed, format!("{what}: an address of {kind} type became {}", mailbox.address));
                out.push(mailbox);
            }
            None => losses.add(LossKind::NoPlace, format!("{what}: neither a name nor an address")),
        }
    }
    out
}

/// The recipients by the field they belong in.
#[derive(Debug, Default)]
pub(super) struct Recipients {
    pub(super) to: Vec<Party>,
    pub(super) cc: Vec<Party>,
    pub(super) bcc: Vec<Party>,
}

impl Recipients {
    pub(super) fn read(message: &Message, losses: &mut Losses) -> Self {
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
            list.push(recipient.into());
        }
        recipients
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &Party> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

/// Whom answers are to go to: a list of entry ids (MS-OXCDATA 2.3.3), of which one-off ones carry the address.
pub(super) fn reply_to(item: &Item<'_>, losses: &mut Losses) -> Vec<Party> {
    let Some(list) = item.bytes(REPLY_ENTRIES, losses) else { return Vec::new() };
    let names = item.text(REPLY_NAMES, losses).unwrap_or_default();
    let mut names = names.split(';').map(str::trim);
    let mut parties = Vec::new();
    let mut rest = list.get(8..).unwrap_or_default();
    while let Some((length, after)) = rest.split_at_checked(4) {
        let length = length.first_chunk().map_or(0, |length| u32::from_le_bytes(*length));
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let Some(entry) = after.get(..length).filter(|entry| !entry.is_empty()) else { break };
        let name = names.next().filter(|name| !name.is_empty()).map(str::to_owned);
        match one_off(entry) {
            Some(party) => parties.push(party),
            None => match name {
                Some(name) => parties.push(Party { name: Some(name), ..Party::default() }),
                None => losses.add(LossKind::NoPlace, "reply recipients: an entry id without name or address"),
            },
        }
        // Entries stand at multiples of four.
        rest = after.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    parties
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1): name, address type and address of somebody in no address book.
pub(super) fn one_off(entry: &[u8]) -> Option<Party> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
    const UNICODE: u8 = 0x80;
    (entry.get(4..20)? == PROVIDER).then_some(())?;
    let unicode = entry.get(23)? & UNICODE != 0;
    let mut rest = entry.get(24..)?;
    let mut texts = std::iter::from_fn(|| {
        if unicode {
            let units = rest.chunks_exact(2).position(|unit| unit == [0, 0])?;
            let length = units.checked_mul(2)?;
            let text = utf16::decode_lossy(rest.get(..length)?);
            rest = rest.get(length.checked_add(2)?..)?;
            Some(text)
        } else {
            let length = rest.iter().position(|byte| *byte == 0)?;
            let text = String::from_utf8_lossy(rest.get(..length)?).into_owned();
            rest = rest.get(length.checked_add(1)?..)?;
            Some(text)
        }
    });
    let (name, address_type, address) = (texts.next()?, texts.next()?, texts.next()?);
    Some(Party {
        name: Some(name).filter(|name| !name.is_empty()),
        address_type: Some(address_type),
        address: Some(address),
        smtp: None,
    })
}
