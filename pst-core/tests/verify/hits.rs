//! Whom findings hit, and the two counts of items.

use pst_core::ndb::{Bid, Format, Nid, NidType};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::verify::Rule::{B4, B8, F3};
use pst_core::verify::Severity::{Cosmetic, Degraded, Loss};
use pst_core::verify::{Account, ItemKind, Report, SkipReason, Verdict, VerifyOptions, verify_source};

use crate::{FORMATS, INBOX, LONG, LONG_PROPERTY, MESSAGE, PSTS, check, first, good, mailbox};

const IN_INBOX: &str = "/Top of Personal Folders/Inbox";

fn flip(editor: &mut Editor, block: Bid) {
    let at = usize::try_from(editor.block_entry(block).offset).unwrap();
    editor.bytes_mut()[at] ^= 1;
}

#[track_caller]
fn account(report: &Report) -> Account {
    let account = report.account.expect("an account");
    assert!(account.is_explained(), "{account:?}");
    assert_eq!(account.by_nodes, account.delivered + account.skipped() + account.failed);
    account
}

/// What the list of items says, without places.
fn hit(report: &Report) -> Vec<(Nid, Option<&str>, Option<&str>, Verdict)> {
    let told = |hit: &'_ pst_core::verify::HitItem| (hit.item.node, hit.verdict);
    let items = report.hits.items.iter();
    items.map(|item| (told(item).0, item.item.folder.as_deref(), item.item.subject.as_deref(), told(item).1)).collect()
}

#[test]
fn a_sound_file_hits_nobody_and_agrees() {
    for format in FORMATS {
        let report = check(good(format).into_bytes());
        assert_eq!((report.hits.items.len(), report.hits.beyond(), report.hits.is_complete), (0, 0, true));
        let account = account(&report);
        assert!(account.agrees(), "{account:?}");
        // Three messages and an associated one.
        assert_eq!((account.by_folders, account.by_nodes, account.delivered), (4, 4, 4));
        assert_eq!((account.folders_reached, account.unreadable_tables), (account.folder_nodes, 0));
    }
}

/// A block in the middle of a long value, two levels below the subnode of its message.
#[test]
fn a_damaged_block_is_told_with_path_and_subject() {
    for format in FORMATS {
        let mut editor = good(format);
        let subnodes = editor.node(LONG).subnodes;
        let value = editor.subnodes(subnodes).into_iter().find(|entry| entry.data.is_internal()).unwrap();
        let block = editor.leaves(value.data)[2];
        flip(&mut editor, block);
        let report = check(editor.into_bytes());
        let finding = first(&report, B4);
        assert_eq!((finding.severity, finding.location.block), (Loss, Some(block)));
        assert!(!finding.expected.is_empty() && !finding.actual.is_empty());
        assert!(finding.meaning().contains("lost"), "{}", finding.meaning());
        let item = finding.item.as_ref().unwrap();
        assert_eq!((item.node, item.kind), (LONG, ItemKind::Message));
        assert_eq!((item.folder.as_deref(), item.subject.as_deref()), (Some(IN_INBOX), Some("Long")));
        assert_eq!(hit(&report), [(LONG, Some(IN_INBOX), Some("Long"), Verdict::Damaged)], "{LONG_PROPERTY}");
        assert_eq!(report.hits.items[0].location.block, Some(block));
        let account = account(&report);
        assert_eq!((account.delivered, account.failed), (3, 1));
        assert!(account.agrees());
    }
}

/// The properties of the message are gone, and the row in its folder still knows the subject.
#[test]
fn the_subject_comes_from_the_row_if_need_be() {
    for format in FORMATS {
        let mut editor = good(format);
        let data = editor.node(MESSAGE).data;
        let block = if data.is_internal() { editor.leaves(data)[0] } else { data };
        flip(&mut editor, block);
        let report = check(editor.into_bytes());
        assert_eq!(hit(&report), [(MESSAGE, Some(IN_INBOX), Some("RE: Outer"), Verdict::Damaged)]);
        assert_eq!((account(&report).failed, account(&report).delivered), (1, 3));
    }
}

/// One value of two messages: the finding names the first, the list both.
#[test]
fn a_shared_block_hits_all_its_owners() {
    let message = |nid| MessageBuilder::new("IPM.Note").nid(Nid::new(nid)).subject(&format!("{nid:#x}"));
    for format in PSTS {
        let (one, other) = (0x20_2004, 0x20_2024);
        let inbox = FolderBuilder::new("Inbox").messages([message(one), message(other)]);
        let store = Mailbox::new("Shared").folder(inbox).write(StoreBuilder::new(format));
        let mut editor = Editor::new(store.finish_vec());
        // The properties of both are those of the first.
        let shared = editor.node(Nid::new(one)).data;
        editor.edit_node(Nid::new(other), |entry| entry.data = shared);
        editor.edit_block_entry(shared, |entry| entry.references += 1);
        flip(&mut editor, shared);
        let report = check(editor.into_bytes());
        assert_eq!(first(&report, B4).item.as_ref().map(|item| item.node), Some(Nid::new(one)));
        let hit: Vec<u32> = report.hits.items.iter().map(|hit| hit.item.node.raw()).collect();
        assert_eq!(hit, [one, other]);
        assert_eq!((report.hits.count(Loss), report.hits.count(Degraded)), (2, 0));
    }
}

/// The id in an entry of subnodes is that of a part, and not of a node of the tree with the same id.
#[test]
fn a_missing_part_hits_its_message() {
    for format in PSTS {
        let mut editor = good(format);
        let none = Bid::new(editor.header().next_block);
        let mut blocks = vec![editor.node(MESSAGE).subnodes];
        let header = format.subnode_header_size();
        while let Some(block) = blocks.pop() {
            let data = editor.block(block);
            let id = |at: usize| {
                if format.is_ansi() {
                    u64::from(u32::from_le_bytes(data[at..at + 4].try_into().unwrap()))
                } else {
                    u64::from_le_bytes(data[at..at + 8].try_into().unwrap())
                }
            };
            if data[1] == 1 {
                blocks.push(Bid::new(id(header + format.id_size())));
                continue;
            }
            let at = header + format.id_size();
            let size = format.id_size();
            editor.edit_block(block, |block| block[at..at + size].copy_from_slice(&none.raw().to_le_bytes()[..size]));
        }
        let report = check(editor.into_bytes());
        let finding = first(&report, B8);
        assert_eq!(finding.location.structure, Some("SLENTRY"));
        assert_eq!(finding.item.as_ref().map(|item| item.node), Some(MESSAGE));
        assert_eq!((report.hits.items[0].item.node, account(&report).failed), (MESSAGE, 1));
    }
}

/// Of a message whose node is gone, the row tells what it was.
#[test]
fn a_row_without_a_node_is_a_lost_item() {
    for format in PSTS {
        let mut editor = good(format);
        // Under another type it is a message no more.
        crate::contents::hide(&mut editor, MESSAGE, MESSAGE.raw() - 4 + 3);
        let report = check(editor.into_bytes());
        let lost = report.findings.iter().find(|finding| finding.rule == F3 && finding.location.node == Some(INBOX));
        let item = lost.unwrap().item.as_ref().unwrap();
        assert_eq!((item.node, item.subject.as_deref()), (MESSAGE, Some("RE: Outer")));
        assert_eq!(item.folder.as_deref(), Some(IN_INBOX));
        assert!(hit(&report).contains(&(MESSAGE, Some(IN_INBOX), Some("RE: Outer"), Verdict::Damaged)));
        let account = account(&report);
        assert_eq!((account.by_folders, account.by_nodes, account.without_node), (4, 3, 1));
        assert_eq!((account.delivered, account.agrees()), (3, false));
    }
}

#[test]
fn items_nobody_lists_are_skipped_for_a_reason() {
    let orphan = |subject| MessageBuilder::new("IPM.Note").subject(subject);
    for format in FORMATS {
        let file = mailbox()
            .orphan(orphan("not listed"), INBOX)
            .orphan(orphan("nowhere"), Nid::new(0x9992))
            .write(StoreBuilder::new(format))
            .finish_vec();
        let account = account(&check(file));
        assert_eq!((account.by_folders, account.by_nodes, account.delivered), (4, 6, 4));
        assert_eq!(
            (account.skipped_for(SkipReason::NotListed), account.skipped_for(SkipReason::FolderMissing)),
            (1, 1)
        );
        assert_eq!((account.skipped(), account.not_listed), (2, 2));

        // The table of the inbox is lost, and all it lists.
        let mut editor = good(format);
        let table = editor.node(INBOX.with_kind(NidType::CONTENTS_TABLE)).data;
        let block = if table.is_internal() { editor.leaves(table)[0] } else { table };
        flip(&mut editor, block);
        let report = check(editor.into_bytes());
        let account = self::account(&report);
        assert_eq!((account.by_folders, account.by_nodes, account.unreadable_tables), (1, 4, 1));
        assert_eq!((account.skipped_for(SkipReason::TableUnreadable), account.delivered), (3, 1));
        let hit = &report.hits.items[0];
        assert_eq!((hit.item.kind, hit.item.folder.as_deref()), (ItemKind::FolderTable, Some(IN_INBOX)));
    }
}

#[test]
fn lists_are_bounded_and_counts_are_not() {
    let messages = (0..40).map(|number| {
        MessageBuilder::new("IPM.Note").subject(&number.to_string()).prop(Prop::binary(0x4000, vec![number; 9000]))
    });
    let inbox = FolderBuilder::new("Inbox").messages(messages);
    let mut editor =
        Editor::new(Mailbox::new("Many").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec());
    let nodes: Vec<Nid> = pst_core::Pst::from_bytes(editor.bytes_mut().clone())
        .unwrap()
        .message_entries()
        .map(|entry| entry.unwrap().nid)
        .collect();
    for nid in &nodes {
        let data = editor.node(*nid).data;
        flip(&mut editor, data);
    }
    let bytes = editor.into_bytes();
    for most in [0, 7, 40, 1000] {
        let source = Box::new(pst_core::source::MemorySource::new(bytes.clone()));
        let options = VerifyOptions::new().max_items(most).max_findings(5);
        let report = verify_source(source, &options).unwrap();
        assert_eq!((report.hits.items.len(), report.hits.beyond()), (most.min(40), 40 - most.min(40) as u64));
        assert_eq!((report.hits.count(Loss), report.hits.is_complete, report.findings.len()), (40, true, 5));
        assert_eq!(account(&report).failed, 40);
    }
}

#[test]
fn cosmetic_findings_are_kept_on_request_and_hit_nobody() {
    for (cosmetic, kept) in [(true, 1), (false, 0)] {
        let mut editor = good(Format::UNICODE);
        editor.edit_node(Nid::new(0x12D), |entry| entry.parent = Nid::ROOT_FOLDER);
        let source = Box::new(pst_core::source::MemorySource::new(editor.into_bytes()));
        let report = verify_source(source, &VerifyOptions::new().cosmetic(cosmetic)).unwrap();
        assert_eq!((report.findings.len(), report.count_of(Cosmetic)), (kept, 1));
        assert_eq!((report.hits.items.len(), report.hits.count(Cosmetic), report.verdict()), (0, 1, Verdict::Sound));
    }
}

/// The same row twice in one table.
#[test]
fn a_message_that_is_listed_twice_is_counted_once() {
    for format in PSTS {
        let report = check(crate::heaps::row_twice(format).0.into_bytes());
        let account = account(&report);
        assert_eq!((account.by_folders, account.by_nodes), (4, 4));
        assert_eq!((account.listed_again, account.skipped_for(SkipReason::NotListed)), (1, 1));
        assert!(!account.agrees());
    }
}
