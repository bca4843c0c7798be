//! `pst recover`: what can be brought back of a damaged file.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::policy::BadItemLimit;
use pst_core::recover::{self, Phase, RecoverOptions, Recovery};
use serde_json::{Value, json};

use super::compact::same_form;
use super::convert::copy_open;
use super::job::{ErrorReport, Job, is_stopped, stop_in_order};
use super::{Choice, Manner, check_new, ended, size};
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Style, thousands};
use crate::progress::Progress;

/// Bring back what can be brought back of a damaged file, and write it to a new one
///
/// The damaged file is only read. Lost pages of its B-trees, a lost header, tables and folders are made anew from what is
/// left; what cannot be found is named. Items keep their folders; those without one go into a folder "Recovered".
#[derive(Debug, clap::Args)]
pub(crate) struct Recover {
    /// The damaged file
    #[arg(value_name = "FILE")]
    source: PathBuf,
    /// The new file; without it nothing is written, and the report says what could be
    #[arg(short = 'o', long = "output", value_name = "OUT")]
    out: Option<PathBuf>,
    /// Search the file only if something of its B-trees is missing: faster, but blocks that are damaged where they belong and
    /// intact elsewhere stay damaged
    #[arg(long)]
    no_scan: bool,
    /// Bring back messages that were deleted too, into a folder "Recovered deleted items"
    #[arg(long)]
    deleted: bool,
    /// Put messages together from all data that nothing names, deleted ones among them: where a folder still lists them in
    /// that folder, else in "Recovered fragments". Those that lost their nodes come back without this
    #[arg(long)]
    fragments: bool,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command.
pub(crate) fn run(args: &Recover, global: &Global) -> anyhow::Result<Exit> {
    if let Some(out) = &args.out {
        if super::same_file(&args.source, out) {
            return Err(Failure::unopened(out, &"it is the damaged file, which is only read").into());
        }
        check_new(out, args.manner.force)?;
    }
    stop_in_order();
    let recovery = bring_back(args, global)?;
    let report = &recovery.report;
    let has_losses = report.lost_item_count > 0 || report.blocks.unreadable > 0 || report.blocks.beyond_end > 0;
    // Of a damaged file everything is wanted that can be had.
    let mut job = Job::new("recover", &args.manner, BadItemLimit::UNLIMITED, global, recovery.pst.file_size());
    job.tell("recovery", to_json(&recovery), lines(&recovery), has_losses || report.blocks.ambiguous > 0);
    match &args.out {
        Some(out) => {
            let between = (args.source.as_path(), out.as_path());
            copy_open(job, &recovery.pst, between, &args.choice, &args.manner, same_form(&recovery.pst, false))
        }
        None => job.finish(&[], &pst_core::transfer::Summary::default()),
    }
}

fn bring_back(args: &Recover, global: &Global) -> Result<Recovery, Failure> {
    let path: &Path = &args.source;
    let options = RecoverOptions::new().open(global.open_options()).always_scan(!args.no_scan);
    let options = options.deleted(args.deleted).fragments(args.fragments);
    let progress = Progress::new(size(path));
    let mut last = (Phase::Layout, 0);
    let result = recover::recover(path, &options, &mut |now| {
        if now.phase != Phase::Folders {
            let from = if now.phase == last.0 { last.1 } else { 0 };
            // The file is gone through once; looking for a layout may go through it before.
            if now.phase == Phase::Scan {
                progress.advance(now.done.saturating_sub(from), 0);
            }
            last = (now.phase, now.done);
        }
        if is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    result.map_err(|error| match error.kind() {
        pst_core::ErrorKind::Cancelled => ended(path, &error),
        _ => Failure::unopened(path, &error),
    })
}

fn to_json(recovery: &Recovery) -> Value {
    let report = &recovery.report;
    let tree = |tree: &recover::TreeCounts| json!({"trusted": tree.trusted, "lost": tree.lost, "found": tree.found});
    let lost: Vec<Value> = report
        .lost_items
        .iter()
        .map(|item| json!({"node": item.nid, "folder": item.folder, "subject": item.subject}))
        .collect();
    json!({
        "changed": report.is_changed,
        "scanned": report.is_scanned,
        "header": report.header.as_str(),
        "format": report.format.layout().as_str(),
        "crypt": report.crypt.as_str(),
        "bytes": report.file_size,
        "missing_bytes": report.missing_bytes,
        "moved_pages": report.moved_pages,
        "node_tree": tree(&report.node_tree),
        "block_tree": tree(&report.block_tree),
        "nodes": {
            "total": report.nodes.total,
            "trusted": report.nodes.trusted,
            "rebuilt": report.nodes.rebuilt,
            "superseded": report.nodes.superseded,
            "deleted": report.nodes.deleted,
            "fragments": report.nodes.fragments,
            "made": report.nodes.made,
        },
        "blocks": {
            "trusted": report.blocks.trusted,
            "replaced": report.blocks.replaced,
            "moved": report.blocks.moved,
            "found": report.blocks.found,
            "unreadable": report.blocks.unreadable,
            "beyond_end": report.blocks.beyond_end,
            "ambiguous": report.blocks.ambiguous,
        },
        "folders": {
            "total": report.folders.total,
            "made": report.folders.made,
            "attached": report.folders.attached,
            "orphans_listed": report.folders.orphans_listed,
            "orphans": report.folders.orphans,
            "tables": report.folders.tables,
            "listed_again": report.folders.listed_again,
        },
        "lost_items": {"count": report.lost_item_count, "items": lost},
        "errors": report.errors.iter().map(ErrorReport::new).collect::<Vec<_>>(),
    })
}

/// The same for people, but for what is zero.
fn lines(recovery: &Recovery) -> Vec<(Style, String, String)> {
    let report = &recovery.report;
    let mut lines = Vec::new();
    if !report.is_changed {
        lines.push((Style::Plain, "nothing had to be brought back".to_owned(), String::new()));
    }
    if report.header != recover::HeaderState::Sound {
        lines.push((Style::Warning, "header".to_owned(), report.header.to_string()));
    }
    let mut count = |style, name: &str, number: u64| {
        if number > 0 {
            lines.push((style, name.to_owned(), thousands(number)));
        }
    };
    count(Style::Bad, "bytes missing at the end", report.missing_bytes);
    count(Style::Warning, "pages lost", report.node_tree.lost.saturating_add(report.block_tree.lost));
    count(Style::Plain, "nodes found again", report.nodes.rebuilt);
    count(
        Style::Plain,
        "pages and blocks found in the wrong place",
        report.moved_pages.saturating_add(report.blocks.moved),
    );
    count(Style::Plain, "deleted messages", report.nodes.deleted);
    count(Style::Plain, "messages put together", report.nodes.fragments);
    count(Style::Plain, "blocks found again", report.blocks.found.saturating_add(report.blocks.replaced));
    count(Style::Bad, "blocks lost", report.blocks.unreadable.saturating_add(report.blocks.beyond_end));
    count(Style::Warning, "blocks of which there are different ones", report.blocks.ambiguous);
    count(Style::Plain, "folders made anew", report.folders.made);
    count(Style::Plain, "folders moved to Recovered", report.folders.attached);
    count(Style::Plain, "items moved to Recovered", report.folders.orphans);
    count(Style::Plain, "tables made anew", report.folders.tables);
    count(Style::Bad, "items lost", report.lost_item_count);
    for item in report.lost_items.iter().take(20) {
        let subject = item.subject.clone().unwrap_or_default();
        lines.push((Style::Bad, format!("  {} in {}", item.nid, item.folder), subject));
    }
    lines
}
