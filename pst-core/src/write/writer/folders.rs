//! The folders of a new file.

use crate::ltp::{PropertyType, id};
use crate::messaging::{Kept, SpecialFolder};
use crate::ndb::{Nid, NidType};
use crate::write::Target;
use crate::write::properties::Properties;
use crate::write::writer::PstWriter;
use crate::{Error, ErrorKind, Result, bytes};

/// A folder of a [`PstWriter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FolderId(pub(super) Nid);

impl FolderId {
    /// The folder's node id in the new file.
    pub fn nid(self) -> Nid {
        self.0
    }
}

/// The node ids of the folders every store has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::write) struct StandardFolders {
    /// The top of what a person sees.
    pub(in crate::write) ipm_subtree: Nid,
    /// Deleted items, below the IPM subtree.
    pub(in crate::write) deleted_items: Nid,
    /// The parent of search folders.
    pub(in crate::write) finder: Nid,
    /// Views that all folders share; older stores have none.
    pub(in crate::write) common_views: Option<Nid>,
}

impl StandardFolders {
    pub(super) const COMMON_VIEWS: Nid = Nid::new(0x8082);
    /// As Outlook numbers them.
    pub(in crate::write) const OUTLOOK: Self = Self {
        ipm_subtree: Nid::new(0x8022),
        finder: Nid::new(0x8042),
        deleted_items: Nid::new(0x8062),
        common_views: Some(Self::COMMON_VIEWS),
    };
}

/// A folder as it will be, and what is in it so far.
#[derive(Debug)]
pub(super) struct FolderState {
    pub(super) parent: Nid,
    pub(super) properties: Properties,
    pub(super) messages: u64,
    pub(super) unread: u64,
    pub(super) associated: u64,
    pub(super) results: u64,
}

impl<T: Target> PstWriter<T> {
    /// The root of all folders, which people do not see.
    pub fn root(&self) -> FolderId {
        FolderId(Nid::ROOT_FOLDER)
    }

    /// The top of what a person sees.
    pub fn ipm_subtree(&self) -> FolderId {
        FolderId(self.standard.ipm_subtree)
    }

    /// Deleted items.
    pub fn deleted_items(&self) -> FolderId {
        FolderId(self.standard.deleted_items)
    }

    /// The parent of search folders.
    pub fn finder(&self) -> FolderId {
        FolderId(self.standard.finder)
    }

    /// Views that all folders share; older stores have none.
    pub fn common_views(&self) -> Option<FolderId> {
        self.standard.common_views.map(FolderId)
    }

    /// Adds a folder of mail. Names need not be unique.
    ///
    /// # Errors
    /// `NotFound` for a parent of another file, `WrongType` for a search folder; `Limit` beyond 2^27 folders.
    pub fn folder(&mut self, parent: FolderId, name: &str) -> Result<FolderId> {
        self.folder_of_class(parent, name, "IPF.Note")
    }

    /// Adds a folder with a container class, such as `IPF.Appointment`, `IPF.Contact` or `IPF.Task`.
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn folder_of_class(&mut self, parent: FolderId, name: &str, class: &str) -> Result<FolderId> {
        let mut properties = named(name);
        properties.text(id::CONTAINER_CLASS, class);
        self.check_holder(parent)?;
        let nid = self.database.new_nid(NidType::NORMAL_FOLDER)?;
        Ok(self.add_folder(nid, parent.0, properties))
    }

    /// Adds a search folder, which lists messages of other folders: those that were
    /// [found](crate::write::MessageDraft::found_by).
    ///
    /// It shows what it lists. What it searched for is not written, so that no program searches again.
    ///
    /// # Errors
    /// As [`folder`](Self::folder).
    pub fn search_folder(&mut self, parent: FolderId, name: &str) -> Result<FolderId> {
        self.check_holder(parent)?;
        let nid = self.database.new_nid(NidType::SEARCH_FOLDER)?;
        Ok(self.add_folder(nid, parent.0, named(name)))
    }

    /// Adds a folder with a node id that is free.
    pub(in crate::write) fn add_folder(&mut self, nid: Nid, parent: Nid, properties: Properties) -> FolderId {
        self.database.reserve(nid);
        let state = FolderState { parent, properties, messages: 0, unread: 0, associated: 0, results: 0 };
        self.folders.insert(nid, state);
        FolderId(nid)
    }

    /// Says what a mail program uses a folder for, whatever it is called. What was said last counts.
    ///
    /// A new store has a top, deleted items, a search root and common views. It receives no mail until it has an inbox.
    ///
    /// # Errors
    /// `NotFound` for a folder of another file.
    pub fn designate(&mut self, folder: FolderId, special: SpecialFolder) -> Result<()> {
        self.check(folder)?;
        match special {
            SpecialFolder::IpmSubtree => self.standard.ipm_subtree = folder.0,
            SpecialFolder::DeletedItems => self.standard.deleted_items = folder.0,
            SpecialFolder::Finder => self.standard.finder = folder.0,
            SpecialFolder::CommonViews => self.standard.common_views = Some(folder.0),
            SpecialFolder::Inbox => {
                // As Outlook has it: mail, reports of mail, and what programs say to each other.
                self.receive_folders = ["", "IPM", "Report.IPM"].map(|class| (class.to_owned(), folder.0)).into();
                self.receive_folders.push(("IPC".to_owned(), Nid::ROOT_FOLDER));
            }
            _ => {}
        }
        self.designated.insert(special, folder.0);
        Ok(())
    }

    /// Where items of a class arrive.
    pub(in crate::write) fn set_receive_folders(&mut self, folders: Vec<(String, Nid)>) {
        self.receive_folders = folders;
    }

    /// Writes down what was [designated](Self::designate).
    pub(super) fn write_designations(&mut self) {
        let designated = std::mem::take(&mut self.designated);
        // The root folder and the inbox both say it.
        let holders = [Some(Nid::ROOT_FOLDER), designated.get(&SpecialFolder::Inbox).copied()];
        for (special, nid) in designated {
            let entry_id = self.entry_id(nid);
            match special.kept() {
                Kept::Store(property, bit) => {
                    self.store.binary(property, entry_id);
                    self.mark_valid(bit);
                }
                // The table is made with the other fixed nodes.
                Kept::ReceiveFolder => self.mark_valid(INBOX_IS_VALID),
                Kept::Root(_) | Kept::RootPart(..) => {
                    for holder in holders.into_iter().flatten() {
                        if let Some(state) = self.folders.get_mut(&holder) {
                            name_folder(&mut state.properties, special.kept(), &entry_id);
                        }
                    }
                }
            }
        }
    }

    fn mark_valid(&mut self, bit: i32) {
        let mask = self.store.integer(id::VALID_FOLDER_MASK).unwrap_or(0);
        self.store.integer32(id::VALID_FOLDER_MASK, mask | bit);
    }

    /// Fails for a folder of another file, and if the file cannot be continued.
    pub(super) fn check(&self, folder: FolderId) -> Result<()> {
        if self.is_broken() {
            let text = "an earlier write failed, so that the file cannot be continued";
            return Err(Error::text(ErrorKind::InvalidInput, "file", text));
        }
        if self.folders.contains_key(&folder.0) {
            return Ok(());
        }
        Err(Error::not_found("folder", "it is no folder of this file").in_node(folder.0))
    }

    /// Fails for what is no folder of this file that can hold items and folders.
    pub(super) fn check_holder(&self, folder: FolderId) -> Result<()> {
        self.check_kind(folder, NidType::NORMAL_FOLDER, "a search folder holds nothing")
    }

    /// Fails for what is no search folder of this file.
    pub(super) fn check_search(&self, folder: FolderId) -> Result<()> {
        self.check_kind(folder, NidType::SEARCH_FOLDER, "it is no search folder")
    }

    fn check_kind(&self, folder: FolderId, kind: NidType, text: &'static str) -> Result<()> {
        self.check(folder)?;
        if folder.0.kind() == kind {
            return Ok(());
        }
        Err(Error::text(ErrorKind::WrongType, "folder", text).in_node(folder.0))
    }

    /// The properties of a folder, to set more of them. Counters are set at the end.
    ///
    /// # Errors
    /// `NotFound` for a folder of another file.
    pub fn folder_properties(&mut self, folder: FolderId) -> Result<&mut Properties> {
        self.check(folder)?;
        let missing = || Error::not_found("folder", "it is no folder of this file").in_node(folder.0);
        self.folders.get_mut(&folder.0).map(|state| &mut state.properties).ok_or_else(missing)
    }
}

/// The properties of a folder that has but a name.
pub(super) fn named(name: &str) -> Properties {
    let mut properties = Properties::new();
    properties.text(id::DISPLAY_NAME, name);
    properties
}

/// In PidTagValidFolderMask.
const INBOX_IS_VALID: i32 = 0x02;

/// Sets an entry id where the root folder and the inbox keep it.
fn name_folder(properties: &mut Properties, kept: Kept, entry_id: &[u8]) {
    match kept {
        Kept::Root(property) => {
            properties.binary(property, entry_id);
        }
        Kept::RootPart(property, at) => {
            let stored = properties.get(property);
            // What cannot be understood stays as it is.
            let Some(mut parts) = stored.map_or(Some(Vec::new()), |stored| parts(&stored)) else { return };
            parts.resize(parts.len().max(at.saturating_add(1)), Vec::new());
            if let Some(part) = parts.get_mut(at) {
                *part = entry_id.to_vec();
            }
            properties.multiple(property, PropertyType::MULTIPLE_BINARY, &parts);
        }
        Kept::Store(..) | Kept::ReceiveFolder => {}
    }
}

/// The parts of a PtypMultipleBinary.
fn parts(stored: &[u8]) -> Option<Vec<Vec<u8>>> {
    let number = |at: usize| bytes::u32(stored, at).and_then(|number| usize::try_from(number).ok());
    let count = number(0)?;
    let offset = |index: usize| match index {
        index if index == count => Some(stored.len()),
        index => number(index.checked_mul(4)?.checked_add(4)?),
    };
    let part = |index: usize| stored.get(offset(index)?..offset(index.checked_add(1)?)?).map(<[u8]>::to_vec);
    (0..count).map(part).collect()
}
