//! `pst merge`: several stores into one.

use std::path::PathBuf;

use clap::ValueEnum;
use pst_core::transfer::{Duplicates, Merge as Merging, MergeOptions};
use pst_core::write::FileTarget;

use super::job::{Job, stop_in_order};
use super::{Choice, Form, Manner, Written, check_new, ended, same_file, size, stem, unwritten};
use crate::args::Global;
use crate::bad_items::BadItems;
use crate::exit::{Exit, Failure};

/// Write what is in several files into one new PST
///
/// Folders with the same path become one. Inboxes, sent items, deleted items and the like meet each other in whatever
/// language, and are called as in the first file that has them. Search folders stay behind, as they list items by ids. A
/// file that cannot be opened is reported, and the rest goes on.
#[derive(Debug, clap::Args)]
pub(crate) struct Merge {
    /// The new file
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// The files to read; of folders in several of them the first tells the properties
    #[arg(required = true, value_name = "IN")]
    sources: Vec<PathBuf>,
    /// Write items that are the same once: by Message-ID and date, or by class, subject, dates, sender, bodies,
    /// recipients and attachments
    #[arg(long, value_name = "BY")]
    drop_duplicates: Option<By>,
    /// Give each IN a folder of its own, called after the file
    #[arg(long)]
    subfolders: bool,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    bad_items: BadItems,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    MessageId,
    Content,
}

/// Runs the command.
pub(crate) fn run(args: &Merge, global: &Global) -> anyhow::Result<Exit> {
    let out = args.out.as_path();
    let limit = args.bad_items.limit()?;
    if args.sources.iter().any(|source| same_file(source, out)) {
        return Err(Failure::usage(format!("{} is to be read and written", out.display())).into());
    }
    check_new(out, args.manner.force)?;
    let total = args.sources.iter().map(|path| size(path)).fold(0, u64::saturating_add);
    let mut options =
        MergeOptions::new().filter(args.choice.filter()).subfolders(args.subfolders).bad_item_limit(limit);
    if let Some(by) = args.drop_duplicates {
        options = options.without_duplicates(match by {
            By::MessageId => Duplicates::MessageId,
            By::Content => Duplicates::Content,
        });
    }
    stop_in_order();
    let target = FileTarget::create(out, args.manner.force).map_err(unwritten(out))?;
    let mut merge =
        Merging::new(target, args.form.options().name(stem(out)), options).map_err(|error| ended(out, &error))?;
    let mut job = Job::new("merge", &args.manner, limit, global, total);
    let mut opened = false;
    for path in &args.sources {
        job.source(path, size(path));
        let source = match global.open_options().open(path) {
            Ok(source) => source,
            Err(error) => {
                job.bad_source(path, &error);
                continue;
            }
        };
        opened = true;
        match merge.add(&source, &stem(path), &mut |event| job.observe(&event)) {
            Ok(summary) => job.good_source(path, summary),
            Err(error) => {
                let failure = job.failure(out, &error);
                return Err(job.fail(failure));
            }
        }
    }
    if !opened {
        return Err(job.fail(Failure::unopened(out, &"nothing was written: no file could be opened")));
    }
    match merge.finish() {
        Ok((path, summary)) => {
            let file = Written { bytes: size(&path), path, label: None, oversize: false, summary };
            job.finish(&[file], &summary)
        }
        Err(error) => Err(job.fail(ended(out, &error))),
    }
}
