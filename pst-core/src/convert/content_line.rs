//! Content lines, of which iCalendar (RFC 5545 3.1) and vCard (RFC 6350 3.2) consist: written, folded and escaped.

use std::io::{self, Read};

use crate::convert::{Loss, LossKind};

/// The most octets of a line, its end excluded.
const WIDTH: usize = 75;

/// Content lines in the making. Lines end with CR LF and are folded between characters.
#[derive(Debug, Default)]
pub(super) struct ContentLines {
    out: String,
    /// Octets in the line so far.
    column: usize,
    name: String,
    /// Names of lines that control characters were left out of.
    cleaned: Vec<String>,
}

impl ContentLines {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Begins a line with its name.
    pub(super) fn open(&mut self, name: &str) -> &mut Self {
        name.clone_into(&mut self.name);
        self.column = 0;
        self.push(name);
        self
    }

    /// Adds a parameter whose value may be any text, encoded as RFC 6868 wants it and quoted where needed.
    pub(super) fn parameter(&mut self, name: &str, value: &str) -> &mut Self {
        let mut encoded = String::with_capacity(value.len());
        for character in value.replace("\r\n", "\n").chars() {
            match character {
                '^' => encoded.push_str("^^"),
                '"' => encoded.push_str("^'"),
                '\n' | '\r' => encoded.push_str("^n"),
                '\t' => encoded.push('\t'),
                other if other.is_control() => self.note_control(),
                other => encoded.push(other),
            }
        }
        let quote = if encoded.contains([':', ';', ',']) { "\"" } else { "" };
        self.push(&format!(";{name}={quote}{encoded}{quote}"));
        self
    }

    /// Adds a parameter that is a list of words of the standard.
    pub(super) fn words(&mut self, name: &str, words: &str) -> &mut Self {
        self.push(&format!(";{name}={words}"));
        self
    }

    /// Ends the line with a value that needs no escapes.
    pub(super) fn value(&mut self, value: &str) {
        self.push(":");
        self.push(value);
        self.close();
    }

    /// Ends the line with text.
    pub(super) fn text(&mut self, text: &str) {
        self.texts(&[text], ',');
    }

    /// Ends the line with a URI, in which commas and semicolons are no separators and so have no escapes (RFC 6350 3.4,
    /// RFC 2426 4). Characters that no URI has are percent-encoded.
    pub(super) fn uri(&mut self, uri: &str) {
        self.push(":");
        for character in uri.chars() {
            let is_none = matches!(character, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
            if is_none || character.is_control() || character.is_whitespace() {
                for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                    self.push(&format!("%{byte:02X}"));
                }
            } else {
                self.push(character.encode_utf8(&mut [0; 4]));
            }
        }
        self.close();
    }

    /// Ends the line with several texts and a separator between them.
    pub(super) fn texts<S: AsRef<str>>(&mut self, texts: &[S], separator: char) {
        self.push(":");
        for (number, text) in texts.iter().enumerate() {
            if number > 0 {
                self.push(separator.encode_utf8(&mut [0; 4]));
            }
            self.escaped(text.as_ref());
        }
        self.close();
    }

    fn escaped(&mut self, text: &str) {
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\\' => self.push("\\\\"),
                ';' => self.push("\\;"),
                ',' => self.push("\\,"),
                '\n' => self.push("\\n"),
                '\r' => {
                    characters.next_if_eq(&'\n');
                    self.push("\\n");
                }
                '\t' => self.push("\t"),
                other if other.is_control() => self.note_control(),
                other => self.push(other.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// Ends the line with bytes in base64, after a prefix.
    ///
    /// # Errors
    /// Those of the reader; the line is taken back.
    pub(super) fn base64(&mut self, prefix: &str, mut bytes: impl Read, begin: usize) -> io::Result<u64> {
        self.push(":");
        self.push(prefix);
        let (mut buffer, mut kept, mut total) = ([0; 3 * 1024], 0usize, 0u64);
        loop {
            let read = match buffer.get_mut(kept..).map(|room| bytes.read(room)) {
                Some(Ok(read)) => read,
                Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
                Some(Err(error)) => {
                    self.out.truncate(begin);
                    return Err(error);
                }
                None => 0,
            };
            total = total.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
            let have = kept.saturating_add(read);
            let (whole, rest) = buffer.get(..have).unwrap_or_default().as_chunks::<3>();
            whole.iter().for_each(|[a, b, c]| self.quantum([*a, *b, *c], 4));
            let tail = [rest.first().copied().unwrap_or(0), rest.get(1).copied().unwrap_or(0)];
            kept = rest.len();
            if let Some(start) = buffer.first_chunk_mut::<2>() {
                *start = tail;
            }
            if read == 0 {
                let [a, b] = tail;
                match kept {
                    1 => self.quantum([a, 0, 0], 2),
                    2 => self.quantum([a, b, 0], 3),
                    _ => {}
                }
                self.close();
                return Ok(total);
            }
        }
    }

    /// Three bytes as four characters, of which some may be padding.
    fn quantum(&mut self, bytes: [u8; 3], characters: usize) {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let [a, b, c] = bytes;
        let number = u32::from_be_bytes([0, a, b, c]);
        let mut text = [b'='; 4];
        for (place, shift) in text.iter_mut().zip([18u32, 12, 6, 0]).take(characters) {
            let index = usize::try_from((number >> shift) & 0x3F).unwrap_or(0);
            *place = ALPHABET.get(index).copied().unwrap_or(b'=');
        }
        self.push(std::str::from_utf8(&text).unwrap_or_default());
    }

    /// Where the next line begins, to take it back to.
    pub(super) fn mark(&self) -> usize {
        self.out.len()
    }

    /// Adds lines that are lines already.
    pub(super) fn append(&mut self, other: Self) {
        self.out.push_str(&other.out);
        self.cleaned.extend(other.cleaned);
    }

    pub(super) fn begin(&mut self, component: &str) {
        self.open("BEGIN").value(component);
    }

    pub(super) fn end(&mut self, component: &str) {
        self.open("END").value(component);
    }

    /// The text, and what was left out of it.
    pub(super) fn finish(self) -> (String, Vec<Loss>) {
        let losses = self.cleaned.into_iter().map(|name| {
            Loss::new(LossKind::Changed, format!("{name}: control characters, which the form does not allow, left out"))
        });
        (self.out, losses.collect())
    }

    fn note_control(&mut self) {
        if self.cleaned.last() != Some(&self.name) {
            self.cleaned.push(self.name.clone());
        }
    }

    /// Adds text to the line; its characters must be allowed there.
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            let octets = character.len_utf8();
            if self.column.saturating_add(octets) > WIDTH {
                self.out.push_str("\r\n ");
                self.column = 1;
            }
            self.out.push(character);
            self.column = self.column.saturating_add(octets);
        }
    }

    fn close(&mut self) {
        self.out.push_str("\r\n");
        self.column = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects, clippy::string_slice)]

    use super::*;
    use proptest::prelude::*;

    fn unfold(text: &str) -> String {
        text.replace("\r\n ", "")
    }

    #[test]
    fn lines_are_folded_between_characters() {
        let mut lines = ContentLines::new();
        lines.open("SUMMARY").text(&"ä".repeat(80));
        let (text, losses) = lines.finish();
        assert_eq!(losses, []);
        let widths: Vec<_> = text.lines().map(str::len).collect();
        // SUMMARY: and 33 characters; a space and 37; a space and 10.
        assert_eq!(widths, [74, 75, 21]);
        assert_eq!(unfold(&text), format!("SUMMARY:{}\r\n", "ä".repeat(80)));
    }

    #[test]
    fn text_is_escaped() {
        let mut lines = ContentLines::new();
        lines.open("X").text("a\\b;c,d\r\ne\nf\rg\th\u{7}");
        lines.open("N").texts(&["Fuß;", "", "A,B"], ';');
        let (text, losses) = lines.finish();
        assert_eq!(text, "X:a\\\\b\\;c\\,d\\ne\\nf\\ng\th\r\nN:Fuß\\;;;A\\,B\r\n");
        assert_eq!(losses.len(), 1);
        assert_eq!(losses[0].kind, LossKind::Changed);
        assert!(losses[0].detail.starts_with("X:"));
    }

    #[test]
    fn a_uri_has_no_escapes() {
        let mut lines = ContentLines::new();
        lines.open("URL").uri("https://example.com/a,b;c?d=\\e f\u{1}%20ü");
        assert_eq!(lines.finish(), ("URL:https://example.com/a,b;c?d=%5Ce%20f%01%20ü\r\n".to_owned(), vec![]));
    }

    #[test]
    fn parameters_are_quoted_where_needed() {
        let mut lines = ContentLines::new();
        lines.open("A").parameter("CN", "Doe, \"J\" ^1\n").words("TYPE", "home,work").value("x");
        lines.open("A").parameter("CN", "Ann Doe").value("x");
        assert_eq!(lines.finish().0, "A;CN=\"Doe, ^'J^' ^^1^n\";TYPE=home,work:x\r\nA;CN=Ann Doe:x\r\n");
    }

    #[test]
    fn base64_has_padding() {
        // RFC 4648 10.
        for (bytes, expected) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            let mut lines = ContentLines::new();
            lines.open("P");
            assert_eq!(lines.base64("", bytes.as_bytes(), 0).unwrap(), bytes.len() as u64);
            assert_eq!(lines.finish().0, format!("P:{expected}\r\n"));
        }
    }

    #[test]
    fn a_reader_that_fails_leaves_no_line() {
        struct Failing;
        impl Read for Failing {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("gone"))
            }
        }
        let mut lines = ContentLines::new();
        lines.open("A").value("1");
        let mark = lines.mark();
        lines.open("PHOTO");
        assert!(lines.base64("", io::Read::chain(&b"abc"[..], Failing), mark).is_err());
        lines.open("B").value("2");
        assert_eq!(lines.finish().0, "A:1\r\nB:2\r\n");
    }

    proptest! {
        #[test]
        fn no_line_is_too_long_and_nothing_is_lost(text in "\\PC{0,300}") {
            let mut lines = ContentLines::new();
            lines.open("DESCRIPTION").text(&text);
            let (out, _) = lines.finish();
            prop_assert!(out.lines().all(|line| line.len() <= 75));
            let value = unfold(&out);
            let value = value.strip_prefix("DESCRIPTION:").and_then(|rest| rest.strip_suffix("\r\n")).unwrap();
            let back = value.replace("\\,", ",").replace("\\;", ";").replace("\\\\", "\\");
            if !text.contains('\\') {
                prop_assert_eq!(back, text);
            }
        }

        #[test]
        fn base64_of_any_length_in_any_pieces(bytes in proptest::collection::vec(any::<u8>(), 0..9000), piece in 1usize..7) {
            struct Pieces<'a>(&'a [u8], usize);
            impl Read for Pieces<'_> {
                fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                    let length = self.1.min(buffer.len()).min(self.0.len());
                    buffer[..length].copy_from_slice(&self.0[..length]);
                    self.0 = &self.0[length..];
                    Ok(length)
                }
            }
            let mut whole = ContentLines::new();
            whole.open("P").base64("", &bytes[..], 0).unwrap();
            let mut pieces = ContentLines::new();
            pieces.open("P").base64("", Pieces(&bytes, piece), 0).unwrap();
            let text = whole.finish().0;
            prop_assert_eq!(&text, &pieces.finish().0);
            let digits = unfold(&text).trim_end().len() - 2;
            prop_assert_eq!(digits, bytes.len().div_ceil(3) * 4);
        }
    }
}
