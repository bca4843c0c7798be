//! HEADER and ROOT (MS-PST 2.2.2.6, 2.2.2.5): the first 512 or 564 bytes.
//!
//! ```text
//! 0    magic  CRC  client  wVer  wVerClient  platform  reserved
//! 24   counters: next page id, dwUnique, 32 node counters        (next block id here in ANSI, at 516 in Unicode)
//! 180  ROOT: file size, last map, free bytes, both B-tree roots  (164 in ANSI)
//! 256  old free maps                                             (204 in ANSI)
//! 512  sentinel, bCryptMethod, ..., full CRC at 524              (460 in ANSI, no full CRC)
//! ```

use std::fmt;
use std::ops::Range;

use byteorder::{ByteOrder, LittleEndian};

use crate::ndb::checksum::crc;
use crate::ndb::{CryptMethod, Format, Layout};
use crate::{Error, ErrorKind, Result, bytes};

const MAGIC: [u8; 4] = *b"!BDN";
const STRUCTURE: &str = "HEADER";

/// Which program's file it is: `wMagicClient` of the HEADER. The magic decides, never the file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Client {
    /// `SM`: a personal store, PST.
    Pst,
    /// `SO`: an offline store, OST.
    Ost,
    /// `AB`: a personal address book, PAB.
    Pab,
}

impl Client {
    /// The two letters in the file.
    pub const fn magic(self) -> &'static str {
        match self {
            Self::Pst => "SM",
            Self::Ost => "SO",
            Self::Pab => "AB",
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pst => "PST",
            Self::Ost => "OST",
            Self::Pab => "PAB",
        })
    }
}

/// Place and id of a page: BREF (MS-PST 2.2.2.4).
///
/// **The ids of pages have a counter of their own**: a page and a block may carry the same number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageRef {
    /// Page id; all bits count.
    pub id: u64,
    /// Byte offset in the file.
    pub offset: u64,
}

/// ROOT (MS-PST 2.2.2.5): sizes of the file and the roots of both B-trees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Root {
    /// `ibFileEof`: bytes the file should have.
    pub file_size: u64,
    /// `ibAMapLast`: offset of the last allocation map page.
    pub last_amap: u64,
    /// `cbAMapFree`: free bytes by the allocation maps.
    pub amap_free: u64,
    /// `cbPMapFree`: free bytes by the page maps.
    pub pmap_free: u64,
    /// `BREFNBT`: root of the node B-tree.
    pub node_tree: PageRef,
    /// `BREFBBT`: root of the block B-tree.
    pub block_tree: PageRef,
    /// `fAMapValid`: 0 means not closed cleanly by older Outlook; 1 and 2 are valid.
    pub amap_valid: u8,
}

/// HEADER (MS-PST 2.2.2.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The layout of everything that follows, from `wVer`.
    pub format: Format,
    /// `wMagicClient`.
    pub client: Client,
    /// `wVerClient`: 19 in a PST, 12 in an OST.
    pub client_version: u16,
    /// `bPlatformCreate`, `bPlatformAccess`: 1, 1; scanpst leaves 2.
    pub platform: [u8; 2],
    /// `bidNextB`: the next block id to be given out.
    pub next_block: u64,
    /// `bidNextP`: the next page id to be given out.
    pub next_page: u64,
    /// `dwUnique`: changes whenever the header does.
    pub unique: u32,
    /// `rgnid`: by node type, the last index given out.
    pub node_counters: [u32; 32],
    /// ROOT.
    pub root: Root,
    /// `bCryptMethod`.
    pub crypt: CryptMethod,
}

/// Offsets of the fields that move between the layouts.
struct Fields {
    next_block: usize,
    next_page: usize,
    unique: usize,
    node_counters: usize,
    root: usize,
    free_maps: Range<usize>,
    sentinel: usize,
    full_crc: Option<usize>,
}

const ANSI: Fields = Fields {
    next_block: 24,
    next_page: 28,
    unique: 32,
    node_counters: 36,
    root: 164,
    free_maps: 204..460,
    sentinel: 460,
    full_crc: None,
};

const UNICODE: Fields = Fields {
    next_block: 516,
    next_page: 32,
    unique: 40,
    node_counters: 44,
    root: 180,
    free_maps: 256..512,
    sentinel: 512,
    full_crc: Some(524),
};

/// What both CRCs cover, from `wMagicClient` on.
const PARTIAL_CRC_RANGE: Range<usize> = 8..479;
const FULL_CRC_RANGE: Range<usize> = 8..524;

fn fields(format: Format) -> &'static Fields {
    match format.layout() {
        Layout::Ansi => &ANSI,
        Layout::Unicode | Layout::Unicode4k => &UNICODE,
    }
}

impl Header {
    /// The most bytes a header has.
    pub const MAX_SIZE: usize = 564;

    /// Decodes a header from the start of a file.
    ///
    /// Layout and coding are settled before the CRCs are looked at, so that an unknown kind of file is named as such.
    ///
    /// # Errors
    /// `NotPst` without the magic, `Unsupported` with the number for an unknown version or coding, `Checksum` if
    /// `check_crc` is set and a CRC is wrong, `Corrupt` if it is cut short.
    pub fn decode(data: &[u8], check_crc: bool) -> Result<Self> {
        let short = || Error::truncated(STRUCTURE, data.len(), Self::MAX_SIZE).at(0);
        if bytes::array(data, 0) != Some(MAGIC) {
            return Err(Error::text(ErrorKind::NotPst, "file", "it does not start with !BDN"));
        }
        let client = match &bytes::array::<2>(data, 8).ok_or_else(short)? {
            b"SM" => Client::Pst,
            b"SO" => Client::Ost,
            b"AB" => Client::Pab,
            other => {
                let found = format!("{:#06x}", u16::from_le_bytes(*other));
                return Err(
                    Error::field(ErrorKind::Unsupported, STRUCTURE, "wMagicClient", found, "SM, SO or AB").at(8)
                );
            }
        };
        let format = Format::from_version(bytes::u16(data, 10).ok_or_else(short)?).map_err(|error| error.at(10))?;
        let fields = fields(format);
        let short = || Error::truncated(STRUCTURE, data.len(), format.header_size()).at(0);
        let data = data.get(..format.header_size()).ok_or_else(short)?;
        let crypt_at = fields.sentinel.saturating_add(1);
        let crypt = CryptMethod::from_byte(bytes::u8(data, crypt_at).ok_or_else(short)?)
            .map_err(|error| error.at(u64::try_from(crypt_at).unwrap_or(0)))?;
        if check_crc {
            check(data, PARTIAL_CRC_RANGE, 4, "dwCRCPartial")?;
            if let Some(at) = fields.full_crc {
                check(data, FULL_CRC_RANGE, at, "dwCRCFull")?;
            }
        }
        let number = |at: usize| {
            if format.is_ansi() { bytes::u32(data, at).map(u64::from) } else { bytes::u64(data, at) }.ok_or_else(short)
        };
        let mut node_counters = [0; 32];
        for (counter, at) in node_counters.iter_mut().zip((fields.node_counters..).step_by(4)) {
            *counter = bytes::u32(data, at).ok_or_else(short)?;
        }
        Ok(Self {
            format,
            client,
            client_version: bytes::u16(data, 12).ok_or_else(short)?,
            platform: bytes::array(data, 14).ok_or_else(short)?,
            next_block: number(fields.next_block)?,
            next_page: number(fields.next_page)?,
            unique: bytes::u32(data, fields.unique).ok_or_else(short)?,
            node_counters,
            root: Root::decode(data.get(fields.root..).unwrap_or_default(), format).ok_or_else(short)?,
            crypt,
        })
    }

    /// Encodes the header with both CRCs; reserved fields are zero, the old free maps 0xFF.
    pub fn encode(&self) -> Vec<u8> {
        let fields = fields(self.format);
        let mut out = vec![0; self.format.header_size()];
        put(&mut out, 0, &MAGIC);
        put(&mut out, 8, self.client.magic().as_bytes());
        put(&mut out, 10, &self.format.version().to_le_bytes());
        put(&mut out, 12, &self.client_version.to_le_bytes());
        put(&mut out, 14, &self.platform);
        let ids = self.format.id_size();
        put_number(&mut out, fields.next_block, self.next_block, ids);
        put_number(&mut out, fields.next_page, self.next_page, ids);
        put(&mut out, fields.unique, &self.unique.to_le_bytes());
        for (counter, at) in self.node_counters.iter().zip((fields.node_counters..).step_by(4)) {
            put(&mut out, at, &counter.to_le_bytes());
        }
        self.root.encode(&mut out, fields.root, self.format);
        if let Some(maps) = out.get_mut(fields.free_maps.clone()) {
            maps.fill(0xFF);
        }
        put(&mut out, fields.sentinel, &[0x80, self.crypt.to_byte()]);
        Self::seal(&mut out, self.format);
        out
    }

    /// Writes both CRCs into an encoded header whose fields were changed.
    pub fn seal(header: &mut [u8], format: Format) {
        // The full CRC lies outside the bytes of the partial one, and the other way round, so the order is free.
        if let Some(covered) = header.get(PARTIAL_CRC_RANGE) {
            let value = crc(covered);
            put(header, 4, &value.to_le_bytes());
        }
        if let Some(at) = fields(format).full_crc
            && let Some(covered) = header.get(FULL_CRC_RANGE)
        {
            let value = crc(covered);
            put(header, at, &value.to_le_bytes());
        }
    }
}

impl Root {
    fn decode(data: &[u8], format: Format) -> Option<Self> {
        let size = format.id_size();
        let number = |index: usize| {
            let at = index.checked_mul(size)?.checked_add(4)?;
            if format.is_ansi() { bytes::u32(data, at).map(u64::from) } else { bytes::u64(data, at) }
        };
        Some(Self {
            file_size: number(0)?,
            last_amap: number(1)?,
            amap_free: number(2)?,
            pmap_free: number(3)?,
            node_tree: PageRef { id: number(4)?, offset: number(5)? },
            block_tree: PageRef { id: number(6)?, offset: number(7)? },
            amap_valid: bytes::u8(data, size.checked_mul(8)?.checked_add(4)?)?,
        })
    }

    fn encode(&self, out: &mut [u8], at: usize, format: Format) {
        let size = format.id_size();
        let numbers = [
            self.file_size,
            self.last_amap,
            self.amap_free,
            self.pmap_free,
            self.node_tree.id,
            self.node_tree.offset,
            self.block_tree.id,
            self.block_tree.offset,
        ];
        let mut at = at.saturating_add(4);
        for number in numbers {
            put_number(out, at, number, size);
            at = at.saturating_add(size);
        }
        put(out, at, &[self.amap_valid]);
    }
}

fn check(data: &[u8], covered: Range<usize>, at: usize, field: &'static str) -> Result<()> {
    let stored = bytes::u32(data, at).unwrap_or(0);
    let computed = crc(data.get(covered).unwrap_or_default());
    if stored == computed {
        return Ok(());
    }
    Err(Error::field(
        ErrorKind::Checksum,
        STRUCTURE,
        field,
        format_args!("{stored:#010x}"),
        format_args!("{computed:#010x}"),
    )
    .at(u64::try_from(at).unwrap_or(0)))
}

/// Writes `value` at `at` if it fits; encoders size their buffers first.
pub(crate) fn put(out: &mut [u8], at: usize, value: &[u8]) {
    if let Some(place) = at.checked_add(value.len()).and_then(|end| out.get_mut(at..end)) {
        place.copy_from_slice(value);
    }
}

/// Writes the low `size` bytes of a number.
pub(crate) fn put_number(out: &mut [u8], at: usize, value: u64, size: usize) {
    let mut buffer = [0; 8];
    LittleEndian::write_u64(&mut buffer, value);
    put(out, at, buffer.get(..size).unwrap_or(&buffer));
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    pub(super) fn sample(format: Format) -> Header {
        let mut node_counters = [0x400; 32];
        node_counters[4] = 0x1_0007;
        Header {
            format,
            client: if format.layout() == Layout::Unicode4k { Client::Ost } else { Client::Pst },
            client_version: 19,
            platform: [1, 1],
            next_block: 0x1234,
            next_page: 0x77,
            unique: 9,
            node_counters,
            root: Root {
                file_size: 271_360,
                last_amap: 0x4400,
                amap_free: 200_000,
                pmap_free: 0,
                node_tree: PageRef { id: 5, offset: 0x4800 },
                block_tree: PageRef { id: 6, offset: 0x4A00 },
                amap_valid: 2,
            },
            crypt: CryptMethod::Permute,
        }
    }

    const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

    #[test]
    fn decoding_undoes_encoding() {
        for format in FORMATS {
            let header = sample(format);
            assert_eq!(Header::decode(&header.encode(), true).unwrap(), header);
        }
    }

    #[test]
    fn every_covered_byte_matters() {
        for format in FORMATS {
            let good = sample(format).encode();
            let last = if format.is_ansi() { PARTIAL_CRC_RANGE.end } else { FULL_CRC_RANGE.end };
            for at in 12..last {
                let mut bad = good.clone();
                bad[at] ^= 0x40;
                let error = Header::decode(&bad, true).unwrap_err();
                let expected =
                    if at == fields(format).sentinel + 1 { ErrorKind::Unsupported } else { ErrorKind::Checksum };
                assert_eq!(error.kind(), expected, "byte {at}: {error}");
            }
        }
    }

    #[test]
    fn every_length_is_safe() {
        for format in FORMATS {
            let good = sample(format).encode();
            for length in 0..good.len() {
                assert!(Header::decode(&good[..length], true).is_err());
            }
        }
    }
}
