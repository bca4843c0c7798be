//! The address lists of From, To and their like (RFC 5322 3.4, RFC 2047, RFC 6854).
//!
//! ```text
//! "Smith, John" <john@x.example>, Team: a@x.example, b@x.example;, c@x.example (Carol)
//! ```
//!
//! What is written in mails is not always what the rules allow, so that the parser takes every text: what it cannot place
//! is kept as part of a name, and [`ListFault`]s say where the text was not as it should be. It looks at each character a
//! bounded number of times.

mod lexer;

use std::fmt;

use encodify::rfc2047;

use crate::text::CodePage;
use lexer::{Lexer, Token, push_once};

/// An address with the name of whom it is of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// The display name, decoded; of an address without one, the comment behind it, where older mailers put it.
    pub name: Option<String>,
    /// The address as it stands, without angle brackets; `None` for a name alone. **Not checked**: see
    /// [`SmtpAddress`](crate::address::SmtpAddress).
    pub address: Option<String>,
}

/// An entry of an address list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListEntry {
    /// One address.
    Mailbox(Mailbox),
    /// A group: `undisclosed-recipients:;` is one without members.
    Group {
        /// The name of the group, decoded.
        name: String,
        /// Its members.
        members: Vec<Mailbox>,
    },
}

/// What in a list was not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListFault {
    /// A quote that does not close.
    UnclosedQuote,
    /// A comment that does not close.
    UnclosedComment,
    /// An angle bracket that does not close.
    UnclosedAngle,
    /// A domain literal that does not close.
    UnclosedLiteral,
    /// A group without semicolon.
    UnclosedGroup,
    /// Text behind an address and before the comma; it is kept in the name.
    TextAfterAddress,
    /// A name without address.
    NoAddress,
    /// More text than is taken apart, 2 MiB; the rest is one name at the end.
    TooLong,
}

/// An address list, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressList {
    /// The entries in order.
    pub entries: Vec<ListEntry>,
    /// What was not as it should be, each kind once.
    pub faults: Vec<ListFault>,
}

impl AddressList {
    /// Takes a header field's value apart, folded or not. It never fails.
    pub fn parse(text: &str) -> Self {
        let (taken, rest) = cut(text);
        let mut builder = Builder::default();
        let mut lexer = Lexer::new(taken);
        while let Some(token) = lexer.next_token() {
            builder.take(token);
        }
        let mut list = builder.finish(lexer.faults);
        if !rest.is_empty() {
            list.entries.push(ListEntry::Mailbox(Mailbox { name: Some(rest.to_owned()), address: None }));
            list.faults.push(ListFault::TooLong);
        }
        list
    }

    /// All addresses, those in groups included.
    pub fn mailboxes(&self) -> impl Iterator<Item = &Mailbox> {
        self.entries.iter().flat_map(|entry| match entry {
            ListEntry::Mailbox(mailbox) => std::slice::from_ref(mailbox),
            ListEntry::Group { members, .. } => members.as_slice(),
        })
    }
}

impl ListFault {
    /// The stable name, in small letters: `unclosed-quote`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnclosedQuote => "unclosed-quote",
            Self::UnclosedComment => "unclosed-comment",
            Self::UnclosedAngle => "unclosed-angle",
            Self::UnclosedLiteral => "unclosed-literal",
            Self::UnclosedGroup => "unclosed-group",
            Self::TextAfterAddress => "text-after-address",
            Self::NoAddress => "no-address",
            Self::TooLong => "too-long",
        }
    }
}

impl fmt::Display for ListFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What is taken apart of a text, up to a comma, and the rest. The shortest entries and words take fifty times their size.
fn cut(text: &str) -> (&str, &str) {
    const MOST: usize = 2 << 20;
    if text.len() <= MOST {
        return (text, "");
    }
    let most = text.floor_char_boundary(MOST);
    let end = text.get(..most).and_then(|start| start.rfind(',')).map_or(most, |comma| comma.saturating_add(1));
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Decodes the encoded words in a text (RFC 2047). An unknown charset is read as UTF-8.
pub fn decode_words(text: &str) -> String {
    rfc2047::decode_text(text.as_bytes(), |charset, bytes, out| {
        let page = std::str::from_utf8(charset).ok().and_then(CodePage::from_name).unwrap_or(CodePage::UTF_8);
        match page.decode(bytes) {
            Ok(decoded) => out.push_str(&decoded.text),
            Err(_) => out.push_str(&String::from_utf8_lossy(bytes)),
        }
    })
    .into_owned()
}

/// What has been read of the entry at hand.
#[derive(Default)]
struct Pending<'a> {
    /// Words and quoted strings, and whether a blank stood before each.
    words: Vec<(bool, Piece<'a>)>,
    angle: Option<&'a str>,
    comment: Option<String>,
    blank: bool,
}

enum Piece<'a> {
    Word(&'a str),
    Quoted { inside: String, whole: &'a str },
}

#[derive(Default)]
struct Builder<'a> {
    pending: Pending<'a>,
    entries: Vec<ListEntry>,
    group: Option<(String, Vec<Mailbox>)>,
    faults: Vec<ListFault>,
}

impl<'a> Builder<'a> {
    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Blank => self.pending.blank = true,
            Token::Word(word) => self.word(Piece::Word(word)),
            Token::Quoted { inside, whole } => self.word(Piece::Quoted { inside, whole }),
            Token::Comment(comment) => {
                self.pending.blank = true;
                self.pending.comment.get_or_insert(comment);
            }
            Token::Angle(inside) => match self.pending.angle {
                None => self.pending.angle = Some(inside),
                Some(_) => {
                    push_once(&mut self.faults, ListFault::TextAfterAddress);
                    self.word(Piece::Word(inside));
                }
            },
            Token::Comma => self.close_mailbox(),
            Token::Colon => self.open_group(),
            Token::Semicolon => {
                self.close_mailbox();
                self.close_group();
            }
        }
    }

    fn word(&mut self, piece: Piece<'a>) {
        if self.pending.angle.is_some() {
            push_once(&mut self.faults, ListFault::TextAfterAddress);
        }
        let blank = std::mem::take(&mut self.pending.blank);
        self.pending.words.push((blank, piece));
    }

    /// A colon begins a group where a name is before it, and is a character of a word elsewhere.
    fn open_group(&mut self) {
        let named = !self.pending.words.is_empty() && self.pending.angle.is_none();
        if self.group.is_some() || !named {
            return self.word(Piece::Word(":"));
        }
        let pending = std::mem::take(&mut self.pending);
        self.group = Some((phrase(&pending.words), Vec::new()));
    }

    fn close_group(&mut self) {
        if let Some((name, members)) = self.group.take() {
            self.entries.push(ListEntry::Group { name, members });
        }
    }

    fn close_mailbox(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        if pending.words.is_empty() && pending.angle.is_none() {
            return;
        }
        let mailbox = mailbox(pending);
        if mailbox.address.is_none() {
            push_once(&mut self.faults, ListFault::NoAddress);
        }
        match &mut self.group {
            Some((_, members)) => members.push(mailbox),
            None => self.entries.push(ListEntry::Mailbox(mailbox)),
        }
    }

    fn finish(mut self, mut faults: Vec<ListFault>) -> AddressList {
        self.close_mailbox();
        if self.group.is_some() {
            push_once(&mut faults, ListFault::UnclosedGroup);
            self.close_group();
        }
        self.faults.iter().for_each(|fault| push_once(&mut faults, *fault));
        AddressList { entries: self.entries, faults }
    }
}

fn mailbox(mut pending: Pending<'_>) -> Mailbox {
    let address = match pending.angle {
        Some(angle) => {
            // A route before the address (RFC 5322 4.4): @one,@two:joe@x.example
            let routed = angle.trim().strip_prefix('@').and_then(|route| route.split_once(':'));
            Some(routed.map_or(angle, |(_, address)| address).trim().to_owned())
        }
        None => take_address(&mut pending.words),
    };
    let name = Some(phrase(&pending.words)).filter(|name| !name.is_empty());
    let comment = pending.comment.map(|comment| decode_words(&comment)).filter(|comment| !comment.is_empty());
    Mailbox { name: name.or(comment), address: address.filter(|address| !address.is_empty()) }
}

/// Takes the run of words with an `@` out of them; blanks around the `@` do not part it (RFC 5322 4.4).
fn take_address(words: &mut Vec<(bool, Piece<'_>)>) -> Option<String> {
    let has_at =
        |piece: &Piece<'_>| matches!(piece, Piece::Word(word) if word.contains('@') && !word.starts_with("=?"));
    let at = words.iter().position(|(_, piece)| has_at(piece))?;
    let ends = |piece: &Piece<'_>, sign: [char; 2]| matches!(piece, Piece::Word(word) if word.ends_with(sign));
    let begins = |piece: &Piece<'_>, sign: [char; 2]| matches!(piece, Piece::Word(word) if word.starts_with(sign));
    let joined = |left: usize, right: usize| {
        let (Some((_, before)), Some((blank, after))) = (words.get(left), words.get(right)) else { return false };
        !blank || begins(after, ['@', '.']) || ends(before, ['@', '.'])
    };
    let (mut first, mut last) = (at, at);
    while let Some(before) = first.checked_sub(1).filter(|before| joined(*before, first)) {
        first = before;
    }
    while let Some(after) = last.checked_add(1).filter(|after| joined(last, *after)) {
        last = after;
    }
    let taken = words.drain(first..=last).map(|(_, piece)| match piece {
        Piece::Word(word) => word,
        Piece::Quoted { whole, .. } => whole,
    });
    Some(taken.collect())
}

/// The words as a name: encoded words decoded, with single blanks.
fn phrase(words: &[(bool, Piece<'_>)]) -> String {
    let mut name = String::new();
    let mut run = String::new();
    let flush = |run: &mut String, name: &mut String| {
        name.push_str(&decode_words(run));
        run.clear();
    };
    for (blank, piece) in words {
        let blank = *blank && !(name.is_empty() && run.is_empty());
        match piece {
            Piece::Word(word) => {
                // A blank behind a quoted string belongs to no run, which would lose it.
                match (blank, run.is_empty()) {
                    (true, true) => name.push(' '),
                    (true, false) => run.push(' '),
                    (false, _) => {}
                }
                run.push_str(word);
            }
            Piece::Quoted { inside, .. } => {
                flush(&mut run, &mut name);
                if blank {
                    name.push(' ');
                }
                // Encoded words do not belong into quotes, and are found there.
                if inside.contains("=?") { name.push_str(&decode_words(inside)) } else { name.push_str(inside) }
            }
        }
    }
    flush(&mut run, &mut name);
    name.trim().to_owned()
}

#[cfg(test)]
mod tests;
