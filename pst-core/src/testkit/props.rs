//! Lists of properties, and the property contexts made of them.

use std::io::{Seek, Write};

use crate::ltp::{EncodedValue, HeapBuilder, ObjectRef, PropertyTag, PropertyType, encode_properties};
use crate::ndb::{Bid, Nid, NidType, SubnodeEntry};
use crate::testkit::StoreBuilder;
use crate::text::utf16;
use crate::{FileTime, Guid};

/// The value of a [`Prop`].
#[derive(Clone, Debug, PartialEq)]
pub enum PropData {
    /// Text in the kind of string the layout prefers: String8 in ANSI files, else UTF-16.
    Text(String),
    /// The stored bytes. They go into the entry, the heap or a subnode as their type and length ask.
    Stored(Vec<u8>),
    /// Exactly this, whatever the type.
    Raw(EncodedValue),
}

/// One property to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct Prop {
    tag: PropertyTag,
    data: PropData,
}

impl Prop {
    /// A property from its stored bytes.
    pub fn stored(id: u16, kind: PropertyType, bytes: impl Into<Vec<u8>>) -> Self {
        Self { tag: PropertyTag::from_parts(id, kind), data: PropData::Stored(bytes.into()) }
    }

    /// A property placed by hand: in the entry, the heap, or a subnode the caller writes.
    pub fn raw(tag: PropertyTag, value: EncodedValue) -> Self {
        Self { tag, data: PropData::Raw(value) }
    }

    /// Text, stored as the layout prefers it.
    pub fn text(id: u16, text: impl Into<String>) -> Self {
        Self { tag: PropertyTag::from_parts(id, PropertyType::STRING), data: PropData::Text(text.into()) }
    }

    /// PtypString, in every layout.
    pub fn unicode(id: u16, text: &str) -> Self {
        Self::stored(id, PropertyType::STRING, utf16::encode(text))
    }

    /// PtypString from code units, paired or not.
    pub fn units(id: u16, units: &[u16]) -> Self {
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        Self::stored(id, PropertyType::STRING, bytes)
    }

    /// PtypString8, in every layout.
    pub fn string8(id: u16, bytes: impl Into<Vec<u8>>) -> Self {
        Self::stored(id, PropertyType::STRING8, bytes)
    }

    /// PtypBinary.
    pub fn binary(id: u16, bytes: impl Into<Vec<u8>>) -> Self {
        Self::stored(id, PropertyType::BINARY, bytes)
    }

    /// PtypInteger16.
    pub fn i16(id: u16, number: i16) -> Self {
        Self::stored(id, PropertyType::INTEGER16, number.to_le_bytes())
    }

    /// PtypInteger32.
    pub fn i32(id: u16, number: i32) -> Self {
        Self::stored(id, PropertyType::INTEGER32, number.to_le_bytes())
    }

    /// PtypInteger64.
    pub fn i64(id: u16, number: i64) -> Self {
        Self::stored(id, PropertyType::INTEGER64, number.to_le_bytes())
    }

    /// PtypFloating32.
    pub fn f32(id: u16, number: f32) -> Self {
        Self::stored(id, PropertyType::FLOATING32, number.to_le_bytes())
    }

    /// PtypFloating64.
    pub fn f64(id: u16, number: f64) -> Self {
        Self::stored(id, PropertyType::FLOATING64, number.to_le_bytes())
    }

    /// PtypCurrency, in ten-thousandths.
    pub fn currency(id: u16, number: i64) -> Self {
        Self::stored(id, PropertyType::CURRENCY, number.to_le_bytes())
    }

    /// PtypFloatingTime, in days since 1899-12-30.
    pub fn floating_time(id: u16, days: f64) -> Self {
        Self::stored(id, PropertyType::FLOATING_TIME, days.to_le_bytes())
    }

    /// PtypErrorCode.
    pub fn error(id: u16, number: u32) -> Self {
        Self::stored(id, PropertyType::ERROR_CODE, number.to_le_bytes())
    }

    /// PtypBoolean.
    pub fn boolean(id: u16, truth: bool) -> Self {
        Self::stored(id, PropertyType::BOOLEAN, [u8::from(truth)])
    }

    /// PtypTime.
    pub fn time(id: u16, time: FileTime) -> Self {
        Self::stored(id, PropertyType::TIME, time.ticks().to_le_bytes())
    }

    /// PtypGuid.
    pub fn guid(id: u16, guid: Guid) -> Self {
        Self::stored(id, PropertyType::GUID, guid.to_bytes())
    }

    /// PtypObject: a subnode, which the caller writes.
    pub fn object(id: u16, nid: Nid, size: u32) -> Self {
        Self::stored(id, PropertyType::OBJECT, ObjectRef { nid, size }.encode())
    }

    /// A multiple value from the stored bytes of each of its parts; `kind` is the multiple type.
    pub fn multiple(id: u16, kind: PropertyType, parts: &[Vec<u8>]) -> Self {
        assert!(kind.is_multiple());
        let mut out = Vec::new();
        if kind.fixed_size().is_none() {
            let number = |number: usize| u32::try_from(number).unwrap().to_le_bytes();
            out.extend_from_slice(&number(parts.len()));
            let mut offset = 4 + 4 * parts.len();
            for part in parts {
                out.extend_from_slice(&number(offset));
                offset += part.len();
            }
        }
        out.extend(parts.iter().flatten());
        Self::stored(id, kind, out)
    }

    /// The property id.
    pub fn id(&self) -> u16 {
        self.tag.id()
    }

    /// The tag as it will be written.
    pub fn tag<W: Write + Seek>(&self, store: &StoreBuilder<W>) -> PropertyTag {
        match self.data {
            PropData::Text(_) if store.format().is_ansi() => {
                PropertyTag::from_parts(self.tag.id(), PropertyType::STRING8)
            }
            _ => self.tag,
        }
    }

    /// The value as it was given.
    pub fn data(&self) -> &PropData {
        &self.data
    }

    /// The value's bytes; those of a raw subnode are not known here.
    fn bytes<W: Write + Seek>(&self, store: &StoreBuilder<W>) -> Vec<u8> {
        match &self.data {
            PropData::Text(text) if store.format().is_ansi() => {
                let page = store.string_code_page();
                page.encode(text)
                    .unwrap_or_else(|| panic!("{text:?} cannot be written in code page {page:?}"))
                    .into_owned()
            }
            PropData::Text(text) => utf16::encode(text),
            PropData::Stored(bytes) => bytes.clone(),
            PropData::Raw(EncodedValue::Inline(number)) => number.to_le_bytes().to_vec(),
            PropData::Raw(EncodedValue::Item(item)) => item.clone(),
            PropData::Raw(EncodedValue::Subnode(_)) => Vec::new(),
        }
    }

    /// Bytes of the stored value.
    pub fn size<W: Write + Seek>(&self, store: &StoreBuilder<W>) -> usize {
        self.bytes(store).len()
    }

    /// Places the value; a subnode is written and noted. `in_row` keeps up to 8 bytes in place, as rows of tables do.
    pub(super) fn place<W: Write + Seek>(
        &self,
        store: &mut StoreBuilder<W>,
        in_row: bool,
        subnodes: &mut Vec<SubnodeEntry>,
    ) -> EncodedValue {
        if let PropData::Raw(value) = &self.data {
            return value.clone();
        }
        let bytes = self.bytes(store);
        let kind = self.tag.kind();
        if !kind.is_multiple()
            && let Some(size) = kind.fixed_size()
        {
            if size <= 4 {
                let mut number = [0; 4];
                number[..bytes.len().min(4)].copy_from_slice(&bytes[..bytes.len().min(4)]);
                return EncodedValue::Inline(u32::from_le_bytes(number));
            }
            if in_row && size == 8 {
                return EncodedValue::Item(bytes);
            }
        }
        if bytes.len() <= store.largest_item() {
            return EncodedValue::Item(bytes);
        }
        let nid = store.new_nid(NidType::LTP);
        let data = store.data(&bytes);
        subnodes.push(SubnodeEntry { nid, data, subnodes: Bid::NONE });
        EncodedValue::Subnode(nid)
    }
}

/// The properties of one object.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Props(Vec<Prop>);

impl Props {
    /// No properties.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a property; one with the same id gives way.
    pub fn set(&mut self, prop: Prop) {
        match self.0.iter_mut().find(|known| known.id() == prop.id()) {
            Some(known) => *known = prop,
            None => self.0.push(prop),
        }
    }

    /// Adds a property, unless there is one with its id.
    pub fn set_default(&mut self, prop: Prop) {
        if self.get(prop.id()).is_none() {
            self.0.push(prop);
        }
    }

    /// Adds a property.
    #[must_use]
    pub fn with(mut self, prop: Prop) -> Self {
        self.set(prop);
        self
    }

    /// The property with this id.
    pub fn get(&self, id: u16) -> Option<&Prop> {
        self.0.iter().find(|prop| prop.id() == id)
    }

    /// Removes the property with this id.
    pub fn remove(&mut self, id: u16) {
        self.0.retain(|prop| prop.id() != id);
    }

    /// All properties in the order they came.
    pub fn iter(&self) -> std::slice::Iter<'_, Prop> {
        self.0.iter()
    }

    /// The blocks of a property context, sorted by id. Values too long for the heap are written and noted as subnodes.
    pub fn encode<W: Write + Seek>(
        &self,
        store: &mut StoreBuilder<W>,
        subnodes: &mut Vec<SubnodeEntry>,
    ) -> Vec<Vec<u8>> {
        let mut props: Vec<&Prop> = self.0.iter().collect();
        props.sort_by_key(|prop| prop.id());
        let values: Vec<(PropertyTag, EncodedValue)> =
            props.into_iter().map(|prop| (prop.tag(store), prop.place(store, false, subnodes))).collect();
        encode_properties(HeapBuilder::new(store.format()), &values, store.bth_leaf_size())
    }

    /// Writes a property context and its subnodes, to which `subnodes` are added; returns both.
    pub fn write<W: Write + Seek>(&self, store: &mut StoreBuilder<W>, mut subnodes: Vec<SubnodeEntry>) -> (Bid, Bid) {
        let blocks = self.encode(store, &mut subnodes);
        let data = store.data_from_blocks(blocks);
        (data, store.subnodes(subnodes))
    }
}

impl FromIterator<Prop> for Props {
    fn from_iter<T: IntoIterator<Item = Prop>>(props: T) -> Self {
        let mut all = Self::new();
        props.into_iter().for_each(|prop| all.set(prop));
        all
    }
}

impl<'a> IntoIterator for &'a Props {
    type Item = &'a Prop;
    type IntoIter = std::slice::Iter<'a, Prop>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}
