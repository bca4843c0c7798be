//! RTF as HTML: paragraphs, the look of characters, lists, tables, links and the places of attachments.
//!
//! ```text
//!  html > body > div                                a paragraph
//!                table > tr > td > div              a paragraph in a cell
//!                      a > span > b > i > u > s > sup or sub > text
//! ```
//!
//! Elements are opened when text comes and closed before their parent, so the output is well nested whatever the
//! input. What is written is this vocabulary and references for `&`, `<`, `>` and quotes; no script can be in it. The
//! same RTF gives the same bytes.
//!
//! Lists keep the numbers and bullets that RTF has as text (`\listtext`): they are right whatever the list says. Nested
//! tables are read as lines of the cell they are in.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::loss::{LossKind, Losses};
use super::output::{Colour, Document, Mark, Named, Output};
use super::state::{Alignment, Paragraph, Script, State};

const HEAD: &str = "<!DOCTYPE html>\r\n<html>\r\n<head>\r\n<meta charset=\"utf-8\">\r\n</head>\r\n<body>\r\n";
const TAIL: &str = "</body>\r\n</html>\r\n";

/// The most twentieths of a point that a margin may have; 22 inches, the widest page of Word.
const MAX_INDENT: i32 = 31_680;

/// How often a link may be opened again, behind a paragraph's end or other look. **Without a limit, six bytes of RTF make
/// a whole target.**
const MAX_OPENINGS: usize = 64;

/// What these start tags may come to, in bytes; `&` in a target takes five.
const MAX_OPENED: usize = 512 << 10;

/// Where in a table the next text goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Table {
    Outside,
    BetweenRows,
    BetweenCells,
    InCell,
}

/// The elements around a piece of text, outermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    /// The number of the link. **Its target is long, and looks change with every letter of a hostile text.**
    link: Option<usize>,
    style: String,
    bold: bool,
    italic: bool,
    underline: bool,
    strike: bool,
    script: Script,
}

impl Look {
    /// Levels of elements.
    const LEVELS: usize = 7;

    /// How many levels are the same in both, from the outermost.
    fn same(&self, other: &Self) -> usize {
        let same: [bool; Self::LEVELS] = [
            self.link == other.link,
            self.style == other.style,
            self.bold == other.bold,
            self.italic == other.italic,
            self.underline == other.underline,
            self.strike == other.strike,
            self.script == other.script,
        ];
        same.iter().take_while(|same| **same).count()
    }

    /// The name of the element at each level; empty where there is none.
    fn elements(&self) -> [&'static str; Self::LEVELS] {
        let element = |on: bool, name| if on { name } else { "" };
        [
            element(self.link.is_some(), "a"),
            element(!self.style.is_empty(), "span"),
            element(self.bold, "b"),
            element(self.italic, "i"),
            element(self.underline, "u"),
            element(self.strike, "s"),
            match self.script {
                Script::None => "",
                Script::Super => "sup",
                Script::Sub => "sub",
            },
        ]
    }
}

/// Writes the page to `out` as UTF-8.
pub(super) struct Html<'a, W> {
    out: W,
    /// What stands at the places of attachments: the URL of a picture.
    pictures: &'a [Option<String>],
    begun: bool,
    table: Table,
    paragraph: bool,
    /// The state that `look` was made from, to save the making.
    last: Option<(State, usize)>,
    look: Look,
    /// Targets of open links, innermost last; the outermost is the one that is written.
    links: Vec<String>,
    /// How many links there were, which tells one from the next.
    link_count: usize,
    /// How often the outermost link was opened, and may be.
    openings: usize,
    allowed: usize,
    /// Links that were not opened again.
    cut_links: u64,
    /// A space here would be swallowed by the one before.
    after_space: bool,
}

impl<'a, W: Write> Html<'a, W> {
    pub(super) fn new(out: W, pictures: &'a [Option<String>]) -> Self {
        Self {
            out,
            pictures,
            begun: false,
            table: Table::Outside,
            paragraph: false,
            last: None,
            look: Look::default(),
            links: Vec::new(),
            link_count: 0,
            openings: 0,
            allowed: 0,
            cut_links: 0,
            after_space: true,
        }
    }

    fn put(&mut self, text: &str) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write_all(HEAD.as_bytes())?;
        }
        self.out.write_all(text.as_bytes())
    }

    /// Opens or closes table, row and cell until the next text goes where it should.
    fn move_to(&mut self, to: Table) -> io::Result<()> {
        if to != self.table {
            self.end_paragraph()?;
        }
        while self.table != to {
            let (tag, next) = match (self.table, self.table < to) {
                (Table::Outside, _) => ("<table>\r\n", Table::BetweenRows),
                (Table::BetweenRows, true) => ("<tr>\r\n", Table::BetweenCells),
                (Table::BetweenRows, false) => ("</table>\r\n", Table::Outside),
                (Table::BetweenCells, true) => ("<td>", Table::InCell),
                (Table::BetweenCells, false) => ("</tr>\r\n", Table::BetweenRows),
                (Table::InCell, _) => ("</td>\r\n", Table::BetweenCells),
            };
            self.put(tag)?;
            self.table = next;
        }
        Ok(())
    }

    fn begin_paragraph(&mut self, paragraph: &Paragraph) -> io::Result<()> {
        if self.paragraph {
            return Ok(());
        }
        self.move_to(if paragraph.in_table { Table::InCell } else { Table::Outside })?;
        self.put(&paragraph_tag(paragraph))?;
        self.paragraph = true;
        self.after_space = true;
        Ok(())
    }

    fn end_paragraph(&mut self) -> io::Result<()> {
        self.set_look(Look::default())?;
        self.last = None;
        if std::mem::take(&mut self.paragraph) {
            self.put("</div>\r\n")?;
        }
        Ok(())
    }

    /// Closes elements from the innermost to the first that differs, and opens those of the new look.
    fn set_look(&mut self, look: Look) -> io::Result<()> {
        if look == self.look {
            return Ok(());
        }
        let same = look.same(&self.look);
        for element in self.look.elements().into_iter().skip(same).rev().filter(|element| !element.is_empty()) {
            self.put(&format!("</{element}>"))?;
        }
        for element in look.elements().into_iter().skip(same).filter(|element| !element.is_empty()) {
            let start = match element {
                "a" => format!("<a href=\"{}\">", self.links.first().map(|target| escape(target)).unwrap_or_default()),
                "span" => format!("<span style=\"{}\">", escape(&look.style)),
                element => format!("<{element}>"),
            };
            self.put(&start)?;
        }
        self.look = look;
        Ok(())
    }

    /// Makes ready for text in this state.
    fn prepare(&mut self, state: &State, document: &Document) -> io::Result<()> {
        self.begin_paragraph(&state.paragraph)?;
        let link = if self.links.is_empty() { 0 } else { self.link_count };
        if self.last == Some((*state, link)) {
            return Ok(());
        }
        self.last = Some((*state, link));
        let character = &state.character;
        if !self.links.is_empty() && self.look.link.is_none() {
            self.openings = self.openings.saturating_add(1);
            self.cut_links = self.cut_links.saturating_add(u64::from(self.openings == self.allowed.saturating_add(1)));
        }
        let is_linked = !self.links.is_empty() && self.openings <= self.allowed;
        self.set_look(Look {
            link: is_linked.then_some(self.link_count),
            style: style(state, document),
            bold: character.bold,
            italic: character.italic,
            underline: character.underline,
            strike: character.strike,
            script: character.script,
        })
    }

    fn characters(&mut self, text: &str) -> io::Result<()> {
        let mut escaped = String::with_capacity(text.len());
        for character in text.chars() {
            let space = character == ' ';
            match character {
                ' ' if self.after_space => escaped.push_str("&nbsp;"),
                '\n' | '\r' | '\u{B}' => escaped.push_str("<br>"),
                '\t' => escaped.push_str(TAB),
                // No character of HTML.
                '\0'..='\u{1F}' => escaped.push(char::REPLACEMENT_CHARACTER),
                character => push_escaped(&mut escaped, character),
            }
            // A space after a space that was made hard may be soft again.
            self.after_space = (space && !self.after_space) || matches!(character, '\n' | '\r' | '\u{B}' | '\t');
        }
        self.put(&escaped)
    }
}

const TAB: &str = "&nbsp;&nbsp;&nbsp; ";

impl<W: Write> Output for Html<'_, W> {
    fn text(&mut self, text: &str, state: &State, document: &Document) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.prepare(state, document)?;
        // A carriage return and its line feed are one line end.
        for line in text.split_inclusive("\r\n") {
            self.characters(line.strip_suffix("\r\n").unwrap_or(line))?;
            if line.ends_with("\r\n") {
                self.characters("\n")?;
            }
        }
        Ok(())
    }

    fn mark(&mut self, mark: Mark<'_>, state: &State, document: &Document) -> io::Result<()> {
        match mark {
            Mark::Paragraph => {
                if !self.paragraph {
                    self.begin_paragraph(&state.paragraph)?;
                    self.put("<br>")?;
                }
                self.end_paragraph()
            }
            Mark::Line => {
                self.begin_paragraph(&state.paragraph)?;
                self.after_space = true;
                self.put("<br>")
            }
            Mark::Tab => {
                self.prepare(state, document)?;
                self.after_space = true;
                self.put(TAB)
            }
            Mark::Cell => {
                self.move_to(Table::InCell)?;
                self.move_to(Table::BetweenCells)
            }
            Mark::Row if self.table > Table::BetweenRows => self.move_to(Table::BetweenRows),
            Mark::Row => Ok(()),
            Mark::Named(Named::NoBreakSpace) => {
                self.prepare(state, document)?;
                self.after_space = false;
                self.put("&nbsp;")
            }
            Mark::Named(named) => self.text(named.character().encode_utf8(&mut [0; 4]), state, document),
            Mark::Object(ordinal) => {
                self.prepare(state, document)?;
                self.after_space = false;
                let url = usize::try_from(ordinal).ok().and_then(|ordinal| self.pictures.get(ordinal)?.as_deref());
                let place = match url {
                    Some(url) => format!("<img id=\"attachment-{ordinal}\" src=\"{}\" alt=\"\">", escape(url)),
                    None => format!("<span id=\"attachment-{ordinal}\"></span>"),
                };
                self.put(&place)
            }
            Mark::Link(target) => {
                if self.links.is_empty() {
                    self.link_count = self.link_count.saturating_add(1);
                    self.openings = 0;
                    let most = MAX_OPENED.checked_div(escape(target).len()).unwrap_or(MAX_OPENINGS);
                    self.allowed = most.min(MAX_OPENINGS);
                }
                self.links.push(target.to_owned());
                Ok(())
            }
            Mark::LinkEnd => {
                self.links.pop();
                if self.links.is_empty() && self.look.link.is_some() {
                    self.set_look(Look::default())?;
                    self.last = None;
                }
                Ok(())
            }
        }
    }

    fn finish(&mut self, losses: &mut Losses) -> io::Result<()> {
        losses.add(LossKind::Link, self.cut_links, || "a link over too many pieces of text".to_owned());
        self.end_paragraph()?;
        self.move_to(Table::Outside)?;
        self.put(TAIL)?;
        self.out.flush()
    }
}

/// The start tag of a paragraph.
fn paragraph_tag(paragraph: &Paragraph) -> String {
    let mut style = String::new();
    for (name, twips) in [("margin-left", paragraph.indent), ("text-indent", paragraph.first_indent)] {
        if twips != 0 {
            let _ = write!(style, "{name}:{}pt;", f64::from(twips.clamp(-MAX_INDENT, MAX_INDENT)) / 20.0);
        }
    }
    style.push_str(match paragraph.alignment {
        Alignment::Natural => "",
        Alignment::Centre => "text-align:center;",
        Alignment::Right => "text-align:right;",
        Alignment::Justified => "text-align:justify;",
    });
    let style = style.trim_end_matches(';');
    let direction = if paragraph.right_to_left { " dir=\"rtl\"" } else { "" };
    if style.is_empty() { format!("<div{direction}>") } else { format!("<div{direction} style=\"{style}\">") }
}

/// Face, size and colours.
fn style(state: &State, document: &Document) -> String {
    let mut style = String::new();
    let face = document.font(state).filter(|font| !font.is_symbol()).map(|font| font.name.as_str()).unwrap_or_default();
    // A name that would need quoting within quotes is no name of a font.
    if !face.is_empty()
        && face.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '(' | ')' | '@' | '+'))
    {
        let _ = write!(style, "font-family:'{face}';");
    }
    if state.character.size > 0 {
        let _ = write!(style, "font-size:{}pt;", f64::from(state.character.size) / 2.0);
    }
    // There is no background until one is chosen, and none is number 0, even in tables whose first colour is one.
    let background = Some(state.character.background).filter(|number| *number > 0);
    for (name, colour) in [("color", Some(state.character.colour)), ("background-color", background)] {
        let colour: Colour = colour.and_then(|number| document.colour(number));
        if let Some([red, green, blue]) = colour {
            let _ = write!(style, "{name}:#{red:02x}{green:02x}{blue:02x};");
        }
    }
    style.truncate(style.trim_end_matches(';').len());
    style
}

fn push_escaped(out: &mut String, character: char) {
    match character {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '"' => out.push_str("&quot;"),
        '\u{A0}' => out.push_str("&nbsp;"),
        character => out.push(character),
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    text.chars().for_each(|character| push_escaped(&mut out, character));
    out
}

/// Text in a simple page, line for line: HTML for a document that was plain text.
pub(super) struct Page<W> {
    out: W,
    begun: bool,
}

impl<W: Write> Page<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, begun: false }
    }

    fn begin(&mut self) -> io::Result<()> {
        if !std::mem::replace(&mut self.begun, true) {
            self.out.write_all(HEAD.as_bytes())?;
            // HTML leaves out a line end at the beginning of the element; this one is for it.
            self.out.write_all(b"<pre style=\"white-space:pre-wrap\">\r\n")?;
        }
        Ok(())
    }
}

impl<W: Write> Output for Page<W> {
    fn text(&mut self, text: &str, _: &State, _: &Document) -> io::Result<()> {
        self.begin()?;
        let allowed =
            |c: char| if c >= ' ' || matches!(c, '\t' | '\r' | '\n') { c } else { char::REPLACEMENT_CHARACTER };
        self.out.write_all(escape(&text.chars().map(allowed).collect::<String>()).as_bytes())
    }

    fn mark(&mut self, mark: Mark<'_>, _: &State, _: &Document) -> io::Result<()> {
        self.begin()?;
        match mark {
            Mark::Paragraph | Mark::Line | Mark::Row => self.out.write_all(b"\r\n"),
            Mark::Tab | Mark::Cell => self.out.write_all(b"\t"),
            Mark::Named(named) => self.out.write_all(escape(named.character().encode_utf8(&mut [0; 4])).as_bytes()),
            Mark::Object(ordinal) => write!(self.out, "<span id=\"attachment-{ordinal}\"></span>"),
            Mark::Link(_) | Mark::LinkEnd => Ok(()),
        }
    }

    fn finish(&mut self, _: &mut Losses) -> io::Result<()> {
        self.begin()?;
        self.out.write_all(b"</pre>\r\n")?;
        self.out.write_all(TAIL.as_bytes())?;
        self.out.flush()
    }
}
