//! What input may make us do.

/// Bounds on memory, temporary files and nesting. The defaults never bite on what people really send.
///
/// What goes beyond one is [skipped](super::Skipped) with a reason that says so; the rest is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InputLimits {
    /// Bytes of an unpacked entry, or of a mail that must be copied, held in memory (default 16 MiB). Larger ones go to a
    /// temporary file.
    pub memory_bytes: u64,
    /// Bytes of one mail (default 1 GiB). Larger ones are skipped: taking a mail apart may take memory of its size.
    pub mail_bytes: u64,
    /// Bytes that one entry of an archive may have (default 256 GiB): a store in an archive is unpacked whole.
    pub entry_bytes: u64,
    /// Bytes that all entries of one archive file may have together, those of archives in it counted (default 4 TiB).
    pub archive_bytes: u64,
    /// How many times larger than its compressed form an entry may be, and all entries than the archive file (default
    /// 250). **Deflate never makes more than 1032 of 1.**
    pub ratio: u64,
    /// Bytes below which the ratio does not count (default 64 MiB): small texts may be very regular.
    pub ratio_from: u64,
    /// Archives in archives (default 3): an archive in a file is 1.
    pub archive_depth: u32,
    /// Entries of one archive (default 20 million).
    pub archive_entries: u64,
    /// Names of one archive that are compared with each other, 16 bytes each (default 2 million). Beyond, a name that
    /// comes twice is not noticed.
    pub compared_names: usize,
    /// Directories in directories (default 200).
    pub directory_depth: u32,
}

impl Default for InputLimits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        const GIB: u64 = 1 << 30;
        Self {
            memory_bytes: 16 * MIB,
            mail_bytes: GIB,
            entry_bytes: 256 * GIB,
            archive_bytes: 4096 * GIB,
            ratio: 250,
            ratio_from: 64 * MIB,
            archive_depth: 3,
            archive_entries: 20_000_000,
            compared_names: 2_000_000,
            directory_depth: 200,
        }
    }
}
