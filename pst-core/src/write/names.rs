//! The names of properties in a new file (MS-PST 2.4.7).

use std::collections::{HashMap, HashSet};

use crate::messaging::{PropertyName, PropertySet, encode_names};
use crate::{Error, Result};

/// The named properties of a new file.
#[derive(Debug, Default)]
pub(super) struct Names {
    names: Vec<(u16, PropertySet, PropertyName)>,
    ids: HashMap<(PropertySet, PropertyName), u16>,
    /// Indexes that are in use.
    taken: HashSet<u16>,
    next: u16,
}

/// Ids from 0x8000 to 0xFFFE.
const MOST: u16 = 0x7FFF;

impl Names {
    /// True if there is no room for another name.
    pub(super) fn is_full(&self) -> bool {
        self.next >= MOST
    }

    /// The property id of a name, new or known.
    pub(super) fn id(&mut self, set: PropertySet, name: PropertyName) -> Result<u16> {
        let key = (set.normalized(), name);
        if let Some(id) = self.ids.get(&key) {
            return Ok(*id);
        }
        let index = self.next;
        if self.is_full() {
            return Err(Error::limit("NAMEID", "number of named properties", index, u64::from(MOST)));
        }
        self.add(index, set, key);
        Ok(index | 0x8000)
    }

    /// Takes over a name with its id. A name or id that is known already stays as it is.
    pub(super) fn keep(&mut self, id: u16, set: PropertySet, name: PropertyName) {
        let index = id & 0x7FFF;
        let key = (set.normalized(), name);
        if !self.ids.contains_key(&key) && !self.taken.contains(&index) {
            self.add(index, set, key);
        }
    }

    fn add(&mut self, index: u16, set: PropertySet, key: (PropertySet, PropertyName)) {
        // A set is written as it was given: some files have the two well-known ones in full.
        self.names.push((index, set, key.1.clone()));
        self.taken.insert(index);
        self.ids.insert(key, index | 0x8000);
        self.next = self.next.max(index.saturating_add(1));
    }

    /// True if a name is of a set that stands in the stream of GUIDs.
    pub(super) fn has_guids(&self) -> bool {
        self.names.iter().any(|(_, set, _)| matches!(set, PropertySet::Guid(_)))
    }

    /// The properties of node 0x61 with their stored bytes.
    pub(super) fn encode(&self) -> Vec<(u16, Vec<u8>)> {
        encode_names(&self.names)
    }
}
