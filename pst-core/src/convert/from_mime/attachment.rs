//! Attachments: files and messages in messages (MS-OXCMAIL 2.2.3.4).

use std::collections::HashSet;
use std::fmt::Write;

use super::structure::{File, Plan};
use super::{Conversion, file_name};
use crate::Result;
use crate::convert::LossKind;
use crate::ltp::id;
use crate::mime::{FindingKind, Mail, Part};
use crate::write::{AttachmentDraft, MessageDraft, Target};

const CONTENT_BASE: u16 = 0x3711;
const TEXT_CHARSET: u16 = 0x371B;
/// PidTagAttachFlags: the body shows it (attRenderedInBody).
const RENDERED_IN_BODY: i32 = 4;

/// Attachments of one message; the file has room for few more. The rest of a mail is kept as one file.
const MOST_ATTACHMENTS: usize = 10_000;

/// Messages in messages that a reader with the usual limits gets to: each takes two levels of subnodes.
pub(super) const MOST_DEPTH: usize = 28;

impl<T: Target> Conversion<'_, T> {
    /// Attaches the files of a plan.
    pub(super) fn attachments(&mut self, plan: &Plan<'_>, draft: &mut MessageDraft) -> Result<()> {
        let shown = plan.html.map(|html| shown_by(&html)).unwrap_or_default();
        let mut files: Vec<&File<'_>> = plan.files.iter().collect();
        files.sort_by_key(|file| file.part.index());
        for (file, number) in files.into_iter().zip(1..) {
            if number > MOST_ATTACHMENTS {
                self.lose_of(&file.part, LossKind::TooLarge, "more attachments than a message may have");
                continue;
            }
            let attachment = match self.embedded(&file.part, number)? {
                Some(attachment) => attachment,
                None => self.file(file, number, &shown)?,
            };
            draft.attach(attachment);
        }
        Ok(())
    }

    /// A message in a message; `None` if the part is none, or can be kept as a file only.
    fn embedded(&mut self, part: &Part<'_>, number: usize) -> Result<Option<AttachmentDraft>> {
        let is_headers = part.content_type().is("text", "rfc822-headers");
        if !part.is_message() && !is_headers {
            return Ok(None);
        }
        let headers_only = is_headers.then(|| part.decoded());
        let inner = match &headers_only {
            Some(bytes) => Some(Mail::parse(bytes)),
            None => part.message(),
        };
        let is_too_deep = self.depth >= MOST_DEPTH;
        let Some(inner) = inner.filter(|_| !is_too_deep) else {
            self.lose_of(part, LossKind::TooDeep, "the message in it is kept as a file");
            return Ok(None);
        };
        // What has no header is no message, whatever it says.
        if inner.headers().next().is_none() {
            self.lose_of(part, LossKind::Changed, "no message; it is kept as a file");
            return Ok(None);
        }
        let subject = inner.subject().map(|subject| subject.trim().to_owned()).unwrap_or_default();
        let name = part.file_name().map(file_name::clean).filter(|name| !name.is_empty());
        let display = name.clone().filter(|_| subject.is_empty()).unwrap_or(subject).replace('\0', "");
        let length = self.path.len();
        let _ = write!(self.path, "attachment {number}: ");
        self.depth = self.depth.saturating_add(1);
        let message = self.message(&inner);
        self.depth = self.depth.saturating_sub(1);
        self.path.truncate(length);
        let mut attachment = AttachmentDraft::message(&display, message?);
        if let Some(name) = name {
            attachment.properties().text(id::ATTACH_LONG_FILENAME, name);
        }
        self.rest_of(part, false);
        Ok(Some(attachment))
    }

    pub(super) fn file(&mut self, file: &File<'_>, number: usize, shown: &HashSet<String>) -> Result<AttachmentDraft> {
        let part = &file.part;
        let kind = part.content_type();
        let given = part.file_name().unwrap_or_default();
        let mut name = file_name::clean(given);
        if name != given.trim() {
            self.lose_of(part, LossKind::Changed, format!("the name {given:?} became {name:?}"));
        }
        if name.is_empty() {
            name = file_name::made_up(number, &kind.kind, &kind.subtype);
        }
        let mut reader = part.reader();
        let data = self.out.data(&mut reader)?;
        if reader.damage() > 0 {
            let detail = format!("{}: {} passed over", FindingKind::TransferDamage, reader.damage());
            self.lose_of(part, LossKind::Changed, detail);
        }
        let mut attachment = AttachmentDraft::file(&name, data);
        if part.type_is_stated() {
            attachment = attachment.mime(&kind.essence());
        }
        self.file_properties(part, &mut attachment);
        self.reference(file, shown, &mut attachment);
        self.rest_of(part, false);
        Ok(attachment)
    }

    fn file_properties(&mut self, part: &Part<'_>, attachment: &mut AttachmentDraft) {
        if let Some(text) = part.content_description() {
            let text = self.clean(text.trim(), "Content-Description");
            attachment.properties().text(id::DISPLAY_NAME, text);
        }
        if let Some(charset) = part.charset().filter(|_| part.content_type().kind == "text") {
            attachment.properties().text(TEXT_CHARSET, charset.replace('\0', ""));
        }
        if let Some(base) = part.header("Content-Base").map(|header| header.text().trim().replace('\0', "")) {
            attachment.properties().text(CONTENT_BASE, base);
        }
        let dates = [("creation-date", id::CREATION_TIME), ("modification-date", id::LAST_MODIFICATION_TIME)];
        for (name, property) in dates {
            let Some(value) = part.disposition().and_then(|disposition| disposition.parameter(name)) else { continue };
            match crate::mime::Date::parse(value).and_then(|date| date.to_file_time()) {
                Some(time) => {
                    attachment.properties().time(property, time);
                }
                None => self.lose_of(part, LossKind::NoPlace, format!("{name}: no date can be read")),
            }
        }
    }

    /// How the body refers to a file: by Content-ID or Content-Location.
    fn reference(&mut self, file: &File<'_>, shown: &HashSet<String>, attachment: &mut AttachmentDraft) {
        let part = &file.part;
        let id_of = part.content_id().map(|id| id.replace('\0', ""));
        let location = part.content_location().map(|location| location.replace('\0', ""));
        let by_id = id_of.as_ref().is_some_and(|id| shown.contains(&format!("cid:{}", id.to_ascii_lowercase())));
        let by_place = location.as_ref().is_some_and(|location| shown.contains(&location.to_ascii_lowercase()));
        let properties = attachment.properties();
        if let Some(id_of) = id_of {
            properties.text(id::ATTACH_CONTENT_ID, id_of);
        }
        if let Some(location) = location {
            properties.text(id::ATTACH_CONTENT_LOCATION, location);
        }
        if by_id || (by_place && file.related) {
            properties.integer32(id::ATTACH_FLAGS, RENDERED_IN_BODY).boolean(id::ATTACHMENT_HIDDEN, true);
        }
    }

    /// Tells what of the headers of a part is nowhere. Those of the message itself are kept whole.
    pub(super) fn rest_of(&mut self, part: &Part<'_>, is_body: bool) {
        if part.index() == 0 {
            return;
        }
        const KEPT: [&str; 8] = [
            "Content-Type",
            "Content-Transfer-Encoding",
            "Content-Disposition",
            "Content-ID",
            "Content-Location",
            "Content-Base",
            "Content-Description",
            "MIME-Version",
        ];
        let names: Vec<&str> = part
            .headers()
            .map(|header| header.name)
            .filter(|name| !KEPT.iter().any(|kept| kept.eq_ignore_ascii_case(name)))
            .collect();
        if !names.is_empty() {
            self.lose_of(part, LossKind::NoPlace, format!("headers {}", names.join(", ")));
        }
        const READ: [&str; 14] = [
            "charset",
            "name",
            "boundary",
            "type",
            "start",
            "method",
            "report-type",
            "protocol",
            "micalg",
            "smime-type",
            "filename",
            "size",
            "creation-date",
            "modification-date",
        ];
        let of_disposition =
            part.disposition().map(|disposition| disposition.parameters.as_slice()).unwrap_or_default();
        let parameters = part.content_type().parameters.iter().chain(of_disposition);
        let others: Vec<&str> = parameters.map(|(name, _)| name.as_str()).filter(|name| !READ.contains(name)).collect();
        if !others.is_empty() {
            self.lose_of(part, LossKind::NoPlace, format!("parameters {}", others.join(", ")));
        }
        if !is_body {
            return;
        }
        if let Some(name) = part.file_name() {
            self.lose_of(part, LossKind::NoPlace, format!("the body has the name {name:?}"));
        }
        for name in ["Content-ID", "Content-Location", "Content-Description"] {
            if part.header(name).is_some() {
                self.lose_of(part, LossKind::NoPlace, format!("header {name} of a body"));
            }
        }
    }
}

/// What the HTML refers to, in small letters: `cid:` addresses, and the values of `src`, `href` and `background`.
pub(crate) fn shown_by(html: &Part<'_>) -> HashSet<String> {
    /// References that are looked at; a page of pictures has hundreds.
    const MOST: usize = 100_000;
    /// Bytes of them. They are held while messages in the message are converted, and may lie in each other.
    const MOST_BYTES: usize = 4 << 20;
    let text = html.text().to_ascii_lowercase();
    let mut found = HashSet::new();
    let mut left = MOST_BYTES;
    let is_end = |character: char| character.is_whitespace() || matches!(character, '"' | '\'' | '>' | '<' | ')');
    for (at, mark) in
        text.match_indices("cid:").chain(text.match_indices("src=")).chain(text.match_indices("background="))
    {
        if found.len() >= MOST {
            break;
        }
        let from = if mark == "cid:" { at } else { at.saturating_add(mark.len()) };
        let rest = text.get(from..).unwrap_or_default().trim_start_matches(['"', '\'']);
        let value = rest.get(..rest.floor_char_boundary(2048)).unwrap_or_default();
        // The picture itself, and no reference to one.
        if value.starts_with("data:") {
            continue;
        }
        let value = value.get(..value.find(is_end).unwrap_or(value.len())).unwrap_or_default();
        let Some(after) = left.checked_sub(value.len()) else { break };
        left = after;
        found.insert(unescaped(value));
    }
    found
}

/// A URL without percent signs and the entity that is met in URLs.
fn unescaped(url: &str) -> String {
    let mut bytes = Vec::with_capacity(url.len());
    let mut rest = url.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
        let pair = digit(0).zip(digit(1)).and_then(|(high, low)| u8::try_from(high.wrapping_mul(16) | low).ok());
        match (first, pair) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).replace("&amp;", "&").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_of_html() {
        let text = b"Content-Type: text/html\r\n\r\n<img src=\"CID:a%40B\"><td background='b.gif'><a href=x>\r\n\
                     <div style='url(cid:c@d)'><img src=pic.png>";
        let mail = Mail::parse(text);
        let found = shown_by(&mail.root());
        for expected in ["cid:a@b", "b.gif", "cid:c@d", "pic.png"] {
            assert!(found.contains(expected), "{expected} in {found:?}");
        }
    }

    /// Each reference used to hold up to 2 KiB, of a megabyte of letters 200 in all.
    #[test]
    fn references_within_references_are_bounded() {
        let inside: String = (0..60_000).map(|number| format!("cid:{number:06},")).collect();
        let text = format!("Content-Type: text/html\r\n\r\n{inside}");
        let start = std::time::Instant::now();
        let found = shown_by(&Mail::parse(text.as_bytes()).root());
        assert!(found.contains(inside.get(..2048).unwrap()));
        assert_eq!(found.len(), 2048);
        assert!(start.elapsed().as_secs() < 5);
        // The pictures themselves are none, and characters are whole.
        let pictures = "<img src=\"data:image/png;base64,AAAA\">".repeat(5000);
        let text = format!("Content-Type: text/html\r\n\r\n{pictures}<img src=x{}>", "ü".repeat(2000));
        let found = shown_by(&Mail::parse(text.as_bytes()).root());
        assert_eq!(found.iter().map(String::len).collect::<Vec<_>>(), [2047]);
    }
}
