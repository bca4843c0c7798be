//! TNEF: a MAPI message in one stream of bytes, which mail knows as `winmail.dat` and `application/ms-tnef` \[MS-OXTNEF\].
//!
//! ```text
//!  signature 0x223E9F78 (4) | key (2) | attribute | attribute ...
//!
//!  attTnefVersion, attOemCodepage, attMessageClass, attSubject ...      what clients before MAPI read
//!  attRecipTable                                                        a list of properties for each recipient
//!  attMsgProps                                                          the properties of the message
//!  attAttachRendData, attAttachTitle, attAttachData, attAttachment      for each attachment; its properties last
//! ```
//!
//! Stands on the words for properties ([`ltp`](crate::ltp), [`PropertyName`](crate::messaging::PropertyName)) and on
//! [`text`](crate::text); it knows nothing of nodes or of MIME. Values are lent from the stream.
//!
//! ```
//! # let winmail: &[u8] = b"\x78\x9F\x3E\x22\x01\x00";
//! let tnef = pst_core::tnef::Tnef::parse(winmail, &Default::default())?;
//! for attachment in &tnef.attachments {
//!     println!("{:?}: {} bytes", attachment.file_name(), attachment.data().map_or(0, <[u8]>::len));
//! }
//! # Ok::<(), pst_core::tnef::TnefError>(())
//! ```
//!
//! Where the format surprises:
//!
//! - **Much is there twice**, as an attribute and as a property. The property counts; attributes fill in what no property
//!   says, and [`Property::attribute`] tells which did.
//! - **Text is in two code pages**: attributes and PtypString8 in that of attOemCodepage, PtypString in UTF-16LE.
//! - **Dates of attributes have no time zone.**
//! - **An embedded message is a TNEF stream in an object property** of its attachment.
//! - **Wrong checksums occur in real mail** whose data is whole.

mod attribute;
mod finding;
mod legacy;
mod property;

pub use attribute::{Attribute, AttributeId, checksum};
pub use finding::{Finding, FindingKind};
pub use property::{Object, Property, PropertyValue};

use attribute::Attributes;
use finding::Findings;
use legacy::Mapping;
use property::Lists;

use crate::bytes;
use crate::text::{CodePage, CodePageChoice, CodePageSource};

/// The first four bytes of every stream, little-endian (MS-OXTNEF 2.1.3.1).
pub const SIGNATURE: u32 = 0x223E_9F78;

/// Bytes in front of the first attribute: signature and key.
const HEADER_LEN: usize = 6;

/// What an attachment counts in the budget: itself and what its attributes make.
const ATTACHMENT_COST: usize = 8;

/// Why bytes are no TNEF at all. Everything less is a [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TnefError {
    /// Fewer than 6 bytes.
    #[error("TNEF: {have} bytes, signature and key alone have 6")]
    Truncated {
        /// Bytes present.
        have: usize,
    },
    /// Another signature.
    #[error("TNEF: signature is {0:#010x}, expected 0x223e9f78")]
    Signature(u32),
}

/// What reading may and should do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// The code page of a stream without attOemCodepage; the default is windows-1252.
    pub code_page: CodePage,
    /// How deep messages may be embedded in each other; 32 by default, and never more than 128.
    pub depth: usize,
    /// Properties and values of the stream with all that is embedded in it; 524,288 by default.
    pub values: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { code_page: CodePage::WINDOWS_1252, depth: 32, values: 1 << 19 }
    }
}

/// What is left of [`Options::values`].
#[derive(Debug)]
struct Budget(usize);

impl Budget {
    fn spend(&mut self, values: usize) -> bool {
        let left = self.0.checked_sub(values);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }
}

/// A message with its recipients and attachments.
#[derive(Clone, Debug, PartialEq)]
pub struct Tnef<'a> {
    /// The key behind the signature, which means nothing today.
    pub key: u16,
    /// attTnefVersion, 0x00010000 in all that is known.
    pub version: Option<u32>,
    /// The code page of attributes and PtypString8.
    pub code_page: CodePageChoice,
    /// The attributes of the message as they stand, in order, those that hold properties included.
    pub attributes: Vec<Attribute<'a>>,
    /// The properties of the message in order, then those that attributes stand for.
    pub properties: Vec<Property<'a>>,
    /// The properties of each recipient (attRecipTable).
    pub recipients: Vec<Vec<Property<'a>>>,
    /// The attachments, in order.
    pub attachments: Vec<Attachment<'a>>,
    /// What is wrong with the stream. Embedded messages have their own.
    pub findings: Vec<Finding>,
}

/// An attachment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attachment<'a> {
    /// Its attributes as they stand, in order.
    pub attributes: Vec<Attribute<'a>>,
    /// Its properties in order, then those that attributes stand for.
    pub properties: Vec<Property<'a>>,
    /// The message in it.
    pub embedded: Option<Box<Tnef<'a>>>,
}

/// The property of this id, whatever its type.
fn find<'p, 'a>(properties: &'p [Property<'a>], id: u16) -> Option<&'p Property<'a>> {
    properties.iter().find(|property| property.tag.id() == id && property.name.is_none())
}

impl<'a> Attachment<'a> {
    /// The property of this id below 0x8000, whatever its type.
    #[must_use]
    pub fn property(&self, id: u16) -> Option<&Property<'a>> {
        find(&self.properties, id)
    }

    /// The text of a property, if it has any.
    fn text(&self, id: u16) -> Option<String> {
        self.property(id)?.text().filter(|text| !text.is_empty())
    }

    /// The long file name, else the short one, else the display name.
    #[must_use]
    pub fn file_name(&self) -> Option<String> {
        [0x3707, 0x3704, 0x3001].into_iter().find_map(|id| self.text(id))
    }

    /// PidTagAttachMimeTag.
    #[must_use]
    pub fn mime_type(&self) -> Option<String> {
        self.text(0x370E)
    }

    /// PidTagAttachContentId, without angle brackets as written.
    #[must_use]
    pub fn content_id(&self) -> Option<String> {
        self.text(0x3712)
    }

    /// PidTagAttachMethod (MS-OXCMSG 2.2.2.9): 1 data, 5 an embedded message, 6 OLE.
    #[must_use]
    pub fn method(&self) -> Option<i64> {
        self.property(0x3705)?.plain()?.as_integer()
    }

    /// The data: of a file the file, of an OLE object its storage, of an embedded message its stream.
    #[must_use]
    pub fn data(&self) -> Option<&'a [u8]> {
        match &self.property(0x3701)?.value {
            PropertyValue::Plain(value) => value.as_bytes()?.as_lent(),
            PropertyValue::Object(object) => Some(object.data),
        }
    }
}

impl<'a> Tnef<'a> {
    /// Reads a stream.
    ///
    /// Damage is told in [`findings`](Self::findings) and stops as little as possible: attributes are framed, so a bad
    /// one leaves the others whole. Memory is a small multiple of [`Options::values`]; the data is not copied.
    ///
    /// # Errors
    ///
    /// [`TnefError`] if the bytes do not begin as TNEF does.
    pub fn parse(bytes: &'a [u8], options: &Options) -> Result<Self, TnefError> {
        let mut budget = Budget(options.values);
        let outer = CodePageChoice { page: options.code_page, source: CodePageSource::Default };
        Self::parse_at(bytes, 0, outer, options.depth.min(128), &mut budget)
    }

    /// The property of this id below 0x8000, whatever its type.
    #[must_use]
    pub fn property(&self, id: u16) -> Option<&Property<'a>> {
        find(&self.properties, id)
    }

    fn parse_at(
        stream: &'a [u8],
        base: usize,
        outer: CodePageChoice,
        depth: usize,
        budget: &mut Budget,
    ) -> Result<Self, TnefError> {
        let truncated = TnefError::Truncated { have: stream.len() };
        let signature = bytes::u32(stream, 0).ok_or(truncated)?;
        if signature != SIGNATURE {
            return Err(TnefError::Signature(signature));
        }
        let key = bytes::u16(stream, 4).ok_or(truncated)?;

        let mut findings = Findings::default();
        let (attributes, mut attachments) = split(stream, base, budget, &mut findings);
        let number = |id, at| {
            attributes.iter().find(|attribute| attribute.id == id).and_then(|attribute| bytes::u32(attribute.data, at))
        };
        let page = number(AttributeId::OEM_CODEPAGE, 0).and_then(|page| CodePage::from_property(page.cast_signed()));
        let code_page = page.map_or(outer, |page| CodePageChoice { page, source: CodePageSource::Message });

        let mapping = Mapping { code_page, is_response: legacy::is_response(&attributes) };
        let mut properties = Vec::new();
        let mut recipients = Vec::new();
        for Attribute { id, data, offset } in &attributes {
            let lists = Lists::new(data, *offset, code_page, budget, &mut findings);
            match *id {
                AttributeId::MSG_PROPS => properties.append(&mut lists.list()),
                AttributeId::RECIP_TABLE => recipients.append(&mut lists.rows()),
                _ => {}
            }
        }
        mapping.complete(&mut properties, &attributes, &mut findings);
        for attachment in &mut attachments {
            for Attribute { data, offset, .. } in
                attachment.attributes.iter().filter(|attribute| attribute.id == AttributeId::ATTACHMENT)
            {
                let lists = Lists::new(data, *offset, code_page, budget, &mut findings);
                attachment.properties.append(&mut lists.list());
            }
            mapping.complete(&mut attachment.properties, &attachment.attributes, &mut findings);
            attachment.embedded = embedded(attachment, code_page, depth, budget, &mut findings);
        }
        Ok(Self {
            key,
            version: number(AttributeId::TNEF_VERSION, 0),
            code_page,
            attributes,
            properties,
            recipients,
            attachments,
            findings: findings.into_vec(),
        })
    }
}

/// The attributes of the message, and the attachments with theirs.
fn split<'a>(
    stream: &'a [u8],
    base: usize,
    budget: &mut Budget,
    findings: &mut Findings,
) -> (Vec<Attribute<'a>>, Vec<Attachment<'a>>) {
    let mut all = Attributes::new(stream, HEADER_LEN, base);
    let (mut message, mut attachments) = (Vec::new(), Vec::<Attachment<'a>>::new());
    while let Some((attribute, says_attachment)) = all.next(findings) {
        let Attribute { id, offset, .. } = attribute;
        let known = id.name().is_some();
        let of_attachment = if known { id.is_of_attachment() } else { says_attachment };
        if !known || of_attachment != says_attachment {
            let level = if says_attachment { 2 } else { 1 };
            findings.add(FindingKind::UnknownAttribute, offset, || format!("{id} at level {level}"));
        }
        if !of_attachment {
            message.push(attribute);
            continue;
        }
        let begins = id == AttributeId::ATTACH_REND_DATA;
        if begins || attachments.is_empty() {
            if !begins {
                findings.add(FindingKind::NoAttachment, offset, || format!("{id} before attAttachRendData"));
            }
            if !budget.spend(ATTACHMENT_COST) {
                findings.add(FindingKind::TooLarge, offset, || "more attachments than the limit".to_owned());
                break;
            }
            attachments.push(Attachment::default());
        }
        if let Some(attachment) = attachments.last_mut() {
            attachment.attributes.push(attribute);
        }
    }
    (message, attachments)
}

/// The message in an attachment, if there is one.
fn embedded<'a>(
    attachment: &Attachment<'a>,
    code_page: CodePageChoice,
    depth: usize,
    budget: &mut Budget,
    findings: &mut Findings,
) -> Option<Box<Tnef<'a>>> {
    let PropertyValue::Object(object) = find(&attachment.properties, 0x3701)?.value else { return None };
    if object.interface != Object::MESSAGE {
        return None;
    }
    let Some(below) = depth.checked_sub(1) else {
        findings.add(FindingKind::Embedded, object.offset, || "embedded deeper than the limit".to_owned());
        return None;
    };
    match Tnef::parse_at(object.data, object.offset, code_page, below, budget) {
        Ok(tnef) => Some(Box::new(tnef)),
        Err(error) => {
            findings.add(FindingKind::Embedded, object.offset, || error.to_string());
            None
        }
    }
}
