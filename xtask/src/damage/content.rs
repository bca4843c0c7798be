//! What a message holds, as one number: every property, recipient and attachment, embedded messages with theirs.

use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::io::{self, Write};

use anyhow::Result;
use pst_core::ltp::{PropertyContext, PropertyType, TableContext, id};
use pst_core::messaging::{AttachmentContent, Message};

/// Takes bytes in pieces; where pieces end makes no difference.
struct Digest(DefaultHasher, u64);

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        self.1 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Digest {
    fn mark(&mut self, kind: u8, number: u32) {
        self.0.write_u8(kind);
        self.0.write_u32(number);
        self.0.write_u64(self.1);
    }

    fn value(&mut self, tag: u32, stored: &[u8]) {
        self.mark(b'v', tag);
        self.0.write_u64(stored.len() as u64);
        self.0.write(stored);
    }

    fn properties(&mut self, context: &PropertyContext) -> Result<()> {
        for property in context {
            let property = property?;
            let tag = property.tag();
            self.mark(b'p', tag.raw());
            if tag.kind() == PropertyType::OBJECT {
                // What it leads to is looked at as the content of the attachment.
            } else if property.is_in_subnode() {
                io::copy(&mut property.stream()?, self)?;
            } else {
                self.value(tag.raw(), &property.stored()?);
            }
        }
        Ok(())
    }

    fn rows(&mut self, table: &TableContext) -> Result<()> {
        for row in table.rows() {
            let row = row?;
            self.mark(b'r', row.id());
            for cell in row.cells() {
                let tag = cell.tag();
                if !matches!(tag.id(), id::LTP_ROW_ID | id::LTP_ROW_VERSION) {
                    self.value(tag.raw(), &cell.stored()?);
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, message: &Message) -> Result<()> {
        self.properties(message.properties()?)?;
        if let Some(table) = message.recipient_table()? {
            self.rows(&table)?;
        }
        for attachment in message.attachments() {
            let attachment = attachment?;
            self.mark(b'a', attachment.id().raw());
            self.properties(attachment.properties()?)?;
            match attachment.content()? {
                AttachmentContent::Bytes(mut stream) | AttachmentContent::Ole(mut stream) => {
                    io::copy(&mut stream, self)?;
                }
                AttachmentContent::Message(inner) => self.message(&inner)?,
                _ => {}
            }
        }
        self.mark(b'.', 0);
        Ok(())
    }
}

/// The number of a message that can be read to its last byte.
pub(super) fn digest(message: &Message) -> Result<u64> {
    let mut digest = Digest(DefaultHasher::new(), 0);
    digest.message(message)?;
    Ok(digest.0.finish())
}
