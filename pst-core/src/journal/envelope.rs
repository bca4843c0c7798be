//! The envelope of a journal report: the text that says who sent a mail to whom (MS-XJRNL 2.1).
//!
//! ```text
//! Exchange 2007 and later, Online             Exchange 2000 and 2003
//!
//! Sender: joe@x.example                       Sender: "Joe" <joe@x.example>
//! On-Behalf-Of: board@x.example               Message-ID: <1@x.example>
//! Subject: Tariffs                            Recipients:
//! Message-Id: <1@x.example>                   "Ann" <ann@x.example>
//! To: ann@x.example, Expanded: all@x.example  bob@y.example
//! Bcc: bob@y.example
//! ```
//!
//! Neither form came with a parser in mind. What is read here is wider than the specification: fields in any order and
//! case, any line ends, folded lines, fields nobody knows.

use std::fmt;
use std::ops::ControlFlow;

use crate::journal::party::{Party, listed, several};
use crate::journal::{Warning, WarningKind};

/// The two forms of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnvelopeFormat {
    /// A list of recipients without roles, after the line `Recipients:`. Citadel writes it too.
    Exchange2003,
    /// A line with a role for each recipient. Exchange 2007 to 2019, Exchange Online, Amazon WorkMail.
    Exchange2007,
}

/// How a recipient was addressed. The order is that of weight: a role that says more goes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JournalRole {
    /// To.
    To,
    /// Cc.
    Cc,
    /// Bcc: nothing but the report tells of such a recipient.
    Bcc,
    /// The server could not tell: mail that came in by SMTP, or from an older server.
    Recipient,
    /// The format has no roles.
    Unspecified,
}

/// How an address came to get the mail in the place of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RedirectionKind {
    /// As a member of a list.
    Expanded,
    /// As an alternate recipient.
    Forwarded,
}

/// The address in whose place another got the mail.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Redirection {
    /// Why.
    pub kind: RedirectionKind,
    /// The list, or the recipient who has an alternate.
    pub from: Party,
}

/// Somebody who got the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRecipient {
    /// How he was addressed.
    pub role: JournalRole,
    /// Who.
    pub party: Party,
    /// Whom the mail was addressed to, if not to him; one at most by the specification.
    pub via: Vec<Redirection>,
}

/// A line that is no known field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraField {
    /// The name before the colon; empty for a line without.
    pub name: String,
    /// The text behind it.
    pub value: String,
}

/// An envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The form it is in.
    pub format: EnvelopeFormat,
    /// Who sent the mail.
    pub sender: Option<Party>,
    /// Whom the sender sent it for.
    pub on_behalf_of: Option<Party>,
    /// The subject; the older format has none.
    pub subject: Option<String>,
    /// The Message-ID of the mail as it stands, angle brackets included; may be empty inside them.
    pub message_id: Option<String>,
    /// The label of the mail.
    pub label: Option<String>,
    /// The owner of the mailbox the mail was found in.
    pub mailbox: Option<Party>,
    /// When it was sent, in whatever form the server writes times.
    pub sent: Option<String>,
    /// When it was received.
    pub received: Option<String>,
    /// Who got it, in the order of the lines. **The same person may stand there twice.**
    pub recipients: Vec<JournalRecipient>,
    /// Lines that are no known field.
    pub extras: Vec<ExtraField>,
    /// What is odd.
    pub warnings: Vec<Warning>,
}

/// A Message-ID without brackets and blanks; `None` if nothing is left.
pub fn bare_message_id(id: &str) -> Option<&str> {
    let id = id.trim();
    let id = id.strip_prefix('<').unwrap_or(id);
    let id = id.strip_suffix('>').unwrap_or(id).trim();
    (!id.is_empty()).then_some(id)
}

/// The fields of an envelope by their names in small letters.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Sender,
    OnBehalfOf,
    Subject,
    MessageId,
    Label,
    Mailbox,
    Sent,
    Received,
    Role(JournalRole),
    Recipients,
}

const FIELDS: [(&str, Field); 16] = [
    ("sender", Field::Sender),
    ("on-behalf-of", Field::OnBehalfOf),
    ("subject", Field::Subject),
    ("message-id", Field::MessageId),
    ("label", Field::Label),
    ("mailbox", Field::Mailbox),
    ("sentutc", Field::Sent),
    ("sent", Field::Sent),
    ("receivedutc", Field::Received),
    ("received", Field::Received),
    ("to", Field::Role(JournalRole::To)),
    ("cc", Field::Role(JournalRole::Cc)),
    ("bcc", Field::Role(JournalRole::Bcc)),
    ("recipient", Field::Role(JournalRole::Recipient)),
    ("recipients", Field::Recipients),
    ("recipient(s)", Field::Recipients),
];

impl Envelope {
    /// Reads an envelope from the text of a report. Any text gives one: [`is_sound`](Self::is_sound) says whether it is
    /// to be believed.
    pub fn parse(text: &str) -> Self {
        let mut reader = Reader::new();
        let text = text.trim_start_matches('\u{FEFF}');
        for (line, number) in lines(text).zip(1..) {
            if reader.is_full() {
                reader.close();
                let at = line.as_ptr().addr().saturating_sub(text.as_ptr().addr());
                reader.keep("", text.get(at..).unwrap_or_default(), number);
                break;
            }
            if reader.line(line, number).is_break() {
                break;
            }
        }
        reader.finish()
    }

    /// True if a text begins as an envelope does: with a line `Sender:`, or another of its fields in a damaged one.
    pub fn begins(text: &str) -> bool {
        let blank = |character: char| matches!(character, '\u{FEFF}' | '\0') || character.is_whitespace();
        let text = text.trim_start_matches(blank);
        lines(text).next().and_then(split_field).is_some_and(|(name, _)| field(name).is_some())
    }

    /// True if sender and Message-ID are there and no text stands before them.
    pub fn is_sound(&self) -> bool {
        self.sender.is_some() && self.message_id.is_some() && !self.has(WarningKind::TextBefore)
    }

    /// True with a warning of this kind.
    pub fn has(&self, kind: WarningKind) -> bool {
        self.warnings.iter().any(|warning| warning.kind == kind)
    }
}

/// Lines by any of the three line ends, without them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let Some(at) = text.find(['\r', '\n']) else {
            rest = None;
            return Some(text);
        };
        let (line, after) = text.split_at(at);
        let after = after.strip_prefix("\r\n").or_else(|| after.get(1..)).unwrap_or_default();
        rest = Some(after);
        Some(line)
    })
}

/// `Name: value`, where the name is one a field could have.
fn split_field(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let name = name.trim_end();
    let sound = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '(' | ')');
    (!name.is_empty() && name.len() <= 64 && name.chars().all(sound)).then(|| (name, value.trim()))
}

fn field(name: &str) -> Option<Field> {
    FIELDS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, field)| *field)
}

/// Redirections of one recipient; a line with more is among the extras too.
const MOST_REDIRECTIONS: usize = 16;

/// Recipients and extras of one envelope. A message goes to some thousands at most; each takes 200 bytes and more of memory
/// and two of the text.
const MOST_ENTRIES: usize = 200_000;

/// What the redirections of one line may come to, once given to each of its recipients, and the length of a line that is
/// taken for a list.
const MOST_COPIED: usize = 1 << 20;

/// A field whose lines are still being put together.
struct Open {
    field: Option<Field>,
    name: String,
    value: String,
    line: usize,
}

struct Reader {
    envelope: Envelope,
    open: Option<Open>,
    /// Behind the line `Recipients:`, where each line is a recipient.
    listing: bool,
    stopped: bool,
}

impl Reader {
    fn new() -> Self {
        let envelope = Envelope {
            format: EnvelopeFormat::Exchange2007,
            sender: None,
            on_behalf_of: None,
            subject: None,
            message_id: None,
            label: None,
            mailbox: None,
            sent: None,
            received: None,
            recipients: Vec::new(),
            extras: Vec::new(),
            warnings: Vec::new(),
        };
        Self { envelope, open: None, listing: false, stopped: false }
    }

    fn warn(&mut self, kind: WarningKind, line: usize) {
        self.envelope.warnings.push(Warning { kind, line });
    }

    fn entries(&self) -> usize {
        self.envelope.recipients.len().saturating_add(self.envelope.extras.len())
    }

    fn is_full(&self) -> bool {
        !self.stopped && self.entries() >= MOST_ENTRIES
    }

    /// Keeps as it stands what is not taken apart.
    fn keep(&mut self, name: &str, value: &str, line: usize) {
        self.warn(WarningKind::TooLong, line);
        self.envelope.extras.push(ExtraField { name: name.to_owned(), value: value.to_owned() });
    }

    fn line(&mut self, line: &str, number: usize) -> ControlFlow<()> {
        let blank = line.trim_matches(|character: char| character == '\0' || character.is_whitespace()).is_empty();
        if self.stopped {
            if !blank {
                self.warn(WarningKind::TextAfter, number);
                return ControlFlow::Break(());
            }
            return ControlFlow::Continue(());
        }
        if blank {
            self.close();
            self.stopped = !self.envelope.recipients.is_empty();
            return ControlFlow::Continue(());
        }
        let indented = line.starts_with([' ', '\t']);
        let found = split_field(line.trim()).map(|(name, value)| (field(name), name, value));
        match found {
            // A known field is one wherever it stands; indented, it belongs to the line before unless there is none.
            Some((Some(known), name, value)) if !indented || self.open.is_none() => {
                self.close();
                self.listing = known == Field::Recipients;
                self.open =
                    Some(Open { field: Some(known), name: name.to_owned(), value: value.to_owned(), line: number });
            }
            _ if self.listing => {
                self.close();
                self.recipient(JournalRole::Unspecified, line.trim(), number);
            }
            _ if indented && self.open.is_some() => {
                if let Some(open) = &mut self.open {
                    if !open.value.is_empty() {
                        open.value.push(' ');
                    }
                    open.value.push_str(line.trim());
                }
            }
            _ if self.is_before() => {
                if !self.envelope.has(WarningKind::TextBefore) {
                    self.warn(WarningKind::TextBefore, number);
                }
            }
            Some((None, name, value)) => {
                self.close();
                self.open = Some(Open { field: None, name: name.to_owned(), value: value.to_owned(), line: number });
            }
            _ => {
                self.close();
                self.warn(WarningKind::StrayLine, number);
                self.envelope.extras.push(ExtraField { name: String::new(), value: line.trim().to_owned() });
            }
        }
        ControlFlow::Continue(())
    }

    /// True before the first field.
    fn is_before(&self) -> bool {
        let Envelope { sender, subject, message_id, recipients, extras, .. } = &self.envelope;
        let nothing = sender.is_none() && subject.is_none() && message_id.is_none();
        self.open.is_none() && nothing && recipients.is_empty() && extras.is_empty()
    }

    /// Takes the open field into the envelope.
    fn close(&mut self) {
        let Some(Open { field, name, value, line }) = self.open.take() else { return };
        let party = |value: &str| Some(Party::parse(value)).filter(|party| !party.is_empty());
        let text = |value: &str| Some(value.to_owned());
        let envelope = &mut self.envelope;
        let taken = match field {
            Some(Field::Role(role)) => return self.recipient(role, &value, line),
            Some(Field::Recipients) => {
                envelope.format = EnvelopeFormat::Exchange2003;
                if !value.is_empty() {
                    self.recipient(JournalRole::Unspecified, &value, line);
                }
                return;
            }
            Some(Field::Sender) => once(&mut envelope.sender, party(&value)),
            Some(Field::OnBehalfOf) => once(&mut envelope.on_behalf_of, party(&value)),
            Some(Field::Mailbox) => once(&mut envelope.mailbox, party(&value)),
            Some(Field::Subject) => once(&mut envelope.subject, text(&value)),
            Some(Field::MessageId) => once(&mut envelope.message_id, text(&value)),
            Some(Field::Label) => once(&mut envelope.label, text(&value)),
            Some(Field::Sent) => once(&mut envelope.sent, text(&value)),
            Some(Field::Received) => once(&mut envelope.received, text(&value)),
            None => {
                envelope.extras.push(ExtraField { name, value });
                return;
            }
        };
        if !taken {
            self.warn(WarningKind::RepeatedField, line);
            self.envelope.extras.push(ExtraField { name, value });
        }
    }

    fn recipient(&mut self, role: JournalRole, value: &str, line: usize) {
        let pieces = several(value);
        if self.entries().saturating_add(pieces.len()) > MOST_ENTRIES {
            return self.keep(role.name(), value, line);
        }
        for piece in pieces {
            let (who, mut via) = redirections(piece);
            if via.len() > 1 {
                self.warn(WarningKind::SeveralRedirections, line);
            }
            if via.len() > MOST_REDIRECTIONS {
                via.truncate(MOST_REDIRECTIONS);
                self.envelope.extras.push(ExtraField { name: role.name().to_owned(), value: piece.to_owned() });
            }
            let party = Party::parse(who);
            // An address with commas is none; it may be a list.
            let list = if party.smtp().is_none() && who.len() <= MOST_COPIED { listed(who) } else { None };
            let parties = list.unwrap_or_else(|| vec![party]);
            let copied = parties.len().saturating_sub(1).saturating_mul(piece.len().saturating_sub(who.len()));
            if copied > MOST_COPIED || self.entries().saturating_add(parties.len()) > MOST_ENTRIES {
                self.keep(role.name(), piece, line);
                continue;
            }
            for party in parties.into_iter().filter(|party| !party.is_empty()) {
                if party.smtp().is_none() {
                    self.warn(WarningKind::RecipientWithoutSmtp, line);
                }
                self.envelope.recipients.push(JournalRecipient { role, party, via: via.clone() });
            }
        }
    }

    fn finish(mut self) -> Envelope {
        self.close();
        let Envelope { sender, message_id, recipients, .. } = &self.envelope;
        let missing = [
            (sender.is_none(), WarningKind::NoSender),
            (message_id.is_none(), WarningKind::NoMessageId),
            (recipients.is_empty(), WarningKind::NoRecipients),
        ];
        for (_, kind) in missing.into_iter().filter(|(missing, _)| *missing) {
            self.warn(kind, 0);
        }
        self.envelope
    }
}

/// Sets a field that is not set, and says whether it did.
fn once<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    if place.is_some() {
        return false;
    }
    *place = value;
    true
}

/// Parts a recipient from `, Expanded: list` and `, Forwarded: person`.
fn redirections(text: &str) -> (&str, Vec<Redirection>) {
    let mut marks = text.match_indices(',').filter_map(|(at, _)| {
        let after = text.get(at.saturating_add(1)..)?;
        let (kind, from) = redirection(after)?;
        Some((at, kind, text.len().saturating_sub(from.len())))
    });
    let Some(first) = marks.next() else { return (text, Vec::new()) };
    let who = text.get(..first.0).unwrap_or_default();
    let marks: Vec<_> = std::iter::once(first).chain(marks).collect();
    let ends = marks.iter().skip(1).map(|mark| mark.0).chain([text.len()]);
    let via = marks.iter().zip(ends).map(|((_, kind, start), end)| Redirection {
        kind: *kind,
        from: Party::parse(text.get(*start..end).unwrap_or_default()),
    });
    (who, via.collect())
}

/// `Expanded:` or `Forwarded:` at the start, and what is behind it.
fn redirection(text: &str) -> Option<(RedirectionKind, &str)> {
    let text = text.trim_start();
    let words = [("Expanded", RedirectionKind::Expanded), ("Forwarded", RedirectionKind::Forwarded)];
    words.into_iter().find_map(|(known, kind)| {
        let (word, from) = text.split_at_checked(known.len())?;
        let from = from.trim_start().strip_prefix(':')?;
        word.eq_ignore_ascii_case(known).then_some((kind, from))
    })
}

impl EnvelopeFormat {
    /// The stable name: `exchange2003`, `exchange2007`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exchange2003 => "exchange2003",
            Self::Exchange2007 => "exchange2007",
        }
    }
}

impl JournalRole {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::To => "to",
            Self::Cc => "cc",
            Self::Bcc => "bcc",
            Self::Recipient => "recipient",
            Self::Unspecified => "unspecified",
        }
    }
}

impl RedirectionKind {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expanded => "expanded",
            Self::Forwarded => "forwarded",
        }
    }
}

impl fmt::Display for JournalRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
