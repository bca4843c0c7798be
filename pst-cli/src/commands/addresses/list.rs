//! `pst addresses list`.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use pst_migrate::addresses::{Collector, write_list};

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::counted;

/// Write a list of all addresses that are none of the Internet, to be filled in
///
/// CSV with a row for each: type, address, names, how often, first and last date, an example. Fill in the column `smtp`, or
/// `action` with `ignore` or `create`, and give the list to `apply`.
#[derive(Debug, clap::Args)]
pub(super) struct List {
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The list; it must not be there yet
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    /// Answers that are known already
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &List, global: &Global) -> anyhow::Result<Exit> {
    let fail = |error: &dyn std::fmt::Display| Failure::unopened(&args.out, error);
    let map = super::map(args.map.as_ref())?;
    let file = fs::File::create_new(&args.out).map_err(|error| fail(&error))?;
    let mut collector = Collector::new(&map);
    let rest = super::read(&args.paths, global, &mut |found| collector.add(found.item(), found.place));
    let collected = collector.finish();
    let mut list = BufWriter::new(file);
    write_list(&collected, &mut list).and_then(|()| list.flush()).map_err(|error| fail(&error))?;
    if !collected.adds_up() {
        return Err(fail(&"addresses seen and accounted for differ").into());
    }
    let mut out = global.stdout();
    writeln!(
        out,
        "{} with {}: {} resolved, {} by other items, {} listed as {}, {} of nobody, {} beyond the room",
        counted(collected.items, "item", "items"),
        counted(collected.occurrences, "address", "addresses"),
        collected.resolved,
        collected.learned,
        collected.unresolved,
        counted(u64::try_from(collected.entries.len()).unwrap_or(u64::MAX), "row", "rows"),
        collected.empty,
        collected.refused,
    )?;
    out.finish()?;
    if rest.items == 0 {
        super::tell("no item was found");
        return Ok(Exit::Unopened);
    }
    Ok(Exit::from_findings(rest.is_partial || collected.unreadable > 0 || collected.refused > 0))
}
