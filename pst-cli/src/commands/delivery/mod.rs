//! `pst delivery`: whether a directory is what somebody who takes mail asks for, and better names for what is not.

mod check;
mod fix;
mod report;

use clap::Subcommand;
use pst_migrate::profile::Profile;

use crate::args::Global;
use crate::exit::{self, Exit, Failure};

/// Check a delivery of mail before it is shipped or when it arrives, and mend its names
#[derive(Debug, clap::Args)]
pub(crate) struct Delivery {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = exit::HELP)]
    Check(check::Check),
    #[command(after_help = exit::HELP)]
    Fix(fix::Fix),
}

/// Runs the command.
pub(crate) fn run(args: &Delivery, global: &Global) -> anyhow::Result<Exit> {
    match &args.command {
        Command::Check(args) => check::run(args, global),
        Command::Fix(args) => fix::run(args, global),
    }
}

/// The profile that was asked for; what is wrong with it is a mistake of the command line.
fn profile(name_or_path: &str) -> Result<Profile, Failure> {
    Profile::load(name_or_path).map_err(|error| Failure::usage(error.to_string()))
}
