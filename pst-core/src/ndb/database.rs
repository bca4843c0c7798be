//! The node database: header, pages and blocks of one file, read and checked on demand.
//!
//! Stands on a [`Source`] and knows nothing of heaps or mail. Everything it lends is checked on the way out: type,
//! signature, id and CRC of a page; size, id, signature and CRC of a block.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use flate2::{Decompress, FlushDecompress, Status};

use crate::ndb::btree::{self, Records};
use crate::ndb::page::{self, PageType};
use crate::ndb::{Bid, BlockEntry, CryptMethod, Format, Header, InternalBlock, Nid, NodeEntry, PageRef, block};
use crate::source::{Bytes, Source};
use crate::text::CodePageChoice;
use crate::{Error, ErrorKind, Limits, Result};

/// Pages kept when the source cannot lend them: 2 MiB of 512-byte pages, 16 MiB of 4K ones.
const CACHED_PAGES: usize = 4096;

/// One open file.
pub(crate) struct Database {
    source: Box<dyn Source>,
    header: Header,
    limits: Limits,
    check_crc: bool,
    pages: PageCache,
    /// The code page of String8 values that say nothing themselves, once somebody needs it.
    pub(crate) code_page: OnceLock<CodePageChoice>,
    /// The code page the caller wants for all String8 values.
    pub(crate) code_page_override: Option<CodePageChoice>,
}

/// What [`Database::load`] found.
pub(crate) enum Loaded<'a> {
    /// The file has the data as it is.
    Lent(&'a [u8]),
    /// The data is in the caller's buffer.
    Buffered,
}

impl Database {
    pub(crate) fn new(source: Box<dyn Source>, header: Header, limits: Limits, check_crc: bool) -> Self {
        let pages = PageCache::default();
        Self { source, header, limits, check_crc, pages, code_page: OnceLock::new(), code_page_override: None }
    }

    pub(crate) fn header(&self) -> &Header {
        &self.header
    }

    #[inline]
    pub(crate) fn format(&self) -> Format {
        self.header.format
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Bytes of the file, which may be fewer than the header says.
    pub(crate) fn len(&self) -> u64 {
        self.source.len()
    }

    /// Lends `length` bytes at `offset` if the source can.
    pub(crate) fn lend(&self, offset: u64, length: usize) -> Option<&[u8]> {
        self.source.lend(offset, length)
    }

    /// Bytes of the file as they are, unchecked.
    pub(crate) fn raw(&self, offset: u64, length: usize) -> Result<Bytes<'_>> {
        self.bounds("file", offset, length)?;
        if let Some(lent) = self.lend(offset, length) {
            return Ok(Bytes::lent(lent));
        }
        let mut buffer = vec![0; length];
        self.source.read_exact_at(offset, &mut buffer)?;
        Ok(Bytes::owned(buffer))
    }

    /// Fails if `offset..offset + length` is not wholly in the file.
    fn bounds(&self, structure: &'static str, offset: u64, length: usize) -> Result<()> {
        let end = u64::try_from(length).ok().and_then(|length| offset.checked_add(length));
        if end.is_some_and(|end| end <= self.len()) {
            return Ok(());
        }
        let expected = format_args!("at most {:#x}, the end of the file", self.len());
        let actual = match end {
            Some(end) => format!("{end:#x}"),
            None => "beyond 2^64".to_owned(),
        };
        Err(Error::corrupt(structure, "end", actual, expected).at(offset))
    }

    /// The page at `at`, checked.
    pub(crate) fn page(&self, kind: PageType, at: PageRef) -> Result<Bytes<'_>> {
        let format = self.format();
        let size = format.page_size();
        let structure = kind.structure();
        if u64::try_from(size).ok().and_then(|size| at.offset.checked_rem(size)) != Some(0) {
            let expected = format_args!("a multiple of {size}");
            return Err(Error::corrupt(structure, "ib", format_args!("{:#x}", at.offset), expected).at(at.offset));
        }
        self.bounds(structure, at.offset, size)?;
        if let Some(lent) = self.lend(at.offset, size) {
            page::verify(lent, format, kind, at.id, at.offset, self.check_crc)?;
            return Ok(Bytes::lent(lent));
        }
        if let Some(known) = self.pages.get(at, kind, size) {
            return Ok(Bytes::shared(known));
        }
        let mut buffer = vec![0; size];
        self.source.read_exact_at(at.offset, &mut buffer)?;
        page::verify(&buffer, format, kind, at.id, at.offset, self.check_crc)?;
        let buffer = Arc::new(buffer);
        self.pages.put(at, kind, &buffer);
        Ok(Bytes::shared(buffer))
    }

    /// Where a block is.
    pub(crate) fn block_entry(&self, bid: Bid) -> Result<BlockEntry> {
        btree::find::<BlockEntry>(self, self.header.root.block_tree, bid.key())
            .and_then(|entry| entry.ok_or_else(|| Error::not_found("block", "it has no entry in the block B-tree")))
            .map_err(|error| error.in_block(bid))
    }

    /// A top-level node, if there is one.
    pub(crate) fn node_entry(&self, nid: Nid) -> Result<Option<NodeEntry>> {
        btree::find::<NodeEntry>(self, self.header.root.node_tree, u64::from(nid.raw()))
            .map_err(|error| error.in_node(nid))
    }

    /// All top-level nodes in id order.
    pub(crate) fn node_entries(&self) -> Records<'_, NodeEntry> {
        Records::new(self, self.header.root.node_tree)
    }

    /// All blocks in id order.
    pub(crate) fn block_entries(&self) -> Records<'_, BlockEntry> {
        Records::new(self, self.header.root.block_tree)
    }

    /// The plain data of a block: lent if the file has it as it is, else put into `buffer`.
    ///
    /// `crypt` is the coding of external blocks, which need not be the one the header states.
    pub(crate) fn load<'a>(
        &'a self,
        entry: &BlockEntry,
        crypt: CryptMethod,
        buffer: &mut Vec<u8>,
    ) -> Result<Loaded<'a>> {
        self.load_inner(entry, crypt, buffer).map_err(|error| error.in_block(entry.bid))
    }

    fn load_inner<'a>(&'a self, entry: &BlockEntry, crypt: CryptMethod, buffer: &mut Vec<u8>) -> Result<Loaded<'a>> {
        let format = self.format();
        let stored = usize::from(entry.stored_size);
        self.check_entry(entry)?;
        let on_disk = format.block_size_on_disk(stored);
        self.bounds("block", entry.offset, on_disk)?;
        let crypt = if entry.bid.is_internal() { CryptMethod::None } else { crypt };
        let compressed = entry.stored_size != entry.size;
        buffer.clear();
        if let Some(disk) = self.lend(entry.offset, on_disk) {
            block::verify(disk, entry, format, self.check_crc)?;
            let data = disk.get(..stored).unwrap_or_default();
            if compressed {
                return inflate_block(data, entry, crypt, buffer).map(|()| Loaded::Buffered);
            } else if crypt == CryptMethod::None {
                return Ok(Loaded::Lent(data));
            } else {
                crypt.decode_into(entry.bid, data, buffer);
                return Ok(Loaded::Buffered);
            }
        } else {
            buffer.resize(on_disk, 0);
            self.source.read_exact_at(entry.offset, buffer)?;
            block::verify(buffer, entry, format, self.check_crc)?;
            buffer.truncate(stored);
            if compressed {
                let data = std::mem::take(buffer);
                return inflate_block(&data, entry, crypt, buffer).map(|()| Loaded::Buffered);
            }
        }
        crypt.decode_in_place(entry.bid, buffer);
        Ok(Loaded::Buffered)
    }

    fn check_entry(&self, entry: &BlockEntry) -> Result<()> {
        const STRUCTURE: &str = "BBTENTRY";
        let format = self.format();
        let align = format.block_align();
        if entry.offset.checked_rem(align) != Some(0) {
            let expected = format_args!("a multiple of {align}");
            return Err(Error::corrupt(STRUCTURE, "ib", format_args!("{:#x}", entry.offset), expected).at(entry.offset));
        }
        let most = format.max_block_data();
        if entry.stored_size == 0 || usize::from(entry.stored_size) > most {
            let expected = format_args!("1 to {most}");
            return Err(Error::corrupt(STRUCTURE, "cb", entry.stored_size, expected).at(entry.offset));
        }
        if entry.size < entry.stored_size || usize::from(entry.size) > most {
            let expected = format_args!("{} to {most}", entry.stored_size);
            return Err(Error::corrupt(STRUCTURE, "inflated size", entry.size, expected).at(entry.offset));
        }
        Ok(())
    }

    /// The plain data of a block.
    pub(crate) fn block(&self, entry: &BlockEntry, crypt: CryptMethod) -> Result<Bytes<'_>> {
        let mut buffer = Vec::new();
        Ok(match self.load(entry, crypt, &mut buffer)? {
            Loaded::Lent(data) => Bytes::lent(data),
            Loaded::Buffered => Bytes::owned(buffer),
        })
    }

    /// An internal block, decoded.
    pub(crate) fn internal_block(&self, entry: &BlockEntry) -> Result<InternalBlock> {
        let data = self.block(entry, CryptMethod::None)?;
        InternalBlock::decode(&data, self.format()).map_err(|error| error.at(entry.offset).in_block(entry.bid))
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("header", &self.header).field("len", &self.len()).finish_non_exhaustive()
    }
}

/// Inflates a block and decodes what comes out. No encoded 4K file was ever seen: if that order fails, the other is tried.
fn inflate_block(stored: &[u8], entry: &BlockEntry, crypt: CryptMethod, out: &mut Vec<u8>) -> Result<()> {
    match inflate(stored, entry, out) {
        Ok(()) => {
            crypt.decode_in_place(entry.bid, out);
            Ok(())
        }
        Err(error) if crypt == CryptMethod::None => Err(error),
        Err(error) => {
            let mut plain = stored.to_vec();
            crypt.decode_in_place(entry.bid, &mut plain);
            inflate(&plain, entry, out).map_err(|_| error)
        }
    }
}

/// Inflates one zlib stream of exactly the size its entry states, so that no stream can grow beyond it.
fn inflate(stored: &[u8], entry: &BlockEntry, out: &mut Vec<u8>) -> Result<()> {
    thread_local! {
        static INFLATE: RefCell<Decompress> = RefCell::new(Decompress::new(true));
    }
    const STRUCTURE: &str = "compressed block";
    let size = usize::from(entry.size);
    out.clear();
    out.resize(size, 0);
    INFLATE.with_borrow_mut(|inflate| {
        inflate.reset(true);
        let status = inflate
            .decompress(stored, out, FlushDecompress::Finish)
            .map_err(|error| Error::text(ErrorKind::Corrupt, STRUCTURE, format!("zlib: {error}")).at(entry.offset))?;
        if status != Status::StreamEnd || inflate.total_out() != u64::from(entry.size) {
            let actual = match status {
                Status::StreamEnd => inflate.total_out().to_string(),
                Status::Ok | Status::BufError => "another".to_owned(),
            };
            return Err(Error::corrupt(STRUCTURE, "inflated size", actual, entry.size).at(entry.offset));
        }
        Ok(())
    })
}

type CachedPage = Option<(PageRef, PageType, Arc<Vec<u8>>)>;

/// Pages that were read and checked, by offset; each place of the table holds the last page that fell on it.
#[derive(Default)]
struct PageCache(OnceLock<Box<[Mutex<CachedPage>]>>);

impl PageCache {
    fn place(&self, at: PageRef, page_size: usize) -> Option<&Mutex<CachedPage>> {
        let table = self.0.get_or_init(|| (0..CACHED_PAGES).map(|_| Mutex::default()).collect());
        let number = usize::try_from(at.offset).ok()?.checked_div(page_size)?;
        table.get(number.checked_rem(table.len())?)
    }

    fn get(&self, at: PageRef, kind: PageType, page_size: usize) -> Option<Arc<Vec<u8>>> {
        let place = self.place(at, page_size)?.lock().ok()?;
        place
            .as_ref()
            .filter(|(known, known_kind, _)| *known == at && *known_kind == kind)
            .map(|(_, _, page)| Arc::clone(page))
    }

    fn put(&self, at: PageRef, kind: PageType, page: &Arc<Vec<u8>>) {
        if let Some(mut place) = self.place(at, page.len()).and_then(|place| place.lock().ok()) {
            *place = Some((at, kind, Arc::clone(page)));
        }
    }
}
