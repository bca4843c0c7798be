//! Checks of whole files.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::ffi::{c_char, c_void};
use std::mem::MaybeUninit;
use std::ops::ControlFlow;
use std::sync::Arc;

use pst_core::verify::{self as core, Event, Phase, Severity as CoreSeverity, Verdict as CoreVerdict, VerifyOptions};

use crate::error::{Error, Failure};
use crate::event::{self, OnProgress};
use crate::guard::{give, guard, put, put_some};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::options::{self, Options};
use crate::pointer;
use crate::status::Status;
use crate::store::Store;
use crate::view::Str;

/// How bad a finding is.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Sound files of real programs have it too.
    Cosmetic = 0,
    /// Everything can be read; Outlook or scanpst would correct it.
    Degraded = 1,
    /// Something is lost, or will be when the file is written to.
    Loss = 2,
    /// The file cannot be used.
    Fatal = 3,
}

/// What a check comes to.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing above `PST_SEVERITY_COSMETIC` was found.
    Sound = 0,
    /// Everything can be read; Outlook or scanpst would correct something.
    Degraded = 1,
    /// Something is lost, or will be when the file is written to.
    Damaged = 2,
    /// The file cannot be used.
    Unusable = 3,
    /// The check was stopped before it found anything above cosmetic.
    Unfinished = 4,
}

/// One deviation from a rule, and where it is. Texts may be empty.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    /// The rule, such as `B4`; `docs/verify-rules.md` lists them.
    pub rule: Str,
    /// The finding as a sentence, with all of what follows.
    pub text: Str,
    /// What should be there.
    pub expected: Str,
    /// What is there.
    pub actual: Str,
    /// Byte offset in the file, if `has_offset`.
    pub offset: u64,
    /// The block, if `has_block`.
    pub block: u64,
    /// The node, if `has_node`.
    pub node: u32,
    /// How bad it is.
    pub severity: Severity,
    /// Whether the offset is known.
    pub has_offset: bool,
    /// Whether a block is known.
    pub has_block: bool,
    /// Whether a node is known.
    pub has_node: bool,
}

/// Told of every finding; what it returns says whether to go on. It may be NULL. It must return: no exception and no
/// `longjmp` may leave it. What it is given lives until it returns.
pub type OnFinding = Option<extern "C" fn(user: *mut c_void, finding: &Finding) -> bool>;

/// How much was checked.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Totals {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// B-tree pages and map pages.
    pub pages: u64,
    /// Blocks.
    pub blocks: u64,
    /// Bytes stored in blocks.
    pub block_bytes: u64,
    /// Top-level nodes.
    pub nodes: u64,
    /// Subnodes that were looked into.
    pub subnodes: u64,
    /// Folders and search folders.
    pub folders: u64,
    /// Messages, associated and embedded ones too.
    pub messages: u64,
    /// Rows of tables.
    pub rows: u64,
}

/// The result of a check. May be used by several threads at once.
pub struct Report {
    report: core::Report,
    lent: Lent,
}

fn severity(severity: CoreSeverity) -> Severity {
    match severity {
        CoreSeverity::Cosmetic => Severity::Cosmetic,
        CoreSeverity::Degraded => Severity::Degraded,
        CoreSeverity::Loss => Severity::Loss,
        CoreSeverity::Fatal => Severity::Fatal,
    }
}

/// A finding as C sees it; texts are kept where the caller says.
fn finding(found: &core::Finding, lent: &Lent, number: u64) -> Result<Finding, Failure> {
    let key = number.saturating_mul(4);
    let keep = |which: u64, text: String| {
        Ok::<_, Failure>(lent.text(key.saturating_add(which), || Ok(Some(text)))?.unwrap_or(Str::NONE))
    };
    Ok(Finding {
        rule: keep(0, found.rule.code().to_owned())?,
        text: keep(1, found.to_string())?,
        expected: keep(2, found.expected.clone())?,
        actual: keep(3, found.actual.clone())?,
        offset: found.location.offset.unwrap_or(0),
        block: found.location.block.map_or(0, |block| block.raw()),
        node: found.location.node.map_or(0, |node| node.raw()),
        severity: severity(found.severity),
        has_offset: found.location.offset.is_some(),
        has_block: found.location.block.is_some(),
        has_node: found.location.node.is_some(),
    })
}

struct Told {
    on_finding: OnFinding,
    on_progress: OnProgress,
    user: *mut c_void,
}

impl Told {
    fn tell(&self, event: Event<'_>) -> ControlFlow<()> {
        let go_on = match event {
            Event::Found(found) => self.on_finding.is_none_or(|on_finding| {
                // The texts last as long as the call.
                let lent = Lent::default();
                finding(found, &lent, 0).is_ok_and(|finding| on_finding(self.user, &finding))
            }),
            Event::Progress(progress) => {
                let phase = if progress.phase == Phase::Blocks { "blocks" } else { "contents" };
                event::progress(self.on_progress, self.user, phase, progress.done, progress.total)
            }
            _ => true,
        };
        if go_on { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

fn checks(quick: bool, max_findings: usize) -> VerifyOptions {
    VerifyOptions::new().contents(!quick).max_findings(max_findings)
}

/// Checks a file that need not have a sound header: whatever is wrong is in the report, and only a file that cannot be
/// opened or read at all is a failure. `quick` leaves the contents of folders and messages out. The report keeps
/// `max_findings`; all are counted, and told to `on_finding`. A callback that stops the check gives a report that says so.
/// `options` and both callbacks may be NULL.
///
/// The report is the caller's, to be freed with `pst_report_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_verify(
    path: *const c_char,
    options: *const Options,
    quick: bool,
    max_findings: usize,
    on_finding: OnFinding,
    on_progress: OnProgress,
    user: *mut c_void,
    report: Option<&mut MaybeUninit<*mut Report>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(report, || {
            let told = Told { on_finding, on_progress, user };
            let (path, open) = (pointer::path(path)?, options::of(options)?);
            let mut tell = |event: Event<'_>| told.tell(event);
            let report = core::verify_path_with(path, open, &checks(quick, max_findings), &mut tell)?;
            Ok(Report { report, lent: Lent::default() })
        })
    })
}

/// Checks a store that is open, as `pst_verify`.
///
/// The report is the caller's, to be freed with `pst_report_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_store_verify(
    store: *const Store,
    quick: bool,
    max_findings: usize,
    on_finding: OnFinding,
    on_progress: OnProgress,
    user: *mut c_void,
    report: Option<&mut MaybeUninit<*mut Report>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(report, || {
            let told = Told { on_finding, on_progress, user };
            let store: Arc<Store> = get(store)?;
            let report = core::verify_with(&store.pst, &checks(quick, max_findings), &mut |event| told.tell(event));
            Ok(Report { report, lent: Lent::default() })
        })
    })
}

/// What the check comes to.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_verdict(
    report: *const Report,
    verdict: Option<&mut MaybeUninit<Verdict>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(verdict, || {
            Ok(match get(report)?.report.verdict() {
                CoreVerdict::Sound => Verdict::Sound,
                CoreVerdict::Degraded => Verdict::Degraded,
                CoreVerdict::Damaged => Verdict::Damaged,
                CoreVerdict::Unusable => Verdict::Unusable,
                CoreVerdict::Unfinished => Verdict::Unfinished,
            })
        })
    })
}

/// Whether the check came to its end.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_is_complete(
    report: *const Report,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(get(report)?.report.is_complete)))
}

/// How much was checked.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_totals(
    report: *const Report,
    totals: Option<&mut MaybeUninit<Totals>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(totals, || {
            let of = get(report)?.report.totals;
            Ok(Totals {
                file_bytes: of.file_bytes,
                pages: of.pages,
                blocks: of.blocks,
                block_bytes: of.block_bytes,
                nodes: of.nodes,
                subnodes: of.subnodes,
                folders: of.folders,
                messages: of.messages,
                rows: of.rows,
            })
        })
    })
}

/// How many findings of a severity there are, those not kept included: a `pst_severity`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_count(
    report: *const Report,
    severity: u32,
    count: Option<&mut MaybeUninit<u64>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put(count, || {
            let severity = match severity {
                0 => CoreSeverity::Cosmetic,
                1 => CoreSeverity::Degraded,
                2 => CoreSeverity::Loss,
                3 => CoreSeverity::Fatal,
                _ => return Err(Failure::new(Status::InvalidInput, "no such severity")),
            };
            Ok(get(report)?.report.count_of(severity))
        })
    })
}

/// A finding the report keeps, by a number from 0; absent beyond the last.
///
/// The texts live as long as the report.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_finding(
    report: *const Report,
    index: usize,
    finding: Option<&mut MaybeUninit<Finding>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        put_some(finding, || {
            let report = get(report)?;
            let Some(found) = report.report.findings.get(index) else { return Ok(None) };
            self::finding(found, &report.lent, u64::try_from(index).unwrap_or(0)).map(Some)
        })
    })
}

/// Frees a report. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_report_free(report: *mut Report) {
    handle::free(report);
}
