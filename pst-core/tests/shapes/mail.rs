//! Stores, folders, messages, recipients and attachments.

use std::io::Read;

use pst_core::ltp::id;
use pst_core::messaging::{
    AttachmentContent, AttachmentMethod, EntryId, FolderKind, Message, PropertyName, PropertySet, RecipientKind,
};
use pst_core::ndb::{Format, Nid, NidType};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, StoreBuilder, nids};
use pst_core::{ErrorKind, FileTime, Guid, Pst};

use crate::{FORMATS, open, pattern};

fn build(mailbox: Mailbox, format: Format) -> Pst {
    open(mailbox.write(StoreBuilder::new(format)).finish_vec())
}

/// The first message of the folder that is listed first below the subtree, after the deleted items.
fn first_message(pst: &Pst) -> Message {
    let folder = pst.ipm_subtree().unwrap().unwrap().subfolders().unwrap().nth(1).unwrap().unwrap();
    folder.messages().unwrap().next().expect("a message").unwrap()
}

fn with_message(message: MessageBuilder, format: Format) -> Pst {
    build(Mailbox::new("Mail").folder(FolderBuilder::new("Inbox").message(message)), format)
}

#[test]
fn a_store_and_its_folders() {
    for format in FORMATS {
        let mailbox = Mailbox::new("Archive")
            .record_key([7; 16])
            .folder(
                FolderBuilder::new("Inbox").class("IPF.Note").folder(FolderBuilder::new("a/b\\c").class("IPF.Contact")),
            )
            .folder(FolderBuilder::new("Inbox"));
        let pst = build(mailbox, format);
        let store = pst.store().unwrap();
        assert_eq!(store.name().unwrap().as_deref(), Some("Archive"));
        assert_eq!(store.record_key().unwrap(), Some(Guid::from_bytes([7; 16])));
        assert_eq!(store.ipm_subtree().unwrap(), Some(nids::IPM_SUBTREE));
        assert_eq!(store.wastebasket().unwrap(), Some(nids::DELETED_ITEMS));
        assert_eq!(store.finder().unwrap(), Some(nids::SEARCH_ROOT));
        assert!(!store.has_password().unwrap());
        let entry_id = store.properties().binary(id::IPM_SUBTREE_ENTRY_ID).unwrap().unwrap();
        let entry_id = EntryId::decode(&entry_id).unwrap();
        assert_eq!(entry_id.nid, nids::IPM_SUBTREE);
        let all: Vec<_> = pst
            .root_folder()
            .unwrap()
            .descendants()
            .map(Result::unwrap)
            .map(|folder| (folder.id().raw(), folder.name().unwrap(), folder.parent_id().map(Nid::raw)))
            .collect();
        let expected = [
            (0x122, "", None),
            (0x2223, "SPAM Search Folder 2", Some(0x122)),
            (0x8022, "Top of Personal Folders", Some(0x122)),
            (0x8062, "Deleted Items", Some(0x8022)),
            (0x80A2, "Inbox", Some(0x8022)),
            (0x80C2, "a/b\\c", Some(0x80A2)),
            (0x80E2, "Inbox", Some(0x8022)),
            (0x8042, "Search Root", Some(0x122)),
            (0x8082, "IPM_COMMON_VIEWS", Some(0x122)),
        ];
        let all: Vec<_> = all.iter().map(|(nid, name, parent)| (*nid, name.as_str(), *parent)).collect();
        assert_eq!(all, expected, "{format}");
        let inbox = pst.folder(Nid::new(0x80A2)).unwrap();
        assert_eq!(inbox.container_class().unwrap().as_deref(), Some("IPF.Note"));
        assert_eq!(inbox.kind(), FolderKind::Normal);
        assert_eq!(inbox.properties().unwrap().integer(id::SUBFOLDERS).unwrap(), Some(1));
    }
}

#[test]
fn a_password_is_a_number_and_protects_nothing() {
    let pst = build(Mailbox::new("Secret").prop(Prop::i32(id::PST_PASSWORD, 0x11A8_9DA7)), Format::UNICODE);
    let store = pst.store().unwrap();
    assert!(store.has_password().unwrap());
    assert_eq!(store.password_crc().unwrap(), Some(0x11A8_9DA7));
    assert_eq!(store.name().unwrap().as_deref(), Some("Secret"));
}

#[test]
fn a_message_with_everything() {
    let submitted = FileTime::new(133_500_000_000_000_000);
    let delivered = FileTime::new(133_500_000_010_000_000);
    let rtf = "{\\rtf1\\ansi Hello {\\b bold} world\\par}";
    let html = "<html><body>Hällo</body></html>";
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note")
            .subject("RE: Hello")
            .sender("Ann", "ann@example.com")
            .to("Bob", "bob@example.com")
            .to("Carl", "carl@example.com")
            .cc("Dora", "dora@example.com")
            .bcc("Emil", "emil@example.com")
            .body("Hello")
            .html(html)
            .rtf(rtf)
            .headers("Received: from here\r\nSubject: Hello\r\n")
            .message_id("<1@example.com>")
            .dates(submitted, delivered);
        let pst = with_message(message, format);
        let message = first_message(&pst);
        assert_eq!(message.class().unwrap().as_deref(), Some("IPM.Note"));
        assert_eq!(message.subject().unwrap().as_deref(), Some("RE: Hello"));
        let subject = message.subject_parts().unwrap().unwrap();
        assert_eq!((subject.prefix.as_deref(), subject.normalized()), (Some("RE: "), "Hello"));
        let sender = message.sender().unwrap();
        assert_eq!((sender.name.as_deref(), sender.smtp.as_deref()), (Some("Ann"), Some("ann@example.com")));
        assert_eq!(message.sent_representing().unwrap(), sender);
        let recipients: Vec<_> = message
            .recipients()
            .map(Result::unwrap)
            .map(|one| {
                (one.kind(), one.name.unwrap(), one.address_type.unwrap(), one.address.unwrap(), one.smtp.unwrap())
            })
            .collect();
        let expected = [
            (RecipientKind::To, "Bob"),
            (RecipientKind::To, "Carl"),
            (RecipientKind::Cc, "Dora"),
            (RecipientKind::Bcc, "Emil"),
        ]
        .map(|(kind, name)| {
            let address = format!("{}@example.com", name.to_lowercase());
            (kind, name.to_owned(), "SMTP".to_owned(), address.clone(), address)
        });
        assert_eq!(recipients, expected);
        assert_eq!(message.string(id::DISPLAY_TO).unwrap().as_deref(), Some("Bob; Carl"));
        assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "Hello");
        let stored = message.body_html().unwrap().unwrap();
        assert_eq!(stored.to_string_lossy(), html);
        assert_eq!(stored.tag.kind().raw(), if format.is_ansi() { 0x001E } else { 0x0102 });
        let unpacked = message.body_rtf().unwrap().unwrap();
        assert_eq!(unpacked.bytes, rtf.as_bytes());
        assert!(unpacked.warnings().is_empty());
        assert!(message.transport_headers().unwrap().unwrap().to_string_lossy().starts_with("Received: from here\r\n"));
        assert_eq!(message.string(id::INTERNET_MESSAGE_ID).unwrap().as_deref(), Some("<1@example.com>"));
        assert_eq!(message.submit_time().unwrap(), Some(submitted));
        assert_eq!(message.delivery_time().unwrap(), Some(delivered));
        // The size is that of all leaf blocks below the message.
        let node = message.node();
        let below: u64 = node.subnodes().map(|subnode| subnode.unwrap().data().unwrap().len()).sum();
        assert_eq!(message.size().unwrap(), Some((node.data().unwrap().len() + below).cast_signed()));
        // The row says what the message says.
        let folder = pst.folder(message.folder_id()).unwrap();
        let table = folder.contents_table().unwrap().unwrap();
        let row = table.row(message.id().raw()).unwrap().unwrap();
        assert_eq!(row.integer(id::MESSAGE_SIZE), message.size().unwrap());
        assert_eq!(row.time(id::CLIENT_SUBMIT_TIME), Some(submitted));
        assert_eq!(row.string(id::MESSAGE_CLASS).unwrap().as_deref(), Some("IPM.Note"));
        assert_eq!(folder.content_count().unwrap(), Some(1));
        assert_eq!(folder.unread_count().unwrap(), Some(0));
    }
}

#[test]
fn messages_without_subnodes() {
    for format in FORMATS {
        let pst = with_message(MessageBuilder::new("IPM.Contact").without_recipient_table().body("short"), format);
        let message = first_message(&pst);
        assert_eq!(message.node().subnodes().count(), 0);
        assert_eq!(message.recipients().count(), 0);
        assert_eq!(message.attachments().count(), 0);
        assert!(message.recipient_table().unwrap().is_none());
        assert!(message.attachment_table().unwrap().is_none());
        assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "short");
        assert!(message.body_html().unwrap().is_none());
        assert!(message.body_rtf().unwrap().is_none());
        assert_eq!(message.subject().unwrap(), None);
    }
}

#[test]
fn attachments_of_every_method() {
    for format in FORMATS {
        let message = MessageBuilder::new("IPM.Note")
            .attach(AttachmentBuilder::by_value("small.txt", *b"small").mime("text/plain").inline("cid@1"))
            .attach(AttachmentBuilder::by_value("a long name.bin", pattern(100_000)))
            .attach(AttachmentBuilder::by_value("empty", vec![]))
            .attach(AttachmentBuilder::embedded(
                "inner",
                MessageBuilder::new("IPM.Note").subject("Inner").body("inside"),
            ))
            .attach(AttachmentBuilder::ole("object", pattern(50_000)))
            .attach(AttachmentBuilder::by_reference(7, "there.doc", "https://example.com/there.doc"));
        let pst = with_message(message, format);
        let message = first_message(&pst);
        assert_eq!(message.integer(id::MESSAGE_FLAGS).unwrap(), Some(0x11));
        let attachments: Vec<_> = message.attachments().map(Result::unwrap).collect();
        let names: Vec<_> = attachments.iter().map(|one| one.file_name().unwrap().unwrap()).collect();
        assert_eq!(names, ["small.txt", "a long name.bin", "empty", "inner", "object", "there.doc"]);
        let methods: Vec<_> = attachments.iter().map(|one| one.method().unwrap().unwrap()).collect();
        assert_eq!(
            methods,
            [
                AttachmentMethod::ByValue,
                AttachmentMethod::ByValue,
                AttachmentMethod::ByValue,
                AttachmentMethod::EmbeddedMessage,
                AttachmentMethod::Ole,
                AttachmentMethod::ByWebReference,
            ]
        );
        for (attachment, size) in attachments.iter().zip([5, 100_000, 0]) {
            let AttachmentContent::Bytes(mut stream) = attachment.content().unwrap() else { panic!("bytes") };
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).unwrap();
            assert!(bytes == if size == 5 { b"small".to_vec() } else { pattern(size) });
        }
        let AttachmentContent::Message(inner) = attachments[3].content().unwrap() else { panic!("a message") };
        assert_eq!(inner.subject().unwrap().as_deref(), Some("Inner"));
        assert_eq!(inner.body_text().unwrap().unwrap().to_string_lossy(), "inside");
        assert!(inner.is_embedded());
        let AttachmentContent::Ole(mut stream) = attachments[4].content().unwrap() else { panic!("an object") };
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        assert!(bytes == pattern(50_000));
        let AttachmentContent::Reference(path) = attachments[5].content().unwrap() else { panic!("a reference") };
        assert_eq!(path, "https://example.com/there.doc");
        assert_eq!(attachments[0].string(id::ATTACH_CONTENT_ID).unwrap().as_deref(), Some("cid@1"));
        assert_eq!(attachments[0].string(id::ATTACH_MIME_TAG).unwrap().as_deref(), Some("text/plain"));
        let table = message.attachment_table().unwrap().unwrap();
        for (row, attachment) in table.rows().map(Result::unwrap).zip(&attachments) {
            assert_eq!(row.nid(), attachment.id());
            assert_eq!(row.integer(id::ATTACH_SIZE), attachment.integer(id::ATTACH_SIZE).unwrap());
        }
    }
}

#[test]
fn messages_embedded_five_deep() {
    for format in FORMATS {
        let mut message = MessageBuilder::new("IPM.Note").subject("level 5").body(&"deep ".repeat(5000));
        for level in (0..5).rev() {
            message = MessageBuilder::new("IPM.Note")
                .subject(&format!("level {level}"))
                .to("Ann", "ann@example.com")
                .attach(AttachmentBuilder::embedded("inner", message));
        }
        let pst = with_message(message, format);
        let mut message = first_message(&pst);
        let top = message.id();
        for level in 0..5 {
            assert_eq!(message.subject().unwrap(), Some(format!("level {level}")));
            assert_eq!(message.is_embedded(), level > 0);
            assert_eq!(message.node().top_id(), top);
            assert_eq!(message.recipients().count(), 1);
            let attachments: Vec<_> = message.attachments().map(Result::unwrap).collect();
            assert_eq!(attachments.len(), 1);
            message = attachments[0].message().unwrap().expect("a message");
        }
        assert_eq!(message.subject().unwrap().as_deref(), Some("level 5"));
        assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "deep ".repeat(5000));
        assert_eq!(message.attachments().count(), 0);
    }
}

/// An attachment that no row lists, in a message without a table.
#[test]
fn attachments_without_a_table_are_found() {
    let lonely = Nid::from_parts(NidType::ATTACHMENT, 0x900);
    let pst = with_message(MessageBuilder::new("IPM.Note").subnode(lonely, vec![1, 2, 3]), Format::UNICODE);
    let message = first_message(&pst);
    let found: Vec<_> = message.attachments().map(Result::unwrap).map(|one| one.id()).collect();
    assert_eq!(found, [lonely]);
}

#[test]
fn associated_messages_and_search_folders() {
    for format in FORMATS {
        let found = Nid::from_parts(NidType::NORMAL_MESSAGE, 0x2_0000);
        let mailbox = Mailbox::new("Search")
            .folder(
                FolderBuilder::new("Inbox")
                    .message(MessageBuilder::new("IPM.Note").subject("found").nid(found).flags(0))
                    .message(MessageBuilder::new("IPM.Note").subject("other"))
                    .associated(MessageBuilder::new("IPM.Configuration.x").body("hidden")),
            )
            .root_folder(FolderBuilder::search("Unread", [found]));
        let pst = build(mailbox, format);
        let inbox = pst.ipm_subtree().unwrap().unwrap().subfolders().unwrap().nth(1).unwrap().unwrap();
        assert_eq!(inbox.messages().unwrap().count(), 2);
        assert_eq!((inbox.content_count().unwrap(), inbox.unread_count().unwrap()), (Some(2), Some(1)));
        let hidden: Vec<_> = inbox.associated_messages().unwrap().map(Result::unwrap).collect();
        assert_eq!(hidden.len(), 1);
        assert!(hidden[0].is_associated());
        assert_eq!(hidden[0].class().unwrap().as_deref(), Some("IPM.Configuration.x"));
        assert_eq!(hidden[0].id().kind(), NidType::ASSOCIATED_MESSAGE);
        let search = pst
            .root_folder()
            .unwrap()
            .subfolders()
            .unwrap()
            .map(Result::unwrap)
            .find(|folder| folder.name().unwrap() == "Unread")
            .unwrap();
        assert_eq!(search.kind(), FolderKind::Search);
        let table = search.search_table().unwrap().unwrap();
        let rows: Vec<_> = table.rows().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].nid(), found);
        assert_eq!(rows[0].integer(id::LTP_PARENT_NID), Some(i64::from(inbox.id().raw())));
        assert_eq!(pst.message_entries().filter(Result::is_ok).count(), 3);
    }
}

/// A message whose folder does not list it is still a node of the file.
#[test]
fn messages_without_a_row() {
    let mailbox = Mailbox::new("Orphans").orphan(MessageBuilder::new("IPM.Note").subject("lost"), nids::DELETED_ITEMS);
    let pst = build(mailbox, Format::UNICODE);
    assert_eq!(pst.folder(nids::DELETED_ITEMS).unwrap().messages().unwrap().count(), 0);
    let entries: Vec<_> = pst.message_entries().map(Result::unwrap).collect();
    assert_eq!(entries.len(), 1);
    let message = pst.message_from_entry(entries[0]).unwrap();
    assert_eq!(message.folder_id(), nids::DELETED_ITEMS);
    assert_eq!(message.subject().unwrap().as_deref(), Some("lost"));
}

#[test]
fn named_properties_both_ways() {
    for format in FORMATS {
        let mut names = NameMap::new();
        let private = Guid::from_bytes([9; 16]);
        let keywords = names.text(Guid::PS_PUBLIC_STRINGS, "Keywords");
        let start = names.number(Guid::PSETID_APPOINTMENT, 0x820D);
        let own = names.text(private, "größe");
        let other = names.number(private, 0x820D);
        let mapi = names.number(Guid::PS_MAPI, 0x1234);
        assert_eq!([keywords, start, own, other, mapi], [0x8000, 0x8001, 0x8002, 0x8003, 0x8004]);
        assert_eq!(names.number(Guid::PSETID_APPOINTMENT, 0x820D), start);
        let message = MessageBuilder::new("IPM.Appointment")
            .prop(Prop::time(start, FileTime::new(5)))
            .prop(Prop::text(own, "groß"))
            .prop(Prop::i32(other, 8));
        let mailbox = Mailbox::new("Names").names(names).folder(FolderBuilder::new("Calendar").message(message));
        let pst = build(mailbox, format);
        let names = pst.named_properties().unwrap();
        assert_eq!(names.len(), 5);
        assert!(names.errors().is_empty());
        for (id, guid, name) in [
            (keywords, Guid::PS_PUBLIC_STRINGS, PropertyName::String("Keywords".to_owned())),
            (start, Guid::PSETID_APPOINTMENT, PropertyName::Number(0x820D)),
            (own, private, PropertyName::String("größe".to_owned())),
            (other, private, PropertyName::Number(0x820D)),
            (mapi, Guid::PS_MAPI, PropertyName::Number(0x1234)),
        ] {
            let set = PropertySet::from_guid(guid);
            assert_eq!(names.id_of(set, &name), Some(id));
            let found = names.get(id).unwrap();
            assert_eq!((found.set, &found.name), (set, &name));
        }
        assert_eq!(names.get(0x8005).map(|found| found.id), None);
        let message = first_message(&pst);
        assert_eq!(message.time(start).unwrap(), Some(FileTime::new(5)));
        assert_eq!(message.string(own).unwrap().as_deref(), Some("groß"));
        assert_eq!(message.integer(other).unwrap(), Some(8));
    }
}

#[test]
fn folders_and_messages_are_told_apart() {
    let pst = with_message(MessageBuilder::new("IPM.Note"), Format::UNICODE);
    let message = first_message(&pst).id();
    assert_eq!(pst.folder(message).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(pst.message(nids::IPM_SUBTREE).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(pst.folder(Nid::new(0x9002)).unwrap_err().kind(), ErrorKind::NotFound);
}

/// Handles go to other threads, and all of them read at once.
#[test]
fn many_threads_read_one_file() {
    let messages = (0..200).map(|number| {
        MessageBuilder::new("IPM.Note")
            .subject(&format!("number {number}"))
            .attach(AttachmentBuilder::by_value("data", pattern(10_000 + number)))
    });
    let pst = build(Mailbox::new("Threads").folder(FolderBuilder::new("Inbox").messages(messages)), Format::UNICODE);
    let ids: Vec<Nid> = pst.message_entries().map(|entry| entry.unwrap().nid).collect();
    assert_eq!(ids.len(), 200);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (pst, ids) = (pst.clone(), &ids);
            scope.spawn(move || {
                for step in 0..ids.len() {
                    let number = (step * 7 + thread * 50) % ids.len();
                    let message = pst.message(ids[number]).unwrap();
                    assert_eq!(message.subject().unwrap(), Some(format!("number {number}")));
                    let mut data = Vec::new();
                    let attachment = message.attachments().next().unwrap().unwrap();
                    attachment.stream().unwrap().unwrap().read_to_end(&mut data).unwrap();
                    assert_eq!(data.len(), 10_000 + number);
                }
            });
        }
    });
}
