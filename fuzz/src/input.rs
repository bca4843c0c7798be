//! Bodies for what mail comes in: archives and mboxes, and the items in them.

use std::io::Read;
use std::ops::ControlFlow;

use pst_core::item::Item;
use pst_core::source::{MemorySource, Source};
use pst_migrate::input::{Input, InputLimits, Seen};

/// Limits that are reached, so that what is behind them is tried.
fn limits() -> InputLimits {
    let mut limits = InputLimits::default();
    limits.memory_bytes = 16 << 10;
    limits.mail_bytes = 4 << 20;
    limits.archive_bytes = 16 << 20;
    limits.ratio_from = 1 << 20;
    limits
}

/// Bytes that are read piece by piece.
struct Slow(MemorySource<Vec<u8>>);

impl Source for Slow {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_exact_at(&self, offset: u64, buffer: &mut [u8]) -> pst_core::Result<()> {
        self.0.read_exact_at(offset, buffer)
    }
}

/// Asks an item everything.
fn ask(item: Item<'_>, depth: u32) {
    let _ = (item.class(), item.subject(), item.sent(), item.received(), item.created(), item.message_id());
    let _ = (item.sender(), item.representing(), item.more_authors(), item.reply_to(), item.size(), item.raw_headers());
    let _ = (item.plain_text(), item.html(), item.is_rtf_only());
    for recipient in item.recipients().flatten() {
        assert!(recipient.who.smtp.is_some() != recipient.who.unresolved.is_some(), "one of both");
    }
    // Messages in messages are taken apart anew at each level.
    for attachment in item.attachments().flatten().take(100) {
        let _ = (attachment.name(), attachment.mime_type(), attachment.is_inline(), attachment.content_id());
        if let Ok(Some(reader)) = attachment.reader() {
            let read = std::io::copy(&mut reader.take(4 << 20), &mut std::io::sink());
            assert!(read.is_err() || read.ok() == attachment.size().ok().flatten(), "the size is that of the content");
        }
        if let Ok(Some(message)) = attachment.message()
            && depth < 4
        {
            ask(message.item(), depth.saturating_add(1));
        }
    }
}

/// Reads the input; returns what was seen.
fn read(source: Box<dyn Source>, name: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let input = Input::new().limits(limits());
    let summary = input.read_source(name, source, &mut |seen| {
        lines.push(match seen {
            Seen::Item(found) => {
                ask(found.item(), 0);
                format!("{} {:?}", found.place, found.bytes.map(<[u8]>::len))
            }
            Seen::Skipped(skipped) => format!("{} {}", skipped.place, skipped.reason),
            Seen::Failed(failed) => format!("{} {}", failed.place, failed.error.kind()),
        });
        ControlFlow::Continue(())
    });
    assert_eq!(summary.seen(), lines.len() as u64, "everything seen is counted");
    lines
}

fn both(data: &[u8], name: &str) {
    let quick = read(Box::new(MemorySource::new(data.to_vec())), name);
    let slow = read(Box::new(Slow(MemorySource::new(data.to_vec()))), name);
    assert_eq!(quick, slow, "it does not matter how bytes are read");
}

/// Reads an archive, and asks the items in it everything.
pub fn archive(data: &[u8]) {
    both(data, "a.zip");
}

/// Reads an mbox, and asks the mails in it everything.
pub fn input_mbox(data: &[u8]) {
    let mut file = b"From a Wed May 17 23:35:05 2000\n".to_vec();
    file.extend_from_slice(data);
    both(&file, "a.mbox");
}
