//! What HTML refers to: the content ids and places of images that are parts of the mail.

use std::collections::HashSet;

/// References looked at, and bytes of one.
const MOST: usize = 100_000;
const LONGEST: usize = 1024;
/// Bytes of all. They are held while messages in the message are written, and may lie in each other.
const MOST_BYTES: usize = 4 << 20;
/// Bytes gathered before they are looked through.
const ENOUGH: usize = 64 << 10;

/// Content ids (`cid:`) and places (`src`, `background`, `url()`) that a body names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct References {
    ids: HashSet<String>,
    places: HashSet<String>,
}

impl References {
    /// Whether the body shows the part with this content id.
    pub(super) fn has_id(&self, id: &str) -> bool {
        self.ids.contains(&id.trim_matches(['<', '>', ' ']).to_ascii_lowercase())
    }

    /// Whether the body shows what is at this place.
    pub(super) fn has_place(&self, place: &str) -> bool {
        self.places.contains(place.trim())
    }
}

/// Finds references in HTML that comes in pieces. Its charset need only agree with ASCII.
#[derive(Debug, Default)]
pub(super) struct Scanner {
    found: References,
    /// References met, those that were known already among them.
    met: usize,
    bytes: usize,
    waiting: Vec<u8>,
}

impl Scanner {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        for piece in bytes.chunks(ENOUGH) {
            self.waiting.extend_from_slice(piece);
            if self.waiting.len() >= ENOUGH {
                // A reference that begins before this place ends within what is there.
                let sure = self.waiting.len().saturating_sub(LONGEST.saturating_add(32));
                self.scan(sure);
                self.waiting.drain(..sure);
            }
        }
    }

    pub(super) fn finish(mut self) -> References {
        self.scan(self.waiting.len());
        self.found
    }

    /// Finds references that begin before a place.
    fn scan(&mut self, to: usize) {
        let Self { found, met, bytes, waiting } = self;
        let mut from = 0usize;
        // Each word ends in a character that is rare in HTML.
        while let Some(mark) = next_mark(waiting, from) {
            from = mark.saturating_add(1);
            let (before, rest) = waiting.split_at_checked(from).unwrap_or((waiting, &[]));
            let ends_in = |word: &[u8]| {
                let start = before.len().checked_sub(word.len()).filter(|start| *start < to)?;
                before.get(start..)?.eq_ignore_ascii_case(word).then_some(())
            };
            if *met >= MOST || *bytes >= MOST_BYTES || mark > to.saturating_add(LONGEST) {
                break;
            }
            if ends_in(b"cid:").is_some() {
                let id = token(rest);
                *met = met.saturating_add(1);
                *bytes = bytes.saturating_add(id.len());
                found.ids.insert(percent_decoded(&id).to_ascii_lowercase());
            } else if [&b"src="[..], b"background=", b"url("].into_iter().any(|word| ends_in(word).is_some())
                && !is_data(rest)
            {
                let place = token(rest);
                *met = met.saturating_add(1);
                *bytes = bytes.saturating_add(place.len());
                found.places.insert(place.replace("&amp;", "&"));
            }
        }
    }
}

/// The next colon, equals sign or bracket.
fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    let is_mark = |byte: &u8| matches!(*byte, b':' | b'=' | b'(');
    let bytes = bytes.get(from..)?;
    // Blocks of a size that is known are looked at with a few instructions.
    let (blocks, _) = bytes.as_chunks::<32>();
    let without = blocks.iter().take_while(|block| !block.iter().fold(false, |any, byte| any | is_mark(byte))).count();
    let at = without.saturating_mul(32);
    let found = bytes.get(at..)?.iter().position(is_mark)?;
    from.checked_add(at)?.checked_add(found)
}

/// The picture itself instead of a reference to one.
fn is_data(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\"").or_else(|| text.strip_prefix(b"'")).unwrap_or(text);
    text.get(..5).is_some_and(|start| start.eq_ignore_ascii_case(b"data:"))
}

/// What stands in quotes, or up to a space, quote or bracket.
fn token(text: &[u8]) -> String {
    let text = text.get(..text.len().min(LONGEST)).unwrap_or_default();
    let (text, ends): (&[u8], &[u8]) = match text.first() {
        Some(b'"') => (text.get(1..).unwrap_or_default(), b"\""),
        Some(b'\'') => (text.get(1..).unwrap_or_default(), b"'"),
        _ => (text, b" \t\r\n\"'<>)"),
    };
    let end = text.iter().position(|byte| ends.contains(byte)).unwrap_or(text.len());
    String::from_utf8_lossy(text.get(..end).unwrap_or_default()).trim().to_owned()
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;

    fn scan(html: &str, piece: usize) -> References {
        let mut scanner = Scanner::default();
        html.as_bytes().chunks(piece).for_each(|piece| scanner.add(piece));
        scanner.finish()
    }

    #[test]
    fn ids_and_places_in_every_spelling() {
        let html = "<img SRC=\"cid:Logo%40x.example\"><IMG src=cid:two@x><td background='http://h/a?b=1&amp;c=2'>\
                    <div style=\"background:url(pic.gif)\"><p>not a cid";
        for piece in [1, 1000] {
            let found = scan(html, piece);
            assert!(found.has_id("<logo@x.example>") && found.has_id("TWO@x"));
            assert!(found.has_place("http://h/a?b=1&c=2") && found.has_place("pic.gif"));
            assert!(!found.has_id("not") && !found.has_place("other.gif"));
        }
    }

    #[test]
    fn a_reference_across_the_places_where_pieces_end_is_found() {
        for before in ENOUGH - 40..ENOUGH + 10 {
            let html = format!("{}<img src='cid:part1@example.com'>", "x".repeat(before));
            assert!(scan(&html, 4096).has_id("part1@example.com"), "{before}");
        }
    }

    #[test]
    fn pictures_in_the_text_are_no_references() {
        let mut html = format!("<img src=\"data:image/png;base64,{}\">", "A".repeat(900)).repeat(5000);
        html.push_str("<img src='data:x'><img src=a.png>");
        let found = scan(&html, 4096);
        assert!(found.places.len() == 1 && found.has_place("a.png"), "{}", found.places.len());
    }

    /// References within references used to be held with 1 KiB each, 100 MiB for each message in a message.
    #[test]
    fn references_within_references_are_bounded() {
        let html: String = (0..50_000).map(|number| format!("cid:{number:06},")).collect();
        let found = scan(&html, 4096);
        assert!(found.has_id(html.get(4..LONGEST + 4).unwrap()));
        let bytes: usize = found.ids.iter().map(String::len).sum();
        assert!((MOST_BYTES..MOST_BYTES + LONGEST).contains(&bytes), "{bytes}");
    }

    #[test]
    fn many_references_are_bounded() {
        let html: String = (0..MOST + 50).map(|number| format!("cid:{number} ")).collect();
        assert_eq!(scan(&html, 999).ids.len(), MOST);
    }
}
