//! Properties as TNEF writes them (MS-OXTNEF 2.1.3.4).
//!
//! ```text
//!  property   type (2) | id (2) | name, for ids from 0x8000 on | values
//!  name       GUID (16) | 0 | number (4)     or     GUID (16) | 1 | length (4) | UTF-16LE | padding
//!  values     a fixed size:                     value | padding
//!             multiple, of a fixed size:        count (4) | value | padding | value | padding ...
//!             text, binary, object, multiple:   count (4) | length (4) | value | padding | length ...
//! ```
//!
//! Padding goes to 4 bytes. **A text or binary value has a count although it is always 1**, and an object begins with the
//! 16 bytes of its interface, which its length counts. **The list is not framed**: a type that is not known ends it.

use super::finding::{FindingKind, Findings};
use super::{AttributeId, Budget};
use crate::ltp::{PropertyTag, PropertyType, Text, Value};
use crate::messaging::{PropertyName, PropertySet};
use crate::source::Bytes;
use crate::text::{CodePageChoice, utf16};
use crate::{FileTime, Guid, bytes};

/// A property of a message, a recipient or an attachment.
#[derive(Clone, Debug, PartialEq)]
pub struct Property<'a> {
    /// Id and type. **An id from 0x8000 on means nothing by itself**; `name` says what it is.
    pub tag: PropertyTag,
    /// The name of a named property.
    pub name: Option<(PropertySet, PropertyName)>,
    /// The value, lent from the stream.
    pub value: PropertyValue<'a>,
    /// The attribute that the value was made from, for one that no property gave. **Dates of attributes are in the
    /// local time of their sender**, whose zone is not known, and stand here as if they were UTC.
    pub attribute: Option<AttributeId>,
}

/// What a property holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum PropertyValue<'a> {
    /// All but objects. Never [`Value::Object`], which is about nodes.
    Plain(Value<'a>),
    /// PtypObject.
    Object(Object<'a>),
}

/// A PtypObject: something that is read by its interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object<'a> {
    /// How the data is read: [`Object::MESSAGE`], [`Object::STORAGE`], [`Object::STREAM`].
    pub interface: Guid,
    /// The data without the interface.
    pub data: &'a [u8],
    /// Where the data begins: a byte of the outermost stream.
    pub offset: usize,
}

impl Object<'_> {
    /// IID_IMessage {00020307-0000-0000-C000-000000000046}: the data is a TNEF stream.
    pub const MESSAGE: Guid = Guid::from_fields(0x0002_0307, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
    /// IID_IStorage {0000000B-0000-0000-C000-000000000046}: the data is a compound file.
    pub const STORAGE: Guid = Guid::from_fields(0x0000_000B, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
    /// IID_IStream {0000000C-0000-0000-C000-000000000046}: the data is what it is.
    pub const STREAM: Guid = Guid::from_fields(0x0000_000C, 0, 0, [0xC0, 0, 0, 0, 0, 0, 0, 0x46]);
}

impl<'a> Property<'a> {
    /// A property that an attribute stands for.
    pub(super) fn mapped(tag: u32, value: Value<'a>, attribute: AttributeId) -> Self {
        Self { tag: PropertyTag::new(tag), name: None, value: PropertyValue::Plain(value), attribute: Some(attribute) }
    }

    /// The value, if it is no object.
    #[must_use]
    pub fn plain(&self) -> Option<&Value<'a>> {
        match &self.value {
            PropertyValue::Plain(value) => Some(value),
            PropertyValue::Object(_) => None,
        }
    }

    /// The text of a text property; what has no character becomes U+FFFD.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        self.plain()?.as_text().map(Text::to_string_lossy)
    }

    /// The bytes of a binary property.
    #[must_use]
    pub fn bytes(&self) -> Option<&[u8]> {
        self.plain()?.as_bytes().map(|bytes| &**bytes)
    }
}

/// Why a list ends early.
struct Broken(FindingKind, String);

fn short(what: &str) -> Broken {
    Broken(FindingKind::BadProperties, format!("the data ends within {what}"))
}

/// Reads property lists out of one attribute.
pub(super) struct Lists<'a, 's> {
    data: &'a [u8],
    at: usize,
    /// Where `data` begins in the outermost stream.
    base: usize,
    code_page: CodePageChoice,
    budget: &'s mut Budget,
    findings: &'s mut Findings,
}

impl<'a, 's> Lists<'a, 's> {
    pub(super) fn new(
        data: &'a [u8],
        base: usize,
        code_page: CodePageChoice,
        budget: &'s mut Budget,
        findings: &'s mut Findings,
    ) -> Self {
        Self { data, at: 0, base, code_page, budget, findings }
    }

    /// The properties of a message or an attachment.
    pub(super) fn list(mut self) -> Vec<Property<'a>> {
        let (list, _) = self.one_list();
        self.rest();
        list
    }

    /// The rows of a recipient table: a count of lists.
    pub(super) fn rows(mut self) -> Vec<Vec<Property<'a>>> {
        let mut rows = Vec::new();
        match self.count() {
            Ok(count) => {
                for _ in 0..count {
                    if let Err(broken) = self.spend(1) {
                        self.tell(broken);
                        break;
                    }
                    let (row, whole) = self.one_list();
                    if whole || !row.is_empty() {
                        rows.push(row);
                    }
                    if !whole {
                        break;
                    }
                }
            }
            Err(broken) => self.tell(broken),
        }
        self.rest();
        rows
    }

    /// One list, and whether it is whole.
    fn one_list(&mut self) -> (Vec<Property<'a>>, bool) {
        let mut list = Vec::new();
        let count = match self.count() {
            Ok(count) => count,
            Err(broken) => {
                self.tell(broken);
                return (list, false);
            }
        };
        for place in 0..count {
            match self.property() {
                Ok(property) => list.push(property),
                Err(Broken(kind, detail)) => {
                    self.tell(Broken(kind, format!("property {place} of {count}: {detail}")));
                    return (list, false);
                }
            }
        }
        (list, true)
    }

    fn tell(&mut self, Broken(kind, detail): Broken) {
        self.findings.add(kind, self.base.saturating_add(self.at), || detail);
        self.at = self.data.len();
    }

    /// Bytes behind the last list. Up to three are the padding of the whole.
    fn rest(&mut self) {
        let left = self.data.len().saturating_sub(self.at);
        if left > 3 {
            self.tell(Broken(FindingKind::BadProperties, format!("{left} bytes behind the last property")));
        }
    }

    fn spend(&mut self, values: usize) -> Result<(), Broken> {
        self.budget
            .spend(values)
            .then_some(())
            .ok_or_else(|| Broken(FindingKind::TooLarge, "more values than the limit".to_owned()))
    }

    fn count(&mut self) -> Result<u32, Broken> {
        let count = bytes::u32(self.data, self.at).ok_or_else(|| short("a count"))?;
        self.at = self.at.saturating_add(4);
        Ok(count)
    }

    /// `length` bytes and their padding. **The last padding of an attribute may be missing.**
    fn padded(&mut self, length: usize, what: &str) -> Result<&'a [u8], Broken> {
        let taken = bytes::slice(self.data, self.at, length).ok_or_else(|| short(what))?;
        let end = self.at.saturating_add(length.checked_next_multiple_of(4).unwrap_or(length));
        self.at = end.min(self.data.len());
        Ok(taken)
    }

    fn property(&mut self) -> Result<Property<'a>, Broken> {
        self.spend(1)?;
        let tag = PropertyTag::new(self.count()?);
        let name = if tag.is_named() { Some(self.name()?) } else { None };
        let value = self.value(tag.kind())?;
        Ok(Property { tag, name, value, attribute: None })
    }

    fn name(&mut self) -> Result<(PropertySet, PropertyName), Broken> {
        let set = self.padded(16, "the set of a name")?.first_chunk::<16>().copied().unwrap_or_default();
        let set = PropertySet::from_guid(Guid::from_bytes(set));
        let name = match self.count()? {
            0 => PropertyName::Number(self.count()?),
            1 => {
                let length = self.length()?;
                let stored = self.padded(length, "a name")?;
                PropertyName::String(utf16::decode_lossy(utf16::trim_one_nul(stored)))
            }
            kind => return Err(Broken(FindingKind::BadProperties, format!("kind of name {kind}, expected 0 or 1"))),
        };
        Ok((set, name))
    }

    fn length(&mut self) -> Result<usize, Broken> {
        self.count().map(|length| usize::try_from(length).unwrap_or(usize::MAX))
    }

    fn value(&mut self, kind: PropertyType) -> Result<PropertyValue<'a>, Broken> {
        let element = kind.element();
        match element {
            PropertyType::UNSPECIFIED | PropertyType::NULL if !kind.is_multiple() => {
                Ok(PropertyValue::Plain(Value::Null))
            }
            PropertyType::OBJECT if !kind.is_multiple() => self.object(),
            PropertyType::STRING | PropertyType::STRING8 | PropertyType::BINARY => {
                let values = self.values(|list| list.variable(element))?;
                Ok(PropertyValue::Plain(if kind.is_multiple() { Value::Multiple(values) } else { self.only(values) }))
            }
            _ if size(element).is_none() => {
                Err(Broken(FindingKind::BadProperties, format!("{kind} is not known in TNEF")))
            }
            _ if kind.is_multiple() => {
                Ok(PropertyValue::Plain(Value::Multiple(self.values(|list| list.fixed(element))?)))
            }
            _ => self.fixed(element).map(PropertyValue::Plain),
        }
    }

    /// A count and so many values, each of which takes 4 bytes at least.
    fn values<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, Broken>) -> Result<Vec<T>, Broken> {
        let count = self.length()?;
        if count > self.data.len().saturating_sub(self.at) >> 2 {
            return Err(short("its values"));
        }
        self.spend(count)?;
        (0..count).map(|_| one(self)).collect()
    }

    /// The value of a type that has one.
    fn only(&mut self, values: Vec<Value<'a>>) -> Value<'a> {
        let count = values.len();
        if count != 1 {
            let detail = || format!("{count} values, expected 1");
            self.findings.add(FindingKind::ValueCount, self.base.saturating_add(self.at), detail);
        }
        let mut values = values;
        match (count, values.pop()) {
            (1, Some(value)) => value,
            (_, None) => Value::Null,
            (_, Some(last)) => {
                values.push(last);
                Value::Multiple(values)
            }
        }
    }

    fn variable(&mut self, kind: PropertyType) -> Result<Value<'a>, Broken> {
        let length = self.length()?;
        let stored = Bytes::lent(self.padded(length, "a value")?);
        Ok(match kind {
            PropertyType::STRING => Value::String(Text::new(stored, None)),
            PropertyType::STRING8 => Value::String(Text::new(stored, Some(self.code_page))),
            _ => Value::Binary(stored),
        })
    }

    fn object(&mut self) -> Result<PropertyValue<'a>, Broken> {
        let base = self.base;
        let mut objects = self.values(|list| {
            let length = list.length()?;
            let offset = base.saturating_add(list.at).saturating_add(16);
            let stored = list.padded(length, "an object")?;
            let (interface, data) =
                stored.split_first_chunk::<16>().ok_or_else(|| short("the interface of an object"))?;
            Ok(Object { interface: Guid::from_bytes(*interface), data, offset })
        })?;
        match (objects.pop(), objects.is_empty()) {
            (Some(object), true) => Ok(PropertyValue::Object(object)),
            (None, _) => Ok(PropertyValue::Plain(self.only(Vec::new()))),
            (Some(last), false) => {
                objects.push(last);
                let values = objects.iter().map(|object| Value::Unknown(Bytes::lent(object.data))).collect();
                Ok(PropertyValue::Plain(self.only(values)))
            }
        }
    }

    fn fixed(&mut self, kind: PropertyType) -> Result<Value<'a>, Broken> {
        let length = size(kind).unwrap_or_default();
        let stored = self.padded(length, "a value")?;
        fixed(kind, stored).ok_or_else(|| short("a value"))
    }
}

/// Bytes of a value without padding. **A boolean has two here and one in a PST.**
fn size(kind: PropertyType) -> Option<usize> {
    if kind == PropertyType::BOOLEAN { Some(2) } else { kind.fixed_size() }
}

fn fixed(kind: PropertyType, stored: &[u8]) -> Option<Value<'static>> {
    Some(match kind {
        PropertyType::INTEGER16 => Value::Integer16(i16::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::INTEGER32 => Value::Integer32(i32::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::INTEGER64 => Value::Integer64(i64::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::FLOATING32 => Value::Floating32(f32::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::FLOATING64 => Value::Floating64(f64::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::CURRENCY => Value::Currency(i64::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::FLOATING_TIME => Value::FloatingTime(f64::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::ERROR_CODE => Value::ErrorCode(u32::from_le_bytes(*stored.first_chunk()?)),
        PropertyType::BOOLEAN => Value::Boolean(u16::from_le_bytes(*stored.first_chunk()?) != 0),
        PropertyType::TIME => Value::Time(FileTime::new(u64::from_le_bytes(*stored.first_chunk()?))),
        PropertyType::GUID => Value::Guid(Guid::from_bytes(*stored.first_chunk()?)),
        _ => return None,
    })
}
