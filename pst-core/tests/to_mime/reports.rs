//! Reports (RFC 6522, RFC 3464, RFC 8098; MS-OXCMAIL 2.1.3.2.1).

use pst_core::convert::LossKind;
use pst_core::ltp::id;
use pst_core::write::{AttachmentDraft, MessageDraft, Properties};

use crate::{convert, date, letter};

fn report(class: &str) -> MessageDraft {
    let mut draft = MessageDraft::new(class);
    draft
        .subject("Undeliverable: Plan")
        .sender("Postmaster", "postmaster@example.com")
        .message_id("<r@example.com>")
        .dates(date(), date())
        .created(date(), date())
        .read(false);
    draft.properties().text(0x0040, "Ann").text(0x0075, "SMTP").text(0x0076, "ann@example.com");
    draft
}

fn failed(name: &str, address: &str, info: &str) -> Properties {
    let mut row = Properties::new();
    row.integer32(id::RECIPIENT_TYPE, 1)
        .text(id::DISPLAY_NAME, name)
        .text(id::ADDRESS_TYPE, "SMTP")
        .text(id::EMAIL_ADDRESS, address)
        .text(0x0C1B, info);
    row
}

fn original() -> AttachmentDraft {
    let mut original = letter();
    original.body("Hi.\r\n");
    AttachmentDraft::message("Plan", original)
}

#[test]
fn a_delivery_failure() {
    let mut draft = report("REPORT.IPM.Note.NDR");
    draft.body("Sorry.\r\n").attach(original());
    draft.recipient_row(failed("Bob", "bob@example.com", "<mx.example.com #5.1.1 smtp;550 5.1.1 unknown>"));
    let mut second = failed("Ötzi", "o@example.com", "odd");
    second.integer32(0x0C20, 4447).text(0x0C21, "mx2.example.com");
    draft.recipient_row(second);
    draft.properties().text(0x6820, "relay.example.com").time(0x004E, date());
    let mail = convert(draft);
    assert!(mail.fields().contains("\r\nTo: Ann <ann@example.com>\r\n") && !mail.fields().contains("bob@"));
    assert_eq!(
        mail.body(),
        "MIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status;\n boundary=B1\n\
         \n\
         --B1\n\
         Content-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         Sorry.\n\
         \n\
         --B1\n\
         Content-Type: message/delivery-status\n\
         \n\
         Reporting-MTA: dns;relay.example.com\n\
         Arrival-Date: Sun, 13 Sep 2020 12:26:40 +0000\n\
         \n\
         Final-Recipient: rfc822;bob@example.com\n\
         Action: failed\n\
         Status: 5.1.1\n\
         Remote-MTA: dns;mx.example.com\n\
         Diagnostic-Code: smtp;550 5.1.1 unknown\n\
         X-Supplementary-Info: <mx.example.com #5.1.1 smtp;550 5.1.1 unknown>\n\
         X-Display-Name: Bob\n\
         \n\
         Final-Recipient: rfc822;o@example.com\n\
         Action: failed\n\
         Status: 4.4.47\n\
         Remote-MTA: dns;mx2.example.com\n\
         X-Supplementary-Info: odd\n\
         X-Display-Name: =?utf-8?Q?=C3=96tzi?=\n\
         \n\
         --B1\n\
         Content-Type: message/rfc822; name=Plan.eml\n\
         Content-Disposition: attachment; filename=Plan.eml\n\
         \n\
         Date: Sun, 13 Sep 2020 12:26:40 +0000\n\
         From: Ann <ann@example.com>\n\
         To: Bob <bob@example.com>\n\
         Subject: Plan\n\
         Message-ID: <1@example.com>\n\
         Thread-Topic: Plan\n\
         MIME-Version: 1.0\n\
         Content-Type: text/plain; charset=us-ascii\n\
         Content-Transfer-Encoding: quoted-printable\n\
         \n\
         Hi.\n\
         \n\
         --B1--\n"
    );
    assert_eq!(mail.losses(), [""; 0]);
}

#[test]
fn a_report_without_the_mail_it_is_about_has_what_is_known_of_it() {
    let mut draft = report("REPORT.IPM.Note.Delayed.DR");
    draft.recipient_row(failed("Bob", "bob@example.com", ""));
    draft
        .properties()
        .text(0x0049, "Plan")
        .text(0x1046, "<1@example.com>")
        .time(0x004E, date())
        .text(0x1001, "Still trying.");
    let mail = convert(draft);
    let body = mail.body();
    assert!(body.contains("\n\nStill trying.\n--B1\n"));
    assert!(body.contains("Action: delayed\nStatus: 4.0.0\n"));
    assert!(body.ends_with(
        "\n--B1\nContent-Type: text/rfc822-headers\n\nDate: Sun, 13 Sep 2020 12:26:40 +0000\n\
         To: Bob <bob@example.com>\nSubject: Plan\nMessage-ID: <1@example.com>\n\n--B1--\n"
    ));
    assert_eq!(mail.losses(), ["made-up: nobody says which server reports; dns;unknown.pst.invalid stands for it"]);
}

#[test]
fn further_attachments_follow_the_report() {
    let mut draft = report("REPORT.IPM.Note.NDR");
    draft.body("Sorry.").attach(AttachmentDraft::file("log.txt", *b"x")).attach(original());
    draft.recipient_row(failed("Bob", "bob@example.com", ""));
    let body = convert(draft).body();
    let (report, rest) = body.split_once("\n--B2--\n").unwrap();
    assert!(report.starts_with(
        "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=B1\n\n--B1\nContent-Type: multipart/report;"
    ));
    assert!(report.contains("message/rfc822"));
    assert!(rest.starts_with("\n--B1\nContent-Type: text/plain; name=log.txt\n") && rest.ends_with("\n--B1--\n"));
}

#[test]
fn a_report_about_nobody_is_a_mail() {
    let mut draft = report("REPORT.IPM.Note.NDR");
    draft.body("Sorry.\r\n");
    let mail = convert(draft);
    assert!(mail.body().starts_with("MIME-Version: 1.0\nContent-Type: text/plain"));
    assert_eq!(mail.lost(LossKind::Changed), ["the report names no recipient; it is an ordinary mail"]);
}

#[test]
fn read_and_deleted_unread() {
    for (class, word, text) in [
        ("REPORT.IPM.Note.IPNRN", "displayed", "The message was read."),
        ("REPORT.IPM.Note.IPNNRN", "deleted", "The message was deleted without being read."),
    ] {
        let mut draft = report(class);
        draft.properties().text(0x1046, "<1@example.com>").binary(0x0025, *b"abc");
        let mail = convert(draft);
        assert_eq!(
            mail.body(),
            format!(
                "MIME-Version: 1.0\n\
                 Content-Type: multipart/report; report-type=disposition-notification;\n boundary=B1\n\
                 \n\
                 --B1\n\
                 Content-Type: text/plain; charset=us-ascii\n\
                 Content-Transfer-Encoding: quoted-printable\n\
                 \n\
                 {text}\n\
                 --B1\n\
                 Content-Type: message/disposition-notification\n\
                 \n\
                 Final-Recipient: rfc822;postmaster@example.com\n\
                 Original-Message-ID: <1@example.com>\n\
                 Disposition: automatic-action/MDN-sent-automatically; {word}\n\
                 X-MSExch-Correlation-Key: YWJj\n\
                 \n\
                 --B1--\n"
            )
        );
        assert_eq!(mail.losses(), [""; 0]);
    }
}
