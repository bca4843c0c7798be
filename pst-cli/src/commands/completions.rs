//! `pst completions`: scripts that let shells complete the command line.

use std::io::Write;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::{Cli, Global};
use crate::exit::Exit;

/// Write the completion script of a shell to standard output
///
/// For bash, for example: `pst completions bash > ~/.local/share/bash-completion/completions/pst`
#[derive(Debug, clap::Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub(crate) fn run(args: &Completions, global: &Global) -> anyhow::Result<Exit> {
    // The generator panics when a write fails, so it writes to memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "pst", &mut script);
    let mut out = global.stdout();
    out.write_all(&script)?;
    out.finish()?;
    Ok(Exit::Complete)
}
