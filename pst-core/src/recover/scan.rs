//! One pass over the file: every page and block that proves itself by its trailer.
//!
//! A block's trailer ends on a multiple of 64 bytes (4K: 512) and says how long the block is, so where it begins. The
//! signature must then fit that place and the id, and the CRC the bytes. Pages stand on multiples of their own size.
//! **What lies inside a proven block is its data**, such as a PST attached to a message, and no piece of this file.

use std::collections::VecDeque;

use crate::ndb::checksum::{crc, signature};
use crate::ndb::page::{self, PageType};
use crate::ndb::{Bid, CryptMethod, Format, Layout};
use crate::recover::overlay::Shared;
use crate::recover::page::Shape;
use crate::source::Source;
use crate::write::spool::Sorter;
use crate::{Result, bytes};

/// Bytes read at a time.
const WINDOW: u64 = 8 << 20;

/// A page of a B-tree that was found.
#[derive(Clone, Copy, Debug)]
pub(super) struct FoundPage {
    pub(super) offset: u64,
    pub(super) id: u64,
    /// The least key on it.
    pub(super) first: u64,
    /// The greatest key on it.
    pub(super) last: u64,
    pub(super) level: u8,
}

/// A block that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FoundBlock {
    pub(super) bid: Bid,
    pub(super) offset: u64,
    pub(super) stored_size: u16,
    pub(super) size: u16,
    pub(super) crc: u32,
}

/// A page or block whose CRC is right and whose signature is that of another place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moved {
    pub(super) id: u64,
    pub(super) signature: u16,
    /// With the place it stands at.
    pub(super) piece: MovedPiece,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum MovedPiece {
    Page(PageType, FoundPage),
    Block(FoundBlock),
}

/// A signature proves the lower half of an id and nothing proves the rest. No file comes to ids beyond this, so that one which
/// has such an id has a damaged trailer.
const GREATEST_ID: u64 = 1 << 44;

/// Moved pieces that are kept; a file with more is beyond help.
const MOST_MOVED: usize = 1 << 20;

/// What a scan found. Pages take 40 bytes each; blocks go through a sorter that spills to disk.
pub(super) struct Scan {
    pub(super) node_pages: Vec<FoundPage>,
    pub(super) block_pages: Vec<FoundPage>,
    pub(super) blocks: Sorter,
    pub(super) block_count: u64,
    pub(super) greatest_page: u64,
    pub(super) votes: Votes,
    pub(super) moved: Vec<Moved>,
}

/// How data blocks seem to be encoded.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Votes {
    none: u32,
    permute: u32,
    cyclic: u32,
}

impl Votes {
    /// Enough to be sure.
    const ENOUGH: u32 = 1000;

    /// The first block of a heap begins with a known signature once it is decoded (MS-PST 2.3.1.2).
    fn count(&mut self, bid: Bid, stored: &[u8]) {
        if self.none.saturating_add(self.permute).saturating_add(self.cyclic) >= Self::ENOUGH {
            return;
        }
        let Some(start) = stored.get(..12) else { return };
        for (crypt, votes) in [
            (CryptMethod::None, &mut self.none),
            (CryptMethod::Permute, &mut self.permute),
            (CryptMethod::Cyclic, &mut self.cyclic),
        ] {
            let mut plain = start.to_vec();
            crypt.decode_in_place(bid, &mut plain);
            let [map_low, map_high, signature, client] = bytes::array(&plain, 0).unwrap_or_default();
            let map = usize::from(u16::from_le_bytes([map_low, map_high]));
            if signature == 0xEC && matches!(client, 0xBC | 0x7C | 0xB5) && map >= 12 && map < stored.len() {
                *votes = votes.saturating_add(1);
            }
        }
    }

    /// The coding most heaps have, if any was seen.
    pub(super) fn winner(&self) -> Option<CryptMethod> {
        let all =
            [(self.none, CryptMethod::None), (self.permute, CryptMethod::Permute), (self.cyclic, CryptMethod::Cyclic)];
        all.into_iter().max_by_key(|(votes, _)| *votes).filter(|(votes, _)| *votes > 0).map(|(_, crypt)| crypt)
    }
}

#[derive(Clone, Copy)]
enum Piece {
    Page(PageType, FoundPage),
    Block(FoundBlock, Option<[u8; 12]>),
    Moved(Moved),
}

impl Piece {
    fn start(&self) -> u64 {
        match self {
            Self::Page(_, page) | Self::Moved(Moved { piece: MovedPiece::Page(_, page), .. }) => page.offset,
            Self::Block(block, _) | Self::Moved(Moved { piece: MovedPiece::Block(block), .. }) => block.offset,
        }
    }
}

/// Looks at the whole file. `progress` is told how many bytes were looked at; its error ends the scan.
pub(super) fn scan(source: &Shared, format: Format, progress: &mut dyn FnMut(u64) -> Result<()>) -> Result<Scan> {
    let mut out = Scan {
        node_pages: Vec::new(),
        block_pages: Vec::new(),
        blocks: Sorter::new(None),
        block_count: 0,
        greatest_page: 0,
        votes: Votes::default(),
        moved: Vec::new(),
    };
    // Pieces that a block that ends later may still turn out to contain.
    let mut waiting: VecDeque<Piece> = VecDeque::new();
    let longest = u64::try_from(format.block_size_on_disk(format.max_block_data())).unwrap_or(0);
    pieces(source, format, &mut |end, piece| {
        while let Some(first) = waiting.front().filter(|first| first.start().saturating_add(longest) < end) {
            let first = *first;
            out.take(&first)?;
            waiting.pop_front();
        }
        let Some(piece) = piece else { return progress(end) };
        if matches!(piece, Piece::Block(..)) {
            waiting.retain(|inside| inside.start() < piece.start());
        }
        waiting.push_back(piece);
        Ok(())
    })?;
    waiting.iter().try_for_each(|piece| out.take(piece))?;
    Ok(out)
}

impl Scan {
    /// Adds a block that was found otherwise.
    pub(super) fn add(&mut self, block: &FoundBlock) -> Result<()> {
        self.blocks.push(block.bid.key(), &block.to_record())
    }

    fn take(&mut self, piece: &Piece) -> Result<()> {
        match piece {
            Piece::Page(kind, page) => {
                self.greatest_page = self.greatest_page.max(page.id);
                if *kind == PageType::NodeTree { &mut self.node_pages } else { &mut self.block_pages }.push(*page);
                Ok(())
            }
            Piece::Moved(moved) => {
                if self.moved.len() < MOST_MOVED {
                    self.moved.push(*moved);
                }
                Ok(())
            }
            Piece::Block(block, start) => {
                self.block_count = self.block_count.saturating_add(1);
                if let Some(start) = start.filter(|_| !block.bid.is_internal() && block.size == block.stored_size) {
                    let mut stored = vec![0; usize::from(block.stored_size)];
                    bytes_into(&start, &mut stored);
                    self.votes.count(block.bid, &stored);
                }
                self.blocks.push(block.bid.key(), &block.to_record())
            }
        }
    }
}

fn bytes_into(from: &[u8], to: &mut [u8]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
}

impl FoundBlock {
    fn to_record(self) -> Vec<u8> {
        let mut record = Vec::with_capacity(24);
        record.extend_from_slice(&self.bid.raw().to_le_bytes());
        record.extend_from_slice(&self.offset.to_le_bytes());
        record.extend_from_slice(&self.stored_size.to_le_bytes());
        record.extend_from_slice(&self.size.to_le_bytes());
        record.extend_from_slice(&self.crc.to_le_bytes());
        record
    }

    pub(super) fn from_record(record: &[u8]) -> Option<Self> {
        Some(Self {
            bid: Bid::new(bytes::u64(record, 0)?),
            offset: bytes::u64(record, 8)?,
            stored_size: bytes::u16(record, 16)?,
            size: bytes::u16(record, 18)?,
            crc: bytes::u32(record, 20)?,
        })
    }
}

/// The layout whose pages and blocks the file has, by the first that prove themselves.
pub(super) fn layout_of(source: &Shared, progress: &mut dyn FnMut(u64) -> Result<()>) -> Result<Option<Format>> {
    const ENOUGH: u32 = 16;
    let mut best = None;
    for format in [Format::UNICODE, Format::ANSI, Format::UNICODE_4K] {
        let mut found = 0u32;
        let stopped = pieces(source, format, &mut |end, piece| match piece {
            Some(Piece::Moved(_)) => Ok(()),
            Some(_) => {
                found = found.saturating_add(1);
                // An end of the search, not an error.
                if found >= ENOUGH {
                    Err(crate::Error::limit("scan", "pieces", found, u64::from(ENOUGH)))
                } else {
                    Ok(())
                }
            }
            None => progress(end),
        });
        match stopped {
            Err(_) if found >= ENOUGH => return Ok(Some(format)),
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        if best.is_none_or(|(most, _)| found > most) && found > 0 {
            best = Some((found, format));
        }
    }
    Ok(best.map(|(_, format)| format))
}

/// Gives each proven piece with its end, and `None` with the place after each window.
fn pieces(source: &Shared, format: Format, visit: &mut dyn FnMut(u64, Option<Piece>) -> Result<()>) -> Result<()> {
    let look_back = u64::try_from(format.block_size_on_disk(format.max_block_data())).unwrap_or(0);
    let align = format.block_align();
    let length = source.len();
    let mut buffer = Vec::new();
    let mut start = 0u64;
    while start < length {
        let end = start.saturating_add(WINDOW).min(length);
        let from = start.saturating_sub(look_back);
        let size = usize::try_from(end.saturating_sub(from)).unwrap_or(0);
        let window = match source.lend(from, size) {
            Some(lent) => lent,
            None => {
                buffer.resize(size, 0);
                read_what_can_be_read(source, from, &mut buffer)?;
                buffer.as_slice()
            }
        };
        let mut at = start.saturating_add(align);
        while at <= end {
            if let Some(piece) = page_before(window, from, at, format) {
                visit(at, Some(piece))?;
            } else if let Some(piece) = block_before(window, from, at, format) {
                visit(at, Some(piece))?;
            }
            at = at.saturating_add(align);
        }
        visit(end, None)?;
        start = end;
    }
    Ok(())
}

/// A disk that cannot read a sector gives an error for it: the rest of the window is read piece by piece.
fn read_what_can_be_read(source: &Shared, from: u64, buffer: &mut [u8]) -> Result<()> {
    const PIECE: usize = 4096;
    if source.read_exact_at(from, buffer).is_ok() {
        return Ok(());
    }
    let mut failed = 0usize;
    let mut last = None;
    let mut at = from;
    let count = buffer.len().div_ceil(PIECE);
    for piece in buffer.chunks_mut(PIECE) {
        if let Err(error) = source.read_exact_at(at, piece) {
            piece.fill(0);
            failed = failed.saturating_add(1);
            last = Some(error);
        }
        at = at.saturating_add(u64::try_from(piece.len()).unwrap_or(0));
    }
    // Where nothing at all can be read the medium is gone.
    match last {
        Some(error) if failed == count => Err(error),
        _ => Ok(()),
    }
}

fn page_before(window: &[u8], from: u64, end: u64, format: Format) -> Option<Piece> {
    let size = format.page_size();
    let offset = end.checked_sub(u64::try_from(size).ok()?)?;
    if offset.checked_rem(u64::try_from(size).ok()?)? != 0 {
        return None;
    }
    let page = bytes::slice(window, usize::try_from(offset.checked_sub(from)?).ok()?, size)?;
    let trailer = page.get(format.page_data_size()..)?;
    let kind = match bytes::u8(trailer, 0)? {
        0x80 => PageType::BlockTree,
        0x81 => PageType::NodeTree,
        _ => return None,
    };
    let fields = format.trailer();
    let id =
        if format.is_ansi() { bytes::u32(trailer, fields.id).map(u64::from)? } else { bytes::u64(trailer, fields.id)? };
    let shape = Shape::read(page, format, kind)?;
    let (first, last) = shape.keys(page, format, kind).unwrap_or((1, 0));
    if id > GREATEST_ID {
        return None;
    }
    let found = FoundPage { offset, id, first, last, level: shape.level };
    if page::verify(page, format, kind, id, offset, true).is_ok() {
        return Some(Piece::Page(kind, found));
    }
    let data = page.get(..format.page_data_size())?;
    let is_moved = bytes::u8(trailer, 1)? == kind.number() && bytes::u32(trailer, fields.crc)? == crc(data);
    let signature = bytes::u16(trailer, 2)?;
    is_moved.then_some(Piece::Moved(Moved { id, signature, piece: MovedPiece::Page(kind, found) }))
}

fn block_before(window: &[u8], from: u64, end: u64, format: Format) -> Option<Piece> {
    let trailer_size = format.block_trailer_size();
    let end_at = usize::try_from(end.checked_sub(from)?).ok()?;
    let trailer = bytes::slice(window, end_at.checked_sub(trailer_size)?, trailer_size)?;
    let stored_size = bytes::u16(trailer, 0)?;
    if stored_size == 0 || usize::from(stored_size) > format.max_block_data() {
        return None;
    }
    let on_disk = format.block_size_on_disk(usize::from(stored_size));
    let start_at = end_at.checked_sub(on_disk)?;
    let offset = from.checked_add(u64::try_from(start_at).ok()?)?;
    let fields = format.trailer();
    let id =
        if format.is_ansi() { bytes::u32(trailer, fields.id).map(u64::from)? } else { bytes::u64(trailer, fields.id)? };
    let bid = Bid::new(id);
    let stored_signature = bytes::u16(trailer, 2)?;
    let is_at_home = stored_signature == signature(offset, id);
    if bid.is_none() || offset == 0 || id > GREATEST_ID {
        return None;
    }
    let size = if format.layout() == Layout::Unicode4k { bytes::u16(trailer, 18)? } else { stored_size };
    if size < stored_size || usize::from(size) > format.max_block_data() {
        return None;
    }
    let stored = bytes::slice(window, start_at, usize::from(stored_size))?;
    let computed = crc(stored);
    if computed != bytes::u32(trailer, fields.crc)? {
        return None;
    }
    let block = FoundBlock { bid, offset, stored_size, size, crc: computed };
    if !is_at_home {
        return Some(Piece::Moved(Moved { id, signature: stored_signature, piece: MovedPiece::Block(block) }));
    }
    Some(Piece::Block(block, bytes::array(stored, 0)))
}
