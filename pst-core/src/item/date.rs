//! The dates of an item, with the zone their writer was in.

use crate::item::{Item, Source, transport_mail};
use crate::ltp::id;
use crate::messaging::Message;
use crate::mime::{Date, Mail, Mbox};
use crate::{FileTime, Result};

/// A date of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemDate {
    /// When, in UTC. Dates of mails are whole seconds.
    pub time: FileTime,
    /// What the writer's clock is ahead of UTC, in minutes, as the headers of the mail have it; `None` where no header
    /// tells.
    pub offset_minutes: Option<i16>,
    /// Where it stands.
    pub source: DateSource,
}

/// Where a date stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DateSource {
    /// A property of a message in a store.
    Property,
    /// The Date header, of a message in a store that of its transport headers.
    DateHeader,
    /// The uppermost Received header, likewise.
    ReceivedHeader,
    /// The `From ` line of an mbox, whose zone is not known and counts as UTC.
    EnvelopeLine,
}

impl Item<'_> {
    /// When it was sent: PidTagClientSubmitTime, the Date header. `None` if neither says, as in a draft.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn sent(&self) -> Result<Option<ItemDate>> {
        match self.source {
            Source::Mail(mail) => Ok(sent(mail)),
            Source::Message(message) => stored(message, id::CLIENT_SUBMIT_TIME, sent),
        }
    }

    /// When it was delivered: PidTagMessageDeliveryTime, the uppermost Received header, the `From ` line of an mbox. `None`
    /// if none says, as in what was sent and not received.
    ///
    /// # Errors
    /// Those of the properties.
    pub fn received(&self) -> Result<Option<ItemDate>> {
        match self.source {
            Source::Mail(mail) => Ok(received(mail).or_else(|| envelope(self.envelope_date?))),
            Source::Message(message) => stored(message, id::MESSAGE_DELIVERY_TIME, received),
        }
    }

    /// When this copy came to be: PidTagCreationTime. **No mail says so**, and then it is `None`.
    ///
    /// # Errors
    /// Those of the property.
    pub fn created(&self) -> Result<Option<ItemDate>> {
        let Source::Message(message) = self.source else { return Ok(None) };
        Ok(real(message.creation_time()?).map(|time| ItemDate {
            time,
            offset_minutes: None,
            source: DateSource::Property,
        }))
    }
}

fn real(time: Option<FileTime>) -> Option<FileTime> {
    time.filter(|time| !time.is_none())
}

/// The date of a property, with the zone of the header that says the same; without the property, what the header says.
fn stored(message: &Message, id: u16, header: fn(&Mail<'_>) -> Option<ItemDate>) -> Result<Option<ItemDate>> {
    let own = real(message.time(id)?);
    // Headers that cannot be read cost the zone, not the date.
    let header = match own {
        Some(_) => transport_mail(message, header).unwrap_or_default(),
        None => transport_mail(message, header)?,
    };
    let header = header.flatten();
    let Some(time) = own else { return Ok(header) };
    let same = header.filter(|header| header.time.to_unix_seconds() == time.to_unix_seconds());
    let offset_minutes = same.and_then(|header| header.offset_minutes);
    Ok(Some(ItemDate { time, offset_minutes, source: DateSource::Property }))
}

fn of_header(date: Date, source: DateSource) -> Option<ItemDate> {
    Some(ItemDate { time: date.to_file_time()?, offset_minutes: Some(date.offset_minutes), source })
}

fn sent(mail: &Mail<'_>) -> Option<ItemDate> {
    of_header(mail.date()?, DateSource::DateHeader)
}

fn received(mail: &Mail<'_>) -> Option<ItemDate> {
    // Each server adds its header on top, so that the uppermost is of the last.
    let header = mail.header("Received").and_then(|header| header.date());
    header.and_then(|date| of_header(date, DateSource::ReceivedHeader)).or_else(|| {
        // A line that a mail kept from the mbox it was in.
        let line = mail.envelope_line()?;
        envelope(Mbox::new(line.strip_prefix(b">").unwrap_or(line)).messages().next()?.envelope_date()?)
    })
}

fn envelope(date: Date) -> Option<ItemDate> {
    Some(ItemDate { time: date.to_file_time()?, offset_minutes: None, source: DateSource::EnvelopeLine })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_a_mail() {
        let headers = "Received: from a by b; Wed, 17 May 2000 19:35:09 -0400\r\n\
            Received: from c by a; Wed, 17 May 2000 19:35:07 -0400\r\n\
            Date: Thu, 18 May 2000 05:05:05 +0530\r\n\r\n";
        let mail = Mail::parse(headers.as_bytes());
        let item = Item::of_mail(&mail);
        let plain = |date: ItemDate| (date.time.to_unix_seconds(), date.offset_minutes, date.source);
        assert_eq!(item.sent().unwrap().map(plain), Some((958_606_505, Some(330), DateSource::DateHeader)));
        assert_eq!(item.received().unwrap().map(plain), Some((958_606_509, Some(-240), DateSource::ReceivedHeader)));
        assert_eq!(item.created().unwrap(), None);
    }

    #[test]
    fn the_line_of_an_mbox_tells_when_nothing_else_does() {
        let received = |line: &str| {
            let bytes = format!("{line}\nSubject: x\n\n");
            let mail = Mail::parse(bytes.as_bytes());
            let date = Item::of_mail(&mail).received().unwrap()?;
            assert_eq!((date.offset_minutes, date.source), (None, DateSource::EnvelopeLine));
            Some(date.time.to_unix_seconds())
        };
        assert_eq!(received("From joe@x.example Wed May 17 23:35:05 2000"), Some(958_606_505));
        assert_eq!(received("From - Wed May 17 23:35:05 2000"), Some(958_606_505));
        assert_eq!(received(">From - Wed May 17 23:35:05 2000"), Some(958_606_505));
        assert_eq!(received("From joe@x.example"), None);
        assert_eq!(received("From joe@x.example Sun"), None);
    }
}
