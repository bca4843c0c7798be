//! Items as a table: an Arrow stream that pyarrow, polars, DuckDB and pandas take without a Python object per row.
//!
//! ```text
//! ItemTable  --__arrow_c_stream__-->  Batches   a batch of rows at a time
//!                                       Column   what a column is called, what type it has
//!                                       Cells    the column of a batch in the making
//! ```
//!
//! Every column may be null, and names are in small letters: some takers compare schemas to the letter.

mod batches;
mod cells;
mod column;

use std::sync::Arc;

use arrow_array::ffi::FFI_ArrowSchema;
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use pst_core::messaging::Folder;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::people::{AddressBook, Lookup};
use crate::shared::Shared;
use batches::{Batches, Scope};
use column::Column;

/// A batch is at most this many rows.
const LARGEST_BATCH: usize = 1 << 20;

/// The items of a store or folder as a table. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct ItemTable {
    shared: Arc<Shared>,
    columns: Vec<Column>,
    folder: Option<(Folder, bool)>,
    associated: bool,
    lookup: Lookup,
    batch_size: usize,
}

impl ItemTable {
    pub(crate) fn new(
        shared: &Arc<Shared>,
        columns: Option<Vec<String>>,
        folder: Option<(Folder, bool)>,
        associated: bool,
        book: Option<&AddressBook>,
        batch_size: usize,
    ) -> PyResult<Self> {
        shared.check()?;
        let columns = match columns {
            None => Column::usual(),
            Some(names) => names
                .iter()
                .map(|name| {
                    Column::of(name).ok_or_else(|| {
                        let known: Vec<&str> = Column::ALL.iter().map(|column| column.name()).collect();
                        PyValueError::new_err(format!("there is no column {name:?}, only {}", known.join(", ")))
                    })
                })
                .collect::<PyResult<_>>()?,
        };
        if !(1..=LARGEST_BATCH).contains(&batch_size) {
            return Err(PyValueError::new_err(format!("batch_size is from 1 to {LARGEST_BATCH}")));
        }
        let shared = Arc::clone(shared);
        Ok(Self { shared, columns, folder, associated, lookup: Lookup::of(book), batch_size })
    }
}

#[pymethods]
impl ItemTable {
    #[getter]
    fn column_names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|column| column.name()).collect()
    }

    fn __arrow_c_schema__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyCapsule>> {
        let schema = FFI_ArrowSchema::try_from(column::schema(&self.columns).as_ref())
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        PyCapsule::new_with_value(py, schema, c"arrow_schema")
    }

    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        // The protocol lets a producer give its own types; takers convert.
        let _ = requested_schema;
        let scope = match &self.folder {
            None => Scope::store(self.shared.pst()?, self.associated),
            Some((folder, below)) => {
                self.shared.check()?;
                Scope::folder(folder, *below, self.associated)
            }
        };
        let batches = Batches::new(&self.shared, &self.columns, scope, self.lookup.clone(), self.batch_size)?;
        PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(Box::new(batches)), c"arrow_array_stream")
    }

    fn __repr__(&self) -> String {
        format!("<ItemTable {}>", self.column_names().join(", "))
    }
}
