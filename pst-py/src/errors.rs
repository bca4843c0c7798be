//! Errors of the core as Python exceptions.
//!
//! The exceptions themselves are written in Python, in `pst/_errors.py`: there they have base classes, fields and
//! documentation that people and type checkers can read. Errors of the operating system are plain `OSError`s of the fitting
//! kind, as `open` raises them.

use std::io;
use std::path::Path;

use pst_core::{Error, ErrorKind};
use pyo3::exceptions::PyOSError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

/// The class in `pst/_errors.py` for a kind.
const fn class_of(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotPst => "NotPstError",
        ErrorKind::Unsupported => "UnsupportedError",
        ErrorKind::Corrupt => "CorruptError",
        ErrorKind::Checksum => "ChecksumError",
        ErrorKind::Limit => "LimitError",
        ErrorKind::NotFound => "NotFoundError",
        ErrorKind::WrongType => "WrongTypeError",
        ErrorKind::InvalidInput => "InvalidInputError",
        ErrorKind::Cancelled => "CancelledError",
        _ => "PstError",
    }
}

/// The exception for an error.
pub(crate) fn raise(error: Error) -> PyErr {
    Python::attach(|py| exception(py, &error, None))
}

/// The exception for an error that a path belongs to.
pub(crate) fn raise_at(path: &Path) -> impl Fn(Error) -> PyErr + '_ {
    move |error| Python::attach(|py| exception(py, &error, Some(path)))
}

/// The exception for an error of the operating system that a path belongs to.
pub(crate) fn raise_io(error: &io::Error, path: Option<&Path>) -> PyErr {
    let text = error.to_string();
    match error.raw_os_error() {
        // `OSError` makes itself a `FileNotFoundError` and so on by this number.
        Some(number) if cfg!(unix) => {
            let text = text.split(" (os error").next().unwrap_or_default().to_owned();
            match path {
                Some(path) => PyOSError::new_err((number, text, path.as_os_str().to_owned())),
                None => PyOSError::new_err((number, text)),
            }
        }
        _ => {
            let text = path.map_or_else(|| text.clone(), |path| format!("{}: {text}", path.display()));
            io::Error::new(error.kind(), text).into()
        }
    }
}

/// An exception as an object, to be raised or handed to a callback.
pub(crate) fn exception(py: Python<'_>, error: &Error, path: Option<&Path>) -> PyErr {
    if let Some(error) = error.as_io() {
        return raise_io(error, path);
    }
    let text = path.map_or_else(|| error.to_string(), |path| format!("{}: {error}", path.display()));
    match build(py, error, text) {
        Ok(value) => PyErr::from_value(value),
        Err(failed) => failed,
    }
}

fn build<'py>(py: Python<'py>, error: &Error, text: String) -> PyResult<Bound<'py, PyAny>> {
    static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();
    let module = MODULE.get_or_try_init(py, || py.import("pst._errors").map(Bound::unbind))?.bind(py);
    let class = module.getattr(class_of(error.kind()))?.cast_into::<PyType>()?;
    let place = error.location();
    let fields = PyDict::new(py);
    fields.set_item("kind", error.kind().as_str())?;
    fields.set_item("offset", place.offset)?;
    fields.set_item("node_id", place.node.map(pst_core::ndb::Nid::raw))?;
    fields.set_item("block_id", place.block.map(pst_core::ndb::Bid::raw))?;
    fields.set_item("structure", place.structure)?;
    fields.set_item("field", place.field)?;
    class.call((text,), Some(&fields))
}

/// The exceptions for some errors, as objects.
pub(crate) fn list<'e>(py: Python<'_>, errors: impl IntoIterator<Item = &'e Error>) -> Vec<Py<PyAny>> {
    errors.into_iter().map(|error| exception(py, error, None).into_value(py).into_any()).collect()
}
