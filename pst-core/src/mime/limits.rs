//! What a hostile message may make us do.

/// Multiparts inside multiparts. Real mail has four or five.
pub(super) const DEPTH: usize = 64;

/// Messages inside messages.
pub(super) const MESSAGES: usize = 64;

/// Parts of one message, those of messages inside it not counted.
pub(super) const PARTS: usize = 10_000;

/// Header fields of one message, those of its parts counted. One takes 40 bytes of memory and three of the file.
pub(super) const FIELDS: usize = 100_000;

/// Bytes of one header that are read as addresses: some 30,000 people. An address takes twenty times its size in memory
/// if it is as short as can be.
pub(super) const ADDRESSES: usize = 2 << 20;
