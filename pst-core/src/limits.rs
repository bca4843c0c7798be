//! What a file may make us do.
//!
//! Every count and size in a file is checked against the file itself before it is used. What remains are shapes that are
//! legal and yet absurd: a message in a message in a message, one block that is named a million times. These limits end
//! them. The defaults never bite on a real file.

/// Bounds on depth, counts and memory while reading.
///
/// Passing one is an error of kind [`Limit`](crate::ErrorKind::Limit) for the item, not for the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one value held in memory at once (default 256 MiB). Larger ones are still reachable as streams.
    pub value_bytes: u64,
    /// Bytes that one compressed RTF body may grow to (default 256 MiB).
    pub rtf_bytes: u64,
    /// Nesting of subnodes inside subnodes; an embedded message takes two levels (default 64).
    pub subnode_depth: u32,
    /// Embedded messages met below one top-level message while walking it (default 10,000).
    pub embedded_messages: u32,
    /// Folders between a folder and the root (default 512).
    pub folder_depth: u32,
    /// Bytes of decoded blocks one open heap or table keeps (default 4 MiB).
    pub cache_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            value_bytes: 256 * MIB,
            rtf_bytes: 256 * MIB,
            subnode_depth: 64,
            embedded_messages: 10_000,
            folder_depth: 512,
            cache_bytes: 4 * MIB,
        }
    }
}
