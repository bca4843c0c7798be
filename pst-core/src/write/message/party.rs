//! Who sends and who receives, as properties.

use crate::ltp::id;
use crate::text::utf16;
use crate::write::properties::Properties;

/// Where the parts of one who sends stand.
pub(super) struct Party {
    name: u16,
    address_type: u16,
    address: u16,
    smtp_address: u16,
    entry_id: u16,
    search_key: u16,
}

/// Who wrote it.
pub(super) const SENDER: Party = Party {
    name: id::SENDER_NAME,
    address_type: id::SENDER_ADDRESS_TYPE,
    address: id::SENDER_EMAIL_ADDRESS,
    smtp_address: id::SENDER_SMTP_ADDRESS,
    entry_id: 0x0C19,
    search_key: 0x0C1D,
};

/// Whom it was written for.
pub(super) const REPRESENTED: Party = Party {
    name: id::SENT_REPRESENTING_NAME,
    address_type: id::SENT_REPRESENTING_ADDRESS_TYPE,
    address: id::SENT_REPRESENTING_EMAIL_ADDRESS,
    smtp_address: id::SENT_REPRESENTING_SMTP_ADDRESS,
    entry_id: 0x0041,
    search_key: 0x003B,
};

impl Party {
    /// Sets all that says who it is.
    pub(super) fn set(&self, properties: &mut Properties, name: &str, address: &str) {
        properties
            .text(self.name, name)
            .text(self.address_type, "SMTP")
            .text(self.address, address)
            .text(self.smtp_address, address)
            .binary(self.entry_id, one_off_entry_id(name, address))
            .binary(self.search_key, search_key(address));
    }
}

/// The row of a recipient, as Outlook writes them; `kind` is PidTagRecipientType.
pub(crate) fn recipient_row(kind: i32, name: &str, address: &str) -> Properties {
    typed_recipient_row(kind, name, SMTP, address)
}

/// As [`recipient_row`], of somebody whose address may be none of SMTP.
pub(crate) fn typed_recipient_row(kind: i32, name: &str, address_type: &str, address: &str) -> Properties {
    let entry_id = entry_id(name, address_type, address);
    let mut row = Properties::new();
    row.integer32(id::RECIPIENT_TYPE, kind)
        .boolean(0x0E0F, false)
        .binary(id::RECORD_KEY, entry_id.clone())
        .integer32(0x0FFE, 6)
        .binary(0x0FFF, entry_id)
        .text(id::DISPLAY_NAME, name)
        .text(id::ADDRESS_TYPE, address_type)
        .text(id::EMAIL_ADDRESS, address)
        .binary(0x300B, typed_search_key(address_type, address))
        .integer32(0x3900, 0)
        .boolean(0x3A40, true);
    if address_type == SMTP {
        row.text(id::SMTP_ADDRESS, address);
    }
    row
}

/// The address type of the internet.
const SMTP: &str = "SMTP";

/// Who it is: in an address book of Exchange (MS-OXCDATA 2.2.5.2) if the type says so, else without one.
pub(crate) fn entry_id(name: &str, address_type: &str, address: &str) -> Vec<u8> {
    const EXCHANGE: [u8; 16] =
        [0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82];
    if address_type != "EX" || !address.is_ascii() || address.contains('\0') {
        return one_off(name, address_type, address);
    }
    let mut out = vec![0; 4];
    out.extend_from_slice(&EXCHANGE);
    // Version 1; a mail user.
    out.extend_from_slice(&[1, 0, 0, 0, 0, 0, 0, 0]);
    out.extend_from_slice(address.as_bytes());
    out.push(0);
    out
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1): who it is, without an address book.
pub(crate) fn one_off_entry_id(name: &str, address: &str) -> Vec<u8> {
    one_off(name, SMTP, address)
}

fn one_off(name: &str, address_type: &str, address: &str) -> Vec<u8> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
    /// Unicode, no rich text.
    const FLAGS: u16 = 0x9001;
    let mut out = vec![0; 4];
    out.extend_from_slice(&PROVIDER);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&FLAGS.to_le_bytes());
    for text in [name, address_type, address] {
        out.extend_from_slice(&utf16::encode(text));
        out.extend_from_slice(&[0, 0]);
    }
    out
}

/// A search key of an address: type and upper-cased address, with a zero at the end.
pub(crate) fn search_key(address: &str) -> Vec<u8> {
    typed_search_key(SMTP, address)
}

/// As [`search_key`], of an address that may be none of SMTP.
pub(crate) fn typed_search_key(address_type: &str, address: &str) -> Vec<u8> {
    let mut key = format!("{address_type}:{}", address.to_uppercase()).into_bytes();
    key.push(0);
    key
}
