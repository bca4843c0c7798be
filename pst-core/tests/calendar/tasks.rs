//! Tasks, entries of the journal, notes.

use pst_core::Guid;
use pst_core::convert::LossKind;
use pst_core::convert::calendar::Method;
use pst_core::messaging::recurrence::{EndType, Frequency, LocalMinutes, PatternDays, RecurrencePattern, Weekdays};
use pst_core::write::{AttachmentDraft, MessageDraft};

use crate::kit::{Names, components, line, stored, time, told};

fn task(names: &mut Names<'_>) -> MessageDraft {
    let mut draft = MessageDraft::new("IPM.Task");
    draft.subject("Report").body("Write it");
    draft
        .properties()
        .time(names.task(0x8104), time(2024, 3, 4, 0, 0))
        .time(names.task(0x8105), time(2024, 3, 8, 0, 0))
        .integer32(names.task(0x8101), 1)
        .floating64(names.task(0x8102), 0.25);
    draft
}

#[test]
fn a_task_line_by_line() {
    let calendar = stored(|names| {
        let mut draft = task(names);
        draft
            .properties()
            .boolean(names.common(0x8503), true)
            .time(names.common(0x8560), time(2024, 3, 7, 8, 0))
            .texts(names.common(0x853A), ["Ann"])
            .integer32(0x0017, 0);
        draft
    })
    .calendar();
    assert_eq!((calendar.losses, calendar.method), (vec![], None));
    let expected = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//pst-core//calendar//EN\nBEGIN:VTODO\n\
        UID:11111111111111111111111111111111\nDTSTAMP:20200202T123000Z\nSUMMARY:Report\nDESCRIPTION:Write it\n\
        DTSTART;VALUE=DATE:20240304\nDUE;VALUE=DATE:20240308\nSTATUS:IN-PROCESS\nPERCENT-COMPLETE:25\n\
        CONTACT:Ann\nCLASS:PUBLIC\nPRIORITY:9\nX-MICROSOFT-CDO-IMPORTANCE:0\n\
        CREATED:20200101T000000Z\nLAST-MODIFIED:20200202T123000Z\n\
        BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:REMINDER\nTRIGGER;VALUE=DATE-TIME:20240307T080000Z\nEND:VALARM\n\
        END:VTODO\nEND:VCALENDAR\n";
    assert_eq!(crate::kit::unfolded(&calendar.text), expected);
}

#[test]
fn states_of_a_task() {
    let calendar = |status: i32, complete: bool| {
        stored(|names| {
            let mut draft = task(names);
            let properties = draft.properties();
            properties.integer32(names.task(0x8101), status).boolean(names.task(0x811C), complete);
            if complete {
                properties.time(names.task(0x810F), time(2024, 3, 6, 0, 0)).floating64(names.task(0x8102), 1.0);
            }
            draft
        })
        .calendar()
    };
    let done = calendar(2, true);
    assert_eq!(line(&done.text, "STATUS").as_deref(), Some("COMPLETED"));
    assert_eq!(line(&done.text, "PERCENT-COMPLETE").as_deref(), Some("100"));
    assert_eq!(line(&done.text, "COMPLETED").as_deref(), Some("20240306T000000Z"));
    assert_eq!(line(&calendar(0, false).text, "STATUS").as_deref(), Some("NEEDS-ACTION"));
    let deferred = calendar(4, false);
    assert_eq!(line(&deferred.text, "STATUS").as_deref(), Some("NEEDS-ACTION"));
    assert_eq!(told(&deferred.losses), [(LossKind::Changed, "deferred, told as NEEDS-ACTION")]);
}

/// Every Monday from 2024-02-12 on, six times. The task is at the fourth.
fn mondays() -> RecurrencePattern {
    let local = |day: i64, month: i64| {
        LocalMinutes::new(u32::try_from(time(2024, month, day, 0, 0).ticks() / 600_000_000).unwrap())
    };
    RecurrencePattern {
        versions: [0x3004; 2],
        frequency: Frequency::Weekly,
        days: PatternDays::Week(Weekdays(2)),
        calendar: 0,
        first: LocalMinutes::new(8640),
        period: 1,
        sliding: 0,
        end_type: EndType::Count,
        count: 6,
        first_weekday: 0,
        deleted: Vec::new(),
        modified: Vec::new(),
        start: local(12, 2),
        end: local(18, 3),
    }
}

#[test]
fn a_task_that_repeats_has_what_is_left() {
    let calendar = |pattern: RecurrencePattern| {
        stored(|names| {
            let mut draft = task(names);
            draft.properties().boolean(names.task(0x8126), true).binary(names.task(0x8116), pattern.encode());
            draft
        })
        .calendar()
    };
    let counted = calendar(mondays());
    assert_eq!(line(&counted.text, "RRULE").as_deref(), Some("FREQ=WEEKLY;BYDAY=MO;WKST=SU;COUNT=3"));
    let until = calendar(RecurrencePattern { end_type: EndType::Date, ..mondays() });
    assert_eq!(line(&until.text, "RRULE").as_deref(), Some("FREQ=WEEKLY;BYDAY=MO;WKST=SU;UNTIL=20240318"));
    // The next one begins when this one is done, whenever that is.
    let sliding = calendar(RecurrencePattern { sliding: 1, ..mondays() });
    assert_eq!(line(&sliding.text, "RRULE"), None);
    assert_eq!(told(&sliding.losses), [(LossKind::NoPlace, "a task that is made anew when it is complete")]);
}

#[test]
fn what_a_task_cannot_tell() {
    let calendar = stored(|names| {
        let mut draft = task(names);
        draft
            .properties()
            .integer32(names.task(0x8110), 90)
            .text(names.task(0x811F), "Ann")
            // After the due date.
            .time(names.task(0x8104), time(2024, 3, 9, 0, 0));
        draft
    })
    .calendar();
    assert_eq!(
        told(&calendar.losses),
        [
            (LossKind::Changed, "the start, 2024-03-09, which is after the due date 2024-03-08"),
            (LossKind::NoPlace, "PidLidTaskActualEffort"),
            (LossKind::NoPlace, "PidLidTaskOwner"),
        ]
    );
    assert_eq!(line(&calendar.text, "DTSTART"), None);
    // No date is a date far away.
    let calendar = stored(|names| {
        let mut draft = task(names);
        draft.properties().time(names.task(0x8105), time(4501, 1, 1, 0, 0));
        draft
    })
    .calendar();
    assert_eq!((line(&calendar.text, "DUE"), calendar.losses), (None, vec![]));
}

#[test]
fn a_message_about_a_task_has_it_inside() {
    let calendar = |class: &str| {
        stored(|names| {
            let inner = task(names);
            let mut draft = MessageDraft::new(class);
            draft.subject("Task Request: Report").attach(AttachmentDraft::message("Report", inner));
            draft
        })
        .calendar()
    };
    let request = calendar("IPM.TaskRequest");
    assert_eq!(request.method, Some(Method::Request));
    assert_eq!(line(&request.text, "SUMMARY").as_deref(), Some("Report"));
    assert_eq!(line(&request.text, "DUE").as_deref(), Some(";VALUE=DATE:20240308"));
    assert_eq!(calendar("IPM.TaskRequest.Accept").method, Some(Method::Reply));
}

#[test]
fn an_entry_of_the_journal() {
    let calendar = stored(|names| {
        let mut draft = MessageDraft::new("IPM.Activity");
        draft.subject("Call").body("About it");
        let log = |names: &mut Names<'_>, number| names.number(Guid::PSETID_LOG, number);
        draft
            .properties()
            .text(log(names, 0x8700), "Phone call")
            .time(log(names, 0x8706), time(2024, 3, 4, 10, 0))
            .time(log(names, 0x8708), time(2024, 3, 4, 10, 20))
            .integer32(log(names, 0x8707), 20);
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    let entry = &components(&calendar.text, "VJOURNAL")[0];
    assert_eq!(line(entry, "DTSTART").as_deref(), Some("20240304T100000Z"));
    assert_eq!(line(entry, "SUMMARY").as_deref(), Some("Call"));
    assert_eq!(line(entry, "X-PST-LOG-TYPE").as_deref(), Some("Phone call"));
    assert_eq!(line(entry, "X-PST-LOG-END").as_deref(), Some("20240304T102000Z"));
    assert_eq!(line(entry, "X-PST-LOG-DURATION").as_deref(), Some("PT20M"));
}

#[test]
fn a_note() {
    let calendar = stored(|names| {
        let mut draft = MessageDraft::new("IPM.StickyNote");
        draft.subject("Milk").body("Milk\r\nBread");
        draft.properties().integer32(names.number(Guid::PSETID_NOTE, 0x8B00), 3);
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    let note = &components(&calendar.text, "VJOURNAL")[0];
    assert_eq!(line(note, "DESCRIPTION").as_deref(), Some("Milk\\nBread"));
    assert_eq!(line(note, "COLOR").as_deref(), Some("yellow"));
    assert_eq!(line(note, "DTSTART").as_deref(), Some("20200101T000000Z"));
}
