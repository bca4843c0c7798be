//! The attachments of an item: files, messages, pictures in the text.

use std::io::{self, Read};

use crate::Result;
use crate::item::body::Bodies;
use crate::item::{AnyMessage, Item, Source, filled};
use crate::ltp::id;
use crate::messaging::{Attachment, AttachmentContent, Attachments};
use crate::mime::{BodyReader, Mail, Part};
use crate::ndb::{DataStream, Nid};

/// What an attachment holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AttachmentKind {
    /// Bytes: [`reader`](ItemAttachment::reader) gives them.
    File,
    /// A message: [`message`](ItemAttachment::message) gives it.
    Message,
    /// An OLE object, as Outlook puts it into RTF; its bytes are a compound file or a bare stream.
    Ole,
    /// A path or URL of a file that is elsewhere.
    Reference(String),
    /// Nothing.
    Nothing,
}

/// Where in its item an attachment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttachmentPlace {
    /// The node of an attachment in a store.
    Node(Nid),
    /// The index of the part in [`Mail::parts`].
    Part(usize),
}

/// An attachment of an item.
#[derive(Clone, Debug)]
pub struct ItemAttachment<'m>(Held<'m>);

#[derive(Clone, Debug)]
enum Held<'m> {
    Stored(Attachment),
    Part(Part<'m>),
}

impl<'m> Item<'m> {
    /// The attachments; one error per unreadable one, and the walk goes on. **Of a mail these are all parts that are no
    /// [body](Item::plain_text)**: files, messages, pictures, second texts.
    pub fn attachments(&self) -> ItemAttachments<'m> {
        ItemAttachments(match self.source {
            Source::Message(message) => Walk::Stored(Box::new(message.attachments())),
            Source::Mail(mail) => Walk::Parts { mail, bodies: Bodies::of(mail), next: 0 },
        })
    }
}

/// The attachments of an item.
#[derive(Debug)]
pub struct ItemAttachments<'m>(Walk<'m>);

#[derive(Debug)]
enum Walk<'m> {
    Stored(Box<Attachments>),
    Parts { mail: &'m Mail<'m>, bodies: Bodies, next: usize },
}

impl<'m> Iterator for ItemAttachments<'m> {
    type Item = Result<ItemAttachment<'m>>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Stored(attachments) => {
                Some(attachments.next()?.map(|attachment| ItemAttachment(Held::Stored(attachment))))
            }
            Walk::Parts { mail, bodies, next } => loop {
                let part = mail.part(*next)?;
                *next = next.saturating_add(1);
                let is_body = [bodies.plain, bodies.html].contains(&Some(part.index()));
                if !is_body && !part.is_multipart() && !is_bare(&part) {
                    return Some(Ok(ItemAttachment(Held::Part(part))));
                }
            },
        }
    }
}

/// True for the text of a mail that has none: one empty part is no attachment.
fn is_bare(part: &Part<'_>) -> bool {
    part.index() == 0 && part.body_range().is_empty() && !part.is_attachment()
}

impl<'m> ItemAttachment<'m> {
    /// Where it is.
    pub fn place(&self) -> AttachmentPlace {
        match &self.0 {
            Held::Stored(attachment) => AttachmentPlace::Node(attachment.id()),
            Held::Part(part) => AttachmentPlace::Part(part.index()),
        }
    }

    /// The file name; of a message without one, its subject. **Not a safe path**: it may hold any character.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn name(&self) -> Result<Option<String>> {
        match &self.0 {
            Held::Stored(attachment) => Ok(filled(attachment.file_name()?)),
            Held::Part(part) => match part.file_name() {
                Some(name) => Ok(Some(name.to_owned())),
                None => Ok(part.message().and_then(|mail| filled(mail.subject().map(|subject| subject.into_owned())))),
            },
        }
    }

    /// The MIME type, in small letters; `message/rfc822` for every message. `None` if nobody said.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn mime_type(&self) -> Result<Option<String>> {
        if self.kind()? == AttachmentKind::Message {
            return Ok(Some("message/rfc822".to_owned()));
        }
        match &self.0 {
            Held::Stored(attachment) => {
                Ok(filled(attachment.string(id::ATTACH_MIME_TAG)?).map(|kind| kind.trim().to_ascii_lowercase()))
            }
            Held::Part(part) => Ok(part.type_is_stated().then(|| part.content_type().essence())),
        }
    }

    /// What it holds.
    ///
    /// # Errors
    /// Those of the data.
    pub fn kind(&self) -> Result<AttachmentKind> {
        Ok(match &self.0 {
            Held::Stored(attachment) => match attachment.content()? {
                AttachmentContent::None => AttachmentKind::Nothing,
                AttachmentContent::Bytes(_) => AttachmentKind::File,
                AttachmentContent::Message(_) => AttachmentKind::Message,
                AttachmentContent::Ole(_) => AttachmentKind::Ole,
                AttachmentContent::Reference(path) => AttachmentKind::Reference(path),
            },
            Held::Part(part) if part.is_message() => AttachmentKind::Message,
            Held::Part(_) => AttachmentKind::File,
        })
    }

    /// True if the text shows it: it stands in a multipart/related, or inline with a content id; in a store, it is flagged
    /// so (PidTagAttachFlags, attRenderedInBody), or hidden with a content id.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn is_inline(&self) -> Result<bool> {
        /// MS-OXCMSG 2.2.2.18.
        const RENDERED_IN_BODY: i64 = 4;
        match &self.0 {
            Held::Stored(attachment) => {
                if attachment.integer(id::ATTACH_FLAGS)?.unwrap_or(0) & RENDERED_IN_BODY != 0 {
                    return Ok(true);
                }
                let hidden = attachment.integer(id::ATTACHMENT_HIDDEN)?.unwrap_or(0) != 0;
                Ok(hidden && self.content_id()?.is_some())
            }
            Held::Part(part) => {
                let disposition = part.disposition().map(|disposition| disposition.kind.as_str());
                let has_id = part.content_id().is_some() || part.content_location().is_some();
                let related = part.parent().is_some_and(|parent| parent.content_type().is("multipart", "related"));
                Ok(has_id && (disposition == Some("inline") || (related && disposition != Some("attachment"))))
            }
        }
    }

    /// The content id, without angle brackets.
    ///
    /// # Errors
    /// Those of the property.
    pub fn content_id(&self) -> Result<Option<String>> {
        match &self.0 {
            Held::Stored(attachment) => {
                let id = filled(attachment.string(id::ATTACH_CONTENT_ID)?);
                let bare = id.map(|id| id.trim().trim_start_matches('<').trim_end_matches('>').to_owned());
                Ok(bare.filter(|id| !id.is_empty()))
            }
            Held::Part(part) => Ok(part.content_id()),
        }
    }

    /// Bytes of the content, decoded: for a mail it is read once to be counted. Of a message in a store, what the store
    /// says (PidTagAttachSize), which counts properties. `None` if there is nothing to count.
    ///
    /// # Errors
    /// Those of the data.
    pub fn size(&self) -> Result<Option<u64>> {
        match &self.0 {
            Held::Stored(attachment) => Ok(match attachment.content()? {
                AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream) => Some(stream.len()),
                AttachmentContent::Message(_) => {
                    attachment.integer(id::ATTACH_SIZE)?.and_then(|size| u64::try_from(size).ok())
                }
                AttachmentContent::None | AttachmentContent::Reference(_) => None,
            }),
            Held::Part(part) if part.encoding().is_identity() => Ok(u64::try_from(part.body_range().len()).ok()),
            Held::Part(part) => Ok(Some(io::copy(&mut part.reader(), &mut io::sink())?)),
        }
    }

    /// The bytes of the content, decoded as they are read; of a message in a mail, its bytes. `None` for a message in a
    /// store, a reference or nothing.
    ///
    /// # Errors
    /// Those of the data. Those met while reading travel inside [`io::Error`].
    pub fn reader(&self) -> Result<Option<ContentReader<'m>>> {
        Ok(match &self.0 {
            Held::Stored(attachment) => {
                attachment.stream()?.map(|stream| ContentReader(Reader::Stored(Box::new(stream))))
            }
            Held::Part(part) => Some(ContentReader(Reader::Part(Box::new(part.reader())))),
        })
    }

    /// The message that it is. `None` if it is none, or one deeper in messages than a mail may be.
    ///
    /// # Errors
    /// Those of the data.
    pub fn message(&self) -> Result<Option<AnyMessage<'m>>> {
        Ok(match &self.0 {
            Held::Stored(attachment) => attachment.message()?.map(AnyMessage::Message),
            Held::Part(part) => part.message().map(|mail| AnyMessage::Mail(Box::new(mail))),
        })
    }

    /// The attachment, if the item is in a store.
    pub fn as_stored(&self) -> Option<&Attachment> {
        match &self.0 {
            Held::Stored(attachment) => Some(attachment),
            Held::Part(_) => None,
        }
    }

    /// The part, if the item is a mail.
    pub fn as_part(&self) -> Option<Part<'m>> {
        match self.0 {
            Held::Stored(_) => None,
            Held::Part(part) => Some(part),
        }
    }
}

/// The content of an attachment as a stream; memory is one piece of it.
#[derive(Debug)]
pub struct ContentReader<'m>(Reader<'m>);

#[derive(Debug)]
enum Reader<'m> {
    Stored(Box<DataStream>),
    Part(Box<BodyReader<'m>>),
}

impl Read for ContentReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reader::Stored(stream) => stream.read(buffer),
            Reader::Part(reader) => reader.read(buffer),
        }
    }
}
