//! Values with parameters: `Content-Type` (RFC 2045 5.1), `Content-Disposition` (RFC 2183), and their parameters in
//! pieces and in charsets (RFC 2231).
//!
//! Read leniently: a missing `;` or quote, blanks in a value without quotes, encoded words inside quotes (which RFC 2047
//! forbids and Outlook writes) all give what their writer meant.

use std::collections::HashSet;

use super::encoded_word;
use super::{charset, transfer};
use crate::text::CodePage;

/// The value of a `Content-Type` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// The type, in small letters: `text`.
    pub kind: String,
    /// The subtype, in small letters: `plain`.
    pub subtype: String,
    /// Names in small letters, and values, decoded; in order.
    pub parameters: Vec<(String, String)>,
}

impl ContentType {
    /// A type without parameters.
    pub(super) fn plain(kind: &str, subtype: &str) -> Self {
        Self { kind: kind.to_owned(), subtype: subtype.to_owned(), parameters: Vec::new() }
    }

    /// Whether it is this type and subtype, both in small letters.
    pub fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind == kind && self.subtype == subtype
    }

    /// Whether it is a `multipart`.
    pub fn is_multipart(&self) -> bool {
        self.kind == "multipart"
    }

    /// The parameter of this name, in small letters.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.parameters, name)
    }

    /// Type and subtype: `text/plain`.
    pub fn essence(&self) -> String {
        format!("{}/{}", self.kind, self.subtype)
    }
}

/// The value of a `Content-Disposition` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// `inline`, `attachment` or another word, in small letters.
    pub kind: String,
    /// Names in small letters, and values, decoded; in order.
    pub parameters: Vec<(String, String)>,
}

impl Disposition {
    /// The parameter of this name, in small letters.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        parameter(&self.parameters, name)
    }
}

fn parameter<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    parameters.iter().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
}

/// The type of an unfolded value; `None` if it does not begin with type and subtype.
pub(super) fn content_type(value: &str) -> Option<ContentType> {
    let mut scanner = Scanner { rest: value };
    let kind = scanner.token(b"/;=")?;
    scanner.skip(b"/")?;
    let subtype = scanner.token(b"/;=")?;
    Some(ContentType { kind, subtype, parameters: scanner.parameters() })
}

/// The disposition of an unfolded value. **A value that begins with `;` has an empty kind.**
pub(super) fn disposition(value: &str) -> Disposition {
    let mut scanner = Scanner { rest: value };
    let kind = scanner.token(b"/;=").unwrap_or_default();
    Disposition { kind, parameters: scanner.parameters() }
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    /// Passes over blanks and comments.
    fn blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('(') {
                return;
            }
            let mut depth = 0usize;
            let mut escaped = false;
            let end = self.rest.char_indices().find(|&(_, character)| {
                match character {
                    _ if escaped => {
                        escaped = false;
                        return false;
                    }
                    '\\' => escaped = true,
                    '(' => depth = depth.saturating_add(1),
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                depth == 0
            });
            let Some((at, _)) = end else {
                self.rest = "";
                return;
            };
            self.rest = self.rest.get(at..).and_then(|rest| rest.strip_prefix(')')).unwrap_or_default();
        }
    }

    /// The next token in small letters; `None` if there is none.
    fn token(&mut self, stops: &[u8]) -> Option<String> {
        self.blanks();
        let is_end = |byte: u8| byte.is_ascii_whitespace() || stops.contains(&byte) || matches!(byte, b'(' | b'"');
        let end = self.rest.bytes().position(is_end).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest;
        (!token.is_empty()).then(|| token.to_ascii_lowercase())
    }

    fn skip(&mut self, one_of: &[u8]) -> Option<()> {
        self.blanks();
        self.rest = self.rest.strip_prefix(|first: char| one_of.iter().any(|&byte| char::from(byte) == first))?;
        Some(())
    }

    fn parameters(mut self) -> Vec<(String, String)> {
        let mut pieces = Vec::new();
        loop {
            while self.skip(b";").is_some() {}
            if self.rest.is_empty() {
                return join(pieces);
            }
            let name = self.token(b";=");
            if self.skip(b"=").is_none() {
                // A word without a value, or a character that begins nothing.
                if name.is_none() {
                    let mut characters = self.rest.chars();
                    characters.next();
                    self.rest = characters.as_str();
                }
                continue;
            }
            let value = self.value();
            if let Some(name) = name {
                pieces.push(Piece::new(&name, value));
            }
        }
    }

    fn value(&mut self) -> String {
        self.blanks();
        if let Some(rest) = self.rest.strip_prefix('"') {
            let mut value = String::new();
            let mut characters = rest.chars();
            while let Some(character) = characters.next() {
                match character {
                    '"' => break,
                    '\\' => {
                        let next = characters.next();
                        // Outlook and others write paths without doubling the backslash.
                        if !matches!(next, Some('"' | '\\')) {
                            value.push('\\');
                        }
                        value.extend(next);
                    }
                    other => value.push(other),
                }
            }
            self.rest = characters.as_str();
            return value;
        }
        // Without quotes a value is a token; those with blanks go up to the semicolon.
        let end = self.rest.find(';').unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        let value = value.split(" (").next().unwrap_or_default();
        value.trim().to_owned()
    }
}

/// A parameter as written: `name*1*=value`.
struct Piece {
    name: String,
    /// The number of RFC 2231 3; `None` for a parameter in one piece.
    number: Option<u32>,
    /// RFC 2231 4: percent signs, and in the first piece a charset.
    encoded: bool,
    value: String,
}

impl Piece {
    fn new(name: &str, value: String) -> Self {
        let mut words = name.split('*');
        let plain = words.next().unwrap_or_default();
        let (mut number, mut encoded) = (None, false);
        for word in words {
            match word.parse() {
                Ok(found) => number = Some(found),
                Err(_) => encoded = true,
            }
        }
        Self { name: plain.to_owned(), number, encoded, value }
    }
}

/// Puts pieces together, in the order of their numbers, and decodes them.
fn join(pieces: Vec<Piece>) -> Vec<(String, String)> {
    let mut done: Vec<(String, String)> = Vec::new();
    // Pieces of one name, in order of number; names in order of their first piece.
    let mut names: Vec<&str> = Vec::new();
    let mut met = HashSet::new();
    let mut sorted: Vec<&Piece> = pieces.iter().collect();
    sorted.sort_by(|a, b| (a.name.as_str(), a.number).cmp(&(b.name.as_str(), b.number)));
    for piece in &pieces {
        if met.insert(piece.name.as_str()) {
            names.push(&piece.name);
        }
    }
    for name in names {
        let from = sorted.partition_point(|piece| piece.name.as_str() < name);
        let same: Vec<&Piece> =
            sorted.get(from..).unwrap_or_default().iter().copied().take_while(|piece| piece.name == name).collect();
        let extended: Vec<&Piece> =
            same.iter().copied().filter(|piece| piece.number.is_some() || piece.encoded).collect();
        // RFC 2231 and RFC 6266: the extended form is the better one where both are there.
        let value = match (extended.is_empty(), same.first()) {
            (false, _) => join_extended(&extended),
            (true, Some(piece)) => encoded_word::decode_text(piece.value.as_bytes(), CodePage::UTF_8).into_owned(),
            (true, None) => continue,
        };
        done.push((name.to_owned(), value));
    }
    done
}

fn join_extended(pieces: &[&Piece]) -> String {
    let mut label = None;
    let mut bytes: Vec<u8> = Vec::new();
    let mut any_encoded = false;
    let mut last_number = None;
    for (index, piece) in pieces.iter().enumerate() {
        // `name*=` beside `name*0=`, or a number twice: the first counts.
        if index > 0 && (piece.number.is_none() || piece.number == last_number) {
            continue;
        }
        last_number = piece.number;
        let mut text = piece.value.as_str();
        if piece.encoded {
            any_encoded = true;
            if index == 0 {
                let mut words = text.splitn(3, '\'');
                if let (Some(charset), Some(_language), Some(value)) = (words.next(), words.next(), words.next()) {
                    label = Some(charset).filter(|charset| !charset.is_empty());
                    text = value;
                }
            }
            let mut rest = text.as_bytes();
            while let Some((&first, after)) = rest.split_first() {
                rest = after;
                match (first, transfer::hex_pair(after)) {
                    (b'%', Some(byte)) => {
                        bytes.push(byte);
                        rest = after.get(2..).unwrap_or_default();
                    }
                    _ => bytes.push(first),
                }
            }
        } else {
            bytes.extend_from_slice(text.as_bytes());
        }
    }
    if any_encoded {
        charset::decode(&bytes, label).text.into_owned()
    } else {
        encoded_word::decode_text(&bytes, CodePage::UTF_8).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(value: &str) -> Option<String> {
        disposition(value).parameter("filename").map(str::to_owned)
    }

    #[test]
    fn types() {
        let found = content_type(" Text/HTML (what); charset=\"utf-8\"; format = flowed").expect("a type");
        assert!(found.is("text", "html"));
        assert_eq!(found.parameter("charset"), Some("utf-8"));
        assert_eq!(found.parameter("format"), Some("flowed"));
        // The semicolon is missing.
        let found = content_type("multipart/mixed boundary=\"b\"").expect("a type");
        assert_eq!((found.essence().as_str(), found.parameter("boundary")), ("multipart/mixed", Some("b")));
        for value in ["", "text", "text;charset=utf-8", "/plain", "text/"] {
            assert_eq!(content_type(value), None, "{value}");
        }
    }

    #[test]
    fn the_last_of_many_parameters_counts_as_well() {
        let many: String = (0..200).map(|number| format!("; p{number}=v{number}")).collect();
        let found = disposition(&format!("attachment{many}; filename=a.txt"));
        assert_eq!((found.parameter("p199"), found.parameter("filename")), (Some("v199"), Some("a.txt")));
        assert_eq!(found.parameters.len(), 201);
    }

    #[test]
    fn examples_of_rfc_2231() {
        let found = content_type(
            "message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub/moore/bulk-mailer.tar\"",
        )
        .expect("a type");
        assert_eq!(found.parameter("url"), Some("ftp://cs.utk.edu/pub/moore/bulk-mailer.tar"));
        let found = content_type(
            "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20; \
             title*2=\"isn't it!\"",
        )
        .expect("a type");
        assert_eq!(found.parameter("title"), Some("This is even more ***fun*** isn't it!"));
    }

    #[test]
    fn pieces_share_the_charset_of_the_first() {
        assert_eq!(name("attachment; filename*1*=%FC.txt; filename*0*=iso-8859-1''gr%FC").as_deref(), Some("grüü.txt"));
        // A character cut in two.
        assert_eq!(name("attachment; filename*0*=utf-8''%E2%82; filename*1*=%AC").as_deref(), Some("€"));
        assert_eq!(name("attachment; filename=\"a.txt\"; filename*=utf-8''%C3%A4.txt").as_deref(), Some("ä.txt"));
    }

    #[test]
    fn what_should_not_be() {
        assert_eq!(name("attachment; filename=my file.doc; x=y").as_deref(), Some("my file.doc"));
        assert_eq!(name("; filename=\"a.png\"").as_deref(), Some("a.png"));
        assert_eq!(name("attachment; filename=\"no end").as_deref(), Some("no end"));
        assert_eq!(name("attachment; filename=\"C:\\temp\\a.txt\"").as_deref(), Some("C:\\temp\\a.txt"));
        assert_eq!(name("attachment; filename=\"a\\\"b\"").as_deref(), Some("a\"b"));
        assert_eq!(name("attachment; filename=\"=?utf-8?B?w6Q=?= =?utf-8?B?LnR4dA==?=\"").as_deref(), Some("ä.txt"));
        assert_eq!(name("attachment; filename=").as_deref(), Some(""));
        assert_eq!(disposition("").kind, "");
        assert_eq!(disposition("ATTACHMENT").kind, "attachment");
    }
}
