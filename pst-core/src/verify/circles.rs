//! F10: folders that lie in each other, so that no way leads to them from the root.

use crate::ndb::{Nid, NidType, NodeEntry};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity, mark};

impl Check<'_> {
    /// Goes up from each folder that cannot be reached. No folder is passed twice but by the walk that marks it as done.
    pub(super) fn check_circles(&mut self) {
        self.each_node(&mut |check, number, entry| {
            if !is_folder(entry.nid) || check.sink.stopped() {
                return;
            }
            if check.marks(number) & (mark::REACHED | mark::WALKED) != 0 {
                return;
            }
            let mut at = (number, entry);
            let circle = loop {
                check.mark(at.0, mark::WALKING);
                match check.folder_above(&at.1) {
                    // Of earlier ways both marks are there.
                    Some((above, _)) if check.marks(above) & (mark::REACHED | mark::WALKED) != 0 => break None,
                    Some((above, entry)) if check.marks(above) & mark::WALKING != 0 => break Some(entry),
                    Some(above) => at = above,
                    None => break None,
                }
            };
            let mut at = Some((number, entry));
            while let Some((number, entry)) = at.filter(|(number, _)| check.marks(*number) & mark::WALKED == 0) {
                check.mark(number, mark::WALKED);
                at = check.folder_above(&entry).filter(|(above, _)| check.marks(*above) & mark::WALKING != 0);
            }
            if let Some(first) = circle {
                check.tell_circle(&first);
            }
        });
    }

    /// The folder that a folder names as its parent, if that is another one.
    fn folder_above(&self, entry: &NodeEntry) -> Option<(usize, NodeEntry)> {
        let above = Some(entry.parent).filter(|parent| is_folder(*parent) && *parent != entry.nid)?;
        self.find_node(above)
    }

    fn tell_circle(&mut self, first: &NodeEntry) {
        /// Folders that are named.
        const NAMED: usize = 8;
        let mut way = first.nid.to_string();
        let mut at = *first;
        for number in 0..=NAMED {
            let Some((_, above)) = self.folder_above(&at) else { break };
            if number == NAMED {
                way.push_str(" in others");
                break;
            }
            way.push_str(&format!(" in {}", above.nid));
            if above.nid == first.nid {
                break;
            }
            at = above;
        }
        let severity = self.unless_ost(Severity::Loss);
        let note = Note::new(Rule::F10, severity, "folders lie in each other, and no way leads to them");
        self.found(note.node(first.nid).field("NBTENTRY", "nidParent").values(way, "a way to the root folder"));
    }
}

fn is_folder(nid: Nid) -> bool {
    matches!(nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER)
}
