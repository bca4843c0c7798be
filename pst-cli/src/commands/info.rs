//! `pst info`.
use crate::args::Global;
use crate::exit::Exit;

/// X
#[derive(Debug, clap::Args)]
pub(crate) struct Info {}

/// Runs the command.
pub(crate) fn run(_args: &Info, _global: &Global) -> anyhow::Result<Exit> {
    Ok(Exit::Complete)
}
