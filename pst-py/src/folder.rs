//! Folders.

use std::sync::Arc;

use pst_core::item::FolderPaths;
use pst_core::messaging::{Folder as CoreFolder, FolderKind};
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use crate::iterate::{FolderIterator, MessageIterator};
use crate::property::{Owner, Property};
use crate::shared::{Shared, call};
use crate::table::ItemTable;

/// A folder. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Folder {
    shared: Arc<Shared>,
    core: CoreFolder,
}

impl Folder {
    pub(crate) fn new(shared: &Arc<Shared>, core: CoreFolder) -> Self {
        Self { shared: Arc::clone(shared), core }
    }

    /// The subfolder with this name.
    pub(crate) fn get_item(&self, py: Python<'_>, name: String) -> PyResult<Self> {
        self.shared.check()?;
        let found = call(py, || {
            for folder in self.core.subfolders()? {
                let folder = folder?;
                if folder.name()? == name {
                    return Ok(Some(folder));
                }
            }
            Ok(None)
        })?;
        found.map(|found| Self::new(&self.shared, found)).ok_or_else(|| PyKeyError::new_err(name))
    }

    /// This folder and all below it.
    pub(crate) fn walk_from(&self, on_error: Option<Py<PyAny>>) -> PyResult<FolderIterator> {
        self.shared.check()?;
        Ok(FolderIterator::new(&self.shared, self.core.descendants(), on_error))
    }

    fn owner(&self) -> Owner {
        Owner::Folder(self.core.clone())
    }
}

#[pymethods]
impl Folder {
    #[getter]
    fn id(&self) -> u32 {
        self.core.id().raw()
    }

    #[getter]
    fn parent_id(&self) -> Option<u32> {
        self.core.parent_id().map(pst_core::ndb::Nid::raw)
    }

    #[getter]
    fn is_search(&self) -> bool {
        self.core.kind() == FolderKind::Search
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        self.shared.check()?;
        call(py, || self.core.name())
    }

    #[getter]
    fn path(&self, py: Python<'_>) -> PyResult<String> {
        let pst = self.shared.pst()?;
        call(py, || Ok(FolderPaths::new(&pst).of(self.core.id()).to_string()))
    }

    #[getter]
    fn names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let pst = self.shared.pst()?;
        call(py, || Ok(FolderPaths::new(&pst).of(self.core.id()).names().to_vec()))
    }

    #[getter]
    fn container_class(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.shared.check()?;
        call(py, || self.core.container_class())
    }

    #[getter]
    fn content_count(&self, py: Python<'_>) -> PyResult<Option<i64>> {
        self.shared.check()?;
        call(py, || self.core.content_count())
    }

    #[getter]
    fn unread_count(&self, py: Python<'_>) -> PyResult<Option<i64>> {
        self.shared.check()?;
        call(py, || self.core.unread_count())
    }

    #[pyo3(signature = (on_error=None))]
    fn folders(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<FolderIterator> {
        self.shared.check()?;
        let folders = call(py, || self.core.subfolders())?;
        Ok(FolderIterator::new(&self.shared, folders, on_error))
    }

    #[pyo3(signature = (on_error=None))]
    fn walk(&self, on_error: Option<Py<PyAny>>) -> PyResult<FolderIterator> {
        self.walk_from(on_error)
    }

    #[pyo3(signature = (on_error=None))]
    fn messages(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<MessageIterator> {
        self.shared.check()?;
        let messages = call(py, || self.core.messages())?;
        Ok(MessageIterator::new(&self.shared, messages, on_error))
    }

    #[pyo3(signature = (on_error=None))]
    fn associated(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<MessageIterator> {
        self.shared.check()?;
        let messages = call(py, || self.core.associated_messages())?;
        Ok(MessageIterator::new(&self.shared, messages, on_error))
    }

    #[pyo3(signature = (columns=None, *, associated=false, below=true, book=None, batch_size=4096))]
    fn items_table(
        &self,
        columns: Option<Vec<String>>,
        associated: bool,
        below: bool,
        book: Option<&crate::people::AddressBook>,
        batch_size: usize,
    ) -> PyResult<ItemTable> {
        let scope = Some((self.core.clone(), below));
        ItemTable::new(&self.shared, columns, scope, associated, book, batch_size)
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

    #[pyo3(signature = (on_error=None))]
    fn properties(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<Vec<Property>> {
        self.owner().list(py, &self.shared, on_error.as_ref())
    }

    fn __getitem__(&self, py: Python<'_>, name: String) -> PyResult<Self> {
        self.get_item(py, name)
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<MessageIterator> {
        self.messages(py, None)
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.shared.check()?;
        let rows = call(py, || self.core.contents_table()?.map(|table| table.len()).transpose())?;
        Ok(usize::try_from(rows.unwrap_or(0)).unwrap_or(usize::MAX))
    }

    /// A folder without messages is a folder all the same.
    fn __bool__(&self) -> bool {
        true
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            Arc::ptr_eq(&self.shared, &other.shared) && self.core.id() == other.core.id()
        })
    }

    fn __hash__(&self) -> u64 {
        u64::from(self.core.id().raw())
    }

    fn __repr__(&self, py: Python<'_>) -> String {
        let path = self.path(py).unwrap_or_else(|_| "closed".to_owned());
        format!("<Folder {:#x} {path:?}>", self.core.id().raw())
    }
}
