//! The report of a scan, for people and as JSON.
//!
//! Files are written as they are done, so that a scan of very many files keeps none of them.

use std::io::{self, Write};
use std::path::Path;

use pst_core::ndb::{Bid, Client, Layout, Nid};
use pst_core::{Error, ErrorKind, Pst};
use pst_migrate::input::Form;
use serde::Serialize;

use super::mails::MailScan;
use super::people::PeopleReport;
use super::stats::{At, Caps, Count, JournalCounts, Large, Problem, Stats};
use crate::exit::Exit;
use crate::folders::Paths;
use crate::output::{Output, Style, Table, bytes, counted, escape_line, thousands};

/// Something that could not be read, or that is not as it should be.
#[derive(Clone, Debug, Serialize)]
pub(super) struct ErrorReport {
    /// `corrupt`, `checksum`, `limit` and the other kinds of errors; `orphan`, `missing`, `listed-twice`,
    /// `unlisted-folder`, `missing-folder`, `misplaced-folder` from the accounting; `encrypted` and the other reasons for
    /// which mail may be left out.
    kind: &'static str,
    /// The item, folder or internal node.
    node: Option<Nid>,
    /// Path of the folder it is in.
    folder: Option<String>,
    offset: Option<u64>,
    block: Option<Bid>,
    structure: Option<&'static str>,
    field: Option<&'static str>,
    /// Where it is, if that is in no store.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    /// All of it as a sentence.
    pub(super) message: String,
}

impl ErrorReport {
    /// Why a file could not be opened.
    pub(super) fn of_file(error: &Error) -> Self {
        let location = error.location();
        Self {
            kind: error.kind().as_str(),
            node: location.node,
            folder: None,
            offset: location.offset,
            block: location.block,
            structure: location.structure,
            field: location.field,
            place: None,
            message: error.to_string(),
        }
    }

    /// A directory without a store or mail.
    pub(super) fn nothing_found() -> Self {
        let text = "no PST, OST or PAB file was found in this directory, and no mail";
        Self { kind: "not-found", ..Self::of_file(&Error::text(ErrorKind::NotFound, "directory", text)) }.saying(text)
    }

    fn saying(self, message: &str) -> Self {
        Self { message: message.to_owned(), structure: None, ..self }
    }

    fn of_problem(problem: &Problem, folder: Option<String>) -> Self {
        let Problem { node, folder: _, kind, location, place, message } = problem;
        Self {
            kind,
            node: *node,
            folder,
            offset: location.offset,
            block: location.block,
            structure: location.structure,
            field: location.field,
            place: place.clone(),
            message: message.clone(),
        }
    }
}

#[derive(Clone, Debug, Serialize)]
struct ClassReport {
    class: String,
    #[serde(flatten)]
    count: Count,
}

#[derive(Clone, Debug, Serialize)]
struct KindReport {
    kind: &'static str,
    #[serde(flatten)]
    count: Count,
}

#[derive(Clone, Debug, Serialize)]
struct YearReport {
    year: i16,
    #[serde(flatten)]
    count: Count,
}

#[derive(Clone, Debug, Serialize)]
struct LargeReport {
    file: String,
    folder: String,
    /// In a store.
    node: Option<Nid>,
    /// Elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<String>,
    bytes: u64,
    subject: String,
}

impl LargeReport {
    fn new(large: &Large, file: &str, path_of: &mut dyn FnMut(Nid) -> String) -> Self {
        let (folder, node, place) = match &large.at {
            At::Node { node, folder } => (path_of(*folder), Some(*node), None),
            At::Mail { place, folder } => (folder.clone(), None, Some(place.clone())),
        };
        Self { file: file.to_owned(), folder, node, place, bytes: large.bytes, subject: large.subject.clone() }
    }
}

/// The counts of a file, or of all.
#[derive(Clone, Debug, Serialize)]
struct Counts {
    folders: u64,
    search_folders: u64,
    /// `items + associated = read + failed`.
    items: u64,
    associated: u64,
    read: u64,
    failed: u64,
    /// Rows of folders' tables: `items + associated - orphans + missing + listed_twice`, if none is unreadable.
    rows: u64,
    orphans: u64,
    missing: u64,
    listed_twice: u64,
    /// Folders that no hierarchy table lists, the root aside.
    unlisted_folders: u64,
    /// Rows of hierarchy tables without a folder.
    missing_folders: u64,
    /// Folders listed by another folder than the one they say they are in, or below themselves.
    misplaced_folders: u64,
    attachments: u64,
    embedded_messages: u64,
    recipients: u64,
    properties: u64,
    /// Bytes of all values read.
    bytes_read: u64,
    /// Sizes of the items as stored with them.
    item_bytes: u64,
    classes: Vec<ClassReport>,
    kinds: Vec<KindReport>,
    /// `None` if no item was opened.
    journal: Option<JournalCounts>,
    /// Likewise.
    people: Option<PeopleReport>,
    years: Vec<YearReport>,
    undated: Count,
    largest: Vec<LargeReport>,
    errors_total: u64,
}

impl Counts {
    fn new(stats: &Stats, largest: Vec<LargeReport>, opened: bool) -> Self {
        let kind = |(kind, count): (&&'static str, &Count)| KindReport { kind, count: *count };
        let mut kinds: Vec<_> = stats.kinds.iter().map(kind).collect();
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.count.sum()));
        let class = |(class, count): (&String, &Count)| ClassReport { class: class.clone(), count: *count };
        let year = |(year, count): (&i16, &Count)| YearReport { year: *year, count: *count };
        let mut classes: Vec<_> = stats.classes.iter().map(class).collect();
        classes.sort_by_key(|class| std::cmp::Reverse(class.count.sum()));
        Self {
            folders: stats.folders,
            search_folders: stats.search_folders,
            items: stats.seen.items,
            associated: stats.seen.associated,
            read: stats.read,
            failed: stats.failed,
            rows: stats.rows,
            orphans: stats.orphans,
            missing: stats.missing,
            listed_twice: stats.listed_twice,
            unlisted_folders: stats.unlisted_folders,
            missing_folders: stats.missing_folders,
            misplaced_folders: stats.misplaced_folders,
            attachments: stats.attachments,
            embedded_messages: stats.embedded_messages,
            recipients: stats.recipients,
            properties: stats.properties,
            bytes_read: stats.bytes_read,
            item_bytes: stats.item_bytes,
            classes,
            kinds,
            journal: opened.then_some(stats.journal),
            people: opened.then(|| stats.people.report(stats.addresses_named())),
            years: stats.years.iter().map(year).collect(),
            undated: stats.undated,
            largest,
            errors_total: stats.problem_count,
        }
    }
}

/// The report of one file that was opened.
#[derive(Debug, Serialize)]
pub(super) struct FileReport {
    file: String,
    kind: &'static str,
    client: Client,
    layout: Layout,
    version: u16,
    encoding: &'static str,
    file_size: u64,
    missing_bytes: u64,
    store_name: Option<String>,
    #[serde(flatten)]
    counts: Counts,
    errors: Vec<ErrorReport>,
    #[serde(skip)]
    stats: Stats,
}

impl FileReport {
    /// From the counts; the paths of folders are looked up only now, for what is left to be named.
    pub(super) fn new(path: &Path, pst: &Pst, stats: Stats, quick: bool) -> Self {
        let mut paths = Paths::new(pst);
        let file = path.to_string_lossy().into_owned();
        let large = stats.largest.iter().map(|large| LargeReport::new(large, &file, &mut |folder| paths.of(folder)));
        let large = large.collect();
        let errors = stats.problems.iter();
        let errors =
            errors.map(|problem| ErrorReport::of_problem(problem, problem.folder.map(|folder| paths.of(folder))));
        let errors = errors.collect();
        let format = pst.format();
        Self {
            kind: Form::Store.name(),
            client: pst.client(),
            layout: format.layout(),
            version: format.version(),
            encoding: pst.header().crypt.as_str(),
            file_size: pst.file_size(),
            missing_bytes: pst.missing_bytes(),
            store_name: pst.store().and_then(|store| store.name()).ok().flatten().filter(|name| !name.is_empty()),
            counts: Counts::new(&stats, large, !quick),
            errors,
            file,
            stats,
        }
    }
}

/// What was left out, and how often.
#[derive(Clone, Debug, Serialize)]
struct SkippedReport {
    reason: &'static str,
    count: u64,
}

/// The report of mail that is in no store.
#[derive(Debug, Serialize)]
pub(super) struct MailReport {
    file: String,
    /// `mail`, `mbox`, `zip`, or `directory` for the single mails in one.
    kind: &'static str,
    file_size: u64,
    #[serde(flatten)]
    counts: Counts,
    skipped: Vec<SkippedReport>,
    errors: Vec<ErrorReport>,
    #[serde(skip)]
    stats: Stats,
}

impl MailReport {
    pub(super) fn new(scan: MailScan) -> Self {
        let MailScan { place, stats, skipped } = scan;
        let file = place.path.to_string_lossy().into_owned();
        let large = stats.largest.iter().map(|large| LargeReport::new(large, &file, &mut |folder| folder.to_string()));
        let large = large.collect();
        Self {
            kind: place.kind.name(),
            file_size: place.size,
            counts: Counts::new(&stats, large, true),
            skipped: skipped
                .iter()
                .map(|(reason, count)| SkippedReport { reason: reason.code(), count: *count })
                .collect(),
            errors: stats.problems.iter().map(|problem| ErrorReport::of_problem(problem, None)).collect(),
            file,
            stats,
        }
    }
}

#[derive(Serialize)]
struct FailedReport<'a> {
    file: &'a str,
    error: ErrorReport,
}

#[derive(Serialize)]
struct Totals {
    files: u64,
    files_failed: u64,
    file_bytes: u64,
    #[serde(flatten)]
    counts: Counts,
}

/// Writes the report as the files come.
pub(super) struct Reporter {
    out: Output,
    json: bool,
    quick: bool,
    files: u64,
    failed: u64,
    file_bytes: u64,
    findings: bool,
    /// Items were opened, and not only listed.
    opened: bool,
    total: Stats,
    largest: Vec<LargeReport>,
    largest_cap: usize,
}

impl Reporter {
    pub(super) fn new(out: Output, json: bool, quick: bool, largest: usize) -> Self {
        // The total names no problems, and its largest items need their file.
        let total = Stats::new(Caps { largest: 0, problems: 0 }).naming(largest);
        Self {
            out,
            json,
            quick,
            files: 0,
            failed: 0,
            file_bytes: 0,
            findings: false,
            opened: !quick,
            total,
            largest: Vec::new(),
            largest_cap: largest,
        }
    }

    /// Before each entry of the list of files.
    fn separate(&mut self) -> io::Result<()> {
        if self.files.saturating_add(self.failed) > 0 {
            return if self.json { self.out.write_all(b",\n") } else { Ok(()) };
        }
        if !self.json {
            return Ok(());
        }
        writeln!(self.out, "{{\"schema\":\"pst-scan/1\",\"quick\":{},\"files\":[", self.quick)
    }

    /// Reports a path of which nothing was read. People were told on standard error.
    pub(super) fn failed(&mut self, path: &Path, error: ErrorReport) -> anyhow::Result<()> {
        self.separate()?;
        self.failed = self.failed.saturating_add(1);
        if self.json {
            let file = path.to_string_lossy();
            serde_json::to_writer(&mut self.out, &FailedReport { file: &file, error })?;
        }
        Ok(())
    }

    fn add(&mut self, file_size: u64, counts: &Counts) {
        self.files = self.files.saturating_add(1);
        self.file_bytes = self.file_bytes.saturating_add(file_size);
        self.findings |= counts.errors_total > 0;
        self.largest.extend(counts.largest.iter().cloned());
        // A stable sort: of equal ones the earlier file is first.
        self.largest.sort_by_key(|large| std::cmp::Reverse(large.bytes));
        self.largest.truncate(self.largest_cap);
    }

    /// Reports a store.
    pub(super) fn file(&mut self, report: FileReport) -> anyhow::Result<()> {
        self.separate()?;
        self.add(report.file_size, &report.counts);
        self.findings |= report.missing_bytes > 0;
        if self.json {
            serde_json::to_writer(&mut self.out, &report)?;
        } else {
            self.write_file(&report)?;
            // A person watches.
            self.out.flush()?;
        }
        self.total.merge(report.stats);
        Ok(())
    }

    /// Reports mail that is in no store.
    pub(super) fn mails(&mut self, report: MailReport) -> anyhow::Result<()> {
        self.separate()?;
        self.add(report.file_size, &report.counts);
        if self.json {
            serde_json::to_writer(&mut self.out, &report)?;
        } else {
            self.write_mails(&report)?;
            self.out.flush()?;
        }
        self.opened = true;
        self.total.merge(report.stats);
        Ok(())
    }

    /// Writes the totals and says how the scan ended.
    pub(super) fn finish(mut self) -> anyhow::Result<Exit> {
        let counts = Counts::new(&self.total, std::mem::take(&mut self.largest), self.opened);
        let totals = Totals { files: self.files, files_failed: self.failed, file_bytes: self.file_bytes, counts };
        if self.json {
            if self.files.saturating_add(self.failed) == 0 {
                self.separate()?;
            }
            self.out.write_all(b"\n],\"totals\":")?;
            serde_json::to_writer(&mut self.out, &totals)?;
            self.out.write_all(b"}\n")?;
        } else if self.files.saturating_add(self.failed) > 1 {
            self.write_totals(&totals)?;
        }
        self.out.finish()?;
        if self.files == 0 {
            return Ok(Exit::Unopened);
        }
        Ok(Exit::from_findings(self.findings || self.failed > 0))
    }

    fn write_file(&mut self, report: &FileReport) -> io::Result<()> {
        let out = &mut self.out;
        let title = out.paint(Style::Title, escape_line(&report.file)).into_owned();
        writeln!(out, "{title}")?;
        let layout = report.layout.as_str();
        let name = report.store_name.as_deref().map(|name| format!(", \"{}\"", escape_line(name))).unwrap_or_default();
        writeln!(
            out,
            "  {} {layout} (version {}), encoding {}, {}{name}",
            report.client,
            report.version,
            report.encoding,
            bytes(report.file_size),
        )?;
        if report.missing_bytes > 0 {
            let text = format!("the file is cut short: {} bytes are missing", thousands(report.missing_bytes));
            let text = out.paint(Style::Bad, text).into_owned();
            writeln!(out, "  {text}")?;
        }
        write_counts(out, &report.counts, self.quick)?;
        write_largest(out, &report.counts.largest, false)?;
        write_errors(out, report.counts.errors_total, &report.errors)?;
        writeln!(out)
    }

    fn write_mails(&mut self, report: &MailReport) -> io::Result<()> {
        let out = &mut self.out;
        let title = out.paint(Style::Title, escape_line(&report.file)).into_owned();
        writeln!(out, "{title}")?;
        let what = match report.kind {
            "mail" => "single mail",
            "directory" => "single mails",
            "zip" => "ZIP archive",
            other => other,
        };
        writeln!(out, "  {what}, {}", bytes(report.file_size))?;
        if !report.skipped.is_empty() {
            let skipped =
                report.skipped.iter().map(|skipped| format!("{} {}", thousands(skipped.count), skipped.reason));
            writeln!(out, "  left out: {}", skipped.collect::<Vec<_>>().join(", "))?;
        }
        write_items(out, &report.counts)?;
        write_largest(out, &report.counts.largest, false)?;
        write_errors(out, report.counts.errors_total, &report.errors)?;
        writeln!(out)
    }

    fn write_totals(&mut self, totals: &Totals) -> io::Result<()> {
        let out = &mut self.out;
        let title = format!("Total of {}, {}", counted(totals.files, "file", "files"), bytes(totals.file_bytes));
        let title = out.paint(Style::Title, title).into_owned();
        writeln!(out, "{title}")?;
        if totals.files_failed > 0 {
            let text = format!("{} could not be opened", counted(totals.files_failed, "path", "paths"));
            let text = out.paint(Style::Bad, text).into_owned();
            writeln!(out, "  {text}")?;
        }
        write_counts(out, &totals.counts, self.quick)?;
        write_largest(out, &totals.counts.largest, true)?;
        if totals.counts.errors_total > 0 {
            let text = format!("{} in all files", counted(totals.counts.errors_total, "problem", "problems"));
            let text = out.paint(Style::Bad, text).into_owned();
            writeln!(out, "  {text}")?;
        }
        Ok(())
    }
}

fn write_counts(out: &mut Output, counts: &Counts, quick: bool) -> io::Result<()> {
    let seen = counts.items.saturating_add(counts.associated);
    writeln!(
        out,
        "  {} and {}; {}: {} and {} associated",
        counted(counts.folders, "folder", "folders"),
        counted(counts.search_folders, "search folder", "search folders"),
        counted(seen, "item", "items"),
        counted(counts.items, "message", "messages"),
        thousands(counts.associated),
    )?;
    let what = if quick { "rows read" } else { "read to the last byte" };
    let state = format!("{} {what}, {} failed", thousands(counts.read), thousands(counts.failed));
    let state = out.paint(if counts.failed > 0 { Style::Bad } else { Style::Plain }, state).into_owned();
    writeln!(
        out,
        "  {state}; {} in tables, {}, {} missing",
        counted(counts.rows, "row", "rows"),
        counted(counts.orphans, "orphan", "orphans"),
        thousands(counts.missing),
    )?;
    if counts.unlisted_folders > 0 || counts.missing_folders > 0 || counts.misplaced_folders > 0 {
        let unlisted = counted(counts.unlisted_folders, "unlisted folder", "unlisted folders");
        let missing = counted(counts.missing_folders, "missing folder", "missing folders");
        let misplaced = counted(counts.misplaced_folders, "misplaced folder", "misplaced folders");
        let text = out.paint(Style::Bad, format!("{unlisted}, {missing}, {misplaced}")).into_owned();
        writeln!(out, "  {text}")?;
    }
    write_read(out, counts, quick)?;
    write_tables(out, counts)
}

/// The counts of mail that is in no store.
fn write_items(out: &mut Output, counts: &Counts) -> io::Result<()> {
    let seen = counts.items.saturating_add(counts.associated);
    let state = format!("{}, {} failed", counted(seen, "item", "items"), thousands(counts.failed));
    let state = out.paint(if counts.failed > 0 { Style::Bad } else { Style::Plain }, state).into_owned();
    writeln!(out, "  {state}")?;
    write_read(out, counts, false)?;
    write_tables(out, counts)
}

fn write_read(out: &mut Output, counts: &Counts, quick: bool) -> io::Result<()> {
    if !quick {
        writeln!(
            out,
            "  {}, {}, {}, {}",
            counted(counts.recipients, "recipient", "recipients"),
            counted(counts.attachments, "attachment", "attachments"),
            counted(counts.embedded_messages, "embedded message", "embedded messages"),
            counted(counts.properties, "property", "properties"),
        )?;
    }
    let read = if quick { String::new() } else { format!(", {} of values read", bytes(counts.bytes_read)) };
    writeln!(out, "  {} in items{read}", bytes(counts.item_bytes))?;
    if let Some(journal) = counts.journal.filter(|journal| journal.any()) {
        writeln!(
            out,
            "  journal: {} with {}, {}, {} undeliverable",
            counted(journal.reports, "report", "reports"),
            counted(journal.originals, "mail", "mails"),
            counted(journal.suspects, "suspect", "suspects"),
            thousands(journal.undeliverable),
        )?;
    }
    let Some(people) = counts.people.as_ref().filter(|people| people.named > 0) else { return Ok(()) };
    let kinds = people.unresolved_kinds.iter().map(|kind| format!("{} {}", thousands(kind.count), kind.name));
    let kinds = kinds.collect::<Vec<_>>().join(", ");
    let kinds = if kinds.is_empty() { kinds } else { format!(" ({kinds})") };
    let addresses = counted(u64::try_from(people.unresolved_addresses).unwrap_or(u64::MAX), "address", "addresses");
    let text = format!(
        "people: named {}, {} of them without SMTP address under {addresses}{kinds}",
        counted(people.named, "time", "times"),
        thousands(people.unresolved),
    );
    let text = out.paint(if people.unresolved > 0 { Style::Warning } else { Style::Plain }, text).into_owned();
    writeln!(out, "  {text}")?;
    for one in &people.most_unresolved {
        writeln!(out, "    {:>8}  {}", thousands(one.count), escape_line(&one.address))?;
    }
    Ok(())
}

fn write_tables(out: &mut Output, counts: &Counts) -> io::Result<()> {
    if counts.items.saturating_add(counts.associated) == 0 {
        return Ok(());
    }
    let cells = |name: &str, count: &Count| [name.to_owned(), thousands(count.items), thousands(count.associated)];
    let mut table = Table::new("lrr");
    table.row(Style::Label, ["message class", "messages", "associated"]);
    for class in &counts.classes {
        table.row(Style::Plain, cells(&class.class, &class.count));
    }
    writeln!(out)?;
    table.write(out, "  ")?;
    let mut table = Table::new("lrr");
    table.row(Style::Label, ["kind", "messages", "associated"]);
    for kind in &counts.kinds {
        table.row(Style::Plain, cells(kind.kind, &kind.count));
    }
    writeln!(out)?;
    table.write(out, "  ")?;
    let mut table = Table::new("lrr");
    table.row(Style::Label, ["year", "messages", "associated"]);
    for year in &counts.years {
        table.row(Style::Plain, cells(&year.year.to_string(), &year.count));
    }
    if counts.undated.sum() > 0 {
        table.row(Style::Plain, cells("undated", &counts.undated));
    }
    writeln!(out)?;
    table.write(out, "  ")
}

fn write_largest(out: &mut Output, largest: &[LargeReport], with_file: bool) -> io::Result<()> {
    if largest.is_empty() {
        return Ok(());
    }
    let mut table = Table::new("rlll");
    table.row(Style::Label, ["largest", "node", "subject", "folder"]);
    for large in largest {
        let folder = if with_file { format!("{}: {}", large.file, large.folder) } else { large.folder.clone() };
        let subject: String = large.subject.chars().take(60).collect();
        let node = large.node.map_or_else(|| large.place.clone().unwrap_or_default(), |node| node.to_string());
        table.row(Style::Plain, [bytes(large.bytes), node, subject, folder]);
    }
    writeln!(out)?;
    table.write(out, "  ")
}

fn write_errors(out: &mut Output, total: u64, errors: &[ErrorReport]) -> io::Result<()> {
    if total == 0 {
        return Ok(());
    }
    let shown = u64::try_from(errors.len()).unwrap_or(u64::MAX);
    let title = if shown < total {
        format!("{}, of which the first {}", counted(total, "problem", "problems"), thousands(shown))
    } else {
        counted(total, "problem", "problems")
    };
    let title = out.paint(Style::Bad, title).into_owned();
    writeln!(out, "\n  {title}")?;
    for error in errors {
        let place = || error.place.as_deref().map_or("file".into(), escape_line).into_owned();
        let node = error.node.map_or_else(place, |node| node.to_string());
        let folder = error.folder.as_deref().map(|folder| format!(" in {folder}")).unwrap_or_default();
        let node = out.paint(Style::Warning, node).into_owned();
        writeln!(out, "  {node}{}: {}", escape_line(&folder), escape_line(&error.message))?;
    }
    Ok(())
}
