//! Items that are no mail: all of them have a way out.

use pst_core::convert::LossKind;
use pst_core::convert::to_mime::Options;
use pst_core::ltp::id;
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::{AttachmentDraft, MessageDraft};
use pst_core::{FileTime, Guid};

use crate::{convert, convert_with, date, letter};

fn appointment(class: &'static str) -> crate::Mail {
    convert_with(&Options::default(), |out| {
        let mut number = |number| {
            out.named_property(PropertySet::Guid(Guid::PSETID_APPOINTMENT), PropertyName::Number(number)).unwrap()
        };
        let (start, end) = (number(0x820D), number(0x820E));
        let mut draft = letter();
        draft.body("Come.\r\n");
        draft
            .properties()
            .text(id::MESSAGE_CLASS, class)
            .time(start, date())
            .time(end, FileTime::from_unix_seconds(1_600_003_600).unwrap());
        draft.attach(AttachmentDraft::file("agenda.txt", *b"x"));
        draft
    })
}

#[test]
fn meetings_and_appointments_have_a_calendar_as_last_alternative() {
    for (class, method) in [
        ("IPM.Schedule.Meeting.Request", "REQUEST"),
        ("IPM.Schedule.Meeting.Canceled", "CANCEL"),
        ("IPM.Schedule.Meeting.Resp.Pos", "REPLY"),
        ("IPM.Appointment", "PUBLISH"),
    ] {
        let mail = appointment(class);
        let body = mail.body();
        let (_, alternatives) = body.split_once("Content-Type: multipart/alternative; boundary=B2\n").unwrap();
        let (alternatives, rest) = alternatives.split_once("\n--B2--\n").unwrap();
        let head = format!(
            "\n--B2\nContent-Type: text/calendar; charset=utf-8; method={method}\n\
             Content-Transfer-Encoding: quoted-printable\n\nBEGIN:VCALENDAR\n"
        );
        let (_, calendar) = alternatives.split_once(&head).unwrap_or_else(|| panic!("{class}: {alternatives}"));
        assert!(calendar.contains(&format!("METHOD:{method}\n")) && calendar.contains("DTSTART:20200913T122640Z\n"));
        assert!(!calendar.contains("--B"), "it is the last one");
        assert!(rest.contains("filename=agenda.txt"));
        // The class is told by the calendar, and so are the dates.
        assert!(
            !mail.losses().iter().any(|loss| loss.contains("PidTagMessageClass") || loss.contains("Whole")),
            "{:?}",
            mail.losses()
        );
    }
}

#[test]
fn a_contact_is_a_vcard_beside_its_notes() {
    let mut draft = MessageDraft::new("IPM.Contact");
    draft.subject("Ann Lee").body("Met in May.\r\n").created(date(), date());
    draft.properties().text(0x3001, "Ann Lee").text(0x3A06, "Ann").text(0x3A11, "Lee").text(0x3A1C, "+1 555");
    let mail = convert(draft);
    let body = mail.body();
    assert!(body.starts_with(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B1\n\n--B1\nContent-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\nMet in May.\n\n--B1\n\
         Content-Type: text/vcard; charset=utf-8; name=\"Ann Lee.vcf\"\n\
         Content-Disposition: attachment; filename=\"Ann Lee.vcf\"\nContent-Transfer-Encoding: quoted-printable\n\nBEGIN:VCARD\n"
    ));
    assert!(body.contains("\nN:Lee;Ann;;;\n") && body.contains("+1 555"));
    assert_eq!(mail.lost(LossKind::NoPlace), ["PidTagMessageFlags: read"]);
}

#[test]
fn a_note_is_text_and_its_class_is_told() {
    let mut draft = MessageDraft::new("IPM.StickyNote");
    draft.subject("Milk").body("Milk\r\nBread\r\n").created(date(), date());
    let mail = convert(draft);
    assert!(mail.body().ends_with("quoted-printable\n\nMilk\nBread\n"));
    assert_eq!(mail.lost(LossKind::NoPlace), ["PidTagMessageClass", "PidTagMessageFlags: read"]);
}

#[test]
fn what_no_header_says_is_told_property_by_property() {
    let mail = convert_with(&Options::default(), |out| {
        let own = out.named_property(PropertySet::PublicStrings, PropertyName::String("Project".to_owned())).unwrap();
        let zero = out.named_property(PropertySet::Guid(Guid::PSETID_TASK), PropertyName::Number(0x8129)).unwrap();
        let mut draft = letter();
        draft.body("Hi.").read(true);
        draft
            .properties()
            .integer32(0x1090, 2)
            .integer32(0x1095, 0)
            .time(0x1091, date())
            .text(own, "Alpha")
            .integer32(zero, 0)
            .text(0x6001, "");
        draft
    });
    assert_eq!(
        mail.losses(),
        [
            "no-place: 0x0e070003: PidTagMessageFlags: read",
            "no-place: 0x10900003: PidTagFlagStatus",
            "no-place: 0x10910040: PidTagFlagCompleteTime",
            "no-place: 0x8000001f: Project of 00020329-0000-0000-c000-000000000046",
        ]
    );
}
