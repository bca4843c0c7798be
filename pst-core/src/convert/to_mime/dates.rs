//! When a mail was sent (MS-OXCMAIL 2.1.3.2.7).

use super::item::Item;
use super::losses::Losses;
use crate::FileTime;
use crate::ltp::id;

/// Where the date of a mail comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateSource {
    /// The Date header the mail came with, in its own time zone.
    Original,
    /// PidTagClientSubmitTime.
    Submitted,
    /// PidTagMessageDeliveryTime: nobody noted when it was sent.
    Delivered,
    /// PidTagCreationTime: it was neither sent nor delivered.
    Created,
    /// None: a draft, or an item without any date. **There is no Date header then; it is never the time of the conversion.**
    None,
}

/// PidTagMessageFlags: the message was never sent.
const UNSENT: i64 = 0x08;

/// Whether the message is a mail that is still being written. Contacts and the like are never sent either, and messages in
/// messages are marked as not sent even if they were.
pub(super) fn is_draft(item: &Item<'_>, losses: &mut Losses) -> bool {
    let class = item.text(id::MESSAGE_CLASS, losses).unwrap_or_default().to_ascii_lowercase();
    let is_mail = class.starts_with("ipm.note") || class.starts_with("ipm.schedule.meeting") || class.is_empty();
    let unsent = item.integer(id::MESSAGE_FLAGS, losses).is_some_and(|flags| flags & UNSENT != 0);
    is_mail && unsent && item.time(id::CLIENT_SUBMIT_TIME, losses).is_none()
}

/// The date by the properties. Of what came as a mail and names no date, **the time at which the item was created is when it
/// was taken in**, and no date of the mail.
pub(super) fn date(item: &Item<'_>, came: bool, losses: &mut Losses) -> Option<(FileTime, DateSource)> {
    if let Some(date) = item.time(id::CLIENT_SUBMIT_TIME, losses) {
        return Some((date, DateSource::Submitted));
    }
    if is_draft(item, losses) {
        return None;
    }
    let delivered = item.time(id::MESSAGE_DELIVERY_TIME, losses).map(|date| (date, DateSource::Delivered));
    let created = item.time(id::CREATION_TIME, losses).filter(|_| !came);
    delivered.or(created.map(|date| (date, DateSource::Created)))
}

/// Whether the text of a Date header is a date.
pub(super) fn is_date(text: &str) -> bool {
    let parser = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
    parser.parse_zoned(text).is_ok() || parser.parse_timestamp(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_mail() {
        for good in [
            "Wed, 26 Feb 2014 08:51:02 +0100",
            "26 Feb 2014 08:51 GMT",
            "Thu, 26 Feb 2014 08:51:02 +0100 (CET)",
            "Wed, 26 Feb 14 08:51:02 EST",
        ] {
            assert!(is_date(good), "{good}");
        }
        assert!(!is_date("2014-02-26") && !is_date("") && !is_date("Wed, 99 Feb 2014 08:51:02 +0100"));
    }
}
