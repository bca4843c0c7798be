//! Journal reports: who got a mail, and the mail itself.
#![allow(unsafe_code, reason = "names are exported; blocks stand in pointer.rs and kept.rs alone")]

use std::io::Read;
use std::mem::MaybeUninit;
use std::sync::{Arc, Mutex};

use pst_core::journal::{self as core, Envelope, JournalReader, Original, Place, Report};
use pst_core::rtf;

use crate::error::{Error, Failure};
use crate::guard::{give, give_next, give_some, guard, put, put_some, wait};
use crate::handle::{self, get};
use crate::lent::Lent;
use crate::message::Message;
use crate::person::{Person, PersonIter, PersonRole};
use crate::status::Status;
use crate::view::Str;

/// What a message is as a journal report. May be used by several threads at once, and after its message was freed.
pub struct Journal {
    journal: core::Journal,
    /// Originals may be a part of its bytes.
    message: Arc<Message>,
    lent: Lent,
}

impl Journal {
    fn report(&self) -> Option<&Report> {
        match &self.journal {
            core::Journal::Report(report) | core::Journal::Suspect(report) => Some(report),
            _ => None,
        }
    }

    fn envelope(&self) -> Option<&Envelope> {
        self.report()?.envelope.as_ref()
    }
}

/// Reads a message as a journal report, whether it is one or not: `pst_journal_kind` tells. Reports inside reports, and
/// reports in non-delivery reports, are taken apart too.
///
/// The journal is the caller's, to be freed with `pst_journal_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_message_journal(
    message: *const Message,
    journal: Option<&mut MaybeUninit<*mut Journal>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(journal, || {
            let message = get(message)?;
            let journal = match (message.as_stored(), message.item().as_mail()) {
                (Some((stored, pst)), _) => {
                    // Without the names, the marker may still be among the headers.
                    let names = pst.named_properties().ok();
                    let reader = JournalReader::new().rtf(&text_of_rtf);
                    names.as_deref().map_or(reader, |names| reader.names(names)).read(stored)?
                }
                (None, Some(mail)) => core::of_mail(mail),
                (None, None) => return Err(Failure::new(Status::WrongType, "a message of neither kind")),
            };
            Ok(Journal { journal, message, lent: Lent::default() })
        })
    })
}

/// The text of an RTF body, for envelopes that are kept in no other form.
fn text_of_rtf(rtf: &[u8]) -> Option<String> {
    let mut text = Vec::new();
    rtf::to_text(rtf, &mut text, &rtf::Options::default()).ok()?;
    String::from_utf8(text).ok()
}

/// What it is: `ordinary`, `journal-report`, `journal-suspect`, `journal-ndr` (a report that could not be delivered) or
/// `too-deep`.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_kind(
    journal: *const Journal,
    kind: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 0, kind, error, |journal| Some(journal.journal.name()))
}

/// Whether it is a report, or one that could not be delivered.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_is_report(
    journal: *const Journal,
    is: Option<&mut MaybeUninit<bool>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || put(is, || Ok(get(journal)?.journal.is_report())))
}

/// The form of the envelope, such as `exchange2007`.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_format(
    journal: *const Journal,
    format: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 1, format, error, |journal| Some(journal.envelope()?.format.name()))
}

/// What marks it as a report, such as a header.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_marker(
    journal: *const Journal,
    marker: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 2, marker, error, |journal| Some(journal.report()?.marker?.name()))
}

/// The subject the envelope tells.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_subject(
    journal: *const Journal,
    subject: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 3, subject, error, |journal| journal.envelope()?.subject.as_deref())
}

/// The Message-ID the envelope tells, as it stands there with its angle brackets.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_message_id(
    journal: *const Journal,
    id: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 4, id, error, |journal| journal.envelope()?.message_id.as_deref())
}

/// The label of the mail.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_label(
    journal: *const Journal,
    label: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    text(journal, 5, label, error, |journal| journal.envelope()?.label.as_deref())
}

/// What is odd about the report: stable codes in one text, a blank between them; empty if nothing is.
///
/// The text lives as long as the journal.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_warnings(
    journal: *const Journal,
    codes: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let journal = get(journal)?;
        put_some(codes, || {
            journal.lent.text(6, || {
                let of_report = journal.report().into_iter().flat_map(|report| &report.warnings);
                let of_envelope = journal.envelope().into_iter().flat_map(|envelope| &envelope.warnings);
                let mut codes: Vec<&str> = Vec::new();
                for warning in of_report.chain(of_envelope) {
                    if !codes.contains(&warning.kind.code()) {
                        codes.push(warning.kind.code());
                    }
                }
                Ok(Some(codes.join(" ")))
            })
        })
    })
}

fn text(
    journal: *const Journal,
    key: u64,
    out: Option<&mut MaybeUninit<Str>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
    make: impl FnOnce(&Journal) -> Option<&str>,
) -> Status {
    guard(error, || {
        let journal = get(journal)?;
        put_some(out, || journal.lent.text(key, || Ok(make(&journal).map(str::to_owned))))
    })
}

/// Somebody the envelope names: `PST_ROLE_SENDER`, `_REPRESENTING` or `_MAILBOX`.
///
/// The person is the caller's, to be freed with `pst_person_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_person(
    journal: *const Journal,
    role: u32,
    person: Option<&mut MaybeUninit<*mut Person>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give_some(person, || {
            let journal = get(journal)?;
            let envelope = journal.envelope();
            let (role, party) = match role {
                6 => (PersonRole::Sender, envelope.and_then(|envelope| envelope.sender.as_ref())),
                7 => (PersonRole::Representing, envelope.and_then(|envelope| envelope.on_behalf_of.as_ref())),
                10 => (PersonRole::Mailbox, envelope.and_then(|envelope| envelope.mailbox.as_ref())),
                _ => return Err(Failure::new(Status::InvalidInput, "an envelope names nobody in that role")),
            };
            Ok(party.map(|party| Person::party(role, party)))
        })
    })
}

/// Walks the recipients the envelope names, in the order of its lines. **The same person may stand there twice.**
///
/// The iterator is the caller's, to be freed with `pst_person_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_recipients(
    journal: *const Journal,
    people: Option<&mut MaybeUninit<*mut PersonIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        give(people, || {
            let journal = get(journal)?;
            let mut at = 0usize;
            Ok(PersonIter::new(std::iter::from_fn(move || {
                let person = journal.envelope()?.recipients.get(at).map(Person::journal)?;
                at = at.saturating_add(1);
                Some(Ok(person))
            })))
        })
    })
}

/// A walk over the mails in a report.
pub struct OriginalIter {
    journal: Arc<Journal>,
    next: Mutex<usize>,
}

/// Walks the mails that were journaled: those at the bottom, if reports are in reports.
///
/// The iterator is the caller's, to be freed with `pst_original_iter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_originals(
    journal: *const Journal,
    originals: Option<&mut MaybeUninit<*mut OriginalIter>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || give(originals, || Ok(OriginalIter { journal: get(journal)?, next: Mutex::new(0) })))
}

/// The next mail as a message, `PST_STATUS_DONE` behind the last, or why this one cannot be read: the call after that gives
/// the next.
///
/// The message is the caller's, to be freed with `pst_message_free`.
#[unsafe(no_mangle)]
pub extern "C" fn pst_original_iter_next(
    originals: *mut OriginalIter,
    message: Option<&mut MaybeUninit<*mut Message>>,
    error: Option<&mut MaybeUninit<*mut Error>>,
) -> Status {
    guard(error, || {
        let originals = get(originals)?;
        give_next(message, || {
            let all = originals.journal.journal.originals();
            let mut next = wait(&originals.next);
            let (_, original) = all.get(*next)?;
            *next = next.saturating_add(1);
            Some(open(original, &originals.journal.message))
        })
    })
}

/// An original as a message.
fn open(original: &Original, message: &Message) -> Result<Message, Failure> {
    match &original.place {
        Place::Range { range, .. } => {
            let mail = message.item().as_mail();
            let bytes = mail.and_then(|mail| mail.bytes().get(range.clone()));
            let bytes = bytes.ok_or_else(|| Failure::new(Status::NotFound, "the original is not in the mail"))?;
            Ok(Message::mail(bytes))
        }
        Place::Decoded { bytes, .. } => Ok(Message::mail(bytes.as_slice())),
        Place::Message(original) => {
            let (_, pst) = message.as_stored().ok_or_else(|| Failure::new(Status::NotFound, "the store is gone"))?;
            Ok(Message::stored(original.as_ref().clone(), pst))
        }
        Place::File(attachment) => {
            let limit = message.as_stored().map_or(u64::MAX, |(_, pst)| pst.limits().value_bytes);
            let Some(stream) = attachment.stream()? else {
                return Err(Failure::new(Status::NotFound, "the original has no bytes"));
            };
            if stream.len() > limit {
                return Err(Failure::new(Status::Limit, "the original is larger than a value in memory may be"));
            }
            let mut bytes = Vec::new();
            stream.take(limit).read_to_end(&mut bytes)?;
            Ok(Message::mail(bytes))
        }
    }
}

/// Frees a walk over originals, at its end or before. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_original_iter_free(originals: *mut OriginalIter) {
    handle::free(originals);
}

/// Frees a journal. NULL is fine.
#[unsafe(no_mangle)]
pub extern "C" fn pst_journal_free(journal: *mut Journal) {
    handle::free(journal);
}
