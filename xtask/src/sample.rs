//! The sample the README runs on, and its dump: made by programs, committed, and made again in CI.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use pst_core::Pst;
use pst_core::verify::{VerifyOptions, verify};

/// The sample and what `pst dump` says of it.
const SAMPLE: &str = "examples/data/sample.pst";
const DUMP: &str = "examples/data/sample.dump.json";

pub(crate) fn run(check: bool) -> Result<()> {
    let command = crate::pst_command()?;
    let committed = crate::root().join(SAMPLE);
    // The same file name in another place: a dump names the file.
    let dir = crate::root().join("target/sample-again");
    fs::create_dir_all(&dir)?;
    let built = if check { dir.join("sample.pst") } else { committed.clone() };
    let path = built.to_string_lossy();
    crate::cargo(&["run", "--quiet", "--package", "pst-examples", "--bin", "make-sample", "--", &path], &[])?;
    let report = verify(&Pst::open(&built)?, &VerifyOptions::new());
    if let Some(finding) = report.findings.first() {
        bail!("the checker finds fault with the sample: {finding}");
    }
    let dump = Command::new(command).arg("dump").arg(&built).output()?;
    if !dump.status.success() {
        bail!("pst dump of the sample: {}", String::from_utf8_lossy(&dump.stderr));
    }
    if !check {
        return Ok(fs::write(crate::root().join(DUMP), dump.stdout)?);
    }
    let bytes = |path: &Path| fs::read(path).with_context(|| format!("cannot read {}", path.display()));
    if bytes(&committed)? != bytes(&built)? {
        bail!("{SAMPLE} is not what the example program builds; run `cargo xtask sample`");
    }
    if bytes(&crate::root().join(DUMP))? != dump.stdout {
        bail!("{DUMP} is not what `pst dump` says of the sample; run `cargo xtask sample` and look at the difference");
    }
    Ok(())
}
