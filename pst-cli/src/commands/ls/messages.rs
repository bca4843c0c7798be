//! The messages of a folder, row by row as its contents table has them.

use std::io::{self, Write};
use std::path::Path;

use pst_core::ltp::{Row, TableContext, id};
use pst_core::messaging::{Folder, FolderKind, Subject};
use pst_core::ndb::Nid;
use pst_core::{Error, FileTime, Pst, Result};
use serde::Serialize;

use crate::dates::{self, DateKind};
use crate::exit::{Exit, Failure};
use crate::folders::Paths;
use crate::output::{Output, Style, bytes, escape_line, fit, stderr_line};

/// What a row tells of a message.
#[derive(Debug, Serialize)]
struct Line {
    node: Nid,
    associated: bool,
    date: Option<FileTime>,
    date_kind: Option<DateKind>,
    size: Option<u64>,
    from: Option<String>,
    class: Option<String>,
    subject: Option<String>,
}

/// Widths of the columns for sender, class and subject; the others are always the same.
#[derive(Clone, Copy)]
struct Widths {
    from: usize,
    class: usize,
    /// `None` in a pipe: the last column is as long as it is.
    subject: Option<usize>,
}

impl Widths {
    /// Node, date and size with the spaces behind them.
    const FIXED: usize = 10 + 2 + 16 + 2 + 9 + 2;

    fn new(terminal: Option<usize>) -> Self {
        let Some(columns) = terminal else { return Self { from: 24, class: 20, subject: None } };
        // The subject gets half of what is left, and what the others do not need.
        let left = columns.saturating_sub(Self::FIXED + 4).max(20);
        let from = (left >> 2).min(28);
        let class = (left >> 2).min(24);
        Self { from, class, subject: Some(left.saturating_sub(from).saturating_sub(class)) }
    }
}

/// Writes the messages of a folder.
pub(super) fn list(
    file: &Path,
    pst: &Pst,
    folder: &Folder,
    out: Output,
    all: bool,
    json: bool,
) -> anyhow::Result<Exit> {
    let widths = Widths::new(out.width());
    let mut list = List { file, out, json, widths, written: 0, errors: false };
    list.head(pst, folder)?;
    let contents = match folder.kind() {
        FolderKind::Normal => folder.contents_table(),
        FolderKind::Search => folder.search_table(),
    };
    list.table(contents, false)?;
    if all && folder.kind() == FolderKind::Normal {
        list.table(folder.associated_table(), true)?;
    }
    if json {
        list.out.write_all(b"\n]}\n")?;
    }
    list.out.finish()?;
    Ok(Exit::from_findings(list.errors))
}

struct List<'a> {
    file: &'a Path,
    out: Output,
    json: bool,
    widths: Widths,
    written: u64,
    errors: bool,
}

impl List<'_> {
    fn note(&mut self, error: &Error) {
        self.errors = true;
        stderr_line(&format!("pst: {}", escape_line(&Failure::unread(self.file, error).to_string())));
    }

    fn keep<T>(&mut self, result: Result<T>) -> Option<T> {
        result.map_err(|error| self.note(&error)).ok()
    }

    fn head(&mut self, pst: &Pst, folder: &Folder) -> anyhow::Result<()> {
        let path = Paths::new(pst).of(folder.id());
        if self.json {
            let head = serde_json::json!({ "node": folder.id(), "path": path, "kind": folder.kind() });
            self.out.write_all(b"{\"schema\":\"pst-ls/1\",\"file\":")?;
            serde_json::to_writer(&mut self.out, &self.file.to_string_lossy())?;
            writeln!(self.out, ",\"folder\":{head},\"messages\":[")?;
            return Ok(());
        }
        let title = self.out.paint(Style::Title, escape_line(&path)).into_owned();
        writeln!(self.out, "{title}")?;
        let labels = ["node", "date (UTC)", "size", "from", "class", "subject"].map(str::to_owned);
        self.line(Style::Label, labels)?;
        Ok(())
    }

    fn table(&mut self, table: Result<Option<TableContext>>, associated: bool) -> anyhow::Result<()> {
        let Some(Some(table)) = self.keep(table) else { return Ok(()) };
        for row in &table {
            let Some(row) = self.keep(row) else { continue };
            let message = self.message(&row, associated);
            if self.json {
                if self.written > 0 {
                    self.out.write_all(b",\n")?;
                }
                serde_json::to_writer(&mut self.out, &message)?;
            } else {
                self.write(message)?;
            }
            self.written = self.written.saturating_add(1);
        }
        Ok(())
    }

    fn message(&mut self, row: &Row<'_>, associated: bool) -> Line {
        let time = |property| row.time(property);
        let date = dates::best(time(id::MESSAGE_DELIVERY_TIME), time(id::CLIENT_SUBMIT_TIME), time(id::CREATION_TIME));
        let mut string = |property| self.keep(row.string(property)).flatten();
        let from = string(id::SENT_REPRESENTING_NAME).or_else(|| string(id::SENDER_NAME));
        let class = string(id::MESSAGE_CLASS);
        let subject = self.keep(row.text(id::SUBJECT)).flatten().map(|stored| Subject::parse(&stored).text);
        let size = row.integer(id::MESSAGE_SIZE).and_then(|size| u64::try_from(size).ok());
        Line {
            node: row.nid(),
            associated,
            date: date.map(|(date, _)| date),
            date_kind: date.map(|(_, kind)| kind),
            size,
            from,
            class,
            subject,
        }
    }

    fn write(&mut self, message: Line) -> io::Result<()> {
        let cells = [
            message.node.to_string(),
            message.date.map(dates::minutes).unwrap_or_default(),
            message.size.map(bytes).unwrap_or_default(),
            message.from.unwrap_or_default(),
            message.class.unwrap_or_default(),
            message.subject.unwrap_or_default(),
        ];
        self.line(if message.associated { Style::Dim } else { Style::Plain }, cells)
    }

    fn line(&mut self, style: Style, cells: [String; 6]) -> io::Result<()> {
        let [node, date, size, from, class, subject] = cells.map(|cell| escape_line(&cell).into_owned());
        let widths = self.widths;
        let cut = widths.subject.is_some();
        let (from, class) = (fit(&from, widths.from, cut), fit(&class, widths.class, cut));
        let subject = fit(&subject, widths.subject.unwrap_or(0), cut);
        let line = format!("{node:<10}  {date:<16}  {size:>9}  {from}  {class}  {subject}");
        let line = self.out.paint(style, line.trim_end()).into_owned();
        writeln!(self.out, "{line}")
    }
}
