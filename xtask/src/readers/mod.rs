//! Proves that files this project writes are read by others as by us.
//!
//! ```text
//! pst dump ----> view::Ours --+
//!                             +--> compare --> differences --> limits: the peer's own doing, or to be looked into
//! four peers --> view::View --+
//! ```

mod compare;
mod limits;
mod pairs;
pub(crate) mod peers;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use self::limits::{LIMITS, Limit};
use self::peers::Peer;

/// Where the shapes are made.
const SHAPES: &str = "target/readers/shapes";
const DEFAULT: &str = "examples/data";
/// Differences printed per file and peer.
const SHOWN: usize = 20;

/// What to read and with whom.
#[derive(Debug, Default)]
pub(crate) struct Options {
    paths: Vec<PathBuf>,
    shapes: bool,
    allow_missing: bool,
}

impl Options {
    /// What continuous integration asks for: the sample and all shapes, with the peers that can be had.
    pub(crate) fn for_ci() -> Self {
        Self { paths: vec![crate::root().join(DEFAULT)], shapes: true, allow_missing: true }
    }

    /// Reads the arguments; nothing if they are wrong.
    pub(crate) fn parse(args: &[&str]) -> Option<Self> {
        let mut options = Self::default();
        for arg in args {
            match *arg {
                "--shapes" => options.shapes = true,
                "--allow-missing" => options.allow_missing = true,
                flag if flag.starts_with('-') => return None,
                path => options.paths.push(PathBuf::from(path)),
            }
        }
        if options.paths.is_empty() {
            options.paths.push(crate::root().join(DEFAULT));
        }
        Some(options)
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let command = crate::pst_command()?;
    let mut files = Vec::new();
    for path in &options.paths {
        find(path, &mut files)?;
    }
    if options.shapes {
        find(&make_shapes()?, &mut files)?;
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        bail!("no PST or OST file below {:?}", options.paths);
    }
    let mut peers = Vec::new();
    let mut missing = Vec::new();
    for peer in Peer::ALL {
        match peer.install() {
            Ok(()) => peers.push(peer),
            Err(error) => {
                println!("missing: {}: {error:#}", peer.name());
                missing.push(peer.name());
            }
        }
    }
    if !missing.is_empty() && !options.allow_missing {
        bail!("without {}; --allow-missing goes on with the others", missing.join(", "));
    }
    let totals = read_all(&command, &files, &peers)?;
    if options.shapes {
        // A limit is shown by the file it names, or it is not a limit.
        let shown =
            |limit: &Limit| totals.met.get(&key(limit)).is_some_and(|(_, files)| files.contains(limit.shown_by));
        let sample = options.paths.contains(&crate::root().join(DEFAULT));
        let read = |limit: &Limit| peers.contains(&limit.peer) && (sample || limit.shown_by != "sample.pst");
        let unmet = |limit: &&Limit| read(limit) && !shown(limit);
        let unmet: Vec<&Limit> = LIMITS.iter().filter(unmet).collect();
        for limit in &unmet {
            println!("never met: {}: {} ({})", limit.peer.name(), limit.why, limit.shown_by);
        }
        if !unmet.is_empty() {
            bail!("{} known limits are not met by the files they name", unmet.len());
        }
    }
    if totals.differences > 0 {
        bail!("{} differences", totals.differences);
    }
    if totals.compared.len() < peers.len() || peers.is_empty() {
        bail!("nothing was compared with some of the readers");
    }
    Ok(())
}

#[derive(Default)]
struct Totals {
    differences: usize,
    /// Peers that had items in common with us.
    compared: BTreeSet<Peer>,
    /// How often each limit was met, and in which files.
    met: BTreeMap<(Peer, &'static str), (usize, BTreeSet<String>)>,
}

fn key(limit: &Limit) -> (Peer, &'static str) {
    (limit.peer, limit.why)
}

fn read_all(command: &Path, files: &[PathBuf], peers: &[Peer]) -> Result<Totals> {
    let mut totals = Totals::default();
    println!(
        "{:28} {:28} {:>7} {:>7} {:>7} {:>11} {:>7} {:>7}",
        "file", "peer", "folders", "items", "bodies", "attachments", "limits", "differ"
    );
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let output = Command::new(command).arg("dump").arg(file).output()?;
        let dump: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("pst dump {}: {}", file.display(), String::from_utf8_lossy(&output.stderr)))?;
        let ours = view::ours(&dump).with_context(|| format!("the dump of {}", file.display()))?;
        for peer in peers {
            let theirs = peer.view(file).with_context(|| format!("{} with {}", file.display(), peer.name()))?;
            let (counts, differences) = compare::compare(*peer, &ours, &theirs);
            let (known, unknown): (Vec<_>, Vec<_>) = differences
                .iter()
                .map(|difference| (limits::known(*peer, difference), difference))
                .partition(|(limit, _)| limit.is_some());
            println!(
                "{name:28} {:28} {:>7} {:>7} {:>7} {:>11} {:>7} {:>7}",
                theirs.reader,
                counts.folders,
                counts.items,
                counts.bodies,
                counts.attachments,
                known.len(),
                unknown.len()
            );
            for (_, difference) in unknown.iter().take(SHOWN) {
                println!("    {name}: {}: {difference}", peer.name());
            }
            if unknown.len() > SHOWN {
                println!("    {name}: {}: and {} more", peer.name(), unknown.len().saturating_sub(SHOWN));
            }
            for limit in known.into_iter().filter_map(|(limit, _)| limit) {
                let (times, files) = totals.met.entry(key(limit)).or_default();
                *times = times.saturating_add(1);
                files.insert(name.clone());
            }
            totals.differences = totals.differences.saturating_add(unknown.len());
            if counts.items > 0 {
                totals.compared.insert(*peer);
            }
        }
    }
    println!("\nKnown limits of the peers that were met:");
    for ((peer, why), (times, files)) in &totals.met {
        let files: Vec<&str> = files.iter().map(String::as_str).take(3).collect();
        println!("{times:>7} {:14} {why} ({})", peer.name(), files.join(", "));
    }
    Ok(totals)
}

/// Has every shape written.
fn make_shapes() -> Result<PathBuf> {
    let dir = crate::root().join(SHAPES);
    let path = dir.to_string_lossy();
    crate::cargo(&["run", "--quiet", "--package", "pst-benches", "--bin", "make-shapes", "--", &path], &[])?;
    Ok(dir)
}

/// Adds a file, or the PST and OST files below a directory.
fn find(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.push(path.canonicalize().with_context(|| format!("cannot find {}", path.display()))?);
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        let path = entry?.path();
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        if path.is_dir() || extension == "pst" || extension == "ost" {
            find(&path, files)?;
        }
    }
    Ok(())
}
