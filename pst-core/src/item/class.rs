//! What an item is: the class a store has for it, or the class a store would give it.

use std::borrow::Cow;

use crate::convert::from_mime::structure::Plan;
use crate::convert::from_mime::tnef;
use crate::messaging::kind::{CalendarMethod, Classification, Kind, MimeFacts, class_of_mime, classify};
use crate::mime::{Mail, Part};

/// The class of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemClass {
    /// The class: as stored, or that which a mail would have in a store; `None` if the store has none.
    pub class: Option<String>,
    /// Of a mail, the rule that gave the class; stable.
    pub rule: Option<&'static str>,
    /// What the class means.
    pub classification: Classification,
}

impl ItemClass {
    pub(super) fn stored(class: Option<String>) -> Self {
        Self { classification: classify(class.as_deref()), class, rule: None }
    }
}

/// Bytes of a report or a calendar that are searched.
const SEARCHED: usize = 1 << 20;
/// Recipients of a report whose fate is looked at.
const MOST_ACTIONS: usize = 10_000;

/// The class of a mail by its structure, or by the TNEF in it; by these rules items are made of mails.
pub(crate) fn of_mail(mail: &Mail<'_>) -> ItemClass {
    let root = mail.root();
    let content_type = root.content_type();
    // What says that it is signed and cannot be taken apart is text.
    let is_apart = root.is_multipart() || !content_type.is("multipart", "signed");
    let essence = (root.type_is_stated() && is_apart).then(|| content_type.essence());
    let status = status_of(root);
    let is_status = |ending: &str| status.filter(|part| part.content_type().subtype.ends_with(ending));
    let delivery = is_status("delivery-status").map(|part| beginning(part.text()));
    let notice = is_status("disposition-notification").map(|part| beginning(part.text()));
    // The part itself goes before what the mail says of it, and some do not say it.
    let report_type =
        delivery.as_ref().map(|_| "delivery-status").or(notice.as_ref().map(|_| "disposition-notification"));
    let disposition = notice.as_deref().and_then(|notice| field(notice, "Disposition").next().map(str::to_owned));
    let plan = Plan::of(root);
    let tnef_class = tnef::class_of(&plan);
    let calendar = plan.calendar.map(|part| Calendar::read(&part));
    // A mail that publishes a calendar is a mail: who reads it decides what becomes of the calendar.
    let is_published =
        |calendar: &Calendar| calendar.method.as_deref().is_some_and(|method| method.eq_ignore_ascii_case("publish"));
    let calendar = calendar.filter(|calendar| !is_published(calendar));
    let content_class = mail.header_text("Content-Class");
    let facts = MimeFacts {
        content_type: essence.as_deref(),
        smime_type: content_type.parameter("smime-type"),
        file_name: root.file_name(),
        report_type: report_type.or_else(|| content_type.parameter("report-type")),
        delivery_actions: delivery
            .as_deref()
            .map(|status| field(status, "Action").take(MOST_ACTIONS).collect())
            .unwrap_or_default(),
        disposition: disposition.as_deref(),
        calendar: calendar.as_ref().map(|calendar| CalendarMethod {
            method: calendar.method.as_deref(),
            participation: calendar.participation.as_deref(),
        }),
        tnef_class: tnef_class.as_deref(),
        content_class: content_class.as_deref(),
        auto_submitted: None,
    };
    let found = class_of_mime(&facts);
    let class = found.class.into_owned();
    ItemClass { classification: classify(Some(&class)), class: Some(class), rule: Some(found.rule) }
}

fn beginning(text: Cow<'_, str>) -> String {
    let mut text = text.into_owned();
    text.truncate(text.floor_char_boundary(SEARCHED));
    text
}

/// The values of a field in the lines of a report.
fn field<'t>(text: &'t str, name: &'t str) -> impl Iterator<Item = &'t str> {
    text.lines().filter_map(move |line| {
        let (found, value) = line.split_once(':')?;
        found.trim_end().eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

/// The part with which a report tells programs what happened.
pub(super) fn status_of(root: Part<'_>) -> Option<Part<'_>> {
    const KNOWN: [&str; 4] =
        ["delivery-status", "global-delivery-status", "disposition-notification", "global-disposition-notification"];
    let is_one = |part: &Part<'_>| {
        let kind = part.content_type();
        kind.kind == "message" && KNOWN.contains(&kind.subtype.as_str())
    };
    root.children().find(is_one).filter(|_| root.content_type().is("multipart", "report"))
}

/// True for a mail that is a report.
pub(super) fn is_report(mail: &Mail<'_>) -> bool {
    matches!(of_mail(mail).classification.kind, Kind::Report(_))
}

/// True for a mail about a meeting.
pub(super) fn is_meeting(mail: &Mail<'_>) -> bool {
    matches!(of_mail(mail).classification.kind, Kind::Meeting(_))
}

/// What a calendar object says about its purpose.
struct Calendar {
    method: Option<String>,
    participation: Option<String>,
}

impl Calendar {
    fn read(part: &Part<'_>) -> Self {
        let text = beginning(part.text());
        // RFC 5545 3.1: a line that begins with a blank continues the one before.
        let text = text.replace("\r\n", "\n").replace("\n ", "").replace("\n\t", "");
        let method = field(&text, "METHOD").next().map(str::to_owned);
        let mut attendees = text.lines().filter(|line| {
            line.get(..8).is_some_and(|name| name.eq_ignore_ascii_case("ATTENDEE"))
                && line.get(8..).is_some_and(|rest| rest.starts_with([';', ':']))
        });
        let attendee = attendees.next().filter(|_| attendees.next().is_none());
        let participation = attendee.and_then(|line| {
            let parameter = line.split([';', ':']).find_map(|piece| {
                let (name, value) = piece.split_once('=')?;
                name.trim().eq_ignore_ascii_case("PARTSTAT").then_some(value)
            });
            parameter.map(|value| value.trim().trim_matches('"').to_owned())
        });
        let method = method.or_else(|| part.content_type().parameter("method").map(str::to_owned));
        Self { method, participation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messaging::kind::{MeetingKind, ReportKind};

    fn class(mail: &str) -> (String, &'static str, Kind) {
        let mail = Mail::parse(mail.as_bytes());
        let found = of_mail(&mail);
        (found.class.unwrap(), found.rule.unwrap(), found.classification.kind)
    }

    #[test]
    fn plain_mail() {
        assert_eq!(class("Subject: x\n\nHi"), ("IPM.Note".into(), "default", Kind::Mail));
        assert_eq!(class(""), ("IPM.Note".into(), "default", Kind::Mail));
    }

    #[test]
    fn signed_and_encrypted() {
        let signed = "Content-Type: multipart/signed; boundary=b\n\n--b\n\nHi\n--b\nContent-Type: application/pkcs7-signature\n\nx\n--b--\n";
        assert_eq!(class(signed).2, Kind::SignedMail);
        assert_eq!(
            class("Content-Type: application/pkcs7-mime; smime-type=enveloped-data\n\nx").2,
            Kind::EncryptedMail
        );
    }

    #[test]
    fn reports_by_their_worst_recipient() {
        let report = |kind: &str, subtype: &str, fields: &str| {
            class(&format!(
                "Content-Type: multipart/report; report-type={kind}; boundary=b\n\n--b\n\nIt failed.\n--b\nContent-Type: message/{subtype}\n\n{fields}\n--b--\n"
            ))
        };
        let two = "Reporting-MTA: dns;x\n\nFinal-Recipient: rfc822;a@x.example\nAction: delayed\n\nFinal-Recipient: rfc822;b@x.example\naction : FAILED\n";
        assert_eq!(report("delivery-status", "delivery-status", two).2, Kind::Report(ReportKind::NonDelivery));
        let read = "Disposition: manual-action/MDN-sent-manually; displayed\n";
        assert_eq!(
            report("disposition-notification", "disposition-notification", read).2,
            Kind::Report(ReportKind::Read)
        );
        assert_eq!(report("delivery-status", "delivery-status", "").1, "report-without-status");
    }

    #[test]
    fn meetings_by_their_calendar() {
        let calendar = |lines: &str| format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n");
        let reply = calendar("METHOD:REPLY\nATTENDEE;PART\n STAT=DECLINED;CN=x:mailto:a@x.example");
        let alternative = |headers: &str| {
            format!(
                "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nNo\n--b\nContent-Type: text/calendar{headers}\n\n{reply}\n--b--\n--m--\n"
            )
        };
        assert_eq!(class(&alternative("; method=REPLY")).2, Kind::Meeting(MeetingKind::Declined));
        let request = format!("Content-Type: text/calendar; method=REQUEST\n\n{}", calendar(""));
        assert_eq!(class(&request).2, Kind::Meeting(MeetingKind::Request));
        // What has no method, or is attached, is a file.
        assert_eq!(class(&alternative("")).2, Kind::Mail);
        assert_eq!(class(&alternative("; method=REPLY\nContent-Disposition: attachment")).2, Kind::Mail);
        // Two attendees say nothing about either.
        let two = calendar("METHOD:REPLY\nATTENDEE;PARTSTAT=ACCEPTED:a\nATTENDEE;PARTSTAT=DECLINED:b");
        assert_eq!(class(&format!("Content-Type: text/calendar; method=REPLY\n\n{two}")).2, Kind::Mail);
    }
}
