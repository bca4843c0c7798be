//! Asks an open file for everything it could be asked for.

use pst_core::ltp::{PropertyContext, TableContext, Value};
use pst_core::messaging::{Folder, inspect};
use pst_core::ndb::{NidType, NodeEntry};
use pst_core::{Pst, Result};

/// Nodes and folders looked at per file: enough for every seed, and a bound on the time one input takes.
const MOST: usize = 2_000;

pub(crate) fn everything(pst: &Result<Pst>) {
    let Ok(pst) = pst else {
        if let Err(error) = pst {
            let _ = error.to_string();
        }
        return;
    };
    let nodes: Vec<NodeEntry> = pst.nodes().take(MOST).filter_map(Result::ok).collect();
    for entry in pst.blocks().take(MOST).filter_map(Result::ok) {
        let _ = pst.block(entry.bid);
    }
    for map in pst.allocation_maps().take(MOST).filter_map(Result::ok) {
        let _ = (map.free_bytes(), map.is_allocated(map.offset()));
    }
    if let Ok(store) = pst.store() {
        let _ = (store.name(), store.record_key(), store.ipm_subtree(), store.wastebasket(), store.finder());
        let _ = store.has_password();
        properties(store.properties());
    }
    let _ = pst.default_code_page();
    if let Ok(names) = pst.named_properties() {
        for entry in names.entries() {
            let _ = (names.get(entry.id), names.id_of(entry.set, &entry.name));
        }
    }
    if let Ok(root) = pst.root_folder() {
        for found in root.descendants().take(MOST).filter_map(Result::ok) {
            folder(&found);
        }
    }
    for entry in nodes {
        let _ = pst.nodes_from(entry.nid).next();
        let node = pst.node_from_entry(entry);
        for subnode in node.subnodes().take(MOST).filter_map(Result::ok) {
            let _ = subnode.data().map(|data| data.len());
        }
        if matches!(entry.nid.kind(), NidType::NORMAL_MESSAGE | NidType::ASSOCIATED_MESSAGE)
            && let Ok(message) = pst.message_from_entry(entry)
        {
            let _ = inspect(&message);
            let _ = (message.subject_parts(), message.sender(), message.body_text(), message.body_rtf());
            let _ = message.body_html().map(|html| html.map(|html| html.to_string_lossy().len()));
        }
    }
}

fn folder(folder: &Folder) {
    let _ = (folder.name(), folder.container_class(), folder.content_count());
    let tables = [folder.hierarchy_table(), folder.contents_table(), folder.associated_table(), folder.search_table()];
    for found in tables.into_iter().filter_map(Result::ok).flatten() {
        table(&found);
    }
}

pub(crate) fn properties(context: &PropertyContext) {
    for property in context.iter().filter_map(Result::ok) {
        let _ = (property.stored_len(), property.object().map(|node| node.id()));
        if let Ok(found) = property.value() {
            value(&found);
        }
        if let Ok(mut stream) = property.stream() {
            while stream.next_chunk().is_ok_and(|chunk| !chunk.is_empty()) {}
        }
        let _ = context.get(property.tag().id());
    }
}

pub(crate) fn table(table: &TableContext) {
    let _ = table.len();
    for row in table.rows().filter_map(Result::ok) {
        let _ = table.row(row.id());
        for cell in row.cells() {
            if let Ok(found) = cell.value() {
                value(&found);
            }
        }
    }
}

fn value(value: &Value<'_>) {
    match value {
        Value::String(text) => {
            let _ = (text.to_string_lossy(), text.is_lossy(), text.utf16_units());
        }
        Value::Time(time) => {
            let _ = (time.to_rfc3339(), time.year(), time.to_timestamp());
        }
        Value::Multiple(values) => values.iter().for_each(self::value),
        _ => {}
    }
    let _ = value.encode();
}
