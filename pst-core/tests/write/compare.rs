//! Everything in a store as text, so that two stores can be compared line by line.

use std::collections::BTreeMap;
use std::io::Read;

use pst_core::Pst;
use pst_core::ltp::{PropertyContext, PropertyType, TableContext, id};
use pst_core::messaging::{AttachmentContent, Message, inspect, inspect_folder};
use pst_core::ndb::NidType;

/// The properties whose values follow from the file they are in.
const OF_THE_FILE: [u16; 2] = [id::MESSAGE_SIZE, id::ATTACH_SIZE];

/// A line for each property of each object: where it is, what it is, and its bytes.
pub(crate) type Lines = BTreeMap<String, String>;

fn value(kind: PropertyType, bytes: &[u8]) -> String {
    let shown: String = bytes.iter().take(400).map(|byte| format!("{byte:02x}")).collect();
    format!("{kind} {} {shown} {:08x}", bytes.len(), pst_core::ndb::checksum::crc(bytes))
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
        lines.insert(format!("{place} {:04x}", tag.id()), value(tag.kind(), &bytes));
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
            lines.insert(place, value(cell.tag().kind(), &cell.stored().unwrap()));
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
pub(crate) fn lines(pst: &Pst) -> Lines {
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

/// Reads a whole file and finds nothing wrong, and its counters and rows right.
#[track_caller]
pub(crate) fn check(pst: &Pst) {
    for record in pst.blocks() {
        let entry = record.unwrap();
        drop(pst.block(entry.bid).unwrap());
    }
    for map in pst.allocation_maps() {
        map.unwrap();
    }
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry.unwrap()).unwrap();
        let found = inspect(&message);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
    }
    for entry in pst.folder_entries() {
        let entry = entry.unwrap();
        let folder = pst.folder(entry.nid).unwrap();
        let found = inspect_folder(&folder);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        let table =
            if entry.nid.kind() == NidType::SEARCH_FOLDER { folder.search_table() } else { folder.contents_table() };
        let rows = table.unwrap().map_or(0, |table| table.rows().count());
        assert_eq!(folder.content_count().unwrap(), Some(rows as i64), "{}", entry.nid);
    }
}

/// The differences of two stores, but for those that `may_differ` names by their place.
#[track_caller]
pub(crate) fn assert_equal(before: &Lines, after: &Lines, may_differ: impl Fn(&str) -> bool) {
    let mut differences = Vec::new();
    for place in before.keys().chain(after.keys().filter(|place| !before.contains_key(*place))) {
        let (one, two) = (before.get(place), after.get(place));
        if one != two && !may_differ(place) {
            differences.push(format!("{place}: {one:?} became {two:?}"));
        }
    }
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences[..differences.len().min(20)].join("\n")
    );
}
