//! The run: everything that is met, once.

use std::ops::ControlFlow;
use std::path::Path;

use pst_core::item::{AnyMessage, FolderPath, FolderPaths};
use serde::Serialize;

use super::choice::NotChosen;
use super::facts::{Facts, LastClass};
use super::folders::FolderId;
use super::index::{Exported, INDEX, Index, Line, Origin, Outcome};
use super::output::{Output, Stop};
use super::resume::{self, Earlier, Ready};
use super::{Done, Event, Export, ExportError, Summary};
use crate::input::{Found, Input, Place, Seen, Within};

/// Whether to go on.
type Flow = ControlFlow<()>;

/// An export under way.
struct Run<'r> {
    export: &'r Export,
    source: &'r Path,
    number: usize,
    index: Index,
    output: Output,
    earlier: Earlier,
    summary: Summary,
    /// The top of what a person sees of the store whose items come: the file and entries, and the names.
    top: Option<(Place, Option<FolderPath>)>,
    /// How many items each pattern for folders fits.
    fits: Vec<u64>,
    last_class: LastClass,
    observe: &'r mut dyn FnMut(&Event<'_>) -> Flow,
}

pub(super) fn run(
    export: &Export,
    sources: &[&Path],
    observe: &mut dyn FnMut(&Event<'_>) -> Flow,
) -> Result<Done, ExportError> {
    let first = *sources.first().ok_or(ExportError::NoSource)?;
    let Ready { index, output, earlier, summary } = resume::prepare(export, sources)?;
    let before = earlier.things;
    let fits = vec![0; export.choice.folder_patterns().len()];
    let mut run = Run {
        export,
        source: first,
        number: 0,
        index,
        output,
        earlier,
        summary,
        top: None,
        fits,
        last_class: LastClass::default(),
        observe,
    };
    let mut stores = 0u64;
    let mut stopped = before > 0 && (run.observe)(&Event::GoesOn(before)).is_break();
    stopped |= run.is_beyond_limit();
    let input = Input::new().open_options(export.open.clone()).limits(export.limits);
    for (number, source) in sources.iter().enumerate() {
        if stopped {
            break;
        }
        (run.number, run.source) = (number, source);
        let mut failure = None;
        let seen = input.read([source], &mut |seen| match run.seen(&seen) {
            Ok(flow) => flow,
            Err(error) => {
                failure = Some(error);
                Flow::Break(())
            }
        });
        if let Some(failure) = failure {
            // What is done is done, if there is room for a few lines more.
            let _ = run.index.flush();
            return Err(failure);
        }
        stopped = seen.stopped;
        stores = seen.stores.saturating_add(stores);
    }
    let done = run.finish(stopped, before)?;
    Ok(Done { stores, ..done })
}

/// The last line of the index of an export that is complete.
#[derive(Serialize)]
struct End<'a> {
    summary: &'a Summary,
}

impl Run<'_> {
    fn finish(mut self, stopped: bool, before: u64) -> Result<Done, ExportError> {
        let unwritten = |error| ExportError::Io(self.export.directory.join(INDEX), error);
        if !stopped {
            self.index.add(&End { summary: &self.summary }).map_err(unwritten)?;
        }
        self.index.flush().map_err(unwritten)?;
        let beyond_limit = self.is_beyond_limit();
        let patterns = self.export.choice.folder_patterns().iter().zip(&self.fits);
        let unmatched = patterns.filter(|(_, fits)| **fits == 0 && !stopped).map(|(pattern, _)| pattern.clone());
        Ok(Done { unmatched: unmatched.collect(), summary: self.summary, before, stores: 0, stopped, beyond_limit })
    }

    fn seen(&mut self, seen: &Seen<'_>) -> Result<Flow, ExportError> {
        let place = match seen {
            Seen::Item(found) => found.place,
            Seen::Skipped(skipped) => skipped.place,
            Seen::Failed(failed) => failed.place,
        };
        let file = place.file.to_string_lossy();
        let (offset, node) = match place.within {
            Within::Whole => (None, None),
            Within::Offset(offset) => (Some(offset), None),
            Within::Node(node) => (None, Some(node)),
        };
        let origin = Origin { source: self.number, file: &file, entries: &place.entries, offset, node };
        if let Some(met) = self.earlier.take(&origin) {
            if let Seen::Item(found) = seen {
                self.refuses_folder(found);
                if met.has_place {
                    let folder = self.folder(found);
                    self.arrive(folder)?;
                }
            }
            return Ok((self.observe)(&Event::Known));
        }
        match seen {
            Seen::Item(found) => self.item(found, origin),
            Seen::Skipped(skipped) => self.skip(origin, place, skipped.reason.code(), &skipped.detail),
            Seen::Failed(failed) => self.fail(origin, place, &failed.error),
        }
    }

    /// Adds a line to the index, and tells of it.
    fn line(&mut self, line: &Line<'_>) -> Result<Flow, ExportError> {
        let added = self.index.add(line);
        added.map_err(|error| ExportError::Io(self.export.directory.join(INDEX), error))?;
        let flow = (self.observe)(&Event::Line(line));
        Ok(if self.is_beyond_limit() { Flow::Break(()) } else { flow })
    }

    fn is_beyond_limit(&self) -> bool {
        !self.export.bad_items.allows(self.summary.bad_items())
    }

    fn skip(
        &mut self,
        from: Origin<'_>,
        place: &Place,
        reason: &'static str,
        detail: &str,
    ) -> Result<Flow, ExportError> {
        self.summary.count_skipped(reason);
        let folder = place.folder.names();
        self.line(&Line { from, folder, outcome: Outcome::Skipped { reason, detail } })
    }

    /// Tells of something that cannot be read. The rest goes on, unless whoever is told has had enough of it.
    fn fail(&mut self, from: Origin<'_>, place: &Place, error: &pst_core::Error) -> Result<Flow, ExportError> {
        let kind = error.kind().as_str();
        let is_within = from.offset.is_some() || from.node.is_some();
        self.summary.count_failed(kind, is_within);
        let (folder, message) = (place.folder.names(), error.to_string());
        self.line(&Line { from, folder, outcome: Outcome::Failed { kind, message: &message } })
    }

    fn arrive(&mut self, folder: FolderId) -> Result<(), ExportError> {
        match self.output.arrive(folder) {
            Ok(()) => Ok(()),
            Err(Stop::Write(path, error)) => Err(ExportError::Io(path, error)),
            // Places of folders are not read.
            Err(Stop::Read(error)) => Err(ExportError::Io(self.export.directory.clone(), error.into())),
        }
    }

    fn item(&mut self, found: &Found<'_>, from: Origin<'_>) -> Result<Flow, ExportError> {
        let item = found.item();
        if self.refuses_folder(found) {
            return self.skip(from, found.place, NotChosen::Folder.code(), "");
        }
        match self.export.choice.refuses(&item) {
            Ok(None) => {}
            Ok(Some(reason)) => return self.skip(from, found.place, reason.code(), ""),
            Err(error) => {
                let folder = self.folder(found);
                self.arrive(folder)?;
                return self.fail(from, found.place, &error);
            }
        }
        let facts = Facts::of(&item, &mut self.last_class);
        let folder = self.folder(found);
        self.arrive(folder)?;
        let done = match self.output.item(found, folder, &facts, &from) {
            Ok(done) => done,
            Err(Stop::Read(error)) => return self.fail(from, found.place, &error),
            Err(Stop::Write(path, error)) => return Err(ExportError::Io(path, error)),
        };
        let bytes = done.beside.iter().fold(done.written.bytes, |sum, written| sum.saturating_add(written.bytes));
        self.summary.count_exported(facts.kind.name(), bytes, &done.losses);
        let date = facts.date.map(pst_core::FileTime::to_rfc3339);
        let exported = Exported {
            written: &done.written,
            beside: &done.beside,
            class: facts.class.as_deref(),
            kind: facts.kind.name(),
            subject: facts.subject.as_deref(),
            date: date.as_deref(),
            sender: done.people.sender.as_deref(),
            recipients: &done.people.recipients,
            message_id: done.message_id.as_deref(),
            losses: &done.losses,
        };
        self.line(&Line { from, folder: found.place.folder.names(), outcome: Outcome::Exported(exported) })
    }

    /// The folder of the export that an item goes to.
    fn folder(&mut self, found: &Found<'_>) -> FolderId {
        match (&found.message, found.store) {
            (AnyMessage::Message(message), Some(store)) => {
                self.output.folders.of_message(self.number, self.source, found.place, store, message.folder_id())
            }
            _ => self.output.folders.of_mail(self.number, self.source, found.place),
        }
    }

    /// Whether the folder of an item is not among those that were chosen.
    fn refuses_folder(&mut self, found: &Found<'_>) -> bool {
        if self.export.choice.folder_patterns().is_empty() {
            return false;
        }
        let names = found.place.folder.names();
        let Some(store) = found.store else {
            return self.export.choice.refuses_folder(names, Some(names), &mut self.fits);
        };
        let is_same = |known: &Place| known.file == found.place.file && known.entries == found.place.entries;
        if !self.top.as_ref().is_some_and(|(known, _)| is_same(known)) {
            let top = store.ipm_subtree().ok().flatten().map(|top| FolderPaths::new(store).of(top.id()));
            self.top = Some((found.place.clone(), top));
        }
        let top = self.top.as_ref().and_then(|(_, top)| top.as_ref());
        let below = top.and_then(|top| names.strip_prefix(top.names()));
        self.export.choice.refuses_folder(names, below, &mut self.fits)
    }
}
