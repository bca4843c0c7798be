//! What is inside a store or an archive: items, classes, journal reports, and whether they can be read.
//!
//! A store is walked twice by its nodes. The first time counts items by folder; the second opens those that were picked, by
//! a picker that knows the numbers. What lists items is not believed: rows of tables are asked for sizes alone.

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use pst_core::item::{AnyMessage, FolderPaths};
use pst_core::journal::{self, JournalReader};
use pst_core::ltp::id;
use pst_core::messaging::{Message, inspect};
use pst_core::ndb::{Layout, Nid, NidType};
use pst_core::source::Source;
use pst_core::{Error, Mapping, OpenOptions, Pst, rtf};

use crate::input::{Input, Seen, Within};
use crate::profile::{ClassVerdict, Profile};
use crate::random::{Picker, Random};

/// Places and errors that are kept of a file; the rest is counted.
pub const MOST_PLACES: usize = 100;
/// Folders whose items are counted apart.
const MOST_FOLDERS: usize = 1_000_000;
/// How often the bytes of a store may be met in its items. Blocks may be shared, and by a hostile store without end.
const SHARED: u64 = 64;
/// Rows of tables beyond those of all items: tables of old programs have some that are dead.
const MORE_ROWS: u64 = 100_000;

/// What was seen inside a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    /// Items, those that are hidden not counted.
    pub items: u64,
    /// Every item was read to its end.
    pub whole: bool,
    /// Items that were read to their end.
    pub read: u64,
    /// Items of those that could not be.
    pub unreadable: u64,
    /// What could not be read, with its place; [`MOST_PLACES`] at most.
    pub errors: Vec<String>,
    /// What could not be listed: pages, tables.
    pub unlisted: u64,
    /// Items of the largest size and more: place and bytes; [`MOST_PLACES`] at most.
    pub large: Vec<(String, u64)>,
    /// All of these.
    pub large_count: u64,
    /// Folders with too many items: path and number; [`MOST_PLACES`] at most.
    pub full_folders: Vec<(String, u64)>,
    /// All of these.
    pub full_folder_count: u64,
    /// Items whose class and form were looked at.
    pub looked_at: u64,
    /// Journal reports among them.
    pub reports: u64,
    /// They by what becomes of them.
    pub classes: BTreeMap<ClassVerdict, u64>,
    /// What an archive has that is no mail or is not read; [`MOST_PLACES`] at most.
    pub foreign: Vec<String>,
    /// All of these.
    pub foreign_count: u64,
    /// The store says that it is longer by this.
    pub missing_bytes: u64,
    /// It has the old form, which ends at 2 GB.
    pub ansi: bool,
}

impl Content {
    fn error(&mut self, text: impl FnOnce() -> String) {
        if self.errors.len() < MOST_PLACES {
            self.errors.push(text());
        }
    }

    fn unlisted(&mut self, error: &Error) {
        self.unlisted = self.unlisted.saturating_add(1);
        self.error(|| error.to_string());
    }

    fn look(&mut self, class: ClassVerdict, is_report: bool) {
        self.looked_at = self.looked_at.saturating_add(1);
        self.reports = self.reports.saturating_add(u64::from(is_report));
        let count = self.classes.entry(class).or_default();
        *count = count.saturating_add(1);
    }

    /// Items that were looked at with this verdict.
    pub fn of_class(&self, verdict: ClassVerdict) -> u64 {
        self.classes.get(&verdict).copied().unwrap_or(0)
    }
}

/// How a file is looked into.
pub(super) struct Look<'l> {
    pub(super) profile: &'l Profile,
    pub(super) random: Random,
    /// Read every item.
    pub(super) full: bool,
    /// Asked between items; true ends it.
    pub(super) is_stopped: &'l dyn Fn() -> bool,
}

/// Opens a store. **It is never mapped**: another program may cut the file short meanwhile.
pub(super) fn open(source: Box<dyn Source>) -> Result<Pst, Error> {
    OpenOptions::new().mapping(Mapping::Never).from_source(source)
}

impl Look<'_> {
    /// Whether items of this store are read to their end.
    fn is_chosen(&mut self, size: u64) -> bool {
        let sampling = &self.profile.sampling;
        #[allow(clippy::cast_precision_loss)]
        let by_size = if sampling.stores_certain == 0 { 1.0 } else { size as f64 / sampling.stores_certain as f64 };
        self.random.share() < sampling.stores_share + by_size
    }

    /// The number of items that are read of so many.
    fn sample(&self, items: u64) -> u64 {
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let share = (items as f64 * self.profile.sampling.items_share).ceil() as u64;
        share.max(self.profile.sampling.items_min)
    }

    /// Looks into a store.
    pub(super) fn store(mut self, pst: &Pst) -> Content {
        let mut content = Content {
            missing_bytes: pst.missing_bytes(),
            ansi: pst.format().layout() == Layout::Ansi,
            ..Content::default()
        };
        let folders = count(pst, &mut content, self.is_stopped);
        let mut paths = FolderPaths::new(pst);
        let most = self.profile.sizes.folder_items;
        let mut full: Vec<(Nid, u64)> = folders.iter().filter(|(_, n)| **n > most).map(|(nid, n)| (*nid, *n)).collect();
        full.sort_unstable();
        content.full_folder_count = u64::try_from(full.len()).unwrap_or(u64::MAX);
        content.full_folders =
            full.into_iter().take(MOST_PLACES).map(|(nid, items)| (paths.of(nid).to_string(), items)).collect();
        self.sizes(pst, &folders, &mut content);
        self.items(pst, &folders, &mut content);
        content
    }

    /// Reads the sizes of all items from the tables of their folders.
    fn sizes(&self, pst: &Pst, folders: &HashMap<Nid, u64>, content: &mut Content) {
        let mut sorted: Vec<Nid> = folders.keys().copied().collect();
        sorted.sort_unstable();
        let mut rows_left = content.items.saturating_mul(2).saturating_add(MORE_ROWS);
        for nid in sorted {
            if (self.is_stopped)() {
                return;
            }
            // Items without a folder have no table; their sizes are looked at with them.
            let Ok(folder) = pst.folder(nid) else { continue };
            let table = match folder.contents_table() {
                Ok(Some(table)) => table,
                Ok(None) => continue,
                Err(error) => {
                    content.unlisted(&error);
                    continue;
                }
            };
            for row in table.rows() {
                let Some(left) = rows_left.checked_sub(1) else {
                    content.unlisted = content.unlisted.saturating_add(1);
                    content.error(|| "the tables of folders list more items than there are".to_owned());
                    return;
                };
                rows_left = left;
                match row {
                    Ok(row) => {
                        let size = row.integer(id::MESSAGE_SIZE).and_then(|size| u64::try_from(size).ok());
                        if let Some(size) = size.filter(|size| *size >= self.profile.sizes.item) {
                            content.large_count = content.large_count.saturating_add(1);
                            if content.large.len() < MOST_PLACES {
                                content.large.push((row.nid().to_string(), size));
                            }
                        }
                    }
                    Err(error) => content.unlisted(&error),
                }
            }
        }
    }

    /// Opens the items that are picked.
    fn items(&mut self, pst: &Pst, folders: &HashMap<Nid, u64>, content: &mut Content) {
        let chosen = self.full || self.is_chosen(pst.file_size());
        let total = content.items;
        let mut certain = self.certain(folders);
        let wanted = if self.full { total } else { self.sample(total) };
        // Those that are picked for their folders are part of the number.
        let by_folder = u64::try_from(certain.len()).unwrap_or(0);
        let mut readers = Picker::new(wanted.saturating_sub(if self.full { 0 } else { by_folder }), total);
        let looked_at = if self.full { total } else { self.profile.sampling.content_items };
        let mut lookers = Picker::new(looked_at, total);
        let names = pst.named_properties().ok();
        let reader = JournalReader::new().rtf(&text_of_rtf);
        let reader = names.as_deref().map_or(reader, |names| reader.names(names));
        let mut bytes_left = pst.file_size().saturating_mul(SHARED);
        for entry in pst.message_entries() {
            if (self.is_stopped)() {
                return;
            }
            // What cannot be listed was told the first time.
            let Ok(entry) = entry else { continue };
            if entry.nid.kind() == NidType::ASSOCIATED_MESSAGE {
                continue;
            }
            let for_folder = certain.get_mut(&entry.parent).is_some_and(|left| {
                let is_it = *left == Some(0);
                *left = left.and_then(|left| left.checked_sub(1));
                is_it
            });
            let is_read = (readers.next(&mut self.random) | for_folder) && chosen && bytes_left > 0;
            let is_looked_at = lookers.next(&mut self.random);
            if !is_read && !is_looked_at {
                continue;
            }
            match pst.message_from_entry(entry) {
                Ok(message) => {
                    let bytes = self.item(&message, (is_read, is_looked_at), &reader, content);
                    bytes_left = bytes_left.saturating_sub(bytes);
                    if bytes > 0 && bytes_left == 0 {
                        content.unlisted = content.unlisted.saturating_add(1);
                        content.error(|| format!("its items have more than {SHARED} times the bytes of the file"));
                    }
                }
                Err(error) => {
                    content.read = content.read.saturating_add(u64::from(is_read));
                    content.unreadable = content.unreadable.saturating_add(1);
                    content.error(|| error.to_string());
                }
            }
        }
        content.whole = self.full && content.read >= total;
    }

    /// The folders of which one item is read for sure, with its number among theirs.
    fn certain(&mut self, folders: &HashMap<Nid, u64>) -> HashMap<Nid, Option<u64>> {
        let mut sorted: Vec<(Nid, u64)> = folders.iter().map(|(nid, items)| (*nid, *items)).collect();
        sorted.sort_unstable();
        let mut picker = Picker::new(self.profile.sampling.folders, u64::try_from(sorted.len()).unwrap_or(0));
        let mut certain = HashMap::new();
        for (nid, items) in sorted {
            if picker.next(&mut self.random) {
                certain.insert(nid, Some(self.random.below(items)));
            }
        }
        certain
    }

    /// Looks at an item, and gives the bytes that were read to its end.
    fn item(
        &self,
        message: &Message,
        (is_read, is_looked_at): (bool, bool),
        reader: &JournalReader<'_>,
        to: &mut Content,
    ) -> u64 {
        if is_looked_at {
            let class = message.class();
            let is_report = reader.read(message).is_ok_and(|journal| journal.is_report());
            match class {
                Ok(class) => to.look(self.profile.classes.decide(class.as_deref(), false), is_report),
                // Reading it tells the error; what cannot be known counts as nothing.
                Err(_) => to.look(ClassVerdict::NoClass, is_report),
            }
        }
        if !is_read {
            return 0;
        }
        to.read = to.read.saturating_add(1);
        let found = inspect(message);
        if found.error_count > 0 {
            to.unreadable = to.unreadable.saturating_add(1);
            to.error(|| {
                let first = found.errors.first().map(ToString::to_string).unwrap_or_default();
                format!("item {}: {first}", message.id())
            });
        }
        found.bytes
    }

    /// Looks into an archive: at all mails of it, or at the first ones.
    pub(super) fn archive(&self, name: &str, source: Box<dyn Source>) -> Content {
        let mut content = Content::default();
        let sampling = &self.profile.sampling;
        let most = if self.full { u64::MAX } else { sampling.content_items.max(sampling.items_min) };
        let input = Input::new().open_options(OpenOptions::new().mapping(Mapping::Never));
        let foreign = |content: &mut Content, text: String| {
            content.foreign_count = content.foreign_count.saturating_add(1);
            if content.foreign.len() < MOST_PLACES {
                content.foreign.push(text);
            }
        };
        // Items of stores in archives come by the million.
        let mut in_store: Option<String> = None;
        let summary = input.read_source(name, source, &mut |seen| {
            match seen {
                Seen::Item(found) => {
                    content.items = content.items.saturating_add(1);
                    content.read = content.read.saturating_add(1);
                    if matches!(found.place.within, Within::Node(_)) {
                        let entry = found.place.entries.join("!");
                        if in_store.as_ref() != Some(&entry) {
                            foreign(&mut content, format!("{entry}: a store"));
                            in_store = Some(entry);
                        }
                    }
                    let class = found.item().class().ok().and_then(|class| class.class);
                    let is_report = match &found.message {
                        AnyMessage::Mail(mail) => journal::of_mail(mail).is_report(),
                        AnyMessage::Message(message) => {
                            journal::of_message(message).is_ok_and(|found| found.is_report())
                        }
                    };
                    if let Some(size) = found.bytes.and_then(|bytes| u64::try_from(bytes.len()).ok())
                        && size >= self.profile.sizes.item
                    {
                        content.large_count = content.large_count.saturating_add(1);
                        if content.large.len() < MOST_PLACES {
                            content.large.push((found.place.entries.join("!"), size));
                        }
                    }
                    content.look(self.profile.classes.decide(class.as_deref(), false), is_report);
                }
                Seen::Skipped(skipped) => {
                    let place = skipped.place.entries.join("!");
                    foreign(
                        &mut content,
                        format!("{place}: {} {}", skipped.reason, skipped.detail).trim_end().to_owned(),
                    );
                }
                Seen::Failed(failed) => {
                    content.unreadable = content.unreadable.saturating_add(1);
                    let (place, error) = (failed.place.entries.join("!"), failed.error);
                    content.error(|| format!("{place}: {error}"));
                }
            }
            if content.items >= most || (self.is_stopped)() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        content.whole = !summary.stopped;
        content
    }
}

/// Counts the items of each folder, and what cannot be listed.
fn count(pst: &Pst, content: &mut Content, is_stopped: &dyn Fn() -> bool) -> HashMap<Nid, u64> {
    let mut folders: HashMap<Nid, u64> = HashMap::new();
    for entry in pst.message_entries() {
        if is_stopped() {
            break;
        }
        match entry {
            Ok(entry) if entry.nid.kind() == NidType::ASSOCIATED_MESSAGE => {}
            Ok(entry) => {
                content.items = content.items.saturating_add(1);
                if folders.len() < MOST_FOLDERS || folders.contains_key(&entry.parent) {
                    let count = folders.entry(entry.parent).or_default();
                    *count = count.saturating_add(1);
                }
            }
            Err(error) => content.unlisted(&error),
        }
    }
    folders
}

/// The text of an RTF body, for envelopes that are kept in no other form.
fn text_of_rtf(bytes: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    rtf::to_text(bytes, &mut text, &rtf::Options::default()).ok()?;
    String::from_utf8(text).ok()
}
