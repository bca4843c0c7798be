//! Time zones of a calendar (RFC 5545 3.6.5), as far as calendars of mail define them: rules that are the same each year.

use jiff::civil::{Date, DateTime, Weekday};

use super::calendar::{Line, Moment};

/// A VTIMEZONE.
#[derive(Debug, Default)]
pub(super) struct Zone {
    id: String,
    observances: Vec<Observance>,
}

/// A STANDARD or DAYLIGHT: from when on clocks are how much ahead.
#[derive(Debug, Default)]
struct Observance {
    /// The first time that it begins, in local time.
    begins: Option<DateTime>,
    /// Seconds ahead of UTC.
    ahead: Option<i64>,
    rule: Option<String>,
    /// Begins at dates that are listed one by one, which are not read.
    is_listed: bool,
}

impl Zone {
    /// Zones of one calendar.
    pub(super) const MOST: usize = 64;
    /// Observances of one zone.
    const MOST_OBSERVANCES: usize = 256;

    pub(super) fn is(&self, id: &str) -> bool {
        !self.id.is_empty() && self.id == id
    }

    pub(super) fn begin(&mut self) {
        if self.observances.len() < Self::MOST_OBSERVANCES {
            self.observances.push(Observance::default());
        }
    }

    /// Takes a line of the zone, or of its last observance.
    pub(super) fn line(&mut self, line: &Line, is_of_observance: bool) {
        if !is_of_observance {
            if line.name == "TZID" {
                self.id = line.value.trim().to_uppercase();
            }
            return;
        }
        let Some(observance) = self.observances.last_mut() else { return };
        match line.name.as_str() {
            "DTSTART" => observance.begins = line.moment().map(|moment| moment.local),
            "TZOFFSETTO" => observance.ahead = offset(line.value.trim()),
            "RRULE" => observance.rule = Some(line.value.trim().to_ascii_uppercase()),
            "RDATE" => observance.is_listed = true,
            _ => {}
        }
    }

    /// Seconds ahead of UTC at a local time; `None` if an observance is not understood.
    pub(super) fn offset_at(&self, local: DateTime) -> Option<i64> {
        let mut latest: Option<(DateTime, i64)> = None;
        for observance in &self.observances {
            let ahead = observance.ahead?;
            let onset = observance.onset_before(local)?;
            if let Some(onset) = onset.filter(|onset| latest.is_none_or(|(known, _)| *onset > known)) {
                latest = Some((onset, ahead));
            }
        }
        // Before all of them: the one that is alone is meant for ever.
        latest.map(|(_, ahead)| ahead).or(match self.observances.as_slice() {
            [only] => only.ahead,
            _ => None,
        })
    }
}

impl Observance {
    /// The last time it began at or before `local`; `Some(None)` if it had not yet.
    fn onset_before(&self, local: DateTime) -> Option<Option<DateTime>> {
        let begins = self.begins.filter(|_| !self.is_listed)?;
        if begins > local {
            return Some(None);
        }
        let Some(rule) = &self.rule else { return Some(Some(begins)) };
        let rule = Rule::parse(rule)?;
        let mut latest = begins;
        for year in [local.year().checked_sub(1)?, local.year()] {
            let Some(day) = rule.day_in(year) else { continue };
            let onset = day.to_datetime(begins.time());
            let is_over = rule.until.is_some_and(|until| onset > until);
            if onset > latest && onset <= local && !is_over {
                latest = onset;
            }
        }
        // One that ended long ago began last in its last year.
        if let Some(until) = rule.until.filter(|until| *until < local) {
            let last =
                rule.day_in(until.year()).map(|day| day.to_datetime(begins.time())).filter(|last| *last <= until);
            let last = last.or_else(|| Some(rule.day_in(until.year().checked_sub(1)?)?.to_datetime(begins.time())));
            latest = last.filter(|last| *last > latest).unwrap_or(latest);
        }
        Some(Some(latest))
    }
}

/// `FREQ=YEARLY` with a month, and a day of it: by weekday, by number, or both.
struct Rule {
    month: i8,
    weekday: Option<(i8, Weekday)>,
    days: Vec<i8>,
    until: Option<DateTime>,
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        let mut rule = Self { month: 0, weekday: None, days: Vec::new(), until: None };
        let mut is_yearly = false;
        for (name, value) in text.split(';').filter_map(|part| part.split_once('=')) {
            match name {
                "FREQ" => is_yearly = value == "YEARLY",
                "BYMONTH" => rule.month = value.parse().ok()?,
                "BYDAY" => rule.weekday = Some(weekday(value)?),
                "BYMONTHDAY" => {
                    rule.days = value.split(',').take(31).map(|day| day.parse().ok()).collect::<Option<_>>()?
                }
                // In UTC, hours off at most.
                "UNTIL" => rule.until = Some(Moment::parse(value)?.local),
                "INTERVAL" if value == "1" => {}
                "WKST" => {}
                _ => return None,
            }
        }
        (is_yearly && rule.month != 0).then_some(rule)
    }

    fn day_in(&self, year: i16) -> Option<Date> {
        let first = Date::new(year, self.month, 1).ok()?;
        match (self.weekday, self.days.as_slice()) {
            (Some((nth, weekday)), []) if nth != 0 => first.nth_weekday_of_month(nth, weekday).ok(),
            (Some((0, weekday)), days) => days
                .iter()
                .filter_map(|day| Date::new(year, self.month, *day).ok())
                .find(|day| day.weekday() == weekday),
            (None, [day]) => Date::new(year, self.month, *day).ok(),
            _ => None,
        }
    }
}

/// `-1SU`: the last Sunday; without a number 0.
fn weekday(text: &str) -> Option<(i8, Weekday)> {
    let (number, name) = text.split_at_checked(text.len().checked_sub(2)?)?;
    let weekday = match name {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    };
    let number = if number.is_empty() { 0 } else { number.parse().ok()? };
    Some((number, weekday))
}

/// `+0130` in seconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let number = |from: usize| {
        digits.get(from..from.checked_add(2)?)?.parse::<i64>().ok().filter(|number| (0..60).contains(number))
    };
    let seconds = number(0)?.checked_mul(3600)?.checked_add(number(2)?.checked_mul(60)?)?;
    seconds.checked_add(number(4).unwrap_or(0))?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets() {
        assert_eq!(offset("+0130"), Some(5400));
        assert_eq!(offset("-0500"), Some(-18_000));
        assert_eq!(offset("+013015"), Some(5415));
        for text in ["", "0130", "+1", "+0x30", "ü0100"] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_rules() {
        let day = |rule: &str, year| Rule::parse(rule).and_then(|rule| rule.day_in(year)).map(|day| day.to_string());
        assert_eq!(day("FREQ=YEARLY;BYDAY=2SU;BYMONTH=3", 2026).as_deref(), Some("2026-03-08"));
        assert_eq!(day("FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10", 2026).as_deref(), Some("2026-10-25"));
        assert_eq!(
            day("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=8,9,10,11,12,13,14;BYDAY=SU", 2026).as_deref(),
            Some("2026-03-08")
        );
        assert_eq!(day("FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=1", 2026).as_deref(), Some("2026-04-01"));
        for rule in ["FREQ=DAILY;BYMONTH=3;BYDAY=1SU", "FREQ=YEARLY;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=3;BYWEEKNO=4", ""]
        {
            assert_eq!(day(rule, 2026), None, "{rule}");
        }
    }

    fn observance(begins: &str, ahead: &str, rule: &str) -> Vec<String> {
        vec![format!("DTSTART:{begins}"), format!("TZOFFSETTO:{ahead}"), format!("RRULE:{rule}")]
    }

    #[test]
    fn rules_that_ended_give_way() {
        let mut zone = Zone::default();
        for lines in [
            observance("19870405T020000", "-0400", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z"),
            observance("20070311T020000", "-0400", "FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"),
            observance("19671029T020000", "-0500", "FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20061029T060000Z"),
            observance("20071104T020000", "-0500", "FREQ=YEARLY;BYDAY=1SU;BYMONTH=11"),
        ] {
            zone.begin();
            for line in lines.iter().filter_map(|line| Line::parse(line)) {
                zone.line(&line, true);
            }
        }
        let at = |text: &str| zone.offset_at(Moment::parse(text).expect("a time").local).map(|seconds| seconds / 3600);
        assert_eq!(at("20060410T120000"), Some(-4));
        assert_eq!(at("20061201T120000"), Some(-5));
        assert_eq!(at("20070301T120000"), Some(-5));
        assert_eq!(at("20070320T120000"), Some(-4));
        assert_eq!(at("20260701T120000"), Some(-4));
        assert_eq!(at("20261105T120000"), Some(-5));
        assert_eq!(at("19500101T120000"), None);
    }
}
