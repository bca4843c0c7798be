//! New stores, item by item.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use pst_core::convert::from_mime;
use pst_core::messaging::SpecialFolder;
use pst_core::mime::Mail;
use pst_core::write::{Copier, FileTarget, FolderId, PstWriter, Target, WriteOptions};
use pst_core::{Error, Pst as Core};
use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyKeyError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::draft;
use crate::errors::{raise, raise_io};
use crate::mail::Loss;
use crate::message::Message;
use crate::shared::Shared;
use crate::transfer::{code_page, crypt};

/// Where a new store goes.
pub(crate) enum Place {
    File(FileTarget),
    Memory(Vec<u8>),
}

/// What becomes of it.
pub(crate) enum Done {
    File,
    Memory(Vec<u8>),
}

impl Target for Place {
    type Output = Done;

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write_at(offset, bytes),
            Self::Memory(memory) => memory.write_at(offset, bytes),
        }
    }

    fn write_buffer(&mut self, offset: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::File(file) => file.write_buffer(offset, bytes),
            Self::Memory(memory) => memory.write_buffer(offset, bytes),
        }
    }

    fn commit(self) -> io::Result<Done> {
        match self {
            Self::File(file) => file.commit().map(|_| Done::File),
            Self::Memory(memory) => memory.commit().map(Done::Memory),
        }
    }

    fn scratch_dir(&self) -> Option<&Path> {
        match self {
            Self::File(file) => file.scratch_dir(),
            Self::Memory(_) => None,
        }
    }
}

/// A store in the making.
struct Open {
    out: PstWriter<Place>,
    folders: HashMap<u32, FolderId>,
    /// Folders by their parent and name, so that a path leads to the same one again.
    paths: HashMap<(u32, String), FolderId>,
    /// The copier of the store that was copied from last.
    copier: Option<(Arc<Shared>, Copier, Core)>,
}

impl Open {
    fn folder(&self, id: u32) -> PyResult<FolderId> {
        let unknown = || PyKeyError::new_err(format!("the new store has no folder {id:#x}"));
        self.folders.get(&id).copied().ok_or_else(unknown)
    }

    fn keep(&mut self, folder: FolderId) -> u32 {
        let id = folder.nid().raw();
        self.folders.insert(id, folder);
        id
    }
}

/// A new store. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Writer {
    open: Mutex<Option<Open>>,
}

impl Writer {
    /// The store in the making. Waits without the interpreter, as another thread may hold it for long.
    fn lock(&self, py: Python<'_>) -> MutexGuard<'_, Option<Open>> {
        use pyo3::sync::MutexExt;
        self.open.lock_py_attached(py).unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn with<T>(&self, py: Python<'_>, work: impl FnOnce(&mut Open) -> PyResult<T>) -> PyResult<T> {
        let mut open = self.lock(py);
        work(open.as_mut().ok_or_else(|| PyValueError::new_err("the new store is finished"))?)
    }
}

fn special(name: &str) -> PyResult<SpecialFolder> {
    SpecialFolder::ALL
        .into_iter()
        .find(|special| crate::pst::special_name(*special) == name)
        .ok_or_else(|| PyValueError::new_err(format!("there is no special folder {name:?}")))
}

#[pymethods]
impl Writer {
    #[new]
    #[pyo3(signature = (path=None, *, name=None, crypt="permute", ansi=None, share=false, overwrite=false))]
    fn new(
        py: Python<'_>,
        path: Option<PathBuf>,
        name: Option<String>,
        crypt: &str,
        ansi: Option<u16>,
        share: bool,
        overwrite: bool,
    ) -> PyResult<Self> {
        let mut options = WriteOptions::new().crypt(self::crypt(crypt)?).share_data(share).overwrite(overwrite);
        if let Some(name) = name {
            options = options.name(name);
        }
        if let Some(number) = ansi {
            options = options.ansi(code_page(number)?);
        }
        let place = match path {
            Some(path) => Place::File(
                py.detach(|| FileTarget::create(&path, overwrite)).map_err(|error| raise_io(&error, Some(&path)))?,
            ),
            None => Place::Memory(Vec::new()),
        };
        let out = py.detach(|| PstWriter::with_target(place, options)).map_err(raise)?;
        let mut open = Open { folders: HashMap::new(), paths: HashMap::new(), copier: None, out };
        for folder in [open.out.root(), open.out.ipm_subtree(), open.out.deleted_items(), open.out.finder()] {
            open.keep(folder);
        }
        Ok(Self { open: Mutex::new(Some(open)) })
    }

    #[getter]
    fn top(&self, py: Python<'_>) -> PyResult<u32> {
        self.with(py, |open| Ok(open.out.ipm_subtree().nid().raw()))
    }

    #[getter]
    fn deleted_items(&self, py: Python<'_>) -> PyResult<u32> {
        self.with(py, |open| Ok(open.out.deleted_items().nid().raw()))
    }

    #[pyo3(signature = (path, *, parent=None, container_class=None, special=None))]
    fn folder(
        &self,
        py: Python<'_>,
        path: &str,
        parent: Option<u32>,
        container_class: Option<&str>,
        special: Option<&str>,
    ) -> PyResult<u32> {
        let special = special.map(self::special).transpose()?;
        self.with(py, |open| {
            let mut at = match parent {
                Some(id) => open.folder(id)?,
                None => open.out.ipm_subtree(),
            };
            let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
            while let Some(name) = names.next() {
                let name = name.replace("%2F", "/").replace("%2f", "/").replace("%25", "%");
                let key = (at.nid().raw(), name);
                if let Some(known) = open.paths.get(&key) {
                    at = *known;
                    continue;
                }
                let class = container_class.filter(|_| names.peek().is_none());
                let made = match class {
                    Some(class) => open.out.folder_of_class(at, &key.1, class),
                    None => open.out.folder(at, &key.1),
                };
                at = made.map_err(raise)?;
                open.keep(at);
                open.paths.insert(key, at);
            }
            if let Some(special) = special {
                open.out.designate(at, special).map_err(raise)?;
            }
            Ok(at.nid().raw())
        })
    }

    fn add(&self, py: Python<'_>, folder: u32, draft: draft::Draft) -> PyResult<u32> {
        self.with(py, |open| {
            let folder = open.folder(folder)?;
            py.detach(|| {
                let message = draft::message(draft, &mut open.out, 0)?;
                Ok(open.out.message(folder, message)?.raw())
            })
            .map_err(draft::Failed::raise)
        })
    }

    #[pyo3(signature = (folder, mail, *, is_read=None))]
    fn add_mail(
        &self,
        py: Python<'_>,
        folder: u32,
        mail: &Bound<'_, PyAny>,
        is_read: Option<bool>,
    ) -> PyResult<(u32, Vec<Loss>)> {
        // An `EmailMessage` says its bytes itself.
        let mail = if mail.hasattr("as_bytes")? { mail.call_method0("as_bytes")? } else { mail.clone() };
        let bytes = PyBuffer::<u8>::get(&mail)?.to_vec(py)?;
        self.with(py, |open| {
            let folder = open.folder(folder)?;
            py.detach(|| {
                let converted = from_mime::convert(&Mail::parse(&bytes), &mut open.out)?;
                let mut message = converted.message;
                if let Some(read) = is_read {
                    message.read(read);
                }
                let id = open.out.message(folder, message)?.raw();
                Ok((id, crate::mail::losses(&converted.losses)))
            })
            .map_err(raise)
        })
    }

    #[pyo3(signature = (folder, path, *, is_read=None))]
    fn add_eml(&self, py: Python<'_>, folder: u32, path: PathBuf, is_read: Option<bool>) -> PyResult<(u32, Vec<Loss>)> {
        let bytes = py.detach(|| std::fs::read(&path)).map_err(|error| raise_io(&error, Some(&path)))?;
        self.add_mail(py, folder, PyBytes::new(py, &bytes).as_any(), is_read)
    }

    fn copy(&self, py: Python<'_>, folder: u32, message: &Message) -> PyResult<(u32, Vec<Loss>)> {
        let source = message.shared.pst()?;
        self.with(py, |open| {
            let folder = open.folder(folder)?;
            py.detach(|| {
                let (shared, mut copier, core) = match open.copier.take() {
                    Some(known) if Arc::ptr_eq(&known.0, &message.shared) => known,
                    _ => (Arc::clone(&message.shared), Copier::new(&source, &open.out), source),
                };
                let copied = copier.message(&mut open.out, folder, &message.core);
                open.copier = Some((shared, copier, core));
                let copied = copied?;
                let left_out = copied.left_out.iter().map(|error| Loss::told("left-out", error.to_string()));
                Ok((copied.nid.raw(), left_out.collect()))
            })
            .map_err(raise)
        })
    }

    #[getter]
    fn estimated_size(&self, py: Python<'_>) -> PyResult<u64> {
        self.with(py, |open| Ok(open.out.estimated_size()))
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let open = self.lock(py).take();
        let Some(open) = open else { return Err(PyValueError::new_err("the new store is finished")) };
        match py.detach(|| open.out.finish()).map_err(raise)? {
            Done::File => Ok(None),
            Done::Memory(bytes) => Ok(Some(PyBytes::new(py, &bytes))),
        }
    }

    fn discard(&self, py: Python<'_>) {
        let open = self.lock(py).take();
        py.detach(|| drop(open));
    }

    fn __enter__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    #[pyo3(signature = (kind=None, _exception=None, _traceback=None))]
    fn __exit__(
        &self,
        py: Python<'_>,
        kind: Option<&Bound<'_, PyAny>>,
        _exception: Option<&Bound<'_, PyAny>>,
        _traceback: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        if kind.is_some() {
            // What was not completed leaves no file.
            self.discard(py);
            return Ok(());
        }
        if self.lock(py).is_some() {
            self.finish(py)?;
        }
        Ok(())
    }
}

/// A file that goes along with a draft, read piece by piece.
pub(crate) fn file(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(Error::io)
}
