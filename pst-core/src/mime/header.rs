//! Header fields: where they stand, and their text.

use std::borrow::Cow;
use std::ops::Range;

use super::encoded_word;
use super::lines::{Line, LineEnds};
use crate::text::CodePage;

/// A header field as it stands (RFC 5322 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// The name, as written.
    pub name: &'a str,
    /// The value as written: from behind the colon to the line end of its last line, which is not part of it. Foldings
    /// are.
    pub raw: &'a [u8],
    /// The whole field in [`Mail::bytes`](super::Mail::bytes), its last line end included.
    pub start: usize,
    /// Behind the whole field.
    pub end: usize,
    /// The code page for bytes above 0x7F that are not UTF-8.
    pub(super) fallback: CodePage,
}

impl<'a> Header<'a> {
    /// The whole field in [`Mail::bytes`](super::Mail::bytes), its last line end included.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end
    }

    /// Whether the field has this name; case does not count.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The text: unfolded, encoded words decoded (RFC 2047), blanks at both ends taken away.
    ///
    /// **Bytes above 0x7F** have no meaning in RFC 5322 without RFC 6532. They are UTF-8 if they can be, else the charset
    /// of the body, else windows-1252.
    pub fn text(&self) -> Cow<'a, str> {
        encoded_word::decode_text(self.raw, self.fallback)
    }

    /// Bytes of the header as text, read the way [`text`](Header::text) reads those above 0x7F.
    pub(crate) fn guess<'b>(&self, bytes: &'b [u8]) -> Cow<'b, str> {
        eight_bit(bytes, self.fallback)
    }

    /// The value unfolded and in UTF-8, encoded words as they are.
    pub fn unfolded(&self) -> Cow<'a, str> {
        match unfold(self.raw) {
            Cow::Borrowed(bytes) => eight_bit(bytes, self.fallback),
            Cow::Owned(bytes) => Cow::Owned(eight_bit(&bytes, self.fallback).into_owned()),
        }
    }
}

/// The place of a field.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) end: usize,
}

/// The length of the name if the line begins a field: printable ASCII without a colon, and a colon, with blanks between
/// them at most (RFC 5322 4.5).
pub(super) fn name_length(line: &[u8]) -> Option<usize> {
    let length =
        line.iter().position(|byte| !(33..=126).contains(byte) || *byte == b':').filter(|&length| length > 0)?;
    let rest = line.get(length..)?;
    (rest.iter().find(|byte| !matches!(byte, b' ' | b'\t')) == Some(&b':')).then_some(length)
}

/// The field whose first line is `line`, of which the name is known, with the lines that continue it up to `limit`.
pub(super) fn field(bytes: &[u8], line: Line, name: usize, limit: usize, ends: LineEnds) -> Field {
    let mut end = line;
    while let Some(next) = Line::at(bytes, end.next, ends).filter(|next| next.end <= limit) {
        if !continues(bytes, next, ends) {
            break;
        }
        end = next;
    }
    let colon = bytes.get(line.start..line.end).and_then(|line| line.iter().position(|&byte| byte == b':'));
    let value = colon.and_then(|at| at.checked_add(line.start)?.checked_add(1)).unwrap_or(line.end);
    Field { name: line.start..line.start.saturating_add(name), value: value..end.end.max(value), end: end.next }
}

/// Whether a line continues the field before it. One of nothing but blanks does by RFC 5322 4.2, if headers go on behind it;
/// where they do not, somebody wrote it for the empty line.
fn continues(bytes: &[u8], line: Line, ends: LineEnds) -> bool {
    if line.is_blank(bytes) {
        let goes_on = |next: Line| {
            let text = next.of(bytes);
            text.is_empty() || matches!(text.first(), Some(b' ' | b'\t')) || name_length(text).is_some()
        };
        return line.start < line.end && Line::at(bytes, line.next, ends).is_some_and(goes_on);
    }
    matches!(bytes.get(line.start), Some(b' ' | b'\t'))
}

/// Without the line ends; the blanks that follow them stay.
pub(super) fn unfold(raw: &[u8]) -> Cow<'_, [u8]> {
    if raw.iter().any(|byte| matches!(byte, b'\r' | b'\n')) {
        Cow::Owned(raw.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
    } else {
        Cow::Borrowed(raw)
    }
}

/// Bytes of a header as text: UTF-8, or the page given.
pub(super) fn eight_bit(bytes: &[u8], fallback: CodePage) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => fallback
            .decode(bytes)
            .or_else(|_| CodePage::WINDOWS_1252.decode(bytes))
            .map_or_else(|_| String::from_utf8_lossy(bytes), |decoded| decoded.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_before_its_colon() {
        assert_eq!(name_length(b"Subject: x"), Some(7));
        assert_eq!(name_length(b"Subject : x"), Some(7));
        assert_eq!(name_length(b"X:"), Some(1));
        for line in [&b": x"[..], b"no header", b"two words: x", b" folded: x", b"", b"gr\xFC\xDF: x"] {
            assert_eq!(name_length(line), None);
        }
    }

    #[test]
    fn a_field_has_its_folded_lines() {
        let bytes = b"A: b\r\n c\r\n\td\r\n \r\nbody\r\n";
        let first = |bytes: &[u8]| {
            let line = Line::at(bytes, 0, LineEnds::LineFeed).expect("a line");
            field(bytes, line, 1, bytes.len(), LineEnds::LineFeed)
        };
        assert_eq!(&bytes[first(bytes).value], b" b\r\n c\r\n\td");
        assert_eq!(first(bytes).end, 14);
        assert_eq!(&*unfold(&bytes[first(bytes).value]), b" b c\td");
        // A line of blanks is folding where headers go on.
        assert_eq!(first(b"A: b\r\n \r\n c\r\n\r\n").end, 13);
        assert_eq!(first(b"A: b\r\n \r\nB: c\r\n\r\n").end, 9);
    }
}
