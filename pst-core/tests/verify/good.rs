//! Good files of many shapes have nothing to find above what is cosmetic.

use pst_core::ndb::{Client, CryptMethod, Format, Nid};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::verify::{Event, Phase, Rule, Severity, Verdict, VerifyOptions, verify, verify_with};
use pst_core::{Pst, Result};

use crate::{FORMATS, check, good, mailbox};

#[track_caller]
fn expect_good(file: Vec<u8>) {
    let report = check(file);
    let told: String = report.findings.iter().take(12).map(|finding| format!("{finding}\n")).collect();
    assert!(report.findings.is_empty(), "{told}");
    assert_eq!((report.verdict(), report.is_complete, report.worst()), (Verdict::Sound, true, None));
}

#[test]
fn every_layout_and_coding() {
    for format in FORMATS {
        for crypt in [CryptMethod::None, CryptMethod::Permute, CryptMethod::Cyclic] {
            expect_good(mailbox().write(StoreBuilder::new(format).crypt(crypt)).finish_vec());
        }
    }
    for client in [Client::Pst, Client::Ost, Client::Pab] {
        expect_good(mailbox().write(StoreBuilder::new(Format::UNICODE).client(client)).finish_vec());
    }
}

#[test]
fn high_trees() {
    for format in FORMATS {
        expect_good(good(format).into_bytes());
    }
}

#[test]
fn compressed_blocks() {
    expect_good(mailbox().write(StoreBuilder::new(Format::UNICODE_4K).compress(true)).finish_vec());
}

#[test]
fn an_empty_store() {
    for format in FORMATS {
        expect_good(Mailbox::new("Empty").write(StoreBuilder::new(format)).finish_vec());
    }
}

/// Several sections with page maps, and blocks up to the last byte of some of them.
#[test]
fn many_sections() {
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note")
            .subject("Large")
            .attach(AttachmentBuilder::by_value("large.bin", vec![1; 3_000_000]));
        let inbox = FolderBuilder::new("Inbox").message(message);
        expect_good(Mailbox::new("Large").folder(inbox).write(StoreBuilder::new(format)).finish_vec());
    }
}

/// Heaps of more than one block, rows in subnodes, trees in heaps with index levels.
#[test]
fn a_folder_of_many_messages() {
    for format in FORMATS {
        let messages = (0..700).map(|number| {
            MessageBuilder::new("IPM.Note")
                .subject(&format!("Message {number}"))
                .to("Ann", "ann@example.com")
                .body("Hi")
        });
        let inbox = FolderBuilder::new("Inbox").messages(messages);
        expect_good(Mailbox::new("Many").folder(inbox).write(StoreBuilder::new(format)).finish_vec());
    }
}

#[test]
fn folders_below_folders() {
    for format in FORMATS {
        let folder = (0..60).fold(FolderBuilder::new("Innermost"), |inner, number| {
            FolderBuilder::new(&format!("Folder {number}")).folder(inner).folder(FolderBuilder::new("Side"))
        });
        expect_good(Mailbox::new("Deep").folder(folder).write(StoreBuilder::new(format)).finish_vec());
    }
}

#[test]
fn messages_in_messages() {
    for format in FORMATS {
        let message = (0..20).fold(MessageBuilder::new("IPM.Note").subject("Innermost"), |inner, number| {
            let attached = AttachmentBuilder::embedded("inner", inner);
            MessageBuilder::new("IPM.Note").subject(&format!("Level {number}")).attach(attached)
        });
        let inbox = FolderBuilder::new("Inbox").message(message);
        expect_good(Mailbox::new("Nested").folder(inbox).write(StoreBuilder::new(format)).finish_vec());
    }
}

#[test]
fn attachments_of_all_kinds() {
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note")
            .attach(AttachmentBuilder::by_value("a.txt", "short"))
            .attach(AttachmentBuilder::by_value("empty", Vec::new()))
            .attach(AttachmentBuilder::ole("sheet", vec![9; 20_000]))
            .attach(AttachmentBuilder::by_reference(2, "b.txt", "\\\\server\\b.txt"))
            .attach(AttachmentBuilder::by_value("c.png", vec![3; 100]).inline("cid").mime("image/png"));
        let inbox = FolderBuilder::new("Inbox").message(message);
        expect_good(Mailbox::new("Attachments").folder(inbox).write(StoreBuilder::new(format)).finish_vec());
    }
}

/// FMap, FPMap and page maps far out, in a file that is mostly a hole: 2 GB, of which almost none is on the disk.
#[test]
fn maps_beyond_two_gigabytes() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let sink = std::io::BufWriter::new(file.reopen().unwrap());
    let store = StoreBuilder::with_sink(Format::UNICODE, sink).start(0x7C00_4400 + 100);
    drop(mailbox().write(store).finish());
    let pst = Pst::open(file.path()).unwrap();
    let report = verify(&pst, &VerifyOptions::default());
    let told: String = report.findings.iter().take(12).map(|finding| format!("{finding}\n")).collect();
    assert_eq!(report.verdict(), Verdict::Sound, "{told}");
}

#[test]
fn totals() -> Result<()> {
    let file = mailbox().write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    let pst = Pst::from_bytes(file.clone())?;
    let report = verify(&pst, &VerifyOptions::default());
    let totals = report.totals;
    assert_eq!(totals.file_bytes, file.len() as u64);
    assert_eq!(totals.nodes, pst.nodes().count() as u64);
    assert_eq!(totals.blocks, pst.blocks().count() as u64);
    assert_eq!(totals.folders, pst.folder_entries().count() as u64);
    // One message is embedded in another.
    assert_eq!(totals.messages, pst.message_entries().count() as u64 + 1);
    let stored: u64 = pst.blocks().map(|block| u64::from(block.unwrap().stored_size)).sum();
    assert_eq!(totals.block_bytes, stored);
    assert!(totals.pages > 0 && totals.rows > 0 && totals.subnodes > 0);
    Ok(())
}

/// A file with several hundred findings.
fn bad() -> Vec<u8> {
    let messages = (0..200).map(|_| MessageBuilder::new("IPM.Note").without(0x3007).without(0x3008));
    let inbox = FolderBuilder::new("Inbox").messages(messages);
    Mailbox::new("Bad").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec()
}

#[test]
fn findings_are_counted_beyond_those_kept() {
    let pst = Pst::from_bytes(bad()).unwrap();
    let report = verify(&pst, &VerifyOptions::new().max_findings(7));
    assert_eq!((report.findings.len(), report.count(Rule::F5)), (7, 400));
    assert_eq!(report.count_of(Severity::Degraded), 400);
    assert_eq!(report.counts().collect::<Vec<_>>(), [(Rule::F5, Severity::Degraded, 400)]);
    assert_eq!(report.verdict(), Verdict::Degraded);
}

#[test]
fn a_caller_can_stop() {
    let pst = Pst::from_bytes(bad()).unwrap();
    let mut met = 0;
    let mut count = |event: Event<'_>| {
        met += u32::from(matches!(event, Event::Found(_)));
        if met == 3 { std::ops::ControlFlow::Break(()) } else { std::ops::ControlFlow::Continue(()) }
    };
    let report = verify_with(&pst, &VerifyOptions::default(), &mut count);
    assert_eq!(met, 3);
    assert!(!report.is_complete);
}

#[test]
fn progress_ascends_to_all_of_each_part() {
    let pst = Pst::from_bytes(bad()).unwrap();
    let mut told = Vec::new();
    verify_with(&pst, &VerifyOptions::default(), &mut |event| {
        if let Event::Progress(progress) = event {
            told.push((progress.phase, progress.done, progress.total));
        }
        std::ops::ControlFlow::Continue(())
    });
    let [blocks, contents] = [Phase::Blocks, Phase::Contents]
        .map(|wanted| told.iter().filter(|(phase, ..)| *phase == wanted).collect::<Vec<_>>());
    assert!(blocks.iter().all(|(.., total)| *total == pst.header().root.file_size), "{blocks:?}");
    assert!(blocks.is_sorted_by_key(|(_, done, _)| *done) && contents.is_sorted_by_key(|(_, done, _)| *done));
    assert!(contents.first().is_some_and(|(_, done, total)| *done == 0 && *total > 200), "{contents:?}");
    assert!(contents.last().is_some_and(|(_, done, total)| done == total));
    assert!(told.len() < 1100);
}

#[test]
fn contents_can_be_left_out() {
    let pst = Pst::from_bytes(bad()).unwrap();
    let report = verify(&pst, &VerifyOptions::new().contents(false));
    assert_eq!((report.verdict(), report.totals.messages), (Verdict::Sound, 0));
}

#[test]
fn findings_read_as_sentences() {
    let mailbox = Mailbox::new("One").prop(Prop::binary(0x35E3, vec![0; 24]));
    let report = check(mailbox.write(StoreBuilder::new(Format::UNICODE)).finish_vec());
    let [finding] = report.findings.as_slice() else { panic!("{:?}", report.findings) };
    assert_eq!(
        finding.to_string(),
        "F9 loss: the store names a folder that does not exist; EntryID.nid: PidTagIpmWastebasketEntryId: another store, \
         expected a folder of this store (node 0x21)"
    );
    assert_eq!(finding.location.node, Some(Nid::MESSAGE_STORE));
}

#[test]
fn every_rule_has_a_code_of_its_own() {
    let codes: std::collections::HashSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
    assert_eq!(codes.len(), Rule::ALL.len());
    assert!(Rule::ALL.iter().all(|rule| !rule.title().is_empty() && !rule.source().is_empty()));
    assert_eq!((Rule::P10.to_string(), format!("{:>4}", Rule::H1)), ("P10".to_owned(), "  H1".to_owned()));
}
