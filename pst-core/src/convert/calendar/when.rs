//! Dates and times of a calendar, and the time zones they are told in: DTSTART and its like, VTIMEZONE.

use std::cell::Cell;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

use crate::FileTime;
use crate::convert::content_line::ContentLines;
use crate::messaging::recurrence::two_letters;
use crate::messaging::time_zone::{SystemTime, TimeZoneRule};

/// A date or time as a content line tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// A day, wherever one is.
    Date(Date),
    /// A time in UTC.
    Utc(DateTime),
    /// A local time in a zone of [`Zones`]; without one, wherever one is.
    Local(DateTime, Option<usize>),
}

impl When {
    /// The value as text: `20160802T080000`.
    pub(super) fn text(self) -> String {
        match self {
            Self::Date(date) => date.strftime("%Y%m%d").to_string(),
            Self::Utc(time) => time.strftime("%Y%m%dT%H%M%SZ").to_string(),
            Self::Local(time, _) => time.strftime("%Y%m%dT%H%M%S").to_string(),
        }
    }

    /// Writes a line with its parameters.
    pub(super) fn write(self, lines: &mut ContentLines, name: &str, zones: &Zones) {
        lines.open(name);
        match self {
            Self::Date(_) => {
                lines.words("VALUE", "DATE");
            }
            Self::Local(_, Some(zone)) => {
                if let Some((zone, is_used)) = zones.0.get(zone) {
                    is_used.set(true);
                    lines.parameter("TZID", &zone.id);
                }
            }
            Self::Utc(_) | Self::Local(_, None) => {}
        }
        lines.value(&self.text());
    }
}

/// Date and time in UTC; `None` after the year 9999. What is finer than a second is cut off.
pub(super) fn utc(time: FileTime) -> Option<DateTime> {
    let time = Offset::UTC.to_datetime(time.to_timestamp()?);
    time.with().subsec_nanosecond(0).build().ok()
}

/// A value in UTC.
pub(super) fn utc_text(time: FileTime) -> Option<String> {
    utc(time).map(|time| When::Utc(time).text())
}

/// A time some minutes later.
pub(super) fn later(time: DateTime, minutes: i64) -> DateTime {
    time.saturating_add(SignedDuration::from_secs(minutes.saturating_mul(60)))
}

/// A date some days later.
pub(super) fn days_later(date: Date, days: i64) -> Date {
    date.saturating_add(SignedDuration::from_hours(days.saturating_mul(24)))
}

/// A time zone of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    /// The TZID.
    pub(super) id: String,
    pub(super) rule: TimeZoneRule,
}

impl Zone {
    /// A zone under the name an item has for it; `None` if its rule makes no sense.
    pub(super) fn new(name: &str, rule: TimeZoneRule) -> Option<Self> {
        // The id is a parameter here and text there; without these characters it is the same in both.
        let name: String = name.chars().filter(|c| !c.is_control() && !"\\;,\"^".contains(*c)).collect();
        let id = if name.trim().is_empty() { offset_name(rule.standard_offset()) } else { name.trim().to_owned() };
        rule.is_sound().then_some(Self { id, rule })
    }

    /// A zone that is always some minutes east of UTC.
    pub(super) fn fixed(minutes: i64) -> Option<Self> {
        let bias = i32::try_from(minutes.checked_neg()?).ok()?;
        Self::new(&offset_name(minutes), TimeZoneRule { bias, ..TimeZoneRule::default() })
    }
}

fn offset_name(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("UTC{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The time zones of a calendar, each once, and whether a line names it.
#[derive(Debug, Default)]
pub(super) struct Zones(Vec<(Zone, Cell<bool>)>);

impl Zones {
    /// Adds a zone; one of another rule under a known name gets a name of its own.
    pub(super) fn add(&mut self, zone: Zone) -> usize {
        let same = |known: &Zone| known.rule == zone.rule && known.id.starts_with(&zone.id);
        let known = self.0.iter().position(|(known, _)| same(known));
        known.unwrap_or_else(|| {
            let taken = |id: &str| self.0.iter().any(|(known, _)| known.id == id);
            let mut zone = zone;
            if taken(&zone.id) {
                let numbered = (2..=self.0.len().saturating_add(2)).map(|number| format!("{} {number}", zone.id));
                zone.id = numbered.into_iter().find(|id| !taken(id)).unwrap_or(zone.id);
            }
            self.0.push((zone, Cell::new(false)));
            self.0.len().saturating_sub(1)
        })
    }

    pub(super) fn rule(&self, zone: usize) -> Option<&TimeZoneRule> {
        self.0.get(zone).map(|(zone, _)| &zone.rule)
    }

    /// A time in a zone; **in UTC if the zone's clocks show it twice and this is the second time**, which no local time
    /// can say. `None` after the year 9999.
    pub(super) fn when(&self, time: FileTime, zone: Option<usize>) -> Option<When> {
        let utc = utc(time)?;
        let Some((zone, rule)) = zone.and_then(|zone| Some((zone, self.rule(zone)?))) else {
            return Some(When::Utc(utc));
        };
        let local = rule.to_local(utc);
        Some(if rule.to_utc(local) == utc { When::Local(local, Some(zone)) } else { When::Utc(utc) })
    }

    /// UTC of a local time in a zone; the time itself without one.
    pub(super) fn to_utc(&self, local: DateTime, zone: Option<usize>) -> DateTime {
        zone.and_then(|zone| self.rule(zone)).map_or(local, |rule| rule.to_utc(local))
    }

    /// Writes a VTIMEZONE for each that a line has named.
    pub(super) fn write(&self, lines: &mut ContentLines) {
        for (zone, _) in self.0.iter().filter(|(_, is_used)| is_used.get()) {
            lines.begin("VTIMEZONE");
            lines.open("TZID").text(&zone.id);
            let rule = &zone.rule;
            let (standard, daylight) = (rule.standard_offset(), rule.daylight_offset());
            if rule.has_daylight() {
                if rule.standard.year != 0 {
                    observance(lines, "STANDARD", None, (standard, standard));
                }
                observance(lines, "STANDARD", Some(&rule.standard), (daylight, standard));
                observance(lines, "DAYLIGHT", Some(&rule.daylight), (standard, daylight));
            } else {
                observance(lines, "STANDARD", None, (standard, standard));
            }
            lines.end("VTIMEZONE");
        }
    }
}

/// A STANDARD or DAYLIGHT component: from its first date in 1601 on, as Outlook writes them, or from the date of a year.
fn observance(lines: &mut ContentLines, name: &str, date: Option<&SystemTime>, (from, to): (i64, i64)) {
    let year = date.map_or(0, |date| date.year);
    let year = i16::try_from(year).ok().filter(|year| *year != 0).unwrap_or(1601);
    let begin = date.and_then(|date| date.in_year(year)).map(|begin| When::Local(begin, None).text());
    lines.begin(name);
    lines.open("DTSTART").value(begin.as_deref().unwrap_or("16010101T000000"));
    if let Some(date) = date.filter(|date| date.year == 0) {
        let nth = if date.day == 5 { "-1".to_owned() } else { date.day.to_string() };
        let weekday = i8::try_from(date.weekday).ok();
        let weekday = weekday.and_then(|day| jiff::civil::Weekday::from_sunday_zero_offset(day).ok());
        let weekday = weekday.map_or("SU", two_letters);
        lines.open("RRULE").value(&format!("FREQ=YEARLY;BYDAY={nth}{weekday};BYMONTH={}", date.month));
    }
    lines.open("TZOFFSETFROM").value(&offset(from));
    lines.open("TZOFFSETTO").value(&offset(to));
    lines.end(name);
}

fn offset(minutes: i64) -> String {
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn pacific() -> TimeZoneRule {
        let on = |month, day| SystemTime { month, day, hour: 2, ..SystemTime::default() };
        TimeZoneRule { bias: 480, standard_bias: 0, daylight_bias: -60, standard: on(11, 1), daylight: on(3, 2) }
    }

    fn filetime(time: DateTime) -> FileTime {
        FileTime::from_timestamp(Offset::UTC.to_timestamp(time).unwrap()).unwrap()
    }

    #[test]
    fn a_time_is_told_in_its_zone_where_that_is_clear() {
        let mut zones = Zones::default();
        let zone = zones.add(Zone::new("Pacific Standard Time", pacific()).unwrap());
        let when = |time| zones.when(filetime(time), Some(zone)).unwrap();
        assert_eq!(when(date(2016, 8, 2).at(15, 0, 0, 0)).text(), "20160802T080000");
        assert_eq!(when(date(2016, 11, 6).at(8, 30, 0, 0)).text(), "20161106T013000");
        assert_eq!(when(date(2016, 11, 6).at(9, 30, 0, 0)).text(), "20161106T093000Z", "half past one a second time");
        assert_eq!(zones.when(filetime(date(2016, 8, 2).at(15, 0, 0, 0)), None).unwrap().text(), "20160802T150000Z");
        assert_eq!(zones.when(FileTime::new(u64::MAX), Some(zone)), None);
    }

    #[test]
    fn zones_that_are_used_are_written_with_their_rules() {
        let mut zones = Zones::default();
        let pacific = zones.add(Zone::new("Pacific; \"Standard\", Time", pacific()).unwrap());
        let fixed = zones.add(Zone::fixed(-570).unwrap());
        zones.add(Zone::fixed(60).unwrap());
        for zone in [pacific, fixed] {
            When::Local(date(2016, 1, 1).at(0, 0, 0, 0), Some(zone)).write(&mut ContentLines::new(), "DTSTART", &zones);
        }
        let mut lines = ContentLines::new();
        zones.write(&mut lines);
        let expected = "BEGIN:VTIMEZONE\nTZID:Pacific Standard Time\n\
            BEGIN:STANDARD\nDTSTART:16011104T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\n\
            TZOFFSETFROM:-0700\nTZOFFSETTO:-0800\nEND:STANDARD\n\
            BEGIN:DAYLIGHT\nDTSTART:16010311T020000\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\n\
            TZOFFSETFROM:-0800\nTZOFFSETTO:-0700\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
            BEGIN:VTIMEZONE\nTZID:UTC-09:30\nBEGIN:STANDARD\nDTSTART:16010101T000000\n\
            TZOFFSETFROM:-0930\nTZOFFSETTO:-0930\nEND:STANDARD\nEND:VTIMEZONE\n";
        assert_eq!(lines.finish().0.replace("\r\n", "\n"), expected);
    }

    #[test]
    fn one_name_is_one_zone() {
        let mut zones = Zones::default();
        let first = zones.add(Zone::new("Here", pacific()).unwrap());
        let other = zones.add(Zone::new("Here", TimeZoneRule { bias: 60, ..pacific() }).unwrap());
        assert_eq!(zones.add(Zone::new("Here", pacific()).unwrap()), first);
        assert_eq!(zones.add(Zone::new("Here", TimeZoneRule { bias: 60, ..pacific() }).unwrap()), other);
        assert_eq!(zones.0.iter().map(|(zone, _)| zone.id.as_str()).collect::<Vec<_>>(), ["Here", "Here 2"]);
        assert_eq!(Zone::new("x", TimeZoneRule { bias: 1440, ..TimeZoneRule::default() }), None);
    }
}
