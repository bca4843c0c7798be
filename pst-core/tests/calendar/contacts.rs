//! Contacts as vCard.

use pst_core::convert::LossKind;
use pst_core::convert::contact::Version;
use pst_core::write::{AttachmentDraft, MessageDraft};

use crate::kit::{Names, line, lines, stored, time, told, unfolded};

/// The contact of MS-OXVCARD 3.2.
fn dan(names: &mut Names<'_>) -> MessageDraft {
    let mut draft = MessageDraft::new("IPM.Contact");
    let texts = [
        (0x3001, "Dan Fennell"),
        (0x3A06, "Dan"),
        (0x3A11, "Fennell"),
        (0x3A16, "Contoso, Ltd."),
        (0x3A30, "Jeff Price"),
        (0x3A2E, "+1-206-555-0188"),
        (0x3A08, "+1-206-555-0102"),
        (0x3A57, "+1-206-555-0100"),
        (0x3A1C, "+1-425-555-0199"),
        (0x3A29, "7890 Elm Street"),
        (0x3A27, "Boulder"),
        (0x3A28, "CO"),
        (0x3A2A, "33041"),
        (0x3A26, "USA"),
        (0x3A5D, "345 Aspen Street"),
        (0x3A59, "Boulder"),
        (0x3A5C, "CO"),
        (0x3A5B, "33041"),
        (0x3A5A, "USA"),
    ];
    for (id, text) in texts {
        draft.properties().text(id, text);
    }
    draft
        .properties()
        .text(names.address(0x8083), "dan.fennell@contoso.com")
        .text(names.address(0x8082), "SMTP")
        .text(names.address(0x8093), "dfennell@fabrikam.com")
        .text(names.address(0x8092), "SMTP");
    draft
}

#[test]
fn the_contact_of_the_specification() {
    let item = stored(dan);
    let card = item.card(Version::V3);
    assert_eq!(card.losses, []);
    let expected = "BEGIN:VCARD\nVERSION:3.0\nPRODID:-//pst-core//contact//EN\n\
        UID:urn:uuid:11111111-1111-1111-1111-111111111111\nFN:Dan Fennell\nN:Fennell;Dan;;;\nORG:Contoso\\, Ltd.\n\
        TEL;TYPE=work,voice:+1-206-555-0102\nTEL;TYPE=cell,voice:+1-425-555-0199\n\
        X-MS-TEL;TYPE=ASSISTANT:+1-206-555-0188\nX-MS-TEL;TYPE=COMPANY:+1-206-555-0100\n\
        EMAIL;TYPE=internet,pref:dan.fennell@contoso.com\nEMAIL;TYPE=internet:dfennell@fabrikam.com\n\
        X-MS-ASSISTANT;TYPE=N:Jeff Price\n\
        ADR;TYPE=work:;;7890 Elm Street;Boulder;CO;33041;USA\n\
        ADR;TYPE=home:;;345 Aspen Street;Boulder;CO;33041;USA\n\
        REV:2020-02-02T12:30:00Z\nEND:VCARD\n";
    assert_eq!(unfolded(&card.text), expected);
    let card = item.card(Version::V4);
    assert_eq!(card.losses, []);
    assert_eq!(
        lines(&card.text, "TEL"),
        [
            "TEL;TYPE=work,voice:+1-206-555-0102",
            "TEL;TYPE=cell,voice:+1-425-555-0199",
            "TEL;TYPE=x-assistant:+1-206-555-0188",
            "TEL;TYPE=work,x-company:+1-206-555-0100",
        ]
    );
    assert_eq!(
        lines(&card.text, "EMAIL"),
        ["EMAIL;PREF=1:dan.fennell@contoso.com", "EMAIL;PREF=2:dfennell@fabrikam.com"]
    );
    assert_eq!(line(&card.text, "RELATED").as_deref(), Some(";VALUE=text;TYPE=x-assistant:Jeff Price"));
    assert_eq!(line(&card.text, "REV").as_deref(), Some("20200202T123000Z"));
}

#[test]
fn everything_else_about_a_person() {
    let item = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact.Custom");
        let texts = [
            (0x3A45, "Dr."),
            (0x3A06, "Ann"),
            (0x3A44, "B."),
            (0x3A11, "O;Neil"),
            (0x3A05, "Jr."),
            (0x3A4F, "Annie"),
            (0x3A18, "R&D"),
            (0x3A17, "Head"),
            (0x3A46, "Chemist"),
            (0x3A1A, "1"),
            (0x3A24, "2"),
            (0x3A48, "Bob"),
            (0x3A43, "Chess"),
            (0x3A51, "https://example.com/"),
            (0x3A19, "5/101"),
        ];
        for (id, text) in texts {
            draft.properties().text(id, text);
        }
        draft.body("Note\nof two lines");
        draft
            .properties()
            .integer16(0x3A4D, 1)
            .texts(0x3A58, ["Eve", "Tom"])
            .texts(names.text("Keywords"), ["Friends", "Work"])
            .time(names.address(0x80DE), time(1980, 2, 29, 0, 0))
            // Midnight in Pacific time.
            .time(0x3A41, time(2001, 6, 1, 7, 0))
            .text(names.address(0x804F), "custom")
            .text(names.address(0x8062), "ann@chat.example.com")
            .text(names.address(0x802C), "an");
        draft
    });
    let card = item.card(Version::V4);
    assert_eq!(card.losses, []);
    let text = &card.text;
    assert_eq!(line(text, "FN").as_deref(), Some("Dr. Ann B. O\\;Neil Jr."));
    assert_eq!(line(text, "N").as_deref(), Some("O\\;Neil;Ann;B.;Dr.;Jr."));
    assert_eq!(line(text, "NICKNAME").as_deref(), Some("Annie"));
    assert_eq!(line(text, "ORG").as_deref(), Some(";R&D"));
    assert_eq!(line(text, "TITLE").as_deref(), Some("Head"));
    assert_eq!(line(text, "ROLE").as_deref(), Some("Chemist"));
    assert_eq!(lines(text, "TEL"), ["TEL;TYPE=voice;PREF=1:1", "TEL;TYPE=work,fax:2"]);
    assert_eq!(line(text, "GENDER").as_deref(), Some("F"));
    assert_eq!(line(text, "BDAY").as_deref(), Some("19800229"));
    assert_eq!(line(text, "ANNIVERSARY").as_deref(), Some("20010601"));
    assert_eq!(line(text, "NOTE").as_deref(), Some("Note\\nof two lines"));
    assert_eq!(line(text, "CATEGORIES").as_deref(), Some("Friends,Work"));
    assert_eq!(line(text, "HOBBY").as_deref(), Some("Chess"));
    assert_eq!(line(text, "URL").as_deref(), Some(";TYPE=work:https://example.com/"));
    assert_eq!(line(text, "X-MS-IMADDRESS").as_deref(), Some("ann@chat.example.com"));
    assert_eq!(line(text, "X-MS-TEXT").as_deref(), Some(";TYPE=CUSTOM:custom"));
    assert_eq!(line(text, "X-PHONETIC-FIRST-NAME").as_deref(), Some("an"));
    assert_eq!(line(text, "ADR").as_deref(), Some(";TYPE=work:;5/101;;;;;"));
    assert_eq!(
        lines(text, "RELATED"),
        [
            "RELATED;VALUE=text;TYPE=spouse:Bob",
            "RELATED;VALUE=text;TYPE=child:Eve",
            "RELATED;VALUE=text;TYPE=child:Tom"
        ]
    );
    let v3 = item.card(Version::V3);
    assert_eq!(v3.losses, []);
    assert_eq!(line(&v3.text, "BDAY").as_deref(), Some("1980-02-29"));
    assert_eq!(line(&v3.text, "X-MS-ANNIVERSARY").as_deref(), Some("2001-06-01"));
    assert_eq!(line(&v3.text, "X-MS-SPOUSE").as_deref(), Some(";TYPE=N:Bob"));
    assert_eq!(lines(&v3.text, "X-MS-CHILD").len(), 2);
    assert_eq!(line(&v3.text, "X-MS-INTERESTS").as_deref(), Some("Chess"));
    assert_eq!(line(&v3.text, "X-GENDER").as_deref(), Some("Female"));
}

#[test]
fn which_addresses_are_mail() {
    let card = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact");
        draft.properties().text(0x3001, "Ann");
        let address = |names: &mut Names<'_>, draft: &mut MessageDraft, base: u32, texts: [(u32, &str); 3]| {
            for (offset, text) in texts {
                draft.properties().text(names.address(base + offset), text);
            }
        };
        // An address of Exchange with the SMTP address beside it; one without; and a name of its own.
        address(names, &mut draft, 0x8080, [(2, "EX"), (3, "/o=Org/cn=ann"), (4, "ann@example.com")]);
        address(names, &mut draft, 0x8090, [(2, "EX"), (3, "/o=Org/cn=other"), (4, "Ann")]);
        address(names, &mut draft, 0x80A0, [(2, "SMTP"), (3, "third@example.com"), (0, "Desk of Ann")]);
        draft
    })
    .card(Version::V4);
    assert_eq!(lines(&card.text, "EMAIL"), ["EMAIL;PREF=1:ann@example.com", "EMAIL;PREF=2:third@example.com"]);
    assert_eq!(
        told(&card.losses),
        [
            (LossKind::NoPlace, "EX:/o=Org/cn=other, which is no e-mail address"),
            (LossKind::NoPlace, "the display name Desk of Ann of an address"),
        ]
    );
}

#[test]
fn the_mailing_address_is_one_of_three() {
    let card = |chosen: i32, same: bool| {
        stored(|names| {
            let mut draft = dan(names);
            draft.properties().integer32(names.address(0x8022), chosen);
            for (number, text) in [(0x8045, "1 Work Way"), (0x8046, "Denver"), (0x804A, "Box 5")] {
                draft.properties().text(names.address(number), text);
            }
            if same {
                let copy = [(0x3A29, "1 Work Way"), (0x3A27, "Denver"), (0x3A2B, "Box 5")];
                for id in [0x3A28, 0x3A2A, 0x3A26] {
                    draft.properties().remove(id);
                }
                copy.iter().for_each(|(id, text)| {
                    draft.properties().text(*id, *text);
                });
            }
            draft
        })
        .card(Version::V4)
        .text
    };
    assert_eq!(
        lines(&card(2, true), "ADR"),
        ["ADR;TYPE=work;PREF=1:Box 5;;1 Work Way;Denver;;;", "ADR;TYPE=home:;;345 Aspen Street;Boulder;CO;33041;USA"]
    );
    // A mailing address that is none of the three is a further one.
    assert_eq!(
        lines(&card(2, false), "ADR"),
        [
            "ADR;TYPE=work;PREF=1:Box 5;;1 Work Way;Denver;;;",
            "ADR;TYPE=home:;;345 Aspen Street;Boulder;CO;33041;USA",
            "ADR;PREF=1:;;7890 Elm Street;Boulder;CO;33041;USA"
        ]
    );
    // That of the third place, which is empty.
    assert_eq!(lines(&card(3, false), "ADR")[2], "ADR;PREF=1:;;7890 Elm Street;Boulder;CO;33041;USA");
}

#[test]
fn a_formatted_address_alone() {
    let item = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact");
        draft.properties().text(0x3001, "Ann").text(names.address(0x801A), "1 Street\r\nTown");
        draft
    });
    assert_eq!(line(&item.card(Version::V4).text, "ADR").as_deref(), Some(";TYPE=home;LABEL=1 Street^nTown:;;;;;;"));
    assert_eq!(line(&item.card(Version::V3).text, "LABEL").as_deref(), Some(";TYPE=home:1 Street\\nTown"));
    assert_eq!(line(&item.card(Version::V3).text, "ADR"), None);
}

#[test]
fn a_photo_and_other_attachments() {
    let item = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact");
        draft.properties().text(0x3001, "Ann").boolean(names.address(0x8015), true);
        draft
            .attach(AttachmentDraft::file("cv.pdf", *b"%PDF"))
            .attach(AttachmentDraft::file("ContactPicture.jpg", [0xFF, 0xD8, 0xFF, 0xE0, 1, 2]));
        draft
    });
    let v4 = item.card(Version::V4);
    assert_eq!(line(&v4.text, "PHOTO").as_deref(), Some("data:image/jpeg;base64,/9j/4AEC"));
    assert_eq!(told(&v4.losses), [(LossKind::NoPlace, "attachment cv.pdf")]);
    assert_eq!(line(&item.card(Version::V3).text, "PHOTO").as_deref(), Some(";ENCODING=b;TYPE=JPEG:/9j/4AEC"));
    let missing = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact");
        draft.properties().text(0x3001, "Ann").boolean(names.address(0x8015), true);
        draft
    });
    assert_eq!(
        told(&missing.card(Version::V4).losses),
        [(LossKind::Unreadable, "the photo that the contact says it has")]
    );
}

#[test]
fn what_has_no_place_is_told() {
    let card = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Contact");
        draft
            .properties()
            .text(0x3001, "Ann")
            .text(0x3A0A, "A.")
            .text(0x3A47, "Bob")
            .text(0x3A0C, "")
            .integer32(0x0036, 3)
            .text(names.text("Shoe size"), "38")
            .text(names.common(0x8534), "12 km");
        draft
    })
    .card(Version::V4);
    assert_eq!(
        told(&card.losses),
        [
            (LossKind::NoPlace, "CONFIDENTIAL: vCard 4.0 has no classes"),
            (LossKind::NoPlace, "PidTagReferredByName"),
            (LossKind::NoPlace, "Shoe size"),
            (LossKind::NoPlace, "PidLidMileage"),
        ]
    );
}

#[test]
fn a_birthday_without_a_year() {
    let item = stored(|_| {
        let mut draft = MessageDraft::new("IPM.Contact");
        // Half past ten in the evening before, as Tokyo has it.
        draft.properties().text(0x3001, "Ann").time(0x3A42, time(1604, 5, 4, 15, 0));
        draft
    });
    assert_eq!(line(&item.card(Version::V4).text, "BDAY").as_deref(), Some("--0505"));
    assert_eq!(line(&item.card(Version::V3).text, "BDAY").as_deref(), Some("1604-05-05"));
}

#[test]
fn a_name_is_found_or_made_up() {
    for (id, named, expected) in [(Some(0x3A16), None, "Company"), (None, Some(0x8005), "Company"), (None, None, "?")] {
        let card = stored(|names| {
            let mut draft = MessageDraft::new("IPM.Contact");
            let named = named.map(|number| names.address(number));
            if let Some(id) = id.or(named) {
                draft.properties().text(id, "Company");
            }
            draft
        })
        .card(Version::V3);
        assert_eq!(line(&card.text, "FN").as_deref(), Some(expected));
        assert_eq!(line(&card.text, "N").as_deref(), Some(";;;;"));
        assert_eq!(card.losses.len(), usize::from(expected == "?"));
    }
}
