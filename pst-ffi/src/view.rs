//! Text, bytes, times and ids as C sees them.

use std::ffi::c_char;
use std::ptr;

use pst_core::item::ItemDate;
use pst_core::{FileTime, Guid};

/// Text in UTF-8 that belongs to somebody else. A NUL stands behind it, and NULs may stand inside it.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Str {
    /// The first byte.
    pub data: *const c_char,
    /// Bytes without the NUL behind.
    pub length: usize,
}

/// Bytes that belong to somebody else. A NUL stands behind them.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// The first byte.
    pub data: *const u8,
    /// How many there are, without the NUL behind.
    pub length: usize,
}

/// A point in time.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Time {
    /// Intervals of 100 ns since 1601-01-01 in UTC, as the file has it.
    pub filetime: u64,
    /// The same in whole seconds since 1970-01-01 in UTC; negative before.
    pub unix_seconds: i64,
    /// What the writer's clock was ahead of UTC, in minutes; 0 if it is not known.
    pub offset_minutes: i32,
    /// Whether it is known.
    pub has_offset: bool,
}

/// A GUID in the order of its bytes in the file (the first three fields little-endian).
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuidBytes {
    /// The bytes.
    pub bytes: [u8; 16],
}

impl Str {
    /// No text.
    pub(crate) const NONE: Self = Self { data: ptr::null(), length: 0 };
}

impl From<FileTime> for Time {
    fn from(time: FileTime) -> Self {
        Self { filetime: time.ticks(), unix_seconds: time.to_unix_seconds(), offset_minutes: 0, has_offset: false }
    }
}

impl From<ItemDate> for Time {
    fn from(date: ItemDate) -> Self {
        Self {
            offset_minutes: date.offset_minutes.map_or(0, i32::from),
            has_offset: date.offset_minutes.is_some(),
            ..Self::from(date.time)
        }
    }
}

impl From<Guid> for GuidBytes {
    fn from(guid: Guid) -> Self {
        Self { bytes: guid.to_bytes() }
    }
}
