//! Items for the tests, and a look at the lines made of them.

use pst_core::convert::calendar::{self, Calendar, Options};
use pst_core::convert::contact::{self, Card, Version};
use pst_core::convert::{Loss, LossKind};
use pst_core::messaging::{Message, PropertyName, PropertySet};
use pst_core::write::{MessageDraft, Properties, PstWriter, WriteOptions};
use pst_core::{FileTime, Guid, Pst};

pub(crate) type Writer = PstWriter<Vec<u8>>;

/// MS-OXOCAL 4.1.5: Pacific time.
pub(crate) const PACIFIC_STRUCT: &str =
    "E001000000000000C4FFFFFF000000000B00000001000200000000000000000000000300000002000200000000000000";
/// MS-OXOCAL 4.1.4: Pacific time with the rules of 2006 and 2007.
pub(crate) const PACIFIC: &str = "0201300002001500500061006300690066006900630020005300740061006E00640061007200640020005400690\
    06D006500020002013E000000D6070000000000000000000000000000E001000000000000C4FFFFFF00000A0000000500020000000000000000\
    00040000000100020000000000000002013E000200D7070000000000000000000000000000E001000000000000C4FFFFFF00000B00000001000200\
    00000000000000000300000002000200000000000000";

/// A time in UTC: year, month, day, hour, minute.
pub(crate) fn time(year: i64, month: i64, day: i64, hour: i64, minute: i64) -> FileTime {
    let shifted = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + day_of_year - 719_468;
    FileTime::from_unix_seconds(days * 86_400 + hour * 3600 + minute * 60).unwrap()
}

pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
}

/// Ids of named properties.
pub(crate) struct Names<'w>(&'w mut Writer);

impl Names<'_> {
    pub(crate) fn number(&mut self, set: Guid, number: u32) -> u16 {
        self.0.named_property(PropertySet::Guid(set), PropertyName::Number(number)).unwrap()
    }

    pub(crate) fn appointment(&mut self, number: u32) -> u16 {
        self.number(Guid::PSETID_APPOINTMENT, number)
    }

    pub(crate) fn meeting(&mut self, number: u32) -> u16 {
        self.number(Guid::PSETID_MEETING, number)
    }

    pub(crate) fn common(&mut self, number: u32) -> u16 {
        self.number(Guid::PSETID_COMMON, number)
    }

    pub(crate) fn task(&mut self, number: u32) -> u16 {
        self.number(Guid::PSETID_TASK, number)
    }

    pub(crate) fn address(&mut self, number: u32) -> u16 {
        self.number(Guid::PSETID_ADDRESS, number)
    }

    pub(crate) fn text(&mut self, name: &str) -> u16 {
        self.0.named_property(PropertySet::PublicStrings, PropertyName::String(name.to_owned())).unwrap()
    }
}

/// A store with one item.
pub(crate) struct Stored {
    pst: Pst,
    message: Message,
}

/// The item that a draft becomes. It was made on 2020-01-01 and last changed on 2020-02-02; its search key is all ones.
pub(crate) fn stored(build: impl FnOnce(&mut Names<'_>) -> MessageDraft) -> Stored {
    let options = WriteOptions::new().record_key(*b"0123456789abcdef").now(time(2030, 1, 1, 0, 0));
    let mut out = PstWriter::in_memory(options).unwrap();
    let mut draft = build(&mut Names(&mut out));
    if !draft.properties().contains(0x3007) {
        draft.created(time(2020, 1, 1, 0, 0), time(2020, 2, 2, 12, 30));
    }
    if !draft.properties().contains(0x300B) {
        draft.properties().binary(0x300B, [0x11; 16]);
    }
    let folder = out.folder(out.ipm_subtree(), "Items").unwrap();
    let nid = out.message(folder, draft).unwrap();
    let pst = Pst::from_bytes(out.finish().unwrap()).unwrap();
    let message = pst.message(nid).unwrap();
    Stored { pst, message }
}

impl Stored {
    pub(crate) fn calendar_with(&self, options: &Options) -> Calendar {
        let names = self.pst.named_properties().unwrap();
        let calendar = calendar::to_icalendar(&self.message, &names, options).unwrap();
        assert_eq!(calendar, calendar::to_icalendar(&self.message, &names, options).unwrap(), "the same every time");
        well_formed(&calendar.text);
        calendar
    }

    pub(crate) fn calendar(&self) -> Calendar {
        self.calendar_with(&Options::default())
    }

    pub(crate) fn error(&self) -> pst_core::Error {
        let names = self.pst.named_properties().unwrap();
        calendar::to_icalendar(&self.message, &names, &Options::default()).unwrap_err()
    }

    pub(crate) fn card(&self, version: Version) -> Card {
        let names = self.pst.named_properties().unwrap();
        let card = contact::to_vcard(&self.message, &names, version).unwrap();
        well_formed(&card.text);
        card
    }
}

/// Lines end with CR LF, are at most 75 octets long, and every BEGIN has its END.
pub(crate) fn well_formed(text: &str) {
    assert!(text.ends_with("\r\n"));
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "bare ends of lines");
    assert!(text.split("\r\n").all(|line| line.len() <= 75), "long lines");
    let mut open = Vec::new();
    for line in unfolded(text).lines() {
        assert!(line.contains(':'), "{line}");
        if let Some(name) = line.strip_prefix("BEGIN:") {
            open.push(name.to_owned());
        } else if let Some(name) = line.strip_prefix("END:") {
            assert_eq!(open.pop().as_deref(), Some(name));
        }
    }
    assert_eq!(open, Vec::<String>::new());
}

pub(crate) fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "").replace("\r\n", "\n")
}

/// All lines of a name, parameters included: `DTSTART;TZID=X:2016...`.
pub(crate) fn lines(text: &str, name: &str) -> Vec<String> {
    let is = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with([':', ';']));
    // The text that every reminder has is not that of the item.
    unfolded(text).replace("DESCRIPTION:REMINDER\n", "").lines().filter(is).map(str::to_owned).collect()
}

/// The only line of a name, without the name.
pub(crate) fn line(text: &str, name: &str) -> Option<String> {
    let lines = lines(text, name);
    assert!(lines.len() <= 1, "{lines:?}");
    lines.first().map(|line| line[name.len()..].trim_start_matches(':').to_owned())
}

/// The text of each component of a kind.
pub(crate) fn components(text: &str, name: &str) -> Vec<String> {
    let text = unfolded(text);
    let (begin, end) = (format!("BEGIN:{name}\n"), format!("END:{name}\n"));
    let parts = text.split(&begin).skip(1);
    parts.map(|part| part.split(&end).next().unwrap().replace('\n', "\r\n")).collect()
}

/// Kinds and details of losses.
pub(crate) fn told(losses: &[Loss]) -> Vec<(LossKind, &str)> {
    losses.iter().map(|loss| (loss.kind, loss.detail.as_str())).collect()
}

/// An appointment from 17:00 to 18:00 UTC on 2016-08-02, in Pacific time, with an id.
pub(crate) fn appointment(names: &mut Names<'_>, class: &str) -> MessageDraft {
    let mut draft = MessageDraft::new(class);
    draft.subject("Test");
    draft
        .properties()
        .time(names.appointment(0x820D), time(2016, 8, 2, 17, 0))
        .time(names.appointment(0x820E), time(2016, 8, 2, 18, 0))
        .binary(names.appointment(0x825E), bytes(PACIFIC))
        .binary(names.appointment(0x825F), bytes(PACIFIC))
        .binary(names.meeting(0x0003), global_object_id([0; 4]));
    draft
}

/// PidLidGlobalObjectId of an occurrence.
pub(crate) fn global_object_id(day: [u8; 4]) -> Vec<u8> {
    let id = [4, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 8];
    [&id[..], &day, &[0; 16], &[4, 0, 0, 0], &[0xAB; 4]].concat()
}

pub(crate) const UID: &str = "040000008200E00074C5B7101A82E00800000000000000000000000000000000000000000400000\
    0ABABABAB";

/// A recipient row by its properties.
pub(crate) fn row(kind: i32, name: &str, address_type: &str, address: &str) -> Properties {
    let mut row = Properties::new();
    row.integer32(0x0C15, kind).text(0x3001, name).text(0x3002, address_type).text(0x3003, address);
    row
}
