//! Messages (MS-PST 2.4.5): mail and everything else that lies in a folder.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::ltp::{PropertyContext, PropertyType, TableContext, Text, id};
use crate::messaging::attachment::method_of;
use crate::messaging::{Attachment, Attachments, Html, Recipients, Rtf};
use crate::ndb::{Nid, NidType, Node};
use crate::text::{CodePage, CodePageChoice, utf16};
use crate::{Error, ErrorKind, FileTime, Result};

/// A message: in a folder, associated with one, or embedded in another message.
///
/// Cheap to clone; keeps the file open. Its properties are opened when something of them is asked for first.
#[derive(Clone)]
pub struct Message {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    properties: OnceLock<PropertyContext>,
    /// What the message this one is embedded in is read with.
    inherited: Option<CodePageChoice>,
}

/// The subject in its parts (MS-PST 2.5.3.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The reply or forward prefix, such as `RE: `; empty if the writer marked none, `None` if it marked nothing at all.
    pub prefix: Option<String>,
    /// The whole subject, prefix included, without marker.
    pub text: String,
}

impl Subject {
    /// Takes the stored subject apart. **If its first unit is U+0001, the second is the length of the prefix plus one and
    /// both are no text.** A length beyond the text covers all of it.
    pub fn parse(stored: &Text<'_>) -> Self {
        let text = stored.to_string_lossy();
        // Both markers are single units in every code page, so they are two characters of the decoded text as well. The
        // second may be any number; as a unit it need not be a character.
        let mut rest = text.chars();
        if rest.next() != Some('\u{1}') {
            return Self { prefix: None, text };
        }
        let Some(length) = rest.next() else { return Self { prefix: None, text: String::new() } };
        let units = usize::try_from(u32::from(length)).unwrap_or(0).saturating_sub(1);
        let text = rest.as_str().to_owned();
        let mut left = units;
        let prefix = text
            .chars()
            .take_while(|character| {
                let taken = left > 0;
                left = left.saturating_sub(character.len_utf16());
                taken
            })
            .collect();
        Self { prefix: Some(prefix), text }
    }

    /// The UTF-16LE form as a writer stores it, with the marker if there is a prefix, be it empty.
    pub fn encode(&self) -> Vec<u8> {
        let Some(prefix) = &self.prefix else { return utf16::encode(&self.text) };
        let length = u32::try_from(prefix.encode_utf16().count()).ok().and_then(|length| length.checked_add(1));
        let length = length.and_then(char::from_u32).unwrap_or('\u{1}');
        utf16::encode(&format!("\u{1}{length}{}", self.text))
    }

    /// The subject without its prefix: PidTagNormalizedSubject.
    pub fn normalized(&self) -> &str {
        self.prefix.as_deref().and_then(|prefix| self.text.strip_prefix(prefix)).unwrap_or(&self.text)
    }
}

/// A sender as stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Participant {
    /// The display name.
    pub name: Option<String>,
    /// `SMTP`, `EX` and others.
    pub address_type: Option<String>,
    /// The address, of that type.
    pub address: Option<String>,
    /// The SMTP address, where the writer kept it beside the other.
    pub smtp: Option<String>,
}

impl Message {
    pub(crate) fn check_id(nid: Nid) -> Result<()> {
        if matches!(nid.kind(), NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE) {
            return Ok(());
        }
        Err(Error::field(ErrorKind::WrongType, "node", "type", nid.kind(), "a message or associated message")
            .in_node(nid))
    }

    pub(crate) fn new(node: Node) -> Self {
        Self::embedded(node, None)
    }

    pub(crate) fn embedded(node: Node, inherited: Option<CodePageChoice>) -> Self {
        Self { inner: Arc::new(Inner { node, properties: OnceLock::new(), inherited }) }
    }

    /// The message's node id; of an embedded one, its id inside the attachment.
    pub fn id(&self) -> Nid {
        self.inner.node.id()
    }

    /// The folder the message is in by its node; **of an embedded one, the attachment**.
    pub fn folder_id(&self) -> Nid {
        self.inner.node.parent_id()
    }

    /// True for the hidden messages in which programs keep settings.
    pub fn is_associated(&self) -> bool {
        self.id().kind() == NidType::ASSOCIATED_MESSAGE
    }

    /// True if it is embedded in another message.
    pub fn is_embedded(&self) -> bool {
        self.inner.node.depth() > 0
    }

    /// The node of the message.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// All properties of the message. Opened once.
    ///
    /// # Errors
    /// Those of the node.
    pub fn properties(&self) -> Result<&PropertyContext> {
        if let Some(properties) = self.inner.properties.get() {
            return Ok(properties);
        }
        let properties = PropertyContext::open(&self.inner.node)?.inheriting(self.inner.inherited);
        Ok(self.inner.properties.get_or_init(|| properties))
    }

    /// The code page of the message's String8 values and where it was found.
    ///
    /// # Errors
    /// Those of the node.
    pub fn code_page(&self) -> Result<CodePageChoice> {
        Ok(self.properties()?.code_page())
    }

    /// PidTagMessageClass, such as `IPM.Note`, as stored.
    ///
    /// # Errors
    /// Those of the property.
    pub fn class(&self) -> Result<Option<String>> {
        self.string(id::MESSAGE_CLASS)
    }

    /// The subject as a person reads it, prefix included.
    ///
    /// # Errors
    /// Those of the property.
    pub fn subject(&self) -> Result<Option<String>> {
        Ok(self.subject_parts()?.map(|subject| subject.text))
    }

    /// The subject and its prefix.
    ///
    /// # Errors
    /// Those of the property.
    pub fn subject_parts(&self) -> Result<Option<Subject>> {
        Ok(self.properties()?.text(id::SUBJECT)?.map(|stored| Subject::parse(&stored)))
    }

    /// Any property of a text type, as a string.
    ///
    /// # Errors
    /// Those of the property.
    pub fn string(&self, id: u16) -> Result<Option<String>> {
        self.properties()?.string(id)
    }

    /// Any property of an integer type.
    ///
    /// # Errors
    /// Those of the property.
    pub fn integer(&self, id: u16) -> Result<Option<i64>> {
        self.properties()?.integer(id)
    }

    /// Any property of type PtypTime.
    ///
    /// # Errors
    /// Those of the property.
    pub fn time(&self, id: u16) -> Result<Option<FileTime>> {
        self.properties()?.time(id)
    }

    /// PidTagClientSubmitTime: when the sender sent it.
    ///
    /// # Errors
    /// Those of the property.
    pub fn submit_time(&self) -> Result<Option<FileTime>> {
        self.time(id::CLIENT_SUBMIT_TIME)
    }

    /// PidTagMessageDeliveryTime: when it was delivered.
    ///
    /// # Errors
    /// Those of the property.
    pub fn delivery_time(&self) -> Result<Option<FileTime>> {
        self.time(id::MESSAGE_DELIVERY_TIME)
    }

    /// PidTagCreationTime: when this copy came to be. Drafts have no other.
    ///
    /// # Errors
    /// Those of the property.
    pub fn creation_time(&self) -> Result<Option<FileTime>> {
        self.time(id::CREATION_TIME)
    }

    /// PidTagMessageSize as stored; 0x0E08 of the contents table may differ.
    ///
    /// # Errors
    /// Those of the property.
    pub fn size(&self) -> Result<Option<i64>> {
        self.integer(id::MESSAGE_SIZE)
    }

    fn participant(&self, ids: [u16; 4]) -> Result<Participant> {
        let [name, address_type, address, smtp] = ids;
        Ok(Participant {
            name: self.string(name)?,
            address_type: self.string(address_type)?,
            address: self.string(address)?,
            smtp: self.string(smtp)?,
        })
    }

    /// Who sent the message.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn sender(&self) -> Result<Participant> {
        self.participant([id::SENDER_NAME, id::SENDER_ADDRESS_TYPE, id::SENDER_EMAIL_ADDRESS, id::SENDER_SMTP_ADDRESS])
    }

    /// On whose behalf it was sent: the From of the mail.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn sent_representing(&self) -> Result<Participant> {
        self.participant([
            id::SENT_REPRESENTING_NAME,
            id::SENT_REPRESENTING_ADDRESS_TYPE,
            id::SENT_REPRESENTING_EMAIL_ADDRESS,
            id::SENT_REPRESENTING_SMTP_ADDRESS,
        ])
    }

    fn table(&self, nid: Nid) -> Result<Option<TableContext>> {
        match self.inner.node.subnode(nid)? {
            Some(node) if node.entry().data.is_none() => Ok(None),
            // Cells are read with the message's code page, which only 8-bit columns need.
            Some(node) => {
                let table = TableContext::open(&node)?;
                let eight_bit =
                    table.columns().iter().any(|column| column.tag.kind().element() == PropertyType::STRING8);
                Ok(Some(if eight_bit { table.inheriting(self.code_page().ok()) } else { table }))
            }
            None => Ok(None),
        }
    }

    /// The recipient table; `None` if the message has none, as contacts and notes may.
    ///
    /// # Errors
    /// Those of the table.
    pub fn recipient_table(&self) -> Result<Option<TableContext>> {
        self.table(Nid::RECIPIENT_TABLE)
    }

    /// The recipients.
    pub fn recipients(&self) -> Recipients {
        Recipients::new(self.recipient_table())
    }

    /// The attachment table; `None` if the message has none.
    ///
    /// # Errors
    /// Those of the table.
    pub fn attachment_table(&self) -> Result<Option<TableContext>> {
        self.table(Nid::ATTACHMENT_TABLE)
    }

    /// The attachments: the rows of the table in order, then attachment subnodes that no row names.
    pub fn attachments(&self) -> Attachments {
        Attachments::new(self)
    }

    /// The attachment with this node id.
    ///
    /// # Errors
    /// `NotFound` without such a subnode.
    pub fn attachment(&self, nid: Nid) -> Result<Attachment> {
        // Some writers keep the method in the row alone.
        let table = self.attachment_table().ok().flatten();
        let row = table.as_ref().and_then(|table| table.row(nid.raw()).ok().flatten());
        Attachment::open(self, nid, row.and_then(|row| method_of(&row)))
    }

    /// PidTagBody: the plain text body as stored. For bodies of any size take the property's
    /// [`stream`](crate::ltp::Property::stream).
    ///
    /// # Errors
    /// Those of the property.
    pub fn body_text(&self) -> Result<Option<Text<'_>>> {
        self.properties()?.text(id::BODY)
    }

    /// PidTagHtml: the HTML body as stored.
    ///
    /// # Errors
    /// Those of the property.
    pub fn body_html(&self) -> Result<Option<Html<'_>>> {
        let properties = self.properties()?;
        let Some(property) = properties.get(id::HTML)? else { return Ok(None) };
        let tag = property.tag();
        if !matches!(tag.kind(), PropertyType::BINARY | PropertyType::STRING | PropertyType::STRING8) {
            return Ok(None);
        }
        let internet = self.integer(id::INTERNET_CODEPAGE).ok().flatten();
        let internet = internet.and_then(|page| i32::try_from(page).ok()).and_then(CodePage::from_property);
        Ok(Some(Html::new(tag, property.stored()?, internet, || properties.code_page())))
    }

    /// PidTagRtfCompressed: the RTF body, decompressed. A wrong CRC is a [warning](Rtf::warnings).
    ///
    /// # Errors
    /// Those of the property; `Corrupt` if it does not begin like compressed RTF; `Limit` above
    /// [`Limits::rtf_bytes`](crate::Limits::rtf_bytes).
    pub fn body_rtf(&self) -> Result<Option<Rtf>> {
        let Some(stored) = self.properties()?.binary(id::RTF_COMPRESSED)? else { return Ok(None) };
        if stored.is_empty() {
            return Ok(None);
        }
        let limit = self.inner.node.database().limits().rtf_bytes;
        Rtf::decompress(&stored, limit).map(Some).map_err(|error| error.in_node(self.inner.node.top_id()))
    }

    /// PidTagTransportMessageHeaders: the headers the mail came with.
    ///
    /// # Errors
    /// Those of the property.
    pub fn transport_headers(&self) -> Result<Option<Text<'_>>> {
        self.properties()?.text(id::TRANSPORT_MESSAGE_HEADERS)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message").field("id", &self.id()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Bytes;

    fn parse(stored: &[u8]) -> Subject {
        Subject::parse(&Text::new(Bytes::lent(stored), None))
    }

    #[test]
    fn subjects() {
        for (prefix, text, normalized) in
            [(Some("RE: "), "RE: Plan", "Plan"), (Some(""), "Plan", "Plan"), (None, "RE: Plan", "RE: Plan")]
        {
            let subject = Subject { prefix: prefix.map(str::to_owned), text: text.to_owned() };
            let parsed = parse(&subject.encode());
            assert_eq!(parsed.normalized(), normalized);
            assert_eq!(parsed, subject);
        }
        assert_eq!(parse(&utf16::encode("\u{1}")).text, "");
        assert_eq!(parse(&utf16::encode("\u{1}\u{7F}ab")).prefix.as_deref(), Some("ab"));
    }
}
