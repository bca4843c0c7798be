//! Who goes with whom: a peer's items and attachments beside ours.

use std::collections::{HashMap, HashSet};

use super::compare::{Place, differences, text};
use super::view::{Attachment, Form, Item, Told};

/// For each of our items the peer's: by node id where the peer tells it, else by subject and the fewest differences.
pub(super) fn items(place: &Place, ours: &[Item], theirs: &[Item]) -> Vec<Option<usize>> {
    let by_nid: HashMap<&str, usize> =
        (0..).zip(theirs).filter_map(|(at, item)| Some((item.nid.as_deref()?, at))).collect();
    if !by_nid.is_empty() {
        return ours.iter().map(|item| by_nid.get(item.nid.as_deref()?).copied()).collect();
    }
    let mut by_subject: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, item) in (0..).zip(theirs) {
        by_subject.entry(text(&item.subject).unwrap_or_default()).or_default().push(at);
    }
    let mut pairs: Vec<Option<usize>> = Vec::with_capacity(ours.len());
    for item in ours {
        let candidates = by_subject.get_mut(text(&item.subject).unwrap_or_default());
        let best = candidates.filter(|_| !item.is_associated()).and_then(|candidates| {
            let may_be = |at: &usize| theirs.get(*at).is_some_and(|other| like(item, other));
            let fewest = candidates
                .iter()
                .enumerate()
                .filter(|(_, at)| may_be(at))
                .min_by_key(|(_, at)| theirs.get(**at).map_or(0, |other| differences(place, item, other)));
            fewest.map(|(slot, _)| slot).map(|slot| candidates.remove(slot))
        });
        pairs.push(best);
    }
    // What is left is taken in order, so that a subject that differs is told as that.
    let taken: HashSet<usize> = pairs.iter().flatten().copied().collect();
    let mut left: Vec<usize> = (0..theirs.len()).filter(|at| !taken.contains(at)).collect();
    for (item, pair) in ours.iter().zip(&mut pairs).filter(|(item, pair)| pair.is_none() && !item.is_associated()) {
        let found = left.iter().position(|at| theirs.get(*at).is_some_and(|other| like(item, other)));
        *pair = found.map(|slot| left.remove(slot));
    }
    pairs
}

/// Whether a peer that tells no bodies of contacts and appointments may mean this item of ours.
fn like(ours: &Item, theirs: &Item) -> bool {
    let class = text(&ours.class).unwrap_or_default();
    let card = class.starts_with("IPM.Contact") || class.starts_with("IPM.Appointment");
    card == matches!(theirs.plain, Told::No)
}

/// Whether an attachment of ours may be the peer's.
type Test<'a> = dyn Fn(&Attachment, &Attachment) -> bool + 'a;

/// For each of our attachments the peer's: by node id, else by kind, name and data, else by order within its kind.
pub(super) fn attachments(ours: &[Attachment], theirs: &[Attachment]) -> Vec<Option<usize>> {
    let by_nid: HashMap<&str, usize> =
        (0..).zip(theirs).filter_map(|(at, item)| Some((item.nid.as_deref()?, at))).collect();
    if !by_nid.is_empty() {
        return ours.iter().map(|item| by_nid.get(item.nid.as_deref()?).copied()).collect();
    }
    let mut left: Vec<usize> = (0..theirs.len()).collect();
    let mut pairs = vec![None; ours.len()];
    let digest = |told: &Told<Form>| match told {
        Told::Some(form) => Some(form.sha256.clone()),
        _ => None,
    };
    let same_name = |a: &Attachment, b: &Attachment| text(&a.name) == text(&b.name);
    let same_data = |a: &Attachment, b: &Attachment| digest(&a.data) == digest(&b.data);
    let same_kind = |a: &Attachment, b: &Attachment| a.embedded.is_some() == b.embedded.is_some();
    let tests: [&Test<'_>; 3] = [
        &|a, b| same_kind(a, b) && same_name(a, b) && same_data(a, b),
        &|a, b| same_kind(a, b) && (same_name(a, b) || a.embedded.is_some()),
        &|a, b| same_kind(a, b) && same_data(a, b),
    ];
    for test in tests {
        for (mine, pair) in ours.iter().zip(&mut pairs).filter(|(_, pair)| pair.is_none()) {
            let found = left.iter().position(|at| theirs.get(*at).is_some_and(|other| test(mine, other)));
            *pair = found.map(|slot| left.remove(slot));
        }
    }
    pairs
}
