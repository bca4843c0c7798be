//! The `pst` command.
//!
//! ```text
//! main -> args -> commands/<verb> -> output        colours, escapes, tables
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

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    // Rust programs start with SIGPIPE ignored: a closed pipe is an error of a write, which `exit::report` lets pass.
    let cli = args::Cli::parse();
    cli.run().unwrap_or_else(|error| exit::report(&error)).into()
}
