//! Attachments and messages within messages.

use pst_core::ltp::Value;
use pst_core::tnef::{FindingKind, Object, Options, Tnef};

use super::encoder::{Stream, embedded, fixed, list, utf16, variable};
use super::{findings, parse};

#[test]
fn a_file() {
    let date = [2026_u16, 11, 22, 10, 30, 0, 0].map(u16::to_le_bytes).concat();
    let stream = Stream::new(1252)
        .attachment(
            &[
                (0x0001_8010, b"LONGNA~1.TXT\0"),
                (0x0006_800F, b"data\0data"),
                (0x0006_8011, b"icon"),
                (0x0003_8012, &date),
                (0x0003_8013, &date),
                (0x0006_9001, b"transport\0"),
            ],
            &[
                variable(0x3707_001F, &[&utf16("long näme.txt")]),
                variable(0x370E_001E, &[b"text/plain\0"]),
                variable(0x3712_001E, &[b"part1@x\0"]),
            ],
        )
        .attachment(&[(0x0006_800F, b""), (0x0001_8010, b"second.txt\0")], &[]);
    let tnef = parse(&stream.0);
    let [first, second] = &tnef.attachments[..] else { panic!("{:?}", tnef.attachments) };
    assert_eq!(first.file_name().as_deref(), Some("long näme.txt"));
    assert_eq!(first.mime_type().as_deref(), Some("text/plain"));
    assert_eq!(first.content_id().as_deref(), Some("part1@x"));
    assert_eq!((first.method(), first.data()), (Some(1), Some(&b"data\0data"[..])));
    assert_eq!(first.property(0x3704).unwrap().text().as_deref(), Some("LONGNA~1.TXT"));
    assert_eq!(first.property(0x370B).unwrap().plain(), Some(&Value::Integer32(-1)));
    assert_eq!(first.property(0x3709).unwrap().bytes(), Some(&b"icon"[..]));
    assert_eq!(first.property(0x370C).unwrap().text().as_deref(), Some("transport"));
    assert_eq!(
        first.property(0x3007).unwrap().plain().unwrap().as_time().unwrap().to_rfc3339(),
        "2026-11-22T10:30:00.0000000Z"
    );
    assert_eq!((first.attributes.len(), first.embedded.is_none()), (8, true));
    assert_eq!(
        (second.file_name().as_deref(), second.data(), second.mime_type()),
        (Some("second.txt"), Some(&b""[..]), None)
    );
}

#[test]
fn an_ole_object() {
    let data = [&Object::STORAGE.to_bytes()[..], b"\xD0\xCF\x11\xE0"].concat();
    let mut stream = Stream::new(1252);
    stream.add(2, 0x0006_9002, &[2, 0, 7, 0, 0, 0, 32, 0, 32, 0, 0, 0, 0, 0]);
    stream.add(2, 0x0006_800F, b"for old clients");
    stream.add(2, 0x0006_9005, &list(&[variable(0x3701_000D, &[&data])]));
    let tnef = parse(&stream.0);
    let object = &tnef.attachments[0];
    assert_eq!((object.method(), object.data()), (Some(6), Some(&b"\xD0\xCF\x11\xE0"[..])));
    assert_eq!(object.property(0x370B).unwrap().plain(), Some(&Value::Integer32(7)));
    assert_eq!(object.attributes[1].data, b"for old clients", "nothing is lost that the property replaces");
}

/// A message with a message attached, and so on.
fn nested(depth: usize) -> Vec<u8> {
    let message = Stream::new(1252).message(0x0001_8004, format!("level {depth}\0").as_bytes());
    match depth.checked_sub(1) {
        None => message.0,
        Some(below) => message.attachment(&[], &[embedded(&nested(below)), fixed(0x3705_0003, &[5, 0, 0, 0])]).0,
    }
}

#[test]
fn messages_within_messages() {
    let stream = nested(3);
    let mut tnef = &parse(&stream);
    for level in (0..3).rev() {
        let attachment = &tnef.attachments[0];
        assert_eq!(attachment.method(), Some(5));
        tnef = attachment.embedded.as_deref().expect("embedded");
        assert_eq!(tnef.findings, []);
        assert_eq!(tnef.property(0x0037).unwrap().text(), Some(format!("level {level}")));
    }
    assert_eq!(tnef.attachments, []);
}

#[test]
fn places_in_an_embedded_message_are_places_in_the_stream() {
    let mut inner = Stream::new(1252);
    let at = inner.add(1, 0x0001_8004, b"subject\0");
    inner.0[at] = b'S';
    let stream = Stream::new(1252).attachment(&[], &[embedded(&inner.0)]);
    let tnef = parse(&stream.0);
    let message = tnef.attachments[0].embedded.as_deref().unwrap();
    let [(FindingKind::Checksum, place)] = findings(message)[..] else { panic!("{:?}", message.findings) };
    assert_eq!(&stream.0[place..][..7], b"Subject");
}

#[test]
fn the_depth_is_limited() {
    let below = |stream: &[u8], options: &Options| {
        let tnef = Tnef::parse(stream, options).unwrap();
        let mut depth = 0;
        let mut deepest = &tnef;
        while let Some(inner) = deepest.attachments.first().and_then(|attachment| attachment.embedded.as_deref()) {
            depth += 1;
            deepest = inner;
        }
        let data = deepest.attachments.first().and_then(|attachment| attachment.data()).map(<[u8]>::len);
        (depth, deepest.findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(), data.is_some())
    };
    let mut options = Options::default();
    assert_eq!(below(&nested(32), &options), (32, vec![], false));
    assert_eq!(below(&nested(40), &options), (32, vec![FindingKind::Embedded], true), "the data is there all the same");
    options.depth = 0;
    assert_eq!(below(&nested(1), &options), (0, vec![FindingKind::Embedded], true));
    options.depth = usize::MAX;
    assert_eq!(below(&nested(300), &options).0, 128);
}

#[test]
fn an_embedded_message_that_is_none() {
    let stream = Stream::new(1252).attachment(&[], &[embedded(b"not TNEF at all")]);
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert_eq!(tnef.findings[0].kind, FindingKind::Embedded);
    assert_eq!(tnef.findings[0].detail, "TNEF: signature is 0x20746f6e, expected 0x223e9f78");
    assert_eq!(
        (tnef.attachments[0].embedded.is_none(), tnef.attachments[0].data()),
        (true, Some(&b"not TNEF at all"[..]))
    );
}

#[test]
fn an_attachment_without_a_beginning() {
    let mut stream = Stream::new(1252);
    let at = stream.add(2, 0x0001_8010, b"a.txt\0");
    stream.add(2, 0x0006_800F, b"data");
    // Written by a device that knows neither rendering data nor the upper half of ids.
    stream.add(2, 0x0000_9002, b"");
    stream.add(2, 0x0000_800F, b"more");
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert_eq!(findings(&tnef), [(FindingKind::NoAttachment, at)]);
    let seen: Vec<_> = tnef.attachments.iter().map(|one| (one.file_name(), one.data())).collect();
    assert_eq!(seen, [(Some("a.txt".to_owned()), Some(&b"data"[..])), (None, Some(&b"more"[..]))]);
}
