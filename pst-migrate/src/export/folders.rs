//! Which folder of the export an item goes to.
//!
//! Folders of a store are known by their nodes, so that two of one name stay two; all others by their names. **A folder has
//! its place from the first item that asks for it**: the same items in the same order give the same places.

use std::collections::HashMap;
use std::path::Path;

use pst_core::Pst;
use pst_core::ndb::Nid;

use super::name::{self, FOLDER_UNITS, TOP_BYTES};
use super::taken::Taken;
use crate::input::Place;

/// A folder of the export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FolderId(u32);

/// What makes a folder itself, in the one it lies in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Identity {
    Name(String),
    Node(Nid),
}

#[derive(Debug)]
struct Folder {
    /// Below the directory of the export, with `/`.
    path: String,
    /// The folder of its source.
    top: FolderId,
    /// Its directory is there.
    made: bool,
}

/// All folders that items asked for.
#[derive(Debug)]
pub(super) struct Folders {
    all: Vec<Folder>,
    known: HashMap<(FolderId, Identity), FolderId>,
    taken: Taken,
    /// The store whose items come, and where it lies.
    store: Option<Store>,
}

#[derive(Debug)]
struct Store {
    source: usize,
    place: (std::path::PathBuf, Vec<String>),
    base: FolderId,
    /// The top of the folders a person sees, which needs no folder.
    top: Option<Nid>,
}

const ROOT: FolderId = FolderId(0);

impl Folders {
    /// `reserved` are names that no source may have.
    pub(super) fn new(reserved: &[&str]) -> Self {
        let mut taken = Taken::default();
        reserved.iter().for_each(|name| taken.note("", name));
        let root = Folder { path: String::new(), top: ROOT, made: true };
        Self { all: vec![root], known: HashMap::new(), taken, store: None }
    }

    fn get(&self, id: FolderId) -> Option<&Folder> {
        self.all.get(usize::try_from(id.0).ok()?)
    }

    /// The path below the directory of the export, with `/`.
    pub(super) fn path(&self, id: FolderId) -> &str {
        self.get(id).map_or("", |folder| &folder.path)
    }

    /// The folder of the source that a folder belongs to.
    pub(super) fn top(&self, id: FolderId) -> FolderId {
        self.get(id).map_or(ROOT, |folder| folder.top)
    }

    /// Makes the directory, once.
    pub(super) fn make(&mut self, id: FolderId, directory: &Path) -> std::io::Result<()> {
        let folder = usize::try_from(id.0).ok().and_then(|at| self.all.get_mut(at));
        if let Some(folder) = folder.filter(|folder| !folder.made) {
            std::fs::create_dir_all(directory.join(&folder.path))?;
            folder.made = true;
        }
        Ok(())
    }

    /// The folder in another.
    fn within(&mut self, parent: FolderId, identity: Identity, text: &str) -> FolderId {
        let key = (parent, identity);
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let units = |text: &str| text.encode_utf16().count();
        let name = clean(text);
        let (mut place, mut stem) = (parent, name.as_str());
        let mut above = self.path(place).to_owned();
        if parent == ROOT {
            stem = name::cut(stem, TOP_BYTES);
        }
        let mut name = self.taken.free(&above, stem, "");
        if units(&above).saturating_add(units(&name)).saturating_add(1) > FOLDER_UNITS {
            // What lies too deep goes into the folder of its source.
            place = self.top(parent);
            above = self.path(place).to_owned();
            name = self.taken.free(&above, name::cut(stem, TOP_BYTES), "");
        }
        self.taken.note(&above, &name);
        let path = if above.is_empty() { name } else { format!("{above}/{name}") };
        let id = FolderId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        let top = if parent == ROOT { id } else { self.top(parent) };
        self.all.push(Folder { path, top, made: false });
        self.known.insert(key, id);
        id
    }

    fn named(&mut self, parent: FolderId, name: &str) -> FolderId {
        self.within(parent, Identity::Name(name.to_owned()), name)
    }

    /// The folder of a source: called after its file or directory.
    fn source(&mut self, number: usize, path: &Path) -> FolderId {
        let named = path.canonicalize().ok().filter(|_| path.file_name().is_none());
        let named = named.as_deref().unwrap_or(path);
        let label = if named.is_dir() { named.file_name() } else { named.file_stem() };
        let label = label.unwrap_or_default().to_string_lossy();
        self.within(ROOT, Identity::Name(number.to_string()), &label)
    }

    /// The folder of an item that is in no store.
    pub(super) fn of_mail(&mut self, number: usize, source: &Path, place: &Place) -> FolderId {
        let mut at = self.source(number, source);
        for name in place.folder.names() {
            at = self.named(at, name);
        }
        at
    }

    /// The folder of an item of a store.
    pub(super) fn of_message(
        &mut self,
        number: usize,
        source: &Path,
        place: &Place,
        store: &Pst,
        folder: Nid,
    ) -> FolderId {
        let is_same =
            |known: &Store| known.source == number && known.place.0 == place.file && known.place.1 == place.entries;
        let (base, top) = match self.store.as_ref().filter(|known| is_same(known)) {
            Some(known) => (known.base, known.top),
            None => {
                let base = self.base(number, source, place);
                let top = store.ipm_subtree().ok().flatten().map(|top| top.id());
                let place = (place.file.clone(), place.entries.clone());
                self.store = Some(Store { source: number, place, base, top });
                (base, top)
            }
        };
        let mut chain = Vec::new();
        let mut at = folder;
        let deepest = usize::try_from(store.limits().folder_depth).unwrap_or(usize::MAX);
        let mut parent = loop {
            if Some(at) == top || chain.len() >= deepest {
                break base;
            }
            if let Some(known) = self.known.get(&(base, Identity::Node(at))) {
                break *known;
            }
            match store.folder(at) {
                Ok(folder) => {
                    let Some(above) = folder.parent_id() else { break base };
                    chain.push((at, folder.name().unwrap_or_else(|_| at.to_string())));
                    at = above;
                }
                Err(_) => {
                    chain.push((at, at.to_string()));
                    break base;
                }
            }
        };
        for (nid, name) in chain.into_iter().rev() {
            parent = match self.known.get(&(base, Identity::Node(nid))) {
                Some(known) => *known,
                None => {
                    let id = self.within(parent, Identity::Node(nid), &name);
                    // By its node alone, wherever it lies.
                    self.known.insert((base, Identity::Node(nid)), id);
                    id
                }
            };
        }
        parent
    }

    /// The folder of a store: that of its source if it was given itself, else one for each step to it, called after it.
    fn base(&mut self, number: usize, source: &Path, place: &Place) -> FolderId {
        let mut at = self.source(number, source);
        let below = place.file.strip_prefix(source).unwrap_or(&place.file);
        let mut steps: Vec<String> =
            below.components().map(|step| step.as_os_str().to_string_lossy().into_owned()).collect();
        steps.extend(place.entries.iter().flat_map(|entry| entry.split('/')).map(str::to_owned));
        let last = steps.pop();
        for step in steps {
            at = self.named(at, &step);
        }
        let Some(last) = last else { return at };
        let stem = last.rsplit_once('.').map_or(last.as_str(), |(stem, _)| stem);
        // A directory may have the name of the file.
        let stem = if stem.is_empty() { last.clone() } else { stem.to_owned() };
        self.within(at, Identity::Name(format!("{last}/")), &stem)
    }
}

/// The name of a folder, which is never that of a file of ours.
fn clean(text: &str) -> String {
    const OURS: [&str; 5] = [".eml", ".vcf", ".ics", ".mbox", ".jsonl"];
    let mut name = name::clean(text);
    let lower = name.to_ascii_lowercase();
    if OURS.iter().any(|extension| lower.ends_with(extension)) {
        let cut = name::cut(&name, name::COMPONENT_BYTES.saturating_sub(1)).len();
        name.truncate(cut);
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use pst_core::item::FolderPath;

    fn paths(folders: &mut Folders, source: &str, asked: &[&[&str]]) -> Vec<String> {
        let of = |names: &&[&str]| {
            let place = Place { folder: FolderPath::new(names.iter().copied()), ..Place::default() };
            let id = folders.of_mail(0, Path::new(source), &place);
            folders.path(id).to_owned()
        };
        asked.iter().map(of).collect()
    }

    #[test]
    fn folders_that_look_alike_stay_apart() {
        let mut folders = Folders::new(&["attachments"]);
        let asked: [&[&str]; 7] =
            [&[], &["A/B"], &["a_b"], &["A/B"], &["A/B", "x.eml"], &["CON"], &["e\u{301}", "\u{E9}"]];
        assert_eq!(
            paths(&mut folders, "some/all.zip", &asked),
            ["all", "all/A_B", "all/a_b (2)", "all/A_B", "all/A_B/x.eml_", "all/_CON", "all/é/é"]
        );
        assert_eq!(paths(&mut Folders::new(&["attachments"]), "Attachments.mbox", &[&[]]), ["Attachments (2)"]);
    }

    #[test]
    fn deep_folders_go_to_the_top() {
        let mut folders = Folders::new(&[]);
        let names = ["twenty characters xx"; 30];
        let mut all = std::collections::HashSet::new();
        for depth in 0..30 {
            let path = paths(&mut folders, "a.zip", &[&names[..depth]]).remove(0);
            assert!(path.encode_utf16().count() <= FOLDER_UNITS, "{path}");
            assert!(all.insert(path));
        }
        assert_eq!(
            paths(&mut folders, "a.zip", &[&names[..7], &names[..8]]),
            ["a/twenty characters xx (2)", "a/twenty characters xx (2)/twenty characters xx"]
        );
        let long = "ä".repeat(300);
        let wide = paths(&mut Folders::new(&[]), &format!("{long}.zip"), &[&[&long], &[&long, &long]]);
        assert_eq!(
            wide,
            [format!("{}/{}", "ä".repeat(30), "ä".repeat(50)), format!("{}/{}", "ä".repeat(30), "ä".repeat(30)),]
        );
    }
}
