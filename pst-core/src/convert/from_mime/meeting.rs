//! Meetings: invitations, answers and cancellations (MS-OXCICAL 2.1.3, MS-OXOCAL 2.2).
//!
//! The calendar goes along whole, in PidLidInboundICalStream. From its first event come the properties by which programs
//! list and match meetings: when, where, which. **A time in a zone that the calendar does not define stays in the stream
//! alone.**

use super::Conversion;
use super::calendar::Calendar;
use super::structure::{File, Plan};
use crate::convert::LossKind;
use crate::item::ItemClass;
use crate::ltp::id;
use crate::messaging::kind::Kind;
use crate::messaging::{PropertyName, PropertySet};
use crate::mime::Part;
use crate::write::{MessageDraft, Target};
use crate::{Guid, Result};

const START_DATE: u16 = 0x0060;
const END_DATE: u16 = 0x0061;

/// Numbers in PSETID_Appointment.
mod appointment {
    pub(super) const SEQUENCE: u32 = 0x8201;
    pub(super) const LOCATION: u32 = 0x8208;
    pub(super) const START_WHOLE: u32 = 0x820D;
    pub(super) const END_WHOLE: u32 = 0x820E;
    pub(super) const ALL_DAY: u32 = 0x8215;
    pub(super) const STATE_FLAGS: u32 = 0x8217;
    pub(super) const RECURRING: u32 = 0x8223;
    pub(super) const INBOUND_ICAL_STREAM: u32 = 0x827A;
}

/// Numbers in PSETID_Meeting.
mod identity {
    pub(super) const GLOBAL_OBJECT_ID: u32 = 0x0003;
    pub(super) const CLEAN_GLOBAL_OBJECT_ID: u32 = 0x0023;
}

/// A calendar is small; larger ones are files.
const MOST_CALENDAR: usize = 16 << 20;

impl<T: Target> Conversion<'_, T> {
    /// Makes a meeting message of a mail with a calendar, if that is its class; another calendar is a file.
    pub(super) fn meeting(&mut self, plan: &mut Plan<'_>, class: &ItemClass, draft: &mut MessageDraft) -> Result<()> {
        let Some(part) = plan.calendar.take() else { return Ok(()) };
        let Some(calendar) = (part.body().len() <= MOST_CALENDAR).then(|| Calendar::parse(&part.text())) else {
            self.lose_of(&part, LossKind::TooLarge, "too large for a meeting; it is attached");
            plan.files.push(File { part, related: false });
            return Ok(());
        };
        let stated = part.content_type().parameter("method").map(str::to_ascii_uppercase);
        let method = calendar.method.clone().or(stated).unwrap_or_default();
        let name = class.class.as_deref().filter(|_| matches!(class.classification.kind, Kind::Meeting(_)));
        let Some(class) = name.filter(|_| !calendar.event.is_empty()) else {
            self.lose_of(
                &part,
                LossKind::Changed,
                format!("method {method:?} makes no meeting message; it is attached"),
            );
            plan.files.push(File { part, related: false });
            return Ok(());
        };
        draft.properties().text(id::MESSAGE_CLASS, class);
        self.stream(&part, draft)?;
        self.event(&part, &calendar, draft)?;
        let description = calendar.get("DESCRIPTION").filter(|_| plan.text.is_none() && plan.html.is_none());
        if let Some(description) = description {
            draft.body(&super::headers::crlf(&description.text()));
        }
        self.rest_of(&part, false);
        Ok(())
    }

    /// The calendar as it came.
    fn stream(&mut self, part: &Part<'_>, draft: &mut MessageDraft) -> Result<()> {
        let property = self.appointment(appointment::INBOUND_ICAL_STREAM)?;
        draft.properties().binary(property, part.decoded().into_owned());
        Ok(())
    }

    fn event(&mut self, part: &Part<'_>, calendar: &Calendar, draft: &mut MessageDraft) -> Result<()> {
        let times = [("DTSTART", appointment::START_WHOLE, START_DATE), ("DTEND", appointment::END_WHOLE, END_DATE)];
        for (name, number, property) in times {
            let Some(line) = calendar.get(name) else { continue };
            let Some((time, is_day)) = calendar.instant(line) else {
                self.lose_of(
                    part,
                    LossKind::NoPlace,
                    format!("{name} has no known time zone and is in the calendar only"),
                );
                continue;
            };
            let named = self.appointment(number)?;
            draft.properties().time(named, time).time(property, time);
            if is_day && name == "DTSTART" {
                let named = self.appointment(appointment::ALL_DAY)?;
                draft.properties().boolean(named, true);
            }
        }
        if let Some(location) = calendar.get("LOCATION") {
            let named = self.appointment(appointment::LOCATION)?;
            draft.properties().text(named, location.text());
        }
        if let Some(sequence) = calendar.get("SEQUENCE").and_then(|line| line.value.trim().parse().ok()) {
            let named = self.appointment(appointment::SEQUENCE)?;
            draft.properties().integer32(named, sequence);
        }
        let recurring = self.appointment(appointment::RECURRING)?;
        draft.properties().boolean(recurring, calendar.get("RRULE").is_some());
        // A meeting, and received from somebody.
        let state = self.appointment(appointment::STATE_FLAGS)?;
        draft.properties().integer32(state, 3);
        if let Some(uid) = calendar.get("UID") {
            let instance = calendar.get("RECURRENCE-ID").map(|line| line.value.trim().to_owned());
            let (full, clean) = global_object_id(uid.value.trim(), instance.as_deref());
            let set = PropertySet::from_guid(Guid::PSETID_MEETING);
            for (number, value) in [(identity::GLOBAL_OBJECT_ID, full), (identity::CLEAN_GLOBAL_OBJECT_ID, clean)] {
                let named = self.out.named_property(set, PropertyName::Number(number))?;
                draft.properties().binary(named, value);
            }
        }
        if calendar.more > 0 {
            self.lose_of(part, LossKind::NoPlace, format!("{} more events are in the calendar only", calendar.more));
        }
        Ok(())
    }

    fn appointment(&mut self, number: u32) -> Result<u16> {
        self.out.named_property(PropertySet::from_guid(Guid::PSETID_APPOINTMENT), PropertyName::Number(number))
    }
}

/// PidLidGlobalObjectId and PidLidCleanGlobalObjectId of a UID (MS-OXCICAL 2.1.3.1.1.20.26, MS-OXOCAL 2.2.1.27).
///
/// A UID that Outlook made is the hexadecimal of the id. Any other stands in one as it is.
fn global_object_id(uid: &str, instance: Option<&str>) -> (Vec<u8>, Vec<u8>) {
    const ARRAY_ID: [u8; 16] =
        [0x04, 0x00, 0x00, 0x00, 0x82, 0x00, 0xE0, 0x00, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
    let pairs: Option<Vec<u8>> = uid
        .len()
        .is_multiple_of(2)
        .then(|| {
            uid.as_bytes()
                .chunks_exact(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect()
        })
        .flatten();
    let mut clean = match pairs.filter(|bytes| bytes.starts_with(&ARRAY_ID) && bytes.len() >= 40) {
        Some(bytes) => bytes,
        None => {
            let mut data = b"vCal-Uid\x01\0\0\0".to_vec();
            data.extend_from_slice(uid.as_bytes());
            data.push(0);
            let mut id = ARRAY_ID.to_vec();
            // Instance, creation time, reserved.
            id.extend_from_slice(&[0; 20]);
            id.extend_from_slice(&u32::try_from(data.len()).unwrap_or(0).to_le_bytes());
            id.extend_from_slice(&data);
            id
        }
    };
    let mut full = clean.clone();
    if let Some(day) = clean.get_mut(16..20) {
        day.fill(0);
    }
    // The day of one occurrence: year big-endian, month, day.
    let number = |text: Option<&str>| text?.parse::<u16>().ok();
    let parts = instance.map(|date| (number(date.get(..4)), number(date.get(4..6)), number(date.get(6..8))));
    if let (Some((Some(year), Some(month), Some(day))), Some(place)) = (parts, full.get_mut(16..20)) {
        let [high, low] = year.to_be_bytes();
        let small = |number: u16| u8::try_from(number).unwrap_or(0);
        place.copy_from_slice(&[high, low, small(month), small(day)]);
    }
    (full, clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let (full, clean) = global_object_id("abc@example", Some("20260105T093000Z"));
        assert_eq!(full[16..20], [0x07, 0xEA, 1, 5]);
        assert_eq!(clean[16..20], [0; 4]);
        assert_eq!(clean[36..40], 24u32.to_le_bytes());
        assert_eq!(&clean[40..], b"vCal-Uid\x01\0\0\0abc@example\0");
        // What Outlook made comes back as it was.
        let hex: String = full.iter().map(|byte| format!("{byte:02X}")).collect();
        let again = global_object_id(&hex, None);
        assert_eq!((again.0, again.1), (full, clean));
    }
}
