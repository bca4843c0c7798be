//! The `pst` command, for its own binary and for others that bring it along, as the Python package does.
//!
//! ```text
//! run  -> args -> commands/<verb> -> output        colours, escapes, tables
//!                                 -> folders       paths of folders
//!                                 -> dump          a file as one JSON object
//!                                 -> bad_items     how many items may be lost
//!                                 -> exit          codes, and the errors that decide them
//! ```

mod args;
mod bad_items;
mod commands;
mod dates;
mod dump;
mod exit;
mod folders;
mod output;
mod progress;

use std::ffi::OsString;

use clap::Parser;

/// Runs the command with these arguments, of which the first is its name, and returns the exit code.
///
/// Writes to standard output and standard error, and sets handlers for Ctrl-C where work has to be ended in order: a
/// process that runs it has nothing else to do.
pub fn run<I, A>(args: I) -> u8
where
    I: IntoIterator<Item = A>,
    A: Into<OsString> + Clone,
{
    let cli = match args::Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output and are no error.
            let _ = error.print();
            return u8::try_from(error.exit_code()).unwrap_or(2);
        }
    };
    cli.run().unwrap_or_else(|error| exit::report(&error)).code()
}
