//! What C passes by address: text, bytes, buffers. All looks through addresses of C are here.
//!
//! Nobody can check an address but for NULL. That what is behind it is there, and stays while the call runs, is the
//! caller's part of the bargain, told in the header.
#![allow(unsafe_code, reason = "memory of C is read here, and nowhere else")]

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pst_core::Guid;

use crate::error::Failure;
use crate::status::Status;
use crate::view::GuidBytes;

/// Text with a NUL behind it.
pub(crate) fn text<'a>(text: *const c_char) -> Result<&'a str, Failure> {
    c_str(text)?.to_str().map_err(|_| Failure::new(Status::NotUtf8, "text is not UTF-8"))
}

/// Text that may be NULL.
pub(crate) fn text_some<'a>(value: *const c_char) -> Result<Option<&'a str>, Failure> {
    if value.is_null() { Ok(None) } else { text(value).map(Some) }
}

fn c_str<'a>(text: *const c_char) -> Result<&'a CStr, Failure> {
    if text.is_null() {
        return Err(Failure::new(Status::NullPointer, "a text is NULL"));
    }
    // SAFETY: not NULL, and the caller vouches for a NUL behind the text and for both to stay while the call runs.
    Ok(unsafe { CStr::from_ptr(text) })
}

/// A path: bytes as the system has them on Unix, UTF-8 elsewhere.
pub(crate) fn path<'a>(path: *const c_char) -> Result<&'a Path, Failure> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(Path::new(OsStr::from_bytes(c_str(path)?.to_bytes())))
    }
    #[cfg(not(unix))]
    {
        Ok(Path::new(OsStr::new(text(path)?)))
    }
}

/// Bytes; NULL is fine for none.
pub(crate) fn bytes<'a>(data: *const u8, length: usize) -> Result<&'a [u8], Failure> {
    if length == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(Failure::new(Status::NullPointer, "the bytes are NULL"));
    }
    if isize::try_from(length).is_err() {
        return Err(Failure::new(Status::InvalidInput, "the length is beyond the address space"));
    }
    // SAFETY: not NULL, of a possible length, and the caller vouches for so many bytes that stay while the call runs.
    Ok(unsafe { std::slice::from_raw_parts(data, length) })
}

/// A buffer of C to be filled by [`fill`](Buffer::fill), which says how much of it was.
pub(crate) struct Buffer {
    data: *mut u8,
    length: usize,
}

impl Buffer {
    pub(crate) fn new(data: *mut u8, length: usize) -> Result<Self, Failure> {
        if data.is_null() {
            return Err(Failure::new(Status::NullPointer, "the buffer is NULL"));
        }
        if length == 0 || isize::try_from(length).is_err() {
            return Err(Failure::new(Status::InvalidInput, "the buffer has no room, or too much"));
        }
        Ok(Self { data, length })
    }

    /// Fills the buffer from its start as far as a reader gives something at once.
    pub(crate) fn fill(&mut self, read: impl FnOnce(&mut [u8]) -> std::io::Result<usize>) -> Result<usize, Failure> {
        // C may pass memory that was never written to, which must be before Rust sees it as bytes.
        // SAFETY: not NULL, of a possible length, and the caller vouches for room for so many bytes that nobody else looks
        // at while the call runs.
        let buffer = unsafe {
            ptr::write_bytes(self.data, 0, self.length);
            std::slice::from_raw_parts_mut(self.data, self.length)
        };
        Ok(read(buffer)?)
    }
}

/// Addresses of texts.
fn list<'a>(list: *const *const c_char, count: usize) -> Result<&'a [*const c_char], Failure> {
    if list.is_null() {
        return Err(Failure::new(Status::NullPointer, "a list of texts is NULL"));
    }
    if count > 1 << 24 {
        return Err(Failure::new(Status::InvalidInput, "there are too many texts"));
    }
    // SAFETY: not NULL, of a possible length, and the caller vouches for so many addresses.
    Ok(unsafe { std::slice::from_raw_parts(list, count) })
}

/// Paths with NULs behind them.
pub(crate) fn paths(paths: *const *const c_char, count: usize) -> Result<Vec<PathBuf>, Failure> {
    list(paths, count)?.iter().map(|one| path(*one).map(Path::to_path_buf)).collect()
}

/// Texts with NULs behind them.
pub(crate) fn texts(texts: *const *const c_char, count: usize) -> Result<Vec<String>, Failure> {
    list(texts, count)?.iter().map(|one| text(*one).map(str::to_owned)).collect()
}

/// A GUID.
pub(crate) fn guid(guid: Option<&GuidBytes>) -> Result<Guid, Failure> {
    let guid = guid.ok_or_else(|| Failure::new(Status::NullPointer, "the GUID is NULL"))?;
    Ok(Guid::from_bytes(guid.bytes))
}

/// Bytes that C keeps until it is told that they are needed no more.
pub(crate) struct Borrowed {
    bytes: &'static [u8],
    release: Option<extern "C" fn(user: *mut c_void)>,
    /// An address that is only handed back.
    user: usize,
    /// Set once the bytes are taken over: of what failed, C keeps them without being told.
    is_taken: Arc<AtomicBool>,
}

impl Borrowed {
    pub(crate) fn new(
        data: *const u8,
        length: usize,
        release: Option<extern "C" fn(user: *mut c_void)>,
        user: *mut c_void,
    ) -> Result<Self, Failure> {
        // `bytes` gives any lifetime: the caller vouches for the bytes until `release` is called.
        let is_taken = Arc::new(AtomicBool::new(false));
        Ok(Self { bytes: bytes(data, length)?, release, user: user.expose_provenance(), is_taken })
    }

    /// To be set once the bytes are taken over.
    pub(crate) fn taken(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.is_taken)
    }
}

impl AsRef<[u8]> for Borrowed {
    fn as_ref(&self) -> &[u8] {
        self.bytes
    }
}

impl Drop for Borrowed {
    fn drop(&mut self) {
        if let Some(release) = self.release
            && self.is_taken.load(Ordering::Acquire)
        {
            release(ptr::with_exposed_provenance_mut(self.user));
        }
    }
}
