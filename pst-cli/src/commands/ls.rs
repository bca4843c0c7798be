//! `pst ls`.
use crate::args::Global;
use crate::exit::Exit;

/// X
#[derive(Debug, clap::Args)]
pub(crate) struct Ls {}

/// Runs the command.
pub(crate) fn run(_args: &Ls, _global: &Global) -> anyhow::Result<Exit> {
    Ok(Exit::Complete)
}
