//! Items as files: EML, mbox, maildir, JSON.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ops::ControlFlow;

use pst_migrate::export::{Export, Format};

use crate::error::{Error, Failure};
use crate::event::{self, OnEvent};
use crate::filter::{self, Filter};
use crate::guard::{guard, put};
use crate::mime::{self, MimeOptions};
use crate::options::{self, Options};
use crate::pointer;
use crate::status::Status;

/// What an export writes.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportFormat {
    /// A file for each mail.
    Eml = 0,
    /// An mbox for each folder.
    Mbox = 1,
    /// A maildir for each source.
    Maildir = 2,
    /// JSON lines for each folder, attachments as files.
    Json = 3,
}

/// What came of an export, with what earlier runs of it did.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct ExportSummary {
    /// Items that were written.
    pub exported: u64,
    /// Of these, items with losses of whatever kind.
    pub with_losses: u64,
    /// Of these, items of which something could not be read.
    pub damaged: u64,
    /// What was left out.
    pub skipped: u64,
    /// Of these, what may hide mail.
    pub may_hide_mail: u64,
    /// What could not be read.
    pub failed: u64,
    /// Bytes that were written.
    pub bytes: u64,
    /// What earlier runs did of it.
    pub before: u64,
    /// Stores that were opened.
    pub stores: u64,
    /// Patterns for folders that fit no item.
    pub unmatched: u64,
    /// A callback stopped it, and it can go on with the same call.
    pub stopped: bool,
}

/// Exports items of stores, mails, mailboxes, archives and directories to a directory that is empty or not there, or that
/// has such an export begun in it, which then goes on. It must not lie in what is read. `format` is a `pst_export_format`;
/// `paths` has `count` of them. `filter`, `mime_options`, `options` and `on_event` may be NULL. What was told to `on_event`
/// is done, and stays so.
#[unsafe(no_mangle)]
pub extern "C" fn pst_export(
    paths: *const *const c_char,
    count: usize,
    directory: *const c_char,
    format: u32,
    filter: *const Filter,
    mime_options: *const MimeOptions,
    options: *const Options,
    on_event: OnEvent,
    user: *mut c_void,
    summary: Option<&mut MaybeUninit<ExportSummary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let format = match format {
                0 => Format::Eml,
                1 => Format::Mbox,
                2 => Format::Maildir,
                3 => Format::Json,
                _ => return Err(Failure::new(Status::InvalidInput, "no such format")),
            };
            let paths = pointer::paths(paths, count)?;
            let export = Export::new(pointer::path(directory)?, format)
                .choose(filter::for_export(filter)?)
                .mail_options(mime::options(mime_options)?)
                .open_options(options::of(options)?);
            let done = export.run(&paths, &mut |event| match event::export(on_event, user, event) {
                true => ControlFlow::Continue(()),
                false => ControlFlow::Break(()),
            })?;
            let of = &done.summary;
            Ok(ExportSummary {
                exported: of.exported,
                with_losses: of.with_losses,
                damaged: of.damaged,
                skipped: of.skips(),
                may_hide_mail: of.may_hide_mail(),
                failed: of.failures(),
                bytes: of.bytes,
                before: done.before,
                stores: done.stores,
                unmatched: u64::try_from(done.unmatched.len()).unwrap_or(u64::MAX),
                stopped: done.stopped,
            })
        })
    })
}
