//! An item as a JSON object: what an analyst asks of it, with the bytes of attachments in files of their own.

use std::borrow::Cow;
use std::io::{self, Read};

use pst_core::address::Resolved;
use pst_core::item::{AttachmentKind, Item, ItemAttachment, ItemDate};
use pst_core::{Error, Result, rtf};
use serde::Serialize;

use super::index::{LossRecord, Written};

/// Messages in messages that are looked into.
const DEPTH: u32 = 32;
/// Messages in one item that are looked into, at any depth.
const MOST_EMBEDDED: u32 = 1_000;
/// Bytes of bodies and headers in one record. What is beyond is told as a loss.
const TEXT_BYTES: usize = 256 << 20;
/// Losses told of one item.
const MOST_LOSSES: usize = 10_000;

#[derive(Debug, Default, Serialize)]
pub(super) struct Record {
    class: Option<String>,
    kind: &'static str,
    subject: Option<String>,
    sent: Option<String>,
    received: Option<String>,
    created: Option<String>,
    pub(super) message_id: Option<String>,
    sender: Option<Person>,
    representing: Option<Person>,
    recipients: Vec<Recipient>,
    reply_to: Vec<Recipient>,
    headers: Option<String>,
    text: Option<String>,
    html: Option<String>,
    /// The text was made of RTF, which is the only body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    text_is_from_rtf: bool,
    attachments: Vec<AttachmentRecord>,
}

#[derive(Debug, Serialize)]
struct Person {
    name: Option<String>,
    /// The type of the address as stored, such as `SMTP` or `EX`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The address as stored.
    address: Option<String>,
    smtp: Option<String>,
    /// How the SMTP address was found, or why there is none.
    source: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unresolved: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Recipient {
    role: &'static str,
    #[serde(flatten)]
    who: Person,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct AttachmentRecord {
    name: Option<String>,
    #[serde(rename = "type")]
    mime_type: Option<String>,
    /// `file`, `message`, `ole`, `reference`, `nothing`, `unreadable`.
    holds: &'static str,
    inline: bool,
    content_id: Option<String>,
    size: Option<u64>,
    sha256: Option<String>,
    /// The file with its bytes, below the directory of the export.
    path: Option<String>,
    /// Of a reference, the place it names.
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Box<Record>>,
}

/// Writes the bytes of an attachment somewhere; `Ok(Err)` if they cannot be read.
pub(super) type Keep<'k> = dyn FnMut(&mut dyn Read) -> io::Result<Result<Written>> + 'k;

/// Makes records of items.
pub(super) struct Recorder<'r, 'k> {
    keep: &'r mut Keep<'k>,
    pub(super) losses: Vec<LossRecord>,
    /// Files with attachments.
    pub(super) files: Vec<Written>,
    place: Vec<String>,
    text_left: usize,
    embedded_left: u32,
}

impl<'r, 'k> Recorder<'r, 'k> {
    pub(super) fn new(keep: &'r mut Keep<'k>) -> Self {
        Self {
            keep,
            losses: Vec::new(),
            files: Vec::new(),
            place: Vec::new(),
            text_left: TEXT_BYTES,
            embedded_left: MOST_EMBEDDED,
        }
    }

    fn lose(&mut self, code: &str, detail: &str) {
        if self.losses.len() < MOST_LOSSES {
            let place: String = self.place.iter().map(|place| format!("{place}: ")).collect();
            self.losses.push(LossRecord { code: code.to_owned(), property: None, detail: format!("{place}{detail}") });
        }
    }

    fn lose_error(&mut self, what: &str, error: &Error) {
        let code = if error.kind() == pst_core::ErrorKind::Limit { "too-large" } else { "unreadable" };
        self.lose(code, &format!("{what}: {error}"));
    }

    fn ask<T>(&mut self, what: &str, answer: Result<Option<T>>) -> Option<T> {
        match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.lose_error(what, &error);
                None
            }
        }
    }

    fn text(&mut self, what: &str, answer: Result<Option<String>>) -> Option<String> {
        let text = self.ask(what, answer)?;
        match self.text_left.checked_sub(text.len()) {
            Some(left) => {
                self.text_left = left;
                Some(text)
            }
            None => {
                self.lose("too-large", &format!("{what}: {} bytes", text.len()));
                None
            }
        }
    }

    fn date(&mut self, what: &str, answer: Result<Option<ItemDate>>) -> Option<String> {
        self.ask(what, answer).map(|date| date.time.to_rfc3339())
    }

    /// The record of an item.
    ///
    /// # Errors
    /// Those of the medium attachments are written to. What cannot be read is a loss.
    pub(super) fn record(&mut self, item: &Item<'_>, depth: u32) -> io::Result<Record> {
        let class = self.ask("class", item.class().map(Some));
        let mut record = Record {
            kind: class.as_ref().map_or("unclassified", |class| class.classification.kind.name()),
            class: class.and_then(|class| class.class),
            subject: self.text("subject", item.subject()),
            sent: self.date("sent", item.sent()),
            received: self.date("received", item.received()),
            created: self.date("created", item.created()),
            message_id: self.ask("message id", item.message_id()),
            sender: self.ask("sender", item.sender()).map(Person::of),
            representing: self.ask("representing", item.representing()).map(Person::of),
            text: self.text("text", item.plain_text()),
            html: self.text("html", item.html()),
            ..Record::default()
        };
        let headers = item.raw_headers().map(|headers| headers.map(utf8));
        record.headers = self.text("headers", headers);
        if record.text.is_none() && record.html.is_none() {
            record.text = self.text_of_rtf(item);
            record.text_is_from_rtf = record.text.is_some();
        }
        for recipient in item.recipients() {
            if let Some(recipient) = self.ask("recipients", recipient.map(Some)) {
                record.recipients.push(Recipient::of(recipient));
            }
        }
        let reply_to = self.ask("reply-to", item.reply_to().map(Some)).unwrap_or_default();
        record.reply_to = reply_to.into_iter().map(Recipient::of).collect();
        for (number, attachment) in item.attachments().enumerate() {
            self.place.push(format!("attachment {number}"));
            let attachment = match attachment {
                Ok(attachment) => self.attachment(&attachment, depth)?,
                Err(error) => {
                    self.lose_error("attachments", &error);
                    AttachmentRecord { holds: "unreadable", ..AttachmentRecord::default() }
                }
            };
            self.place.pop();
            record.attachments.push(attachment);
        }
        Ok(record)
    }

    fn text_of_rtf(&mut self, item: &Item<'_>) -> Option<String> {
        let message = item.as_message()?;
        let rtf = self.ask("rtf", message.body_rtf())?;
        let mut text = Vec::new();
        let made = rtf::to_text(&rtf.bytes[..], &mut text, &rtf::Options::default());
        let text = made.map(|_| Some(utf8(Cow::Owned(text)))).map_err(Error::io);
        self.text("rtf", text).filter(|text| !text.trim().is_empty())
    }

    fn attachment(&mut self, attachment: &ItemAttachment<'_>, depth: u32) -> io::Result<AttachmentRecord> {
        let mut record = AttachmentRecord {
            name: self.ask("name", attachment.name()),
            mime_type: self.ask("type", attachment.mime_type()),
            inline: self.ask("place", attachment.is_inline().map(Some)).unwrap_or_default(),
            content_id: self.ask("content id", attachment.content_id()),
            holds: "unreadable",
            ..AttachmentRecord::default()
        };
        let Some(kind) = self.ask("content", attachment.kind().map(Some)) else { return Ok(record) };
        record.holds = match kind {
            AttachmentKind::File => "file",
            AttachmentKind::Message => "message",
            AttachmentKind::Ole => "ole",
            AttachmentKind::Reference(place) => {
                record.reference = Some(place);
                "reference"
            }
            AttachmentKind::Nothing => "nothing",
            _ => "other",
        };
        if record.holds == "message" {
            if let Some(left) = self.embedded_left.checked_sub(1).filter(|_| depth < DEPTH) {
                self.embedded_left = left;
                if let Some(message) = self.ask("message", attachment.message()) {
                    let inner = self.record(&message.item(), depth.saturating_add(1))?;
                    record.message = Some(Box::new(inner));
                }
            } else {
                self.lose("too-deep", "the message in it was not looked into");
            }
        }
        if let Some(mut reader) = self.ask("content", attachment.reader()) {
            match (self.keep)(&mut reader)? {
                Ok(written) => {
                    record.size = Some(written.bytes);
                    record.sha256 = written.sha256.clone();
                    record.path = Some(written.file.clone());
                    self.files.push(written);
                }
                Err(error) => self.lose_error("content", &error),
            }
        }
        Ok(record)
    }
}

fn utf8(bytes: Cow<'_, [u8]>) -> String {
    match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
    }
}

impl Person {
    fn of(who: Resolved) -> Self {
        let source = who.smtp.as_ref().map(|smtp| smtp.source.name());
        let (kind, address) = match who.stored {
            Some(stored) => (stored.address_type, Some(stored.value)),
            None => (None, None),
        };
        Self {
            name: who.name,
            kind,
            address,
            smtp: who.smtp.map(|smtp| smtp.address),
            source,
            unresolved: who.unresolved.map(pst_core::address::Unresolved::name),
        }
    }
}

impl Recipient {
    fn of(recipient: pst_core::item::ItemRecipient) -> Self {
        Self { role: recipient.role.name(), who: Person::of(recipient.who), group: recipient.group }
    }
}
