//! The CRC and the block signature (MS-PST 5.3, 5.5).
//!
//! Both are taken over the bytes as they are stored: after compression and encoding.

/// CRC-32 with polynomial 0xEDB88320 (reflected), initial value 0 and **no** final inversion (MS-PST 5.3).
///
/// The customary CRC-32 inverts before and after. Feeding it a register of all ones and inverting what comes out undoes
/// both. Zero bytes in front leave no trace, and a page of zeros has CRC 0: check the type as well.
#[inline]
pub fn crc(bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(0xFFFF_FFFF);
    hasher.update(bytes);
    !hasher.finalize()
}

/// The 16-bit signature that ties a page or block to its place and id (MS-PST 5.5).
///
/// Only the low 32 bits of offset and id count.
#[inline]
pub const fn signature(offset: u64, id: u64) -> u16 {
    let mixed = offset ^ id;
    let [a, b, c, d, ..] = mixed.to_le_bytes();
    u16::from_le_bytes([a, b]) ^ u16::from_le_bytes([c, d])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, one bit at a time.
    fn bitwise(bytes: &[u8]) -> u32 {
        bytes.iter().fold(0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 })
        })
    }

    #[test]
    fn crc_vectors() {
        assert_eq!(crc(b""), 0);
        assert_eq!(crc(b"123456789"), 0x2DFD_2D88);
        assert_eq!(crc(&[0, 0, 1]), 0x7707_3096);
        assert_eq!(crc(b"Password1"), 0x11A8_9DA7);
    }

    #[test]
    fn signature_vectors() {
        assert_eq!(signature(0x4200, 0x130), 0x4330);
        assert_eq!(signature(0x1234_5678_9A00, 0x1_0000_0004), 0xCC7C);
    }

    proptest! {
        #[test]
        fn crc_is_the_definition(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            prop_assert_eq!(crc(&bytes), bitwise(&bytes));
        }
    }
}
