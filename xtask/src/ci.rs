//! What CI runs, which is what you run.

use std::process::{Command, Stdio};

use anyhow::{Result, bail};

const DENY_WARNINGS: (&str, &str) = ("RUSTDOCFLAGS", "-D warnings");

pub(crate) fn run() -> Result<()> {
    crate::cargo(&["fmt", "--all", "--check"], &[])?;
    crate::cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"], &[])?;
    // Every feature of the core stands alone.
    crate::cargo(&["clippy", "--package", "pst-core", "--no-default-features", "--", "-D", "warnings"], &[])?;
    crate::cargo(&["doc", "--workspace", "--no-deps"], &[DENY_WARNINGS])?;
    crate::cargo(&["test", "--workspace"], &[])?;
    crate::sample::run(true)?;
    crate::readers::run(&crate::readers::Options::for_ci())?;
    crate::calendar::for_ci()?;
    crate::damage::run(&crate::damage::Options::for_ci())?;
    crate::c_interface::run()?;
    crate::wheel::for_ci()?;
    if let Some(reason) = fuzz_is_missing() {
        eprintln!("libFuzzer targets left out: {reason}; the seeded replay ran with the tests");
    } else {
        // The same inputs in every run: CI tells of a change, not of luck.
        fuzz("10", 1)?;
    }
    Ok(())
}

/// Why libFuzzer cannot run here, if it cannot.
fn fuzz_is_missing() -> Option<&'static str> {
    let works = |args: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !works(&["+nightly", "--version"]) {
        return Some("no nightly toolchain");
    }
    (!works(&["fuzz", "--version"])).then_some("no cargo-fuzz")
}

/// Runs each libFuzzer target for some seconds, from a seed of its own choosing if that is 0.
pub(crate) fn fuzz(seconds: &str, seed: u32) -> Result<()> {
    if let Some(reason) = fuzz_is_missing() {
        bail!("libFuzzer cannot run: {reason}");
    }
    crate::cargo(&["run", "--quiet", "--package", "pst-fuzz", "--bin", "write-seeds"], &[])?;
    let listed = Command::new("cargo").args(["+nightly", "fuzz", "list"]).current_dir(crate::root()).output()?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    for target in names.lines().filter(|name| *name != "write-seeds") {
        let (time, seed) = (format!("-max_total_time={seconds}"), format!("-seed={seed}"));
        // The allocation limit is what one input may make the library ask for at once.
        let args = [
            "+nightly",
            "fuzz",
            "run",
            "--features",
            "libfuzzer",
            target,
            "--",
            &time,
            &seed,
            "-malloc_limit_mb=300",
            "-timeout=10",
        ];
        eprintln!("+ cargo {}", args.join(" "));
        if !Command::new("cargo").args(args).current_dir(crate::root()).status()?.success() {
            bail!("{target} found something");
        }
    }
    Ok(())
}
