//! Recipients of a message (MS-PST 2.4.5.3).

use std::fmt;

use crate::ltp::{Row, RowPlace, TableContext, id};
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
}

impl Recipient {
    /// Reads a recipient from its row.
    ///
    /// # Errors
    /// Those of the cells.
    pub fn from_row(row: &Row<'_>) -> Result<Self> {
        Ok(Self {
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
