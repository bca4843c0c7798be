//! L1 to L6: heaps, trees in them, and property contexts, looked at as bytes.

use crate::bytes;
use crate::ltp::{Heap, Hid, ObjectRef, PropertyContext, PropertyTag, PropertyType};
use crate::ndb::{Bid, DataTree, Nid, Node};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

/// bClientSig values of MS-PST 2.3.1.2; Outlook uses those that are reserved there.
const CLIENTS: [u8; 9] = [0x6C, 0x7C, 0x8C, 0x9C, 0xA5, 0xAC, 0xB5, 0xBC, 0xCC];
const MAX_ITEM: usize = 3580;
/// Values longer than this are not read to look at their shape.
const MAX_SHAPED: u64 = 1 << 20;

/// A property context that was checked.
pub(super) struct Checked {
    pub(super) context: PropertyContext,
    /// Bytes of all values: what PidTagAttachSize counts.
    pub(super) bytes: u64,
}

/// Where a block of a heap is.
#[derive(Clone, Copy)]
struct HeapPlace {
    node: Nid,
    block: Option<Bid>,
    offset: Option<u64>,
}

impl HeapPlace {
    fn new(node: &Node, tree: &DataTree, number: usize) -> Self {
        Self { node: node.top_id(), block: tree.block_id(number), offset: tree.offset_of(number) }
    }

    fn note(self, rule: Rule, severity: Severity, text: &str) -> Note {
        let note = Note::new(rule, severity, text).node(self.node);
        let note = if let Some(block) = self.block { note.block(block) } else { note };
        if let Some(offset) = self.offset { note.at(offset) } else { note }
    }
}

/// Sizes of the records of a BTree-on-Heap.
#[derive(Clone, Copy)]
struct Sizes {
    key: usize,
    data: usize,
}

/// Called with each record of a tree.
type EachRecord<'r> = &'r mut dyn FnMut(&mut Check<'_>, &[u8]);

fn number(key: &[u8]) -> u64 {
    key.iter().rev().fold(0, |number, byte| number.wrapping_shl(8) | u64::from(*byte))
}

impl Check<'_> {
    /// Opens and checks the heap of a node; `None` if it has no data or cannot be used.
    pub(super) fn check_heap(&mut self, node: &Node, wanted: Option<u8>) -> Option<Heap> {
        if node.entry().data.is_none() {
            return None;
        }
        let top = node.top_id();
        let opened = Heap::open(node).and_then(|heap| heap.node().data().map(|tree| (heap, tree)));
        let (heap, tree) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.reader_error(Rule::L1, Severity::Loss, "a node holds no heap where it should", &error, top);
                return None;
            }
        };
        // The reader also tries the other coding; that it had to is a deviation.
        if let Ok(plain) = node.data()
            && let Ok(block) = plain.block(0)
            && block.get(2) != Some(&0xEC)
        {
            let text = "a heap is encoded in another way than the header says";
            let note = HeapPlace::new(node, &tree, 0).note(Rule::L1, Severity::Degraded, text).field("HNHDR", "bSig");
            self.found(note.values("no signature without decoding", "0xec"));
        }
        let mut sound = true;
        for number in 0..tree.block_count() {
            match tree.block(number) {
                Ok(block) => {
                    if !self.pay_for(block.len()) {
                        return None;
                    }
                    sound &= self.check_heap_block(&block, number, HeapPlace::new(node, &tree, number));
                }
                Err(error) => {
                    self.reader_error(Rule::L1, Severity::Loss, "a block of a heap cannot be read", &error, top);
                    sound = false;
                }
            }
        }
        if let Some(wanted) = wanted.filter(|wanted| *wanted != heap.client()) {
            let note =
                HeapPlace::new(node, &tree, 0).note(Rule::L1, Severity::Loss, "a heap is used for something else");
            let note = note.field("HNHDR", "bClientSig");
            self.found(note.values(format_args!("{:#04x}", heap.client()), format_args!("{wanted:#04x}")));
            return None;
        }
        // What is lost with a block would be told again for each item in it.
        sound.then_some(heap)
    }

    /// Checks one block of a heap; false if items of it cannot be told apart.
    fn check_heap_block(&mut self, block: &[u8], number: usize, place: HeapPlace) -> bool {
        let header = match number {
            0 => 12usize,
            _ if number.checked_rem(128) == Some(8) => 66,
            _ => 2,
        };
        if number == 0 {
            let [_, _, signature, client] = bytes::array(block, 0).unwrap_or_default();
            if signature != 0xEC {
                let note = place.note(Rule::L1, Severity::Loss, "a heap has no signature").field("HNHDR", "bSig");
                self.found(note.values(format_args!("{signature:#04x}"), "0xec"));
            }
            if !CLIENTS.contains(&client) {
                let note = place.note(Rule::L1, Severity::Degraded, "nobody knows what a heap is for");
                let note = note.field("HNHDR", "bClientSig");
                self.found(note.values(format_args!("{client:#04x}"), "a known client"));
            }
        }
        let map = usize::from(bytes::u16(block, 0).unwrap_or(0));
        let text = "the page map of a heap block is not where it can be";
        let last = block.len().saturating_sub(6);
        if map < header || map > last {
            let note = place.note(Rule::L1, Severity::Loss, text).field("HNPAGEHDR", "ibHnpm");
            self.found(note.values(map, format_args!("{header} to {last}")));
            return false;
        }
        if map & 1 != 0 {
            let note = place.note(Rule::L1, Severity::Degraded, text).field("HNPAGEHDR", "ibHnpm");
            self.found(note.values(map, "an even number"));
        }
        let count = usize::from(bytes::u16(block, map).unwrap_or(0));
        let room = last.saturating_sub(map) >> 1;
        let most = room.min(if self.is_4k() { 16_383 } else { 2047 });
        if count > most {
            let note = place.note(Rule::L1, Severity::Loss, "a heap block has more items than it can");
            self.found(note.field("HNPAGEMAP", "cAlloc").values(count, format_args!("at most {most}")));
        }
        let offset = |index: usize| {
            let at = map.saturating_add(4).saturating_add(index.saturating_mul(2));
            bytes::u16(block, at).map_or(0, usize::from)
        };
        let (mut empty, mut before) = (0usize, offset(0));
        if before != header {
            let note =
                place.note(Rule::L2, Severity::Degraded, "the first item of a heap block is not behind its header");
            self.found(note.field("HNPAGEMAP", "rgibAlloc").values(before, header));
        }
        for index in 0..count.min(room) {
            let next = offset(index.saturating_add(1));
            if next < before || next > map {
                let note = place.note(Rule::L1, Severity::Loss, "items of a heap block overlap or leave it");
                let note = note.field("HNPAGEMAP", "rgibAlloc");
                self.found(note.values(format_args!("{before}..{next}"), format_args!("ascending up to {map}")));
                return false;
            }
            let size = next.saturating_sub(before);
            if size == 0 {
                empty = empty.saturating_add(1);
            }
            if size > MAX_ITEM && !self.is_4k() {
                let note = place.note(Rule::L4, Severity::Degraded, "an item of a heap is too large");
                self.found(note.field("HNPAGEMAP", "rgibAlloc").values(size, format_args!("at most {MAX_ITEM}")));
            }
            before = next;
        }
        let freed = usize::from(bytes::u16(block, map.saturating_add(2)).unwrap_or(0));
        if freed != empty {
            let note = place.note(Rule::L3, Severity::Degraded, "a heap block counts other freed items than it has");
            self.found(note.field("HNPAGEMAP", "cFree").values(freed, format_args!("{empty} items of length 0")));
        }
        count <= most
    }

    /// Checks a BTree-on-Heap and passes on its records; false if it cannot be walked.
    pub(super) fn check_bth(
        &mut self,
        heap: &Heap,
        header: Hid,
        sizes: &[(u8, u8)],
        structure: &'static str,
        each: EachRecord<'_>,
    ) -> bool {
        let top = heap.node().top_id();
        let item = match heap.item(header) {
            Ok(item) => item,
            Err(error) => {
                self.reader_error(Rule::L5, Severity::Loss, "the header of a tree in a heap is missing", &error, top);
                return false;
            }
        };
        let note = |text: &str| Note::new(Rule::L5, Severity::Loss, text).node(top);
        let Some([kind, key, data, levels, a, b, c, d]) = bytes::array::<8>(&item, 0) else {
            let text = "the header of a tree in a heap is too short";
            self.found(note(text).field("BTHHEADER", "").values(format_args!("{} bytes", item.len()), "8 bytes"));
            return false;
        };
        let legal = matches!(key, 2 | 4 | 8 | 16) && matches!(data, 1..=32);
        let fits = sizes.is_empty() || sizes.contains(&(key, data));
        if kind != 0xB5 || !legal || !fits || levels > 8 {
            let wanted: Vec<String> = sizes.iter().map(|(key, data)| format!("{key}/{data}")).collect();
            let wanted = if wanted.is_empty() { "legal sizes".to_owned() } else { wanted.join(" or ") };
            let actual = format!("type {kind:#04x}, sizes {key}/{data}, {levels} levels");
            let expected = format!("type 0xb5, {wanted}, at most 8 levels");
            self.found(note("the header of a tree in a heap is wrong").field("BTHHEADER", "").values(actual, expected));
            return false;
        }
        let root = Hid::new(u32::from_le_bytes([a, b, c, d]));
        let sizes = Sizes { key: usize::from(key), data: usize::from(data) };
        if root.is_none() {
            return true;
        }
        let mut last = None;
        self.bth_item(heap, root, levels, sizes, (structure, None), &mut last, each)
    }

    #[allow(clippy::too_many_arguments, reason = "one recursive function, called from one place")]
    fn bth_item(
        &mut self,
        heap: &Heap,
        hid: Hid,
        level: u8,
        sizes: Sizes,
        (structure, parent): (&'static str, Option<u64>),
        last: &mut Option<u64>,
        each: EachRecord<'_>,
    ) -> bool {
        let top = heap.node().top_id();
        let item = match heap.item(hid) {
            Ok(item) => item,
            Err(error) => {
                self.reader_error(Rule::L5, Severity::Loss, "an item of a tree in a heap is missing", &error, top);
                return false;
            }
        };
        if !self.pay_for(item.len().saturating_add(16)) {
            return false;
        }
        let note = |severity, text: &str| Note::new(Rule::L5, severity, text).node(top).field(structure, "");
        let stride = sizes.key.saturating_add(if level == 0 { sizes.data } else { 4 });
        let spare = item.len().checked_rem(stride).unwrap_or(0);
        if spare != 0 || item.is_empty() {
            let text = "an item of a tree in a heap does not hold whole records";
            let expected = format!("a multiple of {stride}, not 0");
            self.found(note(Severity::Degraded, text).values(format_args!("{} bytes in {hid}", item.len()), expected));
        }
        // Nobody knows in which order keys of 16 bytes are kept.
        let ordered = sizes.key <= 8;
        let first = item.get(..sizes.key).map(number);
        if let (Some(parent), Some(first)) = (parent, first)
            && parent != first
            && ordered
        {
            let text = "an index of a tree in a heap names another key than its child begins with";
            self.found(note(Severity::Degraded, text).values(format_args!("{parent:#x}"), format_args!("{first:#x}")));
        }
        let (mut whole, mut told) = (true, false);
        for record in item.chunks_exact(stride) {
            let key = number(record.get(..sizes.key).unwrap_or_default());
            if level > 0 {
                let child = Hid::new(bytes::u32(record, sizes.key).unwrap_or(0));
                let below = level.saturating_sub(1);
                whole &= self.bth_item(heap, child, below, sizes, (structure, Some(key)), last, &mut *each);
                continue;
            }
            if let Some(before) = last.replace(key).filter(|before| *before >= key)
                && ordered
                && !told
            {
                told = true;
                let text = "keys of a tree in a heap do not ascend: some readers miss records";
                let actual = format!("{key:#x} behind {before:#x}");
                self.found(note(Severity::Degraded, text).values(actual, "ascending keys"));
            }
            each(self, record);
        }
        whole
    }

    /// Checks the property context of a node and every property in it.
    pub(super) fn check_properties(&mut self, node: &Node) -> Option<Checked> {
        let heap = self.check_heap(node, Some(Heap::PROPERTIES))?;
        let mut sum = 0u64;
        let whole = self.check_bth(&heap, heap.root(), &[(2, 6)], "PC BTH record", &mut |check, record| {
            let id = bytes::u16(record, 0).unwrap_or(0);
            let kind = PropertyType::new(bytes::u16(record, 2).unwrap_or(0));
            let value = bytes::u32(record, 4).unwrap_or(0);
            let length = check.check_value(&heap, PropertyTag::from_parts(id, kind), value, Rule::L6);
            sum = sum.saturating_add(length);
        });
        match PropertyContext::open(node) {
            Ok(context) => Some(Checked { context, bytes: sum }),
            Err(error) if whole => {
                self.reader_error(Rule::L6, Severity::Loss, "properties cannot be read", &error, node.top_id());
                None
            }
            Err(_) => None,
        }
    }

    /// Checks a value by its type and place; returns its length, for a PtypObject that of the object.
    fn check_value(&mut self, heap: &Heap, tag: PropertyTag, value: u32, rule: Rule) -> u64 {
        let (kind, top) = (tag.kind(), heap.node().top_id());
        let note = |severity, text: &str| Note::new(rule, severity, text).node(top).field("PC BTH record", "");
        if kind.name().is_none() || kind == PropertyType::NULL {
            self.found(
                note(Severity::Degraded, "a property has an unknown type")
                    .values(format_args!("{tag}"), "a known type"),
            );
            return 0;
        }
        if kind == PropertyType::UNSPECIFIED {
            let text = "a property has no type";
            self.found(note(Severity::Cosmetic, text).values(format_args!("{tag}"), "a type"));
            return 0;
        }
        if let Some(size) = kind.fixed_size().filter(|size| *size <= 4 && !kind.is_multiple()) {
            return u64::try_from(size).unwrap_or(0);
        }
        if value == 0 {
            return 0;
        }
        let missing = |error: &crate::Error| {
            note(Severity::Loss, "the value of a property is missing")
                .error(error)
                .field("PC BTH record", "dwValueHnid")
        };
        if value & 0x1F == 0 {
            return match heap.item(Hid::new(value)) {
                Ok(item) => {
                    self.check_shape(heap, tag, &item, rule);
                    if kind == PropertyType::OBJECT { self.object_size(heap, tag, &item) } else { length(&item) }
                }
                Err(error) => {
                    let note = missing(&error).values(format_args!("{tag}: {error}"), "an item of the heap");
                    self.found(note);
                    0
                }
            };
        }
        let nid = Nid::new(value);
        let data = match heap.node().subnode(nid) {
            Ok(Some(subnode)) => subnode.data(),
            Ok(None) => {
                let text = "the value of a property is in a subnode that does not exist";
                let note = note(Severity::Loss, text).field("PC BTH record", "dwValueHnid");
                self.found(note.values(format_args!("{nid} for {tag}"), "a subnode"));
                return 0;
            }
            Err(error) => {
                self.reader_error(rule, Severity::Loss, "the subnode of a value cannot be read", &error, top);
                return 0;
            }
        };
        match data {
            Ok(data) => {
                let size = data.len();
                if size <= MAX_SHAPED
                    && (kind.is_multiple() || matches!(kind, PropertyType::STRING | PropertyType::GUID))
                    && self.pay(size)
                    && let Ok(bytes) = data.bytes()
                {
                    self.check_shape(heap, tag, &bytes, rule);
                }
                size
            }
            Err(error) => {
                self.reader_error(rule, Severity::Loss, "the subnode of a value cannot be read", &error, top);
                0
            }
        }
    }

    /// `ulSize` of a PtypObject, whose subnode must exist.
    fn object_size(&mut self, heap: &Heap, tag: PropertyTag, item: &[u8]) -> u64 {
        let Ok(object) = ObjectRef::decode(item) else { return 0 };
        if let Ok(None) = heap.node().subnode(object.nid) {
            let note = Note::new(Rule::L6, Severity::Loss, "the subnode of an object does not exist");
            let note = note.node(heap.node().top_id()).field("PtypObject", "Nid");
            self.found(note.values(format_args!("{} for {tag}", object.nid), "a subnode"));
        }
        u64::from(object.size)
    }

    /// Checks that stored bytes can be a value of their type.
    pub(super) fn check_shape(&mut self, heap: &Heap, tag: PropertyTag, stored: &[u8], rule: Rule) {
        let kind = tag.kind();
        let mut severity = Severity::Loss;
        let wrong = if stored.is_empty() {
            None
        } else if kind.is_multiple() {
            wrong_multiple(kind, stored)
        } else if let Some(size) = kind.fixed_size() {
            (stored.len() != size).then(|| format!("{size} bytes"))
        } else if kind == PropertyType::OBJECT {
            (stored.len() != 8).then(|| "8 bytes".to_owned())
        } else if kind == PropertyType::STRING {
            severity = Severity::Degraded;
            (stored.len() & 1 != 0).then(|| "an even number of bytes".to_owned())
        } else {
            None
        };
        if let Some(expected) = wrong {
            let note = Note::new(rule, severity, "the bytes of a property do not fit its type");
            let note = note.node(heap.node().top_id()).field("property", "value");
            self.found(note.values(format_args!("{} bytes for {tag} ({kind})", stored.len()), expected));
        }
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

/// What a multiple value should look like, if it does not.
fn wrong_multiple(kind: PropertyType, stored: &[u8]) -> Option<String> {
    if let Some(size) = kind.element().fixed_size() {
        let size = if kind.element() == PropertyType::BOOLEAN { 2 } else { size };
        return (stored.len().checked_rem(size) != Some(0)).then(|| format!("a multiple of {size} bytes"));
    }
    let count = usize::try_from(bytes::u32(stored, 0)?).ok()?;
    let room = stored.len().saturating_sub(4) >> 2;
    if count > room {
        return Some(format!("room for {count} offsets"));
    }
    let mut before = count.saturating_mul(4).saturating_add(4);
    for index in 0..count {
        let at = index.saturating_mul(4).saturating_add(4);
        let offset = bytes::u32(stored, at).and_then(|offset| usize::try_from(offset).ok()).unwrap_or(usize::MAX);
        if offset < before || offset > stored.len() {
            return Some("ascending offsets inside the value".to_owned());
        }
        before = offset;
    }
    None
}
