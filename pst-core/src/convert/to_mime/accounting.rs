//! The account of an item: which properties the mail carries, which say nothing of their own, and so which are lost.
//!
//! A property that is in neither table and has a value other than zero, false or empty is a loss. `docs/conversion.md` has the
//! same tables for people; a test compares them.

use super::item::Item;
use super::losses::Losses;
use super::marks::is_header_set;
use super::structure::is_told_by_structure;
use crate::Guid;
use crate::convert::LossKind;
use crate::convert::item::SERVER_SETS;
use crate::ltp::{Property, PropertyTag, PropertyType, Value, id};
use crate::messaging::{NamedProperty, PropertyName};

/// What becomes of a property.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The mail carries it; the table says where.
    Carried,
    /// Another property says the same, or only the store and its servers have a use for it.
    Derived,
}

use Fate::{Carried, Derived};

/// What other parts of the conversion answer for.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    /// The message class.
    pub(super) class: String,
    /// The text/calendar part, whose conversion tells its own losses.
    pub(super) calendar: bool,
    /// The text/vcard part, whose conversion tells its own losses.
    pub(super) card: bool,
}

/// Tells of the properties of a message that nothing carries.
pub(super) fn tell(item: &Item<'_>, told: &Told, losses: &mut Losses) {
    for property in item.properties {
        let property = match property {
            Ok(property) => property,
            Err(error) => {
                losses.add(LossKind::Unreadable, format!("properties: {error}"));
                continue;
            }
        };
        let tag = property.tag();
        let is_told = match item.names.get(tag.id()).filter(|_| tag.is_named()) {
            Some(name) => is_named_told(name, told),
            None if tag.id() == id::MESSAGE_CLASS => is_told_by_structure(&told.class) || told.calendar || told.card,
            None if tag.id() == id::MESSAGE_FLAGS => {
                tell_flags(item, losses);
                true
            }
            None => is_tagged_told(tag, told) || fate(MESSAGE, tag.id()).is_some(),
        };
        if !is_told {
            tell_one(item, &property, losses);
        }
    }
}

/// Tells of the properties of an attachment that nothing carries.
pub(super) fn tell_attachment(item: &Item<'_>, losses: &mut Losses) {
    for property in item.properties.iter().filter_map(Result::ok) {
        if fate(ATTACHMENT, property.tag().id()).is_none() {
            tell_one(item, &property, losses);
        }
    }
}

/// PidTagMessageFlags: what no header says. Drafts and attachments show in the mail itself.
fn tell_flags(item: &Item<'_>, losses: &mut Losses) {
    const BITS: [(i64, &str); 6] = [
        (0x0001, "read"),
        (0x0020, "from me"),
        (0x0080, "resend"),
        (0x0100, "read receipt pending"),
        (0x0200, "non-read receipt pending"),
        (0x0400, "was read once"),
    ];
    let flags = item.integer(id::MESSAGE_FLAGS, losses).unwrap_or(0);
    let set: Vec<&str> = BITS.iter().filter(|(bit, _)| flags & bit != 0).map(|(_, name)| *name).collect();
    if !set.is_empty() {
        let tag = PropertyTag::from_parts(id::MESSAGE_FLAGS, PropertyType::INTEGER32);
        losses.of(tag, LossKind::NoPlace, format!("PidTagMessageFlags: {}", set.join(", ")));
    }
}

fn tell_one(item: &Item<'_>, property: &Property<'_>, losses: &mut Losses) {
    if !says_something(property) {
        return;
    }
    let tag = property.tag();
    let name = match item.names.get(tag.id()).filter(|_| tag.is_named()) {
        Some(entry) => match (entry.canonical_name(), entry.set.guid()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(set)) => format!("{} of {set}", entry.name),
            (None, None) => entry.name.to_string(),
        },
        None => tag.name().map_or_else(|| format!("{:#06x}", tag.id()), str::to_owned),
    };
    losses.of(tag, LossKind::NoPlace, name);
}

/// Whether a value is other than zero, false, empty or no date.
fn says_something(property: &Property<'_>) -> bool {
    if matches!(property.tag().kind(), PropertyType::NULL | PropertyType::UNSPECIFIED) {
        return false;
    }
    if property.tag().kind().fixed_size().is_none() {
        return property.stored_len().map_or(true, |length| length > 0);
    }
    match property.value() {
        Ok(Value::Time(time)) => !time.is_none() && !time.is_outlook_none(),
        Ok(Value::Floating64(number) | Value::FloatingTime(number)) => number != 0.0,
        Ok(Value::Guid(guid)) => guid.to_bytes() != [0; 16],
        Ok(Value::Null) => false,
        Ok(value) => value.as_integer() != Some(0),
        Err(_) => true,
    }
}

/// Tagged properties that another conversion answers for.
fn is_tagged_told(tag: PropertyTag, told: &Told) -> bool {
    match tag.id() {
        // Start, end, owner and answer of an appointment.
        0x0060..=0x0063 => told.calendar,
        0x3A00..=0x3AFF => told.card,
        _ => false,
    }
}

fn is_named_told(entry: &NamedProperty, told: &Told) -> bool {
    let set = entry.set.guid();
    match &entry.name {
        PropertyName::String(name) => match set {
            Some(Guid::PS_PUBLIC_STRINGS) => name == "Keywords",
            // By numbers it is Outlook's, by names what servers found out about the item.
            Some(Guid::PSETID_COMMON) => true,
            Some(set) => is_header_set(entry.set) || set == CHARSET_SET || SERVER_SETS.contains(&set),
            None => false,
        },
        PropertyName::Number(number) => match set {
            // Follow-up text and classification, and what programs keep of their forms: side effects, versions.
            Some(Guid::PSETID_COMMON) if told.calendar || told.card => true,
            Some(Guid::PSETID_COMMON) => {
                matches!(number, 0x8530 | 0x85B5..=0x85B8 | 0x85BA | 0x8510 | 0x8514 | 0x8552 | 0x8554 | 0x8578)
            }
            Some(Guid::PSETID_APPOINTMENT | Guid::PSETID_MEETING | Guid::PSETID_TASK | Guid::PSETID_LOG) => {
                told.calendar
            }
            Some(Guid::PSETID_ADDRESS) => told.card,
            Some(set) => SERVER_SETS.contains(&set),
            None => false,
        },
    }
}

/// The charset the body had, which the body itself tells.
const CHARSET_SET: Guid =
    Guid::from_fields(0x4E3A_7680, 0xB77A, 0x11D0, [0x9D, 0xA5, 0x00, 0xC0, 0x4F, 0xD6, 0x56, 0x85]);

/// A property, what becomes of it, and where.
type Row = (u16, Fate, &'static str);

fn fate(table: &[Row], id: u16) -> Option<Fate> {
    let at = table.binary_search_by_key(&id, |row| row.0).ok()?;
    table.get(at).map(|row| row.1)
}

/// The properties of a message, sorted.
const MESSAGE: &[Row] = &[
    (0x0002, Derived, "store and server"),
    (0x0015, Carried, "Expiry-Date"),
    (0x0017, Carried, "Importance, X-Priority"),
    (0x001A, Carried, "structure"),
    (0x0023, Carried, "Return-Receipt-To"),
    (0x0025, Carried, "X-MSExch-Correlation-Key, in a report"),
    (0x0026, Carried, "Priority"),
    (0x0029, Carried, "Disposition-Notification-To"),
    (0x0030, Carried, "Reply-By"),
    (0x0036, Carried, "Sensitivity"),
    (0x0037, Carried, "Subject"),
    (0x0039, Carried, "Date"),
    (0x003B, Derived, "address"),
    (0x003D, Derived, "subject"),
    (0x003F, Derived, "address"),
    (0x0040, Carried, "To, in a report"),
    (0x0041, Derived, "address"),
    (0x0042, Carried, "From"),
    (0x0043, Derived, "address"),
    (0x0044, Carried, "To, in a report"),
    (0x0046, Derived, "address"),
    (0x0047, Derived, "store and server"),
    (0x0048, Derived, "store and server"),
    (0x0049, Carried, "Subject of the original, in a report"),
    (0x004E, Carried, "Date of the original, in a report"),
    (0x004F, Carried, "Reply-To"),
    (0x0050, Carried, "Reply-To"),
    (0x0051, Derived, "address"),
    (0x0052, Derived, "address"),
    (0x0057, Derived, "recipients"),
    (0x0058, Derived, "recipients"),
    (0x0059, Derived, "recipients"),
    (0x005D, Carried, "From of the original, in a report"),
    (0x0064, Carried, "From"),
    (0x0065, Carried, "From"),
    (0x0068, Carried, "From of the original, in a report"),
    (0x0069, Carried, "From of the original, in a report"),
    (0x0070, Carried, "Thread-Topic"),
    (0x0071, Carried, "Thread-Index"),
    (0x0075, Carried, "To, in a report"),
    (0x0076, Carried, "To, in a report"),
    (0x0077, Carried, "To, in a report"),
    (0x0078, Carried, "To, in a report"),
    (0x007D, Carried, "the fields themselves"),
    (0x007F, Derived, "store and server"),
    (0x0C06, Derived, "store and server"),
    (0x0C17, Derived, "store and server"),
    (0x0C19, Derived, "address"),
    (0x0C1A, Carried, "From, Sender"),
    (0x0C1D, Derived, "address"),
    (0x0C1E, Carried, "From, Sender"),
    (0x0C1F, Carried, "From, Sender"),
    (0x0E01, Derived, "store and server"),
    (0x0E02, Derived, "recipients"),
    (0x0E03, Derived, "recipients"),
    (0x0E04, Derived, "recipients"),
    (0x0E05, Derived, "store and server"),
    (0x0E06, Carried, "Date, where it was never submitted"),
    (0x0E08, Derived, "size"),
    (0x0E0A, Derived, "store and server"),
    (0x0E1B, Derived, "attachments"),
    (0x0E1D, Derived, "subject"),
    (0x0E1F, Derived, "bodies"),
    (0x0E21, Derived, "store and server"),
    (0x0E23, Derived, "store and server"),
    (0x0E27, Derived, "store and server"),
    (0x0E28, Derived, "store and server"),
    (0x0E29, Derived, "store and server"),
    (0x0E2F, Derived, "store and server"),
    (0x0E30, Derived, "store and server"),
    (0x0E33, Derived, "store and server"),
    (0x0E34, Derived, "store and server"),
    (0x0E4B, Derived, "address"),
    (0x0E4C, Derived, "address"),
    (0x0E4D, Derived, "address"),
    (0x0E4E, Derived, "address"),
    (0x0E58, Derived, "store and server"),
    (0x0E59, Derived, "store and server"),
    (0x0E69, Derived, "flags"),
    (0x0E79, Derived, "store and server"),
    (0x0ECD, Derived, "store and server"),
    (0x0F02, Derived, "store and server"),
    (0x0F03, Derived, "store and server"),
    (0x0F0A, Derived, "store and server"),
    (0x0FF4, Derived, "store and server"),
    (0x0FF7, Derived, "store and server"),
    (0x0FF9, Derived, "store and server"),
    (0x0FFE, Derived, "store and server"),
    (0x0FFF, Derived, "store and server"),
    (0x1000, Carried, "text/plain"),
    (0x1001, Carried, "text, in a report"),
    (0x1006, Derived, "bodies"),
    (0x1007, Derived, "bodies"),
    (0x1008, Derived, "bodies"),
    (0x1009, Carried, "text/html, text/plain, body.rtf"),
    (0x1010, Derived, "bodies"),
    (0x1011, Derived, "bodies"),
    (0x1013, Carried, "text/html"),
    (0x1014, Carried, "Content-Location of text/html"),
    (0x1015, Carried, "Content-ID of text/html"),
    (0x1016, Derived, "bodies"),
    (0x1035, Carried, "Message-ID"),
    (0x1039, Carried, "References"),
    (0x1042, Carried, "In-Reply-To"),
    (0x1043, Carried, "List-Help"),
    (0x1044, Carried, "List-Subscribe"),
    (0x1045, Carried, "List-Unsubscribe"),
    (0x1046, Carried, "Original-Message-ID, in a report"),
    (0x1080, Derived, "flags"),
    (0x120B, Derived, "store and server"),
    (0x1213, Derived, "store and server"),
    (0x3001, Derived, "subject"),
    (0x3007, Derived, "dates"),
    (0x3008, Derived, "dates"),
    (0x300B, Derived, "store and server"),
    (0x3010, Derived, "store and server"),
    (0x3013, Derived, "store and server"),
    (0x3014, Derived, "store and server"),
    (0x3015, Derived, "store and server"),
    (0x3016, Derived, "store and server"),
    (0x340D, Derived, "store and server"),
    (0x3414, Derived, "store and server"),
    (0x3A40, Derived, "store and server"),
    (0x3A71, Derived, "store and server"),
    (0x3FDE, Derived, "bodies"),
    (0x3FDF, Carried, "X-Auto-Response-Suppress"),
    (0x3FEA, Derived, "store and server"),
    (0x3FF1, Derived, "bodies"),
    (0x3FF8, Derived, "store and server"),
    (0x3FF9, Derived, "store and server"),
    (0x3FFA, Derived, "store and server"),
    (0x3FFB, Derived, "store and server"),
    (0x3FFD, Derived, "bodies"),
    (0x4019, Derived, "address"),
    (0x401A, Derived, "address"),
    (0x401B, Derived, "address"),
    (0x401C, Derived, "address"),
    (0x4022, Derived, "address"),
    (0x4023, Derived, "address"),
    (0x4024, Derived, "address"),
    (0x4025, Derived, "address"),
    (0x4029, Carried, "Disposition-Notification-To"),
    (0x402A, Carried, "Disposition-Notification-To"),
    (0x402B, Carried, "Disposition-Notification-To"),
    (0x4030, Derived, "address"),
    (0x4031, Derived, "address"),
    (0x4034, Derived, "address"),
    (0x4035, Derived, "address"),
    (0x4038, Derived, "address"),
    (0x4039, Derived, "address"),
    (0x4059, Derived, "address"),
    (0x405A, Derived, "address"),
    (0x5902, Derived, "store and server"),
    (0x5909, Derived, "store and server"),
    (0x5D01, Carried, "From, Sender"),
    (0x5D02, Carried, "From"),
    (0x5D05, Carried, "Disposition-Notification-To"),
    (0x5D07, Carried, "To, in a report"),
    (0x5D08, Carried, "To, in a report"),
    (0x5D0A, Derived, "address"),
    (0x5D0B, Derived, "address"),
    (0x5D15, Derived, "address"),
    (0x5D16, Derived, "address"),
    (0x64F0, Carried, "the fields themselves"),
    (0x65C6, Derived, "store and server"),
    (0x65E0, Derived, "store and server"),
    (0x65E1, Derived, "store and server"),
    (0x65E2, Derived, "store and server"),
    (0x65E3, Derived, "store and server"),
    (0x6619, Derived, "store and server"),
    (0x6662, Derived, "store and server"),
    (0x6743, Derived, "store and server"),
    (0x67F2, Derived, "store and server"),
    (0x67F3, Derived, "store and server"),
    (0x67F4, Derived, "store and server"),
    (0x6820, Carried, "Reporting-MTA, in a report"),
    (0x7201, Derived, "store and server"),
    (0x7202, Derived, "store and server"),
    (0x7203, Derived, "store and server"),
    (0x7206, Derived, "store and server"),
    (0x7D01, Derived, "store and server"),
];

/// The properties of an attachment, sorted.
const ATTACHMENT: &[Row] = &[
    (0x0E20, Derived, "size"),
    (0x0E21, Derived, "store and server"),
    (0x0FF4, Derived, "store and server"),
    (0x0FF7, Derived, "store and server"),
    (0x0FF9, Derived, "store and server"),
    (0x0FFE, Derived, "store and server"),
    (0x3001, Carried, "file name"),
    (0x3007, Carried, "creation-date"),
    (0x3008, Carried, "modification-date"),
    (0x3014, Derived, "store and server"),
    (0x340D, Derived, "store and server"),
    (0x3414, Derived, "store and server"),
    (0x3701, Carried, "the content"),
    (0x3703, Derived, "file name"),
    (0x3704, Carried, "file name"),
    (0x3705, Carried, "structure"),
    (0x3707, Carried, "file name"),
    (0x3708, Carried, "text with the place"),
    (0x370A, Derived, "Content-Type"),
    (0x370B, Derived, "bodies"),
    (0x370D, Carried, "text with the place"),
    (0x370E, Carried, "Content-Type"),
    (0x3710, Derived, "store and server"),
    (0x3711, Carried, "Content-Location"),
    (0x3712, Carried, "Content-ID"),
    (0x3713, Carried, "Content-Location"),
    (0x3714, Carried, "multipart/related"),
    (0x371B, Carried, "charset of Content-Type"),
    (0x3FF1, Derived, "store and server"),
    (0x67F2, Derived, "store and server"),
    (0x67F3, Derived, "store and server"),
    (0x7FFA, Derived, "store and server"),
    (0x7FFE, Carried, "multipart/related"),
];

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = include_str!("../../../../docs/conversion.md");

    #[test]
    fn the_tables_are_sorted_and_stand_in_the_document() {
        for (table, heading) in
            [(MESSAGE, "## Properties of a message"), (ATTACHMENT, "## Properties of an attachment")]
        {
            assert!(table.is_sorted_by(|one, two| one.0 < two.0));
            let section = DOCUMENT.split(heading).nth(1).unwrap().split("\n## ").next().unwrap();
            for (id, fate, place) in table {
                let fate = if *fate == Carried { "carried" } else { "derived" };
                let row = section.lines().find(|line| line.starts_with(&format!("| {id:#06x} |")));
                let row = row.unwrap_or_else(|| panic!("no row of {id:#06x} in docs/conversion.md"));
                assert!(row.contains(&format!("| {fate} | {place} |")), "{row}");
            }
            let rows = section.lines().filter(|line| line.starts_with("| 0x")).count();
            assert_eq!(rows, table.len());
        }
    }
}
