//! Unpacking numbers of a given width, and spreading them over the rows of a bitmap, in AVX2 instructions; on other processors
//! there is no [`super::cpu::Avx2`] to call them with.
#![allow(unsafe_code)]

#[cfg(not(target_arch = "x86_64"))]
pub(super) use elsewhere::{spread, unpack};
#[cfg(target_arch = "x86_64")]
pub(super) use here::{spread, unpack};

/// Wider numbers are not unpacked here.
pub(super) const WIDTH_MAX: u32 = 25;

#[cfg(target_arch = "x86_64")]
mod here {
    use std::arch::x86_64::*;

    use super::super::{BLOCK, cpu::Avx2, layout::BITMAP};
    use super::WIDTH_MAX;

    /// Numbers of a vector register.
    const VECTOR: usize = 8;

    /// For each byte of a bitmap and each of its bits: how many bits are set below.
    const RANKS: [[u8; VECTOR]; 256] = {
        let mut ranks = [[0; VECTOR]; 256];
        let mut byte = 0;
        while byte < 256 {
            let (mut bit, mut rank) = (0, 0);
            while bit < VECTOR {
                ranks[byte][bit] = rank;
                rank += (byte >> bit & 1) as u8;
                bit += 1;
            }
            byte += 1;
        }
        ranks
    };

    /// Unpacks the first `count` numbers of `width` bits, as far as the bytes suffice for whole registers; returns how many
    /// numbers that are. None if they are too wide.
    pub(in super::super) fn unpack(_: Avx2, bytes: &[u8], width: u32, count: usize, out: &mut [u32; BLOCK]) -> usize {
        #[target_feature(enable = "avx2")]
        fn run(bytes: &[u8], width: u32, count: usize, out: &mut [u32; BLOCK]) -> usize {
            let width_bytes = width as usize;
            // Eight numbers begin at a whole byte and end before this many more.
            let reach = (7 * width_bytes) / 8 + 4;
            let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let bits = _mm256_mullo_epi32(lane, _mm256_set1_epi32(width.cast_signed()));
            let (places, shifts) = (_mm256_srli_epi32::<3>(bits), _mm256_and_si256(bits, _mm256_set1_epi32(7)));
            let mask = _mm256_set1_epi32(((1_u64 << width) - 1) as i32);
            let mut done = 0;
            for out in out.as_chunks_mut::<VECTOR>().0 {
                let start = done / VECTOR * width_bytes;
                let Some(bytes) = bytes.get(start..start + reach).filter(|_| done < count) else {
                    break;
                };
                // SAFETY: lane 7 reads four bytes from byte `7 * width / 8` on, which end at `reach`, the length of
                // `bytes`; the other lanes read before.
                let words = unsafe { _mm256_i32gather_epi32::<1>(bytes.as_ptr().cast(), places) };
                let numbers = _mm256_and_si256(_mm256_srlv_epi32(words, shifts), mask);
                // SAFETY: `out` is a place of 32 bytes, and the store needs no alignment.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), numbers) };
                done += VECTOR;
            }
            done.min(count)
        }
        if !(1..=WIDTH_MAX).contains(&width) {
            return 0;
        }
        // SAFETY: the function needs a processor with AVX2, which the first argument proves.
        unsafe { run(bytes, width, count, out) }
    }

    /// Gives the rows of the bitmap the values in turn, and all others `common`.
    pub(in super::super) fn spread(
        _: Avx2,
        values: &[u32; BLOCK + VECTOR],
        bitmap: &[u8; BITMAP],
        common: u32,
        out: &mut [u32; BLOCK],
    ) {
        #[target_feature(enable = "avx2")]
        fn run(values: &[u32; BLOCK + VECTOR], bitmap: &[u8; BITMAP], common: u32, out: &mut [u32; BLOCK]) {
            let common = _mm256_set1_epi32(common.cast_signed());
            let bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
            let mut next = 0;
            for (byte, out) in bitmap.iter().zip(out.as_chunks_mut::<VECTOR>().0) {
                // SAFETY: each byte before moved `next` by 8 at most, so it is at most `BLOCK`, and `values` goes on for 8
                // more; the load needs no alignment.
                let some = unsafe { _mm256_loadu_si256(values.as_ptr().add(next).cast()) };
                // SAFETY: the entry has eight bytes.
                let ranks = unsafe { _mm_loadl_epi64(RANKS[*byte as usize].as_ptr().cast()) };
                let placed = _mm256_permutevar8x32_epi32(some, _mm256_cvtepu8_epi32(ranks));
                let here = _mm256_and_si256(_mm256_set1_epi32(i32::from(*byte)), bit);
                let result = _mm256_blendv_epi8(common, placed, _mm256_cmpeq_epi32(here, bit));
                // SAFETY: `out` is a place of 32 bytes, and the store needs no alignment.
                unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), result) };
                next += byte.count_ones() as usize;
            }
        }
        // SAFETY: the function needs a processor with AVX2, which the first argument proves.
        unsafe { run(values, bitmap, common, out) }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod elsewhere {
    use super::super::{BLOCK, cpu::Avx2, layout::BITMAP};

    /// Does nothing.
    pub(in super::super) fn unpack(_: Avx2, _: &[u8], _: u32, _: usize, _: &mut [u32; BLOCK]) -> usize {
        0
    }

    /// Does nothing: nobody can call it.
    pub(in super::super) fn spread(_: Avx2, _: &[u32; BLOCK + 8], _: &[u8; BITMAP], _: u32, _: &mut [u32; BLOCK]) {}
}
