//! Comma-separated values (RFC 4180).

use std::fmt;
use std::io::{self, BufRead, Write};

/// Bytes of a row.
const LONGEST: usize = 1 << 20;

/// Reads rows, one by one. `"` quotes, `""` is one of them inside; rows end with CR LF or LF. A mark at the start is passed
/// over, as the programs write it that keep tables in UTF-8.
#[derive(Debug)]
pub struct CsvReader<R> {
    input: R,
    line: u64,
    ended: bool,
}

/// What is wrong with a table.
#[derive(Debug)]
pub enum CsvError {
    /// It could not be read.
    Io(io::Error),
    /// A row is malformed: its line from 1, and why.
    Row(u64, &'static str),
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Row(line, why) => write!(f, "line {line}: {why}"),
        }
    }
}

impl std::error::Error for CsvError {}

impl From<io::Error> for CsvError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl<R: BufRead> CsvReader<R> {
    /// Reads from here.
    pub fn new(input: R) -> Self {
        Self { input, line: 0, ended: false }
    }

    /// The bytes of the next row, with the line it begins at; quoted fields may have line ends.
    fn raw(&mut self) -> Result<Option<(u64, Vec<u8>)>, CsvError> {
        let mut row = Vec::new();
        let first = self.line.saturating_add(1);
        let mut is_open = false;
        loop {
            let start = row.len();
            let left = LONGEST.saturating_sub(row.len());
            let limit = u64::try_from(left).unwrap_or(0);
            let read = io::Read::take(&mut self.input, limit).read_until(b'\n', &mut row)?;
            if read == 0 && left > 0 {
                return match (row.is_empty(), is_open) {
                    (true, _) => Ok(None),
                    (false, true) => Err(CsvError::Row(first, "a quote is not closed")),
                    (false, false) => Ok(Some((first, row))),
                };
            }
            self.line = self.line.saturating_add(1);
            let line = row.get(start..).unwrap_or_default();
            let is_whole = line.last() == Some(&b'\n');
            is_open ^= line.iter().filter(|byte| **byte == b'"').count() % 2 == 1;
            if !is_whole && row.len() >= LONGEST {
                return Err(CsvError::Row(first, "it is longer than a row may be"));
            }
            if !is_open {
                return Ok(Some((first, row)));
            }
        }
    }

    fn row(&mut self) -> Result<Option<(u64, Vec<String>)>, CsvError> {
        let Some((line, row)) = self.raw()? else { return Ok(None) };
        let wrong = |why| CsvError::Row(line, why);
        let text = String::from_utf8(row).map_err(|_| wrong("it is not UTF-8"))?;
        let text = if line == 1 { text.strip_prefix('\u{FEFF}').unwrap_or(&text) } else { &text };
        let text = text.strip_suffix('\n').unwrap_or(text);
        let text = text.strip_suffix('\r').unwrap_or(text);
        let mut fields = Vec::new();
        let mut field = String::new();
        let (mut is_quoted, mut was_quoted) = (false, false);
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '"' if is_quoted && characters.peek() == Some(&'"') => {
                    characters.next();
                    field.push('"');
                }
                '"' if is_quoted => is_quoted = false,
                '"' if field.is_empty() && !was_quoted => (is_quoted, was_quoted) = (true, true),
                '"' => return Err(wrong("a quote stands inside a field")),
                ',' if !is_quoted => {
                    fields.push(std::mem::take(&mut field));
                    was_quoted = false;
                }
                _ if was_quoted && !is_quoted => return Err(wrong("something stands behind a closing quote")),
                _ => field.push(character),
            }
        }
        fields.push(field);
        Ok(Some((line, fields)))
    }
}

impl<R: BufRead> Iterator for CsvReader<R> {
    type Item = Result<(u64, Vec<String>), CsvError>;

    /// The next row with its line. A malformed row ends it: what is behind an open quote is anyone's guess.
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let row = self.row().transpose();
        self.ended = !matches!(row, Some(Ok(_)));
        row
    }
}

/// Writes a row with CR LF.
///
/// # Errors
/// Those of the output.
pub fn write_row<S: AsRef<str>>(out: &mut dyn Write, fields: impl IntoIterator<Item = S>) -> io::Result<()> {
    for (number, field) in fields.into_iter().enumerate() {
        if number > 0 {
            out.write_all(b",")?;
        }
        let field = field.as_ref();
        if field.contains(['"', ',', '\r', '\n']) {
            write!(out, "\"{}\"", field.replace('"', "\"\""))?;
        } else {
            out.write_all(field.as_bytes())?;
        }
    }
    out.write_all(b"\r\n")
}
