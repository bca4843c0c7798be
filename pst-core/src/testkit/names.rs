//! The named property map (MS-PST 2.4.7).

use std::io::{Seek, Write};

use crate::Guid;
use crate::ltp::PropertyType;
use crate::messaging::{PropertyName, PropertySet, encode_names};
use crate::ndb::{Bid, Nid};
use crate::testkit::{Prop, Props, StoreBuilder};

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
        let names: Vec<_> = (0..)
            .zip(&self.names)
            .map(|(index, (set, name))| {
                let name = match name {
                    NameId::Number(number) => PropertyName::Number(*number),
                    NameId::Text(text) => PropertyName::String(text.clone()),
                };
                (index, PropertySet::from_guid(*set), name)
            })
            .collect();
        let mut props = Props::new();
        for (id, bytes) in encode_names(&names) {
            let kind = if id == 0x0001 { PropertyType::INTEGER32 } else { PropertyType::BINARY };
            props.set(Prop::stored(id, kind, bytes));
        }
        props
    }

    /// Writes node 0x61.
    pub fn write<W: Write + Seek>(&self, store: &mut StoreBuilder<W>) {
        let (data, subnodes): (Bid, Bid) = self.props().write(store, Vec::new());
        store.node(Nid::NAME_TO_ID_MAP, data, subnodes, Nid::new(0));
    }
}
