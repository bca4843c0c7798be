//! Bags of raw properties to be written.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::c_char;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::ltp::PropertyTag;
use pst_core::write::Properties;
use pst_core::{FileTime, Guid};

use crate::error::{Error, Failure};
use crate::guard::{give, guard, wait};
use crate::handle::{self, get};
use crate::pointer;
use crate::status::Status;
use crate::view::GuidBytes;

/// A property to be written.
#[derive(Clone)]
enum Op {
    Text(u16, String),
    Texts(u16, Vec<String>),
    Integer16(u16, i16),
    Integer32(u16, i32),
    Integer64(u16, i64),
    Boolean(u16, bool),
    Real(u16, f64),
    Time(u16, u64),
    Guid(u16, Guid),
    Binary(u16, Vec<u8>),
    Stored(u32, Vec<u8>),
    Remove(u16),
}

/// Raw properties to be written with an item, attachment, folder or store. May be used for several.
#[derive(Default)]
pub struct Bag(Mutex<Vec<Op>>);

impl Bag {
    /// Sets the properties; what has the same id is replaced.
    pub(crate) fn apply(&self, properties: &mut Properties) {
        for op in wait(&self.0).iter() {
            match op {
                Op::Text(id, text) => properties.text(*id, text.as_str()),
                Op::Texts(id, texts) => properties.texts(*id, texts),
                Op::Integer16(id, number) => properties.integer16(*id, *number),
                Op::Integer32(id, number) => properties.integer32(*id, *number),
                Op::Integer64(id, number) => properties.integer64(*id, *number),
                Op::Boolean(id, truth) => properties.boolean(*id, *truth),
                Op::Real(id, number) => properties.floating64(*id, *number),
                Op::Time(id, time) => properties.time(*id, FileTime::new(*time)),
                Op::Guid(id, guid) => properties.guid(*id, *guid),
                Op::Binary(id, bytes) => properties.binary(*id, bytes.as_slice()),
                Op::Stored(tag, bytes) => properties.stored(PropertyTag::new(*tag), bytes.as_slice()),
                Op::Remove(id) => properties.remove(*id),
            };
        }
    }
}

fn push(
    bag: *mut Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
    op: impl FnOnce() -> Result<Op, Failure>,
) -> Status {
    guard(error, || {
        let bag = get(bag)?;
        let op = op()?;
        wait(&bag.0).push(op);
        Ok(Status::Ok)
    })
}

/// Makes an empty bag. It is the caller's, to be freed with `pst_bag_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_new(
    bag: Option<&mut MaybeUninit<*mut Bag>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(bag, || Ok(Bag::default())))
}

/// Sets a text. In an ANSI file it is stored in its code page.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_string(
    bag: *mut Bag,
    id: u16,
    text: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Text(id, pointer::text(text)?.to_owned())))
}

/// Sets several texts, one property (PtypMultipleString).
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_strings(
    bag: *mut Bag,
    id: u16,
    texts: *const *const c_char,
    count: usize,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Texts(id, pointer::texts(texts, count)?)))
}

/// Sets a 16-bit integer.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_integer16(
    bag: *mut Bag,
    id: u16,
    number: i16,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Integer16(id, number)))
}

/// Sets a 32-bit integer.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_integer32(
    bag: *mut Bag,
    id: u16,
    number: i32,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Integer32(id, number)))
}

/// Sets a 64-bit integer.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_integer64(
    bag: *mut Bag,
    id: u16,
    number: i64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Integer64(id, number)))
}

/// Sets a boolean.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_boolean(
    bag: *mut Bag,
    id: u16,
    truth: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Boolean(id, truth)))
}

/// Sets a 64-bit floating number.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_real(
    bag: *mut Bag,
    id: u16,
    number: f64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Real(id, number)))
}

/// Sets a time, as 100 ns since 1601.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_time(
    bag: *mut Bag,
    id: u16,
    filetime: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Time(id, filetime)))
}

/// Sets a GUID.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_guid(
    bag: *mut Bag,
    id: u16,
    guid: Option<&GuidBytes>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Guid(id, pointer::guid(guid)?)))
}

/// Sets bytes. They are copied.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_binary(
    bag: *mut Bag,
    id: u16,
    data: *const u8,
    length: usize,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Binary(id, pointer::bytes(data, length)?.to_vec())))
}

/// Sets a property of any type to its bytes as they are stored (MS-PST 2.3.3.3). They are copied.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_set_stored(
    bag: *mut Bag,
    tag: u32,
    data: *const u8,
    length: usize,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    push(bag, error, || Ok(Op::Stored(tag, pointer::bytes(data, length)?.to_vec())))
}

/// Takes a property away from what the bag is used for.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_remove(bag: *mut Bag, id: u16, error: Option<&mut MaybeUninit<*mut Error>>) -> Status {
    push(bag, error, || Ok(Op::Remove(id)))
}

/// Frees a bag. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_bag_free(bag: *mut Bag) {
    handle::free(bag);
}
