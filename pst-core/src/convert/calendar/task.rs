//! VTODO of a task (MS-OXOTASK) and VJOURNAL of an entry of the journal (MS-OXOJRNL) or a note (MS-OXONOTE).
//!
//! **Days of a task are local and stored as midnight UTC**, so they are days here, whatever the zone.

use jiff::civil::Date;

use crate::convert::LossKind;
use crate::convert::calendar::Options;
use crate::convert::calendar::attachments::attached;
use crate::convert::calendar::event::{alarm, common, made_up_uid, stamp, summary, time_line, write_common};
use crate::convert::calendar::rule;
use crate::convert::calendar::when::{When, Zones, utc};
use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, KEYWORDS, Key};
use crate::ltp::id;
use crate::messaging::recurrence::{EndType, LocalMinutes, RecurrencePattern};
use crate::{FileTime, Guid};

const fn task(number: u32) -> Key {
    Key::Lid(Guid::PSETID_TASK, number)
}

const fn log(number: u32) -> Key {
    Key::Lid(Guid::PSETID_LOG, number)
}

const RECURRENCE: Key = task(0x8116);
/// Occurrences counted to tell how many are left; a task repeats at most 999 times by Outlook's own form.
const MOST_COUNTED: usize = 100_000;

/// Writes lines that every component has.
fn write_head(item: &mut Item<'_>, lines: &mut ContentLines, uid_keys: &[Key], options: &Options) {
    lines.open("UID").text(&made_up_uid(item, uid_keys));
    lines.open("DTSTAMP").value(&stamp(item, &[]));
    if let Some(summary) = summary(item) {
        lines.open("SUMMARY").text(&summary);
    }
    let body = item.body();
    if let Some(text) = options.body.as_ref().or(body.text.as_ref()) {
        lines.open("DESCRIPTION").text(text);
    }
    if let Some(html) = body.html.filter(|_| options.html) {
        lines.open("X-ALT-DESC").words("FMTTYPE", "text/html").text(&html);
    }
}

fn write_tail(item: &mut Item<'_>, lines: &mut ContentLines, options: &Options) {
    let (categories, contacts) = (item.texts(KEYWORDS), item.texts(common(0x853A)));
    let sensitivity = item.integer(Key::Tag(id::SENSITIVITY)).unwrap_or(0);
    let importance = item.integer(Key::Tag(id::IMPORTANCE));
    write_common(lines, &categories, &contacts, sensitivity, importance);
    for (name, id) in [("CREATED", id::CREATION_TIME), ("LAST-MODIFIED", id::LAST_MODIFICATION_TIME)] {
        if let Some(time) = time_line(item, Key::Tag(id)) {
            lines.open(name).value(&time);
        }
    }
    let attached = attached(item, options);
    if !attached.exceptions.is_empty() {
        item.lose(LossKind::NoPlace, "changed occurrences, which only an appointment has");
    }
    lines.append(attached.lines);
}

fn day(item: &mut Item<'_>, key: Key) -> Option<Date> {
    let time = item.time(key)?;
    let day = utc(time).map(|time| time.date());
    if day.is_none() {
        item.lose_key(key, LossKind::Changed, format_args!("{time}, which no calendar has"));
    }
    day
}

/// Writes a task.
pub(super) fn write_task(item: &mut Item<'_>, lines: &mut ContentLines, options: &Options) {
    let zones = Zones::default();
    lines.begin("VTODO");
    write_head(item, lines, &[common(0x8519)], options);
    let mut start = day(item, task(0x8104));
    let due = day(item, task(0x8105));
    if let Some((first, last)) = start.zip(due).filter(|(start, due)| start > due) {
        item.lose_key(
            task(0x8104),
            LossKind::Changed,
            format_args!("the start, {first}, which is after the due date {last}"),
        );
        start = None;
    }
    let rule = repetition(item, start.or(due));
    if let Some(start) = start.or(due.filter(|_| rule.is_some())) {
        When::Date(start).write(lines, "DTSTART", &zones);
    }
    if let Some(due) = due {
        When::Date(due).write(lines, "DUE", &zones);
    }
    if let Some(rule) = rule {
        lines.open("RRULE").value(&rule);
    }
    write_progress(item, lines);
    write_tail(item, lines, options);
    if item.boolean(common(0x8503)) == Some(true) {
        let time = time_line(item, common(0x8560)).or_else(|| time_line(item, common(0x8502)));
        match time {
            Some(time) => alarm(lines, &time, true),
            None => item.lose(LossKind::NoPlace, "a reminder without a time"),
        }
    }
    lines.end("VTODO");
}

fn write_progress(item: &mut Item<'_>, lines: &mut ContentLines) {
    let complete = item.boolean(task(0x811C)).unwrap_or(false);
    let status = match item.integer(task(0x8101)) {
        _ if complete => "COMPLETED",
        Some(1) => "IN-PROCESS",
        Some(2) => "COMPLETED",
        Some(status @ (3 | 4)) => {
            let what = if status == 3 { "waiting for somebody else" } else { "deferred" };
            item.lose_key(task(0x8101), LossKind::Changed, format_args!("{what}, told as NEEDS-ACTION"));
            "NEEDS-ACTION"
        }
        _ => "NEEDS-ACTION",
    };
    lines.open("STATUS").value(status);
    if let Some(part) = item.float(task(0x8102)).filter(|part| part.is_finite()) {
        lines.open("PERCENT-COMPLETE").value(&format!("{:.0}", (part * 100.0).clamp(0.0, 100.0)));
    }
    if let Some(time) = time_line(item, task(0x810F)) {
        lines.open("COMPLETED").value(&time);
    }
}

/// RRULE from the day the task is at: its pattern, and as many occurrences as are left.
fn repetition(item: &mut Item<'_>, at: Option<Date>) -> Option<String> {
    let is_recurring = item.boolean(task(0x8126));
    let pattern = item.decoded(RECURRENCE, RecurrencePattern::decode)?;
    if is_recurring == Some(false) {
        return None;
    }
    let Some(at) = at else {
        item.lose_key(RECURRENCE, LossKind::NoPlace, "the recurrence of a task without a day");
        return None;
    };
    if pattern.sliding != 0 {
        item.lose_key(RECURRENCE, LossKind::NoPlace, "a task that is made anew when it is complete");
        return None;
    }
    let occurrences = pattern.occurrences().filter(|_| pattern.is_gregorian());
    let Some((rule, occurrences)) = rule::rule(&pattern, at).zip(occurrences) else {
        item.lose_key(RECURRENCE, LossKind::NoPlace, "a pattern that no rule can tell");
        return None;
    };
    let end = match pattern.end_type {
        EndType::Never { .. } => String::new(),
        EndType::Other(_) if pattern.end >= LocalMinutes::NO_END => String::new(),
        EndType::Count if pattern.count > 0 => {
            let left = occurrences.take(MOST_COUNTED).filter(|date| *date >= at).count();
            format!(";COUNT={}", left.max(1))
        }
        _ => format!(";UNTIL={}", When::Date(pattern.end.date().max(at)).text()),
    };
    Some(format!("{rule}{end}"))
}

/// Writes an entry of the journal: when, what kind, how long.
pub(super) fn write_journal(item: &mut Item<'_>, lines: &mut ContentLines, options: &Options) {
    lines.begin("VJOURNAL");
    write_head(item, lines, &[], options);
    let start = item.time(log(0x8706)).or_else(|| item.time(common(0x8516)));
    let end = item.time(log(0x8708)).or_else(|| item.time(common(0x8517)));
    write_start(item, lines, start);
    let minutes = item.integer(log(0x8707));
    // VJOURNAL has neither an end nor a kind.
    if let Some(end) = end.filter(|end| Some(*end) != start).and_then(utc) {
        lines.open("X-PST-LOG-END").value(&When::Utc(end).text());
    }
    if let Some(minutes) = minutes.filter(|minutes| *minutes > 0) {
        lines.open("X-PST-LOG-DURATION").value(&format!("PT{minutes}M"));
    }
    let kind = item.text(log(0x8700));
    if let Some(kind) = kind.or_else(|| item.text(log(0x8712))) {
        lines.open("X-PST-LOG-TYPE").text(&kind);
    }
    write_tail(item, lines, options);
    lines.end("VJOURNAL");
}

/// Writes a note: its text, its colour, when it was made.
pub(super) fn write_note(item: &mut Item<'_>, lines: &mut ContentLines, options: &Options) {
    lines.begin("VJOURNAL");
    write_head(item, lines, &[], options);
    let made = item.time(Key::Tag(id::CREATION_TIME)).or_else(|| item.time(Key::Tag(id::LAST_MODIFICATION_TIME)));
    write_start(item, lines, made);
    // RFC 7986 5.9.
    let colors = ["blue", "green", "pink", "yellow", "white"];
    let color = item.integer(Key::Lid(Guid::PSETID_NOTE, 0x8B00)).and_then(|color| usize::try_from(color).ok());
    if let Some(color) = color.and_then(|color| colors.get(color)) {
        lines.open("COLOR").value(color);
    }
    write_tail(item, lines, options);
    lines.end("VJOURNAL");
}

fn write_start(item: &mut Item<'_>, lines: &mut ContentLines, start: Option<FileTime>) {
    match start.and_then(utc) {
        Some(start) => When::Utc(start).write(lines, "DTSTART", &Zones::default()),
        None => item.lose(LossKind::NoPlace, "the entry has no time"),
    }
}
