//! Mail that is in no store: single mails, mboxes, archives, and what is in those.

use std::fs;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use pst_core::item::{AnyMessage, Item};
use pst_core::journal;
use pst_migrate::input::{Form, Found, Input, Seen, SkipReason};

use super::files::{self, MailKind};
use super::stats::{At, Caps, Item as Counted, Large, Problem, Stats};
use super::walk;
use crate::args::Global;
use crate::dates;

/// A place with mail.
pub(super) struct Place {
    /// Among all that are scanned.
    pub(super) index: usize,
    pub(super) path: PathBuf,
    /// Bytes of its files.
    pub(super) size: u64,
    pub(super) kind: MailKind,
}

/// What was found in one place.
pub(super) struct MailScan {
    pub(super) place: Place,
    pub(super) stats: Stats,
    /// What was left out, by reason.
    pub(super) skipped: Vec<(SkipReason, u64)>,
}

/// Reads all mail in a place. `advance` is told of bytes and items, and says whether to go on.
pub(super) fn scan(place: Place, caps: Caps, global: &Global, advance: &dyn Fn(u64, u64) -> bool) -> MailScan {
    let input = Input::new().open_options(global.open_options());
    let mut stats = Stats::new(caps);
    let mut skipped = std::collections::BTreeMap::new();
    let mut number = u64::try_from(place.index).unwrap_or(0) << 32;
    let mut left = place.size;
    let mut read = |path: &Path| {
        let summary = input.read([path], &mut |seen| {
            match seen {
                Seen::Item(found) => {
                    number = number.saturating_add(1);
                    let bytes = u64::try_from(found.bytes.map_or(0, <[u8]>::len)).unwrap_or(0).min(left);
                    left = left.saturating_sub(bytes);
                    add(&found, number, &mut stats);
                    if !advance(bytes, 1) {
                        return ControlFlow::Break(());
                    }
                }
                Seen::Skipped(skipped) if skipped.reason.may_hide_mail() => {
                    let text = format!("left out: {} {}", skipped.reason, skipped.detail);
                    let place = skipped.place.to_string();
                    stats.problem(Problem::of_mail(skipped.reason.code(), place, text.trim_end()));
                }
                Seen::Skipped(_) => {}
                Seen::Failed(failed) => {
                    let place = failed.place.to_string();
                    stats.problem(Problem::of_mail(failed.error.kind().as_str(), place, failed.error.to_string()));
                }
            }
            ControlFlow::Continue(())
        });
        for (reason, count) in summary.skipped {
            let sum: &mut u64 = skipped.entry(reason).or_default();
            *sum = sum.saturating_add(count);
        }
        !summary.stopped
    };
    match place.kind {
        MailKind::File(_) => {
            read(&place.path);
        }
        // Files come in the order of their names.
        MailKind::Directory => match loose(&place.path) {
            Ok(files) => {
                let _ = files.iter().all(|file| read(file));
            }
            Err(error) => {
                let error = pst_core::Error::io(error);
                stats.problem(Problem::of_mail("io", place.path.to_string_lossy().into_owned(), error.to_string()));
            }
        },
    }
    stats.trim();
    advance(left, 0);
    MailScan { place, stats, skipped: skipped.into_iter().collect() }
}

/// The single mails in a directory, not those below it.
fn loose(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_file() && files::form_of(&path) == Some(Form::Mail) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn add(found: &Found<'_>, number: u64, stats: &mut Stats) {
    let item = found.item();
    let place = || found.place.to_string();
    match &found.message {
        AnyMessage::Message(message) => {
            // A store in an archive.
            let large = |large: (u64, String)| Large {
                bytes: large.0,
                at: At::Mail { place: place(), folder: found.place.folder.to_string() },
                subject: large.1,
            };
            let problem = |error: &pst_core::Error| Problem::of_mail(error.kind().as_str(), place(), error.to_string());
            walk::message(message, found.store, number, stats, &large, &problem);
        }
        AnyMessage::Mail(mail) => {
            let bytes = u64::try_from(found.bytes.map_or(0, <[u8]>::len)).unwrap_or(0);
            stats.read = stats.read.saturating_add(1);
            stats.recipients = stats.recipients.saturating_add(count(item.recipients()));
            contents(item, 0, stats);
            stats.journal.add(&journal::of_mail(mail));
            stats.people.add(number, item);
            // Neither fails for a mail.
            let date =
                |date: pst_core::Result<Option<pst_core::item::ItemDate>>| date.ok().flatten().map(|date| date.time);
            let date = dates::best(date(item.received()), date(item.sent()), None).map(|(date, _)| date);
            let class = item.class().ok().and_then(|class| class.class);
            stats.item(Counted { associated: false, class, date, bytes });
            if bytes >= stats.large_from() {
                let subject = item.subject().ok().flatten().unwrap_or_default();
                let at = At::Mail { place: place(), folder: found.place.folder.to_string() };
                stats.large(Large { bytes, at, subject });
            }
        }
    }
}

fn count<T>(iterator: impl Iterator<Item = T>) -> u64 {
    u64::try_from(iterator.count()).unwrap_or(u64::MAX)
}

/// Reads the content of a mail to its last byte, with the messages in it.
fn contents(item: Item<'_>, depth: u32, stats: &mut Stats) {
    /// Messages in messages that are opened; more is no mail.
    const DEPTH: u32 = 64;
    let bodies = [item.plain_text(), item.html()].into_iter().filter_map(|text| text.ok().flatten());
    let mut bytes = bodies.fold(0u64, |sum, text| sum.saturating_add(u64::try_from(text.len()).unwrap_or(0)));
    for attachment in item.attachments().filter_map(Result::ok) {
        stats.attachments = stats.attachments.saturating_add(1);
        match attachment.message() {
            Ok(Some(message)) if depth < DEPTH => {
                stats.embedded_messages = stats.embedded_messages.saturating_add(1);
                contents(message.item(), depth.saturating_add(1), stats);
            }
            _ => bytes = bytes.saturating_add(attachment.size().ok().flatten().unwrap_or(0)),
        }
    }
    stats.bytes_read = stats.bytes_read.saturating_add(bytes);
}
