//! Journal reports.

use std::sync::Arc;

use pst_core::journal::{self, Envelope, Journal, JournalReader, Place, Redirection, RedirectionKind, Report};
use pst_core::messaging::{Message as CoreMessage, NamedProperties};
use pst_core::rtf;
use pyo3::prelude::*;

use crate::attachment::Attachment;
use crate::message::Message;
use crate::shared::{Shared, call};

/// What a journal report says. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct JournalReport {
    kind: String,
    format: Option<String>,
    marker: Option<String>,
    points: u8,
    sender: Option<Py<JournalParty>>,
    on_behalf_of: Option<Py<JournalParty>>,
    subject: Option<String>,
    message_id: Option<String>,
    label: Option<String>,
    mailbox: Option<Py<JournalParty>>,
    recipients: Vec<Py<JournalRecipient>>,
    extras: Vec<(String, String)>,
    warnings: Vec<String>,
    originals: Vec<Py<JournalOriginal>>,
}

/// Somebody a journal report names. See `_core.pyi`.
#[pyclass(frozen, get_all, eq, hash, module = "pst._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct JournalParty {
    name: Option<String>,
    address: Option<String>,
    smtp: Option<String>,
}

/// Somebody a journaled mail went to. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct JournalRecipient {
    role: String,
    party: Py<JournalParty>,
    expanded_from: Option<Py<JournalParty>>,
    forwarded_from: Option<Py<JournalParty>>,
}

/// A mail in a journal report. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct JournalOriginal {
    message: Option<Py<Message>>,
    attachment: Option<Py<Attachment>>,
    subject: Option<String>,
    message_id: Option<String>,
    is_clear_copy: bool,
    report: Option<Py<JournalReport>>,
}

fn text_of_rtf(stored: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    rtf::to_text(stored, &mut text, &rtf::Options::default()).ok()?;
    String::from_utf8(text).ok()
}

/// Reads a message as a journal report.
pub(crate) fn read(message: &CoreMessage, names: &NamedProperties) -> pst_core::Result<Journal> {
    JournalReader::new().names(names).rtf(&text_of_rtf).read(message)
}

impl JournalReport {
    /// What a message says as a journal report; `None` if it is an ordinary one.
    pub(crate) fn of(
        py: Python<'_>,
        shared: &Arc<Shared>,
        message: &CoreMessage,
        names: &NamedProperties,
    ) -> PyResult<Option<Self>> {
        shared.check()?;
        let journal = call(py, || read(message, names))?;
        if matches!(journal, Journal::Ordinary) {
            return Ok(None);
        }
        Self::new(py, shared, &journal).map(Some)
    }

    fn new(py: Python<'_>, shared: &Arc<Shared>, journal: &Journal) -> PyResult<Self> {
        let empty = Self {
            kind: journal.name().to_owned(),
            format: None,
            marker: None,
            points: 0,
            sender: None,
            on_behalf_of: None,
            subject: None,
            message_id: None,
            label: None,
            mailbox: None,
            recipients: Vec::new(),
            extras: Vec::new(),
            warnings: Vec::new(),
            originals: Vec::new(),
        };
        let originals = |originals: &[journal::Original]| -> PyResult<Vec<Py<JournalOriginal>>> {
            originals.iter().map(|original| JournalOriginal::new(py, shared, original)).collect()
        };
        match journal {
            Journal::Report(report) | Journal::Suspect(report) => {
                Ok(Self { originals: originals(&report.originals)?, ..empty.with(py, report)? })
            }
            Journal::Undeliverable(outer) => Ok(Self { originals: originals(&outer.reports)?, ..empty }),
            Journal::Ordinary | Journal::TooDeep => Ok(empty),
        }
    }

    fn with(self, py: Python<'_>, report: &Report) -> PyResult<Self> {
        let of_envelope = report.envelope.iter().flat_map(|envelope| &envelope.warnings);
        let warnings = report.warnings.iter().chain(of_envelope).map(ToString::to_string).collect();
        let marker = report.marker.map(|marker| marker.name().to_owned());
        let own = Self { marker, points: report.score.points(), warnings, ..self };
        let Some(envelope) = &report.envelope else { return Ok(own) };
        let Envelope { format, sender, on_behalf_of, mailbox, recipients, .. } = envelope;
        let party = |party: &Option<journal::Party>| {
            party.as_ref().map(|party| Py::new(py, JournalParty::new(party))).transpose()
        };
        Ok(Self {
            format: Some(format.name().to_owned()),
            sender: party(sender)?,
            on_behalf_of: party(on_behalf_of)?,
            mailbox: party(mailbox)?,
            subject: envelope.subject.clone(),
            message_id: envelope.message_id.clone(),
            label: envelope.label.clone(),
            recipients: recipients
                .iter()
                .map(|recipient| JournalRecipient::new(py, recipient))
                .collect::<PyResult<_>>()?,
            extras: envelope.extras.iter().map(|extra| (extra.name.clone(), extra.value.clone())).collect(),
            ..own
        })
    }
}

impl JournalParty {
    fn new(party: &journal::Party) -> Self {
        Self { name: party.name.clone(), address: party.address.clone(), smtp: party.smtp().map(str::to_owned) }
    }
}

impl JournalRecipient {
    fn new(py: Python<'_>, recipient: &journal::JournalRecipient) -> PyResult<Py<Self>> {
        let via = |kind: RedirectionKind| {
            let via: Option<&Redirection> = recipient.via.iter().find(|via| via.kind == kind);
            via.map(|via| Py::new(py, JournalParty::new(&via.from))).transpose()
        };
        let new = Self {
            role: recipient.role.name().to_owned(),
            party: Py::new(py, JournalParty::new(&recipient.party))?,
            expanded_from: via(RedirectionKind::Expanded)?,
            forwarded_from: via(RedirectionKind::Forwarded)?,
        };
        Py::new(py, new)
    }
}

impl JournalOriginal {
    fn new(py: Python<'_>, shared: &Arc<Shared>, original: &journal::Original) -> PyResult<Py<Self>> {
        let (message, attachment) = match &original.place {
            Place::Message(message) => (Some(Py::new(py, Message::new(shared, (**message).clone()))?), None),
            Place::File(file) => (None, Some(Py::new(py, Attachment::new(shared, file.clone()))?)),
            _ => (None, None),
        };
        let report = match &original.inner {
            Journal::Ordinary => None,
            inner => Some(Py::new(py, JournalReport::new(py, shared, inner)?)?),
        };
        let new = Self {
            message,
            attachment,
            subject: original.subject.clone(),
            message_id: original.message_id.clone(),
            is_clear_copy: original.is_clear_copy,
            report,
        };
        Py::new(py, new)
    }
}

#[pymethods]
impl JournalReport {
    fn __repr__(&self) -> String {
        format!("<JournalReport {} {:?}>", self.kind, self.subject.as_deref().unwrap_or_default())
    }
}

#[pymethods]
impl JournalParty {
    fn __str__(&self) -> String {
        self.address.as_ref().or(self.name.as_ref()).cloned().unwrap_or_default()
    }

    fn __repr__(&self) -> String {
        format!("<JournalParty {:?}>", self.__str__())
    }
}
