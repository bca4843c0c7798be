//! Messages, their recipients and attachments as records.

use pst_core::ltp::{Text, id};
use pst_core::messaging::{self, AttachmentContent};
use pst_core::ndb::{DataStream, NodeEntry};
use pst_core::rtf::lzfu;
use pst_core::{FileTime, Result};
use sha2::{Digest as _, Sha256};

use super::budget::Budget;
use super::records::{
    Associated, Attachment, Content, HtmlDigest, Message, Participant, Place, Recipient, RtfDigest, TextDigest,
};
use super::tree::Tree;
use super::{Dump, hex};

/// Makes the records of one top-level message and what is embedded in it.
pub(super) struct Items<'d, 'a> {
    dump: &'d mut Dump<'a>,
    budget: Budget,
    /// Embedded messages so far, against the limit.
    embedded: u32,
    what: String,
}

impl<'d, 'a> Items<'d, 'a> {
    pub(super) fn new(dump: &'d mut Dump<'a>) -> Self {
        let budget = Budget::new(dump.pst);
        Self { dump, budget, embedded: 0, what: String::new() }
    }

    /// Reads something and notes why it could not be read. Nothing is read any more once the item has cost too much.
    fn keep<T>(&mut self, read: impl FnOnce() -> Result<T>) -> Option<T> {
        if self.budget.is_over() {
            return None;
        }
        self.dump.keep(|| self.what.clone(), read())
    }

    /// Reads a text that stands in the record.
    fn string(&mut self, read: impl FnOnce() -> Result<Option<String>>) -> Option<String> {
        let text = self.keep(read).flatten();
        self.affordable(text)
    }

    fn affordable(&mut self, text: Option<String>) -> Option<String> {
        text.filter(|text| self.budget.text(text.len()))
    }

    /// Says that the rest of an item is left out, if it is.
    fn settle(&mut self) {
        self.dump.settle(&self.what, &mut self.budget);
    }

    fn place(tree: &mut Tree, entry: NodeEntry) -> Place {
        Place {
            nid: entry.nid.to_string(),
            folder_nid: entry.parent.to_string(),
            folder_path: tree.contains(entry.parent).then(|| tree.path(entry.parent).text),
        }
    }

    pub(super) fn message(&mut self, tree: &mut Tree, entry: NodeEntry) -> Message {
        self.what = format!("message {}", entry.nid);
        self.dump.counts.messages = self.dump.counts.messages.saturating_add(1);
        let place = Self::place(tree, entry);
        let Some(message) = self.open(entry) else {
            return Message { place, content: Content::default(), digest: Default::default() };
        };
        let content = self.content(&message, true);
        let digest = self.digest(&message);
        self.settle();
        Message { place, content, digest }
    }

    pub(super) fn associated(&mut self, tree: &mut Tree, entry: NodeEntry) -> Associated {
        self.what = format!("associated message {}", entry.nid);
        self.dump.counts.associated = self.dump.counts.associated.saturating_add(1);
        let mut record = Associated {
            place: Self::place(tree, entry),
            message_class: None,
            subject: None,
            creation_time: None,
            modification_time: None,
            message_flags: None,
            message_size: None,
            digest: Default::default(),
        };
        let Some(message) = self.open(entry) else { return record };
        record.message_class = self.string(|| message.class());
        record.subject = self.string(|| message.subject());
        record.creation_time = self.time(&message, id::CREATION_TIME);
        record.modification_time = self.time(&message, id::LAST_MODIFICATION_TIME);
        record.message_flags = self.keep(|| message.integer(id::MESSAGE_FLAGS)).flatten();
        record.message_size = self.keep(|| message.size()).flatten();
        record.digest = self.digest(&message);
        self.settle();
        record
    }

    fn open(&mut self, entry: NodeEntry) -> Option<messaging::Message> {
        let pst = self.dump.pst;
        self.keep(|| pst.message_from_entry(entry)).filter(|message| self.readable(message))
    }

    /// Opens the properties once, so that an unreadable message is one line and not one for each of its fields.
    fn readable(&mut self, message: &messaging::Message) -> bool {
        self.keep(|| message.properties().map(|_| ())).is_some()
    }

    fn digest(&mut self, message: &messaging::Message) -> super::records::Digest {
        match message.properties() {
            Ok(properties) => {
                let what = self.what.clone();
                self.dump.digest(|| what.clone(), properties, &mut self.budget)
            }
            Err(_) => Default::default(),
        }
    }

    fn time(&mut self, message: &messaging::Message, id: u16) -> Option<String> {
        self.keep(|| message.time(id)).flatten().map(FileTime::to_rfc3339)
    }

    fn participant(&mut self, read: impl FnOnce() -> Result<messaging::Participant>) -> Participant {
        let messaging::Participant { name, address_type, address, smtp } = self.keep(read).unwrap_or_default();
        let [name, address_type, address, smtp] = [name, address_type, address, smtp].map(|text| self.affordable(text));
        Participant { name, address_type, address, smtp }
    }

    fn text<'t>(&mut self, read: impl FnOnce() -> Result<Option<Text<'t>>>) -> Option<TextDigest> {
        let text = self.keep(read).flatten()?.to_string_lossy();
        self.budget.bytes(text.len()).then(|| TextDigest {
            chars: text.chars().count(),
            utf8_len: text.len(),
            sha256: hex(&Sha256::digest(&text)),
        })
    }

    fn content(&mut self, message: &messaging::Message, top_level: bool) -> Content {
        let subject = self.keep(|| message.subject_parts()).flatten();
        let (subject_prefix, subject) = subject.map(|subject| (subject.prefix, subject.text)).unzip();
        let (subject_prefix, subject) = (self.affordable(subject_prefix.flatten()), self.affordable(subject));
        Content {
            message_class: self.string(|| message.class()),
            subject,
            subject_prefix,
            client_submit_time: self.time(message, id::CLIENT_SUBMIT_TIME),
            delivery_time: self.time(message, id::MESSAGE_DELIVERY_TIME),
            creation_time: self.time(message, id::CREATION_TIME),
            modification_time: self.time(message, id::LAST_MODIFICATION_TIME),
            sender: self.participant(|| message.sender()),
            sent_representing: self.participant(|| message.sent_representing()),
            display_to: self.string(|| message.string(id::DISPLAY_TO)),
            display_cc: self.string(|| message.string(id::DISPLAY_CC)),
            display_bcc: self.string(|| message.string(id::DISPLAY_BCC)),
            message_flags: self.keep(|| message.integer(id::MESSAGE_FLAGS)).flatten(),
            message_size: self.keep(|| message.size()).flatten(),
            importance: self.keep(|| message.integer(id::IMPORTANCE)).flatten(),
            sensitivity: self.keep(|| message.integer(id::SENSITIVITY)).flatten(),
            internet_message_id: self.string(|| message.string(id::INTERNET_MESSAGE_ID)),
            in_reply_to: self.string(|| message.string(id::IN_REPLY_TO_ID)),
            references: self.text(|| message.properties().and_then(|all| all.text(id::INTERNET_REFERENCES))),
            conversation_topic: self.string(|| message.string(id::CONVERSATION_TOPIC)),
            message_codepage: self.keep(|| message.integer(id::MESSAGE_CODEPAGE)).flatten(),
            internet_codepage: self.keep(|| message.integer(id::INTERNET_CODEPAGE)).flatten(),
            locale_id: self.keep(|| message.integer(id::MESSAGE_LOCALE_ID)).flatten(),
            native_body: self.keep(|| message.integer(id::NATIVE_BODY)).flatten(),
            transport_headers: self.text(|| message.transport_headers()),
            body_plain: self.text(|| message.body_text()),
            body_html: self.html(message),
            body_rtf: self.rtf(message),
            recipients: self.recipients(message, top_level),
            attachments: self.attachments(message, top_level),
        }
    }

    fn html(&mut self, message: &messaging::Message) -> Option<HtmlDigest> {
        let html = self.keep(|| message.body_html()).flatten()?;
        self.budget.bytes(html.bytes.len()).then(|| HtmlDigest {
            prop_type: format!("{:04x}", html.tag.kind().raw()),
            len: html.bytes.len(),
            sha256: hex(&Sha256::digest(&html.bytes)),
        })
    }

    fn rtf(&mut self, message: &messaging::Message) -> Option<RtfDigest> {
        let rtf = self.keep(|| message.body_rtf()).flatten()?;
        self.budget.bytes(rtf.bytes.len()).then(|| rtf_digest(&rtf))
    }

    fn recipients(&mut self, message: &messaging::Message, top_level: bool) -> Vec<Recipient> {
        let mut records = Vec::new();
        if self.budget.is_over() {
            return records;
        }
        for recipient in message.recipients() {
            if !self.budget.record() {
                break;
            }
            let Some(recipient) = self.keep(|| recipient) else { continue };
            let counts = &mut self.dump.counts;
            counts.recipients = counts.recipients.saturating_add(u64::from(top_level));
            records.push(Recipient {
                kind: recipient.kind().to_string(),
                type_raw: recipient.kind_number,
                name: self.affordable(recipient.name),
                address_type: self.affordable(recipient.address_type),
                address: self.affordable(recipient.address),
                smtp: self.affordable(recipient.smtp),
            });
        }
        records
    }

    fn attachments(&mut self, message: &messaging::Message, top_level: bool) -> Vec<Attachment> {
        let mut records = Vec::new();
        if self.budget.is_over() {
            return records;
        }
        for attachment in message.attachments() {
            if !self.budget.record() {
                break;
            }
            let counts = &mut self.dump.counts;
            counts.attachments_incl_embedded = counts.attachments_incl_embedded.saturating_add(1);
            counts.top_level_attachments = counts.top_level_attachments.saturating_add(u64::from(top_level));
            let Some(attachment) = self.keep(|| attachment) else { continue };
            let record = self.attachment(&attachment);
            records.push(record);
        }
        records
    }

    fn attachment(&mut self, attachment: &messaging::Attachment) -> Attachment {
        let mut record = Attachment { nid: attachment.id().to_string(), ..Attachment::default() };
        if self.keep(|| attachment.properties().map(|_| ())).is_none() {
            return record;
        }
        let method = self.keep(|| attachment.method()).flatten();
        record.method = method.map(messaging::AttachmentMethod::number);
        record.method_name = method.map(messaging::AttachmentMethod::as_str);
        record.long_filename = self.string(|| attachment.string(id::ATTACH_LONG_FILENAME));
        record.short_filename = self.string(|| attachment.string(id::ATTACH_FILENAME));
        record.display_name = self.string(|| attachment.string(id::DISPLAY_NAME));
        record.extension = self.string(|| attachment.string(id::ATTACH_EXTENSION));
        record.mime_type = self.string(|| attachment.string(id::ATTACH_MIME_TAG));
        record.content_id = self.string(|| attachment.string(id::ATTACH_CONTENT_ID));
        record.content_location = self.string(|| attachment.string(id::ATTACH_CONTENT_LOCATION));
        record.rendering_position = self.keep(|| attachment.integer(id::RENDERING_POSITION)).flatten();
        record.flags = self.keep(|| attachment.integer(id::ATTACH_FLAGS)).flatten();
        record.hidden = self.keep(|| attachment.integer(id::ATTACHMENT_HIDDEN)).flatten().map(|number| number != 0);
        record.attach_size_prop = self.keep(|| attachment.integer(id::ATTACH_SIZE)).flatten();
        match self.keep(|| attachment.content()) {
            Some(AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream)) => {
                if let Some((length, sha256)) = self.stream(stream) {
                    self.dump.counts.attachment_bytes = self.dump.counts.attachment_bytes.saturating_add(length);
                    record.data_len = Some(length);
                    record.data_sha256 = Some(sha256);
                }
            }
            Some(AttachmentContent::Message(message)) => {
                self.embedded = self.embedded.saturating_add(1);
                let limit = self.dump.pst.limits().embedded_messages;
                if self.embedded > limit {
                    let error =
                        pst_core::Error::limit("message", "number of embedded messages", self.embedded, limit.into());
                    self.keep::<()>(|| Err(error));
                } else if self.budget.embedded() && self.readable(&message) {
                    self.dump.counts.embedded_messages = self.dump.counts.embedded_messages.saturating_add(1);
                    record.embedded = Some(Box::new(self.content(&message, false)));
                }
            }
            Some(AttachmentContent::None | AttachmentContent::Reference(_)) | None => {}
        }
        record
    }

    /// Length and SHA-256 of all that comes; nothing if the item has cost too much before the end.
    fn stream(&mut self, mut stream: DataStream) -> Option<(u64, String)> {
        let mut hash = Sha256::new();
        let mut length = 0u64;
        loop {
            let chunk = match stream.next_chunk() {
                Ok(chunk) => chunk,
                Err(error) => return self.keep(|| Err(error)),
            };
            if chunk.is_empty() {
                return Some((length, hex(&hash.finalize())));
            }
            if !self.budget.bytes(chunk.len()) {
                return None;
            }
            hash.update(chunk);
            length = length.saturating_add(u64::try_from(chunk.len()).unwrap_or(0));
        }
    }
}

fn rtf_digest(rtf: &messaging::Rtf) -> RtfDigest {
    let report = &rtf.report;
    RtfDigest {
        compressed_len: report.stored_len,
        len: rtf.bytes.len(),
        sha256: hex(&Sha256::digest(&rtf.bytes)),
        comp_type: match report.header.kind {
            lzfu::Kind::Lzfu => "LZFu",
            lzfu::Kind::Mela => "MELA",
        },
        raw_size: report.header.raw_size,
        crc_stored: format!("{:08x}", report.header.crc),
        crc_ok: report.crc_ok,
        comp_size_matches_property: report.size_ok,
        end_marker: report.end_marker,
    }
}
