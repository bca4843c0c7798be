//! Copies of what was read: whole stores, and items into another store.
//!
//! Every property is copied as its bytes stand, but for those that follow from the new file:
//!
//! * sizes: PidTagMessageSize, PidTagAttachSize, and the size in a PtypObject;
//! * what every message and attachment must have, where it is missing: message class, creation and modification time (one by
//!   the other, or by when it came or went), search key; attachment method and rendering position;
//! * the bit of PidTagMessageFlags that says there are attachments;
//! * counters of folders: contents, unread, associated, subfolders;
//! * PtypString8 of an ANSI file becomes PtypString in a Unicode file where its code page has all characters, and an HTML
//!   body in PtypString8 becomes PtypBinary with its bytes;
//! * PtypString becomes PtypString8 in an ANSI file, in the code page of that file, as does PtypString8 that was in
//!   another one; characters that the code page lacks become `?`, which is told;
//! * ids of named properties, if the new file has other names; what it has no room to name, and what has no name in the
//!   source, is left out and told;
//! * entry ids of the store that name folders which do not go along;
//! * what a store must have and the source has not: root, top, deleted items and search root, the entry ids that name
//!   them, the name of the store, and a named property of some set;
//! * the password of an OST, which is a mark that it is none;
//! * columns and cells of contents, hierarchy and attachment tables, which are made anew from the items.

mod names;
mod store;
mod text;

use std::collections::BTreeMap;

use crate::ltp::{Cell, HeapBuilder, Property, PropertyContext, PropertyTag, PropertyType, Row, id};
use crate::messaging::{Attachment, AttachmentContent, Message};
use crate::ndb::Nid;
use crate::write::Target;
use crate::write::message::{AttachmentDraft, MessageDraft};
use crate::write::properties::Properties;
use crate::write::writer::{FolderId, PstWriter};
use crate::{Error, ErrorKind, Pst, Result};

use names::CopiedNames;
pub(crate) use store::StoreCopy;
use text::{TextChange, lacks, lossy, to_ansi, to_unicode};

/// An item that was copied.
#[derive(Debug)]
pub struct Copied {
    /// Its node in the new file.
    pub nid: Nid,
    /// What could not be read and is therefore not in the copy, each with its place. Empty for a sound item.
    pub left_out: Vec<Error>,
}

/// Errors kept of one item.
const MAX_ERRORS: usize = 100;

/// Copies items of one store into a new file.
#[derive(Debug)]
pub struct Copier {
    names: CopiedNames,
    text: TextChange,
    /// Node ids and subnode ids stay.
    keep_ids: bool,
    left_out: Vec<Error>,
    /// Messages met below the message that is copied.
    embedded: u32,
}

impl Copier {
    /// A copier into `out`, which gets the names of the source's named properties as they are met.
    ///
    /// Of properties without a name in the source nobody knows what they are, and a file has room for 32,767 names: what
    /// cannot be named is left out and told, property by property.
    pub fn new<T: Target>(source: &Pst, out: &PstWriter<T>) -> Self {
        Self::with_names(source, out, CopiedNames::of(source), false)
    }

    /// A copier of a whole store, whose ids are those of the source.
    fn keeping_ids<T: Target>(source: &Pst, out: &mut PstWriter<T>) -> Self {
        let names = CopiedNames::kept(source, out);
        Self::with_names(source, out, names, true)
    }

    fn with_names<T: Target>(source: &Pst, out: &PstWriter<T>, names: CopiedNames, keep_ids: bool) -> Self {
        let text = match (source.format().is_ansi(), out.ansi_code_page()) {
            (false, None) => TextChange::Nothing,
            (true, None) => TextChange::ToUnicode,
            (true, Some(page)) if source.default_code_page().page == page => TextChange::Nothing,
            (_, Some(page)) => TextChange::ToAnsi(page),
        };
        Self { names, text, keep_ids, left_out: Vec::new(), embedded: 0 }
    }

    /// Copies a message, or an associated message, into a folder.
    ///
    /// Parts that cannot be read are left out and told; the rest is copied.
    ///
    /// # Errors
    /// Those of the source if nothing of the message can be read; those of [`PstWriter::message`], after which the new file
    /// may not be continued.
    pub fn message<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        folder: FolderId,
        message: &Message,
    ) -> Result<Copied> {
        self.left_out.clear();
        self.embedded = 0;
        let mut draft = self.draft(out, message)?;
        if self.keep_ids {
            draft.nid = Some(message.id());
        }
        let nid =
            if message.is_associated() { out.associated_message(folder, draft)? } else { out.message(folder, draft)? };
        Ok(Copied { nid, left_out: std::mem::take(&mut self.left_out) })
    }

    /// The properties of a folder or store as its copy should have them, counters aside.
    ///
    /// # Errors
    /// Those of the new file; single bad properties are left out and told.
    pub fn object_properties<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        context: &PropertyContext,
    ) -> Result<(Properties, Vec<Error>)> {
        self.left_out.clear();
        let properties = self.properties(out, context)?;
        Ok((properties, std::mem::take(&mut self.left_out)))
    }

    fn note(&mut self, error: Error) {
        if self.left_out.len() < MAX_ERRORS {
            self.left_out.push(error);
        }
    }

    /// Passes on what failed in the new file, and notes what failed in the source.
    fn keep<T: Target, V>(&mut self, out: &PstWriter<T>, result: Result<V>) -> Result<Option<V>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if out.is_broken() => Err(error),
            Err(error) => {
                self.note(error);
                Ok(None)
            }
        }
    }

    fn draft<T: Target>(&mut self, out: &mut PstWriter<T>, message: &Message) -> Result<MessageDraft> {
        let mut properties = self.properties(out, message.properties()?)?;
        if let TextChange::ToAnsi(page) = self.text {
            properties.integer32(id::MESSAGE_CODEPAGE, i32::from(page.number()));
        }
        let mut draft = MessageDraft::from_properties(properties);
        self.recipients(out, message, &mut draft)?;
        if message.node().entry().subnodes.is_none() {
            return Ok(draft);
        }
        for attachment in message.attachments() {
            let copied = attachment.and_then(|attachment| self.attachment(out, &attachment));
            if let Some(copied) = self.keep(out, copied)? {
                draft.attach(copied);
            }
        }
        Ok(draft)
    }

    fn recipients<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        message: &Message,
        draft: &mut MessageDraft,
    ) -> Result<()> {
        let table = message.recipient_table();
        let Some(Some(table)) = self.keep(out, table)? else { return Ok(()) };
        let own = [id::LTP_ROW_ID, id::LTP_ROW_VERSION];
        let columns = table.columns().iter().map(|column| column.tag).filter(|tag| !own.contains(&tag.id()));
        // What cannot be named is told with the cells.
        draft.recipient_columns(columns.filter_map(|tag| self.tag(out, tag).ok()).collect());
        let mut rows = BTreeMap::new();
        let mut again = Vec::new();
        for row in table.rows() {
            let Some(row) = self.keep(out, row)? else { continue };
            let copied = self.row(out, &row)?;
            match rows.entry(row.id()) {
                std::collections::btree_map::Entry::Vacant(place) => {
                    place.insert(copied);
                }
                std::collections::btree_map::Entry::Occupied(_) => again.push(copied),
            }
        }
        for (row_id, row) in rows {
            draft.numbered_recipient(row_id, row);
        }
        // Rows with an id that another row has get one of their own.
        again.into_iter().for_each(|row| {
            draft.recipient_row(row);
        });
        Ok(())
    }

    fn row<T: Target>(&mut self, out: &mut PstWriter<T>, row: &Row<'_>) -> Result<Properties> {
        let mut properties = Properties::new();
        for cell in row.cells() {
            if matches!(cell.tag().id(), id::LTP_ROW_ID | id::LTP_ROW_VERSION) {
                continue;
            }
            let copied = self.cell(out, &cell);
            if let Some((tag, bytes, loss)) = self.keep(out, copied)? {
                properties.stored(tag, bytes);
                loss.into_iter().for_each(|loss| self.note(loss));
            }
        }
        Ok(properties)
    }

    /// A cell as its copy should be, and what is lost. A column has one type for all rows: what has no character keeps its
    /// place as U+FFFD or `?`.
    fn cell<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        cell: &Cell<'_>,
    ) -> Result<(PropertyTag, Vec<u8>, Option<Error>)> {
        let tag = cell.tag();
        let target = self.tag(out, tag)?;
        if !self.is_converted(tag) {
            return Ok((target, cell.stored()?.to_vec(), None));
        }
        let value = cell.value()?;
        if let TextChange::ToAnsi(page) = self.text {
            let (bytes, is_lossy) = to_ansi(&value, page);
            return Ok((target, bytes, is_lossy.then(|| lacks(tag, page))));
        }
        Ok((target, to_unicode(&value).unwrap_or_else(|| lossy(&value)), None))
    }

    fn is_converted(&self, tag: PropertyTag) -> bool {
        match self.text {
            TextChange::Nothing => false,
            TextChange::ToUnicode => tag.kind().element() == PropertyType::STRING8,
            TextChange::ToAnsi(_) => matches!(tag.kind().element(), PropertyType::STRING | PropertyType::STRING8),
        }
    }

    /// The tag of a copy: id by name, text as the new file has it.
    ///
    /// # Errors
    /// If the property has no name, or the new file no room for it.
    fn tag<T: Target>(&mut self, out: &mut PstWriter<T>, tag: PropertyTag) -> Result<PropertyTag> {
        let number = self.names.id(out, tag)?;
        let kind = match tag.kind() {
            PropertyType::STRING8 if self.text == TextChange::ToUnicode => PropertyType::STRING,
            PropertyType::MULTIPLE_STRING8 if self.text == TextChange::ToUnicode => PropertyType::MULTIPLE_STRING,
            PropertyType::STRING if self.is_converted(tag) => PropertyType::STRING8,
            PropertyType::MULTIPLE_STRING if self.is_converted(tag) => PropertyType::MULTIPLE_STRING8,
            kind => kind,
        };
        Ok(PropertyTag::from_parts(number, kind))
    }

    /// All properties; objects are left to who knows what they are.
    fn properties<T: Target>(&mut self, out: &mut PstWriter<T>, context: &PropertyContext) -> Result<Properties> {
        let mut properties = Properties::new();
        for property in context {
            let Some(property) = self.keep(out, property)? else { continue };
            let tag = property.tag();
            let target = self.tag(out, tag).map_err(|error| error.in_node(context.node().top_id()));
            let Some(target) = self.keep(out, target)? else { continue };
            if properties.contains(target.id()) {
                let text = format!("property {tag} is there twice");
                self.note(Error::text(ErrorKind::Corrupt, "BTH", text).in_node(context.node().top_id()));
                continue;
            }
            if tag.kind() == PropertyType::OBJECT {
                if tag.id() != id::ATTACH_DATA {
                    let text = format!("the object of property {tag}, which only attachments have, is not copied");
                    self.note(Error::text(ErrorKind::Unsupported, "property", text).in_node(context.node().top_id()));
                }
                continue;
            }
            let copied = self.property(out, &property, target, &mut properties);
            self.keep(out, copied)?;
        }
        Ok(properties)
    }

    fn property<T: Target>(
        &self,
        out: &mut PstWriter<T>,
        property: &Property<'_>,
        target: PropertyTag,
        properties: &mut Properties,
    ) -> Result<()> {
        let tag = property.tag();
        if self.is_converted(tag) {
            if let TextChange::ToAnsi(page) = self.text {
                // HTML says itself what it is in.
                if tag.id() == id::HTML && tag.kind() == PropertyType::STRING8 {
                    properties.data(target, out.data(property.stream()?)?);
                    return Ok(());
                }
                let (bytes, is_lossy) = to_ansi(&property.value()?, page);
                properties.stored(target, bytes);
                // The value is there; the error is told.
                return if is_lossy { Err(lacks(tag, page)) } else { Ok(()) };
            }
            if tag.id() == id::HTML {
                let target = PropertyTag::from_parts(target.id(), PropertyType::BINARY);
                properties.data(target, out.data(property.stream()?)?);
                return Ok(());
            }
            if let Some(bytes) = to_unicode(&property.value()?) {
                properties.stored(target, bytes);
                return Ok(());
            }
            properties.stored(PropertyTag::from_parts(target.id(), tag.kind()), property.stored()?.to_vec());
            return Ok(());
        }
        if property.is_in_subnode() && property.stored_len()? > HeapBuilder::MAX_ITEM as u64 {
            properties.data(target, out.data(property.stream()?)?);
        } else {
            properties.stored(target, property.stored()?.to_vec());
        }
        Ok(())
    }

    /// Counts a message in a message: every level may hold many, so that depth alone bounds nothing.
    fn enter(&mut self, message: &Message) -> Result<()> {
        self.embedded = self.embedded.saturating_add(1);
        let limit = message.node().database().limits().embedded_messages;
        if self.embedded > limit {
            let error = Error::limit("message", "number of embedded messages", self.embedded, u64::from(limit));
            return Err(error.in_node(message.node().top_id()));
        }
        Ok(())
    }

    fn attachment<T: Target>(&mut self, out: &mut PstWriter<T>, attachment: &Attachment) -> Result<AttachmentDraft> {
        let context = attachment.properties()?;
        let mut draft = AttachmentDraft::copy(self.properties(out, context)?);
        if self.keep_ids {
            draft.nid = Some(attachment.id());
        }
        let object = context.get(id::ATTACH_DATA);
        let Some(Some(object)) = self.keep(out, object)? else { return Ok(draft) };
        if object.tag().kind() != PropertyType::OBJECT {
            return Ok(draft);
        }
        if self.keep_ids {
            draft.object_nid = object.object().ok().map(|node| node.id());
        }
        let content = attachment.content();
        match self.keep(out, content)? {
            Some(AttachmentContent::Message(message)) => {
                let inner = self.enter(&message).and_then(|()| self.draft(out, &message));
                match self.keep(out, inner)? {
                    Some(inner) => draft.hold_message(inner),
                    // The attachment stays, with an empty message in place of the one that is lost.
                    None => draft.hold_message(MessageDraft::new("IPM.Note")),
                }
            }
            Some(AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream)) => {
                let data = out.data(stream);
                if let Some(data) = self.keep(out, data)? {
                    draft.hold_object(data);
                }
            }
            Some(AttachmentContent::None | AttachmentContent::Reference(_)) | None => {}
        }
        Ok(draft)
    }
}
