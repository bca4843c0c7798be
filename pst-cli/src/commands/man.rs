//! `pst man`: manual pages, made from the same words as `--help`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use clap::CommandFactory;

use crate::args::{Cli, Global};
use crate::exit::{Exit, Failure};

/// Write the manual page to standard output, or all pages to a directory
#[derive(Debug, clap::Args)]
pub(crate) struct Man {
    /// Write `pst.1` and a page for every command, such as `pst-scan.1`, to this directory
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Runs the command.
pub(crate) fn run(args: &Man, global: &Global) -> anyhow::Result<Exit> {
    if let Some(dir) = &args.dir {
        let written = fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
        written.map_err(|error| Failure::unread(dir, &error))?;
        return Ok(Exit::Complete);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command().disable_help_subcommand(true)).render(&mut page)?;
    let mut out = global.stdout();
    out.write_all(&page)?;
    out.finish()?;
    Ok(Exit::Complete)
}
