//! `pst info`: what a file is, at a glance and in no time.

mod census;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use pst_core::ndb::{Client, Layout};
use pst_core::{ErrorKind, FileTime, Guid, Pst};
use serde::Serialize;

use crate::args::Global;
use crate::dates;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, bytes, counted, escape_line, stderr_line, thousands};

use census::Census;

/// Tell what files are: format, sizes, store, numbers of folders and items, dates
///
/// Nothing but the header, the store and the folders' tables is read, so it takes well under a second whatever the size of
/// the file. Dates of very large stores come from a sample of their items, and the output says so.
#[derive(Debug, clap::Args)]
pub(crate) struct Info {
    /// The files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Write one JSON object, `{"schema": "pst-info/1", "files": [...]}`
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    file: String,
    client: Client,
    layout: Layout,
    version: u16,
    client_version: u16,
    encoding: &'static str,
    file_size: u64,
    /// What the header says.
    header_file_size: u64,
    missing_bytes: u64,
    /// The allocation maps are valid: whoever wrote last closed the file.
    closed_cleanly: bool,
    store_name: Option<String>,
    record_key: Option<Guid>,
    /// A password is set. **It protects nothing.**
    password_set: Option<bool>,
    /// Of 8-bit text, in ANSI files.
    code_page: Option<u16>,
    code_page_source: Option<String>,
    folders: u64,
    search_folders: u64,
    items: u64,
    /// The items were counted row by row and not summed up from the folders' counters.
    items_counted: bool,
    /// False if the time was up before all folders were visited.
    folders_complete: bool,
    earliest: Option<FileTime>,
    latest: Option<FileTime>,
    /// Items whose dates were looked at; fewer than `items` if it was a sample.
    dates_from: u64,
    /// The first thing that could not be read.
    error: Option<String>,
}

#[derive(Serialize)]
struct FailedReport {
    file: String,
    error: FailedError,
}

#[derive(Serialize)]
struct FailedError {
    kind: ErrorKind,
    message: String,
}

/// Runs the command.
pub(crate) fn run(args: &Info, global: &Global) -> anyhow::Result<Exit> {
    let mut out = global.stdout();
    let (mut opened, mut findings) = (0usize, false);
    if args.json {
        writeln!(out, "{{\"schema\":\"pst-info/1\",\"files\":[")?;
    }
    for (at, path) in args.files.iter().enumerate() {
        if at > 0 {
            out.write_all(if args.json { b",\n" } else { b"\n" })?;
        }
        match global.open_options().open(path) {
            Ok(pst) => {
                opened = opened.saturating_add(1);
                let report = Report::new(path, &pst);
                findings |= report.error.is_some() || report.missing_bytes > 0;
                if args.json { serde_json::to_writer(&mut out, &report)? } else { write(&mut out, &report)? }
            }
            Err(error) => {
                stderr_line(&format!("pst: {}", escape_line(&Failure::unopened(path, &error).to_string())));
                findings = true;
                if args.json {
                    let error = FailedError { kind: error.kind(), message: error.to_string() };
                    let file = path.to_string_lossy().into_owned();
                    serde_json::to_writer(&mut out, &FailedReport { file, error })?;
                }
            }
        }
    }
    if args.json {
        out.write_all(b"\n]}\n")?;
    }
    out.finish()?;
    Ok(if opened == 0 { Exit::Unopened } else { Exit::from_findings(findings) })
}

impl Report {
    fn new(path: &Path, pst: &Pst) -> Self {
        let header = pst.header();
        let census = Census::take(pst);
        let mut first_error = None;
        let store = pst.store().map_err(|error| first_error.get_or_insert(error.to_string()).clone()).ok();
        let code_page = pst.format().is_ansi().then(|| pst.default_code_page());
        Self {
            file: path.to_string_lossy().into_owned(),
            client: pst.client(),
            layout: pst.format().layout(),
            version: pst.format().version(),
            client_version: header.client_version,
            encoding: header.crypt.as_str(),
            file_size: pst.file_size(),
            header_file_size: header.root.file_size,
            missing_bytes: pst.missing_bytes(),
            closed_cleanly: header.root.amap_valid != 0,
            store_name: store.as_ref().and_then(|store| store.name().ok().flatten()).filter(|name| !name.is_empty()),
            record_key: store.as_ref().and_then(|store| store.record_key().ok().flatten()),
            password_set: store.as_ref().and_then(|store| store.has_password().ok()),
            code_page: code_page.map(|choice| choice.page.number()),
            code_page_source: code_page.map(|choice| choice.source.to_string()),
            folders: census.folders,
            search_folders: census.search_folders,
            items: census.items,
            items_counted: census.items_counted,
            folders_complete: census.complete,
            earliest: census.earliest,
            latest: census.latest,
            dates_from: census.dates_from,
            error: first_error.or(census.error.map(|error| error.to_string())),
        }
    }

    fn size(&self) -> String {
        let size = format!("{} bytes ({})", thousands(self.file_size), bytes(self.file_size));
        match (self.missing_bytes, self.file_size.saturating_sub(self.header_file_size)) {
            (0, 0) => size,
            (0, more) => format!("{size}, {} more than the header says", thousands(more)),
            (missing, _) => format!("{size}, cut short: {} bytes are missing", thousands(missing)),
        }
    }

    fn items(&self) -> String {
        let how = match (self.folders_complete, self.items_counted) {
            (false, _) => ", in the folders that could be visited in the time",
            (true, true) => "",
            (true, false) => ", by the folders' own counters",
        };
        format!("{}{how}", thousands(self.items))
    }

    fn dates(&self) -> String {
        let (Some(earliest), Some(latest)) = (self.earliest, self.latest) else { return "none found".to_owned() };
        let from = if self.dates_from < self.items {
            format!(", from a sample of {} of {} items", thousands(self.dates_from), thousands(self.items))
        } else {
            String::new()
        };
        format!("{} to {} UTC{from}", dates::minutes(earliest), dates::minutes(latest))
    }
}

fn write(out: &mut Output, report: &Report) -> io::Result<()> {
    let title = out.paint(Style::Title, escape_line(&report.file)).into_owned();
    writeln!(out, "{title}")?;
    let mut line = |label: &str, style: Style, text: &str| {
        let label = out.paint(Style::Label, format!("{label:<11}")).into_owned();
        let text = out.paint(style, escape_line(text)).into_owned();
        writeln!(out, "  {label}  {text}")
    };
    let layout = report.layout.as_str();
    let (version, program) = (report.version, report.client_version);
    let format = format!("{}, {layout}, version {version}, client version {program}", report.client);
    line("format", Style::Plain, &format)?;
    line("encoding", Style::Plain, report.encoding)?;
    let cut_short = report.missing_bytes > 0;
    line("size", if cut_short { Style::Bad } else { Style::Plain }, &report.size())?;
    if report.closed_cleanly {
        line("closed", Style::Plain, "cleanly")?;
    } else {
        line("closed", Style::Warning, "not cleanly: the allocation maps are marked invalid")?;
    }
    line("store", Style::Plain, report.store_name.as_deref().unwrap_or("(no name)"))?;
    if let Some(key) = report.record_key {
        line("record key", Style::Plain, &key.to_string())?;
    }
    match report.password_set {
        Some(true) => line("password", Style::Plain, "set; it protects nothing, the contents can be read without it")?,
        Some(false) => line("password", Style::Plain, "none")?,
        None => {}
    }
    if let (Some(page), Some(source)) = (report.code_page, &report.code_page_source) {
        line("code page", Style::Plain, &format!("{page}, named by: {source}"))?;
    }
    let search_folders = counted(report.search_folders, "search folder", "search folders");
    let folders = format!("{} and {search_folders}", thousands(report.folders));
    line("folders", Style::Plain, &folders)?;
    line("items", Style::Plain, &report.items())?;
    if report.items > 0 {
        line("dates", Style::Plain, &report.dates())?;
    }
    if let Some(error) = &report.error {
        line("unreadable", Style::Bad, error)?;
    }
    Ok(())
}
