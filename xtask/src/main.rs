//! The project's own chores. `cargo xtask` lists them.

mod agreement;
mod c_interface;
mod calendar;
mod ci;
mod damage;
mod export_speed;
mod header;
mod install;
mod mail_roundtrip;
mod memory;
mod mime;
mod python;
mod readers;
mod roundtrip;
mod sample;
mod stores;
mod verify_speed;
mod wheel;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, bail};

const HELP: &str = "\
Usage: cargo xtask CHORE

  ci               everything CI checks: format, lints, docs, tests, the sample, the seeded fuzz bodies
  agreement DIR    compare `pst dump` with every *.truth.json below DIR, field by field
  roundtrip DIR    copy every PST and OST below DIR, and compare the copy with it property by property, and with its truth
  mime DIR [OUT]   write every message of the stores in DIR as a mail (below OUT, if they are to be kept), have Python read
                   the mails, and compare them with *.truth.json
  calendar [DIR [OUT]]
                   write the appointments, meetings, tasks and contacts of a store made for it, and of the stores in DIR,
                   as iCalendar and vCard (below OUT, if they are to be kept), have two other programs read them, and
                   compare times, recurrences and texts with the properties as they are stored
  mail-roundtrip DIR [OUT]
                   take every *.eml below DIR into a store and out again (both below OUT, if they are to be kept), have
                   Python compare fields, texts and parts, and fail if something differs for no listed reason
  readers [--shapes] [--allow-missing] [PATH...]
                   read files (default: examples/data) with four other readers and compare; --shapes makes files of
                   many shapes and compares those too, --allow-missing goes on without readers that cannot be had
  stores [SEEDS]   write so many stores of random shapes (default 1000), and files beyond 32.5 MB, 2 GB and 4 GB, and
                   check them; needs 9 GB of free disk
  damage [--seed N] [--files N] [--corpus DIR] [--peers] [--out DIR] [--only N]
                   damage so many copies (default 20000) of stores made from the seed, and of those below DIR, one after the
                   other; check and recover each, and compare every message with what it was; fail if a hit on checksummed
                   bytes is not found, if a message comes back wrong, or if too few come back; --peers has other readers
                   read every 20th file, --only shows one file
  sample           build examples/data/sample.pst again
  sample --check   fail if building it again gives other bytes
  c                try the C interface: headers, test programs (also under valgrind and sanitizers; the stores below
                   PST_CORPUS too, if it is set), names of the library, examples
  install --prefix P [--static|--shared] [--debug]
                   build libpst_ffi and install it with headers, pkg-config file and CMake package; both libraries, unless
                   one is asked for
  header           make include/pst.h of pst-ffi again
  header --check   fail if making it again gives another one
  export-speed FILE
                   time `pst export` and `pst journal` on a store, and readpst beside them if it is there
  wheel            build the Python package, install it into an environment of its own, check its stubs and run its tests
  memory FILE      peak memory of `pst scan FILE`, the mapped file aside
  verify-speed FILE
                   time the physical pass of the checker beside a plain read of the same file
  fuzz [SECONDS]   run every libFuzzer target for so long (default 60); needs a nightly toolchain and cargo-fuzz";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let result = match args.as_slice() {
        ["ci"] => ci::run(),
        ["agreement", dir] => agreement::run(Path::new(dir)),
        ["roundtrip", dir] => roundtrip::run(Path::new(dir)),
        ["mime", dir] => mime::run(Path::new(dir), None),
        ["mime", dir, keep] => mime::run(Path::new(dir), Some(Path::new(keep))),
        ["calendar"] => calendar::run(None, None),
        ["calendar", dir] => calendar::run(Some(Path::new(dir)), None),
        ["calendar", dir, keep] => calendar::run(Some(Path::new(dir)), Some(Path::new(keep))),
        ["mail-roundtrip", dir] => mail_roundtrip::run(Path::new(dir), None),
        ["mail-roundtrip", dir, keep] => mail_roundtrip::run(Path::new(dir), Some(Path::new(keep))),
        ["readers", args @ ..] => match readers::Options::parse(args) {
            Some(options) => readers::run(&options),
            None => {
                eprintln!("{HELP}");
                return ExitCode::from(2);
            }
        },
        ["damage", args @ ..] => match damage::Options::parse(args) {
            Some(options) => damage::run(&options),
            None => {
                eprintln!("{HELP}");
                return ExitCode::from(2);
            }
        },
        ["stores"] => stores::run(1000),
        ["stores", seeds] if seeds.parse::<u64>().is_ok() => stores::run(seeds.parse().unwrap_or(0)),
        ["sample"] => sample::run(false),
        ["sample", "--check"] => sample::run(true),
        ["header"] => header::run(false),
        ["header", "--check"] => header::run(true),
        ["c"] => c_interface::run(),
        ["install", args @ ..] => match install::Options::parse(args) {
            Some(options) => install::run(&options),
            None => {
                eprintln!("{HELP}");
                return ExitCode::from(2);
            }
        },
        ["export-speed", file] => export_speed::run(Path::new(file)),
        ["wheel"] => wheel::run(),
        ["memory", file] => memory::run(Path::new(file)),
        ["verify-speed", file] => verify_speed::run(Path::new(file)),
        ["fuzz"] => ci::fuzz("60", 0),
        ["fuzz", seconds] => ci::fuzz(seconds, 0),
        _ => {
            eprintln!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Runs cargo in the root of the workspace and fails if it does.
fn cargo(args: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    eprintln!("+ cargo {}", args.join(" "));
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(args).current_dir(root()).envs(environment.iter().copied()).status()?;
    if !status.success() {
        bail!("cargo {} failed", args.join(" "));
    }
    Ok(())
}

/// Builds the `pst` command and returns its path.
fn pst_command() -> Result<PathBuf> {
    build("pst-cli", "pst")
}

/// Builds a program as tests do, so that CI builds it once, and returns its path.
fn build(package: &str, name: &str) -> Result<PathBuf> {
    cargo(&["build", "--quiet", "--package", package, "--bin", name], &[])?;
    built(name)
}

/// Where cargo builds.
fn target() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    std::path::absolute(&target).unwrap_or(target)
}

/// The path of a program that was built.
fn built(name: &str) -> Result<PathBuf> {
    let path = target().join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    path.canonicalize().with_context(|| format!("no program at {}", path.display()))
}
