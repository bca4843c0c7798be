//! Checked little-endian reads.
//!
//! Every number of the format is little-endian (MS-PST 2.2). A read past the end is `None` here and becomes an error with
//! a structure and a place at the caller, who knows both.

/// The `N` bytes at `at`, or `None` past the end.
#[inline]
pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

/// The byte at `at`.
#[inline]
pub(crate) fn u8(bytes: &[u8], at: usize) -> Option<u8> {
    bytes.get(at).copied()
}

/// The 16-bit number at `at`.
#[inline]
pub(crate) fn u16(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_le_bytes)
}

/// The 32-bit number at `at`.
#[inline]
pub(crate) fn u32(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_le_bytes)
}

/// The 64-bit number at `at`.
#[inline]
pub(crate) fn u64(bytes: &[u8], at: usize) -> Option<u64> {
    array(bytes, at).map(u64::from_le_bytes)
}

/// `length` bytes at `at`.
#[inline]
pub(crate) fn slice(bytes: &[u8], at: usize, length: usize) -> Option<&[u8]> {
    bytes.get(at..at.checked_add(length)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn past_the_end_is_none() {
        let bytes = [1, 2, 3, 4, 5, 6, 7, 8];
        assert_eq!(super::u16(&bytes, 6), Some(0x0807));
        assert_eq!(super::u16(&bytes, 7), None);
        assert_eq!(super::u64(&bytes, 0), Some(0x0807_0605_0403_0201));
        assert_eq!(super::u64(&bytes, usize::MAX), None);
        assert_eq!(super::slice(&bytes, 4, usize::MAX), None);
        assert_eq!(super::slice(&bytes, 8, 0), Some(&[][..]));
    }
}
