//! How a file is written.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::FileTime;
use crate::ndb::{CryptMethod, Format};
use crate::text::CodePage;

/// How a file is written.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    pub(super) format: Format,
    pub(super) crypt: CryptMethod,
    pub(super) code_page: CodePage,
    pub(super) overwrite: bool,
    pub(super) share_data: bool,
    pub(super) name: String,
    pub(super) record_key: Option<[u8; 16]>,
    pub(super) now: Option<FileTime>,
    pub(super) max_size: Option<u64>,
}

/// The largest ANSI file (MS-PST has no number; Outlook refuses above it).
const LARGEST_ANSI: u64 = 2_075_149_312;

impl Default for WriteOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl WriteOptions {
    /// A Unicode PST (wVer 23), permuted, as Outlook makes them.
    pub fn new() -> Self {
        Self {
            format: Format::UNICODE,
            crypt: CryptMethod::Permute,
            code_page: CodePage::WINDOWS_1252,
            overwrite: false,
            share_data: false,
            name: "Personal Folders".to_owned(),
            record_key: None,
            now: None,
            max_size: None,
        }
    }

    /// How data blocks are encoded: permute, cyclic or not at all.
    #[must_use]
    pub fn crypt(mut self, crypt: CryptMethod) -> Self {
        self.crypt = crypt;
        self
    }

    /// Writes an ANSI PST (wVer 14), which ends below 2 GB, with text in this code page. What the code page or the size
    /// has no room for is an error.
    #[must_use]
    pub fn ansi(mut self, code_page: CodePage) -> Self {
        self.format = Format::ANSI;
        self.code_page = code_page;
        self
    }

    /// Replaces a file of the same name when the new one is complete.
    #[must_use]
    pub fn overwrite(mut self, overwrite: bool) -> Self {
        self.overwrite = overwrite;
        self
    }

    /// Stores equal values of up to 16 MiB, such as one attachment of many messages, once, with reference counts.
    #[must_use]
    pub fn share_data(mut self, share: bool) -> Self {
        self.share_data = share;
        self
    }

    /// The name of the store, as mail programs show it.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The record key, which every entry id carries; random unless set.
    #[must_use]
    pub fn record_key(mut self, key: [u8; 16]) -> Self {
        self.record_key = Some(key);
        self
    }

    /// The time that stands in items without one; the time of writing unless set.
    #[must_use]
    pub fn now(mut self, now: FileTime) -> Self {
        self.now = Some(now);
        self
    }

    /// Fails with `Limit` before the file becomes longer than this.
    #[must_use]
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// The most bytes of the file.
    pub(super) fn limit(&self) -> u64 {
        let most = if self.format.is_ansi() { LARGEST_ANSI } else { i64::MAX.unsigned_abs() };
        self.max_size.unwrap_or(u64::MAX).min(most)
    }
}

pub(super) fn random_key() -> [u8; 16] {
    let mut key = [0; 16];
    for half in key.chunks_mut(8) {
        // Each state has keys of its own.
        half.copy_from_slice(&RandomState::new().build_hasher().finish().to_le_bytes());
    }
    key
}

/// The time of day, to the second.
pub(super) fn now() -> FileTime {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(seconds).ok().and_then(FileTime::from_unix_seconds).unwrap_or(FileTime::new(0))
}
