//! Whole files: versions, encodings, trees and maps.

use pst_core::ndb::page::PageType;
use pst_core::ndb::{Client, CryptMethod, Format, Layout, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, Props, StoreBuilder, nids};
use pst_core::{ErrorKind, Mapping, OpenOptions, Pst};

use crate::{FORMATS, NO_NODE, NODE, open, pattern, properties, with_props};

const BODY: &str = "The quick brown fox jumps over the lazy dog.";

fn mailbox() -> Mailbox {
    let message = MessageBuilder::new("IPM.Note")
        .subject("RE: Shapes")
        .to("Ann", "ann@example.com")
        .body(BODY)
        .attach(AttachmentBuilder::by_value("data.bin", pattern(30_000)));
    Mailbox::new("Shapes").folder(FolderBuilder::new("Inbox").message(message))
}

/// Reads everything in [`mailbox`] through the messaging layer.
fn check_mailbox(pst: &Pst) {
    assert_eq!(pst.store().unwrap().name().unwrap().as_deref(), Some("Shapes"));
    let subtree = pst.ipm_subtree().unwrap().expect("a subtree");
    let names: Vec<String> = subtree.subfolders().unwrap().map(|folder| folder.unwrap().name().unwrap()).collect();
    assert_eq!(names, ["Deleted Items", "Inbox"]);
    let inbox = subtree.subfolders().unwrap().nth(1).unwrap().unwrap();
    let messages: Vec<_> = inbox.messages().unwrap().map(Result::unwrap).collect();
    let [message] = messages.as_slice() else { panic!("{} messages", messages.len()) };
    assert_eq!(message.subject().unwrap().as_deref(), Some("RE: Shapes"));
    assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), BODY);
    let recipients: Vec<_> = message.recipients().map(Result::unwrap).collect();
    assert_eq!(recipients.len(), 1);
    assert_eq!(recipients[0].smtp.as_deref(), Some("ann@example.com"));
    let attachment = message.attachments().next().unwrap().unwrap();
    let mut content = Vec::new();
    std::io::Read::read_to_end(&mut attachment.stream().unwrap().unwrap(), &mut content).unwrap();
    assert_eq!(content, pattern(30_000));
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn contains(file: &[u8], part: &[u8]) -> bool {
    file.windows(part.len()).any(|window| window == part)
}

#[test]
fn every_layout_and_encoding() {
    for format in FORMATS {
        for crypt in [CryptMethod::None, CryptMethod::Permute, CryptMethod::Cyclic] {
            let file = mailbox().write(StoreBuilder::new(format).crypt(crypt)).finish_vec();
            let text = if format.is_ansi() { BODY.as_bytes().to_vec() } else { utf16(BODY) };
            assert_eq!(contains(&file, &text), crypt == CryptMethod::None, "{format} {crypt:?}");
            let pst = open(file);
            assert_eq!(pst.header().crypt, crypt);
            assert_eq!(pst.format(), format);
            assert_eq!(pst.missing_bytes(), 0);
            check_mailbox(&pst);
        }
    }
}

/// The key of the cyclic coding is made of both halves of the low 32 bits of the block id; the upper 32 do not count.
#[test]
fn cyclic_coding_with_large_block_ids() {
    for (format, first) in [
        (Format::ANSI, 0x7234_5678),
        (Format::UNICODE, 0x1_F234_5678),
        (Format::UNICODE, 0xFFFF_FFF0),
        (Format::UNICODE_4K, 0x9876_5432_1000),
    ] {
        let store = StoreBuilder::new(format).crypt(CryptMethod::Cyclic).first_block(first);
        let pst = open(mailbox().write(store).finish_vec());
        assert_eq!(pst.blocks().next().unwrap().unwrap().bid.raw(), first);
        check_mailbox(&pst);
    }
}

#[test]
fn unencoded_blocks_are_lent_from_the_file() {
    for format in FORMATS {
        let mut store = StoreBuilder::new(format).crypt(CryptMethod::None);
        let data = store.block(&pattern(3000));
        store.node(NODE, data, pst_core::ndb::Bid::NONE, NO_NODE);
        let pst = open(store.finish_vec());
        let block = pst.block(data).unwrap();
        assert_eq!(block.as_lent(), Some(pattern(3000).as_slice()));
        assert_eq!(pst.format().page_size(), if format.layout() == Layout::Unicode4k { 4096 } else { 512 });
    }
}

#[test]
fn says_none_and_is_permuted() {
    for format in [Format::ANSI, Format::UNICODE] {
        let store = StoreBuilder::new(format).crypt(CryptMethod::Permute).claim(CryptMethod::None);
        let pst = open(mailbox().write(store).finish_vec());
        assert_eq!(pst.header().crypt, CryptMethod::None);
        check_mailbox(&pst);
    }
}

#[test]
fn says_none_and_is_permuted_in_part() {
    let mut store = StoreBuilder::new(Format::UNICODE).crypt(CryptMethod::None);
    let (plain, permuted) = (Nid::new(0x20_0024), Nid::new(0x20_0044));
    let props = Props::new().with(Prop::text(0x1000, BODY)).with(Prop::binary(0x3701, pattern(20_000)));
    for (nid, crypt) in [(plain, CryptMethod::None), (permuted, CryptMethod::Permute)] {
        store.set_crypt(crypt);
        let (data, subnodes) = props.write(&mut store, Vec::new());
        store.node(nid, data, subnodes, NO_NODE);
    }
    store.set_crypt(CryptMethod::None);
    let pst = open(store.finish_vec());
    for nid in [plain, permuted] {
        let properties = properties(&pst, nid);
        assert_eq!(properties.string(0x1000).unwrap().as_deref(), Some(BODY), "{nid}");
        assert_eq!(&*properties.binary(0x3701).unwrap().unwrap(), pattern(20_000), "{nid}");
    }
}

#[test]
fn compressed_blocks() {
    let text: String = (0..30_000).map(|number| format!("line {number}\r\n")).collect();
    for crypt in [CryptMethod::None, CryptMethod::Permute, CryptMethod::Cyclic] {
        let store = StoreBuilder::new(Format::UNICODE_4K).compress(true).crypt(crypt);
        let pst = with_props(store, &Props::new().with(Prop::text(0x1000, text.as_str())));
        let compressed = pst.blocks().map(Result::unwrap).filter(|block| block.size > block.stored_size).count();
        // The cyclic coding leaves nothing that can be compressed.
        assert_eq!(compressed > 10, crypt != CryptMethod::Cyclic, "{compressed} with {crypt:?}");
        assert_eq!(properties(&pst, NODE).string(0x1000).unwrap().as_deref(), Some(text.as_str()));
    }
}

#[test]
fn a_compressed_mailbox() {
    let pst = open(mailbox().write(StoreBuilder::new(Format::UNICODE_4K).compress(true)).finish_vec());
    check_mailbox(&pst);
    assert!(pst.blocks().map(Result::unwrap).any(|block| block.bid.is_internal()));
}

#[test]
fn versions_15_and_21() {
    for (version, layout) in [(15, Layout::Ansi), (20, Layout::Unicode), (21, Layout::Unicode), (35, Layout::Unicode)] {
        let format = Format::from_version(version).unwrap();
        assert_eq!(format.layout(), layout);
        let pst = open(mailbox().write(StoreBuilder::new(format)).finish_vec());
        assert_eq!(pst.format().version(), version);
        check_mailbox(&pst);
    }
}

#[test]
fn version_37_is_named() {
    let mut editor = Editor::new(mailbox().write(StoreBuilder::new(Format::UNICODE)).finish_vec());
    editor.edit_header(|header| header[10] = 37);
    let error = Pst::from_bytes(editor.into_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "unsupported HEADER at 0xa: wVer is 37 (Windows Information Protection), expected 14, 15, 20 to 36"
    );
}

#[test]
fn crypt_method_0x10_is_named() {
    for (format, at) in [(Format::ANSI, 461), (Format::UNICODE, 513), (Format::UNICODE_4K, 513)] {
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
        editor.edit_header(|header| header[at] = 0x10);
        let error = Pst::from_bytes(editor.into_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert_eq!(error.location().offset, Some(at as u64));
        assert!(error.to_string().contains("bCryptMethod is 0x10 (Windows Information Protection"), "{error}");
    }
}

#[test]
fn the_magic_tells_the_client() {
    for (format, client) in [
        (Format::UNICODE, Client::Ost),
        (Format::UNICODE, Client::Pst),
        (Format::ANSI, Client::Pab),
        (Format::UNICODE_4K, Client::Ost),
    ] {
        let pst = open(mailbox().write(StoreBuilder::new(format).client(client)).finish_vec());
        assert_eq!(pst.client(), client);
        check_mailbox(&pst);
    }
}

#[test]
fn b_trees_of_many_levels() {
    for format in FORMATS {
        let file = mailbox().write(StoreBuilder::new(format).entries_per_page(3)).finish_vec();
        let editor = Editor::new(file.clone());
        let (nodes, blocks) = (editor.root(PageType::NodeTree), editor.root(PageType::BlockTree));
        assert!(nodes.level >= 3 && blocks.level >= 3, "{nodes:?} {blocks:?}");
        let pst = open(file);
        check_mailbox(&pst);
        let nids: Vec<Nid> = pst.nodes().map(|entry| entry.unwrap().nid).collect();
        assert!(nids.is_sorted() && nids.len() > 40, "{}", nids.len());
        for nid in &nids {
            assert_eq!(pst.node(*nid).unwrap().expect("a listed node").id(), *nid);
        }
        // Between the keys there is nothing.
        assert!(pst.node(Nid::new(0x23)).unwrap().is_none());
        assert!(pst.node(Nid::new(u32::MAX)).unwrap().is_none());
        for (index, nid) in nids.iter().enumerate() {
            let rest: Vec<Nid> = pst.nodes_from(*nid).map(|entry| entry.unwrap().nid).collect();
            assert_eq!(rest, nids[index..]);
        }
    }
}

/// A page filled to the last byte: 169 entries of 24 in a 4K page, 20 in a Unicode one.
#[test]
fn pages_that_are_exactly_full() {
    for (format, most) in [(Format::ANSI, 41), (Format::UNICODE, 20), (Format::UNICODE_4K, 169)] {
        let mut store = StoreBuilder::new(format);
        let blocks: Vec<_> = (0..most).map(|number: u32| store.block(&number.to_le_bytes())).collect();
        let file = store.finish_vec();
        let root = Editor::new(file.clone()).root(PageType::BlockTree);
        assert_eq!((root.level, root.count), (0, usize::try_from(most).unwrap()));
        let pst = open(file);
        for (number, bid) in (0..most).zip(blocks) {
            assert_eq!(&*pst.block(bid).unwrap(), number.to_le_bytes());
        }
    }
}

#[test]
fn nodes_without_data_are_empty_and_not_missing() {
    let pst = open(mailbox().write(StoreBuilder::new(Format::UNICODE)).finish_vec());
    for nid in [0x1E1, 0x261, 0xE41, 0xEC1, 0xF21, 0x2226] {
        let node = pst.node(Nid::new(nid)).unwrap().expect("an empty node");
        assert_eq!(node.data().unwrap().len(), 0);
        assert_eq!(node.data().unwrap().block_count(), 0);
    }
}

/// Every block and page is marked in the allocation maps, and nothing else is.
#[test]
fn allocation_maps_tell_what_is_in_use() {
    for format in FORMATS {
        // More than one section of the 512-byte layouts.
        let message = MessageBuilder::new("IPM.Note").attach(AttachmentBuilder::by_value("large", pattern(600_000)));
        let store = StoreBuilder::new(format).crypt(CryptMethod::None);
        let file = Mailbox::new("Maps").deleted(message).write(store).finish_vec();
        let editor = Editor::new(file.clone());
        let mut used: Vec<(u64, u64)> = Vec::new();
        for kind in [PageType::NodeTree, PageType::BlockTree] {
            used.extend(editor.pages(kind).iter().map(|page| (page.at.offset, format.page_size() as u64)));
        }
        let pst = open(file);
        used.extend(
            pst.blocks()
                .map(Result::unwrap)
                .map(|block| (block.offset, format.block_size_on_disk(usize::from(block.stored_size)) as u64)),
        );
        used.sort_unstable();
        assert!(used.windows(2).all(|pair| pair[0].0 + pair[0].1 <= pair[1].0), "two structures overlap");
        let maps: Vec<_> = pst.allocation_maps().map(Result::unwrap).collect();
        assert_eq!(maps.len() as u64 * format.amap_step() + format.first_amap(), pst.file_size());
        assert_eq!(maps.iter().map(|map| map.free_bytes()).sum::<u64>(), pst.header().root.amap_free);
        assert_eq!(maps.last().unwrap().offset(), pst.header().root.last_amap);
        let is_allocated = |offset| maps.iter().find_map(|map| map.is_allocated(offset)).unwrap();
        let unit = format.block_align();
        let page = format.page_size() as u64;
        let mut marked = 0;
        for (start, size) in &used {
            for offset in (*start..start + size).step_by(usize::try_from(unit).unwrap()) {
                assert!(is_allocated(offset), "{offset:#x}");
                marked += unit;
            }
        }
        // The rest of what is marked are the maps themselves: one page a section, and one PMap in eight.
        let sections = maps.len() as u64;
        let page_maps = if format.layout() == Layout::Unicode4k { 0 } else { sections.div_ceil(8) };
        let all = sections * format.amap_step() - pst.header().root.amap_free;
        assert_eq!(all, marked + (sections + page_maps) * page);
    }
}

/// Reference counts are one more than what names a block.
#[test]
fn reference_counts() {
    for format in FORMATS {
        let file = mailbox().write(StoreBuilder::new(format)).finish_vec();
        let editor = Editor::new(file.clone());
        let pst = open(file);
        let mut counts = std::collections::HashMap::new();
        let mut name = |bid: pst_core::ndb::Bid| {
            if !bid.is_none() {
                *counts.entry(bid).or_insert(1u16) += 1;
            }
        };
        for node in pst.nodes().map(Result::unwrap) {
            name(node.data);
            name(node.subnodes);
        }
        for block in pst.blocks().map(Result::unwrap).filter(|block| block.bid.is_internal()) {
            use pst_core::ndb::InternalBlock;
            match InternalBlock::decode(&editor.block(block.bid), format).unwrap() {
                InternalBlock::DataTree { children, .. } => children.into_iter().for_each(&mut name),
                InternalBlock::Subnodes(entries) => entries.into_iter().for_each(|entry| {
                    name(entry.data);
                    name(entry.subnodes);
                }),
                InternalBlock::SubnodeIndex(index) => index.into_iter().for_each(|entry| name(entry.block)),
            }
        }
        let mut shared = 0;
        for block in pst.blocks().map(Result::unwrap) {
            assert_eq!(Some(&block.references), counts.get(&block.bid), "block {}", block.bid);
            shared += u32::from(block.references > 2);
        }
        assert!(shared >= 3, "empty tables share their template's block");
    }
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    for format in FORMATS {
        let write = || mailbox().write(StoreBuilder::new(format)).finish_vec();
        assert!(write() == write());
    }
}

/// Maps stand where two writers proved them to be: PMap, FMap and FPMap right behind their AMap.
#[test]
fn offsets_above_4_gib() {
    const START: u64 = 0x1_0000_0000;
    for format in [Format::UNICODE, Format::UNICODE_4K] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let sink = std::io::BufWriter::new(file.reopen().unwrap());
        drop(mailbox().write(StoreBuilder::with_sink(format, sink).start(START)).finish());
        for mapping in [Mapping::Always, Mapping::Never, Mapping::Auto] {
            let pst = OpenOptions::new().mapping(mapping).open(file.path()).unwrap();
            assert!(pst.file_size() > START);
            assert!(pst.header().root.node_tree.offset > START);
            assert!(pst.blocks().map(Result::unwrap).all(|block| block.offset >= START));
            check_mailbox(&pst);
        }
        let pst = Pst::open(file.path()).unwrap();
        let maps = pst.allocation_maps().map(Result::unwrap).count() as u64;
        assert_eq!(maps, (pst.file_size() - format.first_amap()) / format.amap_step());
        if format == Format::UNICODE {
            let mut trailer = [0; 16];
            let mut read = |offset: u64| {
                use std::io::{Read, Seek, SeekFrom};
                let mut file = file.reopen().unwrap();
                file.seek(SeekFrom::Start(offset + 496)).unwrap();
                file.read_exact(&mut trailer).unwrap();
                trailer[0]
            };
            assert_eq!(read(0x4600), 0x83);
            assert_eq!(read(0x1F0_4800), 0x82);
            assert_eq!(read(0x7C00_4800), 0x85);
        }
    }
}

/// The cache of pages read by position gives what the map gives.
#[test]
fn positional_reads_give_what_the_map_gives() {
    for format in FORMATS {
        let file = tempfile::NamedTempFile::new().unwrap();
        drop(mailbox().write(StoreBuilder::with_sink(format, file.reopen().unwrap()).entries_per_page(2)).finish());
        let pst = OpenOptions::new().mapping(Mapping::Never).open(file.path()).unwrap();
        check_mailbox(&pst);
        check_mailbox(&pst);
    }
}

#[test]
fn a_store_without_fixed_nodes() {
    let mut store = StoreBuilder::new(Format::UNICODE);
    let (data, subnodes) = Props::new().with(Prop::text(0x3001, "Lonely")).write(&mut store, Vec::new());
    let folder = Nid::from_parts(NidType::NORMAL_FOLDER, 0x500);
    store.node(folder, data, subnodes, folder);
    let pst = open(store.finish_vec());
    assert_eq!(pst.store().unwrap_err().kind(), ErrorKind::NotFound);
    assert!(pst.named_properties().unwrap().is_empty());
    // A folder that is its own parent is a root.
    let root = pst.root_folder().unwrap();
    assert_eq!((root.id(), root.name().unwrap().as_str()), (folder, "Lonely"));
    assert_eq!(root.messages().unwrap().count(), 0);
    assert_eq!(root.subfolders().unwrap().count(), 0);
}

#[test]
fn an_empty_database() {
    for format in FORMATS {
        let pst = open(StoreBuilder::new(format).finish_vec());
        assert_eq!(pst.nodes().count(), 0);
        assert_eq!(pst.blocks().count(), 0);
        assert!(pst.node(nids::IPM_SUBTREE).unwrap().is_none());
        assert_eq!(pst.root_folder().unwrap_err().kind(), ErrorKind::NotFound);
    }
}
