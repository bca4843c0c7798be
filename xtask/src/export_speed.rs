//! `pst export` beside `readpst` on one file: whole processes in turn, and the median of each.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

use anyhow::{Context, Result, bail};

/// Runs of each; the first of each is not counted.
const RUNS: usize = 6;

/// A program with what it is told.
struct Contender {
    name: &'static str,
    program: PathBuf,
    /// The directory is put in the place of `OUT`, the file in that of `FILE`.
    args: &'static [&'static str],
    times: Vec<Duration>,
    written: u64,
}

pub(crate) fn run(file: &Path) -> Result<()> {
    let size = fs::metadata(file).with_context(|| file.display().to_string())?.len();
    let ours = crate::pst_command()?;
    let ours = |name, args| Contender { name, program: ours.clone(), args, times: Vec::new(), written: 0 };
    let peer = |name, args| Contender { name, program: "readpst".into(), args, times: Vec::new(), written: 0 };
    let mut contenders = vec![
        ours("pst export eml", &["export", "FILE", "-o", "OUT", "--format", "eml"]),
        ours("pst export mbox", &["export", "FILE", "-o", "OUT", "--format", "mbox"]),
        ours("pst export json", &["export", "FILE", "-o", "OUT", "--format", "json"]),
        ours("pst journal", &["journal", "FILE"]),
        ours("pst journal of eml", &["journal", "EML"]),
    ];
    if Command::new("readpst").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok() {
        contenders.push(peer("readpst -e -j0", &["-q", "-e", "-j0", "-o", "OUT", "FILE"]));
        contenders.push(peer("readpst -r -j0", &["-q", "-r", "-j0", "-o", "OUT", "FILE"]));
    } else {
        println!("no readpst on this machine: there is nothing to compare with");
    }
    let room = tempfile::tempdir()?;
    // What `pst journal` is to read again: the mails of the file.
    let mails = room.path().join("mails");
    let out = room.path().join("out");
    for round in 0..RUNS {
        for contender in &mut contenders {
            if contender.args.contains(&"EML") && !mails.exists() {
                let mut export = Command::new(&contender.program);
                quiet(export.arg("export").arg(file).args(["--format", "eml", "-o"]).arg(&mails))?;
            }
            fs::create_dir(&out)?;
            let mut command = Command::new(&contender.program);
            for arg in contender.args {
                match *arg {
                    "FILE" => command.arg(file),
                    "OUT" => command.arg(&out),
                    "EML" => command.arg(&mails),
                    other => command.arg(other),
                };
            }
            let start = Instant::now();
            quiet(&mut command)?;
            if round > 0 {
                contender.times.push(start.elapsed());
            }
            contender.written = bytes(&out)?;
            fs::remove_dir_all(&out)?;
        }
    }
    // All lines but the first and the last.
    let mails = fs::read_to_string(mails.join("index.jsonl"))?.lines().count().saturating_sub(2);
    report(size, mails, &mut contenders);
    Ok(())
}

fn report(size: u64, mails: usize, contenders: &mut [Contender]) {
    println!(
        "{:20} {:>9} {:>9} {:>9} {:>10} {:>14}",
        "", "median s", "least s", "most s", "MB/s read", "bytes written"
    );
    let mut medians = Vec::new();
    for contender in contenders.iter_mut() {
        contender.times.sort_unstable();
        let at = |index: usize| contender.times.get(index).map_or(0.0, Duration::as_secs_f64);
        let median = at(contender.times.len() / 2);
        medians.push((contender.name, median));
        println!(
            "{:20} {median:>9.2} {:>9.2} {:>9.2} {:>10.0} {:>9.0} {:>14}",
            contender.name,
            at(0),
            at(contender.times.len().saturating_sub(1)),
            size as f64 / median / 1e6,
            mails as f64 / median,
            contender.written,
        );
    }
    let of = |name: &str| medians.iter().find(|(known, _)| *known == name).map(|(_, median)| *median);
    for (ours, peer) in [("pst export eml", "readpst -e -j0"), ("pst export mbox", "readpst -r -j0")] {
        if let (Some(our), Some(their)) = (of(ours), of(peer)) {
            println!("{ours} takes {:.2} of the time of {peer}: {:.1} times as fast", our / their, their / our);
        }
    }
}

/// Runs a command whose output nobody needs.
fn quiet(command: &mut Command) -> Result<()> {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    // 1 says that something in the file is not as it should be, which both programs tell of.
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("{command:?}: {status}");
    }
    Ok(())
}

fn bytes(directory: &Path) -> io::Result<u64> {
    let mut sum = 0u64;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let metadata = entry.metadata()?;
        sum = sum.saturating_add(if metadata.is_dir() { bytes(&entry.path())? } else { metadata.len() });
    }
    Ok(sum)
}
