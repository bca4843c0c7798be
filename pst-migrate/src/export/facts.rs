//! What the index says of an item.

use pst_core::address::Resolved;
use pst_core::convert::to_mime::Converted;
use pst_core::item::Item;
use pst_core::messaging::kind::{Kind, classify};
use pst_core::{FileTime, Result};

/// What an item is, as far as it can be read: what cannot is told by its conversion.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) class: Option<String>,
    pub(super) kind: Kind,
    pub(super) subject: Option<String>,
    pub(super) date: Option<FileTime>,
}

/// Who sent an item, and to whom: what they are known under.
#[derive(Debug, Default)]
pub(super) struct People {
    pub(super) sender: Option<String>,
    pub(super) recipients: Vec<String>,
}

/// Recipients that the index lists of one item.
const MOST_RECIPIENTS: usize = 10_000;

/// The class of the last message, which is mostly that of the next.
#[derive(Debug, Default)]
pub(super) struct LastClass(Option<(String, Kind)>);

impl LastClass {
    fn of(&mut self, item: &Item<'_>) -> (Option<String>, Kind) {
        if let Some(message) = item.as_message() {
            let Some(class) = message.class().ok().flatten() else { return (None, Kind::Unclassified) };
            if let Some((_, kind)) = self.0.as_ref().filter(|(known, _)| *known == class) {
                return (Some(class), *kind);
            }
            let kind = classify(Some(&class)).kind;
            self.0 = Some((class.clone(), kind));
            return (Some(class), kind);
        }
        let class = item.class().ok();
        let kind = class.as_ref().map_or(Kind::Unclassified, |class| class.classification.kind);
        (class.and_then(|class| class.class), kind)
    }
}

impl Facts {
    pub(super) fn of(item: &Item<'_>, last: &mut LastClass) -> Self {
        let (class, kind) = last.of(item);
        Self { class, kind, subject: item.subject().ok().flatten(), date: date_of(item).ok().flatten() }
    }
}

impl People {
    /// Those of an item.
    pub(super) fn of(item: &Item<'_>) -> Self {
        let recipients = item.recipients().take(MOST_RECIPIENTS).filter_map(Result::ok);
        Self {
            sender: item.representing().ok().flatten().as_ref().and_then(label).map(str::to_owned),
            recipients: recipients.filter_map(|one| label(&one.who).map(str::to_owned)).collect(),
        }
    }

    /// Those its conversion met.
    pub(super) fn of_mail(mail: &Converted) -> Self {
        let recipients = mail.recipients.iter().take(MOST_RECIPIENTS);
        Self {
            sender: mail.from.as_ref().and_then(label).map(str::to_owned),
            recipients: recipients.filter_map(label).map(str::to_owned).collect(),
        }
    }
}

/// The SMTP address of the sender.
pub(super) fn sender_smtp(item: &Item<'_>) -> Option<String> {
    item.representing().ok()??.smtp.map(|smtp| smtp.address)
}

/// What somebody is known under: the SMTP address, else the one that is stored, else the name.
fn label(who: &Resolved) -> Option<&str> {
    let smtp = who.smtp.as_ref().map(|smtp| smtp.address.as_str());
    smtp.or_else(|| who.stored.as_ref().map(|stored| stored.value.as_str())).or(who.name.as_deref())
}

/// The date an item counts under: delivered, else sent, else made. What says "no date", or lies after the year 9999, is
/// passed over.
pub(super) fn date_of(item: &Item<'_>) -> Result<Option<FileTime>> {
    let real = |date: Option<FileTime>| date.filter(|date| !date.is_none() && date.year().is_some());
    if let Some(message) = item.as_message() {
        // Not by the item, which would read headers for the time zone.
        if let Some(date) = real(message.delivery_time()?) {
            return Ok(Some(date));
        }
        if let Some(date) = real(message.submit_time()?) {
            return Ok(Some(date));
        }
        return Ok(real(message.creation_time()?));
    }
    if let Some(date) = real(item.received()?.map(|date| date.time)) {
        return Ok(Some(date));
    }
    Ok(real(item.sent()?.map(|date| date.time)))
}
