//! Properties that attributes stand for (MS-OXTNEF 2.1.3.3): what clients before MAPI were told.
//!
//! An attribute counts only where no property says the same.

use std::collections::HashSet;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::attribute::{Attribute, AttributeId};
use super::finding::{FindingKind, Findings};
use super::property::Property;
use crate::ltp::{Text, Value};
use crate::source::Bytes;
use crate::text::{CodePageChoice, string8};
use crate::{FileTime, bytes};

/// The id of a one-off address in attFrom (`trpidOneOff`).
const ONE_OFF: u16 = 4;

/// The names that message classes had before MAPI.
const CLASSES: [(&str, &str); 8] = [
    ("IPM.Microsoft Mail.Note", "IPM.Note"),
    ("IPM.Microsoft Mail.Read Receipt", "Report.IPM.Note.IPNRN"),
    ("IPM.Microsoft Mail.Non-Delivery", "Report.IPM.Note.NDR"),
    ("IPM.Microsoft Schedule.MtgReq", "IPM.Schedule.Meeting.Request"),
    ("IPM.Microsoft Schedule.MtgCncl", "IPM.Schedule.Meeting.Canceled"),
    ("IPM.Microsoft Schedule.MtgRespP", "IPM.Schedule.Meeting.Resp.Pos"),
    ("IPM.Microsoft Schedule.MtgRespN", "IPM.Schedule.Meeting.Resp.Neg"),
    ("IPM.Microsoft Schedule.MtgRespA", "IPM.Schedule.Meeting.Resp.Tent"),
];

/// Tags of a name, an address type and an address.
type Participant = [u32; 3];
const SENDER: Participant = [0x0C1A_001E, 0x0C1E_001E, 0x0C1F_001E];
const SENT_REPRESENTING: Participant = [0x0042_001E, 0x0064_001E, 0x0065_001E];
const RECEIVED_REPRESENTING: Participant = [0x0044_001E, 0x0077_001E, 0x0078_001E];

/// Makes properties of attributes.
pub(super) struct Mapping {
    pub(super) code_page: CodePageChoice,
    /// The message is an answer to a meeting request, by its attributes: attOwner then is who received it.
    pub(super) is_response: bool,
}

/// Whether the attributes say that the message is an answer to a meeting request.
pub(super) fn is_response(attributes: &[Attribute<'_>]) -> bool {
    let class = attributes.iter().find(|attribute| attribute.id == AttributeId::MESSAGE_CLASS);
    class.is_some_and(|class| modern_class(class.data).starts_with(b"IPM.Schedule.Meeting.Resp."))
}

/// The class as MAPI names it.
fn modern_class(data: &[u8]) -> &[u8] {
    let class = string8::trim_one_nul(data);
    CLASSES
        .iter()
        .find(|(old, _)| old.as_bytes().eq_ignore_ascii_case(class))
        .map_or(class, |(_, modern)| modern.as_bytes())
}

impl Mapping {
    /// Appends the properties of `attributes` whose ids `properties` lacks.
    pub(super) fn complete<'a>(
        &self,
        properties: &mut Vec<Property<'a>>,
        attributes: &[Attribute<'a>],
        findings: &mut Findings,
    ) {
        let mut known: HashSet<u16> = properties.iter().map(|property| property.tag.id()).collect();
        for attribute in attributes {
            match self.properties(attribute) {
                Ok(mapped) => {
                    properties.extend(mapped.into_iter().filter(|property| known.insert(property.tag.id())));
                }
                Err(()) => {
                    let Attribute { id, data, offset } = *attribute;
                    let detail = || format!("{id}: its {} bytes are not what it must hold", data.len());
                    findings.add(FindingKind::BadAttribute, offset, detail);
                }
            }
        }
    }

    /// The properties of one attribute; an error if its data is too short or makes no sense.
    fn properties<'a>(&self, attribute: &Attribute<'a>) -> Result<Vec<Property<'a>>, ()> {
        use AttributeId as Id;
        let Attribute { id, data, .. } = *attribute;
        let one = |tag, value| Ok(vec![Property::mapped(tag, value, id)]);
        let string = |tag, text| one(tag, self.text(text));
        let number = |at| bytes::u16(data, at).ok_or(());
        match id {
            Id::SUBJECT => string(0x0037_001E, data),
            Id::BODY => string(0x1000_001E, data),
            Id::MESSAGE_CLASS => string(0x001A_001E, modern_class(data)),
            Id::ORIGINAL_MESSAGE_CLASS => string(0x004B_001E, modern_class(data)),
            Id::FROM => self.sender(data, id),
            Id::SENT_FOR => self.counted_pair(data, id, SENT_REPRESENTING),
            Id::OWNER if self.is_response => self.counted_pair(data, id, RECEIVED_REPRESENTING),
            Id::OWNER => self.counted_pair(data, id, SENT_REPRESENTING),
            Id::DELEGATE => one(0x0043_0102, Value::Binary(Bytes::lent(data))),
            Id::DATE_START => one(0x0060_0040, date(data)?),
            Id::DATE_END => one(0x0061_0040, date(data)?),
            Id::DATE_SENT => one(0x0039_0040, date(data)?),
            Id::DATE_RECEIVED => one(0x0E06_0040, date(data)?),
            Id::DATE_MODIFIED | Id::ATTACH_MODIFY_DATE => one(0x3008_0040, date(data)?),
            Id::ATTACH_CREATE_DATE => one(0x3007_0040, date(data)?),
            Id::AID_OWNER => {
                let appointment = bytes::u32(data, 0).ok_or(())?;
                one(0x0062_0003, Value::Integer32(appointment.cast_signed()))
            }
            Id::REQUEST_RESPONSE => one(0x0063_000B, Value::Boolean(number(0)? != 0)),
            Id::MESSAGE_ID => one(0x300B_0102, hex(data)?),
            Id::PARENT_ID => one(0x0025_0102, hex(data)?),
            Id::CONVERSATION_ID => one(0x000B_0102, hex(data)?),
            // 1 is high here, and low in the property.
            Id::PRIORITY => match number(0)? {
                priority @ 1..=3 => one(0x0017_0003, Value::Integer32(i32::from(3_u16.wrapping_sub(priority)))),
                _ => Err(()),
            },
            Id::MESSAGE_STATUS => {
                let status = data.first().copied().ok_or(())?;
                // fmsRead, not fmsModified, fmsSubmitted, fmsLocal, fmsHasAttach.
                let flags = [(0x20, 0x20, 1), (0x01, 0, 2), (0x04, 0x04, 4), (0x02, 0x02, 8), (0x80, 0x80, 0x10)];
                let flags =
                    flags.iter().filter(|(mask, value, _)| status & mask == *value).fold(0, |all, flag| all | flag.2);
                one(0x0E07_0003, Value::Integer32(flags))
            }
            Id::ATTACH_DATA => one(0x3701_0102, Value::Binary(Bytes::lent(data))),
            Id::ATTACH_META_FILE => one(0x3709_0102, Value::Binary(Bytes::lent(data))),
            Id::ATTACH_TITLE => string(0x3704_001E, data),
            Id::ATTACH_TRANSPORT_FILENAME => string(0x370C_001E, data),
            Id::ATTACH_REND_DATA => self.rendering(data, id),
            // Of the stream itself, or read elsewhere, or not known and told of.
            _ => Ok(Vec::new()),
        }
    }

    /// Text in the code page of the stream, up to the first NUL.
    fn text<'a>(&self, data: &'a [u8]) -> Value<'a> {
        let text = data.split(|byte| *byte == 0).next().unwrap_or_default();
        Value::String(Text::new(Bytes::lent(text), Some(self.code_page)))
    }

    /// Name, address type and address.
    fn participant<'a>(
        &self,
        name: &'a [u8],
        address: &'a [u8],
        id: AttributeId,
        tags: Participant,
    ) -> Vec<Property<'a>> {
        let [name_tag, type_tag, address_tag] = tags;
        let mut all = vec![Property::mapped(name_tag, self.text(name), id)];
        match address.iter().position(|byte| *byte == b':').and_then(|at| address.split_at_checked(at)) {
            Some((kind, address)) => {
                all.push(Property::mapped(type_tag, self.text(kind), id));
                all.push(Property::mapped(address_tag, self.text(address.get(1..).unwrap_or_default()), id));
            }
            None => all.push(Property::mapped(address_tag, self.text(address), id)),
        }
        all
    }

    /// A TRP structure: id, its length, length of the name, length of the address, name, address; each with its NUL.
    fn sender<'a>(&self, data: &'a [u8], id: AttributeId) -> Result<Vec<Property<'a>>, ()> {
        let length = |at| bytes::u16(data, at).map(usize::from);
        let (Some(ONE_OFF), Some(name), Some(address)) = (bytes::u16(data, 0), length(4), length(6)) else {
            return Err(());
        };
        let (name, rest) = data.get(8..).and_then(|rest| rest.split_at_checked(name)).ok_or(())?;
        let address = rest.get(..address).ok_or(())?;
        Ok(self.participant(name, address, id, SENDER))
    }

    /// A name and an address, each behind its length.
    fn counted_pair<'a>(&self, data: &'a [u8], id: AttributeId, tags: Participant) -> Result<Vec<Property<'a>>, ()> {
        let counted = |data: &'a [u8]| {
            let length = usize::from(bytes::u16(data, 0)?);
            data.get(2..)?.split_at_checked(length)
        };
        let (name, rest) = counted(data).ok_or(())?;
        let (address, _) = counted(rest).ok_or(())?;
        Ok(self.participant(name, address, id, tags))
    }

    /// A RENDDATA structure: type, position, width, height, flags.
    fn rendering<'a>(&self, data: &'a [u8], id: AttributeId) -> Result<Vec<Property<'a>>, ()> {
        // Some writers begin an attachment with nothing.
        if data.is_empty() {
            return Ok(Vec::new());
        }
        let (kind, position) = (bytes::u16(data, 0).ok_or(())?, bytes::u32(data, 2).ok_or(())?);
        let method = match kind {
            1 => 1,
            2 => 6,
            _ => return Err(()),
        };
        Ok(vec![
            Property::mapped(0x3705_0003, Value::Integer32(method), id),
            Property::mapped(0x370B_0003, Value::Integer32(position.cast_signed()), id),
        ])
    }
}

/// A DTR structure: year, month, day, hour, minute, second, day of the week.
fn date(data: &[u8]) -> Result<Value<'static>, ()> {
    let field = |at| bytes::u16(data, at).and_then(|value| i16::try_from(value).ok()).ok_or(());
    let small = |at| field(at).and_then(|value| i8::try_from(value).map_err(|_| ()));
    let date = DateTime::new(field(0)?, small(2)?, small(4)?, small(6)?, small(8)?, small(10)?, 0).map_err(|_| ())?;
    let timestamp = TimeZone::UTC.to_timestamp(date).map_err(|_| ())?;
    FileTime::from_timestamp(timestamp).map(Value::Time).ok_or(())
}

/// Bytes written as pairs of hex digits.
fn hex(data: &[u8]) -> Result<Value<'static>, ()> {
    let digits = string8::trim_one_nul(data);
    let nibble = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(nibble(high)?.wrapping_shl(4) | nibble(low)?),
        _ => None,
    });
    pairs.collect::<Option<Vec<u8>>>().map(|bytes| Value::Binary(Bytes::owned(bytes))).ok_or(())
}
