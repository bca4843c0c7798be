//! Writes every message of the stores below a directory as a mail, and has Python's `email` package read the mails back and
//! compare them with the truth files.

use std::collections::BTreeMap;
use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pst_core::Pst;
use pst_core::convert::to_mime::{HeaderSource, Options, write_mail};
use serde_json::Value;

use crate::agreement::SUFFIX;

/// Differences printed per file.
const SHOWN: usize = 20;

/// The mails go to `keep`, or to a directory that is gone afterwards.
pub(crate) fn run(dir: &Path, keep: Option<&Path>) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("cannot list {}", dir.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    files.sort();
    if files.is_empty() {
        bail!("no *.pst or *.ost below {}", dir.display());
    }
    let temporary = tempfile::tempdir()?;
    let mails = keep.unwrap_or(temporary.path());
    println!(
        "{:32} {:>6} {:>9} {:>8} {:>8} {:>9} {:>6} {:>7}",
        "file", "mails", "bytes", "losses", "original", "compared", "told", "differ"
    );
    let (mut all, mut kinds) = (Counts::default(), BTreeMap::new());
    let (mut compared, mut told, mut differ) = (0usize, 0usize, 0usize);
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let out = mails.join(&name);
        fs::create_dir_all(&out)?;
        let counts = write_all(path, &out, &mut kinds).with_context(|| format!("converting {name}"))?;
        let truth = path.with_extension("").to_string_lossy().into_owned() + SUFFIX;
        let found = compare(&out, Some(Path::new(&truth)).filter(|truth| truth.exists()))?;
        println!(
            "{name:32} {:>6} {:>9} {:>8} {:>8} {:>9} {:>6} {:>7}",
            counts.mails,
            counts.bytes,
            counts.losses,
            counts.original,
            found.compared,
            found.told,
            found.differing.len()
        );
        for difference in found.differing.iter().take(SHOWN) {
            println!("    {difference}");
        }
        told = told.saturating_add(found.told);
        all.mails = all.mails.saturating_add(counts.mails);
        all.bytes = all.bytes.saturating_add(counts.bytes);
        all.losses = all.losses.saturating_add(counts.losses);
        all.original = all.original.saturating_add(counts.original);
        compared = compared.saturating_add(found.compared);
        differ = differ.saturating_add(found.differing.len());
    }
    let name = format!("{} files", files.len());
    let Counts { mails, bytes, losses, original } = all;
    println!("{name:32} {mails:>6} {bytes:>9} {losses:>8} {original:>8} {compared:>9} {told:>6} {differ:>7}");
    println!("\nlosses by kind and property:");
    for ((kind, what), count) in &kinds {
        println!("{count:>8} {kind:10} {what}");
    }
    if differ > 0 {
        bail!("{differ} of {compared} facts differ");
    }
    Ok(())
}

#[derive(Default)]
struct Counts {
    mails: usize,
    bytes: u64,
    losses: usize,
    /// Mails whose headers are those they came with.
    original: usize,
}

/// Writes each message under its node id. Whatever is met, no message may fail.
fn write_all(path: &Path, out: &Path, kinds: &mut BTreeMap<(String, String), usize>) -> Result<Counts> {
    let pst = Pst::open(path)?;
    let names = pst.named_properties()?;
    let mut counts = Counts::default();
    for entry in pst.message_entries() {
        let entry = entry?;
        let file = fs::File::create(out.join(format!("{:#x}.eml", entry.nid.raw())))?;
        let message = pst.message_from_entry(entry)?;
        let converted = write_mail(&message, &names, BufWriter::new(file), &Options::default())
            .with_context(|| format!("message {}", entry.nid))?;
        let told: String = converted.losses.iter().map(|loss| format!("{loss}\n")).collect();
        fs::write(out.join(format!("{:#x}.losses", entry.nid.raw())), told)?;
        for loss in &converted.losses {
            let what = match loss.property {
                Some(property) if property.is_named() => loss.detail.clone(),
                Some(property) => property.name().map_or_else(|| property.to_string(), str::to_owned),
                // Numbers and names differ from mail to mail.
                None => {
                    loss.detail.split(|c: char| c.is_ascii_digit() || "<:".contains(c)).next().unwrap_or("").to_owned()
                }
            };
            let count = kinds.entry((loss.kind.name().to_owned(), what)).or_insert(0usize);
            *count = count.saturating_add(1);
        }
        counts.mails = counts.mails.saturating_add(1);
        counts.bytes = counts.bytes.saturating_add(converted.size);
        counts.losses = counts.losses.saturating_add(converted.losses.len());
        let original = converted.headers == HeaderSource::Original;
        counts.original = counts.original.saturating_add(usize::from(original));
    }
    Ok(counts)
}

#[derive(Default)]
struct Comparison {
    compared: usize,
    /// Facts that differ, as the losses of the mail say.
    told: usize,
    differing: Vec<String>,
}

/// Has Python read the mails.
fn compare(mails: &Path, truth: Option<&Path>) -> Result<Comparison> {
    let script = crate::root().join("xtask/mime/compare.py");
    let output = Command::new("python3").arg("-B").arg(script).arg(mails).args(truth).output().context("no python3")?;
    if !output.status.success() {
        bail!("the comparison failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let found: Value = serde_json::from_slice(&output.stdout)?;
    let number = |name| found.get(name).and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let differing = found.get("differing").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(Comparison {
        compared: number("compared").unwrap_or(0),
        told: number("told").unwrap_or(0),
        differing: differing.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}
