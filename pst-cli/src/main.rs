//! The `pst` command: see the library of this package.

use std::process::ExitCode;

/// Messages are read in many small pieces: the allocator of the C library takes a tenth of the time of an export.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Rust programs start with SIGPIPE ignored: a closed pipe is an error of a write, which `pst_cli::run` lets pass.
    pst_cli::run(std::env::args_os()).into()
}
