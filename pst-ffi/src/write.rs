//! New stores, item by item.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::collections::HashMap;
use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::Pst;
use pst_core::convert::from_mime;
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::{Copier, FileTarget, FolderId, PstWriter};

use crate::bag::Bag;
use crate::draft::Draft;
use crate::error::{Error, Failure};
use crate::guard::{give, guard, put, take};
use crate::handle::{self, get};
use crate::message::Message;
use crate::mime::{Conversion, LostPart};
use crate::pointer;
use crate::status::Status;
use crate::store;
use crate::transfer::used_up;
use crate::view::GuidBytes;
use crate::write_options::{self, WriteOptions};

/// What a writer has.
pub(crate) struct State {
    pub(crate) out: PstWriter<FileTarget>,
    folders: HashMap<u32, FolderId>,
    /// For messages of the store that was copied from last.
    copier: Option<(Pst, Copier)>,
}

impl State {
    fn folder(&self, node: u32) -> Result<FolderId, Failure> {
        let known = self.folders.get(&node).copied();
        known.ok_or_else(|| Failure::new(Status::NotFound, format!("the new file has no folder {node:#x}")))
    }

    fn keep(&mut self, folder: FolderId) -> u32 {
        self.folders.insert(folder.nid().raw(), folder);
        folder.nid().raw()
    }
}

/// A new store under way. Calls on it must not overlap: another one gives `PST_STATUS_BUSY`.
///
/// Folders are named by their node ids in the new file.
pub struct Writer(pub(crate) Mutex<Option<State>>);

/// Does something with a writer.
pub(crate) fn with<R>(writer: *mut Writer, work: impl FnOnce(&mut State) -> Result<R, Failure>) -> Result<R, Failure> {
    let writer = get(writer)?;
    let mut state = take(&writer.0)?;
    work(state.as_mut().ok_or_else(used_up)?)
}

/// Begins a new file. It appears under its name when it is finished. `options` may be NULL.
///
/// The writer is the caller's, to be freed with `pst_writer_free`; without `pst_writer_finish` there is no file.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_create(
    path: *const c_char,
    options: *const WriteOptions,
    writer: Option<&mut MaybeUninit<*mut Writer>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(writer, || {
            let values = write_options::of(options)?.unwrap_or_default();
            let out = PstWriter::create(pointer::path(path)?, values.options)?;
            let mut state = State { out, folders: HashMap::new(), copier: None };
            let mut fixed =
                vec![state.out.root(), state.out.ipm_subtree(), state.out.deleted_items(), state.out.finder()];
            fixed.extend(state.out.common_views());
            for folder in fixed {
                state.keep(folder);
            }
            Ok(Writer(Mutex::new(Some(state))))
        })
    })
}

/// The folder above all others, which people do not see.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_root(
    writer: *mut Writer,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(folder, || with(writer, |state| Ok(state.out.root().nid().raw()))))
}

/// The top of the folders a person sees.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_ipm_subtree(
    writer: *mut Writer,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(folder, || with(writer, |state| Ok(state.out.ipm_subtree().nid().raw()))))
}

/// The folder for what was deleted.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_deleted_items(
    writer: *mut Writer,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(folder, || with(writer, |state| Ok(state.out.deleted_items().nid().raw()))))
}

/// The parent of search folders.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_finder(
    writer: *mut Writer,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(folder, || with(writer, |state| Ok(state.out.finder().nid().raw()))))
}

/// Makes a folder. `class` is what it is made for, such as `IPF.Contact`; NULL for mail.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_create_folder(
    writer: *mut Writer,
    parent: u32,
    name: *const c_char,
    class: *const c_char,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(folder, || {
            let (name, class) = (pointer::text(name)?, pointer::text_some(class)?);
            with(writer, |state| {
                let parent = state.folder(parent)?;
                let made = match class {
                    Some(class) => state.out.folder_of_class(parent, name, class)?,
                    None => state.out.folder(parent, name)?,
                };
                Ok(state.keep(made))
            })
        })
    })
}

/// Makes a search folder.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_create_search_folder(
    writer: *mut Writer,
    parent: u32,
    name: *const c_char,
    folder: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(folder, || {
            let name = pointer::text(name)?;
            with(writer, |state| {
                let made = state.out.search_folder(state.folder(parent)?, name)?;
                Ok(state.keep(made))
            })
        })
    })
}

/// Says what mail programs use a folder for: a `pst_special_folder`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_designate(
    writer: *mut Writer,
    folder: u32,
    which: u32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let special = store::special(which)?;
        with(writer, |state| Ok(state.out.designate(state.folder(folder)?, special)?))?;
        Ok(Status::Ok)
    })
}

/// Sets properties of a folder. The bag stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_set_folder_properties(
    writer: *mut Writer,
    folder: u32,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let bag = get(bag)?;
        with(writer, |state| {
            let folder = state.folder(folder)?;
            bag.apply(state.out.folder_properties(folder)?);
            Ok(Status::Ok)
        })
    })
}

/// Sets properties of the store. The bag stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_set_store_properties(
    writer: *mut Writer,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let bag = get(bag)?;
        with(writer, |state| {
            bag.apply(state.out.store());
            Ok(Status::Ok)
        })
    })
}

/// The id, 0x8000 or above, of a property with a number; the new file gets the name if it has not got it yet.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_named_id(
    writer: *mut Writer,
    set: Option<&GuidBytes>,
    number: u32,
    id: Option<&mut MaybeUninit<u16>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(id, || {
            let set = PropertySet::from_guid(pointer::guid(set)?);
            with(writer, |state| Ok(state.out.named_property(set, PropertyName::Number(number))?))
        })
    })
}

/// The id, 0x8000 or above, of a property with a name; the new file gets the name if it has not got it yet.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_named_id_by_text(
    writer: *mut Writer,
    set: Option<&GuidBytes>,
    name: *const c_char,
    id: Option<&mut MaybeUninit<u16>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(id, || {
            let (set, name) = (PropertySet::from_guid(pointer::guid(set)?), pointer::text(name)?);
            with(writer, |state| Ok(state.out.named_property(set, name)?))
        })
    })
}

/// Writes a draft into a folder. `node` may be NULL.
///
/// The draft is used up, be it a success or not, and still to be freed. After `PST_STATUS_NOT_FOUND`, `_WRONG_TYPE`,
/// `_INVALID_INPUT` and most `_LIMIT` the next may follow; `pst_writer_is_broken` tells.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_add(
    writer: *mut Writer,
    folder: u32,
    draft: *mut Draft,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    add(writer, folder, draft, node, error, false)
}

/// Writes a draft as a hidden item of a folder, as programs keep settings. As `pst_writer_add`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_add_associated(
    writer: *mut Writer,
    folder: u32,
    draft: *mut Draft,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    add(writer, folder, draft, node, error, true)
}

fn add(
    writer: *mut Writer,
    folder: u32,
    draft: *mut Draft,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    is_associated: bool,
) -> Status {
    guard(error, || {
        let draft = get(draft)?;
        let added = with(writer, |state| {
            let folder = state.folder(folder)?;
            let draft = draft.used()?;
            Ok(if is_associated {
                state.out.associated_message(folder, draft)?
            } else {
                state.out.message(folder, draft)?
            })
        })?;
        if let Some(node) = node {
            node.write(added.raw());
        }
        Ok(Status::Ok)
    })
}

/// Writes a message into a folder: one of a store is copied with all it has, a mail becomes an item. What could not be
/// carried is told by the conversion. `node` and `conversion` may be NULL.
///
/// The conversion is the caller's, to be freed with `pst_conversion_free`. The message is left as it is.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_add_message(
    writer: *mut Writer,
    folder: u32,
    message: *const Message,
    node: Option<&mut MaybeUninit<u32>>,
    conversion: Option<&mut MaybeUninit<*mut Conversion>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let message = get(message)?;
        let (added, losses) = with(writer, |state| {
            let folder = state.folder(folder)?;
            if let Some((stored, pst)) = message.as_stored() {
                // Where the header of an open file is says which it is.
                let is_known = |(known, _): &(Pst, Copier)| std::ptr::eq(known.header(), pst.header());
                if !state.copier.as_ref().is_some_and(is_known) {
                    state.copier = Some((pst.clone(), Copier::new(pst, &state.out)));
                }
                let (_, copier) = state.copier.as_mut().ok_or_else(used_up)?;
                let copied = copier.message(&mut state.out, folder, stored)?;
                return Ok((copied.nid, copied.left_out.iter().map(LostPart::from).collect()));
            }
            let item = message.item();
            let mail = item.as_mail().ok_or_else(|| Failure::new(Status::WrongType, "a message of neither kind"))?;
            let converted = from_mime::convert(mail, &mut state.out)?;
            let losses = converted.losses.iter().map(LostPart::from).collect();
            Ok((state.out.message(folder, converted.message)?, losses))
        })?;
        if conversion.is_some() {
            give(conversion, || Ok(Conversion::of_losses(losses)))?;
        }
        if let Some(node) = node {
            node.write(added.raw());
        }
        Ok(Status::Ok)
    })
}

/// About how many bytes the file will have.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_estimated_size(
    writer: *mut Writer,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(size, || with(writer, |state| Ok(state.out.estimated_size()))))
}

/// Whether a failure left the file so that it cannot be continued.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_is_broken(
    writer: *mut Writer,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || with(writer, |state| Ok(state.out.is_broken()))))
}

/// Completes the file, which then appears under its name. The writer can only be freed afterwards, be it a success or not.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_finish(writer: *mut Writer, error: Option<&mut MaybeUninit<*mut Error>>) -> Status {
    guard(error, || {
        let writer = get(writer)?;
        let state = take(&writer.0)?.take().ok_or_else(used_up)?;
        state.out.finish()?;
        Ok(Status::Ok)
    })
}

/// Frees a writer; if it was not finished, nothing stays of the file. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_writer_free(writer: *mut Writer) {
    handle::free(writer);
}
