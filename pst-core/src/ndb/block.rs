//! Blocks and BLOCKTRAILER (MS-PST 2.2.2.8.1), and what an internal block holds.
//!
//! ```text
//! | data: cb bytes | padding | trailer |       trailer ends on a multiple of 64 (4K: 512)
//! trailer: cb wSig CRC bid          Unicode; 4K adds: version, inflated size, zero
//!          cb wSig bid CRC          ANSI
//! ```

use crate::ndb::checksum::{crc, signature};
use crate::ndb::header::{put, put_number};
use crate::ndb::{Bid, BlockEntry, CryptMethod, Format, Layout, Nid};
use crate::{Error, ErrorKind, Result, bytes};

const STRUCTURE: &str = "BLOCKTRAILER";

/// Checks the trailer of a block as it is on disk, from the first data byte to the end of the trailer.
///
/// # Errors
/// `Corrupt` if size, id or signature differ from the entry; `Checksum` for a wrong CRC, unless `check_crc` is false.
pub(crate) fn verify(disk: &[u8], entry: &BlockEntry, format: Format, check_crc: bool) -> Result<()> {
    let trailer_at = disk.len().saturating_sub(format.block_trailer_size());
    let stored = usize::from(entry.stored_size);
    let short = || Error::truncated(STRUCTURE, disk.len(), format.block_size_on_disk(stored)).at(entry.offset);
    let trailer = disk.get(trailer_at..).ok_or_else(short)?;
    let data = disk.get(..stored).ok_or_else(short)?;
    let place =
        |field: usize| entry.offset.saturating_add(u64::try_from(trailer_at.saturating_add(field)).unwrap_or(0));
    let size = bytes::u16(trailer, 0).ok_or_else(short)?;
    if size != entry.stored_size {
        return Err(Error::corrupt(STRUCTURE, "cb", size, entry.stored_size).at(place(0)));
    }
    let fields = format.trailer();
    let (raw_id, id_at, crc_at) = match format.layout() {
        Layout::Ansi => (bytes::u32(trailer, 4).map(u64::from), fields.id, fields.crc),
        Layout::Unicode | Layout::Unicode4k => (bytes::u64(trailer, 8), fields.id, fields.crc),
    };
    let id = Bid::new(raw_id.ok_or_else(short)?);
    if id != entry.bid {
        return Err(Error::corrupt(STRUCTURE, "bid", id, entry.bid).at(place(id_at)));
    }
    let stored_signature = bytes::u16(trailer, 2).ok_or_else(short)?;
    let computed = signature(entry.offset, id.raw());
    if stored_signature != computed {
        let (actual, expected) = (format!("{stored_signature:#06x}"), format!("{computed:#06x}"));
        return Err(Error::corrupt(STRUCTURE, "wSig", actual, expected).at(place(2)));
    }
    if format.layout() == Layout::Unicode4k {
        let inflated = bytes::u16(trailer, 18).ok_or_else(short)?;
        if inflated != entry.size {
            return Err(Error::corrupt(STRUCTURE, "inflated size", inflated, entry.size).at(place(18)));
        }
    }
    if check_crc {
        let stored_crc = bytes::u32(trailer, crc_at).ok_or_else(short)?;
        let computed = crc(data);
        if stored_crc != computed {
            let (actual, expected) = (format!("{stored_crc:#010x}"), format!("{computed:#010x}"));
            return Err(Error::field(ErrorKind::Checksum, STRUCTURE, "dwCRC", actual, expected).at(place(crc_at)));
        }
    }
    Ok(())
}

/// A block as it goes to disk at `offset`: `plain` compressed if asked and useful (4K only), encoded if external, padded,
/// with its trailer. Also returns its entry, with a reference count of 2: one owner.
pub fn encode(
    plain: &[u8],
    bid: Bid,
    offset: u64,
    format: Format,
    crypt: CryptMethod,
    compress: bool,
) -> (Vec<u8>, BlockEntry) {
    let mut disk = Vec::with_capacity(format.block_size_on_disk(plain.len()));
    if compress && format.layout() == Layout::Unicode4k {
        store(plain, bid, crypt, &mut disk);
        let packed = deflate(&disk);
        // Outlook compresses only where a sector is saved.
        if format.block_size_on_disk(packed.len()) < format.block_size_on_disk(disk.len()) {
            disk = packed;
        }
        let entry = seal(&mut disk, 0, plain.len(), bid, offset, format);
        return (disk, entry);
    }
    let entry = encode_into(plain, bid, offset, format, crypt, &mut disk);
    (disk, entry)
}

/// Appends to `out` a block as it goes to disk at `offset`, never compressed; else as [`encode`].
pub(crate) fn encode_into(
    plain: &[u8],
    bid: Bid,
    offset: u64,
    format: Format,
    crypt: CryptMethod,
    out: &mut Vec<u8>,
) -> BlockEntry {
    let start = out.len();
    store(plain, bid, crypt, out);
    seal(out, start, plain.len(), bid, offset, format)
}

fn store(plain: &[u8], bid: Bid, crypt: CryptMethod, out: &mut Vec<u8>) {
    let crypt = if bid.is_internal() { CryptMethod::None } else { crypt };
    crypt.encode_into(bid, plain, out);
}

/// Pads the stored data that begins at `start` of `disk` and adds the trailer.
fn seal(disk: &mut Vec<u8>, start: usize, plain: usize, bid: Bid, offset: u64, format: Format) -> BlockEntry {
    let stored = disk.get(start..).unwrap_or_default();
    let word = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
    let entry = BlockEntry { bid, offset, stored_size: word(stored.len()), size: word(plain), references: 2 };
    let computed = crc(stored);
    let size = format.block_size_on_disk(stored.len());
    disk.resize(start.saturating_add(size), 0);
    let at = disk.len().saturating_sub(format.block_trailer_size());
    if let Some(trailer) = disk.get_mut(at..) {
        put(trailer, 0, &entry.stored_size.to_le_bytes());
        put(trailer, 2, &signature(offset, bid.raw()).to_le_bytes());
        put(trailer, format.trailer().crc, &computed.to_le_bytes());
        put_number(trailer, format.trailer().id, bid.raw(), format.id_size());
        if format.layout() == Layout::Unicode4k {
            put(trailer, 16, &2u16.to_le_bytes());
            put(trailer, 18, &entry.size.to_le_bytes());
        }
    }
    entry
}

fn deflate(plain: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    // A Vec takes every write.
    let _ = encoder.write_all(plain);
    encoder.finish().unwrap_or_default()
}

/// SLENTRY (MS-PST 2.2.2.8.3.3.1.1): a subnode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubnodeEntry {
    /// Its id, which means something only inside its owner.
    pub nid: Nid,
    /// Its data.
    pub data: Bid,
    /// Its own subnode tree, or `NONE`.
    pub subnodes: Bid,
}

/// SIENTRY (MS-PST 2.2.2.8.3.3.2.1): a block of subnodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubnodeIndexEntry {
    /// The least subnode id in the block.
    pub nid: Nid,
    /// The SLBLOCK.
    pub block: Bid,
}

/// What an internal block holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InternalBlock {
    /// XBLOCK (level 1: data blocks) or XXBLOCK (level 2: XBLOCKs), MS-PST 2.2.2.8.3.2.
    DataTree {
        /// 1 or 2.
        level: u8,
        /// `lcbTotal`: bytes of data below. **32 bits, so wrong above 4 GiB.**
        total: u32,
        /// The blocks below in order.
        children: Vec<Bid>,
    },
    /// SLBLOCK (MS-PST 2.2.2.8.3.3.1.2).
    Subnodes(Vec<SubnodeEntry>),
    /// SIBLOCK (MS-PST 2.2.2.8.3.3.2.2).
    SubnodeIndex(Vec<SubnodeIndexEntry>),
}

impl InternalBlock {
    /// Decodes the data of an internal block.
    ///
    /// # Errors
    /// `Corrupt` for an unknown `btype` or `cLevel`, or if the entries do not fit in the block.
    pub fn decode(data: &[u8], format: Format) -> Result<Self> {
        let short = |structure| Error::truncated(structure, data.len(), 8);
        let [btype, level] = bytes::array(data, 0).ok_or_else(|| short("internal block"))?;
        let structure = match (btype, level) {
            (1, 1) => "XBLOCK",
            (1, 2) => "XXBLOCK",
            (2, 0) => "SLBLOCK",
            (2, 1) => "SIBLOCK",
            (1, _) => return Err(Error::corrupt("XBLOCK", "cLevel", level, "1 or 2")),
            (2, _) => return Err(Error::corrupt("SLBLOCK", "cLevel", level, "0 or 1")),
            _ => return Err(Error::corrupt("internal block", "btype", format_args!("{btype:#04x}"), "1 or 2")),
        };
        let count = usize::from(bytes::u16(data, 2).ok_or_else(|| short(structure))?);
        let size = format.id_size();
        let (header, stride) = match (btype, level) {
            (1, _) => (8, size),
            (_, 0) => (format.subnode_header_size(), format.subnode_entry_size()),
            _ => (format.subnode_header_size(), format.subnode_index_entry_size()),
        };
        let entries = data.get(header..).ok_or_else(|| short(structure))?;
        let room = entries.len().checked_div(stride).unwrap_or(0);
        if count > room {
            return Err(Error::corrupt(structure, "cEnt", count, format_args!("at most {room}")));
        }
        let entries = entries.chunks_exact(stride).take(count);
        let id = |entry: &[u8], index: usize| {
            let at = index.saturating_mul(size);
            let id = if size == 4 { bytes::u32(entry, at).map(u64::from) } else { bytes::u64(entry, at) };
            Bid::new(id.unwrap_or(0))
        };
        let nid = |entry: &[u8]| Nid::new(bytes::u32(entry, 0).unwrap_or(0));
        Ok(match (btype, level) {
            (1, _) => Self::DataTree {
                level,
                total: bytes::u32(data, 4).ok_or_else(|| short(structure))?,
                children: entries.map(|entry| id(entry, 0)).collect(),
            },
            (_, 0) => Self::Subnodes(
                entries
                    .map(|entry| SubnodeEntry { nid: nid(entry), data: id(entry, 1), subnodes: id(entry, 2) })
                    .collect(),
            ),
            _ => Self::SubnodeIndex(
                entries.map(|entry| SubnodeIndexEntry { nid: nid(entry), block: id(entry, 1) }).collect(),
            ),
        })
    }

    /// Encodes the data of the block.
    pub fn encode(&self, format: Format) -> Vec<u8> {
        let size = format.id_size();
        let word = |length: usize| u16::try_from(length).unwrap_or(u16::MAX).to_le_bytes();
        let id = |out: &mut Vec<u8>, id: u64| out.extend_from_slice(id.to_le_bytes().get(..size).unwrap_or_default());
        let mut out = Vec::new();
        match self {
            Self::DataTree { level, total, children } => {
                out.extend_from_slice(&[1, *level]);
                out.extend_from_slice(&word(children.len()));
                out.extend_from_slice(&total.to_le_bytes());
                children.iter().for_each(|child| id(&mut out, child.raw()));
            }
            Self::Subnodes(entries) => {
                out.extend_from_slice(&[2, 0]);
                out.extend_from_slice(&word(entries.len()));
                out.resize(format.subnode_header_size(), 0);
                for entry in entries {
                    id(&mut out, u64::from(entry.nid.raw()));
                    id(&mut out, entry.data.raw());
                    id(&mut out, entry.subnodes.raw());
                }
            }
            Self::SubnodeIndex(entries) => {
                out.extend_from_slice(&[2, 1]);
                out.extend_from_slice(&word(entries.len()));
                out.resize(format.subnode_header_size(), 0);
                for entry in entries {
                    id(&mut out, u64::from(entry.nid.raw()));
                    id(&mut out, entry.block.raw());
                }
            }
        }
        out
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;

    const FORMATS: [Format; 3] = [Format::ANSI, Format::UNICODE, Format::UNICODE_4K];

    #[test]
    fn encoded_blocks_verify_and_every_byte_is_guarded() {
        for format in FORMATS {
            let (disk, entry) = encode(b"some data", Bid::new(0x44), 0x4800, format, CryptMethod::Cyclic, false);
            verify(&disk, &entry, format, true).unwrap();
            let guarded =
                (0..9).chain(disk.len() - format.block_trailer_size()..disk.len() - format.block_trailer_size() + 12);
            for at in guarded {
                let mut bad = disk.clone();
                bad[at] ^= 2;
                assert!(verify(&bad, &entry, format, true).is_err(), "byte {at}");
            }
        }
    }

    #[test]
    fn internal_blocks_round_trip() {
        let entry = |n: u32| SubnodeEntry { nid: Nid::new(n), data: Bid::new(4), subnodes: Bid::new(6) };
        for format in FORMATS {
            for block in [
                InternalBlock::DataTree { level: 1, total: 9000, children: vec![Bid::new(4), Bid::new(8)] },
                InternalBlock::DataTree { level: 2, total: 9_000_000, children: vec![Bid::new(2)] },
                InternalBlock::Subnodes(vec![entry(0x671), entry(0x692)]),
                InternalBlock::SubnodeIndex(vec![SubnodeIndexEntry { nid: Nid::new(5), block: Bid::new(10) }]),
            ] {
                assert_eq!(InternalBlock::decode(&block.encode(format), format).unwrap(), block);
            }
        }
    }

    #[test]
    fn a_count_beyond_the_block_is_refused() {
        let mut data = InternalBlock::Subnodes(vec![]).encode(Format::UNICODE);
        data[2] = 1;
        let error = InternalBlock::decode(&data, Format::UNICODE).unwrap_err();
        assert_eq!(error.to_string(), "corrupt SLBLOCK: cEnt is 1, expected at most 0");
    }
}
