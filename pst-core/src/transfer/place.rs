//! Folders of a source in a new file: made when they are first needed, laid over those that are there.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::SpecialFolder;
use crate::ndb::Nid;
use crate::text::utf16;
use crate::transfer::Summary;
use crate::transfer::tree::{Role, Tree};
use crate::write::{Copier, FolderId, Properties, PstWriter, Target};
use crate::{Error, Pst, Result};

/// The folders of a new file by parent and name. Case does not count.
#[derive(Debug, Default)]
pub(super) struct Laid {
    folders: HashMap<(FolderId, String), FolderId>,
    /// Those that are used for something, whatever they are called.
    special: HashMap<SpecialFolder, FolderId>,
    /// Those with properties of a source.
    taken: HashSet<FolderId>,
}

impl Laid {
    /// Those that a new file begins with.
    pub(super) fn new<T: Target>(out: &PstWriter<T>) -> Self {
        let mut laid = Self::default();
        for (special, parent, name, folder) in [
            (SpecialFolder::IpmSubtree, out.root(), "Top of Personal Folders", Some(out.ipm_subtree())),
            (SpecialFolder::Finder, out.root(), "Search Root", Some(out.finder())),
            (SpecialFolder::DeletedItems, out.ipm_subtree(), "Deleted Items", Some(out.deleted_items())),
            (SpecialFolder::CommonViews, out.root(), "IPM_COMMON_VIEWS", out.common_views()),
        ] {
            let Some(folder) = folder else { continue };
            laid.folders.insert((parent, name.to_lowercase()), folder);
            laid.special.insert(special, folder);
        }
        laid
    }

    /// Calls the folders that every store has what a source calls them, unless an earlier source did: the source may have
    /// an ordinary folder of the name that they begin with.
    pub(super) fn call_as(&mut self, source: &Pst, tree: &Tree) {
        for nid in tree.walk() {
            let Some(Role::Special(special)) = tree.get(*nid).map(|branch| branch.role) else { continue };
            let Some(folder) = self.special.get(&special).filter(|folder| !self.taken.contains(*folder)) else {
                continue;
            };
            let Ok(name) = source.folder(*nid).and_then(|folder| folder.name()) else { continue };
            let known = self.folders.iter().find(|(_, known)| *known == folder).map(|(key, _)| key.clone());
            if let Some(key) = known
                && let Some(folder) = self.folders.remove(&key)
            {
                self.folders.entry((key.0, name.to_lowercase())).or_insert(folder);
            }
        }
    }

    /// The folder of this name, made if it is not there; true if it was made.
    pub(super) fn folder<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        parent: FolderId,
        name: &str,
    ) -> Result<(FolderId, bool)> {
        let key = (parent, name.to_lowercase());
        if let Some(folder) = self.folders.get(&key) {
            return Ok((*folder, false));
        }
        let folder = out.folder(parent, name)?;
        self.folders.insert(key, folder);
        Ok((folder, true))
    }
}

/// A folder of the source whose properties could not be read in full.
pub(super) type DamagedFolder = (Nid, Vec<Error>);

/// Where the folders of one source are in a new file.
#[derive(Debug)]
pub(super) struct Place {
    /// Where the top of the source goes.
    top: FolderId,
    /// The top is a folder as others.
    inside: bool,
    folders: BTreeMap<Nid, FolderId>,
    /// Folders whose properties were taken from this source.
    made: Vec<Nid>,
    lost: Option<FolderId>,
}

impl Place {
    /// The top of the source is the top of the new file, or a folder in it.
    pub(super) fn new<T: Target>(out: &PstWriter<T>, inside: Option<FolderId>) -> Self {
        let top = inside.unwrap_or_else(|| out.ipm_subtree());
        Self { top, inside: inside.is_some(), folders: BTreeMap::new(), made: Vec::new(), lost: None }
    }

    /// The folder of the new file for the items of a folder of the source.
    pub(super) fn of<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        laid: &mut Laid,
        source: (&Pst, &Tree),
        copier: &mut Copier,
        nid: Nid,
        damaged: &mut Vec<DamagedFolder>,
    ) -> Result<FolderId> {
        let Some(nid) = source.1.holds(nid) else {
            if let Some(lost) = self.lost {
                return Ok(lost);
            }
            let (lost, _) = laid.folder(out, self.top, "Items without a folder")?;
            self.lost = Some(lost);
            return Ok(lost);
        };
        // The way up to the first folder that is known.
        let mut way = Vec::new();
        let mut at = nid;
        let mut folder = loop {
            if let Some(known) = self.folders.get(&at) {
                break *known;
            }
            way.push(at);
            match source.1.get(at).filter(|branch| branch.parent != at && branch.role != Role::Root) {
                Some(branch) => at = branch.parent,
                None => break out.root(),
            }
        };
        while let Some(nid) = way.pop() {
            folder = self.enter(out, laid, source, copier, (nid, folder), damaged)?;
        }
        Ok(folder)
    }

    /// The folder of the new file that is used for the same. A source with a folder of its own keeps what is below its top
    /// to itself.
    fn known(&self, laid: &Laid, role: Role) -> Option<FolderId> {
        let Role::Special(special) = role else { return None };
        let is_shared = matches!(special, SpecialFolder::Finder | SpecialFolder::CommonViews | SpecialFolder::Views);
        laid.special.get(&special).copied().filter(|_| !self.inside || is_shared)
    }

    fn enter<T: Target>(
        &mut self,
        out: &mut PstWriter<T>,
        laid: &mut Laid,
        (source, tree): (&Pst, &Tree),
        copier: &mut Copier,
        (nid, parent): (Nid, FolderId),
        damaged: &mut Vec<DamagedFolder>,
    ) -> Result<FolderId> {
        let role = tree.get(nid).map_or(Role::None, |branch| branch.role);
        let folder = match (role, self.known(laid, role)) {
            (Role::Root, _) => out.root(),
            (Role::Special(SpecialFolder::IpmSubtree), _) => self.top,
            (_, Some(folder)) => folder,
            _ => {
                let name = source.folder(nid).and_then(|folder| folder.name());
                let (folder, _) = laid.folder(out, parent, &name.unwrap_or_else(|_| nid.to_string()))?;
                if let Role::Special(special) = role
                    && !self.inside
                {
                    laid.special.insert(special, folder);
                    out.designate(folder, special)?;
                }
                folder
            }
        };
        self.folders.insert(nid, folder);
        // A folder for a source is called after it.
        let is_top = role == Role::Special(SpecialFolder::IpmSubtree);
        let is_first = laid.taken.insert(folder) && !(is_top && self.inside);
        if is_first {
            self.made.push(nid);
            let (properties, errors) = match source.folder(nid) {
                Ok(read) => match read.properties() {
                    Ok(context) => copier.object_properties(out, context)?,
                    Err(error) => (Properties::new(), vec![error]),
                },
                Err(error) => (Properties::new(), vec![error]),
            };
            let own = out.folder_properties(folder)?;
            let before = std::mem::replace(own, properties);
            // What could not be read stays as a new folder has it.
            for id in [id::DISPLAY_NAME, id::CONTAINER_CLASS] {
                let is_lost = id == id::DISPLAY_NAME || !errors.is_empty();
                if let Some(text) = before.get(id).filter(|_| is_lost && !own.contains(id)) {
                    own.text(id, utf16::decode_lossy(&text));
                }
            }
            if !errors.is_empty() {
                damaged.push((nid, errors));
            }
        }
        Ok(folder)
    }

    /// Makes entry ids in properties of folders name the new folders. Those of folders that were left out name nothing.
    pub(super) fn finish<T: Target>(&mut self, out: &mut PstWriter<T>, source: &Pst) -> Result<()> {
        let Some(key) = source.store().ok().and_then(|store| store.record_key().ok().flatten()) else { return Ok(()) };
        let key = key.to_bytes();
        for nid in std::mem::take(&mut self.made) {
            let Some(folder) = self.folders.get(&nid).copied() else { continue };
            let tags: Vec<PropertyTag> = out.folder_properties(folder)?.tags().collect();
            for tag in tags {
                if tag.kind().element() != PropertyType::BINARY {
                    continue;
                }
                let Some(mut bytes) = out.folder_properties(folder)?.get(tag.id()) else { continue };
                if self.point(out, &key, &mut bytes) {
                    out.folder_properties(folder)?.stored(tag, bytes);
                }
            }
        }
        Ok(())
    }

    /// Replaces the entry ids in a value, each zero flags, record key and node; true if there was one.
    fn point<T: Target>(&self, out: &PstWriter<T>, key: &[u8; 16], bytes: &mut [u8]) -> bool {
        const LENGTH: usize = 24;
        let mut found = false;
        let mut at = 0usize;
        while let Some(place) = bytes.get_mut(at..).and_then(|rest| rest.get_mut(..LENGTH)) {
            let nid = place.last_chunk().map(|nid| Nid::new(u32::from_le_bytes(*nid)));
            let new = nid.filter(|_| place.starts_with(&[0; 4]) && place.get(4..20) == Some(key));
            if let Some(folder) = new.and_then(|nid| self.folders.get(&nid)) {
                place.copy_from_slice(&out.entry_id(folder.nid()));
                found = true;
                at = at.saturating_add(LENGTH);
            } else {
                at = at.saturating_add(1);
            }
        }
        found
    }
}

/// Tells of damaged folders.
pub(super) fn tell_folders(
    tree: &Tree,
    damaged: &mut Vec<DamagedFolder>,
    summary: &mut Summary,
    observe: &mut dyn FnMut(super::Event<'_>) -> bool,
) -> Result<()> {
    for (node, left_out) in damaged.drain(..) {
        summary.damaged_folders = summary.damaged_folders.saturating_add(1);
        let folder = tree.path(node);
        super::summary::go_on(observe(super::Event::DamagedFolder { node, folder: &folder, left_out: &left_out }))?;
    }
    Ok(())
}
