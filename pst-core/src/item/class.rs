//! What an item is: the class a store has for it, or the class a store would give it.

use std::borrow::Cow;

use crate::messaging::kind::{CalendarMethod, Classification, MimeFacts, class_of_mime, classify};
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

/// The class of a mail by its structure. What is inside TNEF is not looked at.
pub(super) fn of_mail(mail: &Mail<'_>) -> ItemClass {
    let root = mail.root();
    let content_type = root.content_type();
    let essence = root.type_is_stated().then(|| content_type.essence());
    let text_of = |subtypes: &[&str]| {
        let is_one = |part: &Part<'_>| {
            let kind = part.content_type();
            kind.kind == "message" && subtypes.contains(&kind.subtype.as_str())
        };
        root.children().find(is_one).map(|part| beginning(part.text()))
    };
    let is_report = content_type.is("multipart", "report");
    let status = is_report.then(|| text_of(&["delivery-status", "global-delivery-status"])).flatten();
    let notice = is_report.then(|| text_of(&["disposition-notification", "global-disposition-notification"])).flatten();
    let disposition = notice.as_deref().and_then(|notice| field(notice, "Disposition").next().map(str::to_owned));
    let calendar = calendar_part(root).map(|part| Calendar::read(&part));
    let content_class = mail.header_text("Content-Class");
    let facts = MimeFacts {
        content_type: essence.as_deref(),
        smime_type: content_type.parameter("smime-type"),
        file_name: root.file_name(),
        report_type: content_type.parameter("report-type"),
        delivery_actions: status
            .as_deref()
            .map(|status| field(status, "Action").take(MOST_ACTIONS).collect())
            .unwrap_or_default(),
        disposition: disposition.as_deref(),
        calendar: calendar.as_ref().map(|calendar| CalendarMethod {
            method: calendar.method.as_deref(),
            participation: calendar.participation.as_deref(),
        }),
        tnef_class: None,
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

/// The calendar object that the mail is, or one form of its text is. One beside the text is an attachment.
fn calendar_part(root: Part<'_>) -> Option<Part<'_>> {
    let mut at = root;
    // Each step goes one level down, and levels are bounded.
    loop {
        if at.content_type().is("text", "calendar") {
            let attached = at.disposition().is_some_and(|disposition| disposition.kind == "attachment");
            return (!attached || at.index() == root.index()).then_some(at);
        }
        if at.content_type().is("multipart", "alternative") {
            return at.children().find(|part| part.content_type().is("text", "calendar"));
        }
        at = at.children().next()?;
    }
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
    use crate::messaging::kind::{Kind, MeetingKind, ReportKind};

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
    fn meetings_by_the_calendar_that_is_their_text() {
        let calendar = |lines: &str| format!("BEGIN:VCALENDAR\n{lines}\nEND:VCALENDAR\n");
        let reply = calendar("METHOD:REPLY\nATTENDEE;PART\n STAT=DECLINED;CN=x:mailto:a@x.example");
        let alternative = |disposition: &str| {
            format!(
                "Content-Type: multipart/mixed; boundary=m\n\n--m\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\nNo\n--b\nContent-Type: text/calendar{disposition}\n\n{reply}\n--b--\n--m--\n"
            )
        };
        assert_eq!(class(&alternative("")).2, Kind::Meeting(MeetingKind::Declined));
        let request = format!("Content-Type: text/calendar; method=REQUEST\n\n{}", calendar(""));
        assert_eq!(class(&request).2, Kind::Meeting(MeetingKind::Request));
        // Beside the text it is a file.
        let beside = format!(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the file\n--b\nContent-Type: text/calendar\n\n{reply}\n--b--\n"
        );
        assert_eq!(class(&beside).2, Kind::Mail);
        // Two attendees say nothing about either.
        let two = calendar("METHOD:REPLY\nATTENDEE;PARTSTAT=ACCEPTED:a\nATTENDEE;PARTSTAT=DECLINED:b");
        assert_eq!(class(&format!("Content-Type: text/calendar\n\n{two}")).2, Kind::Mail);
    }
}
