use proptest::prelude::*;

use super::*;

fn address(address: &str) -> Party {
    Party { name: None, address: Some(address.to_owned()) }
}

fn recipient(role: JournalRole, who: &str, via: &[(RedirectionKind, &str)]) -> JournalRecipient {
    let via = via.iter().map(|(kind, from)| Redirection { kind: *kind, from: address(from) }).collect();
    JournalRecipient { role, party: address(who), via }
}

fn kinds(envelope: &Envelope) -> Vec<(WarningKind, usize)> {
    envelope.warnings.iter().map(|warning| (warning.kind, warning.line)).collect()
}

const FULL: &str = "Sender: office@x.example\r\n\
    On-Behalf-Of: council@x.example\r\n\
    Subject: Tariff: draft 3, Expanded: annex B\r\n\
    Message-Id: <1@x.example>\r\n\
    Label: Internal only\r\n\
    Mailbox: owner@x.example\r\n\
    SentUtc: 11/3/2014 4:40:05 PM\r\n\
    Received: 3/11/2014 16:40:07\r\n\
    To: a@x.example, Expanded: list@x.example\r\n\
    Cc: b@x.example, Forwarded: c@x.example\r\n\
    Bcc: [EX:/o=ORG/cn=D]\r\n\
    Recipient: e@x.example\r\n\
    X-Own: something\r\n";

#[test]
fn every_field_of_the_later_format() {
    let found = Envelope::parse(FULL);
    let expected = Envelope {
        format: EnvelopeFormat::Exchange2007,
        sender: Some(address("office@x.example")),
        on_behalf_of: Some(address("council@x.example")),
        subject: Some("Tariff: draft 3, Expanded: annex B".to_owned()),
        message_id: Some("<1@x.example>".to_owned()),
        label: Some("Internal only".to_owned()),
        mailbox: Some(address("owner@x.example")),
        sent: Some("11/3/2014 4:40:05 PM".to_owned()),
        received: Some("3/11/2014 16:40:07".to_owned()),
        recipients: vec![
            recipient(JournalRole::To, "a@x.example", &[(RedirectionKind::Expanded, "list@x.example")]),
            recipient(JournalRole::Cc, "b@x.example", &[(RedirectionKind::Forwarded, "c@x.example")]),
            recipient(JournalRole::Bcc, "/o=ORG/cn=D", &[]),
            recipient(JournalRole::Recipient, "e@x.example", &[]),
        ],
        extras: vec![ExtraField { name: "X-Own".to_owned(), value: "something".to_owned() }],
        warnings: vec![Warning { kind: WarningKind::RecipientWithoutSmtp, line: 11 }],
    };
    assert_eq!(found, expected);
    assert!(found.is_sound());
    // Line ends, letters and order are the server's affair.
    let shuffled: Vec<&str> = FULL.lines().rev().skip(1).collect();
    for text in [FULL.replace("\r\n", "\n"), FULL.replace("\r\n", "\r"), FULL.to_ascii_lowercase(), shuffled.join("\n")]
    {
        let again = Envelope::parse(&text);
        assert_eq!(again.recipients.len(), 4);
        assert!(again.is_sound());
        assert_eq!(again.sender, Some(address("office@x.example")));
    }
}

#[test]
fn the_older_format() {
    let text = "\r\nSender:\t\"Joe\" <joe@x.example>\r\nMessage-ID: <1@x.example>\r\nRecipients:\r\n\
        \t\"Ann, A.\" <ann@x.example>\r\n  bob@x.example\r\nNobody Known\r\n\t</O=ORG/CN=C>\r\n\r\n";
    let found = Envelope::parse(text);
    assert_eq!(found.format, EnvelopeFormat::Exchange2003);
    assert_eq!(found.sender, Some(Party { name: Some("Joe".to_owned()), address: Some("joe@x.example".to_owned()) }));
    let parties: Vec<_> =
        found.recipients.iter().map(|one| (one.party.name.as_deref(), one.party.address.as_deref())).collect();
    assert_eq!(
        parties,
        [
            (Some("Ann, A."), Some("ann@x.example")),
            (None, Some("bob@x.example")),
            (Some("Nobody Known"), None),
            (None, Some("/O=ORG/CN=C")),
        ]
    );
    assert!(found.recipients.iter().all(|one| one.role == JournalRole::Unspecified && one.via.is_empty()));
    assert_eq!(kinds(&found), [(WarningKind::RecipientWithoutSmtp, 7), (WarningKind::RecipientWithoutSmtp, 8)]);
    assert!(found.is_sound());
}

#[test]
fn damaged_ones_say_what_is_wrong() {
    use WarningKind::*;
    for (text, warnings, recipients) in [
        ("", vec![(NoSender, 0), (NoMessageId, 0), (NoRecipients, 0)], 0),
        ("Sender: a@x.example\nMessage-ID: <>\n", vec![(NoRecipients, 0)], 0),
        ("Sender: a@x.example\nTo: b@x.example", vec![(NoMessageId, 0)], 1),
        ("Sender:\nMessage-ID: <1>\nTo: b@x.example", vec![(NoSender, 0)], 1),
        ("Sender: a@x.example\nSender: b@x.example\nMessage-ID: <1>\nTo: c@x.example", vec![(RepeatedField, 2)], 1),
        ("Hello,\nlook:\n\nSender: a@x.example\nMessage-ID: <1>\nTo: c@x.example", vec![(TextBefore, 1)], 1),
        ("Sender: a@x.example\nMessage-ID: <1>\nTo: c@x.example\n\nRegards", vec![(TextAfter, 5)], 1),
        ("Sender: a@x.example\nMessage-ID: <1>\nno field\nTo: c@x.example", vec![(StrayLine, 3)], 1),
        (
            "Sender: a@x.example\nMessage-ID: <1>\nTo: c@x.example, Expanded: d@x.example, forwarded: e@x.example",
            vec![(SeveralRedirections, 3)],
            1,
        ),
    ] {
        let found = Envelope::parse(text);
        assert_eq!((kinds(&found), found.recipients.len()), (warnings, recipients), "{text}");
    }
}

#[test]
fn folded_lines_and_lists() {
    let found = Envelope::parse(
        "Sender: a@x.example\nSubject: one\n two\nMessage-ID:\n <1@x.example>\nTo: b@x.example; c@x.example,\n Expanded: d@x.example\nCc: e@x.example, f@x.example\n",
    );
    assert_eq!(found.subject.as_deref(), Some("one two"));
    assert_eq!(found.message_id.as_deref(), Some("<1@x.example>"));
    let expected = [
        recipient(JournalRole::To, "b@x.example", &[]),
        recipient(JournalRole::To, "c@x.example", &[(RedirectionKind::Expanded, "d@x.example")]),
        recipient(JournalRole::Cc, "e@x.example", &[]),
        recipient(JournalRole::Cc, "f@x.example", &[]),
    ];
    assert_eq!(found.recipients, expected);
    assert_eq!(found.warnings, []);
}

#[test]
fn texts_that_begin_as_envelopes_do() {
    for (text, begins) in [
        ("Sender: a@x.example", true),
        ("\u{FEFF}\r\n \r\nsender : a@x.example", true),
        ("Message-ID: <1>", true),
        ("Dear Sender: hello", false),
        ("Regards: x", false),
        ("", false),
    ] {
        assert_eq!(Envelope::begins(text), begins, "{text}");
    }
}

#[test]
fn hostile_lines_take_no_time() {
    let many = |piece: &str| piece.repeat(400_000 / piece.len());
    let mixed = format!("To: {}{}", many("a@x.example,"), many(", Expanded: b@x.example"));
    for line in [many(","), many(", Expanded:"), many(";"), many("<"), many("\""), many(" , "), many("a: "), mixed] {
        for field in ["To: ", "Sender: ", "Recipients:\n", ""] {
            let start = std::time::Instant::now();
            let found = Envelope::parse(&format!("{field}{line}\n"));
            assert!(found.recipients.iter().all(|one| one.via.len() <= 16));
            assert!(start.elapsed().as_secs() < 5, "{field}{:.20} took {:?}", line, start.elapsed());
        }
    }
}

/// Each recipient of a list used to get a copy of whatever stood behind it.
#[test]
fn redirections_are_not_multiplied() {
    let people = "ann@x.example,".repeat(20_000) + "bob@x.example";
    let list = format!("To: {people}, Expanded: all@x.example\n");
    let envelope = Envelope::parse(&list);
    assert_eq!(envelope.recipients.len(), 20_001);
    assert!(envelope.recipients.iter().all(|one| one.via.len() == 1));
    let long = format!("{people}, Expanded: {}", "l".repeat(100_000));
    let envelope = Envelope::parse(&format!("Sender: s@x.example\nTo: {long}\nCc: c@x.example\n"));
    assert_eq!(envelope.recipients, [recipient(JournalRole::Cc, "c@x.example", &[])]);
    assert_eq!(envelope.extras, [ExtraField { name: "to".to_owned(), value: long }]);
    assert_eq!(kinds(&envelope), [(WarningKind::TooLong, 2), (WarningKind::NoMessageId, 0)]);
}

#[test]
fn what_is_too_much_is_kept_in_one_piece() {
    let text = format!("Sender: s@x.example\nMessage-ID: <1>\nRecipients:\n{}end", "a@b.c\n".repeat(300_000));
    let envelope = Envelope::parse(&text);
    assert_eq!((envelope.recipients.len(), envelope.extras.len()), (200_000, 1));
    assert_eq!(envelope.extras[0].value, "a@b.c\n".repeat(100_000) + "end");
    assert_eq!(kinds(&envelope), [(WarningKind::TooLong, 200_004)]);
    let line = "a@b.c;".repeat(300_000);
    let envelope = Envelope::parse(&format!("To: {line}\nX: y\n"));
    assert_eq!((envelope.recipients.len(), envelope.extras.len()), (0, 2));
    assert_eq!(envelope.extras[0].value, line);
}

#[test]
fn message_ids() {
    for (id, bare) in [(" <a@b> ", Some("a@b")), ("a@b", Some("a@b")), ("<>", None), ("", None), ("< a >", Some("a"))] {
        assert_eq!(bare_message_id(id), bare);
    }
}

proptest! {
    #[test]
    fn written_envelopes_read_back(
        who in prop::collection::vec((0usize..4, "[a-z]{1,6}", prop::option::of((any::<bool>(), "[a-z]{1,6}"))), 1..10),
    ) {
        let roles = [JournalRole::To, JournalRole::Cc, JournalRole::Bcc, JournalRole::Recipient];
        let words = ["To", "Cc", "Bcc", "Recipient"];
        let mut text = String::from("Sender: s@x.example\r\nSubject: x\r\nMessage-ID: <1>\r\n");
        let mut expected = Vec::new();
        for (role, name, via) in &who {
            text.push_str(&format!("{}: {name}@x.example", words[*role]));
            let via: Vec<(RedirectionKind, String)> = via
                .iter()
                .map(|(list, from)| {
                    (if *list { RedirectionKind::Expanded } else { RedirectionKind::Forwarded }, format!("{from}@y.example"))
                })
                .collect();
            for (kind, from) in &via {
                text.push_str(&format!(", {}: {from}", if *kind == RedirectionKind::Expanded { "Expanded" } else { "Forwarded" }));
            }
            text.push_str("\r\n");
            let via: Vec<(RedirectionKind, &str)> = via.iter().map(|(kind, from)| (*kind, from.as_str())).collect();
            expected.push(recipient(roles[*role], &format!("{name}@x.example"), &via));
        }
        let found = Envelope::parse(&text);
        prop_assert_eq!(found.recipients, expected);
        prop_assert_eq!(found.warnings, vec![]);
    }

    #[test]
    fn any_text_is_read(text in "(Sender|To|Recipients|X|[ \t\r\n:,;<>@\\[\\]a\0]){0,40}") {
        let found = Envelope::parse(&text);
        prop_assert_eq!(found.has(WarningKind::NoRecipients), found.recipients.is_empty());
    }
}
