//! Attachments (MS-PST 2.4.6): subnodes of type 5 below a message.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::ltp::{Heap, Property, PropertyContext, PropertyType, Row, RowPlace, TableContext, id};
use crate::messaging::Message;
use crate::ndb::{DataStream, Nid, NidType, Node};
use crate::text::CodePageChoice;
use crate::{Error, Result};

/// PidTagAttachMethod: how the content is kept (MS-OXCMSG 2.2.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttachmentMethod {
    /// 0: just created, no content.
    None,
    /// 1: the bytes themselves.
    ByValue,
    /// 2: a path the recipient can reach.
    ByReference,
    /// 3: a path to be resolved when the mail is sent.
    ByReferenceResolve,
    /// 4: a path, never resolved.
    ByReferenceOnly,
    /// 5: a message.
    EmbeddedMessage,
    /// 6: an OLE object.
    Ole,
    /// 7: a link to a file in the web.
    ByWebReference,
    /// Any other number.
    Other(i32),
}

impl AttachmentMethod {
    /// From the stored number.
    pub const fn new(number: i32) -> Self {
        match number {
            0 => Self::None,
            1 => Self::ByValue,
            2 => Self::ByReference,
            3 => Self::ByReferenceResolve,
            4 => Self::ByReferenceOnly,
            5 => Self::EmbeddedMessage,
            6 => Self::Ole,
            7 => Self::ByWebReference,
            other => Self::Other(other),
        }
    }

    /// The stored number.
    pub const fn number(self) -> i32 {
        match self {
            Self::None => 0,
            Self::ByValue => 1,
            Self::ByReference => 2,
            Self::ByReferenceResolve => 3,
            Self::ByReferenceOnly => 4,
            Self::EmbeddedMessage => 5,
            Self::Ole => 6,
            Self::ByWebReference => 7,
            Self::Other(number) => number,
        }
    }

    /// True if the content is a path or URL.
    pub const fn is_by_reference(self) -> bool {
        matches!(self, Self::ByReference | Self::ByReferenceResolve | Self::ByReferenceOnly | Self::ByWebReference)
    }

    /// The name in lower case with underscores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ByValue => "by_value",
            Self::ByReference => "by_reference",
            Self::ByReferenceResolve => "by_reference_resolve",
            Self::ByReferenceOnly => "by_reference_only",
            Self::EmbeddedMessage => "embedded_message",
            Self::Ole => "ole",
            Self::ByWebReference => "by_web_reference",
            Self::Other(_) => "unknown",
        }
    }
}

/// An attachment. Cheap to clone; keeps the file open.
#[derive(Clone)]
pub struct Attachment {
    inner: Arc<Inner>,
}

struct Inner {
    node: Node,
    properties: OnceLock<PropertyContext>,
    /// The method in the table's row, where some writers keep it alone.
    row_method: Option<i32>,
    inherited: Option<CodePageChoice>,
}

/// What an attachment holds, judged by its data and not by its method alone.
#[derive(Debug)]
pub enum AttachmentContent {
    /// Nothing.
    None,
    /// Bytes.
    Bytes(DataStream),
    /// A message.
    Message(Box<Message>),
    /// An OLE object: a compound file or a bare stream.
    Ole(DataStream),
    /// A path or URL; the file is elsewhere.
    Reference(String),
}

impl Attachment {
    pub(crate) fn open(message: &Message, nid: Nid, row_method: Option<i32>) -> Result<Self> {
        let node = message.node().subnode(nid)?.ok_or_else(|| {
            let text = format!("the message has no subnode {nid}, which its attachment table lists");
            Error::not_found("attachment", text).in_node(message.node().top_id())
        })?;
        let inherited = message.code_page().ok();
        Ok(Self { inner: Arc::new(Inner { node, properties: OnceLock::new(), row_method, inherited }) })
    }

    /// The attachment's id, which means something only inside its message.
    pub fn id(&self) -> Nid {
        self.inner.node.id()
    }

    /// The node of the attachment.
    pub fn node(&self) -> &Node {
        &self.inner.node
    }

    /// All properties of the attachment. Opened once.
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

    /// PidTagAttachMethod, of the attachment or else of its row; `None` if neither has it.
    ///
    /// # Errors
    /// Those of the property.
    pub fn method(&self) -> Result<Option<AttachmentMethod>> {
        let own = self.integer(id::ATTACH_METHOD)?.and_then(|number| i32::try_from(number).ok());
        Ok(own.or(self.inner.row_method).map(AttachmentMethod::new))
    }

    /// The best file name: long, short, or the display name. **Not a safe path**: it may hold any character.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn file_name(&self) -> Result<Option<String>> {
        for id in [id::ATTACH_LONG_FILENAME, id::ATTACH_FILENAME, id::DISPLAY_NAME] {
            if let Some(name) = self.string(id)?.filter(|name| !name.is_empty()) {
                return Ok(Some(name));
            }
        }
        Ok(None)
    }

    /// PidTagAttachDataBinary or PidTagAttachDataObject, which share an id.
    fn data(&self) -> Result<Option<Property<'_>>> {
        self.properties()?.get(id::ATTACH_DATA)
    }

    /// What the attachment holds.
    ///
    /// # Errors
    /// Those of the data; `Limit` beyond [`Limits::subnode_depth`](crate::Limits::subnode_depth).
    pub fn content(&self) -> Result<AttachmentContent> {
        let method = self.method()?;
        let by_reference = method.is_some_and(AttachmentMethod::is_by_reference);
        let data = match self.data()? {
            // Writers leave an empty value beside a reference.
            Some(data) if by_reference && data.stored_len()? == 0 => None,
            data => data,
        };
        let Some(data) = data else {
            let reference = if by_reference { self.reference()? } else { None };
            return Ok(reference.map_or(AttachmentContent::None, AttachmentContent::Reference));
        };
        if data.tag().kind() != PropertyType::OBJECT {
            let stream = data.stream()?;
            return Ok(match method {
                Some(AttachmentMethod::Ole) => AttachmentContent::Ole(stream),
                _ => AttachmentContent::Bytes(stream),
            });
        }
        if data.stored()?.is_empty() {
            return Ok(AttachmentContent::None);
        }
        let object = data.object()?;
        let is_message = object.id().kind() == NidType::NORMAL_MESSAGE
            || (method == Some(AttachmentMethod::EmbeddedMessage) && Heap::open(&object).is_ok());
        if is_message {
            return Ok(AttachmentContent::Message(Box::new(Message::embedded(object, self.inner.inherited))));
        }
        let stream = object.data()?.into_stream();
        Ok(match method {
            Some(AttachmentMethod::ByValue) => AttachmentContent::Bytes(stream),
            _ => AttachmentContent::Ole(stream),
        })
    }

    fn reference(&self) -> Result<Option<String>> {
        Ok(match self.string(id::ATTACH_LONG_PATHNAME)? {
            Some(path) => Some(path),
            None => self.string(id::ATTACH_PATHNAME)?,
        })
    }

    /// The bytes of the content as a stream; `None` for a message, a reference or nothing.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub fn stream(&self) -> Result<Option<DataStream>> {
        Ok(match self.content()? {
            AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream) => Some(stream),
            AttachmentContent::None | AttachmentContent::Message(_) | AttachmentContent::Reference(_) => None,
        })
    }

    /// The embedded message, if the attachment is one.
    ///
    /// # Errors
    /// As [`content`](Self::content).
    pub fn message(&self) -> Result<Option<Message>> {
        Ok(match self.content()? {
            AttachmentContent::Message(message) => Some(*message),
            _ => None,
        })
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attachment").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// The attachments of a message; one error per unreadable one, and the walk goes on.
///
/// First the rows of the table, each attachment once, then attachment subnodes that no row names.
#[derive(Debug)]
pub struct Attachments {
    message: Message,
    table: Option<TableContext>,
    rows: std::vec::IntoIter<RowPlace>,
    unlisted: std::vec::IntoIter<Nid>,
    errors: std::vec::IntoIter<Error>,
}

impl Attachments {
    pub(crate) fn new(message: &Message) -> Self {
        let (table, mut rows, mut errors) = match message.attachment_table() {
            Ok(Some(table)) => {
                let (rows, errors) = table.row_places();
                (Some(table), rows, errors)
            }
            Ok(None) => (None, Vec::new(), Vec::new()),
            Err(error) => (None, Vec::new(), vec![error]),
        };
        // Without the table, the subnodes fail for the reason it failed for.
        let table_failed = !errors.is_empty() && table.is_none();
        let mut known = HashSet::new();
        rows.retain(|place| known.insert(Nid::new(place.id)));
        let mut unlisted = Vec::new();
        for subnode in message.node().subnodes() {
            match subnode {
                Ok(node) if node.id().kind() == NidType::ATTACHMENT && known.insert(node.id()) => {
                    unlisted.push(node.id())
                }
                Ok(_) => {}
                Err(error) if !table_failed => errors.push(error),
                Err(_) => {}
            }
        }
        Self {
            message: message.clone(),
            table,
            rows: rows.into_iter(),
            unlisted: unlisted.into_iter(),
            errors: errors.into_iter(),
        }
    }
}

impl Iterator for Attachments {
    type Item = Result<Attachment>;

    fn next(&mut self) -> Option<Self::Item> {
        if let (Some(place), Some(table)) = (self.rows.next(), &self.table) {
            let attachment =
                table.row_at(place).and_then(|row| Attachment::open(&self.message, row.nid(), method_of(&row)));
            return Some(attachment);
        }
        match self.unlisted.next() {
            Some(nid) => Some(Attachment::open(&self.message, nid, None)),
            None => self.errors.next().map(Err),
        }
    }
}

/// PidTagAttachMethod in a row of the attachment table.
pub(crate) fn method_of(row: &Row<'_>) -> Option<i32> {
    row.integer(id::ATTACH_METHOD).and_then(|number| i32::try_from(number).ok())
}
