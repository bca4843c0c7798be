//! The jobs as this library does them.

use std::path::Path;

use pst_core::ltp::id;
use pst_core::messaging::inspect;
use pst_core::{Mapping, OpenOptions, Pst};

/// Opens the file.
pub fn open(path: &Path) -> Pst {
    Pst::open(path).expect("the file opens")
}

/// Lists every row; returns the number of rows and the bytes of their text.
pub fn list(path: &Path) -> (u64, u64) {
    let pst = open(path);
    let (mut rows, mut text) = (0, 0);
    for folder in pst.root_folder().expect("a root").descendants() {
        let Some(table) = folder.expect("a folder").contents_table().expect("a table") else { continue };
        for row in table.rows() {
            let row = row.expect("a row");
            let subject = row.string(id::SUBJECT).expect("a subject").unwrap_or_default();
            let sender = row.string(id::SENT_REPRESENTING_NAME).expect("a sender").unwrap_or_default();
            let time = row.time(id::MESSAGE_DELIVERY_TIME).unwrap_or_default();
            let size = row.integer(id::MESSAGE_SIZE).unwrap_or_default();
            std::hint::black_box((time, size));
            rows += 1;
            text += (subject.len() + sender.len()) as u64;
        }
    }
    (rows, text)
}

/// Reads everything; returns the number of messages and the bytes of their values.
pub fn read(path: &Path) -> (u64, u64) {
    read_with(path, Mapping::Auto)
}

/// Reads everything from a map or with positional reads.
pub fn read_with(path: &Path, mapping: Mapping) -> (u64, u64) {
    let pst = OpenOptions::new().mapping(mapping).open(path).expect("the file opens");
    let (mut messages, mut bytes) = (0, 0);
    for entry in pst.message_entries() {
        let message = pst.message_from_entry(entry.expect("an entry")).expect("a message");
        let inspection = inspect(&message);
        assert!(inspection.errors.is_empty(), "{:?}", inspection.errors);
        messages += 1;
        bytes += inspection.bytes;
    }
    (messages, bytes)
}
