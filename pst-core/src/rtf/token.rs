//! RTF as a stream of tokens: groups, control words and symbols, hex escapes, text, binary data.
//!
//! ```text
//!  {  }          begin and end of a group
//!  \word-123     control word, an optional number, and one space that belongs to it
//!  \~  \*        control symbol: a backslash and one byte that is no letter
//!  \'e9          one byte of text as two hex digits
//!  \bin5 .....   five bytes that are no RTF
//! ```
//!
//! Stands on [`std::io::Read`]. Memory is one buffer of 8 KiB, whatever the input. No byte is an error: what breaks the
//! rules is counted in [`Faults`] and read as the nearest thing that keeps the text.
//!
//! - **Line ends in the text mean nothing**; behind a backslash they are `\par`.
//! - **A run of text can come in several tokens**, so a character of several bytes may lie across two of them.

use std::io::{self, Read};
use std::str;

const BUFFER_LEN: usize = 8192;
/// The longest control word of the specification.
const WORD_LEN: usize = 32;

/// One token. Borrows from the tokenizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    GroupStart,
    /// `}`
    GroupEnd,
    /// A control word in ASCII letters, cut off after 32.
    Word(&'a str, Option<i32>),
    /// A control symbol: the byte after the backslash.
    Symbol(u8),
    /// `\'hh`: a byte of text.
    Hex(u8),
    /// Bytes of text, without line ends and NULs. Never empty.
    Text(&'a [u8]),
    /// `\binN`: so many bytes were passed over.
    Binary(u64),
}

/// What broke the rules, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// `\'` without two hex digits.
    pub(super) hex_escapes: u64,
    /// Control words of more than 32 letters.
    pub(super) long_words: u64,
    /// Numbers beyond 32 bits.
    pub(super) numbers: u64,
    /// The input ends within a token.
    pub(super) cut_short: u64,
}

/// Reads tokens from `source`.
#[derive(Debug)]
pub(super) struct Tokenizer<R> {
    source: R,
    buffer: Box<[u8]>,
    /// Unread bytes are `buffer[at..filled]`.
    at: usize,
    filled: usize,
    ended: bool,
    word: [u8; WORD_LEN],
    pub(super) faults: Faults,
}

impl<R: Read> Tokenizer<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            buffer: vec![0; BUFFER_LEN].into_boxed_slice(),
            at: 0,
            filled: 0,
            ended: false,
            word: [0; WORD_LEN],
            faults: Faults::default(),
        }
    }

    /// The next token; `None` at the end of the input.
    ///
    /// # Errors
    ///
    /// Those of the source. After one, reading can go on.
    pub(super) fn next(&mut self) -> io::Result<Option<Token<'_>>> {
        loop {
            match self.peek(0)? {
                None => return Ok(None),
                Some(b'\r' | b'\n' | 0) => self.advance(1),
                Some(b'{') => {
                    self.advance(1);
                    return Ok(Some(Token::GroupStart));
                }
                Some(b'}') => {
                    self.advance(1);
                    return Ok(Some(Token::GroupEnd));
                }
                Some(b'\\') => match self.peek(1)? {
                    None => {
                        self.faults.cut_short = self.faults.cut_short.saturating_add(1);
                        self.advance(1);
                        return Ok(None);
                    }
                    Some(b'\'') => {
                        if let Some(byte) = self.hex_escape()? {
                            return Ok(Some(Token::Hex(byte)));
                        }
                    }
                    Some(b'\r' | b'\n') => {
                        self.advance(2);
                        return Ok(Some(Token::Word("par", None)));
                    }
                    Some(letter) if letter.is_ascii_alphabetic() => return self.control_word().map(Some),
                    Some(symbol) => {
                        self.advance(2);
                        return Ok(Some(Token::Symbol(symbol)));
                    }
                },
                Some(_) => return Ok(Some(self.text())),
            }
        }
    }

    /// The byte `ahead` of the next one, which is read if need be; `None` beyond the end of the input.
    fn peek(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        let place = self.at.saturating_add(ahead);
        if place >= self.filled && !self.ended {
            return self.refill(ahead);
        }
        Ok(self.buffer.get(..self.filled).and_then(|bytes| bytes.get(place)).copied())
    }

    #[cold]
    fn refill(&mut self, ahead: usize) -> io::Result<Option<u8>> {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled = self.filled.saturating_sub(self.at);
        self.at = 0;
        while self.filled <= ahead {
            let room = self.buffer.get_mut(self.filled..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(count) => self.filled = self.filled.saturating_add(count).min(self.buffer.len()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(self.buffer.get(..self.filled).and_then(|bytes| bytes.get(ahead)).copied())
    }

    fn advance(&mut self, count: usize) {
        self.at = self.at.saturating_add(count).min(self.filled);
    }

    /// The run of text at the next byte, as far as the buffer goes.
    fn text(&mut self) -> Token<'_> {
        let bytes = self.buffer.get(self.at..self.filled).unwrap_or_default();
        let length = bytes
            .iter()
            .position(|byte| matches!(byte, b'\\' | b'{' | b'}' | b'\r' | b'\n' | 0))
            .unwrap_or(bytes.len());
        self.at = self.at.saturating_add(length);
        Token::Text(bytes.get(..length).unwrap_or_default())
    }

    /// `\'hh`. Without two digits, only the backslash and the apostrophe go.
    fn hex_escape(&mut self) -> io::Result<Option<u8>> {
        let mut value = 0_u8;
        for place in [2, 3] {
            let digit = self.peek(place)?.and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u8::try_from(digit).ok()) else {
                self.faults.hex_escapes = self.faults.hex_escapes.saturating_add(1);
                self.advance(2);
                return Ok(None);
            };
            value = value.wrapping_shl(4) | digit;
        }
        self.advance(4);
        Ok(Some(value))
    }

    fn control_word(&mut self) -> io::Result<Token<'_>> {
        self.advance(1);
        let mut length = 0_usize;
        while let Some(letter) = self.peek(0)?.filter(u8::is_ascii_alphabetic) {
            if let Some(place) = self.word.get_mut(length) {
                *place = letter;
            }
            length = length.saturating_add(1);
            self.advance(1);
        }
        if length > WORD_LEN {
            self.faults.long_words = self.faults.long_words.saturating_add(1);
        }
        let number = self.number()?;
        if self.peek(0)? == Some(b' ') {
            self.advance(1);
        }
        let length = length.min(WORD_LEN);
        if self.word.get(..length) == Some(b"bin") {
            let count = u64::try_from(number.unwrap_or(0)).unwrap_or(0);
            return self.pass_over(count);
        }
        let name = self.word.get(..length).and_then(|word| str::from_utf8(word).ok()).unwrap_or_default();
        Ok(Token::Word(name, number))
    }

    /// The number of a control word. **A minus sign without a digit behind it is text.**
    fn number(&mut self) -> io::Result<Option<i32>> {
        let negative = self.peek(0)? == Some(b'-');
        if !self.peek(usize::from(negative))?.is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        self.advance(usize::from(negative));
        let mut value = 0_i64;
        while let Some(digit) = self.peek(0)?.and_then(|byte| char::from(byte).to_digit(10)) {
            value = value.saturating_mul(10).saturating_add(i64::from(digit));
            self.advance(1);
        }
        let value = if negative { value.saturating_neg() } else { value };
        Ok(Some(i32::try_from(value).unwrap_or_else(|_| {
            self.faults.numbers = self.faults.numbers.saturating_add(1);
            if negative { i32::MIN } else { i32::MAX }
        })))
    }

    fn pass_over(&mut self, count: u64) -> io::Result<Token<'_>> {
        let mut left = count;
        while left > 0 {
            if self.peek(0)?.is_none() {
                self.faults.cut_short = self.faults.cut_short.saturating_add(1);
                break;
            }
            let here = self.filled.saturating_sub(self.at);
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(here);
            self.advance(step);
            left = left.saturating_sub(step as u64);
        }
        Ok(Token::Binary(count.saturating_sub(left)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A token that owns its text; runs of text are joined.
    #[derive(Clone, Debug, PartialEq, Eq)]
    enum Owned {
        Start,
        End,
        Word(String, Option<i32>),
        Symbol(char),
        Hex(u8),
        Text(String),
        Binary(u64),
    }

    /// Hands out `piece` bytes at a time.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(self.1).min(out.len());
            let (now, rest) = self.0.split_at(count);
            out[..count].copy_from_slice(now);
            self.0 = rest;
            Ok(count)
        }
    }

    fn tokens(rtf: &[u8], piece: usize) -> (Vec<Owned>, Faults) {
        let mut tokenizer = Tokenizer::new(Pieces(rtf, piece));
        let mut all = Vec::new();
        while let Some(token) = tokenizer.next().unwrap() {
            let token = match token {
                Token::GroupStart => Owned::Start,
                Token::GroupEnd => Owned::End,
                Token::Word(name, number) => Owned::Word(name.to_owned(), number),
                Token::Symbol(byte) => Owned::Symbol(char::from(byte)),
                Token::Hex(byte) => Owned::Hex(byte),
                Token::Binary(count) => Owned::Binary(count),
                Token::Text(bytes) => {
                    let text: String = bytes.iter().copied().map(char::from).collect();
                    if let Some(Owned::Text(before)) = all.last_mut() {
                        before.push_str(&text);
                        continue;
                    }
                    Owned::Text(text)
                }
            };
            all.push(token);
        }
        (all, tokenizer.faults)
    }

    fn word(name: &str, number: impl Into<Option<i32>>) -> Owned {
        Owned::Word(name.to_owned(), number.into())
    }

    fn text(text: &str) -> Owned {
        Owned::Text(text.to_owned())
    }

    #[test]
    fn words_take_their_number_and_one_space() {
        let (all, faults) = tokens(b"{\\rtf1\\b bold\\b0  x\\li-720\\u-10179 ?\\par}", 3);
        let expected = [
            Owned::Start,
            word("rtf", 1),
            word("b", None),
            text("bold"),
            word("b", 0),
            text(" x"),
            word("li", -720),
            word("u", -10179),
            text("?"),
            word("par", None),
            Owned::End,
        ];
        assert_eq!(all, expected);
        assert_eq!(faults, Faults::default());
    }

    #[test]
    fn a_minus_without_digits_is_text() {
        assert_eq!(tokens(b"\\b-x\\b--1", 1).0, [word("b", None), text("-x"), word("b", None), text("--1")]);
    }

    #[test]
    fn symbols_and_escapes() {
        let (all, _) = tokens(b"\\~\\-\\*\\{\\}\\\\\\'E9\\'0a\\|\\1", 1);
        let symbols = ['~', '-', '*', '{', '}', '\\'].map(Owned::Symbol);
        assert_eq!(all[..6], symbols);
        assert_eq!(all[6..], [Owned::Hex(0xE9), Owned::Hex(10), Owned::Symbol('|'), Owned::Symbol('1')]);
    }

    #[test]
    fn line_ends_are_nothing_but_behind_a_backslash() {
        assert_eq!(tokens(b"a\r\nb\nc\0d", 1).0, [text("abcd")]);
        assert_eq!(
            tokens(b"a\\\nb\\\r\nc", 1).0,
            [text("a"), word("par", None), text("b"), word("par", None), text("c")]
        );
    }

    #[test]
    fn binary_data_is_passed_over() {
        for piece in [1, 4096] {
            let (all, faults) = tokens(b"{\\bin5 {\\}}\0x}", piece);
            assert_eq!(all, [Owned::Start, Owned::Binary(5), text("x"), Owned::End]);
            assert_eq!(faults, Faults::default());
        }
        let (all, faults) = tokens(b"\\bin2147483647 abc", 2);
        assert_eq!(all, [Owned::Binary(3)]);
        assert_eq!(faults, Faults { cut_short: 1, ..Faults::default() });
        assert_eq!(tokens(b"\\bin-4 abc", 2).0, [Owned::Binary(0), text("abc")]);
    }

    #[test]
    fn what_breaks_the_rules_is_counted_and_keeps_its_text() {
        let (all, faults) = tokens(b"\\'4gx\\'", 1);
        assert_eq!(all, [text("4gx")]);
        assert_eq!(faults, Faults { hex_escapes: 2, ..Faults::default() });

        let long = "\\".to_owned() + &"z".repeat(40) + "7 t";
        let (all, faults) = tokens(long.as_bytes(), 1);
        assert_eq!(all, [word(&"z".repeat(32), 7), text("t")]);
        assert_eq!(faults, Faults { long_words: 1, ..Faults::default() });

        let (all, faults) = tokens(b"\\u99999999999999999999 \\u-4294967296 ", 1);
        assert_eq!(all, [word("u", i32::MAX), word("u", i32::MIN)]);
        assert_eq!(faults, Faults { numbers: 2, ..Faults::default() });

        let (all, faults) = tokens(b"ab\\", 1);
        assert_eq!(all, [text("ab")]);
        assert_eq!(faults, Faults { cut_short: 1, ..Faults::default() });
    }

    #[test]
    fn a_failing_source_can_be_asked_again() {
        /// Fails before every single byte.
        struct Shaky<'a>(&'a [u8], bool);
        impl Read for Shaky<'_> {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                self.1 = !self.1;
                if self.1 {
                    return Err(io::Error::from(io::ErrorKind::Interrupted));
                }
                Pieces(self.0, 1).read(out).inspect(|count| self.0 = &self.0[*count..])
            }
        }
        let mut tokenizer = Tokenizer::new(Shaky(b"\\par", false));
        assert_eq!(tokenizer.next().unwrap(), Some(Token::Word("par", None)));
        assert_eq!(tokenizer.next().unwrap(), None);
    }

    proptest! {
        #[test]
        fn the_pieces_of_the_source_do_not_matter(
            rtf in prop::collection::vec(prop::sample::select(b"\\\\\\{}'-09afuz \r\n*~\0\xE9bin".as_slice()), 0..300),
            piece in 1_usize..9,
        ) {
            prop_assert_eq!(tokens(&rtf, piece), tokens(&rtf, usize::MAX));
        }

        #[test]
        fn any_bytes_end(rtf in prop::collection::vec(any::<u8>(), 0..20_000)) {
            let text: usize = tokens(&rtf, 4096).0.iter().map(|token| if let Owned::Text(text) = token { text.chars().count() } else { 0 }).sum();
            prop_assert!(text <= rtf.len());
        }
    }
}
