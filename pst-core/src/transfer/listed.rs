//! Items that folders list more than once.
//!
//! Items are met by their nodes, each once; a row of a contents table is only told of. It is told of because a person who
//! counts what the folders show counts it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::Pst;
use crate::Result;
use crate::ndb::{Nid, NidType};
use crate::transfer::summary::{Observe, go_on};
use crate::transfer::tree::Tree;
use crate::transfer::{Event, SkipReason, Summary};

/// Tells of each listing of an item but the one where its node is, and counts it as read and skipped.
pub(super) fn tell_listed_again(
    source: &Pst,
    tree: &Tree,
    summary: &mut Summary,
    observe: &mut Observe<'_>,
) -> Result<()> {
    for (node, folder) in listed_again(source, tree) {
        summary.read = summary.read.saturating_add(1);
        summary.skipped.add(SkipReason::ListedAgain);
        let reason = SkipReason::ListedAgain;
        go_on(observe(Event::Skipped { node, folder: &tree.path(folder), reason, error: None }))?;
    }
    Ok(())
}

/// Items and the folders that list them beside their own, or beside the first one if their own does not list them.
fn listed_again(source: &Pst, tree: &Tree) -> Vec<(Nid, Nid)> {
    let mut seen = NidSet::default();
    let mut again = BTreeSet::new();
    listings(source, tree, &mut |_, item| {
        if !seen.insert(item) {
            again.insert(item);
        }
    });
    drop(seen);
    if again.is_empty() {
        return Vec::new();
    }
    let mut folders: BTreeMap<Nid, Vec<Nid>> = BTreeMap::new();
    listings(source, tree, &mut |folder, item| {
        if again.contains(&item) {
            folders.entry(item).or_default().push(folder);
        }
    });
    let mut out = Vec::new();
    for (item, mut listing) in folders {
        // What is listed and is not there is no item.
        let Ok(Some(node)) = source.node(item) else { continue };
        let home = listing.iter().position(|folder| *folder == node.parent_id()).unwrap_or(0);
        if home < listing.len() {
            listing.remove(home);
        }
        out.extend(listing.into_iter().map(|folder| (item, folder)));
    }
    out
}

/// Calls `each` with the folder and the item of every row. A table that cannot be read lists nothing: its items are met
/// all the same.
fn listings(source: &Pst, tree: &Tree, each: &mut dyn FnMut(Nid, Nid)) {
    /// Bytes of a row, at least. Only tables that share blocks have more rows than the file has room for.
    const ROW: u64 = 4;
    let mut left = source.file_size() / ROW;
    for nid in tree.walk().iter().filter(|nid| tree.holds(**nid).is_some()) {
        let Ok(folder) = source.folder(*nid) else { continue };
        let tables = [
            (folder.contents_table(), NidType::NORMAL_MESSAGE),
            (folder.associated_table(), NidType::ASSOCIATED_MESSAGE),
        ];
        for (table, kind) in tables {
            let Ok(Some(table)) = table else { continue };
            let (places, _) = table.row_places();
            let Some(rest) = left.checked_sub(places.len() as u64) else { return };
            left = rest;
            places.iter().map(|place| Nid::new(place.id)).filter(|item| item.kind() == kind).for_each(|item| {
                each(*nid, item);
            });
        }
    }
}

/// Node ids, one bit each, in pieces of those that are near each other.
#[derive(Debug, Default)]
struct NidSet(HashMap<(NidType, u32), [u64; 16]>);

impl NidSet {
    /// False if it was there already.
    fn insert(&mut self, nid: Nid) -> bool {
        let index = nid.index();
        let words = self.0.entry((nid.kind(), index >> 10)).or_default();
        let place = usize::try_from((index >> 6) & 15).unwrap_or(0);
        let bit = 1u64.checked_shl(index & 63).unwrap_or(0);
        let Some(word) = words.get_mut(place) else { return true };
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_ids() {
        let mut set = NidSet::default();
        for kind in [NidType::NORMAL_MESSAGE, NidType::ASSOCIATED_MESSAGE] {
            for index in [0, 1, 63, 64, 1023, 1024, 0x7FF_FFFF] {
                let nid = Nid::from_parts(kind, index);
                assert_eq!((set.insert(nid), set.insert(nid)), (true, false), "{nid}");
            }
        }
    }
}
