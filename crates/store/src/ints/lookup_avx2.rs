//! The loops of [`super::lookup`] in AVX2 instructions. Each function does the part of the codes that fills whole
//! vectors, and says how much that was; on other processors there is no [`Avx2`] to call them with.
#![allow(unsafe_code)]

#[cfg(not(target_arch = "x86_64"))]
pub(super) use elsewhere::{map, mask_in, mask_is};
#[cfg(target_arch = "x86_64")]
pub(super) use here::{map, mask_in, mask_is};

#[cfg(target_arch = "x86_64")]
mod here {
    use std::arch::x86_64::*;

    use super::super::cpu::Avx2;
    use super::super::lookup::{Mask, WORD};

    /// Codes of a vector register.
    const VECTOR: usize = 8;

    /// Sets the words of `out` for the whole words of `codes`; returns their count.
    pub(in super::super) fn mask_is(_: Avx2, codes: &[u32], code: u32, out: &mut Mask) -> usize {
        #[target_feature(enable = "avx2")]
        fn run(codes: &[u32], code: u32, out: &mut Mask) -> usize {
            let code = _mm256_set1_epi32(code.cast_signed());
            masks(codes, out, |codes| _mm256_cmpeq_epi32(codes, code))
        }
        // SAFETY: the function needs a processor with AVX2, which the first argument proves.
        unsafe { run(codes, code, out) }
    }

    /// Sets the words of `out` for the whole words of `codes` and returns their count; 0 if a code is past `bits`.
    pub(in super::super) fn mask_in(_: Avx2, codes: &[u32], bits: &[u32], out: &mut Mask) -> usize {
        #[target_feature(enable = "avx2")]
        fn run(codes: &[u32], bits: &[u32], out: &mut Mask) -> usize {
            // The bit of the code, moved to the top.
            let top = |word, code| _mm256_sllv_epi32(word, _mm256_andnot_si256(code, _mm256_set1_epi32(31)));
            let last = max(codes) / 32;
            if last < VECTOR as u32 {
                // The set as far as the codes go fits a register.
                let few = start(bits);
                return masks(codes, out, |code| {
                    top(_mm256_permutevar8x32_epi32(few, _mm256_srli_epi32::<5>(code)), code)
                });
            }
            if last as usize >= bits.len() {
                return 0;
            }
            masks(codes, out, |code| {
                // SAFETY: `masks` gives codes of `codes`. Each is at most their maximum, and so its word is at most
                // `last`, which is below the length of `bits`, and below 2^27, so not negative as a signed index.
                let word = unsafe { _mm256_i32gather_epi32::<4>(bits.as_ptr().cast(), _mm256_srli_epi32::<5>(code)) };
                top(word, code)
            })
        }
        // SAFETY: the function needs a processor with AVX2, which the first argument proves.
        unsafe { run(codes, bits, out) }
    }

    /// Sets `out`, or if `OR` its bits, for the whole vectors of `codes` and `out` and returns the count of codes done;
    /// 0 if a code is past the table.
    pub(in super::super) fn map<const OR: bool>(_: Avx2, codes: &[u32], table: &[u32], out: &mut [u32]) -> usize {
        #[target_feature(enable = "avx2")]
        fn run<const OR: bool>(codes: &[u32], table: &[u32], out: &mut [u32]) -> usize {
            let last = max(codes);
            if last < VECTOR as u32 {
                let few = start(table);
                return each::<OR>(codes, out, |code| _mm256_permutevar8x32_epi32(few, code));
            }
            if last as usize >= table.len() || last > i32::MAX as u32 {
                return 0;
            }
            // SAFETY: `each` gives codes of `codes`. None is above `last`, which is below the length of `table` and
            // not negative as a signed index.
            each::<OR>(codes, out, |code| unsafe { _mm256_i32gather_epi32::<4>(table.as_ptr().cast(), code) })
        }
        // SAFETY: the function needs a processor with AVX2, which the first argument proves.
        unsafe { run::<OR>(codes, table, out) }
    }

    /// The values in a register.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn load(values: &[u32; VECTOR]) -> __m256i {
        // SAFETY: `values` has 32 bytes, and the load needs no alignment.
        unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
    }

    /// The first values in a register, and zeros for those that are missing.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn start(values: &[u32]) -> __m256i {
        let mut first = [0; VECTOR];
        first.iter_mut().zip(values).for_each(|(first, value)| *first = *value);
        load(&first)
    }

    /// The largest code; 0 if there is none.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn max(codes: &[u32]) -> u32 {
        codes.iter().fold(0, |max, &code| max.max(code))
    }

    /// Sets the words of `out` for the whole words of `codes` and returns their count. `test` gets eight of the codes
    /// and answers in the top bit of each lane.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn masks(codes: &[u32], out: &mut Mask, test: impl Fn(__m256i) -> __m256i) -> usize {
        let (words, _) = codes.as_chunks::<WORD>();
        for (codes, out) in words.iter().zip(out.iter_mut()) {
            let (vectors, _) = codes.as_chunks::<VECTOR>();
            *out = vectors.iter().enumerate().fold(0, |word, (i, codes)| {
                let bits = _mm256_movemask_ps(_mm256_castsi256_ps(test(load(codes))));
                word | (u64::from(bits.cast_unsigned()) << (i * VECTOR))
            });
        }
        words.len().min(out.len())
    }

    /// Sets `out`, or if `OR` its bits, to what `find` gives for each vector of `codes`; returns the count of codes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn each<const OR: bool>(codes: &[u32], out: &mut [u32], find: impl Fn(__m256i) -> __m256i) -> usize {
        let (codes, _) = codes.as_chunks::<VECTOR>();
        let (out, _) = out.as_chunks_mut::<VECTOR>();
        for (codes, out) in codes.iter().zip(out.iter_mut()) {
            let mut value = find(load(codes));
            if OR {
                value = _mm256_or_si256(value, load(out));
            }
            // SAFETY: `out` is a place of 32 bytes, and the store needs no alignment.
            unsafe { _mm256_storeu_si256(out.as_mut_ptr().cast(), value) };
        }
        codes.len().min(out.len()) * VECTOR
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod elsewhere {
    use super::super::cpu::Avx2;
    use super::super::lookup::Mask;

    /// Does nothing.
    pub(in super::super) fn mask_is(_: Avx2, _: &[u32], _: u32, _: &mut Mask) -> usize {
        0
    }

    /// Does nothing.
    pub(in super::super) fn mask_in(_: Avx2, _: &[u32], _: &[u32], _: &mut Mask) -> usize {
        0
    }

    /// Does nothing.
    pub(in super::super) fn map<const OR: bool>(_: Avx2, _: &[u32], _: &[u32], _: &mut [u32]) -> usize {
        0
    }
}
