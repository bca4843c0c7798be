//! `include/pst.h` and the list of its functions: made of `pst-ffi`, committed, and made again in CI.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

const HEADER: &str = "include/pst.h";
/// The names the shared library has for the loader. A line that goes is a program that breaks.
const SYMBOLS: &str = "pst-ffi/symbols.txt";

/// A function of the header.
#[derive(Debug)]
pub(crate) struct Prototype {
    pub(crate) returns: String,
    pub(crate) name: String,
    /// Each as it stands: type and name.
    pub(crate) parameters: Vec<String>,
}

/// Writes header and list, or compares what would be written with what is committed.
pub(crate) fn run(check: bool) -> Result<()> {
    let source = crate::root().join("pst-ffi");
    let config = cbindgen::Config::from_file(source.join("cbindgen.toml")).map_err(anyhow::Error::msg)?;
    let bindings = cbindgen::Builder::new().with_config(config).with_crate(&source).generate()?;
    let mut made = Vec::new();
    bindings.write(&mut made);
    let made = String::from_utf8(made)?;
    let mut names: Vec<String> = prototypes(&made)?.into_iter().map(|prototype| prototype.name).collect();
    names.sort();
    let symbols = names.join("\n") + "\n";
    for (name, text) in [(HEADER, made), (SYMBOLS, symbols)] {
        let path = crate::root().join(name);
        if !check {
            fs::create_dir_all(path.parent().context("a file has a directory")?)?;
            fs::write(&path, text)?;
        } else if read(&path)? != text {
            bail!("{name} is not what pst-ffi declares; run `cargo xtask header` and look at the difference");
        }
    }
    Ok(())
}

/// The functions of the committed header.
pub(crate) fn committed() -> Result<Vec<Prototype>> {
    prototypes(&read(&crate::root().join(HEADER))?)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

/// The functions of a header as cbindgen writes it: behind the opening of `extern "C"`, each ends with `);`.
fn prototypes(header: &str) -> Result<Vec<Prototype>> {
    let start = header.find("extern \"C\" {").context("the header has functions")?;
    let code: String = header.split_at(start).1.split("*/").map(|part| part.split("/*").next().unwrap_or("")).collect();
    let code: String = code.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join(" ");
    let mut found = Vec::new();
    for statement in code.replacen("extern \"C\" {", "", 1).split(';') {
        let Some((front, parameters)) = statement.split_once('(') else { continue };
        let front = front.trim();
        let at = front.rfind("pst_").with_context(|| format!("no function: {front}"))?;
        let (returns, name) = front.split_at(at);
        let parameters = parameters.trim().trim_end_matches(')');
        let parameters = parameters.split(',').map(|one| one.split_whitespace().collect::<Vec<_>>().join(" "));
        found.push(Prototype {
            returns: returns.trim().to_owned(),
            name: name.to_owned(),
            parameters: parameters.filter(|one| one != "void").collect(),
        });
    }
    if found.len() < 100 {
        bail!("only {} functions were found in the header", found.len());
    }
    Ok(found)
}
