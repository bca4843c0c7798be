//! What clients before MAPI were told, as properties.

use pst_core::ltp::Value;
use pst_core::text::{CodePage, CodePageSource};
use pst_core::tnef::{AttributeId, FindingKind, Options, Tnef, checksum};

use super::encoder::{Stream, fixed, variable};
use super::{findings, parse};

/// The attributes of the message in MS-OXTNEF 3.1, with the checksums printed there.
#[test]
fn the_example_of_the_specification() {
    let date = |fields: [u16; 7]| fields.map(u16::to_le_bytes).concat();
    let attributes: [(u32, Vec<u8>, u16); 8] = [
        (0x0008_9006, 0x0001_0000_u32.to_le_bytes().to_vec(), 0x0001),
        (0x0006_9007, vec![0xE4, 4, 0, 0, 0, 0, 0, 0], 0x00E8),
        (0x0007_8008, b"IPM.Microsoft Mail.Note\0".to_vec(), 0x0831),
        (0x0004_800D, vec![2, 0], 0x0002),
        (0x0001_8004, b"Simple subject\0".to_vec(), 0x057A),
        (0x0003_8005, date([2004, 2, 17, 11, 25, 35, 2]), 0x0137),
        (0x0003_8020, date([2004, 2, 17, 12, 26, 9, 2]), 0x011F),
        (0x0001_8009, b"757BB19CDE936A4087D90BB784C58E3B\0".to_vec(), 0x0751),
    ];
    let mut stream = Stream::bare();
    for (id, data, sum) in &attributes {
        assert_eq!(checksum(data), *sum, "{id:#010x}");
        stream.add(1, *id, data);
    }
    let tnef = parse(&stream.0);
    assert_eq!((tnef.key, tnef.version), (0x1234, Some(0x0001_0000)));
    assert_eq!((tnef.code_page.page, tnef.code_page.source), (CodePage::WINDOWS_1252, CodePageSource::Message));
    assert_eq!(
        tnef.attributes.iter().map(|attribute| attribute.id.raw()).collect::<Vec<_>>(),
        attributes.clone().map(|(id, ..)| id)
    );
    let text = |id| tnef.property(id).unwrap().text().unwrap();
    assert_eq!((text(0x001A), text(0x0037)), ("IPM.Note".to_owned(), "Simple subject".to_owned()));
    assert_eq!(tnef.property(0x0017).unwrap().plain(), Some(&Value::Integer32(1)));
    let sent = tnef.property(0x0039).unwrap();
    assert_eq!(sent.plain().unwrap().as_time().unwrap().to_rfc3339(), "2004-02-17T11:25:35.0000000Z");
    assert_eq!(sent.attribute, Some(AttributeId::DATE_SENT));
    assert_eq!(tnef.property(0x300B).unwrap().bytes().unwrap()[..4], [0x75, 0x7B, 0xB1, 0x9C]);
    assert_eq!(tnef.properties.len(), 6);
}

#[test]
fn a_property_counts_more_than_an_attribute() {
    let stream = Stream::new(1252)
        .message(0x0001_8004, b"old subject\0")
        .message(0x0004_800D, &[1, 0])
        .properties(&[variable(0x0037_001F, &[b"n\0e\0w\0\0\0"]), fixed(0x0026_0003, &[0; 4])]);
    let tnef = parse(&stream.0);
    let subject = tnef.property(0x0037).unwrap();
    assert_eq!((subject.text().as_deref(), subject.attribute), (Some("new"), None));
    assert_eq!(tnef.property(0x0017).unwrap().plain(), Some(&Value::Integer32(2)), "priority 1 is high");
    assert_eq!(tnef.properties.len(), 3);
}

#[test]
fn text_is_in_the_code_page_of_the_stream() {
    let stream =
        Stream::new(1251).message(0x0001_8004, b"\xCF\xF0\0junk").message(0x0002_800C, b"\xF2\xE5\xEA\xF1\xF2");
    let tnef = parse(&stream.0);
    assert_eq!(tnef.property(0x0037).unwrap().text().as_deref(), Some("Пр"));
    assert_eq!(tnef.property(0x1000).unwrap().text().as_deref(), Some("текст"));

    let mut options = Options::default();
    options.code_page = CodePage::new(1253);
    let stream = Stream::bare().message(0x0001_8004, b"\xE1\0");
    let tnef = Tnef::parse(&stream.0, &options).unwrap();
    assert_eq!(tnef.property(0x0037).unwrap().text().as_deref(), Some("α"));
    assert_eq!(tnef.code_page.source, CodePageSource::Default);
}

#[test]
fn message_classes_of_meetings_and_whose_they_are() {
    let pair = b"\x04\0Ann\0\x07\0SMTP:a\0";
    for (old, class, name) in [
        ("IPM.Microsoft Schedule.MtgReq", "IPM.Schedule.Meeting.Request", 0x0042),
        ("ipm.microsoft schedule.mtgcncl", "IPM.Schedule.Meeting.Canceled", 0x0042),
        ("IPM.Microsoft Schedule.MtgRespP", "IPM.Schedule.Meeting.Resp.Pos", 0x0044),
        ("IPM.Microsoft Schedule.MtgRespN", "IPM.Schedule.Meeting.Resp.Neg", 0x0044),
        ("IPM.Microsoft Schedule.MtgRespA", "IPM.Schedule.Meeting.Resp.Tent", 0x0044),
        ("IPM.Microsoft Mail.Read Receipt", "Report.IPM.Note.IPNRN", 0x0042),
        ("IPM.Microsoft Mail.Non-Delivery", "Report.IPM.Note.NDR", 0x0042),
        ("IPM.Contact", "IPM.Contact", 0x0042),
    ] {
        let stream = Stream::new(1252).message(0x0006_0000, pair).message(0x0007_8008, format!("{old}\0").as_bytes());
        let tnef = parse(&stream.0);
        assert_eq!(tnef.property(0x001A).unwrap().text().as_deref(), Some(class));
        assert_eq!(tnef.property(name).unwrap().text().as_deref(), Some("Ann"), "{class}");
    }
}

#[test]
fn participants() {
    let from = b"\x04\0\x1A\0\x04\0\x06\0Ann\0X:a@b\0\0\0\0\0\0\0\0\0";
    let stream = Stream::new(1252).message(0x0000_8000, from).message(0x0006_0001, b"\x04\0Bob\0\x02\0b\0");
    let tnef = parse(&stream.0);
    let text = |id| tnef.property(id).and_then(|property| property.text());
    let all = [0x0C1A, 0x0C1E, 0x0C1F, 0x0042, 0x0064, 0x0065].map(text);
    let expected = [Some("Ann"), Some("X"), Some("a@b"), Some("Bob"), None, Some("b")];
    assert_eq!(all, expected.map(|text| text.map(str::to_owned)));
}

#[test]
fn the_other_attributes() {
    let date = |hour: u16| [2026_u16, 11, 22, hour, 0, 0, 0].map(u16::to_le_bytes).concat();
    let stream = Stream::new(1252)
        .message(0x0006_0002, &[1, 2])
        .message(0x0003_0006, &date(1))
        .message(0x0003_0007, &date(2))
        .message(0x0005_0008, &[0xFF; 4])
        .message(0x0004_0009, &[1, 0])
        .message(0x0007_0006, b"IPM.Microsoft Mail.Note\0")
        .message(0x0003_8006, &date(3))
        .message(0x0006_8007, &[0x20 | 0x80 | 0x01])
        .message(0x0001_800A, b"0aFF\0")
        .message(0x0001_800B, b"\0");
    let tnef = parse(&stream.0);
    let plain = |id| tnef.property(id).and_then(|property| property.plain()).unwrap().clone();
    let time = |id| plain(id).as_time().unwrap().to_rfc3339();
    assert_eq!(tnef.property(0x0043).unwrap().bytes(), Some(&[1, 2][..]));
    assert_eq!([0x0060, 0x0061, 0x0E06].map(time), [1, 2, 3].map(|hour| format!("2026-11-22T0{hour}:00:00.0000000Z")));
    assert_eq!((plain(0x0062), plain(0x0063)), (Value::Integer32(-1), Value::Boolean(true)));
    assert_eq!(tnef.property(0x004B).unwrap().text().as_deref(), Some("IPM.Note"));
    // Read, with an attachment, and modified: the flag of the property says unmodified.
    assert_eq!(plain(0x0E07), Value::Integer32(0x11));
    assert_eq!(tnef.property(0x0025).unwrap().bytes(), Some(&[0x0A, 0xFF][..]));
    assert_eq!(tnef.property(0x000B).unwrap().bytes(), Some(&[][..]));
}

#[test]
fn attributes_that_make_no_sense_are_told_and_kept() {
    for (id, data) in [
        (0x0003_8005, &[0; 14][..]),
        (0x0003_8005, &[1; 4]),
        (0x0004_800D, &[9, 0]),
        (0x0004_800D, &[1]),
        (0x0001_8009, b"XY\0"),
        (0x0001_8009, b"ABC\0"),
        (0x0000_8000, b"\x05\0\0\0\0\0\0\0"),
        (0x0000_8000, b"\x04\0\0\0\xFF\0\0\0"),
        (0x0006_0000, b"\x04\0A"),
        (0x0006_8007, b""),
        (0x0005_0008, b"1"),
    ] {
        let mut stream = Stream::new(1252);
        let at = stream.add(1, id, data);
        let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
        assert_eq!(findings(&tnef), [(FindingKind::BadAttribute, at)], "{id:#x} {data:?}");
        assert_eq!(tnef.attributes[2].data, data);
        assert_eq!(tnef.properties, []);
    }
}

#[test]
fn unknown_attributes_and_levels() {
    let mut stream = Stream::new(1252);
    let unknown = stream.add(1, 0x0006_7777, b"?");
    let wrong_level = stream.add(2, 0x0001_8004, b"subject\0");
    // The upper half says nothing new: this is attSubject.
    stream.add(1, 0x0000_8004, b"again\0");
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert_eq!(
        findings(&tnef),
        [(FindingKind::UnknownAttribute, unknown), (FindingKind::UnknownAttribute, wrong_level)]
    );
    assert_eq!(tnef.findings[0].to_string(), format!("unknown-attribute at {unknown:#x}: 0x00067777 at level 1"));
    assert_eq!(tnef.findings[1].detail, "attSubject at level 2");
    assert_eq!(tnef.property(0x0037).unwrap().text().as_deref(), Some("subject"));
    assert_eq!(tnef.attributes.len(), 5);
    assert_eq!(tnef.attributes[4].id, AttributeId::SUBJECT);
}
