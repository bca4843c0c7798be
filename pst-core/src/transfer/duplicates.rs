//! Which items are the same.

use std::collections::HashSet;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::ltp::id;
use crate::messaging::{AttachmentContent, Message, Participant};
use crate::ndb::DataStream;
use crate::{Error, FileTime, Result};

/// What makes two items duplicates, in whatever folders they are. The first one that is written without loss stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Duplicates {
    /// The same Message-ID (PidTagInternetMessageId, white space around it aside) and the same date to the second:
    /// that of delivery, else of submission, else none. Items without a Message-ID are never duplicates.
    MessageId,
    /// The same content:
    ///
    /// - the message class, whatever its case, and the subject without its marker;
    /// - the dates of submission and delivery;
    /// - name, address type, address and SMTP address of the sender and of whom it was sent for;
    /// - the plain, HTML and compressed RTF bodies: the first as text, the others as bytes;
    /// - kind, name, address type, address and SMTP address of all recipients, in any order;
    /// - method, file name and bytes of all attachments, in any order; of embedded messages all of this again.
    ///
    /// Flags, categories, creation and modification dates, transport headers, Message-ID, sizes and all other properties
    /// are not looked at. An item of which any of this cannot be read is never a duplicate, nor is an associated item.
    Content,
}

/// Items written so far, 16 bytes each, by a hash that nobody can aim at.
#[derive(Debug)]
pub(super) struct Seen {
    by: Duplicates,
    keys: [RandomState; 2],
    known: HashSet<[u8; 16]>,
}

impl Seen {
    pub(super) fn new(by: Duplicates) -> Self {
        Self { by, keys: [RandomState::new(), RandomState::new()], known: HashSet::new() }
    }

    /// What the item is known by; `None` if it is never a duplicate.
    pub(super) fn key(&self, message: &Message) -> Option<[u8; 16]> {
        if message.is_associated() {
            return None;
        }
        let mut hash = self.hash();
        match self.by {
            Duplicates::MessageId => {
                let message_id = message.string(id::INTERNET_MESSAGE_ID).ok().flatten()?;
                let message_id = message_id.trim();
                if message_id.is_empty() {
                    return None;
                }
                hash.text(message_id);
                let real = |date: Result<Option<FileTime>>| date.ok().flatten().filter(|date| !date.is_none());
                let date = real(message.delivery_time()).or_else(|| real(message.submit_time()));
                hash.number(date.map_or(0, |date| date.to_unix_seconds().cast_unsigned()));
            }
            Duplicates::Content => {
                let mut budget = Budget::of(message);
                self.content(&mut hash, message, &mut budget).ok()?;
            }
        }
        Some(hash.finish())
    }

    pub(super) fn contains(&self, key: &[u8; 16]) -> bool {
        self.known.contains(key)
    }

    pub(super) fn insert(&mut self, key: [u8; 16]) {
        self.known.insert(key);
    }

    fn hash(&self) -> Hash {
        let [one, two] = &self.keys;
        Hash([one.build_hasher(), two.build_hasher()])
    }

    fn content(&self, hash: &mut Hash, message: &Message, budget: &mut Budget) -> Result<()> {
        hash.text(&message.class()?.unwrap_or_default().to_lowercase());
        hash.text(&message.subject()?.unwrap_or_default());
        for date in [message.submit_time()?, message.delivery_time()?] {
            hash.number(date.map_or(0, FileTime::ticks));
        }
        for who in [message.sender()?, message.sent_representing()?] {
            let Participant { name, address_type, address, smtp } = who;
            [name, address_type, address, smtp].iter().for_each(|text| hash.text(text.as_deref().unwrap_or_default()));
        }
        match message.body_text()? {
            Some(text) => hash.text(&text.to_string_lossy()),
            None => hash.text(""),
        }
        for body in [id::HTML, id::RTF_COMPRESSED] {
            match message.properties()?.get(body)? {
                Some(property) => hash.stream(property.stream()?, budget)?,
                None => hash.number(0),
            }
        }
        let mut parts = Vec::new();
        for recipient in message.recipients() {
            let recipient = recipient?;
            budget.spend(64)?;
            let mut part = self.hash();
            part.number(u64::from(recipient.kind_number.unwrap_or(1).cast_unsigned()));
            [recipient.name, recipient.address_type, recipient.address, recipient.smtp]
                .iter()
                .for_each(|text| part.text(text.as_deref().unwrap_or_default()));
            parts.push(part.finish());
        }
        hash.set(&mut parts);
        if !message.node().entry().subnodes.is_none() {
            for attachment in message.attachments() {
                let attachment = attachment?;
                budget.spend(4096)?;
                let mut part = self.hash();
                part.number(u64::from(attachment.method()?.map_or(0, |method| method.number()).cast_unsigned()));
                part.text(&attachment.file_name()?.unwrap_or_default());
                match attachment.content()? {
                    AttachmentContent::None => part.number(0),
                    AttachmentContent::Reference(path) => part.text(&path),
                    AttachmentContent::Bytes(stream) | AttachmentContent::Ole(stream) => part.stream(stream, budget)?,
                    AttachmentContent::Message(inner) => {
                        budget.enter()?;
                        self.content(&mut part, &inner, budget)?;
                    }
                }
                parts.push(part.finish());
            }
        }
        hash.set(&mut parts);
        Ok(())
    }
}

/// What reading one item may cost: blocks may be shared, and messages hold messages.
struct Budget {
    bytes: u64,
    embedded: u32,
}

impl Budget {
    fn of(message: &Message) -> Self {
        let database = message.node().database();
        /// How often the bytes of a file may be met in one item.
        const SHARED: u64 = 64;
        Self { bytes: database.len().saturating_mul(SHARED), embedded: database.limits().embedded_messages }
    }

    fn spend(&mut self, bytes: u64) -> Result<()> {
        let left = self.bytes.checked_sub(bytes);
        self.bytes = left.ok_or_else(|| Error::limit("message", "bytes to read", "more", 0))?;
        Ok(())
    }

    fn enter(&mut self) -> Result<()> {
        let left = self.embedded.checked_sub(1);
        self.embedded = left.ok_or_else(|| Error::limit("message", "number of embedded messages", "more", 0))?;
        Ok(())
    }
}

/// Two keyed hashes of 64 bits. Every part is written with its length, so that parts cannot run into each other.
struct Hash([std::hash::DefaultHasher; 2]);

impl Hash {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.iter_mut().for_each(|half| half.write(bytes));
    }

    fn number(&mut self, number: u64) {
        self.bytes(&number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    fn stream(&mut self, mut stream: DataStream, budget: &mut Budget) -> Result<()> {
        self.number(stream.len());
        loop {
            let chunk = stream.next_chunk()?;
            if chunk.is_empty() {
                return Ok(());
            }
            budget.spend(chunk.len() as u64)?;
            self.bytes(chunk);
        }
    }

    /// Parts in any order; leaves none.
    fn set(&mut self, parts: &mut Vec<[u8; 16]>) {
        parts.sort_unstable();
        self.number(parts.len() as u64);
        parts.drain(..).for_each(|part| self.bytes(&part));
    }

    fn finish(&self) -> [u8; 16] {
        let [one, two] = &self.0;
        let mut out = [0; 16];
        let halves = [one.finish().to_le_bytes(), two.finish().to_le_bytes()];
        out.iter_mut().zip(halves.iter().flatten()).for_each(|(to, from)| *to = *from);
        out
    }
}

/// Associated items of shared folders, by the new folder, class and name, and the source they came from.
#[derive(Debug, Default)]
pub(super) struct SeenAssociated(std::collections::HashMap<(u32, String, String), usize>);

impl SeenAssociated {
    /// Whether another source brought such an item to this folder; if not, this one does.
    pub(super) fn is_again(&mut self, folder: u32, message: &Message, source: usize) -> bool {
        let class = message.class().ok().flatten().unwrap_or_default().to_lowercase();
        let subject = message.subject().ok().flatten().unwrap_or_default();
        *self.0.entry((folder, class, subject)).or_insert(source) != source
    }
}
