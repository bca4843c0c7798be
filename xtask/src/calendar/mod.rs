//! Proves that calendars and cards this project writes are read by others, and say what the items say.
//!
//! ```text
//! generated store, *.pst, *.ost --+--> convert --> *.ics, *.vcf --> icalendar, vobject --+
//!                                 |                                                      +--> compare.py
//!                                 +--> facts: the properties as stored --> mapi.py ------+
//! ```
//!
//! Recurrences and time zones are decoded a second time in `xtask/calendar/mapi.py`, by the specification alone.

mod appointments;
mod cases;
mod facts;
mod generated;
mod people;
mod series;
mod zones;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use pst_core::Pst;
use pst_core::convert::Loss;
use pst_core::convert::calendar::{self, Options};
use pst_core::convert::contact::{self, Version};
use pst_core::messaging::{Message, NamedProperties};
use serde_json::{Value, json};

/// The readers, and what they and the comparison expand recurrences with.
const PACKAGES: [(&str, &str); 4] = [
    ("icalendar", "7.3.0"),
    ("vobject", "0.9.9"),
    ("recurring-ical-events", "3.8.2"),
    ("python-dateutil", "2.9.0.post0"),
];
/// Differences printed per file.
const SHOWN: usize = 20;
/// Messages in messages that are converted.
const DEPTH: usize = 8;
/// The class of a changed occurrence, which is told by its series.
const EXCEPTION: &str = "ipm.ole.class.{00061055";

const COLUMNS: [&str; 9] =
    ["items", "losses", "icalendar", "vobject", "strict", "occurrences", "facts", "told", "differ"];

/// What continuous integration asks for: the generated store, unless the packages cannot be had.
pub(crate) fn for_ci() -> Result<()> {
    match python() {
        Ok(python) => compare_all(&python, None, None),
        Err(error) => {
            println!("missing: icalendar and vobject: {error:#}");
            Ok(())
        }
    }
}

/// Compares the generated store and those in a directory; the files go to `keep`, or to a directory that is gone
/// afterwards.
pub(crate) fn run(dir: Option<&Path>, keep: Option<&Path>) -> Result<()> {
    compare_all(&python()?, dir, keep)
}

fn python() -> Result<PathBuf> {
    crate::python::with_packages(&crate::root().join("target/calendar/venv"), &PACKAGES)
}

fn compare_all(python: &Path, dir: Option<&Path>, keep: Option<&Path>) -> Result<()> {
    let temporary = tempfile::tempdir()?;
    let out = keep.unwrap_or(temporary.path());
    fs::create_dir_all(out)?;
    let generated = out.join("generated.pst");
    let expected = generated::write(&generated)?;
    let mut files = vec![generated];
    if let Some(dir) = dir {
        let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
        let mut found = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
        found.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
        if found.is_empty() {
            bail!("no *.pst or *.ost below {}", dir.display());
        }
        found.sort();
        files.append(&mut found);
    }
    print!("{:28}", "file");
    COLUMNS.iter().for_each(|column| print!(" {column:>11}"));
    println!();
    let mut totals = [0u64; COLUMNS.len()];
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let converted = out.join(name.clone() + ".d");
        fs::create_dir_all(&converted)?;
        write_all(path, &converted).with_context(|| format!("converting {name}"))?;
        if path.starts_with(out) {
            fs::write(converted.join("expected"), serde_json::to_vec_pretty(&expected)?)?;
        }
        let found = compare(python, &converted).with_context(|| name.clone())?;
        let counts = COLUMNS.map(|column| found.get(column).and_then(Value::as_u64).unwrap_or(0));
        print_row(&name, &counts);
        let differing = found.get("differing").and_then(Value::as_array).cloned().unwrap_or_default();
        for difference in differing.iter().filter_map(Value::as_str).take(SHOWN) {
            println!("    {difference}");
        }
        for (total, count) in totals.iter_mut().zip(counts) {
            *total = total.saturating_add(count);
        }
    }
    print_row(&format!("{} files", files.len()), &totals);
    match totals {
        [0, ..] => bail!("nothing was converted"),
        [.., 0] => Ok(()),
        [.., differing] => bail!("{differing} facts differ"),
    }
}

fn print_row(name: &str, counts: &[u64]) {
    print!("{name:28}");
    counts.iter().for_each(|count| print!(" {count:>11}"));
    println!();
}

/// Writes what can be converted, each under its node id.
fn write_all(path: &Path, out: &Path) -> Result<()> {
    let pst = Pst::open(path)?;
    let names = pst.named_properties()?;
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry?)?;
        let name = format!("{:#x}", message.id().raw());
        write_item(&message, &names, out, &name, DEPTH)?;
    }
    Ok(())
}

/// Writes an item and the messages attached to it.
fn write_item(message: &Message, names: &NamedProperties, out: &Path, name: &str, depth: usize) -> Result<()> {
    let class = message.class()?.unwrap_or_default();
    let place = || format!("{name}, {class}");
    if calendar::is_convertible(&class) {
        let calendar = calendar::to_icalendar(message, names, &Options::default()).with_context(place)?;
        keep(&out.join(format!("{name}.ics")), &calendar.text, &calendar.losses)?;
    }
    if contact::is_convertible(&class) {
        for (version, extension) in [(Version::V3, "v3.vcf"), (Version::V4, "v4.vcf")] {
            let card = contact::to_vcard(message, names, version).with_context(place)?;
            keep(&out.join(format!("{name}.{extension}")), &card.text, &card.losses)?;
        }
    }
    if calendar::is_convertible(&class) || contact::is_convertible(&class) {
        let facts = facts::of(message, names).with_context(place)?;
        fs::write(out.join(format!("{name}.json")), serde_json::to_vec(&facts)?)?;
    }
    if depth == 0 {
        return Ok(());
    }
    for attachment in message.attachments() {
        let attachment = attachment?;
        let Some(inner) = attachment.message()? else { continue };
        if !inner.class()?.unwrap_or_default().to_ascii_lowercase().starts_with(EXCEPTION) {
            let name = format!("{name}-{:#x}", attachment.id().raw());
            write_item(&inner, names, out, &name, depth.saturating_sub(1))?;
        }
    }
    Ok(())
}

fn keep(path: &Path, text: &str, losses: &[Loss]) -> Result<()> {
    fs::write(path, text)?;
    let told: Vec<String> = losses.iter().map(Loss::to_string).collect();
    fs::write(path.with_added_extension("losses"), serde_json::to_vec(&json!(told))?)?;
    Ok(())
}

/// Has Python read the files.
fn compare(python: &Path, converted: &Path) -> Result<Value> {
    let script = crate::root().join("xtask/calendar/compare.py");
    let output = Command::new(python).arg("-B").arg(script).arg(converted).output()?;
    if !output.status.success() {
        bail!("the comparison failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
