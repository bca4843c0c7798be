//! `pst show`.
use crate::args::Global;
use crate::exit::Exit;

/// X
#[derive(Debug, clap::Args)]
pub(crate) struct Show {}

/// Runs the command.
pub(crate) fn run(_args: &Show, _global: &Global) -> anyhow::Result<Exit> {
    Ok(Exit::Complete)
}
