//! How a file is opened.

use std::fs::File;
use std::path::Path;

use crate::source::{FileSource, Source};
use crate::text::{CodePage, CodePageChoice, CodePageSource};
use crate::{Error, ErrorKind, Limits, Pst, Result};

/// Whether a file is mapped into memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mapping {
    /// Map local files; read piece by piece what is on a network or FUSE file system (recognised on Linux, and by UNC path
    /// on Windows) or cannot be mapped.
    #[default]
    Auto,
    /// Map, or fail.
    Always,
    /// Read piece by piece. For files that another program may cut short while they are read.
    Never,
}

/// Options for opening a file; the defaults suit almost everyone.
///
/// ```no_run
/// use pst_core::{Mapping, OpenOptions};
/// let pst = OpenOptions::new().mapping(Mapping::Never).open("archive.pst")?;
/// # Ok::<(), pst_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct OpenOptions {
    mapping: Mapping,
    limits: Limits,
    code_page: Option<CodePage>,
    check_crc: bool,
    /// The CRCs of the header need not hold: the checker tells of them itself.
    pub(crate) lenient_header: bool,
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            mapping: Mapping::Auto,
            limits: Limits::default(),
            code_page: None,
            check_crc: true,
            lenient_header: false,
        }
    }
}

impl OpenOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether the file is mapped into memory.
    #[must_use]
    pub fn mapping(mut self, mapping: Mapping) -> Self {
        self.mapping = mapping;
        self
    }

    /// Bounds on depth, counts and memory.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Reads every String8 value in this code page, whatever the file says.
    #[must_use]
    pub fn code_page(mut self, page: CodePage) -> Self {
        self.code_page = Some(page);
        self
    }

    /// Whether the CRCs of header, pages and blocks must hold (default true). Signatures, ids and sizes always must.
    #[must_use]
    pub fn check_crc(mut self, check: bool) -> Self {
        self.check_crc = check;
        self
    }

    /// Opens a file. Only its header is read.
    ///
    /// # Errors
    /// As [`Pst::open`].
    pub fn open(&self, path: impl AsRef<Path>) -> Result<Pst> {
        let source = self.open_source(path)?;
        if source.is_empty() {
            return Err(Error::text(ErrorKind::NotPst, "file", "it is empty"));
        }
        self.from_source(source)
    }

    /// Opens the bytes of a file of any kind, mapped or not as these options say.
    ///
    /// # Errors
    /// `Io` if the file cannot be opened; `InvalidInput` for what is no regular file.
    pub fn open_source(&self, path: impl AsRef<Path>) -> Result<Box<dyn Source>> {
        let path = path.as_ref();
        // Asked before opening: opening a pipe waits for somebody to write to it.
        let metadata = path.metadata().map_err(Error::io)?;
        if metadata.is_dir() {
            return Err(Error::text(ErrorKind::InvalidInput, "path", "it is a directory, not a file"));
        }
        if !metadata.is_file() {
            return Err(Error::text(ErrorKind::InvalidInput, "path", "it is a pipe, socket or device, not a file"));
        }
        let file = File::open(path).map_err(Error::io)?;
        if metadata.len() == 0 {
            // There is nothing to map.
            return Ok(Box::new(FileSource::new(file)?));
        }
        self.source(file, path)
    }

    fn source(&self, file: File, path: &Path) -> Result<Box<dyn Source>> {
        #[cfg(feature = "mmap")]
        {
            let map = match self.mapping {
                Mapping::Never => None,
                Mapping::Always => Some(crate::source::MappedFile::new(&file)?),
                // A file that cannot be mapped can still be read.
                Mapping::Auto if is_local(&file, path) => crate::source::MappedFile::new(&file).ok(),
                Mapping::Auto => None,
            };
            if let Some(map) = map {
                return Ok(Box::new(map));
            }
        }
        #[cfg(not(feature = "mmap"))]
        {
            let _ = path;
            if self.mapping == Mapping::Always {
                return Err(Error::text(ErrorKind::InvalidInput, "option", "this build cannot map files"));
            }
        }
        Ok(Box::new(FileSource::new(file)?))
    }

    /// Opens bytes that are in memory.
    ///
    /// # Errors
    /// As [`Pst::open`].
    pub fn from_bytes(&self, bytes: impl AsRef<[u8]> + Send + Sync + 'static) -> Result<Pst> {
        self.from_source(Box::new(crate::source::MemorySource::new(bytes)))
    }

    /// Opens bytes from anywhere.
    ///
    /// # Errors
    /// As [`Pst::open`].
    pub fn from_source(&self, source: Box<dyn Source>) -> Result<Pst> {
        let code_page = self.code_page.map(|page| CodePageChoice { page, source: CodePageSource::Caller });
        Pst::from_parts(source, self.limits, self.check_crc, self.check_crc && !self.lenient_header, code_page)
    }
}

/// False on file systems where a map can turn into SIGBUS at any moment, or is slow: network and FUSE.
#[cfg(all(feature = "mmap", target_os = "linux"))]
fn is_local(file: &File, _path: &Path) -> bool {
    // statfs(2): NFS, SMB, SMB2, CIFS, FUSE, 9P, AFS, Ceph, Coda, NCP, Lustre.
    const REMOTE: [u32; 11] = [
        0x6969,
        0x517B,
        0xFE53_4D42,
        0xFF53_4D42,
        0x6573_5546,
        0x0102_1997,
        0x5346_414F,
        0x00C3_6400,
        0x7375_7245,
        0x564C,
        0x0BD0_0BD0,
    ];
    // The type of the field differs between architectures; its low 32 bits are the number.
    let kind = |stat: rustix::fs::StatFs| stat.f_type as u32;
    rustix::fs::fstatfs(file).is_ok_and(|stat| !REMOTE.contains(&kind(stat)))
}

/// False for UNC paths; a mapped drive letter is not recognised, where Windows refuses to cut a mapped file anyway.
#[cfg(all(feature = "mmap", windows))]
fn is_local(_file: &File, path: &Path) -> bool {
    use std::path::{Component, Prefix};
    !matches!(path.components().next(), Some(Component::Prefix(prefix))
        if matches!(prefix.kind(), Prefix::UNC(..) | Prefix::VerbatimUNC(..)))
}

#[cfg(all(feature = "mmap", not(any(target_os = "linux", windows))))]
fn is_local(_file: &File, _path: &Path) -> bool {
    true
}
