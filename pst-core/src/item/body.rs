//! The bodies of an item, and which parts of a mail they are.
//!
//! ```text
//! multipart/mixed                        bodies: the text a mail program shows
//!   multipart/alternative
//!     text/plain              <- plain
//!     multipart/related
//!       text/html             <- HTML
//!       image/png             <- attachment, inline
//!   application/pdf           <- attachment
//!   text/plain                <- attachment: the text of a mail is one piece
//! ```

use crate::Result;
use crate::item::{Item, Source};
use crate::ltp::id;
use crate::messaging::Message;
use crate::mime::{Mail, Part};

impl Item<'_> {
    /// The plain text body, its line ends as they are; `None` if absent or empty.
    ///
    /// # Errors
    /// Those of the property; `Limit` above [`Limits::value_bytes`](crate::Limits::value_bytes).
    pub fn plain_text(&self) -> Result<Option<String>> {
        let text = match self.source {
            Source::Message(message) => message.body_text()?.map(|text| text.to_string_lossy()),
            Source::Mail(mail) => part(mail, Bodies::of(mail).plain).map(|part| part.text().into_owned()),
        };
        Ok(super::filled(text))
    }

    /// The HTML body as text, whatever charset its own tag names; `None` if absent or empty.
    ///
    /// # Errors
    /// Those of the property; `Limit` above [`Limits::value_bytes`](crate::Limits::value_bytes).
    pub fn html(&self) -> Result<Option<String>> {
        let text = match self.source {
            Source::Message(message) => message.body_html()?.map(|html| html.to_string_lossy().into_owned()),
            Source::Mail(mail) => part(mail, Bodies::of(mail).html).map(|part| part.text().into_owned()),
        };
        Ok(super::filled(text))
    }

    /// True if the item has a body, and that is RTF and nothing else. A mail has none in RTF.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn is_rtf_only(&self) -> Result<bool> {
        let Source::Message(message) = self.source else { return Ok(false) };
        Ok(has(message, id::RTF_COMPRESSED)? && !has(message, id::BODY)? && !has(message, id::HTML)?)
    }
}

/// True if a property holds something; no more of it is decoded than that takes.
fn has(message: &Message, id: u16) -> Result<bool> {
    let Some(property) = message.properties()?.get(id)? else { return Ok(false) };
    match property.stored_len()? {
        0 => Ok(false),
        // Text with nothing but its NUL is no text.
        1 | 2 => Ok(message.properties()?.text(id)?.is_none_or(|text| !text.is_empty())),
        _ => Ok(true),
    }
}

/// The parts of a mail that are its bodies, by their index.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bodies {
    pub(super) plain: Option<usize>,
    pub(super) html: Option<usize>,
}

pub(super) fn part<'m>(mail: &'m Mail<'m>, index: Option<usize>) -> Option<Part<'m>> {
    mail.part(index?)
}

impl Bodies {
    pub(super) fn of(mail: &Mail<'_>) -> Self {
        let root = mail.root();
        let attached = root.disposition().is_some_and(|disposition| disposition.kind == "attachment");
        let mut bodies = Self::default();
        if !root.is_multipart() && root.content_type().kind == "text" && !attached {
            // A mail that is one text is that text, even where it has a file name.
            bodies.text(root);
        } else {
            bodies.look(root);
        }
        bodies
    }

    fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Takes the bodies of a part; its depth is bounded by the parser.
    fn look(&mut self, part: Part<'_>) {
        if !part.is_multipart() {
            if !part.is_attachment() {
                self.text(part);
            }
            return;
        }
        match part.content_type().subtype.as_str() {
            "alternative" => {
                for form in part.children() {
                    let mut found = Self::default();
                    found.look(form);
                    self.plain = self.plain.or(found.plain);
                    // Forms come in the order of their worth, the best last (RFC 2046 5.1.4).
                    self.html = found.html.or(self.html);
                }
            }
            "related" => {
                let start = part.content_type().parameter("start");
                let start = start.map(|id| id.trim().trim_start_matches('<').trim_end_matches('>'));
                let named = |child: &Part<'_>| start.is_some() && child.content_id().as_deref() == start;
                if let Some(child) = part.children().find(named).or_else(|| part.children().next()) {
                    self.look(child);
                }
            }
            "signed" => {
                if let Some(child) = part.children().next() {
                    self.look(child);
                }
            }
            _ => {
                for child in part.children() {
                    self.look(child);
                    if !self.is_empty() {
                        return;
                    }
                }
            }
        }
    }

    fn text(&mut self, part: Part<'_>) {
        let content_type = part.content_type();
        if content_type.is("text", "html") {
            self.html = Some(part.index());
        } else if content_type.is("text", "plain") || content_type.is_multipart() {
            // A multipart without parts is read as one piece.
            self.plain = Some(part.index());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A part by its type, with the parts in it.
    fn multi(kind: &str, boundary: char, parts: &[String]) -> String {
        let inside: String = parts.iter().map(|part| format!("--{boundary}\n{part}\n")).collect();
        format!("Content-Type: multipart/{kind}; boundary={boundary}\n\n{inside}--{boundary}--\n")
    }

    fn leaf(header: &str, text: &str) -> String {
        format!("Content-Type: {header}\n\n{text}")
    }

    fn bodies(mail: &str) -> (Option<String>, Option<String>) {
        let mail = Mail::parse(mail.as_bytes());
        let item = Item::of_mail(&mail);
        (item.plain_text().unwrap(), item.html().unwrap())
    }

    fn found(plain: &str, html: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(plain), some(html))
    }

    #[test]
    fn of_simple_mail() {
        assert_eq!(bodies("Subject: x\n\nHi"), found("Hi", ""));
        assert_eq!(bodies(&leaf("text/html", "<p>Hi")), found("", "<p>Hi"));
        assert_eq!(bodies(&leaf("text/plain; name=a.txt", "Hi")), found("Hi", ""));
        assert_eq!(bodies(&leaf("image/png", "x")), found("", ""));
        assert_eq!(bodies("Subject: x\n\n"), found("", ""));
    }

    #[test]
    fn of_what_mail_programs_write() {
        let related = multi("related", 'r', &[leaf("text/html", "<p>Hi"), leaf("image/png", "x")]);
        let both = multi("alternative", 'a', &[leaf("text/plain", "Hi"), related]);
        let mail = multi("mixed", 'm', &[both, leaf("application/pdf", "x"), leaf("text/plain", "-- list footer")]);
        assert_eq!(bodies(&mail), found("Hi", "<p>Hi"));
        let report =
            multi("report", 'r', &[leaf("text/plain", "Failed"), leaf("message/delivery-status", "Action: failed")]);
        assert_eq!(bodies(&report), found("Failed", ""));
        let late = multi("mixed", 'm', &[leaf("image/png; name=x.png", "x"), leaf("text/plain", "Below")]);
        assert_eq!(bodies(&late), found("Below", ""));
    }

    #[test]
    fn of_the_part_that_related_names() {
        let html = "text/html\nContent-ID: <body@x>";
        let parts = [leaf("image/png\nContent-ID: <i@x>", "x"), leaf(html, "<p>Hi")];
        let mail = multi("related; start=\"<body@x>\"", 'r', &parts);
        assert_eq!(bodies(&mail), found("", "<p>Hi"));
        assert_eq!(bodies(&multi("related", 'r', &parts)), found("", ""));
    }

    #[test]
    fn of_a_multipart_that_is_none() {
        assert_eq!(bodies("Content-Type: multipart/mixed; boundary=gone\n\nHi"), found("Hi", ""));
    }
}
