//! Damaged sources: what is lost is told, the rest goes along, and the numbers add up.

use pst_core::Pst;
use pst_core::ndb::{Format, Nid};
use pst_core::policy::BadItemLimit;
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, StoreBuilder};
use pst_core::transfer::{
    CopyOptions, Duplicates, Filter, Merge, MergeOptions, SkipReason, SplitBy, SplitOptions, copy_store,
    copy_store_with, split,
};
use pst_core::write::WriteOptions;

use crate::{Told, check, items, keys, mail, open};

const FIRST: Nid = Nid::new(0x20_0024);
const SECOND: Nid = Nid::new(0x20_0044);

fn store() -> Vec<u8> {
    let data = |byte| AttachmentBuilder::by_value("data.bin", vec![byte; 30_000]);
    let inbox = FolderBuilder::new("Inbox").messages([
        mail("unreadable", 2019),
        mail("damaged", 2020).attach(data(1)).attach(data(2)),
        mail("whole", 2021).attach(data(3)),
    ]);
    Mailbox::new("Damaged").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec()
}

/// The properties of the first item and one block of an attachment of the second are broken.
fn damaged() -> Pst {
    let mut editor = Editor::new(store());
    let pst = open(editor.bytes_mut().clone());
    let attachment = pst.message(SECOND).unwrap().attachments().next().unwrap().unwrap();
    let stream = attachment.node().subnodes().map(Result::unwrap).find(|node| node.data().unwrap().len() == 30_000);
    let block = stream.unwrap().data().unwrap().block_id(1).unwrap();
    let offset = usize::try_from(editor.block_entry(block).offset).unwrap();
    editor.bytes_mut()[offset + 5] ^= 1;
    let first = usize::try_from(editor.block_entry(editor.node(FIRST).data).offset).unwrap();
    editor.bytes_mut()[first + 20] ^= 2;
    open(editor.into_bytes())
}

#[track_caller]
fn assert_told(told: &Told) {
    assert_eq!(told.skipped, [(FIRST, "/Top of Personal Folders/Inbox".to_owned(), SkipReason::Unreadable)]);
    let [(node, folder, errors)] = told.damaged.as_slice() else { panic!("{told:?}") };
    assert_eq!((*node, folder.as_str()), (SECOND, "/Top of Personal Folders/Inbox"));
    assert!(errors.contains("CRC") || errors.contains("damaged"), "{errors}");
}

#[test]
fn a_copy() {
    let source = damaged();
    let mut told = Told::default();
    let (bytes, summary) =
        copy_store(&source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |event| told.observe(&event))
            .unwrap();
    told.agree(&summary, &[&source]);
    assert_told(&told);
    assert!(summary.has_losses());
    let copy = open(bytes);
    check(&copy);
    assert_eq!(keys(&items(&copy)), ["Top/Inbox/damaged", "Top/Inbox/whole"]);
}

#[test]
fn a_merge_takes_the_whole_copy_of_another_source() {
    let (bad, good) = (damaged(), open(store()));
    let mut told = Told::default();
    let options = MergeOptions::new().without_duplicates(Duplicates::MessageId);
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
    merge.add(&bad, "bad", &mut |event| told.observe(&event)).unwrap();
    assert_told(&told);
    merge.add(&good, "good", &mut |event| told.observe(&event)).unwrap();
    let (bytes, summary) = merge.finish().unwrap();
    told.agree(&summary, &[&bad, &good]);
    assert_eq!(summary.skipped.of(SkipReason::Duplicate), 1);
    let all = items(&open(bytes));
    // The damaged one stays beside the whole one: nobody can say what else it holds.
    assert_eq!(
        all,
        [("Top/Inbox/damaged", 2), ("Top/Inbox/unreadable", 1), ("Top/Inbox/whole", 1)]
            .map(|(item, number)| (item.to_owned(), number))
            .into()
    );
}

#[test]
fn a_split() {
    let source = damaged();
    for by in [SplitBy::Size, SplitBy::Year, SplitBy::Folder] {
        let mut told = Told::default();
        let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
        let options = SplitOptions::new(by).max_size(2 << 20);
        let (parts, summary) = split(&source, &options, &mut open_part, &mut |event| told.observe(&event)).unwrap();
        told.agree(&summary, &[&source]);
        assert_told(&told);
        parts.into_iter().for_each(|part| check(&open(part.output)));
    }
}

/// At the limit the work ends with its own error, after the item that is too many was told; nothing is written.
#[test]
fn a_limit_of_bad_items() {
    let source = damaged();
    for (limit, met) in
        [(BadItemLimit::STRICT, Some(1)), (BadItemLimit::at_most(1), Some(2)), (BadItemLimit::at_most(2), None)]
    {
        let mut told = [Told::default(), Told::default(), Told::default()];
        let [copied, merged, parted] = &mut told;
        let options = CopyOptions::new().bad_item_limit(limit);
        let copy =
            copy_store_with(&source, Vec::new(), WriteOptions::new(), &options, &mut |event| copied.observe(&event));
        let options = MergeOptions::new().bad_item_limit(limit);
        let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
        let merge = merge.add(&source, "x", &mut |event| merged.observe(&event));
        let options = SplitOptions::new(SplitBy::Size).bad_item_limit(limit);
        let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
        let parts = split(&source, &options, &mut open_part, &mut |event| parted.observe(&event));
        let errors = [copy.err(), merge.err(), parts.err()];
        for (error, told) in errors.into_iter().zip(told) {
            assert_eq!(error.as_ref().map(BadItemLimit::is_cause_of), met.map(|_| true), "{limit}");
            if let (Some(error), Some(met)) = (error, met) {
                assert!(error.to_string().contains(&format!("bad item {met} ")), "{error}");
                assert_eq!(told.skipped.len() + told.damaged.len(), met);
            }
        }
    }
    // Sources of a merge have one limit together.
    let mut merge =
        Merge::new(Vec::new(), WriteOptions::new(), MergeOptions::new().bad_item_limit(BadItemLimit::at_most(3)))
            .unwrap();
    merge.add(&source, "one", &mut |_| true).unwrap();
    let error = merge.add(&source, "two", &mut |_| true).unwrap_err();
    assert!(BadItemLimit::is_cause_of(&error) && error.to_string().contains("bad item 4 "), "{error}");
    // Whoever is told may stop before.
    let options = CopyOptions::new().bad_item_limit(BadItemLimit::STRICT);
    let error = copy_store_with(&open(store()), Vec::new(), WriteOptions::new(), &options, &mut |_| false).unwrap_err();
    assert_eq!(error.kind(), pst_core::ErrorKind::Cancelled);
}

/// A class that cannot be read is no class that was asked for, and no reason to say nothing.
#[test]
fn what_a_filter_cannot_read_is_unreadable() {
    let source = damaged();
    let mut told = Told::default();
    let filter = Filter::new().class("IPM.Note");
    let (_, summary) =
        copy_store(&source, Vec::new(), WriteOptions::new(), &filter, &mut |event| told.observe(&event)).unwrap();
    told.agree(&summary, &[&source]);
    assert_told(&told);
}

/// Every byte of a small store broken in turn: the numbers always add up, and new files are sound.
#[test]
fn flipped_bytes() {
    let bytes = store();
    let mut state = 7u64;
    for _ in 0..150 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let at = 600 + usize::try_from(state >> 33).unwrap() % (bytes.len() - 600);
        let mut broken = bytes.clone();
        broken[at] ^= 0x55;
        let Ok(source) = Pst::from_bytes(broken) else { continue };
        let mut told = Told::default();
        let mut observe = |event: pst_core::transfer::Event<'_>| told.observe(&event);
        let Ok((copy, summary)) = copy_store(&source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut observe)
        else {
            panic!("a copy at {at:#x}");
        };
        told.agree(&summary, &[&source]);
        assert_eq!(open(copy).message_entries().count() as u64, summary.written(), "{at:#x}");
        let mut told = Told::default();
        let options = MergeOptions::new().without_duplicates(Duplicates::Content);
        let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
        merge.add(&source, "x", &mut |event| told.observe(&event)).unwrap();
        let (_, summary) = merge.finish().unwrap();
        told.agree(&summary, &[&source]);
    }
}

/// Messages in messages used to be copied without end, where few bytes name each other often.
#[test]
fn messages_in_messages_have_an_end() {
    let hold = |inner| mail("outer", 2020).attach(AttachmentBuilder::embedded("inner", inner));
    let deep = (0..5).fold(mail("deepest", 2020), |inner, _| hold(inner));
    let inbox = FolderBuilder::new("Inbox").message(deep);
    let bytes = Mailbox::new("x").folder(inbox).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
    for (most, damaged) in [(5, 0), (3, 1)] {
        let mut limits = pst_core::Limits::default();
        limits.embedded_messages = most;
        let source = pst_core::OpenOptions::new().limits(limits).from_bytes(bytes.clone()).unwrap();
        let mut told = Told::default();
        let (_, summary) =
            copy_store(&source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |event| told.observe(&event))
                .unwrap();
        assert_eq!((summary.messages, summary.damaged), (1, damaged), "{told:?}");
        assert_eq!(told.damaged.iter().any(|(_, _, errors)| errors.contains("embedded messages")), damaged > 0);
    }
}
