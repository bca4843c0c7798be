//! RRULE (RFC 5545 3.3.10) of a recurrence pattern, by the templates of MS-OXCICAL 2.1.3.2.2.
//!
//! **A month without the day of the pattern has its last day instead**, which RRULE by itself leaves out: days from 29 on
//! are told as the last one of several.

use jiff::civil::{Date, Weekday};

use crate::messaging::recurrence::{Frequency, PatternDays, RecurrencePattern, Weekdays, two_letters};

/// The rule without its end: `FREQ=WEEKLY;BYDAY=TU;WKST=SU`. `first` is the first occurrence.
///
/// `None` if no rule says what the pattern does.
pub(super) fn rule(pattern: &RecurrencePattern, first: Date) -> Option<String> {
    let mut parts = Vec::new();
    let mut every = |frequency: &str, period: u32| {
        parts.push(format!("FREQ={frequency}"));
        if period > 1 {
            parts.push(format!("INTERVAL={period}"));
        }
    };
    match pattern.days {
        PatternDays::Day => every("DAILY", pattern.period.checked_div(1440)?),
        PatternDays::Week(days) => {
            every("WEEKLY", pattern.period);
            parts.push(format!("BYDAY={}", letters(days)));
            let first_weekday = i8::try_from(pattern.first_weekday.min(6)).ok()?;
            parts.push(format!("WKST={}", two_letters(Weekday::from_sunday_zero_offset(first_weekday).ok()?)));
        }
        _ => {
            let yearly = pattern.period.is_multiple_of(12) && pattern.period > 0;
            let yearly = yearly && (pattern.frequency == Frequency::Yearly || pattern.period == 12);
            if yearly {
                every("YEARLY", pattern.period.checked_div(12)?);
            } else {
                every("MONTHLY", pattern.period);
            }
            parts.push(month_days(pattern.days, yearly.then_some(first))?);
            if yearly {
                parts.push(format!("BYMONTH={}", first.month()));
            }
        }
    }
    Some(parts.join(";"))
}

/// Which days of the month; of one month if the rule is yearly, which is that of `first`.
fn month_days(days: PatternDays, first: Option<Date>) -> Option<String> {
    // What the longest of the months has. February has 29 in some years.
    let longest = match first {
        Some(first) if first.month() == 2 => 29,
        Some(first) => u32::from(first.days_in_month().unsigned_abs()),
        None => 31,
    };
    let shortest = match first {
        Some(first) if first.month() != 2 => longest,
        _ => 28,
    };
    Some(match days {
        PatternDays::Month(day) if day >= longest => "BYMONTHDAY=-1".to_owned(),
        PatternDays::Month(day) if day <= shortest => format!("BYMONTHDAY={day}"),
        PatternDays::Month(day) => {
            let days: Vec<_> = (shortest..=day).map(|day| day.to_string()).collect();
            format!("BYMONTHDAY={};BYSETPOS=-1", days.join(","))
        }
        PatternDays::MonthEnd(_) => "BYMONTHDAY=-1".to_owned(),
        PatternDays::MonthNth(days, nth) => {
            let nth = if nth >= 5 { "-1".to_owned() } else { nth.to_string() };
            match days.iter().count() {
                1 => format!("BYDAY={nth}{}", letters(days)),
                7 => format!("BYMONTHDAY={nth}"),
                _ => format!("BYDAY={};BYSETPOS={nth}", letters(days)),
            }
        }
        _ => return None,
    })
}

fn letters(days: Weekdays) -> String {
    days.iter().map(two_letters).collect::<Vec<_>>().join(",")
}

/// The name of a calendar that is not Gregorian in X-MICROSOFT-CALSCALE (MS-OXCICAL 2.1.3.1.1.8).
pub(super) fn scale(pattern: &RecurrencePattern) -> String {
    match pattern.calendar {
        0 | 1 | 6 => "Hijri".to_owned(),
        8 => "Hebrew".to_owned(),
        0xE => "JapanLunar".to_owned(),
        0xF => "ChineseLunar".to_owned(),
        0x10 => "Saka".to_owned(),
        0x11 => "LunarEtoChn".to_owned(),
        0x12 => "LunarEtoKor".to_owned(),
        0x13 => "LunarRokuyou".to_owned(),
        0x17 => "UmAlQura".to_owned(),
        other => other.to_string(),
    }
}

/// The rule of a pattern of such a calendar, as X-MICROSOFT-RRULE tells it: days and months are those of the calendar.
pub(super) fn foreign_rule(pattern: &RecurrencePattern) -> Option<String> {
    let days = match pattern.days {
        PatternDays::HijriMonth(day) => PatternDays::Month(day),
        PatternDays::HijriMonthEnd(day) => PatternDays::MonthEnd(day),
        PatternDays::HijriMonthNth(days, nth) => PatternDays::MonthNth(days, nth),
        other => other,
    };
    let days = match days {
        // No month of such a calendar has more than 30 days.
        PatternDays::Month(day) if day >= 30 => "BYMONTHDAY=-1".to_owned(),
        PatternDays::Month(day) => format!("BYMONTHDAY={day}"),
        other => month_days(other, None)?,
    };
    let interval = if pattern.period > 1 { format!(";INTERVAL={}", pattern.period) } else { String::new() };
    Some(format!("FREQ=MONTHLY{interval};{days}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::recurrence::{EndType, LocalMinutes};
    use jiff::civil::date;

    fn pattern(frequency: Frequency, days: PatternDays, period: u32) -> RecurrencePattern {
        RecurrencePattern {
            versions: [0x3004; 2],
            frequency,
            days,
            calendar: 0,
            first: LocalMinutes::new(0),
            period,
            sliding: 0,
            end_type: EndType::Never { number: 0x2023 },
            count: 0,
            first_weekday: 0,
            deleted: Vec::new(),
            modified: Vec::new(),
            start: LocalMinutes::new(0),
            end: LocalMinutes::NO_END,
        }
    }

    #[test]
    fn rules() {
        use Frequency::{Daily, Monthly, Weekly, Yearly};
        use PatternDays::{Day, Month, MonthEnd, MonthNth, Week};
        let first = date(2024, 6, 16);
        let leap_day = date(2024, 2, 29);
        for (frequency, days, period, first, expected) in [
            (Daily, Day, 1440, first, "FREQ=DAILY"),
            (Daily, Day, 3 * 1440, first, "FREQ=DAILY;INTERVAL=3"),
            (Daily, Week(Weekdays(0x3E)), 1, first, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=SU"),
            (Weekly, Week(Weekdays(0x41)), 2, first, "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,SA;WKST=SU"),
            (Monthly, Month(10), 1, first, "FREQ=MONTHLY;BYMONTHDAY=10"),
            (Monthly, Month(30), 3, first, "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=28,29,30;BYSETPOS=-1"),
            (Monthly, Month(31), 1, first, "FREQ=MONTHLY;BYMONTHDAY=-1"),
            (Monthly, MonthEnd(31), 1, first, "FREQ=MONTHLY;BYMONTHDAY=-1"),
            (Monthly, MonthNth(Weekdays(1), 3), 1, first, "FREQ=MONTHLY;BYDAY=3SU"),
            (Monthly, MonthNth(Weekdays(0x3E), 5), 1, first, "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
            (Monthly, MonthNth(Weekdays(0x7F), 2), 1, first, "FREQ=MONTHLY;BYMONTHDAY=2"),
            (Yearly, Month(16), 12, first, "FREQ=YEARLY;BYMONTHDAY=16;BYMONTH=6"),
            (Yearly, Month(31), 12, first, "FREQ=YEARLY;BYMONTHDAY=-1;BYMONTH=6"),
            (Yearly, Month(29), 24, leap_day, "FREQ=YEARLY;INTERVAL=2;BYMONTHDAY=-1;BYMONTH=2"),
            (Yearly, MonthNth(Weekdays(0x3E), 1), 12, first, "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1;BYMONTH=6"),
            (Monthly, Month(16), 24, first, "FREQ=MONTHLY;INTERVAL=24;BYMONTHDAY=16"),
        ] {
            assert_eq!(rule(&pattern(frequency, days, period), first).as_deref(), Some(expected));
        }
    }

    #[test]
    fn rules_of_other_calendars() {
        let mut hebrew = pattern(Frequency::Yearly, PatternDays::Month(3), 12);
        hebrew.calendar = 8;
        assert_eq!(scale(&hebrew), "Hebrew");
        assert_eq!(foreign_rule(&hebrew).as_deref(), Some("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=3"));
        let hijri = pattern(Frequency::Monthly, PatternDays::HijriMonthNth(Weekdays(4), 5), 1);
        assert_eq!(scale(&hijri), "Hijri");
        assert_eq!(foreign_rule(&hijri).as_deref(), Some("FREQ=MONTHLY;BYDAY=-1TU"));
        assert_eq!(rule(&hijri, date(2024, 1, 1)), None);
    }
}
