//! Rows, batch by batch.

use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use pst_core::address::Resolved;
use pst_core::item::{FolderPaths, Item, ItemRecipient, Role};
use pst_core::journal::{self, Journal};
use pst_core::ltp::id;
use pst_core::messaging::{Folder, Message, NamedProperties, inspect};
use pst_core::{Pst, Result};
use pyo3::PyResult;

use super::cells::{Cell, Cells};
use super::column::{self, Column};
use crate::ids::MessageNodes;
use crate::people::Lookup;
use crate::shared::Shared;

/// Text after which a batch ends early.
const BATCH_TEXT: usize = 16 << 20;
/// PidTagMessageFlags: the message was read.
const READ: i64 = 1;

/// Whose items.
pub(super) type Items = Box<dyn Iterator<Item = Result<Message>> + Send>;

/// Whose items, and of what.
pub(super) struct Scope(Items);

impl Scope {
    /// Every item of a store, listed or not.
    pub(super) fn store(pst: Pst, associated: bool) -> Self {
        Self(Box::new(MessageNodes::new(pst, associated)))
    }

    /// What a folder lists, and those below it if `below`.
    pub(super) fn folder(folder: &Folder, below: bool, associated: bool) -> Self {
        let folders: Box<dyn Iterator<Item = Result<Folder>> + Send> =
            if below { Box::new(folder.descendants()) } else { Box::new(std::iter::once(Ok(folder.clone()))) };
        Self(Box::new(folders.flat_map(move |folder| of_folder(folder, associated))))
    }
}

fn of_folder(folder: Result<Folder>, associated: bool) -> Items {
    let listed = |table: Result<pst_core::messaging::Messages>| -> Items {
        match table {
            Ok(messages) => Box::new(messages),
            Err(error) => Box::new(std::iter::once(Err(error))),
        }
    };
    match folder {
        Err(error) => Box::new(std::iter::once(Err(error))),
        Ok(folder) if associated => Box::new(listed(folder.messages()).chain(listed(folder.associated_messages()))),
        Ok(folder) => listed(folder.messages()),
    }
}

/// The stream of batches.
pub(super) struct Batches {
    shared: Arc<Shared>,
    schema: SchemaRef,
    columns: Vec<Column>,
    items: Items,
    lookup: Lookup,
    names: Option<Arc<NamedProperties>>,
    batch_size: usize,
    done: bool,
}

/// What several columns ask an item for, found once.
#[derive(Default)]
struct Known {
    sender: Option<Option<Resolved>>,
    recipients: Option<Vec<ItemRecipient>>,
    journal: Option<Journal>,
    findings: Vec<String>,
}

impl Known {
    /// The answer; what cannot be read is a finding and no answer.
    fn keep<T>(&mut self, column: Column, answer: Result<Option<T>>) -> Option<T> {
        match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.findings.push(format!("{}: {error}", column.name()));
                None
            }
        }
    }
}

impl Batches {
    pub(super) fn new(
        shared: &Arc<Shared>,
        columns: &[Column],
        scope: Scope,
        lookup: Lookup,
        batch_size: usize,
    ) -> PyResult<Self> {
        let needs_names = columns
            .iter()
            .any(|column| matches!(column, Column::Journal | Column::EnvelopeSender | Column::EnvelopeRecipients));
        // Without the names, the marker of a report may still be among its headers.
        let names = if needs_names { shared.pst()?.named_properties().ok() } else { None };
        let schema = column::schema(columns);
        let (shared, columns, Scope(items)) = (Arc::clone(shared), columns.to_vec(), scope);
        Ok(Self { shared, schema, columns, items, lookup, names, batch_size, done: false })
    }

    fn batch(&mut self) -> Option<std::result::Result<RecordBatch, ArrowError>> {
        let pst = match self.shared.pst() {
            Ok(pst) => pst,
            Err(_) => return Some(Err(ArrowError::ExternalError("the store is closed".into()))),
        };
        // Paths are found anew in each batch; within one, items of a folder follow each other.
        let mut paths = FolderPaths::new(&pst);
        let mut cells: Vec<Cells> = self.columns.iter().map(|column| Cells::new(*column)).collect();
        let (mut rows, mut text) = (0usize, 0usize);
        while rows < self.batch_size && text < BATCH_TEXT {
            let Some(item) = self.items.next() else {
                self.done = true;
                break;
            };
            rows = rows.saturating_add(1);
            let mut known = Known::default();
            // Findings are told last, whatever their place.
            let mut findings_at = None;
            for (column, cells) in self.columns.iter().zip(&mut cells) {
                if *column == Column::Findings {
                    findings_at = Some(cells);
                    continue;
                }
                let cell = match &item {
                    Ok(message) => self.cell(*column, message, &mut known, &mut paths),
                    Err(_) => Cell::Null,
                };
                let (bytes, is_cut) = cells.push(cell);
                text = text.saturating_add(bytes);
                if is_cut {
                    known.findings.push(format!("{}: there is more, but no room for it in a table", column.name()));
                }
            }
            if let Err(error) = &item {
                known.findings.push(error.to_string());
            }
            if let Some(cells) = findings_at {
                text = text.saturating_add(cells.push(Cell::Texts(known.findings)).0);
            }
        }
        if rows == 0 {
            return None;
        }
        let columns = cells.iter_mut().map(Cells::finish).collect();
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(rows));
        Some(RecordBatch::try_new_with_options(Arc::clone(&self.schema), columns, &options))
    }

    fn cell(&self, column: Column, message: &Message, known: &mut Known, paths: &mut FolderPaths<'_>) -> Cell {
        let item = Item::of_message(message).with_lookup(&self.lookup);
        let text = |text: Option<String>| text.map_or(Cell::Null, Cell::Text);
        let time = |time| match time {
            Some(time) => Cell::Time(time),
            None => Cell::Null,
        };
        let date = |own: Result<Option<_>>, other: &dyn Fn() -> Result<Option<pst_core::item::ItemDate>>| match own? {
            Some(time) => Ok(Some(time)),
            None => Ok::<_, pst_core::Error>(other()?.map(|date| date.time)),
        };
        match column {
            Column::NodeId => Cell::Number(message.id().raw()),
            Column::FolderId => Cell::Number(message.folder_id().raw()),
            Column::Folder => Cell::Text(paths.of(message.folder_id()).to_string()),
            Column::IsAssociated => Cell::Truth(message.is_associated()),
            Column::MessageClass => text(known.keep(column, message.class())),
            Column::Kind => {
                let class = known.keep(column, message.class());
                Cell::Text(pst_core::messaging::kind::classify(class.as_deref()).kind.name().to_owned())
            }
            Column::Subject => text(known.keep(column, item.subject())),
            Column::MessageId => text(known.keep(column, item.message_id())),
            Column::Sent => time(known.keep(column, date(message.submit_time(), &|| item.sent()))),
            Column::Received => time(known.keep(column, date(message.delivery_time(), &|| item.received()))),
            Column::Created => time(known.keep(column, message.creation_time())),
            Column::Modified => time(known.keep(column, message.time(id::LAST_MODIFICATION_TIME))),
            Column::Size => known.keep(column, message.size()).map_or(Cell::Null, Cell::Long),
            Column::IsRead => known
                .keep(column, message.integer(id::MESSAGE_FLAGS))
                .map_or(Cell::Null, |flags| Cell::Truth(flags & READ != 0)),
            Column::SenderName | Column::SenderAddress | Column::SenderUnresolved => {
                let sender = match known.sender.take() {
                    Some(sender) => sender,
                    None => known.keep(column, item.sender()),
                };
                let cell = text(sender.as_ref().and_then(|sender| of_sender(column, sender)));
                known.sender = Some(sender);
                cell
            }
            Column::To | Column::Cc | Column::Bcc | Column::Unresolved => {
                let recipients = match known.recipients.take() {
                    Some(recipients) => recipients,
                    None => item.recipients().filter_map(|row| known.keep(column, row.map(Some))).collect(),
                };
                let cell = Cell::Texts(of_recipients(column, &recipients));
                known.recipients = Some(recipients);
                cell
            }
            Column::Attachments => {
                let names = item.attachments().filter_map(|attachment| {
                    let name = attachment.and_then(|attachment| attachment.name());
                    known.keep(column, name.map(|name| Some(name.unwrap_or_default())))
                });
                Cell::Texts(names.collect())
            }
            Column::Journal | Column::EnvelopeSender | Column::EnvelopeRecipients => {
                let journal = match known.journal.take() {
                    Some(journal) => journal,
                    None => known.keep(column, self.journal(message).map(Some)).unwrap_or(Journal::Ordinary),
                };
                let cell = of_journal(column, &journal);
                known.journal = Some(journal);
                cell
            }
            Column::Damage => Cell::Texts(inspect(message).errors.iter().map(ToString::to_string).collect()),
            Column::Findings => Cell::Null,
        }
    }

    fn journal(&self, message: &Message) -> Result<Journal> {
        match &self.names {
            Some(names) => crate::journal::read(message, names),
            None => journal::of_message(message),
        }
    }
}

/// What somebody goes by: the SMTP address, else the address that is stored, else the name.
fn label(who: &Resolved) -> Option<String> {
    let stored = || who.stored.as_ref().map(|stored| stored.value.clone());
    who.smtp.as_ref().map(|smtp| smtp.address.clone()).or_else(stored).or_else(|| who.name.clone())
}

fn of_sender(column: Column, sender: &Resolved) -> Option<String> {
    match column {
        Column::SenderName => sender.name.clone(),
        Column::SenderAddress => label(sender),
        _ => sender.unresolved.map(|reason| reason.name().to_owned()),
    }
}

fn of_recipients(column: Column, recipients: &[ItemRecipient]) -> Vec<String> {
    let role = match column {
        Column::To => Some(Role::To),
        Column::Cc => Some(Role::Cc),
        Column::Bcc => Some(Role::Bcc),
        _ => None,
    };
    let is_wanted = |recipient: &&ItemRecipient| match role {
        Some(role) => recipient.role == role,
        None => recipient.who.smtp.is_none(),
    };
    recipients.iter().filter(is_wanted).filter_map(|recipient| label(&recipient.who)).collect()
}

fn of_journal(column: Column, journal: &Journal) -> Cell {
    let envelope = match journal {
        Journal::Report(report) | Journal::Suspect(report) => report.envelope.as_ref(),
        _ => None,
    };
    let label = |party: &journal::Party| party.address.clone().or_else(|| party.name.clone());
    match (column, envelope) {
        (Column::Journal, _) if matches!(journal, Journal::Ordinary) => Cell::Null,
        (Column::Journal, _) => Cell::Text(journal.name().to_owned()),
        (_, None) => Cell::Null,
        (Column::EnvelopeSender, Some(envelope)) => {
            envelope.sender.as_ref().and_then(label).map_or(Cell::Null, Cell::Text)
        }
        (_, Some(envelope)) => {
            Cell::Texts(envelope.recipients.iter().filter_map(|recipient| label(&recipient.party)).collect())
        }
    }
}

impl Iterator for Batches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let batch = self.batch();
        if !matches!(batch, Some(Ok(_))) {
            self.done = true;
        }
        batch
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
