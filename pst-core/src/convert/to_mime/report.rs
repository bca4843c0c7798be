//! Reports: multipart/report with what happened to a mail, for programs (RFC 6522; MS-OXCMAIL 2.1.3.2.1).
//!
//! The rows of the recipient table of a delivery report are those it tells of, each with its status.

use encodify::base64;

use super::field::{Fields, one_line};
use super::headers::Head;
use super::item::Item;
use super::mailbox;
use super::message::Conversion;
use super::structure::{Action, Disposition};
use super::{accounting, people};
use crate::Result;
use crate::address::{self, AddressFacts, AddressLookup, AddressRole, Resolved};
use crate::convert::LossKind;
use crate::ltp::{Row, id};
use crate::messaging::{AttachmentContent, Message, Recipient};

const PARENT_KEY: u16 = 0x0025;
const ORIGINAL_SUBJECT: u16 = 0x0049;
const ORIGINAL_SUBMIT_TIME: u16 = 0x004E;
/// PidTagOriginalSentRepresenting...: name, address type, address; an SMTP address is not kept.
const ORIGINAL_FROM: [u16; 3] = [0x005D, 0x0068, 0x0069];
const SUPPLEMENTARY_INFO: u16 = 0x0C1B;
const STATUS_CODE: u16 = 0x0C20;
const REMOTE_MTA: u16 = 0x0C21;
const REPORT_TEXT: u16 = 0x1001;
const ORIGINAL_MESSAGE_ID: u16 = 0x1046;
const REPORTING_MTA: u16 = 0x6820;

/// What a row says of the recipient it is about.
struct Outcome {
    person: Resolved,
    status: Option<i64>,
    remote: Option<String>,
    info: Option<String>,
    text: Option<String>,
}

impl Outcome {
    fn read(row: &Row<'_>, lookup: &dyn AddressLookup) -> Result<Self> {
        Ok(Self {
            person: address::of_recipient(&Recipient::from_row(row)?, lookup),
            status: row.integer(STATUS_CODE),
            remote: row.string(REMOTE_MTA)?,
            info: row.string(SUPPLEMENTARY_INFO)?,
            text: row.string(REPORT_TEXT)?,
        })
    }

    /// The group of fields of this recipient (RFC 3464 2.3).
    fn fields(&self, action: Action, domain: &str) -> Fields {
        let mut fields = Fields::default();
        let address = mailbox::mailbox(&self.person, domain);
        let address = address.map_or_else(|| format!("unknown@{domain}"), |found| found.0.address);
        fields.token("Final-Recipient", &format!("rfc822;{address}"));
        let (action, class) = match action {
            Action::Delivered => ("delivered", "2.0.0"),
            Action::Failed => ("failed", "5.0.0"),
            Action::Delayed => ("delayed", "4.0.0"),
            Action::Relayed => ("relayed", "2.0.0"),
            Action::Expanded => ("expanded", "2.0.0"),
        };
        fields.token("Action", action);
        let parsed = self.info.as_deref().and_then(Supplementary::parse);
        let own = self.status.and_then(status_text);
        let told = parsed.as_ref().and_then(|info| info.status.map(str::to_owned));
        fields.token("Status", &own.or(told).unwrap_or_else(|| class.to_owned()));
        let remote = self.remote.as_deref().or(parsed.as_ref().and_then(|info| info.server));
        if let Some(remote) = remote.filter(|remote| !remote.trim().is_empty()) {
            fields.text("Remote-MTA", &format!("dns;{}", remote.trim()));
        }
        if let Some(code) = parsed.as_ref().and_then(|info| info.diagnostic) {
            fields.text("Diagnostic-Code", code);
        }
        // As it is, for what does not parse, and for programs that know it.
        if let Some(info) = &self.info {
            fields.text("X-Supplementary-Info", one_line(info).trim());
        }
        if let Some(name) = &self.person.name {
            fields.text("X-Display-Name", name.trim());
        }
        fields
    }
}

/// PidTagSupplementaryInfo as Exchange writes it: `<server #5.1.1 smtp;550 5.1.1 unknown>`.
struct Supplementary<'a> {
    server: Option<&'a str>,
    status: Option<&'a str>,
    diagnostic: Option<&'a str>,
}

impl<'a> Supplementary<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let inside = text.trim().strip_prefix('<')?.strip_suffix('>')?;
        let (server, rest) = inside.split_once('#')?;
        let (status, diagnostic) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_status = status.split('.').count() == 3
            && status
                .split('.')
                .all(|part| (1..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()));
        let some = |text: &'a str| Some(text.trim()).filter(|text| !text.is_empty());
        Some(Self {
            server: some(server),
            status: some(status).filter(|_| is_status),
            diagnostic: some(diagnostic).filter(|code| {
                code.split_once(';').is_some_and(|(kind, _)| {
                    !kind.is_empty() && kind.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                })
            }),
        })
    }
}

/// PidTagNonDeliveryReportStatusCode: 511 is 5.1.1.
fn status_text(code: i64) -> Option<String> {
    let digits = code.to_string();
    let mut digits = digits.chars();
    match (digits.next()?, digits.next()?, digits.as_str()) {
        (class @ ('2' | '4' | '5'), subject, detail) if (1..=3).contains(&detail.len()) => {
            Some(format!("{class}.{subject}.{detail}"))
        }
        _ => None,
    }
}

impl Conversion<'_> {
    /// A report on delivery (RFC 3464).
    pub(super) fn delivery_report(
        &mut self,
        message: &Message,
        item: &Item<'_>,
        action: Action,
        head: &Head,
    ) -> Result<()> {
        let outcomes = self.outcomes(message);
        if outcomes.is_empty() {
            self.losses.add(LossKind::Changed, "the report names no recipient; it is an ordinary mail");
            let mut told = accounting::Told::default();
            return self.ordinary(message, item, &mut told);
        }
        let texts = outcomes.iter().filter_map(|outcome| outcome.text.as_deref());
        let own = item.text(REPORT_TEXT, &mut self.losses);
        let text = own.as_deref().into_iter().chain(texts).map(str::trim).collect::<Vec<_>>().join("\r\n");
        let others = self.begin_report(message, "delivery-status")?;
        self.human_part(message, item, &text)?;
        self.next()?;
        self.out.put(b"Content-Type: message/delivery-status\r\n\r\n")?;
        let mut fields = Fields::default();
        let mta = item.text(REPORTING_MTA, &mut self.losses).filter(|mta| !mta.trim().is_empty());
        match mta {
            Some(mta) => fields.text("Reporting-MTA", &format!("dns;{}", mta.trim())),
            None => {
                let mta = format!("dns;unknown.{}", self.options.domain);
                self.losses.add(LossKind::MadeUp, format!("nobody says which server reports; {mta} stands for it"));
                fields.token("Reporting-MTA", &mta);
            }
        }
        if let Some(date) = item.time(ORIGINAL_SUBMIT_TIME, &mut self.losses) {
            fields.date("Arrival-Date", date);
        }
        fields.write(&mut self.out)?;
        for outcome in &outcomes {
            self.out.put(b"\r\n")?;
            outcome.fields(action, &self.options.domain).write(&mut self.out)?;
        }
        if !self.original(message)? {
            self.original_headers(item, head)?;
        }
        self.end_report(message, others)
    }

    /// A report on what became of a mail after delivery (RFC 8098).
    pub(super) fn disposition_report(
        &mut self,
        message: &Message,
        item: &Item<'_>,
        disposition: Disposition,
    ) -> Result<()> {
        let roles = [AddressRole::SentRepresenting, AddressRole::Sender];
        let reader = roles.into_iter().find_map(|role| people::of_role(message, role, self.lookup, &mut self.losses));
        let reader = reader.and_then(|reader| mailbox::mailbox(&reader, &self.options.domain));
        let Some((reader, _)) = reader else {
            self.losses.add(LossKind::Changed, "the report does not say whose it is; it is an ordinary mail");
            let mut told = accounting::Told::default();
            return self.ordinary(message, item, &mut told);
        };
        let (word, text) = match disposition {
            Disposition::Displayed => ("displayed", "The message was read."),
            Disposition::Deleted => ("deleted", "The message was deleted without being read."),
        };
        let text = item.text(REPORT_TEXT, &mut self.losses).unwrap_or_else(|| text.to_owned());
        let others = self.begin_report(message, "disposition-notification")?;
        self.human_part(message, item, &text)?;
        self.next()?;
        self.out.put(b"Content-Type: message/disposition-notification\r\n\r\n")?;
        let mut fields = Fields::default();
        fields.token("Final-Recipient", &format!("rfc822;{}", reader.address));
        let ids = [ORIGINAL_MESSAGE_ID, id::IN_REPLY_TO_ID];
        if let Some(original) = ids.into_iter().find_map(|id| item.text(id, &mut self.losses)) {
            fields.text("Original-Message-ID", original.trim());
        }
        fields.token("Disposition", &format!("automatic-action/MDN-sent-automatically; {word}"));
        if let Some(key) = item.bytes(PARENT_KEY, &mut self.losses) {
            let text = base64::STANDARD.encode(&key);
            fields.words(
                "X-MSExch-Correlation-Key",
                text.as_bytes().chunks(60).filter_map(|piece| std::str::from_utf8(piece).ok()),
            );
        }
        fields.write(&mut self.out)?;
        self.original(message)?;
        self.end_report(message, others)
    }

    fn outcomes(&mut self, message: &Message) -> Vec<Outcome> {
        let table = match message.recipient_table() {
            Ok(Some(table)) => table,
            _ => return Vec::new(),
        };
        // Rows that cannot be read were told with the header.
        table.rows().filter_map(|row| row.and_then(|row| Outcome::read(&row, self.lookup)).ok()).collect()
    }

    /// Opens the report and its first part, below multipart/mixed if there is more than the report may hold.
    fn begin_report(&mut self, message: &Message, kind: &str) -> Result<bool> {
        let mut originals = 0u64;
        let mut all = 0u64;
        for attachment in message.attachments() {
            all = all.saturating_add(1);
            let Ok(attachment) = attachment else { continue };
            originals = originals.saturating_add(u64::from(matches!(attachment.message(), Ok(Some(_)))));
        }
        let others = all > originals.min(1);
        if others {
            self.open("mixed", &[])?;
            self.next()?;
        }
        self.open("report", &[("report-type", kind)])?;
        self.next()?;
        Ok(others)
    }

    /// Closes the report; attachments that are not the original follow it.
    fn end_report(&mut self, message: &Message, others: bool) -> Result<()> {
        self.close()?;
        if !others {
            return Ok(());
        }
        let mut original = true;
        for attachment in message.attachments() {
            let attachment = match attachment {
                Ok(attachment) => attachment,
                Err(error) => {
                    self.losses.add(LossKind::Unreadable, format!("attachments: {error}"));
                    continue;
                }
            };
            if original && matches!(attachment.message(), Ok(Some(_))) {
                original = false;
                continue;
            }
            self.losses.enter(format!("attachment {}", attachment.id()));
            let written = self.attachment(&attachment, false);
            self.losses.leave();
            written?;
        }
        self.close()
    }

    /// The mail the report is about, if it is attached: the first message.
    fn original(&mut self, message: &Message) -> Result<bool> {
        for attachment in message.attachments().filter_map(Result::ok) {
            let Ok(AttachmentContent::Message(original)) = attachment.content() else { continue };
            let Ok(properties) = attachment.properties() else { continue };
            let item = Item { properties, names: self.names };
            self.losses.enter(format!("attachment {}", attachment.id()));
            let written = self.inner_message(&item, &original);
            self.losses.leave();
            written?;
            return Ok(true);
        }
        Ok(false)
    }

    /// What the report says of the mail it is about.
    fn original_headers(&mut self, item: &Item<'_>, head: &Head) -> Result<()> {
        let mut fields = Fields::default();
        if let Some(date) = item.time(ORIGINAL_SUBMIT_TIME, &mut self.losses) {
            fields.date("Date", date);
        }
        let [name, address_type, address] = ORIGINAL_FROM.map(|id| item.text(id, &mut self.losses));
        let facts = AddressFacts {
            name: name.as_deref(),
            address_type: address_type.as_deref(),
            address: address.as_deref(),
            ..AddressFacts::default()
        };
        let from = address::resolve(&facts, self.lookup);
        if let Some((mailbox, _)) = mailbox::mailbox(&from, &self.options.domain) {
            fields.mailboxes("From", &[mailbox]);
        }
        let to: Vec<Resolved> = head.recipients.all().cloned().collect();
        let to = people::mailboxes(&to, &self.options.domain, "To", &mut super::losses::Losses::default());
        fields.mailboxes("To", &to);
        for (property, name) in [(ORIGINAL_SUBJECT, "Subject"), (ORIGINAL_MESSAGE_ID, "Message-ID")] {
            if let Some(text) = item.text(property, &mut self.losses) {
                fields.text(name, text.trim());
            }
        }
        self.next()?;
        self.out.put(b"Content-Type: text/rfc822-headers\r\n\r\n")?;
        fields.write(&mut self.out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes() {
        assert_eq!(status_text(511).as_deref(), Some("5.1.1"));
        assert_eq!(status_text(4447).as_deref(), Some("4.4.47"));
        for bad in [0, 51, 611, -511, 5_111_111] {
            assert_eq!(status_text(bad), None);
        }
    }

    #[test]
    fn supplementary_info() {
        let info = Supplementary::parse("<mx.example.com #5.1.1 smtp;550 5.1.1 unknown>").unwrap();
        assert_eq!((info.server, info.status), (Some("mx.example.com"), Some("5.1.1")));
        assert_eq!(info.diagnostic, Some("smtp;550 5.1.1 unknown"));
        let odd = Supplementary::parse("<#x no kind>").unwrap();
        assert_eq!((odd.server, odd.status, odd.diagnostic), (None, None, None));
        assert!(Supplementary::parse("text").is_none());
    }
}
