//! The folders of a new file.

use crate::ltp::id;
use crate::ndb::{Nid, NidType};
use crate::write::Target;
use crate::write::properties::Properties;
use crate::write::writer::PstWriter;
use crate::{Error, ErrorKind, Result};

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
pub struct StandardFolders {
    /// The top of what a person sees.
    pub ipm_subtree: Nid,
    /// Deleted items, below the IPM subtree.
    pub deleted_items: Nid,
    /// The parent of search folders.
    pub finder: Nid,
    /// Views that all folders share; older stores have none.
    pub common_views: Option<Nid>,
}

impl StandardFolders {
    pub(super) const COMMON_VIEWS: Nid = Nid::new(0x8082);
    /// As Outlook numbers them.
    pub const OUTLOOK: Self = Self {
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
    /// `NotFound` for a parent of another file; `Limit` beyond 2^27 folders.
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
        self.check(parent)?;
        let nid = self.database.new_nid(NidType::NORMAL_FOLDER)?;
        Ok(self.add_folder(nid, parent.0, properties))
    }

    /// Adds a folder with a node id that is free.
    pub(in crate::write) fn add_folder(&mut self, nid: Nid, parent: Nid, properties: Properties) -> FolderId {
        self.database.reserve(nid);
        let state = FolderState { parent, properties, messages: 0, unread: 0, associated: 0, results: 0 };
        self.folders.insert(nid, state);
        FolderId(nid)
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
