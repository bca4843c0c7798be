//! Events that do not repeat.

use pst_core::convert::LossKind;
use pst_core::convert::calendar::{AttachmentPlace, Method, Options};
use pst_core::write::{AttachmentDraft, MessageDraft};
use pst_core::{ErrorKind, Guid};

use crate::kit::{PACIFIC, UID, appointment, bytes, components, line, lines, stored, time, told};

#[test]
fn an_appointment_line_by_line() {
    let calendar = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft.body("First line\r\nSecond; line, with \\ all");
        let keywords = names.text("Keywords");
        draft
            .properties()
            .text(names.appointment(0x8208), "Room 5, upstairs")
            .integer32(names.appointment(0x8205), 2)
            .boolean(names.common(0x8503), true)
            .integer32(names.common(0x8501), 30)
            .texts(keywords, ["Red", "A,B"])
            .integer32(0x0036, 2)
            .integer32(0x0017, 2);
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    assert_eq!(calendar.method, Some(Method::Publish));
    let expected = format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//pst-core//calendar//EN\nMETHOD:PUBLISH\n\
        BEGIN:VTIMEZONE\nTZID:Pacific Standard Time\n\
        BEGIN:STANDARD\nDTSTART:16011104T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\n\
        TZOFFSETFROM:-0700\nTZOFFSETTO:-0800\nEND:STANDARD\n\
        BEGIN:DAYLIGHT\nDTSTART:16010311T020000\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\n\
        TZOFFSETFROM:-0800\nTZOFFSETTO:-0700\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
        BEGIN:VEVENT\nUID:{UID}\nDTSTAMP:20200202T123000Z\n\
        DTSTART;TZID=Pacific Standard Time:20160802T100000\nDTEND;TZID=Pacific Standard Time:20160802T110000\n\
        SUMMARY:Test\nLOCATION:Room 5\\, upstairs\nDESCRIPTION:First line\\nSecond\\; line\\, with \\\\ all\n\
        CATEGORIES:Red,A\\,B\nCLASS:PRIVATE\nPRIORITY:1\nX-MICROSOFT-CDO-IMPORTANCE:2\n\
        STATUS:CONFIRMED\nTRANSP:OPAQUE\nSEQUENCE:0\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\n\
        X-MICROSOFT-CDO-APPT-SEQUENCE:0\nX-MICROSOFT-CDO-INSTTYPE:0\n\
        CREATED:20200101T000000Z\nLAST-MODIFIED:20200202T123000Z\n\
        BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:REMINDER\nTRIGGER:-PT30M\nEND:VALARM\n\
        END:VEVENT\nEND:VCALENDAR\n"
    );
    assert_eq!(crate::kit::unfolded(&calendar.text), expected);
}

#[test]
fn without_a_zone_times_are_utc() {
    let calendar = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft.properties().remove(names.appointment(0x825E)).remove(names.appointment(0x825F));
        draft
    })
    .calendar();
    assert_eq!(line(&calendar.text, "DTSTART").as_deref(), Some("20160802T170000Z"));
    assert_eq!(line(&calendar.text, "DTEND").as_deref(), Some("20160802T180000Z"));
    assert_eq!(components(&calendar.text, "VTIMEZONE"), Vec::<String>::new());
}

#[test]
fn a_zone_that_makes_no_sense_is_told() {
    let mut zone = bytes(PACIFIC);
    let at = zone.len() - 44;
    zone[at..at + 4].copy_from_slice(&i32::MAX.to_le_bytes());
    let calendar = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft.properties().binary(names.appointment(0x825E), zone).remove(names.appointment(0x825F));
        draft
    })
    .calendar();
    assert_eq!(line(&calendar.text, "DTSTART").as_deref(), Some("20160802T170000Z"));
    assert_eq!(
        told(&calendar.losses),
        [
            (LossKind::Changed, "lBias is 0x7fffffff, expected less than a day"),
            (LossKind::Changed, "the time zone Pacific Standard Time, whose rule makes no sense; times are UTC")
        ]
    );
}

/// All day in its zone: a day, and not the hour that it is elsewhere.
#[test]
fn all_day_is_a_day() {
    for (start, end, zone, expected, told_kinds) in [
        // Midnight in Pacific time.
        (time(2021, 8, 15, 7, 0), time(2021, 8, 18, 7, 0), true, ["20210815", "20210818"], vec![]),
        (time(2021, 12, 15, 8, 0), time(2021, 12, 16, 8, 0), true, ["20211215", "20211216"], vec![]),
        // Midnight in UTC, as some servers store it beside any zone.
        (time(2021, 8, 15, 0, 0), time(2021, 8, 16, 0, 0), true, ["20210815", "20210816"], vec![]),
        (time(2021, 8, 15, 0, 0), time(2021, 8, 16, 0, 0), false, ["20210815", "20210816"], vec![]),
        // Midnight in Berlin, but nothing says so.
        (
            time(2021, 8, 14, 22, 0),
            time(2021, 8, 15, 22, 0),
            false,
            ["20210815", "20210816"],
            vec![LossKind::Changed; 2],
        ),
        // An end that is not after the start.
        (time(2021, 8, 15, 0, 0), time(2021, 8, 15, 0, 0), false, ["20210815", "20210816"], vec![]),
    ] {
        let calendar = stored(|names| {
            let mut draft = appointment(names, "IPM.Appointment");
            draft
                .properties()
                .time(names.appointment(0x820D), start)
                .time(names.appointment(0x820E), end)
                .boolean(names.appointment(0x8215), true);
            if !zone {
                draft.properties().remove(names.appointment(0x825E)).remove(names.appointment(0x825F));
            }
            draft
        })
        .calendar();
        let [from, to] = expected;
        assert_eq!(lines(&calendar.text, "DTEND"), [format!("DTEND;VALUE=DATE:{to}")]);
        let event = &components(&calendar.text, "VEVENT")[0];
        assert_eq!(lines(event, "DTSTART"), [format!("DTSTART;VALUE=DATE:{from}")]);
        assert_eq!(calendar.losses.iter().map(|loss| loss.kind).collect::<Vec<_>>(), told_kinds, "{start}");
    }
}

#[test]
fn html_is_told_twice_and_rtf_alone_is_a_loss() {
    let item = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft.html("<html><head><title>x</title></head><p>One</p><p>T&auml;</p></html>");
        draft
    });
    let calendar = item.calendar();
    assert_eq!(line(&calendar.text, "DESCRIPTION").as_deref(), Some("One\\n\\nTä"));
    assert!(line(&calendar.text, "X-ALT-DESC").unwrap().starts_with(";FMTTYPE=text/html:<html>"));
    let mut options = Options::default();
    options.html = false;
    assert_eq!(line(&item.calendar_with(&options).text, "X-ALT-DESC"), None);

    let item = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft.rtf(b"{\\rtf1{\\fonttbl{\\f0 Arial;}}\\pard Hello\\par}");
        draft
    });
    let calendar = item.calendar();
    assert_eq!(told(&calendar.losses), [(LossKind::NoPlace, "the body, which is RTF alone")]);
    assert_eq!(calendar.losses[0].property.unwrap().name(), Some("PidTagRtfCompressed"));
    // Who can read RTF gives its text.
    let mut options = Options::default();
    options.body = Some("Hello".to_owned());
    assert_eq!(line(&item.calendar_with(&options).text, "DESCRIPTION").as_deref(), Some("Hello"));
}

#[test]
fn attachments_go_where_they_are_wanted() {
    let item = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        draft
            .attach(AttachmentDraft::file("a, b.txt", *b"foobar").mime("text/plain"))
            .attach(AttachmentDraft::message("mail", MessageDraft::new("IPM.Note")))
            .attach(AttachmentDraft::reference("far.doc", "\\\\server\\far.doc"))
            .attach(AttachmentDraft::file("large.bin", vec![0; 100]));
        draft
    });
    let mut options = Options::default();
    options.attachment_bytes = 50;
    let calendar = item.calendar_with(&options);
    assert_eq!(
        lines(&calendar.text, "ATTACH"),
        ["ATTACH;FMTTYPE=text/plain;ENCODING=BASE64;VALUE=BINARY;X-FILENAME=\"a, b.txt\":Zm9vYmFy"]
    );
    assert_eq!(
        told(&calendar.losses),
        [
            (LossKind::NoPlace, "attachment mail: a message"),
            (LossKind::NoPlace, "attachment far.doc: a reference to \\\\server\\far.doc"),
            (LossKind::TooLarge, "attachment large.bin: 100 bytes, 44 left"),
        ]
    );
    options.attachments = AttachmentPlace::Elsewhere;
    let calendar = item.calendar_with(&options);
    assert_eq!(lines(&calendar.text, "ATTACH"), Vec::<String>::new());
    assert_eq!(calendar.losses, []);
}

#[test]
fn what_has_no_place_is_told() {
    let calendar = stored(|names| {
        let mut draft = appointment(names, "IPM.Appointment");
        let own = names.text("Cost centre");
        let foreign = names.number(Guid::from_bytes([7; 16]), 1);
        draft
            .properties()
            .text(names.common(0x8535), "12 hours")
            .text(own, "4711")
            .integer32(foreign, 1)
            .text(names.common(0x8534), "")
            .integer32(names.common(0x8510), 369)
            .text(names.text("urn:schemas:calendar:uid"), "copy");
        draft.body("a\u{7}b");
        draft
    })
    .calendar();
    let mut told = told(&calendar.losses);
    told.sort_unstable_by_key(|(_, detail)| *detail);
    assert_eq!(
        told,
        [
            (LossKind::NoPlace, "0x0001"),
            (LossKind::NoPlace, "Cost centre"),
            (LossKind::Changed, "DESCRIPTION: control characters, which the form does not allow, left out"),
            (LossKind::NoPlace, "PidLidBilling"),
        ]
    );
    assert_eq!(line(&calendar.text, "DESCRIPTION").as_deref(), Some("ab"));
}

#[test]
fn an_item_that_lacks_everything() {
    let item = stored(|_| {
        let mut draft = MessageDraft::new("IPM.Appointment");
        draft.properties().remove(0x0E07);
        draft
    });
    let calendar = item.calendar();
    assert_eq!(line(&calendar.text, "UID").as_deref(), Some("11111111111111111111111111111111"));
    assert_eq!(
        told(&calendar.losses),
        [
            (LossKind::MadeUp, "UID: the item has no PidLidGlobalObjectId"),
            (LossKind::Unreadable, "the item has no start")
        ]
    );
}

#[test]
fn reminders_and_states() {
    let text = |delta: i32, state: i32, busy: i32| {
        stored(|names| {
            let mut draft = appointment(names, "IPM.Appointment");
            draft
                .properties()
                .boolean(names.common(0x8503), true)
                .integer32(names.common(0x8501), delta)
                .integer32(names.appointment(0x8217), state)
                .integer32(names.appointment(0x8205), busy);
            draft
        })
        .calendar()
        .text
    };
    let default = text(0x5AE9_80E1, 0, 0);
    assert_eq!(line(&default, "TRIGGER").as_deref(), Some("-PT15M"));
    assert_eq!(line(&default, "TRANSP").as_deref(), Some("TRANSPARENT"));
    assert_eq!(line(&text(0, 0, 3), "TRIGGER").as_deref(), Some("PT0M"));
    assert_eq!(line(&text(0, 0, 3), "X-MICROSOFT-CDO-BUSYSTATUS").as_deref(), Some("OOF"));
    assert_eq!(line(&text(-5, 0, 1), "TRIGGER").as_deref(), Some("PT5M"));
    assert_eq!(line(&text(-5, 0, 1), "STATUS").as_deref(), Some("TENTATIVE"));
    assert_eq!(line(&text(1, 7, 1), "STATUS").as_deref(), Some("CANCELLED"));
}

#[test]
fn other_classes_are_refused() {
    let error = stored(|_| MessageDraft::new("IPM.Note")).error();
    assert_eq!(error.kind(), ErrorKind::WrongType);
    assert!(error.to_string().contains("IPM.Note"), "{error}");
}
