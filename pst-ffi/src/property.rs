//! Raw properties: whatever an object has, by id and type (MS-OXPROPS).
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::ltp::{Property, PropertyContext, PropertyTag, Value};
use pst_core::messaging::{Attachment, Folder, Message, Store};

use crate::error::{Error, Failure};
use crate::guard::{give, guard, need, put_some, wait};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::status::Status;
use crate::view::{Bytes, GuidBytes, Str, Time};

/// Who has the properties.
pub(crate) enum Holder {
    Store(Store),
    Folder(Folder),
    Message(Message),
    Attachment(Attachment),
}

/// The properties of a store, folder, message or attachment. May be used by several threads at once.
///
/// Functions take the id of a property, the upper half of its tag, such as 0x0037 for the subject.
pub struct Properties {
    holder: Holder,
    lent: Lent,
}

impl Properties {
    pub(crate) fn new(holder: Holder) -> Self {
        Self { holder, lent: Lent::default() }
    }

    fn context(&self) -> Result<&PropertyContext, Failure> {
        Ok(match &self.holder {
            Holder::Store(store) => store.properties(),
            Holder::Folder(folder) => folder.properties()?,
            Holder::Message(message) => message.properties()?,
            Holder::Attachment(attachment) => attachment.properties()?,
        })
    }

    fn property(&self, id: u16) -> Result<Option<Property<'_>>, Failure> {
        Ok(self.context()?.get(id)?)
    }

    /// A value, or one of several.
    fn value<T>(
        &self,
        (id, index): (u16, Option<usize>),
        wanted: &str,
        read: impl FnOnce(&Value<'_>) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let Some(property) = self.property(id)? else { return Ok(None) };
        let value = property.value()?;
        let value = match (&value, index) {
            (Value::Multiple(values), Some(index)) => match values.get(index) {
                Some(value) => value,
                None => return Ok(None),
            },
            (Value::Null, _) => return Ok(None),
            (value, None | Some(0)) => value,
            (_, Some(_)) => return Ok(None),
        };
        let text = || format!("property {} holds no {wanted}", property.tag());
        read(value).map(Some).ok_or_else(|| Failure::new(Status::WrongType, text()))
    }
}

/// A walk over the properties of an object.
pub struct PropertyIter(Mutex<std::vec::IntoIter<Result<u32, Failure>>>);

/// Walks the tags of the properties.
///
/// The iterator is the caller's, to be freed with `pst_property_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_tags(
    properties: *const Properties,
    tags: Option<&mut MaybeUninit<*mut PropertyIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(tags, || {
            let properties = get(properties)?;
            let tags = properties.context()?.iter().map(|one| Ok(one?.tag().raw()));
            let tags: Vec<_> = tags.collect();
            Ok(PropertyIter(Mutex::new(tags.into_iter())))
        })
    })
}

/// The next tag: id in the upper half, type in the lower. `PST_STATUS_DONE` behind the last, or why this one cannot be read:
/// the call after that gives the next.
#[unsafe(no_mangle)]
pub extern "C" fn pst_property_iter_next(
    tags: *mut PropertyIter,
    tag: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let tags = get(tags)?;
        let place = need(tag)?;
        let Some(next) = wait(&tags.0).next() else { return Ok(Status::Done) };
        place.write(next?);
        Ok(Status::Ok)
    })
}

/// Frees a walk over properties, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_property_iter_free(tags: *mut PropertyIter) {
    handle::free(tags);
}

/// The tag of a property: its id, and its type in the lower half.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_tag(
    properties: *const Properties,
    id: u16,
    tag: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(tag, || Ok(get(properties)?.property(id)?.map(|property| property.tag().raw()))))
}

/// The canonical name of a tag, such as `PidTagSubject`, if it has one. Ids of 0x8000 and above have names of their store:
/// `pst_store_property_name`.
///
/// The text lives as long as the properties.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_tag_name(
    properties: *const Properties,
    tag: u32,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let properties = get(properties)?;
        put_some(name, || properties.lent.text(key(3, tag, 0), || Ok(PropertyTag::new(tag).name().map(str::to_owned))))
    })
}

/// How many values a property has: 1, or as many as a multiple one holds.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_count(
    properties: *const Properties,
    id: u16,
    count: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put_some(count, || {
            let properties = get(properties)?;
            let Some(property) = properties.property(id)? else { return Ok(None) };
            Ok(Some(match property.value()? {
                Value::Multiple(values) => values.len(),
                Value::Null => 0,
                _ => 1,
            }))
        })
    })
}

/// The number of a property of an integer, boolean, error code or currency type; currency in ten-thousandths. `index` says
/// which of several values, from 0.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_integer(
    properties: *const Properties,
    id: u16,
    index: usize,
    number: Option<&mut MaybeUninit<i64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    value(properties, (id, index), "integer", number, error, |value| match value {
        Value::Currency(number) => Some(*number),
        value => value.as_integer(),
    })
}

/// The number of a property of a floating type. `index` says which of several values, from 0.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_real(
    properties: *const Properties,
    id: u16,
    index: usize,
    number: Option<&mut MaybeUninit<f64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    value(properties, (id, index), "floating number", number, error, |value| match value {
        Value::Floating32(number) => Some(f64::from(*number)),
        Value::Floating64(number) | Value::FloatingTime(number) => Some(*number),
        _ => None,
    })
}

/// The time of a property. `index` says which of several values, from 0.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_time(
    properties: *const Properties,
    id: u16,
    index: usize,
    time: Option<&mut MaybeUninit<Time>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    value(properties, (id, index), "time", time, error, |value| value.as_time().map(Time::from))
}

/// The GUID of a property. `index` says which of several values, from 0.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_guid(
    properties: *const Properties,
    id: u16,
    index: usize,
    guid: Option<&mut MaybeUninit<GuidBytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    value(properties, (id, index), "GUID", guid, error, |value| {
        if let Value::Guid(guid) = value { Some(GuidBytes::from(*guid)) } else { None }
    })
}

fn value<T>(
    properties: *const Properties,
    (id, index): (u16, usize),
    wanted: &str,
    out: Option<&mut MaybeUninit<T>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    read: impl FnOnce(&Value<'_>) -> Option<T>,
) -> Status {
    guard(error, || put_some(out, || get(properties)?.value((id, Some(index)), wanted, read)))
}

/// The text of a property, in UTF-8 whatever it is stored in. `index` says which of several values, from 0.
///
/// The text lives as long as the properties, and takes its memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_string(
    properties: *const Properties,
    id: u16,
    index: usize,
    text: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let properties = get(properties)?;
        put_some(text, || {
            properties.lent.text(key(0, id.into(), index), || {
                properties.value((id, Some(index)), "text", |value| value.as_text().map(|text| text.to_string_lossy()))
            })
        })
    })
}

/// The bytes of a binary property. `index` says which of several values, from 0.
///
/// The bytes live as long as the properties, and take their memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_binary(
    properties: *const Properties,
    id: u16,
    index: usize,
    bytes: Option<&mut MaybeUninit<Bytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let properties = get(properties)?;
        put_some(bytes, || {
            properties.lent.bytes(key(1, id.into(), index), || {
                properties.value((id, Some(index)), "bytes", |value| match value {
                    Value::Binary(bytes) | Value::Unknown(bytes) => Some(bytes.to_vec()),
                    _ => None,
                })
            })
        })
    })
}

/// The bytes of a property of any type as they are stored (MS-PST 2.3.3.3).
///
/// The bytes live as long as the properties, and take their memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_stored(
    properties: *const Properties,
    id: u16,
    bytes: Option<&mut MaybeUninit<Bytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let properties = get(properties)?;
        put_some(bytes, || {
            properties.lent.bytes(key(2, id.into(), 0), || {
                let Some(property) = properties.property(id)? else { return Ok(None) };
                Ok(Some(property.stored()?.to_vec()))
            })
        })
    })
}

/// How many bytes a property takes as it is stored, without reading it.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_stored_size(
    properties: *const Properties,
    id: u16,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put_some(size, || {
            let properties = get(properties)?;
            let property = properties.property(id)?;
            Ok(property.map(|property| property.stored_len()).transpose()?)
        })
    })
}

/// What was lent: which question, of which property, which of its values.
fn key(question: u64, id: u32, index: usize) -> u64 {
    // Indexes beyond do not occur: a value takes some bytes.
    let index = u64::try_from(index).unwrap_or(u64::MAX) & 0x0FFF_FFFF;
    question.wrapping_shl(60) | index.wrapping_shl(32) | u64::from(id)
}

/// Frees properties. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_properties_free(properties: *mut Properties) {
    handle::free(properties);
}
