//! Journal reports in a store: what a journal mailbox holds.
//!
//! The marker header is a string among the transport headers, a named property, or PidTagContentIdentifier, and may be gone.
//! The original is an embedded message, or a file that is an EML.

use std::io::Read;

use crate::address::AddressRole;
use crate::journal::mail::of_inner_mail;
use crate::journal::report::{DEPTH, mark_clear_copy};
use crate::journal::{Envelope, Evidence, Journal, Marker, Original, Place, Report, Score, Undeliverable, Verdict};
use crate::journal::{Warning, WarningKind, bare_message_id, lines};
use crate::ltp::{PropertyType, id};
use crate::messaging::kind::{self, Kind, ReportKind};
use crate::messaging::{Attachment, AttachmentContent, Message, NamedProperties, PropertyName, PropertySet};
use crate::mime::Mail;
use crate::text::utf16;
use crate::{Error, Guid, Result};

/// PidTagContentIdentifier (MS-OXPROPS): the header Content-Identifier.
const CONTENT_IDENTIFIER: u16 = 0x0008;
/// Attached files larger than this are known by their headers alone.
const FILE_HELD: u64 = 64 << 20;
/// Bytes of such a file that are looked at.
const FILE_HEAD: u64 = 256 << 10;
/// Bytes of a body that are an envelope at most: room for 100,000 recipients and more.
const ENVELOPE: u64 = 64 << 20;

/// Turns an RTF body, decompressed, into text.
pub type RtfToText<'a> = dyn Fn(&[u8]) -> Option<String> + 'a;

/// Reads journal reports from a store.
#[derive(Clone, Copy, Default)]
pub struct JournalReader<'a> {
    names: Option<&'a NamedProperties>,
    rtf: Option<&'a RtfToText<'a>>,
}

impl<'a> JournalReader<'a> {
    /// A reader that knows nothing but the message.
    pub fn new() -> Self {
        Self::default()
    }

    /// Looks for the marker among the named properties too.
    pub fn names(mut self, names: &'a NamedProperties) -> Self {
        self.names = Some(names);
        self
    }

    /// Reads envelopes that are kept as RTF alone.
    pub fn rtf(mut self, to_text: &'a RtfToText<'a>) -> Self {
        self.rtf = Some(to_text);
        self
    }

    /// Says whether a message is a journal report, and takes it apart if it is.
    ///
    /// # Errors
    /// Those of the message's node. What cannot be read below it is a warning of the report.
    pub fn read(&self, message: &Message) -> Result<Journal> {
        self.within(message, 0)
    }

    fn within(&self, message: &Message, depth: u32) -> Result<Journal> {
        message.properties()?;
        let class = kind::of_message(message).map(|class| class.kind).unwrap_or(Kind::Unclassified);
        if class == Kind::Report(ReportKind::NonDelivery) {
            return Ok(self.bounce(message, depth));
        }
        let marker = self.marker(message);
        if marker.is_none() && !self.begins(message) {
            return Ok(Journal::Ordinary);
        }
        if depth >= DEPTH {
            return Ok(Journal::TooDeep);
        }
        let mut warnings = Vec::new();
        let mut warn = |kind| warnings.push(Warning { kind, line: 0 });
        let envelope = self.text(message).map(|text| Envelope::parse(&text));
        if envelope.is_none() {
            warn(WarningKind::BodyUnreadable);
        }
        let (mut originals, mut protected) = (Vec::new(), Vec::new());
        for attachment in message.attachments() {
            match attachment.and_then(|attachment| self.original(attachment, depth)) {
                Ok(None) => {}
                Ok(Some((original, is_protected, too_large))) => {
                    if too_large {
                        warn(WarningKind::OriginalTooLarge);
                    }
                    originals.push(original);
                    protected.push(is_protected);
                }
                Err(_) => warn(WarningKind::AttachmentUnreadable),
            }
        }
        let score = score(message, marker, envelope.as_ref(), &originals);
        let mut report = Report { marker, score, envelope, originals, warnings };
        mark_clear_copy(&mut report.originals, &protected);
        report.check();
        Ok(match score.verdict() {
            Verdict::Ordinary => Journal::Ordinary,
            Verdict::Suspect => Journal::Suspect(Box::new(report)),
            Verdict::Report => Journal::Report(Box::new(report)),
        })
    }

    fn bounce(&self, message: &Message, depth: u32) -> Journal {
        if depth >= DEPTH {
            return Journal::TooDeep;
        }
        let attached = message.attachments().filter_map(|attachment| self.original(attachment.ok()?, depth).ok()?);
        Undeliverable::of(attached.map(|(original, _, _)| original))
    }

    fn marker(&self, message: &Message) -> Option<Marker> {
        let identifier = message.string(CONTENT_IDENTIFIER).ok().flatten();
        identifier
            .and_then(|value| Marker::of_header("Content-Identifier", &value))
            .or_else(|| self.named_marker(message))
            .or_else(|| {
                let headers = message.transport_headers().ok()??.to_string_lossy();
                // The lines that continue another begin with a blank, and headers end at an empty line.
                let lines = headers.lines().skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
                lines.filter_map(|line| line.split_once(':')).find_map(|(name, value)| Marker::of_header(name, value))
            })
    }

    fn named_marker(&self, message: &Message) -> Option<Marker> {
        let names = self.names?;
        let marked = [
            "x-ms-journal-report",
            "x-ms-exchange-organization-journal-report",
            "x-wm-journal-report",
            "content-identifier",
            "content-identifer",
            // Exchange turns names into small letters, and others do not.
            "X-MS-Journal-Report",
            "X-MS-Exchange-Organization-Journal-Report",
            "X-WM-Journal-Report",
            "Content-Identifier",
            "Content-Identifer",
        ];
        marked.into_iter().find_map(|name| {
            let set = PropertySet::Guid(Guid::PS_INTERNET_HEADERS);
            let id = names.id_of(set, &PropertyName::String(name.to_owned()))?;
            let value = message.string(id).ok()??;
            Marker::of_header(name, &value)
        })
    }

    /// True if the text begins as an envelope does. Looks at its first bytes alone, which is enough for any ordinary mail.
    fn begins(&self, message: &Message) -> bool {
        /// Names of fields are short; HTML has a head of its own before the first.
        const PLAIN: u64 = 1 << 10;
        const HTML: u64 = 32 << 10;
        if let Some(start) = start_of(message, id::BODY, PLAIN) {
            return Envelope::begins(&start);
        }
        if let Some(start) = start_of(message, id::HTML, HTML) {
            return Envelope::begins(&lines::of_html(&start));
        }
        // RTF has to be read as a whole, which is worth it only with something attached.
        self.rtf.is_some()
            && message.attachments().next().is_some()
            && self.text(message).is_some_and(|text| Envelope::begins(&text))
    }

    /// The body as text: the plain one, else HTML, else RTF.
    fn text(&self, message: &Message) -> Option<String> {
        let fits = |id: u16| {
            let size = message.properties().ok()?.get(id).ok()??.stored_len().ok()?;
            (size > 0 && size <= ENVELOPE).then_some(())
        };
        if fits(id::BODY).is_some()
            && let Ok(Some(text)) = message.body_text()
            && !text.is_empty()
        {
            return Some(text.to_string_lossy());
        }
        if fits(id::HTML).is_some()
            && let Ok(Some(html)) = message.body_html()
        {
            return Some(lines::of_html(&html.to_string_lossy()));
        }
        let to_text = self.rtf?;
        fits(id::RTF_COMPRESSED)?;
        to_text(&message.body_rtf().ok()??.bytes)
    }

    /// An attached message, whether it is protected by rights management, and whether it is too large to be looked into.
    fn original(&self, attachment: Attachment, depth: u32) -> Result<Option<(Original, bool, bool)>> {
        let deeper = depth.saturating_add(1);
        match attachment.content()? {
            AttachmentContent::Message(message) => {
                let id = message.string(id::INTERNET_MESSAGE_ID).ok().flatten();
                let inner = match self.within(&message, deeper) {
                    Ok(journal) => journal,
                    // It is attached, whatever it is.
                    Err(_) => Journal::Ordinary,
                };
                let original = Original {
                    message_id: id.as_deref().and_then(bare_message_id).map(str::to_owned),
                    subject: message.subject().ok().flatten(),
                    is_clear_copy: false,
                    inner,
                    place: Place::Message(message.clone()),
                };
                Ok(Some((original, is_protected(&message), false)))
            }
            AttachmentContent::Bytes(stream) if is_mail_file(&attachment)? => {
                let too_large = stream.len() > FILE_HELD;
                let mut bytes = Vec::new();
                let taken = stream.take(if too_large { FILE_HEAD } else { FILE_HELD }).read_to_end(&mut bytes);
                taken.map_err(Error::from)?;
                let mail = Mail::parse(&bytes);
                let original = Original {
                    message_id: mail.message_id().and_then(|id| bare_message_id(&id).map(str::to_owned)),
                    subject: mail.subject().map(|subject| subject.into_owned()),
                    is_clear_copy: false,
                    inner: if too_large { Journal::Ordinary } else { of_inner_mail(&mail, deeper) },
                    place: Place::File(attachment),
                };
                Ok(Some((original, false, too_large)))
            }
            _ => Ok(None),
        }
    }
}

fn score(message: &Message, marker: Option<Marker>, envelope: Option<&Envelope>, originals: &[Original]) -> Score {
    let sender = crate::address::of_role(message, AddressRole::SentRepresenting, &()).ok().flatten();
    let sender = sender.or_else(|| crate::address::of_sender(message, &()).ok().flatten());
    let address = sender.as_ref().and_then(|sender| {
        let smtp = sender.smtp.as_ref().map(|found| found.address.as_str());
        smtp.or_else(|| sender.stored.as_ref().map(|stored| stored.value.as_str()))
    });
    Score::of(&Evidence {
        marker,
        envelope,
        attached: originals.iter().map(|original| original.message_id.as_deref()).collect(),
        sender_name: sender.as_ref().and_then(|sender| sender.name.as_deref()),
        sender_address: address,
    })
}

/// The first characters of a body; `None` if it is absent, empty or unreadable. What is not ASCII may be lost.
fn start_of(message: &Message, id: u16, length: u64) -> Option<String> {
    let body = message.properties().ok()?.get(id).ok()??;
    let mut start = Vec::new();
    body.stream().ok()?.take(length).read_to_end(&mut start).ok()?;
    let text = match body.tag().kind() {
        PropertyType::STRING => utf16::decode_lossy(&start),
        _ => String::from_utf8_lossy(&start).into_owned(),
    };
    Some(text).filter(|text| !text.trim_matches(['\0', ' ', '\r', '\n']).is_empty())
}

/// True for a file that is a mail: by its type, or by its name.
fn is_mail_file(attachment: &Attachment) -> Result<bool> {
    let tag = attachment.string(id::ATTACH_MIME_TAG)?.unwrap_or_default();
    let name = attachment.file_name()?.unwrap_or_default().to_ascii_lowercase();
    Ok(tag.trim_end_matches('\0').eq_ignore_ascii_case("message/rfc822")
        || name.trim_end_matches('\0').ends_with(".eml"))
}

/// True for a message whose content is an encrypted attachment (MS-OXORMMS).
fn is_protected(message: &Message) -> bool {
    message.attachments().filter_map(Result::ok).any(|attachment| {
        let tag = attachment.string(id::ATTACH_MIME_TAG).ok().flatten().unwrap_or_default();
        let name = attachment.file_name().ok().flatten().unwrap_or_default();
        tag.eq_ignore_ascii_case("application/x-microsoft-rpmsg-message") || name.eq_ignore_ascii_case("message.rpmsg")
    })
}

/// Says whether a message is a journal report, and takes it apart if it is.
///
/// # Errors
/// Those of the message's node. What cannot be read below it is a warning of the report.
pub fn of_message(message: &Message) -> Result<Journal> {
    JournalReader::new().read(message)
}
