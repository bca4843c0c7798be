//! One job on one file, to be timed or profiled from outside: `read-store ours|peer open|list|read FILE [TIMES]`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use pst_benches::{ours, peer};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let (reader, job, file, times) = match args.as_slice() {
        [reader, job, file] => (*reader, *job, PathBuf::from(file), 1),
        [reader, job, file, times] => (*reader, *job, PathBuf::from(file), times.parse().unwrap_or(1)),
        _ => {
            eprintln!("Usage: read-store ours|peer open|list|read FILE [TIMES]");
            return ExitCode::from(2);
        }
    };
    for _ in 0..times {
        let start = Instant::now();
        let result = match (reader, job) {
            ("ours", "open") => {
                ours::open(&file);
                (0, 0)
            }
            ("ours", "list") => ours::list(&file),
            ("ours", "read") => ours::read(&file),
            ("peer", "open") => {
                if let Err(error) = peer::open(&file) {
                    eprintln!("{error}");
                    return ExitCode::FAILURE;
                }
                (0, 0)
            }
            ("peer", "list" | "read") => match if job == "list" { peer::list(&file) } else { peer::read(&file) } {
                Ok(result) => result,
                Err(error) => {
                    eprintln!("{error}");
                    return ExitCode::FAILURE;
                }
            },
            _ => return ExitCode::from(2),
        };
        println!("{reader} {job}: {result:?} in {:?}", start.elapsed());
    }
    ExitCode::SUCCESS
}
