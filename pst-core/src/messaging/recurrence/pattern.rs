//! RecurrencePattern (MS-OXOCAL 2.2.1.44.1): the rule itself.

use jiff::civil::Weekday;

use super::{LocalMinutes, length, put};
use crate::messaging::blob::{Decoded, Fields};

/// RecurFrequency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
    /// Any other number.
    Other(u16),
}

impl Frequency {
    const fn new(number: u16) -> Self {
        match number {
            0x200A => Self::Daily,
            0x200B => Self::Weekly,
            0x200C => Self::Monthly,
            0x200D => Self::Yearly,
            other => Self::Other(other),
        }
    }

    const fn number(self) -> u16 {
        match self {
            Self::Daily => 0x200A,
            Self::Weekly => 0x200B,
            Self::Monthly => 0x200C,
            Self::Yearly => 0x200D,
            Self::Other(number) => number,
        }
    }
}

/// A set of weekdays: bit 0 is Sunday, bit 6 Saturday.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Weekdays(pub u32);

impl Weekdays {
    /// Whether a day is in the set.
    pub fn contains(self, day: Weekday) -> bool {
        let bit = u32::try_from(day.to_sunday_zero_offset()).ok().and_then(|offset| 1u32.checked_shl(offset));
        bit.is_some_and(|bit| self.0 & bit != 0)
    }

    /// The days of the set, from Sunday on.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        (0..7).filter_map(|offset| Weekday::from_sunday_zero_offset(offset).ok()).filter(move |day| self.contains(*day))
    }

    /// True if no day is in the set.
    pub fn is_empty(self) -> bool {
        self.0 & 0x7F == 0
    }
}

/// PatternType with its PatternTypeSpecific: which days of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternDays {
    /// 0: every period of days.
    Day,
    /// 1: these days of a week; of every week if the frequency is daily.
    Week(Weekdays),
    /// 2: a day of the month, **or its last day if it has fewer**.
    Month(u32),
    /// 3: the n-th of these weekdays in a month; 5 is the last.
    MonthNth(Weekdays, u32),
    /// 4: the last day of the month.
    MonthEnd(u32),
    /// 0xA: a day of a month of the Hijri calendar.
    HijriMonth(u32),
    /// 0xB: the n-th of these weekdays in a month of the Hijri calendar.
    HijriMonthNth(Weekdays, u32),
    /// 0xC: the last day of a month of the Hijri calendar.
    HijriMonthEnd(u32),
}

impl PatternDays {
    const fn number(self) -> u16 {
        match self {
            Self::Day => 0,
            Self::Week(_) => 1,
            Self::Month(_) => 2,
            Self::MonthNth(..) => 3,
            Self::MonthEnd(_) => 4,
            Self::HijriMonth(_) => 0xA,
            Self::HijriMonthNth(..) => 0xB,
            Self::HijriMonthEnd(_) => 0xC,
        }
    }
}

/// EndType: what ends a recurrence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EndType {
    /// 0x2021: its end date.
    Date,
    /// 0x2022: a number of occurrences.
    Count,
    /// 0x2023, or 0xFFFFFFFF of older writers: nothing.
    Never {
        /// The stored number.
        number: u32,
    },
    /// Any other number.
    Other(u32),
}

impl EndType {
    const fn new(number: u32) -> Self {
        match number {
            0x2021 => Self::Date,
            0x2022 => Self::Count,
            0x2023 | 0xFFFF_FFFF => Self::Never { number },
            other => Self::Other(other),
        }
    }

    const fn number(self) -> u32 {
        match self {
            Self::Date => 0x2021,
            Self::Count => 0x2022,
            Self::Never { number } | Self::Other(number) => number,
        }
    }
}

/// RecurrencePattern (MS-OXOCAL 2.2.1.44.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecurrencePattern {
    /// ReaderVersion and WriterVersion, 0x3004 each.
    pub versions: [u16; 2],
    /// RecurFrequency.
    pub frequency: Frequency,
    /// PatternType and PatternTypeSpecific.
    pub days: PatternDays,
    /// CalendarType: 0 is Gregorian.
    pub calendar: u16,
    /// FirstDateTime: minutes from 1601-01-01 to the first period that could hold an occurrence, modulo the period.
    pub first: LocalMinutes,
    /// Period: of **minutes** for [`PatternDays::Day`], else weeks or months.
    pub period: u32,
    /// SlidingFlag: a task whose next occurrence is made when this one is complete.
    pub sliding: u32,
    /// EndType.
    pub end_type: EndType,
    /// OccurrenceCount, deleted occurrences included.
    pub count: u32,
    /// FirstDOW: the day a week begins with, 0 is Sunday.
    pub first_weekday: u32,
    /// DeletedInstanceDates: days whose occurrence was deleted **or changed**.
    pub deleted: Vec<LocalMinutes>,
    /// ModifiedInstanceDates: days that changed occurrences are on now.
    pub modified: Vec<LocalMinutes>,
    /// StartDate.
    pub start: LocalMinutes,
    /// EndDate: the day of the last occurrence.
    pub end: LocalMinutes,
}

impl RecurrencePattern {
    /// Decodes PidLidTaskRecurrence.
    pub fn decode(stored: &[u8]) -> Decoded<Self> {
        let mut fields = Fields::new(stored);
        let pattern = Self::read(&mut fields);
        fields.finish(pattern)
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let versions = [fields.u16("ReaderVersion")?, fields.u16("WriterVersion")?];
        for (field, version) in ["ReaderVersion", "WriterVersion"].into_iter().zip(versions) {
            if version != 0x3004 {
                fields.unexpected(field, version, "0x3004");
            }
        }
        let frequency = Frequency::new(fields.u16("RecurFrequency")?);
        if let Frequency::Other(number) = frequency {
            fields.unexpected("RecurFrequency", number, "0x200a to 0x200d");
        }
        let pattern_type = fields.u16("PatternType")?;
        let calendar = fields.u16("CalendarType")?;
        let first = LocalMinutes(fields.u32("FirstDateTime")?);
        let period = fields.u32("Period")?;
        let sliding = fields.u32("SlidingFlag")?;
        let days = Self::read_days(fields, pattern_type)?;
        let end_type = EndType::new(fields.u32("EndType")?);
        if let EndType::Other(number) = end_type {
            fields.unexpected("EndType", number, "0x2021, 0x2022, 0x2023 or 0xffffffff");
        }
        let count = fields.u32("OccurrenceCount")?;
        let first_weekday = fields.u32("FirstDOW")?;
        if first_weekday > 6 {
            fields.unexpected("FirstDOW", first_weekday, "0 to 6");
        }
        let deleted = Self::read_dates(fields, "DeletedInstanceCount", "DeletedInstanceDates")?;
        let modified = Self::read_dates(fields, "ModifiedInstanceCount", "ModifiedInstanceDates")?;
        let start = LocalMinutes(fields.u32("StartDate")?);
        let end = LocalMinutes(fields.u32("EndDate")?);
        Some(Self {
            versions,
            frequency,
            days,
            calendar,
            first,
            period,
            sliding,
            end_type,
            count,
            first_weekday,
            deleted,
            modified,
            start,
            end,
        })
    }

    fn read_days(fields: &mut Fields<'_>, pattern_type: u16) -> Option<PatternDays> {
        let weekdays = |fields: &mut Fields<'_>| {
            let days = Weekdays(fields.u32("PatternTypeSpecific")?);
            if days.is_empty() || days.0 > 0x7F {
                fields.unexpected("PatternTypeSpecific", days.0, "weekdays, 1 to 0x7f");
            }
            Some(days)
        };
        let nth = |fields: &mut Fields<'_>| {
            let days = weekdays(fields)?;
            let nth = fields.u32("PatternTypeSpecific.N")?;
            if !(1..=5).contains(&nth) {
                fields.unexpected("PatternTypeSpecific.N", nth, "1 to 5");
            }
            Some((days, nth))
        };
        let day = |fields: &mut Fields<'_>| {
            let day = fields.u32("PatternTypeSpecific.Day")?;
            if !(1..=31).contains(&day) {
                fields.unexpected("PatternTypeSpecific.Day", day, "1 to 31");
            }
            Some(day)
        };
        Some(match pattern_type {
            0 => PatternDays::Day,
            1 => PatternDays::Week(weekdays(fields)?),
            2 => PatternDays::Month(day(fields)?),
            3 => nth(fields).map(|(days, nth)| PatternDays::MonthNth(days, nth))?,
            4 => PatternDays::MonthEnd(day(fields)?),
            0xA => PatternDays::HijriMonth(day(fields)?),
            0xB => nth(fields).map(|(days, nth)| PatternDays::HijriMonthNth(days, nth))?,
            0xC => PatternDays::HijriMonthEnd(day(fields)?),
            other => {
                fields.unexpected("PatternType", other, "0 to 4 or 0xa to 0xc");
                return None;
            }
        })
    }

    fn read_dates(fields: &mut Fields<'_>, count: &'static str, dates: &'static str) -> Option<Vec<LocalMinutes>> {
        let count = usize::try_from(fields.u32(count)?).unwrap_or(usize::MAX);
        let stored = fields.take(dates, count.saturating_mul(4))?;
        let (stored, _) = stored.as_chunks::<4>();
        Some(stored.iter().map(|date| LocalMinutes(u32::from_le_bytes(*date))).collect())
    }

    /// Encodes PidLidTaskRecurrence.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let [reader, writer] = self.versions;
        for number in [reader, writer, self.frequency.number(), self.days.number(), self.calendar] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        put(&mut out, &[self.first.0, self.period, self.sliding]);
        match self.days {
            PatternDays::Day => {}
            PatternDays::Week(days) => put(&mut out, &[days.0]),
            PatternDays::Month(day)
            | PatternDays::MonthEnd(day)
            | PatternDays::HijriMonth(day)
            | PatternDays::HijriMonthEnd(day) => put(&mut out, &[day]),
            PatternDays::MonthNth(days, nth) | PatternDays::HijriMonthNth(days, nth) => put(&mut out, &[days.0, nth]),
        }
        put(&mut out, &[self.end_type.number(), self.count, self.first_weekday]);
        for dates in [&self.deleted, &self.modified] {
            put(&mut out, &[length(dates.len())]);
            dates.iter().for_each(|date| put(&mut out, &[date.0]));
        }
        put(&mut out, &[self.start.0, self.end.0]);
        out
    }
}
