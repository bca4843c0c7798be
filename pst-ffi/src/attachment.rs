//! Attachments and their bytes.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::io::Read;
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::Pst;
use pst_core::item::{AttachmentKind as CoreKind, AttachmentPlace, ContentReader, ItemAttachment, ItemAttachments};

use crate::error::{Error, Failure};
use crate::guard::{give, give_next, give_some, guard, need, put, put_some, wait};
use crate::handle::{self, get};
use crate::kept::{self, Kept};
use crate::lent::Lent;
use crate::message::Message;
use crate::pointer::Buffer;
use crate::property::{Holder, Properties};
use crate::status::Status;
use crate::view::Str;

/// What an attachment holds.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentKind {
    /// Nothing.
    Nothing = 0,
    /// Bytes: `pst_attachment_open` gives them.
    File = 1,
    /// A message: `pst_attachment_message` gives it.
    Message = 2,
    /// An OLE object; its bytes are a compound file or a bare stream.
    Ole = 3,
    /// A path or URL of a file that is elsewhere: `pst_attachment_reference`.
    Reference = 4,
}

/// An attachment. May be used by several threads at once, and after its message was freed.
pub struct Attachment {
    kept: Kept<ItemAttachment<'static>, Message>,
    pst: Option<Pst>,
    lent: Lent,
}

impl Attachment {
    pub(crate) fn kept(&self) -> &Kept<ItemAttachment<'static>, Message> {
        &self.kept
    }
}

/// A walk over attachments.
pub struct AttachmentIter {
    walk: Mutex<Kept<ItemAttachments<'static>, Message>>,
    pst: Option<Pst>,
}

impl AttachmentIter {
    pub(crate) fn new(walk: Kept<ItemAttachments<'static>, Message>, pst: Option<Pst>) -> Self {
        Self { walk: Mutex::new(walk), pst }
    }
}

/// Bytes that are read piece by piece; memory is one piece. For one thread at a time.
pub struct Stream(Mutex<Kept<ContentReader<'static>, Attachment>>);

/// The next attachment, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives the
/// next.
///
/// The attachment is the caller's, to be freed with `pst_attachment_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_iter_next(
    attachments: *mut AttachmentIter,
    attachment: Option<&mut MaybeUninit<*mut Attachment>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let attachments = get(attachments)?;
        give_next(attachment, || {
            let next = kept::next_attachment(&mut wait(&attachments.walk))?;
            Some(next.map(|kept| Attachment { kept, pst: attachments.pst.clone(), lent: Lent::default() }))
        })
    })
}

/// Frees a walk over attachments, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_iter_free(attachments: *mut AttachmentIter) {
    handle::free(attachments);
}

/// Where it is in its message: of a store the id of its subnode, of a mail the index of its part.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_id(
    attachment: *const Attachment,
    id: Option<&mut MaybeUninit<u32>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(id, || {
            Ok(match get(attachment)?.kept.view().place() {
                AttachmentPlace::Node(nid) => nid.raw(),
                AttachmentPlace::Part(index) => u32::try_from(index).unwrap_or(u32::MAX),
            })
        })
    })
}

/// The file name. **Not a safe path**: it may hold any character.
///
/// The text lives as long as the attachment.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_name(
    attachment: *const Attachment,
    name: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(attachment, 0, name, error, |attachment| attachment.name())
}

/// The MIME type, in small letters.
///
/// The text lives as long as the attachment.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_mime_type(
    attachment: *const Attachment,
    mime_type: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(attachment, 1, mime_type, error, |attachment| attachment.mime_type())
}

/// The content id, without angle brackets.
///
/// The text lives as long as the attachment.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_content_id(
    attachment: *const Attachment,
    content_id: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(attachment, 2, content_id, error, |attachment| attachment.content_id())
}

/// The path or URL of a `PST_CONTENT_REFERENCE`; absent of all others.
///
/// The text lives as long as the attachment.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_reference(
    attachment: *const Attachment,
    reference: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(attachment, 3, reference, error, |attachment| {
        Ok(if let CoreKind::Reference(path) = attachment.kind()? { Some(path) } else { None })
    })
}

fn text(
    attachment: *const Attachment,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(&ItemAttachment<'static>) -> pst_core::Result<Option<String>>,
) -> Status {
    guard(error, || {
        let attachment = get(attachment)?;
        put_some(out, || attachment.lent.text(key, || Ok(make(attachment.kept.view())?)))
    })
}

/// What it holds.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_kind(
    attachment: *const Attachment,
    kind: Option<&mut MaybeUninit<AttachmentKind>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(kind, || {
            Ok(match get(attachment)?.kept.view().kind()? {
                CoreKind::File => AttachmentKind::File,
                CoreKind::Message => AttachmentKind::Message,
                CoreKind::Ole => AttachmentKind::Ole,
                CoreKind::Reference(_) => AttachmentKind::Reference,
                CoreKind::Nothing => AttachmentKind::Nothing,
                _ => return Err(Failure::new(Status::Other, "an attachment of a new kind")),
            })
        })
    })
}

/// Whether the HTML body shows it.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_is_inline(
    attachment: *const Attachment,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(get(attachment)?.kept.view().is_inline()?)))
}

/// Bytes of the content; of a message in a store what the store says, which counts properties.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_size(
    attachment: *const Attachment,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put_some(size, || Ok(get(attachment)?.kept.view().size()?)))
}

/// The message that the attachment is; absent if it is none.
///
/// The message is the caller's, to be freed with `pst_message_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_message(
    attachment: *const Attachment,
    message: Option<&mut MaybeUninit<*mut Message>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give_some(message, || {
            let attachment = get(attachment)?;
            let pst = attachment.pst.clone();
            Ok(kept::embedded(attachment)?.map(|view| Message::new(view, pst)))
        })
    })
}

/// The bytes of the content, decoded; absent for a message in a store, a reference or nothing.
///
/// The stream is the caller's, to be freed with `pst_stream_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_open(
    attachment: *const Attachment,
    stream: Option<&mut MaybeUninit<*mut Stream>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give_some(stream, || Ok(kept::reader(get(attachment)?)?.map(|reader| Stream(Mutex::new(reader))))))
}

/// The properties of an attachment in a store; `PST_STATUS_WRONG_TYPE` for one of a mail.
///
/// They are the caller's, to be freed with `pst_properties_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_properties(
    attachment: *const Attachment,
    properties: Option<&mut MaybeUninit<*mut Properties>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(properties, || {
            let attachment = get(attachment)?;
            let stored = attachment.kept.view().as_stored();
            let stored = stored.ok_or_else(|| Failure::new(Status::WrongType, "the attachment is part of a mail"))?;
            Ok(Properties::new(Holder::Attachment(stored.clone())))
        })
    })
}

/// Frees an attachment. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_attachment_free(attachment: *mut Attachment) {
    handle::free(attachment);
}

/// Fills a buffer as far as there are bytes, and says how many it were; `PST_STATUS_DONE` at the end. Behind a failure the
/// stream cannot go on.
#[unsafe(no_mangle)]
pub extern "C" fn pst_stream_read(
    stream: *mut Stream,
    buffer: *mut u8,
    capacity: usize,
    count: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let stream = get(stream)?;
        let count = need(count)?;
        let filled = Buffer::new(buffer, capacity)?.fill(|buffer| {
            let mut stream = wait(&stream.0);
            let mut filled = 0usize;
            while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
                match stream.view_mut().read(rest) {
                    Ok(0) => break,
                    Ok(more) => filled = filled.saturating_add(more),
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(filled)
        })?;
        if filled == 0 {
            return Ok(Status::Done);
        }
        count.write(filled);
        Ok(Status::Ok)
    })
}

/// Frees a stream, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_stream_free(stream: *mut Stream) {
    handle::free(stream);
}
