//! Copies stores and compares the copies with them: property by property, and with their truth files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use pst_core::Pst;
use pst_core::testkit::{differences, lines, may_differ_in_a_copy};
use pst_core::transfer::{Event, Filter, copy_store};
use pst_core::write::{FileTarget, WriteOptions};

use crate::agreement::{SUFFIX, compare_with};

/// Differences printed per file.
const SHOWN: usize = 20;

pub(crate) fn run(dir: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = fs::read_dir(dir)
        .with_context(|| format!("cannot list {}", dir.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "pst" || extension == "ost"));
    files.sort();
    if files.is_empty() {
        bail!("no *.pst or *.ost below {}", dir.display());
    }
    let command = crate::pst_command()?;
    let copies = tempfile::tempdir()?;
    println!("{:32} {:>8} {:>9} {:>8} {:>9} {:>8}", "file", "items", "lines", "differ", "truth", "differ");
    let (mut all, mut differ) = ([0usize; 3], 0usize);
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let copy = copies.path().join(&name).with_extension("copy.pst");
        let source = Pst::open(path)?;
        let target = FileTarget::create(&copy, false)?;
        let mut lost = Vec::new();
        let (_, summary) = copy_store(&source, target, WriteOptions::new(), &Filter::new(), &mut |event| {
            let is_lost = match &event {
                Event::Folder { .. } => false,
                Event::Written { left_out, .. } => !left_out.is_empty(),
                _ => true,
            };
            let text = format!("{event:?}");
            // Results of a kind nobody documented are the one thing that copies do not have.
            if is_lost && !text.contains("bClientSig is 0xac") {
                lost.push(text);
            }
            true
        })
        .with_context(|| format!("copying {name}"))?;
        let before = lines(&source);
        let after = lines(&Pst::open(&copy)?);
        let mut found = differences(&before, &after, may_differ_in_a_copy(source.format().is_ansi()));
        found.extend(lost.into_iter().map(|text| format!("not copied: {text}")));
        let truth = path.with_extension("").to_string_lossy().into_owned() + SUFFIX;
        let (mut fields, mut of_truth) = (0, Vec::new());
        if Path::new(&truth).exists() {
            let comparison = compare_with(&command, Path::new(&truth), |_| copy.clone())?;
            fields = comparison.fields;
            of_truth = comparison.differences;
            of_truth.retain(|difference| !may_differ_from_truth(difference, source.format().is_ansi()));
        }
        let items = usize::try_from(summary.written())?;
        println!("{name:32} {items:>8} {:>9} {:>8} {fields:>9} {:>8}", before.len(), found.len(), of_truth.len());
        for difference in found.iter().chain(&of_truth).take(SHOWN) {
            println!("    {}", difference.chars().take(300).collect::<String>());
        }
        for (sum, number) in all.iter_mut().zip([items, before.len(), fields]) {
            *sum = sum.saturating_add(number);
        }
        differ = differ.saturating_add(found.len()).saturating_add(of_truth.len());
    }
    let [items, lines, fields] = all;
    println!("{:32} {items:>8} {lines:>9} {:>8} {fields:>9} {differ:>8}", format!("{} files", files.len()), "");
    if differ > 0 {
        bail!("{differ} differences");
    }
    Ok(())
}

/// What follows from the new file: its own facts, and what the copy documents to change.
fn may_differ_from_truth(difference: &str, from_ansi: bool) -> bool {
    let path = difference.split(": ").next().unwrap_or_default();
    let field = path.rsplit('/').next().unwrap_or_default();
    path.starts_with("/file/")
        || path.starts_with("/integrity/")
        || matches!(field, "size" | "message_size" | "stored_size" | "attach_size_prop")
        // Dates and search keys that every message must have, where it had none.
        || matches!(field, "creation_time" | "modification_time") && difference.contains(": truth null, ")
        || matches!(field, "property_count" | "property_tags") && only_required_added(difference)
        // It is over all properties, the size of the message among them; they are compared with the source one by one.
        || field == "props_digest"
        || path.starts_with("/folders/")
            && matches!(
                field,
                // Counters, and those that were missing.
                "content_count" | "unread_count" | "associated_content_count" | "has_subfolders" | "property_count"
                // Every search folder has a table of results, if an empty one.
                | "n_search_results" | "search_result_nids" | "note"
            )
        // What a store must have, and an OST has not; the mark of an OST in place of a password.
        || path.starts_with("/store/")
            && (difference.contains(": truth null, ")
                || difference.contains(": truth \"\", ")
                || matches!(field, "property_count")
                || field == "password_crc32" && difference.contains(": truth 4294967295, "))
        // The types of text change; each text was compared with the source before.
        || from_ansi && matches!(field, "property_tags" | "props_digest" | "prop_type" | "code_page")
}

/// A list of tags, or their number, to which nothing was added but what every message must have.
fn only_required_added(difference: &str) -> bool {
    const REQUIRED: [&str; 4] = ["001a001f", "30070040", "30080040", "300b0102"];
    let Some((truth, dump)) = difference.split_once(": truth ").and_then(|(_, values)| values.split_once(", dump "))
    else {
        return false;
    };
    if let (Ok(truth), Ok(dump)) = (truth.parse::<usize>(), dump.parse::<usize>()) {
        return dump > truth && dump.saturating_sub(truth) <= REQUIRED.len();
    }
    let tags = |text: &str| text.trim_matches('"').split(' ').map(str::to_owned).collect::<Vec<_>>();
    let (truth, dump) = (tags(truth), tags(dump));
    // Long lists are cut, in the middle of a tag.
    dump.iter().take(truth.len().saturating_sub(1)).all(|tag| truth.contains(tag) || REQUIRED.contains(&tag.as_str()))
}
