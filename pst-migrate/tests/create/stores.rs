//! Stores among the input: their items are copied with all they have.

use pst_core::Guid;
use pst_core::messaging::{PropertyName, PropertySet, SpecialFolder as S};
use pst_core::write::{MessageDraft, PstWriter, WriteOptions};

use crate::make_zip::{Entry, zip};
use crate::{Room, make, mbox};

/// A French store with an inbox, a calendar and a folder of its own.
fn store() -> Vec<u8> {
    let mut out = PstWriter::in_memory(WriteOptions::new()).unwrap();
    let top = out.ipm_subtree();
    let inbox = out.folder(top, "Boîte de réception").unwrap();
    out.designate(inbox, S::Inbox).unwrap();
    let projects = out.folder(inbox, "Projets").unwrap();
    let calendar = out.folder_of_class(top, "Calendrier", "IPF.Appointment").unwrap();
    out.designate(calendar, S::Calendar).unwrap();
    let draft = |class: &str, subject: &str| {
        let mut draft = MessageDraft::new(class);
        draft.subject(subject);
        draft
    };
    out.message(inbox, draft("IPM.Note", "reçu")).unwrap();
    out.message(projects, draft("IPM.Note", "projet")).unwrap();
    let location = out.named_property(Guid::PSETID_APPOINTMENT, 0x8208).unwrap();
    let mut meeting = draft("IPM.Appointment", "réunion");
    meeting.properties().text(location, "Salle 1");
    out.message(calendar, meeting).unwrap();
    out.finish().unwrap()
}

#[test]
fn their_items_go_along_into_their_folders() {
    let room = Room::new();
    room.file("a.mbox", mbox(&["mail"]));
    room.file("old.zip", zip([Entry::deflated("x/store.pst", store())]));
    let made = make(&room);
    assert_eq!(
        made.items(),
        ["Boîte de réception/Projets: projet", "Boîte de réception: reçu", "Calendrier: réunion", "a: mail"]
    );
    assert_eq!((made.summary.mails, made.summary.messages), (1, 3));
    assert_eq!(made.special(S::Inbox).as_deref(), Some("Boîte de réception"));
    assert_eq!(made.special(S::Calendar).as_deref(), Some("Calendrier"));
    let meeting = made.message("réunion");
    let folder = made.pst.folder(meeting.folder_id()).unwrap();
    assert_eq!(folder.container_class().unwrap().as_deref(), Some("IPF.Appointment"));
    let names = made.pst.named_properties().unwrap();
    let location =
        names.id_of(PropertySet::from_guid(Guid::PSETID_APPOINTMENT), &PropertyName::Number(0x8208)).unwrap();
    assert_eq!(meeting.string(location).unwrap().as_deref(), Some("Salle 1"));
}

#[test]
fn the_inboxes_of_two_stores_are_one_and_an_mbox_joins_by_its_name_alone() {
    let room = Room::new();
    room.file("1.pst", store());
    room.file("2.pst", store());
    room.file("Inbox", mbox(&["mail"]));
    let made = make(&room);
    let items = made.items();
    assert_eq!(items.iter().filter(|item| *item == "Boîte de réception: reçu").count(), 2, "{items:?}");
    assert!(items.contains(&"Inbox: mail".to_owned()), "{items:?}");
    assert_eq!(made.special(S::Inbox).as_deref(), Some("Boîte de réception"), "the first");
}
