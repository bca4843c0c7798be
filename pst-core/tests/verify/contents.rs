//! F1 to F9, N1, N2: folders, messages, the name map and the store.

use pst_core::Guid;
use pst_core::ltp::{Hid, id};
use pst_core::ndb::page::PageType;
use pst_core::ndb::{Bid, Format, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{
    AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, Props, StoreBuilder,
};
use pst_core::verify::Rule::*;
use pst_core::verify::Severity::{Cosmetic, Degraded, Loss};
use pst_core::verify::{Rule, Severity};

use crate::{FORMATS, INBOX, MESSAGE, PSTS, SEARCH, check, expect, expect_with, first, good, mailbox};

/// A store with one message in one folder.
fn with_message(message: MessageBuilder, format: Format) -> Editor {
    let folder = FolderBuilder::new("Inbox").message(message);
    Editor::new(Mailbox::new("One").folder(folder).write(StoreBuilder::new(format)).finish_vec())
}

/// Changes the id of a property.
fn rename(editor: &mut Editor, data: Bid, from: u16, to: u16) {
    let (item, range) = editor.bth_record(data, editor.heap_root(data), u64::from(from));
    editor.edit_item(data, item, |bytes| bytes[range][..2].copy_from_slice(&to.to_le_bytes()));
}

#[test]
fn f1_properties() {
    for format in PSTS {
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
        let data = editor.node(INBOX).data;
        rename(&mut editor, data, id::SUBFOLDERS, id::SUBFOLDERS + 1);
        assert_eq!(expect(editor, F1, Degraded).node, Some(INBOX));
    }
}

/// The row in the parent's table says the same.
#[test]
fn f1_row() {
    for format in PSTS {
        let mut editor = good(format);
        let data = editor.node(INBOX).data;
        let class = Hid::new(editor.property(data, id::CONTAINER_CLASS));
        editor.edit_item(data, class, |class| class[0] = b'X');
        assert_eq!(expect(editor, F1, Degraded).node, Some(INBOX));
    }
    let mut editor = good(Format::UNICODE_4K);
    let data = editor.node(INBOX).data;
    let class = Hid::new(editor.property(data, id::CONTAINER_CLASS));
    editor.edit_item(data, class, |class| class[0] = b'X');
    expect(editor, F1, Cosmetic);
}

#[test]
fn f1_tables() {
    for format in PSTS {
        let mut store = mailbox().write(StoreBuilder::new(format));
        let props = Props::new()
            .with(Prop::text(id::DISPLAY_NAME, "Bare"))
            .with(Prop::i32(id::CONTENT_COUNT, 0))
            .with(Prop::i32(id::CONTENT_UNREAD_COUNT, 0))
            .with(Prop::boolean(id::SUBFOLDERS, false));
        let (data, subnodes) = props.write(&mut store, Vec::new());
        let folder = store.new_nid(NidType::NORMAL_FOLDER);
        // It stands in a folder that cannot be read, so that nobody misses it in a table.
        store.node(folder, data, subnodes, SEARCH);
        let editor = Editor::new(store.finish_vec());
        let report = check(editor.clone().into_bytes());
        assert_eq!(report.count(F1), 3);
        assert_eq!(expect(editor, F1, Degraded).node, Some(folder));
    }
}

#[test]
fn f1_search_parts() {
    for format in PSTS {
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
        let queue = SEARCH.with_kind(NidType::SEARCH_UPDATE_QUEUE);
        hide(&mut editor, queue, queue.raw() - 1);
        let report = check(editor.into_bytes());
        assert!(report.findings.iter().any(|finding| finding.rule == F1 && finding.location.node == Some(SEARCH)));
    }
}

#[test]
fn f2_counters() {
    for format in PSTS {
        for property in [id::CONTENT_COUNT, id::CONTENT_UNREAD_COUNT, id::SUBFOLDERS] {
            let mut editor = good(format);
            let data = editor.node(INBOX).data;
            let value = editor.property(data, property) ^ 1;
            editor.set_property(data, property, value);
            // The row has a copy of it.
            assert_eq!(expect_with(editor, F2, Degraded, &[F1]).node, Some(INBOX));
        }
        let folder = FolderBuilder::new("Inbox").prop(Prop::i32(0x6635, 3));
        let mailbox = Mailbox::new("Hidden").folder(folder);
        expect(Editor::new(mailbox.write(StoreBuilder::new(format)).finish_vec()), F2, Degraded);
        let mut editor = good(format);
        let data = editor.node(INBOX).data;
        editor.set_property(data, id::ASSOCIATED_CONTENT_COUNT, 9);
        assert_eq!(expect(editor, F2, Cosmetic).node, Some(INBOX));
    }
}

#[test]
fn f3_not_listed() {
    for format in PSTS {
        let lost = Nid::new(0x20_1004);
        let message = MessageBuilder::new("IPM.Note").nid(lost);
        let editor = Editor::new(mailbox().orphan(message, INBOX).write(StoreBuilder::new(format)).finish_vec());
        assert_eq!(expect(editor, F3, Loss).node, Some(lost));
    }
}

#[test]
fn f3_listed_elsewhere() {
    for format in PSTS {
        let mut editor = good(format);
        let deleted = pst_core::testkit::nids::DELETED_ITEMS;
        editor.edit_node(MESSAGE, |entry| entry.parent = deleted);
        let report = check(editor.into_bytes());
        // The inbox lists it, the search folder says it is there, and the other folder does not list it.
        let nodes: Vec<_> = report.findings.iter().map(|finding| (finding.rule, finding.location.node)).collect();
        assert_eq!(nodes.len(), 3, "{nodes:?}");
        for node in [INBOX, SEARCH, MESSAGE] {
            assert!(nodes.contains(&(F3, Some(node))), "{nodes:?}");
        }
    }
}

#[test]
fn f4_row() {
    for format in PSTS {
        let mut editor = good(format);
        let data = editor.node(MESSAGE).data;
        let flags = editor.property(data, id::MESSAGE_FLAGS);
        editor.set_property(data, id::MESSAGE_FLAGS, flags | 0x40);
        assert_eq!(expect(editor, F4, Degraded).node, Some(MESSAGE));
    }
}

/// Rows of search folders repeat messages of others.
#[test]
fn f4_search_row() {
    for format in PSTS {
        let mut editor = good(format);
        let data = editor.node(MESSAGE).data;
        let class = Hid::new(editor.property(data, id::MESSAGE_CLASS));
        editor.edit_item(data, class, |class| class[0] = b'X');
        // The contents table and the search folder.
        let report = check(editor.clone().into_bytes());
        assert_eq!(report.count(F4), 2);
        assert_eq!(expect(editor, F4, Degraded).node, Some(MESSAGE));
    }
}

#[test]
fn f5_properties() {
    for format in PSTS {
        for property in [id::CREATION_TIME, id::LAST_MODIFICATION_TIME] {
            let editor = with_message(MessageBuilder::new("IPM.Note").without(property), format);
            assert_eq!(expect(editor, F5, Degraded).node, Some(MESSAGE));
        }
        let editor = with_message(MessageBuilder::new("IPM.Note").without(id::MESSAGE_CLASS), format);
        expect(editor, F5, Degraded);
        let mut editor = good(format);
        let data = editor.node(crate::HIDDEN).data;
        rename(&mut editor, data, 0x300B, 0x300C);
        assert_eq!(expect(editor, F5, Degraded).node, Some(crate::HIDDEN));
    }
}

#[test]
fn f5_no_data() {
    for format in PSTS {
        let mut store = mailbox().write(StoreBuilder::new(format));
        let empty = store.new_nid(NidType::NORMAL_MESSAGE);
        store.node(empty, Bid::NONE, Bid::NONE, SEARCH);
        assert_eq!(expect(Editor::new(store.finish_vec()), F5, Loss).node, Some(empty));
    }
}

/// The first attachment of [`MESSAGE`].
fn attachment(editor: &Editor) -> (Nid, Bid) {
    let subnodes = editor.subnodes(editor.node(MESSAGE).subnodes);
    let found = subnodes.iter().find(|entry| entry.nid.kind() == NidType::ATTACHMENT).unwrap();
    (found.nid, found.data)
}

#[test]
fn f6_row() {
    for format in PSTS {
        let mut editor = good(format);
        let (_, data) = attachment(&editor);
        editor.set_property(data, id::RENDERING_POSITION, 5);
        assert_eq!(expect(editor, F6, Degraded).node, Some(MESSAGE));
    }
}

#[test]
fn f6_flag() {
    for format in PSTS {
        let mut editor = good(format);
        let data = editor.node(MESSAGE).data;
        let flags = editor.property(data, id::MESSAGE_FLAGS);
        editor.set_property(data, id::MESSAGE_FLAGS, flags & !0x10);
        // The row of the message has a copy.
        assert_eq!(expect_with(editor, F6, Degraded, &[F4]).field, Some("PidTagMessageFlags"));
    }
}

#[test]
fn f6_missing_attachment() {
    for format in PSTS {
        let mut editor = good(format);
        let (nid, _) = attachment(&editor);
        let top = editor.node(MESSAGE).subnodes;
        // Another type makes it no attachment; the ids still ascend within its block.
        let header = format.subnode_header_size();
        let (step, size) = (format.subnode_index_entry_size(), format.id_size());
        let index = editor.block(top);
        let blocks = index[header..].chunks_exact(step).map(|entry| {
            let mut id = [0; 8];
            id[..size].copy_from_slice(&entry[size..2 * size]);
            Bid::new(u64::from_le_bytes(id))
        });
        let entry = format.subnode_entry_size();
        let (block, place) = blocks
            .filter(|bid| !bid.is_none())
            .find_map(|bid| {
                let bytes = editor.block(bid);
                let at = bytes[header..].chunks_exact(entry).position(|entry| entry[..4] == nid.raw().to_le_bytes())?;
                Some((bid, header + at * entry))
            })
            .unwrap();
        editor.edit_block(block, |bytes| bytes[place] += 1);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, F6).severity, Loss);
        assert!(first(&report, F6).text.contains("names what is not there"));
    }
}

#[test]
fn f7_sizes() {
    for format in PSTS {
        let editor = with_message(MessageBuilder::new("IPM.Note").prop(Prop::i32(id::MESSAGE_SIZE, 7)), format);
        let location = expect(editor, F7, Degraded);
        assert_eq!((location.node, location.field), (Some(MESSAGE), Some("PidTagMessageSize")));
        let attached = AttachmentBuilder::by_value("a", "b").prop(Prop::i32(id::ATTACH_SIZE, 7));
        let editor = with_message(MessageBuilder::new("IPM.Note").attach(attached), format);
        assert_eq!(expect(editor, F7, Degraded).field, Some("PidTagAttachSize"));
        let inner = MessageBuilder::new("IPM.Note").prop(Prop::i32(id::MESSAGE_SIZE, 7));
        let attached = AttachmentBuilder::embedded("inner", inner);
        let editor = with_message(MessageBuilder::new("IPM.Note").attach(attached), format);
        assert_eq!(expect(editor, F7, Degraded).field, Some("PidTagMessageSize"));
    }
}

/// Outlook 2003 counted otherwise; its header shows that it was there.
#[test]
fn f7_of_old_files() {
    for format in PSTS {
        let mut editor = with_message(MessageBuilder::new("IPM.Note").prop(Prop::i32(id::MESSAGE_SIZE, 7)), format);
        editor.edit_header(|header| header[300] = 0);
        expect_with(editor, F7, Cosmetic, &[H13]);
    }
}

#[test]
fn f7_objects() {
    for format in PSTS {
        let attached = AttachmentBuilder::ole("sheet", vec![1; 500]);
        let mut editor = with_message(MessageBuilder::new("IPM.Note").attach(attached), format);
        let (_, data) = attachment(&editor);
        let object = Hid::new(editor.property(data, id::ATTACH_DATA));
        editor.edit_item(data, object, |object| object[4] ^= 1);
        // It is part of the size of the attachment.
        let report = check(editor.into_bytes());
        let fields: Vec<_> = report.findings.iter().map(|finding| (finding.rule, finding.location.field)).collect();
        assert_eq!(fields, [(F7, Some("ulSize")), (F7, Some("PidTagAttachSize"))]);
    }
}

/// A store whose named properties are `Keywords` and 0x8503, with its map changed.
fn with_names(format: Format, change: impl FnOnce(&mut Editor, Bid)) -> Editor {
    let mut names = NameMap::new();
    names.text(Guid::PS_PUBLIC_STRINGS, "Keywords");
    names.number(Guid::PSETID_COMMON, 0x8503);
    let mut editor = Editor::new(Mailbox::new("Names").names(names).write(StoreBuilder::new(format)).finish_vec());
    let data = editor.node(Nid::NAME_TO_ID_MAP).data;
    change(&mut editor, data);
    editor
}

fn edit_stream(editor: &mut Editor, data: Bid, id: u16, change: impl FnOnce(&mut [u8])) {
    let hid = Hid::new(editor.property(data, id));
    editor.edit_item(data, hid, change);
}

#[test]
fn f8_names() {
    type Case = (u16, fn(&mut [u8]), Severity, Option<&'static str>);
    let cases: [Case; 4] = [
        // Two entries with one index: the second is no longer in its bucket either.
        (3, |entries| entries[14] = 0, Degraded, Some("wPropIdx")),
        (3, |entries| entries[15] = 0xFF, Degraded, Some("wPropIdx")),
        (3, |entries| entries[12] = 0x20, Loss, Some("wGuid")),
        (3, |entries| entries[0] = 0xF0, Loss, Some("dwPropertyID")),
    ];
    for format in PSTS {
        for (stream, change, severity, field) in cases {
            let editor = with_names(format, |editor, data| edit_stream(editor, data, stream, change));
            let location = expect(editor, F8, severity);
            assert_eq!((location.node, location.field), (Some(Nid::NAME_TO_ID_MAP), field));
        }
        // Another bucket count puts them all elsewhere.
        let editor = with_names(format, |editor, data| editor.set_property(data, 1, 250));
        let report = check(editor.clone().into_bytes());
        assert_eq!(report.count(F8), 2);
        expect(editor, F8, Degraded);
        let editor = with_names(format, |editor, data| rename(editor, data, 2, 0));
        let report = check(editor.into_bytes());
        assert!(first(&report, F8).actual.contains("absent"));
    }
}

#[test]
fn f8_strange_bucket() {
    for format in PSTS {
        let names = |editor: &mut Editor, data: Bid| {
            let bucket = (0x1000..0x10FB).find(|id| {
                let heap = editor.heap_root(data);
                let fields = editor.item_bytes(data, heap);
                let root = Hid::new(u32::from_le_bytes(*fields[4..].first_chunk().unwrap()));
                let leaf = editor.item_bytes(data, root);
                leaf.chunks_exact(8).any(|record| record[..2] == u16::to_le_bytes(*id))
            });
            edit_stream(editor, data, bucket.unwrap(), |record| record[6] = 9);
        };
        // The name that was there is missing there.
        let report = check(with_names(format, names).into_bytes());
        assert_eq!((report.count(F8), report.worst()), (2, Some(Degraded)));
    }
}

#[test]
fn f9_store() {
    for format in PSTS {
        let mailbox = Mailbox::new("Store");
        let elsewhere = mailbox.entry_id(Nid::new(0x9992));
        let mailbox = mailbox.prop(Prop::binary(id::FINDER_ENTRY_ID, elsewhere));
        let editor = Editor::new(mailbox.write(StoreBuilder::new(format)).finish_vec());
        assert_eq!(expect(editor, F9, Loss).node, Some(Nid::MESSAGE_STORE));
        let mailbox = Mailbox::new("Store").prop(Prop::binary(id::FINDER_ENTRY_ID, vec![0; 20]));
        expect(Editor::new(mailbox.write(StoreBuilder::new(format)).finish_vec()), F9, Loss);
        let mut editor = Editor::new(Mailbox::new("Store").write(StoreBuilder::new(format)).finish_vec());
        let data = editor.node(Nid::MESSAGE_STORE).data;
        rename(&mut editor, data, id::FINDER_ENTRY_ID, id::FINDER_ENTRY_ID + 1);
        expect(editor, F9, Degraded);
    }
}

/// Two folders in each other, which no table above lists any more.
#[test]
fn f10_circle() {
    let (outer, inner) = (Nid::new(0x9002), Nid::new(0x9022));
    for format in FORMATS {
        let below = FolderBuilder::new("Inner").nid(inner).message(MessageBuilder::new("IPM.Note"));
        let store = Mailbox::new("Circle").folder(FolderBuilder::new("Outer").nid(outer).folder(below));
        let mut editor = Editor::new(store.write(StoreBuilder::new(format)).finish_vec());
        assert_eq!(check(editor.clone().into_bytes()).count(F10), 0);
        let above = editor.node(outer).parent;
        editor.edit_node(outer, |entry| entry.parent = inner);
        // Its row names a folder that is not there.
        let table = editor.node(above.with_kind(NidType::HIERARCHY_TABLE)).data;
        let (index, _) = editor.table_parts(table);
        let (item, range) = editor.bth_record(table, index, u64::from(outer.raw()));
        editor.edit_item(table, item, |bytes| bytes[range][..4].copy_from_slice(&0x9FE2u32.to_le_bytes()));
        let report = check(editor.into_bytes());
        let severity = if format == Format::UNICODE_4K { Cosmetic } else { Loss };
        let finding = first(&report, F10);
        assert_eq!((report.count(F10), finding.severity), (1, severity));
        assert_eq!(finding.location.node, Some(outer));
        assert_eq!(finding.actual, format!("{outer} in {inner} in {outer}"));
        let account = report.account.unwrap();
        assert_eq!(account.skipped_for(pst_core::verify::SkipReason::FolderUnreachable), 1);
        assert_eq!(account.folder_nodes - account.folders_reached, 2);
    }
}

/// Changes the id of a node to a free one of another type.
pub(crate) fn hide(editor: &mut Editor, nid: Nid, as_nid: u32) {
    let pages = editor.pages(PageType::NodeTree);
    for page in pages.iter().filter(|page| page.level == 0) {
        for index in 0..page.count {
            let place = index * page.entry_size;
            if editor.page(page.at)[place..place + 4] == nid.raw().to_le_bytes() {
                editor.edit_page(page.at, |page| page[place..place + 4].copy_from_slice(&as_nid.to_le_bytes()));
                return;
            }
        }
    }
    panic!("no node {nid}");
}

#[test]
fn n1_nodes() {
    for format in PSTS {
        for (nid, as_nid) in [(0x6F8, 0x6F9), (0x64C, 0x64D), (0x692, 0x694)] {
            let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
            hide(&mut editor, Nid::new(nid), as_nid);
            let report = check(editor.into_bytes());
            assert_eq!(first(&report, N1).location.node, Some(Nid::new(nid)));
            assert_eq!(first(&report, N1).severity, Degraded);
        }
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
        hide(&mut editor, Nid::MESSAGE_STORE, 0x25);
        assert_eq!(first(&check(editor.into_bytes()), N1).severity, Loss);
    }
}

#[test]
fn n1_activity_list() {
    for format in PSTS {
        let mut editor = good(format);
        let list = Nid::new(0x201);
        let data = editor.node(list).data;
        editor.edit_block(data, |list| list[1] ^= 0x40);
        assert_eq!(expect(editor, N1, Degraded).node, Some(list));
    }
}

#[test]
fn n2_columns() {
    for format in FORMATS {
        let mut editor = Editor::new(mailbox().write(StoreBuilder::new(format)).finish_vec());
        let template = Nid::new(0x64C);
        let data = editor.node(template).data;
        let root = editor.heap_root(data);
        // 0x0E14 becomes 0x0E15.
        editor.edit_item(data, root, |info| {
            let column = info[22..].chunks_exact_mut(8).find(|column| column[2..4] == [0x14, 0x0E]).unwrap();
            column[2] = 0x15;
        });
        let severity = if format == Format::UNICODE_4K { Cosmetic } else { Degraded };
        assert_eq!(expect(editor, N2, severity).node, Some(template));
    }
}

/// The table of rules says what the code says, and names tests that exist.
#[test]
fn every_rule_is_documented_and_tested() {
    const DOCUMENT: &str = include_str!("../../../docs/verify-rules.md");
    const MODULES: [(&str, &str); 7] = [
        ("header", include_str!("header.rs")),
        ("pages", include_str!("pages.rs")),
        ("blocks", include_str!("blocks.rs")),
        ("maps", include_str!("maps.rs")),
        ("heaps", include_str!("heaps.rs")),
        ("contents", include_str!("contents.rs")),
        ("hostile", include_str!("hostile.rs")),
    ];
    let rows: Vec<Vec<&str>> = DOCUMENT
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .filter(|cells| cells.len() == 7 && Rule::ALL.iter().any(|rule| rule.code() == cells[1]))
        .collect();
    assert_eq!(
        rows.iter().map(|row| row[1]).collect::<Vec<_>>(),
        Rule::ALL.iter().map(|rule| rule.code()).collect::<Vec<_>>()
    );
    for (row, rule) in rows.iter().zip(Rule::ALL) {
        assert_eq!((row[2], row[4]), (rule.title(), rule.source()), "{rule}");
        assert!(Severity::ALL.iter().any(|severity| row[3].starts_with(severity.as_str())), "{rule}");
        for test in row[5].split(", ") {
            let (module, name) = test.trim_matches('`').split_once("::").expect("a module and a test");
            let source = MODULES.iter().find(|(known, _)| *known == module).expect("a module").1;
            assert!(source.contains(&format!("fn {name}()")), "no test {test}");
            assert!(name.starts_with(&format!("{}_", rule.code().to_lowercase())), "{test} is not one of {rule}");
        }
    }
}
