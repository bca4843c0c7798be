//! Events that repeat.

use pst_core::convert::LossKind;
use pst_core::messaging::recurrence::{
    AppointmentRecurrence, EndType, Frequency, LocalMinutes, PatternDays, RecurrenceException, RecurrencePattern,
    Weekdays,
};
use pst_core::write::{AttachmentDraft, MessageDraft};

use crate::kit::{Names, PACIFIC, PACIFIC_STRUCT, appointment, bytes, components, line, lines, stored, time, told};

const EXCEPTION: &str = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";

/// Minutes since 1601 of a local time.
fn local(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> LocalMinutes {
    let ticks = time(year, month, day, hour, minute).ticks();
    LocalMinutes::new(u32::try_from(ticks / 600_000_000).unwrap())
}

/// Every Tuesday from 10:00 to 11:00, from 2016-08-02 on.
fn tuesdays() -> AppointmentRecurrence {
    AppointmentRecurrence {
        pattern: RecurrencePattern {
            versions: [0x3004; 2],
            frequency: Frequency::Weekly,
            days: PatternDays::Week(Weekdays(4)),
            calendar: 0,
            first: LocalMinutes::new(8640),
            period: 1,
            sliding: 0,
            end_type: EndType::Never { number: 0x2023 },
            count: 10,
            first_weekday: 0,
            deleted: Vec::new(),
            modified: Vec::new(),
            start: local(2016, 8, 2, 0, 0),
            end: LocalMinutes::NO_END,
        },
        versions: [0x3006, 0x3009],
        start_offset: 600,
        end_offset: 660,
        exceptions: Vec::new(),
        reserved: [Vec::new(), Vec::new()],
    }
}

fn series(names: &mut Names<'_>, recurrence: &AppointmentRecurrence) -> MessageDraft {
    let mut draft = appointment(names, "IPM.Appointment");
    draft
        .properties()
        .boolean(names.appointment(0x8223), true)
        .binary(names.appointment(0x8216), recurrence.encode())
        .binary(names.appointment(0x8233), bytes(PACIFIC_STRUCT))
        .binary(names.appointment(0x8260), bytes(PACIFIC));
    draft
}

#[test]
fn a_rule_with_its_ends() {
    for (end_type, count, end, expected) in [
        (EndType::Never { number: 0x2023 }, 10, LocalMinutes::NO_END, ""),
        (EndType::Never { number: u32::MAX }, 0, LocalMinutes::NO_END, ""),
        (EndType::Count, 12, local(2016, 10, 18, 0, 0), ";COUNT=12"),
        // The last start, at ten in summer time.
        (EndType::Date, 10, local(2016, 10, 18, 0, 0), ";UNTIL=20161018T170000Z"),
        // And in winter.
        (EndType::Date, 10, local(2016, 11, 8, 0, 0), ";UNTIL=20161108T180000Z"),
        // A count of none: the date counts.
        (EndType::Count, 0, local(2016, 10, 18, 0, 0), ";UNTIL=20161018T170000Z"),
    ] {
        let mut recurrence = tuesdays();
        (recurrence.pattern.end_type, recurrence.pattern.count, recurrence.pattern.end) = (end_type, count, end);
        let calendar = stored(|names| series(names, &recurrence)).calendar();
        assert_eq!(calendar.losses, []);
        let event = &components(&calendar.text, "VEVENT")[0];
        assert_eq!(line(event, "RRULE"), Some(format!("FREQ=WEEKLY;BYDAY=TU;WKST=SU{expected}")));
        assert_eq!(line(event, "DTSTART").as_deref(), Some(";TZID=Pacific Standard Time:20160802T100000"));
        assert_eq!(line(event, "DTEND").as_deref(), Some(";TZID=Pacific Standard Time:20160802T110000"));
        assert_eq!(line(event, "X-MICROSOFT-CDO-INSTTYPE").as_deref(), Some("1"));
    }
}

/// Two changed occurrences and a deleted one; one of the two has a message of its own.
#[test]
fn changed_and_deleted_occurrences() {
    let mut recurrence = tuesdays();
    recurrence.pattern.deleted = vec![local(2016, 8, 9, 0, 0), local(2016, 8, 16, 0, 0), local(2016, 8, 23, 0, 0)];
    recurrence.pattern.modified = vec![local(2016, 8, 17, 0, 0), local(2016, 8, 23, 0, 0)];
    recurrence.exceptions = vec![
        RecurrenceException {
            start: local(2016, 8, 17, 9, 0),
            end: local(2016, 8, 17, 9, 30),
            original_start: local(2016, 8, 16, 10, 0),
            subject: Some(b"M?ved".to_vec()),
            wide_subject: Some("Möved".to_owned()),
            busy_status: Some(0),
            reminder_set: Some(0),
            change_highlight: Some(vec![0; 4]),
            ..RecurrenceException::default()
        },
        RecurrenceException {
            start: local(2016, 8, 23, 12, 0),
            end: local(2016, 8, 23, 13, 0),
            original_start: local(2016, 8, 23, 10, 0),
            location: Some(b"B\xFCro".to_vec()),
            wide_location: Some("Büro".to_owned()),
            other_flags: 0x0200,
            change_highlight: Some(vec![0; 4]),
            ..RecurrenceException::default()
        },
    ];
    let calendar = stored(|names| {
        let mut draft = series(names, &recurrence);
        draft.body("Series").to("Bob", "bob@example.com");
        draft
            .properties()
            .integer32(names.appointment(0x8217), 1)
            .boolean(names.common(0x8503), true)
            .integer32(names.common(0x8501), 10);
        draft.sender("Ann", "ann@example.com");
        let mut changed = MessageDraft::new(EXCEPTION);
        changed.body("Changed").to("Eve", "eve@example.com");
        changed
            .properties()
            .time(names.appointment(0x8228), time(2016, 8, 23, 17, 0))
            .time(names.appointment(0x820D), time(2016, 8, 23, 19, 0))
            .time(0x3008, time(2016, 8, 1, 0, 0));
        draft.attach(AttachmentDraft::message("Untitled", changed));
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    let events = components(&calendar.text, "VEVENT");
    let [master, moved, longer] = &events[..] else { panic!("three components") };
    let zoned = |text: &str| Some(format!(";TZID=Pacific Standard Time:{text}"));
    assert_eq!(lines(master, "EXDATE"), ["EXDATE;TZID=Pacific Standard Time:20160809T100000"]);
    assert_eq!(line(master, "RECURRENCE-ID"), None);
    assert!(lines(master, "ATTACH").is_empty(), "a changed occurrence is no attachment");

    assert_eq!(line(moved, "RECURRENCE-ID"), zoned("20160816T100000"));
    assert_eq!((line(moved, "DTSTART"), line(moved, "DTEND")), (zoned("20160817T090000"), zoned("20160817T093000")));
    assert_eq!(line(moved, "SUMMARY").as_deref(), Some("Möved"));
    assert_eq!(line(moved, "DESCRIPTION").as_deref(), Some("Series"));
    assert_eq!(line(moved, "X-MICROSOFT-CDO-BUSYSTATUS").as_deref(), Some("FREE"));
    assert_eq!(components(moved, "VALARM"), Vec::<String>::new());
    assert_eq!(line(moved, "ATTENDEE").unwrap(), line(master, "ATTENDEE").unwrap());
    assert_eq!((line(moved, "UID"), line(moved, "RRULE")), (line(master, "UID"), None));

    assert_eq!(line(longer, "RECURRENCE-ID"), zoned("20160823T100000"));
    assert_eq!(line(longer, "DTSTART"), zoned("20160823T120000"));
    assert_eq!(line(longer, "SUMMARY").as_deref(), Some("Test"));
    assert_eq!(line(longer, "LOCATION").as_deref(), Some("Büro"));
    assert_eq!(line(longer, "DESCRIPTION").as_deref(), Some("Changed"));
    assert!(line(longer, "ATTENDEE").unwrap().ends_with("mailto:eve@example.com"));
    assert_eq!(line(longer, "LAST-MODIFIED").as_deref(), Some("20160801T000000Z"));
    assert_eq!(line(longer, "TRIGGER").as_deref(), Some("-PT10M"));
}

#[test]
fn what_only_one_side_knows() {
    // A message of a changed occurrence without an exception in the recurrence, and an exception on a day that is not of
    // the pattern.
    let mut recurrence = tuesdays();
    recurrence.pattern.modified = vec![local(2016, 8, 18, 0, 0)];
    recurrence.exceptions = vec![RecurrenceException {
        start: local(2016, 8, 18, 10, 0),
        end: local(2016, 8, 18, 11, 0),
        original_start: local(2016, 8, 17, 10, 0),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    }];
    let calendar = stored(|names| {
        let mut draft = series(names, &recurrence);
        let mut changed = MessageDraft::new(EXCEPTION);
        changed
            .properties()
            .time(names.appointment(0x8228), time(2016, 8, 30, 17, 0))
            .time(names.appointment(0x820D), time(2016, 8, 30, 20, 0))
            .time(names.appointment(0x820E), time(2016, 8, 30, 21, 0));
        draft.attach(AttachmentDraft::message("Untitled", changed));
        draft
    })
    .calendar();
    let events = components(&calendar.text, "VEVENT");
    assert_eq!(lines(&events[0], "RDATE"), ["RDATE;TZID=Pacific Standard Time:20160817T100000"]);
    assert_eq!(line(&events[2], "RECURRENCE-ID").as_deref(), Some(";TZID=Pacific Standard Time:20160830T100000"));
    assert_eq!(line(&events[2], "DTSTART").as_deref(), Some(";TZID=Pacific Standard Time:20160830T130000"));
    assert_eq!(line(&events[2], "DTEND").as_deref(), Some(";TZID=Pacific Standard Time:20160830T140000"));
    assert_eq!(
        told(&calendar.losses),
        [(LossKind::Changed, "a changed occurrence at 2016-08-30T10:00:00, which the recurrence does not know")]
    );
}

#[test]
fn an_exception_is_of_the_occurrence_of_its_day() {
    // Some writers store the day alone.
    let mut recurrence = tuesdays();
    recurrence.exceptions = vec![RecurrenceException {
        start: local(2016, 8, 16, 12, 0),
        end: local(2016, 8, 16, 13, 0),
        original_start: local(2016, 8, 16, 0, 0),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    }];
    recurrence.pattern.modified = vec![local(2016, 8, 16, 0, 0)];
    let calendar = stored(|names| series(names, &recurrence)).calendar();
    let events = components(&calendar.text, "VEVENT");
    assert_eq!(line(&events[1], "RECURRENCE-ID").as_deref(), Some(";TZID=Pacific Standard Time:20160816T100000"));
    assert_eq!(lines(&events[0], "RDATE"), Vec::<String>::new());
    assert_eq!(
        told(&calendar.losses),
        [(
            LossKind::Changed,
            "the changed occurrence of 2016-08-16T00:00:00, which is at 2016-08-16T10:00:00 by the rule, and told so"
        )]
    );
}

#[test]
fn a_rule_that_was_left_behind() {
    let calendar = stored(|names| {
        let mut draft = series(names, &tuesdays());
        draft.properties().boolean(names.appointment(0x8223), false);
        draft
    })
    .calendar();
    assert_eq!(line(&components(&calendar.text, "VEVENT")[0], "RRULE"), None);
    assert_eq!(told(&calendar.losses), [(LossKind::NoPlace, "the rule of an item that says it does not repeat")]);
}

#[test]
fn all_day_series_have_days() {
    let mut recurrence = tuesdays();
    (recurrence.start_offset, recurrence.end_offset) = (0, 2 * 1440);
    recurrence.pattern.end_type = EndType::Date;
    recurrence.pattern.end = local(2016, 9, 6, 0, 0);
    recurrence.pattern.deleted = vec![local(2016, 8, 9, 0, 0), local(2016, 8, 16, 0, 0)];
    recurrence.pattern.modified = vec![local(2016, 8, 17, 0, 0)];
    recurrence.exceptions = vec![RecurrenceException {
        start: local(2016, 8, 17, 0, 0),
        end: local(2016, 8, 18, 0, 0),
        original_start: local(2016, 8, 16, 0, 0),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    }];
    let calendar = stored(|names| {
        let mut draft = series(names, &recurrence);
        draft
            .properties()
            .boolean(names.appointment(0x8215), true)
            .time(names.appointment(0x820D), time(2016, 8, 2, 7, 0));
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    let events = components(&calendar.text, "VEVENT");
    let [master, moved] = &events[..] else { panic!("two components") };
    assert_eq!(line(master, "DTSTART").as_deref(), Some(";VALUE=DATE:20160802"));
    assert_eq!(line(master, "DTEND").as_deref(), Some(";VALUE=DATE:20160804"));
    assert_eq!(line(master, "RRULE").as_deref(), Some("FREQ=WEEKLY;BYDAY=TU;WKST=SU;UNTIL=20160906"));
    assert_eq!(line(master, "EXDATE").as_deref(), Some(";VALUE=DATE:20160809"));
    assert_eq!(line(moved, "RECURRENCE-ID").as_deref(), Some(";VALUE=DATE:20160816"));
    assert_eq!(line(moved, "DTSTART").as_deref(), Some(";VALUE=DATE:20160817"));
    assert_eq!(line(moved, "DTEND").as_deref(), Some(";VALUE=DATE:20160818"));
    assert_eq!(components(&calendar.text, "VTIMEZONE"), Vec::<String>::new(), "days need no zone");
}

#[test]
fn the_first_occurrence_begins_the_series() {
    // The range begins on a Wednesday, the first Tuesday is six days later.
    let mut recurrence = tuesdays();
    recurrence.pattern.start = local(2016, 8, 3, 0, 0);
    let calendar = stored(|names| {
        let mut draft = series(names, &recurrence);
        draft.properties().time(names.appointment(0x820D), time(2016, 8, 9, 17, 0));
        draft
    })
    .calendar();
    let event = &components(&calendar.text, "VEVENT")[0];
    assert_eq!(line(event, "DTSTART").as_deref(), Some(";TZID=Pacific Standard Time:20160809T100000"));
    assert_eq!(calendar.losses, []);
    // The item says another time than its recurrence.
    let calendar = stored(|names| series(names, &recurrence)).calendar();
    assert_eq!(
        told(&calendar.losses),
        [(
            LossKind::Changed,
            "the item begins at 2016-08-02T17:00:00 UTC, its recurrence at 2016-08-09T10:00:00, which is told"
        )]
    );
}

#[test]
fn a_series_without_a_zone_has_the_offset_of_its_start() {
    let calendar = stored(|names| {
        let mut draft = series(names, &tuesdays());
        for number in [0x8233, 0x825E, 0x825F, 0x8260] {
            draft.properties().remove(names.appointment(number));
        }
        draft
    })
    .calendar();
    assert_eq!(told(&calendar.losses), [(LossKind::MadeUp, "the series has no time zone; a fixed offset is used")]);
    let event = &components(&calendar.text, "VEVENT")[0];
    assert_eq!(line(event, "DTSTART").as_deref(), Some(";TZID=\"UTC-07:00\":20160802T100000"));
    let zone = &components(&calendar.text, "VTIMEZONE")[0];
    assert_eq!(line(zone, "TZOFFSETTO").as_deref(), Some("-0700"));
}

#[test]
fn the_struct_decides_where_the_definition_differs() {
    // The definition says Pacific time, the older property an hour east of it.
    let mut mountain = bytes(PACIFIC_STRUCT);
    mountain[..4].copy_from_slice(&420i32.to_le_bytes());
    let calendar = stored(|names| {
        let mut draft = series(names, &tuesdays());
        draft
            .properties()
            .binary(names.appointment(0x8233), mountain)
            .text(names.appointment(0x8234), "(UTC-07:00) Mountain Time")
            .time(names.appointment(0x820D), time(2016, 8, 2, 16, 0));
        draft
    })
    .calendar();
    assert_eq!(calendar.losses, []);
    let event = &components(&calendar.text, "VEVENT")[0];
    assert_eq!(line(event, "DTSTART").as_deref(), Some(";TZID=\"(UTC-07:00) Mountain Time\":20160802T100000"));
    assert_eq!(line(&components(&calendar.text, "VTIMEZONE")[0], "TZID").as_deref(), Some("(UTC-07:00) Mountain Time"));
}

#[test]
fn a_rule_of_another_calendar() {
    let mut recurrence = tuesdays();
    recurrence.pattern.calendar = 8;
    recurrence.pattern.days = PatternDays::Month(3);
    recurrence.pattern.period = 12;
    recurrence.pattern.deleted = vec![local(2017, 8, 26, 0, 0)];
    let calendar = stored(|names| series(names, &recurrence)).calendar();
    let event = &components(&calendar.text, "VEVENT")[0];
    assert_eq!(line(event, "RRULE"), None);
    assert_eq!(line(event, "X-MICROSOFT-RRULE").as_deref(), Some("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=3"));
    assert_eq!(lines(event, "X-MICROSOFT-EXDATE").len(), 1);
    assert_eq!(
        told(&calendar.losses),
        [(LossKind::NoPlace, "a rule of the Hebrew calendar, told in X-MICROSOFT-RRULE only")]
    );
}

#[test]
fn a_damaged_recurrence_leaves_the_event() {
    let whole = tuesdays().encode();
    for (stored_blob, kinds) in [
        (whole[..20].to_vec(), vec![LossKind::Changed, LossKind::Unreadable, LossKind::NoPlace]),
        (vec![0xFF; 64], vec![LossKind::Changed; 4]),
    ] {
        let calendar = stored(|names| {
            let mut draft = series(names, &tuesdays());
            draft.properties().binary(names.appointment(0x8216), stored_blob);
            draft
        })
        .calendar();
        let event = &components(&calendar.text, "VEVENT")[0];
        assert_eq!(line(event, "DTSTART").as_deref(), Some(";TZID=Pacific Standard Time:20160802T100000"));
        assert_eq!(line(event, "RRULE"), None);
        let found: Vec<_> = calendar.losses.iter().map(|loss| loss.kind).take(kinds.len()).collect();
        assert_eq!(found, kinds);
    }
}

/// A recurrence of a few kilobytes with a large body must not become gigabytes.
#[test]
fn changed_occurrences_end_at_the_limit() {
    let mut recurrence = tuesdays();
    let exception = |number: i64| RecurrenceException {
        start: local(2016, 8, 2, 11, number % 60),
        end: local(2016, 8, 2, 12, number % 60),
        original_start: local(2016, 8, 2, 10, number % 60),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    };
    recurrence.exceptions = (0..2000).map(exception).collect();
    recurrence.pattern.modified = vec![local(2016, 8, 2, 0, 0); 2000];
    let item = stored(|names| {
        let mut draft = series(names, &recurrence);
        draft.body(&"long ".repeat(20_000));
        draft
    });
    let mut options = pst_core::convert::calendar::Options::default();
    options.output_bytes = 1 << 20;
    let calendar = item.calendar_with(&options);
    assert!(calendar.text.len() < 2 << 20, "{}", calendar.text.len());
    assert_eq!(
        told(&calendar.losses).last(),
        Some(&(LossKind::TooLarge, "further changed occurrences: the calendar is at its limit"))
    );
}
