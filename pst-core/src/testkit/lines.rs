//! Everything in a store as text, so that two stores can be compared line by line.

use std::collections::BTreeMap;
use std::io::Read;

use crate::ltp::{PropertyContext, PropertyType, TableContext, Value, id};
use crate::messaging::{AttachmentContent, Message};
use crate::{Pst, Result};

/// The properties whose values follow from the file they are in.
const OF_THE_FILE: [u16; 2] = [id::MESSAGE_SIZE, id::ATTACH_SIZE];

/// A line for each property of each object: where it is, what it is, and its bytes.
pub type Lines = BTreeMap<String, String>;

fn value(kind: PropertyType, bytes: &[u8]) -> String {
    let shown: String = bytes.iter().take(400).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind} {} {shown} {:08x}", bytes.len(), crate::ndb::checksum::crc(bytes))
}

/// Text as it reads, whatever it is stored as.
fn text(kind: PropertyType, decoded: Result<Value<'_>>) -> Option<String> {
    match decoded.ok()? {
        Value::String(text) => Some(format!("{kind} text {:?}", text.to_string_lossy())),
        Value::Multiple(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(|part| Some(part.as_text()?.to_string_lossy())).collect();
            Some(format!("{kind} text {:?}", parts?))
        }
        _ => None,
    }
}

fn context(lines: &mut Lines, place: &str, context: &PropertyContext) {
    for property in context {
        let property = property.unwrap();
        let tag = property.tag();
        if OF_THE_FILE.contains(&tag.id()) || tag.kind() == PropertyType::OBJECT {
            continue;
        }
        let mut bytes = Vec::new();
        property.stream().unwrap().read_to_end(&mut bytes).unwrap();
        let line = Some(tag.id()).filter(|id| *id != id::HTML).and_then(|_| text(tag.kind(), property.value()));
        lines.insert(format!("{place} {:04x}", tag.id()), line.unwrap_or_else(|| value(tag.kind(), &bytes)));
    }
}

fn rows(lines: &mut Lines, place: &str, table: &TableContext) {
    for row in table.rows() {
        let row = row.unwrap();
        for cell in row.cells() {
            if matches!(cell.tag().id(), id::LTP_ROW_ID | id::LTP_ROW_VERSION) {
                continue;
            }
            let place = format!("{place} row {:x} {:04x}", row.id(), cell.tag().id());
            let kind = cell.tag().kind();
            let line = text(kind, cell.value()).unwrap_or_else(|| value(kind, &cell.stored().unwrap()));
            lines.insert(place, line);
        }
    }
}

fn message(lines: &mut Lines, place: &str, message: &Message) {
    context(lines, place, message.properties().unwrap());
    if let Some(table) = message.recipient_table().unwrap() {
        rows(lines, &format!("{place} recipients"), &table);
    }
    for attachment in message.attachments() {
        let attachment = attachment.unwrap();
        let place = format!("{place} attachment {:x}", attachment.id().raw());
        context(lines, &place, attachment.properties().unwrap());
        match attachment.content().unwrap() {
            AttachmentContent::Message(inner) => self::message(lines, &format!("{place} message"), &inner),
            AttachmentContent::Ole(mut stream) => {
                let mut bytes = Vec::new();
                stream.read_to_end(&mut bytes).unwrap();
                lines.insert(format!("{place} object"), value(PropertyType::OBJECT, &bytes));
            }
            _ => {}
        }
    }
}

/// Everything: store, names, folders and what they list, messages.
pub fn lines(pst: &Pst) -> Lines {
    let mut lines = Lines::new();
    context(&mut lines, "store", pst.store().unwrap().properties());
    for name in pst.named_properties().unwrap().entries() {
        lines.insert(format!("name {:x}", name.id), format!("{:?} {:?}", name.set, name.name));
    }
    for entry in pst.folder_entries() {
        let entry = entry.unwrap();
        let folder = pst.folder(entry.nid).unwrap();
        let place = format!("folder {}", entry.nid);
        lines.insert(format!("{place} parent"), entry.parent.to_string());
        context(&mut lines, &place, folder.properties().unwrap());
        for (kind, table) in [
            ("subfolders", folder.hierarchy_table()),
            ("contents", folder.contents_table()),
            ("associated", folder.associated_table()),
        ] {
            for row in table.unwrap().iter().flatten() {
                lines.insert(format!("{place} {kind} {}", row.unwrap().nid()), String::new());
            }
        }
    }
    for entry in pst.message_entries() {
        let entry = entry.unwrap();
        let place = format!("message {}", entry.nid);
        lines.insert(format!("{place} parent"), entry.parent.to_string());
        message(&mut lines, &place, &pst.message_from_entry(entry).unwrap());
    }
    lines
}

/// The differences of two stores, but for those that `may_differ` allows: it is given the place and the lines there.
pub fn differences(
    before: &Lines,
    after: &Lines,
    may_differ: impl Fn(&str, Option<&str>, Option<&str>) -> bool,
) -> Vec<String> {
    let mut differences = Vec::new();
    for place in before.keys().chain(after.keys().filter(|place| !before.contains_key(*place))) {
        let (one, two) = (before.get(place).map(String::as_str), after.get(place).map(String::as_str));
        if one != two && !may_differ(place, one, two) {
            differences.push(format!("{place}: {one:?} became {two:?}"));
        }
    }
    differences
}

/// What a copy of a store may have otherwise than the store itself: the list that the copy documents.
pub fn may_differ_in_a_copy(from_ansi: bool) -> impl Fn(&str, Option<&str>, Option<&str>) -> bool {
    move |place, before, after| {
        let (object, id) = place.rsplit_once(' ').unwrap_or(("", place));
        let is_row = object.contains(" row ");
        // What a store must have, where it was missing.
        let added = before.is_none()
            && match object.split(' ').next() {
                Some("message") => !is_row && ["001a", "0e07", "3007", "3008", "300b", "3705", "370b"].contains(&id),
                Some("folder") => ["3001", "3602", "3603", "360a"].contains(&id),
                _ => object == "store",
            };
        // A store without a named property gets one, a store without a name gets one, and the mark of an OST in place of a password goes.
        let named = place.starts_with("name ")
            && before.is_none()
            && after.is_some_and(|after| after.contains("34132"))
            || place == "store 3001" && before.is_some_and(|before| before.ends_with(" \"\""))
            || place == "store 67ff" && before.is_some_and(|before| before.contains(" ffffffff ")) && after.is_none();
        // Counters of folders, and the bit for attachments, which follow from what is there.
        let counted = object.starts_with("folder ") && ["3602", "3603", "360a", "3617"].contains(&id)
            || object.starts_with("message ") && id == "0e07" && !is_row;
        // Text of ANSI files, which must read the same, and HTML, which must be the same bytes.
        let parts =
            |line: Option<&str>| line.and_then(|line| line.split_once(' ')).map(|(a, b)| (a.to_owned(), b.to_owned()));
        let converted = from_ansi
            && match (parts(before), parts(after)) {
                (Some((old, before)), Some((new, after))) => {
                    before == after
                        && matches!(
                            (old.as_str(), new.as_str()),
                            ("PtypString8", "PtypString" | "PtypBinary")
                                | ("PtypMultipleString8", "PtypMultipleString")
                        )
                }
                _ => false,
            };
        added || named || counted || converted
    }
}
