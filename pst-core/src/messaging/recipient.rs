//! Recipients of a message (MS-PST 2.4.5.3).

use std::fmt;

use crate::ltp::{PropertyType, Row, RowPlace, TableContext, Value, id};
use crate::messaging::LONGEST_ENTRY_ID;
use crate::text::CodePage;
use crate::{Error, Result};

/// PidTagRecipientType.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecipientKind {
    /// 0: the sender, in some meeting messages.
    Originator,
    /// 1: To; the required attendees of a meeting.
    To,
    /// 2: Cc; the optional attendees.
    Cc,
    /// 3: Bcc; the resources.
    Bcc,
    /// Any other number, flags included.
    Other(i32),
}

impl RecipientKind {
    /// From the stored number; flags in the upper bits are put aside.
    pub const fn new(number: i32) -> Self {
        match number & 0x0FFF_FFFF {
            0 => Self::Originator,
            1 => Self::To,
            2 => Self::Cc,
            3 => Self::Bcc,
            _ => Self::Other(number),
        }
    }
}

impl fmt::Display for RecipientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Originator => f.write_str("originator"),
            Self::To => f.write_str("to"),
            Self::Cc => f.write_str("cc"),
            Self::Bcc => f.write_str("bcc"),
            Self::Other(number) => write!(f, "{number}"),
        }
    }
}

/// A row of the recipient table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// PidTagRowid or its like: an arbitrary number, unique in the table.
    pub row_id: u32,
    /// PidTagRecipientType as stored.
    pub kind_number: Option<i32>,
    /// PidTagDisplayName.
    pub name: Option<String>,
    /// PidTagAddressType: `SMTP`, `EX` and others.
    pub address_type: Option<String>,
    /// PidTagEmailAddress, of that type.
    pub address: Option<String>,
    /// PidTagSmtpAddress as stored; absent on most rows.
    pub smtp: Option<String>,
    /// PidTagEntryId as stored, up to 16 KiB.
    pub entry_id: Option<Vec<u8>>,
    /// PidTagSearchKey as stored, up to 16 KiB.
    pub search_key: Option<Vec<u8>>,
    /// PidTagAddressBookProxyAddresses; nearly always empty.
    pub proxy_addresses: Vec<String>,
    /// The code page of the row's String8 values, if it has such.
    pub code_page: Option<CodePage>,
    /// Of the last four, those that could not be read, by property id.
    pub unreadable: Vec<u16>,
}

impl Recipient {
    /// Reads a recipient from its row.
    ///
    /// # Errors
    /// Those of the cells.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        let mut unreadable = Vec::new();
        // What only helps to find an address must not cost the row.
        let mut value = |id: u16, wanted: fn(PropertyType) -> bool| {
            let cell = row.get(id).filter(|cell| wanted(cell.tag().kind()))?;
            cell.value().map_err(|_| unreadable.push(id)).ok()
        };
        let mut binary = |id| {
            let value = value(id, |kind| kind == PropertyType::BINARY)?;
            let bytes = value.as_bytes()?;
            Some(bytes.get(..bytes.len().min(LONGEST_ENTRY_ID)).unwrap_or_default().to_vec())
        };
        let (entry_id, search_key) = (binary(id::ENTRY_ID), binary(id::SEARCH_KEY));
        let proxies = value(id::ADDRESS_BOOK_PROXY_ADDRESSES, is_strings);
        Ok(Self {
            entry_id,
            search_key,
            proxy_addresses: proxies.as_ref().map(strings).unwrap_or_default(),
            code_page: row.text(id::DISPLAY_NAME)?.and_then(|name| name.code_page()).map(|choice| choice.page),
            unreadable,
            row_id: row.id(),
            kind_number: row.integer(id::RECIPIENT_TYPE).and_then(|number| i32::try_from(number).ok()),
            name: row.string(id::DISPLAY_NAME)?,
            address_type: row.string(id::ADDRESS_TYPE)?,
            address: row.string(id::EMAIL_ADDRESS)?,
            smtp: row.string(id::SMTP_ADDRESS)?,
        })
    }

    /// To, Cc or Bcc; To if the row does not say.
    pub fn kind(&self) -> RecipientKind {
        self.kind_number.map_or(RecipientKind::To, RecipientKind::new)
    }
}

/// The recipients of a message in the order of their row ids; one error per unreadable row, and the walk goes on.
#[derive(Debug)]
pub struct Recipients {
    table: Option<TableContext>,
    rows: std::vec::IntoIter<RowPlace>,
    errors: std::vec::IntoIter<Error>,
}

impl Recipients {
    pub(crate) fn new(table: Result<Option<TableContext>>) -> Self {
        let (table, rows, errors) = match table {
            Ok(Some(table)) => {
                let (rows, errors) = table.row_places();
                (Some(table), rows, errors)
            }
            Ok(None) => (None, Vec::new(), Vec::new()),
            Err(error) => (None, Vec::new(), vec![error]),
        };
        Self { table, rows: rows.into_iter(), errors: errors.into_iter() }
    }
}

impl Iterator for Recipients {
    type Item = Result<Recipient>;

    fn next(&mut self) -> Option<Self::Item> {
        match (self.rows.next(), &self.table) {
            (Some(place), Some(table)) => Some(table.row_at(place).and_then(|row| Recipient::from_row(&row))),
            _ => self.errors.next().map(Err),
        }
    }
}

/// The strings of a multiple string property.
fn strings(value: &Value<'_>) -> Vec<String> {
    match value {
        Value::Multiple(values) => {
            values.iter().filter_map(|value| value.as_text().map(|text| text.to_string_lossy())).collect()
        }
        _ => Vec::new(),
    }
}

/// True for the types a list of proxy addresses has.
fn is_strings(kind: PropertyType) -> bool {
    matches!(kind, PropertyType::MULTIPLE_STRING | PropertyType::MULTIPLE_STRING8)
}
