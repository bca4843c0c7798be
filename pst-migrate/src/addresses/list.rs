//! The list that somebody fills in: written, read back, and checked.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead, Write};

use pst_core::FileTime;
use pst_core::address::{AddressKind, SmtpAddress, key};

use crate::addresses::{Collected, CsvError, CsvReader, write_row};

/// The columns, in their order.
const COLUMNS: [&str; 12] = [
    "key",
    "type",
    "address",
    "display_names",
    "count",
    "first_date",
    "last_date",
    "role_counts",
    "example",
    "smtp",
    "action",
    "comment",
];
/// Rows of a list.
const MOST_ROWS: usize = 5_000_000;

/// Writes the list: CSV in UTF-8, a row for each address, those that come most often first.
///
/// **What would be a formula in a table program gets a `'` before it**, but for keys, which begin with a type.
///
/// # Errors
/// Those of the output.
pub fn write_list(collected: &Collected, out: &mut dyn Write) -> io::Result<()> {
    write_row(out, COLUMNS)?;
    for entry in &collected.entries {
        let names: Vec<_> = entry.names.iter().map(String::as_str).collect();
        let roles: Vec<_> = entry.roles.iter().map(|(role, count)| format!("{role}={count}")).collect();
        let date = |date: Option<FileTime>| date.map(day).unwrap_or_default();
        let fields = [
            entry.key.clone(),
            entry.address_type.clone(),
            harmless(&entry.address),
            harmless(&names.join("; ")),
            entry.count.to_string(),
            date(entry.first),
            date(entry.last),
            roles.join(" "),
            harmless(&entry.example),
            String::new(),
            String::new(),
            String::new(),
        ];
        write_row(out, fields.iter().map(|field| one_line(field)))?;
    }
    Ok(())
}

fn day(time: FileTime) -> String {
    // Times that no calendar has are written otherwise.
    let text = time.to_string();
    if text.starts_with(|character: char| character.is_ascii_digit()) { text.chars().take(10).collect() } else { text }
}

fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Control characters would end lines in programs that do not know quotes.
fn one_line(text: &str) -> String {
    text.replace(|character: char| character.is_control(), " ")
}

/// What somebody says of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is this SMTP address.
    Smtp(String),
    /// Nobody needs it.
    Ignore,
    /// An account is to be made for it.
    Create,
}

/// Something about a filled list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issue {
    /// The line, from 1.
    pub line: u64,
    /// What it is.
    pub kind: IssueKind,
    /// The case at hand.
    pub detail: String,
}

/// What may be wrong with a filled list. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IssueKind {
    /// The table is malformed, or lacks a column.
    Malformed,
    /// The key is not in the list that was given out.
    UnknownKey,
    /// The key was answered before.
    DuplicateKey,
    /// The address is no valid SMTP address.
    InvalidSmtp,
    /// An address and an action.
    BothFilled,
    /// The action is none that is known.
    UnknownAction,
    /// Two keys have this address. A warning: people change their names.
    SharedSmtp,
}

impl IssueKind {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown-key",
            Self::DuplicateKey => "duplicate-key",
            Self::InvalidSmtp => "invalid-smtp",
            Self::BothFilled => "both-filled",
            Self::UnknownAction => "unknown-action",
            Self::SharedSmtp => "shared-smtp",
        }
    }

    /// True if the list is applied all the same.
    pub const fn is_warning(self) -> bool {
        matches!(self, Self::SharedSmtp)
    }
}

/// A list that was filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FilledList {
    /// The answers by key.
    pub answers: BTreeMap<String, Answer>,
    /// Rows without an answer.
    pub unanswered: u64,
    /// Rows.
    pub rows: u64,
    /// What is wrong with it, in the order of the lines.
    pub issues: Vec<Issue>,
}

impl FilledList {
    /// True if nothing but warnings was found.
    pub fn is_sound(&self) -> bool {
        self.issues.iter().all(|issue| issue.kind.is_warning())
    }

    /// Reads a list. `known` are the keys that were given out, if the caller has them.
    ///
    /// A text whose first line has bars and no column called key is read as lines of `DN|SMTP|name|DN`, as another archive exports them:
    /// each distinguished name of a line has the address of that line.
    ///
    /// # Errors
    /// If it cannot be read. What is wrong with its content is told in the result.
    pub fn read(mut input: impl BufRead, known: Option<&HashSet<String>>) -> io::Result<Self> {
        let mut list = Self::default();
        let start = input.fill_buf()?;
        let first = String::from_utf8_lossy(start.split(|byte| *byte == b'\n').next().unwrap_or_default()).into_owned();
        let is_header = |field: &str| field.trim_matches(['\u{FEFF}', '"', ' ', '\r']).eq_ignore_ascii_case("key");
        let mut reading = Reading { list: &mut list, known, addresses: HashMap::new() };
        let result = if first.contains('|') && !first.split(',').any(is_header) {
            reading.bars(input)
        } else {
            reading.csv(input)
        };
        match result {
            Ok(()) => Ok(list),
            Err(CsvError::Io(error)) => Err(error),
            Err(CsvError::Row(line, why)) => {
                list.issues.push(Issue { line, kind: IssueKind::Malformed, detail: why.to_owned() });
                Ok(list)
            }
        }
    }

    /// The keys of a list, filled in or not.
    ///
    /// # Errors
    /// If it cannot be read or is malformed.
    pub fn keys(input: impl BufRead) -> Result<HashSet<String>, CsvError> {
        let mut rows = CsvReader::new(input);
        let header = rows.next().transpose()?.map(|(_, fields)| fields).unwrap_or_default();
        let at = header.iter().position(|name| name.trim() == "key");
        let at = at.ok_or(CsvError::Row(1, "there is no column called key"))?;
        let mut keys = HashSet::new();
        for row in rows {
            let (line, fields) = row?;
            if keys.len() >= MOST_ROWS {
                return Err(CsvError::Row(line, "there are more rows than are read"));
            }
            keys.extend(fields.get(at).map(|key| key.trim().to_lowercase()).filter(|key| !key.is_empty()));
        }
        Ok(keys)
    }
}

struct Reading<'r> {
    list: &'r mut FilledList,
    known: Option<&'r HashSet<String>>,
    /// The key that had an address first.
    addresses: HashMap<String, String>,
}

impl Reading<'_> {
    fn issue(&mut self, line: u64, kind: IssueKind, detail: impl Into<String>) {
        self.list.issues.push(Issue { line, kind, detail: detail.into() });
    }

    fn csv(&mut self, input: impl BufRead) -> Result<(), CsvError> {
        let mut rows = CsvReader::new(input);
        let Some((line, header)) = rows.next().transpose()? else {
            return Err(CsvError::Row(1, "it is empty"));
        };
        let column = |name: &str| header.iter().position(|field| field.trim().eq_ignore_ascii_case(name));
        let (Some(key), Some(smtp)) = (column("key"), column("smtp")) else {
            return Err(CsvError::Row(line, "there are no columns called key and smtp"));
        };
        let action = column("action");
        for row in rows {
            let (line, fields) = row?;
            let field = |at: usize| fields.get(at).map(|field| field.trim()).unwrap_or_default();
            if fields.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            self.row(line, field(key), field(smtp), action.map(field).unwrap_or_default())?;
        }
        Ok(())
    }

    fn row(&mut self, line: u64, key: &str, smtp: &str, action: &str) -> Result<(), CsvError> {
        self.list.rows = self.list.rows.saturating_add(1);
        if self.list.answers.len() >= MOST_ROWS {
            return Err(CsvError::Row(line, "there are more rows than are read"));
        }
        let key = key.to_lowercase();
        if key.is_empty() || self.known.is_some_and(|known| !known.contains(&key)) {
            self.issue(line, IssueKind::UnknownKey, key);
            return Ok(());
        }
        let answer = match (smtp.is_empty(), action.to_ascii_lowercase().as_str()) {
            (true, "") => {
                self.list.unanswered = self.list.unanswered.saturating_add(1);
                return Ok(());
            }
            (true, "ignore") => Answer::Ignore,
            (true, "create") => Answer::Create,
            (false, "") => Answer::Smtp(smtp.to_owned()),
            (false, _) => {
                self.issue(line, IssueKind::BothFilled, format!("{smtp} and {action}"));
                return Ok(());
            }
            (true, _) => {
                self.issue(line, IssueKind::UnknownAction, format!("{action}, expected ignore or create"));
                return Ok(());
            }
        };
        self.answer(line, key, answer);
        Ok(())
    }

    fn answer(&mut self, line: u64, key: String, answer: Answer) {
        if let Answer::Smtp(smtp) = &answer {
            // An encapsulated address is valid and leads to a gateway.
            let is_plain = AddressKind::of(None, smtp) == AddressKind::Smtp;
            match SmtpAddress::parse(smtp) {
                Ok(address) if is_plain => {
                    let other = self.addresses.entry(address.key()).or_insert_with(|| key.clone()).clone();
                    if other != key {
                        self.issue(line, IssueKind::SharedSmtp, format!("{smtp} is also {other}"));
                    }
                }
                Ok(_) => return self.issue(line, IssueKind::InvalidSmtp, format!("{smtp}: it leads to a gateway")),
                Err(fault) => return self.issue(line, IssueKind::InvalidSmtp, format!("{smtp}: {fault}")),
            }
        }
        match self.list.answers.get(&key) {
            Some(_) => self.issue(line, IssueKind::DuplicateKey, key),
            None => drop(self.list.answers.insert(key, answer)),
        }
    }

    fn bars(&mut self, input: impl BufRead) -> Result<(), CsvError> {
        const LONGEST: u64 = 1 << 20;
        let mut input = input;
        let mut text = Vec::new();
        for line in 1_u64.. {
            text.clear();
            if io::Read::take(&mut input, LONGEST).read_until(b'\n', &mut text)? == 0 {
                break;
            }
            if text.last() != Some(&b'\n') && u64::try_from(text.len()).unwrap_or(u64::MAX) >= LONGEST {
                return Err(CsvError::Row(line, "it is longer than a line may be"));
            }
            let Ok(row) = std::str::from_utf8(&text) else {
                return Err(CsvError::Row(line, "it is not UTF-8"));
            };
            if row.trim().is_empty() {
                continue;
            }
            let fields = || row.split('|').map(str::trim).filter(|field| !field.is_empty());
            let smtp = fields().find(|field| AddressKind::of(None, field) == AddressKind::Smtp);
            let mut names: Vec<_> = fields().filter(|field| AddressKind::of(None, field) == AddressKind::Ex).collect();
            names.sort_unstable();
            names.dedup();
            if names.is_empty() || smtp.is_none() {
                self.list.rows = self.list.rows.saturating_add(1);
                self.issue(
                    line,
                    IssueKind::Malformed,
                    "expected a distinguished name and an SMTP address between bars",
                );
            }
            for name in names.iter().filter(|_| smtp.is_some()) {
                self.row(line, &key("EX", name), smtp.unwrap_or_default(), "")?;
            }
        }
        Ok(())
    }
}
