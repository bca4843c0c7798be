//! A whole store with its ids, step by step.

use std::collections::{BTreeMap, BTreeSet};

use crate::ltp::id;
use crate::messaging::{Kept, SpecialFolder, SpecialFolders, Store, receive_folders};
use crate::ndb::{Client, Nid, NidType, NodeEntry};
use crate::write::Target;
use crate::write::copy::{Copied, Copier};
use crate::write::properties::Properties;
use crate::write::writer::{FolderId, PstWriter, StandardFolders, WriteOptions};
use crate::{Error, ErrorKind, Pst, Result};

/// Who is told of a folder that was copied, and of what could not be read of it.
type Told<'a> = dyn FnMut(Nid, &[Error]) -> Result<()> + 'a;

/// A copy of a whole store with its ids, step by step: [`begin`](Self::begin), [`folders`](Self::folders), each
/// [`item`](Self::item), [`finish`](Self::finish).
pub(crate) struct StoreCopy<'a, T: Target> {
    source: &'a Pst,
    pub(crate) out: PstWriter<T>,
    copier: Copier,
    /// Where messages without a folder go.
    lost: Option<FolderId>,
    items: BTreeSet<Nid>,
    searches: Vec<Nid>,
    special: SpecialFolders,
    /// What could not be read of the store itself.
    left_out: Vec<Error>,
}

impl<'a, T: Target> StoreCopy<'a, T> {
    pub(crate) fn begin(source: &'a Pst, target: T, options: WriteOptions) -> Result<Self> {
        let mut left_out = Vec::new();
        let store = source.store().map_err(|error| left_out.push(error)).ok();
        let key = store.as_ref().and_then(|store| store.record_key().ok().flatten());
        let options = match key {
            Some(key) => options.record_key(key.to_bytes()),
            None => options,
        };
        let taken: BTreeSet<Nid> = source.folder_entries().filter_map(Result::ok).map(|entry| entry.nid).collect();
        let special = SpecialFolders::of(source);
        let named = |nid: Option<Nid>| nid.filter(|nid| taken.contains(nid));
        let mut out = PstWriter::bare(target, options)?;
        taken.iter().for_each(|nid| out.reserve(*nid));
        let standard = StandardFolders::OUTLOOK;
        let mut chosen = Vec::new();
        let mut foreign = Vec::new();
        for (property, own, default) in [
            (id::IPM_SUBTREE_ENTRY_ID, SpecialFolder::IpmSubtree, standard.ipm_subtree),
            (id::IPM_WASTEBASKET_ENTRY_ID, SpecialFolder::DeletedItems, standard.deleted_items),
            (id::FINDER_ENTRY_ID, SpecialFolder::Finder, standard.finder),
        ] {
            let own = special.get(own);
            if store.as_ref().is_none_or(|store| store.folder_id(property).ok().flatten() != own || own.is_none()) {
                foreign.push(property);
            }
            let free = Some(default).filter(|nid| !taken.contains(nid));
            let nid = named(own).or(free).filter(|nid| !chosen.contains(nid));
            chosen.push(match nid {
                Some(nid) => nid,
                None => out.new_nid(NidType::NORMAL_FOLDER)?,
            });
        }
        if let [ipm_subtree, deleted_items, finder] = *chosen.as_slice() {
            let common_views = named(special.get(SpecialFolder::CommonViews));
            out.set_standard(StandardFolders { ipm_subtree, deleted_items, finder, common_views });
        }
        let mut copier = Copier::keeping_ids(source, &mut out);
        match source.named_properties() {
            Ok(names) => {
                let told = |error: &Error| Error::text(error.kind(), "NAMEID", error.to_string());
                left_out.extend(names.errors().iter().map(told));
            }
            Err(error) => left_out.push(error),
        }
        if let Some(store) = &store {
            let (mut properties, lost) = copier.object_properties(&mut out, store.properties())?;
            left_out.extend(lost);
            if properties.get(id::DISPLAY_NAME).is_none_or(|name| name.is_empty()) {
                properties.text(id::DISPLAY_NAME, "Personal Folders");
            }
            // Those of a server say nothing here.
            for property in foreign {
                properties.remove(property);
            }
            if source.client() == Client::Ost && properties.get(id::PST_PASSWORD).is_some_and(|crc| crc == [0xFF; 4]) {
                properties.remove(id::PST_PASSWORD);
            }
            *out.store() = properties;
        }
        let (items, searches) = (BTreeSet::new(), Vec::new());
        Ok(Self { source, out, copier, lost: None, items, searches, special, left_out })
    }

    /// What could not be read of the store's own properties and of the names of properties.
    pub(crate) fn left_out(&self) -> &[Error] {
        &self.left_out
    }

    /// Adds all folders that are wanted, and those every store has. Whoever wants to know of pages that cannot be read
    /// looks for them.
    pub(crate) fn folders(&mut self, wanted: &dyn Fn(Nid) -> bool, told: &mut Told<'_>) -> Result<()> {
        let entries = self.source.folder_entries().filter_map(Result::ok);
        let mut parents: BTreeMap<Nid, Nid> = entries.map(|entry| (entry.nid, entry.parent)).collect();
        let standard = self.out.standard();
        for (nid, parent) in [
            (Nid::ROOT_FOLDER, Nid::ROOT_FOLDER),
            (standard.ipm_subtree, Nid::ROOT_FOLDER),
            (standard.finder, Nid::ROOT_FOLDER),
            (standard.deleted_items, standard.ipm_subtree),
        ] {
            parents.entry(nid).or_insert(parent);
        }
        let always = [Nid::ROOT_FOLDER, standard.ipm_subtree, standard.finder, standard.deleted_items];
        for (nid, parent) in &parents {
            if !always.contains(nid) && standard.common_views != Some(*nid) && !wanted(*nid) {
                continue;
            }
            // A folder that does not hang below the root hangs below the top.
            let parent = if *nid == Nid::ROOT_FOLDER {
                Nid::ROOT_FOLDER
            } else if *nid == standard.ipm_subtree {
                if hangs(&parents, *nid) { *parent } else { Nid::ROOT_FOLDER }
            } else if hangs(&parents, *nid) {
                *parent
            } else {
                standard.ipm_subtree
            };
            let name = match *nid {
                nid if nid == standard.ipm_subtree => "Top of Personal Folders",
                nid if nid == standard.deleted_items => "Deleted Items",
                nid if nid == standard.finder => "Search Root",
                _ => "",
            };
            let (properties, mut left_out) = match self.source.node(*nid) {
                Ok(None) => (Properties::new(), Vec::new()),
                node => self.folder(*nid, node.map(drop))?,
            };
            if nid.kind() == NidType::SEARCH_FOLDER {
                left_out.extend(self.source.folder(*nid).and_then(|folder| folder.search_table()).err());
            }
            self.out.add_folder(*nid, parent, properties);
            let id = self.out.folder_id(*nid);
            let properties = self.out.folder_properties(id)?;
            properties.or(id::DISPLAY_NAME, |properties| {
                properties.text(id::DISPLAY_NAME, name);
            });
            if nid.kind() == NidType::SEARCH_FOLDER {
                self.searches.push(*nid);
            }
            told(*nid, &left_out)?;
        }
        self.special_folders()
    }

    /// What folders are used for. Entry ids that came with the store's properties stay if their folders did.
    fn special_folders(&mut self) -> Result<()> {
        for special in SpecialFolder::ALL {
            let Kept::Store(property, bit) = special.kept() else { continue };
            let named = self.out.store().get(property).and_then(|stored| self.store()?.folder_of(&stored).ok()?);
            if named.is_some_and(|nid| !self.out.has_folder(nid)) {
                let mask = self.out.store().integer(id::VALID_FOLDER_MASK);
                let store = self.out.store().remove(property);
                if let Some(mask) = mask {
                    store.integer32(id::VALID_FOLDER_MASK, mask & !bit);
                }
            }
        }
        // Classes are ASCII (MS-OXCMSG 2.2.1.3).
        let mut receive = receive_folders(self.source);
        receive.retain(|(class, _)| class.is_ascii());
        if !receive.is_empty() {
            self.out.set_receive_folders(receive);
        }
        // An OST has no such properties.
        if self.source.client() == Client::Ost {
            for (special, nid) in self.special.iter() {
                if matches!(special.kept(), Kept::Store(..)) && self.out.has_folder(nid) {
                    let folder = self.out.folder_id(nid);
                    self.out.designate(folder, special)?;
                }
            }
        }
        Ok(())
    }

    fn store(&self) -> Option<Store> {
        self.source.store().ok()
    }

    /// The properties of a folder, which stays even if they cannot be read, for the sake of what is in it.
    fn folder(&mut self, nid: Nid, node: Result<()>) -> Result<(Properties, Vec<Error>)> {
        let folder = match node.and_then(|()| self.source.folder(nid)) {
            Ok(folder) => folder,
            Err(error) => return Ok((Properties::new(), vec![error])),
        };
        match folder.properties() {
            Ok(context) => self.copier.object_properties(&mut self.out, context),
            Err(error) => Ok((Properties::new(), vec![error])),
        }
    }

    /// Copies an item to where it belongs.
    ///
    /// # Errors
    /// Those of the source, after which the next item may follow unless the new file [is broken](PstWriter::is_broken).
    pub(crate) fn item(&mut self, entry: NodeEntry) -> Result<Copied> {
        let nid = entry.nid;
        if !self.items.insert(nid) {
            return Err(Error::text(ErrorKind::Corrupt, "BTPAGE", "the node is there twice").in_node(nid));
        }
        let folder = self.home(entry.parent)?;
        let message = self.source.message_from_entry(entry);
        let copied = message.and_then(|message| self.copier.message(&mut self.out, folder, &message));
        if copied.is_err() {
            self.items.remove(&nid);
        }
        copied
    }

    /// Ends the copy, once all items are there.
    pub(crate) fn finish(mut self) -> Result<T::Output> {
        self.search_results()?;
        self.out.finish()
    }

    /// The folder an item belongs into.
    fn home(&mut self, parent: Nid) -> Result<FolderId> {
        if parent.kind() == NidType::NORMAL_FOLDER && self.out.has_folder(parent) {
            return Ok(self.out.folder_id(parent));
        }
        if let Some(lost) = self.lost {
            return Ok(lost);
        }
        let top = self.out.ipm_subtree();
        let lost = self.out.folder(top, "Items without a folder")?;
        self.lost = Some(lost);
        Ok(lost)
    }

    /// The results of search folders, as far as they are items of this file.
    fn search_results(&mut self) -> Result<()> {
        for nid in std::mem::take(&mut self.searches) {
            let Ok(Some(table)) = self.source.folder(nid).and_then(|folder| folder.search_table()) else { continue };
            let folder = self.out.folder_id(nid);
            let mut seen = BTreeSet::new();
            for row in table.rows().filter_map(Result::ok) {
                if self.items.contains(&row.nid()) && seen.insert(row.nid()) {
                    let properties = self.copier.row(&mut self.out, &row)?;
                    self.out.result(folder, row.nid(), &properties)?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the way up from a folder ends at the root.
fn hangs(parents: &BTreeMap<Nid, Nid>, nid: Nid) -> bool {
    let mut at = nid;
    // More steps than folders are a circle.
    for _ in 0..parents.len() {
        match parents.get(&at) {
            Some(_) if at == Nid::ROOT_FOLDER => return true,
            Some(parent) if parent.kind() == NidType::NORMAL_FOLDER => at = *parent,
            _ => return false,
        }
    }
    false
}
