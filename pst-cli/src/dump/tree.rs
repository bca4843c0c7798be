//! The folders of a file by their nodes, whether or not a hierarchy table lists them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pst_core::ndb::{Nid, NodeEntry};

/// Bytes of a path and of a name in it; what comes on top is left out.
const PATH_BYTES: usize = 1 << 16;
/// Bytes of all names that are kept. Beyond it a folder stands under its node id.
const NAME_BYTES: usize = 1 << 26;
/// Bytes of all paths that are kept. Deep trees could make any number of them, so that some are made again.
const KEPT_PATHS: usize = 1 << 24;

/// Folders with parent, name and children.
pub(super) struct Tree {
    folders: BTreeMap<Nid, Folder>,
    children: BTreeMap<Nid, Vec<Nid>>,
    name_bytes: usize,
    /// Names of a path at most.
    depth: u32,
    /// Paths already made: all messages of a folder have the same one.
    paths: HashMap<Nid, Path>,
    path_bytes: usize,
}

struct Folder {
    parent: Option<Nid>,
    name: String,
}

/// A folder's path.
#[derive(Clone)]
pub(super) struct Path {
    /// Names from the root down, `/` inside a name as `%2F`; `/` for the root itself.
    pub(super) text: String,
    /// It begins at the root, or at a folder without a parent, and not in the middle of a tree that is too deep.
    pub(super) whole: bool,
}

impl Tree {
    /// A tree whose paths have at most `depth` names.
    pub(super) fn new(depth: u32) -> Self {
        Self {
            folders: BTreeMap::new(),
            children: BTreeMap::new(),
            name_bytes: 0,
            depth,
            paths: HashMap::new(),
            path_bytes: 0,
        }
    }

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

    /// Sets the name, before any path is asked for.
    pub(super) fn name(&mut self, nid: Nid, mut name: String) {
        name.truncate(name.floor_char_boundary(PATH_BYTES));
        self.name_bytes = self.name_bytes.saturating_add(name.len());
        if self.name_bytes > NAME_BYTES {
            name = nid.to_string();
        }
        if let Some(folder) = self.folders.get_mut(&nid) {
            name.shrink_to_fit();
            folder.name = name;
        }
    }

    pub(super) fn contains(&self, nid: Nid) -> bool {
        self.folders.contains_key(&nid)
    }

    pub(super) fn parent(&self, nid: Nid) -> Option<Nid> {
        self.folders.get(&nid)?.parent
    }

    /// The path of a folder.
    pub(super) fn path(&mut self, nid: Nid) -> Path {
        if let Some(path) = self.paths.get(&nid) {
            return path.clone();
        }
        let path = self.make_path(nid);
        self.path_bytes = self.path_bytes.saturating_add(path.text.len());
        if self.path_bytes > KEPT_PATHS {
            self.paths.clear();
            self.path_bytes = path.text.len();
        }
        self.paths.insert(nid, path.clone());
        path
    }

    fn make_path(&self, nid: Nid) -> Path {
        let (mut names, mut bytes, mut whole) = (Vec::new(), 0usize, true);
        let mut visited = BTreeSet::new();
        let mut next = Some(nid);
        while let Some(nid) = next.filter(|nid| visited.insert(*nid)) {
            let Some(folder) = self.folders.get(&nid) else { break };
            if folder.parent.is_some() {
                let name = folder.name.replace('/', "%2F");
                bytes = bytes.saturating_add(name.len());
                let deep = u32::try_from(names.len()).is_ok_and(|depth| depth >= self.depth);
                if deep || (bytes > PATH_BYTES && !names.is_empty()) {
                    whole = false;
                    break;
                }
                names.push(name);
            }
            next = folder.parent;
        }
        names.reverse();
        Path { text: format!("/{}", names.join("/")), whole }
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

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use pst_core::ndb::{Bid, NidType};

    fn nid(index: u32) -> Nid {
        Nid::from_parts(NidType::NORMAL_FOLDER, index)
    }

    /// Folder 0 is the root, and each other is in the one before it.
    fn chain(length: u32, depth: u32, name: &str) -> Tree {
        let mut tree = Tree::new(depth);
        for index in 0..length {
            let parent = nid(index.saturating_sub(1));
            tree.insert(NodeEntry { nid: nid(index), data: Bid::NONE, subnodes: Bid::NONE, parent });
            tree.name(nid(index), format!("{name}{index}"));
        }
        tree
    }

    #[test]
    fn paths_are_whole_up_to_a_depth() {
        let mut tree = chain(6, 4, "a/");
        for (index, text, whole) in [
            (0, "/", true),
            (2, "/a%2F1/a%2F2", true),
            (4, "/a%2F1/a%2F2/a%2F3/a%2F4", true),
            (5, "/a%2F2/a%2F3/a%2F4/a%2F5", false),
        ] {
            // The second time it comes from what is kept.
            for _ in 0..2 {
                let path = tree.path(nid(index));
                assert_eq!((path.text.as_str(), path.whole), (text, whole));
            }
        }
    }

    #[test]
    fn names_and_paths_are_bounded() {
        let mut tree = chain(2_000, 512, &"x".repeat(100_000));
        let longest = (0..2_000).map(|index| tree.path(nid(index)).text.len()).max().unwrap();
        assert!(longest < 2 * PATH_BYTES, "{longest}");
        assert!(tree.folders.values().map(|folder| folder.name.len()).sum::<usize>() < 2 * NAME_BYTES);
        assert!(tree.paths.values().map(|path| path.text.len()).sum::<usize>() <= KEPT_PATHS + 2 * PATH_BYTES);
        // Beyond all names that are kept a folder has its id.
        assert!(tree.path(nid(1_999)).text.ends_with(&format!("/{}", nid(1_999))));
    }

    #[test]
    fn a_cycle_has_an_end() {
        let mut tree = chain(3, 512, "f");
        tree.folders.get_mut(&nid(0)).unwrap().parent = Some(nid(2));
        assert_eq!(tree.path(nid(2)).text, "/f0/f1/f2");
    }
}
