//! Which files a scan reads.
//!
//! A file given by name is always tried. Below a directory it is every regular file that is called `.pst`, `.ost` or
//! `.pab`, and every other one that begins with `!BDN`, for stores lose their names in backups. Names are sorted, so the
//! order is the same each time.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A file to read, or a place that could not be looked into.
#[derive(Debug)]
pub(super) enum Found {
    /// A file and its size; 0 if even that is not to be had.
    File(PathBuf, u64),
    /// A path and what is wrong with it.
    Unreadable(PathBuf, io::Error),
    /// A directory given by name that has nothing to scan.
    Nothing(PathBuf),
}

/// The files below `paths`, each once.
pub(super) fn find(paths: &[PathBuf]) -> Vec<Found> {
    let mut search = Search::default();
    for path in paths {
        if path.is_dir() {
            let before = search.found.len();
            search.directory(path);
            if search.found.len() == before {
                search.found.push(Found::Nothing(path.clone()));
            }
        } else {
            search.file(path);
        }
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    /// Real paths of the directories entered and files taken. Links may lead in circles.
    seen: HashSet<PathBuf>,
}

impl Search {
    /// True if the place was not met under another name before. What has no real path is left to fail when it is opened.
    fn is_new(&mut self, path: &Path) -> bool {
        fs::canonicalize(path).map_or(true, |real| self.seen.insert(real))
    }

    fn file(&mut self, path: &Path) {
        if self.is_new(path) {
            let size = fs::metadata(path).map_or(0, |metadata| metadata.len());
            self.found.push(Found::File(path.to_owned(), size));
        }
    }

    /// Walks with a list of its own, for directories may be nested deeper than a stack.
    fn directory(&mut self, top: &Path) {
        let mut open = vec![top.to_owned()];
        while let Some(path) = open.pop() {
            let metadata = match fs::metadata(&path) {
                Ok(metadata) => metadata,
                // Only its name can say that a store was meant.
                Err(_) if has_store_name(&path) => {
                    self.file(&path);
                    continue;
                }
                // A link to nowhere hides nothing; anything else may be a whole directory.
                Err(error) => {
                    if !path.is_symlink() {
                        self.found.push(Found::Unreadable(path, error));
                    }
                    continue;
                }
            };
            if metadata.is_dir() {
                if !self.is_new(&path) {
                    continue;
                }
                match fs::read_dir(&path) {
                    Ok(entries) => {
                        let (entries, errors) = sorted(entries.map(|entry| entry.map(|entry| entry.path())));
                        // The first name is taken from the list first.
                        open.extend(entries.into_iter().rev());
                        self.found.extend(errors.into_iter().map(|error| Found::Unreadable(path.clone(), error)));
                    }
                    Err(error) => self.found.push(Found::Unreadable(path, error)),
                }
            } else if metadata.is_file() && (has_store_name(&path) || has_magic(&path)) {
                self.file(&path);
            }
        }
    }
}

/// The entries of a directory in order, and the errors of those that could not be read.
fn sorted(entries: impl Iterator<Item = io::Result<PathBuf>>) -> (Vec<PathBuf>, Vec<io::Error>) {
    /// A directory on a broken disk might give errors without end.
    const MOST_ERRORS: usize = 100;
    let (mut paths, mut errors) = (Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Ok(path) => paths.push(path),
            Err(error) => errors.push(error),
        }
        if errors.len() >= MOST_ERRORS {
            break;
        }
    }
    paths.sort();
    (paths, errors)
}

fn has_store_name(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    ["pst", "ost", "pab"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

fn has_magic(path: &Path) -> bool {
    let mut start = [0; 4];
    File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && &start == b"!BDN"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[Found], top: &Path) -> Vec<String> {
        let name = |found: &Found| match found {
            Found::File(path, _) => path.strip_prefix(top).unwrap().display().to_string(),
            Found::Unreadable(path, _) => format!("unreadable {}", path.display()),
            Found::Nothing(_) => "nothing".to_owned(),
        };
        found.iter().map(name).collect()
    }

    #[test]
    fn by_name_by_magic_in_order_and_once() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path();
        fs::create_dir_all(top.join("a/b")).unwrap();
        fs::create_dir_all(top.join("empty")).unwrap();
        for (name, bytes) in
            [("z.PST", "x"), ("a/b/store.bak", "!BDNxx"), ("a/mail.ost", ""), ("a/other", "!BD"), ("b.pab", "x")]
        {
            fs::write(top.join(name), bytes).unwrap();
        }
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(top, top.join("a/b/loop")).unwrap();
            std::os::unix::fs::symlink(top.join("z.PST"), top.join("zz.pst")).unwrap();
        }
        let expected = ["a/b/store.bak", "a/mail.ost", "b.pab", "z.PST"];
        assert_eq!(names(&find(&[top.to_owned()]), top), expected);
        assert_eq!(names(&find(&[top.join("empty")]), top), ["nothing"]);
        assert_eq!(names(&find(&[top.join("a/other"), top.join("gone")]), top), ["a/other", "gone"]);
    }

    #[test]
    fn a_bad_entry_does_not_hide_the_others() {
        let bad = || Err(io::Error::other("bad entry"));
        let entries = [Ok("b".into()), bad(), Ok("a".into()), bad()];
        let (paths, errors) = sorted(entries.into_iter());
        assert_eq!((paths, errors.len()), (vec![PathBuf::from("a"), PathBuf::from("b")], 2));
        // And a directory that only fails has an end.
        assert_eq!(sorted(std::iter::repeat_with(bad)).1.len(), 100);
    }
}
