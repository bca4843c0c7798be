//! Points in time: FILETIMEs as `datetime` with zone, and back.

use jiff::tz::Offset;
use pst_core::FileTime;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTzInfo};

const TICKS_PER_MICROSECOND: i64 = 10;
const MICROSECONDS_PER_SECOND: i64 = 1_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// The instant in UTC, to the microsecond; `None` beyond 9999-12-30, which `datetime` and zones do not reach.
pub(crate) fn to_datetime(py: Python<'_>, time: FileTime) -> PyResult<Option<Bound<'_, PyDateTime>>> {
    let Some(timestamp) = time.to_timestamp() else { return Ok(None) };
    let at = Offset::UTC.to_datetime(timestamp);
    let small = |number: i8| number.unsigned_abs();
    PyDateTime::new(
        py,
        i32::from(at.year()),
        small(at.month()),
        small(at.day()),
        small(at.hour()),
        small(at.minute()),
        small(at.second()),
        at.subsec_nanosecond().unsigned_abs().checked_div(1000).unwrap_or(0),
        Some(&*PyTzInfo::utc(py)?),
    )
    .map(Some)
}

/// As [`to_datetime`], for a date that may be absent or say "no date".
pub(crate) fn optional(py: Python<'_>, time: Option<FileTime>) -> PyResult<Option<Bound<'_, PyDateTime>>> {
    match time {
        Some(time) if !time.is_none() => to_datetime(py, time),
        _ => Ok(None),
    }
}

/// A `datetime` with zone, given by a caller.
pub(crate) struct Instant(pub(crate) FileTime);

impl<'py> FromPyObject<'_, 'py> for Instant {
    type Error = PyErr;

    fn extract(given: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let py = given.py();
        let given = given.cast::<PyDateTime>()?;
        if given.getattr("tzinfo")?.is_none() {
            return Err(PyValueError::new_err("a datetime needs a zone here: datetime(..., tzinfo=timezone.utc)"));
        }
        let epoch = PyDateTime::new(py, 1601, 1, 1, 0, 0, 0, 0, Some(&*PyTzInfo::utc(py)?))?;
        let since = given.sub(epoch)?;
        let part = |name: &str| since.getattr(name)?.extract::<i64>();
        let (days, seconds, micros) = (part("days")?, part("seconds")?, part("microseconds")?);
        let ticks = days
            .checked_mul(SECONDS_PER_DAY)
            .and_then(|from_days| from_days.checked_add(seconds))
            .and_then(|seconds| seconds.checked_mul(MICROSECONDS_PER_SECOND))
            .and_then(|micros_of_seconds| micros_of_seconds.checked_add(micros))
            .and_then(|micros| micros.checked_mul(TICKS_PER_MICROSECOND))
            .and_then(|ticks| u64::try_from(ticks).ok());
        let ticks = ticks.ok_or_else(|| PyValueError::new_err("a store has no dates before 1601"))?;
        Ok(Self(FileTime::new(ticks)))
    }
}
