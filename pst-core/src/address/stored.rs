//! The people of a message, with what its properties say of each.

use crate::address::{AddressFacts, AddressList, AddressLookup, Mailbox, Resolved, resolve};
use crate::ltp::{PropertyContext, id};
use crate::messaging::{LONGEST_ENTRY_ID, Message, Recipient};
use crate::text::CodePage;
use crate::{Error, Result};

/// What somebody has to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AddressRole {
    /// Who sent it.
    Sender,
    /// On whose behalf: the From of the mail.
    SentRepresenting,
    /// Whose mailbox it was delivered to.
    ReceivedBy,
    /// On whose behalf that was: the owner of a mailbox others read.
    ReceivedRepresenting,
    /// Who gets the read receipt.
    ReadReceipt,
}

/// The properties of a role (MS-OXCMAIL 2.6, MS-OXOMSG).
struct Ids {
    name: u16,
    address_type: u16,
    address: u16,
    smtp: u16,
    entry_id: u16,
    search_key: u16,
}

impl AddressRole {
    const fn ids(self) -> Ids {
        match self {
            Self::Sender => Ids {
                name: id::SENDER_NAME,
                address_type: id::SENDER_ADDRESS_TYPE,
                address: id::SENDER_EMAIL_ADDRESS,
                smtp: id::SENDER_SMTP_ADDRESS,
                entry_id: id::SENDER_ENTRY_ID,
                search_key: id::SENDER_SEARCH_KEY,
            },
            Self::SentRepresenting => Ids {
                name: id::SENT_REPRESENTING_NAME,
                address_type: id::SENT_REPRESENTING_ADDRESS_TYPE,
                address: id::SENT_REPRESENTING_EMAIL_ADDRESS,
                smtp: id::SENT_REPRESENTING_SMTP_ADDRESS,
                entry_id: id::SENT_REPRESENTING_ENTRY_ID,
                search_key: id::SENT_REPRESENTING_SEARCH_KEY,
            },
            Self::ReceivedBy => Ids {
                name: id::RECEIVED_BY_NAME,
                address_type: id::RECEIVED_BY_ADDRESS_TYPE,
                address: id::RECEIVED_BY_EMAIL_ADDRESS,
                smtp: id::RECEIVED_BY_SMTP_ADDRESS,
                entry_id: id::RECEIVED_BY_ENTRY_ID,
                search_key: id::RECEIVED_BY_SEARCH_KEY,
            },
            Self::ReceivedRepresenting => Ids {
                name: id::RECEIVED_REPRESENTING_NAME,
                address_type: id::RECEIVED_REPRESENTING_ADDRESS_TYPE,
                address: id::RECEIVED_REPRESENTING_EMAIL_ADDRESS,
                smtp: id::RECEIVED_REPRESENTING_SMTP_ADDRESS,
                entry_id: id::RECEIVED_REPRESENTING_ENTRY_ID,
                search_key: id::RECEIVED_REPRESENTING_SEARCH_KEY,
            },
            Self::ReadReceipt => Ids {
                name: id::READ_RECEIPT_NAME,
                address_type: id::READ_RECEIPT_ADDRESS_TYPE,
                address: id::READ_RECEIPT_EMAIL_ADDRESS,
                smtp: id::READ_RECEIPT_SMTP_ADDRESS,
                entry_id: id::READ_RECEIPT_ENTRY_ID,
                search_key: id::READ_RECEIPT_SEARCH_KEY,
            },
        }
    }
}

/// A recipient, with the SMTP address.
pub fn of_recipient<L: AddressLookup + ?Sized>(recipient: &Recipient, lookup: &L) -> Resolved {
    let facts = AddressFacts {
        name: recipient.name.as_deref(),
        address_type: recipient.address_type.as_deref(),
        address: recipient.address.as_deref(),
        smtp: recipient.smtp.as_deref(),
        entry_id: recipient.entry_id.as_deref(),
        proxy_addresses: &recipient.proxy_addresses,
        header: None,
        search_key: recipient.search_key.as_deref(),
        code_page: recipient.code_page,
    };
    Resolved { unreadable: recipient.unreadable.clone(), ..resolve(&facts, lookup) }
}

/// Who sent the message; `None` if it does not say. See [`of_role`].
///
/// # Errors
/// Those of the node. A property that cannot be read is listed in the result.
pub fn of_sender<L: AddressLookup + ?Sized>(message: &Message, lookup: &L) -> Result<Option<Resolved>> {
    of_role(message, AddressRole::Sender, lookup)
}

/// On whose behalf it was sent; `None` if the message does not say. See [`of_role`].
///
/// # Errors
/// Those of the node. A property that cannot be read is listed in the result.
pub fn of_sent_representing<L: AddressLookup + ?Sized>(message: &Message, lookup: &L) -> Result<Option<Resolved>> {
    of_role(message, AddressRole::SentRepresenting, lookup)
}

/// Somebody of the message; `None` if it has no property of the role.
///
/// The transport headers are read only if nothing else gives an address, and believed about sender and represented only
/// if they name one person, and that the same one: by the display name, or because the message knows one sender alone.
///
/// # Errors
/// Those of the node. A property that cannot be read is listed in the result.
pub fn of_role<L: AddressLookup + ?Sized>(
    message: &Message,
    role: AddressRole,
    lookup: &L,
) -> Result<Option<Resolved>> {
    let properties = message.properties()?;
    let mut unreadable = Vec::new();
    let found = Stored::read(properties, &role.ids(), &mut unreadable);
    if found.is_empty() && unreadable.is_empty() {
        return Ok(None);
    }
    let page = properties.code_page().page;
    let own = resolve(&found.facts(page, None), &());
    let resolved = match own.smtp {
        Some(_) => own,
        None => {
            let header = from_headers(properties, role, &found, &mut unreadable);
            resolve(&found.facts(page, header.as_ref()), lookup)
        }
    };
    Ok(Some(Resolved { unreadable, ..resolved }))
}

/// What the properties of a role hold.
#[derive(Default)]
struct Stored {
    name: Option<String>,
    address_type: Option<String>,
    address: Option<String>,
    smtp: Option<String>,
    entry_id: Option<Vec<u8>>,
    search_key: Option<Vec<u8>>,
}

impl Stored {
    fn read(properties: &PropertyContext, ids: &Ids, unreadable: &mut Vec<u16>) -> Self {
        let mut text = |id| keep(unreadable, id, properties.string(id)).filter(|text| !text.is_empty());
        let (name, address_type) = (text(ids.name), text(ids.address_type));
        let (address, smtp) = (text(ids.address), text(ids.smtp));
        let mut binary = |id| {
            let bytes = keep(unreadable, id, properties.binary(id))?;
            // No entry id or key is longer, and none needs more to be read.
            Some(bytes.get(..bytes.len().min(LONGEST_ENTRY_ID)).unwrap_or_default().to_vec())
        };
        let (entry_id, search_key) = (binary(ids.entry_id), binary(ids.search_key));
        Self { name, address_type, address, smtp, entry_id, search_key }
    }

    fn is_empty(&self) -> bool {
        let Self { name, address_type: _, address, smtp, entry_id, search_key } = self;
        name.is_none() && address.is_none() && smtp.is_none() && entry_id.is_none() && search_key.is_none()
    }

    fn facts<'a>(&'a self, page: CodePage, header: Option<&'a Mailbox>) -> AddressFacts<'a> {
        AddressFacts {
            name: self.name.as_deref(),
            address_type: self.address_type.as_deref(),
            address: self.address.as_deref(),
            smtp: self.smtp.as_deref(),
            entry_id: self.entry_id.as_deref(),
            proxy_addresses: &[],
            header,
            search_key: self.search_key.as_deref(),
            code_page: Some(page),
        }
    }
}

/// Characters of the transport headers that are searched.
const HEADERS_SEARCHED: usize = 1 << 20;

fn keep<T>(unreadable: &mut Vec<u16>, id: u16, result: Result<Option<T>, Error>) -> Option<T> {
    result.unwrap_or_else(|_| {
        unreadable.push(id);
        None
    })
}

/// The person of the From or Sender header who is the one of the role.
fn from_headers(
    properties: &PropertyContext,
    role: AddressRole,
    stored: &Stored,
    unreadable: &mut Vec<u16>,
) -> Option<Mailbox> {
    let other = match role {
        AddressRole::Sender => AddressRole::SentRepresenting,
        AddressRole::SentRepresenting => AddressRole::Sender,
        _ => return None,
    };
    let headers = keep(unreadable, id::TRANSPORT_MESSAGE_HEADERS, properties.string(id::TRANSPORT_MESSAGE_HEADERS))?;
    let from = the_one_of(&headers, "From");
    let sender = the_one_of(&headers, "Sender");
    let named = match (role, &sender) {
        (AddressRole::Sender, Some(_)) => sender.clone(),
        _ => from,
    }?;
    let name = stored.name.as_deref().unwrap_or_default();
    let agree = same_name(named.name.as_deref(), name) || same_name(named.address.as_deref(), name);
    // Sender and represented are one, and so is who is named in the header.
    let mut ignored = Vec::new();
    let other = Stored::read(properties, &other.ids(), &mut ignored);
    let only = sender.is_none()
        && (other.is_empty() || (other.address.is_some() && lower(&other.address) == lower(&stored.address)));
    (agree || only).then_some(named)
}

fn lower(text: &Option<String>) -> Option<String> {
    text.as_ref().map(|text| text.trim_matches('\0').to_lowercase())
}

/// Names agree without regard to case, blanks and quotes.
fn same_name(header: Option<&str>, stored: &str) -> bool {
    let plain = |name: &str| -> String {
        let kept =
            name.chars().filter(|character| !character.is_whitespace() && !['"', '\'', '\0'].contains(character));
        kept.flat_map(char::to_lowercase).collect()
    };
    let stored = plain(stored);
    !stored.is_empty() && header.is_some_and(|header| plain(header) == stored)
}

/// The mailbox of a header field, if the headers have the field once and it names one person.
fn the_one_of(headers: &str, field: &str) -> Option<Mailbox> {
    let mut values = header_values(headers, field);
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let list = AddressList::parse(&value);
    let mut mailboxes = list.mailboxes();
    let one = mailboxes.next()?.clone();
    mailboxes.next().is_none().then_some(one)
}

/// The values of a field in transport headers, with the lines that continue it. Headers end at the first empty line.
fn header_values<'a>(headers: &'a str, field: &'a str) -> impl Iterator<Item = String> + 'a {
    let mut lines = headers
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .scan(0usize, |read, line| {
            *read = read.saturating_add(line.len());
            (*read <= HEADERS_SEARCHED).then_some(line)
        })
        // Some servers begin with an empty line, or a banner that is no field.
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .peekable();
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let Some((name, first)) = line.split_once(':') else { continue };
            if !name.trim_end().eq_ignore_ascii_case(field) {
                continue;
            }
            let mut value = first.trim().to_owned();
            while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
                value.push(' ');
                value.push_str(more.trim());
            }
            return Some(value);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers() {
        let headers = "Microsoft Mail Internet Headers Version 2.0\r\nReceived: from a by b;\r\n Mon\r\nFROM :  =?utf-8?q?J=C3=B6rg?=\r\n\t<joerg@x.example>\r\nTo: b@x.example\r\n\r\nFrom: inner@x.example\r\n";
        let from = the_one_of(headers, "From").unwrap();
        assert_eq!((from.name.as_deref(), from.address.as_deref()), (Some("Jörg"), Some("joerg@x.example")));
        assert_eq!(the_one_of(headers, "Sender"), None);
        assert_eq!(the_one_of("From: a@x.example, b@x.example", "From"), None, "two people");
        assert_eq!(the_one_of("From: a@x.example\nFrom: b@x.example", "From"), None, "two fields");
    }

    #[test]
    fn names_that_agree() {
        assert!(same_name(Some("Smith, John"), "'smith,  john'"));
        assert!(!same_name(Some("John Smith"), "Smith, John"));
        assert!(!same_name(Some(""), ""));
        assert!(!same_name(None, "x"));
    }
}
