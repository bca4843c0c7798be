//! A page of a B-tree with all that is on it (MS-PST 2.2.2.7.7.1).

use crate::ndb::page::PageType;
use crate::ndb::{BranchEntry, Database, Format, Layout, PageRef, Record};
use crate::source::Bytes;
use crate::{Error, Result, bytes};

/// The most levels above the leaves.
const MAX_LEVEL: u8 = 8;

/// The fields behind the entries, checked against the page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub(super) level: u8,
    pub(super) count: usize,
    pub(super) stride: usize,
}

impl Shape {
    /// Of a page of `kind`; `None` if the fields contradict the page.
    pub(super) fn read(page: &[u8], format: Format, kind: PageType) -> Option<Self> {
        let room = format.page_entries_size();
        let (count, stride, level) = match format.layout() {
            Layout::Ansi | Layout::Unicode => {
                let [count, _, stride, level] = bytes::array(page, room)?;
                (usize::from(count), usize::from(stride), level)
            }
            Layout::Unicode4k => {
                let [stride, level] = bytes::array(page, room.checked_add(4)?)?;
                (usize::from(bytes::u16(page, room)?), usize::from(stride), level)
            }
        };
        let least = match kind {
            _ if level > 0 => format.branch_entry_size(),
            PageType::BlockTree => format.block_entry_size(),
            PageType::NodeTree => format.node_entry_size(),
            _ => return None,
        };
        let fits = level <= MAX_LEVEL && stride >= least && count <= room.checked_div(stride)?;
        fits.then_some(Self { level, count, stride })
    }

    fn entries<'a>(&self, page: &'a [u8]) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a> {
        page.chunks_exact(self.stride.max(1)).take(self.count)
    }

    /// The least and the greatest key of the entries, as they are compared.
    pub(super) fn keys(&self, page: &[u8], format: Format, kind: PageType) -> Option<(u64, u64)> {
        let keys = self.entries(page).filter_map(|entry| key(entry, format, kind));
        keys.fold(None, |range, key| match range {
            None => Some((key, key)),
            Some((low, high)) => Some((key.min(low), key.max(high))),
        })
    }
}

fn key(entry: &[u8], format: Format, kind: PageType) -> Option<u64> {
    let raw = if format.is_ansi() { bytes::u32(entry, 0).map(u64::from) } else { bytes::u64(entry, 0) };
    raw.map(|raw| compared(raw, kind))
}

/// A key without the bits that are no part of it.
fn compared(raw: u64, kind: PageType) -> u64 {
    if kind == PageType::BlockTree { raw & !1 } else { raw & 0xFFFF_FFFF }
}

/// A checked page.
pub(super) struct TreePage<'a> {
    data: Bytes<'a>,
    pub(super) shape: Shape,
    format: Format,
}

impl<'a> TreePage<'a> {
    pub(super) fn open<R: Record>(database: &'a Database, at: PageRef) -> Result<Self> {
        let data = database.page(R::KIND, at)?;
        let format = database.format();
        match Shape::read(&data, format, R::KIND) {
            Some(shape) => Ok(Self { data, shape, format }),
            None => Err(Error::corrupt("BTPAGE", "cEnt, cbEnt, cLevel", "others", "what fits the page").at(at.offset)),
        }
    }

    pub(super) fn records<R: Record>(&self) -> impl Iterator<Item = R> + '_ {
        self.shape.entries(&self.data).filter_map(|entry| R::decode(entry, self.format))
    }

    /// The children with the range of keys below each: up to the next one's first. The last one is open.
    pub(super) fn children<R: Record>(&self) -> Vec<(BranchEntry, Option<u64>)> {
        let decode = |entry| BranchEntry::decode(entry, self.format);
        let mut children: Vec<_> =
            self.shape.entries(&self.data).filter_map(decode).map(|entry| (entry, None)).collect();
        let mut next: Option<u64> = None;
        for (entry, high) in children.iter_mut().rev() {
            entry.key = compared(entry.key, R::KIND);
            *high = next.map(|next| next.saturating_sub(1));
            next = Some(entry.key);
        }
        children
    }

    /// Records that stand behind those in use: copies of what was on the page before (they are not cleared).
    pub(super) fn stale<R: Record>(&self) -> impl Iterator<Item = R> + '_ {
        let room = self.data.get(..self.format.page_entries_size()).unwrap_or_default();
        let entries = room.chunks_exact(self.shape.stride.max(1)).skip(self.shape.count);
        entries.filter_map(|entry| R::decode(entry, self.format)).filter(|record| record.key() != 0)
    }
}
