//! How new files are written.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::ndb::CryptMethod;
use pst_core::write::WriteOptions as CoreOptions;
use pst_core::{FileTime, Pst};

use crate::error::{Error, Failure};
use crate::guard::{give, guard, wait};
use crate::handle::{self, get, get_some};
use crate::options;
use crate::pointer;
use crate::status::Status;
use crate::view::GuidBytes;

/// How a new file is written.
#[derive(Clone, Default)]
pub(crate) struct Values {
    pub(crate) options: CoreOptions,
    pub(crate) overwrite: bool,
}

/// How a new file is written. Functions that take it take NULL for the defaults.
#[derive(Default)]
pub struct WriteOptions(Mutex<Values>);

/// The options of a handle; `None` for NULL.
pub(crate) fn of(options: *const WriteOptions) -> Result<Option<Values>, Failure> {
    Ok(get_some(options)?.map(|options| wait(&options.0).clone()))
}

/// Options for a new file of the layout and encoding of another.
pub(crate) fn same_form(source: &Pst) -> Values {
    let crypt = source.header().crypt;
    // Of what is not written there is nothing but files that say so and are permuted.
    let crypt = if matches!(crypt, CryptMethod::None | CryptMethod::Cyclic) { crypt } else { CryptMethod::Permute };
    let options = CoreOptions::new().crypt(crypt);
    let ansi = source.format().is_ansi();
    let options = if ansi { options.ansi(source.default_code_page().page) } else { options };
    Values { options, overwrite: false }
}

/// How blocks of a new file are encoded.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crypt {
    /// Not at all.
    None = 0,
    /// Permute, as Outlook does; the default.
    Permute = 1,
    /// Cyclic.
    Cyclic = 2,
}

fn change(
    options: *mut WriteOptions,
    error: Option<&mut MaybeUninit<*mut Error>>,
    change: impl FnOnce(CoreOptions) -> Result<CoreOptions, Failure>,
) -> Status {
    guard(error, || {
        let options = get(options)?;
        let mut values = wait(&options.0);
        values.options = change(values.options.clone())?;
        Ok(Status::Ok)
    })
}

/// Makes options with the defaults: a Unicode PST as Outlook makes them. They are the caller's, to be freed with
/// `pst_write_options_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_new(
    options: Option<&mut MaybeUninit<*mut WriteOptions>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(options, || Ok(WriteOptions::default())))
}

/// Sets how blocks are encoded: a `pst_crypt`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_crypt(
    options: *mut WriteOptions,
    crypt: u32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        Ok(options.crypt(match crypt {
            0 => CryptMethod::None,
            1 => CryptMethod::Permute,
            2 => CryptMethod::Cyclic,
            _ => return Err(Failure::new(Status::InvalidInput, "no such encoding")),
        }))
    })
}

/// Writes an ANSI PST, which ends below 2 GB, with text in this Windows code page, such as 1252.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_ansi(
    options: *mut WriteOptions,
    code_page: u32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.ansi(options::page(code_page)?)))
}

/// Sets whether a file that is there already is replaced (default false), once the new one is complete.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_overwrite(
    options: *mut WriteOptions,
    overwrite: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let options = get(options)?;
        let mut values = wait(&options.0);
        values.overwrite = overwrite;
        values.options = values.options.clone().overwrite(overwrite);
        Ok(Status::Ok)
    })
}

/// Sets whether equal large values, such as one attachment of many messages, are stored once (default false).
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_share_data(
    options: *mut WriteOptions,
    share: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.share_data(share)))
}

/// Sets the display name of the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_name(
    options: *mut WriteOptions,
    name: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.name(pointer::text(name)?)))
}

/// Sets the GUID of the store. Without it each has a new one.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_record_key(
    options: *mut WriteOptions,
    key: Option<&GuidBytes>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.record_key(pointer::guid(key)?.to_bytes())))
}

/// Sets the time that counts as now, as 100 ns since 1601. With it and a record key the same calls give the same bytes.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_now(
    options: *mut WriteOptions,
    filetime: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.now(FileTime::new(filetime))))
}

/// Sets the most bytes of the file; beyond it writing fails.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_set_max_size(
    options: *mut WriteOptions,
    bytes: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| Ok(options.max_size(bytes)))
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_write_options_free(options: *mut WriteOptions) {
    handle::free(options);
}
