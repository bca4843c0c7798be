//! Reports and meetings.

use pst_core::convert::LossKind;
use pst_core::ltp::id;
use pst_core::messaging::RecipientKind;
use pst_core::{FileTime, Guid};

use crate::items::{data, item};

const HEAD: &str =
    "From: MAILER-DAEMON@mx.example\r\nTo: Ann <ann@a.example>\r\nDate: Wed, 17 May 2000 19:35:05 -0400\r\n";

fn delivery(fields: &str) -> String {
    format!(
        "{HEAD}Subject: Undeliverable\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\n\
         It did not work.\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n{fields}\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n\
         From: Ann <ann@a.example>\r\nDate: Wed, 17 May 2000 19:30:05 -0400\r\nSubject: Lunch\r\nMessage-ID: <1@a.example>\r\n\r\n\
         At noon?\r\n--r--\r\n"
    )
}

#[test]
fn a_delivery_report_tells_of_its_recipients() {
    let text = delivery(
        "Reporting-MTA: dns; mx.example\r\nArrival-Date: Wed, 17 May 2000 19:30:05 -0400\r\n\r\n\
         Final-Recipient: rfc822; bob@b.example\r\nX-Display-Name: Bob\r\nAction: failed\r\nStatus: 5.1.1 (no such user)\r\n\
         Remote-MTA: dns; mail.b.example\r\nDiagnostic-Code: smtp; 550 5.1.1\r\n unknown user\r\n\r\n\
         Final-Recipient: rfc822;carl@c.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n",
    );
    let item = item(text.as_bytes());
    assert_eq!(item.message.class().unwrap().as_deref(), Some("REPORT.IPM.Note.NDR"));
    assert_eq!(item.people(RecipientKind::To), [("Bob".to_owned(), "bob@b.example".to_owned())]);
    assert_eq!(item.text(id::DISPLAY_TO).as_deref(), Some("Bob"));
    let table = item.message.recipient_table().unwrap().unwrap();
    let row = table.rows().next().unwrap().unwrap();
    // Status, diagnostic and reason; who said so.
    assert_eq!([0x0C20, 0x0C05, 0x0C04].map(|property| row.integer(property)), [Some(511), Some(35), Some(1)]);
    assert_eq!(row.string(0x0C21).unwrap().as_deref(), Some("mail.b.example"));
    assert_eq!(row.string(0x0C1B).unwrap().as_deref(), Some("<mail.b.example #5.1.1 smtp; 550 5.1.1 unknown user>"));
    assert_eq!(item.text(0x6820).as_deref(), Some("mx.example"));
    // Whom the report is for, and what it is about.
    assert_eq!(item.text(0x5D08).as_deref(), Some("ann@a.example"));
    assert_eq!(item.text(0x0049).as_deref(), Some("Lunch"));
    assert_eq!(item.text(0x1046).as_deref(), Some("<1@a.example>"));
    assert_eq!(item.text(0x0069).as_deref(), Some("ann@a.example"));
    assert_eq!(item.message.time(0x004E).unwrap(), FileTime::from_unix_seconds(958_606_205));
    assert_eq!(item.message.time(0x0032).unwrap(), FileTime::from_unix_seconds(958_606_505));
    assert_eq!(item.body().as_deref(), Some("It did not work."));
    let attachments = item.attachments();
    assert_eq!(attachments.len(), 1);
    let original = attachments[0].message().unwrap().unwrap();
    assert_eq!(original.body_text().unwrap().unwrap().to_string_lossy(), "At noon?");
    assert_eq!(
        item.told(),
        [
            (LossKind::NoPlace, "report, group 0: arrival-date"),
            (LossKind::NoPlace, "part 2 (message/delivery-status): recipient 2: delayed"),
        ]
    );
}

#[test]
fn the_worst_action_is_the_class() {
    for (actions, class) in [
        (&["delivered"][..], "REPORT.IPM.Note.DR"),
        (&["delivered", "expanded"], "REPORT.IPM.Note.Expanded.DR"),
        (&["Relayed (to mailer)"], "REPORT.IPM.Note.Relayed.DR"),
        (&["delayed", "relayed"], "REPORT.IPM.Note.Delayed.DR"),
        (&["delivered", "failed", "delayed"], "REPORT.IPM.Note.NDR"),
    ] {
        let fields: String = actions
            .iter()
            .map(|action| format!("Final-Recipient: rfc822; a@b.example\r\nAction: {action}\r\nStatus: 2.0.0\r\n\r\n"))
            .collect();
        let item = item(delivery(&format!("Reporting-MTA: dns; x\r\n\r\n{fields}")).as_bytes());
        assert_eq!(item.message.class().unwrap().as_deref(), Some(class));
    }
}

#[test]
fn a_report_that_tells_of_nobody_is_a_mail() {
    let item = item(delivery("Reporting-MTA: dns; x\r\n").as_bytes());
    assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Note"));
    assert_eq!(item.people(RecipientKind::To), [("Ann".to_owned(), "ann@a.example".to_owned())]);
    assert_eq!(item.attachments().len(), 2, "the status part is a file");
    assert_eq!(
        item.told(),
        [(LossKind::Changed, "part 2 (message/delivery-status): tells of nobody; the report is an ordinary mail")]
    );
}

#[test]
fn headers_alone_are_a_message_without_a_body() {
    let text =
        delivery("Reporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; a@b\r\nAction: failed\r\nStatus: 5.0.0\r\n")
            .replace("message/rfc822", "text/rfc822-headers");
    let item = item(text.as_bytes());
    let original = item.attachments()[0].message().unwrap().unwrap();
    assert_eq!(original.subject().unwrap().as_deref(), Some("Lunch"));
    assert_eq!(item.text(0x0049).as_deref(), Some("Lunch"));
}

#[test]
fn reports_on_reading() {
    for (word, class) in
        [("displayed", Some("REPORT.IPM.Note.IPNRN")), ("deleted/x", Some("REPORT.IPM.Note.IPNNRN")), ("denied", None)]
    {
        let text = format!(
            "{HEAD}Content-Type: multipart/report; report-type=disposition-notification; boundary=r\r\n\r\n--r\r\n\r\nRead.\r\n\
             --r\r\nContent-Type: message/disposition-notification\r\n\r\nReporting-UA: x\r\nFinal-Recipient: rfc822; bob@b.example\r\n\
             Original-Message-ID: <1@a.example>\r\nDisposition: manual-action/MDN-sent-manually; {word}\r\n\
             X-MSExch-Correlation-Key: AAEC\r\n\r\n--r--\r\n"
        );
        let item = item(text.as_bytes());
        assert_eq!(item.message.class().unwrap().as_deref(), Some(class.unwrap_or("IPM.Note")));
        assert_eq!(item.people(RecipientKind::To).len(), 1);
        assert_eq!(item.body().as_deref(), Some("Read."));
        if class.is_some() {
            assert_eq!(item.text(0x0080), word.split('/').next().map(str::to_owned));
            assert_eq!(item.text(0x1046).as_deref(), Some("<1@a.example>"));
            assert_eq!(item.bytes(0x0025), Some(vec![0, 1, 2]));
            assert_eq!(item.attachments().len(), 0);
            assert_eq!(
                item.told(),
                [(LossKind::NoPlace, "part 2 (message/disposition-notification): reporting-ua, final-recipient")]
            );
        } else {
            assert_eq!(item.attachments().len(), 1);
        }
    }
}

fn invitation(method: &str, event: &str) -> String {
    format!(
        "{HEAD}Subject: Meeting\r\nContent-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n\r\nCome.\r\n--a\r\n\
         Content-Type: text/calendar; charset=utf-8; method={method}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n\
         BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VTIMEZONE\r\nTZID:X\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\n\
         END:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:u1@a.example\r\n{event}END:VEVENT\r\nEND:VCALENDAR\r\n--a--\r\n"
    )
}

const EVENT: &str = "DTSTART:20260105T093000Z\r\nDTEND:20260105T100000Z\r\nLOCATION:Room 1\\, left\r\nSEQUENCE:2\r\n";

#[test]
fn an_invitation_is_a_meeting_request() {
    let text = invitation("REQUEST", EVENT);
    let item = item(text.as_bytes());
    assert_eq!(item.told(), []);
    assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Schedule.Meeting.Request"));
    let appointment = |number| item.named(Guid::PSETID_APPOINTMENT, number);
    let start = item.message.time(appointment(0x820D)).unwrap().unwrap();
    let end = item.message.time(appointment(0x820E)).unwrap().unwrap();
    assert_eq!(
        (start.to_rfc3339(), end.to_rfc3339()),
        ("2026-01-05T09:30:00.0000000Z".to_owned(), "2026-01-05T10:00:00.0000000Z".to_owned())
    );
    assert_eq!(item.text(appointment(0x8208)).as_deref(), Some("Room 1, left"));
    assert_eq!(item.number(appointment(0x8201)), Some(2));
    let id = item.bytes(item.named(Guid::PSETID_MEETING, 3)).unwrap();
    assert!(id.ends_with(b"vCal-Uid\x01\0\0\0u1@a.example\0"));
    // The calendar, byte for byte.
    let stream = item.bytes(appointment(0x827A)).unwrap();
    let from = text.find("BEGIN:VCALENDAR").unwrap();
    let until = text.find("\r\n--a--").unwrap();
    assert_eq!(String::from_utf8(stream).unwrap(), text[from..until]);
    assert_eq!(item.body().as_deref(), Some("Come."));
    assert_eq!(item.attachments().len(), 0);
}

#[test]
fn answers_and_cancellations() {
    let class =
        |method: &str, event: &str| item(invitation(method, event).as_bytes()).message.class().unwrap().unwrap();
    assert_eq!(class("CANCEL", EVENT), "IPM.Schedule.Meeting.Canceled");
    for (answer, expected) in [("ACCEPTED", "Pos"), ("DECLINED", "Neg"), ("TENTATIVE", "Tent")] {
        let event = format!("{EVENT}ATTENDEE;PARTSTAT={answer};CN=\"a:b\":mailto:b@c\r\n");
        assert_eq!(class("REPLY", &event), format!("IPM.Schedule.Meeting.Resp.{expected}"));
    }
}

#[test]
fn a_calendar_that_is_no_meeting_is_a_file() {
    for (method, event) in
        [("PUBLISH", EVENT), ("REPLY", EVENT), ("REPLY", "ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:x\r\n")]
    {
        let item = item(invitation(method, event).as_bytes());
        assert_eq!(item.message.class().unwrap().as_deref(), Some("IPM.Note"));
        assert_eq!(
            item.told(),
            [(
                LossKind::Changed,
                &*format!("part 2 (text/calendar): method {method:?} makes no meeting message; it is attached")
            )]
        );
        assert!(data(&item.attachments()[0]).starts_with(b"BEGIN:VCALENDAR"));
    }
}

#[test]
fn days_and_time_zones() {
    let item =
        item(invitation("REQUEST", "DTSTART;VALUE=DATE:20260105\r\nDTEND;TZID=X:20260106T000000\r\n").as_bytes());
    assert_eq!(item.bytes(item.named(Guid::PSETID_APPOINTMENT, 0x8215)), Some(vec![1]));
    assert_eq!(
        item.told(),
        [(LossKind::NoPlace, "part 2 (text/calendar): DTEND has no known time zone and is in the calendar only")]
    );
}
