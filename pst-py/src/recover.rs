//! Damaged stores, brought back.

use std::ops::ControlFlow;
use std::sync::Arc;

use pst_core::ndb::Nid;
use pst_core::recover::{self as core, Phase, Progress, RecoverOptions};
use pst_core::source::MemorySource;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors;
use crate::pst::{Held, Pst, Source, not_a_file};
use crate::watch::Watch;

/// A store that was brought back. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Recovery {
    recovery: Arc<core::Recovery>,
    store: Py<Pst>,
}

#[pymethods]
impl Recovery {
    #[getter]
    fn store(&self, py: Python<'_>) -> Py<Pst> {
        self.store.clone_ref(py)
    }

    #[getter]
    fn is_changed(&self) -> bool {
        self.recovery.report.is_changed
    }

    #[getter]
    fn is_scanned(&self) -> bool {
        self.recovery.report.is_scanned
    }

    #[getter]
    fn header(&self) -> &'static str {
        self.recovery.report.header.as_str()
    }

    #[getter]
    fn lost_items(&self) -> Vec<(u32, u32, Option<String>)> {
        let items = &self.recovery.report.lost_items;
        items.iter().map(|item| (item.nid.raw(), item.folder.raw(), item.subject.clone())).collect()
    }

    #[getter]
    fn lost_item_count(&self) -> u64 {
        self.recovery.report.lost_item_count
    }

    #[getter]
    fn errors(&self, py: Python<'_>) -> Vec<Py<PyAny>> {
        errors::list(py, &self.recovery.report.errors)
    }

    #[getter]
    fn counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let report = &self.recovery.report;
        let group = |pairs: &[(&str, u64)]| -> PyResult<Bound<'py, PyDict>> {
            let group = PyDict::new(py);
            for (name, count) in pairs {
                group.set_item(name, count)?;
            }
            Ok(group)
        };
        let (nodes, blocks, folders) = (&report.nodes, &report.blocks, &report.folders);
        let all = PyDict::new(py);
        for (name, tree) in [("node_tree", &report.node_tree), ("block_tree", &report.block_tree)] {
            all.set_item(name, group(&[("trusted", tree.trusted), ("lost", tree.lost), ("found", tree.found)])?)?;
        }
        all.set_item(
            "nodes",
            group(&[
                ("total", nodes.total),
                ("trusted", nodes.trusted),
                ("rebuilt", nodes.rebuilt),
                ("deleted", nodes.deleted),
                ("fragments", nodes.fragments),
                ("made", nodes.made),
            ])?,
        )?;
        all.set_item(
            "blocks",
            group(&[
                ("trusted", blocks.trusted),
                ("replaced", blocks.replaced),
                ("found", blocks.found),
                ("unreadable", blocks.unreadable),
                ("beyond_end", blocks.beyond_end),
                ("ambiguous", blocks.ambiguous),
            ])?,
        )?;
        all.set_item(
            "folders",
            group(&[
                ("total", folders.total),
                ("made", folders.made),
                ("attached", folders.attached),
                ("orphans_listed", folders.orphans_listed),
                ("orphans", folders.orphans),
                ("tables", folders.tables),
                ("listed_again", folders.listed_again),
            ])?,
        )?;
        Ok(all)
    }

    fn source_of(&self, py: Python<'_>, node_id: u32) -> (&'static str, &'static str) {
        let (source, confidence) = py.detach(|| self.recovery.source_of(Nid::new(node_id)));
        (source.as_str(), confidence.as_str())
    }

    fn __repr__(&self) -> String {
        let report = &self.recovery.report;
        format!("<Recovery header {}, {} items lost>", report.header.as_str(), report.lost_item_count)
    }
}

fn observe(watch: &mut Watch, now: Progress) -> ControlFlow<()> {
    let phase = match now.phase {
        Phase::Layout => "layout",
        Phase::Scan => "scan",
        _ => "folders",
    };
    let go_on = watch.tell(|_| Ok((phase, now.done, now.total)));
    if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
}

/// Brings back what can be brought back. See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (source, *, always_scan=false, deleted=false, fragments=false, on_progress=None))]
pub(crate) fn recover(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    always_scan: bool,
    deleted: bool,
    fragments: bool,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Recovery> {
    let options = RecoverOptions::new().always_scan(always_scan).deleted(deleted).fragments(fragments);
    let mut watch = Watch::new(on_progress);
    let (recovery, path) = match Source::of(source)? {
        Source::Path(path) => {
            let result = py.detach(|| core::recover(&path, &options, &mut |now| observe(&mut watch, now)));
            let recovery = match result {
                Ok(recovery) => recovery,
                Err(error) => {
                    watch.stopped()?;
                    return Err(not_a_file(error, &path));
                }
            };
            (recovery, Some(path))
        }
        Source::Bytes(bytes) => {
            let source = Box::new(MemorySource::new(Held(bytes)));
            let result = py.detach(|| core::recover_source(source, &options, &mut |now| observe(&mut watch, now)));
            (watch.finish(result)?, None)
        }
    };
    let store = Py::new(py, Pst::new(recovery.pst.clone(), path))?;
    Ok(Recovery { recovery: Arc::new(recovery), store })
}
