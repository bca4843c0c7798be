//! The report of `pst create`, for people and as JSON.
//!
//! In JSON what was found about items is written as it comes, so that nothing of it is kept; the rest follows.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use pst_core::ndb::Nid;
use pst_migrate::create::{Event, Note, Summary};
use pst_migrate::input::{Place, Within};
use serde::Serialize;
use serde_json::{Value, json};

use crate::commands::transfer::job::ErrorReport;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, Table, bytes, counted, escape_line, thousands};

/// Something to report.
#[derive(Debug, Serialize)]
struct Finding<'a> {
    /// `notes` on an item that was written, `skipped`, `failed`.
    what: &'static str,
    file: Cow<'a, str>,
    entries: &'a [String],
    /// In an mbox, where the mail begins.
    offset: Option<u64>,
    /// In a store, the node.
    node: Option<Nid>,
    /// The folder of the new store, and the node there.
    folder: Option<String>,
    new_node: Option<Nid>,
    /// Why something was left out.
    reason: Option<&'static str>,
    detail: Option<&'a str>,
    notes: Vec<NoteReport<'a>>,
    error: Option<ErrorReport>,
}

#[derive(Debug, Serialize)]
struct NoteReport<'a> {
    code: &'static str,
    detail: Cow<'a, str>,
}

impl<'a> Finding<'a> {
    fn at(place: &'a Place, what: &'static str) -> Self {
        let (offset, node) = match place.within {
            Within::Whole => (None, None),
            Within::Offset(offset) => (Some(offset), None),
            Within::Node(node) => (None, Some(node)),
        };
        Self {
            what,
            file: place.file.to_string_lossy(),
            entries: &place.entries,
            offset,
            node,
            folder: None,
            new_node: None,
            reason: None,
            detail: None,
            notes: Vec::new(),
            error: None,
        }
    }

    /// `None` for what needs no word.
    fn of(event: &Event<'a>) -> Option<Self> {
        Some(match event {
            Event::Written { notes: [], .. } => return None,
            Event::Written { place, folder, node, notes, .. } => Self {
                folder: Some(folder.to_string()),
                new_node: Some(*node),
                notes: notes.iter().map(|note| NoteReport { code: note.code(), detail: note.detail() }).collect(),
                ..Self::at(place, "notes")
            },
            Event::Skipped { place, reason, detail } => Self {
                reason: Some(reason.code()),
                detail: Some(*detail).filter(|detail| !detail.is_empty()),
                ..Self::at(place, "skipped")
            },
            Event::Failed { place, error } => {
                Self { error: Some(ErrorReport::new(error)), ..Self::at(place, "failed") }
            }
            _ => return None,
        })
    }
}

/// Lines for people, up to a number, and how many there are.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    total: u64,
}

/// The report.
pub(super) struct Report {
    out: Output,
    json: bool,
    cap: usize,
    losses: Lines,
    skipped: Lines,
    notes: Lines,
    sources: Vec<(String, Summary)>,
    /// Findings written so far.
    findings: u64,
    /// The first failure to write the report, which does not end the work.
    unwritten: Option<io::Error>,
}

impl Report {
    pub(super) fn new(out: Output, json: bool, cap: usize) -> Self {
        let lines = Lines::default;
        Self {
            out,
            json,
            cap,
            losses: lines(),
            skipped: lines(),
            notes: lines(),
            sources: Vec::new(),
            findings: 0,
            unwritten: None,
        }
    }

    /// A path that was read.
    pub(super) fn source(&mut self, path: &Path, summary: Summary) {
        self.sources.push((path.to_string_lossy().into_owned(), summary));
    }

    /// Takes note of an event.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        let Some(finding) = Finding::of(event) else { return };
        if self.json {
            if let Err(error) = self.write_finding(&finding) {
                self.unwritten.get_or_insert(error);
            }
            return;
        }
        let (lines, place, words) = match event {
            Event::Written { place, notes, .. } => {
                let lost = notes.iter().any(Note::is_lost_content);
                let words: Vec<String> = notes.iter().map(ToString::to_string).collect();
                (if lost { &mut self.losses } else { &mut self.notes }, place, words.join("; "))
            }
            Event::Skipped { place, reason, detail } => {
                let words = if detail.is_empty() { reason.to_string() } else { format!("{reason}, {detail}") };
                (if reason.may_hide_mail() { &mut self.losses } else { &mut self.skipped }, place, words)
            }
            Event::Failed { place, error } => (&mut self.losses, place, error.to_string()),
            _ => return,
        };
        lines.total = lines.total.saturating_add(1);
        if lines.lines.len() < self.cap {
            lines.lines.push(format!("{place}: {words}"));
        }
    }

    fn write_finding(&mut self, finding: &Finding<'_>) -> io::Result<()> {
        if self.unwritten.is_some() {
            return Ok(());
        }
        if self.findings == 0 {
            self.begin_json()?;
        } else {
            self.out.write_all(b",")?;
        }
        self.findings = self.findings.saturating_add(1);
        self.out.write_all(b"\n    ")?;
        serde_json::to_writer(&mut self.out, finding)?;
        Ok(())
    }

    fn begin_json(&mut self) -> io::Result<()> {
        write!(self.out, "{{\n  \"schema\": \"pst-create/1\",\n  \"findings\": [")
    }

    /// The rest of the JSON object.
    fn end_json(&mut self, file: Value, summary: &Summary, error: Value) -> io::Result<()> {
        if self.findings == 0 {
            self.begin_json()?;
        } else {
            self.out.write_all(b"\n  ")?;
        }
        self.out.write_all(b"]")?;
        let sources: Value = self
            .sources
            .iter()
            .map(|(path, summary)| json!({"path": path, "summary": summary_json(summary)}))
            .collect();
        let rest = [("sources", sources), ("file", file), ("summary", summary_json(summary)), ("error", error)];
        for (name, value) in rest {
            write!(self.out, ",\n  \"{name}\": ")?;
            serde_json::to_writer(&mut self.out, &value)?;
        }
        self.out.write_all(b"\n}\n")
    }

    /// Ends the report of work that failed. People are told by whoever gets the failure; not why there was nothing to write.
    pub(super) fn failed(mut self, failure: &Failure, summary: &Summary) {
        if self.unwritten.is_some() {
            return;
        }
        let told =
            if self.json { self.end_json(Value::Null, summary, json!(failure.to_string())) } else { self.lists() };
        let _ = told.and_then(|()| self.out.finish());
    }

    /// Writes the report, and says how the command ends.
    pub(super) fn finish(mut self, path: &Path, size: u64, summary: &Summary) -> anyhow::Result<Exit> {
        if let Some(error) = self.unwritten.take() {
            return Err(error.into());
        }
        if self.json {
            let file = json!({"file": path.to_string_lossy(), "bytes": size});
            self.end_json(file, summary, Value::Null)?;
        } else {
            self.text(path, size, summary)?;
            self.lists()?;
        }
        self.out.finish()?;
        Ok(Exit::from_findings(summary.has_losses()))
    }

    fn text(&mut self, path: &Path, size: u64, summary: &Summary) -> io::Result<()> {
        let out = &mut self.out;
        let mut table = Table::new("lrr");
        let items = counted(summary.written(), "item", "items");
        table.row(Style::Title, [path.display().to_string(), items, bytes(size)]);
        table.write(out, "")?;
        if self.sources.len() > 1 {
            let mut table = Table::new("lr");
            for (path, summary) in &self.sources {
                let taken = format!("{} of {}", thousands(summary.written()), thousands(summary.seen));
                table.row(Style::Plain, [format!("from {path}"), taken]);
            }
            table.write(out, "  ")?;
        }
        let mut table = Table::new("lrl");
        let mut row = |style, name: &str, number: u64, note: &str| {
            table.row(style, [name.to_owned(), thousands(number), note.to_owned()]);
        };
        row(Style::Plain, "seen", summary.seen, "");
        let kinds = format!("{} mails, {} items of stores", thousands(summary.mails), thousands(summary.messages));
        row(Style::Plain, "written", summary.written(), &kinds);
        if summary.damaged > 0 {
            row(Style::Bad, "  with losses", summary.damaged, "");
        }
        if summary.changed > 0 {
            row(Style::Plain, "  with notes", summary.changed, "all content is there");
        }
        row(Style::Plain, "skipped", summary.skips(), "");
        for (reason, number) in &summary.skipped {
            let style = if reason.may_hide_mail() { Style::Bad } else { Style::Plain };
            row(style, &format!("  {reason}"), *number, "");
        }
        row(Style::Plain, "failed", summary.failures(), "");
        for (kind, number) in &summary.failed {
            row(Style::Bad, &format!("  {kind}"), *number, "");
        }
        row(Style::Plain, "folders", summary.folders, "");
        table.write(out, "  ")
    }

    fn lists(&mut self) -> io::Result<()> {
        let out = &mut self.out;
        for (title, style, list) in [
            ("Losses", Style::Bad, &self.losses),
            ("Skipped", Style::Warning, &self.skipped),
            ("Notes", Style::Plain, &self.notes),
        ] {
            if list.total == 0 {
                continue;
            }
            let title = out.paint(style, title).into_owned();
            writeln!(out, "\n{title}")?;
            for line in &list.lines {
                writeln!(out, "  {}", escape_line(line))?;
            }
            let more = list.total.saturating_sub(list.lines.len() as u64);
            if more > 0 {
                writeln!(out, "  and {} more; --json names all", thousands(more))?;
            }
        }
        Ok(())
    }
}

fn summary_json(summary: &Summary) -> Value {
    let skipped: BTreeMap<&str, u64> =
        summary.skipped.iter().map(|(reason, number)| (reason.code(), *number)).collect();
    json!({
        "seen": summary.seen,
        "written": summary.written(),
        "mails": summary.mails,
        "messages": summary.messages,
        "damaged": summary.damaged,
        "changed": summary.changed,
        "notes": summary.notes,
        "skipped_total": summary.skips(),
        "skipped": skipped,
        "failed_total": summary.failures(),
        "failed": summary.failed,
        "folders": summary.folders,
        "bytes": summary.bytes,
    })
}
