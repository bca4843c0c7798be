//! The folders of a source: their paths, and what they are.

use std::collections::{BTreeMap, HashSet};

use crate::messaging::{SpecialFolder, SpecialFolders};
use crate::ndb::{Nid, NidType};
use crate::transfer::summary::{Observe, go_on};
use crate::transfer::{Event, Filter};
use crate::{Error, Pst, Result};

/// What a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Root,
    /// The store says what it is used for.
    Special(SpecialFolder),
    /// It lists items of other folders.
    Search,
    /// The search folder that every store has.
    Spam,
    None,
}

/// A folder of the source.
#[derive(Debug)]
pub(super) struct Branch {
    /// The folder it is in; of the root itself.
    pub(super) parent: Nid,
    /// As it stands in a path.
    name: String,
    pub(super) role: Role,
    /// The filter asks for it.
    pub(super) admitted: bool,
    /// Its place in a walk that meets parents first.
    pub(super) order: u32,
}

impl Branch {
    /// It can hold neither items nor folders.
    pub(super) fn is_search(&self) -> bool {
        matches!(self.role, Role::Search | Role::Spam)
    }
}

/// All folders of a source, listed by other folders or not.
#[derive(Debug)]
pub(super) struct Tree {
    root: Nid,
    top: Option<Nid>,
    branches: BTreeMap<Nid, Branch>,
    /// Parents first.
    walk: Vec<Nid>,
    /// The patterns of the filter, and how many folders fit each.
    patterns: Vec<(String, u64)>,
    /// Folders on the way to the root that are followed.
    longest: usize,
}

/// Every new store has its own.
const SPAM_SEARCH_FOLDER: Nid = Nid::new(0x2223);
/// Characters of a name that are kept; real ones have at most 255.
const LONGEST_NAME: usize = 1 << 10;
/// Bytes of a path that is told.
const LONGEST_PATH: usize = 16 << 10;

impl Tree {
    /// The folders of a source, with names that cannot be read replaced by the node ids.
    pub(super) fn new(source: &Pst, filter: &Filter) -> Self {
        let special = SpecialFolders::of(source);
        let root = source.root_folder().map_or(Nid::ROOT_FOLDER, |folder| folder.id());
        let mut branches = BTreeMap::new();
        for entry in source.folder_entries().filter_map(Result::ok) {
            let nid = entry.nid;
            let name = source.folder(nid).and_then(|folder| folder.name());
            let role = match () {
                () if nid == root => Role::Root,
                () if nid == SPAM_SEARCH_FOLDER => Role::Spam,
                () if nid.kind() == NidType::SEARCH_FOLDER => Role::Search,
                () => special.role(nid).map_or(Role::None, Role::Special),
            };
            let name = name.map_or_else(|_| nid.to_string(), |name| escape_name(&name));
            branches.entry(nid).or_insert(Branch { parent: entry.parent, name, role, admitted: false, order: 0 });
        }
        let top = special.get(SpecialFolder::IpmSubtree).filter(|nid| branches.contains_key(nid));
        let longest = usize::try_from(source.limits().folder_depth).unwrap_or(usize::MAX);
        let mut tree = Self { root, top, branches, walk: Vec::new(), patterns: Vec::new(), longest };
        tree.hang(top.unwrap_or(root));
        tree.number();
        tree.admit(filter);
        tree
    }

    /// Hangs below `top` what does not hang below the root.
    fn hang(&mut self, top: Nid) {
        let mut known = HashSet::from([self.root]);
        let nids: Vec<Nid> = self.branches.keys().copied().collect();
        // The top first, so that others find it hanging.
        for nid in [top].into_iter().chain(nids) {
            let (mut at, mut way) = (nid, Vec::new());
            let mut seen = HashSet::new();
            let hangs = loop {
                if known.contains(&at) {
                    break true;
                }
                if !seen.insert(at) || way.len() > self.longest {
                    break false;
                }
                match self.branches.get(&at) {
                    Some(branch) if way.is_empty() || !branch.is_search() => {
                        way.push(at);
                        at = branch.parent;
                    }
                    _ => break false,
                }
            };
            if hangs {
                known.extend(way);
            } else if let Some(branch) = self.branches.get_mut(&nid) {
                branch.parent = if nid == top { self.root } else { top };
                known.insert(nid);
            }
        }
    }

    fn number(&mut self) {
        let mut children: BTreeMap<Nid, Vec<Nid>> = BTreeMap::new();
        for (nid, branch) in &self.branches {
            if *nid != self.root {
                children.entry(branch.parent).or_default().push(*nid);
            }
        }
        let mut open = vec![self.root];
        while let Some(nid) = open.pop() {
            let Some(branch) = self.branches.get_mut(&nid) else {
                // A root that is not there has children all the same.
                open.extend(children.remove(&nid).unwrap_or_default().into_iter().rev());
                continue;
            };
            branch.order = u32::try_from(self.walk.len()).unwrap_or(u32::MAX);
            self.walk.push(nid);
            open.extend(children.remove(&nid).unwrap_or_default().into_iter().rev());
        }
    }

    fn admit(&mut self, filter: &Filter) {
        let mut patterns: Vec<(String, u64)> =
            filter.patterns(&[], None).map(|(pattern, _)| (pattern.to_owned(), 0)).collect();
        for nid in self.walk.clone() {
            let way = self.way(nid);
            let names: Vec<&str> = way.iter().map(|(_, name)| *name).collect();
            let below_top = self.top.and_then(|top| way.iter().position(|(nid, _)| *nid == top));
            let from_top = below_top.and_then(|at| names.get(at.saturating_add(1)..));
            let mut admitted = !filter.chooses_folders();
            for ((_, folders), (_, fits)) in patterns.iter_mut().zip(filter.patterns(&names, from_top)) {
                *folders = folders.saturating_add(u64::from(fits));
                admitted |= fits;
            }
            if let Some(branch) = self.branches.get_mut(&nid) {
                branch.admitted = admitted;
            }
        }
        self.patterns = patterns;
    }

    /// Tells how many folders fit each pattern of the filter.
    pub(super) fn tell_patterns(&self, observe: &mut Observe<'_>) -> Result<()> {
        self.patterns
            .iter()
            .try_for_each(|(pattern, folders)| go_on(observe(Event::FolderPattern { pattern, folders: *folders })))
    }

    /// The folders from the one below the root to this one.
    fn way(&self, nid: Nid) -> Vec<(Nid, &str)> {
        let mut way = Vec::new();
        let mut at = nid;
        while let Some(branch) = self.branches.get(&at).filter(|_| at != self.root && way.len() <= self.longest) {
            way.push((at, branch.name.as_str()));
            at = branch.parent;
        }
        way.reverse();
        way
    }

    pub(super) fn get(&self, nid: Nid) -> Option<&Branch> {
        self.branches.get(&nid)
    }

    /// The folders, parents first.
    pub(super) fn walk(&self) -> &[Nid] {
        &self.walk
    }

    /// The path of a folder from the root; of one that is not there, its node id.
    pub(super) fn path(&self, nid: Nid) -> String {
        if !self.branches.contains_key(&nid) {
            return format!("/{nid}");
        }
        let mut path = String::from("/");
        for (_, name) in self.way(nid) {
            if path.len() > 1 {
                path.push('/');
            }
            path.push_str(name);
            if path.len() > LONGEST_PATH {
                path.truncate(path.floor_char_boundary(LONGEST_PATH));
                path.push('…');
                break;
            }
        }
        path
    }

    /// Whether items of this folder were asked for. Items without a folder count as if they were in the root.
    pub(super) fn admits(&self, nid: Nid) -> bool {
        self.get(self.holds(nid).unwrap_or(self.root)).is_none_or(|branch| branch.admitted)
    }

    /// The folders that fit and all above them; `None` if none are chosen.
    pub(super) fn wanted(&self, filter: &Filter) -> Option<HashSet<Nid>> {
        filter.chooses_folders().then(|| {
            let admitted = self.branches.iter().filter(|(_, branch)| branch.admitted);
            admitted.flat_map(|(nid, _)| self.way(*nid)).map(|(nid, _)| nid).collect()
        })
    }

    /// The folder, if it can hold items.
    pub(super) fn holds(&self, nid: Nid) -> Option<Nid> {
        self.get(nid).filter(|branch| !branch.is_search()).map(|_| nid)
    }

    /// The folder below the top that this one is or is in; the folder below the root, outside of the top; `None` for
    /// both of these themselves.
    pub(super) fn below_top(&self, nid: Nid) -> Option<Nid> {
        let way = self.way(nid);
        let top = self.top.and_then(|top| way.iter().position(|(nid, _)| *nid == top));
        let at = top.map_or(0, |at| at.saturating_add(1));
        way.get(at).map(|(nid, _)| *nid)
    }

    pub(super) fn name(&self, nid: Nid) -> Option<&str> {
        self.get(nid).map(|branch| branch.name.as_str())
    }
}

/// A name as it stands in a path: a `/` in it is written `%2F`.
pub(super) fn escape_name(name: &str) -> String {
    let mut name = name.replace("%2F", "%252F").replace('/', "%2F");
    if name.len() > LONGEST_NAME {
        name.truncate(name.floor_char_boundary(LONGEST_NAME));
        name.push('…');
        name.shrink_to_fit();
    }
    name
}

/// The errors of the pages of a node B-tree, once each.
pub(super) fn page_errors(source: &Pst) -> impl Iterator<Item = Error> + '_ {
    source.nodes().filter_map(Result::err)
}
