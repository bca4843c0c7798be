//! Reads properties for a header: what cannot be read is told and stands for absent.

use super::losses::Losses;
use crate::convert::LossKind;
use crate::ltp::{Property, PropertyContext, PropertyTag, PropertyType, Value};
use crate::messaging::{NamedProperties, PropertyName, PropertySet};
use crate::{Error, ErrorKind, FileTime, Guid, Result};

/// Bytes of one property that a header is made of. Bodies and attachments go another way.
const MOST: u64 = 4 << 20;

/// The properties of a message or attachment, read without errors.
#[derive(Clone, Copy)]
pub(super) struct Item<'a> {
    pub(super) properties: &'a PropertyContext,
    pub(super) names: &'a NamedProperties,
}

impl<'a> Item<'a> {
    /// The value of a property that is short enough for a header.
    fn value(&self, id: u16, losses: &mut Losses) -> Option<(PropertyTag, Value<'a>)> {
        let property = match self.properties.get(id) {
            Ok(property) => property?,
            Err(error) => {
                losses.add(LossKind::Unreadable, format!("property {id:#06x}: {error}"));
                return None;
            }
        };
        match short_value(&property) {
            Ok(value) => Some((property.tag(), value)),
            Err(error) => {
                losses.of(property.tag(), kind_of(&error), error.to_string());
                None
            }
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&self, id: u16, losses: &mut Losses) -> Option<String> {
        let (tag, value) = self.value(id, losses)?;
        let (text, is_lossy) = value.as_text()?.decoded();
        if is_lossy {
            losses.of(tag, LossKind::Characters, "some have no character in their code page");
        }
        Some(text).filter(|text| !text.is_empty())
    }

    /// Texts of a multiple value, or one.
    pub(super) fn texts(&self, id: u16, losses: &mut Losses) -> Vec<String> {
        let Some((_, value)) = self.value(id, losses) else { return Vec::new() };
        let values = match value {
            Value::Multiple(values) => values,
            one => vec![one],
        };
        values.iter().filter_map(Value::as_text).map(|text| text.to_string_lossy()).collect()
    }

    pub(super) fn integer(&self, id: u16, losses: &mut Losses) -> Option<i64> {
        self.value(id, losses)?.1.as_integer()
    }

    pub(super) fn truth(&self, id: u16, losses: &mut Losses) -> bool {
        self.integer(id, losses).is_some_and(|number| number != 0)
    }

    /// A date that is one.
    pub(super) fn time(&self, id: u16, losses: &mut Losses) -> Option<FileTime> {
        let time = self.value(id, losses)?.1.as_time()?;
        (!time.is_none() && !time.is_outlook_none()).then_some(time)
    }

    pub(super) fn bytes(&self, id: u16, losses: &mut Losses) -> Option<Vec<u8>> {
        let value = self.value(id, losses)?.1;
        value.as_bytes().map(|bytes| bytes.to_vec()).filter(|bytes| !bytes.is_empty())
    }

    /// The property id that a number of a property set has in this file.
    pub(super) fn numbered(&self, set: Guid, number: u32) -> Option<u16> {
        self.names.id_of(PropertySet::from_guid(set), &PropertyName::Number(number))
    }

    /// The property id that a name of a property set has in this file.
    pub(super) fn named(&self, set: Guid, name: &str) -> Option<u16> {
        self.names.id_of(PropertySet::from_guid(set), &PropertyName::String(name.to_owned()))
    }
}

/// The value of a property, unless it is too long for a header.
fn short_value<'a>(property: &Property<'a>) -> Result<Value<'a>> {
    let length = if property.tag().kind() == PropertyType::OBJECT { 0 } else { property.stored_len()? };
    if length > MOST {
        return Err(Error::limit("mail header", "length of a property", length, MOST));
    }
    property.value()
}

/// What the failure to read something means for the mail.
pub(super) fn kind_of(error: &Error) -> LossKind {
    if error.kind() == ErrorKind::Limit { LossKind::TooLarge } else { LossKind::Unreadable }
}
