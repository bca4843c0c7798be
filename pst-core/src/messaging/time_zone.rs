//! Time zones as binary properties (MS-OXOCAL 2.2.1.39 to 2.2.1.43).
//!
//! ```text
//! TimeZoneStruct      bias | standard | daylight | year, date of standard | year, date of daylight      48 bytes
//! TimeZoneDefinition  versions | header: size, flags, key name, count | rules
//!   rule              versions | size | flags | start | bias | standard | daylight | two dates          66 bytes
//! ```
//!
//! **Biases count west**: local time and bias make UTC, so Berlin has -60. Offsets here count east, as everywhere else.

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Weekday};

use crate::messaging::blob::{Decoded, Fields};
use crate::text::utf16;

/// A SYSTEMTIME (MS-DTYP 2.3.13), here a date on which the clocks change.
///
/// Without a year it comes every year: the `day`-th `weekday` of the month, 5 being the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs, reason = "the fields of the structure by their names")]
pub struct SystemTime {
    pub year: u16,
    pub month: u16,
    /// 0 is Sunday.
    pub weekday: u16,
    pub day: u16,
    pub hour: u16,
    pub minute: u16,
    pub second: u16,
    pub milliseconds: u16,
}

impl SystemTime {
    fn read(fields: &mut Fields<'_>, field: &'static str) -> Option<Self> {
        Some(Self {
            year: fields.u16(field)?,
            month: fields.u16(field)?,
            weekday: fields.u16(field)?,
            day: fields.u16(field)?,
            hour: fields.u16(field)?,
            minute: fields.u16(field)?,
            second: fields.u16(field)?,
            milliseconds: fields.u16(field)?,
        })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        let numbers =
            [self.year, self.month, self.weekday, self.day, self.hour, self.minute, self.second, self.milliseconds];
        numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    }

    /// The local time in a year; `None` if it is none, or of another year.
    pub fn in_year(&self, year: i16) -> Option<DateTime> {
        let month = i8::try_from(self.month).ok()?;
        let day = i8::try_from(self.day).ok()?;
        let date = if self.year != 0 {
            (i16::try_from(self.year).ok()? == year).then(|| Date::new(year, month, day).ok())??
        } else {
            let weekday = Weekday::from_sunday_zero_offset(i8::try_from(self.weekday).ok()?).ok()?;
            let first = Date::new(year, month, 1).ok()?;
            match day {
                5 => first.nth_weekday_of_month(-1, weekday).ok()?,
                1..=4 => first.nth_weekday_of_month(day, weekday).ok()?,
                _ => return None,
            }
        };
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(i8::try_from);
        date.to_datetime(jiff::civil::Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0).ok()?).into()
    }
}

/// When the clocks show what: the part that both properties share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct TimeZoneRule {
    /// lBias: minutes west of UTC.
    pub bias: i32,
    /// lStandardBias: minutes to add to the bias in standard time.
    pub standard_bias: i32,
    /// lDaylightBias: minutes to add to the bias in daylight saving time.
    pub daylight_bias: i32,
    /// stStandardDate: when standard time begins, in daylight saving time. Month 0 for a zone without the latter.
    pub standard: SystemTime,
    /// stDaylightDate: when daylight saving time begins, in standard time.
    pub daylight: SystemTime,
}

/// Minutes of a day; no place on earth is as far from UTC.
const DAY: i64 = 1440;

impl TimeZoneRule {
    /// Minutes east of UTC in standard time.
    pub fn standard_offset(&self) -> i64 {
        i64::from(self.bias).saturating_add(i64::from(self.standard_bias)).saturating_neg()
    }

    /// Minutes east of UTC in daylight saving time.
    pub fn daylight_offset(&self) -> i64 {
        i64::from(self.bias).saturating_add(i64::from(self.daylight_bias)).saturating_neg()
    }

    /// Whether the clocks change.
    pub fn has_daylight(&self) -> bool {
        self.standard.month != 0 && self.daylight.month != 0
    }

    /// The field that makes no sense, with its value and what was expected.
    fn problem(&self) -> Option<(&'static str, u64, &'static str)> {
        let far = |offset: i64| offset.saturating_abs() >= DAY;
        if far(self.standard_offset()) || (self.has_daylight() && far(self.daylight_offset())) {
            return Some(("lBias", u64::from(self.bias.unsigned_abs()), "less than a day"));
        }
        if !self.has_daylight() {
            return None;
        }
        [("stStandardDate", &self.standard), ("stDaylightDate", &self.daylight)].into_iter().find_map(
            |(field, date)| {
                let year = if date.year == 0 { 2000 } else { i16::try_from(date.year).unwrap_or(0) };
                let is_date = date.in_year(year).is_some();
                (!is_date).then_some((field, u64::from(date.month), "a date"))
            },
        )
    }

    /// Whether it can be used: offsets below a day, and dates that are dates.
    pub fn is_sound(&self) -> bool {
        self.problem().is_none()
    }

    /// The offset in minutes at a time in UTC.
    fn offset_at(&self, utc: DateTime) -> i64 {
        if !self.has_daylight() {
            return self.standard_offset();
        }
        let (standard, daylight) = (self.standard_offset(), self.daylight_offset());
        let years = [utc.year().saturating_sub(1), utc.year(), utc.year().saturating_add(1)];
        let changes = years.into_iter().flat_map(|year| {
            let to_standard = self.standard.in_year(year).map(|local| (shifted(local, daylight, -1), standard));
            let to_daylight = self.daylight.in_year(year).map(|local| (shifted(local, standard, -1), daylight));
            [to_standard, to_daylight]
        });
        let last = changes.flatten().filter(|(when, _)| *when <= utc).max_by_key(|(when, _)| *when);
        last.map_or(standard, |(_, offset)| offset)
    }

    /// Local time of a time in UTC.
    pub fn to_local(&self, utc: DateTime) -> DateTime {
        shifted(utc, self.offset_at(utc), 1)
    }

    /// UTC of a local time. **One that comes twice is the first; one that is skipped is read as if the clocks had not
    /// changed yet** (RFC 5545 3.3.5).
    pub fn to_utc(&self, local: DateTime) -> DateTime {
        let (standard, daylight) = (self.standard_offset(), self.daylight_offset());
        let (early, late) = (standard.max(daylight), standard.min(daylight));
        let utc = |offset| shifted(local, offset, -1);
        if self.has_daylight() && self.offset_at(utc(early)) == early {
            return utc(early);
        }
        utc(if self.has_daylight() { late } else { standard })
    }

    fn read(fields: &mut Fields<'_>) -> Option<[i32; 3]> {
        Some([fields.i32("lBias")?, fields.i32("lStandardBias")?, fields.i32("lDaylightBias")?])
    }

    fn noted(self, fields: &mut Fields<'_>) -> Self {
        if let Some((field, actual, expected)) = self.problem() {
            fields.unexpected(field, actual, expected);
        }
        self
    }

    fn encode_biases(&self, out: &mut Vec<u8>) {
        [self.bias, self.standard_bias, self.daylight_bias]
            .iter()
            .for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
    }
}

/// A time some minutes later, or with `sign` -1 earlier; at the end of the calendar, its end.
fn shifted(time: DateTime, minutes: i64, sign: i64) -> DateTime {
    time.saturating_add(SignedDuration::from_secs(minutes.saturating_mul(sign).saturating_mul(60)))
}

/// PidLidTimeZoneStruct (MS-OXOCAL 2.2.1.39).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct TimeZoneStruct {
    /// Biases and dates.
    pub rule: TimeZoneRule,
    /// wStandardYear and wDaylightYear: the years of the dates once more.
    pub years: [u16; 2],
}

impl TimeZoneStruct {
    /// Decodes 48 bytes.
    pub fn decode(stored: &[u8]) -> Decoded<Self> {
        let mut fields = Fields::new(stored);
        let value = Self::read(&mut fields);
        fields.finish(value)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let [bias, standard_bias, daylight_bias] = TimeZoneRule::read(fields)?;
        let standard_year = fields.u16("wStandardYear")?;
        let standard = SystemTime::read(fields, "stStandardDate")?;
        let daylight_year = fields.u16("wDaylightYear")?;
        let daylight = SystemTime::read(fields, "stDaylightDate")?;
        let rule = TimeZoneRule { bias, standard_bias, daylight_bias, standard, daylight }.noted(fields);
        Some(Self { rule, years: [standard_year, daylight_year] })
    }

    /// Encodes 48 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.rule.encode_biases(&mut out);
        let dates = [&self.rule.standard, &self.rule.daylight];
        for (year, date) in self.years.iter().zip(dates) {
            out.extend_from_slice(&year.to_le_bytes());
            date.encode(&mut out);
        }
        out
    }
}

/// A rule of a [`TimeZoneDefinition`]: TZRule (MS-OXOCAL 2.2.1.41.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DatedRule {
    /// Major and minor version, 2 and 1.
    pub version: [u8; 2],
    /// Reserved: 0x3E, the bytes that follow it.
    pub size: u16,
    /// TZRule flags: 1 for the rule of a series, 2 for the effective one.
    pub flags: u16,
    /// wYear and X. **Outlook stores January 1 of the year, where the specification wants zeros after it.**
    pub start: SystemTime,
    /// Biases and dates.
    pub rule: TimeZoneRule,
}

impl DatedRule {
    /// TZRULE_FLAG_EFFECTIVE_TZREG.
    pub const EFFECTIVE: u16 = 2;

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let version = [fields.u8("Major version")?, fields.u8("Minor version")?];
        let size = fields.u16("Reserved")?;
        let flags = fields.u16("TZRule flags")?;
        let start = SystemTime::read(fields, "wYear")?;
        let [bias, standard_bias, daylight_bias] = TimeZoneRule::read(fields)?;
        let standard = SystemTime::read(fields, "stStandardDate")?;
        let daylight = SystemTime::read(fields, "stDaylightDate")?;
        let rule = TimeZoneRule { bias, standard_bias, daylight_bias, standard, daylight }.noted(fields);
        Some(Self { version, size, flags, start, rule })
    }

    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.version);
        out.extend_from_slice(&self.size.to_le_bytes());
        out.extend_from_slice(&self.flags.to_le_bytes());
        self.start.encode(out);
        self.rule.encode_biases(out);
        self.rule.standard.encode(out);
        self.rule.daylight.encode(out);
    }
}

/// PidLidAppointmentTimeZoneDefinitionRecur, -StartDisplay and -EndDisplay (MS-OXOCAL 2.2.1.41 to 2.2.1.43).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZoneDefinition {
    /// Major and minor version, 2 and 1.
    pub version: [u8; 2],
    /// Reserved: flags of the header. 2: it has a key name.
    pub header_flags: u16,
    /// KeyName: the name of the zone in Windows, such as `Pacific Standard Time`.
    pub key_name: String,
    /// TZRules, by the year from which each is in effect.
    pub rules: Vec<DatedRule>,
}

impl TimeZoneDefinition {
    /// Decodes a definition. Rules that break off leave those before them.
    pub fn decode(stored: &[u8]) -> Decoded<Self> {
        let mut fields = Fields::new(stored);
        let value = Self::read(&mut fields);
        fields.finish(value)
    }

    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let version = [fields.u8("Major Version")?, fields.u8("Minor Version")?];
        let [major, _] = version;
        if major != 2 {
            fields.unexpected("Major Version", major, "2");
        }
        let header = fields.u16("cbHeader")?;
        let header_flags = fields.u16("Reserved")?;
        if header_flags != 2 {
            fields.unexpected("Reserved", header_flags, "2");
        }
        let units = fields.u16("cchKeyName")?;
        let key_name = fields.utf16("KeyName", units)?;
        let count = fields.u16("cRules")?;
        if usize::from(header) != usize::from(units).saturating_mul(2).saturating_add(6) {
            fields.unexpected("cbHeader", header, "6 and twice cchKeyName");
        }
        let mut rules = Vec::new();
        for _ in 0..count {
            match DatedRule::read(fields) {
                Some(rule) => rules.push(rule),
                None => break,
            }
        }
        Some(Self { version, header_flags, key_name, rules })
    }

    /// Encodes a definition.
    pub fn encode(&self) -> Vec<u8> {
        let name = utf16::encode(&self.key_name);
        let name = name.get(..name.len().min(0xFFF0)).unwrap_or_default();
        let units = u16::try_from(name.len() >> 1).unwrap_or(u16::MAX);
        let header = u16::try_from(name.len().saturating_add(6)).unwrap_or(u16::MAX);
        let mut out = self.version.to_vec();
        for number in [header, self.header_flags, units] {
            out.extend_from_slice(&number.to_le_bytes());
        }
        out.extend_from_slice(name);
        let count = u16::try_from(self.rules.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&count.to_le_bytes());
        self.rules.iter().take(usize::from(count)).for_each(|rule| rule.encode(&mut out));
        out
    }

    /// The rule that converts to and from UTC: the one marked as effective, else the last.
    pub fn effective(&self) -> Option<&DatedRule> {
        let marked = self.rules.iter().find(|rule| rule.flags & DatedRule::EFFECTIVE != 0);
        marked.or_else(|| self.rules.iter().max_by_key(|rule| rule.start.year))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use crate::messaging::blob::BlobFinding;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u32> = hex.chars().filter_map(|digit| digit.to_digit(16)).collect();
        digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap()).collect()
    }

    /// MS-OXOCAL 4.1.5.
    const STRUCT: &str =
        "E001000000000000C4FFFFFF000000000B00000001000200000000000000000000000300000002000200000000000000";
    /// MS-OXOCAL 4.1.4.
    const DEFINITION: &str = "0201300002001500500061006300690066006900630020005300740061006E00640061007200640020005400\
        69006D006500020002013E000000D6070000000000000000000000000000E001000000000000C4FFFFFF00000A0000000500020000000000000000\
        00040000000100020000000000000002013E000200D7070000000000000000000000000000E001000000000000C4FFFFFF00000B00000001000200\
        00000000000000000300000002000200000000000000";

    fn pacific() -> TimeZoneRule {
        let decoded = TimeZoneStruct::decode(&bytes(STRUCT));
        assert_eq!(decoded.findings, []);
        decoded.value.unwrap().rule
    }

    #[test]
    fn pacific_time_changes_on_the_second_sunday_of_march_and_the_first_of_november() {
        let rule = pacific();
        assert_eq!((rule.standard_offset(), rule.daylight_offset()), (-480, -420));
        assert_eq!(rule.daylight.in_year(2016), Some(date(2016, 3, 13).at(2, 0, 0, 0)));
        assert_eq!(rule.standard.in_year(2016), Some(date(2016, 11, 6).at(2, 0, 0, 0)));
        for (utc, local) in [
            (date(2016, 8, 2).at(15, 0, 0, 0), date(2016, 8, 2).at(8, 0, 0, 0)),
            (date(2016, 12, 2).at(15, 0, 0, 0), date(2016, 12, 2).at(7, 0, 0, 0)),
            (date(2016, 3, 13).at(9, 59, 0, 0), date(2016, 3, 13).at(1, 59, 0, 0)),
            (date(2016, 3, 13).at(10, 0, 0, 0), date(2016, 3, 13).at(3, 0, 0, 0)),
            (date(2016, 11, 6).at(8, 59, 0, 0), date(2016, 11, 6).at(1, 59, 0, 0)),
            (date(2016, 1, 1).at(0, 0, 0, 0), date(2015, 12, 31).at(16, 0, 0, 0)),
        ] {
            assert_eq!(rule.to_local(utc), local);
            assert_eq!(rule.to_utc(local), utc);
        }
        // The hour that comes twice, and the one that is skipped.
        assert_eq!(rule.to_local(date(2016, 11, 6).at(9, 30, 0, 0)), date(2016, 11, 6).at(1, 30, 0, 0));
        assert_eq!(rule.to_utc(date(2016, 11, 6).at(1, 30, 0, 0)), date(2016, 11, 6).at(8, 30, 0, 0));
        assert_eq!(rule.to_utc(date(2016, 3, 13).at(2, 30, 0, 0)), date(2016, 3, 13).at(10, 30, 0, 0));
    }

    #[test]
    fn south_of_the_equator_the_year_begins_in_summer() {
        let on = |month, day, hour| SystemTime { month, day, hour, ..SystemTime::default() };
        let sydney = TimeZoneRule {
            bias: -600,
            standard_bias: 0,
            daylight_bias: -60,
            standard: on(4, 1, 3),
            daylight: on(10, 1, 2),
        };
        assert_eq!(sydney.to_local(date(2020, 1, 1).at(0, 0, 0, 0)), date(2020, 1, 1).at(11, 0, 0, 0));
        assert_eq!(sydney.to_local(date(2020, 7, 1).at(0, 0, 0, 0)), date(2020, 7, 1).at(10, 0, 0, 0));
    }

    #[test]
    fn a_date_with_a_year_comes_once() {
        let on = |year, month, day| SystemTime { year, month, day, hour: 2, ..SystemTime::default() };
        let once = TimeZoneRule {
            bias: 0,
            standard_bias: 0,
            daylight_bias: -60,
            standard: on(2011, 10, 30),
            daylight: on(2011, 3, 27),
        };
        assert!(once.is_sound());
        let hour = |year| once.to_local(date(year, 7, 1).at(0, 0, 0, 0)).hour();
        assert_eq!((hour(2010), hour(2011), hour(2012)), (0, 1, 0));
    }

    #[test]
    fn a_definition_has_a_name_and_an_effective_rule() {
        let decoded = TimeZoneDefinition::decode(&bytes(DEFINITION));
        assert_eq!(decoded.findings, []);
        let definition = decoded.value.unwrap();
        assert_eq!(definition.key_name, "Pacific Standard Time");
        let years: Vec<_> = definition.rules.iter().map(|rule| rule.start.year).collect();
        assert_eq!(years, [2006, 2007]);
        let effective = definition.effective().unwrap();
        assert_eq!(effective.start.year, 2007);
        assert_eq!(effective.rule, pacific());
        assert_eq!(definition.encode(), bytes(DEFINITION));
        assert_eq!(TimeZoneStruct::decode(&bytes(STRUCT)).value.unwrap().encode(), bytes(STRUCT));
    }

    #[test]
    fn rules_that_break_off_and_numbers_that_make_no_sense() {
        let whole = bytes(DEFINITION);
        let decoded = TimeZoneDefinition::decode(&whole[..whole.len() - 1]);
        assert_eq!(decoded.value.unwrap().rules.len(), 1);
        assert!(matches!(decoded.findings[..], [BlobFinding::Truncated { field: "stDaylightDate", .. }]));
        assert_eq!(TimeZoneDefinition::decode(&whole[..20]).value, None);

        let mut stored = bytes(STRUCT);
        stored[..4].copy_from_slice(&i32::MIN.to_le_bytes());
        let decoded = TimeZoneStruct::decode(&stored);
        assert_eq!(decoded.findings[0].to_string(), "lBias is 0x80000000, expected less than a day");
        let rule = decoded.value.unwrap().rule;
        assert!(!rule.is_sound());
        let _ = (rule.to_local(DateTime::MAX), rule.to_utc(DateTime::MIN));

        let mut stored = bytes(STRUCT);
        stored[20] = 6; // The sixth Sunday.
        assert_eq!(
            TimeZoneStruct::decode(&stored).findings,
            [BlobFinding::Unexpected { field: "stStandardDate", actual: 11, expected: "a date" }]
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_answered(stored in proptest::collection::vec(any::<u8>(), 0..300), year in -9999i16..=9999) {
            let time = date(year, 6, 1).at(0, 0, 0, 0);
            if let Some(value) = TimeZoneStruct::decode(&stored).value {
                prop_assert_eq!(&value.encode()[..], &stored[..48]);
                let _ = (value.rule.to_local(time), value.rule.to_utc(time));
            }
            if let Some(value) = TimeZoneDefinition::decode(&stored).value {
                let again = TimeZoneDefinition::decode(&value.encode()).value;
                prop_assert_eq!(again.map(|again| again.rules), Some(value.rules));
            }
        }

        #[test]
        fn local_time_leads_back(minutes in 0i64..(60 * 24 * 365 * 60)) {
            let utc = date(1990, 1, 1).at(0, 0, 0, 0).saturating_add(SignedDuration::from_mins(minutes));
            let back = pacific().to_utc(pacific().to_local(utc));
            // The second of the two hours when the clocks go back reads as the first.
            prop_assert!(back == utc || back == shifted(utc, 60, -1), "{utc} {back}");
        }
    }
}
