//! `pst man`: manual pages, made from the same words as `--help`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_mangen::Man as Page;

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
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    if let Some(dir) = &args.dir {
        fs::create_dir_all(dir).map_err(|error| Failure::unread(dir, &error))?;
        write_pages(&command, dir)?;
        return Ok(Exit::Complete);
    }
    let mut out = global.stdout();
    out.write_all(&render(command)?)?;
    out.finish()?;
    Ok(Exit::Complete)
}

fn render(command: Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Page::new(command).render(&mut page)?;
    Ok(page)
}

fn write_pages(command: &Command, dir: &Path) -> anyhow::Result<()> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned();
    let path = dir.join(format!("{name}.1"));
    // A page is named after its whole command, `pst-scan`, so that references between pages hold.
    let page = render(command.clone().name(name))?;
    fs::write(&path, page).map_err(|error| Failure::unread(&path, &error))?;
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()) {
        write_pages(subcommand, dir)?;
    }
    Ok(())
}
