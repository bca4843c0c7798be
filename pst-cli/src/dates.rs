//! Which of a message's dates counts, and how it is shown.

use pst_core::FileTime;

/// A date a message is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DateKind {
    /// PidTagMessageDeliveryTime.
    Delivered,
    /// PidTagClientSubmitTime.
    Sent,
    /// PidTagCreationTime.
    Created,
}

impl DateKind {
    /// The kind in a word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Sent => "sent",
            Self::Created => "created",
        }
    }
}

/// The date a message counts under: delivered, else sent, else made. What says "no date", or lies after the year 9999, is
/// passed over.
pub(crate) fn best(
    delivered: Option<FileTime>,
    sent: Option<FileTime>,
    created: Option<FileTime>,
) -> Option<(FileTime, DateKind)> {
    [(delivered, DateKind::Delivered), (sent, DateKind::Sent), (created, DateKind::Created)]
        .into_iter()
        .find_map(|(date, kind)| Some((date.filter(|date| !date.is_none() && date.year().is_some())?, kind)))
}

/// To the minute, in UTC: `2014-02-26 07:51`.
pub(crate) fn minutes(date: FileTime) -> String {
    let text = date.to_rfc3339();
    // After the year 9999 there is another text, shown as it is.
    match text.split_once('T') {
        Some((day, time)) if date.year().is_some() => format!("{day} {}", time.get(..5).unwrap_or(time)),
        _ => text,
    }
}

/// To the second, in UTC: `2014-02-26 07:51:02 UTC`.
pub(crate) fn seconds(date: FileTime) -> String {
    let text = date.to_rfc3339();
    match text.split_once('T') {
        Some((day, time)) if date.year().is_some() => format!("{day} {} UTC", time.get(..8).unwrap_or(time)),
        _ => text,
    }
}

/// A year, month, day or second that a person names: where it begins and where the next one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Its first moment.
    pub(crate) start: FileTime,
    /// The first moment after it.
    pub(crate) end: FileTime,
}

impl Span {
    /// Reads `2019`, `2019-07`, `2019-07-01`, or a time as RFC 3339 has it; without a zone in UTC.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).ok_or_else(|| "not a date; dates are such as 2019, 2019-07 or 2019-07-01".to_owned())
    }

    fn read(text: &str) -> Option<Self> {
        let moment =
            |time: jiff::civil::DateTime| FileTime::from_timestamp(jiff::tz::Offset::UTC.to_timestamp(time).ok()?);
        let day = |text: &str| text.parse::<jiff::civil::Date>().ok();
        let (start, length) = match text.len() {
            4 => (day(&format!("{text}-01-01"))?, jiff::Span::new().years(1)),
            7 => (day(&format!("{text}-01"))?, jiff::Span::new().months(1)),
            10 => (day(text)?, jiff::Span::new().days(1)),
            _ => {
                let start = text.parse::<jiff::Timestamp>().ok().and_then(FileTime::from_timestamp);
                let start = start.or_else(|| moment(text.parse().ok()?))?;
                return Some(Self { start, end: FileTime::new(start.ticks().checked_add(10_000_000)?) });
            }
        };
        let start = start.at(0, 0, 0, 0);
        Some(Self { start: moment(start)?, end: moment(start.checked_add(length).ok()?)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_name_dates() {
        for (text, start, end) in [
            ("2019", "2019-01-01T00:00:00.0000000Z", "2020-01-01T00:00:00.0000000Z"),
            ("2019-12", "2019-12-01T00:00:00.0000000Z", "2020-01-01T00:00:00.0000000Z"),
            ("2020-02-28", "2020-02-28T00:00:00.0000000Z", "2020-02-29T00:00:00.0000000Z"),
            ("2020-02-28T12:00:00+02:00", "2020-02-28T10:00:00.0000000Z", "2020-02-28T10:00:01.0000000Z"),
            ("2020-02-28T12:00", "2020-02-28T12:00:00.0000000Z", "2020-02-28T12:00:01.0000000Z"),
        ] {
            let span = Span::parse(text).unwrap();
            assert_eq!((span.start.to_rfc3339().as_str(), span.end.to_rfc3339().as_str()), (start, end));
        }
        for text in ["", "now", "19", "2019-13", "2019-02-30", "1600", "2019-1-1"] {
            assert!(Span::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_first_real_date_counts() {
        let real = FileTime::new(0x01CF_32C7_7EBE_2706);
        assert_eq!(best(Some(FileTime::NONE), Some(real), Some(FileTime::new(1))), Some((real, DateKind::Sent)));
        assert_eq!(best(None, Some(FileTime::new(u64::MAX)), None), None);
        assert_eq!(minutes(real), "2014-02-26 07:51");
        assert_eq!(seconds(real), "2014-02-26 07:51:02 UTC");
        assert_eq!(minutes(FileTime::new(u64::MAX)), "FILETIME 0xffffffffffffffff");
    }
}
