//! Mailboxes in one file.

use std::borrow::Cow;

use proptest::prelude::*;
use pst_core::mime::{FindingKind, Mbox, MboxKind, MboxMessage};

use crate::corpus::samples;

const FROM: &str = "From a@b.example Wed May 17 19:35:05 2000\n";

fn messages(file: &[u8]) -> Vec<MboxMessage<'_>> {
    Mbox::new(file).messages().collect()
}

fn texts(file: &[u8]) -> Vec<String> {
    messages(file).iter().map(|one| String::from_utf8(one.message().into_owned()).unwrap()).collect()
}

fn told(message: &MboxMessage<'_>) -> Vec<FindingKind> {
    message.findings().iter().map(|finding| finding.kind).collect()
}

/// Lines that separate and are headers too used to be read to the last from each of them on.
#[test]
fn separators_that_are_headers_take_no_time() {
    let line = "From : Mon Jan  1 00:00:00 2000\n";
    let file = line.repeat(30_000);
    let start = std::time::Instant::now();
    let found = messages(file.as_bytes());
    // The last has no header behind it and is the only one of the message before.
    assert_eq!(found.len(), 29_999);
    assert!(found[..29_998].iter().all(|one| one.raw().is_empty() && one.envelope_date().is_some()));
    assert_eq!(found.last().map(|last| last.raw()), Some(line.as_bytes()));
    assert!(start.elapsed().as_secs() < 10, "{:?}", start.elapsed());
}

#[test]
fn the_corpus_has_as_many_messages_as_others_count() {
    for (name, truth, bytes) in samples() {
        let Some(expected) = truth.get("mbox_messages").and_then(serde_json::Value::as_u64) else { continue };
        let found = messages(&bytes);
        assert_eq!(found.len() as u64, expected, "{name}");
        assert!(Mbox::is_mbox(&bytes), "{name}");
        for message in &found {
            assert!(message.envelope_sender().is_some() && message.envelope_date().is_some(), "{name}");
            // These two lines end without a line end.
            let cut = ["tika-multiline2.mbox", "tika-quoted.mbox"].contains(&name.as_str());
            let expected: &[FindingKind] = if cut { &[FindingKind::NoFinalLineEnd] } else { &[] };
            assert_eq!(told(message), expected, "{name}");
        }
        if name == "tika-complex.mbox" {
            let subjects: Vec<String> =
                found.iter().filter_map(|one| one.mail().subject().map(Cow::into_owned)).collect();
            assert_eq!(subjects.len(), 3);
        }
    }
}

#[test]
fn messages_and_their_places() {
    let file = format!("{FROM}Subject: 1\n\none\n\n{FROM}Subject: 2\n\ntwo\n");
    let found = messages(file.as_bytes());
    assert_eq!(texts(file.as_bytes()), ["Subject: 1\n\none\n", "Subject: 2\n\ntwo\n"]);
    assert_eq!(found[1].offset(), FROM.len() + 17);
    assert_eq!(found[1].separator(), Some(FROM.trim_end().as_bytes()));
    assert_eq!(found[1].envelope_sender(), Some("a@b.example"));
    assert_eq!(found[1].envelope_date().unwrap().unix_seconds, 958_592_105);
    assert_eq!(&file.as_bytes()[found[1].range()], b"Subject: 2\n\ntwo\n");
    assert!(matches!(found[1].message(), Cow::Borrowed(_)), "nothing is copied without need");
}

#[test]
fn separators_as_programs_write_them() {
    let lines = [
        "From - Wed May 17 19:35:05 2000",
        "From MAILER-DAEMON Wed May  7 19:35:05 2000",
        "From a@b.example Wed May 17 19:35:05 EDT 2000",
        "From a@b.example Wed May 17 19:35:05 2000 -0400",
        "From a@b.example Wed May 17 19:35 2000",
        "From a@b.example Wed, 17 May 2000 19:35:05 -0400",
        "From 1234567890@xxx Wed May 17 19:35:05 +0000 2000",
        "From \"a b\"@c.example Wed May 17 19:35:05 2000 remote from x",
    ];
    for line in lines {
        let file = format!("{line}\nSubject: x\n\ntext\n\n{line}\r\nSubject: y\n\n");
        let found = messages(file.as_bytes());
        assert_eq!(found.len(), 2, "{line}");
        assert!(found.iter().all(|one| one.findings().is_empty()), "{line}");
        assert_eq!(found[1].separator(), Some(line.as_bytes()));
    }
}

#[test]
fn text_that_begins_with_from_is_no_separator() {
    for text in [
        "\nFrom here on all is well.\n",
        "\nFrom: nobody\n",
        "\nFrom Monday to Friday\nWe: work\n",
        "no empty line\nFrom a@b.example Wed May 17 19:35:05 2000\nno header\n",
    ] {
        let file = format!("{FROM}Subject: x\n\n{text}");
        assert_eq!(texts(file.as_bytes()), [format!("Subject: x\n\n{text}")]);
    }
}

#[test]
fn odd_separators_are_told() {
    let file = format!("{FROM}Subject: 1\n\none\n{FROM}Subject: 2\n\ntwo\n\nFrom nobody\nSubject: 3\n\n");
    let found = messages(file.as_bytes());
    assert_eq!(
        found.iter().map(told).collect::<Vec<_>>(),
        [vec![], vec![FindingKind::SeparatorWithoutBlankLine], vec![FindingKind::SeparatorWithoutDate]]
    );
    assert_eq!(found[0].raw(), b"Subject: 1\n\none\n");
}

#[test]
fn what_comes_before_the_first_separator_is_not_lost() {
    let file = format!("Subject: 0\n\nzero\n\n{FROM}Subject: 1\n\n");
    let found = messages(file.as_bytes());
    assert_eq!(told(&found[0]), [FindingKind::NoMboxSeparator]);
    assert_eq!((found[0].separator(), found[0].raw()), (None, &b"Subject: 0\n\nzero\n"[..]));
    assert_eq!(found.len(), 2);
    assert!(!Mbox::is_mbox(file.as_bytes()));
    // Empty lines are nobody's.
    let file = format!("\n\n{FROM}Subject: 1\n\n");
    assert!(Mbox::is_mbox(file.as_bytes()));
    assert_eq!(texts(file.as_bytes()), ["Subject: 1\n"]);
    assert_eq!(messages(b"").len(), 0);
    assert_eq!(messages(b"\n\n").len(), 0);
}

#[test]
fn quotes_are_taken_away_as_the_kind_says() {
    let file = format!("{FROM}Subject: x\n\n>From a\n>>From b\n> From c\n>>Fromage\n");
    let read = |kind| {
        let message = Mbox::new(file.as_bytes()).as_kind(kind).messages().next().unwrap().message().into_owned();
        String::from_utf8(message).unwrap()
    };
    let text = |a: &str, b: &str| format!("Subject: x\n\n{a}\n{b}\n> From c\n>>Fromage\n");
    assert_eq!(read(MboxKind::Rd), text("From a", ">From b"));
    assert_eq!(read(MboxKind::Original), text("From a", ">>From b"));
    assert_eq!(read(MboxKind::ContentLength), text("From a", ">>From b"));
    assert_eq!(read(MboxKind::ContentLength2), text(">From a", ">>From b"));
    assert_eq!(Mbox::new(file.as_bytes()).kind(), MboxKind::Rd);
}

#[test]
fn a_content_length_is_believed_where_it_leads_to_a_separator() {
    let inside = format!("before\n\n{FROM}Subject: not a message\n\nafter\n");
    let length = inside.len();
    let file = format!("{FROM}Content-Length: {length}\n\n{inside}\n{FROM}Content-Length: 4\n\nlast");
    let mbox = Mbox::new(file.as_bytes());
    assert_eq!(mbox.kind(), MboxKind::ContentLength2);
    assert_eq!((mbox.evidence().right_lengths, mbox.evidence().unquoted), (2, 1));
    let found = messages(file.as_bytes());
    assert_eq!(found.len(), 2);
    assert!(found.iter().all(|one| one.findings().is_empty()));
    assert_eq!(found[0].mail().root().body(), inside.as_bytes());
    assert_eq!(found[1].mail().root().body(), b"last");
    // The same with quotes is mboxcl.
    let quoted = inside.replace("From ", ">From ");
    let file = format!("{FROM}Content-Length: {}\n\n{quoted}\n{FROM}Subject: x\n\n", quoted.len());
    assert_eq!(Mbox::new(file.as_bytes()).kind(), MboxKind::ContentLength);
    assert_eq!(messages(file.as_bytes())[0].mail().root().body(), inside.as_bytes());
}

#[test]
fn a_wrong_content_length_is_told_and_not_believed() {
    for length in ["3", "5000", "99999999999999999999", "-1", "x"] {
        let file = format!("{FROM}Content-Length: {length}\n\nsome text\n\n{FROM}Subject: 2\n\n");
        let found = messages(file.as_bytes());
        assert_eq!(found.len(), 2, "{length}");
        assert_eq!(found[0].mail().root().body(), b"some text\n");
        let expected: &[FindingKind] =
            if ["3", "5000"].contains(&length) { &[FindingKind::WrongContentLength] } else { &[] };
        assert_eq!(told(&found[0]), expected, "{length}");
        assert_eq!(Mbox::new(file.as_bytes()).kind(), MboxKind::Rd);
    }
}

#[test]
fn damaged_tails_are_told() {
    let file = format!("{FROM}Subject: 1\n\none\n\n{FROM}Subject: 2\n\ncut he");
    let found = messages(file.as_bytes());
    assert_eq!(told(&found[1]), [FindingKind::NoFinalLineEnd]);
    assert_eq!(found[1].raw(), b"Subject: 2\n\ncut he");
    let mut file = format!("{FROM}Subject: 1\n\none\n").into_bytes();
    file.extend([0; 100]);
    let found = messages(&file);
    assert_eq!(told(&found[0]), [FindingKind::NulTail]);
    assert_eq!(found[0].findings()[0].detail, "100 bytes");
    assert_eq!(found[0].raw(), b"Subject: 1\n\none\n");
}

#[test]
fn crlf_and_cr_mailboxes() {
    for end in ["\r\n", "\r"] {
        let file = format!("{FROM}Subject: 1\n\n>From a\n\n{FROM}Subject: 2\n\n").replace('\n', end);
        assert_eq!(
            texts(file.as_bytes()),
            ["Subject: 1\n\nFrom a\n".replace('\n', end), "Subject: 2\n".replace('\n', end)]
        );
    }
}

/// A small writer of mboxrd.
fn write(messages: &[Vec<u8>]) -> Vec<u8> {
    let mut file = Vec::new();
    for message in messages {
        file.extend_from_slice(FROM.as_bytes());
        for line in message.split_inclusive(|&byte| byte == b'\n') {
            let quotes = line.iter().take_while(|&&byte| byte == b'>').count();
            if line[quotes..].starts_with(b"From ") {
                file.push(b'>');
            }
            file.extend_from_slice(line);
        }
        file.push(b'\n');
    }
    file
}

fn line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        Just(b"From a@b.example Wed May 17 19:35:05 2000".to_vec()),
        Just(b"From here".to_vec()),
        Just(b">From a@b.example Wed May 17 19:35:05 2000".to_vec()),
        Just(b">>From there".to_vec()),
        Just(b"Subject: x".to_vec()),
        Just(Vec::new()),
        proptest::collection::vec(any::<u8>().prop_filter("no line end", |byte| !b"\r\n".contains(byte)), 0..10),
    ]
}

/// As [`line`], or a length that is wrong as a rule.
fn counted_line() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![4 => line(), 1 => (0..40).prop_map(|length| format!("Content-Length: {length}").into_bytes())]
}

proptest! {
    #[test]
    fn what_is_written_is_read(
        messages in proptest::collection::vec(proptest::collection::vec(line(), 0..12), 0..6),
    ) {
        let messages: Vec<Vec<u8>> = messages
            .into_iter()
            .map(|lines| {
                let mut message = b"X-First: 1\n".to_vec();
                lines.iter().for_each(|line| {
                    message.extend_from_slice(line);
                    message.push(b'\n');
                });
                message
            })
            .collect();
        let file = write(&messages);
        let mbox = Mbox::new(&file).as_kind(MboxKind::Rd);
        let read: Vec<Vec<u8>> = mbox.messages().map(|one| one.message().into_owned()).collect();
        prop_assert_eq!(read, messages);
    }

    #[test]
    fn any_bytes_are_an_mbox_and_ranges_ascend(
        lines in proptest::collection::vec((counted_line(), prop_oneof![Just("\n"), Just("\r\n"), Just("\r"), Just("")]), 0..40),
    ) {
        let file: Vec<u8> = lines.iter().flat_map(|(line, end)| [line.as_slice(), end.as_bytes()].concat()).collect();
        let mut last = 0;
        let mut covered = 0;
        for message in Mbox::new(&file).messages() {
            prop_assert!(message.offset() >= last && message.range().start >= message.offset());
            prop_assert!(message.range().end <= file.len());
            covered += message.separator().map_or(0, <[u8]>::len) + message.range().len();
            last = message.range().end;
            let _ = message.mail();
        }
        let told: usize = file.iter().filter(|byte| !byte.is_ascii_whitespace() && **byte != 0).count();
        prop_assert!(covered >= told, "{covered} of {told} bytes");
    }
}
