//! Drafts: `pst/_draft.py` as messages to be written.

use std::path::PathBuf;

use pst_core::messaging::{PropertySet, RecipientKind};
use pst_core::write::{AttachmentDraft, Data, MessageDraft, Properties, PstWriter, Target};
use pst_core::{Error, FileTime, Guid};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDateTime, PyDict, PyFloat, PyInt};

use crate::errors::{raise, raise_io};
use crate::property::{name_in_set, tagged};
use crate::time::Instant;
use crate::value::guid;

/// Messages in messages in messages.
const DEEPEST: usize = 32;

/// Why a draft was not written.
pub(crate) enum Failed {
    Core(Error),
    File(PathBuf, Error),
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self::Core(error)
    }
}

impl Failed {
    pub(crate) fn raise(self) -> PyErr {
        match self {
            Self::Core(error) => raise(error),
            Self::File(path, error) => match error.as_io() {
                Some(error) => raise_io(error, Some(&path)),
                None => raise(error),
            },
        }
    }
}

/// An address, or a name and an address.
#[derive(FromPyObject)]
enum Address {
    #[pyo3(transparent)]
    Bare(String),
    Named(String, String),
}

impl Address {
    fn parts(&self) -> (&str, &str) {
        match self {
            Self::Bare(address) => (address, address),
            Self::Named(name, address) => (name, address),
        }
    }
}

/// A value, with the type it is stored as.
enum Value {
    Text(String),
    Truth(bool),
    Number(i32),
    Long(i64),
    Float(f64),
    Time(FileTime),
    Bytes(Vec<u8>),
    Guid(Guid),
    Texts(Vec<String>),
}

/// Which property: an id, or a name to be had an id for.
enum Key {
    Id(u16),
    Named(PropertySet, pst_core::messaging::PropertyName),
}

/// An attachment of a draft.
struct Attached {
    name: String,
    content: Content,
    mime_type: Option<String>,
    content_id: Option<String>,
}

enum Content {
    Bytes(Vec<u8>),
    File(PathBuf),
    Message(Box<Draft>),
}

/// A draft without ties to Python.
pub(crate) struct Draft {
    subject: Option<String>,
    message_class: String,
    sender: Option<Address>,
    representing: Option<Address>,
    recipients: Vec<(RecipientKind, Address)>,
    body: Option<String>,
    html: Option<String>,
    rtf: Option<Vec<u8>>,
    sent: Option<FileTime>,
    received: Option<FileTime>,
    message_id: Option<String>,
    in_reply_to: Option<String>,
    headers: Option<String>,
    is_read: bool,
    attachments: Vec<Attached>,
    properties: Vec<(Key, Value)>,
}

impl<'py> FromPyObject<'_, 'py> for Draft {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        read(&given.to_owned(), 0)
    }
}

/// Reads a draft.
fn read(given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Draft> {
    if depth > DEEPEST {
        return Err(PyValueError::new_err("messages lie too deep in messages"));
    }
    let py = given.py();
    let class = py.import("pst._draft")?.getattr("Draft")?;
    if !given.is_instance(&class)? {
        return Err(PyTypeError::new_err("a pst.Draft is needed"));
    }
    let text = |name: &str| given.getattr(name)?.extract::<Option<String>>();
    let one = |name: &str| given.getattr(name)?.extract::<Option<Address>>();
    let time = |name: &str| -> PyResult<Option<FileTime>> {
        Ok(given.getattr(name)?.extract::<Option<Instant>>()?.map(|Instant(time)| time))
    };
    let mut recipients = Vec::new();
    for (name, kind) in [("to", RecipientKind::To), ("cc", RecipientKind::Cc), ("bcc", RecipientKind::Bcc)] {
        let people: Vec<Address> = given.getattr(name)?.extract()?;
        recipients.extend(people.into_iter().map(|who| (kind, who)));
    }
    let mut attachments = Vec::new();
    for attachment in given.getattr("attachments")?.try_iter()? {
        attachments.push(attached(&attachment?, depth)?);
    }
    let mut properties = Vec::new();
    for (key, value) in given.getattr("properties")?.cast_into::<PyDict>()?.iter() {
        properties.push((self::key(&key)?, self::value(&value)?));
    }
    Ok(Draft {
        subject: text("subject")?,
        message_class: given.getattr("message_class")?.extract()?,
        sender: one("sender")?,
        representing: one("representing")?,
        recipients,
        body: text("body")?,
        html: text("html")?,
        rtf: given.getattr("rtf")?.extract()?,
        sent: time("sent")?,
        received: time("received")?,
        message_id: text("message_id")?,
        in_reply_to: text("in_reply_to")?,
        headers: text("headers")?,
        is_read: given.getattr("is_read")?.extract()?,
        attachments,
        properties,
    })
}

fn attached(given: &Bound<'_, PyAny>, depth: usize) -> PyResult<Attached> {
    let (data, path, message) = (given.getattr("data")?, given.getattr("path")?, given.getattr("message")?);
    let content = match (data.is_none(), path.is_none(), message.is_none()) {
        (false, true, true) => Content::Bytes(PyBuffer::<u8>::get(&data)?.to_vec(given.py())?),
        (true, false, true) => Content::File(path.extract()?),
        (true, true, false) => Content::Message(Box::new(read(&message, depth.saturating_add(1))?)),
        _ => return Err(PyValueError::new_err("an attachment has one of data, path and message")),
    };
    Ok(Attached {
        name: given.getattr("name")?.extract()?,
        content,
        mime_type: given.getattr("mime_type")?.extract()?,
        content_id: given.getattr("content_id")?.extract()?,
    })
}

fn key(given: &Bound<'_, PyAny>) -> PyResult<Key> {
    if let Ok(id) = given.extract::<u16>() {
        return if id < 0x8000 {
            Ok(Key::Id(id))
        } else {
            Err(PyValueError::new_err("ids from 0x8000 on have names: give (property set, name)"))
        };
    }
    if let Ok(name) = given.extract::<String>() {
        let known = tagged().get(name.as_str()).copied().map(Key::Id);
        return known.ok_or_else(|| PyValueError::new_err(format!("no property with an id is called {name:?}")));
    }
    let (set, name): (Bound<'_, PyAny>, Bound<'_, PyAny>) = given.extract()?;
    Ok(Key::Named(PropertySet::from_guid(guid(&set)?), name_in_set(&name)?))
}

fn value(given: &Bound<'_, PyAny>) -> PyResult<Value> {
    // A bool is an int as well.
    if given.is_instance_of::<PyBool>() {
        return given.extract().map(Value::Truth);
    }
    if given.is_instance_of::<PyInt>() {
        return match given.extract::<i32>() {
            Ok(number) => Ok(Value::Number(number)),
            Err(_) => given.extract().map(Value::Long),
        };
    }
    if given.is_instance_of::<PyFloat>() {
        return given.extract().map(Value::Float);
    }
    if let Ok(text) = given.extract::<String>() {
        return Ok(Value::Text(text));
    }
    if given.is_instance_of::<PyDateTime>() {
        return given.extract::<Instant>().map(|Instant(time)| Value::Time(time));
    }
    if let Ok(buffer) = PyBuffer::<u8>::get(given) {
        return buffer.to_vec(given.py()).map(Value::Bytes);
    }
    if given.hasattr("bytes_le")? {
        return guid(given).map(Value::Guid);
    }
    given.extract::<Vec<String>>().map(Value::Texts).map_err(|_| {
        let kind = given.get_type().name().map_or_else(|_| String::new(), |name| name.to_string());
        PyTypeError::new_err(format!("no property type holds a {kind}"))
    })
}

/// The message of a draft, for the file of `out`; files go to it as streams.
pub(crate) fn message<T: Target>(draft: Draft, out: &mut PstWriter<T>, depth: usize) -> Result<MessageDraft, Failed> {
    let mut message = MessageDraft::new(&draft.message_class);
    let set = |text: &Option<String>, set: &mut dyn FnMut(&str)| {
        if let Some(text) = text {
            set(text);
        }
    };
    set(&draft.subject, &mut |text| {
        message.subject(text);
    });
    if let Some(sender) = &draft.sender {
        let (name, address) = sender.parts();
        message.sender(name, address);
    }
    if let Some(other) = &draft.representing {
        let (name, address) = other.parts();
        message.represented(name, address);
    }
    for (kind, who) in &draft.recipients {
        let (name, address) = who.parts();
        message.recipient(*kind, name, address);
    }
    set(&draft.body, &mut |text| {
        message.body(text);
    });
    set(&draft.html, &mut |text| {
        message.html(text);
    });
    if let Some(rtf) = &draft.rtf {
        message.rtf(rtf);
    }
    if let Some(sent) = draft.sent.or(draft.received) {
        message.dates(sent, draft.received.unwrap_or(sent));
    }
    set(&draft.message_id, &mut |text| {
        message.message_id(text);
    });
    set(&draft.in_reply_to, &mut |text| {
        message.in_reply_to(text);
    });
    set(&draft.headers, &mut |text| {
        message.headers(text);
    });
    message.read(draft.is_read);
    for (key, value) in draft.properties {
        let id = match key {
            Key::Id(id) => id,
            Key::Named(set, name) => out.named_property(set, name)?,
        };
        put(message.properties(), id, value);
    }
    for attached in draft.attachments {
        message.attach(attachment(attached, out, depth)?);
    }
    Ok(message)
}

fn attachment<T: Target>(given: Attached, out: &mut PstWriter<T>, depth: usize) -> Result<AttachmentDraft, Failed> {
    let mut attachment = match given.content {
        Content::Bytes(bytes) => AttachmentDraft::file(&given.name, Data::from(bytes)),
        Content::File(path) => {
            let told = |error| Failed::File(path.clone(), error);
            let file = crate::writer::file(&path).map_err(told)?;
            AttachmentDraft::file(&given.name, out.data(file).map_err(told)?)
        }
        Content::Message(draft) => {
            AttachmentDraft::message(&given.name, message(*draft, out, depth.saturating_add(1))?)
        }
    };
    if let Some(mime) = &given.mime_type {
        attachment = attachment.mime(mime);
    }
    if let Some(content_id) = &given.content_id {
        attachment = attachment.inline(content_id);
    }
    Ok(attachment)
}

fn put(properties: &mut Properties, id: u16, value: Value) {
    match value {
        Value::Text(text) => properties.text(id, text),
        Value::Truth(truth) => properties.boolean(id, truth),
        Value::Number(number) => properties.integer32(id, number),
        Value::Long(number) => properties.integer64(id, number),
        Value::Float(number) => properties.floating64(id, number),
        Value::Time(time) => properties.time(id, time),
        Value::Bytes(bytes) => properties.binary(id, bytes),
        Value::Guid(guid) => properties.guid(id, guid),
        Value::Texts(texts) => properties.texts(id, texts),
    };
}
