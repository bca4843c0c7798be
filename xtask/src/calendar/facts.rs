//! The properties of an item as they are stored, as JSON for a check that shares no code with the conversion.
//!
//! ```text
//! {"properties": {"0x0037": "Subject", "00062002-0000-0000-c000-000000000046/0x820d": 130000000000000000},
//!  "recipients": [{"0x3001": ...}], "attachments": [{"properties": {...}, "message": {...}}]}
//! ```
//!
//! Times are the stored number, binary values are hex. What is larger than a limit is `null`.

use std::fmt::Write as _;

use pst_core::Result;
use pst_core::ltp::{PropertyTag, Value as Stored};
use pst_core::messaging::{AttachmentContent, Message, NamedProperties, PropertyName};
use serde_json::{Map, Value, json};

/// The most bytes of a value that is told.
const BYTES: u64 = 4 << 20;
/// Items within items.
const DEPTH: usize = 4;

pub(super) fn of(message: &Message, names: &NamedProperties) -> Result<Value> {
    within(message, names, DEPTH)
}

fn within(message: &Message, names: &NamedProperties, depth: usize) -> Result<Value> {
    let mut recipients = Vec::new();
    if let Some(table) = message.recipient_table()? {
        for row in table.rows() {
            let mut properties = Map::new();
            for cell in row?.cells() {
                properties.insert(key(cell.tag(), names), value(&cell.value()?));
            }
            recipients.push(Value::Object(properties));
        }
    }
    let mut attachments = Vec::new();
    for attachment in message.attachments() {
        let attachment = attachment?;
        let inner = match attachment.content()? {
            AttachmentContent::Message(inner) if depth > 0 => within(&inner, names, depth.saturating_sub(1))?,
            _ => Value::Null,
        };
        let properties = properties(attachment.properties()?, names)?;
        attachments.push(json!({ "properties": properties, "message": inner }));
    }
    Ok(json!({
        "properties": properties(message.properties()?, names)?,
        "recipients": recipients,
        "attachments": attachments,
    }))
}

fn properties(context: &pst_core::ltp::PropertyContext, names: &NamedProperties) -> Result<Value> {
    let mut properties = Map::new();
    for property in context.iter() {
        let property = property?;
        let told = if property.stored_len()? > BYTES { Value::Null } else { value(&property.value()?) };
        properties.insert(key(property.tag(), names), told);
    }
    Ok(Value::Object(properties))
}

/// `0x0037`, or the set and the number or text of a named property.
fn key(tag: PropertyTag, names: &NamedProperties) -> String {
    let named = names.get(tag.id()).filter(|_| tag.is_named());
    let Some(named) = named else { return format!("{:#06x}", tag.id()) };
    let set = named.set.guid().map(|guid| guid.to_string()).unwrap_or_default();
    match &named.name {
        PropertyName::Number(number) => format!("{set}/{number:#06x}"),
        PropertyName::String(name) => format!("{set}/{name}"),
    }
}

fn value(stored: &Stored<'_>) -> Value {
    match stored {
        Stored::Boolean(truth) => json!(truth),
        Stored::Floating32(number) => json!(number),
        Stored::Floating64(number) | Stored::FloatingTime(number) => json!(number),
        Stored::Currency(number) => json!(number),
        Stored::Time(time) => json!(time.ticks()),
        Stored::Guid(guid) => json!(guid.to_string()),
        Stored::String(text) => json!(text.to_string_lossy()),
        Stored::Binary(bytes) | Stored::Unknown(bytes) => json!(hex(bytes)),
        Stored::Multiple(parts) => parts.iter().map(value).collect(),
        other => other.as_integer().map_or(Value::Null, |number| json!(number)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
