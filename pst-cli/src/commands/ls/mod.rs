//! `pst ls`: the folders of a file, or the messages of a folder.

mod messages;
mod tree;

use std::path::PathBuf;

use anyhow::Context;

use crate::args::Global;
use crate::exit::{Exit, Failure};
use crate::folders;

/// List the folders of a file, or the messages of a folder
///
/// Without FOLDER, the tree of all folders with their numbers of messages, unread and associated messages; at its end the
/// folders that are in the file but in no table of subfolders. With FOLDER, the messages in it, from its contents table: no
/// message is opened, so it is quick in the largest folders.
#[derive(Debug, clap::Args)]
pub(crate) struct Ls {
    /// The file
    file: PathBuf,
    /// A path as in "Inbox/Projects" or "/Top of Personal Folders/Inbox" (a / inside a name is written %2F), or a node id
    /// such as 0x8022
    folder: Option<String>,
    /// With FOLDER: list its associated messages too, in which programs keep settings
    #[arg(long, requires = "folder")]
    all: bool,
    /// Write one JSON object, `{"schema": "pst-ls/1", "folders": [...]}` or with `"messages"`
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &Ls, global: &Global) -> anyhow::Result<Exit> {
    let pst = global.open(&args.file)?;
    let out = global.stdout();
    let Some(wanted) = &args.folder else { return tree::list(&args.file, &pst, out, args.json) };
    let found = folders::resolve(&pst, wanted).map_err(|error| Failure::unread(&args.file, &error))?;
    let folder = found.with_context(|| format!("{}: there is no folder {wanted}", args.file.display()))?;
    messages::list(&args.file, &pst, &folder, out, args.all, args.json)
}
