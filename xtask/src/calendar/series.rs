//! A generated series of appointments: its recurrence (MS-OXOCAL 2.2.1.44) and the properties beside it.

use anyhow::{Context, Result};
use jiff::civil::{Date, DateTime, date};
use pst_core::Guid;
use pst_core::messaging::recurrence::{
    AppointmentRecurrence, EndType, Frequency, LocalMinutes, PatternDays, RecurrenceException, RecurrencePattern,
    Weekdays,
};
use pst_core::write::{AttachmentDraft, MessageDraft};

use super::generated::{Store, minutes_later, utc};
use super::zones::Zone;

const DAY: u32 = 1440;
const WEEK: u32 = 7 * DAY;
const CHANGED: &str = "IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}";

/// What ends a series.
#[derive(Clone, Copy)]
pub(super) enum Ends {
    Never,
    /// After so many occurrences, the last of which is on a day.
    After(u32, Date),
    On(Date),
}

/// Which of the properties tell the zone.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum ZoneBy {
    Both,
    Structure,
    Definition,
    Nothing,
}

/// A series of appointments.
pub(super) struct Series {
    pub(super) subject: &'static str,
    pub(super) zone: Zone,
    pub(super) zone_by: ZoneBy,
    pub(super) frequency: Frequency,
    pub(super) days: PatternDays,
    /// In days, weeks or months.
    pub(super) period: u32,
    pub(super) first_weekday: u32,
    /// The first occurrence, in local time.
    pub(super) start: DateTime,
    pub(super) minutes: u32,
    pub(super) ends: Ends,
    pub(super) all_day: bool,
    pub(super) deleted: Vec<Date>,
    pub(super) exceptions: Vec<RecurrenceException>,
    /// Original start, start and end, in UTC, of the exception that has a message of its own.
    pub(super) changed: Option<[&'static str; 3]>,
    pub(super) expected: &'static [&'static str],
}

pub(super) fn series(subject: &'static str, zone: Zone, start: DateTime, expected: &'static [&'static str]) -> Series {
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
    pub(super) fn weekly(mut self, days: u32, period: u32, first_weekday: u32) -> Self {
        (self.frequency, self.days) = (Frequency::Weekly, PatternDays::Week(Weekdays(days)));
        (self.period, self.first_weekday) = (period, first_weekday);
        self
    }

    pub(super) fn monthly(mut self, days: PatternDays, period: u32) -> Self {
        (self.frequency, self.days, self.period) = (Frequency::Monthly, days, period);
        self
    }

    pub(super) fn yearly(mut self, days: PatternDays, years: u32) -> Self {
        (self.frequency, self.days, self.period) = (Frequency::Yearly, days, years.saturating_mul(12));
        self
    }

    pub(super) fn after(mut self, count: u32, last: Date) -> Self {
        self.ends = Ends::After(count, last);
        self
    }

    pub(super) fn lasting(mut self, minutes: u32) -> Self {
        self.minutes = minutes;
        self
    }

    pub(super) fn all_day(mut self, days: u32) -> Self {
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

    pub(super) fn draft(&self, store: &mut Store) -> Result<MessageDraft> {
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
