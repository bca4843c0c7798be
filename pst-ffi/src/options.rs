//! How files are opened.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::text::CodePage;
use pst_core::{Limits, Mapping as CoreMapping, OpenOptions};

use crate::error::{Error, Failure};
use crate::guard::{give, guard, wait};
use crate::handle::{self, get, get_some};
use crate::status::Status;

/// Whether a file is mapped into memory.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Local files are; what is on a network or FUSE file system is read piece by piece. The default.
    Auto = 0,
    /// It is, or opening fails.
    Always = 1,
    /// It is not: for files that another program may cut short while they are read.
    Never = 2,
}

/// A bound on depth, counts or memory while a file is read.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LimitKind {
    /// Bytes of one value held in memory at once (default 256 MiB). Larger ones are still reachable as streams.
    ValueBytes = 0,
    /// Bytes that one compressed RTF body may grow to (default 256 MiB).
    RtfBytes = 1,
    /// Nesting of subnodes inside subnodes (default 64).
    SubnodeDepth = 2,
    /// Embedded messages below one message (default 10,000).
    EmbeddedMessages = 3,
    /// Folders between a folder and the root (default 512).
    FolderDepth = 4,
    /// Bytes of decoded blocks one open table keeps (default 4 MiB).
    CacheBytes = 5,
}

/// How files are opened. Functions that take it take NULL for the defaults, which suit almost everyone.
pub struct Options {
    values: Mutex<(OpenOptions, Limits)>,
}

/// The options of a handle that may be NULL.
pub(crate) fn of(options: *const Options) -> Result<OpenOptions, Failure> {
    let Some(options) = get_some(options)? else { return Ok(OpenOptions::new()) };
    let (open, limits) = wait(&options.values).clone();
    Ok(open.limits(limits))
}

fn change(
    options: *mut Options,
    error: Option<&mut MaybeUninit<*mut Error>>,
    change: impl FnOnce(&mut (OpenOptions, Limits)) -> Result<(), Failure>,
) -> Status {
    guard(error, || {
        change(&mut wait(&get(options)?.values))?;
        Ok(Status::Ok)
    })
}

/// Makes options with the defaults. They are the caller's, to be freed with `pst_options_free`; what was opened with them
/// does not need them any more.
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_new(
    options: Option<&mut MaybeUninit<*mut Options>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(options, || Ok(Options { values: Mutex::new((OpenOptions::new(), Limits::default())) })))
}

/// Sets whether files are mapped: a `pst_mapping`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_set_mapping(
    options: *mut Options,
    mapping: u32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |values| {
        let mapping = match mapping {
            0 => CoreMapping::Auto,
            1 => CoreMapping::Always,
            2 => CoreMapping::Never,
            _ => return Err(Failure::new(Status::InvalidInput, "no such mapping")),
        };
        values.0 = values.0.clone().mapping(mapping);
        Ok(())
    })
}

/// Sets whether the CRCs of header, pages and blocks must hold (default true).
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_set_check_crc(
    options: *mut Options,
    check: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |values| {
        values.0 = values.0.clone().check_crc(check);
        Ok(())
    })
}

/// Reads every 8-bit text in this Windows code page, such as 1252, whatever the file says.
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_set_code_page(
    options: *mut Options,
    code_page: u32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |values| {
        values.0 = values.0.clone().code_page(page(code_page)?);
        Ok(())
    })
}

/// Sets a bound: `kind` is a `pst_limit`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_set_limit(
    options: *mut Options,
    kind: u32,
    limit: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |values| {
        let limits = &mut values.1;
        let small = u32::try_from(limit).unwrap_or(u32::MAX);
        match kind {
            0 => limits.value_bytes = limit,
            1 => limits.rtf_bytes = limit,
            2 => limits.subnode_depth = small,
            3 => limits.embedded_messages = small,
            4 => limits.folder_depth = small,
            5 => limits.cache_bytes = limit,
            _ => return Err(Failure::new(Status::InvalidInput, "no such limit")),
        }
        Ok(())
    })
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_options_free(options: *mut Options) {
    handle::free(options);
}

/// A code page by its number.
pub(crate) fn page(number: u32) -> Result<CodePage, Failure> {
    let page = u16::try_from(number).ok().map(CodePage::new);
    page.filter(|page| page.is_supported())
        .ok_or_else(|| Failure::new(Status::Unsupported, format!("code page {number} is not known")))
}
