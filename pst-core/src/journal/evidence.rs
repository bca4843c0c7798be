//! How sure it is that a mail is a journal report.
//!
//! A marker header makes it nearly certain, and is lost on the way through some programs. What is left then are signs, each
//! of which an ordinary mail may show as well, so that they are counted.

use std::fmt;

use crate::journal::envelope::bare_message_id;
use crate::journal::{Envelope, WarningKind};

/// A header that only journal reports have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Marker {
    /// `X-MS-Journal-Report`, with any value: Exchange 2007 and later.
    JournalReport,
    /// `X-MS-Exchange-Organization-Journal-Report`: the same, before it leaves the organisation.
    OrganizationJournalReport,
    /// `Content-Identifier: ExJournalReport`, or PidTagContentIdentifier with that value: Exchange 2000 and 2003.
    ContentIdentifier,
    /// `Content-Identifer: ExJournalReport`: the same misspelt, as some servers write it.
    ContentIdentifer,
    /// `X-WM-Journal-Report`: Amazon WorkMail.
    WorkMail,
}

impl Marker {
    /// The marker a header is, if it is one.
    pub fn of_header(name: &str, value: &str) -> Option<Self> {
        let older = || value.trim().trim_end_matches('\0').eq_ignore_ascii_case("ExJournalReport");
        let marker = Self::of_name(name)?;
        match marker {
            // Other mail has an identifier too.
            Self::ContentIdentifier | Self::ContentIdentifer => older().then_some(marker),
            _ => Some(marker),
        }
    }

    /// The marker a header of this name may be.
    pub(super) fn of_name(name: &str) -> Option<Self> {
        let name = name.trim();
        let known = [
            ("X-MS-Journal-Report", Self::JournalReport),
            ("X-MS-Exchange-Organization-Journal-Report", Self::OrganizationJournalReport),
            ("Content-Identifier", Self::ContentIdentifier),
            ("Content-Identifer", Self::ContentIdentifer),
            ("X-WM-Journal-Report", Self::WorkMail),
        ];
        known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, marker)| marker)
    }

    /// The header, with its value where that counts.
    pub const fn name(self) -> &'static str {
        match self {
            Self::JournalReport => "X-MS-Journal-Report",
            Self::OrganizationJournalReport => "X-MS-Exchange-Organization-Journal-Report",
            Self::ContentIdentifier => "Content-Identifier: ExJournalReport",
            Self::ContentIdentifer => "Content-Identifer: ExJournalReport",
            Self::WorkMail => "X-WM-Journal-Report",
        }
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The signs of a report. Plain facts, from whatever holds the mail.
#[derive(Clone, Debug, Default)]
pub struct Evidence<'a> {
    /// The marker header **of the mail itself**, not of one attached to it.
    pub marker: Option<Marker>,
    /// The envelope, if there is a text to read one from.
    pub envelope: Option<&'a Envelope>,
    /// The Message-IDs of the messages attached, `None` for one without.
    pub attached: Vec<Option<&'a str>>,
    /// The display name of the sender.
    pub sender_name: Option<&'a str>,
    /// The address of the sender.
    pub sender_address: Option<&'a str>,
}

/// Points for each sign, and what they add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Score {
    /// 4 for a marker.
    pub marker: u8,
    /// 2 for a sound envelope. Without a marker, the text must be nothing but the envelope.
    pub envelope: u8,
    /// 2 for one message attached, or two: a protected one and its clear copy.
    pub attached: u8,
    /// 1 if a Message-ID attached is that of the envelope.
    pub message_id: u8,
    /// 1 if Exchange sent it.
    pub sender: u8,
    /// 1 for a recipient.
    pub recipients: u8,
}

/// What the points say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// An ordinary mail: 2 points or less.
    Ordinary,
    /// It may be one: 3 or 4.
    Suspect,
    /// A journal report: 5 or more.
    Report,
}

impl Score {
    /// Counts the signs.
    pub fn of(evidence: &Evidence<'_>) -> Self {
        let counted = |holds: bool, points: u8| if holds { points } else { 0 };
        // Mails about journaling quote envelopes, with words before or behind them.
        let pure = |envelope: &&Envelope| evidence.marker.is_some() || !envelope.has(WarningKind::TextAfter);
        let envelope = evidence.envelope.filter(|envelope| envelope.is_sound()).filter(pure);
        let id = envelope.and_then(|envelope| bare_message_id(envelope.message_id.as_deref()?));
        let same = |attached: &Option<&str>| id.is_some() && attached.and_then(bare_message_id) == id;
        Self {
            marker: counted(evidence.marker.is_some(), 4),
            envelope: counted(envelope.is_some(), 2),
            attached: counted(matches!(evidence.attached.len(), 1 | 2), 2),
            message_id: counted(evidence.attached.iter().any(same), 1),
            sender: counted(is_exchange(evidence.sender_name, evidence.sender_address), 1),
            recipients: counted(envelope.is_some_and(|envelope| !envelope.recipients.is_empty()), 1),
        }
    }

    /// The sum, 11 at most.
    pub const fn points(self) -> u8 {
        let Self { marker, envelope, attached, message_id, sender, recipients } = self;
        let sum = marker.saturating_add(envelope).saturating_add(attached);
        sum.saturating_add(message_id).saturating_add(sender).saturating_add(recipients)
    }

    /// What they say.
    pub const fn verdict(self) -> Verdict {
        match self.points() {
            0..=2 => Verdict::Ordinary,
            3 | 4 => Verdict::Suspect,
            _ => Verdict::Report,
        }
    }
}

/// True if the sender is the Exchange recipient: by its name, or by an address of that word and 32 hexadecimal digits.
fn is_exchange(name: Option<&str>, address: Option<&str>) -> bool {
    const WORD: &str = "MicrosoftExchange";
    let named = name.map(str::trim).is_some_and(|name| {
        name.eq_ignore_ascii_case("Microsoft Exchange") || name.eq_ignore_ascii_case("Microsoft Outlook")
    });
    // Inside the organisation, the address is a distinguished name that ends with the same word.
    let last = address.map(|address| address.rsplit(['/', '=']).next().unwrap_or(address));
    let addressed = last.and_then(|last| last.split_at_checked(WORD.len())).is_some_and(|(word, rest)| {
        let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
        word.eq_ignore_ascii_case(WORD) && digits >= 32
    });
    named || addressed
}

impl Verdict {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Suspect => "suspect",
            Self::Report => "report",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Sender: a@x.example\nSubject: x\nMessage-ID: <1@x.example>\nTo: b@x.example\n";

    #[test]
    fn markers() {
        for (name, value, marker) in [
            ("X-MS-Journal-Report", "", Some(Marker::JournalReport)),
            ("x-ms-journal-report", "anything", Some(Marker::JournalReport)),
            ("X-MS-Exchange-Organization-Journal-Report", "", Some(Marker::OrganizationJournalReport)),
            ("Content-Identifier", " exjournalreport ", Some(Marker::ContentIdentifier)),
            ("Content-Identifer", "ExJournalReport", Some(Marker::ContentIdentifer)),
            ("Content-Identifier", "something", None),
            ("X-WM-Journal-Report", "journal", Some(Marker::WorkMail)),
            ("X-MS-Journal", "", None),
        ] {
            assert_eq!(Marker::of_header(name, value), marker, "{name}");
        }
    }

    #[test]
    fn signs_add_up() {
        let envelope = Envelope::parse(TEXT);
        let signed = Envelope::parse(&format!("{TEXT}\nRegards\n"));
        let quoted = Envelope::parse(&format!("Look:\n\n{TEXT}"));
        let attached = vec![Some("1@x.example")];
        let exchange = "MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example";
        let all = Evidence {
            marker: Some(Marker::JournalReport),
            envelope: Some(&envelope),
            attached: attached.clone(),
            sender_name: Some("Microsoft Exchange"),
            sender_address: Some(exchange),
        };
        let plain = Evidence { envelope: Some(&envelope), attached, ..Evidence::default() };
        for (evidence, points, verdict) in [
            (all.clone(), 11, Verdict::Report),
            (Evidence { envelope: None, attached: Vec::new(), ..all.clone() }, 5, Verdict::Report),
            (Evidence { marker: Some(Marker::JournalReport), ..Evidence::default() }, 4, Verdict::Suspect),
            (Evidence { marker: None, ..all.clone() }, 7, Verdict::Report),
            (plain.clone(), 6, Verdict::Report),
            (Evidence { attached: vec![Some("<2>"), None], ..plain.clone() }, 5, Verdict::Report),
            (Evidence { attached: vec![None; 3], ..plain.clone() }, 3, Verdict::Suspect),
            (Evidence { attached: Vec::new(), ..plain.clone() }, 3, Verdict::Suspect),
            // Mails about reports.
            (Evidence { envelope: Some(&quoted), ..plain.clone() }, 2, Verdict::Ordinary),
            (Evidence { envelope: Some(&signed), ..plain.clone() }, 2, Verdict::Ordinary),
            (Evidence { envelope: Some(&signed), ..all.clone() }, 11, Verdict::Report),
            (Evidence::default(), 0, Verdict::Ordinary),
        ] {
            let score = Score::of(&evidence);
            assert_eq!((score.points(), score.verdict()), (points, verdict), "{evidence:?}");
        }
    }

    #[test]
    fn exchange_as_sender() {
        for (name, address, expected) in [
            (Some("Microsoft Outlook"), None, true),
            (None, Some("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@x.example"), true),
            (None, Some("/O=ORG/CN=RECIPIENTS/CN=MICROSOFTEXCHANGE329E71EC88AE4615BBC36AB6CE41109E"), true),
            (None, Some("MicrosoftExchange@x.example"), false),
            (Some("Joe"), Some("joe@x.example"), false),
            (None, None, false),
        ] {
            assert_eq!(is_exchange(name, address), expected, "{name:?} {address:?}");
        }
    }
}
