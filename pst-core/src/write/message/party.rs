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
    let entry_id = one_off_entry_id(name, address);
    let mut row = Properties::new();
    row.integer32(id::RECIPIENT_TYPE, kind)
        .boolean(0x0E0F, false)
        .binary(id::RECORD_KEY, entry_id.clone())
        .integer32(0x0FFE, 6)
        .binary(0x0FFF, entry_id)
        .text(id::DISPLAY_NAME, name)
        .text(id::ADDRESS_TYPE, "SMTP")
        .text(id::EMAIL_ADDRESS, address)
        .binary(0x300B, search_key(address))
        .integer32(0x3900, 0)
        .text(id::SMTP_ADDRESS, address)
        .boolean(0x3A40, true);
    row
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1): who it is, without an address book.
pub(crate) fn one_off_entry_id(name: &str, address: &str) -> Vec<u8> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
    /// Unicode, no rich text.
    const FLAGS: u16 = 0x9001;
    let mut out = vec![0; 4];
    out.extend_from_slice(&PROVIDER);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&FLAGS.to_le_bytes());
    for text in [name, "SMTP", address] {
        out.extend_from_slice(&utf16::encode(text));
        out.extend_from_slice(&[0, 0]);
    }
    out
}

/// A search key of an address: type and upper-cased address, with a zero at the end.
pub(crate) fn search_key(address: &str) -> Vec<u8> {
    let mut key = format!("SMTP:{}", address.to_uppercase()).into_bytes();
    key.push(0);
    key
}
