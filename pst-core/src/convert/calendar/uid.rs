//! PidLidGlobalObjectId (MS-OXOCAL 2.2.1.27) and the UID made of it (MS-OXCICAL 2.1.3.1.1.20.26).
//!
//! ```text
//! id of the structure (16) | year, big-endian | month | day | creation time (8) | zeros (8) | size (4) | data
//! ```
//!
//! **A UID that came from elsewhere is in the data**, behind `vCal-Uid`; else the whole value in hex is the UID, with the
//! date of an exception taken out.

use jiff::civil::Date;

use crate::FileTime;
use crate::messaging::{BlobFinding, Decoded};

const BYTE_ARRAY_ID: [u8; 16] =
    [0x04, 0x00, 0x00, 0x00, 0x82, 0x00, 0xE0, 0x00, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
const THIRD_PARTY: &[u8] = b"vCal-Uid\x01\0\0\0";

/// PidLidGlobalObjectId or PidLidCleanGlobalObjectId.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GlobalObjectId {
    /// Byte Array ID: the same in all.
    pub structure: [u8; 16],
    /// YH, YL, M, D: the day of the exception the item is, or zeros.
    pub instance: [u8; 4],
    /// Creation Time.
    pub created: FileTime,
    /// X: zeros.
    pub reserved: [u8; 8],
    /// Data.
    pub data: Vec<u8>,
}

impl GlobalObjectId {
    /// Decodes a value. One that does not begin as it should is kept whole as data.
    pub fn decode(stored: &[u8]) -> Decoded<Self> {
        let mut findings = Vec::new();
        let head = stored.split_first_chunk::<16>();
        let parts = head.and_then(|(structure, rest)| {
            let (instance, rest) = rest.split_first_chunk::<4>()?;
            let (created, rest) = rest.split_first_chunk::<8>()?;
            let (reserved, rest) = rest.split_first_chunk::<8>()?;
            let (size, data) = rest.split_first_chunk::<4>()?;
            Some((*structure, *instance, *created, *reserved, u32::from_le_bytes(*size), data))
        });
        let Some((structure, instance, created, reserved, size, data)) = parts else {
            findings.push(BlobFinding::Truncated { field: "PidLidGlobalObjectId", at: stored.len() });
            return Decoded { value: None, findings };
        };
        if structure != BYTE_ARRAY_ID {
            let actual = structure.first().copied().unwrap_or(0).into();
            findings.push(BlobFinding::Unexpected { field: "Byte Array ID", actual, expected: "the known one" });
        }
        if usize::try_from(size) != Ok(data.len()) {
            findings.push(BlobFinding::Unexpected {
                field: "Size",
                actual: size.into(),
                expected: "the bytes after it",
            });
        }
        let created = FileTime::new(u64::from_le_bytes(created));
        Decoded { value: Some(Self { structure, instance, created, reserved, data: data.to_vec() }), findings }
    }

    /// Encodes the value.
    pub fn encode(&self) -> Vec<u8> {
        let size = u32::try_from(self.data.len()).unwrap_or(u32::MAX);
        let created = self.created.ticks().to_le_bytes();
        [&self.structure[..], &self.instance, &created, &self.reserved, &size.to_le_bytes(), &self.data].concat()
    }

    /// The day of the exception; `None` for an item that is none.
    pub fn instance_date(&self) -> Option<Date> {
        let [high, low, month, day] = self.instance;
        let year = i16::from_be_bytes([high, low]);
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    }

    /// The UID.
    pub fn uid(&self) -> String {
        if let Some(foreign) = self.data.strip_prefix(THIRD_PARTY) {
            let end = foreign.iter().position(|byte| *byte == 0).unwrap_or(foreign.len());
            return String::from_utf8_lossy(foreign.get(..end).unwrap_or_default()).into_owned();
        }
        hex(&Self { instance: [0; 4], ..self.clone() }.encode())
    }
}

/// Bytes as hex digits in upper case.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// A number of 64 bits for some text (FNV-1a): the same on every machine.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    /// MS-OXOCAL 4.1.3: an exception moved from 2008-03-25.
    const EXCEPTION: &str = "040000008200E00074C5B7101A82E00807D803195025D461E473C8010000000000000000100000002A5844B3A444F7\
        4A9C246C60886F116B";
    /// MS-ASEMAIL 4.3, example 1, and the UID it has there.
    const OUTLOOK: &str = "040000008200E00074C5B7101A82E00807D40910E040C9C12685C4010000000000000000100000000BF0ED4B6E4EE94E9E39E3867B378EF3";
    const OUTLOOK_UID: &str = "040000008200E00074C5B7101A82E00800000000E040C9C12685C4010000000000000000100000000BF0ED4B6E4EE94E9E39E3867B378EF3";

    #[test]
    fn the_date_of_an_exception_is_no_part_of_the_uid() {
        let id = GlobalObjectId::decode(&bytes(EXCEPTION)).value.unwrap();
        assert_eq!(id.instance_date(), Some(jiff::civil::date(2008, 3, 25)));
        assert_eq!(&id.created.to_string()[..19], "2008-02-20T17:16:51");
        let id = GlobalObjectId::decode(&bytes(OUTLOOK)).value.unwrap();
        assert_eq!(id.uid(), OUTLOOK_UID);
        assert_eq!(GlobalObjectId::decode(&bytes(OUTLOOK_UID)).value.unwrap().instance_date(), None);
    }

    #[test]
    fn a_uid_from_elsewhere_is_given_back() {
        // MS-ASEMAIL 4.3, example 2.
        let data = b"vCal-Uid\x01\0\0\0{81412D3C-2A24-4E9D-B20E-11F7BBE92799}\0";
        let stored = [&BYTE_ARRAY_ID[..], &[0; 20], &[0x33, 0, 0, 0], data].concat();
        let decoded = GlobalObjectId::decode(&stored);
        assert_eq!(decoded.findings, []);
        assert_eq!(decoded.value.unwrap().uid(), "{81412D3C-2A24-4E9D-B20E-11F7BBE92799}");
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert_eq!(GlobalObjectId::decode(&[4; 39]).value, None);
        let decoded = GlobalObjectId::decode(&[4; 41]);
        assert_eq!(decoded.findings.len(), 2);
        assert!(decoded.value.is_some());
    }

    proptest! {
        #[test]
        fn round_trip(mut stored in proptest::collection::vec(any::<u8>(), 40..100)) {
            let size = u32::try_from(stored.len() - 40).unwrap();
            stored[36..40].copy_from_slice(&size.to_le_bytes());
            prop_assert_eq!(GlobalObjectId::decode(&stored).value.unwrap().encode(), stored);
        }
    }
}
