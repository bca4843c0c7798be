//! When an event is: DTSTART and DTEND of an item that does not repeat, and the zones of one that does.
//!
//! Stored times are UTC. **An event that lasts all day is at midnight of the zone it was made in**, and a day here; where
//! no zone makes it midnight, the nearest midnight is the day.

use jiff::civil::{Date, DateTime, Time};

use crate::FileTime;
use crate::convert::LossKind;
use crate::convert::calendar::Method;
use crate::convert::calendar::event::{Event, appointment, common, first_time};
use crate::convert::calendar::when::{When, Zone, Zones, days_later, later, utc};
use crate::convert::item::{Item, Key};
use crate::messaging::time_zone::{TimeZoneDefinition, TimeZoneRule, TimeZoneStruct};

const STRUCT: Key = appointment(0x8233);
const DESCRIPTION: Key = appointment(0x8234);
const START_ZONE: Key = appointment(0x825E);
const END_ZONE: Key = appointment(0x825F);
const SERIES_ZONE: Key = appointment(0x8260);

/// Name and effective rule of a definition.
fn definition(item: &mut Item<'_>, key: Key) -> Option<(String, TimeZoneRule)> {
    let definition = item.decoded(key, TimeZoneDefinition::decode)?;
    let rule = definition.effective()?.rule;
    Some((definition.key_name, rule))
}

fn zone(item: &mut Item<'_>, zones: &mut Zones, found: Option<(String, TimeZoneRule)>) -> Option<usize> {
    let (name, rule) = found?;
    let zone = Zone::new(&name, rule);
    if zone.is_none() {
        item.lose(LossKind::Changed, format_args!("the time zone {name}, whose rule makes no sense; times are UTC"));
    }
    zone.map(|zone| zones.add(zone))
}

/// PidLidTimeZoneStruct, under the name that the item has for its zone.
fn by_struct(item: &mut Item<'_>) -> Option<(String, TimeZoneRule)> {
    let description = item.text(DESCRIPTION);
    let rule = item.decoded(STRUCT, TimeZoneStruct::decode)?.rule;
    Some((description.unwrap_or_default(), rule))
}

/// The zone of a series: the definition's if it agrees with PidLidTimeZoneStruct, which else decides (MS-OXOCAL
/// 2.2.1.41).
pub(super) fn series_zone(item: &mut Item<'_>, zones: &mut Zones) -> Option<usize> {
    let by_definition = definition(item, SERIES_ZONE);
    let start = definition(item, START_ZONE);
    let _ = definition(item, END_ZONE);
    let by_struct = by_struct(item);
    let found = match (by_definition, by_struct) {
        (Some((name, rule)), Some((_, other))) if rule == other => Some((name, rule)),
        (_, Some((description, rule))) => {
            let name = start.clone().filter(|(_, known)| *known == rule).map(|(name, _)| name);
            Some((name.unwrap_or(description), rule))
        }
        (found, None) => found.or(start),
    };
    zone(item, zones, found)
}

/// The zones that start and end are shown in.
pub(super) fn display_zones(item: &mut Item<'_>, zones: &mut Zones) -> [Option<usize>; 2] {
    let start = definition(item, START_ZONE);
    let end = definition(item, END_ZONE);
    let by_struct = by_struct(item);
    let start = zone(item, zones, start.or(by_struct));
    let end = zone(item, zones, end);
    [start, end.or(start)]
}

/// Start and end as stored.
pub(super) fn stored(item: &mut Item<'_>) -> [Option<FileTime>; 2] {
    let start = first_time(item, &[appointment(0x820D), common(0x8516), Key::Tag(0x0060)]);
    let end = first_time(item, &[appointment(0x820E), common(0x8517), Key::Tag(0x0061)]);
    [start, end]
}

/// Whether it lasts all day.
pub(super) fn is_all_day(item: &mut Item<'_>) -> bool {
    item.boolean(appointment(0x8215)).unwrap_or(false)
}

/// The day of a midnight; of the nearest one, if it is none.
fn day(item: &mut Item<'_>, zones: &Zones, time: FileTime, zone: Option<usize>) -> Option<Date> {
    let utc = utc(time)?;
    let local = zone.and_then(|zone| zones.rule(zone)).map(|rule| rule.to_local(utc));
    let midnight = [local, Some(utc)].into_iter().flatten().find(|time| time.time() == Time::midnight());
    Some(midnight.map(DateTime::date).unwrap_or_else(|| {
        let time = local.unwrap_or(utc);
        let detail = format!("all day from {time}, which is no midnight: taken for the nearest");
        item.lose(LossKind::Changed, detail);
        later(time, 12 * 60).date()
    }))
}

/// Start and end of an event that does not repeat.
pub(super) fn single(item: &mut Item<'_>, zones: &mut Zones, method: Option<Method>, event: &mut Event) {
    let display = display_zones(item, zones);
    let mut times = stored(item);
    let duration = item.integer(appointment(0x8213));
    let all_day = is_all_day(item);
    let proposed = [0x8250, 0x8251].map(|number| item.time(appointment(number)));
    if method == Some(Method::Counter) && proposed.iter().any(Option::is_some) {
        let names = ["X-MS-OLK-ORIGINALSTART", "X-MS-OLK-ORIGINALEND"];
        for ((name, time), zone) in names.into_iter().zip(times).zip(display) {
            event.original.extend(time.and_then(|time| zones.when(time, zone)).map(|when| (name, when)));
        }
        times = proposed;
    }
    let [start, end] = times;
    let Some(start) = start else {
        item.lose(LossKind::Unreadable, "the item has no start");
        return;
    };
    let [start_zone, end_zone] = display;
    if all_day {
        let first = day(item, zones, start, start_zone);
        let last = end.and_then(|end| day(item, zones, end, end_zone));
        if let Some(first) = first {
            let last = last.filter(|last| *last > first).unwrap_or_else(|| days_later(first, 1));
            (event.start, event.end) = (Some(When::Date(first)), Some(When::Date(last)));
        }
    } else {
        event.start = zones.when(start, start_zone);
        event.end = match end {
            Some(end) if end >= start => zones.when(end, end_zone),
            Some(_) => {
                item.lose(LossKind::Changed, "the end, which is before the start");
                None
            }
            None => duration
                .filter(|minutes| (0..=0x7FFF_FFFF).contains(minutes))
                .and_then(|minutes| {
                    FileTime::from_unix_seconds(start.to_unix_seconds().checked_add(minutes.checked_mul(60)?)?)
                })
                .and_then(|end| zones.when(end, end_zone)),
        };
    }
    if event.start.is_none() {
        item.lose(LossKind::Changed, format_args!("the start, {start}, which no calendar has"));
    }
}
