//! Header fields: those the mail came with, and those made from properties (MS-OXCMAIL 2.1.3.2).

use pst_core::Guid;
use pst_core::convert::LossKind;
use pst_core::convert::to_mime::{DateSource, HeaderSource, Options};
use pst_core::ltp::id;
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::MessageDraft;

use crate::{convert, convert_with, date, letter};

#[test]
fn everything_from_properties() {
    let mut draft = letter();
    draft.body("Hi.\r\n");
    let mail = convert(draft);
    assert_eq!(
        mail.text,
        "Date: Sun, 13 Sep 2020 12:26:40 +0000\r\n\
         From: Ann <ann@example.com>\r\n\
         To: Bob <bob@example.com>\r\n\
         Subject: Plan\r\n\
         Message-ID: <1@example.com>\r\n\
         Thread-Topic: Plan\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: text/plain; charset=us-ascii\r\n\
         Content-Transfer-Encoding: quoted-printable\r\n\
         \r\n\
         Hi.\r\n"
    );
    assert_eq!(mail.losses(), [""; 0]);
    assert_eq!((mail.converted.headers, mail.converted.date), (HeaderSource::Synthesised, DateSource::Submitted));
    assert_eq!(mail.converted.message_id, "<1@example.com>");
}

#[test]
fn headers_the_mail_came_with_stay_in_order_and_raw() {
    let mut draft = letter();
    draft.subject("RE: Grüße").body("Hi.").headers(
        "Microsoft Mail Internet Headers Version 2.0\r\n\
         Received: from a.example.com\r\n\tby b.example.com; Sun, 13 Sep 2020 14:26:41 +0200\r\n\
         DKIM-Signature: v=1; a=rsa-sha256;\r\n  b=abc\r\n\
         MIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed;\r\n\tboundary=\"old\"\r\n\
         Date: Sun, 13 Sep 2020 14:26:40 +0200\r\n\
         Subject: =?iso-8859-1?Q?RE:_Gr=FC=DFe?=\r\n\
         From: \"Ann A.\" <ann@example.com>\r\n\
         To: bob@example.com\r\n\
         Message-ID: <1@example.com>\r\n\
         X-Empty:\r\n\
         \r\n\
         --old\r\nContent-Type: text/plain\r\n",
    );
    let mail = convert(draft);
    assert_eq!(
        mail.fields(),
        "Received: from a.example.com\r\n\tby b.example.com; Sun, 13 Sep 2020 14:26:41 +0200\r\n\
         DKIM-Signature: v=1; a=rsa-sha256;\r\n  b=abc\r\n\
         Date: Sun, 13 Sep 2020 14:26:40 +0200\r\n\
         Subject: =?iso-8859-1?Q?RE:_Gr=FC=DFe?=\r\n\
         From: \"Ann A.\" <ann@example.com>\r\n\
         To: bob@example.com\r\n\
         Message-ID: <1@example.com>\r\n\
         X-Empty:\r\n",
        "nothing is added: the topic says no more than the subject"
    );
    assert_eq!(mail.losses(), [""; 0]);
    assert_eq!((mail.converted.headers, mail.converted.date), (HeaderSource::Original, DateSource::Original));
}

/// Such a mail used to get a Date of when it was taken in, an address for its sender, and Importance and Thread-Topic.
#[test]
fn what_a_mail_came_without_is_not_made_of_how_it_is_stored() {
    let headers = "From: Moderator\r\nSubject: RE: Plan\r\nMessage-ID: <1@example.com>\r\nX-Priority: 1\r\n\
                   Content-Language: en\r\n";
    let mut draft = MessageDraft::new("IPM.Note");
    draft
        .subject("RE: Plan")
        .sender("Moderator", "moderator")
        .message_id("<1@example.com>")
        .body("Hi.")
        .headers(headers);
    draft.properties().integer32(id::IMPORTANCE, 2);
    let mail = convert(draft);
    assert_eq!(mail.fields(), headers);
    assert_eq!((mail.converted.headers, mail.converted.date), (HeaderSource::Original, DateSource::None));
    // A sender of whom the store knows more.
    let mut draft = MessageDraft::new("IPM.Note");
    draft.sender("Moderator", "moderator@example.com").message_id("<1@example.com>").body("Hi.").headers(headers);
    let mail = convert(draft);
    assert!(mail.fields().contains("From: Moderator <moderator@example.com>\r\n"), "{}", mail.fields());
}

#[test]
fn what_is_missing_is_completed() {
    let mut draft = letter();
    draft
        .cc("Eve", "eve@example.com")
        .body("Hi.")
        .headers("Received: by b\r\nFrom: ann@example.com\r\nTo:\r\nX-A: 1\r\n");
    let mail = convert(draft);
    assert_eq!(
        mail.fields(),
        "Received: by b\r\nFrom: ann@example.com\r\nX-A: 1\r\n\
         Date: Sun, 13 Sep 2020 12:26:40 +0000\r\n\
         To: Bob <bob@example.com>\r\n\
         Cc: Eve <eve@example.com>\r\n\
         Subject: Plan\r\n\
         Message-ID: <1@example.com>\r\n"
    );
    assert_eq!(mail.converted.headers, HeaderSource::Completed);
}

#[test]
fn headers_of_another_mail_are_not_believed() {
    let mut draft = letter();
    draft.body("Hi.").headers("From: eve@example.com\r\nMessage-ID: <2@example.com>\r\nSubject: Other\r\n");
    let mail = convert(draft);
    assert!(mail.fields().contains("From: Ann <ann@example.com>\r\n") && !mail.text.contains("Other"));
    assert_eq!(mail.losses(), ["no-place: 0x007d001f: they are of another mail, <2@example.com>"]);
    assert_eq!(mail.converted.headers, HeaderSource::Synthesised);
}

#[test]
fn a_subject_that_was_changed_later_counts_and_a_date_that_is_none_does_not() {
    let mut draft = letter();
    draft.body("Hi.").headers(
        "From: ann@example.com\r\nTo: bob@example.com\r\nMessage-ID: <1@example.com>\r\n\
         Date: yesterday\r\nSubject: Old\r\n",
    );
    let mail = convert(draft);
    assert!(mail.fields().contains("Subject: Plan\r\n") && !mail.text.contains("Subject: Old"));
    assert!(mail.fields().contains("Date: Sun, 13 Sep 2020 12:26:40 +0000\r\n"));
    assert_eq!(
        mail.lost(LossKind::Changed),
        ["the Date header is no date: yesterday", "the subject was changed after the mail came"]
    );
}

#[test]
fn headers_with_characters_they_cannot_have() {
    let mut draft = letter();
    draft.body("Hi.").headers(
        "From: J\u{f6}rn <ann@example.com>\r\nMessage-ID: <1@example.com>\r\nX-Note: Gr\u{fc}\u{df}e\r\n\
         To: bob@example.com\r\n",
    );
    let mail = convert(draft);
    assert!(mail.text.is_ascii());
    let fields = mail.fields();
    assert!(fields.starts_with("X-Original-From: =?utf-8?Q?J=C3=B6rn_<ann@example.com>?=\r\n"), "{fields}");
    assert!(fields.contains("X-Note: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"));
    assert!(fields.contains("\r\nFrom: Ann <ann@example.com>\r\n"));
    assert_eq!(mail.losses(), ["changed: the header From has characters that a header cannot have"]);
}

#[test]
fn ratings_receipts_threads_and_lists() {
    const AUTO_RESPONSE: u16 = 0x3FDF;
    let mut draft = letter();
    draft.body("Hi.");
    draft
        .properties()
        .integer32(id::IMPORTANCE, 2)
        .integer32(id::SENSITIVITY, 3)
        .integer32(0x0026, -1)
        .boolean(0x0029, true)
        .boolean(0x0023, true)
        .integer32(AUTO_RESPONSE, 0x12)
        .binary(0x0071, vec![0xFF; 27])
        .time(0x0015, date())
        .time(0x0030, date())
        .text(id::IN_REPLY_TO_ID, "<0@example.com>")
        .text(id::INTERNET_REFERENCES, format!("<{}@example.com>\t<0@example.com>", "x".repeat(70)))
        .text(0x1044, "<mailto:on@example.com>");
    let mail = convert(draft);
    let (_, rest) = mail.fields().split_once("Subject: Plan\r\n").unwrap();
    assert_eq!(
        rest,
        format!(
            "Message-ID: <1@example.com>\r\n\
             In-Reply-To: <0@example.com>\r\n\
             References: <{}@example.com>\r\n <0@example.com>\r\n\
             Thread-Topic: Plan\r\n\
             Thread-Index: ////////////////////////////////////\r\n\
             Importance: high\r\n\
             X-Priority: 1\r\n\
             Priority: non-urgent\r\n\
             Sensitivity: company-confidential\r\n\
             X-Auto-Response-Suppress: NDR, OOF\r\n\
             List-Subscribe: <mailto:on@example.com>\r\n\
             Expiry-Date: Sun, 13 Sep 2020 12:26:40 +0000\r\n\
             Reply-By: Sun, 13 Sep 2020 12:26:40 +0000\r\n",
            "x".repeat(70)
        )
    );
    assert!(mail.fields().contains("Disposition-Notification-To: Ann <ann@example.com>\r\n"));
    assert!(mail.fields().contains("Return-Receipt-To: Ann <ann@example.com>\r\n"));
    assert_eq!(mail.losses(), [""; 0]);
}

#[test]
fn named_properties_that_are_headers() {
    let mail = convert_with(&Options::default(), |out| {
        let mut name = |set: Guid, name: &str| {
            out.named_property(PropertySet::from_guid(set), PropertyName::String(name.to_owned())).unwrap()
        };
        let keywords = name(Guid::PS_PUBLIC_STRINGS, "Keywords");
        let header = name(Guid::PS_INTERNET_HEADERS, "X-Custom");
        let language = name(Guid::PS_INTERNET_HEADERS, "acceptlanguage");
        let old_type = name(Guid::PS_INTERNET_HEADERS, "Content-Type");
        let content_class = name(Guid::PS_INTERNET_HEADERS, "Content-Class");
        let subject = name(Guid::PS_INTERNET_HEADERS, "Subject");
        let bad = name(Guid::PS_INTERNET_HEADERS, "not a name");
        let fax = name(Guid::PSETID_UNIFIED_MESSAGING, "X-FaxNumberOfPages");
        let mut number =
            |number| out.named_property(PropertySet::Guid(Guid::PSETID_COMMON), PropertyName::Number(number)).unwrap();
        let (flag, classified, text, keep) = (number(0x8530), number(0x85B5), number(0x85B6), number(0x85BA));
        let mut draft = letter();
        draft.body("Hi.");
        draft
            .properties()
            .texts(keywords, ["Red", "Größe"])
            .text(header, "a b")
            .text(language, "de-DE")
            .text(old_type, "text/html")
            .text(content_class, "voice")
            .text(subject, "Other")
            .text(bad, "x")
            .integer32(fax, 3)
            .text(flag, "Call")
            .boolean(classified, true)
            .text(text, "Secret")
            .boolean(keep, true);
        draft
    });
    let (_, rest) = mail.fields().split_once("Thread-Topic: Plan\r\n").unwrap();
    assert_eq!(
        rest,
        "Keywords: =?utf-8?Q?Red,_Gr=C3=B6=C3=9Fe?=\r\n\
         X-Message-Flag: Call\r\n\
         X-Microsoft-Classified: true\r\n\
         X-Microsoft-ClassKeep: true\r\n\
         X-Microsoft-Classification: Secret\r\n\
         X-Custom: a b\r\n\
         Accept-Language: de-DE\r\n\
         Content-Class: voice\r\n\
         X-FaxNumberOfPages: 3\r\n"
    );
    assert!(!mail.text.contains("Other"));
}

#[test]
fn dates_come_from_what_is_known_and_never_from_now() {
    let when = |build: fn(&mut MessageDraft)| {
        let mut draft = MessageDraft::new("IPM.Note");
        draft.subject("x").body("Hi.");
        build(&mut draft);
        let mail = convert(draft);
        let line = mail.fields().lines().find(|line| line.starts_with("Date:")).map(str::to_owned);
        (line, mail.converted.date)
    };
    let text = Some("Date: Sun, 13 Sep 2020 12:26:40 +0000".to_owned());
    let delivered = when(|draft| {
        draft.properties().time(id::MESSAGE_DELIVERY_TIME, date());
    });
    assert_eq!(delivered, (text.clone(), DateSource::Delivered));
    assert_eq!(when(|_| {}), (text, DateSource::Created));
    let draft = when(|draft| {
        draft.properties().integer32(id::MESSAGE_FLAGS, 8);
    });
    assert_eq!(draft, (None, DateSource::None));
    // As messages in messages are marked.
    let sent = when(|draft| {
        draft.properties().integer32(id::MESSAGE_FLAGS, 8).time(id::CLIENT_SUBMIT_TIME, date());
    });
    assert_eq!(sent, (Some("Date: Sun, 13 Sep 2020 12:26:40 +0000".to_owned()), DateSource::Submitted));
}

#[test]
fn a_draft_is_marked_and_a_message_id_is_made_up_once_for_all_copies() {
    let build = || {
        let mut draft = MessageDraft::new("IPM.Note");
        draft.subject("x").body("Hi.").created(date(), date());
        draft.properties().integer32(id::MESSAGE_FLAGS, 8).binary(0x300B, *b"a key that copies keep");
        draft
    };
    let mail = convert(build());
    assert!(mail.fields().contains("X-Unsent: 1\r\n"));
    let id = mail.converted.message_id.clone();
    assert!(id.starts_with('<') && id.ends_with("@pst.invalid>") && id.len() == 46, "{id}");
    assert_eq!(mail.losses(), [format!("made-up: the message has no message id; {id} stands for it")]);
    // In another place of another store.
    let copy = convert_with(&Options::default(), |out| {
        let other = out.folder(out.ipm_subtree(), "Other").unwrap();
        out.message(other, MessageDraft::new("IPM.Note")).unwrap();
        build()
    });
    assert_eq!(copy.converted.message_id, id);
    let mut options = Options::default();
    options.domain = "archive.example".to_owned();
    assert!(convert_with(&options, |_| build()).converted.message_id.ends_with("@archive.example>"));
}

#[test]
fn long_subjects_and_odd_message_ids() {
    let mut draft = letter();
    draft
        .subject(&format!("{} {}", "word ".repeat(30).trim(), "x".repeat(2000)))
        .message_id(" 7@example.com ")
        .body("Hi.");
    let mail = convert(draft);
    assert!(mail.text.split("\r\n").all(|line| line.len() <= 998));
    assert_eq!(mail.converted.message_id, "<7@example.com>");
    let mut draft = letter();
    draft.message_id("<a b@example.com>").body("Hi.");
    let mail = convert(draft);
    assert_eq!(mail.lost(LossKind::Changed), ["the message id cannot stand in a header: <a b@example.com>"]);
    assert_eq!(mail.lost(LossKind::MadeUp).len(), 1);
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let (pst, nid) = crate::store(|_| letter());
    let names = pst.named_properties().unwrap();
    for domain in ["", "a b", "x\r\nBcc: eve@example.com", &"x".repeat(61)] {
        let mut options = Options::default();
        options.domain = domain.to_owned();
        let written = pst_core::convert::to_mime::write_mail(&pst.message(nid).unwrap(), &names, Vec::new(), &options);
        assert_eq!(written.unwrap_err().kind(), pst_core::ErrorKind::InvalidInput, "{domain}");
    }
}
