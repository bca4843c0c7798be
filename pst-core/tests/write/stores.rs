//! New stores.

use std::io::Read;

use pst_core::ltp::id;
use pst_core::messaging::AttachmentContent;
use pst_core::ndb::CryptMethod;
use pst_core::text::CodePage;
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter};
use pst_core::{ErrorKind, FileTime, Guid};

use crate::compare::check;
use crate::{open, options};

#[test]
fn an_empty_store() {
    for options in [options(), options().crypt(CryptMethod::None), options().crypt(CryptMethod::Cyclic)] {
        let bytes = PstWriter::in_memory(options.name("Nothing")).unwrap().finish().unwrap();
        assert_eq!(bytes.len(), 271_360);
        let pst = open(bytes);
        check(&pst);
        assert_eq!(pst.store().unwrap().name().unwrap().as_deref(), Some("Nothing"));
        let names: Vec<_> =
            pst.root_folder().unwrap().descendants().map(|folder| folder.unwrap().name().unwrap()).collect();
        assert_eq!(
            names,
            ["", "SPAM Search Folder 2", "Top of Personal Folders", "Deleted Items", "Search Root", "IPM_COMMON_VIEWS"]
        );
    }
}

#[test]
fn a_mail_with_everything() {
    let date = FileTime::from_unix_seconds(1_600_000_000).unwrap();
    let mut out = PstWriter::in_memory(options()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let keywords = out.named_property(Guid::PS_PUBLIC_STRINGS, "Keywords").unwrap();
    let large = vec![0x5A; 9_000_000];
    let data = out.data(large.as_slice()).unwrap();
    let mut inner = MessageDraft::new("IPM.Note");
    inner.subject("inner").body("within").attach(AttachmentDraft::file("a.txt", *b"text"));
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject("AW: Füße")
        .sender("Ann", "ann@example.com")
        .to("Bob", "bob@example.com")
        .cc("Ötzi", "oetzi@example.com")
        .bcc("Eve", "eve@example.com")
        .body(&"long body ".repeat(2000))
        .html("<p>ä</p>")
        .rtf(b"{\\rtf1 text}")
        .dates(date, date)
        .read(false)
        .attach(AttachmentDraft::file("large.bin", data).mime("application/octet-stream"))
        .attach(AttachmentDraft::message("inner", inner))
        .attach(AttachmentDraft::ole("object", vec![1; 5000]))
        .attach(AttachmentDraft::file("empty", Vec::new()));
    mail.properties().texts(keywords, ["red", "blau"]).guid(0x6789, Guid::PS_MAPI);
    let nid = out.message(inbox, mail).unwrap();
    let pst = open(out.finish().unwrap());
    check(&pst);

    let message = pst.message(nid).unwrap();
    assert_eq!(message.subject().unwrap().as_deref(), Some("AW: Füße"));
    assert_eq!(message.subject_parts().unwrap().unwrap().normalized(), "Füße");
    assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "long body ".repeat(2000));
    assert_eq!(message.body_rtf().unwrap().unwrap().bytes, b"{\\rtf1 text}");
    assert_eq!(message.delivery_time().unwrap(), Some(date));
    assert_eq!(message.recipients().count(), 3);
    assert_eq!(message.string(id::DISPLAY_TO).unwrap().as_deref(), Some("Bob"));
    let attachments: Vec<_> = message.attachments().map(Result::unwrap).collect();
    assert_eq!(attachments.len(), 4);
    let mut bytes = Vec::new();
    attachments[0].stream().unwrap().unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes == large);
    let AttachmentContent::Message(inner) = attachments[1].content().unwrap() else { panic!() };
    assert_eq!(inner.subject().unwrap().as_deref(), Some("inner"));
    assert_eq!(inner.attachments().count(), 1);
    let AttachmentContent::Ole(mut ole) = attachments[2].content().unwrap() else { panic!() };
    bytes.clear();
    ole.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes, vec![1; 5000]);

    let folder = pst.folder(inbox.nid()).unwrap();
    assert_eq!((folder.content_count().unwrap(), folder.unread_count().unwrap()), (Some(1), Some(1)));
    let table = folder.contents_table().unwrap().unwrap();
    let row = table.rows().next().unwrap().unwrap();
    assert_eq!(row.integer(id::MESSAGE_SIZE), message.size().unwrap());
    assert_eq!(row.string(id::DISPLAY_CC).unwrap().as_deref(), Some("Ötzi"));
}

#[test]
fn a_search_folder_lists_what_it_found() {
    let mut out = PstWriter::in_memory(options()).unwrap();
    let (finder, top) = (out.finder(), out.ipm_subtree());
    let unread = out.search_folder(finder, "Unread").unwrap();
    let inbox = out.folder(top, "Inbox").unwrap();
    for number in 0..3 {
        let mut mail = MessageDraft::new("IPM.Note");
        mail.subject(&format!("Mail {number}")).sender("Ann", "ann@example.com").read(number != 1);
        if number > 0 {
            mail.found_by(unread);
        }
        out.message(inbox, mail).unwrap();
    }
    // It holds nothing itself, and a folder that holds items finds none.
    assert_eq!(out.message(unread, MessageDraft::new("IPM.Note")).unwrap_err().kind(), ErrorKind::WrongType);
    assert_eq!(out.folder(unread, "Below").unwrap_err().kind(), ErrorKind::WrongType);
    let mut mail = MessageDraft::new("IPM.Note");
    mail.found_by(inbox);
    assert_eq!(out.message(inbox, mail).unwrap_err().kind(), ErrorKind::WrongType);
    assert!(!out.is_broken());
    let pst = open(out.finish().unwrap());
    check(&pst);
    let report = pst_core::verify::verify(&pst, &pst_core::verify::VerifyOptions::new());
    assert!(report.findings.is_empty(), "{:?}", report.findings);
    let folder = pst.folder(unread.nid()).unwrap();
    assert_eq!((folder.content_count().unwrap(), folder.unread_count().unwrap()), (Some(2), Some(1)));
    let table = folder.search_table().unwrap().unwrap();
    let found: Vec<_> = table
        .rows()
        .map(|row| {
            let row = row.unwrap();
            let subject = pst.message(row.nid()).unwrap().subject().unwrap().unwrap();
            (subject, row.integer(id::LTP_PARENT_NID), row.string(id::SENT_REPRESENTING_NAME).unwrap())
        })
        .collect();
    let parent = Some(i64::from(inbox.nid().raw()));
    let ann = || Some("Ann".to_owned());
    assert_eq!(found, [("Mail 1".to_owned(), parent, ann()), ("Mail 2".to_owned(), parent, ann())]);
}

/// A store as Outlook makes it where mail arrives.
#[test]
fn what_folders_are_for() {
    use pst_core::messaging::{SpecialFolder, SpecialFolders};
    let mut out = PstWriter::in_memory(options()).unwrap();
    let top = out.ipm_subtree();
    let mut expected = vec![
        (SpecialFolder::IpmSubtree, top.nid()),
        (SpecialFolder::DeletedItems, out.deleted_items().nid()),
        (SpecialFolder::Finder, out.finder().nid()),
        (SpecialFolder::CommonViews, out.common_views().unwrap().nid()),
    ];
    for special in SpecialFolder::ALL.into_iter().skip(4) {
        let folder = out.folder(top, &format!("{special:?}")).unwrap();
        out.designate(folder, special).unwrap();
        expected.push((special, folder.nid()));
    }
    let pst = open(out.finish().unwrap());
    check(&pst);
    let found: Vec<_> = SpecialFolders::of(&pst).iter().collect();
    assert_eq!(found, expected);
    let mask = pst.store().unwrap().properties().integer(id::VALID_FOLDER_MASK).unwrap();
    assert_eq!(mask, Some(0xFF));
}

#[test]
fn bodies_in_code_pages() {
    let mut out = PstWriter::in_memory(options()).unwrap();
    let inbox = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mut mail = MessageDraft::new("IPM.Note");
    mail.body_bytes(*b"\xC7\xE4\xF0\xE0\xE2\xF1\xF2\xE2\xF3\xE9", CodePage::new(1251))
        .html_bytes(*b"<p>\x1B$BF|K\\\x1B(B</p>", CodePage::new(50220))
        .in_reply_to("<1@example.com>")
        .unsent(true);
    let nid = out.message(inbox, mail).unwrap();
    let mut mail = MessageDraft::new("IPM.Note");
    mail.body_in("Größe", CodePage::WINDOWS_1252).unwrap().html_in("<p>日本</p>", CodePage::new(932)).unwrap();
    assert_eq!(mail.body_in("日本", CodePage::WINDOWS_1252).unwrap_err().kind(), ErrorKind::InvalidInput);
    let encoded = out.message(inbox, mail).unwrap();
    let mut mail = MessageDraft::new("IPM.Note");
    mail.attach(AttachmentDraft::link("plan.docx", "https://example.com/plan.docx"));
    let linked = out.message(inbox, mail).unwrap();
    let pst = open(out.finish().unwrap());
    check(&pst);
    let message = pst.message(nid).unwrap();
    assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "Здравствуй");
    assert_eq!(message.properties().unwrap().integer(id::INTERNET_CODEPAGE).unwrap(), Some(50220));
    assert_eq!(message.string(id::IN_REPLY_TO_ID).unwrap().as_deref(), Some("<1@example.com>"));
    assert_eq!(message.properties().unwrap().integer(id::MESSAGE_FLAGS).unwrap(), Some(0x09));
    let message = pst.message(encoded).unwrap();
    assert_eq!(message.body_text().unwrap().unwrap().to_string_lossy(), "Größe");
    assert_eq!(&*message.body_html().unwrap().unwrap().bytes, b"<p>\x93\xFA\x96\x7B</p>");
    let attachment = pst.message(linked).unwrap().attachments().next().unwrap().unwrap();
    let AttachmentContent::Reference(url) = attachment.content().unwrap() else { panic!() };
    assert_eq!(url, "https://example.com/plan.docx");
    assert_eq!(attachment.method().unwrap().unwrap().number(), 7);
}

#[test]
fn folders_of_every_size() {
    for count in [0, 1, 29, 30, 60, 500, 3000] {
        let mut out = PstWriter::in_memory(options()).unwrap();
        let folder = out.folder(out.ipm_subtree(), "Many").unwrap();
        for number in 0..count {
            let mut mail = MessageDraft::new("IPM.Note");
            mail.subject(&format!("Mail {number}")).body("text");
            out.message(folder, mail).unwrap();
        }
        let pst = open(out.finish().unwrap());
        check(&pst);
        let table = pst.folder(folder.nid()).unwrap().contents_table().unwrap().unwrap();
        for (number, row) in table.rows().enumerate() {
            let subject = row.unwrap().text(id::SUBJECT).unwrap().unwrap().to_string_lossy();
            assert_eq!(subject, format!("\u{1}\u{1}Mail {number}"));
        }
    }
}

#[test]
fn equal_data_is_stored_once() {
    let large = vec![0x5A; 200_000];
    let write = |share| {
        let mut out = PstWriter::in_memory(options().share_data(share)).unwrap();
        let folder = out.folder(out.ipm_subtree(), "Same").unwrap();
        for _ in 0..20 {
            let data = out.data(large.as_slice()).unwrap();
            let mut mail = MessageDraft::new("IPM.Note");
            mail.attach(AttachmentDraft::file("same.bin", data));
            out.message(folder, mail).unwrap();
        }
        out.finish().unwrap()
    };
    let (apart, shared) = (write(false), write(true));
    assert!(apart.len() > 4_000_000 && shared.len() < 800_000, "{} {}", apart.len(), shared.len());
    let (apart, shared) = (open(apart), open(shared));
    check(&shared);
    assert_eq!(crate::compare::lines(&apart), crate::compare::lines(&shared));
}

#[test]
fn an_ansi_store_refuses_what_it_cannot_hold() {
    let mut out = PstWriter::in_memory(options().ansi(CodePage::WINDOWS_1252)).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Eingang").unwrap();
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject("Füße").to("Bob", "bob@example.com");
    let nid = out.message(folder, mail).unwrap();
    let pst = open(out.finish().unwrap());
    check(&pst);
    assert!(pst.format().is_ansi());
    assert_eq!(pst.message(nid).unwrap().subject().unwrap().as_deref(), Some("Füße"));

    let mut out = PstWriter::in_memory(options().ansi(CodePage::WINDOWS_1252)).unwrap();
    let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
    let mut mail = MessageDraft::new("IPM.Note");
    mail.properties().text(id::BODY, "日本");
    let error = out.message(folder, mail).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "invalid text: \"日本\" has characters that cp1252 does not have; write a Unicode file (node 0x200024)"
    );
    // In a message within as well; and the next one is written all the same.
    let mut inner = MessageDraft::new("IPM.Note");
    inner.properties().text(id::BODY, "日本");
    let mut mail = MessageDraft::new("IPM.Note");
    mail.attach(AttachmentDraft::message("inner", inner));
    assert_eq!(out.message(folder, mail).unwrap_err().kind(), ErrorKind::InvalidInput);
    assert!(!out.is_broken());
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject("sound");
    out.message(folder, mail).unwrap();
    let pst = open(out.finish().unwrap());
    check(&pst);
    assert_eq!(pst.message_entries().count(), 1);
}

#[test]
fn readers_that_fail_leave_nothing() {
    struct Fails(usize);
    impl Read for Fails {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = self.0.min(buffer.len());
            self.0 -= length;
            if length == 0 { Err(std::io::Error::other("no more")) } else { Ok(length) }
        }
    }
    let write = |fail: &[usize]| {
        let mut out = PstWriter::in_memory(options()).unwrap();
        let folder = out.folder(out.ipm_subtree(), "Inbox").unwrap();
        for size in fail {
            assert!(out.data(Fails(*size)).is_err());
            let mut mail = MessageDraft::new("IPM.Note");
            mail.subject("sound");
            out.message(folder, mail).unwrap();
        }
        open(out.finish().unwrap())
    };
    let pst = write(&[10, 5000, 300_000, 20_000_000]);
    check(&pst);
    // Nothing is in the block B-tree that was given up, and its room is free.
    assert!(pst.blocks().count() < 60);
    let used: u64 = pst.blocks().map(|block| u64::from(block.unwrap().stored_size)).sum();
    let free: u64 = pst.allocation_maps().map(|map| map.unwrap().free_bytes()).sum();
    assert_eq!(free, pst.header().root.amap_free);
    assert!(free + used + 200_000 > pst.file_size(), "{free} {used} {}", pst.file_size());
}
