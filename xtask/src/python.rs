//! Python packages for the chores that have other programs read what this project writes.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Sees to it that a virtual environment has packages of these versions, and returns its Python.
pub(crate) fn with_packages(venv: &Path, packages: &[(&str, &str)]) -> Result<PathBuf> {
    let python = venv.join("bin/python");
    let checks = packages.iter().map(|(name, version)| format!("assert version('{name}') == '{version}'"));
    let check = format!("from importlib.metadata import version\n{}", checks.collect::<Vec<_>>().join("\n"));
    let installed = || {
        let mut command = Command::new(&python);
        command.args(["-c", &check]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if installed() {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    let wanted = packages.iter().map(|(name, version)| format!("{name}=={version}"));
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--timeout", "10", "--retries", "1"])
        .args(wanted))?;
    if !installed() {
        bail!("the packages were installed and are not there: {check}");
    }
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    eprintln!("+ {command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} failed: {}", said.lines().next_back().unwrap_or_default());
    }
    Ok(())
}
