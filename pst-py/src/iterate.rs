//! Iterators over folders and messages.
//!
//! **An item that cannot be read does not end a walk.** With `on_error` it goes there; without, it is raised, and `next` on
//! the same iterator goes on behind it.

use std::sync::{Arc, Mutex, PoisonError};

use pst_core::Result;
use pst_core::messaging::{Folder as CoreFolder, Message as CoreMessage};
use pyo3::prelude::*;

use crate::folder::Folder;
use crate::message::Message;
use crate::shared::{Shared, quiet, report};

type Items<T> = Mutex<Box<dyn Iterator<Item = Result<T>> + Send>>;

/// The next item of a walk; errors go to `on_error`, if there is one.
fn next<T: Send>(
    py: Python<'_>,
    shared: &Shared,
    items: &Items<T>,
    on_error: Option<&Py<PyAny>>,
) -> PyResult<Option<T>> {
    loop {
        shared.check()?;
        match quiet(py, || items.lock().unwrap_or_else(PoisonError::into_inner).next()) {
            None => return Ok(None),
            Some(Ok(item)) => return Ok(Some(item)),
            Some(Err(error)) => report(py, on_error, error)?,
        }
    }
}

/// Folders, one after the other. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct FolderIterator {
    shared: Arc<Shared>,
    items: Items<CoreFolder>,
    on_error: Option<Py<PyAny>>,
}

impl FolderIterator {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        items: impl Iterator<Item = Result<CoreFolder>> + Send + 'static,
        on_error: Option<Py<PyAny>>,
    ) -> Self {
        Self { shared: Arc::clone(shared), items: Mutex::new(Box::new(items)), on_error }
    }
}

#[pymethods]
impl FolderIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Folder>> {
        let folder = next(py, &self.shared, &self.items, self.on_error.as_ref())?;
        Ok(folder.map(|folder| Folder::new(&self.shared, folder)))
    }
}

/// Messages, one after the other. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct MessageIterator {
    shared: Arc<Shared>,
    items: Items<CoreMessage>,
    on_error: Option<Py<PyAny>>,
}

impl MessageIterator {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        items: impl Iterator<Item = Result<CoreMessage>> + Send + 'static,
        on_error: Option<Py<PyAny>>,
    ) -> Self {
        Self { shared: Arc::clone(shared), items: Mutex::new(Box::new(items)), on_error }
    }
}

#[pymethods]
impl MessageIterator {
    fn __iter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Message>> {
        let message = next(py, &self.shared, &self.items, self.on_error.as_ref())?;
        Ok(message.map(|message| Message::new(&self.shared, message)))
    }
}
