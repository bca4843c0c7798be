//! The other readers: how each is had, and how it is asked for its view of a file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};

use super::view::View;

const PYPFF_PACKAGE: &str = "libpff-python";
const PYPFF_VERSION: &str = "20260926";
const OUTLOOK_PST_VIEW: &str = "outlook-pst-view";
const NPM_PACKAGE: &str = "@hiraokahypertools/pst-extractor";
const NPM_VERSION: &str = "0.5.0-alpha.2";
/// What that package stands on, pinned as well.
const NPM_BELOW: [&str; 2] = ["long@5.3.2", "pako@2.1.0"];

/// A reader that shares no code with ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Peer {
    /// `readpst` of libpst, which writes EML files.
    Readpst,
    /// libpff by its Python binding.
    Pypff,
    /// The `outlook-pst` crate, which checks every CRC.
    OutlookPst,
    /// The npm package of that name.
    PstExtractor,
}

impl Peer {
    pub(super) const ALL: [Self; 4] = [Self::Readpst, Self::Pypff, Self::OutlookPst, Self::PstExtractor];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Readpst => "readpst",
            Self::Pypff => "pypff",
            Self::OutlookPst => "outlook-pst",
            Self::PstExtractor => "pst-extractor",
        }
    }

    /// The path of a folder below the top of personal folders as a peer without node ids has it.
    pub(super) fn path(self, path: &str) -> String {
        match self {
            // Characters that a file name should not have become underscores.
            Self::Readpst => path.replace("%2F", "_").replace(['\\', ':'], "_"),
            _ => path.to_owned(),
        }
    }

    /// Sees to it that the peer can run here.
    pub(crate) fn install(self) -> Result<()> {
        match self {
            Self::Readpst => readpst(),
            Self::Pypff => pypff(),
            Self::OutlookPst => crate::build("pst-benches", OUTLOOK_PST_VIEW).map(drop),
            Self::PstExtractor => pst_extractor(),
        }
    }

    /// Asks the peer for its view of a file.
    pub(super) fn view(self, file: &Path) -> Result<View> {
        match self {
            Self::Readpst => readpst_view(file),
            _ => parse(&mut self.command(file)?),
        }
    }

    /// The command that prints the peer's view of a file; readpst writes files instead.
    pub(crate) fn command(self, file: &Path) -> Result<Command> {
        Ok(match self {
            Self::Readpst => bail!("readpst prints no view"),
            Self::Pypff => {
                let mut command = Command::new(venv().join("bin/python"));
                command.arg("-B").arg(script("pypff_view.py")).arg(file);
                command
            }
            Self::OutlookPst => {
                let mut command = Command::new(crate::built(OUTLOOK_PST_VIEW)?);
                command.arg(file);
                command
            }
            Self::PstExtractor => {
                let mut command = Command::new("node");
                command.arg(script("pst_extractor_view.mjs")).arg(npm_package()).arg(file);
                command
            }
        })
    }
}

/// Where peers are installed and write to.
fn home() -> PathBuf {
    crate::root().join("target/readers")
}

fn venv() -> PathBuf {
    home().join("venv")
}

fn npm_package() -> PathBuf {
    home().join("npm/node_modules").join(NPM_PACKAGE)
}

fn script(name: &str) -> PathBuf {
    crate::root().join("xtask/readers").join(name)
}

fn parse(command: &mut Command) -> Result<View> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    serde_json::from_slice(&output.stdout).map_err(|error| {
        let said = String::from_utf8_lossy(&output.stderr);
        let said = said.lines().next_back().unwrap_or_default();
        anyhow!("{command:?} gave no view ({}): {error}; it said: {said}", output.status)
    })
}

/// Whether a command runs and succeeds, whatever it says.
fn works(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

fn run(command: &mut Command) -> Result<()> {
    eprintln!("+ {command:?}");
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run {command:?}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} failed: {}", said.lines().next_back().unwrap_or_default());
    }
    Ok(())
}

fn readpst() -> Result<()> {
    if !works(Command::new("python3").arg("--version")) {
        bail!("no python3, which reads what readpst writes");
    }
    if works(Command::new("readpst").arg("-V")) {
        return Ok(());
    }
    run(Command::new("apt-get").args(["install", "--yes", "pst-utils"]))
        .context("no readpst; the Debian package is pst-utils")
}

fn pypff() -> Result<()> {
    let python = venv().join("bin/python");
    let check = format!("import pypff; assert pypff.get_version() == '{PYPFF_VERSION}'");
    let installed = || works(Command::new(&python).args(["-c", &check]));
    if installed() {
        return Ok(());
    }
    run(Command::new("python3").args(["-m", "venv"]).arg(venv()))?;
    let package = format!("{PYPFF_PACKAGE}=={PYPFF_VERSION}");
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", &package]))?;
    if !installed() {
        bail!("{PYPFF_PACKAGE} {PYPFF_VERSION} was installed and does not load");
    }
    Ok(())
}

fn pst_extractor() -> Result<()> {
    let installed = || {
        let package = fs::read_to_string(npm_package().join("package.json")).unwrap_or_default();
        let package: serde_json::Value = serde_json::from_str(&package).unwrap_or_default();
        package.get("version").and_then(serde_json::Value::as_str) == Some(NPM_VERSION)
    };
    if !works(Command::new("node").arg("--version")) {
        bail!("no node");
    }
    if installed() {
        return Ok(());
    }
    let package = format!("{NPM_PACKAGE}@{NPM_VERSION}");
    let options = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--save-exact", "--prefix"];
    run(Command::new("npm").args(options).arg(home().join("npm")).arg(package).args(NPM_BELOW))?;
    if !installed() {
        bail!("npm installed another version than {NPM_VERSION}");
    }
    Ok(())
}

/// Runs readpst into an empty directory and has its files read.
fn readpst_view(file: &Path) -> Result<View> {
    let out = home().join("readpst");
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    // With deleted items, one file for each message with its attachments inside, text as UTF-8, in one process.
    let mut command = Command::new("readpst");
    command.args(["-q", "-D", "-e", "-8", "-j", "0", "-o"]).arg(&out).arg(file);
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let version = Command::new("readpst").arg("-V").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let version = version.lines().next().and_then(|line| line.split_whitespace().next_back()).unwrap_or_default();
    let reader = format!("readpst {version}");
    let mut view = parse(Command::new("python3").arg("-B").arg(script("readpst_view.py")).arg(&out).arg(reader))?;
    if !output.status.success() {
        view.errors.push(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()));
    }
    fs::remove_dir_all(&out)?;
    Ok(view)
}
