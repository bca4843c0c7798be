//! VEVENT (MS-OXCICAL 2.1.3.1.1.20): what an appointment, a meeting or an exception says, line by line.

use std::rc::Rc;

use crate::convert::LossKind;
use crate::convert::calendar::people::People;
use crate::convert::calendar::uid::{GlobalObjectId, hash, hex};
use crate::convert::calendar::when::{When, Zones, utc_text};
use crate::convert::calendar::{Method, Options};
use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, KEYWORDS, Key};
use crate::ltp::id;
use crate::{FileTime, Guid};

pub(super) const fn appointment(number: u32) -> Key {
    Key::Lid(Guid::PSETID_APPOINTMENT, number)
}

pub(super) const fn meeting(number: u32) -> Key {
    Key::Lid(Guid::PSETID_MEETING, number)
}

pub(super) const fn common(number: u32) -> Key {
    Key::Lid(Guid::PSETID_COMMON, number)
}

/// PidLidAppointmentStateFlags.
pub(super) mod state {
    pub(in crate::convert::calendar) const MEETING: i64 = 1;
    pub(in crate::convert::calendar) const RECEIVED: i64 = 2;
    pub(in crate::convert::calendar) const CANCELED: i64 = 4;
}

/// PidLidReminderDelta of a reminder at the default time (MS-OXORMDR 2.2.1.3).
const DEFAULT_REMINDER: i64 = 0x5AE9_80E1;

/// X-MICROSOFT-CDO-INSTTYPE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Instance {
    Single = 0,
    Series = 1,
    Exception = 3,
}

/// How a series repeats, as lines.
#[derive(Clone, Debug, Default)]
pub(super) struct Repetition {
    /// Lines whose values need no escapes: RRULE and its Microsoft form.
    pub(super) rules: Vec<(&'static str, String)>,
    pub(super) without: Vec<When>,
    /// EXDATE, or X-MICROSOFT-EXDATE beside a rule of another calendar.
    pub(super) without_name: &'static str,
    pub(super) also: Vec<When>,
}

/// Everything a VEVENT says.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) uid: Rc<str>,
    pub(super) instance: Instance,
    pub(super) recurrence_id: Option<When>,
    pub(super) start: Option<When>,
    pub(super) end: Option<When>,
    /// The times a counter proposal is about.
    pub(super) original: Vec<(&'static str, When)>,
    pub(super) repetition: Option<Repetition>,
    stamp: Rc<str>,
    created: Option<String>,
    modified: Option<String>,
    pub(super) summary: Option<Rc<str>>,
    pub(super) location: Option<Rc<str>>,
    pub(super) description: Option<Rc<str>>,
    pub(super) html: Option<Rc<str>>,
    categories: Rc<[String]>,
    contacts: Rc<[String]>,
    sensitivity: i64,
    importance: Option<i64>,
    pub(super) busy: Option<i64>,
    intended: Option<i64>,
    sequence: i64,
    pub(super) state: i64,
    /// Minutes from the reminder to the start.
    pub(super) reminder: Option<i64>,
    pub(super) people: Rc<People>,
    /// Further lines whose values need no escapes.
    others: Rc<[(&'static str, String)]>,
    is_answer: bool,
}

/// PidTagCreationTime and its like as a line, or a loss.
pub(super) fn time_line(item: &mut Item<'_>, key: Key) -> Option<String> {
    let time = item.time(key)?;
    let text = utc_text(time);
    if text.is_none() {
        item.lose_key(key, LossKind::Changed, format_args!("{time}, which no calendar has"));
    }
    text
}

/// The id that the item and its copies elsewhere share; a made-up one if it has none.
pub(super) fn uid(item: &mut Item<'_>) -> (Rc<str>, Option<GlobalObjectId>) {
    let full = item.decoded(meeting(0x0003), GlobalObjectId::decode);
    let clean = item.decoded(meeting(0x0023), GlobalObjectId::decode);
    if let Some(id) = clean.as_ref().or(full.as_ref()) {
        let uid = id.uid();
        if !uid.is_empty() {
            return (uid.into(), full);
        }
    }
    (made_up_uid(item, &[]), full)
}

/// A UID from an id of the item's own: another property, PidTagSearchKey, or what it says.
pub(super) fn made_up_uid(item: &mut Item<'_>, keys: &[Key]) -> Rc<str> {
    let keys = keys.iter().copied().chain([Key::Tag(0x300B), Key::Tag(id::RECORD_KEY)]);
    let own: Vec<Key> = keys.collect();
    let key = own.into_iter().find_map(|key| item.binary(key));
    let uid = key.map(|key| hex(&key)).unwrap_or_else(|| {
        let texts = [id::MESSAGE_CLASS, id::SUBJECT, id::BODY].map(|id| item.text(Key::Tag(id)).unwrap_or_default());
        let time = item.time(Key::Tag(id::CREATION_TIME)).unwrap_or_default().to_string();
        let [class, subject, body] = &texts;
        let node = item.message.id().to_string();
        format!("{:016X}", hash(&[class, subject, body, &time, &node]))
    });
    uid.into()
}

/// DTSTAMP: of the change, else of the item. Never the time of conversion.
pub(super) fn stamp(item: &mut Item<'_>, keys: &[Key]) -> Rc<str> {
    let general = [id::LAST_MODIFICATION_TIME, id::CREATION_TIME, id::CLIENT_SUBMIT_TIME, id::MESSAGE_DELIVERY_TIME];
    let keys: Vec<Key> = keys.iter().copied().chain(general.map(Key::Tag)).collect();
    let known = keys.into_iter().filter_map(|key| item.time(key)).find_map(utc_text);
    known.map_or_else(
        || {
            item.lose(LossKind::MadeUp, "DTSTAMP: the item has no time of its own");
            "19700101T000000Z".into()
        },
        Rc::from,
    )
}

/// The subject, its prefix included.
pub(super) fn summary(item: &mut Item<'_>) -> Option<Rc<str>> {
    let _ = item.text(Key::Tag(id::SUBJECT));
    match item.message.subject() {
        Ok(subject) => {
            let subject = subject.map(|subject| subject.trim_end_matches('\0').to_owned());
            subject.filter(|subject| !subject.is_empty()).map(Rc::from)
        }
        Err(_) => None,
    }
}

/// Minutes before the start, if there is a reminder.
fn reminder(item: &mut Item<'_>) -> Option<i64> {
    let is_set = item.boolean(common(0x8503));
    let delta = item.integer(common(0x8501));
    let delta = delta.map_or(15, |delta| if delta == DEFAULT_REMINDER { 15 } else { delta });
    is_set.filter(|is_set| *is_set).map(|_| delta)
}

impl Event {
    /// Reads what does not depend on days and zones.
    pub(super) fn read(item: &mut Item<'_>, options: &Options, method: Option<Method>, uid: Rc<str>) -> Self {
        let is_answer = matches!(method, Some(Method::Reply | Method::Counter));
        let state = item.integer(appointment(0x8217)).unwrap_or(0);
        let change = if is_answer { meeting(0x0001) } else { meeting(0x001A) };
        let body = item.body();
        let html = body.html.filter(|_| options.html);
        let description = options.body.clone().or(body.text);
        let location = item.text(appointment(0x8208)).or_else(|| item.text(meeting(0x0002)));
        Self {
            uid,
            instance: Instance::Single,
            recurrence_id: None,
            start: None,
            end: None,
            original: Vec::new(),
            repetition: None,
            stamp: stamp(item, &[change]),
            created: time_line(item, Key::Tag(id::CREATION_TIME)),
            modified: time_line(item, Key::Tag(id::LAST_MODIFICATION_TIME)),
            summary: summary(item),
            location: location.map(Rc::from),
            description: description.map(Rc::from),
            html: html.map(Rc::from),
            categories: item.texts(KEYWORDS).into(),
            contacts: item.texts(common(0x853A)).into(),
            sensitivity: item.integer(Key::Tag(id::SENSITIVITY)).unwrap_or(0),
            importance: item.integer(Key::Tag(id::IMPORTANCE)),
            busy: item.integer(appointment(0x8205)),
            intended: item.integer(appointment(0x8224)).filter(|status| *status >= 0),
            sequence: item.integer(appointment(0x8201)).unwrap_or(0),
            state,
            reminder: reminder(item),
            people: Rc::new(People::read(item, method, state)),
            others: others(item).into(),
            is_answer,
        }
    }

    /// What an exception says of its own replaces what the series says.
    pub(super) fn amend(&mut self, item: &mut Item<'_>, options: &Options) {
        let body = item.body();
        if body.text.is_some() || body.html.is_some() {
            self.description = body.text.map(Rc::from);
            self.html = body.html.filter(|_| options.html).map(Rc::from);
        }
        if let Some(subject) = summary(item) {
            self.summary = Some(subject);
        }
        if let Some(location) = item.text(appointment(0x8208)) {
            self.location = Some(location.into());
        }
        self.busy = item.integer(appointment(0x8205)).or(self.busy);
        self.importance = item.integer(Key::Tag(id::IMPORTANCE)).or(self.importance);
        self.state = item.integer(appointment(0x8217)).unwrap_or(self.state);
        if let Some(is_set) = item.boolean(common(0x8503)) {
            let delta = item.integer(common(0x8501)).filter(|delta| *delta != DEFAULT_REMINDER);
            self.reminder = is_set.then(|| delta.or(self.reminder).unwrap_or(15));
        }
        self.modified = time_line(item, Key::Tag(id::LAST_MODIFICATION_TIME)).or_else(|| self.modified.take());
        let people = People::read(item, None, self.state);
        if !people.is_empty() {
            people.tell(item);
            self.people = Rc::new(people);
        }
    }

    pub(super) fn write(&self, lines: &mut ContentLines, zones: &Zones, attachments: Option<ContentLines>) {
        lines.begin("VEVENT");
        lines.open("UID").text(&self.uid);
        lines.open("DTSTAMP").value(&self.stamp);
        for (name, when) in [("RECURRENCE-ID", self.recurrence_id), ("DTSTART", self.start), ("DTEND", self.end)] {
            if let Some(when) = when {
                when.write(lines, name, zones);
            }
        }
        if let Some(repetition) = &self.repetition {
            repetition.rules.iter().for_each(|(name, value)| lines.open(name).value(value));
            repetition.without.iter().for_each(|when| when.write(lines, repetition.without_name, zones));
            repetition.also.iter().for_each(|when| when.write(lines, "RDATE", zones));
        }
        self.original.iter().for_each(|(name, when)| when.write(lines, name, zones));
        self.write_texts(lines);
        self.write_status(lines);
        for (name, time) in [("CREATED", &self.created), ("LAST-MODIFIED", &self.modified)] {
            if let Some(time) = time {
                lines.open(name).value(time);
            }
        }
        self.people.write(lines);
        self.others.iter().for_each(|(name, value)| lines.open(name).value(value));
        if let Some(attachments) = attachments {
            lines.append(attachments);
        }
        if let Some(minutes) = self.reminder {
            alarm(lines, &trigger(minutes), false);
        }
        lines.end("VEVENT");
    }

    fn write_texts(&self, lines: &mut ContentLines) {
        if let Some(summary) = &self.summary {
            lines.open("SUMMARY").text(summary);
        }
        if let Some(location) = &self.location {
            lines.open("LOCATION").text(location);
        }
        if let Some(description) = &self.description {
            lines.open("DESCRIPTION").text(description);
        }
        if let Some(html) = &self.html {
            lines.open("X-ALT-DESC").words("FMTTYPE", "text/html").text(html);
        }
        write_common(lines, &self.categories, &self.contacts, self.sensitivity, self.importance);
    }

    fn write_status(&self, lines: &mut ContentLines) {
        let canceled = self.state & state::CANCELED != 0;
        let received = self.state & state::RECEIVED != 0;
        // What an attendee's own calendar shows says nothing of the meeting; what the organizer intended does.
        let tentative = if received { self.intended } else { self.busy } == Some(1);
        if !self.is_answer {
            let status = if canceled { "CANCELLED" } else { "CONFIRMED" };
            lines.open("STATUS").value(if tentative && !canceled { "TENTATIVE" } else { status });
        }
        let free = self.busy == Some(0);
        lines.open("TRANSP").value(if free { "TRANSPARENT" } else { "OPAQUE" });
        lines.open("SEQUENCE").value(&self.sequence.max(0).to_string());
        for (name, status) in
            [("X-MICROSOFT-CDO-BUSYSTATUS", self.busy), ("X-MICROSOFT-CDO-INTENDEDSTATUS", self.intended)]
        {
            if let Some(text) = status.and_then(busy_text) {
                lines.open(name).value(text);
            }
        }
        lines.open("X-MICROSOFT-CDO-APPT-SEQUENCE").value(&self.sequence.to_string());
        lines.open("X-MICROSOFT-CDO-INSTTYPE").value(&(self.instance as u8).to_string());
    }
}

/// PidLidBusyStatus (MS-OXOCAL 2.2.1.2).
fn busy_text(status: i64) -> Option<&'static str> {
    Some(match status {
        0 => "FREE",
        1 => "TENTATIVE",
        2 => "BUSY",
        3 => "OOF",
        4 => "WORKINGELSEWHERE",
        _ => return None,
    })
}

/// CATEGORIES, CONTACT, CLASS, PRIORITY: what events, tasks and journal entries share.
pub(super) fn write_common(
    lines: &mut ContentLines,
    categories: &[String],
    contacts: &[String],
    sensitivity: i64,
    importance: Option<i64>,
) {
    if !categories.is_empty() {
        lines.open("CATEGORIES").texts(categories, ',');
    }
    for contact in contacts {
        lines.open("CONTACT").text(contact);
    }
    let class = match sensitivity {
        1 => "X-PERSONAL",
        2 => "PRIVATE",
        3 => "CONFIDENTIAL",
        _ => "PUBLIC",
    };
    lines.open("CLASS").value(class);
    if let Some((importance, priority)) = importance.and_then(|number| match number {
        0 => Some((0, 9)),
        1 => Some((1, 5)),
        2 => Some((2, 1)),
        _ => None,
    }) {
        lines.open("PRIORITY").value(&priority.to_string());
        lines.open("X-MICROSOFT-CDO-IMPORTANCE").value(&importance.to_string());
    }
}

/// Lines beside the common ones.
fn others(item: &mut Item<'_>) -> Vec<(&'static str, String)> {
    let mut lines = Vec::new();
    if let Some(number) = item.integer(Key::Tag(0x0062)).filter(|number| *number != 0) {
        lines.push(("X-MICROSOFT-CDO-OWNERAPPTID", number.to_string()));
    }
    for (name, key) in [
        ("X-MICROSOFT-CDO-OWNER-CRITICAL-CHANGE", meeting(0x001A)),
        ("X-MICROSOFT-CDO-ATTENDEE-CRITICAL-CHANGE", meeting(0x0001)),
        ("X-MICROSOFT-CDO-REPLYTIME", appointment(0x8220)),
    ] {
        lines.extend(time_line(item, key).map(|time| (name, time)));
    }
    if let Some(disallowed) = item.boolean(appointment(0x825A)) {
        lines.push(("X-MICROSOFT-DISALLOW-COUNTER", if disallowed { "TRUE" } else { "FALSE" }.to_owned()));
    }
    lines
}

/// TRIGGER some minutes before the start: `-PT15M`.
fn trigger(minutes: i64) -> String {
    let sign = if minutes > 0 { "-" } else { "" };
    format!("{sign}PT{}M", minutes.unsigned_abs())
}

/// VALARM, before the start or at a time.
pub(super) fn alarm(lines: &mut ContentLines, trigger: &str, is_time: bool) {
    lines.begin("VALARM");
    lines.open("ACTION").value("DISPLAY");
    lines.open("DESCRIPTION").value("REMINDER");
    lines.open("TRIGGER");
    if is_time {
        lines.words("VALUE", "DATE-TIME");
    }
    lines.value(trigger);
    lines.end("VALARM");
}

/// The first of several times that the item has.
pub(super) fn first_time(item: &mut Item<'_>, keys: &[Key]) -> Option<FileTime> {
    // All are asked for: the others are copies of the first.
    let times: Vec<_> = keys.iter().filter_map(|key| item.time(*key)).collect();
    times.first().copied()
}
