//! The names in a directory, in order and in bounded memory.

use std::collections::BinaryHeap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Names held at once. A directory with more is listed several times, each time for the next in order.
const HELD: usize = 250_000;
/// Errors told of one directory; one on a broken disk might give them without end.
const MOST_ERRORS: usize = 100;

/// The names in a directory in order, each once.
pub(crate) struct Names {
    directory: PathBuf,
    held: usize,
    batch: std::vec::IntoIter<OsString>,
    last: Option<OsString>,
    /// There are names behind those of the batch.
    more: bool,
    errors: std::vec::IntoIter<io::Error>,
}

impl Names {
    pub(super) fn open(directory: &Path) -> io::Result<Self> {
        Self::holding(directory, HELD)
    }

    pub(crate) fn holding(directory: &Path, held: usize) -> io::Result<Self> {
        let mut names = Self {
            directory: directory.to_owned(),
            held,
            batch: Vec::new().into_iter(),
            last: None,
            more: false,
            errors: Vec::new().into_iter(),
        };
        names.errors = names.list()?.into_iter();
        Ok(names)
    }

    /// Finds the next batch; returns what could not be read.
    fn list(&mut self) -> io::Result<Vec<io::Error>> {
        let mut smallest = BinaryHeap::new();
        let mut errors = Vec::new();
        self.more = false;
        for entry in fs::read_dir(&self.directory)? {
            match entry {
                Ok(entry) => {
                    let name = entry.file_name();
                    if self.last.as_ref().is_some_and(|last| name <= *last) {
                        continue;
                    }
                    smallest.push(name);
                    if smallest.len() > self.held {
                        smallest.pop();
                        self.more = true;
                    }
                }
                Err(error) => errors.push(error),
            }
            if errors.len() >= MOST_ERRORS {
                break;
            }
        }
        self.batch = smallest.into_sorted_vec().into_iter();
        Ok(errors)
    }
}

impl Iterator for Names {
    type Item = io::Result<OsString>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(error) = self.errors.next() {
            return Some(Err(error));
        }
        if self.batch.len() == 0 && self.more {
            // What failed in the first pass fails again.
            if let Err(error) = self.list() {
                self.more = false;
                return Some(Err(error));
            }
        }
        let name = self.batch.next()?;
        if self.batch.len() == 0 {
            self.last = Some(name.clone());
        }
        Some(Ok(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_and_once_however_few_are_held() {
        let room = tempfile::tempdir().unwrap();
        for name in ["b", "a", "B", "c1", "c", "ä", "0"] {
            fs::write(room.path().join(name), "x").unwrap();
        }
        for held in [1, 2, 3, 6, 7, 100] {
            let names: Vec<_> = Names::holding(room.path(), held).unwrap().map(Result::unwrap).collect();
            assert_eq!(names, ["0", "B", "a", "b", "c", "c1", "ä"], "{held}");
        }
        assert!(Names::open(&room.path().join("gone")).is_err());
    }
}
