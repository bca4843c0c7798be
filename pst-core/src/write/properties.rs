//! Properties to be written, and the property contexts made of them.

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::ltp::{BthBuilder, Heap, HeapBuilder, ObjectRef, PropertyTag, PropertyType};
use crate::ndb::{Format, Nid, NidType};
use crate::text::{CodePage, utf16};
use crate::write::Target;
use crate::write::database::{Database, Subnode, Tree};
use crate::{Error, ErrorKind, FileTime, Guid, Result};

/// The bytes of a value: in memory, or in the file already.
///
/// Made from bytes, or by [`PstWriter::data`](crate::write::PstWriter::data) from a reader, block by block, so that a value
/// of any size can be written. Data of one writer means nothing to another.
#[derive(Debug)]
pub struct Data(pub(super) Content);

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// Numbers and times, of which an item has dozens, need no room of their own.
    Bytes(SmallVec<[u8; 16]>),
    Tree(Tree),
}

impl Data {
    /// Bytes of the value.
    pub fn len(&self) -> u64 {
        match &self.0 {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Tree(tree) => tree.size,
        }
    }

    /// True for a value without bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<B: Into<Vec<u8>>> From<B> for Data {
    fn from(bytes: B) -> Self {
        Self(Content::Bytes(SmallVec::from_vec(bytes.into())))
    }
}

/// The value of a property.
#[derive(Clone, Debug)]
pub(super) enum Value {
    /// Text, stored as the layout prefers it.
    Text(String),
    /// The stored bytes.
    Stored(Content),
    /// A PtypObject: the subnode, written with the object, and the bytes in and below it.
    Object { nid: Nid, size: u64 },
}

/// The properties of one object, by id.
///
/// Setters replace what has the same id. Nothing is checked against the meaning of a property: what is set is written.
#[derive(Clone, Debug, Default)]
pub struct Properties(Vec<(PropertyTag, Value)>);

impl Properties {
    /// No properties.
    pub fn new() -> Self {
        Self::default()
    }

    fn put(&mut self, tag: PropertyTag, value: Value) -> &mut Self {
        match self.0.binary_search_by_key(&tag.id(), |(known, _)| known.id()) {
            Ok(at) => {
                if let Some(known) = self.0.get_mut(at) {
                    *known = (tag, value);
                }
            }
            Err(at) => self.0.insert(at, (tag, value)),
        }
        self
    }

    /// Sets a property of any type from its stored bytes (MS-PST 2.3.3.3): little-endian numbers, UTF-16 without an end,
    /// multiple values with their offsets.
    pub fn stored(&mut self, tag: PropertyTag, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.put(tag, Value::Stored(Content::Bytes(SmallVec::from_vec(bytes.into()))))
    }

    /// Sets a property of any type to data that may be large.
    pub fn data(&mut self, tag: PropertyTag, data: Data) -> &mut Self {
        self.put(tag, Value::Stored(data.0))
    }

    fn fixed(&mut self, id: u16, kind: PropertyType, bytes: &[u8]) -> &mut Self {
        self.put(PropertyTag::from_parts(id, kind), Value::Stored(Content::Bytes(SmallVec::from_slice(bytes))))
    }

    /// Sets text: PtypString, or PtypString8 in the code page of an ANSI file.
    pub fn text(&mut self, id: u16, text: impl Into<String>) -> &mut Self {
        self.put(PropertyTag::from_parts(id, PropertyType::STRING), Value::Text(text.into()))
    }

    /// Sets a PtypInteger16.
    pub fn integer16(&mut self, id: u16, number: i16) -> &mut Self {
        self.fixed(id, PropertyType::INTEGER16, &number.to_le_bytes())
    }

    /// Sets a PtypInteger32.
    pub fn integer32(&mut self, id: u16, number: i32) -> &mut Self {
        self.fixed(id, PropertyType::INTEGER32, &number.to_le_bytes())
    }

    /// Sets a PtypInteger64.
    pub fn integer64(&mut self, id: u16, number: i64) -> &mut Self {
        self.fixed(id, PropertyType::INTEGER64, &number.to_le_bytes())
    }

    /// Sets a PtypBoolean.
    pub fn boolean(&mut self, id: u16, truth: bool) -> &mut Self {
        self.fixed(id, PropertyType::BOOLEAN, &[u8::from(truth)])
    }

    /// Sets a PtypTime.
    pub fn time(&mut self, id: u16, time: FileTime) -> &mut Self {
        self.fixed(id, PropertyType::TIME, &time.ticks().to_le_bytes())
    }

    /// Sets a PtypGuid.
    pub fn guid(&mut self, id: u16, guid: Guid) -> &mut Self {
        self.fixed(id, PropertyType::GUID, &guid.to_bytes())
    }

    /// Sets a PtypBinary.
    pub fn binary(&mut self, id: u16, bytes: impl Into<Vec<u8>>) -> &mut Self {
        self.stored(PropertyTag::from_parts(id, PropertyType::BINARY), bytes)
    }

    /// Sets a PtypFloating64.
    pub fn floating64(&mut self, id: u16, number: f64) -> &mut Self {
        self.fixed(id, PropertyType::FLOATING64, &number.to_le_bytes())
    }

    /// Sets a multiple value from the stored bytes of its parts; `kind` is the multiple type.
    pub fn multiple(&mut self, id: u16, kind: PropertyType, parts: &[Vec<u8>]) -> &mut Self {
        let mut out = Vec::new();
        if kind.fixed_size().is_none() {
            let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
            out.extend_from_slice(&number(parts.len()));
            let mut offset = parts.len().saturating_mul(4).saturating_add(4);
            for part in parts {
                out.extend_from_slice(&number(offset));
                offset = offset.saturating_add(part.len());
            }
        }
        out.extend(parts.iter().flatten());
        self.stored(PropertyTag::from_parts(id, kind), out)
    }

    /// Sets a PtypMultipleString.
    pub fn texts<S: AsRef<str>>(&mut self, id: u16, texts: impl IntoIterator<Item = S>) -> &mut Self {
        let parts: Vec<_> = texts.into_iter().map(|text| utf16::encode(text.as_ref())).collect();
        self.multiple(id, PropertyType::MULTIPLE_STRING, &parts)
    }

    /// Removes a property.
    pub fn remove(&mut self, id: u16) -> &mut Self {
        self.0.retain(|(tag, _)| tag.id() != id);
        self
    }

    /// True if there is a property with this id.
    pub fn contains(&self, id: u16) -> bool {
        self.find(id).is_some()
    }

    /// The tags, in the order of their ids.
    pub fn tags(&self) -> impl Iterator<Item = PropertyTag> + '_ {
        self.0.iter().map(|(tag, _)| *tag)
    }

    /// The stored bytes of a property whose value is in memory; text is UTF-16.
    pub fn get(&self, id: u16) -> Option<Vec<u8>> {
        match self.find(id)? {
            (_, Value::Text(text)) => Some(utf16::encode(text)),
            (_, Value::Stored(Content::Bytes(bytes))) => Some(bytes.to_vec()),
            _ => None,
        }
    }

    pub(super) fn find(&self, id: u16) -> Option<&(PropertyTag, Value)> {
        self.0.binary_search_by_key(&id, |(tag, _)| tag.id()).ok().and_then(|at| self.0.get(at))
    }

    pub(super) fn integer(&self, id: u16) -> Option<i32> {
        match self.find(id)? {
            (tag, Value::Stored(Content::Bytes(bytes))) if tag.kind() == PropertyType::INTEGER32 => {
                bytes.first_chunk().map(|bytes| i32::from_le_bytes(*bytes))
            }
            _ => None,
        }
    }

    pub(super) fn filetime(&self, id: u16) -> Option<FileTime> {
        match self.find(id)? {
            (tag, Value::Stored(Content::Bytes(bytes))) if tag.kind() == PropertyType::TIME => {
                bytes.first_chunk().map(|bytes| FileTime::new(u64::from_le_bytes(*bytes)))
            }
            _ => None,
        }
    }

    pub(super) fn object(&mut self, id: u16, nid: Nid, size: u64) {
        self.put(PropertyTag::from_parts(id, PropertyType::OBJECT), Value::Object { nid, size });
    }

    /// Runs `set` unless the property is there.
    pub(super) fn or(&mut self, id: u16, set: impl FnOnce(&mut Self)) {
        if !self.contains(id) {
            set(self);
        }
    }

    /// Fails if a text cannot be stored.
    pub(super) fn check(&self, coding: &TextCoding) -> Result<()> {
        if !coding.format.is_ansi() {
            return Ok(());
        }
        self.0.iter().try_for_each(|(_, value)| match value {
            Value::Text(text) => coding.encode(text).map(drop),
            _ => Ok(()),
        })
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, (PropertyTag, Value)> {
        self.0.iter()
    }

    /// Bytes of all values as PidTagAttachSize counts them (observed: every value by its stored length, an object by the
    /// size of what it names, itself as four).
    pub(super) fn size(&self, text: &TextCoding) -> u64 {
        let sizes = self.0.iter().map(|(tag, value)| match value {
            Value::Text(string) => text.len(string),
            Value::Object { size, .. } => *size,
            Value::Stored(Content::Tree(tree)) => tree.size,
            Value::Stored(Content::Bytes(bytes)) => match tag.kind().fixed_size() {
                Some(size) if !tag.kind().is_multiple() => size as u64,
                _ => bytes.len() as u64,
            },
        });
        sizes.fold(0, u64::saturating_add)
    }
}

/// How text is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct TextCoding {
    pub(super) format: Format,
    pub(super) code_page: CodePage,
}

impl TextCoding {
    /// The tag as the layout wants it: names with PtypString become PtypString8 in ANSI files.
    pub(super) fn tag(&self, tag: PropertyTag, value: &Value) -> PropertyTag {
        match value {
            Value::Text(_) if self.format.is_ansi() => PropertyTag::from_parts(tag.id(), PropertyType::STRING8),
            _ => tag,
        }
    }

    pub(super) fn encode(&self, text: &str) -> Result<Vec<u8>> {
        if !self.format.is_ansi() {
            return Ok(utf16::encode(text));
        }
        let refused = || {
            let start: String = text.chars().take(40).collect();
            let text = format!("{start:?} has characters that {} does not have; write a Unicode file", self.code_page);
            Error::text(ErrorKind::InvalidInput, "text", text)
        };
        self.code_page.encode(text).map(std::borrow::Cow::into_owned).ok_or_else(refused)
    }

    fn len(&self, text: &str) -> u64 {
        self.encode(text).map_or(0, |bytes| bytes.len() as u64)
    }
}

/// Where a value is put: in the entry or cell, in the heap, or in a subnode.
pub(super) enum Placed<'a> {
    Inline(u64),
    Item(Cow<'a, [u8]>),
    Subnode(Nid),
}

/// Places a value; a large one becomes a subnode. `inline` is how many bytes the entry itself has room for.
pub(super) fn place<'a, T: Target>(
    database: &mut Database<T>,
    text: &TextCoding,
    (tag, value): &'a (PropertyTag, Value),
    inline: usize,
    subnodes: &mut Vec<Subnode>,
) -> Result<Placed<'a>> {
    let bytes = match value {
        Value::Text(string) => Cow::Owned(text.encode(string)?),
        Value::Object { nid, size } => {
            let size = u32::try_from(*size).unwrap_or(u32::MAX);
            return Ok(Placed::Item(ObjectRef { nid: *nid, size }.encode().to_vec().into()));
        }
        Value::Stored(Content::Bytes(bytes)) => Cow::Borrowed(bytes.as_slice()),
        Value::Stored(Content::Tree(tree)) => return subnode(database, *tree, subnodes),
    };
    let kind = tag.kind();
    if let Some(size) = kind.fixed_size().filter(|size| *size <= inline && !kind.is_multiple()) {
        let mut number = [0; 8];
        number.iter_mut().zip(bytes.iter().take(size)).for_each(|(to, from)| *to = *from);
        return Ok(Placed::Inline(u64::from_le_bytes(number)));
    }
    if bytes.len() <= HeapBuilder::MAX_ITEM {
        return Ok(Placed::Item(bytes));
    }
    let tree = database.data(&bytes)?;
    subnode(database, tree, subnodes)
}

fn subnode<T: Target>(database: &mut Database<T>, tree: Tree, subnodes: &mut Vec<Subnode>) -> Result<Placed<'static>> {
    if tree.bid.is_none() {
        return Ok(Placed::Item(Cow::Borrowed(&[])));
    }
    let nid = database.new_nid(NidType::LTP)?;
    subnodes.push(Subnode { nid, data: tree, subnodes: Tree::NONE });
    Ok(Placed::Subnode(nid))
}

/// A written object: its data and its subnodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Object {
    pub(super) data: Tree,
    pub(super) subnodes: Tree,
}

impl Object {
    /// Bytes of data in and below it.
    pub(super) fn size(&self) -> u64 {
        self.data.size.saturating_add(self.subnodes.size)
    }
}

/// Writes a property context with its subnodes. If `sized` names an Int32 property of it, that is set to the bytes of all
/// data in and below the object.
pub(super) fn write_object<T: Target>(
    database: &mut Database<T>,
    text: &TextCoding,
    properties: &Properties,
    mut subnodes: Vec<Subnode>,
    sized: Option<u16>,
) -> Result<Object> {
    /// Bytes of a record, and how many are in a leaf.
    const RECORD: usize = 8;
    const PER_LEAF: usize = HeapBuilder::MAX_ITEM / RECORD;
    let mut heap = HeapBuilder::new(database.format());
    let mut records = Vec::with_capacity(properties.0.len());
    for property in &properties.0 {
        let placed = match place(database, text, property, 4, &mut subnodes)? {
            Placed::Inline(number) => u32::try_from(number).unwrap_or(u32::MAX),
            Placed::Item(item) if item.is_empty() => 0,
            Placed::Item(item) => heap.push(item).raw(),
            Placed::Subnode(nid) => nid.raw(),
        };
        let tag = text.tag(property.0, &property.1);
        records.push((tag.id(), tag.kind().raw(), placed));
    }
    let mut tree = BthBuilder::new(2, 6, HeapBuilder::MAX_ITEM);
    for (id, kind, placed) in &records {
        let ([a, b], [c, d], [e, f, g, h]) = (id.to_le_bytes(), kind.to_le_bytes(), placed.to_le_bytes());
        tree.push(&mut heap, &[a, b, c, d, e, f, g, h]);
    }
    tree.flush(&mut heap);
    let place = sized.and_then(|sized| records.iter().position(|(id, ..)| *id == sized));
    let place = place.and_then(|at| {
        let leaf = tree.leaf(at.checked_div(PER_LEAF)?)?;
        Some((leaf, at.checked_rem(PER_LEAF)?.checked_mul(RECORD)?.checked_add(4)?))
    });
    let root = tree.finish(&mut heap);
    if let Some((leaf, at)) = place {
        let own = heap.size() as u64;
        let sizes = subnodes.iter().flat_map(|entry| [entry.data.size, entry.subnodes.size]);
        let total = sizes.fold(own, u64::saturating_add);
        heap.patch(leaf, at, &i32::try_from(total).unwrap_or(i32::MAX).to_le_bytes());
    }
    let data = database.data_from_blocks(heap.finish(Heap::PROPERTIES, root))?;
    Ok(Object { data, subnodes: database.subnodes(subnodes)? })
}
