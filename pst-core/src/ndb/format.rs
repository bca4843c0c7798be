//! What differs between the three layouts, all of it.
//!
//! | | ANSI | Unicode | Unicode 4K |
//! |---|---|---|---|
//! | `wVer` | 14, 15 | 20 to 35, seen 23 | 36 |
//! | written by | Outlook 97 to 2002 | Outlook 2003 and later | Outlook 2013 and later, OST only |
//! | ids and offsets | 4 bytes | 8 | 8 |
//! | pages | 512 | 512 | 4096 |
//! | blocks end on | 64 | 64 | 512, contents may be zlib |
//!
//! The layout is a value: every structure is written once, asks [`Format`] for widths and offsets, and is widened to
//! `u64` when decoded. The 4K layout is not in MS-PST.

use std::fmt;

use crate::{Error, ErrorKind, Result};

/// One of the three families of layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Layout {
    /// 32-bit ids and offsets, files to 2 GB.
    Ansi,
    /// 64-bit ids and offsets.
    Unicode,
    /// As Unicode, with pages of 4096 bytes and compressed blocks.
    Unicode4k,
}

impl Layout {
    /// The layout as people call it: `ANSI`, `Unicode`, `Unicode 4K`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ansi => "ANSI",
            Self::Unicode => "Unicode",
            Self::Unicode4k => "Unicode 4K",
        }
    }
}

/// The layout of one file: everything its version number decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Format {
    layout: Layout,
    version: u16,
}

/// Where the fields of a page trailer stand, from the start of the trailer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TrailerFields {
    pub(crate) crc: usize,
    pub(crate) id: usize,
}

macro_rules! by_layout {
    ($($(#[$doc:meta])* $visibility:vis $name:ident: $kind:ty = $ansi:expr, $unicode:expr, $unicode4k:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        $visibility const fn $name(self) -> $kind {
            match self.layout {
                Layout::Ansi => $ansi,
                Layout::Unicode => $unicode,
                Layout::Unicode4k => $unicode4k,
            }
        }
    )*};
}

impl Format {
    /// The ANSI layout as Outlook writes it, `wVer` 14.
    pub const ANSI: Self = Self { layout: Layout::Ansi, version: 14 };
    /// The Unicode layout as Outlook writes it, `wVer` 23.
    pub const UNICODE: Self = Self { layout: Layout::Unicode, version: 23 };
    /// The 4K layout of Outlook 2013 and later, `wVer` 36.
    pub const UNICODE_4K: Self = Self { layout: Layout::Unicode4k, version: 36 };

    /// From `wVer` of the HEADER (MS-PST 2.2.2.6). **The text of the specification, "greater than 23", excludes every
    /// normal Unicode file.**
    ///
    /// # Errors
    /// `Unsupported` with the number for 37 (Windows Information Protection) and for every unknown one.
    pub fn from_version(version: u16) -> Result<Self> {
        let layout = match version {
            14 | 15 => Layout::Ansi,
            20..=35 => Layout::Unicode,
            36 => Layout::Unicode4k,
            37 => {
                return Err(Error::field(
                    ErrorKind::Unsupported,
                    "HEADER",
                    "wVer",
                    "37 (Windows Information Protection)",
                    "14, 15, 20 to 36",
                ));
            }
            other => return Err(Error::field(ErrorKind::Unsupported, "HEADER", "wVer", other, "14, 15, 20 to 36")),
        };
        Ok(Self { layout, version })
    }

    /// The family of layouts.
    #[inline]
    pub const fn layout(self) -> Layout {
        self.layout
    }

    /// `wVer` of the HEADER.
    pub const fn version(self) -> u16 {
        self.version
    }

    /// True if the file's strings are normally String8 and its limit is 2 GB.
    pub const fn is_ansi(self) -> bool {
        matches!(self.layout, Layout::Ansi)
    }

    by_layout! {
        /// Bytes of a page.
        pub page_size: usize = 512, 512, 4096;
        /// Bytes of a page trailer.
        pub page_trailer_size: usize = 12, 16, 24;
        /// Bytes of a page before its trailer, which the page CRC covers.
        pub page_data_size: usize = 500, 496, 4072;
        /// Bytes for entries at the start of a B-tree page; the counts follow.
        pub page_entries_size: usize = 496, 488, 4056;
        /// Bytes of a BID, an IB and a key in a B-tree page.
        pub id_size: usize = 4, 8, 8;
        /// Bytes of a BTENTRY.
        pub branch_entry_size: usize = 12, 24, 24;
        /// Bytes of an NBTENTRY.
        pub node_entry_size: usize = 16, 32, 32;
        /// Bytes of a BBTENTRY.
        pub block_entry_size: usize = 12, 24, 24;
        /// Bytes to which blocks are aligned; also what one bit of an allocation map stands for.
        pub block_align: u64 = 64, 64, 512;
        /// Bytes of a block trailer.
        pub block_trailer_size: usize = 12, 16, 24;
        /// The most bytes of data in one block.
        pub max_block_data: usize = 8180, 8176, 65512;
        /// The most children of one XBLOCK or XXBLOCK (MS-PST 2.2.2.8.3.2).
        pub max_data_tree_children: usize = 2043, 1021, 8188;
        /// Bytes of the HEADER.
        pub header_size: usize = 512, 564, 564;
        /// Offset of the first allocation map page.
        pub first_amap: u64 = 0x4400, 0x4400, 0x22000;
        /// Offset within an allocation map page at which its bits start.
        pub amap_bits_offset: usize = 4, 0, 0;
        /// Bytes of bits in an allocation map page.
        pub amap_bits_size: usize = 496, 496, 4072;
        /// Bytes of an SLENTRY.
        pub subnode_entry_size: usize = 12, 24, 24;
        /// Bytes of an SIENTRY.
        pub subnode_index_entry_size: usize = 8, 16, 16;
        /// Bytes before the entries of an SLBLOCK and SIBLOCK.
        pub subnode_header_size: usize = 4, 8, 8;
        /// Bits of the item index in a HID; the block index takes the rest.
        pub hid_index_bits: u32 = 11, 11, 14;
        /// Bytes of the row number in a row index record as the specification has it.
        pub row_number_size: usize = 2, 4, 4;
        pub(crate) trailer: TrailerFields = TrailerFields { crc: 8, id: 4 }, TrailerFields { crc: 4, id: 8 },
            TrailerFields { crc: 4, id: 8 };
    }

    /// Bytes that one allocation map page accounts for, itself included.
    pub const fn amap_step(self) -> u64 {
        match self.layout {
            Layout::Ansi | Layout::Unicode => 253_952,
            Layout::Unicode4k => 16_678_912,
        }
    }

    /// Bytes on disk of a block with `size` stored bytes: data, padding and trailer.
    pub const fn block_size_on_disk(self, size: usize) -> usize {
        let align = self.block_align() as usize;
        size.saturating_add(self.block_trailer_size()).div_ceil(align).saturating_mul(align)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (version {})", self.layout.as_str(), self.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        assert_eq!(Format::from_version(14).unwrap(), Format::ANSI);
        assert_eq!(Format::from_version(15).unwrap().layout(), Layout::Ansi);
        assert_eq!(Format::from_version(21).unwrap().layout(), Layout::Unicode);
        assert_eq!(Format::from_version(23).unwrap(), Format::UNICODE);
        assert_eq!(Format::from_version(36).unwrap(), Format::UNICODE_4K);
        for unknown in [0, 13, 16, 19, 37, 38, u16::MAX] {
            let error = Format::from_version(unknown).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Unsupported);
            assert!(error.to_string().contains(&unknown.to_string()), "{error}");
        }
    }

    #[test]
    fn derived_sizes_agree_with_the_specification() {
        assert_eq!(Format::UNICODE.block_size_on_disk(8176), 8192);
        assert_eq!(Format::UNICODE.block_size_on_disk(1), 64);
        assert_eq!(Format::UNICODE.block_size_on_disk(49), 128);
        assert_eq!(Format::UNICODE_4K.block_size_on_disk(65512), 65536);
        for format in [Format::ANSI, Format::UNICODE, Format::UNICODE_4K] {
            let bits = format.amap_bits_size() as u64 * 8;
            assert_eq!(bits * format.block_align(), format.amap_step());
            assert_eq!(format.page_data_size() + format.page_trailer_size(), format.page_size());
            assert_eq!((format.max_block_data() - 8) / format.id_size(), format.max_data_tree_children());
        }
    }
}
