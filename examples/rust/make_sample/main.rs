//! Builds the sample that the README runs on: `make-sample FILE`. The same bytes every time; all names are invented.
//!
//! It is written as any program writes a store: `PstWriter` makes folders, drafts become messages in them, `finish` completes
//! the file.

mod calendar;
mod mail;
mod people;
mod reports;

use pst_core::messaging::SpecialFolder;
use pst_core::write::{FileTarget, FolderId, MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Result};

/// What all parts of the sample write to.
type Writer = PstWriter<FileTarget>;

/// A time of the sample: so many hours after 2024-03-04 08:00 UTC, a Monday.
fn at(hours: i64) -> FileTime {
    const MONDAY: i64 = 1_709_539_200;
    FileTime::from_unix_seconds(MONDAY.saturating_add(hours.saturating_mul(3600))).unwrap_or_default()
}

/// A mail from Ines to Jonas, delivered so many hours after the beginning.
fn mail(subject: &str, hours: i64) -> MessageDraft {
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject(subject)
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .dates(at(hours), at(hours))
        .message_id(&format!("<{hours}.sample@example.com>"));
    mail
}

/// A folder at the top that mail programs use for something.
fn special(out: &mut Writer, name: &str, class: &str, use_: SpecialFolder) -> Result<FolderId> {
    let folder = out.folder_of_class(out.ipm_subtree(), name, class)?;
    out.designate(folder, use_)?;
    Ok(folder)
}

fn write(path: &std::ffi::OsStr) -> Result<()> {
    // A record key and a time of its own make the file the same every time.
    let options = WriteOptions::new().name("Sample").record_key(*b"sample.pst......").now(at(0)).overwrite(true);
    let mut out = PstWriter::create(path, options)?;
    let inbox = special(&mut out, "Inbox", "IPF.Note", SpecialFolder::Inbox)?;
    let sent = special(&mut out, "Sent Items", "IPF.Note", SpecialFolder::SentItems)?;
    let drafts = special(&mut out, "Drafts", "IPF.Note", SpecialFolder::Drafts)?;
    let deleted = out.deleted_items();
    let unread = out.search_folder(out.finder(), "Unread")?;
    mail::inbox(&mut out, inbox, unread)?;
    mail::others(&mut out, sent, drafts, deleted)?;

    let projects = out.folder(out.ipm_subtree(), "Projects")?;
    let meetings = out.folder(projects, "Meetings")?;
    let received = out.folder(projects, "Reports")?;
    let old = out.folder(projects, "Old / 2023")?;
    reports::reports(&mut out, received)?;
    reports::archived(&mut out, old)?;

    let calendar = special(&mut out, "Calendar", "IPF.Appointment", SpecialFolder::Calendar)?;
    calendar::appointments(&mut out, calendar)?;
    calendar::meeting(&mut out, meetings)?;
    let contacts = special(&mut out, "Contacts", "IPF.Contact", SpecialFolder::Contacts)?;
    people::contacts(&mut out, contacts)?;
    let tasks = special(&mut out, "Tasks", "IPF.Task", SpecialFolder::Tasks)?;
    people::tasks(&mut out, tasks)?;
    out.finish()?;
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: make-sample FILE")?;
    Ok(write(&path)?)
}
