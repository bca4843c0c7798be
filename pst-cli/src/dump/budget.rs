//! What one item may cost, so that a hostile file of a megabyte cannot keep a dump busy for days.
//!
//! Blocks may be shared: a thousand attachments can name the same bytes, and each of them would be hashed.

use pst_core::ndb::Layout;
use pst_core::{Error, Pst};

/// How often the bytes of a file may be hashed for one item; compressed blocks hold at most 128 times their size.
const SHARED: u64 = 64;
const COMPRESSED: u64 = 128;
/// Recipients, attachments and embedded messages below one item.
const RECORDS: u64 = 1_000_000;
/// What opening an embedded message costs, in bytes.
const EMBEDDED: usize = 4096;

/// What is left of one item's allowance.
pub(super) struct Budget {
    bytes: Allowance,
    records: Allowance,
    /// Text that stands in the record itself, which is in memory until it is written.
    text: Allowance,
    over: bool,
    /// Why, until somebody reports it.
    error: Option<Error>,
}

struct Allowance {
    name: &'static str,
    used: u64,
    limit: u64,
}

impl Allowance {
    const fn new(name: &'static str, limit: u64) -> Self {
        Self { name, used: 0, limit }
    }
}

impl Budget {
    /// The full allowance of an item of this file.
    pub(super) fn new(pst: &Pst) -> Self {
        let factor = if pst.format().layout() == Layout::Unicode4k { SHARED * COMPRESSED } else { SHARED };
        Self::with_limits(pst.file_size().saturating_mul(factor), RECORDS, pst.limits().value_bytes)
    }

    fn with_limits(bytes: u64, records: u64, text: u64) -> Self {
        Self {
            bytes: Allowance::new("bytes to hash", bytes),
            records: Allowance::new("number of recipients, attachments and embedded messages", records),
            text: Allowance::new("bytes of names and addresses", text),
            over: false,
            error: None,
        }
    }

    /// Counts bytes about to be hashed; false if the item is given up.
    pub(super) fn bytes(&mut self, length: usize) -> bool {
        self.spend(|budget| &mut budget.bytes, length)
    }

    /// Counts a recipient, attachment or embedded message; false if the item is given up.
    pub(super) fn record(&mut self) -> bool {
        self.spend(|budget| &mut budget.records, 1)
    }

    /// Counts an embedded message, which costs more than its bytes; false if the item is given up.
    pub(super) fn embedded(&mut self) -> bool {
        self.record() && self.bytes(EMBEDDED)
    }

    /// Counts text that is kept; false if the item is given up.
    pub(super) fn text(&mut self, length: usize) -> bool {
        self.spend(|budget| &mut budget.text, length)
    }

    fn spend(&mut self, allowance: impl FnOnce(&mut Self) -> &mut Allowance, amount: usize) -> bool {
        if self.over {
            return false;
        }
        let Allowance { name, used, limit } = allowance(self);
        *used = used.saturating_add(u64::try_from(amount).unwrap_or(u64::MAX));
        if *used <= *limit {
            return true;
        }
        let error = Error::limit("item", name, *used, *limit);
        self.over = true;
        self.error = Some(error);
        false
    }

    /// True once the item is given up: the rest of it is left out.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// Why the item was given up; told once.
    pub(super) fn take_error(&mut self) -> Option<Error> {
        self.error.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_allowance_ends_the_item_once() {
        let mut budget = Budget::with_limits(100, 3, 10);
        assert!(budget.bytes(60) && budget.bytes(40) && budget.text(10));
        assert!(budget.record() && budget.record() && budget.record() && !budget.is_over());
        assert!(!budget.record() && budget.is_over());
        let error = budget.take_error().unwrap().to_string();
        assert!(error.contains("attachments") && error.contains("is 4, expected at most 3"), "{error}");
        // Nothing more is allowed, and nothing more is told.
        assert!(!budget.bytes(0) && !budget.text(0) && budget.take_error().is_none());

        for spend in [|budget: &mut Budget| budget.bytes(101), |budget: &mut Budget| budget.text(11)] {
            let mut budget = Budget::with_limits(100, 3, 10);
            assert!(!spend(&mut budget) && budget.take_error().is_some());
        }
    }
}
