//! One field that cannot be read hides no other.

use pst_core::ErrorKind;
use pst_core::Pst;
use pst_core::item::Item;
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::edit::Editor;
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, StoreBuilder};

#[test]
fn a_body_that_is_lost_is_the_only_thing_lost() {
    // Long enough for a node of its own.
    let body = "long body ".repeat(2000);
    let message = MessageBuilder::new("IPM.Note")
        .subject("Plan")
        .sender("Ann", "ann@x.example")
        .to("Bob", "bob@x.example")
        .body(&body)
        .html("<p>short</p>")
        .attach(AttachmentBuilder::by_value("a.txt", "abc"));
    let bytes = Mailbox::new("Store")
        .folder(FolderBuilder::new("Inbox").message(message))
        .write(StoreBuilder::new(Format::UNICODE).crypt(pst_core::ndb::CryptMethod::None))
        .finish_vec();
    let needle: Vec<u8> = "long body ".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let places: Vec<usize> =
        bytes.windows(needle.len()).enumerate().filter(|(_, window)| *window == needle).map(|(at, _)| at).collect();
    assert!(places.len() > 1000, "{}", places.len());
    let mut editor = Editor::new(bytes);
    editor.bytes_mut()[places[500]] ^= 1;
    let pst = Pst::from_bytes(editor.into_bytes()).unwrap();
    let message = pst.message(Nid::new(0x20_0024)).unwrap();
    let item = Item::of_message(&message);
    assert_eq!(item.plain_text().unwrap_err().kind(), ErrorKind::Checksum);
    assert_eq!(item.subject().unwrap().as_deref(), Some("Plan"));
    assert_eq!(item.html().unwrap().as_deref(), Some("<p>short</p>"));
    assert_eq!(item.sender().unwrap().unwrap().name.as_deref(), Some("Ann"));
    assert_eq!(item.recipients().map(|one| one.unwrap().who.name.unwrap()).collect::<Vec<_>>(), ["Bob"]);
    assert_eq!(item.attachments().map(|one| one.unwrap().name().unwrap().unwrap()).collect::<Vec<_>>(), ["a.txt"]);
}
