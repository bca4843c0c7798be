//! What is read of a calendar: its method, its first event, its time zones (RFC 5545).

use jiff::civil::{Date, DateTime, Time};

use super::zone::Zone;
use crate::FileTime;

/// A line of a calendar: name, parameters, value (RFC 5545 3.1).
pub(super) struct Line {
    pub(super) name: String,
    parameters: String,
    pub(super) value: String,
}

impl Line {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // A colon inside quotes is part of a parameter.
        let mut quoted = false;
        let colon = text.find(|character| {
            quoted ^= character == '"';
            character == ':' && !quoted
        })?;
        let (head, value) = text.split_at_checked(colon)?;
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        let value = value.strip_prefix(':').unwrap_or_default();
        Some(Self {
            name: name.trim().to_ascii_uppercase(),
            parameters: parameters.to_ascii_uppercase(),
            value: value.to_owned(),
        })
    }

    /// Text without its escapes (3.3.11).
    pub(super) fn text(&self) -> String {
        let mut out = String::with_capacity(self.value.len());
        let mut characters = self.value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next() {
                    Some('n' | 'N') => out.push_str("\r\n"),
                    Some(other) => out.push(other),
                    None => {}
                },
                '\0' => {}
                other => out.push(other),
            }
        }
        out
    }

    /// A parameter, in capitals and without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut quoted = false;
        let pieces = self.parameters.split(|character| {
            quoted ^= character == '"';
            character == ';' && !quoted
        });
        pieces
            .filter_map(|piece| piece.split_once('='))
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.trim_matches('"'))
    }

    /// The time or day that the value is (3.3.4, 3.3.5), as written.
    pub(super) fn moment(&self) -> Option<Moment> {
        Moment::parse(self.value.trim())
    }
}

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Moment {
    pub(super) local: DateTime,
    /// It is a whole day.
    pub(super) is_day: bool,
    /// It is in UTC.
    pub(super) is_utc: bool,
}

impl Moment {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(8)?;
        let number = |text: Option<&str>| text?.parse::<i8>().ok();
        let day = Date::new(date.get(..4)?.parse().ok()?, number(date.get(4..6))?, number(date.get(6..))?).ok()?;
        let Some(time) = rest.strip_prefix('T') else {
            return rest.is_empty().then_some(Self { local: day.at(0, 0, 0, 0), is_day: true, is_utc: false });
        };
        let (time, is_utc) = time.strip_suffix('Z').map_or((time, false), |time| (time, true));
        if time.len() != 6 {
            return None;
        }
        let second = number(time.get(4..))?.min(59);
        let time = Time::new(number(time.get(..2))?, number(time.get(2..4))?, second, 0).ok()?;
        Some(Self { local: day.to_datetime(time), is_day: false, is_utc })
    }
}

/// The lines of an event that anything is made of; the others would only take memory.
const READ: [&str; 9] =
    ["ATTENDEE", "DTSTART", "DTEND", "LOCATION", "SEQUENCE", "RRULE", "UID", "RECURRENCE-ID", "DESCRIPTION"];

/// What is read of a calendar: its method, and its first event.
#[derive(Default)]
pub(super) struct Calendar {
    pub(super) method: Option<String>,
    pub(super) event: Vec<Line>,
    /// Events behind the first.
    pub(super) more: usize,
    zones: Vec<Zone>,
}

impl Calendar {
    pub(super) fn parse(text: &str) -> Self {
        let unfolded = text.replace("\r\n ", "").replace("\r\n\t", "").replace("\n ", "").replace("\n\t", "");
        let mut calendar = Self::default();
        // The components that are open.
        let mut within: Vec<String> = Vec::new();
        let mut events = 0usize;
        for line in unfolded.lines().filter_map(Line::parse) {
            match line.name.as_str() {
                "BEGIN" if within.len() < 16 => {
                    let name = line.value.trim().to_ascii_uppercase();
                    events = events.saturating_add(usize::from(name == "VEVENT"));
                    match (name.as_str(), within.len()) {
                        ("VTIMEZONE", 1) if calendar.zones.len() < Zone::MOST => calendar.zones.push(Zone::default()),
                        ("STANDARD" | "DAYLIGHT", 2) => {
                            if let Some(zone) = calendar.zones.last_mut() {
                                zone.begin();
                            }
                        }
                        _ => {}
                    }
                    within.push(name);
                }
                "END" => {
                    within.pop();
                }
                "METHOD" if within.len() == 1 => calendar.method = Some(line.value.trim().to_ascii_uppercase()),
                _ if events == 1 && within.len() == 2 && within.last().is_some_and(|name| name == "VEVENT") => {
                    calendar.line(line);
                }
                _ if within.get(1).is_some_and(|name| name == "VTIMEZONE") => {
                    if let Some(zone) = calendar.zones.last_mut() {
                        zone.line(&line, within.len() == 3);
                    }
                }
                _ => {}
            }
        }
        calendar.more = events.saturating_sub(1);
        calendar
    }

    /// Keeps a line of the event if it is read: the first of its name.
    fn line(&mut self, line: Line) {
        let is_read = READ.contains(&line.name.as_str()) && self.get(&line.name).is_none();
        if is_read || self.event.is_empty() {
            self.event.push(line);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Line> {
        self.event.iter().find(|line| line.name == name)
    }

    /// The instant that a line means, and whether it is a whole day, whose midnight counts as one in UTC. `None` if the
    /// calendar does not say which time zone it is in.
    pub(super) fn instant(&self, line: &Line) -> Option<(FileTime, bool)> {
        let moment = line.moment()?;
        let seconds = jiff::tz::Offset::UTC.to_timestamp(moment.local).ok()?.as_second();
        let ahead = if moment.is_day || moment.is_utc {
            0
        } else {
            let id = line.parameter("TZID")?;
            self.zones.iter().find(|zone| zone.is(id))?.offset_at(moment.local)?
        };
        Some((FileTime::from_unix_seconds(seconds.checked_sub(ahead)?)?, moment.is_day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let line = Line::parse("ATTENDEE;CN=\"a:b;PARTSTAT=X\";PARTSTAT=ACCEPTED:mailto:x@y").expect("a line");
        assert_eq!((line.name.as_str(), line.value.as_str()), ("ATTENDEE", "mailto:x@y"));
        assert_eq!(line.parameter("PARTSTAT"), Some("ACCEPTED"));
        assert_eq!(line.parameter("CN"), Some("A:B;PARTSTAT=X"));
        assert_eq!(Line::parse("X:a\\, b\\nc\\\\").expect("a line").text(), "a, b\r\nc\\");
    }

    #[test]
    fn moments() {
        let read = |text: &str| Moment::parse(text).map(|one| (one.local.to_string(), one.is_day, one.is_utc));
        assert_eq!(read("20260105T093000Z"), Some(("2026-01-05T09:30:00".into(), false, true)));
        assert_eq!(read("20260105T093000"), Some(("2026-01-05T09:30:00".into(), false, false)));
        assert_eq!(read("20260105"), Some(("2026-01-05T00:00:00".into(), true, false)));
        for text in ["20261305T093000Z", "20260105T0930Z", "2026010", "", "soon", "20260105X"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn only_lines_that_are_read_are_kept() {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nX-ODD:1\nUID:a\n{}UID:b\nEND:VEVENT\nEND:VCALENDAR\n",
            "ATTENDEE:x\nX:\n".repeat(1000)
        );
        let calendar = Calendar::parse(&text);
        let names: Vec<&str> = calendar.event.iter().map(|line| line.name.as_str()).collect();
        assert_eq!(names, ["X-ODD", "UID", "ATTENDEE"]);
        assert_eq!(calendar.get("UID").map(|line| line.value.as_str()), Some("a"));
    }

    #[test]
    fn instants_in_a_zone() {
        let text = "BEGIN:VCALENDAR\r\nBEGIN:VTIMEZONE\r\nTZID:Mitteleuropa\r\nBEGIN:STANDARD\r\nDTSTART:16011028T030000\r\n\
                    RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
                    BEGIN:DAYLIGHT\r\nDTSTART:16010325T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\n\
                    TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nEND:DAYLIGHT\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n";
        let calendar = Calendar::parse(text);
        let at = |value: &str| {
            let line = Line::parse(&format!("DTSTART;TZID={value}")).expect("a line");
            calendar.instant(&line).map(|(time, _)| time.to_rfc3339().chars().take(19).collect::<String>())
        };
        assert_eq!(at("Mitteleuropa:20260105T093000").as_deref(), Some("2026-01-05T08:30:00"));
        assert_eq!(at("\"Mitteleuropa\":20260705T093000").as_deref(), Some("2026-07-05T07:30:00"));
        assert_eq!(at("Mitteleuropa:20260329T015959").as_deref(), Some("2026-03-29T00:59:59"));
        assert_eq!(at("Mitteleuropa:20260329T030000").as_deref(), Some("2026-03-29T01:00:00"));
        assert_eq!(at("Mitteleuropa:20261231T235959").as_deref(), Some("2026-12-31T22:59:59"));
        assert_eq!(at("Elsewhere:20260105T093000"), None);
    }
}
