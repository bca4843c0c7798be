//! Messages as mail: bytes, `EmailMessage`, files, and what they do not carry.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use pst_core::convert::to_mime::{self, BccPolicy, HeaderSource, Options};
use pst_core::convert::{self};
use pst_core::messaging::Message as CoreMessage;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::{raise, raise_at};
use crate::people::{AddressBook, Lookup};
use crate::shared::{Shared, call};

/// Something a converted form does not carry, or carries changed. See `_core.pyi`.
#[pyclass(frozen, get_all, eq, hash, module = "pst._core")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Loss {
    kind: String,
    detail: String,
    tag: Option<u32>,
}

impl Loss {
    pub(crate) fn new(loss: &convert::Loss) -> Self {
        Self {
            kind: loss.kind.name().to_owned(),
            detail: loss.detail.clone(),
            tag: loss.property.map(pst_core::ltp::PropertyTag::raw),
        }
    }

    pub(crate) fn told(kind: &str, detail: impl Into<String>) -> Self {
        Self { kind: kind.to_owned(), detail: detail.into(), tag: None }
    }
}

pub(crate) fn losses(losses: &[convert::Loss]) -> Vec<Loss> {
    losses.iter().map(Loss::new).collect()
}

#[pymethods]
impl Loss {
    fn __repr__(&self) -> String {
        format!("<Loss {}: {}>", self.kind, self.detail)
    }
}

pub(crate) fn options(bcc: bool, original_headers: bool, keep_rtf: bool, domain: Option<String>) -> Options {
    let mut options = Options::default();
    options.bcc = if bcc { BccPolicy::Keep } else { BccPolicy::Drop };
    options.original_headers = original_headers;
    options.keep_rtf = keep_rtf;
    if let Some(domain) = domain {
        options.domain = domain;
    }
    options
}

/// A message as a mail. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct ConvertedMail {
    bytes: Vec<u8>,
    told: to_mime::Converted,
}

impl ConvertedMail {
    pub(crate) fn of(
        py: Python<'_>,
        shared: &Arc<Shared>,
        message: &CoreMessage,
        options: &Options,
        book: Option<&AddressBook>,
    ) -> PyResult<Self> {
        let (names, lookup) = (shared.names(py)?, Lookup::of(book));
        call(py, || {
            let mut bytes = Vec::new();
            let told = to_mime::write_mail_with(message, &names, &mut bytes, options, &lookup)?;
            Ok(Self { bytes, told })
        })
    }
}

#[pymethods]
impl ConvertedMail {
    #[getter]
    pub(crate) fn data<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.bytes)
    }

    #[getter]
    fn losses(&self) -> Vec<Loss> {
        losses(&self.told.losses)
    }

    #[getter]
    fn headers(&self) -> &'static str {
        match self.told.headers {
            HeaderSource::Original => "original",
            HeaderSource::Completed => "completed",
            _ => "synthesised",
        }
    }

    #[getter]
    fn message_id(&self) -> &str {
        &self.told.message_id
    }

    #[getter]
    fn embedded(&self) -> u32 {
        self.told.embedded
    }

    fn __len__(&self) -> usize {
        self.bytes.len()
    }

    fn __bytes__<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        self.data(py)
    }

    #[pyo3(signature = (policy=None))]
    fn to_email<'py>(&self, py: Python<'py>, policy: Option<Bound<'py, PyAny>>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, &self.data(py), policy)
    }
}

/// The bytes as Python's `EmailMessage`.
pub(crate) fn parse<'py>(
    py: Python<'py>,
    bytes: &Bound<'py, PyBytes>,
    policy: Option<Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyAny>> {
    let policy = match policy {
        Some(policy) => policy,
        None => py.import("email.policy")?.getattr("default")?,
    };
    let named = PyDict::new(py);
    named.set_item("policy", policy)?;
    py.import("email")?.getattr("message_from_bytes")?.call((bytes,), Some(&named))
}

/// Writes a message to a file, without ever having all of it in memory; an error takes the file away again.
pub(crate) fn save(py: Python<'_>, shared: &Arc<Shared>, message: &CoreMessage, path: &Path) -> PyResult<Vec<Loss>> {
    let names = shared.names(py)?;
    let mut out = py.detach(|| File::create(path)).map(BufWriter::new).map_err(|error| raise_at(path)(error.into()))?;
    let written = py.detach(|| {
        let told = to_mime::write_mail(message, &names, &mut out, &Options::default())?;
        out.flush()?;
        Ok::<_, pst_core::Error>(told)
    });
    match written {
        Ok(told) => Ok(losses(&told.losses)),
        Err(error) => {
            drop(out);
            // The file is no complete mail; that it cannot be taken away either is less than the error itself.
            let _ = std::fs::remove_file(path);
            Err(raise(error))
        }
    }
}
