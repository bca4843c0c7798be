//! The stored bytes of a PtypString8 (0x001E), before a [`CodePage`](super::CodePage) reads them.
//!
//! Stands on nothing.

/// `bytes` without the one NUL at its end, if there is one.
///
/// The length of a stored string comes from the heap or the block, so a NUL is no part of the text; some writers store
/// one nevertheless. **Exactly one is taken away.**
pub fn trim_one_nul(bytes: &[u8]) -> &[u8] {
    bytes.strip_suffix(&[0]).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_nul_goes_and_no_more() {
        assert_eq!(trim_one_nul(b"ab\0"), b"ab");
        assert_eq!(trim_one_nul(b"ab\0\0"), b"ab\0");
        assert_eq!(trim_one_nul(b"ab"), b"ab");
        assert_eq!(trim_one_nul(b"a\0b"), b"a\0b");
        assert_eq!(trim_one_nul(b"\0"), b"");
        assert_eq!(trim_one_nul(b""), b"");
    }
}
