//! Standard output: buffered, with colours where they belong, and safe from what mail may contain.
//!
//! **Text from a file is data, never control.** A subject or a name goes through [`escape_line`], so that no mail can
//! move the cursor, ring the bell or forge a line; bodies go through [`Output::body`], which does the same on a terminal
//! and keeps every byte in a pipe.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

use clap::ColorChoice;
use console::{Alignment, Term, measure_text_width, pad_str};

/// How a word is painted, by its role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// As it is.
    Plain,
    /// Titles and names of files.
    Title,
    /// What matters less: ids, lines of a tree.
    Dim,
    /// Something that could not be read.
    Bad,
    /// Something to know about.
    Warning,
    /// Names of fields.
    Label,
}

impl Style {
    const fn sgr(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Title => "1",
            Self::Dim => "2",
            Self::Bad => "1;31",
            Self::Warning => "33",
            Self::Label => "36",
        }
    }
}

/// Standard output.
pub(crate) struct Output {
    out: BufWriter<Stdout>,
    terminal: bool,
    colors: bool,
}

impl Output {
    /// Standard output with colours as `choice` says.
    pub(crate) fn stdout(choice: ColorChoice) -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        let colors = match choice {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
                terminal && !forbidden && Term::stdout().features().colors_supported()
            }
        };
        Self { out: BufWriter::with_capacity(1 << 16, out), terminal, colors }
    }

    /// True if a person looks at it.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// True if what is written may end up on a terminal, be it behind a pager that keeps the colours it was given.
    pub(crate) fn may_reach_terminal(&self) -> bool {
        self.terminal || self.colors
    }

    /// Columns of the terminal; `None` in a pipe, where lines may be of any length.
    pub(crate) fn width(&self) -> Option<usize> {
        let size = self.terminal.then(|| Term::stdout().size_checked()).flatten();
        size.map(|(_rows, columns)| usize::from(columns).max(40))
    }

    /// The text in a style, if there are colours.
    pub(crate) fn paint<'a>(&self, style: Style, text: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let text = text.into();
        if !self.colors || style == Style::Plain || text.is_empty() {
            return text;
        }
        Cow::Owned(format!("\x1b[{}m{text}\x1b[0m", style.sgr()))
    }

    /// Writes text of many lines from a file: as it is in a pipe, escaped where it may reach a terminal.
    pub(crate) fn body(&mut self, text: &str) -> io::Result<()> {
        if self.may_reach_terminal() {
            self.out.write_all(escape_text(text).as_bytes())?;
        } else {
            self.out.write_all(text.as_bytes())?;
        }
        if text.is_empty() || text.ends_with('\n') { Ok(()) } else { self.out.write_all(b"\n") }
    }

    /// Writes everything out. Dropping does so as well, but loses errors.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes a line to standard error; where nobody listens there is nobody to tell.
pub(crate) fn stderr_line(line: &str) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// True for characters that change what a terminal shows beside their own place: controls (ESC, the C1 set, newlines)
/// and the marks that turn the direction of what follows.
fn is_hostile(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|character| is_hostile(character) && !keep(character)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().saturating_add(16));
    for character in text.chars() {
        match character {
            _ if !is_hostile(character) || keep(character) => out.push(character),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
        }
    }
    Cow::Owned(out)
}

/// Text for one line: everything a terminal would obey is written as `\u{1b}` and the like.
pub(crate) fn escape_line(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// Text of many lines: newlines and tabs stay, CR LF becomes LF, the rest as [`escape_line`].
pub(crate) fn escape_text(text: &str) -> Cow<'_, str> {
    let text: Cow<'_, str> = if text.contains("\r\n") { text.replace("\r\n", "\n").into() } else { text.into() };
    match text {
        Cow::Borrowed(text) => escape(text, |character| matches!(character, '\n' | '\t')),
        Cow::Owned(text) => escape(&text, |character| matches!(character, '\n' | '\t')).into_owned().into(),
    }
}

/// A number with its thousands apart: `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len().saturating_add(8));
    let mut left = digits.len();
    for digit in digits.chars() {
        out.push(digit);
        left = left.saturating_sub(1);
        if left > 0 && left.is_multiple_of(3) {
            out.push(',');
        }
    }
    out
}

/// A number of bytes for the eye: `13.3 MiB`.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if number < 1024 {
        return format!("{number} B");
    }
    let (mut scaled, mut unit) = (number, "B");
    let mut tenths = 0;
    for next in UNITS {
        if scaled < 1024 {
            break;
        }
        tenths = (scaled % 1024).saturating_mul(10) >> 10;
        scaled >>= 10;
        unit = next;
    }
    format!("{scaled}.{tenths} {unit}")
}

/// `1 item`, `2 items`.
pub(crate) fn counted(number: u64, singular: &str, plural: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { singular } else { plural })
}

/// `text` padded to `width` columns of a terminal, wide characters counted as two; with `cut` never longer than that.
pub(crate) fn fit(text: &str, width: usize, cut: bool) -> Cow<'_, str> {
    // Without a tail, text that is too long would still be cut.
    if !cut && measure_text_width(text) >= width {
        return text.into();
    }
    pad_str(text, width, Alignment::Left, Some("…"))
}

/// An aligned table of short texts, for reports that fit in memory.
#[derive(Debug, Default)]
pub(crate) struct Table {
    alignments: Vec<Alignment>,
    rows: Vec<(Style, Vec<String>)>,
}

impl Table {
    /// An empty table: `l` stands for a left, `r` for a right column.
    pub(crate) fn new(columns: &str) -> Self {
        let side = |letter| if letter == 'r' { Alignment::Right } else { Alignment::Left };
        Self { alignments: columns.chars().map(side).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row<T: fmt::Display>(&mut self, style: Style, cells: impl IntoIterator<Item = T>) {
        self.rows.push((style, cells.into_iter().map(|cell| escape_line(&cell.to_string()).into_owned()).collect()));
    }

    /// Writes the rows, each behind `indent`, its columns two spaces apart.
    pub(crate) fn write(&self, out: &mut Output, indent: &str) -> io::Result<()> {
        let mut widths = vec![0; self.alignments.len()];
        for (_, cells) in &self.rows {
            for (width, cell) in widths.iter_mut().zip(cells) {
                *width = measure_text_width(cell).max(*width);
            }
        }
        for (style, cells) in &self.rows {
            let mut line = String::new();
            for ((cell, width), alignment) in cells.iter().zip(&widths).zip(&self.alignments) {
                line.push_str(&pad_str(cell, *width, *alignment, None));
                line.push_str("  ");
            }
            let line = out.paint(*style, line.trim_end()).into_owned();
            writeln!(out, "{indent}{line}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_a_terminal_obeys_gets_through() {
        assert_eq!(escape_line("a\x1b[2Jb\r\n\u{9b}c\u{202e}d\x07"), "a\\u{1b}[2Jb\\r\\n\\u{9b}c\\u{202e}d\\u{7}");
        assert_eq!(escape_line("Grüße 日本"), "Grüße 日本");
        assert_eq!(escape_text("a\r\nb\tc\rd\x1b"), "a\nb\tc\\rd\\u{1b}");
    }

    #[test]
    fn numbers() {
        let table = [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567"), (12_345_678, "12,345,678")];
        for (number, text) in table {
            assert_eq!(thousands(number), text);
        }
        let table =
            [(1023, "1023 B"), (1024, "1.0 KiB"), (1536, "1.5 KiB"), (13_984_768, "13.3 MiB"), (1 << 40, "1.0 TiB")];
        for (number, text) in table {
            assert_eq!(bytes(number), text);
        }
    }
}
