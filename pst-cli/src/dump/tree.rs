//! The folders of a file by their nodes, whether or not a hierarchy table lists them.

use std::collections::{BTreeMap, BTreeSet};

use pst_core::ndb::{Nid, NodeEntry};

/// Folders with parent, name and children.
#[derive(Default)]
pub(super) struct Tree {
    folders: BTreeMap<Nid, Folder>,
    children: BTreeMap<Nid, Vec<Nid>>,
}

struct Folder {
    parent: Option<Nid>,
    name: String,
}

impl Tree {
    pub(super) fn insert(&mut self, entry: NodeEntry) {
        // The root is its own parent.
        let parent = (entry.parent != entry.nid && entry.parent.raw() != 0).then_some(entry.parent);
        if let Some(parent) = parent {
            self.children.entry(parent).or_default().push(entry.nid);
        }
        self.folders.insert(entry.nid, Folder { parent, name: String::new() });
    }

    pub(super) fn ids(&self) -> impl Iterator<Item = Nid> + '_ {
        self.folders.keys().copied()
    }

    pub(super) fn name(&mut self, nid: Nid, name: String) {
        if let Some(folder) = self.folders.get_mut(&nid) {
            folder.name = name;
        }
    }

    pub(super) fn contains(&self, nid: Nid) -> bool {
        self.folders.contains_key(&nid)
    }

    pub(super) fn parent(&self, nid: Nid) -> Option<Nid> {
        self.folders.get(&nid)?.parent
    }

    /// Names from the root down, `/` inside a name as `%2F`; `/` for the root itself.
    pub(super) fn path(&self, nid: Nid) -> String {
        let mut names = Vec::new();
        let mut visited = BTreeSet::new();
        let mut next = Some(nid);
        while let Some(nid) = next.filter(|nid| visited.insert(*nid)) {
            let Some(folder) = self.folders.get(&nid) else { break };
            if folder.parent.is_some() {
                names.push(folder.name.replace('/', "%2F"));
            }
            next = folder.parent;
        }
        names.reverse();
        format!("/{}", names.join("/"))
    }

    /// All folders, parents first and siblings by id; last those that hang from no root.
    pub(super) fn depth_first(&self) -> Vec<Nid> {
        let mut order = Vec::with_capacity(self.folders.len());
        let mut visited = BTreeSet::new();
        let is_root = |folder: &Folder| folder.parent.is_none_or(|parent| !self.contains(parent));
        let roots = self.folders.iter().filter(|(_, folder)| is_root(folder)).map(|(nid, _)| *nid);
        // Folders in a cycle have no root; begin with each that was not reached.
        for start in roots.chain(self.ids()) {
            let mut open = vec![start];
            while let Some(nid) = open.pop() {
                if visited.insert(nid) {
                    order.push(nid);
                    open.extend(self.children.get(&nid).into_iter().flatten().rev());
                }
            }
        }
        order
    }
}
