//! Properties: how callers name them, and what they get.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use pst_core::ltp::{PropertyContext, PropertyTag, property_name};
use pst_core::messaging::{Attachment, Folder, Message, NamedProperties, PropertyName, PropertySet, Store};
use pst_core::{Error, Result};
use pyo3::exceptions::{PyKeyError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::shared::{Shared, call, report};
use crate::stream;
use crate::value::{Owned, guid, uuid};

/// An object with properties.
#[derive(Clone)]
pub(crate) enum Owner {
    Store(Store),
    Folder(Folder),
    Message(Message),
    Attachment(Attachment),
}

impl Owner {
    pub(crate) fn context(&self) -> Result<&PropertyContext> {
        match self {
            Self::Store(store) => Ok(store.properties()),
            Self::Folder(folder) => folder.properties(),
            Self::Message(message) => message.properties(),
            Self::Attachment(attachment) => attachment.properties(),
        }
    }

    /// The value of a property; `None` if the object has none, or nothing of that name is known to its store.
    pub(crate) fn get<'py>(
        &self,
        py: Python<'py>,
        shared: &Shared,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        shared.check()?;
        let Some(id) = find(py, shared, key)? else { return Ok(None) };
        let value = call(py, || self.context()?.value(id).transpose().map(Owned::of).transpose())?;
        value.map(|value| value.into_python(py)).transpose()
    }

    /// As [`get`](Self::get), for `object[key]`.
    pub(crate) fn item<'py>(
        &self,
        py: Python<'py>,
        shared: &Shared,
        key: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.get(py, shared, key)?.ok_or_else(|| PyKeyError::new_err(key.clone().unbind()))
    }

    /// All properties, each with its value on demand.
    pub(crate) fn list(
        &self,
        py: Python<'_>,
        shared: &Arc<Shared>,
        on_error: Option<&Py<PyAny>>,
    ) -> PyResult<Vec<Property>> {
        let names = shared.names(py)?;
        let (tags, errors): (Vec<PropertyTag>, Vec<Error>) = call(py, || {
            let (mut tags, mut errors) = (Vec::new(), Vec::new());
            for property in self.context()? {
                match property {
                    Ok(property) => tags.push(property.tag()),
                    Err(error) => errors.push(error),
                }
            }
            Ok((tags, errors))
        })?;
        for error in errors {
            report(py, on_error, error)?;
        }
        let property =
            |tag| Property { shared: Arc::clone(shared), owner: self.clone(), names: Arc::clone(&names), tag };
        Ok(tags.into_iter().map(property).collect())
    }
}

/// The property id that a key means in this store; `None` if the store has no such name.
fn find(py: Python<'_>, shared: &Shared, key: &Bound<'_, PyAny>) -> PyResult<Option<u16>> {
    if let Ok(number) = key.extract::<u32>() {
        // A whole tag has the id in its upper half.
        return Ok(u16::try_from(number).ok().or_else(|| Some(PropertyTag::new(number).id())));
    }
    if let Ok(name) = key.extract::<String>() {
        if let Some(id) = tagged().get(name.as_str()) {
            return Ok(Some(*id));
        }
        let names = shared.names(py)?;
        let is_it = |entry: &&pst_core::messaging::NamedProperty| {
            entry.canonical_name() == Some(&name) || entry.name == PropertyName::String(name.clone())
        };
        return Ok(names.entries().iter().find(is_it).map(|entry| entry.id));
    }
    let Ok((set, name)) = key.extract::<(Bound<'_, PyAny>, Bound<'_, PyAny>)>() else {
        return Err(PyTypeError::new_err("a property is named by its id, its name, or (property set, name or number)"));
    };
    let (set, name) = (PropertySet::from_guid(guid(&set)?), name_in_set(&name)?);
    Ok(shared.names(py)?.id_of(set, &name))
}

/// The name of a property in its set: a number or a string.
pub(crate) fn name_in_set(given: &Bound<'_, PyAny>) -> PyResult<PropertyName> {
    match given.extract::<u32>() {
        Ok(number) => Ok(PropertyName::Number(number)),
        Err(_) => Ok(PropertyName::String(given.extract()?)),
    }
}

/// The ids of properties that MS-OXPROPS gives a name.
pub(crate) fn tagged() -> &'static HashMap<&'static str, u16> {
    static NAMES: OnceLock<HashMap<&'static str, u16>> = OnceLock::new();
    NAMES.get_or_init(|| (0..0x8000).rev().filter_map(|id| Some((property_name(id)?, id))).collect())
}

/// One property of an object. See `_core.pyi`.
#[pyclass(frozen, module = "pst._core")]
pub(crate) struct Property {
    shared: Arc<Shared>,
    owner: Owner,
    names: Arc<NamedProperties>,
    tag: PropertyTag,
}

#[pymethods]
impl Property {
    #[getter]
    fn tag(&self) -> u32 {
        self.tag.raw()
    }

    #[getter]
    fn id(&self) -> u16 {
        self.tag.id()
    }

    #[getter]
    fn type_name(&self) -> String {
        self.tag.kind().to_string()
    }

    #[getter]
    fn name(&self) -> Option<String> {
        let named = self.names.get(self.tag.id()).filter(|_| self.tag.is_named());
        match named {
            Some(named) => Some(named.canonical_name().map_or_else(|| named.name.to_string(), str::to_owned)),
            None => self.tag.name().map(str::to_owned),
        }
    }

    #[getter]
    fn property_set<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let named = self.names.get(self.tag.id()).filter(|_| self.tag.is_named());
        named.and_then(|named| named.set.guid()).map(|set| uuid(py, set)).transpose()
    }

    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.shared.check()?;
        let id = self.tag.id();
        let value = call(py, || self.owner.context()?.value(id).transpose().map(Owned::of).transpose())?;
        value.map(|value| value.into_python(py)).transpose()
    }

    #[getter]
    fn raw<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        self.shared.check()?;
        let id = self.tag.id();
        let stored = call(py, || {
            let stored = self.owner.context()?.get(id)?.map(|property| property.stored()).transpose()?;
            Ok(stored.map(|stored| stored.to_vec()).unwrap_or_default())
        })?;
        Ok(PyBytes::new(py, &stored))
    }

    fn open<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.shared.check()?;
        let id = self.tag.id();
        let stream = call(py, || self.owner.context()?.get(id)?.map(|property| property.stream()).transpose())?;
        stream::open(py, &self.shared, stream)
    }

    fn __repr__(&self) -> String {
        format!("<Property {:#010x} {}>", self.tag.raw(), self.name().unwrap_or_default())
    }
}
