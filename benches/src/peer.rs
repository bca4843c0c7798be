//! The jobs as the `outlook-pst` crate does them, on the files it can read.

use std::io;
use std::path::Path;
use std::rc::Rc;

use outlook_pst::UnicodePstFile;
use outlook_pst::ltp::prop_context::PropertyValue;
use outlook_pst::ltp::table_context::{TableContext, TableRowColumnValue};
use outlook_pst::messaging::attachment::{Attachment, AttachmentData, UnicodeAttachment};
use outlook_pst::messaging::folder::Folder;
use outlook_pst::messaging::message::{Message, UnicodeMessage};
use outlook_pst::messaging::store::{Store, UnicodeStore};
use outlook_pst::ndb::node_id::NodeId;

/// Opens the file.
///
/// # Errors
/// Whatever the other reader says of files it cannot read.
pub fn open(path: &Path) -> io::Result<Rc<UnicodeStore>> {
    UnicodeStore::read(Rc::new(UnicodePstFile::open(path)?))
}

/// Calls `visit` with every folder below the IPM subtree.
fn folders(store: &Rc<UnicodeStore>, visit: &mut dyn FnMut(&Rc<dyn Folder>) -> io::Result<()>) -> io::Result<()> {
    let root = store.properties().ipm_sub_tree_entry_id()?;
    let mut open = vec![store.open_folder(&root)?];
    while let Some(folder) = open.pop() {
        visit(&folder)?;
        let Some(table) = folder.hierarchy_table() else { continue };
        for row in table.rows_matrix() {
            let id = store.properties().make_entry_id(NodeId::from(u32::from(row.id())))?;
            open.push(store.open_folder(&id)?);
        }
    }
    Ok(())
}

/// Reads one column of a row.
fn cell(
    table: &dyn TableContext,
    columns: &[Option<TableRowColumnValue>],
    id: u16,
) -> io::Result<Option<PropertyValue>> {
    let described = table.context().columns();
    let Some(at) = described.iter().position(|column| column.prop_id() == id) else { return Ok(None) };
    columns[at].as_ref().map(|value| table.read_column(value, described[at].prop_type())).transpose()
}

fn text_length(value: Option<PropertyValue>) -> u64 {
    match value {
        Some(PropertyValue::Unicode(text)) => text.to_string().len() as u64,
        Some(PropertyValue::String8(text)) => text.to_string().len() as u64,
        _ => 0,
    }
}

/// Lists every row; returns the number of rows and the bytes of their text.
///
/// # Errors
/// Whatever the other reader says of files it cannot read.
pub fn list(path: &Path) -> io::Result<(u64, u64)> {
    let store = open(path)?;
    let (mut rows, mut text) = (0, 0);
    folders(&store, &mut |folder| {
        let Some(table) = folder.contents_table() else { return Ok(()) };
        for row in table.rows_matrix() {
            let columns = row.columns(table.context())?;
            text += text_length(cell(table.as_ref(), &columns, 0x0037)?);
            text += text_length(cell(table.as_ref(), &columns, 0x0042)?);
            std::hint::black_box((cell(table.as_ref(), &columns, 0x0E06)?, cell(table.as_ref(), &columns, 0x0E08)?));
            rows += 1;
        }
        Ok(())
    })?;
    Ok((rows, text))
}

/// Reads everything; returns the number of messages and of values.
///
/// # Errors
/// Whatever the other reader says of files it cannot read.
pub fn read(path: &Path) -> io::Result<(u64, u64)> {
    let store = open(path)?;
    let (mut messages, mut values) = (0, 0);
    folders(&store, &mut |folder| {
        let Some(table) = folder.contents_table() else { return Ok(()) };
        for row in table.rows_matrix() {
            let id = store.properties().make_entry_id(NodeId::from(u32::from(row.id())))?;
            let message = UnicodeMessage::read(Rc::clone(&store), &id, None)?;
            values += message.properties().iter().count() as u64;
            for table in [message.recipient_table(), message.attachment_table()].into_iter().flatten() {
                for row in table.rows_matrix() {
                    let columns = row.columns(table.context())?;
                    for (column, value) in table.context().columns().iter().zip(&columns) {
                        if let Some(value) = value {
                            std::hint::black_box(table.read_column(value, column.prop_type())?);
                            values += 1;
                        }
                    }
                }
            }
            let Some(table) = message.attachment_table() else {
                messages += 1;
                continue;
            };
            for row in table.rows_matrix() {
                let node = NodeId::from(u32::from(row.id()));
                let attachment = UnicodeAttachment::read(Rc::clone(&message), node, None)?;
                values += attachment.properties().iter().count() as u64;
                if let Some(AttachmentData::Binary(data)) = attachment.data() {
                    std::hint::black_box(data.buffer().len());
                }
            }
            messages += 1;
        }
        Ok(())
    })?;
    Ok((messages, values))
}
