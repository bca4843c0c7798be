//! What is no mail: calendar entries, tasks and contacts go along as text/calendar and text/vcard (MS-OXCMAIL 2.1.3.3.8).

use super::field::Fields;
use super::losses::Losses;
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
    Calendar(String),
    /// With its file name.
    Card(String),
}

impl Part {
    pub(super) fn fields(&self) -> Fields {
        let mut fields = Fields::default();
        match &self.kind {
            Kind::Calendar(method) => {
                fields.parameters("Content-Type", "text/calendar", &[("charset", "utf-8"), ("method", method)]);
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

pub(super) fn part(message: &Message, names: &NamedProperties, class: &str, losses: &mut Losses) -> Found {
    let _ = (message, names, class, losses);
    Found::Nothing
}
