//! Which files a scan reads.
//!
//! A file given by name is always tried. Below a directory it is every regular file that is called `.pst`, `.ost` or
//! `.pab`, every other one that begins with `!BDN`, for stores lose their names in backups, and mail: single mails, mboxes
//! and ZIP archives, known by their content. Single mails in a directory make one report. Names are sorted, so the order is
//! the same each time.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pst_migrate::input::Form;

/// Mail that is in no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MailKind {
    /// A file of this form.
    File(Form),
    /// The single mails in a directory.
    Directory,
}

impl MailKind {
    /// The name in reports.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::File(form) => form.name(),
            Self::Directory => "directory",
        }
    }
}

/// A file to read, or a place that could not be looked into.
#[derive(Debug)]
pub(super) enum Found {
    /// A file and its size; 0 if even that is not to be had.
    File(PathBuf, u64),
    /// Mail that is in no store, and its size.
    Mail(PathBuf, u64, MailKind),
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
            search.named(path);
        }
    }
    search.found
}

#[derive(Default)]
struct Search {
    found: Vec<Found>,
    /// Real paths of the directories entered and files taken. Links may lead in circles.
    seen: HashSet<PathBuf>,
    /// Where among those found the single mails of a directory are.
    mails: HashMap<PathBuf, usize>,
}

impl Search {
    /// True if the place was not met under another name before. What has no real path is left to fail when it is opened.
    fn is_new(&mut self, path: &Path) -> bool {
        fs::canonicalize(path).map_or(true, |real| self.seen.insert(real))
    }

    fn file(&mut self, path: &Path) {
        if self.is_new(path) {
            self.found.push(Found::File(path.to_owned(), size(path)));
        }
    }

    /// A file given by name.
    fn named(&mut self, path: &Path) {
        match form_of(path) {
            Some(form) if form != Form::Store => self.mail(path, MailKind::File(form)),
            _ => self.file(path),
        }
    }

    fn mail(&mut self, path: &Path, kind: MailKind) {
        if self.is_new(path) {
            self.found.push(Found::Mail(path.to_owned(), size(path), kind));
        }
    }

    /// A single mail in a directory.
    fn loose(&mut self, path: &Path) {
        let Some(directory) = path.parent() else { return };
        let next = self.found.len();
        let at = *self.mails.entry(directory.to_owned()).or_insert(next);
        if at == next {
            self.found.push(Found::Mail(directory.to_owned(), 0, MailKind::Directory));
        }
        if let Some(Found::Mail(_, sum, _)) = self.found.get_mut(at) {
            *sum = sum.saturating_add(size(path));
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
            } else if metadata.is_file() {
                match form_of(&path) {
                    Some(Form::Store) => self.file(&path),
                    // What a link leads to is counted where it stands.
                    Some(Form::Mail) if path.is_symlink() => {}
                    Some(Form::Mail) => self.loose(&path),
                    Some(form) => self.mail(&path, MailKind::File(form)),
                    None => {}
                }
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

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |metadata| metadata.len())
}

/// What a file is; `None` for what is not scanned, or cannot be read. **Who calls a file `.pst` means a store**, and gets
/// told what it is instead.
pub(super) fn form_of(path: &Path) -> Option<Form> {
    /// Enough for the first headers of a mail.
    const START: u64 = 8 << 10;
    if has_store_name(path) {
        return Some(Form::Store);
    }
    // Opening a pipe waits for somebody to write to it.
    if !path.is_file() {
        return None;
    }
    let mut start = Vec::new();
    File::open(path).ok()?.take(START).read_to_end(&mut start).ok()?;
    Form::of(&start, &path.file_name()?.to_string_lossy()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(found: &[Found], top: &Path) -> Vec<String> {
        let name = |found: &Found| match found {
            Found::File(path, _) => path.strip_prefix(top).unwrap().display().to_string(),
            Found::Mail(path, size, kind) => {
                format!("{} {} {size}", kind.name(), path.strip_prefix(top).unwrap().display())
            }
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
    fn mail_by_content() {
        let top = tempfile::tempdir().unwrap();
        let top = top.path();
        fs::create_dir_all(top.join("a")).unwrap();
        for (name, bytes) in [
            ("a/1.eml", "From: x\nTo: y\n"),
            ("a/2", "From: x\nTo: y\n"),
            ("a/all.zip", "PK\x03\x04"),
            ("b.mbox", "From a Wed May 17 23:35:05 2000\nSubject: x\n"),
            ("c.eml", "no header"),
            ("d.txt", "text"),
            ("e.docx", "PK\x03\x04\x14\0\x06\0\x08\0\0\0\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml"),
        ] {
            fs::write(top.join(name), bytes).unwrap();
        }
        let found = names(&find(&[top.to_owned()]), top);
        assert_eq!(found, ["directory a 28", "zip a/all.zip 4", "mbox b.mbox 43", "directory  9"]);
        assert_eq!(names(&find(&[top.join("c.eml")]), top), ["mail c.eml 9"]);
        assert_eq!(names(&find(&[top.join("d.txt")]), top), ["d.txt"]);
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
