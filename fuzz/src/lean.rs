//! The smallest file around one node's data: header, a page for each B-tree, blocks. No maps, no padding, so that making
//! it costs next to nothing beside reading it.

use pst_core::ndb::{
    Bid, BlockEntry, Client, CryptMethod, Format, Header, InternalBlock, Nid, NodeEntry, PageRef, Record, Root,
    encode_block, encode_leaf,
};

const NODE_TREE: u64 = 0x33;
const BLOCK_TREE: u64 = 0x34;

/// A file whose node `nid` has `data`, as far as it fits in the blocks of one B-tree page.
pub(crate) fn store(format: Format, nid: Nid, data: &[u8]) -> Vec<u8> {
    let page = u64::try_from(format.page_size()).unwrap_or(1);
    let most = format.page_entries_size().checked_div(BlockEntry::size(format)).unwrap_or(1).saturating_sub(1);
    let mut file = vec![0; format.header_size().next_multiple_of(format.page_size())];
    let mut entries = Vec::new();
    let mut write = |file: &mut Vec<u8>, plain: &[u8], bid: Bid| {
        let at = file.len().next_multiple_of(usize::try_from(format.block_align()).unwrap_or(1));
        file.resize(at, 0);
        let offset = u64::try_from(at).unwrap_or(0);
        let (disk, entry) = encode_block(plain, bid, offset, format, CryptMethod::None, false);
        file.extend_from_slice(&disk);
        entries.push(entry);
        bid
    };
    let chunks: Vec<&[u8]> = data.chunks(format.max_block_data()).take(most).collect();
    let mut bids: Vec<Bid> = (1u64..)
        .map(|number| Bid::new(number << 2))
        .zip(&chunks)
        .map(|(bid, chunk)| write(&mut file, chunk, bid))
        .collect();
    let top = match bids.as_slice() {
        [] => Bid::NONE,
        [one] => *one,
        _ => {
            let total = chunks.iter().map(|chunk| chunk.len()).sum::<usize>();
            let total = u32::try_from(total).unwrap_or(u32::MAX);
            let children = std::mem::take(&mut bids);
            let tree = InternalBlock::DataTree { level: 1, total, children };
            write(&mut file, &tree.encode(format), Bid::new(0x1002))
        }
    };
    file.resize(file.len().next_multiple_of(format.page_size()), 0);
    let node_tree = PageRef { id: NODE_TREE, offset: u64::try_from(file.len()).unwrap_or(0) };
    let block_tree = PageRef { id: BLOCK_TREE, offset: node_tree.offset.saturating_add(page) };
    let node = NodeEntry { nid, data: top, subnodes: Bid::NONE, parent: Nid::new(0) };
    file.extend(encode_leaf(&[node], format, node_tree));
    file.extend(encode_leaf(&entries, format, block_tree));
    let root = Root { file_size: u64::try_from(file.len()).unwrap_or(0), node_tree, block_tree, ..Root::default() };
    let header = Header {
        format,
        client: Client::Pst,
        client_version: 19,
        platform: [1, 1],
        next_block: 0x2000,
        next_page: 0x100,
        unique: 1,
        node_counters: [0x400; 32],
        root,
        crypt: CryptMethod::None,
    };
    for (to, from) in file.iter_mut().zip(header.encode()) {
        *to = from;
    }
    file
}

#[cfg(test)]
mod tests {
    use super::*;
    use pst_core::Pst;

    #[test]
    fn the_data_is_read_back() {
        for format in crate::FORMATS {
            for size in [0, 1, 9000, 70_000] {
                let data = vec![7; size];
                let pst = Pst::from_bytes(store(format, Nid::MESSAGE_STORE, &data)).unwrap();
                let node = pst.node(Nid::MESSAGE_STORE).unwrap().unwrap();
                assert_eq!(*node.data().unwrap().bytes().unwrap(), data[..]);
            }
        }
    }
}
