//! The report of a transfer, for people and as JSON.
//!
//! In JSON what was found about items is written as it comes, so that nothing of it is kept; the rest follows.

use std::io::{self, Write};
use std::path::Path;

use pst_core::policy::BadItemLimit;
use pst_core::transfer::{SkipReason, Summary};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::Written;
use super::job::{ErrorReport, Finding};
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, Table, bytes, counted, escape_line, thousands};

/// Lines for people, up to a number, and how many there are.
#[derive(Debug, Default)]
struct Lines {
    lines: Vec<String>,
    total: u64,
}

impl Lines {
    fn add(&mut self, cap: usize, line: impl FnOnce() -> String) {
        self.total = self.total.saturating_add(1);
        if self.lines.len() < cap {
            self.lines.push(line());
        }
    }
}

/// The report.
pub(super) struct Report {
    out: Output,
    command: &'static str,
    json: bool,
    cap: usize,
    /// What was lost, and what was there twice.
    losses: Lines,
    duplicates: Lines,
    sources: Vec<(String, Result<Summary, ErrorReport>)>,
    /// What there is to say beside the transfer.
    more: Option<(&'static str, Value)>,
    more_lines: Vec<(Style, String, String)>,
    more_losses: bool,
    /// The limit, and how many there are.
    bad_items: (BadItemLimit, u64),
    /// Findings written so far.
    findings: u64,
    /// The first failure to write the report, which does not end the work.
    unwritten: Option<io::Error>,
}

impl Report {
    pub(super) fn new(command: &'static str, out: Output, json: bool, cap: usize) -> Self {
        Self {
            out,
            command,
            json,
            cap,
            losses: Lines::default(),
            duplicates: Lines::default(),
            sources: Vec::new(),
            more: None,
            more_lines: Vec::new(),
            more_losses: false,
            bad_items: (BadItemLimit::UNLIMITED, 0),
            findings: 0,
            unwritten: None,
        }
    }

    pub(super) fn source(&mut self, path: &Path, outcome: Result<Summary, ErrorReport>) {
        self.sources.push((path.to_string_lossy().into_owned(), outcome));
    }

    pub(super) fn tell(
        &mut self,
        name: &'static str,
        value: Value,
        lines: Vec<(Style, String, String)>,
        is_loss: bool,
    ) {
        self.more = Some((name, value));
        self.more_lines = lines;
        self.more_losses = is_loss;
    }

    pub(super) fn bad_items(&mut self, limit: BadItemLimit, found: u64) {
        self.bad_items = (limit, found);
    }

    fn bad_items_json(&self) -> Value {
        let (limit, found) = self.bad_items;
        json!({"limit": limit.get(), "found": found, "stopped": !limit.allows(found)})
    }

    /// Something about an item.
    pub(super) fn finding(&mut self, finding: &Finding<'_>) {
        if self.json {
            let written = self.write_finding(finding);
            if let Err(error) = written {
                self.unwritten.get_or_insert(error);
            }
        }
        let is = |reason: SkipReason| finding.reason == Some(reason.as_str());
        let list = match finding.what {
            "damaged" | "damaged-folder" | "unreadable" => &mut self.losses,
            "skipped" if is(SkipReason::Unreadable) => &mut self.losses,
            "skipped" if is(SkipReason::Duplicate) => &mut self.duplicates,
            _ => return,
        };
        list.add(self.cap, || line(finding));
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
        write!(
            self.out,
            "{{\n  \"schema\": \"pst-transfer/1\",\n  \"command\": \"{}\",\n  \"findings\": [",
            self.command
        )
    }

    /// The rest of the JSON object.
    fn end_json(&mut self, rest: &[(&str, Value)]) -> io::Result<()> {
        if self.findings == 0 {
            self.begin_json()?;
        } else {
            self.out.write_all(b"\n  ")?;
        }
        self.out.write_all(b"]")?;
        for (name, value) in rest {
            write!(self.out, ",\n  \"{name}\": ")?;
            serde_json::to_writer(&mut self.out, value)?;
        }
        self.out.write_all(b"\n}\n")
    }

    fn sources_json(&self) -> Value {
        let sources = self.sources.iter().map(|(file, outcome)| match outcome {
            Ok(summary) => json!({"file": file, "summary": summary_json(summary)}),
            Err(error) => json!({"file": file, "error": error}),
        });
        sources.collect()
    }

    /// Ends the report of work that failed. People are told by whoever gets the failure.
    pub(super) fn failed(mut self, failure: &Failure) {
        if !self.json || self.unwritten.is_some() {
            return;
        }
        let sources = self.sources_json();
        let mut rest = vec![("sources", sources), ("files", json!([])), ("bad_items", self.bad_items_json())];
        rest.extend(self.more.take());
        rest.push(("error", json!(failure.to_string())));
        let _ = self.end_json(&rest).and_then(|()| self.out.finish());
    }

    /// Writes the report, and says how the command ends.
    pub(super) fn finish(mut self, files: &[Written], summary: &Summary) -> anyhow::Result<Exit> {
        if let Some(error) = self.unwritten.take() {
            return Err(error.into());
        }
        let bad_source = self.sources.iter().any(|(_, outcome)| outcome.is_err());
        let findings = self.more_losses || summary.has_losses() || bad_source || files.iter().any(|file| file.oversize);
        if self.json {
            let sources = self.sources_json();
            let files: Value = files.iter().map(file_json).collect();
            let mut rest = vec![("sources", sources), ("files", files), ("summary", summary_json(summary))];
            rest.push(("bad_items", self.bad_items_json()));
            rest.extend(self.more.take());
            rest.push(("error", Value::Null));
            self.end_json(&rest)?;
        } else {
            self.text(files, summary)?;
        }
        self.out.finish()?;
        Ok(Exit::from_findings(findings))
    }

    fn text(&mut self, files: &[Written], summary: &Summary) -> io::Result<()> {
        let out = &mut self.out;
        if self.more.is_some() {
            let mut table = Table::new("ll");
            for (style, name, number) in &self.more_lines {
                table.row(*style, [name, number]);
            }
            table.write(out, "")?;
            // Nothing was to be written.
            if files.is_empty() && summary.read == 0 {
                return Ok(());
            }
        }
        let mut table = Table::new("lrr");
        for file in files {
            let note = if file.oversize { "  larger than asked for: it holds one large item" } else { "" };
            let items = counted(file.summary.written(), "item", "items");
            table.row(Style::Title, [file.path.display().to_string(), items, format!("{}{note}", bytes(file.bytes))]);
        }
        if files.is_empty() {
            table.row(Style::Warning, ["no file was written: there is nothing to write".to_owned()]);
        }
        table.write(out, "")?;
        if self.sources.len() > 1 {
            let mut table = Table::new("lr");
            for (file, outcome) in &self.sources {
                match outcome {
                    Ok(summary) => {
                        let taken = format!("{} of {}", thousands(summary.written()), thousands(summary.read));
                        table.row(Style::Plain, [format!("from {file}"), taken]);
                    }
                    Err(error) => table.row(Style::Bad, [format!("from {file}"), error.message.clone()]),
                }
            }
            table.write(out, "  ")?;
        }
        let mut table = Table::new("lrl");
        let row = |table: &mut Table, style, name: &str, number: u64, note: String| {
            table.row(style, [name.to_owned(), thousands(number), note]);
        };
        row(&mut table, Style::Plain, "items read", summary.read, String::new());
        let kinds = format!("{} messages, {} associated", thousands(summary.messages), thousands(summary.associated));
        row(&mut table, Style::Plain, "written", summary.written(), kinds);
        if summary.damaged > 0 {
            row(&mut table, Style::Bad, "  with losses", summary.damaged, String::new());
        }
        row(&mut table, Style::Plain, "skipped", summary.skipped.total(), String::new());
        for (reason, number) in summary.skipped.iter().filter(|(_, number)| *number > 0) {
            let style = if reason == SkipReason::Unreadable { Style::Bad } else { Style::Plain };
            row(&mut table, style, &format!("  {}", describe(reason)), number, String::new());
        }
        row(&mut table, Style::Plain, "folders", summary.folders, String::new());
        for (name, number) in
            [("  with losses", summary.damaged_folders), ("places that could not be read", summary.unreadable_places)]
        {
            if number > 0 {
                row(&mut table, Style::Bad, name, number, String::new());
            }
        }
        let (limit, found) = self.bad_items;
        if found > 0 {
            row(&mut table, Style::Bad, "bad items", found, format!("limit {limit}"));
        }
        if summary.search_folders_left > 0 {
            let why = "they list items by ids, which change".to_owned();
            row(&mut table, Style::Plain, "search folders left", summary.search_folders_left, why);
        }
        table.write(out, "  ")?;
        for (title, style, list) in
            [("Losses", Style::Bad, &self.losses), ("Duplicates", Style::Warning, &self.duplicates)]
        {
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

fn describe(reason: SkipReason) -> &'static str {
    match reason {
        SkipReason::Folder => "of other folders",
        SkipReason::Class => "of other classes",
        SkipReason::Date => "of other dates",
        SkipReason::Associated => "associated",
        SkipReason::AssociatedAgain => "associated, from an earlier source",
        SkipReason::Duplicate => "duplicates",
        SkipReason::ListedAgain => "listed again by another folder",
        SkipReason::Unreadable => "unreadable",
        _ => "others",
    }
}

pub(super) fn line(finding: &Finding<'_>) -> String {
    let mut line = finding.source.unwrap_or_default().to_owned();
    if let Some(node) = finding.node {
        line.push_str(&format!(": {node}"));
    }
    if let Some(folder) = finding.folder {
        line.push_str(&format!(" in {folder}"));
    }
    line.push_str(&format!(": {}", finding.what));
    if let Some(reason) = finding.reason {
        line.push_str(&format!(", {reason}"));
    }
    for error in &finding.errors {
        line.push_str(&format!("; {}", error.message));
    }
    line
}

fn summary_json(summary: &Summary) -> Value {
    let skipped: Map<String, Value> =
        summary.skipped.iter().map(|(reason, number)| (reason.as_str().to_owned(), json!(number))).collect();
    json!({
        "read": summary.read,
        "written": summary.written(),
        "messages": summary.messages,
        "associated": summary.associated,
        "damaged": summary.damaged,
        "skipped_total": summary.skipped.total(),
        "skipped": skipped,
        "folders": summary.folders,
        "damaged_folders": summary.damaged_folders,
        "search_folders_left": summary.search_folders_left,
        "unreadable_places": summary.unreadable_places,
    })
}

fn file_json(file: &Written) -> Value {
    #[derive(Serialize)]
    struct File<'a> {
        file: String,
        bytes: u64,
        label: Option<&'a str>,
        oversize: bool,
        summary: Value,
    }
    json!(File {
        file: file.path.to_string_lossy().into_owned(),
        bytes: file.bytes,
        label: file.label.as_deref(),
        oversize: file.oversize,
        summary: summary_json(&file.summary),
    })
}
