//! `pst verify`: is everything in a file as it should be, and where is it not.

mod map;

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use pst_core::verify::{self, Event, Finding, Phase, Report, Severity, Totals, Verdict, VerifyOptions};
use serde::Serialize;

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, Table, bytes, counted, escape_line, stderr_line, thousands};
use crate::progress::Progress;

use map::DamageMap;

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
    /// Tell so many findings per file; all are counted
    #[arg(long, value_name = "N", default_value_t = 20)]
    max_findings: usize,
    /// Tell cosmetic findings one by one as well
    #[arg(long)]
    cosmetic: bool,
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
    seconds: f64,
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
}

#[derive(Serialize)]
struct Unread {
    file: String,
    error: String,
}

/// Runs the command.
pub(crate) fn run(args: &Verify, global: &Global) -> anyhow::Result<Exit> {
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
    /// The first findings that are to be told.
    findings: Vec<Finding>,
    /// Those that were to be told and were too many.
    more: u64,
    map: DamageMap,
    took: Duration,
    quick: bool,
}

fn check(args: &Verify, global: &Global, path: &Path) -> pst_core::Result<Checked> {
    let started = Instant::now();
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    let options = VerifyOptions::new().max_findings(0).contents(!args.quick);
    let mut map = DamageMap::new(size);
    // The contents are read once more, structure by structure.
    let bar = Progress::new(if args.quick { size } else { size.saturating_mul(2) });
    let (mut findings, mut more, mut shown) = (Vec::new(), 0u64, 0u64);
    let report = verify::verify_path_with(path, global.open_options(), &options, &mut |event| {
        match event {
            Event::Found(finding) => {
                map.add(finding);
                match args.cosmetic || finding.severity > Severity::Cosmetic {
                    true if findings.len() < args.max_findings => findings.push(finding.clone()),
                    true => more = more.saturating_add(1),
                    false => {}
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
    Ok(Checked { report: report?, findings, more, map, took: started.elapsed(), quick: args.quick })
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
            findings: self.findings.iter().map(|finding| Told { finding, message: finding.to_string() }).collect(),
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
        for finding in &self.findings {
            let text = finding.to_string();
            let line = out.paint(style_of(finding.severity), escape_line(&text)).into_owned();
            writeln!(out, "  {line}")?;
        }
        if self.more > 0 {
            let more = counted(self.more, "more finding", "more findings");
            writeln!(out, "  and {more}; --max-findings tells them")?;
        }
        Ok(())
    }
}

fn style_of(severity: Severity) -> Style {
    match severity {
        Severity::Cosmetic => Style::Dim,
        Severity::Degraded => Style::Warning,
        Severity::Loss | Severity::Fatal => Style::Bad,
    }
}
