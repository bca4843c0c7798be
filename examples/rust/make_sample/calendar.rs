//! Appointments and a meeting (MS-OXOCAL). What makes them so are named properties.

use pst_core::write::{FolderId, MessageDraft};
use pst_core::{FileTime, Guid, Result};

use crate::{Writer, at};

/// Minutes of a day, of a week.
const DAY: u32 = 24 * 60;
const WEEK: u32 = 7 * DAY;

/// Ids of the named properties of appointments in the new file.
struct Names {
    busy_status: u16,
    location: u16,
    start: u16,
    end: u16,
    duration: u16,
    recurrence: u16,
    is_recurring: u16,
    recurrence_type: u16,
    recurrence_text: u16,
    time_zone: u16,
    time_zone_name: u16,
    first_start: u16,
    last_end: u16,
    response_status: u16,
    global_id: u16,
    clean_global_id: u16,
}

impl Names {
    fn new(out: &mut Writer) -> Result<Self> {
        let mut appointment = |number: u32| out.named_property(Guid::PSETID_APPOINTMENT, number);
        Ok(Self {
            busy_status: appointment(0x8205)?,
            location: appointment(0x8208)?,
            start: appointment(0x820D)?,
            end: appointment(0x820E)?,
            duration: appointment(0x8213)?,
            recurrence: appointment(0x8216)?,
            response_status: appointment(0x8218)?,
            is_recurring: appointment(0x8223)?,
            recurrence_type: appointment(0x8231)?,
            recurrence_text: appointment(0x8232)?,
            time_zone: appointment(0x8233)?,
            time_zone_name: appointment(0x8234)?,
            first_start: appointment(0x8235)?,
            last_end: appointment(0x8236)?,
            global_id: out.named_property(Guid::PSETID_MEETING, 0x0003)?,
            clean_global_id: out.named_property(Guid::PSETID_MEETING, 0x0023)?,
        })
    }

    /// Where and when.
    fn place(&self, item: &mut MessageDraft, location: &str, start: FileTime, end: FileTime) {
        let minutes = end.to_unix_seconds().saturating_sub(start.to_unix_seconds()) / 60;
        const BUSY: i32 = 2;
        item.properties()
            .text(self.location, location)
            .time(self.start, start)
            .time(self.end, end)
            .integer32(self.duration, i32::try_from(minutes).unwrap_or(0))
            .integer32(self.busy_status, BUSY);
    }
}

pub(crate) fn appointments(out: &mut Writer, calendar: FolderId) -> Result<()> {
    let names = Names::new(out)?;
    let mut dentist = MessageDraft::new("IPM.Appointment");
    dentist.subject("Dentist").body("Bring the insurance card.").created(at(31), at(31));
    names.place(&mut dentist, "Main Street 5", at(74), at(75));
    out.message(calendar, dentist)?;

    // Ten Mondays from 10 to 11 in Berlin, but not on Easter Monday. Outlook keeps the first in the properties.
    let (start, end) = (at(1), at(2));
    let mut team = MessageDraft::new("IPM.Appointment");
    team.subject("Team meeting").body("Figures, plans, anything else.").created(at(-72), at(-72));
    names.place(&mut team, "Room 3", start, end);
    let monday = minutes(at(-8));
    let easter_monday = monday.saturating_add(4 * WEEK);
    const WEEKLY: i32 = 2;
    team.properties()
        .boolean(names.is_recurring, true)
        .integer32(names.recurrence_type, WEEKLY)
        .text(names.recurrence_text, "every Monday from 10:00 to 11:00")
        .binary(names.recurrence, weekly(monday, 10, easter_monday))
        .binary(names.time_zone, berlin())
        .text(names.time_zone_name, "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna")
        .time(names.first_start, start)
        .time(names.last_end, at(2 + 9 * 168 - 1));
    out.message(calendar, team)?;

    // Settings that nobody sees.
    let mut settings = MessageDraft::new("IPM.Configuration.Calendar");
    settings.subject("hidden settings").created(at(33), at(33));
    settings.properties().texts(0x6800, ["a", "b"]);
    out.associated_message(calendar, settings)?;
    Ok(())
}

/// The request that reached Jonas.
pub(crate) fn meeting(out: &mut Writer, folder: FolderId) -> Result<()> {
    let names = Names::new(out)?;
    let mut request = MessageDraft::new("IPM.Schedule.Meeting.Request");
    request
        .subject("Planning")
        .sender("Ines Alder", "ines.alder@example.com")
        .to("Jonas Brook", "jonas.brook@example.com")
        .cc("Kim Castle", "kim.castle@example.com")
        .body("Shall we plan the summer?")
        .dates(at(20), at(20))
        .message_id("<20.sample@example.com>");
    let (start, end) = (at(48), at(50));
    names.place(&mut request, "Room 3", start, end);
    const NOT_RESPONDED: i32 = 5;
    let global_id = global_id(at(20));
    request
        .properties()
        .time(0x0060, start)
        .time(0x0061, end)
        .boolean(0x0063, true)
        .integer32(names.response_status, NOT_RESPONDED)
        .binary(names.global_id, global_id.clone())
        .binary(names.clean_global_id, global_id);
    out.message(folder, request)?;
    Ok(())
}

/// A time as minutes since 1601, as recurrences count them.
fn minutes(time: FileTime) -> u32 {
    const TICKS: u64 = 60 * 10_000_000;
    u32::try_from(time.ticks() / TICKS).unwrap_or(0)
}

/// PidLidAppointmentRecur (MS-OXOCAL 2.2.1.44.5): so many Mondays from the first one, 10 to 11, all but one. Dates are
/// midnights of the local calendar.
fn weekly(first: u32, count: u32, but: u32) -> Vec<u8> {
    let last = first.saturating_add(count.saturating_sub(1).saturating_mul(WEEK));
    let mut out = Vec::new();
    let mut words = |words: &[u16]| words.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    // Versions, weekly, by days of the week, Gregorian.
    words(&[0x3004, 0x3004, 0x200B, 1, 0]);
    // 1601 began on a Monday, so that its first Sunday was day 6.
    const FIRST_SUNDAY: u32 = 6 * DAY;
    const MONDAY: u32 = 1 << 1;
    const AFTER_COUNT: u32 = 0x2022;
    let mut numbers = |numbers: &[u32]| numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    // First week, every week, not sliding, on Mondays; ends after the count; weeks begin on Sunday.
    numbers(&[FIRST_SUNDAY, 1, 0, MONDAY, AFTER_COUNT, count, 0]);
    // One date is left out, none is changed; first and last date.
    numbers(&[1, but, 0, first, last]);
    // Versions of the appointment; from and to in minutes of the day.
    numbers(&[0x3006, 0x3009, 10 * 60, 11 * 60]);
    // No exceptions, and two reserved blocks without a byte.
    out.extend_from_slice(&[0; 2 + 4 + 4]);
    out
}

/// PidLidTimeZoneStruct (MS-OXOCAL 2.2.1.39): biases in minutes, and when they change.
fn berlin() -> Vec<u8> {
    let mut out = Vec::new();
    for bias in [-60i32, 0, -60] {
        out.extend_from_slice(&bias.to_le_bytes());
    }
    // Year 0, then month, day of the week, the fifth that is the last, hour, and nothing more.
    for change in [[0u16, 0, 10, 0, 5, 3, 0, 0, 0], [0, 0, 3, 0, 5, 2, 0, 0, 0]] {
        change.iter().for_each(|word| out.extend_from_slice(&word.to_le_bytes()));
    }
    out
}

/// PidLidGlobalObjectId (MS-OXOCAL 2.2.1.27): the same for everybody who has the meeting.
fn global_id(created: FileTime) -> Vec<u8> {
    const CLASS: [u8; 16] =
        [0x04, 0x00, 0x00, 0x00, 0x82, 0x00, 0xE0, 0x00, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 0x08];
    let mut out = CLASS.to_vec();
    // No date of one occurrence.
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&created.ticks().to_le_bytes());
    out.extend_from_slice(&[0; 8]);
    out.extend_from_slice(&16u32.to_le_bytes());
    out.extend_from_slice(b"sample.meeting.1");
    out
}
