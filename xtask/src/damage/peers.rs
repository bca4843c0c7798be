//! Other readers on damaged files: whether they crash or come to no end, and what they bring back.
//!
//! A message counts as brought back if the reader gives the same of it as of the sound file: subject, bodies, recipients and
//! attachments, or the files it makes of it. So a reader is compared with itself, and what it never gives counts for nothing.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::kinds::{Damaged, Kind};
use super::stores::Store;
use crate::readers::peers::Peer;

/// A reader that takes longer hangs.
const DEADLINE: Duration = Duration::from_secs(10);
const TICK: Duration = Duration::from_millis(20);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Other {
    Readpst,
    Pffexport,
    Pypff,
    OutlookPst,
}

impl Other {
    const ALL: [Self; 4] = [Self::Readpst, Self::Pffexport, Self::Pypff, Self::OutlookPst];

    const fn name(self) -> &'static str {
        match self {
            Self::Readpst => "readpst",
            Self::Pffexport => "pffexport -m all",
            Self::Pypff => "pypff",
            Self::OutlookPst => "outlook-pst",
        }
    }

    fn install(self) -> Result<()> {
        match self {
            Self::Readpst => Peer::Readpst.install(),
            Self::Pypff => Peer::Pypff.install(),
            // Building it takes minutes; one that is there will do.
            Self::OutlookPst => crate::built("outlook-pst-view").map(drop).or_else(|_| Peer::OutlookPst.install()),
            Self::Pffexport => Command::new("pffexport")
                .arg("-V")
                .stdout(Stdio::null())
                .status()
                .map(drop)
                .context("no pffexport; the Debian package is pff-tools"),
        }
    }

    fn command(self, file: &Path, out: &Path) -> Result<Command> {
        let mut command = match self {
            Self::Readpst => Command::new("readpst"),
            Self::Pffexport => Command::new("pffexport"),
            Self::Pypff => return Peer::Pypff.command(file),
            Self::OutlookPst => return Peer::OutlookPst.command(file),
        };
        match self {
            Self::Readpst => command.args(["-q", "-D", "-e", "-8", "-j", "0", "-o"]).arg(out).arg(file),
            _ => command.args(["-q", "-m", "all", "-f", "all", "-t"]).arg(out.join("x")).arg(file),
        };
        Ok(command)
    }

    /// The messages in what a reader made.
    fn messages(self, out: &Path, said: &[u8]) -> Vec<u64> {
        match self {
            Self::Readpst => {
                let mails = files(out).into_iter().filter(|path| path.extension().is_some_and(|end| end == "eml"));
                mails.filter_map(|path| fs::read(path).ok()).map(|mail| digest(&without_boundaries(&mail))).collect()
            }
            Self::Pffexport => {
                let mut items: BTreeMap<PathBuf, Vec<u64>> = BTreeMap::new();
                for path in files(out) {
                    // A directory for each message, called Message00001 and so on; what is in it belongs to it.
                    let is_item = |part: &Path| {
                        part.file_name().is_some_and(|name| name.to_string_lossy().starts_with("Message0"))
                    };
                    if let (Some(item), Ok(bytes)) =
                        (path.ancestors().skip(1).find(|part| is_item(part)), fs::read(&path))
                    {
                        items.entry(item.to_path_buf()).or_default().push(digest(&bytes));
                    }
                }
                items.into_values().map(|parts| digest(&parts)).collect()
            }
            Self::Pypff | Self::OutlookPst => {
                let view: Value = serde_json::from_slice(said).unwrap_or_default();
                let folders = view["folders"].as_array().into_iter().flatten();
                let items = folders.flat_map(|folder| folder["items"].as_array().into_iter().flatten());
                items.map(|item| digest(&told(item).to_string())).collect()
            }
        }
    }
}

/// What a view tells of an item but for its id.
fn told(item: &Value) -> Value {
    match item {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(name, _)| *name != "nid");
            Value::Object(kept.map(|(name, value)| (name.clone(), told(value))).collect())
        }
        Value::Array(list) => list.iter().map(told).collect(),
        other => other.clone(),
    }
}

fn digest(value: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// readpst draws lots for its boundaries.
fn without_boundaries(mail: &[u8]) -> Vec<u8> {
    const MARK: &[u8] = b"boundary-LibPST-iamunique-";
    let mut out = Vec::with_capacity(mail.len());
    let mut rest = mail;
    while let Some(at) = rest.windows(MARK.len()).position(|window| window == MARK) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        rest = &rest[digits..];
    }
    out.extend_from_slice(rest);
    out
}

/// All files below a directory, in order.
fn files(dir: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![dir.to_path_buf()]);
    while let Some(dir) = open.pop() {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { &mut open } else { &mut found }.push(path);
        }
    }
    found.sort();
    found
}

#[derive(Debug, Default)]
struct Row {
    files: usize,
    crashes: usize,
    hangs: usize,
    /// Messages the reader gives of the sound files.
    known: usize,
    /// Of those: given again of the damaged ones.
    same: usize,
}

/// What other readers made of some of the files.
#[derive(Debug)]
pub(super) struct Peers {
    every: u64,
    others: Vec<Other>,
    dir: tempfile::TempDir,
    /// What each reader gives of the store at hand.
    sound: HashMap<Other, Vec<u64>>,
    store: String,
    rows: BTreeMap<(Kind, Other), Row>,
    /// What we brought back of the same files: messages, and those that are as they were.
    ours: BTreeMap<Kind, (usize, usize)>,
    crashes: Vec<String>,
}

impl Peers {
    /// Looks which readers can be had.
    pub(super) fn new(every: u64) -> Result<Self> {
        let mut others = Vec::new();
        for other in Other::ALL {
            match other.install() {
                Ok(()) => others.push(other),
                Err(error) => println!("missing: {}: {error:#}", other.name()),
            }
        }
        Ok(Self {
            every,
            others,
            dir: tempfile::tempdir()?,
            sound: HashMap::new(),
            store: String::new(),
            rows: BTreeMap::new(),
            ours: BTreeMap::new(),
            crashes: Vec::new(),
        })
    }

    /// Runs a reader; `None` as its status is a hang.
    fn read(&self, other: Other, bytes: &[u8]) -> Result<(Option<ExitStatus>, Vec<u64>)> {
        let (file, out) = (self.dir.path().join("file.pst"), self.dir.path().join("out"));
        if out.exists() {
            fs::remove_dir_all(&out)?;
        }
        fs::create_dir_all(&out)?;
        fs::write(&file, bytes)?;
        let said = self.dir.path().join("said");
        let mut command = other.command(&file, &out)?;
        command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(File::create(&said)?);
        let mut child = command.spawn().with_context(|| format!("cannot run {}", other.name()))?;
        let mut waited = Duration::ZERO;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if waited > DEADLINE {
                child.kill()?;
                child.wait()?;
                break None;
            }
            std::thread::sleep(TICK);
            waited += TICK;
        };
        Ok((status, other.messages(&out, &fs::read(&said)?)))
    }

    /// Has all readers read a file, if its turn has come. `ours` are the messages we know and those that came back whole.
    pub(super) fn add(
        &mut self,
        number: u64,
        kind: Kind,
        store: &Store,
        damaged: &Damaged,
        ours: (usize, usize),
    ) -> Result<()> {
        // The turns go through all kinds.
        let kinds = Kind::ALL.len() as u64;
        if !(number / kinds + number % kinds).is_multiple_of(self.every) {
            return Ok(());
        }
        if self.store != store.name {
            self.store.clone_from(&store.name);
            self.sound.clear();
            for other in self.others.clone() {
                let (_, messages) = self.read(other, &store.bytes)?;
                self.sound.insert(other, messages);
            }
        }
        let sum = self.ours.entry(kind).or_default();
        *sum = (sum.0 + ours.0, sum.1 + ours.1);
        for other in self.others.clone() {
            let (status, messages) = self.read(other, &damaged.bytes)?;
            let mut left = self.sound.get(&other).cloned().unwrap_or_default();
            let row = self.rows.entry((kind, other)).or_default();
            row.files += 1;
            row.known += left.len();
            for message in messages {
                if let Some(at) = left.iter().position(|known| *known == message) {
                    left.swap_remove(at);
                    row.same += 1;
                }
            }
            match status {
                None => row.hangs += 1,
                // A signal ended it, or the runtime of the language said that it was a panic.
                Some(status) if status.code().is_none() || status.code() == Some(101) => {
                    row.crashes += 1;
                    self.crashes.push(format!("{number}: {}, {}: {}: {status}", store.name, kind.name(), other.name()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    pub(super) fn print(&self) {
        println!(
            "\nOther readers, on every {}th file; messages given as of the sound file, of those it gives there",
            self.every
        );
        print!("{:25} {:>16}", "damage", "this library");
        self.others.iter().for_each(|other| print!(" {:>30}", other.name()));
        println!();
        for (kind, (known, same)) in &self.ours {
            print!("{:25} {:>16}", kind.name(), format!("{same}/{known}"));
            for other in &self.others {
                let row = self.rows.get(&(*kind, *other));
                let text =
                    row.map(|row| format!("{}/{}, {} crash, {} hang", row.same, row.known, row.crashes, row.hangs));
                print!(" {:>30}", text.unwrap_or_default());
            }
            println!();
        }
        self.crashes.iter().take(10).for_each(|line| println!("    {line}"));
    }

    pub(super) fn to_json(&self) -> Value {
        let rows = self.rows.iter().map(|((kind, other), row)| {
            json!({
                "damage": kind.name(), "reader": other.name(), "files": row.files, "crashes": row.crashes,
                "hangs": row.hangs, "messages_of_sound_files": row.known, "same_of_damaged_files": row.same,
            })
        });
        let ours = self.ours.iter().map(|(kind, (known, same))| {
            json!({"damage": kind.name(), "reader": "pst-core", "messages_of_sound_files": known, "same_of_damaged_files": same})
        });
        json!({"every": self.every, "rows": rows.chain(ours).collect::<Vec<_>>(), "crashes": self.crashes})
    }
}
