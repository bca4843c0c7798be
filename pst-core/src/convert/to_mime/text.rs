//! Bodies that are text: where they are, what charset they go out in, and their bytes as a stream.
//!
//! Bytes that are in a charset every reader knows go out as they are. UTF-16 and all other code pages become UTF-8, and
//! where HTML then says otherwise in a meta tag, the tag is corrected (MS-OXCMAIL 2.1.3.3.4).
//!
//! A body is produced twice: once to see what is in it, once to write it; one of up to 128 KiB is kept in between. A larger
//! one is never in memory as a whole, unless its code page is one of several bytes a character; then
//! [`Limits::value_bytes`](crate::Limits::value_bytes) bounds it.

use std::io::{self, Read, Write};

use super::references::{References, Scanner};
use super::rich::{self, Rendering};
use crate::convert::LossKind;
use crate::ltp::{Property, PropertyType, decode_string8, id};
use crate::messaging::{Message, html_code_page};
use crate::ndb::DataStream;
use crate::text::{CodePage, CodePageChoice, utf16};
use crate::{Error, Result};

/// A body as it will be written.
#[derive(Clone, Debug)]
pub(super) struct Body {
    source: Source,
    /// `plain` or `html`.
    pub(super) subtype: &'static str,
    pub(super) charset: &'static str,
    /// The bytes are not those of the store, so a meta tag may be wrong.
    recoded: bool,
    /// Its bytes as they will be written, if they are few.
    kept: Option<Vec<u8>>,
    /// It is empty, or nothing but white space.
    pub(super) is_blank: bool,
    /// What it does not carry of the stored one.
    pub(super) losses: Vec<(LossKind, String)>,
    /// What HTML refers to.
    pub(super) references: References,
    /// PidTagBodyContentId and PidTagBodyContentLocation of HTML.
    pub(super) names: [Option<String>; 2],
}

#[derive(Clone, Debug)]
enum Source {
    Stored { message: Message, id: u16, coding: Coding },
    Rich { message: Message, rendering: Rendering },
    Made(Vec<u8>),
}

/// How stored bytes become those of the charset.
#[derive(Clone, Copy, Debug)]
enum Coding {
    AsIs { text_type: bool },
    Utf16,
    CodePage { choice: CodePageChoice, text_type: bool },
}

impl Body {
    /// A body in a property; `None` if the message has no such property of a fitting type.
    pub(super) fn stored(message: &Message, id: u16, subtype: &'static str) -> Result<Option<Self>> {
        let Some(property) = message.properties()?.get(id)? else { return Ok(None) };
        let text_type = property.tag().kind() != PropertyType::BINARY;
        let mut whole = None;
        let (coding, charset) = match property.tag().kind() {
            PropertyType::STRING => (Coding::Utf16, "utf-8"),
            PropertyType::STRING8 | PropertyType::BINARY => {
                let choice = message.code_page()?;
                let choice = match subtype {
                    "html" => {
                        let head = html_head(&property)?;
                        let choice = html_choice(message, &head, choice);
                        whole = (head.len() < HTML_HEAD).then_some(head);
                        choice
                    }
                    _ => choice,
                };
                match known_charset(choice) {
                    Some(charset) => (Coding::AsIs { text_type }, charset),
                    None => (Coding::CodePage { choice, text_type }, "utf-8"),
                }
            }
            _ => return Ok(None),
        };
        let recoded = !matches!(coding, Coding::AsIs { .. });
        let source = Source::Stored { message: message.clone(), id, coding };
        Self::survey(source, subtype, charset, recoded, whole).map(Some)
    }

    /// A body made from RTF.
    pub(super) fn rich(message: &Message, rendering: Rendering) -> Result<Self> {
        let subtype = if rendering == Rendering::Html { "html" } else { "plain" };
        // A meta tag inside is that of the HTML before it became RTF.
        Self::survey(Source::Rich { message: message.clone(), rendering }, subtype, "utf-8", true, None)
    }

    /// Text that was made up here.
    pub(super) fn made(text: impl Into<String>) -> Self {
        let text: String = text.into();
        let charset = if text.is_ascii() { "us-ascii" } else { "utf-8" };
        Self {
            is_blank: text.trim().is_empty(),
            source: Source::Made(text.into_bytes()),
            subtype: "plain",
            charset,
            recoded: false,
            kept: None,
            losses: Vec::new(),
            references: References::default(),
            names: [None, None],
        }
    }

    /// Looks at a body; `whole` are its stored bytes, if they are in memory already.
    fn survey(
        source: Source,
        subtype: &'static str,
        charset: &'static str,
        recoded: bool,
        whole: Option<Vec<u8>>,
    ) -> Result<Self> {
        let mut body = Self {
            source,
            subtype,
            charset,
            recoded,
            kept: None,
            is_blank: true,
            losses: Vec::new(),
            references: References::default(),
            names: [None, None],
        };
        let scanner = (subtype == "html").then(Scanner::default);
        let mut survey = Survey { ascii: true, blank: true, scanner, kept: Some(Vec::new()) };
        body.losses = body.produce_from(whole, &mut survey)?;
        if survey.ascii {
            body.charset = "us-ascii";
        }
        body.is_blank = survey.blank;
        body.references = survey.scanner.map(Scanner::finish).unwrap_or_default();
        // A meta tag is corrected by the charset that is known now.
        body.kept = survey.kept.filter(|_| !(recoded && subtype == "html"));
        Ok(body)
    }

    /// Hands the bytes on, in the charset, and says what they lack.
    pub(super) fn produce(&self, out: &mut dyn Write) -> Result<Vec<(LossKind, String)>> {
        if let Some(kept) = &self.kept {
            out.write_all(kept).map_err(Error::from)?;
            return Ok(self.losses.clone());
        }
        self.produce_from(None, out)
    }

    fn produce_from(&self, whole: Option<Vec<u8>>, out: &mut dyn Write) -> Result<Vec<(LossKind, String)>> {
        if !(self.recoded && self.subtype == "html") {
            return self.produce_raw(whole, out);
        }
        let mut meta = MetaCharset { out, head: Some(Vec::new()), charset: self.charset };
        let losses = self.produce_raw(whole, &mut meta)?;
        meta.finish().map_err(Error::from)?;
        Ok(losses)
    }

    fn produce_raw(&self, whole: Option<Vec<u8>>, out: &mut dyn Write) -> Result<Vec<(LossKind, String)>> {
        let lossy = match &self.source {
            Source::Made(bytes) => out.write_all(bytes).map(|()| false).map_err(Error::from)?,
            Source::Rich { message, rendering } => return rich::render(message, *rendering, out),
            Source::Stored { message, id, coding } => {
                let Some(property) = message.properties()?.get(*id)? else { return Ok(Vec::new()) };
                let stream = || whole.map_or_else(|| property.stream(), |whole| Ok(DataStream::from_bytes(whole)));
                match *coding {
                    Coding::AsIs { text_type } => as_is(stream()?, text_type, out).map(|()| false)?,
                    Coding::Utf16 => from_utf16(stream()?, out)?,
                    Coding::CodePage { choice, text_type } => {
                        let stored = property.stored()?;
                        let bytes = if text_type { crate::text::string8::trim_one_nul(&stored) } else { &stored };
                        let decoded = decode_string8(choice, bytes);
                        out.write_all(decoded.text.as_bytes()).map_err(Error::from)?;
                        decoded.lossy
                    }
                }
            }
        };
        let text = "some have no character in their code page".to_owned();
        Ok(lossy.then_some((LossKind::Characters, text)).into_iter().collect())
    }
}

/// Bytes of HTML in which a charset is looked for.
const HTML_HEAD: usize = 64 << 10;

fn html_head(property: &Property<'_>) -> Result<Vec<u8>> {
    let most = u64::try_from(HTML_HEAD).unwrap_or(u64::MAX);
    let stream = property.stream()?;
    // One byte more, so that the end is seen without growing.
    let mut head = Vec::with_capacity(usize::try_from(stream.len().saturating_add(1).min(most)).unwrap_or(HTML_HEAD));
    stream.take(most).read_to_end(&mut head).map_err(Error::from)?;
    Ok(head)
}

/// The code page of HTML, by its property or its beginning.
fn html_choice(message: &Message, head: &[u8], item: CodePageChoice) -> CodePageChoice {
    let mut head = head;
    // The last character may be cut off; then it is none of ASCII.
    if !head.last().is_some_and(u8::is_ascii)
        && let Err(error) = std::str::from_utf8(head)
        && error.error_len().is_none()
    {
        head = head.get(..error.valid_up_to()).unwrap_or_default();
    }
    let internet = message.integer(id::INTERNET_CODEPAGE).ok().flatten();
    let internet = internet.and_then(|page| i32::try_from(page).ok()).and_then(CodePage::from_property);
    html_code_page(head, internet, || item)
}

/// The charset of a code page whose bytes every reader understands as this library does.
fn known_charset(choice: CodePageChoice) -> Option<&'static str> {
    Some(match choice.page.number() {
        65001 => "utf-8",
        // Above 0x7F it is read as windows-1252.
        20127 | 1252 => "windows-1252",
        1250 => "windows-1250",
        1251 => "windows-1251",
        1253 => "windows-1253",
        1254 => "windows-1254",
        1255 => "windows-1255",
        1256 => "windows-1256",
        1257 => "windows-1257",
        1258 => "windows-1258",
        20866 => "koi8-r",
        21866 => "koi8-u",
        28591 => "iso-8859-1",
        28592 => "iso-8859-2",
        28593 => "iso-8859-3",
        28594 => "iso-8859-4",
        28595 => "iso-8859-5",
        28596 => "iso-8859-6",
        28597 => "iso-8859-7",
        28598 => "iso-8859-8",
        28599 => "iso-8859-9",
        28603 => "iso-8859-13",
        28605 => "iso-8859-15",
        _ => return None,
    })
}

fn as_is(mut stream: DataStream, text_type: bool, out: &mut dyn Write) -> Result<()> {
    // Of a text type, a NUL at the very end is not text.
    let mut nul = false;
    loop {
        let chunk = stream.next_chunk()?;
        if chunk.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut nul) {
            out.write_all(b"\0").map_err(Error::from)?;
        }
        let text = match chunk.split_last() {
            Some((0, text)) if text_type => {
                nul = true;
                text
            }
            _ => chunk,
        };
        out.write_all(text).map_err(Error::from)?;
    }
}

/// UTF-16LE to UTF-8, in pieces; true if there were unpaired surrogates.
fn from_utf16(mut stream: DataStream, out: &mut dyn Write) -> Result<bool> {
    let mut lossy = false;
    // Bytes that may belong to a character whose rest is in the next chunk, and a NUL that may be the last.
    let mut carry: Vec<u8> = Vec::new();
    loop {
        let chunk = stream.next_chunk()?;
        let end = chunk.is_empty();
        carry.extend_from_slice(chunk);
        let ready = if end { utf16::trim_one_nul(&carry).len() } else { whole_characters(&carry) };
        let (now, later) = carry.split_at_checked(ready).unwrap_or((&carry, &[]));
        match utf16::decode(now) {
            Some(text) => out.write_all(text.as_bytes()),
            None => {
                lossy = true;
                out.write_all(utf16::decode_lossy(now).as_bytes())
            }
        }
        .map_err(Error::from)?;
        if end {
            return Ok(lossy);
        }
        carry = later.to_vec();
    }
}

/// The length of the start that can be decoded without what follows: the last unit stays if it is half of a pair or a NUL.
fn whole_characters(bytes: &[u8]) -> usize {
    let even = bytes.len() & !1;
    let last = even.checked_sub(2).and_then(|at| bytes.get(at..even)).map_or(0, |unit| match unit {
        [low, high] => u16::from_le_bytes([*low, *high]),
        _ => 0,
    });
    if last == 0 || (0xD800..0xDC00).contains(&last) { even.saturating_sub(2) } else { even }
}

/// Looks at a body on its first way through.
struct Survey {
    ascii: bool,
    blank: bool,
    scanner: Option<Scanner>,
    /// The bytes, as long as they are few.
    kept: Option<Vec<u8>>,
}

/// Bytes of a body that are kept. There may be two bodies in each message around the one that is written.
const KEPT: usize = 128 << 10;

impl Write for Survey {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ascii &= bytes.is_ascii();
        self.blank = self.blank && bytes.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0);
        self.kept = self.kept.take().filter(|kept| kept.len().saturating_add(bytes.len()) <= KEPT).map(|mut kept| {
            kept.extend_from_slice(bytes);
            kept
        });
        if let Some(scanner) = &mut self.scanner {
            scanner.add(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Bytes of HTML in which a meta tag is looked for.
const HEAD: usize = 4096;

/// Corrects the charset that HTML names in a meta tag near its start.
struct MetaCharset<'w> {
    out: &'w mut dyn Write,
    head: Option<Vec<u8>>,
    charset: &'static str,
}

impl MetaCharset<'_> {
    fn finish(&mut self) -> io::Result<()> {
        let Some(head) = self.head.take() else { return Ok(()) };
        // A label that the end of the head cuts off is left alone.
        match charset_place(&head).filter(|(_, to)| *to < HEAD) {
            Some((from, to)) => {
                self.out.write_all(head.get(..from).unwrap_or_default())?;
                self.out.write_all(self.charset.as_bytes())?;
                self.out.write_all(head.get(to..).unwrap_or_default())
            }
            None => self.out.write_all(&head),
        }
    }
}

impl Write for MetaCharset<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(head) = &mut self.head else { return self.out.write(bytes) };
        let room = HEAD.saturating_sub(head.len()).min(bytes.len());
        let (now, later) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        head.extend_from_slice(now);
        if head.len() >= HEAD {
            self.finish()?;
            self.out.write_all(later)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Where in the head of HTML the label of a charset stands, inside a meta tag.
fn charset_place(head: &[u8]) -> Option<(usize, usize)> {
    let lower = head.to_ascii_lowercase();
    let find = |from: usize, what: &[u8]| {
        let rest = lower.get(from..)?;
        rest.windows(what.len()).position(|window| window == what)?.checked_add(from)
    };
    let mut from = 0usize;
    while let Some(tag) = find(from, b"<meta") {
        let end = find(tag, b">").unwrap_or(lower.len());
        if let Some(at) = find(tag, b"charset").filter(|at| *at < end) {
            let mut start = at.checked_add(7)?;
            while matches!(lower.get(start), Some(b' ' | b'=' | b'"' | b'\'')) {
                start = start.checked_add(1)?;
            }
            let label = lower.get(start..end)?;
            let length = label.iter().position(|byte| !(byte.is_ascii_alphanumeric() || b"-_:.".contains(byte)));
            let stop = start.checked_add(length.unwrap_or(label.len()))?;
            return (stop > start).then_some((start, stop));
        }
        from = tag.checked_add(5)?;
    }
    None
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)]

    use super::*;
    use proptest::prelude::*;

    fn corrected(html: &str, piece: usize) -> String {
        let mut out = Vec::new();
        let mut meta = MetaCharset { out: &mut out, head: Some(Vec::new()), charset: "utf-8" };
        html.as_bytes().chunks(piece).for_each(|piece| meta.write_all(piece).unwrap());
        meta.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_meta_tag_follows_the_charset() {
        for piece in [1, 7, 10_000] {
            assert_eq!(
                corrected("<html><META http-equiv=x content=\"text/html; charset=iso-2022-jp\"><p>charset=x", piece),
                "<html><META http-equiv=x content=\"text/html; charset=utf-8\"><p>charset=x"
            );
            assert_eq!(
                corrected("<meta name=a><meta charset = 'big5' >", piece),
                "<meta name=a><meta charset = 'utf-8' >"
            );
            assert_eq!(corrected("<p>charset=big5</p>", piece), "<p>charset=big5</p>");
        }
        // Only the start is looked at, wherever pieces end.
        for spaces in 4060..4110 {
            let html = format!("{}<meta charset=big5>", " ".repeat(spaces));
            let changed = html.replace("big5", "utf-8");
            let expected = if spaces + 18 < HEAD { &changed } else { &html };
            assert!(corrected(&html, 1) == *expected && corrected(&html, 4090) == *expected, "{spaces}");
        }
    }

    fn utf8(stored: &[u8]) -> (String, bool) {
        let mut out = Vec::new();
        let lossy = from_utf16(DataStream::from_bytes(stored.to_vec()), &mut out).unwrap();
        (String::from_utf8(out).unwrap(), lossy)
    }

    #[test]
    fn one_nul_at_the_end_is_no_text() {
        assert_eq!(utf8(&utf16::encode("a\0")), ("a".to_owned(), false));
        assert_eq!(utf8(&utf16::encode("a\0\0b")), ("a\0\0b".to_owned(), false));
        assert_eq!(utf8(&[0x3D, 0xD8, b'a', 0]), ("\u{FFFD}a".to_owned(), true));
        let mut out = Vec::new();
        as_is(DataStream::from_bytes(b"a\0\0".to_vec()), true, &mut out).unwrap();
        assert_eq!(out, b"a\0");
    }

    proptest! {
        #[test]
        fn pieces_of_utf16_end_between_characters(text in any::<String>(), at in 0usize..64) {
            let bytes = utf16::encode(&text);
            let at = at.min(bytes.len());
            let whole = whole_characters(&bytes[..at]);
            prop_assert!(whole <= at && at - whole <= 3);
            let (first, rest) = bytes.split_at(whole);
            prop_assert_eq!(utf16::decode(first).zip(utf16::decode(rest)).map(|(a, b)| a + &b), Some(text));
        }
    }
}
