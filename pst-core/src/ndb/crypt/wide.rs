//! The permute coding, 32 bytes at a time.
//!
//! A table of 256 bytes is sixteen rows of sixteen. For each row, a shuffle looks up all 32 bytes at once and gives zero
//! for those that belong to another row; the sixteen results or'ed together are the answer. It takes AVX2, asked for at
//! run time, and beats a table look-up per byte most where the other thread of the core is busy.

use pulp::x86::V3;
use pulp::{NullaryFnOnce, cast};
use std::arch::x86_64::__m256i;

const WIDTH: usize = 32;

/// The rows of a table, each twice: a shuffle looks up the two halves of its 32 bytes apart.
struct Rows([[u8; WIDTH]; 16]);

impl Rows {
    #[allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "evaluated by the compiler alone")]
    const fn new(table: &[u8; 256]) -> Self {
        let mut rows = [[0; WIDTH]; 16];
        let mut at = 0;
        while at < 256 {
            rows[at / 16][at % 16] = table[at];
            rows[at / 16][at % 16 + 16] = table[at];
            at += 1;
        }
        Self(rows)
    }
}

static DECODE: Rows = Rows::new(&super::DECODE);
static ENCODE: Rows = Rows::new(&super::ENCODE);

/// Decodes as many bytes of `stored` as it can into the same places of `plain`. Returns how many those are: none on a
/// processor without AVX2.
pub(super) fn decode(stored: &[u8], plain: &mut [u8]) -> usize {
    substitute(&DECODE, stored, plain)
}

/// The inverse of [`decode`].
pub(super) fn encode(plain: &[u8], stored: &mut [u8]) -> usize {
    substitute(&ENCODE, plain, stored)
}

fn substitute(rows: &Rows, from: &[u8], to: &mut [u8]) -> usize {
    let Some(processor) = V3::try_new() else { return 0 };
    let (from, _) = from.as_chunks::<WIDTH>();
    let (to, _) = to.as_chunks_mut::<WIDTH>();
    let chunks = from.len().min(to.len());
    processor.vectorize(Substitute { processor, rows, from, to });
    chunks.saturating_mul(WIDTH)
}

struct Substitute<'a> {
    processor: V3,
    rows: &'a Rows,
    from: &'a [[u8; WIDTH]],
    to: &'a mut [[u8; WIDTH]],
}

impl NullaryFnOnce for Substitute<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { processor, rows, from, to } = self;
        let (avx, avx2) = (processor.avx, processor.avx2);
        let rows: [__m256i; 16] = rows.0.map(cast);
        // Added with saturation to (byte xor 16 * row): below 0x80 just for the bytes of the row, whose low four bits
        // then are the place in it. A shuffle gives zero where the top bit is set.
        let mark = avx._mm256_set1_epi8(0x70);
        let step = avx._mm256_set1_epi8(0x10);
        for (from, to) in from.iter().zip(to) {
            let bytes: __m256i = cast(*from);
            let mut row_number = avx._mm256_setzero_si256();
            let mut found = avx._mm256_setzero_si256();
            for row in rows {
                let places = avx2._mm256_adds_epu8(avx2._mm256_xor_si256(bytes, row_number), mark);
                found = avx2._mm256_or_si256(found, avx2._mm256_shuffle_epi8(row, places));
                row_number = avx2._mm256_add_epi8(row_number, step);
            }
            *to = cast(found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_in_every_place() {
        for shift in 0..=255u8 {
            let stored: Vec<u8> = (0..=255u8).map(|byte| byte.wrapping_add(shift)).chain([1, 2, 3]).collect();
            let mut plain = vec![0; stored.len()];
            let done = decode(&stored, &mut plain);
            assert!(done == 256 || V3::try_new().is_none());
            for (from, to) in stored.iter().zip(&plain).take(done) {
                assert_eq!(*to, super::super::DECODE[usize::from(*from)]);
            }
            let mut again = vec![0; stored.len()];
            assert_eq!(encode(&plain, &mut again), done);
            assert_eq!(again[..done], stored[..done]);
        }
    }
}
