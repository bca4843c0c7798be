//! Writes a store that looks like a mailbox: `make-store FILE MESSAGES`.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let path = args.next().map(PathBuf::from);
    let messages = args.next().and_then(|text| text.to_str()?.parse().ok());
    match (path, messages) {
        (Some(path), Some(messages)) => {
            pst_benches::store::write(&path, messages);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("Usage: make-store FILE MESSAGES");
            ExitCode::from(2)
        }
    }
}
