//! GUIDs as a PST stores them, and the property sets they name.
//!
//! A GUID takes 16 bytes (MS-DTYP 2.3.4.2). **The first three fields are little-endian and the rest is in the order of
//! the text**, so bytes and text differ:
//!
//! ```text
//! bytes  08 20 06 00 | 00 00 | 00 00 | C0 00 | 00 00 00 00 00 46
//! text   00062008    - 0000  - 0000  - c000  - 000000000046
//! ```
//!
//! Stands on the standard library alone.

use std::fmt;
use std::str::FromStr;

/// A GUID: 16 bytes in the stored, mixed-endian order (MS-DTYP 2.3.4.2).
///
/// `Display` and `Debug` give the canonical text in lower case, without braces. The order is that of the stored bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Guid([u8; 16]);

impl Guid {
    /// PS_MAPI, the properties with an id below 0x8000 (MS-OXPROPS 1.3.2).
    pub const PS_MAPI: Self = Self::outlook(0x0002_0328);
    /// PS_PUBLIC_STRINGS, properties named by users and by programs (MS-OXPROPS 1.3.2).
    pub const PS_PUBLIC_STRINGS: Self = Self::outlook(0x0002_0329);
    /// PS_INTERNET_HEADERS, one string property for each header of a mail (MS-OXPROPS 1.3.2).
    pub const PS_INTERNET_HEADERS: Self = Self::outlook(0x0002_0386);
    /// PSETID_Appointment, calendar items (MS-OXPROPS 1.3.2).
    pub const PSETID_APPOINTMENT: Self = Self::outlook(0x0006_2002);
    /// PSETID_Task, tasks (MS-OXPROPS 1.3.2).
    pub const PSETID_TASK: Self = Self::outlook(0x0006_2003);
    /// PSETID_Address, contacts (MS-OXPROPS 1.3.2).
    pub const PSETID_ADDRESS: Self = Self::outlook(0x0006_2004);
    /// PSETID_Common, items of every kind (MS-OXPROPS 1.3.2).
    pub const PSETID_COMMON: Self = Self::outlook(0x0006_2008);
    /// PSETID_Log, entries of the Outlook journal (MS-OXPROPS 1.3.2).
    pub const PSETID_LOG: Self = Self::outlook(0x0006_200A);
    /// PSETID_Note, sticky notes (MS-OXPROPS 1.3.2).
    pub const PSETID_NOTE: Self = Self::outlook(0x0006_200E);
    /// PSETID_Sharing, sharing messages (MS-OXPROPS 1.3.2).
    pub const PSETID_SHARING: Self = Self::outlook(0x0006_2040);
    /// PSETID_PostRss, items of RSS feeds (MS-OXPROPS 1.3.2).
    pub const PSETID_POST_RSS: Self = Self::outlook(0x0006_2041);
    /// PSETID_Meeting, meeting requests and answers (MS-OXPROPS 1.3.2).
    pub const PSETID_MEETING: Self =
        Self::from_fields(0x6ED8_DA90, 0x450B, 0x101B, [0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05]);
    /// PSETID_Messaging (MS-OXPROPS 1.3.2).
    pub const PSETID_MESSAGING: Self =
        Self::from_fields(0x41F2_8F13, 0x83F4, 0x4114, [0xA5, 0x84, 0xEE, 0xDB, 0x5A, 0x6B, 0x0B, 0xFF]);
    /// PSETID_UnifiedMessaging, voice mail and fax (MS-OXPROPS 1.3.2).
    pub const PSETID_UNIFIED_MESSAGING: Self =
        Self::from_fields(0x4442_858E, 0xA9E3, 0x4E80, [0xB9, 0x00, 0x31, 0x7A, 0x21, 0x0C, 0xC1, 0x5B]);
    /// PSETID_AirSync, synchronisation with devices (MS-OXPROPS 1.3.2).
    pub const PSETID_AIR_SYNC: Self =
        Self::from_fields(0x7103_5549, 0x0739, 0x4DCB, [0x91, 0x63, 0x00, 0xF0, 0x58, 0x0D, 0xBB, 0xDF]);
    /// PSETID_XmlExtractedEntities (MS-OXPROPS 1.3.2).
    pub const PSETID_XML_EXTRACTED_ENTITIES: Self =
        Self::from_fields(0x2323_9608, 0x685D, 0x4732, [0x9C, 0x55, 0x4C, 0x95, 0xCB, 0x4E, 0x8E, 0x33]);
    /// PSETID_Attachment (MS-OXPROPS 1.3.2).
    pub const PSETID_ATTACHMENT: Self =
        Self::from_fields(0x9635_7F7F, 0x59E1, 0x47D0, [0x99, 0xA7, 0x46, 0x51, 0x5C, 0x18, 0x3B, 0x54]);

    /// A GUID from its 16 stored bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// A GUID from the fields of MS-DTYP 2.3.4.2: `Data1`, `Data2`, `Data3` as numbers, `Data4` as bytes.
    pub const fn from_fields(data1: u32, data2: u16, data3: u16, data4: [u8; 8]) -> Self {
        let [a, b, c, d] = data1.to_le_bytes();
        let [e, f] = data2.to_le_bytes();
        let [g, h] = data3.to_le_bytes();
        let [i, j, k, l, m, n, o, p] = data4;
        Self([a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p])
    }

    /// `{xxxxxxxx-0000-0000-C000-000000000046}`, the range in which most property sets lie.
    const fn outlook(data1: u32) -> Self {
        Self::from_fields(data1, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46])
    }

    /// The 16 stored bytes.
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }

    /// The 16 stored bytes, borrowed.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The name of the property set as MS-OXPROPS 1.3.2 spells it, such as `PSETID_Common`; `None` for any other GUID.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::PS_MAPI => "PS_MAPI",
            Self::PS_PUBLIC_STRINGS => "PS_PUBLIC_STRINGS",
            Self::PS_INTERNET_HEADERS => "PS_INTERNET_HEADERS",
            Self::PSETID_APPOINTMENT => "PSETID_Appointment",
            Self::PSETID_TASK => "PSETID_Task",
            Self::PSETID_ADDRESS => "PSETID_Address",
            Self::PSETID_COMMON => "PSETID_Common",
            Self::PSETID_LOG => "PSETID_Log",
            Self::PSETID_NOTE => "PSETID_Note",
            Self::PSETID_SHARING => "PSETID_Sharing",
            Self::PSETID_POST_RSS => "PSETID_PostRss",
            Self::PSETID_MEETING => "PSETID_Meeting",
            Self::PSETID_MESSAGING => "PSETID_Messaging",
            Self::PSETID_UNIFIED_MESSAGING => "PSETID_UnifiedMessaging",
            Self::PSETID_AIR_SYNC => "PSETID_AirSync",
            Self::PSETID_XML_EXTRACTED_ENTITIES => "PSETID_XmlExtractedEntities",
            Self::PSETID_ATTACHMENT => "PSETID_Attachment",
            _ => return None,
        })
    }
}

impl From<[u8; 16]> for Guid {
    fn from(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, f_, g, h, i, j, k, l, m, n, o, p] = self.0;
        let data1 = u32::from_le_bytes([a, b, c, d]);
        let data2 = u16::from_le_bytes([e, f_]);
        let data3 = u16::from_le_bytes([g, h]);
        let high = u16::from_be_bytes([i, j]);
        let low = u64::from_be_bytes([0, 0, k, l, m, n, o, p]);
        write!(f, "{data1:08x}-{data2:04x}-{data3:04x}-{high:04x}-{low:012x}")
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text is not a GUID of the form `00062008-0000-0000-c000-000000000046`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a GUID: expected 32 hexadecimal digits grouped 8-4-4-4-12, with both braces or none")]
pub struct ParseGuidError;

impl FromStr for Guid {
    type Err = ParseGuidError;

    /// Reads the canonical text in upper or lower case, with both braces or none.
    fn from_str(text: &str) -> Result<Self, ParseGuidError> {
        let bare = match text.strip_prefix('{') {
            Some(rest) => rest.strip_suffix('}').ok_or(ParseGuidError)?,
            None => text,
        };
        let mut groups = bare.split('-');
        let mut group = |digits: usize| -> Result<u64, ParseGuidError> {
            let part = groups.next().filter(|part| part.len() == digits).ok_or(ParseGuidError)?;
            // `from_str_radix` would take a sign.
            if !part.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err(ParseGuidError);
            }
            u64::from_str_radix(part, 16).map_err(|_| ParseGuidError)
        };
        let data1 = u32::try_from(group(8)?).map_err(|_| ParseGuidError)?;
        let data2 = u16::try_from(group(4)?).map_err(|_| ParseGuidError)?;
        let data3 = u16::try_from(group(4)?).map_err(|_| ParseGuidError)?;
        let [.., i, j] = group(4)?.to_be_bytes();
        let [_, _, k, l, m, n, o, p] = group(12)?.to_be_bytes();
        if groups.next().is_some() {
            return Err(ParseGuidError);
        }
        Ok(Self::from_fields(data1, data2, data3, [i, j, k, l, m, n, o, p]))
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Guid {
    /// The canonical text.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bytes_and_text_differ_in_the_first_three_fields() {
        let stored = [0x90, 0xDA, 0xD8, 0x6E, 0x0B, 0x45, 0x1B, 0x10, 0x98, 0xDA, 0x00, 0xAA, 0x00, 0x3F, 0x13, 0x05];
        let guid = Guid::from_bytes(stored);
        assert_eq!(guid, Guid::PSETID_MEETING);
        assert_eq!(guid.to_string(), "6ed8da90-450b-101b-98da-00aa003f1305");
        assert_eq!(format!("{guid:?}"), guid.to_string());
        assert_eq!(guid.to_bytes(), stored);
        assert_eq!(guid.as_bytes(), &stored);
        assert_eq!(Guid::PSETID_COMMON.to_bytes(), [8, 0x20, 6, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
    }

    #[test]
    fn every_property_set_has_the_guid_of_the_specification() {
        let table = [
            ("PS_MAPI", "{00020328-0000-0000-C000-000000000046}"),
            ("PS_PUBLIC_STRINGS", "{00020329-0000-0000-C000-000000000046}"),
            ("PS_INTERNET_HEADERS", "{00020386-0000-0000-C000-000000000046}"),
            ("PSETID_Common", "{00062008-0000-0000-C000-000000000046}"),
            ("PSETID_Address", "{00062004-0000-0000-C000-000000000046}"),
            ("PSETID_Appointment", "{00062002-0000-0000-C000-000000000046}"),
            ("PSETID_Meeting", "{6ED8DA90-450B-101B-98DA-00AA003F1305}"),
            ("PSETID_Log", "{0006200A-0000-0000-C000-000000000046}"),
            ("PSETID_Messaging", "{41F28F13-83F4-4114-A584-EEDB5A6B0BFF}"),
            ("PSETID_Note", "{0006200E-0000-0000-C000-000000000046}"),
            ("PSETID_PostRss", "{00062041-0000-0000-C000-000000000046}"),
            ("PSETID_Task", "{00062003-0000-0000-C000-000000000046}"),
            ("PSETID_UnifiedMessaging", "{4442858E-A9E3-4E80-B900-317A210CC15B}"),
            ("PSETID_AirSync", "{71035549-0739-4DCB-9163-00F0580DBBDF}"),
            ("PSETID_Sharing", "{00062040-0000-0000-C000-000000000046}"),
            ("PSETID_XmlExtractedEntities", "{23239608-685D-4732-9C55-4C95CB4E8E33}"),
            ("PSETID_Attachment", "{96357F7F-59E1-47D0-99A7-46515C183B54}"),
        ];
        for (name, text) in table {
            assert_eq!(text.parse::<Guid>().map(Guid::name), Ok(Some(name)), "{text}");
        }
        assert_eq!(Guid::default().name(), None);
    }

    #[test]
    fn text_of_another_shape_is_refused() {
        for text in [
            "",
            "{}",
            "{00062008-0000-0000-c000-000000000046",
            "00062008-0000-0000-c000-000000000046}",
            "{{00062008-0000-0000-c000-000000000046}}",
            "000620080000-0000-c000-000000000046",
            "00062008-0000-0000-c000-00000000004",
            "00062008-0000-0000-c000-0000000000466",
            "+0062008-0000-0000-c000-000000000046",
            "00062008-0000-0000-c000-00000000004g",
            "00062008-0000-0000-c000-000000000046-",
            "0006200é-0000-0000-c000-000000000046",
        ] {
            assert_eq!(text.parse::<Guid>(), Err(ParseGuidError), "{text}");
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(bytes in any::<[u8; 16]>()) {
            let guid = Guid::from_bytes(bytes);
            prop_assert_eq!(guid.to_string().parse::<Guid>(), Ok(guid));
            prop_assert_eq!(format!("{{{guid}}}").to_uppercase().parse::<Guid>(), Ok(guid));
        }
    }
}
