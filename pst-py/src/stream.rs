//! The bytes of an attachment or property as a file object.
//!
//! `pst/_stream.py` makes a buffered reader of it, so that everything that takes a binary file takes it.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use pst_core::ndb::DataStream;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::shared::{Shared, call};

/// Read at once without the interpreter.
const LARGEST_PIECE: usize = 1 << 20;

/// Bytes of any size, a piece at a time. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct ByteStream {
    shared: Arc<Shared>,
    stream: Mutex<DataStream>,
    size: u64,
}

/// A buffered reader; of nothing if there is nothing.
pub(crate) fn open<'py>(
    py: Python<'py>,
    shared: &Arc<Shared>,
    stream: Option<DataStream>,
) -> PyResult<Bound<'py, PyAny>> {
    let stream = stream.map(|stream| {
        let size = stream.len();
        ByteStream { shared: Arc::clone(shared), stream: Mutex::new(stream), size }
    });
    py.import("pst._stream")?.getattr("open_stream")?.call1((stream,))
}

#[pymethods]
impl ByteStream {
    #[getter]
    fn size(&self) -> u64 {
        self.size
    }

    fn read<'py>(&self, py: Python<'py>, size: usize) -> PyResult<Bound<'py, PyBytes>> {
        self.shared.check()?;
        let wanted = size.min(LARGEST_PIECE);
        let piece = call(py, || {
            let mut piece = vec![0; wanted];
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            let read = stream.read(&mut piece).map_err(pst_core::Error::from)?;
            piece.truncate(read);
            Ok(piece)
        })?;
        Ok(PyBytes::new(py, &piece))
    }

    #[pyo3(signature = (offset, whence=0))]
    fn seek(&self, py: Python<'_>, offset: i64, whence: u8) -> PyResult<u64> {
        self.shared.check()?;
        let negative = || pyo3::exceptions::PyValueError::new_err("the position is negative");
        let to = match whence {
            0 => SeekFrom::Start(u64::try_from(offset).map_err(|_| negative())?),
            1 => SeekFrom::Current(offset),
            2 => SeekFrom::End(offset),
            _ => return Err(pyo3::exceptions::PyValueError::new_err("whence is 0, 1 or 2")),
        };
        py.detach(|| self.stream.lock().unwrap_or_else(PoisonError::into_inner).seek(to)).map_err(|error| {
            if error.kind() == std::io::ErrorKind::InvalidInput {
                negative()
            } else {
                crate::errors::raise(error.into())
            }
        })
    }
}
