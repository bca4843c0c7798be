//! Every kind of recurrence, with the starts that a calendar on the wall would show.

use jiff::civil::{Date, date};
use pst_core::messaging::recurrence::{LocalMinutes, PatternDays, RecurrenceException, Weekdays};

use super::series::{Ends, Series, ZoneBy, series};
use super::zones::{BERLIN, INDIA, LORD_HOWE, NEWFOUNDLAND, PACIFIC, SYDNEY};

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

pub(super) fn all() -> Vec<Series> {
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
