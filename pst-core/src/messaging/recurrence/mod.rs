//! Recurrences as binary properties (MS-OXOCAL 2.2.1.44): PidLidAppointmentRecur and PidLidTaskRecurrence.
//!
//! ```text
//! RecurrencePattern      versions | frequency | type | calendar | first | period | sliding | days, by type
//!                        end | count | first day of week | deleted dates | modified dates | start | end
//! AppointmentRecurrence  RecurrencePattern | versions | start and end of day | exceptions
//!                        reserved | extended exceptions (Unicode) | reserved
//! ```
//!
//! **All times are local**, in minutes since 1601-01-01, in the time zone that another property names
//! ([`time_zone`](super::time_zone)). A task has the first structure alone.

mod exception;
mod occurrences;
mod pattern;

use std::collections::HashSet;

use jiff::SignedDuration;
use jiff::civil::{self, Date, DateTime};

use crate::messaging::blob::{Decoded, Fields};

pub use exception::RecurrenceException;
pub use occurrences::Occurrences;
pub(crate) use occurrences::two_letters;
pub use pattern::{EndType, Frequency, PatternDays, RecurrencePattern, Weekdays};

/// A local time in minutes since 1601-01-01 00:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LocalMinutes(u32);

impl LocalMinutes {
    /// The end of a recurrence without end: 4500-08-31 23:59.
    pub const NO_END: Self = Self(0x5AE9_80DF);
    /// Counted from 1970, because jiff adds no more to a date than it takes to get from there to the year 10000.
    const BASE: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);
    /// From 1601-01-01 to 1970-01-01.
    const BASE_SECONDS: i64 = 11_644_473_600;

    /// From the stored number.
    pub const fn new(minutes: u32) -> Self {
        Self(minutes)
    }

    /// The stored number.
    pub const fn minutes(self) -> u32 {
        self.0
    }

    /// Date and time; every number has one.
    pub fn to_civil(self) -> DateTime {
        let seconds = i64::from(self.0).saturating_mul(60).saturating_sub(Self::BASE_SECONDS);
        Self::BASE.saturating_add(SignedDuration::from_secs(seconds))
    }

    /// The number for a date and time, seconds cut off; `None` before 1601 or after the year 9766.
    pub fn from_civil(time: DateTime) -> Option<Self> {
        let seconds = time.duration_since(Self::BASE).as_secs().saturating_add(Self::BASE_SECONDS);
        u32::try_from(seconds.div_euclid(60)).ok().map(Self)
    }

    /// The date.
    pub fn date(self) -> Date {
        self.to_civil().date()
    }
}

/// AppointmentRecurrencePattern (MS-OXOCAL 2.2.1.44.5): PidLidAppointmentRecur.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppointmentRecurrence {
    /// RecurrencePattern.
    pub pattern: RecurrencePattern,
    /// ReaderVersion2, 0x3006, and WriterVersion2, 0x3008 or 0x3009.
    pub versions: [u32; 2],
    /// StartTimeOffset: minutes from midnight to the start of an occurrence.
    pub start_offset: u32,
    /// EndTimeOffset: minutes from midnight **of the day it starts on** to its end.
    pub end_offset: u32,
    /// ExceptionInfo and ExtendedException.
    pub exceptions: Vec<RecurrenceException>,
    /// ReservedBlock1 and ReservedBlock2, empty.
    pub reserved: [Vec<u8>; 2],
}

impl AppointmentRecurrence {
    const WITH_CHANGE_HIGHLIGHT: u32 = 0x3009;

    /// Decodes PidLidAppointmentRecur. What breaks off among the exceptions leaves those before it.
    pub fn decode(stored: &[u8]) -> Decoded<Self> {
        let mut fields = Fields::new(stored);
        let value = Self::read(&mut fields);
        fields.finish(value)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let pattern = RecurrencePattern::read(fields)?;
        let versions = [fields.u32_of("ReaderVersion2", 0x3006, "0x3006")?, fields.u32("WriterVersion2")?];
        let [_, writer] = versions;
        if !(0x3008..=0x3009).contains(&writer) {
            fields.unexpected("WriterVersion2", writer, "0x3008 or 0x3009");
        }
        let start_offset = fields.u32("StartTimeOffset")?;
        let end_offset = fields.u32("EndTimeOffset")?;
        let (exceptions, reserved) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut recurrence = Self { pattern, versions, start_offset, end_offset, exceptions, reserved };
        recurrence.read_exceptions(fields, writer);
        Some(recurrence)
    }

    /// `None` if the bytes end; what came before stays.
    fn read_exceptions(&mut self, fields: &mut Fields<'_>, writer: u32) -> Option<()> {
        let count = fields.u16("ExceptionCount")?;
        if usize::from(count) != self.pattern.modified.len() {
            fields.unexpected("ExceptionCount", count, "ModifiedInstanceCount");
        }
        for _ in 0..count {
            self.exceptions.push(RecurrenceException::read(fields)?);
        }
        let [first, second] = &mut self.reserved;
        *first = fields.sized("ReservedBlock1")?.to_vec();
        for exception in &mut self.exceptions {
            exception.read_extended(fields, writer)?;
        }
        *second = fields.sized("ReservedBlock2")?.to_vec();
        Some(())
    }

    /// Encodes PidLidAppointmentRecur.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = self.pattern.encode();
        let [reader, writer] = self.versions;
        put(&mut out, &[reader, writer, self.start_offset, self.end_offset]);
        let count = u16::try_from(self.exceptions.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&count.to_le_bytes());
        let exceptions = || self.exceptions.iter().take(usize::from(count));
        exceptions().for_each(|exception| exception.encode(&mut out));
        let [first, second] = &self.reserved;
        put_sized(&mut out, first);
        exceptions().for_each(|exception| exception.encode_extended(&mut out, writer));
        put_sized(&mut out, second);
        out
    }

    /// The deleted days: those of [`deleted`](RecurrencePattern::deleted) that no exception replaces, in order.
    pub fn deleted_dates(&self) -> Vec<Date> {
        let changed: HashSet<Date> = self.exceptions.iter().map(|exception| exception.original_start.date()).collect();
        let dates = self.pattern.deleted.iter().map(|minutes| minutes.date());
        let mut dates: Vec<Date> = dates.filter(|date| !changed.contains(date)).collect();
        dates.sort_unstable();
        dates.dedup();
        dates
    }
}

fn put(out: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
}

fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn put_sized(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, &[length(bytes.len())]);
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use crate::messaging::blob::BlobFinding;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    /// MS-OXOCAL 4.1.1.1.
    const WEEKLY: &str = "043004300B2001000000C0210000010000000000000032000000222000000C0000000000000000000000000000008020\
        BC0C20ADBC0C0630000009300000580200007602000000000000000000000000";
    /// MS-OXOCAL 4.1.1.2.
    const WEEKLY_WITH_EXCEPTION: &str = "043004300B2001000000C0210000010000000000000032000000222000000C0000000000000001000000\
        A096BC0C01000000A096BC0C8020BC0C20ADBC0C0630000009300000580200007602000001003499BC0C5299BC0CF898BC0C11002200210053\
        696D706C6520526563757272656E6365207769746820657863657074696F6E730800070033342F343134310000000004000000000000000000\
        00003499BC0C5299BC0CF898BC0C2100530069006D0070006C006500200052006500630075007200720065006E006300650020007700690074\
        006800200065007800630065007000740069006F006E0073000700330034002F0034003100340031000000000000000000";
    /// MS-OXOCAL 4.1.1.3.
    const DAILY: &str = "043004300A2000000000A0050000E010000000000000212000000A0000000000000002000000A0C1DC0C80D2DC0C000000\
        00207EDC0C0016DD0C0630000009300000E0010000FE01000000000000000000000000";
    /// MS-OXOCAL 4.1.1.6.
    const HEBREW: &str = "043004300D200200080080750A000C0000000000000003000000232000000A0000000000000001000000207EDC0C010000\
        00207EDC0C6074C40CDF80E95A0630000009300000E0010000FE01000001000080DC0C1E80DC0C0080DC0C24023C00000001000000000000000400\
        0000000000000000000000000000";

    fn decode(hex: &str) -> AppointmentRecurrence {
        let decoded = AppointmentRecurrence::decode(&bytes(hex));
        assert_eq!(decoded.findings, []);
        decoded.value.unwrap()
    }

    fn days(recurrence: &AppointmentRecurrence) -> Vec<String> {
        recurrence.pattern.occurrences().unwrap().map(|date| date.strftime("%a %F").to_string()).collect()
    }

    #[test]
    fn weekly_without_exceptions() {
        let weekly = decode(WEEKLY);
        assert_eq!(weekly.pattern.frequency, Frequency::Weekly);
        assert_eq!(weekly.pattern.days, PatternDays::Week(Weekdays(0x32)));
        assert_eq!((weekly.pattern.period, weekly.pattern.end_type, weekly.pattern.count), (1, EndType::Count, 12));
        assert_eq!(weekly.pattern.start.to_civil(), civil::date(2007, 3, 26).at(0, 0, 0, 0));
        assert_eq!((weekly.start_offset, weekly.end_offset), (600, 630));
        let days = days(&weekly);
        assert_eq!(days[..4], ["Mon 2007-03-26", "Thu 2007-03-29", "Fri 2007-03-30", "Mon 2007-04-02"]);
        assert_eq!(days.len(), 12);
        // The last one is on the end date.
        assert_eq!(days[11], "Fri 2007-04-20");
        assert_eq!(weekly.pattern.end.date(), civil::date(2007, 4, 20));
    }

    #[test]
    fn weekly_with_an_exception() {
        let weekly = decode(WEEKLY_WITH_EXCEPTION);
        assert_eq!(bytes(WEEKLY_WITH_EXCEPTION).len(), 0x106);
        let [exception] = &weekly.exceptions[..] else { panic!("one exception") };
        let day = civil::date(2007, 4, 16);
        assert_eq!(exception.original_start.to_civil(), day.at(10, 0, 0, 0));
        assert_eq!(exception.start.to_civil(), day.at(11, 0, 0, 0));
        assert_eq!(exception.end.to_civil(), day.at(11, 30, 0, 0));
        assert_eq!(exception.subject.as_deref(), Some(&b"Simple Recurrence with exceptions"[..]));
        assert_eq!(exception.wide_subject.as_deref(), Some("Simple Recurrence with exceptions"));
        assert_eq!(exception.location.as_deref(), Some(&b"34/4141"[..]));
        assert_eq!(exception.wide_location.as_deref(), Some("34/4141"));
        assert_eq!((exception.busy_status, exception.has_body()), (None, false));
        assert_eq!(weekly.pattern.deleted.len(), 1);
        assert_eq!(weekly.deleted_dates(), [], "a changed occurrence is not a deleted one");
    }

    #[test]
    fn daily_with_deleted_days() {
        let daily = decode(DAILY);
        assert_eq!(bytes(DAILY).len(), 0x54);
        assert_eq!((daily.start_offset, daily.end_offset, daily.pattern.period), (480, 510, 4320));
        assert_eq!(daily.deleted_dates(), [civil::date(2011, 4, 19), civil::date(2011, 4, 22)]);
        let days = days(&daily);
        assert_eq!(days[..3], ["Thu 2011-04-07", "Sun 2011-04-10", "Wed 2011-04-13"]);
        assert_eq!(days.last().unwrap(), "Wed 2011-05-04");
        assert!(daily.deleted_dates().into_iter().all(|date| daily.pattern.contains(date)));
    }

    #[test]
    fn a_year_of_another_calendar_has_no_days_but_an_exception() {
        let hebrew = decode(HEBREW);
        assert_eq!((hebrew.pattern.frequency, hebrew.pattern.calendar), (Frequency::Yearly, 8));
        assert_eq!(hebrew.pattern.end_type, EndType::Never { number: 0x2023 });
        assert_eq!(hebrew.pattern.end, LocalMinutes::NO_END);
        assert!(hebrew.pattern.occurrences().is_none());
        let [exception] = &hebrew.exceptions[..] else { panic!("one exception") };
        assert_eq!((exception.reminder_delta, exception.busy_status, exception.has_body()), (Some(60), Some(1), true));
        assert_eq!(exception.start.to_civil(), civil::date(2011, 4, 7).at(8, 0, 0, 0));
    }

    #[test]
    fn examples_round_trip() {
        for hex in [WEEKLY, WEEKLY_WITH_EXCEPTION, DAILY, HEBREW] {
            assert_eq!(decode(hex).encode(), bytes(hex));
        }
    }

    #[test]
    fn what_breaks_off_leaves_what_came_before() {
        let whole = bytes(WEEKLY_WITH_EXCEPTION);
        let cut = |length: usize| AppointmentRecurrence::decode(&whole[..length]);
        // In the Unicode subject.
        let decoded = cut(0xB4);
        let exception = &decoded.value.unwrap().exceptions[0];
        assert_eq!(exception.subject.as_deref(), Some(&b"Simple Recurrence with exceptions"[..]));
        assert_eq!(exception.wide_subject, None);
        assert!(matches!(decoded.findings[..], [BlobFinding::Truncated { field: "WideCharSubject", .. }]));
        // In the exception itself.
        let decoded = cut(0x66);
        assert_eq!(decoded.value.unwrap().exceptions, []);
        assert!(matches!(decoded.findings[..], [BlobFinding::Truncated { field: "Subject", .. }]));
        // Before the times of day.
        let decoded = cut(0x40);
        assert_eq!(decoded.value, None);
        assert_eq!(decoded.findings, [BlobFinding::Truncated { field: "ReaderVersion2", at: 0x3E }]);
        assert!(RecurrencePattern::decode(&whole[..0x3E]).value.is_some(), "the structure of a task");
    }

    #[test]
    fn counts_beyond_the_bytes_are_findings() {
        let mut stored = bytes(DAILY);
        stored[34..38].copy_from_slice(&u32::MAX.to_le_bytes());
        let decoded = AppointmentRecurrence::decode(&stored);
        assert_eq!(decoded.value, None);
        assert_eq!(decoded.findings, [BlobFinding::Truncated { field: "DeletedInstanceDates", at: 38 }]);
        let mut stored = bytes(WEEKLY);
        stored[4] = 0;
        stored[22..26].copy_from_slice(&0u32.to_le_bytes());
        let decoded = AppointmentRecurrence::decode(&stored);
        let fields: Vec<_> = decoded.findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            fields,
            [
                "RecurFrequency is 0x2000, expected 0x200a to 0x200d",
                "PatternTypeSpecific is 0x0, expected weekdays, 1 to 0x7f"
            ]
        );
        assert!(decoded.value.unwrap().pattern.occurrences().is_none());
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(mut stored in proptest::collection::vec(any::<u8>(), 0..200), pattern in 0u8..14) {
            for (byte, sound) in stored.iter_mut().zip([4, 0x30, 4, 0x30, 0x0B, 0x20, pattern, 0]) {
                *byte = sound;
            }
            if let Some(value) = AppointmentRecurrence::decode(&stored).value {
                let again = AppointmentRecurrence::decode(&value.encode()).value;
                prop_assert!(again.is_some());
                let _ = value.pattern.occurrences().map(|dates| dates.take(50).count());
                let _ = value.deleted_dates();
            }
        }

        #[test]
        fn what_is_written_is_read(
            dates in proptest::collection::vec(any::<u32>(), 0..4),
            numbers in any::<[u32; 6]>(),
            subject in proptest::option::of("[a-z]{0,20}"),
            busy in proptest::option::of(0u32..5),
            writer in 0x3008u32..0x300A,
        ) {
            let mut value = decode(DAILY);
            value.versions[1] = writer;
            value.pattern.deleted = dates.iter().copied().map(LocalMinutes::new).collect();
            value.pattern.modified = vec![LocalMinutes::new(numbers[0])];
            value.pattern.days = PatternDays::MonthNth(Weekdays(numbers[1] % 0x7F + 1), numbers[2] % 5 + 1);
            value.exceptions = vec![RecurrenceException {
                start: LocalMinutes::new(numbers[3]),
                end: LocalMinutes::new(numbers[4]),
                original_start: LocalMinutes::new(numbers[5]),
                subject: subject.clone().map(String::into_bytes),
                wide_subject: subject,
                busy_status: busy,
                change_highlight: (writer == 0x3009).then(|| vec![1, 2, 3, 4]),
                other_flags: 0x0200,
                ..RecurrenceException::default()
            }];
            let decoded = AppointmentRecurrence::decode(&value.encode());
            prop_assert_eq!(decoded.findings, []);
            prop_assert_eq!(decoded.value, Some(value));
        }

        #[test]
        fn minutes_are_dates(minutes in any::<u32>()) {
            let time = LocalMinutes::new(minutes);
            prop_assert_eq!(LocalMinutes::from_civil(time.to_civil()), Some(time));
        }
    }
}
