//! The sample the README runs on: made by an example program, committed, and made again in CI.

use std::fs;

use anyhow::{Context, Result, bail};

pub(crate) fn run(check: bool) -> Result<()> {
    let committed = crate::root().join("examples/data/sample.pst");
    if !check {
        return build(&committed.to_string_lossy());
    }
    let again = crate::root().join("target/sample-again.pst");
    build(&again.to_string_lossy())?;
    let bytes = |path| fs::read(path).with_context(|| format!("cannot read {path:?}"));
    if bytes(&committed)? != bytes(&again)? {
        bail!("examples/data/sample.pst is not what the example program builds; run `cargo xtask sample`");
    }
    Ok(())
}

fn build(path: &str) -> Result<()> {
    crate::cargo(&["run", "--quiet", "--package", "pst-examples", "--bin", "make-sample", "--", path], &[])
}
