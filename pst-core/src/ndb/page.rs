//! Pages and PAGETRAILER (MS-PST 2.2.2.7.1).
//!
//! ```text
//! | data: 496 (ANSI 500, 4K 4072) bytes | ptype ptypeRepeat wSig | CRC | id |        Unicode, 4K (+ 8 bytes)
//!                                       | ptype ptypeRepeat wSig | id  | CRC |       ANSI
//! ```

use crate::ndb::checksum::{crc, signature};
use crate::ndb::header::{put, put_number};
use crate::ndb::{Format, Layout};
use crate::{Error, ErrorKind, Result, bytes};

const STRUCTURE: &str = "PAGETRAILER";

/// What a page holds: `ptype` (MS-PST 2.2.2.7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PageType {
    /// ptypeBBT: block B-tree.
    BlockTree,
    /// ptypeNBT: node B-tree.
    NodeTree,
    /// ptypeFMap: free map.
    FreeMap,
    /// ptypePMap: page map.
    PageMap,
    /// ptypeAMap: allocation map.
    AllocationMap,
    /// ptypeFPMap: free page map.
    FreePageMap,
    /// ptypeDL: density list.
    DensityList,
}

impl PageType {
    /// The number in the file.
    pub const fn number(self) -> u8 {
        match self {
            Self::BlockTree => 0x80,
            Self::NodeTree => 0x81,
            Self::FreeMap => 0x82,
            Self::PageMap => 0x83,
            Self::AllocationMap => 0x84,
            Self::FreePageMap => 0x85,
            Self::DensityList => 0x86,
        }
    }

    /// From the number in the file.
    pub const fn from_number(number: u8) -> Option<Self> {
        Some(match number {
            0x80 => Self::BlockTree,
            0x81 => Self::NodeTree,
            0x82 => Self::FreeMap,
            0x83 => Self::PageMap,
            0x84 => Self::AllocationMap,
            0x85 => Self::FreePageMap,
            0x86 => Self::DensityList,
            _ => return None,
        })
    }

    /// Map pages carry no signature; trees and the density list do.
    const fn has_signature(self) -> bool {
        matches!(self, Self::BlockTree | Self::NodeTree | Self::DensityList)
    }

    /// The structure of the specification this page is.
    pub const fn structure(self) -> &'static str {
        match self {
            Self::BlockTree | Self::NodeTree => "BTPAGE",
            Self::FreeMap => "FMAPPAGE",
            Self::PageMap => "PMAPPAGE",
            Self::AllocationMap => "AMAPPAGE",
            Self::FreePageMap => "FPMAPPAGE",
            Self::DensityList => "DLISTPAGE",
        }
    }
}

/// Checks the trailer of `page`, which was read at `offset` and should be of type `kind` and carry `id`.
///
/// # Errors
/// `Corrupt` for a wrong type, signature or id; `Checksum` for a wrong CRC, unless `check_crc` is false.
pub fn verify(page: &[u8], format: Format, kind: PageType, id: u64, offset: u64, check_crc: bool) -> Result<()> {
    let at = format.page_data_size();
    let place =
        |field_offset: usize| offset.saturating_add(u64::try_from(at.saturating_add(field_offset)).unwrap_or(0));
    let short = || Error::truncated(STRUCTURE, page.len(), format.page_size()).at(offset);
    let (data, trailer) = page.split_at_checked(at).ok_or_else(short)?;
    let [ptype, repeat] = bytes::array(trailer, 0).ok_or_else(short)?;
    let fields = format.trailer();
    for (value, field, field_offset) in [(ptype, "ptype", 0), (repeat, "ptypeRepeat", 1)] {
        if value != kind.number() {
            let expected = format!("{:#04x} ({})", kind.number(), kind.structure());
            return Err(
                Error::corrupt(STRUCTURE, field, format_args!("{value:#04x}"), expected).at(place(field_offset))
            );
        }
    }
    let stored_id =
        if format.is_ansi() { bytes::u32(trailer, fields.id).map(u64::from) } else { bytes::u64(trailer, fields.id) }
            .ok_or_else(short)?;
    if stored_id != id {
        return Err(Error::corrupt(STRUCTURE, "bid", format_args!("{stored_id:#x}"), format_args!("{id:#x}"))
            .at(place(fields.id)));
    }
    let stored_signature = bytes::u16(trailer, 2).ok_or_else(short)?;
    let computed = if kind.has_signature() { signature(offset, id) } else { 0 };
    if stored_signature != computed {
        let (actual, expected) = (format!("{stored_signature:#06x}"), format!("{computed:#06x}"));
        return Err(Error::corrupt(STRUCTURE, "wSig", actual, expected).at(place(2)));
    }
    if check_crc {
        let stored = bytes::u32(trailer, fields.crc).ok_or_else(short)?;
        let computed = crc(data);
        if stored != computed {
            let (actual, expected) = (format!("{stored:#010x}"), format!("{computed:#010x}"));
            return Err(Error::field(ErrorKind::Checksum, STRUCTURE, "dwCRC", actual, expected).at(place(fields.crc)));
        }
    }
    Ok(())
}

/// Writes the trailer of a page whose data is complete. Map pages have their own offset as `id`.
pub fn seal(page: &mut [u8], format: Format, kind: PageType, id: u64, offset: u64) {
    let at = format.page_data_size();
    let fields = format.trailer();
    let computed = crc(page.get(..at).unwrap_or_default());
    let Some(trailer) = page.get_mut(at..) else { return };
    let signature = if kind.has_signature() { signature(offset, id) } else { 0 };
    put(trailer, 0, &[kind.number(), kind.number()]);
    put(trailer, 2, &signature.to_le_bytes());
    put(trailer, fields.crc, &computed.to_le_bytes());
    put_number(trailer, fields.id, id, format.id_size());
    if format.layout() == Layout::Unicode4k {
        // Seen in every page of this layout; its meaning is not known.
        put_number(trailer, 16, 1, 8);
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    #[test]
    fn sealed_pages_verify_and_every_byte_is_guarded() {
        for format in [Format::ANSI, Format::UNICODE, Format::UNICODE_4K] {
            let mut page = vec![7; format.page_size()];
            seal(&mut page, format, PageType::NodeTree, 0x33, 0x4600);
            verify(&page, format, PageType::NodeTree, 0x33, 0x4600, true).unwrap();
            let guarded = format.page_data_size() + 4 + 4 + format.id_size();
            for at in 0..guarded {
                let mut bad = page.clone();
                bad[at] ^= 1;
                assert!(verify(&bad, format, PageType::NodeTree, 0x33, 0x4600, true).is_err(), "byte {at}");
            }
            let error = verify(&page, format, PageType::BlockTree, 0x33, 0x4600, true).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Corrupt);
            assert_eq!(error.location().field, Some("ptype"));
            let error = verify(&page, format, PageType::NodeTree, 0x33, 0x4800, true).unwrap_err();
            assert_eq!(error.location().field, Some("wSig"));
        }
    }
}
