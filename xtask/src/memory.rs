//! Peak memory of `pst scan`, the mapped file aside.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Samples the anonymous memory of the process while it runs; pages of the mapped file are not anonymous.
pub(crate) fn run(file: &Path) -> Result<()> {
    let command = crate::pst_command()?;
    let mut child = Command::new(command).arg("scan").arg(file).stdout(Stdio::null()).spawn()?;
    let status_path = format!("/proc/{}/status", child.id());
    let (mut peak, mut samples) = (0u64, 0u64);
    let status = loop {
        if let Ok(status) = std::fs::read_to_string(&status_path)
            && let Some(anonymous) = kibibytes(&status, "RssAnon:")
        {
            peak = peak.max(anonymous);
            samples = samples.saturating_add(1);
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_micros(200));
    };
    if samples == 0 {
        bail!("no figures: this needs /proc, or the scan was too short");
    }
    println!("pst scan {} ({status}): peak anonymous memory {peak} KiB in {samples} samples", file.display());
    Ok(())
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line").ok()?;
    line.split_whitespace().next()?.parse().ok()
}
