//! Messages and attachments.

use std::io::{Seek, Write};

use crate::FileTime;
use crate::ltp::{PropertyType, id};
use crate::ndb::{Bid, Nid, NidType, SubnodeEntry};
use crate::rtf::lzfu;
use crate::testkit::{Prop, Props, StoreBuilder, Table};
use crate::text::utf16;

/// 2024-05-17 08:30:00 UTC: the date of everything whose date is not given.
pub(super) const SOME_DATE: FileTime = FileTime::new(133_604_082_000_000_000);

/// A message to be written into a folder, or into another message.
#[derive(Clone, Debug)]
pub struct MessageBuilder {
    nid: Option<Nid>,
    props: Props,
    recipients: Vec<Props>,
    attachments: Vec<AttachmentBuilder>,
    recipient_table: bool,
    subnodes: Vec<(Nid, Vec<u8>)>,
}

/// A message that is in the file.
pub(super) struct Written {
    pub(super) data: Bid,
    pub(super) subnodes: Bid,
    /// What a row about it says.
    pub(super) props: Props,
}

impl MessageBuilder {
    /// A message of this class, read, with a date.
    pub fn new(class: &str) -> Self {
        let mut props = Props::new();
        props.set(Prop::text(id::MESSAGE_CLASS, class));
        props.set(Prop::i32(id::MESSAGE_FLAGS, 1));
        props.set(Prop::i32(0x0E17, 0));
        props.set(Prop::time(id::CREATION_TIME, SOME_DATE));
        props.set(Prop::time(id::LAST_MODIFICATION_TIME, SOME_DATE));
        Self {
            nid: None,
            props,
            recipients: Vec::new(),
            attachments: Vec::new(),
            recipient_table: true,
            subnodes: Vec::new(),
        }
    }

    /// Gives the message this node id instead of the next one.
    #[must_use]
    pub fn nid(mut self, nid: Nid) -> Self {
        self.nid = Some(nid);
        self
    }

    /// Sets any property.
    #[must_use]
    pub fn prop(mut self, prop: Prop) -> Self {
        self.props.set(prop);
        self
    }

    /// Removes a property.
    #[must_use]
    pub fn without(mut self, id: u16) -> Self {
        self.props.remove(id);
        self
    }

    /// The subject, stored with the two units that say how long its prefix is (MS-PST 2.5.3.1.1.1), and the topic.
    #[must_use]
    pub fn subject(self, subject: &str) -> Self {
        let prefix =
            subject.find(": ").filter(|at| (1..=3).contains(at) && subject[..*at].chars().all(char::is_alphabetic));
        let length = prefix.map_or(0, |at| at + 2);
        let marker = char::from(u8::try_from(length + 1).unwrap());
        self.prop(Prop::text(id::SUBJECT, format!("\u{1}{marker}{subject}")))
            .prop(Prop::text(id::CONVERSATION_TOPIC, &subject[length..]))
    }

    /// Who sent it, for whom as well.
    #[must_use]
    pub fn sender(mut self, name: &str, address: &str) -> Self {
        for (name_id, type_id, address_id, smtp_id) in [
            (id::SENDER_NAME, id::SENDER_ADDRESS_TYPE, id::SENDER_EMAIL_ADDRESS, id::SENDER_SMTP_ADDRESS),
            (
                id::SENT_REPRESENTING_NAME,
                id::SENT_REPRESENTING_ADDRESS_TYPE,
                id::SENT_REPRESENTING_EMAIL_ADDRESS,
                id::SENT_REPRESENTING_SMTP_ADDRESS,
            ),
        ] {
            self.props.set(Prop::text(name_id, name));
            self.props.set(Prop::text(type_id, "SMTP"));
            self.props.set(Prop::text(address_id, address));
            self.props.set(Prop::text(smtp_id, address));
        }
        self
    }

    /// Adds a recipient: 1 To, 2 Cc, 3 Bcc.
    #[must_use]
    pub fn recipient(mut self, kind: i32, name: &str, address: &str) -> Self {
        let entry_id = one_off(name, address);
        let mut search_key = format!("SMTP:{}", address.to_uppercase()).into_bytes();
        search_key.push(0);
        self.recipients.push(Props::from_iter([
            Prop::i32(id::RECIPIENT_TYPE, kind),
            Prop::boolean(0x0E0F, false),
            Prop::binary(id::RECORD_KEY, entry_id.clone()),
            Prop::i32(0x0FFE, 6),
            Prop::binary(0x0FFF, entry_id),
            Prop::text(id::DISPLAY_NAME, name),
            Prop::text(id::ADDRESS_TYPE, "SMTP"),
            Prop::text(id::EMAIL_ADDRESS, address),
            Prop::binary(0x300B, search_key),
            Prop::i32(0x3900, 0),
            Prop::text(id::SMTP_ADDRESS, address),
            Prop::boolean(0x3A40, true),
        ]));
        let list = match kind {
            1 => id::DISPLAY_TO,
            2 => id::DISPLAY_CC,
            _ => id::DISPLAY_BCC,
        };
        let before = match self.props.get(list).map(Prop::data) {
            Some(crate::testkit::PropData::Text(text)) => format!("{text}; "),
            _ => String::new(),
        };
        self.prop(Prop::text(list, before + name))
    }

    /// Adds a recipient from its properties.
    #[must_use]
    pub fn recipient_props(mut self, props: Props) -> Self {
        self.recipients.push(props);
        self
    }

    /// Adds a To recipient.
    #[must_use]
    pub fn to(self, name: &str, address: &str) -> Self {
        self.recipient(1, name, address)
    }

    /// Adds a Cc recipient.
    #[must_use]
    pub fn cc(self, name: &str, address: &str) -> Self {
        self.recipient(2, name, address)
    }

    /// Adds a Bcc recipient.
    #[must_use]
    pub fn bcc(self, name: &str, address: &str) -> Self {
        self.recipient(3, name, address)
    }

    /// Leaves the recipient table out, which happens.
    #[must_use]
    pub fn without_recipient_table(mut self) -> Self {
        self.recipient_table = false;
        self
    }

    /// The plain body.
    #[must_use]
    pub fn body(self, text: &str) -> Self {
        self.prop(Prop::text(id::BODY, text))
    }

    /// The HTML body in UTF-8; binary, but String8 in ANSI files.
    #[must_use]
    pub fn html(self, html: &str) -> Self {
        // The type is settled when the layout is known.
        self.prop(Prop::binary(id::HTML, html)).prop(Prop::i32(id::INTERNET_CODEPAGE, 65001))
    }

    /// The RTF body, compressed here.
    #[must_use]
    pub fn rtf(self, rtf: &str) -> Self {
        self.rtf_compressed(lzfu::compress(rtf.as_bytes()))
    }

    /// The RTF body, compressed already, right or wrong.
    #[must_use]
    pub fn rtf_compressed(self, stored: Vec<u8>) -> Self {
        self.prop(Prop::binary(id::RTF_COMPRESSED, stored)).prop(Prop::boolean(0x0E1F, true))
    }

    /// The headers the message came with.
    #[must_use]
    pub fn headers(self, headers: &str) -> Self {
        self.prop(Prop::text(id::TRANSPORT_MESSAGE_HEADERS, headers))
    }

    /// The Message-ID.
    #[must_use]
    pub fn message_id(self, message_id: &str) -> Self {
        self.prop(Prop::text(id::INTERNET_MESSAGE_ID, message_id))
    }

    /// When it was submitted and delivered.
    #[must_use]
    pub fn dates(self, submitted: FileTime, delivered: FileTime) -> Self {
        self.prop(Prop::time(id::CLIENT_SUBMIT_TIME, submitted)).prop(Prop::time(id::MESSAGE_DELIVERY_TIME, delivered))
    }

    /// When it was created and last changed.
    #[must_use]
    pub fn created(self, created: FileTime, modified: FileTime) -> Self {
        self.prop(Prop::time(id::CREATION_TIME, created)).prop(Prop::time(id::LAST_MODIFICATION_TIME, modified))
    }

    /// PidTagMessageFlags.
    #[must_use]
    pub fn flags(self, flags: i32) -> Self {
        self.prop(Prop::i32(id::MESSAGE_FLAGS, flags))
    }

    /// Adds an attachment.
    #[must_use]
    pub fn attach(mut self, attachment: AttachmentBuilder) -> Self {
        self.attachments.push(attachment);
        self
    }

    /// Adds a subnode with this data, such as one a raw property names.
    #[must_use]
    pub fn subnode(mut self, nid: Nid, data: Vec<u8>) -> Self {
        self.subnodes.push((nid, data));
        self
    }

    pub(super) fn take_nid<W: Write + Seek>(&self, store: &mut StoreBuilder<W>, kind: NidType) -> Nid {
        self.nid.unwrap_or_else(|| store.new_nid(kind))
    }

    /// Writes the message without adding a node for it.
    pub(super) fn write<W: Write + Seek>(self, store: &mut StoreBuilder<W>, nid: Nid) -> Written {
        let mut props = self.props;
        let mut subnodes = Vec::new();
        if store.format().is_ansi()
            && let Some(html) = props.get(id::HTML).filter(|prop| prop.tag(store).kind() == PropertyType::BINARY)
            && let crate::testkit::PropData::Stored(bytes) = html.data()
        {
            let html = Prop::string8(id::HTML, bytes.clone());
            props.set(html);
        }
        if self.recipient_table {
            let mut table = Table::new(Table::RECIPIENTS);
            for (number, recipient) in (0..).zip(self.recipients) {
                table.row(number, recipient);
            }
            let (data, below) = table.write(store);
            subnodes.push(SubnodeEntry { nid: Nid::RECIPIENT_TABLE, data, subnodes: below });
        }
        if !self.attachments.is_empty() {
            let mut table = Table::new(Table::ATTACHMENTS);
            for (number, attachment) in (0..).zip(self.attachments) {
                let (entry, row) = attachment.write(store, number);
                table.row(entry.nid.raw(), row);
                subnodes.push(entry);
            }
            let (data, below) = table.write(store);
            subnodes.push(SubnodeEntry { nid: Nid::ATTACHMENT_TABLE, data, subnodes: below });
            if let Some(Prop { .. }) = props.get(id::MESSAGE_FLAGS) {
                let flags = stored_i32(&props, id::MESSAGE_FLAGS) | 0x10;
                props.set(Prop::i32(id::MESSAGE_FLAGS, flags));
            }
        }
        for (nid, data) in self.subnodes {
            let data = store.data(&data);
            subnodes.push(SubnodeEntry { nid, data, subnodes: Bid::NONE });
        }
        let mut search_key = vec![0x5A; 12];
        search_key.extend_from_slice(&nid.raw().to_be_bytes());
        props.set_default(Prop::binary(0x300B, search_key));
        // The size is a number in the entry itself, so it does not change what it counts.
        props.set_default(Prop::i32(id::MESSAGE_SIZE, 0));
        let counted = stored_i32(&props, id::MESSAGE_SIZE) == 0;
        let mut blocks = props.encode(store, &mut subnodes);
        if counted {
            let below: u64 =
                subnodes.iter().map(|entry| store.size_below(entry.data) + store.size_below(entry.subnodes)).sum();
            let own: usize = blocks.iter().map(Vec::len).sum();
            let size = i32::try_from(below + own as u64).unwrap_or(i32::MAX);
            // Long values are in their subnodes already and must not be written twice.
            patch_inline(&mut blocks, id::MESSAGE_SIZE, size);
            props.set(Prop::i32(id::MESSAGE_SIZE, size));
        }
        let data = store.data_from_blocks(blocks);
        let subnodes = store.subnodes(subnodes);
        Written { data, subnodes, props }
    }
}

/// Overwrites the zero of an Int32 property in the blocks of a property context. Its records stand behind the values.
fn patch_inline(blocks: &mut [Vec<u8>], id: u16, value: i32) {
    let [a, b] = id.to_le_bytes();
    let record = [a, b, 3, 0, 0, 0, 0, 0];
    for block in blocks.iter_mut().rev() {
        if let Some(at) = block.windows(8).rposition(|window| window == record) {
            block[at + 4..at + 8].copy_from_slice(&value.to_le_bytes());
            return;
        }
    }
    panic!("no property {id:#06x} to patch");
}

fn stored_i32(props: &Props, id: u16) -> i32 {
    match props.get(id).map(Prop::data) {
        Some(crate::testkit::PropData::Stored(bytes)) => {
            bytes.first_chunk().map_or(0, |bytes| i32::from_le_bytes(*bytes))
        }
        _ => 0,
    }
}

/// A one-off entry id (MS-OXCDATA 2.2.5.1).
fn one_off(name: &str, address: &str) -> Vec<u8> {
    let mut out = vec![0; 4];
    out.extend_from_slice(&[
        0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02,
    ]);
    out.extend_from_slice(&[0, 0, 0x01, 0x90]);
    for text in [name, "SMTP", address] {
        out.extend_from_slice(&utf16::encode(text));
        out.extend_from_slice(&[0, 0]);
    }
    out
}

#[derive(Clone, Debug)]
enum Content {
    None,
    Bytes(Vec<u8>),
    Message(Box<MessageBuilder>),
    Ole(Vec<u8>),
}

/// An attachment to be written.
#[derive(Clone, Debug)]
pub struct AttachmentBuilder {
    nid: Option<Nid>,
    props: Props,
    content: Content,
}

impl AttachmentBuilder {
    fn new(method: i32, content: Content) -> Self {
        let props = Props::from_iter([
            Prop::i32(id::ATTACH_METHOD, method),
            Prop::i32(id::RENDERING_POSITION, -1),
            Prop::time(id::CREATION_TIME, SOME_DATE),
            Prop::time(id::LAST_MODIFICATION_TIME, SOME_DATE),
        ]);
        Self { nid: None, props, content }
    }

    fn named(self, name: &str) -> Self {
        let short: String = name.chars().take(12).collect();
        let mut named = self
            .prop(Prop::text(id::DISPLAY_NAME, name))
            .prop(Prop::text(id::ATTACH_FILENAME, short))
            .prop(Prop::text(id::ATTACH_LONG_FILENAME, name));
        if let Some(dot) = name.rfind('.') {
            named = named.prop(Prop::text(id::ATTACH_EXTENSION, &name[dot..]));
        }
        named
    }

    /// A file (method 1).
    pub fn by_value(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(1, Content::Bytes(bytes.into())).named(name)
    }

    /// A message (method 5).
    pub fn embedded(name: &str, message: MessageBuilder) -> Self {
        Self::new(5, Content::Message(Box::new(message))).prop(Prop::text(id::DISPLAY_NAME, name))
    }

    /// An OLE object (method 6) from the bytes of its storage.
    pub fn ole(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(6, Content::Ole(bytes.into())).prop(Prop::text(id::DISPLAY_NAME, name))
    }

    /// A reference to a file elsewhere; `method` is 2, 3, 4 or 7.
    pub fn by_reference(method: i32, name: &str, path: &str) -> Self {
        Self::new(method, Content::None).named(name).prop(Prop::text(id::ATTACH_LONG_PATHNAME, path))
    }

    /// Gives the attachment this subnode id instead of the next one.
    #[must_use]
    pub fn nid(mut self, nid: Nid) -> Self {
        self.nid = Some(nid);
        self
    }

    /// Sets any property.
    #[must_use]
    pub fn prop(mut self, prop: Prop) -> Self {
        self.props.set(prop);
        self
    }

    /// The MIME type.
    #[must_use]
    pub fn mime(self, mime: &str) -> Self {
        self.prop(Prop::text(id::ATTACH_MIME_TAG, mime))
    }

    /// A content id, and the flag that the body shows the attachment.
    #[must_use]
    pub fn inline(self, content_id: &str) -> Self {
        self.prop(Prop::text(id::ATTACH_CONTENT_ID, content_id)).prop(Prop::i32(id::ATTACH_FLAGS, 4))
    }

    /// Writes the attachment; returns its subnode and what its row says.
    fn write<W: Write + Seek>(self, store: &mut StoreBuilder<W>, number: i32) -> (SubnodeEntry, Props) {
        let nid = self.nid.unwrap_or_else(|| store.new_nid(NidType::ATTACHMENT));
        let mut props = self.props;
        let mut subnodes = Vec::new();
        let mut object_size = 0;
        match self.content {
            Content::None => {}
            Content::Bytes(bytes) => props.set(Prop::binary(id::ATTACH_DATA, bytes)),
            Content::Message(message) => {
                let nid = message.take_nid(store, NidType::NORMAL_MESSAGE);
                let Written { data, subnodes: below, .. } = message.write(store, nid);
                object_size = store.size_below(data) + store.size_below(below);
                subnodes.push(SubnodeEntry { nid, data, subnodes: below });
                props.set(Prop::object(id::ATTACH_DATA, nid, u32::try_from(object_size).unwrap()));
            }
            Content::Ole(bytes) => {
                let nid = store.new_nid(NidType::OLE_STORAGE);
                let data = store.data(&bytes);
                object_size = bytes.len() as u64;
                subnodes.push(SubnodeEntry { nid, data, subnodes: Bid::NONE });
                props.set(Prop::object(id::ATTACH_DATA, nid, u32::try_from(object_size).unwrap()));
            }
        }
        props.set_default(Prop::i32(0x0E21, number));
        let size: usize = props
            .iter()
            .map(|prop| match prop.tag(store).kind() {
                PropertyType::OBJECT => usize::try_from(object_size).unwrap(),
                _ => prop.size(store),
            })
            .sum();
        // The size counts itself.
        props.set_default(Prop::i32(id::ATTACH_SIZE, i32::try_from(size + 4).unwrap_or(i32::MAX)));
        let (data, below) = props.write(store, subnodes);
        (SubnodeEntry { nid, data, subnodes: below }, props)
    }
}
