//! What happened: events as it does, and numbers that add up.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use pst_core::Error;
use pst_core::convert::{Loss, LossKind};
use pst_core::item::FolderPath;
use pst_core::mime::Finding;
use pst_core::ndb::Nid;

use crate::input::{Place, SkipReason};

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// An item was written.
    Written {
        /// Where it stood.
        place: &'a Place,
        /// The folder of the new store.
        folder: &'a FolderPath,
        /// Its node in the new store.
        node: Nid,
        /// Bytes it had.
        bytes: u64,
        /// What of it is not in the new store, or is there in another form.
        notes: &'a [Note],
    },
    /// Something was left out.
    Skipped {
        /// Where it stands.
        place: &'a Place,
        /// Why.
        reason: SkipReason,
        /// The case at hand; may be empty.
        detail: &'a str,
    },
    /// Something could not be read, or an item not be written.
    Failed {
        /// Where it stands.
        place: &'a Place,
        /// Why.
        error: &'a Error,
    },
}

/// Is told of every event, and says whether to go on.
pub type Observe<'a> = dyn FnMut(Event<'_>) -> bool + 'a;

/// What of an item is not in the new store, or is there in another form.
#[derive(Debug)]
#[non_exhaustive]
pub enum Note {
    /// Of a mail: what its item has no place for, or has changed.
    Loss(Loss),
    /// Of a mail in an mbox: what is odd about its frame, so that it may begin or end elsewhere.
    Frame(Finding),
    /// Of a message of a store: a part that could not be read and is left out.
    LeftOut(Error),
    /// There are too many folders, or too many in each other: it is in the nearest that is there.
    NearestFolder,
}

impl Note {
    /// The stable code, in small letters: the kind of a [`Loss`], or `mbox-frame`, `left-out`, `nearest-folder`.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Loss(loss) => loss.kind.name(),
            Self::Frame(_) => "mbox-frame",
            Self::LeftOut(_) => "left-out",
            Self::NearestFolder => "nearest-folder",
        }
    }

    /// In words.
    pub fn detail(&self) -> Cow<'_, str> {
        match self {
            Self::Loss(loss) => Cow::Borrowed(&loss.detail),
            Self::Frame(finding) => Cow::Owned(finding.to_string()),
            Self::LeftOut(error) => Cow::Owned(error.to_string()),
            Self::NearestFolder => Cow::Borrowed("there are too many folders; it is in the nearest that is there"),
        }
    }

    /// True if content is not in the new store: damaged, too large or too deep. The rest is in another form, or no content:
    /// fields of a part, text around parts.
    pub fn is_lost_content(&self) -> bool {
        match self {
            Self::Loss(loss) => {
                matches!(
                    loss.kind,
                    LossKind::Unreadable | LossKind::TooDeep | LossKind::TooLarge | LossKind::Characters
                )
            }
            Self::LeftOut(_) => true,
            Self::Frame(_) | Self::NearestFolder => false,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code(), self.detail())
    }
}

/// The account. **`seen = written() + skipped + failed`**, of each path and of all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// Everything that was met.
    pub seen: u64,
    /// Mails written.
    pub mails: u64,
    /// Messages of stores written.
    pub messages: u64,
    /// Of those written, items of which content is not in the new store.
    pub damaged: u64,
    /// Of those written, items with other notes.
    pub changed: u64,
    /// Notes on those written, by code.
    pub notes: BTreeMap<&'static str, u64>,
    /// What was left out, by reason.
    pub skipped: BTreeMap<SkipReason, u64>,
    /// What could not be read or written, by the kind of the error.
    pub failed: BTreeMap<&'static str, u64>,
    /// Bytes of the items written.
    pub bytes: u64,
    /// Folders in the new store, those every store has included; of one path those that it added.
    pub folders: u64,
}

fn total<K>(counts: &BTreeMap<K, u64>) -> u64 {
    counts.values().copied().fold(0, u64::saturating_add)
}

fn count<K: Ord>(counts: &mut BTreeMap<K, u64>, key: K, more: u64) {
    let number = counts.entry(key).or_default();
    *number = number.saturating_add(more);
}

impl Summary {
    /// Items written.
    pub fn written(&self) -> u64 {
        self.mails.saturating_add(self.messages)
    }

    /// What was left out, for any reason.
    pub fn skips(&self) -> u64 {
        total(&self.skipped)
    }

    /// What was left out although there may be mail in it.
    pub fn may_hide_mail(&self) -> u64 {
        let hiding = self.skipped.iter().filter(|(reason, _)| reason.may_hide_mail());
        hiding.map(|(_, number)| *number).fold(0, u64::saturating_add)
    }

    /// What could not be read or written.
    pub fn failures(&self) -> u64 {
        total(&self.failed)
    }

    /// Whether everything met was written, left out or failed. It always is.
    pub fn adds_up(&self) -> bool {
        let ended = self.written().saturating_add(self.skips()).saturating_add(self.failures());
        self.seen == ended && self.damaged.saturating_add(self.changed) <= self.written()
    }

    /// Whether mail is lost, or may be: content, whole items, or what was left out and may hide mail.
    pub fn has_losses(&self) -> bool {
        self.damaged > 0 || self.failures() > 0 || self.may_hide_mail() > 0
    }

    pub(super) fn skip(&mut self, reason: SkipReason) {
        count(&mut self.skipped, reason, 1);
    }

    pub(super) fn fail(&mut self, error: &Error) {
        count(&mut self.failed, error.kind().as_str(), 1);
    }

    pub(super) fn write(&mut self, is_message: bool, bytes: u64, notes: &[Note]) {
        let counter = if is_message { &mut self.messages } else { &mut self.mails };
        *counter = counter.saturating_add(1);
        self.bytes = self.bytes.saturating_add(bytes);
        notes.iter().for_each(|note| count(&mut self.notes, note.code(), 1));
        let is_damaged = notes.iter().any(Note::is_lost_content);
        let counter = if is_damaged { &mut self.damaged } else { &mut self.changed };
        *counter = counter.saturating_add(u64::from(!notes.is_empty()));
    }

    /// Adds the numbers of another path.
    pub fn add(&mut self, other: &Self) {
        for (sum, number) in [
            (&mut self.seen, other.seen),
            (&mut self.mails, other.mails),
            (&mut self.messages, other.messages),
            (&mut self.damaged, other.damaged),
            (&mut self.changed, other.changed),
            (&mut self.bytes, other.bytes),
            (&mut self.folders, other.folders),
        ] {
            *sum = sum.saturating_add(number);
        }
        other.notes.iter().for_each(|(code, number)| count(&mut self.notes, *code, *number));
        other.skipped.iter().for_each(|(reason, number)| count(&mut self.skipped, *reason, *number));
        other.failed.iter().for_each(|(kind, number)| count(&mut self.failed, *kind, *number));
    }
}
