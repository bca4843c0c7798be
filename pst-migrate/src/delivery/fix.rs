//! Renames files as the check proposes, with a list by which it can be undone.
//!
//! ```text
//! proposals -- plan: which can be made, which not and why -- apply: one line in the list, then one rename
//! ```
//!
//! **Nothing is ever overwritten**: the system itself is asked to rename only onto a free name. The list is written before
//! each rename, so that after a sudden end it has at most one line of something that was not done; undoing passes over it.

use std::collections::HashSet;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::delivery::Rename;

/// A rename, or why it cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The rename.
    pub rename: Rename,
    /// Why not.
    pub obstacle: Option<Obstacle>,
}

/// Why a rename cannot be made. The names are stable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Obstacle {
    /// A file of the new name is there.
    Taken,
    /// Two files would have the new name.
    Wanted,
    /// The old name is gone.
    Gone,
    /// The directory of the new name is a link, or no directory.
    NoDirectory,
}

impl Obstacle {
    /// The stable name, in small letters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Wanted => "wanted-twice",
            Self::Gone => "gone",
            Self::NoDirectory => "no-directory",
        }
    }
}

/// A line of the list.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    from: String,
    to: String,
}

/// Longest line of the list: two paths.
const LONGEST_LINE: u64 = 64 << 10;

/// Says of each proposal whether it can be made. Names compare without regard to case, as on many disks.
pub fn plan(root: &Path, renames: impl IntoIterator<Item = Rename>) -> Vec<Planned> {
    let mut wanted = HashSet::new();
    let renames = renames.into_iter();
    renames
        .map(|rename| {
            let is_there = |path: &Path| fs::symlink_metadata(root.join(path)).is_ok();
            // A name that differs in case alone is there on some disks, and is the file itself.
            let is_itself = rename.from.as_os_str().eq_ignore_ascii_case(rename.to.as_os_str());
            let obstacle = if !is_there(&rename.from) {
                Some(Obstacle::Gone)
            } else if !has_directory(root, &rename.to) {
                Some(Obstacle::NoDirectory)
            } else if is_there(&rename.to) && !is_itself {
                Some(Obstacle::Taken)
            } else if !wanted.insert(rename.to.to_string_lossy().to_lowercase()) {
                Some(Obstacle::Wanted)
            } else {
                None
            };
            Planned { rename, obstacle }
        })
        .collect()
}

/// True if what is above a path, as far as it is there, are directories and no links: a link would lead out.
fn has_directory(root: &Path, path: &Path) -> bool {
    let mut above = path.ancestors().skip(1).filter(|above| !above.as_os_str().is_empty());
    above.all(|above| fs::symlink_metadata(root.join(above)).map_or(true, |metadata| metadata.is_dir()))
}

/// Renames what can be, and writes each into `list` before. Gives the number of renames that were made.
///
/// # Errors
/// The first rename or line that fails; what was done before stays, and is in the list.
pub fn apply(root: &Path, planned: &[Planned], list: &mut fs::File) -> io::Result<u64> {
    let mut done = 0_u64;
    for Planned { rename, .. } in planned.iter().filter(|planned| planned.obstacle.is_none()) {
        let text = |path: &Path| {
            path.to_str().map(str::to_owned).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not Unicode"))
        };
        let line = Line { from: text(&rename.from)?, to: text(&rename.to)? };
        let mut line = serde_json::to_vec(&line)?;
        line.push(b'\n');
        list.write_all(&line)?;
        list.sync_data()?;
        let to = root.join(&rename.to);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent)?;
        }
        rename_new(&root.join(&rename.from), &to)?;
        done = done.saturating_add(1);
    }
    Ok(done)
}

/// What undoing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Renamed back.
    pub done: u64,
    /// Lines whose rename is not there to be undone, or whose old name is taken.
    pub passed_over: u64,
}

/// Renames back what a list says, the last first.
///
/// # Errors
/// If the list cannot be read, names something outside the delivery, or a rename fails.
pub fn undo(root: &Path, list: &Path) -> io::Result<Undone> {
    let wrong = |line: usize, text: String| io::Error::new(io::ErrorKind::InvalidData, format!("line {line}: {text}"));
    let mut reader = BufReader::new(fs::File::open(list)?);
    let mut lines = Vec::new();
    let mut buffer = Vec::new();
    for number in 1_usize.. {
        buffer.clear();
        let read = reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut buffer)?;
        if read == 0 {
            break;
        }
        if buffer.last() != Some(&b'\n') {
            // A sudden end while it was written; its rename was not begun.
            break;
        }
        let line: Line = serde_json::from_slice(&buffer).map_err(|error| wrong(number, error.to_string()))?;
        for path in [&line.from, &line.to] {
            if !Path::new(path).components().all(|part| matches!(part, Component::Normal(_))) {
                return Err(wrong(number, format!("{path:?} leads out of the delivery")));
            }
        }
        lines.push(line);
    }
    let mut undone = Undone::default();
    for line in lines.iter().rev() {
        let (from, to) = (root.join(&line.from), root.join(&line.to));
        let is_there = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
        if !is_there(&to) || is_there(&from) {
            undone.passed_over = undone.passed_over.saturating_add(1);
            continue;
        }
        rename_new(&to, &from)?;
        undone.done = undone.done.saturating_add(1);
    }
    Ok(undone)
}

/// Renames, if nothing has the new name.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // File systems that cannot be asked.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => rename_looking(from, to),
        result => Ok(result?),
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    rename_looking(from, to)
}

/// Renames after a look: where the system cannot be asked to do both at once.
fn rename_looking(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists already", to.display())));
    }
    fs::rename(from, to)
}
