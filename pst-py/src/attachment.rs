//! Attachments.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use pst_core::item::{AttachmentKind, ItemAttachment};
use pst_core::messaging::Attachment as CoreAttachment;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::raise_io;
use crate::message::Message;
use crate::property::{Owner, Property};
use crate::shared::{Shared, call};
use crate::stream;

/// An attachment. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Attachment {
    shared: Arc<Shared>,
    core: CoreAttachment,
}

impl Attachment {
    pub(crate) fn new(shared: &Arc<Shared>, core: CoreAttachment) -> Self {
        Self { shared: Arc::clone(shared), core }
    }

    /// Asks the view of the attachment that mails have as well.
    fn ask<T: Send>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(&ItemAttachment<'static>) -> pst_core::Result<T> + Send,
    ) -> PyResult<T> {
        self.shared.check()?;
        call(py, || question(&ItemAttachment::of_stored(self.core.clone())))
    }

    fn owner(&self) -> Owner {
        Owner::Attachment(self.core.clone())
    }
}

#[pymethods]
impl Attachment {
    #[getter]
    fn id(&self) -> u32 {
        self.core.id().raw()
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |attachment| attachment.name())
    }

    #[getter]
    fn mime_type(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |attachment| attachment.mime_type())
    }

    #[getter]
    fn kind(&self, py: Python<'_>) -> PyResult<&'static str> {
        let kind = self.ask(py, |attachment| attachment.kind())?;
        Ok(match kind {
            AttachmentKind::File => "file",
            AttachmentKind::Message => "message",
            AttachmentKind::Ole => "ole",
            AttachmentKind::Reference(_) => "reference",
            _ => "nothing",
        })
    }

    #[getter]
    fn reference(&self, py: Python<'_>) -> PyResult<Option<String>> {
        let kind = self.ask(py, |attachment| attachment.kind())?;
        Ok(if let AttachmentKind::Reference(path) = kind { Some(path) } else { None })
    }

    #[getter]
    fn is_inline(&self, py: Python<'_>) -> PyResult<bool> {
        self.ask(py, |attachment| attachment.is_inline())
    }

    #[getter]
    fn content_id(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.ask(py, |attachment| attachment.content_id())
    }

    #[getter]
    fn size(&self, py: Python<'_>) -> PyResult<Option<u64>> {
        self.shared.check()?;
        call(py, || Ok(self.core.stream()?.map(|stream| stream.len())))
    }

    #[getter]
    fn message(&self, py: Python<'_>) -> PyResult<Option<Message>> {
        self.shared.check()?;
        let message = call(py, || self.core.message())?;
        Ok(message.map(|message| Message::new(&self.shared, message)))
    }

    fn open<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.shared.check()?;
        let content = call(py, || self.core.stream())?;
        stream::open(py, &self.shared, content)
    }

    fn read<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.shared.check()?;
        let bytes = call(py, || {
            let mut bytes = Vec::new();
            if let Some(mut stream) = self.core.stream()? {
                loop {
                    let chunk = stream.next_chunk()?;
                    if chunk.is_empty() {
                        break;
                    }
                    bytes.extend_from_slice(chunk);
                }
            }
            Ok(bytes)
        })?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<u64> {
        self.shared.check()?;
        let content = call(py, || self.core.stream())?;
        let written = py.detach(|| {
            let mut file = std::fs::File::create(&path)?;
            content.map_or(Ok(0), |mut content| io::copy(&mut content, &mut file))
        });
        written.map_err(|error| match pst_core::Error::from(error) {
            error if error.as_io().is_some() => match error.as_io() {
                Some(error) => raise_io(error, Some(&path)),
                None => crate::errors::raise(error),
            },
            error => crate::errors::raise(error),
        })
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

    fn __repr__(&self, py: Python<'_>) -> String {
        format!("<Attachment {:#x} {:?}>", self.core.id().raw(), self.name(py).ok().flatten().unwrap_or_default())
    }
}
