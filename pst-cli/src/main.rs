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

/// Messages are read in many small pieces: the allocator of the C library takes a tenth of the time of an export.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Rust programs start with SIGPIPE ignored: a closed pipe is an error of a write, which `exit::report` lets pass.
    let cli = args::Cli::parse();
    cli.run().unwrap_or_else(|error| exit::report(&error)).into()
}
