//! Generated appointments that do not repeat, meeting messages, and tasks.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::civil::date;
use pst_core::Guid;
use pst_core::messaging::recurrence::{EndType, Frequency, LocalMinutes, PatternDays, RecurrencePattern, Weekdays};
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::{FolderId, MessageDraft, Properties};

use super::generated::{Store, utc};
use super::zones::{BERLIN, PACIFIC, SYDNEY, Zone};

type Expected = BTreeMap<&'static str, Vec<&'static str>>;

/// Text that every escape is needed for.
const TEXT: &str = "Grüße; a, b\\n and \"c\" \u{65E5}\u{672C}\u{8A9E} \u{1F600} ^ % : é, long enough that its line has to be \
    folded more than once, between characters and not within them: ééééééééééééééééééééééééééééééééééééééé";

pub(super) fn write(store: &mut Store, folder: FolderId, expected: &mut Expected) -> Result<()> {
    single(store, folder, expected)?;
    meetings(store, folder)?;
    tasks(store)
}

/// An item from a time to another, shown in one zone and another.
fn item(
    store: &mut Store,
    class: &str,
    subject: &str,
    [start, end]: [&str; 2],
    zones: Option<[Zone; 2]>,
) -> Result<MessageDraft> {
    let mut draft = MessageDraft::new(class);
    draft.subject(subject).created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
    let id = store.global_id([0; 4]);
    draft
        .properties()
        .binary(store.name(Guid::PSETID_MEETING, 0x0003)?, id.clone())
        .binary(store.name(Guid::PSETID_MEETING, 0x0023)?, id)
        .time(store.appointment(0x820D)?, utc(start)?)
        .time(store.appointment(0x820E)?, utc(end)?);
    if let Some([first, last]) = zones {
        draft
            .properties()
            .binary(store.appointment(0x825E)?, first.definition(2))
            .binary(store.appointment(0x825F)?, last.definition(2));
    }
    Ok(draft)
}

fn single(store: &mut Store, folder: FolderId, expected: &mut Expected) -> Result<()> {
    const APPOINTMENT: &str = "IPM.Appointment";
    let pacific = Some([PACIFIC; 2]);
    for (subject, start, end, zones) in [
        ("Morning", "2016-08-02T17:00", "2016-08-02T18:00", pacific),
        ("From one zone to another", "2024-07-01T22:00", "2024-07-02T09:00", Some([PACIFIC, BERLIN])),
        ("The second time of the hour that comes twice", "2024-11-03T09:30", "2024-11-03T10:30", pacific),
        ("A night on which clocks change", "2024-03-10T06:00", "2024-03-10T13:00", pacific),
        ("In a summer of the south", "2024-01-10T22:00", "2024-01-10T23:00", Some([SYDNEY; 2])),
        ("Under the rule of an earlier year", "2006-03-20T17:00", "2006-03-20T18:00", pacific),
        ("Somewhere", "2024-05-05T05:05", "2024-05-05T05:06", None),
        ("A moment", "2024-05-05T05:05", "2024-05-05T05:05", None),
        (TEXT, "2024-05-05T05:05", "2024-05-05T06:05", None),
    ] {
        let mut draft = item(store, APPOINTMENT, subject, [start, end], zones)?;
        draft.body(&format!("{TEXT}\r\n\r\n{TEXT}\r\nend"));
        draft
            .properties()
            .text(store.appointment(0x8208)?, TEXT)
            .integer32(store.appointment(0x8205)?, 3)
            .integer32(store.appointment(0x8201)?, 4)
            .boolean(store.common(0x8503)?, true)
            .integer32(store.common(0x8501)?, 45)
            .integer32(0x0036, 2)
            .integer32(0x0017, 2);
        let keywords = PropertyName::String("Keywords".to_owned());
        let keywords = store.out.named_property(PropertySet::PublicStrings, keywords)?;
        draft.properties().texts(keywords, ["Red, dark", "Work"]);
        store.out.message(folder, draft)?;
        expected.insert(subject, vec![start]);
    }
    for (subject, times, zone, day) in [
        ("Two days in Berlin", ["2024-07-09T22:00", "2024-07-11T22:00"], Some([BERLIN; 2]), "2024-07-10"),
        ("A day in Sydney", ["2024-01-09T13:00", "2024-01-10T13:00"], Some([SYDNEY; 2]), "2024-01-10"),
        ("A day on which clocks change", ["2024-11-03T07:00", "2024-11-04T08:00"], pacific, "2024-11-03"),
        ("A day anywhere", ["2024-05-05", "2024-05-06"], None, "2024-05-05"),
    ] {
        let mut draft = item(store, APPOINTMENT, subject, times, zone)?;
        draft.properties().boolean(store.appointment(0x8215)?, true).integer32(store.appointment(0x8205)?, 0);
        store.out.message(folder, draft)?;
        expected.insert(subject, vec![day]);
    }
    Ok(())
}

/// A row of the recipient table.
fn row(kind: i32, name: &str, address: &str, flags: i32, answer: i32) -> Properties {
    let mut row = Properties::new();
    row.integer32(0x0C15, kind).text(0x3001, name).text(0x3002, "SMTP").text(0x3003, address);
    row.integer32(0x5FFD, flags).integer32(0x5FFF, answer);
    row
}

fn meetings(store: &mut Store, folder: FolderId) -> Result<()> {
    const TIMES: [&str; 2] = ["2024-07-09T15:00", "2024-07-09T16:30"];
    for (class, subject) in [
        ("IPM.Appointment", "Planning, as the organizer has it"),
        ("IPM.Schedule.Meeting.Request", "Planning"),
        ("IPM.Schedule.Meeting.Canceled", "Canceled: Planning"),
    ] {
        let mut draft = item(store, class, subject, TIMES, Some([PACIFIC; 2]))?;
        draft.body("Shall we?").represented("Ann, Dr.", "ann@example.com").sender("Ann, Dr.", "ann@example.com");
        draft
            .recipient_row(row(1, "Ann, Dr.", "ann@example.com", 3, 0))
            .recipient_row(row(1, "Bob \"B\" Brook", "bob@example.com", 1, 3))
            .recipient_row(row(2, "Çem", "cem+x@example.com", 1, 4))
            .recipient_row(row(3, "Room 5", "room5@example.com", 1, 0));
        draft
            .properties()
            .integer32(store.appointment(0x8217)?, if class == "IPM.Appointment" { 1 } else { 3 })
            .boolean(0x0063, true)
            .integer32(store.appointment(0x8201)?, 1);
        store.out.message(folder, draft)?;
    }
    for (class, subject) in [
        ("IPM.Schedule.Meeting.Resp.Pos", "Accepted: Planning"),
        ("IPM.Schedule.Meeting.Resp.Neg", "Declined: Planning"),
        ("IPM.Schedule.Meeting.Resp.Tent", "Tentative: Planning"),
    ] {
        let mut draft = item(store, class, subject, TIMES, Some([PACIFIC; 2]))?;
        draft.represented("Bob", "bob@example.com").sender("Bob", "bob@example.com").to("Ann", "ann@example.com");
        if class.ends_with("Tent") {
            draft
                .properties()
                .boolean(store.appointment(0x8257)?, true)
                .time(store.appointment(0x8250)?, utc("2024-07-10T15:00")?)
                .time(store.appointment(0x8251)?, utc("2024-07-10T16:30")?);
        }
        store.out.message(folder, draft)?;
    }
    // One occurrence of a series, moved.
    let mut draft = item(store, "IPM.Schedule.Meeting.Request", "One of a series", TIMES, Some([PACIFIC; 2]))?;
    let id = store.global_id([0x07, 0xE8, 7, 8]);
    draft.represented("Ann", "ann@example.com").sender("Ann", "ann@example.com").to("Bob", "bob@example.com");
    draft
        .properties()
        .binary(store.name(Guid::PSETID_MEETING, 0x0003)?, id)
        .time(store.appointment(0x8228)?, utc("2024-07-08T15:00")?)
        .integer32(store.appointment(0x8217)?, 3);
    store.out.message(folder, draft)?;
    Ok(())
}

fn tasks(store: &mut Store) -> Result<()> {
    let subtree = store.out.ipm_subtree();
    let folder = store.out.folder_of_class(subtree, "Tasks", "IPF.Task")?;
    // Every second Monday, six times, of which the task is at the third.
    let midnight = |month, day| LocalMinutes::from_civil(date(2024, month, day).at(0, 0, 0, 0)).unwrap_or_default();
    let pattern = RecurrencePattern {
        versions: [0x3004; 2],
        frequency: Frequency::Weekly,
        days: PatternDays::Week(Weekdays(2)),
        calendar: 0,
        first: LocalMinutes::new(13 * 1440),
        period: 2,
        sliding: 0,
        end_type: EndType::Count,
        count: 6,
        first_weekday: 0,
        deleted: Vec::new(),
        modified: Vec::new(),
        start: midnight(2, 12),
        end: midnight(4, 22),
    };
    for (subject, status, part, start, due, repeats) in [
        ("Report", 1, 0.25, Some("2024-03-04"), Some("2024-03-08"), false),
        ("Done", 2, 1.0, None, Some("2024-03-08"), false),
        ("Some day", 0, 0.0, None, None, false),
        ("Put off", 4, 0.5, None, Some("2024-03-08"), false),
        ("Mondays", 0, 0.0, Some("2024-03-11"), Some("2024-03-11"), true),
    ] {
        let mut draft = MessageDraft::new("IPM.Task");
        draft.subject(subject).body(TEXT).created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
        draft.properties().binary(0x300B, subject.as_bytes());
        for (number, day) in [(0x8104, start), (0x8105, due)] {
            if let Some(day) = day {
                draft.properties().time(store.name(Guid::PSETID_TASK, number)?, utc(day)?);
            }
        }
        draft
            .properties()
            .integer32(store.name(Guid::PSETID_TASK, 0x8101)?, status)
            .floating64(store.name(Guid::PSETID_TASK, 0x8102)?, part)
            .boolean(store.name(Guid::PSETID_TASK, 0x811C)?, status == 2);
        if status == 2 {
            draft.properties().time(store.name(Guid::PSETID_TASK, 0x810F)?, utc("2024-03-06")?);
        }
        if repeats {
            draft
                .properties()
                .boolean(store.name(Guid::PSETID_TASK, 0x8126)?, true)
                .binary(store.name(Guid::PSETID_TASK, 0x8116)?, pattern.encode());
        }
        store.out.message(folder, draft)?;
    }
    Ok(())
}
