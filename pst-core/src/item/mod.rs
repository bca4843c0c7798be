//! One view of an item, wherever it comes from: a message in a store, or a mail as the internet has it.
//!
//! ```text
//! Message (PST, OST) --+              class, subject, dates, message id, sender, recipients,
//!                      +--> Item -->  size, attachments, headers, bodies, folder
//! Mail (EML, mbox) ----+
//! ```
//!
//! Stands on [`messaging`](crate::messaging), [`mime`](crate::mime) and [`address`](crate::address). **The same mail gives
//! the same answers in either form**, as far as the form holds them; where it cannot, the question says so. Nothing is
//! decoded before it is asked for, and a field that cannot be read is an error of that question alone.
//!
//! ```
//! use pst_core::item::{Item, Role};
//! use pst_core::mime::Mail;
//!
//! let mail = Mail::parse(b"From: Ann <ann@a.example>\r\nBcc: bob@b.example\r\nSubject: Hi\r\n\r\nHello\r\n");
//! let item = Item::of_mail(&mail);
//! assert_eq!(item.class()?.class.as_deref(), Some("IPM.Note"));
//! assert_eq!(item.subject()?.as_deref(), Some("Hi"));
//! let bob = item.recipients().next().transpose()?.expect("a recipient");
//! assert_eq!((bob.role, bob.who.smtp.map(|smtp| smtp.address)), (Role::Bcc, Some("bob@b.example".to_owned())));
//! # Ok::<(), pst_core::Error>(())
//! ```

mod attachment;
mod body;
pub(crate) mod class;
mod date;
mod folder;
mod layout;
mod people;

use std::borrow::Cow;
use std::fmt;

pub use attachment::{AttachmentKind, AttachmentPlace, ContentReader, ItemAttachment, ItemAttachments};
pub use class::ItemClass;
pub use date::{DateSource, ItemDate};
pub use folder::{FolderPath, FolderPaths};
pub use people::{ItemRecipient, ItemRecipients, Role};

use crate::Result;
use crate::address::AddressLookup;
use crate::ltp::id;
use crate::messaging::Message;
use crate::mime::{Date, Mail};

/// A message of either kind, kept. [`item`](AnyMessage::item) looks at it.
#[derive(Clone, Debug)]
pub enum AnyMessage<'a> {
    /// A message in a store.
    Message(Message),
    /// A mail.
    Mail(Box<Mail<'a>>),
}

impl AnyMessage<'_> {
    /// The view of it.
    pub fn item(&self) -> Item<'_> {
        match self {
            Self::Message(message) => Item::of_message(message),
            Self::Mail(mail) => Item::of_mail(mail),
        }
    }
}

/// Where an item is read from.
#[derive(Clone, Copy, Debug)]
enum Source<'m> {
    Message(&'m Message),
    Mail(&'m Mail<'m>),
}

/// The view of an item. Cheap to make and to copy.
#[derive(Clone, Copy)]
pub struct Item<'m> {
    source: Source<'m>,
    folder: Option<&'m FolderPath>,
    envelope_date: Option<Date>,
    lookup: &'m (dyn AddressLookup + Sync),
}

impl<'m> Item<'m> {
    /// The view of a message in a store.
    pub fn of_message(message: &'m Message) -> Self {
        Self { source: Source::Message(message), folder: None, envelope_date: None, lookup: &() }
    }

    /// The view of a mail.
    pub fn of_mail(mail: &'m Mail<'m>) -> Self {
        Self { source: Source::Mail(mail), folder: None, envelope_date: None, lookup: &() }
    }

    /// The same item, known to be in this folder.
    #[must_use]
    pub fn in_folder(self, folder: &'m FolderPath) -> Self {
        Self { folder: Some(folder), ..self }
    }

    /// The same item, taken from an mbox whose `From ` line has this date.
    #[must_use]
    pub fn with_envelope_date(self, date: Option<Date>) -> Self {
        Self { envelope_date: date, ..self }
    }

    /// The same item, whose people are looked up here where the item itself has no SMTP address of them.
    #[must_use]
    pub fn with_lookup(self, lookup: &'m (dyn AddressLookup + Sync)) -> Self {
        Self { lookup, ..self }
    }

    /// The message, if the item is in a store.
    pub fn as_message(&self) -> Option<&'m Message> {
        match self.source {
            Source::Message(message) => Some(message),
            Source::Mail(_) => None,
        }
    }

    /// The mail, if the item is one.
    pub fn as_mail(&self) -> Option<&'m Mail<'m>> {
        match self.source {
            Source::Message(_) => None,
            Source::Mail(mail) => Some(mail),
        }
    }

    /// The folder the item is in, if whoever made the view knew.
    pub fn folder(&self) -> Option<&'m FolderPath> {
        self.folder
    }

    /// True for the hidden items of a store in which programs keep settings.
    pub fn is_associated(&self) -> bool {
        self.as_message().is_some_and(Message::is_associated)
    }

    /// What the item is. The class of a mail is the one that it would have in a store (MS-OXCMAIL 2.2.3).
    ///
    /// # Errors
    /// Those of the property.
    pub fn class(&self) -> Result<ItemClass> {
        match self.source {
            Source::Message(message) => Ok(ItemClass::stored(message.class()?)),
            Source::Mail(mail) => Ok(class::of_mail(mail)),
        }
    }

    /// The subject with its prefix; `None` if absent or empty.
    ///
    /// # Errors
    /// Those of the property.
    pub fn subject(&self) -> Result<Option<String>> {
        let subject = match self.source {
            Source::Message(message) => message.subject()?,
            Source::Mail(mail) => mail.subject().map(Cow::into_owned),
        };
        Ok(filled(subject))
    }

    /// The Message-ID without angle brackets; `None` if absent or empty. Of a message in a store, PidTagInternetMessageId,
    /// else what its transport headers say.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn message_id(&self) -> Result<Option<String>> {
        match self.source {
            Source::Mail(mail) => Ok(mail.message_id()),
            Source::Message(message) => match message.string(id::INTERNET_MESSAGE_ID)?.as_deref().and_then(bare_id) {
                Some(id) => Ok(Some(id)),
                None => Ok(transport_mail(message, |mail| mail.message_id())?.flatten()),
            },
        }
    }

    /// Bytes of the item: of a mail, what stands between its first header and its end; of a message in a store,
    /// PidTagMessageSize, **which counts properties and is never the size of the mail**. `None` if the store does not say.
    ///
    /// # Errors
    /// Those of the property.
    pub fn size(&self) -> Result<Option<u64>> {
        match self.source {
            Source::Mail(mail) => Ok(u64::try_from(mail.root().range().len()).ok()),
            Source::Message(message) => Ok(message.size()?.and_then(|size| u64::try_from(size).ok())),
        }
    }

    /// The headers as they stand: of a mail its bytes; of a message in a store the transport headers it came with, in
    /// UTF-8. `None` if the item has none, as what was never sent.
    ///
    /// # Errors
    /// Those of the property.
    pub fn raw_headers(&self) -> Result<Option<Cow<'m, [u8]>>> {
        let headers = match self.source {
            Source::Mail(mail) => Cow::Borrowed(mail.root().raw_headers()),
            Source::Message(message) => {
                let Some(headers) = message.transport_headers()? else { return Ok(None) };
                Cow::Owned(headers.to_string_lossy().into_bytes())
            }
        };
        Ok(Some(headers).filter(|headers| !headers.is_empty()))
    }
}

impl fmt::Debug for Item<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").field("source", &self.source).field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// Characters of transport headers that are read for what a message does not say itself.
const HEADERS_READ: usize = 1 << 20;

/// Reads the transport headers of a message as a mail without body; `None` if it has none.
fn transport_mail<T>(message: &Message, read: impl FnOnce(&Mail<'_>) -> T) -> Result<Option<T>> {
    let Some(headers) = message.transport_headers()? else { return Ok(None) };
    let mut headers = headers.to_string_lossy();
    headers.truncate(headers.floor_char_boundary(HEADERS_READ));
    // Some servers put a banner before the first header, which is none.
    let text = match headers.split_once('\n') {
        Some((banner, rest)) if banner.starts_with("Microsoft Mail Internet Headers") => rest,
        _ => &headers,
    };
    let text = text.trim_start_matches(['\r', '\n']);
    Ok((!text.is_empty()).then(|| read(&Mail::parse(text.as_bytes()))))
}

/// The text, if there is any but NUL.
fn filled(text: Option<String>) -> Option<String> {
    let mut text = text?;
    text.truncate(text.trim_end_matches('\0').len());
    (!text.is_empty()).then_some(text)
}

/// What stands in angle brackets, or the whole; without blanks.
fn bare_id(stored: &str) -> Option<String> {
    let stored = stored.trim_matches(|character: char| character == '\0' || character.is_whitespace());
    let inside = stored.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(inside, _)| inside);
    let id: String = match inside {
        Some(inside) => inside.split_whitespace().collect(),
        None => stored.trim_start_matches('<').trim_end_matches('>').to_owned(),
    };
    (!id.is_empty()).then_some(id)
}
