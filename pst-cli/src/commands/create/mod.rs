//! `pst create`: one store of mail in files.

mod report;

use std::fs;
use std::path::{Path, PathBuf};

use pst_core::item::FolderPath;
use pst_core::write::FileTarget;
use pst_migrate::create::{Create as Creating, CreateOptions, Event, Summary};

use super::transfer::job::{is_stopped, stop_in_order};
use super::transfer::{Form, check_new, ended, same_file, size, stem, unwritten};
use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::progress::Progress;
use report::Report;

/// Write a new PST of mail in files: EML, emlx, mbox, maildir, ZIP archives, directories of these, and other stores
///
/// Directories, maildirs, mboxes and directories of archives become folders. An mbox or maildir at the top that is called
/// Inbox, Sent, Drafts, Trash or Junk, as mail programs call them on disk, becomes that folder of the store; mail in no
/// directory goes to the folder Mail. Read, answered and flagged go along where the files say it. Items are written as often
/// as they are there. What of a mail has no place in a store is told with its place.
#[derive(Debug, clap::Args)]
pub(crate) struct Create {
    /// The new file
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// What to take in; what a file is, its content says
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Put all below this folder, such as `Archive/2020`; nothing below it becomes the inbox or the like
    #[arg(long, value_name = "FOLDER")]
    folder: Option<String>,
    #[command(flatten)]
    form: Form,
    /// Replace a file that is there already, once the new one is complete
    #[arg(long)]
    force: bool,
    /// Write one JSON object, `{"schema": "pst-create/1", ...}`, with everything that was left out, failed or has notes
    #[arg(long)]
    json: bool,
    /// How many places of each kind to name in the report
    #[arg(long, value_name = "N", default_value_t = 100)]
    errors: usize,
}

/// Runs the command.
pub(crate) fn run(args: &Create, global: &Global) -> anyhow::Result<Exit> {
    let out = args.out.as_path();
    check_paths(out, &args.paths)?;
    check_new(out, args.force)?;
    let folder = args.folder.as_deref().unwrap_or_default();
    let options = CreateOptions::new()
        .folder(FolderPath::new(folder.split('/').filter(|name| !name.is_empty())))
        .open_options(global.open_options());
    stop_in_order();
    let target = FileTarget::create(out, args.force).map_err(unwritten(out))?;
    let mut create =
        Creating::new(target, args.form.options().name(stem(out)), options).map_err(|error| ended(out, &error))?;
    let progress = Progress::of(|| args.paths.iter().map(|path| below(path, 0)).fold(0, u64::saturating_add));
    let mut report = Report::new(global.stdout(), args.json, args.errors);
    for path in &args.paths {
        let added = create.add(path, &mut |event| {
            let bytes = if let Event::Written { bytes, .. } = &event { *bytes } else { 0 };
            progress.advance(bytes, 1);
            report.event(&event);
            !is_stopped()
        });
        match added {
            Ok(summary) => report.source(path, summary),
            Err(error) => return Err(fail(report, &progress, create.summary(), ended(out, &error))),
        }
    }
    let summary = create.summary().clone();
    if summary.written() == 0 {
        let failure = Failure::unopened(out, &"nothing was written: there is no mail");
        return Err(fail(report, &progress, &summary, failure));
    }
    match create.finish() {
        Ok((path, summary)) => {
            progress.finish();
            report.finish(&path, size(&path), &summary)
        }
        Err(error) => Err(fail(report, &progress, &summary, ended(out, &error))),
    }
}

/// Ends the report of work that failed; gives the failure back.
fn fail(report: Report, progress: &Progress, summary: &Summary, failure: Failure) -> anyhow::Error {
    progress.finish();
    report.failed(&failure, summary);
    failure.into()
}

/// Refuses to read what is written, and paths that are not there: whoever names a file means it.
fn check_paths(out: &Path, paths: &[PathBuf]) -> Result<(), Failure> {
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent = parent.canonicalize().ok();
    for path in paths {
        if same_file(path, out) {
            return Err(Failure::usage(format!("{} is to be read and written", out.display())));
        }
        match fs::metadata(path) {
            Err(error) => return Err(Failure::unopened(path, &error)),
            Ok(metadata) if metadata.is_dir() => {
                let directory = path.canonicalize().ok();
                if parent.as_ref().zip(directory).is_some_and(|(parent, directory)| parent.starts_with(directory)) {
                    let text = format!("{} would be in {}, which is to be read", out.display(), path.display());
                    return Err(Failure::usage(text));
                }
            }
            Ok(_) => {}
        }
    }
    Ok(())
}

/// Bytes of a file, or of all files below a directory. What cannot be listed counts nothing; reading it tells why.
fn below(path: &Path, depth: u32) -> u64 {
    const MOST_DEPTH: u32 = 200;
    let Ok(entries) = fs::read_dir(path) else { return size(path) };
    let sizes = entries.filter_map(Result::ok).map(|entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() && depth < MOST_DEPTH => below(&entry.path(), depth.saturating_add(1)),
        Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
        _ => 0,
    });
    sizes.fold(0, u64::saturating_add)
}
