//! `pst split`: one store into several.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pst_core::Error;
use pst_core::transfer::{Part, PartSummary, SplitBy, SplitOptions, split};
use pst_core::write::{StagedFile, StagedTarget};

use super::job::{Job, stop_in_order};
use super::{Choice, Form, Manner, Written, stem, unwritten};
use crate::args::Global;
use crate::bad_items::BadItems;
use crate::exit::{Exit, Failure};

/// Write what is in a file into several new PSTs: by size, by year, or by folder
///
/// Each is a store of its own with the folders it needs. None of them is there before all are complete. Search folders
/// stay behind, as they list items by ids.
#[derive(Debug, clap::Args)]
#[group(id = "how", required = true, multiple = true, args = ["max_size", "by"])]
pub(crate) struct Split {
    /// The file to read
    #[arg(value_name = "IN")]
    source: PathBuf,
    /// The directory for the new files, which are called after IN; made if it is not there
    #[arg(short, long, value_name = "DIR")]
    out: PathBuf,
    /// The most bytes of a file, such as 5GiB or 700MB; an item that alone needs more has a file for itself
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    max_size: Option<u64>,
    /// What goes into one file; with --max-size into as many as it takes
    #[arg(long, value_name = "WHAT")]
    by: Option<By>,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    bad_items: BadItems,
    #[command(flatten)]
    manner: Manner,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum By {
    /// The items of a year
    Year,
    /// A folder at the top, with all below it
    Folder,
    /// Every folder alone
    EachFolder,
}

/// The least that is room for a store and something in it.
const LEAST: u64 = 2 << 20;

fn parse_size(text: &str) -> Result<u64, String> {
    let wrong = || "not a size; sizes are such as 5GiB, 700MB or a number of bytes".to_owned();
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end).ok_or_else(wrong)?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).ok_or_else(wrong)?;
    if size < LEAST { Err("too little for a store; at least 2MiB".to_owned()) } else { Ok(size) }
}

/// Names for the parts, each once.
struct Names<'a> {
    directory: &'a Path,
    stem: String,
    taken: HashSet<String>,
}

impl Names<'_> {
    fn next(&mut self, part: &Part) -> PathBuf {
        let label = if part.label.is_empty() { format!("{:03}", part.number) } else { safe(&part.label) };
        let mut number = if part.label.is_empty() { 1 } else { part.piece };
        loop {
            let piece = if number > 1 { format!("-{number}") } else { String::new() };
            let name = format!("{}-{label}{piece}.pst", self.stem);
            if self.taken.insert(name.to_lowercase()) {
                return self.directory.join(name);
            }
            number = number.saturating_add(1);
        }
    }
}

/// A label as part of a file name of any system.
fn safe(label: &str) -> String {
    const LONGEST: usize = 60;
    let bad = |character: char| character.is_control() || "/\\:*?\"<>|%".contains(character);
    let name: String =
        label.chars().take(LONGEST).map(|character| if bad(character) { '_' } else { character }).collect();
    let name = name.trim_matches(|character| matches!(character, ' ' | '.'));
    if name.is_empty() { "_".to_owned() } else { name.to_owned() }
}

/// Runs the command.
pub(crate) fn run(args: &Split, global: &Global) -> anyhow::Result<Exit> {
    let limit = args.bad_items.limit()?;
    let source = global.open(&args.source)?;
    let directory = args.out.as_path();
    stop_in_order();
    let is_new = !directory.exists();
    fs::create_dir_all(directory).map_err(unwritten(directory))?;
    let by = match args.by {
        None => SplitBy::Size,
        Some(By::Year) => SplitBy::Year,
        Some(By::Folder) => SplitBy::TopFolder,
        Some(By::EachFolder) => SplitBy::Folder,
    };
    let mut options = SplitOptions::new(by).filter(args.choice.filter()).bad_item_limit(limit);
    if let Some(size) = args.max_size {
        options = options.max_size(size);
    }
    let mut job = Job::new("split", &args.manner, limit, global, source.file_size());
    job.source(&args.source, source.file_size());
    let mut names = Names { directory, stem: stem(&args.source), taken: HashSet::new() };
    let mut open = |part: &Part| {
        let path = names.next(part);
        let target = StagedTarget::create(&path, args.manner.force).map_err(Error::io)?;
        let name = if part.label.is_empty() { part.number.to_string() } else { part.label.clone() };
        Ok((target, args.form.options().name(format!("{} {name}", names.stem))))
    };
    let done = split(&source, &options, &mut open, &mut |event| job.observe(&event));
    let done = done.map_err(|error| job.failure(directory, &error)).and_then(|(parts, summary)| {
        let files = parts.into_iter().map(|part| publish(part, args.max_size)).collect::<Result<Vec<_>, _>>()?;
        Ok((files, summary))
    });
    match done {
        Ok((files, summary)) => {
            job.good_source(&args.source, summary);
            job.finish(&files, &summary)
        }
        Err(failure) => {
            if is_new {
                // Only if nothing is in it.
                let _ = fs::remove_dir(directory);
            }
            Err(job.fail(failure))
        }
    }
}

fn publish(part: PartSummary<StagedFile>, max_size: Option<u64>) -> Result<Written, Failure> {
    let PartSummary { part, summary, output, .. } = part;
    let path = output.path().to_path_buf();
    let bytes = output.size().map_err(unwritten(&path))?;
    let path = output.publish().map_err(unwritten(&path))?;
    let oversize = max_size.is_some_and(|limit| bytes > limit);
    let label = (!part.label.is_empty()).then_some(part.label);
    Ok(Written { path, bytes, label, oversize, summary })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, size) in [("5GiB", Some(5 << 30)), ("700mb", Some(700_000_000)), ("3 M", Some(3 << 20))] {
            assert_eq!(parse_size(text).ok(), size, "{text}");
        }
        for text in ["", "GiB", "5 apples", "1", "99999999999999999999", "99999999999GiB", "-5GiB"] {
            assert!(parse_size(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_are_safe_and_each_is_given_once() {
        let mut names = Names { directory: Path::new("d"), stem: "mail".to_owned(), taken: HashSet::new() };
        for (label, piece, name) in [
            ("2019", 1, "d/mail-2019.pst"),
            ("2019", 2, "d/mail-2019-2.pst"),
            ("a%2Fb", 1, "d/mail-a_2Fb.pst"),
            ("A:2fb", 1, "d/mail-A_2fb-2.pst"),
            ("..", 1, "d/mail-_.pst"),
            ("", 1, "d/mail-007.pst"),
        ] {
            let part = Part { number: 7, label: label.to_owned(), piece };
            assert_eq!(names.next(&part), Path::new(name));
        }
    }
}
