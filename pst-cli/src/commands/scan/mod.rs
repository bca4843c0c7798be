//! `pst scan`: reads every store and all mail below some paths and says what is in them and what could not be read.
//!
//! ```text
//! files -> [opener] -> pieces of work -> [worker] x N -> finished files -> [main] report, in order
//!             ^---------------- room for so many files at once ---------------'
//! ```
//!
//! All queues are bounded. A large store is read by all workers together; of many small ones each reads another, and an
//! mbox or archive is read by one.

mod files;
mod mails;
mod people;
mod report;
mod stats;
mod walk;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::args::{self, Global};
use crate::exit::Exit;
use crate::output::{escape_line, stderr_line};
use crate::progress::Progress;
use files::{Found, MailKind};
use report::{ErrorReport, FileReport, MailReport, Reporter};
use stats::Caps;
use walk::{FileScan, Work};

/// Read every PST, OST and PAB and all mail below some paths: what is in them, and what could not be read
///
/// Directories are searched for files called .pst, .ost or .pab, for others that begin like one, and for single mails,
/// mboxes and ZIP archives, known by their content. Each item is read to its last byte and every checksum on the way is
/// checked. Then the books are balanced: an item that no folder lists is an orphan, a row without an item is missing;
/// likewise folders are unlisted or missing. All of them are reported, and with them what kinds of items there are, how
/// many are journal reports, and who is named without SMTP address. A file that cannot be opened is reported, and the rest
/// goes on.
#[derive(Debug, clap::Args)]
pub(crate) struct Scan {
    /// Files and directories
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write one JSON object, `{"schema": "pst-scan/1", "files": [...], "totals": {...}}`
    #[arg(long)]
    json: bool,
    /// Read only the folders' tables and open no item. Many rows have no date, which are counted as undated. Mail that is
    /// in no store is read all the same
    #[arg(long)]
    quick: bool,
    /// Threads that read; by default one per core
    #[arg(long, value_name = "N", value_parser = args::threads())]
    threads: Option<usize>,
    /// How many of the largest items to name, and of the addresses nobody knows
    #[arg(long, value_name = "N", default_value_t = 10)]
    largest: usize,
    /// How many problems to describe per file; all are counted
    #[arg(long, value_name = "N", default_value_t = 100)]
    errors: usize,
}

/// Files that may be open, or finished and waiting for an earlier one to be reported.
const FILES_AT_ONCE: usize = 64;

/// What becomes of a file.
enum Outcome {
    Scanned(Box<FileReport>),
    Mails(Box<MailReport>),
    /// A path and why nothing of it was read.
    Failed(PathBuf, ErrorReport),
}

enum Job {
    /// A piece of a store.
    Piece(Arc<FileScan>, Work),
    /// Mail that is in no store.
    Mails { index: usize, path: PathBuf, size: u64, kind: MailKind },
}

/// What all threads share.
struct Shared<'a> {
    args: &'a Scan,
    global: &'a Global,
    progress: Progress,
    /// Set when nobody reads the report any more.
    cancelled: AtomicBool,
}

impl Shared<'_> {
    fn caps(&self) -> Caps {
        Caps { largest: self.args.largest, problems: self.args.errors }
    }
}

/// Runs the command.
pub(crate) fn run(args: &Scan, global: &Global) -> anyhow::Result<Exit> {
    let found = files::find(&args.paths);
    let bytes = found.iter().map(|found| match found {
        Found::File(_, size) | Found::Mail(_, size, _) => *size,
        Found::Unreadable(..) | Found::Nothing(_) => 0,
    });
    let bytes = bytes.fold(0, u64::saturating_add);
    let shared = Shared { args, global, progress: Progress::new(bytes), cancelled: AtomicBool::new(false) };
    let threads = args.threads.unwrap_or_else(|| thread::available_parallelism().map_or(1, |cores| cores.get()));
    let mut reporter = Reporter::new(global.stdout(), args.json, args.quick, args.largest);

    let (room, leave) = sync_channel::<()>(FILES_AT_ONCE);
    let (outcomes, finished) = channel();
    let (jobs, queue) = sync_channel::<Job>(threads.saturating_mul(4));
    let queue = Mutex::new(queue);
    let result = thread::scope(|scope| {
        let (shared, queue) = (&shared, &queue);
        for _ in 0..threads {
            let outcomes = outcomes.clone();
            scope.spawn(move || work(shared, queue, &outcomes));
        }
        scope.spawn(move || open_all(shared, found, &room, &jobs, &outcomes));
        let result = report_all(shared, &mut reporter, finished, leave);
        if result.is_err() {
            shared.cancelled.store(true, Ordering::Relaxed);
        }
        result
    });
    shared.progress.finish();
    result?;
    reporter.finish()
}

/// Opens the files one after the other and gives out the work in them.
fn open_all(
    shared: &Shared<'_>,
    found: Vec<Found>,
    room: &SyncSender<()>,
    jobs: &SyncSender<Job>,
    outcomes: &Sender<(usize, Outcome)>,
) {
    let caps = shared.caps();
    for (index, found) in found.into_iter().enumerate() {
        // Fails when the report has ended early.
        if room.send(()).is_err() {
            return;
        }
        let failed = match found {
            Found::File(path, size) => match shared.global.open_options().open(&path) {
                Ok(pst) => {
                    let file = Arc::new(FileScan::new(index, path, pst, shared.args.quick, caps));
                    file.pieces(|work| {
                        !shared.cancelled.load(Ordering::Relaxed)
                            && jobs.send(Job::Piece(Arc::clone(&file), work)).is_ok()
                    });
                    let_go(shared, file, outcomes);
                    continue;
                }
                Err(error) => {
                    shared.progress.advance(size, 0);
                    Outcome::Failed(path, ErrorReport::of_file(&error))
                }
            },
            Found::Mail(path, size, kind) => {
                if jobs.send(Job::Mails { index, path, size, kind }).is_err() {
                    return;
                }
                continue;
            }
            Found::Unreadable(path, error) => Outcome::Failed(path, ErrorReport::of_file(&error.into())),
            Found::Nothing(path) => Outcome::Failed(path, ErrorReport::nothing_found()),
        };
        // The report is gone if nobody takes it, and then nothing is left to do.
        let _ = outcomes.send((index, failed));
    }
}

/// Does work until there is none.
fn work(shared: &Shared<'_>, queue: &Mutex<Receiver<Job>>, outcomes: &Sender<(usize, Outcome)>) {
    loop {
        let job = queue.lock().map(|queue| queue.recv());
        match job {
            Ok(Ok(Job::Piece(file, work))) => {
                if !shared.cancelled.load(Ordering::Relaxed) {
                    file.work(work, &shared.progress);
                }
                let_go(shared, file, outcomes);
            }
            Ok(Ok(Job::Mails { index, path, size, kind })) => {
                let advance = |bytes, items| {
                    shared.progress.advance(bytes, items);
                    !shared.cancelled.load(Ordering::Relaxed)
                };
                let place = mails::Place { index, path, size, kind };
                let report = MailReport::new(mails::scan(place, shared.caps(), shared.global, &advance));
                let _ = outcomes.send((index, Outcome::Mails(Box::new(report))));
            }
            _ => return,
        }
    }
}

/// Whoever is the last to hold a file finishes it.
fn let_go(shared: &Shared<'_>, file: Arc<FileScan>, outcomes: &Sender<(usize, Outcome)>) {
    let Some(file) = Arc::into_inner(file) else { return };
    let (index, path, pst, stats) = file.finish(&shared.progress, &shared.cancelled);
    let report = FileReport::new(&path, &pst, stats, shared.args.quick);
    let _ = outcomes.send((index, Outcome::Scanned(Box::new(report))));
}

/// Writes the reports in the order of the files and makes room for more files.
fn report_all(
    shared: &Shared<'_>,
    reporter: &mut Reporter,
    finished: Receiver<(usize, Outcome)>,
    leave: Receiver<()>,
) -> anyhow::Result<()> {
    let mut waiting = std::collections::BTreeMap::new();
    let mut next = 0usize;
    for (index, outcome) in finished {
        waiting.insert(index, outcome);
        while let Some(outcome) = waiting.remove(&next) {
            next = next.saturating_add(1);
            // Never blocks: there is an entry for every file that is on its way.
            let _ = leave.recv();
            shared.progress.suspend(|| match outcome {
                Outcome::Scanned(report) => reporter.file(*report),
                Outcome::Mails(report) => reporter.mails(*report),
                Outcome::Failed(path, error) => {
                    tell_failure(&path, &error);
                    reporter.failed(&path, error)
                }
            })?;
        }
    }
    Ok(())
}

fn tell_failure(path: &Path, error: &ErrorReport) {
    stderr_line(&format!("pst: {}: {}", escape_line(&path.to_string_lossy()), escape_line(&error.message)));
}
