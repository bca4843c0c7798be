//! Checks of whole files.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use pst_core::verify::{self as core, Event, Phase, VerifyOptions};
use pst_core::{OpenOptions, Pst as Core};
use pyo3::prelude::*;

use crate::errors::raise;
use crate::pst::{Held, Source, not_a_file};
use crate::watch::Watch;

/// Something that is not as it should be. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct Finding {
    rule: String,
    title: String,
    source: String,
    severity: String,
    text: String,
    expected: String,
    actual: String,
    offset: Option<u64>,
    node_id: Option<u32>,
    block_id: Option<u64>,
    structure: Option<String>,
    field: Option<String>,
}

impl Finding {
    fn new(found: &core::Finding) -> Self {
        let place = &found.location;
        Self {
            rule: found.rule.code().to_owned(),
            title: found.rule.title().to_owned(),
            source: found.rule.source().to_owned(),
            severity: found.severity.as_str().to_owned(),
            text: found.to_string(),
            expected: found.expected.clone(),
            actual: found.actual.clone(),
            offset: place.offset,
            node_id: place.node.map(pst_core::ndb::Nid::raw),
            block_id: place.block.map(pst_core::ndb::Bid::raw),
            structure: place.structure.map(str::to_owned),
            field: place.field.map(str::to_owned),
        }
    }
}

#[pymethods]
impl Finding {
    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self) -> String {
        format!("<Finding {} {}: {}>", self.rule, self.severity, self.text)
    }
}

/// The result of a check. See `_core.pyi`.
#[pyclass(frozen, get_all, module = "pst._core")]
pub(crate) struct Report {
    verdict: String,
    is_complete: bool,
    findings: Vec<Py<Finding>>,
    counts: BTreeMap<String, u64>,
    totals: BTreeMap<String, u64>,
}

impl Report {
    fn new(py: Python<'_>, report: &core::Report) -> PyResult<Self> {
        let mut counts = BTreeMap::new();
        for (_, severity, count) in report.counts() {
            let sum: &mut u64 = counts.entry(severity.as_str().to_owned()).or_default();
            *sum = sum.saturating_add(count);
        }
        let totals = &report.totals;
        let totals = [
            ("file_bytes", totals.file_bytes),
            ("pages", totals.pages),
            ("blocks", totals.blocks),
            ("block_bytes", totals.block_bytes),
            ("nodes", totals.nodes),
            ("subnodes", totals.subnodes),
            ("folders", totals.folders),
            ("messages", totals.messages),
            ("rows", totals.rows),
        ];
        Ok(Self {
            verdict: report.verdict().as_str().to_owned(),
            is_complete: report.is_complete,
            findings: report.findings.iter().map(|found| Py::new(py, Finding::new(found))).collect::<PyResult<_>>()?,
            counts,
            totals: totals.into_iter().map(|(name, number)| (name.to_owned(), number)).collect(),
        })
    }
}

#[pymethods]
impl Report {
    #[getter]
    fn is_sound(&self) -> bool {
        self.verdict == "sound"
    }

    fn __repr__(&self) -> String {
        let found: u64 = self.counts.values().fold(0, |sum, count| sum.saturating_add(*count));
        format!("<Report {}, {found} findings>", self.verdict)
    }
}

fn options(contents: bool, max_findings: usize) -> VerifyOptions {
    VerifyOptions::new().contents(contents).max_findings(max_findings)
}

/// Tells how far a check is.
fn observe(watch: &mut Watch, event: &Event<'_>) -> ControlFlow<()> {
    let go_on = match event {
        Event::Progress(now) => {
            let phase = if now.phase == Phase::Blocks { "blocks" } else { "contents" };
            let (done, total) = (now.done, now.total);
            watch.tell(|_| Ok((phase, done, total)))
        }
        _ => watch.tick(),
    };
    if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Checks a store that is open.
pub(crate) fn of_store(
    py: Python<'_>,
    pst: &Core,
    contents: bool,
    max_findings: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let mut watch = Watch::new(on_progress);
    let options = options(contents, max_findings);
    let report = py.detach(|| core::verify_with(pst, &options, &mut |event| observe(&mut watch, &event)));
    watch.stopped()?;
    Report::new(py, &report)
}

/// Checks a file or buffer, whose header need not be sound. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, *, contents=true, max_findings=1000, on_progress=None))]
pub(crate) fn verify(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    contents: bool,
    max_findings: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Report> {
    let mut watch = Watch::new(on_progress);
    let options = options(contents, max_findings);
    let report = match Source::of(source)? {
        Source::Path(path) => {
            let open = OpenOptions::new();
            let result =
                py.detach(|| core::verify_path_with(&path, open, &options, &mut |event| observe(&mut watch, &event)));
            watch.stopped()?;
            result.map_err(|error| not_a_file(error, &path))?
        }
        Source::Bytes(bytes) => {
            let source = Box::new(pst_core::source::MemorySource::new(Held(bytes)));
            py.detach(|| core::verify_source(source, &options)).map_err(raise)?
        }
    };
    Report::new(py, &report)
}
