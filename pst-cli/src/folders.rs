//! Paths of folders, as people type and read them.
//!
//! A path begins at the root, which is `/`; a `/` inside a name is written `%2F`, and a `%` before two such digits `%25`.

use std::collections::HashMap;

use pst_core::messaging::Folder;
use pst_core::ndb::{Nid, NidType};
use pst_core::{Error, Pst};

/// A name as it stands in a path.
pub(crate) fn escape_name(name: &str) -> String {
    name.replace("%2F", "%252F").replace('/', "%2F")
}

/// A name as it is listed. Real names have at most 255 characters; those of a hostile file may fill the memory.
pub(crate) fn listed_name(mut name: String) -> String {
    const LONGEST: usize = 1 << 10;
    if name.len() > LONGEST {
        name.truncate(name.floor_char_boundary(LONGEST));
        name.push('…');
        name.shrink_to_fit();
    }
    name
}

/// Appends a name to a path.
pub(crate) fn join(parent: &str, name: &str) -> String {
    let parent = parent.trim_end_matches('/');
    format!("{parent}/{}", escape_name(name))
}

/// Finds paths of folders by their ids, from the folder upwards, and keeps the few it found.
#[derive(Debug)]
pub(crate) struct Paths<'a> {
    pst: &'a Pst,
    known: HashMap<Nid, String>,
}

impl<'a> Paths<'a> {
    /// Of the folders of a file.
    pub(crate) fn new(pst: &'a Pst) -> Self {
        Self { pst, known: HashMap::new() }
    }

    /// The path of a folder. A part that cannot be read is its node id; above it there is nothing more to say.
    pub(crate) fn of(&mut self, nid: Nid) -> String {
        const KEPT: usize = 1_000;
        const LONGEST: usize = 16 << 10;
        if let Some(path) = self.known.get(&nid) {
            return path.clone();
        }
        let mut names = Vec::new();
        let mut length = 0usize;
        let mut at = nid;
        // Names of a damaged or hostile file may be of any length and in a circle.
        while length < LONGEST {
            match self.pst.folder(at) {
                Ok(folder) => {
                    let Some(parent) = folder.parent_id() else { break };
                    names.push(folder.name().map_or_else(|_| at.to_string(), |name| escape_name(&name)));
                    at = parent;
                }
                Err(_) => {
                    names.push(at.to_string());
                    break;
                }
            }
            length = length.saturating_add(names.last().map_or(0, String::len));
            if u64::try_from(names.len()).is_ok_and(|depth| depth > u64::from(self.pst.limits().folder_depth)) {
                break;
            }
        }
        names.reverse();
        let mut path = format!("/{}", names.join("/"));
        if path.len() > LONGEST {
            path.truncate(path.floor_char_boundary(LONGEST));
            path.push('…');
        }
        if self.known.len() < KEPT {
            self.known.insert(nid, path.clone());
        }
        path
    }
}

/// A node id as people type it: `0x8022`.
pub(crate) fn parse_nid(text: &str) -> Option<Nid> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    u32::from_str_radix(digits, 16).ok().map(Nid::new)
}

/// The folder a person means: a node id, a path from the root (`/Top of .../Inbox`), or one from the top of the folders
/// a person sees (`Inbox/Projects`), else from the root. Case counts only where two names differ in nothing else.
///
/// # Errors
/// `Ok(None)` if there is no such folder; errors of the folders on the way.
pub(crate) fn resolve(pst: &Pst, text: &str) -> Result<Option<Folder>, Error> {
    if let Some(nid) = parse_nid(text) {
        return if matches!(nid.kind(), NidType::NORMAL_FOLDER | NidType::SEARCH_FOLDER) {
            Ok(if pst.node(nid)?.is_some() { Some(pst.folder(nid)?) } else { None })
        } else {
            Ok(None)
        };
    }
    let root = pst.root_folder()?;
    if let Some(path) = text.strip_prefix('/') {
        return below(root, path);
    }
    // A store without a readable top still has a root.
    if let Some(top) = pst.ipm_subtree().ok().flatten()
        && let Some(found) = below(top, text)?
    {
        return Ok(Some(found));
    }
    below(root, text)
}

fn below(start: Folder, path: &str) -> Result<Option<Folder>, Error> {
    let mut folder = start;
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let (mut same, mut similar) = (None, None);
        let mut unread = None;
        for subfolder in folder.subfolders()? {
            let named = subfolder.and_then(|subfolder| Ok((escape_name(&subfolder.name()?), subfolder)));
            match named {
                Ok((name, subfolder)) if name == part => {
                    same = Some(subfolder);
                    break;
                }
                Ok((name, subfolder)) if similar.is_none() && name.to_lowercase() == part.to_lowercase() => {
                    similar = Some(subfolder);
                }
                Ok(_) => {}
                Err(error) => unread = unread.or(Some(error)),
            }
        }
        match (same.or(similar), unread) {
            (Some(found), _) => folder = found,
            (None, Some(error)) => return Err(error),
            (None, None) => return Ok(None),
        }
    }
    Ok(Some(folder))
}
