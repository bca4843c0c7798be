//! Messages, of a store or parsed from a mail: one set of questions for both.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex};

use pst_core::Pst;
use pst_core::item::{AnyMessage, Item, ItemDate, Role};
use pst_core::messaging::Message as CoreMessage;

use crate::attachment::{Attachment, AttachmentIter};
use crate::error::{Error, Failure};
use crate::guard::{give, give_next, give_some, guard, put, put_some, wait};
use crate::handle::{self, get};
use crate::kept;
use crate::lent::Lent;
use crate::person::{Person, PersonIter, PersonRole};
use crate::pointer;
use crate::property::{Holder, Properties};
use crate::status::Status;
use crate::view::{Bytes, Str, Time};

/// What keeps a message's bytes.
pub(crate) enum Owner {
    /// A message of a store, which keeps its file open.
    Itself,
    /// The bytes of a mail.
    Bytes(#[expect(dead_code, reason = "it is only kept")] Arc<[u8]>),
    /// The attachment of a mail that it is.
    Attachment(#[expect(dead_code, reason = "it is only kept")] Arc<Attachment>),
}

/// A message of a store, or a mail in its internet form: both answer the same questions alike, as far as they can. May be
/// used by several threads at once, and after its store was freed.
pub struct Message {
    /// Before its owner: it goes first.
    view: AnyMessage<'static>,
    _owner: Owner,
    /// The store it is in, for the names of properties.
    pst: Option<Pst>,
    pub(crate) lent: Lent,
}

impl Message {
    /// A message of a store.
    pub(crate) fn stored(message: CoreMessage, pst: &Pst) -> Self {
        Self::new((AnyMessage::Message(message), Owner::Itself), Some(pst.clone()))
    }

    /// A mail.
    pub(crate) fn mail(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::new(kept::mail(bytes.into()), None)
    }

    pub(crate) fn new((view, owner): (AnyMessage<'static>, Owner), pst: Option<Pst>) -> Self {
        Self { view, _owner: owner, pst, lent: Lent::default() }
    }

    pub(crate) fn item(&self) -> Item<'_> {
        self.view.item()
    }

    /// The message and its store.
    pub(crate) fn as_stored(&self) -> Option<(&CoreMessage, &Pst)> {
        Some((self.item().as_message()?, self.pst.as_ref()?))
    }

    fn need_stored(&self) -> Result<(&CoreMessage, &Pst), Failure> {
        self.as_stored().ok_or_else(|| Failure::new(Status::WrongType, "the message is a mail and in no store"))
    }
}

type Walk = Box<dyn Iterator<Item = Result<Message, Failure>> + Send>;

/// A walk over messages.
pub struct MessageIter(Mutex<Walk>);

impl MessageIter {
    pub(crate) fn new(walk: impl Iterator<Item = Result<Message, Failure>> + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(walk)))
    }
}

/// The next message, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the next.
///
/// The message is the caller's, to be freed with `pst_message_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_iter_next(
    messages: *mut MessageIter,
    message: Option<&mut MaybeUninit<*mut Message>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let messages = get(messages)?;
        give_next(message, || wait(&messages.0).next())
    })
}

/// Frees a walk over messages, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_iter_free(messages: *mut MessageIter) {
    handle::free(messages);
}

/// Reads a mail (EML: RFC 5322, MIME). The bytes are copied and may go as soon as this returns. Every mail can be read; what
/// makes no sense in it is absent.
///
/// The message is the caller's, to be freed with `pst_message_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_parse(
    data: *const u8,
    length: usize,
    message: Option<&mut MaybeUninit<*mut Message>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(message, || Ok(Message::mail(pointer::bytes(data, length)?))))
}

/// The node id of the message; `PST_STATUS_WRONG_TYPE` for a mail.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_id(
    message: *const Message,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(node, || Ok(get(message)?.need_stored()?.0.id().raw())))
}

/// The node id of the folder it is in, of an embedded message of its attachment; `PST_STATUS_WRONG_TYPE` for a mail.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_folder_id(
    message: *const Message,
    node: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(node, || Ok(get(message)?.need_stored()?.0.folder_id().raw())))
}

/// Whether it is one of the hidden items in which programs keep settings.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_is_associated(
    message: *const Message,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(get(message)?.item().is_associated())))
}

/// The message class, such as `IPM.Note`; of a mail that which it would have in a store.
///
/// The text lives as long as the message.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_class(
    message: *const Message,
    class: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 0, class, error, |item| Ok(item.class()?.class))
}

/// What kind of item it is, in one word: `mail`, `appointment`, `contact`, `report`, `unknown` and others.
///
/// The text lives as long as the message.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_kind(
    message: *const Message,
    kind: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 1, kind, error, |item| Ok(Some(item.class()?.classification.kind.name().to_owned())))
}

/// The subject with its prefix.
///
/// The text lives as long as the message.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_subject(
    message: *const Message,
    subject: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 2, subject, error, |item| item.subject())
}

/// The Message-ID without angle brackets.
///
/// The text lives as long as the message.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_message_id(
    message: *const Message,
    id: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 3, id, error, |item| item.message_id())
}

/// The plain text body.
///
/// The text lives as long as the message, and takes its memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_plain_text(
    message: *const Message,
    body: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 4, body, error, |item| item.plain_text())
}

/// The HTML body in UTF-8, whatever charset its own tag names.
///
/// The text lives as long as the message, and takes its memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_html(
    message: *const Message,
    body: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(message, 5, body, error, |item| item.html())
}

fn text(
    message: *const Message,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(Item<'_>) -> pst_core::Result<Option<String>>,
) -> Status {
    guard(error, || {
        let message = get(message)?;
        put_some(out, || message.lent.text(key, || Ok(make(message.item())?)))
    })
}

/// The RTF body, decompressed. A mail has none.
///
/// The bytes live as long as the message, and take their memory as long.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_rtf(
    message: *const Message,
    body: Option<&mut MaybeUninit<Bytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let message = get(message)?;
        put_some(body, || {
            message.lent.bytes(6, || {
                let Some(stored) = message.item().as_message() else { return Ok(None) };
                Ok(stored.body_rtf()?.map(|rtf| rtf.bytes))
            })
        })
    })
}

/// The headers as they stand: of a mail its own, of a message in a store those it came with.
///
/// The bytes live as long as the message.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_headers(
    message: *const Message,
    headers: Option<&mut MaybeUninit<Bytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let message = get(message)?;
        put_some(headers, || {
            message.lent.bytes(7, || Ok(message.item().raw_headers()?.map(|headers| headers.into_owned())))
        })
    })
}

/// Bytes of the item: of a mail its size; of a message in a store what the store says, **which counts properties**.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_size(
    message: *const Message,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(size, || Ok(get(message)?.item().size()?)))
}

/// When it was sent.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_sent(
    message: *const Message,
    time: Option<&mut MaybeUninit<Time>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    date(message, time, error, |item| item.sent())
}

/// When it was received.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_received(
    message: *const Message,
    time: Option<&mut MaybeUninit<Time>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    date(message, time, error, |item| item.received())
}

/// When it was made.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_created(
    message: *const Message,
    time: Option<&mut MaybeUninit<Time>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    date(message, time, error, |item| item.created())
}

fn date(
    message: *const Message,
    out: Option<&mut MaybeUninit<Time>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(Item<'_>) -> pst_core::Result<Option<ItemDate>>,
) -> Status {
    guard(error, || put_some(out, || Ok(make(get(message)?.item())?.map(Time::from))))
}

/// Who sent it.
///
/// The person is the caller's, to be freed with `pst_person_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_sender(
    message: *const Message,
    person: Option<&mut MaybeUninit<*mut Person>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give_some(person, || {
            Ok(get(message)?.item().sender()?.map(|who| Person::resolved(PersonRole::Sender, who, None)))
        })
    })
}

/// Whom it was sent for, if not for the sender himself.
///
/// The person is the caller's, to be freed with `pst_person_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_representing(
    message: *const Message,
    person: Option<&mut MaybeUninit<*mut Person>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give_some(person, || {
            Ok(get(message)?.item().representing()?.map(|who| Person::resolved(PersonRole::Representing, who, None)))
        })
    })
}

/// Walks the recipients. One that cannot be read does not end the walk.
///
/// The iterator is the caller's, to be freed with `pst_person_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_recipients(
    message: *const Message,
    people: Option<&mut MaybeUninit<*mut PersonIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(people, || {
            let mut walk = kept::recipients(get(message)?);
            Ok(PersonIter::new(std::iter::from_fn(move || {
                Some(walk.view_mut().next()?.map(Person::recipient).map_err(Failure::from))
            })))
        })
    })
}

/// Walks those to whom answers are to go.
///
/// The iterator is the caller's, to be freed with `pst_person_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_reply_to(
    message: *const Message,
    people: Option<&mut MaybeUninit<*mut PersonIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(people, || {
            let people = get(message)?.item().reply_to()?;
            Ok(PersonIter::new(people.into_iter().map(|one| Ok(Person::recipient(one)))))
        })
    })
}

/// Walks the attachments. One that cannot be read does not end the walk.
///
/// The iterator is the caller's, to be freed with `pst_attachment_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_attachments(
    message: *const Message,
    attachments: Option<&mut MaybeUninit<*mut AttachmentIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(attachments, || {
            let message = get(message)?;
            let pst = message.pst.clone();
            Ok(AttachmentIter::new(kept::attachments(message), pst))
        })
    })
}

/// The properties of a message in a store; `PST_STATUS_WRONG_TYPE` for a mail.
///
/// They are the caller's, to be freed with `pst_properties_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_properties(
    message: *const Message,
    properties: Option<&mut MaybeUninit<*mut Properties>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(properties, || Ok(Properties::new(Holder::Message(get(message)?.need_stored()?.0.clone())))))
}

/// Frees a message. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_free(message: *mut Message) {
    handle::free(message);
}

/// The role of a recipient as C has it.
pub(crate) fn role(role: Role) -> PersonRole {
    match role {
        Role::To => PersonRole::To,
        Role::Cc => PersonRole::Cc,
        Role::Bcc => PersonRole::Bcc,
        Role::ReplyTo => PersonRole::ReplyTo,
        Role::Originator => PersonRole::Originator,
        _ => PersonRole::Other,
    }
}
