//! The way through the directories of a delivery: by a list of open ones, not by the stack; nothing is followed.

use std::ffi::OsString;
use std::fs::{self, File, FileType};
use std::io;
use std::path::{Path, PathBuf};

use crate::input::Names;

/// Names held of all open directories together, roughly: the deeper one is, the fewer it holds.
const HELD: usize = 100_000;
const LEAST_HELD: usize = 1_000;

/// What the walk meets.
pub(super) enum Met {
    /// Something that is no directory.
    File(PathBuf, FileType),
    /// A name of which nothing else can be told.
    Unknown(PathBuf, io::Error),
    /// A directory that is deeper than the walk goes.
    TooDeep(PathBuf),
    /// A directory, behind all that is in it: entries, and what could not be listed.
    Directory(PathBuf, u64, Option<io::Error>),
}

struct Open {
    names: Option<Names>,
    path: PathBuf,
    entries: u64,
    error: Option<io::Error>,
}

/// Walks a directory. All paths it gives are relative to it.
pub(super) struct Walk {
    root: PathBuf,
    open: Vec<Open>,
    depth: usize,
}

impl Walk {
    /// # Errors
    /// If the directory cannot be listed.
    pub(super) fn new(root: &Path, depth: u32) -> io::Result<Self> {
        let mut walk =
            Self { root: root.to_owned(), open: Vec::new(), depth: usize::try_from(depth).unwrap_or(usize::MAX) };
        walk.enter(PathBuf::new());
        match walk.open.last_mut().and_then(|open| open.error.take()) {
            Some(error) => Err(error),
            None => Ok(walk),
        }
    }

    fn enter(&mut self, path: PathBuf) {
        let held = HELD.checked_div(self.open.len().saturating_add(1)).unwrap_or(0).max(LEAST_HELD);
        let (names, error) = match Names::holding(&self.root.join(&path), held) {
            Ok(names) => (Some(names), None),
            Err(error) => (None, Some(error)),
        };
        self.open.push(Open { names, path, entries: 0, error });
    }

    fn step(&mut self, name: &OsString) -> Option<Met> {
        let open = self.open.last_mut()?;
        open.entries = open.entries.saturating_add(1);
        let path = open.path.join(name);
        match fs::symlink_metadata(self.root.join(&path)) {
            Err(error) => Some(Met::Unknown(path, error)),
            Ok(metadata) if !metadata.is_dir() => Some(Met::File(path, metadata.file_type())),
            Ok(_) if self.open.len() > self.depth => Some(Met::TooDeep(path)),
            Ok(_) => {
                self.enter(path);
                None
            }
        }
    }
}

impl Iterator for Walk {
    type Item = Met;

    fn next(&mut self) -> Option<Met> {
        loop {
            let open = self.open.last_mut()?;
            match open.names.as_mut().and_then(Iterator::next) {
                Some(Ok(name)) => {
                    if let Some(met) = self.step(&name) {
                        return Some(met);
                    }
                }
                Some(Err(error)) => {
                    open.error.get_or_insert(error);
                }
                None => {
                    let done = self.open.pop()?;
                    return Some(Met::Directory(done.path, done.entries, done.error));
                }
            }
        }
    }
}

/// Opens a regular file and nothing else, **even if another has taken its name since it was met**: no link is followed, and
/// no pipe waited for.
pub(super) fn open_regular(path: &Path) -> io::Result<File> {
    let mut options = fs::OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or(0));
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file any more"));
    }
    Ok(file)
}
