//! `pst delivery check`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_migrate::delivery::{DeliveryCheck, Event};
use pst_migrate::profile::Severity;

use super::report::Report;
use crate::args::Global;
use crate::commands::transfer::job::{is_stopped, stop_in_order};
use crate::exit::{Exit, Failure};

/// Say of every file below DIR whether it is taken, and if not, why
///
/// Looks at names, folders, types, sizes and contents by the rules of a profile. Stores are opened and some of their items
/// read to the end, chosen at random by a seed that is printed. Nothing is changed and no link is followed.
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The delivery: the directory that has the root folder in it, or the root folder itself
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Whose rules: default, mimecast-2016, purview, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "default")]
    profile: String,
    /// Choose stores and items by this number
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Read every item of every file
    #[arg(long)]
    full: bool,
    /// Look at names, folders, types and sizes alone
    #[arg(long, conflicts_with = "full")]
    names_only: bool,
    /// Addresses that owners may have, one on each line
    #[arg(long, value_name = "FILE")]
    owners: Option<PathBuf>,
    /// How often this data was delivered before; 0 for the first time
    #[arg(long, value_name = "N", default_value_t = 0)]
    submission: u32,
    /// End with exit code 1 for warnings too
    #[arg(long)]
    strict: bool,
    /// Write one JSON object per line: the run (`pst-delivery/1`), each file and directory, and the account
    #[arg(long)]
    json: bool,
    /// Name accepted files without warnings as well
    #[arg(long)]
    all: bool,
}

/// Bytes of a list of owners.
const LARGEST_LIST: u64 = 256 << 20;

/// Runs the command.
pub(super) fn run(args: &Check, global: &Global) -> anyhow::Result<Exit> {
    let mut check = DeliveryCheck::new(super::profile(&args.profile)?)
        .seed(args.seed)
        .full(args.full)
        .names_only(args.names_only)
        .submission(args.submission);
    if let Some(path) = &args.owners {
        check = check.owners(owners(path)?);
    }
    stop_in_order();
    let mut report = Report::new(global.stdout(), args.json, args.all);
    report.begin(&args.directory, check.profile(), args.seed, args.full)?;
    let mut written = Ok(());
    let account = check.run(&args.directory, &is_stopped, &mut |event| {
        written = match &event {
            Event::File(file) => report.file(file),
            Event::Directory(directory) => report.directory(directory),
            Event::Delivery(finding) => report.delivery(finding),
        };
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    let account = account.map_err(|error| Failure::unopened(&args.directory, &error))?;
    let worst = account.worst().unwrap_or(Severity::Off);
    let is_good = worst < Severity::Warning || (worst == Severity::Warning && !args.strict);
    report.finish(&account, is_good)?;
    account.balance().map_err(|error| Failure::unread(&args.directory, &error))?;
    Ok(Exit::from_findings(!is_good || account.stopped))
}

fn owners(path: &Path) -> Result<Vec<String>, Failure> {
    let fail = |error: &dyn std::fmt::Display| Failure::unopened(path, error);
    let file = fs::File::open(path).map_err(|error| fail(&error))?;
    let size = file.metadata().map_err(|error| fail(&error))?.len();
    if size > LARGEST_LIST {
        return Err(fail(&format!("{size} bytes are more than a list of addresses has")));
    }
    let mut owners = Vec::new();
    for line in BufReader::new(file).lines() {
        let line = line.map_err(|error| fail(&error))?;
        let address = line.trim();
        if !address.is_empty() && !address.starts_with('#') {
            owners.push(address.to_owned());
        }
    }
    Ok(owners)
}
