//! `pst addresses`: people without an Internet address, and who they are.

mod apply;
mod list;
mod test;

use std::ops::ControlFlow;
use std::path::PathBuf;

use clap::Subcommand;
use pst_migrate::addresses::AddressMap;
use pst_migrate::input::{Found, Input, Seen};

use super::transfer::job::{is_stopped, stop_in_order};
use crate::args::Global;
use crate::exit::{self, Exit, Failure};
use crate::output::{escape_line, stderr_line};

/// Find people who have no Internet address, list them, and take in who they are
#[derive(Debug, clap::Args)]
pub(crate) struct Addresses {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = exit::HELP)]
    Test(test::Test),
    #[command(after_help = exit::HELP)]
    List(list::List),
    #[command(after_help = exit::HELP)]
    Apply(apply::Apply),
}

/// Runs the command.
pub(crate) fn run(args: &Addresses, global: &Global) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Test(args) => test::run(args, global),
        Command::List(args) => list::run(args, global),
        Command::Apply(args) => apply::run(args, global),
    }
}

/// The map of earlier answers; without a file one that knows nothing.
fn map(path: Option<&PathBuf>) -> Result<AddressMap, Failure> {
    match path {
        None => Ok(AddressMap::new()),
        Some(path) => AddressMap::load(path).map_err(|error| Failure::unopened(path, &error)),
    }
}

/// What became of everything but items.
struct Rest {
    /// Something could not be read, or may hide mail.
    is_partial: bool,
    items: u64,
}

/// Shows all items that are no settings.
fn read(paths: &[PathBuf], global: &Global, visit: &mut dyn FnMut(&Found<'_>)) -> Rest {
    stop_in_order();
    let input = Input::new().open_options(global.open_options());
    let summary = input.read(paths, &mut |seen| {
        match seen {
            Seen::Item(found) if found.item().is_associated() => {}
            Seen::Item(found) => visit(&found),
            Seen::Skipped(skipped) if skipped.reason.may_hide_mail() => {
                tell(&format!("{}: left out: {} {}", skipped.place, skipped.reason, skipped.detail));
            }
            Seen::Skipped(_) => {}
            Seen::Failed(failed) => tell(&format!("{}: {}", failed.place, failed.error)),
        }
        if is_stopped() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    let is_partial = summary.stopped || summary.failures() > 0 || summary.may_hide_mail() > 0;
    Rest { is_partial, items: summary.items }
}

fn tell(text: &str) {
    stderr_line(&format!("pst: {}", escape_line(text.trim_end())));
}
