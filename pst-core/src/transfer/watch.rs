//! Counts bad items on their way to whoever is told of them, and ends the work at the limit.

use crate::policy::BadItemLimit;
use crate::transfer::summary::Observe;
use crate::transfer::{Event, SkipReason};
use crate::{Error, ErrorKind};

/// Stands between the work and whoever is told.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Watch {
    limit: BadItemLimit,
    bad: u64,
}

impl Watch {
    pub(super) fn new(limit: BadItemLimit) -> Self {
        Self { limit, bad: 0 }
    }

    /// Passes an event on; false if the work is to end. **The item that is too many is told as well.**
    pub(super) fn see(&mut self, event: Event<'_>, observe: &mut Observe<'_>) -> bool {
        self.bad = self.bad.saturating_add(u64::from(event.is_bad_item()));
        observe(event) && self.limit.allows(self.bad)
    }

    /// The error that ended the work: that of the limit if it was that.
    pub(super) fn error(&self, error: Error) -> Error {
        let is_beyond = error.kind() == ErrorKind::Cancelled && !self.limit.allows(self.bad);
        if is_beyond { self.limit.exceeded(self.bad) } else { error }
    }
}

impl Event<'_> {
    /// Whether this is a [bad item](crate::policy).
    pub fn is_bad_item(&self) -> bool {
        match self {
            Self::Written { left_out, .. } | Self::DamagedFolder { left_out, .. } => !left_out.is_empty(),
            Self::Skipped { reason, .. } => *reason == SkipReason::Unreadable,
            Self::Unreadable { .. } => true,
            Self::Folder { .. } | Self::FolderPattern { .. } | Self::SearchFolder { .. } | Self::Planned { .. } => {
                false
            }
        }
    }
}
