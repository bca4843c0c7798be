//! Property context (MS-PST 2.3.3): the properties of one object in a heap.
//!
//! ```text
//! BTH record: property id (2) | type (2) | value, or HNID of the value (4)
//! ```
//!
//! **HNID 0 is an empty value, not a fault.** Whether an HNID is a heap item or a subnode is decided by its low five bits
//! alone, never by the size of the value.

use std::fmt;
use std::sync::OnceLock;

use crate::ltp::bth::{Bth, BthRecords};
use crate::ltp::heap::{Heap, HeapBuilder, Hid};
use crate::ltp::value::{ObjectRef, Text, Value};
use crate::ltp::{PropertyTag, PropertyType, bth, code_page};
use crate::ndb::{DataStream, Nid, Node};
use crate::source::Bytes;
use crate::text::CodePageChoice;
use crate::{Error, ErrorKind, FileTime, Result, bytes};

/// The properties of a message, folder, attachment or store.
///
/// Opening reads one block. Each property is found, read and decoded when it is asked for.
pub struct PropertyContext {
    heap: Heap,
    bth: Bth,
    inherited: Option<CodePageChoice>,
    code_page: OnceLock<CodePageChoice>,
}

impl PropertyContext {
    /// Opens the property context in a node's data.
    ///
    /// # Errors
    /// `NotFound` if the node has no data, `WrongType` if its heap is something else, `Corrupt` if it is damaged.
    pub fn open(node: &Node) -> Result<Self> {
        let heap = Heap::open_as(node, Heap::PROPERTIES)?;
        let bth = Bth::open(&heap, heap.root())?;
        if (bth.key_size(), bth.data_size()) != (2, 6) {
            let actual = format!("{}/{}", bth.key_size(), bth.data_size());
            return Err(heap.place(Error::corrupt("BTHHEADER", "cbKey/cbEnt", actual, "2/6"), 0));
        }
        Ok(Self { heap, bth, inherited: None, code_page: OnceLock::new() })
    }

    /// Reads String8 values with the code page of the owner where this object names none.
    pub(crate) fn inheriting(mut self, choice: Option<CodePageChoice>) -> Self {
        self.inherited = choice;
        self
    }

    /// The node the properties are in.
    pub fn node(&self) -> &Node {
        self.heap.node()
    }

    /// The heap the properties are in.
    pub fn heap(&self) -> &Heap {
        &self.heap
    }

    /// The code page of this object's String8 values and where it was found.
    pub fn code_page(&self) -> CodePageChoice {
        let database = self.node().database();
        *self.code_page.get_or_init(|| {
            database
                .code_page_override
                .or_else(|| code_page::of_item(self))
                .or(self.inherited)
                .unwrap_or_else(|| code_page::of_store(database))
        })
    }

    /// The property with this id, whatever its type.
    ///
    /// # Errors
    /// Those of the heap.
    pub fn get(&self, id: u16) -> Result<Option<Property<'_>>> {
        let record = self.bth.find(&self.heap, u64::from(id))?;
        Ok(record.and_then(|record| self.property(id, record.data())))
    }

    fn property<'a>(&'a self, id: u16, data: Bytes<'a>) -> Option<Property<'a>> {
        let kind = PropertyType::new(bytes::u16(&data, 0)?);
        let tag = PropertyTag::from_parts(id, kind);
        Some(Property { context: self, tag, place: data.part(2..6)? })
    }

    /// All properties in stored order; one error per unreadable part of the tree, and the walk goes on.
    pub fn iter(&self) -> Properties<'_> {
        Properties { context: self, records: self.bth.records(&self.heap) }
    }

    /// The value of a property; `None` if it is absent.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn value(&self, id: u16) -> Result<Option<Value<'_>>> {
        self.get(id)?.map(|property| property.value()).transpose()
    }

    /// A property of an integer type or Boolean; `None` if absent or of another type.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn integer(&self, id: u16) -> Result<Option<i64>> {
        match self.get(id)? {
            Some(property) if property.tag.kind().fixed_size().is_some() => Ok(property.value()?.as_integer()),
            _ => Ok(None),
        }
    }

    /// A property of a text type; `None` if absent or of another type.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn text(&self, id: u16) -> Result<Option<Text<'_>>> {
        match self.get(id)? {
            Some(property) if matches!(property.tag.kind(), PropertyType::STRING | PropertyType::STRING8) => {
                match property.value()? {
                    Value::String(text) => Ok(Some(text)),
                    _ => Ok(None),
                }
            }
            _ => Ok(None),
        }
    }

    /// A property of a text type as a string; what has no character becomes U+FFFD.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn string(&self, id: u16) -> Result<Option<String>> {
        Ok(self.text(id)?.map(|text| text.to_string_lossy()))
    }

    /// A property of type PtypBinary; `None` if absent or of another type.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn binary(&self, id: u16) -> Result<Option<Bytes<'_>>> {
        match self.get(id)? {
            Some(property) if property.tag.kind() == PropertyType::BINARY => property.stored().map(Some),
            _ => Ok(None),
        }
    }

    /// A property of type PtypTime; `None` if absent or of another type.
    ///
    /// # Errors
    /// As [`Property::value`].
    pub fn time(&self, id: u16) -> Result<Option<FileTime>> {
        match self.get(id)? {
            Some(property) if property.tag.kind() == PropertyType::TIME => Ok(property.value()?.as_time()),
            _ => Ok(None),
        }
    }
}

impl fmt::Debug for PropertyContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PropertyContext").field("heap", &self.heap).finish_non_exhaustive()
    }
}

impl<'a> IntoIterator for &'a PropertyContext {
    type Item = Result<Property<'a>>;
    type IntoIter = Properties<'a>;

    fn into_iter(self) -> Properties<'a> {
        self.iter()
    }
}

/// Iterator over the properties of a [`PropertyContext`].
#[derive(Debug)]
pub struct Properties<'a> {
    context: &'a PropertyContext,
    records: BthRecords<'a>,
}

impl<'a> Iterator for Properties<'a> {
    type Item = Result<Property<'a>>;

    fn next(&mut self) -> Option<Self::Item> {
        let record = match self.records.next()? {
            Ok(record) => record,
            Err(error) => return Some(Err(error)),
        };
        let id = u16::try_from(record.key_number()).unwrap_or(0);
        let property = self.context.property(id, record.data());
        Some(property.ok_or_else(|| Error::truncated("PC BTH record", record.data().len(), 6)))
    }
}

/// One property: its tag, and its value on demand.
#[derive(Clone)]
pub struct Property<'a> {
    context: &'a PropertyContext,
    tag: PropertyTag,
    /// The four bytes of the record: the value itself or its HNID.
    place: Bytes<'a>,
}

impl<'a> Property<'a> {
    /// Id and type.
    pub fn tag(&self) -> PropertyTag {
        self.tag
    }

    fn hnid(&self) -> u32 {
        bytes::u32(&self.place, 0).unwrap_or(0)
    }

    fn wrong(&self, error: Error) -> Error {
        error.in_node(self.context.node().top_id())
    }

    /// The value's bytes as stored: fixed sizes little-endian in their natural size, the rest as heap item or subnode has
    /// them, nothing for an empty value.
    ///
    /// # Errors
    /// `NotFound` if the subnode of the value is missing, `Limit` if it is larger than
    /// [`Limits::value_bytes`](crate::Limits::value_bytes), those of its blocks.
    pub fn stored(&self) -> Result<Bytes<'a>> {
        let kind = self.tag.kind();
        if kind.is_inline() {
            return Ok(self.place.part(0..kind.fixed_size().unwrap_or(0)).unwrap_or_else(Bytes::empty));
        }
        if matches!(kind, PropertyType::UNSPECIFIED | PropertyType::NULL) {
            return Ok(Bytes::empty());
        }
        resolve(&self.context.heap, self.hnid()).map_err(|error| self.wrong(error))
    }

    /// The decoded value.
    ///
    /// # Errors
    /// As [`stored`](Self::stored), and `Corrupt` if the bytes do not fit the type.
    pub fn value(&self) -> Result<Value<'a>> {
        let limit = self.context.node().database().limits().value_bytes;
        Value::decode(self.tag.kind(), self.stored()?, limit, &|| self.context.code_page())
            .map_err(|error| self.wrong(error))
    }

    /// True if the value is in a subnode and so can be of any size; else it is in the heap, at most a block.
    pub fn is_in_subnode(&self) -> bool {
        !self.tag.kind().is_inline() && self.hnid() & 0x1F != 0
    }

    /// Bytes of the stored value, without reading it.
    ///
    /// # Errors
    /// As [`stored`](Self::stored), but for those of the data blocks.
    pub fn stored_len(&self) -> Result<u64> {
        match place_of(&self.context.heap, self.hnid(), self.tag.kind()).map_err(|error| self.wrong(error))? {
            Place::Empty => Ok(0),
            Place::Inline(size) => Ok(size),
            Place::Item(hid) => {
                Ok(u64::try_from(self.context.heap.item(hid).map_err(|error| self.wrong(error))?.len())
                    .unwrap_or(u64::MAX))
            }
            Place::Subnode(node) => Ok(node.data()?.len()),
        }
    }

    /// The stored value as a stream that holds one block of it at a time; for bodies and attachments of any size.
    ///
    /// # Errors
    /// As [`stored_len`](Self::stored_len); reading can meet those of the data blocks.
    pub fn stream(&self) -> Result<DataStream> {
        match place_of(&self.context.heap, self.hnid(), self.tag.kind()).map_err(|error| self.wrong(error))? {
            Place::Empty => Ok(DataStream::from_bytes(Vec::new())),
            Place::Inline(_) | Place::Item(_) => Ok(DataStream::from_bytes(self.stored()?.to_vec())),
            Place::Subnode(node) => Ok(node.data()?.into_stream()),
        }
    }

    /// The subnode of a PtypObject, or of a value kept in one.
    ///
    /// # Errors
    /// `WrongType` if the value is kept in the heap and is no PtypObject; `NotFound` if the subnode is missing.
    pub fn object(&self) -> Result<Node> {
        let node = self.context.node();
        let nid = if self.tag.kind() == PropertyType::OBJECT {
            ObjectRef::decode(&self.stored()?).map_err(|error| self.wrong(error))?.nid
        } else {
            match place_of(&self.context.heap, self.hnid(), self.tag.kind()).map_err(|error| self.wrong(error))? {
                Place::Subnode(node) => return Ok(node),
                _ => {
                    return Err(self.wrong(Error::text(
                        ErrorKind::WrongType,
                        "property",
                        "the value is not a subnode",
                    )));
                }
            }
        };
        node.subnode(nid)?.ok_or_else(|| self.wrong(missing_subnode(nid)))
    }
}

impl fmt::Debug for Property<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Property").field("tag", &self.tag).finish_non_exhaustive()
    }
}

enum Place {
    Empty,
    Inline(u64),
    Item(Hid),
    Subnode(Node),
}

fn place_of(heap: &Heap, hnid: u32, kind: PropertyType) -> Result<Place> {
    if kind.is_inline() {
        return Ok(Place::Inline(kind.fixed_size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0)));
    }
    if hnid == 0 {
        return Ok(Place::Empty);
    }
    if hnid & 0x1F == 0 {
        return Ok(Place::Item(Hid::new(hnid)));
    }
    let nid = Nid::new(hnid);
    heap.node().subnode(nid)?.map(Place::Subnode).ok_or_else(|| missing_subnode(nid))
}

fn missing_subnode(nid: Nid) -> Error {
    Error::not_found("subnode", format!("the value should be in subnode {nid}, which does not exist"))
}

/// The bytes an HNID names in a heap or its node (MS-PST 2.3.3.2).
pub(crate) fn resolve(heap: &Heap, hnid: u32) -> Result<Bytes<'_>> {
    if hnid == 0 {
        return Ok(Bytes::empty());
    }
    if hnid & 0x1F == 0 {
        return heap.item(Hid::new(hnid));
    }
    let nid = Nid::new(hnid);
    heap.node().subnode_bytes(nid)?.ok_or_else(|| missing_subnode(nid))
}

/// Where the encoder puts a value that does not fit in its entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodedValue {
    /// Up to 4 bytes in the entry itself.
    Inline(u32),
    /// An item of the heap; empty means HNID 0.
    Item(Vec<u8>),
    /// A subnode, written by the caller.
    Subnode(Nid),
}

/// Encodes a property context. `properties` must be in ascending order of id; `leaf_size` as in [`bth::encode`].
pub fn encode(mut heap: HeapBuilder, properties: &[(PropertyTag, EncodedValue)], leaf_size: usize) -> Vec<Vec<u8>> {
    let mut records = Vec::with_capacity(properties.len());
    for (tag, value) in properties {
        let place = match value {
            EncodedValue::Inline(value) => *value,
            EncodedValue::Item(item) if item.is_empty() => 0,
            EncodedValue::Item(item) => heap.push(item).raw(),
            EncodedValue::Subnode(nid) => nid.raw(),
        };
        let mut record = tag.id().to_le_bytes().to_vec();
        record.extend_from_slice(&tag.kind().raw().to_le_bytes());
        record.extend_from_slice(&place.to_le_bytes());
        records.push(record);
    }
    let root = bth::encode(&mut heap, 2, 6, &records, leaf_size);
    heap.finish(Heap::PROPERTIES, root)
}
