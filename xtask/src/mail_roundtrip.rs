//! Takes every mail below a directory into a store and out again, and has Python's `email` package compare what came back with
//! what went in. Every difference has a reason in `xtask/mail_roundtrip/compare.py`, or the chore fails.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pst_core::Pst;
use pst_core::convert::{Loss, from_mime, to_mime};
use pst_core::mime::Mail;
use pst_core::verify::{Verdict, VerifyOptions, verify};
use pst_core::write::{PstWriter, WriteOptions};
use serde_json::{Value, json};

/// Differences printed.
const SHOWN: usize = 40;

/// The store and the mails go to `keep`, or to a directory that is gone afterwards.
pub(crate) fn run(dir: &Path, keep: Option<&Path>) -> Result<()> {
    let mut files = Vec::new();
    collect(dir, &mut files)?;
    files.sort();
    if files.is_empty() {
        bail!("no *.eml below {}", dir.display());
    }
    let temporary = tempfile::tempdir()?;
    let out = keep.unwrap_or(temporary.path());
    fs::create_dir_all(out)?;
    let manifest = there_and_back(dir, &files, out)?;
    let found = compare(&manifest)?;
    tell(&found)
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("eml")) {
            files.push(path);
        }
    }
    Ok(())
}

/// Writes one store of all mails, checks it, and writes each item of it as a mail. Returns the list of pairs.
fn there_and_back(dir: &Path, files: &[PathBuf], out: &Path) -> Result<PathBuf> {
    let store = out.join("mails.pst");
    let mut writer = PstWriter::create(&store, WriteOptions::new().overwrite(true))?;
    let folder = writer.folder(writer.ipm_subtree(), "Mails")?;
    let mut losses: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = |way: &str, all: &[Loss]| {
        for loss in all {
            let number = losses.entry(format!("{way} {}", loss.kind)).or_default();
            *number = number.saturating_add(1);
        }
    };
    let mut nodes = Vec::new();
    for path in files {
        let bytes = fs::read(path)?;
        let mail = Mail::parse(&bytes);
        let converted =
            from_mime::convert(&mail, &mut writer).with_context(|| format!("taking in {}", path.display()))?;
        count("in", &converted.losses);
        nodes.push(writer.message(folder, converted.message)?);
    }
    writer.finish()?;
    let pst = Pst::open(&store)?;
    let report = verify(&pst, &VerifyOptions::new());
    if report.verdict() != Verdict::Sound {
        bail!("the store is not sound: {:#?}", report.findings);
    }
    let names = pst.named_properties()?;
    let mut pairs = Vec::new();
    for (number, (path, node)) in files.iter().zip(&nodes).enumerate() {
        let result = out.join(format!("{number:05}.eml"));
        let message = pst.message(*node)?;
        let file = BufWriter::new(fs::File::create(&result)?);
        let converted = to_mime::write_mail(&message, &names, file, &to_mime::Options::default())
            .with_context(|| format!("writing {} again", path.display()))?;
        count("out", &converted.losses);
        let name = path.strip_prefix(dir).unwrap_or(path).to_string_lossy();
        pairs.push(json!({"name": name, "original": path, "result": result}));
    }
    let told: Vec<String> = losses.iter().map(|(kind, number)| format!("{number} {kind}")).collect();
    println!("{} mails in one store, which is sound; losses told: {}", files.len(), told.join(", "));
    let manifest = out.join("manifest.json");
    fs::write(&manifest, serde_json::to_vec(&pairs)?)?;
    Ok(manifest)
}

/// Has Python read both sides.
fn compare(manifest: &Path) -> Result<Value> {
    let script = crate::root().join("xtask/mail_roundtrip/compare.py");
    let output = Command::new("python3").arg("-B").arg(script).arg(manifest).output().context("no python3")?;
    if !output.status.success() {
        bail!("the comparison failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn tell(found: &Value) -> Result<()> {
    let number = |name: &str| found.get(name).and_then(Value::as_u64).unwrap_or(0);
    let list = |name: &str| found.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let (compared, same) = (number("compared"), number("same"));
    println!(
        "{} mails and {} in them: {compared} facts compared, {same} the same",
        number("mails"),
        number("embedded")
    );
    println!("\ndiffering, by reason:");
    for reason in list("reasons") {
        let text = |at: usize| reason.get(at).and_then(Value::as_str).unwrap_or_default().to_owned();
        let times = reason.get(1).and_then(Value::as_u64).unwrap_or(0);
        println!("{times:>8} {:16} {}\n{:26}such as {}", text(0), text(2), "", text(3));
    }
    let unexplained = list("unexplained");
    println!(
        "\n{} unexplained; {} sound mails exchanged for their neighbours on trial",
        unexplained.len(),
        number("exchanged")
    );
    for difference in unexplained.iter().take(SHOWN).filter_map(Value::as_str) {
        println!("    {difference}");
    }
    if !unexplained.is_empty() {
        bail!("{} of {compared} facts differ for no reason that is listed", unexplained.len());
    }
    if number("taken_for_another") > 0 {
        bail!("{} mails could be exchanged for another unnoticed", number("taken_for_another"));
    }
    Ok(())
}
