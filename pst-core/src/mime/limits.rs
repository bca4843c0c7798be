//! What a hostile message may make us do.

/// Multiparts inside multiparts. Real mail has four or five.
pub(super) const DEPTH: usize = 64;

/// Messages inside messages.
pub(super) const MESSAGES: usize = 64;

/// Copies of messages around a message, each made because a transfer encoding or UTF-16 had to be taken away. Messages are
/// not to be encoded at all (RFC 2046 5.2.1); 64 that are would be 64 copies of the innermost at once.
pub(super) const COPIES: usize = 4;

/// Parts of one message, those of messages inside it not counted.
pub(super) const PARTS: usize = 10_000;

/// Header fields of one message, those of its parts counted. One takes 40 bytes of memory and three of the file.
pub(super) const FIELDS: usize = 100_000;

/// Bytes of all headers of one name that are read as addresses: some 30,000 people. An address takes twenty times its size in memory
/// if it is as short as can be.
pub(super) const ADDRESSES: usize = 2 << 20;

/// Mailboxes of all headers of one name. Those of 20 letters each fit into the bytes; a million of two letters would become
/// a million records.
pub(super) const MAILBOXES: usize = 100_000;

/// Bytes of a `Content-Type` or `Content-Disposition` that are read. A parameter takes 100 bytes of memory and three of
/// the file.
pub(super) const PARAMETERS: usize = 1 << 20;
