//! Mails: made into items, with what their place tells of them.

use pst_core::Result;
use pst_core::convert::from_mime::{self, Marks};
use pst_core::convert::{Loss, LossKind};
use pst_core::ltp::id;
use pst_core::mime::Mail;
use pst_core::ndb::Nid;
use pst_core::write::{FolderId, PstWriter, Target};

use super::Note;
use super::way::Way;
use crate::input::{Found, MaildirFlags};

/// Writes a mail, and tells what became of it.
pub(super) fn write<T: Target>(
    out: &mut PstWriter<T>,
    folder: FolderId,
    found: &Found<'_>,
    mail: &Mail<'_>,
    way: &Way,
    notes: &mut Vec<Note>,
) -> Result<Nid> {
    let converted = from_mime::convert(mail, out)?;
    let mut message = converted.message;
    notes.extend(converted.losses.into_iter().map(Note::Loss));
    notes.extend(found.findings.iter().cloned().map(Note::Frame));
    if let Some(flags) = &way.flags {
        let of_mail = Marks::of_mail(mail);
        let marks = of_mail.and(marks_of(flags));
        marks.set(&mut message);
        if flags.trashed && !of_mail.deleted {
            notes.push(Note::Loss(Loss::new(LossKind::NoPlace, "it is marked as deleted")));
        }
        if !flags.other.is_empty() {
            let detail = format!("the letters {:?} of its maildir, whose meaning a server keeps", flags.other);
            notes.push(Note::Loss(Loss::new(LossKind::NoPlace, detail)));
        }
    }
    // When it came: what the server wrote into the mail, else what the program wrote in front of it.
    if !message.properties().contains(id::MESSAGE_DELIVERY_TIME)
        && let Some(time) = found.envelope_date.and_then(|date| date.to_file_time())
    {
        message.properties().time(id::MESSAGE_DELIVERY_TIME, time);
    }
    out.message(folder, message)
}

/// The name of the file says all of it: what is not there is not so.
fn marks_of(flags: &MaildirFlags) -> Marks {
    let mut marks = Marks::default();
    marks.read = Some(flags.seen);
    marks.answered = flags.replied;
    marks.forwarded = flags.passed;
    marks.flagged = flags.flagged;
    marks.draft = flags.draft;
    marks.deleted = flags.trashed;
    marks
}
