//! `pst convert`: another layout or encoding.

use std::path::{Path, PathBuf};

use pst_core::Pst;
use pst_core::policy::BadItemLimit;
use pst_core::text::CodePage;
use pst_core::transfer::{CopyOptions, copy_store_with};
use pst_core::write::{FileTarget, WriteOptions};

use super::job::{Job, stop_in_order};
use super::{Choice, Form, Manner, Written, check_new, size, unwritten};
use crate::args::{Global, code_page};
use crate::bad_items::BadItems;
use crate::exit::Exit;

/// Write a copy of a PST or OST as a PST of today
///
/// OST, 4K and ANSI files become Unicode PSTs, unless --ansi asks for an old one. Ids stay, so that what names items still
/// finds them.
#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// The file to read
    #[arg(value_name = "IN")]
    source: PathBuf,
    /// The new file
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Write an ANSI PST, as Outlook 97 to 2002 read it, with text in this code page, such as 1252. It ends below 2 GB;
    /// items with characters that the code page lacks are reported
    #[arg(long, value_name = "CODEPAGE", value_parser = code_page)]
    ansi: Option<CodePage>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    bad_items: BadItems,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command.
pub(crate) fn run(args: &Convert, global: &Global) -> anyhow::Result<Exit> {
    let how = (&args.choice, &args.manner, args.bad_items.limit()?);
    copy("convert", (&args.source, &args.out), how, global, |_| {
        let options = args.form.options();
        match args.ansi {
            Some(page) => options.ansi(page),
            None => options,
        }
    })
}

/// Copies one store to one file.
pub(super) fn copy(
    command: &'static str,
    (from, out): (&Path, &Path),
    (choice, manner, limit): (&Choice, &Manner, BadItemLimit),
    global: &Global,
    options: impl FnOnce(&Pst) -> WriteOptions,
) -> anyhow::Result<Exit> {
    let source = global.open(from)?;
    check_new(out, manner.force)?;
    stop_in_order();
    let job = Job::new(command, manner, limit, global, source.file_size());
    copy_open(job, &source, (from, out), choice, manner, options(&source))
}

/// Copies a store that is open.
pub(super) fn copy_open(
    mut job: Job,
    source: &Pst,
    (from, out): (&Path, &Path),
    choice: &Choice,
    manner: &Manner,
    options: WriteOptions,
) -> anyhow::Result<Exit> {
    let target = FileTarget::create(out, manner.force).map_err(unwritten(out))?;
    job.source(from, source.file_size());
    let copy = CopyOptions::new().filter(choice.filter()).bad_item_limit(job.limit());
    match copy_store_with(source, target, options, &copy, &mut |event| job.observe(&event)) {
        Ok((path, summary)) => {
            job.good_source(from, summary);
            let file = Written { bytes: size(&path), path, label: None, oversize: false, summary };
            job.finish(&[file], &summary)
        }
        Err(error) => {
            let failure = job.failure(out, &error);
            Err(job.fail(failure))
        }
    }
}
