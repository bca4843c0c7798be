//! What is odd about an envelope or a report.

use std::fmt;

/// Something odd, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Warning {
    /// What.
    pub kind: WarningKind,
    /// The line of the envelope, from 1; 0 if it is about no line.
    pub line: usize,
}

/// What is odd. The codes are stable: reports and scripts match them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum WarningKind {
    /// The envelope names no sender.
    NoSender,
    /// The envelope has no Message-ID line.
    NoMessageId,
    /// The envelope names no recipient.
    NoRecipients,
    /// A recipient stands by a name, a distinguished name or an address of another system.
    RecipientWithoutSmtp,
    /// A field stands there twice; the second is among the extras.
    RepeatedField,
    /// More than one address a recipient was redirected from.
    SeveralRedirections,
    /// A line that is neither field nor recipient; it is among the extras.
    StrayLine,
    /// Text before the envelope.
    TextBefore,
    /// Text behind the envelope.
    TextAfter,
    /// More recipients and unknown lines than are taken apart; the rest is among the extras, as it stands.
    TooLong,
    /// There is a body, and it could not be read or has no form that is read here.
    BodyUnreadable,
    /// No message is attached.
    NoOriginal,
    /// More messages are attached than a report has.
    SeveralOriginals,
    /// The Message-ID of the attached message is not that of the envelope.
    OtherMessageId,
    /// An attachment could not be read.
    AttachmentUnreadable,
    /// An attached message is larger than what is held in memory, and was only looked at.
    OriginalTooLarge,
    /// Reports in reports, deeper than is looked at.
    TooDeep,
}

impl WarningKind {
    /// The stable code, in small letters: `recipient-without-smtp`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoSender => "no-sender",
            Self::NoMessageId => "no-message-id",
            Self::NoRecipients => "no-recipients",
            Self::RecipientWithoutSmtp => "recipient-without-smtp",
            Self::RepeatedField => "repeated-field",
            Self::SeveralRedirections => "several-redirections",
            Self::StrayLine => "stray-line",
            Self::TextBefore => "text-before",
            Self::TextAfter => "text-after",
            Self::TooLong => "too-long",
            Self::BodyUnreadable => "body-unreadable",
            Self::NoOriginal => "no-original",
            Self::SeveralOriginals => "several-originals",
            Self::OtherMessageId => "other-message-id",
            Self::AttachmentUnreadable => "attachment-unreadable",
            Self::OriginalTooLarge => "original-too-large",
            Self::TooDeep => "too-deep",
        }
    }

    /// What a person reads.
    pub const fn text(self) -> &'static str {
        match self {
            Self::NoSender => "no sender",
            Self::NoMessageId => "no Message-ID",
            Self::NoRecipients => "no recipients",
            Self::RecipientWithoutSmtp => "recipient without SMTP address",
            Self::RepeatedField => "a field stands there twice",
            Self::SeveralRedirections => "several redirections of one recipient",
            Self::StrayLine => "a line that is neither field nor recipient",
            Self::TextBefore => "text before the envelope",
            Self::TextAfter => "text behind the envelope",
            Self::TooLong => "more recipients and lines than are taken apart",
            Self::BodyUnreadable => "the body cannot be read",
            Self::NoOriginal => "no attached message",
            Self::SeveralOriginals => "more attached messages than a report has",
            Self::OtherMessageId => "the attached message has another Message-ID than the envelope",
            Self::AttachmentUnreadable => "an attachment cannot be read",
            Self::OriginalTooLarge => "the attached message is too large to be held in memory",
            Self::TooDeep => "reports in reports, too deep",
        }
    }
}

impl fmt::Display for WarningKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => self.kind.fmt(f),
            line => write!(f, "{} (line {line})", self.kind),
        }
    }
}
