//! Rows of tables as they wait in a scratch file until their table is built: cells of tag, kind of value, length, bytes.

use crate::ltp::PropertyTag;
use crate::ndb::Bid;
use crate::write::database::Tree;
use crate::write::properties::{Content, Data, Properties, Value};

const TEXT: u8 = 0;
const BYTES: u8 = 1;
const TREE: u8 = 2;

pub(super) fn encode_cell(out: &mut Vec<u8>, tag: PropertyTag, value: &Value) {
    let (kind, bytes) = match value {
        Value::Text(text) => (TEXT, text.as_bytes().to_vec()),
        Value::Stored(Content::Bytes(bytes)) => (BYTES, bytes.to_vec()),
        Value::Stored(Content::Tree(tree)) => (TREE, [tree.bid.raw().to_le_bytes(), tree.size.to_le_bytes()].concat()),
        // No column holds an object.
        Value::Object { .. } => return,
    };
    out.extend_from_slice(&tag.raw().to_le_bytes());
    out.push(kind);
    out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(&bytes);
}

pub(super) fn decode_cells(mut record: &[u8]) -> Properties {
    let mut row = Properties::new();
    while let Some((head, rest)) = record.split_first_chunk::<9>() {
        let [a, b, c, d, kind, e, f, g, h] = *head;
        let tag = PropertyTag::new(u32::from_le_bytes([a, b, c, d]));
        let length = usize::try_from(u32::from_le_bytes([e, f, g, h])).unwrap_or(usize::MAX);
        let (bytes, rest) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        record = rest;
        match kind {
            TEXT => row.text(tag.id(), String::from_utf8_lossy(bytes)),
            TREE => {
                let number = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
                let bid = Bid::new(number(bytes.first_chunk()));
                row.data(tag, Data(Content::Tree(Tree { bid, size: number(bytes.last_chunk()) })))
            }
            _ => row.stored(tag, bytes),
        };
    }
    row
}
