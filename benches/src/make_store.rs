//! Writes a store that looks like a mailbox: `make-store FILE MESSAGES [light|small]`.

use std::path::PathBuf;
use std::process::ExitCode;

use pst_benches::store::Mails;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    let path = args.next().map(PathBuf::from);
    let messages = args.next().and_then(|text| text.to_str()?.parse().ok());
    let mails = match args.next() {
        None => Some(Mails::Heavy),
        Some(word) if word == "light" => Some(Mails::Light),
        Some(word) if word == "small" => Some(Mails::Small),
        Some(_) => None,
    };
    match (path, messages, mails) {
        (Some(path), Some(messages), Some(mails)) => match pst_benches::store::write(&path, messages, mails) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("make-store: {error}");
                ExitCode::FAILURE
            }
        },
        _ => {
            eprintln!("Usage: make-store FILE MESSAGES [light|small]");
            ExitCode::from(2)
        }
    }
}
