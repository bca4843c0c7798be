//! One store into one file.

use pst_core::ErrorKind;
use pst_core::ltp::{PropertyType, id};
use pst_core::ndb::Format;
use pst_core::testkit::{FolderBuilder, Mailbox, MessageBuilder, Prop, StoreBuilder};
use pst_core::text::CodePage;
use pst_core::transfer::{Filter, copy_store};
use pst_core::write::WriteOptions;

use crate::{Told, check, date, folders, items, keys, open, sample, write};

fn copied(filter: &Filter) -> (pst_core::Pst, Told) {
    let source = write(sample());
    let mut told = Told::default();
    let (bytes, summary) =
        copy_store(&source, Vec::new(), WriteOptions::new(), filter, &mut |event| told.observe(&event)).unwrap();
    told.agree(&summary, &[&source]);
    let copy = open(bytes);
    check(&copy);
    assert_eq!(copy.message_entries().count() as u64, summary.written());
    assert_eq!(copy.folder_entries().count() as u64, summary.folders + u64::from(items_without_folder(&copy)));
    (copy, told)
}

fn items_without_folder(copy: &pst_core::Pst) -> bool {
    folders(copy).iter().any(|path| path == "Top/Items without a folder")
}

#[test]
fn everything_goes_along_and_ids_stay() {
    let (copy, told) = copied(&Filter::new());
    assert!(told.skipped.is_empty());
    let source = write(sample());
    for entry in source.message_entries() {
        let entry = entry.unwrap();
        assert_eq!(crate::subject_of(&copy, entry.nid), crate::subject_of(&source, entry.nid));
    }
    assert_eq!(
        keys(&items(&copy)),
        [
            "Top/Contacts/card",
            "Top/Deleted Items/gone",
            "Top/Inbox/*view",
            "Top/Inbox/A/B/e",
            "Top/Inbox/Below/d",
            "Top/Inbox/a",
            "Top/Inbox/b",
            "Top/Inbox/c",
            "Top/Items without a folder/lost",
        ]
    );
    // The search folder still finds what it found.
    let found = copy.folder_entries().map(Result::unwrap).find(|entry| crate::path(&copy, entry.nid) == "Found");
    let table = copy.folder(found.unwrap().nid).unwrap().search_table().unwrap().unwrap();
    assert_eq!(table.rows().count(), 1);
}

#[test]
fn by_folder() {
    let (copy, told) = copied(&Filter::new().folder("inbox/*"));
    assert_eq!(keys(&items(&copy)), ["Top/Inbox/A/B/e", "Top/Inbox/Below/d"]);
    assert!(!folders(&copy).iter().any(|path| path.contains("Contacts") || path.contains("Empty")));
    assert_eq!(told.reasons(), [("folder", 7)].into());
    let (copy, _) = copied(&Filter::new().folder("Inbox/A%2FB").folder("**/Deleted Items"));
    assert_eq!(keys(&items(&copy)), ["Top/Deleted Items/gone", "Top/Inbox/A/B/e"]);
    let (copy, _) = copied(&Filter::new().folder("/*/Inbox/**"));
    assert_eq!(items(&copy).len(), 6);
}

#[test]
fn by_class_date_and_kind() {
    let (copy, told) = copied(&Filter::new().class("ipm.contact*").class("IPM.Configuration.*"));
    assert_eq!(keys(&items(&copy)), ["Top/Contacts/card", "Top/Inbox/*view"]);
    assert_eq!(told.reasons(), [("class", 7)].into());
    // A contact has no date but that of its creation.
    let (copy, told) = copied(&Filter::new().since(date(2018)).before(date(2020)).without_associated(true));
    assert_eq!(keys(&items(&copy)), ["Top/Contacts/card", "Top/Inbox/a"]);
    assert_eq!(told.reasons(), [("associated", 1), ("date", 6)].into());
}

#[test]
fn stopping_leaves_nothing() {
    let source = write(sample());
    let dir = std::env::temp_dir().join(format!("pst-transfer-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let mut seen = 0;
    let target = pst_core::write::FileTarget::create(dir.join("out.pst"), false).unwrap();
    let result = copy_store(&source, target, WriteOptions::new(), &Filter::new(), &mut |_| {
        seen += 1;
        seen < 12
    });
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 0);
    std::fs::remove_dir(&dir).unwrap();
}

/// Text used to stay UTF-16 in ANSI files, and rows of copied ANSI items had no text at all.
#[test]
fn to_ansi_and_back() {
    let message = MessageBuilder::new("IPM.Note")
        .subject("RE: Grüße")
        .sender("Änn", "ann@example.com")
        .to("Böb", "bob@example.com")
        .body("Straße")
        .prop(Prop::multiple(0x6800, PropertyType::MULTIPLE_STRING, &[b"\xE4\0".to_vec(), b"x\0".to_vec()]));
    let foreign = MessageBuilder::new("IPM.Note").subject("日本 Ärger").body("plain");
    let inbox = FolderBuilder::new("Größe").message(message).message(foreign);
    let source = write(Mailbox::new("Ä store").folder(inbox));
    let mut told = Told::default();
    let options = WriteOptions::new().ansi(CodePage::WINDOWS_1252);
    let (bytes, summary) =
        copy_store(&source, Vec::new(), options, &Filter::new(), &mut |event| told.observe(&event)).unwrap();
    assert_eq!((summary.messages, summary.damaged), (2, 1));
    assert!(told.damaged[0].2.contains("cp1252"), "{:?}", told.damaged);
    let ansi = open(bytes);
    check(&ansi);
    assert!(ansi.format().is_ansi());
    assert_eq!(keys(&items(&ansi)), ["Top/Größe/?? Ärger", "Top/Größe/RE: Grüße"]);
    let rich = ansi.message_entries().next().unwrap().unwrap();
    let rich = ansi.message_from_entry(rich).unwrap();
    assert_eq!(rich.string(id::BODY).unwrap().unwrap(), "Straße");
    let recipient = rich.recipients().next().unwrap().unwrap();
    assert_eq!(recipient.name.as_deref(), Some("Böb"));
    for property in rich.properties().unwrap() {
        let kind = property.unwrap().tag().kind();
        assert!(kind != PropertyType::STRING && kind != PropertyType::MULTIPLE_STRING);
    }

    // ANSI to ANSI, as a compaction: rows keep their text.
    let options = WriteOptions::new().ansi(ansi.default_code_page().page);
    let (bytes, summary) = copy_store(&ansi, Vec::new(), options, &Filter::new(), &mut |_| true).unwrap();
    assert_eq!(summary.damaged, 0);
    let again = open(bytes);
    check(&again);
    let folder = again.folder(rich.folder_id()).unwrap();
    let table = folder.contents_table().unwrap().unwrap();
    let subjects: Vec<_> = table.rows().map(|row| row.unwrap().string(id::SUBJECT).unwrap().unwrap()).collect();
    assert!(subjects.iter().any(|subject| subject.ends_with("RE: Grüße")), "{subjects:?}");

    // And back to Unicode.
    let (bytes, summary) = copy_store(&again, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |_| true).unwrap();
    assert_eq!(summary.damaged, 0);
    let unicode = open(bytes);
    check(&unicode);
    assert_eq!(keys(&items(&unicode)), ["Top/Größe/?? Ärger", "Top/Größe/RE: Grüße"]);
}

#[test]
fn a_4k_file_becomes_a_pst() {
    let source = open(sample().write(StoreBuilder::new(Format::UNICODE_4K)).finish_vec());
    let mut told = Told::default();
    let (bytes, summary) =
        copy_store(&source, Vec::new(), WriteOptions::new(), &Filter::new(), &mut |event| told.observe(&event))
            .unwrap();
    told.agree(&summary, &[&source]);
    let copy = open(bytes);
    check(&copy);
    assert_eq!(copy.format().version(), 23);
    assert_eq!(items(&copy).len(), 9);
}
