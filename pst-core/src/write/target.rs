//! Where the bytes of a new file go.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempPath;

use crate::write::background::BackgroundFile;

/// A place for the bytes of a new file.
///
/// Nothing is visible under the file's name before [`commit`](Self::commit); a target that is dropped leaves nothing.
pub trait Target {
    /// What a complete file is handed over as.
    type Output;

    /// Writes all bytes at a file offset. Most writes continue where the last one ended.
    ///
    /// # Errors
    /// Those of the medium, such as a full disk.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// As [`write_at`](Self::write_at), for a target that can take the bytes over instead of copying them. Returns a buffer
    /// for the next ones, of any content.
    ///
    /// # Errors
    /// As [`write_at`](Self::write_at).
    fn write_buffer(&mut self, offset: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        self.write_at(offset, &bytes)?;
        Ok(bytes)
    }

    /// Makes the file permanent. Called once, after the last write.
    ///
    /// # Errors
    /// Those of the medium; there is no file then.
    fn commit(self) -> io::Result<Self::Output>;

    /// A directory for scratch files, which may become as large as a few hundredths of the file.
    fn scratch_dir(&self) -> Option<&Path> {
        None
    }
}

/// A file that is written under another name in the same directory, synced and then renamed.
///
/// A crash leaves the old file, or none, and perhaps the other name, which begins with a dot and ends in `.partial`. A
/// thread of its own writes; a write that fails is told by a later one, or at the end.
#[derive(Debug)]
pub struct FileTarget {
    file: BackgroundFile,
    path: PathBuf,
    overwrite: bool,
}

impl FileTarget {
    /// A target for `path`. Without `overwrite` a file that is there already is an error, now and at the end.
    ///
    /// # Errors
    /// If the directory cannot be written to, or the file exists.
    pub fn create(path: impl AsRef<Path>, overwrite: bool) -> io::Result<Self> {
        let path = path.as_ref().to_path_buf();
        let exists = || io::Error::new(io::ErrorKind::AlreadyExists, format!("{} exists already", path.display()));
        match std::fs::symlink_metadata(&path) {
            Ok(found) if found.is_dir() => {
                return Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{} is a directory", path.display())));
            }
            Ok(_) if !overwrite => return Err(exists()),
            _ => {}
        }
        let name = path
            .file_name()
            .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, format!("{} names no file", path.display())))?;
        // Names have at most 255 bytes in most file systems, and this one is longer than the file's own.
        let prefix = format!(".{}.", name.to_string_lossy().chars().take(50).collect::<String>());
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // As any new file: what the user's mask leaves of it.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let file = BackgroundFile::new(builder.tempfile_in(directory(&path))?)?;
        Ok(Self { file, path, overwrite })
    }

    /// The name the file will have.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Target for FileTarget {
    type Output = PathBuf;

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write(offset, bytes.to_vec()).map(drop)
    }

    fn write_buffer(&mut self, offset: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        self.file.write(offset, bytes)
    }

    fn commit(self) -> io::Result<PathBuf> {
        let Self { file, path, overwrite } = self;
        let file = file.finish()?;
        file.as_file().sync_all()?;
        if overwrite { file.persist(&path) } else { file.persist_noclobber(&path) }.map_err(|error| error.error)?;
        sync_directory(&path)?;
        Ok(path)
    }

    fn scratch_dir(&self) -> Option<&Path> {
        Some(directory(&self.path))
    }
}

/// A [`FileTarget`] that does not take its name yet when the file is complete, but waits as a [`StagedFile`]: for files of
/// which all or none are to be there.
#[derive(Debug)]
pub struct StagedTarget(FileTarget);

impl StagedTarget {
    /// As [`FileTarget::create`].
    ///
    /// # Errors
    /// As [`FileTarget::create`].
    pub fn create(path: impl AsRef<Path>, overwrite: bool) -> io::Result<Self> {
        FileTarget::create(path, overwrite).map(Self)
    }
}

impl Target for StagedTarget {
    type Output = StagedFile;

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, bytes)
    }

    fn write_buffer(&mut self, offset: u64, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        self.0.write_buffer(offset, bytes)
    }

    fn commit(self) -> io::Result<StagedFile> {
        let FileTarget { file, path, overwrite } = self.0;
        let file = file.finish()?;
        file.as_file().sync_all()?;
        Ok(StagedFile { file: file.into_temp_path(), path, overwrite })
    }

    fn scratch_dir(&self) -> Option<&Path> {
        self.0.scratch_dir()
    }
}

/// A complete file that waits for its name. It is closed; dropped, it is gone.
#[derive(Debug)]
pub struct StagedFile {
    file: TempPath,
    path: PathBuf,
    overwrite: bool,
}

impl StagedFile {
    /// The name the file will have.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes of the file.
    ///
    /// # Errors
    /// Those of the medium.
    pub fn size(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Those of the medium; the file is gone then.
    pub fn publish(self) -> io::Result<PathBuf> {
        let Self { file, path, overwrite } = self;
        if overwrite { file.persist(&path) } else { file.persist_noclobber(&path) }.map_err(|error| error.error)?;
        sync_directory(&path)?;
        Ok(path)
    }
}

/// Makes a name permanent, which is part of the directory.
fn sync_directory(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(directory(path))?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// A file in memory.
impl Target for Vec<u8> {
    type Output = Self;

    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let too_large = || io::Error::new(io::ErrorKind::OutOfMemory, "the file does not fit into memory");
        let start = usize::try_from(offset).map_err(|_| too_large())?;
        let end = start.checked_add(bytes.len()).ok_or_else(too_large)?;
        if end > self.len() {
            self.try_reserve(end.saturating_sub(self.len())).map_err(|_| too_large())?;
            self.resize(end, 0);
        }
        if let Some(place) = self.get_mut(start..end) {
            place.copy_from_slice(bytes);
        }
        Ok(())
    }

    fn commit(self) -> io::Result<Self> {
        Ok(self)
    }
}

/// A scratch file without a name, gone when it is closed.
pub(super) fn scratch_file(directory: Option<&Path>) -> io::Result<File> {
    match directory {
        Some(directory) => tempfile::tempfile_in(directory),
        None => tempfile::tempfile(),
    }
}
