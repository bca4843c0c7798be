//! New stores of old ones: compact, convert, merge, split.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use pst_core::ndb::CryptMethod;
use pst_core::text::CodePage;
use pst_core::transfer::{
    self, Duplicates, Event, Filter, Merge, MergeOptions, SplitBy, SplitOptions, Summary, copy_store,
};
use pst_core::write::{FileTarget, StagedTarget, WriteOptions};
use pst_core::{Error, OpenOptions, Pst as Core, Result};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::pst::{Held, Pst, Source, not_a_file};
use crate::time::Instant;
use crate::watch::Watch;

/// What was read and written. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct TransferSummary {
    read: u64,
    written: u64,
    messages: u64,
    associated: u64,
    damaged: u64,
    skipped: BTreeMap<String, u64>,
    folders: u64,
    damaged_folders: u64,
    search_folders_left: u64,
    unreadable_places: u64,
    has_losses: bool,
}

impl TransferSummary {
    pub(crate) fn new(summary: &Summary) -> Self {
        let skipped = summary.skipped.iter().filter(|(_, count)| *count > 0);
        Self {
            read: summary.read,
            written: summary.written(),
            messages: summary.messages,
            associated: summary.associated,
            damaged: summary.damaged,
            skipped: skipped.map(|(reason, count)| (reason.as_str().to_owned(), count)).collect(),
            folders: summary.folders,
            damaged_folders: summary.damaged_folders,
            search_folders_left: summary.search_folders_left,
            unreadable_places: summary.unreadable_places,
            has_losses: summary.has_losses(),
        }
    }
}

#[pymethods]
impl TransferSummary {
    fn __repr__(&self) -> String {
        format!("<TransferSummary {} read, {} written>", self.read, self.written)
    }
}

/// A part of a store that was split. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct SplitPart {
    path: PathBuf,
    label: String,
    summary: Py<TransferSummary>,
    is_oversize: bool,
}

/// The filter in a call's keywords.
fn filter(keywords: Option<&Bound<'_, PyDict>>) -> PyResult<Filter> {
    let Some(keywords) = keywords else { return Ok(Filter::new()) };
    for key in keywords.keys() {
        let key: String = key.extract()?;
        if !["folders", "classes", "since", "before", "without_associated"].contains(&key.as_str()) {
            return Err(pyo3::exceptions::PyTypeError::new_err(format!("there is no argument {key:?}")));
        }
    }
    let patterns = |key: &str| -> PyResult<Vec<String>> {
        keywords.get_item(key)?.map_or_else(|| Ok(Vec::new()), |given| given.extract())
    };
    let date = |key: &str| -> PyResult<Option<Instant>> {
        keywords.get_item(key)?.filter(|given| !given.is_none()).map(|given| given.extract()).transpose()
    };
    let without = keywords.get_item("without_associated")?.map_or(Ok(false), |given| given.extract())?;
    let mut filter = Filter::new().without_associated(without);
    for pattern in patterns("folders")? {
        filter = filter.folder(&pattern);
    }
    for pattern in patterns("classes")? {
        filter = filter.class(&pattern);
    }
    if let Some(Instant(since)) = date("since")? {
        filter = filter.since(since);
    }
    if let Some(Instant(before)) = date("before")? {
        filter = filter.before(before);
    }
    Ok(filter)
}

/// A store that is open, or a path or buffer to open.
pub(crate) fn store(given: &Bound<'_, PyAny>) -> PyResult<(Core, Option<PathBuf>)> {
    if let Ok(pst) = given.cast::<Pst>() {
        let shared = &pst.get().shared;
        return Ok((shared.pst()?, shared.path.clone()));
    }
    let py = given.py();
    match Source::of(given)? {
        Source::Path(path) => {
            let core = py.detach(|| Core::open(&path)).map_err(|error| not_a_file(error, &path))?;
            Ok((core, Some(path)))
        }
        Source::Bytes(bytes) => {
            Ok((py.detach(|| OpenOptions::new().from_bytes(Held(bytes))).map_err(errors::raise)?, None))
        }
    }
}

pub(crate) fn crypt(name: &str) -> PyResult<CryptMethod> {
    match name {
        "none" => Ok(CryptMethod::None),
        "permute" => Ok(CryptMethod::Permute),
        "cyclic" => Ok(CryptMethod::Cyclic),
        _ => Err(PyValueError::new_err("crypt is 'none', 'permute' or 'cyclic'")),
    }
}

pub(crate) fn code_page(number: u16) -> PyResult<CodePage> {
    let page = CodePage::new(number);
    if page.is_supported() {
        return Ok(page);
    }
    Err(PyValueError::new_err(format!("code page {number} is not known")))
}

/// Options for a new file of the layout and encoding of another.
fn same_form(source: &Core, share: bool) -> WriteOptions {
    let crypt = source.header().crypt;
    // Of what is not written, files that say so and are permuted aside, there is nothing but these three.
    let crypt = if matches!(crypt, CryptMethod::None | CryptMethod::Cyclic) { crypt } else { CryptMethod::Permute };
    let options = WriteOptions::new().crypt(crypt).share_data(share);
    if source.format().is_ansi() { options.ansi(source.default_code_page().page) } else { options }
}

/// Tells a callback of an event, as what happened, the node, the folder and the reason or errors.
fn observe(watch: &mut Watch, event: &Event<'_>) -> bool {
    let told: (&'static str, Option<u32>, Option<&str>, Option<String>, &[Error]) = match event {
        Event::Written { node, folder, left_out, .. } => {
            let what = if left_out.is_empty() { "written" } else { "damaged" };
            (what, Some(node.raw()), Some(folder), None, left_out)
        }
        Event::Skipped { node, folder, reason, error } => {
            let errors = error.map(std::slice::from_ref).unwrap_or_default();
            ("skipped", Some(node.raw()), Some(folder), Some(reason.as_str().to_owned()), errors)
        }
        Event::DamagedFolder { node, folder, left_out } => {
            ("damaged-folder", Some(node.raw()), Some(folder), None, left_out)
        }
        Event::Unreadable { error } => ("unreadable", None, None, None, std::slice::from_ref(*error)),
        Event::SearchFolder { node, folder } => ("search-folder", Some(node.raw()), Some(folder), None, &[]),
        Event::FolderPattern { pattern, folders: 0 } => ("no-folder", None, None, Some((*pattern).to_owned()), &[]),
        _ => return watch.tick(),
    };
    let (what, node, folder, reason, left_out) = told;
    watch.tell(|py| Ok((what, node, folder, reason, errors::list(py, left_out))))
}

fn target(path: &Path, overwrite: bool) -> PyResult<FileTarget> {
    FileTarget::create(path, overwrite).map_err(|error| errors::raise_io(&error, Some(path)))
}

/// Copies one store to one file.
fn copy(
    py: Python<'_>,
    source: &Core,
    path: &Path,
    (options, overwrite): (WriteOptions, bool),
    filter: &Filter,
    on_event: Option<Py<PyAny>>,
) -> PyResult<TransferSummary> {
    let target = target(path, overwrite)?;
    let mut watch = Watch::new(on_event);
    let result = py.detach(|| copy_store(source, target, options, filter, &mut |event| observe(&mut watch, &event)));
    watch.finish(result).map(|(_, summary)| TransferSummary::new(&summary))
}

/// A copy without free room. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, target, *, share=false, overwrite=false, on_event=None, **filters))]
pub(crate) fn compact(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    target: PathBuf,
    share: bool,
    overwrite: bool,
    on_event: Option<Py<PyAny>>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<TransferSummary> {
    let (source, _) = store(source)?;
    let options = py.detach(|| same_form(&source, share));
    copy(py, &source, &target, (options.overwrite(overwrite), overwrite), &filter(filters)?, on_event)
}

/// A copy as a PST of today, or as an old one. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, target, *, crypt="permute", ansi=None, share=false, overwrite=false, on_event=None, **filters))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn convert(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    target: PathBuf,
    crypt: &str,
    ansi: Option<u16>,
    share: bool,
    overwrite: bool,
    on_event: Option<Py<PyAny>>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<TransferSummary> {
    let (source, _) = store(source)?;
    let options = WriteOptions::new().crypt(self::crypt(crypt)?).share_data(share).overwrite(overwrite);
    let options = match ansi {
        Some(number) => options.ansi(code_page(number)?),
        None => options,
    };
    copy(py, &source, &target, (options, overwrite), &filter(filters)?, on_event)
}

/// Several stores into one. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (target, sources, *, drop_duplicates=None, subfolders=false, crypt="permute", share=false, overwrite=false, on_event=None, **filters))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn merge(
    py: Python<'_>,
    target: PathBuf,
    sources: Vec<Bound<'_, PyAny>>,
    drop_duplicates: Option<&str>,
    subfolders: bool,
    crypt: &str,
    share: bool,
    overwrite: bool,
    on_event: Option<Py<PyAny>>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<TransferSummary> {
    let sources = sources.iter().map(store).collect::<PyResult<Vec<_>>>()?;
    let mut options = MergeOptions::new().filter(filter(filters)?).subfolders(subfolders);
    options = match drop_duplicates {
        None => options,
        Some("message-id") => options.without_duplicates(Duplicates::MessageId),
        Some("content") => options.without_duplicates(Duplicates::Content),
        Some(_) => return Err(PyValueError::new_err("drop_duplicates is None, 'message-id' or 'content'")),
    };
    let write = WriteOptions::new().crypt(self::crypt(crypt)?).share_data(share).overwrite(overwrite);
    let target = self::target(&target, overwrite)?;
    let mut watch = Watch::new(on_event);
    let result = py.detach(|| {
        let mut merge = Merge::new(target, write, options)?;
        for (number, (source, path)) in (1u32..).zip(&sources) {
            let stem = path.as_ref().and_then(|path| path.file_stem());
            let name = stem.map_or_else(|| format!("store {number}"), |stem| stem.to_string_lossy().into_owned());
            merge.add(source, &name, &mut |event| observe(&mut watch, &event))?;
        }
        merge.finish()
    });
    watch.finish(result).map(|(_, summary)| TransferSummary::new(&summary))
}

/// One store into several; all of them or none. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, directory, *, by="size", max_size=None, crypt="permute", overwrite=false, on_event=None, **filters))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn split(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    directory: PathBuf,
    by: &str,
    max_size: Option<u64>,
    crypt: &str,
    overwrite: bool,
    on_event: Option<Py<PyAny>>,
    filters: Option<&Bound<'_, PyDict>>,
) -> PyResult<(Vec<SplitPart>, TransferSummary)> {
    let (source, path) = store(source)?;
    let by = match by {
        "size" => SplitBy::Size,
        "year" => SplitBy::Year,
        "top-folder" => SplitBy::TopFolder,
        "folder" => SplitBy::Folder,
        _ => return Err(PyValueError::new_err("by is 'size', 'year', 'top-folder' or 'folder'")),
    };
    let mut options = SplitOptions::new(by).filter(filter(filters)?);
    if let Some(bytes) = max_size {
        options = options.max_size(bytes);
    }
    let crypt = self::crypt(crypt)?;
    let stem = path.as_ref().and_then(|path| path.file_stem());
    let stem = stem.map_or_else(|| "store".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let mut watch = Watch::new(on_event);
    let result: Result<_> = py.detach(|| {
        std::fs::create_dir_all(&directory).map_err(Error::io)?;
        let mut open = |part: &transfer::Part| {
            let label = pst_migrate::export::name::clean(&part.label);
            let name = if label.is_empty() {
                format!("{stem}-{:03}.pst", part.number)
            } else {
                format!("{stem}-{:03}-{label}.pst", part.number)
            };
            let target = StagedTarget::create(directory.join(name), overwrite).map_err(Error::io)?;
            Ok((target, WriteOptions::new().crypt(crypt).overwrite(overwrite)))
        };
        let (parts, summary) = transfer::split(&source, &options, &mut open, &mut |event| observe(&mut watch, &event))?;
        let mut published = Vec::with_capacity(parts.len());
        for part in parts {
            let path = part.output.publish().map_err(Error::io)?;
            published.push((path, part.part.label, part.summary, part.is_oversize));
        }
        Ok((published, summary))
    });
    let (parts, summary) = watch.finish(result)?;
    let parts = parts.into_iter().map(|(path, label, summary, is_oversize)| {
        Ok(SplitPart { path, label, summary: Py::new(py, TransferSummary::new(&summary))?, is_oversize })
    });
    Ok((parts.collect::<PyResult<_>>()?, TransferSummary::new(&summary)))
}
