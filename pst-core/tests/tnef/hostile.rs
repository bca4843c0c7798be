//! Streams that are damaged, or meant to do harm.

use proptest::prelude::*;
use pst_core::tnef::{FindingKind, Options, Tnef, TnefError};

use super::encoder::{Stream, embedded, fixed_values, list, named, utf16, variable};
use super::findings;

fn rich() -> Vec<u8> {
    let row = list(&[variable(0x3001_001F, &[&utf16("Ann")])]);
    let inner = Stream::new(1251).message(0x0001_8004, b"inner\0").attachment(&[(0x0006_800F, b"x")], &[]);
    Stream::new(1252)
        .message(0x0007_8008, b"IPM.Microsoft Mail.Note\0")
        .message(0x0000_8000, b"\x04\0\x18\0\x04\0\x04\0Ann\0X:a\0\0\0\0\0\0\0\0\0")
        .message(0x0003_8005, &[0xEA, 7, 11, 0, 22, 0, 1, 0, 2, 0, 3, 0, 0, 0])
        .message(0x0006_9004, &[1_u32.to_le_bytes().to_vec(), row].concat())
        .properties(&[
            named(0x8000_101F, [1; 16], Err("Keywords"), &variable(0, &[&utf16("a"), &utf16("b")])[4..]),
            fixed_values(0x0001_1002, &[&[1, 0], &[2, 0]]),
        ])
        .attachment(&[(0x0001_8010, b"a.txt\0"), (0x0006_800F, b"data")], &[])
        .attachment(&[], &[embedded(&inner.0)])
        .0
}

#[test]
fn no_tnef() {
    let options = Options::default();
    assert_eq!(Tnef::parse(b"", &options), Err(TnefError::Truncated { have: 0 }));
    assert_eq!(Tnef::parse(b"\x78\x9F\x3E\x22\0", &options), Err(TnefError::Truncated { have: 5 }));
    assert_eq!(Tnef::parse(b"PK\x03\x04\0\0", &options), Err(TnefError::Signature(0x0403_4B50)));
    let empty = Tnef::parse(b"\x78\x9F\x3E\x22\0\0", &options).unwrap();
    assert_eq!((empty.properties.len(), empty.findings.len()), (0, 0));
}

#[test]
fn a_wrong_checksum_is_told_and_the_data_used() {
    let mut stream = Stream::new(1252);
    let at = stream.add(1, 0x0001_8004, b"subject\0");
    stream.0[at] = b'S';
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert_eq!(
        tnef.findings[0].to_string(),
        format!("checksum at {at:#x}: attSubject: stored 0x02f0, the data gives 0x02d0")
    );
    assert_eq!((tnef.findings.len(), tnef.property(0x0037).unwrap().text().as_deref()), (1, Some("Subject")));
}

#[test]
fn a_stream_that_is_cut() {
    let mut stream = Stream::new(1252);
    let begin = stream.0.len();
    stream.add(2, 0x0006_9002, &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    let at = stream.add(2, 0x0006_800F, b"0123456789");
    let cut = |length: usize| {
        let tnef = Tnef::parse(&stream.0[..length], &Options::default()).unwrap();
        let data = tnef.attachments.first().and_then(|attachment| attachment.data()).map(<[u8]>::to_vec);
        (findings(&tnef), data)
    };
    // Within the data: what is there is used. Within the checksum: all of it.
    assert_eq!(cut(at + 4), (vec![(FindingKind::Truncated, at)], Some(b"0123".to_vec())));
    assert_eq!(cut(at + 11), (vec![(FindingKind::Truncated, at)], Some(b"0123456789".to_vec())));
    assert_eq!(cut(at - 2), (vec![(FindingKind::Truncated, at - 9)], None));
    assert_eq!(cut(begin), (vec![], None));
}

#[test]
fn what_follows_the_attributes() {
    for (tail, expected) in [(&b"\0\0\0\0"[..], None), (b"\r\n", None), (b"--boundary", Some(10)), (b"\0\0x", Some(3))]
    {
        let stream = [&Stream::new(1252).0[..], tail].concat();
        let tnef = Tnef::parse(&stream, &Options::default()).unwrap();
        let told = tnef.findings.iter().map(|finding| (finding.kind, finding.detail.clone())).collect::<Vec<_>>();
        let expected = expected.map(|bytes| {
            (FindingKind::Trailing, format!("level {} and {bytes} bytes in all, expected level 1 or 2", tail[0]))
        });
        assert_eq!(told, Vec::from_iter(expected), "{tail:?}");
    }
}

#[test]
fn values_are_limited() {
    let nulls = |count: u32| [count.to_le_bytes().to_vec(), [1, 0, 1, 0].repeat(count as usize)].concat();
    let mut options = Options::default();
    options.values = 1000;
    let stream = Stream::new(1252).message(0x0006_9003, &nulls(1000));
    assert_eq!(Tnef::parse(&stream.0, &options).unwrap().findings, []);
    let stream = Stream::new(1252).message(0x0006_9003, &nulls(1001)).message(0x0001_8004, b"subject\0");
    let tnef = Tnef::parse(&stream.0, &options).unwrap();
    assert_eq!(
        tnef.findings.iter().map(|finding| (finding.kind, finding.detail.as_str())).collect::<Vec<_>>(),
        [(FindingKind::TooLarge, "property 1000 of 1001: more values than the limit")]
    );
    assert_eq!(tnef.properties.len(), 1001, "a thousand, and the subject");

    // Empty rows and empty attachments count as well.
    let rows = [5000_u32.to_le_bytes().to_vec(), vec![0; 20_000]].concat();
    let stream = Stream::new(1252).message(0x0006_9004, &rows);
    let tnef = Tnef::parse(&stream.0, &options).unwrap();
    assert_eq!((tnef.recipients.len(), tnef.findings[0].kind), (1000, FindingKind::TooLarge));
    let mut stream = Stream::new(1252);
    for _ in 0..200 {
        stream.add(2, 0x0006_9002, b"");
    }
    let tnef = Tnef::parse(&stream.0, &options).unwrap();
    assert_eq!((tnef.attachments.len(), tnef.findings[0].kind), (125, FindingKind::TooLarge));
}

#[test]
fn findings_are_limited() {
    let mut stream = Stream::new(1252);
    for _ in 0..3000 {
        stream.add(1, 0x0006_7777, b"");
    }
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert_eq!((tnef.findings.len(), tnef.findings.last().unwrap().kind), (1001, FindingKind::TooMany));
}

#[test]
fn every_prefix_is_survived() {
    let stream = rich();
    let whole = Tnef::parse(&stream, &Options::default()).unwrap();
    assert_eq!((whole.findings.len(), whole.attachments.len(), whole.recipients.len()), (0, 2, 1));
    for length in 6..stream.len() {
        let tnef = Tnef::parse(&stream[..length], &Options::default()).unwrap();
        assert!(tnef.findings.len() <= 4, "{length}: {:?}", tnef.findings);
        assert!(tnef.attachments.len() <= whole.attachments.len());
    }
}

proptest! {
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..500)) {
        let _ = Tnef::parse(&bytes, &Options::default());
        let stream = [&b"\x78\x9F\x3E\x22\0\0\x01\x03\x90\x06\0"[..], &bytes].concat();
        let _ = Tnef::parse(&stream, &Options::default());
        let _ = Tnef::parse(&Stream::new(1252).message(0x0006_9003, &bytes).message(0x0006_9004, &bytes).0, &Options::default());
    }

    #[test]
    fn flipped_bits_are_survived(place: prop::sample::Index, bit in 0_u8..8) {
        let mut stream = rich();
        let place = place.index(stream.len() - 6) + 6;
        stream[place] ^= 1 << bit;
        let tnef = Tnef::parse(&stream, &Options::default()).unwrap();
        for attachment in &tnef.attachments {
            let _ = (attachment.file_name(), attachment.mime_type(), attachment.data());
        }
    }
}
