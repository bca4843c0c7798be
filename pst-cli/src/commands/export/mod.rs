//! `pst export`: items as files that other programs read.

mod report;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pst_migrate::export::{Choice, Event, Export as Exporting, ExportError, Format};

use super::transfer::{is_stopped, stop_in_order};
use crate::args::Global;
use crate::bad_items::BadItems;
use crate::dates::Span;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use report::Report;

/// Write items as files that other programs read: EML, mbox, maildir or JSON
///
/// Reads stores, single mails, mboxes, maildirs and ZIP archives, and directories of them. Each item is a mail in a folder
/// called after its own; a contact has a .vcf beside it, an appointment or task an .ics. What became of everything that was
/// met is in DIR/index.jsonl, a line each, with SHA-256.
///
/// A run that was stopped, by Ctrl-C or worse, goes on with the same command and does nothing twice.
#[derive(Debug, clap::Args)]
pub(crate) struct Export {
    /// Files and directories
    #[arg(required = true, value_name = "SOURCE")]
    sources: Vec<PathBuf>,
    /// The directory to write to: empty or not there, or with a run of the same command in it that was stopped
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// What to write
    #[arg(long, value_name = "FORMAT")]
    format: Form,
    #[command(flatten)]
    which: Which,
    /// Leave SHA-256 out of the index, which takes a seventh of the time
    #[arg(long)]
    no_hashes: bool,
    #[command(flatten)]
    bad_items: BadItems,
    /// Write one JSON object, `{"schema": "pst-export-report/1", ...}`
    #[arg(long)]
    json: bool,
    /// How many items that are damaged or failed to name in the report; the index names all
    #[arg(long, value_name = "N", default_value_t = 100)]
    errors: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Form {
    /// A file for each mail
    Eml,
    /// An mbox for each folder (mboxrd)
    Mbox,
    /// A maildir for each SOURCE (Maildir++)
    Maildir,
    /// JSON lines for each folder, attachments as files
    Json,
}

impl Form {
    const fn format(self) -> Format {
        match self {
            Self::Eml => Format::Eml,
            Self::Mbox => Format::Mbox,
            Self::Maildir => Format::Maildir,
            Self::Json => Format::Json,
        }
    }
}

/// Which items go along.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Which items")]
struct Which {
    /// Only items of folders whose path fits: `Inbox` is that folder alone, `Inbox/*` those in it, `Inbox/**` all of
    /// them; from the root with a `/` at the front. May be given several times
    #[arg(long, value_name = "PATTERN")]
    folder: Vec<String>,
    /// Only items of classes that fit, such as `IPM.Note*`. May be given several times
    #[arg(long, value_name = "PATTERN")]
    class: Vec<String>,
    /// Only items from this date on: a year, month, day or time, in UTC, such as 2019 or 2019-07-01
    #[arg(long, value_name = "DATE", value_parser = Span::parse)]
    since: Option<Span>,
    /// Only items up to the end of this date
    #[arg(long, value_name = "DATE", value_parser = Span::parse)]
    until: Option<Span>,
    /// Only items from whose address or name fits, such as `*@example.com`. May be given several times
    #[arg(long, value_name = "PATTERN")]
    from: Vec<String>,
    /// Only items to whose address or name fits, blind recipients included. May be given several times
    #[arg(long, value_name = "PATTERN")]
    to: Vec<String>,
    /// Associated items too: views, rules, settings
    #[arg(long)]
    associated: bool,
}

impl Which {
    fn choice(&self) -> Choice {
        let choice = Choice::new().associated(self.associated);
        let choice = self.folder.iter().fold(choice, |choice, pattern| choice.folder(pattern));
        let choice = self.class.iter().fold(choice, |choice, pattern| choice.class(pattern));
        let choice = self.from.iter().fold(choice, |choice, pattern| choice.from(pattern));
        let choice = self.to.iter().fold(choice, |choice, pattern| choice.to(pattern));
        let choice = self.since.map_or(choice.clone(), |since| choice.since(since.start));
        self.until.map_or(choice.clone(), |until| choice.before(until.end))
    }
}

/// Runs the command.
pub(crate) fn run(args: &Export, global: &Global) -> anyhow::Result<Exit> {
    let out = args.out.as_path();
    let limit = args.bad_items.limit()?;
    if args.sources.iter().any(|source| lies_in(out, source)) {
        return Err(Failure::usage(format!("{} is in what is to be read", out.display())).into());
    }
    stop_in_order();
    let export = Exporting::new(out, args.format.format())
        .choose(args.which.choice())
        .open_options(global.open_options())
        .hashes(!args.no_hashes)
        .bad_item_limit(limit);
    let total = args.sources.iter().map(|path| size(path, 0)).fold(0, u64::saturating_add);
    let progress = Progress::new(total);
    let mut left = total;
    let mut report = Report::new(out, args.format.format(), limit, args.json, args.errors);
    let done = export.run(&args.sources, &mut |event| {
        let bytes = report.observe(event).min(left);
        left = left.saturating_sub(bytes);
        match event {
            Event::GoesOn(_) => {}
            _ => progress.advance(bytes, 1),
        }
        if is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    progress.finish();
    match done {
        Ok(done) => report.finish(global.stdout(), &done),
        Err(error) => {
            let failure = failure(&error);
            report.failed(global.stdout(), &failure);
            Err(failure.into())
        }
    }
}

fn failure(error: &ExportError) -> Failure {
    match error {
        ExportError::NotEmpty(path) => {
            Failure::unopened(path, &"it is not empty, and has no index of an export to go on with")
        }
        ExportError::Another(path, what) => Failure::unopened(path, &format!("another export was begun in it: {what}")),
        ExportError::Io(path, error) => {
            Failure::unopened(path, &format!("{error}; what is done is kept, and the same command goes on"))
        }
        error => Failure::usage(error.to_string()),
    }
}

/// Whether a directory, there or not, lies in a source: then the export would read what it writes.
fn lies_in(out: &Path, source: &Path) -> bool {
    let Ok(source) = source.canonicalize() else { return false };
    let Ok(out) = std::path::absolute(out) else { return false };
    let real = out.ancestors().find_map(|path| path.canonicalize().ok());
    real.is_some_and(|real| real.starts_with(&source)) || (source.is_dir() && out.starts_with(&source))
}

/// Bytes of a file, or of the files in a directory.
fn size(path: &Path, depth: u32) -> u64 {
    /// Deeper ones only make the bar a guess.
    const DEEPEST: u32 = 50;
    let metadata = if depth == 0 { fs::metadata(path) } else { fs::symlink_metadata(path) };
    let Ok(metadata) = metadata else { return 0 };
    if !metadata.is_dir() {
        return if metadata.is_file() { metadata.len() } else { 0 };
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    let sizes = entries.take_while(|_| depth < DEEPEST).map(|entry| size(&entry.path(), depth.saturating_add(1)));
    sizes.fold(0, u64::saturating_add)
}
