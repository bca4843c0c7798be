//! The verdict on one file.

use std::collections::HashMap;
use std::fs::{File, FileType, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pst_core::ndb::Client;
use pst_core::sniff::{self, FileKind};
use pst_core::source::FileSource;

use crate::delivery::content::{self, Look};
use crate::delivery::layout::{Format, Placing, Purpose, place};
use crate::delivery::name::{self, OwnerName};
use crate::delivery::walk::open_regular;
use crate::delivery::{Content, Decision, FileVerdict, Finding, Rename, Run};
use crate::profile::{ClassVerdict, Rule, Severity};
use crate::random::Random;

/// Names that are compared with each other; beyond, a duplicate is not noticed.
const MOST_COMPARED: usize = 1_000_000;

/// Names that were met.
#[derive(Debug, Default)]
pub(super) struct Known {
    numbers: HashMap<(String, Option<String>), PathBuf>,
    names: HashMap<String, PathBuf>,
}

/// The first file with a key, if this is not it.
fn first<K: std::hash::Hash + Eq>(known: &mut HashMap<K, PathBuf>, key: K, path: &Path) -> Option<PathBuf> {
    if let Some(first) = known.get(&key) {
        return Some(first.clone());
    }
    if known.len() < MOST_COMPARED {
        known.insert(key, path.to_owned());
    }
    None
}

/// What a file is, by its first bytes.
struct Sniffed {
    kind: FileKind,
    is_msg: bool,
}

impl Sniffed {
    fn of(start: &[u8], name: &str) -> Self {
        let kind = FileKind::of(start);
        // The streams of a message have names that begin so, in UTF-16.
        let stream: Vec<u8> = "__substg1.0_".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let is_named = name.to_ascii_lowercase().ends_with(".msg");
        let is_msg = kind == FileKind::Compound && (is_named || start.windows(stream.len()).any(|part| part == stream));
        Self { kind, is_msg }
    }

    /// The name under which a profile takes it, or its own.
    const fn name(&self) -> &'static str {
        match self.kind {
            FileKind::Store => "pst",
            FileKind::Zip | FileKind::EmptyZip => "zip",
            FileKind::Mail | FileKind::AppleMail => "mail",
            FileKind::Mbox => "mbox",
            FileKind::Compound if self.is_msg => "msg",
            kind => kind.name(),
        }
    }
}

/// What is being put together.
struct Draft<'d, 'r> {
    run: &'d mut Run<'r>,
    verdict: FileVerdict,
    name: String,
    folders: Vec<String>,
}

impl Run<'_> {
    /// The verdict on something that cannot be looked at.
    pub(super) fn refused(&self, path: PathBuf, kind: &'static str, rule: Rule, detail: &str) -> FileVerdict {
        let mut verdict = empty(path, kind);
        // Whatever the profile says, what cannot be read is not accepted.
        let severity = Severity::Error;
        verdict.findings.push(Finding { rule, severity, detail: detail.to_owned() });
        verdict.decision = Decision::Refused;
        verdict
    }

    /// The verdict on what is no directory.
    pub(super) fn file(&mut self, path: PathBuf, kind: FileType) -> FileVerdict {
        if kind.is_symlink() {
            return self.refused(path, "link", Rule::FileLink, "");
        }
        if !kind.is_file() {
            return self.refused(path, "special", Rule::FileSpecial, "");
        }
        let lossy = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let name = lossy(&path);
        if self.check.profile.files.ignore.contains(&name.to_lowercase()) {
            let size = std::fs::symlink_metadata(self.root.join(&path)).ok().map(|metadata| metadata.len());
            return FileVerdict { decision: Decision::Ignored, size, ..empty(path, "ignored") };
        }
        let whole = self.root.join(&path);
        let opened = open_regular(&whole).and_then(|mut file| {
            let before = file.metadata()?;
            let start = read_start(&mut file)?;
            Ok((file, before, start))
        });
        let (file, before, start) = match opened {
            Ok(opened) => opened,
            Err(error) => return self.refused(path, "unreadable", Rule::FileUnreadable, &error.to_string()),
        };
        let folders = path.parent().into_iter().flat_map(Path::iter);
        let folders = folders.map(|name| name.to_string_lossy().into_owned()).collect();
        let sniffed = Sniffed::of(&start, &name);
        let mut verdict = empty(path, sniffed.name());
        verdict.size = Some(before.len());
        let mut draft = Draft { run: self, verdict, name, folders };
        draft.judge(file, &before, &sniffed, &whole);
        draft.verdict
    }
}

fn empty(path: PathBuf, kind: &'static str) -> FileVerdict {
    FileVerdict {
        path,
        decision: Decision::Accepted,
        kind,
        size: None,
        owner: None,
        number: None,
        purpose: None,
        findings: Vec::new(),
        rename: None,
        split_into: None,
        content: None,
    }
}

fn read_start(file: &mut File) -> io::Result<Vec<u8>> {
    let mut start = Vec::new();
    file.take(u64::try_from(sniff::START).unwrap_or(u64::MAX)).read_to_end(&mut start)?;
    Ok(start)
}

/// True if a file is as it was: as long, and written last at the same time.
fn is_same(before: &Metadata, after: &Metadata) -> bool {
    before.len() == after.len() && before.modified().ok() == after.modified().ok()
}

impl Draft<'_, '_> {
    fn find(&mut self, rule: Rule, detail: impl Into<String>) {
        self.verdict.findings.extend(self.run.check.finding(rule, detail));
    }

    fn rename(&mut self, to: PathBuf, rule: Rule) {
        let from = self.verdict.path.clone();
        if from != to {
            self.verdict.rename = Some(Rename { from, to, rule });
        }
    }

    fn judge(&mut self, file: File, before: &Metadata, sniffed: &Sniffed, whole: &Path) {
        if self.verdict.path.to_str().is_none() {
            self.find(Rule::NameUnicode, "");
        }
        let opened = self.open(file, sniffed);
        let accept = &self.run.check.profile.files.accept;
        let is_accepted = accept.iter().any(|kind| kind == self.verdict.kind);
        let folders: Vec<&str> = self.folders.iter().map(String::as_str).collect();
        let placing = place(&self.run.check.profile.layout, &self.run.above, &folders, &self.name);
        self.verdict.purpose = placing.purpose;
        self.kind(sniffed, is_accepted);
        for fault in &placing.faults {
            self.find(fault.rule, fault.detail.clone());
        }
        if is_accepted {
            self.types(&placing, sniffed.kind);
            self.names(&placing, sniffed.kind);
            self.size(before.len(), sniffed.kind);
            if let Some(opened) = opened {
                self.inside(opened, before.len(), sniffed.kind);
            }
        }
        if self.run.check.profile.severity(Rule::NameUnique) != Severity::Off
            && let Some(other) = first(&mut self.run.known.names, self.name.to_lowercase(), &self.verdict.path)
        {
            self.find(Rule::NameUnique, format!("as {}", other.display()));
        }
        if let (Some(purpose), Some(base)) = (placing.purpose, placing.base) {
            self.run.bases.entry((placing.format, purpose)).or_default().insert(base);
        }
        match std::fs::symlink_metadata(whole) {
            Ok(after) if is_same(before, &after) => {}
            Ok(after) => self.find(Rule::FileChanged, format!("{} bytes before, {} now", before.len(), after.len())),
            Err(error) => self.find(Rule::FileChanged, error.to_string()),
        }
        let is_refused = self.verdict.findings.iter().any(|finding| finding.severity == Severity::Error);
        self.verdict.decision = if is_refused { Decision::Refused } else { Decision::Accepted };
    }

    /// Opens what can be looked into; of a store, this tells which kind it is.
    fn open(&mut self, file: File, sniffed: &Sniffed) -> Option<Result<Opened, pst_core::Error>> {
        let source = match FileSource::new(file) {
            Ok(source) => Box::new(source),
            Err(error) => return Some(Err(error)),
        };
        match sniffed.kind {
            FileKind::Store => Some(content::open(source).map(|pst| {
                self.verdict.kind = match pst.client() {
                    Client::Pst => "pst",
                    Client::Ost => "ost",
                    Client::Pab => "pab",
                };
                Opened::Store(pst)
            })),
            FileKind::Zip => Some(Ok(Opened::Archive(source))),
            _ => None,
        }
    }

    /// Whether the type is taken.
    fn kind(&mut self, sniffed: &Sniffed, is_accepted: bool) {
        let name = self.name.to_ascii_lowercase();
        let is_store_name = name::is_store_name(&name);
        if sniffed.kind == FileKind::Empty {
            self.find(Rule::FileEmpty, "");
        } else if !is_accepted {
            let kind = self.verdict.kind;
            let rule = match kind {
                "mail" => Rule::FileMail,
                "msg" => Rule::FileMsg,
                _ => Rule::FileType,
            };
            let detail = if is_store_name && sniffed.kind != FileKind::Store {
                format!("it is called .pst, and is {kind}")
            } else {
                format!("it is {kind}")
            };
            self.find(rule, detail);
        } else if is_store_name && sniffed.kind != FileKind::Store {
            self.find(Rule::FileExtension, format!("it is called .pst, and is {}", self.verdict.kind));
        }
        if sniffed.kind == FileKind::EmptyZip {
            self.find(Rule::ArchiveContent, "it has no entries");
        }
    }

    /// Whether the type goes with the tree.
    fn types(&mut self, placing: &Placing, kind: FileKind) {
        let is_store = kind == FileKind::Store;
        match placing.format {
            Some(Format::Pst) if !is_store => {
                self.find(Rule::TypesMixed, format!("{} among PST files", self.verdict.kind))
            }
            Some(Format::Mail) if is_store => self.find(Rule::TypesMixed, "a store among zipped mail"),
            _ => {}
        }
    }

    /// The name of a store.
    fn names(&mut self, placing: &Placing, kind: FileKind) {
        if kind != FileKind::Store {
            return;
        }
        let rules = &self.run.check.profile.names;
        let layout = &self.run.check.profile.layout;
        let is_owned = match placing.purpose {
            Some(purpose) => purpose == Purpose::PerUser,
            None => !layout.required,
        };
        let parent = self.verdict.path.parent().map(Path::to_owned).unwrap_or_default();
        if !(rules.owner_addresses && is_owned) {
            if !name::is_store_name(&self.name) {
                self.find(Rule::NameExtension, "");
                self.propose(parent.join(format!("{}.pst", self.name)), Rule::NameExtension);
            }
            return;
        }
        let (name, inside) = match &placing.unglued {
            Some((folder, rest)) => (rest.clone(), parent.join(folder)),
            None => (self.name.clone(), parent),
        };
        let better = name::propose(&name).filter(|_| self.verdict.path.to_str().is_some());
        match OwnerName::parse(&name) {
            Ok(owner) => {
                let remarks = owner.remarks(rules);
                let doubtful = remarks.iter().find(|remark| remark.rule == Rule::NameDomain).map(|remark| remark.rule);
                for remark in remarks {
                    self.find(remark.rule, remark.detail);
                }
                let address = owner.owner();
                if self.run.check.owners.as_ref().is_some_and(|owners| !owners.contains(&address)) {
                    self.find(Rule::NameOwner, address.clone());
                }
                let key = (address, owner.number.clone());
                if let Some(other) = first(&mut self.run.known.numbers, key, &self.verdict.path) {
                    self.find(Rule::NameNumberDuplicate, format!("as {}", other.display()));
                }
                (self.verdict.owner, self.verdict.number) = (Some(owner.address), owner.number);
                match (doubtful, better) {
                    (Some(rule), Some(better)) => self.propose(inside.join(better), rule),
                    _ if placing.unglued.is_some() => self.propose(inside.join(name), Rule::GluedBaseFolder),
                    _ => {}
                }
            }
            Err(fault) => {
                self.find(fault.rule, fault.detail);
                if let Some(better) = better {
                    self.propose(inside.join(better), fault.rule);
                }
            }
        }
    }

    /// A better name, if the rule is looked at.
    fn propose(&mut self, to: PathBuf, rule: Rule) {
        if self.run.check.profile.severity(rule) != Severity::Off {
            self.rename(to, rule);
        }
    }

    fn size(&mut self, size: u64, kind: FileKind) {
        let sizes = self.run.check.profile.sizes;
        let (mut is_large, is_store) = (false, kind == FileKind::Store);
        if size > sizes.max {
            self.find(Rule::SizeMax, format!("{size} bytes, {} may be", sizes.max));
            is_large = true;
        }
        if is_store && size > sizes.slow {
            self.find(Rule::SizeSlow, format!("{size} bytes, {} are fast", sizes.slow));
            is_large = true;
        }
        if is_store && !(sizes.recommended_min..=sizes.recommended_max).contains(&size) {
            let (low, high) = (sizes.recommended_min, sizes.recommended_max);
            self.find(Rule::SizeRecommended, format!("{size} bytes, {low} to {high} are recommended"));
        }
        if is_large && is_store && sizes.recommended_max > 0 {
            self.verdict.split_into = Some(size.div_ceil(sizes.recommended_max));
        }
    }

    fn inside(&mut self, opened: Result<Opened, pst_core::Error>, size: u64, kind: FileKind) {
        let check = self.run.check;
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => return self.find(Rule::StoreOpen, error.to_string()),
        };
        if check.names_only {
            return;
        }
        let sizes = check.profile.sizes;
        let in_window =
            kind == FileKind::Store && sizes.window_to > 0 && (sizes.window_from..=sizes.window_to).contains(&size);
        let random = Random::of(check.seed, self.verdict.path.as_os_str().as_encoded_bytes());
        let full = check.full || in_window;
        let look = Look { profile: &check.profile, random, full, is_stopped: self.run.is_stopped };
        let content = match opened {
            Opened::Store(pst) => look.store(&pst),
            Opened::Archive(source) => look.archive(&self.name, source),
        };
        if in_window {
            self.find(Rule::SizeWindow, format!("{size} bytes; {} items read", content.read));
        }
        self.whole(&content, size);
        self.what(&content);
        self.verdict.content = Some(Box::new(content));
    }

    /// Whether everything is there and can be read.
    fn whole(&mut self, content: &Content, size: u64) {
        // Sections of the old form are some 250 KB, so that a file which has filled its room ends a little before.
        const ROOM: u64 = 1 << 20;
        let limit = self.run.check.profile.sizes.window_to.saturating_sub(ROOM);
        if content.ansi && content.missing_bytes > 0 {
            self.find(Rule::SizeAnsi, format!("{} bytes are missing at the end", content.missing_bytes));
        } else if content.ansi && size >= limit {
            self.find(Rule::SizeAnsi, format!("{size} bytes of the 2 GB that the old form has room for"));
        } else if content.missing_bytes > 0 {
            self.find(Rule::StoreOpen, format!("{} bytes are missing at the end", content.missing_bytes));
        }
        let first = content.errors.first().cloned().unwrap_or_default();
        if content.unlisted > 0 {
            self.find(Rule::StoreOpen, format!("{} things could not be listed: {first}", content.unlisted));
        }
        if content.unreadable > 0 {
            self.find(Rule::ItemAccess, format!("{} of {} items read: {first}", content.unreadable, content.read));
        }
        if let Some((place, bytes)) = content.large.first() {
            self.find(Rule::ItemSize, format!("{} items, the first {place} with {bytes} bytes", content.large_count));
        }
        if let Some((folder, items)) = content.full_folders.first() {
            self.find(
                Rule::FolderItems,
                format!("{} folders, the first {folder} with {items} items", content.full_folder_count),
            );
        }
        if let Some(entry) = content.foreign.first() {
            self.find(Rule::ArchiveContent, format!("{} entries, the first {entry}", content.foreign_count));
        }
    }

    /// Whether it is the mail that the base folder says.
    fn what(&mut self, content: &Content) {
        let sampling = self.run.check.profile.sampling;
        let (reports, all) = (content.reports, content.looked_at);
        if all == 0 {
            return;
        }
        #[allow(clippy::cast_precision_loss)]
        let share = reports as f64 / all as f64;
        match self.verdict.purpose {
            Some(Purpose::EnvelopeJournal) if share < sampling.reports_min => {
                self.find(Rule::ContentFormat, format!("{reports} of {all} items are journal reports"));
            }
            Some(Purpose::Journal | Purpose::PerUser) if share > sampling.reports_max => {
                self.find(Rule::ContentFormat, format!("{reports} of {all} items are journal reports"));
            }
            _ => {}
        }
        if content.of_class(ClassVerdict::Taken) == 0 {
            self.find(Rule::ContentClass, format!("{all} items were looked at"));
        }
        let stubs = content.of_class(ClassVerdict::Shortcut).saturating_add(content.of_class(ClassVerdict::Stub));
        if stubs > 0 {
            self.find(Rule::ContentStubs, format!("{stubs} of {all} items"));
        }
    }
}

/// What can be looked into.
enum Opened {
    Store(pst_core::Pst),
    Archive(Box<FileSource>),
}
