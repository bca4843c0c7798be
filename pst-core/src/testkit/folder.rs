//! Folders with what is in them.

use crate::ltp::id;
use crate::ndb::Nid;
use crate::testkit::{MessageBuilder, Prop, Props};

/// A folder to be written.
#[derive(Clone, Debug)]
pub struct FolderBuilder {
    pub(super) nid: Option<Nid>,
    pub(super) props: Props,
    pub(super) folders: Vec<FolderBuilder>,
    pub(super) messages: Vec<MessageBuilder>,
    pub(super) associated: Vec<MessageBuilder>,
    /// Messages of other folders that the contents table lists.
    pub(super) listed: Vec<Nid>,
    /// What a search folder found.
    pub(super) results: Option<Vec<Nid>>,
}

impl FolderBuilder {
    /// An empty folder.
    pub fn new(name: &str) -> Self {
        Self {
            nid: None,
            props: Props::new().with(Prop::text(id::DISPLAY_NAME, name)),
            folders: Vec::new(),
            messages: Vec::new(),
            associated: Vec::new(),
            listed: Vec::new(),
            results: None,
        }
    }

    /// A search folder that found these messages. Only messages written before it can be described in its table.
    pub fn search(name: &str, results: impl Into<Vec<Nid>>) -> Self {
        Self { results: Some(results.into()), ..Self::new(name) }
    }

    /// Gives the folder this node id instead of the next one.
    #[must_use]
    pub fn nid(mut self, nid: Nid) -> Self {
        self.nid = Some(nid);
        self
    }

    /// The container class, such as `IPF.Note`.
    #[must_use]
    pub fn class(self, class: &str) -> Self {
        self.prop(Prop::text(id::CONTAINER_CLASS, class))
    }

    /// Sets any property.
    #[must_use]
    pub fn prop(mut self, prop: Prop) -> Self {
        self.props.set(prop);
        self
    }

    /// Adds a subfolder.
    #[must_use]
    pub fn folder(mut self, folder: FolderBuilder) -> Self {
        self.folders.push(folder);
        self
    }

    /// Adds subfolders.
    #[must_use]
    pub fn folders(mut self, folders: impl IntoIterator<Item = FolderBuilder>) -> Self {
        self.folders.extend(folders);
        self
    }

    /// Adds a message.
    #[must_use]
    pub fn message(mut self, message: MessageBuilder) -> Self {
        self.messages.push(message);
        self
    }

    /// Adds messages.
    #[must_use]
    pub fn messages(mut self, messages: impl IntoIterator<Item = MessageBuilder>) -> Self {
        self.messages.extend(messages);
        self
    }

    /// Adds a row for a message of another folder, as no sound store has. Only of messages written before it there is more
    /// in the row than the id.
    #[must_use]
    pub fn listing(mut self, message: Nid) -> Self {
        self.listed.push(message);
        self
    }

    /// Adds an associated, hidden message.
    #[must_use]
    pub fn associated(mut self, message: MessageBuilder) -> Self {
        self.associated.push(message);
        self
    }
}
