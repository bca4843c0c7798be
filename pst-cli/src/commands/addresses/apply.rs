//! `pst addresses apply`.

use std::fs;
use std::io::{BufReader, Write};
use std::path::PathBuf;

use pst_migrate::addresses::{AddressMap, FilledList};

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::output::{Style, counted, escape_line};

/// Check a list that was filled in, and add what it says to a map
///
/// Later commands read the map; the mail itself is never changed. Nothing is added if the list has an error. --undo takes the
/// last list out of the map again.
#[derive(Debug, clap::Args)]
pub(super) struct Apply {
    /// The list that was filled in: CSV with the columns `key`, `smtp` and `action`, or lines of `DN|SMTP|name|DN`
    #[arg(value_name = "LIST", required_unless_present = "undo")]
    filled: Option<PathBuf>,
    /// Take the last list back
    #[arg(long, conflicts_with = "filled")]
    undo: bool,
    /// The map; made if it is not there
    #[arg(long, value_name = "FILE")]
    map: PathBuf,
    /// The list as it was given out: other keys are errors
    #[arg(long, value_name = "FILE", conflicts_with = "undo")]
    against: Option<PathBuf>,
    /// Check the list and change nothing
    #[arg(long, conflicts_with = "undo")]
    dry_run: bool,
}

/// Runs the command.
pub(super) fn run(args: &Apply, global: &Global) -> anyhow::Result<Exit> {
    let mut out = global.stdout();
    let save = |map: &AddressMap| map.save(&args.map).map_err(|error| Failure::unopened(&args.map, &error));
    let mut map = super::map(Some(&args.map))?;
    let Some(path) = &args.filled else {
        let Some(name) = map.undo() else {
            return Err(Failure::unopened(&args.map, &"no list was applied").into());
        };
        save(&map)?;
        writeln!(out, "{} was taken back", escape_line(&name))?;
        out.finish()?;
        return Ok(Exit::Complete);
    };
    let open =
        |path: &PathBuf| fs::File::open(path).map(BufReader::new).map_err(|error| Failure::unopened(path, &error));
    let known = match &args.against {
        Some(path) => Some(FilledList::keys(open(path)?).map_err(|error| Failure::unopened(path, &error))?),
        None => None,
    };
    let list = FilledList::read(open(path)?, known.as_ref()).map_err(|error| Failure::unopened(path, &error))?;
    for issue in &list.issues {
        let style = if issue.kind.is_warning() { Style::Warning } else { Style::Bad };
        let kind = out.paint(style, issue.kind.name()).into_owned();
        writeln!(out, "line {}: {kind}: {}", issue.line, escape_line(&issue.detail))?;
    }
    let answers = counted(u64::try_from(list.answers.len()).unwrap_or(u64::MAX), "answer", "answers");
    let rows = counted(list.rows, "row", "rows");
    let what = if !list.is_sound() {
        "nothing was applied"
    } else if args.dry_run {
        "it could be applied"
    } else {
        map.apply(&path.to_string_lossy(), &list).map_err(|error| Failure::unread(path, &error))?;
        save(&map)?;
        "applied"
    };
    writeln!(out, "{rows}, {answers}, {} without: {what}", list.unanswered)?;
    out.finish()?;
    Ok(Exit::from_findings(!list.is_sound()))
}
