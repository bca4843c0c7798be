//! Messages: everything a message says, and its forms as mail, calendar and card.

use std::sync::Arc;

use pst_core::convert::{calendar, contact};
use pst_core::item::{FolderPaths, Item};
use pst_core::ltp::id;
use pst_core::messaging::{Message as CoreMessage, inspect};
use pst_core::{FileTime, Result, rtf};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDateTime};

use crate::attachment::Attachment;
use crate::errors;
use crate::folder::Folder;
use crate::iterate::MessageIterator;
use crate::journal::JournalReport;
use crate::people::{AddressBook, Lookup, Person, Recipient};
use crate::property::{Owner, Property};
use crate::shared::{Shared, call, quiet, report};
use crate::time::optional;

/// PidTagMessageFlags: the message was read.
const READ: i64 = 1;
/// Bytes of RTF as text or HTML.
const FLAGS: u16 = id::MESSAGE_FLAGS;

/// A message. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Message {
    pub(crate) shared: Arc<Shared>,
    pub(crate) core: CoreMessage,
}

impl Message {
    pub(crate) fn new(shared: &Arc<Shared>, core: CoreMessage) -> Self {
        Self { shared: Arc::clone(shared), core }
    }

    fn owner(&self) -> Owner {
        Owner::Message(self.core.clone())
    }

    /// Asks the view of the message that mails have as well.
    fn ask<T: Send>(&self, py: Python<'_>, question: impl FnOnce(Item<'_>) -> Result<T> + Send) -> PyResult<T> {
        self.shared.check()?;
        call(py, || question(Item::of_message(&self.core)))
    }

    fn date<'py>(
        &self,
        py: Python<'py>,
        question: impl FnOnce(&CoreMessage) -> Result<Option<FileTime>> + Send,
    ) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.shared.check()?;
        let time = call(py, || question(&self.core))?;
        optional(py, time)
    }
}

/// The property, or what the headers say without it.
fn or_header(
    own: Result<Option<FileTime>>,
    item: impl FnOnce() -> Result<Option<pst_core::item::ItemDate>>,
) -> Result<Option<FileTime>> {
    match own? {
        Some(time) if !time.is_none() => Ok(Some(time)),
        _ => Ok(item()?.map(|date| date.time)),
    }
}

#[pymethods]
impl Message {
    #[getter]
    fn id(&self) -> u32 {
        self.core.id().raw()
    }

    #[getter]
    fn folder_id(&self) -> Option<u32> {
        (!self.core.is_embedded()).then(|| self.core.folder_id().raw())
    }

    #[getter]
    fn folder(&self, py: Python<'_>) -> PyResult<Option<Folder>> {
        if self.core.is_embedded() {
            return Ok(None);
        }
        let pst = self.shared.pst()?;
        let folder = call(py, || pst.folder(self.core.folder_id()))?;
        Ok(Some(Folder::new(&self.shared, folder)))
    }

    #[getter]
    fn folder_path(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let pst = self.shared.pst()?;
        Ok((!self.core.is_embedded())
            .then(|| quiet(py, || FolderPaths::new(&pst).of(self.core.folder_id()).to_string())))
    }

    #[getter]
    fn is_associated(&self) -> bool {
        self.core.is_associated()
    }

    #[getter]
    fn is_embedded(&self) -> bool {
        self.core.is_embedded()
    }

    #[getter]
    fn is_read(&self, py: Python<'_>) -> PyResult<Option<bool>> {
        let flags = self.ask(py, |_| self.core.integer(FLAGS))?;
        Ok(flags.map(|flags| flags & READ != 0))
    }

    #[getter]
    fn message_class(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |_| self.core.class())
    }

    #[getter]
    fn kind(&self, py: Python<'_>) -> PyResult<&'static str> {
        self.ask(py, |item| Ok(item.class()?.classification.kind.name()))
    }

    #[getter]
    fn classification(&self, py: Python<'_>) -> PyResult<crate::kind::Classification> {
        self.ask(py, |item| Ok(crate::kind::Classification::new(&item.class()?.classification)))
    }

    #[getter]
    fn subject(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |item| item.subject())
    }

    #[getter]
    fn normalized_subject(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |_| Ok(self.core.subject_parts()?.map(|subject| subject.normalized().to_owned())))
    }

    #[getter]
    fn sent<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.date(py, |message| or_header(message.submit_time(), || Item::of_message(message).sent()))
    }

    #[getter]
    fn received<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.date(py, |message| or_header(message.delivery_time(), || Item::of_message(message).received()))
    }

    #[getter]
    fn created<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.date(py, CoreMessage::creation_time)
    }

    #[getter]
    fn modified<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDateTime>>> {
        self.date(py, |message| message.time(id::LAST_MODIFICATION_TIME))
    }

    #[getter]
    fn sent_offset_minutes(&self, py: Python<'_>) -> PyResult<Option<i16>> {
        self.ask(py, |item| Ok(item.sent()?.and_then(|date| date.offset_minutes)))
    }

    #[getter]
    fn size(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        self.ask(py, |item| item.size())
    }

    #[getter]
    fn message_id(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |item| item.message_id())
    }

    #[getter]
    fn sender(&self, py: Python<'_>) -> PyResult<Option<Person>> {
        self.ask(py, |item| Ok(item.sender()?.map(Person::new)))
    }

    #[getter]
    fn representing(&self, py: Python<'_>) -> PyResult<Option<Person>> {
        self.ask(py, |item| Ok(item.representing()?.map(Person::new)))
    }

    #[getter]
    fn recipients(&self, py: Python<'_>) -> PyResult<Vec<Recipient>> {
        self.people(py, None, None)
    }

    #[pyo3(name = "recipients_with", signature = (book=None, on_error=None))]
    fn people(
        &self,
        py: Python<'_>,
        book: Option<&AddressBook>,
        on_error: Option<Py<PyAny>>,
    ) -> PyResult<Vec<Recipient>> {
        self.shared.check()?;
        let lookup = Lookup::of(book);
        let found: Vec<Result<Recipient>> = quiet(py, || {
            let recipients = Item::of_message(&self.core).with_lookup(&lookup).recipients();
            recipients.map(|recipient| recipient.map(Recipient::new)).collect()
        });
        let mut recipients = Vec::with_capacity(found.len());
        for recipient in found {
            match recipient {
                Ok(recipient) => recipients.push(recipient),
                Err(error) => report(py, on_error.as_ref(), error)?,
            }
        }
        Ok(recipients)
    }

    #[pyo3(signature = (book=None))]
    fn sender_with(&self, py: Python<'_>, book: Option<&AddressBook>) -> PyResult<Option<Person>> {
        let lookup = Lookup::of(book);
        self.ask(py, |item| Ok(item.with_lookup(&lookup).sender()?.map(Person::new)))
    }

    #[getter]
    fn reply_to(&self, py: Python<'_>) -> PyResult<Vec<Recipient>> {
        self.ask(py, |item| Ok(item.reply_to()?.into_iter().map(Recipient::new).collect()))
    }

    #[getter]
    fn body(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |item| {
            if let Some(text) = item.plain_text()? {
                return Ok(Some(text));
            }
            of_rtf(&self.core, |rtf, out| rtf::to_text(rtf, out, &rtf::Options::default()).is_ok())
        })
    }

    #[getter]
    fn html(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |item| {
            if let Some(html) = item.html()? {
                return Ok(Some(html));
            }
            of_rtf(&self.core, |rtf, out| rtf::to_html(rtf, out, &rtf::Options::default()).is_ok())
        })
    }

    #[getter]
    fn rtf<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let rtf = self.ask(py, |_| self.core.body_rtf())?;
        Ok(rtf.map(|rtf| PyBytes::new(py, &rtf.bytes)))
    }

    #[getter]
    fn transport_headers(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |_| Ok(self.core.transport_headers()?.map(|headers| headers.to_string_lossy())))
    }

    #[getter]
    fn attachments(&self, py: Python<'_>) -> PyResult<Vec<Attachment>> {
        self.list_attachments(py, None)
    }

    #[pyo3(signature = (on_error=None))]
    fn list_attachments(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<Vec<Attachment>> {
        self.shared.check()?;
        let found: Vec<_> = quiet(py, || self.core.attachments().collect());
        let mut attachments = Vec::with_capacity(found.len());
        for attachment in found {
            match attachment {
                Ok(attachment) => attachments.push(Attachment::new(&self.shared, attachment)),
                Err(error) => report(py, on_error.as_ref(), error)?,
            }
        }
        Ok(attachments)
    }

    #[pyo3(signature = (on_error=None))]
    fn embedded(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<MessageIterator> {
        self.shared.check()?;
        let attachments = quiet(py, || self.core.attachments());
        let messages = attachments.filter_map(|attachment| match attachment {
            Ok(attachment) => attachment.message().transpose(),
            Err(error) => Some(Err(error)),
        });
        Ok(MessageIterator::new(&self.shared, messages, on_error))
    }

    fn inspect(&self, py: Python<'_>) -> PyResult<Vec<Py<PyAny>>> {
        self.shared.check()?;
        let found = quiet(py, || inspect(&self.core));
        Ok(errors::list(py, &found.errors))
    }

    fn journal(&self, py: Python<'_>) -> PyResult<Option<JournalReport>> {
        let names = self.shared.names(py)?;
        JournalReport::of(py, &self.shared, &self.core, &names)
    }

    #[pyo3(signature = (*, bcc=true, original_headers=true, keep_rtf=true, domain=None, book=None))]
    fn to_mail(
        &self,
        py: Python<'_>,
        bcc: bool,
        original_headers: bool,
        keep_rtf: bool,
        domain: Option<String>,
        book: Option<&AddressBook>,
    ) -> PyResult<crate::mail::ConvertedMail> {
        let options = crate::mail::options(bcc, original_headers, keep_rtf, domain);
        crate::mail::ConvertedMail::of(py, &self.shared, &self.core, &options, book)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        Ok(self.to_mail(py, true, true, true, None, None)?.data(py))
    }

    #[pyo3(signature = (policy=None))]
    fn to_email<'py>(&self, py: Python<'py>, policy: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        crate::mail::parse(py, &self.to_bytes(py)?, policy)
    }

    fn save(&self, py: Python<'_>, path: std::path::PathBuf) -> PyResult<Vec<crate::mail::Loss>> {
        crate::mail::save(py, &self.shared, &self.core, &path)
    }

    fn to_icalendar(&self, py: Python<'_>) -> PyResult<(String, Vec<crate::mail::Loss>)> {
        let names = self.shared.names(py)?;
        let calendar = call(py, || calendar::to_icalendar(&self.core, &names, &calendar::Options::default()))?;
        Ok((calendar.text, crate::mail::losses(&calendar.losses)))
    }

    fn to_vcard(&self, py: Python<'_>) -> PyResult<(String, Vec<crate::mail::Loss>)> {
        let names = self.shared.names(py)?;
        let card = call(py, || contact::to_vcard(&self.core, &names, contact::Version::V4))?;
        Ok((card.text, crate::mail::losses(&card.losses)))
    }

    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.owner().get(py, &self.shared, key)?.or(default))
    }

    fn __getitem__<'py>(&self, py: Python<'py>, key: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.owner().item(py, &self.shared, key)
    }

    #[pyo3(signature = (on_error=None))]
    fn properties(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<Vec<Property>> {
        self.owner().list(py, &self.shared, on_error.as_ref())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let (mine, other) = (self.core.node(), other.get());
            let theirs = other.core.node();
            Arc::ptr_eq(&self.shared, &other.shared)
                && (mine.top_id(), mine.id(), mine.depth()) == (theirs.top_id(), theirs.id(), theirs.depth())
                && mine.entry().data == theirs.entry().data
        })
    }

    fn __hash__(&self) -> u64 {
        u64::from(self.core.node().top_id().raw())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<Message {:#x} {:?}>", self.core.id().raw(), self.subject(py).ok().flatten().unwrap_or_default())
    }
}

/// What can be made of a body that is RTF and nothing else.
fn of_rtf(message: &CoreMessage, make: impl FnOnce(&[u8], &mut Vec<u8>) -> bool) -> Result<Option<String>> {
    let Some(rtf) = message.body_rtf()? else { return Ok(None) };
    let mut text = Vec::new();
    Ok(make(&rtf.bytes, &mut text).then(|| String::from_utf8_lossy(&text).into_owned()).filter(|text| !text.is_empty()))
}
