//! Checks a PST at rest, as an independent second opinion on readers and writers.
//!
//! ```no_run
//! use pst_core::verify::{Severity, VerifyOptions, verify_path};
//!
//! let report = verify_path("archive.pst", &VerifyOptions::default())?;
//! println!("{}: {} pages, {} blocks", report.verdict(), report.totals.pages, report.totals.blocks);
//! for finding in report.findings.iter().filter(|finding| finding.severity > Severity::Cosmetic) {
//!     println!("{finding}: {}", finding.meaning());
//! }
//! for hit in &report.hits.items {
//!     println!("{}: {}", hit.verdict, hit.item);
//! }
//! if let Some(account) = &report.account {
//!     assert_eq!(account.by_nodes, account.delivered + account.skipped() + account.failed);
//! }
//! # Ok::<(), pst_core::Error>(())
//! ```
//!
//! # What is checked
//!
//! Every byte that means something, from the bottom to the top; [`Rule`] lists it.
//!
//! 1. The header ([`H1`](Rule::H1) to H14).
//! 2. Both B-trees, page by page ([`P1`](Rule::P1) to P11).
//! 3. All blocks in the order of the file ([`B1`](Rule::B1) to B14), then the trees they form and their reference counts.
//! 4. The allocation maps, recomputed section by section ([`M1`](Rule::M1) to M8).
//! 5. Heaps, properties and tables ([`L1`](Rule::L1) to L8), folders, messages and attachments ([`F1`](Rule::F1) to F10),
//!    the nodes a store must have (N1, N2).
//!
//! Whose the damaged blocks are is asked in the end, by a second walk over the trees of all nodes, if there are any; so
//! [events](Event) do not say whom they hit, and the [report](Report) does. [`Account`] counts the items by folders and by
//! nodes.
//!
//! Where pages and map pages belong is computed here from the format and not asked of any writer. Pages, blocks and
//! heaps are looked at as bytes, so that what readers forgive is still found.
//!
//! # Layouts
//!
//! ANSI, Unicode and 4K files are checked alike, but for rules that have no meaning in a layout: [`H4`](Rule::H4) in ANSI
//! files, [`H13`](Rule::H13), [`M4`](Rule::M4), [`M5`](Rule::M5), [`M6`](Rule::M6) and [`L4`](Rule::L4) in 4K files,
//! [`M6`](Rule::M6) in ANSI files, [`B14`](Rule::B14) in all but 4K files. OSTs are caches of a server: there what
//! Outlook itself leaves inexact ([`B9`](Rule::B9), [`B10`](Rule::B10), F and N rules) is at most cosmetic. So are sizes
//! ([`F7`](Rule::F7)) and missing templates and columns ([`N1`](Rule::N1), [`N2`](Rule::N2)) in files of Outlook 2003 and
//! older, which their header gives away ([`H13`](Rule::H13)).
//!
//! # Memory
//!
//! A byte per block of the file, two per node and 32 per page of its trees, which is some 30 MB for 20 GB; everything else is
//! bounded: 65,536 damaged blocks, and what [`VerifyOptions`] says of findings and items.
//! Where trees are out of order, 16 more for each of their records.

mod account;
mod block;
mod blocks;
mod circles;
mod file_order;
mod folders;
mod header;
mod heaps;
mod hits;
mod index;
mod maps;
mod meaning;
mod messages;
mod names;
mod page_set;
mod pages;
mod report;
mod rule;
mod store;
mod tables;
mod trees;

use std::ops::ControlFlow;
use std::path::Path;

pub use account::{Account, SkipReason};
pub use hits::{HitItem, Hits, ItemKind, ItemRef};
pub use report::{Event, Finding, Phase, Progress, Region, RegionKind, Report, Totals, Verdict};
pub use rule::{Rule, Severity};

use crate::ndb::{Client, Database, Format, Header, Layout, Nid, NodeEntry};
use crate::source::{Bytes, Source};
use crate::verify::blocks::Blocks;
use crate::verify::index::TreeIndex;
use crate::verify::page_set::PageSet;
use crate::verify::report::{Note, Sink};
use crate::{Error, ErrorKind, OpenOptions, Pst, Result};

/// What to check and how much to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Findings kept in the report (default 1,000). All are counted.
    pub max_findings: usize,
    /// Whether [`Severity::Cosmetic`] findings are kept as well (default true). They are counted in any case.
    pub cosmetic: bool,
    /// Items kept in [`Report::hits`] (default 1,000). All are counted.
    pub max_items: usize,
    /// Threads that compute the CRCs of blocks (default 1). Findings and their order do not depend on it.
    pub threads: usize,
    /// Whether [events](Event::Region) tell what lies where (default false).
    pub regions: bool,
    /// Whether heaps, tables, folders and messages are checked too (default true).
    pub contents: bool,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self { max_findings: 1000, cosmetic: true, max_items: 1000, threads: 1, regions: false, contents: true }
    }
}

impl VerifyOptions {
    /// The default: everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many findings the report keeps.
    #[must_use]
    pub fn max_findings(mut self, most: usize) -> Self {
        self.max_findings = most;
        self
    }

    /// Sets whether the report keeps cosmetic findings.
    #[must_use]
    pub fn cosmetic(mut self, cosmetic: bool) -> Self {
        self.cosmetic = cosmetic;
        self
    }

    /// Sets how many items that are hit the report keeps.
    #[must_use]
    pub fn max_items(mut self, most: usize) -> Self {
        self.max_items = most;
        self
    }

    /// Sets how many threads compute the CRCs of blocks.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets whether events tell what lies where.
    #[must_use]
    pub fn regions(mut self, regions: bool) -> Self {
        self.regions = regions;
        self
    }

    /// Sets whether heaps, tables, folders and messages are checked too.
    #[must_use]
    pub fn contents(mut self, contents: bool) -> Self {
        self.contents = contents;
        self
    }
}

/// Checks an open file and collects the findings.
///
/// A file whose header has a wrong CRC cannot be opened with the default options: see [`verify_path`]. If the file was
/// opened without checks of CRCs, damaged blocks are looked into as well, with all that follows from it.
pub fn verify(pst: &Pst, options: &VerifyOptions) -> Report {
    verify_with(pst, options, &mut |_| ControlFlow::Continue(()))
}

/// Checks an open file and tells each finding, and how far it is; `Break` ends the check.
pub fn verify_with(
    pst: &Pst,
    options: &VerifyOptions,
    on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Report {
    let mut check = Check::new(pst, Sink::new(options, on_event));
    check.run(options);
    let mut report = check.sink.report;
    report.is_complete = !check.sink_stopped && check.work > 0 && !check.is_limited;
    report
}

/// Checks a file that need not have a sound header.
///
/// # Errors
/// `Io` if the file cannot be opened or read; `InvalidInput` for a directory. Whatever is wrong with the contents is in
/// the report.
pub fn verify_path(path: impl AsRef<Path>, options: &VerifyOptions) -> Result<Report> {
    verify_path_with(path, OpenOptions::new(), options, &mut |_| ControlFlow::Continue(()))
}

/// As [`verify_path`], opened in a way of its own, and telling as [`verify_with`] does.
///
/// # Errors
/// As [`verify_path`].
pub fn verify_path_with(
    path: impl AsRef<Path>,
    mut open: OpenOptions,
    options: &VerifyOptions,
    on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Report> {
    open.lenient_header = true;
    verify_opened(open.open(path), options, on_event)
}

/// Checks bytes from anywhere that need not begin with a sound header.
///
/// # Errors
/// `Io` if the source cannot be read.
pub fn verify_source(source: Box<dyn Source>, options: &VerifyOptions) -> Result<Report> {
    let mut open = OpenOptions::new();
    open.lenient_header = true;
    verify_opened(open.from_source(source), options, &mut |_| ControlFlow::Continue(()))
}

fn verify_opened(
    opened: Result<Pst>,
    options: &VerifyOptions,
    on_event: &mut dyn FnMut(Event<'_>) -> ControlFlow<()>,
) -> Result<Report> {
    let error = match opened {
        Ok(pst) => return Ok(verify_with(&pst, options, on_event)),
        Err(error) if matches!(error.kind(), ErrorKind::Io | ErrorKind::InvalidInput) => return Err(error),
        Err(error) => error,
    };
    let rule = match error.location().field {
        Some("wVer") => Rule::H2,
        Some("bCryptMethod") => Rule::H5,
        _ => Rule::H1,
    };
    let mut sink = Sink::new(options, on_event);
    sink.push(Note::new(rule, Severity::Fatal, "the header cannot be used").field("HEADER", "").error(&error).done());
    Ok(sink.report)
}

/// Bits of [`Check::marks`].
mod mark {
    /// A row of the parent's table names the node.
    pub(super) const LISTED: u16 = 1;
    /// The folder has a contents or hierarchy table that could be read, so that its children must be listed there.
    pub(super) const CONTENTS_READ: u16 = 2;
    pub(super) const HIERARCHY_READ: u16 = 4;
    pub(super) const ASSOCIATED_READ: u16 = 8;
    /// A row of a folder that can be reached from the root names the node.
    pub(super) const ROW: u16 = 0x10;
    /// Something of it cannot be read.
    pub(super) const FAILED: u16 = 0x20;
    /// The folder can be reached from the root.
    pub(super) const REACHED: u16 = 0x40;
    /// A table of the folder cannot be read, or not wholly.
    pub(super) const CONTENTS_BAD: u16 = 0x80;
    pub(super) const HIERARCHY_BAD: u16 = 0x100;
    pub(super) const ASSOCIATED_BAD: u16 = 0x200;
    /// The way up from the folder is being gone, and was gone, in search of circles.
    pub(super) const WALKING: u16 = 0x400;
    pub(super) const WALKED: u16 = 0x800;
    /// Where the worst severity of the node's findings begins: 0 for none, else one more than its place among all.
    pub(super) const SEVERITY: u32 = 12;
    pub(super) const BELOW_SEVERITY: u16 = 0xFFF;
}

/// A check under way.
struct Check<'a> {
    pst: &'a Pst,
    database: &'a Database,
    header: &'a Header,
    format: Format,
    sink: Sink<'a>,
    sink_stopped: bool,
    threads: usize,
    blocks: Blocks,
    /// Numbers of all B-tree pages.
    pages: PageSet,
    nodes: TreeIndex<NodeEntry>,
    /// What is known of each node, by number.
    marks: Vec<u16>,
    hitting: hits::Hitting,
    /// The largest index in use, by node type, and where.
    largest: [(u32, Option<Nid>); 32],
    /// Bytes that may still be looked at.
    work: u64,
    versions: tables::Versions,
    /// The header keeps its old free maps: Outlook 2003 or older, which counts and leaves out other things.
    is_old: bool,
    /// Pages of a tree, or blocks that name others, could not be read: what they hold may well be in use.
    lost_blocks: bool,
    lost_nodes: bool,
    /// The reader's limits kept the check from looking into something.
    is_limited: bool,
}

impl<'a> Check<'a> {
    fn new(pst: &'a Pst, sink: Sink<'a>) -> Self {
        let database: &'a Database = pst.database();
        Self {
            pst,
            database,
            header: database.header(),
            format: database.format(),
            hitting: hits::Hitting::new(sink.most_items()),
            sink,
            sink_stopped: false,
            threads: 1,
            blocks: Blocks::default(),
            pages: PageSet::default(),
            nodes: TreeIndex::default(),
            marks: Vec::new(),
            largest: [(0, None); 32],
            // A sound file is read a handful of times. Shared blocks let a hostile one ask for any number.
            work: database.len().saturating_mul(64).saturating_add(64 << 20),
            versions: tables::Versions::default(),
            is_old: false,
            lost_blocks: false,
            lost_nodes: false,
            is_limited: false,
        }
    }

    fn run(&mut self, options: &VerifyOptions) {
        self.sink.report.totals.file_bytes = self.database.len();
        // Nobody has more, and each takes room.
        self.threads = options.threads.clamp(1, 64);
        self.check_header();
        self.check_pages();
        self.check_blocks();
        self.check_maps();
        if options.contents {
            self.check_contents();
        }
        self.check_counters();
        let mut account = Account::default();
        if options.contents && !self.sink.stopped() {
            self.count_by_folders(&mut account);
            self.check_circles();
        }
        self.find_hits();
        if options.contents && !self.sink.stopped() {
            self.count_by_nodes(&mut account);
            self.sink.report.account = Some(account);
        }
        self.sink_stopped = self.sink.stopped();
    }

    fn is_ost(&self) -> bool {
        self.header.client == Client::Ost
    }

    fn is_4k(&self) -> bool {
        self.format.layout() == Layout::Unicode4k
    }

    /// The severity of what Outlook leaves inexact in OSTs.
    fn unless_ost(&self, severity: Severity) -> Severity {
        if self.is_ost() { Severity::Cosmetic } else { severity }
    }

    /// The severity of what Outlook 2003 and older, and Outlook in OSTs, do in another way.
    fn unless_old(&self, severity: Severity) -> Severity {
        if self.is_old { Severity::Cosmetic } else { self.unless_ost(severity) }
    }

    fn found(&mut self, note: Note) {
        let finding = note.done();
        self.note_hit(&finding);
        self.sink.push(finding);
    }

    /// Reads bytes of the file; what cannot be read is a finding.
    fn raw(&mut self, offset: u64, length: usize) -> Option<Bytes<'a>> {
        match self.database.raw(offset, length) {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.unreadable(&error, offset);
                None
            }
        }
    }

    fn unreadable(&mut self, error: &Error, offset: u64) {
        let note = Note::new(Rule::I1, Severity::Loss, "the file could not be read here").error(error).at(offset);
        self.found(note);
    }

    /// A finding from an error of the reader. If pages or blocks are broken the error is most likely about them and no new
    /// finding.
    fn reader_error(&mut self, rule: Rule, severity: Severity, text: &str, error: &Error, node: Nid) {
        const BLOCK_LEVEL: [&str; 16] = [
            "BLOCKTRAILER",
            "BBTENTRY",
            "PAGETRAILER",
            "BTPAGE",
            "block",
            "compressed block",
            "data tree",
            "XBLOCK",
            "XXBLOCK",
            "SLBLOCK",
            "SIBLOCK",
            "internal block",
            "file",
            "AMAPPAGE",
            "subnode",
            "row matrix",
        ];
        let structure = error.location().structure.unwrap_or("");
        if BLOCK_LEVEL.contains(&structure) && self.sink.has_broken_blocks() {
            return;
        }
        if error.kind() == ErrorKind::Limit {
            self.is_limited = true;
            let text = "something is nested deeper, or larger, than the limits the file was opened with";
            let note = Note::new(Rule::I2, Severity::Degraded, text).node(node).error(error);
            return self.found(note);
        }
        if error.kind() == ErrorKind::Io {
            let note = Note::new(Rule::I1, Severity::Loss, "the file could not be read").error(error).node(node);
            return self.found(note);
        }
        let note = Note::new(rule, severity, text).node(node).error(error);
        self.found(note);
    }

    /// Bytes of the file that belong to it: a foreign tail does not.
    fn end(&self) -> u64 {
        self.header.root.file_size.min(self.database.len())
    }

    /// Pays for work; false once all is spent, which is said once.
    fn pay(&mut self, bytes: u64) -> bool {
        if self.sink.stopped() {
            return false;
        }
        if self.work == 0 {
            return false;
        }
        self.work = self.work.saturating_sub(bytes);
        if self.work == 0 {
            let text = "blocks are shared so often that the check went through the file many times over and stopped";
            self.found(Note::new(Rule::I2, Severity::Loss, text));
            return false;
        }
        true
    }

    fn pay_for(&mut self, bytes: usize) -> bool {
        self.pay(u64::try_from(bytes).unwrap_or(u64::MAX))
    }

    /// A top-level node and its number.
    fn find_node(&self, nid: Nid) -> Option<(usize, NodeEntry)> {
        self.nodes.find(self.database, u64::from(nid.raw()))
    }

    fn mark(&mut self, index: usize, bits: u16) {
        if let Some(marks) = self.marks.get_mut(index) {
            *marks |= bits;
        }
    }

    fn marks(&self, index: usize) -> u16 {
        self.marks.get(index).copied().unwrap_or(0)
    }

    /// Notes that a node id is in use.
    fn use_nid(&mut self, nid: Nid) {
        if let Some(largest) = self.largest.get_mut(usize::from(nid.kind().number()))
            && (largest.1.is_none() || nid.index() > largest.0)
        {
            *largest = (nid.index(), Some(nid));
        }
    }
}
