//! Attachments to be written (MS-PST 2.4.6).

use crate::ltp::{PropertyTag, PropertyType, id};
use crate::ndb::Nid;
use crate::write::message::MessageDraft;
use crate::write::properties::{Content, Data, Properties};

/// What an attachment holds.
#[derive(Debug)]
pub(super) enum Held {
    Nothing,
    Message(Box<MessageDraft>),
    /// Bytes of an OLE storage.
    Ole(Content),
}

/// An attachment to be written.
#[derive(Debug)]
pub struct AttachmentDraft {
    pub(super) properties: Properties,
    pub(super) held: Held,
    pub(in crate::write) nid: Option<Nid>,
    /// The ids that a copied object had.
    pub(in crate::write) object_nid: Option<Nid>,
    pub(super) is_copy: bool,
}

impl AttachmentDraft {
    fn new(method: i32) -> Self {
        let mut properties = Properties::new();
        properties.integer32(id::ATTACH_METHOD, method).integer32(id::RENDERING_POSITION, -1);
        Self::from_properties(properties)
    }

    /// An attachment with these properties and no others.
    pub fn from_properties(properties: Properties) -> Self {
        Self { properties, held: Held::Nothing, nid: None, object_nid: None, is_copy: false }
    }

    /// A copy: what the original does not have and need not have is not added.
    pub(in crate::write) fn copy(properties: Properties) -> Self {
        Self { is_copy: true, ..Self::from_properties(properties) }
    }

    fn named(mut self, name: &str) -> Self {
        let short: String = name.chars().take(12).collect();
        self.properties
            .text(id::DISPLAY_NAME, name)
            .text(id::ATTACH_FILENAME, short)
            .text(id::ATTACH_LONG_FILENAME, name);
        if let Some(extension) = name.rfind('.').and_then(|dot| name.get(dot..)) {
            self.properties.text(id::ATTACH_EXTENSION, extension);
        }
        self
    }

    /// A file (method 1).
    pub fn file(name: &str, bytes: impl Into<Data>) -> Self {
        let mut attachment = Self::new(1).named(name);
        attachment.properties.data(PropertyTag::from_parts(id::ATTACH_DATA, PropertyType::BINARY), bytes.into());
        attachment
    }

    /// A message (method 5).
    pub fn message(name: &str, message: MessageDraft) -> Self {
        let mut attachment = Self::new(5);
        attachment.properties.text(id::DISPLAY_NAME, name);
        attachment.held = Held::Message(Box::new(message));
        attachment
    }

    /// An OLE object (method 6) from the bytes of its storage.
    pub fn ole(name: &str, storage: impl Into<Data>) -> Self {
        let mut attachment = Self::new(6);
        attachment.properties.text(id::DISPLAY_NAME, name);
        attachment.held = Held::Ole(storage.into().0);
        attachment
    }

    /// A reference to a file elsewhere (method 2).
    pub fn reference(name: &str, path: &str) -> Self {
        let mut attachment = Self::new(2).named(name);
        attachment.properties.text(id::ATTACH_LONG_PATHNAME, path);
        attachment
    }

    /// A link to a file in the web (method 7), as mail programs leave it of files in a cloud.
    pub fn link(name: &str, url: &str) -> Self {
        let mut attachment = Self::new(7).named(name);
        attachment.properties.text(id::ATTACH_LONG_PATHNAME, url);
        attachment
    }

    pub(in crate::write) fn hold_message(&mut self, message: MessageDraft) {
        self.held = Held::Message(Box::new(message));
    }

    pub(in crate::write) fn hold_object(&mut self, storage: Data) {
        self.held = Held::Ole(storage.0);
    }

    /// Its properties, to set those that have no method here.
    pub fn properties(&mut self) -> &mut Properties {
        &mut self.properties
    }

    /// The MIME type.
    #[must_use]
    pub fn mime(mut self, mime: &str) -> Self {
        self.properties.text(id::ATTACH_MIME_TAG, mime);
        self
    }

    /// A content id, and the flag that the body shows the attachment.
    #[must_use]
    pub fn inline(mut self, content_id: &str) -> Self {
        self.properties.text(id::ATTACH_CONTENT_ID, content_id).integer32(id::ATTACH_FLAGS, 4);
        self
    }
}
