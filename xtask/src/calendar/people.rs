//! Generated contacts and distribution lists.

use anyhow::Result;
use pst_core::Guid;
use pst_core::write::{AttachmentDraft, MessageDraft};

use super::generated::{Store, utc};

/// The provider of one-off entry ids (MS-OXCDATA 2.2.5.1).
const ONE_OFF: [u8; 16] =
    [0x81, 0x2B, 0x1F, 0xA4, 0xBE, 0xA3, 0x10, 0x19, 0x9D, 0x6E, 0x00, 0xDD, 0x01, 0x0F, 0x54, 0x02];

/// What a contact can have: tagged texts.
const TEXTS: [(u16, &str); 40] = [
    (0x3001, "Dr. Ann B. O;Neil, Jr."),
    (0x3A45, "Dr."),
    (0x3A06, "Ann"),
    (0x3A44, "B."),
    (0x3A11, "O;Neil"),
    (0x3A05, "Jr."),
    (0x3A4F, "Annie, A."),
    (0x3A16, "Contoso, Ltd."),
    (0x3A18, "R&D; Labs"),
    (0x3A17, "Head\\Lead"),
    (0x3A46, "Chemist"),
    (0x3A1A, "+1 0"),
    (0x3A08, "+1 1"),
    (0x3A1B, "+1 2"),
    (0x3A09, "+1 3"),
    (0x3A2F, "+1 4"),
    (0x3A1C, "+1 5"),
    (0x3A1F, "+1 6"),
    (0x3A1E, "+1 7"),
    (0x3A21, "+1 8"),
    (0x3A23, "+1 9"),
    (0x3A24, "+1 10"),
    (0x3A25, "+1 11"),
    (0x3A2D, "+1 12"),
    (0x3A02, "+1 13"),
    (0x3A1D, "+1 14"),
    (0x3A2C, "+1 15"),
    (0x3A2E, "+1 16"),
    (0x3A4B, "+1 17"),
    (0x3A57, "+1 18"),
    (0x3A5D, "345 Aspen Street\r\nBack, second; door"),
    (0x3A59, "Boulder"),
    (0x3A5C, "CO"),
    (0x3A5B, "33041"),
    (0x3A5A, "USA"),
    (0x3A51, "https://example.com/a,b;c"),
    (0x3A48, "Bob"),
    (0x3A43, "Chess, go"),
    (0x3A4E, "Max"),
    (0x3A30, "Jeff"),
];

/// Named texts.
const NAMED: [(u32, &str); 12] = [
    (0x8045, "1 Work Way"),
    (0x8046, "Denver"),
    (0x8047, "CO"),
    (0x8048, "80014"),
    (0x8049, "USA"),
    (0x804A, "Box 5"),
    (0x8082, "SMTP"),
    (0x8083, "ann@example.com"),
    (0x8092, "SMTP"),
    (0x8093, "ann.oneil+x@example.org"),
    (0x8062, "annie"),
    (0x804F, "a field"),
];

pub(super) fn write(store: &mut Store) -> Result<()> {
    let subtree = store.out.ipm_subtree();
    let folder = store.out.folder_of_class(subtree, "Contacts", "IPF.Contact")?;
    let mut whole = contact("Ann", &TEXTS)?;
    for (number, text) in NAMED {
        whole.properties().text(store.name(Guid::PSETID_ADDRESS, number)?, text);
    }
    whole.body("Note, of\r\ntwo lines; \\ and \u{65E5}\u{672C}\u{8A9E}");
    whole
        .properties()
        .texts(0x3A58, ["Eve", "Tom, T."])
        .time(store.name(Guid::PSETID_ADDRESS, 0x80DE)?, utc("1980-02-29")?)
        .time(0x3A42, utc("1980-02-29T08:00")?)
        .boolean(store.name(Guid::PSETID_ADDRESS, 0x8015)?, true);
    const JPEG: [u8; 8] = [0xFF, 0xD8, 0xFF, 0xE0, 0, 1, 2, 3];
    let mut photo = AttachmentDraft::file("ContactPicture.jpg", JPEG.to_vec());
    photo.properties().boolean(0x7FFF, true);
    whole.attach(photo);
    store.out.message(folder, whole)?;

    // A birthday by its midnight in Pacific time; another without a year.
    let mut west = contact("West", &[(0x3001, "West"), (0x3A06, "West")])?;
    west.properties().time(0x3A42, utc("1970-12-31T08:00")?);
    store.out.message(folder, west)?;
    let mut yearless =
        contact("Yearless", &[(0x3001, "\u{65E5}\u{672C} \u{592A}\u{90CE}"), (0x3A11, "\u{65E5}\u{672C}")])?;
    yearless.properties().time(0x3A42, utc("1604-05-04T00:00")?);
    store.out.message(folder, yearless)?;
    store.out.message(folder, contact("Firm", &[(0x3A16, "Only a company")])?)?;

    let mut list = MessageDraft::new("IPM.DistList");
    list.subject("Friends; all").created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
    list.properties()
        .binary(0x300B, *b"a search key, 16")
        .text(0x3001, "Friends; all")
        .text(store.name(Guid::PSETID_ADDRESS, 0x8053)?, "Friends; all");
    let members = [one_off("Bob, B.", "bob@example.com"), one_off("Çem \"C\"", "cem+x@example.com")];
    // PtypMultipleBinary.
    let binaries = pst_core::ltp::PropertyType::MULTIPLE_BINARY;
    for number in [0x8054, 0x8055] {
        list.properties().multiple(store.name(Guid::PSETID_ADDRESS, number)?, binaries, &members);
    }
    store.out.message(folder, list)?;

    // A contact in a mail.
    let mut mail = MessageDraft::new("IPM.Note");
    mail.subject("Her card").created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
    let inner = contact("Inner", &[(0x3001, "Inner"), (0x3A08, "+1 99")])?;
    mail.attach(AttachmentDraft::message("Inner", inner));
    store.out.message(folder, mail)?;
    Ok(())
}

fn contact(key: &str, texts: &[(u16, &str)]) -> Result<MessageDraft> {
    let mut draft = MessageDraft::new("IPM.Contact");
    draft.created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
    draft.properties().binary(0x300B, format!("{key:16}").as_bytes());
    for (id, text) in texts {
        draft.properties().text(*id, *text);
    }
    Ok(draft)
}

/// A one-off entry id in UTF-16.
fn one_off(name: &str, address: &str) -> Vec<u8> {
    let mut out = [&[0; 4][..], &ONE_OFF, &[0, 0, 1, 0x90]].concat();
    for text in [name, "SMTP", address] {
        out.extend(text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
    }
    out
}
