//! The message store (MS-PST 2.4.3): properties of the file as a whole.

use std::sync::Arc;

use crate::ltp::{PropertyContext, id};
use crate::messaging::EntryId;
use crate::ndb::{Nid, Node};
use crate::{Guid, Result, bytes};

/// The message store object, node 0x21.
///
/// Cheap to clone; keeps the file open.
#[derive(Clone, Debug)]
pub struct Store {
    properties: Arc<PropertyContext>,
}

impl Store {
    pub(crate) fn open(node: &Node) -> Result<Self> {
        Ok(Self { properties: Arc::new(PropertyContext::open(node)?) })
    }

    /// All properties of the store.
    pub fn properties(&self) -> &PropertyContext {
        &self.properties
    }

    /// PidTagDisplayName: the name a person gave the store.
    ///
    /// # Errors
    /// Those of the property.
    pub fn name(&self) -> Result<Option<String>> {
        self.properties.string(id::DISPLAY_NAME)
    }

    /// PidTagRecordKey: the store's own id, found in its entry ids.
    ///
    /// # Errors
    /// Those of the property.
    pub fn record_key(&self) -> Result<Option<Guid>> {
        let stored = self.properties.binary(id::RECORD_KEY)?;
        Ok(stored.and_then(|stored| bytes::array(&stored, 0)).map(Guid::from_bytes))
    }

    /// The folder an entry id property of the store names; `None` if it is absent or from another store.
    ///
    /// # Errors
    /// Those of the property.
    pub fn folder_id(&self, property: u16) -> Result<Option<Nid>> {
        match self.properties.binary(property)? {
            Some(stored) => self.folder_of(&stored),
            None => Ok(None),
        }
    }

    /// The folder an entry id names; `None` if it is of another kind or from another store.
    pub(crate) fn folder_of(&self, stored: &[u8]) -> Result<Option<Nid>> {
        let Some(id) = EntryId::decode(stored) else { return Ok(None) };
        // OSTs may use the mapping signature in place of the record key.
        let mapping = self.properties.binary(id::MAPPING_SIGNATURE)?.and_then(|stored| bytes::array(&stored, 0));
        let own = [self.record_key()?, mapping.map(Guid::from_bytes)];
        Ok(own.contains(&Some(id.store)).then_some(id.nid))
    }

    /// PidTagIpmSubTreeEntryId: the top of the folders a person sees.
    ///
    /// # Errors
    /// Those of the property.
    pub fn ipm_subtree(&self) -> Result<Option<Nid>> {
        self.folder_id(id::IPM_SUBTREE_ENTRY_ID)
    }

    /// PidTagIpmWastebasketEntryId: Deleted Items.
    ///
    /// # Errors
    /// Those of the property.
    pub fn wastebasket(&self) -> Result<Option<Nid>> {
        self.folder_id(id::IPM_WASTEBASKET_ENTRY_ID)
    }

    /// PidTagFinderEntryId: the folder of search folders.
    ///
    /// # Errors
    /// Those of the property.
    pub fn finder(&self) -> Result<Option<Nid>> {
        self.folder_id(id::FINDER_ENTRY_ID)
    }

    /// PidTagPstPassword: the CRC of the store's password, `None` or 0 without one.
    ///
    /// **It protects nothing**: the data is not encrypted with it, and 32 bits are soon guessed. It is only what Outlook
    /// compares before it opens the file.
    ///
    /// # Errors
    /// Those of the property.
    pub fn password_crc(&self) -> Result<Option<u32>> {
        let number = self.properties.integer(id::PST_PASSWORD)?.and_then(|number| i32::try_from(number).ok());
        Ok(number.map(i32::cast_unsigned))
    }

    /// True if Outlook asks for a password. OSTs keep 0xFFFFFFFF there and never ask.
    ///
    /// # Errors
    /// Those of the property.
    pub fn has_password(&self) -> Result<bool> {
        Ok(self.password_crc()?.is_some_and(|crc| crc != 0 && crc != u32::MAX))
    }
}
