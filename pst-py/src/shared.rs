//! What all handles of one open store share, and how the core is called.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::{PoisonError, RwLock};

use pst_core::messaging::NamedProperties;
use pst_core::{Error, Pst, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::raise;

/// An open store, until it is closed. Handles of folders and messages know it, so that they can say politely that it is.
#[derive(Debug)]
pub(crate) struct Shared {
    open: RwLock<Option<Pst>>,
    /// Where it came from; `None` for a buffer.
    pub(crate) path: Option<PathBuf>,
}

impl Shared {
    pub(crate) fn new(pst: Pst, path: Option<PathBuf>) -> Arc<Self> {
        Arc::new(Self { open: RwLock::new(Some(pst)), path })
    }

    /// The store, which is cheap to clone.
    pub(crate) fn pst(&self) -> PyResult<Pst> {
        let open = self.open.read().unwrap_or_else(PoisonError::into_inner);
        open.clone().ok_or_else(|| PyValueError::new_err("the store is closed"))
    }

    /// An error if the store is closed.
    pub(crate) fn check(&self) -> PyResult<()> {
        self.pst().map(drop)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.open.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    pub(crate) fn close(&self) {
        let pst = self.open.write().unwrap_or_else(PoisonError::into_inner).take();
        drop(pst);
    }

    pub(crate) fn names(&self, py: Python<'_>) -> PyResult<Arc<NamedProperties>> {
        let pst = self.pst()?;
        call(py, || pst.named_properties())
    }
}

/// Calls the core without the interpreter, so that other threads can run.
pub(crate) fn call<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(work).map_err(raise)
}

/// Calls the core without the interpreter for something that does not fail.
pub(crate) fn quiet<T: Send>(py: Python<'_>, work: impl FnOnce() -> T + Send) -> T {
    py.detach(work)
}

/// What a caller does about items that cannot be read: hear of each, or have it raised.
pub(crate) fn report(py: Python<'_>, on_error: Option<&Py<PyAny>>, error: Error) -> PyResult<()> {
    let error = crate::errors::exception(py, &error, None);
    match on_error {
        Some(on_error) => on_error.call1(py, (error.into_value(py),)).map(drop),
        None => Err(error),
    }
}
