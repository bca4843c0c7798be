//! What becomes of everything that was met, and the account of it.

use std::collections::BTreeMap;
use std::fmt;

use pst_core::item::{AnyMessage, Item};
use pst_core::mime::{Date, Finding};
use pst_core::{Error, Pst};

use crate::input::{MaildirFlags, Place};

/// Something that was met.
#[derive(Debug)]
pub enum Seen<'a> {
    /// An item.
    Item(Found<'a>),
    /// Something that is left out, for a reason.
    Skipped(Skipped<'a>),
    /// Something that could not be read.
    Failed(Failed<'a>),
}

/// An item.
#[derive(Debug)]
pub struct Found<'a> {
    /// Where it stands.
    pub place: &'a Place,
    /// The message.
    pub message: AnyMessage<'a>,
    /// Of a mail, its bytes: the whole file or entry; of one in an mbox, what is behind the `From ` line, without the quotes
    /// of the mbox and the empty line that parts it from the next. `None` for a message in a store.
    pub bytes: Option<&'a [u8]>,
    /// Of a mail in an mbox, the date of its `From ` line.
    pub envelope_date: Option<Date>,
    /// Of a mail in an mbox, what is odd about its frame there.
    pub findings: &'a [Finding],
    /// Of a mail in a maildir, what the name of its file tells.
    pub flags: Option<MaildirFlags>,
    /// Of a message in a store, the store.
    pub store: Option<&'a Pst>,
}

impl<'a> Found<'a> {
    /// A message of which nothing else is known.
    pub(super) fn new(place: &'a Place, message: AnyMessage<'a>) -> Self {
        Self { place, message, bytes: None, envelope_date: None, findings: &[], flags: None, store: None }
    }

    /// The view of it.
    pub fn item(&self) -> Item<'_> {
        self.message.item().in_folder(&self.place.folder).with_envelope_date(self.envelope_date)
    }
}

/// Something that is left out.
#[derive(Debug)]
pub struct Skipped<'a> {
    /// Where it stands.
    pub place: &'a Place,
    /// Why.
    pub reason: SkipReason,
    /// The case at hand, such as the kind of file; may be empty.
    pub detail: String,
}

/// Something that could not be read.
#[derive(Debug)]
pub struct Failed<'a> {
    /// Where it stands.
    pub place: &'a Place,
    /// Why. Its [kind](Error::kind) is the code.
    pub error: Error,
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $reason:ident = $code:literal, $hides:literal;)*) => {
        /// Why something is left out. The codes are stable: reports and scripts match them.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum SkipReason {
            $($(#[$doc])* $reason,)*
        }

        impl SkipReason {
            /// All reasons.
            pub const ALL: &[Self] = &[$(Self::$reason,)*];

            /// The stable code, in small letters: `not-mail`.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$reason => $code,)*
                }
            }

            /// True if there may be mail in what was left out, so that somebody should look at it.
            pub const fn may_hide_mail(self) -> bool {
                match self {
                    $(Self::$reason => $hides,)*
                }
            }
        }
    };
}

reasons! {
    /// A file of no bytes, or an archive without entries.
    Empty = "empty", false;
    /// A file of another kind.
    NotMail = "not-mail", false;
    /// A file that holds mail or may hold it, in a form that is not read.
    OtherForm = "other-form", true;
    /// A link met on the way. What it leads to is read where it stands, if that is below a path given.
    Link = "link", false;
    /// No regular file: a pipe, a socket, a device.
    SpecialFile = "special-file", false;
    /// A mail that was being delivered, in `tmp` of a maildir; it may be cut short.
    Undelivered = "undelivered", true;
    /// Larger than a limit.
    TooLarge = "too-large", true;
    /// Deeper in directories or archives than a limit.
    TooDeep = "too-deep", true;
    /// More entries of an archive than a limit.
    TooManyEntries = "too-many-entries", true;
    /// An encrypted entry.
    Encrypted = "encrypted", true;
    /// An entry packed by a method that is not supported.
    UnsupportedMethod = "unsupported-method", true;
    /// An entry that would be more times larger than its packed form than a limit.
    Ratio = "compression-ratio", true;
    /// An entry beyond what all entries of the archive may hold.
    ArchiveTotal = "archive-total", true;
    /// An entry whose name is an absolute path.
    AbsolutePath = "absolute-path", true;
    /// An entry whose name begins with a drive letter.
    DrivePath = "drive-path", true;
    /// An entry whose name leads up.
    ParentPath = "parent-path", true;
    /// An entry with a backslash in its name, which some systems take for a separator.
    Backslash = "backslash", true;
    /// An entry with the name of a device.
    DeviceName = "device-name", true;
    /// An entry with a NUL or another control character in its name.
    ControlCharacter = "control-character", true;
    /// An entry whose name an entry before it has.
    DuplicateName = "duplicate-name", true;
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// The account: what was met, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Items.
    pub items: u64,
    /// Stores that were opened, those without items among them.
    pub stores: u64,
    /// What was left out, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// What could not be read, by the kind of the error.
    pub failed: BTreeMap<&'static str, u64>,
    /// The visitor ended it before the end.
    pub stopped: bool,
}

impl Summary {
    /// Everything that was met: items, skipped and failed.
    pub fn seen(&self) -> u64 {
        self.skipped.values().chain(self.failed.values()).fold(self.items, |sum, count| sum.saturating_add(*count))
    }

    /// What could not be read.
    pub fn failures(&self) -> u64 {
        self.failed.values().fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    /// What was left out although there may be mail in it.
    pub fn may_hide_mail(&self) -> u64 {
        let hiding = self.skipped.iter().filter(|(reason, _)| reason.may_hide_mail());
        hiding.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    pub(super) fn count(&mut self, seen: &Seen<'_>) {
        let count = match seen {
            Seen::Item(_) => &mut self.items,
            Seen::Skipped(skipped) => self.skipped.entry(skipped.reason).or_default(),
            Seen::Failed(failed) => self.failed.entry(failed.error.kind().as_str()).or_default(),
        };
        *count = count.saturating_add(1);
    }
}
