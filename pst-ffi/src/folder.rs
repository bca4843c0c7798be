//! Folders and walks over them.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::Pst;
use pst_core::messaging::Folder as CoreFolder;

use crate::error::{Error, Failure};
use crate::guard::{give, give_next, guard, put, put_some, wait};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::message::{Message, MessageIter};
use crate::property::{Holder, Properties};
use crate::status::Status;
use crate::view::Str;

/// A folder. May be used by several threads at once, and after its store was freed.
pub struct Folder {
    folder: CoreFolder,
    pst: Pst,
    lent: Lent,
}

impl Folder {
    pub(crate) fn new(folder: CoreFolder, pst: &Pst) -> Self {
        Self { folder, pst: pst.clone(), lent: Lent::default() }
    }
}

type Walk = Box<dyn Iterator<Item = pst_core::Result<CoreFolder>> + Send>;

/// A walk over folders.
pub struct FolderIter {
    walk: Mutex<Walk>,
    pst: Pst,
}

impl FolderIter {
    pub(crate) fn new(walk: impl Iterator<Item = pst_core::Result<CoreFolder>> + Send + 'static, pst: &Pst) -> Self {
        Self { walk: Mutex::new(Box::new(walk)), pst: pst.clone() }
    }
}

/// The next folder, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
///
/// The folder is the caller's, to be freed with `pst_folder_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_iter_next(
    folders: *mut FolderIter,
    folder: Option<&mut MaybeUninit<*mut Folder>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let folders = get(folders)?;
        give_next(folder, || {
            let next = wait(&folders.walk).next()?;
            Some(next.map(|folder| Folder::new(folder, &folders.pst)).map_err(Failure::from))
        })
    })
}

/// Frees a walk over folders, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_iter_free(folders: *mut FolderIter) {
    handle::free(folders);
}

/// The node id of the folder.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_id(
    folder: *const Folder,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(node, || Ok(get(folder)?.folder.id().raw())))
}

/// The node id of the folder it is in; `PST_STATUS_ABSENT` of the root.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_parent_id(
    folder: *const Folder,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(node, || Ok(get(folder)?.folder.parent_id().map(|nid| nid.raw()))))
}

/// The display name; may be empty.
///
/// The text lives as long as the folder.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_name(
    folder: *const Folder,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(folder, 0, name, error, |folder| Ok(Some(folder.name()?)))
}

/// What the folder is made for, such as `IPF.Note`.
///
/// The text lives as long as the folder.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_class(
    folder: *const Folder,
    class: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(folder, 1, class, error, CoreFolder::container_class)
}

/// A remark about the folder.
///
/// The text lives as long as the folder.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_comment(
    folder: *const Folder,
    comment: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(folder, 2, comment, error, CoreFolder::comment)
}

fn text(
    folder: *const Folder,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(&CoreFolder) -> pst_core::Result<Option<String>>,
) -> Status {
    guard(error, || {
        let folder = get(folder)?;
        put_some(out, || folder.lent.text(key, || Ok(make(&folder.folder)?)))
    })
}

/// How many messages the folder says it has. Damage and deletion can make that wrong: `pst_folder_messages` counts.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_content_count(
    folder: *const Folder,
    count: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(count, || Ok(get(folder)?.folder.content_count()?)))
}

/// How many unread messages the folder says it has.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_unread_count(
    folder: *const Folder,
    count: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(count, || Ok(get(folder)?.folder.unread_count()?)))
}

/// Walks the folders in this one.
///
/// The iterator is the caller's, to be freed with `pst_folder_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_subfolders(
    folder: *const Folder,
    folders: Option<&mut MaybeUninit<*mut FolderIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(folders, || {
            let folder = get(folder)?;
            Ok(FolderIter::new(folder.folder.subfolders()?, &folder.pst))
        })
    })
}

/// Walks this folder and all below it, each before those in it.
///
/// The iterator is the caller's, to be freed with `pst_folder_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_descendants(
    folder: *const Folder,
    folders: Option<&mut MaybeUninit<*mut FolderIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(folders, || {
            let folder = get(folder)?;
            Ok(FolderIter::new(folder.folder.descendants(), &folder.pst))
        })
    })
}

/// Walks the messages of the folder, as its table lists them.
///
/// The iterator is the caller's, to be freed with `pst_message_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_messages(
    folder: *const Folder,
    messages: Option<&mut MaybeUninit<*mut MessageIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(messages, || {
            let folder = get(folder)?;
            let pst = folder.pst.clone();
            Ok(MessageIter::new(folder.folder.messages()?.map(move |one| Ok(Message::stored(one?, &pst)))))
        })
    })
}

/// Walks the hidden items of the folder, in which programs keep views and settings.
///
/// The iterator is the caller's, to be freed with `pst_message_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_associated_messages(
    folder: *const Folder,
    messages: Option<&mut MaybeUninit<*mut MessageIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(messages, || {
            let folder = get(folder)?;
            let pst = folder.pst.clone();
            Ok(MessageIter::new(folder.folder.associated_messages()?.map(move |one| Ok(Message::stored(one?, &pst)))))
        })
    })
}

/// The properties of the folder.
///
/// They are the caller's, to be freed with `pst_properties_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_properties(
    folder: *const Folder,
    properties: Option<&mut MaybeUninit<*mut Properties>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(properties, || Ok(Properties::new(Holder::Folder(get(folder)?.folder.clone())))))
}

/// Frees a folder. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_folder_free(folder: *mut Folder) {
    handle::free(folder);
}
