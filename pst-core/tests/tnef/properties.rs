//! Properties of every type and name.

use proptest::prelude::*;
use pst_core::Guid;
use pst_core::ltp::{PropertyTag, Value};
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::tnef::{FindingKind, Object, Options, PropertyValue, Tnef};

use super::encoder::{Stream, counted, fixed, fixed_values, list, named, utf16, variable};
use super::{findings, parse};

fn plain<'p, 'a>(tnef: &'p Tnef<'a>, id: u16) -> &'p Value<'a> {
    tnef.property(id).and_then(|property| property.plain()).expect("a plain value")
}

#[test]
fn every_fixed_type() {
    let guid: [u8; 16] = std::array::from_fn(|place| place as u8);
    let stream = Stream::new(1252).properties(&[
        fixed(0x0001_0002, &(-2_i16).to_le_bytes()),
        fixed(0x0002_0003, &(-3_i32).to_le_bytes()),
        fixed(0x0003_0004, &1.5_f32.to_le_bytes()),
        fixed(0x0004_0005, &2.5_f64.to_le_bytes()),
        fixed(0x0005_0006, &12_345_i64.to_le_bytes()),
        fixed(0x0006_0007, &3.5_f64.to_le_bytes()),
        fixed(0x0007_000A, &0x8004_010F_u32.to_le_bytes()),
        fixed(0x0008_000B, &[1, 0]),
        fixed(0x0009_0014, &(-4_i64).to_le_bytes()),
        fixed(0x000A_0040, &116_444_736_000_000_000_u64.to_le_bytes()),
        fixed(0x000B_0048, &guid),
        fixed(0x000C_0001, &[]),
        fixed(0x000D_000B, &[0, 0]),
    ]);
    let tnef = parse(&stream.0);
    assert_eq!(plain(&tnef, 1), &Value::Integer16(-2));
    assert_eq!(plain(&tnef, 2), &Value::Integer32(-3));
    assert_eq!(plain(&tnef, 3), &Value::Floating32(1.5));
    assert_eq!(plain(&tnef, 4), &Value::Floating64(2.5));
    assert_eq!(plain(&tnef, 5), &Value::Currency(12_345));
    assert_eq!(plain(&tnef, 6), &Value::FloatingTime(3.5));
    assert_eq!(plain(&tnef, 7), &Value::ErrorCode(0x8004_010F));
    assert_eq!(plain(&tnef, 8), &Value::Boolean(true));
    assert_eq!(plain(&tnef, 9), &Value::Integer64(-4));
    assert_eq!(plain(&tnef, 10).as_time().unwrap().to_rfc3339(), "1970-01-01T00:00:00.0000000Z");
    assert_eq!(plain(&tnef, 11), &Value::Guid(Guid::from_bytes(guid)));
    assert_eq!(plain(&tnef, 12), &Value::Null);
    assert_eq!(plain(&tnef, 13), &Value::Boolean(false));
}

#[test]
fn text_and_bytes() {
    let stream = Stream::new(932).properties(&[
        variable(0x0001_001E, &[b"\x93\xFA\x96\x7B\0"]),
        variable(0x0002_001F, &[&utf16("日本")]),
        variable(0x0003_0102, &[&[1, 2, 3, 4, 5]]),
        variable(0x0004_001E, &[b""]),
        variable(0x0005_0102, &[b""]),
    ]);
    let tnef = parse(&stream.0);
    assert_eq!(tnef.property(1).unwrap().text().as_deref(), Some("日本"));
    assert_eq!(tnef.property(2).unwrap().text().as_deref(), Some("日本"));
    assert_eq!(tnef.property(3).unwrap().bytes(), Some(&[1, 2, 3, 4, 5][..]));
    assert_eq!(tnef.property(4).unwrap().text().as_deref(), Some(""));
    assert_eq!(tnef.property(5).unwrap().bytes(), Some(&[][..]));
    // Lent from the stream, not copied.
    let bytes = plain(&tnef, 3).as_bytes().unwrap().as_lent().unwrap();
    assert!(stream.0.as_ptr_range().contains(&bytes.as_ptr()));
}

#[test]
fn multiple_values() {
    let stream = Stream::new(1252).properties(&[
        // Each value of two bytes has its own padding.
        fixed_values(0x0001_1002, &[&[1, 0], &[2, 0], &[3, 0]]),
        fixed_values(0x0002_1003, &[&[1, 0, 0, 0], &[2, 0, 0, 0]]),
        fixed_values(0x0003_1014, &[&[9; 8]]),
        fixed_values(0x0004_1003, &[]),
        variable(0x0005_101F, &[&utf16("a"), &utf16(""), &utf16("bcd")]),
        variable(0x0006_101E, &[b"x\0", b"yz\0"]),
        variable(0x0007_1102, &[&[1], &[], &[2, 3, 4, 5, 6]]),
        fixed(0x0008_0003, &[7, 0, 0, 0]),
    ]);
    let tnef = parse(&stream.0);
    let values = |id| if let Value::Multiple(values) = plain(&tnef, id) { values.clone() } else { panic!("{id}") };
    assert_eq!(values(1), [1, 2, 3].map(Value::Integer16));
    assert_eq!(values(2), [1, 2].map(Value::Integer32));
    assert_eq!(values(3), [Value::Integer64(0x0909_0909_0909_0909)]);
    assert_eq!(values(4), []);
    let texts = |id| values(id).iter().map(|value| value.as_text().unwrap().to_string_lossy()).collect::<Vec<_>>();
    assert_eq!(texts(5), ["a", "", "bcd"]);
    assert_eq!(texts(6), ["x", "yz"]);
    assert_eq!(
        values(7).iter().map(|value| value.as_bytes().unwrap().to_vec()).collect::<Vec<_>>(),
        [vec![1], vec![], vec![2, 3, 4, 5, 6]]
    );
    assert_eq!(plain(&tnef, 8), &Value::Integer32(7), "what follows is where it should be");
}

#[test]
fn names() {
    let set = *Guid::PS_PUBLIC_STRINGS.as_bytes();
    let other = [7; 16];
    let stream = Stream::new(1252).properties(&[
        named(0x8000_0003, other, Ok(0x8503), &[1, 0, 0, 0]),
        named(0x8001_001E, set, Err("Keyword"), &counted(&[b"red\0"])),
        named(0x8001_101F, set, Err("Näme"), &counted(&[&utf16("a"), &utf16("b")])),
        fixed(0x0001_0003, &[2, 0, 0, 0]),
    ]);
    let tnef = parse(&stream.0);
    let [number, text, multiple, plain] = &tnef.properties[..] else { panic!("{:?}", tnef.properties) };
    assert_eq!(number.name, Some((PropertySet::Guid(Guid::from_bytes(other)), PropertyName::Number(0x8503))));
    assert_eq!(text.name, Some((PropertySet::PublicStrings, PropertyName::String("Keyword".to_owned()))));
    assert_eq!(text.text().as_deref(), Some("red"));
    assert_eq!(multiple.name, Some((PropertySet::PublicStrings, PropertyName::String("Näme".to_owned()))));
    assert_eq!((plain.name.as_ref(), plain.tag), (None, PropertyTag::new(0x0001_0003)));
}

#[test]
fn objects() {
    let data = [&Object::STORAGE.to_bytes()[..], b"compound file"].concat();
    let stream = Stream::new(1252).properties(&[variable(0x3701_000D, &[&data]), fixed(0x0001_0003, &[1; 4])]);
    let tnef = parse(&stream.0);
    let PropertyValue::Object(object) = tnef.properties[0].value else { panic!("no object") };
    assert_eq!((object.interface, object.data), (Object::STORAGE, &b"compound file"[..]));
    assert_eq!(&stream.0[object.offset..][..13], b"compound file");
    assert_eq!(tnef.properties.len(), 2);
}

#[test]
fn recipients() {
    let row =
        |name: &str, kind: u8| list(&[variable(0x3001_001F, &[&utf16(name)]), fixed(0x0C15_0003, &[kind, 0, 0, 0])]);
    let table = [3_u32.to_le_bytes().to_vec(), row("Ann", 1), list(&[]), row("Bob", 2)].concat();
    let stream = Stream::new(1252).message(0x0006_9004, &table);
    let tnef = parse(&stream.0);
    let names: Vec<_> = tnef.recipients.iter().map(|row| row.first().and_then(|property| property.text())).collect();
    assert_eq!(names, [Some("Ann".to_owned()), None, Some("Bob".to_owned())]);
    assert_eq!(tnef.recipients[2][1].plain(), Some(&Value::Integer32(2)));
}

#[test]
fn the_last_padding_may_be_missing() {
    let mut data = list(&[variable(0x0001_001E, &[b"abcde"])]);
    data.truncate(data.len() - 3);
    let stream = Stream::new(1252).message(0x0006_9003, &data);
    assert_eq!(parse(&stream.0).property(1).unwrap().text().as_deref(), Some("abcde"));
}

#[test]
fn a_list_ends_where_it_cannot_be_read() {
    let good = fixed(0x0001_0003, &[1, 0, 0, 0]);
    for (bad, detail) in [
        (fixed(0x0002_00FB, &[0; 8]), "property 1 of 2: PtypServerId is not known in TNEF"),
        (fixed(0x0002_2222, &[]), "property 1 of 2: type 0x2222 is not known in TNEF"),
        (fixed(0x0002_0014, &[0; 4]), "property 1 of 2: the data ends within a value"),
        (variable(0x0002_001E, &[])[..4].to_vec(), "property 1 of 2: the data ends within a count"),
        (
            [&0x0002_0102_u32.to_le_bytes()[..], &[1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF]].concat(),
            "property 1 of 2: the data ends within a value",
        ),
        ([&0x0002_1003_u32.to_le_bytes()[..], &[0xFF; 4]].concat(), "property 1 of 2: the data ends within its values"),
        (variable(0x0002_000D, &[b"short"]), "property 1 of 2: the data ends within the interface of an object"),
        (named(0x8002_0003, [0; 16], Ok(0), &[])[..20].to_vec(), "property 1 of 2: the data ends within a count"),
        (
            [&0x8002_0003_u32.to_le_bytes()[..], &[0; 16], &[2, 0, 0, 0]].concat(),
            "property 1 of 2: kind of name 2, expected 0 or 1",
        ),
        (vec![], "property 1 of 2: the data ends within a count"),
    ] {
        let data = [&2_u32.to_le_bytes()[..], &good, &bad].concat();
        let stream = Stream::new(1252).message(0x0006_9003, &data).message(0x0001_8004, b"subject\0");
        let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
        assert_eq!(
            tnef.findings.iter().map(|finding| (finding.kind, finding.detail.as_str())).collect::<Vec<_>>(),
            [(FindingKind::BadProperties, detail)]
        );
        assert_eq!(plain(&tnef, 1), &Value::Integer32(1), "what comes before is there");
        assert!(tnef.property(0x0037).is_some(), "and the attributes behind");
    }
}

#[test]
fn counts_that_are_not_one_are_told() {
    let stream = Stream::new(1252).properties(&[
        variable(0x0001_001E, &[b"a", b"b"]),
        variable(0x0002_001E, &[]),
        variable(0x0003_000D, &[]),
        fixed(0x0004_0003, &[1; 4]),
    ]);
    let tnef = Tnef::parse(&stream.0, &Options::default()).unwrap();
    assert!(findings(&tnef).iter().all(|(kind, _)| *kind == FindingKind::ValueCount));
    assert_eq!(
        tnef.findings.iter().map(|finding| finding.detail.as_str()).collect::<Vec<_>>(),
        ["2 values, expected 1", "0 values, expected 1", "0 values, expected 1"]
    );
    assert!(matches!(plain(&tnef, 1), Value::Multiple(values) if values.len() == 2));
    assert_eq!((plain(&tnef, 2), plain(&tnef, 3), tnef.properties.len()), (&Value::Null, &Value::Null, 4));
}

/// A property as bytes and as it must be read.
fn property() -> impl Strategy<Value = (Vec<u8>, u16, String)> {
    let id = 1_u16..0x8000;
    prop_oneof![
        (id.clone(), any::<i32>()).prop_map(|(id, value)| {
            (fixed(u32::from(id) << 16 | 3, &value.to_le_bytes()), id, format!("{:?}", Value::Integer32(value)))
        }),
        (id.clone(), any::<bool>()).prop_map(|(id, value)| {
            (fixed(u32::from(id) << 16 | 0xB, &[u8::from(value), 0]), id, format!("{:?}", Value::Boolean(value)))
        }),
        (id.clone(), prop::collection::vec(any::<i16>(), 0..5)).prop_map(|(id, values)| {
            let bytes: Vec<_> = values.iter().map(|value| value.to_le_bytes()).collect();
            let bytes: Vec<&[u8]> = bytes.iter().map(|value| &value[..]).collect();
            let expected = Value::Multiple(values.iter().copied().map(Value::Integer16).collect());
            (fixed_values(u32::from(id) << 16 | 0x1002, &bytes), id, format!("{expected:?}"))
        }),
        (id, "[a-zé日]{0,9}").prop_map(|(id, value)| (
            variable(u32::from(id) << 16 | 0x1F, &[&utf16(&value)]),
            id,
            value
        )),
    ]
}

proptest! {
    #[test]
    fn what_is_written_is_read(properties in prop::collection::vec(property(), 0..20)) {
        let encoded: Vec<_> = properties.iter().map(|(bytes, ..)| bytes.clone()).collect();
        let stream = Stream::new(1252).properties(&encoded);
        let tnef = parse(&stream.0);
        let read: Vec<_> = tnef.properties.iter().map(|property| {
            (property.tag.id(), property.text().unwrap_or_else(|| format!("{:?}", property.plain().unwrap())))
        }).collect();
        let expected: Vec<_> = properties.into_iter().map(|(_, id, value)| (id, value)).collect();
        prop_assert_eq!(read, expected);
    }
}
