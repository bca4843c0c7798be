//! F5 to F7: messages, their attachments and sizes.

use crate::ltp::{ObjectRef, PropertyType, id};
use crate::ndb::{Nid, NidType, Node};
use crate::verify::report::Note;
use crate::verify::{Check, Rule, Severity};

/// PidTagSearchKey.
const SEARCH_KEY: u16 = 0x300B;
/// Set in PidTagMessageFlags if there are attachments.
const HAS_ATTACHMENTS: i64 = 0x10;

impl Check<'_> {
    /// Checks a message with all below it; returns the bytes of its data, which PidTagMessageSize states.
    pub(super) fn check_message(&mut self, node: &Node) -> u64 {
        let nid = node.id();
        let top = node.top_id();
        let totals = &mut self.sink.report.totals;
        totals.messages = totals.messages.saturating_add(1);
        let severity = self.unless_ost(Severity::Degraded);
        if node.entry().data.is_none() {
            let note = Note::new(Rule::F5, self.unless_ost(Severity::Loss), "a message has no data").node(top);
            self.found(note.values("no data", "a property context"));
        }
        let checked = self.check_properties(node);
        let mut attachments: Vec<Nid> = Vec::new();
        let mut size = self.data_size(node.entry().data);
        let is_whole = self.each_subnode(node, &mut |check, subnode| {
            let below = match subnode.id().kind() {
                NidType::ATTACHMENT => {
                    attachments.push(subnode.id());
                    check.check_attachment(subnode)
                }
                NidType::RECIPIENT_TABLE => {
                    check.check_table(subnode, &mut |_, _| {});
                    check.size_of(subnode)
                }
                _ => check.size_of(subnode),
            };
            size = size.saturating_add(below);
        });
        if !is_whole {
            return size;
        }
        let rows = self.check_attachment_table(node, &attachments, severity);
        let Some(checked) = checked else { return size };
        let context = &checked.context;
        let needed = [
            id::MESSAGE_CLASS,
            id::MESSAGE_FLAGS,
            id::MESSAGE_SIZE,
            id::CREATION_TIME,
            id::LAST_MODIFICATION_TIME,
            SEARCH_KEY,
        ];
        self.check_required(Rule::F5, severity, "a message lacks a property it must have", top, context, &needed);
        let flags = context.integer(id::MESSAGE_FLAGS).ok().flatten();
        if let (Some(flags), Some(rows)) = (flags, rows)
            && (flags & HAS_ATTACHMENTS != 0) != (rows > 0)
        {
            let note = Note::new(Rule::F6, severity, "the flags of a message contradict its attachments").node(top);
            let note = note.field("PC", "PidTagMessageFlags");
            self.found(
                note.values(format_args!("{flags:#x} with {rows} attachments"), "0x10 if there are attachments"),
            );
        }
        let stored = context.integer(id::MESSAGE_SIZE).ok().flatten();
        // Nobody knows what stands for more than 2 GB.
        if let Some(stored) = stored.filter(|stored| u64::try_from(*stored) != Ok(size))
            && i32::try_from(size).is_ok()
            && !self.sink.has_broken_blocks()
        {
            let severity = self.unless_old(Severity::Degraded);
            let note = Note::new(Rule::F7, severity, "the size of a message is wrong").node(top);
            let note = note.field("PC", "PidTagMessageSize");
            self.found(note.values(format_args!("{stored} (message {nid})"), size));
        }
        size
    }

    /// Calls `each` for every subnode that can be read; false if the checker may not read on.
    fn each_subnode(&mut self, node: &Node, each: &mut dyn FnMut(&mut Self, &Node)) -> bool {
        if node.entry().subnodes.is_none() {
            return true;
        }
        for subnode in node.subnodes() {
            if !self.pay(64) {
                return false;
            }
            match subnode {
                Ok(subnode) => {
                    self.sink.report.totals.subnodes = self.sink.report.totals.subnodes.saturating_add(1);
                    each(self, &subnode);
                }
                Err(error) => {
                    let text = "a subnode cannot be read";
                    self.reader_error(Rule::B7, Severity::Loss, text, &error, node.top_id());
                }
            }
        }
        true
    }

    /// Bytes of data of a subnode and all below it.
    fn size_of(&mut self, node: &Node) -> u64 {
        let mut size = self.data_size(node.entry().data);
        if node.entry().subnodes.is_none() {
            return size;
        }
        for subnode in node.subnodes() {
            if !self.pay(64) {
                break;
            }
            match subnode {
                Ok(subnode) => size = size.saturating_add(self.size_of(&subnode)),
                Err(error) => {
                    self.reader_error(Rule::B7, Severity::Loss, "a subnode cannot be read", &error, node.top_id());
                }
            }
        }
        size
    }

    /// F6: the attachment table against the attachments; returns the number of rows.
    fn check_attachment_table(&mut self, node: &Node, attachments: &[Nid], severity: Severity) -> Option<u64> {
        let top = node.top_id();
        let table = match node.subnode(Nid::ATTACHMENT_TABLE) {
            Ok(table) => table,
            Err(_) => return None,
        };
        let note = |text: &str| Note::new(Rule::F6, severity, text).node(top);
        let Some(table) = table else {
            if let Some(first) = attachments.first() {
                let note = note("a message has attachments and no table of them");
                self.found(note.values(format_args!("attachment {first}"), "an attachment table"));
            }
            return Some(0);
        };
        if table.entry().data.is_none() {
            return Some(0);
        }
        let mut rows: Vec<Nid> = Vec::new();
        let table = self.check_table(&table, &mut |_, row| rows.push(row.nid()))?;
        for row in table.rows().filter_map(Result::ok) {
            let Ok(Some(attachment)) = node.subnode(row.nid()) else { continue };
            if let Ok(context) = crate::ltp::PropertyContext::open(&attachment) {
                self.compare_row((Rule::F6, severity), top, &row, &table, &context, &|_| false);
            }
        }
        rows.sort_unstable();
        let mut known = attachments.to_vec();
        known.sort_unstable();
        for row in rows.iter().filter(|row| known.binary_search(row).is_err()) {
            let note =
                Note::new(Rule::F6, self.unless_ost(Severity::Loss), "the attachment table names what is not there");
            self.found(note.node(top).field("row", "dwRowID").values(row, "an attachment of the message"));
        }
        for attachment in known.iter().filter(|attachment| rows.binary_search(attachment).is_err()) {
            let note = Note::new(Rule::F6, self.unless_ost(Severity::Loss), "the attachment table lacks an attachment");
            self.found(note.node(top).values(format_args!("no row for {attachment}"), "a row for each attachment"));
        }
        Some(u64::try_from(rows.len()).unwrap_or(u64::MAX))
    }

    /// Checks an attachment with what is embedded in it; returns the bytes of its data.
    fn check_attachment(&mut self, node: &Node) -> u64 {
        let top = node.top_id();
        let severity = self.unless_ost(Severity::Degraded);
        let checked = self.check_properties(node);
        let mut size = self.data_size(node.entry().data);
        let mut object = None;
        if let Some(checked) = &checked
            && let Ok(Some(data)) = checked.context.get(id::ATTACH_DATA)
            && data.tag().kind() == PropertyType::OBJECT
        {
            object = data.stored().ok().and_then(|stored| ObjectRef::decode(&stored).ok());
        }
        let is_whole = self.each_subnode(node, &mut |check, subnode| {
            let is_message = subnode.id().kind() == NidType::NORMAL_MESSAGE;
            let below = if is_message { check.check_message(subnode) } else { check.size_of(subnode) };
            size = size.saturating_add(below);
            if let Some(object) = object.filter(|object| object.nid == subnode.id())
                && u64::from(object.size) != below & 0xFFFF_FFFF
                && !check.sink.has_broken_blocks()
            {
                let severity = check.unless_old(Severity::Degraded);
                let note = Note::new(Rule::F7, severity, "the size of an embedded object is wrong").node(top);
                let note = note.field("PtypObject", "ulSize");
                check.found(note.values(format_args!("{} ({} in {})", object.size, object.nid, node.id()), below));
            }
        });
        if !is_whole {
            return size;
        }
        let Some(checked) = checked else { return size };
        let needed = [id::ATTACH_SIZE, id::ATTACH_METHOD, id::RENDERING_POSITION];
        let text = "an attachment lacks a property it must have";
        self.check_required(Rule::F6, severity, text, top, &checked.context, &needed);
        let stored = checked.context.integer(id::ATTACH_SIZE).ok().flatten();
        if let Some(stored) = stored.filter(|stored| u64::try_from(*stored) != Ok(checked.bytes))
            && i32::try_from(checked.bytes).is_ok()
            && !self.sink.has_broken_blocks()
        {
            let severity = self.unless_old(Severity::Degraded);
            let note = Note::new(Rule::F7, severity, "the size of an attachment is wrong").node(top);
            let note = note.field("PC", "PidTagAttachSize");
            self.found(note.values(format_args!("{stored} (attachment {})", node.id()), checked.bytes));
        }
        size
    }
}
