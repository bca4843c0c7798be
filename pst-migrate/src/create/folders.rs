//! The folders of the new store: made when they are first needed.

use std::collections::{BTreeMap, HashMap};

use pst_core::Result;
use pst_core::item::FolderPath;
use pst_core::messaging::SpecialFolder;
use pst_core::write::{FolderId, PstWriter, Target};

use super::Note;
use super::way::{Step, Way};

/// Folders in each other, and characters of a name. Outlook shows no more.
const MOST_DEPTH: usize = 100;
const LONGEST_NAME: usize = 255;

/// Where an item goes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) folder: FolderId,
    /// Not the folder it should be: there are too many.
    is_nearest: bool,
}

impl Place {
    pub(super) fn tell(self, notes: &mut Vec<Note>) {
        if self.is_nearest {
            notes.push(Note::NearestFolder);
        }
    }
}

/// The folders of the new store by parent and name. Case does not count.
#[derive(Debug)]
pub(super) struct Folders {
    /// Where all goes.
    base: FolderId,
    /// It was asked for, so that nothing below it is special.
    is_inside: bool,
    known: HashMap<(FolderId, String), FolderId>,
    paths: BTreeMap<FolderId, FolderPath>,
    special: BTreeMap<SpecialFolder, FolderId>,
    room: usize,
    top: FolderPath,
}

impl Folders {
    pub(super) fn new<T: Target>(out: &mut PstWriter<T>, inside: &FolderPath, room: usize) -> Result<Self> {
        let (top, deleted) = (out.ipm_subtree(), out.deleted_items());
        let name = "Deleted Items";
        let mut folders = Self {
            base: top,
            is_inside: !inside.is_empty(),
            known: HashMap::from([((top, name.to_lowercase()), deleted)]),
            paths: BTreeMap::from([(top, FolderPath::default()), (deleted, FolderPath::new([name]))]),
            special: BTreeMap::from([(SpecialFolder::DeletedItems, deleted)]),
            room,
            top: FolderPath::default(),
        };
        let steps = inside.names().iter().map(Step::named).collect();
        folders.base = folders.of(out, &Way { steps, flags: None })?.folder;
        Ok(folders)
    }

    /// The path of a folder, from the top of what a person sees.
    pub(super) fn path(&self, folder: FolderId) -> &FolderPath {
        self.paths.get(&folder).unwrap_or(&self.top)
    }

    /// The folder at the end of a way.
    pub(super) fn of<T: Target>(&mut self, out: &mut PstWriter<T>, way: &Way) -> Result<Place> {
        let mut folder = self.base;
        for (depth, step) in way.steps.iter().enumerate() {
            match self.step(out, folder, step, depth)? {
                Some(next) => folder = next,
                None => return Ok(Place { folder, is_nearest: true }),
            }
        }
        Ok(Place { folder, is_nearest: false })
    }

    /// A folder in another; `None` if it is not there and there is no room for more.
    fn step<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        parent: FolderId,
        step: &Step,
        depth: usize,
    ) -> Result<Option<FolderId>> {
        let role = step.role.filter(|_| !self.is_inside);
        // What is used for the same is the same, whatever it is called, in stores; of others the first counts.
        if let Some(known) = role.and_then(|role| self.special.get(&role)).copied() {
            let is_standard = role == Some(SpecialFolder::DeletedItems);
            if is_standard || step.class.is_some() {
                return Ok(Some(known));
            }
        }
        let name = cleaned(&step.name);
        let key = (parent, name.to_lowercase());
        let folder = match self.known.get(&key) {
            Some(known) => *known,
            None if self.room == 0 || depth >= MOST_DEPTH => return Ok(None),
            None => {
                let folder = out.folder_of_class(parent, &name, step.class.as_deref().unwrap_or("IPF.Note"))?;
                self.room = self.room.saturating_sub(1);
                let path = self.path(parent).join(name);
                self.paths.insert(folder, path);
                self.known.insert(key, folder);
                folder
            }
        };
        if let Some(role) = role.filter(|role| !self.special.contains_key(role))
            && !self.special.values().any(|taken| *taken == folder)
        {
            out.designate(folder, role)?;
            self.special.insert(role, folder);
        }
        Ok(Some(folder))
    }
}

/// A name as mail programs can show it: no controls, not empty, not too long.
fn cleaned(name: &str) -> String {
    let name: String = name.chars().map(|one| if one.is_control() { ' ' } else { one }).take(LONGEST_NAME).collect();
    if name.trim().is_empty() { "(no name)".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert_eq!(cleaned("a\0b\n"), "a b ");
        assert_eq!(cleaned("  "), "(no name)");
        assert_eq!(cleaned(&"ä".repeat(300)).chars().count(), LONGEST_NAME);
    }
}
