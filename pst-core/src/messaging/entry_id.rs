//! Entry ids: of objects in this store (MS-PST 2.4.3.2), of addresses outside any directory, of entries of an address book
//! (MS-OXCDATA 2.2.5).
//!
//! An entry id is four bytes of flags, the 16 bytes of its provider, and what the provider puts behind them.

use crate::ndb::Nid;
use crate::text::{CodePage, utf16};
use crate::{Guid, bytes};

/// The provider of one-off entry ids.
const ONE_OFF: [u8; 16] =
    [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
/// The provider of the address book of Exchange.
const ADDRESS_BOOK: [u8; 16] =
    [0xDC, 0xA7, 0x40, 0xC8, 0xC0, 0x42, 0x10, 0x1A, 0xB4, 0xB9, 0x08, 0x00, 0x2B, 0x2F, 0xE1, 0x82];
/// Bytes of an entry id that are kept where one is read along with something else. None in use is near as long.
pub(crate) const LONGEST_ENTRY_ID: usize = 16 << 10;
/// The strings of a one-off entry id are UTF-16LE.
const UNICODE: u16 = 0x8000;

/// The entry id of an object in a PST: `rgbFlags` (zero), the record key of the store, the node id; 24 bytes.
///
/// Entry ids of any other length or provider belong to Exchange or an address book and are not of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId {
    /// The record key of the store the object is in.
    pub store: Guid,
    /// The object's node.
    pub nid: Nid,
}

impl EntryId {
    /// Decodes an entry id; `None` if it is of another kind.
    pub fn decode(stored: &[u8]) -> Option<Self> {
        (stored.len() == 24).then_some(())?;
        Some(Self { store: Guid::from_bytes(bytes::array(stored, 4)?), nid: Nid::new(bytes::u32(stored, 20)?) })
    }

    /// Encodes 24 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(self.store.as_bytes());
        out.extend_from_slice(&self.nid.raw().to_le_bytes());
        out
    }
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1): an address that is in no directory, and so carries itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OneOffEntryId {
    /// The display name.
    pub name: String,
    /// The type of the address: `SMTP`, `FAX`.
    pub address_type: String,
    /// The address, of that type.
    pub address: String,
}

impl OneOffEntryId {
    /// Decodes an entry id; `None` if it is of another kind, or ends before its address. `page` reads the strings of one
    /// that is not in Unicode.
    pub fn decode(stored: &[u8], page: CodePage) -> Option<Self> {
        let flags = bytes::u16(of_provider(stored, &ONE_OFF)?, 2)?;
        let mut rest = stored.get(24..)?;
        let mut next = || {
            let (text, after) = if flags & UNICODE != 0 { wide_string(rest) } else { narrow_string(rest, page) }?;
            rest = after;
            Some(text)
        };
        Some(Self { name: next()?, address_type: next()?, address: next()? })
    }

    /// Encodes it in Unicode, as one that takes MIME or RTF at the sender's choice.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(&ONE_OFF);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&UNICODE.to_le_bytes());
        for text in [&self.name, &self.address_type, &self.address] {
            out.extend_from_slice(&utf16::encode(text));
            out.extend_from_slice(&[0, 0]);
        }
        out
    }
}

/// A permanent entry id of the address book of Exchange (MS-OXCDATA 2.2.5.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AddressBookEntryId {
    /// What the entry is: 0 a mailbox, 1 a distribution list, 6 a contact; others exist.
    pub object_type: u32,
    /// The distinguished name of the entry: an address of type `EX`.
    pub distinguished_name: String,
}

impl AddressBookEntryId {
    /// Decodes an entry id; `None` if it is of another kind, or ends before its name. Names are ASCII; anything else in
    /// them is read as windows-1252.
    pub fn decode(stored: &[u8]) -> Option<Self> {
        let object_type = bytes::u32(of_provider(stored, &ADDRESS_BOOK)?, 4)?;
        let (distinguished_name, _) = narrow_string(stored.get(28..)?, CodePage::WINDOWS_1252)?;
        Some(Self { object_type, distinguished_name })
    }

    /// Encodes it; `None` if the name has a character outside windows-1252.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut out = vec![0; 4];
        out.extend_from_slice(&ADDRESS_BOOK);
        out.extend_from_slice(&1u32.to_le_bytes());
        out.extend_from_slice(&self.object_type.to_le_bytes());
        out.extend_from_slice(&CodePage::WINDOWS_1252.encode(&self.distinguished_name)?);
        out.push(0);
        Some(out)
    }
}

/// What is behind the provider's id, if it is the provider's.
fn of_provider<'a>(stored: &'a [u8], provider: &[u8; 16]) -> Option<&'a [u8]> {
    (bytes::slice(stored, 4, 16)? == provider).then_some(())?;
    stored.get(20..)
}

/// A string up to its NUL, or to the end where a writer left out the last one; and what follows.
fn wide_string(stored: &[u8]) -> Option<(String, &[u8])> {
    if stored.is_empty() {
        return None;
    }
    let units = utf16::units(stored).take_while(|unit| *unit != 0).count();
    let length = units.checked_mul(2)?;
    let rest = stored.get(length.checked_add(2)?..).unwrap_or_default();
    Some((utf16::decode_lossy(stored.get(..length)?), rest))
}

fn narrow_string(stored: &[u8], page: CodePage) -> Option<(String, &[u8])> {
    if stored.is_empty() {
        return None;
    }
    let length = stored.iter().position(|byte| *byte == 0).unwrap_or(stored.len());
    let rest = stored.get(length.checked_add(1)?..).unwrap_or_default();
    let text = stored.get(..length)?;
    // A page without decoder keeps the ASCII, which is all an address needs.
    let text =
        page.decode(text).map_or_else(|_| String::from_utf8_lossy(text).into_owned(), |text| text.text.into_owned());
    Some((text, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_off() {
        let id = OneOffEntryId {
            name: "Müller, Jörg".to_owned(),
            address_type: "SMTP".to_owned(),
            address: "joerg@x.example".to_owned(),
        };
        assert_eq!(OneOffEntryId::decode(&id.encode(), CodePage::WINDOWS_1252), Some(id.clone()));
        // As an ANSI client stores it, and without the last NUL.
        let mut narrow = id.encode();
        narrow.truncate(22);
        narrow.extend_from_slice(b"\x01\x00M\xFCller, J\xF6rg\0SMTP\0joerg@x.example");
        assert_eq!(OneOffEntryId::decode(&narrow, CodePage::WINDOWS_1252), Some(id.clone()));
        // Cut before the address, cut in the middle of a unit, of another provider.
        assert_eq!(OneOffEntryId::decode(&id.encode()[..24], CodePage::WINDOWS_1252), None);
        assert_eq!(OneOffEntryId::decode(&id.encode()[..60], CodePage::WINDOWS_1252), None);
        let cut = OneOffEntryId::decode(&id.encode()[..63], CodePage::WINDOWS_1252).unwrap();
        assert_eq!(cut.address, "j");
        assert_eq!(OneOffEntryId::decode(&[0; 100], CodePage::WINDOWS_1252), None);
    }

    #[test]
    fn address_book() {
        let id = AddressBookEntryId { object_type: 0, distinguished_name: "/o=ORG/cn=Recipients/cn=joe".to_owned() };
        let stored = id.encode().unwrap();
        assert_eq!(stored.len(), 28 + 27 + 1);
        assert_eq!(AddressBookEntryId::decode(&stored), Some(id));
        assert_eq!(AddressBookEntryId::decode(&stored[..28]), None);
        assert_eq!(OneOffEntryId::decode(&stored, CodePage::WINDOWS_1252), None);
    }

    #[test]
    fn round_trip() {
        let id = EntryId { store: Guid::PS_MAPI, nid: Nid::new(0x8022) };
        assert_eq!(EntryId::decode(&id.encode()), Some(id));
        assert_eq!(EntryId::decode(&id.encode()[..23]), None);
        assert_eq!(EntryId::decode(&[0; 70]), None);
    }
}
