//! Events that repeat: DTSTART, RRULE, EXDATE, RDATE, and a component with RECURRENCE-ID for each changed occurrence
//! (MS-OXCICAL 2.1.3.1.1.20.13, .18, .19, .20).
//!
//! **Times come from the recurrence and are local**; PidLidAppointmentStartWhole, in UTC, is that of the first occurrence.
//! A changed occurrence is an exception in the recurrence and, beside it, a message in an attachment; either may be missing.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, DateTime};

use crate::convert::LossKind;
use crate::convert::calendar::Options;
use crate::convert::calendar::attachments::{Attached, attached};
use crate::convert::calendar::event::{Event, Instance, Repetition, appointment};
use crate::convert::calendar::rule;
use crate::convert::calendar::times;
use crate::convert::calendar::when::{When, Zone, Zones, later, utc};
use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, Key};
use crate::messaging::Message;
use crate::messaging::recurrence::{
    AppointmentRecurrence, EndType, LocalMinutes, RecurrenceException, RecurrencePattern,
};

const RECURRENCE: Key = appointment(0x8216);
const MINUTES_OF_DAY: u32 = 1440;
/// Deleted days told: more than a hundred years have.
const MOST_DELETED: usize = 40_000;

/// PidLidAppointmentRecur; the pattern alone, with the times of the first occurrence, if the rest is missing.
pub(super) fn recurrence(item: &mut Item<'_>) -> Option<AppointmentRecurrence> {
    let stored = item.binary(RECURRENCE)?;
    let decoded = AppointmentRecurrence::decode(&stored);
    for finding in &decoded.findings {
        item.lose_key(RECURRENCE, LossKind::Changed, finding);
    }
    if decoded.value.is_none() {
        item.lose_key(RECURRENCE, LossKind::Unreadable, "the recurrence; the item counts as one that does not repeat");
    }
    decoded.value
}

/// The series being written.
struct Series<'s> {
    recurrence: &'s AppointmentRecurrence,
    zone: Option<usize>,
    all_day: bool,
    /// The first occurrence.
    first: Date,
}

impl Series<'_> {
    fn at(&self, date: Date, offset: u32) -> DateTime {
        later(date.at(0, 0, 0, 0), i64::from(offset))
    }

    fn when(&self, time: DateTime) -> When {
        if self.all_day { When::Date(time.date()) } else { When::Local(time, self.zone) }
    }

    /// The start of the occurrence that an exception replaces. **On a day of the pattern it is the time of the pattern**,
    /// or else the occurrence would stay beside its exception.
    fn original(&self, item: &mut Item<'_>, exception: &RecurrenceException) -> DateTime {
        let stored = exception.original_start.to_civil();
        let expected = self.at(stored.date(), self.recurrence.start_offset);
        if stored == expected || !self.recurrence.pattern.contains(stored.date()) {
            return stored;
        }
        let detail = format!("the changed occurrence of {stored}, which is at {expected} by the rule, and told so");
        item.lose_key(RECURRENCE, LossKind::Changed, detail);
        expected
    }

    /// The start of an occurrence.
    fn start(&self, date: Date) -> When {
        self.when(self.at(date, self.recurrence.start_offset))
    }

    /// The end of an occurrence. Times of day that run backwards end on the next day.
    fn end(&self, date: Date) -> When {
        let AppointmentRecurrence { start_offset, mut end_offset, .. } = *self.recurrence;
        if end_offset < start_offset || (self.all_day && end_offset == start_offset) {
            end_offset = end_offset.saturating_add(MINUTES_OF_DAY);
        }
        if self.all_day {
            let days = end_offset.saturating_sub(start_offset).div_ceil(MINUTES_OF_DAY);
            return self.when(self.at(date, days.saturating_mul(MINUTES_OF_DAY)));
        }
        self.when(self.at(date, end_offset))
    }

    /// `;COUNT=12` or `;UNTIL=...`.
    fn end_part(&self, pattern: &RecurrencePattern, zones: &Zones) -> String {
        let until = match pattern.end_type {
            EndType::Never { .. } => return String::new(),
            EndType::Count if pattern.count > 0 => return format!(";COUNT={}", pattern.count),
            EndType::Other(_) if pattern.end >= LocalMinutes::NO_END => return String::new(),
            _ => self.at(pattern.end.date(), self.recurrence.start_offset),
        };
        let until = match self.zone {
            _ if self.all_day => When::Date(until.date()),
            Some(_) => When::Utc(zones.to_utc(until, self.zone)),
            None => When::Local(until, None),
        };
        format!(";UNTIL={}", until.text())
    }

    fn repetition(&self, item: &mut Item<'_>, zones: &Zones) -> Repetition {
        let pattern = &self.recurrence.pattern;
        let end = self.end_part(pattern, zones);
        let mut without_name = "EXDATE";
        let mut rules = Vec::new();
        if pattern.is_gregorian() {
            match rule::rule(pattern, self.first).filter(|_| pattern.occurrences().is_some()) {
                Some(rule) => rules.push(("RRULE", format!("{rule}{end}"))),
                None => item.lose_key(RECURRENCE, LossKind::NoPlace, "a pattern that no rule can tell"),
            }
        } else {
            let scale = rule::scale(pattern);
            let rule = rule::foreign_rule(pattern).map(|rule| ("X-MICROSOFT-RRULE", format!("{rule}{end}")));
            rules.extend(rule);
            without_name = "X-MICROSOFT-EXDATE";
            let detail = format!("a rule of the {scale} calendar, told in X-MICROSOFT-RRULE only");
            item.lose_key(RECURRENCE, LossKind::NoPlace, detail);
        }
        let mut without = self.recurrence.deleted_dates();
        if without.len() > MOST_DELETED {
            item.lose_key(RECURRENCE, LossKind::TooLarge, format_args!("{} deleted days", without.len()));
            without.truncate(MOST_DELETED);
        }
        let without = without.into_iter().map(|date| self.start(date)).collect();
        let also = self.recurrence.exceptions.iter().map(|exception| exception.original_start.to_civil());
        let also = also.filter(|time| *time != self.at(self.first, self.recurrence.start_offset));
        let also = also.filter(|time| !pattern.contains(time.date())).map(|time| self.when(time)).collect();
        Repetition { rules, without, without_name, also }
    }
}

/// The first day of the pattern; its start, where days cannot be told.
fn first_day(item: &mut Item<'_>, pattern: &RecurrencePattern) -> Date {
    let start = pattern.start.date();
    let first = pattern.occurrences().map(|mut dates| dates.next());
    match first {
        Some(Some(first)) => first,
        Some(None) => {
            item.lose_key(RECURRENCE, LossKind::Changed, "a recurrence that ends before it begins");
            start
        }
        None => start,
    }
}

/// Writes the series and its exceptions.
pub(super) fn write(
    item: &mut Item<'_>,
    recurrence: &AppointmentRecurrence,
    event: &mut Event,
    zones: &mut Zones,
    lines: &mut ContentLines,
    options: &Options,
) {
    let all_day = times::is_all_day(item);
    let mut zone = times::series_zone(item, zones);
    let first = first_day(item, &recurrence.pattern);
    let [stored_start, _] = times::stored(item);
    let stored_start = stored_start.and_then(utc);
    let first_start = later(first.at(0, 0, 0, 0), i64::from(recurrence.start_offset));
    if zone.is_none() && !all_day {
        // The offset of the first occurrence, for all of them.
        let offset = stored_start.map(|stored| first_start.duration_since(stored).as_mins());
        zone = offset.and_then(Zone::fixed).map(|zone| zones.add(zone));
        let what = if zone.is_some() { "a fixed offset" } else { "no zone at all" };
        item.lose(LossKind::MadeUp, format_args!("the series has no time zone; {what} is used"));
    } else if let Some(stored) = stored_start.filter(|_| !all_day)
        && zones.to_utc(first_start, zone) != stored
    {
        let detail = format!("the item begins at {stored} UTC, its recurrence at {first_start}, which is told");
        item.lose(LossKind::Changed, detail);
    }
    let series = Series { recurrence, zone, all_day, first };
    event.instance = Instance::Series;
    (event.start, event.end) = (Some(series.start(first)), Some(series.end(first)));
    event.repetition = Some(series.repetition(item, zones));

    let Attached { lines: attachments, exceptions } = attached(item, options);
    let mut written = ContentLines::new();
    event.write(&mut written, zones, Some(attachments));
    lines.append(written);
    let mut messages = Exceptions::read(item, exceptions, &series, zones, options);
    for exception in &recurrence.exceptions {
        if lines.mark() > options.output_bytes {
            item.lose(LossKind::TooLarge, "further changed occurrences: the calendar is at its limit");
            return;
        }
        let message = messages.take(exception);
        write_exception(item, &series, exception, message.as_ref(), event, zones, lines, options);
    }
    for (key, message) in messages.rest() {
        let detail = format!("a changed occurrence at {key}, which the recurrence does not know");
        item.lose(LossKind::Changed, detail);
        let minutes = |time: DateTime| LocalMinutes::from_civil(time).unwrap_or_default();
        let length = recurrence.end_offset.saturating_sub(recurrence.start_offset);
        let start = message.start.unwrap_or(key);
        let exception = RecurrenceException {
            start: minutes(start),
            end: minutes(message.end.unwrap_or_else(|| later(start, i64::from(length)))),
            original_start: minutes(key),
            ..RecurrenceException::default()
        };
        write_exception(item, &series, &exception, Some(&message), event, zones, lines, options);
    }
}

/// The message of a changed occurrence, with its times in the zone of the series.
struct Changed {
    message: Message,
    start: Option<DateTime>,
    end: Option<DateTime>,
}

/// The messages of changed occurrences, by the start of the occurrence each replaces.
#[derive(Default)]
struct Exceptions {
    by_original: BTreeMap<DateTime, Changed>,
    /// The same by their new start.
    by_start: HashMap<DateTime, DateTime>,
}

impl Exceptions {
    fn read(
        item: &mut Item<'_>,
        messages: Vec<Message>,
        series: &Series<'_>,
        zones: &Zones,
        options: &Options,
    ) -> Self {
        let rule = series.zone.and_then(|zone| zones.rule(zone));
        let local = |time| utc(time).map(|time| rule.map_or(time, |rule| rule.to_local(time)));
        let mut exceptions = Self::default();
        for message in messages {
            let mut inner = match Item::new(&message, item.names(), options.text_bytes, "exception: ") {
                Ok(inner) => inner,
                Err(error) => {
                    item.lose(LossKind::Unreadable, format_args!("a changed occurrence: {error}"));
                    continue;
                }
            };
            let original = inner.time(appointment(0x8228)).and_then(local);
            let [start, end] = times::stored(&mut inner).map(|time| time.and_then(local));
            // A date of its own is that of the occurrence it replaces, if nothing else tells.
            let Some(original) = original.or(start) else {
                item.lose(LossKind::NoPlace, "a changed occurrence that does not tell which");
                continue;
            };
            if let Some(start) = start {
                exceptions.by_start.insert(start, original);
            }
            let changed = Changed { message: message.clone(), start, end };
            if exceptions.by_original.insert(original, changed).is_some() {
                item.lose(LossKind::NoPlace, format_args!("a second change of the occurrence at {original}"));
            }
        }
        exceptions
    }

    /// The message of an exception: of the same original start, of the same new start, or of the same day.
    fn take(&mut self, exception: &RecurrenceException) -> Option<Changed> {
        let original = exception.original_start.to_civil();
        if let Some(found) = self.by_original.remove(&original) {
            return Some(found);
        }
        let by_start = self.by_start.get(&exception.start.to_civil());
        if let Some(found) = by_start.and_then(|key| self.by_original.remove(key)) {
            return Some(found);
        }
        let day = original.date();
        let of_day = day.at(0, 0, 0, 0)..=day.at(23, 59, 59, 999_999_999);
        let key = self.by_original.range(of_day).next().map(|(key, _)| *key)?;
        self.by_original.remove(&key)
    }

    /// What no exception took, in order.
    fn rest(self) -> impl Iterator<Item = (DateTime, Changed)> {
        self.by_original.into_iter()
    }
}

#[allow(clippy::too_many_arguments, reason = "each is another thing of the series")]
fn write_exception(
    item: &mut Item<'_>,
    series: &Series<'_>,
    exception: &RecurrenceException,
    message: Option<&Changed>,
    master: &Event,
    zones: &Zones,
    lines: &mut ContentLines,
    options: &Options,
) {
    let mut event = master.clone();
    event.instance = Instance::Exception;
    event.repetition = None;
    event.recurrence_id = Some(series.when(series.original(item, exception)));
    let code_page = item.code_page();
    let text = |wide: &Option<String>, narrow: &Option<Vec<u8>>| {
        let narrow = || narrow.as_ref().map(|bytes| crate::ltp::decode_string8(code_page, bytes).text.into_owned());
        wide.clone().or_else(narrow)
    };
    if let Some(subject) = text(&exception.wide_subject, &exception.subject) {
        event.summary = Some(subject.into());
    }
    if let Some(location) = text(&exception.wide_location, &exception.location) {
        event.location = Some(location.into());
    }
    event.busy = exception.busy_status.map(i64::from).or(event.busy);
    event.state = exception.meeting_type.map(i64::from).unwrap_or(event.state);
    if exception.reminder_set.is_some() || exception.reminder_delta.is_some() {
        let is_set = exception.reminder_set.map_or(event.reminder.is_some(), |set| set != 0);
        let delta = exception.reminder_delta.map(i64::from).or(event.reminder).unwrap_or(15);
        event.reminder = is_set.then_some(delta);
    }
    let mut all_day = exception.sub_type.map_or(series.all_day, |sub_type| sub_type != 0);
    let mut attachments = None;
    if let Some(changed) = message {
        match Item::new(&changed.message, item.names(), options.text_bytes, "exception: ") {
            Ok(mut inner) => {
                event.amend(&mut inner, options);
                all_day = inner.boolean(appointment(0x8215)).unwrap_or(all_day);
                let attached = attached(&mut inner, options);
                if !attached.exceptions.is_empty() {
                    inner.lose(LossKind::TooDeep, "an exception of an exception");
                }
                attachments = Some(attached.lines);
                inner.tell_left(super::LISTED, super::NO_TAGS);
                item.losses.append(&mut inner.losses);
            }
            Err(error) => item.lose(LossKind::Unreadable, format_args!("a changed occurrence: {error}")),
        }
    }
    let [start, end] = [exception.start, exception.end].map(LocalMinutes::to_civil);
    let when = |time: DateTime| if all_day { When::Date(time.date()) } else { When::Local(time, series.zone) };
    event.start = Some(when(start));
    event.end = match all_day {
        true => Some(When::Date(end.date().max(super::when::days_later(start.date(), 1)))),
        false => (end >= start).then(|| when(end)),
    };
    event.write(lines, zones, attachments);
}
