//! Messages as mails.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::io::{self, Write};
use std::mem::MaybeUninit;
use std::sync::Mutex;

use pst_core::convert::Loss as CoreLoss;
use pst_core::convert::to_mime::{self, BccPolicy, HeaderSource};
use pst_core::messaging::NamedProperties;

use crate::error::{Error, Failure};
use crate::event::cancelled;
use crate::guard::{give, guard, need, put, put_some, wait};
use crate::handle::{self, get, get_some};
use crate::lent::Lent;
use crate::message::Message;
use crate::pointer;
use crate::status::Status;
use crate::view::{Bytes, Str};

/// How messages become mails. Functions that take it take NULL for the defaults.
pub struct MimeOptions(Mutex<to_mime::Options>);

/// The options of a handle that may be NULL.
pub(crate) fn options(options: *const MimeOptions) -> Result<to_mime::Options, Failure> {
    Ok(get_some(options)?.map_or_else(to_mime::Options::default, |options| wait(&options.0).clone()))
}

fn change(
    options: *mut MimeOptions,
    error: Option<&mut MaybeUninit<*mut Error>>,
    change: impl FnOnce(&mut to_mime::Options) -> Result<(), Failure>,
) -> Status {
    guard(error, || {
        change(&mut wait(&get(options)?.0))?;
        Ok(Status::Ok)
    })
}

/// Makes options with the defaults. They are the caller's, to be freed with `pst_mime_options_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_new(
    options: Option<&mut MaybeUninit<*mut MimeOptions>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(options, || Ok(MimeOptions(Mutex::default()))))
}

/// Sets whether a Bcc field names blind recipients (default true).
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_set_bcc(
    options: *mut MimeOptions,
    keep: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        options.bcc = if keep { BccPolicy::Keep } else { BccPolicy::Drop };
        Ok(())
    })
}

/// Sets whether the headers a mail came with are taken over (default true).
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_set_original_headers(
    options: *mut MimeOptions,
    keep: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        options.original_headers = keep;
        Ok(())
    })
}

/// Sets whether the RTF of a body written in RTF is attached (default true).
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_set_keep_rtf(
    options: *mut MimeOptions,
    keep: bool,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        options.keep_rtf = keep;
        Ok(())
    })
}

/// Sets the domain of made-up message ids, and of addresses that are none of SMTP (default `pst.invalid`).
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_set_domain(
    options: *mut MimeOptions,
    domain: *const c_char,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        options.domain = pointer::text(domain)?.to_owned();
        Ok(())
    })
}

/// Sets the most bytes of one mail (default 64 GiB).
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_set_size_limit(
    options: *mut MimeOptions,
    bytes: u64,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    change(options, error, |options| {
        options.size_limit = bytes;
        Ok(())
    })
}

/// Frees options. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_mime_options_free(options: *mut MimeOptions) {
    handle::free(options);
}

/// What came of a conversion: what the result does not carry, or carries changed.
pub struct Conversion {
    message_id: Option<String>,
    headers: Option<&'static str>,
    size: u64,
    losses: Vec<LostPart>,
    lent: Lent,
}

/// One thing that was lost.
pub(crate) struct LostPart {
    kind: String,
    tag: u32,
    detail: String,
}

impl From<&CoreLoss> for LostPart {
    fn from(loss: &CoreLoss) -> Self {
        let tag = loss.property.map_or(0, |tag| tag.raw());
        Self { kind: loss.kind.name().to_owned(), tag, detail: loss.detail.clone() }
    }
}

impl From<&pst_core::Error> for LostPart {
    fn from(error: &pst_core::Error) -> Self {
        Self { kind: error.kind().to_string(), tag: 0, detail: error.to_string() }
    }
}

impl Conversion {
    /// What came of making an item.
    pub(crate) fn of_losses(losses: Vec<LostPart>) -> Self {
        Self { message_id: None, headers: None, size: 0, losses, lent: Lent::default() }
    }
}

/// Something that a conversion lost.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    /// What kind of loss it is, as a stable word with hyphens.
    pub kind: Str,
    /// What it is about, as a sentence.
    pub detail: Str,
    /// The tag of the property it is about; 0 if it is about none.
    pub tag: u32,
}

/// Takes bytes as they are made; what it returns says whether to go on. It must return: no exception and no `longjmp` may
/// leave it.
pub type WriteBytes = Option<extern "C" fn(user: *mut c_void, data: *const u8, length: usize) -> bool>;

struct Writer {
    write: extern "C" fn(user: *mut c_void, data: *const u8, length: usize) -> bool,
    user: *mut c_void,
    is_stopped: bool,
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        if self.is_stopped || !(self.write)(self.user, bytes.as_ptr(), bytes.len()) {
            self.is_stopped = true;
            return Err(io::Error::other("a callback asked to stop"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn convert(message: &Message, out: &mut dyn Write, options: &to_mime::Options) -> Result<Conversion, Failure> {
    let Some((stored, pst)) = message.as_stored() else {
        let item = message.item();
        let mail = item.as_mail().ok_or_else(|| Failure::new(Status::WrongType, "a message of neither kind"))?;
        let bytes = mail.root().raw();
        out.write_all(bytes)?;
        let (message_id, size) = (mail.message_id().map(|id| format!("<{id}>")), bytes.len());
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        return Ok(Conversion {
            message_id,
            headers: Some("original"),
            size,
            losses: Vec::new(),
            lent: Lent::default(),
        });
    };
    let names = pst.named_properties();
    let none = NamedProperties::decode(&[], &[], &[]);
    let converted = to_mime::write_mail(stored, names.as_deref().unwrap_or(&none), out, options)?;
    let mut losses: Vec<LostPart> = converted.losses.iter().map(LostPart::from).collect();
    losses.extend(names.as_ref().err().map(LostPart::from));
    let headers = match converted.headers {
        HeaderSource::Original => "original",
        HeaderSource::Completed => "completed",
        _ => "synthesised",
    };
    let message_id = Some(converted.message_id);
    Ok(Conversion { message_id, headers: Some(headers), size: converted.size, losses, lent: Lent::default() })
}

/// Writes a message as a mail (RFC 5322, MIME) while it reads it: memory does not grow with bodies and attachments. A mail
/// comes out as it is. `options` and `conversion` may be NULL. Behind a failure what was written is no complete mail.
///
/// The conversion is the caller's, to be freed with `pst_conversion_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_to_mime(
    message: *const Message,
    options: *const MimeOptions,
    write: WriteBytes,
    user: *mut c_void,
    conversion: Option<&mut MaybeUninit<*mut Conversion>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let (message, options) = (get(message)?, self::options(options)?);
        let write = write.ok_or_else(|| Failure::new(Status::NullPointer, "the callback is NULL"))?;
        let mut out = Writer { write, user, is_stopped: false };
        // The callback takes few large pieces better than many small ones.
        let mut buffered = io::BufWriter::with_capacity(1 << 16, &mut out);
        let converted = convert(&message, &mut buffered, &options);
        let flushed = if converted.is_ok() { buffered.flush() } else { Ok(()) };
        // What is left in it is not to be written behind a failure.
        let _ = buffered.into_parts();
        if out.is_stopped {
            return Err(cancelled());
        }
        let converted = converted?;
        flushed?;
        if conversion.is_some() { give(conversion, || Ok(converted)) } else { Ok(Status::Ok) }
    })
}

/// Bytes the library made.
pub struct Buffer(Vec<u8>);

/// Writes a message as a mail into memory. `options` and `conversion` may be NULL.
///
/// The buffer is the caller's, to be freed with `pst_buffer_free`, and so is the conversion, with `pst_conversion_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_to_mime_buffer(
    message: *const Message,
    options: *const MimeOptions,
    buffer: Option<&mut MaybeUninit<*mut Buffer>>,
    conversion: Option<&mut MaybeUninit<*mut Conversion>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let (message, options) = (get(message)?, self::options(options)?);
        let place = need(buffer)?;
        let mut bytes = Vec::new();
        let converted = convert(&message, &mut bytes, &options)?;
        bytes.push(0);
        let buffer = handle::insert(Buffer(bytes))?;
        if conversion.is_some() {
            give(conversion, || Ok(converted)).inspect_err(|_| handle::free(buffer))?;
        }
        place.write(buffer);
        Ok(Status::Ok)
    })
}

/// The bytes of a buffer. They live as long as it.
#[unsafe(no_mangle)]
pub extern "C" fn pst_buffer_bytes(
    buffer: *const Buffer,
    bytes: Option<&mut MaybeUninit<Bytes>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(bytes, || {
            let buffer = get(buffer)?;
            Ok(Bytes { data: buffer.0.as_ptr(), length: buffer.0.len().saturating_sub(1) })
        })
    })
}

/// Frees a buffer. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_buffer_free(buffer: *mut Buffer) {
    handle::free(buffer);
}

/// The Message-ID of the mail with angle brackets. One that was made up is told among the losses.
///
/// The text lives as long as the conversion.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_message_id(
    conversion: *const Conversion,
    id: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let conversion = get(conversion)?;
        put_some(id, || conversion.lent.text(0, || Ok(conversion.message_id.clone())))
    })
}

/// Where the header fields of the mail come from: `original`, `completed` or `synthesised`.
///
/// The text lives as long as the conversion.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_headers(
    conversion: *const Conversion,
    headers: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let conversion = get(conversion)?;
        put_some(headers, || conversion.lent.text(1, || Ok(conversion.headers.map(str::to_owned))))
    })
}

/// Bytes of the mail.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_size(
    conversion: *const Conversion,
    size: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(size, || Ok(get(conversion)?.size)))
}

/// How many things were lost.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_loss_count(
    conversion: *const Conversion,
    count: Option<&mut MaybeUninit<usize>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(count, || Ok(get(conversion)?.losses.len())))
}

/// What was lost, by a number from 0; absent beyond the last.
///
/// The texts live as long as the conversion.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_loss(
    conversion: *const Conversion,
    index: usize,
    loss: Option<&mut MaybeUninit<Loss>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put_some(loss, || {
            let conversion = get(conversion)?;
            let Some(lost) = conversion.losses.get(index) else { return Ok(None) };
            let key = u64::try_from(index).unwrap_or(0).saturating_mul(2).saturating_add(16);
            let kind = conversion.lent.text(key, || Ok(Some(lost.kind.clone())))?.unwrap_or(Str::NONE);
            let detail = conversion.lent.text(key.saturating_add(1), || Ok(Some(lost.detail.clone())))?;
            Ok(Some(Loss { kind, detail: detail.unwrap_or(Str::NONE), tag: lost.tag }))
        })
    })
}

/// Frees a conversion. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_conversion_free(conversion: *mut Conversion) {
    handle::free(conversion);
}
