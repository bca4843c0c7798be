//! Stores copied, converted, merged and split.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{CStr, OsStr, c_char, c_void};
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::sync::Mutex;

use pst_core::transfer::{self as core, Duplicates, Merge as Merging, MergeOptions, Part, SplitBy, SplitOptions};
use pst_core::write::{FileTarget, StagedTarget};

use crate::error::{Error, Failure};
use crate::event::{self, OnEvent};
use crate::filter::{self, Filter};
use crate::guard::{give, guard, need, put, take};
use crate::handle::{self, get};
use crate::pointer;
use crate::status::Status;
use crate::store::Store;
use crate::write_options::{self, WriteOptions};

/// What came of a copy, merge or split: items read are items written plus items skipped.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    /// Items that were looked at.
    pub read: u64,
    /// Messages that were written.
    pub messages: u64,
    /// Associated items that were written.
    pub associated: u64,
    /// Of these, items of which a part could not be read or written.
    pub damaged: u64,
    /// Items that were skipped, for whatever reason.
    pub skipped: u64,
    /// Of these, items that could not be read at all.
    pub unreadable: u64,
    /// Folders.
    pub folders: u64,
    /// Folders of whose own properties a part could not be read or written.
    pub damaged_folders: u64,
    /// Search folders that were not taken along.
    pub search_folders_left: u64,
    /// Places that could not be read, of which it is not known what they held.
    pub unreadable_places: u64,
    /// Files that were written.
    pub files: u64,
}

impl Summary {
    fn of(summary: &core::Summary, files: usize) -> Self {
        Self {
            read: summary.read,
            messages: summary.messages,
            associated: summary.associated,
            damaged: summary.damaged,
            skipped: summary.skipped.total(),
            unreadable: summary.skipped.of(core::SkipReason::Unreadable),
            folders: summary.folders,
            damaged_folders: summary.damaged_folders,
            search_folders_left: summary.search_folders_left,
            unreadable_places: summary.unreadable_places,
            files: u64::try_from(files).unwrap_or(u64::MAX),
        }
    }
}

/// Copies a store to a new file; node ids and all else stay. That compacts a file, writes a recovered one, and with
/// `write_options` converts: without them layout and encoding stay as well, but an OST becomes a PST. `filter` and
/// `on_event` may be NULL. A file appears under its name when it is complete.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_copy(
    store: *const Store,
    path: *const c_char,
    write_options: *const WriteOptions,
    filter: *const Filter,
    on_event: OnEvent,
    user: *mut c_void,
    summary: Option<&mut MaybeUninit<Summary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let store = get(store)?;
            let values = write_options::of(write_options)?.unwrap_or_else(|| write_options::same_form(&store.pst));
            let filter = filter::for_transfer(filter)?;
            let target = FileTarget::create(pointer::path(path)?, values.overwrite).map_err(Failure::from)?;
            let mut observe = |event: core::Event<'_>| event::transfer(on_event, user, &event);
            let (_, summary) = core::copy_store(&store.pst, target, values.options, &filter, &mut observe)?;
            Ok(Summary::of(&summary, 1))
        })
    })
}

/// What makes two items duplicates.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DuplicateBy {
    /// Nothing: all items are written.
    None = 0,
    /// The same Message-ID and date.
    MessageId = 1,
    /// The same class, subject, dates, sender, bodies, recipients and attachments.
    Content = 2,
}

/// A merge under way. For one thread at a time.
pub struct Merge(Mutex<Option<Merging<FileTarget>>>);

/// Begins a merge: stores are added one after the other, and folders with the same path become one. `duplicates` is a
/// `pst_duplicate_by`; `subfolders` gives each store a folder of its own. `write_options` and `filter` may be NULL.
///
/// The merge is the caller's, to be freed with `pst_merge_free`; without `pst_merge_finish` there is no file.
#[unsafe(no_mangle)]
pub extern "C" fn pst_merge_new(
    path: *const c_char,
    write_options: *const WriteOptions,
    filter: *const Filter,
    duplicates: u32,
    subfolders: bool,
    merge: Option<&mut MaybeUninit<*mut Merge>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(merge, || {
            let values = write_options::of(write_options)?.unwrap_or_default();
            let options = MergeOptions::new().filter(filter::for_transfer(filter)?).subfolders(subfolders);
            let options = match duplicates {
                0 => options,
                1 => options.without_duplicates(Duplicates::MessageId),
                2 => options.without_duplicates(Duplicates::Content),
                _ => return Err(Failure::new(Status::InvalidInput, "no such way to tell duplicates")),
            };
            let target = FileTarget::create(pointer::path(path)?, values.overwrite)?;
            Ok(Merge(Mutex::new(Some(Merging::new(target, values.options, options)?))))
        })
    })
}

/// Adds a store. `name` is that of its folder, if each has one. `on_event` may be NULL. The summary is that of this store.
/// Behind a failure the merge can only be freed.
#[unsafe(no_mangle)]
pub extern "C" fn pst_merge_add(
    merge: *mut Merge,
    store: *const Store,
    name: *const c_char,
    on_event: OnEvent,
    user: *mut c_void,
    summary: Option<&mut MaybeUninit<Summary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let (merge, store, name) = (get(merge)?, get(store)?, pointer::text(name)?);
            let mut merge = take(&merge.0)?;
            let mut merging = merge.take().ok_or_else(used_up)?;
            let added = merging.add(&store.pst, name, &mut |event| event::transfer(on_event, user, &event))?;
            *merge = Some(merging);
            Ok(Summary::of(&added, 0))
        })
    })
}

/// Completes the file. The merge can only be freed afterwards, be it a success or not. The summary is that of all stores.
#[unsafe(no_mangle)]
pub extern "C" fn pst_merge_finish(
    merge: *mut Merge,
    summary: Option<&mut MaybeUninit<Summary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(summary, || {
            let merging = take(&get(merge)?.0)?.take().ok_or_else(used_up)?;
            Ok(Summary::of(&merging.finish()?.1, 1))
        })
    })
}

/// The failure of a handle that was used up.
pub(crate) fn used_up() -> Failure {
    Failure::new(Status::UsedUp, "it was finished, or an earlier call on it failed")
}

/// Frees a merge. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_merge_free(merge: *mut Merge) {
    handle::free(merge);
}

/// What goes into one file of a split.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SplitKind {
    /// As much as fits the size.
    Size = 0,
    /// The items of a year, in UTC.
    Year = 1,
    /// A folder just below the top of what a person sees, with all below it.
    TopFolder = 2,
    /// A folder alone.
    Folder = 3,
}

/// Names a file of a split: writes its path with a NUL behind into the buffer and returns true, or returns false to stop.
/// Parts are counted from 1; `label` is the year, or the name of the folder, **which is no safe file name**, and empty for
/// parts by size; `piece` counts the parts with this label from 1.
pub type NamePart = Option<
    extern "C" fn(
        user: *mut c_void,
        number: u32,
        label: *const c_char,
        piece: u32,
        path: *mut c_char,
        capacity: usize,
    ) -> bool,
>;

/// Splits a store into files, each a store of its own with the folders it needs; none appears before all are complete.
/// `by` is a `pst_split_by`; `max_size` the most bytes of a file, 0 for any. `write_options`, `filter` and `on_event` may be
/// NULL.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_split(
    store: *const Store,
    by: u32,
    max_size: u64,
    write_options: *const WriteOptions,
    filter: *const Filter,
    name_part: NamePart,
    on_event: OnEvent,
    user: *mut c_void,
    summary: Option<&mut MaybeUninit<Summary>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let (store, place) = (get(store)?, need(summary)?);
        let name_part = name_part.ok_or_else(|| Failure::new(Status::NullPointer, "the callback is NULL"))?;
        let by = match by {
            0 => SplitBy::Size,
            1 => SplitBy::Year,
            2 => SplitBy::TopFolder,
            3 => SplitBy::Folder,
            _ => return Err(Failure::new(Status::InvalidInput, "no such way to split")),
        };
        let values = write_options::of(write_options)?.unwrap_or_default();
        let options = SplitOptions::new(by).filter(filter::for_transfer(filter)?);
        let options = if max_size > 0 { options.max_size(max_size) } else { options };
        let mut open = |part: &Part| {
            let target = StagedTarget::create(path_of(part, name_part, user)?, values.overwrite);
            let name = if part.label.is_empty() { part.number.to_string() } else { part.label.clone() };
            Ok((target.map_err(pst_core::Error::io)?, values.options.clone().name(name)))
        };
        let mut observe = |event: core::Event<'_>| event::transfer(on_event, user, &event);
        let (parts, summary) = core::split(&store.pst, &options, &mut open, &mut observe)?;
        let files = parts.len();
        for part in parts {
            part.output.publish()?;
        }
        place.write(Summary::of(&summary, files));
        Ok(Status::Ok)
    })
}

type Name = extern "C" fn(*mut c_void, u32, *const c_char, u32, *mut c_char, usize) -> bool;

fn path_of(part: &Part, name_part: Name, user: *mut c_void) -> pst_core::Result<PathBuf> {
    const ROOM: usize = 4096;
    let wrong = |kind, text| pst_core::Error::text(kind, "path of a part", text);
    let mut label = part.label.replace('\0', "").into_bytes();
    label.push(0);
    let mut path = [0u8; ROOM];
    if !name_part(user, part.number, label.as_ptr().cast(), part.piece, path.as_mut_ptr().cast(), ROOM) {
        return Err(wrong(pst_core::ErrorKind::Cancelled, "a callback asked to stop"));
    }
    let path = CStr::from_bytes_until_nul(&path).ok().filter(|path| !path.is_empty());
    let path = path.ok_or_else(|| wrong(pst_core::ErrorKind::InvalidInput, "the callback wrote none"))?;
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(PathBuf::from(OsStr::from_bytes(path.to_bytes())))
    }
    #[cfg(not(unix))]
    {
        let text = path.to_str().map_err(|_| wrong(pst_core::ErrorKind::InvalidInput, "it is not UTF-8"))?;
        Ok(PathBuf::from(OsStr::new(text)))
    }
}
