//! `pst verify`: is everything in a file as it should be, and where is it not.

mod map;
mod picture;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pst_core::verify::{
    self, Account, Event, Finding, HitItem, Phase, Report, Severity, Totals, Verdict, VerifyOptions,
};
use serde::Serialize;

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, Table, bytes, counted, escape_line, stderr_line, thousands};
use crate::progress::Progress;

use map::DamageMap;
use picture::Picture;

/// Check files byte by byte against the rules of the format, and tell each fault with its place
///
/// Header, pages, blocks, B-trees and allocation maps, then the contents of every folder, message and table. Nothing is
/// changed. `cosmetic` findings are what sound files of real programs have too; they alone leave the exit code at 0.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Check the file's structure only, not the contents of folders and messages
    #[arg(long)]
    quick: bool,
    /// Threads that compute checksums; what is found does not depend on it
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = crate::args::threads())]
    threads: usize,
    /// Tell so many findings per file; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    max_findings: usize,
    /// Tell cosmetic findings one by one as well
    #[arg(long)]
    cosmetic: bool,
    /// Name so many items that are hit per file; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    max_items: usize,
    /// Write a picture of the one FILE as an SVG: what is where in it, and where the damage is
    #[arg(long, value_name = "OUT.svg")]
    map: Option<PathBuf>,
    /// Write one JSON object, `{"schema": "pst-verify/1", "files": [...]}`
    #[arg(long)]
    json: bool,
}

/// A file as JSON tells it.
#[derive(Serialize)]
struct FileReport<'a> {
    file: String,
    verdict: Verdict,
    /// False if the check was stopped by a limit.
    complete: bool,
    totals: Totals,
    counts: Vec<Count>,
    /// The first findings.
    findings: Vec<Told<'a>>,
    /// Items that are hit, by the worst of their findings.
    hits: HitReport<'a>,
    /// The items counted by folders and by nodes; null with --quick.
    items: Option<ItemReport<'a>>,
    seconds: f64,
}

#[derive(Serialize)]
struct HitReport<'a> {
    /// Items by the worst severity.
    counts: BTreeMap<&'static str, u64>,
    /// False if not all owners of damaged blocks were found.
    complete: bool,
    /// The worst ones; cosmetic findings hit nobody.
    items: &'a [HitItem],
    /// Those beyond.
    beyond: u64,
}

#[derive(Serialize)]
struct ItemReport<'a> {
    #[serde(flatten)]
    account: &'a Account,
    skipped_total: u64,
    skipped_for: BTreeMap<&'static str, u64>,
    /// Both counts are the same.
    agree: bool,
    /// Every difference between them is told.
    explained: bool,
}

#[derive(Serialize)]
struct Count {
    rule: &'static str,
    severity: Severity,
    count: u64,
    title: &'static str,
    source: &'static str,
}

#[derive(Serialize)]
struct Told<'a> {
    #[serde(flatten)]
    finding: &'a Finding,
    /// The finding as a sentence.
    message: String,
    /// What it means for whoever owns the file.
    meaning: &'static str,
}

#[derive(Serialize)]
struct Unread {
    file: String,
    error: String,
}

/// Runs the command.
pub(crate) fn run(args: &Verify, global: &Global) -> anyhow::Result<Exit> {
    if args.map.is_some() && args.files.len() > 1 {
        return Err(Failure::usage("--map makes a picture of one file").into());
    }
    let mut out = global.stdout();
    let (mut opened, mut findings) = (false, false);
    if args.json {
        write!(out, "{{\"schema\":\"pst-verify/1\",\"files\":[")?;
    }
    for (at, path) in args.files.iter().enumerate() {
        if args.json {
            out.write_all(if at > 0 { b",\n" } else { b"\n" })?;
        }
        match check(args, global, path) {
            Ok(checked) => {
                opened |= checked.report.verdict() != Verdict::Unusable;
                findings |= checked.report.verdict() != Verdict::Sound;
                if let (Some(map), Some(picture)) = (&args.map, &checked.picture) {
                    let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                    let written = picture.write(map, &name, checked.report.verdict());
                    written.map_err(|error| Failure::unopened(map, &error))?;
                }
                if args.json {
                    serde_json::to_writer(&mut out, &checked.to_json(path))?;
                } else {
                    checked.write(&mut out, path)?;
                }
            }
            Err(error) => {
                stderr_line(&format!("pst: {}", escape_line(&Failure::unopened(path, &error).to_string())));
                findings = true;
                if args.json {
                    let error = error.to_string();
                    serde_json::to_writer(&mut out, &Unread { file: path.to_string_lossy().into_owned(), error })?;
                }
            }
        }
        out.flush()?;
    }
    if args.json {
        out.write_all(b"\n]}\n")?;
    }
    out.finish()?;
    Ok(if opened { Exit::from_findings(findings) } else { Exit::Unopened })
}

struct Checked {
    report: Report,
    /// Findings that were to be told and were too many.
    more: u64,
    map: DamageMap,
    picture: Option<Picture>,
    took: Duration,
    quick: bool,
}

fn check(args: &Verify, global: &Global, path: &Path) -> pst_core::Result<Checked> {
    let started = Instant::now();
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let options = VerifyOptions::new().max_findings(args.max_findings).cosmetic(args.cosmetic);
    let options =
        options.max_items(args.max_items).regions(args.map.is_some()).threads(args.threads).contents(!args.quick);
    let mut map = DamageMap::new(size);
    let mut picture = args.map.as_ref().map(|_| Picture::new(size));
    // The contents are read once more, structure by structure.
    let bar = Progress::new(if args.quick { size } else { size.saturating_mul(2) });
    let mut shown = 0u64;
    let report = verify::verify_path_with(path, global.open_options(), &options, &mut |event| {
        match event {
            Event::Found(finding) => {
                map.add(finding);
                if let Some(picture) = &mut picture {
                    picture.finding(finding);
                }
            }
            Event::Region(region) => {
                if let Some(picture) = &mut picture {
                    picture.region(&region);
                }
            }
            Event::Progress(progress) => {
                let share = u128::from(progress.done).saturating_mul(u128::from(size));
                let share = share.checked_div(u128::from(progress.total)).and_then(|share| u64::try_from(share).ok());
                let (before, nodes) = if progress.phase == Phase::Contents { (size, progress.done) } else { (0, 0) };
                let now = before.saturating_add(share.unwrap_or(0));
                bar.reach(now.saturating_sub(shown), nodes);
                shown = now.max(shown);
            }
            _ => {}
        }
        ControlFlow::Continue(())
    });
    bar.finish();
    let report = report?;
    let told = report.counts().filter(|(_, severity, _)| args.cosmetic || *severity > Severity::Cosmetic);
    let all = told.fold(0u64, |sum, (.., count)| sum.saturating_add(count));
    let more = all.saturating_sub(u64::try_from(report.findings.len()).unwrap_or(u64::MAX));
    Ok(Checked { report, more, map, picture, took: started.elapsed(), quick: args.quick })
}

impl Checked {
    fn to_json(&self, path: &Path) -> FileReport<'_> {
        let report = &self.report;
        let counts = report.counts().map(|(rule, severity, count)| Count {
            rule: rule.code(),
            severity,
            count,
            title: rule.title(),
            source: rule.source(),
        });
        FileReport {
            file: path.to_string_lossy().into_owned(),
            verdict: report.verdict(),
            complete: report.is_complete,
            totals: report.totals,
            counts: counts.collect(),
            findings: report.findings.iter().map(Told::of).collect(),
            hits: HitReport {
                counts: Severity::ALL
                    .iter()
                    .map(|severity| (severity.as_str(), report.hits.count(*severity)))
                    .collect(),
                complete: report.hits.is_complete,
                items: &report.hits.items,
                beyond: report.hits.beyond(),
            },
            items: report.account.as_ref().map(|account| ItemReport {
                account,
                skipped_total: account.skipped(),
                skipped_for: account.skips().map(|(reason, count)| (reason.as_str(), count)).collect(),
                agree: account.agrees(),
                explained: account.is_explained(),
            }),
            seconds: self.took.as_secs_f64(),
        }
    }

    fn write(&self, out: &mut Output, path: &Path) -> io::Result<()> {
        let report = &self.report;
        let verdict = report.verdict();
        let style = match verdict {
            Verdict::Sound => Style::Plain,
            Verdict::Degraded | Verdict::Unfinished => Style::Warning,
            _ => Style::Bad,
        };
        let (name, word) = (path.to_string_lossy(), verdict.to_string());
        let name = out.paint(Style::Title, escape_line(&name)).into_owned();
        let word = out.paint(style, word).into_owned();
        writeln!(out, "{name}: {word}")?;
        let totals = &report.totals;
        let (pages, blocks) = (counted(totals.pages, "page", "pages"), counted(totals.blocks, "block", "blocks"));
        write!(out, "  {}, {pages}, {blocks}", bytes(totals.file_bytes))?;
        if self.quick {
            // Nobody looked for folders and messages.
            writeln!(out, ", {}", counted(totals.nodes, "node", "nodes"))?;
        } else {
            let messages = counted(totals.messages, "message", "messages");
            writeln!(out, ", {}, {messages}", counted(totals.folders, "folder", "folders"))?;
        }
        self.write_account(out)?;
        if self.took > Duration::from_secs(1) {
            let scaled = u128::from(totals.file_bytes).saturating_mul(1000).checked_div(self.took.as_millis());
            let per_second = bytes(scaled.and_then(|scaled| u64::try_from(scaled).ok()).unwrap_or(0));
            let line = format!("  checked in {:.1} s, {per_second}/s", self.took.as_secs_f64());
            writeln!(out, "{}", out.paint(Style::Dim, line).into_owned())?;
        }
        if report.counts().next().is_none() {
            return Ok(());
        }
        let mut table = Table::new("rlll");
        for (rule, severity, count) in report.counts() {
            let style = style_of(severity);
            table.row(style, [thousands(count), severity.to_string(), rule.to_string(), rule.title().to_owned()]);
        }
        table.write(out, "  ")?;
        self.map.write(out)?;
        let mut explained: Vec<&str> = Vec::new();
        for finding in &report.findings {
            let text = finding.to_string();
            let line = out.paint(style_of(finding.severity), escape_line(&text)).into_owned();
            writeln!(out, "  {line}")?;
            if let Some(item) = &finding.item {
                let item = item.to_string();
                writeln!(out, "    {}", escape_line(&item))?;
            }
            // Once is enough.
            let meaning = finding.meaning();
            if !explained.contains(&meaning) {
                explained.push(meaning);
                writeln!(out, "    {}", out.paint(Style::Dim, meaning).into_owned())?;
            }
        }
        if self.more > 0 {
            let more = counted(self.more, "more finding", "more findings");
            writeln!(out, "  and {more}; --max-findings tells them")?;
        }
        self.write_hits(out)
    }

    fn write_hits(&self, out: &mut Output) -> io::Result<()> {
        let hits = &self.report.hits;
        if hits.items.is_empty() && hits.beyond() == 0 {
            return Ok(());
        }
        writeln!(out, "  {}", out.paint(Style::Title, "Items that are hit").into_owned())?;
        for hit in &hits.items {
            let text = format!("{}: {}", hit.verdict, hit.item);
            writeln!(out, "    {}", out.paint(style_of(hit.severity), escape_line(&text)).into_owned())?;
        }
        if hits.beyond() > 0 {
            writeln!(out, "    and {}; --max-items names them", counted(hits.beyond(), "more item", "more items"))?;
        }
        if !hits.is_complete {
            writeln!(out, "    and perhaps others: blocks are shared too often to find all they belong to")?;
        }
        Ok(())
    }

    /// Both counts of the items, and why they differ.
    fn write_account(&self, out: &mut Output) -> io::Result<()> {
        let Some(account) = &self.report.account else { return Ok(()) };
        let (folders, nodes) = (thousands(account.by_folders), thousands(account.by_nodes));
        let agree = if account.agrees() { "" } else { "; they differ" };
        let mut parts = vec![format!("{} delivered", thousands(account.delivered))];
        let part = |parts: &mut Vec<String>, count: u64, text: &str| {
            if count > 0 {
                parts.push(format!("{} {text}", thousands(count)));
            }
        };
        part(&mut parts, account.failed, "failed");
        for (reason, count) in account.skips() {
            part(&mut parts, count, reason.as_str());
        }
        part(&mut parts, account.listed_again, "listed again");
        part(&mut parts, account.without_node, "listed and lost");
        part(&mut parts, account.no_item, "listed and no message");
        let text = format!("  items: {folders} by folders, {nodes} by nodes{agree}: {}", parts.join(", "));
        let style = if account.agrees() && account.failed == 0 { Style::Plain } else { Style::Warning };
        writeln!(out, "{}", out.paint(style, text).into_owned())
    }
}

impl<'a> Told<'a> {
    fn of(finding: &'a Finding) -> Self {
        Self { finding, message: finding.to_string(), meaning: finding.meaning() }
    }
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Cosmetic => Style::Dim,
        Severity::Degraded => Style::Warning,
        Severity::Loss | Severity::Fatal => Style::Bad,
    }
}
