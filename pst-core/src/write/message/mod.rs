//! Messages to be written, with recipients and attachments (MS-PST 2.4.5).

mod attachment;
mod party;
mod write;

use crate::FileTime;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::RecipientKind;
use crate::ndb::Nid;
use crate::rtf::lzfu;
use crate::text::CodePage;
use crate::write::FolderId;
use crate::write::properties::{Data, Properties, TextCoding, Value};
use crate::{Error, ErrorKind, Result};

pub use attachment::AttachmentDraft;
use attachment::Held;
use party::{REPRESENTED, SENDER};
pub(crate) use party::{entry_id, recipient_row, typed_recipient_row, typed_search_key};
pub(super) use write::{ItemContext, WrittenMessage, write_message};

/// PidTagMessageFlags: the message was read.
const READ: i32 = 0x01;
/// PidTagMessageFlags: the message has attachments.
const HAS_ATTACHMENTS: i32 = 0x10;
/// PidTagMessageFlags: the message is an associated one.
const ASSOCIATED: i32 = 0x40;
/// PidTagMessageFlags: the message was not sent yet.
const UNSENT: i32 = 0x08;
/// Attachments of one message; each takes a subnode, and there is room for few more.
const MOST_ATTACHMENTS: usize = 150_000;

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
    /// Search folders that list it.
    pub(super) found_by: Vec<FolderId>,
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
        SENDER.set(&mut self.properties, name, address);
        self.represented(name, address)
    }

    /// Whom the sender sent it for, if it is another.
    pub fn represented(&mut self, name: &str, address: &str) -> &mut Self {
        REPRESENTED.set(&mut self.properties, name, address);
        self
    }

    /// Adds a recipient and their name to the list of their kind.
    pub fn recipient(&mut self, kind: RecipientKind, name: &str, address: &str) -> &mut Self {
        let (number, list) = match kind {
            RecipientKind::Cc => (2, id::DISPLAY_CC),
            RecipientKind::Bcc => (3, id::DISPLAY_BCC),
            _ => (1, id::DISPLAY_TO),
        };
        self.recipient_row(recipient_row(number, name, address));
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

    /// The plain body as bytes in a code page, as older programs left it. Other 8-bit text of the message is in this code
    /// page as well.
    pub fn body_bytes(&mut self, text: impl Into<Data>, page: CodePage) -> &mut Self {
        self.properties
            .data(PropertyTag::from_parts(id::BODY, PropertyType::STRING8), text.into())
            .integer32(id::MESSAGE_CODEPAGE, i32::from(page.number()));
        self
    }

    /// As [`body_bytes`](Self::body_bytes), of a text.
    ///
    /// # Errors
    /// `InvalidInput` if it has characters that the code page lacks.
    pub fn body_in(&mut self, text: &str, page: CodePage) -> Result<&mut Self> {
        Ok(self.body_bytes(encoded(text, page)?, page))
    }

    /// The HTML body as bytes in a code page.
    pub fn html_bytes(&mut self, html: impl Into<Data>, page: CodePage) -> &mut Self {
        self.properties
            .data(PropertyTag::from_parts(id::HTML, PropertyType::BINARY), html.into())
            .integer32(id::INTERNET_CODEPAGE, i32::from(page.number()));
        self
    }

    /// The HTML body in a code page, which it should name itself.
    ///
    /// # Errors
    /// `InvalidInput` if it has characters that the code page lacks.
    pub fn html_in(&mut self, html: &str, page: CodePage) -> Result<&mut Self> {
        Ok(self.html_bytes(encoded(html, page)?, page))
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

    /// The Message-ID that it answers, with its angle brackets.
    pub fn in_reply_to(&mut self, message_id: &str) -> &mut Self {
        self.properties.text(id::IN_REPLY_TO_ID, message_id).text(id::INTERNET_REFERENCES, message_id);
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

    /// Whether it was read; true unless set.
    pub fn read(&mut self, read: bool) -> &mut Self {
        self.flag(READ, read)
    }

    /// Whether it is still being written; false unless set.
    pub fn unsent(&mut self, unsent: bool) -> &mut Self {
        self.flag(UNSENT, unsent)
    }

    fn flag(&mut self, flag: i32, set: bool) -> &mut Self {
        let flags = self.properties.integer(id::MESSAGE_FLAGS).unwrap_or(0);
        self.properties.integer32(id::MESSAGE_FLAGS, if set { flags | flag } else { flags & !flag });
        self
    }

    /// Lists it among the results of a [search folder](crate::write::PstWriter::search_folder).
    pub fn found_by(&mut self, search: FolderId) -> &mut Self {
        self.found_by.push(search);
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

fn encoded(text: &str, page: CodePage) -> Result<Vec<u8>> {
    let lacks = || Error::text(ErrorKind::InvalidInput, "text", format!("it has characters that {page} lacks"));
    page.encode(text).map(std::borrow::Cow::into_owned).ok_or_else(lacks)
}
