//! A message: headers, parts, findings.

use std::borrow::Cow;
use std::ops::Range;

use super::disguise;
use super::encoded_word;
use super::finding::{Finding, FindingKind, Findings};
use super::header::Header;
use super::parse::{self, Date, Mailbox};
use super::part::Part;
use super::scan::{self, Entity, Scan};
use super::{charset, limits};
use crate::text::CodePage;

/// A parsed message (RFC 5322, RFC 2045), over the bytes it was parsed from.
///
/// **Parsing never fails**: any bytes are a message, and [`findings`](Mail::findings) tells what is odd about it. Bodies are
/// decoded when they are asked for. Reading costs one walk over the bytes; memory is a small record for each header
/// and part.
///
/// ```
/// use pst_core::mime::Mail;
///
/// let mail = Mail::parse(b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\nFrom: Jane <jane@a.example>\r\n\r\nHi\r\n");
/// assert_eq!(mail.subject().as_deref(), Some("Grüße"));
/// assert_eq!(mail.from().first().and_then(|from| from.address.as_deref()), Some("jane@a.example"));
/// assert_eq!(mail.root().text(), "Hi\r\n");
/// ```
#[derive(Clone, Debug)]
pub struct Mail<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) transcoded: bool,
    pub(super) scan: Scan,
    pub(super) fallback: CodePage,
    envelope_line: Option<Range<usize>>,
    property_list: Option<Range<usize>>,
    depth: usize,
    /// How many copies this message and those around it are.
    pub(super) copies: usize,
    findings: Vec<Finding>,
}

/// Headers that hold addresses.
const ADDRESSES: [&str; 6] = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"];

/// Headers that may stand once (RFC 5322 3.6).
const ONCE: [&str; 14] = [
    "Date",
    "From",
    "Sender",
    "Reply-To",
    "To",
    "Cc",
    "Bcc",
    "Message-ID",
    "In-Reply-To",
    "References",
    "Subject",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
];

impl<'a> Mail<'a> {
    /// Parses a message: an EML file, a message of an mbox, an `.emlx`.
    pub fn parse(bytes: &'a [u8]) -> Self {
        Self::of(Cow::Borrowed(bytes), 0, 0)
    }

    /// Parses the message in a part that is `depth` messages deep, in messages that are `copies` copies of bytes.
    pub(super) fn of(bytes: Cow<'a, [u8]>, depth: usize, copies: usize) -> Self {
        let mut findings = Findings::default();
        let opened = disguise::open(bytes, &mut findings);
        let scan = scan::scan(&opened.bytes, opened.message, &mut findings);
        if opened.bytes.contains(&0) {
            let offset = opened.bytes.iter().position(|&byte| byte == 0).unwrap_or(0);
            findings.add(FindingKind::Nul, offset, "");
        }
        let fallback = fallback(&scan.entities);
        let mut mail = Self {
            copies: copies.saturating_add(usize::from(matches!(opened.bytes, Cow::Owned(_)))),
            bytes: opened.bytes,
            transcoded: opened.transcoded,
            scan,
            fallback,
            envelope_line: opened.envelope_line,
            property_list: opened.property_list,
            depth,
            findings: Vec::new(),
        };
        mail.check_headers(&mut findings);
        mail.findings = findings.into_vec();
        mail
    }

    fn check_headers(&self, findings: &mut Findings) {
        let mut headers = self.headers().peekable();
        let start = self.root().range().start;
        if headers.peek().is_none() {
            return;
        }
        let mut seen = [false; ONCE.len()];
        let mut address_room = [(limits::ADDRESSES, limits::MAILBOXES); ADDRESSES.len()];
        for header in headers {
            let place = ADDRESSES.iter().position(|name| header.is(name));
            if let Some(room) = place.and_then(|at| address_room.get_mut(at)) {
                let ends = header.raw.iter().filter(|byte| matches!(byte, b',' | b';')).count();
                let left = room.0.checked_sub(header.raw.len()).zip(room.1.checked_sub(ends));
                if left.is_none() && *room != (0, 0) {
                    findings.add(FindingKind::TooManyAddresses, header.start, header.name);
                }
                *room = left.unwrap_or_default();
            }
            if let Some(seen) = ONCE.iter().position(|name| header.is(name)).and_then(|at| seen.get_mut(at)) {
                if *seen {
                    findings.add(FindingKind::RepeatedHeader, header.start, header.name);
                }
                *seen = true;
            }
        }
        // RFC 5322 3.6 demands these two.
        for (name, _) in ONCE.iter().zip(seen).take(2).filter(|(_, seen)| !seen) {
            findings.add(FindingKind::MissingHeader, start, *name);
        }
    }

    /// The bytes that all ranges and offsets are about: those given to [`parse`](Mail::parse), or the UTF-8 made of them
    /// if they were UTF-16.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What is odd about headers and structure, in the order it was noticed. What decoding a body finds is told by
    /// [`Part::content`] and [`Part::read_text`].
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// How many messages are around this one: 0 for one that was parsed by itself.
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Whether messages in this one are deeper than the limit, so that [`Part::message`] gives none.
    pub fn is_deepest(&self) -> bool {
        self.depth >= limits::MESSAGES
    }

    /// The `From ` line of an mbox, if one comes before the message.
    pub fn envelope_line(&self) -> Option<&[u8]> {
        self.bytes.get(self.envelope_line.clone()?)
    }

    /// The XML property list with the flags of Apple Mail, if one comes behind the message.
    pub fn property_list(&self) -> Option<&[u8]> {
        self.bytes.get(self.property_list.clone()?)
    }

    /// The part that is the whole message.
    pub fn root(&self) -> Part<'_> {
        Part::new(self, 0)
    }

    /// All parts, each before those in it. Messages in the message are single parts here.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        (0..self.scan.entities.len()).map(|index| Part::new(self, index))
    }

    /// The part with this [index](Part::index).
    pub fn part(&self, index: usize) -> Option<Part<'_>> {
        (index < self.scan.entities.len()).then(|| Part::new(self, index))
    }

    /// The headers in order, repeated ones kept.
    pub fn headers(&self) -> impl Iterator<Item = Header<'_>> {
        self.root().headers()
    }

    /// The first header of this name; case does not count.
    pub fn header(&self, name: &str) -> Option<Header<'_>> {
        self.root().header(name)
    }

    /// The [text](Header::text) of the first header of this name.
    pub fn header_text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.header(name).map(|header| header.text())
    }

    /// The subject, with its prefix.
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        self.header_text("Subject")
    }

    /// The date of the `Date` header; `None` if there is none or it is no date.
    pub fn date(&self) -> Option<Date> {
        self.header("Date").and_then(|header| header.date())
    }

    /// The id of the message, without brackets.
    pub fn message_id(&self) -> Option<String> {
        let header = self.header("Message-ID")?;
        let value = header.unfolded();
        ids(&value).into_iter().next().or_else(|| {
            // Ids without brackets, and those with blanks in them, are met.
            let value = value.trim().trim_start_matches('<').trim_end_matches('>');
            (!value.is_empty()).then(|| value.to_owned())
        })
    }

    /// The ids that the message answers, without brackets.
    pub fn in_reply_to(&self) -> Vec<String> {
        self.header("In-Reply-To").map(|header| ids(&header.unfolded())).unwrap_or_default()
    }

    /// The ids of the thread, oldest first, without brackets.
    pub fn references(&self) -> Vec<String> {
        self.header("References").map(|header| ids(&header.unfolded())).unwrap_or_default()
    }

    /// The authors.
    pub fn from(&self) -> Vec<Mailbox> {
        self.mailboxes("From")
    }

    /// Who sent the message for its authors.
    pub fn sender(&self) -> Vec<Mailbox> {
        self.mailboxes("Sender")
    }

    /// Where answers go.
    pub fn reply_to(&self) -> Vec<Mailbox> {
        self.mailboxes("Reply-To")
    }

    /// The recipients.
    pub fn to(&self) -> Vec<Mailbox> {
        self.mailboxes("To")
    }

    /// The recipients of copies.
    pub fn cc(&self) -> Vec<Mailbox> {
        self.mailboxes("Cc")
    }

    /// The recipients of blind copies; only the sender's own copy names them.
    pub fn bcc(&self) -> Vec<Mailbox> {
        self.mailboxes("Bcc")
    }

    /// The mailboxes of all headers of this name; 100,000 at most, and those in the first 2 MiB.
    pub fn mailboxes(&self, name: &str) -> Vec<Mailbox> {
        let mut bytes = limits::ADDRESSES;
        let mut found = Vec::new();
        for header in self.headers().filter(|header| header.is(name)) {
            let most = limits::MAILBOXES.saturating_sub(found.len());
            if bytes == 0 || most == 0 {
                break;
            }
            found.append(&mut header.first_mailboxes(bytes, most));
            bytes = bytes.saturating_sub(header.raw.len());
        }
        found
    }
}

impl Header<'_> {
    /// The value as mailboxes; 100,000 at most, and those in its first 2 MiB.
    pub fn mailboxes(&self) -> Vec<Mailbox> {
        self.first_mailboxes(limits::ADDRESSES, limits::MAILBOXES)
    }

    /// The mailboxes in this many bytes, and this many.
    fn first_mailboxes(&self, bytes: usize, most: usize) -> Vec<Mailbox> {
        let raw = match self.raw.get(..bytes) {
            Some(start) if start.len() < self.raw.len() => {
                let end = start.iter().rposition(|&byte| byte == b',').unwrap_or(start.len());
                start.get(..end).unwrap_or(start)
            }
            _ => self.raw,
        };
        parse::mailboxes(&encoded_word::in_utf8(raw, self.fallback), most)
    }

    /// The value as a date; of a `Received` header, the date at its end.
    pub fn date(&self) -> Option<Date> {
        parse::date(&self.unfolded())
    }
}

/// The code page for 8-bit headers: that of the first text that names one.
fn fallback(entities: &[Entity]) -> CodePage {
    entities
        .iter()
        .filter(|entity| entity.content_type.kind == "text")
        .filter_map(|entity| charset::page(entity.content_type.parameter("charset")?))
        .find(|page| *page != CodePage::UTF_8 && !matches!(page.number(), 1200 | 1201 | 65000))
        .unwrap_or(CodePage::WINDOWS_1252)
}

/// What stands in angle brackets.
fn ids(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((id, after)) = after.split_once('>') else { break };
        let id: String = id.split_whitespace().collect();
        if !id.is_empty() {
            found.push(id);
        }
        rest = after;
    }
    found
}
