//! The work while it goes on: progress, Ctrl-C, and what is to be reported.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use pst_core::Error;
use pst_core::ndb::{Bid, Nid};
use pst_core::policy::BadItemLimit;
use pst_core::transfer::{Event, Summary};
use serde::Serialize;
use serde_json::Value;

use super::report::{self, Report};
use super::{Manner, Written, ended};
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Style, escape_line, stderr_line};
use crate::progress::Progress;

/// Set by Ctrl-C.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Lets Ctrl-C and a request to end stop the work in an orderly way; a second one ends the process at once.
///
/// Called before anything is created that would have to be taken away.
pub(crate) fn stop_in_order() {
    // A handler that cannot be set leaves the system's way, which may leave a file called `.partial`.
    let _ = ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
}

/// Whether the work is to stop.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// An error as it is told.
#[derive(Clone, Debug, Serialize)]
pub(in crate::commands) struct ErrorReport {
    kind: &'static str,
    node: Option<Nid>,
    offset: Option<u64>,
    block: Option<Bid>,
    structure: Option<&'static str>,
    field: Option<&'static str>,
    pub(in crate::commands) message: String,
}

impl ErrorReport {
    pub(crate) fn new(error: &Error) -> Self {
        let location = error.location();
        Self {
            kind: error.kind().as_str(),
            node: location.node,
            offset: location.offset,
            block: location.block,
            structure: location.structure,
            field: location.field,
            message: error.to_string(),
        }
    }
}

/// Something to report about an item, a folder or a place.
#[derive(Debug, Serialize)]
pub(super) struct Finding<'a> {
    /// `skipped`, `damaged`, `damaged-folder`, `search-folder`, `unreadable`, `no-folder`.
    pub(super) what: &'static str,
    /// The file it is about; none if it is about all.
    pub(super) source: Option<&'a str>,
    pub(super) node: Option<Nid>,
    /// Its folder; of `no-folder` the pattern.
    pub(super) folder: Option<&'a str>,
    /// Why an item was skipped, or a search folder left.
    pub(super) reason: Option<&'static str>,
    /// The node of a damaged item in the new file.
    pub(super) new_node: Option<Nid>,
    pub(super) errors: Vec<ErrorReport>,
}

impl Finding<'_> {
    fn new(what: &'static str) -> Self {
        Self { what, source: None, node: None, folder: None, reason: None, new_node: None, errors: Vec::new() }
    }
}

/// A transfer under way.
pub(super) struct Job {
    report: Report,
    progress: Progress,
    /// Patterns of --folder, and how many folders of all sources fit.
    patterns: Vec<(String, u64)>,
    /// The source that is being read, and its bytes that are not accounted for yet.
    source: String,
    left: u64,
    limit: BadItemLimit,
    bad_items: u64,
    /// The bad item that was met last.
    last_bad: String,
}

impl Job {
    /// Begins to read sources of so many bytes.
    pub(super) fn new(
        command: &'static str,
        manner: &Manner,
        limit: BadItemLimit,
        global: &Global,
        bytes: u64,
    ) -> Self {
        Self {
            report: Report::new(command, global.stdout(), manner.json, manner.errors),
            progress: Progress::new(bytes),
            patterns: Vec::new(),
            source: String::new(),
            left: 0,
            limit,
            bad_items: 0,
            last_bad: String::new(),
        }
    }

    /// How many bad items there may be.
    pub(super) fn limit(&self) -> BadItemLimit {
        self.limit
    }

    /// What the report says beside the transfer: as JSON under a name, and in lines for people.
    pub(super) fn tell(
        &mut self,
        name: &'static str,
        value: Value,
        lines: Vec<(Style, String, String)>,
        is_loss: bool,
    ) {
        self.report.tell(name, value, lines, is_loss);
    }

    /// Goes on to the next source.
    pub(super) fn source(&mut self, path: &Path, bytes: u64) {
        self.progress.advance(self.left, 0);
        self.source = path.to_string_lossy().into_owned();
        self.left = bytes;
    }

    /// A source that could not be opened.
    pub(super) fn bad_source(&mut self, path: &Path, error: &Error) {
        self.progress.suspend(|| {
            let path = path.to_string_lossy();
            stderr_line(&format!("pst: {}: {}", escape_line(&path), escape_line(&error.to_string())));
        });
        self.report.source(path, Err(ErrorReport::new(error)));
    }

    /// A source that was read.
    pub(super) fn good_source(&mut self, path: &Path, summary: Summary) {
        self.report.source(path, Ok(summary));
    }

    /// Takes note of an event; false if the work is to stop.
    pub(super) fn observe(&mut self, event: &Event<'_>) -> bool {
        let source = Some(self.source.as_str());
        let reports = |errors: &[Error]| errors.iter().map(ErrorReport::new).collect::<Vec<_>>();
        let finding = match *event {
            Event::Written { node, folder, new_node, bytes, left_out } => {
                let bytes = bytes.min(self.left);
                self.left = self.left.saturating_sub(bytes);
                self.progress.advance(bytes, 1);
                (!left_out.is_empty()).then(|| Finding {
                    node: Some(node),
                    folder: Some(folder),
                    new_node: Some(new_node),
                    errors: reports(left_out),
                    source,
                    ..Finding::new("damaged")
                })
            }
            Event::Skipped { node, folder, reason, error } => {
                self.progress.advance(0, 1);
                Some(Finding {
                    node: Some(node),
                    folder: Some(folder),
                    reason: Some(reason.as_str()),
                    errors: error.map(ErrorReport::new).into_iter().collect(),
                    source,
                    ..Finding::new("skipped")
                })
            }
            Event::DamagedFolder { node, folder, left_out } => Some(Finding {
                node: Some(node),
                folder: Some(folder),
                errors: reports(left_out),
                source,
                ..Finding::new("damaged-folder")
            }),
            Event::Unreadable { error } => {
                Some(Finding { errors: vec![ErrorReport::new(error)], source, ..Finding::new("unreadable") })
            }
            Event::SearchFolder { node, folder } => Some(Finding {
                node: Some(node),
                folder: Some(folder),
                reason: Some("lists-by-ids"),
                source,
                ..Finding::new("search-folder")
            }),
            Event::FolderPattern { pattern, folders } => {
                match self.patterns.iter_mut().find(|(known, _)| known == pattern) {
                    Some((_, sum)) => *sum = sum.saturating_add(folders),
                    None => self.patterns.push((pattern.to_owned(), folders)),
                }
                None
            }
            _ => None,
        };
        if let Some(finding) = &finding {
            self.report.finding(finding);
        }
        if event.is_bad_item() {
            self.bad_items = self.bad_items.saturating_add(1);
            self.last_bad = finding.as_ref().map(report::line).unwrap_or_default();
        }
        !is_stopped()
    }

    /// The failure that an error of the work is.
    pub(super) fn failure(&self, path: &Path, error: &Error) -> Failure {
        if !BadItemLimit::is_cause_of(error) {
            return ended(path, error);
        }
        let (number, limit, item) = (self.bad_items, self.limit, &self.last_bad);
        let text = format!("nothing was written: bad item {number}, and --bad-item-limit is {limit}: {item}");
        Failure::bad_items(path, text)
    }

    /// Ends the report of work that failed; gives the failure back.
    pub(super) fn fail(mut self, failure: Failure) -> anyhow::Error {
        self.progress.finish();
        self.report.bad_items(self.limit, self.bad_items);
        self.report.failed(&failure);
        failure.into()
    }

    /// Writes the report, after a word on patterns that no folder fits: whoever wrote them meant something.
    pub(super) fn finish(mut self, files: &[Written], summary: &Summary) -> anyhow::Result<Exit> {
        self.progress.finish();
        for (pattern, _) in self.patterns.iter().filter(|(_, folders)| *folders == 0) {
            stderr_line(&format!("pst: warning: no folder fits --folder {}", escape_line(pattern)));
            self.report.finding(&Finding { folder: Some(pattern), ..Finding::new("no-folder") });
        }
        self.report.bad_items(self.limit, self.bad_items);
        self.report.finish(files, summary)
    }
}
