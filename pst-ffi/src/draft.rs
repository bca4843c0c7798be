//! Items to be written.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::FileTime;
use pst_core::messaging::RecipientKind;
use pst_core::write::{AttachmentDraft, MessageDraft, Properties};

use crate::bag::Bag;
use crate::error::{Error, Failure};
use crate::event::cancelled;
use crate::guard::{give, guard, take};
use crate::handle::{self, get, get_some};
use crate::pointer;
use crate::status::Status;
use crate::transfer::used_up;
use crate::write::{self, Writer};

/// An item to be written. Calls on it must not overlap.
pub struct Draft(Mutex<Option<MessageDraft>>);

impl Draft {
    /// The item, which the draft has no more afterwards.
    pub(crate) fn used(&self) -> Result<MessageDraft, Failure> {
        take(&self.0)?.take().ok_or_else(used_up)
    }
}

fn change(
    draft: *mut Draft,
    error: Option<&mut MaybeUninit<*mut Error>>,
    change: impl FnOnce(&mut MessageDraft) -> Result<(), Failure>,
) -> Status {
    guard(error, || {
        let draft = get(draft)?;
        change(take(&draft.0)?.as_mut().ok_or_else(used_up)?)?;
        Ok(Status::Ok)
    })
}

/// Makes an item of a class, such as `IPM.Note`; read, with nothing in it.
///
/// The draft is the caller's, to be freed with `pst_draft_free`, also after it was written.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_new(
    class: *const c_char,
    draft: Option<&mut MaybeUninit<*mut Draft>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(draft, || Ok(Draft(Mutex::new(Some(MessageDraft::new(pointer::text(class)?)))))))
}

/// Sets the subject, with its prefix.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_subject(
    draft: *mut Draft,
    subject: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.subject(pointer::text(subject)?);
        Ok(())
    })
}

/// Sets the sender: a name and an SMTP address.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_sender(
    draft: *mut Draft,
    name: *const c_char,
    address: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.sender(pointer::text(name)?, pointer::text(address)?);
        Ok(())
    })
}

/// Sets whom it was sent for, if not for the sender himself.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_representing(
    draft: *mut Draft,
    name: *const c_char,
    address: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.represented(pointer::text(name)?, pointer::text(address)?);
        Ok(())
    })
}

/// Adds a recipient: `PST_ROLE_TO`, `_CC`, `_BCC` or `_ORIGINATOR`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_add_recipient(
    draft: *mut Draft,
    role: u32,
    name: *const c_char,
    address: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let kind = match role {
            1 => RecipientKind::To,
            2 => RecipientKind::Cc,
            3 => RecipientKind::Bcc,
            5 => RecipientKind::Originator,
            _ => return Err(Failure::new(Status::InvalidInput, "no recipient has that role")),
        };
        draft.recipient(kind, pointer::text(name)?, pointer::text(address)?);
        Ok(())
    })
}

/// Adds a recipient by its raw properties. The bag stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_add_recipient_row(
    draft: *mut Draft,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let mut row = Properties::new();
        get(bag)?.apply(&mut row);
        draft.recipient_row(row);
        Ok(())
    })
}

/// Sets the plain text body.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_plain_text(
    draft: *mut Draft,
    body: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.body(pointer::text(body)?);
        Ok(())
    })
}

/// Sets the HTML body.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_html(
    draft: *mut Draft,
    body: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.html(pointer::text(body)?);
        Ok(())
    })
}

/// Sets the RTF body; it is compressed.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_rtf(
    draft: *mut Draft,
    data: *const u8,
    length: usize,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.rtf(pointer::bytes(data, length)?);
        Ok(())
    })
}

/// Sets the headers the mail came with.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_headers(
    draft: *mut Draft,
    headers: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.headers(pointer::text(headers)?);
        Ok(())
    })
}

/// Sets the Message-ID, with its angle brackets.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_message_id(
    draft: *mut Draft,
    id: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.message_id(pointer::text(id)?);
        Ok(())
    })
}

/// Sets the Message-ID of the mail it answers, with its angle brackets.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_in_reply_to(
    draft: *mut Draft,
    id: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.in_reply_to(pointer::text(id)?);
        Ok(())
    })
}

/// Sets when it was sent and delivered, as 100 ns since 1601.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_dates(
    draft: *mut Draft,
    sent: u64,
    delivered: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.dates(FileTime::new(sent), FileTime::new(delivered));
        Ok(())
    })
}

/// Sets when it was made and changed, as 100 ns since 1601.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_created(
    draft: *mut Draft,
    created: u64,
    modified: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.created(FileTime::new(created), FileTime::new(modified));
        Ok(())
    })
}

/// Sets whether it was read (it was).
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_read(
    draft: *mut Draft,
    read: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.read(read);
        Ok(())
    })
}

/// Sets whether it is still being written, as what lies in Drafts is.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_unsent(
    draft: *mut Draft,
    unsent: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        draft.unsent(unsent);
        Ok(())
    })
}

/// Sets raw properties. The bag stays the caller's.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_set_properties(
    draft: *mut Draft,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        get(bag)?.apply(draft.properties());
        Ok(())
    })
}

/// Attaches a file. The bytes are copied. `mime_type`, `content_id` (which makes it a picture of the HTML body) and `bag`
/// (further properties) may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_attach(
    draft: *mut Draft,
    name: *const c_char,
    mime_type: *const c_char,
    content_id: *const c_char,
    data: *const u8,
    length: usize,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let file = AttachmentDraft::file(pointer::text(name)?, pointer::bytes(data, length)?);
        draft.attach(dressed(file, mime_type, content_id, bag)?);
        Ok(())
    })
}

/// Gives bytes: writes up to `capacity` of them into the buffer and returns how many, 0 at the end, a negative number to
/// stop. It must return: no exception and no `longjmp` may leave it.
pub type ReadBytes = Option<extern "C" fn(user: *mut c_void, buffer: *mut u8, capacity: usize) -> isize>;

struct Reader {
    read: extern "C" fn(user: *mut c_void, buffer: *mut u8, capacity: usize) -> isize,
    user: *mut c_void,
    is_stopped: bool,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = (self.read)(self.user, buffer.as_mut_ptr(), buffer.len());
        let Ok(given) = usize::try_from(given) else {
            self.is_stopped = true;
            return Err(io::Error::other("a callback asked to stop"));
        };
        if given > buffer.len() {
            return Err(io::Error::other("a callback gave more bytes than there was room for"));
        }
        Ok(given)
    }
}

/// Attaches a file of any size, whose bytes go to the new file at once: the draft is then for this writer alone.
/// `mime_type`, `content_id` and `bag` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_attach_stream(
    draft: *mut Draft,
    writer: *mut Writer,
    name: *const c_char,
    mime_type: *const c_char,
    content_id: *const c_char,
    read: ReadBytes,
    user: *mut c_void,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let name = pointer::text(name)?;
        let read = read.ok_or_else(|| Failure::new(Status::NullPointer, "the callback is NULL"))?;
        let mut reader = Reader { read, user, is_stopped: false };
        let data = write::with(writer, |state| Ok(state.out.data(&mut reader)?));
        let data = if reader.is_stopped { Err(cancelled()) } else { data }?;
        draft.attach(dressed(AttachmentDraft::file(name, data), mime_type, content_id, bag)?);
        Ok(())
    })
}

/// Attaches a message. `inner` is used up, be it a success or not, and still to be freed. `bag` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_attach_message(
    draft: *mut Draft,
    name: *const c_char,
    inner: *mut Draft,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let name = pointer::text(name)?;
        let message = AttachmentDraft::message(name, get(inner)?.used()?);
        draft.attach(dressed(message, std::ptr::null(), std::ptr::null(), bag)?);
        Ok(())
    })
}

/// Attaches a path or URL of a file that is elsewhere. `bag` may be NULL.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_attach_reference(
    draft: *mut Draft,
    name: *const c_char,
    path: *const c_char,
    is_url: bool,
    bag: *const Bag,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(draft, error, |draft| {
        let (name, path) = (pointer::text(name)?, pointer::text(path)?);
        let one = if is_url { AttachmentDraft::link(name, path) } else { AttachmentDraft::reference(name, path) };
        draft.attach(dressed(one, std::ptr::null(), std::ptr::null(), bag)?);
        Ok(())
    })
}

fn dressed(
    attachment: AttachmentDraft,
    mime_type: *const c_char,
    content_id: *const c_char,
    bag: *const Bag,
) -> Result<AttachmentDraft, Failure> {
    let attachment = match pointer::text_some(mime_type)? {
        Some(mime_type) => attachment.mime(mime_type),
        None => attachment,
    };
    let mut attachment = match pointer::text_some(content_id)? {
        Some(content_id) => attachment.inline(content_id),
        None => attachment,
    };
    if let Some(bag) = get_some(bag)? {
        bag.apply(attachment.properties());
    }
    Ok(attachment)
}

/// Frees a draft, written or not. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_draft_free(draft: *mut Draft) {
    handle::free(draft);
}
