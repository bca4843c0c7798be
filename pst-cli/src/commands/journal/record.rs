//! The records that `pst journal` writes: `journal-truth/1`.

use std::collections::BTreeMap;

use pst_core::Error;
use pst_core::address::{AddressKind, Imcea};
use pst_core::item::Item;
use pst_core::journal::{self, Envelope, Journal, JournalRecipient, Party, RedirectionKind, Report};
use pst_core::messaging::Attachment;
use pst_core::mime::Mail;
use pst_core::ndb::Nid;
use pst_migrate::input::{Place, Within};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

/// A line: an item, with its place.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    schema: &'static str,
    place: PlaceRecord<'a>,
    file: FileRecord,
    #[serde(flatten)]
    record: Record,
}

#[derive(Debug, Serialize)]
struct PlaceRecord<'a> {
    file: String,
    entries: &'a [String],
    offset: Option<u64>,
    node: Option<Nid>,
    folder: &'a [String],
}

/// The file or entry the item is in, and its own bytes if it has such.
#[derive(Debug, Serialize)]
struct FileRecord {
    name: String,
    size: Option<usize>,
    sha256: Option<String>,
}

impl<'a> Line<'a> {
    pub(super) fn new(place: &'a Place, bytes: Option<&[u8]>, record: Record) -> Self {
        let (offset, node) = match place.within {
            Within::Whole => (None, None),
            Within::Offset(offset) => (Some(offset), None),
            Within::Node(node) => (None, Some(node)),
        };
        let entry = place.entries.last().map(|entry| entry.rsplit('/').next().unwrap_or(entry).to_owned());
        let name = entry.unwrap_or_else(|| place.file.file_name().unwrap_or_default().to_string_lossy().into_owned());
        Self {
            schema: "journal-truth/1",
            place: PlaceRecord {
                file: place.file.to_string_lossy().into_owned(),
                entries: &place.entries,
                offset,
                node,
                folder: place.folder.names(),
            },
            file: FileRecord { name, size: bytes.map(<[u8]>::len), sha256: bytes.map(sha256) },
            record,
        }
    }
}

/// What an item turned out to be.
#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    is_journal: bool,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    format: Option<&'static str>,
    marker: Option<&'static str>,
    sender: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_name: Option<String>,
    on_behalf_of: Option<String>,
    subject: Option<String>,
    message_id: Option<String>,
    recipients: Vec<RecipientRecord>,
    /// Encapsulated addresses among those of sender and recipients, and what is in them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    imceaex_decoded: BTreeMap<String, String>,
    originals: Vec<OriginalRecord>,
    /// Stable codes, each once.
    warnings: Vec<&'static str>,
}

#[derive(Debug, Serialize)]
struct RecipientRecord {
    #[serde(rename = "type")]
    kind: &'static str,
    address: String,
    name: Option<String>,
    expanded_from: Option<String>,
    forwarded_from: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct OriginalRecord {
    /// Its place among the parts beside it; `None` in a store.
    part: Option<usize>,
    /// The attachment it is in, in a store.
    #[serde(skip_serializing_if = "Option::is_none")]
    attachment: Option<Nid>,
    size: Option<u64>,
    sha256: Option<String>,
    message_id: Option<String>,
    subject: Option<String>,
    n_attachments: Option<usize>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_clear_copy: bool,
    /// What it is itself, if it is no ordinary mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Box<Record>>,
}

/// What a journal was found in: its mail and that of the file, or a store.
#[derive(Clone, Copy)]
enum Holder<'m> {
    Mail { mail: &'m Mail<'m>, outermost: &'m [u8] },
    Store,
}

impl Record {
    /// Of a mail.
    pub(super) fn of_mail(journal: &Journal, mail: &Mail<'_>) -> Self {
        Self::new(journal, Holder::Mail { mail, outermost: mail.bytes() })
    }

    /// Of a message in a store.
    pub(super) fn of_stored(journal: &Journal) -> Self {
        Self::new(journal, Holder::Store)
    }

    /// Of a message that could not be looked at.
    pub(super) fn unreadable(error: &Error) -> Self {
        Self { kind: "unreadable", error: Some(error.to_string()), ..Self::default() }
    }

    /// Nothing that has to do with journals.
    pub(super) fn is_ordinary(&self) -> bool {
        self.kind == Journal::Ordinary.name()
    }

    fn new(journal: &Journal, holder: Holder<'_>) -> Self {
        let own = Self { is_journal: journal.is_report(), kind: journal.name(), ..Self::default() };
        let originals = |originals: &[journal::Original]| -> Vec<OriginalRecord> {
            originals.iter().map(|original| OriginalRecord::new(original, holder)).collect()
        };
        match journal {
            Journal::Report(report) | Journal::Suspect(report) => {
                Self { originals: originals(&report.originals), ..own.with_report(report) }
            }
            Journal::Undeliverable(outer) => Self { originals: originals(&outer.reports), ..own },
            Journal::Ordinary | Journal::TooDeep => own,
        }
    }

    fn with_report(self, report: &Report) -> Self {
        let Report { marker, envelope, warnings, .. } = report;
        let mut codes: Vec<&'static str> = Vec::new();
        let of_envelope = envelope.iter().flat_map(|envelope| &envelope.warnings);
        for warning in warnings.iter().chain(of_envelope) {
            if !codes.contains(&warning.kind.code()) {
                codes.push(warning.kind.code());
            }
        }
        let own = Self { marker: marker.map(journal::Marker::name), warnings: codes, ..self };
        let Some(Envelope { format, sender, on_behalf_of, subject, message_id, recipients, .. }) = envelope else {
            return own;
        };
        let people = recipients.iter().map(|recipient| &recipient.party).chain(sender);
        let addresses = people.filter_map(|party| party.address.as_ref());
        let encapsulated = addresses.filter(|address| AddressKind::of(None, address) == AddressKind::Imcea);
        Self {
            format: Some(format.name()),
            sender: sender.as_ref().map(address),
            sender_name: sender
                .as_ref()
                .filter(|sender| sender.address.is_some())
                .and_then(|sender| sender.name.clone()),
            on_behalf_of: on_behalf_of.as_ref().map(address),
            subject: subject.clone(),
            message_id: message_id.clone(),
            recipients: recipients.iter().map(RecipientRecord::new).collect(),
            imceaex_decoded: encapsulated
                .filter_map(|address| Some((address.clone(), Imcea::decode(address)?.value)))
                .collect(),
            ..own
        }
    }
}

/// What a party is known under.
fn address(party: &Party) -> String {
    party.address.clone().or_else(|| party.name.clone()).unwrap_or_default()
}

impl RecipientRecord {
    fn new(recipient: &JournalRecipient) -> Self {
        let via = |kind| recipient.via.iter().find(|via| via.kind == kind).map(|via| address(&via.from));
        Self {
            kind: recipient.role.name(),
            address: address(&recipient.party),
            name: recipient.party.name.clone().filter(|_| recipient.party.address.is_some()),
            expanded_from: via(RedirectionKind::Expanded),
            forwarded_from: via(RedirectionKind::Forwarded),
        }
    }
}

impl OriginalRecord {
    fn new(original: &journal::Original, holder: Holder<'_>) -> Self {
        let own = Self {
            message_id: original.message_id.as_ref().map(|id| format!("<{id}>")),
            subject: original.subject.clone(),
            is_clear_copy: original.is_clear_copy,
            ..Self::default()
        };
        match &original.place {
            journal::Place::Range { range, part } => {
                let Holder::Mail { mail, outermost } = holder else { return own };
                {
                    let bytes = outermost.get(range.clone()).unwrap_or_default();
                    own.with_bytes(bytes, mail, *part, &original.inner, outermost)
                }
            }
            journal::Place::Decoded { bytes, part } => {
                let Holder::Mail { mail, outermost } = holder else { return own };
                own.with_bytes(bytes, mail, *part, &original.inner, outermost)
            }
            journal::Place::Message(message) => Self {
                attachment: Some(message.folder_id()),
                n_attachments: Some(Item::of_message(message).attachments().count()),
                report: inner(&original.inner, Holder::Store),
                ..own
            },
            journal::Place::File(attachment) => {
                let (size, sha256) = digest(attachment).unwrap_or_default();
                Self {
                    attachment: Some(attachment.id()),
                    size,
                    sha256,
                    report: inner(&original.inner, Holder::Store),
                    ..own
                }
            }
        }
    }

    fn with_bytes(self, bytes: &[u8], mail: &Mail<'_>, part: usize, journal: &Journal, outermost: &[u8]) -> Self {
        let place = mail.part(part).and_then(|part| part.parent());
        let place = place.and_then(|parent| parent.children().position(|child| child.index() == part));
        let original = Mail::parse(bytes);
        Self {
            part: place,
            size: u64::try_from(bytes.len()).ok(),
            sha256: Some(sha256(bytes)),
            n_attachments: Some(Item::of_mail(&original).attachments().count()),
            report: inner(journal, Holder::Mail { mail: &original, outermost }),
            ..self
        }
    }
}

/// The record of what is in an original, if that is no ordinary mail.
fn inner(journal: &Journal, holder: Holder<'_>) -> Option<Box<Record>> {
    (!matches!(journal, Journal::Ordinary)).then(|| Box::new(Record::new(journal, holder)))
}

/// Size and SHA-256 of an attached file.
fn digest(attachment: &Attachment) -> pst_core::Result<(Option<u64>, Option<String>)> {
    let Some(mut stream) = attachment.stream()? else { return Ok((None, None)) };
    let mut hash = Sha256::new();
    loop {
        let chunk = stream.next_chunk()?;
        if chunk.is_empty() {
            return Ok((Some(stream.len()), Some(hex(&hash.finalize()))));
        }
        hash.update(chunk);
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
