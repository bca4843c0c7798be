//! Mail in files: stores exported to them, and stores made of them.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::PathBuf;

use pst_core::item::FolderPath;
use pst_core::write::{FileTarget, WriteOptions};
use pst_migrate::create::{Create, CreateOptions, Event as Met};
use pst_migrate::export::{self as core, Choice, Event, Export, ExportError, Format, Outcome};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::{exception, raise_io};
use crate::mail;
use crate::time::Instant;
use crate::transfer::crypt;
use crate::watch::Watch;

/// How an export ended. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct ExportSummary {
    seen: u64,
    exported: u64,
    with_losses: u64,
    damaged: u64,
    skipped: BTreeMap<String, u64>,
    failed: BTreeMap<String, u64>,
    kinds: BTreeMap<String, u64>,
    bytes: u64,
    before: u64,
    stores: u64,
    unmatched: Vec<String>,
}

#[pymethods]
impl ExportSummary {
    fn __repr__(&self) -> String {
        format!("<ExportSummary {} seen, {} exported>", self.seen, self.exported)
    }
}

/// What became of mail that was put into a store. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct CreateSummary {
    seen: u64,
    written: u64,
    mails: u64,
    messages: u64,
    damaged: u64,
    changed: u64,
    notes: BTreeMap<String, u64>,
    skipped: BTreeMap<String, u64>,
    failed: BTreeMap<String, u64>,
    bytes: u64,
    folders: u64,
}

#[pymethods]
impl CreateSummary {
    fn __repr__(&self) -> String {
        format!("<CreateSummary {} seen, {} written>", self.seen, self.written)
    }
}

fn format(name: &str) -> PyResult<Format> {
    [Format::Eml, Format::Mbox, Format::Maildir, Format::Json]
        .into_iter()
        .find(|format| format.name() == name)
        .ok_or_else(|| PyValueError::new_err("format is 'eml', 'mbox', 'maildir' or 'json'"))
}

/// One path, or several.
fn paths(given: &Bound<'_, PyAny>) -> PyResult<Vec<PathBuf>> {
    match given.extract::<PathBuf>() {
        Ok(path) => Ok(vec![path]),
        Err(_) => given.extract(),
    }
}

/// Tells a callback of an item: what became of it, its file, its folder and the new file or the reason.
fn observe(watch: &mut Watch, event: &Event<'_>) -> ControlFlow<()> {
    let go_on = match event {
        Event::Line(line) => watch.tell(|_| {
            let (what, text) = match &line.outcome {
                Outcome::Exported(exported) => ("exported", exported.written.file.clone()),
                Outcome::Skipped { reason, .. } => ("skipped", (*reason).to_owned()),
                Outcome::Failed { message, .. } => ("failed", (*message).to_owned()),
            };
            let node = line.from.node.map(pst_core::ndb::Nid::raw);
            Ok((what, line.from.file.to_owned(), node, FolderPath::new(line.folder.iter().cloned()).to_string(), text))
        }),
        _ => watch.tick(),
    };
    if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Writes items as files. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (sources, directory, *, format="eml", folders=None, classes=None, senders=None, recipients=None, since=None, before=None, associated=false, bcc=true, original_headers=true, on_item=None))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn export(
    py: Python<'_>,
    sources: &Bound<'_, PyAny>,
    directory: PathBuf,
    format: &str,
    folders: Option<Vec<String>>,
    classes: Option<Vec<String>>,
    senders: Option<Vec<String>>,
    recipients: Option<Vec<String>>,
    since: Option<Instant>,
    before: Option<Instant>,
    associated: bool,
    bcc: bool,
    original_headers: bool,
    on_item: Option<Py<PyAny>>,
) -> PyResult<ExportSummary> {
    let mut choice = Choice::new().associated(associated);
    choice = folders.iter().flatten().fold(choice, |choice, pattern| choice.folder(pattern));
    choice = classes.iter().flatten().fold(choice, |choice, pattern| choice.class(pattern));
    choice = senders.iter().flatten().fold(choice, |choice, pattern| choice.from(pattern));
    choice = recipients.iter().flatten().fold(choice, |choice, pattern| choice.to(pattern));
    if let Some(Instant(since)) = since {
        choice = choice.since(since);
    }
    if let Some(Instant(before)) = before {
        choice = choice.before(before);
    }
    let sources = paths(sources)?;
    for source in &sources {
        py.detach(|| source.metadata()).map_err(|error| raise_io(&error, Some(source)))?;
    }
    let export = Export::new(directory, self::format(format)?).choose(choice).mail_options(mail::options(
        bcc,
        original_headers,
        true,
        None,
    ));
    let mut watch = Watch::new(on_item);
    let done = py.detach(|| export.run(&sources, &mut |event| observe(&mut watch, event)));
    watch.stopped()?;
    let core::Done { summary, before, stores, unmatched, .. } = done.map_err(|error| match error {
        ExportError::Io(path, error) => raise_io(&error, Some(&path)),
        ExportError::NotEmpty(path) => pyo3::exceptions::PyFileExistsError::new_err((
            17,
            "it is not empty, and no export was begun in it",
            path.into_os_string(),
        )),
        other => PyValueError::new_err(other.to_string()),
    })?;
    Ok(ExportSummary {
        seen: summary.seen(),
        exported: summary.exported,
        with_losses: summary.with_losses,
        damaged: summary.damaged,
        skipped: summary.skipped,
        failed: summary.failed,
        kinds: summary.kinds,
        bytes: summary.bytes,
        before,
        stores,
        unmatched,
    })
}

/// Tells a callback of an item: what became of it, its place, the new folder, and what of it is not there.
fn tell(watch: &mut Watch, event: &Met<'_>) -> bool {
    match event {
        Met::Written { place, folder, notes, .. } => watch.tell(|_| {
            let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
            Ok(("written", place.to_string(), Some(folder.to_string()), notes))
        }),
        Met::Skipped { place, reason, detail } => watch.tell(|_| {
            let reason = if detail.is_empty() { reason.to_string() } else { format!("{reason}: {detail}") };
            Ok(("skipped", place.to_string(), None::<String>, vec![reason]))
        }),
        Met::Failed { place, error } => {
            watch.tell(|_| Ok(("failed", place.to_string(), None::<String>, vec![error.to_string()])))
        }
        _ => watch.tick(),
    }
}

/// Makes a store of mail in files. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (target, sources, *, folder=None, name=None, crypt="permute", share=false, overwrite=false, on_item=None))]
#[allow(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn create(
    py: Python<'_>,
    target: PathBuf,
    sources: &Bound<'_, PyAny>,
    folder: Option<&str>,
    name: Option<String>,
    crypt: &str,
    share: bool,
    overwrite: bool,
    on_item: Option<Py<PyAny>>,
) -> PyResult<CreateSummary> {
    let sources = paths(sources)?;
    for source in &sources {
        py.detach(|| source.metadata()).map_err(|error| raise_io(&error, Some(source)))?;
    }
    let mut write = WriteOptions::new().crypt(self::crypt(crypt)?).share_data(share).overwrite(overwrite);
    if let Some(name) = name {
        write = write.name(name);
    }
    let mut options = CreateOptions::new();
    if let Some(folder) = folder {
        options = options.folder(FolderPath::new(folder.split('/').filter(|name| !name.is_empty())));
    }
    let file = FileTarget::create(&target, overwrite).map_err(|error| raise_io(&error, Some(&target)))?;
    let mut watch = Watch::new(on_item);
    let result = py.detach(|| {
        let mut create = Create::new(file, write, options)?;
        for source in &sources {
            create.add(source, &mut |event| tell(&mut watch, &event))?;
        }
        create.finish()
    });
    let (_, summary) = match result {
        Ok(done) => done,
        Err(error) => {
            watch.stopped()?;
            return Err(exception(py, &error, Some(&target)));
        }
    };
    watch.stopped()?;
    let texts = |counts: &BTreeMap<&'static str, u64>| {
        counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<BTreeMap<_, _>>()
    };
    Ok(CreateSummary {
        seen: summary.seen,
        written: summary.written(),
        mails: summary.mails,
        messages: summary.messages,
        damaged: summary.damaged,
        changed: summary.changed,
        notes: texts(&summary.notes),
        skipped: summary.skipped.iter().map(|(reason, count)| (reason.code().to_owned(), *count)).collect(),
        failed: texts(&summary.failed),
        bytes: summary.bytes,
        folders: summary.folders,
    })
}
