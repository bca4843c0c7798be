//! Points in time as a PST stores them.
//!
//! A PtypTime is a FILETIME (MS-DTYP 2.3.3, MS-OXCDATA 2.11.1): an unsigned count of 100 ns since 1601-01-01 00:00 UTC.
//! **Reading one never fails**: the count is kept as it is, and only the conversion to a date can be `None`. Calendar
//! arithmetic is that of [`jiff`].

use std::fmt;

use jiff::civil::{self, DateTime};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

/// A FILETIME: 100 ns since 1601-01-01 00:00 UTC (MS-DTYP 2.3.3).
///
/// `Display` gives RFC 3339 in UTC with all seven digits of the fraction, as [`FileTime::to_rfc3339`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileTime(u64);

impl FileTime {
    /// 0, which stands for "no date".
    pub const NONE: Self = Self(0);
    /// 4501-01-01 00:00, with which Outlook says "no date", mostly in tasks. As minutes since 1601 it is 0x5AE980E0;
    /// **a recurrence without an end has a minute less, 0x5AE980DF** (MS-OXOCAL 2.2.1.44.1, `EndDate`).
    pub const OUTLOOK_NONE: Self = Self(0x0CB3_4557_A3DD_4000);

    const TICKS_PER_SECOND: u64 = 10_000_000;
    /// From 1601-01-01 to 1970-01-01.
    const UNIX_EPOCH_SECONDS: i64 = 11_644_473_600;
    const UNIX_EPOCH_TICKS: i128 = 116_444_736_000_000_000;
    const UNIX_EPOCH: DateTime = civil::date(1970, 1, 1).at(0, 0, 0, 0);

    /// The FILETIME of `ticks` times 100 ns since 1601-01-01 00:00 UTC. Every count is accepted.
    pub const fn new(ticks: u64) -> Self {
        Self(ticks)
    }

    /// The stored count of 100 ns since 1601-01-01 00:00 UTC.
    pub const fn ticks(self) -> u64 {
        self.0
    }

    /// Whether the value means "no date": 0 or 0x7FFF_FFFF_FFFF_FFFF.
    pub const fn is_none(self) -> bool {
        matches!(self.0, 0 | 0x7FFF_FFFF_FFFF_FFFF)
    }

    /// Whether the value is [`FileTime::OUTLOOK_NONE`], 4501-01-01 00:00.
    ///
    /// **It is a proper date as well**, so [`is_none`](FileTime::is_none) leaves it alone; ask here where the property
    /// belongs to a task, a reminder or a recurrence.
    pub const fn is_outlook_none(self) -> bool {
        self.0 == Self::OUTLOOK_NONE.0
    }

    /// The same instant for [`jiff`], exactly.
    ///
    /// `None` after 9999-12-30 22:00:00 UTC, where [`Timestamp`] ends. "No date" values are converted like any other
    /// count: 0 is 1601-01-01.
    pub fn to_timestamp(self) -> Option<Timestamp> {
        Timestamp::new(self.to_unix_seconds(), self.nanosecond()).ok()
    }

    /// The FILETIME at or just before `timestamp`; what is finer than 100 ns is cut off. `None` before 1601.
    pub fn from_timestamp(timestamp: Timestamp) -> Option<Self> {
        let ticks = timestamp.as_nanosecond().div_euclid(100).checked_add(Self::UNIX_EPOCH_TICKS)?;
        u64::try_from(ticks).ok().map(Self)
    }

    /// The year in UTC, 1601 to 9999; `None` after that.
    pub fn year(self) -> Option<i16> {
        self.to_civil().map(DateTime::year)
    }

    /// The FILETIME of whole seconds since 1970-01-01 00:00 UTC. `None` before 1601 and after the last FILETIME, in the
    /// year 60056.
    pub fn from_unix_seconds(seconds: i64) -> Option<Self> {
        let since_1601 = u64::try_from(seconds.checked_add(Self::UNIX_EPOCH_SECONDS)?).ok()?;
        since_1601.checked_mul(Self::TICKS_PER_SECOND).map(Self)
    }

    /// Seconds since 1970-01-01 00:00 UTC, rounded down. Works for every count.
    pub const fn to_unix_seconds(self) -> i64 {
        (self.0 / Self::TICKS_PER_SECOND).cast_signed().saturating_sub(Self::UNIX_EPOCH_SECONDS)
    }

    /// RFC 3339 text in UTC with all seven digits of the fraction, such as `2014-02-26T07:51:02.3305478Z`.
    ///
    /// After the year 9999, which RFC 3339 cannot write, the text is `FILETIME 0x` and 16 digits of the count.
    pub fn to_rfc3339(self) -> String {
        self.to_string()
    }

    /// Nanoseconds since the last whole second.
    fn nanosecond(self) -> i32 {
        i32::try_from((self.0 % Self::TICKS_PER_SECOND).saturating_mul(100)).unwrap_or(0)
    }

    /// Date and time in UTC, up to the end of the year 9999.
    fn to_civil(self) -> Option<DateTime> {
        if let Some(timestamp) = self.to_timestamp() {
            return Some(Offset::UTC.to_datetime(timestamp));
        }
        // `Timestamp` ends a day before the calendar does, and 9999-12-31 23:59:59 is met in files as "never". Counted
        // from 1970, because jiff adds no more to a date than it takes to get from there to the year 10000.
        Self::UNIX_EPOCH.checked_add(SignedDuration::new(self.to_unix_seconds(), self.nanosecond())).ok()
    }
}

impl fmt::Display for FileTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_civil() {
            Some(civil) => write!(f, "{civil:.7}Z"),
            None => write!(f, "FILETIME {:#018x}", self.0),
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for FileTime {
    /// The text of [`FileTime::to_rfc3339`], which loses nothing.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    /// The last 100 ns of the year 9999.
    const LAST: u64 = 0x24C8_5A5E_D1C0_3FFF;

    #[test]
    fn text_has_seven_digits() {
        let table = [
            (0x01CF_32C7_7EBE_2706, "2014-02-26T07:51:02.3305478Z"),
            (0, "1601-01-01T00:00:00.0000000Z"),
            (1, "1601-01-01T00:00:00.0000001Z"),
            (116_444_736_000_000_000, "1970-01-01T00:00:00.0000000Z"),
            (116_444_735_999_999_999, "1969-12-31T23:59:59.9999999Z"),
            (0x0CB3_4557_A3DD_4000, "4501-01-01T00:00:00.0000000Z"),
            (LAST, "9999-12-31T23:59:59.9999999Z"),
            (LAST + 1, "FILETIME 0x24c85a5ed1c04000"),
            (0x7FFF_FFFF_FFFF_FFFF, "FILETIME 0x7fffffffffffffff"),
            (u64::MAX, "FILETIME 0xffffffffffffffff"),
        ];
        for (ticks, text) in table {
            assert_eq!(FileTime::new(ticks).to_rfc3339(), text);
        }
    }

    #[test]
    fn no_date_has_two_spellings_and_outlook_a_third() {
        assert!(FileTime::NONE.is_none());
        assert!(FileTime::new(0x7FFF_FFFF_FFFF_FFFF).is_none());
        assert!(!FileTime::new(1).is_none());
        assert!(!FileTime::OUTLOOK_NONE.is_none());
        assert!(FileTime::OUTLOOK_NONE.is_outlook_none());
        assert!(!FileTime::NONE.is_outlook_none());
        assert_eq!(FileTime::OUTLOOK_NONE.ticks(), 0x5AE9_80E0 * 60 * 10_000_000);
    }

    #[test]
    fn conversion_ends_where_jiff_ends() {
        assert_eq!(FileTime::NONE.to_timestamp().map(|t| t.as_second()), Some(-11_644_473_600));
        let max = FileTime::from_timestamp(Timestamp::MAX).expect("after 1601");
        assert_eq!(max.to_rfc3339(), "9999-12-30T22:00:00.9999999Z");
        assert!(max.to_timestamp().is_some());
        assert_eq!(FileTime::new(max.ticks() + 1).to_timestamp(), None);
        assert_eq!(FileTime::new(u64::MAX).to_timestamp(), None);
        assert_eq!(FileTime::from_timestamp(Timestamp::MIN), None);
    }

    #[test]
    fn what_is_finer_than_a_tick_is_cut_off_downwards() {
        let before_1970 = Timestamp::new(0, -1).expect("in range");
        assert_eq!(FileTime::from_timestamp(before_1970), Some(FileTime::new(116_444_735_999_999_999)));
        let after_1970 = Timestamp::new(0, 199).expect("in range");
        assert_eq!(FileTime::from_timestamp(after_1970), Some(FileTime::new(116_444_736_000_000_001)));
        let before_1601 = Timestamp::new(-11_644_473_600, -1).expect("in range");
        assert_eq!(FileTime::from_timestamp(before_1601), None);
    }

    #[test]
    fn unix_seconds_are_rounded_down() {
        assert_eq!(FileTime::new(116_444_735_999_999_999).to_unix_seconds(), -1);
        assert_eq!(FileTime::new(116_444_736_009_999_999).to_unix_seconds(), 0);
        assert_eq!(FileTime::new(u64::MAX).to_unix_seconds(), 1_833_029_933_770);
        assert_eq!(FileTime::from_unix_seconds(-11_644_473_600), Some(FileTime::NONE));
        assert_eq!(FileTime::from_unix_seconds(-11_644_473_601), None);
        assert_eq!(FileTime::from_unix_seconds(1_833_029_933_771), None);
        assert_eq!(FileTime::from_unix_seconds(i64::MAX), None);
        assert_eq!(FileTime::from_unix_seconds(i64::MIN), None);
    }

    #[test]
    fn years_end_at_9999() {
        assert_eq!(FileTime::NONE.year(), Some(1601));
        assert_eq!(FileTime::OUTLOOK_NONE.year(), Some(4501));
        assert_eq!(FileTime::new(LAST).year(), Some(9999));
        assert_eq!(FileTime::new(LAST + 1).year(), None);
    }

    proptest! {
        #[test]
        fn timestamps_round_trip(ticks in 0..LAST - 26 * 3600 * 10_000_000) {
            let time = FileTime::new(ticks);
            let timestamp = time.to_timestamp();
            prop_assert_eq!(timestamp.and_then(FileTime::from_timestamp), Some(time));
            let parsed = time.to_rfc3339().parse::<Timestamp>().ok();
            prop_assert_eq!(parsed, timestamp);
        }

        #[test]
        fn seconds_round_trip(seconds in -11_644_473_600i64..=1_833_029_933_770) {
            let time = FileTime::from_unix_seconds(seconds);
            prop_assert_eq!(time.map(FileTime::to_unix_seconds), Some(seconds));
        }

        #[test]
        fn every_count_has_a_text(ticks in prop_oneof![any::<u64>(), 0..=LAST]) {
            let time = FileTime::new(ticks);
            let text = time.to_rfc3339();
            prop_assert_eq!(text.len(), if ticks > LAST { 27 } else { 28 });
            prop_assert_eq!(text.starts_with("FILETIME"), ticks > LAST);
            prop_assert_eq!(time.year().is_some(), ticks <= LAST);
        }
    }
}
