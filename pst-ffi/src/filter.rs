//! Which items go along in a copy, merge, split or export.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::FileTime;
use pst_core::transfer;
use pst_migrate::export;

use crate::error::{Error, Failure};
use crate::guard::{give, guard, wait};
use crate::handle::{self, get, get_some};
use crate::pointer;
use crate::status::Status;

#[derive(Clone, Default)]
struct Values {
    folders: Vec<String>,
    classes: Vec<String>,
    from: Vec<String>,
    to: Vec<String>,
    since: Option<FileTime>,
    before: Option<FileTime>,
    associated: Option<bool>,
}

/// Which items go along: those that fit one of the folders, one of the classes and so on, if there are any, and the dates.
/// Functions that take it take NULL for all.
#[derive(Default)]
pub struct Filter(Mutex<Values>);

/// For a copy, merge or split.
pub(crate) fn for_transfer(filter: *const Filter) -> Result<transfer::Filter, Failure> {
    let Some(filter) = get_some(filter)? else { return Ok(transfer::Filter::new()) };
    let values = wait(&filter.0).clone();
    if !(values.from.is_empty() && values.to.is_empty()) {
        let text = "senders and recipients can be chosen in an export alone";
        return Err(Failure::new(Status::InvalidInput, text));
    }
    let all = transfer::Filter::new().without_associated(!values.associated.unwrap_or(true));
    let of = values.folders.iter().fold(all, |filter, pattern| filter.folder(pattern));
    let of = values.classes.iter().fold(of, |filter, pattern| filter.class(pattern));
    let of = if let Some(date) = values.since { of.since(date) } else { of };
    Ok(if let Some(date) = values.before { of.before(date) } else { of })
}

/// For an export.
pub(crate) fn for_export(filter: *const Filter) -> Result<export::Choice, Failure> {
    let Some(filter) = get_some(filter)? else { return Ok(export::Choice::new()) };
    let values = wait(&filter.0).clone();
    let all = export::Choice::new().associated(values.associated.unwrap_or(false));
    let of = values.folders.iter().fold(all, |choice, pattern| choice.folder(pattern));
    let of = values.classes.iter().fold(of, |choice, pattern| choice.class(pattern));
    let of = values.from.iter().fold(of, |choice, pattern| choice.from(pattern));
    let of = values.to.iter().fold(of, |choice, pattern| choice.to(pattern));
    let of = if let Some(date) = values.since { of.since(date) } else { of };
    Ok(if let Some(date) = values.before { of.before(date) } else { of })
}

fn change(
    filter: *mut Filter,
    error: Option<&mut MaybeUninit<*mut Error>>,
    change: impl FnOnce(&mut Values) -> Result<(), Failure>,
) -> Status {
    guard(error, || {
        change(&mut wait(&get(filter)?.0))?;
        Ok(Status::Ok)
    })
}

/// Makes a filter that lets everything through. It is the caller's, to be freed with `pst_filter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_new(
    filter: Option<&mut MaybeUninit<*mut Filter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(filter, || Ok(Filter::default())))
}

/// Adds a pattern for paths of folders, in which `*` is any number of characters of a name, `?` is one, and `**` any number
/// of folders: `Inbox` is that folder alone, `Inbox` with `**` behind a slash all of it. From the root with a slash at the
/// front. Case does not count. `docs/c-api.md` has examples.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_add_folder(
    filter: *mut Filter,
    pattern: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.folders.push(pointer::text(pattern)?.to_owned());
        Ok(())
    })
}

/// Adds a pattern for message classes, such as `IPM.Note*`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_add_class(
    filter: *mut Filter,
    pattern: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.classes.push(pointer::text(pattern)?.to_owned());
        Ok(())
    })
}

/// Adds a pattern for name or address of senders, such as `*@example.com`. For exports.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_add_from(
    filter: *mut Filter,
    pattern: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.from.push(pointer::text(pattern)?.to_owned());
        Ok(())
    })
}

/// Adds a pattern for name or address of recipients. For exports.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_add_to(
    filter: *mut Filter,
    pattern: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.to.push(pointer::text(pattern)?.to_owned());
        Ok(())
    })
}

/// Items of this date and later, as 100 ns since 1601; items without a date are left out.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_set_since(
    filter: *mut Filter,
    filetime: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.since = Some(FileTime::new(filetime));
        Ok(())
    })
}

/// Items before this date, as 100 ns since 1601; items without a date are left out.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_set_before(
    filter: *mut Filter,
    filetime: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.before = Some(FileTime::new(filetime));
        Ok(())
    })
}

/// Sets whether associated items (views, rules, settings) go along: by default they do in a copy, merge or split, and do not
/// in an export.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_set_associated(
    filter: *mut Filter,
    with: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(filter, error, |values| {
        values.associated = Some(with);
        Ok(())
    })
}

/// Frees a filter. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_filter_free(filter: *mut Filter) {
    handle::free(filter);
}
