//! `pst delivery fix`.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;

use pst_migrate::delivery::{DeliveryCheck, Event, fix};
use serde_json::json;

use crate::args::Global;
use crate::commands::transfer::job::{is_stopped, stop_in_order};
use crate::exit::{Exit, Failure};
use crate::output::{Style, counted, escape_line};

/// Give files of a delivery the names they were likely meant to have
///
/// Says what it would rename; with --apply it does so. Nothing is ever overwritten, and each rename is written into a list
/// first, by which --undo takes all of them back.
#[derive(Debug, clap::Args)]
pub(super) struct Fix {
    /// The delivery, as for `check`
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Whose rules: default, mimecast-2016, purview, or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "mimecast-2016")]
    profile: String,
    /// Rename the files
    #[arg(long, requires = "list", conflicts_with = "undo")]
    apply: bool,
    /// The list of what was renamed; it must not be there yet, and should not be in the delivery
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// Rename everything of this list back, the last first
    #[arg(long, value_name = "FILE", conflicts_with = "list")]
    undo: Option<PathBuf>,
    /// Write one JSON object per line
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(super) fn run(args: &Fix, global: &Global) -> anyhow::Result<Exit> {
    let mut out = global.stdout();
    if let Some(list) = &args.undo {
        let undone = fix::undo(&args.directory, list).map_err(|error| Failure::unopened(list, &error))?;
        if args.json {
            serde_json::to_writer(&mut out, &json!({"undone": undone.done, "passed_over": undone.passed_over}))?;
            out.write_all(b"\n")?;
        } else {
            let passed = counted(undone.passed_over, "line", "lines");
            writeln!(out, "{} renamed back, {passed} passed over", counted(undone.done, "file", "files"))?;
        }
        out.finish()?;
        return Ok(Exit::from_findings(undone.passed_over > 0));
    }
    stop_in_order();
    let check = DeliveryCheck::new(super::profile(&args.profile)?).names_only(true);
    let mut renames = Vec::new();
    let account = check.run(&args.directory, &is_stopped, &mut |event| {
        if let Event::File(file) = event {
            renames.extend(file.rename.clone());
        }
        ControlFlow::Continue(())
    });
    let account = account.map_err(|error| Failure::unopened(&args.directory, &error))?;
    if account.stopped {
        return Ok(Exit::Findings);
    }
    let planned = fix::plan(&args.directory, renames);
    for planned in &planned {
        let (from, to) = (planned.rename.from.to_string_lossy(), planned.rename.to.to_string_lossy());
        let obstacle = planned.obstacle.map(fix::Obstacle::name);
        if args.json {
            let object = json!({"from": from, "to": to, "rule": planned.rename.rule.id(), "obstacle": obstacle});
            serde_json::to_writer(&mut out, &object)?;
            out.write_all(b"\n")?;
        } else {
            writeln!(out, "{}", escape_line(&from))?;
            let note = obstacle.map(|name| out.paint(Style::Bad, format!("  not done: {name}")).into_owned());
            writeln!(out, "  -> {}{}", escape_line(&to), note.unwrap_or_default())?;
        }
    }
    let blocked = planned.iter().filter(|planned| planned.obstacle.is_some()).count();
    let can = u64::try_from(planned.len().saturating_sub(blocked)).unwrap_or(0);
    let text = match args.list.as_ref().filter(|_| args.apply) {
        Some(list) if can > 0 => {
            let mut file = fs::File::create_new(list).map_err(|error| Failure::unopened(list, &error))?;
            let done = fix::apply(&args.directory, &planned, &mut file)
                .map_err(|error| Failure::unread(&args.directory, &error))?;
            format!("{} renamed", counted(done, "file", "files"))
        }
        Some(_) => "nothing to rename".to_owned(),
        None => format!("{} would be renamed; --apply does it", counted(can, "file", "files")),
    };
    if !args.json {
        writeln!(out, "{text}")?;
    }
    out.finish()?;
    Ok(Exit::from_findings(blocked > 0))
}
