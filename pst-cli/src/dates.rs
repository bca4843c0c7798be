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

#[cfg(test)]
mod tests {
    use super::*;

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
