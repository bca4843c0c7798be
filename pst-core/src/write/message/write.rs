//! Messages and attachments as nodes with subnodes (MS-PST 2.4.5, 2.4.6).

use crate::FileTime;
use crate::Result;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::ndb::{Nid, NidType};
use crate::write::database::{Database, Subnode, Tree};
use crate::write::message::attachment::Held;
use crate::write::message::{ASSOCIATED, AttachmentDraft, HAS_ATTACHMENTS, MessageDraft};
use crate::write::properties::{Content, Object, Properties, TextCoding, write_object};
use crate::write::table::{TableWriter, tags, write_table};
use crate::write::{Target, columns};

/// What items share: how text is stored, and what is set where nobody did.
#[derive(Clone, Debug)]
pub(in crate::write) struct ItemContext {
    pub(in crate::write) text: TextCoding,
    pub(in crate::write) now: FileTime,
    pub(in crate::write) record_key: [u8; 16],
}

/// A message in the file, and its properties as its rows in tables show them.
pub(in crate::write) struct WrittenMessage {
    pub(in crate::write) object: Object,
    pub(in crate::write) properties: Properties,
}

/// Writes a message without a node for it.
pub(in crate::write) fn write_message<T: Target>(
    database: &mut Database<T>,
    context: &ItemContext,
    draft: MessageDraft,
    nid: Nid,
) -> Result<WrittenMessage> {
    let MessageDraft { mut properties, recipients, attachments, columns: more, .. } = draft;
    let mut subnodes = Vec::new();
    let mut wanted: Vec<PropertyTag> = tags(columns::RECIPIENTS).collect();
    let given = recipients.iter().flat_map(|(_, row)| row.iter()).map(|(tag, _)| *tag);
    for tag in more.into_iter().chain(given) {
        match wanted.iter_mut().find(|known| known.id() == tag.id()) {
            // The template's type gives way to that of the rows.
            Some(known) => *known = tag,
            None => wanted.push(tag),
        }
    }
    let rows = recipients.iter().map(|(row_id, row)| (*row_id, row));
    let table = write_table(database, context.text, wanted, rows)?;
    subnodes.push(Subnode { nid: Nid::RECIPIENT_TABLE, data: table.data, subnodes: table.subnodes });

    let flags = properties.integer(id::MESSAGE_FLAGS).unwrap_or(0) & !HAS_ATTACHMENTS;
    let flags = flags | if attachments.is_empty() { 0 } else { HAS_ATTACHMENTS };
    let flags = flags | if nid.kind() == NidType::ASSOCIATED_MESSAGE { ASSOCIATED } else { 0 };
    properties.integer32(id::MESSAGE_FLAGS, flags);
    if !attachments.is_empty() {
        let mut rows = Vec::with_capacity(attachments.len());
        for (number, attachment) in (0..).zip(attachments) {
            let (subnode, properties) = write_attachment(database, context, attachment, number)?;
            rows.push((subnode.nid.raw(), properties));
            subnodes.push(subnode);
        }
        rows.sort_by_key(|(nid, _)| *nid);
        let mut wanted: Vec<PropertyTag> = tags(columns::ATTACHMENTS).collect();
        if rows.iter().any(|(_, row)| row.contains(id::ATTACH_FLAGS)) {
            wanted.push(PropertyTag::from_parts(id::ATTACH_FLAGS, PropertyType::INTEGER32));
        }
        let mut table = TableWriter::new(wanted, context.text, nid);
        for (row_id, row) in &rows {
            table.row(database, *row_id, row)?;
        }
        let table = table.finish(database)?;
        subnodes.push(Subnode { nid: Nid::ATTACHMENT_TABLE, data: table.data, subnodes: table.subnodes });
    }
    properties.or(id::MESSAGE_CLASS, |properties| {
        properties.text(id::MESSAGE_CLASS, "IPM.Note");
    });
    stamp(&mut properties, context);
    properties.or(0x300B, |properties| {
        let mut key = context.record_key.to_vec();
        key.iter_mut().rev().zip(nid.raw().to_le_bytes()).for_each(|(to, from)| *to ^= from);
        properties.binary(0x300B, key);
    });
    properties.integer32(id::MESSAGE_SIZE, 0);
    let object = write_object(database, &context.text, &properties, subnodes, Some(id::MESSAGE_SIZE))?;
    properties.integer32(id::MESSAGE_SIZE, i32::try_from(object.size()).unwrap_or(i32::MAX));
    // PidTagMessageStatus stands in rows, not among the properties of a message (observed).
    properties.or(0x0E17, |properties| {
        properties.integer32(0x0E17, 0);
    });
    Ok(WrittenMessage { object, properties })
}

/// Sets the dates every item has: one by the other, or by when the message came or went, or was written here.
fn stamp(properties: &mut Properties, context: &ItemContext) {
    let known = [id::CREATION_TIME, id::LAST_MODIFICATION_TIME, id::MESSAGE_DELIVERY_TIME, id::CLIENT_SUBMIT_TIME];
    let time = known.into_iter().find_map(|date| properties.filetime(date)).unwrap_or(context.now);
    for date in [id::CREATION_TIME, id::LAST_MODIFICATION_TIME] {
        properties.or(date, |properties| {
            properties.time(date, time);
        });
    }
}

/// Writes an attachment; returns its subnode and its properties.
fn write_attachment<T: Target>(
    database: &mut Database<T>,
    context: &ItemContext,
    attachment: AttachmentDraft,
    number: i32,
) -> Result<(Subnode, Properties)> {
    let AttachmentDraft { mut properties, held, nid, object_nid, is_copy } = attachment;
    let nid = match nid {
        Some(nid) => nid,
        None => database.new_nid(NidType::ATTACHMENT)?,
    };
    let mut subnodes = Vec::new();
    let held = match held {
        Held::Nothing => None,
        Held::Message(message) => {
            let inner = match object_nid {
                Some(nid) => nid,
                None => database.new_nid(NidType::NORMAL_MESSAGE)?,
            };
            Some((inner, write_message(database, context, *message, inner)?.object))
        }
        Held::Ole(storage) => {
            let inner = match object_nid {
                Some(nid) => nid,
                None => database.new_nid(NidType::OLE_STORAGE)?,
            };
            let data = match storage {
                Content::Bytes(bytes) => database.data(&bytes)?,
                Content::Tree(tree) => tree,
            };
            Some((inner, Object { data, subnodes: Tree::NONE }))
        }
    };
    if let Some((inner, object)) = held {
        properties.object(id::ATTACH_DATA, inner, object.size());
        subnodes.push(Subnode { nid: inner, data: object.data, subnodes: object.subnodes });
    }
    properties.or(id::ATTACH_METHOD, |properties| {
        properties.integer32(id::ATTACH_METHOD, 0);
    });
    properties.or(id::RENDERING_POSITION, |properties| {
        properties.integer32(id::RENDERING_POSITION, -1);
    });
    if !is_copy {
        properties.or(0x0E21, |properties| {
            properties.integer32(0x0E21, number);
        });
        stamp(&mut properties, context);
    }
    // The size counts itself as four bytes.
    properties.integer32(id::ATTACH_SIZE, 0);
    let size = i32::try_from(properties.size(&context.text)).unwrap_or(i32::MAX);
    properties.integer32(id::ATTACH_SIZE, size);
    let object = write_object(database, &context.text, &properties, subnodes, None)?;
    Ok((Subnode { nid, data: object.data, subnodes: object.subnodes }, properties))
}
