//! A store: the file, its folders and messages by id, and its named properties.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::sync::atomic::Ordering;

use pst_core::Pst;
use pst_core::messaging::{PropertyName, PropertySet, SpecialFolder as CoreSpecial, SpecialFolders};
use pst_core::ndb::{Client, CryptMethod, Layout, Nid};

use crate::error::{Error, Failure};
use crate::folder::{Folder, FolderIter};
use crate::guard::{give, give_some, guard, put, put_some};
use crate::handle::{self, get};
use crate::kept;
use crate::lent::Lent;
use crate::message::{Message, MessageIter};
use crate::options::{self, Options};
use crate::pointer;
use crate::property::{Holder, Properties};
use crate::status::Status;
use crate::view::{GuidBytes, Str};

/// A PST, OST or PAB that is open. May be used by several threads at once.
///
/// Folders, messages and all else taken from it keep the file open on their own: they may be used after the store was freed.
pub struct Store {
    pub(crate) pst: Pst,
    lent: Lent,
}

impl Store {
    pub(crate) fn new(pst: Pst) -> Self {
        Self { pst, lent: Lent::default() }
    }
}

/// What a mail program uses a folder for, whatever it is called.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpecialFolder {
    /// The top of the folders a person sees.
    IpmSubtree = 0,
    /// What was deleted.
    DeletedItems = 1,
    /// The parent of search folders.
    Finder = 2,
    /// Views that all folders share.
    CommonViews = 3,
    /// Views of one person.
    Views = 4,
    /// Where mail arrives.
    Inbox = 5,
    /// Mail on its way out.
    Outbox = 6,
    /// Mail that went out.
    SentItems = 7,
    /// Mail that is being written.
    Drafts = 8,
    /// Appointments.
    Calendar = 9,
    /// People.
    Contacts = 10,
    /// What was done when.
    Journal = 11,
    /// Sticky notes.
    Notes = 12,
    /// Tasks.
    Tasks = 13,
    /// Unwanted mail.
    JunkMail = 14,
}

/// A special folder by its number.
pub(crate) fn special(number: u32) -> Result<CoreSpecial, Failure> {
    Ok(match number {
        0 => CoreSpecial::IpmSubtree,
        1 => CoreSpecial::DeletedItems,
        2 => CoreSpecial::Finder,
        3 => CoreSpecial::CommonViews,
        4 => CoreSpecial::Views,
        5 => CoreSpecial::Inbox,
        6 => CoreSpecial::Outbox,
        7 => CoreSpecial::SentItems,
        8 => CoreSpecial::Drafts,
        9 => CoreSpecial::Calendar,
        10 => CoreSpecial::Contacts,
        11 => CoreSpecial::Journal,
        12 => CoreSpecial::Notes,
        13 => CoreSpecial::Tasks,
        14 => CoreSpecial::JunkMail,
        _ => return Err(Failure::new(Status::InvalidInput, "no such special folder")),
    })
}

/// Told that borrowed bytes are needed no more. May be called in any thread that frees the last handle on them.
pub type OnRelease = Option<extern "C" fn(user: *mut c_void)>;

/// Opens a file; only its header is read. `path` is in the bytes of the system (UTF-8 on Windows). `options` may be NULL.
///
/// The store is the caller's, to be freed with `pst_store_free`. If another program cuts a mapped file short while it is
/// read, the system ends the process: see `PST_MAPPING_NEVER`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_open(
    path: *const c_char,
    options: *const Options,
    store: Option<&mut MaybeUninit<*mut Store>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(store, || Ok(Store::new(options::of(options)?.open(pointer::path(path)?)?))))
}

/// Opens a file that is in memory. The bytes are copied and may go as soon as this returns. `options` may be NULL.
///
/// The store is the caller's, to be freed with `pst_store_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_open_copy(
    data: *const u8,
    length: usize,
    options: *const Options,
    store: Option<&mut MaybeUninit<*mut Store>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(store, || Ok(Store::new(options::of(options)?.from_bytes(pointer::bytes(data, length)?.to_vec())?)))
    })
}

/// Opens a file that is in memory without a copy. `options` may be NULL.
///
/// The bytes are lent: they must stay, and not change, until `release` is called with `user`, which is once the store and
/// all that was taken from it are freed. If this fails, `release` is not called. `release` may be NULL for bytes that stay
/// for ever. The store is the caller's, to be freed with `pst_store_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_open_borrowed(
    data: *const u8,
    length: usize,
    release: OnRelease,
    user: *mut c_void,
    options: *const Options,
    store: Option<&mut MaybeUninit<*mut Store>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(store, || {
            let bytes = pointer::Borrowed::new(data, length, release, user)?;
            let taken = bytes.taken();
            let pst = options::of(options)?.from_bytes(bytes)?;
            taken.store(true, Ordering::Release);
            Ok(Store::new(pst))
        })
    })
}

/// Bytes of the file.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_file_size(
    store: *const Store,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(size, || Ok(get(store)?.pst.file_size())))
}

/// Bytes that are missing at the end of the file, by what its header says; 0 of a whole one.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_missing_bytes(
    store: *const Store,
    bytes: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(bytes, || Ok(get(store)?.pst.missing_bytes())))
}

/// The layout of the file: `ansi`, `unicode` or `unicode4k`.
///
/// The text lives as long as the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_layout(
    store: *const Store,
    layout: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(store, 0, layout, error, |store| {
        Ok(Some(match store.pst.format().layout() {
            Layout::Ansi => "ansi",
            Layout::Unicode => "unicode",
            _ => "unicode4k",
        }))
    })
}

/// What kind of file it is: `pst`, `ost` or `pab`.
///
/// The text lives as long as the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_client(
    store: *const Store,
    client: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(store, 1, client, error, |store| {
        Ok(Some(match store.pst.client() {
            Client::Pst => "pst",
            Client::Ost => "ost",
            Client::Pab => "pab",
        }))
    })
}

/// How blocks are encoded: `none`, `permute`, `cyclic` or another word. That is no protection.
///
/// The text lives as long as the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_crypt(
    store: *const Store,
    crypt: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(store, 2, crypt, error, |store| Ok(Some(CryptMethod::as_str(store.pst.header().crypt))))
}

/// The display name of the store.
///
/// The text lives as long as the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_name(
    store: *const Store,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(store, 3, name, error, |store| Ok(store.pst.store()?.name()?))
}

fn text<S: Into<String>>(
    store: *const Store,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(&Store) -> Result<Option<S>, Failure>,
) -> Status {
    guard(error, || {
        let store = get(store)?;
        put_some(out, || store.lent.text(key, || Ok(make(&store)?.map(Into::into))))
    })
}

/// Whether the store has a password, which is only a checksum that Outlook compares: it is read without.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_has_password(
    store: *const Store,
    has: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(has, || Ok(get(store)?.pst.store()?.has_password()?)))
}

/// The folder above all others, which people do not see.
///
/// The folder is the caller's, to be freed with `pst_folder_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_root_folder(
    store: *const Store,
    folder: Option<&mut MaybeUninit<*mut Folder>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(folder, || {
            let store = get(store)?;
            Ok(Folder::new(store.pst.root_folder()?, &store.pst))
        })
    })
}

/// The folder with this node id.
///
/// The folder is the caller's, to be freed with `pst_folder_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_folder(
    store: *const Store,
    node: u32,
    folder: Option<&mut MaybeUninit<*mut Folder>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(folder, || {
            let store = get(store)?;
            Ok(Folder::new(store.pst.folder(Nid::new(node))?, &store.pst))
        })
    })
}

/// The folder a mail program uses for something: a `pst_special_folder`. `PST_STATUS_ABSENT` if the store names none.
///
/// The folder is the caller's, to be freed with `pst_folder_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_special_folder(
    store: *const Store,
    which: u32,
    folder: Option<&mut MaybeUninit<*mut Folder>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give_some(folder, || {
            let (store, which) = (get(store)?, special(which)?);
            let found = match which {
                CoreSpecial::IpmSubtree => store.pst.ipm_subtree()?,
                which => SpecialFolders::of(&store.pst).get(which).map(|nid| store.pst.folder(nid)).transpose()?,
            };
            Ok(found.map(|folder| Folder::new(folder, &store.pst)))
        })
    })
}

/// Walks all folders, the root first, each before those in it. A folder that cannot be read does not end the walk.
///
/// The iterator is the caller's, to be freed with `pst_folder_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_folders(
    store: *const Store,
    folders: Option<&mut MaybeUninit<*mut FolderIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(folders, || {
            let store = get(store)?;
            Ok(FolderIter::new(store.pst.root_folder()?.descendants(), &store.pst))
        })
    })
}

/// Walks all messages of the file, listed in a folder or not, associated ones too, in the order of their ids.
///
/// The iterator is the caller's, to be freed with `pst_message_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_messages(
    store: *const Store,
    messages: Option<&mut MaybeUninit<*mut MessageIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(messages, || Ok(MessageIter::new(kept::all_messages(get(store)?)))))
}

/// The message with this node id.
///
/// The message is the caller's, to be freed with `pst_message_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_message(
    store: *const Store,
    node: u32,
    message: Option<&mut MaybeUninit<*mut Message>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(message, || {
            let store = get(store)?;
            Ok(Message::stored(store.pst.message(Nid::new(node))?, &store.pst))
        })
    })
}

/// The properties of the store itself.
///
/// They are the caller's, to be freed with `pst_properties_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_properties(
    store: *const Store,
    properties: Option<&mut MaybeUninit<*mut Properties>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(properties, || Ok(Properties::new(Holder::Store(get(store)?.pst.store()?)))))
}

/// The id, 0x8000 or above, that a property with a number has in this store. `PST_STATUS_ABSENT` if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_named_id(
    store: *const Store,
    set: Option<&GuidBytes>,
    number: u32,
    id: Option<&mut MaybeUninit<u16>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(id, || named(&*get(store)?, set, &PropertyName::Number(number))))
}

/// The id, 0x8000 or above, that a property with a name has in this store. `PST_STATUS_ABSENT` if it has none.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_named_id_by_text(
    store: *const Store,
    set: Option<&GuidBytes>,
    name: *const c_char,
    id: Option<&mut MaybeUninit<u16>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(id, || named(&*get(store)?, set, &PropertyName::from(pointer::text(name)?))))
}

fn named(store: &Store, set: Option<&GuidBytes>, name: &PropertyName) -> Result<Option<u16>, Failure> {
    let set = PropertySet::from_guid(pointer::guid(set)?);
    Ok(store.pst.named_properties()?.id_of(set, name))
}

/// What a property id of 0x8000 or above is called in this store: its set (zeros if none), and its number or, if it is
/// named by text, `name`; the other is left alone. `PST_STATUS_ABSENT` if the store does not know the id.
///
/// The text lives as long as the store.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_property_name(
    store: *const Store,
    id: u16,
    set: Option<&mut MaybeUninit<GuidBytes>>,
    number: Option<&mut MaybeUninit<u32>>,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let store = get(store)?;
        let (number, name) = (crate::guard::need(number)?, crate::guard::need(name)?);
        put_some(set, || {
            let names = store.pst.named_properties()?;
            let Some(found) = names.get(id) else { return Ok(None) };
            match &found.name {
                PropertyName::Number(value) => {
                    number.write(*value);
                }
                PropertyName::String(text) => {
                    let lent = store.lent.text(0x1_0000 | u64::from(id), || Ok(Some(text.clone())))?;
                    name.write(lent.unwrap_or(Str::NONE));
                }
            }
            Ok(Some(GuidBytes { bytes: found.set.guid().map_or([0; 16], |guid| guid.to_bytes()) }))
        })
    })
}

/// Frees a store. What was taken from it stays. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_free(store: *mut Store) {
    handle::free(store);
}
