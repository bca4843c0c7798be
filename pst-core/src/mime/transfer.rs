//! Content transfer encodings (RFC 2045 6): bodies become bytes, all at once or as a stream.
//!
//! Decoding never fails. **What does not belong into an encoding is passed over and counted**, as every mail program does.

use std::io::Read;

/// How a body is encoded.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum TransferEncoding {
    /// `7bit`, or nothing said: the bytes are what they are.
    #[default]
    SevenBit,
    /// `8bit`: the same.
    EightBit,
    /// `binary`: the same.
    Binary,
    /// `quoted-printable`.
    QuotedPrintable,
    /// `base64`.
    Base64,
    /// `x-uuencode` and its other names.
    UuEncode,
    /// Another name, in small letters; the bytes are taken as they are.
    Unknown(String),
}

impl TransferEncoding {
    /// From the value of a `Content-Transfer-Encoding`; case, comments and quotes do not count.
    pub(super) fn from_value(value: &str) -> Self {
        let name = value.split(['(', ';']).next().unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase();
        match name.as_str() {
            "" | "7bit" | "7-bit" => Self::SevenBit,
            "8bit" | "8-bit" => Self::EightBit,
            "binary" => Self::Binary,
            "quoted-printable" | "quotedprintable" => Self::QuotedPrintable,
            "base64" | "base-64" => Self::Base64,
            "x-uuencode" | "uuencode" | "x-uue" | "uue" => Self::UuEncode,
            _ => Self::Unknown(name),
        }
    }

    /// Whether the bytes are what they are.
    pub fn is_identity(&self) -> bool {
        matches!(self, Self::SevenBit | Self::EightBit | Self::Binary | Self::Unknown(_))
    }
}

/// One of the decoders, with its state.
#[derive(Clone, Debug)]
enum Decoder {
    Identity,
    QuotedPrintable(QuotedPrintable),
    Base64(Base64),
    UuEncode(UuEncode),
}

impl Decoder {
    fn of(encoding: &TransferEncoding) -> Self {
        match encoding {
            TransferEncoding::QuotedPrintable => Self::QuotedPrintable(QuotedPrintable::default()),
            TransferEncoding::Base64 => Self::Base64(Base64::default()),
            TransferEncoding::UuEncode => Self::UuEncode(UuEncode::default()),
            _ => Self::Identity,
        }
    }

    /// Decodes the next piece; returns how much of it was used. With `last` all of it is.
    fn decode(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        match self {
            Self::Identity => {
                out.extend_from_slice(piece);
                piece.len()
            }
            Self::QuotedPrintable(decoder) => decoder.decode(piece, last, out),
            Self::Base64(decoder) => decoder.decode(piece, last, out),
            Self::UuEncode(decoder) => decoder.decode(piece, last, out),
        }
    }

    fn damage(&self) -> u64 {
        match self {
            Self::Identity => 0,
            Self::QuotedPrintable(decoder) => decoder.damage,
            Self::Base64(decoder) => decoder.damage,
            Self::UuEncode(decoder) => decoder.damage,
        }
    }
}

/// A body being decoded, as a stream. Reading never fails; memory is one piece of the body.
#[derive(Clone, Debug)]
pub struct BodyReader<'a> {
    body: &'a [u8],
    decoder: Decoder,
    ready: Vec<u8>,
    given: usize,
}

impl<'a> BodyReader<'a> {
    /// Encoded bytes that are decoded at a time.
    const PIECE: usize = 64 * 1024;

    pub(super) fn new(body: &'a [u8], encoding: &TransferEncoding) -> Self {
        Self { body, decoder: Decoder::of(encoding), ready: Vec::new(), given: 0 }
    }

    /// How many characters were passed over so far, since they do not belong into the encoding.
    pub fn damage(&self) -> u64 {
        self.decoder.damage()
    }

    fn fill(&mut self) {
        self.ready.clear();
        self.given = 0;
        let mut length = Self::PIECE;
        while self.ready.is_empty() && !self.body.is_empty() {
            let (piece, last) = match self.body.get(..length) {
                Some(piece) if piece.len() < self.body.len() => (piece, false),
                _ => (self.body, true),
            };
            let used = self.decoder.decode(piece, last, &mut self.ready);
            // A line longer than a piece is looked at again, twice as much of it.
            length = if used == 0 { length.saturating_mul(2) } else { Self::PIECE };
            self.body = if last { &[] } else { self.body.get(used..).unwrap_or_default() };
        }
    }
}

impl Read for BodyReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.given >= self.ready.len() {
            self.fill();
        }
        let ready = self.ready.get(self.given..).unwrap_or_default();
        let length = ready.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), ready.get(..length)) {
            to.copy_from_slice(from);
        }
        self.given = self.given.saturating_add(length);
        Ok(length)
    }
}

/// The decoded bytes and the count of what was passed over.
pub(super) fn decode(body: &[u8], encoding: &TransferEncoding) -> (Vec<u8>, u64) {
    let mut decoder = Decoder::of(encoding);
    let mut out = Vec::new();
    decoder.decode(body, true, &mut out);
    (out, decoder.damage())
}

/// Base64: pads end a group, what is no letter of it is passed over.
#[derive(Clone, Debug)]
pub(super) struct Base64 {
    decoder: encodify::base64::Decoder,
    damage: u64,
}

impl Default for Base64 {
    fn default() -> Self {
        Self { decoder: encodify::base64::LENIENT.decoder(), damage: 0 }
    }
}

impl Base64 {
    pub(super) fn decode(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let mut rest = piece;
        while !rest.is_empty() {
            let used = self.decoder.decode_symbols(rest, out);
            rest = rest.get(used..).unwrap_or_default();
            let Some((stop, after)) = rest.split_first() else { break };
            match stop {
                b'=' => self.decoder.pad(out),
                stop if stop.is_ascii_whitespace() => {}
                _ => self.damage = self.damage.saturating_add(1),
            }
            rest = after;
        }
        if last {
            self.decoder.finish(out);
        }
        piece.len()
    }
}

/// Quoted-printable: `=` and something else stays as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct QuotedPrintable {
    damage: u64,
}

impl QuotedPrintable {
    fn decode(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let mut used = 0usize;
        while let Some(rest) = piece.get(used..).filter(|rest| !rest.is_empty()) {
            let (line, line_end) = match rest.iter().position(|&byte| byte == b'\n') {
                Some(at) => match rest.get(..at) {
                    Some([line @ .., b'\r']) => (line, &b"\r\n"[..]),
                    line => (line.unwrap_or_default(), &b"\n"[..]),
                },
                None if last => (rest, &b""[..]),
                None => break,
            };
            used = used.saturating_add(line.len()).saturating_add(line_end.len());
            // Blanks at the end were added on the way (RFC 2045 6.7 (3)).
            let blanks = line.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            let text = line.get(..line.len().saturating_sub(blanks)).unwrap_or_default();
            match text.strip_suffix(b"=") {
                Some(text) => self.line(text, out),
                None => {
                    self.line(text, out);
                    out.extend_from_slice(line_end);
                }
            }
        }
        used
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        let mut pieces = line.split(|&byte| byte == b'=');
        out.extend_from_slice(pieces.next().unwrap_or_default());
        for piece in pieces {
            match (piece, hex_pair(piece)) {
                (_, Some(byte)) => {
                    out.push(byte);
                    out.extend_from_slice(piece.get(2..).unwrap_or_default());
                }
                // A soft line break in a file whose lines end with CR.
                ([b'\r', after @ ..], _) => out.extend_from_slice(after),
                _ => {
                    self.damage = self.damage.saturating_add(1);
                    out.push(b'=');
                    out.extend_from_slice(piece);
                }
            }
        }
    }
}

/// The byte of two hexadecimal digits.
pub(super) fn hex_pair(bytes: &[u8]) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    u8::try_from(digit(0)?.checked_mul(16)?.checked_add(digit(1)?)?).ok()
}

/// Uuencode: `begin 644 name`, lines with their length first, `end`.
#[derive(Clone, Debug, Default)]
pub(super) struct UuEncode {
    begun: bool,
    ended: bool,
    damage: u64,
}

impl UuEncode {
    fn decode(&mut self, piece: &[u8], last: bool, out: &mut Vec<u8>) -> usize {
        let mut used = 0usize;
        while let Some(rest) = piece.get(used..).filter(|rest| !rest.is_empty()) {
            let (line, length) = match rest.iter().position(|&byte| byte == b'\n') {
                Some(at) => (rest.get(..at).unwrap_or_default(), at.saturating_add(1)),
                None if last => (rest, rest.len()),
                None => break,
            };
            used = used.saturating_add(length);
            self.line(line.strip_suffix(b"\r").unwrap_or(line), out);
        }
        used
    }

    fn line(&mut self, line: &[u8], out: &mut Vec<u8>) {
        if !self.begun {
            self.begun = line.starts_with(b"begin ");
            return;
        }
        if self.ended || line.is_empty() {
            return;
        }
        if line == b"end" {
            self.ended = true;
            return;
        }
        let value = |byte: u8| byte.wrapping_sub(b' ') & 0x3F;
        let Some((&length, groups)) = line.split_first() else { return };
        let mut left = usize::from(value(length));
        // A line says how long it is; a shorter one lost blanks at its end, which are zeros.
        if !(b' '..=b'`').contains(&length) || groups.len() > left.div_ceil(3).saturating_mul(4).saturating_add(2) {
            self.damage = self.damage.saturating_add(1);
        }
        let mut groups = groups.chunks(4);
        while left > 0 {
            let group = groups.next().unwrap_or_default();
            let at = |index: usize| u32::from(group.get(index).copied().map_or(0, value));
            let word = at(0) << 18 | at(1) << 12 | at(2) << 6 | at(3);
            let [_, bytes @ ..] = word.to_be_bytes();
            let take = left.min(3);
            out.extend_from_slice(bytes.get(..take).unwrap_or_default());
            left = left.saturating_sub(take);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(encoding: TransferEncoding, body: &[u8]) -> (String, u64) {
        let (bytes, damage) = decode(body, &encoding);
        (String::from_utf8_lossy(&bytes).into_owned(), damage)
    }

    #[test]
    fn names() {
        assert_eq!(TransferEncoding::from_value(" Base64 (comment)"), TransferEncoding::Base64);
        assert_eq!(TransferEncoding::from_value("QUOTED-PRINTABLE"), TransferEncoding::QuotedPrintable);
        assert_eq!(TransferEncoding::from_value("x-what"), TransferEncoding::Unknown("x-what".into()));
        assert_eq!(TransferEncoding::from_value(""), TransferEncoding::SevenBit);
    }

    #[test]
    fn base64_passes_over_what_is_none_of_it() {
        assert_eq!(decoded(TransferEncoding::Base64, b"aGVs\r\nbG8=\r\n"), ("hello".into(), 0));
        assert_eq!(decoded(TransferEncoding::Base64, b"aGV!sbG8"), ("hello".into(), 1));
        assert_eq!(decoded(TransferEncoding::Base64, b"aGk=aGk="), ("hihi".into(), 0));
        assert_eq!(decoded(TransferEncoding::Base64, b"a"), (String::new(), 0));
    }

    #[test]
    fn quoted_printable_of_the_rfc() {
        let body = b"Now's the time =\r\nfor all folk=20\r\n to come  \r\n=3D=c3=A9=";
        assert_eq!(
            decoded(TransferEncoding::QuotedPrintable, body),
            ("Now's the time for all folk \r\n to come\r\n=é".into(), 0)
        );
        assert_eq!(decoded(TransferEncoding::QuotedPrintable, b"a=XYb=\n=4"), ("a=XYb=4".into(), 2));
    }

    #[test]
    fn uuencode_with_its_frame() {
        let body = b"text\nbegin 644 cat.txt\n#0V%T\n`\nend\nmore\n";
        assert_eq!(decoded(TransferEncoding::UuEncode, body), ("Cat".into(), 0));
    }

    proptest! {
        #[test]
        fn a_stream_gives_what_one_call_gives(
            body in proptest::collection::vec(prop_oneof![any::<u8>(), Just(b'='), Just(b'\n'), 0x20u8..0x60], 0..400),
            which in 0..4usize,
            repeat in 1..600usize,
        ) {
            let encodings = [
                TransferEncoding::Base64,
                TransferEncoding::QuotedPrintable,
                TransferEncoding::UuEncode,
                TransferEncoding::Binary,
            ];
            let mut whole = b"begin 644 a\n".to_vec();
            whole.extend(body.repeat(repeat));
            let (expected, damage) = decode(&whole, &encodings[which]);
            let mut reader = BodyReader::new(&whole, &encodings[which]);
            let mut streamed = Vec::new();
            reader.read_to_end(&mut streamed).expect("never fails");
            prop_assert_eq!(streamed, expected);
            prop_assert_eq!(reader.damage(), damage);
        }

        #[test]
        fn base64_of_anything_comes_back(bytes in any::<Vec<u8>>()) {
            let text = encodify::base64::MIME.encode(&bytes);
            prop_assert_eq!(decode(text.as_bytes(), &TransferEncoding::Base64), (bytes, 0));
        }
    }
}
