//! `pst compact`: a copy without free room.

use std::path::PathBuf;

use pst_core::Pst;
use pst_core::ndb::CryptMethod;
use pst_core::write::WriteOptions;

use super::convert::copy;
use super::{Choice, Manner};
use crate::args::Global;
use crate::bad_items::BadItems;
use crate::exit::Exit;

/// Write a copy of a file without the room that is free in it
///
/// Layout, encoding and ids stay, so that what names items still finds them; an OST becomes a PST. With --force OUT may be
/// IN: it is replaced once the copy is complete.
#[derive(Debug, clap::Args)]
pub(crate) struct Compact {
    /// The file to read
    #[arg(value_name = "IN")]
    source: PathBuf,
    /// The new file
    #[arg(value_name = "OUT")]
    out: PathBuf,
    /// Store equal values, such as one attachment of many messages, once
    #[arg(long)]
    share: bool,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    bad_items: BadItems,
    #[command(flatten)]
    manner: Manner,
}

/// Runs the command.
pub(crate) fn run(args: &Compact, global: &Global) -> anyhow::Result<Exit> {
    let how = (&args.choice, &args.manner, args.bad_items.limit()?);
    copy("compact", (&args.source, &args.out), how, global, |source| same_form(source, args.share))
}

/// Options for a new file of the layout and encoding of another.
pub(super) fn same_form(source: &Pst, share: bool) -> WriteOptions {
    let crypt = source.header().crypt;
    // Of what is not written, files that say so and are permuted aside, there is nothing but these three.
    let crypt = if matches!(crypt, CryptMethod::None | CryptMethod::Cyclic) { crypt } else { CryptMethod::Permute };
    let options = WriteOptions::new().crypt(crypt).share_data(share);
    if source.format().is_ansi() { options.ansi(source.default_code_page().page) } else { options }
}
