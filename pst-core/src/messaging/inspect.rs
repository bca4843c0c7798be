//! Reads an item to its last byte and says what could not be read.

use std::io::Read;

use crate::ltp::{Heap, Property, PropertyContext, PropertyType, TableContext, id};
use crate::messaging::{Attachment, AttachmentContent, Folder, FolderKind, Message, Store};
use crate::ndb::{DataStream, Layout, Nid, Node};
use crate::rtf::lzfu;
use crate::{Error, ErrorKind, Result};

/// What [`inspect`] and its like found in one object and everything below it.
#[derive(Debug)]
pub struct Inspection {
    /// Properties read, of the message, its recipients, its attachments and all embedded messages.
    pub properties: u64,
    /// Bytes of all values.
    pub bytes: u64,
    /// Recipients, embedded messages included.
    pub recipients: u64,
    /// Attachments, embedded messages included.
    pub attachments: u64,
    /// Embedded messages.
    pub embedded_messages: u64,
    /// What could not be read, each with its place. Empty for a sound item.
    pub errors: Vec<Error>,
    /// Errors met, those beyond [`MAX_ERRORS`](Self::MAX_ERRORS) included.
    pub error_count: u64,
    /// What reading has cost so far: bytes, and something for each property, row and error, which cost time as well.
    effort: u64,
    /// The most it may cost. Blocks may be shared, so there can be more bytes than the file has, but not without end.
    limit: u64,
    /// The item, for errors that no block has.
    node: Nid,
}

/// How often the bytes of a file may be met in one item; compressed blocks hold at most 128 times their size.
const SHARED: u64 = 64;
const COMPRESSED: u64 = 128;
/// What a property, row, attachment or error costs besides its bytes.
const PART: u64 = 16;
const ERROR: u64 = 4096;
/// What opening an embedded message costs.
const EMBEDDED: u64 = 4096;

impl Inspection {
    /// Errors kept per item; an item with more is beyond help, and the rest is left out.
    pub const MAX_ERRORS: usize = 100;

    fn note(&mut self, error: Error) {
        self.error_count = self.error_count.saturating_add(1);
        if self.errors.len() < Self::MAX_ERRORS {
            self.errors.push(error);
        }
        self.charge(ERROR);
    }

    /// Adds to the effort; false if the item is given up. The first time it is too much is an error of its own.
    fn charge(&mut self, effort: u64) -> bool {
        let before = self.effort;
        self.effort = before.saturating_add(effort);
        if self.effort <= self.limit {
            return true;
        }
        if before <= self.limit {
            let error = Error::limit("message", "bytes to read", self.effort, self.limit).in_node(self.node);
            self.error_count = self.error_count.saturating_add(1);
            self.errors.truncate(Self::MAX_ERRORS.saturating_sub(1));
            self.errors.push(error);
        }
        false
    }

    /// Counts the bytes of a value; false if the item is given up.
    fn count(&mut self, bytes: usize) -> bool {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.bytes = self.bytes.saturating_add(bytes);
        self.charge(bytes)
    }

    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.note(error)).ok()
    }

    fn stream(&mut self, mut stream: DataStream) {
        loop {
            match stream.next_chunk() {
                Ok([]) => return,
                Ok(chunk) => {
                    let length = chunk.len();
                    if !self.count(length) {
                        return;
                    }
                }
                Err(error) => return self.note(error),
            }
        }
    }

    /// Reads every property; the data of attachments is read by [`Self::attachment`].
    fn properties(&mut self, properties: &PropertyContext, skip: Option<u16>) {
        for property in properties {
            if !self.charge(PART) {
                return;
            }
            let Some(property) = self.keep(property) else { continue };
            self.properties = self.properties.saturating_add(1);
            let tag = property.tag();
            if Some(tag.id()) == skip {
                continue;
            }
            if tag.id() == id::RTF_COMPRESSED {
                self.rtf(&property);
            }
            // In a subnode a value may be of any size, a PtypObject is a small item.
            if property.is_in_subnode() && tag.kind() != PropertyType::OBJECT {
                if let Some(stream) = self.keep(property.stream()) {
                    self.stream(stream);
                }
            } else if let Some(stored) = self.keep(property.stored()) {
                self.count(stored.len());
                self.keep(property.value());
            }
        }
    }

    /// Looks whether compressed RTF begins as it must. A wrong CRC of it is a warning for who reads the body.
    fn rtf(&mut self, property: &Property<'_>) {
        let mut start = [0; lzfu::HEADER_LEN];
        let Some(mut stream) = self.keep(property.stream()).filter(|stream| !stream.is_empty()) else { return };
        // Blocks that cannot be read are met again when the value is read.
        if stream.read_exact(&mut start).is_ok()
            && let Err(error) = lzfu::Header::decode(&start)
        {
            self.note(Error::text(ErrorKind::Corrupt, "compressed RTF", error.to_string()).in_node(self.node));
        }
    }

    fn table(&mut self, table: Result<Option<TableContext>>) -> u64 {
        let Some(Some(table)) = self.keep(table) else { return 0 };
        let mut rows = 0u64;
        for row in table.rows() {
            if !self.charge(PART) {
                return rows;
            }
            rows = rows.saturating_add(1);
            let Some(row) = self.keep(row) else { continue };
            for cell in row.cells() {
                self.properties = self.properties.saturating_add(1);
                if let Some(stored) = self.keep(cell.stored()) {
                    self.count(stored.len());
                }
            }
        }
        rows
    }

    /// Reads every cell of the rows that can be read.
    fn cells(&mut self, table: &TableContext) {
        for row in table.rows().filter_map(Result::ok) {
            if !self.charge(PART) {
                return;
            }
            for cell in row.cells() {
                self.properties = self.properties.saturating_add(1);
                if let Some(stored) = self.keep(cell.stored()) {
                    self.count(stored.len());
                }
            }
        }
    }

    /// Says if a folder counts items that no table lists.
    fn lost_table(&mut self, folder: &Folder, table: Result<Option<TableContext>>, name: &'static str, counter: u16) {
        let count = folder.properties().and_then(|properties| properties.integer(counter));
        if let (Ok(None), Ok(Some(count @ 1..))) = (table, count) {
            let text = format!("the folder counts {count} items and has no such table");
            self.note(Error::text(ErrorKind::NotFound, name, text).in_node(folder.id()));
        }
    }

    fn message(&mut self, message: &Message) {
        let Some(properties) = self.keep(message.properties()) else { return };
        self.properties(properties, None);
        let rows = self.table(message.recipient_table());
        self.recipients = self.recipients.saturating_add(rows);
        if message.node().entry().subnodes.is_none() {
            return;
        }
        for attachment in message.attachments() {
            if !self.charge(PART) {
                return;
            }
            self.attachments = self.attachments.saturating_add(1);
            if let Some(attachment) = self.keep(attachment) {
                self.attachment(&attachment);
            }
        }
    }

    fn attachment(&mut self, attachment: &Attachment) {
        let Some(properties) = self.keep(attachment.properties()) else { return };
        self.properties(properties, Some(id::ATTACH_DATA));
        match self.keep(attachment.content()) {
            Some(AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream)) => self.stream(stream),
            Some(AttachmentContent::Message(message)) => {
                self.embedded_messages = self.embedded_messages.saturating_add(1);
                if !self.charge(EMBEDDED) {
                    return;
                }
                let limit = u64::from(message.node().database().limits().embedded_messages);
                // Every level may hold many, so that depth alone bounds nothing.
                if self.embedded_messages > limit {
                    let error = Error::limit("message", "number of embedded messages", self.embedded_messages, limit);
                    return self.note(error.in_node(message.node().top_id()));
                }
                self.message(&message);
            }
            Some(AttachmentContent::None | AttachmentContent::Reference(_)) | None => {}
        }
    }
}

impl Inspection {
    /// An empty one for a node of a file.
    fn new(node: &Node) -> Self {
        let database = node.database();
        let compressed = database.format().layout() == Layout::Unicode4k;
        let factor = if compressed { SHARED.saturating_mul(COMPRESSED) } else { SHARED };
        Self {
            properties: 0,
            bytes: 0,
            recipients: 0,
            attachments: 0,
            embedded_messages: 0,
            errors: Vec::new(),
            error_count: 0,
            effort: 0,
            limit: database.len().saturating_mul(factor),
            node: node.top_id(),
        }
    }
}

/// bClientSig of the tables in which older Outlook keeps the results of its own search folders; nobody documented them.
const UNDOCUMENTED_SEARCH_TABLE: u8 = 0xAC;

/// Reads every property of a folder, every cell of its tables, and all of its search results.
///
/// A normal folder that counts items and has no table of them is an error too: what it held may be held nowhere else.
///
/// Rows and tables that cannot be opened are errors of [`Folder::contents_table`] and its like and not repeated here; for
/// the results of a search folder they are.
pub fn inspect_folder(folder: &Folder) -> Inspection {
    let mut inspection = Inspection::new(folder.node());
    if let Some(properties) = inspection.keep(folder.properties()) {
        inspection.properties(properties, None);
    }
    if folder.kind() == FolderKind::Normal {
        inspection.lost_table(folder, folder.contents_table(), "contents table", id::CONTENT_COUNT);
        let associated = folder.associated_table();
        inspection.lost_table(folder, associated, "associated contents table", id::ASSOCIATED_CONTENT_COUNT);
    }
    let tables = [folder.hierarchy_table(), folder.contents_table(), folder.associated_table()];
    for table in tables.into_iter().filter_map(Result::ok).flatten() {
        inspection.cells(&table);
    }
    match folder.search_table() {
        Ok(Some(table)) => {
            for row in table.rows() {
                inspection.keep(row);
            }
            inspection.cells(&table);
        }
        Ok(None) => {}
        Err(error) => {
            let node = folder.search_table_node().ok().flatten();
            let client = node.and_then(|node| Heap::open(&node).ok()).map(|heap| heap.client());
            if client != Some(UNDOCUMENTED_SEARCH_TABLE) {
                inspection.note(error);
            }
        }
    }
    inspection
}

/// Reads every property of the message store.
pub fn inspect_store(store: &Store) -> Inspection {
    let mut inspection = Inspection::new(store.properties().node());
    inspection.properties(store.properties(), None);
    inspection
}

/// Reads every property, recipient, attachment and embedded message of an item, in memory that does not grow with them.
///
/// Every block on the way is checked; an unreadable part is an error in the result, and the rest is read all the same.
pub fn inspect(message: &Message) -> Inspection {
    let mut inspection = Inspection::new(message.node());
    inspection.message(message);
    inspection
}
