//! UTF-16LE, the bytes of a PtypString (0x001F).
//!
//! Everything here works on stored bytes of any alignment and any length; **an odd last byte is no unit and is left
//! out**, except where [`decode`] refuses it. A byte order mark is text like any other.
//!
//! [`decode_lossy`] is what listing a folder spends its time on, so text that is all ASCII, as most is, takes a short
//! way; the rest goes through `encoding_rs`.

use encoding_rs::UTF_16LE;

/// The text of `bytes`. A surrogate without its partner becomes U+FFFD; an odd last byte is left out.
pub fn decode_lossy(bytes: &[u8]) -> String {
    if let Some(text) = decode_ascii(bytes) {
        return text;
    }
    UTF_16LE.decode_without_bom_handling(whole_units(bytes)).0.into_owned()
}

/// The text of `bytes`, or `None` if a surrogate stands without its partner or the length is odd.
pub fn decode(bytes: &[u8]) -> Option<String> {
    if whole_units(bytes).len() != bytes.len() {
        return None;
    }
    if let Some(text) = decode_ascii(bytes) {
        return Some(text);
    }
    UTF_16LE.decode_without_bom_handling_and_without_replacement(bytes).map(|text| text.into_owned())
}

/// The UTF-16 units of `bytes`. An odd last byte is left out.
pub fn units(bytes: &[u8]) -> impl DoubleEndedIterator<Item = u16> + ExactSizeIterator + Clone + '_ {
    bytes.as_chunks::<2>().0.iter().map(|&unit| u16::from_le_bytes(unit))
}

/// The characters of `bytes`, decoded one by one: the same as those of [`decode_lossy`], without the allocation.
pub fn chars_lossy(bytes: &[u8]) -> impl Iterator<Item = char> + Clone + '_ {
    char::decode_utf16(units(bytes)).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// `bytes` without the one unit U+0000 at its end, if there is one.
///
/// Some writers store a terminator, which the format does not ask for. **Exactly one is taken away.** An odd last byte
/// goes with the terminator before it and stays otherwise.
pub fn trim_one_nul(bytes: &[u8]) -> &[u8] {
    whole_units(bytes).strip_suffix(&[0, 0]).unwrap_or(bytes)
}

/// The bytes of `text`, without terminator and without byte order mark.
pub fn encode(text: &str) -> Vec<u8> {
    if text.is_ascii() {
        let mut bytes = vec![0; text.len().saturating_mul(2)];
        bytes.as_chunks_mut::<2>().0.iter_mut().zip(text.bytes()).for_each(|(pair, byte)| *pair = [byte, 0]);
        return bytes;
    }
    // No character has more units in UTF-16 than bytes in UTF-8; the function wants room for one more.
    let mut units = vec![0; text.len().saturating_add(1)];
    let count = encoding_rs::mem::convert_str_to_utf16(text, &mut units);
    let units = units.get(..count).unwrap_or_default();
    let mut bytes = vec![0; count.saturating_mul(2)];
    let (pairs, _) = bytes.as_chunks_mut::<2>();
    pairs.iter_mut().zip(units).for_each(|(pair, unit)| *pair = unit.to_le_bytes());
    bytes
}

/// `bytes` without an odd last byte.
fn whole_units(bytes: &[u8]) -> &[u8] {
    bytes.as_chunks::<2>().0.as_flattened()
}

/// The text of `bytes` if every unit is below 0x80.
///
/// One pass in blocks of a fixed size, which the compiler turns into vector instructions; it gives up after the first
/// block with another character.
fn decode_ascii(bytes: &[u8]) -> Option<String> {
    let units = bytes.as_chunks::<2>().0;
    let (blocks, rest) = units.as_chunks::<16>();
    let mut text = Vec::with_capacity(units.len());
    let mut bits = 0;
    for block in blocks {
        let mut narrow = [0; 16];
        for (byte, &[low, high]) in narrow.iter_mut().zip(block) {
            bits |= u16::from_le_bytes([low, high]);
            *byte = low;
        }
        if bits >= 0x80 {
            return None;
        }
        text.extend_from_slice(&narrow);
    }
    text.extend(rest.iter().map(|&[low, high]| {
        bits |= u16::from_le_bytes([low, high]);
        low
    }));
    if bits >= 0x80 {
        return None;
    }
    String::from_utf8(text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_every_width() {
        for text in ["", "Subject", "Füße", "Привет", "件名", "a😀b", "\u{FEFF}x", "a\0b", "\u{7F}\u{80}"] {
            let bytes = encode(text);
            assert_eq!(decode_lossy(&bytes), text);
            assert_eq!(decode(&bytes).as_deref(), Some(text));
            assert_eq!(chars_lossy(&bytes).collect::<String>(), text);
            assert_eq!(units(&bytes).len(), text.encode_utf16().count());
        }
        assert_eq!(encode("aé😀"), [0x61, 0, 0xE9, 0, 0x3D, 0xD8, 0x00, 0xDE]);
    }

    #[test]
    fn a_lone_surrogate_becomes_a_replacement() {
        let lone_high = [0x61, 0, 0x3D, 0xD8, 0x62, 0];
        assert_eq!(decode_lossy(&lone_high), "a\u{FFFD}b");
        assert_eq!(decode(&lone_high), None);
        let lone_low_at_end = [0x61, 0, 0x00, 0xDE];
        assert_eq!(decode_lossy(&lone_low_at_end), "a\u{FFFD}");
        assert_eq!(decode(&lone_low_at_end), None);
        let high_at_end = [0x61, 0, 0x3D, 0xD8];
        assert_eq!(decode_lossy(&high_at_end), "a\u{FFFD}");
        assert_eq!(chars_lossy(&high_at_end).collect::<String>(), "a\u{FFFD}");
    }

    #[test]
    fn an_odd_last_byte_is_left_out() {
        assert_eq!(decode_lossy(&[0x61, 0, 0x62]), "a");
        assert_eq!(decode_lossy(&[0xE9, 0, 0x62]), "é");
        assert_eq!(decode_lossy(&[0x62]), "");
        assert_eq!(decode(&[0x61, 0, 0x62]), None);
        assert_eq!(decode(&[0xE9, 0, 0x62]), None);
        assert_eq!(units(&[0x61, 0, 0x62]).collect::<Vec<_>>(), [0x61]);
    }

    #[test]
    fn one_nul_goes_and_no_more() {
        assert_eq!(trim_one_nul(&[0x61, 0, 0, 0]), [0x61, 0]);
        assert_eq!(trim_one_nul(&[0x61, 0, 0, 0, 0, 0]), [0x61, 0, 0, 0]);
        assert_eq!(trim_one_nul(&[0x61, 0]), [0x61, 0]);
        assert_eq!(trim_one_nul(&[0, 0]), []);
        assert_eq!(trim_one_nul(&[]), []);
        // U+0100 U+0061: the zeros in the middle of two units are no terminator.
        assert_eq!(trim_one_nul(&[0, 1, 0, 0x61]), [0, 1, 0, 0x61]);
        // An odd byte: one zero too few, then one too many.
        assert_eq!(trim_one_nul(&[0x61, 0, 0]), [0x61, 0, 0]);
        assert_eq!(trim_one_nul(&[0x61, 0, 0, 0, 7]), [0x61, 0]);
    }

    #[test]
    fn one_character_beyond_ascii_anywhere_is_kept() {
        for length in 0..70 {
            for at in 0..=length {
                let mut text = "x".repeat(length);
                text.insert(at, 'é');
                assert_eq!(decode_lossy(&encode(&text)), text);
            }
        }
    }

    proptest! {
        #[test]
        fn text_round_trips(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text)), Some(text));
        }

        #[test]
        fn any_bytes_decode_as_the_standard_library_does(bytes in any::<Vec<u8>>()) {
            let units: Vec<u16> = units(&bytes).collect();
            let expected = String::from_utf16_lossy(&units);
            prop_assert_eq!(&chars_lossy(&bytes).collect::<String>(), &expected);
            prop_assert_eq!(decode(&bytes), String::from_utf16(&units).ok().filter(|_| bytes.len() % 2 == 0));
            prop_assert_eq!(decode_lossy(&bytes), expected);
        }
    }
}
