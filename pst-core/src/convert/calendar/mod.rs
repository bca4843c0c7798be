//! iCalendar (RFC 5545) of appointments, meetings, tasks, journal entries and notes, by MS-OXCICAL.
//!
//! ```text
//! IPM.Appointment                    VEVENT    PUBLISH
//! IPM.Schedule.Meeting.Request       VEVENT    REQUEST
//! IPM.Schedule.Meeting.Canceled      VEVENT    CANCEL
//! IPM.Schedule.Meeting.Resp.*        VEVENT    REPLY, or COUNTER with a proposal
//! IPM.Task, IPM.TaskRequest.*        VTODO
//! IPM.Activity, IPM.StickyNote       VJOURNAL
//! ```
//!
//! A series has a component for the rule and one with RECURRENCE-ID for each changed occurrence. Time zones are written
//! from the item's own rules, under the name the item has for them; no zone database is asked. Times are told in the zone
//! the item was made in, and stay the same instants.
//!
//! **A meeting message that still has the iCalendar part it came with (PidLidInboundICalStream) is given back as that
//! part**, if it is a sound calendar; nothing is lost then, and nothing converted.

mod attachments;
mod event;
mod inbound;
mod people;
mod rule;
mod series;
mod task;
mod times;
mod uid;
mod when;

use std::fmt;
use std::ops::RangeInclusive;

use crate::convert::content_line::ContentLines;
use crate::convert::item::{Item, Key};
use crate::convert::{Loss, LossKind};
use crate::ltp::id;
use crate::messaging::{AttachmentContent, Message, NamedProperties};
use crate::{Error, ErrorKind, Guid, Result};

use event::{Event, Instance, appointment, common, meeting};
use when::{When, Zones};

pub use uid::GlobalObjectId;
pub(crate) use uid::{hash, hex};

/// What a calendar is for (RFC 5546 1.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the methods by their names")]
pub enum Method {
    Publish,
    Request,
    Reply,
    Add,
    Cancel,
    Refresh,
    Counter,
    DeclineCounter,
}

impl Method {
    const ALL: [Self; 8] = [
        Self::Publish,
        Self::Request,
        Self::Reply,
        Self::Add,
        Self::Cancel,
        Self::Refresh,
        Self::Counter,
        Self::DeclineCounter,
    ];

    /// The name in METHOD and in the `method` parameter of `text/calendar`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Publish => "PUBLISH",
            Self::Request => "REQUEST",
            Self::Reply => "REPLY",
            Self::Add => "ADD",
            Self::Cancel => "CANCEL",
            Self::Refresh => "REFRESH",
            Self::Counter => "COUNTER",
            Self::DeclineCounter => "DECLINECOUNTER",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name().eq_ignore_ascii_case(name.trim()))
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where attachments go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttachmentPlace {
    /// Into the calendar, in base64.
    Inline,
    /// Elsewhere, as into the parts of a mail: the caller carries them, and they are no losses.
    Elsewhere,
}

/// How an item becomes a calendar.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Options {
    /// PRODID.
    pub product: String,
    /// Plain text to tell as the description, in place of the item's own body: what a caller made of an RTF body.
    pub body: Option<String>,
    /// Whether an HTML body is told as well, as X-ALT-DESC.
    pub html: bool,
    /// Where attachments go.
    pub attachments: AttachmentPlace,
    /// Whether a meeting message gives back the iCalendar part it came with.
    pub inbound: bool,
    /// The most bytes of one text or binary value (default 16 MiB).
    pub text_bytes: u64,
    /// The most bytes of all inline attachments (default 32 MiB).
    pub attachment_bytes: u64,
    /// Bytes of the calendar from which on no further changed occurrences are added (default 64 MiB).
    pub output_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            product: "-//pst-core//calendar//EN".to_owned(),
            body: None,
            html: true,
            attachments: AttachmentPlace::Inline,
            inbound: true,
            text_bytes: 16 << 20,
            attachment_bytes: 32 << 20,
            output_bytes: 64 << 20,
        }
    }
}

/// An item as iCalendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The calendar: one VCALENDAR, lines of at most 75 octets that end with CR LF.
    pub text: String,
    /// Its METHOD.
    pub method: Option<Method>,
    /// What it does not carry.
    pub losses: Vec<Loss>,
}

/// What an item becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Component {
    Event,
    Task,
    TaskMessage,
    Journal,
    Note,
}

impl Component {
    /// By the message class; a class that begins like another is of its kind.
    fn of(class: &str) -> Option<Self> {
        let class = class.trim_end_matches('\0').to_ascii_lowercase();
        let is = |prefix: &str| class.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        Some(match () {
            () if is("ipm.appointment") || is("ipm.schedule.meeting") => Self::Event,
            () if class.starts_with("ipm.ole.class.{00061055") => Self::Event,
            () if is("ipm.taskrequest") => Self::TaskMessage,
            () if is("ipm.task") => Self::Task,
            () if is("ipm.activity") => Self::Journal,
            () if is("ipm.stickynote") => Self::Note,
            () => return None,
        })
    }
}

/// Whether [`to_icalendar`] converts items of a message class.
pub fn is_convertible(class: &str) -> bool {
    Component::of(class).is_some()
}

/// Properties of numbered sets that mean something to a person and are not in every calendar.
const LISTED: &[(Guid, u32)] = &[
    (Guid::PSETID_COMMON, 0x8530),
    (Guid::PSETID_COMMON, 0x8534),
    (Guid::PSETID_COMMON, 0x8535),
    (Guid::PSETID_COMMON, 0x8539),
    (Guid::PSETID_COMMON, 0x85B6),
    (Guid::PSETID_COMMON, 0x85B7),
    (Guid::PSETID_APPOINTMENT, 0x8209),
    (Guid::PSETID_APPOINTMENT, 0x8214),
    (Guid::PSETID_APPOINTMENT, 0x8242),
    (Guid::PSETID_APPOINTMENT, 0x8243),
    (Guid::PSETID_APPOINTMENT, 0x8247),
    (Guid::PSETID_APPOINTMENT, 0x8248),
    (Guid::PSETID_APPOINTMENT, 0x8249),
    (Guid::PSETID_TASK, 0x8110),
    (Guid::PSETID_TASK, 0x8111),
    (Guid::PSETID_TASK, 0x811F),
    (Guid::PSETID_TASK, 0x8121),
    (Guid::PSETID_TASK, 0x8127),
];
/// No tagged property but those asked for is one of a calendar.
#[allow(clippy::reversed_empty_ranges, reason = "an empty range")]
const NO_TAGS: RangeInclusive<u16> = 1..=0;

/// Converts an item to iCalendar.
///
/// The same item and options give the same text, always: DTSTAMP is the item's, an id that must be made up is made from it.
///
/// # Errors
/// `WrongType` for a class that has no calendar form (see [`is_convertible`]); those of the item's property context. What
/// else cannot be read is a loss.
pub fn to_icalendar(message: &Message, names: &NamedProperties, options: &Options) -> Result<Calendar> {
    let mut item = Item::new(message, names, options.text_bytes, "")?;
    let class = item.text(Key::Tag(id::MESSAGE_CLASS)).unwrap_or_default();
    let Some(component) = Component::of(&class) else {
        let text = format!("the class {class} has no calendar form");
        return Err(Error::text(ErrorKind::WrongType, "message", text).in_node(message.node().top_id()));
    };
    if let Some(calendar) = kept(&mut item, &class, options) {
        return Ok(calendar);
    }
    let mut body = ContentLines::new();
    let mut zones = Zones::default();
    let mut method = None;
    match component {
        Component::Event => {
            method = event_method(&mut item, &class);
            write_event(&mut item, method, &mut zones, &mut body, options);
        }
        Component::Task => task::write_task(&mut item, &mut body, options),
        Component::TaskMessage => {
            method = Some(if class.len() > "IPM.TaskRequest".len() { Method::Reply } else { Method::Request });
            let inner = task_within(&mut item);
            match inner {
                Some(inner) => {
                    let mut inner = Item::new(&inner, names, options.text_bytes, "")?;
                    task::write_task(&mut inner, &mut body, options);
                    inner.tell_left(LISTED, NO_TAGS);
                    item.losses.append(&mut inner.losses);
                }
                None => task::write_task(&mut item, &mut body, options),
            }
        }
        Component::Journal => task::write_journal(&mut item, &mut body, options),
        Component::Note => task::write_note(&mut item, &mut body, options),
    }
    item.tell_left(LISTED, NO_TAGS);
    let mut lines = ContentLines::new();
    lines.begin("VCALENDAR");
    lines.open("VERSION").value("2.0");
    lines.open("PRODID").text(&options.product);
    if let Some(method) = method {
        lines.open("METHOD").value(method.name());
    }
    zones.write(&mut lines);
    lines.append(body);
    lines.end("VCALENDAR");
    let (text, cleaned) = lines.finish();
    let mut losses = item.losses;
    losses.extend(cleaned);
    Ok(Calendar { text, method, losses })
}

/// The calendar that a meeting message came with.
fn kept(item: &mut Item<'_>, class: &str, options: &Options) -> Option<Calendar> {
    let key = appointment(0x827A);
    let is_message = class.get(..21).is_some_and(|start| start.eq_ignore_ascii_case("IPM.Schedule.Meeting."));
    if !options.inbound || !is_message {
        return None;
    }
    let stored = item.binary(key)?;
    match inbound::parse(&stored) {
        Ok(inbound) => {
            let losses = std::mem::take(&mut item.losses);
            Some(Calendar { text: inbound.text, method: inbound.method, losses })
        }
        Err(reason) => {
            item.lose_key(key, LossKind::Unreadable, format_args!("the calendar it came with: {reason}"));
            None
        }
    }
}

/// The method of an appointment or meeting message (MS-OXCICAL 2.1.3.1.1.1).
fn event_method(item: &mut Item<'_>, class: &str) -> Option<Method> {
    let proposal = item.boolean(appointment(0x8257)).unwrap_or(false);
    let class = class.to_ascii_lowercase();
    let Some(kind) = class.strip_prefix("ipm.schedule.meeting.") else { return Some(Method::Publish) };
    Some(match kind.split('.').next().unwrap_or_default() {
        "request" => Method::Request,
        "canceled" | "cancelled" => Method::Cancel,
        "resp" if proposal => Method::Counter,
        "resp" => Method::Reply,
        _ => {
            item.lose(LossKind::NoPlace, format_args!("what {class} is for: it has no method"));
            return None;
        }
    })
}

fn write_event(
    item: &mut Item<'_>,
    method: Option<Method>,
    zones: &mut Zones,
    lines: &mut ContentLines,
    options: &Options,
) {
    let (uid, full_id) = event::uid(item);
    let has_id = full_id.is_some();
    let mut event = Event::read(item, options, method, uid);
    if method == Some(Method::Cancel) {
        event.state |= event::state::CANCELED;
    }
    event.people.clone().tell(item);
    if !has_id {
        item.lose(LossKind::MadeUp, "UID: the item has no PidLidGlobalObjectId");
    }
    // A rule may be left from a time when the item repeated.
    let is_recurring = [appointment(0x8223), meeting(0x0005)].map(|key| item.boolean(key));
    let repeats = is_recurring != [Some(false); 2] && is_recurring != [Some(false), None];
    if let Some(recurrence) = series::recurrence(item) {
        if repeats {
            series::write(item, &recurrence, &mut event, zones, lines, options);
            return;
        }
        item.lose(LossKind::NoPlace, "the rule of an item that says it does not repeat");
    }
    times::single(item, zones, method, &mut event);
    event.recurrence_id = recurrence_id(item, full_id.as_ref(), zones, &event);
    if event.recurrence_id.is_some() {
        event.instance = Instance::Exception;
    } else if is_recurring.contains(&Some(true)) {
        item.lose(LossKind::NoPlace, "a recurrence that is not told by PidLidAppointmentRecur");
    }
    let attached = attachments::attached(item, options);
    if !attached.exceptions.is_empty() {
        item.lose(LossKind::NoPlace, "changed occurrences of an item that does not repeat");
    }
    event.write(lines, zones, Some(attached.lines));
}

/// Which occurrence of a series a message is about: PidLidExceptionReplaceTime, or the day in its global object id.
fn recurrence_id(item: &mut Item<'_>, id: Option<&GlobalObjectId>, zones: &mut Zones, event: &Event) -> Option<When> {
    let zone = match event.start {
        Some(When::Local(_, zone)) => zone,
        _ => None,
    };
    let replaced = item.time(appointment(0x8228)).and_then(|time| zones.when(time, zone));
    let day = id.and_then(GlobalObjectId::instance_date);
    let all_day = matches!(event.start, Some(When::Date(_)));
    match (replaced, day) {
        (_, Some(day)) if all_day => Some(When::Date(day)),
        (Some(replaced), _) => Some(replaced),
        (None, Some(day)) => {
            // PidLidStartRecurrenceTime: hours, minutes and seconds of six bits each.
            let time = item.integer(meeting(0x000E)).and_then(|packed| {
                let part = |shift: u32| i8::try_from((packed >> shift) & 0x3F).ok();
                jiff::civil::Time::new(part(12)?, part(6)?, part(0)?, 0).ok()
            });
            if time.is_none() {
                item.lose(LossKind::Changed, format_args!("the occurrence of {day}, told as a day without its time"));
            }
            Some(time.map_or(When::Date(day), |time| When::Local(day.to_datetime(time), zone)))
        }
        (None, None) => None,
    }
}

/// The task in a message about one.
fn task_within(item: &mut Item<'_>) -> Option<Message> {
    for attachment in item.message.attachments() {
        match attachment.and_then(|attachment| attachment.content()) {
            Ok(AttachmentContent::Message(inner)) => {
                let class = inner.class().ok().flatten().unwrap_or_default();
                if Component::of(&class) == Some(Component::Task) {
                    return Some(*inner);
                }
            }
            Ok(_) => {}
            Err(error) => item.lose(LossKind::Unreadable, format_args!("an attachment: {error}")),
        }
    }
    let _ = item.integer(common(0x8503));
    item.lose(LossKind::NoPlace, "the message has no task in it; what it says itself is told");
    None
}
