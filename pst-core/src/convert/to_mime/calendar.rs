//! What is more than a mail: calendar entries, meetings, tasks and journal entries go along as text/calendar
//! (MS-OXCMAIL 2.1.3.3.8), persons as text/vcard.

use super::field::Fields;
use super::item::kind_of;
use super::losses::Losses;
use super::text::Body;
use crate::convert::LossKind;
use crate::convert::calendar::{self, AttachmentPlace};
use crate::convert::contact::{self, Version};
use crate::messaging::{Message, NamedProperties};

/// A part of iCalendar or vCard text.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) text: String,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// With its method, such as `REQUEST`.
    Calendar(Option<&'static str>),
    /// With its file name.
    Card(String),
}

impl Part {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        match &self.kind {
            Kind::Calendar(method) => {
                let mut parameters = vec![("charset", "utf-8")];
                parameters.extend(method.map(|method| ("method", method)));
                fields.parameters("Content-Type", "text/calendar", &parameters);
            }
            Kind::Card(name) => {
                fields.parameters("Content-Type", "text/vcard", &[("charset", "utf-8"), ("name", name)]);
                fields.parameters("Content-Disposition", "attachment", &[("filename", name)]);
            }
        }
        fields
    }
}

/// What a message is beside a mail.
pub(super) enum Found {
    Nothing,
    Calendar(Part),
    Card(Part),
}

/// The longest text of a body that a calendar repeats.
const LONGEST: usize = 1 << 20;

/// Makes the part that the class of a message asks for; `plain` is the text of its body.
pub(super) fn part(
    message: &Message,
    names: &NamedProperties,
    class: &str,
    plain: Option<&Body>,
    losses: &mut Losses,
) -> Found {
    if contact::is_convertible(class) {
        return match contact::to_vcard(message, names, Version::V4) {
            Ok(mut card) => {
                // Those are parts of the mail.
                card.losses.retain(|loss| loss.kind != LossKind::NoPlace || !loss.detail.starts_with("attachment "));
                losses.extend(card.losses);
                let name = message.subject().ok().flatten().filter(|name| !name.trim().is_empty());
                let name = format!("{}.vcf", name.as_deref().unwrap_or("contact").trim());
                Found::Card(Part { text: card.text, kind: Kind::Card(name) })
            }
            Err(error) => {
                losses.add(kind_of(&error), format!("vCard: {error}"));
                Found::Nothing
            }
        };
    }
    // The text of a note is all it has.
    if !calendar::is_convertible(class) || class.to_ascii_lowercase().starts_with("ipm.stickynote") {
        return Found::Nothing;
    }
    let options = calendar::Options {
        body: plain.and_then(text_of),
        html: false,
        attachments: AttachmentPlace::Elsewhere,
        ..calendar::Options::default()
    };
    match calendar::to_icalendar(message, names, &options) {
        Ok(calendar) => {
            losses.extend(calendar.losses);
            let kind = Kind::Calendar(calendar.method.map(calendar::Method::name));
            Found::Calendar(Part { text: calendar.text, kind })
        }
        Err(error) => {
            losses.add(kind_of(&error), format!("calendar: {error}"));
            Found::Nothing
        }
    }
}

/// The text of a body, if it is in UTF-8 and not too long.
fn text_of(body: &Body) -> Option<String> {
    let mut text = Bounded(Vec::new());
    body.produce(&mut text).ok()?;
    matches!(body.charset, "utf-8" | "us-ascii").then(|| String::from_utf8(text.0).ok())?
}

struct Bounded(Vec<u8>);

impl std::io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > LONGEST {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
