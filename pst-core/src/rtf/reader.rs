//! Walks the tokens of an RTF text, keeps what is in force, and tells an [`Output`] what the document says.
//!
//! Three readings of the same tokens, by [`Reading`]: the RTF as it looks, the HTML within it, the plain text it came
//! from. Groups save and restore a [`State`] of fixed size, so memory is bounded by the depth of nesting.
//!
//! - **A group's destination holds text or not**; a word behind `\*` that is not known skips its group.
//! - **State is kept where nothing is shown**: fonts change within `\htmlrtf` stretches and count behind them.
//! - **`\uN` is followed by `\ucN` characters for readers without Unicode.** A control word that is no character is obeyed
//!   and not counted among them, as some writers leave the characters out.

use std::io::{self, Read};

use super::decode::{self, Gathered};
use super::field::{self, Instruction};
use super::font::{self, Coding, FontTable};
use super::loss::{Loss, LossKind, Losses};
use super::state::{Destination, Opening, State, opening};
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
    colours: Vec<Colour>,
}

impl Document {
    /// The colour of this number.
    pub(super) fn colour(&self, index: u16) -> Colour {
        self.colours.get(usize::from(index)).copied().flatten()
    }

    /// The font in force, if the table has it.
    pub(super) fn font(&self, state: &State) -> Option<&font::Font> {
        state.character.font.or(self.default_font).and_then(|number| self.fonts.get(number))
    }
}

/// Takes what the document says, in order. `state.destination` is [`Destination::Body`] or [`Destination::HtmlTag`].
pub(super) trait Output {
    /// Text. Line ends and control characters in it were written as hex escapes.
    fn text(&mut self, text: &str, state: &State, document: &Document) -> io::Result<()>;
    /// Anything else.
    fn mark(&mut self, mark: Mark<'_>, state: &State, document: &Document) -> io::Result<()>;
    /// The end; nothing follows.
    fn finish(&mut self) -> io::Result<()>;
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

    /// `\uN` (RTF 1.9.1, Unicode RTF): a unit of UTF-16, negative above 0x7FFF. Some writers give whole characters.
    fn unicode(&mut self, number: Option<i32>) -> io::Result<()> {
        self.pass = self.state.fallback;
        if !self.takes_text(b"?") {
            return Ok(());
        }
        let Some(number) = number else {
            self.losses.add(LossKind::Malformed, 1, || "a \\u without a number".to_owned());
            return Ok(());
        };
        let number = if number < 0 { number.saturating_add(0x1_0000) } else { number };
        let code = u32::try_from(number).unwrap_or(u32::MAX);
        match (u16::try_from(code).ok(), self.high) {
            (Some(low @ 0xDC00..=0xDFFF), Some(high)) => {
                self.high = None;
                let pair = char::decode_utf16([high, low]).find_map(Result::ok);
                self.character(pair.unwrap_or(char::REPLACEMENT_CHARACTER))
            }
            (Some(high @ 0xD800..=0xDBFF), before) => {
                if before.is_some() {
                    self.lone_surrogate()?;
                }
                self.flush()?;
                self.high = Some(high);
                Ok(())
            }
            (_, before) => {
                if before.is_some() {
                    self.lone_surrogate()?;
                }
                let character = char::from_u32(code).unwrap_or_else(|| {
                    self.losses.add(LossKind::Characters, 1, || format!("\\u{number} is no character"));
                    char::REPLACEMENT_CHARACTER
                });
                self.character(character)
            }
        }
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

    fn symbol(&mut self, symbol: u8) -> io::Result<()> {
        let named = match symbol {
            b'~' => Named::NoBreakSpace,
            b'_' => Named::NoBreakHyphen,
            b'-' => Named::SoftHyphen,
            b'\t' => return if self.passed() { Ok(()) } else { self.mark(Mark::Tab) },
            _ => return self.flush(),
        };
        if self.passed() { Ok(()) } else { self.mark(Mark::Named(named)) }
    }

    fn mark(&mut self, mark: Mark<'_>) -> io::Result<()> {
        self.flush()?;
        self.lone_surrogate()?;
        self.pass = 0;
        if self.is_shown() { self.output.mark(mark, &self.state, &self.document) } else { Ok(()) }
    }

    fn word(&mut self, word: &str, number: Option<i32>, fresh: bool, starred: bool) -> io::Result<()> {
        // A destination word counts at the beginning of its group; a picture's data is no text wherever it stands.
        if (fresh || (word == "pict" && self.saved.len() > 1)) && self.open(word, starred)? {
            return Ok(());
        }
        let mark = match word {
            "par" | "sect" => Mark::Paragraph,
            "line" | "page" | "column" | "softline" | "nestrow" => Mark::Line,
            "tab" | "nestcell" => Mark::Tab,
            "cell" => Mark::Cell,
            "row" => Mark::Row,
            "u" => return self.unicode(number),
            "objattph" => return self.attachment(),
            _ => match named(word) {
                Some(_) if self.passed() => return Ok(()),
                Some(named) => Mark::Named(named),
                None => return self.setting(word, number),
            },
        };
        self.mark(mark)
    }

    /// A control word at the beginning of a group; `true` if it made the group a destination.
    fn open(&mut self, word: &str, starred: bool) -> io::Result<bool> {
        let outer = self.state.destination;
        let opened = match outer {
            // What is in a skipped group is skipped, but for the text of shapes and the better alternative.
            Destination::Skip | Destination::Omit(_) => Some(Opening::Into(outer)),
            Destination::Shape | Destination::Alternative => match opening(word, outer) {
                Some(Opening::Into(Destination::Body)) => Some(Opening::Into(Destination::Body)),
                _ => Some(Opening::Into(outer)),
            },
            _ => opening(word, outer),
        };
        let Some(opened) = opened else {
            if starred {
                self.state.destination = Destination::Skip;
            }
            return Ok(starred);
        };
        let rtf = self.reading == Reading::Rtf;
        match opened {
            Opening::Into(destination) => self.state.destination = destination,
            Opening::ListText if rtf => {}
            Opening::ListText => self.state.destination = Destination::Skip,
            Opening::Picture => {
                if !self.is_suppressed() {
                    self.losses.add(LossKind::Picture, 1, || "picture in the text".to_owned());
                }
                self.flush()?;
                self.state.destination = Destination::Skip;
            }
            Opening::Object if rtf => self.losses.add(LossKind::Object, 1, || "object in the text".to_owned()),
            Opening::Object => {}
            Opening::Field => self.fields.push(Field {
                depth: self.saved.len(),
                instruction: String::new(),
                result: None,
                linked: false,
                shown: false,
            }),
            Opening::FieldResult => self.field_result()?,
        }
        Ok(true)
    }

    fn field_result(&mut self) -> io::Result<()> {
        let depth = self.saved.len();
        let Some(field) = self.fields.last_mut() else { return Ok(()) };
        field.result = Some(depth);
        if self.reading != Reading::Rtf {
            return Ok(());
        }
        let Instruction::Hyperlink(target) = field::parse(&field.instruction) else { return Ok(()) };
        if field::is_safe(&target) {
            field.linked = true;
            self.output.mark(Mark::Link(&target), &self.state, &self.document)
        } else {
            self.losses.add(LossKind::Link, 1, || target);
            Ok(())
        }
    }

    /// The end of the group at `depth`, which may be a field or its result.
    fn field_group_end(&mut self, depth: usize) -> io::Result<()> {
        let Some(field) = self.fields.last_mut() else { return Ok(()) };
        if field.result == Some(depth) {
            field.result = None;
            if std::mem::take(&mut field.linked) {
                self.output.mark(Mark::LinkEnd, &self.state, &self.document)?;
            }
        }
        let Some(field) = self.fields.pop_if(|field| field.depth == depth) else { return Ok(()) };
        self.instructions = self.instructions.saturating_sub(field.instruction.len());
        if field.shown {
            if let Some(outer) = self.fields.last_mut() {
                outer.shown |= outer.result.is_some();
            }
        } else if self.reading == Reading::Rtf
            && let Instruction::Symbol(character) = field::parse(&field.instruction)
        {
            self.text(character.encode_utf8(&mut [0; 4]))?;
        }
        Ok(())
    }

    /// `\objattph` (MS-OXRTFEX 2.2.3.4): an attachment belongs here, in the place of the next character.
    fn attachment(&mut self) -> io::Result<()> {
        if self.is_shown() {
            let ordinal = self.objects;
            self.objects = self.objects.saturating_add(1);
            self.placeholder = true;
            return self.mark(Mark::Object(ordinal));
        }
        Ok(())
    }

    /// A control word that shows nothing.
    fn setting(&mut self, word: &str, number: Option<i32>) -> io::Result<()> {
        self.flush()?;
        let spoken = match word {
            "emspace" => Some('\u{2003}'),
            "enspace" => Some('\u{2002}'),
            "qmspace" => Some('\u{2005}'),
            "ltrmark" => Some('\u{200E}'),
            "rtlmark" => Some('\u{200F}'),
            "zwj" => Some('\u{200D}'),
            "zwnj" => Some('\u{200C}'),
            _ => None,
        };
        if let Some(character) = spoken {
            return if self.passed() { Ok(()) } else { self.character(character) };
        }
        match self.state.destination {
            Destination::FontTable => {
                match (word, number) {
                    ("f", Some(number)) => self.document.fonts.begin(number),
                    ("fcharset", Some(charset)) => self.document.fonts.charset(charset),
                    ("cpg", Some(number)) => self.document.fonts.code_page(number),
                    _ => {}
                }
                return Ok(());
            }
            Destination::ColourTable => {
                let value = number.and_then(|number| u8::try_from(number).ok()).unwrap_or(0);
                let ([red, green, blue], given) = &mut self.colour;
                match word {
                    "red" => *red = value,
                    "green" => *green = value,
                    "blue" => *blue = value,
                    _ => return Ok(()),
                }
                *given = true;
                return Ok(());
            }
            _ => {}
        }
        match word {
            "htmlrtf" => self.state.html_rtf = number != Some(0),
            "uc" => self.state.fallback = number.and_then(|number| u32::try_from(number).ok()).unwrap_or(0),
            "deff" => self.document.default_font = self.document.default_font.or(number),
            "ansicpg" => {
                if let Some(page) = number.and_then(font::page).filter(|_| !self.page_named) {
                    self.document.code_page = page;
                    self.page_named = true;
                }
            }
            // A code page that is named outright comes later and wins.
            "mac" if !self.page_named => self.document.code_page = CodePage::new(10000),
            "pc" if !self.page_named => self.document.code_page = CodePage::new(437),
            "pca" if !self.page_named => self.document.code_page = CodePage::new(850),
            _ => {
                if !self.state.character.apply(word, number) {
                    self.state.paragraph.apply(word, number);
                }
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush()?;
        self.lone_surrogate()?;
        if !self.begun {
            self.losses.add(LossKind::NotRtf, 1, || "no text and no control word".to_owned());
        }
        let open = (self.saved.len() as u64).saturating_add(self.too_deep);
        self.losses.add(LossKind::Unbalanced, open, || "groups that are not closed".to_owned());
        self.output.finish()
    }
}

fn named(word: &str) -> Option<Named> {
    Some(match word {
        "lquote" => Named::LeftQuote,
        "rquote" => Named::RightQuote,
        "ldblquote" => Named::LeftDoubleQuote,
        "rdblquote" => Named::RightDoubleQuote,
        "bullet" => Named::Bullet,
        "endash" => Named::EnDash,
        "emdash" => Named::EmDash,
        _ => return None,
    })
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
