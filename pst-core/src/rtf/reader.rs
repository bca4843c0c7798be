//! Walks the tokens of an RTF text, keeps what is in force, and tells an [`Output`] what the document says.
//!
//! Three readings of the same tokens, by [`Reading`]: the RTF as it looks, the HTML within it, the plain text it came
//! from. Groups save and restore a [`State`] of fixed size, so memory is bounded by the depth of nesting.
//!
//! - **A group's destination holds text or not**; a word behind `\*` that is not known skips its group.
//! - **State is kept where nothing is shown**: fonts change within `\htmlrtf` stretches and count behind them.
//! - **`\uN` is followed by `\ucN` characters for readers without Unicode.** A control word that is no character is obeyed
//!   and not counted among them, as some writers leave the characters out.

mod words;

use std::io::{self, Read};

use super::decode::{self, Gathered};
use super::font::{self, Coding, FontTable};
use super::loss::{Loss, LossKind, Losses};
use super::output::{Document, Mark, Output};
use super::state::{Destination, State};
use super::symbol;
use super::token::{Token, Tokenizer};
use crate::text::CodePage;

/// The longest field instruction, and the most of all that are open at once, in bytes.
const MAX_INSTRUCTIONS: usize = 64 * 1024;
/// The most colours of a document.
const MAX_COLOURS: usize = 4096;

/// How the tokens are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// As RTF: what a word processor shows.
    Rtf,
    /// For the HTML within it (MS-OXRTFEX 2.2.3.2).
    Html,
    /// For the text it came from (MS-OXRTFEX 2.2.3.3).
    Text,
}

/// What was found besides the text.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) losses: Vec<Loss>,
    pub(super) objects: u32,
    pub(super) code_page: CodePage,
}

/// An open field.
#[derive(Debug)]
struct Field {
    /// Groups open around it.
    depth: usize,
    instruction: String,
    /// Groups open around its result, while that is open.
    result: Option<usize>,
    /// There was a result; a second one is text and no link.
    resulted: bool,
    /// A link was begun.
    linked: bool,
    /// The result has text.
    shown: bool,
}

/// Reads `rtf` to its end and tells `output`.
///
/// # Errors
///
/// Those of the source and of the output; none about the bytes.
pub(super) fn read<R: Read, O: Output>(
    rtf: R,
    reading: Reading,
    code_page: CodePage,
    depth: usize,
    output: &mut O,
) -> io::Result<Found> {
    let mut tokens = Tokenizer::new(rtf);
    let mut reader = Reader {
        reading,
        output,
        max_depth: depth.max(1),
        state: State::default(),
        saved: Vec::new(),
        too_deep: 0,
        starred: false,
        fresh: false,
        begun: false,
        over: false,
        page_named: false,
        document: Document {
            fonts: FontTable::default(),
            default_font: None,
            code_page: font::page(i32::from(code_page.number())).unwrap_or(CodePage::WINDOWS_1252),
            colours: Vec::new(),
        },
        colour: ([0; 3], false),
        gathered: Gathered::default(),
        high: None,
        pass: 0,
        placeholder: false,
        fields: Vec::new(),
        instructions: 0,
        objects: 0,
        losses: Losses::default(),
    };
    while let Some(token) = tokens.next()? {
        reader.token(token)?;
    }
    reader.finish()?;
    let faults = tokens.faults;
    let mut losses = reader.losses;
    for (count, what) in [
        (faults.hex_escapes, "an escape without two hex digits"),
        (faults.long_words, "a control word of more than 32 letters"),
        (faults.numbers, "a number beyond 32 bits"),
        (faults.cut_short, "the end of the input within a token"),
    ] {
        losses.add(LossKind::Malformed, count, || what.to_owned());
    }
    losses.add(LossKind::TooLarge, reader.document.fonts.refused, || "font table".to_owned());
    Ok(Found { losses: losses.into_vec(), objects: reader.objects, code_page: reader.document.code_page })
}

struct Reader<'o, O> {
    reading: Reading,
    output: &'o mut O,
    max_depth: usize,
    state: State,
    /// The states of the groups around, outermost first.
    saved: Vec<State>,
    /// Groups open beyond `max_depth`; nothing in them is read.
    too_deep: u64,
    /// `\*` was the last token.
    starred: bool,
    /// Nothing but `\*` has come in this group.
    fresh: bool,
    /// More than braces and blanks has come.
    begun: bool,
    /// The outermost group is closed.
    over: bool,
    /// The document has named its code page.
    page_named: bool,
    document: Document,
    /// The colour under construction, and whether it was given.
    colour: ([u8; 3], bool),
    gathered: Gathered,
    /// The first half of a surrogate pair.
    high: Option<u16>,
    /// Characters left to pass over after a `\uN`.
    pass: u32,
    /// The next character stands for an attachment.
    placeholder: bool,
    fields: Vec<Field>,
    /// Bytes of instructions in `fields`.
    instructions: usize,
    objects: u32,
    losses: Losses,
}

impl<O: Output> Reader<'_, O> {
    fn token(&mut self, token: Token<'_>) -> io::Result<()> {
        if self.too_deep > 0 {
            match token {
                Token::GroupStart => self.too_deep = self.too_deep.saturating_add(1),
                Token::GroupEnd => self.too_deep = self.too_deep.saturating_sub(1),
                _ => {}
            }
            return Ok(());
        }
        if self.over {
            return self.after_end(token);
        }
        if !self.begun && !self.begins(token) {
            return Ok(());
        }
        let fresh = std::mem::take(&mut self.fresh);
        let starred = std::mem::take(&mut self.starred);
        let placeholder = std::mem::take(&mut self.placeholder);
        match token {
            Token::GroupStart => self.group_start(),
            Token::GroupEnd => self.group_end(),
            Token::Word(word, number) => self.word(word, number, fresh, starred),
            Token::Symbol(b'*') => {
                (self.fresh, self.starred) = (fresh, true);
                Ok(())
            }
            Token::Symbol(symbol @ (b'\\' | b'{' | b'}')) => self.bytes(&[symbol]),
            Token::Symbol(symbol) => self.symbol(symbol),
            Token::Hex(b' ') if placeholder => Ok(()),
            Token::Hex(byte) => self.bytes(&[byte]),
            Token::Text(bytes) => {
                let bytes = if placeholder { bytes.strip_prefix(b" ").unwrap_or(bytes) } else { bytes };
                self.bytes(bytes)
            }
            Token::Binary(_) => {
                self.pass = self.pass.saturating_sub(1);
                Ok(())
            }
        }
    }

    /// Looks at the tokens up to the first that is no brace: `{\rtf`, by the rules. `false` for what only comes before.
    fn begins(&mut self, token: Token<'_>) -> bool {
        match token {
            Token::GroupStart => return true,
            Token::Text(bytes) if bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii().is_empty() => {
                return false;
            }
            Token::Word("rtf", _) if !self.saved.is_empty() => {}
            _ => self.losses.add(LossKind::NotRtf, 1, || "does not begin with {\\rtf".to_owned()),
        }
        self.begun = true;
        true
    }

    /// Tokens behind the end of the document: a NUL or a line end is usual and no token at all.
    fn after_end(&mut self, token: Token<'_>) -> io::Result<()> {
        match token {
            Token::Text(bytes) if !bytes.trim_ascii().is_empty() => {
                self.losses.add(LossKind::AfterEnd, bytes.len() as u64, || String::from_utf8_lossy(bytes).into_owned());
            }
            Token::GroupEnd => self.losses.add(LossKind::Unbalanced, 1, || "a } too many".to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn group_start(&mut self) -> io::Result<()> {
        self.flush()?;
        self.pass = 0;
        if self.saved.len() >= self.max_depth {
            self.too_deep = 1;
            let depth = self.max_depth;
            self.losses.add(LossKind::TooDeep, 1, || format!("groups within {depth} others"));
            return Ok(());
        }
        self.saved.push(self.state);
        self.fresh = true;
        Ok(())
    }

    fn group_end(&mut self) -> io::Result<()> {
        self.flush()?;
        self.pass = 0;
        let depth = self.saved.len();
        // Outlook has written groups, in stretches that are RTF alone, that close more than they open.
        if depth == 0 || (depth == 1 && self.state.html_rtf && self.reading != Reading::Rtf) {
            self.losses.add(LossKind::Unbalanced, 1, || "a } too many".to_owned());
            return Ok(());
        }
        if self.state.destination == Destination::FontTable {
            self.document.fonts.finish();
        }
        self.field_group_end(depth)?;
        if let Some(state) = self.saved.pop() {
            self.state = state;
        }
        self.over = self.saved.is_empty();
        Ok(())
    }

    /// Whether text in force is shown.
    fn is_shown(&self) -> bool {
        let place = match self.state.destination {
            Destination::Body => true,
            Destination::HtmlTag => self.reading == Reading::Html,
            _ => false,
        };
        place && !self.is_suppressed() && !self.is_hidden()
    }

    fn is_suppressed(&self) -> bool {
        self.state.html_rtf && self.reading != Reading::Rtf
    }

    fn is_hidden(&self) -> bool {
        self.state.character.hidden && self.reading == Reading::Rtf
    }

    /// Bytes of text.
    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        let pass = usize::try_from(self.pass).unwrap_or(usize::MAX).min(bytes.len());
        self.pass = self.pass.saturating_sub(u32::try_from(pass).unwrap_or(u32::MAX));
        let bytes = bytes.get(pass..).unwrap_or_default();
        if bytes.is_empty() || !self.takes_text(bytes) {
            return Ok(());
        }
        if self.high.is_some() {
            self.lone_surrogate()?;
        }
        self.gathered.push(bytes);
        if self.gathered.is_full() {
            let coding = self.coding();
            let whole = self.gathered.take_whole(coding);
            self.decoded(&whole, coding)?;
        }
        Ok(())
    }

    /// Whether text in force is for anything. Text without a place is told of.
    fn takes_text(&mut self, bytes: &[u8]) -> bool {
        match self.state.destination {
            _ if self.is_suppressed() => false,
            Destination::Skip | Destination::Shape | Destination::Alternative => false,
            Destination::HtmlTag => self.reading == Reading::Html,
            Destination::Omit(kind) => {
                if !bytes.trim_ascii().is_empty() {
                    self.omit(kind, bytes);
                }
                false
            }
            _ => true,
        }
    }

    /// Tells of text without a place, and no more of the same group.
    fn omit(&mut self, kind: LossKind, bytes: &[u8]) {
        self.losses
            .add(kind, 1, || String::from_utf8_lossy(bytes.get(..bytes.len().min(120)).unwrap_or(bytes)).into_owned());
        self.state.destination = Destination::Skip;
        for state in self.saved.iter_mut().rev() {
            if state.destination != Destination::Omit(kind) {
                break;
            }
            state.destination = Destination::Skip;
        }
    }

    /// How text in force is coded.
    fn coding(&self) -> Coding {
        let default = self.document.code_page;
        match self.state.destination {
            // A tag is in the code page of the document, whatever the font (MS-OXRTFEX 2.2.3.2).
            Destination::HtmlTag => Coding::Page(default),
            Destination::FontTable => self.document.fonts.name_coding(default),
            _ => self.document.font(&self.state).map_or(Coding::Page(default), |font| font.coding(default)),
        }
    }

    /// Decodes what was gathered; called before anything that changes the state or follows the text.
    fn flush(&mut self) -> io::Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        let bytes = self.gathered.take();
        self.decoded(&bytes, self.coding())
    }

    fn decoded(&mut self, bytes: &[u8], coding: Coding) -> io::Result<()> {
        let text = decode::decode(bytes, coding, self.reading == Reading::Rtf, &mut self.losses);
        self.text(&text)
    }

    /// Characters, for whatever the group is for.
    fn text(&mut self, text: &str) -> io::Result<()> {
        match self.state.destination {
            Destination::FontTable => self.document.fonts.text(text),
            Destination::ColourTable => self.colours(text),
            Destination::FieldInstruction => self.instruction(text),
            _ if self.is_shown() => {
                if let Some(field) = self.fields.last_mut() {
                    field.shown |= field.result.is_some();
                }
                self.output.text(text, &self.state, &self.document)?;
            }
            Destination::Body if self.is_hidden() => self.losses.add(LossKind::Hidden, 1, || text.to_owned()),
            _ => {}
        }
        Ok(())
    }

    fn colours(&mut self, text: &str) {
        for _ in text.chars().filter(|character| *character == ';') {
            let (colour, given) = std::mem::take(&mut self.colour);
            if self.document.colours.len() < MAX_COLOURS {
                self.document.colours.push(given.then_some(colour));
            } else {
                self.losses.add(LossKind::TooLarge, 1, || "colour table".to_owned());
            }
        }
    }

    fn instruction(&mut self, text: &str) {
        let Some(field) = self.fields.last_mut() else { return };
        let length = self.instructions.saturating_add(text.len());
        if length > MAX_INSTRUCTIONS {
            self.losses.add(LossKind::TooLarge, 1, || "field instruction".to_owned());
            return;
        }
        self.instructions = length;
        field.instruction.push_str(text);
    }

    /// One character by number, which stands for itself in every code page.
    fn character(&mut self, character: char) -> io::Result<()> {
        self.flush()?;
        let drawn = match (symbol::byte_of(character), self.coding()) {
            (Some(byte), Coding::Symbol(font)) if self.reading == Reading::Rtf => {
                font.and_then(|font| font.character(byte)).unwrap_or(character)
            }
            _ => character,
        };
        if self.is_suppressed() {
            return Ok(());
        }
        self.text(drawn.encode_utf8(&mut [0; 4]))
    }

    fn lone_surrogate(&mut self) -> io::Result<()> {
        if self.high.take().is_some() && self.is_shown() {
            self.losses.add(LossKind::Characters, 1, || "half a surrogate pair".to_owned());
            self.character(char::REPLACEMENT_CHARACTER)?;
        }
        Ok(())
    }

    /// Passes over a character that stands for a `\uN`; `true` if there was one to pass over.
    fn passed(&mut self) -> bool {
        let passed = self.pass > 0;
        self.pass = self.pass.saturating_sub(1);
        passed
    }

    fn mark(&mut self, mark: Mark<'_>) -> io::Result<()> {
        self.flush()?;
        self.lone_surrogate()?;
        self.pass = 0;
        if self.is_shown() { self.output.mark(mark, &self.state, &self.document) } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.lone_surrogate()?;
        if !self.begun {
            self.losses.add(LossKind::NotRtf, 1, || "no text and no control word".to_owned());
        }
        let open = (self.saved.len() as u64).saturating_add(self.too_deep);
        self.losses.add(LossKind::Unbalanced, open, || "groups that are not closed".to_owned());
        self.output.finish(&mut self.losses)
    }
}
