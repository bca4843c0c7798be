//! The named property map (MS-PST 2.4.7): what the property ids from 0x8000 on mean in this file.
//!
//! ```text
//! entry stream   | dwPropertyID | wGuid << 1 | is string | wPropIdx | ...      property id = 0x8000 + wPropIdx
//! GUID stream    wGuid 3 is its first GUID; 1 is PS_MAPI, 2 PS_PUBLIC_STRINGS, 0 none
//! string stream  length (4) | UTF-16LE | padding to 4 | ...
//! ```
//!
//! **The same name under another GUID is another property.** The hash buckets are a writer's aid and not read.

use std::collections::HashMap;
use std::fmt;

use crate::ltp::PropertyContext;
use crate::ndb::Node;
use crate::source::Bytes;
use crate::text::utf16;
use crate::{Error, Guid, Result, bytes};

const ENTRY_SIZE: usize = 8;
const GUID_STREAM: u16 = 0x0002;
const ENTRY_STREAM: u16 = 0x0003;
const STRING_STREAM: u16 = 0x0004;

/// The property set of a named property: `wGuid` resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PropertySet {
    /// wGuid 0: no set.
    None,
    /// wGuid 1: PS_MAPI.
    Mapi,
    /// wGuid 2: PS_PUBLIC_STRINGS.
    PublicStrings,
    /// wGuid 3 and up: a GUID of the GUID stream.
    Guid(Guid),
}

impl PropertySet {
    /// The set of a GUID.
    pub fn from_guid(guid: Guid) -> Self {
        match guid {
            Guid::PS_MAPI => Self::Mapi,
            Guid::PS_PUBLIC_STRINGS => Self::PublicStrings,
            guid => Self::Guid(guid),
        }
    }

    /// The GUID of the set; `None` for no set.
    pub fn guid(self) -> Option<Guid> {
        match self {
            Self::None => None,
            Self::Mapi => Some(Guid::PS_MAPI),
            Self::PublicStrings => Some(Guid::PS_PUBLIC_STRINGS),
            Self::Guid(guid) => Some(guid),
        }
    }
}

/// The name of a named property inside its set.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PropertyName {
    /// A number: dispid or LID.
    Number(u32),
    /// A string; case counts.
    String(String),
}

impl fmt::Display for PropertyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number:#06x}"),
            Self::String(name) => f.write_str(name),
        }
    }
}

/// One entry of the map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedProperty {
    /// The property id in this file, 0x8000 and up.
    pub id: u16,
    /// The property set.
    pub set: PropertySet,
    /// The name in the set.
    pub name: PropertyName,
}

impl NamedProperty {
    /// The name of MS-OXPROPS for a well-known one, such as `PidLidReminderSet`.
    pub fn canonical_name(&self) -> Option<&'static str> {
        match (&self.name, self.set.guid()) {
            (PropertyName::Number(number), Some(guid)) => crate::ltp::named_property_name(guid.to_bytes(), *number),
            _ => None,
        }
    }
}

/// The map in both directions.
#[derive(Debug, Default)]
pub struct NamedProperties {
    entries: Vec<NamedProperty>,
    by_id: HashMap<u16, usize>,
    by_name: HashMap<(PropertySet, PropertyName), usize>,
    errors: Vec<Error>,
}

impl NamedProperties {
    /// Reads the map from its node.
    ///
    /// A bad entry costs one name and stands in [`errors`](Self::errors); a missing stream means no names.
    ///
    /// # Errors
    /// Those of the node and its streams.
    pub fn open(node: &Node) -> Result<Self> {
        let context = PropertyContext::open(node)?;
        let stream = |id| context.binary(id).map(|stream| stream.unwrap_or_else(Bytes::empty));
        let (guids, entries, strings) = (stream(GUID_STREAM)?, stream(ENTRY_STREAM)?, stream(STRING_STREAM)?);
        let mut map = Self::default();
        for entry in entries.chunks_exact(ENTRY_SIZE) {
            match Self::entry(entry, &guids, &strings) {
                Ok(property) => map.insert(property),
                Err(error) => map.errors.push(error.in_node(node.id())),
            }
        }
        map.entries.sort_by_key(|entry| entry.id);
        map.by_id = map.entries.iter().enumerate().rev().map(|(at, entry)| (entry.id, at)).collect();
        map.by_name =
            map.entries.iter().enumerate().rev().map(|(at, entry)| ((entry.set, entry.name.clone()), at)).collect();
        Ok(map)
    }

    fn insert(&mut self, property: NamedProperty) {
        self.entries.push(property);
    }

    fn entry(entry: &[u8], guids: &[u8], strings: &[u8]) -> Result<NamedProperty> {
        const STRUCTURE: &str = "NAMEID";
        let short = || Error::truncated(STRUCTURE, entry.len(), ENTRY_SIZE);
        let number = bytes::u32(entry, 0).ok_or_else(short)?;
        let flags = bytes::u16(entry, 4).ok_or_else(short)?;
        let index = bytes::u16(entry, 6).ok_or_else(short)?;
        let id = index.checked_add(0x8000).ok_or_else(|| Error::corrupt(STRUCTURE, "wPropIdx", index, "at most 0x7fff"))?;
        let set = match flags >> 1 {
            0 => PropertySet::None,
            1 => PropertySet::Mapi,
            2 => PropertySet::PublicStrings,
            position => {
                let at = usize::from(position).saturating_sub(3).saturating_mul(16);
                let guid = bytes::array(guids, at).ok_or_else(|| {
                    let expected = format_args!("less than {}", guids.len().saturating_div(16).saturating_add(3));
                    Error::corrupt(STRUCTURE, "wGuid", position, expected)
                })?;
                PropertySet::Guid(Guid::from_bytes(guid))
            }
        };
        let name = if flags & 1 == 0 {
            PropertyName::Number(number)
        } else {
            let at = usize::try_from(number).unwrap_or(usize::MAX);
            let name = bytes::u32(strings, at).and_then(|length| {
                bytes::slice(strings, at.checked_add(4)?, usize::try_from(length).ok()?)
            });
            let name = name.ok_or_else(|| {
                let expected = format_args!("an entry inside the string stream of {} bytes", strings.len());
                Error::corrupt(STRUCTURE, "dwPropertyID", format_args!("{number:#x}"), expected)
            })?;
            PropertyName::String(utf16::decode_lossy(name))
        };
        Ok(NamedProperty { id, set, name })
    }

    /// All entries by property id. Duplicates, which occur, are all here; the first one counts in look-ups.
    pub fn entries(&self) -> &[NamedProperty] {
        &self.entries
    }

    /// Entries that could not be read.
    pub fn errors(&self) -> &[Error] {
        &self.errors
    }

    /// The number of entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True if the file names no property.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What a property id means in this file.
    pub fn get(&self, id: u16) -> Option<&NamedProperty> {
        self.entries.get(*self.by_id.get(&id)?)
    }

    /// The property id of a name in this file; `None` if the file has no such property at all.
    pub fn id_of(&self, set: PropertySet, name: &PropertyName) -> Option<u16> {
        let at = self.by_name.get(&(set, name.clone()))?;
        self.entries.get(*at).map(|entry| entry.id)
    }
}
