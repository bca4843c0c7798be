//! The command line: global options and the list of commands.

use std::path::Path;

use clap::builder::RangedU64ValueParser;
use clap::{ColorChoice, Parser, Subcommand};
use pst_core::text::CodePage;
use pst_core::{Mapping, OpenOptions, Pst};

use crate::commands::transfer::{compact, convert, merge, recover, split};
use crate::commands::{
    addresses, completions, create, delivery, dump, export, info, journal, ls, man, scan, show, verify,
};
use crate::exit::{self, Exit, Failure};
use crate::output::Output;

/// Looks into, scans, checks, dumps and exports Outlook PST, OST and PAB files, and writes new ones: of mail in files, merged,
/// split, compacted, converted.
/// Files that are read are never changed.
#[derive(Debug, Parser)]
#[command(name = "pst", version, after_help = exit::HELP, propagate_version = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(after_help = exit::HELP)]
    Info(info::Info),
    #[command(after_help = exit::HELP)]
    Ls(ls::Ls),
    #[command(after_help = exit::HELP)]
    Show(show::Show),
    #[command(after_help = exit::HELP)]
    Scan(scan::Scan),
    #[command(after_help = exit::HELP)]
    Dump(dump::Dump),
    #[command(after_help = exit::HELP)]
    Journal(journal::Journal),
    #[command(after_help = exit::HELP)]
    Verify(verify::Verify),
    #[command(after_help = exit::HELP)]
    Create(create::Create),
    #[command(after_help = exit::HELP)]
    Merge(merge::Merge),
    #[command(after_help = exit::HELP)]
    Split(split::Split),
    #[command(after_help = exit::HELP)]
    Compact(compact::Compact),
    #[command(after_help = exit::HELP)]
    Convert(convert::Convert),
    #[command(after_help = exit::HELP)]
    Export(export::Export),
    #[command(after_help = exit::HELP)]
    Recover(recover::Recover),
    #[command(after_help = exit::HELP)]
    Delivery(delivery::Delivery),
    #[command(after_help = exit::HELP)]
    Addresses(addresses::Addresses),
    #[command(after_help = exit::HELP)]
    Completions(completions::Completions),
    #[command(after_help = exit::HELP)]
    Man(man::Man),
}

/// Options of every command.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Read all 8-bit text in code page N, such as 1252 or 932, whatever the file says
    #[arg(long, global = true, value_name = "N", value_parser = code_page)]
    code_page: Option<CodePage>,
    /// Read files piece by piece and do not map them; for files that another program may cut short meanwhile
    #[arg(long, global = true)]
    no_map: bool,
    /// Go on where a checksum is wrong
    #[arg(long, global = true)]
    ignore_checksums: bool,
    /// When to use colours; `auto` means on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto)]
    color: ColorChoice,
}

pub(crate) fn code_page(text: &str) -> Result<CodePage, String> {
    let number: u16 = text.parse().map_err(|_| "not a code page number".to_owned())?;
    let page = CodePage::new(number);
    if page.is_supported() { Ok(page) } else { Err("no such code page is known".to_owned()) }
}

/// A number of at least 1, as things are counted.
pub(crate) fn at_least_one() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..)
}

/// A number of threads that a system may be asked for.
pub(crate) fn threads() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1024)
}

impl Global {
    /// Opens a file as the options say.
    ///
    /// The error ends the command with exit code 3.
    pub(crate) fn open(&self, path: &Path) -> Result<Pst, Failure> {
        self.open_options().open(path).map_err(|error| Failure::unopened(path, &error))
    }

    /// The library's options for these.
    pub(crate) fn open_options(&self) -> OpenOptions {
        let mapping = if self.no_map { Mapping::Never } else { Mapping::Auto };
        let options = OpenOptions::new().mapping(mapping).check_crc(!self.ignore_checksums);
        match self.code_page {
            Some(page) => options.code_page(page),
            None => options,
        }
    }

    /// Buffered standard output that knows about colours and width. Call [`finish`](Output::finish) at the end.
    pub(crate) fn stdout(&self) -> Output {
        Output::stdout(self.color)
    }
}

impl Cli {
    /// Runs the command.
    pub(crate) fn run(&self) -> anyhow::Result<Exit> {
        let global = &self.global;
        match &self.command {
            Command::Info(args) => info::run(args, global),
            Command::Ls(args) => ls::run(args, global),
            Command::Show(args) => show::run(args, global),
            Command::Scan(args) => scan::run(args, global),
            Command::Dump(args) => dump::run(args, global),
            Command::Journal(args) => journal::run(args, global),
            Command::Verify(args) => verify::run(args, global),
            Command::Create(args) => create::run(args, global),
            Command::Merge(args) => merge::run(args, global),
            Command::Split(args) => split::run(args, global),
            Command::Compact(args) => compact::run(args, global),
            Command::Convert(args) => convert::run(args, global),
            Command::Export(args) => export::run(args, global),
            Command::Recover(args) => recover::run(args, global),
            Command::Delivery(args) => delivery::run(args, global),
            Command::Addresses(args) => addresses::run(args, global),
            Command::Completions(args) => completions::run(args, global),
            Command::Man(args) => man::run(args, global),
        }
    }
}
