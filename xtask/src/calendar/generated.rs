//! A store of appointments, meetings, tasks and contacts made for the check: every kind of recurrence, exceptions, time
//! zones of both hemispheres, days on which the clocks change.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use pst_core::messaging::recurrence::{
    AppointmentRecurrence, EndType, Frequency, LocalMinutes, PatternDays, RecurrenceException, RecurrencePattern,
    Weekdays,
};
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::{AttachmentDraft, MessageDraft, PstWriter, WriteOptions};
use pst_core::{FileTime, Guid};

use super::zones::{BERLIN, INDIA, LORD_HOWE, NEWFOUNDLAND, PACIFIC, SYDNEY, Zone};
use super::{appointments, people};

const DAY: u32 = 1440;
const WEEK: u32 = 7 * DAY;
const CHANGED: &str = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";

/// The store in the making.
pub(super) struct Store {
    pub(super) out: PstWriter,
    items: u32,
}

impl Store {
    pub(super) fn name(&mut self, set: Guid, number: u32) -> Result<u16> {
        Ok(self.out.named_property(PropertySet::Guid(set), PropertyName::Number(number))?)
    }

    pub(super) fn appointment(&mut self, number: u32) -> Result<u16> {
        self.name(Guid::PSETID_APPOINTMENT, number)
    }

    pub(super) fn common(&mut self, number: u32) -> Result<u16> {
        self.name(Guid::PSETID_COMMON, number)
    }

    /// PidLidGlobalObjectId (MS-OXOCAL 2.2.1.27) of another meeting each time, of the occurrence of a day.
    pub(super) fn global_id(&mut self, day: [u8; 4]) -> Vec<u8> {
        const CLASS: [u8; 16] = [4, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 8];
        self.items = self.items.saturating_add(1);
        [&CLASS[..], &day, &[0; 16], &4u32.to_le_bytes(), &self.items.to_le_bytes()].concat()
    }
}

/// A time in UTC: `2024-03-08T17:00`, or a day.
pub(super) fn utc(text: &str) -> Result<FileTime> {
    let whole = if text.contains('T') { format!("{text}:00Z") } else { format!("{text}T00:00:00Z") };
    let time: Timestamp = whole.parse().with_context(|| whole.clone())?;
    FileTime::from_timestamp(time).context(whole)
}

pub(super) fn minutes_later(time: FileTime, minutes: u32) -> FileTime {
    let seconds = time.to_unix_seconds().saturating_add(i64::from(minutes).saturating_mul(60));
    FileTime::from_unix_seconds(seconds).unwrap_or(time)
}

/// Writes the store. Gives when the items of some subjects begin, in UTC, or the days of those that last all day: the
/// first of them for a series without an end.
pub(super) fn write(path: &Path) -> Result<BTreeMap<&'static str, Vec<&'static str>>> {
    let options = WriteOptions::new().overwrite(true).record_key(*b"calendar-chore-1").now(utc("2030-01-01")?);
    let mut store = Store { out: PstWriter::create(path, options)?, items: 0 };
    let subtree = store.out.ipm_subtree();
    let folder = store.out.folder_of_class(subtree, "Calendar", "IPF.Appointment")?;
    let mut expected = BTreeMap::new();
    for series in all_series() {
        let draft = series.draft(&mut store)?;
        store.out.message(folder, draft)?;
        expected.insert(series.subject, series.expected.to_vec());
    }
    appointments::write(&mut store, folder, &mut expected)?;
    people::write(&mut store)?;
    store.out.finish()?;
    Ok(expected)
}

/// What ends a series.
#[derive(Clone, Copy)]
enum Ends {
    Never,
    /// After so many occurrences, the last of which is on a day.
    After(u32, Date),
    On(Date),
}

/// Which of the properties tell the zone.
#[derive(Clone, Copy, PartialEq)]
enum ZoneBy {
    Both,
    Structure,
    Definition,
    Nothing,
}

/// A series of appointments.
struct Series {
    subject: &'static str,
    zone: Zone,
    zone_by: ZoneBy,
    frequency: Frequency,
    days: PatternDays,
    /// In days, weeks or months.
    period: u32,
    first_weekday: u32,
    /// The first occurrence, in local time.
    start: DateTime,
    minutes: u32,
    ends: Ends,
    all_day: bool,
    deleted: Vec<Date>,
    exceptions: Vec<RecurrenceException>,
    /// Original start, start and end, in UTC, of the exception that has a message of its own.
    changed: Option<[&'static str; 3]>,
    expected: &'static [&'static str],
}

fn series(subject: &'static str, zone: Zone, start: DateTime, expected: &'static [&'static str]) -> Series {
    Series {
        subject,
        zone,
        zone_by: ZoneBy::Both,
        frequency: Frequency::Daily,
        days: PatternDays::Day,
        period: 1,
        first_weekday: 0,
        start,
        minutes: 60,
        ends: Ends::Never,
        all_day: false,
        deleted: Vec::new(),
        exceptions: Vec::new(),
        changed: None,
        expected,
    }
}

impl Series {
    fn weekly(mut self, days: u32, period: u32, first_weekday: u32) -> Self {
        (self.frequency, self.days) = (Frequency::Weekly, PatternDays::Week(Weekdays(days)));
        (self.period, self.first_weekday) = (period, first_weekday);
        self
    }

    fn monthly(mut self, days: PatternDays, period: u32) -> Self {
        (self.frequency, self.days, self.period) = (Frequency::Monthly, days, period);
        self
    }

    fn yearly(mut self, days: PatternDays, years: u32) -> Self {
        (self.frequency, self.days, self.period) = (Frequency::Yearly, days, years.saturating_mul(12));
        self
    }

    fn after(mut self, count: u32, last: Date) -> Self {
        self.ends = Ends::After(count, last);
        self
    }

    fn lasting(mut self, minutes: u32) -> Self {
        self.minutes = minutes;
        self
    }

    fn all_day(mut self, days: u32) -> Self {
        (self.all_day, self.minutes) = (true, days.saturating_mul(DAY));
        self
    }

    /// FirstDateTime (MS-OXOCAL 2.2.1.44.1): the first period that the series could have had since 1601.
    fn first(&self) -> LocalMinutes {
        let midnight = LocalMinutes::from_civil(self.start.date().at(0, 0, 0, 0)).unwrap_or_default().minutes();
        let within = |value: u32, period: u32| value.checked_rem(period).unwrap_or(0);
        LocalMinutes::new(match self.days {
            PatternDays::Day => within(midnight, self.period.saturating_mul(DAY)),
            PatternDays::Week(_) => {
                let weekday = u32::try_from(self.start.weekday().to_sunday_zero_offset()).unwrap_or(0);
                let back = within(weekday.saturating_add(7).saturating_sub(self.first_weekday), 7);
                within(midnight.saturating_sub(back.saturating_mul(DAY)), self.period.saturating_mul(WEEK))
            }
            _ => {
                let years = u32::try_from(self.start.year()).unwrap_or(0).saturating_sub(1601);
                let month = u32::try_from(self.start.month()).unwrap_or(1).saturating_sub(1);
                let months = within(years.saturating_mul(12).saturating_add(month), self.period);
                let year = i16::try_from(1601u32.saturating_add(months / 12)).unwrap_or(1601);
                let month = i8::try_from(within(months, 12).saturating_add(1)).unwrap_or(1);
                let first = date(year, month, 1).at(0, 0, 0, 0);
                LocalMinutes::from_civil(first).unwrap_or_default().minutes()
            }
        })
    }

    fn recurrence(&self) -> AppointmentRecurrence {
        let midnight = |date: Date| LocalMinutes::from_civil(date.at(0, 0, 0, 0)).unwrap_or_default();
        let (end_type, count, end) = match self.ends {
            Ends::Never => (EndType::Never { number: 0x2023 }, 10, LocalMinutes::NO_END),
            Ends::After(count, last) => (EndType::Count, count, midnight(last)),
            Ends::On(last) => (EndType::Date, 10, midnight(last)),
        };
        let mut exceptions = self.exceptions.clone();
        exceptions.sort_by_key(|exception| exception.start);
        let mut deleted: Vec<_> = self.deleted.iter().map(|date| midnight(*date)).collect();
        deleted.extend(exceptions.iter().map(|exception| midnight(exception.original_start.date())));
        deleted.sort();
        let mut modified: Vec<_> = exceptions.iter().map(|exception| midnight(exception.start.date())).collect();
        modified.sort();
        let hour = u32::try_from(self.start.hour()).unwrap_or(0);
        let minute = u32::try_from(self.start.minute()).unwrap_or(0);
        let start_offset = hour.saturating_mul(60).saturating_add(minute);
        AppointmentRecurrence {
            pattern: RecurrencePattern {
                versions: [0x3004; 2],
                frequency: self.frequency,
                days: self.days,
                calendar: 0,
                first: self.first(),
                period: if self.days == PatternDays::Day { self.period.saturating_mul(DAY) } else { self.period },
                sliding: 0,
                end_type,
                count,
                first_weekday: self.first_weekday,
                deleted,
                modified,
                start: midnight(self.start.date()),
                end,
            },
            versions: [0x3006, 0x3009],
            start_offset,
            end_offset: start_offset.saturating_add(self.minutes),
            exceptions,
            reserved: [Vec::new(), Vec::new()],
        }
    }

    fn draft(&self, store: &mut Store) -> Result<MessageDraft> {
        let mut draft = MessageDraft::new("IPM.Appointment");
        draft.subject(self.subject).body("Each time the same.").created(utc("2020-01-01")?, utc("2020-02-02T12:30")?);
        let first = self.expected.first().context("no expected start")?;
        // Days are stored as their midnight in the zone, which the comparison does not ask of a series.
        let start = utc(first)?;
        let id = store.global_id([0; 4]);
        draft
            .properties()
            .binary(store.name(Guid::PSETID_MEETING, 0x0003)?, id.clone())
            .binary(store.name(Guid::PSETID_MEETING, 0x0023)?, id)
            .text(store.appointment(0x8208)?, "Room 1")
            .time(store.appointment(0x820D)?, start)
            .time(store.appointment(0x820E)?, minutes_later(start, self.minutes))
            .boolean(store.appointment(0x8215)?, self.all_day)
            .boolean(store.appointment(0x8223)?, true)
            .binary(store.appointment(0x8216)?, self.recurrence().encode());
        if matches!(self.zone_by, ZoneBy::Both | ZoneBy::Structure) {
            draft
                .properties()
                .binary(store.appointment(0x8233)?, self.zone.structure())
                .text(store.appointment(0x8234)?, self.zone.name);
        }
        if matches!(self.zone_by, ZoneBy::Both | ZoneBy::Definition) {
            draft
                .properties()
                .binary(store.appointment(0x825E)?, self.zone.definition(2))
                .binary(store.appointment(0x825F)?, self.zone.definition(2))
                .binary(store.appointment(0x8260)?, self.zone.definition(3));
        }
        if let Some([original, start, end]) = self.changed {
            let mut changed = MessageDraft::new(CHANGED);
            changed.body("This time another.").created(utc("2020-01-01")?, utc("2020-03-03")?);
            changed
                .properties()
                .time(store.appointment(0x8228)?, utc(original)?)
                .time(store.appointment(0x820D)?, utc(start)?)
                .time(store.appointment(0x820E)?, utc(end)?);
            draft.attach(AttachmentDraft::message("Untitled", changed));
        }
        Ok(draft)
    }
}

fn local(day: Date, hour: i8, minute: i8) -> LocalMinutes {
    LocalMinutes::from_civil(day.at(hour, minute, 0, 0)).unwrap_or_default()
}

/// An occurrence of ten o'clock that is at another time.
fn moved(original: Date, day: Date, from: (i8, i8), to: (i8, i8)) -> RecurrenceException {
    RecurrenceException {
        start: local(day, from.0, from.1),
        end: local(day, to.0, to.1),
        original_start: local(original, 10, 0),
        change_highlight: Some(vec![0; 4]),
        ..RecurrenceException::default()
    }
}

fn all_series() -> Vec<Series> {
    let nth = |days, nth| PatternDays::MonthNth(Weekdays(days), nth);
    let mut all = days_and_weeks();
    all.append(&mut vec![
        series(
            "The 31st, or the last day",
            BERLIN,
            date(2024, 1, 31).at(10, 0, 0, 0),
            &["2024-01-31T09:00", "2024-02-29T09:00", "2024-03-31T08:00", "2024-04-30T08:00", "2024-05-31T08:00"],
        )
        .monthly(PatternDays::Month(31), 1)
        .after(5, date(2024, 5, 31)),
        series(
            "The 30th, or the last day",
            PACIFIC,
            date(2024, 1, 30).at(8, 0, 0, 0),
            &["2024-01-30T16:00", "2024-02-29T16:00", "2024-03-30T15:00", "2024-04-30T15:00", "2024-05-30T15:00"],
        )
        .monthly(PatternDays::Month(30), 1),
        Series {
            ends: Ends::On(date(2024, 6, 30)),
            ..series(
                "Second Tuesdays until a day",
                PACIFIC,
                date(2024, 1, 9).at(15, 0, 0, 0),
                &[
                    "2024-01-09T23:00",
                    "2024-02-13T23:00",
                    "2024-03-12T22:00",
                    "2024-04-09T22:00",
                    "2024-05-14T22:00",
                    "2024-06-11T22:00",
                ],
            )
            .monthly(nth(0x04, 2), 1)
        },
        series(
            "Last Fridays of every second month, in the south",
            SYDNEY,
            date(2024, 1, 26).at(16, 0, 0, 0),
            &[
                "2024-01-26T05:00",
                "2024-03-29T05:00",
                "2024-05-31T06:00",
                "2024-07-26T06:00",
                "2024-09-27T06:00",
                "2024-11-29T05:00",
            ],
        )
        .monthly(nth(0x20, 5), 2)
        .after(6, date(2024, 11, 29)),
        series(
            "Last working days",
            BERLIN,
            date(2024, 1, 31).at(9, 0, 0, 0),
            &["2024-01-31T08:00", "2024-02-29T08:00", "2024-03-29T08:00", "2024-04-30T07:00", "2024-05-31T07:00"],
        )
        .monthly(nth(0x3E, 5), 1),
        series(
            "First days of a weekend",
            NEWFOUNDLAND,
            date(2024, 1, 6).at(12, 0, 0, 0),
            &["2024-01-06T15:30", "2024-02-03T15:30", "2024-03-02T15:30", "2024-04-06T14:30"],
        )
        .monthly(nth(0x41, 1), 1),
        series(
            "Third days",
            BERLIN,
            date(2024, 1, 3).at(20, 0, 0, 0),
            &["2024-01-03T19:00", "2024-02-03T19:00", "2024-03-03T19:00", "2024-04-03T18:00"],
        )
        .monthly(nth(0x7F, 3), 1),
        series(
            "Ends of months",
            INDIA,
            date(2024, 1, 31).at(18, 0, 0, 0),
            &["2024-01-31T12:30", "2024-02-29T12:30", "2024-03-31T12:30"],
        )
        .monthly(PatternDays::MonthEnd(31), 1),
        series(
            "Leap days, or the day before March",
            PACIFIC,
            date(2020, 2, 29).at(10, 0, 0, 0),
            &["2020-02-29T18:00", "2021-02-28T18:00", "2022-02-28T18:00", "2023-02-28T18:00", "2024-02-29T18:00"],
        )
        .yearly(PatternDays::Month(29), 1)
        .after(5, date(2024, 2, 29)),
        series(
            "Thanksgiving",
            PACIFIC,
            date(2020, 11, 26).at(0, 0, 0, 0),
            &["2020-11-26", "2021-11-25", "2022-11-24", "2023-11-23", "2024-11-28"],
        )
        .yearly(nth(0x10, 4), 1)
        .all_day(1),
        series(
            "Every second year",
            SYDNEY,
            date(2020, 6, 15).at(9, 0, 0, 0),
            &["2020-06-14T23:00", "2022-06-14T23:00", "2024-06-14T23:00"],
        )
        .yearly(PatternDays::Month(15), 2)
        .after(3, date(2024, 6, 15)),
        series(
            "Three days each, from first Fridays on",
            BERLIN,
            date(2024, 1, 5).at(0, 0, 0, 0),
            &["2024-01-05", "2024-02-02", "2024-03-01"],
        )
        .monthly(nth(0x20, 1), 1)
        .all_day(3)
        .after(3, date(2024, 3, 1)),
    ]);
    all
}

fn days_and_weeks() -> Vec<Series> {
    let pacific_week = |subject, zone_by| Series {
        zone_by,
        ..series(
            subject,
            PACIFIC,
            date(2024, 10, 28).at(9, 0, 0, 0),
            &["2024-10-28T16:00", "2024-11-04T17:00", "2024-11-11T17:00"],
        )
        .weekly(0x02, 1, 0)
        .after(3, date(2024, 11, 11))
    };
    vec![
        series(
            "Daily into summer time",
            PACIFIC,
            date(2024, 3, 8).at(9, 0, 0, 0),
            &["2024-03-08T17:00", "2024-03-09T17:00", "2024-03-10T16:00", "2024-03-11T16:00"],
        ),
        Series {
            period: 3,
            ..series(
                "Every third day out of summer time",
                BERLIN,
                date(2024, 10, 21).at(8, 0, 0, 0),
                &["2024-10-21T06:00", "2024-10-24T06:00", "2024-10-27T07:00", "2024-10-30T07:00", "2024-11-02T07:00"],
            )
            .lasting(45)
            .after(5, date(2024, 11, 2))
        },
        Series {
            ends: Ends::On(date(2024, 3, 15)),
            days: PatternDays::Week(Weekdays(0x3E)),
            ..series(
                "Working days until a day",
                PACIFIC,
                date(2024, 3, 4).at(17, 30, 0, 0),
                &[
                    "2024-03-05T01:30",
                    "2024-03-06T01:30",
                    "2024-03-07T01:30",
                    "2024-03-08T01:30",
                    "2024-03-09T01:30",
                    "2024-03-12T00:30",
                    "2024-03-13T00:30",
                    "2024-03-14T00:30",
                    "2024-03-15T00:30",
                    "2024-03-16T00:30",
                ],
            )
        },
        series(
            "Three days of every second week, in the south",
            SYDNEY,
            date(2024, 3, 25).at(9, 0, 0, 0),
            &[
                "2024-03-24T22:00",
                "2024-03-26T22:00",
                "2024-03-28T22:00",
                "2024-04-07T23:00",
                "2024-04-09T23:00",
                "2024-04-11T23:00",
                "2024-04-21T23:00",
                "2024-04-23T23:00",
            ],
        )
        .weekly(0x2A, 2, 1)
        .after(8, date(2024, 4, 24)),
        series(
            "Weeks that begin on Sunday",
            INDIA,
            date(2024, 6, 3).at(12, 0, 0, 0),
            &["2024-06-03T06:30", "2024-06-16T06:30", "2024-06-17T06:30", "2024-06-30T06:30", "2024-07-01T06:30"],
        )
        .weekly(0x03, 2, 0)
        .after(5, date(2024, 7, 1)),
        series(
            "Weeks that begin on Monday",
            INDIA,
            date(2024, 6, 3).at(12, 0, 0, 0),
            &["2024-06-03T06:30", "2024-06-09T06:30", "2024-06-17T06:30", "2024-06-23T06:30", "2024-07-01T06:30"],
        )
        .weekly(0x03, 2, 1)
        .after(5, date(2024, 7, 1)),
        exceptions(),
        Series {
            deleted: vec![date(2024, 3, 20)],
            ..series(
                "Wednesdays, all day",
                BERLIN,
                date(2024, 3, 6).at(0, 0, 0, 0),
                &["2024-03-06", "2024-03-13", "2024-03-27", "2024-04-03"],
            )
            .weekly(0x08, 1, 1)
            .all_day(1)
            .after(5, date(2024, 4, 3))
        },
        series(
            "Over midnight",
            PACIFIC,
            date(2024, 3, 2).at(23, 0, 0, 0),
            &["2024-03-03T07:00", "2024-03-10T07:00", "2024-03-17T06:00"],
        )
        .weekly(0x40, 1, 0)
        .lasting(120)
        .after(3, date(2024, 3, 16)),
        series(
            "Longer than a day",
            PACIFIC,
            date(2024, 3, 5).at(18, 0, 0, 0),
            &["2024-03-06T02:00", "2024-03-13T01:00", "2024-03-20T01:00"],
        )
        .weekly(0x04, 1, 0)
        .lasting(30 * 60)
        .after(3, date(2024, 3, 19)),
        series("In the hour that does not come", PACIFIC, date(2024, 3, 9).at(2, 30, 0, 0), &["2024-03-09T10:30"])
            .lasting(15)
            .after(3, date(2024, 3, 11)),
        series(
            "In the hour that comes twice",
            PACIFIC,
            date(2024, 11, 2).at(1, 30, 0, 0),
            &["2024-11-02T08:30", "2024-11-03T08:30", "2024-11-04T09:30"],
        )
        .lasting(15)
        .after(3, date(2024, 11, 4)),
        series(
            "Clocks that change by half an hour",
            LORD_HOWE,
            date(2024, 4, 5).at(8, 0, 0, 0),
            &["2024-04-04T21:00", "2024-04-05T21:00", "2024-04-06T21:30", "2024-04-07T21:30"],
        )
        .after(4, date(2024, 4, 8)),
        pacific_week("A zone by its structure", ZoneBy::Structure),
        pacific_week("A zone by its definition", ZoneBy::Definition),
        Series {
            expected: &["2024-10-28T16:00", "2024-11-04T16:00", "2024-11-11T16:00"],
            ..pacific_week("No zone", ZoneBy::Nothing)
        },
    ]
}

/// Occurrences that are deleted, moved, changed, and made to last all day.
fn exceptions() -> Series {
    Series {
        deleted: vec![date(2024, 3, 12)],
        exceptions: vec![
            RecurrenceException {
                subject: Some(b"M\xF6ved, to Thursday".to_vec()),
                wide_subject: Some("Möved, to Thursday".to_owned()),
                location: Some(b"Hall; 2".to_vec()),
                wide_location: Some("Hall; 2".to_owned()),
                ..moved(date(2024, 3, 19), date(2024, 3, 21), (14, 0), (15, 30))
            },
            RecurrenceException {
                location: Some(b"B?ro".to_vec()),
                wide_location: Some("Büro 二".to_owned()),
                ..moved(date(2024, 4, 2), date(2024, 4, 2), (10, 0), (11, 0))
            },
            RecurrenceException {
                sub_type: Some(1),
                end: local(date(2024, 4, 10), 0, 0),
                ..moved(date(2024, 4, 9), date(2024, 4, 9), (0, 0), (0, 0))
            },
            moved(date(2024, 4, 16), date(2024, 4, 15), (23, 30), (23, 45)),
        ],
        changed: Some(["2024-04-02T17:00", "2024-04-02T17:00", "2024-04-02T18:00"]),
        ..series(
            "Tuesdays with exceptions",
            PACIFIC,
            date(2024, 3, 5).at(10, 0, 0, 0),
            &[
                "2024-03-05T18:00",
                "2024-03-21T21:00",
                "2024-03-26T17:00",
                "2024-04-02T17:00",
                "2024-04-09",
                "2024-04-16T06:30",
                "2024-04-23T17:00",
            ],
        )
        .weekly(0x04, 1, 0)
        .after(8, date(2024, 4, 23))
    }
}
