//! The messages of a store by their nodes, whether or not a folder lists them.

use std::collections::VecDeque;

use pst_core::messaging::Message;
use pst_core::ndb::{Nid, NidType, NodeEntry};
use pst_core::{Pst, Result};

/// Entries looked up at once: memory stays the same for every store.
const CHUNK: usize = 16_384;

/// The messages of a store in the order of their node ids; one error per unreadable page, and the walk goes on.
pub(crate) struct MessageNodes {
    pst: Pst,
    chunk: VecDeque<Result<NodeEntry>>,
    next: Option<Nid>,
    associated: bool,
}

impl MessageNodes {
    pub(crate) fn new(pst: Pst, associated: bool) -> Self {
        Self { pst, chunk: VecDeque::new(), next: Some(Nid::new(0)), associated }
    }

    fn fill(&mut self) {
        let Some(from) = self.next.take() else { return };
        let mut found = 0usize;
        for entry in self.pst.nodes_from(from) {
            let Ok(entry) = entry else {
                self.chunk.push_back(entry);
                continue;
            };
            let kind = entry.nid.kind();
            if kind == NidType::NORMAL_MESSAGE || (self.associated && kind == NidType::ASSOCIATED_MESSAGE) {
                self.chunk.push_back(Ok(entry));
            }
            // Errors do not count: a chunk of errors alone would be met again.
            found = found.saturating_add(1);
            if found == CHUNK {
                self.next = entry.nid.raw().checked_add(1).map(Nid::new);
                return;
            }
        }
    }
}

impl Iterator for MessageNodes {
    type Item = Result<Message>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.chunk.is_empty() && self.next.is_some() {
            self.fill();
        }
        let entry = self.chunk.pop_front()?;
        Some(entry.and_then(|entry| self.pst.message_from_entry(entry)))
    }
}
