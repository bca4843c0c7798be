//! vCard of contacts and distribution lists, version 4.0 (RFC 6350) or 3.0 (RFC 2426), by MS-OXVCARD.
//!
//! ```text
//! IPM.Contact     a person: names, organisation, telephones, addresses, dates, photo
//! IPM.DistList    KIND:group, a MEMBER for each address; in 3.0 the lines that address book servers use for that
//! ```
//!
//! **Version 3.0 follows MS-OXVCARD and so has lines that begin with `X-MS-`**; version 4.0 has words of its own for most
//! of them.

mod list;
mod person;
mod photo;
mod places;

use std::ops::RangeInclusive;

use crate::convert::calendar::{hash, hex};
use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, Key};
use crate::convert::{Loss, LossKind};
use crate::ltp::id;
use crate::messaging::{Message, NamedProperties};
use crate::{Error, ErrorKind, FileTime, Guid, Result};

/// The version of a vCard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Version {
    /// 3.0, which MS-OXVCARD and many programs know.
    V3,
    /// 4.0.
    V4,
}

/// An item as vCard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The card: one VCARD, lines of at most 75 octets that end with CR LF.
    pub text: String,
    /// What it does not carry.
    pub losses: Vec<Loss>,
}

/// The most bytes of one text or binary value.
const TEXT_BYTES: u64 = 16 << 20;

/// Properties of numbered sets that mean something to a person and have no place in a card.
const LISTED: &[(Guid, u32)] = &[
    (Guid::PSETID_COMMON, 0x8530),
    (Guid::PSETID_COMMON, 0x8534),
    (Guid::PSETID_COMMON, 0x8535),
    (Guid::PSETID_COMMON, 0x8539),
    (Guid::PSETID_COMMON, 0x853A),
    (Guid::PSETID_ADDRESS, 0x80D9),
];
/// Tagged properties of a person (MS-OXOABK 2.2.4, MS-OXOCNTC 2.2.1).
const PERSONAL: RangeInclusive<u16> = 0x3A00..=0x3A70;

const fn address(number: u32) -> Key {
    Key::Lid(Guid::PSETID_ADDRESS, number)
}

/// A card in the making.
struct Writer {
    lines: ContentLines,
    version: Version,
}

impl Writer {
    fn is_v4(&self) -> bool {
        self.version == Version::V4
    }

    /// A line of text, if there is any.
    fn text(&mut self, name: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.lines.open(name).text(text.as_ref());
        }
    }

    /// A line of text with a TYPE.
    fn typed(&mut self, name: &str, types: &str, text: Option<impl AsRef<str>>) {
        if let Some(text) = text {
            self.lines.open(name).words("TYPE", types).text(text.as_ref());
        }
    }

    /// A line whose name depends on the version; an empty TYPE is none.
    fn either(&mut self, v3: (&str, &str), v4: (&str, &str), text: Option<impl AsRef<str>>) {
        match if self.is_v4() { v4 } else { v3 } {
            (name, "") => self.text(name, text),
            (name, types) => self.typed(name, types, text),
        }
    }
}

/// Whether [`to_vcard`] converts items of a message class.
pub fn is_convertible(class: &str) -> bool {
    kind(class).is_some()
}

/// Whether a class is that of a list; `None` if it is neither a contact nor a list.
fn kind(class: &str) -> Option<bool> {
    let class = class.trim_end_matches('\0').to_ascii_lowercase();
    let is = |prefix: &str| class.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    match () {
        () if is("ipm.distlist") => Some(true),
        () if is("ipm.contact") || is("ipm.abchperson") => Some(false),
        () => None,
    }
}

/// Converts a contact or distribution list to a vCard.
///
/// The same item gives the same text, always; UID is made of the item's search key, or of its node and what it
/// says if it has none.
///
/// # Errors
/// `WrongType` for a class that is neither (see [`is_convertible`]); those of the item's property context. What else cannot
/// be read is a loss.
pub fn to_vcard(message: &Message, names: &NamedProperties, version: Version) -> Result<Card> {
    let mut item = Item::new(message, names, TEXT_BYTES, "")?;
    let class = item.text(Key::Tag(id::MESSAGE_CLASS)).unwrap_or_default();
    let Some(is_list) = kind(&class) else {
        let text = format!("the class {class} has no vCard form");
        return Err(Error::text(ErrorKind::WrongType, "message", text).in_node(message.node().top_id()));
    };
    let mut writer = Writer { lines: ContentLines::new(), version };
    writer.lines.begin("VCARD");
    let number = if writer.is_v4() { "4.0" } else { "3.0" };
    writer.lines.open("VERSION").value(number);
    writer.lines.open("PRODID").value("-//pst-core//contact//EN");
    let uid = uid(&mut item);
    writer.lines.open("UID").text(&uid);
    if is_list {
        list::write(&mut item, &mut writer);
    } else {
        person::write(&mut item, &mut writer);
        places::write(&mut item, &mut writer);
    }
    write_general(&mut item, &mut writer);
    photo::write(&mut item, &mut writer);
    writer.lines.end("VCARD");
    item.tell_left(LISTED, PERSONAL);
    let (text, cleaned) = writer.lines.finish();
    let mut losses = item.losses;
    losses.extend(cleaned);
    Ok(Card { text, losses })
}

/// NOTE, CATEGORIES, REV, CLASS: what contacts and lists share.
fn write_general(item: &mut Item<'_>, writer: &mut Writer) {
    let body = item.body();
    writer.text("NOTE", body.text);
    let categories = item.texts(crate::convert::item::KEYWORDS);
    if !categories.is_empty() {
        writer.lines.open("CATEGORIES").texts(&categories, ',');
    }
    let modified = item.time(Key::Tag(id::LAST_MODIFICATION_TIME)).or_else(|| item.time(Key::Tag(id::CREATION_TIME)));
    if let Some(text) = modified.and_then(|time| stamp(time, writer.version)) {
        writer.lines.open("REV").value(&text);
    }
    let class = match item.integer(Key::Tag(id::SENSITIVITY)) {
        Some(1 | 2) => "PRIVATE",
        Some(3) => "CONFIDENTIAL",
        _ => return,
    };
    if writer.is_v4() {
        let key = Key::Tag(id::SENSITIVITY);
        item.lose_key(key, LossKind::NoPlace, format_args!("{class}: vCard 4.0 has no classes"));
    } else {
        writer.lines.open("CLASS").value(class);
    }
}

/// REV: `20140525T135828Z`, in 3.0 `2014-05-25T13:58:28Z`.
fn stamp(time: FileTime, version: Version) -> Option<String> {
    let time = jiff::tz::Offset::UTC.to_datetime(time.to_timestamp()?);
    let format = if version == Version::V4 { "%Y%m%dT%H%M%SZ" } else { "%Y-%m-%dT%H:%M:%SZ" };
    Some(time.strftime(format).to_string())
}

/// A URN of the search key; of what the item says if it has none.
fn uid(item: &mut Item<'_>) -> String {
    let key = item.binary(Key::Tag(0x300B)).or_else(|| item.binary(Key::Tag(id::RECORD_KEY)));
    match key.as_deref() {
        Some(key) if key.len() == 16 => {
            let digits = hex(key).to_ascii_lowercase();
            let part = |range| digits.get(range).unwrap_or_default();
            format!("urn:uuid:{}-{}-{}-{}-{}", part(0..8), part(8..12), part(12..16), part(16..20), part(20..32))
        }
        Some(key) => hex(key),
        None => {
            item.lose(LossKind::MadeUp, "UID: the item has no search key");
            let texts = [id::DISPLAY_NAME, id::SUBJECT].map(|id| item.text(Key::Tag(id)).unwrap_or_default());
            let time = item.time(Key::Tag(id::CREATION_TIME)).unwrap_or_default().to_string();
            let [name, subject] = &texts;
            // Copies of a contact are contacts of their own.
            let node = item.message.id().to_string();
            format!("{:016x}", hash(&[name, subject, &time, &node]))
        }
    }
}
