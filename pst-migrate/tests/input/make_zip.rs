//! Archives made byte by byte, since no writer makes the bad ones (APPNOTE 4.3).

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

/// An entry. What is `None` is what it should be.
#[derive(Clone, Default)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) deflate: bool,
    pub(crate) method: Option<u16>,
    pub(crate) flags: u16,
    pub(crate) crc: Option<u32>,
    pub(crate) size: Option<u32>,
    pub(crate) packed_size: Option<u32>,
    /// The place of the local header.
    pub(crate) offset: Option<u32>,
    pub(crate) extra: Vec<u8>,
    /// Unix mode.
    pub(crate) mode: u16,
    /// No local header and no data of its own.
    pub(crate) only_listed: bool,
}

impl Entry {
    pub(crate) fn new(name: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into(), ..Self::default() }
    }

    pub(crate) fn deflated(name: impl Into<Vec<u8>>, content: impl Into<Vec<u8>>) -> Self {
        Self { deflate: true, ..Self::new(name, content) }
    }

    /// The field in which Info-ZIP keeps a name in UTF-8 (APPNOTE 4.6.9).
    pub(crate) fn unicode_name(mut self, name: &str) -> Self {
        let crc = crc(&self.name);
        self.extra.extend(0x7075u16.to_le_bytes());
        self.extra.extend(u16::try_from(name.len() + 5).unwrap().to_le_bytes());
        self.extra.push(1);
        self.extra.extend(crc.to_le_bytes());
        self.extra.extend(name.as_bytes());
        self
    }
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(crate) fn zip(entries: impl IntoIterator<Item = Entry>) -> Vec<u8> {
    let entries: Vec<Entry> = entries.into_iter().collect();
    let count = u16::try_from(entries.len()).unwrap();
    zip_counting(entries, count)
}

/// An archive that says it has so many entries.
pub(crate) fn zip_counting(entries: Vec<Entry>, count: u16) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = match entry.deflate {
            true => {
                let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
                encoder.write_all(&entry.content).unwrap();
                encoder.finish().unwrap()
            }
            false => entry.content.clone(),
        };
        let mut fields = Vec::new();
        fields.extend(20u16.to_le_bytes());
        fields.extend(entry.flags.to_le_bytes());
        fields.extend(entry.method.unwrap_or(if entry.deflate { 8 } else { 0 }).to_le_bytes());
        fields.extend([0, 0, 0x21, 0]);
        fields.extend(entry.crc.unwrap_or_else(|| crc(&entry.content)).to_le_bytes());
        fields.extend(entry.packed_size.unwrap_or(packed.len() as u32).to_le_bytes());
        fields.extend(entry.size.unwrap_or(entry.content.len() as u32).to_le_bytes());
        fields.extend(u16::try_from(entry.name.len()).unwrap().to_le_bytes());
        fields.extend(u16::try_from(entry.extra.len()).unwrap().to_le_bytes());
        let offset = entry.offset.unwrap_or(out.len() as u32);
        if !entry.only_listed {
            out.extend(b"PK\x03\x04");
            out.extend(&fields);
            out.extend(&entry.name);
            out.extend(&entry.extra);
            out.extend(&packed);
        }
        directory.extend(b"PK\x01\x02");
        directory.extend([20, 3]);
        directory.extend(&fields);
        // Comment, disk, internal attributes.
        directory.extend([0; 6]);
        directory.extend((u32::from(entry.mode) << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(&entry.name);
        directory.extend(&entry.extra);
    }
    let start = out.len() as u32;
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend(count.to_le_bytes());
    out.extend(count.to_le_bytes());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start.to_le_bytes());
    out.extend([0, 0]);
    out
}
