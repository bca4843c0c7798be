//! Where something stands.

use std::fmt;
use std::path::PathBuf;

use pst_core::item::FolderPath;
use pst_core::ndb::Nid;

/// Where an item stands, so that a person and a program find it again.
///
/// `Display` writes `dir/all.zip!mail/inbox.mbox@1234` or `dir/store.pst#0x200024`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as it was reached from the path given.
    pub file: PathBuf,
    /// The entry of an archive, and the entries of archives in it; their names as decoded.
    pub entries: Vec<String>,
    /// Where in the file or entry.
    pub within: Within,
    /// The folder: of a store the folder's path from the root; of an archive its directories, those of archives in it
    /// behind; of an mbox its name; of other files their directories below the path given.
    pub folder: FolderPath,
}

/// Where in a file something stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Within {
    /// It is the file.
    #[default]
    Whole,
    /// At this byte, as mails stand in an mbox: where the `From ` line begins.
    Offset(u64),
    /// The node of a store.
    Node(Nid),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        self.entries.iter().try_for_each(|entry| write!(f, "!{entry}"))?;
        match self.within {
            Within::Whole => Ok(()),
            Within::Offset(offset) => write!(f, "@{offset}"),
            Within::Node(node) => write!(f, "#{node}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_as_text() {
        let mut place = Place { file: "a/all.zip".into(), ..Place::default() };
        assert_eq!(place.to_string(), "a/all.zip");
        place.entries = vec!["b.zip".into(), "c/d.mbox".into()];
        place.within = Within::Offset(1234);
        assert_eq!(place.to_string(), "a/all.zip!b.zip!c/d.mbox@1234");
        let place = Place { file: "s.pst".into(), within: Within::Node(Nid::new(0x20_0024)), ..Place::default() };
        assert_eq!(place.to_string(), "s.pst#0x200024");
    }
}
