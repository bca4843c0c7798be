//! The optional error object.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::c_char;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use pst_core::Location;
use pst_migrate::export::ExportError;

use crate::guard::{guard, put_some};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::status::Status;

/// What a body failed with.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) status: Status,
    location: Location,
    text: String,
}

impl Failure {
    pub(crate) fn new(status: Status, text: impl Into<String>) -> Self {
        Self { status, location: Location::default(), text: text.into() }
    }
}

impl From<pst_core::Error> for Failure {
    fn from(error: pst_core::Error) -> Self {
        let is_missing = error.as_io().is_some_and(|error| error.kind() == io::ErrorKind::NotFound);
        let status = if is_missing { Status::FileNotFound } else { Status::of(error.kind()) };
        Self { status, location: *error.location(), text: error.to_string() }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        // Errors of the core travel inside those of a stream.
        pst_core::Error::from(error).into()
    }
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        let status = match &error {
            ExportError::NotEmpty(_) | ExportError::Another(..) | ExportError::NoSource => Status::InvalidInput,
            ExportError::Io(..) => Status::Io,
            _ => Status::Other,
        };
        Self::new(status, error.to_string())
    }
}

/// Why a call failed, and where in the file.
///
/// Every function takes a place for one as its last argument, which may be NULL. It is written when the function fails, and
/// left alone when it does not.
pub struct Error {
    failure: Failure,
    lent: Lent,
}

impl Error {
    pub(crate) fn new(failure: Failure) -> Self {
        Self { failure, lent: Lent::default() }
    }
}

/// Text of an error; NULL if there is none, or no such error.
fn text(error: *const Error, key: u64, get_text: impl FnOnce(&Failure) -> Option<&str>) -> *const c_char {
    let Ok(error) = get(error) else { return ptr::null() };
    let text = error.lent.text(key, || Ok(get_text(&error.failure).map(str::to_owned)));
    text.ok().flatten().map_or(ptr::null(), |text| text.data)
}

/// A number of an error.
fn number(
    error: *const Error,
    out: Option<&mut MaybeUninit<u64>>,
    get_number: impl FnOnce(&Location) -> Option<u64>,
) -> Status {
    guard(None, || put_some(out, || Ok(get_number(&get(error)?.failure.location))))
}

/// The status the failed function returned; `PST_STATUS_BAD_HANDLE` if this is no error.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_status(error: *const Error) -> Status {
    get(error).map_or_else(|failure| failure.status, |error| error.failure.status)
}

/// What went wrong, as a sentence with what was expected and what was met. UTF-8 with a NUL behind.
///
/// Lives as long as the error; do not free it. NULL if this is no error.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_text(error: *const Error) -> *const c_char {
    text(error, 0, |failure| Some(&failure.text))
}

/// The structure that was being read, named as in MS-PST, such as `BTPAGE`.
///
/// Lives as long as the error; do not free it. NULL if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_structure(error: *const Error) -> *const c_char {
    text(error, 1, |failure| failure.location.structure)
}

/// The field of that structure.
///
/// Lives as long as the error; do not free it. NULL if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_field(error: *const Error) -> *const c_char {
    text(error, 2, |failure| failure.location.field)
}

/// The byte offset in the file; `PST_STATUS_ABSENT` if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_offset(error: *const Error, offset: Option<&mut MaybeUninit<u64>>) -> Status {
    number(error, offset, |location| location.offset)
}

/// The id of the block that was being read (MS-PST 2.2.2.2); `PST_STATUS_ABSENT` if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_block(error: *const Error, block: Option<&mut MaybeUninit<u64>>) -> Status {
    number(error, block, |location| Some(location.block?.raw()))
}

/// The id of the node that was being read (MS-PST 2.2.2.1); `PST_STATUS_ABSENT` if it is not known.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_node(error: *const Error, node: Option<&mut MaybeUninit<u64>>) -> Status {
    number(error, node, |location| Some(location.node?.raw().into()))
}

/// Frees an error. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_error_free(error: *mut Error) {
    handle::free(error);
}
