//! The account of an export.

use std::collections::BTreeMap;

use serde::Serialize;

use super::index::{Known, LossRecord};
use crate::input::SkipReason;

/// Everything that was met is exported, skipped or failed. **The same for one run and for one that was stopped and went on.**
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// Items that were written.
    pub exported: u64,
    /// Of these, items with losses of whatever kind.
    pub with_losses: u64,
    /// Of these, items of which something could not be read, or was beyond a limit.
    pub damaged: u64,
    /// What was left out, by the code of the reason.
    pub skipped: BTreeMap<String, u64>,
    /// What could not be read, by the kind of the error.
    pub failed: BTreeMap<String, u64>,
    /// Of what could not be read, all but files that are no store or mail, or could not be opened at all.
    pub failed_items: u64,
    /// What was exported, by the kind of item.
    pub kinds: BTreeMap<String, u64>,
    /// Bytes that were written, those of files beside an item included.
    pub bytes: u64,
}

impl Summary {
    /// Everything that was met.
    pub fn seen(&self) -> u64 {
        self.exported.saturating_add(self.skips()).saturating_add(self.failures())
    }

    /// What was left out.
    pub fn skips(&self) -> u64 {
        self.skipped.values().fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    /// What could not be read.
    pub fn failures(&self) -> u64 {
        self.failed.values().fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    /// Bad items, as [`BadItemLimit`](pst_core::policy::BadItemLimit) counts them: items and places in stores that failed, and
    /// items that are damaged.
    pub fn bad_items(&self) -> u64 {
        self.failed_items.saturating_add(self.damaged)
    }

    /// What was left out although there may be mail in it.
    pub fn may_hide_mail(&self) -> u64 {
        let hiding = SkipReason::ALL.iter().filter(|reason| reason.may_hide_mail());
        hiding
            .filter_map(|reason| self.skipped.get(reason.code()))
            .fold(0, |sum: u64, count| sum.saturating_add(*count))
    }

    pub(super) fn count_exported(&mut self, kind: &str, bytes: u64, losses: &[LossRecord]) {
        let damaging = |loss: &LossRecord| matches!(loss.code.as_str(), "unreadable" | "too-deep" | "too-large");
        self.exported = self.exported.saturating_add(1);
        self.with_losses = self.with_losses.saturating_add(u64::from(!losses.is_empty()));
        self.damaged = self.damaged.saturating_add(u64::from(losses.iter().any(damaging)));
        self.bytes = self.bytes.saturating_add(bytes);
        add(&mut self.kinds, kind);
    }

    pub(super) fn count_skipped(&mut self, reason: &str) {
        add(&mut self.skipped, reason);
    }

    /// Counts something that failed: within a store or mailbox, or a whole file.
    pub(super) fn count_failed(&mut self, kind: &str, is_within: bool) {
        add(&mut self.failed, kind);
        let is_item = is_within || !matches!(kind, "io" | "not-pst" | "unsupported");
        self.failed_items = self.failed_items.saturating_add(u64::from(is_item));
    }

    /// Counts what a line of the index tells of.
    pub(super) fn count_known(&mut self, line: &Known) {
        match line.outcome.as_str() {
            "exported" => {
                let beside = line.beside.iter().fold(0, |sum: u64, written| sum.saturating_add(written.bytes));
                self.count_exported(&line.kind, line.bytes.saturating_add(beside), &line.losses);
            }
            "skipped" => self.count_skipped(&line.reason),
            _ => self.count_failed(&line.kind, line.from.is_within()),
        }
    }
}

fn add(counts: &mut BTreeMap<String, u64>, key: &str) {
    match counts.get_mut(key) {
        Some(count) => *count = count.saturating_add(1),
        None => drop(counts.insert(key.to_owned(), 1)),
    }
}
