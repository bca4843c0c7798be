//! What callbacks are told while long work goes on.

use std::ffi::c_void;

use pst_core::transfer;
use pst_migrate::{create, export};

use crate::error::Failure;
use crate::status::Status;
use crate::view::Str;

/// How far a check or a recovery is.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// What is being done, in one word.
    pub phase: Str,
    /// What of it is done: bytes, nodes or folders.
    pub done: u64,
    /// All of it; 0 if that is not known.
    pub total: u64,
}

/// Told how far the work is; what it returns says whether to go on. It may be NULL. It must return: no exception and no
/// `longjmp` may leave it. What it is given lives until it returns.
pub type OnProgress = Option<extern "C" fn(user: *mut c_void, progress: &Progress) -> bool>;

/// What happened in a copy, merge, split, export or creation.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// An item was written. `count` parts of it are not, or are changed: `detail` names them.
    Written = 0,
    /// Something was left out: `reason` says why.
    Skipped = 1,
    /// Something could not be read.
    Failed = 2,
    /// A folder is in the new file.
    Folder = 3,
    /// `count` parts of a folder's own properties are not in the new file.
    DamagedFolder = 4,
    /// A place of the source could not be read, and it is not known what it held.
    Unreadable = 5,
    /// `count` folders fit a pattern of the filter, which is `detail`.
    FolderPattern = 6,
    /// A search folder was not taken along.
    SearchFolder = 7,
    /// An item was looked at on a first pass that writes nothing yet.
    Planned = 8,
    /// Something that an earlier run had done was met again, and left as it is.
    Known = 9,
    /// A run goes on that was stopped after `count` things.
    GoesOn = 10,
    /// Something that this number was not made for.
    Other = 99,
}

/// Something that happened.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Its node in the source; 0 if it has none.
    pub node: u32,
    /// Its node in the new file; 0 if it has none.
    pub new_node: u32,
    /// Bytes of it; 0 if that is not known.
    pub bytes: u64,
    /// As its kind says.
    pub count: u64,
    /// Where it stands: the path of its folder, or file and place in it.
    pub place: Str,
    /// Why, as a stable word with hyphens; empty if it went well.
    pub reason: Str,
    /// What a person wants to know; may be empty, and have several lines.
    pub detail: Str,
}

/// Told of everything that happens; what it returns says whether to go on. It may be NULL. It must return: no exception and
/// no `longjmp` may leave it. What it is given lives until it returns.
pub type OnEvent = Option<extern "C" fn(user: *mut c_void, event: &Event) -> bool>;

/// Text with a NUL behind it.
struct Ended(Vec<u8>);

impl Ended {
    fn new(text: &str) -> Self {
        let mut bytes = text.as_bytes().to_vec();
        bytes.push(0);
        Self(bytes)
    }

    fn view(&self) -> Str {
        Str { data: self.0.as_ptr().cast(), length: self.0.len().saturating_sub(1) }
    }
}

/// Tells how far something is.
pub(crate) fn progress(on_progress: OnProgress, user: *mut c_void, phase: &str, done: u64, total: u64) -> bool {
    let Some(on_progress) = on_progress else { return true };
    let phase = Ended::new(phase);
    on_progress(user, &Progress { phase: phase.view(), done, total })
}

/// An event before C sees it.
#[derive(Default)]
struct Told {
    node: u32,
    new_node: u32,
    bytes: u64,
    count: u64,
    place: String,
    reason: String,
    detail: String,
}

impl Told {
    fn tell(&self, kind: EventKind, on_event: OnEvent, user: *mut c_void) -> bool {
        let Some(on_event) = on_event else { return true };
        let (place, reason, detail) = (Ended::new(&self.place), Ended::new(&self.reason), Ended::new(&self.detail));
        let &Self { node, new_node, bytes, count, .. } = self;
        let (place, reason, detail) = (place.view(), reason.view(), detail.view());
        on_event(user, &Event { kind, node, new_node, bytes, count, place, reason, detail })
    }
}

fn lines<T: ToString>(parts: impl IntoIterator<Item = T>) -> String {
    parts.into_iter().map(|part| part.to_string()).collect::<Vec<_>>().join("\n")
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Tells of a copy, merge or split.
pub(crate) fn transfer(on_event: OnEvent, user: *mut c_void, event: &transfer::Event<'_>) -> bool {
    use transfer::Event as From;
    if on_event.is_none() {
        return true;
    }
    let own = Told::default();
    let (kind, told) = match event {
        From::Written { node, folder, new_node, bytes, left_out } => {
            let detail = lines(*left_out);
            let (node, new_node, place) = (node.raw(), new_node.raw(), (*folder).to_owned());
            (
                EventKind::Written,
                Told { node, new_node, bytes: *bytes, count: count(left_out.len()), place, detail, ..own },
            )
        }
        From::Skipped { node, folder, reason, error } => {
            let detail = error.map_or_else(String::new, ToString::to_string);
            let reason = reason.as_str().to_owned();
            (EventKind::Skipped, Told { node: node.raw(), place: (*folder).to_owned(), reason, detail, ..own })
        }
        From::Folder { node } => (EventKind::Folder, Told { node: node.raw(), ..own }),
        From::DamagedFolder { node, folder, left_out } => {
            let (place, detail) = ((*folder).to_owned(), lines(*left_out));
            (EventKind::DamagedFolder, Told { node: node.raw(), place, count: count(left_out.len()), detail, ..own })
        }
        From::Unreadable { error } => {
            let (reason, detail) = (error.kind().to_string(), error.to_string());
            (EventKind::Unreadable, Told { reason, detail, ..own })
        }
        From::FolderPattern { pattern, folders } => {
            (EventKind::FolderPattern, Told { count: *folders, detail: (*pattern).to_owned(), ..own })
        }
        From::SearchFolder { node, folder } => {
            (EventKind::SearchFolder, Told { node: node.raw(), place: (*folder).to_owned(), ..own })
        }
        From::Planned { node, .. } => (EventKind::Planned, Told { node: node.raw(), ..own }),
        other => (EventKind::Other, Told { detail: format!("{other:?}"), ..own }),
    };
    told.tell(kind, on_event, user)
}

/// Tells of the creation of a store.
pub(crate) fn create(on_event: OnEvent, user: *mut c_void, event: &create::Event<'_>) -> bool {
    use create::Event as From;
    if on_event.is_none() {
        return true;
    }
    let own = Told::default();
    let (kind, told) = match event {
        From::Written { place, node, bytes, notes, .. } => {
            let (place, detail) = (place.to_string(), lines(*notes));
            (
                EventKind::Written,
                Told { new_node: node.raw(), bytes: *bytes, count: count(notes.len()), place, detail, ..own },
            )
        }
        From::Skipped { place, reason, detail } => {
            let (place, reason) = (place.to_string(), reason.code().to_owned());
            (EventKind::Skipped, Told { place, reason, detail: (*detail).to_owned(), ..own })
        }
        From::Failed { place, error } => {
            let (place, reason) = (place.to_string(), error.kind().to_string());
            (EventKind::Failed, Told { place, reason, detail: error.to_string(), ..own })
        }
        other => (EventKind::Other, Told { detail: format!("{other:?}"), ..own }),
    };
    told.tell(kind, on_event, user)
}

/// Tells of an export.
pub(crate) fn export(on_event: OnEvent, user: *mut c_void, event: &export::Event<'_>) -> bool {
    use export::{Event as From, Outcome};
    if on_event.is_none() {
        return true;
    }
    let line = match event {
        From::GoesOn(done) => return Told { count: *done, ..Told::default() }.tell(EventKind::GoesOn, on_event, user),
        From::Known => return Told::default().tell(EventKind::Known, on_event, user),
        From::Line(line) => line,
        other => {
            let detail = format!("{other:?}");
            return Told { detail, ..Told::default() }.tell(EventKind::Other, on_event, user);
        }
    };
    let origin = &line.from;
    let mut place = vec![origin.file.to_owned()];
    place.extend(origin.entries.iter().cloned());
    place.extend(origin.offset.map(|offset| format!("{offset:#x}")));
    let node = origin.node.map_or(0, |node| node.raw());
    let own = Told { place: place.join(": "), node, ..Told::default() };
    let (kind, told) = match &line.outcome {
        Outcome::Exported(exported) => {
            let detail = lines(exported.losses.iter().map(|loss| format!("{}: {}", loss.code, loss.detail)));
            let bytes = exported.written.bytes;
            (EventKind::Written, Told { bytes, count: count(exported.losses.len()), detail, ..own })
        }
        Outcome::Skipped { reason, detail } => {
            (EventKind::Skipped, Told { reason: (*reason).to_string(), detail: (*detail).to_string(), ..own })
        }
        Outcome::Failed { kind, message } => {
            (EventKind::Failed, Told { reason: (*kind).to_string(), detail: (*message).to_string(), ..own })
        }
    };
    told.tell(kind, on_event, user)
}

/// The failure of work that a callback stopped.
pub(crate) fn cancelled() -> Failure {
    Failure::new(Status::Cancelled, "a callback asked to stop")
}
