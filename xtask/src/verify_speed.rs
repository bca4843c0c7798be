//! The physical pass of the checker beside a plain read of the same file, in turn in one process.

use std::fs::File;
use std::hint::black_box;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use pst_core::OpenOptions;
use pst_core::verify::{VerifyOptions, verify_path_with};

const ROUNDS: usize = 7;

/// Times both on a file that is in the page cache: each thing once per round, and the median of its times.
pub(crate) fn run(file: &Path) -> Result<()> {
    let size = file.metadata()?.len();
    // The first read brings the file in.
    read(file)?;
    let mut peak = 0u64;
    let mut times: [Vec<Duration>; 3] = Default::default();
    for _ in 0..ROUNDS {
        let [reading, one, two] = &mut times;
        reading.push(read(file)?);
        one.push(verify(file, 1, &mut peak)?);
        two.push(verify(file, 2, &mut peak)?);
    }
    let [reading, one, two] = times.map(|mut times| {
        times.sort_unstable();
        times.get(ROUNDS / 2).copied().unwrap_or_default()
    });
    let rate = |time: Duration| size as f64 / time.as_secs_f64().max(1e-9) / 1e9;
    println!("{}: {size} bytes, median of {ROUNDS} rounds", file.display());
    println!("plain read           {:>8.2} GB/s", rate(reading));
    for (name, time) in [("verify, one thread", one), ("verify, two threads", two)] {
        println!("{name:<20} {:>8.2} GB/s  {:>4.0} % of it", rate(time), 100.0 * rate(time) / rate(reading));
    }
    println!("peak anonymous memory {} KiB, of this process in all", peak);
    Ok(())
}

fn read(file: &Path) -> Result<Duration> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0u8; 1 << 20];
    let start = Instant::now();
    while file.read(&mut buffer)? > 0 {
        black_box(&mut buffer);
    }
    Ok(start.elapsed())
}

fn verify(file: &Path, threads: usize, peak: &mut u64) -> Result<Duration> {
    let options = VerifyOptions::new().contents(false).threads(threads);
    let start = Instant::now();
    let report = verify_path_with(file, OpenOptions::new(), &options, &mut |_| {
        *peak = anonymous().unwrap_or(0).max(*peak);
        ControlFlow::Continue(())
    })?;
    let took = start.elapsed();
    ensure!(report.is_complete && report.totals.blocks > 0, "the check was not complete");
    Ok(took)
}

/// Kibibytes of memory that is not of a mapped file.
fn anonymous() -> Result<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("no such line")?;
    Ok(line.split_whitespace().next().context("no number")?.parse()?)
}
