//! Messaging: lists that lead nowhere or in a circle, and bodies that are none.

use pst_core::ErrorKind::{Checksum, Corrupt, Limit, NotFound};
use pst_core::ltp::{EncodedValue, Hid, PropertyTag, id};
use pst_core::messaging::{Message, NamedProperties, PropertyName, PropertySet, inspect, inspect_folder};
use pst_core::ndb::{Bid, Format, Nid, NidType, SubnodeEntry};
use pst_core::rtf::lzfu;
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, Props, StoreBuilder, nids};
use pst_core::{Limits, OpenOptions, Pst, Result};

use crate::{FORMATS, expect, expect_good, within_deadline};

const MESSAGE: Nid = Nid::new(0x20_0024);
const RTF: &str = "{\\rtf1\\ansi some text, some text, some text\\par}";

fn with_message(format: Format, message: MessageBuilder) -> Vec<u8> {
    let mailbox = Mailbox::new("Mail").folder(FolderBuilder::new("Inbox").message(message.nid(MESSAGE)));
    mailbox.write(StoreBuilder::new(format)).finish_vec()
}

fn message(pst: &Pst) -> Result<Message> {
    pst.message(MESSAGE)
}

fn rtf(change: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let mut stored = lzfu::compress(RTF.as_bytes());
    change(&mut stored);
    with_message(Format::UNICODE, MessageBuilder::new("IPM.Note").rtf_compressed(stored))
}

/// A wrong CRC is a warning: the text is there. Who wants none makes it an error.
#[test]
fn rtf_crc() {
    let file = rtf(|stored| stored[12] ^= 1);
    within_deadline(move || {
        let pst = Pst::from_bytes(file).unwrap();
        let body = message(&pst).unwrap().body_rtf().unwrap().unwrap();
        assert_eq!(body.bytes, RTF.as_bytes());
        assert!(matches!(body.warnings().as_slice(), [lzfu::Warning::Crc { .. }]), "{:?}", body.warnings());
        assert_eq!(body.strict().unwrap_err().kind(), Checksum);
    });
}

#[test]
fn rtf_cut_short() {
    let whole = lzfu::compress(RTF.as_bytes()).len();
    for length in (lzfu::HEADER_LEN..whole).step_by(5) {
        let file = rtf(|stored| stored.truncate(length));
        within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let body = message(&pst).unwrap().body_rtf().unwrap().unwrap();
            assert!(RTF.as_bytes().starts_with(&body.bytes));
            assert!(!body.warnings().is_empty());
            assert!(matches!(body.strict().unwrap_err().kind(), Checksum | Corrupt));
        });
    }
}

#[test]
fn rtf_without_a_header() {
    for length in [1, 4, 15] {
        let file = rtf(|stored| stored.truncate(length));
        let text = format!("corrupt compressed RTF: length is {length} bytes, expected at least 16 (node 0x200024)");
        expect(file, |pst| message(pst)?.body_rtf().map(drop), Corrupt, text);
    }
}

#[test]
fn rtf_of_an_unknown_kind() {
    let file = rtf(|stored| stored[8..12].copy_from_slice(b"LZFv"));
    let text = "corrupt compressed RTF: COMPTYPE is 0x76465a4c, expected LZFu or MELA (node 0x200024)";
    expect(file, |pst| message(pst)?.body_rtf().map(drop), Corrupt, text);
}

#[test]
fn rtf_beyond_the_limit() {
    let file = with_message(Format::UNICODE, MessageBuilder::new("IPM.Note").rtf(&"{\\rtf1 x}".repeat(100_000)));
    let mut limits = Limits::default();
    limits.rtf_bytes = 1000;
    let pst = OpenOptions::new().limits(limits).from_bytes(file).unwrap();
    let error = message(&pst).unwrap().body_rtf().unwrap_err();
    assert_eq!(error.kind(), Limit);
    assert_eq!(error.location().node, Some(MESSAGE));
}

/// The row of an attachment whose subnode is gone is an error; the other attachments are there.
#[test]
fn attachment_without_its_subnode() {
    for format in FORMATS {
        let first = Nid::from_parts(NidType::ATTACHMENT, 0x500);
        let attached = MessageBuilder::new("IPM.Note")
            .attach(AttachmentBuilder::by_value("first", *b"1").nid(first))
            .attach(AttachmentBuilder::by_value("second", *b"2"));
        let mut editor = Editor::new(with_message(format, attached));
        let subnodes = editor.node(MESSAGE).subnodes;
        let (header, size) = (format.subnode_header_size(), format.subnode_entry_size());
        let position = editor.subnodes(subnodes).iter().position(|entry| entry.nid == first).unwrap();
        let other = Nid::from_parts(NidType::LTP, 0x500).raw().to_le_bytes();
        editor.edit_block(subnodes, |block| block[header + position * size..][..4].copy_from_slice(&other));
        let file = editor.into_bytes();
        within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let (good, bad): (Vec<_>, Vec<_>) = message(&pst).unwrap().attachments().partition(Result::is_ok);
            let names: Vec<_> = good.into_iter().map(|one| one.unwrap().file_name().unwrap().unwrap()).collect();
            assert_eq!(names, ["second"]);
            let errors: Vec<_> = bad.into_iter().map(|one| one.unwrap_err()).collect();
            assert_eq!(errors.len(), 1);
            assert_eq!(errors[0].kind(), NotFound);
            assert_eq!(
                errors[0].to_string(),
                "missing attachment: the message has no subnode 0xa005, which its attachment table lists \
                 (node 0x200024)"
            );
        });
    }
}

/// Replaces a row id of a folder's table, in its index and in its row.
fn replace_row(editor: &mut Editor, table: Nid, old: Nid, new: Nid) {
    let data = editor.node(table).data;
    let (index, matrix) = editor.table_parts(data);
    let (item, range) = editor.bth_record(data, index, u64::from(old.raw()));
    editor.edit_item(data, item, |bytes| bytes[range][..4].copy_from_slice(&new.raw().to_le_bytes()));
    editor.edit_item(data, Hid::new(matrix), |rows| {
        let at = rows.windows(4).position(|id| id == old.raw().to_le_bytes()).unwrap();
        rows[at..at + 4].copy_from_slice(&new.raw().to_le_bytes());
    });
}

#[test]
fn message_without_its_node() {
    for format in FORMATS {
        let mut editor = Editor::new(with_message(format, MessageBuilder::new("IPM.Note")));
        let table = Nid::new(0x80AE);
        let missing = Nid::new(0x20_0F04);
        replace_row(&mut editor, table, MESSAGE, missing);
        let text = "missing node: it has no entry in the node B-tree (node 0x200f04)";
        let first = |pst: &Pst| pst.folder(Nid::new(0x80A2))?.messages()?.next().expect("a row").map(drop);
        expect(editor.into_bytes(), first, NotFound, text);
    }
}

/// A folder that lists its own parent: the walk says so once and ends.
#[test]
fn folders_in_a_circle() {
    for format in FORMATS {
        let mailbox = Mailbox::new("Circle").folder(FolderBuilder::new("outer").folder(FolderBuilder::new("inner")));
        let mut editor = Editor::new(mailbox.write(StoreBuilder::new(format)).finish_vec());
        let (outer, inner) = (Nid::new(0x80A2), Nid::new(0x80C2));
        replace_row(&mut editor, outer.with_kind(NidType::HIERARCHY_TABLE), inner, nids::IPM_SUBTREE);
        let file = editor.into_bytes();
        let (names, errors) = within_deadline(move || {
            let pst = Pst::from_bytes(file).unwrap();
            let (good, bad): (Vec<_>, Vec<_>) = pst.root_folder().unwrap().descendants().partition(Result::is_ok);
            let names: Vec<_> = good.into_iter().map(|folder| folder.unwrap().name().unwrap()).collect();
            (names, bad.into_iter().map(|error| error.unwrap_err().to_string()).collect::<Vec<_>>())
        });
        assert_eq!(
            names,
            [
                "",
                "SPAM Search Folder 2",
                "Top of Personal Folders",
                "Deleted Items",
                "outer",
                "Search Root",
                "IPM_COMMON_VIEWS"
            ]
        );
        assert_eq!(errors, ["corrupt hierarchy table: the folder is listed twice, or below itself (node 0x8022)"]);
    }
}

#[test]
fn folders_deeper_than_the_limit() {
    let mut folder = FolderBuilder::new("20");
    for depth in (0..20).rev() {
        folder = FolderBuilder::new(&depth.to_string()).folder(folder);
    }
    let file = Mailbox::new("Deep").folder(folder).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let mut limits = Limits::default();
    limits.folder_depth = 10;
    let pst = OpenOptions::new().limits(limits).from_bytes(file).unwrap();
    let errors: Vec<_> = pst.root_folder().unwrap().descendants().filter_map(Result::err).collect();
    let [error] = errors.as_slice() else { panic!("{errors:?}") };
    assert_eq!(error.kind(), Limit);
    let node = error.location().node.unwrap();
    assert_eq!(pst.folder(node).unwrap().name().unwrap(), "8");
    assert_eq!(error.to_string(), format!("limit reached in folder: depth is 10, expected at most 10 (node {node})"));
}

#[test]
fn messages_embedded_deeper_than_the_limit() {
    let mut inner = MessageBuilder::new("IPM.Note").subject("inner");
    for _ in 0..10 {
        inner = MessageBuilder::new("IPM.Note").attach(AttachmentBuilder::embedded("x", inner));
    }
    let file = with_message(Format::UNICODE, inner);
    let mut limits = Limits::default();
    limits.subnode_depth = 9;
    let pst = OpenOptions::new().limits(limits).from_bytes(file).unwrap();
    let mut depth = 0;
    let mut next = message(&pst).unwrap();
    let error = loop {
        match next.attachments().next().unwrap().and_then(|attachment| attachment.message()) {
            Ok(inner) => next = inner.expect("a message"),
            Err(error) => break error,
        }
        depth += 1;
    };
    // Each embedded message takes two levels of subnodes.
    assert_eq!((depth, error.kind()), (4, Limit));
    assert_eq!(error.to_string(), "limit reached in subnode: depth is 10, expected at most 9 (node 0x200024)");
}

#[test]
fn message_without_data() {
    for format in FORMATS {
        let mut editor = Editor::new(with_message(format, MessageBuilder::new("IPM.Note").body("text")));
        editor.edit_node(MESSAGE, |node| node.data = pst_core::ndb::Bid::NONE);
        let text = "missing heap: the node has no data (node 0x200024)";
        expect(editor.clone().into_bytes(), |pst| message(pst)?.class().map(drop), NotFound, text);
        // The folder still lists it.
        expect_good(editor.into_bytes(), |pst| {
            assert_eq!(pst.folder(Nid::new(0x80A2))?.messages()?.filter(Result::is_ok).count(), 1);
            Ok(())
        });
    }
}

#[test]
fn folder_without_its_tables() {
    for format in FORMATS {
        let mut editor = Editor::new(with_message(format, MessageBuilder::new("IPM.Note")));
        // The greatest first, so that the order of the page's keys is kept.
        for kind in [NidType::ASSOCIATED_CONTENTS_TABLE, NidType::CONTENTS_TABLE, NidType::HIERARCHY_TABLE] {
            let nid = Nid::new(0x80A2).with_kind(kind);
            editor.edit_node(nid, |node| node.nid = Nid::new(nid.raw() | 0x10));
            let file = editor.clone().into_bytes();
            let pst = Pst::from_bytes(file).unwrap();
            let folder = pst.folder(Nid::new(0x80A2)).unwrap();
            let table = match kind {
                NidType::HIERARCHY_TABLE => folder.hierarchy_table(),
                NidType::CONTENTS_TABLE => folder.contents_table(),
                _ => folder.associated_table(),
            };
            assert!(table.unwrap().is_none(), "{kind}");
            // The folder counts one message, so that the loss of its table is told.
            let lost: Vec<_> = inspect_folder(&folder).errors.iter().map(ToString::to_string).collect();
            let text = "missing contents table: the folder counts 1 items and has no such table (node 0x80a2)";
            let expected: &[&str] = if kind == NidType::ASSOCIATED_CONTENTS_TABLE { &[] } else { &[text] };
            assert_eq!(lost, expected, "{kind}");
        }
    }
}

#[test]
fn store_without_its_node() {
    for format in FORMATS {
        let mut editor = Editor::new(with_message(format, MessageBuilder::new("IPM.Note")));
        editor.edit_node(Nid::MESSAGE_STORE, |node| node.nid = Nid::new(0x22));
        let text = "missing node: it has no entry in the node B-tree (node 0x21)";
        expect(editor.clone().into_bytes(), |pst| pst.store().map(drop), NotFound, text);
        expect_good(editor.into_bytes(), |pst| {
            assert_eq!(pst.root_folder()?.descendants().filter(Result::is_ok).count(), 7);
            Ok(())
        });
    }
}

/// A message that has itself in two attachments, so that every level doubles the number.
#[test]
fn a_message_below_itself() {
    for format in FORMATS {
        let inner = || AttachmentBuilder::embedded("inner", MessageBuilder::new("IPM.Note"));
        let both = MessageBuilder::new("IPM.Note").attach(inner()).attach(inner());
        let mut editor = Editor::new(with_message(format, both));
        let top = editor.node(MESSAGE);
        let attachments: Vec<_> =
            editor.subnodes(top.subnodes).into_iter().filter(|entry| entry.nid.kind() == NidType::ATTACHMENT).collect();
        assert_eq!(attachments.len(), 2);
        let (header, size) = (format.subnode_header_size(), format.id_size());
        for attachment in attachments {
            editor.edit_block(attachment.subnodes, |block| {
                block[header + size..][..size].copy_from_slice(&top.data.raw().to_le_bytes()[..size]);
                block[header + 2 * size..][..size].copy_from_slice(&top.subnodes.raw().to_le_bytes()[..size]);
            });
        }
        let file = editor.into_bytes();
        let found = within_deadline(move || {
            let mut limits = Limits::default();
            limits.embedded_messages = 2000;
            let pst = OpenOptions::new().limits(limits).from_bytes(file).unwrap();
            inspect(&message(&pst).unwrap())
        });
        assert!((2001..2100).contains(&found.embedded_messages), "{}", found.embedded_messages);
        assert!(found.errors.iter().all(|error| error.kind() == Limit));
        let texts: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
        let depth = "limit reached in subnode: depth is 65, expected at most 64 (node 0x200024)".to_owned();
        let number =
            "limit reached in message: number of embedded messages is 2001, expected at most 2000 (node 0x200024)";
        assert!(texts.contains(&depth) || texts.contains(&number.to_owned()), "{texts:?}");
    }
}

/// Many attachments that all name one large value: small in the file, huge to read.
#[test]
fn one_value_named_by_many_attachments() {
    const ATTACHMENTS: u32 = 340;
    const SIZE: usize = 200_000;
    let mut store = StoreBuilder::new(Format::UNICODE);
    let value = Nid::from_parts(NidType::LTP, 0x900);
    let large = store.data(&vec![7; SIZE]);
    let place = Prop::raw(PropertyTag::new(0x3701_0102), EncodedValue::Subnode(value));
    let attachment = Props::from_iter([Prop::i32(id::ATTACH_METHOD, 1), place]);
    let entry = |nid, data, subnodes| SubnodeEntry { nid, data, subnodes };
    let (data, subnodes) = attachment.write(&mut store, vec![entry(value, large, Bid::NONE)]);
    let attachments = (0..ATTACHMENTS)
        .map(|number| entry(Nid::from_parts(NidType::ATTACHMENT, 0x400 + number), data, subnodes))
        .collect();
    let (data, subnodes) = Props::from_iter([Prop::text(id::MESSAGE_CLASS, "IPM.Note")]).write(&mut store, attachments);
    store.node(MESSAGE, data, subnodes, Nid::new(0));
    let file = store.finish_vec();
    let most = file.len() * 64;
    assert!(most < SIZE * ATTACHMENTS as usize);
    let found = within_deadline(move || inspect(&message(&Pst::from_bytes(file).unwrap()).unwrap()));
    let texts: Vec<_> = found.errors.iter().map(ToString::to_string).collect();
    let [text] = texts.as_slice() else { panic!("{texts:?}") };
    // By how much it is exceeded depends on the size of the block that does it.
    let actual = text.split(' ').nth(8).unwrap();
    assert!((most..most + 8192).contains(&actual.trim_end_matches(',').parse().unwrap()), "{text}");
    assert_eq!(
        *text,
        format!("limit reached in message: bytes to read is {actual} expected at most {most} (node 0x200024)")
    );
    assert!(found.bytes <= most as u64 + 8176, "{}", found.bytes);
    assert!(found.attachments < u64::from(ATTACHMENTS));
}

/// A file whose named property map has these entries of 8 bytes, one set and one name.
fn with_names(entries: &[[u8; 8]]) -> Vec<u8> {
    let mut store = StoreBuilder::new(Format::UNICODE);
    let props = Props::from_iter([
        Prop::binary(0x0002, vec![7; 16]),
        Prop::binary(0x0003, entries.concat()),
        Prop::binary(0x0004, b"\x04\0\0\0o\0k\0".to_vec()),
    ]);
    let (data, subnodes) = props.write(&mut store, Vec::new());
    store.node(Nid::NAME_TO_ID_MAP, data, subnodes, Nid::new(0));
    store.finish_vec()
}

#[test]
fn names_outside_their_streams() {
    let good = [0, 0, 0, 0, 1 | (3 << 1), 0, 0, 0];
    for (bad, text) in [
        ([1, 0, 0, 0, 4 << 1, 0, 1, 0], "corrupt NAMEID: wGuid is 4, expected less than 4 (node 0x61)"),
        (
            [8, 0, 0, 0, 1, 0, 1, 0],
            "corrupt NAMEID: dwPropertyID is 0x8, expected an entry inside the string stream of 8 bytes (node 0x61)",
        ),
        (
            [2, 0, 0, 0, 1, 0, 1, 0],
            "corrupt NAMEID: dwPropertyID is 0x2, expected an entry inside the string stream of 8 bytes (node 0x61)",
        ),
        (
            [0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 1, 0],
            "corrupt NAMEID: dwPropertyID is 0xffffffff, expected an entry inside the string stream of 8 bytes \
             (node 0x61)",
        ),
        ([1, 0, 0, 0, 0, 0, 0, 0x80], "corrupt NAMEID: wPropIdx is 32768, expected at most 0x7fff (node 0x61)"),
    ] {
        let file = with_names(&[bad, good]);
        within_deadline(move || {
            let names = Pst::from_bytes(file).unwrap().named_properties().unwrap();
            // A bad entry loses one name, not the map.
            assert_eq!(names.get(0x8000).unwrap().name, PropertyName::String("ok".to_owned()));
            assert_eq!(names.len(), 1);
            let errors: Vec<_> = names.errors().iter().map(ToString::to_string).collect();
            assert_eq!(errors, [text]);
        });
    }
}

/// A map that is nothing but bad entries, one with more entries than there are ids, and one that names a long string in
/// each entry: all end early, and say so.
#[test]
fn names_without_end() {
    let bad = [1, 0, 0, 0, 4 << 1, 0, 1, 0];
    let good = [1, 0, 0, 0, 2, 0, 5, 0];
    let maps = |entries: Vec<u8>, strings: Vec<u8>| {
        within_deadline(move || {
            let map = NamedProperties::decode(&[], &entries, &strings);
            (map.len(), map.errors().iter().map(ToString::to_string).collect::<Vec<_>>())
        })
    };
    let (names, errors) = maps(bad.repeat(200_000), Vec::new());
    assert_eq!((names, errors.len()), (0, 101));
    assert_eq!(errors[0], "corrupt NAMEID: wGuid is 4, expected less than 3");
    assert_eq!(errors[100], "limit reached in NAMEID: number of bad entries is more, expected at most 100");

    let limit = "limit reached in NAMEID: number of entries is more, expected at most 65536";
    assert_eq!(maps(good.repeat(200_000), Vec::new()), (65_536, vec![limit.to_owned()]));

    // A name may have 64 KiB of UTF-16; the longest of all are read as long as they take 64 MiB together.
    let mut strings = (64u32 << 10).to_le_bytes().to_vec();
    strings.extend(b"n\0".repeat(32 << 10));
    let entries: Vec<u8> =
        (0..30_000u16).flat_map(|id| [0u32, 1 | u32::from(id) << 16]).flat_map(u32::to_le_bytes).collect();
    let (names, errors) = maps(entries, strings);
    assert_eq!(errors, ["limit reached in NAMEID: bytes of all names is more, expected at most 67108864"]);
    assert_eq!(names, 2048);
}

/// Duplicates occur: the first counts.
#[test]
fn names_given_twice() {
    let file = with_names(&[[1, 0, 0, 0, 2, 0, 5, 0], [2, 0, 0, 0, 2, 0, 5, 0], [1, 0, 0, 0, 2, 0, 9, 0]]);
    let names = Pst::from_bytes(file).unwrap().named_properties().unwrap();
    assert_eq!(names.get(0x8005).unwrap().name, PropertyName::Number(1));
    assert_eq!(names.id_of(PropertySet::Mapi, &PropertyName::Number(1)), Some(0x8005));
    assert_eq!(names.id_of(PropertySet::Mapi, &PropertyName::Number(2)), Some(0x8005));
    assert_eq!(names.entries().len(), 3);
}
