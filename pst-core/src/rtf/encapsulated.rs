//! HTML out of the RTF that encapsulates it (MS-OXRTFEX 2.2.3.2).
//!
//! Markup lies in `\*\htmltag` groups and is copied as it is. Text between them is text of the HTML, which RTF readers
//! show too: `<` and `>` in it cannot be markup and are written as references; `&` is left alone, since a bare one was in
//! the original. RTF's words for characters become the references that the specification names for them, but within
//! tags, where a style sheet or a comment would not know them, the characters themselves.

use std::io::{self, Write};

use super::loss::Losses;
use super::output::{Document, Mark, Named, Output};
use super::state::{Destination, State};

/// Writes the HTML to `out` as UTF-8.
pub(super) struct Encapsulated<W> {
    out: W,
}

impl<W: Write> Encapsulated<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write> Output for Encapsulated<W> {
    fn text(&mut self, text: &str, state: &State, _: &Document) -> io::Result<()> {
        let special: &[char] = if state.destination == Destination::HtmlTag { &['\0'] } else { &['\0', '<', '>'] };
        for piece in text.split_inclusive(special) {
            let (plain, last) = match piece.strip_suffix(special) {
                Some(plain) => (plain, piece.chars().next_back()),
                None => (piece, None),
            };
            self.out.write_all(plain.as_bytes())?;
            self.out.write_all(match last {
                Some('<') => b"&lt;",
                Some('>') => b"&gt;",
                Some(_) => "\u{FFFD}".as_bytes(),
                None => b"",
            })?;
        }
        Ok(())
    }

    fn mark(&mut self, mark: Mark<'_>, state: &State, _: &Document) -> io::Result<()> {
        match mark {
            Mark::Paragraph | Mark::Line => self.out.write_all(b"\r\n"),
            Mark::Tab => self.out.write_all(b"\t"),
            Mark::Named(named) if state.destination == Destination::HtmlTag => {
                let character = if named == Named::NoBreakHyphen { Named::SoftHyphen } else { named }.character();
                self.out.write_all(character.encode_utf8(&mut [0; 4]).as_bytes())
            }
            Mark::Named(named) => self.out.write_all(reference(named).as_bytes()),
            Mark::Cell | Mark::Row | Mark::Object(_) | Mark::Link(_) | Mark::LinkEnd => Ok(()),
        }
    }

    fn finish(&mut self, _: &mut Losses) -> io::Result<()> {
        self.out.flush()
    }
}

/// The references of MS-OXRTFEX 2.1.3.1.4.2. **`\_` is a soft hyphen there**, although it is a hard one in RTF.
const fn reference(named: Named) -> &'static str {
    match named {
        Named::LeftQuote => "&lsquo;",
        Named::RightQuote => "&rsquo;",
        Named::LeftDoubleQuote => "&ldquo;",
        Named::RightDoubleQuote => "&rdquo;",
        Named::Bullet => "&bull;",
        Named::EnDash => "&ndash;",
        Named::EmDash => "&mdash;",
        Named::NoBreakSpace => "&nbsp;",
        Named::NoBreakHyphen | Named::SoftHyphen => "&shy;",
    }
}
