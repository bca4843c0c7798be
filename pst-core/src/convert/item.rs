//! The properties of an item as conversions read them: by tag or by name, with what could not be read noted as a loss.
//!
//! Every property asked for counts as carried. What is left at the end and means something to a person is a loss
//! ([`Item::tell_left`]), so a property a conversion forgets is told and not dropped.

use std::collections::HashSet;
use std::fmt;

use crate::convert::{Loss, LossKind, html_text};
use crate::ltp::{Property, PropertyContext, PropertyTag, PropertyType, Value, id};
use crate::messaging::{Decoded, Message, NamedProperties, PropertyName, PropertySet};
use crate::text::CodePageChoice;
use crate::{FileTime, Guid, Result};

/// What a property is asked for by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    /// A property id below 0x8000.
    Tag(u16),
    /// A number in a property set.
    Lid(Guid, u32),
    /// A name in PS_PUBLIC_STRINGS.
    Name(&'static str),
}

impl Key {
    fn id(self, names: &NamedProperties) -> Option<u16> {
        match self {
            Self::Tag(id) => Some(id),
            Self::Lid(set, number) => names.id_of(PropertySet::Guid(set), &PropertyName::Number(number)),
            Self::Name(name) => names.id_of(PropertySet::PublicStrings, &PropertyName::String(name.to_owned())),
        }
    }
}

/// PidNameKeywords: the categories.
pub(super) const KEYWORDS: Key = Key::Name("Keywords");

/// Property sets in which servers keep what they found out about an item.
pub(super) const SERVER_SETS: [Guid; 10] = [
    Guid::PSETID_XML_EXTRACTED_ENTITIES,
    Guid::PSETID_MESSAGING,
    Guid::PSETID_AIR_SYNC,
    Guid::PSETID_UNIFIED_MESSAGING,
    Guid::from_fields(0x1100_0E07, 0xB51B, 0x40D6, [0xAF, 0x21, 0xCA, 0xA8, 0x5E, 0xDA, 0xB1, 0xD0]),
    Guid::from_fields(0x0B63_E350, 0x9CCC, 0x11D0, [0xBC, 0xDB, 0x00, 0x80, 0x5F, 0xCC, 0xCE, 0x04]),
    Guid::from_fields(0xE550_B918, 0x9859, 0x47B9, [0x80, 0x95, 0x97, 0xE4, 0xE7, 0x2F, 0x19, 0x26]),
    Guid::from_fields(0xA719_E259, 0x2A9A, 0x4FB8, [0xBA, 0xB3, 0x3A, 0x9F, 0x02, 0x97, 0x0E, 0x4B]),
    Guid::from_fields(0xF68D_E012, 0xECEF, 0x4E8E, [0xBE, 0xB5, 0xD1, 0xDE, 0x5B, 0x08, 0xE2, 0xAE]),
    Guid::from_fields(0x33EB_A41F, 0x7AA8, 0x422E, [0xBE, 0x7B, 0x79, 0xE1, 0xA9, 0x8E, 0x54, 0xB3]),
];

/// Sets whose members have numbers, and are known: only those a conversion lists mean something to a person.
const NUMBERED_SETS: [Guid; 11] = [
    Guid::PSETID_COMMON,
    Guid::PSETID_APPOINTMENT,
    Guid::PSETID_MEETING,
    Guid::PSETID_ADDRESS,
    Guid::PSETID_TASK,
    Guid::PSETID_LOG,
    Guid::PSETID_NOTE,
    Guid::PSETID_SHARING,
    Guid::PSETID_POST_RSS,
    Guid::PSETID_ATTACHMENT,
    Guid::PS_MAPI,
];

/// The body of an item.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// As plain text.
    pub(super) text: Option<String>,
    /// As HTML, if it has one.
    pub(super) html: Option<String>,
}

/// An item under conversion.
pub(super) struct Item<'a> {
    pub(super) message: &'a Message,
    properties: &'a PropertyContext,
    names: &'a NamedProperties,
    /// The most bytes of one text, and of one binary value.
    limit: u64,
    /// Where the item is, for losses: empty for the one that was asked for.
    place: String,
    carried: HashSet<u16>,
    pub(super) losses: Vec<Loss>,
}

impl<'a> Item<'a> {
    pub(super) fn new(message: &'a Message, names: &'a NamedProperties, limit: u64, place: &str) -> Result<Self> {
        let properties = message.properties()?;
        let (carried, losses) = (HashSet::new(), Vec::new());
        Ok(Self { message, properties, names, limit, place: place.to_owned(), carried, losses })
    }

    pub(super) fn names(&self) -> &'a NamedProperties {
        self.names
    }

    /// The code page of its 8-bit text.
    pub(super) fn code_page(&self) -> CodePageChoice {
        self.properties.code_page()
    }

    pub(super) fn lose(&mut self, kind: LossKind, detail: impl fmt::Display) {
        let detail = format!("{}{detail}", self.place);
        self.losses.push(Loss::new(kind, detail));
    }

    fn lose_property(&mut self, tag: PropertyTag, kind: LossKind, detail: impl fmt::Display) {
        let detail = format!("{}{detail}", self.place);
        self.losses.push(Loss::of(tag, kind, detail));
    }

    /// A loss of the property of a key.
    pub(super) fn lose_key(&mut self, key: Key, kind: LossKind, detail: impl fmt::Display) {
        let tag = key.id(self.names).and_then(|id| self.properties.get(id).ok().flatten()).map(|found| found.tag());
        match tag {
            Some(tag) => self.lose_property(tag, kind, detail),
            None => self.lose(kind, detail),
        }
    }

    /// Properties that mean nothing beside others that are carried.
    pub(super) fn pass_over(&mut self, keys: &[Key]) {
        let ids = keys.iter().filter_map(|key| key.id(self.names));
        self.carried.extend(ids);
    }

    /// The property; one that cannot be read is a loss.
    fn find(&mut self, key: Key) -> Option<Property<'a>> {
        let id = key.id(self.names)?;
        self.carried.insert(id);
        match self.properties.get(id) {
            Ok(property) => property,
            Err(error) => {
                let tag = PropertyTag::from_parts(id, PropertyType::UNSPECIFIED);
                self.lose_property(tag, LossKind::Unreadable, error);
                None
            }
        }
    }

    /// The property if it is within the limit.
    fn bounded(&mut self, key: Key) -> Option<Property<'a>> {
        let property = self.find(key)?;
        match property.stored_len() {
            Ok(length) if length > self.limit => {
                let detail = format!("{length} bytes, more than {}", self.limit);
                self.lose_property(property.tag(), LossKind::TooLarge, detail);
                None
            }
            _ => Some(property),
        }
    }

    fn value(&mut self, key: Key) -> Option<(PropertyTag, Value<'a>)> {
        let property = self.bounded(key)?;
        match property.value() {
            Ok(Value::Null) => None,
            Ok(value) => Some((property.tag(), value)),
            Err(error) => {
                self.lose_property(property.tag(), LossKind::Unreadable, error);
                None
            }
        }
    }

    /// A value of another type than its property should have.
    fn wrong(&mut self, tag: PropertyTag, expected: &str) {
        self.lose_property(tag, LossKind::Unreadable, format!("{}, expected {expected}", tag.kind()));
    }

    fn string(&mut self, tag: PropertyTag, text: &crate::ltp::Text<'_>) -> String {
        if text.is_lossy() {
            self.lose_property(tag, LossKind::Characters, "characters without a meaning, replaced by U+FFFD");
        }
        let mut string = text.to_string_lossy();
        string.truncate(string.trim_end_matches('\0').len());
        string
    }

    /// Text; `None` if it is empty.
    pub(super) fn text(&mut self, key: Key) -> Option<String> {
        let (tag, value) = self.value(key)?;
        let Value::String(text) = &value else {
            self.wrong(tag, "text");
            return None;
        };
        Some(self.string(tag, text)).filter(|text| !text.is_empty())
    }

    /// Text without white space around it.
    pub(super) fn trimmed(&mut self, key: Key) -> Option<String> {
        Some(self.text(key)?.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// Several texts, without empty ones; a single text is one.
    pub(super) fn texts(&mut self, key: Key) -> Vec<String> {
        let Some((tag, value)) = self.value(key) else { return Vec::new() };
        let values = match value {
            Value::Multiple(values) => values,
            one => vec![one],
        };
        let mut texts = Vec::new();
        for value in &values {
            match value {
                Value::String(text) => texts.push(self.string(tag, text)),
                _ => self.wrong(tag, "texts"),
            }
        }
        texts.retain(|text| !text.is_empty());
        texts
    }

    pub(super) fn integer(&mut self, key: Key) -> Option<i64> {
        let (tag, value) = self.value(key)?;
        let number = value.as_integer();
        if number.is_none() {
            self.wrong(tag, "a number");
        }
        number
    }

    pub(super) fn boolean(&mut self, key: Key) -> Option<bool> {
        self.integer(key).map(|number| number != 0)
    }

    /// A time; `None` if it says that there is none.
    pub(super) fn time(&mut self, key: Key) -> Option<FileTime> {
        let (tag, value) = self.value(key)?;
        let time = value.as_time();
        if time.is_none() {
            self.wrong(tag, "a time");
        }
        time.filter(|time| !time.is_none() && !time.is_outlook_none())
    }

    pub(super) fn float(&mut self, key: Key) -> Option<f64> {
        match self.value(key)? {
            (_, Value::Floating64(number)) => Some(number),
            (_, Value::Floating32(number)) => Some(f64::from(number)),
            (tag, _) => {
                self.wrong(tag, "a number");
                None
            }
        }
    }

    /// Bytes; `None` if there are none.
    pub(super) fn binary(&mut self, key: Key) -> Option<Vec<u8>> {
        match self.value(key)? {
            (_, Value::Binary(bytes)) => Some(bytes.to_vec()).filter(|bytes| !bytes.is_empty()),
            (tag, _) => {
                self.wrong(tag, "bytes");
                None
            }
        }
    }

    /// Several byte strings.
    pub(super) fn binaries(&mut self, key: Key) -> Vec<Vec<u8>> {
        match self.value(key) {
            Some((_, Value::Multiple(values))) => {
                values.iter().filter_map(Value::as_bytes).map(|bytes| bytes.to_vec()).collect()
            }
            Some((_, Value::Binary(bytes))) => vec![bytes.to_vec()],
            Some((tag, _)) => {
                self.wrong(tag, "byte strings");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The value of a structure, with its findings as losses.
    pub(super) fn decoded<T>(&mut self, key: Key, decode: impl FnOnce(&[u8]) -> Decoded<T>) -> Option<T> {
        let stored = self.binary(key)?;
        let Decoded { value, findings } = decode(&stored);
        let kind = if value.is_some() { LossKind::Changed } else { LossKind::Unreadable };
        for finding in findings {
            self.lose_key(key, kind, finding);
        }
        value
    }

    /// The body: PidTagBody; the text of PidTagHtml if there is none.
    pub(super) fn body(&mut self) -> Body {
        let mut text = self.text(Key::Tag(id::BODY)).filter(|text| !text.trim().is_empty());
        let html = self.html();
        if text.is_none() {
            text = html.as_deref().map(html_text::plain).filter(|text| !text.is_empty());
        }
        if text.is_none() && html.is_none() && self.has_rtf() {
            let key = Key::Tag(id::RTF_COMPRESSED);
            self.lose_key(key, LossKind::NoPlace, "the body, which is RTF alone");
        }
        Body { text, html }
    }

    fn html(&mut self) -> Option<String> {
        let property = self.bounded(Key::Tag(id::HTML))?;
        match self.message.body_html() {
            Ok(html) => html.map(|html| html.to_string_lossy().into_owned()).filter(|html| !html.trim().is_empty()),
            Err(error) => {
                self.lose_property(property.tag(), LossKind::Unreadable, error);
                None
            }
        }
    }

    /// Whether there is RTF with text in it. **Items have an RTF body of an empty document beside no text at all.**
    fn has_rtf(&mut self) -> bool {
        match self.message.body_rtf() {
            Ok(rtf) => rtf.is_some_and(|rtf| has_text(&rtf.bytes)),
            Err(error) => {
                self.lose_key(Key::Tag(id::RTF_COMPRESSED), LossKind::Unreadable, error);
                false
            }
        }
    }

    /// Tells the properties that were not asked for and mean something to a person: the listed ones, tagged ones in a
    /// range, and those that a user or another program named.
    pub(super) fn tell_left(&mut self, listed: &[(Guid, u32)], tagged: std::ops::RangeInclusive<u16>) {
        for property in self.properties {
            let property = match property {
                Ok(property) => property,
                Err(error) => {
                    self.lose(LossKind::Unreadable, error);
                    continue;
                }
            };
            let tag = property.tag();
            if self.carried.contains(&tag.id()) || says_nothing(&property) {
                continue;
            }
            if !tag.is_named() {
                if tagged.contains(&tag.id()) {
                    self.lose_property(tag, LossKind::NoPlace, tag.name().unwrap_or("unknown"));
                }
                continue;
            }
            let Some(named) = self.names.get(tag.id()) else {
                self.lose_property(tag, LossKind::NoPlace, "a named property without a name");
                continue;
            };
            if is_visible(named.set, &named.name, listed) {
                let name = named.canonical_name().map_or_else(|| named.name.to_string(), str::to_owned);
                self.lose_property(tag, LossKind::NoPlace, name);
            }
        }
    }
}

/// Whether a named property that a conversion did not ask for means something to a person.
fn is_visible(set: PropertySet, name: &PropertyName, listed: &[(Guid, u32)]) -> bool {
    let Some(guid) = set.guid() else { return false };
    if guid == Guid::PS_INTERNET_HEADERS || SERVER_SETS.contains(&guid) {
        return false;
    }
    match name {
        PropertyName::Number(number) => listed.contains(&(guid, *number)) || !NUMBERED_SETS.contains(&guid),
        // Copies that servers keep of other properties.
        PropertyName::String(name) if guid == Guid::PS_PUBLIC_STRINGS => {
            let name = name.to_ascii_lowercase();
            !["urn:schemas", "http://schemas.microsoft.com", "x-", "content-", "dav:"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        }
        PropertyName::String(_) => !NUMBERED_SETS.contains(&guid),
    }
}

/// True for a value that is empty, zero, false or no date.
fn says_nothing(property: &Property<'_>) -> bool {
    if property.tag().kind().fixed_size().is_none() || property.tag().kind().is_multiple() {
        return property.stored_len().is_ok_and(|length| length == 0)
            || (property.stored_len().is_ok_and(|length| length <= 4)
                && property.stored().is_ok_and(|stored| stored.iter().all(|byte| *byte == 0)));
    }
    match property.value() {
        Ok(Value::Time(time)) => time.is_none() || time.is_outlook_none(),
        Ok(Value::Floating64(number) | Value::FloatingTime(number)) => number == 0.0,
        Ok(Value::Guid(guid)) => guid == Guid::default(),
        Ok(value) => value.as_integer() == Some(0) || matches!(value, Value::Null | Value::Currency(0)),
        Err(_) => false,
    }
}

/// Whether RTF holds text: characters outside groups of tables and control words.
fn has_text(rtf: &[u8]) -> bool {
    let (mut depth, mut hidden) = (0u32, u32::MAX);
    let mut bytes = rtf.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' => depth = depth.saturating_add(1),
            b'}' => {
                depth = depth.saturating_sub(1);
                if depth < hidden {
                    hidden = u32::MAX;
                }
            }
            b'\\' => {
                let mut word = Vec::new();
                while let Some(letter) = bytes.next_if(u8::is_ascii_alphabetic) {
                    if word.len() < 32 {
                        word.push(letter);
                    }
                }
                if word.is_empty() {
                    // A symbol, or the mark of a group that may be skipped.
                    if bytes.next() == Some(b'*') {
                        hidden = hidden.min(depth);
                    }
                    continue;
                }
                while bytes.next_if(|digit| digit.is_ascii_digit() || *digit == b'-').is_some() {}
                bytes.next_if_eq(&b' ');
                if matches!(&word[..], b"fonttbl" | b"colortbl" | b"stylesheet" | b"info" | b"pict" | b"listtable") {
                    hidden = hidden.min(depth);
                }
            }
            byte if hidden == u32::MAX && depth > 0 && byte.is_ascii_graphic() && byte != b';' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_document_has_no_text() {
        assert!(!has_text(b"{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Calibri;}}{\\colortbl;\\red0;}{\\*\\generator Riched20;}\\pard\\par\r\n}\0"));
        assert!(!has_text(b""));
        assert!(has_text(b"{\\rtf1{\\fonttbl{\\f0 Calibri;}}\\pard a\\par}"));
    }

    #[test]
    fn names_of_users_are_told_and_those_of_servers_are_not() {
        let text = |name: &str| PropertyName::String(name.to_owned());
        assert!(is_visible(PropertySet::PublicStrings, &text("Cost centre"), &[]));
        assert!(!is_visible(PropertySet::PublicStrings, &text("urn:schemas:calendar:uid"), &[]));
        let common = PropertySet::Guid(Guid::PSETID_COMMON);
        assert!(!is_visible(common, &text("EntityNames"), &[]));
        assert!(!is_visible(common, &PropertyName::Number(0x8510), &[]));
        assert!(is_visible(common, &PropertyName::Number(0x8535), &[(Guid::PSETID_COMMON, 0x8535)]));
        assert!(is_visible(PropertySet::Guid(Guid::from_bytes([7; 16])), &PropertyName::Number(1), &[]));
        assert!(!is_visible(PropertySet::Guid(Guid::PS_INTERNET_HEADERS), &text("x-spam"), &[]));
    }
}
