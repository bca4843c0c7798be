//! A column of a batch in the making.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, Int64Builder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder, UInt32Builder,
};
use pst_core::FileTime;

use super::column::{Column, Form};

/// Text of one cell, or of all texts of one cell. Offsets of a batch are 32 bits wide, and values of a hostile store large.
const LARGEST_CELL: usize = 4 << 20;

/// A value for a cell.
#[derive(Debug)]
pub(super) enum Cell {
    Null,
    Number(u32),
    Long(i64),
    Truth(bool),
    Text(String),
    Texts(Vec<String>),
    Time(FileTime),
}

/// The cells of a column.
pub(super) enum Cells {
    Number(UInt32Builder),
    Long(Int64Builder),
    Truth(BooleanBuilder),
    Text(StringBuilder),
    Texts(ListBuilder<StringBuilder>),
    Time(TimestampMicrosecondBuilder),
}

impl Cells {
    pub(super) fn new(column: Column) -> Self {
        match column.form() {
            Form::Number => Self::Number(UInt32Builder::new()),
            Form::Long => Self::Long(Int64Builder::new()),
            Form::Truth => Self::Truth(BooleanBuilder::new()),
            Form::Text => Self::Text(StringBuilder::new()),
            Form::Texts => Self::Texts(ListBuilder::new(StringBuilder::new())),
            Form::Time => Self::Time(TimestampMicrosecondBuilder::new().with_timezone("UTC")),
        }
    }

    /// Adds a cell. Returns its bytes of text, and whether some of it found no room.
    pub(super) fn push(&mut self, cell: Cell) -> (usize, bool) {
        match (self, cell) {
            (Self::Number(cells), Cell::Number(number)) => cells.append_value(number),
            (Self::Long(cells), Cell::Long(number)) => cells.append_value(number),
            (Self::Truth(cells), Cell::Truth(truth)) => cells.append_value(truth),
            (Self::Time(cells), Cell::Time(time)) => cells.append_option(microseconds(time)),
            (Self::Text(cells), Cell::Text(text)) => {
                let kept = text.get(..text.floor_char_boundary(LARGEST_CELL)).unwrap_or_default();
                cells.append_value(kept);
                return (kept.len(), kept.len() < text.len());
            }
            (Self::Texts(cells), Cell::Texts(texts)) => {
                let (mut bytes, mut cut) = (0usize, false);
                for text in texts {
                    let room = LARGEST_CELL.saturating_sub(bytes);
                    if text.len() > room {
                        cut = true;
                        break;
                    }
                    bytes = bytes.saturating_add(text.len());
                    cells.values().append_value(text);
                }
                cells.append(true);
                return (bytes, cut);
            }
            (cells, _) => cells.push_null(),
        }
        (0, false)
    }

    fn push_null(&mut self) {
        match self {
            Self::Number(cells) => cells.append_null(),
            Self::Long(cells) => cells.append_null(),
            Self::Truth(cells) => cells.append_null(),
            Self::Text(cells) => cells.append_null(),
            Self::Texts(cells) => cells.append(false),
            Self::Time(cells) => cells.append_null(),
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Number(cells) => Arc::new(cells.finish()),
            Self::Long(cells) => Arc::new(cells.finish()),
            Self::Truth(cells) => Arc::new(cells.finish()),
            Self::Text(cells) => Arc::new(cells.finish()),
            Self::Texts(cells) => Arc::new(cells.finish()),
            Self::Time(cells) => Arc::new(cells.finish()),
        }
    }
}

/// Microseconds since 1970; `None` for "no date" and what lies beyond the year 9999.
fn microseconds(time: FileTime) -> Option<i64> {
    (!time.is_none()).then(|| time.to_timestamp().map(|timestamp| timestamp.as_microsecond())).flatten()
}
