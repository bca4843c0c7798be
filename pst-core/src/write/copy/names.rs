//! Ids of named properties in a copy.

use std::collections::HashMap;

use crate::ltp::PropertyTag;
use crate::messaging::{PropertyName, PropertySet};
use crate::write::Target;
use crate::write::writer::PstWriter;
use crate::{Error, ErrorKind, Pst, Result};

/// The named properties of a source and their ids in the new file.
#[derive(Debug)]
pub(super) enum CopiedNames {
    /// Ids stay as they are.
    Kept,
    /// By the source's id: each name gets an id of the new file when it is first met.
    Learned(HashMap<u16, (PropertySet, PropertyName, Option<u16>)>),
}

impl CopiedNames {
    /// The names of a source, none of them in the new file. A source whose names cannot be read has none.
    pub(super) fn of(source: &Pst) -> Self {
        let mut names = HashMap::new();
        if let Ok(map) = source.named_properties() {
            for name in map.entries() {
                // Of entries with one id the first counts.
                names.entry(name.id).or_insert_with(|| (name.set, name.name.clone(), None));
            }
        }
        Self::Learned(names)
    }

    /// The names of a source, all of them in the new file with their ids.
    pub(super) fn kept<T: Target>(source: &Pst, out: &mut PstWriter<T>) -> Self {
        if let Ok(map) = source.named_properties() {
            for name in map.entries() {
                out.keep_name(name.id, name.set, name.name.clone());
            }
        }
        Self::Kept
    }

    /// The id in the new file of a property of the source.
    ///
    /// # Errors
    /// `Corrupt` if the source has no name for it; `Limit` if the new file has no room for the name.
    pub(super) fn id<T: Target>(&mut self, out: &mut PstWriter<T>, tag: PropertyTag) -> Result<u16> {
        let Self::Learned(names) = self else { return Ok(tag.id()) };
        if !tag.is_named() {
            return Ok(tag.id());
        }
        match names.get_mut(&tag.id()) {
            Some((_, _, Some(id))) => Ok(*id),
            Some((set, name, known)) => {
                let id = out.named_property(*set, name.clone())?;
                *known = Some(id);
                Ok(id)
            }
            None => {
                let text = format!("property {tag} has no name, so that another store cannot know what it is");
                Err(Error::text(ErrorKind::Corrupt, "NAMEID", text))
            }
        }
    }
}
