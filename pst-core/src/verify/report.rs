//! What a check found.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;

use crate::Location;
use crate::ndb::{Bid, Nid};
use crate::verify::meaning::meaning;
use crate::verify::{Account, Hits, ItemRef, Rule, Severity, VerifyOptions};

/// One deviation from a rule, and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How bad it is here; most rules have more than one answer.
    pub severity: Severity,
    /// File offset, block, node, structure and field, as far as they apply.
    pub location: Location,
    /// What should be there.
    pub expected: String,
    /// What is there.
    pub actual: String,
    /// What it is about, in one sentence without the place.
    pub text: String,
    /// Whom it hits: the node it is about, else the first owner of its block. Pages, maps and the header belong to nobody.
    /// **Known in a [`Report`] alone**, and not while the check runs.
    pub item: Option<ItemRef>,
}

impl Finding {
    /// What it means for whoever owns the file, in one sentence.
    pub fn meaning(&self) -> &'static str {
        meaning(self.rule, self.severity)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.rule, self.severity, self.text)?;
        if let Some(structure) = self.location.structure {
            write!(f, "; {structure}")?;
            if let Some(field) = self.location.field {
                write!(f, ".{field}")?;
            }
        }
        if let Some(offset) = self.location.offset {
            write!(f, " at {offset:#x}")?;
        }
        if !self.actual.is_empty() {
            write!(f, ": {}", self.actual)?;
        }
        if !self.expected.is_empty() {
            write!(f, ", expected {}", self.expected)?;
        }
        match (self.location.block, self.location.node) {
            (Some(block), Some(node)) => write!(f, " (block {block}, node {node})"),
            (Some(block), None) => write!(f, " (block {block})"),
            (None, Some(node)) => write!(f, " (node {node})"),
            (None, None) => Ok(()),
        }
    }
}

/// How much was checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Totals {
    /// Bytes of the file.
    pub file_bytes: u64,
    /// B-tree pages and map pages.
    pub pages: u64,
    /// Blocks.
    pub blocks: u64,
    /// Bytes stored in blocks.
    pub block_bytes: u64,
    /// Top-level nodes.
    pub nodes: u64,
    /// Subnodes of messages and attachments that were looked into.
    pub subnodes: u64,
    /// Folders and search folders.
    pub folders: u64,
    /// Messages, associated and embedded ones too.
    pub messages: u64,
    /// Rows of tables.
    pub rows: u64,
}

/// The result of a check.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// How much was checked.
    pub totals: Totals,
    /// The first findings, up to [`VerifyOptions::max_findings`].
    pub findings: Vec<Finding>,
    /// Items that findings above [`Severity::Cosmetic`] hit.
    pub hits: Hits,
    /// The items, counted by folders and by nodes; `None` if contents were not asked for or the check was stopped.
    pub account: Option<Account>,
    /// True if the check came to its end.
    pub is_complete: bool,
    counts: BTreeMap<(Rule, Severity), u64>,
}

/// What a report comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "lowercase"))]
pub enum Verdict {
    /// Nothing above [`Severity::Cosmetic`] was found.
    Sound,
    /// Everything can be read; Outlook or scanpst would correct something.
    Degraded,
    /// Something is lost, or will be when the file is written to.
    Damaged,
    /// The file cannot be used.
    Unusable,
    /// The check was stopped before it found anything above Cosmetic.
    Unfinished,
}

impl Verdict {
    /// One lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Degraded => "degraded",
            Self::Damaged => "damaged",
            Self::Unusable => "unusable",
            Self::Unfinished => "unfinished",
        }
    }
}

impl Verdict {
    /// What a worst severity comes to; `None` if nothing was found.
    pub const fn of(worst: Option<Severity>) -> Self {
        match worst {
            Some(Severity::Fatal) => Self::Unusable,
            Some(Severity::Loss) => Self::Damaged,
            Some(Severity::Degraded) => Self::Degraded,
            Some(Severity::Cosmetic) | None => Self::Sound,
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Report {
    /// The worst severity that was found.
    pub fn worst(&self) -> Option<Severity> {
        self.counts.keys().map(|(_, severity)| *severity).max()
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        match Verdict::of(self.worst()) {
            Verdict::Sound if !self.is_complete => Verdict::Unfinished,
            verdict => verdict,
        }
    }

    /// Findings of a rule, those not kept included.
    pub fn count(&self, rule: Rule) -> u64 {
        self.counts
            .iter()
            .filter(|((known, _), _)| *known == rule)
            .fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Findings of a severity, those not kept included.
    pub fn count_of(&self, severity: Severity) -> u64 {
        let of = |entry: &(&(Rule, Severity), &u64)| entry.0.1 == severity;
        self.counts.iter().filter(of).fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// How often each rule was broken how badly.
    pub fn counts(&self) -> impl Iterator<Item = (Rule, Severity, u64)> + '_ {
        self.counts.iter().map(|((rule, severity), count)| (*rule, *severity, *count))
    }
}

/// What a check under way tells.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A rule is broken.
    Found(&'a Finding),
    /// How far the check is; told some hundreds of times, whatever the size of the file.
    Progress(Progress),
    /// What lies in a part of the file; told of every page, block and map if
    /// [`VerifyOptions::regions`] asks for it. What nothing is told of is free.
    Region(Region),
}

/// A part of the file that is in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Region {
    /// Where it begins.
    pub offset: u64,
    /// Bytes of it, with trailer and padding.
    pub length: u64,
    /// What is in it.
    pub kind: RegionKind,
}

/// What is in a part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum RegionKind {
    /// The maps of free room at the start of a section.
    Map,
    /// A page of one of the two B-trees.
    Page,
    /// A block that holds others together: of a data tree, or of subnodes.
    Internal,
    /// A block of data.
    Data,
    /// A block that is damaged.
    Damaged,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What is being checked.
    pub phase: Phase,
    /// What of it is done: bytes of the file, or nodes.
    pub done: u64,
    /// All of it.
    pub total: u64,
}

/// The two long parts of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Every block, in the order of the file; counted in bytes.
    Blocks,
    /// Heaps, tables, folders and messages; counted in nodes.
    Contents,
}

/// Where findings go.
pub(super) struct Sink<'a> {
    pub(super) report: Report,
    most: usize,
    keeps_cosmetic: bool,
    tells_regions: bool,
    most_items: usize,
    on_event: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
    stopped: bool,
    /// When progress is told next.
    next: u64,
}

impl<'a> Sink<'a> {
    pub(super) fn new(options: &VerifyOptions, on_event: &'a mut dyn FnMut(Event<'_>) -> ControlFlow<()>) -> Self {
        Self {
            report: Report::default(),
            most: options.max_findings,
            keeps_cosmetic: options.cosmetic,
            tells_regions: options.regions,
            most_items: options.max_items,
            on_event,
            stopped: false,
            next: 0,
        }
    }

    pub(super) fn most_items(&self) -> usize {
        self.most_items
    }

    /// Tells how far a phase is, if it is further than last time.
    pub(super) fn progress(&mut self, phase: Phase, done: u64, total: u64) {
        const STEPS: u64 = 500;
        if self.stopped || done != 0 && done < self.next.min(total) {
            return;
        }
        self.next = done.saturating_add(total.div_ceil(STEPS));
        if (self.on_event)(Event::Progress(Progress { phase, done, total })).is_break() {
            self.stopped = true;
        }
    }

    /// Tells what lies in a part of the file, if that was asked for.
    pub(super) fn region(&mut self, offset: u64, length: u64, kind: RegionKind) {
        let is_wanted = self.tells_regions && !self.stopped;
        if is_wanted && (self.on_event)(Event::Region(Region { offset, length, kind })).is_break() {
            self.stopped = true;
        }
    }

    /// True if the caller wants no more.
    pub(super) fn stopped(&self) -> bool {
        self.stopped
    }

    pub(super) fn push(&mut self, finding: Finding) {
        if self.stopped {
            return;
        }
        let count = self.report.counts.entry((finding.rule, finding.severity)).or_default();
        *count = count.saturating_add(1);
        if (self.on_event)(Event::Found(&finding)).is_break() {
            self.stopped = true;
        }
        let is_wanted = self.keeps_cosmetic || finding.severity > Severity::Cosmetic;
        if is_wanted && self.report.findings.len() < self.most {
            self.report.findings.push(finding);
        }
    }

    /// True if rules of pages or blocks were broken, so that errors of the reader need not be new ones.
    pub(super) fn has_broken_blocks(&self) -> bool {
        const RULES: [Rule; 20] = [
            Rule::P1,
            Rule::P2,
            Rule::P3,
            Rule::P4,
            Rule::P5,
            Rule::P7,
            Rule::P8,
            Rule::P9,
            Rule::P11,
            Rule::B1,
            Rule::B2,
            Rule::B3,
            Rule::B4,
            Rule::B5,
            Rule::B6,
            Rule::B7,
            Rule::B8,
            Rule::B13,
            Rule::B14,
            Rule::I1,
        ];
        RULES.iter().any(|rule| self.report.count(*rule) > 0)
    }
}

/// A finding in the making.
pub(super) struct Note {
    finding: Finding,
}

impl Note {
    pub(super) fn new(rule: Rule, severity: Severity, text: impl Into<String>) -> Self {
        let text = text.into();
        let (location, expected, actual) = (Location::default(), String::new(), String::new());
        Self { finding: Finding { rule, severity, location, expected, actual, text, item: None } }
    }

    pub(super) fn at(mut self, offset: u64) -> Self {
        self.finding.location.offset = Some(offset);
        self
    }

    pub(super) fn block(mut self, block: Bid) -> Self {
        self.finding.location.block = Some(block);
        self
    }

    pub(super) fn node(mut self, node: Nid) -> Self {
        self.finding.location.node = Some(node);
        self
    }

    /// Names the structure and the field, or the structure alone.
    pub(super) fn field(mut self, structure: &'static str, field: &'static str) -> Self {
        self.finding.location.structure = Some(structure);
        self.finding.location.field = (!field.is_empty()).then_some(field);
        self
    }

    pub(super) fn values(mut self, actual: impl fmt::Display, expected: impl fmt::Display) -> Self {
        self.finding.actual = actual.to_string();
        self.finding.expected = expected.to_string();
        self
    }

    /// Names an item that is not there; whoever lists it is the node.
    pub(super) fn item(mut self, item: ItemRef) -> Self {
        self.finding.item = Some(item);
        self
    }

    /// Takes the place from an error of the reader, and its text.
    pub(super) fn error(mut self, error: &crate::Error) -> Self {
        let known = *error.location();
        let location = &mut self.finding.location;
        location.offset = known.offset.or(location.offset);
        location.block = known.block.or(location.block);
        location.node = location.node.or(known.node);
        location.structure = known.structure.or(location.structure);
        location.field = known.field.or(location.field);
        self.finding.actual = error.to_string();
        self
    }

    pub(super) fn done(self) -> Finding {
        self.finding
    }
}
