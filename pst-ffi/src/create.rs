//! Stores made of mail in files.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::write::FileTarget;
use pst_migrate::create::{self as core, Create as Creating, CreateOptions};

use crate::error::Error;
use crate::event::{self, OnEvent};
use crate::guard::{give, guard, put, take};
use crate::handle::{self, get};
use crate::options::{self, Options};
use crate::pointer;
use crate::status::Status;
use crate::transfer::used_up;
use crate::write_options::{self, WriteOptions};

/// A store that is made of mail in files. For one thread at a time.
pub struct Create(Mutex<Option<Creating<FileTarget>>>);

/// What was taken in.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct CreateSummary {
    /// Everything that was met.
    pub seen: u64,
    /// Mails that were written.
    pub mails: u64,
    /// Messages of stores that were written.
    pub messages: u64,
    /// Items that were written without a part that could not be read.
    pub damaged: u64,
    /// Items that were written and have changed in some way.
    pub changed: u64,
    /// What was left out.
    pub skipped: u64,
    /// Of these, what may hide mail.
    pub may_hide_mail: u64,
    /// What could not be read.
    pub failed: u64,
    /// Bytes that were taken in.
    pub bytes: u64,
    /// Folders of the new store.
    pub folders: u64,
}

impl From<&core::Summary> for CreateSummary {
    fn from(summary: &core::Summary) -> Self {
        Self {
            seen: summary.seen,
            mails: summary.mails,
            messages: summary.messages,
            damaged: summary.damaged,
            changed: summary.changed,
            skipped: summary.skips(),
            may_hide_mail: summary.may_hide_mail(),
            failed: summary.failures(),
            bytes: summary.bytes,
            folders: summary.folders,
        }
    }
}

/// Begins a store of mail in files. `write_options` and `options`, which say how stores are read, may be NULL.
///
/// It is the caller's, to be freed with `pst_create_free`; without `pst_create_finish` there is no file.
#[unsafe(no_mangle)]
pub extern "C" fn pst_create_new(
    path: *const c_char,
    write_options: *const WriteOptions,
    options: *const Options,
    create: Option<&mut MaybeUninit<*mut Create>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(create, || {
            let values = write_options::of(write_options)?.unwrap_or_default();
            let options = CreateOptions::new().open_options(options::of(options)?);
            let target = FileTarget::create(pointer::path(path)?, values.overwrite)?;
            Ok(Create(Mutex::new(Some(Creating::new(target, values.options, options)?))))
        })
    })
}

/// Adds a mail, mailbox, archive or store, or all that is below a directory. `on_event` may be NULL. The summary is that of
/// this path. Behind a failure it can only be freed.
#[unsafe(no_mangle)]
pub extern "C" fn pst_create_add(
    create: *mut Create,
    path: *const c_char,
    on_event: OnEvent,
    user: *mut c_void,
    summary: Option<&mut MaybeUninit<CreateSummary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let (create, path) = (get(create)?, pointer::path(path)?);
            let mut create = take(&create.0)?;
            let mut creating = create.take().ok_or_else(used_up)?;
            let added = creating.add(path, &mut |event| event::create(on_event, user, &event))?;
            *create = Some(creating);
            Ok(CreateSummary::from(&added))
        })
    })
}

/// Completes the file. It can only be freed afterwards, be it a success or not. The summary is that of all paths.
#[unsafe(no_mangle)]
pub extern "C" fn pst_create_finish(
    create: *mut Create,
    summary: Option<&mut MaybeUninit<CreateSummary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let creating = take(&get(create)?.0)?.take().ok_or_else(used_up)?;
            Ok(CreateSummary::from(&creating.finish()?.1))
        })
    })
}

/// Frees it; if it was not finished, nothing stays of the file. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_create_free(create: *mut Create) {
    handle::free(create);
}
