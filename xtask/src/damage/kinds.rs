//! The kinds of damage.

// Most kinds touch one range, and a list of one it is.
#![allow(clippy::single_range_in_vec_init)]

use std::ops::Range;

use super::random::Random;
use super::stores::Store;

const SECTOR: usize = 512;

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    OneByte,
    SixteenBytes,
    Sector,
    FourKilobytes,
    Cut,
    Swapped,
    Roots,
    Header,
    StaleHeader,
    Tail,
}

impl Kind {
    pub(super) const ALL: [Self; 10] = [
        Self::OneByte,
        Self::SixteenBytes,
        Self::Sector,
        Self::FourKilobytes,
        Self::Cut,
        Self::Swapped,
        Self::Roots,
        Self::Header,
        Self::StaleHeader,
        Self::Tail,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::OneByte => "one byte",
            Self::SixteenBytes => "16 bytes",
            Self::Sector => "512-byte sector of zeros",
            Self::FourKilobytes => "4 KiB of zeros",
            Self::Cut => "cut off",
            Self::Swapped => "swapped sectors",
            Self::Roots => "roots of zeros",
            Self::Header => "header destroyed",
            Self::StaleHeader => "header of an older state",
            Self::Tail => "half-written tail",
        }
    }
}

/// A damaged file.
#[derive(Debug)]
pub(super) struct Damaged {
    pub(super) bytes: Vec<u8>,
    /// Where it may differ. A range may reach beyond the end.
    pub(super) touched: Vec<Range<usize>>,
    /// What was done, for people.
    pub(super) what: String,
}

/// Half of all places are anywhere, half are where something is.
fn place(store: &Store, random: &mut Random) -> usize {
    let extents = &store.extents;
    if random.one_in(2) {
        return random.index(extents.end);
    }
    let extent = &extents.all[random.index(extents.all.len())];
    extent.bytes.start + random.index(extent.bytes.len())
}

fn fill(bytes: &mut [u8], range: Range<usize>) -> Range<usize> {
    let range = range.start.min(bytes.len())..range.end.min(bytes.len());
    bytes[range.clone()].fill(0);
    range
}

impl Kind {
    /// Damages a store. `None` if the store cannot be damaged like that.
    pub(super) fn damage(self, store: &Store, random: &mut Random) -> Option<Damaged> {
        let mut bytes = store.bytes.as_ref().clone();
        let (touched, what) = match self {
            Self::OneByte => {
                let at = place(store, random);
                bytes[at] ^= u8::try_from(1 + random.below(255)).unwrap_or(1);
                (vec![at..at + 1], format!("at {at:#x}"))
            }
            Self::SixteenBytes => {
                let at = place(store, random);
                let end = (at + 16).min(bytes.len());
                bytes[at..end].copy_from_slice(&random.bytes(end - at));
                (vec![at..end], format!("at {at:#x}"))
            }
            Self::Sector | Self::FourKilobytes => {
                let size = if self == Self::Sector { SECTOR } else { 8 * SECTOR };
                let at = place(store, random) / size * size;
                (vec![fill(&mut bytes, at..at + size)], format!("at {at:#x}"))
            }
            Self::Cut => {
                let at = random.index(store.extents.end);
                bytes.truncate(at);
                (vec![at..store.bytes.len()], format!("to {at} bytes"))
            }
            Self::Swapped => swap(store, &mut bytes, random)?,
            Self::Roots => {
                let roots = fill(&mut bytes, store.extents.roots.clone());
                let is_sealed = random.one_in(2);
                if is_sealed {
                    let size = store.format.header_size();
                    pst_core::ndb::Header::seal(&mut bytes[..size], store.format);
                }
                (vec![0..roots.end], (if is_sealed { "with right CRCs" } else { "with old CRCs" }).to_owned())
            }
            Self::Header => {
                let size = random.choose(&[512, 564, 4096, 0x4400]).min(bytes.len());
                let is_zero = random.one_in(2);
                let new = if is_zero { vec![0; size] } else { random.bytes(size) };
                bytes[..size].copy_from_slice(&new);
                (vec![0..size], format!("{size} bytes of {}", if is_zero { "zeros" } else { "noise" }))
            }
            Self::StaleHeader => {
                let older = store.older_header.as_ref()?;
                bytes[..older.len()].copy_from_slice(older);
                (vec![0..older.len()], "the last but one".to_owned())
            }
            Self::Tail => {
                let half = store.extents.end / 2;
                let at = (half + random.index(half)) / SECTOR * SECTOR;
                let keeps_some = random.one_in(2);
                for sector in (at..bytes.len()).step_by(SECTOR) {
                    if !keeps_some || random.one_in(2) {
                        fill(&mut bytes, sector..sector + SECTOR);
                    }
                }
                let what = if keeps_some { "every other sector" } else { "nothing" };
                (vec![at..bytes.len()], format!("{what} behind {at:#x}"))
            }
        };
        Some(Damaged { bytes, touched, what })
    }
}

/// One sector, or eight, change places.
fn swap(store: &Store, bytes: &mut [u8], random: &mut Random) -> Option<(Vec<Range<usize>>, String)> {
    let size = random.choose(&[SECTOR, SECTOR, 8 * SECTOR]);
    let mut at = || place(store, random) / size * size;
    let (one, mut two) = (at(), at());
    for _ in 0..20 {
        if bytes.get(one..one + size)? != bytes.get(two..two + size)? {
            break;
        }
        two = at();
    }
    let (low, high) = (one.min(two), one.max(two));
    if low + size > high {
        return None;
    }
    let (before, behind) = bytes.split_at_mut(high);
    before.get_mut(low..low + size)?.swap_with_slice(behind.get_mut(..size)?);
    Some((vec![low..low + size, high..high + size], format!("{size} bytes at {low:#x} and {high:#x}")))
}
