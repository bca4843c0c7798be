//! Several stores into one.

use pst_core::ErrorKind;
use pst_core::ltp::id;
use pst_core::messaging::EntryId;
use pst_core::ndb::Format;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::transfer::{Duplicates, Filter, Merge, MergeOptions, Summary};
use pst_core::write::WriteOptions;
use pst_core::{FileTime, Pst};

use crate::{Told, check, date, folders, items, keys, mail, open, sample, setting, write};

fn merged(sources: &[&Pst], options: MergeOptions) -> (Pst, Summary, Told) {
    let mut told = Told::default();
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), options).unwrap();
    let mut sum = Summary::default();
    for (number, source) in sources.iter().enumerate() {
        let one = merge.add(source, &format!("source {number}"), &mut |event| told.observe(&event)).unwrap();
        assert!(one.adds_up());
        assert_eq!(one.read, source.message_entries().filter(Result::is_ok).count() as u64);
        sum.add(&one);
    }
    let (bytes, summary) = merge.finish().unwrap();
    sum.folders = summary.folders;
    assert_eq!(sum, summary);
    told.agree(&summary, sources);
    let out = open(bytes);
    check(&out);
    assert_eq!(out.message_entries().count() as u64, summary.written());
    assert_eq!(out.folder_entries().count() as u64, summary.folders);
    (out, summary, told)
}

fn other() -> Mailbox {
    let inbox = FolderBuilder::new("INBOX")
        .messages([mail("a", 2019), mail("x", 2019)])
        .associated(setting("view"))
        .associated(setting("other view"))
        .folder(FolderBuilder::new("New").message(mail("y", 2020)));
    Mailbox::new("Other").record_key(*b"another store...").folder(inbox).deleted(mail("old", 2015))
}

#[test]
fn trees_are_laid_over_each_other() {
    let (one, two) = (write(sample()), write(other()));
    let (out, summary, told) = merged(&[&one, &two], MergeOptions::new());
    let all = items(&out);
    assert_eq!(all.values().sum::<u32>(), 14);
    assert_eq!(all["Top/Inbox/a"], 2);
    for item in ["Top/Inbox/x", "Top/Inbox/New/y", "Top/Deleted Items/old", "Top/Inbox/*other view"] {
        assert_eq!(all[item], 1, "{item}");
    }
    // The same view of another store is not needed twice.
    assert_eq!(all["Top/Inbox/*view"], 1);
    assert_eq!(told.reasons(), [("associated-again", 1)].into());
    assert_eq!(summary.search_folders_left, 1);
    assert_eq!(
        folders(&out),
        [
            "",
            "IPM_COMMON_VIEWS",
            "SPAM Search Folder 2",
            "Search Root",
            "Top",
            "Top/Contacts",
            "Top/Deleted Items",
            "Top/Empty",
            "Top/Inbox",
            "Top/Inbox/A/B",
            "Top/Inbox/Below",
            "Top/Inbox/New",
            "Top/Items without a folder",
        ]
    );
    let contacts =
        out.folder_entries().map(Result::unwrap).find(|entry| crate::path(&out, entry.nid) == "Top/Contacts");
    let contacts = out.folder(contacts.unwrap().nid).unwrap();
    assert_eq!(contacts.container_class().unwrap().as_deref(), Some("IPF.Contact"));
}

#[test]
fn each_source_in_a_folder_of_its_own() {
    let (one, two) = (write(sample()), write(other()));
    let (out, _, told) = merged(&[&one, &two], MergeOptions::new().subfolders(true));
    assert!(told.skipped.is_empty());
    let all = items(&out);
    for item in ["source 0/Inbox/a", "source 1/INBOX/a", "source 0/Deleted Items/gone", "source 0/Inbox/*view"] {
        assert_eq!(all[&format!("Top/{item}")], 1, "{item}: {all:?}");
    }
}

#[test]
fn folders_that_are_chosen() {
    let (one, two) = (write(sample()), write(other()));
    let options = MergeOptions::new().filter(Filter::new().folder("inbox"));
    let (out, _, told) = merged(&[&one, &two], options);
    assert_eq!(
        keys(&items(&out)),
        ["Top/Inbox/*other view", "Top/Inbox/*view", "Top/Inbox/a", "Top/Inbox/b", "Top/Inbox/c", "Top/Inbox/x"]
    );
    assert!(!folders(&out).iter().any(|path| path.contains("Contacts") || path.contains("Below")));
    assert_eq!(told.reasons(), [("associated-again", 1), ("folder", 7)].into());
}

#[test]
fn duplicates_by_message_id_and_date() {
    let one = write(Mailbox::new("1").folder(FolderBuilder::new("Inbox").messages([
        mail("same", 2019),
        mail("later", 2019),
        MessageBuilder::new("IPM.Task").subject("no id"),
    ])));
    let two = write(Mailbox::new("2").folder(FolderBuilder::new("Elsewhere").messages([
        mail("same", 2019).body("changed by a scanner"),
        mail("later", 2020),
        mail("spaced", 2019).message_id(" <same@example.com> "),
        MessageBuilder::new("IPM.Task").subject("no id"),
    ])));
    let options = || MergeOptions::new().without_duplicates(Duplicates::MessageId);
    let (out, _, told) = merged(&[&one, &two], options());
    assert_eq!(told.reasons(), [("duplicate", 2)].into());
    assert_eq!(
        keys(&items(&out)),
        ["Top/Elsewhere/later", "Top/Elsewhere/no id", "Top/Inbox/later", "Top/Inbox/no id", "Top/Inbox/same"]
    );
}

#[test]
fn duplicates_by_content() {
    let base = || {
        mail("base", 2019)
            .cc("Cid", "cid@example.com")
            .html("<p>x</p>")
            .attach(AttachmentBuilder::by_value("a.txt", vec![1; 20_000]))
            .attach(AttachmentBuilder::embedded("inner", mail("inner", 2018)))
    };
    let one = write(Mailbox::new("1").folder(FolderBuilder::new("Inbox").message(base())));
    let same = [
        // What is no content: how it was treated, and how it came.
        base().flags(0),
        base().headers("Received: by another way").message_id("<other@example.com>"),
        base().created(date(2001), date(2002)),
        base().prop(Prop::text(0x001A, "ipm.note")),
    ];
    let other = [
        base().subject("Base"),
        base().body("x"),
        base().html("<p>y</p>"),
        base().rtf("{\\rtf1 x}"),
        base().sender("Ann", "ann@example.org"),
        base().to("Eve", "eve@example.com"),
        base().dates(date(2019), date(2020)),
        base().prop(Prop::text(0x001A, "IPM.Post")),
        base().attach(AttachmentBuilder::by_value("a.txt", vec![1; 20_000])),
        mail("base", 2019)
            .cc("Cid", "cid@example.com")
            .html("<p>x</p>")
            .attach(AttachmentBuilder::by_value("a.txt", vec![1; 20_000]))
            .attach(AttachmentBuilder::embedded("inner", mail("inner", 2018).body("changed"))),
    ];
    let (few, many) = (same.len() as u32, other.len() as u64);
    let two = write(Mailbox::new("2").folder(FolderBuilder::new("Inbox").messages(same).messages(other)));
    let options = MergeOptions::new().without_duplicates(Duplicates::Content);
    let (_, summary, told) = merged(&[&one, &two], options);
    assert_eq!(told.reasons(), [("duplicate", few)].into());
    assert_eq!(summary.messages, 1 + many);
}

/// The same mail of an ANSI and of a Unicode store has other bytes and the same text.
#[test]
fn content_is_the_same_in_every_layout() {
    let store = |format| {
        let mail = mail("Grüße", 2019).attach(AttachmentBuilder::by_value("ä.txt", "x"));
        open(
            Mailbox::new("x")
                .folder(FolderBuilder::new("Inbox").message(mail))
                .write(StoreBuilder::new(format))
                .finish_vec(),
        )
    };
    let (one, two) = (store(Format::UNICODE), store(Format::ANSI));
    let options = MergeOptions::new().without_duplicates(Duplicates::Content);
    let (_, summary, _) = merged(&[&one, &two], options);
    assert_eq!(summary.messages, 1);
}

#[test]
fn entry_ids_in_folders_name_the_new_folders() {
    let base = sample();
    let inbox = FolderBuilder::new("Pointing")
        .prop(Prop::binary(0x36D7, base.entry_id(pst_core::testkit::nids::DELETED_ITEMS)));
    let (one, two) = (write(other()), write(base.folder(inbox)));
    let (out, ..) = merged(&[&one, &two], MergeOptions::new());
    let folder = out.folder_entries().map(Result::unwrap).find(|entry| crate::path(&out, entry.nid) == "Top/Pointing");
    let folder = out.folder(folder.unwrap().nid).unwrap();
    let stored = folder.properties().unwrap().binary(0x36D7).unwrap().unwrap();
    let entry_id = EntryId::decode(&stored).unwrap();
    assert_eq!(Some(entry_id.store), out.store().unwrap().record_key().unwrap());
    assert_eq!(Some(entry_id.nid), out.store().unwrap().wastebasket().unwrap());
}

/// Deleted items meet deleted items whatever they are called; the first source names them.
#[test]
fn special_folders_keep_the_first_name() {
    let german = |name: &str, subject: &str| {
        let bytes =
            Mailbox::new("x").deleted(mail(subject, 2019)).write(StoreBuilder::new(Format::UNICODE)).finish_vec();
        let source = open(bytes);
        let mut out = pst_core::write::PstWriter::in_memory(WriteOptions::new()).unwrap();
        let deleted = out.deleted_items();
        out.folder_properties(deleted).unwrap().text(id::DISPLAY_NAME, name);
        let mut copier = pst_core::write::Copier::new(&source, &out);
        for entry in source.message_entries() {
            let message = source.message_from_entry(entry.unwrap()).unwrap();
            copier.message(&mut out, deleted, &message).unwrap();
        }
        open(out.finish().unwrap())
    };
    let (one, two) = (german("Gelöschte Elemente", "a"), german("Corbeille", "b"));
    let (out, ..) = merged(&[&one, &two], MergeOptions::new());
    assert_eq!(keys(&items(&out)), ["Top/Gelöschte Elemente/a", "Top/Gelöschte Elemente/b"]);
    let (out, ..) = merged(&[&one, &two], MergeOptions::new().subfolders(true));
    assert_eq!(keys(&items(&out)), ["Top/source 0/Gelöschte Elemente/a", "Top/source 1/Corbeille/b"]);
}

#[test]
fn stopping() {
    let source = write(sample());
    let mut merge = Merge::new(Vec::new(), WriteOptions::new(), MergeOptions::new()).unwrap();
    let error = merge.add(&source, "x", &mut |event| !matches!(event, pst_core::transfer::Event::Written { .. }));
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn a_date_of_nothing_is_no_date() {
    let undated =
        || MessageBuilder::new("IPM.Note").subject("x").message_id("<x@y>").dates(FileTime::NONE, FileTime::NONE);
    let one = write(Mailbox::new("1").folder(FolderBuilder::new("Inbox").message(undated())));
    let two = write(
        Mailbox::new("2").folder(FolderBuilder::new("Inbox").message(undated().without(id::MESSAGE_DELIVERY_TIME))),
    );
    let options = MergeOptions::new().without_duplicates(Duplicates::MessageId);
    let (_, summary, _) = merged(&[&one, &two], options);
    assert_eq!(summary.messages, 1);
}
