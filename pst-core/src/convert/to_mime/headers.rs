//! The fields of a mail: those it came with where they can be trusted, and the rest from its properties (MS-OXCMAIL 2.1.3.2).

use std::borrow::Cow;

use encodify::rfc2047;

use super::dates::{self, DateSource};
use super::field::{Fields, one_line};
use super::identity::Hash;
use super::item::Item;
use super::losses::Losses;
use super::mailbox;
use super::people::{self, Recipients};
use super::structure::Structure;
use super::transport::{self, Transport};
use super::{BccPolicy, HeaderSource, Options};
use crate::address::{AddressLookup, AddressRole, Resolved, StoredAddress};
use crate::convert::LossKind;
use crate::ltp::{PropertyTag, PropertyType, id};
use crate::messaging::Message;
use crate::text::CodePage;

/// The fields of a mail up to MIME-Version, and where they came from.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) fields: Fields,
    pub(super) source: HeaderSource,
    pub(super) date: DateSource,
    pub(super) message_id: String,
    pub(super) from: Option<Resolved>,
    pub(super) recipients: Recipients,
}

/// PidTagMimeSkeleton: the headers of the mail and its parts, as servers keep them.
const MIME_SKELETON: u16 = 0x64F0;
const SEARCH_KEY: u16 = 0x300B;

/// What a mail without these came without.
const IDENTITY: [&str; 7] = ["From", "To", "Cc", "Bcc", "Date", "Message-ID", "Subject"];
/// Fields of people. What is not plain ASCII in them cannot be encoded without knowing what is a name.
const PEOPLE: [&str; 6] = ["from", "sender", "reply-to", "to", "cc", "bcc"];
/// Fields whose value is no text.
const STRUCTURED: [&str; 6] = ["date", "message-id", "in-reply-to", "references", "return-path", "received"];

/// Makes the fields of a message.
pub(super) fn head(
    message: &Message,
    item: &Item<'_>,
    structure: Structure,
    options: &Options,
    lookup: &dyn AddressLookup,
    losses: &mut Losses,
) -> Head {
    let mut builder =
        Builder { message, item, options, lookup, losses, fields: Fields::default(), from: None, came: false };
    let transport = builder.transport();
    let recipients = Recipients::read(message, lookup, builder.losses);
    let came_with_some = builder.take_over(&transport, &recipients);
    builder.came = came_with_some;
    let original: Vec<bool> = IDENTITY.iter().map(|name| builder.fields.has(name)).collect();
    let mut date = if builder.fields.has("Date") { DateSource::Original } else { DateSource::None };
    if date == DateSource::None
        && let Some((time, source)) = dates::date(item, came_with_some, builder.losses)
    {
        if builder.fields.date("Date", time) {
            date = source;
        } else {
            builder.losses.add(LossKind::NoPlace, "the date is after the year 9999");
        }
    }
    builder.people(&recipients, structure);
    builder.subject();
    let message_id = builder.message_id();
    builder.rest();
    let added = IDENTITY.iter().zip(original).any(|(name, original)| !original && builder.fields.has(name));
    let source = match (came_with_some, added) {
        (true, false) => HeaderSource::Original,
        (true, true) => HeaderSource::Completed,
        (false, _) => HeaderSource::Synthesised,
    };
    Head { fields: builder.fields, source, date, message_id, from: builder.from, recipients }
}

/// Fields in the making.
pub(super) struct Builder<'a, 'b> {
    message: &'a Message,
    pub(super) item: &'a Item<'a>,
    options: &'a Options,
    lookup: &'a dyn AddressLookup,
    pub(super) losses: &'b mut Losses,
    pub(super) fields: Fields,
    /// On whose behalf the mail was sent.
    from: Option<Resolved>,
    /// The mail came with headers.
    pub(super) came: bool,
}

impl Builder<'_, '_> {
    /// The headers the mail came with, unless they are those of another mail.
    fn transport(&mut self) -> Transport {
        if !self.options.original_headers {
            return Transport::default();
        }
        let text = self.item.text(id::TRANSPORT_MESSAGE_HEADERS, self.losses).or_else(|| {
            let skeleton = self.item.bytes(MIME_SKELETON, self.losses)?;
            Some(String::from_utf8_lossy(&skeleton).into_owned())
        });
        let Some(text) = text else { return Transport::default() };
        let transport = Transport::parse(&text, self.losses);
        let id_of = |text: &str| text.trim_matches(['<', '>', ' ']).to_owned();
        let own = self.item.text(id::INTERNET_MESSAGE_ID, self.losses).map(|own| id_of(&own));
        let theirs = transport.get("message-id").map(|theirs| id_of(&theirs));
        if let (Some(own), Some(theirs)) = (&own, &theirs)
            && own != theirs
            && !own.is_empty()
            && !theirs.is_empty()
        {
            let text = format!("they are of another mail, <{theirs}>");
            self.losses.of(
                PropertyTag::from_parts(id::TRANSPORT_MESSAGE_HEADERS, PropertyType::STRING),
                LossKind::NoPlace,
                text,
            );
            return Transport::default();
        }
        if transport.is_of_a_mail() { transport } else { Transport::default() }
    }

    /// Takes over fields in their order; true if there were any.
    fn take_over(&mut self, transport: &Transport, recipients: &Recipients) -> bool {
        let subject = self.message.subject().ok().flatten();
        let keywords = !self.keywords().is_empty();
        for (name, value) in &transport.0 {
            let lower = name.to_ascii_lowercase();
            let is_of_identity = IDENTITY.iter().any(|known| known.eq_ignore_ascii_case(name));
            match lower.as_str() {
                // A gateway left it empty; properties may know more.
                _ if is_of_identity && value.trim().is_empty() => continue,
                "bcc" if self.options.bcc == BccPolicy::Drop => continue,
                // What a person changed in the store counts.
                "subject" if subject.as_deref().is_some_and(|subject| !same_text(value, subject)) => {
                    self.losses.add(LossKind::Changed, "the subject was changed after the mail came");
                    continue;
                }
                "keywords" if keywords => continue,
                "date" if !dates::is_date(&transport.get("date").unwrap_or_default()) => {
                    self.losses
                        .add(LossKind::Changed, format!("the Date header is no date: {}", one_line(value).trim()));
                    continue;
                }
                "from" if !value.contains('@') && self.says_more_of_the_sender(value) => continue,
                _ => {}
            }
            self.take_over_one(name, &lower, value);
        }
        self.tell_of_missing(transport, recipients);
        !transport.0.is_empty()
    }

    fn take_over_one(&mut self, name: &str, lower: &str, value: &str) {
        if transport::is_plain(value) {
            return self.fields.raw(name, value.to_owned());
        }
        let unfolded = value.replace("\r\n", "");
        let is_ascii = unfolded.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
        if is_ascii && unfolded.split_ascii_whitespace().all(|word| word.len() < 900) {
            // Lines that are too long are folded where there is space.
            return self.fields.words(name, unfolded.split_ascii_whitespace());
        }
        if PEOPLE.contains(&lower) || STRUCTURED.contains(&lower) {
            // Properties say the same in Unicode. What stood there is kept under a name that promises nothing.
            self.losses.add(LossKind::Changed, format!("the header {name} has characters that a header cannot have"));
            return self.fields.text(&format!("X-Original-{name}"), unfolded.trim());
        }
        self.fields.text(name, unfolded.trim());
    }

    /// Whether the properties have an address of the sender that a From does not name.
    fn says_more_of_the_sender(&mut self, from: &str) -> bool {
        let from = from.to_lowercase();
        [AddressRole::SentRepresenting, AddressRole::Sender].into_iter().any(|role| {
            let Some(person) = self.person(role) else { return false };
            let is_new = |stored: &StoredAddress| !from.contains(&stored.value.to_lowercase());
            mailbox::smtp(&person).is_some() || person.stored.as_ref().is_some_and(is_new)
        })
    }

    /// Recipients of the table whom the headers do not name.
    fn tell_of_missing(&mut self, transport: &Transport, recipients: &Recipients) {
        let named: String = ["to", "cc", "bcc", "resent-to", "resent-cc"]
            .iter()
            .filter_map(|name| transport.get(name))
            .collect::<Vec<_>>()
            .join(",")
            .to_lowercase();
        let is_missing = |person: &&Resolved| {
            mailbox::smtp(person).is_some_and(|address| !named.contains(&address.to_lowercase()))
                && !person.name.as_ref().is_some_and(|name| named.contains(&name.to_lowercase()))
        };
        for (field, list) in [("to", &recipients.to), ("cc", &recipients.cc)] {
            if transport.get(field).is_none() || named.len().saturating_mul(list.len()) > (64 << 20) {
                continue;
            }
            let missing: Vec<&str> = list.iter().filter(is_missing).filter_map(mailbox::smtp).collect();
            if let Some(first) = missing.first() {
                let text = format!("{field}: {} recipients are not in the header, {first} among them", missing.len());
                self.losses.add(LossKind::NoPlace, text);
            }
        }
    }

    fn people(&mut self, recipients: &Recipients, structure: Structure) {
        let domain = self.options.domain.as_str();
        let sender = self.person(AddressRole::Sender);
        let from = self.person(AddressRole::SentRepresenting).or_else(|| sender.clone());
        let add = |fields: &mut Fields, losses: &mut Losses, name: &str, list: &[Resolved]| {
            if !fields.has(name) && !list.is_empty() {
                let mailboxes = people::mailboxes(list, domain, name, losses);
                fields.mailboxes(name, &mailboxes);
            }
        };
        let known_from = self.fields.has("From");
        if let (Some(header), Some(from)) = (self.fields.get("From"), from.as_ref().and_then(mailbox::smtp))
            && !header.to_ascii_lowercase().contains(&from.to_ascii_lowercase())
        {
            self.losses.add(LossKind::NoPlace, format!("From: the properties name {from}, the header somebody else"));
        }
        if let Some(from) = &from {
            add(&mut self.fields, self.losses, "From", std::slice::from_ref(from));
        }
        let address = |person: &Resolved| mailbox::mailbox(person, domain).map(|found| found.0.address.to_lowercase());
        let other = |one: &Resolved, two: &Resolved| address(one) != address(two);
        if let (false, Some(sender), Some(from)) = (known_from, &sender, &from)
            && other(sender, from)
        {
            add(&mut self.fields, self.losses, "Sender", std::slice::from_ref(sender));
        }
        // Some writers always name the sender there.
        let reply_to = people::reply_to(self.item, self.lookup, self.losses);
        if let ([one], Some(from)) = (reply_to.as_slice(), &from)
            && !other(one, from)
        {
        } else {
            add(&mut self.fields, self.losses, "Reply-To", &reply_to);
        }
        let is_report = matches!(structure, Structure::Delivery(_) | Structure::Disposition(_));
        let owner = is_report
            .then(|| self.person(AddressRole::ReceivedRepresenting).or_else(|| self.person(AddressRole::ReceivedBy)));
        match (structure, owner.flatten()) {
            (_, Some(owner)) => add(&mut self.fields, self.losses, "To", &[owner]),
            // The rows of a delivery report are those it tells of.
            (Structure::Delivery(_), None) => {}
            _ => {
                add(&mut self.fields, self.losses, "To", &recipients.to);
                add(&mut self.fields, self.losses, "Cc", &recipients.cc);
                if self.options.bcc == BccPolicy::Keep {
                    add(&mut self.fields, self.losses, "Bcc", &recipients.bcc);
                } else if !recipients.bcc.is_empty() {
                    let text = format!("{} Bcc recipients, as the options say", recipients.bcc.len());
                    self.losses.add(LossKind::NoPlace, text);
                }
            }
        }
        self.from = from;
        self.receipts();
    }

    fn person(&mut self, role: AddressRole) -> Option<Resolved> {
        people::of_role(self.message, role, self.lookup, self.losses)
    }

    /// Where receipts are wanted (MS-OXCMAIL 2.1.3.1).
    fn receipts(&mut self) {
        const READ_RECEIPT_REQUESTED: u16 = 0x0029;
        const DELIVERY_REPORT_REQUESTED: u16 = 0x0023;
        for (flag, name) in
            [(READ_RECEIPT_REQUESTED, "Disposition-Notification-To"), (DELIVERY_REPORT_REQUESTED, "Return-Receipt-To")]
        {
            if self.fields.has(name) || !self.item.truth(flag, self.losses) {
                continue;
            }
            let other = if flag == READ_RECEIPT_REQUESTED { self.person(AddressRole::ReadReceipt) } else { None };
            let person = other.as_ref().or(self.from.as_ref());
            match person.and_then(|person| mailbox::mailbox(person, &self.options.domain)) {
                Some((mailbox, _)) => self.fields.mailboxes(name, &[mailbox]),
                None => self.losses.add(LossKind::NoPlace, format!("{name}: nobody to send it to")),
            }
        }
    }

    /// The subject without its prefix.
    pub(super) fn subject_parts(&self) -> Option<String> {
        let subject = self.message.subject_parts().ok().flatten()?;
        Some(subject.normalized().to_owned())
    }

    fn subject(&mut self) {
        if self.fields.has("Subject") {
            return;
        }
        if let Some(stored) = self.item.text(id::SUBJECT, self.losses) {
            // Both marks of a prefix are characters of the text.
            let subject = if stored.starts_with('\u{1}') {
                self.message.subject().ok().flatten().unwrap_or_default()
            } else {
                stored
            };
            if subject.contains(char::is_control) {
                self.losses.add(LossKind::Changed, "controls in the subject became spaces");
            }
            self.fields.text("Subject", &subject);
        }
    }

    fn message_id(&mut self) -> String {
        if let Some(known) = self.fields.get("Message-ID") {
            return known.trim().to_owned();
        }
        if let Some(own) = self.item.text(id::INTERNET_MESSAGE_ID, self.losses) {
            let own = own.trim();
            let inside = own.strip_prefix('<').unwrap_or(own);
            let inside = inside.strip_suffix('>').unwrap_or(inside);
            let fits = inside.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte));
            if fits && !inside.is_empty() && inside.len() < 900 {
                let message_id = format!("<{inside}>");
                self.fields.token("Message-ID", &message_id);
                return message_id;
            }
            self.losses.add(LossKind::Changed, format!("the message id cannot stand in a header: {}", one_line(own)));
        }
        let message_id = format!("<{:032x}@{}>", self.fingerprint(), self.options.domain);
        self.losses.add(LossKind::MadeUp, format!("the message has no message id; {message_id} stands for it"));
        self.fields.token("Message-ID", &message_id);
        message_id
    }

    /// What stays the same however often the message is copied from store to store.
    fn fingerprint(&mut self) -> u128 {
        let mut hash = Hash::new();
        match self.item.bytes(SEARCH_KEY, self.losses) {
            Some(key) => hash.add(&key),
            None => {
                hash.add(&self.message.folder_id().raw().to_le_bytes());
                hash.add(&self.message.id().raw().to_le_bytes());
            }
        }
        for text in [id::MESSAGE_CLASS, id::SUBJECT, id::SENDER_EMAIL_ADDRESS, id::DISPLAY_TO] {
            hash.add(self.item.text(text, self.losses).unwrap_or_default().as_bytes());
        }
        for time in [id::CLIENT_SUBMIT_TIME, id::MESSAGE_DELIVERY_TIME, id::CREATION_TIME] {
            hash.add(&self.item.time(time, self.losses).map_or(0, |time| time.ticks()).to_le_bytes());
        }
        hash.finish()
    }
}

/// Whether a header says what a property says, white space aside.
fn same_text(header: &str, text: &str) -> bool {
    let decoded = rfc2047::decode_text(header.as_bytes(), |charset, bytes, out| {
        let page = std::str::from_utf8(charset).ok().and_then(CodePage::from_name).unwrap_or(CodePage::WINDOWS_1252);
        out.push_str(&page.decode(bytes).map_or(Cow::Borrowed(""), |decoded| decoded.text));
    });
    decoded.split_whitespace().eq(text.split_whitespace())
}
