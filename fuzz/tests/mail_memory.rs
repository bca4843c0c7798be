//! The memory a conversion to mail takes does not grow with the attachment or the bodies.
//!
//! `PST_MEMORY_MIB` makes the attachment larger than the 48 MiB of every test run.

#![allow(missing_docs, clippy::panic, clippy::unwrap_used, clippy::arithmetic_side_effects)]

use std::alloc::System;
use std::io::{self, Read};

use cap::Cap;
use pst_core::Pst;
use pst_core::convert::to_mime::{Options, write_mail};
use pst_core::ltp::{PropertyTag, PropertyType, id};
use pst_core::rtf::lzfu;
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// What the conversion may hold at once, buffers, indexes of blocks and all.
const ALLOWANCE: usize = 1 << 20;

/// So many bytes of a text, again and again, and never the same block twice.
struct Lines {
    left: u64,
    number: u64,
    line: Vec<u8>,
    wide: bool,
}

impl Lines {
    fn new(bytes: u64, wide: bool) -> Self {
        Self { left: bytes, number: 0, line: Vec::new(), wide }
    }
}

impl Read for Lines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.line.is_empty() {
            self.number += 1;
            let line = format!("line {:012} with some words\r\n", self.number);
            self.line =
                if self.wide { line.encode_utf16().flat_map(u16::to_le_bytes).collect() } else { line.into_bytes() };
        }
        let left = usize::try_from(self.left).unwrap_or(usize::MAX);
        let count = out.len().min(self.line.len()).min(left);
        out.iter_mut().zip(self.line.drain(..count)).for_each(|(to, from)| *to = from);
        self.left -= count as u64;
        Ok(count)
    }
}

#[test]
fn memory_is_flat() {
    let attachment = std::env::var("PST_MEMORY_MIB").ok().and_then(|mib| mib.parse().ok()).unwrap_or(48u64) << 20;
    let body = 16u64 << 20;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("large.pst");
    let mut out = PstWriter::create(&path, WriteOptions::new()).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mut text = String::new();
    Lines::new(4 << 20, false).read_to_string(&mut text).unwrap();
    let mut nids = Vec::new();
    for kind in 0..2 {
        let mut draft = MessageDraft::new("IPM.Note");
        draft.subject("large");
        if kind == 0 {
            let plain = out.data(Lines::new(body, true)).unwrap();
            draft.properties().data(PropertyTag::from_parts(id::BODY, PropertyType::STRING), plain);
            let html = out.data(Lines::new(body, false)).unwrap();
            draft.properties().data(PropertyTag::from_parts(id::HTML, PropertyType::BINARY), html);
            draft.properties().integer32(id::INTERNET_CODEPAGE, 65_001);
            let file = out.data(Lines::new(attachment, false)).unwrap();
            draft.attach(AttachmentDraft::file("large.bin", file));
        } else {
            let rtf = format!("{{\\rtf1\\ansi {}}}", text.replace("\r\n", "\\par\r\n"));
            draft.properties().binary(id::RTF_COMPRESSED, lzfu::compress(rtf.as_bytes()));
        }
        nids.push(out.message(folder, draft).unwrap());
    }
    out.finish().unwrap();
    drop(text);
    let pst = Pst::open(&path).unwrap();
    let names = pst.named_properties().unwrap();
    for nid in nids {
        let message = pst.message(nid).unwrap();
        // Beyond it, the allocator ends the process.
        let before = ALLOCATOR.allocated();
        ALLOCATOR.set_limit(before + ALLOWANCE).unwrap();
        let start = std::time::Instant::now();
        let converted = write_mail(&message, &names, io::sink(), &Options::default()).unwrap();
        let took = start.elapsed();
        ALLOCATOR.set_limit(usize::MAX).unwrap();
        println!(
            "{} bytes of mail in {took:?}, {} bytes allocated before, at most {ALLOWANCE} more",
            converted.size, before
        );
        assert!(converted.losses.iter().all(|loss| loss.kind.name() == "made-up" || loss.detail.contains("Flags")));
        assert!(converted.size > 4 << 20);
    }
}
