//! Reports as files.

use pst_core::journal::{Journal, Marker, Place, Report, WarningKind, of_mail};
use pst_core::mime::Mail;

use crate::{envelope, original};

/// A report in parts: headers, then the body parts with their headers.
fn mail(headers: &str, kind: &str, parts: &[&str]) -> String {
    let mut text =
        format!("{headers}MIME-Version: 1.0\r\nContent-Type: multipart/{kind}; boundary=\"b{}\"\r\n\r\n", parts.len());
    for part in parts {
        text.push_str(&format!("--b{}\r\n{part}\r\n", parts.len()));
    }
    text.push_str(&format!("--b{}--\r\n", parts.len()));
    text
}

fn text_part(text: &str) -> String {
    format!("Content-Type: text/plain; charset=us-ascii\r\n\r\n{text}")
}

fn message_part(mail: &str) -> String {
    format!("Content-Type: message/rfc822\r\n\r\n{mail}")
}

const MARKER: &str = "X-MS-Journal-Report:\r\n";

fn report(headers: &str, id: &str) -> String {
    mail(headers, "mixed", &[&text_part(&envelope(id)), &message_part(&original(id))])
}

fn opened(journal: Journal) -> Box<Report> {
    match journal {
        Journal::Report(report) => report,
        other => panic!("no report but {}", other.name()),
    }
}

fn bytes<'a>(place: &'a Place, file: &'a str) -> &'a str {
    match place {
        Place::Range { range, .. } => &file[range.clone()],
        Place::Decoded { bytes, .. } => std::str::from_utf8(bytes).unwrap(),
        Place::Message(_) | Place::File(_) => panic!("a place in a store"),
    }
}

fn kinds(report: &Report) -> Vec<WarningKind> {
    report.warnings.iter().map(|warning| warning.kind).collect()
}

#[test]
fn a_marked_report() {
    let file = report(MARKER, "1@x.example");
    let report = opened(of_mail(&Mail::parse(file.as_bytes())));
    assert_eq!((report.marker, report.score.points()), (Some(Marker::JournalReport), 10));
    assert_eq!(kinds(&report), []);
    // The line end before a boundary is the boundary's; what is before it is the original's.
    assert_eq!(bytes(&report.originals[0].place, &file), original("1@x.example"));
}

#[test]
fn a_report_that_lost_its_marker() {
    let file = report("From: Microsoft Exchange <x@x.example>\r\n", "1@x.example");
    let report = opened(of_mail(&Mail::parse(file.as_bytes())));
    assert_eq!((report.marker, report.score.points()), (None, 7));
}

#[test]
fn the_envelope_may_be_one_of_alternatives_or_nothing_but_html() {
    let html = "Content-Type: text/html\r\n\r\n<html><body><p>Sender: ann@x.example<br>Message-ID: &lt;1@x.example&gt;<br>To: &lt;bob@x.example&gt;</p></body></html>";
    let inner = mail("", "alternative", &[&text_part(&envelope("1@x.example")), html, ""]);
    for text in [inner.as_str(), html] {
        let file = mail(MARKER, "mixed", &[text, &message_part(&original("1@x.example"))]);
        let report = opened(of_mail(&Mail::parse(file.as_bytes())));
        let envelope = report.envelope.unwrap();
        assert_eq!(envelope.recipients[0].party.smtp(), Some("bob@x.example"));
        assert_eq!(report.score.points(), 10);
    }
}

#[test]
fn an_original_in_base64_is_given_decoded() {
    let inner = original("1@x.example");
    let encoded = "RnJvbTogYW5uQHguZXhhbXBsZQ0KTWVzc2FnZS1JRDogPDFAeC5leGFtcGxlPg0KDQpUZXh0Lg0K";
    let part = format!("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}");
    let file = mail(MARKER, "mixed", &[&text_part(&envelope("1@x.example")), &part]);
    let report = opened(of_mail(&Mail::parse(file.as_bytes())));
    let place = &report.originals[0].place;
    assert!(matches!(place, Place::Decoded { .. }));
    assert_eq!(bytes(place, &file), "From: ann@x.example\r\nMessage-ID: <1@x.example>\r\n\r\nText.\r\n");
    assert_ne!(bytes(place, &file), inner);
}

#[test]
fn what_is_odd_about_a_report() {
    let text = text_part(&envelope("1@x.example"));
    let other = message_part(&original("2@x.example"));
    let (one, two) = (message_part(&original("1@x.example")), message_part(&original("1@x.example")));
    for (parts, warnings) in [
        (vec![&text, &other], vec![WarningKind::OtherMessageId]),
        (vec![&text, &one, &two], vec![WarningKind::SeveralOriginals]),
        (vec![&text], vec![WarningKind::NoOriginal]),
    ] {
        let parts: Vec<&str> = parts.into_iter().map(String::as_str).collect();
        let file = mail(MARKER, "mixed", &parts);
        assert_eq!(kinds(&opened(of_mail(&Mail::parse(file.as_bytes())))), warnings);
    }
    let file = mail(MARKER, "mixed", &["Content-Type: application/pdf\r\n\r\nx", &one]);
    assert_eq!(kinds(&opened(of_mail(&Mail::parse(file.as_bytes())))), [WarningKind::BodyUnreadable]);
}

#[test]
fn a_protected_mail_comes_with_its_clear_copy() {
    let protected = "Content-Class: rpmsg.message\r\nMessage-ID: <1@x.example>\r\n\r\nx\r\n";
    let parts = [text_part(&envelope("1@x.example")), message_part(protected), message_part(&original("1@x.example"))];
    let file = mail(MARKER, "mixed", &[&parts[0], &parts[1], &parts[2]]);
    let report = opened(of_mail(&Mail::parse(file.as_bytes())));
    let clear: Vec<bool> = report.originals.iter().map(|original| original.is_clear_copy).collect();
    assert_eq!(clear, [false, true]);
    assert_eq!(kinds(&report), []);
}

/// A report that came back, and came back again.
fn bounced(inner: &str, times: usize) -> String {
    (0..times).fold(inner.to_owned(), |inner, at| {
        let status = "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nAction: failed\r\n";
        let parts = [text_part("Your message did not reach."), status.to_owned(), message_part(&inner)];
        // Boundaries of different levels must differ.
        let parts = mail("", "report; report-type=delivery-status", &[&parts[0], &parts[1], &parts[2]]);
        parts.replace("b3", &format!("level{at}"))
    })
}

#[test]
fn undeliverable_reports() {
    let report = report(MARKER, "1@x.example");
    for times in [1, 3] {
        let file = bounced(&report, times);
        let journal = of_mail(&Mail::parse(file.as_bytes()));
        assert_eq!(journal.name(), "journal-ndr");
        let originals = journal.originals();
        assert_eq!(originals.len(), 1, "{times}");
        assert_eq!(bytes(&originals[0].1.place, &file), original("1@x.example"), "{times}");
    }
    assert_eq!(of_mail(&Mail::parse(bounced(&report, 12).as_bytes())).name(), "too-deep");
    assert_eq!(of_mail(&Mail::parse(bounced(&original("1"), 1).as_bytes())).name(), "ordinary");
}

#[test]
fn a_report_on_a_report() {
    let inner = report(MARKER, "1@x.example").replace("b2", "inner");
    let file = mail(MARKER, "mixed", &[&text_part(&envelope("2@x.example")), &message_part(&inner)]);
    let journal = of_mail(&Mail::parse(file.as_bytes()));
    let originals = journal.originals();
    assert_eq!(originals.len(), 1);
    assert_eq!(originals[0].0.envelope.as_ref().unwrap().message_id.as_deref(), Some("<1@x.example>"));
    assert_eq!(bytes(&originals[0].1.place, &file), original("1@x.example"));
}

#[test]
fn reports_without_end_come_to_one() {
    let mut file = original("0");
    for at in 0..20 {
        let text = text_part(&envelope("0"));
        file = mail(MARKER, "mixed", &[&text, &message_part(&file)]).replace("b2", &format!("level{at}"));
    }
    let journal = of_mail(&Mail::parse(file.as_bytes()));
    let originals = journal.originals();
    assert_eq!(originals.len(), 1);
    assert!(matches!(originals[0].1.inner, Journal::TooDeep));
    assert!(kinds(originals[0].0).contains(&WarningKind::TooDeep));
}

#[test]
fn mails_about_reports_are_no_reports() {
    let id = "1@x.example";
    let quoted = format!("Bob,\r\n\r\n{}\r\nAnn\r\n", envelope(id));
    let signed = format!("{}\r\n-- \r\nAnn\r\n", envelope(id));
    for text in [quoted.as_str(), signed.as_str(), "see attached"] {
        let file = mail(
            "From: ann@x.example\r\n",
            "mixed",
            &[&text_part(text), &message_part(&report(MARKER, id).replace("b2", "inner"))],
        );
        assert_eq!(of_mail(&Mail::parse(file.as_bytes())).name(), "ordinary", "{text}");
    }
    assert_eq!(of_mail(&Mail::parse(original(id).as_bytes())).name(), "ordinary");
    // An envelope and nothing else may be what is left of a report.
    let alone = format!("From: ann@x.example\r\n\r\n{}", envelope(id));
    let Journal::Suspect(suspect) = of_mail(&Mail::parse(alone.as_bytes())) else { panic!("no suspect") };
    assert_eq!((suspect.score.points(), kinds(&suspect)), (3, vec![WarningKind::NoOriginal]));
}
