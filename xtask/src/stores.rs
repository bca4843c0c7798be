//! Writes stores of random shapes and has the checker look at each: it must find nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::{Result, bail};
use pst_core::Pst;
use pst_core::testkit::{Scale, random_store};
use pst_core::verify::{Report, VerifyOptions, verify, verify_path};
use pst_core::write::FileTarget;

/// Larger files go to disk: their shape, and the seed.
const LARGE: [(Scale, u64, &str); 4] = [
    (Scale::ManyItems, 1, "100,000 items in a folder"),
    (Scale::Bytes(34_000_000), 2, "beyond the first free map (32.5 MB)"),
    (Scale::Bytes(2_100_000_000), 3, "beyond the first free page map (2 GB)"),
    (Scale::Bytes(4_400_000_000), 4, "beyond 4 GB"),
];

#[derive(Default)]
struct Sums {
    stores: u64,
    bytes: u64,
    nodes: u64,
    findings: BTreeMap<String, u64>,
    shown: Vec<String>,
}

impl Sums {
    fn add(&mut self, name: &str, report: &Report) {
        self.stores = self.stores.saturating_add(1);
        self.bytes = self.bytes.saturating_add(report.totals.file_bytes);
        self.nodes = self.nodes.saturating_add(report.totals.nodes);
        for (rule, _, count) in report.counts() {
            let sum = self.findings.entry(rule.to_string()).or_default();
            *sum = sum.saturating_add(count);
        }
        if let Some(first) = report.findings.first() {
            self.shown.push(format!("{name}: {first}"));
        }
    }
}

pub(crate) fn run(seeds: u64) -> Result<()> {
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let sums = Mutex::new(Sums::default());
    let failed = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds {
                        return;
                    }
                    let checked = random_store(seed, Scale::Small, Vec::new())
                        .and_then(Pst::from_bytes)
                        .map(|pst| verify(&pst, &VerifyOptions::new()));
                    match (checked, sums.lock(), failed.lock()) {
                        (Ok(report), Ok(mut sums), _) => sums.add(&format!("seed {seed}"), &report),
                        (Err(error), _, Ok(mut failed)) => failed.push(format!("seed {seed}: {error}")),
                        _ => return,
                    }
                }
            });
        }
    });
    let mut sums = sums.into_inner().unwrap_or_default();
    println!("{} stores, {} bytes, {} nodes in {:.0?}", sums.stores, sums.bytes, sums.nodes, started.elapsed());
    let directory = tempfile::tempdir_in(crate::root().join("target"))?;
    for (scale, seed, name) in LARGE {
        large(&mut sums, directory.path(), scale, seed, name)?;
    }
    let failed = failed.into_inner().unwrap_or_default();
    for line in failed.iter().chain(&sums.shown).take(20) {
        println!("    {line}");
    }
    println!("{} stores, findings: {:?}", sums.stores, sums.findings);
    if !failed.is_empty() || !sums.findings.is_empty() {
        bail!("the checker found something in what the writer wrote");
    }
    Ok(())
}

fn large(sums: &mut Sums, directory: &Path, scale: Scale, seed: u64, name: &str) -> Result<()> {
    let path = directory.join("large.pst");
    let started = Instant::now();
    random_store(seed, scale, FileTarget::create(&path, true)?)?;
    let written = started.elapsed();
    let report = verify_path(&path, &VerifyOptions::new())?;
    let size = std::fs::metadata(&path)?.len();
    println!(
        "{name}: {size} bytes, written in {written:.1?}, checked in {:.1?}",
        started.elapsed().saturating_sub(written)
    );
    sums.add(name, &report);
    std::fs::remove_file(&path)?;
    Ok(())
}
