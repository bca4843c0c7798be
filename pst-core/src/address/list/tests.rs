use proptest::prelude::*;

use super::*;

fn mailbox(name: Option<&str>, address: Option<&str>) -> ListEntry {
    ListEntry::Mailbox(plain(name, address))
}

fn plain(name: Option<&str>, address: Option<&str>) -> Mailbox {
    Mailbox { name: name.map(str::to_owned), address: address.map(str::to_owned) }
}

#[test]
fn one_mailbox() {
    for (text, name, address) in [
        ("john@x.example", None, Some("john@x.example")),
        ("<john@x.example>", None, Some("john@x.example")),
        ("John Smith <john@x.example>", Some("John Smith"), Some("john@x.example")),
        ("\"Smith, John\" <john@x.example>", Some("Smith, John"), Some("john@x.example")),
        ("\"a \\\"b\\\" c\" <a@x.example>", Some("a \"b\" c"), Some("a@x.example")),
        ("john@x.example (John Smith)", Some("John Smith"), Some("john@x.example")),
        ("(first) John (second (nested)) <john@x.example>", Some("John"), Some("john@x.example")),
        ("=?utf-8?q?=C3=89lodie?= Garnier\r\n <e@x.example>", Some("Élodie Garnier"), Some("e@x.example")),
        ("=?iso-8859-1?Q?J=FCr?= =?iso-8859-1?Q?gen?= <j@x.example>", Some("Jürgen"), Some("j@x.example")),
        ("=?utf-8?B?w5xiZXI=?= <u@x.example>", Some("Über"), Some("u@x.example")),
        ("\"=?utf-8?Q?J=C3=BCrgen?=\" <j@x.example>", Some("Jürgen"), Some("j@x.example")),
        ("=?utf-8?Q?Smith, John?= <j@x.example>", Some("Smith, John"), Some("j@x.example")),
        ("J. R. R. Tolkien <jrr@x.example>", Some("J. R. R. Tolkien"), Some("jrr@x.example")),
        ("\"John\" \"Smith\" Jr <j@x.example>", Some("John Smith Jr"), Some("j@x.example")),
        ("Jürgen <jürgen@x.example>", Some("Jürgen"), Some("jürgen@x.example")),
        ("\"john doe\"@x.example", None, Some("\"john doe\"@x.example")),
        ("<\"a>b\"@x.example>", None, Some("\"a>b\"@x.example")),
        ("john . smith @ x . example", None, Some("john.smith@x.example")),
        ("John john@x.example", Some("John"), Some("john@x.example")),
        ("<@one.example,@two.example:joe@x.example>", None, Some("joe@x.example")),
        ("joe@[IPv6:2001:db8::1]", None, Some("joe@[IPv6:2001:db8::1]")),
        ("[EX:/o=ORG/cn=a,b@c]", None, Some("[EX:/o=ORG/cn=a,b@c]")),
        ("Workshop </O=DELTA/OU=LAGOS/CN=WORKSHOP>", Some("Workshop"), Some("/O=DELTA/OU=LAGOS/CN=WORKSHOP")),
        ("joe@x.example\0", None, Some("joe@x.example")),
        ("Name <>", Some("Name"), None),
    ] {
        let list = AddressList::parse(text);
        assert_eq!(list.entries, [mailbox(name, address)], "{text}");
        let fault = address.is_none().then_some(ListFault::NoAddress);
        assert_eq!(list.faults, Vec::from_iter(fault), "{text}");
    }
}

#[test]
fn lists_and_groups() {
    let list = AddressList::parse(
        "a@x.example, \"B, b\" <b@x.example>,, Team: c@x.example, D <d@x.example>;, undisclosed-recipients:;\r\n\t, e@x.example",
    );
    assert_eq!(
        list.entries,
        [
            mailbox(None, Some("a@x.example")),
            mailbox(Some("B, b"), Some("b@x.example")),
            ListEntry::Group {
                name: "Team".to_owned(),
                members: vec![plain(None, Some("c@x.example")), plain(Some("D"), Some("d@x.example"))],
            },
            ListEntry::Group { name: "undisclosed-recipients".to_owned(), members: Vec::new() },
            mailbox(None, Some("e@x.example")),
        ]
    );
    assert_eq!(list.faults, []);
    assert_eq!(list.mailboxes().count(), 5);
    // As some mailers part them.
    let list = AddressList::parse("a@x.example; b@x.example");
    assert_eq!(list.entries, [mailbox(None, Some("a@x.example")), mailbox(None, Some("b@x.example"))]);
    assert_eq!(AddressList::parse(" \r\n ").entries, []);
}

#[test]
fn faults_are_told_and_nothing_is_lost() {
    for (text, entries, faults) in [
        ("\"John <j@x.example>", vec![mailbox(Some("\"John"), Some("j@x.example"))], vec![ListFault::UnclosedQuote]),
        (
            "John (j <j@x.example>",
            vec![mailbox(Some("John (j"), Some("j@x.example"))],
            vec![ListFault::UnclosedComment],
        ),
        ("John <j@x.example", vec![mailbox(Some("John"), Some("<j@x.example"))], vec![ListFault::UnclosedAngle]),
        (
            "j@[1.2, k@x.example",
            vec![mailbox(None, Some("j@[1.2")), mailbox(None, Some("k@x.example"))],
            vec![ListFault::UnclosedLiteral],
        ),
        (
            "Team: a@x.example",
            vec![ListEntry::Group { name: "Team".to_owned(), members: vec![plain(None, Some("a@x.example"))] }],
            vec![ListFault::UnclosedGroup],
        ),
        (
            "<a@x.example> and more",
            vec![mailbox(Some("and more"), Some("a@x.example"))],
            vec![ListFault::TextAfterAddress],
        ),
        (
            "<a@x.example> <b@x.example>",
            vec![mailbox(Some("b@x.example"), Some("a@x.example"))],
            vec![ListFault::TextAfterAddress],
        ),
        (
            "Smith, John <j@x.example>",
            vec![mailbox(Some("Smith"), None), mailbox(Some("John"), Some("j@x.example"))],
            vec![ListFault::NoAddress],
        ),
    ] {
        assert_eq!(AddressList::parse(text), AddressList { entries, faults }, "{text}");
    }
}

#[test]
fn openings_without_end_take_no_time() {
    for opening in ["(", "\"", "<", "[", "(<\"[", "<\">", "<\"\\\">,", "=?a?q?", "a:"] {
        let text = opening.repeat(200_000 / opening.len());
        let start = std::time::Instant::now();
        let _ = AddressList::parse(&text);
        assert!(start.elapsed().as_secs() < 5, "{opening} took {:?}", start.elapsed());
    }
}

#[test]
fn what_is_too_long_is_one_name() {
    let text = "a@x.example,".repeat(200_000);
    let found = AddressList::parse(&text);
    let whole = (2 << 20) / 12;
    assert_eq!(found.entries.len(), whole + 1);
    assert_eq!(found.entries[whole - 1], mailbox(None, Some("a@x.example")));
    assert_eq!(found.entries[whole], mailbox(text.get(whole * 12..), None));
    assert_eq!(found.faults, [ListFault::TooLong]);
    assert_eq!(AddressList::parse(&"ü".repeat(2 << 20)).entries.len(), 2);
}

/// Quotes that never close used to be looked for anew behind each bracket.
#[test]
fn brackets_close_though_quotes_in_them_do_not() {
    let text = "<\"\\\">,".repeat(100_000);
    let found = AddressList::parse(&text);
    assert_eq!(found.entries.len(), 100_000);
    assert!(found.entries.iter().all(|entry| *entry == mailbox(None, Some("\"\\\""))));
    assert_eq!(AddressList::parse("<a <b <c").faults.first(), Some(&ListFault::UnclosedAngle));
}

proptest! {
    #[test]
    fn written_lists_read_back(people in prop::collection::vec(("[ -~äöü]{0,12}", "[a-z]{1,8}@[a-z]{1,8}\\.example"), 1..8)) {
        let quote = |name: &str| name.replace('\\', "\\\\").replace('"', "\\\"");
        let text: Vec<String> = people.iter().map(|(name, address)| format!("\"{}\" <{address}>", quote(name))).collect();
        let list = AddressList::parse(&text.join(",\r\n "));
        let read: Vec<Mailbox> = list.mailboxes().cloned().collect();
        let plain = people.iter().filter(|(name, _)| !name.contains("=?"));
        let expected: Vec<Mailbox> = plain
            .map(|(name, address)| Mailbox { name: Some(name.trim().to_owned()).filter(|name| !name.is_empty()), address: Some(address.clone()) })
            .collect();
        prop_assert_eq!(read.len(), people.len());
        prop_assert!(expected.iter().all(|mailbox| read.contains(mailbox)));
    }

    #[test]
    fn any_text_is_taken(text in "[\"()<>@,:;\\[\\]\\\\ a=?\r\n]{0,60}") {
        let list = AddressList::parse(&text);
        let _ = list.mailboxes().count();
    }
}
