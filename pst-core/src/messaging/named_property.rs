//! The named property map (MS-PST 2.4.7): what the property ids from 0x8000 on mean in this file.
//!
//! ```text
//! entry stream   | dwPropertyID | wGuid << 1 | is string | wPropIdx | ...      property id = 0x8000 + wPropIdx
//! GUID stream    wGuid 3 is its first GUID; 1 is PS_MAPI, 2 PS_PUBLIC_STRINGS, 0 none
//! string stream  length (4) | UTF-16LE | padding to 4 | ...
//! ```
//!
//! **The same name under another GUID is another property.** The hash buckets are a writer's aid and not read.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::ltp::PropertyContext;
use crate::ndb::Node;
use crate::ndb::checksum::crc;
use crate::source::Bytes;
use crate::text::utf16;
use crate::{Error, Guid, Result, bytes};

const ENTRY_SIZE: usize = 8;
const GUID_STREAM: u16 = 0x0002;
const ENTRY_STREAM: u16 = 0x0003;
const STRING_STREAM: u16 = 0x0004;
const BUCKET_COUNT: u16 = 0x0001;
const FIRST_BUCKET: u16 = 0x1000;
/// Buckets of the hash table, in every file Outlook writes.
const BUCKETS: u32 = 251;

/// Entries read: there are 32,768 property ids to name, and a few are named twice.
const MAX_ENTRIES: usize = 0x1_0000;
/// Bytes of all names, and of one. Names have at most 254 characters.
const MAX_NAMES: usize = 64 << 20;
const MAX_NAME: usize = 64 << 10;
/// Bad entries kept.
const MAX_ERRORS: usize = 100;

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

    /// The same set by its number if it has one: some writers keep PS_MAPI and PS_PUBLIC_STRINGS in the GUID stream.
    pub(crate) fn normalized(self) -> Self {
        self.guid().map_or(self, Self::from_guid)
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

impl From<Guid> for PropertySet {
    fn from(guid: Guid) -> Self {
        Self::from_guid(guid)
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

impl From<u32> for PropertyName {
    fn from(number: u32) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for PropertyName {
    fn from(name: &str) -> Self {
        Self::String(name.to_owned())
    }
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
        let mut map = Self::decode(&stream(GUID_STREAM)?, &stream(ENTRY_STREAM)?, &stream(STRING_STREAM)?);
        map.errors = map.errors.into_iter().map(|error| error.in_node(node.id())).collect();
        Ok(map)
    }

    /// Reads the map from its three streams.
    pub fn decode(guids: &[u8], entries: &[u8], strings: &[u8]) -> Self {
        let mut map = Self::default();
        let mut names = 0usize;
        for entry in entries.chunks_exact(ENTRY_SIZE) {
            let limits = [
                ("number of entries", map.entries.len(), MAX_ENTRIES),
                // Many entries may name one long string.
                ("bytes of all names", names, MAX_NAMES),
                ("number of bad entries", map.errors.len(), MAX_ERRORS),
            ];
            if let Some((what, _, limit)) = limits.into_iter().find(|(_, count, limit)| count >= limit) {
                map.errors.push(Error::limit("NAMEID", what, "more", limit as u64));
                break;
            }
            match Self::entry(entry, guids, strings) {
                Ok(property) => {
                    if let PropertyName::String(name) = &property.name {
                        names = names.saturating_add(name.len());
                    }
                    map.entries.push(property);
                }
                Err(error) => map.errors.push(error),
            }
        }
        map.entries.sort_by_key(|entry| entry.id);
        // Of duplicates the first counts, so it must be inserted last.
        map.by_id = map.entries.iter().enumerate().rev().map(|(at, entry)| (entry.id, at)).collect();
        let key = |entry: &NamedProperty| (entry.set.normalized(), entry.name.clone());
        map.by_name = map.entries.iter().enumerate().rev().map(|(at, entry)| (key(entry), at)).collect();
        map
    }

    fn entry(entry: &[u8], guids: &[u8], strings: &[u8]) -> Result<NamedProperty> {
        const STRUCTURE: &str = "NAMEID";
        let short = || Error::truncated(STRUCTURE, entry.len(), ENTRY_SIZE);
        let number = bytes::u32(entry, 0).ok_or_else(short)?;
        let flags = bytes::u16(entry, 4).ok_or_else(short)?;
        let index = bytes::u16(entry, 6).ok_or_else(short)?;
        let id =
            index.checked_add(0x8000).ok_or_else(|| Error::corrupt(STRUCTURE, "wPropIdx", index, "at most 0x7fff"))?;
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
                let length = usize::try_from(length).ok().filter(|length| *length <= MAX_NAME)?;
                bytes::slice(strings, at.checked_add(4)?, length)
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
        let at = self.by_name.get(&(set.normalized(), name.clone()))?;
        self.entries.get(*at).map(|entry| entry.id)
    }
}

/// The streams of a named property map, and its hash table (MS-PST 2.4.7.5): property ids and bytes for node 0x61.
///
/// Each name comes with its number from 0 on, which is its property id less 0x8000. Buckets that hold nothing are left out.
pub fn encode(names: &[(u16, PropertySet, PropertyName)]) -> Vec<(u16, Vec<u8>)> {
    let mut sets: Vec<Guid> = Vec::new();
    let (mut entries, mut strings) = (Vec::new(), Vec::new());
    let mut buckets: BTreeMap<u16, Vec<u8>> = BTreeMap::new();
    for (index, set, name) in names {
        let number = match set {
            PropertySet::None => 0,
            PropertySet::Mapi => 1,
            PropertySet::PublicStrings => 2,
            PropertySet::Guid(guid) => {
                let known = sets.iter().position(|known| known == guid);
                let position = known.unwrap_or_else(|| {
                    sets.push(*guid);
                    sets.len().saturating_sub(1)
                });
                u16::try_from(position.saturating_add(3)).unwrap_or(u16::MAX)
            }
        };
        // In a bucket the first number of a string name is its CRC instead of its place.
        let (first, hashed, is_string) = match name {
            PropertyName::Number(number) => (*number, *number, 0),
            PropertyName::String(name) => {
                let name = utf16::encode(name);
                let at = u32::try_from(strings.len()).unwrap_or(u32::MAX);
                strings.extend_from_slice(&u32::try_from(name.len()).unwrap_or(u32::MAX).to_le_bytes());
                strings.extend_from_slice(&name);
                strings.resize(strings.len().next_multiple_of(4), 0);
                (at, crc(&name), 1)
            }
        };
        let second = number.wrapping_shl(1) | is_string;
        let tail = [second.to_le_bytes(), index.to_le_bytes()].concat();
        entries.extend_from_slice(&first.to_le_bytes());
        entries.extend_from_slice(&tail);
        let bucket = (hashed ^ u32::from(second)).checked_rem(BUCKETS).and_then(|bucket| u16::try_from(bucket).ok());
        let bucket = buckets.entry(bucket.unwrap_or(0)).or_default();
        bucket.extend_from_slice(&hashed.to_le_bytes());
        bucket.extend_from_slice(&tail);
    }
    let guids = sets.iter().flat_map(|set| set.to_bytes()).collect();
    let mut out = vec![
        (BUCKET_COUNT, BUCKETS.to_le_bytes().to_vec()),
        (GUID_STREAM, guids),
        (ENTRY_STREAM, entries),
        (STRING_STREAM, strings),
    ];
    out.extend(buckets.into_iter().map(|(bucket, bytes)| (bucket.saturating_add(FIRST_BUCKET), bytes)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(streams: &[(u16, Vec<u8>)], id: u16) -> &[u8] {
        streams.iter().find(|(known, _)| *known == id).map_or(&[], |(_, bytes)| bytes)
    }

    fn decode(streams: &[(u16, Vec<u8>)]) -> NamedProperties {
        NamedProperties::decode(
            stream(streams, GUID_STREAM),
            stream(streams, ENTRY_STREAM),
            stream(streams, STRING_STREAM),
        )
    }

    #[test]
    fn names_round_trip_in_both_directions() {
        let names = vec![
            (PropertySet::Guid(Guid::PSETID_COMMON), PropertyName::Number(0x8503)),
            (PropertySet::PublicStrings, PropertyName::String("Keywords".to_owned())),
            (PropertySet::Mapi, PropertyName::String("ä".to_owned())),
            (PropertySet::None, PropertyName::Number(1)),
            (PropertySet::Guid(Guid::PSETID_TASK), PropertyName::Number(0x8503)),
            (PropertySet::Guid(Guid::PSETID_COMMON), PropertyName::String(String::new())),
        ];
        let numbered: Vec<_> = (0..).zip(&names).map(|(index, (set, name))| (index, *set, name.clone())).collect();
        let map = decode(&encode(&numbered));
        assert!(map.errors().is_empty());
        assert_eq!(map.len(), names.len());
        for (id, (set, name)) in (0x8000..).zip(&names) {
            let entry = map.get(id).unwrap();
            assert_eq!((&entry.set, &entry.name), (set, name));
            assert_eq!(map.id_of(*set, name), Some(id));
        }
        assert_eq!(map.get(0x8000).unwrap().canonical_name(), Some("PidLidReminderSet"));
        assert_eq!(map.get(0x8006), None);
    }

    #[test]
    fn a_bad_entry_costs_one_name_and_duplicates_keep_the_first() {
        let text = |index, text: &str| (index, PropertySet::PublicStrings, PropertyName::String(text.to_owned()));
        let mut streams = encode(&[text(0, "a"), text(1, "b"), text(2, "a")]);
        let entries = &mut streams[2].1;
        entries[8..12].copy_from_slice(&0xFFFF_FFF0u32.to_le_bytes());
        let map = decode(&streams);
        assert_eq!(map.len(), 2);
        assert_eq!(map.errors().len(), 1);
        assert_eq!(map.errors()[0].location().field, Some("dwPropertyID"));
        assert_eq!(map.id_of(PropertySet::PublicStrings, &PropertyName::String("a".to_owned())), Some(0x8000));
    }
}
