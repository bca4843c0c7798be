//! Stores, and how they are opened.

use std::path::PathBuf;
use std::sync::Arc;

use pst_core::messaging::SpecialFolders;
use pst_core::ndb::{Client, Layout, Nid};
use pst_core::text::CodePage;
use pst_core::{Error, ErrorKind, Mapping, OpenOptions, Pst as Core};
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;

use crate::buffer;
use crate::errors::{raise, raise_at};
use crate::folder::Folder;
use crate::ids::MessageNodes;
use crate::iterate::{FolderIterator, MessageIterator};
use crate::message::Message;
use crate::people::AddressBook;
use crate::property::{Owner, Property};
use crate::shared::{Shared, call, quiet};
use crate::table::ItemTable;
use crate::value::uuid;

/// A path or a buffer.
pub(crate) enum Source {
    Path(PathBuf),
    Bytes(Box<dyn AsRef<[u8]> + Send + Sync>),
}

impl Source {
    pub(crate) fn of(given: &Bound<'_, PyAny>) -> PyResult<Self> {
        match given.extract::<PathBuf>() {
            Ok(path) => Ok(Self::Path(path)),
            // Not `extract`: its error would hide the better one.
            Err(no_path) => buffer::bytes(given).map(Self::Bytes).map_err(|no_buffer| {
                let py = given.py();
                if no_buffer.is_instance_of::<pyo3::exceptions::PyTypeError>(py) { no_path } else { no_buffer }
            }),
        }
    }
}

/// A buffer as the core takes it.
pub(crate) struct Held(pub(crate) Box<dyn AsRef<[u8]> + Send + Sync>);

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

/// The options of `open`, and of everything that opens.
pub(crate) fn options(mapping: &str, code_page: Option<u16>, check_crc: bool) -> PyResult<OpenOptions> {
    let mapping = match mapping {
        "auto" => Mapping::Auto,
        "always" => Mapping::Always,
        "never" => Mapping::Never,
        _ => return Err(PyValueError::new_err("mapping is 'auto', 'always' or 'never'")),
    };
    let options = OpenOptions::new().mapping(mapping).check_crc(check_crc);
    let Some(number) = code_page else { return Ok(options) };
    let page = CodePage::new(number);
    if !page.is_supported() {
        return Err(PyValueError::new_err(format!("code page {number} is not known")));
    }
    Ok(options.code_page(page))
}

/// Opens a store. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, *, mapping="auto", code_page=None, check_crc=true))]
pub(crate) fn open(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    mapping: &str,
    code_page: Option<u16>,
    check_crc: bool,
) -> PyResult<Pst> {
    let options = options(mapping, code_page, check_crc)?;
    match Source::of(source)? {
        Source::Path(path) => {
            let core = py.detach(|| options.open(&path)).map_err(|error| not_a_file(error, &path))?;
            Ok(Pst::new(core, Some(path)))
        }
        Source::Bytes(bytes) => {
            let core = py.detach(|| options.from_bytes(Held(bytes))).map_err(raise)?;
            Ok(Pst::new(core, None))
        }
    }
}

/// A directory is what `open` says it is.
pub(crate) fn not_a_file(error: Error, path: &std::path::Path) -> PyErr {
    if error.kind() == ErrorKind::InvalidInput && path.is_dir() {
        return pyo3::exceptions::PyIsADirectoryError::new_err((21, "Is a directory", path.as_os_str().to_owned()));
    }
    raise_at(path)(error)
}

/// An open store. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Pst {
    pub(crate) shared: Arc<Shared>,
}

impl Pst {
    pub(crate) fn new(core: Core, path: Option<PathBuf>) -> Self {
        Self { shared: Shared::new(core, path) }
    }

    fn owner(&self, py: Python<'_>) -> PyResult<Owner> {
        let pst = self.shared.pst()?;
        Ok(Owner::Store(call(py, || pst.store())?))
    }

    fn store<T: Send>(
        &self,
        py: Python<'_>,
        question: impl FnOnce(pst_core::messaging::Store) -> pst_core::Result<T> + Send,
    ) -> PyResult<T> {
        let pst = self.shared.pst()?;
        call(py, || question(pst.store()?))
    }
}

#[pymethods]
impl Pst {
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.shared.path.as_ref().map(|path| py.import("pathlib")?.getattr("Path")?.call1((path,))).transpose()
    }

    #[getter]
    fn closed(&self) -> bool {
        self.shared.is_closed()
    }

    fn close(&self) {
        self.shared.close();
    }

    fn __enter__(slf: Py<Self>) -> PyResult<Py<Self>> {
        slf.get().shared.check()?;
        Ok(slf)
    }

    #[pyo3(signature = (*_exception))]
    fn __exit__(&self, _exception: &Bound<'_, pyo3::types::PyTuple>) {
        self.close();
    }

    #[getter]
    fn format(&self) -> PyResult<&'static str> {
        Ok(match self.shared.pst()?.format().layout() {
            Layout::Ansi => "ansi",
            Layout::Unicode => "unicode",
            Layout::Unicode4k => "unicode-4k",
        })
    }

    #[getter]
    fn version(&self) -> PyResult<u16> {
        Ok(self.shared.pst()?.format().version())
    }

    #[getter]
    fn kind(&self) -> PyResult<&'static str> {
        Ok(match self.shared.pst()?.client() {
            Client::Pst => "pst",
            Client::Ost => "ost",
            Client::Pab => "pab",
        })
    }

    #[getter]
    fn crypt(&self) -> PyResult<&'static str> {
        Ok(self.shared.pst()?.header().crypt.as_str())
    }

    #[getter]
    fn file_size(&self) -> PyResult<u64> {
        Ok(self.shared.pst()?.file_size())
    }

    #[getter]
    fn missing_bytes(&self) -> PyResult<u64> {
        Ok(self.shared.pst()?.missing_bytes())
    }

    #[getter]
    fn code_page(&self, py: Python<'_>) -> PyResult<u16> {
        let pst = self.shared.pst()?;
        Ok(quiet(py, || pst.default_code_page().page.number()))
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<Option<String>> {
        self.store(py, |store| store.name())
    }

    #[getter]
    fn record_key<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.store(py, |store| store.record_key())?.map(|key| uuid(py, key)).transpose()
    }

    #[getter]
    fn has_password(&self, py: Python<'_>) -> PyResult<bool> {
        self.store(py, |store| store.has_password())
    }

    #[getter]
    fn root(&self, py: Python<'_>) -> PyResult<Folder> {
        let pst = self.shared.pst()?;
        Ok(Folder::new(&self.shared, call(py, || pst.root_folder())?))
    }

    #[getter]
    fn top(&self, py: Python<'_>) -> PyResult<Folder> {
        let pst = self.shared.pst()?;
        let top = call(py, || match pst.ipm_subtree() {
            Ok(Some(top)) => Ok(top),
            _ => pst.root_folder(),
        })?;
        Ok(Folder::new(&self.shared, top))
    }

    fn folder(&self, py: Python<'_>, id: u32) -> PyResult<Folder> {
        let pst = self.shared.pst()?;
        Ok(Folder::new(&self.shared, call(py, || pst.folder(Nid::new(id)))?))
    }

    fn message(&self, py: Python<'_>, id: u32) -> PyResult<Message> {
        let pst = self.shared.pst()?;
        Ok(Message::new(&self.shared, call(py, || pst.message(Nid::new(id)))?))
    }

    fn find(&self, py: Python<'_>, path: &str) -> PyResult<Folder> {
        let from = if path.starts_with('/') { self.root(py)? } else { self.top(py)? };
        let mut at = from;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            // As in `Folder.path`: what would be a separator is written `%2F`, and `%` itself `%25`.
            let name = name.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
            at = at.get_item(py, name).map_err(|error| {
                if error.is_instance_of::<PyKeyError>(py) { PyKeyError::new_err(path.to_owned()) } else { error }
            })?;
        }
        Ok(at)
    }

    #[pyo3(signature = (on_error=None))]
    fn folders(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<FolderIterator> {
        self.root(py)?.walk_from(on_error)
    }

    #[pyo3(signature = (on_error=None, *, associated=false))]
    fn messages(&self, on_error: Option<Py<PyAny>>, associated: bool) -> PyResult<MessageIterator> {
        let nodes = MessageNodes::new(self.shared.pst()?, associated);
        Ok(MessageIterator::new(&self.shared, nodes, on_error))
    }

    #[pyo3(signature = (*, associated=false))]
    fn message_ids(&self, py: Python<'_>, associated: bool) -> PyResult<Vec<u32>> {
        let nodes = MessageNodes::new(self.shared.pst()?, associated);
        Ok(quiet(py, || nodes.filter_map(|message| Some(message.ok()?.id().raw())).collect()))
    }

    #[getter]
    fn special_folders(&self, py: Python<'_>) -> PyResult<std::collections::BTreeMap<String, u32>> {
        let pst = self.shared.pst()?;
        let found = quiet(py, || SpecialFolders::of(&pst));
        Ok(found.iter().map(|(special, nid)| (special_name(special), nid.raw())).collect())
    }

    #[pyo3(signature = (columns=None, *, associated=false, book=None, batch_size=4096))]
    fn items_table(
        &self,
        columns: Option<Vec<String>>,
        associated: bool,
        book: Option<&AddressBook>,
        batch_size: usize,
    ) -> PyResult<ItemTable> {
        ItemTable::new(&self.shared, columns, None, associated, book, batch_size)
    }

    #[pyo3(signature = (*, contents=true, max_findings=1000, on_progress=None))]
    fn verify(
        &self,
        py: Python<'_>,
        contents: bool,
        max_findings: usize,
        on_progress: Option<Py<PyAny>>,
    ) -> PyResult<crate::verify::Report> {
        crate::verify::of_store(py, &self.shared.pst()?, contents, max_findings, on_progress)
    }

    #[pyo3(signature = (key, default=None))]
    fn get<'py>(
        &self,
        py: Python<'py>,
        key: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.owner(py)?.get(py, &self.shared, key)?.or(default))
    }

    #[pyo3(signature = (on_error=None))]
    fn properties(&self, py: Python<'_>, on_error: Option<Py<PyAny>>) -> PyResult<Vec<Property>> {
        self.owner(py)?.list(py, &self.shared, on_error.as_ref())
    }

    fn named_properties<'py>(&self, py: Python<'py>) -> PyResult<Vec<NamedProperty>> {
        let names = self.shared.names(py)?;
        names
            .entries()
            .iter()
            .map(|entry| {
                Ok(NamedProperty {
                    id: entry.id,
                    property_set: entry.set.guid().map(|set| uuid(py, set).map(Bound::unbind)).transpose()?,
                    name: match &entry.name {
                        pst_core::messaging::PropertyName::Number(number) => {
                            number.into_pyobject(py)?.into_any().unbind()
                        }
                        pst_core::messaging::PropertyName::String(name) => name.into_pyobject(py)?.into_any().unbind(),
                    },
                    canonical_name: entry.canonical_name().map(str::to_owned),
                })
            })
            .collect()
    }

    fn __iter__(&self, py: Python<'_>) -> PyResult<FolderIterator> {
        self.folders(py, None)
    }

    fn __getitem__(&self, py: Python<'_>, path: &str) -> PyResult<Folder> {
        self.find(py, path)
    }

    fn __repr__(&self) -> String {
        let place = self.shared.path.as_ref().map_or_else(|| "buffer".to_owned(), |path| path.display().to_string());
        let state = if self.shared.is_closed() { " closed" } else { "" };
        format!("<Pst {place:?}{state}>")
    }
}

/// The stable name of what a folder is used for.
pub(crate) fn special_name(special: pst_core::messaging::SpecialFolder) -> String {
    let mut name = String::new();
    for character in format!("{special:?}").chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

/// A named property of a store. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct NamedProperty {
    id: u16,
    property_set: Option<Py<PyAny>>,
    name: Py<PyAny>,
    canonical_name: Option<String>,
}
