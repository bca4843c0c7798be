//! Address lists as words, quotes, comments and brackets (RFC 5322 3.2).

use encodify::rfc2047::EncodedWord;

use super::ListFault;

/// A piece of the list. Blanks count where they part words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Blank,
    /// Characters as they stand, domain literals and encoded words whole.
    Word(&'a str),
    /// The inside of quotes, without the backslashes.
    Quoted {
        inside: String,
        /// As it stands, for a local part.
        whole: &'a str,
    },
    Comment(String),
    /// The inside of angle brackets.
    Angle(&'a str),
    Comma,
    Colon,
    Semicolon,
}

pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
    pub(super) faults: Vec<ListFault>,
    /// Searches for a closing character that went to the end in vain. After some of them the rest of the text counts as
    /// words, or a text of opening characters would be searched once for each.
    in_vain: u32,
    /// There is no `>` any more.
    no_bracket: bool,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, faults: Vec::new(), in_vain: 0, no_bracket: false }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn advance(&mut self, length: usize) -> &'a str {
        let end = self.at.saturating_add(length);
        let taken = self.text.get(self.at..end).unwrap_or_default();
        self.at = end;
        taken
    }

    pub(super) fn next_token(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let first = rest.chars().next()?;
        let single = |lexer: &mut Self, token| {
            lexer.advance(first.len_utf8());
            Some(token)
        };
        match first {
            ',' => single(self, Token::Comma),
            ':' => single(self, Token::Colon),
            ';' => single(self, Token::Semicolon),
            _ if is_blank(first) => {
                let length = rest.find(|character| !is_blank(character)).unwrap_or(rest.len());
                self.advance(length);
                Some(Token::Blank)
            }
            '"' => self.enclosed(quote_end(rest), ListFault::UnclosedQuote, |whole| Token::Quoted {
                inside: unescape(inner(whole)),
                whole,
            }),
            '(' => self.enclosed(comment_end(rest), ListFault::UnclosedComment, |whole| {
                Token::Comment(unescape(inner(whole)))
            }),
            '<' => match self.angle_end(rest) {
                Some(end) => Some(Token::Angle(inner(self.advance(end)))),
                None => {
                    push_once(&mut self.faults, ListFault::UnclosedAngle);
                    Some(Token::Word(self.advance(1)))
                }
            },
            _ => Some(Token::Word(self.word())),
        }
    }

    /// A piece up to its closing character. Without one, the opening character stands for itself.
    fn enclosed(
        &mut self,
        end: impl FnOnce() -> Option<usize>,
        fault: ListFault,
        token: impl FnOnce(&'a str) -> Token<'a>,
    ) -> Option<Token<'a>> {
        let end = if self.in_vain < PATIENCE { end() } else { None };
        match end {
            Some(end) => Some(token(self.advance(end))),
            None => {
                self.in_vain = self.in_vain.saturating_add(1);
                push_once(&mut self.faults, fault);
                Some(Token::Word(self.advance(1)))
            }
        }
    }

    /// The bracket outside quotes; if quotes stand in its way that never close, the first one.
    fn angle_end(&mut self, text: &str) -> Option<usize> {
        if self.in_vain < PATIENCE {
            if let Some(end) = unquoted_bracket(text) {
                return Some(end);
            }
            self.in_vain = self.in_vain.saturating_add(1);
        }
        // Where there is none, that is so for all that follow.
        if self.no_bracket {
            return None;
        }
        let end = text.find('>').and_then(|at| at.checked_add(1));
        self.no_bracket = end.is_none();
        end
    }

    /// Where the domain literal that opens at `at` ends, which is on the same line.
    fn literal_end(&mut self, at: usize) -> Option<usize> {
        let inside = self.rest().get(at..).filter(|_| self.in_vain < PATIENCE)?;
        let Some(close) = inside
            .find([']', '\r', '\n'])
            .filter(|close| inside.get(*close..).is_some_and(|rest| rest.starts_with(']')))
        else {
            self.in_vain = self.in_vain.saturating_add(1);
            return None;
        };
        at.checked_add(close)?.checked_add(1)
    }

    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        // Some mailers leave commas and blanks as they are inside an encoded word.
        if rest.starts_with("=?")
            && let Some((_, length)) = EncodedWord::parse(rest.as_bytes())
            && rest.is_char_boundary(length)
        {
            return self.advance(length);
        }
        let mut literal_until = 0;
        let mut length = rest.len();
        for (at, character) in rest.char_indices() {
            if at < literal_until {
                continue;
            }
            match character {
                '[' => match self.literal_end(at) {
                    Some(end) => literal_until = end,
                    None => push_once(&mut self.faults, ListFault::UnclosedLiteral),
                },
                ',' | ':' | ';' | '"' | '(' | '<' => {
                    length = at;
                    break;
                }
                _ if is_blank(character) => {
                    length = at;
                    break;
                }
                _ => {}
            }
        }
        self.advance(length)
    }
}

/// Searches in vain that a lexer makes.
const PATIENCE: u32 = 16;

fn is_blank(character: char) -> bool {
    character.is_whitespace() || character == '\0'
}

/// Without the first and the last character, which are ASCII.
fn inner(whole: &str) -> &str {
    whole.get(1..whole.len().saturating_sub(1)).unwrap_or_default()
}

pub(super) fn push_once(faults: &mut Vec<ListFault>, fault: ListFault) {
    if !faults.contains(&fault) {
        faults.push(fault);
    }
}

/// Takes out backslashes and line ends.
fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.extend(characters.next()),
            '\r' | '\n' => {}
            _ => out.push(character),
        }
    }
    out
}

/// The length of the piece that opens here, its closing character included.
fn quote_end(text: &str) -> impl FnOnce() -> Option<usize> + '_ {
    move || {
        let mut escaped = false;
        let close = text.char_indices().skip(1).find(|(_, character)| {
            let closes = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            closes
        })?;
        close.0.checked_add(1)
    }
}

fn comment_end(text: &str) -> impl FnOnce() -> Option<usize> + '_ {
    move || {
        let (mut depth, mut escaped) = (0usize, false);
        for (at, character) in text.char_indices() {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '(' => depth = depth.saturating_add(1),
                ')' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at.checked_add(1);
                    }
                }
                _ => {}
            }
        }
        None
    }
}

/// The first bracket outside quotes.
fn unquoted_bracket(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => return at.checked_add(1),
            _ => {}
        }
    }
    None
}
