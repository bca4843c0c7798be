//! Property values (MS-OXCDATA 2.11, MS-PST 2.3.3.4).

use std::fmt;

use crate::ltp::PropertyType;
use crate::ndb::Nid;
use crate::source::Bytes;
use crate::text::{CodePageChoice, Decoded, string8, utf16};
use crate::{Error, FileTime, Guid, Result, bytes};

/// A decoded property value. Text and bytes are lent from the handle they came from.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// PtypNull, PtypUnspecified: no value.
    Null,
    /// PtypInteger16.
    Integer16(i16),
    /// PtypInteger32.
    Integer32(i32),
    /// PtypInteger64.
    Integer64(i64),
    /// PtypFloating32.
    Floating32(f32),
    /// PtypFloating64.
    Floating64(f64),
    /// PtypCurrency, in ten-thousandths.
    Currency(i64),
    /// PtypFloatingTime, in days since 1899-12-30.
    FloatingTime(f64),
    /// PtypErrorCode.
    ErrorCode(u32),
    /// PtypBoolean.
    Boolean(bool),
    /// PtypTime.
    Time(FileTime),
    /// PtypGuid.
    Guid(Guid),
    /// PtypString and PtypString8.
    String(Text<'a>),
    /// PtypBinary, PtypServerId, PtypRestriction, PtypRuleAction.
    Binary(Bytes<'a>),
    /// PtypObject: a subnode.
    Object(ObjectRef),
    /// A multiple type: its values in order.
    Multiple(Vec<Value<'a>>),
    /// A type that is not known: the bytes as stored.
    Unknown(Bytes<'a>),
}

impl<'a> Value<'a> {
    /// The number of PtypInteger16, 32 and 64, PtypErrorCode and PtypBoolean.
    pub fn as_integer(&self) -> Option<i64> {
        Some(match *self {
            Self::Integer16(number) => i64::from(number),
            Self::Integer32(number) => i64::from(number),
            Self::Integer64(number) => number,
            Self::ErrorCode(number) => i64::from(number),
            Self::Boolean(truth) => i64::from(truth),
            _ => return None,
        })
    }

    /// The text of PtypString and PtypString8.
    pub fn as_text(&self) -> Option<&Text<'a>> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The bytes of the binary types.
    pub fn as_bytes(&self) -> Option<&Bytes<'a>> {
        if let Self::Binary(bytes) = self { Some(bytes) } else { None }
    }

    /// The time of PtypTime.
    pub fn as_time(&self) -> Option<FileTime> {
        if let Self::Time(time) = self { Some(*time) } else { None }
    }

    /// Decodes the stored bytes of a value; an empty one of a fixed size is [`Value::Null`]. `limit` bounds the memory of
    /// a multiple value.
    ///
    /// # Errors
    /// `Corrupt` if the length does not fit the type or the offsets of a multiple value leave it.
    pub(crate) fn decode(
        kind: PropertyType,
        stored: Bytes<'a>,
        limit: u64,
        code_page: &dyn Fn() -> CodePageChoice,
    ) -> Result<Self> {
        if kind.is_multiple() {
            Self::decode_multiple(kind, &stored, limit, code_page)
        } else {
            Self::decode_one(kind, stored, code_page)
        }
    }

    fn decode_one(kind: PropertyType, stored: Bytes<'a>, code_page: &dyn Fn() -> CodePageChoice) -> Result<Self> {
        if let Some(size) = kind.fixed_size() {
            if stored.is_empty() {
                return Ok(Self::Null);
            }
            return fixed(kind, &stored).ok_or_else(|| {
                let actual = format!("{} bytes of {kind}", stored.len());
                Error::corrupt("property", "length", actual, format_args!("{size}"))
            });
        }
        Ok(match kind {
            PropertyType::UNSPECIFIED | PropertyType::NULL => Self::Null,
            PropertyType::STRING => Self::String(Text { bytes: stored, code_page: None }),
            PropertyType::STRING8 => Self::String(Text { bytes: stored, code_page: Some(code_page()) }),
            PropertyType::BINARY | PropertyType::SERVER_ID | PropertyType::RESTRICTION | PropertyType::RULE_ACTION => {
                Self::Binary(stored)
            }
            PropertyType::OBJECT if stored.is_empty() => Self::Null,
            PropertyType::OBJECT => Self::Object(ObjectRef::decode(&stored)?),
            _ => Self::Unknown(stored),
        })
    }

    fn decode_multiple(
        kind: PropertyType,
        stored: &Bytes<'a>,
        limit: u64,
        code_page: &dyn Fn() -> CodePageChoice,
    ) -> Result<Self> {
        const STRUCTURE: &str = "multi-valued property";
        // A decoded value takes more memory than a stored one.
        let most = limit.checked_div(u64::try_from(size_of::<Self>()).unwrap_or(u64::MAX)).unwrap_or(0);
        let within = |count: usize| match u64::try_from(count) {
            Ok(count) if count <= most => Ok(()),
            _ => Err(Error::limit(STRUCTURE, "number of values", count, most)),
        };
        let element = kind.element();
        if stored.is_empty() {
            return Ok(Self::Multiple(Vec::new()));
        }
        if let Some(size) = element.fixed_size() {
            let spare = stored.len().checked_rem(size).unwrap_or(0);
            if spare != 0 {
                let expected = format_args!("a multiple of {size}");
                return Err(Error::corrupt(STRUCTURE, "length", stored.len(), expected));
            }
            within(stored.len().checked_div(size).unwrap_or(0))?;
            return Ok(Self::Multiple(stored.chunks_exact(size).filter_map(|one| fixed(element, one)).collect()));
        }
        if !matches!(element, PropertyType::STRING | PropertyType::STRING8 | PropertyType::BINARY) {
            return Ok(Self::Unknown(stored.clone()));
        }
        // ulCount, then an offset for each value; the last one ends with the data.
        let count = bytes::u32(stored, 0).and_then(|count| usize::try_from(count).ok());
        let count = count.ok_or_else(|| Error::truncated(STRUCTURE, stored.len(), 4))?;
        let most = stored.len().saturating_sub(4) >> 2;
        if count > most {
            return Err(Error::corrupt(STRUCTURE, "ulCount", count, format_args!("at most {most}")));
        }
        within(count)?;
        let offset = |index: usize| {
            if index == count {
                return Some(stored.len());
            }
            let at = index.checked_mul(4)?.checked_add(4)?;
            usize::try_from(bytes::u32(stored, at)?).ok()
        };
        let mut values = Vec::with_capacity(count);
        for index in 0..count {
            let range = offset(index).zip(offset(index.saturating_add(1)));
            let one = range.and_then(|(from, to)| (from <= to).then(|| stored.part(from..to)).flatten());
            let one = one.ok_or_else(|| {
                let actual = format!("{:?} for value {index}", range.unwrap_or_default());
                Error::corrupt(
                    STRUCTURE,
                    "rgulDataOffsets",
                    actual,
                    format_args!("ascending, at most {}", stored.len()),
                )
            })?;
            values.push(Self::decode_one(element, one, code_page)?);
        }
        Ok(Self::Multiple(values))
    }

    /// The bytes of a value as a property context or table stores them outside its entry; the inverse of decoding.
    ///
    /// Strings are given as their stored bytes. Returns `None` for [`Value::Unknown`] inside a multiple value.
    pub fn encode(&self) -> Option<Vec<u8>> {
        Some(match self {
            Self::Null => Vec::new(),
            Self::Integer16(number) => number.to_le_bytes().to_vec(),
            Self::Integer32(number) => number.to_le_bytes().to_vec(),
            Self::Integer64(number) | Self::Currency(number) => number.to_le_bytes().to_vec(),
            Self::Floating32(number) => number.to_le_bytes().to_vec(),
            Self::Floating64(number) | Self::FloatingTime(number) => number.to_le_bytes().to_vec(),
            Self::ErrorCode(number) => number.to_le_bytes().to_vec(),
            Self::Boolean(truth) => vec![u8::from(*truth)],
            Self::Time(time) => time.ticks().to_le_bytes().to_vec(),
            Self::Guid(guid) => guid.as_bytes().to_vec(),
            Self::String(text) => text.bytes.to_vec(),
            Self::Binary(bytes) | Self::Unknown(bytes) => bytes.to_vec(),
            Self::Object(object) => object.encode().to_vec(),
            Self::Multiple(values) => {
                let parts: Vec<Vec<u8>> = values.iter().map(Self::encode).collect::<Option<_>>()?;
                match values.first() {
                    Some(Self::String(_) | Self::Binary(_)) => encode_variable(&parts),
                    _ => parts.concat(),
                }
            }
        })
    }
}

/// A multiple value of variable-size parts (MS-PST 2.3.3.4.2).
fn encode_variable(parts: &[Vec<u8>]) -> Vec<u8> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
    let mut out = number(parts.len()).to_vec();
    let mut offset = parts.len().saturating_mul(4).saturating_add(4);
    for part in parts {
        out.extend_from_slice(&number(offset));
        offset = offset.saturating_add(part.len());
    }
    out.extend(parts.iter().flatten());
    out
}

/// A value of fixed size from at least its bytes.
fn fixed(kind: PropertyType, stored: &[u8]) -> Option<Value<'static>> {
    let size = kind.fixed_size()?;
    // Values of up to 4 bytes come in a 4-byte place whose rest may be garbage.
    if stored.len() != size && !(size < 4 && stored.len() == 4) {
        return None;
    }
    let float = || bytes::array(stored, 0).map(f64::from_le_bytes);
    let long = || bytes::array(stored, 0).map(i64::from_le_bytes);
    Some(match kind {
        PropertyType::BOOLEAN => Value::Boolean(bytes::u8(stored, 0)? != 0),
        PropertyType::INTEGER16 => Value::Integer16(bytes::array(stored, 0).map(i16::from_le_bytes)?),
        PropertyType::INTEGER32 => Value::Integer32(bytes::array(stored, 0).map(i32::from_le_bytes)?),
        PropertyType::FLOATING32 => Value::Floating32(bytes::array(stored, 0).map(f32::from_le_bytes)?),
        PropertyType::ERROR_CODE => Value::ErrorCode(bytes::u32(stored, 0)?),
        PropertyType::FLOATING64 => Value::Floating64(float()?),
        PropertyType::FLOATING_TIME => Value::FloatingTime(float()?),
        PropertyType::CURRENCY => Value::Currency(long()?),
        PropertyType::INTEGER64 => Value::Integer64(long()?),
        PropertyType::TIME => Value::Time(FileTime::new(bytes::u64(stored, 0)?)),
        PropertyType::GUID => Value::Guid(Guid::from_bytes(bytes::array(stored, 0)?)),
        _ => return None,
    })
}

/// The value of a PtypObject property (MS-PST 2.3.3.5): a subnode and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectRef {
    /// The subnode, of the node that has the property.
    pub nid: Nid,
    /// `ulSize`: bytes of the object as its writer counted them.
    pub size: u32,
}

impl ObjectRef {
    /// Decodes 8 bytes.
    ///
    /// # Errors
    /// `Corrupt` if there are fewer.
    pub fn decode(stored: &[u8]) -> Result<Self> {
        let short = || Error::truncated("PtypObject", stored.len(), 8);
        Ok(Self {
            nid: Nid::new(bytes::u32(stored, 0).ok_or_else(short)?),
            size: bytes::u32(stored, 4).ok_or_else(short)?,
        })
    }

    /// Encodes 8 bytes.
    pub fn encode(self) -> [u8; 8] {
        let ([a, b, c, d], [e, f, g, h]) = (self.nid.raw().to_le_bytes(), self.size.to_le_bytes());
        [a, b, c, d, e, f, g, h]
    }
}

/// Text as stored, with what is needed to read it.
///
/// The bytes stay reachable through [`raw`](Self::raw), so an unpaired surrogate or a byte without a character is never
/// lost.
#[derive(Clone, PartialEq, Eq)]
pub struct Text<'a> {
    bytes: Bytes<'a>,
    /// The code page of String8, `None` for UTF-16LE.
    code_page: Option<CodePageChoice>,
}

impl<'a> Text<'a> {
    pub(crate) fn new(bytes: Bytes<'a>, code_page: Option<CodePageChoice>) -> Self {
        Self { bytes, code_page }
    }

    /// The bytes as stored, a trailing NUL included.
    pub fn raw(&self) -> &Bytes<'a> {
        &self.bytes
    }

    /// For String8, the code page it is read with and who named it; `None` for UTF-16LE.
    pub fn code_page(&self) -> Option<CodePageChoice> {
        self.code_page
    }

    /// True if there is no text, or nothing but one NUL.
    pub fn is_empty(&self) -> bool {
        self.trimmed().is_empty()
    }

    /// The stored bytes without one trailing NUL, which some writers store and others do not.
    fn trimmed(&self) -> &[u8] {
        if self.code_page.is_some() { string8::trim_one_nul(&self.bytes) } else { utf16::trim_one_nul(&self.bytes) }
    }

    /// The text; what has no character becomes U+FFFD. One trailing NUL is left out.
    pub fn to_string_lossy(&self) -> String {
        match self.code_page {
            None => utf16::decode_lossy(self.trimmed()),
            Some(choice) => decode_string8(choice, self.trimmed()).text.into_owned(),
        }
    }

    /// True if [`to_string_lossy`](Self::to_string_lossy) replaces something.
    pub fn is_lossy(&self) -> bool {
        match self.code_page {
            None => utf16::decode(self.trimmed()).is_none(),
            Some(choice) => decode_string8(choice, self.trimmed()).lossy,
        }
    }

    /// The text as [`to_string_lossy`](Self::to_string_lossy) has it, and whether something was replaced.
    pub(crate) fn decoded(&self) -> (String, bool) {
        match self.code_page {
            None => match utf16::decode(self.trimmed()) {
                Some(text) => (text, false),
                None => (utf16::decode_lossy(self.trimmed()), true),
            },
            Some(choice) => {
                let decoded = decode_string8(choice, self.trimmed());
                (decoded.text.into_owned(), decoded.lossy)
            }
        }
    }

    /// The UTF-16 code units of PtypString without one trailing NUL; `None` for String8. Unpaired surrogates survive.
    pub fn utf16_units(&self) -> Option<Vec<u16>> {
        self.code_page.is_none().then(|| utf16::units(self.trimmed()).collect())
    }
}

/// Text in a code page; one that cannot be decoded keeps its ASCII and loses the rest.
pub(crate) fn decode_string8(choice: CodePageChoice, stored: &[u8]) -> Decoded<'_> {
    choice.page.decode(stored).unwrap_or_else(|_| {
        let text: String = stored
            .iter()
            .map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER })
            .collect();
        Decoded { lossy: !stored.is_ascii(), text: text.into() }
    })
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{CodePage, CodePageSource};
    use proptest::prelude::*;

    fn latin() -> CodePageChoice {
        CodePageChoice { page: CodePage::WINDOWS_1252, source: CodePageSource::Default }
    }

    fn decode(kind: PropertyType, stored: &[u8]) -> Result<Value<'_>> {
        Value::decode(kind, Bytes::lent(stored), 1 << 20, &latin)
    }

    fn every_value() -> Vec<(PropertyType, Value<'static>)> {
        let text = |bytes: &'static [u8], page| Value::String(Text::new(Bytes::lent(bytes), page));
        vec![
            (PropertyType::INTEGER16, Value::Integer16(-2)),
            (PropertyType::INTEGER32, Value::Integer32(-3)),
            (PropertyType::INTEGER64, Value::Integer64(i64::MIN)),
            (PropertyType::FLOATING32, Value::Floating32(0.5)),
            (PropertyType::FLOATING64, Value::Floating64(-0.25)),
            (PropertyType::CURRENCY, Value::Currency(12_345)),
            (PropertyType::FLOATING_TIME, Value::FloatingTime(45_000.5)),
            (PropertyType::ERROR_CODE, Value::ErrorCode(0x8004_010F)),
            (PropertyType::BOOLEAN, Value::Boolean(true)),
            (PropertyType::TIME, Value::Time(FileTime::new(u64::MAX))),
            (PropertyType::GUID, Value::Guid(Guid::PS_MAPI)),
            (PropertyType::STRING, text(b"h\0i\0", None)),
            (PropertyType::STRING8, text(b"h\xE9", Some(latin()))),
            (PropertyType::BINARY, Value::Binary(Bytes::lent(b"\0\x01"))),
            (PropertyType::SERVER_ID, Value::Binary(Bytes::lent(b"server"))),
            (PropertyType::OBJECT, Value::Object(ObjectRef { nid: Nid::new(0x24), size: 7 })),
            (PropertyType::MULTIPLE_INTEGER16, Value::Multiple(vec![Value::Integer16(1), Value::Integer16(2)])),
            (PropertyType::MULTIPLE_TIME, Value::Multiple(vec![Value::Time(FileTime::new(5))])),
            (PropertyType::MULTIPLE_GUID, Value::Multiple(vec![Value::Guid(Guid::PS_MAPI); 3])),
            (PropertyType::MULTIPLE_STRING, Value::Multiple(vec![text(b"a\0", None), text(b"", None)])),
            (PropertyType::MULTIPLE_STRING8, Value::Multiple(vec![text(b"abc", Some(latin()))])),
            (PropertyType::MULTIPLE_BINARY, Value::Multiple(vec![Value::Binary(Bytes::lent(b"xyz"))])),
            (PropertyType::MULTIPLE_BINARY, Value::Multiple(vec![])),
        ]
    }

    #[test]
    fn every_type_round_trips() {
        for (kind, value) in every_value() {
            let stored = value.encode().unwrap();
            assert_eq!(decode(kind, &stored).unwrap(), value, "{kind}");
        }
    }

    #[test]
    fn only_the_low_byte_of_a_boolean_counts() {
        assert_eq!(decode(PropertyType::BOOLEAN, &0x006F_0001u32.to_le_bytes()).unwrap(), Value::Boolean(true));
        assert_eq!(decode(PropertyType::BOOLEAN, &0x006F_0000u32.to_le_bytes()).unwrap(), Value::Boolean(false));
    }

    #[test]
    fn an_unpaired_surrogate_survives() {
        let stored = [0x41, 0, 0x00, 0xD8, 0, 0];
        let value = decode(PropertyType::STRING, &stored).unwrap();
        let text = value.as_text().unwrap();
        assert!(text.is_lossy());
        assert_eq!(text.to_string_lossy(), "A\u{FFFD}");
        assert_eq!(text.utf16_units().unwrap(), [0x41, 0xD800]);
        assert_eq!(&**text.raw(), &stored);
    }

    #[test]
    fn bad_multiples_are_errors() {
        let offsets_fall = [2, 0, 0, 0, 13, 0, 0, 0, 12, 0, 0, 0, 1, 2];
        let error = decode(PropertyType::MULTIPLE_BINARY, &offsets_fall).unwrap_err();
        assert_eq!(error.location().field, Some("rgulDataOffsets"));
        let error = decode(PropertyType::MULTIPLE_STRING, &[0xFF; 8]).unwrap_err();
        assert_eq!(error.to_string(), "corrupt multi-valued property: ulCount is 4294967295, expected at most 1");
        let error = decode(PropertyType::MULTIPLE_INTEGER64, &[0; 9]).unwrap_err();
        assert_eq!(error.location().field, Some("length"));
    }

    #[test]
    fn many_small_values_meet_the_limit() {
        let error = decode(PropertyType::MULTIPLE_INTEGER16, &vec![0; 1 << 19]).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Limit);
        let mut offsets = 0x1_0000u32.to_le_bytes().to_vec();
        offsets.resize(4 + 4 * 0x1_0000, 0);
        assert_eq!(decode(PropertyType::MULTIPLE_STRING, &offsets).unwrap_err().kind(), crate::ErrorKind::Limit);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(kind: u16, stored in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = decode(PropertyType::new(kind), &stored);
            for (kind, _) in every_value() {
                let _ = decode(kind, &stored);
            }
        }
    }
}
