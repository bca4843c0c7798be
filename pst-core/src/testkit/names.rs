//! The named property map (MS-PST 2.4.7).

use std::io::{Seek, Write};

use crate::Guid;
use crate::ndb::checksum::crc;
use crate::ndb::{Nid, Bid};
use crate::testkit::{Prop, Props, StoreBuilder};
use crate::text::utf16;

/// What names a property inside its set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameId {
    /// A number, such as 0x8233.
    Number(u32),
    /// A text, such as `Keywords`.
    Text(String),
}

/// The names of a file's properties from 0x8000 on.
#[derive(Clone, Debug, Default)]
pub struct NameMap {
    names: Vec<(Guid, NameId)>,
}

impl NameMap {
    /// Buckets of the hash table.
    const BUCKETS: u32 = 251;

    /// No names.
    pub fn new() -> Self {
        Self::default()
    }

    /// The id of a name, new or known.
    pub fn id(&mut self, set: Guid, name: NameId) -> u16 {
        let name = (set, name);
        let index = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        0x8000 + u16::try_from(index).unwrap()
    }

    /// The id of a numbered name.
    pub fn number(&mut self, set: Guid, number: u32) -> u16 {
        self.id(set, NameId::Number(number))
    }

    /// The id of a textual name.
    pub fn text(&mut self, set: Guid, text: &str) -> u16 {
        self.id(set, NameId::Text(text.to_owned()))
    }

    /// The properties of node 0x61: streams of GUIDs, entries and texts, and the hash buckets.
    pub fn props(&self) -> Props {
        let mut sets: Vec<Guid> = Vec::new();
        let (mut entries, mut texts) = (Vec::new(), Vec::new());
        let mut buckets: Vec<Vec<u8>> = vec![Vec::new(); 251];
        for (index, (set, name)) in self.names.iter().enumerate() {
            let set = match *set {
                Guid::PS_MAPI => 1,
                Guid::PS_PUBLIC_STRINGS => 2,
                set => {
                    let place = sets.iter().position(|known| *known == set).unwrap_or_else(|| {
                        sets.push(set);
                        sets.len() - 1
                    });
                    u32::try_from(place).unwrap() + 3
                }
            };
            let (id, hashed, is_text) = match name {
                NameId::Number(number) => (*number, *number, 0),
                NameId::Text(text) => {
                    let text = utf16::encode(text);
                    let at = u32::try_from(texts.len()).unwrap();
                    texts.extend_from_slice(&u32::try_from(text.len()).unwrap().to_le_bytes());
                    texts.extend_from_slice(&text);
                    texts.resize(texts.len().next_multiple_of(4), 0);
                    (at, crc(&text), 1)
                }
            };
            let second = (set << 1) | is_text;
            let rest = (second | (u32::try_from(index).unwrap() << 16)).to_le_bytes();
            entries.extend_from_slice(&id.to_le_bytes());
            entries.extend_from_slice(&rest);
            let bucket = &mut buckets[usize::try_from((hashed ^ second) % Self::BUCKETS).unwrap()];
            bucket.extend_from_slice(&hashed.to_le_bytes());
            bucket.extend_from_slice(&rest);
        }
        let mut props = Props::new();
        props.set(Prop::i32(0x0001, 251));
        let guids: Vec<u8> = sets.iter().flat_map(|set| set.to_bytes()).collect();
        props.set(Prop::binary(0x0002, guids));
        props.set(Prop::binary(0x0003, entries));
        props.set(Prop::binary(0x0004, texts));
        for (id, bucket) in (0x1000..).zip(buckets) {
            if !bucket.is_empty() {
                props.set(Prop::binary(id, bucket));
            }
        }
        props
    }

    /// Writes node 0x61.
    pub fn write<W: Write + Seek>(&self, store: &mut StoreBuilder<W>) {
        let (data, subnodes): (Bid, Bid) = self.props().write(store, Vec::new());
        store.node(Nid::NAME_TO_ID_MAP, data, subnodes, Nid::new(0));
    }
}
