//! `pst dump`: everything in a file as JSON.

use std::path::PathBuf;

use crate::args::Global;
use crate::dump;
use crate::exit::Exit;

/// Write everything in a file as JSON
///
/// One object in the shape `pst-truth/1`: file, store, folders, messages, associated messages, orphans, named properties,
/// counts, integrity. Large values stand as length and SHA-256. It is written as it is read, in bounded memory. What could
/// not be read is null, stands in integrity.raw_anomalies, and makes the exit code 1.
#[derive(Debug, clap::Args)]
pub(crate) struct Dump {
    /// The file
    file: PathBuf,
}

/// Runs the command.
pub(crate) fn run(args: &Dump, global: &Global) -> anyhow::Result<Exit> {
    let pst = global.open(&args.file)?;
    let mut out = global.stdout();
    let anomalies = dump::write(&args.file, &pst, &mut out)?;
    out.finish()?;
    Ok(Exit::from_findings(anomalies > 0))
}
