//! Every property of a node: tag, name, type, value.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::Arc;

use pst_core::Result;
use pst_core::ltp::{Cell, Property, PropertyContext, PropertyTag, Value};
use pst_core::messaging::{Message, NamedProperties, PropertySet};
use pst_core::ndb::Nid;
use serde::Serialize;

use super::Request;
use crate::exit::Exit;
use crate::output::{Output, Style, escape_line, stderr_line, thousands};

/// Bytes of a value, characters of a text, values of a list that are shown unless all are asked for.
const SHOWN_BYTES: usize = 32;
const SHOWN_CHARACTERS: usize = 200;
const SHOWN_VALUES: usize = 16;
/// Bytes above which a value is not even read unless all is asked for.
const READ_BYTES: u64 = 64 << 10;

#[derive(Debug, Serialize)]
struct Line {
    tag: PropertyTagText,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: String,
    bytes: Option<u64>,
    value: Option<String>,
    error: Option<String>,
}

/// A tag as its eight digits.
#[derive(Debug)]
struct PropertyTagText(PropertyTag);

impl Serialize for PropertyTagText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct Lister<'a> {
    request: &'a Request<'a>,
    out: Output,
    names: Arc<NamedProperties>,
    sections: u64,
    /// No property of the section is written yet.
    fresh: bool,
    errors: bool,
}

/// Writes the properties of a message and the cells of its recipients.
pub(super) fn write_message(request: &Request<'_>, message: &Message, out: Output) -> anyhow::Result<Exit> {
    let properties = message.properties().map_err(|error| request.unread(&error))?;
    let mut lister = Lister::new(request, "message", message.id(), out)?;
    lister.context(properties)?;
    let table = match message.recipient_table() {
        Ok(table) => table,
        Err(error) => {
            lister.note(&error);
            None
        }
    };
    if let Some(table) = &table {
        for (at, row) in table.rows().enumerate() {
            let number = at.saturating_add(1);
            let row = match row {
                Ok(row) => row,
                Err(error) => {
                    lister.note(&error);
                    continue;
                }
            };
            lister.section(&format!("recipient {number}"))?;
            for cell in row.cells() {
                lister.cell(&cell)?;
            }
        }
    }
    lister.finish()
}

/// Writes the properties of anything else.
pub(super) fn write_one(
    request: &Request<'_>,
    what: &str,
    nid: Nid,
    properties: &PropertyContext,
    out: Output,
) -> anyhow::Result<Exit> {
    let mut lister = Lister::new(request, what, nid, out)?;
    lister.context(properties)?;
    lister.finish()
}

impl<'a> Lister<'a> {
    fn new(request: &'a Request<'a>, what: &str, nid: Nid, mut out: Output) -> anyhow::Result<Self> {
        let names = request.pst.named_properties();
        if request.args.json {
            out.write_all(b"{\"schema\":\"pst-show/1\",\"file\":")?;
            serde_json::to_writer(&mut out, &request.file().to_string_lossy())?;
            write!(out, ",\"node\":\"{nid}\",\"sections\":[")?;
        }
        let mut lister = Self { request, out, names: Arc::default(), sections: 0, fresh: true, errors: false };
        match names {
            Ok(names) => lister.names = names,
            Err(error) => lister.note(&error),
        }
        lister.section(&format!("{what} {nid}"))?;
        Ok(lister)
    }

    fn note(&mut self, error: &pst_core::Error) {
        self.errors = true;
        stderr_line(&format!("pst: {}", escape_line(&self.request.unread(error).to_string())));
    }

    fn section(&mut self, title: &str) -> anyhow::Result<()> {
        let first = self.sections == 0;
        self.sections = self.sections.saturating_add(1);
        if self.request.args.json {
            self.out.write_all(if first { b"\n" } else { b"\n]},\n" })?;
            write!(self.out, "{{\"title\":\"{title}\",\"properties\":[")?;
        } else {
            let title = self.out.paint(Style::Title, title).into_owned();
            writeln!(self.out, "{}{title}", if first { "" } else { "\n" })?;
        }
        self.fresh = true;
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<Exit> {
        if self.request.args.json {
            self.out.write_all(b"\n]}\n]}\n")?;
        }
        self.out.finish()?;
        Ok(Exit::from_findings(self.errors))
    }

    fn context(&mut self, properties: &PropertyContext) -> anyhow::Result<()> {
        for property in properties {
            match property {
                Ok(property) => self.property(&property)?,
                Err(error) => self.note(&error),
            }
        }
        Ok(())
    }

    fn property(&mut self, property: &Property<'_>) -> anyhow::Result<()> {
        let size = property.stored_len();
        let value = match &size {
            Ok(size) if *size > READ_BYTES && !self.request.args.full => Ok(format!("({} bytes)", thousands(*size))),
            _ => property.value().map(|value| self.text(&value)),
        };
        self.write(property.tag(), size.ok(), value)
    }

    fn cell(&mut self, cell: &Cell<'_>) -> anyhow::Result<()> {
        let size = cell.stored().ok().and_then(|stored| u64::try_from(stored.len()).ok());
        let value = cell.value().map(|value| self.text(&value));
        self.write(cell.tag(), size, value)
    }

    fn write(&mut self, tag: PropertyTag, bytes: Option<u64>, value: Result<String>) -> anyhow::Result<()> {
        let (value, error) = match value {
            Ok(value) => (Some(value), None),
            Err(error) => {
                self.note(&error);
                (None, Some(error.to_string()))
            }
        };
        let line =
            Line { tag: PropertyTagText(tag), name: self.name(tag), kind: tag.kind().to_string(), bytes, value, error };
        if self.request.args.json {
            self.out.write_all(if self.fresh { b"\n" } else { b",\n" })?;
            serde_json::to_writer(&mut self.out, &line)?;
        } else {
            let tag = self.out.paint(Style::Dim, tag.to_string()).into_owned();
            let name = line.name.as_deref().unwrap_or("-");
            let name = self.out.paint(Style::Label, escape_line(name)).into_owned();
            let value = match (&line.value, &line.error) {
                (Some(value), _) => value.clone(),
                (None, error) => {
                    self.out.paint(Style::Bad, escape_line(error.as_deref().unwrap_or_default())).into_owned()
                }
            };
            let line = format!("{tag}  {:<21}  {name} = {value}", line.kind);
            writeln!(self.out, "{}", line.trim_end())?;
        }
        self.fresh = false;
        Ok(())
    }

    /// The name of a property: the well-known one, or the one this file gives to its id.
    fn name(&self, tag: PropertyTag) -> Option<String> {
        if !tag.is_named() {
            return tag.name().map(str::to_owned);
        }
        let named = self.names.get(tag.id())?;
        let set = match named.set {
            PropertySet::None => "no set".to_owned(),
            PropertySet::Mapi => "PS_MAPI".to_owned(),
            PropertySet::PublicStrings => "PS_PUBLIC_STRINGS".to_owned(),
            PropertySet::Guid(guid) => guid.to_string(),
        };
        Some(match named.canonical_name() {
            Some(canonical) => format!("{canonical} ({set} {})", named.name),
            None => format!("{} ({set})", named.name),
        })
    }

    /// A value in one line.
    fn text(&self, value: &Value<'_>) -> String {
        let full = self.request.args.full;
        match value {
            Value::Null => String::new(),
            Value::Integer16(number) => integer(i64::from(*number), 4),
            Value::Integer32(number) => integer(i64::from(*number), 8),
            Value::Integer64(number) => integer(*number, 16),
            Value::Floating32(number) => number.to_string(),
            Value::Floating64(number) => number.to_string(),
            Value::Currency(number) => currency(*number),
            Value::FloatingTime(days) => format!("{days} days since 1899-12-30"),
            Value::ErrorCode(code) => format!("{code:#010x}"),
            Value::Boolean(truth) => truth.to_string(),
            Value::Time(time) => time.to_string(),
            Value::Guid(guid) => guid.to_string(),
            Value::String(text) => quoted(&text.to_string_lossy(), full),
            Value::Binary(bytes) | Value::Unknown(bytes) => hex(bytes, full),
            Value::Object(object) => format!("subnode {}, {} bytes", object.nid, thousands(u64::from(object.size))),
            Value::Multiple(values) => {
                let shown = if full { values.len() } else { SHOWN_VALUES };
                let all: Vec<_> = values.iter().take(shown).map(|value| self.text(value)).collect();
                let more = if values.len() > shown { ", …" } else { "" };
                format!("[{}{more}] ({} values)", all.join(", "), values.len())
            }
            // New kinds of values.
            _ => format!("{value:?}"),
        }
    }
}

fn integer(number: i64, digits: usize) -> String {
    let mask = match digits {
        4 => 0xFFFF,
        8 => 0xFFFF_FFFF,
        _ => u64::MAX,
    };
    if (0..10).contains(&number) {
        number.to_string()
    } else {
        format!("{number} ({:#x})", number.cast_unsigned() & mask)
    }
}

/// Ten-thousandths as a number with four places.
fn currency(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let absolute = number.unsigned_abs();
    format!("{sign}{}.{:04}", absolute / 10_000, absolute % 10_000)
}

fn quoted(text: &str, full: bool) -> String {
    if full {
        return format!("\"{}\"", escape_line(text));
    }
    let shown: String = text.chars().take(SHOWN_CHARACTERS).collect();
    let count = if shown.len() < text.len() {
        format!("… ({} characters)", thousands(u64::try_from(text.chars().count()).unwrap_or(u64::MAX)))
    } else {
        String::new()
    };
    format!("\"{}\"{count}", escape_line(&shown))
}

fn hex(bytes: &[u8], full: bool) -> String {
    let mut out = String::new();
    let shown = if full { bytes.len() } else { SHOWN_BYTES };
    for byte in bytes.iter().take(shown) {
        let _ = write!(out, "{byte:02x}");
    }
    if bytes.len() > shown {
        let _ = write!(out, "… ({} bytes)", thousands(u64::try_from(bytes.len()).unwrap_or(u64::MAX)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_a_line() {
        assert_eq!(integer(-1, 8), "-1 (0xffffffff)");
        assert_eq!(integer(7, 4), "7");
        assert_eq!(currency(-12_345), "-1.2345");
        assert_eq!(hex(&[0xAB; 33], false), format!("{}… (33 bytes)", "ab".repeat(32)));
        assert_eq!(quoted("a\nb\x1b", false), "\"a\\nb\\u{1b}\"");
        assert_eq!(quoted(&"x".repeat(1500), false), format!("\"{}\"… (1,500 characters)", "x".repeat(200)));
    }
}
