//! Entry ids of objects in this store (MS-PST 2.4.3.2).

use crate::ndb::Nid;
use crate::{Guid, bytes};

/// The entry id of an object in a PST: `rgbFlags` (zero), the record key of the store, the node id; 24 bytes.
///
/// Entry ids of any other length or provider belong to Exchange or an address book and are not of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryId {
    /// The record key of the store the object is in.
    pub store: Guid,
    /// The object's node.
    pub nid: Nid,
}

impl EntryId {
    /// Decodes an entry id; `None` if it is of another kind.
    pub fn decode(stored: &[u8]) -> Option<Self> {
        (stored.len() == 24).then_some(())?;
        Some(Self { store: Guid::from_bytes(bytes::array(stored, 4)?), nid: Nid::new(bytes::u32(stored, 20)?) })
    }

    /// Encodes 24 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![0; 4];
        out.extend_from_slice(self.store.as_bytes());
        out.extend_from_slice(&self.nid.raw().to_le_bytes());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let id = EntryId { store: Guid::PS_MAPI, nid: Nid::new(0x8022) };
        assert_eq!(EntryId::decode(&id.encode()), Some(id));
        assert_eq!(EntryId::decode(&id.encode()[..23]), None);
        assert_eq!(EntryId::decode(&[0; 70]), None);
    }
}
