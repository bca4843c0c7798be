//! The ids of the node database: nodes (NID) and blocks (BID).

use std::fmt;

/// Node id (MS-PST 2.2.2.1): a 5-bit type and a 27-bit index.
///
/// Top-level nodes are found in the node B-tree; a subnode's id means something only inside its owner.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nid(u32);

impl Nid {
    /// The message store.
    pub const MESSAGE_STORE: Self = Self(0x21);
    /// The named property map.
    pub const NAME_TO_ID_MAP: Self = Self(0x61);
    /// The root folder.
    pub const ROOT_FOLDER: Self = Self(0x122);
    /// The attachment table of a message, a subnode.
    pub const ATTACHMENT_TABLE: Self = Self(0x671);
    /// The recipient table of a message, a subnode.
    pub const RECIPIENT_TABLE: Self = Self(0x692);

    /// From the number in the file.
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// From type and index. Index bits over the 27th are lost.
    pub const fn from_parts(kind: NidType, index: u32) -> Self {
        Self((index << 5) | kind.number() as u32)
    }

    /// The number in the file.
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The low five bits.
    pub const fn kind(self) -> NidType {
        NidType((self.0 & 0x1F) as u8)
    }

    /// The upper 27 bits.
    pub const fn index(self) -> u32 {
        self.0 >> 5
    }

    /// The node with the same index and another type, as a folder's tables relate to their folder (MS-PST 2.4.4).
    pub const fn with_kind(self, kind: NidType) -> Self {
        Self((self.0 & !0x1F) | kind.number() as u32)
    }
}

impl fmt::Display for Nid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for Nid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nid({:#x})", self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Nid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The type of a node: the low five bits of its id (MS-PST 2.2.2.1).
///
/// **Real files have types the specification does not list** (0x09 OLE storage, 0x14 to 0x19), so this is a number with
/// names for the known ones.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NidType(u8);

impl NidType {
    /// Not a node: an item of the heap.
    pub const HID: Self = Self(0x00);
    /// Internal node such as the store or the named property map.
    pub const INTERNAL: Self = Self(0x01);
    /// Folder.
    pub const NORMAL_FOLDER: Self = Self(0x02);
    /// Search folder.
    pub const SEARCH_FOLDER: Self = Self(0x03);
    /// Message.
    pub const NORMAL_MESSAGE: Self = Self(0x04);
    /// Attachment, a subnode of its message.
    pub const ATTACHMENT: Self = Self(0x05);
    /// Queue of changes for a search folder.
    pub const SEARCH_UPDATE_QUEUE: Self = Self(0x06);
    /// Criteria of a search folder.
    pub const SEARCH_CRITERIA_OBJECT: Self = Self(0x07);
    /// Associated (hidden) message of a folder.
    pub const ASSOCIATED_MESSAGE: Self = Self(0x08);
    /// OLE storage of an attachment; not in the specification.
    pub const OLE_STORAGE: Self = Self(0x09);
    /// Contents table index, internal.
    pub const CONTENTS_TABLE_INDEX: Self = Self(0x0A);
    /// Receive folder table.
    pub const RECEIVE_FOLDER_TABLE: Self = Self(0x0B);
    /// Outgoing queue.
    pub const OUTGOING_QUEUE_TABLE: Self = Self(0x0C);
    /// Subfolders of a folder.
    pub const HIERARCHY_TABLE: Self = Self(0x0D);
    /// Messages of a folder.
    pub const CONTENTS_TABLE: Self = Self(0x0E);
    /// Associated messages of a folder.
    pub const ASSOCIATED_CONTENTS_TABLE: Self = Self(0x0F);
    /// Results of a search folder.
    pub const SEARCH_CONTENTS_TABLE: Self = Self(0x10);
    /// Attachments of a message.
    pub const ATTACHMENT_TABLE: Self = Self(0x11);
    /// Recipients of a message.
    pub const RECIPIENT_TABLE: Self = Self(0x12);
    /// Search table index, internal.
    pub const SEARCH_TABLE_INDEX: Self = Self(0x13);
    /// A value or row matrix kept outside its heap.
    pub const LTP: Self = Self(0x1F);

    /// From a number; bits over the fifth are lost.
    pub const fn new(number: u8) -> Self {
        Self(number & 0x1F)
    }

    /// The number, 0 to 31.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// The name, for the known ones.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x00 => "heap item",
            0x01 => "internal",
            0x02 => "folder",
            0x03 => "search folder",
            0x04 => "message",
            0x05 => "attachment",
            0x06 => "search update queue",
            0x07 => "search criteria",
            0x08 => "associated message",
            0x09 => "OLE storage",
            0x0A => "contents table index",
            0x0B => "receive folder table",
            0x0C => "outgoing queue table",
            0x0D => "hierarchy table",
            0x0E => "contents table",
            0x0F => "associated contents table",
            0x10 => "search contents table",
            0x11 => "attachment table",
            0x12 => "recipient table",
            0x13 => "search table index",
            0x1F => "LTP",
            _ => return None,
        })
    }
}

impl fmt::Display for NidType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "type {:#04x}", self.0),
        }
    }
}

impl fmt::Debug for NidType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NidType({self})")
    }
}

/// Block id (MS-PST 2.2.2.2). **Bit 0 is reserved and not part of the key; bit 1 marks an internal block.**
///
/// Two ids that differ only in bit 0 are equal. Zero means "no block".
#[derive(Clone, Copy)]
pub struct Bid(u64);

impl Bid {
    /// No block.
    pub const NONE: Self = Self(0);

    /// From the number in the file.
    pub const fn new(raw: u64) -> Self {
        Self(raw)
    }

    /// The number in the file, with its reserved bit. Signature and cyclic coding take it as it is.
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// The number to look up: bit 0 cleared.
    pub const fn key(self) -> u64 {
        self.0 & !1
    }

    /// True for XBLOCK, XXBLOCK, SLBLOCK and SIBLOCK.
    pub const fn is_internal(self) -> bool {
        self.0 & 2 != 0
    }

    /// True for "no block".
    pub const fn is_none(self) -> bool {
        self.key() == 0
    }
}

impl PartialEq for Bid {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Bid {}

impl PartialOrd for Bid {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Bid {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key().cmp(&other.key())
    }
}

impl std::hash::Hash for Bid {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Display for Bid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

impl fmt::Debug for Bid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bid({:#x})", self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Bid {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts() {
        let folder = Nid::new(0x8022);
        assert_eq!(folder.kind(), NidType::NORMAL_FOLDER);
        assert_eq!(folder.index(), 0x401);
        assert_eq!(folder.with_kind(NidType::CONTENTS_TABLE), Nid::new(0x802E));
        assert_eq!(Nid::from_parts(NidType::NORMAL_MESSAGE, 0x10001), Nid::new(0x20_0024));
        assert_eq!(folder.to_string(), "0x8022");
    }

    #[test]
    fn the_reserved_bit_is_not_part_of_a_block_id() {
        assert_eq!(Bid::new(0x105), Bid::new(0x104));
        assert_ne!(Bid::new(0x106), Bid::new(0x104));
        assert!(Bid::new(1).is_none());
        assert!(Bid::new(0x106).is_internal());
    }
}
