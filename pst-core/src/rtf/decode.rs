//! Bytes of text to characters.
//!
//! A character of several bytes can lie across hex escapes, plain text and the pieces of the input, as in `\'94\'4e` and
//! `\'83e`: bytes are gathered until the code page changes or something else comes, and decoded then. Long runs are
//! decoded in pieces that end between characters.

use std::borrow::Cow;

use super::font::Coding;
use super::loss::{LossKind, Losses};
use super::symbol;
use crate::text::CodePage;

/// Bytes gathered before some are decoded.
const GATHER: usize = 16 * 1024;

/// Bytes that wait for their decoding.
#[derive(Debug, Default)]
pub(super) struct Gathered(Vec<u8>);

impl Gathered {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is time to take what can be decoded already.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= GATHER
    }

    /// Takes all bytes.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    /// Takes the bytes that are whole characters.
    pub(super) fn take_whole(&mut self, coding: Coding) -> Vec<u8> {
        let whole = match coding {
            Coding::Page(page) => whole_characters(page, &self.0),
            Coding::Symbol(_) => self.0.len(),
        };
        // Bytes that never become a character must not gather for ever.
        let whole = if whole == 0 { self.0.len() } else { whole };
        let rest = self.0.split_off(whole.min(self.0.len()));
        std::mem::replace(&mut self.0, rest)
    }
}

/// How many of `bytes`, counted from the first, are whole characters of `page`.
fn whole_characters(page: CodePage, bytes: &[u8]) -> usize {
    match page.number() {
        932 | 936 | 949 | 950 | 1361 | 51936 | 51949 | 54936 => {
            let mut at = 0_usize;
            loop {
                let rest = bytes.get(at..).unwrap_or_default();
                let length = match *rest {
                    [] => return at,
                    [lead, ..] if !is_lead(page, lead) => 1,
                    [_] => return at,
                    // GB 18030: a digit in the second place begins a second pair.
                    [_, b'0'..=b'9', ..] if matches!(page.number(), 936 | 54936) => 4,
                    _ => 2,
                };
                if length > rest.len() {
                    return at;
                }
                at = at.saturating_add(length);
            }
        }
        65001 => {
            // Up to three bytes at the end may be the beginning of a character.
            let tail = bytes.iter().rev().take(3).position(|byte| *byte >= 0xC0);
            tail.map_or(bytes.len(), |tail| bytes.len().saturating_sub(tail).saturating_sub(1))
        }
        _ => bytes.len(),
    }
}

/// Whether a byte begins a pair.
fn is_lead(page: CodePage, byte: u8) -> bool {
    match page.number() {
        932 => matches!(byte, 0x81..=0x9F | 0xE0..=0xFC),
        _ => matches!(byte, 0x81..=0xFE),
    }
}

/// The text of `bytes`; what was lost is added to `losses`. With `as_drawn`, bytes of symbol fonts become the characters
/// their font draws, else those of the same number.
pub(super) fn decode<'a>(bytes: &'a [u8], coding: Coding, as_drawn: bool, losses: &mut Losses) -> Cow<'a, str> {
    let page = match coding {
        Coding::Page(page) => page,
        Coding::Symbol(font) if as_drawn => {
            let mut unknown = None;
            let text = bytes.iter().map(|byte| {
                // Spaces and control characters draw nothing, whatever the font.
                let known =
                    if *byte <= b' ' { Some(char::from(*byte)) } else { font.and_then(|font| font.character(*byte)) };
                known.unwrap_or_else(|| {
                    unknown.get_or_insert(*byte);
                    symbol::private_use(*byte)
                })
            });
            let text = text.collect();
            if let Some(byte) = unknown {
                losses.add(LossKind::Characters, 1, || format!("byte {byte:#04x} of a symbol font"));
            }
            return Cow::Owned(text);
        }
        Coding::Symbol(_) => return Cow::Owned(bytes.iter().copied().map(char::from).collect()),
    };
    let decoded = page.decode(bytes).or_else(|error| {
        if !bytes.is_ascii() {
            losses.add(LossKind::CodePage, 1, || format!("{error}, read as windows-1252"));
        }
        CodePage::WINDOWS_1252.decode(bytes)
    });
    let Ok(decoded) = decoded else { return Cow::Borrowed("") };
    if decoded.lossy {
        losses.add(LossKind::Characters, 1, || format!("bytes that are no text in {page}"));
    }
    decoded.text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_characters_of_each_page() {
        for (page, bytes, whole) in [
            (932, &b"a\x83\x65\x83"[..], 3),
            // Half-width katakana are single bytes, and their range lies among the lead bytes of other pages.
            (932, b"a\xB1\xB1", 3),
            (936, b"\xB0\xA1\xB0", 2),
            (936, b"\x94\x39\xFC\x36\x94\x39\xFC", 4),
            (949, b"\xB0\xA1\xB0\xA1", 4),
            (950, b"\x84\x68\x84", 2),
            (65001, b"a\xE2\x82\xAC\xE2\x82", 4),
            (65001, b"a\xE2\x82\xAC", 1),
            (1252, b"\xE9\xE9", 2),
        ] {
            assert_eq!(whole_characters(CodePage::new(page), bytes), whole, "{page} {bytes:x?}");
        }
    }

    #[test]
    fn an_unknown_page_is_read_as_western_and_told() {
        let mut losses = Losses::default();
        let coding = Coding::Page(CodePage::new(1361));
        assert_eq!(decode(b"plain", coding, true, &mut losses), "plain");
        assert_eq!(decode(b"caf\xE9", coding, true, &mut losses), "café");
        let losses = losses.into_vec();
        assert_eq!(losses.len(), 1);
        assert_eq!(losses[0].to_string(), "code-page: no decoder for code page 1361, read as windows-1252");
    }

    #[test]
    fn symbol_fonts() {
        let mut losses = Losses::default();
        let coding = Coding::Symbol(symbol::SymbolFont::named("Symbol"));
        assert_eq!(decode(b"\xB7 a", coding, true, &mut losses), "• α");
        assert_eq!(decode(b"\xB7", coding, false, &mut losses), "·");
        assert_eq!(decode(b"\xB7", Coding::Symbol(None), true, &mut losses), "\u{F0B7}");
        assert_eq!(losses.into_vec()[0].to_string(), "characters: byte 0xb7 of a symbol font");
    }

    proptest! {
        #[test]
        fn pieces_decode_to_the_same(text in "[a-zé日本語中文한국어 。、]{0,80}", every in 1_usize..7) {
            for page in [932, 936, 949, 950, 65001].map(CodePage::new) {
                let Some(bytes) = page.encode(&text) else { continue };
                let mut gathered = Gathered::default();
                let (mut whole, mut losses) = (String::new(), Losses::default());
                for piece in bytes.chunks(every) {
                    gathered.push(piece);
                    // One byte alone may be half a character, and is not asked for before more has come.
                    if gathered.0.len() > 4 {
                        whole.push_str(&decode(&gathered.take_whole(Coding::Page(page)), Coding::Page(page), true, &mut losses));
                    }
                }
                whole.push_str(&decode(&gathered.take(), Coding::Page(page), true, &mut losses));
                prop_assert_eq!(&whole, &text);
                prop_assert!(losses.into_vec().is_empty());
            }
        }
    }
}
