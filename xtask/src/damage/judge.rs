//! Checks a damaged file, recovers it, and compares what came back with the truth.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use pst_core::ndb::Nid;
use pst_core::recover::{Confidence, NodeSource, RecoverOptions, Recovery, recover_source};
use pst_core::verify::{VerifyOptions, verify_source};

use super::content;
use super::extents::What;
use super::kinds::Damaged;
use super::stores::{Shared, Store};

/// Where a run is: what a hang is blamed on.
pub(super) const STEPS: [&str; 4] = ["quick check", "full check", "recovery", "reading"];

/// What became of one damaged file.
#[derive(Clone, Debug, Default)]
pub(super) struct Outcome {
    /// Panics, by step.
    pub(super) crashes: Vec<String>,
    /// The step that came to no end.
    pub(super) hang: Option<&'static str>,
    /// Bytes in use and covered by a checksum were changed.
    pub(super) is_hit: bool,
    /// What was hit, if the check without contents said nothing new, and if the check with contents did not.
    pub(super) missed: [Option<String>; 2],
    pub(super) messages: Messages,
    /// Messages that were not hit and did not come back.
    pub(super) losses: Vec<String>,
    /// Messages that came back as whole and are not what they were.
    pub(super) false_ones: Vec<String>,
}

/// Messages, counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Messages {
    pub(super) unhit: usize,
    /// Of those: back as they were, and some folder lists them.
    pub(super) whole: usize,
    /// Of those: in the folder they were in.
    pub(super) in_place: usize,
    pub(super) hit: usize,
    /// Of those: back as they were all the same.
    pub(super) hit_whole: usize,
    /// Of those: back with parts missing, and that is told.
    pub(super) with_losses: usize,
    /// Of those: gone, and the report names them.
    pub(super) named: usize,
    /// Came back in another state, told as not certain to be the last.
    pub(super) older: usize,
    /// Came back although the store had given them up, told as such.
    pub(super) extra: usize,
}

pub(super) fn judge(store: &Store, damaged: &Damaged, step: &AtomicU8) -> Outcome {
    let mut outcome = Outcome::default();
    let hit = store.extents.hit(&store.bytes, &damaged.bytes, &damaged.touched);
    outcome.is_hit = !hit.is_empty();
    let bytes = Shared(Arc::new(damaged.bytes.clone()));
    for (number, contents) in [false, true].into_iter().enumerate() {
        step.store(u8::try_from(number).unwrap_or(0), Ordering::Relaxed);
        let report = guarded(&mut outcome, STEPS[number], || {
            verify_source(bytes.source(), &VerifyOptions::new().contents(contents))
        });
        let is_found = match report {
            Some(Ok(report)) => {
                report.findings.iter().any(|finding| !store.findings[number].contains(&finding.to_string()))
            }
            Some(Err(_)) => true,
            None => false,
        };
        if outcome.is_hit && !is_found {
            outcome.missed[number] = Some(format!("{hit:?}"));
        }
    }
    step.store(2, Ordering::Relaxed);
    let is_hit = |nid: &Nid| store.messages[nid].blocks.iter().any(|bid| hit.contains(&What::Block(*bid)));
    let unhit: BTreeSet<Nid> = store.messages.keys().filter(|nid| !is_hit(nid)).copied().collect();
    outcome.messages.unhit = unhit.len();
    outcome.messages.hit = store.messages.len() - unhit.len();
    let recovered = guarded(&mut outcome, STEPS[2], || {
        // As the command does.
        let options = RecoverOptions::new().always_scan(true);
        recover_source(bytes.source(), &options, &mut |_| ControlFlow::Continue(()))
    });
    let recovery = match recovered {
        Some(Ok(recovery)) => recovery,
        Some(Err(error)) => {
            outcome.losses.extend(unhit.iter().map(|nid| format!("{nid}: {error}")));
            return outcome;
        }
        None => return outcome,
    };
    step.store(3, Ordering::Relaxed);
    let mut read = outcome.clone();
    if guarded(&mut outcome, STEPS[3], || compare(store, &recovery, &unhit, &mut read)).is_some() {
        return read;
    }
    outcome
}

fn guarded<T>(outcome: &mut Outcome, step: &str, work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => Some(result),
        Err(_) => {
            outcome.crashes.push(step.to_owned());
            None
        }
    }
}

/// The folder that lists each message.
fn listed(recovery: &Recovery) -> BTreeMap<Nid, Nid> {
    let mut listed = BTreeMap::new();
    let Ok(root) = recovery.pst.root_folder() else { return listed };
    for folder in root.descendants().flatten() {
        for table in [folder.contents_table(), folder.associated_table()].into_iter().flatten().flatten() {
            listed.extend(table.rows().flatten().map(|row| (row.nid(), folder.id())));
        }
    }
    listed
}

fn compare(store: &Store, recovery: &Recovery, unhit: &BTreeSet<Nid>, outcome: &mut Outcome) {
    let listed = listed(recovery);
    let mut whole = BTreeSet::new();
    let mut partly = BTreeSet::new();
    let counts = &mut outcome.messages;
    for item in recovery.items() {
        let Ok(item) = item else { continue };
        let nid = item.entry.nid;
        let told = item.provenance.confidence < Confidence::High;
        let read = recovery.pst.message_from_entry(item.entry).map_err(anyhow::Error::from);
        let read = read.and_then(|message| content::digest(&message));
        let truth = store.messages.get(&nid);
        if !item.provenance.is_whole() {
            if truth.is_some() {
                partly.insert(nid);
            }
            continue;
        }
        let Ok(digest) = read else {
            outcome.false_ones.push(format!("{nid} is said to be whole and cannot be read"));
            continue;
        };
        // One that was put together may have another id, if it says so.
        let known = if told { store.by_digest.get(&digest).copied() } else { None };
        let known = truth.filter(|truth| truth.digest == digest).map(|_| nid).or(known);
        match known {
            Some(known) => {
                let Some(folder) = listed.get(&nid) else { continue };
                if whole.insert(known) && unhit.contains(&known) && store.messages[&known].folder == *folder {
                    counts.in_place += 1;
                }
            }
            None if told && truth.is_some() && !matches!(item.provenance.node, NodeSource::Deleted) => {
                counts.older += 1
            }
            None if told => counts.extra += 1,
            None => outcome.false_ones.push(format!("{nid} is not what it was, by {:?}", item.provenance.node)),
        }
    }
    let named: BTreeSet<Nid> = recovery.report.lost_items.iter().map(|item| item.nid).collect();
    for nid in store.messages.keys() {
        match (unhit.contains(nid), whole.contains(nid)) {
            (true, true) => counts.whole += 1,
            (true, false) => {
                let what = if partly.contains(nid) {
                    "has losses"
                } else if recovery.pst.node(*nid).is_ok_and(|node| node.is_some()) {
                    "is there, but not as it was, or not listed"
                } else {
                    "is gone"
                };
                let is_named = if named.contains(nid) { ", and named" } else { "" };
                outcome.losses.push(format!("{nid} {what}{is_named}"));
            }
            (false, true) => counts.hit_whole += 1,
            (false, false) if partly.contains(nid) => counts.with_losses += 1,
            (false, false) if named.contains(nid) => counts.named += 1,
            (false, false) => {}
        }
    }
}
