//! What an item is, by its message class (PidTagMessageClass, MS-OXCMSG 2.2.1.3).
//!
//! A class is levels between dots, compared without regard to case. Thousands are in use; three tables name
//! those whose meaning is known, and **the most specific row of the first table that matches decides**: archive stubs, then
//! reports, then everything else. [`classify`] says which row that was.
//!
//! ```
//! use pst_core::messaging::kind::{Kind, classify};
//!
//! assert_eq!(classify(Some("ipm.note")).kind, Kind::Mail);
//! assert_eq!(classify(Some("IPM.Notebook")).kind, Kind::Unknown);
//! assert_eq!(classify(Some("IPM.Note.EnterpriseVault.Shortcut")).kind, Kind::Stub);
//! ```
//!
//! [`class_of_mime`] gives the class that a mail from outside a store would have.

mod mime;
mod names;
mod pattern;
mod table;

use std::fmt;

pub use mime::{CalendarMethod, MimeClass, MimeFacts, class_of_mime};
pub use table::{Row, StubRow, classes, reports, stubs};

use crate::Result;
use crate::messaging::Message;

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A mail.
    Mail,
    /// A mail with a clear signature: the one attachment is the whole multipart/signed entity (MS-OXOSMIME).
    SignedMail,
    /// A mail that is encrypted, or signed with the text inside: the one attachment is the CMS object (MS-OXOSMIME).
    EncryptedMail,
    /// A secure receipt (RFC 2634).
    SecureReceipt,
    /// A mail in the security format of Exchange before S/MIME.
    OldSecureMail,
    /// The template of an out-of-office or rule reply, and the reply made from it.
    ReplyTemplate,
    /// A notice of the store or a gateway: mailbox quota, Internet connector.
    SystemNotice,
    /// A form that was mailed (InfoPath).
    Form,
    /// A message left by telephone.
    Voice,
    /// A notice of a call nobody took.
    MissedCall,
    /// A fax.
    Fax,
    /// A conversation by instant message.
    InstantMessage,
    /// An SMS or MMS.
    TextMessage,
    /// A report about a mail sent earlier.
    Report(ReportKind),
    /// A mail about a meeting.
    Meeting(MeetingKind),
    /// An entry of a calendar.
    Appointment,
    /// One occurrence of a series that differs from it; embedded in the appointment and never an item of its own.
    AppointmentException,
    /// An entry of a task list.
    Task,
    /// A mail that assigns a task, or answers to that.
    TaskMail,
    /// A person.
    Contact,
    /// A list of persons.
    DistributionList,
    /// A sticky note.
    Note,
    /// An entry of the Outlook journal, which has nothing to do with the journaling of mail.
    Activity,
    /// A post in a folder.
    Post,
    /// An article of a feed.
    FeedPost,
    /// A file that lies in a folder.
    Document,
    /// An invitation to share a folder, or the answer.
    Sharing,
    /// The wish to get a sent mail back.
    RecallRequest,
    /// What came of that wish.
    RecallReport,
    /// A copy that lost in a conflict of synchronisation.
    Conflict,
    /// What an archiving product left in the place of an item.
    Stub,
    /// Settings of a program; nearly always associated with a folder.
    Configuration,
    /// A class of old forms that says nothing about the content: IPM.Report, IPM.Resend, IPM.Remote.
    OldForm,
    /// A class that no table knows.
    Unknown,
    /// No class, or an empty one.
    Unclassified,
}

/// What a report tells of a mail (MS-OXOMSG 2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReportKind {
    /// It could not be delivered.
    NonDelivery,
    /// It was delivered.
    Delivery,
    /// It has not been delivered yet.
    Delayed,
    /// It was handed to a system that gives no reports.
    Relayed,
    /// It was delivered to a list, which sent it on.
    Expanded,
    /// It was read.
    Read,
    /// It was deleted unread.
    NotRead,
    /// Another report.
    Other,
}

/// What a mail about a meeting wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MeetingKind {
    /// An invitation, or news of the meeting.
    Request,
    /// The meeting is off.
    Cancellation,
    /// An attendee comes.
    Accepted,
    /// An attendee may come.
    Tentative,
    /// An attendee does not come.
    Declined,
    /// An answer that does not say which.
    Response,
    /// An attendee invited somebody else.
    ForwardNotice,
    /// Another mail about a meeting.
    Other,
}

/// How well the class of a stub is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Evidence {
    /// Seen in public sources.
    Seen,
    /// Told, and never confirmed: such a row only remarks, it does not make the item a [`Kind::Stub`].
    Told,
}

/// What an item with the class of an archiving product still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StubContent {
    /// A pointer into the archive, and little else.
    Pointer,
    /// A pointer, and perhaps the whole text or the attachments.
    Partial,
    /// All of it: the item waits to be archived.
    Whole,
}

/// The archiving product a class belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stub {
    /// The product and who made it; `None` if the class names none.
    pub product: Option<&'static str>,
    /// How well that is known.
    pub evidence: Evidence,
    /// What the item still holds.
    pub content: StubContent,
}

/// What a class says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// What the item is.
    pub kind: Kind,
    /// The row that decided: its pattern, which is stable.
    pub rule: &'static str,
    /// The archiving product the class belongs to. **The kind may still be another**: see [`Evidence::Told`] and
    /// [`StubContent::Whole`].
    pub stub: Option<Stub>,
    /// The class as it was compared: without NUL and blanks at the ends, without one dot at the end, in lower case.
    pub class: String,
}

impl Classification {
    /// Of a report, the class of what it is about: `ipm.note` of `report.ipm.note.ndr`.
    pub fn reported_class(&self) -> Option<&str> {
        let Kind::Report(_) = self.kind else { return None };
        let inner = self.class.strip_prefix("report.").unwrap_or(&self.class);
        let endings = [".delayed.dr", ".relayed.dr", ".expanded.dr", ".delayed", ".ndr", ".dr", ".ipnrn", ".ipnnrn"];
        endings.iter().find_map(|ending| inner.strip_suffix(ending)).filter(|class| !class.is_empty())
    }
}

/// Rules that are no row of a table.
mod rule {
    pub(super) const SHORTCUT: &str = "*shortcut*";
    pub(super) const UNKNOWN: &str = "(unknown)";
    pub(super) const NO_CLASS: &str = "(no class)";
}

/// A class as it is compared: without NUL and blanks at the ends, without one dot at the end, in lower case.
pub fn normalize(class: &str) -> String {
    let trimmed = class.trim_matches(|character: char| character == '\0' || character.is_ascii_whitespace());
    trimmed.strip_suffix('.').unwrap_or(trimmed).to_ascii_lowercase()
}

/// Says what an item with this class is.
pub fn classify(class: Option<&str>) -> Classification {
    let class = normalize(class.unwrap_or_default());
    if class.is_empty() {
        return Classification { kind: Kind::Unclassified, rule: rule::NO_CLASS, stub: None, class };
    }
    let product = table::best(table::STUBS, &class, |row| row.pattern);
    // Several products write the word into the class, and none uses it for anything but a stub.
    let shortcut = class.contains("shortcut");
    let stub = match (product, shortcut) {
        (Some(row), _) => Some(row.stub),
        (None, true) => Some(Stub { product: None, evidence: Evidence::Seen, content: StubContent::Pointer }),
        (None, false) => None,
    };
    let seen = product.filter(|row| row.stub.evidence == Evidence::Seen && row.stub.content != StubContent::Whole);
    if let Some(row) = seen {
        return Classification { kind: Kind::Stub, rule: row.pattern, stub, class };
    }
    if shortcut {
        return Classification { kind: Kind::Stub, rule: rule::SHORTCUT, stub, class };
    }
    let row = table::best(table::REPORTS, &class, |row| row.pattern)
        .or_else(|| table::best(table::CLASSES, &class, |row| row.pattern));
    let (kind, rule) = row.map_or((Kind::Unknown, rule::UNKNOWN), |row| (row.kind, row.pattern));
    Classification { kind, rule, stub, class }
}

/// Says what a message is, by its class.
///
/// # Errors
/// Those of the property.
pub fn of_message(message: &Message) -> Result<Classification> {
    Ok(classify(message.class()?.as_deref()))
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests;
