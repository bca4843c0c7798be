//! Messages of stores among the input: copied as they stand, into the folders of their store.

use std::collections::HashMap;
use std::path::PathBuf;

use pst_core::item::{FolderPath, FolderPaths};
use pst_core::messaging::{Message, SpecialFolder, SpecialFolders};
use pst_core::ndb::Nid;
use pst_core::write::{Copier, Target};
use pst_core::{Error, ErrorKind, Pst, Result};

use super::folders::Place;
use super::way::{Step, Way};
use super::{Create, Note};
use crate::input::Found;

/// The store that messages are copied from.
#[derive(Debug)]
pub(super) struct OpenStore {
    /// Which it is: the file, and the entries of archives in it.
    file: (PathBuf, Vec<String>),
    copier: Copier,
    /// The path of the top of what a person sees.
    top: FolderPath,
    /// What folders are used for.
    roles: HashMap<FolderPath, SpecialFolder>,
}

impl OpenStore {
    fn new(pst: &Pst, copier: Copier, file: (PathBuf, Vec<String>)) -> Self {
        let special = SpecialFolders::of(pst);
        let mut paths = FolderPaths::new(pst);
        let top = special.get(SpecialFolder::IpmSubtree).map(|nid| paths.of(nid)).unwrap_or_default();
        let is_own = |role: SpecialFolder| {
            use SpecialFolder as S;
            !matches!(role, S::IpmSubtree | S::Finder | S::CommonViews | S::Views)
        };
        let roles = special.iter().filter(|(role, _)| is_own(*role)).map(|(role, nid)| (paths.of(nid), role)).collect();
        Self { file, copier, top, roles }
    }

    /// The way to a folder: below the top of the new store what is below the top of this one, and what is beside it too.
    fn way(&self, pst: &Pst, path: &FolderPath, nid: Nid) -> Way {
        let names = path.names();
        let skip = if names.starts_with(self.top.names()) { self.top.names().len() } else { 0 };
        let last = names.len();
        let class = || pst.folder(nid).and_then(|folder| folder.container_class()).ok().flatten();
        let steps = (skip..last).zip(names.iter().skip(skip)).map(|(at, name)| {
            let so_far = FolderPath::new(names.iter().take(at.saturating_add(1)).cloned());
            let of_leaf = (at.saturating_add(1) == last).then(class).flatten().filter(|class| !class.is_empty());
            let role = self.roles.get(&so_far).copied();
            Step { name: name.clone(), role, class: Some(of_leaf.unwrap_or_else(|| class_of(role).to_owned())) }
        });
        let mut steps: Vec<Step> = steps.collect();
        if steps.is_empty() {
            steps.push(Step::named("Items without a folder"));
        }
        Way { steps, flags: None }
    }
}

/// The container class of a folder that is passed by.
fn class_of(role: Option<SpecialFolder>) -> &'static str {
    match role {
        Some(SpecialFolder::Calendar) => "IPF.Appointment",
        Some(SpecialFolder::Contacts) => "IPF.Contact",
        Some(SpecialFolder::Journal) => "IPF.Journal",
        Some(SpecialFolder::Notes) => "IPF.StickyNote",
        Some(SpecialFolder::Tasks) => "IPF.Task",
        _ => "IPF.Note",
    }
}

impl<T: Target> Create<T> {
    /// Copies a message of a store.
    pub(super) fn copy(&mut self, found: &Found<'_>, message: &Message, notes: &mut Vec<Note>) -> Result<(Nid, Place)> {
        let Some(pst) = found.store else {
            return Err(Error::text(ErrorKind::InvalidInput, "message", "the store it is in is not known"));
        };
        let file = (found.place.file.clone(), found.place.entries.clone());
        if self.store.as_ref().is_none_or(|store| store.file != file) {
            let copier = Copier::new(pst, &self.out);
            self.store = Some(OpenStore::new(pst, copier, file));
        }
        let Some(store) = &mut self.store else {
            return Err(Error::text(ErrorKind::InvalidInput, "message", "the store it is in is not open"));
        };
        let way = store.way(pst, &found.place.folder, message.folder_id());
        let place = self.folders.of(&mut self.out, &way)?;
        place.tell(notes);
        let copied = store.copier.message(&mut self.out, place.folder, message)?;
        notes.extend(copied.left_out.into_iter().map(Note::LeftOut));
        Ok((copied.nid, place))
    }
}
