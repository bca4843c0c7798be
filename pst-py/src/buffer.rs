//! The buffer protocol: a store that is in memory already, read where it is.
//!
//! **The one file with `unsafe`.** A buffer that nobody can write to is lent to the core as it is. One that somebody could
//! write to while it is read (a `bytearray`, a writable map) is copied first, as bytes that change under a `&[u8]` are
//! undefined behaviour.

#![allow(unsafe_code, reason = "the memory of an exported buffer is looked at without the interpreter")]

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::PyBufferError;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// Bytes that Python owns and cannot change while this is held.
struct Lent(PyBuffer<u8>);

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        match self.0.as_slice_ptr() {
            // SAFETY: the exporter keeps this memory in place and alive until the buffer is released, which is when `self`
            // is dropped. `bytes` saw to it that it is contiguous, and that the exporter calls it read-only: as with a
            // mapped file, nobody may write to it by another way.
            Some(slice) => unsafe { slice.as_ref() },
            None => &[],
        }
    }
}

/// The bytes of a buffer: lent if they are read-only, else copied.
pub(crate) fn bytes(source: &Bound<'_, PyAny>) -> PyResult<Box<dyn AsRef<[u8]> + Send + Sync>> {
    let buffer = PyBuffer::<u8>::get(source)?;
    if !buffer.is_c_contiguous() {
        return Err(PyBufferError::new_err("the buffer is not contiguous"));
    }
    let can_be_lent = buffer.readonly() && is_read_only_below(source)?;
    if can_be_lent { Ok(Box::new(Lent(buffer))) } else { Ok(Box::new(buffer.to_vec(source.py())?)) }
}

/// Whether what a `memoryview` looks at is read-only too: a read-only view of a `bytearray` is easily had.
fn is_read_only_below(source: &Bound<'_, PyAny>) -> PyResult<bool> {
    let mut below = source.clone();
    while below.is_instance_of::<PyMemoryView>() {
        below = below.getattr("obj")?;
        // A view of bare memory has nobody to ask.
        if below.is_none() {
            return Ok(false);
        }
    }
    Ok(PyBuffer::<u8>::get(&below).is_ok_and(|buffer| buffer.readonly()))
}
