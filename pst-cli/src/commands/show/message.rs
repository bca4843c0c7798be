//! A message as a person reads it.

use std::io::{self, Write};

use pst_core::ltp::id;
use pst_core::messaging::{Attachment, AttachmentContent, Message, Participant, Recipient, RecipientKind};
use pst_core::ndb::Nid;
use pst_core::{Error, FileTime, Result};
use serde::Serialize;

use super::{Request, strip};
use crate::dates::{self, DateKind};
use crate::exit::Exit;
use crate::folders::Paths;
use crate::output::{Output, Style, Table, bytes, escape_line, stderr_line, thousands};

/// Everything about a message that fits in a page. Bodies are a part of it, so it is for one message at a time.
#[derive(Debug, Serialize)]
struct Page {
    schema: &'static str,
    file: String,
    node: Nid,
    folder: Option<String>,
    associated: bool,
    embedded: bool,
    class: Option<String>,
    subject: Option<String>,
    /// On whose behalf: the From of the mail.
    from: Option<Address>,
    /// Who sent it, if that is somebody else.
    sender: Option<Address>,
    recipients: Vec<RecipientLine>,
    date: Option<FileTime>,
    date_kind: Option<DateKind>,
    delivered: Option<FileTime>,
    sent: Option<FileTime>,
    created: Option<FileTime>,
    size: Option<i64>,
    attachments: Vec<AttachmentLine>,
    body_text: Option<String>,
    body_html: Option<String>,
    /// Bytes of the RTF body after decompression.
    body_rtf_bytes: Option<usize>,
    errors: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Address {
    name: Option<String>,
    address: Option<String>,
    address_type: Option<String>,
}

#[derive(Debug, Serialize)]
struct RecipientLine {
    kind: String,
    #[serde(flatten)]
    address: Address,
}

#[derive(Debug, Serialize)]
struct AttachmentLine {
    number: usize,
    name: Option<String>,
    /// Bytes of the content; of a message, as its writer counted them.
    size: Option<u64>,
    /// The content type if the attachment has one, else what it is.
    #[serde(rename = "type")]
    kind: String,
}

impl Address {
    fn new(
        name: Option<String>,
        address_type: Option<String>,
        address: Option<String>,
        smtp: Option<String>,
    ) -> Option<Self> {
        let full = |text: Option<String>| text.filter(|text| !text.is_empty());
        let (name, address, smtp) = (full(name), full(address), full(smtp));
        // An address of Exchange says little; the SMTP address says who it is.
        let (address, address_type) = match smtp {
            Some(smtp) => (Some(smtp), Some("SMTP".to_owned())),
            None => (address, full(address_type)),
        };
        (name.is_some() || address.is_some()).then_some(Self { name, address, address_type })
    }

    fn of(participant: Participant) -> Option<Self> {
        let Participant { name, address_type, address, smtp } = participant;
        Self::new(name, address_type, address, smtp)
    }

    fn to_line(&self) -> String {
        match (&self.name, &self.address) {
            (Some(name), Some(address)) if name != address => format!("{name} <{address}>"),
            (Some(text), _) | (None, Some(text)) => text.clone(),
            (None, None) => String::new(),
        }
    }
}

/// Writes the message; what of it cannot be read is told and left out.
pub(super) fn write(request: &Request<'_>, message: &Message, mut out: Output) -> anyhow::Result<Exit> {
    // Without properties there is nothing to show.
    message.properties().map_err(|error| request.unread(&error))?;
    let page = Page::read(request, message);
    if request.args.json {
        serde_json::to_writer(&mut out, &page)?;
        out.write_all(b"\n")?;
    } else {
        page.write(&mut out)?;
    }
    out.finish()?;
    for error in &page.errors {
        stderr_line(&format!("pst: {}", escape_line(&request.unread(error).to_string())));
    }
    Ok(Exit::from_findings(!page.errors.is_empty()))
}

struct Reader(Vec<String>);

impl Reader {
    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error: Error| self.0.push(error.to_string())).ok()
    }
}

impl Page {
    fn read(request: &Request<'_>, message: &Message) -> Self {
        let mut reader = Reader(Vec::new());
        let delivered = reader.keep(message.delivery_time()).flatten();
        let sent = reader.keep(message.submit_time()).flatten();
        let created = reader.keep(message.creation_time()).flatten();
        let date = dates::best(delivered, sent, created);
        let sender = reader.keep(message.sender()).and_then(Address::of);
        let from = reader.keep(message.sent_representing()).and_then(Address::of);
        let (from, sender) = match (from, sender) {
            (None, sender) => (sender, None),
            (from, sender) if from == sender => (from, None),
            both => both,
        };
        let mut recipients = Vec::new();
        for recipient in message.recipients() {
            recipients.extend(reader.keep(recipient).and_then(recipient_line));
        }
        let mut attachments = Vec::new();
        for (at, attachment) in message.attachments().enumerate() {
            let number = at.saturating_add(1);
            let line = match reader.keep(attachment) {
                Some(attachment) => attachment_line(&mut reader, number, &attachment),
                None => AttachmentLine { number, name: None, size: None, kind: "unreadable".to_owned() },
            };
            attachments.push(line);
        }
        let text = reader.keep(message.body_text()).flatten().filter(|text| !text.is_empty());
        let html = reader.keep(message.body_html()).flatten().filter(|html| !html.bytes.is_empty());
        let rtf = reader.keep(message.body_rtf()).flatten();
        Self {
            schema: "pst-show/1",
            file: request.file().to_string_lossy().into_owned(),
            node: request.args.node,
            folder: (!message.is_embedded()).then(|| Paths::new(request.pst).of(message.folder_id())),
            associated: message.is_associated(),
            embedded: message.is_embedded(),
            class: reader.keep(message.class()).flatten(),
            subject: reader.keep(message.subject()).flatten(),
            from,
            sender,
            recipients,
            date: date.map(|(date, _)| date),
            date_kind: date.map(|(_, kind)| kind),
            delivered,
            sent,
            created,
            size: reader.keep(message.size()).flatten(),
            attachments,
            body_text: text.map(|text| text.to_string_lossy()),
            body_html: html.map(|html| html.to_string_lossy().into_owned()),
            body_rtf_bytes: rtf.map(|rtf| rtf.bytes.len()),
            errors: reader.0,
        }
    }

    fn write(&self, out: &mut Output) -> io::Result<()> {
        let mut line = |label: &str, text: &str| {
            let label = out.paint(Style::Label, format!("{label:<9}")).into_owned();
            writeln!(out, "{label} {}", escape_line(text))
        };
        if let Some(from) = &self.from {
            line("From:", &from.to_line())?;
        }
        if let Some(sender) = &self.sender {
            line("Sender:", &sender.to_line())?;
        }
        for (kind, label) in [("to", "To:"), ("cc", "Cc:"), ("bcc", "Bcc:")] {
            let of_kind = self.recipients.iter().filter(|recipient| recipient.kind == kind);
            let all: Vec<_> = of_kind.map(|recipient| recipient.address.to_line()).collect();
            if !all.is_empty() {
                line(label, &all.join("; "))?;
            }
        }
        for other in self.recipients.iter().filter(|recipient| !matches!(recipient.kind.as_str(), "to" | "cc" | "bcc"))
        {
            line("Also:", &format!("{} ({})", other.address.to_line(), other.kind))?;
        }
        if let (Some(date), Some(kind)) = (self.date, self.date_kind) {
            line("Date:", &format!("{} ({})", dates::seconds(date), kind.as_str()))?;
        }
        line("Subject:", self.subject.as_deref().unwrap_or_default())?;
        line("Class:", self.class.as_deref().unwrap_or("(none)"))?;
        if let Some(size) = self.size.and_then(|size| u64::try_from(size).ok()) {
            line("Size:", &format!("{} bytes", thousands(size)))?;
        }
        if let Some(folder) = &self.folder {
            line("Folder:", folder)?;
        }
        self.write_attachments(out)?;
        writeln!(out)?;
        self.write_body(out)
    }

    fn write_attachments(&self, out: &mut Output) -> io::Result<()> {
        if self.attachments.is_empty() {
            return Ok(());
        }
        let mut table = Table::new("rlrl");
        for attachment in &self.attachments {
            let size = attachment.size.map(bytes).unwrap_or_default();
            let name = attachment.name.clone().unwrap_or_else(|| "(no name)".to_owned());
            table.row(Style::Plain, [attachment.number.to_string(), name, size, attachment.kind.clone()]);
        }
        let label = out.paint(Style::Label, "Attachments:").into_owned();
        writeln!(out, "{label}")?;
        table.write(out, "  ")
    }

    fn write_body(&self, out: &mut Output) -> io::Result<()> {
        let mut note = |text: String| {
            let text = out.paint(Style::Warning, text).into_owned();
            writeln!(out, "{text}")
        };
        match (&self.body_text, &self.body_html, self.body_rtf_bytes) {
            (Some(text), _, _) => out.body(text),
            (None, Some(html), _) => {
                note("[The body is HTML; its tags are left out here. See it whole with --html.]".to_owned())?;
                out.body(&strip::tags(html))
            }
            (None, None, Some(size)) => {
                let size = u64::try_from(size).unwrap_or(u64::MAX);
                note(format!("[The body is RTF of {} bytes. See it with --rtf.]", thousands(size)))
            }
            (None, None, None) => note("[There is no body.]".to_owned()),
        }
    }
}

fn recipient_line(recipient: Recipient) -> Option<RecipientLine> {
    let kind = match recipient.kind() {
        RecipientKind::Other(number) => format!("type {number:#x}"),
        kind => kind.to_string(),
    };
    let Recipient { name, address_type, address, smtp, .. } = recipient;
    Some(RecipientLine { kind, address: Address::new(name, address_type, address, smtp)? })
}

fn attachment_line(reader: &mut Reader, number: usize, attachment: &Attachment) -> AttachmentLine {
    let name = reader.keep(attachment.file_name()).flatten();
    let content_type = reader.keep(attachment.string(id::ATTACH_MIME_TAG)).flatten().filter(|tag| !tag.is_empty());
    let stated = attachment.integer(id::ATTACH_SIZE).ok().flatten().and_then(|size| u64::try_from(size).ok());
    let (size, kind) = match reader.keep(attachment.content()) {
        Some(AttachmentContent::Bytes(stream)) => {
            (Some(stream.len()), content_type.unwrap_or_else(|| "file".to_owned()))
        }
        Some(AttachmentContent::Ole(stream)) => (Some(stream.len()), "OLE object".to_owned()),
        Some(AttachmentContent::Message(message)) => {
            let subject = message.subject().ok().flatten().unwrap_or_default();
            let kind = format!("message \"{subject}\"; show it with --embedded {number}");
            (stated, kind)
        }
        Some(AttachmentContent::Reference(path)) => (None, format!("link to {path}")),
        Some(AttachmentContent::None) => (None, "no content".to_owned()),
        None => (stated, "unreadable".to_owned()),
    };
    AttachmentLine { number, name, size, kind }
}
