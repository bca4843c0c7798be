//! The header, or what can be known without it.

use crate::ndb::{BlockEntry, Client, CryptMethod, Database, Format, Header, Layout, NodeEntry, PageRef, Record, Root};
use crate::recover::overlay::Shared;
use crate::recover::page::TreePage;
use crate::recover::rebuild::NO_PAGE;
use crate::recover::report::HeaderState;
use crate::recover::scan::layout_of;
use crate::source::Source;
use crate::{Error, ErrorKind, Limits, Result, sniff};

/// A header to work with.
pub(super) struct Found {
    pub(super) header: Header,
    pub(super) state: HeaderState,
    /// What is wrong with the one in the file.
    pub(super) error: Option<Error>,
}

/// Reads the header, or makes one from the layout that pages and blocks show.
///
/// # Errors
/// `Io`; `Unsupported` for a header that says, with a right CRC, that the file is of a kind that cannot be read; `NotPst` if
/// nothing in the file proves itself.
pub(super) fn find(source: &Shared, progress: &mut dyn FnMut(u64) -> Result<()>) -> Result<Found> {
    let size = usize::try_from(source.len()).unwrap_or(usize::MAX).min(Header::MAX_SIZE);
    let mut start = vec![0; size];
    // A disk error in the first sector is a lost header and no more.
    if source.read_exact_at(0, &mut start).is_err() {
        start.clear();
    }
    let error = match Header::decode(&start, true) {
        Ok(header) => return Ok(Found { header, state: HeaderState::Sound, error: None }),
        Err(error) => error,
    };
    if let Ok(header) = Header::decode(&start, false)
        && (leads_to::<NodeEntry>(source, &header, header.root.node_tree)
            || leads_to::<BlockEntry>(source, &header, header.root.block_tree))
    {
        return Ok(Found { header, state: HeaderState::Repaired, error: Some(error) });
    }
    match layout_of(source, progress)? {
        Some(format) => Ok(Found { header: made(format, &start), state: HeaderState::Lost, error: Some(error) }),
        None if error.kind() == ErrorKind::NotPst => {
            Err(Error::text(ErrorKind::NotPst, "file", sniff::describe(&start)))
        }
        None => Err(error),
    }
}

/// Whether what a header says of one root is true. A torn header may have any layout.
fn leads_to<R: Record>(source: &Shared, header: &Header, root: PageRef) -> bool {
    let database = Database::new(Box::new(source.clone()), header.clone(), Limits::default(), true);
    TreePage::open::<R>(&database, root).is_ok()
}

/// A header that knows no roots and no counters.
fn made(format: Format, start: &[u8]) -> Header {
    // Letters that survived say what the file is; else what usually has this layout.
    let client = match start.get(8..10) {
        Some(b"SM") => Client::Pst,
        Some(b"SO") => Client::Ost,
        Some(b"AB") => Client::Pab,
        _ if format.layout() == Layout::Unicode4k => Client::Ost,
        _ => Client::Pst,
    };
    Header {
        format,
        client,
        client_version: if client == Client::Ost { 12 } else { 19 },
        platform: [1, 1],
        next_block: 4,
        next_page: 1,
        unique: 1,
        node_counters: [0x400; 32],
        root: Root { node_tree: NO_PAGE, block_tree: NO_PAGE, ..Root::default() },
        crypt: CryptMethod::Permute,
    }
}
