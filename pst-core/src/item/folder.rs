//! Where an item lies: the names of the folders above it.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::Pst;
use crate::ndb::Nid;

/// The names of the folders an item is in, the outermost first. Cheap to clone.
///
/// `Display` writes `/Inbox/Projects`; a `/` inside a name becomes `%2F`, and a `%` before two such digits `%25`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderPath(Arc<[String]>);

impl FolderPath {
    /// The path of these names.
    pub fn new<S: Into<String>>(names: impl IntoIterator<Item = S>) -> Self {
        Self(names.into_iter().map(Into::into).collect())
    }

    /// The path of a folder in this one.
    #[must_use]
    pub fn join(&self, name: impl Into<String>) -> Self {
        Self(self.0.iter().cloned().chain([name.into()]).collect())
    }

    /// The path of this one followed by the names of another.
    #[must_use]
    pub fn append(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        Self(self.0.iter().chain(other.0.iter()).cloned().collect())
    }

    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// True for the top, which has no name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Default for FolderPath {
    fn default() -> Self {
        Self::new::<String>([])
    }
}

impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("/");
        }
        self.0.iter().try_for_each(|name| write!(f, "/{}", name.replace("%2F", "%252F").replace('/', "%2F")))
    }
}

/// Finds the paths of the folders of a store, from the folder upwards, and keeps those it found.
#[derive(Debug)]
pub struct FolderPaths<'p> {
    pst: &'p Pst,
    known: HashMap<Nid, FolderPath>,
}

impl<'p> FolderPaths<'p> {
    /// Paths that are kept; those of a folder whose items follow each other are found once.
    const KEPT: usize = 10_000;
    /// Bytes of all names of a path. Names of a hostile file may be of any length.
    const LONGEST: usize = 16 << 10;

    /// Of the folders of a store.
    pub fn new(pst: &'p Pst) -> Self {
        Self { pst, known: HashMap::new() }
    }

    /// The path of a folder from the root, which has no name. **A folder that cannot be read goes by its node id**; what is
    /// above it is not known.
    pub fn of(&mut self, nid: Nid) -> FolderPath {
        if let Some(path) = self.known.get(&nid) {
            return path.clone();
        }
        let mut names = Vec::new();
        let mut room = Self::LONGEST;
        let mut at = nid;
        let deepest = usize::try_from(self.pst.limits().folder_depth).unwrap_or(usize::MAX);
        // A damaged store may have folders in a circle.
        while names.len() < deepest {
            let folder = self.pst.folder(at);
            let parent = folder.as_ref().ok().map(crate::messaging::Folder::parent_id);
            // The root is its own parent.
            if parent == Some(None) {
                break;
            }
            let mut name = folder.and_then(|folder| folder.name()).unwrap_or_else(|_| at.to_string());
            name.truncate(name.floor_char_boundary(room));
            room = room.saturating_sub(name.len());
            names.push(name);
            match parent.flatten().filter(|_| room > 0) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        names.reverse();
        let path = FolderPath::new(names);
        if self.known.len() < Self::KEPT {
            self.known.insert(nid, path.clone());
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_as_text() {
        assert_eq!(FolderPath::default().to_string(), "/");
        let path = FolderPath::new(["Inbox", "A/B", "50%2F"]);
        assert_eq!(path.to_string(), "/Inbox/A%2FB/50%252F");
        assert_eq!(FolderPath::default().join("Inbox").append(&FolderPath::new(["A/B", "50%2F"])), path);
    }
}
