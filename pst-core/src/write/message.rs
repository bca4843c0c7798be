//! Messages, recipients and attachments to be written (MS-PST 2.4.5, 2.4.6).

use crate::FileTime;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::RecipientKind;
use crate::ndb::{Nid, NidType};
use crate::rtf::lzfu;
use crate::text::utf16;
use crate::write::database::{Database, Subnode, Tree};
use crate::write::properties::{Content, Data, Object, Properties, TextCoding, Value, write_object};
use crate::write::table::{TableWriter, tags, write_table};
use crate::write::{Target, columns};
use crate::{Error, Result};

/// PidTagMessageFlags: the message was read.
const READ: i32 = 0x01;
/// PidTagMessageFlags: the message has attachments.
const HAS_ATTACHMENTS: i32 = 0x10;
/// PidTagMessageFlags: the message is an associated one.
const ASSOCIATED: i32 = 0x40;

/// A message to be written: its properties, recipients and attachments.
///
/// It stands for itself until it is given to a [`PstWriter`](crate::write::PstWriter) with a folder, or to
/// [`AttachmentDraft::message`].
///
/// ```
/// use pst_core::write::MessageDraft;
///
/// let mut mail = MessageDraft::new("IPM.Note");
/// mail.subject("RE: Lunch").sender("Ann", "ann@example.com").to("Bob", "bob@example.com").body("Gladly.");
/// ```
#[derive(Debug, Default)]
pub struct MessageDraft {
    properties: Properties,
    recipients: Vec<(u32, Properties)>,
    attachments: Vec<AttachmentDraft>,
    /// Columns of the recipient table beside those of the template and of the recipients.
    columns: Vec<PropertyTag>,
    pub(super) nid: Option<Nid>,
}

impl MessageDraft {
    /// A message of a class, such as `IPM.Note`; read, with nothing in it.
    pub fn new(class: &str) -> Self {
        let mut draft = Self::default();
        draft.properties.text(id::MESSAGE_CLASS, class).integer32(id::MESSAGE_FLAGS, READ);
        draft
    }

    /// A message with these properties and no others.
    pub fn from_properties(properties: Properties) -> Self {
        Self { properties, ..Self::default() }
    }

    /// Its properties, to set those that have no method here.
    pub fn properties(&mut self) -> &mut Properties {
        &mut self.properties
    }

    /// The subject, stored with the length of its prefix (MS-PST 2.5.3.1.1.1), and with it the conversation topic.
    pub fn subject(&mut self, subject: &str) -> &mut Self {
        // One to three letters, a colon and a space: `RE: `, `FWD: `, `AW: ` (MS-PST 2.5.3.1.1.2).
        let prefix = subject.find(": ").filter(|at| {
            let letters = subject.get(..*at).unwrap_or_default();
            (1..=3).contains(&letters.chars().count()) && letters.chars().all(char::is_alphabetic)
        });
        let length = prefix.map_or(0, |at| at.saturating_add(2));
        let units = subject.get(..length).unwrap_or_default().encode_utf16().count();
        let marker = char::from(u8::try_from(units.saturating_add(1)).unwrap_or(1));
        self.properties
            .text(id::SUBJECT, format!("\u{1}{marker}{subject}"))
            .text(id::CONVERSATION_TOPIC, subject.get(length..).unwrap_or_default());
        self
    }

    /// Who sent it, for themselves.
    pub fn sender(&mut self, name: &str, address: &str) -> &mut Self {
        self.party(&SENDER, name, address).represented(name, address)
    }

    /// Whom the sender sent it for, if it is another.
    pub fn represented(&mut self, name: &str, address: &str) -> &mut Self {
        self.party(&REPRESENTED, name, address)
    }

    fn party(&mut self, ids: &PartyIds, name: &str, address: &str) -> &mut Self {
        self.properties
            .text(ids.name, name)
            .text(ids.address_type, "SMTP")
            .text(ids.address, address)
            .text(ids.smtp_address, address)
            .binary(ids.entry_id, one_off_entry_id(name, address))
            .binary(ids.search_key, search_key(address));
        self
    }

    /// Adds a recipient and their name to the list of their kind.
    pub fn recipient(&mut self, kind: RecipientKind, name: &str, address: &str) -> &mut Self {
        let list = match kind {
            RecipientKind::Cc => id::DISPLAY_CC,
            RecipientKind::Bcc => id::DISPLAY_BCC,
            _ => id::DISPLAY_TO,
        };
        let row = recipient_properties(kind, name, address);
        self.recipient_row(row);
        let names = match self.properties.find(list) {
            Some((_, Value::Text(names))) => format!("{names}; {name}"),
            _ => name.to_owned(),
        };
        self.properties.text(list, names);
        self
    }

    /// Adds a recipient the message is to.
    pub fn to(&mut self, name: &str, address: &str) -> &mut Self {
        self.recipient(RecipientKind::To, name, address)
    }

    /// Adds a recipient who gets a copy.
    pub fn cc(&mut self, name: &str, address: &str) -> &mut Self {
        self.recipient(RecipientKind::Cc, name, address)
    }

    /// Adds a recipient who gets a blind copy.
    pub fn bcc(&mut self, name: &str, address: &str) -> &mut Self {
        self.recipient(RecipientKind::Bcc, name, address)
    }

    /// Adds a recipient by the properties of their row. Display lists are the caller's.
    pub fn recipient_row(&mut self, row: Properties) -> &mut Self {
        let next = self.recipients.last().map_or(0, |(last, _)| last.saturating_add(1));
        self.recipients.push((next, row));
        self
    }

    /// As [`recipient_row`](Self::recipient_row), with a row id of its own. Ids must ascend.
    pub(super) fn numbered_recipient(&mut self, row_id: u32, row: Properties) {
        self.recipients.push((row_id, row));
    }

    pub(super) fn recipient_columns(&mut self, columns: Vec<PropertyTag>) {
        self.columns = columns;
    }

    /// The plain body.
    pub fn body(&mut self, text: &str) -> &mut Self {
        self.properties.text(id::BODY, text);
        self
    }

    /// The HTML body, stored in UTF-8.
    pub fn html(&mut self, html: &str) -> &mut Self {
        self.properties.binary(id::HTML, html).integer32(id::INTERNET_CODEPAGE, 65_001);
        self
    }

    /// The HTML body in another code page, as bytes.
    pub fn html_bytes(&mut self, html: impl Into<Data>, code_page: i32) -> &mut Self {
        self.properties
            .data(PropertyTag::from_parts(id::HTML, PropertyType::BINARY), html.into())
            .integer32(id::INTERNET_CODEPAGE, code_page);
        self
    }

    /// The RTF body, compressed here.
    pub fn rtf(&mut self, rtf: &[u8]) -> &mut Self {
        self.properties.binary(id::RTF_COMPRESSED, lzfu::compress(rtf)).boolean(0x0E1F, true);
        self
    }

    /// The headers the message came with.
    pub fn headers(&mut self, headers: &str) -> &mut Self {
        self.properties.text(id::TRANSPORT_MESSAGE_HEADERS, headers);
        self
    }

    /// The Message-ID, with its angle brackets.
    pub fn message_id(&mut self, message_id: &str) -> &mut Self {
        self.properties.text(id::INTERNET_MESSAGE_ID, message_id);
        self
    }

    /// When it was submitted and when it was delivered.
    pub fn dates(&mut self, submitted: FileTime, delivered: FileTime) -> &mut Self {
        self.properties.time(id::CLIENT_SUBMIT_TIME, submitted).time(id::MESSAGE_DELIVERY_TIME, delivered);
        self
    }

    /// When the item was created and last changed; when it is written, unless set.
    pub fn created(&mut self, created: FileTime, modified: FileTime) -> &mut Self {
        self.properties.time(id::CREATION_TIME, created).time(id::LAST_MODIFICATION_TIME, modified);
        self
    }

    /// Whether it was read.
    pub fn read(&mut self, read: bool) -> &mut Self {
        let flags = self.properties.integer(id::MESSAGE_FLAGS).unwrap_or(0);
        self.properties.integer32(id::MESSAGE_FLAGS, if read { flags | READ } else { flags & !READ });
        self
    }

    /// Adds an attachment.
    pub fn attach(&mut self, attachment: AttachmentDraft) -> &mut Self {
        self.attachments.push(attachment);
        self
    }

    /// Fails if a text cannot be stored, or there are too many attachments, here or in a message within: before anything of
    /// the message is in the file.
    pub(super) fn check(&self, text: &TextCoding, nid: Nid) -> Result<()> {
        if self.attachments.len() > MOST_ATTACHMENTS {
            let limit =
                Error::limit("message", "number of attachments", self.attachments.len(), MOST_ATTACHMENTS as u64);
            return Err(limit.in_node(nid));
        }
        let rows = self.recipients.iter().map(|(_, row)| row);
        for properties in rows.chain([&self.properties]).chain(self.attachments.iter().map(|one| &one.properties)) {
            properties.check(text).map_err(|error| error.in_node(nid))?;
        }
        self.attachments.iter().try_for_each(|attachment| match &attachment.held {
            Held::Message(inner) => inner.check(text, nid),
            _ => Ok(()),
        })
    }

    pub(super) fn is_unread(properties: &Properties) -> bool {
        properties.integer(id::MESSAGE_FLAGS).unwrap_or(0) & READ == 0
    }
}

struct PartyIds {
    name: u16,
    address_type: u16,
    address: u16,
    smtp_address: u16,
    entry_id: u16,
    search_key: u16,
}

const SENDER: PartyIds = PartyIds {
    name: id::SENDER_NAME,
    address_type: id::SENDER_ADDRESS_TYPE,
    address: id::SENDER_EMAIL_ADDRESS,
    smtp_address: id::SENDER_SMTP_ADDRESS,
    entry_id: 0x0C19,
    search_key: 0x0C1D,
};

const REPRESENTED: PartyIds = PartyIds {
    name: id::SENT_REPRESENTING_NAME,
    address_type: id::SENT_REPRESENTING_ADDRESS_TYPE,
    address: id::SENT_REPRESENTING_EMAIL_ADDRESS,
    smtp_address: id::SENT_REPRESENTING_SMTP_ADDRESS,
    entry_id: 0x0041,
    search_key: 0x003B,
};

/// The row of a recipient with an SMTP address.
pub(crate) fn recipient_properties(kind: RecipientKind, name: &str, address: &str) -> Properties {
    let number = match kind {
        RecipientKind::Cc => 2,
        RecipientKind::Bcc => 3,
        _ => 1,
    };
    let entry_id = one_off_entry_id(name, address);
    let mut row = Properties::new();
    row.integer32(id::RECIPIENT_TYPE, number)
        .boolean(0x0E0F, false)
        .binary(id::RECORD_KEY, entry_id.clone())
        .integer32(0x0FFE, 6)
        .binary(0x0FFF, entry_id)
        .text(id::DISPLAY_NAME, name)
        .text(id::ADDRESS_TYPE, "SMTP")
        .text(id::EMAIL_ADDRESS, address)
        .binary(0x300B, search_key(address))
        .integer32(0x3900, 0)
        .text(id::SMTP_ADDRESS, address)
        .boolean(0x3A40, true);
    row
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1): who it is, without an address book.
pub(crate) fn one_off_entry_id(name: &str, address: &str) -> Vec<u8> {
    const PROVIDER: [u8; 16] =
        [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];
    /// Unicode, no rich text.
    const FLAGS: u16 = 0x9001;
    let mut out = vec![0; 4];
    out.extend_from_slice(&PROVIDER);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&FLAGS.to_le_bytes());
    for text in [name, "SMTP", address] {
        out.extend_from_slice(&utf16::encode(text));
        out.extend_from_slice(&[0, 0]);
    }
    out
}

/// A search key of an address: type and upper-cased address, with a zero at the end.
pub(crate) fn search_key(address: &str) -> Vec<u8> {
    let mut key = format!("SMTP:{}", address.to_uppercase()).into_bytes();
    key.push(0);
    key
}

/// What an attachment holds.
#[derive(Debug)]
enum Held {
    Nothing,
    Message(Box<MessageDraft>),
    /// Bytes of an OLE storage.
    Ole(Content),
}

/// An attachment to be written.
#[derive(Debug)]
pub struct AttachmentDraft {
    properties: Properties,
    held: Held,
    pub(super) nid: Option<Nid>,
    /// The ids that a copied object had.
    pub(super) object_nid: Option<Nid>,
    is_copy: bool,
}

impl AttachmentDraft {
    fn new(method: i32) -> Self {
        let mut properties = Properties::new();
        properties.integer32(id::ATTACH_METHOD, method).integer32(id::RENDERING_POSITION, -1);
        Self::from_properties(properties)
    }

    /// An attachment with these properties and no others.
    pub fn from_properties(properties: Properties) -> Self {
        Self { properties, held: Held::Nothing, nid: None, object_nid: None, is_copy: false }
    }

    /// A copy: what the original does not have and need not have is not added.
    pub(super) fn copy(properties: Properties) -> Self {
        Self { is_copy: true, ..Self::from_properties(properties) }
    }

    fn named(mut self, name: &str) -> Self {
        let short: String = name.chars().take(12).collect();
        self.properties
            .text(id::DISPLAY_NAME, name)
            .text(id::ATTACH_FILENAME, short)
            .text(id::ATTACH_LONG_FILENAME, name);
        if let Some(extension) = name.rfind('.').and_then(|dot| name.get(dot..)) {
            self.properties.text(id::ATTACH_EXTENSION, extension);
        }
        self
    }

    /// A file (method 1).
    pub fn file(name: &str, bytes: impl Into<Data>) -> Self {
        let mut attachment = Self::new(1).named(name);
        attachment.properties.data(PropertyTag::from_parts(id::ATTACH_DATA, PropertyType::BINARY), bytes.into());
        attachment
    }

    /// A message (method 5).
    pub fn message(name: &str, message: MessageDraft) -> Self {
        let mut attachment = Self::new(5);
        attachment.properties.text(id::DISPLAY_NAME, name);
        attachment.held = Held::Message(Box::new(message));
        attachment
    }

    /// An OLE object (method 6) from the bytes of its storage.
    pub fn ole(name: &str, storage: impl Into<Data>) -> Self {
        let mut attachment = Self::new(6);
        attachment.properties.text(id::DISPLAY_NAME, name);
        attachment.held = Held::Ole(storage.into().0);
        attachment
    }

    /// A reference to a file elsewhere (method 2).
    pub fn reference(name: &str, path: &str) -> Self {
        let mut attachment = Self::new(2).named(name);
        attachment.properties.text(id::ATTACH_LONG_PATHNAME, path);
        attachment
    }

    pub(super) fn hold_message(&mut self, message: MessageDraft) {
        self.held = Held::Message(Box::new(message));
    }

    pub(super) fn hold_object(&mut self, storage: Data) {
        self.held = Held::Ole(storage.0);
    }

    /// Its properties, to set those that have no method here.
    pub fn properties(&mut self) -> &mut Properties {
        &mut self.properties
    }

    /// The MIME type.
    #[must_use]
    pub fn mime(mut self, mime: &str) -> Self {
        self.properties.text(id::ATTACH_MIME_TAG, mime);
        self
    }

    /// A content id, and the flag that the body shows the attachment.
    #[must_use]
    pub fn inline(mut self, content_id: &str) -> Self {
        self.properties.text(id::ATTACH_CONTENT_ID, content_id).integer32(id::ATTACH_FLAGS, 4);
        self
    }
}

/// What items share: how text is stored, and what is set where nobody did.
#[derive(Clone, Debug)]
pub(super) struct ItemContext {
    pub(super) text: TextCoding,
    pub(super) now: FileTime,
    pub(super) record_key: [u8; 16],
}

/// Attachments of one message; each takes a subnode, and there is room for few more.
const MOST_ATTACHMENTS: usize = 150_000;

/// A message in the file, and its properties as its rows in tables show them.
pub(super) struct WrittenMessage {
    pub(super) object: Object,
    pub(super) properties: Properties,
}

/// Writes a message without a node for it.
pub(super) fn write_message<T: Target>(
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
