//! Property values as Python objects.

use pst_core::ltp::Value;
use pst_core::{Guid, Result};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBytes, PyList, PyType};

use crate::time::to_datetime;

/// A value without ties to the store, made without the interpreter.
#[derive(Debug)]
pub(crate) enum Owned {
    Nothing,
    Integer(i64),
    Float(f64),
    Currency(i64),
    Truth(bool),
    Time(pst_core::FileTime),
    Guid(Guid),
    Text(String),
    Bytes(Vec<u8>),
    Many(Vec<Owned>),
}

impl Owned {
    pub(crate) fn new(value: &Value<'_>) -> Self {
        match value {
            Value::Null => Self::Nothing,
            Value::Boolean(truth) => Self::Truth(*truth),
            Value::Floating32(number) => Self::Float(f64::from(*number)),
            Value::Floating64(number) | Value::FloatingTime(number) => Self::Float(*number),
            Value::Currency(number) => Self::Currency(*number),
            Value::Time(time) => Self::Time(*time),
            Value::Guid(guid) => Self::Guid(*guid),
            Value::String(text) => Self::Text(text.to_string_lossy()),
            Value::Binary(bytes) | Value::Unknown(bytes) => Self::Bytes(bytes.to_vec()),
            Value::Object(object) => Self::Integer(i64::from(object.nid.raw())),
            Value::Multiple(values) => Self::Many(values.iter().map(Self::new).collect()),
            other => other.as_integer().map_or(Self::Nothing, Self::Integer),
        }
    }

    pub(crate) fn of(value: Result<Value<'_>>) -> Result<Self> {
        Ok(Self::new(&value?))
    }

    pub(crate) fn into_python(self, py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
        match self {
            Self::Nothing => Ok(py.None().into_bound(py)),
            Self::Integer(number) => number.into_bound_py_any(py),
            Self::Float(number) => number.into_bound_py_any(py),
            Self::Currency(number) => decimal(py)?.call1((number,))?.call_method1("scaleb", (-4,)),
            Self::Truth(truth) => truth.into_bound_py_any(py),
            Self::Time(time) => match to_datetime(py, time)? {
                Some(time) => Ok(time.into_any()),
                None => time.ticks().into_bound_py_any(py),
            },
            Self::Guid(guid) => uuid(py, guid),
            Self::Text(text) => text.into_bound_py_any(py),
            Self::Bytes(bytes) => Ok(PyBytes::new(py, &bytes).into_any()),
            Self::Many(values) => {
                let values = values.into_iter().map(|value| value.into_python(py)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyList::new(py, values)?.into_any())
            }
        }
    }
}

fn decimal(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "decimal", "Decimal")
}

/// A GUID as `uuid.UUID`.
pub(crate) fn uuid(py: Python<'_>, guid: Guid) -> PyResult<Bound<'_, PyAny>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "uuid", "UUID")?.call1((guid.to_string(),))
}

/// A GUID from a `uuid.UUID` or its text.
pub(crate) fn guid(given: &Bound<'_, PyAny>) -> PyResult<Guid> {
    let text = given.str()?.to_string();
    text.parse().map_err(|_| pyo3::exceptions::PyValueError::new_err(format!("{text} is no GUID")))
}
