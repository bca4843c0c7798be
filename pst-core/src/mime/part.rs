//! A part of a message: its headers, its exact bytes, its content.

use std::borrow::Cow;
use std::ops::Range;

use super::charset;
use super::finding::{Finding, FindingKind};
use super::header::Header;
use super::limits;
use super::mail::Mail;
use super::parameters::{ContentType, Disposition};
use super::scan::Entity;
use super::transfer::{self, BodyReader, TransferEncoding};
use crate::text::CodePage;

/// A part of a message, the message itself included (RFC 2045 2.5 calls it an entity).
#[derive(Clone, Copy)]
pub struct Part<'m> {
    mail: &'m Mail<'m>,
    index: usize,
}

/// The decoded content of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content<'m> {
    /// The bytes; borrowed where the transfer encoding changes nothing.
    pub bytes: Cow<'m, [u8]>,
    /// What does not belong into the transfer encoding.
    pub findings: Vec<Finding>,
}

/// The text of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartText<'m> {
    /// The text, its line ends as they are.
    pub text: Cow<'m, str>,
    /// The code page that its bytes were read in.
    pub code_page: CodePage,
    /// What is odd about transfer encoding and charset.
    pub findings: Vec<Finding>,
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let entity = self.entity();
        f.debug_struct("Part")
            .field("index", &self.index)
            .field("content_type", &entity.map(|entity| entity.content_type.essence()))
            .field("range", &self.range())
            .finish()
    }
}

static PLAIN: std::sync::LazyLock<ContentType> = std::sync::LazyLock::new(|| ContentType::plain("text", "plain"));

impl<'m> Part<'m> {
    pub(super) fn new(mail: &'m Mail<'m>, index: usize) -> Self {
        Self { mail, index }
    }

    fn entity(&self) -> Option<&'m Entity> {
        self.mail.scan.entities.get(self.index)
    }

    fn slice(&self, range: Range<usize>) -> &'m [u8] {
        self.mail.bytes.get(range).unwrap_or_default()
    }

    /// The place of the part in [`Mail::parts`]; 0 is the message.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The headers in order, repeated ones kept.
    pub fn headers(&self) -> impl Iterator<Item = Header<'m>> + use<'m> {
        let mail = self.mail;
        let fields = self.entity().and_then(|entity| mail.scan.fields.get(entity.fields.clone())).unwrap_or_default();
        fields.iter().map(move |field| Header {
            // Names are ASCII.
            name: mail
                .bytes
                .get(field.name.clone())
                .and_then(|name| std::str::from_utf8(name).ok())
                .unwrap_or_default(),
            raw: mail.bytes.get(field.value.clone()).unwrap_or_default(),
            start: field.name.start,
            end: field.end,
            fallback: mail.fallback,
        })
    }

    /// The first header of this name; case does not count.
    pub fn header(&self, name: &str) -> Option<Header<'m>> {
        self.headers().find(|header| header.is(name))
    }

    /// The type. What has none is `text/plain`, in a `multipart/digest` `message/rfc822`.
    pub fn content_type(&self) -> &'m ContentType {
        self.entity().map_or(&PLAIN, |entity| &entity.content_type)
    }

    /// Whether the part states its type, and states one that can be read.
    pub fn type_is_stated(&self) -> bool {
        self.entity().is_some_and(|entity| entity.type_is_stated)
    }

    /// The disposition, if the part states one.
    pub fn disposition(&self) -> Option<&'m Disposition> {
        self.entity()?.disposition.as_ref()
    }

    /// The file name: of the disposition, else the `name` of the type.
    pub fn file_name(&self) -> Option<&'m str> {
        self.disposition()
            .and_then(|disposition| disposition.parameter("filename"))
            .or_else(|| self.content_type().parameter("name"))
            .filter(|name| !name.is_empty())
    }

    /// The `Content-ID`, without brackets.
    pub fn content_id(&self) -> Option<String> {
        let header = self.header("Content-ID")?;
        let value = header.unfolded();
        let id = value.trim().trim_start_matches('<').trim_end_matches('>').trim();
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// The `Content-Location`, without the blanks that folding put into it.
    pub fn content_location(&self) -> Option<String> {
        let value = self.header("Content-Location")?;
        let text: String = value.text().split_whitespace().collect();
        (!text.is_empty()).then_some(text)
    }

    /// The `Content-Description`.
    pub fn content_description(&self) -> Option<Cow<'m, str>> {
        self.header("Content-Description").map(|header| header.text()).filter(|text| !text.is_empty())
    }

    /// The charset as labelled.
    pub fn charset(&self) -> Option<&'m str> {
        self.content_type().parameter("charset").filter(|label| !label.is_empty())
    }

    /// The transfer encoding.
    pub fn encoding(&self) -> &'m TransferEncoding {
        self.entity().map_or(&TransferEncoding::SevenBit, |entity| &entity.encoding)
    }

    /// Headers and body in [`Mail::bytes`].
    pub fn range(&self) -> Range<usize> {
        self.entity().map_or(0..0, |entity| entity.header.start..entity.body.end)
    }

    /// The headers in [`Mail::bytes`], the last line end included, the empty line not.
    pub fn header_range(&self) -> Range<usize> {
        self.entity().map_or(0..0, |entity| entity.header.clone())
    }

    /// The body in [`Mail::bytes`], as it stands: encoded, and without the line end that belongs to the boundary behind it.
    pub fn body_range(&self) -> Range<usize> {
        self.entity().map_or(0..0, |entity| entity.body.clone())
    }

    /// Headers and body, as they stand.
    pub fn raw(&self) -> &'m [u8] {
        self.slice(self.range())
    }

    /// The headers, as they stand.
    pub fn raw_headers(&self) -> &'m [u8] {
        self.slice(self.header_range())
    }

    /// The body, as it stands.
    pub fn body(&self) -> &'m [u8] {
        self.slice(self.body_range())
    }

    /// What comes before the first boundary of a multipart.
    pub fn preamble(&self) -> &'m [u8] {
        self.entity().map_or(&[], |entity| self.slice(entity.preamble.clone()))
    }

    /// What comes behind the end boundary of a multipart.
    pub fn epilogue(&self) -> &'m [u8] {
        self.entity().map_or(&[], |entity| self.slice(entity.epilogue.clone()))
    }

    /// The part that this one is directly in.
    pub fn parent(&self) -> Option<Part<'m>> {
        self.entity()?.parent.map(|index| Part::new(self.mail, index))
    }

    /// The parts directly in this one. **A multipart has none if its boundary does not occur**; its body is text then.
    pub fn children(&self) -> impl ExactSizeIterator<Item = Part<'m>> + use<'m> {
        let mail = self.mail;
        let children = self.entity().map_or(&[][..], |entity| entity.children.as_slice());
        children.iter().map(move |&index| Part::new(mail, index))
    }

    /// Whether the part is a multipart that was taken apart.
    pub fn is_multipart(&self) -> bool {
        self.entity().is_some_and(|entity| !entity.children.is_empty())
    }

    /// Whether the part is a file beside the text: it says so, it has a name and does not say `inline`, or it is
    /// neither text nor a multipart.
    pub fn is_attachment(&self) -> bool {
        if self.is_multipart() {
            return false;
        }
        match self.disposition().map(|disposition| disposition.kind.as_str()) {
            Some("attachment") => true,
            Some("inline") => self.content_type().kind != "text" && !self.content_type().is_multipart(),
            _ => self.file_name().is_some() || !matches!(self.content_type().kind.as_str(), "text" | "multipart"),
        }
    }

    /// A stream of the decoded body, for bodies of any size.
    pub fn reader(&self) -> BodyReader<'m> {
        BodyReader::new(self.body(), self.encoding())
    }

    /// The decoded body, and what is odd about its encoding.
    pub fn content(&self) -> Content<'m> {
        if self.encoding().is_identity() || self.is_multipart() {
            return Content { bytes: Cow::Borrowed(self.body()), findings: Vec::new() };
        }
        let (bytes, damage) = transfer::decode(self.body(), self.encoding());
        let findings = (damage > 0)
            .then(|| Finding {
                kind: FindingKind::TransferDamage,
                offset: self.body_range().start,
                detail: format!("{damage} passed over"),
            })
            .into_iter()
            .collect();
        Content { bytes: Cow::Owned(bytes), findings }
    }

    /// The decoded body.
    pub fn decoded(&self) -> Cow<'m, [u8]> {
        self.content().bytes
    }

    /// The decoded body as text, in the charset it names; see [`read_text`](Part::read_text).
    pub fn text(&self) -> Cow<'m, str> {
        self.read_text().text
    }

    /// The decoded body as text, which code page that was, and what is odd about it.
    ///
    /// Without a charset, HTML is in the one its own meta tag names. What has no known charset is UTF-8 if it can be, else
    /// windows-1252.
    pub fn read_text(&self) -> PartText<'m> {
        let Content { bytes, mut findings } = self.content();
        let is_html = self.content_type().is("text", "html");
        let read = match bytes {
            Cow::Borrowed(bytes) => self.read(bytes, is_html),
            Cow::Owned(bytes) => {
                let charset::Read { text, page, odd } = self.read(&bytes, is_html);
                let whole = match text {
                    Cow::Borrowed(text) if text.len() < bytes.len() => Some(text.to_owned()),
                    Cow::Borrowed(_) => None,
                    Cow::Owned(text) => Some(text),
                };
                // The bytes are the text, and large enough not to be copied.
                let text = whole.unwrap_or_else(|| String::from_utf8(bytes).unwrap_or_default());
                charset::Read { text: Cow::Owned(text), page, odd }
            }
        };
        if let Some(kind) = read.odd {
            let label = self.charset().unwrap_or("no charset");
            let detail = format!("{label}, read as {}", read.page);
            findings.push(Finding { kind, offset: self.body_range().start, detail });
        }
        PartText { text: read.text, code_page: read.page, findings }
    }

    fn read<'b>(&self, bytes: &'b [u8], is_html: bool) -> charset::Read<'b> {
        if self.mail.transcoded && self.encoding().is_identity() {
            return charset::read(bytes, CodePage::UTF_8, None);
        }
        if let Some(page) = charset::of_html(bytes).filter(|_| is_html && self.charset().is_none()) {
            return charset::read(bytes, page, None);
        }
        charset::decode(bytes, self.charset())
    }

    /// Whether the part is a message: `message/rfc822`, `message/global`, `message/news`.
    pub fn is_message(&self) -> bool {
        let content_type = self.content_type();
        content_type.kind == "message" && matches!(content_type.subtype.as_str(), "rfc822" | "global" | "news")
    }

    /// The message in a part that [is one](Part::is_message). Its bytes are the body, untouched, unless a transfer encoding
    /// (which RFC 2046 5.2.1 forbids) had to be taken away.
    ///
    /// `None` too if the message lies deeper than 64 messages, or if its bytes would be a copy inside four others that had to
    /// be decoded. Parsing is done anew at every call.
    pub fn message(&self) -> Option<Mail<'m>> {
        if !self.is_message() || self.mail.is_deepest() {
            return None;
        }
        if !self.encoding().is_identity() && self.mail.copies >= limits::COPIES {
            return None;
        }
        Some(Mail::of(self.decoded(), self.mail.depth().saturating_add(1), self.mail.copies))
    }
}
