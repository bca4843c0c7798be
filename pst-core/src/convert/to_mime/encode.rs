//! Transfer encodings (RFC 2045 section 6) as sinks: bytes go in, in pieces of any size, and encoded lines come out.

use std::io::{self, Write};

use encodify::base64;

/// The longest encoded line (RFC 2045 sections 6.7 and 6.8).
const LINE: usize = 76;

/// Quoted-printable text. CR LF, LF and CR alone all become line ends; every other byte survives.
///
/// **The two characters `=_` never stand together in what comes out**, which is why boundaries begin with them.
pub(super) struct QuotedPrintable<W> {
    inner: W,
    /// Lines that are complete, and behind them the one that is not.
    text: Vec<u8>,
    /// Where the line begins that is not complete.
    start: usize,
    /// A CR was the last byte, and a LF may follow.
    after_cr: bool,
}

/// Bytes of complete lines that are handed on together.
const ENOUGH: usize = 8 << 10;

/// Whether a byte stands for itself. It may not at the end of a line.
const fn is_literal(byte: u8) -> bool {
    matches!(byte, b'\t' | b' '..=b'<' | b'>'..=b'~')
}

/// The number of bytes at the start that stand for themselves.
fn literals(bytes: &[u8]) -> usize {
    let mut at = 0usize;
    let (words, _) = bytes.as_chunks::<8>();
    for word in words {
        let marks = escaped(u64::from_le_bytes(*word));
        if marks != 0 {
            at = at.saturating_add(usize::try_from(marks.trailing_zeros() / 8).unwrap_or(0));
            break;
        }
        at = at.saturating_add(8);
    }
    let rest = bytes.get(at..).unwrap_or_default();
    // A tab is a literal that looks like none, and less than a word is left at the end.
    at.saturating_add(rest.iter().position(|byte| !is_literal(*byte)).unwrap_or(rest.len()))
}

/// The number of bytes at the start that are lines which stand for themselves, line ends included: short ones that end with
/// CR LF and not with white space before it.
fn plain_lines(bytes: &[u8]) -> usize {
    let mut lines = 0usize;
    while let Some(rest) = bytes.get(lines..) {
        let length = literals(rest.get(..rest.len().min(LINE)).unwrap_or_default());
        let (line, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if length >= LINE || !after.starts_with(b"\r\n") || line.ends_with(b" ") || line.ends_with(b"\t") {
            break;
        }
        lines = lines.saturating_add(length).saturating_add(2);
    }
    lines
}

/// Eight bytes at once: the highest bit of the lowest byte that is a control, a delete, an equals sign or not ASCII; of the
/// bytes above it, any bits.
const fn escaped(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 0xFF;
    const HIGH: u64 = ONES << 7;
    /// The highest bit of the lowest byte that is less than `byte`, which has no highest bit itself.
    const fn less(word: u64, byte: u8) -> u64 {
        word.wrapping_sub(ONES.wrapping_mul(byte as u64)) & !word & HIGH
    }
    let equals = word ^ ONES.wrapping_mul(b'=' as u64);
    let delete = word ^ ONES.wrapping_mul(0x7F);
    less(word, b' ') | less(equals, 1) | less(delete, 1) | (word & HIGH)
}

impl<W: Write> QuotedPrintable<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, text: Vec::with_capacity(ENOUGH.saturating_add(256)), start: 0, after_cr: false }
    }

    fn line_len(&self) -> usize {
        self.text.len().saturating_sub(self.start)
    }

    /// Takes bytes up to the end of a line; gives what is left.
    fn push<'b>(&mut self, mut bytes: &'b [u8]) -> io::Result<&'b [u8]> {
        while let Some(first) = bytes.first().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
            // The last place of a line is kept for the mark of a soft line end.
            let room = LINE.saturating_sub(1).saturating_sub(self.line_len());
            let most = bytes.get(..room.min(bytes.len())).unwrap_or_default();
            let run = literals(most);
            if run > 0 {
                let (now, later) = bytes.split_at_checked(run).unwrap_or((bytes, &[]));
                self.text.extend_from_slice(now);
                bytes = later;
            } else if is_literal(*first) || room < 3 {
                self.soft_end()?;
            } else {
                self.escape(*first);
                bytes = bytes.get(1..).unwrap_or_default();
            }
        }
        Ok(bytes)
    }

    fn escape(&mut self, byte: u8) {
        const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
        let digit = |number: u8| DIGITS.get(usize::from(number)).copied().unwrap_or(b'0');
        self.text.extend_from_slice(&[b'=', digit(byte >> 4), digit(byte & 0xF)]);
    }

    fn soft_end(&mut self) -> io::Result<()> {
        self.text.extend_from_slice(b"=\r\n");
        self.line_is_complete()
    }

    /// White space at the end of a line may be lost on the way unless it is escaped.
    fn guard_white_space(&mut self) -> io::Result<()> {
        if self.line_len() == 0 {
            return Ok(());
        }
        if let Some(byte @ (b' ' | b'\t')) = self.text.last().copied() {
            self.text.pop();
            if self.line_len().saturating_add(3) >= LINE {
                self.soft_end()?;
            }
            self.escape(byte);
        }
        Ok(())
    }

    fn hard_end(&mut self) -> io::Result<()> {
        self.guard_white_space()?;
        self.text.extend_from_slice(b"\r\n");
        self.line_is_complete()
    }

    fn line_is_complete(&mut self) -> io::Result<()> {
        self.start = self.text.len();
        if self.start >= ENOUGH { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> io::Result<()> {
        self.inner.write_all(&self.text)?;
        self.text.clear();
        self.start = 0;
        Ok(())
    }

    /// Writes the last line, which has no end of its own. With `close_line` a soft end follows it, so that the output ends
    /// with a line end and the text does not.
    pub(super) fn finish(mut self, close_line: bool) -> io::Result<()> {
        if self.after_cr {
            self.hard_end()?;
        }
        self.guard_white_space()?;
        if close_line && self.line_len() > 0 {
            self.text.extend_from_slice(b"=\r\n");
        }
        self.hand_on()
    }
}

impl<W: Write> Write for QuotedPrintable<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        while let Some(first) = rest.first() {
            if self.line_len() == 0 && !self.after_cr {
                let (lines, later) = rest.split_at_checked(plain_lines(rest)).unwrap_or((&[], rest));
                if !lines.is_empty() {
                    self.text.extend_from_slice(lines);
                    self.line_is_complete()?;
                    rest = later;
                    continue;
                }
            }
            let after_cr = std::mem::replace(&mut self.after_cr, *first == b'\r');
            if *first == b'\n' || *first == b'\r' {
                if after_cr || *first == b'\n' {
                    self.hard_end()?;
                }
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            if after_cr {
                self.hard_end()?;
            }
            rest = self.push(rest)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Base64 in lines of 76 characters, without a line end after the last one.
pub(super) struct Base64<W> {
    inner: W,
    /// Bytes that are less than a line.
    waiting: Vec<u8>,
    text: Vec<u8>,
    begun: bool,
}

/// Bytes of a line, and of the lines that are encoded at once.
const LINE_BYTES: usize = 57;
const BLOCK: usize = LINE_BYTES * 256;

impl<W: Write> Base64<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, waiting: Vec::with_capacity(LINE_BYTES), text: Vec::new(), begun: false }
    }

    /// Encodes whole lines, or the last one.
    fn encode(&mut self, bytes: &[u8]) -> io::Result<()> {
        for block in bytes.chunks(BLOCK) {
            self.text.clear();
            if std::mem::replace(&mut self.begun, true) {
                self.text.extend_from_slice(b"\r\n");
            }
            base64::MIME.encode_append(block, &mut self.text);
            self.inner.write_all(self.text.trim_ascii_end())?;
        }
        Ok(())
    }

    /// Writes the last line.
    pub(super) fn finish(mut self) -> io::Result<()> {
        let last = std::mem::take(&mut self.waiting);
        self.encode(&last)
    }
}

impl<W: Write> Write for Base64<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut rest = bytes;
        if !self.waiting.is_empty() {
            let room = LINE_BYTES.saturating_sub(self.waiting.len()).min(rest.len());
            let (now, later) = rest.split_at_checked(room).unwrap_or((rest, &[]));
            self.waiting.extend_from_slice(now);
            rest = later;
            if self.waiting.len() < LINE_BYTES {
                return Ok(bytes.len());
            }
            let mut line = std::mem::take(&mut self.waiting);
            self.encode(&line)?;
            line.clear();
            self.waiting = line;
        }
        let lines = rest.len().checked_rem(LINE_BYTES).map_or(0, |last| rest.len().saturating_sub(last));
        let (now, later) = rest.split_at_checked(lines).unwrap_or((rest, &[]));
        self.encode(now)?;
        self.waiting.extend_from_slice(later);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    fn printable(text: &[u8], close_line: bool) -> String {
        let mut out = Vec::new();
        let mut sink = QuotedPrintable::new(&mut out);
        // Bytes one by one: nothing may depend on where pieces end.
        text.chunks(1).for_each(|piece| sink.write_all(piece).unwrap());
        sink.finish(close_line).unwrap();
        let mut at_once = Vec::new();
        let mut sink = QuotedPrintable::new(&mut at_once);
        sink.write_all(text).unwrap();
        sink.finish(close_line).unwrap();
        assert_eq!(out, at_once);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn lines_of_every_kind() {
        assert_eq!(printable(b"a\r\nb\nc\rd", false), "a\r\nb\r\nc\r\nd");
        assert_eq!(printable(b"a\r\r\n\n", false), "a\r\n\r\n\r\n");
        assert_eq!(printable(b"ends\r", false), "ends\r\n");
        assert_eq!(printable(b"a=b \t\r\n ", false), "a=3Db =09\r\n=20");
        assert_eq!(printable("é\0".as_bytes(), false), "=C3=A9=00");
        assert_eq!(printable(b"no end", true), "no end=\r\n");
        assert_eq!(printable(b"an end\r\n", true), "an end\r\n");
        assert_eq!(printable(b"", true), "");
    }

    #[test]
    fn long_lines_have_soft_ends() {
        let line = [b'x'; 100];
        assert_eq!(printable(&line, false), format!("{}=\r\n{}", "x".repeat(75), "x".repeat(25)));
        for length in 70..80 {
            let line = format!("{}\r\n", "x".repeat(length));
            assert_eq!(printable(line.as_bytes(), false).contains("=\r\n"), length > 75, "{length}");
        }
        // A space in the last place of a full line needs three.
        let full = ["x".repeat(74).as_bytes(), b" \r\n"].concat();
        assert_eq!(printable(&full, false), format!("{}=\r\n=20\r\n", "x".repeat(74)));
    }

    #[test]
    fn lines_that_stand_for_themselves() {
        let full = "x".repeat(LINE - 1);
        assert_eq!(plain_lines(format!("a b\r\n\r\n{full}\r\nc\r\n").as_bytes()), 7 + LINE - 1 + 2 + 3);
        for other in
            ["", "a", "a\n", "a\r", "a\rb\r\n", "a \r\n", "\t\r\n", "a=b\r\n", "é\r\n", &format!("{full}x\r\n")]
        {
            assert_eq!(plain_lines(other.as_bytes()), 0, "{other:?}");
            assert_eq!(plain_lines(format!("a\r\n{other}").as_bytes()), 3, "{other:?}");
        }
    }

    #[test]
    fn literals_end_where_something_is_to_be_escaped() {
        for length in 0..40usize {
            let mut text = vec![b'x'; length];
            assert_eq!(literals(&text), length);
            for at in 0..length {
                for byte in 0..=u8::MAX {
                    text[at] = byte;
                    let expected = if is_literal(byte) { length } else { at };
                    assert_eq!(literals(&text), expected, "{byte:#04x} at {at} of {length}");
                }
                text[at] = b'\t';
            }
        }
    }

    proptest! {
        #[test]
        fn literals_are_those_that_each_byte_tells(text in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert_eq!(literals(&text), text.iter().take_while(|byte| is_literal(**byte)).count());
        }

        #[test]
        fn quoted_printable_comes_back(text in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b" \t=_~\r\n".to_vec())], 0..400)) {
            let encoded = printable(&text, true);
            prop_assert!(encoded.split("\r\n").all(|line| line.len() <= LINE));
            prop_assert!(!encoded.contains("=_"));
            prop_assert!(!encoded.replace("\r\n", "").contains(['\r', '\n']));
            let mut expected = Vec::new();
            let mut bytes = text.iter().copied().peekable();
            while let Some(byte) = bytes.next() {
                if byte == b'\r' {
                    bytes.next_if_eq(&b'\n');
                }
                if matches!(byte, b'\r' | b'\n') { expected.extend_from_slice(b"\r\n") } else { expected.push(byte) }
            }
            prop_assert_eq!(encodify::qp::BODY.decode(&encoded).unwrap(), expected);
        }

        #[test]
        fn base64_comes_back(length in 0usize..60_000, piece in 1usize..20_000) {
            let bytes: Vec<u8> = (0..length).map(|at| (at * 7 / 3) as u8).collect();
            let mut out = Vec::new();
            let mut sink = Base64::new(&mut out);
            bytes.chunks(piece).for_each(|piece| sink.write_all(piece).unwrap());
            sink.finish().unwrap();
            let text = String::from_utf8(out).unwrap();
            prop_assert!(!text.ends_with('\n'));
            prop_assert!(text.rsplit("\r\n").skip(1).all(|line| line.len() == LINE));
            prop_assert_eq!(base64::LENIENT.decode(&text).unwrap(), bytes);
        }
    }
}
