//! The attachments of an item: files, messages, pictures in the text.

use std::io::{self, Read};

use crate::Result;
use crate::convert::from_mime::file_name;
use crate::convert::from_mime::sealed::{Seal, content_headers};
use crate::item::layout::{Layout, Shown};
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
    Part(Part<'m>, Shown<'m>),
    /// All of a signed mail.
    Signed(&'m Mail<'m>),
}

impl<'m> Item<'m> {
    /// The attachments; one error per unreadable one, and the walk goes on. **Of a mail these are all parts that are no
    /// [body](Item::plain_text)**: files, messages, pictures, second texts. Of a signed or encrypted mail it is one, all of
    /// it; the status part of a report and the calendar of a meeting are none, as they are none in a store.
    pub fn attachments(&self) -> ItemAttachments<'m> {
        ItemAttachments(match self.source {
            Source::Message(message) => Walk::Stored(Box::new(message.attachments())),
            Source::Mail(mail) => {
                let Layout { html, files, is_signed, .. } = Layout::of(mail);
                if is_signed { Walk::Signed(Some(mail)) } else { Walk::Parts(files.into_iter(), Shown::by(html)) }
            }
        })
    }
}

/// The attachments of an item.
#[derive(Debug)]
pub struct ItemAttachments<'m>(Walk<'m>);

#[derive(Debug)]
enum Walk<'m> {
    Stored(Box<Attachments>),
    Parts(std::vec::IntoIter<Part<'m>>, Shown<'m>),
    Signed(Option<&'m Mail<'m>>),
}

impl<'m> Iterator for ItemAttachments<'m> {
    type Item = Result<ItemAttachment<'m>>;

    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.0 {
            Walk::Stored(attachments) => {
                Some(attachments.next()?.map(|attachment| ItemAttachment(Held::Stored(attachment))))
            }
            Walk::Parts(parts, shown) => Some(Ok(ItemAttachment(Held::Part(parts.next()?, shown.clone())))),
            Walk::Signed(mail) => Some(Ok(ItemAttachment(Held::Signed(mail.take()?)))),
        }
    }
}

/// True for a part that is a message. **What has no header is none, whatever it says.**
fn is_message(part: &Part<'_>) -> bool {
    /// The first header is no further than that.
    const START: u64 = 64 << 10;
    let mut start = Vec::new();
    // Reading a part never fails.
    part.is_message()
        && part.reader().take(START).read_to_end(&mut start).is_ok()
        && Mail::parse(&start).headers().next().is_some()
}

/// The name that S/MIME gives what has none (MS-OXOSMIME 2.1.3).
const SEALED: &str = "SMIME.p7m";

impl<'m> ItemAttachment<'m> {
    /// The view of an attachment in a store.
    pub fn of_stored(attachment: Attachment) -> Self {
        Self(Held::Stored(attachment))
    }

    /// Where it is.
    pub fn place(&self) -> AttachmentPlace {
        match &self.0 {
            Held::Stored(attachment) => AttachmentPlace::Node(attachment.id()),
            Held::Part(part, _) => AttachmentPlace::Part(part.index()),
            Held::Signed(_) => AttachmentPlace::Part(0),
        }
    }

    /// The file name, without the directories that some mail programs put before it; of a message without one, its subject.
    /// **Not a safe path**: it may hold any character.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn name(&self) -> Result<Option<String>> {
        match &self.0 {
            Held::Stored(attachment) => Ok(filled(attachment.file_name()?)),
            Held::Signed(_) => Ok(Some(SEALED.to_owned())),
            Held::Part(part, _) => match filled(part.file_name().map(file_name::clean)) {
                Some(name) => Ok(Some(name)),
                None if Seal::of(part) == Some(Seal::Opaque) => Ok(Some(SEALED.to_owned())),
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
            Held::Part(part, _) => Ok(part.type_is_stated().then(|| part.content_type().essence())),
            Held::Signed(_) => Ok(Some("multipart/signed".to_owned())),
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
            Held::Part(part, _) if is_message(part) => AttachmentKind::Message,
            Held::Part(..) | Held::Signed(_) => AttachmentKind::File,
        })
    }

    /// True if the HTML shows it: it refers to its Content-ID, or inside a multipart/related to its Content-Location; in a
    /// store, it is flagged so (PidTagAttachFlags, attRenderedInBody), or hidden with a content id.
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
            Held::Part(part, shown) => Ok(shown.has(part)),
            Held::Signed(_) => Ok(false),
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
            Held::Part(part, _) => Ok(part.content_id()),
            Held::Signed(_) => Ok(None),
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
            Held::Part(part, _) if part.encoding().is_identity() => Ok(u64::try_from(part.body_range().len()).ok()),
            Held::Part(part, _) => Ok(Some(io::copy(&mut part.reader(), &mut io::sink())?)),
            Held::Signed(mail) => {
                let size = content_headers(mail).len().saturating_add(mail.root().body_range().len());
                Ok(u64::try_from(size).ok())
            }
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
            Held::Part(part, _) => Some(ContentReader(Reader::Part(Box::new(part.reader())))),
            Held::Signed(mail) => {
                let headers = io::Cursor::new(content_headers(mail));
                Some(ContentReader(Reader::Signed(headers.chain(mail.root().body()))))
            }
        })
    }

    /// The message that it is. `None` if it is none, or one deeper in messages than a mail may be.
    ///
    /// # Errors
    /// Those of the data.
    pub fn message(&self) -> Result<Option<AnyMessage<'m>>> {
        Ok(match &self.0 {
            Held::Stored(attachment) => attachment.message()?.map(AnyMessage::Message),
            Held::Part(part, _) if is_message(part) => part.message().map(|mail| AnyMessage::Mail(Box::new(mail))),
            Held::Part(..) => None,
            Held::Signed(_) => None,
        })
    }

    /// The attachment, if the item is in a store.
    pub fn as_stored(&self) -> Option<&Attachment> {
        match &self.0 {
            Held::Stored(attachment) => Some(attachment),
            Held::Part(..) | Held::Signed(_) => None,
        }
    }

    /// The part, if the item is a mail; of a signed mail, that which is the mail.
    pub fn as_part(&self) -> Option<Part<'m>> {
        match self.0 {
            Held::Stored(_) => None,
            Held::Part(part, _) => Some(part),
            Held::Signed(mail) => Some(mail.root()),
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
    Signed(io::Chain<io::Cursor<Vec<u8>>, &'m [u8]>),
}

impl Read for ContentReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Reader::Stored(stream) => stream.read(buffer),
            Reader::Part(reader) => reader.read(buffer),
            Reader::Signed(reader) => reader.read(buffer),
        }
    }
}
