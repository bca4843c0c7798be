//! The binary properties of calendars and lists, alone and in an item that is converted.

use pst_core::convert::calendar::{self, GlobalObjectId, Options};
use pst_core::convert::contact::{self, Version};
use pst_core::messaging::recurrence::{AppointmentRecurrence, RecurrencePattern};
use pst_core::messaging::time_zone::{TimeZoneDefinition, TimeZoneStruct};
use pst_core::ndb::{Format, Nid};
use pst_core::testkit::{AttachmentBuilder, FolderBuilder, Mailbox, MessageBuilder, NameMap, Prop, StoreBuilder};
use pst_core::{FileTime, Guid, Pst};

/// The properties an input may be, by its first byte.
const PROPERTIES: [(Guid, u32, &str); 8] = [
    (Guid::PSETID_APPOINTMENT, 0x8216, "IPM.Appointment"),
    (Guid::PSETID_TASK, 0x8116, "IPM.Task"),
    (Guid::PSETID_APPOINTMENT, 0x8233, "IPM.Appointment"),
    (Guid::PSETID_APPOINTMENT, 0x8260, "IPM.Appointment"),
    (Guid::PSETID_APPOINTMENT, 0x825E, "IPM.Schedule.Meeting.Request"),
    (Guid::PSETID_MEETING, 0x0003, "IPM.Schedule.Meeting.Request"),
    (Guid::PSETID_APPOINTMENT, 0x827A, "IPM.Schedule.Meeting.Request"),
    (Guid::PSETID_ADDRESS, 0x8064, "IPM.DistList"),
];

/// A sound weekly recurrence (MS-OXOCAL 4.1.1.1).
pub(crate) const WEEKLY: [u8; 80] = [
    0x04, 0x30, 0x04, 0x30, 0x0B, 0x20, 0x01, 0x00, 0x00, 0x00, 0xC0, 0x21, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x32, 0x00, 0x00, 0x00, 0x22, 0x20, 0x00, 0x00, 0x0C, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x80, 0x20, 0xBC, 0x0C, 0x20, 0xAD, 0xBC, 0x0C, 0x06, 0x30, 0x00,
    0x00, 0x09, 0x30, 0x00, 0x00, 0x58, 0x02, 0x00, 0x00, 0x76, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00,
];

/// Decodes the input as the property its first byte chooses; what was decoded survives encoding. Then converts an item that
/// has it.
pub fn calendar(data: &[u8]) {
    let Some((choice, data)) = data.split_first() else { return };
    let choice = usize::from(*choice).checked_rem(PROPERTIES.len()).unwrap_or(0);
    match choice {
        0 => {
            if let Some(value) = AppointmentRecurrence::decode(data).value {
                let again = AppointmentRecurrence::decode(&value.encode()).value;
                assert_eq!(again.map(|again| again.pattern), Some(value.pattern.clone()));
                days(&value.pattern);
            }
        }
        1 => {
            if let Some(value) = RecurrencePattern::decode(data).value {
                days(&value);
                assert_eq!(RecurrencePattern::decode(&value.encode()).value, Some(value));
            }
        }
        2 => {
            if let Some(value) = TimeZoneStruct::decode(data).value {
                assert_eq!(TimeZoneStruct::decode(&value.encode()).value, Some(value));
            }
        }
        3 | 4 => {
            if let Some(value) = TimeZoneDefinition::decode(data).value {
                let again = TimeZoneDefinition::decode(&value.encode()).value;
                assert_eq!(again.map(|again| again.rules), Some(value.rules));
            }
        }
        5 => {
            if let Some(value) = GlobalObjectId::decode(data).value {
                let _ = (value.uid(), value.instance_date());
                assert_eq!(GlobalObjectId::decode(&value.encode()).value, Some(value));
            }
        }
        _ => {}
    }
    convert(choice, data);
}

/// The first days are days of the pattern.
fn days(pattern: &RecurrencePattern) {
    let Some(dates) = pattern.occurrences() else { return };
    let dates: Vec<_> = dates.take(100).collect();
    assert!(dates.windows(2).all(|pair| matches!(pair, [one, next] if one < next)), "days in order");
}

fn convert(choice: usize, data: &[u8]) {
    let Some((set, number, class)) = PROPERTIES.get(choice) else { return };
    let mut names = NameMap::new();
    let start = FileTime::from_unix_seconds(1_174_928_400).unwrap_or_default();
    let mut item = MessageBuilder::new(class)
        .subject("item")
        .body("text")
        .to("Bob", "bob@example.com")
        .prop(Prop::time(names.number(Guid::PSETID_APPOINTMENT, 0x820D), start))
        .prop(Prop::binary(names.number(Guid::PSETID_APPOINTMENT, 0x8216), WEEKLY))
        .prop(Prop::time(names.number(Guid::PSETID_TASK, 0x8105), start))
        .attach(AttachmentBuilder::embedded(
            "exception",
            MessageBuilder::new("IPM.OLE.CLASS.{00061055-0000-0000-C000-000000000046}")
                .prop(Prop::time(names.number(Guid::PSETID_APPOINTMENT, 0x8228), start)),
        ));
    item = item.prop(Prop::binary(names.number(*set, *number), data));
    let nid = Nid::new(0x0020_0024);
    let folder = FolderBuilder::new("Items").message(item.nid(nid));
    let store = Mailbox::new("Calendar").names(names).folder(folder).write(StoreBuilder::new(Format::UNICODE));
    let Ok(pst) = Pst::from_bytes(store.finish_vec()) else { return };
    let (Ok(message), Ok(names)) = (pst.message(nid), pst.named_properties()) else { return };
    if *class == "IPM.DistList" {
        for version in [Version::V3, Version::V4] {
            let _ = contact::to_vcard(&message, &names, version);
        }
        return;
    }
    let mut options = Options::default();
    options.output_bytes = 1 << 20;
    if let Ok(calendar) = calendar::to_icalendar(&message, &names, &options) {
        assert!(calendar.text.ends_with("END:VCALENDAR\r\n") || !calendar.losses.is_empty() || choice == 6);
    }
}
