//! ExceptionInfo and ExtendedException (MS-OXOCAL 2.2.1.44.2, 2.2.1.44.4): what differs on one day.

use super::{AppointmentRecurrence, LocalMinutes, put, put_sized};
use crate::messaging::blob::Fields;
use crate::text::utf16;

/// A changed occurrence: ExceptionInfo (MS-OXOCAL 2.2.1.44.2) and its ExtendedException (2.2.1.44.4).
///
/// What is `None` is as in the series.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RecurrenceException {
    /// StartDateTime.
    pub start: LocalMinutes,
    /// EndDateTime.
    pub end: LocalMinutes,
    /// OriginalStartTime: which occurrence it is.
    pub original_start: LocalMinutes,
    /// Flags of OverrideFlags that announce no field: 0x0200, a body of its own, and unknown ones.
    pub other_flags: u16,
    /// Subject, in the code page of the item.
    pub subject: Option<Vec<u8>>,
    /// MeetingType: PidLidAppointmentStateFlags.
    pub meeting_type: Option<u32>,
    /// ReminderDelta: PidLidReminderDelta.
    pub reminder_delta: Option<u32>,
    /// ReminderSet: PidLidReminderSet.
    pub reminder_set: Option<u32>,
    /// Location, in the code page of the item.
    pub location: Option<Vec<u8>>,
    /// BusyStatus: PidLidBusyStatus.
    pub busy_status: Option<u32>,
    /// Attachment: 1 if it has attachments.
    pub attachment: Option<u32>,
    /// SubType: PidLidAppointmentSubType, 1 for all day.
    pub sub_type: Option<u32>,
    /// AppointmentColor.
    pub color: Option<u32>,
    /// ChangeHighlight: the value of PidLidChangeHighlight and what follows it; written since version 0x3009.
    pub change_highlight: Option<Vec<u8>>,
    /// ReservedBlockEE1 and ReservedBlockEE2, empty.
    pub reserved: [Vec<u8>; 2],
    /// WideCharSubject.
    pub wide_subject: Option<String>,
    /// WideCharLocation.
    pub wide_location: Option<String>,
}

/// The flags of OverrideFlags (MS-OXOCAL 2.2.1.44.2).
mod flag {
    pub(super) const SUBJECT: u16 = 0x0001;
    pub(super) const MEETING_TYPE: u16 = 0x0002;
    pub(super) const REMINDER_DELTA: u16 = 0x0004;
    pub(super) const REMINDER_SET: u16 = 0x0008;
    pub(super) const LOCATION: u16 = 0x0010;
    pub(super) const BUSY_STATUS: u16 = 0x0020;
    pub(super) const ATTACHMENT: u16 = 0x0040;
    pub(super) const SUB_TYPE: u16 = 0x0080;
    pub(super) const COLOR: u16 = 0x0100;
    pub(super) const EXCEPTIONAL_BODY: u16 = 0x0200;
    pub(super) const FIELDS: u16 = 0x01FF;
}

impl RecurrenceException {
    /// ARO_EXCEPTIONAL_BODY: it has a body of its own.
    pub fn has_body(&self) -> bool {
        self.other_flags & flag::EXCEPTIONAL_BODY != 0
    }

    fn flags(&self) -> u16 {
        let fields = [
            (flag::SUBJECT, self.subject.is_some()),
            (flag::MEETING_TYPE, self.meeting_type.is_some()),
            (flag::REMINDER_DELTA, self.reminder_delta.is_some()),
            (flag::REMINDER_SET, self.reminder_set.is_some()),
            (flag::LOCATION, self.location.is_some()),
            (flag::BUSY_STATUS, self.busy_status.is_some()),
            (flag::ATTACHMENT, self.attachment.is_some()),
            (flag::SUB_TYPE, self.sub_type.is_some()),
            (flag::COLOR, self.color.is_some()),
        ];
        let fields = fields.into_iter().filter(|(_, set)| *set).fold(0, |flags, (flag, _)| flags | flag);
        (self.other_flags & !flag::FIELDS) | fields
    }

    pub(super) fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let start = LocalMinutes(fields.u32("StartDateTime")?);
        let end = LocalMinutes(fields.u32("EndDateTime")?);
        let original_start = LocalMinutes(fields.u32("OriginalStartTime")?);
        let flags = fields.u16("OverrideFlags")?;
        let number = |fields: &mut Fields<'_>, flag: u16, field| {
            if flags & flag == 0 { Some(None) } else { fields.u32(field).map(Some) }
        };
        let text = |fields: &mut Fields<'_>, flag: u16, field| {
            if flags & flag == 0 {
                return Some(None);
            }
            let with_nul = fields.u16(field)?;
            let length = fields.u16(field)?;
            if with_nul != length.saturating_add(1) {
                fields.unexpected(field, with_nul, "one more than the second length");
            }
            fields.take(field, usize::from(length)).map(|text| Some(text.to_vec()))
        };
        Some(Self {
            start,
            end,
            original_start,
            other_flags: flags & !flag::FIELDS,
            subject: text(fields, flag::SUBJECT, "Subject")?,
            meeting_type: number(fields, flag::MEETING_TYPE, "MeetingType")?,
            reminder_delta: number(fields, flag::REMINDER_DELTA, "ReminderDelta")?,
            reminder_set: number(fields, flag::REMINDER_SET, "ReminderSet")?,
            location: text(fields, flag::LOCATION, "Location")?,
            busy_status: number(fields, flag::BUSY_STATUS, "BusyStatus")?,
            attachment: number(fields, flag::ATTACHMENT, "Attachment")?,
            sub_type: number(fields, flag::SUB_TYPE, "SubType")?,
            color: number(fields, flag::COLOR, "AppointmentColor")?,
            ..Self::default()
        })
    }

    /// **Times, Unicode texts and the second reserved block are there only if the subject or the location differs.**
    pub(super) fn read_extended(&mut self, fields: &mut Fields<'_>, writer_version: u32) -> Option<()> {
        if writer_version >= AppointmentRecurrence::WITH_CHANGE_HIGHLIGHT {
            self.change_highlight = Some(fields.sized("ChangeHighlight")?.to_vec());
        }
        let first = fields.sized("ReservedBlockEE1")?.to_vec();
        let mut second = Vec::new();
        if self.subject.is_some() || self.location.is_some() {
            let times =
                [("StartDateTime", self.start), ("EndDateTime", self.end), ("OriginalStartDate", self.original_start)];
            for (field, known) in times {
                fields.u32_of(field, known.0, "the time of the ExceptionInfo")?;
            }
            if self.subject.is_some() {
                let units = fields.u16("WideCharSubjectLength")?;
                self.wide_subject = Some(fields.utf16("WideCharSubject", units)?);
            }
            if self.location.is_some() {
                let units = fields.u16("WideCharLocationLength")?;
                self.wide_location = Some(fields.utf16("WideCharLocation", units)?);
            }
            second = fields.sized("ReservedBlockEE2")?.to_vec();
        }
        self.reserved = [first, second];
        Some(())
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        put(out, &[self.start.0, self.end.0, self.original_start.0]);
        out.extend_from_slice(&self.flags().to_le_bytes());
        put_text(out, self.subject.as_deref());
        let numbers = [self.meeting_type, self.reminder_delta, self.reminder_set];
        numbers.iter().flatten().for_each(|number| put(out, &[*number]));
        put_text(out, self.location.as_deref());
        let numbers = [self.busy_status, self.attachment, self.sub_type, self.color];
        numbers.iter().flatten().for_each(|number| put(out, &[*number]));
    }

    pub(super) fn encode_extended(&self, out: &mut Vec<u8>, writer_version: u32) {
        if writer_version >= AppointmentRecurrence::WITH_CHANGE_HIGHLIGHT {
            put_sized(out, self.change_highlight.as_deref().unwrap_or(&[0; 4]));
        }
        let [first, second] = &self.reserved;
        put_sized(out, first);
        if self.subject.is_some() || self.location.is_some() {
            put(out, &[self.start.0, self.end.0, self.original_start.0]);
            let texts = [(self.subject.is_some(), &self.wide_subject), (self.location.is_some(), &self.wide_location)];
            for (_, text) in texts.into_iter().filter(|(set, _)| *set) {
                let stored = utf16::encode(text.as_deref().unwrap_or_default());
                let stored = stored.get(..stored.len().min(usize::from(u16::MAX) & !1)).unwrap_or_default();
                let units = u16::try_from(stored.len() >> 1).unwrap_or(u16::MAX);
                out.extend_from_slice(&units.to_le_bytes());
                out.extend_from_slice(stored);
            }
            put_sized(out, second);
        }
    }
}

fn put_text(out: &mut Vec<u8>, text: Option<&[u8]>) {
    let Some(text) = text else { return };
    let text = text.get(..text.len().min(usize::from(u16::MAX) & !1)).unwrap_or_default();
    let length = u16::try_from(text.len()).unwrap_or(u16::MAX);
    for length in [length.saturating_add(1), length] {
        out.extend_from_slice(&length.to_le_bytes());
    }
    out.extend_from_slice(text);
}
