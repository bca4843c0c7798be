//! What a document says, in order, and who is told.

use std::io;

use super::font::{Font, FontTable};
use super::loss::Losses;
use super::state::State;
use crate::text::CodePage;

/// Something in the text that is no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark<'a> {
    /// End of a paragraph.
    Paragraph,
    /// End of a line, of a page or column.
    Line,
    Tab,
    /// End of a table cell.
    Cell,
    /// End of a table row.
    Row,
    /// A character that RTF has a word or symbol for.
    Named(Named),
    /// The place of an attachment, counted from 0.
    Object(u32),
    /// A hyperlink begins; the target is safe to link to.
    Link(&'a str),
    /// The innermost hyperlink ends.
    LinkEnd,
}

/// Characters with a word or symbol of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    LeftQuote,
    RightQuote,
    LeftDoubleQuote,
    RightDoubleQuote,
    Bullet,
    EnDash,
    EmDash,
    /// `\~`
    NoBreakSpace,
    /// `\_`
    NoBreakHyphen,
    /// `\-`
    SoftHyphen,
}

/// Colours are red, green, blue; `None` is the reader's own.
pub(super) type Colour = Option<[u8; 3]>;

/// What the whole document has in common.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) fonts: FontTable,
    pub(super) default_font: Option<i32>,
    /// The code page of text whose font names none.
    pub(super) code_page: CodePage,
    pub(super) colours: Vec<Colour>,
}

impl Document {
    /// The colour of this number.
    pub(super) fn colour(&self, index: u16) -> Colour {
        self.colours.get(usize::from(index)).copied().flatten()
    }

    /// The font in force, if the table has it.
    pub(super) fn font(&self, state: &State) -> Option<&Font> {
        state.character.font.or(self.default_font).and_then(|number| self.fonts.get(number))
    }
}

/// Takes what the document says, in order. `state.destination` is [`Destination::Body`] or [`Destination::HtmlTag`].
pub(super) trait Output {
    /// Text. Line ends and control characters in it were written as hex escapes.
    fn text(&mut self, text: &str, state: &State, document: &Document) -> io::Result<()>;
    /// Anything else.
    fn mark(&mut self, mark: Mark<'_>, state: &State, document: &Document) -> io::Result<()>;
    /// The end; nothing follows. What was left out on the way is added to `losses`.
    fn finish(&mut self, losses: &mut Losses) -> io::Result<()>;
}

impl Named {
    /// The character as RTF means it.
    pub(super) const fn character(self) -> char {
        match self {
            Self::LeftQuote => '\u{2018}',
            Self::RightQuote => '\u{2019}',
            Self::LeftDoubleQuote => '\u{201C}',
            Self::RightDoubleQuote => '\u{201D}',
            Self::Bullet => '\u{2022}',
            Self::EnDash => '\u{2013}',
            Self::EmDash => '\u{2014}',
            Self::NoBreakSpace => '\u{A0}',
            Self::NoBreakHyphen => '\u{2011}',
            Self::SoftHyphen => '\u{AD}',
        }
    }
}
