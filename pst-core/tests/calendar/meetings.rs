//! Meetings: invitations, answers, cancellations, and who takes part.

use pst_core::convert::LossKind;
use pst_core::convert::calendar::{Method, Options};
use pst_core::write::MessageDraft;

use crate::kit::{Names, UID, appointment, components, global_object_id, line, lines, row, stored, time, told};

fn meeting(names: &mut Names<'_>, class: &str) -> MessageDraft {
    let mut draft = appointment(names, class);
    draft.sender("Ann", "ann@example.com");
    draft
        .properties()
        .boolean(0x0063, true)
        .integer32(names.appointment(0x8217), 3)
        .integer32(names.appointment(0x8201), 2)
        .time(names.meeting(0x001A), time(2020, 3, 3, 3, 3));
    draft
}

#[test]
fn an_invitation() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Schedule.Meeting.Request");
        draft.to("Bob", "bob@example.com").cc("Eve, \"E\"", "eve@example.com");
        let mut room = row(3, "Room 5", "SMTP", "room5@example.com");
        room.integer32(0x3905, 7);
        draft.recipient_row(room);
        let mut organizer = row(1, "Ann", "SMTP", "ann@example.com");
        organizer.integer32(0x5FFD, 3);
        draft.recipient_row(organizer);
        draft.properties().text(names.common(0x8536), "Desk; Window");
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    assert_eq!(calendar.method, Some(Method::Request));
    assert_eq!(line(&calendar.text, "METHOD").as_deref(), Some("REQUEST"));
    assert_eq!(line(&calendar.text, "ORGANIZER").as_deref(), Some(";CN=Ann:mailto:ann@example.com"));
    assert_eq!(
        lines(&calendar.text, "ATTENDEE"),
        [
            "ATTENDEE;CN=Bob;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:bob@example.com",
            "ATTENDEE;CN=\"Eve, ^'E^'\";ROLE=OPT-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:eve@example.com",
            "ATTENDEE;CN=Room 5;CUTYPE=ROOM;ROLE=NON-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:room5@example.com",
            "ATTENDEE;CN=Desk;ROLE=REQ-PARTICIPANT:invalid:nomail",
            "ATTENDEE;CN=Window;ROLE=REQ-PARTICIPANT:invalid:nomail",
        ]
    );
    assert_eq!(line(&calendar.text, "DTSTAMP").as_deref(), Some("20200303T030300Z"), "when the organizer changed it");
    assert_eq!(line(&calendar.text, "SEQUENCE").as_deref(), Some("2"));
}

#[test]
fn what_attendees_answered() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Appointment");
        for (status, name) in [(0, "none"), (2, "perhaps"), (3, "yes"), (4, "no"), (5, "silent")] {
            let mut attendee = row(1, name, "SMTP", &format!("{name}@example.com"));
            attendee.integer32(0x5FFF, status).integer32(0x5FFD, 1);
            if status == 3 {
                attendee.time(0x5FFB, time(2020, 4, 4, 4, 4));
            }
            draft.recipient_row(attendee);
        }
        // Was invited once, and no more.
        let mut gone = row(1, "gone", "SMTP", "gone@example.com");
        gone.integer32(0x5FFD, 0x21);
        draft.recipient_row(gone);
        draft
    })
    .calendar();
    let status = |name: &str| {
        let attendees = lines(&calendar.text, "ATTENDEE");
        let attendee = attendees.iter().find(|line| line.contains(&format!("CN={name};")))?;
        Some(attendee.split("PARTSTAT=").nth(1)?.split([';', ':']).next()?.to_owned())
    };
    assert_eq!(status("none").as_deref(), Some("NEEDS-ACTION"));
    assert_eq!(status("perhaps").as_deref(), Some("TENTATIVE"));
    assert_eq!(status("yes").as_deref(), Some("ACCEPTED"));
    assert_eq!(status("no").as_deref(), Some("DECLINED"));
    assert_eq!(status("silent").as_deref(), Some("NEEDS-ACTION"));
    assert_eq!(status("gone"), None);
    assert!(crate::kit::unfolded(&calendar.text).contains(";X-MS-OLK-RESPTIME=20200404T040400Z:mailto:yes@"));
}

#[test]
fn the_owners_answer_stands_in_the_item() {
    let calendar = |others: &[&str], owner: Option<&str>| {
        stored(|names| {
            let mut draft = meeting(names, "IPM.Appointment");
            draft.to("Bob", "bob@example.com");
            others.iter().for_each(|name| {
                draft.to(name, &format!("{name}@example.com"));
            });
            draft.properties().integer32(names.appointment(0x8218), 3);
            if let Some(owner) = owner {
                draft.properties().text(0x5D07, owner);
            }
            draft
        })
        .calendar()
    };
    let accepted = |text: &str| {
        lines(text, "ATTENDEE").into_iter().filter(|line| line.contains("PARTSTAT=ACCEPTED")).collect::<Vec<_>>()
    };
    let known = calendar(&["eve"], Some("EVE@example.com"));
    assert!(accepted(&known.text)[0].contains("CN=eve"));
    assert_eq!(known.losses, []);
    let only = calendar(&[], None);
    assert!(accepted(&only.text)[0].contains("CN=Bob"));
    let unknown = calendar(&["eve"], None);
    assert_eq!(accepted(&unknown.text), Vec::<String>::new());
    assert_eq!(told(&unknown.losses), [(LossKind::NoPlace, "the owner's own answer: ACCEPTED")]);
}

#[test]
fn answers() {
    for (class, counter, method, status) in [
        ("IPM.Schedule.Meeting.Resp.Pos", false, Method::Reply, "ACCEPTED"),
        ("IPM.Schedule.Meeting.Resp.Neg", false, Method::Reply, "DECLINED"),
        ("IPM.Schedule.Meeting.Resp.Tent", false, Method::Reply, "TENTATIVE"),
        ("IPM.Schedule.Meeting.Resp.Tent", true, Method::Counter, "TENTATIVE"),
    ] {
        let calendar = stored(|names| {
            let mut draft = meeting(names, class);
            draft.to("Otto", "otto@example.com");
            let properties = draft.properties();
            properties.time(names.meeting(0x0001), time(2020, 5, 5, 5, 5));
            if counter {
                properties
                    .boolean(names.appointment(0x8257), true)
                    .time(names.appointment(0x8250), time(2016, 8, 3, 17, 0))
                    .time(names.appointment(0x8251), time(2016, 8, 3, 18, 0));
            }
            draft
        })
        .calendar();
        assert_eq!(calendar.losses, []);
        assert_eq!(calendar.method, Some(method));
        assert_eq!(line(&calendar.text, "ORGANIZER").as_deref(), Some(";CN=Otto:mailto:otto@example.com"));
        let expected = format!(";CN=Ann;ROLE=REQ-PARTICIPANT;PARTSTAT={status}:mailto:ann@example.com");
        assert_eq!(line(&calendar.text, "ATTENDEE"), Some(expected));
        assert_eq!(line(&calendar.text, "DTSTAMP").as_deref(), Some("20200505T050500Z"));
        assert_eq!(line(&calendar.text, "STATUS"), None);
        let event = &components(&calendar.text, "VEVENT")[0];
        let day = if counter { "20160803T100000" } else { "20160802T100000" };
        assert_eq!(line(event, "DTSTART"), Some(format!(";TZID=Pacific Standard Time:{day}")));
        let original = line(event, "X-MS-OLK-ORIGINALSTART");
        assert_eq!(original, counter.then(|| ";TZID=Pacific Standard Time:20160802T100000".to_owned()));
    }
}

#[test]
fn a_cancellation() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Schedule.Meeting.Canceled");
        draft.to("Bob", "bob@example.com");
        draft
    })
    .calendar();
    assert_eq!(calendar.method, Some(Method::Cancel));
    assert_eq!(line(&calendar.text, "STATUS").as_deref(), Some("CANCELLED"));
    assert_eq!(line(&calendar.text, "UID").as_deref(), Some(UID));
}

#[test]
fn a_message_about_one_occurrence_says_which() {
    let calendar = |with_time: bool, packed: bool| {
        stored(|names| {
            let mut draft = meeting(names, "IPM.Schedule.Meeting.Request");
            // The 2nd of August 2016 has become another time of that day.
            draft.properties().binary(names.meeting(0x0003), global_object_id([0x07, 0xE0, 8, 2]));
            if with_time {
                draft.properties().time(names.appointment(0x8228), time(2016, 8, 2, 15, 0));
            }
            if packed {
                draft.properties().integer32(names.meeting(0x000E), (8 << 12) | (30 << 6));
            }
            draft
        })
        .calendar()
    };
    let exact = calendar(true, false);
    assert_eq!(line(&exact.text, "RECURRENCE-ID").as_deref(), Some(";TZID=Pacific Standard Time:20160802T080000"));
    assert_eq!(line(&exact.text, "UID").as_deref(), Some(UID), "that of the series");
    assert_eq!(line(&exact.text, "X-MICROSOFT-CDO-INSTTYPE").as_deref(), Some("3"));
    let packed = calendar(false, true);
    assert_eq!(line(&packed.text, "RECURRENCE-ID").as_deref(), Some(";TZID=Pacific Standard Time:20160802T083000"));
    let day = calendar(false, false);
    assert_eq!(line(&day.text, "RECURRENCE-ID").as_deref(), Some(";VALUE=DATE:20160802"));
    assert_eq!(
        told(&day.losses),
        [(LossKind::Changed, "the occurrence of 2016-08-02, told as a day without its time")]
    );
}

/// Addresses of Exchange: one that another row translates, one that nothing does, and one in a one-off entry id.
#[test]
fn addresses_that_are_not_smtp() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Schedule.Meeting.Request");
        let properties = draft.properties();
        for id in [0x5D01, 0x5D02, 0x0C19, 0x0041] {
            properties.remove(id);
        }
        for (kind, address) in [(0x0064, 0x0065), (0x0C1E, 0x0C1F)] {
            properties.text(kind, "EX").text(address, "/O=ORG/CN=ANN");
        }
        let mut ann = row(2, "Ann", "EX", "/o=Org/cn=Ann");
        ann.text(0x39FE, "ann@example.com");
        draft.recipient_row(ann);
        draft.recipient_row(row(1, "Bob", "EX", "/o=Org/cn=Bob"));
        let mut eve = row(1, "Eve", "EX", "/o=Org/cn=Eve");
        let wide: Vec<u8> = "Eve\0SMTP\0eve@example.com\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let provider = crate::kit::bytes("812B1FA4BEA310199D6E00DD010F5402");
        eve.binary(0x0FFF, [&[0; 4][..], &provider, &[0, 0, 1, 0x80], &wide].concat());
        draft.recipient_row(eve);
        draft
    })
    .calendar();
    assert_eq!(line(&calendar.text, "ORGANIZER").as_deref(), Some(";CN=Ann:mailto:ann@example.com"));
    let attendees = lines(&calendar.text, "ATTENDEE");
    assert!(attendees[1].ends_with(":invalid:nomail") && attendees[1].contains("CN=Bob;"), "{attendees:?}");
    assert!(attendees[2].ends_with(":mailto:eve@example.com"), "{attendees:?}");
    assert_eq!(told(&calendar.losses), [(LossKind::Changed, "Bob has no SMTP address, only EX:/o=Org/cn=Bob")]);
}

#[test]
fn an_appointment_of_ones_own_has_no_organizer() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Appointment");
        draft.properties().integer32(names.appointment(0x8217), 0);
        let mut own = row(1, "Ann", "SMTP", "ann@example.com");
        own.integer32(0x5FFD, 3);
        draft.recipient_row(own);
        draft
    })
    .calendar();
    assert_eq!((line(&calendar.text, "ORGANIZER"), line(&calendar.text, "ATTENDEE")), (None, None));
}

#[test]
fn a_delegate_sends_in_the_organizers_name() {
    let calendar = stored(|names| {
        let mut draft = meeting(names, "IPM.Schedule.Meeting.Request");
        draft.sender("Desk", "desk@example.com").represented("Ann", "ann@example.com");
        draft
    })
    .calendar();
    assert_eq!(
        line(&calendar.text, "ORGANIZER").as_deref(),
        Some(";CN=Ann;SENT-BY=\"mailto:desk@example.com\":mailto:ann@example.com")
    );
}

#[test]
fn a_calendar_that_was_kept_is_given_back() {
    let kept = "BEGIN:VCALENDAR\nMETHOD:REQUEST\nX-OWN:1\nBEGIN:VEVENT\nUID:x\nEND:VEVENT\nEND:VCALENDAR\n";
    let item = |class: &str, stream: &str| {
        stored(|names| {
            let mut draft = meeting(names, class);
            draft.properties().binary(names.appointment(0x827A), stream.as_bytes());
            draft
        })
    };
    let calendar = item("IPM.Schedule.Meeting.Request", kept).calendar();
    assert_eq!(calendar.text, kept.replace('\n', "\r\n"));
    assert_eq!((calendar.method, calendar.losses), (Some(Method::Request), vec![]));
    // A caller may want it made anew.
    let mut options = Options::default();
    options.inbound = false;
    let anew = item("IPM.Schedule.Meeting.Request", kept).calendar_with(&options);
    assert_eq!(line(&anew.text, "UID").as_deref(), Some(UID));
    // A damaged one is told, and the properties speak.
    let damaged = item("IPM.Schedule.Meeting.Request", &kept[..kept.len() - 4]).calendar();
    assert_eq!(line(&damaged.text, "UID").as_deref(), Some(UID));
    assert_eq!(
        told(&damaged.losses),
        [(LossKind::Unreadable, "the calendar it came with: a component does not end as it began")]
    );
    // An entry of the calendar may have changed since.
    let entry = item("IPM.Appointment", kept).calendar();
    assert_eq!(line(&entry.text, "UID").as_deref(), Some(UID));
}

#[test]
fn a_notice_has_no_method() {
    let calendar = stored(|names| meeting(names, "IPM.Schedule.Meeting.Notification.Forward")).calendar();
    assert_eq!((calendar.method, line(&calendar.text, "METHOD")), (None, None));
    assert_eq!(
        told(&calendar.losses),
        [(LossKind::NoPlace, "what ipm.schedule.meeting.notification.forward is for: it has no method")]
    );
}
