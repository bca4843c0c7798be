//! The attributes a TNEF stream consists of (MS-OXTNEF 2.1.3.3).
//!
//! ```text
//!  0       1        5          9                9+n      11+n
//!  +-------+--------+----------+------ ... -----+--------+
//!  | level |   id   | length n |      data      |  sum   |
//!  +-------+--------+----------+------ ... -----+--------+
//! ```
//!
//! `sum` is the sum of the data's bytes, modulo 65,536.

use std::fmt;

use super::finding::{FindingKind, Findings};
use crate::bytes;

/// The id of an attribute: what its data is made of in the upper, which attribute it is in the lower 16 bits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(u32);

macro_rules! ids {
    ($($(#[doc = $doc:literal])* $name:ident = $id:literal, $text:literal;)*) => {
        impl AttributeId {
            $($(#[doc = $doc])* pub const $name: Self = Self($id);)*

            const ALL: &[Self] = &[$(Self::$name),*];

            /// The name of the specification, such as `attSubject`.
            #[must_use]
            pub const fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($id => Some($text),)*
                    _ => None,
                }
            }
        }
    };
}

ids! {
    /// attOwner: the owner of the folder of a meeting message.
    OWNER = 0x0006_0000, "attOwner";
    /// attSentFor: who a message was sent for.
    SENT_FOR = 0x0006_0001, "attSentFor";
    /// attDelegate: the entry id of who received it for another.
    DELEGATE = 0x0006_0002, "attDelegate";
    /// attDateStart.
    DATE_START = 0x0003_0006, "attDateStart";
    /// attDateEnd.
    DATE_END = 0x0003_0007, "attDateEnd";
    /// attAidOwner: the appointment at its owner.
    AID_OWNER = 0x0005_0008, "attAidOwner";
    /// attRequestRes: whether an answer is asked for.
    REQUEST_RESPONSE = 0x0004_0009, "attRequestRes";
    /// attOriginalMessageClass.
    ORIGINAL_MESSAGE_CLASS = 0x0007_0006, "attOriginalMessageClass";
    /// attFrom: the sender.
    FROM = 0x0000_8000, "attFrom";
    /// attSubject.
    SUBJECT = 0x0001_8004, "attSubject";
    /// attDateSent.
    DATE_SENT = 0x0003_8005, "attDateSent";
    /// attDateRecd.
    DATE_RECEIVED = 0x0003_8006, "attDateRecd";
    /// attMessageStatus: flags.
    MESSAGE_STATUS = 0x0006_8007, "attMessageStatus";
    /// attMessageClass.
    MESSAGE_CLASS = 0x0007_8008, "attMessageClass";
    /// attMessageID: the search key in hex digits.
    MESSAGE_ID = 0x0001_8009, "attMessageID";
    /// attParentID.
    PARENT_ID = 0x0001_800A, "attParentID";
    /// attConversationID.
    CONVERSATION_ID = 0x0001_800B, "attConversationID";
    /// attBody: the text.
    BODY = 0x0002_800C, "attBody";
    /// attPriority.
    PRIORITY = 0x0004_800D, "attPriority";
    /// attAttachData: the data of an attachment.
    ATTACH_DATA = 0x0006_800F, "attAttachData";
    /// attAttachTitle: the file name of an attachment.
    ATTACH_TITLE = 0x0001_8010, "attAttachTitle";
    /// attAttachMetaFile: the icon of an attachment, as a metafile.
    ATTACH_META_FILE = 0x0006_8011, "attAttachMetaFile";
    /// attAttachCreateDate.
    ATTACH_CREATE_DATE = 0x0003_8012, "attAttachCreateDate";
    /// attAttachModifyDate.
    ATTACH_MODIFY_DATE = 0x0003_8013, "attAttachModifyDate";
    /// attDateModified.
    DATE_MODIFIED = 0x0003_8020, "attDateModified";
    /// attAttachTransportFilename.
    ATTACH_TRANSPORT_FILENAME = 0x0006_9001, "attAttachTransportFilename";
    /// attAttachRendData: begins an attachment.
    ATTACH_REND_DATA = 0x0006_9002, "attAttachRendData";
    /// attMsgProps: properties of the message.
    MSG_PROPS = 0x0006_9003, "attMsgProps";
    /// attRecipTable: the recipients.
    RECIP_TABLE = 0x0006_9004, "attRecipTable";
    /// attAttachment: properties of an attachment.
    ATTACHMENT = 0x0006_9005, "attAttachment";
    /// attTnefVersion.
    TNEF_VERSION = 0x0008_9006, "attTnefVersion";
    /// attOemCodepage.
    OEM_CODEPAGE = 0x0006_9007, "attOemCodepage";
}

impl AttributeId {
    /// From the number.
    #[must_use]
    pub const fn new(raw: u32) -> Self {
        Self(raw)
    }

    /// The number.
    #[must_use]
    pub const fn raw(self) -> u32 {
        self.0
    }

    /// The known attribute that is meant: some writers leave the upper 16 bits empty or wrong. Below 0x8000 the
    /// lower bits alone say too little.
    pub(super) fn meant(self) -> Self {
        let low = self.0 & 0xFFFF;
        if self.name().is_some() || low < 0x8000 {
            return self;
        }
        Self::ALL.iter().copied().find(|known| known.0 & 0xFFFF == low).unwrap_or(self)
    }

    /// Whether the attribute belongs to an attachment, by its id.
    pub(super) const fn is_of_attachment(self) -> bool {
        matches!(
            self,
            Self::ATTACH_DATA
                | Self::ATTACH_TITLE
                | Self::ATTACH_META_FILE
                | Self::ATTACH_CREATE_DATE
                | Self::ATTACH_MODIFY_DATE
                | Self::ATTACH_TRANSPORT_FILENAME
                | Self::ATTACH_REND_DATA
                | Self::ATTACHMENT
        )
    }
}

impl fmt::Display for AttributeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "{:#010x}", self.0),
        }
    }
}

impl fmt::Debug for AttributeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttributeId({self})")
    }
}

/// An attribute as it stands in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Which one.
    pub id: AttributeId,
    /// Its data.
    pub data: &'a [u8],
    /// Where its data begins: a byte of the outermost stream.
    pub offset: usize,
}

/// Level 1: attributes of the message.
const LEVEL_MESSAGE: u8 = 1;
/// Level 2: attributes of an attachment.
const LEVEL_ATTACHMENT: u8 = 2;

/// Splits a stream behind its key into attributes.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where `bytes` begins in the outermost stream.
    base: usize,
}

impl<'a> Attributes<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, base: usize) -> Self {
        Self { bytes, at, base }
    }

    /// The next attribute, and whether it says that it belongs to an attachment.
    pub(super) fn next(&mut self, findings: &mut Findings) -> Option<(Attribute<'a>, bool)> {
        let rest = self.bytes.get(self.at..)?;
        let (level, rest) = rest.split_first()?;
        let offset = self.base.saturating_add(self.at);
        let left = rest.len();
        if !matches!(*level, LEVEL_MESSAGE | LEVEL_ATTACHMENT) {
            self.at = self.bytes.len();
            // Transports fill up with zeros or a line end.
            if !(*level == 0 || level.is_ascii_whitespace())
                || !rest.iter().all(|byte| *byte == 0 || byte.is_ascii_whitespace())
            {
                let bytes = left.saturating_add(1);
                findings.add(FindingKind::Trailing, offset, || {
                    format!("level {level} and {bytes} bytes in all, expected level 1 or 2")
                });
            }
            return None;
        }
        let header =
            (bytes::u32(rest, 0), bytes::u32(rest, 4).and_then(|length| usize::try_from(length).ok()), rest.get(8..));
        let (Some(id), Some(length), Some(rest)) = header else {
            self.at = self.bytes.len();
            findings.add(FindingKind::Truncated, offset, || {
                format!("{left} bytes behind a level, an attribute has 10 at least")
            });
            return None;
        };
        let id = AttributeId(id).meant();
        let offset = offset.saturating_add(9);
        let Some((data, rest)) = rest.split_at_checked(length) else {
            self.at = self.bytes.len();
            let left = rest.len();
            findings.add(FindingKind::Truncated, offset, || format!("{id} has {length} bytes, {left} are left"));
            return Some((Attribute { id, data: rest, offset }, *level == LEVEL_ATTACHMENT));
        };
        self.at = self.at.saturating_add(length).saturating_add(11);
        match bytes::u16(rest, 0) {
            None => findings.add(FindingKind::Truncated, offset, || format!("{id} has no checksum")),
            Some(stored) => {
                let computed = checksum(data);
                if stored != computed {
                    let detail = || format!("{id}: stored {stored:#06x}, the data gives {computed:#06x}");
                    findings.add(FindingKind::Checksum, offset, detail);
                }
            }
        }
        Some((Attribute { id, data, offset }, *level == LEVEL_ATTACHMENT))
    }
}

/// The sum of the bytes, modulo 65,536 (MS-OXTNEF 2.1.3.2).
#[must_use]
pub fn checksum(data: &[u8]) -> u16 {
    // Each chunk sums up below 32 bits, and the sum of sums wraps as it should.
    data.chunks(0x1000).fold(0, |sum, chunk| {
        let part: u32 = chunk.iter().map(|byte| u32::from(*byte)).sum();
        let [low, high, ..] = part.to_le_bytes();
        u16::from_le_bytes([low, high]).wrapping_add(sum)
    })
}
