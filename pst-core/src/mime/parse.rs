//! Addresses and dates, by `mail-parser`: the one place that knows that crate.
//!
//! What goes in has been unfolded, turned into UTF-8, and has its encoded words in UTF-8 (`encoded_word::in_utf8`), so
//! its charset tables are not used.

use jiff::civil;
use mail_parser::parsers::MessageStream;
use mail_parser::{Addr, Address, HeaderValue};

use crate::FileTime;

/// One mailbox of an address header (RFC 5322 3.4).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Mailbox {
    /// The display name, or the comment that stands for it.
    pub name: Option<String>,
    /// The address, mostly `local@domain`: what is written, even where it is none. `None` for a name alone.
    pub address: Option<String>,
    /// The name of the group that the mailbox is in. **A group without members gives a mailbox of nothing but this.**
    pub group: Option<String>,
}

/// A date as a header has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// Seconds since 1970-01-01 00:00 UTC.
    pub unix_seconds: i64,
    /// What the writer's clock is ahead of UTC, in minutes. A missing or unknown zone counts as UTC, 0.
    pub offset_minutes: i16,
}

impl Date {
    /// Reads a date as headers have it (RFC 5322 3.3), and as programs write it nevertheless.
    pub fn parse(value: &str) -> Option<Self> {
        date(value)
    }

    /// The same as a FILETIME; `None` before 1601.
    pub fn to_file_time(self) -> Option<FileTime> {
        FileTime::from_unix_seconds(self.unix_seconds)
    }
}

/// The mailboxes of an address header, up to `most`.
pub(super) fn mailboxes(value: &str, most: usize) -> Vec<Mailbox> {
    // A second line would end the value for the parser.
    let line = format!("{}\n", value.trim().replace(['\r', '\n'], " "));
    let HeaderValue::Address(address) = MessageStream::new(line.as_bytes()).parse_address() else { return Vec::new() };
    match address {
        Address::List(list) => list.into_iter().filter_map(|one| mailbox(one, None)).take(most).collect(),
        Address::Group(groups) => groups
            .into_iter()
            .flat_map(|group| {
                let name = group.name.map(|name| clean(&name)).filter(|name| !name.is_empty());
                let mut found: Vec<Mailbox> =
                    group.addresses.into_iter().filter_map(|one| mailbox(one, name.clone())).collect();
                if found.is_empty() && name.is_some() {
                    found.push(Mailbox { group: name, ..Mailbox::default() });
                }
                found
            })
            .take(most)
            .collect(),
    }
}

fn mailbox(found: Addr<'_>, group: Option<String>) -> Option<Mailbox> {
    let name = found.name.map(|name| clean(&name)).filter(|name| !name.is_empty());
    let address = found.address.map(|address| address.trim().to_owned()).filter(|address| !address.is_empty());
    (name.is_some() || address.is_some()).then_some(Mailbox { name, address, group })
}

/// One blank for many, and no quotes around the whole.
fn clean(name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    let inner = ["\"", "'"].iter().find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
    inner.filter(|inner| !inner.is_empty()).map(str::to_owned).unwrap_or(name)
}

/// The date of a `Date` header, or what follows the last `;` of a `Received` header. `None` if it is not one.
pub(super) fn date(value: &str) -> Option<Date> {
    let value = value.rsplit(';').next().unwrap_or_default();
    parse_date(value).or_else(|| date_in_words(value))
}

/// A date in words of any order, with month, day, time and year.
pub(super) fn date_in_words(value: &str) -> Option<Date> {
    parse_date(&in_order(value)?)
}

/// A date without seconds, which RFC 5322 allows, or with the year at the end, as C's `asctime` writes it, the way that the
/// parser reads them all.
fn in_order(value: &str) -> Option<String> {
    let [mut day, mut month, mut year, mut time] = [None; 4];
    let mut zone = "+0000";
    for word in value.split([' ', '\t', ',']).filter(|word| !word.is_empty()).take(12) {
        let number = word.parse::<u16>().ok();
        let is_name = |length: usize| word.len() >= length && word.chars().all(|letter| letter.is_ascii_alphabetic());
        match number {
            _ if word.contains(':') => time = time.or(Some(word)),
            Some(_) if word.starts_with(['+', '-']) => zone = word,
            Some(_) if day.is_none() && word.len() <= 2 => day = Some(word),
            Some(_) => year = year.or(Some(word)),
            None if is_name(3) && month_of(word).is_some() => month = month.or_else(|| month_of(word)),
            None if time.is_some() && is_name(1) => zone = word,
            None => {}
        }
    }
    let time = time?;
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    Some(format!("{} {} {} {time}{seconds} {zone}", day?, month?, year?))
}

fn month_of(word: &str) -> Option<&'static str> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let start = word.get(..3)?;
    MONTHS.into_iter().find(|month| month.eq_ignore_ascii_case(start))
}

fn parse_date(value: &str) -> Option<Date> {
    let line = format!("{}\n", value.trim().replace(['\r', '\n'], " "));
    let HeaderValue::DateTime(found) = MessageStream::new(line.as_bytes()).parse_date() else { return None };
    let byte = |value: u8| i8::try_from(value).ok();
    // 60 is a leap second.
    let second = byte(found.second.min(59)).filter(|_| found.second <= 60)?;
    let day = civil::Date::new(i16::try_from(found.year).ok()?, byte(found.month)?, byte(found.day)?).ok()?;
    let time = civil::Time::new(byte(found.hour)?, byte(found.minute)?, second, 0).ok()?;
    let local = jiff::tz::Offset::UTC.to_timestamp(day.to_datetime(time)).ok()?.as_second();
    let minutes = i16::from(found.tz_hour).checked_mul(60)?.checked_add(i16::from(found.tz_minute))?;
    // No place on earth is more than 14 hours away; RFC 5322 allows 99.
    let minutes = if minutes > 24 * 60 { 0 } else { minutes };
    let offset_minutes = if found.tz_before_gmt { minutes.checked_neg()? } else { minutes };
    let ahead = i64::from(offset_minutes).checked_mul(60)?;
    Some(Date { unix_seconds: local.checked_sub(ahead)?, offset_minutes })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(value: &str) -> Vec<(Option<String>, Option<String>)> {
        mailboxes(value, 9).into_iter().map(|one| (one.name, one.address)).collect()
    }

    fn pair(name: &str, address: &str) -> (Option<String>, Option<String>) {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        (some(name), some(address))
    }

    #[test]
    fn addresses() {
        assert_eq!(
            pairs("\"Doe, Jane\" <jane@a.example>, bob@b.example"),
            [pair("Doe, Jane", "jane@a.example"), pair("", "bob@b.example")]
        );
        assert_eq!(pairs("jane@a.example (Jane Doe)"), [pair("Jane Doe", "jane@a.example")]);
        assert_eq!(pairs("=?utf-8?B?SsO8cmdlbg==?= <j@a.example>"), [pair("Jürgen", "j@a.example")]);
        assert_eq!(pairs("\"'Jane'\" <jane@a.example>"), [pair("Jane", "jane@a.example")]);
        assert_eq!(pairs("Jane"), [pair("Jane", "")]);
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("<>"), []);
    }

    #[test]
    fn groups_are_told() {
        let group = |name: Option<&str>, address: Option<&str>, group: &str| Mailbox {
            name: name.map(str::to_owned),
            address: address.map(str::to_owned),
            group: Some(group.to_owned()),
        };
        assert_eq!(
            mailboxes("A Group: Ed <ed@a.example>, joe@b.example;", 9),
            [group(Some("Ed"), Some("ed@a.example"), "A Group"), group(None, Some("joe@b.example"), "A Group")]
        );
        assert_eq!(mailboxes("Undisclosed recipients:;", 9), [group(None, None, "Undisclosed recipients")]);
    }

    #[test]
    fn dates() {
        let read = |value| date(value).map(|date| (date.unix_seconds, date.offset_minutes));
        assert_eq!(read("Wed, 17 May 2000 19:35:05 -0400"), Some((958_606_505, -240)));
        assert_eq!(read("17 May 2000 23:35:05 GMT"), Some((958_606_505, 0)));
        assert_eq!(read("17 May 00 19:35 EDT"), Some((958_606_500, -240)));
        assert_eq!(read("Wed May 17 23:35:05 2000"), Some((958_606_505, 0)));
        assert_eq!(read("Wednesday, 17 May 2000 19:35 -0400"), Some((958_606_500, -240)));
        assert_eq!(read("Thu, 18 May 2000 05:05:05 +0530 (IST)"), Some((958_606_505, 330)));
        assert_eq!(read("from a by b; Wed, 17 May 2000 19:35:05 -0400"), Some((958_606_505, -240)));
        assert_eq!(read("Sat, 31 Dec 2016 23:59:60 +0000"), Some((1_483_228_799, 0)));
        for value in ["", "soon", "32 May 2000 19:35:05 GMT", "30 Feb 2000 19:35:05 GMT", "17 May 2000 25:35:05 GMT"] {
            assert_eq!(read(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_parsers_panic(value in "[-a-z0-9 <>@\"'\\\\(),:;=?+ü\r\n\t]{0,60}", any in any::<String>()) {
            for value in [value, any] {
                let _ = mailboxes(&value, 9);
                let _ = date(&value);
            }
        }
    }
}
