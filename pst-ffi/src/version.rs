//! Which library this is.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{CStr, c_char};

use crate::handle;

/// The number of the interface: programs made for one number run with every library of the same number. It grows when
/// something is taken away or changed, not when something is added.
pub const ABI_VERSION: u32 = 0;

/// The version of the library, such as `0.1.0`.
///
/// The text lives as long as the library; do not free it.
#[unsafe(no_mangle)]
pub extern "C" fn pst_version() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    CStr::from_bytes_until_nul(VERSION.as_bytes()).unwrap_or_default().as_ptr()
}

/// The number of the interface of the library that runs. Compare it with `PST_ABI_VERSION` of the header.
#[unsafe(no_mangle)]
pub extern "C" fn pst_abi_version() -> u32 {
    ABI_VERSION
}

/// How many handles there are that were not freed, of all types and threads. Zero at the end of a program means that
/// nothing was forgotten.
#[unsafe(no_mangle)]
pub extern "C" fn pst_live_handles() -> usize {
    handle::live()
}
