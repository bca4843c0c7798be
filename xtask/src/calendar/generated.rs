//! A store of appointments, meetings, tasks and contacts made for the check: every kind of recurrence, exceptions, time
//! zones of both hemispheres, days on which the clocks change.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::Timestamp;
use pst_core::messaging::{PropertyName, PropertySet};
use pst_core::write::{PstWriter, WriteOptions};
use pst_core::{FileTime, Guid};

use super::{appointments, cases, people};

/// The store in the making.
pub(super) struct Store {
    pub(super) out: PstWriter,
    items: u32,
}

impl Store {
    pub(super) fn name(&mut self, set: Guid, number: u32) -> Result<u16> {
        Ok(self.out.named_property(PropertySet::Guid(set), PropertyName::Number(number))?)
    }

    pub(super) fn appointment(&mut self, number: u32) -> Result<u16> {
        self.name(Guid::PSETID_APPOINTMENT, number)
    }

    pub(super) fn common(&mut self, number: u32) -> Result<u16> {
        self.name(Guid::PSETID_COMMON, number)
    }

    /// PidLidGlobalObjectId (MS-OXOCAL 2.2.1.27) of another meeting each time, of the occurrence of a day.
    pub(super) fn global_id(&mut self, day: [u8; 4]) -> Vec<u8> {
        const CLASS: [u8; 16] = [4, 0, 0, 0, 0x82, 0, 0xE0, 0, 0x74, 0xC5, 0xB7, 0x10, 0x1A, 0x82, 0xE0, 8];
        self.items = self.items.saturating_add(1);
        [&CLASS[..], &day, &[0; 16], &4u32.to_le_bytes(), &self.items.to_le_bytes()].concat()
    }
}

/// A time in UTC: `2024-03-08T17:00`, or a day.
pub(super) fn utc(text: &str) -> Result<FileTime> {
    let whole = if text.contains('T') { format!("{text}:00Z") } else { format!("{text}T00:00:00Z") };
    let time: Timestamp = whole.parse().with_context(|| whole.clone())?;
    FileTime::from_timestamp(time).context(whole)
}

pub(super) fn minutes_later(time: FileTime, minutes: u32) -> FileTime {
    let seconds = time.to_unix_seconds().saturating_add(i64::from(minutes).saturating_mul(60));
    FileTime::from_unix_seconds(seconds).unwrap_or(time)
}

/// Writes the store. Gives when the items of some subjects begin, in UTC, or the days of those that last all day: the
/// first of them for a series without an end.
pub(super) fn write(path: &Path) -> Result<BTreeMap<&'static str, Vec<&'static str>>> {
    let options = WriteOptions::new().overwrite(true).record_key(*b"calendar-chore-1").now(utc("2030-01-01")?);
    let mut store = Store { out: PstWriter::create(path, options)?, items: 0 };
    let subtree = store.out.ipm_subtree();
    let folder = store.out.folder_of_class(subtree, "Calendar", "IPF.Appointment")?;
    let mut expected = BTreeMap::new();
    for series in cases::all() {
        let draft = series.draft(&mut store)?;
        store.out.message(folder, draft)?;
        expected.insert(series.subject, series.expected.to_vec());
    }
    appointments::write(&mut store, folder, &mut expected)?;
    people::write(&mut store)?;
    store.out.finish()?;
    Ok(expected)
}
