//! The class a mail from outside a store would have in one (MS-OXCMAIL 2.2.3).
//!
//! MIME has no message class; a reader makes it from the structure of the mail. The facts are plain, so that any MIME
//! parser can give them.

use std::borrow::Cow;

/// What the class of a mail depends on. Types, parameters and methods are compared without regard to case.
#[derive(Clone, Debug, Default)]
pub struct MimeFacts<'a> {
    /// The type of the root: `multipart/report`. `None` counts as text/plain (RFC 2045 5.2).
    pub content_type: Option<&'a str>,
    /// The `smime-type` parameter of the root.
    pub smime_type: Option<&'a str>,
    /// The file name of the root, from Content-Disposition or the `name` parameter.
    pub file_name: Option<&'a str>,
    /// The `report-type` parameter of the root.
    pub report_type: Option<&'a str>,
    /// The Action fields of all recipients in the message/delivery-status part (RFC 3464 2.3.3); empty if there is no such
    /// part, or none of them.
    pub delivery_actions: Vec<&'a str>,
    /// The Disposition field of the message/disposition-notification part (RFC 8098 3.2.6), whole; `None` without one.
    pub disposition: Option<&'a str>,
    /// The calendar object that is the mail's text/calendar part and no attachment of an ordinary mail.
    pub calendar: Option<CalendarMethod<'a>>,
    /// PidTagMessageClass inside the application/ms-tnef part.
    pub tnef_class: Option<&'a str>,
    /// The Content-Class header.
    pub content_class: Option<&'a str>,
    /// The Auto-Submitted header (RFC 3834).
    pub auto_submitted: Option<&'a str>,
}

/// What a calendar object says about its purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CalendarMethod<'a> {
    /// METHOD of the object, or else the `method` parameter of the part.
    pub method: Option<&'a str>,
    /// PARTSTAT of the one attendee of a reply.
    pub participation: Option<&'a str>,
}

/// The class of a mail, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MimeClass {
    /// The class; [`classify`](crate::messaging::kind::classify) says what it means.
    pub class: Cow<'static, str>,
    /// The rule that decided; stable.
    pub rule: &'static str,
    /// True if a program sent the mail by itself: Auto-Submitted is there and not `no` (RFC 3834 5).
    pub automatic: bool,
}

const NOTE: &str = "IPM.Note";

/// Gives the class a MIME reader would store.
pub fn class_of_mime(facts: &MimeFacts<'_>) -> MimeClass {
    let (class, rule) = decide(facts);
    let automatic = facts.auto_submitted.is_some_and(|value| {
        let keyword = value.split([';', '(', ' ', '\t']).find(|piece| !piece.is_empty());
        keyword.is_some_and(|keyword| !keyword.eq_ignore_ascii_case("no"))
    });
    MimeClass { class, rule, automatic }
}

fn decide(facts: &MimeFacts<'_>) -> (Cow<'static, str>, &'static str) {
    // TNEF carries the property itself.
    if let Some(class) = facts.tnef_class.map(str::trim).filter(|class| !class.is_empty()) {
        return (Cow::Owned(class.to_owned()), "tnef");
    }
    let root = facts.content_type.unwrap_or("text/plain").trim().to_ascii_lowercase();
    let (class, rule) = match root.as_str() {
        // **Whatever the protocol**: Exchange does not tell PGP/MIME from S/MIME here.
        "multipart/signed" => ("IPM.Note.SMIME.MultipartSigned", "multipart-signed"),
        "application/pkcs7-mime" | "application/x-pkcs7-mime" => smime(facts.smime_type),
        // Old mailers do not know the type, and the name of the file tells.
        "application/octet-stream" if is_smime_file(facts.file_name) => smime(facts.smime_type),
        "multipart/report" => report(facts),
        _ => (NOTE, "default"),
    };
    if class != NOTE {
        return (Cow::Borrowed(class), rule);
    }
    if let Some((class, rule)) = facts.calendar.and_then(calendar) {
        return (Cow::Borrowed(class), rule);
    }
    match facts.content_class.and_then(content_class) {
        Some(class) => (class, "content-class"),
        None => (Cow::Borrowed(NOTE), rule),
    }
}

fn smime(smime_type: Option<&str>) -> (&'static str, &'static str) {
    match smime_type {
        Some(kind) if kind.eq_ignore_ascii_case("signed-receipt") => ("IPM.Note.Receipt.SMIME", "smime-receipt"),
        // Certificates alone and compressed content are files and no sealed mail.
        Some(kind) if kind.eq_ignore_ascii_case("certs-only") || kind.eq_ignore_ascii_case("compressed-data") => {
            (NOTE, "smime-other")
        }
        _ => ("IPM.Note.SMIME", "smime"),
    }
}

fn is_smime_file(name: Option<&str>) -> bool {
    let extension = name.and_then(|name| name.trim().rsplit_once('.')).map(|(_, extension)| extension);
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("p7m"))
}

/// Reports: of delivery by the worst Action field (MS-OXCMAIL 2.2.3.7.1.1), of disposition by the Disposition field
/// (2.2.3.7.2). **Without the fields it is no report but a mail.**
fn report(facts: &MimeFacts<'_>) -> (&'static str, &'static str) {
    const ACTIONS: [(&str, &str); 5] = [
        ("failed", "REPORT.IPM.Note.NDR"),
        ("delayed", "REPORT.IPM.Note.Delayed.DR"),
        ("relayed", "REPORT.IPM.Note.Relayed.DR"),
        ("expanded", "REPORT.IPM.Note.Expanded.DR"),
        ("delivered", "REPORT.IPM.Note.DR"),
    ];
    let is = |name: &str| facts.report_type.is_some_and(|kind| kind.trim().eq_ignore_ascii_case(name));
    if is("delivery-status") {
        let said =
            |action: &str| facts.delivery_actions.iter().any(|said| first_word(said).eq_ignore_ascii_case(action));
        let worst = ACTIONS.iter().find(|(action, _)| said(action));
        return worst.map_or((NOTE, "report-without-status"), |(_, class)| (class, "delivery-status"));
    }
    if is("disposition-notification") {
        let Some(disposition) = facts.disposition else { return (NOTE, "report-without-status") };
        // disposition-mode ";" disposition-type ["/" modifier]
        let kind = disposition.rsplit(';').next().unwrap_or_default();
        let kind = first_word(kind.split('/').next().unwrap_or_default());
        // The other words of older standards (RFC 3798 3.2.6) say neither that it was read nor that it was not.
        return match kind.to_ascii_lowercase().as_str() {
            "displayed" => ("REPORT.IPM.Note.IPNRN", "disposition-notification"),
            "deleted" => ("REPORT.IPM.Note.IPNNRN", "disposition-notification"),
            _ => (NOTE, "disposition-unknown"),
        };
    }
    (NOTE, "default")
}

fn first_word(text: &str) -> &str {
    text.split([' ', '\t', '\r', '\n', '(', ';']).find(|piece| !piece.is_empty()).unwrap_or_default()
}

/// MS-OXCICAL 2.1.3.1.1.1: METHOD, and of a reply the state of the attendee.
fn calendar(calendar: CalendarMethod<'_>) -> Option<(&'static str, &'static str)> {
    let method = calendar.method?.trim().to_ascii_lowercase();
    let participation = calendar.participation.unwrap_or_default().trim().to_ascii_lowercase();
    let class = match (method.as_str(), participation.as_str()) {
        ("request", _) => "IPM.Schedule.Meeting.Request",
        ("cancel", _) => "IPM.Schedule.Meeting.Canceled",
        ("reply", "accepted") => "IPM.Schedule.Meeting.Resp.Pos",
        ("reply", "declined") => "IPM.Schedule.Meeting.Resp.Neg",
        ("reply", "tentative") | ("counter", _) => "IPM.Schedule.Meeting.Resp.Tent",
        ("publish", _) => "IPM.Appointment",
        _ => return None,
    };
    Some((class, "calendar"))
}

/// MS-OXCMAIL 2.2.3.2.15.
fn content_class(header: &str) -> Option<Cow<'static, str>> {
    let header = header.trim();
    for (value, class) in [
        ("fax", "IPM.Note.Microsoft.Fax"),
        ("fax-ca", "IPM.Note.Microsoft.Fax.CA"),
        ("missedcall", "IPM.Note.Microsoft.Missed.Voice"),
        ("voice-uc", "IPM.Note.Microsoft.Conversation.Voice"),
        ("voice-ca", "IPM.Note.Microsoft.Voicemail.UM.CA"),
        ("voice", "IPM.Note.Microsoft.Voicemail.UM"),
    ] {
        if header.eq_ignore_ascii_case(value) {
            return Some(Cow::Borrowed(class));
        }
    }
    // A name of one's own, and the form of InfoPath: what follows the prefix becomes further levels.
    for (prefix, class) in [("urn:content-class:custom.", "IPM.Note.Custom."), ("InfoPathForm.", "IPM.InfoPathForm.")] {
        let (start, name) = header.split_at_checked(prefix.len()).unwrap_or_default();
        // As long as a class may be.
        if start.eq_ignore_ascii_case(prefix) && !name.is_empty() && name.len() <= 200 {
            return Some(Cow::Owned(format!("{class}{name}")));
        }
    }
    None
}
