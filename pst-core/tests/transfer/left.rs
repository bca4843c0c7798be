//! What stays behind, or is there twice, and what is said of it.

use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::ndb::Nid;
use pst_core::testkit::{FolderBuilder, Mailbox};
use pst_core::transfer::{
    Event, Filter, Merge, MergeOptions, SkipReason, SplitBy, SplitOptions, Summary, copy_store, split,
};
use pst_core::write::{MessageDraft, PstWriter, WriteOptions};
use pst_core::{Guid, Pst};

use crate::{Told, check, items, keys, mail, open, sample, write};

const FIRST: Nid = Nid::new(0x20_0024);
const SECOND: Nid = Nid::new(0x20_0044);

/// Three ways from one store to new ones: what was told, the numbers, the new files.
fn all_ways(source: &Pst, filter: &Filter) -> Vec<(Told, Summary, Vec<Pst>)> {
    let mut ways = Vec::new();
    let mut told = Told::default();
    let (bytes, summary) =
        copy_store(source, Vec::new(), WriteOptions::new(), filter, &mut |event| told.observe(&event)).unwrap();
    ways.push((told, summary, vec![open(bytes)]));
    let mut told = Told::default();
    let options = MergeOptions::new().filter(filter.clone());
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
    merge.add(source, "x", &mut |event| told.observe(&event)).unwrap();
    let (bytes, summary) = merge.finish().unwrap();
    ways.push((told, summary, vec![open(bytes)]));
    let mut told = Told::default();
    let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
    let options = SplitOptions::new(SplitBy::Folder).filter(filter.clone());
    let (parts, summary) = split(source, &options, &mut open_part, &mut |event| told.observe(&event)).unwrap();
    ways.push((told, summary, parts.into_iter().map(|part| open(part.output)).collect()));
    ways
}

/// An item that two folders list is one item: it is written where its node is, and the other listing is told.
#[test]
fn items_that_are_listed_again() {
    let inbox = FolderBuilder::new("Inbox").messages([mail("a", 2019), mail("b", 2020)]);
    let again = FolderBuilder::new("Again").message(mail("c", 2021)).listing(FIRST).listing(SECOND);
    let once_more = FolderBuilder::new("Once more").listing(FIRST).listing(Nid::new(0x30_0004));
    let source = write(Mailbox::new("x").folder(inbox).folder(again).folder(once_more));
    for (told, summary, files) in all_ways(&source, &Filter::new()) {
        assert!(summary.adds_up(), "{summary:?}");
        // A row of what is not there is no item.
        assert_eq!((summary.read, summary.written(), summary.skipped.of(SkipReason::ListedAgain)), (6, 3, 3));
        let again: Vec<_> = told.skipped.iter().map(|(node, folder, _)| (*node, folder.as_str())).collect();
        let top = "/Top of Personal Folders";
        assert_eq!(
            again,
            [
                (FIRST, format!("{top}/Again").as_str()),
                (FIRST, format!("{top}/Once more").as_str()),
                (SECOND, format!("{top}/Again").as_str())
            ]
        );
        let mut found: Vec<_> = files.iter().flat_map(|pst| items(pst).into_keys()).collect();
        found.sort();
        assert_eq!(found, ["Top/Again/c", "Top/Inbox/a", "Top/Inbox/b"]);
        files.iter().for_each(check);
        // It is no loss: nothing is missing in the new files.
        assert!(!summary.has_losses());
    }
}

/// The folder of the node does not list the item, and another does: that is the only listing, and nothing to tell.
#[test]
fn items_that_only_another_folder_lists() {
    let other = FolderBuilder::new("Other").listing(Nid::new(0x20_0044));
    let source = write(
        Mailbox::new("x")
            .folder(FolderBuilder::new("Inbox").message(mail("a", 2019)))
            .folder(other)
            .orphan(mail("b", 2020), Nid::new(0x80A2)),
    );
    for (told, summary, files) in all_ways(&source, &Filter::new()) {
        assert_eq!((summary.read, summary.written(), told.skipped.len()), (2, 2, 0), "{told:?}");
        assert!(files.iter().any(|pst| items(pst).contains_key("Top/Inbox/b")));
    }
}

#[test]
fn search_folders_are_counted_and_told() {
    let source = write(sample());
    for (at, (_, summary, _)) in all_ways(&source, &Filter::new()).into_iter().enumerate() {
        assert_eq!(summary.search_folders_left, u64::from(at > 0));
    }
    let mut told = Vec::new();
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), MergeOptions::new()).unwrap();
    let mut observe = |event: Event<'_>| {
        if let Event::SearchFolder { folder, .. } = event {
            told.push(folder.to_owned());
        }
        true
    };
    merge.add(&source, "x", &mut observe).unwrap();
    assert_eq!(told, ["/Found"]);
}

#[test]
fn patterns_tell_how_many_folders_fit() {
    let source = write(sample());
    let filter = Filter::new().folder("Inbox/*").folder("Inbocks").folder("/*/Contacts");
    let mut patterns = Vec::new();
    let mut observe = |event: Event<'_>| {
        if let Event::FolderPattern { pattern, folders } = event {
            patterns.push((pattern.to_owned(), folders));
        }
        true
    };
    copy_store(&source, Vec::new(), WriteOptions::new(), &filter, &mut observe).unwrap();
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), MergeOptions::new().filter(filter.clone())).unwrap();
    merge.add(&source, "x", &mut observe).unwrap();
    let mut open_part = |_: &_| Ok((Vec::new(), WriteOptions::new()));
    split(&source, &SplitOptions::new(SplitBy::Size).filter(filter), &mut open_part, &mut observe).unwrap();
    let expected = [("Inbox/*", 2), ("Inbocks", 0), ("/*/Contacts", 1)];
    assert_eq!(
        patterns,
        expected.repeat(3).iter().map(|(name, number)| ((*name).to_owned(), *number)).collect::<Vec<_>>()
    );
}

/// Items with so many named properties each, all of them names of this store alone.
fn named(store: u32, items: u32, each: u32) -> Pst {
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    for item in 0..items {
        let mut mail = MessageDraft::new("IPM.Note");
        mail.subject(&format!("{store}.{item}")).body("text");
        for number in 0..each {
            let name = PropertyName::String(format!("{store}.{item}.{number}"));
            let id = out.named_property(PropertySet::PublicStrings, name).unwrap();
            mail.properties().integer32(id, number.cast_signed());
        }
        out.message(inbox, mail).unwrap();
    }
    open(out.finish().unwrap())
}

/// More names than a file has room for used to end a merge.
#[test]
fn more_named_properties_than_a_file_can_hold() {
    // 32,767 names fit.
    let (one, two, plain) = (named(1, 20, 1000), named(2, 15, 1000), named(3, 2, 0));
    let mut told = Told::default();
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), MergeOptions::new()).unwrap();
    for source in [&one, &two, &plain] {
        merge.add(source, "x", &mut |event| told.observe(&event)).unwrap();
    }
    let (bytes, summary) = merge.finish().unwrap();
    told.agree(&summary, &[&one, &two, &plain]);
    assert_eq!((summary.messages, summary.damaged, summary.skipped.total()), (37, 3, 0));
    for (_, _, errors) in &told.damaged {
        assert!(errors.contains("number of named properties"), "{errors}");
    }
    let out = open(bytes);
    check(&out);
    assert_eq!(out.named_properties().unwrap().entries().len(), 32_767);
    // What has an id has the same name as before.
    let messages = out.message_entries().map(|entry| out.message_from_entry(entry.unwrap()).unwrap());
    let message = messages.into_iter().find(|message| message.subject().unwrap().as_deref() == Some("2.11")).unwrap();
    let names = out.named_properties().unwrap();
    let mut count = 0;
    for property in message.properties().unwrap() {
        let property = property.unwrap();
        if let Some(name) = names.get(property.tag().id()) {
            let value = property.value().unwrap().as_integer().unwrap();
            assert_eq!(name.name, PropertyName::String(format!("2.11.{value}")));
            count += 1;
        }
    }
    assert_eq!(count, 1000);
    assert_eq!(keys(&items(&out)).len(), 37);
}

/// Without its name nobody knows what a property is; under its number it would become another one.
#[test]
fn named_properties_without_a_name() {
    let nameless = write(
        Mailbox::new("x")
            .folder(FolderBuilder::new("Inbox").message(mail("a", 2019).prop(pst_core::testkit::Prop::i32(0x8001, 7)))),
    );
    let [copied, merged, split] = all_ways(&nameless, &Filter::new()).try_into().unwrap();
    assert_eq!(copied.1.damaged, 0);
    let message = copied.2[0].message(FIRST).unwrap();
    assert_eq!(message.properties().unwrap().integer(0x8001).unwrap(), Some(7));
    for (told, summary, files) in [merged, split] {
        assert_eq!(summary.damaged, 1);
        assert!(told.damaged[0].2.contains("property 0x80010003 has no name"), "{:?}", told.damaged);
        let entry = files[0].message_entries().next().unwrap().unwrap();
        let message = files[0].message_from_entry(entry).unwrap();
        assert_eq!(message.properties().unwrap().integer(0x8001).unwrap(), None);
    }
    // Names that are known are no matter of order or of what others have.
    let mut names = pst_core::testkit::NameMap::new();
    let number = names.number(Guid::PSETID_COMMON, 0x8501);
    let prop = pst_core::testkit::Prop::i32(number, 15);
    let source =
        write(Mailbox::new("x").names(names).folder(FolderBuilder::new("Inbox").message(mail("a", 2019).prop(prop))));
    let [_, merged, _] = all_ways(&source, &Filter::new()).try_into().unwrap();
    assert_eq!(merged.1.damaged, 0);
}
