//! The report of an export, for people and as JSON.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use pst_core::policy::BadItemLimit;
use pst_migrate::export::{Done, Event, Format, INDEX, Line, Outcome, Summary};
use serde_json::{Value, json};

use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, Table, bytes, escape_line, stderr_line, thousands};

/// The report.
pub(super) struct Report {
    directory: PathBuf,
    format: Format,
    json: bool,
    cap: usize,
    /// Lines of items that are damaged or failed, up to the cap, and how many there are.
    lines: Vec<String>,
    problems: u64,
    limit: BadItemLimit,
    /// The bad item that was met last.
    last_bad: String,
    start: Instant,
}

impl Report {
    pub(super) fn new(directory: &Path, format: Format, limit: BadItemLimit, json: bool, cap: usize) -> Self {
        let (lines, start) = (Vec::new(), Instant::now());
        let (directory, last_bad) = (directory.to_owned(), String::new());
        Self { directory, format, json, cap, lines, problems: 0, limit, last_bad, start }
    }

    /// Takes note of an event; gives the bytes that were written.
    pub(super) fn observe(&mut self, event: &Event<'_>) -> u64 {
        let line = match event {
            Event::Line(line) => line,
            Event::GoesOn(things) => {
                stderr_line(&format!("pst: going on after {}", thousands(*things)));
                return 0;
            }
            _ => return 0,
        };
        match &line.outcome {
            Outcome::Exported(item) => {
                let beside = item.beside.iter().fold(0, |sum: u64, file| sum.saturating_add(file.bytes));
                let is_bad = |code: &str| matches!(code, "unreadable" | "too-deep" | "too-large");
                if item.losses.iter().any(|loss| is_bad(&loss.code)) {
                    self.problem(line, || {
                        let bad = item.losses.iter().filter(|loss| is_bad(&loss.code));
                        let bad: Vec<_> = bad.map(|loss| format!("{}: {}", loss.code, loss.detail)).collect();
                        format!("damaged, {}", bad.join("; "))
                    });
                }
                item.written.bytes.saturating_add(beside)
            }
            Outcome::Failed { kind, message } => {
                self.problem(line, || format!("failed, {kind}: {message}"));
                0
            }
            Outcome::Skipped { reason, detail } => {
                let hides = pst_migrate::input::SkipReason::ALL.iter().filter(|known| known.may_hide_mail());
                if hides.into_iter().any(|known| known.code() == *reason) {
                    self.problem(line, || format!("left out, {reason}: {detail}"));
                }
                0
            }
        }
    }

    fn problem(&mut self, line: &Line<'_>, text: impl FnOnce() -> String) {
        self.problems = self.problems.saturating_add(1);
        let is_bad = !matches!(line.outcome, Outcome::Skipped { .. });
        let is_told = self.lines.len() < self.cap;
        if !is_told && !is_bad {
            return;
        }
        let mut place = line.from.file.to_owned();
        line.from.entries.iter().for_each(|entry| place.push_str(&format!("!{entry}")));
        if let Some(node) = line.from.node {
            place.push_str(&format!("#{node}"));
        }
        if let Some(offset) = line.from.offset {
            place.push_str(&format!("@{offset}"));
        }
        let text = format!("{place}: {}", text());
        if is_bad {
            self.last_bad.clone_from(&text);
        }
        if is_told {
            self.lines.push(text);
        }
    }

    fn object(&self, summary: &Summary, done: Option<&Done>, error: Option<&str>) -> Value {
        let mut counts = json!(summary);
        if let Some(counts) = counts.as_object_mut() {
            counts.insert("seen".to_owned(), json!(summary.seen()));
            counts.insert("skipped_total".to_owned(), json!(summary.skips()));
            counts.insert("failed_total".to_owned(), json!(summary.failures()));
        }
        json!({
            "schema": "pst-export-report/1",
            "directory": self.directory.to_string_lossy(),
            "index": self.directory.join(INDEX).to_string_lossy(),
            "format": self.format.name(),
            "summary": counts,
            "before": done.map(|done| done.before),
            "unmatched_folders": done.map(|done| &done.unmatched),
            "bad_items": {
                "limit": self.limit.get(),
                "found": summary.bad_items(),
                "stopped": done.is_some_and(|done| done.beyond_limit),
            },
            "complete": done.is_some_and(|done| !done.stopped),
            "error": error,
        })
    }

    /// Ends the report of an export that failed. People are told by whoever gets the failure.
    pub(super) fn failed(&self, mut out: Output, failure: &Failure) {
        if self.json {
            let object = self.object(&Summary::default(), None, Some(&failure.to_string()));
            let _ = writeln!(out, "{object:#}").and_then(|()| out.finish());
        }
    }

    /// Writes the report, and says how the command ends.
    pub(super) fn finish(&self, mut out: Output, done: &Done) -> anyhow::Result<Exit> {
        let summary = &done.summary;
        for pattern in &done.unmatched {
            stderr_line(&format!("pst: warning: no item is in a folder that fits --folder {}", escape_line(pattern)));
        }
        if done.beyond_limit {
            let (number, limit) = (summary.bad_items(), self.limit);
            let item = if self.last_bad.is_empty() { "met by an earlier run" } else { &self.last_bad };
            let text = format!("bad item {number}, and --bad-item-limit is {limit}: {item}");
            stderr_line(&format!("pst: stopped: {}", escape_line(&text)));
            stderr_line("pst: what is done is kept; the same command with a higher --bad-item-limit goes on from here");
        } else if done.stopped {
            stderr_line("pst: stopped; the same command goes on from here");
        }
        if self.json {
            writeln!(out, "{:#}", self.object(summary, Some(done), None))?;
        } else {
            self.text(&mut out, done)?;
        }
        out.finish()?;
        if done.beyond_limit {
            return Ok(Exit::BadItems);
        }
        if summary.seen() == summary.failures() && done.stores == 0 && !done.stopped {
            return Ok(Exit::Unopened);
        }
        let findings = summary.failures() > 0 || summary.damaged > 0 || summary.may_hide_mail() > 0;
        Ok(Exit::from_findings(findings || done.stopped))
    }

    fn text(&self, out: &mut Output, done: &Done) -> io::Result<()> {
        let summary = &done.summary;
        let mut table = Table::new("lrl");
        let row = |table: &mut Table, style, name: &str, number: u64, note: String| {
            table.row(style, [name.to_owned(), thousands(number), note]);
        };
        let mut note = bytes(summary.bytes);
        if done.before == 0 {
            note.push_str(&format!(" in {:.1} s", self.start.elapsed().as_secs_f64()));
        }
        table.row(
            Style::Title,
            [escape_line(&self.directory.to_string_lossy()).into_owned(), thousands(summary.exported), note],
        );
        row(&mut table, Style::Plain, "  met", summary.seen(), String::new());
        if done.before > 0 {
            row(&mut table, Style::Plain, "    by earlier runs", done.before, String::new());
        }
        row(&mut table, Style::Plain, "  exported", summary.exported, String::new());
        for (kind, number) in &summary.kinds {
            row(&mut table, Style::Plain, &format!("    {kind}"), *number, String::new());
        }
        if summary.damaged > 0 {
            row(&mut table, Style::Bad, "    damaged", summary.damaged, String::new());
        }
        row(&mut table, Style::Plain, "  skipped", summary.skips(), String::new());
        for (reason, number) in &summary.skipped {
            row(&mut table, Style::Plain, &format!("    {reason}"), *number, String::new());
        }
        let style = if summary.failures() > 0 { Style::Bad } else { Style::Plain };
        row(&mut table, style, "  failed", summary.failures(), String::new());
        for (kind, number) in &summary.failed {
            row(&mut table, Style::Bad, &format!("    {kind}"), *number, String::new());
        }
        table.write(out, "")?;
        if self.problems > 0 {
            let title = out.paint(Style::Bad, "Problems").into_owned();
            writeln!(out, "\n{title}")?;
            for line in &self.lines {
                writeln!(out, "  {}", escape_line(line))?;
            }
            let more = self.problems.saturating_sub(self.lines.len() as u64);
            if more > 0 {
                writeln!(out, "  and {} more; {INDEX} names all", thousands(more))?;
            }
        }
        Ok(())
    }
}
