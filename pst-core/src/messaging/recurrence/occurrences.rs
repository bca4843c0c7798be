//! The days a [`RecurrencePattern`] falls on (MS-OXOCAL 2.2.1.44.1).
//!
//! Periods are counted from StartDate if that is a day of the pattern, as it is where Outlook writes; else from
//! FirstDateTime. Months are those of the Gregorian calendar: a pattern of another one has no [`Occurrences`].

use jiff::SignedDuration;
use jiff::civil::{self, Date, Weekday};

use super::LocalMinutes;
use super::pattern::{EndType, PatternDays, RecurrencePattern, Weekdays};

/// Not 1601: jiff adds no more to a date than it takes to get from there to the year 10000. A Thursday.
const BASE: Date = civil::date(1970, 1, 1);
const MINUTES_OF_DAY: u32 = 1440;

/// The number of a day, 1970-01-01 being 0.
fn day_number(date: Date) -> i64 {
    date.duration_since(BASE).as_hours().div_euclid(24)
}

fn date_of(number: i64) -> Option<Date> {
    BASE.checked_add(SignedDuration::from_hours(number.checked_mul(24)?)).ok()
}

/// Which days of a month.
#[derive(Clone, Copy, Debug)]
enum MonthDays {
    /// This one, or the last.
    Day(i8),
    /// The n-th of these weekdays; `None` is the last.
    Nth(Weekdays, Option<usize>),
}

#[derive(Clone, Copy, Debug)]
enum Unit {
    Day,
    /// The day number modulo 7 of a day weeks begin with.
    Week(Weekdays, i64),
    Month(MonthDays),
}

/// A pattern made ready to be asked.
#[derive(Clone, Copy, Debug)]
struct Plan {
    unit: Unit,
    /// How many units lie between one period and the next.
    period: i64,
    /// The number of some unit that is one of the pattern.
    phase: i64,
    start: Date,
    until: Option<Date>,
}

impl Plan {
    fn new(pattern: &RecurrencePattern) -> Option<Self> {
        let months = |days| pattern.is_gregorian().then_some(Unit::Month(days));
        let unit = match pattern.days {
            PatternDays::Day => Unit::Day,
            PatternDays::Week(days) if days.is_empty() => return None,
            // Day 0 is a Thursday, the fifth from Sunday.
            PatternDays::Week(days) => Unit::Week(days, i64::from(pattern.first_weekday.min(6)).saturating_sub(4)),
            PatternDays::Month(day) => months(MonthDays::Day(i8::try_from(day.min(31)).ok().filter(|day| *day > 0)?))?,
            PatternDays::MonthEnd(_) => months(MonthDays::Day(31))?,
            PatternDays::MonthNth(days, nth) if (1..=5).contains(&nth) && !days.is_empty() => {
                months(MonthDays::Nth(days, usize::try_from(nth).ok().filter(|nth| *nth < 5)))?
            }
            _ => return None,
        };
        let period = match unit {
            Unit::Day if pattern.period.is_multiple_of(MINUTES_OF_DAY) => pattern.period.checked_div(MINUTES_OF_DAY)?,
            Unit::Day => return None,
            // Every weekday: the frequency is daily, and the period counts nothing.
            Unit::Week(..) => pattern.period.max(1),
            Unit::Month(_) => pattern.period,
        };
        let start = pattern.start.date();
        let until = match pattern.end_type {
            EndType::Never { .. } => None,
            EndType::Count if pattern.count > 0 => None,
            EndType::Other(_) if pattern.end >= LocalMinutes::NO_END => None,
            EndType::Date | EndType::Count | EndType::Other(_) => Some(pattern.end.date()),
        };
        let mut plan = Self { unit, period: i64::from(period), phase: 0, start, until };
        let from_start = plan.days_of(plan.unit_of(start)).is_some_and(|days| days.contains(&start));
        plan.phase = plan.unit_of(if from_start { start } else { pattern.first.date() });
        (period > 0).then_some(plan)
    }

    /// The number of the unit a day is in.
    fn unit_of(&self, date: Date) -> i64 {
        match self.unit {
            Unit::Day => day_number(date),
            Unit::Week(_, begin) => day_number(date).saturating_sub(begin).div_euclid(7),
            Unit::Month(_) => {
                i64::from(date.year()).saturating_mul(12).saturating_add(i64::from(date.month())).saturating_sub(1)
            }
        }
    }

    /// The days of a unit in order; `None` beyond the calendar.
    fn days_of(&self, unit: i64) -> Option<Vec<Date>> {
        match self.unit {
            Unit::Day => Some(vec![date_of(unit)?]),
            Unit::Week(days, begin) => {
                let first = unit.checked_mul(7)?.checked_add(begin)?;
                let dates = (0..7).map(|offset| date_of(first.checked_add(offset)?)).collect::<Option<Vec<_>>>()?;
                Some(dates.into_iter().filter(|date| days.contains(date.weekday())).collect())
            }
            Unit::Month(days) => {
                let year = i16::try_from(unit.div_euclid(12)).ok()?;
                let month = i8::try_from(unit.rem_euclid(12)).ok()?.checked_add(1)?;
                let first = Date::new(year, month, 1).ok()?;
                let on = |day: i8| Date::new(year, month, day.min(first.days_in_month())).ok();
                match days {
                    MonthDays::Day(day) => Some(vec![on(day)?]),
                    MonthDays::Nth(days, nth) => {
                        let mut matching =
                            (1..=first.days_in_month()).filter_map(on).filter(|date| days.contains(date.weekday()));
                        let date = match nth {
                            Some(nth) => matching.nth(nth.checked_sub(1)?),
                            None => matching.next_back(),
                        };
                        Some(date.into_iter().collect())
                    }
                }
            }
        }
    }

    fn is_in_phase(&self, unit: i64) -> bool {
        unit.saturating_sub(self.phase).checked_rem_euclid(self.period) == Some(0)
    }

    /// The first unit of the pattern that is not before the start's.
    fn first_unit(&self) -> Option<i64> {
        let unit = self.unit_of(self.start);
        let behind = self.phase.checked_sub(unit)?.checked_rem_euclid(self.period)?;
        unit.checked_add(behind)
    }
}

/// The days of a recurrence in order: deleted ones too, and changed ones where they were at first.
///
/// Without an end it goes on to the end of the calendar, 9999-12-31.
#[derive(Clone, Debug)]
pub struct Occurrences {
    plan: Plan,
    /// The next unit to look at; `None` at the end.
    next: Option<i64>,
    /// Days of the last unit not yet given, the last one first.
    waiting: Vec<Date>,
    left: Option<u32>,
}

impl Iterator for Occurrences {
    type Item = Date;

    fn next(&mut self) -> Option<Date> {
        if self.left == Some(0) {
            return None;
        }
        loop {
            while let Some(date) = self.waiting.pop() {
                if date < self.plan.start {
                    continue;
                }
                if self.plan.until.is_some_and(|until| date > until) {
                    (self.next, self.left) = (None, Some(0));
                    return None;
                }
                self.left = self.left.map(|left| left.saturating_sub(1));
                return Some(date);
            }
            let unit = self.next?;
            self.waiting = self.plan.days_of(unit).unwrap_or_else(|| {
                self.next = None;
                Vec::new()
            });
            self.waiting.reverse();
            self.next = self.next.and_then(|_| unit.checked_add(self.plan.period));
        }
    }
}

impl RecurrencePattern {
    /// True if its months are Gregorian, by whatever name its years go: CalendarType 0 to 5, 7 and 9 to 0xC.
    pub fn is_gregorian(&self) -> bool {
        matches!(self.calendar, 0..=5 | 7 | 9..=0xC)
            && !matches!(
                self.days,
                PatternDays::HijriMonth(_) | PatternDays::HijriMonthNth(..) | PatternDays::HijriMonthEnd(_)
            )
    }

    /// The days it falls on; `None` if they cannot be told: a period of zero or of parts of days, no weekday, a day of a
    /// month that is not Gregorian.
    pub fn occurrences(&self) -> Option<Occurrences> {
        let plan = Plan::new(self)?;
        let left = matches!(self.end_type, EndType::Count).then_some(self.count).filter(|count| *count > 0);
        Some(Occurrences { next: plan.first_unit(), plan, waiting: Vec::new(), left })
    }

    /// Whether it falls on a day. Of a number of occurrences EndDate is the end.
    pub fn contains(&self, date: Date) -> bool {
        Plan::new(self).is_some_and(|plan| {
            let unit = plan.unit_of(date);
            let ended = matches!(self.end_type, EndType::Count) && self.end >= self.start && date > self.end.date();
            date >= plan.start
                && !ended
                && plan.until.is_none_or(|until| date <= until)
                && plan.is_in_phase(unit)
                && plan.days_of(unit).is_some_and(|days| days.contains(&date))
        })
    }
}

/// The two letters of a weekday in iCalendar.
pub(crate) fn two_letters(day: Weekday) -> &'static str {
    match day {
        Weekday::Sunday => "SU",
        Weekday::Monday => "MO",
        Weekday::Tuesday => "TU",
        Weekday::Wednesday => "WE",
        Weekday::Thursday => "TH",
        Weekday::Friday => "FR",
        Weekday::Saturday => "SA",
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use crate::messaging::recurrence::Frequency;

    fn pattern(days: PatternDays, period: u32, start: Date, end_type: EndType, count: u32) -> RecurrencePattern {
        let start = LocalMinutes::from_civil(start.at(0, 0, 0, 0)).unwrap();
        RecurrencePattern {
            versions: [0x3004; 2],
            frequency: Frequency::Monthly,
            days,
            calendar: 0,
            first: LocalMinutes::new(0),
            period,
            sliding: 0,
            end_type,
            count,
            first_weekday: 0,
            deleted: Vec::new(),
            modified: Vec::new(),
            start,
            end: LocalMinutes::NO_END,
        }
    }

    fn dates(pattern: &RecurrencePattern) -> Vec<String> {
        pattern.occurrences().unwrap().take(5).map(|date| date.to_string()).collect()
    }

    const NEVER: EndType = EndType::Never { number: 0x2023 };

    #[test]
    fn short_months_have_the_day_at_their_end() {
        let monthly = pattern(PatternDays::Month(31), 1, civil::date(2024, 1, 31), NEVER, 0);
        assert_eq!(dates(&monthly), ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30", "2024-05-31"]);
        let thirtieth = pattern(PatternDays::Month(30), 1, civil::date(2023, 1, 30), NEVER, 0);
        assert_eq!(dates(&thirtieth)[..3], ["2023-01-30", "2023-02-28", "2023-03-30"]);
        assert!(monthly.contains(civil::date(2025, 2, 28)));
        assert!(!monthly.contains(civil::date(2025, 2, 27)));
        assert!(!monthly.contains(civil::date(2023, 12, 31)), "before the start");
    }

    #[test]
    fn the_nth_weekday_and_the_last() {
        let third_tuesday = pattern(PatternDays::MonthNth(Weekdays(4), 3), 2, civil::date(2024, 1, 16), NEVER, 0);
        assert_eq!(dates(&third_tuesday)[..3], ["2024-01-16", "2024-03-19", "2024-05-21"]);
        let last_weekday = pattern(PatternDays::MonthNth(Weekdays(0x3E), 5), 1, civil::date(2024, 5, 1), NEVER, 0);
        assert_eq!(dates(&last_weekday)[..3], ["2024-05-31", "2024-06-28", "2024-07-31"]);
    }

    #[test]
    fn weeks_begin_with_their_first_day() {
        // Tuesday and Sunday of every second week, from a Tuesday on: the example of RFC 5545 3.8.5.3 for WKST.
        let mut weekly = pattern(PatternDays::Week(Weekdays(0b101)), 2, civil::date(1997, 8, 5), EndType::Count, 4);
        weekly.first_weekday = 1;
        assert_eq!(dates(&weekly), ["1997-08-05", "1997-08-10", "1997-08-19", "1997-08-24"]);
        weekly.first_weekday = 0;
        assert_eq!(dates(&weekly), ["1997-08-05", "1997-08-17", "1997-08-19", "1997-08-31"]);
        // The start is no day of the pattern: weeks are counted from FirstDateTime, a Sunday.
        weekly.start = LocalMinutes::from_civil(civil::date(1997, 8, 6).at(0, 0, 0, 0)).unwrap();
        weekly.first = LocalMinutes::new(13 * 1440);
        assert_eq!(dates(&weekly)[..2], ["1997-08-10", "1997-08-12"], "20,692 weeks later");
        weekly.first = LocalMinutes::new(6 * 1440);
        assert_eq!(dates(&weekly)[..2], ["1997-08-17", "1997-08-19"], "20,694 weeks later");
    }

    #[test]
    fn an_end_date_is_the_last_day() {
        let mut daily = pattern(PatternDays::Day, 3 * 1440, civil::date(2024, 1, 1), EndType::Date, 0);
        daily.end = LocalMinutes::from_civil(civil::date(2024, 1, 7).at(0, 0, 0, 0)).unwrap();
        assert_eq!(dates(&daily), ["2024-01-01", "2024-01-04", "2024-01-07"]);
        assert!(daily.contains(civil::date(2024, 1, 4)) && !daily.contains(civil::date(2024, 1, 10)));
        assert_eq!(daily.occurrences().unwrap().last(), Some(civil::date(2024, 1, 7)));
    }

    #[test]
    fn what_makes_no_sense_has_no_days() {
        let start = civil::date(2024, 1, 1);
        for (days, period) in [
            (PatternDays::Day, 0),
            (PatternDays::Day, 1441),
            (PatternDays::Week(Weekdays(0x80)), 1),
            (PatternDays::Month(0), 1),
            (PatternDays::Month(1), 0),
            (PatternDays::MonthNth(Weekdays(2), 6), 1),
            (PatternDays::HijriMonth(1), 1),
        ] {
            let pattern = pattern(days, period, start, NEVER, 0);
            assert!(pattern.occurrences().is_none(), "{days:?}");
            assert!(!pattern.contains(start), "{days:?}");
        }
        let hebrew = RecurrencePattern { calendar: 8, ..pattern(PatternDays::Month(3), 1, start, NEVER, 0) };
        assert!(hebrew.occurrences().is_none());
    }

    #[test]
    fn without_an_end_it_stops_with_the_calendar() {
        let far = pattern(PatternDays::Month(1), u32::MAX, civil::date(2024, 1, 1), NEVER, 0);
        assert_eq!(dates(&far), ["2024-01-01"]);
        let yearly = pattern(PatternDays::Month(29), 12, civil::date(2023, 2, 28), NEVER, 0);
        assert_eq!(yearly.occurrences().unwrap().count(), 9999 - 2023 + 1);
    }
}
