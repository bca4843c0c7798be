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
//! * ids of named properties, if the new file has other names;
//! * what a store must have and the source has not: root, top, deleted items and search root, the entry ids that name
//!   them, the name of the store, and a named property of some set;
//! * the password of an OST, which is a mark that it is none;
//! * columns and cells of contents, hierarchy and attachment tables, which are made anew from the items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::ltp::{
    Cell, HeapBuilder, Property, PropertyContext, PropertyTag, PropertyType, Row, Text, Value as Decoded, id,
};
use crate::messaging::{Attachment, AttachmentContent, Folder, Message};
use crate::ndb::{Client, Nid, NidType, NodeEntry};
use crate::text::{CodePage, utf16};
use crate::write::Target;
use crate::write::message::{AttachmentDraft, MessageDraft};
use crate::write::properties::Properties;
use crate::write::writer::{COMMON_VIEWS_ENTRY_ID, FolderId, PstWriter, StandardFolders, WriteOptions};
use crate::{Error, ErrorKind, Pst, Result};

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
    /// Property ids of the source's names in the new file.
    names: HashMap<u16, u16>,
    text: TextChange,
    /// Node ids and subnode ids stay.
    keep_ids: bool,
    left_out: Vec<Error>,
    /// Messages met below the message that is copied.
    embedded: u32,
}

/// What becomes of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TextChange {
    Nothing,
    /// PtypString8 becomes PtypString.
    ToUnicode,
    /// All text becomes PtypString8 in this code page.
    ToAnsi(CodePage),
}

impl Copier {
    /// A copier into `out`, which gets the names of the source's named properties.
    ///
    /// # Errors
    /// `Limit` if the new file has no room for the names. A source whose names cannot be read has none.
    pub fn new<T: Target>(source: &Pst, out: &mut PstWriter<T>) -> Result<Self> {
        let mut names = HashMap::new();
        if let Ok(map) = source.named_properties() {
            for name in map.entries() {
                let id = out.named_property(name.set, name.name.clone())?;
                // Of entries with one id the first counts.
                names.entry(name.id).or_insert(id);
            }
        }
        Ok(Self::with_names(source, out, names, false))
    }

    fn with_names<T: Target>(source: &Pst, out: &PstWriter<T>, names: HashMap<u16, u16>, keep_ids: bool) -> Self {
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

    /// The properties of a folder as its copy should have them, counters aside.
    ///
    /// # Errors
    /// Those of the folder's property context; single bad properties are left out and told.
    pub fn folder_properties<T: Target>(
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
        let tags = table.columns().iter().map(|column| self.tag(column.tag)).filter(|tag| !own.contains(&tag.id()));
        draft.recipient_columns(tags.collect());
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

    fn row<T: Target>(&mut self, out: &PstWriter<T>, row: &Row<'_>) -> Result<Properties> {
        let mut properties = Properties::new();
        for cell in row.cells() {
            if matches!(cell.tag().id(), id::LTP_ROW_ID | id::LTP_ROW_VERSION) {
                continue;
            }
            let copied = self.cell(&cell);
            if let Some((tag, bytes, loss)) = self.keep(out, copied)? {
                properties.stored(tag, bytes);
                loss.into_iter().for_each(|loss| self.note(loss));
            }
        }
        Ok(properties)
    }

    /// A cell as its copy should be, and what is lost. A column has one type for all rows: what has no character keeps its
    /// place as U+FFFD or `?`.
    fn cell(&self, cell: &Cell<'_>) -> Result<(PropertyTag, Vec<u8>, Option<Error>)> {
        let tag = cell.tag();
        if !self.is_converted(tag) {
            return Ok((self.tag(tag), cell.stored()?.to_vec(), None));
        }
        let value = cell.value()?;
        if let TextChange::ToAnsi(page) = self.text {
            let (bytes, is_lossy) = to_ansi(&value, page);
            return Ok((self.tag(tag), bytes, is_lossy.then(|| lacks(tag, page))));
        }
        Ok((self.tag(tag), to_unicode(&value).unwrap_or_else(|| lossy(&value)), None))
    }

    fn is_converted(&self, tag: PropertyTag) -> bool {
        match self.text {
            TextChange::Nothing => false,
            TextChange::ToUnicode => tag.kind().element() == PropertyType::STRING8,
            TextChange::ToAnsi(_) => matches!(tag.kind().element(), PropertyType::STRING | PropertyType::STRING8),
        }
    }

    /// The tag of a copy: id by name, text as the new file has it.
    fn tag(&self, tag: PropertyTag) -> PropertyTag {
        let number = self.names.get(&tag.id()).copied().unwrap_or(tag.id());
        let kind = match tag.kind() {
            PropertyType::STRING8 if self.text == TextChange::ToUnicode => PropertyType::STRING,
            PropertyType::MULTIPLE_STRING8 if self.text == TextChange::ToUnicode => PropertyType::MULTIPLE_STRING,
            PropertyType::STRING if self.is_converted(tag) => PropertyType::STRING8,
            PropertyType::MULTIPLE_STRING if self.is_converted(tag) => PropertyType::MULTIPLE_STRING8,
            kind => kind,
        };
        PropertyTag::from_parts(number, kind)
    }

    /// All properties; objects are left to who knows what they are.
    fn properties<T: Target>(&mut self, out: &mut PstWriter<T>, context: &PropertyContext) -> Result<Properties> {
        let mut properties = Properties::new();
        for property in context {
            let Some(property) = self.keep(out, property)? else { continue };
            let tag = property.tag();
            if properties.contains(self.tag(tag).id()) {
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
            let copied = self.property(out, &property, &mut properties);
            self.keep(out, copied)?;
        }
        Ok(properties)
    }

    fn property<T: Target>(
        &self,
        out: &mut PstWriter<T>,
        property: &Property<'_>,
        properties: &mut Properties,
    ) -> Result<()> {
        let tag = property.tag();
        let target = self.tag(tag);
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

/// Text in a code page, with `?` for what it lacks; true if it lacks something.
fn to_ansi(value: &Decoded<'_>, page: CodePage) -> (Vec<u8>, bool) {
    let encode = |text: &Text<'_>| {
        let text = text.to_string_lossy();
        if let Some(bytes) = page.encode(&text) {
            return (bytes.into_owned(), false);
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut buffer = [0; 4];
        for character in text.chars() {
            match page.encode(character.encode_utf8(&mut buffer)) {
                Some(encoded) => bytes.extend_from_slice(&encoded),
                None => bytes.push(b'?'),
            }
        }
        (bytes, true)
    };
    match value {
        Decoded::String(text) => encode(text),
        Decoded::Multiple(parts) => {
            let (parts, lossy): (Vec<_>, Vec<_>) = parts.iter().filter_map(Decoded::as_text).map(encode).unzip();
            let mut properties = Properties::new();
            properties.multiple(0, PropertyType::MULTIPLE_STRING8, &parts);
            (properties.get(0).unwrap_or_default(), lossy.contains(&true))
        }
        _ => (Vec::new(), false),
    }
}

fn lacks(tag: PropertyTag, page: CodePage) -> Error {
    let text = format!("property {tag} has characters that {page} lacks; `?` stands for them");
    Error::text(ErrorKind::Unsupported, "text", text)
}

/// Text in UTF-16, if every character of it is known.
fn to_unicode(value: &Decoded<'_>) -> Option<Vec<u8>> {
    match value {
        Decoded::String(text) => (!text.is_lossy()).then(|| units(text)),
        Decoded::Multiple(parts) => {
            let lossless = parts.iter().all(|part| part.as_text().is_some_and(|text| !text.is_lossy()));
            lossless.then(|| multiple(parts))
        }
        _ => None,
    }
}

fn lossy(value: &Decoded<'_>) -> Vec<u8> {
    match value {
        Decoded::String(text) => units(text),
        Decoded::Multiple(parts) => multiple(parts),
        _ => Vec::new(),
    }
}

fn units(text: &Text<'_>) -> Vec<u8> {
    utf16::encode(&text.to_string_lossy())
}

fn multiple(parts: &[Decoded<'_>]) -> Vec<u8> {
    let mut properties = Properties::new();
    properties.texts(0, parts.iter().filter_map(Decoded::as_text).map(Text::to_string_lossy));
    properties.get(0).unwrap_or_default()
}

/// What a copy of a whole store leaves as it is and what it does not.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct CopyOptions {
    /// Leaves out associated messages: views, rules, settings.
    pub without_associated: bool,
}

/// What happened to one thing while a store was copied.
#[derive(Debug)]
#[non_exhaustive]
pub enum CopyEvent<'a> {
    /// A folder was copied; parts of it may have been left out.
    Folder {
        /// Its node in the source.
        source: Nid,
        /// What could not be read.
        left_out: &'a [Error],
    },
    /// A message was copied; parts of it may have been left out.
    Message {
        /// Its node in the source.
        source: Nid,
        /// What could not be read.
        left_out: &'a [Error],
    },
    /// Something was not copied.
    Skipped {
        /// Its node in the source, if it has one.
        source: Option<Nid>,
        /// Why.
        reason: &'a Error,
    },
}

/// What a copy of a store amounts to: `messages + associated + skipped` is every item met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopySummary {
    /// Folders copied, search folders included.
    pub folders: u64,
    /// Messages copied.
    pub messages: u64,
    /// Associated messages copied.
    pub associated: u64,
    /// Of these, messages of which parts could not be read.
    pub damaged: u64,
    /// Items and folders that were not copied.
    pub skipped: u64,
}

/// Copies a whole store into a new file: node ids, record key and names of properties stay, so that entry ids do too.
///
/// Messages whose folder is lost go into a folder of their own below the top. `observe` is told of every item, and ends
/// the copy with `false`.
///
/// # Errors
/// Those of the source if its folders cannot be read at all; `Cancelled`; those of the new file.
pub fn copy_store<T: Target>(
    source: &Pst,
    target: T,
    options: WriteOptions,
    copy: &CopyOptions,
    mut observe: impl FnMut(CopyEvent<'_>) -> bool,
) -> Result<(T::Output, CopySummary)> {
    let mut job = StoreCopy::begin(source, target, options)?;
    job.folders(&|_| true, &mut observe)?;
    job.items(copy, &mut observe)?;
    let summary = job.summary;
    Ok((job.finish()?, summary))
}

/// A copy of a whole store with its ids, step by step: [`begin`](Self::begin), [`folders`](Self::folders), each
/// [`item`](Self::item), [`finish`](Self::finish).
pub(crate) struct StoreCopy<'a, T: Target> {
    source: &'a Pst,
    pub(crate) out: PstWriter<T>,
    copier: Copier,
    /// Where messages without a folder go.
    lost: Option<FolderId>,
    items: BTreeSet<Nid>,
    searches: Vec<Nid>,
    summary: CopySummary,
}

fn go_on(answer: bool) -> Result<()> {
    if answer { Ok(()) } else { Err(Error::text(ErrorKind::Cancelled, "copy", "the copy was cancelled")) }
}

impl<'a, T: Target> StoreCopy<'a, T> {
    pub(crate) fn begin(source: &'a Pst, target: T, options: WriteOptions) -> Result<Self> {
        let store = source.store().ok();
        let key = store.as_ref().and_then(|store| store.record_key().ok().flatten());
        let options = match key {
            Some(key) => options.record_key(key.to_bytes()),
            None => options,
        };
        let taken: BTreeSet<Nid> = source.folder_entries().filter_map(Result::ok).map(|entry| entry.nid).collect();
        let special = SpecialFolders::of(source);
        let named = |nid: Option<Nid>| nid.filter(|nid| taken.contains(nid));
        let mut out = PstWriter::bare(target, options)?;
        taken.iter().for_each(|nid| out.reserve(*nid));
        let standard = StandardFolders::OUTLOOK;
        let mut chosen = Vec::new();
        let mut foreign = Vec::new();
        for (property, own, default) in [
            (id::IPM_SUBTREE_ENTRY_ID, special.ipm_subtree, standard.ipm_subtree),
            (id::IPM_WASTEBASKET_ENTRY_ID, special.deleted_items, standard.deleted_items),
            (id::FINDER_ENTRY_ID, special.finder, standard.finder),
        ] {
            if store.as_ref().is_none_or(|store| store.folder_id(property).ok().flatten() != own || own.is_none()) {
                foreign.push(property);
            }
            let free = Some(default).filter(|nid| !taken.contains(nid));
            let nid = named(own).or(free).filter(|nid| !chosen.contains(nid));
            chosen.push(match nid {
                Some(nid) => nid,
                None => out.new_nid(NidType::NORMAL_FOLDER)?,
            });
        }
        if let [ipm_subtree, deleted_items, finder] = *chosen.as_slice() {
            let common_views = named(special.common_views);
            out.set_standard(StandardFolders { ipm_subtree, deleted_items, finder, common_views });
        }
        let mut names = HashMap::new();
        if let Ok(map) = source.named_properties() {
            for name in map.entries() {
                out.keep_name(name.id, name.set, name.name.clone());
                names.insert(name.id, name.id);
            }
        }
        let mut copier = Copier::with_names(source, &out, names, true);
        if let Some(store) = &store {
            let mut properties = copier.properties(&mut out, store.properties())?;
            if properties.get(id::DISPLAY_NAME).is_none_or(|name| name.is_empty()) {
                properties.text(id::DISPLAY_NAME, "Personal Folders");
            }
            // Those of a server say nothing here.
            for property in foreign {
                properties.remove(property);
            }
            if source.client() == Client::Ost && properties.get(id::PST_PASSWORD).is_some_and(|crc| crc == [0xFF; 4]) {
                properties.remove(id::PST_PASSWORD);
            }
            *out.store() = properties;
        }
        let (items, searches) = (BTreeSet::new(), Vec::new());
        Ok(Self { source, out, copier, lost: None, items, searches, summary: CopySummary::default() })
    }

    /// Adds all folders that are wanted, and those every store has.
    pub(crate) fn folders(
        &mut self,
        wanted: &dyn Fn(Nid) -> bool,
        observe: &mut impl FnMut(CopyEvent<'_>) -> bool,
    ) -> Result<()> {
        let mut parents: BTreeMap<Nid, Nid> = BTreeMap::new();
        for entry in self.source.folder_entries() {
            match entry {
                Ok(entry) => {
                    parents.insert(entry.nid, entry.parent);
                }
                Err(error) => self.skip(None, &error, observe)?,
            }
        }
        let standard = self.out.standard();
        for (nid, parent) in [
            (Nid::ROOT_FOLDER, Nid::ROOT_FOLDER),
            (standard.ipm_subtree, Nid::ROOT_FOLDER),
            (standard.finder, Nid::ROOT_FOLDER),
            (standard.deleted_items, standard.ipm_subtree),
        ] {
            parents.entry(nid).or_insert(parent);
        }
        let always = [Nid::ROOT_FOLDER, standard.ipm_subtree, standard.finder, standard.deleted_items];
        for (nid, parent) in &parents {
            if !always.contains(nid) && standard.common_views != Some(*nid) && !wanted(*nid) {
                continue;
            }
            // A folder that does not hang below the root hangs below the top.
            let parent = if *nid == Nid::ROOT_FOLDER {
                Nid::ROOT_FOLDER
            } else if *nid == standard.ipm_subtree {
                if hangs(&parents, *nid) { *parent } else { Nid::ROOT_FOLDER }
            } else if hangs(&parents, *nid) {
                *parent
            } else {
                standard.ipm_subtree
            };
            let name = match *nid {
                nid if nid == standard.ipm_subtree => "Top of Personal Folders",
                nid if nid == standard.deleted_items => "Deleted Items",
                nid if nid == standard.finder => "Search Root",
                _ => "",
            };
            let (properties, mut left_out) = match self.source.node(*nid) {
                Ok(None) => (Properties::new(), Vec::new()),
                node => self.folder(*nid, node.map(drop))?,
            };
            if nid.kind() == NidType::SEARCH_FOLDER {
                left_out.extend(self.source.folder(*nid).and_then(|folder| folder.search_table()).err());
            }
            self.out.add_folder(*nid, parent, properties);
            let id = self.out.folder_id(*nid);
            let properties = self.out.folder_properties(id)?;
            properties.or(id::DISPLAY_NAME, |properties| {
                properties.text(id::DISPLAY_NAME, name);
            });
            self.summary.folders = self.summary.folders.saturating_add(1);
            if nid.kind() == NidType::SEARCH_FOLDER {
                self.searches.push(*nid);
            }
            go_on(observe(CopyEvent::Folder { source: *nid, left_out: &left_out }))?;
        }
        Ok(())
    }

    /// The properties of a folder, which stays even if they cannot be read, for the sake of what is in it.
    fn folder(&mut self, nid: Nid, node: Result<()>) -> Result<(Properties, Vec<Error>)> {
        let folder = match node.and_then(|()| self.source.folder(nid)) {
            Ok(folder) => folder,
            Err(error) => return Ok((Properties::new(), vec![error])),
        };
        match folder.properties() {
            Ok(context) => self.copier.folder_properties(&mut self.out, context),
            Err(error) => Ok((Properties::new(), vec![error])),
        }
    }

    fn skip(
        &mut self,
        source: Option<Nid>,
        reason: &Error,
        observe: &mut impl FnMut(CopyEvent<'_>) -> bool,
    ) -> Result<()> {
        self.summary.skipped = self.summary.skipped.saturating_add(1);
        go_on(observe(CopyEvent::Skipped { source, reason }))
    }

    fn items(&mut self, copy: &CopyOptions, observe: &mut impl FnMut(CopyEvent<'_>) -> bool) -> Result<()> {
        let source = self.source;
        for entry in source.message_entries() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.skip(None, &error, observe)?;
                    continue;
                }
            };
            let nid = entry.nid;
            let associated = nid.kind() == NidType::ASSOCIATED_MESSAGE;
            if associated && copy.without_associated {
                let reason = Error::text(ErrorKind::Unsupported, "message", "associated messages are left out");
                self.skip(Some(nid), &reason, observe)?;
                continue;
            }
            let copied = self.item(entry);
            match copied {
                Ok(copied) => {
                    let counter = if associated { &mut self.summary.associated } else { &mut self.summary.messages };
                    *counter = counter.saturating_add(1);
                    if !copied.left_out.is_empty() {
                        self.summary.damaged = self.summary.damaged.saturating_add(1);
                    }
                    go_on(observe(CopyEvent::Message { source: nid, left_out: &copied.left_out }))?;
                }
                Err(error) if self.out.is_broken() => return Err(error),
                Err(error) => self.skip(Some(nid), &error, observe)?,
            }
        }
        Ok(())
    }

    /// Copies an item to where it belongs.
    ///
    /// # Errors
    /// Those of the source, after which the next item may follow unless the new file [is broken](PstWriter::is_broken).
    pub(crate) fn item(&mut self, entry: NodeEntry) -> Result<Copied> {
        let nid = entry.nid;
        if !self.items.insert(nid) {
            return Err(Error::text(ErrorKind::Corrupt, "BTPAGE", "the node is there twice").in_node(nid));
        }
        let folder = self.home(entry.parent)?;
        let message = self.source.message_from_entry(entry);
        let copied = message.and_then(|message| self.copier.message(&mut self.out, folder, &message));
        if copied.is_err() {
            self.items.remove(&nid);
        }
        copied
    }

    /// Ends the copy, once all items are there.
    pub(crate) fn finish(mut self) -> Result<T::Output> {
        self.search_results()?;
        self.out.finish()
    }

    /// The folder an item belongs into.
    fn home(&mut self, parent: Nid) -> Result<FolderId> {
        if parent.kind() == NidType::NORMAL_FOLDER && self.out.has_folder(parent) {
            return Ok(self.out.folder_id(parent));
        }
        if let Some(lost) = self.lost {
            return Ok(lost);
        }
        let top = self.out.ipm_subtree();
        let lost = self.out.folder(top, "Items without a folder")?;
        self.lost = Some(lost);
        Ok(lost)
    }

    /// The results of search folders, as far as they are items of this file.
    fn search_results(&mut self) -> Result<()> {
        for nid in std::mem::take(&mut self.searches) {
            let Ok(Some(table)) = self.source.folder(nid).and_then(|folder| folder.search_table()) else { continue };
            let folder = self.out.folder_id(nid);
            let mut seen = BTreeSet::new();
            for row in table.rows().filter_map(Result::ok) {
                if self.items.contains(&row.nid()) && seen.insert(row.nid()) {
                    let properties = self.copier.row(&self.out, &row)?;
                    self.out.result(folder, row.nid(), &properties)?;
                }
            }
        }
        Ok(())
    }
}

/// The folders of a source that every store has.
#[derive(Debug, Default)]
pub(crate) struct SpecialFolders {
    pub(crate) ipm_subtree: Option<Nid>,
    pub(crate) deleted_items: Option<Nid>,
    pub(crate) finder: Option<Nid>,
    pub(crate) common_views: Option<Nid>,
}

impl SpecialFolders {
    /// As the store names them. An OST has no entry ids for them: Outlook finds them by the names it gave them.
    pub(crate) fn of(source: &Pst) -> Self {
        let store = source.store().ok();
        let by_name = if source.client() == Client::Pst { Self::default() } else { Self::by_name(source) };
        let named = |property: u16, by_name: Option<Nid>| {
            let named = store.as_ref().and_then(|store| store.folder_id(property).ok().flatten());
            let is_there = |nid: &Nid| source.node(*nid).is_ok_and(|node| node.is_some());
            named.or(by_name).filter(|nid| nid.kind() == NidType::NORMAL_FOLDER && is_there(nid))
        };
        Self {
            ipm_subtree: named(id::IPM_SUBTREE_ENTRY_ID, by_name.ipm_subtree),
            deleted_items: named(id::IPM_WASTEBASKET_ENTRY_ID, by_name.deleted_items),
            finder: named(id::FINDER_ENTRY_ID, by_name.finder),
            common_views: named(COMMON_VIEWS_ENTRY_ID, by_name.common_views),
        }
    }

    fn by_name(source: &Pst) -> Self {
        let below = |folder: &Folder, name: &str| {
            let mut all = folder.subfolders().ok()?.filter_map(Result::ok);
            all.find(|folder| folder.name().is_ok_and(|found| found == name))
        };
        let Some(mailbox) = source.root_folder().ok().and_then(|root| below(&root, "Root - Mailbox")) else {
            return Self::default();
        };
        let nid = |folder: Option<Folder>| folder.map(|folder| folder.id());
        let top = below(&mailbox, "IPM_SUBTREE");
        Self {
            deleted_items: nid(top.as_ref().and_then(|top| below(top, "Deleted Items"))),
            ipm_subtree: nid(top),
            finder: nid(below(&mailbox, "Finder")),
            common_views: nid(below(&mailbox, "Common Views")),
        }
    }
}

/// Whether the way up from a folder ends at the root.
fn hangs(parents: &BTreeMap<Nid, Nid>, nid: Nid) -> bool {
    let mut at = nid;
    // More steps than folders are a circle.
    for _ in 0..parents.len() {
        match parents.get(&at) {
            Some(_) if at == Nid::ROOT_FOLDER => return true,
            Some(parent) if parent.kind() == NidType::NORMAL_FOLDER => at = *parent,
            _ => return false,
        }
    }
    false
}
