//! The text of an RTF document, as plain text.
//!
//! Paragraphs, lines and table rows end with CRLF, cells with a tab. The target of a hyperlink follows its text in angle
//! brackets where the text does not say it. The place of an attachment is a space, as in the text body Outlook keeps.

use std::io::{self, Write};

use super::loss::Losses;
use super::output::{Document, Mark, Named, Output};
use super::state::State;

/// The longest text of a link that is compared with its target.
const MAX_SHOWN: usize = 4096;

/// Writes the text to `out` as UTF-8.
pub(super) struct Plain<W> {
    out: W,
    /// Open links, innermost last: target and text.
    links: Vec<(String, String)>,
    /// The last character was a carriage return, which was written with its line feed.
    after_return: bool,
}

impl<W: Write> Plain<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, links: Vec::new(), after_return: false }
    }

    fn end_link(&mut self) -> io::Result<()> {
        let Some((target, shown)) = self.links.pop() else { return Ok(()) };
        let said = |target: &str| shown.trim().trim_end_matches('/') == target.trim_end_matches('/');
        if said(&target) || target.split_once(':').is_some_and(|(_, rest)| said(rest.trim_start_matches("//"))) {
            return Ok(());
        }
        write!(self.out, " <{target}>")
    }
}

impl<W: Write> Output for Plain<W> {
    fn text(&mut self, text: &str, _: &State, _: &Document) -> io::Result<()> {
        if let Some((_, shown)) = self.links.last_mut()
            && shown.len() < MAX_SHOWN
        {
            shown.push_str(text);
        }
        // Line ends come from hex escapes and must not stay bare.
        const SPECIAL: [char; 4] = ['\r', '\n', '\u{B}', '\0'];
        for piece in text.split_inclusive(SPECIAL) {
            let (plain, last) = match piece.strip_suffix(SPECIAL) {
                Some(plain) => (plain, piece.chars().next_back()),
                None => (piece, None),
            };
            self.out.write_all(plain.as_bytes())?;
            let paired = self.after_return && plain.is_empty();
            self.after_return = last == Some('\r');
            self.out.write_all(match last {
                Some('\n') if paired => b"",
                Some('\0') => "\u{FFFD}".as_bytes(),
                Some(_) => b"\r\n",
                None => b"",
            })?;
        }
        Ok(())
    }

    fn mark(&mut self, mark: Mark<'_>, _: &State, _: &Document) -> io::Result<()> {
        self.after_return = false;
        match mark {
            Mark::Paragraph | Mark::Line | Mark::Row => self.out.write_all(b"\r\n"),
            Mark::Tab | Mark::Cell => self.out.write_all(b"\t"),
            // A place where a word may be broken is nothing to read.
            Mark::Named(Named::SoftHyphen) => Ok(()),
            Mark::Named(named) => self.out.write_all(named.character().encode_utf8(&mut [0; 4]).as_bytes()),
            Mark::Object(_) => self.out.write_all(b" "),
            Mark::Link(target) => {
                self.links.push((target.to_owned(), String::new()));
                Ok(())
            }
            Mark::LinkEnd => self.end_link(),
        }
    }

    fn finish(&mut self, _: &mut Losses) -> io::Result<()> {
        while !self.links.is_empty() {
            self.end_link()?;
        }
        self.out.flush()
    }
}
