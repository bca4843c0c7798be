//! The Python package: built, installed into an environment of its own, and tested there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What builds the wheel.
const BUILD: [(&str, &str); 1] = [("maturin", "1.16.0")];
/// What tests it.
const TEST: [(&str, &str); 4] =
    [("pytest", "9.2.0"), ("hypothesis", "6.170.0"), ("mypy", "2.4.1"), ("pyarrow", "26.0.1")];

/// What continuous integration asks for: everything, unless the packages that build and test cannot be had.
pub(crate) fn for_ci() -> Result<()> {
    match environments() {
        Ok((build, test)) => check(&build, &test),
        Err(error) => {
            println!("missing: what builds and tests the wheel: {error:#}");
            Ok(())
        }
    }
}

/// Everything; the packages must be there.
pub(crate) fn run() -> Result<()> {
    let (build, test) = environments()?;
    check(&build, &test)
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| crate::root().join("target"), PathBuf::from)
}

/// The Pythons that build and that test.
fn environments() -> Result<(PathBuf, PathBuf)> {
    let root = target().join("python");
    let build = crate::python::with_packages(&root.join("wheel-build"), &BUILD)?;
    Ok((build, crate::python::with_packages(&root.join("wheel-test"), &TEST)?))
}

fn check(build: &Path, test: &Path) -> Result<()> {
    let package = crate::root().join("pst-py");
    let wheels = target().join("python").join("wheels");
    if wheels.exists() {
        fs::remove_dir_all(&wheels)?;
    }
    // As the tests of the workspace are built, so that nothing is compiled twice that need not be.
    run_in(
        &package,
        Command::new(build)
            .args(["-m", "maturin", "build", "--quiet", "--profile", "dev", "--interpreter"])
            .arg(test)
            .arg("--out")
            .arg(&wheels),
    )?;
    let wheel = fs::read_dir(&wheels)?.filter_map(Result::ok).map(|entry| entry.path());
    let wheel = wheel.last().context("no wheel was built")?;
    run_in(
        &package,
        Command::new(test).args(["-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps"]).arg(wheel),
    )?;
    // The stubs against the extension, the package against its own annotations, and both against use.
    let outside = target().join("python");
    run_in(&outside, Command::new(test).args(["-m", "mypy.stubtest", "pst", "--concise"]))?;
    run_in(&package, Command::new(test).args(["-m", "mypy", "--strict", "-p", "pst"]))?;
    run_in(&package, Command::new(test).args(["-m", "mypy", "--strict", "../examples/python"]))?;
    run_in(&package, Command::new(test).args(["-m", "pytest", "-p", "no:cacheprovider"]))
}

fn run_in(directory: &Path, command: &mut Command) -> Result<()> {
    eprintln!("+ {command:?}");
    let status = command.current_dir(directory).status().with_context(|| format!("cannot run {command:?}"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
