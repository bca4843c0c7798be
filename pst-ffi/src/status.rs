//! What a call came to, as a number.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{CStr, c_char};

use pst_core::ErrorKind;

/// What a call came to.
///
/// Zero is success. `PST_STATUS_DONE` and `PST_STATUS_ABSENT` are no failures and make no error object; everything from 10
/// on is a failure (see `PST_FAILED`). Numbers are never given to another meaning; new ones may be added.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is done, and the outputs are written.
    Ok = 0,
    /// An iterator or a stream is at its end.
    Done = 1,
    /// There is none: the item has no such property, date or body. Outputs are as they were.
    Absent = 2,
    /// A pointer that must not be NULL is NULL.
    NullPointer = 10,
    /// A handle was freed already, is of another type, or never was a handle.
    BadHandle = 11,
    /// Text from the caller is not UTF-8.
    NotUtf8 = 12,
    /// An argument makes no sense.
    InvalidInput = 13,
    /// The handle is in use by another call, or by the call this callback belongs to.
    Busy = 14,
    /// The handle was used up, as a writer that was finished or a draft that was written.
    UsedUp = 15,
    /// A callback asked to stop.
    Cancelled = 16,
    /// The operating system failed to open, read or write.
    Io = 20,
    /// There is no such file.
    FileNotFound = 21,
    /// The file is not a PST, OST or PAB at all.
    NotPst = 22,
    /// A PST of a kind that cannot be read; the text has the number that is not known.
    Unsupported = 23,
    /// A structure contradicts the format.
    Corrupt = 24,
    /// Stored bytes do not match their CRC.
    Checksum = 25,
    /// Reading on would pass a limit.
    Limit = 26,
    /// A node, block or property that was asked for is not in the file.
    NotFound = 27,
    /// A node or value is of another type than the call needs.
    WrongType = 28,
    /// A failure of a kind that this number was not made for; its text tells.
    Other = 90,
    /// A defect of the library. It was caught; the handle it happened on may be used no more, but freed.
    Panic = 99,
}

impl Status {
    /// All of them, with their names.
    pub const ALL: [(Self, &'static CStr); 21] = [
        (Self::Ok, c"ok"),
        (Self::Done, c"done"),
        (Self::Absent, c"absent"),
        (Self::NullPointer, c"null-pointer"),
        (Self::BadHandle, c"bad-handle"),
        (Self::NotUtf8, c"not-utf8"),
        (Self::InvalidInput, c"invalid-input"),
        (Self::Busy, c"busy"),
        (Self::UsedUp, c"used-up"),
        (Self::Cancelled, c"cancelled"),
        (Self::Io, c"io"),
        (Self::FileNotFound, c"file-not-found"),
        (Self::NotPst, c"not-pst"),
        (Self::Unsupported, c"unsupported"),
        (Self::Corrupt, c"corrupt"),
        (Self::Checksum, c"checksum"),
        (Self::Limit, c"limit"),
        (Self::NotFound, c"not-found"),
        (Self::WrongType, c"wrong-type"),
        (Self::Other, c"other"),
        (Self::Panic, c"panic"),
    ];

    /// The number of a kind of error.
    pub(crate) fn of(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::Io => Self::Io,
            ErrorKind::NotPst => Self::NotPst,
            ErrorKind::Unsupported => Self::Unsupported,
            ErrorKind::Corrupt => Self::Corrupt,
            ErrorKind::Checksum => Self::Checksum,
            ErrorKind::Limit => Self::Limit,
            ErrorKind::NotFound => Self::NotFound,
            ErrorKind::WrongType => Self::WrongType,
            ErrorKind::InvalidInput => Self::InvalidInput,
            ErrorKind::Cancelled => Self::Cancelled,
            _ => Self::Other,
        }
    }
}

/// The name of a status: one lower-case word with hyphens, such as `not-pst`; `unknown` for a number that is none.
///
/// The text lives as long as the library; do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn pst_status_name(status: u32) -> *const c_char {
    let known = Status::ALL.iter().find(|(known, _)| *known as u32 == status);
    known.map_or(c"unknown", |(_, name)| name).as_ptr()
}
