//! Property tags: id and type in one number (MS-OXCDATA 2.9, 2.11.1).

use std::fmt;

/// The type of a property value: PtypInteger32 and so on (MS-OXCDATA 2.11.1).
///
/// Files carry types that nobody documented, so this is a number with names for the known ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyType(u16);

macro_rules! property_types {
    ($($(#[$doc:meta])* $constant:ident = $number:literal, $name:literal;)*) => {
        impl PropertyType {
            $($(#[$doc])* pub const $constant: Self = Self($number);)*

            /// The name in MS-OXCDATA, for the known ones.
            pub const fn name(self) -> Option<&'static str> {
                Some(match self.0 {
                    $($number => $name,)*
                    _ => return None,
                })
            }
        }
    };
}

property_types! {
    /// No type. Some writers leave such entries behind.
    UNSPECIFIED = 0x0000, "PtypUnspecified";
    /// No value.
    NULL = 0x0001, "PtypNull";
    /// 16-bit integer.
    INTEGER16 = 0x0002, "PtypInteger16";
    /// 32-bit integer.
    INTEGER32 = 0x0003, "PtypInteger32";
    /// 32-bit floating point number.
    FLOATING32 = 0x0004, "PtypFloating32";
    /// 64-bit floating point number.
    FLOATING64 = 0x0005, "PtypFloating64";
    /// 64-bit integer counting ten-thousandths.
    CURRENCY = 0x0006, "PtypCurrency";
    /// Days since 1899-12-30 as a 64-bit floating point number.
    FLOATING_TIME = 0x0007, "PtypFloatingTime";
    /// 32-bit error code.
    ERROR_CODE = 0x000A, "PtypErrorCode";
    /// True or false. **Only the low byte counts.**
    BOOLEAN = 0x000B, "PtypBoolean";
    /// A subnode: embedded message or OLE storage.
    OBJECT = 0x000D, "PtypObject";
    /// 64-bit integer.
    INTEGER64 = 0x0014, "PtypInteger64";
    /// Text in a code page.
    STRING8 = 0x001E, "PtypString8";
    /// Text in UTF-16LE.
    STRING = 0x001F, "PtypString";
    /// FILETIME.
    TIME = 0x0040, "PtypTime";
    /// GUID.
    GUID = 0x0048, "PtypGuid";
    /// Server id, kept as bytes.
    SERVER_ID = 0x00FB, "PtypServerId";
    /// Restriction, kept as bytes.
    RESTRICTION = 0x00FD, "PtypRestriction";
    /// Rule action, kept as bytes.
    RULE_ACTION = 0x00FE, "PtypRuleAction";
    /// Bytes.
    BINARY = 0x0102, "PtypBinary";
    /// Several 16-bit integers.
    MULTIPLE_INTEGER16 = 0x1002, "PtypMultipleInteger16";
    /// Several 32-bit integers.
    MULTIPLE_INTEGER32 = 0x1003, "PtypMultipleInteger32";
    /// Several 32-bit floating point numbers.
    MULTIPLE_FLOATING32 = 0x1004, "PtypMultipleFloating32";
    /// Several 64-bit floating point numbers.
    MULTIPLE_FLOATING64 = 0x1005, "PtypMultipleFloating64";
    /// Several currencies.
    MULTIPLE_CURRENCY = 0x1006, "PtypMultipleCurrency";
    /// Several floating times.
    MULTIPLE_FLOATING_TIME = 0x1007, "PtypMultipleFloatingTime";
    /// Several 64-bit integers.
    MULTIPLE_INTEGER64 = 0x1014, "PtypMultipleInteger64";
    /// Several texts in a code page.
    MULTIPLE_STRING8 = 0x101E, "PtypMultipleString8";
    /// Several texts in UTF-16LE.
    MULTIPLE_STRING = 0x101F, "PtypMultipleString";
    /// Several FILETIMEs.
    MULTIPLE_TIME = 0x1040, "PtypMultipleTime";
    /// Several GUIDs.
    MULTIPLE_GUID = 0x1048, "PtypMultipleGuid";
    /// Several byte strings.
    MULTIPLE_BINARY = 0x1102, "PtypMultipleBinary";
}

impl PropertyType {
    const MULTIPLE: u16 = 0x1000;

    /// From the number in the file.
    pub const fn new(raw: u16) -> Self {
        Self(raw)
    }

    /// The number in the file.
    pub const fn raw(self) -> u16 {
        self.0
    }

    /// True for types with several values.
    pub const fn is_multiple(self) -> bool {
        self.0 & Self::MULTIPLE != 0
    }

    /// The type of one value of a multiple type; the type itself otherwise.
    pub const fn element(self) -> Self {
        Self(self.0 & !Self::MULTIPLE)
    }

    /// Bytes of one value where every value has the same, after [`element`](Self::element).
    pub const fn fixed_size(self) -> Option<usize> {
        Some(match self.element() {
            Self::BOOLEAN => 1,
            Self::INTEGER16 => 2,
            Self::INTEGER32 | Self::FLOATING32 | Self::ERROR_CODE => 4,
            Self::FLOATING64 | Self::CURRENCY | Self::FLOATING_TIME | Self::INTEGER64 | Self::TIME => 8,
            Self::GUID => 16,
            _ => return None,
        })
    }

    /// True if a property context keeps the value in the entry itself (MS-PST 2.3.3.3).
    pub(crate) const fn is_inline(self) -> bool {
        matches!(self.fixed_size(), Some(size) if size <= 4) && !self.is_multiple()
    }
}

impl fmt::Display for PropertyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {:#06x}", self.0),
        }
    }
}

impl fmt::Debug for PropertyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PropertyType({self})")
    }
}

/// A property tag: property id in the upper, type in the lower 16 bits (MS-OXCDATA 2.9).
///
/// Ids from 0x8000 on are named properties and mean something only through the file's named property map.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PropertyTag(u32);

impl PropertyTag {
    /// From the number as it is usually written, such as 0x0037001F.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// From id and type.
    pub const fn from_parts(id: u16, kind: PropertyType) -> Self {
        let ([a, b], [c, d]) = (kind.raw().to_le_bytes(), id.to_le_bytes());
        Self(u32::from_le_bytes([a, b, c, d]))
    }

    /// The whole number.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The property id.
    pub const fn id(self) -> u16 {
        (self.0 >> 16) as u16
    }

    /// The type.
    pub const fn kind(self) -> PropertyType {
        let [a, b, ..] = self.0.to_le_bytes();
        PropertyType(u16::from_le_bytes([a, b]))
    }

    /// True for ids that the named property map explains.
    pub const fn is_named(self) -> bool {
        self.id() >= 0x8000
    }

    /// The name of a well-known property, such as `PidTagSubject`.
    pub fn name(self) -> Option<&'static str> {
        crate::ltp::property_name_of_type(self.id(), self.kind().raw())
    }
}

impl fmt::Display for PropertyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for PropertyTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PropertyTag({self})")
    }
}

/// Property ids this library reads by itself (MS-OXPROPS).
#[allow(missing_docs, reason = "each is the property of MS-OXPROPS with the same name")]
pub mod id {
    pub const IMPORTANCE: u16 = 0x0017;
    pub const MESSAGE_CLASS: u16 = 0x001A;
    pub const SENSITIVITY: u16 = 0x0036;
    pub const SUBJECT: u16 = 0x0037;
    pub const CLIENT_SUBMIT_TIME: u16 = 0x0039;
    pub const SENT_REPRESENTING_SEARCH_KEY: u16 = 0x003B;
    pub const RECEIVED_BY_ENTRY_ID: u16 = 0x003F;
    pub const RECEIVED_BY_NAME: u16 = 0x0040;
    pub const SENT_REPRESENTING_ENTRY_ID: u16 = 0x0041;
    pub const SENT_REPRESENTING_NAME: u16 = 0x0042;
    pub const RECEIVED_REPRESENTING_ENTRY_ID: u16 = 0x0043;
    pub const RECEIVED_REPRESENTING_NAME: u16 = 0x0044;
    pub const READ_RECEIPT_ENTRY_ID: u16 = 0x0046;
    pub const RECEIVED_BY_SEARCH_KEY: u16 = 0x0051;
    pub const RECEIVED_REPRESENTING_SEARCH_KEY: u16 = 0x0052;
    pub const READ_RECEIPT_SEARCH_KEY: u16 = 0x0053;
    pub const SENT_REPRESENTING_ADDRESS_TYPE: u16 = 0x0064;
    pub const SENT_REPRESENTING_EMAIL_ADDRESS: u16 = 0x0065;
    pub const CONVERSATION_TOPIC: u16 = 0x0070;
    pub const RECEIVED_BY_ADDRESS_TYPE: u16 = 0x0075;
    pub const RECEIVED_BY_EMAIL_ADDRESS: u16 = 0x0076;
    pub const RECEIVED_REPRESENTING_ADDRESS_TYPE: u16 = 0x0077;
    pub const RECEIVED_REPRESENTING_EMAIL_ADDRESS: u16 = 0x0078;
    pub const TRANSPORT_MESSAGE_HEADERS: u16 = 0x007D;
    pub const RECIPIENT_TYPE: u16 = 0x0C15;
    pub const SENDER_ENTRY_ID: u16 = 0x0C19;
    pub const SENDER_NAME: u16 = 0x0C1A;
    pub const SENDER_SEARCH_KEY: u16 = 0x0C1D;
    pub const SENDER_ADDRESS_TYPE: u16 = 0x0C1E;
    pub const SENDER_EMAIL_ADDRESS: u16 = 0x0C1F;
    pub const DISPLAY_BCC: u16 = 0x0E02;
    pub const DISPLAY_CC: u16 = 0x0E03;
    pub const DISPLAY_TO: u16 = 0x0E04;
    pub const MESSAGE_DELIVERY_TIME: u16 = 0x0E06;
    pub const MESSAGE_FLAGS: u16 = 0x0E07;
    pub const MESSAGE_SIZE: u16 = 0x0E08;
    pub const ATTACH_SIZE: u16 = 0x0E20;
    pub const RECORD_KEY: u16 = 0x0FF9;
    pub const ENTRY_ID: u16 = 0x0FFF;
    pub const BODY: u16 = 0x1000;
    pub const RTF_COMPRESSED: u16 = 0x1009;
    pub const HTML: u16 = 0x1013;
    pub const NATIVE_BODY: u16 = 0x1016;
    pub const INTERNET_MESSAGE_ID: u16 = 0x1035;
    pub const INTERNET_REFERENCES: u16 = 0x1039;
    pub const IN_REPLY_TO_ID: u16 = 0x1042;
    pub const DISPLAY_NAME: u16 = 0x3001;
    pub const ADDRESS_TYPE: u16 = 0x3002;
    pub const EMAIL_ADDRESS: u16 = 0x3003;
    pub const COMMENT: u16 = 0x3004;
    pub const CREATION_TIME: u16 = 0x3007;
    pub const LAST_MODIFICATION_TIME: u16 = 0x3008;
    pub const SEARCH_KEY: u16 = 0x300B;
    pub const VALID_FOLDER_MASK: u16 = 0x35DF;
    pub const IPM_SUBTREE_ENTRY_ID: u16 = 0x35E0;
    pub const IPM_WASTEBASKET_ENTRY_ID: u16 = 0x35E3;
    pub const FINDER_ENTRY_ID: u16 = 0x35E7;
    pub const CONTENT_COUNT: u16 = 0x3602;
    pub const CONTENT_UNREAD_COUNT: u16 = 0x3603;
    pub const SUBFOLDERS: u16 = 0x360A;
    pub const CONTAINER_CLASS: u16 = 0x3613;
    pub const ASSOCIATED_CONTENT_COUNT: u16 = 0x3617;
    pub const ATTACH_DATA: u16 = 0x3701;
    pub const ATTACH_EXTENSION: u16 = 0x3703;
    pub const ATTACH_FILENAME: u16 = 0x3704;
    pub const ATTACH_METHOD: u16 = 0x3705;
    pub const ATTACH_LONG_FILENAME: u16 = 0x3707;
    pub const ATTACH_PATHNAME: u16 = 0x3708;
    pub const RENDERING_POSITION: u16 = 0x370B;
    pub const ATTACH_LONG_PATHNAME: u16 = 0x370D;
    pub const ATTACH_MIME_TAG: u16 = 0x370E;
    pub const ATTACH_CONTENT_ID: u16 = 0x3712;
    pub const ATTACH_CONTENT_LOCATION: u16 = 0x3713;
    pub const ATTACH_FLAGS: u16 = 0x3714;
    pub const SMTP_ADDRESS: u16 = 0x39FE;
    pub const INTERNET_CODEPAGE: u16 = 0x3FDE;
    pub const MESSAGE_LOCALE_ID: u16 = 0x3FF1;
    pub const MESSAGE_CODEPAGE: u16 = 0x3FFD;
    pub const READ_RECEIPT_ADDRESS_TYPE: u16 = 0x4029;
    pub const READ_RECEIPT_EMAIL_ADDRESS: u16 = 0x402A;
    pub const READ_RECEIPT_NAME: u16 = 0x402B;
    pub const SENDER_SMTP_ADDRESS: u16 = 0x5D01;
    pub const SENT_REPRESENTING_SMTP_ADDRESS: u16 = 0x5D02;
    pub const READ_RECEIPT_SMTP_ADDRESS: u16 = 0x5D05;
    pub const RECEIVED_BY_SMTP_ADDRESS: u16 = 0x5D07;
    pub const RECEIVED_REPRESENTING_SMTP_ADDRESS: u16 = 0x5D08;
    pub const MAPPING_SIGNATURE: u16 = 0x6615;
    pub const STORE_CODE_PAGE: u16 = 0x66C3;
    pub const LTP_PARENT_NID: u16 = 0x67F1;
    pub const LTP_ROW_ID: u16 = 0x67F2;
    pub const LTP_ROW_VERSION: u16 = 0x67F3;
    pub const PST_PASSWORD: u16 = 0x67FF;
    pub const ATTACHMENT_HIDDEN: u16 = 0x7FFE;
    pub const ADDRESS_BOOK_PROXY_ADDRESSES: u16 = 0x800F;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let tag = PropertyTag::new(0x0037_001F);
        assert_eq!((tag.id(), tag.kind()), (0x0037, PropertyType::STRING));
        assert_eq!(PropertyTag::from_parts(0x0037, PropertyType::STRING), tag);
        assert_eq!(tag.to_string(), "0x0037001f");
        assert_eq!(tag.name(), Some("PidTagSubject"));
        assert!(PropertyTag::new(0x8001_0003).is_named());
        assert_eq!(PropertyType::MULTIPLE_TIME.element(), PropertyType::TIME);
        assert_eq!(PropertyType::MULTIPLE_TIME.fixed_size(), Some(8));
        assert!(PropertyType::BOOLEAN.is_inline() && !PropertyType::MULTIPLE_INTEGER16.is_inline());
    }
}
